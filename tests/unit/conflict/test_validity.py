"""What is refused, under which clause, at which place; and what is not."""

from itertools import pairwise

import numpy as np
import pytest

from clearline.conflict.geodesy import ecef, unit
from clearline.conflict.validity import check_footprint, check_volume
from clearline.model.refusal import Code
from clearline.model.space import (
    Corridor,
    Disc,
    Edge,
    Footprint,
    Ground,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Qnh,
    Volume,
)
from clearline.model.time import INSTANT_MAX, Instant
from tests.conflict_cases import NOON, SFC, UNL, disc, fl, height
from tests.conflict_oracle import place

KINDS = list(Edge)


def ring(*points: tuple[float, float], holes: tuple[tuple[LatLon, ...], ...] = (), edge: Edge):
    return Polygon(outer=tuple(place(*p) for p in points), holes=holes, edge=edge)


def refused(footprint: Footprint) -> list[tuple[str, str]]:
    return [(found.clause, found.at) for found in check_footprint(footprint, "/f")]


def volume(lower: Height = SFC, upper: Height = UNL, start: int = NOON, end: int = NOON + 1):
    return Volume(
        footprint=disc(50, 8, 100), lower=lower, upper=upper,
        start=Instant(start), end=Instant(end),
    )  # fmt: skip


def clauses(volume_: Volume) -> list[tuple[str, str]]:
    return [(found.clause, found.at) for found in check_volume(volume_, "/v/0")]


@pytest.mark.parametrize("edge", KINDS)
def test_ordinary_rings_are_taken_anywhere_on_earth(edge: Edge) -> None:
    """Over the antimeridian, around a pole, with a vertex on it, with a hole, FIR-sized."""
    hole = tuple(place(*p) for p in ((51, 1), (51, 2), (51.5, 2)))
    for polygon in (
        ring((50, 0), (50, 7), (52, 7), (52, 0), edge=edge),
        ring((52, 0), (52, 7), (50, 7), (50, 0), edge=edge),
        ring((50, 0), (50, 7), (52, 7), (52, 0), holes=(hole,), edge=edge),
        ring((50, 179), (50, -179), (52, -179), (52, 179), edge=edge),
        ring((80, 0), (80, 90), (80, 179), (80, -90), edge=edge),
        ring((-80, 0), (-80, -90), (-80, 179), (-80, 90), edge=edge),
        ring((80, 0), (80, 60), (90, 0), edge=edge),
        ring((0, 0), (0, 60), (60, 60), (60, 0), edge=edge),
        ring((50, 8), (50.0005, 8), (50.0005, 8.0005), edge=edge),
    ):
        assert check_footprint(polygon) == ()


@pytest.mark.parametrize("edge", KINDS)
def test_rings_that_do_not_mean_one_area_are_refused(edge: Edge) -> None:
    """Self-crossing, spikes, no area, repeated points, two points: each with clause and place."""
    hole = tuple(place(*p) for p in ((51, 1), (51, 2), (51.5, 2)))
    inner = tuple(place(*p) for p in ((51.1, 1.7), (51.1, 1.8), (51.2, 1.8)))
    outside = tuple(place(*p) for p in ((51, 10), (51, 12), (52, 12)))
    square = ((50, 0), (50, 7), (52, 7), (52, 0))
    bad = {
        "CL-GEO-003": [ring((50, 0), (51, 0), edge=edge)],
        "CL-GEO-005": [
            ring((50, 0), (50, 7), (50, 7), (52, 0), edge=edge),
            ring((50, 180), (50, -180), (52, 170), edge=edge),
            ring((90, 0), (90, 50), (80, 20), edge=edge),
        ],
        "CL-GEO-006": [ring((0, 0), (0, 120), (0, -120), edge=edge)],
        "CL-GEO-008": [
            ring((50, 0), (52, 7), (50, 7), (52, 0), edge=edge),
            ring((50, 0), (50, 2), (51, 1), (52, 2), (52, 0), (51, 1), edge=edge),
            ring(*square, holes=((*hole[:2], place(51.5, 9)),), edge=edge),
            ring(*square, holes=(hole, hole), edge=edge),
        ],
        "CL-GEO-009": [
            ring((50, 0), (51, 0), (52, 0), edge=edge),
            ring((50, 0), (50, 7), (52, 7), (53, 7), (52, 7), (52, 0), edge=edge),
        ],
        "CL-GEO-010": [
            ring(*square, holes=(outside,), edge=edge),
            ring(*square, holes=(hole, inner), edge=edge),
        ],
    }  # fmt: skip
    for clause, polygons in bad.items():
        for polygon in polygons:
            assert clause in {found for found, _ in refused(polygon)}


