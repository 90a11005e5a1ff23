"""What lies deep in a large polygon is seen to, by what was found out about its neighbours.

A point of which it is known that it is inside, and that no edge is within d of it, says the same of
every point within d: the way there crosses no edge. So one search for the nearest edge of ten
thousand saves the next hundred rows, which lie beside each other, their own. Frame: ECEF, metres.
"""

from math import pi, sin
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.kernel import clearance
from clearline.conflict.fast.packed import CORE, RADIUS, Packed, point
from clearline.conflict.fast.shapes import POLYGON
from clearline.conflict.fast.vectors import Vec
from clearline.conflict.geodesy import NUMERIC_M, R_MIN_M, Floats, Ints

BALLS_MAX: Final = 256
"""Balls that are kept: to look through all of them takes a tenth of a search."""
ROWS_MIN: Final = 64
"""Pieces of a polygon from which on it pays."""
ROWS_NEAR_MIN: Final = 32
"""Rows that may be near it, likewise."""
SMALLEST: Final = 1 / 64
"""A ball that is smaller than this share of the polygon's own sphere is not worth its place."""
COUNT, LAST = range(2)


class Clear(NamedTuple):
    """Balls (n, 4) that lie wholly inside of one polygon: centre, and a radius as a chord.
    ``state``: how many there are, and the last one that held a point."""

    balls: Floats
    state: Ints


@compiled
def nothing_clear(asked: Packed) -> Clear:
    """No balls yet; and no room for any if none of these footprints has so many pieces."""
    most = 0
    for i in range(len(asked.kind)):
        if asked.kind[i, 0] == POLYGON:
            most = max(most, asked.first[i + 1, 0] - asked.first[i, 0])
    return Clear(np.empty((BALLS_MAX if most >= ROWS_MIN else 0, 4)), np.zeros(2, np.int64))


@compiled
def pays(clear: Clear, asked: Packed, i: int, candidates: int) -> bool:
    """Whether footprint ``i`` is so large, and has so many near it, that balls are kept for it."""
    rows = asked.first[i + 1, 0] - asked.first[i, 0]
    return bool(
        len(clear.balls) > 0
        and asked.kind[i, 0] == POLYGON
        and rows >= ROWS_MIN
        and candidates >= ROWS_NEAR_MIN
    )


@compiled
def _holds(ball: Floats, q: Vec) -> bool:
    x, y, z = q[0] - ball[0], q[1] - ball[1], q[2] - ball[2]
    return bool(x * x + y * y + z * z < ball[3] * ball[3])


@compiled
def is_clear(clear: Clear, q: Vec) -> bool:
    """Whether a point lies in one of the balls, and so surely inside."""
    count, last = clear.state[COUNT], clear.state[LAST]
    if count > 0 and _holds(clear.balls[last], q):
        return True
    for k in range(count):
        if _holds(clear.balls[k], q):
            clear.state[LAST] = k
            return True
    return False


@compiled
def learn(clear: Clear, a: Packed, i: int, b: Packed, j: int, apart_m: float) -> None:
    """Keep a ball around the first point of ``b[j]``, which comes within ``apart_m`` of ``a[i]``,
    if it lies deep inside: it does if the edges are farther apart than that, and the other is too
    small to hold the polygon."""
    count, reach = clear.state[COUNT], a.solid[i, CORE]
    if count == len(clear.balls) or 2 * b.solid[j, CORE] >= reach:
        return
    least = SMALLEST * reach
    low_m = clearance(a, i, b, j, least) - 2 * NUMERIC_M
    if low_m <= max(least, apart_m + b.solid[j, RADIUS]):
        return
    # A geodesic over a chord of this length is no longer than that (B1).
    chord_m = 2 * R_MIN_M * sin(min(low_m / (2 * R_MIN_M), pi / 2))
    q = point(b, b.first[j, 0])
    ball = clear.balls[count]
    ball[0], ball[1], ball[2], ball[3] = q[0], q[1], q[2], chord_m - NUMERIC_M
    clear.state[COUNT] = count + 1
