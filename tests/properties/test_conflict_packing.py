"""Footprints made ready for distances: the same whatever is packed with them, nothing too small."""

from itertools import pairwise
from math import inf, pi

import numpy as np
import pytest

from clearline.conflict.fast import earth
from clearline.conflict.fast import packing as module
from clearline.conflict.fast.compiled import plain
from clearline.conflict.fast.earth import RIGHT, sin_cos
from clearline.conflict.fast.packed import joined
from clearline.conflict.fast.packing import BULGE_M_MAX, PIECES_MAX, pack, pack_one
from clearline.conflict.fast.shapes import shapes_of
from clearline.conflict.geodesy import NUMERIC_M
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon
from tests.conflict_oracle import E2, A, Walk, cartesian, distance, go, place

LATITUDES = (-90.0, -70.0, -0.001, 45.0, 60.0, 85.0, 89.99)


def footprint(rng: np.random.Generator) -> Footprint:
    """A footprint of any kind, edge and size up to a few thousand kilometres, anywhere."""
    lat, lon = float(rng.choice(LATITUDES)), float(rng.choice((0.0, 179.999, -77.0)))
    size, edge = 10 ** float(rng.uniform(1, 6.2)), list(Edge)[int(rng.integers(3))]
    turns = np.sort(rng.uniform(0, 360, int(rng.integers(3, 30))))
    ring = tuple(place(*go(lat, lon, float(turn), size)) for turn in turns)
    hole = tuple(place(*go(lat, lon, float(turn), size / 3)) for turn in turns[:3])
    kind = int(rng.integers(4))
    if kind == 0:
        return Disc(centre=ring[0], radius_mm=round(size * 1000))
    if kind == 1:
        return Corridor(line=ring, half_width_mm=7_000, edge=edge)
    return Polygon(outer=ring, holes=(hole,) * (kind - 2), edge=edge)


def test_a_footprint_is_packed_the_same_alone_and_among_many() -> None:
    """To the last bit, also where edges are cut, rings have holes, and one footprint wants more
    rows than any may have."""
    rng = np.random.default_rng(83)
    zigzag = tuple(place(40.0 if k % 2 else -40.0, k * 1.5) for k in range(60))
    long = Corridor(line=zigzag, half_width_mm=1, edge=Edge.RHUMB)
    some = [*(footprint(rng) for _ in range(400)), long]
    together = pack(shapes_of(some))
    one_by_one = joined([pack_one(shapes_of([each])) for each in some])
    for a, b in zip(together, one_by_one, strict=True):
        assert np.array_equal(a, b)
    rows, points = np.diff(together.first[:, 0]), np.diff(shapes_of(some).first)
    assert int((rows > 2 * points).sum()) > len(some) // 5, "many are cut"
    assert PIECES_MAX - len(zigzag) < rows[-1] <= PIECES_MAX + 1


def test_corners_that_are_the_same_are_one_point() -> None:
    """Wherever a corner stands in a footprint, at the end of an edge that is cut or of one that is
    not, in a ring or a hole: bit by bit one point, for what is the same is told by that."""
    rng = np.random.default_rng(89)
    for _ in range(200):
        near, far = footprint(rng), footprint(rng)
        corner = corner_of(near)
        alone = pack_one(shapes_of([Disc(centre=corner, radius_mm=1)])).xyz[0]
        edge = list(Edge)[int(rng.integers(3))]
        line = Corridor(line=(corner, corner_of(far)), half_width_mm=1, edge=edge)
        for each in (near, line):
            assert (pack_one(shapes_of([each])).xyz == alone).all(axis=1).any()


