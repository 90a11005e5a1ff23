"""The compiled kernel against GeographicLib and the plain path: sound, settled near the limit."""

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from clearline.conflict.fast import earth, geodesics, kernel
from clearline.conflict.fast.curves import at, curve_of
from clearline.conflict.fast.packed import HEART, Packed, joined
from clearline.conflict.fast.packing import pack, pack_one
from clearline.conflict.fast.shapes import shapes_of
from clearline.conflict.fast.sides import EDGE, INSIDE, OUTSIDE, side_of_point
from clearline.conflict.geodesy import E2
from clearline.conflict.inside import Side, side_of
from clearline.conflict.outline import outline_of
from clearline.conflict.separation import plain_lateral
from clearline.conflict.validity import check_footprint
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon
from tests.conflict_cases import (
    MARGINS_M,
    PLACES,
    SIZES_M,
    beside,
    disc,
    intruders,
    not_beaten,
    square,
)
from tests.conflict_oracle import G, Walk, cartesian, distance, go, nearest_on, place, radius_m


def packed(*footprints: Footprint) -> Packed:
    """Footprints, ready for the kernel."""
    return pack(shapes_of(footprints))


def directions(lat: float, lon: float, azimuth: float) -> np.ndarray:
    """A level direction at a place, earth-centred."""
    phi, lam, course = np.radians([lat, lon, azimuth])
    east = np.array([-np.sin(lam), np.cos(lam), 0.0])
    north = np.array([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)])
    return np.sin(course) * east + np.cos(course) * north


