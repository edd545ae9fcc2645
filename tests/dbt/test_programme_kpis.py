"""KPIs of action fields, open data, participation and programme, recomputed by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

Value = tuple[float | None, float | None, float | None, int, float]
pytestmark = pytest.mark.xdist_group("programme")


def kpi(
    con: duckdb.DuckDBPyConnection,
    code: str,
    start: str,
    kind: str = "month",
    area: str = "dresden",
) -> Value:
    """Value, low, high, n and coverage of one KPI of origin real."""
    rows = con.execute(
        "SELECT value, low, high, n, coverage_pct FROM kpis WHERE origin = 'real' "
        "AND kpi_code = ? AND period_start = ?::DATE AND period_kind = ? AND area_id = ?",
        [code, start, kind, area],
    ).fetchall()
    assert len(rows) == 1, f"{code} {start}: {rows}"
    return rows[0]


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Result of a query."""
    return con.execute(sql).fetchall()


def test_milestones_kept(con):
    """Due by 30 April: Konzept, in time. By 30 June: + Vergabe, late. By 31 August: + Prototyp."""
    assert kpi(con, "HF3.1a", "2025-04-01")[0] == 100.0
    assert kpi(con, "HF3.1a", "2025-06-01")[0] == 50.0
    assert kpi(con, "HF3.1a", "2025-08-01") == (33.33, None, None, 3, 100.0)
    assert kpi(con, "HF3.1a", "2025-08-01", area="measure:cleema")[0] == 0.0
    overdue = [kpi(con, "HF3.1b", f"2025-{m:02d}-01")[0] for m in (4, 6, 7, 8)]
    assert overdue == [0, 1, 0, 1]


def test_a_moved_plan_stays_visible_and_a_dropped_row_is_gone(con):
    found = rows(
        con,
        "SELECT milestone, first_planned_on, plan_changes, state, delay_days "
        "FROM marts.fct_milestones WHERE origin = 'real' ORDER BY planned_on",
    )
    assert found == [
        ("Konzept", date(2025, 3, 31), 1, "in_time", -15),
        ("Vergabe", date(2025, 6, 30), 0, "late", 10),
        ("Prototyp", date(2025, 8, 15), 0, "overdue", 17),
        ("Pilot", date(2025, 12, 31), 0, "open", None),
    ]


def test_days_to_the_end(con):
    """31 August 2025 to 31 December 2026: 365 + 122; to 30 June 2027: 181 more."""
    assert kpi(con, "HF3.1c", "2025-08-01")[0] == 487
    assert kpi(con, "HF3.1d", "2025-08-01")[0] == 668
    assert kpi(con, "HF3.1c", "2025-09-01")[0] == 486  # told on 1 September


def test_spending_and_grant(con):
    """Known: 800,000 + 1,100,000 + 0.01 of planned 2,500,000; 3 of 4 entries by July.

    Grant: 520,000 + 715,000 + 0.0065, to the cent 0.01.
    """
    assert kpi(con, "HF3.2a", "2025-07-01", area="measure:open_data")[0] == 95.0
    assert kpi(con, "HF3.2a", "2025-07-01") == (76.0, None, None, 3, 75.0)
    assert kpi(con, "HF3.2b", "2025-07-01")[0] == round(1_235_000.01 / 106_000, 2) == 11.65
    total = kpi(con, "HF3.2c", "2025-07-01")
    assert total[:3] == (9.99, 9.99, round((1_235_000.01 + 1_760_000) / 123_600, 2))
    assert not rows(con, "FROM kpis WHERE kpi_code = 'HF3.2a' AND period_start = '2025-08-01' "
                    "AND origin = 'real'")  # fmt: skip


