"""A no rings where it can be acted on (FM02, FM18): UNABLE, OBJECT, CANNOT, a STANDBY that runs
out, a place read back wrongly, half of a coordination. On real nodes."""

import pytest
from msgspec.structs import replace

from clearline.model.alert import Ring, Severity, Trouble, TroubleKind
from clearline.model.entry import (
    Amend,
    Answer,
    Coordinated,
    Field,
    Message,
    Notice,
    Precedence,
    Reply,
    Stop,
    Withdraw,
)
from clearline.model.ids import EntryRef, PartyId
from clearline.model.space import LatLon
from clearline.model.time import MINUTE, SECOND
from clearline.node.inbound import Acknowledge
from clearline.node.queries import alert_views
from clearline.notation.readback import measure
from tests.town import Town, at, disc, level, volume

RANGE = volume(disc(35.4, 34.5, 20), at(120), at(180), level(100), level(200))
FLIGHT = volume(disc(35.4, 34.5, 5), at(150), at(160), level(150), level(160))


@pytest.fixture
def town() -> Town:
    """ISR warns, RUS answers."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    town.tick()
    return town


def filed(town: Town, prec: Precedence = Precedence.PRIORITY) -> EntryRef:
    """ISR's hazard, at RUS too."""
    notice = Notice(cls="hazardous-air", label="Latakia", volumes=(RANGE,))
    (ref,) = town.say("ISR", notice, prec=prec)
    town.settle()
    return ref


def answer(town: Town, to: EntryRef, reply: Reply, **fields: object) -> None:
    """RUS answers, and ISR has it."""
    said = Answer(to=to, reply=reply, role="watch-officer", **fields)  # type: ignore[arg-type]
    town.say("RUS", said)
    town.settle()
    town.tick()


def rung(town: Town, kind: TroubleKind, party: str = "ISR") -> list[Trouble]:
    """What a desk is rung about."""
    return [t for t in town.nodes[party].state.troubles.values() if t.kind is kind]


def words(town: Town, kind: TroubleKind, party: str = "ISR") -> list[str]:
    """In which words."""
    node = town.nodes[party]
    views = alert_views(node.state, node.tools.plan(node.state))
    return [view.words for view in views if view.kind is kind]


def roles(town: Town) -> list[str]:
    """Roles of ISR's that were called about a no, in order."""
    node = town.nodes["ISR"]
    ids = {a.id for a in node.state.book.open() if a.trouble.kind is TroubleKind.DECLINED}
    rings = [i for who, i in town.rung if who == "ISR" and isinstance(i, Ring) and i.alert in ids]
    return list(dict.fromkeys(ring.role for ring in rings))


def test_unable_rings_its_author_with_the_minutes_and_climbs_until_it_is_dealt_with(
    town: Town,
) -> None:
    """RUS needs 15 minutes: an alarm at ISR's desk at once, the deputy and the senior after it, and
    no silence ends it; an amend does, since the new version asks anew."""
    ref = filed(town, Precedence.IMMEDIATE)
    answer(town, ref, Reply.UNABLE, minutes_needed=15)
    (trouble,) = rung(town, TroubleKind.DECLINED)
    assert trouble.severity is Severity.ALARM
    assert trouble.about[0] == ref
    assert "UNABLE from RUS to “Latakia”: needs 15 min" in words(town, TroubleKind.DECLINED)[0]
    for _ in range(6):
        town.wait(MINUTE)
        town.tick()
    assert roles(town) == ["watch-officer", "deputy", "duty-senior"]
    assert rung(town, TroubleKind.DECLINED)
    later = replace(RANGE, start=at(140), end=at(200))
    town.say("ISR", Amend(notice=ref, to=Notice(cls="hazardous-air", label="L", volumes=(later,))))
    town.settle()
    assert rung(town, TroubleKind.DECLINED) == []
    assert rung(town, TroubleKind.ANSWER_DUE, "RUS"), "the new version asks anew"


def test_no_is_louder_once_it_has_begun_and_rings_again_at_who_took_it(town: Town) -> None:
    """Somebody took the UNABLE and nothing was done: at the start of the window it is FLASH, a new
    alarm, untaken."""
    ref = filed(town)
    answer(town, ref, Reply.UNABLE)
    (taken,) = [a for a in town.nodes["ISR"].state.book.open() if a.trouble.peer == "RUS"
                and a.trouble.kind is TroubleKind.DECLINED]  # fmt: skip
    town.take("ISR", Acknowledge(id="a", alert=taken.id, person="p", role="watch-officer"))
    while town.now < at(121):
        town.wait(MINUTE)
        town.tick()
    (trouble,) = rung(town, TroubleKind.DECLINED)
    assert trouble.precedence is Precedence.FLASH
    (alert,) = [a for a in town.nodes["ISR"].state.book.open() if a.trouble == trouble]
    assert alert.opening > taken.opening
    assert alert.taken_by is None


@pytest.mark.parametrize("reply", [Reply.ROGER, Reply.STANDBY])
def test_nothing_but_wilco_takes_an_objection_back(town: Town, reply: Reply) -> None:
    """ROGER says received, STANDBY that an answer comes: the objection stands. WILCO ends it."""
    ref = filed(town)
    answer(town, ref, Reply.OBJECT)
    answer(town, ref, reply)
    assert len(rung(town, TroubleKind.DECLINED)) == 1
    answer(town, ref, Reply.WILCO)
    assert rung(town, TroubleKind.DECLINED) == []


def test_withdrawn_notice_is_objected_to_no_more(town: Town) -> None:
    """What is not there any more needs no acting on."""
    ref = filed(town)
    answer(town, ref, Reply.OBJECT)
    town.say("ISR", Withdraw(versions=(ref,)))
    town.settle()
    assert rung(town, TroubleKind.DECLINED) == []


