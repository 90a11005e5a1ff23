"""The bounds that soundness rests on, tried against GeographicLib (docs/conflict-bounds.md)."""

import numpy as np
import pytest

from clearline.conflict.fast.earth import isometric
from clearline.conflict.geodesy import (
    NUMERIC_M,
    R_MIN_M,
    arc_high,
    arc_low,
    chord_of,
    meridian_m,
    norm,
    segments_apart,
    unit,
)
from clearline.conflict.inside import drift
from clearline.conflict.outline import outline_of, pieces_of, positions, whole_edges
from clearline.conflict.separation import chord_bounds, geodesic_bounds
from clearline.model.space import Corridor, Edge
from tests.conflict_oracle import E2, A, Walk, cartesian, distance, go, place

EDGES = [(lat, edge) for lat in (-2.0, 30.0, 60.0, 85.0, 89.5) for edge in Edge]


def test_a_chord_bounds_its_geodesic_from_both_sides() -> None:
    """B1: from a metre to half way round, anywhere; and the interval is narrow."""
    rng = np.random.default_rng(11)
    for _ in range(3_000):
        lat, lon = float(np.degrees(np.arcsin(rng.uniform(-1, 1)))), float(rng.uniform(-180, 180))
        there = go(lat, lon, float(rng.uniform(0, 360)), 10 ** float(rng.uniform(0, 7.3)))
        ends = cartesian(np.array([[lat, lon], there]))
        chord = float(norm(ends[1] - ends[0]))
        truth = distance(lat, lon, *there)
        low, high = float(arc_low(np.array(chord))), float(arc_high(np.array(chord)))
        assert low <= truth <= high
        assert chord <= chord_of(truth)
        if truth < 30_000:
            assert high - low < 0.001


def test_a_chord_bounds_geodesics_of_extreme_curvature() -> None:
    """B1: meridians at the equator and at the poles, where curvature is greatest and least."""
    for lat in (0.0, 45.0, 89.0, 90.0):
        for heading in (0.0, 45.0, 90.0):
            for s in (10.0, 1e3, 1e5, 1e6, 5e6, 1e7, 1.9e7):
                there = go(lat, 0.0, heading, s)
                ends = cartesian(np.array([[lat, 0.0], there]))
                chord, truth = float(norm(ends[1] - ends[0])), distance(lat, 0.0, *there)
                assert float(arc_low(np.array(chord))) <= truth
                assert truth <= float(arc_high(np.array(chord)))


