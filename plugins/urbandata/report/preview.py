"""What the editor's page needs: the subjects one can write about, and figures within a text."""

from __future__ import annotations

import re

from urbandata.report import numbers, periods
from urbandata.report.facts import catalogue, field_rows, measure_rows, reading_rows
from urbandata.report.markdown import FIGURE
from urbandata.report.words import or_raw, speaker
from urbandata.serving import Connection
from urbandata.settings import Settings

CHAPTERS = ("summary", "cleema", "funding", "quality", "method", "questions")


def subjects(con: Connection, settings: Settings, lang: str) -> dict[str, str]:
    """Every subject of the editors' texts with its title, in the order of the report."""
    say = speaker(lang)
    with con.cursor() as cursor:
        kpis, fields = catalogue(cursor), field_rows(cursor)
        measures = measure_rows(cursor, settings)
    found = {"summary": say("chapter.summary")}
    found |= {str(f["action_field"]): str(f[f"title_{lang}"]) for f in fields}
    found |= {f"measure-{m['measure']}": str(m[f"title_{lang}"]) for m in measures}
    found |= {c: say(f"chapter.{c}") for c in CHAPTERS[1:]}
    return found | {f"kpi-{k.code}": f"{k.code} {k.text('name', lang)}" for k in kpis}


def with_figures(text: str, con: Connection, origin: str, lang: str) -> str:
    """The text with the newest figures in place of ``{{M5.5a}}``, as the report will show them."""
    if not FIGURE.search(text):
        return text
    say = speaker(lang)
    with con.cursor() as cursor:
        units = {k.code: str(k.row["unit"] or "") for k in catalogue(cursor)}
        found = reading_rows(cursor, origin, periods.parse(""))
    figures = {r["kpi_code"]: r for r in reversed(found)}

    def shown(match: re.Match[str]) -> str:
        code = match[1]
        row = figures.get(code)
        if row is None or row["value"] is None:
            return f"[{code}: {say('kpi.no_value').removeprefix('○ ')}]"
        value = numbers.number(row["value"], lang, str(row["evidence_class"] or ""))
        unit = or_raw(say, "unit", units[code])
        return f"{value}{numbers.SPACE}{unit}" if unit else value

    return FIGURE.sub(shown, text)
