"""Heights of tracks: as stated where two have one reference, else as bounds above the ellipsoid.

A row is (least height now, greatest height now, least rate, greatest rate): metres, metres per
second. Two tracks of one reference (both W84, both AMSL, both on levels, both unstated) are
subtracted as they stand, two on the ground are at one height; above ground is never exact, for the
ground falls away between them. Everything else meets above the ellipsoid, widened outwards by
``clearline.conflict.heights``: a height whose reference is not stated may be W84, AMSL or a level;
one that is not known may be anything; a rate that is not known, anything up to CLIMB_UNKNOWN_MPS.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.geodesy import Floats
from clearline.conflict.geoid import UNDULATION_M, undulation_cm
from clearline.conflict.heights import SURFACE_M, level_shift
from clearline.conflict.tracks.track import REFS, UNKNOWN, UNSTATED, Fleet
from clearline.model.terms import Levels

CLIMB_UNKNOWN_MPS: Final = 100.0
"""20 000 feet a minute: a track that states no vertical speed is taken to hold at most this."""
ANYWHERE_M: Final = (-1e7, 1e9)
EXACT: Final = (True, True, True, False, True, True, False)
"""By reference code: whether two of one reference are subtracted as they stand."""
_W84, _AMSL, _FL, _AGL, _SFC = range(len(REFS))
_GRID_M: Final = 2.2
"""What interpolating the geoid's grid leaves out at most, in mountains (``geoid``)."""
_CELLS: Final = 4
_DEGREE_M: Final = 110_000.0
"""A degree of latitude is at least 110 574 m."""


class Heights(NamedTuple):
    """Rows (n, 4) for each track: as ``stated``; ``bounds`` above the ellipsoid; ``wide``: holds
    both, so that nearness in it is a superset. ``ref``: as the fleet has it."""

    ref: NDArray[np.int8]
    stated: Floats
    bounds: Floats
    wide: Floats


@lru_cache(maxsize=1)
def _blocks() -> Floats:
    """Least and greatest undulation of every square degree, metres, shape (180, 360, 2): rows from
    north, columns from 180 west."""
    grid = undulation_cm().astype(np.float64) / 100
    ring = np.concatenate((grid, grid[:, :1]), axis=1)
    found = np.empty((180, 360, 2))
    for row in range(180):
        rows = ring[row * _CELLS : (row + 1) * _CELLS + 1]
        for column in range(360):
            cell = rows[:, column * _CELLS : (column + 1) * _CELLS + 1]
            found[row, column] = cell.min() - _GRID_M, cell.max() + _GRID_M
    return found


@compiled
def _undulations(lat: Floats, lon: Floats, reach_m: Floats, blocks: Floats) -> Floats:
    """Least and greatest undulation within a reach of each place, metres, shape (n, 2)."""
    found = np.empty((len(lat), 2))
    for i in range(len(lat)):
        tall = reach_m[i] / _DEGREE_M + 1e-6
        top, bottom = lat[i] + tall, lat[i] - tall
        wide = 360.0
        if top < 89.0 and bottom > -89.0:
            steep = max(abs(top), abs(bottom))
            wide = min(360.0, 1.01 * tall / np.cos(np.radians(steep)))
        first_row, last_row = max(0, int(90 - top)), min(179, int(90 - bottom))
        first, last = int(np.floor(lon[i] - wide)) + 180, int(np.floor(lon[i] + wide)) + 180
        low, high = np.inf, -np.inf
        for row in range(first_row, last_row + 1):
            for column in range(first, min(last, first + 359) + 1):
                low = min(low, blocks[row, column % 360, 0])
                high = max(high, blocks[row, column % 360, 1])
        found[i, 0], found[i, 1] = low, high
    return found


def geoid_of(fleet: Fleet, ahead_s: float) -> Floats:
    """Least and greatest undulation along each track's path, metres, shape (n, 2)."""
    reach_m = fleet.speed * (ahead_s + np.abs(fleet.age_s))
    return _undulations(fleet.lat, fleet.lon, reach_m, _blocks())


