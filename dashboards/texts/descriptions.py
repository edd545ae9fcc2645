"""What tables and columns mean, in German; dbt's descriptions are written in English."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("descriptions.csv")


def in_language(description: str, lang: str) -> str:
    """A description in ``lang``; the English one where nobody has translated it yet."""
    text = " ".join(description.split())
    return german().get(text, text) if lang == "de" else text


@cache
def german() -> dict[str, str]:
    """English description to German, by ``descriptions.csv``."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["en"]: row["de"] for row in csv.DictReader(file)}
