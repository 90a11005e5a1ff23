"""Which pairs of moving points may come near each other within a slab of time: a superset.

Frame: the plane across the direction of a cell's first point, metres: seen from above, nothing is
farther apart than it is. All that may come near a cell is brought there once, by the level of its
least height; within a level, by its place in the slab. Of two points the one that stands first
looks for the other: from the row after its own to the last level that it reaches, and there are
the partners of its height, whatever their climbs.

Within that range, pairs are rejected by straight motion, in float32 rounded outwards: the compiler
makes SIMD of it. Of what is left, those are candidates that are near while they are near in height.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import IS_COMPILED, compiled
from clearline.conflict.fast.lent import lent
from clearline.conflict.fast.vectors import Vec
from clearline.conflict.geodesy import Ints
from clearline.conflict.tracks.cells import (
    BOTTOM,
    CLIMBS,
    FALLS,
    LANES,
    LEVELS,
    REACH,
    ROUNDED_M,
    SLACK,
    TOP,
    VX,
    Floats32,
    Ints32,
    Slab,
    X,
    cells_around,
    level_of,
)

_ROOM: Final = 16_384
"""Candidates that are judged before more are looked for: few enough to stay near the processor."""
_EIGHT: Final = 8
_AXIS: Final = 0.9
_EAST, _NORTH, _TO_EAST, _TO_NORTH, _SLACK, _BOTTOM = range(6)
_CELL, _LAST, _NEXT, _HELD = range(4)


class Around(NamedTuple):
    """What may come near one cell. ``frame``: an origin (3), directions east and north across it (3
    and 3), then of what is in the cell the middle (east and north) and how far from there what may
    come near it is, but for its own reach. ``seen`` (4, n and some): place and velocity east and
    north, in the order of the slab, of all in the cells around it; ``kept``: which of it may come
    near. ``near`` (6, as many): the same of those, by level, with slack and least height, and
    ``who``: which rows they are; ``until``: where each level ends; ``at``: where the cell's own
    rows stand."""

    frame: Floats32
    seen: Floats32
    kept: NDArray[np.uint8]
    who: Ints32
    near: Floats32
    until: Ints
    at: Ints32


class Room(NamedTuple):
    """What ``candidates`` works in, and where it has got to: ``pairs`` (m, 2); ``flags`` for what
    is tested, and ``hits``: where it is so; ``cells`` around one; ``state``: the cell, the cell to
    stop before, which of its rows is next, and how much is around it (0: not known yet)."""

    pairs: Ints32
    around: Around
    flags: NDArray[np.uint8]
    hits: Ints32
    cells: Ints32
    state: Ints


def room_for(n: int) -> Room:
    """Room for what is asked of ``n`` tracks: all partners of one of them at the least."""
    whole = n + 2 * LANES
    around = Around(
        np.zeros(12, np.float32),
        np.zeros((4, whole), np.float32),
        np.zeros(whole, np.uint8),
        np.empty(n, np.int32),
        np.zeros((6, whole), np.float32),
        np.empty(LEVELS, np.int64),
        np.empty(n, np.int32),
    )
    return Room(
        np.empty((n + _ROOM, 2), np.int32),
        around,
        np.zeros((whole // 8 + 1) * 8, np.uint8),
        np.empty(whole, np.int32),
        np.empty(n, np.int32),
        np.zeros(4, np.int64),
    )


@compiled
def _plane(x: float, y: float, z: float) -> tuple[Vec, Vec]:
    """Two directions across that of a point and across each other, of length 1."""
    away = np.sqrt(x * x + y * y + z * z)
    x, y, z = x / away, y / away, z / away
    a, b, c = (-y, x, 0.0) if abs(z) < _AXIS else (0.0, -z, y)
    size = np.sqrt(a * a + b * b + c * c)
    a, b, c = a / size, b / size, c / size
    return (a, b, c), (y * c - z * b, z * a - x * c, x * b - y * a)


@compiled(inline=True, fused=True)
def _see(columns: Floats32, begin: int, end: int, around: Around, to: int) -> None:
    """Bring rows of a slab into the plane, write them from ``to`` on, and which of them may come
    within the frame's limit of its middle."""
    frame, many = around.frame, end - begin
    ox, oy, oz = frame[0], frame[1], frame[2]
    ax, ay, az, bx, by, bz = frame[3], frame[4], frame[5], frame[6], frame[7], frame[8]
    mx, my, limit = frame[9], frame[10], frame[11]
    xs, ys, zs = columns[0, begin:end], columns[1, begin:end], columns[2, begin:end]
    us, vs, ws = columns[3, begin:end], columns[4, begin:end], columns[5, begin:end]
    reach, flags = columns[REACH, begin:end], around.kept[to : to + many]
    easts, norths = around.seen[_EAST, to : to + many], around.seen[_NORTH, to : to + many]
    to_easts = around.seen[_TO_EAST, to : to + many]
    to_norths = around.seen[_TO_NORTH, to : to + many]
    for k in range(many):
        dx, dy, dz = xs[k] - ox, ys[k] - oy, zs[k] - oz
        east, north = ax * dx + ay * dy + az * dz, bx * dx + by * dy + bz * dz
        easts[k], norths[k] = east, north
        to_easts[k] = ax * us[k] + ay * vs[k] + az * ws[k]
        to_norths[k] = bx * us[k] + by * vs[k] + bz * ws[k]
        ex, ey, bound = east - mx, north - my, limit + reach[k]
        flags[k] = ex * ex + ey * ey <= bound * bound


