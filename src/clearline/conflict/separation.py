"""Lateral distance of two footprints along WGS 84 geodesics, as an interval that holds the truth.

Branch and bound over pairs of edge pieces. First with chords in ECEF, many pairs at once: the
straight distance of two chords less their bulges bounds the geodesic from below, that of two
points on the curves from above. What chords cannot settle (they leave 0.6 mm at 30 km, 170 m at
2,000 km) is settled by Karney's geodesics and their first and second variation.

The lower bound is sound at every step, so stopping early widens the interval and never lies.
Frame: ECEF; metres, azimuths in degrees.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from clearline.conflict.geodesy import (
    GEODESIC_M_MAX,
    NUMERIC_M,
    Flags,
    Floats,
    Ints,
    arc_high,
    arc_low,
    inverse,
    meridian_m,
    norm,
    second_variation,
    segments_apart,
    unit,
)
from clearline.conflict.inside import LENGTH_M_MAX, Side, drift, side_of
from clearline.conflict.outline import Outline, Pieces, halves, middles, outline_of
from clearline.conflict.outline import whole_edges as whole
from clearline.model.finding import Bounds
from clearline.model.space import Edge, Footprint

RESOLUTION_M: Final = 0.001
"""Intervals narrower than this are not narrowed further: a threshold inside stays undetermined."""
LOOSE_M: Final = 10.0
"""A distance that is told, not only compared, is known to this or to a share of it."""
LOOSE_SHARE: Final = 0.02
BOXES_MAX: Final = 60_000
"""Pairs of pieces held at once; beyond it the interval is left as wide as it is."""
KARNEY_MAX: Final = 4_000
"""Geodesics solved for one pair of footprints, about 0.3 s; beyond it the interval stays wide."""
PAIRS_MAX: Final = 5_000_000
"""Pairs of edges looked at in blocks, about a second; the rest count as near as their blocks."""
BLOCKED_PAIRS_MIN: Final = 100_000
"""From this many pairs of edges on, blocks of neighbouring edges are compared first."""
CUT_LOCUS_M: Final = 19_800_000.0
"""Nearer than this the shortest geodesic is the only one, and distance is smooth."""
PROBED: Final = 2
"""Pairs of pieces per round whose ends are measured too, for the upper bound."""


@dataclass(frozen=True, slots=True)
class Goal:
    """When an interval is narrow enough: it leaves the threshold outside, and is itself within
    ``loose_m`` or a share of the distance; or it is within the resolution."""

    threshold_m: float
    loose_m: float = LOOSE_M
    loose_share: float = LOOSE_SHARE

    def met(self, low: float, high: float) -> bool:
        """Whether [low, high] need not be narrowed."""
        if high - low <= RESOLUTION_M:
            return True
        settled = low > self.threshold_m or high <= self.threshold_m
        return settled and high - low <= max(self.loose_m, self.loose_share * high)


@dataclass(frozen=True, slots=True, eq=False)
class _Boxes:
    """Pairs of pieces: rows ``a`` of one table with rows ``b`` of the other, and their bounds."""

    a: Ints
    b: Ints
    low: Floats


def chord_bounds(a: Pieces, b: Pieces, ia: Ints, ib: Ints) -> tuple[Floats, float]:
    """Lower bounds of the geodesic distance for pairs of pieces, and one upper bound for all: the
    straight distance of chords less their bulges, and that of their ends, as arcs (B1, B2)."""
    p0, p1, q0, q1 = a.p0[ia], a.p1[ia], b.p0[ib], b.p1[ib]
    apart = segments_apart(p0, p1, q0, q1) - a.bulge[ia] - b.bulge[ib]
    low = arc_low(np.maximum(apart, 0.0))
    nearest = min(float(norm(p - q).min()) for p in (p0, p1) for q in (q0, q1))
    same = nearest == 0.0
    return low, 0.0 if same else float(arc_high(np.array(nearest)))


def _blocks(pieces: Pieces, size: int) -> tuple[list[Ints], Floats, Floats]:
    """Neighbouring pieces in blocks of ``size``, each with a sphere around it."""
    rows = [np.arange(k, min(k + size, len(pieces))) for k in range(0, len(pieces), size)]
    centres, radii = [], []
    for row in rows:
        corners = np.concatenate((pieces.p0[row], pieces.p1[row]))
        centre = (corners.min(axis=0) + corners.max(axis=0)) / 2
        centres.append(centre)
        radii.append(float(norm(corners - centre).max() + pieces.bulge[row].max()))
    return rows, np.array(centres), np.array(radii)


def _spheres(pieces: Pieces) -> tuple[Floats, Floats]:
    """A sphere around every piece."""
    half = norm(pieces.p1 - pieces.p0) / 2
    return (pieces.p0 + pieces.p1) / 2, half + pieces.bulge + NUMERIC_M


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """Pairs of edges to begin with, and a lower bound for every pair that was left out unseen."""

    a: Ints
    b: Ints
    unseen_m: float


def _first_pairs(a: Pieces, b: Pieces) -> _Start:
    """All pairs of edges, or those in blocks that may hold the closest pair, nearest first."""
    na, nb = len(a), len(b)
    if na * nb < BLOCKED_PAIRS_MIN:
        return _Start(np.repeat(np.arange(na), nb), np.tile(np.arange(nb), na), np.inf)
    rows_a, centre_a, radius_a = _blocks(a, max(8, int(na**0.5)))
    rows_b, centre_b, radius_b = _blocks(b, max(8, int(nb**0.5)))
    between = norm(centre_a[:, None, :] - centre_b[None, :, :])
    gaps = arc_low(np.maximum(between - radius_a[:, None] - radius_b[None, :], 0.0))
    high, seen, unseen_m = GEODESIC_M_MAX, 0, np.inf
    kept: list[tuple[Ints, Ints, Floats]] = []
    for flat in np.argsort(gaps, axis=None, kind="stable"):
        i, j = divmod(int(flat), len(rows_b))
        if gaps[i, j] > high or high == 0.0:
            break
        if seen > PAIRS_MAX:
            unseen_m = float(gaps[i, j])
            break
        ia, ib = np.repeat(rows_a[i], len(rows_b[j])), np.tile(rows_b[j], len(rows_a[i]))
        low, nearest = chord_bounds(a, b, ia, ib)
        high, seen = min(high, nearest), seen + len(ia)
        kept.append((ia[low <= high], ib[low <= high], low[low <= high]))
    low = np.concatenate([row[2] for row in kept])
    ia, ib = np.concatenate([row[0] for row in kept]), np.concatenate([row[1] for row in kept])
    return _Start(ia[low <= high], ib[low <= high], unseen_m)


def _cross(a: Pieces, b: Pieces, ia: Ints, ib: Ints) -> bool:
    """Whether some pair of pieces surely crosses: the ends of each lie on opposite sides of the
    other's great circle by more than both can leave theirs (B3)."""
    near = (a.length[ia] < LENGTH_M_MAX) & (b.length[ib] < LENGTH_M_MAX)
    ia, ib = ia[near], ib[near]
    if not len(ia):
        return False
    a0, a1, b0, b1 = unit(a.p0[ia]), unit(a.p1[ia]), unit(b.p0[ib]), unit(b.p1[ib])
    slack = np.sin(np.minimum(drift(a)[ia] + drift(b)[ib], 1.5))

    def sides(c0: Floats, c1: Floats, d0: Floats, d1: Floats) -> Flags:
        normal = np.cross(c0, c1 - c0)
        margin = slack * norm(normal)
        h0 = np.einsum("ij,ij->i", normal, d0 - c0)
        h1 = np.einsum("ij,ij->i", normal, d1 - c0)
        apart: Flags = ((h0 > margin) & (h1 < -margin)) | ((h0 < -margin) & (h1 > margin))
        return apart

    facing = np.einsum("ij,ij->i", a0, b0) > 0
    return bool((facing & sides(a0, a1, b0, b1) & sides(b0, b1, a0, a1)).any())


