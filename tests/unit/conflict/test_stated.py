"""Columns of whole numbers: what goes in comes out, in any order, from any parts."""

import numpy as np

from clearline.conflict.fast.shapes import shapes_of
from clearline.conflict.fast.stated import Names, extent_at, joined, stated, take
from clearline.model.space import Corridor, Edge, Ground, Height, HeightRef, Polygon, Qnh
from tests.conflict_cases import SFC, UNL, disc, extent, fl, height
from tests.conflict_oracle import place

RING = (place(50, 8), place(50, 9), place(51, 9), place(51, 8))
HOLE = (place(50.4, 8.4), place(50.4, 8.6), place(50.6, 8.5))
EXTENTS = (
    extent(disc(-90, 0, 5), SFC, UNL),
    extent(
        Polygon(outer=RING, holes=(HOLE, HOLE[::-1]), edge=Edge.RHUMB),
        Height(ref=HeightRef.SFC, ground=Ground(low_mm=-400_000, high_mm=9, by="blue")),
        Height(ref=HeightRef.FL, mm=304_800, qnh=Qnh(pa=98_000, tolerance_pa=50, by="red")),
        (5, 7),
        tail_ms=9,
        hazard=True,
    ),
    extent(
        Corridor(line=RING[:2], half_width_mm=7, edge=Edge.LONLAT),
        Height(ref=HeightRef.AGL, mm=3, ground=Ground(low_mm=1, high_mm=2, by="red")),
        height(HeightRef.AMSL, -7.5),
    ),
    extent(Polygon(outer=RING, edge=Edge.GEODESIC), fl(10), height(HeightRef.W84, 12_000)),
)


def test_every_extent_comes_back_as_it_was_stated() -> None:
    """Columns keep all that a volume states: nothing is rounded, nothing is left out."""
    names = Names()
    columns = stated(EXTENTS, [3, 2, 1, 0], names)
    assert list(EXTENTS) == [extent_at(columns, i, names) for i in range(4)]
    assert [3, 2, 1, 0] == columns.facts[:, 3].tolist()
    assert ["blue", "red"] == names.all


def test_rows_are_taken_in_any_order_and_joined_again() -> None:
    """Taking rows and joining tables moves every offset rightly."""
    names = Names()
    columns = stated(EXTENTS, [0, 0, 0, 0], names)
    order = np.array([2, 1, 1, 3], np.int64)
    parts = [take(columns, order), columns, take(columns, order[:0])]
    whole = joined(parts)
    expected = [EXTENTS[i] for i in (2, 1, 1, 3, 0, 1, 2, 3)]
    assert expected == [extent_at(whole, i, names) for i in range(len(whole.facts))]
    again = joined([whole])
    assert all(np.array_equal(a, b) for a, b in zip(whole.shapes, again.shapes, strict=True))


def test_no_footprints_are_columns_too() -> None:
    """An empty table has offsets that begin and end at nought."""
    assert [0] == shapes_of([]).first.tolist()
