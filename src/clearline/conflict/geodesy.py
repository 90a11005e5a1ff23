"""WGS 84 in earth-centred coordinates: points, chords, and what a chord says about a geodesic.

Frame: ECEF metres (x through 0 N 0 E, z through the north pole). Angles in degrees at the edges of
this module, radians inside. Arrays are float64; points have shape (..., 3).
"""

from math import cos, pi, radians, sin, sqrt
from typing import Final

import numpy as np
from geographiclib.geodesic import Geodesic
from geographiclib.geodesicline import GeodesicLine
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

WGS84: Final = Geodesic.WGS84
A_M: Final = 6_378_137.0
F: Final = 1 / 298.257223563
B_M: Final = A_M * (1 - F)
E2: Final = F * (2 - F)
R_MIN_M: Final = B_M * B_M / A_M
"""Least radius of normal curvature anywhere: the meridian's at the equator, 6 335 439 m."""
R_LOW_M: Final = 6_410_000.0
"""Radius for the lower bound of an arc over a chord: above the largest radius of normal curvature
(a^2/b = 6 399 594 m, at the poles) by a margin that outweighs the geodesic's torsion."""
SQRT_K_MAX: Final = 1 / B_M
"""Square root of the largest Gaussian curvature, the equator's: 1/(M N) = 1/b^2."""
GEODESIC_M_MAX: Final = 20_003_932.0
"""Length of half a meridian: no two points are farther apart."""
NUMERIC_M: Final = 1e-6
"""Outward widening for arithmetic: Karney's series are good to 15 nm, ECEF floats to 4 nm."""

SLACK_M: Final = 0.01
"""For arithmetic on coordinates of the earth's size in float64: a million times what it needs."""

_N: Final = F / (2 - F)
_MEAN: Final = A_M / (1 + _N)
_C0: Final = _MEAN * (1 + _N**2 / 4 + _N**4 / 64)
_C2: Final = _MEAN * -3 / 2 * (_N - _N**3 / 8)
_C4: Final = _MEAN * 15 / 16 * (_N**2 - _N**4 / 4)
_C6: Final = _MEAN * -35 / 48 * _N**3
_C8: Final = _MEAN * 315 / 512 * _N**4
"""Of the series of ``meridian_m``."""

_WANT: Final = Geodesic.DISTANCE | Geodesic.AZIMUTH
_AT: Final = Geodesic.LATITUDE | Geodesic.LONGITUDE | Geodesic.AZIMUTH