def _refine(outline: Outline, pieces: Pieces, used: Ints, cut: Flags) -> tuple[Pieces, Ints, Ints]:
    """Cut the used pieces that ``cut`` names: the new table, and per old row its first child and
    how many it has."""
    rows = pieces.take(used)
    chop = cut[used]
    halved = halves(outline, rows.take(chop))
    whole_rows = rows.take(~chop)
    first, count = np.zeros(len(pieces), np.int64), np.zeros(len(pieces), np.int64)
    n_whole = len(whole_rows)
    first[used[~chop]], count[used[~chop]] = np.arange(n_whole), 1
    first[used[chop]], count[used[chop]] = n_whole + 2 * np.arange(int(chop.sum())), 2
    return whole_rows.plus(halved), first, count


def _offspring(boxes: _Boxes, fa: Ints, ca: Ints, fb: Ints, cb: Ints) -> tuple[Ints, Ints]:
    """Pairs of the children of every box's two pieces."""
    rows_a, rows_b = [], []
    for k in range(2):
        for m in range(2):
            has = (ca[boxes.a] > k) & (cb[boxes.b] > m)
            rows_a.append(fa[boxes.a[has]] + k)
            rows_b.append(fb[boxes.b[has]] + m)
    return np.concatenate(rows_a), np.concatenate(rows_b)


