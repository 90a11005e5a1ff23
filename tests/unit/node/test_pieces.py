"""A push is taken a piece at a time: cut anywhere it gives the same; no turn looks at a ring."""

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearline.conflict import validity
from clearline.ledger.feed import Rest
from clearline.ledger.merkle import Frontier, hashes_between, nodes_between
from clearline.model.entry import Notice, Precedence, Stop, Withdraw
from clearline.model.refusal import Code
from clearline.model.space import Edge, LatLon, Polygon
from clearline.node.conductor import Conductor
from clearline.node.inbound import Item, Outcome, Pushed, Say
from clearline.node.pieces import BYTES_A_UNIT, UNITS_OF_A_PIECE, pieces, to_look_at, units_of
from clearline.node.replay import replay
from clearline.node.runtime import Clock, Runtime
from clearline.node.write import statement
from clearline.store.memory import MemoryHighWater, MemoryStore
from tests.liar import Liar
from tests.town import BEGIN, Town, at, disc, papers_of, volume

PARTIES = ("AAA", "BBB")


def leaf(n: int) -> bytes:
    """A hash of its own."""
    return n.to_bytes(32, "big")


def ring(n: int, lat: float, *, crossed: bool = False) -> Polygon:
    """A ring of n corners about 20 km across; or one that crosses itself everywhere."""
    turn = 2 * math.pi / n * (n // 2 if crossed else 1)
    points = [(lat + 0.1 * math.cos(turn * k), 30 + 0.1 * math.sin(turn * k)) for k in range(n)]
    outer = tuple(LatLon(round(a * 1e7), round(b * 1e7)) for a, b in points)
    return Polygon(outer=outer, holes=(), edge=Edge.GEODESIC)


def notice(shape: Polygon, label: str = "ring") -> Notice:
    """One volume."""
    where = volume(shape, at(60), at(90))
    return Notice(cls="protected-site", label=label, volumes=(where,))


def written(town: Town) -> Pushed:
    """AAA has said a lot: notices that meet and that do not, ends, pleas; BBB has none of it."""
    for n in range(12):
        near = volume(disc(34 + n % 3 * 0.05, 33 + n * 0.01, 2), at(30 + n), at(90))
        far = volume(disc(-30 + n, 100, 2), at(30), at(90))
        refs = town.say(
            "AAA", Notice(cls="hazardous-air", label=f"h{n}", volumes=(near, far)[: 1 + n % 2])
        )
        if n % 4 == 1:
            town.say("AAA", Withdraw(versions=refs))
        if n % 5 == 2:
            town.say("AAA", Stop(), prec=Precedence.FLASH)
    feed = town.feed("AAA")
    held = town.at("BBB").frontier(feed).size
    pushed = town.nodes["AAA"].push(town.line, feed, held, bytes_max=1 << 20)
    assert pushed is not None
    assert len(pushed.items) > 15
    return pushed


def told(town: Town) -> object:
    """What came of it at BBB, but for its own receipts: feed, tree, rows, verdicts, open asks."""
    ls, node = town.at("BBB"), town.nodes["BBB"]
    feed = town.feed("AAA")
    judge = node.tools.judge(town.line)
    judge.sync(ls.picture)
    judge.work()
    state = ls.picture.feed(feed)
    pairs = {pair: found[2] for pair, found in judge.open_pairs().items()}
    return (
        ls.frontier(feed), state.live, state.ended, state.asks, state.times, pairs,
        [*node.store.entries(town.line, feed, 0, 10_000)], sorted(ls.arrived.items()),
        {key: trouble.kind for key, trouble in node.state.troubles.items()},
    )  # fmt: skip


def prepared() -> tuple[Town, Pushed]:
    """A town in which BBB is to be told, and a notice of its own that some of it meets."""
    town = Town(PARTIES)
    own = volume(disc(34, 33, 2), at(30), at(95))
    town.say("BBB", Notice(cls="air-movement", label="own", volumes=(own,)))
    town.settle()
    return town, written(town)


@lru_cache
def told_at_once() -> object:
    """What comes of the whole push in one turn."""
    town, pushed = prepared()
    town.take("BBB", pushed)
    return told(town)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 120), min_size=1, max_size=6))
