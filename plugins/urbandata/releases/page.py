"""The catalogue of open data as one page per language: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jinja2
import yaml

from urbandata.releases.model import Content
from urbandata.releases.offers import Offer, open_data

HERE = Path(__file__).parent / "templates"
Lang = Literal["de", "en"]
LANGS: tuple[Lang, ...] = ("de", "en")
MANY = 1024


def render(content: Content, listed: Sequence[Offer], folder: Path, lang: Lang) -> str:
    """The page in a language."""
    known = open_data()
    return _template().render(
        lang=lang,
        words=_words()[lang],
        content=content,
        notice=content.notice_de if lang == "de" else content.notice_en,
        title=known.catalogue[f"title_{lang}"],
        description=known.catalogue[f"description_{lang}"],
        publisher=known.publisher,
        contact_url=known.contact_url,
        built=_day(content.built_at.date(), lang),
        datasets=[_dataset(o, folder, lang) for o in listed if o.licence],
        closed=[_closed(o, lang) for o in listed if not o.licence],
    )


def _dataset(offer: Offer, folder: Path, lang: Lang) -> dict[str, Any]:
    said = offer.dataset
    first, last = (_day(d, lang) if d else "" for d in (offer.first, offer.last))
    return {
        "table": offer.table,
        "title": said.title_de if lang == "de" else said.title_en,
        "description": said.description_de if lang == "de" else said.description_en,
        "keywords": said.keywords_de if lang == "de" else said.keywords_en,
        "frequency": said.frequency,
        "span": " – ".join(dict.fromkeys(d for d in (first, last) if d)),
        "rows": _number(offer.table.rows, lang),
        "licence": offer.licence_uri,
        "licence_name": _licence_name(offer),
        "credit": "; ".join(offer.terms.attributions),
        "is_verified": offer.is_verified,
        "own_work": said.own_work,
        "files": [_file(folder / f"{offer.table.name}.{e}", lang) for e in ("csv", "parquet")],
    }


def _closed(offer: Offer, lang: Lang) -> dict[str, str]:
    said = offer.dataset
    return {
        "title": said.title_de if lang == "de" else said.title_en,
        "obstacles": ", ".join(offer.terms.obstacles),
    }


def _licence_name(offer: Offer) -> str:
    return offer.licence_uri.partition("/licenses/")[2]


def _file(path: Path, lang: Lang) -> dict[str, str]:
    size = path.stat().st_size / MANY
    shown = f"{size:.1f} KB" if size < MANY else f"{size / MANY:.1f} MB"
    kind = {"csv": "CSV", "parquet": "Parquet"}[path.suffix[1:]]
    return {"name": path.name, "kind": kind, "size": _comma(shown, lang)}


def _number(value: int, lang: Lang) -> str:
    return f"{value:,}".replace(",", "." if lang == "de" else ",")


def _comma(text: str, lang: Lang) -> str:
    return text.replace(".", ",") if lang == "de" else text


def _day(day: date, lang: Lang) -> str:
    return f"{day:%d.%m.%Y}" if lang == "de" else day.isoformat()


@cache
def _template() -> jinja2.Template:
    return jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    ).from_string((HERE / "catalogue.html").read_text(encoding="utf-8"))


@cache
def _words() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        (HERE / "words.yml").read_text(encoding="utf-8")
    )
    return found
