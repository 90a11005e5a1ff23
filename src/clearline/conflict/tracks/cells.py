"""Moving points sorted into cells of latitude and longitude, for all who may come near them.

Frame: ECEF. Points within a chord of each other lie within an angle of each other, seen from the
centre, so that a partner is at most so many bands of latitude away, and in longitude at most
asin(sin(angle) / cos(latitude)), any longitude near a pole. Both angles are computed only nearly,
by functions that never grow faster than they do. A band is cut into bins of longitude, about as
wide as it is high; a band and a bin are a cell. Only cells that hold something are kept, and found
by a table of slots, so that a swarm in one degree and traffic all over the world take the same
memory.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.geodesy import A_M, B_M, R_MIN_M, Floats, Ints

ROUNDED_M: Final = 1.0
"""float32 moves a point of the earth by at most 0.43 m, and its path in an hour by less; seen from
a point 900 km away (``scan``) by another 0.36 m."""
STEEPEST: Final = 0.7853981633974483 + 0.273
EIGHTH: Final = 0.7853981633974483 / STEEPEST
LANES: Final = 32
"""Rows are tested in multiples of this, so that nothing is left over for a slow loop."""
LEVELS: Final = 64
"""Parts of the heights that most tracks are at: what one looks for is told by them."""
X, VX, SLACK, REACH, BOTTOM, TOP, FALLS, CLIMBS = 0, 3, 6, 7, 8, 9, 10, 11
WIDTH: Final = 12
_SEEN_M: Final = 900_000.0
"""Nothing that is around a cell is farther than this from any of what is in it, so that float32
tells places well enough; _DIAGONAL_M: how wide a cell that is 1 high is at most, at a pole."""
_DIAGONAL_M: Final = 1.3e7
_BANDS_MAX: Final = 1 << 22
_SAMPLE: Final = 256
_TAIL: Final = 8
"""Of a sample of heights, so many at either end do not count for where levels begin and end."""
_EMPTY: Final = -1

Floats32 = NDArray[np.float32]
Ints32 = NDArray[np.int32]


class Slab(NamedTuple):
    """Tracks at the middle of a slab, cell by cell. ``columns`` (WIDTH, n and some) float32: place,
    velocity (m, m/s), slack for bent paths and rounding (m), how far it comes from its place (m,
    slack and all), least and greatest height in the slab (m), least and greatest rate of it (m/s).
    ``level``: that of the least height; ``row``: which track; ``first``: where each cell begins;
    ``cell``: its band and bin as one number, in rising order; ``table`` (a power of two): which
    cell is in a slot; ``bands``: how many there are, ``spread``: how many of them away partners are
    at most; ``farthest``: the greatest reach; ``levels``: least height of level 1, and levels a
    metre."""

    columns: Floats32
    level: Ints32
    row: Ints32
    first: Ints32
    cell: Ints
    table: Ints32
    bands: int
    spread: int
    farthest: float
    levels: tuple[float, float]


@compiled
def _eighth(least: float, most: float) -> float:
    """The angle whose tangent is least / most, in [0, 1], nearly: by t (pi/4 + 0.273 (1 - t)),
    whose slope is 0.97 to STEEPEST times the true one, and divided by that."""
    if most == 0.0:
        return 0.0
    t = least / most
    return t * (0.7853981633974483 + 0.273 * (1 - t)) / STEEPEST


@compiled
def _quarter(x: float, y: float) -> float:
    """The angle of (x, y), both not negative, nearly, and growing no faster than it."""
    return _eighth(y, x) if y <= x else 2 * EIGHTH - _eighth(x, y)


@compiled
def _round(x: float, y: float) -> float:
    """The angle of (x, y), nearly, on [0, 8 EIGHTH)."""
    quarter = _quarter(abs(x), abs(y))
    if y >= 0:
        return quarter if x >= 0 else 4 * EIGHTH - quarter
    return 4 * EIGHTH + quarter if x < 0 else 8 * EIGHTH - quarter


@compiled
def _bins(band: int, height: float) -> int:
    """How many bins of longitude a band has: in its middle about as wide as bands are high."""
    share = (band + 0.5) * height / (2 * EIGHTH) - 1
    return max(1, int(8 * EIGHTH * (1 - share * share) / height))


@compiled
def _mixed(cell: int) -> int:
    """32 bits of a cell's number, well mixed: the same in 64 bits as in Python's numbers."""
    return (((cell >> 32) * 40503 + cell) * 0x9E3779B1) & 0xFFFFFFFF


@compiled
def _asin_high(x: float) -> float:
    """At least asin(x), for x up to 1."""
    return x + 0.571 * x * x * x + 1e-9


@compiled
def angle_of(chord: float) -> float:
    """At least the angle between two points so far apart, seen from the centre."""
    return 2 * _asin_high(min(1.0, chord / (2 * B_M)))


@compiled
def _find(table: Ints32, cells: Ints, cell: int) -> tuple[int, int]:
    """Which one a cell is, or _EMPTY, and the slot that it is in or may be put in."""
    mixed = _mixed(cell)
    slot = (mixed * len(table)) >> 32
    # On by a step of the cell's own: whoever forges cells that crowd a slot makes no queue there.
    while table[slot] != _EMPTY and cells[table[slot]] != cell:
        slot = (slot + (mixed | 1)) & (len(table) - 1)
    return table[slot], slot


@compiled
def cells_around(slab: Slab, own: int, reach: float, flat: float, found: Ints32) -> int:
    """Which cells may hold what comes within ``reach`` (m) of the places in a cell, of which the
    nearest to the axis of the earth is ``flat`` (m) from it: in rising order, and how many."""
    angle, height = angle_of(reach), 4 * EIGHTH / slab.bands
    share = angle * A_M / flat if flat > 0 else 2.0
    wide = 4.0 if share >= 1 else _asin_high(share)
    band, bin_ = slab.cell[own] >> 32, slab.cell[own] & 0xFFFFFFFF
    bins = _bins(band, height)
    west, east = bin_ / bins - wide / (8 * EIGHTH), (bin_ + 1) / bins + wide / (8 * EIGHTH)
    n, last = 0, slab.bands - 1
    for other in range(max(0, band - slab.spread), min(last, band + slab.spread) + 1):
        bins = _bins(other, height)
        left, right = int(np.floor(west * bins - 1e-6)), int(np.floor(east * bins + 1e-6))
        if right - left + 1 >= bins:
            left, right = 0, bins - 1
        for at in range(left, right + 1):
            here = at + bins if at < 0 else at - bins if at >= bins else at
            which, _ = _find(slab.table, slab.cell, (other << 32) + here)
            if which != _EMPTY:
                k = n
                while k > 0 and found[k - 1] > which:
                    found[k] = found[k - 1]
                    k -= 1
                found[k] = which
                n += 1
    return n


@compiled
def _levels_of(bottoms: Floats) -> tuple[float, float]:
    """Where levels begin and how many there are a metre, for most of a sample of heights."""
    sample = np.sort(bottoms[:: max(1, len(bottoms) // _SAMPLE)])
    tail = _TAIL if len(sample) > 4 * _TAIL else 0
    low, high = sample[tail], sample[len(sample) - 1 - tail]
    return low, (LEVELS - 2) / max(1.0, high - low)


@compiled
def level_of(height: float, levels: tuple[float, float]) -> int:
    """The level of a height: none is higher than that of a greater height."""
    level = (height - levels[0]) * levels[1] + 1
    return int(min(LEVELS - 1.0, max(0.0, level)))


@compiled
def _moving(
    series: Floats,
    speed: Floats,
    heights: Floats,
    begin: float,
    middle: float,
    half: float,
    rows: Floats32,
    bottoms: Floats,
) -> None:
    """The columns of every track, row by row, and the least heights."""
    for i in range(len(series)):
        for axis in range(3):
            k = 6 * axis
            c5, c4, c3 = series[i, k + 5], series[i, k + 4], series[i, k + 3]
            c2, c1 = series[i, k + 2], series[i, k + 1]
            rows[i, axis] = (
                (((c5 * middle + c4) * middle + c3) * middle + c2) * middle + c1
            ) * middle + series[i, k]
            rows[i, VX + axis] = (
                ((5 * c5 * middle + 4 * c4) * middle + 3 * c3) * middle + 2 * c2
            ) * middle + c1
        slack = _slack(half, speed[i])
        falls, climbs, finish = heights[i, 2], heights[i, 3], begin + 2 * half
        bottoms[i] = heights[i, 0] + min(falls * begin, falls * finish) - ROUNDED_M
        rows[i, SLACK], rows[i, REACH] = slack, half * speed[i] + slack
        rows[i, BOTTOM] = bottoms[i]
        rows[i, TOP] = heights[i, 1] + max(climbs * begin, climbs * finish) + ROUNDED_M
        rows[i, FALLS], rows[i, CLIMBS] = falls, climbs


@compiled
def _slack(half: float, speed: float) -> float:
    """How far a path leaves its tangent in so many seconds, and what float32 moves it, metres."""
    return 0.505 * half * half * speed * speed / R_MIN_M + ROUNDED_M


@compiled
def lay_out(
    series: Floats,
    speed: Floats,
    heights: Floats,
    begin: float,
    middle: float,
    half: float,
    near: float,
    size: float,
) -> Slab:
    """Sort tracks into cells at the time ``middle`` of their series, for pairs that come within the
    chord ``near`` in the ``half`` before or after; ``begin``: when that is, in seconds from now;
    ``heights`` (n, 4): rows of ``tracks.heights``; ``size``: how high cells are, in how far apart
    partners are at most."""
    n = len(series)
    slots = 64
    while slots < n:
        slots *= 2
    fastest = 0.0
    for i in range(n):
        fastest = max(fastest, speed[i])
    farthest = half * fastest + _slack(half, fastest)
    widest = near + 2 * farthest
    angle, tallest = angle_of(widest), max(0.0, _SEEN_M - widest) / _DIAGONAL_M
    bands = max(1, min(_BANDS_MAX, int(4 * EIGHTH / min(tallest, angle * size * 1.000001))))
    height = 4 * EIGHTH / bands
    spread = int(1.000001 * angle / height) + 1
    rows, bottoms = np.empty((n, WIDTH), np.float32), np.empty(n)
    _moving(series, speed, heights, begin, middle, half, rows, bottoms)
    levels = _levels_of(bottoms)
    cell, own, table = np.empty(n, np.int64), np.empty(n, np.int32), np.empty(2 * slots, np.int32)
    table[:] = _EMPTY
    count, m = np.zeros(n, np.int32), 0
    for i in range(n):
        x, y, z = float(rows[i, 0]), float(rows[i, 1]), float(rows[i, 2])
        flat = np.sqrt(x * x + y * y)
        latitude = 2 * EIGHTH + (_quarter(flat, z) if z >= 0 else -_quarter(flat, -z))
        band = min(bands - 1, int(latitude / height))
        bins = _bins(band, height)
        bin_ = min(bins - 1, int(_round(x, y) / (8 * EIGHTH) * bins))
        which, slot = _find(table, cell, (band << 32) + bin_)
        if which == _EMPTY:
            which = table[slot] = m
            cell[m] = (band << 32) + bin_
            m += 1
        own[i] = which
        count[which] += 1
    # Neighbours beside each other: what is around a cell is then few pieces of memory.
    order, rank = np.argsort(cell[:m]), np.empty(m, np.int32)
    cell, first = cell[order], np.zeros(m + 1, np.int32)
    for k in range(m):
        rank[order[k]] = k
        first[k + 1] = first[k] + count[order[k]]
    for slot in range(len(table)):
        if table[slot] != _EMPTY:
            table[slot] = rank[table[slot]]
    fill, row = first[:m].copy(), np.empty(n, np.int32)
    for i in range(n):
        which = rank[own[i]]
        row[fill[which]] = i
        fill[which] += 1
    columns, level = np.zeros((WIDTH, n + LANES), np.float32), np.empty(n, np.int32)
    for to in range(n):
        i = row[to]
        for k in range(WIDTH):
            columns[k, to] = rows[i, k]
        level[to] = level_of(bottoms[i], levels)
    return Slab(columns, level, row, first, cell, table, bands, spread, farthest, levels)
