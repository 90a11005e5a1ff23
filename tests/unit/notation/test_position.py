"""Degrees in and out: exact, in every form, and asked about where they have two meanings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.refusal import Refusal
from clearline.model.space import LatLon
from clearline.notation import Ambiguous, Notation, Order, Position
from clearline.notation.apart import apart_mm
from clearline.notation.position import (
    ask,
    read_position,
    read_positions,
    write_position,
    write_step_mm,
)
from clearline.words import sentence

points = st.builds(
    LatLon, st.integers(-900_000_000, 900_000_000), st.integers(-1_800_000_000, 1_799_999_999)
)
WRITTEN = [Notation.DECIMAL, Notation.DDM, Notation.DMS, Notation.MGRS]
CHARACTERS = "0123456789 .,;:/-+°'\"NSEWODM\u0663\u06f5\u066b\u200f\u2212\u2032ABCXYZ\u00a0"
SCRIPTS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९"]


@given(points, st.sampled_from(WRITTEN))
def test_what_is_written_is_read_without_a_question(at: LatLon, notation: Notation) -> None:
    """Back within the rounding that the notation states, with ASCII digits and one meaning."""
    text = write_position(at, notation)
    read = read_position(text)
    assert isinstance(read, Position), (text, read)
    assert apart_mm(at, read.at) <= write_step_mm(notation) + 10
    assert read.notation is notation
    assert not [char for char in text if char.isdigit() and not char.isascii()]


@given(points, st.sampled_from(WRITTEN), st.sampled_from(SCRIPTS))
def test_digits_of_other_scripts_are_read(at: LatLon, notation: Notation, digits: str) -> None:
    """The same place in Arabic-Indic, Persian and Devanagari digits."""
    text = write_position(at, notation)
    other = text.translate(str.maketrans("0123456789", digits))
    assert read_position(other) == read_position(text)


@given(st.text(max_size=60) | st.text(st.sampled_from(CHARACTERS), max_size=30))
def test_no_text_stops_the_reader(text: str) -> None:
    """A position on Earth, a question with at least two answers, or a refusal with a sentence."""
    for order in Order:
        found = read_position(text, order=order)
        if isinstance(found, Refusal):
            assert sentence(found)
        elif isinstance(found, Ambiguous):
            assert len({p.at for p in found.candidates}) >= 2
            assert sentence(ask(found))
        else:
            assert abs(found.at.lat_e7) <= 900_000_000
            assert abs(found.at.lon_e7) <= 1_800_000_000


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 179), st.integers(0, 59))
def test_two_digits_below_sixty_are_always_asked_about(a: int, b: int, c: int, d: int) -> None:
    """DD.MM is never taken for decimals in silence, nor the reverse."""
    found = read_position(f"{a}.{b:02d} {c}.{d:02d}")
    if b or d:
        assert isinstance(found, Ambiguous), found
        assert found.apart_mm > 0
    for notation in (Notation.DECIMAL, Notation.DOTTED):
        assert isinstance(read_position(f"{a}.{b:02d} {c}.{d:02d}", notation=notation), Position)


def test_list_is_written_in_one_notation() -> None:
    """One number that cannot be minutes settles the others; where none does, it is asked."""
    settled = read_positions(["35.30,36.15", "35.412,36.2"])
    assert isinstance(settled, tuple)
    assert settled[0].at == LatLon(353_000_000, 361_500_000)
    assert isinstance(read_positions(["35.30,36.15", "35.40,36.20"]), Ambiguous)
    bad = read_positions(["35.5,36.1", "north"])
    assert isinstance(bad, Refusal)
    assert bad.at == "/1"


def test_question_names_both_meanings_and_their_distance() -> None:
    """35.30 36.15: the sentence that a planner reads."""
    found = read_position("35.30 36.15")
    assert isinstance(found, Ambiguous)
    said = sentence(ask(found))
    assert said.startswith("“35.30 36.15” has 2 meanings, up to 23977 m apart: ")
    assert "decimal 35°18'00.0\"N 036°09'00.0\"E" in said
    assert "dotted 35°30'00.0\"N 036°15'00.0\"E" in said


@pytest.mark.parametrize("text", ["35.5ſ 40.1E", "35.5Ｎ 40.1E", "35.5П 40.1E", "35.5N 40.1Е"])
def test_letters_of_other_scripts_are_no_hemisphere(text: str) -> None:
    """A long s has the capital S, a Cyrillic Ie looks like E: neither says where a place is."""
    assert isinstance(read_position(text), Refusal)


@pytest.mark.parametrize("text", ["35.5 40.1", "35.512 40.1"])
def test_order_that_nobody_said_is_asked_about(text: str) -> None:
    """Without letters and without an agreed order both readings are given, 652 km apart."""
    found = read_position(text, order=Order.UNSAID)
    assert isinstance(found, Ambiguous)
    assert 649e6 < found.apart_mm < 653e6
    assert {p.swapped for p in found.candidates} == {True, False}
