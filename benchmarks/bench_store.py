"""Appends with durable commit, and starting on a large database. Prints JSON.

Run: python benchmarks/bench_store.py [--entries 2000000] [--directory DIR]

Fixed content. Each entry comes with its hash rows (two on average) and a journal record, every
eighth with an alert. The figures are medians (p50); ``appends_per_s`` is over the whole time.
"""

import argparse
import hashlib
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import apsw

from clearline.ledger.merkle import Frontier, entry_leaf, leaf_hash, new_hashes
from clearline.model.alert import Alert, AlertState, Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence
from clearline.model.ids import FeedId, LineId
from clearline.model.time import Instant
from clearline.node.ports import (
    Commit,
    JournalRecord,
    Mark,
    Snapshot,
    Store,
    StoredEntry,
    StoredHash,
)
from clearline.store.highwater import FileHighWater
from clearline.store.memory import MemoryStore
from clearline.store.sqlite import SqliteStore

LINE, FEED = LineId("1" * 64), FeedId("ALFA.0")
BATCH, BODY_BYTES, TAIL, SNAPSHOT_BYTES = 64, 300, 10_000, 16 << 20
BODY = (b'{"kind":"notice","body":' + b"x" * BODY_BYTES)[:BODY_BYTES]
BUDGET = {"appends_per_s": 1_000, "load_s": 1.0, "generate_s": 90.0}


def alert(number: int) -> Alert:
    trouble = Trouble(
        key=f"k{number}", kind=TroubleKind.CONFLICT, severity=Severity.ALARM,
        precedence=Precedence.IMMEDIATE, line=LINE, group="g", since=Instant(number),
    )  # fmt: skip
    return Alert(
        id=f"a{number // 8 % 500}", trouble=trouble, state=AlertState.RAISED,
        raised=Instant(number), changed=Instant(number), next=Instant(number + 60_000),
    )  # fmt: skip


def commits(first: int, batch: int, *, cheap: bool = False) -> Iterator[Commit]:
    """Commits from an index on. Cheap: leaves made of the index alone, for filling."""
    frontier, index = Frontier(), first
    assert first == 0 or cheap, "a real tree starts at 0"
    while True:
        places = range(index, index + batch)
        salts = [hashlib.sha256(b"%d" % n).digest() for n in places]
        leaves = [leaf_hash(s) if cheap else entry_leaf(s, BODY) for s in salts]
        rows = list(new_hashes(frontier, leaves)) if not cheap else []
        if cheap:
            for n, leaf in zip(places, leaves, strict=True):
                level = 0
                rows.append((0, n, leaf))
                while n & 1:
                    n, level = n >> 1, level + 1
                    rows.append((level, n, leaf))
        else:
            frontier = frontier.extend(leaves)
        yield Commit(
            fence=1,
            entries=tuple(
                StoredEntry(
                    line=LINE, feed=FEED, index=n, salt=s, data=BODY, leaf=leaf, received=Instant(n)
                )
                for n, s, leaf in zip(places, salts, leaves, strict=True)
            ),
            hashes=tuple(
                StoredHash(line=LINE, feed=FEED, level=level, n=n, hash=hash_)
                for level, n, hash_ in rows
            ),
            journal=tuple(
                JournalRecord(seq=n, at=Instant(n), kind="entry", data=BODY[:40]) for n in places
            ),
            alerts=tuple(alert(n) for n in places if n % 8 == 0),
        )
        index += batch


def p50_ms(times: list[float]) -> float:
    return round(statistics.median(times) * 1_000, 3)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def appends(store: Store, count: int) -> dict[str, float]:
    batches = list(islice(commits(0, BATCH), count))
    times = [timed(partial(store.commit, batch)) for batch in batches]
    return {
        "batch": BATCH,
        "commit_p50_ms": p50_ms(times),
        "commit_p99_ms": round(sorted(times)[int(len(times) * 0.99)] * 1_000, 3),
        "appends_per_s": round(count * BATCH / sum(times)),
    }


def singles(store: Store, count: int) -> float:
    return p50_ms([timed(partial(store.commit, c)) for c in islice(commits(0, 1), count)])


def start_on(path: Path, entries: int) -> dict[str, float]:
    """What a restart does: open, snapshot, the tail of the journal and of the feed."""
    recent = min(TAIL, entries)

    def load() -> None:
        store = SqliteStore(path)
        snapshot = store.snapshot()
        assert snapshot is not None
        assert snapshot.seq == entries - recent
        assert len(store.journal(snapshot.seq, recent)) == recent
        assert len(store.entries(LINE, FEED, entries - recent, recent)) == recent
        assert store.entry_count(LINE, FEED) == entries
        assert len(store.alerts()) == min(500, -(-entries // 8))
        store.close()

    times = [timed(load) for _ in range(7)]
    store = SqliteStore(path)
    proof = [(level, ((entries // 2) >> level) ^ 1) for level in range(entries.bit_length() - 1)]
    reads = [timed(partial(store.hashes, LINE, FEED, proof)) for _ in range(500)]
    tail = [
        timed(partial(store.entries, LINE, FEED, n * 7919 % max(1, entries - 64), 64))
        for n in range(300)
    ]
    stream = timed(lambda: sum(1 for _ in islice(store.iterate_entries(LINE, FEED), 200_000)))
    commit = next(commits(entries, BATCH, cheap=True))
    append = timed(partial(store.commit, commit))
    store.close()
    return {
        "load_s": round(statistics.median(times), 3),
        "proof_hashes_p50_ms": p50_ms(reads),
        "range_64_p50_ms": p50_ms(tail),
        "iterate_entries_per_s": round(min(entries, 200_000) / stream),
        "append_64_ms": round(append * 1_000, 3),
    }


def generate(path: Path, entries: int) -> float:
    store = SqliteStore(path)

    def fill() -> None:
        batch = min(20_000, entries)
        whole = entries // batch * batch
        for commit in islice(commits(0, batch, cheap=True), entries // batch):
            store.commit(commit)
        if whole < entries:
            store.commit(next(commits(whole, entries - whole, cheap=True)))
        store.save_snapshot(Snapshot(seq=entries - min(TAIL, entries), data=bytes(SNAPSHOT_BYTES)))

    spent = timed(fill)
    store.close()
    return round(spent, 1)


def marks(directory: Path) -> float:
    kept = FileHighWater(directory)
    return p50_ms(
        [
            timed(partial(kept.write, LINE, FEED, Mark(size=n, root=b"r" * 32)))
            for n in range(1, 300)
        ]
    )


def forks() -> float:
    store = MemoryStore()
    for commit in islice(commits(0, 10), 50):
        store.commit(commit)
    return p50_ms([timed(store.fork) for _ in range(500)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=2_000_000)
    parser.add_argument("--directory", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        home = Path(name)
        store, single = SqliteStore(home / "appends.db"), SqliteStore(home / "single.db")
        results: dict[str, object] = {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, SQLite {apsw.sqlite_lib_version()}",
            "entry_bytes": BODY_BYTES,
            "sqlite": appends(store, 400),
            "sqlite_single_commit_p50_ms": singles(single, 400),
            "memory": appends(MemoryStore(), 400),
            "memory_single_commit_p50_ms": singles(MemoryStore(), 400),
            "memory_fork_500_entries_p50_ms": forks(),
            "mark_p50_ms": marks(home / "marks"),
        }
        store.close()
        single.close()
        large = home / "large.db"
        results["entries"] = options.entries
        results["generate_s"] = generate(large, options.entries)
        results["database_mib"] = large.stat().st_size >> 20
        results["start"] = start_on(large, options.entries)
        results["budget"] = BUDGET
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