def heights_of(
    fleet: Fleet, ahead_s: float, levels: Levels, *, among_themselves: bool = True
) -> Heights:
    """The heights of a fleet, good for ``ahead_s`` seconds from now. ``among_themselves``: only
    compared with each other, so that one reference needs no bounds."""
    known = ~np.isnan(fleet.climb)
    climb = np.where(known, fleet.climb, 0.0)
    loose = np.where(known, 0.0, CLIMB_UNKNOWN_MPS)
    loose[(fleet.ref == _SFC) | (fleet.ref == UNKNOWN)] = 0.0
    climb[(fleet.ref == _SFC) | (fleet.ref == UNKNOWN)] = 0.0
    height = np.where(np.isnan(fleet.height), 0.0, fleet.height)
    # A report ages: what it climbed since is part of where it is now.
    early, late = (climb - loose) * fleet.age_s, (climb + loose) * fleet.age_s
    since = np.stack((np.minimum(early, late), np.maximum(early, late)), axis=1)
    stated = np.column_stack((height + since[:, 0], height + since[:, 1], climb - loose,
                              climb + loose))  # fmt: skip
    codes = np.flatnonzero(np.bincount(fleet.ref)).tolist()
    if among_themselves and len(codes) <= 1 and all(EXACT[code] for code in codes):
        return Heights(fleet.ref, stated, stated, stated)
    bounds, wide = stated.copy(), stated.copy()
    local = geoid_of(fleet, ahead_s)
    everywhere = np.tile((UNDULATION_M[0] - _GRID_M, UNDULATION_M[1] + _GRID_M), (len(fleet), 1))
    for rows, geoid in ((bounds, local), (wide, everywhere)):
        _widen(rows, fleet.ref, geoid, levels)
    return Heights(fleet.ref, stated, bounds, wide)


def _widen(rows: Floats, ref: NDArray[np.int8], geoid: Floats, levels: Levels) -> None:
    """Bring stated heights above the ellipsoid, in place."""
    share = levels.temperature_permille / 1000
    sea = ref == _AMSL
    rows[sea, :2] += geoid[sea]
    for code in (_FL, UNSTATED):
        on = ref == code
        low = rows[on, 0] + level_shift(levels.qnh_low_pa)
        high = rows[on, 1] + level_shift(levels.qnh_high_pa)
        warm = np.maximum(np.abs(low), np.abs(high)) * share
        low, high = low - warm + geoid[on, 0], high + warm + geoid[on, 1]
        if code == UNSTATED:  # or above the ellipsoid, or above the sea
            low = np.minimum(low, rows[on, 0] + np.minimum(geoid[on, 0], 0.0))
            high = np.maximum(high, rows[on, 1] + np.maximum(geoid[on, 1], 0.0))
        rates = rows[on, 2:]
        quick = np.abs(rates).max(axis=1, initial=0.0) * share
        rows[on, 0], rows[on, 1] = low, high
        rows[on, 2], rows[on, 3] = rates[:, 0] - quick, rates[:, 1] + quick
    above = ref == _AGL
    rows[above, 0] += SURFACE_M[0]
    rows[above, 1] += SURFACE_M[1]
    rows[ref == _SFC] = (*SURFACE_M, 0.0, 0.0)
    rows[ref == UNKNOWN] = (*ANYWHERE_M, 0.0, 0.0)


def apart(heights: Heights, i: int, j: int, t: float) -> tuple[float, float]:
    """Bounds of the vertical distance of two tracks after ``t`` seconds, metres."""
    alike = heights.ref[i] == heights.ref[j] and EXACT[heights.ref[i]]
    rows = heights.stated if alike else heights.bounds
    (a, b), (c, d) = ((rows[k, 0] + rows[k, 2] * t, rows[k, 1] + rows[k, 3] * t) for k in (i, j))
    return float(max(0.0, a - d, c - b)), float(max(b - c, d - a))


def settling(fleet: Fleet, i: int, j: int) -> str:
    """The datum that would tell how far apart in height two tracks are."""
    refs = {int(fleet.ref[i]), int(fleet.ref[j])}
    if UNKNOWN in refs:
        return "height"
    if len(refs) > 1 or not EXACT[next(iter(refs))]:
        if UNSTATED in refs:
            return "height reference"
        if refs & {_AGL, _SFC}:
            return "ground height"
        return "QNH" if _FL in refs else "geoid"
    return "vertical speed"