def test_cannot_is_an_emergency_at_who_pleaded_until_halted_or_until_he_writes_on(
    town: Town,
) -> None:
    """STOP, CANNOT: FLASH at ISR. HALTED ends it; so does what ISR writes on, knowing of it; what
    was written before it came does not."""
    (first,) = town.say("ISR", Stop(), prec=Precedence.FLASH)
    town.settle()
    answer(town, first, Reply.CANNOT)
    (trouble,) = rung(town, TroubleKind.DECLINED)
    assert (trouble.severity, trouble.precedence) == (Severity.EMERGENCY, Precedence.FLASH)
    answer(town, first, Reply.HALTED)
    assert rung(town, TroubleKind.DECLINED) == []
    (second,) = town.say("ISR", Stop(), prec=Precedence.FLASH)
    town.settle()
    town.say("RUS", Answer(to=second, reply=Reply.CANNOT, role="watch-officer"))
    town.say("ISR", asked(town))  # ISR has not heard it yet
    town.settle()
    assert len(rung(town, TroubleKind.DECLINED)) == 1
    town.say("ISR", asked(town))
    town.settle()
    assert rung(town, TroubleKind.DECLINED) == []


def asked(town: Town, *to: str) -> Message:
    """A message that asks for an answer."""
    about = Field(name="entry", value=str(EntryRef(town.feed("ISR"), 0)))
    return Message(
        template="request-status", fields=(about,), to=tuple(PartyId(party) for party in to)
    )


def test_standby_that_runs_out_is_said_and_is_no_answer(town: Town) -> None:
    """The clock went on: at the deadline NO ANSWER rings, and says when STANDBY was said; one that
    is said after the deadline too."""
    ref = filed(town, Precedence.IMMEDIATE)
    answer(town, ref, Reply.STANDBY)
    (message,) = town.say("ISR", asked(town), prec=Precedence.IMMEDIATE)
    town.settle()
    town.wait(301 * SECOND)
    town.tick()
    found = words(town, TroubleKind.NO_ANSWER)
    assert len(found) == 2
    assert [each for each in found if "said STANDBY at 2026-03-01T00:00:10" in each]
    answer(town, message, Reply.STANDBY)
    assert all("STANDBY" in each for each in words(town, TroubleKind.NO_ANSWER))
    answer(town, message, Reply.ROGER)
    assert len(rung(town, TroubleKind.NO_ANSWER)) == 1


def test_message_is_owed_an_answer_by_those_it_is_addressed_to() -> None:
    """AAA writes to BBB alone: of CCC nothing is waited for."""
    town = Town(("AAA", "BBB", "CCC"))
    about = Field(name="entry", value=str(EntryRef(town.feed("AAA"), 0)))
    body = Message(template="request-status", fields=(about,), to=(PartyId("BBB"),))
    town.say("AAA", body, prec=Precedence.IMMEDIATE)
    town.settle()
    town.wait(301 * SECOND)
    town.tick()
    assert [t.peer for t in rung(town, TroubleKind.NO_ANSWER, "AAA")] == ["BBB"]
    assert rung(town, TroubleKind.ANSWER_DUE, "CCC") == []


def test_place_read_back_wrongly_answers_nothing(town: Town) -> None:
    """The duty stays at RUS with its ladder, and ISR hears NO ANSWER when it is due; a right one
    ends both, and the dispute."""
    ref = filed(town, Precedence.IMMEDIATE)
    exact = measure(LatLon(340_000_000, 350_000_000), RANGE)
    wrong = replace(exact, distance_mm=exact.distance_mm + 9_000_000)
    answer(town, ref, Reply.READ_BACK, read_back=wrong)
    assert len(rung(town, TroubleKind.ANSWER_DUE, "RUS")) == 1
    town.wait(301 * SECOND)
    town.tick()
    assert len(rung(town, TroubleKind.NO_ANSWER)) == 1
    (alert,) = [
        a for a in town.nodes["RUS"].state.book.open() if a.trouble.kind is TroubleKind.ANSWER_DUE
    ]
    assert alert.rung >= 1, "it climbs as if nobody had said anything"
    answer(town, ref, Reply.READ_BACK, read_back=exact)
    for kind in (TroubleKind.ANSWER_DUE, TroubleKind.NO_ANSWER, TroubleKind.READ_BACK):
        assert rung(town, kind) == rung(town, kind, "RUS") == []


def test_half_of_a_coordination_asks_the_other_author(town: Town) -> None:
    """RUS has signed that the pair overlaps: ISR is asked, in which measure and until when; another
    measure is no agreement; the same one is, and nothing rings until it ends."""
    hazard = filed(town)
    (flight,) = town.say("RUS", Notice(cls="air-movement", label="Il-20", volumes=(FLIGHT,)))
    town.settle()
    low, high = sorted((hazard, flight))
    half = Coordinated(pair=(low, high), measure="RUS holds at FL150", until=at(200))
    town.say("RUS", half)
    town.settle()
    said = words(town, TroubleKind.HALF_SIGNED)[0]
    assert "“RUS holds at FL150”" in said
    assert "NOT COORDINATED" in said
    assert rung(town, TroubleKind.HALF_SIGNED, "RUS") == []
    town.say("ISR", replace(half, measure="ISR stops"))
    town.settle()
    assert len(rung(town, TroubleKind.HALF_SIGNED)) == 1
    assert len(rung(town, TroubleKind.HALF_SIGNED, "RUS")) == 1
    town.say("ISR", half)
    town.settle()
    for party in ("ISR", "RUS"):
        assert rung(town, TroubleKind.HALF_SIGNED, party) == []
        assert rung(town, TroubleKind.CONFLICT, party) == []
