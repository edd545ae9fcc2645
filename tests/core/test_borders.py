"""Who may import what: the borders between the rooms of the house, read from the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from urbandata.settings import PROJECT_ROOT

PLUGINS = PROJECT_ROOT / "plugins" / "urbandata"
# Library: the only places that may import it.
BORDERS = {
    "dbt": ("transform.py", "warehouse/spilling.py"),  # the latter is a plugin of its adapter
    "great_expectations": ("door.py",),
    "airflow": ("orchestration/",),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """All Python files of the library and the dashboards, with paths relative to the library."""
    for folder in (PLUGINS, PROJECT_ROOT / "dashboards"):
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            yield name if folder == PLUGINS else f"dashboards/{name}", parsed(path)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def writes(tree: ast.Module) -> Iterator[int]:
    """Lines of calls of ``duckdb.connect`` that open a file without ``read_only=True``."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "duckdb.connect"):
            continue
        memory = not node.args or ast.unparse(node.args[0]) == "':memory:'"
        keywords = {k.arg: ast.unparse(k.value) for k in node.keywords}
        memory = memory and "database" not in keywords
        if not memory and keywords.get("read_only") != "True":
            yield node.lineno


@pytest.mark.parametrize("library", BORDERS)
def test_a_library_is_imported_in_its_room_only(library):
    homes = BORDERS[library]
    users = {
        name
        for name, tree in modules()
        if any(i == library or i.startswith(f"{library}.") for i in imported(tree))
    }
    assert users, "a border nobody stands at guards nothing"
    assert {u for u in users if not u.startswith(homes)} == set()


def test_only_the_warehouse_opens_duckdb_for_writing():
    found = {name: list(writes(tree)) for name, tree in modules()}
    writers = {name for name, lines in found.items() if lines}
    assert writers
    assert {w for w in writers if not w.startswith("warehouse/")} == set()


def test_the_warehouse_is_used_by_its_front_door():
    inside = {
        name: [i for i in imported(tree) if i.startswith("urbandata.warehouse.")]
        for name, tree in modules()
        if not name.startswith("warehouse/")
    }
    assert {name: found for name, found in inside.items() if found} == {}


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("duckdb.connect('x.duckdb')", [1]),
        ("duckdb.connect(database=path)", [1]),
        ("duckdb.connect(path, read_only=False)", [1]),
        ("duckdb.connect(path, read_only=True)", []),
        ("duckdb.connect()", []),
        ("duckdb.connect(':memory:', config={})", []),
    ],
)
def test_the_reader_of_code_sees_writers(code, lines):
    assert list(writes(ast.parse(code))) == lines
