"""The lateral distance of two packed footprints, as bounds, in microseconds.

The steps, each with its own proof in ``docs/conflict-bounds.md``: spheres; balls over rows; chords
of pieces less their bulges (B1, B2); then pieces are cut in halves, each pair of parts bounded by
the geodesic between the two points where its chords are nearest, the slope there, and how much the
distance can bend (B8). A bound that a limit on work leaves wide is wide, never wrong; the answer is
then OPEN, and the plain path settles it.
Frame: ECEF, metres. Distances are those of the cores; radii are added to the threshold.
"""

from math import hypot, inf, sqrt
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.curves import (
    LONG_M,
    STRETCH,
    Curve,
    at,
    belts_apart,
    cross_surely,
    curve_of,
    lean,
    segments,
)
from clearline.conflict.fast.earth import arc_high_one, arc_low_one, chord_one, second_variation_one
from clearline.conflict.fast.geodesics import FAR_M, measure
from clearline.conflict.fast.packed import (
    BRANCH,
    CORE,
    HEART,
    RADIUS,
    Packed,
    children,
    far_end,
    node,
    point,
    rows_below,
    tree_of,
)
from clearline.conflict.fast.shapes import DISC, POLYGON
from clearline.conflict.fast.sides import EDGE, INSIDE, OUTSIDE, side_of_point
from clearline.conflict.fast.vectors import Vec, dot, minus, size
from clearline.conflict.geodesy import NUMERIC_M, R_MIN_M, Floats, Ints

NO: Final = -1
YES: Final = 1
OPEN: Final = 0
RESOLUTION_M: Final = 0.001
"""Bounds nearer to each other than this are not narrowed."""
HALVES_MAX: Final = 4_000
"""Pairs of parts that one question may look at, about 2 ms; then bounds stay as they are."""
LEAVES_MAX: Final = 20_000_000
"""Pairs of pieces that one question may look at, a second; the rest are as near as their balls."""
_BOXES: Final = 96
_NODES: Final = 512
_PROBES: Final = 8


class Goal(NamedTuple):
    """What is asked of two cores, as ``separation.Goal``: the threshold between them, with both
    radii, and those radii, metres; how near to each other bounds may stay, metres and a share of
    the distance of the footprints."""

    threshold: float
    radii: float
    loose_m: float
    loose_share: float


@compiled
def _done(low: float, high: float, goal: Goal) -> bool:
    """Whether a part of the whole need not be narrowed: it cannot hold the nearest pair, or the
    bounds leave the threshold outside and are near enough to each other."""
    if high - low <= RESOLUTION_M:
        return True
    if low > goal.threshold or high <= goal.threshold:
        return high - low <= max(goal.loose_m, goal.loose_share * (high - goal.radii))
    return False


@compiled
def _fall(slope: float, back: float, ahead: float, bend: float) -> float:
    """How far a function can fall below its value at a point of an interval, given its slope there
    and that its second derivative is nowhere below ``-bend``."""
    return max(
        0.0, slope * back + bend * back * back / 2, -slope * ahead + bend * ahead * ahead / 2
    )


