"""Slips that have happened before: each is found, with how far off it is, and nothing else is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.refusal import Refusal
from clearline.model.space import Corridor, Disc, Edge, LatLon, Polygon
from clearline.notation import traps
from clearline.notation.apart import apart_mm
from clearline.notation.gazetteer import Gazetteer, folded, read_gazetteer
from clearline.notation.traps import (
    Report,
    Trap,
    as_decimal,
    as_minutes,
    label_differs,
    outside_area,
    own_site,
    read_as_decimal,
    two_places,
)

PLACES = """
north = ["north", "northern", "شمال"]
[[places]]
names = ["Syria", "سوريا"]
at = "34.8°N 39.05°E"
radius_km = 380
[[places]]
names = ["Latakia", "اللاذقية", "Lattaquié"]
at = "35°31'54\\"N 35°47'24\\"E"
radius_km = 15
[[places]]
names = ["Latakia port"]
at = "35.52°N 35.76°E"
radius_km = 3
[[places]]
names = ["Range 7 tower"]
at = "37S BV 70000 20000"
own = true
"""


def e7(lat: float, lon: float) -> LatLon:
    """Degrees."""
    return LatLon(round(lat * 1e7), round(lon * 1e7))


def box(south: float, west: float, north: float, east: float):
    """An area by its sides."""
    return lambda at: south <= at.lat <= north and west <= at.lon <= east


def disc(lat: float, lon: float, km: float = 10) -> Disc:
    """A disc."""
    return Disc(centre=e7(lat, lon), radius_mm=round(km * 1e6))


def places() -> Gazetteer:
    """The names above."""
    found = read_gazetteer(PLACES.encode())
    assert isinstance(found, Gazetteer), found
    return found


AREA = box(32, 35, 37.5, 42.5)


@pytest.mark.parametrize(
    ("at", "area", "trap", "km"),
    [
        (e7(40.1, 35.5), box(35, 39, 36, 41), Trap.SWAPPED, (651, 653)),
        (e7(35.30, 36.5), box(35.4, 36, 36, 37), Trap.DOTTED, (22, 40)),
        (e7(36.0, 36.15), box(35, 36.2, 37, 37), Trap.DOTTED, (9.0, 9.1)),
        (e7(35.5, 36.25), box(35.2, 36, 35.4, 36.2), Trap.UNDOTTED, (22, 25)),
        (e7(35.5, -36.2), AREA, Trap.HEMISPHERE, (6_000, 6_600)),
        (e7(50.123, 8.456), AREA, Trap.OUTSIDE, (0, 0)),
    ],
)
def test_place_outside_the_area_is_read_the_other_way(at, area, trap: Trap, km: tuple) -> None:
    """Swapped, degrees and minutes as decimals (and back), another side; else just outside."""
    found = outside_area([at], area)
    assert found is not None
    assert found.trap is trap
    assert km[0] <= found.apart_mm / 1e6 <= km[1]
    assert (found.otherwise is None) is (trap is Trap.OUTSIDE)


def test_place_inside_the_area_is_left_alone() -> None:
    """No finding, whatever the other readings would be."""
    assert outside_area([e7(35.5, 36.2), e7(35.6, 36.2)], AREA) is None


@pytest.mark.parametrize(
    ("points", "km"),
    [
        ([e7(35.30, 36.15)], 23.98),
        ([e7(35.30, 36.45)], 35.14),
        ([e7(35.0, 36.15)], 9.12),  # 35 36.15: 9.1 km
        ([e7(35.3, 36.2)], None),  # as a number 35.30 is 35.3: only its text can be asked about
        ([e7(35.75, 36.15)], None),  # 75 is no minutes
        ([e7(35.301, 36.15)], None),
        ([e7(35.30, 36.15), e7(35.45, 36.15), e7(35.5, 36.2)], None),  # a list of decimals
    ],
)
def test_two_decimals_below_sixty_are_pointed_out(points: list, km: float | None) -> None:
    """35.30 N 36.15 E may have been 35 degrees 30 minutes: 22.2 km for the latitude alone."""
    found = read_as_decimal(points, AREA)
    if km is None:
        assert found is None
    else:
        assert found is not None
        assert found.apart_mm / 1e6 == pytest.approx(km, abs=0.01)


def test_nothing_is_pointed_out_where_the_other_place_is_outside() -> None:
    """35 degrees 30 minutes is not in the area: then nobody meant it."""
    assert read_as_decimal([e7(35.30, 36.15)], box(35.2, 36.1, 35.4, 36.2)) is None


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 179), st.integers(0, 59))
def test_reading_as_minutes_and_back_is_the_same_place(a: int, b: int, c: int, d: int) -> None:
    """35.30 read as 35 30', and 35 30' read as 35.30, undo one another."""
    dotted = LatLon(a * 10_000_000 + b * 100_000, c * 10_000_000 + d * 100_000)
    minutes = as_minutes(dotted)
    assert minutes is not None
    assert as_decimal(minutes) == dotted


@given(
    st.integers(-900_000_000, 900_000_000), st.integers(-1_800_000_000, 1_800_000_000)
)  # fmt: skip
def test_no_point_stops_the_traps(lat: int, lon: int) -> None:
    """Findings or none, for every place that the wire can carry."""
    at = LatLon(lat, lon)
    for inside in (lambda _: True, lambda _: False, AREA):
        outside_area([at], inside)
        read_as_decimal([at], inside)
    list(label_differs("north of Syria", Disc(centre=at, radius_mm=1), places()))
    own_site(Disc(centre=at, radius_mm=1), places())


def test_own_position_is_recognised() -> None:
    """A receiver that was switched on anew: the point is where we are ourselves."""
    site = places().own_sites[0]
    found = own_site(Disc(centre=site.at, radius_mm=500_000), places())
    assert found is not None
    assert (found.trap, found.name, found.apart_mm) == (Trap.OWN_SITE, "Range 7 tower", 0)
    beside = LatLon(site.at.lat_e7 + 20_000, site.at.lon_e7)
    assert own_site(Disc(centre=beside, radius_mm=500_000), places()) is None


@pytest.mark.parametrize(
    ("label", "shape", "names"),
    [
        ("north of Syria", disc(35.6, 35.5), ["Syria"]),  # off Latakia: it lies to the west
        ("Northern Syria", disc(35.6, 35.5), ["Syria"]),
        ("شمال سوريا", disc(35.6, 35.5), ["سوريا"]),
        ("north of Syria", disc(37.0, 39.5), []),
        ("north and west of Syria", disc(35.6, 35.5), []),
        ("Syria, off the coast", disc(35.6, 35.5), []),
        ("Latakia", disc(35.6, 35.5, 20), []),
        ("Latakia", disc(36.9, 40.0, 20), ["Latakia"]),
        ("LATTAQUIE", disc(36.9, 40.0, 20), ["Lattaquié"]),
        ("Latakia port", disc(35.7, 35.9, 1), ["Latakia port"]),
        ("Latakiaville", disc(36.9, 40.0), []),
        ("Range 9", disc(36.9, 40.0), []),
        ("", disc(36.9, 40.0), []),
    ],
)
def test_label_that_names_another_place_is_found(label: str, shape: Disc, names: list) -> None:
    """By name, whole words, case and accents aside; by side where one is named."""
    found = list(label_differs(label, shape, places()))
    assert names == [each.name for each in found]
    assert all(each.trap is Trap.LABEL and each.apart_mm > 0 for each in found)


def test_label_is_held_against_the_middle_of_a_route() -> None:
    """A corridor that passes its place on the way is not astray."""
    line = (e7(35.5, 35.0), e7(35.5, 36.6))
    route = Corridor(line=line, half_width_mm=2_000_000, edge=Edge.GEODESIC)
    assert [] == list(label_differs("past Latakia", route, places()))


KM_OFF = 36.9, 40.0


def test_a_ring_of_ten_thousand_points_is_held_against_its_label_without_their_geodesics(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two seconds of them for every draft, whether the label names a place or not. Where a sphere
    cannot tell, they are asked: the answer is that of all geodesics to either side of it."""
    turns = [2 * math.pi * k / 10_000 for k in range(10_000)]

    def ring(lat: float, lon: float, degrees: float) -> Polygon:
        points = tuple(e7(lat + degrees * math.sin(t), lon + degrees * math.cos(t)) for t in turns)
        return Polygon(outer=points, edge=Edge.GEODESIC)

    asked: list[LatLon] = []

    def counted(a: LatLon, b: LatLon) -> int:
        asked.append(b)
        return apart_mm(a, b)

    monkeypatch.setattr(traps, "apart_mm", counted)
    for shape, label, count in (
        (ring(*KM_OFF, 0.1), "Range 9", 0),
        (ring(*KM_OFF, 0.1), "Latakia", 1),
        (ring(*KM_OFF, 9), "Latakia", 0),
    ):
        assert len(list(label_differs(label, shape, places()))) == count
    assert asked == []
    shape = ring(*KM_OFF, 3)
    at = traps.middle(shape)
    reach = max(apart_mm(at, point) for point in shape.outer)
    assert traps._reaches(shape, at, reach)
    assert not traps._reaches(shape, at, reach + 1)
    assert asked


