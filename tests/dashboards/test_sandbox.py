"""The SQL page under attack: nothing is written, read, loaded, attached or run for ever."""

from __future__ import annotations

import time

import duckdb
import pytest

from queries import sandbox, sandbox_worker
from tests.dashboards import serving


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A build in a folder where everything that appears would be seen."""
    return serving.publish(tmp_path_factory.mktemp("sandbox"))


def refused(build, sql, seconds=3.0):
    with pytest.raises(sandbox.RefusedError) as error:
        sandbox.run(build, sql, seconds)
    return error.value


def test_a_query_gives_typed_rows(build):
    answer = sandbox.run(build, "SELECT kpi_code, value, period_start FROM marts.kpi_values;")
    assert answer.table.num_rows > 10
    assert [str(t) for t in answer.table.schema.types] == ["string", "double", "date32[day]"]
    assert not answer.is_cut


@pytest.mark.parametrize("sql", [
    "WITH a AS (SELECT 1 AS x), b AS (SELECT * FROM a) SELECT * FROM b -- done",
    "FROM marts.kpi_catalogue ORDER BY code",
    "SELECT unnest([1, 2]) AS x",
    "SELECT * FROM range(3)",
    "SELECT source FROM ops.sources",
    "SELECT ';' AS semicolon, 'marts' AS word",
])  # fmt: skip
def test_reading_works(build, sql):
    assert sandbox.run(build, sql).table.num_rows >= 1


def test_more_rows_than_allowed_are_cut(build):
    answer = sandbox.run(build, "SELECT range AS i FROM range(20000) ORDER BY i")
    assert answer.is_cut
    assert answer.table.num_rows == sandbox.ROWS
    assert answer.table.column("i")[-1].as_py() == sandbox.ROWS - 1


ATTACKS = {
    "not_select": [
        "CREATE TABLE x AS SELECT 1", "DROP TABLE marts.kpi_values",
        "DELETE FROM marts.kpi_values", "UPDATE marts.kpi_values SET value = 0",
        "INSERT INTO marts.kpi_values SELECT * FROM marts.kpi_values",
        "COPY marts.kpi_values TO '/tmp/stolen.csv'", "EXPORT DATABASE '/tmp/stolen'",
        "ATTACH '/tmp/other.duckdb'", "DETACH memory", "USE memory",
        "INSTALL httpfs", "LOAD httpfs", "SET memory_limit = '100GB'", "RESET ALL",
        "PRAGMA enable_profiling", "CHECKPOINT", "CALL pragma_version()",
        "CREATE SECRET s (TYPE s3)", "CREATE MACRO m() AS 1", "PREPARE p AS SELECT 1",
        "EXPLAIN ANALYZE SELECT 1", "BEGIN",
    ],
    "many": ["SELECT 1; SELECT 2", "", "-- nothing", "SELECT 1; SELECT 2; --"],
    "syntax": ["SELEC 1", "SELECT 1) TO '/tmp/x' --", "SELECT '", "SELECT 1\0"],
    "forbidden": [
        "SELECT * FROM read_csv('/etc/passwd')", "FROM '/etc/passwd'", "FROM 'x.parquet'",
        "SELECT * FROM read_text('/proc/self/environ')", "SELECT * FROM glob('/*')",
        "SELECT * FROM read_parquet('http://127.0.0.1:1/x')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('ops.quarantine')",
        "SELECT * FROM ops.quarantine", "SELECT (SELECT count(*) FROM ops.quarantine)",
        "SELECT * FROM ops.payloads", "SUMMARIZE ops.quarantine", "DESCRIBE ops.quarantine",
        "SELECT * FROM duckdb_secrets()", "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables", "SELECT * FROM sqlite_master",
        "SELECT * FROM sys", "WITH q AS (FROM ops.quarantine) SELECT * FROM q",
        "SELECT * FROM marts.kpi_values WHERE value IN (SELECT row FROM ops.quarantine)",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "sql"), [(kind, sql) for kind, listed in ATTACKS.items() for sql in listed]
)
def test_attacks_are_refused_before_they_run(build, kind, sql):
    """Judged in process, as the worker judges; the limits below are tried for real."""
    con = sandbox_worker.connect(str(build), 64)
    with pytest.raises(sandbox_worker.RefusedError) as error:
        sandbox_worker.check(con, sql)
    assert error.value.kind == kind
    con.close()


@pytest.mark.parametrize("sql", [
    "CREATE TABLE marts.x AS SELECT 1", "DELETE FROM marts.kpi_values",
    "COPY marts.kpi_values TO 'out.csv'", "ATTACH 'other.duckdb'", "INSTALL httpfs", "LOAD json_x",
    "SET memory_limit = '100GB'", "SET enable_external_access = true", "RESET memory_limit",
    "SET lock_configuration = false", "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM 'https://example.org/x.parquet'", "EXPORT DATABASE 'out'",
])  # fmt: skip
def test_duckdb_itself_refuses_without_the_check(build, sql):
    con = sandbox_worker.connect(str(build), 64)
    with pytest.raises(duckdb.Error):
        con.execute(sql)
    con.close()


def test_python_variables_are_out_of_reach(build):
    secret_frame = duckdb.sql("SELECT 1 AS secret").df()
    con = sandbox_worker.connect(str(build), 64)
    with pytest.raises(duckdb.CatalogException):
        con.execute("SELECT * FROM secret_frame")
    assert len(secret_frame) == 1
    con.close()


@pytest.mark.parametrize("sql", [
    "SELECT count(*) FROM range(100000000000)",
    "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT max(i) FROM t",
])  # fmt: skip
def test_what_runs_for_ever_is_ended(build, sql):
    began = time.monotonic()
    assert refused(build, sql, seconds=1.0).kind == "time"
    assert time.monotonic() - began < 1 + sandbox.START_SECONDS + 2


def test_what_does_not_listen_is_ended_all_the_same(build):
    """One call of one function, deaf to DuckDB's interrupt."""
    kind = refused(
        build, "SELECT length(repeat('x', 1000000000) || repeat('y', 1000000000))", 1.0
    ).kind
    assert kind in {"time", "memory"}


