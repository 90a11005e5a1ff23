"""The link over a bad path: ``sudo python -m benchmarks.bad_link`` (about four minutes, as root).

600 ms round trip, 5 % loss each way, 64 kbit/s; kill -9; a 30 s black hole. Prints JSON; exits 1
if a goal is missed or anything is not stored exactly once.
"""

import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bad_link.path import BadPath
from clearline.store.sqlite import SqliteReader

ROOT = Path(__file__).parents[2]
PORT = 47_000
NOTICES = 40
FLASHES = 8
BACKLOG_BYTES = 256 << 10
HOLE_S = 30.0
OVERALL_S = 235.0
NOTICE_P50_S, FLASH_P50_S = 1.0, 2.0


class Node:
    """A node's process in its namespace, and what it has told."""

    def __init__(self, party: str, namespace: str, home: Path, host: str, role: str) -> None:
        self.party, self.home = party, home
        self.words = ["ip", "netns", "exec", namespace, sys.executable, "-m"]
        self.words += ["benchmarks.bad_link.node", party, str(home), host, str(PORT), role]
        self.events: list[dict] = []
        self.now: dict = {"own": 0, "theirs": 0, "receipted": 0, "ahead": [], "up": False}
        self.news = asyncio.Event()

    async def start(self) -> None:
        path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
        self.process = await asyncio.create_subprocess_exec(
            *self.words, env={**os.environ, "PYTHONPATH": path}, cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 22,
        )  # fmt: skip
        self.ended = False
        self.reading = asyncio.create_task(self._read(self.process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        while line := await process.stdout.readline():
            event = json.loads(line)
            self.events.append(event)
            if "own" in event:
                self.now = event
            self.news.set()
        self.ended = True
        self.news.set()

    async def until(self, condition: Callable[[dict], bool]) -> dict:
        """The first event, from now on or already there as the newest, that meets it."""
        seen = max(0, len(self.events) - 1)
        while True:
            for event in self.events[seen:]:
                seen += 1
                if condition(event):
                    return event
            self.news.clear()
            if self.ended:
                raise RuntimeError(f"{self.party} has ended")
            if seen == len(self.events):
                await self.news.wait()

    async def say(self, count: int, prec: str) -> dict:
        self.process.stdin.write(f"{count} {prec}\n".encode())
        return await self.until(
            lambda e: "said" in e and len(e["said"]) == count and not e.get("x")
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.stdin.close()
            await self.process.wait()
        await self.reading


def past(what: str, index: int) -> Callable[[dict], bool]:
    return lambda event: event.get(what, 0) > index


def there_or_ahead(index: int) -> Callable[[dict], bool]:
    return lambda event: event.get("theirs", 0) > index or index in event.get("ahead", ())


def spread(seconds: list[float]) -> dict:
    ordered = sorted(seconds)
    worst = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return {
        "n": len(ordered),
        "p50_s": round(statistics.median(ordered), 3),
        "p99_s": round(worst, 3),
        "max_s": round(ordered[-1], 3),
    }


async def notices(path: BadPath, a: Node, b: Node) -> dict:
    """One at a time on a standing connection."""
    there, back, sent, size = [], [], [], []
    for _ in range(NOTICES):
        before = path.bytes
        said = await a.say(1, "P")
        said["x"] = True
        index = said["said"][0]
        at_b = await b.until(past("theirs", index))
        at_a = await a.until(past("receipted", index))
        there.append(at_b["t"] - said["began"])
        back.append(at_a["t"] - said["began"])
        await asyncio.sleep(0.4)  # the last acknowledgement is part of the exchange
        sent.append(path.bytes - before)
        size.append(said["bytes"])
    return {
        "entry_bytes": round(statistics.mean(size)),
        "stored_at_receiver": spread(there),
        "receipt_at_sender": spread(back),
        "ip_bytes_of_an_exchange": round(statistics.median(sent)),
    }


async def flashes(a: Node, b: Node) -> dict:
    """Behind a backlog of 256 kB that has begun to move."""
    size, said = 0, {}
    began = time.monotonic()
    while size < BACKLOG_BYTES:
        said = await a.say(64, "R")
        said["x"] = True
        size += said["bytes"]
    end = said["said"][-1]
    there, behind = [], []
    for _ in range(FLASHES):
        await asyncio.sleep(2.5)
        flash = await a.say(1, "Z")
        flash["x"] = True
        index = flash["said"][0]
        at_b = await b.until(there_or_ahead(index))
        there.append(at_b["t"] - flash["began"])
        behind.append(max(0, end - at_b["theirs"]))
    return {
        "backlog_bytes": size,
        "presented_at_receiver": spread(there),
        "entries_still_behind": behind,
        "began": began,
        "end": end,
    }


def stored_once(homes: list[Path]) -> bool:
    """Both hold the same of both feeds, each entry once."""
    readers = [SqliteReader(home / "node.db") for home in homes]
    try:
        (line,) = readers[0].lines()
        alike = []
        for feed in readers[0].feeds(line):
            kept = [[e.data for e in reader.iterate_entries(line, feed)] for reader in readers]
            short = min(map(len, kept))
            alike.append(kept[0][:short] == kept[1][:short])
            alike += [len(set(entries)) == len(entries) for entries in kept]
            alike.append(max(map(len, kept)) - short <= 2)  # the last bare receipts are under way
        return all(alike) and not any(reader.ahead(line) for reader in readers)
    finally:
        for reader in readers:
            reader.close()


async def story(path: BadPath, a: Node, b: Node) -> dict:
    begin = time.monotonic()
    path.start()
    await a.start()
    await b.start()
    for node in (a, b):
        await node.until(lambda e: e.get("up", False) and e["receipted"] > 0)
    report: dict = {"connected_and_joined_s": round(time.monotonic() - begin, 1)}
    await asyncio.sleep(2)
    report["notice"] = await notices(path, a, b)
    report["flash"] = await flashes(a, b)
    end = report["flash"].pop("end")
    began = report["flash"].pop("began")
    b.kill()
    await b.end()
    killed = time.monotonic()
    await b.start()
    held = b.now["theirs"]
    await b.until(past("theirs", held))
    report["after_kill_9_entries_come_again_s"] = round(time.monotonic() - killed, 1)
    path.hole(True)
    await asyncio.sleep(HOLE_S)
    path.hole(False)
    healed = time.monotonic()
    held = b.now["theirs"]
    if held <= end:
        await b.until(past("theirs", held))
    report["after_hole_entries_come_again_s"] = round(time.monotonic() - healed, 1)
    last = a.now["own"]
    await a.until(past("receipted", end))
    report["all_receipted_s"] = round(time.monotonic() - began, 1)
    report["entries_of_sender"] = last
    await asyncio.sleep(3)
    return report


async def main() -> int:
    path = BadPath()
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / party for party in ("AAA", "BBB")]
        a = Node("AAA", path.names[0], homes[0], path.hosts[0], "listens")
        b = Node("BBB", path.names[1], homes[1], path.hosts[0], "dials")
        report: dict = {}
        try:
            async with asyncio.timeout(OVERALL_S):
                report = await story(path, a, b)
        finally:
            for node in (a, b):
                if node.process.returncode is None:
                    node.kill()
                await node.end()
            report["path"] = {
                "packets": [way.packets for way in path.ways],
                "lost": [way.lost for way in path.ways],
                "bytes": path.bytes,
            }
            path.close()
        report["stored_exactly_once"] = stored_once(homes)
    report["goals"] = {
        f"notice p50 <= {NOTICE_P50_S} s": report["notice"]["receipt_at_sender"]["p50_s"]
        <= NOTICE_P50_S,
        f"FLASH p50 <= {FLASH_P50_S} s": report["flash"]["presented_at_receiver"]["p50_s"]
        <= FLASH_P50_S,
        "stored exactly once": report["stored_exactly_once"],
    }
    print(json.dumps(report, indent=1))
    return 0 if all(report["goals"].values()) else 1


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("bad_link makes network namespaces: run it as root")
    sys.exit(asyncio.run(main()))
