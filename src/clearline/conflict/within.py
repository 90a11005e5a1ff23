"""Whether one footprint lies within another, along WGS 84 geodesics (CL-CON-007).

YES is sound: no point of the inner footprint lies outside the outer one. NO is sound: a point of
the inner one is known that lies outside. What neither proof reaches is UNDETERMINED. Footprints
are closed sets, so that touching the outer edge from inside is within; but only an outer disc, the
same footprint and the same edge of a corridor are decided there, the rest is not. A polygon within
a corridor is never decided as YES: a corridor may run around a gap. Proofs (W1 to W4) in
``docs/conflict-bounds.md``. Metres; points are latitudes and longitudes in degrees.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Final

import numpy as np

from clearline.conflict.geodesy import (
    NUMERIC_M,
    Flags,
    Floats,
    Ints,
    arc_high,
    arc_low,
    destination,
    ecef,
    inverse,
    norm,
    second_variation,
)
from clearline.conflict.inside import Side, side_of
from clearline.conflict.outline import (
    Outline,
    Pieces,
    halves,
    outline_of,
    points_outline,
    positions,
    whole_edges,
)
from clearline.conflict.separation import CUT_LOCUS_M, Goal, cores_apart, curves_apart
from clearline.model.finding import Bounds, Verdict
from clearline.model.space import Footprint

BASES_MAX: Final = 400
"""Points of the inner footprint that are looked at for one outside."""
SIDES_MAX: Final = 60_000
"""Edges that sides of such points are worked out against, about 20 ms."""
PIECES_MAX: Final = 60_000
"""Pairs of pieces held at once while fitting a chain; beyond it nothing is said to fit."""
SOLVED_MAX: Final = 2_000
"""Geodesics solved while fitting a chain into one disc, about 0.2 s."""
LONG_M: Final = 200_000.0
"""Longer pieces are cut before geodesics are solved for them."""
ROUNDS_MAX: Final = 26
"""Halvings of one edge: 10,000 km become 15 cm."""
MEASURED: Final = 4
"""Points found outside that are measured exactly."""
AZIMUTHS: Final = 16
"""Directions in which a disc or corridor is looked at from a point of its core."""
FINE_M: Final = 0.1
FINE_MAX: Final = 2_000
"""Pieces that an outer core is cut into, so that they stray at most FINE_M from their chords."""
LOOKS: Final = 6
"""Each look is four times as close as the one before: the last one is good to 0.02 degrees."""

Point = tuple[float, float]
"""Latitude and longitude, degrees."""


@dataclass(frozen=True, slots=True)
class Within:
    """The verdict; ``beyond_m``: how far the inner footprint reaches beyond the outer one, metres
    (from below it is measured at a known point, from above it is not known); ``outside``: points
    that surely belong to the inner footprint and lie outside the outer one."""

    verdict: Verdict
    beyond_m: Bounds
    outside: tuple[Point, ...] = ()


@lru_cache(maxsize=2048)
def footprint_within(inner: Footprint, outer: Footprint) -> Within:
    """Whether ``inner`` lies within ``outer``; both have passed ``check_footprint``."""
    if surely_within(inner, outer):
        return Within(Verdict.YES, Bounds(0.0, 0.0))
    a, b = outline_of(inner), outline_of(outer)
    found = _outside(a, b)
    if found:
        return Within(Verdict.NO, Bounds(found[0][0], inf), tuple(point for _, point in found))
    if b.rings and _breaks_rings(a, b):
        return Within(Verdict.NO, Bounds(0.0, inf))
    return Within(Verdict.UNDETERMINED, Bounds(0.0, inf))


@lru_cache(maxsize=2048)
def surely_within(inner: Footprint, outer: Footprint) -> bool:
    """The part of ``footprint_within`` that is quick: whether it is YES."""
    a, b = outline_of(inner), outline_of(outer)
    return inner == outer or (_fits_rings(a, b) if b.rings else _fits_core(a, b))


def surely_outside(point: Point, outer: Footprint) -> float:
    """How far a point (degrees) lies outside a footprint at least, metres; 0: it may be within."""
    return _beyond(point, outline_of(outer))


# --- surely within -----------------------------------------------------------------------------


def _fits_rings(a: Outline, b: Outline) -> bool:
    """W1: a core that begins inside a polygon, that none of its rings begins inside of, and whose
    edges stay farther from its rings than the radius, lies inside with its radius around it."""
    if side_of(b, float(a.lat1[0]), float(a.lon1[0])) is not Side.INSIDE:
        return False
    for first, _ in b.rings:
        if side_of(a, float(b.lat1[first]), float(b.lon1[first])) is not Side.OUTSIDE:
            return False
    gap = curves_apart(a, b, Goal(a.radius_m, loose_m=inf))
    return gap.low > 0 and gap.low >= a.radius_m


def _fits_core(a: Outline, b: Outline) -> bool:
    """W2: no point of a core is farther from the core of a disc or corridor than what the radii
    leave. A polygon's interior goes with its ring in a disc; in a corridor it need not."""
    room_m = b.radius_m - a.radius_m
    one_point = not _has_length(b)
    if room_m < 0 or (a.rings and not one_point):
        return False
    return _near_point(a, _start(b), room_m) if one_point else _near_chain(a, b, room_m)


