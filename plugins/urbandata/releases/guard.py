"""Nothing personal leaves the house: looks at what is about to be released, not at promises.

It reads the finished DuckDB file, so whatever the steps before forgot is seen here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from urbandata.errors import UrbandataError
from urbandata.releases.policy import Policy, policy

EMAIL = r"[\w.+-]+@[\w-]+(\.[\w-]+)+"
HASH = "[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}"
HASHES_OF_PAYLOADS = ("payload_id",)  # of bytes in the raw zone, not of people


def check(database: Path) -> None:
    """Raises UrbandataError naming every table and column that may not leave; never a value."""
    with duckdb.connect(str(database), read_only=True) as con:
        found = sorted(set(_problems(con, policy())))
    if found:
        raise UrbandataError("not released: " + "; ".join(found))


def _problems(con: duckdb.DuckDBPyConnection, rules: Policy) -> Iterator[str]:
    schemas = {
        r[0] for r in con.execute("SELECT DISTINCT schema_name FROM duckdb_tables()").fetchall()
    }
    yield from (f"schema {s} is not for release" for s in schemas - {"marts", "release"})
    columns = con.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal"
    ).fetchall()
    for schema, table, column, data_type in columns:
        place, quoted = f"{table}.{column}", f'"{column}"'
        source = f'{schema}."{table}"'
        if table in rules.excluded:
            yield f"{table} is excluded by policy"
        if column in rules.people:
            small = _count(con, f"{quoted} > 0 AND {quoted} < {rules.least_people}", source)
            if small:
                yield f"{place}: {small} groups under {rules.least_people} people"
        if (table, column) == ("kpi_values", "n"):
            yield from _kpis(con, rules, source)
        if schema == "marts" and data_type.startswith("VARCHAR"):
            yield from _text(con, rules, table, column, source)


def _kpis(con: duckdb.DuckDBPyConnection, rules: Policy, source: str) -> Iterator[str]:
    for code in rules.people_kpis:
        small = f"kpi_code = '{code}' AND n > 0 AND n < {rules.least_people}"
        if found := _count(con, small, source):
            yield f"kpi_values.n: {found} values of {code} under {rules.least_people} people"


def _text(
    con: duckdb.DuckDBPyConnection, rules: Policy, table: str, column: str, source: str
) -> Iterator[str]:
    place, text = f"{table}.{column}", f'"{column}"::VARCHAR'
    if rules.is_watched(table, column):
        yield f"{place}: could be personal; say in releases/policy.yml why it may go"
    if mails := _count(con, f"regexp_matches({text}, '{EMAIL}')", source):
        yield f"{place}: {mails} e-mail addresses"
    if column not in HASHES_OF_PAYLOADS and (
        hashes := _count(con, f"regexp_full_match({text}, '{HASH}', 'i')", source)
    ):
        yield f"{place}: {hashes} keyed hashes"


def _count(con: duckdb.DuckDBPyConnection, condition: str, source: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {source} WHERE {condition}").fetchone()
    return int(row[0]) if row else 0
