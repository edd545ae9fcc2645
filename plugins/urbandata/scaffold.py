"""``urbandata new-source``: a working source to start from, in all the places it belongs."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from urbandata.errors import ConfigError
from urbandata.settings import PROJECT_ROOT

TEMPLATES = Path(__file__).parent / "templates" / "source"
PLACES = {
    "source.yml": "plugins/urbandata/sources/{0}/source.yml",
    "fetch.py": "plugins/urbandata/sources/{0}/fetch.py",
    "parse.py": "plugins/urbandata/sources/{0}/parse.py",
    "demo.py": "plugins/urbandata/sources/{0}/demo.py",
    "suite.json": "expectations/{0}.json",
    "staging.sql": "dbt/models/staging/{0}/stg_{0}__observations.sql",
    "staging.yml": "dbt/models/staging/{0}/stg_{0}__observations.yml",
    "test.py": "tests/sources/test_{0}.py",
}


def new_source(name: str, measure: str, root: Path = PROJECT_ROOT) -> list[Path]:
    """Write a source that fetches, parses, checks and is tested; change it from there.

    Raises ConfigError if the name is not a Python name in lower case or is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ConfigError(f"'{name}': a source is named like a Python module, e.g. tree_register")
    written = []
    for template, place in PLACES.items():
        target = root / place.format(name)
        if target.exists():
            raise ConfigError(f"{target} exists; choose another name")
        text = Template((TEMPLATES / f"{template}.tmpl").read_text(encoding="utf-8"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.safe_substitute(name=name, measure=measure), encoding="utf-8")
        written.append(target)
    package = root / f"plugins/urbandata/sources/{name}/__init__.py"
    package.write_text(f'"""Source {name}."""\n', encoding="utf-8")
    return [package, *written]
