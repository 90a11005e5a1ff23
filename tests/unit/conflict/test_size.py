"""How large footprints are (FM28)."""

from math import pi

import pytest

from clearline.conflict import size
from clearline.conflict.size import area_km2
from clearline.model.space import Corridor, Edge, Polygon
from tests.conflict_cases import disc
from tests.conflict_oracle import place


def test_a_degree_square_at_the_equator_has_12_309_km2() -> None:
    """By the formula of the ellipsoidal zone; a geodesic one is nearly the same."""
    square = (place(0, 0), place(0, 1), place(1, 1), place(1, 0))
    for edge in Edge:
        assert area_km2(Polygon(outer=square, edge=edge)) == pytest.approx(12_308.8, rel=1e-4)


def test_a_polar_cap_of_parallels_is_whole() -> None:
    """Around a pole the area is that of the cap, not of the rest of the earth."""
    ring = tuple(place(80, lon) for lon in range(-180, 180, 30))
    cap = area_km2(Polygon(outer=ring, edge=Edge.RHUMB))
    assert cap == pytest.approx(3.9e6, rel=0.02)


def test_a_hole_is_taken_off() -> None:
    """Outer ring less hole."""
    outer = (place(0, 0), place(0, 2), place(2, 2), place(2, 0))
    hole = (place(0.5, 0.5), place(0.5, 1.5), place(1.5, 1.5), place(1.5, 0.5))
    whole = area_km2(Polygon(outer=outer, edge=Edge.LONLAT))
    inner = area_km2(Polygon(outer=hole, edge=Edge.LONLAT))
    holed = area_km2(Polygon(outer=outer, holes=(hole,), edge=Edge.LONLAT))
    assert holed == pytest.approx(whole - inner)


def test_discs_and_corridors_by_the_planes_formula() -> None:
    """A 10 km disc, and a 100 km corridor of 1 km half width."""
    assert area_km2(disc(50, 8, 10_000)) == pytest.approx(100 * pi)
    line = (place(50, 8), place(50.9, 8))
    road = Corridor(line=line, half_width_mm=1_000_000, edge=Edge.GEODESIC)
    assert area_km2(road) == pytest.approx(2 * 100.1 + pi, rel=0.001)


def test_long_edges_are_cut_into_no_more_points_than_may_be_stated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the limit leaves pieces of a hundred kilometres, the area is hardly another one."""
    ring = (*(place(70 + k % 2, k - 100) for k in range(200)), place(20, 0))
    asked: list[int] = []
    real = size.positions
    monkeypatch.setattr(
        size, "positions", lambda outline, i, t: asked.append(len(i)) or real(outline, i, t)
    )
    fine = area_km2(Polygon(outer=ring, edge=Edge.RHUMB))
    monkeypatch.setattr(size, "POINTS_MAX", 200)
    area_km2.cache_clear()
    coarse = area_km2(Polygon(outer=ring, edge=Edge.RHUMB))
    area_km2.cache_clear()
    assert asked[0] > 1_000
    assert asked[1] <= len(ring) + 200
    assert coarse == pytest.approx(fine, rel=1e-3)
