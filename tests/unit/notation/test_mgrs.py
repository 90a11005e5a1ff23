"""Grid references against PROJ, an independent implementation of the same grids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.space import LatLon
from clearline.notation import Notation, Position
from clearline.notation.apart import apart_mm
from clearline.notation.mgrs import read_mgrs, write_mgrs, zone_of
from clearline.notation.position import read_position
from clearline.notation.transverse import polar, polar_back, transverse, transverse_back

pyproj = pytest.importorskip("pyproj")

EDGES = [-80, -72, -8, 0, 8, 48, 56, 64, 72, 84]
SEAMS = [-180, -6, 0, 3, 6, 9, 12, 21, 33, 36, 42, 174]
near = st.floats(-1e-4, 1e-4)
latitudes = st.floats(-90, 90) | st.tuples(st.sampled_from(EDGES), near).map(sum)
longitudes = st.floats(-180, 179.9999999) | st.tuples(st.sampled_from(SEAMS), near).map(sum)
places = st.tuples(latitudes, longitudes).map(
    lambda p: LatLon(round(p[0] * 1e7), round(((p[1] + 180) % 360 - 180) * 1e7))
)


@given(st.floats(-80, 84), st.floats(-6, 6), st.integers(1, 60))
def test_grid_is_that_of_proj(lat: float, east: float, zone: int) -> None:
    """Within 0.1 mm both ways, up to a full zone from the central meridian."""
    centre = zone * 6 - 183
    oracle = pyproj.Proj(proj="utm", zone=zone, ellps="WGS84")
    x, y = transverse(lat, east)
    wanted_x, wanted_y = oracle(centre + east, lat)
    assert abs(x + 500_000 - wanted_x) < 1e-4
    assert abs(y - wanted_y) < 1e-4
    assert transverse_back(x, y) == pytest.approx((lat, east), abs=1e-9)


@given(st.floats(78, 90), st.floats(-180, 180), st.booleans())
def test_polar_grid_is_that_of_proj(lat: float, lon: float, north: bool) -> None:
    """Within 0.1 mm both ways, to the pole itself."""
    code = 32661 if north else 32761
    oracle = pyproj.Transformer.from_crs(4326, code, always_xy=True)
    there = lat if north else -lat
    x, y = polar(there, lon, north=north)
    wanted_x, wanted_y = oracle.transform(lon, there)
    assert abs(x - wanted_x) < 1e-4
    assert abs(y - wanted_y) < 1e-4
    back = polar_back(x, y, north=north)
    assert apart_mm(_at(*back), _at(there, lon)) <= 20


def _at(lat: float, lon: float) -> LatLon:
    return LatLon(round(lat * 1e7), round(lon * 1e7))


@given(places, st.integers(0, 5))
def test_point_lies_in_the_square_that_is_written_for_it(at: LatLon, digits: int) -> None:
    """Every place on Earth, every size: what is written is read, and its size covers the point."""
    read = read_mgrs(write_mgrs(at, digits))
    assert isinstance(read, Position), read
    assert read.notation is Notation.MGRS
    assert apart_mm(read.at, at) <= read.cell_mm + 10


@given(places)
def test_finer_square_lies_in_the_coarser_one(at: LatLon) -> None:
    """Digits are cut off, not rounded: each size begins with the digits of the coarser one."""
    fine = write_mgrs(at, 5).split()
    for digits in range(1, 5):
        words = write_mgrs(at, digits).split()
        assert words[:-2] == fine[:-2]
        assert words[-2:] == [fine[-2][:digits], fine[-1][:digits]]


@pytest.mark.parametrize(
    ("lat", "lon", "zone"),
    [
        *[(60, 2.999, 31), (60, 3, 32), (60, 11.999, 32), (64, 5, 31), (55.999, 5, 31)],
        *[(73, 8.999, 31), (73, 9, 33), (73, 20.999, 33), (73, 21, 35), (73, 33, 37), (73, 42, 38)],
    ],
)
def test_norway_and_svalbard_have_their_own_zones(lat: float, lon: float, zone: int) -> None:
    """32V is nine degrees wide; 32X, 34X and 36X do not exist."""
    assert zone == zone_of(lat, lon)


@pytest.mark.parametrize(
    "text", ["18sUJ 23371 06519", "18SUJ2337106519", " 18S UJ2337106519 ", "18SUJ 2337106519"]
)
def test_blanks_and_small_letters_do_not_matter(text: str) -> None:
    """One square, however it is set out."""
    assert read_position(text) == read_position("18S UJ 23371 06519")
