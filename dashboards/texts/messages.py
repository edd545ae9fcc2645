"""Why something was turned away, in the language of the reader.

A build keeps it in English. ``messages.csv`` has the German of what parsers and connectors say,
``{}`` standing for whatever a message quotes; the suites have both languages for their checks.
What nobody has translated stays as it is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from urbandata import registry, suites

FILE = Path(__file__).with_name("messages.csv")
GAP = "{}"
AND = "; "


class _Template(NamedTuple):
    said: re.Pattern[str]
    parts: tuple[str, ...]  # the German around what is quoted


@lru_cache(maxsize=4096)
def in_language(message: str, lang: str) -> str:
    """A message, or several joined by semicolons, in ``lang``."""
    return message if lang == "en" else _in_german(message)


def _in_german(message: str) -> str:
    several = message.split(AND)
    told = [_translated(part) for part in several]
    if len(told) > 1 and None not in told:
        return AND.join(part for part in told if part is not None)
    whole = _translated(message)
    if whole is not None:
        return whole
    return AND.join(new or old for old, new in zip(several, told, strict=True))


@cache
def pairs() -> tuple[tuple[str, str], ...]:
    """English and German of each message, of parsers and connectors first."""
    with FILE.open(encoding="utf-8", newline="") as file:
        read = [(row["en"], row["de"]) for row in csv.DictReader(file)]
    return tuple(dict.fromkeys([*read, *_reasons()]))


def _reasons() -> Iterator[tuple[str, str]]:
    """What the checks of all sources say of a row they turn away."""
    for source in registry.sources():
        for checks in suites.of(source).values():
            for meta in (check["meta"] for check in checks):
                kind = "reason" if "reason" in meta else "why"
                yield meta[kind], meta[f"{kind}_de"]


def _translated(message: str) -> str | None:
    for template in _templates():
        if found := template.said.fullmatch(message):
            quoted = map(_in_german, found.groups())
            first, *others = template.parts
            return first + "".join(q + part for q, part in zip(quoted, others, strict=True))
    return None


@cache
def _templates() -> tuple[_Template, ...]:
    """Those that say most by themselves come first: they fit best."""
    by_length = sorted(pairs(), key=lambda pair: -len(pair[0].replace(GAP, "")))
    return tuple(_Template(_pattern(said), tuple(into.split(GAP))) for said, into in by_length)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, template.split(GAP))), re.DOTALL)
