"""The demo city hangs together, and is the same whoever asks and whenever."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from urbandata.demo import calendar
from urbandata.demo.world import World

END = datetime(2026, 11, 1, tzinfo=UTC)
CITY = (51.05, 13.74)
NORTH = (51.128, 13.754)
SERIES = {
    "temperature": lambda w, t: w.temperature_c(t, *NORTH),
    "rain": lambda w, t: w.rain_mm(t, *CITY),
    "rain of an hour": lambda w, t: w.rain_mm(t, *NORTH, minutes=60),
    "wind": lambda w, t: w.wind_ms(t),
    "sun": lambda w, t: w.sun_w_m2(t),
    "humidity": lambda w, t: w.humidity_pct(t),
    "pressure": lambda w, t: w.pressure_hpa(t),
    "river": lambda w, t: w.river_cm(t, 34.7),
    "discharge": lambda w, t: w.discharge_m3s(t, 55.6),
    "brook": lambda w, t: w.brook_cm(t, *CITY),
    "traffic": lambda w, t: w.traffic(t),
    "dropped": lambda w, t: w.dropped("klips/7", t, 0.05).astype(float),
    "noise": lambda w, t: w.noise("klips/7", t, 0.3),
}


@pytest.fixture(scope="module")
def city():
    return World(clock=lambda: END)


@pytest.fixture(scope="module")
def ten(city):
    return city.steps(city.start, END, 10)


def _series(city, times, values):
    return pd.Series(values, index=pd.DatetimeIndex(times, tz="UTC"))


@pytest.mark.parametrize("name", SERIES)
def test_same_instant_same_value_whatever_the_window(city, name):
    ask = SERIES[name]
    wide = city.steps(datetime(2024, 12, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC), 10)
    every = ask(city, wide)
    for first, last in ((0, 1), (100, 244), (4_400, 4_700), (20_000, 27_000)):
        narrow = ask(city, wide[first:last])
        np.testing.assert_allclose(narrow, every[first:last], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", SERIES)
def test_order_and_cadence_do_not_matter(city, name):
    ask = SERIES[name]
    times = city.steps(datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC), 5)
    every = ask(city, times)
    np.testing.assert_allclose(ask(city, times[::-6]), every[::-6], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", SERIES)
def test_two_cities_with_one_seed_are_one(city, name):
    times = city.steps(datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 8, tzinfo=UTC), 10)
    later = World(clock=lambda: END + timedelta(days=300))
    np.testing.assert_array_equal(SERIES[name](later, times), SERIES[name](city, times))


@pytest.mark.parametrize("name", SERIES)
def test_no_instants_no_values(city, name):
    assert SERIES[name](city, np.array([], dtype="datetime64[m]")).size == 0


def test_another_seed_is_another_city(city):
    times = city.steps(datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 8, tzinfo=UTC), 10)
    other = World(seed=7, clock=lambda: END)
    assert not np.allclose(other.temperature_c(times), city.temperature_c(times))
    assert other.storms(city.start, END) != city.storms(city.start, END)


def test_steps_are_clipped_to_the_history_and_to_now():
    now = datetime(2025, 9, 15, 12, 7, tzinfo=UTC)
    city = World(clock=lambda: now)
    times = city.steps(now - timedelta(minutes=40), now + timedelta(days=9), 15)
    assert [str(t) for t in times] == ["2025-09-15T11:30", "2025-09-15T11:45", "2025-09-15T12:00"]
    assert str(city.steps(datetime(2020, 1, 1, tzinfo=UTC), now, 60)[0]) == "2023-07-01T00:00"
    assert city.steps(now + timedelta(hours=1), now + timedelta(days=1), 10).size == 0
    with pytest.raises(ValueError, match="UTC-aware"):
        city.steps(datetime(2025, 9, 1), now, 10)  # noqa: DTZ001 - the naive time is the point


def test_the_step_that_is_now_is_served():
    now = datetime(2025, 9, 15, 12, tzinfo=UTC)
    city = World(clock=lambda: now)
    assert str(city.steps(now - timedelta(hours=1), now + timedelta(hours=1), 30)[-1]) == (
        "2025-09-15T12:00"
    )


def test_summer_time_leaves_no_trace_in_utc(city):
    berlin = calendar.local(np.array(["2025-03-30T00:59", "2025-03-30T01:00"], "datetime64[m]"))
    assert [str(t)[11:16] for t in berlin] == ["01:59", "03:00"]
    for day in (datetime(2025, 3, 30, tzinfo=UTC), datetime(2025, 10, 26, tzinfo=UTC)):
        times = city.steps(day, day + timedelta(days=1), 10)
        assert times.size == 144
        assert np.all(np.diff(times) == np.timedelta64(10, "m"))
        assert np.abs(np.diff(city.temperature_c(times))).max() < 1.5
        assert np.abs(np.diff(city.river_cm(times, 55.6))).max() < 3.0


def test_traffic_follows_the_local_clock(city):
    winter = city.traffic(np.array(["2025-03-25T06:00"], "datetime64[m]"))
    summer = city.traffic(np.array(["2025-04-01T05:00"], "datetime64[m]"))
    assert winter[0] == pytest.approx(summer[0], rel=0.2)  # both 07:00 on a Tuesday
    assert winter[0] > 0.9
    night = city.traffic(np.array(["2025-04-01T01:00"], "datetime64[m]"))
    assert night[0] < 0.15


def test_traffic_knows_holidays(city):
    noon = [f"2025-05-{day:02d}T06:00" for day in (1, 8)]  # Labour Day, and a week later
    free, work = city.traffic(np.array(noon, "datetime64[m]"))
    assert free < 0.5 * work


@pytest.mark.parametrize(
    "day",
    [
        "2024-03-29",
        "2024-04-01",
        "2024-05-09",
        "2024-05-20",
        "2024-10-31",
        "2023-11-22",
        "2024-11-20",
        "2025-11-19",
        "2026-11-18",
        "2025-04-18",
        "2025-06-09",
        "2026-04-06",
    ],
)
def test_saxon_holidays(city, day):
    assert city.is_holiday(date.fromisoformat(day))
    assert not city.is_workday(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2025-06-19", "2025-11-01", "2025-01-06", "2025-11-20"])
def test_days_that_are_no_holidays_in_saxony(city, day):
    assert not city.is_holiday(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("year", "day"), [(2000, "04-23"), (2019, "04-21"), (2023, "04-09"), (2038, "04-25")]
)
def test_easter(year, day):
    assert calendar.easter(year).isoformat() == f"{year}-{day}"


@pytest.mark.parametrize("place", [CITY, NORTH])
def test_rain_of_a_year(city, ten, place):
    rain = _series(city, ten, city.rain_mm(ten, *place))
    assert rain.min() >= 0.0
    for year in ("2024", "2025"):
        assert 450 < rain[year].sum() < 900
        assert 100 < (rain[year].resample("D").sum() > 0.1).sum() < 230


def test_ten_minutes_add_up_to_the_hour(city):
    hours = city.steps(datetime(2024, 7, 1, tzinfo=UTC), datetime(2024, 8, 1, tzinfo=UTC), 60)
    parts = sum(city.rain_mm(hours - np.timedelta64(10 * n, "m"), *CITY) for n in range(6))
    assert parts.sum() > 5.0
    np.testing.assert_allclose(parts, city.rain_mm(hours, *CITY, minutes=60), atol=1e-9)


def test_heavy_rain_is_rare_short_and_local(city, ten):
    places = [(d.lat, d.lon) for d in city.districts[::13]]
    hourly = np.array([np.convolve(city.rain_mm(ten, *p), np.ones(6))[: ten.size] for p in places])
    per_year = [(hourly >= mm).any(axis=0).sum() / 6 / 3.34 for mm in (15, 25, 40)]
    assert per_year[0] > per_year[1] > per_year[2]
    assert 2 < per_year[0] < 40
    assert 25 < hourly.max() < 90
    peak = np.unravel_index(hourly.argmax(), hourly.shape)[1]
    assert hourly[:, peak].min() < 0.5 * hourly[:, peak].max()


def test_the_storm_list_is_the_rain(city):
    storms = city.storms(city.start, END)
    assert len({s.id for s in storms}) == len(storms)
    assert [s.onset for s in storms] == sorted(s.onset for s in storms)
    strong = [s for s in storms if s.kind == "convective" and s.peak_mm_h > 60]
    assert strong
    for storm in strong[:10]:
        times = city.steps(storm.onset - timedelta(hours=1), storm.end + timedelta(hours=1), 1)
        rain = city.rain_mm(times, storm.lat, storm.lon, minutes=1)
        assert rain.sum() >= 0.95 * storm.total_mm
        assert rain.max() * 60 >= 0.9 * storm.peak_mm_h
    assert all(5 <= s.onset.month <= 9 for s in storms if s.kind == "convective")
    assert all(4 <= s.radius_km <= 10 for s in storms if s.kind == "convective")


def test_storms_of_a_window_are_those_of_the_history(city):
    start, end = datetime(2025, 6, 3, tzinfo=UTC), datetime(2025, 6, 20, tzinfo=UTC)
    every = city.storms(city.start, END)
    assert city.storms(start, end) == [s for s in every if s.onset < end and s.end > start]


def test_rain_on_a_grid_is_the_rain_at_its_points(city):
    storm = max(city.storms(city.start, END), key=lambda s: s.peak_mm_h)
    middle = storm.onset + (storm.end - storm.onset) / 2
    end = middle.replace(minute=middle.minute // 5 * 5, second=0, microsecond=0)
    lat, lon = np.meshgrid(storm.lat + np.array([-0.05, 0, 0.05]), storm.lon + np.array([0, 0.05]))
    field = city.rain_field(end, lat, lon, 5)
    at = np.array([end.replace(tzinfo=None)], "datetime64[m]")
    points = [city.rain_mm(at, y, x, 5)[0] for y, x in zip(lat.flat, lon.flat, strict=True)]
    assert field.max() > 1.0
    np.testing.assert_allclose(field.ravel(), points, atol=0.01)


def test_temperature_of_the_seasons(city, ten):
    air = _series(city, ten, city.temperature_c(ten, *NORTH))
    monthly = air.groupby(air.index.month).mean()
    assert 17 < monthly[7] < 21
    assert -2 < monthly[1] < 4
    hot = (air.resample("D").max() >= 30).groupby(lambda d: d.year).sum()
    assert 3 <= hot[[2024, 2025, 2026]].mean() <= 25
    assert -22 < air.min() < -5
    assert 32 < air.max() < 41


def test_the_inner_city_keeps_its_heat_at_night(city):
    times = city.steps(datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC), 60)
    gap = city.temperature_c(times, *CITY) - city.temperature_c(times, 51.05, 13.90)
    hour = times.astype("datetime64[h]").astype(int) % 24
    assert gap[hour == 2].mean() > 0.8
    assert gap[hour == 13].mean() < 0.6 * gap[hour == 2].mean()


def test_the_sun_stands_where_it_should(city):
    june = city.steps(datetime(2025, 6, 21, tzinfo=UTC), datetime(2025, 6, 22, tzinfo=UTC), 1)
    lit = june[city.sun_w_m2(june) > 0]
    # Dresden, 21 June: sunrise about 02:53 UTC, sunset about 19:22 UTC (without refraction).
    assert abs((lit[0] - np.datetime64("2025-06-21T02:57")).astype(int)) < 8
    assert abs((lit[-1] - np.datetime64("2025-06-21T19:16")).astype(int)) < 8
    year = city.steps(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), 10)
    assert 950 < city.sun_w_m2(year).sum() / 6000 < 1250  # kWh/m²
    wet = city.rain_mm(year, *CITY, minutes=60) > 2
    noon = (year.astype("datetime64[h]").astype(int) % 24) == 11
    assert city.sun_w_m2(year)[wet & noon].mean() < 0.6 * city.sun_w_m2(year)[~wet & noon].mean()


def test_weather_stays_in_its_ranges(city, ten):
    assert 15 <= city.humidity_pct(ten).min() < 45
    assert city.humidity_pct(ten).max() <= 100
    assert 960 < city.pressure_hpa(ten).min() < city.pressure_hpa(ten).max() < 1060
    assert 0 < city.wind_ms(ten).min() < city.wind_ms(ten).max() < 30
    assert 1.2 < city.traffic(ten).max() < 1.9


def test_the_gauge_passes_the_alarm_levels_now_and_then(city, ten):
    level = city.river_cm(ten, 55.6)
    above = [np.count_nonzero(np.diff((level >= cm).astype(int)) == 1) for cm in (400, 500, 700)]
    assert 2 <= above[0] <= 12
    assert above[1:] == [1, 0]
    assert 55 < level.min() < 110
    assert 110 < np.median(level) < 190


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_city_drowns(seed):
    city = World(seed=seed, clock=lambda: END)
    level = city.river_cm(city.steps(city.start, END, 60), 55.6)
    assert 400 < level.max() < 700


def test_the_flood_wave_comes_from_upstream(city):
    times = city.steps(city.start, END, 60)
    flood = city.river_cm(times, 55.6).argmax()
    span = times[flood - 24 * 20 : flood + 24 * 20]
    peaks = [span[city.discharge_m3s(span, km).argmax()] for km in (2.1, 34.7, 55.6, 82.2)]
    hours = (np.diff(peaks) / np.timedelta64(1, "h")).tolist()
    speeds = np.diff([2.1, 34.7, 55.6, 82.2]) / hours
    assert all(3 <= speed <= 8 for speed in speeds)


def test_the_river_answers_a_day_or_two_after_the_rain(city):
    days = city.steps(datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), 1440)
    rain = city.rain_mm(days, *CITY, minutes=1440)
    flow = city.discharge_m3s(days, 55.6)
    match = [np.corrcoef(rain[: rain.size - lag], flow[lag:])[0, 1] for lag in range(11)]
    assert match[1] > 0.35
    assert np.argmax(match) in (1, 2)
    assert match[1] > match[0] + 0.1
    assert match[1] > match[10] + 0.25


def test_a_thunderstorm_lifts_the_brook_and_not_the_elbe(city):
    storm = max(
        (s for s in city.storms(city.start, END) if s.kind == "convective"),
        key=lambda s: s.total_mm,
    )
    times = city.steps(storm.onset, storm.end + timedelta(hours=3), 10)
    brook = city.brook_cm(times, storm.lat, storm.lon)
    elbe = city.river_cm(times, 55.6)
    assert brook.max() - brook[0] > 20
    assert elbe.max() - elbe[0] < 15


def test_level_and_discharge_rise_together(city, ten):
    level, flow = city.river_cm(ten, 55.6), city.discharge_m3s(ten, 55.6)
    for cm, expected in ((100, 150), (400, 1200)):
        near = np.abs(level - cm) < 2
        assert flow[near].mean() == pytest.approx(expected, rel=0.03)


def test_outages_are_contiguous_and_have_their_share(city, ten):
    shares = [city.dropped(f"device {n}", ten, 0.05).mean() for n in range(20)]
    assert np.mean(shares) == pytest.approx(0.05, rel=0.25)
    silent = city.dropped("device 1", ten, 0.05)
    begins = np.count_nonzero(np.diff(silent.astype(int)) == 1)
    assert silent.sum() / begins > 10  # more than a hundred minutes each
    assert not city.dropped("device 1", ten, 0.0).any()
    with pytest.raises(ValueError, match="share"):
        city.dropped("device 1", ten, 0.9)


def test_noise_has_its_sigma_and_no_memory(city, ten):
    noise = city.noise("a", ten, 2.0)
    assert noise.std() == pytest.approx(2.0, rel=0.02)
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 0.02
    assert abs(np.corrcoef(noise, city.noise("b", ten, 2.0))[0, 1]) < 0.02


def test_a_generator_depends_on_its_key(city):
    assert city.rng("road", 7).integers(1 << 40) == city.rng("road", 7).integers(1 << 40)
    assert city.rng("road", 7).integers(1 << 40) != city.rng("road", 8).integers(1 << 40)


def test_sixty_four_districts(city):
    districts = city.districts
    assert [d.number for d in districts] == sorted({d.number for d in districts})
    assert len(districts) == 64
    assert {d.borough for d in districts} == set("0123456789")
    assert all(50.95 < d.lat < 51.2 and 13.55 < d.lon < 14.0 for d in districts)
    assert all(d.borough == d.number[0] for d in districts)
    assert sum(d.population for d in districts) == 555_208
    assert sum(d.households for d in districts) == 312_805
    assert [d.number for d in districts if d.population == 0] == ["33", "34", "44"]
    assert sum(d.km2 for d in districts) == pytest.approx(328.48, rel=0.03)
