"""What a release holds: complete, marked, reproducible, and the same as the build."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import subprocess
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner

from tests.releases import build
from tests.releases.conftest import BASE
from urbandata import cli, serving
from urbandata.errors import UrbandataError
from urbandata.releases import release as module
from urbandata.releases.policy import policy
from urbandata.releases.release import release


def package(folder: Path) -> dict:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def ask(folder: Path, sql: str):
    with duckdb.connect(str(folder / "urbandata.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_every_mart_is_in_it_in_every_form(settings, released):
    with serving.connect(settings) as con:
        marts = {
            r[0]
            for r in con.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'"
            ).fetchall()
        } - set(policy().excluded)
    assert len(marts) > 80
    assert {p.stem for p in (released / "parquet").iterdir()} == marts
    assert {p.name.removesuffix(".csv.gz") for p in (released / "csv").iterdir()} == marts
    assert {r["name"] for r in package(released)["resources"]} == marts
    for resource in package(released)["resources"]:
        rows = ask(released, f"SELECT count(*) FROM marts.{resource['name']}")[0][0]
        assert pq.read_metadata(released / resource["parquet"]["path"]).num_rows == rows
        with gzip.open(released / resource["path"], "rt", encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) == rows + 1
        assert resource["rows"] == rows


def test_values_are_those_of_the_build(settings, released):
    with serving.connect(settings) as con:
        names = con.execute("FROM marts.kpi_values LIMIT 0").description
        columns = ", ".join(n[0] for n in names)
        expected = con.execute(f"SELECT {columns} FROM marts.kpi_values ORDER BY ALL").fetchall()
    assert ask(released, f"SELECT {columns} FROM marts.kpi_values ORDER BY ALL") == expected


def test_demo_is_said_in_every_file(released):
    said = "Demodaten"
    assert ask(released, "SELECT origin, notice_de FROM release.about")[0][0] == "demo"
    comments = ask(released, "SELECT comment FROM duckdb_tables()")
    assert all(said in comment for (comment,) in comments)
    for path in [*released.glob("parquet/*"), *released.glob("open_data/*.parquet")]:
        kept = pq.read_metadata(path).metadata
        assert kept[b"origin"] == b"demo"
        assert said in kept[b"notice_de"].decode()
    for name in ("README.md", "CITATION.cff", "CHANGELOG.md", "datapackage.json",
                 "data_dictionary.md", "open_data/catalog.ttl", "open_data/catalog.jsonld",
                 "open_data/catalog.rdf", "open_data/index.html"):  # fmt: skip
        assert said in (released / name).read_text(encoding="utf-8"), name
    assert all(said in r["notice"] for r in package(released)["resources"])


def test_rows_carry_their_origin_and_origins_do_not_mix(tmp_path):
    build.publish(tmp_path / "data" / "serving", origins=("real", "demo"))
    settings = build_settings(tmp_path)
    for chosen in ("real", "demo"):
        folder = release(settings, tmp_path, BASE, chosen, with_docs=False)  # type: ignore[arg-type]
        assert folder.name.endswith(chosen)
        tables = ask(folder, "SELECT table_name FROM duckdb_columns() WHERE schema_name = 'marts' "
                     "AND column_name = 'origin'")  # fmt: skip
        assert len(tables) > 60
        for (table,) in tables:
            found = ask(folder, f"SELECT DISTINCT origin FROM marts.{table}")
            assert found in ([], [(chosen,)]), table
        text = (folder / "README.md").read_text(encoding="utf-8")
        assert ("Demodaten" in text) == (chosen == "demo")
    assert release_name_without_origin(settings, tmp_path).endswith("real")


def build_settings(tmp_path: Path):
    from urbandata.settings import Settings

    return Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path / "data")})


def release_name_without_origin(settings, tmp_path: Path) -> str:
    return release(settings, tmp_path / "other", BASE, with_docs=False).name


def test_same_build_gives_the_same_bytes(settings, released, tmp_path):
    again = release(settings, tmp_path, BASE, with_docs=False)
    files = {p.relative_to(released) for p in released.rglob("*") if p.is_file()}
    assert files == {p.relative_to(again) for p in again.rglob("*") if p.is_file()}
    different = {f.name for f in files if (released / f).read_bytes() != (again / f).read_bytes()}
    assert different <= {"urbandata.duckdb", "SHA256SUMS"}  # DuckDB stamps its files
    for (table,) in ask(
        released, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'"
    ):
        query = f"FROM marts.{table}"
        assert ask(released, query) == ask(again, query), table


def test_a_release_is_sealed_and_never_changed(settings, released):
    sums = (released / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    named = dict(reversed(line.split("  ", 1)) for line in sums)
    files = [p for p in released.rglob("*") if p.is_file() and p.name != "SHA256SUMS"]
    assert {p.relative_to(released).as_posix() for p in files} == set(named)
    for path in files:
        assert path.stat().st_mode & 0o222 == 0
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert named[path.relative_to(released).as_posix()] == digest
    check = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=released, check=False)
    assert check.returncode == 0
    with pytest.raises(UrbandataError, match="never changed"):
        release(settings, released.parent, BASE, with_docs=False)


def test_comments_units_licences_and_citation(released):
    comment = ask(released, "SELECT comment FROM duckdb_columns() WHERE column_name = 'max_cm' "
                  "AND table_name = 'fct_gauge_daily'")  # fmt: skip
    assert comment == [("Highest level of the day. [cm]",)]
    resources = {r["name"]: r for r in package(released)["resources"]}
    fields = {f["name"]: f for f in resources["fct_gauge_daily"]["schema"]["fields"]}
    assert (fields["max_cm"]["type"], fields["max_cm"]["unit"]) == ("number", "cm")
    assert "load_id" not in fields
    assert resources["fct_gauge_daily"]["licenses"][0]["name"] == "dl-de/zero-2-0"
    both = [x["name"] for x in resources["kpi_values"]["licenses"]]
    assert both == ["cc-by-4.0", "other-closed"]
    assert resources["fct_air_quality_daily"]["licenses"][0]["name"] == "unknown"
    cited = yaml.safe_load((released / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == package(released)["version"]


def a_later_build(own) -> Path:
    """A copy of the build in service under the name of a later one, which nothing points to."""
    path = serving.current_path(own)
    later = path.with_name("b20261121T120000.duckdb")
    later.write_bytes(path.read_bytes())
    with duckdb.connect(str(later)) as con:
        con.execute("UPDATE ops.builds SET build_id = 'b20261121T120000', finished_at = "
                    "finished_at + INTERVAL 1 DAY WHERE build_id = ?", [path.stem])  # fmt: skip
    return later


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_build_published_meanwhile_does_not_get_into_it(own, tmp_path, monkeypatch, step):
    first, later = serving.current_path(own).stem, a_later_build(own)
    with duckdb.connect(str(later)) as con:
        con.execute("DELETE FROM marts.fct_gauge_daily")
    read = module.read

    def overtaken(*given):
        if step == "before":
            build.serving.point_to(own.serving_dir, later.name)
        content = read(*given)
        build.serving.point_to(own.serving_dir, later.name)
        return content

    monkeypatch.setattr(module, "read", overtaken)
    made = release(own, tmp_path, BASE, with_docs=False)
    assert ask(made, "SELECT build_id FROM release.about") == [(first,)]
    assert ask(made, "SELECT count(*) FROM marts.fct_gauge_daily") == [(1,)]


def test_changes_against_the_last_release(own, tmp_path):
    before = release(own, tmp_path, BASE, with_docs=False)
    assert "First release" in (before / "CHANGELOG.md").read_text(encoding="utf-8")
    later = a_later_build(own)
    with duckdb.connect(str(later)) as con:
        con.execute("UPDATE marts.kpi_values SET value = value + 1 WHERE kpi_code = 'M5.1a' "
                    "AND period_start = DATE '2025-01-01' AND area_id = 'dresden'")  # fmt: skip
        con.execute("DELETE FROM marts.fct_gauge_daily")
        con.execute("ALTER TABLE marts.fct_rain_daily ADD COLUMN snow_mm DOUBLE")
    build.serving.point_to(own.serving_dir, later.name)
    after = release(own, tmp_path, BASE, with_docs=False)
    text = (after / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "| fct_gauge_daily | 1 | 0 | |".replace("| |", "|") in text.replace("|  |", "|")
    assert "+snow_mm" in text
    assert "- M5.1a: " in text
    with (after / "changes_kpi.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {r["kpi_code"] for r in rows} == {"M5.1a"}
    assert all(float(r["now"]) == float(r["before"]) + 1 for r in rows)


def test_command_line(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("URBANDATA_DATA_DIR", str(settings.data_dir))
    shelf = str(tmp_path / "shelf")
    made = CliRunner().invoke(cli.main, ["release", "--out", shelf, "--no-docs"])
    assert made.exit_code == 0, made.output
    assert Path(made.output.strip()).is_dir()
    again = CliRunner().invoke(cli.main, ["release", "--out", shelf, "--no-docs"])
    assert again.exit_code == 1
    assert "is there already" in again.output
    other = CliRunner().invoke(cli.main, ["release", "--out", f"{shelf}2"])
    assert other.exit_code == 1
    assert "made by other models" in other.output
    assert not list(Path(f"{shelf}2").glob("*"))
    assert not list(Path(f"{shelf}2").glob(".*"))