KM = 1_000_000
AIRFIELD = e7(35.2854, 40.1759)


def test_two_reports_of_one_position_kilometres_apart_are_found() -> None:
    """Deir ez-Zor: 9 km south of the airfield, or 3 to 6 km south-west of it: 6 to 7 km apart."""
    south = Report(
        origin=AIRFIELD, from_mdeg=180_000, to_mdeg=180_000, near_mm=9 * KM, far_mm=9 * KM
    )
    west = Report(
        origin=AIRFIELD, from_mdeg=225_000, to_mdeg=225_000, near_mm=3 * KM, far_mm=6 * KM
    )
    found = two_places(south, west, 100_000)
    assert found is not None
    assert found.trap is Trap.TWO_PLACES
    assert 6.3 * KM < found.apart_mm < 7.3 * KM


def test_reports_that_may_be_one_place_are_left_alone() -> None:
    """Sectors that meet, or exact places within the limit."""
    sector = Report(
        origin=AIRFIELD, from_mdeg=170_000, to_mdeg=230_000, near_mm=3 * KM, far_mm=9 * KM
    )
    exact = Report(
        origin=AIRFIELD, from_mdeg=200_000, to_mdeg=200_000, near_mm=5 * KM, far_mm=5 * KM
    )
    assert two_places(sector, exact, 100_000) is None
    assert two_places(exact, sector, 100_000) is None
    near = Report(origin=e7(35.2854, 40.1765))
    assert two_places(Report(origin=AIRFIELD), near, 100_000) is None
    assert two_places(Report(origin=AIRFIELD), near, 10_000) is not None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("not toml [", ""),
        ("unknown = 1", ""),
        ('[[places]]\nnames = ["A"]\nat = "35.30 36.15"', "/places/0/at"),
        ('[[places]]\nnames = ["A"]\nat = "north"', "/places/0/at"),
        ('[[places]]\nnames = []\nat = "35.5 36.2"', "/places/0/names"),
        ('[[places]]\nnames = ["!"]\nat = "35.5 36.2"', "/places/0/names"),
        ('[[places]]\nnames = ["A"]\nat = "35.5 36.2"\nradius_km = -1', "/places/0/radius_km"),
        ('[[places]]\nnames = ["A"]\nat = "35.5 36.2"\nradius_km = nan', "/places/0/radius_km"),
        ('[[places]]\nnames = "A"\nat = "35.5 36.2"', ""),
    ],
)
def test_list_of_places_with_a_fault_is_refused(text: str, at: str) -> None:
    """Each fault has its place; a position with two meanings is asked about here too."""
    found = read_gazetteer(text.encode())
    assert isinstance(found, Refusal), found
    assert found.at == at


@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda t: t.encode()))
def test_no_bytes_stop_the_list_of_places(raw: bytes) -> None:
    """A list, or a refusal."""
    assert isinstance(read_gazetteer(raw), Gazetteer | Refusal)


@given(st.text(max_size=40))
def test_folding_is_done_once(text: str) -> None:
    """Folded words fold to themselves."""
    assert folded(folded(text)) == folded(text)