def _apart(a: Outline, b: Outline, start: tuple[Pieces, Pieces, Ints, Ints], goal: Goal) -> Bounds:
    """Distance of the curves of two outlines over the given pairs of their pieces."""
    pa, pb, ia, ib = start
    low, high = chord_bounds(pa, pb, ia, ib)
    solved = 0
    while True:
        low = np.maximum(low, _belts_apart((a, pa, ia), (b, pb, ib)))
        live = low <= high
        boxes = _Boxes(ia[live], ib[live], low[live])
        bottom = float(boxes.low.min())
        if high == 0.0 or (bottom == 0.0 and _cross(pa, pb, *_touching(boxes))):
            return Bounds(0.0, 0.0)
        if goal.met(bottom, high) or len(boxes.a) > BOXES_MAX:
            return Bounds(bottom, high)
        coarse = _largest(pa.bulge, pb.bulge, boxes) > max(5e-5, 0.1 * _fog(high))
        by_chords = coarse and not solved
        if by_chords or solved:
            # A short piece that bends sharply leaves as much open as a long one that hardly does.
            most = 0.25 * _largest(pa.bulge, pb.bulge, boxes)
            pa, fa, ca = _refine(a, pa, np.unique(boxes.a), pa.bulge > most)
            pb, fb, cb = _refine(b, pb, np.unique(boxes.b), pb.bulge > most)
            ia, ib = _offspring(boxes, fa, ca, fb, cb)
        else:
            ia, ib = boxes.a, boxes.b
        if by_chords:
            low, nearest = chord_bounds(pa, pb, ia, ib)
        else:
            solved += len(ia)
            if solved > KARNEY_MAX:
                return Bounds(bottom, high)
            low, nearest = geodesic_bounds((a, pa, ia), (b, pb, ib))
        high = min(high, nearest)


def _largest(of_a: Floats, of_b: Floats, boxes: _Boxes) -> float:
    return float(max(of_a[boxes.a].max(), of_b[boxes.b].max()))


def _fog(distance_m: float) -> float:
    """What chords leave open at a distance: between the lower and the upper bound of an arc."""
    chord = np.array(min(distance_m, 1.2e7))
    return float(arc_high(chord) - arc_low(chord))


def _touching(boxes: _Boxes) -> tuple[Ints, Ints]:
    zero = boxes.low == 0.0
    return boxes.a[zero], boxes.b[zero]