def test_push_cut_anywhere_gives_the_same_record_and_picture(sizes: list[int]) -> None:
    """Each piece in a turn of its own, cut by any measure, the rest cut again by others: the same
    entries, tree, live versions, verdicts, troubles as in one turn; and the journal plays again."""
    cut, pushed = prepared()
    left: Pushed | None = pushed
    n = 0
    while left is not None:
        first, *more = pieces(left, sizes[n % len(sizes)])
        n += 1
        assert cut.take("BBB", first).outcomes[0].refusal is None
        done = len(first.items)
        left = None
        if more:
            left = Pushed(
                line=pushed.line, peer=pushed.peer, feed=pushed.feed, first=more[0].first,
                items=pushed.items[more[0].first - pushed.first :], checkpoint=pushed.checkpoint,
                proof=pushed.proof,
            )  # fmt: skip
        assert done
    assert told(cut) == told_at_once()
    assert_plays_again(cut, "BBB")


def assert_plays_again(town: Town, party: str) -> None:
    """The party's journal gives a fresh node the same record and the same alarms."""
    kept = town.nodes[party].store
    assert isinstance(kept, MemoryStore)
    fresh = town.make(party, MemoryStore(), MemoryHighWater())
    assert isinstance(fresh.open_line(papers_of(PARTIES), BEGIN), str)
    replay(kept, fresh)
    for feed in kept.feeds(town.line):
        again = fresh.store.entries(town.line, feed, 0, 10_000)
        assert [e.data for e in again] == [e.data for e in kept.entries(town.line, feed, 0, 10_000)]
    assert fresh.state.troubles == town.nodes[party].state.troubles


@given(st.integers(0, 70), st.integers(0, 40), st.integers(0, 40))
def test_tree_of_a_batch_is_known_by_nodes_after_a_piece(held: int, now: int, then: int) -> None:
    """From any place to any other: the nodes over what follows give the tree that the leaves give,
    and no other number of them, nor another hash."""
    every = [leaf(n) for n in range(held + now + then)]
    piece = Frontier().extend(every[: held + now])
    hashes = hashes_between(held, every[held:])
    nodes = [hashes[node] for node in nodes_between(held + now, len(every))]
    whole = piece.grown_to(len(every), nodes)
    assert whole == Frontier().extend(every)
    assert piece.grown_to(len(every), [*nodes, leaf(0)]) is None
    assert piece.grown_to(len(every), [node[1:] for node in nodes]) is None or not nodes
    assert piece.grown_to(len(every) - then - now - 1, ()) is None


def test_piece_that_is_not_of_the_signed_tree_is_refused() -> None:
    """Another entry, other hashes for what follows, another end of the batch: nothing is taken."""
    town, pushed = prepared()
    first, *_ = pieces(pushed, 100)
    rest = first.rest
    assert rest is not None
    before = town.at("BBB").picture
    forged = Item(first.items[0].salt, first.items[0].data + b" ")
    wrong = (
        replaced(first, items=(forged, *first.items[1:])),
        replaced(first, rest=Rest(size=rest.size, nodes=(leaf(1), *rest.nodes[1:]))),
        replaced(first, rest=Rest(size=rest.size - 1, nodes=rest.nodes)),
        replaced(first, rest=Rest(size=-1, nodes=())),
        replaced(first, rest=Rest(size=1 << 60, nodes=())),
        replaced(first, rest=None),
    )
    for each in wrong:
        refusal = town.take("BBB", each).outcomes[0].refusal
        assert refusal is not None
        assert refusal.code in (Code.BAD_ROOT, Code.BAD_PROOF)
    assert town.at("BBB").picture is before


def replaced(pushed: Pushed, **changed: object) -> Pushed:
    """The push with something of it otherwise."""
    fields = {name: getattr(pushed, name) for name in pushed.__struct_fields__}
    return Pushed(**{**fields, **changed})


def test_pieces_are_counted_in_bytes_and_hold_an_entry_at_least() -> None:
    """Five hundred short entries are a few turns, an entry as large as may be is one of its own."""
    items = tuple(Item(bytes(32), b"x" * 400) for _ in range(500))
    large = Item(bytes(32), b"x" * (2 * UNITS_OF_A_PIECE * BYTES_A_UNIT))
    town = Town(PARTIES)
    pushed = Pushed(
        line=town.line, peer=town.at("AAA").me, feed=town.feed("AAA"), first=7,
        items=(*items, large, *items[:3]), checkpoint=b"",
    )  # fmt: skip
    cut = list(pieces(pushed))
    assert [item for piece in cut for item in piece.items] == [*pushed.items]
    assert [piece.first for piece in cut] == [
        7 + sum(len(before.items) for before in cut[:n]) for n in range(len(cut))
    ]
    assert [large] in [[*piece.items] for piece in cut]
    assert all(units_of(piece) <= UNITS_OF_A_PIECE for piece in cut if large not in piece.items)
    assert len(cut) < 8


# --- the loop


