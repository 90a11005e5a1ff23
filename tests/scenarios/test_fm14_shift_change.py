"""FM14: nothing is lost when the watch changes, and no moment is without one."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from clearline.api.people import Role
from clearline.client import Client, Refused, asks
from clearline.model.alert import AlertState
from clearline.model.entry import (
    Answer,
    Entry,
    Field,
    Handover,
    Message,
    Notice,
    Precedence,
    Reply,
    Stop,
    Withdraw,
)
from clearline.model.ids import Digest, EntryRef, PartyId
from clearline.model.refusal import Code
from clearline.model.time import MINUTE, SECOND
from clearline.node.handover import OFFER_MS, open_items
from clearline.node.handover_views import OpenItem
from clearline.node.inbound import Fault, Given, Outcome, TakenOver, Ticked
from clearline.node.queries import reading
from clearline.wire.bodies_v1 import read_entry
from tests.api_node import add_person, found, make_parties, notice, running
from tests.town import Town, at, disc, volume


def opened(town: Town, party: str = "AAA") -> tuple[OpenItem, ...]:
    """What is open at one party."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    return tuple(open_items(node.state, of))


def items(town: Town, party: str = "AAA") -> tuple[str, ...]:
    """Ids of what is open at one party."""
    return tuple(each.id for each in opened(town, party))


def items_said(town: Town) -> tuple[str, ...]:
    """How it is said, to whole seconds: a list that is read aloud."""
    return tuple(each.words for each in opened(town))


def test_what_stands_is_handed_over_before_what_has_ended() -> None:
    """A conflict that is over and that nobody took stays in the list, said as ended, below all that
    still needs somebody: at three in the morning the first lines are those that are read."""
    town = Town(("AAA", "BBB"))
    ended, *_ = meeting(town, 33.0)
    town.say("AAA", Withdraw(versions=(ended,)))
    town.settle()
    town.tick()
    meeting(town, 34.0)
    node = town.nodes["AAA"]
    alerts = [each for each in opened(town) if each.id.startswith("alert:")]
    over = {f"alert:{a.id}" for a in node.state.book.open() if a.state is AlertState.ENDED_UNSEEN}
    assert over
    assert {each.id for each in alerts[-len(over) :]} == over
    assert all(("ended, nobody took it:" in each.words) == (each.id in over) for each in alerts)


def meeting(town: Town, lat: float) -> tuple[EntryRef, EntryRef]:
    """Two notices of AAA and BBB that meet there."""
    refs: list[EntryRef] = []
    for party, cls in (("AAA", "air-movement"), ("BBB", "hazardous-air")):
        where = volume(disc(lat, 35.0, 10), at(20), at(80))
        body = Notice(cls=cls, label=f"{party} {lat}", volumes=(where,))
        refs += town.say(party, body)
    town.settle()
    town.tick()
    return refs[0], refs[1]


def give(town: Town, person: str = "old", to: str = "") -> Outcome:
    """The outgoing watch gives."""
    given = Given(
        id=f"give-{town.turns}", line=town.line, person=person, role="watch-officer", to=to
    )
    return town.take("AAA", given).outcomes[0]


def take(town: Town, touched: tuple[str, ...], person: str = "new", override: str = "") -> Outcome:
    """The incoming watch takes."""
    taken = TakenOver(
        id=f"take-{town.turns}", line=town.line, person=person, role="watch-officer",
        touched=touched, override=override,
    )  # fmt: skip
    return town.take("AAA", taken).outcomes[0]


def entries(town: Town) -> list[Handover]:
    """Every handover in our feed."""
    stored = town.nodes["AAA"].store.entries(town.line, town.feed("AAA"), 0, 10_000)
    read = [read_entry(each.data, Digest(each.leaf.hex())) for each in stored]
    return [e.body for e in read if isinstance(e, Entry) and isinstance(e.body, Handover)]


def desk(town: Town) -> str:
    """The private desk record as text."""
    return b"\n".join(
        bytes(each.data) for each in town.nodes["AAA"].store.desk(town.line, 0, 10_000)
    ).decode()


def with_three_open() -> tuple[Town, tuple[str, ...]]:
    """A notice that nobody has answered, the duty that comes of it, and a fault of the system."""
    town = Town(("AAA", "BBB"))
    place = (volume(disc(35.0, 35.5, 20), at(60), at(90)),)
    town.say("AAA", Notice(cls="hazardous-air", label="Coast", volumes=place))
    town.settle()
    town.take("AAA", Fault(fault="identification", active=True, detail="no replies since 02:10"))
    town.wait(MINUTE)
    town.tick()
    found_ = items(town)
    assert "fault:identification" in found_
    assert any(each.startswith("notice:AAA.0/") for each in found_)
    assert any(each.startswith("alert:") for each in found_)
    return town, found_


def test_one_item_that_was_not_touched_blocks_the_handover() -> None:
    """Each of the open items in turn is left untouched: each time the watch stays where it was,
    the refusal names the item, and nothing of it stands in the record; all touched, it passes, at
    the node's own moment, with the number of items."""
    town, open_ = with_three_open()
    give(town)
    for left in open_:
        refusal = take(town, tuple(each for each in open_ if each != left)).refusal
        assert refusal is not None
        assert (refusal.code, refusal.params["item"]) == (Code.NOT_HANDED_OVER, left)
        assert [] == entries(town)
        assert "handover-touched" not in desk(town)
    town.wait(1_234)
    assert take(town, open_).refusal is None
    assert [Handover(role="watch-officer", at=town.now, open=len(open_))] == entries(town)
    assert len(open_) == desk(town).count("handover-touched")
    town.check()


