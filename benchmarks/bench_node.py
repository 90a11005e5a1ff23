"""The node: reading and folding entries, durable appends, proofs from its store, starting again.

Each figure stands beside a named alternative of the same run where there is one: reading beside the
standard library's ``json.loads`` of the same bytes, starting from a snapshot beside folding all.

    python benchmarks/bench_node.py [--entries 2000000]
"""

import argparse
import gc
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from clearline.conflict.validity import check_volume
from clearline.ledger.merkle import Frontier, Tree, entry_leaf, new_hashes
from clearline.model.entry import Answer, Body, Notice, Precedence, Receipt, Reply, Withdraw
from clearline.model.ids import Digest, EntryRef, FeedId
from clearline.model.time import HOUR, Instant
from clearline.node.conductor import Conductor, StoredHashes
from clearline.node.inbound import Papers, Say, Ticked
from clearline.node.ports import Commit, StoredEntry, StoredHash
from clearline.node.write import statement
from clearline.picture.record import admit, record
from clearline.store.highwater import FileHighWater
from clearline.store.sqlite import SqliteStore
from clearline.wire.bodies_v1 import compose, read_entry
from tests.simulation.papers import next_terms, signed_terms
from tests.town import BEGIN, Town, corridor, disc, level, papers_of, volume

SAMPLE = 20_000
GOALS = {
    "fold_per_s": 20_000,
    "durable_appends_per_s": 1_000,
    "inclusion_proof_us": 50,
    "start_s": 10,
    "first_turn_ms": 1_000,
    "start_longest_stop_ms": 100,
    "snapshot_longest_stop_ms": 100,
}