@contextmanager
def looked() -> Iterator[list[tuple[str, object]]]:
    """Which volumes are looked at, and on which thread's behalf."""
    import threading

    found: list[tuple[str, object]] = []
    true = validity.check_volume

    def noted(each: object, at: str = "") -> object:
        found.append((threading.current_thread().name, each))
        return true(each, at)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validity, "check_volume", noted)
        yield found


def running(node: Conductor, play: Callable[[Runtime], object]) -> None:
    """The node's loop for as long as the play goes on."""

    async def run() -> None:
        loop = Runtime(node, Clock(began_wall=BEGIN))
        task = asyncio.create_task(loop.run())
        async with asyncio.timeout(60):
            await play(loop)  # type: ignore[misc]  # a coroutine
        loop.stop()
        await task

    asyncio.run(run())


def test_no_turn_looks_at_the_rings_of_a_peer() -> None:
    """A push of rings, and one that overtakes: all of them are looked at on another thread, the
    turns find what was found; what crosses itself is unreadable all the same."""
    town = Town(PARTIES)
    bodies = [notice(ring(300, 10 + n)) for n in range(5)]
    bodies.append(notice(ring(301, 20, crossed=True), "crossed"))
    liar = Liar(town, "BBB")
    for body in bodies:
        liar.write(body)
    flash = liar.write(notice(ring(300, 25), "flash"), prec=Precedence.FLASH)
    sent = (liar.flashed("AAA", flash.index), liar.pushed("AAA"))

    async def play(loop: Runtime) -> None:
        for what in sent:
            assert (await loop.submit(what)).refusal is None

    with looked() as found:
        running(town.nodes["AAA"], play)
    assert len(found) == len(bodies) + 1
    assert all(thread.startswith("look") for thread, _ in found)
    live = town.at("AAA").picture.feed(liar.feed).live
    (odd,) = [v for v in live.values() if v.label == "crossed" or v.unreadable is not None]
    assert odd.unreadable is Code.BAD_GEOMETRY


def test_nothing_is_read_of_what_is_not_proved() -> None:
    """A push whose bytes are not of the signed tree is not looked at before its turn either."""
    town = Town(PARTIES)
    liar = Liar(town, "BBB")
    liar.write(notice(ring(300, 10)))
    held = town.at("AAA").frontier(liar.feed).size
    pushed = liar.pushed("AAA")
    assert len(to_look_at(town.at("AAA"), pushed)) == 1
    forged = tuple(Item(item.salt, item.data + b" ") for item in pushed.items)
    assert to_look_at(town.at("AAA"), replaced(pushed, items=forged)) == []
    assert to_look_at(town.at("AAA"), replaced(pushed, first=held + 1)) == []
    assert to_look_at(town.at("AAA"), replaced(pushed, checkpoint=b"")) == []


def test_stop_goes_between_the_pieces_of_a_push() -> None:
    """Pushes of many peers at once: no turn takes more than a piece's worth of entries, and what a
    person says is in the next turn, whatever is left of them."""
    town = Town(PARTIES)
    bodies = [notice(ring(2_000, 10 + n % 40 + n / 100)) for n in range(24)]
    liar = Liar(town, "BBB")
    for body in bodies:
        liar.write(body)
    held = town.at("AAA").frontier(liar.feed).size
    pushed = liar.pushed("AAA")
    assert units_of(pushed) > 2 * UNITS_OF_A_PIECE
    node = town.nodes["AAA"]
    turns: list[int] = []
    taken: list[str] = []
    begun = asyncio.Event()

    class Noting(Runtime):
        async def _turn(self, batch) -> None:  # type: ignore[no-untyped-def]
            turns.append(sum(units_of(waiting.what) for waiting in batch))
            taken.extend(type(waiting.what).__name__ for waiting in batch)
            begun.set()
            await super()._turn(batch)

    say = Say(
        id="stop", line=town.line, person="p", role="watch-officer",
        statements=(statement(Stop(), Precedence.FLASH),),
    )  # fmt: skip

    async def play() -> list[Outcome]:
        loop = Noting(node, Clock(began_wall=BEGIN))
        task = asyncio.create_task(loop.run())
        async with asyncio.timeout(60):
            pushing = [asyncio.create_task(loop.submit(pushed)) for _ in range(3)]
            await begun.wait()
            outcome = await loop.submit(say)
            outcomes = [outcome, *await asyncio.gather(*pushing)]
        loop.stop()
        await task
        return outcomes

    outcomes = asyncio.run(play())
    assert [outcome.refusal for outcome in outcomes] == [None] * 4
    assert town.at("AAA").frontier(liar.feed).size == held + len(bodies)
    assert max(turns) <= UNITS_OF_A_PIECE
    assert taken.index("Say") < len(taken) - 4
    assert_plays_again(town, "AAA")
