"""Footprints as columns of whole numbers: exactly what was stated, and back again.

Units as in the model: 1e-7 degrees and millimetres. Row ``i`` is one footprint.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.lent import lent
from clearline.conflict.geodesy import Ints
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon

Numbers = NDArray[np.int32]
Codes = NDArray[np.uint8]

DISC, CORRIDOR, POLYGON = range(3)
EDGES: Final = (Edge.GEODESIC, Edge.LONLAT, Edge.RHUMB)
_EDGE_CODE: Final = {edge: code for code, edge in enumerate(EDGES)}


class Shapes(NamedTuple):
    """Footprints. Points of row i: ``lat``, ``lon`` [first[i], first[i+1]), all rings one after the
    other, none closed; its rings end before the points ``ring_ends`` [ring_first[i],
    ring_first[i+1]), the outer one first. A disc is one ring of one point, a corridor one of its
    line; ``radius_mm`` is its radius or half width."""

    kind: Codes
    edge: Codes
    radius_mm: Ints
    first: Ints
    lat: Numbers
    lon: Numbers
    ring_first: Ints
    ring_ends: Ints


def outlined(footprint: Footprint) -> tuple[int, int, int, tuple[tuple[LatLon, ...], ...]]:
    """Kind, edge, radius in millimetres and rings of a footprint."""
    match footprint:
        case Disc(centre=centre, radius_mm=radius_mm):
            return DISC, 0, radius_mm, ((centre,),)
        case Corridor(line=line, half_width_mm=half_mm, edge=edge):
            return CORRIDOR, _EDGE_CODE[edge], half_mm, (line,)
        case Polygon(outer=outer, holes=holes, edge=edge):
            return POLYGON, _EDGE_CODE[edge], 0, (outer, *holes)


def shapes_of(footprints: Sequence[Footprint]) -> Shapes:
    """Footprints as columns."""
    kinds, edges, radii = [], [], []
    lat: list[int] = []
    lon: list[int] = []
    first, ring_first, ring_ends = [0], [0], []
    for footprint in footprints:
        kind, edge, radius_mm, rings = outlined(footprint)
        kinds.append(kind)
        edges.append(edge)
        radii.append(radius_mm)
        for ring in rings:
            lat += [point.lat_e7 for point in ring]
            lon += [point.lon_e7 for point in ring]
            ring_ends.append(len(lat))
        first.append(len(lat))
        ring_first.append(len(ring_ends))
    return Shapes(
        np.array(kinds, np.uint8),
        np.array(edges, np.uint8),
        np.array(radii, np.int64),
        np.array(first, np.int64),
        np.array(lat, np.int32),
        np.array(lon, np.int32),
        np.array(ring_first, np.int64),
        np.array(ring_ends, np.int64),
    )


def footprint_at(shapes: Shapes, i: int) -> Footprint:
    """Row ``i`` as a footprint: the inverse of ``shapes_of``."""
    here, there = int(shapes.first[i]), int(shapes.first[i + 1])
    pairs = zip(shapes.lat[here:there].tolist(), shapes.lon[here:there].tolist(), strict=True)
    points = tuple(LatLon(lat, lon) for lat, lon in pairs)
    edge, radius_mm = EDGES[shapes.edge[i]], int(shapes.radius_mm[i])
    if shapes.kind[i] == DISC:
        return Disc(centre=points[0], radius_mm=radius_mm)
    if shapes.kind[i] == CORRIDOR:
        return Corridor(line=points, half_width_mm=radius_mm, edge=edge)
    ends = shapes.ring_ends[shapes.ring_first[i] : shapes.ring_first[i + 1]] - here
    cuts = [0, *ends.tolist()]
    rings = [points[a:b] for a, b in pairwise(cuts)]
    return Polygon(outer=rings[0], holes=tuple(rings[1:]), edge=edge)


def offsets(counts: Ints) -> Ints:
    """Where each of so many begins, and where the last one ends."""
    found = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=found[1:])
    return found


@compiled(nogil=True)
def _copy(shapes: Shapes, order: Ints, into: Shapes) -> None:
    """Write the rows of ``order`` one after the other; where each begins is written already."""
    shapes, into = lent(shapes), lent(into)
    for n in range(len(order)):
        row = order[n]
        into.kind[n], into.edge[n] = shapes.kind[row], shapes.edge[row]
        into.radius_mm[n] = shapes.radius_mm[row]
        point, ring = shapes.first[row], shapes.ring_first[row]
        for k in range(into.first[n], into.first[n + 1]):
            into.lat[k], into.lon[k] = shapes.lat[point], shapes.lon[point]
            point += 1
        moved = into.first[n] - shapes.first[row]
        for k in range(into.ring_first[n], into.ring_first[n + 1]):
            into.ring_ends[k] = shapes.ring_ends[ring] + moved
            ring += 1


def take_shapes(shapes: Shapes, order: Ints) -> Shapes:
    """Some rows, in that order."""
    first = offsets(np.diff(shapes.first)[order])
    ring_first = offsets(np.diff(shapes.ring_first)[order])
    rows, points = len(order), int(first[-1])
    taken = Shapes(
        np.empty(rows, np.uint8),
        np.empty(rows, np.uint8),
        np.empty(rows, np.int64),
        first,
        np.empty(points, np.int32),
        np.empty(points, np.int32),
        ring_first,
        np.empty(int(ring_first[-1]), np.int64),
    )
    _copy(shapes, order, taken)
    return taken


def _after(columns: Sequence[Ints], starts: Sequence[int]) -> Ints:
    """Offsets of several tables as those of one in which they follow one another."""
    moved = [column[:-1] + start for column, start in zip(columns, starts, strict=False)]
    return np.concatenate((*moved, np.array(starts[-1:], np.int64)))


def joined_shapes(parts: Sequence[Shapes]) -> Shapes:
    """The rows of all, one after the other."""
    points = list(accumulate((len(part.lat) for part in parts), initial=0))
    rings = list(accumulate((len(part.ring_ends) for part in parts), initial=0))
    ends = [part.ring_ends + start for part, start in zip(parts, points, strict=False)]
    return Shapes(
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.edge for part in parts]),
        np.concatenate([part.radius_mm for part in parts]),
        _after([part.first for part in parts], points),
        np.concatenate([part.lat for part in parts]),
        np.concatenate([part.lon for part in parts]),
        _after([part.ring_first for part in parts], rings),
        np.concatenate(ends),
    )