@compiled
def _parts(a: Curve, b: Curve, box: Floats, high: float) -> tuple[float, float, float, float]:
    """Bounds of the distance of two parts of pieces (B1, B2, B8, B18), t from ``box[0]`` to
    ``box[1]`` of the one and from ``box[2]`` to ``box[3]`` of the other, and where they are nearest
    by their chords."""
    t0, t1, u0, u1 = box[0], box[1], box[2], box[3]
    p0, p1, q0, q1 = at(a, t0)[0], at(a, t1)[0], at(b, u0)[0], at(b, u1)[0]
    run_a, run_b = (t1 - t0) * a.length * STRETCH, (u1 - u0) * b.length * STRETCH
    bend_a, bend_b = hypot(1 / R_MIN_M, a.kappa), hypot(1 / R_MIN_M, b.kappa)
    bulge = bend_a * run_a * run_a / 8 + bend_b * run_b * run_b / 8
    astray = a.astray + b.astray
    straight, s, t = segments(p0, p1, q0, q1)
    low = max(arc_low_one(max(straight - bulge - astray, 0.0)), belts_apart(a, b, box))
    s, t = t0 + s * (t1 - t0), u0 + t * (u1 - u0)
    if low >= high:
        return low, high, s, t
    if straight <= bulge:
        lean_a, lean_b = lean(run_a, a.kappa, a.astray), lean(run_b, b.kappa, b.astray)
        if cross_surely(p0, p1, lean_a, q0, q1, lean_b):
            return 0.0, 0.0, s, t
    p, along_a = at(a, s)
    q, along_b = at(b, t)
    if size(minus(q, p)) < 0.01:  # too near for a direction
        return low, min(high, arc_high_one(size(minus(q, p)) + astray)), s, t
    f_low, f_high, level_p, level_q, off = measure(p, q)
    farthest = f_high + run_a + run_b
    if farthest < FAR_M:
        bend = second_variation_one(farthest)
        back, ahead = (s - t0) * a.length * STRETCH, (t1 - s) * a.length * STRETCH
        slope = -dot(level_p, along_a)
        fall = _fall(slope, back, ahead, bend + a.kappa) + off * max(back, ahead)
        back, ahead = (t - u0) * b.length * STRETCH, (u1 - t) * b.length * STRETCH
        slope = dot(level_q, along_b)
        fall += _fall(slope, back, ahead, bend + b.kappa) + off * max(back, ahead)
        low = max(low, f_low - fall - astray)
    return low, min(high, f_high + astray), s, t


@compiled
def _narrow(
    a: Curve,
    b: Curve,
    high: float,
    goal: Goal,
    boxes: Floats,
    left: int,
) -> tuple[float, float, int]:
    """Bounds of the distance of two pieces as narrow as the goal asks (or as ``left`` pairs of
    parts allow); the upper one for all that was seen so far. Boxes: t0, t1, u0, u1, low."""
    boxes[0, 0], boxes[0, 1], boxes[0, 2], boxes[0, 3], boxes[0, 4] = 0.0, 1.0, 0.0, 1.0, 0.0
    depth, bottom = 1, inf
    # Cut is the part that bulges more: a short one that bends sharply leaves as much open as a
    # long one that hardly does.
    bulky_a = sqrt(hypot(1 / R_MIN_M, a.kappa)) * a.length
    bulky_b = sqrt(hypot(1 / R_MIN_M, b.kappa)) * b.length
    while depth > 0:
        depth -= 1
        before = boxes[depth, 4]
        if left <= 0 or depth + 2 > _BOXES or _done(before, high, goal):
            bottom = min(bottom, before)
            continue
        left -= 1
        low, high, s, t = _parts(a, b, boxes[depth], high)
        if high == 0.0:
            return 0.0, 0.0, left
        low = max(low, before)
        if _done(low, high, goal):
            bottom = min(bottom, low)
            continue
        t0, t1, u0, u1 = boxes[depth, 0], boxes[depth, 1], boxes[depth, 2], boxes[depth, 3]
        of_a = (t1 - t0) * bulky_a >= (u1 - u0) * bulky_b
        middle = (t0 + t1) / 2 if of_a else (u0 + u1) / 2
        nearer_first = s < middle if of_a else t < middle
        first, second = (depth + 1, depth) if nearer_first else (depth, depth + 1)
        for k in range(2):
            row = boxes[depth + k]
            row[0], row[1], row[2], row[3], row[4] = t0, t1, u0, u1, low
        if of_a:
            boxes[first, 1], boxes[second, 0] = middle, middle
        else:
            boxes[first, 3], boxes[second, 2] = middle, middle
        depth += 2
    return bottom, high, left


@compiled
def _suffices(high: float, goal: Goal) -> bool:
    """Whether all that is asked is whether they come within the threshold, and they do."""
    return high <= goal.threshold and goal.loose_m == inf


