"""Minutes that own movers need to get out (FM02)."""

import numpy as np
import pytest

from clearline.conflict.leave import exit_m
from clearline.model.space import Corridor, Disc, Edge, Polygon
from tests.conflict_cases import disc
from tests.conflict_oracle import cartesian, distance, go, place, samples

KMH_500 = 500 / 3.6


def test_122_km_from_the_edge_at_500_kmh_needs_14_6_minutes() -> None:
    """FM02: in a disc, a polygon, a corridor alike."""
    edge_lat, edge_lon = 35.0, 36.0
    inside = place(*go(edge_lat, edge_lon, 0, 122_000))
    gone = distance(inside.lat, inside.lon, edge_lat, edge_lon)
    centre = place(*go(edge_lat, edge_lon, 0, 300_000))
    radius = distance(centre.lat, centre.lon, edge_lat, edge_lon)
    box = Polygon(
        outer=(place(35, 31), place(35, 41), place(40, 41), place(40, 31)), edge=Edge.RHUMB
    )
    road = Corridor(line=(place(37, 30), place(37, 42)), half_width_mm=222_000_000, edge=Edge.RHUMB)
    for footprint in (Disc(centre=centre, radius_mm=round(radius * 1000)), box, road):
        found = exit_m(footprint, inside)
        assert found / KMH_500 / 60 == pytest.approx(14.6, abs=0.2)
        assert found == pytest.approx(gone, rel=0.005)


def test_one_who_is_outside_needs_nothing() -> None:
    """Outside, and in a hole, there is nothing to clear."""
    outer = (place(50, 0), place(50, 7), place(52, 7), place(52, 0))
    hole = (place(50.5, 3), place(50.5, 4), place(51.5, 4), place(51.5, 3))
    ring = Polygon(outer=outer, holes=(hole,), edge=Edge.GEODESIC)
    for lat, lon in ((55, 3), (51, 3.5)):
        assert exit_m(ring, place(lat, lon)) == 0
    assert exit_m(disc(10, 10, 1_000), place(10.1, 10)) == 0


def test_a_hole_is_a_way_out() -> None:
    """The nearest edge may be that of a hole."""
    outer = (place(50, 0), place(50, 7), place(52, 7), place(52, 0))
    hole = (place(50.5, 3), place(50.5, 4), place(51.5, 4), place(51.5, 3))
    ring = Polygon(outer=outer, holes=(hole,), edge=Edge.LONLAT)
    at = place(51, 2.9)
    assert exit_m(ring, at) == pytest.approx(distance(51, 2.9, 51, 3), rel=0.002)


def test_a_way_out_of_a_bent_corridor_is_really_a_way_out() -> None:
    """In the inner side of a bend straight away from the line leads to the other leg: the time
    stated is that of a way that ends outside, never less than to the nearest edge."""
    road = Corridor(
        line=(place(50, 8), place(50, 9), place(50.7, 9)),
        half_width_mm=10_000_000,
        edge=Edge.GEODESIC,
    )
    at = place(50.03, 8.96)
    found = exit_m(road, at)
    assert found >= 10_000 - distance(50.03, 8.96, 50, 8.96) - 20
    assert found < 20_000


def test_straight_out_of_a_corridor_is_its_width_less_where_one_is() -> None:
    """3 km beside the line of a road of 10 km to either side: 7 km, to 200 m."""
    road = Corridor(line=(place(50, 8), place(50, 9)), half_width_mm=10_000_000, edge=Edge.GEODESIC)
    assert exit_m(road, place(*go(50.0015, 8.5, 0, 3_000))) == pytest.approx(7_000, abs=200)


def test_no_way_out_of_a_bent_corridor_is_shorter_than_the_nearest_point_outside() -> None:
    """By walking out in every direction in steps of 50 m, against samples of the line."""
    road = Corridor(
        line=(place(50, 8), place(50, 9), place(50.7, 9)),
        half_width_mm=10_000_000,
        edge=Edge.GEODESIC,
    )
    line = cartesian(samples(road, 400))

    def is_out(at: tuple[float, float], heading: int, step: int) -> bool:
        there = cartesian(np.array([go(*at, heading, step)]))
        return bool(np.linalg.norm(line - there, axis=1).min() > 9_998)

    for at in ((50.03, 8.96), (50.3, 8.95), (50.02, 8.5)):
        ways = [
            next((step for step in range(5_000, 25_000, 50) if is_out(at, heading, step)), 25_000)
            for heading in range(0, 360, 6)
        ]
        assert min(ways) - 60 <= exit_m(road, place(*at)) <= min(ways) * 1.5
