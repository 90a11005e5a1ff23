"""FM08: who can do harm or be harmed and has no node is told by a party with that duty, in time."""

from clearline.model.alert import Alert, TroubleKind
from clearline.model.entry import Notice, Relay, Relayed, RelayOutcome
from clearline.model.ids import Digest, EntryRef, PartyId
from clearline.model.time import MINUTE, SECOND
from clearline.node.queries import reading
from clearline.node.queries_notices import third_parties
from clearline.node.views import ThirdView
from tests.town import Town, at, disc, volume

SYRAD = PartyId("SYRAD")


def told_nobody(town: Town, party: str) -> list[Alert]:
    """A node's open alerts that SYRAD has not been told."""
    return [
        alert
        for alert in town.nodes[party].state.book.open()
        if alert.trouble.kind is TroubleKind.NOT_TOLD
        and alert.trouble.params["third"] == SYRAD
        and f"{town.line}/{alert.trouble.key}" in town.nodes[party].state.troubles
    ]


def raid(town: Town) -> EntryRef:
    """A hazard off Latakia, within reach of the coast's air defence; nobody in the room shoots."""
    place = (volume(disc(35.6, 35.5, 20), at(60), at(90)),)
    (ref,) = town.say("CCC", Notice(cls="hazardous-air", label="Latakia", volumes=place))
    town.settle()
    return ref


def go_on(town: Town, seconds: int) -> None:
    """Let the clock run."""
    for _ in range(seconds):
        town.wait(SECOND)
        town.tick()


def proof(town: Town, party: str, ref: EntryRef) -> None:
    """A party's word that SYRAD has been told, with the digest of what was repeated."""
    town.say(
        party,
        Relay(of=ref, to=SYRAD),
        Relayed(
            of=ref, to=SYRAD, outcome=RelayOutcome.TOLD, means="telephone", at=town.now,
            proof=Digest("ab" * 32),
        ),
    )  # fmt: skip
    town.settle()


def test_relay_owner_has_a_red_row_from_the_first_moment_and_the_ladder_climbs() -> None:
    """NOT TOLD stands at the owner at once; unanswered it climbs; at three minutes it is due, and
    the backup has it too."""
    town = Town(("AAA", "BBB", "CCC"))
    go_on(town, 5)
    ref = raid(town)
    (mine,) = told_nobody(town, "AAA")
    assert mine.trouble.about == (ref,)
    assert mine.trouble.due == town.now + 3 * MINUTE
    assert not told_nobody(town, "BBB"), "the backup is not rung before the deadline"
    assert not told_nobody(town, "CCC"), "the author has no relay duty here"
    first_rung = mine.rung
    go_on(town, 3 * 60)
    (mine,) = told_nobody(town, "AAA")
    assert mine.rung > first_rung
    assert len(told_nobody(town, "BBB")) == 1


def test_proof_ends_it_at_owner_and_backup() -> None:
    """TOLD with its proof ends the row on both boards, and reads so; the relay's word without the
    code of a page reads as its word alone."""
    town = Town(("AAA", "BBB", "CCC"))
    go_on(town, 5)
    ref = raid(town)
    go_on(town, 200)
    assert told_nobody(town, "AAA")
    assert told_nobody(town, "BBB")
    assert shown(town, ref).state == "NOT TOLD"
    proof(town, "AAA", ref)
    town.tick()
    assert not told_nobody(town, "AAA")
    assert not told_nobody(town, "BBB")
    view = shown(town, ref)
    assert (view.state, view.coded) == ("TOLD", True)
    assert view.words.endswith("the code of its page was repeated")
    other = raid(town)
    town.say(
        "AAA",
        Relayed(
            of=other, to=SYRAD, outcome=RelayOutcome.TOLD, means="telephone", at=town.now
        ),
    )  # fmt: skip
    town.settle()
    view = shown(town, other)
    assert (view.state, view.coded) == ("TOLD", False)
    assert view.words.endswith("its word alone, no code was repeated")


def shown(town: Town, ref: EntryRef) -> ThirdView:
    """How far SYRAD has come with a notice, as its author reads it."""
    node = town.nodes["CCC"]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    (view,) = [one for one in third_parties(of, town.version("CCC", ref)) if one.party == SYRAD]
    return view


def test_no_answer_from_the_third_party_is_not_told() -> None:
    """A call that nobody took proves nothing."""
    town = Town(("AAA", "BBB", "CCC"))
    go_on(town, 5)
    ref = raid(town)
    town.say(
        "AAA",
        Relayed(
            of=ref, to=SYRAD, outcome=RelayOutcome.NO_ANSWER, means="telephone", at=town.now
        ),
    )  # fmt: skip
    town.settle()
    go_on(town, 2)
    assert told_nobody(town, "AAA")


def test_backup_takes_over_when_the_owner_is_cut_off() -> None:
    """The owner's node has no power: at the deadline the backup has the duty, tells the third
    party, and the owner reads on its return that it was done."""
    town = Town(("AAA", "BBB", "CCC"))
    go_on(town, 5)
    gone = town.nodes.pop("AAA")
    ref = raid(town)
    go_on(town, 3 * 60 - 1)
    assert not told_nobody(town, "BBB")
    go_on(town, 2)
    (theirs,) = told_nobody(town, "BBB")
    assert theirs.trouble.about == (ref,)
    proof(town, "BBB", ref)
    assert not told_nobody(town, "BBB")
    town.nodes["AAA"] = gone
    for author in ("BBB", "CCC"):
        town.push(author, "AAA", town.feed(author))
    go_on(town, 1)
    assert not told_nobody(town, "AAA")