@compiled
def _clear(goal: Goal) -> float:
    """The chord beyond which pieces are surely farther apart than the threshold, where that is all
    that is asked; infinity where distances are to be told as well (B1)."""
    if goal.loose_m < inf:
        return inf
    return chord_one(goal.threshold + 2 * NUMERIC_M)


@compiled
def _middle(a: Vec, b: Vec) -> Vec:
    """The point half way between two."""
    return ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2)


@compiled
def _rows(
    a: Packed,
    b: Packed,
    rows: tuple[int, int, int, int],
    ball: tuple[Vec, float],
    edges: tuple[int, int],
    bounds: tuple[float, float],
    goal: Goal,
    boxes: Floats,
    left: int,
) -> tuple[float, float, int]:
    """The pieces that start at rows ``rows[0]`` to ``rows[1]`` of the one against ``rows[2]`` to
    ``rows[3]`` of the other, which lie in a ball; ``bounds`` of what was seen so far."""
    bottom, high = bounds
    clear, skipped, nearest = _clear(goal), inf, inf
    centre, reach = ball
    for k in range(rows[0], rows[1]):
        length_a = np.float64(a.span[k, 0])
        if length_a < 0:
            continue
        p0, p1 = point(a, k), far_end(a, k)
        half = _middle(p0, p1)
        gap = size(minus(half, centre)) - length_a / 2 - reach
        if gap > clear:
            skipped = min(skipped, gap)
            continue
        bulge_a = np.float64(a.span[k, 1])
        for m in range(rows[2], rows[3]):
            length_b = np.float64(b.span[m, 0])
            if length_b < 0:
                continue
            q0, q1 = point(b, m), far_end(b, m)
            gap = size(minus(half, _middle(q0, q1))) - (length_a + length_b) / 2
            if gap > clear:
                skipped = min(skipped, gap)
                continue
            straight, _, _ = segments(p0, p1, q0, q1)
            bulge = bulge_a + np.float64(b.span[m, 1])
            if straight - bulge > clear:
                skipped = min(skipped, straight - bulge)
                continue
            if straight < NUMERIC_M and (p0 in (q0, q1) or p1 in (q0, q1)):
                return 0.0, 0.0, left
            if straight + bulge < nearest:
                nearest = straight + bulge
                high = min(high, arc_high_one(nearest))
                if _suffices(high, goal):
                    return 0.0, high, left
            low = arc_low_one(max(straight - bulge, 0.0))
            if not _done(low, high, goal) and max(length_a, length_b) <= LONG_M:
                curve_a, curve_b = curve_of(a, k, edges[0]), curve_of(b, m, edges[1])
                narrow, high, left = _narrow(curve_a, curve_b, high, goal, boxes, left)
                if high == 0.0:
                    return 0.0, 0.0, left
                low = max(low, narrow)
            bottom = min(bottom, low)
    if skipped < inf:
        bottom = min(bottom, arc_low_one(skipped))
    return bottom, high, left


@compiled
def _place_for(gap: float, nodes: Ints, gaps: Floats, base: int, depth: int) -> int:
    """Make room for one more pair of nodes in [base, depth]: farthest first, so that the nearest is
    taken next."""
    place = depth
    while place > base and gaps[place - 1] < gap:
        gaps[place] = gaps[place - 1]
        for n in range(4):
            nodes[place, n] = nodes[place - 1, n]
        place -= 1
    gaps[place] = gap
    return place


