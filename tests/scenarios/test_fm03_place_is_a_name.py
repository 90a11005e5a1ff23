"""FM03, the place is a name: a name is only a label, and one that does not fit is pointed out."""

import dataclasses

import pytest

from clearline.model.entry import Notice
from clearline.model.refusal import Code
from clearline.model.space import Edge, LatLon, Polygon
from clearline.node.drafts import warning_view, warnings
from clearline.node.queries import reading
from clearline.node.queries_notices import find, notice_view
from clearline.notation.gazetteer import Gazetteer, read_gazetteer
from clearline.words import sentence
from tests.town import SURFACE, UNLIMITED, Town, at, level, volume

PLACES = """
[[places]]
names = ["Syria"]
at = "34°48'N 39°03'E"
radius_km = 380
"""
OFF_LATAKIA = Polygon(
    outer=tuple(
        LatLon(round(lat * 1e7), round(lon * 1e7))
        for lat, lon in ((35.612, 35.213), (35.812, 35.213), (35.812, 35.513), (35.612, 35.513))
    ),
    edge=Edge.GEODESIC,
)


class Named(Town):
    """A town in which every node has a list of places."""

    def make(self, party, store, marks):
        """A node that knows Syria."""
        node = super().make(party, store, marks)
        places = read_gazetteer(PLACES.encode())
        assert isinstance(places, Gazetteer)
        node.tools = dataclasses.replace(node.tools, places=places)
        return node


@pytest.fixture
def town() -> Named:
    """Two parties over the eastern Mediterranean."""
    return Named(("ALFA", "BRAVO"))


def test_name_without_a_shape_is_refused_with_its_reason(town: Named) -> None:
    """“north of Syria”, and nothing more: refused, in words that name what was said."""
    outcome = town.try_to_say(
        "ALFA", Notice(cls="hazardous-air", label="north of Syria", volumes=())
    )
    assert outcome.refusal is not None
    assert outcome.refusal.code is Code.NO_GEOMETRY
    assert sentence(outcome.refusal).startswith("“north of Syria” is a name, not a place")
    town.check()


@pytest.mark.parametrize(
    ("label", "warned"),
    [("north of Syria", True), ("west of Syria", False), ("Range 7", False)],
)
def test_label_that_does_not_fit_is_taken_with_a_warning_at_both_ends(
    town: Named, label: str, warned: bool
) -> None:
    """A polygon off Latakia labelled north: it goes, the author is asked to look again, and so is
    whoever receives it."""
    place = volume(OFF_LATAKIA, at(120), at(180), SURFACE, UNLIMITED)
    notice = Notice(cls="hazardous-air", label=label, volumes=(place,))
    told = list(_of(town, "ALFA", notice))
    assert warned == any("Its label says north of “Syria”" in words for words in told)
    (ref,) = town.say("ALFA", notice)
    town.settle()
    for party in ("ALFA", "BRAVO"):
        shown = _shown(town, party, ref)
        assert warned == any("on another side" in words for words in shown), shown
    assert town.standing("ALFA", ref).state is not None
    town.check()


def test_names_are_never_made_into_places(town: Named) -> None:
    """The list of places is known; a notice that names one of them has no place by that."""
    place = volume(OFF_LATAKIA, at(120), at(180), level(100), level(200))
    (ref,) = town.say("ALFA", Notice(cls="hazardous-air", label="Syria", volumes=(place,)))
    town.settle()
    assert town.version("BRAVO", ref).volumes == (place,)


def _of(town: Named, party: str, notice: Notice):
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    for each in warnings(of.terms, notice, of.now, places=of.places):
        yield warning_view(each).words


def _shown(town: Named, party: str, ref) -> tuple[str, ...]:
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    held = find(of, ref)
    assert held is not None
    return notice_view(of, *held).look_again