def geodesic_bounds(
    one: tuple[Outline, Pieces, Ints], two: tuple[Outline, Pieces, Ints]
) -> tuple[Floats, float]:
    """Like ``chord_bounds``, by the distance of the pieces' middles and how it changes (Karney).

    With f the distance, g its derivatives along both curves (first variation) and h the half
    lengths: f >= f0 - |g|h - (L |h|^2 + k h^2)/2, where L is ``second_variation`` for the largest
    distance in the patch and k the curves' own geodesic curvature (B8). And f is 1-Lipschitz in
    both.
    """
    (a, pa, ia), (b, pb, ib) = one, two
    ma, mb = middles(a, pa), middles(b, pb)
    solved = [
        inverse(*start, *finish)
        for start, finish in zip(
            zip(ma.lat[ia].tolist(), ma.lon[ia].tolist(), strict=True),
            zip(mb.lat[ib].tolist(), mb.lon[ib].tolist(), strict=True),
            strict=True,
        )
    ]
    distance, out, onward = np.array(solved).T
    half_a, half_b = ma.half[ia], mb.half[ib]
    along = half_a * np.abs(np.cos(np.radians(out - ma.course[ia])))
    along += half_b * np.abs(np.cos(np.radians(onward - mb.course[ib])))
    farthest = distance + half_a + half_b
    sag = second_variation(farthest)
    curved = (sag + ma.kappa[ia]) * half_a**2 + (sag + mb.kappa[ib]) * half_b**2
    smooth = np.where(farthest < CUT_LOCUS_M, distance - along - curved / 2, 0.0)
    low = np.maximum(smooth, distance - half_a - half_b) - NUMERIC_M
    nearest = min(float(distance.min()), _at_ends(pa, pb, _promising(low, ia, ib)))
    return np.maximum(low, 0.0), nearest + NUMERIC_M if nearest else 0.0


def _belts_apart(one: tuple[Outline, Pieces, Ints], two: tuple[Outline, Pieces, Ints]) -> Floats:
    """Lower bounds of the distance for pairs of pieces by their latitudes (B18). All of two facing
    parallels is as near as the nearest of it: no other bound settles those without end."""
    (a, pa, ia), (b, pb, ib) = one, two
    (south_a, north_a), (south_b, north_b) = _belt(a, pa), _belt(b, pb)
    gap = np.maximum(south_b[ib] - north_a[ia], south_a[ia] - north_b[ib])
    return np.maximum(gap - NUMERIC_M, 0.0)


def _belt(outline: Outline, pieces: Pieces) -> tuple[Floats, Floats]:
    """From where to where pieces reach along the meridian, metres from the equator; anywhere for
    geodesics that are neither meridians nor points."""
    m0, m1 = meridian_m(np.radians(pieces.lat0)), meridian_m(np.radians(pieces.lat1))
    south, north = np.minimum(m0, m1), np.maximum(m0, m1)
    if outline.kind is Edge.GEODESIC:
        arched = outline.dlon[pieces.i] != 0
        south, north = np.where(arched, -inf, south), np.where(arched, inf, north)
    return south, north


def _promising(low: Floats, ia: Ints, ib: Ints) -> list[tuple[int, int]]:
    """The pairs of pieces with the least lower bounds."""
    first = np.argsort(low, kind="stable")[:PROBED]
    return list(zip(ia[first].tolist(), ib[first].tolist(), strict=True))


def _at_ends(pa: Pieces, pb: Pieces, pairs: list[tuple[int, int]]) -> float:
    """Least distance between the ends of pieces: corners are nearest where chains bend."""
    return min(
        inverse(float(lat1[i]), float(lon1[i]), float(lat2[j]), float(lon2[j]))[0]
        for i, j in pairs
        for lat1, lon1 in ((pa.lat0, pa.lon0), (pa.lat1, pa.lon1))
        for lat2, lon2 in ((pb.lat0, pb.lon0), (pb.lat1, pb.lon1))
    )


def cores_apart(a: Outline, b: Outline, goal: Goal) -> Bounds:
    """Geodesic distance of two cores (radii left out): 0 when they meet or one holds the other."""
    doubtful = False
    if float(norm(a.centre - b.centre)) <= a.reach_m + b.reach_m:
        for region, other in ((a, b), (b, a)):
            side = side_of(region, float(other.lat1[0]), float(other.lon1[0]))
            if side is Side.INSIDE:
                return Bounds(0.0, 0.0)
            doubtful |= side is Side.EDGE
    found = curves_apart(a, b, goal)
    return Bounds(0.0 if doubtful else found.low, found.high)


def curves_apart(a: Outline, b: Outline, goal: Goal) -> Bounds:
    """Geodesic distance of the edges of two outlines, interiors and radii left out."""
    pa, pb = whole(a), whole(b)
    start = _first_pairs(pa, pb)
    found = _apart(a, b, (pa, pb, start.a, start.b), goal)
    return Bounds(min(found.low, start.unseen_m), found.high)


