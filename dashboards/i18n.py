"""Texts in German and English; a text that is missing is an error, never a blank."""

from __future__ import annotations

from collections.abc import Callable

from texts import (
    cleema,
    common,
    datenlage,
    finanzierung,
    forschung,
    fortschreibung,
    gate,
    kpis,
    public,
    ueberblick,
    umwelt,
)

LANGUAGES = {"de": "Deutsch", "en": "English"}
DEFAULT = "de"
Texts = dict[str, tuple[str, str]]
Translate = Callable[..., str]


def merge(*parts: Texts) -> Texts:
    """All texts by key. Raises KeyError if two parts use the same key."""
    merged: Texts = {}
    for part in parts:
        double = merged.keys() & part.keys()
        if double:
            raise KeyError(f"texts defined twice: {sorted(double)}")
        merged |= part
    return merged


TEXTS = merge(
    common.TEXTS,
    gate.TEXTS,
    kpis.TEXTS,
    public.TEXTS,
    ueberblick.TEXTS,
    cleema.TEXTS,
    finanzierung.TEXTS,
    forschung.TEXTS,
    fortschreibung.TEXTS,
    umwelt.TEXTS,
    datenlage.TEXTS,
)


def translator(lang: str) -> Translate:
    """``t(key, **values)`` in one language. Raises KeyError for a key or value not there."""
    column = list(LANGUAGES).index(lang)

    def translate(key: str, **values: object) -> str:
        return TEXTS[key][column].format(**values)

    return translate
