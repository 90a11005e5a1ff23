"""Grid coordinates: transverse Mercator by Krüger's series, polar stereographic by its formulas.

Frame: WGS 84; degrees in and out, grid metres. Series to sixth order in the third flattening,
coefficients and method of Karney, "Transverse Mercator with an accuracy of a few nanometers",
J. Geodesy 85 (2011), equations 7 to 12, 35 and 36: 5 nm within 3,900 km of the central meridian.
UPS: NGA.SIG.0012 (2014), section 8 to 9; scale 0.994 at the pole, both false coordinates 2,000 km.
"""

import math
from math import atan, atan2, cos, degrees, hypot, pi, radians, sin, sqrt, tan
from typing import Final

A_M: Final = 6_378_137.0
F: Final = 1 / 298.257223563
UTM_SCALE: Final = 0.9996
UPS_SCALE: Final = 0.994
UPS_FALSE_M: Final = 2_000_000.0

_E2: Final = F * (2 - F)
_E: Final = sqrt(_E2)
_N: Final = F / (2 - F)
_RADIUS: Final = A_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
"""Radius of the circle as long as a meridian, metres."""


def _series(*rows: tuple[tuple[int, int], ...]) -> tuple[float, ...]:
    """Row j: coefficients of n^j, n^(j+1), ... as fractions."""
    return tuple(
        sum(top / bottom * _N ** (j + k) for k, (top, bottom) in enumerate(row))
        for j, row in enumerate(rows, 1)
    )


_ALPHA: Final = _series(
    ((1, 2), (-2, 3), (5, 16), (41, 180), (-127, 288), (7891, 37800)),
    ((13, 48), (-3, 5), (557, 1440), (281, 630), (-1983433, 1935360)),
    ((61, 240), (-103, 140), (15061, 26880), (167603, 181440)),
    ((49561, 161280), (-179, 168), (6601661, 7257600)),
    ((34729, 80640), (-3418889, 1995840)),
    ((212378941, 319334400),),
)
_BETA: Final = _series(
    ((1, 2), (-2, 3), (37, 96), (-1, 360), (-81, 512), (96199, 604800)),
    ((1, 48), (1, 15), (-437, 1440), (46, 105), (-1118711, 3870720)),
    ((17, 480), (-37, 840), (-209, 4480), (5569, 90720)),
    ((4397, 161280), (-11, 504), (-830251, 7257600)),
    ((4583, 161280), (-108847, 3991680)),
    ((20648693, 638668800),),
)


def transverse(lat: float, lon_from_centre: float) -> tuple[float, float]:
    """Metres east of the central meridian and north of the equator, scale UTM_SCALE."""
    phi, lam = radians(lat), radians(lon_from_centre)
    tau = tan(phi)
    tau1 = _conformal(tau)
    xi1, eta1 = atan2(tau1, cos(lam)), math.asinh(sin(lam) / hypot(tau1, cos(lam)))
    xi, eta = xi1, eta1
    for j, alpha in enumerate(_ALPHA, 1):
        xi += alpha * sin(2 * j * xi1) * math.cosh(2 * j * eta1)
        eta += alpha * cos(2 * j * xi1) * math.sinh(2 * j * eta1)
    return UTM_SCALE * _RADIUS * eta, UTM_SCALE * _RADIUS * xi


def transverse_back(east: float, north: float) -> tuple[float, float]:
    """Latitude, and longitude from the central meridian, of metres as ``transverse`` gives them."""
    xi, eta = north / (UTM_SCALE * _RADIUS), east / (UTM_SCALE * _RADIUS)
    xi1, eta1 = xi, eta
    for j, beta in enumerate(_BETA, 1):
        xi1 -= beta * sin(2 * j * xi) * math.cosh(2 * j * eta)
        eta1 -= beta * cos(2 * j * xi) * math.sinh(2 * j * eta)
    tau1 = sin(xi1) / hypot(math.sinh(eta1), cos(xi1))
    return degrees(atan(_geographic(tau1))), degrees(atan2(math.sinh(eta1), cos(xi1)))


def _conformal(tau: float) -> float:
    """Tangent of the conformal latitude (Karney 7 to 9)."""
    sigma = math.sinh(_E * math.atanh(_E * tau / hypot(1, tau)))
    return tau * hypot(1, sigma) - sigma * hypot(1, tau)


def _geographic(tau1: float) -> float:
    """The inverse, by Newton's method (Karney 19 to 21): three rounds reach double precision."""
    tau = tau1
    for _ in range(5):
        at = _conformal(tau)
        step = (tau1 - at) / hypot(1, at)
        step *= (1 + (1 - _E2) * tau**2) / ((1 - _E2) * hypot(1, tau))
        tau += step
    return tau


def polar(lat: float, lon: float, *, north: bool) -> tuple[float, float]:
    """UPS easting and northing in metres."""
    phi = radians(lat if north else -lat)
    t = tan(pi / 4 - phi / 2) * ((1 + _E * sin(phi)) / (1 - _E * sin(phi))) ** (_E / 2)
    rho = 2 * A_M * UPS_SCALE * t / _POLAR_CONSTANT
    lam = radians(lon)
    away = -cos(lam) if north else cos(lam)
    return UPS_FALSE_M + rho * sin(lam), UPS_FALSE_M + rho * away


def polar_back(east: float, north_m: float, *, north: bool) -> tuple[float, float]:
    """Latitude and longitude of UPS metres; at the pole itself the longitude is 0."""
    dx, dy = east - UPS_FALSE_M, north_m - UPS_FALSE_M
    rho = hypot(dx, dy)
    t = rho * _POLAR_CONSTANT / (2 * A_M * UPS_SCALE)
    tau1 = (1 / t - t) / 2 if t > 0 else 0.0
    lat = degrees(atan(_geographic(tau1))) if t > 0 else 90.0
    lon = degrees(atan2(dx, -dy if north else dy)) if rho > 0 else 0.0
    return (lat if north else -lat), lon


_POLAR_CONSTANT: Final = sqrt((1 + _E) ** (1 + _E) * (1 - _E) ** (1 - _E))
