"""What simulation found, one by one: the record goes on as it must after a mishap."""

import pytest
from msgspec.structs import replace

from clearline.model.entry import Leave, Notice, Precedence
from clearline.model.ids import EntryRef, FeedId, LineId
from clearline.model.refusal import Code
from clearline.node.inbound import Fault, Papers, Say, Stated, Ticked
from clearline.node.ports import Commit, HighWater, Mark, StoreFull
from clearline.node.state import Signing
from clearline.node.write import statement
from clearline.store.faults import Hooks
from clearline.store.memory import MemoryStore
from clearline.trust.party import FeedMark
from tests.simulation.disk import Crash
from tests.simulation.papers import opening
from tests.town import BEGIN, Town, at, disc, level, volume


def notice(cls: str = "hazardous-air") -> Notice:
    return Notice(
        cls=cls, label="area",
        volumes=(volume(disc(34, 35, 10), at(60), at(120), level(100), level(200)),),
    )  # fmt: skip


def crash(number: int, commit: Commit) -> None:
    raise Crash


def refuse(number: int, commit: Commit) -> None:
    if not commit.empty:
        raise StoreFull("planned")


def test_refused_second_statement_leaves_no_head_of_the_first() -> None:
    """All or nothing: what the first statement would have made of the record is not kept."""
    town = Town(("AAA", "BBB"))
    before = town.nodes["AAA"].store.head(town.line, town.feed("AAA"))
    bad = replace(statement(notice("no-such-class"), Precedence.PRIORITY))
    good = statement(notice(), Precedence.PRIORITY)
    say = Say(
        id="x", line=town.line, person="p", role="watch-officer", statements=(good, bad)
    )  # fmt: skip
    outcome = town.take("AAA", say).outcomes[0]
    assert outcome.refusal is not None
    assert outcome.refusal.code is Code.UNKNOWN_CLASS
    assert before == town.nodes["AAA"].store.head(town.line, town.feed("AAA"))
    town.say("AAA", notice())


def test_record_goes_on_after_a_full_disk() -> None:
    """What a full disk refused leaves no gap in the journal, and the node signs again."""
    town = Town(("AAA", "BBB"))
    store = town.nodes["AAA"].store
    assert isinstance(store, MemoryStore)
    store.hooks = Hooks(before=refuse)
    assert town.try_to_say("AAA", notice()).refusal is not None
    store.hooks = Hooks()
    town.nodes["AAA"].disk_has_room(town.now, bytes(32))
    town.say("AAA", notice())
    assert [r.seq for r in store.journal(0, 10_000)] == list(range(store.journal_end()))


def test_node_that_has_left_receipts_nothing() -> None:
    """Nothing can follow a leave, not even a receipt."""
    town = Town(("AAA", "BBB", "CCC"))
    town.say("CCC", Leave(reason="done"))
    town.settle()
    town.say("AAA", notice())
    town.settle()
    town.tick()
    state = town.at("AAA").picture.feed(town.feed("CCC"))
    assert state.left == state.size - 1
    assert not state.live


def test_beats_of_a_restarted_node_are_heard() -> None:
    """A node that has started again is not taken for a repeat of what it was."""
    town = Town(("AAA", "BBB"))
    for _ in range(5):
        town.wait(60_000)
        town.tick()
    old = town.nodes["AAA"]
    town.nodes["AAA"] = town.make("AAA", old.store, old.high_water)  # type: ignore[arg-type]
    town.nodes["AAA"].start(town.now)
    for _ in range(3):
        town.wait(60_000)
        town.tick()
    assert {p.state.value for p in town.at("AAA").peers.values()} == {"UP"}
    assert {p.state.value for p in town.at("BBB").peers.values()} == {"UP"}


def restored(town: Town, party: str, copy: MemoryStore) -> None:
    """An old copy, and no mark."""
    old = town.nodes[party]
    old.high_water.lose(town.line, town.feed(party))  # type: ignore[attr-defined]
    town.nodes[party] = town.make(party, copy, old.high_water)  # type: ignore[arg-type]
    town.nodes[party].start(town.now)


def test_restored_node_holds_again_what_it_had_seen_before_it_writes() -> None:
    """Its own record says that it has seen what its store has lost: it waits for that too."""
    town = Town(("AAA", "BBB"))
    copy = town.nodes["AAA"].store.fork()  # type: ignore[attr-defined]
    town.say("BBB", notice())
    town.settle()
    restored(town, "AAA", copy)
    town.push("BBB", "AAA", town.feed("AAA"))
    held = town.nodes["BBB"].stated(town.line)
    town.take("AAA", held)
    assert town.at("AAA").signing is Signing.RESTORED
    town.push("BBB", "AAA", town.feed("BBB"))
    town.take("AAA", held)
    assert town.at("AAA").signing is Signing.READY