def ecef(lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Points on the ellipsoid, ECEF metres, shape (n, 3); n is the radius of curvature in the prime
    vertical, a / sqrt(1 - e^2 sin^2 lat)."""
    phi, lam = np.radians(lat_deg), np.radians(lon_deg)
    s, c = np.sin(phi), np.cos(phi)
    n = A_M / np.sqrt(1 - E2 * s * s)
    return np.stack((n * c * np.cos(lam), n * c * np.sin(lam), n * (1 - E2) * s), axis=-1)


def ecef_one(lat_deg: float, lon_deg: float) -> tuple[float, float, float]:
    """One point on the ellipsoid, ECEF metres."""
    phi, lam = radians(lat_deg), radians(lon_deg)
    s, c = sin(phi), cos(phi)
    n = A_M / sqrt(1 - E2 * s * s)
    return n * c * cos(lam), n * c * sin(lam), n * (1 - E2) * s


def unit(points: Floats) -> Floats:
    """Directions from the earth's centre."""
    length: Floats = np.sqrt(np.einsum("...i,...i", points, points))
    scaled: Floats = points / length[..., None]
    return scaled


def norm(vectors: Floats) -> Floats:
    """Lengths of vectors, over the last axis."""
    lengths: Floats = np.sqrt(np.einsum("...i,...i", vectors, vectors))
    return lengths


def arc_low(chord_m: Floats) -> Floats:
    """A geodesic over a chord is at least this long: its length on a sphere flatter than the earth
    is anywhere (B1)."""
    arc: Floats = 2 * R_LOW_M * np.arcsin(np.minimum(chord_m / (2 * R_LOW_M), 1.0))
    return np.maximum(arc - NUMERIC_M, 0.0)


def arc_high(chord_m: Floats) -> Floats:
    """A geodesic over a chord is at most this long, by Schur: its curvature is at most 1/R_MIN_M,
    so its chord is at least that of the circle of radius R_MIN_M (B1)."""
    ratio = np.minimum(chord_m / (2 * R_MIN_M), 1.0)
    arc: Floats = 2 * R_MIN_M * np.arcsin(ratio) + NUMERIC_M
    return np.where(chord_m > 12.4e6, GEODESIC_M_MAX, arc)


def chord_of(arc_m: float) -> float:
    """Points no more than ``arc_m`` apart along the ellipsoid have at most this chord (B1)."""
    return 2 * R_LOW_M * sin(min(arc_m / (2 * R_LOW_M), pi / 2)) + NUMERIC_M


def second_variation(farthest_m: Floats) -> Floats:
    """How far below nought the second derivative of the distance of two points may be, 1/m, while
    they move along geodesics and stay within ``farthest_m`` of each other (B8): the index form of a
    geodesic of that length is least where the Gaussian curvature is largest all along it. Of one
    number as of many."""
    half: Floats = np.minimum(farthest_m * SQRT_K_MAX / 2, 0.4999 * pi)
    return SQRT_K_MAX * np.tan(half)


def meridian_m(lat: Floats) -> Floats:
    """Metres along the meridian from the equator to latitudes in radians; of one number as of many.

    Helmert's series in n (Karney 2011, *Transverse Mercator*, eq. 25): what it leaves out, of the
    order n^5 a, is less than 0.1 micrometre.
    """
    sums: Floats = _C0 * lat + _C2 * np.sin(2 * lat) + _C4 * np.sin(4 * lat)
    return sums + _C6 * np.sin(6 * lat) + _C8 * np.sin(8 * lat)


def inverse(lat1: float, lon1: float, lat2: float, lon2: float) -> tuple[float, float, float]:
    """Length of the shortest geodesic in metres and its azimuths at both ends, degrees (Karney)."""
    found = WGS84.Inverse(lat1, lon1, lat2, lon2, _WANT)
    return float(found["s12"]), float(found["azi1"]), float(found["azi2"])


def line_between(lat1: float, lon1: float, lat2: float, lon2: float) -> tuple[GeodesicLine, float]:
    """The shortest geodesic between two points as a line to walk along, its length (metres)."""
    line = WGS84.InverseLine(lat1, lon1, lat2, lon2, Geodesic.STANDARD | Geodesic.DISTANCE_IN)
    return line, float(line.s13)


def walk(line: GeodesicLine, s_m: float) -> tuple[float, float, float]:
    """Latitude, longitude and azimuth, degrees, ``s_m`` metres along a line."""
    found = line.Position(s_m, _AT)
    return float(found["lat2"]), float(found["lon2"]), float(found["azi2"])


def destination(lat: float, lon: float, azimuth: float, s_m: float) -> tuple[float, float]:
    """The point ``s_m`` metres from another along an azimuth, degrees."""
    found = WGS84.Direct(lat, lon, azimuth, s_m)
    return float(found["lat2"]), float(found["lon2"])


def segments_apart(p0: Floats, p1: Floats, q0: Floats, q1: Floats) -> Floats:
    """Shortest straight distance between segments p0-p1 and q0-q1 (3-D), row by row, metres.

    The four ends against the other segment, and the inner minimum where both feet lie inside.
    Never too large (B7): for nearly parallel segments (within 1e-7 rad), where the inner minimum is
    not computed, what it could save is taken off.
    """
    d1, d2, r = p1 - p0, q1 - q0, p0 - q0
    a = np.einsum("ij,ij->i", d1, d1)
    e = np.einsum("ij,ij->i", d2, d2)
    b = np.einsum("ij,ij->i", d1, d2)
    c = np.einsum("ij,ij->i", d1, r)
    f = np.einsum("ij,ij->i", d2, r)
    tiny = 1e-18
    safe_a, safe_e = np.maximum(a, tiny), np.maximum(e, tiny)
    best = np.full(len(p0), np.inf)
    for s, t in (
        (np.zeros_like(a), np.clip(f / safe_e, 0, 1)),
        (np.ones_like(a), np.clip((f + b) / safe_e, 0, 1)),
        (np.clip(-c / safe_a, 0, 1), np.zeros_like(a)),
        (np.clip((b - c) / safe_a, 0, 1), np.ones_like(a)),
    ):
        best = np.minimum(best, norm(r + s[:, None] * d1 - t[:, None] * d2))
    denominator = a * e - b * b
    crossable = denominator > 1e-14 * safe_a * safe_e
    divisor = np.where(crossable, denominator, 1.0)
    s = (b * f - c * e) / divisor
    t = (a * f - b * c) / divisor
    inner = crossable & (s > 0) & (s < 1) & (t > 0) & (t < 1)
    middle = norm(r + s[:, None] * d1 - t[:, None] * d2)
    slack = np.where(crossable, 0.0, 1.1e-7 * np.sqrt(np.minimum(a, e)))
    apart: Floats = np.where(inner, np.minimum(best, middle), best) - slack
    return np.maximum(apart, 0.0)
