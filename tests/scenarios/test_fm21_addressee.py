"""FM21: every message names whom it is for, what it is about and where, and what is asked."""

import pytest

from clearline.model.alert import TroubleKind
from clearline.model.entry import Field, Kind, Message, Precedence
from clearline.model.ids import PartyId
from clearline.model.refusal import Code
from clearline.node import phrases
from clearline.node.queries import asks
from tests.liar import Liar
from tests.town import Town

WHOLE = (
    Field(name="position", value="+35.3000000+035.9000000/"),
    Field(name="at", value=1_537_209_540_000),
    Field(name="heading_deg", value=270),
    Field(name="height", value="FL320"),
)


@pytest.mark.parametrize("lacking", range(len(WHOLE)))
def test_unidentified_aircraft_without_place_heading_height_or_time_is_refused(
    lacking: int,
) -> None:
    """The message that once named nobody and no place cannot be sent without all of them."""
    town = Town(("AAA", "BBB"))
    town.wait(1_000)
    size = town.at("AAA").frontier(town.feed("AAA")).size
    fields = WHOLE[:lacking] + WHOLE[lacking + 1 :]
    outcome = town.try_to_say("AAA", Message(template="unknown-aircraft", fields=fields))
    assert outcome.refusal is not None
    assert outcome.refusal.code is Code.BAD_TEMPLATE
    assert outcome.refusal.params["name"] == WHOLE[lacking].name
    assert town.at("AAA").frontier(town.feed("AAA")).size == size


def test_free_text_is_no_template() -> None:
    """“Unidentified aircraft, stay away” as a template of one's own is refused."""
    town = Town(("AAA", "BBB"))
    town.wait(1_000)
    outcome = town.try_to_say("AAA", Message(template="unidentified-aircraft-stay-away"))
    assert outcome.refusal is not None
    assert outcome.refusal.at == "/body/template"


def test_whole_message_rings_where_it_is_addressed_and_says_all_of_it() -> None:
    """The addressee hears whose it is, where, which way, how high and when, and what is asked;
    a party that is not addressed is not rung, and reads it all the same."""
    town = Town(("AAA", "BBB", "CCC"))
    town.wait(1_000)
    (ref,) = town.say(
        "AAA", Message(template="unknown-aircraft", fields=WHOLE, to=(PartyId("BBB"),))
    )
    town.settle()
    for party, rung in (("BBB", True), ("CCC", False)):
        node = town.nodes[party]
        troubles = [
            trouble
            for trouble in node.state.troubles.values()
            if trouble.kind is TroubleKind.ANSWER_DUE and ref in trouble.about
        ]
        assert bool(troubles) is rung
        for trouble in troubles:
            told = phrases.trouble(trouble)
            assert told.startswith("AAA waits for our answer: Aircraft of unknown identity at ")
            for part in ("35.30000N 035.90000E", "2018-09-17T18:39", "270°", "FL320", "yours"):
                assert part in told
        of = town.look(party)
        (view,) = [each for each in asks(of) if each.kind is Kind.MESSAGE]
        assert (view.ref, view.known, view.fields) == (ref, True, WHOLE)
        assert view.to == (PartyId("BBB"),)
        assert view.words.endswith("Tell us whether it is yours.")
        assert view.unanswered == (PartyId("BBB"),)


def test_message_of_a_newer_peer_is_shown_as_it_came_and_still_rings() -> None:
    """A template that this node does not know is neither refused nor lost: its id and its blanks
    are shown, marked, and an answer is due."""
    town = Town(("AAA", "BBB"))
    town.wait(1_000)
    liar = Liar(town, "BBB")
    fields = (Field(name="ash_m", value=4000),)
    ref = liar.write(Message(template="volcano", fields=fields), prec=Precedence.IMMEDIATE)
    liar.push("AAA")
    node = town.nodes["AAA"]
    of = town.look("AAA")
    (view,) = [each for each in asks(of) if each.kind is Kind.MESSAGE]
    assert (view.ref, view.known) == (ref, False)
    assert view.words == "A message that is not in our catalogue, “volcano”: ash_m 4000"
    (trouble,) = [t for t in node.state.troubles.values() if ref in t.about]
    assert "ash_m 4000" in phrases.trouble(trouble)