def test_funding_to_the_cent(con):
    found = rows(
        con,
        "SELECT part, cost_eur::VARCHAR, grant_eur::VARCHAR, spent_eur::VARCHAR, "
        "drawn_eur::VARCHAR, remaining_eur::VARCHAR FROM marts.fct_funding "
        "WHERE origin = 'real' ORDER BY part",
    )
    assert found == [
        ("phase_1", "2707692.31", "1760000.00", None, None, None),
        ("phase_2", "16307692.31", "10600000.00", "1900000.01", "1235000.01", "9364999.99"),
        ("total", "19015384.62", "12360000.00", "1900000.01", "1235000.01", "11124999.99"),
    ]


def test_continuation(con):
    """One of nine measures by June; the second decision lies after the newest sheet. One of four
    components has all of licence, address and day."""
    assert kpi(con, "HF4.1", "2025-04-01", "quarter") == (11.11, None, None, 9, 100.0)
    assert kpi(con, "HF4.1", "2025-07-01", "quarter")[0] == 11.11
    assert kpi(con, "HF4.1", "2025-01-01", "quarter")[0] == 0.0
    assert kpi(con, "HF4.2", "2025-01-01", "quarter") == (25.0, None, None, 4, 100.0)
    assert kpi(con, "HF4.2", "2024-10-01", "quarter")[0] == 0.0


def test_open_datasets(con):
    """Two open of three; 2 / 564,904 residents at the end of 2024. 2 September is incomplete."""
    for own in ("HF2.1", "M1.1"):
        assert kpi(con, f"{own}a", "2025-09-01") == (2.0, None, None, 3, 100.0)
        assert kpi(con, f"{own}b", "2025-09-01")[0] == round(2e5 / 564_904, 2)
    assert not rows(con, "FROM kpis WHERE kpi_code = 'HF2.1a' AND period_start = '2025-09-02'")
    assert rows(con, "SELECT snapshot_on, is_complete, datasets FROM "
                "marts.fct_open_data_catalogues_daily WHERE source = 'dresden_portal' "
                "ORDER BY snapshot_on") == [
        (date(2025, 9, 1), True, 3), (date(2025, 9, 2), False, 1),
    ]  # fmt: skip


def test_metadata_quality(con):
    """c: keyword 30 + spatial 20, format 20 + type 10 + vocabulary 10 + open 20 + readable 20,
    licence 30, access right 10 + 5, contact 20, contextuality 20 = 215, 50 more if its link works.
    d and e: 30 + 35 + 10 = 75. One of three is 1 day over 1.2 years, one just fresh, one silent.
    """
    for own in ("HF2.2", "M1.2"):
        score = kpi(con, f"{own}a", "2025-09-01")
        assert score[:4] == (round(365 / 3, 2), round(365 / 3, 2), round(415 / 3, 2), 3)
        assert kpi(con, f"{own}b", "2025-09-01")[:3] == (0.0, 0.0, 33.33)
    assert kpi(con, "HF2.3", "2025-09-01") == (50.0, 33.33, 66.67, 2, 66.67)
    assert kpi(con, "HF2.6", "2025-09-01")[0] == 1.0  # three stars, none, none
    assert kpi(con, "M1.5", "2025-09-01")[0] == 33.33  # one at GovData of three in the portal
    assert kpi(con, "M1.1c", "2025-08-01")[0] == 0.0


def test_usage(con):
    """10 + 20 + 31 visits, 4 + 3 downloads, three of 31 days."""
    assert kpi(con, "M1.3b", "2025-08-01") == (61.0, None, None, 3, 9.68)
    assert kpi(con, "M1.3a", "2025-08-01")[0] == 7.0
    files = rows(con, "SELECT file_label, dataset_id FROM marts.fct_open_data_downloads_monthly")
    assert sorted(files) == [("x.example/c", "c"), ("x.example/z", None)]


