"""Whether a footprint lies within another: held against GeographicLib, point by point (W1-W4)."""

import random

import pytest

from clearline.conflict.validity import check_footprint
from clearline.conflict.within import footprint_within
from clearline.model.finding import Verdict
from clearline.model.space import Corridor, Disc, Edge, Footprint, Polygon
from tests.conflict_oracle import (
    Walk,
    azimuth,
    descend,
    distance,
    encloses,
    go,
    nearest_on,
    place,
    radius_m,
    walks,
)

PLACES = [(0.0, 10.0), (50.0, 179.95), (-70.0, -180.0), (85.0, 33.0), (89.9, 0.0), (-89.99, 77.0)]
EDGES = list(Edge)


def round_disc(lat: float, lon: float, metres: float) -> Disc:
    """A disc."""
    return Disc(centre=place(lat, lon), radius_mm=round(metres * 1000))


def ring(lat: float, lon: float, metres: float, corners: int, turn: float = 0.0) -> tuple:
    """Corners on a circle."""
    return tuple(place(*go(lat, lon, turn + 360 * k / corners, metres)) for k in range(corners))


def area(lat: float, lon: float, metres: float, edge: Edge, corners: int = 5, **holes) -> Polygon:
    """A polygon with its corners on a circle."""
    return Polygon(outer=ring(lat, lon, metres, corners, 13.0), edge=edge, **holes)


def street(lat: float, lon: float, heading: float, metres: float, half: float, edge: Edge):
    """A corridor through a place, of three points."""
    ends = go(lat, lon, heading + 180, metres / 2), go(lat, lon, heading, metres / 2)
    line = (place(*ends[0]), place(lat, lon), place(*ends[1]))
    return Corridor(line=line, half_width_mm=round(half * 1000), edge=edge)


# --- what is known --------------------------------------------------------------------------------


@pytest.mark.parametrize(("lat", "lon"), PLACES)
@pytest.mark.parametrize("radius", [300.0, 40_000.0, 1_500_000.0])
def test_a_disc_within_a_disc_is_decided_to_the_millimetre(lat, lon, radius) -> None:
    """YES while distance and radius are less than the outer radius by 3 mm, NO beyond."""
    outer = round_disc(lat, lon, radius)
    for heading in (0.0, 77.0, 201.0):
        inner_at = place(*go(lat, lon, heading, radius * 0.6))
        apart = distance(outer.centre.lat, outer.centre.lon, inner_at.lat, inner_at.lon)
        for beyond, verdict in ((-0.003, Verdict.YES), (0.003, Verdict.NO)):
            inner = Disc(centre=inner_at, radius_mm=round((radius - apart + beyond) * 1000))
            found = footprint_within(inner, outer)
            assert verdict is found.verdict
            if verdict is Verdict.NO:
                assert 0.001 <= found.beyond_m.low <= 0.004


@pytest.mark.parametrize(("lat", "lon"), PLACES)
@pytest.mark.parametrize("edge", EDGES)
def test_a_chain_within_a_disc_is_decided_to_the_centimetre(lat, lon, edge) -> None:
    """Corridors of 30 km and polygons; the farthest point of each by walking its edges."""
    for inner in (street(lat, lon, 30.0, 30_000, 500, edge), area(lat, lon, 9_000, edge)):
        middle = go(lat, lon, 100.0, 4_000)
        core = max(
            distance(*middle, *walk.at(k / 400)) for walk in walks(inner) for k in range(401)
        )
        far = core + radius_m(inner)
        # Bases on a curved edge near a pole are as far apart as the edge allows.
        less = -0.01 if edge is Edge.GEODESIC or abs(lat) < 86 else -5.0
        for spare, verdict in ((0.01, Verdict.YES), (less, Verdict.NO)):
            outer = round_disc(*middle, far + spare)
            moved = distance(*middle, outer.centre.lat, outer.centre.lon)
            assert moved < 0.02, "the wire rounds"
            outer = round_disc(*middle, far + spare + (moved if spare > 0 else -moved))
            assert verdict is footprint_within(inner, outer).verdict


