"""How large a footprint is, for the size above which a reason must be given (FM28)."""

from functools import lru_cache
from math import pi
from typing import Final

import numpy as np

from clearline.conflict.geodesy import WGS84
from clearline.conflict.outline import Outline, outline_of, positions, whole_edges
from clearline.model.space import Corridor, Disc, Edge, Footprint, Polygon

_PIECE_M: Final = 5_000.0
POINTS_MAX: Final = 10_000
"""Points of one ring beyond its corners, about 0.3 s: as many as may be stated (CL-GEO-004)."""
_M2_PER_KM2: Final = 1e6


def _ring_m2(outline: Outline, ring: tuple[int, int]) -> float:
    """Area of one ring (Karney 2013, section 6); edges that are not geodesics are cut to pieces of
    about 5 km, longer ones where they would be too many."""
    edges = np.arange(*ring)
    counts = np.ones_like(edges)
    if outline.kind is not Edge.GEODESIC:
        lengths = whole_edges(outline).length[edges]
        piece_m = max(_PIECE_M, float(lengths.sum()) / POINTS_MAX)
        counts += (lengths / piece_m).astype(np.int64)
    area = WGS84.Polygon()
    part = np.concatenate([np.arange(count) / count for count in counts.tolist()])
    lats, lons = positions(outline, np.repeat(edges, counts), part)
    for lat, lon in zip(lats.tolist(), lons.tolist(), strict=True):
        area.AddPoint(lat, lon)
    signed: float = area.Compute(False, True)[2]
    return abs(signed)


@lru_cache(maxsize=4_096)
def area_km2(footprint: Footprint) -> float:
    """Area in square kilometres: of polygons to a few parts in a million, of discs and corridors
    by the plane's formula. For asking for a reason only: no verdict rests on it."""
    outline = outline_of(footprint)
    radius_m = outline.radius_m
    match footprint:
        case Disc():
            return pi * radius_m**2 / _M2_PER_KM2
        case Corridor():
            length_m = float(whole_edges(outline).length.sum())
            return (2 * radius_m * length_m + pi * radius_m**2) / _M2_PER_KM2
        case Polygon():
            outer, *holes = (_ring_m2(outline, ring) for ring in outline.rings)
            return (outer - sum(holes)) / _M2_PER_KM2