def edges_at(lat: float, edge: Edge, seed: int) -> list[tuple[Walk, Corridor]]:
    """Edges of a metre to 1,500 km that start near a latitude."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(12):
        here = place(lat, float(rng.uniform(-180, 180)))
        span = 10 ** float(rng.uniform(0, 6.2))
        there = place(*go(here.lat, here.lon, float(rng.uniform(0, 360)), span))
        if here != there and abs(there.lat) < 89.9:
            made.append(
                (Walk(here, there, edge), Corridor(line=(here, there), half_width_mm=1, edge=edge))
            )
    return made


@pytest.mark.parametrize(("lat", "edge"), EDGES)
def test_edges_stay_within_their_bulge_their_drift_and_their_length(lat: float, edge: Edge) -> None:
    """B2, B3, B4: no point of an edge leaves its chord by more than the bulge, its great circle by
    more than the drift; no piece is longer than stated."""
    for walk, corridor in edges_at(lat, edge, 17):
        outline = outline_of(corridor)
        piece = pieces_of(outline, np.array([0]), np.array([0.0]), np.array([1.0]))
        points = cartesian(np.array([walk.at(t) for t in np.linspace(0, 1, 65)]))
        steps = float(norm(np.diff(points, axis=0)).sum())
        assert steps <= piece.length[0] + NUMERIC_M
        chord = piece.p1[0] - piece.p0[0]
        share = np.clip((points - piece.p0[0]) @ chord / (chord @ chord), 0, 1)
        off = norm(points - piece.p0[0] - share[:, None] * chord)
        assert float(off.max()) <= piece.bulge[0] + NUMERIC_M
        if piece.length[0] < 3_000_000:
            normal = unit(np.cross(piece.p0[0], chord)[None])[0]
            lean = np.abs(np.arcsin(np.clip(unit(points) @ normal, -1, 1)))
            allowed = drift(piece)[0] + 2e-9 / max(1.0, float(norm(chord)))
            assert float(lean.max()) <= allowed


@pytest.mark.parametrize(("lat", "edge"), EDGES)
def test_edges_are_walked_by_their_definition(lat: float, edge: Edge) -> None:
    """B6: points along an edge agree with the definition to a hundredth of a millimetre."""
    for walk, corridor in edges_at(lat, edge, 23):
        outline = outline_of(corridor)
        for t in (0.0, 0.125, 0.5, 0.8125, 1.0):
            piece = pieces_of(outline, np.array([0]), np.array([0.0]), np.array([t]))
            there = cartesian(np.array([walk.at(t)]))[0]
            # The oracle's own formula loses digits near poles; a hundredth of a millimetre it has.
            assert float(norm(piece.p1[0] - there)) < (1e-5 if abs(lat) < 80 else 1e-3)


@pytest.mark.parametrize("edge", [Edge.LONLAT, Edge.RHUMB])
@pytest.mark.parametrize("lat", [10.0, 50.0, 80.0, 89.0])
def test_curvature_is_never_understated(lat: float, edge: Edge) -> None:
    """B5: the turn of a short run against the geodesic through its ends is within the bound."""
    rng = np.random.default_rng(29)
    for _ in range(10):
        here = place(lat, 0.0)
        there = place(lat + float(rng.uniform(-0.9, 0.9)), float(rng.uniform(-3, 3)))
        walk = Walk(here, there, edge)
        outline = outline_of(Corridor(line=(here, there), half_width_mm=1, edge=edge))
        piece = pieces_of(outline, np.array([0]), np.array([0.0]), np.array([1.0]))
        for t in (0.1, 0.5, 0.9):
            run = min(1.0, 2_000 / float(piece.length[0]))
            ends = [walk.at(t - run / 20), walk.at(t), walk.at(t + run / 20)]
            a, b, c = cartesian(np.array(ends))
            up = unit(b[None] * np.array([1, 1, 1 / (1 - E2)]))[0]
            flat_a, flat_c = (a - b) - ((a - b) @ up) * up, (c - b) - ((c - b) @ up) * up
            sine = abs(float(np.cross(flat_a, flat_c) @ up)) / float(norm(flat_a) * norm(flat_c))
            length = float(norm(flat_a) + norm(flat_c)) / 2
            assert sine / length <= piece.kappa[0] * 1.002 + 2e-9 + 1 / A * 1e-3


def test_straight_segments_are_never_said_to_be_farther_apart_than_they_are() -> None:
    """B7: against dense samples: crossing, skew, parallel, nearly parallel, and of no length."""
    rng = np.random.default_rng(31)
    n = 400
    p0, q0 = rng.normal(size=(n, 3)) * 1e4, rng.normal(size=(n, 3)) * 1e4
    p1 = p0 + rng.normal(size=(n, 3)) * 10 ** rng.uniform(0, 5, (n, 1))
    q1 = q0 + rng.normal(size=(n, 3)) * 10 ** rng.uniform(0, 5, (n, 1))
    q1[:100] = q0[:100] + (p1 - p0)[:100] * rng.uniform(-2, 2, (100, 1))
    q1[:50] += rng.normal(size=(50, 3)) * 10 ** rng.uniform(-5, 0, (50, 1))
    q1[100:120], p1[110:130] = q0[100:120], p0[110:130]
    found = segments_apart(p0, p1, q0, q1)
    steps = np.linspace(0, 1, 101)
    for k in range(n):
        on_p = p0[k] + steps[:, None] * (p1 - p0)[k]
        on_q = q0[k] + steps[:, None] * (q1 - q0)[k]
        apart = float(np.linalg.norm(on_p[:, None] - on_q[None], axis=2).min())
        reach = float(norm(p1[k] - p0[k]) + norm(q1[k] - q0[k])) / 100
        assert found[k] <= apart + 1e-9
        assert found[k] >= apart - reach - 0.1


def test_the_second_variation_bound_holds_on_the_ellipsoid() -> None:
    """B8: along geodesics from both ends of any distance the distance falls below its tangent by
    no more than sqrt(K) tan(sqrt(K) D / 2) / 2 times the squares of the steps."""
    rng = np.random.default_rng(37)
    root_k = 1 / 6_356_752.314
    for _ in range(400):
        lat, lon = float(np.degrees(np.arcsin(rng.uniform(-1, 1)))), 0.0
        far = 10 ** float(rng.uniform(2, 7.2))
        there = go(lat, lon, float(rng.uniform(0, 360)), far)
        f0 = distance(lat, lon, *there)
        course_a, course_b = float(rng.uniform(0, 360)), float(rng.uniform(0, 360))
        step = min(far / 5, 300_000.0)

        def f(s: float, t: float, data=(lat, lon, there, course_a, course_b)) -> float:
            la, lo, end, ca, cb = data
            return distance(*go(la, lo, ca, s), *go(*end, cb, t))

        tiny = 1.0
        slope_a = (f(tiny, 0) - f(-tiny, 0)) / 2
        slope_b = (f(0, tiny) - f(0, -tiny)) / 2
        for s, t in ((step, step), (-step, step), (step, 0), (0, -step), (-step, -step)):
            reach = f0 + abs(s) + abs(t)
            if reach > 19_000_000:
                continue
            sag = root_k * np.tan(reach * root_k / 2)
            line = f0 + slope_a * s + slope_b * t
            assert f(s, t) >= line - sag * (s * s + t * t) / 2 - 1e-6 * (abs(s) + abs(t)) - 1e-6


@pytest.mark.parametrize("edge", list(Edge))
def test_no_pair_of_points_on_two_pieces_leaves_their_bounds(edge: Edge) -> None:
    """B1, B2, B8 together: samples of two edges are never nearer than the lower bounds of their
    one patch, by chords or by geodesics, and never all farther than the upper ones."""
    rng = np.random.default_rng(41)
    narrow = 0
    for _ in range(150):
        lat = float(rng.choice([0.0, 45.0, 70.0, 84.0])) + float(rng.uniform(-2, 2))
        size = 10 ** float(rng.uniform(2.5, 5.7))
        corners = [place(lat, 0.0)]
        corners.append(place(*go(lat, 0.0, float(rng.uniform(0, 360)), size)))
        start = go(lat, 0.0, float(rng.uniform(0, 360)), size * float(rng.uniform(0.2, 12)))
        corners.append(place(*start))
        corners.append(place(*go(*start, float(rng.uniform(0, 360)), size)))
        if any(abs(corner.lat) > 88.5 for corner in corners):
            continue
        a = Corridor(line=(corners[0], corners[1]), half_width_mm=1, edge=edge)
        b = Corridor(line=(corners[2], corners[3]), half_width_mm=1, edge=edge)
        first, second = outline_of(a), outline_of(b)
        pa, pb, zero = whole_edges(first), whole_edges(second), np.array([0])
        wa, wb = Walk(*a.line, edge), Walk(*b.line, edge)
        steps = np.linspace(0, 1, 9)
        truth = min(distance(*wa.at(s), *wb.at(t)) for s in steps for t in steps)
        low, high = chord_bounds(pa, pb, zero, zero)
        assert low[0] <= truth <= high + 1e-6
        low, high = geodesic_bounds((first, pa, zero), (second, pb, zero))
        assert low[0] <= truth
        assert truth <= high + 1e-6
        narrow += bool(low[0] > truth - 0.02 * size)
    assert narrow >= 20


@pytest.mark.parametrize("off_deg", [1e-2, 1e-4, 1e-5, 1e-6])
@pytest.mark.parametrize("pole", [1.0, -1.0])
def test_a_rhumb_line_from_beside_a_pole_keeps_its_course(pole: float, off_deg: float) -> None:
    """B6: down to 11 cm from it, where 1 - sin(latitude) has no digits left: against logarithms of
    the tangent of half the angle from the pole, which the stated degrees give exactly; to 0.1 mm on
    the ground a degree from the pole."""

    def isometric_from(colatitude_deg: float) -> float:
        c = np.radians(colatitude_deg)
        e = np.sqrt(E2)
        return float(-np.log(np.tan(c / 2)) - e * np.arctanh(e * np.cos(c)))

    line = (place(pole * (90 - off_deg), 10.0), place(pole * 60.0, 100.0))
    outline = outline_of(Corridor(line=line, half_width_mm=1, edge=Edge.RHUMB))
    whole = isometric_from(30.0) - isometric_from(off_deg)
    for at in (0.1, 1.0, 10.0):
        t = (at - off_deg) / (30.0 - off_deg)
        lat, lon = positions(outline, np.array([0]), np.array([t]))
        colatitude = 90 - abs(float(lat[0]))
        turn = 90.0 * (isometric_from(colatitude) - isometric_from(off_deg)) / whole
        aside_m = np.radians(float(lon[0]) - 10.0 - turn) * 111_000 * colatitude
        assert abs(aside_m) < 1e-4 * max(1.0, at)
        start, down = np.radians(pole * (90 - off_deg)), -np.radians(pole * (at - off_deg))
        part = isometric(start, down) / isometric(start, -np.radians(pole * (30 - off_deg)))
        assert abs(np.radians(90.0 * part - turn) * 111_000 * at) < 1e-4 * max(1.0, at)


def test_meridians_are_as_long_as_geographiclib_says() -> None:
    """B18: between any two latitudes, to a tenth of a micrometre and the rounding of 10,000 km."""
    rng = np.random.default_rng(18)
    for south, north in [(-90.0, 90.0), (0.0, 90.0), *rng.uniform(-90, 90, (300, 2)).tolist()]:
        arc = float(meridian_m(np.radians(north)) - meridian_m(np.radians(south)))
        assert abs(abs(arc) - distance(south, 7.0, north, 7.0)) < 1.2e-7


def test_the_least_radius_is_the_meridians_at_the_equator() -> None:
    """The figure that the upper bound of an arc rests on."""
    assert pytest.approx(6_335_439.3, abs=0.1) == R_MIN_M
