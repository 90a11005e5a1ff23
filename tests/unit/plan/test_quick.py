"""The quick looks over many volumes never say more than the slow ones would."""

from math import cos, pi, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.conflict.geodesy import norm
from clearline.conflict.lists import Columns
from clearline.conflict.validity import check_volume
from clearline.conflict.verdict import Extent
from clearline.model.space import (
    Corridor,
    Disc,
    Edge,
    Ground,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Qnh,
    Volume,
)
from clearline.model.time import Instant
from clearline.plan.quick import columns_of, surely_valid

LOW, HIGH = Height(ref=HeightRef.W84, mm=0), Height(ref=HeightRef.W84, mm=1_000_000)


def volume(footprint, lower=LOW, upper=HIGH, start=0, end=1000) -> Volume:
    return Volume(
        footprint=footprint, lower=lower, upper=upper, start=Instant(start), end=Instant(end)
    )


def corner(lat: float, lon: float) -> LatLon:
    return LatLon(round(lat * 1e7), round(lon * 1e7))


def ring(lat: float, lon: float, radius: float, corners: int, phase: float = 0.0) -> list[LatLon]:
    turns = [2 * pi * k / corners + phase for k in range(corners)]
    wide = radius / max(cos(radians(lat)), 0.2)
    return [corner(lat + radius * sin(t), lon + wide * cos(t)) for t in turns]


@st.composite
def polygons(draw) -> Polygon:
    """Rings that are mostly simple, some crossing, some touching, some far north or large."""
    lat = draw(st.sampled_from([0.0, 35.0, 52.0, 69.3, 69.9, 80.0, -69.6]))
    lon = draw(st.sampled_from([0.0, 35.0, 179.9, -180.0]))
    radius = draw(st.sampled_from([1e-6, 1e-5, 1e-4, 0.01, 0.2, 0.49, 0.8]))
    corners = draw(st.integers(3, 9))
    points = ring(lat, lon, radius, corners, draw(st.floats(0, 6)))
    for _ in range(draw(st.integers(0, 2))):
        i, j = draw(st.integers(0, corners - 1)), draw(st.integers(0, corners - 1))
        if draw(st.booleans()):
            points[i], points[j] = points[j], points[i]
        else:
            nudge = draw(st.integers(-300, 300))
            points[i] = LatLon(points[j].lat_e7 + nudge, points[j].lon_e7)
    wrapped = [
        LatLon(p.lat_e7, (p.lon_e7 + 1_800_000_000) % 3_600_000_000 - 1_800_000_000) for p in points
    ]
    return Polygon(outer=tuple(wrapped), edge=draw(st.sampled_from(list(Edge))))


@given(st.lists(polygons(), min_size=1, max_size=4))
def test_surely_valid_shapes_pass_the_whole_check(found) -> None:
    """Yes is said only where the slow check has nothing to say."""
    volumes = [volume(each) for each in found]
    for one, sure in zip(volumes, surely_valid(volumes), strict=True):
        if sure:
            assert check_volume(one) == ()


def test_ordinary_shapes_are_surely_valid() -> None:
    """Otherwise the quick look would be of no use, and the property above hold of nothing."""
    many = [*range(3, 34), 60, 199, 512]
    shapes = [Polygon(outer=tuple(ring(35, 33, 0.1, n)), edge=Edge.GEODESIC) for n in many]
    shapes += [Polygon(outer=tuple(ring(60, 33, 0.2, 8)), edge=edge) for edge in Edge]
    discs = [Disc(centre=corner(35, 33), radius_mm=5_000_000)]
    line = (corner(35, 33), corner(35, 34), corner(36, 34))
    corridors = [Corridor(line=line, half_width_mm=5_000, edge=Edge.RHUMB)]
    assert surely_valid([volume(each) for each in [*shapes, *discs, *corridors]]).all()