def test_answers(con):
    """August: p2 answered by 1 September, p3 open past 26 September, p5 withdrawn. March: the
    answer to p1 was there when we first looked. September: time is not up on 11 October."""
    for code in ("HF1.4", "M6.4a"):
        assert kpi(con, code, "2025-08-01") == (50.0, 50.0, 50.0, 2, 100.0)
        assert kpi(con, code, "2025-03-01")[:4] == (None, 0.0, 100.0, 1)
        assert kpi(con, code, "2025-01-01", "year") == (None, 33.33333, 66.66667, 3, 50.0)
    assert kpi(con, "HF1.5", "2025-01-01", "year")[0] == 50.0  # p2 adopted, p1 rejected


def test_participation(con):
    """August 2025: p2 and v1 in Blasewitz; p1 to p5 and v1 in the city."""
    blasewitz = kpi(con, "M6.2a", "2025-08-01", area="borough:5")
    assert blasewitz[0] == round(2 / 88.544, 5)  # p2 and v1
    assert kpi(con, "M6.2a", "2025-08-01")[0] == round(4 / 571.476, 5)
    assert kpi(con, "M6.2b", "2025-08-01")[0] == round(3 / 571.476, 5)
    assert kpi(con, "M6.2c", "2025-08-01")[::4] == (round(14 / 571.476, 5), 75.0)
    assert [kpi(con, "M6.1a", f"2025-{m:02d}-01")[0] for m in (3, 5, 8)] == [2, 2, 1]
    # project 7 lasted from its first idea in May 2024 to its last one
    assert kpi(con, "M6.1b", "2025-05-01")[0] == 2
    assert kpi(con, "M6.1b", "2025-04-01")[0] == 0


def test_silence_is_a_value_of_zero(con):
    """From the first contribution in March 2022 to the newest snapshot in October 2025, every month
    and year of the city and each borough has a value. Prohlis is silent after March 2022."""
    found = rows(con, "SELECT kpi_code, period_kind, count(DISTINCT area_id), min(period_start), "
                 "max(period_start), count(value) FROM kpis WHERE origin = 'real' "
                 "AND kpi_code LIKE 'M6.2_' GROUP BY ALL ORDER BY ALL")  # fmt: skip
    assert found == [
        (code, *row)
        for code in ("M6.2a", "M6.2b", "M6.2c")
        for row in (
            ("month", 11, date(2022, 3, 1), date(2025, 10, 1), 44 * 11),
            ("year", 11, date(2022, 1, 1), date(2025, 1, 1), 4 * 11),
        )
    ]
    for code in ("M6.2a", "M6.2b", "M6.2c"):
        for area in ("dresden", "borough:7"):
            assert kpi(con, code, "2022-04-01", "month", area) == (0.0, None, None, 0, 100.0)
            assert kpi(con, code, "2023-01-01", "year", area) == (0.0, None, None, 0, 100.0)
    # nobody could be answered in a year without contributions
    assert not rows(con, "FROM kpis WHERE kpi_code IN ('HF1.4', 'M6.4a', 'HF1.5') "
                    "AND origin = 'real' AND year(period_start) = 2023")  # fmt: skip


def test_the_portal_dates_its_answers(con):
    """Day 56, day 57, never, and day 31 by another office; the fifth is in the older file only."""
    assert kpi(con, "HF1.4", "2022-03-01") == (50.0, 50.0, 50.0, 4, 100.0)
    assert kpi(con, "HF1.5", "2022-01-01", "year")[0] == 100.0  # adopted, partly; others undecided
    assert kpi(con, "M6.2a", "2022-03-01", area="borough:7")[0] == round(4 / 60.19, 5)
    # 60 + 45 people if nobody came twice, at least 60
    quota = kpi(con, "HF1.1", "2022-01-01", "year")
    assert quota[:4] == (*(round(n / 5714.76, 5) for n in (105, 60, 105)), 105)
    assert kpi(con, "HF1.1", "2022-01-01", "year", "borough:7")[0] == round(50 / 601.9, 5)


REGISTER = """SELECT borough_number, register_population_2025 /
    (SELECT sum(register_population_2025) FROM {schema}.boroughs) FROM {schema}.boroughs"""


