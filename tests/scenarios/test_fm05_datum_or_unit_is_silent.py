"""FM05, datum or unit is silent: nothing is assumed, and what contradicts itself is pointed out."""

import pytest

from clearline.cli import shapes
from clearline.model.entry import FreeText, Notice
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Height, HeightRef
from clearline.node.queries_notices import find, notice_view
from clearline.notation.heights import read_height
from clearline.words import sentence
from tests.town import SURFACE, Town, at, disc, level, volume


@pytest.fixture
def town() -> Town:
    """Two parties."""
    return Town(("ALFA", "BRAVO"))


def notice(upper: Height, remark: str = "", label: str = "Range 7") -> Notice:
    """A hazard up to a height."""
    place = volume(disc(34.512, 35.234, 20), at(120), at(180), SURFACE, upper)
    words = FreeText(lang="en", text=remark) if remark else None
    return Notice(cls="hazardous-air", label=label, volumes=(place,), remark=words)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("5000", "no unit"), ("5000 AMSL", "no unit"), ("5000 ft", "measured from")],
)
def test_height_without_unit_or_reference_is_refused(typed: str, reason: str) -> None:
    """“5000” is nobody's height: no default unit, no default reference."""
    found = read_height(typed, upper=True)
    assert isinstance(found, Refusal)
    assert reason in sentence(found)
    with pytest.raises(ValueError, match=reason):
        shapes.height(typed, upper=True)


@pytest.mark.parametrize(
    "height", [Height(ref=HeightRef.AMSL), Height(ref=HeightRef.SFC, mm=5_000_000)]
)
def test_entry_whose_height_does_not_say_what_it_is_is_refused(town: Town, height: Height) -> None:
    """On the line, too: a reference that needs a number has one, and the surface has none."""
    outcome = town.try_to_say("ALFA", notice(height))
    assert outcome.refusal is not None
    assert outcome.refusal.code is Code.BAD_HEIGHT
    assert sentence(outcome.refusal)


@pytest.mark.parametrize(
    ("text", "flagged"),
    [("up to FL320, then down", True), ("up to FL530", False), ("call us at 1800Z", False)],
)
def test_text_that_contradicts_the_field_is_flagged_at_both_ends(
    town: Town, text: str, flagged: bool
) -> None:
    """Text says FL320, the field says FL530: taken, and both desks read what each says."""
    (ref,) = town.say("ALFA", notice(level(530), remark=text))
    town.settle()
    for party in ("ALFA", "BRAVO"):
        of = town.look(party)
        held = find(of, ref)
        assert held is not None
        found = notice_view(of, *held).look_again
        expected = "Its text says FL320, its fields say SFC to FL530: 6.4 km apart"
        assert ((expected,) if flagged else ()) == found
    town.check()


def test_text_of_another_unit_that_says_the_same_is_left_alone(town: Town) -> None:
    """5000 ft in the text, 1524 m in the field; another reference is not judged."""
    metres = shapes.height("1524 m AMSL", upper=True)
    for text in ("below 5000 ft AMSL", "below FL050", "below 1524 m AMSL"):
        (ref,) = town.say("ALFA", notice(metres, remark=text))
        of = town.look("ALFA")
        held = find(of, ref)
        assert held is not None
        assert () == notice_view(of, *held).look_again