@pytest.mark.parametrize("corners", [40, 150, 512])
def test_one_fault_among_many_corners_is_never_overlooked(corners) -> None:
    """A ring of many corners of which one is pulled across, or onto, a far edge, or doubled: the
    whole check refuses it, and the quick look leaves it to that."""
    good = ring(35, 33, 0.3, corners)
    far = corners // 2 + 3
    onto = LatLon((good[far].lat_e7 + good[far + 1].lat_e7) // 2,
                  (good[far].lon_e7 + good[far + 1].lon_e7) // 2)  # fmt: skip
    beyond = corner(35, 33 - 2 * 0.3)
    for place, moved in ((5, onto), (0, beyond), (corners - 1, onto), (5, good[6])):
        points = list(good)
        points[place] = moved
        bad = volume(Polygon(outer=tuple(points), edge=Edge.GEODESIC))
        assert check_volume(bad) != ()
        sure = surely_valid([volume(Polygon(outer=tuple(good), edge=Edge.GEODESIC)), bad] * 3)
        assert sure.tolist() == [True, False] * 3


BOX = Polygon(outer=tuple(ring(35, 33, 0.1, 4)), edge=Edge.GEODESIC)
BOW = Polygon(
    outer=(corner(35, 33), corner(35.1, 33.1), corner(35.1, 33), corner(35, 33.1)),
    edge=Edge.GEODESIC,
)
SPIKE = Polygon(
    outer=(corner(35, 33), corner(35, 33.2), corner(35, 33.1), corner(35.1, 33.1)),
    edge=Edge.GEODESIC,
)


@pytest.mark.parametrize(
    "bad",
    [
        volume(BOW),
        volume(SPIKE),
        volume(BOX, lower=HIGH, upper=LOW),
        volume(BOX, lower=Height(ref=HeightRef.UNL)),
        volume(BOX, upper=Height(ref=HeightRef.AMSL)),
        volume(BOX, lower=Height(ref=HeightRef.AMSL, mm=9_000_000), upper=HIGH),
        volume(BOX, start=1000, end=1000),
        volume(Disc(centre=corner(91, 0), radius_mm=5)),
        volume(Disc(centre=corner(0, 0), radius_mm=0)),
        volume(Corridor(line=(corner(0, 0),), half_width_mm=5, edge=Edge.GEODESIC)),
    ],
)
def test_what_is_not_valid_is_left_to_the_whole_check(bad) -> None:
    """Each of these has a fault, and the quick look does not overlook it."""
    assert check_volume(bad) != ()
    assert not surely_valid([volume(BOX), bad])[1]


@st.composite
def heights(draw) -> Height:
    """Of every reference, near enough to each other that order is often in doubt."""
    ref = draw(st.sampled_from(list(HeightRef)))
    if ref in (HeightRef.SFC, HeightRef.UNL):
        return Height(ref=ref)
    ground, qnh = None, None
    if ref is HeightRef.AGL and draw(st.booleans()):
        low = draw(st.integers(-400_000, 4_000_000))
        ground = Ground(low_mm=low, high_mm=low + draw(st.integers(0, 900_000)), by="ALFA")
    if ref is HeightRef.FL and draw(st.booleans()):
        qnh = Qnh(pa=draw(st.integers(87_000, 108_000)), tolerance_pa=100, by="ALFA")
    return Height(ref=ref, mm=draw(st.integers(0, 3_000_000)), ground=ground, qnh=qnh)


@given(heights(), heights(), st.sampled_from([(35.0, 33.0), (5.0, 79.0), (-6.0, 146.0)]))
def test_surely_valid_heights_pass_the_whole_check(lower, upper, place) -> None:
    """Where the geoid is high, low and near nought."""
    one = volume(Disc(centre=corner(*place), radius_mm=1_000), lower=lower, upper=upper)
    if surely_valid([one])[0]:
        assert check_volume(one) == ()


@given(st.lists(polygons(), min_size=1, max_size=4), st.integers(0, 10_000))
def test_spheres_hold_those_of_the_engine(found, tail) -> None:
    """A sphere of the quick look reaches at least as far as every corner and edge."""
    discs = [Disc(centre=each.outer[0], radius_mm=7_000_000) for each in found]
    lines = [
        Corridor(line=each.outer[:2], half_width_mm=3_000, edge=Edge.GEODESIC) for each in found
    ]
    volumes = [volume(each) for each in [*found, *discs, *lines] if not check_volume(volume(each))]
    if not volumes:
        return
    quick = columns_of(volumes, [tail] * len(volumes))
    slow = Columns.of([Extent(volume=each, tail_ms=tail) for each in volumes])
    assert (quick.start == slow.start).all()
    assert (quick.end == slow.end).all()
    apart = norm(quick.centre - slow.centre)
    assert (quick.reach_m + apart + 1e-3 >= slow.reach_m * 0.999 - 1).all()
    assert np.isfinite(quick.reach_m).all()
