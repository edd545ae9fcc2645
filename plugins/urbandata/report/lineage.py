"""Which sources feed a KPI: read off the dbt models, so that nobody has to keep a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_REF = re.compile(r"""ref\(\s*['"](\w+)['"]\s*\)""")
_SOURCE = re.compile(r"""source\(\s*['"](\w+)['"]\s*,""")
_CODE = re.compile(r"'((?:HF|M)\d+\.\d+[a-z]?)'")
_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def sources_by_kpi(dbt_dir: Path) -> dict[str, tuple[str, ...]]:
    """Sources behind each KPI code that a model under ``intermediate/kpi`` names."""
    models = {
        path.stem: _COMMENT.sub("", path.read_text(encoding="utf-8"))
        for path in sorted((dbt_dir / "models").rglob("*.sql"))
    }
    found: dict[str, set[str]] = {}
    for name, sql in models.items():
        if name.startswith("int_kpi__"):
            fed_by = _upstream(name, models, set())
            for code in _CODE.findall(sql):
                found.setdefault(code, set()).update(fed_by)
    return {code: tuple(sorted(sources)) for code, sources in found.items()}


def _upstream(name: str, models: Mapping[str, str], seen: set[str]) -> set[str]:
    """Sources of a model's values; seeds have none, and dimensions only say where something is."""
    if name in seen or name not in models or name.startswith("dim_"):
        return set()
    seen.add(name)
    sql = models[name]
    found = set(_SOURCE.findall(sql))
    for before in _REF.findall(sql):
        found |= _upstream(before, models, seen)
    return found
