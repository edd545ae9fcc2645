"""The report's own words in German and English; a missing word is an error, never a blank."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

LANGUAGES = ("de", "en")
Say = Callable[..., str]
_TEXTS: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "words.yml").read_text(encoding="utf-8")
)


def speaker(lang: str) -> Say:
    """``say(key, **values)`` in one language. Raises KeyError for an unknown key."""
    column = LANGUAGES.index(lang)

    def say(key: str, /, **values: object) -> str:
        return _TEXTS[key][column].format(**values)

    return say


def german_only(text: str, lang: str) -> str:
    """A text nobody has translated; where German is not the reader's language, it says so."""
    return speaker(lang)("german_only", text=text) if text else ""


def or_raw(say: Say, prefix: str, word: str) -> str:
    """A word of the build in the reader's language; as it stands if nobody translated it yet."""
    try:
        return say(f"{prefix}.{word}")
    except KeyError:
        return word
