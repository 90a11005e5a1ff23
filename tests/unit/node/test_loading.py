"""A start from parts of a snapshot, and what a node does and refuses while it reads its record."""

from clearline.model.alert import AlertState, TroubleKind
from clearline.model.entry import Notice, Precedence, Stop, Withdraw
from clearline.model.ids import EntryRef, FeedId
from clearline.model.refusal import Code
from clearline.model.space import LatLon
from clearline.node.conductor import Conductor
from clearline.node.inbound import Fault, Movers
from clearline.node.loader import BYTES_AT_ONCE
from clearline.node.mover import Mover
from clearline.node.ports import Snapshot
from clearline.node.queries import board_view
from clearline.node.snapshot import write_head
from clearline.node.state import Signing
from clearline.store.memory import MemoryStore
from tests.town import BEGIN, Town, at, disc, level, volume


def site(lat: float) -> Notice:
    place = volume(disc(lat, 35.0, 10), at(60), at(120), level(100), level(200))
    return Notice(cls="hazardous-air", label="x", volumes=(place,))


def lived() -> tuple[Town, MemoryStore]:
    """A town in which something was filed, met and withdrawn, and AAA's store."""
    town = Town(("AAA", "BBB"))
    refs = town.say("AAA", site(34.0), site(36.0))
    town.say("BBB", site(34.05))
    town.settle()
    town.say("AAA", Withdraw(versions=refs[1:]))
    town.settle()
    store = town.nodes["AAA"].store
    assert isinstance(store, MemoryStore)
    return town, store


def begun(town: Town, store: MemoryStore) -> Conductor:
    """AAA's next process, which has read nothing yet."""
    again = town.make("AAA", store, town.nodes["AAA"].high_water)  # type: ignore[arg-type]
    again.begin(town.now)
    town.nodes["AAA"] = again
    return again


def keep(node: Conductor) -> None:
    for _ in node.keep_snapshot():
        pass


def starts_whole(town: Town, store: MemoryStore) -> bool:
    """Whether a start gives what the running node has."""
    before = town.nodes["AAA"].state.lines[town.line]
    again = town.make("AAA", store.fork(), town.nodes["AAA"].high_water)  # type: ignore[arg-type]
    again.start(town.now)
    after = again.state.lines[town.line]
    same = (after.picture, after.arrived, after.desk) == (
        before.picture, before.arrived, before.desk,
    )  # fmt: skip
    return same and after.signing is Signing.READY


def test_start_from_a_snapshot_and_a_tail_is_whole() -> None:
    """Parts and what came after them give what the node had."""
    town, store = lived()
    keep(town.nodes["AAA"])
    town.say("BBB", site(40.0))
    town.settle()
    assert starts_whole(town, store)


def test_snapshot_of_another_format_is_passed_over() -> None:
    """As is one that says nothing at all: the one before it, or folding all, gives the same."""
    town, store = lived()
    keep(town.nodes["AAA"])
    town.say("BBB", site(40.0))
    town.settle()
    store.save_snapshot(Snapshot(seq=store.journal_end(), data=b"\x93\x01\x02\x03"))
    assert starts_whole(town, store)


def test_snapshot_with_a_part_missing_is_passed_over() -> None:
    """A head that promises more parts than there are is no snapshot."""
    town, store = lived()
    seq = store.journal_end()
    keep(town.nodes["AAA"])
    kept = store.snapshot()
    assert kept is not None
    assert kept.seq == seq
    store.save_snapshot(Snapshot(seq=seq, data=write_head(99, 3)))
    assert starts_whole(town, store)


def test_parts_without_their_head_count_for_nothing() -> None:
    """A process that died while it kept a snapshot leaves parts that the next one lets go of."""
    town, store = lived()
    writing = town.nodes["AAA"].keep_snapshot()
    for _ in range(3):
        next(writing)
    assert store.snapshot() is None
    assert store.part(store.journal_end(), 0) is not None
    old = store.journal_end()
    town.say("BBB", site(40.0))
    town.settle()
    keep(town.nodes["AAA"])
    assert store.part(old, 0) is None
    assert starts_whole(town, store)


def test_what_is_put_off_goes_later_under_its_id() -> None:
    """A notice is refused with the time that it takes; nothing of it, nor its id, is remembered."""
    town, store = lived()
    node = begun(town, store)
    before = store.journal_end()
    refused = town.try_to_say("AAA", site(41.0))
    assert refused.refusal is not None
    assert refused.refusal.code is Code.LOADING
    assert set(refused.refusal.params) == {"percent", "seconds"}
    kinds = {record.kind for record in store.journal(before, 99)}
    assert "say" not in kinds
    node.load(town.now)
    assert town.try_to_say("AAA", site(41.0)).refusal is None