def entries(town: Town, feed: FeedId, first: int, count: int) -> Iterator[bytes]:
    """A peer's feed as it comes in practice: mostly receipts, some notices, answers and ends."""
    ours = town.at("AAA").picture.feed(FeedId("AAA.0")).size
    for n in range(count):
        kind = n % 10
        body: Body = Receipt()
        if kind == 7:
            where = disc(32 + n % 100 * 0.01, 33, 0.5)
            body = Notice(
                cls="protected-site",
                label=f"site {n}",
                volumes=(volume(where, BEGIN, Instant(BEGIN + 1)),),
            )
        elif kind == 8:
            to = EntryRef(FeedId("AAA.0"), n // 4)
            body = Answer(to=to, reply=Reply.ROGER, role="watch-officer")
        elif kind == 9:
            body = Withdraw(versions=(EntryRef(feed, first + n - 2),))
        yield compose(
            line=town.line,
            feed=feed,
            index=first + n,
            t=Instant(BEGIN + n),
            prec=Precedence.ROUTINE,
            seen={FeedId("AAA.0"): ours + n // 2},
            body=body,
        )


def per_second(work: Callable[[], int]) -> float:
    """How many of what ``work`` counts are done in a second, median of five runs."""
    rates = []
    for _ in range(5):
        began = time.perf_counter()
        done = work()
        rates.append(done / (time.perf_counter() - began))
    return statistics.median(rates)


def folding() -> dict[str, float]:
    """Reading and folding, beside the standard library reading the same bytes."""
    town = Town(("AAA", "BBB"))
    feed = FeedId("BBB.0")
    picture = town.at("AAA").picture
    raws = list(entries(town, feed, picture.feed(feed).size, SAMPLE))
    leaf = Digest("0" * 64)
    read = [read_entry(raw, leaf) for raw in raws]

    def fold() -> int:
        state = picture
        for entry in read:
            state = record(state, admit(state, entry, check_volume))
        return len(read)

    def parse() -> int:
        for raw in raws:
            read_entry(raw, leaf)
        return len(raws)

    def plain() -> int:
        for raw in raws:
            json.loads(raw)
        return len(raws)

    return {
        "fold_per_s": per_second(fold),
        "read_entry_per_s": per_second(parse),
        "json_loads_per_s": per_second(plain),
    }


def node_in(folder: Path) -> tuple[Conductor, Town]:
    """A node of AAA on real files, its line opened."""
    town = Town(("AAA", "BBB"))
    store = SqliteStore(folder / "node.db")
    node = town.make("AAA", store, FileHighWater(folder / "marks"))
    line = node.open_line(papers_of(("AAA", "BBB")), BEGIN)
    assert isinstance(line, str), line
    node.turn([Ticked()], BEGIN, bytes(32))  # joins and adopts
    return node, town


def appending(folder: Path) -> dict[str, float]:
    """Statements of ours made durable, 64 in a turn: entry, hashes, mark, signature."""
    node, town = node_in(folder)
    turns = iter(range(1_000_000))

    def say() -> int:
        batch, turn = [], next(turns)
        for n in range(64):
            body = Answer(to=EntryRef(FeedId("BBB.0"), n), reply=Reply.ROGER, role="watch-officer")
            said = (statement(body, Precedence.ROUTINE),)
            batch.append(
                Say(id=f"{turn}-{n}", line=town.line, person="p", role="r", statements=said)
            )
        done = node.turn(batch, Instant(BEGIN + turn), os.urandom(32))
        assert all(outcome.refusal is None for outcome in done.outcomes)
        return 64

    def prove() -> int:
        size = node.state.lines[town.line].frontier(FeedId("AAA.0")).size
        tree = Tree(StoredHashes(node.store, town.line, FeedId("AAA.0"), node.hashes))
        for index in range(0, size, max(1, size // 200)):
            tree.inclusion(index, size)
        return len(range(0, size, max(1, size // 200)))

    rate = per_second(lambda: sum(say() for _ in range(5)))
    proofs = per_second(prove)
    node.store.close()
    return {"durable_appends_per_s": rate, "inclusion_proof_us": 1e6 / proofs}


def fill(store: SqliteStore, town: Town, feed: FeedId, front: Frontier, count: int) -> None:
    """Put a peer's entries into a store as the node would have."""
    first = front.size
    batch: list[StoredEntry] = []
    for n, data in enumerate(entries(town, feed, first, count)):
        salt = n.to_bytes(32, "big")
        batch.append(
            StoredEntry(
                line=town.line, feed=feed, index=first + n, salt=salt, data=data,
                leaf=entry_leaf(salt, data), received=BEGIN,
            )
        )  # fmt: skip
        if len(batch) == 5_000 or n == count - 1:
            leaves = [entry.leaf for entry in batch]
            rows = tuple(
                StoredHash(line=town.line, feed=feed, level=row.level, n=row.n, hash=row.hash)
                for row in new_hashes(front, leaves)
            )
            store.commit(Commit(fence=1, entries=tuple(batch), hashes=rows))
            front = front.extend(leaves)
            batch = []


def starting(folder: Path, count: int) -> dict[str, float]:
    """A node with ``count`` entries of a peer's: the first start folds all, later ones do not."""
    node, town = node_in(folder)
    store, feed = node.store, FeedId("BBB.0")
    assert isinstance(store, SqliteStore), "node_in opens one"
    begun = town.nodes["BBB"].store.entries(town.line, feed, 0, 100)  # join, adopt, heartbeat
    front = Frontier()
    rows = tuple(
        StoredHash(line=town.line, feed=feed, level=row.level, n=row.n, hash=row.hash)
        for row in new_hashes(front, [entry.leaf for entry in begun])
    )
    store.commit(Commit(fence=1, entries=tuple(begun), hashes=rows))
    front = front.extend([entry.leaf for entry in begun])
    fill(store, town, feed, front, count)

    def started() -> tuple[Conductor, Steps]:
        again = town.make("AAA", store, node.high_water)
        return again, loaded(again)

    whole, folded = started()
    picture = whole.state.lines[town.line].picture
    assert not picture.feed(feed).live, "every notice was read, and withdrawn"
    kept = steps(whole.keep_snapshot())
    runs = [started() for _ in range(3)]
    assert runs[0][0].state.lines[town.line].picture == picture, "both starts give the same"
    size = (folder / "node.db").stat().st_size >> 20
    store.close()
    return {
        "entries": count,
        "database_mib": size,
        "first_turn_ms": statistics.median(run.first_s for _, run in runs) * 1_000,
        "fold_all_s": folded.total_s,
        "fold_longest_stop_ms": folded.longest_s * 1_000,
        "start_s": statistics.median(run.total_s for _, run in runs),
        "start_longest_stop_ms": max(run.longest_s for _, run in runs) * 1_000,
        "snapshot_s": kept.total_s,
        "snapshot_longest_stop_ms": kept.longest_s * 1_000,
    }


@dataclass(frozen=True)
class Steps:
    """What is done between turns: until the first turn, the longest step, all, in seconds."""

    first_s: float
    longest_s: float
    total_s: float


def loaded(node: Conductor) -> Steps:
    """Start a node as its loop does, and take a turn before anything is read."""
    began = time.perf_counter()
    node.begin(BEGIN)
    node.turn([Ticked()], BEGIN, bytes(32))
    first = time.perf_counter() - began

    def reading() -> Iterator[None]:
        while node.load_some(BEGIN):
            yield

    read = steps(reading())
    return Steps(first_s=first, longest_s=read.longest_s, total_s=first + read.total_s)


def steps(work: Iterator[None]) -> Steps:
    """The longest step, and all of them; as in the loop, without collecting garbage meanwhile."""
    gc.disable()
    longest, began = 0.0, time.perf_counter()
    before = began
    for _ in work:
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    end = time.perf_counter()
    gc.enable()
    return Steps(first_s=0.0, longest_s=max(longest, end - before), total_s=end - began)


def judging(folder: Path) -> dict[str, float]:
    """1,200 sites and 30 movements through them, filed in one turn, then new terms with all of them
    live: the turn that brings each, the longest of those that judge, and all until none waits."""
    node, town = node_in(folder)
    window = Instant(BEGIN + HOUR), Instant(BEGIN + 2 * HOUR)
    bodies: list[Body] = [
        Notice(
            cls="protected-site",
            label=f"site {n}",
            volumes=(volume(disc(33 + n // 40 * 0.02, 33 + n % 40 * 0.02, 0.3), *window),),
        )
        for n in range(1_200)
    ]
    for n in range(30):
        way = corridor([(33 + n * 0.02, 32.9), (33 + n * 0.02, 33.9)], 0.5)
        flight = volume(way, *window, level(50), level(60))
        bodies.append(Notice(cls="air-movement", label=f"convoy {n}", volumes=(flight,)))
    first = [hazard_near(bodies[0]), hazard_near(bodies[0])]  # compiled code is loaded by these
    warm = tuple(statement(body, Precedence.ROUTINE) for body in first)
    judged(node, Say(id="warm", line=town.line, person="p", role="r", statements=warm))
    said = tuple(statement(body, Precedence.ROUTINE) for body in bodies)
    batch = Say(id="import", line=town.line, person="p", role="r", statements=said)
    figures = {f"import_{name}": value for name, value in judged(node, batch).items()}
    old = node.state.lines[town.line].terms
    assert old is not None, "it has been adopted"
    terms = next_terms(old, effective=Instant(BEGIN + 1))
    papers = Papers(line=town.line, peer=None, documents=(signed_terms(terms),))
    figures |= {f"terms_{name}": value for name, value in judged(node, papers).items()}
    adopted = node.state.lines[town.line].terms
    assert adopted is not None, "there were terms before"
    assert adopted.version == terms.version
    node.store.close()
    return figures


def hazard_near(site: Body) -> Notice:
    """Something that does harm where a site is."""
    assert isinstance(site, Notice), "it has volumes"
    return Notice(cls="hazardous-air", label="range", volumes=site.volumes)


def judged(node: Conductor, what: Say | Papers) -> dict[str, float]:
    """One turn that brings much, and those after it until nothing waits, with the usual work."""
    times, pending, now = [], 1, node.state.now
    batch: list[Say | Papers | Ticked] = [what]
    while pending:
        now = Instant(now + 50)
        began = time.perf_counter()
        done = node.turn(batch, now, os.urandom(32))
        times.append(time.perf_counter() - began)
        assert all(outcome.refusal is None for outcome in done.outcomes), done.outcomes
        batch, pending = [Ticked()], done.pending
    return {
        "turn_ms": times[0] * 1_000,
        "turns": len(times),
        "judging_turn_ms": statistics.median(times[1:] or times) * 1_000,
        "longest_judging_turn_ms": max(times[1:] or times) * 1_000,
        "all_judged_s": sum(times),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=2_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        for part in ("append", "judge", "start"):
            (home / part).mkdir()
        figures: dict[str, float] = {
            **folding(),
            **appending(home / "append"),
            **judging(home / "judge"),
            **starting(home / "start", options.entries),
        }
    print(
        json.dumps(
            {
                "benchmark": "node",
                "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                "python": platform.python_version(),
                "goals": GOALS,
                "medians": {name: round(value, 3) for name, value in figures.items()},
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
