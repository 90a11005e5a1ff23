"""When a moving point is in a footprint: by steps that cannot pass a boundary unseen.

Frame: ECEF, metres; seconds on the clock of the track's series. A point that is m metres from a
boundary stays on its side of it for m metres of its path, and for more where the path does not lead
straight there: how much more is known of every piece (``free_m``). Near the boundary (EDGE_M, and
what a chord leaves open of a large radius) it may be on either side: that time is in doubt, and the
next step is as long as EDGE_M takes. Every instant is thus surely in, surely out or in doubt.
Distances to edges are those to their chords, give or take their bulge, and where that matters to
halves of them, by their own meaning, until it does not.
"""

from math import sin, sqrt
from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.curves import LONG_M, STRETCH, at, curve_of
from clearline.conflict.fast.packed import RADIUS, WHOLE, Packed, far_end, point
from clearline.conflict.fast.shapes import POLYGON
from clearline.conflict.fast.sides import INSIDE, OUTSIDE, side_of_point
from clearline.conflict.fast.vectors import Vec, dot, size, unit
from clearline.conflict.geodesy import NUMERIC_M, R_LOW_M, R_MIN_M, Floats
from clearline.conflict.tracks.motion import JERK, evaluate
from clearline.conflict.tracks.solve import nearer

EDGE_M: Final = 0.05
STEPS_MAX: Final = 8_000
"""A path of 40 km along an edge, 5 m from it; beyond, the rest of the time is in doubt. Ten
milliseconds: a convoy that keeps to the edge of a volume must not hold up the alarms of others."""
STAYS_MAX: Final = 64
"""Stays of one track in one footprint; more are one, in doubt."""
BENT: Final = 0.505 / R_MIN_M
"""A path leaves its tangent by at most this times the square of its length, metres."""
TINY_M: Final = 1e-9
_DEEP: Final = 40


@compiled
def to_foot(q: Vec, a: Vec, b: Vec) -> Vec:
    """From a point to the nearest one of a straight piece."""
    dx, dy, dz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    rx, ry, rz = q[0] - a[0], q[1] - a[1], q[2] - a[2]
    length2 = dx * dx + dy * dy + dz * dz
    t = (rx * dx + ry * dy + rz * dz) / length2 if length2 > 0 else 0.0
    t = min(1.0, max(0.0, t))
    return (t * dx - rx, t * dy - ry, t * dz - rz)


@compiled
def _to_chord(q: Vec, a: Vec, b: Vec) -> float:
    """Distance of a point from a straight piece."""
    return size(to_foot(q, a, b))


@compiled
def free_m(gap: float, closing: float) -> float:
    """How far a point can go before it has come nearer to a straight piece by ``gap``, if the way
    to its foot on the piece and the way that it takes have the cosine ``closing``.

    All of the piece lies beyond the plane through its foot across the way to it: straight on, the
    distance shrinks by no more than ``closing`` times the way; and the path leaves its tangent by
    at most L^2 / (2 R_MIN) after L metres.
    """
    if gap <= 0:
        return 0.0
    return max(gap, 2 * gap / (closing + sqrt(closing * closing + 4 * BENT * gap)))


@compiled
def held_m(apart: float, closing: float, reach: float) -> float:
    """How far a point ``apart`` from another can go and surely stay within ``reach`` of it; the
    cosine as for ``free_m``: as far as a straight path would, less what it bends until there."""
    least, ahead = max(0.0, reach - apart), apart * closing
    inside = ahead * ahead + reach * reach - apart * apart
    if reach < apart or inside < 0:
        return least
    left = reach - BENT * (ahead + sqrt(inside)) ** 2
    inside = ahead * ahead + left * left - apart * apart
    if left < apart or inside < 0:
        return least
    return max(least, ahead + sqrt(inside))


@compiled
def _loose_m(apart: float, radius: float) -> float:
    """How wide bounds of a distance may be that is compared with a radius: what EDGE_M needs, or a
    share of how far the doubt about the boundary is away."""
    return max(EDGE_M / 5, 0.4 * (abs(apart - radius) - EDGE_M))


@compiled
def _to_curve(
    p: Packed, row: int, edge: int, q: Vec, known: float, radius: float
) -> tuple[float, float]:
    """Bounds of the distance of a point from the piece at a row, as near to each other as
    ``_loose_m`` asks, as far as it may be nearer than ``known``."""
    c = curve_of(p, row, edge)
    bend = np.hypot(1 / R_MIN_M, np.float64(p.span[row, 2]))
    stack = np.empty((_DEEP, 2))
    stack[0, 0], stack[0, 1] = 0.0, 1.0
    held, low, high = 1, known, known
    while held > 0:
        held -= 1
        t0, t1 = stack[held, 0], stack[held, 1]
        length = min(1.0, (t1 - t0) * STRETCH) * c.length
        bulge = min(bend * length * length / 8, length / 2) + 2 * c.astray
        apart = _to_chord(q, at(c, t0)[0], at(c, t1)[0])
        high = min(high, apart + bulge)
        if apart - bulge >= low:
            continue
        if 2 * bulge <= _loose_m(apart, radius) or held + 2 > _DEEP:
            low = max(0.0, apart - bulge)
            continue
        middle = (t0 + t1) / 2
        stack[held, 0], stack[held, 1] = t0, middle
        stack[held + 1, 0], stack[held + 1, 1] = middle, t1
        held += 2
    return low, high