def test_geodesics_are_as_long_and_run_as_geographiclib_says() -> None:
    """B10, B11: from a centimetre to 10,000 km, on meridians, on the equator and from the poles;
    and the interval is below 0.4 mm up to 100 km and 3 micrometres beyond."""
    rng = np.random.default_rng(53)
    for n in range(4_000):
        lat = float(np.degrees(np.arcsin(rng.uniform(-1, 1))))
        if n % 3 == 0:
            lat = float(rng.choice([0, 90, -90, 89.9999999, 1e-7, 45]))
        lon = float(rng.uniform(-180, 180))
        azimuth = float(rng.uniform(0, 360)) if n % 5 else float(rng.choice([0, 90, 180, 270]))
        s = 10 ** float(rng.uniform(-2, 7))
        there = go(lat, lon, azimuth, s)
        p, q = (tuple(map(float, x)) for x in cartesian(np.array([(lat, lon), there])))
        low, high, at_p, at_q, off = geodesics.measure(p, q)
        assert low <= s <= high
        assert high - low < (4e-4 if s < 110_000 else 3e-6)
        found = G.Inverse(lat, lon, *there)
        true_p = directions(lat, lon, found["azi1"])
        true_q = directions(*there, found["azi2"])
        if s > 1.0:  # a direction needs a length
            assert float(np.linalg.norm(true_p - at_p)) <= off
            assert float(np.linalg.norm(true_q - at_q)) <= off


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("lat", [-2.0, 30.0, 60.0, 85.0, 89.5])
def test_pieces_stand_for_their_edges(lat: float, edge: Edge) -> None:
    """B12: every piece lies within ``astray`` of the edge it was cut from, within its bulge of its
    chord, and no part of it is longer than its share."""
    rng = np.random.default_rng(59)
    for _ in range(6):
        here = place(lat, float(rng.uniform(-180, 180)))
        there = place(
            *go(here.lat, here.lon, float(rng.uniform(0, 360)), 10 ** float(rng.uniform(1, 6)))
        )
        if here == there or abs(there.lat) > 89.9:
            continue
        p = packed(Corridor(line=(here, there), half_width_mm=1, edge=edge))
        dense = cartesian(np.array([Walk(here, there, edge).at(t) for t in np.linspace(0, 1, 801)]))
        step = float(np.linalg.norm(np.diff(dense, axis=0), axis=1).max())
        for row in range(0, len(p.xyz) - 1, max(1, len(p.xyz) // 4)):
            curve = curve_of(p, row, p.kind[0, 1])
            points = np.array([at(curve, t)[0] for t in np.linspace(0, 1, 17)])
            chord = p.xyz[row + 1] - p.xyz[row]
            share = np.clip((points - p.xyz[row]) @ chord / (chord @ chord), 0, 1)
            off = np.linalg.norm(points - p.xyz[row] - share[:, None] * chord, axis=1)
            assert float(off.max()) <= float(p.span[row, 1]) + 1e-6
            parts = np.linalg.norm(np.diff(points, axis=0), axis=1)
            assert float(parts.max()) <= curve.length / 16 * 1.011 + 1e-6
            for point in points[::4]:
                k = int(np.linalg.norm(dense - point, axis=1).argmin())
                beside = min(
                    line_distance(point, dense[max(k - 1, 0)], dense[k]),
                    line_distance(point, dense[k], dense[min(k + 1, 800)]),
                )
                sagitta = step * step / (8 * 6.3e6) * (1 + 12 * abs(np.tan(np.radians(lat))))
                assert beside <= curve.astray + sagitta + 1e-4


def line_distance(point: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Distance of a point from a segment."""
    d = b - a
    t = 0.0 if not d.any() else float(np.clip((point - a) @ d / (d @ d), 0, 1))
    return float(np.linalg.norm(point - a - t * d))


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("at_", PLACES)
def test_known_distances_are_decided_two_centimetres_from_the_threshold(
    edge: Edge, at_: tuple[float, float]
) -> None:
    """From 50 m to 2,000 km, anywhere: 2 cm, 10 cm, 1 m and 10 m to either side of the truth by
    GeographicLib nothing is decided wrongly, and nothing is left open."""
    judged = 0
    for size, share, turn in product(SIZES_M, (0.05, 0.6), (10.0, 67.0)):
        big = square(*at_, size, turn, edge)
        if check_footprint(big):
            continue
        walk = Walk(big.outer[0], big.outer[1], edge)
        for small, core in intruders(walk, 0.4, share * size, -1, size / 3, edge):
            if check_footprint(small) or not not_beaten(big, small, core):
                continue
            both = packed(big, small)
            truth = core - radius_m(small)
            if truth <= 0 or side_of(outline_of(big), *first(small)) is not Side.OUTSIDE:
                continue
            for margin in MARGINS_M:
                assert_decided(both, truth, margin)
            judged += 1
    assert judged >= 20


def first(footprint: Footprint) -> tuple[float, float]:
    """Latitude and longitude of the point that is stated first."""
    match footprint:
        case Disc(centre=point):
            return point.lat, point.lon
        case Corridor(line=points) | Polygon(outer=points):
            return points[0].lat, points[0].lon


def assert_decided(both: Packed, truth: float, margin: float) -> None:
    """The truth lies in every interval, and thresholds so far off it are decided, rightly."""
    for i, j in ((0, 1), (1, 0)):
        near, low, high = kernel.decide(both, i, both, j, truth + margin)
        assert near == kernel.YES
        assert low <= truth + 1e-6
        assert high >= truth - 1e-6
        if truth > margin:
            far, low, high = kernel.decide(both, i, both, j, truth - margin)
            assert far == kernel.NO
            assert low <= truth + 1e-6
            assert high >= truth - 1e-6


def belt(south: float, north: float, west: float, east: float, edge: Edge) -> Polygon:
    """Between two parallels and two meridians."""
    corners = ((south, west), (south, east), (north, east), (north, west))
    return Polygon(outer=tuple(place(*corner) for corner in corners), edge=edge)


@pytest.mark.parametrize("edge", [Edge.LONLAT, Edge.RHUMB])
def test_facing_parallels_are_settled_at_once(edge: Edge) -> None:
    """B18: sectors bounded by parallels, a gap of 100 m to 440 km between them, from 11 km to 60
    degrees long: all of the one edge is as near to the other as any of it. And a pole above one.
    The kernel leaves nothing open 2 cm from the distance; nor does the plain path, by itself."""
    for lat, gap, width in product((0.5, 50.0, 84.0), (0.001, 0.1, 1.0, 4.0), (0.1, 5.0, 60.0)):
        below = belt(lat - 0.3, lat, 0.0, width, edge)
        above = belt(lat + gap, lat + gap + 0.3, -width / 3, width / 2, edge)
        truth = distance(lat, 0.0, round(lat + gap, 7), 0.0)
        assert_decided(packed(below, above), truth, 0.02)
        assert_decided(packed(below, disc(90, 0, 1_000)), distance(lat, 0, 90, 0) - 1_000, 0.02)
        if width == 5.0:
            for margin in (-0.02, 0.02):
                plainly = plain_lateral(above, below, truth + margin, measured=False)
                assert plainly.low > truth - 0.02 if margin < 0 else plainly.high <= truth + 0.02


@pytest.mark.parametrize("pole", [90.0, -90.0])
@pytest.mark.parametrize("edge", list(Edge))
def test_an_edge_to_a_pole_comes_along_the_meridian_that_it_is_stated_on(
    edge: Edge, pole: float
) -> None:
    """Straight in longitude and latitude it spirals in from there; a rhumb line runs along the
    other end's meridian, and so does a geodesic. Of some metres and of a hundred kilometres, from
    and to the pole."""
    for lon, turn, size in product((180.0, 60.0, -90.0, 0.0), (64.0, -110.0), (1e-4, 1.0)):
        end = place(pole * (1 - size / 90), (lon + turn + 180) % 360 - 180)
        start = place(pole, lon)
        meant = start if edge is Edge.LONLAT else LatLon(start.lat_e7, end.lon_e7)
        for stated, true in (((start, end), (meant, end)), ((end, start), (end, meant))):
            there, truth = beside(Walk(*true, Edge.LONLAT), 0.5, 0.3e5 * size, 1)
            line = Corridor(line=stated, half_width_mm=1, edge=edge)
            spot = Disc(centre=there, radius_mm=1)
            assert_decided(packed(line, spot), truth - 0.002, 0.02)


def test_short_edges_that_bend_sharply_are_settled_beside_long_ones() -> None:
    """A ring of lonlat edges 50 m from the pole, each bent like a circle around it, and an edge
    of 930 km that passes it a thousand away: 10 cm from the distance nothing is left open."""
    around = ((89.9993914, -154.9384989), (89.9995353, 168.0990420), (89.9994640, 135.8294006),
              (89.9993999, 87.4897992), (89.9994322, 34.3209743), (89.9996797, -38.5435789),
              (89.9997246, -76.8503060), (89.9995778, -119.3850848))  # fmt: skip
    ring = Polygon(outer=tuple(place(*at_) for at_ in around), edge=Edge.LONLAT)
    line = (place(79.3372497, 149.6904631), place(79.7324169, -160.4389424))
    other = Polygon(outer=(*line, place(69.0, -170.6)), edge=Edge.GEODESIC)
    side, far = Walk(ring.outer[0], ring.outer[1], Edge.LONLAT), Walk(*line, Edge.GEODESIC)
    truth = min(nearest_on(far, *side.at(t), 0.55, 0.3)[0] for t in np.linspace(0, 1, 400))
    assert_decided(packed(ring, other), truth, 0.1)
    plainly = plain_lateral(ring, other, truth - 0.1, measured=False)
    assert truth - 0.1 < plainly.low <= truth <= plainly.high


@pytest.mark.parametrize("edge", list(Edge))
def test_random_pairs_agree_with_the_plain_path(edge: Edge) -> None:
    """Discs, corridors, polygons, apart, overlapping and inside one another: bounds that meet, and
    the same verdict for thresholds around them but for what either leaves open."""
    rng = np.random.default_rng(list(Edge).index(edge))
    opened = judged = 0
    for _ in range(90):
        lat, lon = float(rng.choice([0, 50, 70, 85, 89.5, -30])), float(rng.choice([0.0, 180.0]))
        a = square(lat, lon, 10 ** rng.uniform(1.7, 5.8), rng.uniform(0, 90), edge)
        size_b, gap = 10 ** rng.uniform(1.5, 5.8), 10 ** rng.uniform(0, 5.5)
        there = go(lat, lon, rng.uniform(0, 360), rng.uniform(0, 1.5) * size_b + gap)
        kind = rng.integers(3)
        if kind == 0:
            b: Footprint = square(*there, size_b, rng.uniform(0, 90), edge)
        elif kind == 1:
            line = (place(*there), place(*go(*there, rng.uniform(0, 360), size_b)))
            b = Corridor(line=line, half_width_mm=int(gap * 10) + 1, edge=edge)
        else:
            b = disc(*there, gap / 2 + 1)
        if check_footprint(a) or check_footprint(b):
            continue
        both = packed(a, b)
        truth = plain_lateral(a, b, plain_lateral(a, b, 0.0).high)
        for threshold in (
            0.0,
            truth.high + 0.02,
            truth.low - 0.02,
            truth.high * 1.5,
            truth.low / 2,
        ):
            if threshold < 0:
                continue
            judged += 1
            found, low, high = kernel.between(both, 0, both, 1, threshold, 10.0, 0.02)
            assert low <= truth.high + 1e-6
            assert high >= truth.low - 1e-6
            assert found != kernel.NO or truth.high > threshold
            assert found != kernel.YES or truth.low <= threshold
            opened += found == kernel.OPEN and not truth.low <= threshold < truth.high
    assert judged >= 150
    assert opened == 0


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("at_", PLACES)
def test_sides_agree_with_the_plain_path(edge: Edge, at_: tuple[float, float]) -> None:
    """B13: points anywhere around a polygon with a hole, down to a metre from its edges."""
    rng = np.random.default_rng(61)
    judged = 0
    for size in (50.0, 30_000.0, 1_500_000.0):
        outer = square(*at_, size, float(rng.uniform(0, 90)), edge).outer
        hole = square(*at_, size / 3, float(rng.uniform(0, 90)), edge).outer
        ring = Polygon(outer=outer, holes=(hole,), edge=edge)
        if check_footprint(ring):
            continue
        both, outline = packed(ring), outline_of(ring)
        for _ in range(60):
            lat, lon = go(*at_, rng.uniform(0, 360), size * rng.uniform(0, 0.8))
            point = place(lat, lon)
            q = tuple(map(float, cartesian(np.array([(point.lat, point.lon)]))[0]))
            side, truth = side_of_point(both, 0, q), side_of(outline, point.lat, point.lon)
            assert side in (EDGE, {Side.INSIDE: INSIDE, Side.OUTSIDE: OUTSIDE}.get(truth, side))
            judged += side != EDGE
    assert judged >= 100


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("at_", PLACES)
def test_all_around_a_heart_is_core(edge: Edge, at_: tuple[float, float]) -> None:
    """B17: polygons with and without a hole, and of every corner count: what lies around the heart
    lies inside by the plain path, up to its rim; and where the middle is inside there is a ball."""
    rng = np.random.default_rng(71)
    judged = hearts = 0
    for size in (50.0, 30_000.0, 400_000.0):
        turns = np.sort(rng.uniform(0, 360, 9))
        outer = tuple(place(*go(*at_, float(t), size * rng.uniform(0.4, 1))) for t in turns)
        hole = square(*go(*at_, 45.0, size / 4), size / 8, 20.0, edge).outer
        whole = square(*at_, size, float(rng.uniform(0, 90)), edge).outer
        for ring in (
            Polygon(outer=outer, edge=edge),
            Polygon(outer=whole, edge=edge),
            Polygon(outer=whole, holes=(hole,), edge=edge),
        ):
            if check_footprint(ring):
                continue
            heart, outline = packed(ring).solid[0, HEART:], outline_of(ring)
            hearts += heart[3] > 0
            lat, lon = latlon(heart[:3])
            for k in range(12 if heart[3] > 0 else 0):
                away = float(heart[3]) * (0.999999 if k % 2 else float(rng.uniform(0, 1)))
                there = go(lat, lon, float(rng.uniform(0, 360)), away)
                assert side_of(outline, *there) is not Side.OUTSIDE
                judged += 1
    assert hearts >= 6
    assert judged >= 60


def latlon(point: np.ndarray) -> tuple[float, float]:
    """Latitude and longitude of a point of the ellipsoid, degrees."""
    lat = np.arctan2(point[2], (1 - E2) * np.hypot(point[0], point[1]))
    return float(np.degrees(lat)), float(np.degrees(np.arctan2(point[1], point[0])))


def test_a_footprint_whose_middle_is_elsewhere_has_a_point_for_a_heart() -> None:
    """Of a crescent and of a corridor it is one of their points, of a disc its centre: nothing is
    said of what lies around it."""
    turns = [*range(30, 331, 30)]
    horns = [place(*go(50, 180, t, 30_000.0)) for t in turns]
    back = [place(*go(50, 180, t, 25_000.0)) for t in reversed(turns)]
    crescent = Polygon(outer=tuple(horns + back), edge=Edge.GEODESIC)
    line = Corridor(line=tuple(horns[:3]), half_width_mm=5_000_000, edge=Edge.RHUMB)
    both = packed(crescent, line, disc(10, 20, 3_000.0))
    assert (both.solid[:, HEART + 3] == 0).all()
    for k in range(3):
        rows = both.xyz[both.first[k, 0] : both.first[k + 1, 0]]
        assert (rows == both.solid[k, HEART : HEART + 3]).all(axis=1).any()


def test_many_rows_say_the_same_as_all_pairs_of_rows() -> None:
    """Rings of thousands of vertices, one beside the other and one inside the other: the tree over
    their pieces leaves nothing out."""

    def wavy(lat: float, lon: float, metres: float, n: int, waves: int) -> Polygon:
        turns = np.arange(n) * 360 / n
        reach = metres * (1 + 0.2 * np.sin(np.radians(turns) * waves))
        spots = (go(lat, lon, float(t), float(r)) for t, r in zip(turns, reach, strict=True))
        return Polygon(outer=tuple(place(*spot) for spot in spots), edge=Edge.GEODESIC)

    big = wavy(50.0, 179.9, 40_000.0, 2_000, 7)
    for other in (
        wavy(50.0, 181.5, 40_000.0, 1_000, 5),
        wavy(50.0, 179.9, 20_000.0, 500, 3),
        wavy(50.0, 179.9, 90_000.0, 700, 4),
    ):
        both = packed(big, other)
        pa, pb = cartesian_of(big), cartesian_of(other)
        apart = float(np.linalg.norm(pa[:, None] - pb[None], axis=2).min())
        verdict, low, high = kernel.between(both, 0, both, 1, 1_000.0, 0.0, 0.0)
        inside = len(other.outer) != 1_000
        assert verdict == (kernel.YES if inside else kernel.NO)
        assert low <= earth.arc_high_one(apart)
        assert (high == 0.0) == inside
        assert inside or apart - 300.0 < low <= high < apart + 0.05


@pytest.mark.parametrize("edge", list(Edge))
def test_what_is_filed_twice_or_shares_a_corner_meets_itself(edge: Edge) -> None:
    """Copies, and areas with a corner in common, are 0 apart, and that is surely within 0."""
    for size in (300.0, 3e4, 3e5, 2e6):
        ring = square(50.0, 180.0, size, 10.0, edge)
        corner = ring.outer[2]
        beside = place(corner.lat - 1e-3, corner.lon), place(corner.lat - 1e-3, corner.lon - 2e-3)
        line = Corridor(line=(corner, beside[0]), half_width_mm=1, edge=edge)
        for other in (ring, line, Polygon(outer=(corner, *beside), edge=edge)):
            both = packed(ring, other)
            assert kernel.decide(both, 0, both, 1, 0.0) == (kernel.YES, 0.0, 0.0)
            assert kernel.decide(both, 1, both, 0, 0.0) == (kernel.YES, 0.0, 0.0)


def cartesian_of(polygon: Polygon) -> np.ndarray:
    """Corners, earth-centred."""
    return cartesian(np.array([(p.lat, p.lon) for p in polygon.outer]))


def test_packing_one_by_one_joins_to_packing_all() -> None:
    """Footprints packed alone and joined are those packed together, to the last bit."""
    some = [disc(1, 2, 30), square(60, 180, 3e5, 20, Edge.RHUMB), square(0, 0, 4e6, 3, Edge.LONLAT)]
    together = packed(*some)
    one_by_one = joined([pack_one(shapes_of([each])) for each in some])
    for a, b in zip(together, one_by_one, strict=True):
        assert np.array_equal(a, b)


def test_without_a_compiler_the_answers_are_the_same() -> None:
    """The kernel as plain Python decides as the compiled one does, and bounds to a nanometre."""
    script = "from tests.properties.test_conflict_kernel import sampled; print(sampled())"
    environ = {**os.environ, "CLEARLINE_COMPILED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True
    )
    plain = [line.split() for line in run.stdout.strip().splitlines()]
    fast = [line.split() for line in sampled().splitlines()]
    assert len(plain) == len(fast) >= 30
    for a, b in zip(plain, fast, strict=True):
        assert a[0] == b[0]
        assert float(a[1]) == pytest.approx(float(b[1]), abs=1e-6)
        assert float(a[2]) == pytest.approx(float(b[2]), abs=1e-6)


def sampled() -> str:
    """Decisions and bounds for some pairs, a line each."""
    some: list[Footprint] = [disc(50, 8, 3_000), disc(50, 8.5, 30_000)]
    some += [square(50, 8.3, 40_000, 11, edge) for edge in Edge]
    line = (place(49.9, 7.6), place(50.4, 9.0))
    some += [Corridor(line=line, half_width_mm=900_000, edge=edge) for edge in Edge]
    p = packed(*some)
    lines = []
    for i, j in product(range(len(some)), repeat=2):
        verdict, low, high = kernel.between(p, i, p, j, 20_000.0, 10.0, 0.02)
        lines.append(f"{verdict} {low!r} {high!r}".replace("np.float64(", "").replace(")", ""))
    return "\n".join(lines)


def test_truth_is_known_where_discs_meet() -> None:
    """Disc against disc is Karney's distance less the radii."""
    rng = np.random.default_rng(67)
    for _ in range(200):
        lat, lon = float(np.degrees(np.arcsin(rng.uniform(-1, 1)))), float(rng.uniform(-180, 180))
        there = go(lat, lon, rng.uniform(0, 360), 10 ** rng.uniform(1.7, 6.9))
        a, b = disc(lat, lon, 10.0), disc(*there, 0.5)
        core = distance(a.centre.lat, a.centre.lon, b.centre.lat, b.centre.lon)
        if core > 30:
            for margin in MARGINS_M[:2]:
                assert_decided(packed(a, b), core - 10.5, margin)