def _start(outline: Outline) -> Point:
    return float(outline.lat1[0]), float(outline.lon1[0])


def _has_length(outline: Outline) -> bool:
    return bool(((outline.lat1 != outline.lat2) | (outline.dlon != 0)).any())


def _near_point(a: Outline, point: Point, room_m: float) -> bool:
    """Whether every point of the edges of ``a`` is surely within ``room_m`` of one point."""
    if not _has_length(a):
        apart = inverse(*_start(a), *point)[0]
        return apart == 0.0 or apart + NUMERIC_M <= room_m
    centre = ecef(np.array([point[0]]), np.array([point[1]]))
    pieces, solved = whole_edges(a), 0
    for _ in range(ROUNDS_MAX):
        ends = np.stack((norm(pieces.p0 - centre), norm(pieces.p1 - centre)))
        if (arc_low(ends) > room_m).any() or len(pieces) > PIECES_MAX:
            return False
        pieces = pieces.take(arc_high(ends.max(axis=0) + pieces.bulge) > room_m)
        if float(pieces.length.max(initial=0.0)) < LONG_M:
            solved += 2 * len(pieces)
            if solved > SOLVED_MAX:
                return False
            pieces = pieces.take(_solved(pieces, point) > room_m)
        if not len(pieces):
            return True
        pieces = halves(a, pieces)
    return False


def _solved(pieces: Pieces, point: Point) -> Floats:
    """How far from a point each piece comes at most: like a chord of its distances at both ends,
    and above it by what the second variation allows (B8), metres."""
    at_0 = _distances(pieces.lat0, pieces.lon0, point)
    at_1 = _distances(pieces.lat1, pieces.lon1, point)
    farthest = np.maximum(at_0, at_1) + pieces.length / 2
    bend = second_variation(farthest) + pieces.kappa
    high: Floats = np.maximum(at_0, at_1) + bend * pieces.length**2 / 8
    return np.where(farthest < CUT_LOCUS_M, high + NUMERIC_M, inf)


def _distances(lat: Floats, lon: Floats, point: Point) -> Floats:
    each = zip(lat.tolist(), lon.tolist(), strict=True)
    return np.array([inverse(*place, *point)[0] for place in each])


def _near_chain(a: Outline, b: Outline, room_m: float) -> bool:
    """Whether every point of the edges of ``a`` is surely within ``room_m`` of the edges of ``b``.

    The distance between a point of a chord and another chord is greatest at an end of the first (a
    distance to a convex set is convex), and both curves stay within their bulges of their chords.
    """
    pa, pb = whole_edges(a), whole_edges(b)
    pa = pa.take(~_shared(a, b))
    for _ in range(ROUNDS_MAX):
        if len(pa) * len(pb) > PIECES_MAX:
            return False
        gap_0, gap_1 = _gaps(pa.p0, pb), _gaps(pa.p1, pb)
        high = np.maximum(gap_0, gap_1) + pa.bulge[:, None] + pb.bulge
        low = np.maximum(np.minimum(gap_0, gap_1) - pb.bulge, 0.0)
        if (arc_low(np.maximum(gap_0 - pb.bulge, 0.0).min(axis=1, initial=inf)) > room_m).any():
            return False
        open_ = arc_high(high.min(axis=1)) > room_m
        if not open_.any():
            return True
        pa = pa.take(open_)
        hopeful = (low[open_] - pa.length[:, None]).min(axis=0) <= room_m
        pb = pb.take(hopeful)
        pa, pb = halves(a, pa), _cut(b, pb, float(pa.length.max()) / 2)
    return False


def _shared(a: Outline, b: Outline) -> Flags:
    """Edges of ``a`` that are edges of ``b`` too, in either direction: no distance at all."""
    if a.kind is not b.kind:
        return np.zeros(len(a.lat1), dtype=np.bool_)
    there = {edge for one, two in _edges(b) for edge in ((one, two), (two, one))}
    return np.array([edge in there for edge in _edges(a)])


def _edges(outline: Outline) -> list[tuple[Point, Point]]:
    lon2 = outline.lon1 + outline.dlon
    ends = np.stack((outline.lat1, outline.lon1, outline.lat2, lon2), axis=1).tolist()
    return [((lat1, lon1), (lat2, lon_2)) for lat1, lon1, lat2, lon_2 in ends]


def _gaps(points: Floats, pieces: Pieces) -> Floats:
    """Straight distances of points (rows) from the chords of pieces (columns), metres."""
    along = pieces.p1 - pieces.p0
    square = np.maximum(np.einsum("ij,ij->i", along, along), 1e-18)
    to = points[:, None, :] - pieces.p0[None, :, :]
    foot = np.clip(np.einsum("ijk,jk->ij", to, along) / square, 0.0, 1.0)
    return norm(to - foot[:, :, None] * along[None, :, :])