def test_what_opens_between_looking_and_taking_blocks_too() -> None:
    """What is open is looked at when the watch is taken, not when it was listed."""
    town, open_ = with_three_open()
    give(town)
    town.take("AAA", Fault(fault="radar", active=True))
    refusal = take(town, open_).refusal
    assert refusal is not None
    assert refusal.params["item"] == "fault:radar"
    assert take(town, (*open_, "fault:radar")).refusal is None


def test_what_was_asked_a_moment_ago_is_the_next_watchs_to_follow() -> None:
    """A STOP and a message of ours that nobody is rung about yet stand on the list with whom they
    wait for; the watch does not pass over them. Answered, each is gone; overdue, it rings and
    stands there once."""
    town = Town(("AAA", "BBB", "CCC"))
    town.wait(SECOND + 250)
    (stop,) = town.say("AAA", Stop(), prec=Precedence.FLASH)
    check = Message(template="text-check", fields=(Field(name="check", value=1),))
    (asked,) = town.say("AAA", replace(check, to=(PartyId("BBB"),)), prec=Precedence.IMMEDIATE)
    town.settle()
    assert {f"ask:{stop}", f"ask:{asked}"} <= set(items(town))
    assert any("own stop of 2026-03-01T00:00:01Z: no" in words for words in items_said(town))
    give(town)
    left = tuple(each for each in items(town) if each != f"ask:{stop}")
    refusal = take(town, left).refusal
    assert refusal is not None
    assert refusal.params["item"] == f"ask:{stop}"
    town.say("BBB", Answer(to=stop, reply=Reply.HALTED, role="watch-officer"))
    town.say("BBB", Answer(to=asked, reply=Reply.ROGER, role="watch-officer"))
    town.settle()
    assert f"ask:{asked}" not in items(town)
    assert f"ask:{stop}" in items(town), "CCC has not answered"
    town.wait(10 * MINUTE)
    town.tick()
    assert f"ask:{stop}" not in items(town)
    rung = [a for a in town.nodes["AAA"].state.book.open() if a.trouble.about[:1] == (stop,)]
    assert {f"alert:{alert.id}" for alert in rung} <= set(items(town))
    assert rung


def test_override_stands_in_the_record_with_its_reason() -> None:
    """A watch that must go at once: what was not looked at is named, with why."""
    town, open_ = with_three_open()
    give(town)
    assert take(town, open_[1:], override="casualty at the desk").refusal is None
    skipped = [line for line in desk(town).splitlines() if "handover-skipped" in line]
    assert len(skipped) == 1
    assert open_[0] in skipped[0]
    assert "casualty at the desk" in skipped[0]
    assert len(entries(town)) == 1


def test_nobody_takes_what_was_not_given_nor_gives_to_himself() -> None:
    """Two persons sign: without a giving, by the giver himself, by another than the one whom it
    was given to, or half an hour later, nothing passes."""
    town, open_ = with_three_open()

    def refused(person: str = "new") -> bool:
        refusal = take(town, items(town), person).refusal
        return refusal is not None and refusal.code is Code.NOT_HANDED_OVER

    assert refused()
    give(town)
    assert refused("old")
    give(town, to="third")
    assert refused("new")
    town.wait(OFFER_MS)
    assert refused("third")
    assert [] == entries(town)
    give(town, to="third")
    assert take(town, items(town), "third").refusal is None
    assert refused("third"), "a watch that was taken is not there to be taken again"
    assert open_


def test_crash_in_between_leaves_the_outgoing_watch_on_duty() -> None:
    """The node dies after the watch was given: when it is back nothing has passed, the watch has
    to be given again, and every item is still open."""
    town, open_ = with_three_open()
    give(town)
    store, marks = town.nodes["AAA"].store, town.nodes["AAA"].high_water
    node = town.make("AAA", store, marks)  # type: ignore[arg-type]
    node.begin(town.now)
    node.load(town.now)
    town.nodes["AAA"] = node
    town.take("AAA", Ticked())
    refusal = take(town, items(town)).refusal
    assert refusal is not None
    assert refusal.code is Code.NOT_HANDED_OVER
    assert [] == entries(town)
    kept = {each for each in open_ if not each.startswith("fault:")}
    assert kept <= set(items(town))
    give(town)
    assert take(town, items(town)).refusal is None
    assert 1 == len(entries(town))


def test_no_tool_passes_over_the_items(tmp_path: Path) -> None:
    """On a running node with two persons' tokens: the interface itself refuses an item that was
    not touched, and has no other way to write the entry."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        add_person(node.folder, Role.WATCH, "next")
        with node.client() as old, Client(node.address, node.token("next")) as new:
            old.file(node.line, notice(node.now(), label="open at handover"))
            open_ = tuple(each.id for each in old.do(asks.handover(node.line)).items)
            assert open_
            old.do(asks.give_watch(node.line, to="next"))
            with pytest.raises(Refused) as refused:
                new.do(asks.take_watch(node.line, open_[1:]))
            assert refused.value.problem.code == Code.NOT_HANDED_OVER
            assert open_[0] in refused.value.problem.detail
            body = {"body": {"role": "watch-officer", "at": 0, "open": 0}}
            with node.http("next") as http:
                raw = http.post(f"/v1/lines/{node.line}/handover", json=body)
            assert raw.status_code == 422
            assert old.do(asks.handover(node.line)).last is None
            (ref,) = new.do(asks.take_watch(node.line, open_)).refs
            last = new.do(asks.handover(node.line)).last
            assert last is not None
            assert (str(ref.feed), last[0]) == ("ALFA.0", "watch-officer")