@pytest.mark.parametrize(("lat", "lon"), PLACES)
@pytest.mark.parametrize("edge", EDGES)
def test_a_disc_within_a_polygon_or_a_corridor_is_decided_to_five_centimetres(
    lat, lon, edge
) -> None:
    """A disc 2 km from the middle; its distance from the edges by descent (GeographicLib)."""
    inner_at = place(*go(lat, lon, 50.0, 2_000))
    point = Disc(centre=inner_at, radius_mm=1)
    polygon = area(lat, lon, 20_000, edge)
    corridor = street(lat, lon, 30.0, 30_000, 8_000, edge)
    for outer, room in (
        (polygon, descend(point, polygon)),
        (corridor, 8_000 - descend(point, corridor)),
    ):
        for beyond, verdict in ((-0.05, Verdict.YES), (0.05, Verdict.NO)):
            inner = Disc(centre=inner_at, radius_mm=round((room + beyond) * 1000))
            assert verdict is footprint_within(inner, outer).verdict


@pytest.mark.parametrize("edge", EDGES)
def test_a_corridor_within_a_wider_one_of_the_same_line(edge) -> None:
    """Along the same line, however long; the same width fits too, a wider one does not."""
    points = [(60.0, 170.0), (61.0, -170.0), (55.0, -160.0)]
    line = tuple(place(*point) for point in points)

    def corridor(half: float, part: slice = slice(None)) -> Corridor:
        return Corridor(line=line[part], half_width_mm=round(half * 1000), edge=edge)

    assert footprint_within(corridor(500), corridor(501)).verdict is Verdict.YES
    assert footprint_within(corridor(500, slice(0, 2)), corridor(500)).verdict is Verdict.YES
    assert footprint_within(corridor(500), corridor(499)).verdict is Verdict.NO
    assert footprint_within(corridor(500), corridor(500, slice(0, 2))).verdict is Verdict.NO
    assert footprint_within(corridor(500), corridor(500)).verdict is Verdict.YES


@pytest.mark.parametrize(("lat", "lon"), PLACES)
def test_a_hole_of_the_envelope_is_outside_of_it(lat, lon) -> None:
    """What covers a hole, or reaches into it, is not within; what stays beside it is."""
    hole = ring(lat, lon, 1_000, 4)
    outer = area(lat, lon, 20_000, Edge.GEODESIC, 8, holes=(hole,))
    assert footprint_within(area(lat, lon, 5_000, Edge.GEODESIC), outer).verdict is Verdict.NO
    assert footprint_within(round_disc(lat, lon, 5_000), outer).verdict is Verdict.NO
    assert footprint_within(round_disc(lat, lon, 100), outer).verdict is Verdict.NO
    beside = go(lat, lon, 90.0, 3_000)
    assert footprint_within(round_disc(*beside, 1_900), outer).verdict is Verdict.YES
    assert footprint_within(round_disc(*beside, 2_100), outer).verdict is Verdict.NO
    around = area(lat, lon, 5_000, Edge.GEODESIC, holes=(ring(lat, lon, 2_000, 6),))
    assert footprint_within(around, outer).verdict is Verdict.YES


def test_a_gap_that_a_corridor_runs_around_is_not_said_to_be_covered() -> None:
    """A polygon whose ring lies wholly within a corridor that runs around a gap: not decided."""
    round_ = ring(48.0, 11.0, 20_000, 24)
    outer = Corridor(line=(*round_, round_[0]), half_width_mm=3_000_000, edge=Edge.GEODESIC)
    inner = Polygon(outer=ring(48.0, 11.0, 20_000, 24), edge=Edge.GEODESIC)
    assert footprint_within(inner, outer).verdict is Verdict.UNDETERMINED


# --- any pair -------------------------------------------------------------------------------------


