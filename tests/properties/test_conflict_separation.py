"""Lateral distance against GeographicLib: sound everywhere, settled near the threshold."""

import math
from itertools import product

import numpy as np
import pytest

from clearline.conflict.inside import Side, side_of
from clearline.conflict.outline import outline_of
from clearline.conflict.separation import RESOLUTION_M, lateral
from clearline.conflict.validity import check_footprint
from clearline.model.space import Corridor, Disc, Edge, Footprint, Polygon
from tests.conflict_cases import (
    MARGINS_M,
    PLACES,
    SIZES_M,
    beside,
    first_point,
    intruders,
    not_beaten,
    square,
)
from tests.conflict_oracle import (
    Walk,
    descend,
    distance,
    encloses,
    go,
    place,
    radius_m,
)


def assert_settled(a: Footprint, b: Footprint, core_m: float, margins: tuple[float, ...]) -> None:
    """The truth lies in every interval, and thresholds that far off it are settled, rightly."""
    truth = core_m - radius_m(a) - radius_m(b)
    for margin in margins:
        near, far = lateral(a, b, truth + margin), lateral(a, b, truth - margin)
        assert max(near.low, far.low) <= truth + 1e-6
        assert min(near.high, far.high) >= truth - 1e-6
        assert near.high <= truth + margin
        assert far.low > truth - margin


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("at", PLACES)
def test_shapes_whose_edges_cross_meet_also_where_no_separation_is_asked(
    edge: Edge, at: tuple[float, float]
) -> None:
    """Slivers laid across each other, 5 cm to 20 m wide: not nearly nought, but nought, so that it
    is a conflict and no open question."""
    judged = 0
    for half_m, across in product((0.025, 0.5, 10.0), (20.0, 63.0, 90.0)):
        for turn in (0.0, 37.0, 111.0):
            a = sliver(at, half_m, turn, edge)
            b = sliver(go(*at, turn + 55.0, 13.0), half_m, turn + across, edge)
            if check_footprint(a) or check_footprint(b):
                continue
            for one, other in ((a, b), (b, a)):
                found = lateral(one, other, 0.0)
                assert (found.low, found.high) == (0.0, 0.0)
            judged += 1
    assert judged > 10


def sliver(at: tuple[float, float], half_m: float, turn: float, edge: Edge) -> Polygon:
    """A quadrangle 80 m long about a place, along a bearing."""
    corners = []
    for along, side in ((-40.0, -1), (40.0, -1), (40.0, 1), (-40.0, 1)):
        bearing = turn + math.degrees(math.atan2(side * half_m, along))
        corners.append(place(*go(*at, bearing, math.hypot(half_m, along))))
    return Polygon(outer=tuple(corners), edge=edge)


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("at", PLACES)
def test_known_distances_are_settled_two_centimetres_from_the_threshold(
    edge: Edge, at: tuple[float, float]
) -> None:
    """From 50 m to 2,000 km, anywhere: the truth by Karney lies inside and 2 cm off is settled."""
    judged = 0
    for size, share, turn in product(SIZES_M, (0.05, 0.6), (10.0, 67.0)):
        big = square(*at, size, turn, edge)
        if check_footprint(big):
            continue
        walk = Walk(big.outer[0], big.outer[1], edge)
        for small, core in intruders(walk, 0.4, share * size, -1, size / 3, edge):
            if check_footprint(small) or not not_beaten(big, small, core):
                continue
            if side_of(outline_of(big), *first_point(small)) is not Side.OUTSIDE:
                continue
            if core > radius_m(small):
                margins = MARGINS_M[:1] + MARGINS_M[1 + judged % 3 :][:1] * (judged % 4 == 0)
                assert_settled(big, small, core, margins)
                judged += 1
    assert judged >= 20


def test_discs_agree_with_geographiclib_exactly() -> None:
    """Disc against disc is Karney's distance less the radii, from 50 m to half way round."""
    rng = np.random.default_rng(7)
    for _ in range(300):
        lat1, lat2 = np.degrees(np.arcsin(rng.uniform(-1, 1, 2)))
        lon1 = rng.uniform(-180, 180)
        if rng.random() < 0.5:
            lat2, lon2 = go(lat1, lon1, rng.uniform(0, 360), 10 ** rng.uniform(1.7, 6))
        else:
            lon2 = rng.uniform(-180, 180)
        a = Disc(centre=place(lat1, lon1), radius_mm=int(10 ** rng.uniform(0, 5)))
        b = Disc(centre=place(lat2, lon2), radius_mm=int(10 ** rng.uniform(0, 5)))
        core = distance(a.centre.lat, a.centre.lon, b.centre.lat, b.centre.lon)
        truth = core - radius_m(a) - radius_m(b)
        found = lateral(a, b, truth + 0.005)
        assert found.low <= truth + 1e-6
        assert found.high <= truth + 0.005
        assert lateral(a, b, truth - 0.005).low > truth - 0.005