def test_representativeness(con):
    """2019: Altstadt 40, Neustadt 30 and Pieschen 20 of 90 people whose home is known, ten more."""
    shares = dict(rows(con, REGISTER.format(schema="seeds")))
    told = {"0": 40 / 90, "1": 30 / 90, "2": 20 / 90}
    by_hand = 1 - sum(abs(told.get(b, 0) - share) for b, share in shares.items()) / 2
    for code in ("HF1.2a", "M6.4b"):
        assert kpi(con, code, "2019-01-01", "year") == (*[round(by_hand, 5)] * 3, 90, 90.0)
    found = rows(con, "SELECT process_id, representativeness FROM "
                 "marts.fct_participation_processes WHERE representativeness IS NOT NULL "
                 "ORDER BY 1")  # fmt: skip
    assert found == [("V-6", round(by_hand, 3))]


def test_representativeness_knows_small_groups_only_together(con):
    """2021: Neustadt 55 and Pieschen 50 of 120; Altstadt's 11 and Klotzsche's 4 count as 15 of the
    other boroughs, spread as the residents are or all in the smallest of them.

    2022: Prohlis 50 of 105; the rest is more than a fifth. 2020 nobody is told of.
    """
    shares = dict(rows(con, REGISTER.format(schema="seeds")))
    others = [share for b, share in shares.items() if b not in ("1", "2")]
    apart = abs(55 / 120 - shares["1"]) + abs(50 / 120 - shares["2"])
    high = 1 - (apart + abs(15 / 120 - sum(others))) / 2
    smallest = min(others)
    low = 1 - (apart + abs(15 / 120 - smallest) + sum(others) - smallest) / 2
    assert low < high
    assert kpi(con, "HF1.2a", "2021-01-01", "year") == (
        *(round((low + high) / 2, 5), round(low, 5), round(high, 5)),
        *(120, 100.0),
    )
    apart = abs(50 / 105 - shares["7"])
    high = 1 - (apart + abs(55 / 105 - (1 - shares["7"]))) / 2
    assert kpi(con, "HF1.2a", "2022-01-01", "year")[::2] == (None, round(high, 5), 100.0)
    assert not rows(con, "FROM kpis WHERE kpi_code = 'HF1.2a' AND year(period_start) = 2020")


def test_small_groups_are_not_published(con):
    """9 minors and 5 of unknown age go with the 41 of the next group; the total stays."""
    found = rows(con, "SELECT group_kind, group_name, people FROM "
                 "marts.fct_participation_groups_yearly WHERE year_start = '2022-01-01' "
                 "ORDER BY ALL")  # fmt: skip
    assert found == [
        ("age", "-", 55),
        ("age", "18 bis 29", 50),
        ("borough", "-", 55),
        ("borough", "7", 50),
    ]


def test_the_participation_rate_does_not_undo_the_groups(con):
    """Of the years with groups put together, boroughs in them have no rate of their own. 2025: two
    authors are too few for the city as well, and so are the nine people of 2020."""
    rates = rows(con, "SELECT period_start, area_id, n FROM kpis WHERE kpi_code = 'HF1.1' "
                 "AND area_kind = 'borough' ORDER BY ALL")  # fmt: skip
    shown = rows(con, "SELECT year_start, 'borough:' || group_name, people FROM "
                 "marts.fct_participation_groups_yearly WHERE group_kind = 'borough' "
                 "AND group_name NOT IN ('-', 'unbekannt') ORDER BY ALL")  # fmt: skip
    assert rates == shown
    assert [r[1:] for r in rates] == [
        *(("borough:0", 40), ("borough:1", 30), ("borough:2", 20)),
        *(("borough:1", 55), ("borough:2", 50), ("borough:7", 50)),
    ]
    cities = rows(con, "SELECT year(period_start), n FROM kpis WHERE kpi_code = 'HF1.1' "
                  "AND area_kind = 'city' ORDER BY ALL")  # fmt: skip
    assert cities == [(2019, 100), (2021, 120), (2022, 105)]