def test_full_disk_refuses_even_a_stop_while_loading() -> None:
    """What cannot be kept is not said to have gone."""
    town, store = lived()
    begun(town, store)
    town.take("AAA", Fault(fault="disk", active=True))
    refused = town.try_to_say("AAA", Stop(), prec=Precedence.FLASH)
    assert refused.refusal is not None
    assert refused.refusal.code is Code.NOT_SIGNING
    town.take("AAA", Fault(fault="disk", active=False))
    assert town.try_to_say("AAA", Stop(), prec=Precedence.FLASH).refusal is None


def test_restored_node_that_loads_sends_stop_in_a_new_epoch() -> None:
    """A mark that is missing locks at once, read or not; the emergency opens an epoch."""
    town, store = lived()
    marks = town.nodes["AAA"].high_water
    marks.lose(town.line, town.feed("AAA"))  # type: ignore[attr-defined]
    node = begun(town, store)
    assert town.at("AAA").lock is Signing.RESTORED
    (stop,) = town.say("AAA", Stop(), prec=Precedence.FLASH)
    assert stop == EntryRef(FeedId("AAA.1"), 0)
    node.load(town.now)
    assert stop.index in town.at("AAA").picture.feed(stop.feed).asks


def test_alerts_stand_and_the_board_says_that_it_does_not_know() -> None:
    """Nothing ends because the record is not there; there are no conflicts to show, not none."""
    town, store = lived()
    over = AlertState.ENDED_UNSEEN
    before = town.nodes["AAA"].state.book.open()
    stood = {alert.id for alert in before if alert.state is not over}
    assert stood
    node = begun(town, store)
    town.tick()
    held = {alert.id: alert for alert in node.state.book.open()}
    assert stood <= held.keys()
    assert all(held[name].state is not over for name in stood)
    assert TroubleKind.LOADING in {alert.trouble.kind for alert in held.values()}
    (line,) = board_view(node.state, node.tools, town.now).node.lines
    assert (line.live, line.conflicts, line.signing) == (None, None, "loading")
    assert line.words.startswith("READING ITS RECORD")
    node.load(town.now)
    town.tick()
    (line,) = board_view(node.state, node.tools, town.now).node.lines
    assert (line.live, line.conflicts, line.loading) == (2, 1, None)


def test_what_ended_unseen_before_a_start_rings_when_it_comes_again_after_it() -> None:
    """A mover left a hazard and nobody had seen the alarm; after a start it is where it was, with
    the very same facts: that rings."""
    town = Town(("AAA", "BBB"))
    where = volume(disc(33, 33, 20), at(5), at(100), level(0), level(100))
    town.say("BBB", Notice(cls="hazardous-air", label="range", volumes=(where,)))
    town.settle()

    def placed(lat: float, name: str) -> AlertState:
        one = Mover(
            call_sign="TEAM 1", position=LatLon(round(lat * 1e7), 330_000_000), height_mm=None,
            speed_mms=10_000, as_of=BEGIN, cls="",
        )  # fmt: skip
        at_desk = Movers(line=town.line, id=name, person="p", movers=(one,))
        town.take("AAA", at_desk)
        town.tick()
        open_ = town.nodes["AAA"].state.book.open()
        return next(a.state for a in open_ if a.trouble.kind is TroubleKind.EXPOSED)

    assert placed(33.0, "IN") is AlertState.RAISED
    assert placed(35.0, "OUT") is AlertState.ENDED_UNSEEN
    running = town.nodes["AAA"]
    stood = dict(running.state.troubles.items())
    store = running.store
    assert isinstance(store, MemoryStore)
    node = begun(town, store)
    node.load(town.now)
    assert dict(node.state.troubles.items()) == stood, "what has ended does not stand"
    assert placed(33.0, "AGAIN") is AlertState.RAISED


def test_a_step_reads_large_notices_one_by_one_and_small_entries_together() -> None:
    """Steps are bounded by bytes: between two notices of hundreds of areas others are served."""
    town = Town(("AAA", "BBB"))
    areas = tuple(
        volume(disc(30 + n % 20, 30 + n // 20 * 0.1, 1), at(60), at(120), level(100), level(200))
        for n in range(400)
    )
    town.say("BBB", *(Notice(cls="hazardous-air", label=f"{k}", volumes=areas) for k in range(3)))
    town.settle()
    town.say("BBB", *(site(30.0 + n / 100) for n in range(40)))
    town.settle()
    store = town.nodes["AAA"].store
    assert isinstance(store, MemoryStore)
    assert starts_whole(town, store)
    node, grown = begun(town, store.fork()), []
    assert node.loader is not None
    steps, feed = node.loader, FeedId("BBB.0")
    before = 0
    while steps.step():
        size = steps.lines[town.line].picture.feed(feed).size
        stored = store.entries(town.line, feed, before, size - before)
        grown.append((len(stored), sum(len(each.data) for each in stored)))
        before = size
    assert before == store.entry_count(town.line, feed)
    assert all(size <= BYTES_AT_ONCE or many == 1 for many, size in grown)
    assert sum(size > BYTES_AT_ONCE for _, size in grown) == 3
    assert max(many for many, _ in grown) > 10
