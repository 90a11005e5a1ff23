"""Which pairs of moving points may come near each other within a slab of time: a superset.

Frame: ECEF. Points within a chord of each other lie within an angle of each other, seen from the
centre. Bands of latitude are as high as the largest such angle, so that a partner lies in the same
band or the next one; in a band, points are sorted into bins of longitude, and a partner's longitude
is at most asin(sin(angle) / cos(latitude)) away, any longitude near a pole. Both are computed only
nearly, by functions that never grow faster than they do. Bins are hashed into a table, so that a
swarm in one degree and traffic all over the world take the same memory; what other bins have in the
same slot is told by its band and bin.

Within a range, pairs are rejected by straight motion, in float32 rounded outwards: the compiler
makes SIMD of it. Of what is left, those are candidates that are near while they are near in height.
"""

from math import frexp
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import IS_COMPILED, compiled
from clearline.conflict.geodesy import B_M, R_MIN_M, Floats, Ints

ROUNDED_M: Final = 1.0
"""float32 moves a point of the earth by at most 0.43 m, and its path in an hour by less."""
STEEPEST: Final = 0.7853981633974483 + 0.273
EIGHTH: Final = 0.7853981633974483 / STEEPEST
_FEWEST_SLOTS: Final = 64
_LANES: Final = 32
"""Rows are tested in multiples of this, so that nothing is left over for a slow loop."""
_RANGES: Final = 2_048
"""Ranges that are found before they are tested: few enough to stay near the processor."""
_ROOM: Final = 16_384
"""Candidates that are judged before more are looked for: few enough to stay near, too."""
_SPLITS: Final = 8
"""Ranges of one row at most: in two bands, in each cut where longitudes, slots or both go round."""
_BUSY: Final = 32
"""Points that the crowding is sampled at, and _OTHERS that are counted around each."""
_OTHERS: Final = 1024
_SCALES: Final = 48
_GROUND_COST: Final = 500.0
"""One slab for one track, in pairs tested."""

Floats32 = NDArray[np.float32]
Ints32 = NDArray[np.int32]


class Slab(NamedTuple):
    """Tracks at the middle of a slab, sorted by slot. ``columns`` (11, n and some) float32:
    place, velocity (m, m/s), slack for bent paths and rounding (m), least and greatest height in
    the slab (m), least and greatest rate of it (m/s).
    ``row``: which track; ``cell``: its band and bin as one number; ``first``: where each slot
    begins; ``around``: its longitude, and how far from it a partner's can be; ``bands``: how many
    there are."""

    columns: Floats32
    row: Ints32
    cell: Ints
    first: Ints32
    around: Floats
    bands: int


class Room(NamedTuple):
    """What ``candidates`` works in, and where it has got to: ``pairs`` (m, 2); ``ranges`` found
    before they are tested; a flag for each row of a range; ``at``: the next row of the slab, the
    row to stop before, how many of the ranges are done, and how many there are."""

    pairs: Ints32
    ranges: Ints
    flags: NDArray[np.uint8]
    at: Ints


