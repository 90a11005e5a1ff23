"""A place read back in three values, against the whole notice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clearline.model.entry import ReadBack
from clearline.model.space import Corridor, Disc, Edge, Height, HeightRef, LatLon, Polygon, Volume
from clearline.model.time import MINUTE, Instant
from clearline.node.readbacks import inside
from clearline.notation.apart import apart_mm, point_from
from clearline.notation.readback import Compared, compare, measure, rounding_mm
from clearline.notation.traps import middle
from tests.town import SURFACE, at, corridor, disc, level, volume

ORIGIN = LatLon(354_000_000, 359_000_000)
DISC = volume(disc(35.5, 36.25, 10), at(60), at(120), SURFACE, level(250))
ROUTE = volume(corridor([(35, 36), (35.5, 36.5), (36, 36.6)], 5), at(60), at(120), SURFACE)
RING = Polygon(
    outer=(
        LatLon(350_000_000, 360_000_000), LatLon(350_000_000, 370_000_000),
        LatLon(356_000_000, 370_000_000), LatLon(356_000_000, 360_000_000),
    ),
    edge=Edge.GEODESIC,
)  # fmt: skip
AREA = volume(RING, at(60), at(120), SURFACE, level(250))


def said(of: Volume, **change: object) -> ReadBack:
    """What a careful officer reads back, with one slip."""
    return replace(measure(ORIGIN, of), **change)


@pytest.mark.parametrize("of", [DISC, ROUTE, AREA])
def test_careful_read_back_agrees(of: Volume) -> None:
    """Discs, corridors and polygons, measured to their middle."""
    found = compare(said(of), (of,), inside)
    assert found.found is Compared.AGREES
    assert found.place_mm is None


@given(
    st.integers(-800_000_000, 800_000_000), st.integers(-1_799_999_999, 1_800_000_000),
    st.integers(-700_000_000, 700_000_000), st.integers(-1_799_999_999, 1_800_000_000),
)  # fmt: skip
def test_any_point_of_ones_own_will_do(lat: int, lon: int, lat2: int, lon2: int) -> None:
    """From anywhere on Earth the place comes back, but for what the digits leave open."""
    centre = LatLon(lat2, lon2)
    of = volume(Disc(centre=centre, radius_mm=5_000_000), at(60), at(120), SURFACE)
    back = measure(LatLon(lat, lon), of)
    found = compare(back, (of,), inside)
    assert found.found is Compared.AGREES
    reached = point_from(back.origin, back.bearing_mdeg, back.distance_mm)
    assert apart_mm(reached, centre) <= rounding_mm(back) + 200


@given(st.integers(0, 359), st.integers(101, 50_000))
def test_place_beyond_the_limit_differs_by_how_far_it_is(bearing: int, metres: int) -> None:
    """More than 100 m beyond the digits of the read-back: said, with the distance."""
    centre = middle(DISC.footprint)
    astray = point_from(centre, bearing * 1000, metres * 1000)
    elsewhere = replace(DISC, footprint=Disc(centre=astray, radius_mm=10_000_000))
    back = measure(ORIGIN, elsewhere)
    found = compare(back, (DISC,), inside)
    if metres * 1000 > 100_000 + rounding_mm(back) + 200:
        assert found.found is Compared.DIFFERS
        assert found.place_mm == pytest.approx(metres * 1000, abs=2_000 + rounding_mm(back))
    else:
        assert found.found is Compared.AGREES


def test_whole_degrees_and_kilometres_leave_more_open() -> None:
    """045 degrees, 32 km: half a degree and half a kilometre are not a dispute."""
    exact = said(DISC)
    coarse = replace(
        exact,
        bearing_mdeg=round(exact.bearing_mdeg, -3) % 360_000,
        distance_mm=round(exact.distance_mm, -6),
    )
    found = compare(coarse, (DISC,), inside)
    assert found.found is Compared.AGREES
    assert 500_000 < found.rounding_mm < 1_500_000
    tenth = replace(exact, bearing_mdeg=exact.bearing_mdeg + 20_000)
    assert compare(tenth, (DISC,), inside).found is Compared.DIFFERS


def test_upper_limit_and_start_are_compared_too() -> None:
    """FL530 for FL320, and an hour of summer time."""
    wrong = compare(said(DISC, upper=level(530)), (DISC,), inside)
    assert (wrong.found, wrong.upper_mm) == (Compared.DIFFERS, 280 * 30_480)
    assert wrong.place_mm is None
    late = compare(said(DISC, start=Instant(DISC.start + 60 * MINUTE)), (DISC,), inside)
    assert (late.found, late.start_ms) == (Compared.DIFFERS, 60 * MINUTE)
    minute = compare(said(DISC, start=Instant(DISC.start + 59_000)), (DISC,), inside)
    assert minute.found is Compared.AGREES


def test_what_cannot_be_compared_is_never_agreement() -> None:
    """Another reference of height; a point inside a polygon that is not its middle."""
    feet = Height(ref=HeightRef.AMSL, mm=7_620_000)
    other = compare(said(DISC, upper=feet), (DISC,), inside)
    assert (other.found, other.unsaid) == (Compared.CANNOT_SAY, ("upper",))
    corner = said(volume(disc(35.1, 36.2, 1), at(60), at(120), SURFACE, level(250)))
    within = compare(corner, (AREA,), inside)
    assert (within.found, within.unsaid) == (Compared.CANNOT_SAY, ("place",))
    assert compare(said(DISC), (), inside).found is Compared.CANNOT_SAY


def test_any_volume_of_a_route_may_be_read_back() -> None:
    """The leg that fits best is meant; its own start or the first will do."""
    second = replace(DISC, footprint=disc(36.5, 37.5, 10), start=at(90))
    legs = (DISC, second)
    assert compare(said(second), legs, inside).found is Compared.AGREES
    assert compare(said(second, start=at(60)), legs, inside).found is Compared.AGREES
    assert compare(said(second, start=at(75)), legs, inside).found is Compared.DIFFERS


def test_middle_of_a_corridor_lies_on_it() -> None:
    """Half of its length along, not the mean of its points."""
    assert isinstance(ROUTE.footprint, Corridor)
    along = middle(ROUTE.footprint)
    assert inside(replace(ROUTE.footprint, half_width_mm=1_000), along)
