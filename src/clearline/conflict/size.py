"""How large a footprint is, for the size above which a reason must be given (FM28)."""

from math import pi
from typing import Final

import numpy as np

from clearline.conflict.geodesy import WGS84
from clearline.conflict.outline import Outline, outline_of, positions, whole_edges
from clearline.model.space import Corridor, Disc, Edge, Footprint, Polygon

_PIECE_M: Final = 5_000.0
_PIECES_MAX: Final = 2_000
_M2_PER_KM2: Final = 1e6


def _ring_m2(outline: Outline, ring: tuple[int, int]) -> float:
    """Area of one ring; edges that are not geodesics are cut to pieces of about 5 km."""
    lengths = whole_edges(outline).length
    area = WGS84.Polygon()
    for i in range(*ring):
        count = 1
        if outline.kind is not Edge.GEODESIC:
            count = min(_PIECES_MAX, 1 + int(lengths[i] / _PIECE_M))
        lats, lons = positions(outline, np.full(count, i), np.arange(count) / count)
        for lat, lon in zip(lats.tolist(), lons.tolist(), strict=True):
            area.AddPoint(lat, lon)
    signed: float = area.Compute(False, True)[2]
    return abs(signed)


def area_km2(footprint: Footprint) -> float:
    """Area in square kilometres: of polygons to a few parts in a million, of discs and corridors
    by the plane's formula, which never understates it."""
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