def test_the_lower_end_of_the_rate_tells_of_no_few_people(con):
    """Neustadt 50 + 5: less the sum, 50 would tell of five. Pieschen 30 + 20. Prohlis 50 at once.
    What the lower end stands for, and what is left of the sum, is nobody or ten people."""
    assert kpi(con, "HF1.1", "2021-01-01", "year", "borough:1")[1] is None
    assert kpi(con, "HF1.1", "2021-01-01", "year", "borough:2")[1] == round(30 / 542.12, 5)
    assert kpi(con, "HF1.1", "2022-01-01", "year", "borough:7")[1] == round(50 / 601.9, 5)
    crowds = rows(con, "SELECT n, n * low / value FROM kpis WHERE kpi_code = 'HF1.1'")
    assert all(n >= 10 for n, _ in crowds)
    told = [x for n, low in crowds if low is not None for x in (low, n - low)]
    assert all(round(x) == 0 or round(x) >= 10 for x in told)


def test_surveys(con):
    """Mean 80 / 20 = 4; variance (5 + 5) / 19; 1.96 · √(0.526 / 20) = 0.32. 20 of 25 done."""
    assert kpi(con, "M6.5", "2025-04-01", "quarter") == (4.0, 3.68, 4.32, 20, 100.0)
    assert kpi(con, "M6.6", "2025-04-01")[0] == 80.0
    low, high = kpi(con, "M6.6", "2025-04-01")[1:3]
    assert low < 80 < high


def test_availability(con):
    """Portal: served, failed, missed, served; the 5th is not over. dcat: the success at 23:00 on
    the 3rd also serves the 4th, the 2nd is missed. ckan: one of one."""
    assert kpi(con, "HF2.4", "2025-09-01", area="source:dresden_portal") == (
        *(50.0, 50.0, 66.67),
        *(4, 13.33),
    )
    assert kpi(con, "HF2.4", "2025-09-01", area="source:dcat")[:4] == (75.0, 75.0, 100.0, 4)
    assert kpi(con, "HF2.4", "2025-09-01")[:4] == (66.67, 66.67, 85.71, 9)
    assert kpi(con, "HF2.4", "2025-09-03", "day", "source:dresden_portal")[:3] == (0.0, 0.0, None)


def test_data_quality_counts_on_the_day_the_data_came(con):
    """3 of 4 critical checks, 9 of 10 records; one of two payloads was unreadable."""
    assert kpi(con, "HF2.5a", "2025-09-01", "day") == (75.0, None, None, 4, 50.0)
    assert kpi(con, "HF2.5b", "2025-09-01", area="source:dresden_portal")[:4] == (
        *(90.0, None, None),
        10,
    )
    assert not rows(con, "FROM kpis WHERE kpi_code = 'HF2.5a' AND period_start = '2025-12-24'")


def test_areas_are_named_and_lie_in_each_other(con):
    kinds = dict(rows(con, "SELECT area_kind, count(*) FROM marts.dim_areas GROUP BY ALL"))
    assert (kinds["borough"], kinds["district"], kinds["quarter"], kinds["measure"]) == (
        10,
        64,
        3,
        9,
    )
    lost = "SELECT area_id FROM kpis EXCEPT SELECT area_id FROM marts.dim_areas"
    assert rows(con, lost) == []
    orphans = """
        SELECT a.area_id FROM marts.dim_areas AS a
        ANTI JOIN marts.dim_areas AS b ON a.parent_area_id = b.area_id
        WHERE a.parent_area_id IS NOT NULL
    """
    assert rows(con, orphans) == []
    parents = dict(rows(con, "SELECT area_id, parent_area_id FROM marts.dim_areas"))
    assert parents["quarter:prohlis"] == "borough:7"
    assert parents["site:klinikum-friedrichstadt"] == "district:05"