def test_memory_is_limited(build):
    sql = "SELECT list(a.range || b.range) FROM range(20000) a, range(2000) b"
    assert refused(build, sql, seconds=20.0).kind == "memory"


def test_the_worker_knows_no_secrets(build, monkeypatch):
    """Its environment is empty: not even a way around DuckDB would find anything there."""
    monkeypatch.setenv("CITY_SECRET", "hunter2")
    seen = {}

    def run(*arguments, **options):
        seen.update(options)
        raise sandbox.subprocess.TimeoutExpired("worker", 1)

    monkeypatch.setattr(sandbox.subprocess, "run", run)
    refused(build, "SELECT 1")
    assert seen["env"] == {}


def test_nothing_was_left_behind(build):
    assert [p.name for p in build.parent.iterdir() if p.suffix not in {".duckdb", ".json"}] == []


def test_an_error_of_the_query_is_told(build):
    error = refused(build, "SELECT nope FROM marts.kpi_values")
    assert error.kind == "failed"
    assert "nope" in error.detail


@pytest.mark.parametrize(("code", "words", "kind"), [
    (-9, "", "memory"), (-6, "terminate called after throwing std::bad_alloc", "memory"),
    (1, "MemoryError", "memory"), (-24, "", "time"), (1, "ImportError: no duckdb", "failed"),
])  # fmt: skip
def test_a_worker_that_could_not_answer_is_told_apart(build, monkeypatch, code, words, kind):
    done = sandbox.subprocess.CompletedProcess([], code, b"", words.encode())
    monkeypatch.setattr(sandbox.subprocess, "run", lambda *_, **__: done)
    assert refused(build, "SELECT 1").kind == kind
