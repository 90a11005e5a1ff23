"""FM16: what happens is not what was notified. The one who sees it is rung within a second, the
peer is told within ten; what changes recognition voids what was answered before."""

from clearline.model.alert import TroubleKind
from clearline.model.entry import Amend, Answer, Message, Notice, Reply, Withdraw
from clearline.model.ids import EntryRef
from clearline.model.time import HOUR, SECOND, Instant
from clearline.node.inbound import Say
from clearline.node.live.desk import off_route_message
from clearline.node.live.limits import LiveLimits
from clearline.node.phrases import trouble as sentence
from clearline.node.queries import reading
from clearline.words.catalogue import check_message
from tests.live_town import LiveTown, beside, every_byte
from tests.town import Town, corridor, volume

START = (35.0, 38.0)
END = (35.0, 39.0)
ORDER = "J. Doe, commander"


def convoy(limits: LiveLimits) -> tuple[LiveTown, EntryRef, Notice]:
    """AID runs a convoy eastwards along a notified corridor of 2 km to either side, and sees it."""
    town = Town(("AID", "ARMY"))
    town.wait(10 * SECOND)
    town.tick()
    place = (volume(corridor([START, END], 2.0), town.now, Instant(town.now + 6 * HOUR)),)
    body = Notice(cls="air-movement", label="Convoy east", volumes=place)
    (ref,) = town.say("AID", body)
    town.settle()
    of = LiveTown(town, "AID", limits)
    of.bind("AID 7", "tracker-7", ref)
    return of, ref, body


def drive(of: LiveTown, north_m: float) -> None:
    """The convoy is 30 km along its way and so far north of the middle of its corridor."""
    of.see("tracker-7", *beside(*beside(*START, 89.7, 30_000), 0, north_m), course=90, mps=15)
    of.look()


def rung_at(of: LiveTown, party: str, kind: TroubleKind) -> list[str]:
    """What a party reads of one kind."""
    found = of.town.nodes[party].state.troubles.values()
    return [sentence(trouble) for trouble in found if trouble.kind is kind]


def test_convoy_that_leaves_its_corridor_rings_here_and_by_standing_order_at_the_peer() -> None:
    """500 m beyond the corridor the alarm stands after the next look, and the line is told in the
    same second, once, in the closed template, on that person's order."""
    of, ref, _ = convoy(LiveLimits(tell_off_route_by=ORDER))
    drive(of, 2_400)
    assert of.troubles() == [], "400 m beyond its corridor is within the agreed 500 m"
    of.town.wait(SECOND)
    before = of.town.now
    drive(of, 2_600)
    (own,) = of.troubles()
    assert (own.kind, own.about) == (TroubleKind.OFF_ROUTE, (ref,))
    assert 500 < int(str(own.params["distance_m"])) < 700
    (told,) = [t for t in rung_at(of, "ARMY", TroubleKind.ANSWER_DUE) if "AID 7 was" in t]
    assert str(ref) in told
    assert of.town.now - before < 10 * SECOND
    (say,) = [what for what in of.said if isinstance(what, Say)]
    assert say.person == ORDER
    for _ in range(20):
        of.town.wait(SECOND)
        drive(of, 2_650)
    assert len([what for what in of.said if isinstance(what, Say)]) == 1
    of.town.wait(SECOND)
    drive(of, 2_450)
    assert of.troubles(), "between 400 and 500 m it stays as it was"
    drive(of, 2_300)
    assert of.troubles() == []


def test_without_a_standing_order_the_node_says_nothing_and_has_it_ready() -> None:
    """Whoever takes the alarm sends it as it stands; until then no place of the convoy is on the
    line."""
    of, ref, _ = convoy(LiveLimits())
    drive(of, 2_600)
    (own,) = of.troubles()
    assert "tell the line" in sentence(own)
    assert [what for what in of.said if isinstance(what, Say)] == []
    assert b"AID 7" not in b"".join(every_byte(of.town))
    (finding,) = of.town.at("AID").live.values()
    message = off_route_message(finding)
    assert isinstance(message, Message)
    assert check_message(message) is None
    of.town.say("AID", message)
    of.town.settle()
    (told,) = [t for t in rung_at(of, "ARMY", TroubleKind.ANSWER_DUE) if "AID 7 was" in t]
    assert str(ref) in told


def test_escort_added_after_the_answer_asks_again() -> None:
    """An amend with a mark that changes recognition is a new version: the answer to the old one
    says nothing about it, and the peer is asked anew."""
    of, ref, body = convoy(LiveLimits())
    town = of.town
    town.say("ARMY", Answer(to=ref, reply=Reply.WILCO, role="watch-officer"))
    town.settle()
    assert rung_at(of, "ARMY", TroubleKind.ANSWER_DUE) == []
    changed = Notice(cls=body.cls, label=body.label, volumes=body.volumes, marks=("armed-escort",))
    (amended,) = town.say("AID", Amend(notice=ref, to=changed))
    town.settle()
    assert len(rung_at(of, "ARMY", TroubleKind.ANSWER_DUE)) == 1
    node = town.nodes["AID"]
    of_line = reading(node.state, node.tools, town.line, town.now)
    assert of_line is not None
    answers = town.at("ARMY").picture.feed(town.feed("ARMY")).answers
    assert amended not in answers
    town.say("AID", Withdraw(versions=(ref,)))
    drive(of, 2_600)
    (own,) = of.troubles()
    assert own.about == (amended,), "the route is that of the newest version"
