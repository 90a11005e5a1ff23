"""What people type for places and heights: exact, outward, or not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.cli import shapes
from clearline.conflict.validity import check_volume
from clearline.model.space import Edge, HeightRef, LatLon, Volume
from clearline.model.time import Instant


@pytest.mark.parametrize(
    "text",
    ["5000", "5000 ft", "5000 AMSL", "FL", "FL12345", "", "1e3 m AMSL", "-x m W84", "nan m W84"],
)
def test_height_without_unit_and_reference_is_refused(text: str) -> None:
    """There is no default unit and no default reference, ever (FM05)."""
    with pytest.raises(ValueError, match="height"):
        shapes.height(text, upper=True)


@given(st.decimals(min_value=0, max_value=60_000, places=2))
def test_feet_round_outward(feet: object) -> None:
    """A lower limit is never above, an upper limit never below what was typed."""
    low = shapes.height(f"{feet} ft AMSL", upper=False)
    high = shapes.height(f"{feet} ft AMSL", upper=True)
    assert low.ref is HeightRef.AMSL
    assert low.mm is not None
    assert high.mm is not None
    exact = float(str(feet)) * 304.8
    assert low.mm <= exact + 1e-6
    assert high.mm >= exact - 1e-6
    assert high.mm - low.mm <= 1


@pytest.mark.parametrize("text", ["91,0", "35.2", "35.2,181", "a,b", "inf,0", "1,2,3"])
def test_point_off_the_earth_is_refused(text: str) -> None:
    """Latitude comes first; nothing is wrapped or guessed."""
    with pytest.raises(ValueError, match=r"."):
        shapes.places(text, 1)
    with pytest.raises(ValueError, match="not read as a place"):
        shapes.place(text)


CENTRE = LatLon(355_000_000, 362_500_000)


@pytest.mark.parametrize(
    "text",
    [
        "35.5,36.25,20", "35.500 36.250,20", "35°30'N 36°15'E,20", "353000N0361500E,20",
        "35°30'00\"N 036°15'00\"E;20", "N35 30 E036 15,20", "٣٥٫٥، ٣٦٫٢٥، 20",
    ],
)  # fmt: skip
def test_disc_is_the_same_in_every_notation(text: str) -> None:
    """Decimal degrees, minutes, seconds, aviation's, other digits."""
    assert shapes.disc(text) == shapes.Disc(centre=CENTRE, radius_mm=20_000_000)


def test_size_of_a_grid_square_counts() -> None:
    """A square of 1 km makes a disc and a corridor larger by half of its diagonal, and adds its
    width to a polygon's outline."""
    disc = shapes.disc("37SBV7020,20")
    assert disc.radius_mm == 20_000_000 + 712_000
    corridor = shapes.corridor("37SBV7020 37SBV9020 2.5", Edge.GEODESIC)
    assert corridor.half_width_mm == 2_500_000 + 712_000
    area, rim = shapes.polygon("37SBV7020; 37SBV9020; 37SBV 90 40", Edge.GEODESIC)
    assert rim == shapes.Corridor(
        line=(*area.outer, area.outer[0]),  # type: ignore[union-attr]  # a polygon
        half_width_mm=712_000,
        edge=Edge.GEODESIC,
    )
    for shape in (disc, corridor, area, rim):
        volume = Volume(
            footprint=shape, lower=shapes.height("SFC", upper=False),
            upper=shapes.height("UNL", upper=True), start=Instant(0), end=Instant(1),
        )  # fmt: skip
        assert [] == list(check_volume(volume, ""))
    (alone,) = shapes.polygon("35.5,36.2 35.6,36.2 35.6,36.3", Edge.GEODESIC)
    assert isinstance(alone, shapes.Polygon)


@pytest.mark.parametrize("text", ["35.30,36.15,20", "35.30N 36.15E,20"])
def test_place_with_two_meanings_is_asked_about(text: str) -> None:
    """Nothing is filed before it is known which was meant, 24 km apart."""
    with pytest.raises(ValueError, match="has 2 meanings, up to 23977 m apart"):
        shapes.disc(text)
    with pytest.raises(ValueError, match="has 2 meanings"):
        shapes.corridor("35.30,36.15 35.45,36.20 5", Edge.GEODESIC)
    assert shapes.disc("35.30°,36.15°,20").centre == LatLon(353_000_000, 361_500_000)


def test_emergency_is_never_held_up_by_a_question() -> None:
    """Both meanings are kept clear."""
    assert {d.centre for d in shapes.every_disc("35.30,36.15,20")} == {
        LatLon(353_000_000, 361_500_000), CENTRE
    }  # fmt: skip
    lines = [c.line for c in shapes.every_corridor("35.30,36.15 35.45,36.20 5", Edge.GEODESIC)]
    assert len(lines) == 2
    assert CENTRE in lines[1]
    text = "35.30,36.15 35.45,36.20 35.45,36.50"
    assert len(shapes.every_polygon(text, Edge.GEODESIC)) == 2
    assert len(shapes.every_disc("35.512,36.15,20")) == 1
    east_or_west = shapes.every_corridor("35.5N 36.2O; 35.6N 36.2O; 5", Edge.GEODESIC)
    assert [c.line[0].lon_e7 for c in east_or_west] == [362_000_000, -362_000_000]
    assert len(shapes.every_corridor("35.30,36.15 35.451,36.20 5", Edge.GEODESIC)) == 1
    with pytest.raises(ValueError, match="not read as a place"):
        shapes.every_disc("over there,20")


@pytest.mark.parametrize("text", ["010630Z MAR 31", "2031-03-01T06:30Z", "010930CMAR31"])
def test_times_are_read_as_groups_too(text: str) -> None:
    """With their zone, always."""
    assert shapes.moment(text) == shapes.moment("2031-03-01T06:30:00Z")
    with pytest.raises(ValueError, match="no zone"):
        shapes.moment("010630 MAR 31")


def test_geojson_has_longitude_first_and_lonlat_edges() -> None:
    """RFC 7946: the order is the other one, and edges are straight in longitude and latitude."""
    ring = [[35.0, 33.0], [36.0, 33.0], [36.0, 34.0], [35.0, 33.0]]
    made = shapes.geojson(json.dumps({"type": "Polygon", "coordinates": [ring]}).encode())
    assert made.outer[0] == LatLon(330_000_000, 350_000_000)  # type: ignore[union-attr]  # a polygon
    assert made.edge is Edge.LONLAT  # type: ignore[union-attr]  # a polygon
    for bad in (b"{}", b"[", b'{"type":"Point","coordinates":[1,2]}', b'{"type":"Polygon"}'):
        with pytest.raises(ValueError, match=r"."):
            shapes.geojson(bad)


def test_corridor_ends_with_its_half_width() -> None:
    """The last word is a width; a chain without one is refused."""
    made = shapes.corridor("34.1,35.1 34.9,35.4 2.5", Edge.GEODESIC)
    assert made.half_width_mm == 2_500_000
    with pytest.raises(ValueError, match="half width"):
        shapes.corridor("34.1,35.1 34.9,35.4", Edge.GEODESIC)
