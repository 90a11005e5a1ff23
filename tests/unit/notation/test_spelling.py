"""How figures are said by voice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.space import LatLon
from clearline.model.time import INSTANT_MAX, Instant, parse_utc
from clearline.notation.position import write_position
from clearline.notation.reading import Notation
from clearline.notation.spelling import DIGITS, LETTERS, characters, degrees, measure, time_of_day


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("36SYC", "three six Sierra Yankee Charlie"),
        ("7KQ3-M0FX", "seven Kilo Quebec three dash Mike zero Foxtrot X-ray"),
        ("BRAVO.0/12", "Bravo Romeo Alfa Victor Oscar decimal zero slash one two"),
        ("1234567890", "one two three four five, six seven eight niner zero"),
        ("123456", "one two three, four five six"),
    ],
)
def test_codes_and_grids_are_spelled_one_by_one(text: str, spoken: str) -> None:
    """Letters by the alphabet, digits in groups, the halves of a grid reference apart."""
    assert characters(text) == spoken


def test_heights_and_lengths_name_unit_and_reference() -> None:
    """Never a bare number."""
    assert measure("FL100 - FL250") == (
        "flight level one zero zero to flight level two five zero"
    )  # fmt: skip
    assert measure("SFC - 3000 ft AMSL") == (
        "SURFACE to three zero zero zero feet above mean sea level"
    )
    assert measure("18.52 km") == "one eight decimal five two kilometres"


def test_position_in_degrees_is_said_with_its_sides() -> None:
    """Degrees, minutes, seconds, NORTH and EAST."""
    said = degrees("34°54'00.0\"N 035°54'00.0\"E")
    assert said.startswith("three four degrees five four minutes zero zero decimal zero seconds")
    assert "NORTH, zero three five degrees" in said
    assert said.endswith("seconds EAST")


def test_time_is_zulu_with_its_day() -> None:
    """Hours and minutes digit by digit; seconds only where there are any."""
    assert time_of_day(parse_utc("2018-09-17T18:39:00Z")) == (
        "one eight three niner Zulu, day one seven, SEP, two zero one eight"
    )
    assert time_of_day(parse_utc("2018-09-17T18:39:05Z")).startswith("one eight three niner zero")


@given(st.integers(-80_0000000, 83_0000000), st.integers(-179_9999999, 179_9999999))
def test_what_is_spelled_gives_the_grid_reference_back(lat: int, lon: int) -> None:
    """Whoever writes down what was said has the same reference."""
    grid = write_position(LatLon(lat, lon), Notation.MGRS).replace(" ", "")
    back = {word: str(n) for n, word in enumerate(DIGITS)}
    back |= {word: letter for letter, word in LETTERS.items()}
    assert "".join(back[word.rstrip(",")] for word in characters(grid).split()) == grid


@given(st.integers(0, INSTANT_MAX))
def test_every_time_can_be_said(at: int) -> None:
    """No instant raises, and each is said with its day."""
    assert " Zulu, day " in time_of_day(Instant(at))
