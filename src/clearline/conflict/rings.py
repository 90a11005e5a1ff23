"""Whether the rings of a polygon mean one area: in one cap, apart from each other, holes inside.

Frame: ECEF metres, and directions from the earth's centre. Clauses CL-GEO-007 to -010.
"""

from collections.abc import Iterator
from math import radians
from typing import Final

import numpy as np

from clearline.conflict.geodesy import B_M, Floats, norm, unit
from clearline.conflict.inside import LENGTH_M_MAX, Side, direction, drift, within_ring
from clearline.conflict.outline import Outline, Pieces, halves, points_outline, whole_edges
from clearline.conflict.separation import Goal, near_pairs, rows_apart

CAP_DEGREES_MAX: Final = 80.0
"""A polygon fits in a cap of this half angle, 8 900 km: then the smaller area is beyond doubt."""
SWING_MIN: Final = 1e-4
"""Radians: an edge that nears the rim of the cap by less is not followed any farther."""
PIECES_MAX: Final = 100_000
"""Parts of edges that are followed at once."""
APART_M_MIN: Final = 0.002
"""Edges that do not meet at a vertex stay this far apart: nearer cannot be told from touching."""


def fits_in_cap(outline: Outline) -> bool:
    """CL-GEO-007: every point of every edge within 80 degrees of the polygon's middle, seen from
    the centre. Within 0.006 degrees of that, or where too many edges are near it to tell: no."""
    if float(norm(outline.centre)) < 1_000.0:
        return False
    axis, cap = unit(outline.centre), radians(CAP_DEGREES_MAX)
    pieces = whole_edges(outline)
    while len(pieces):
        least = np.minimum(unit(pieces.p0) @ axis, unit(pieces.p1) @ axis)
        ends = np.arccos(np.clip(least, -1.0, 1.0))
        if float(ends.max()) > cap:
            return False
        # The great circle through both ends stays as near to the middle as they are.
        far = ends + _swing(pieces) > cap
        if int(far.sum()) > PIECES_MAX or bool((_swing(pieces)[far] < SWING_MIN).any()):
            return False
        pieces = halves(outline, pieces.take(far))
    return True


def _swing(pieces: Pieces) -> Floats:
    """How far a piece leaves the great circle through its ends at most, seen from the earth's
    centre, radians: by B3 where that is stated, and nowhere farther than half its length."""
    half: Floats = pieces.length / (2 * B_M)
    return np.where(pieces.length <= LENGTH_M_MAX, np.minimum(drift(pieces), half), half)


def folding_vertex(outline: Outline, ring: tuple[int, int]) -> int | None:
    """CL-GEO-009: a vertex at which a ring folds back onto itself, by its place in the ring."""
    first, last = ring
    n = last - first
    k = np.arange(n)
    before, after = first + (k - 1) % n, first + (k + 1) % n
    far_lat = np.concatenate((outline.lat1[before], outline.lat2[after]))
    far_lon = np.concatenate((outline.lon1[before], outline.lon1[after] + outline.dlon[after]))
    points = points_outline(far_lat, far_lon)
    edges, rows = np.concatenate((first + k, first + k)), np.arange(2 * n)
    found = rows_apart(outline, points, (edges, rows), Goal(APART_M_MIN))
    if found is None or found.low > APART_M_MIN:
        return None
    for edge, row in zip(edges, rows, strict=True):
        one = rows_apart(outline, points, (np.array([edge]), np.array([row])), Goal(APART_M_MIN))
        if one is not None and one.low <= APART_M_MIN:
            return int(edge) - first
    return 0


def touches_itself(outline: Outline) -> bool:
    """CL-GEO-008: whether edges that do not follow one another, of one ring or of two, cross or
    touch, or are so many so near each other that it cannot be told."""
    edges = whole_edges(outline)
    pairs = near_pairs(edges, edges, APART_M_MIN)
    if pairs is None:
        return True
    ia, ib = pairs
    ring = np.zeros(len(edges), np.int64)
    start = np.zeros(len(edges), np.int64)
    size = np.ones(len(edges), np.int64)
    for number, (first, last) in enumerate(outline.rings):
        ring[first:last], start[first:last], size[first:last] = number, first, last - first
    step = (ib - ia) % size[ia]
    neighbours = (ring[ia] == ring[ib]) & ((step == 1) | (step == size[ia] - 1))
    kept = (ia < ib) & ~neighbours
    found = rows_apart(outline, outline, (ia[kept], ib[kept]), Goal(APART_M_MIN))
    return found is not None and found.low <= APART_M_MIN


def misplaced_holes(outline: Outline) -> Iterator[int]:
    """CL-GEO-010: holes, by number, that lie outside the outer ring or inside another hole."""

    def side(ring: int, of: int) -> Side:
        at = outline.rings[of][0]
        q = direction(float(outline.lat1[at]), float(outline.lon1[at]))
        return within_ring(outline, outline.rings[ring], q)

    for hole in range(1, len(outline.rings)):
        others = (other for other in range(1, len(outline.rings)) if other != hole)
        if side(0, hole) is not Side.INSIDE or any(
            side(other, hole) is not Side.OUTSIDE for other in others
        ):
            yield hole - 1