@compiled
def _curves_apart(
    a: Packed, i: int, b: Packed, j: int, goal: Goal, high: float
) -> tuple[float, float]:
    """Bounds of the distance of two footprints' chains of pieces, by pairs of balls over their
    rows, the nearest first; of two balls the higher in its tree is opened."""
    one, other, boxes = tree_of(a, i), tree_of(b, j), np.empty((_BOXES, 5))
    edges = (a.kind[i, 1], b.kind[j, 1])
    left, leaves, bottom = HALVES_MAX, 0, inf
    clear, skipped, nearest = _clear(goal), inf, inf
    if one.top == 0 and other.top == 0:
        rows, ball = rows_below(one, 0) + rows_below(other, 0), node(other, 1, 0)
        bottom, high, _ = _rows(a, b, rows, ball, edges, (inf, high), goal, boxes, left)
        return min(bottom, high), high
    nodes, gaps = np.empty((_NODES, 4), np.int64), np.empty(_NODES)
    nodes[0, 0], nodes[0, 1], nodes[0, 2], nodes[0, 3] = one.top + 1, 0, other.top + 1, 0
    gaps[0], depth = 0.0, 1
    while depth > 0:
        depth -= 1
        la, ka, lb, kb = nodes[depth, 0], nodes[depth, 1], nodes[depth, 2], nodes[depth, 3]
        is_leaf = la == 1 and lb == 1
        is_full = leaves > LEAVES_MAX if is_leaf else depth + BRANCH > _NODES
        if is_full or _done(gaps[depth], high, goal):
            bottom = min(bottom, gaps[depth])
            continue
        if is_leaf:
            leaves += BRANCH * BRANCH
            rows, ball = rows_below(one, ka) + rows_below(other, kb), node(other, 1, kb)
            bottom, high, left = _rows(a, b, rows, ball, edges, (bottom, high), goal, boxes, left)
            if high == 0.0 or _suffices(high, goal):
                return 0.0, high
            continue
        of_a = lb == 1 or (la > 1 and la >= lb)
        opened, level, above = (one, la - 1, ka) if of_a else (other, lb - 1, kb)
        whole, whole_m = node(other, lb, kb) if of_a else node(one, la, ka)
        start, end = children(opened, level, above)
        base = depth
        for k in range(start, end):
            centre, reach = node(opened, level, k)
            between, both = size(minus(centre, whole)), reach + whole_m
            if between - both > clear:
                skipped = min(skipped, between - both)
                continue
            if 1.0 < between + both < nearest:  # nearer is for points, which may be the same
                nearest = between + both
                high = min(high, arc_high_one(nearest))
            gap = arc_low_one(max(between - both, 0.0))
            if _done(gap, high, goal):
                bottom = min(bottom, gap)
                continue
            place = _place_for(gap, nodes, gaps, base, depth)
            nodes[place, 0], nodes[place, 1] = (level, k) if of_a else (la, ka)
            nodes[place, 2], nodes[place, 3] = (lb, kb) if of_a else (level, k)
            depth += 1
    if skipped < inf:
        bottom = min(bottom, arc_low_one(skipped))
    return min(bottom, high), high


@compiled
def _straight(a: Packed, i: int, b: Packed, j: int, of: int) -> float:
    """Straight distance of the centres of two spheres (``of`` 0), or of two hearts (HEART)."""
    x = a.solid[i, of] - b.solid[j, of]
    y = a.solid[i, of + 1] - b.solid[j, of + 1]
    z = a.solid[i, of + 2] - b.solid[j, of + 2]
    return size((x, y, z))


@compiled
def edges_apart(a: Packed, i: int, b: Packed, j: int, loose_m: float) -> tuple[float, float]:
    """Bounds of the distance of two cores' chains of pieces, ``loose_m`` apart or as near as the
    limit on work allows: radii are left out, and so is what lies within a polygon."""
    return _curves_apart(a, i, b, j, Goal(-1.0, 0.0, loose_m, 0.0), _farthest(a, i, b, j))


@compiled
def _farthest(a: Packed, i: int, b: Packed, j: int) -> float:
    """No point of one core is farther than this from any of the other."""
    return arc_high_one(_straight(a, i, b, j, 0) + a.solid[i, CORE] + b.solid[j, CORE])


