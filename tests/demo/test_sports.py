"""Sports of the demo city: one set of bookings behind calendars, counters, meters and the app."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime

import numpy as np
import pytest

from urbandata.demo import sports
from urbandata.demo.calendar import is_school_holiday
from urbandata.demo.sports import CLUB, PERSON, SCHOOL
from urbandata.demo.sports_use import PUBLIC, app_users, meters, passages, visitors
from urbandata.demo.world import World


@pytest.fixture(scope="module")
def city() -> World:
    return World(clock=lambda: datetime(2026, 9, 1, tzinfo=UTC))


def facility(name: str) -> sports.Facility:
    return next(f for f in sports.facilities() if f.id == name)


def test_slots_lie_within_opening_hours_and_never_overlap(city):
    for place in sports.facilities():
        slots = sports.slots(city, place, 2024)
        minutes = (slots.clock - slots.clock.astype("datetime64[D]")) / np.timedelta64(60, "s")
        for clock, minute in zip(slots.clock.tolist(), minutes.tolist(), strict=True):
            span = place.hours[clock.weekday()]
            assert span is not None
            assert span[0] <= minute <= span[1] - sports.SLOT_MIN
            assert not sports.is_closed(place, clock.date())
        assert (np.diff(slots.starts) >= np.timedelta64(sports.SLOT_MIN, "m")).all()


def test_schools_stay_away_in_their_holidays_and_clubs_do_not(city):
    slots = sports.slots(city, facility("sporthalle"), 2024)
    holiday = np.array([is_school_holiday(c.date()) for c in slots.clock.tolist()])
    assert slots.skipped[(slots.group == SCHOOL) & holiday].all()
    assert slots.skipped[(slots.group == CLUB) & holiday].mean() < 0.2
    assert not slots.skipped[slots.group == PERSON].any()


def test_rain_keeps_people_off_the_pitches_but_not_out_of_the_halls(city):
    share = {}
    for name in ("kunstrasen1", "sporthalle"):
        slots = sports.slots(city, facility(name), 2024)
        held = (slots.group == CLUB) & ~slots.skipped
        wet = city.rain_mm(slots.starts, *sports.PLACE, 180) > 2
        share[name] = (slots.cancelled[held & wet].mean(), slots.cancelled[held & ~wet].mean())
    assert share["kunstrasen1"][0] > 2 * share["kunstrasen1"][1]
    assert share["sporthalle"][0] < 0.08


def test_the_app_answers_sooner_and_more_people_come(city):
    hours, absent = {}, {}
    for season in (2023, 2025):
        wait, away, number = [], 0, 0
        for place in sports.facilities():
            slots = sports.slots(city, place, season)
            person = slots.group == PERSON
            wait += (
                (slots.answered - slots.requested)[person] / np.timedelta64(3600, "s")
            ).tolist()
            due = person & ~slots.cancelled & ~slots.declined
            away, number = away + int((due & ~slots.kept).sum()), number + int(due.sum())
        hours[season], absent[season] = float(np.median(wait)), away / number
    assert hours[2023] > 3 * hours[2025]
    assert absent[2023] > absent[2025] > 0.05


def test_everybody_who_enters_leaves_and_only_kept_slots_bring_people(city):
    place = facility("ballspielhalle")
    starts = np.arange("2025-02-03", "2025-02-10", np.timedelta64(15, "m"), dtype="datetime64[m]")
    came, went = passages(city, place, starts)
    slots = sports.slots(city, place, 2024)
    week = (slots.starts >= starts[0]) & (slots.starts < starts[-1])
    expected = int(slots.people[week].sum())
    assert expected <= came.sum() <= expected + 30  # and a caretaker now and then
    assert abs(int(came.sum()) - int(went.sum())) <= 2
    for begin, kept in zip(slots.starts[week], slots.kept[week], strict=True):
        first = int((begin - starts[0]) // np.timedelta64(15, "m"))
        arriving = int(came[first - 1 : first + 1].sum())
        assert (arriving > 2) == bool(kept)
    again, _ = passages(city, place, starts[100:200])
    assert (again == came[100:200]).all()


def test_pool_empties_in_the_heat_and_at_night(city):
    pool = PUBLIC[0]
    times = np.arange("2025-01-01", "2025-12-31", np.timedelta64(1, "h"), dtype="datetime64[m]")
    people = visitors(city, pool, times)
    assert people.max() <= pool.capacity
    warm = city.temperature_c(times, *sports.PLACE)
    hour = times.astype("datetime64[h]").astype(np.int64) % 24
    noon = (hour >= 10) & (hour < 17)
    assert people[(hour >= 22) | (hour < 4)].max() == 0
    assert people[noon & (warm > 27)].mean() < 0.7 * people[noon & (warm < 15)].mean()


def test_meters_follow_use_and_weather(city):
    year = np.arange("2024-01-01", "2024-12-31", np.timedelta64(15, "m"), dtype="datetime64[m]")
    found = meters(city, year)
    month = year.astype("datetime64[M]").astype(int) % 12 + 1
    assert found["ostra_ice"][month == 1].sum() > 3 * found["ostra_ice"][month == 7].sum()
    assert found["ostra_pitches"][month == 7].sum() > 3 * found["ostra_pitches"][month == 1].sum()
    later = year + np.timedelta64(2 * 366, "D")  # the soil sensors came in between
    saved = meters(city, later[month == 7])["ostra_pitches"].sum()
    assert saved < 0.8 * found["ostra_pitches"][month == 7].sum()


def test_nobody_uses_the_app_before_it_is_out(city):
    assert app_users(city, date(2025, 2, 28)) == 0
    early, late = (app_users(city, date(y, 5, 20)) for y in (2025, 2026))
    assert 0 < early < late
    assert app_users(World(scale=10.0), date(2026, 5, 20)) > 5 * late


def test_every_name_in_the_seeds_is_a_facility():
    def column(name: str) -> set[str]:
        with (sports.SEEDS / name).open(encoding="utf-8", newline="") as file:
            return {row["facility_id"] for row in csv.DictReader(file)}

    known = column("facilities.csv")
    assert column("facility_hours.csv") <= known
    assert column("facility_names.csv") == known