def test_a_ring_around_the_earth_is_refused() -> None:
    """Which side of it is meant would be a guess."""
    points = ((0, 0), (30, 60), (0, 120), (-30, 180), (0, -120), (30, -60))
    assert refused(ring(*points, edge=Edge.GEODESIC)) == [("CL-GEO-007", "/f")]


BEYOND_THE_CAP = {
    # far over the pole from the middle of the area, an edge along 46 N turns its back on it
    Edge.RHUMB: (
        (46.3579267, -64.8032948), (46.3850256, 64.7901569), (37.8734759, 158.1481969),
        (-1.3520462, -168.5121691), (17.7076999, -145.2572028),
    ),
    Edge.LONLAT: (
        (46.3579267, -64.8032948), (46.3579267, 64.8032948), (37.8734759, 158.1481969),
        (-1.3520462, -168.5121691), (17.7076999, -145.2572028),
    ),
}  # fmt: skip


@pytest.mark.parametrize("edge", list(BEYOND_THE_CAP))
def test_an_edge_that_leaves_the_cap_between_corners_inside_it_is_refused(edge: Edge) -> None:
    """By points of its edges, walked by their definition, such a polygon spans more than it may,
    though its corners do not; a geodesic one with the same corners does not."""
    points = BEYOND_THE_CAP[edge]
    along = [
        (a[0] + t * (b[0] - a[0]), a[1] + t * ((b[1] - a[1] + 180) % 360 - 180))
        for a, b in pairwise(points[:3])
        for t in np.linspace(0, 1, 50)
    ]  # a rhumb line between nearly equal latitudes is nearly straight
    corners = ecef(*np.array(points).T)
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    farthest = [
        np.degrees(np.arccos((unit(each) @ unit(middle)).min()))
        for each in (corners, ecef(*np.array(along).T))
    ]
    assert farthest[0] < 80 < farthest[1]
    assert refused(ring(*points, edge=edge)) == [("CL-GEO-007", "/f")]
    assert refused(ring(*points, edge=Edge.GEODESIC)) == []


def test_a_wide_polygon_whose_edges_bend_inwards_is_taken() -> None:
    """A gore from 10 N to the pole, in a cap of 45 degrees: where an edge may come to counts, not
    how sharply it may bend at the pole."""
    assert refused(ring((10, 0), (10, 60), (89.9, 30), edge=Edge.LONLAT)) == []


def test_a_lonlat_edge_half_way_round_has_no_course() -> None:
    """180 degrees of longitude could go either way; a geodesic over the pole goes one way."""
    line = (place(60, 0), place(60, 180))
    for edge in (Edge.LONLAT, Edge.RHUMB):
        assert refused(Corridor(line=line, half_width_mm=1, edge=edge)) == [
            ("CL-GEO-006", "/f/line/0")
        ]
    assert refused(Corridor(line=line, half_width_mm=1, edge=Edge.GEODESIC)) == []


@pytest.mark.parametrize("radius_mm", [0, -1, 5_000_000_001, 10**30])
def test_a_disc_without_a_sensible_radius_is_refused(radius_mm: int) -> None:
    """Nothing, negative, or more than half a hemisphere."""
    found = refused(Disc(centre=place(0, 0), radius_mm=radius_mm))
    assert found == [("CL-GEO-002", "/f/radius_mm")]