@pytest.mark.parametrize("edge", list(Edge))
def test_random_pairs_hold_the_densified_distance_and_settle(edge: Edge) -> None:
    """Random polygons and corridors of any size: what descent by GeographicLib finds lies within
    the interval; 1 m off it is settled, and at most one in a thousand stays open."""
    rng = np.random.default_rng(list(Edge).index(edge))
    judged, open_ = 0, 0
    for _ in range(36):
        lat, lon = float(np.degrees(np.arcsin(rng.uniform(-1, 1)))), float(rng.uniform(-180, 180))
        size, gap = 10 ** rng.uniform(1.7, 5.8), 10 ** rng.uniform(0, 5.5)
        a = square(lat, lon, size, rng.uniform(0, 90), edge)
        size_b = size * 10 ** rng.uniform(-1, 0.3)
        there = go(lat, lon, rng.uniform(0, 360), (size + size_b) / 2 + gap)
        if rng.random() < 0.5:
            b: Footprint = square(*there, size_b, rng.uniform(0, 90), edge)
        else:
            line = (place(*there), place(*go(*there, rng.uniform(0, 360), size_b)))
            b = Corridor(line=line, half_width_mm=int(gap * 10) + 1, edge=edge)
        if check_footprint(a) or check_footprint(b):
            continue
        found = lateral(a, b, 0.0)
        if found.high == 0.0:
            continue
        truth = descend(a, b) - radius_m(b)
        if truth <= 0:
            continue
        judged += 1
        for threshold in (truth + 1.0, truth - 1.0, truth + 0.02, truth - 0.02):
            bounds = lateral(a, b, threshold)
            assert bounds.low <= truth + 1e-5
            assert bounds.high >= truth - 0.02  # descent may stop a little above the least
            open_ += bounds.low <= threshold < bounds.high
    assert judged >= 15
    assert open_ <= judged * 4 / 1_000


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("at", PLACES)
def test_sides_agree_with_the_winding_of_azimuths(edge: Edge, at: tuple[float, float]) -> None:
    """A point a metre or more off the ring lies on the side that GeographicLib's azimuths say."""
    rng = np.random.default_rng(3)
    judged = 0
    for size in (50.0, 30_000.0, 1_500_000.0):
        ring = square(*at, size, float(rng.uniform(0, 90)), edge)
        if check_footprint(ring):
            continue
        outline = outline_of(ring)
        for _ in range(6):
            lat, lon = go(*at, rng.uniform(0, 360), size * rng.uniform(0.2, 0.7))
            point = Disc(centre=place(lat, lon), radius_mm=1)
            if descend(ring, point, 30, 1) < 1.0 + size * 1e-4:
                continue
            inside = encloses(ring.outer, edge, point.centre.lat, point.centre.lon, 60)
            expected = Side.INSIDE if inside else Side.OUTSIDE
            assert side_of(outline, point.centre.lat, point.centre.lon) is expected
            judged += 1
    assert judged >= 8


@pytest.mark.parametrize("edge", list(Edge))
def test_points_millimetres_beside_an_edge_are_never_on_the_wrong_side(edge: Edge) -> None:
    """Just off a long edge: the right side or none, and the distance is never wrong."""
    big = square(50.0, 8.0, 800_000.0, 20.0, edge)
    walk = Walk(big.outer[0], big.outer[1], edge)
    for t, gap, side in product((0.2, 0.5, 0.77), (0.02, 0.1, 1.0, 30.0), (-1, 1)):
        point, truth = beside(walk, t, gap, side)
        found = side_of(outline_of(big), point.lat, point.lon)
        assert found in (Side.INSIDE if side > 0 else Side.OUTSIDE, Side.EDGE)
        if truth > RESOLUTION_M:
            assert found is not Side.EDGE
        bounds = lateral(big, Disc(centre=point, radius_mm=1), truth)
        assert bounds.low <= (truth if side < 0 else 0.0)


def test_parallel_and_geodesic_differ_by_kilometres_over_500_km() -> None:
    """What an edge means outweighs every numerical error: 5.9 km over 500 km at 50 N."""
    span = 500_000 / 71_696 / 2
    west, east = place(50, -span), place(50, span)
    middle = Disc(centre=place(50, 0), radius_mm=1)

    def off(edge: Edge) -> float:
        return lateral(Corridor(line=(west, east), half_width_mm=1, edge=edge), middle, 0.0).high

    assert off(Edge.RHUMB) == off(Edge.LONLAT) == 0.0
    geodesic = Corridor(line=(west, east), half_width_mm=1, edge=Edge.GEODESIC)
    assert lateral(geodesic, middle, 5_800.0).low > 5_800
    assert lateral(geodesic, middle, 5_900.0).high <= 5_900


def test_rhumb_and_lonlat_differ_on_a_slope() -> None:
    """A rhumb line and a straight line in longitude and latitude part on a long slope."""
    line = (place(10, 0), place(70, 60))
    at = Walk(*line, Edge.LONLAT).at(0.5)
    point = Disc(centre=place(*at), radius_mm=1)
    rhumb = Corridor(line=line, half_width_mm=1, edge=Edge.RHUMB)
    lonlat = Corridor(line=line, half_width_mm=1, edge=Edge.LONLAT)
    assert lateral(lonlat, point, 0.0).high < 0.01
    assert lateral(rhumb, point, 100_000.0).low > 100_000.0