def in_core_range(outer: Footprint, lat: float, lon: float) -> float:
    """How far outside a footprint a point is, metres; 0 inside (by GeographicLib)."""
    if isinstance(outer, Disc):
        apart = distance(lat, lon, outer.centre.lat, outer.centre.lon)
        return max(0.0, apart - outer.radius_mm / 1000)
    near = min(core_gap(walk, lat, lon) for walk in walks(outer))
    if isinstance(outer, Corridor):
        return max(0.0, near - outer.half_width_mm / 1000)
    within = encloses(outer.outer, outer.edge, lat, lon, 80) and not any(
        encloses(hole, outer.edge, lat, lon, 80) for hole in outer.holes
    )
    return 0.0 if within else near


def core_gap(walk: Walk, lat: float, lon: float) -> float:
    """Distance of a point from one edge: the best of 21 places on it, and golden section there."""
    best = min(range(21), key=lambda k: distance(lat, lon, *walk.at(k / 20)))
    return nearest_on(walk, lat, lon, best / 20, 0.05, 30)[0]


def points_of(inner: Footprint, chance: random.Random, count: int) -> list[tuple[float, float]]:
    """Points of a footprint: along its edges, and a radius away from them."""
    if isinstance(inner, Disc):
        bases = [(inner.centre.lat, inner.centre.lon)] * count
    else:
        edges = walks(inner)
        bases = [chance.choice(edges).at(chance.random()) for _ in range(count)]
    radius = radius_m(inner)
    return [go(*base, chance.uniform(0, 360), radius) if radius else base for base in bases]


def any_footprint(chance: random.Random, lat: float, lon: float, size: float) -> Footprint:
    """Of any kind, near a place."""
    at = go(lat, lon, chance.uniform(0, 360), size * chance.random() * 0.7)
    edge = chance.choice(EDGES)
    match chance.randrange(4):
        case 0:
            return round_disc(*at, size * chance.uniform(0.1, 1))
        case 1:
            half = size * chance.uniform(0.05, 0.5)
            return street(*at, chance.uniform(0, 360), size, half, edge)
        case 2:
            return area(*at, size * chance.uniform(0.2, 1), edge, chance.randrange(3, 8))
        case _:
            metres = size * chance.uniform(0.3, 1)
            return area(*at, metres, edge, 6, holes=(ring(*at, metres * 0.2, 4),))


@pytest.mark.parametrize(("lat", "lon"), PLACES)
def test_yes_and_no_are_sound_for_any_pair(lat, lon) -> None:
    """YES: no point of the inner one is outside. NO: the points that are named are of the inner one
    and outside. And most pairs are decided."""
    chance = random.Random(f"{lat}/{lon}")
    counted = dict.fromkeys(Verdict, 0)
    for _ in range(16):
        size = 10 ** chance.uniform(2, 5)
        inner = any_footprint(chance, lat, lon, size * chance.choice((0.03, 0.2, 0.6)))
        outer = any_footprint(chance, lat, lon, size)
        if check_footprint(inner) or check_footprint(outer):
            continue
        found = footprint_within(inner, outer)
        counted[found.verdict] += 1
        if found.verdict is Verdict.YES:
            for point in points_of(inner, chance, 6):
                assert in_core_range(outer, *point) < 0.02
        elif found.verdict is Verdict.NO:
            for point in found.outside[:1]:
                assert in_core_range(inner, *point) < 0.02
                assert in_core_range(outer, *point) > found.beyond_m.low - 0.02
    assert counted[Verdict.YES] >= 1
    assert counted[Verdict.NO] >= 5
    assert counted[Verdict.UNDETERMINED] <= 2


def test_azimuth_of_the_oracle_is_that_of_the_code() -> None:
    """The way away from a disc's centre is where the farthest point is found."""
    outer, inner = round_disc(50.0, 8.0, 50_000), round_disc(50.3, 8.4, 20_000)
    found = footprint_within(inner, outer)
    away = azimuth(50.0, 8.0, 50.3, 8.4)
    assert abs((azimuth(50.0, 8.0, *found.outside[0]) - away + 180) % 360 - 180) < 2.0
