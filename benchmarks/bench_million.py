"""A real node whose record holds a million live volumes: started, asked, killed, started again.

    python -m benchmarks.bench_million [--volumes 1000000] [--cold 20000] [--keep DIR]

A peer's notices of a hundred volumes each, neighbours in one notice, are put into the SQLite store
of a node, with the salts, leaves and hashes that a push would have brought; its signed heads alone
are left out, which no start reads. ``clearline node run`` is then a process like any other, asked
over HTTP: how long until it answers at all, until its record is read, until a check has looked at
everything; what a check takes while pairs are still being judged, the longest that ``/v1/health``
took meanwhile, and how much memory the process has.

From a snapshot, then after ``kill -9``: ``answers_differ`` is how many checks were answered
otherwise than before the kill. The first snapshot is made here, by the node's own loader with the
check of shapes left out: they are known to be good. Without a snapshot a start checks them all,
which a smaller record (``cold``) is for. Prints one JSON object.
"""

import argparse
import gc
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import numpy as np

from benchmarks import worlds
from clearline.assembly import Node, open_node
from clearline.cli.sandbox import Sandbox
from clearline.client import Client, Unreachable
from clearline.config import read_config
from clearline.conflict.fast.gridding import order_of
from clearline.conflict.fast.stated import Names, Stated, extent_at, take
from clearline.ledger.merkle import Frontier, entry_leaf, new_hashes
from clearline.model.entry import Notice, Precedence
from clearline.model.ids import LineId, PartyId, feed_of
from clearline.model.space import Volume
from clearline.model.time import HOUR
from clearline.node import loader
from clearline.node.inbound import Ticked
from clearline.node.ports import Commit, StoredEntry, StoredHash
from clearline.node.runtime import Clock
from clearline.store.sqlite import SqliteReader
from clearline.wire.bodies_v1 import compose

OURS, THEIRS = PartyId("ALFA"), PartyId("BRAVO")
IN_A_NOTICE = 100
CHECKS = 1_000
AT_ONCE = 250
"""Entries of one commit."""
LOOK_S = 0.02
LOADING_S = 0.1
INDEXING_S = 2.0
"""Between two checks that are not whole yet: each is compared with 20,000 volumes one by one."""
GOALS = {
    "first_answer_s": 5.0,
    "loaded_s": 60.0,
    "whole_check_s": 90.0,
    "check_p50_ms": 100.0,
    "check_p99_ms": 250.0,
    "longest_silence_s": 0.25,
}


# -- a record


def of_now(stated: Stated, now: int) -> Stated:
    """A world of ``worlds`` moved in time: all of it is live now, and over in two days at most."""
    facts = stated.facts.copy()
    facts[:, :2] += now + HOUR - worlds.EPOCH_MS
    return stated._replace(facts=facts)


def notices(volumes: int, now: int) -> Iterator[Notice]:
    """So many volumes in notices of neighbours."""
    stated = of_now(worlds.columns(volumes, 1), now)
    order = order_of(stated.shapes, *(stated.facts[:, k] - now for k in range(2)))
    names = Names()
    for first in range(0, volumes, IN_A_NOTICE):
        some = take(stated, order[first : first + IN_A_NOTICE])
        held = tuple(extent_at(some, i, names).volume for i in range(len(some.facts)))
        yield Notice(cls="static-site", label=f"sites {first // IN_A_NOTICE}", volumes=held)


def begun(folder: Path) -> Node:
    """A node after the turns by which it joins its lines and adopts their terms."""
    node = open_node(folder)
    for _ in range(3):
        node.runtime.conductor.turn([Ticked()], node.runtime.now(), os.urandom(32))
    return node


def fill(sandbox: Sandbox, volumes: int) -> None:
    """Put the peer's entries into our node's store: what it begins with, then its notices."""
    line, feed = sandbox.line, feed_of(THEIRS, 0)
    node = begun(sandbox.folder / "nodes" / THEIRS.lower())
    first = list(node.store.entries(line, feed, 0, 100))
    node.close()
    node = begun(sandbox.folder / "nodes" / OURS.lower())
    front, batch = Frontier(), list(first)

    def commit() -> None:
        nonlocal front, batch
        leaves = [entry.leaf for entry in batch]
        rows = tuple(
            StoredHash(line=line, feed=feed, level=row.level, n=row.n, hash=row.hash)
            for row in new_hashes(front, leaves)
        )
        done = Commit(fence=node.lease.fence, entries=tuple(batch), hashes=rows)
        node.store.commit(done)
        front, batch = front.extend(leaves), []

    for n, body in enumerate(notices(volumes, sandbox.now), len(first)):
        data = compose(
            line=line, feed=feed, index=n, t=sandbox.now, prec=Precedence.ROUTINE,
            seen={}, body=body,
        )  # fmt: skip
        salt = os.urandom(32)
        batch.append(
            StoredEntry(
                line=line, feed=feed, index=n, salt=salt, data=data,
                leaf=entry_leaf(salt, data), received=sandbox.now,
            )
        )  # fmt: skip
        if len(batch) >= AT_ONCE:
            commit()
    commit()
    node.close()


