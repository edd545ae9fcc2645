"""Messages of parsers, connectors and checks are told in the language of the reader."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from texts import messages
from texts.messages import GAP, in_language, pairs
from urbandata.registry import ARROW_TYPES

CODE = Path(__file__).parents[2] / "plugins/urbandata"
CALLS = {"PayloadError": 0, "BrokenMessageError": 0, "SeriesError": 0, "FetchError": 1, "Reject": 2}
NAMES = {"reason", "fault"}
GERMAN = re.compile(
    r"\b(und|oder|nicht|kein|keine|für|von|mit|der|die|das|ein|eine|ist|hat|fehlt)\b"
)
ENGLISH = re.compile(r"\b(the|and|not|of|for|with|are|is|from|since|no|neither|has|which)\b")


def template(node: ast.AST | None) -> str | None:
    """A text as it stands in the code, with gaps for what it quotes; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else GAP for v in node.values)
    return None


def said_by(path: Path) -> Iterator[str]:
    """Texts that a module gives to errors and rejects, or calls a reason or a fault."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found: list[ast.AST | None] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = CALLS.get(name)
            if place is not None and len(node.args) > place:
                found.append(node.args[place])
            if name == "if_else":
                found += [a for a in node.args if " " in (template(a) or "")]
        if isinstance(node, ast.Assign) and {getattr(t, "id", "") for t in node.targets} & NAMES:
            found.append(node.value)
        yield from (text for text in map(template, found) if re.search("[a-z]{2}", text or ""))


def modules() -> list[str]:
    """Modules whose messages a build may hold: those that read, and those that fetch."""
    parts = ("sources", "reading")
    files = [p for part in parts for p in (CODE / part).rglob("*.py") if p.stem != "demo"]
    files += [CODE / f"{name}.py" for name in ("bronze", "fetching", "probing", "transport")]
    return sorted(str(p.relative_to(CODE)) for p in files)


@pytest.mark.parametrize("module", modules())
def test_whatever_a_module_says_has_a_translation(module):
    texts = [t.replace(GAP, "X1") for t in said_by(CODE / module)]
    told = {text: in_language(text, "de") for text in texts}
    assert not [text for text, german in told.items() if german == text or ENGLISH.search(german)]


def test_enough_was_found_to_mean_something():
    found = {t for module in modules() for t in said_by(CODE / module)}
    assert len(found) > 200


def test_both_sides_quote_the_same_and_are_of_their_language():
    for english, german in pairs():
        assert english.count(GAP) == german.count(GAP), english
        assert not GERMAN.search(english), english
        assert not ENGLISH.search(german), german


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("the file is empty", "Die Datei ist leer"),
        (
            'at: "2025" is not a datetime; 4 fields, the header has 3',
            "at: „2025“ ist keine Zeitangabe; 4 Felder, die Kopfzeile hat 3",
        ),
        (
            'sheet contributions, row 4, column received_on: "x" is not a date',
            "Blatt contributions, Zeile 4, Spalte received_on: „x“ ist kein Datum",
        ),
        (
            "line 3, column NO2: every value of the line is zero, a failed transfer",
            "Zeile 3, Spalte NO2: Jeder Wert der Zeile ist null, eine gescheiterte Übertragung",
        ),
        (
            "numbers like 1.234 may be thousands or decimals; the file does not say",
            "Zahlen wie 1.234 können Tausender oder Dezimalzahlen sein; die Datei sagt es nicht",
        ),
        ("Report without identifier", "Meldung ohne Kennung"),
        (
            "delivery held back – ExpectX: Report without identifier",
            "Lieferung angehalten – ExpectX: Meldung ohne Kennung",
        ),
    ],
)
def test_messages_are_told_in_german(english, german):
    assert in_language(english, "de") == german
    assert in_language(english, "en") == english


def test_what_nobody_translated_stays_and_its_neighbours_are_told():
    assert in_language("odd thing", "de") == "odd thing"
    assert in_language("odd thing; the file is empty", "de") == "odd thing; Die Datei ist leer"


@pytest.mark.parametrize("kind", [k for k in ARROW_TYPES if k != "string"])
def test_every_type_has_a_word(kind):
    assert "ist nicht vom Typ" not in in_language(f'n: "x" is not a {kind}', "de")
    assert kind not in in_language(f'n: "x" is not a {kind}', "de").split()


def test_a_message_of_any_length_is_told_quickly():
    assert in_language("x; " * 500, "de").startswith("x; ")
    assert messages.in_language.cache_info().maxsize
