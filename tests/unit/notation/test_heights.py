"""Heights in and out: outward both ways, and a text held against the fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.refusal import Refusal
from clearline.model.space import Height, HeightRef, Volume
from clearline.notation.heights import Unit, contradictions, mentions, read_height, write_height
from tests.town import SURFACE, UNLIMITED, at, disc, level, volume

heights = st.builds(
    Height,
    ref=st.sampled_from([HeightRef.W84, HeightRef.AMSL, HeightRef.AGL]),
    mm=st.integers(-12_000_000, 30_000_000),
) | st.builds(Height, ref=st.just(HeightRef.FL), mm=st.integers(0, 30_000_000))
STEP_MM = {Unit.M: 1000, Unit.FT: 305}


@given(heights, st.sampled_from(Unit), st.booleans())
def test_limit_goes_out_and_back_and_never_inward(height: Height, unit: Unit, upper: bool) -> None:
    """Metres to feet to levels and back: never a smaller band, and at most one unit larger."""
    back = read_height(write_height(height, unit, upper=upper), upper=upper)
    assert isinstance(back, Height), back
    assert height.mm is not None
    assert back.mm is not None
    step = 30_480 if height.ref is HeightRef.FL else STEP_MM[unit]
    wider = back.mm - height.mm if upper else height.mm - back.mm
    assert back.ref is height.ref
    assert 0 <= wider <= step


@given(st.integers(-9_999, 99_999), st.sampled_from(["ft", "m"]), st.sampled_from(["AMSL", "AGL"]))
def test_what_a_person_says_in_whole_units_comes_back_alike(n: int, unit: str, ref: str) -> None:
    """5000 ft stays 5000 ft on every screen."""
    for upper in (True, False):
        read = read_height(f"{n} {unit} {ref}", upper=upper)
        assert isinstance(read, Height)
        assert f"{n} {unit} {ref}" == write_height(read, Unit(unit), upper=not upper)


@given(st.text(max_size=30) | st.text(st.sampled_from("0123456789 .-FLTMASGUNW'"), max_size=16))
def test_no_text_stops_the_reader(text: str) -> None:
    """A height within limits, or a refusal."""
    found = read_height(text, upper=True)
    assert isinstance(found, Height | Refusal)
    list(mentions(text))


def _volume(lower: Height, upper: Height) -> Volume:
    return volume(disc(35, 36, 10), at(0), at(60), lower, upper)


def amsl(feet: int) -> Height:
    """Feet above sea level."""
    return Height(ref=HeightRef.AMSL, mm=round(feet * 304.8))


@pytest.mark.parametrize(
    ("text", "band", "differs"),
    [
        ("climbing to FL320", (level(100), level(530)), False),
        ("up to FL320", (level(400), level(530)), True),
        ("up to FL320", (level(100), level(530)), True),  # between them, but not the limit
        ("not above FL320", (SURFACE, level(320)), False),
        ("not below FL320", (level(100), level(320)), True),
        ("FL320", (SURFACE, level(530)), True),  # the only level that the fields say is another
        ("FL320", (SURFACE, UNLIMITED), False),
        ("FL320", (level(530), level(530)), True),
        ("from FL 530", (level(530), UNLIMITED), False),
        ("below 5000 ft AMSL", (SURFACE, amsl(5_000)), False),
        ("below 5,000 ft MSL", (SURFACE, amsl(3_000)), True),
        ("below 5000 ft AMSL", (level(100), level(200)), False),  # cannot be compared
        ("stop FL530", (level(530), level(540)), False),
        ("call FLASH 320, TASK FL", (level(530), level(540)), False),
        ("٣٢٠ FL٣٢٠", (level(530), level(540)), True),
        ("", (level(530), level(540)), False),
    ],
)
def test_text_that_names_another_height_is_found(text: str, band: tuple, differs: bool) -> None:
    """Text says FL320, field says FL530: said, with what each says."""
    found = list(contradictions(text, [_volume(*band)]))
    assert differs == bool(found)
    if found:
        assert found[0].params["found"] == "text-differs"
        assert found[0].params["apart_m"] > 0


def test_text_is_held_against_every_volume() -> None:
    """A climb in two legs: the level of either may be named."""
    legs = [_volume(level(100), level(200)), _volume(level(300), level(400))]
    assert [] == list(contradictions("first FL150, then FL350", legs))
    (one,) = contradictions("then FL250", legs)
    assert one.params["apart_m"] == 1524