def fold(home: Path) -> None:
    """Read a node's record and keep a snapshot."""
    checked, loader.check_volume = loader.check_volume, lambda volume, at="": ()
    gc.disable()
    try:
        node = open_node(home)
        while node.runtime.conductor.load_some(node.runtime.now()):
            pass
        for _ in node.runtime.conductor.keep_snapshot():
            pass
        node.close()
    finally:
        gc.enable()
        loader.check_volume = checked


def made(folder: Path, volumes: int) -> Path:
    """Two parties with keys, signed terms and a node each; ours, whose folder is given, holds so
    many volumes of theirs."""
    now = Clock().now()
    folder.mkdir(parents=True)
    sandbox = Sandbox(folder=folder, names={OURS: "Alfa", THEIRS: "Bravo"}, now=now)
    sandbox.make()
    fill(sandbox, volumes)
    return folder / "nodes" / OURS.lower()


# -- a process


@dataclass
class Running:
    """A node's process, and how it has been answering since it was started."""

    folder: Path
    process: "subprocess.Popen[str]"
    began: float
    url: str = ""
    silences: list[tuple[float, float]] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    watching: threading.Thread | None = None

    def client(self) -> Client:
        """A client with the watch's token."""
        return Client(self.url, (self.folder / "tokens" / "watch.token").read_text().strip())

    def watch(self) -> None:
        """Ask whether it lives, over and over: when, and how long each answer took."""

        def look() -> None:
            with httpx2.Client(base_url=self.url, trust_env=False, timeout=120) as http:
                while not self.done.wait(LOOK_S):
                    start = time.monotonic()
                    try:
                        http.get("/v1/health")
                    except httpx2.HTTPError:
                        return
                    self.silences.append((start - self.began, time.monotonic() - start))

        self.watching = threading.Thread(target=look)
        self.watching.start()

    def memory_mib(self) -> dict[str, int]:
        """Resident now, and at most."""
        said = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        sizes = {name: rest.split()[0] for name, _, rest in (each.partition(":") for each in said)
                 if name in ("VmRSS", "VmHWM")}  # fmt: skip
        return {"rss_mib": int(sizes["VmRSS"]) >> 10, "rss_most_mib": int(sizes["VmHWM"]) >> 10}

    def end(self, how: signal.Signals) -> float:
        """Seconds until it has gone."""
        self.done.set()
        if self.watching is not None:
            self.watching.join()
        start = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(600)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return time.monotonic() - start


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """The node of a folder as a process, which is over in the end whatever happens."""
    with (folder / "node.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "clearline", "node", "run", str(folder), "--quiet"],
            stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    node = Running(folder, process, time.monotonic())
    try:
        assert process.stdout is not None, "it was opened with a pipe"
        word, _, node.url = process.stdout.readline().strip().partition(" ")
        assert word == "API", (folder / "node.log").read_text()
        yield node
    finally:
        node.done.set()
        if process.poll() is None:
            process.kill()
            process.wait()


def draft(volume: Volume) -> Notice:
    """A hazard where a volume is."""
    return Notice(cls="hazardous-air", label="range", volumes=(volume,))


def drafts(count: int, now: int) -> list[Notice]:
    """Hazards anywhere in the world that the record is of."""
    stated = of_now(worlds.columns(count, 2), now)
    return [draft(each.volume) for each in worlds.extents(stated)]


def asked(
    node: Running, line: LineId, questions: list[Notice], before: list[object]
) -> dict[str, float]:
    """How long checks take over HTTP, one after the other, and what they found; and how many are
    answered otherwise than ``before``, which is filled by the first life."""
    spent, found, client, answers = [], 0, node.client(), list[object]()
    for each in questions:
        start = time.monotonic()
        view = client.check(line, each)
        spent.append(time.monotonic() - start)
        assert view.unlooked == 0, "everything is in the index"
        found += len(view.conflicts)
        said = [(c.b, c.verdict, c.lateral_m, c.vertical_m, c.words) for c in view.conflicts]
        answers.append((view.verdict, said, view.refusals, view.warnings))
    client.close()
    p50, p99 = np.percentile(np.array(spent) * 1e3, [50, 99]).tolist()
    figures = {
        "check_p50_ms": p50, "check_p99_ms": p99, "conflicts_a_check": found / len(questions),
    }  # fmt: skip
    if before:
        figures["answers_compared"] = len(answers)
        figures["answers_differ"] = sum(a != b for a, b in zip(before, answers, strict=True))
    before[:] = answers
    return figures


def started(node: Running, questions: list[Notice], before: list[object]) -> dict[str, float]:
    """From the start of the process on: its first answer, its first check, its first check that
    has looked at everything, checks; and the longest silence in between."""
    figures = {"first_answer_s": time.monotonic() - node.began}
    node.watch()
    client, said = node.client(), set[int | None]()
    while True:
        (view,) = client.node().lines
        said.add(view.loading)
        if view.loading is None:
            break
        time.sleep(LOADING_S)
    figures["loaded_s"] = time.monotonic() - node.began
    figures["progress_said"] = len(said)
    while True:
        try:
            answer = client.check(view.line, questions[0])
        except Unreachable:  # the first turns after reading look at everything
            figures["timed_out"] = figures.get("timed_out", 0) + 1
            continue
        figures.setdefault("first_check_s", time.monotonic() - node.began)
        if not answer.unlooked:
            break
        time.sleep(INDEXING_S)
    client.close()
    figures["whole_check_s"] = time.monotonic() - node.began
    figures |= asked(node, view.line, questions[1:], before)
    figures |= node.memory_mib()
    at, longest = max(node.silences, key=lambda each: each[1])
    return {**figures, "longest_silence_s": longest, "longest_silence_at_s": at}


def life(
    home: Path, how: signal.Signals, questions: list[Notice], before: list[object]
) -> dict[str, float]:
    """One process, from its start to its end."""
    with running(home) as node:
        figures = started(node, questions, before)
        figures["ends_s"] = node.end(how)
    rounded = {name: round(value, 3) for name, value in figures.items()}
    print(f"  {rounded}", file=sys.stderr, flush=True)
    return rounded


def on_disk(home: Path) -> dict[str, int]:
    """The database, and the newest snapshot in it."""
    database = read_config(home).database
    store = SqliteReader(database)
    kept, sizes = store.snapshot(), []
    assert kept is not None, "one was kept"
    while (raw := store.part(kept.seq, len(sizes))) is not None:
        sizes.append(len(raw))
    store.close()
    whole = sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))
    return {
        "database_mib": whole >> 20,
        "snapshot_mib": sum(sizes) >> 20,
        "snapshot_parts": len(sizes),
    }


