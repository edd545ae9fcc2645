"""UTM coordinates to degrees (WGS 84), to the millimetre within a zone and some degrees beyond.

After Karney (2011), series in the third flattening to its fourth power. One formula is not
worth a projection library of 30 MB; the tests compare it with one.
"""

from __future__ import annotations

import math

_A, _F, _K0 = 6_378_137.0, 1 / 298.257223563, 0.9996
_N = _F / (2 - _F)
_RADIUS = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_E2 = _F * (2 - _F)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161_280,
)
_FALSE_EASTING = 500_000.0
_ROUNDS = 5  # of Newton's method; three are enough for doubles


def degrees(easting: float, northing: float, zone: int) -> tuple[float, float]:
    """Longitude and latitude of a point in a northern zone (1 to 60)."""
    xi = northing / (_K0 * _RADIUS)
    eta = (easting - _FALSE_EASTING) / (_K0 * _RADIUS)
    z = complex(xi, eta)
    for order, beta in enumerate(_BETA, start=1):
        z -= beta * _sin(2 * order * complex(xi, eta))
    tau_conformal = math.sin(z.real) / math.hypot(math.sinh(z.imag), math.cos(z.real))
    latitude = math.atan(_tau(tau_conformal))
    longitude = math.atan2(math.sinh(z.imag), math.cos(z.real))
    return math.degrees(longitude) + 6 * zone - 183, math.degrees(latitude)


def _sin(z: complex) -> complex:
    return complex(math.sin(z.real) * math.cosh(z.imag), math.cos(z.real) * math.sinh(z.imag))


def _tau(conformal: float) -> float:
    """Tangent of the latitude whose conformal latitude has this tangent."""
    e = math.sqrt(_E2)
    tau = conformal
    for _ in range(_ROUNDS):
        sigma = math.sinh(e * math.atanh(e * tau / math.hypot(1, tau)))
        found = tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)
        slope = (1 + (1 - _E2) * tau**2) / ((1 - _E2) * math.hypot(1, tau) * math.hypot(1, found))
        tau += (conformal - found) * slope
    return tau
