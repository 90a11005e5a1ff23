"""Which of the pairs that may come near each other lose separation, or may: lane by lane.

A pair is near in height for one interval of time, since both rates are constant; within it,
``lanes`` tells when it is near on the map, or ``solve`` where that cannot. Metres, seconds.
"""

from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.lent import lent
from clearline.conflict.geodesy import Floats, Ints
from clearline.conflict.tracks.cells import Ints32
from clearline.conflict.tracks.heights import EXACT, Heights
from clearline.conflict.tracks.lanes import (
    AWAY,
    BEST,
    END,
    FIRST,
    JERK_AT,
    LANES,
    LAST,
    LEAST,
    OPEN,
    SIZE,
    START,
    STATE,
    solve_lanes,
)
from clearline.conflict.tracks.motion import JERK, TERMS, geodesic_m, place_at
from clearline.conflict.tracks.solve import nearer

SURE, HEIGHT_OPEN, LATERAL_OPEN = 1, 2, 3
COLUMNS: Final = 7
Spans = tuple[float, float, float, float]


class Asked(NamedTuple):
    """What is asked of pairs of tracks. ``series`` and ``speed`` of each, its ``heights``;
    ``when``: the slab from and to, and the part of the look-ahead that the series are for, from and
    to, in seconds from now; ``limits``: sure and possible chord, vertical minimum, look-ahead."""

    series: Floats
    speed: Floats
    heights: Heights
    when: Floats
    limits: Floats


@compiled(inline=True)
def _below(e0: float, e1: float, limit: float, start: float, end: float) -> tuple[float, float]:
    """The part of [start, end] on which e0 + e1 t < limit; empty where start > end. By choices:
    whether two climb is anybody's guess, and a wrong guess costs more than the quotient."""
    at = (limit - e0) / (e1 if e1 != 0.0 else 1.0)
    before = at if e1 > 0.0 and at < end else end
    after = at if e1 < 0.0 and at > start else start
    return after, -np.inf if e1 == 0.0 and e0 >= limit else before


@compiled(inline=True)
def _height(h: Heights, i: int, alike: bool) -> Spans:
    """The height of a track, as stated or above the ellipsoid: a row of ``Heights``."""
    if alike:
        return h.stated[i, 0], h.stated[i, 1], h.stated[i, 2], h.stated[i, 3]
    return h.bounds[i, 0], h.bounds[i, 1], h.bounds[i, 2], h.bounds[i, 3]


@compiled(inline=True)
def _level(
    h: Heights, i: int, j: int, apart: float, start: float, end: float
) -> tuple[float, float, float, float]:
    """When two tracks may be nearer in height than ``apart``, and when they surely are."""
    alike = h.ref[i] == h.ref[j] and EXACT[h.ref[i]]
    low_i, high_i, falls_i, climbs_i = _height(h, i, alike)
    low_j, high_j, falls_j, climbs_j = _height(h, j, alike)
    a, b = _below(low_i - high_j, falls_i - climbs_j, apart, start, end)
    a, b = _below(low_j - high_i, falls_j - climbs_i, apart, a, b)
    c, d = _below(high_i - low_j, climbs_i - falls_j, apart, a, b)
    c, d = _below(high_j - low_i, climbs_j - falls_i, apart, c, d)
    return a, b, c, d


@compiled
def _code(w: Floats, lane: int, d: Floats, least: float, sure_m: float, level: Spans) -> int:
    """Whether a pair that may lose separation surely does: there is an instant at which it is
    surely near in both. ``level``: when it may be and when it surely is near in height, on the
    clock of the series."""
    if least >= sure_m * sure_m:
        return LATERAL_OPEN
    a, b, c, e = level
    if c <= a and e >= b:
        return SURE
    if c <= e:
        for m in range(TERMS):
            d[m] = w[m * LANES + lane]
        meets, _, _, _, inner = nearer(d, c, e, sure_m, w[JERK_AT + lane])
        if meets and inner < sure_m * sure_m:
            return SURE
    return HEIGHT_OPEN


