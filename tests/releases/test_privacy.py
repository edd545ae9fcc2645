"""Nothing personal and no small group leaves: on the release, and when somebody makes a mistake."""

from __future__ import annotations

import re

import duckdb
import pytest

from tests.releases.conftest import BASE
from urbandata import serving
from urbandata.errors import UrbandataError
from urbandata.releases import guard
from urbandata.releases.policy import policy
from urbandata.releases.release import release

EMAIL = re.compile(rb"[\w.+-]+@[\w-]+\.[a-z]{2,}")
PEOPLE = re.compile(r"(^|_)(people|authors|participants|responses|respondents|persons|users)(_|$)")


def test_only_marts_leave(released):
    with duckdb.connect(str(released / "urbandata.duckdb"), read_only=True) as con:
        found = con.execute("SELECT DISTINCT schema_name FROM duckdb_tables()").fetchall()
        tables = {r[0] for r in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {r[0] for r in found} == {"marts", "release"}
    assert not tables & {"quarantine", "payloads", "fetches", "fct_facility_bookings"}


def test_no_addresses_names_or_keys_in_any_column(released):
    with duckdb.connect(str(released / "urbandata.duckdb"), read_only=True) as con:
        columns = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE schema_name = 'marts' AND data_type LIKE 'VARCHAR%'"
        ).fetchall()
        assert len(columns) > 200
        for table, column in columns:
            assert not re.search(r"e?mail|phone|user|free_?text|first_?name|last_?name", column)
            values = con.execute(f'SELECT DISTINCT "{column}"::VARCHAR FROM marts."{table}"')
            for (value,) in values.fetchall():
                text = value or ""
                assert not EMAIL.search(text.encode()), (table, column)
                assert "Erika" not in text, (table, column)
                if column != "payload_id":
                    assert not re.fullmatch(r"[0-9a-f]{32,64}", text), (table, column)


def test_no_group_under_ten_in_columns_of_people(released):
    looked = 0
    with duckdb.connect(str(released / "urbandata.duckdb"), read_only=True) as con:
        columns = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts' "
            "AND data_type IN ('BIGINT', 'INTEGER', 'DOUBLE')"
        ).fetchall()
        for table, column in columns:
            if PEOPLE.search(column):
                looked += 1
                small = con.execute(
                    f'SELECT count(*) FROM marts."{table}" WHERE "{column}" > 0 AND "{column}" < 10'
                ).fetchone()
                assert small == (0,), (table, column)
        assert looked >= 8
        groups = "SELECT group_name, people FROM marts.fct_participation_groups_yearly ORDER BY 2"
        assert con.execute(groups).fetchall() == [
            ("über 80", 0),
            ("18–29", 10),
            ("unter 18", None),
        ]
        marks = (
            "SELECT survey_id, mean_mark FROM marts.fct_survey_satisfaction "
            "WHERE survey_id IN ('4', '40')"
        )
        assert sorted(con.execute(marks).fetchall()) == [("4", None), ("40", 2.5)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE marts.fct_weather_warnings SET event = 'an erika@example.org'", "1 e-mail"),
        ("UPDATE marts.fct_weather_warnings SET event = repeat('0a', 32)", "1 keyed hashes"),
        ("ALTER TABLE marts.fct_gauge_daily ADD COLUMN author_name VARCHAR", "author_name: could"),
        ("ALTER TABLE marts.fct_gauge_daily ADD COLUMN comment VARCHAR", "comment: could"),
    ],
)
def test_a_mistake_stops_the_release(own, tmp_path, change, named):
    with duckdb.connect(str(serving.current_path(own))) as con:
        con.execute(change)
    with pytest.raises(UrbandataError, match=named) as caught:
        release(own, tmp_path / "shelf", BASE, with_docs=False)
    assert "erika" not in str(caught.value)
    assert not any((tmp_path / "shelf").iterdir())


def test_the_guard_sees_what_the_steps_before_forgot(tmp_path):
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA marts; CREATE SCHEMA ops; CREATE TABLE ops.quarantine (a INT)")
        con.execute("CREATE TABLE marts.fct_x AS SELECT 9 AS people")
        con.execute("CREATE TABLE marts.fct_facility_bookings AS SELECT 1 AS a")
        con.execute("CREATE TABLE marts.kpi_values (kpi_code VARCHAR, n BIGINT)")
        con.execute("INSERT INTO marts.kpi_values VALUES ('HF1.1', 9), ('M2.1', 10), ('HF4.2', 4)")
    with pytest.raises(UrbandataError) as caught:
        guard.check(path)
    for problem in ("schema ops", "fct_x.people: 1 groups under 10", "fct_facility_bookings is",
                    "kpi_values.n: 1 values of HF1.1 under 10"):  # fmt: skip
        assert problem in str(caught.value)
    assert "M2.1" not in str(caught.value)
    assert "HF4.2" not in str(caught.value)


def test_reasons_name_columns_that_exist(settings):
    with serving.connect(settings) as con:
        known = {
            f"{t}.{c}"
            for t, c in con.execute(
                "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts'"
            ).fetchall()
        }
    named = [*policy().reviewed, *(d for d in policy().dropped if "." in d)]
    assert [n for n in named if n not in known] == []
    assert all(why.strip() for why in policy().reviewed.values())
