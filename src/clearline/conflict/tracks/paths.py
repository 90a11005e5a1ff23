"""Which tracks come near which spheres within a look-ahead: a superset, by straight motion.

Frame: ECEF, metres. A path is the straight one through its middle, and a slack for how much it
bends: a geodesic leaves its tangent by at most s^2 / (2 R_MIN) after s metres. What lies within d
of a point c lies, seen from the earth's centre, within asin(d / |c|) of it, however deep or high it
is: in those bands of geocentric latitude, and no more than asin(sin(angle) / cos(latitude)) away in
longitude, anywhere where that reaches a pole.
"""

from math import pi
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.packed import WHOLE
from clearline.conflict.geodesy import R_MIN_M, Floats, Ints
from clearline.conflict.tracks.motion import carried
from clearline.conflict.tracks.track import Fleet

BANDS_MAX: Final = 4_096
ROUNDED: Final = 1e-9
"""Radians, 6 mm: what angles may be off by."""


class Paths(NamedTuple):
    """Tracks in bands of latitude, in each by longitude. ``row``: which of the fleet; ``lon``
    (radians); ``state`` (n, 6): middle and velocity; ``slack``: how far its path leaves the
    straight one; ``first``: where each band, pi / bands high, begins. ``half``: half the
    look-ahead, seconds; ``farthest``: the longest way from any middle."""

    row: Ints
    lon: Floats
    state: Floats
    slack: Floats
    first: Ints
    half: float
    farthest: float


def paths_of(fleet: Fleet, states: Floats, seconds: float) -> Paths:
    """The paths of a fleet, whose states now are given, over so many seconds."""
    middle = carried(states, seconds / 2)
    lat = np.arctan2(middle[:, 2], np.hypot(middle[:, 0], middle[:, 1]))
    lon = np.arctan2(middle[:, 1], middle[:, 0])
    bands = max(1, min(BANDS_MAX, 2 * int(len(fleet) ** 0.5)))
    band = np.minimum((lat / pi + 0.5) * bands, bands - 1).astype(np.int64)
    order = np.lexsort((lon, band))
    half, speed = seconds / 2, fleet.speed[order]
    slack = 0.505 * (half * speed) ** 2 / R_MIN_M + 1.0
    return Paths(
        row=order,
        lon=lon[order],
        state=middle[order],
        slack=slack,
        first=np.searchsorted(band[order], np.arange(bands + 1)),
        half=half,
        farthest=float((half * speed + slack).max(initial=0.0)),
    )


@compiled
def _touches(paths: Paths, k: int, sphere: Floats) -> bool:
    """Whether a path comes into a sphere (x, y, z, ..., reach as ``Packed.solid`` has it)."""
    dx = paths.state[k, 0] - sphere[0]
    dy = paths.state[k, 1] - sphere[1]
    dz = paths.state[k, 2] - sphere[2]
    wx, wy, wz = paths.state[k, 3], paths.state[k, 4], paths.state[k, 5]
    t = -(dx * wx + dy * wy + dz * wz) / (wx * wx + wy * wy + wz * wz + 1e-12)
    t = min(paths.half, max(-paths.half, t))
    dx, dy, dz = dx + t * wx, dy + t * wy, dz + t * wz
    bound = sphere[WHOLE] + paths.slack[k]
    return bool(dx * dx + dy * dy + dz * dz <= bound * bound)


@compiled
def _span(lon: float, wide: float) -> tuple[float, float, float, float]:
    """Longitudes within ``wide`` of one, as two intervals in [-pi, pi]; the second may be empty."""
    if wide >= pi - 2 * ROUNDED:
        return -pi, pi, 1.0, 0.0
    west, east = lon - wide, lon + wide
    if west < -pi:
        return -pi, east, west + 2 * pi - ROUNDED, pi
    if east > pi:
        return west, pi, -pi, east - 2 * pi + ROUNDED
    return west, east, 1.0, 0.0


@compiled(nogil=True)
def near_paths(solid: Floats, live: Ints, paths: Paths) -> Ints:
    """Pairs (row of the fleet, volume) whose path may come into the volume's sphere, for the
    volumes in ``live``."""
    found, n = np.empty((1024, 2), np.int64), 0
    bands = len(paths.first) - 1
    for v in live:
        sphere = solid[v]
        flat = np.hypot(sphere[0], sphere[1])
        centre, reach = np.hypot(flat, sphere[2]), sphere[WHOLE] + paths.farthest
        low, high, wide, lon = 0, bands - 1, pi, 0.0
        if reach < centre:
            lat, lon = np.arctan2(sphere[2], flat), np.arctan2(sphere[1], sphere[0])
            angle = np.arcsin(reach / centre) + ROUNDED
            low = max(low, int(((lat - angle) / pi + 0.5) * bands))
            high = min(high, int(((lat + angle) / pi + 0.5) * bands))
            if abs(lat) + angle < pi / 2:
                wide = np.arcsin(min(1.0, np.sin(angle) / np.cos(lat))) + ROUNDED
        a, b, c, d = _span(lon, wide)
        for band in range(low, high + 1):
            first, last = paths.first[band], paths.first[band + 1]
            if first == last:
                continue
            for west, east in ((a, b), (c, d)):
                k = first + np.searchsorted(paths.lon[first:last], west)
                while k < last and paths.lon[k] <= east:
                    if _touches(paths, k, sphere):
                        if n == len(found):
                            larger = np.empty((2 * n, 2), np.int64)
                            larger[:n] = found
                            found = larger
                        found[n, 0], found[n, 1] = paths.row[k], v
                        n += 1
                    k += 1
    return found[:n]
