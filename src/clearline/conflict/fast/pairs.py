"""Two footprints of the model through the compiled kernel, and what to call before it is needed."""

from math import inf
from typing import Final

from clearline.conflict.fast.compiled import IS_COMPILED
from clearline.conflict.fast.kernel import between, decide, edges_apart
from clearline.conflict.fast.packed import Packed, joined
from clearline.conflict.fast.packing import pack, pack_one
from clearline.conflict.fast.shapes import shapes_of
from clearline.conflict.remembered import corners, remembered
from clearline.model.finding import Bounds
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon

ROWS_REMEMBERED: Final = 200_000
"""Rows of all footprints that are kept packed: some tens of megabytes."""
UNCOMPILED_MAX: Final = 2_000
"""Corners of a footprint that the kernel is given where nothing is compiled: packing them takes
some tens of milliseconds, once."""


@remembered(ROWS_REMEMBERED, lambda packed: len(packed.xyz))
def packed_of(footprint: Footprint) -> Packed:
    """One footprint, ready for the kernel."""
    return pack_one(shapes_of((footprint,)))


def quick_bounds(
    a: Footprint, b: Footprint, apart_m: float, loose_m: float, loose_share: float
) -> Bounds | None:
    """Bounds of the distance as narrow as the kernel makes them. Where nothing is compiled it runs
    as it is, so that the figures are the same; None for footprints that it would then take long to
    pack: there the plain path, which works on many edges at once, is the faster one."""
    if not IS_COMPILED and max(corners(a), corners(b)) > UNCOMPILED_MAX:
        return None
    _, low, high = between(packed_of(a), 0, packed_of(b), 0, apart_m, loose_m, loose_share)
    return Bounds(float(low), float(high))


def quick_to_edges(footprint: Footprint, at: LatLon, loose_m: float) -> Bounds | None:
    """Bounds of how far a point is from the edges of a footprint's core, on whichever side of them;
    None as for ``quick_bounds``."""
    if not IS_COMPILED and corners(footprint) > UNCOMPILED_MAX:
        return None
    point = pack_one(shapes_of((Disc(centre=at, radius_mm=1),)))
    low, high = edges_apart(packed_of(footprint), 0, point, 0, loose_m)
    return Bounds(float(low), float(high))


def warm() -> None:
    """Have everything compiled, or loaded from where it is kept: 0.5 s, and 20 s when it is new
    (the index as well: ``ready``).

    To be called where a wait can be told of, before the first question that must not wait.
    """
    place, there = LatLon(0, 0), LatLon(10_000_000, 10_000_000)
    disc = Disc(centre=place, radius_mm=1_000)
    line = Corridor(line=(place, there), half_width_mm=1_000, edge=Edge.GEODESIC)
    shapes = shapes_of((disc, line))
    both = joined((pack(shapes), pack_one(shapes)))
    decide(both, 0, both, 1, 1.0)
    between(both, 0, both, 1, 1.0, inf, 0.0)
    edges_apart(both, 0, both, 1, 1.0)