def corner_of(each: Footprint) -> LatLon:
    """A corner in the middle of a footprint's outline."""
    if isinstance(each, Disc):
        return each.centre
    line = each.line if isinstance(each, Corridor) else each.outer
    return line[len(line) // 2]


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("lat", [-2.0, 30.0, 60.0, 85.0, 89.5])
def test_no_edge_is_longer_or_bulges_more_than_its_pieces_say(lat: float, edge: Edge) -> None:
    """B2, B4: short and long edges at any latitude; and pieces below 75 degrees bulge little."""
    rng = np.random.default_rng(97)
    for _ in range(12):
        here = place(lat, float(rng.uniform(-180, 180)))
        away = 10 ** float(rng.uniform(1, 5.8))
        there = place(*go(here.lat, here.lon, float(rng.uniform(0, 360)), away))
        if here == there or abs(there.lat) > 89.9:
            continue
        p = pack_one(shapes_of([Corridor(line=(here, there), half_width_mm=1, edge=edge)]))
        if edge is Edge.GEODESIC:
            truth = distance(here.lat, here.lon, there.lat, there.lon)
            assert truth <= p.span[:-1, 0].sum() <= truth * 1.000_001 + len(p.span) * 1e-5
        walk = Walk(here, there, edge)
        dense = cartesian(np.array([walk.at(t) for t in np.linspace(0, 1, 4_001)]))
        steps = np.linalg.norm(np.diff(dense, axis=0), axis=1)
        assert float(steps.sum()) <= float(p.span[:-1, 0].sum()) + 1e-6
        at = [int(np.linalg.norm(dense - point, axis=1).argmin()) for point in p.xyz]
        for row, (first, last) in enumerate(pairwise(at)):
            chord, inner = p.xyz[row + 1] - p.xyz[row], dense[first + 1 : last] - p.xyz[row]
            share = np.clip(inner @ chord / (chord @ chord), 0, 1)
            off = np.linalg.norm(inner - share[:, None] * chord, axis=1)
            assert float(off.max(initial=0)) <= p.span[row, 1] + 2e-6
        if max(abs(here.lat), abs(there.lat)) < 75:
            assert float(p.span[:, 1].max()) <= 1.05 * BULGE_M_MAX


def test_sine_and_cosine_are_those_of_the_angle() -> None:
    """Within 3e-16 of arithmetic with 64 bits of mantissa, exact at right angles, and the same
    compiled and plain."""
    rng = np.random.default_rng(101)
    ends = [k * RIGHT // 2 + d for k in range(-4, 5) for d in (-1, 0, 1)]
    angles = [*ends, *rng.integers(-2 * RIGHT, 2 * RIGHT, 3_000).tolist()]
    for angle in angles:
        s, c = sin_cos(angle)
        exact = np.longdouble(angle) * (np.arctan(np.longdouble(1)) / (RIGHT // 2))
        assert abs(np.longdouble(s) - np.sin(exact)) <= 3e-16
        assert abs(np.longdouble(c) - np.cos(exact)) <= 3e-16
        assert (s, c) == plain(sin_cos)(angle)
    quarters = [sin_cos(k * RIGHT) for k in range(-2, 3)]
    assert quarters == [(0, -1), (-1, 0), (0, 1), (1, 0), (0, -1)]


def test_points_are_where_they_were_stated() -> None:
    """Within some nanometres, of the ellipsoid in arithmetic with 64 bits. A pole is one point but
    for a nanometre, which says on what meridian it was stated."""
    rng = np.random.default_rng(103)
    radian = np.arctan(np.longdouble(1)) / (RIGHT // 2)
    for _ in range(2_000):
        lat, lon = int(rng.integers(-RIGHT, RIGHT)), int(rng.integers(-2 * RIGHT, 2 * RIGHT))
        s, c = np.sin(lat * radian), np.cos(lat * radian)
        n = A / np.sqrt(1 - np.longdouble(E2) * s * s)
        truth = (n * c * np.cos(lon * radian), n * c * np.sin(lon * radian), n * (1 - E2) * s)
        (x, y, z), (sine, cosine) = earth.spot(lat, lon)
        assert max(abs(float(a - b)) for a, b in zip(truth, (x, y, z), strict=True)) < 4e-9
        assert (sine, cosine) == sin_cos(lat)
    for lon in (0, 12_345, -RIGHT, 2 * RIGHT - 1):
        for lat in (RIGHT, -RIGHT):
            x, y, z = earth.spot(lat, lon)[0]
            assert np.hypot(x, y) < 1e-9
            assert abs(z) == np.sqrt(1 - E2) * A
            assert np.arctan2(y, x) == pytest.approx(lon * float(radian), abs=1e-12)


def test_the_length_over_a_chord_is_bounded_by_its_series_and_by_the_arc() -> None:
    """B1, where the series is used and beyond it: never below the arc of the tightest curve, and
    above it by no more than a tenth of a millimetre and the arithmetic."""
    radius = module.R_MIN_M
    for chord in np.geomspace(1e-3, 1.2e7, 4_000):
        arc = float(2 * np.longdouble(radius) * np.arcsin(np.longdouble(chord) / (2 * radius)))
        length, bulge, kappa = module._straight(float(chord))
        assert arc <= length <= arc + 1.2e-4 + 2 * NUMERIC_M
        assert kappa == 0.0
        assert bulge >= min(length * length / (8 * radius), length / 2) * (1 - 1e-12)
    assert module._straight(1.25e7)[0] < inf
    assert module._straight(1.25e7)[0] >= pi * 6_356_752.0