def _see_rows(columns: Floats32, begin: int, end: int, around: Around, to: int) -> None:
    """The same as ``_see`` by numpy, for where loops are not compiled."""
    rows, here, frame = columns[:, begin:end], slice(to, to + end - begin), around.frame
    axes, seen = frame[3:9].reshape(2, 3), around.seen
    seen[:2, here] = axes @ (rows[X : X + 3] - frame[:3, None])
    seen[2:, here] = axes @ rows[VX : VX + 3]
    off = seen[:2, here] - frame[9:11, None]
    around.kept[here] = (off * off).sum(axis=0) <= (frame[11] + rows[REACH]) ** 2


_seen = _see if IS_COMPILED else _see_rows


@compiled(inline=True)
def _by_level(slab: Slab, own: int, around: Around, cells: Ints32, many: int) -> int:
    """Sort what is kept of so many cells around a cell by level; how much that is."""
    kept, until, seen, near, c = around.kept, around.until, around.seen, around.near, slab.columns
    first, level, begin, end = slab.first, slab.level, slab.first[own], slab.first[own + 1]
    until[:] = 0
    k = n = 0
    for cell in range(many):
        for i in range(first[cells[cell]], first[cells[cell] + 1]):
            until[level[i]] += kept[k]
            k += 1
    for at in range(LEVELS):
        until[at], n = n, n + until[at]
    k = 0
    for cell in range(many):
        for i in range(first[cells[cell]], first[cells[cell] + 1]):
            if kept[k]:
                to = until[level[i]]
                until[level[i]] += 1
                if begin <= i < end:
                    around.at[i - begin] = to
                around.who[to] = i
                near[_EAST, to], near[_NORTH, to] = seen[_EAST, k], seen[_NORTH, k]
                near[_TO_EAST, to], near[_TO_NORTH, to] = seen[_TO_EAST, k], seen[_TO_NORTH, k]
                near[_SLACK, to], near[_BOTTOM, to] = c[SLACK, i], c[BOTTOM, i]
            k += 1
    return n


@compiled(inline=True)
def _frame(slab: Slab, own: int, near: float, around: Around) -> tuple[float, float]:
    """Set the frame for what is in a cell; how far from it partners may be now, and how near to the
    axis of the earth it comes, metres."""
    c, frame, seen = slab.columns, around.frame, around.seen
    begin, end = slab.first[own], slab.first[own + 1]
    x, y, z = float(c[0, begin]), float(c[1, begin]), float(c[2, begin])
    a, b = _plane(x, y, z)
    for axis in range(3):
        frame[axis], frame[3 + axis], frame[6 + axis] = c[axis, begin], a[axis], b[axis]
    _seen(c, begin, end, around, 0)
    flat2, reach, west, east, south, north = x * x + y * y, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(end - begin):
        x, y = float(c[0, begin + k]), float(c[1, begin + k])
        flat2, reach = min(flat2, x * x + y * y), max(reach, float(c[REACH, begin + k]))
        west, east = min(west, float(seen[_EAST, k])), max(east, float(seen[_EAST, k]))
        south, north = min(south, float(seen[_NORTH, k])), max(north, float(seen[_NORTH, k]))
    frame[9], frame[10] = (west + east) / 2, (south + north) / 2
    wide, tall = (east - west) / 2, (north - south) / 2
    frame[11] = np.sqrt(wide * wide + tall * tall) + near + reach
    return near + reach + slab.farthest, max(0.0, np.sqrt(flat2) - ROUNDED_M)


