"""Energy of the demo city: the residential quarter, the hospital and the control area around.

All invented. Power and heat follow the sun, the temperature, the hour and the kind of day of the
demo weather. The quarter has no battery; its balance is exact in whole watt-hours: import minus
export plus generation is the load, and the heat pump is part of the load.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from urbandata.demo.calendar import local
from urbandata.demo.chance import Floats, Ints, Times
from urbandata.demo.world import World

QUARTER = (51.010, 13.795)  # in the pilot quarter Prohlis; the plot is invented
HOSPITAL = (51.058, 13.719)
PV_KWP = 650.0
MANAGED_FROM = np.datetime64("2025-01-01", "h")
DEAR_EUR_MWH, CHEAP_EUR_MWH = 132.0, 42.0
_HALF = np.timedelta64(450, "s")  # middle of a quarter of an hour
_HOME = (  # households by local hour, share of the mean
    *(0.62, 0.52, 0.47, 0.45, 0.46, 0.55, 0.85, 1.10, 1.05, 0.98, 0.95, 1.02),
    *(1.12, 1.02, 0.92, 0.92, 1.00, 1.25, 1.60, 1.78, 1.65, 1.35, 1.05, 0.80),
)
_CLINIC = (  # the part of a hospital's load that follows the working day
    *(0.05, 0.02, 0.00, 0.00, 0.05, 0.25, 0.60, 0.90, 1.00, 1.00, 1.00, 0.98),
    *(0.95, 0.95, 0.88, 0.72, 0.55, 0.45, 0.40, 0.35, 0.28, 0.20, 0.14, 0.08),
)


def quarter_wh(world: World, starts: Times) -> dict[str, Ints]:
    """Energy (Wh) of the quarter in the quarters of an hour that begin at ``starts``."""
    if starts.size == 0:
        return dict.fromkeys(
            ("load", "generation", "import", "export", "heat_pump", "heat"), np.zeros(0, np.int64)
        )
    middle = starts + _HALF
    warmth = _slow_temperature(world, middle, QUARTER)
    heat_kw = 7.8 * np.maximum(16.0 - warmth, 0.0) + 23.0 * _of_hour(_HOME, middle)
    heat_kw *= np.maximum(1.0 + world.noise("quarter/heat", starts, 0.05), 0.5)
    pump_kw = heat_kw / np.clip(4.3 + 0.02 * (warmth - 8.0), 3.0, 5.0)  # brine, nearly constant
    noise = np.maximum(1.0 + world.noise("quarter/homes", starts, 0.06), 0.5)
    homes_kw = 50.0 * _of_hour(_HOME, middle) * noise * (1.0 + 0.12 * _cold(middle))
    heat_pump, generation = _wh(pump_kw), _wh(_pv_kw(world, middle))
    load = _wh(homes_kw) + heat_pump
    # Clouds pass: near balance there is a little of both directions within a quarter of an hour.
    smaller, larger = np.minimum(load, generation), np.maximum(load, generation)
    both = np.where(smaller * 2 > larger, smaller * 3 // 100, 0)
    return {
        "load": load,
        "generation": generation,
        "import": np.maximum(load - generation, 0) + both,
        "export": np.maximum(generation - load, 0) + both,
        "heat_pump": heat_pump,
        "heat": _wh(heat_kw),
    }


def flat_w(world: World, flat: str, starts: Times) -> Floats:
    """Mean power (W) of one household in the hours that begin at ``starts``."""
    habits = world.rng("flat", flat).uniform(0.7, 1.4)
    noise = np.exp(world.noise(f"flat/{flat}", starts, 0.35))
    power: Floats = 60.0 + 190.0 * habits * noise * _of_hour(_HOME, starts + 4 * _HALF)
    return power


def hospital_kw(world: World, starts: Times, minutes: int) -> dict[str, Floats]:
    """Mean power (kW) of the hospital from ``starts`` on for ``minutes``; ``heat`` too.

    ``electricity`` is the sum of the sub-meters and the rest of the house. From 2025 on cooling and
    ventilation are throttled in dear hours and run ahead in cheap ones.
    """
    middle = starts + np.timedelta64(minutes * 30, "s")
    managed = _load_management(world, starts)
    clinic = _of_hour(_CLINIC, middle) * _workday(world, middle, weekend=0.45)
    warm = np.maximum(world.temperature_c(middle, *HOSPITAL) - 18.0, 0.0)

    def wobble(key: str, sigma: float) -> Floats:
        return np.maximum(1.0 + world.noise(f"hospital/{key}", starts, sigma), 0.3)

    parts = {
        "cooling": (60.0 + 22.0 * warm) * wobble("cooling", 0.04) * managed,
        "ventilation": (310.0 + 190.0 * clinic) * wobble("ventilation", 0.02) * managed,
        "imaging": (45.0 + 160.0 * clinic) * wobble("imaging", 0.10),
        "kitchen": 25.0 + 130.0 * clinic * wobble("kitchen", 0.08),
    }
    rest = (620.0 + 520.0 * clinic) * wobble("rest", 0.015)
    slow = _slow_temperature(world, middle, HOSPITAL)
    heat = (900.0 + 165.0 * np.maximum(15.0 - slow, 0.0)) * wobble("heat", 0.03)
    return {"electricity": sum(parts.values(), rest), **parts, "heat": heat}


def area_mw(world: World, starts: Times) -> dict[str, Floats]:
    """Mean power (MW) in the control area in the hours that begin at ``starts``."""
    middle = starts + np.timedelta64(30, "m")
    workday = _workday(world, middle, weekend=0.85)
    load = 8_200.0 * workday * (0.72 + 0.28 * _of_hour(_HOME, middle)) * (1 + 0.06 * _cold(middle))
    solar = 15_500.0 * world.sun_w_m2(middle) / 1000.0
    wind = 19_000.0 * np.clip((world.wind_ms(middle) - 1.0) / 9.0, 0.02, 0.92) ** 1.6
    lignite = np.clip(load - 0.6 * (solar + wind), 2_000.0, 8_500.0)
    return {"load": load, "solar": solar, "wind": wind, "lignite": lignite}


def price_eur_mwh(world: World, starts: Times) -> Floats:
    """Day-ahead price (€/MWh): cheap with sun and wind, dear in calm evenings, at times below 0."""
    area = area_mw(world, starts)
    residual = area["load"] - 0.75 * (area["solar"] + area["wind"])
    price: Floats = 34.0 + 0.0125 * residual + world.noise("price", starts, 6.0)
    return np.round(price, 2)


def _load_management(world: World, starts: Times) -> Floats:
    """Share of its usual power that cooling and ventilation draw, by the price of the hour."""
    hours, place = np.unique(starts.astype("datetime64[h]"), return_inverse=True)
    if hours.size == 0:
        return np.zeros(0)
    price = price_eur_mwh(world, hours.astype("datetime64[m]"))
    share = np.where(price > DEAR_EUR_MWH, 0.82, np.where(price < CHEAP_EUR_MWH, 1.06, 1.0))
    managed: Floats = np.where(hours < MANAGED_FROM, 1.0, share)[place]
    return managed


def _pv_kw(world: World, middle: Times) -> Floats:
    heat_loss = 1.0 - 0.004 * np.maximum(world.temperature_c(middle, *QUARTER) - 15.0, 0.0)
    power: Floats = PV_KWP * world.sun_w_m2(middle) / 1000.0 * 0.84 * heat_loss
    return power


def _slow_temperature(world: World, at: Times, place: tuple[float, float]) -> Floats:
    """What a building feels: the mean of the last half day."""
    hours = (0, 6, 12)
    felt = [world.temperature_c(at - np.timedelta64(h, "h"), *place) for h in hours]
    mean: Floats = np.mean(felt, axis=0)
    return mean


def _cold(at: Times) -> Floats:
    """1 in mid-January, -1 in mid-July."""
    day = at.astype("datetime64[D]").astype(np.int64) - 14
    season: Floats = np.cos(2.0 * np.pi * day / 365.25)
    return season


def _of_hour(profile: tuple[float, ...], at: Times) -> Floats:
    """The profile at the local hour, straight lines between full hours."""
    clock = local(at)
    hour = (clock - clock.astype("datetime64[D]")) / np.timedelta64(3600, "s")
    whole = np.floor(hour).astype(np.int64)
    table = np.array([*profile, profile[0]])
    level: Floats = table[whole] + (hour - whole) * (table[whole + 1] - table[whole])
    return level


def _workday(world: World, at: Times, weekend: float) -> Floats:
    """1 on working days, ``weekend`` on others (local)."""
    days, place = np.unique(local(at).astype("datetime64[D]"), return_inverse=True)
    factors = np.array([1.0 if world.is_workday(_date(d)) else weekend for d in days])
    return factors[place] if days.size else np.zeros(0)


def _date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day))


def _wh(power_kw: Floats) -> Ints:
    """Whole watt-hours of a quarter of an hour."""
    return np.round(power_kw * 250.0).astype(np.int64)