@compiled
def to_boundary(
    p: Packed, i: int, q: Vec, way: Vec, least: Floats
) -> tuple[float, float, float, float]:
    """Bounds of the straight distance of a point from the core's edges of footprint ``i``, to be
    compared with its radius; and how far it can go on its ``way`` (of length 1) until it may be as
    near as that radius, and how far it surely stays so near, if it is.

    ``least``: for each row a distance that the point is surely away from the piece there; what is
    found out is written to it.
    """
    radius = p.solid[i, RADIUS]
    may_m = 2 * R_LOW_M * sin(min(radius / (2 * R_LOW_M), np.pi / 2)) + NUMERIC_M
    first, last = p.first[i, 0], p.first[i + 1, 0]
    row = first + int(np.argmin(least))
    foot, bulge = to_foot(q, point(p, row), far_end(p, row)), np.float64(p.span[row, 1])
    low, high, free = np.inf, float(size(foot) + bulge), np.inf
    for row in range(first, last):
        if least[row - first] <= high or least[row - first] - may_m < free:
            to, wide = to_foot(q, point(p, row), far_end(p, row)), np.float64(p.span[row, 1])
            apart = size(to)
            least[row - first] = apart - wide
            free = min(free, free_m(apart - wide - may_m, dot(way, to) / max(apart, TINY_M)))
            low = min(low, apart - wide)
            if apart + wide < high:
                high, foot, bulge = apart + wide, to, wide
    sure_m = 2 * R_MIN_M * sin(min(radius / (2 * R_MIN_M), np.pi / 2)) - NUMERIC_M
    apart = size(foot)
    held = held_m(apart, dot(way, foot) / max(apart, TINY_M), sure_m - bulge)
    if high - low <= _loose_m((low + high) / 2, radius):
        return max(0.0, low), high, free, held
    near, edge = high, p.kind[i, 1]
    for row in range(first, last):
        if least[row - first] < near and p.span[row, 0] <= LONG_M:
            near = min(near, _to_curve(p, row, edge, q, near, radius)[1])
    low = near
    for row in range(first, last):
        if least[row - first] < low:
            if p.span[row, 0] > LONG_M:
                low = max(0.0, least[row - first])
            else:
                low = min(low, _to_curve(p, row, edge, q, low, radius)[0])
    return low, near, max(free, low - may_m), max(held, sure_m - near)


@compiled
def _all_rows(p: Packed, i: int) -> Floats:
    """For every row of a footprint that nothing is known yet of how far its piece is; infinity
    where none starts."""
    first, last = p.first[i, 0], p.first[i + 1, 0]
    least = np.empty(last - first)
    for row in range(first, last):
        least[row - first] = -np.inf if p.span[row, 0] >= 0 else np.inf
    return least


@compiled
def _where(p: Packed, i: int, q: Vec, way: Vec, side: int, least: Floats) -> tuple[int, float]:
    """INSIDE, OUTSIDE, or 0 in doubt, and how many metres it stays so on its way; ``side``: that
    of a polygon if it is known already, else 0."""
    low, high, free, held = to_boundary(p, i, q, way, least)
    if p.kind[i, 0] == POLYGON:
        if low <= EDGE_M:
            return 0, 0.0
        if side == 0:
            side = side_of_point(p, i, q)
        return side, free
    radius = p.solid[i, RADIUS]
    may_m = 2 * R_LOW_M * sin(min(radius / (2 * R_LOW_M), np.pi / 2))
    sure_m = 2 * R_MIN_M * sin(min(radius / (2 * R_MIN_M), np.pi / 2))
    if low > may_m + EDGE_M:
        return OUTSIDE, free
    if high < sure_m - EDGE_M:
        return INSIDE, held
    return 0, 0.0


@compiled
def stays(
    p: Packed, i: int, series: Floats, speed: float, start: float, end: float, found: Floats
) -> int:
    """When a track may be in footprint ``i`` between two instants, and when it surely is.

    Rows of ``found`` (STAYS_MAX, 4): it may be in from the first to the second; it surely is from
    the third to the fourth, the longest such time (third above fourth: never surely). How many.
    """
    d = series.copy()
    for axis in range(3):
        d[6 * axis] -= p.solid[i, axis]
    # Beyond the sphere around it is outside, and is not looked at by steps.
    reach = p.solid[i, WHOLE] + EDGE_M
    meets, first, last, _, _ = nearer(d, start, end, reach, JERK * speed**3)
    if not meets:
        return 0
    start, end = max(start, first), min(end, last)
    n, t, side = 0, start, 0
    entered, run, best0, best1 = np.inf, np.inf, np.inf, -np.inf
    least, state = _all_rows(p, i), np.empty(6)
    for step in range(STEPS_MAX + 1):
        evaluate(series, t, state)
        q = (state[0], state[1], state[2])
        way = unit((state[3], state[4], state[5]))
        where, margin = _where(p, i, q, way, side, least)
        side = where
        if step == STEPS_MAX or (n == STAYS_MAX - 1 and where != OUTSIDE):
            entered, where, margin, t = min(entered, t), 0, 0.0, end
        until = end if speed == 0.0 else min(end, t + max(margin, EDGE_M) / speed)
        if where == OUTSIDE:
            if entered < np.inf:
                found[n, 0], found[n, 1], found[n, 2], found[n, 3] = entered, t, best0, best1
                n += 1
            entered, run, best0, best1 = np.inf, np.inf, np.inf, -np.inf
        else:
            entered = min(entered, t)
            run = min(run, t) if where == INSIDE else np.inf
            if where == INSIDE and until - run > best1 - best0:
                best0, best1 = run, until
        if t >= end or (until >= end and where == OUTSIDE):
            break
        if until >= end and speed == 0.0:
            break
        least -= speed * (until - t) + NUMERIC_M  # no piece has come nearer by more
        t = until
    if entered < np.inf:
        found[n, 0], found[n, 1], found[n, 2], found[n, 3] = entered, end, best0, best1
        n += 1
    return n