@compiled(inline=True)
def _gather(slab: Slab, own: int, near: float, around: Around, cells: Ints32) -> int:
    """Bring all that may come within ``near`` of what is in a cell ``around`` it; how much."""
    first, held = slab.first, 0
    apart, flat = _frame(slab, own, near, around)
    many = cells_around(slab, own, apart, flat, cells)
    k = 0
    while k < many:
        start, k = first[cells[k]], k + 1
        while k < many and cells[k] == cells[k - 1] + 1:
            k += 1
        many_rows = first[cells[k - 1] + 1] - start
        # Some rows more, whose place the next ones take: nothing is left over for a slow loop.
        whole = start + (many_rows + _EIGHT - 1) // _EIGHT * _EIGHT
        _seen(slab.columns, start, whole, around, held)
        held += many_rows
    return _by_level(slab, own, around, cells, many)


@compiled(inline=True, fused=True)
def _test(
    near: Floats32,
    p: int,
    begin: int,
    end: int,
    half: np.float32,
    limit: np.float32,
    top: np.float32,
    flags: NDArray[np.uint8],
) -> None:
    """Flag what stands from ``begin`` to ``end`` whose straight path comes near that of what stands
    at ``p``, and which does not begin above ``top``. Without a branch, on plain slices, and clamped
    by choices (``min`` and ``max`` cost five times as much on short runs): the compiler does eight
    or sixteen at once."""
    x, y, u, v = near[_EAST, p], near[_NORTH, p], near[_TO_EAST, p], near[_TO_NORTH, p]
    limit += near[_SLACK, p]
    xs, ys = near[_EAST, begin:end], near[_NORTH, begin:end]
    us, vs = near[_TO_EAST, begin:end], near[_TO_NORTH, begin:end]
    slack, lows = near[_SLACK, begin:end], near[_BOTTOM, begin:end]
    tiny = np.float32(1e-12)
    for k in range(end - begin):
        dx, dy, wx, wy = xs[k] - x, ys[k] - y, us[k] - u, vs[k] - v
        t = -(dx * wx + dy * wy) / (wx * wx + wy * wy + tiny)
        t = half if t > half else t
        t = -half if t < -half else t
        ex, ey, bound = dx + t * wx, dy + t * wy, limit + slack[k]
        flags[k] = (ex * ex + ey * ey <= bound * bound) & (lows[k] <= top)


def _test_rows(
    near: Floats32,
    p: int,
    begin: int,
    end: int,
    half: np.float32,
    limit: np.float32,
    top: np.float32,
    flags: NDArray[np.uint8],
) -> None:
    """The same as ``_test`` by numpy, for where loops are not compiled."""
    rows = near[:, begin:end]
    d, w = rows[:2] - near[:2, p, None], rows[2:4] - near[2:4, p, None]
    t = -(d * w).sum(axis=0) / ((w * w).sum(axis=0) + np.float32(1e-12))
    e = d + np.clip(t, -half, half) * w
    bound = limit + near[_SLACK, p] + rows[_SLACK]
    flags[: end - begin] = ((e * e).sum(axis=0) <= bound * bound) & (rows[_BOTTOM] <= top)


_tested = _test if IS_COMPILED else _test_rows


@compiled(inline=True)
def _until(over: float, rate: float, apart: float, a: float, b: float) -> tuple[float, float]:
    """The part of [a, b] on which a gap that is ``over`` now, and grows at a ``rate``, is at most
    ``apart``; empty where it begins after it ends. By choices, as they cost less than guesses."""
    at = (apart - over) / (rate if rate != 0 else 1.0)
    ends = at if rate > 0 and at < b else b
    begins = at if rate < 0 and at > a else a
    return begins, -np.inf if rate == 0 and over > apart else ends