def test_restored_node_heeds_what_was_only_proved_to_a_peer() -> None:
    """A peer that verified a checkpoint beyond what it holds keeps the feed locked."""
    town = Town(("AAA", "BBB"))
    copy = town.nodes["AAA"].store.fork()  # type: ignore[attr-defined]
    restored(town, "AAA", copy)
    feed = town.feed("AAA")
    size = town.at("AAA").frontier(feed).size
    said = Stated(line=town.line, peer="BBB", held={feed: size}, proved={feed: size + 1})
    town.take("AAA", said)
    assert town.at("AAA").signing is Signing.RESTORED
    town.take("AAA", replace(said, proved={}))
    assert town.at("AAA").signing is Signing.READY


def test_damaged_mark_is_never_written_over() -> None:
    """Only a new epoch goes on from a mark that cannot be read."""
    town = Town(("AAA", "BBB"))
    old = town.nodes["AAA"]
    old.high_water.damage(town.line, town.feed("AAA"))  # type: ignore[attr-defined]
    town.nodes["AAA"] = town.make("AAA", old.store, old.high_water)  # type: ignore[arg-type]
    town.nodes["AAA"].start(town.now)
    town.take("AAA", town.nodes["BBB"].stated(town.line))
    assert town.at("AAA").signing is Signing.RESTORED


def test_mark_that_cannot_be_written_holds_back_the_checkpoint_not_the_record() -> None:
    """With room for the entry and none for the mark, the entry is recorded and nothing leaves."""
    town = Town(("AAA", "BBB"))
    node = town.nodes["AAA"]

    class Full:
        def read(self, line: object, feed: object) -> None:
            return None

        def write(self, line: object, feed: object, mark: object) -> None:
            raise StoreFull("planned")

    kept, node.high_water = node.high_water, Full()  # type: ignore[assignment]
    shown = node.head(town.line, town.feed("AAA"))
    (ref,) = town.say("AAA", notice())
    assert shown == node.head(town.line, town.feed("AAA"))
    assert town.at("AAA").signing is Signing.DISK
    node.high_water = kept
    node.disk_has_room(town.now, bytes(32))
    head = node.head(town.line, town.feed("AAA"))
    assert head is not None
    assert head.checkpoint.size > ref.index


def test_refusal_of_a_version_that_has_ended_is_still_told_after_a_restart() -> None:
    """Unreadable, withdrawn, restart: the next entry still says that it could not be read."""
    from clearline.model.entry import Withdraw
    from clearline.model.refusal import Refusal
    from clearline.node import ingest

    town = Town(("AAA", "BBB"))
    store = town.nodes["BBB"].store
    kept = ingest.check_volume
    ref: EntryRef
    (ref,) = town.say("AAA", notice())
    town.say("AAA", Withdraw(versions=(ref,)))
    town.take("BBB", Fault(fault="disk", active=True))
    ingest.check_volume = lambda v: (Refusal(code=Code.BAD_GEOMETRY, clause="CL-GEO-001"),)
    from clearline.node import loader

    loader.check_volume = ingest.check_volume
    try:
        town.settle()
        again = town.make("BBB", store, town.nodes["BBB"].high_water)  # type: ignore[arg-type]
        again.start(town.now)
        assert [item.index for item in again.state.lines[town.line].unreported] == [ref.index]
        town.nodes["BBB"] = again
        town.take("BBB", Ticked())
    finally:
        ingest.check_volume = loader.check_volume = kept
    assert ref in town.at("BBB").picture.feed(town.feed("BBB")).refused
    assert BEGIN <= town.now


def test_own_epoch_that_comes_back_from_a_peer_is_not_begun_anew() -> None:
    """After a restore the opening comes back: what was written under it is asked for first, even
    when everybody speaks in the same turn."""
    town = Town(("AAA", "BBB"))
    node = town.nodes["AAA"]
    copy = node.store.fork()  # type: ignore[attr-defined]
    feed = town.feed("AAA")
    front = town.at("AAA").frontier(feed)
    mark = FeedMark(line=town.line, feed=feed, size=front.size, root=front.root.hex())
    key = next(iter(node.signers))
    word = opening(town.line, feed, mark, key, town.now)
    town.take("AAA", Papers(line=town.line, peer=None, documents=(word,)))
    town.take("BBB", Papers(line=town.line, peer="AAA", documents=(word,)))
    town.settle()
    town.say("AAA", notice())
    town.settle()
    second = town.feed("AAA")
    assert second != feed
    town.nodes["AAA"] = town.make("AAA", copy, node.high_water)  # type: ignore[arg-type]
    town.nodes["AAA"].start(town.now)
    back = Papers(line=town.line, peer="BBB", documents=(word,))
    silent = Stated(line=town.line, peer="BBB", held={})
    town.take("AAA", silent, back, silent)
    assert town.feed("AAA") == second
    assert town.at("AAA").signing is Signing.RESTORED
    town.push("BBB", "AAA", second)
    town.push("BBB", "AAA", town.feed("BBB"))
    town.take("AAA", town.nodes["BBB"].stated(town.line))
    assert town.at("AAA").signing is Signing.READY
    town.say("AAA", notice())