def lives(folder: Path, volumes: int, cold: int, checks: int) -> dict[str, dict[str, float]]:
    """A small record from its first entry on; a large one from its snapshot, and after a kill."""
    questions = drafts(checks, Clock().now())
    figures: dict[str, dict[str, float]] = {}
    answers: list[object] = []
    figures["no_snapshot"] = {
        "volumes": cold, **life(made(folder / "cold", cold), signal.SIGTERM, questions, []),
    }  # fmt: skip
    start = time.monotonic()
    home = made(folder / "whole", volumes)
    fold(home)
    print(f"  made in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    figures["disk"] = on_disk(home)
    figures["from_snapshot"] = life(home, signal.SIGKILL, questions, answers)
    figures["after_kill"] = life(home, signal.SIGTERM, questions, answers)
    return figures


def main() -> None:
    """Make records, run nodes, print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--volumes", type=int, default=1_000_000)
    parser.add_argument("--cold", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="make the records here, and leave them")
    options = parser.parse_args()
    subprocess.run([sys.executable, "-m", "clearline.cli.getting_ready"], check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep if options.keep is not None else Path(name)
        figures = lives(folder, options.volumes, options.cold, CHECKS)
    print(
        json.dumps(
            {
                "benchmark": "million",
                "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                "volumes": options.volumes,
                "in_a_notice": IN_A_NOTICE,
                "goals": GOALS,
                **figures,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
