"""Tables with places in any notation: one cell or two, asked about by row and column."""

import pytest

from clearline.cli.importing import read_profile, read_rows
from clearline.model.space import Disc, LatLon

BASE = """
key = "id"
class = "protected-site"
label_column = "name"
radius_km = "0.5"
lower = "SFC"
upper = "UNL"
start = "010000Z MAR 31"
end = "2031-03-02T00:00Z"
"""
ONE_CELL = f'{BASE}place_column = "grid"\n'
TWO_CELLS = f'{BASE}lat_column = "lat"\nlon_column = "lon"\n'


def read(profile: str, head: str, *rows: str):
    """Notices by key, and errors."""
    table = "\n".join([head, *rows]).encode()
    return read_rows(table, read_profile(profile.encode(), None))


def test_one_cell_takes_every_notation() -> None:
    """A grid reference is as large as its square; the time of a date-time group is read too."""
    found, errors = read(
        ONE_CELL, "id,name,grid", "1,Clinic,37S BV 7020 2020", "2,School,353000N0361500E",
        "3,Depot,\"35°30'N, 36°15'E\"", "4,Well,٣٥٫٥ ٣٦٫٢٥",
    )  # fmt: skip
    assert [] == errors
    shapes = [found[key].volumes[0].footprint for key in "1234"]
    assert all(isinstance(shape, Disc) for shape in shapes)
    assert shapes[0].radius_mm == 500_000 + 7_120  # type: ignore[union-attr]  # a disc
    assert {shape.centre for shape in shapes[1:]} == {  # type: ignore[union-attr]  # discs
        LatLon(355_000_000, 362_500_000)
    }


@pytest.mark.parametrize(
    ("notation", "expected"),
    [("decimal", LatLon(353_000_000, 361_500_000)), ("dotted", LatLon(355_000_000, 362_500_000))],
)
def test_two_meanings_are_an_error_of_the_row_unless_the_profile_says(notation, expected) -> None:
    """35.30 and 36.15: all rows are named before anything is sent."""
    found, errors = read(TWO_CELLS, "id,name,lat,lon", "1,Clinic,35.30,36.15", "2,Well,35.512,36.2")
    assert [(error.row, error.column) for error in errors] == [(2, "lat")]
    assert "has 2 meanings" in errors[0].text
    said = f'{TWO_CELLS}notation = "{notation}"\n'
    found, errors = read(said, "id,name,lat,lon", "1,Clinic,35.30,36.15")
    assert [] == errors
    assert found["1"].volumes[0].footprint.centre == expected  # type: ignore[union-attr]  # a disc


def test_cell_that_is_at_fault_is_named() -> None:
    """By its own column."""
    _, errors = read(TWO_CELLS, "id,name,lat,lon", "1,A,95,36.2", "2,B,35.5,190", "3,C,x,36.2")
    assert [(e.row, e.column) for e in errors] == [(2, "lat"), (3, "lon"), (4, "lat")]
    _, errors = read(ONE_CELL, "id,name,grid", "1,A,38Q")
    assert [(e.row, e.column) for e in errors] == [(2, "grid")]


def test_profile_with_an_unknown_notation_is_refused() -> None:
    """The known ones are named."""
    with pytest.raises(ValueError, match="notation is decimal, ddm, dms, dotted, mgrs"):
        read_profile(f'{TWO_CELLS}notation = "utm"\n'.encode(), None)
    with pytest.raises(ValueError, match="place_column"):
        read_profile(BASE.encode(), None)