class Failing:
    """Marks of which all writes after the first ``room`` raise; a crash unless told."""

    def __init__(self, kept: HighWater, room: int, what: type[BaseException] = Crash) -> None:
        self.kept, self.room, self.what = kept, room, what

    def read(self, line: LineId, feed: FeedId) -> Mark | None:
        return self.kept.read(line, feed)

    def write(self, line: LineId, feed: FeedId, mark: Mark) -> None:
        if not self.room:
            raise self.what
        self.room -= 1
        self.kept.write(line, feed, mark)


def next_epoch(town: Town, party: str) -> Papers:
    """The root's word that the party's next epoch begins, given by a person."""
    feed = town.feed(party)
    front = town.at(party).frontier(feed)
    before = FeedMark(line=town.line, feed=feed, size=front.size, root=front.root.hex())
    key = next(iter(town.nodes[party].signers))
    word = opening(town.line, feed, before, key, town.now)
    return Papers(line=town.line, peer=None, documents=(word,))


def dies_opening(town: Town, room: int) -> Papers:
    """AAA dies in the turn that opens its next epoch, after ``room`` marks were written; a new
    process takes up what is durable."""
    node = town.nodes["AAA"]
    marks = node.high_water
    node.high_water = Failing(marks, room)
    word = next_epoch(town, "AAA")
    with pytest.raises(Crash):
        town.take("AAA", word)
    again = town.make("AAA", node.store, marks)  # type: ignore[arg-type]
    again.start(town.now)
    town.nodes["AAA"] = again
    return word


def test_epoch_whose_first_entries_have_no_mark_yet_goes_on_after_a_crash() -> None:
    """The epoch has a mark before it is durable, so that a crash before the next is no restore."""
    town = Town(("AAA", "BBB"))
    dies_opening(town, room=1)
    assert town.feed("AAA") == "AAA.1"
    assert town.at("AAA").signing is Signing.READY


def test_epoch_of_which_only_the_mark_became_durable_is_opened_again() -> None:
    """A mark above nothing means that nothing has left: the same word opens the epoch, at once."""
    town = Town(("AAA", "BBB"))
    node = town.nodes["AAA"]
    node.store.hooks = Hooks(before=crash)  # type: ignore[attr-defined]
    word = next_epoch(town, "AAA")
    with pytest.raises(Crash):
        town.take("AAA", word)
    copy = node.store.fork()  # type: ignore[attr-defined]
    town.nodes["AAA"] = town.make("AAA", copy, node.high_water)  # type: ignore[arg-type]
    town.nodes["AAA"].start(town.now)
    assert town.feed("AAA") == "AAA.0"
    town.take("AAA", word)
    assert town.feed("AAA") == "AAA.1"
    assert town.at("AAA").signing is Signing.READY


def test_epoch_that_was_shown_after_the_next_began_is_never_written_twice() -> None:
    """World 559: entries of an epoch without their mark (a crash), the next epoch, the earlier one
    is shown; then an old copy comes back, and the root opens the earlier epoch once more."""
    town = Town(("AAA", "BBB"))
    copy = town.nodes["AAA"].store.fork()  # type: ignore[attr-defined]
    dies_opening(town, room=1)
    first = town.feed("AAA")
    dies_opening(town, room=1)
    assert town.feed("AAA") == "AAA.2"
    node = town.nodes["AAA"]
    shown = node.head(town.line, first)
    assert shown is not None
    mark = node.high_water.read(town.line, first)
    assert mark is not None
    assert (mark.size, mark.root) == (shown.checkpoint.size, shown.checkpoint.root)
    restored(town, "AAA", copy)
    town.wait(1_000)
    town.take("AAA", next_epoch(town, "AAA"))
    assert town.feed("AAA") == first
    assert town.at("AAA").signing is Signing.RESTORED
    assert town.nodes["AAA"].head(town.line, first) is None


def test_earlier_epoch_is_not_shown_while_its_mark_cannot_be_written() -> None:
    """Marked, then signed: what cannot be marked waits, as the newest epoch does."""
    town = Town(("AAA", "BBB"))
    dies_opening(town, room=1)
    first = town.feed("AAA")
    dies_opening(town, room=1)
    node = town.nodes["AAA"]
    marks = node.high_water
    node.high_water = Failing(marks, 0, StoreFull)
    assert node.head(town.line, first) is None
    node.high_water = marks
    town.tick()
    assert node.head(town.line, first) is not None