@compiled(inline=True)
def _together(
    c: Floats32, i: int, j: int, near: Floats32, p: int, q: int, limits: tuple[float, float, float]
) -> bool:
    """Whether the straight paths of the rows i and j, which stand at p and q, come near each other
    while both are near in height: what ``_test`` asks of each by itself."""
    half, limit, apart = limits
    low_i = c[BOTTOM, i] + half * abs(c[FALLS, i])
    low_j = c[BOTTOM, j] + half * abs(c[FALLS, j])
    high_i = c[TOP, i] - half * abs(c[CLIMBS, i])
    high_j = c[TOP, j] - half * abs(c[CLIMBS, j])
    a, b = _until(low_i - high_j, c[FALLS, i] - c[CLIMBS, j], apart, -half, half)
    a, b = _until(low_j - high_i, c[FALLS, j] - c[CLIMBS, i], apart, a, b)
    dx, dy = near[_EAST, q] - near[_EAST, p], near[_NORTH, q] - near[_NORTH, p]
    wx, wy = near[_TO_EAST, q] - near[_TO_EAST, p], near[_TO_NORTH, q] - near[_TO_NORTH, p]
    t = -(dx * wx + dy * wy) / (wx * wx + wy * wy + 1e-12)
    t = b if t > b else t
    t = a if t < a else t
    dx, dy = dx + t * wx, dy + t * wy
    bound = limit + near[_SLACK, p] + near[_SLACK, q]
    return bool((a <= b) & (dx * dx + dy * dy <= bound * bound))


@compiled(inline=True)
def _search(
    slab: Slab, i: int, p: int, limits: tuple[float, float, float], room: Room, found: int
) -> int:
    """Append to the pairs, after those ``found``, the partners of the row ``i``, which stands at
    ``p`` of what is around its cell; how many pairs there are then."""
    around, flags, hits, row, pairs = room.around, room.flags, room.hits, slab.row, room.pairs
    half, limit, apart = limits
    top = slab.columns[TOP, i] + np.float32(apart)
    begin, end = p + 1, around.until[level_of(float(top), slab.levels)]
    if begin >= end:
        return found
    whole = begin + (end - begin + LANES - 1) // LANES * LANES
    _tested(around.near, p, begin, whole, np.float32(half), np.float32(limit), top, flags)
    flags[end - begin : whole - begin] = 0
    words, many = flags.view(np.uint64), 0
    for word in range((end - begin + 7) // 8):
        if words[word] != 0:
            for k in range(8 * word, 8 * word + 8):
                hits[many] = begin + k
                many += flags[k]
    for k in range(many):
        q = hits[k]
        j = around.who[q]
        pairs[found, 0], pairs[found, 1] = row[i], row[j]
        found += _together(slab.columns, i, j, around.near, p, q, limits)
    return found


@compiled(nogil=True)
def candidates(slab: Slab, half: float, near: float, apart: float, room: Room) -> int:
    """Pairs of tracks that may come as near as the chord ``near`` and the height ``apart`` within
    ``half`` of the slab's middle, each once: the next ones, so many as ``room.pairs`` then holds,
    and none when there are no more. ``room.state`` says of which cells, and is kept for the next
    call; of two rows the one that stands first counts. The same room is used for all that is
    asked."""
    slab, room = lent(slab), lent(room)
    state, around, found = room.state, room.around, 0
    own, row, held, limits = state[_CELL], state[_NEXT], state[_HELD], (half, near, apart)
    while own < state[_LAST]:
        begin, end = slab.first[own], slab.first[own + 1]
        if held == 0:
            held, row = _gather(slab, own, near, around, room.cells), begin
        while row < end and found + held < len(room.pairs):
            found = _search(slab, row, around.at[row - begin], limits, room, found)
            row += 1
        if row < end:
            break
        own, held = own + 1, 0
    state[_CELL], state[_NEXT], state[_HELD] = own, row, held
    return found