@compiled(inline=True)
def _load(
    asked: Asked, pairs: Ints32, first: int, last: int, w: Floats, rows: Ints, levels: Floats
) -> tuple[int, int]:
    """Fill lanes with pairs that may be near in height while this slab lasts, from the pair
    ``first`` on: how many lanes, and the pair to go on with. ``rows``: whose lanes they are, the
    lesser first; ``levels``: the spans of ``_level``."""
    series, speed = asked.series, asked.speed
    begin, finish, origin, end = asked.when[0], asked.when[1], asked.when[2], asked.when[3]
    n = 0
    while first < last and n < LANES:
        i, j = min(pairs[first, 0], pairs[first, 1]), max(pairs[first, 0], pairs[first, 1])
        first += 1
        a, b, c, e = _level(asked.heights, i, j, asked.limits[2], origin, end)
        if a > b or a > finish or b < begin:
            continue
        for m in range(TERMS):
            w[m * LANES + n] = series[i, m] - series[j, m]
        w[START + n], w[END + n] = a - origin, b - origin
        w[JERK_AT + n] = JERK * (speed[i] ** 3 + speed[j] ** 3)
        rows[n, 0], rows[n, 1] = i, j
        levels[n, 0], levels[n, 1] = a - origin, b - origin
        levels[n, 2], levels[n, 3] = c - origin, e - origin
        n += 1
    return n, first


@compiled
def _unlike_others(w: Floats, lane: int, d: Floats, may_m: float) -> Spans:
    """``nearer`` for a lane that is left open: first and last instant (the last before the first if
    there is none), the nearest one, and |d|^2 there."""
    for m in range(TERMS):
        d[m] = w[m * LANES + lane]
    meets, first, last, best, least = nearer(
        d, w[START + lane], w[END + lane], may_m, w[JERK_AT + lane]
    )
    return (first, last, best, least) if meets else (1.0, 0.0, best, least)


@compiled(nogil=True)
def judged(asked: Asked, pairs: Ints32, count: int, found: Floats, n: int) -> int:
    """Append to ``found`` (which has room for them), after its first ``n`` rows, those of the first
    ``count`` pairs that lose separation, or may, and first do so in this slab: rows (a, b, code,
    entry, exit, closest, lateral distance there). How many rows there are then."""
    asked, pairs, found = lent(asked), lent(pairs), lent(found)
    series, when, limits = asked.series, asked.when, asked.limits
    begin, finish, origin, end = when[0], when[1], when[2], when[3]
    sure_m, may_m, ahead = limits[0], limits[1], limits[3]
    w, rows, levels = np.empty(SIZE), np.empty((LANES, 2), np.int64), np.empty((LANES, 4))
    d, done = np.empty(TERMS), 0
    while done < count:
        lanes, done = _load(asked, pairs, done, count, w, rows, levels)
        solve_lanes(w, lanes, may_m)
        for k in range(lanes):
            if w[STATE + k] == AWAY:
                continue
            first, last, best, least = w[FIRST + k], w[LAST + k], w[BEST + k], w[LEAST + k]
            if w[STATE + k] == OPEN:
                first, last, best, least = _unlike_others(w, k, d, may_m)
            if first > last:
                continue
            first, last = first + origin, last + origin
            if (first < begin and begin > origin) or (first >= finish and finish < end):
                continue  # another slab has it
            level = (levels[k, 0], levels[k, 1], levels[k, 2], levels[k, 3])
            i, j, row = rows[k, 0], rows[k, 1], found[n]
            code = _code(w, k, d, least, sure_m, level)
            own, other = place_at(series[i], best), place_at(series[j], best)
            row[0], row[1], row[2] = i, j, code
            row[3], row[4] = max(first, 0.0), np.inf if last >= ahead else last
            row[5], row[6] = best + origin, geodesic_m(own, other)
            n += 1
    return n
