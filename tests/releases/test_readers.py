"""A release is opened by others: plain duckdb, pandas, polars, Frictionless, the notebooks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from frictionless import Package, system
from nbclient import NotebookClient

READER = """
import sys
from pathlib import Path
import duckdb, pandas, polars
assert "urbandata" not in sys.modules
folder = Path(sys.argv[1])
con = duckdb.connect(str(folder / "urbandata.duckdb"), read_only=True)
for path in sorted((folder / "parquet").iterdir()):
    rows = con.execute(f"SELECT count(*) FROM marts.{path.stem}").fetchone()[0]
    assert polars.read_parquet(path).height == rows, path
    assert len(pandas.read_parquet(path)) == rows, path
    packed = folder / "csv" / f"{path.stem}.csv.gz"
    assert len(pandas.read_csv(packed, dtype=str)) == rows, packed
print(con.execute("SELECT origin FROM release.about").fetchone()[0])
try:
    con.execute("CREATE TABLE marts.x (a INT)")
except duckdb.Error:
    print("read-only")
"""


def test_plain_libraries_read_everything(released, tmp_path):
    script = tmp_path / "reader.py"
    script.write_text(READER, encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHONPATH", "URBANDATA"))}
    # -I: neither the folder, nor PYTHONPATH, nor the user's packages
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(released)],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["demo", "read-only"]


def test_frictionless_validates_the_package(released, tmp_path):
    with system.use_context(trusted=True):
        report = Package(str(released / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "fieldName", "note"])[:5]
    assert len(report.tasks) > 80
    broken = tmp_path / "broken"
    shutil.copytree(released, broken)
    path = broken / "datapackage.json"
    path.chmod(0o644)
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"] = [r for r in package["resources"] if r["name"] == "fct_rain_daily"]
    package["resources"][0]["schema"]["fields"][1]["type"] = "integer"
    path.write_text(json.dumps(package), encoding="utf-8")
    assert not Package(str(path)).validate().valid


@pytest.mark.parametrize("name", ["01_first_steps", "02_rain_and_bicycles"])
def test_notebooks_run_on_the_release_alone(released, tmp_path, name):
    copy = tmp_path / "release"
    shutil.copytree(released, copy)
    notebook = nbformat.read(copy / "notebooks" / f"{name}.ipynb", 4)
    assert all(not c.get("outputs") for c in notebook.cells)  # results are made, not kept
    assert "import urbandata" not in "".join(c.source for c in notebook.cells)
    where = {"metadata": {"path": str(copy / "notebooks")}}
    NotebookClient(notebook, timeout=180, kernel_name="python3", resources=where).execute()
    said = "".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", []))
    assert "demo" in said
    assert "invented city" in said
    if name == "02_rain_and_bicycles":
        _answer(said)


def _answer(said: str) -> None:
    """30 % fewer bicycles on wet days; rain of four weeks before does nothing."""
    verdict = next(line for line in said.splitlines() if line.startswith("[demo]"))
    effect, _, rest = verdict.partition(": ")[2].partition(" % (")
    low, _, high = rest.partition(" %)")[0].partition(" to ")
    assert "fewer bicycles" in verdict
    assert float(low) <= -30 <= float(high)
    assert abs(float(effect) + 30) < 2
    placebo = next(line for line in said.splitlines() if line.startswith("placebo"))
    assert abs(float(placebo.rpartition(": ")[2].removesuffix(" %"))) < 8


def test_r_snippet_names_tables_that_exist(released):
    text = (released / "notebooks" / "first_steps.R").read_text(encoding="utf-8")
    assert "../urbandata.duckdb" in text
    for table in ("fct_bike_counts_daily", "fct_rain_daily"):
        assert f"marts.{table}" in text
        assert (Path(released) / "parquet" / f"{table}.parquet").exists()
