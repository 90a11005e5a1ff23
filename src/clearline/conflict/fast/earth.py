"""Points of the ellipsoid, arcs over chords, latitudes: what ``geodesy`` has of many, of one point,
for compiled loops.

Frame: ECEF metres. Latitudes and longitudes are radians; stated ones (``_e7``) 1e-7 degrees.
"""

from collections.abc import Callable
from math import asin, atan2, atanh, cos, factorial, hypot, log, pi, sin, sqrt
from typing import Final, cast

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.vectors import Vec
from clearline.conflict.geodesy import (
    A_M,
    B_M,
    E2,
    GEODESIC_M_MAX,
    NUMERIC_M,
    R_LOW_M,
    R_MIN_M,
    chord_of,
    meridian_m,
    second_variation,
)

RIGHT: Final = 900_000_000
"""A right angle, 1e-7 degrees."""
E7: Final = pi / 180 / 1e7
"""Of a stated angle, radians."""
# Of pi/4 the first terms left out are 5e-17 and 2e-18.
_S3, _S5, _S7, _S9, _S11, _S13, _S15 = ((-1) ** (n // 2) / factorial(n) for n in range(3, 17, 2))
_C2, _C4, _C6, _C8, _C10, _C12, _C14, _C16 = (
    (-1) ** (n // 2) / factorial(n) for n in range(2, 18, 2)
)
_POLE_COS: Final = 1e-16
_E: Final = sqrt(E2)
A2: Final = 1 / (A_M * A_M)
B2: Final = 1 / (B_M * B_M)
Slope = tuple[float, float]
"""Sine and cosine of a latitude."""
Spot = tuple[Vec, Slope]

chord_one: Final = compiled(chord_of)
meridian_one: Final = cast(Callable[[float], float], compiled(meridian_m))
second_variation_one: Final = cast(Callable[[float], float], compiled(second_variation))
"""What ``geodesy`` has by these names, of one number."""


@compiled
def sin_cos(angle_e7: int) -> tuple[float, float]:
    """Sine and cosine of a stated angle, each good to 3e-16, by nothing but sums and products.

    By Taylor's series they are the same on every machine, compiled or not, exact at whole right
    angles, and several times as fast as a library's, which has to be called.
    """
    turns = (angle_e7 + RIGHT // 2) // RIGHT
    x = (angle_e7 - turns * RIGHT) * E7
    z = x * x
    s = z * (_S9 + z * (_S11 + z * (_S13 + z * _S15)))
    s = x + x * (z * (_S3 + z * (_S5 + z * (_S7 + s))))
    c = z * (_C8 + z * (_C10 + z * (_C12 + z * (_C14 + z * _C16))))
    c = 1 + z * (_C2 + z * (_C4 + z * (_C6 + c)))
    if turns & 1:
        s, c = c, -s
    if turns & 2:
        s, c = -s, -c
    return s, c


@compiled
def spot(lat_e7: int, lon_e7: int) -> Spot:
    """A point of the ellipsoid, and the sine and cosine of its latitude."""
    s, c = sin_cos(lat_e7)
    # A pole is kept a nanometre off on the meridian that it is stated on: a lonlat edge to it comes
    # along that one, and is read from its points (``curves.curve_of``).
    c = max(c, _POLE_COS)
    sl, cl = sin_cos(lon_e7)
    n = A_M / sqrt(1 - E2 * s * s)
    return (n * c * cl, n * c * sl, n * (1 - E2) * s), (s, c)


@compiled
def on_earth(lat: float, lon: float) -> Vec:
    """The point of the ellipsoid at a latitude and longitude."""
    s, c = sin(lat), cos(lat)
    n = A_M / sqrt(1 - E2 * s * s)
    return (n * c * cos(lon), n * c * sin(lon), n * (1 - E2) * s)


@compiled
def latitude(p: Vec) -> float:
    """Latitude of a point of the ellipsoid."""
    return atan2(p[2], (1 - E2) * hypot(p[0], p[1]))


@compiled
def gradient(p: Vec) -> Vec:
    """The ellipsoid's normal at a point, not of length one: (x/a2, y/a2, z/b2)."""
    return (p[0] * A2, p[1] * A2, p[2] * B2)


@compiled
def isometric(lat: float, rise: float) -> float:
    """Isometric latitude at ``lat + rise`` less that at ``lat``, without cancellation (B6): by the
    addition theorem of atanh while they are near each other, else by half angles from the poles,
    since beside a pole the sum for atanh is 1 but for the last digits."""
    end, half_sum, half = lat + rise, lat + rise / 2, rise / 2
    up = 2 * cos(half_sum) * sin(half)
    lacking = sin(half) ** 2 + cos(half_sum) ** 2
    product = sin(lat) * sin(end)
    if abs(up) < 0.5 * lacking:
        round_ = atanh(up / lacking)
    else:
        above = sin(pi / 4 + end / 2) * sin(pi / 4 - lat / 2)
        below = sin(pi / 4 - end / 2) * sin(pi / 4 + lat / 2)
        round_ = log(max(above, 1e-300) / max(below, 1e-300))
    return round_ - _E * atanh(_E * up / (1 - E2 * product))


@compiled
def arc_low_one(chord_m: float) -> float:
    """A geodesic over a chord is at least this long (B1)."""
    return max(2 * R_LOW_M * asin(min(chord_m / (2 * R_LOW_M), 1.0)) - NUMERIC_M, 0.0)


@compiled
def arc_high_one(chord_m: float) -> float:
    """A geodesic over a chord is at most this long (B1)."""
    if chord_m > 12.4e6:
        return GEODESIC_M_MAX
    return 2 * R_MIN_M * asin(min(chord_m / (2 * R_MIN_M), 1.0)) + NUMERIC_M
