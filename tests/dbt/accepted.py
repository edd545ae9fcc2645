"""All factors, assumptions, thresholds and targets of the seeds, and the variables, as text.

A change of any of them shows as a diff of ``accepted_values.txt``; ``make accept`` writes the file
anew, and the diff is reviewed like code.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from urbandata.settings import PROJECT_ROOT

DBT = PROJECT_ROOT / "dbt"
ACCEPTED = Path(__file__).with_name("accepted_values.txt")
# Words that decide a result as much as a number does.
DECIDING = {"action_code", "carrier", "unit", "gas_scope", "boundary", "factor_kind", "edition"}
DECIDING |= {"direction", "evidence_class", "pilot_area_id", "control_area_id"}
VALUE = re.compile(r"-?\d+(\.\d+)?|\d{4}-\d\d-\d\d|true|false")


def current() -> str:
    """One line per row that holds a value: seed, key, values."""
    lines = [f"variable {name}: {value}" for name, value in _variables().items()]
    for path in sorted((DBT / "seeds").rglob("*.csv")):
        lines.extend(_lines(path))
    return "\n".join(lines) + "\n"


def _variables() -> dict[str, object]:
    return dict(sorted(yaml.safe_load((DBT / "dbt_project.yml").read_text())["vars"].items()))


def _lines(path: Path) -> Iterator[str]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    key = _keys().get(path.stem, list(rows[0])[:1])
    values = [
        c for c in rows[0]
        if c not in key and (c in DECIDING or _holds_values([r[c] for r in rows]))
    ]  # fmt: skip
    for row in rows if values else ():
        shown = " ".join(f"{c}={row[c] or '-'}" for c in values)
        yield f"{path.stem} {' '.join(row[c] for c in key)}: {shown}"


def _holds_values(cells: list[str]) -> bool:
    filled = [c for c in cells if c]
    return bool(filled) and all(VALUE.fullmatch(c) for c in filled)


def _keys() -> dict[str, list[str]]:
    """Key columns of each seed, as its test of the grain names them."""
    keys = {}
    for path in (DBT / "seeds").rglob("*.yml"):
        for seed in yaml.safe_load(path.read_text()).get("seeds", []):
            for test in seed.get("data_tests", []):
                if isinstance(test, dict) and "unique_grain" in test:
                    keys.setdefault(seed["name"], test["unique_grain"]["arguments"]["columns"])
    return keys


if __name__ == "__main__":
    ACCEPTED.write_text(current(), encoding="utf-8")
