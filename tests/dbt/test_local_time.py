"""The quick way between instants and Berlin's clock gives what ICU gives."""

import duckdb
from jinja2 import Environment

from urbandata.settings import PROJECT_ROOT

MACROS = PROJECT_ROOT / "dbt" / "macros" / "local_time.sql"
UNLIKE = """
    WITH times AS (
        SELECT unnest(generate_series(
            TIMESTAMPTZ '1975-01-01', TIMESTAMPTZ '2040-01-01', INTERVAL 15 MINUTE)) AS instant
        UNION ALL VALUES (NULL), ('infinity'::TIMESTAMPTZ))
    SELECT instant FROM (SELECT instant, instant AT TIME ZONE 'UTC' AS clock FROM times)
    WHERE {local_clock} IS DISTINCT FROM instant AT TIME ZONE 'Europe/Berlin'
        OR {local_instant} IS DISTINCT FROM clock AT TIME ZONE 'Europe/Berlin'"""


def test_every_quarter_of_an_hour_is_as_icu_says() -> None:
    macros = Environment(autoescape=False).from_string(MACROS.read_text(encoding="utf-8")).module  # noqa: S701
    sql = UNLIKE.format(
        local_clock=macros.local_clock("instant"),  # type: ignore[attr-defined]
        local_instant=macros.local_instant("clock"),  # type: ignore[attr-defined]
    )
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        assert con.execute(sql).fetchall() == []
