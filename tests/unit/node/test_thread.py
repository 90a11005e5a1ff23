"""A thin thread through everything: notice, receipt, conflict, answer, end, on real nodes."""

from clearline.model.alert import AlertState, TroubleKind
from clearline.model.entry import Answer, Notice, Precedence, Reply, Stop, Withdraw
from clearline.model.ids import EntryRef, FeedId
from clearline.model.refusal import Code
from clearline.picture.standing import State, Why
from clearline.store.memory import MemoryHighWater
from tests.town import HOUR, Town, at, disc, level, volume


def notice(lat: float, cls: str = "hazardous-air", start: float = 60, radius: float = 10) -> Notice:
    return Notice(
        cls=cls,
        label="area",
        volumes=(
            volume(disc(lat, 35.0, radius), at(start), at(start + 60), level(100), level(200)),
        ),
    )


def test_notice_is_receipted_by_all_and_stands_deconflicted() -> None:
    """A notice that meets nothing is PENDING until every member has receipted it; elsewhere it is
    shown as the author's latest entry proves."""
    town = Town(("AAA", "BBB", "CCC"))
    (ref,) = town.say("AAA", notice(34.0))
    assert town.standing("AAA", ref).state is State.PENDING
    assert town.standing("AAA", ref).pending_on == ("BBB", "CCC")
    town.settle()
    assert town.standing("AAA", ref).state is State.DECONFLICTED
    assert town.standing("BBB", ref).state is State.PENDING
    town.wait(HOUR)
    town.tick()
    assert town.standing("BBB", ref).state is State.DECONFLICTED
    town.check()


def test_conflict_is_found_on_both_sides_and_rings_until_answered() -> None:
    """Two notices that meet ring both desks; an answer entry, and only that, ends the duty."""
    town = Town(("AAA", "BBB"))
    (mine,) = town.say("AAA", notice(34.0, cls="air-movement"))
    (theirs,) = town.say("BBB", notice(34.1))
    town.settle()
    for party, own in (("AAA", mine), ("BBB", theirs)):
        assert town.standing(party, own).state is State.CONFLICTED
        kinds = {a.trouble.kind for a in town.nodes[party].state.book.open()}
        assert TroubleKind.CONFLICT in kinds
        assert TroubleKind.ANSWER_DUE in kinds
    due = next(
        a for a in town.nodes["AAA"].state.book.open() if a.trouble.kind is TroubleKind.ANSWER_DUE
    )
    town.say("AAA", Answer(to=theirs, reply=Reply.ROGER, role="watch-officer"))
    kept = town.nodes["AAA"].store.alerts(open_only=False)
    answered = next(alert for alert in kept if alert.id == due.id)
    assert answered.state in (AlertState.ANSWERED, AlertState.CLOSED)
    assert answered.answer is not None
    town.say("BBB", Withdraw(versions=(theirs,)))
    town.settle()
    town.tick()
    assert town.standing("AAA", mine).state is State.DECONFLICTED
    town.check()


def test_receipts_do_not_call_for_receipts() -> None:
    """Two nodes at rest stay at rest: a receipt creates no duty to receipt."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", notice(34.0))
    town.settle()
    sizes = {p: town.at(p).frontier(town.feed(p)).size for p in town.parties}
    for _ in range(5):
        town.wait(1_000)
        town.tick()
    assert sizes == {p: town.at(p).frontier(town.feed(p)).size for p in town.parties}


def test_node_starts_again_with_the_same_picture_and_alerts() -> None:
    """A restart from the store gives the state that was durable, and rings nothing anew."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", notice(34.0, cls="air-movement"))
    (theirs,) = town.say("BBB", notice(34.1))
    town.settle()
    before = town.nodes["AAA"]
    again = town.make("AAA", before.store, before.high_water)  # type: ignore[arg-type]
    again.start(town.now)
    assert again.state.lines[town.line].picture == before.state.lines[town.line].picture
    assert {a.id for a in again.state.book.open()} == {a.id for a in before.state.book.open()}
    town.nodes["AAA"] = again
    town.say("BBB", Withdraw(versions=(theirs,)))
    town.settle()
    town.check()


def test_silent_member_is_named() -> None:
    """Standing is kept party by party: whoever has not receipted is named."""
    town = Town(("AAA", "BBB", "CCC"))
    del town.nodes["CCC"]
    (ref,) = town.say("AAA", notice(34.0))
    town.settle()
    with_parties = {p.party: p.why for p in town.standing("AAA", ref).parties}
    assert with_parties == {"BBB": Why.RECEIVED, "CCC": Why.NOT_SEEN}


def test_locked_node_still_sends_stop_in_a_new_epoch() -> None:
    """After a restore without its mark a node writes nothing, but a STOP opens an epoch at once,
    reaches everybody, and everything else waits for the root key."""
    town = Town(("AAA", "BBB", "CCC"))
    town.say("AAA", notice(34.0))
    town.settle()
    old = town.nodes["AAA"]
    assert isinstance(old.high_water, MemoryHighWater)
    old.high_water.lose(town.line, town.feed("AAA"))
    again = town.make("AAA", old.store, old.high_water)
    again.start(town.now)
    town.nodes["AAA"] = again
    refused = town.try_to_say("AAA", notice(34.5))
    assert refused.refusal is not None
    assert refused.refusal.code is Code.NOT_SIGNING
    (stop,) = town.say("AAA", Stop(), prec=Precedence.FLASH)
    assert stop == EntryRef(FeedId("AAA.1"), 0)
    for peer in ("BBB", "CCC"):
        town.take(peer, again.papers(town.line))
    town.settle()
    for peer in ("BBB", "CCC"):
        kinds = {alert.trouble.kind for alert in town.nodes[peer].state.book.open()}
        assert TroubleKind.STOP in kinds
    still = town.try_to_say("AAA", notice(34.5))
    assert still.refusal is not None
    assert still.refusal.clause == "CL-OWN-002"
    town.say("BBB", Answer(to=stop, reply=Reply.HALTED, role="watch-officer"))
    town.settle()
    town.check()
