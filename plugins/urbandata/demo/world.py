"""The demo city: one invented, consistent world that all demo sources report from.

Every value is a function of (seed, instant). The weather moves the river, the traffic and the
sun; a source that shows the same thing as another shows the same numbers. Nothing is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np

from urbandata.demo import calendar, chance, river, weather
from urbandata.demo.chance import Bools, Floats, Times
from urbandata.demo.districts import District, districts
from urbandata.demo.storms import LAT, LON, Storm

__all__ = ["District", "Storm", "World", "utc_now"]


def utc_now() -> datetime:
    """The present instant, UTC-aware."""
    return datetime.now(UTC)


class World:
    """Demo city with a seed and a clock. All times are numpy datetime64 in UTC.

    ``scale`` multiplies the number of devices and people that sources invent, never a quantity.
    """

    start = datetime(2023, 7, 1, tzinfo=UTC)

    def __init__(
        self, seed: int = 20230701, clock: Callable[[], datetime] = utc_now, scale: float = 1.0
    ) -> None:
        """``clock`` gives the present instant, UTC-aware."""
        self.seed = seed
        self.scale = scale
        self._clock = clock

    def now(self) -> datetime:
        """The present instant, UTC-aware: nothing later is ever served."""
        return self._clock().astimezone(UTC)

    def rng(self, *key: object) -> np.random.Generator:
        """A generator that depends on the seed and the key only."""
        return chance.generator(self.seed, *key)

    def steps(self, start: datetime, end: datetime, minutes: int) -> Times:
        """Grid points (whole multiples of ``minutes`` since 1970, UTC) with start <= t < end.

        Clipped to the city's history: nothing before ``start``, nothing after ``now()``.
        """
        low = max(chance.epoch_minutes(start), chance.epoch_minutes(self.start))
        high = min(chance.epoch_minutes(end), chance.epoch_minutes(self.now()) + 1e-6)
        grid = np.arange(np.ceil(low / minutes), np.ceil(high / minutes)).astype(np.int64)
        return (grid * minutes).astype("datetime64[m]")

    def temperature_c(self, times: Times, lat: float = LAT, lon: float = LON) -> Floats:
        """Air temperature (°C)."""
        return weather.temperature_c(self.seed, chance.minutes(times), lat, lon)

    def rain_mm(self, times: Times, lat: float, lon: float, minutes: int = 10) -> Floats:
        """Rain (mm) at one place, summed over the ``minutes`` that end at each instant."""
        return weather.rain_mm(self.seed, chance.minutes(times), lat, lon, minutes)

    def rain_field(self, end: datetime, lat: Floats, lon: Floats, minutes: int = 5) -> Floats:
        """Rain (mm) on a grid of points (arrays of one shape) in the ``minutes`` before ``end``."""
        at = chance.epoch_minutes(end)
        return weather.rain_field(self.seed, at, lat, lon, minutes)

    def wind_ms(self, times: Times) -> Floats:
        """Wind speed (m/s), ten-minute mean."""
        return weather.wind_ms(self.seed, chance.minutes(times))

    def sun_w_m2(self, times: Times) -> Floats:
        """Global radiation on flat ground (W/m²)."""
        return weather.sun_w_m2(self.seed, chance.minutes(times))

    def humidity_pct(self, times: Times) -> Floats:
        """Relative humidity (%)."""
        return weather.humidity_pct(self.seed, chance.minutes(times))

    def pressure_hpa(self, times: Times) -> Floats:
        """Air pressure at sea level (hPa)."""
        return weather.pressure_hpa(self.seed, chance.minutes(times))

    def storms(self, start: datetime, end: datetime) -> list[Storm]:
        """Storms that touch the span, in order of onset.

        Not clipped to ``now()``: a forecast may look ahead, everybody else asks up to ``now()``.
        """
        begin, finish = chance.epoch_minutes(start), chance.epoch_minutes(end)
        return weather.storms(self.seed, begin, finish)

    def river_cm(self, times: Times, km: float) -> Floats:
        """Level of the Elbe (cm over the gauge's zero) at a river km; Dresden is 55.6."""
        return river.river_cm(self.seed, times, km)

    def discharge_m3s(self, times: Times, km: float) -> Floats:
        """Discharge of the Elbe (m³/s) at a river km."""
        return river.discharge_m3s(self.seed, times, km)

    def brook_cm(self, times: Times, lat: float, lon: float) -> Floats:
        """Level of a small stream (cm) that answers to the rain at its place."""
        return river.brook_cm(self.seed, times, lat, lon)

    def traffic(self, times: Times) -> Floats:
        """Traffic relative to a busy hour (0 to about 1.6): hour, kind of day, rain."""
        at = chance.minutes(times)
        drift = chance.smooth(chance.key_number(self.seed, "traffic"), at, 24 * 60.0)
        wet = np.minimum(weather.rain_mm(self.seed, at, LAT, LON, 60), 6.0) / 6.0
        return calendar.traffic_profile(times) * (1.0 + 0.04 * drift) * (1.0 + 0.08 * wet)

    def is_holiday(self, day: date) -> bool:
        """Public holiday in Saxony."""
        return calendar.is_holiday(day)

    def is_school_holiday(self, day: date) -> bool:
        """Saxon school holiday (approximate)."""
        return calendar.is_school_holiday(day)

    def is_workday(self, day: date) -> bool:
        """Monday to Friday and no public holiday."""
        return calendar.is_workday(day)

    @property
    def districts(self) -> tuple[District, ...]:
        """The 64 statistical districts, ordered by number."""
        return districts()

    def dropped(self, device: str, times: Times, share: float = 0.01) -> Bools:
        """True where a device was silent: contiguous outages, together ``share`` of the time."""
        key = chance.key_number(self.seed, "outage", device)
        return chance.outages(key, chance.minutes(times), share)

    def noise(self, key: str, times: Times, sigma: float) -> Floats:
        """Normal noise with standard deviation ``sigma``, one value per key and instant."""
        number = chance.key_number(self.seed, "noise", key)
        return sigma * chance.normal(number, chance.seconds(times))