def room_for(n: int) -> Room:
    """Room for what is asked of ``n`` tracks: all partners of one of them at the least."""
    return Room(
        np.empty((n + _ROOM, 2), np.int32),
        np.empty((_RANGES, 5), np.int64),
        np.zeros((n // _LANES + 2) * _LANES, np.uint8),
        np.zeros(4, np.int64),
    )


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
def _bins(band: int, height: float, slots: int) -> int:
    """How many bins of longitude a band has: in its middle about a quarter as wide as bands are
    high, nowhere more than there are slots."""
    share = (band + 0.5) * height / (2 * EIGHTH) - 1
    return max(1, min(slots, int(4 * 8 * EIGHTH * (1 - share * share) / height)))


@compiled
def _slot(band: int, bin_: int, slots: int) -> int:
    return (band * 40503 + bin_) & (slots - 1)


@compiled
def _asin_high(x: float) -> float:
    """At least asin(x), for x up to 1."""
    return x + 0.571 * x * x * x + 1e-9


@compiled
def _longitudes(x: float, y: float, z: float, angle: float) -> float:
    """How far in longitude a point within an angle of (x, y, z) can be; 4 where anywhere."""
    flat = np.sqrt(x * x + y * y)
    share = angle * np.sqrt(x * x + y * y + z * z) / flat if flat > 0 else 2.0
    return 4.0 if share >= 1 else _asin_high(share)


@compiled
def lay_out(
    series: Floats,
    speed: Floats,
    heights: Floats,
    origin: float,
    middle: float,
    half: float,
    near: float,
) -> Slab:
    """Sort tracks into slots at the time ``middle``, for pairs that come within the chord ``near``
    in the ``half`` before or after. ``origin``: the instant that times of the series count from;
    ``heights`` (n, 4): rows of ``tracks.heights``."""
    n = len(series)
    slots = _FEWEST_SLOTS
    while slots < n:
        slots *= 2
    fastest = 0.0
    for i in range(n):
        fastest = max(fastest, speed[i])
    slack = 0.505 * half * half * fastest * fastest / R_MIN_M + ROUNDED_M
    widest = near + 2 * (fastest * half + slack)
    angle = 2 * _asin_high(min(1.0, widest / (2 * B_M)))
    bands = max(1, min(1 << 22, int(4 * EIGHTH / (1.000001 * angle))))
    height = 4 * EIGHTH / bands
    v, place = np.empty(n), np.empty((6, n))
    cell, slot = np.empty(n, np.int64), np.empty(n, np.int32)
    count = np.zeros(slots + 1, np.int32)
    for i in range(n):
        for axis in range(3):
            k = 6 * axis
            c5, c4, c3 = series[i, k + 5], series[i, k + 4], series[i, k + 3]
            c2, c1 = series[i, k + 2], series[i, k + 1]
            place[axis, i] = (
                (((c5 * middle + c4) * middle + c3) * middle + c2) * middle + c1
            ) * middle + series[i, k]
            place[3 + axis, i] = (
                ((5 * c5 * middle + 4 * c4) * middle + 3 * c3) * middle + 2 * c2
            ) * middle + c1
        x, y, z = place[0, i], place[1, i], place[2, i]
        flat = np.sqrt(x * x + y * y)
        v[i] = _round(x, y)
        latitude = 2 * EIGHTH + (_quarter(flat, z) if z >= 0 else -_quarter(flat, -z))
        band = min(bands - 1, int(latitude / height))
        bins = _bins(band, height, slots)
        bin_ = min(bins - 1, int(v[i] / (8 * EIGHTH) * bins))
        cell[i], slot[i] = (band << 32) + bin_, _slot(band, bin_, slots)
        count[slot[i] + 1] += 1
    for k in range(slots):
        count[k + 1] += count[k]
    columns = np.zeros((11, n + _LANES), np.float32)
    begin, finish = origin + middle - half, origin + middle + half
    row, sorted_cell, around = np.empty(n, np.int32), np.empty(n, np.int64), np.empty((2, n))
    fill = count[:slots].copy()
    for i in range(n):
        to = fill[slot[i]]
        fill[slot[i]] += 1
        row[to], sorted_cell[to], around[0, to] = i, cell[i], v[i]
        own = near + half * (speed[i] + fastest) + 2 * slack
        own = 2 * _asin_high(min(1.0, own / (2 * B_M)))
        around[1, to] = _longitudes(place[0, i], place[1, i], place[2, i], own)
        for k in range(6):
            columns[k, to] = place[k, i]
        columns[6, to] = 0.505 * half * half * speed[i] * speed[i] / R_MIN_M + ROUNDED_M
        falls, climbs = heights[i, 2], heights[i, 3]
        columns[7, to] = heights[i, 0] + min(falls * begin, falls * finish) - ROUNDED_M
        columns[8, to] = heights[i, 1] + max(climbs * begin, climbs * finish) + ROUNDED_M
        columns[9, to], columns[10, to] = falls, climbs
    return Slab(columns, row, sorted_cell, count, around, bands)


@compiled(fused=True)
def _test(
    columns: Floats32,
    i: int,
    begin: int,
    end: int,
    half: np.float32,
    near: np.float32,
    apart: np.float32,
    flags: NDArray[np.uint8],
) -> None:
    """Flag the rows from ``begin`` to ``end`` whose straight path comes near that of row ``i``, in
    place and in height. Without a branch, on plain slices, and clamped by choices (``min`` and
    ``max`` cost five times as much on short runs): the compiler does eight at once."""
    x, y, z = columns[0, i], columns[1, i], columns[2, i]
    vx, vy, vz = columns[3, i], columns[4, i], columns[5, i]
    limit, bottom, top = near + columns[6, i], columns[7, i] - apart, columns[8, i] + apart
    xs, ys, zs = columns[0, begin:end], columns[1, begin:end], columns[2, begin:end]
    us, vs, ws = columns[3, begin:end], columns[4, begin:end], columns[5, begin:end]
    slack, lows, highs = columns[6, begin:end], columns[7, begin:end], columns[8, begin:end]
    tiny = np.float32(1e-12)
    for k in range(end - begin):
        dx, dy, dz = xs[k] - x, ys[k] - y, zs[k] - z
        wx, wy, wz = us[k] - vx, vs[k] - vy, ws[k] - vz
        t = -(dx * wx + dy * wy + dz * wz) / (wx * wx + wy * wy + wz * wz + tiny)
        t = half if t > half else t
        t = -half if t < -half else t
        ex, ey, ez = dx + t * wx, dy + t * wy, dz + t * wz
        bound = limit + slack[k]
        flags[k] = (
            (ex * ex + ey * ey + ez * ez <= bound * bound) & (lows[k] <= top) & (highs[k] >= bottom)
        )


def _test_rows(
    columns: Floats32,
    i: int,
    begin: int,
    end: int,
    half: np.float32,
    near: np.float32,
    apart: np.float32,
    flags: NDArray[np.uint8],
) -> None:
    """The same as ``_test`` by numpy, for where loops are not compiled."""
    rows = columns[:, begin:end]
    d, w = rows[:3] - columns[:3, i, None], rows[3:6] - columns[3:6, i, None]
    t = -(d * w).sum(axis=0) / ((w * w).sum(axis=0) + np.float32(1e-12))
    e = d + np.clip(t, -half, half) * w
    bound = near + columns[6, i] + rows[6]
    flags[: end - begin] = (
        ((e * e).sum(axis=0) <= bound * bound)
        & (rows[7] <= columns[8, i] + apart)
        & (rows[8] >= columns[7, i] - apart)
    )


_tested = _test if IS_COMPILED else _test_rows


@compiled
def _until(over: float, rate: float, apart: float, a: float, b: float) -> tuple[float, float]:
    """The part of [a, b] on which a gap that is ``over`` now, and grows at a ``rate``, is at most
    ``apart``; empty where it begins after it ends."""
    if rate == 0.0:
        return (a, b) if over <= apart else (1.0, 0.0)
    at = (apart - over) / rate
    return (a, min(b, at)) if rate > 0 else (max(a, at), b)


@compiled
def _together(c: Floats32, i: int, j: int, half: float, near: float, apart: float) -> bool:
    """Whether the straight paths of two rows come near each other while both are near in height:
    what ``_test`` asks of each by itself."""
    low_i, high_i = c[7, i] + half * abs(c[9, i]), c[8, i] - half * abs(c[10, i])
    low_j, high_j = c[7, j] + half * abs(c[9, j]), c[8, j] - half * abs(c[10, j])
    a, b = _until(low_i - high_j, c[9, i] - c[10, j], apart, -half, half)
    a, b = _until(low_j - high_i, c[9, j] - c[10, i], apart, a, b)
    if a > b:
        return False
    dx, dy, dz = c[0, j] - c[0, i], c[1, j] - c[1, i], c[2, j] - c[2, i]
    wx, wy, wz = c[3, j] - c[3, i], c[4, j] - c[4, i], c[5, j] - c[5, i]
    t = -(dx * wx + dy * wy + dz * wz) / (wx * wx + wy * wy + wz * wz + 1e-12)
    t = min(b, max(a, t))
    dx, dy, dz = dx + t * wx, dy + t * wy, dz + t * wz
    bound = near + c[6, i] + c[6, j]
    return bool(dx * dx + dy * dy + dz * dz <= bound * bound)


@compiled
def _ranges(slab: Slab, i: int, last: int, found: Ints) -> tuple[int, int]:
    """Where the partners of row ``i`` and of those after it, before ``last``, may stand, each pair
    once: among those sorted after it in its own band, and in all of the next band. Rows of
    ``found`` (m, 5): the row; the range, from and to; the first cell of it, and how many cells are
    asked for from there. How many there are, and the row that had no room any more."""
    cell, first, around, bands = slab.cell, slab.first, slab.around, slab.bands
    slots, height, m = len(first) - 1, 4 * EIGHTH / bands, 0
    while i < last and m + _SPLITS <= len(found):
        own = cell[i] >> 32
        for band in range(own, min(bands, own + 2)):
            bins = _bins(band, height, slots)
            left = int(np.floor((around[0, i] - around[1, i]) / (8 * EIGHTH) * bins - 1e-6))
            right = int(np.floor((around[0, i] + around[1, i]) / (8 * EIGHTH) * bins + 1e-6))
            if right - left + 1 >= bins:
                left, right = 0, bins - 1
            while left <= right:
                # From here as far as bins and slots both rise without going round.
                start = left + bins if left < 0 else left - bins if left >= bins else left
                slot = _slot(band, start, slots)
                run = min(right - left + 1, bins - start, slots - slot)
                begin, end = first[slot], first[slot + run]
                left += run
                if band == own:
                    begin = max(begin, i + 1)
                if begin >= end:
                    continue
                row = found[m]
                row[0], row[1], row[2], row[3], row[4] = i, begin, end, (band << 32) + start, run
                m += 1
        i += 1
    return m, i


@compiled
def _gather(
    slab: Slab,
    ranges: Ints,
    done: int,
    limits: tuple[np.float32, np.float32, np.float32],
    flags: NDArray[np.uint8],
    pairs: Ints32,
    found: int,
) -> tuple[int, int]:
    """Append to ``pairs`` from ``found`` on what is near in the ranges from ``done`` on, until one
    might have no room; how many ranges are done, and how many pairs there are."""
    c, row, cell = slab.columns, slab.row, slab.cell
    half, near, apart = limits
    words = flags.view(np.uint64)
    for r in range(done, len(ranges)):
        i, begin, end, here = ranges[r, 0], ranges[r, 1], ranges[r, 2], ranges[r, 3]
        if found + end - begin > len(pairs):
            return r, found
        whole = begin + (end - begin + _LANES - 1) // _LANES * _LANES
        _tested(c, i, begin, whole, half, near, apart, flags)
        for word in range((end - begin + 7) // 8):
            if words[word] == 0:
                continue
            for j in range(begin + 8 * word, min(begin + 8 * word + 8, end)):
                if (
                    flags[j - begin]
                    and 0 <= cell[j] - here < ranges[r, 4]
                    and _together(c, i, j, float(half), float(near), float(apart))
                ):
                    pairs[found, 0], pairs[found, 1] = row[i], row[j]
                    found += 1
    return len(ranges), found


@compiled(nogil=True)
def candidates(slab: Slab, half: float, near: float, apart: float, room: Room) -> int:
    """Pairs of rows that may come as near as the chord ``near`` and the height ``apart`` within
    ``half`` of the slab's middle, each once: the next ones, so many as ``room.pairs`` then holds,
    and none when there are no more. ``room.at`` says of which rows, and is kept for the next call;
    of two rows the one that comes first counts. The same room is used for all that is asked."""
    ranges, at = room.ranges, room.at
    limits = (np.float32(half), np.float32(near), np.float32(apart))
    row, last, done, count, found = at[0], at[1], at[2], at[3], 0
    while done < count or row < last:
        if done == count:
            (count, row), done = _ranges(slab, row, last, ranges), 0
        done, found = _gather(slab, ranges[:count], done, limits, room.flags, room.pairs, found)
        if done < count:
            break
    at[0], at[2], at[3] = row, done, count
    return found


@compiled
def crowding(states: Floats) -> Floats:
    """How many tracks a track has within 2^k metres, k from 0, on average over a sample."""
    n = len(states)
    counts = np.zeros(_SCALES)
    stride_a, stride_b = max(1, n // _BUSY), max(1, n // _OTHERS)
    sampled = compared = 0
    for i in range(0, n, stride_a):
        sampled += 1
        compared = 0
        for j in range(0, n, stride_b):
            compared += 1
            apart2 = 1.0
            for k in range(3):
                apart2 += (states[i, k] - states[j, k]) ** 2
            scale = (frexp(apart2)[1] + 1) // 2  # 2^scale is that distance, or up to twice it
            counts[min(_SCALES - 1, scale)] += 1
    total = 0.0
    for k in range(_SCALES):
        total += counts[k]
        counts[k] = total * n / (sampled * compared)
    return counts


def near_by(crowd: Floats, reach_m: float) -> float:
    """How many tracks a track has within so many metres, by what ``crowding`` found."""
    return float(np.interp(np.log2(max(1.0, reach_m)), np.arange(_SCALES), crowd))


def slabs_of(crowd: Floats, near_m: float, fastest: float, seconds: float) -> int:
    """Into how many slabs to cut a time, so that sorting again and testing pairs cost least."""
    best, cheapest = 1, np.inf
    for slabs in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64):
        reach_m = near_m + fastest * seconds / slabs
        cost = slabs * (_GROUND_COST + near_by(crowd, 1.5 * reach_m))
        if cost < cheapest:
            best, cheapest = slabs, cost
    return best