def test_coordinates_out_of_range_are_refused_at_their_place() -> None:
    """Latitude beyond 90 or longitude beyond 180 degrees, in any shape, however large."""
    wild = LatLon(900_000_001, -(10**40))
    assert refused(Disc(centre=wild, radius_mm=1)) == [
        ("CL-GEO-001", "/f/centre/0"),
        ("CL-GEO-001", "/f/centre/1"),
    ]
    line = (place(0, 0), wild)
    found = refused(Corridor(line=line, half_width_mm=0, edge=Edge.RHUMB))
    assert ("CL-GEO-001", "/f/line/1/0") in found
    assert ("CL-GEO-002", "/f/half_width_mm") in found


def test_too_many_vertices_are_refused_before_anything_is_computed() -> None:
    """The limit of the protocol holds over outer ring and holes together."""
    many = tuple(LatLon(k, k * k % 1000) for k in range(10_001))
    assert refused(Polygon(outer=many, edge=Edge.GEODESIC)) == [("CL-GEO-004", "/f")]


def test_a_height_says_what_it_is_measured_from_and_how_much() -> None:
    """A number where there must be one, none where there must not; sense in its data."""
    ground, qnh = Ground(low_mm=5, high_mm=4, by="X"), Qnh(pa=1_013, tolerance_pa=0, by="X")
    cases = {
        Height(ref=HeightRef.AMSL): ("CL-HGT-001", "/v/0/upper/mm"),
        Height(ref=HeightRef.UNL, mm=5): ("CL-HGT-001", "/v/0/upper/mm"),
        height(HeightRef.W84, 10**8): ("CL-HGT-002", "/v/0/upper/mm"),
        height(HeightRef.AGL, -1): ("CL-HGT-002", "/v/0/upper/mm"),
        Height(ref=HeightRef.AGL, mm=9, ground=ground): ("CL-HGT-003", "/v/0/upper/ground"),
        Height(ref=HeightRef.W84, mm=9, ground=ground): ("CL-HGT-003", "/v/0/upper/ground"),
        Height(ref=HeightRef.FL, mm=9, qnh=qnh): ("CL-HGT-004", "/v/0/upper/qnh"),
        Height(ref=HeightRef.AMSL, mm=9, qnh=qnh): ("CL-HGT-004", "/v/0/upper/qnh"),
    }
    for bad, expected in cases.items():
        assert expected in clauses(volume(upper=bad))


def test_an_upper_limit_surely_below_the_lower_one_is_refused() -> None:
    """In one reference at once; across references only when nothing could make it right."""
    assert clauses(volume(fl(200), fl(150))) == [("CL-HGT-005", "/v/0/upper")]
    assert clauses(volume(UNL, UNL)) == [("CL-HGT-005", "/v/0/lower")]
    wrong = volume(height(HeightRef.W84, 9_000), fl(100))
    assert clauses(wrong) == [("CL-HGT-005", "/v/0/upper")]
    assert clauses(volume(height(HeightRef.W84, 3_100), fl(100))) == []
    assert clauses(volume(height(HeightRef.AGL, 100), height(HeightRef.AMSL, 50))) == []
    assert clauses(volume(fl(150), fl(150))) == []


def test_a_window_ends_after_it_starts_within_the_years_that_count() -> None:
    """Inverted, empty, endless, or in the wrong unit: refused at the field."""
    assert clauses(volume(start=NOON, end=NOON)) == [("CL-WIN-002", "/v/0/end")]
    assert clauses(volume(start=NOON, end=NOON - 1)) == [("CL-WIN-002", "/v/0/end")]
    assert clauses(volume(start=NOON, end=NOON + 6 * 366 * 86_400_000)) == [
        ("CL-WIN-003", "/v/0/end")
    ]
    assert ("CL-WIN-001", "/v/0/start") in clauses(volume(start=-1))
    assert ("CL-WIN-001", "/v/0/end") in clauses(volume(end=INSTANT_MAX + 1))
    assert check_volume(volume(start=NOON, end=NOON))[0].code is Code.BAD_WINDOW