@compiled
def _hearts_apart(a: Packed, i: int, b: Packed, j: int) -> float:
    """No more lies between two cores: a geodesic from heart to heart, less what of it lies in what
    is around them (B17)."""
    between, around = _straight(a, i, b, j, HEART), a.solid[i, HEART + 3] + b.solid[j, HEART + 3]
    return max(0.0, arc_high_one(between) - around) if between > 0.0 else 0.0


@compiled
def clearance(a: Packed, i: int, b: Packed, j: int, loose_m: float) -> float:
    """No point of one core's edges is nearer to any of the other's: to ``loose_m``, or a fifth of
    how far they are apart."""
    return _curves_apart(a, i, b, j, Goal(-1.0, 0.0, loose_m, 0.2), _farthest(a, i, b, j))[0]


@compiled
def _side(region: Packed, i: int, other: Packed, j: int) -> int:
    """On which side of a polygon's boundary another footprint's outer chain begins, or, where that
    is too near to the boundary to tell, one of its other points lies."""
    if region.kind[i, 0] != POLYGON:
        return OUTSIDE
    row, last = other.first[j, 0], other.first[j + 1, 0]
    for n in range(_PROBES):
        at_row = row + n * max(1, (last - row) // _PROBES)
        if at_row >= last:
            break
        side = side_of_point(region, i, point(other, at_row))
        if side != EDGE or n + 1 == _PROBES:
            return side
    return EDGE


@compiled
def between(
    a: Packed, i: int, b: Packed, j: int, apart_m: float, loose_m: float, loose_share: float
) -> tuple[int, float, float]:
    """Whether footprints ``a[i]`` and ``b[j]`` come within ``apart_m``: NO (surely farther), YES
    (surely not) or OPEN; and bounds of their geodesic distance (0 where they meet).

    The bounds are narrowed until they leave ``apart_m`` outside and are ``loose_m`` or a share of
    the distance apart (or 1 mm, or the work is at its limit).
    """
    radii = a.solid[i, RADIUS] + b.solid[j, RADIUS]
    threshold = apart_m + radii
    goal = Goal(threshold, radii, loose_m, loose_share)
    middle, reach = _straight(a, i, b, j, 0), a.solid[i, CORE] + b.solid[j, CORE]
    low, high = arc_low_one(max(middle - reach, 0.0)), arc_high_one(middle + reach)
    hearts = _hearts_apart(a, i, b, j)
    if hearts == 0.0:
        return YES, 0.0, 0.0
    high = min(high, hearts)
    if (low > threshold or high <= threshold) and _done(low, high, goal):
        return NO if low > threshold else YES, max(low - radii, 0.0), max(high - radii, 0.0)
    doubtful = False
    if middle <= reach and (a.kind[i, 0] == POLYGON or b.kind[j, 0] == POLYGON):
        of_a, of_b = _side(a, i, b, j), _side(b, j, a, i)
        if of_a == INSIDE or of_b == INSIDE:
            return YES, 0.0, 0.0
        doubtful = of_a == EDGE or of_b == EDGE
    if a.kind[i, 0] == DISC and b.kind[j, 0] == DISC:
        p, q = point(a, a.first[i, 0]), point(b, b.first[j, 0])
        if not _done(low, high, goal) and p != q:
            f_low, f_high, _, _, _ = measure(p, q)
            low, high = max(low, f_low), min(high, f_high)
        elif p == q:
            low, high = 0.0, 0.0
    else:
        found, high = _curves_apart(a, i, b, j, goal, high)
        low = max(low, found)
    if doubtful:
        low = 0.0
    low, high = max(low - radii, 0.0), max(high - radii, 0.0)
    if low > apart_m:
        return NO, low, high
    return (YES if high <= apart_m else OPEN), low, high


@compiled
def decide(a: Packed, i: int, b: Packed, j: int, apart_m: float) -> tuple[int, float, float]:
    """Whether two footprints come within ``apart_m``, with bounds as wide as that leaves them."""
    return between(a, i, b, j, apart_m, inf, 0.0)