def _cut(outline: Outline, pieces: Pieces, longest_m: float) -> Pieces:
    """The pieces, those longer than ``longest_m`` in halves."""
    chop = pieces.length > longest_m
    if not chop.any():
        return pieces
    return pieces.take(~chop).plus(halves(outline, pieces.take(chop)))


# --- surely not --------------------------------------------------------------------------------


def _breaks_rings(a: Outline, b: Outline) -> bool:
    """W3: points of both sides of a polygon's ring lie inside: the ring comes nearer to the core
    than the radius, or a vertex of it lies inside the core."""
    if a.radius_m > 0 and curves_apart(a, b, Goal(a.radius_m, loose_m=inf)).high < a.radius_m:
        return True
    if not a.rings:
        return False
    near = norm(ecef(b.lat1, b.lon1) - a.centre) <= a.reach_m
    looked = np.flatnonzero(near)[: _worth(a)]
    return any(side_of(a, float(b.lat1[k]), float(b.lon1[k])) is Side.INSIDE for k in looked)


def _worth(outline: Outline) -> int:
    """How many points to look at against an outline."""
    return min(BASES_MAX, max(8, SIDES_MAX // len(outline.lat1)))


def _outside(a: Outline, b: Outline) -> list[tuple[float, Point]]:
    """W4: points of ``a`` that surely lie outside ``b``, by how much at least, the farthest first.

    Looked for among vertices and points of edges, for discs and corridors a radius away from them.
    """
    bases = _bases(a, _worth(b))
    points = bases
    if a.radius_m > 0:
        rank = np.argsort(-_depths(bases, b), kind="stable")[:MEASURED]
        points = [point for k in rank for point in _around(bases[k], a.radius_m, b)]
    depths = _depths(points, b)
    found = []
    for k in np.argsort(-depths, kind="stable")[: MEASURED if len(points) > MEASURED else None]:
        beyond_m = _beyond(points[k], b)
        if beyond_m > 0:
            found.append((beyond_m, points[k]))
    return sorted(found, reverse=True)


def _bases(a: Outline, most: int) -> list[Point]:
    """Points of the core: vertices, and points of edges as far as there is room for them."""
    edges = len(a.lat1)
    if not _has_length(a):
        return [_start(a)]
    steps = max(1, most // edges)
    i: Ints = np.repeat(np.arange(edges), steps)
    t = np.tile(np.arange(steps) / steps, edges)
    lat, lon = positions(a, i, t)
    points = list(zip(lat.tolist(), lon.tolist(), strict=True))
    if not a.rings:
        points.append((float(a.lat2[-1]), float(a.lon1[-1] + a.dlon[-1])))
    return points[:: max(1, len(points) // most)]


def _around(base: Point, radius_m: float, b: Outline) -> list[Point]:
    """Points a radius away from one: all round, and straight away from the core of ``b``, found by
    looking ever closer."""
    points: list[Point] = []
    if not _has_length(b):
        away = inverse(*_start(b), *base)[2]
        points.append(destination(*base, away, radius_m))
    width = 360.0 / AZIMUTHS
    azimuths = [k * width for k in range(AZIMUTHS)]
    for _ in range(LOOKS):
        ring = [destination(*base, azimuth, radius_m) for azimuth in azimuths]
        best = azimuths[int(_depths(ring, b).argmax())]
        points += ring
        azimuths = [best + k * width / 4 for k in range(-4, 5)]
        width /= 4
    return points


def _depths(points: list[Point], b: Outline) -> Floats:
    """About how far outside ``b`` each point is, metres; less than 0 inside. Only to rank them."""
    lat, lon = np.array(points).T
    gaps = np.concatenate(
        [
            _gaps(ecef(lat[k : k + 16], lon[k : k + 16]), _fine(b)).min(axis=1)
            for k in range(0, len(lat), 16)
        ]
    )
    if not b.rings:
        return gaps - b.radius_m
    inside = [side_of(b, *point) is Side.INSIDE for point in points]
    return np.where(inside, -gaps, gaps)


@lru_cache(maxsize=256)
def _fine(outline: Outline) -> Pieces:
    """The edges, cut so that their chords are near them, as far as there is room for that."""
    pieces = whole_edges(outline)
    while len(pieces) < FINE_MAX and float(pieces.bulge.max()) > FINE_M:
        pieces = _cut(outline, pieces, float(pieces.length.max()) / 2)
    return pieces


def _beyond(point: Point, b: Outline) -> float:
    lat, lon = np.array([point[0]]), np.array([point[1]])
    low = cores_apart(points_outline(lat, lon), b, Goal(b.radius_m)).low
    return max(0.0, low - b.radius_m - NUMERIC_M)
