"""What people type for places and heights: exact, outward, or not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.cli import shapes
from clearline.model.space import Edge, HeightRef, LatLon


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
        shapes.points(text, 1)


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