def near_pairs(a: Pieces, b: Pieces, within_m: float) -> tuple[Ints, Ints] | None:
    """Pairs of rows whose chords do not rule out a distance of ``within_m`` or less; None if there
    are more than BOXES_MAX of them."""
    rows_a, centre_a, radius_a = _blocks(a, max(64, int(len(a) ** 0.5)))
    rows_b, centre_b, radius_b = _blocks(b, max(64, int(len(b) ** 0.5)))
    between = norm(centre_a[:, None, :] - centre_b[None, :, :])
    gap = between - radius_a[:, None] - radius_b[None, :]
    (middle_a, half_a), (middle_b, half_b) = _spheres(a), _spheres(b)
    kept_a, kept_b, count = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    for i, j in zip(*np.nonzero(gap <= within_m), strict=True):
        some, other = rows_a[i], rows_b[j]
        between = norm(middle_a[some][:, None, :] - middle_b[other][None, :, :])
        beside = between - half_a[some][:, None] - half_b[other][None, :] <= within_m
        k, m = np.nonzero(beside)  # of ten thousand pairs of a block with itself some hundred
        ia, ib = some[k], other[m]
        if not len(ia):
            continue
        close = chord_bounds(a, b, ia, ib)[0] <= within_m
        kept_a.append(ia[close])
        kept_b.append(ib[close])
        count += len(kept_a[-1])
        if count > BOXES_MAX:
            return None
    return np.concatenate(kept_a), np.concatenate(kept_b)


def rows_apart(a: Outline, b: Outline, pairs: tuple[Ints, Ints], goal: Goal) -> Bounds | None:
    """Least distance over the given pairs of edges of two outlines; None if there are no pairs."""
    if not len(pairs[0]):
        return None
    return _apart(a, b, (whole(a), whole(b), *pairs), goal)


def plain_lateral(a: Footprint, b: Footprint, apart_m: float, *, measured: bool = True) -> Bounds:
    """``lateral`` without the compiled kernel: slower by a factor of a hundred, and for the few
    pairs that the kernel leaves open."""
    first, second = outline_of(a), outline_of(b)
    radii = first.radius_m + second.radius_m
    loose_m = LOOSE_M if measured else inf
    cores = cores_apart(first, second, Goal(apart_m + radii, loose_m=loose_m))
    return Bounds(max(0.0, cores.low - radii), max(0.0, cores.high - radii))


def surely_meet(a: Footprint, b: Footprint) -> bool:
    """Whether one look tells that edges of two cores cross (B3). Two that only touch cannot be told
    from two that do not, however long one looks."""
    pa, pb = whole(outline_of(a)), whole(outline_of(b))
    start = _first_pairs(pa, pb)
    return _cross(pa, pb, start.a, start.b)


def lateral(a: Footprint, b: Footprint, apart_m: float, *, measured: bool = True) -> Bounds:
    """Geodesic distance of two footprints in metres: 0 when they overlap, touch or contain.

    Narrow where ``apart_m`` needs it: the interval leaves ``apart_m`` outside unless the true
    distance lies within RESOLUTION_M of it (or a bound on work was reached). Distances add up
    along geodesics, so radii are taken off the distance of the cores. Not ``measured``: the
    interval may stay wide as soon as it leaves ``apart_m`` outside.
    """
    # Only here, since numba takes 0.3 s to import, and most uses of this package ask no distance.
    from clearline.conflict.fast.pairs import quick_bounds

    goal = Goal(apart_m, loose_m=LOOSE_M if measured else inf)
    quick = quick_bounds(a, b, apart_m, goal.loose_m, goal.loose_share)
    if quick is not None and goal.met(quick.low, quick.high):
        open_at_nought = quick.low == 0.0 <= apart_m < quick.high
        return Bounds(0.0, 0.0) if open_at_nought and surely_meet(a, b) else quick
    plain = plain_lateral(a, b, apart_m, measured=measured)
    if quick is None:
        return plain
    return Bounds(max(plain.low, quick.low), min(plain.high, quick.high))
