"""Two nodes as processes with databases of their own; either is killed while notices stream."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections import deque
from pathlib import Path

from clearline.model.entry import Notice
from clearline.model.ids import Digest, FeedId
from clearline.model.refusal import Refusal
from clearline.store.sqlite import SqliteReader
from clearline.wire.bodies_v1 import read_entry

CHILD = Path(__file__).with_name("link_child.py")
ROOT = Path(__file__).parents[2]
KILLS = 10
GOAL = 60
"""Notices of each side."""
OVERALL_S = 120.0


class Child:
    """One node's process, started again after every kill."""

    def __init__(self, party: str, folder: Path, port: int) -> None:
        self.party, self.folder = party, folder / party
        self.words = [party, str(self.folder), str(port), str(GOAL)]
        self.words.append("listens" if party == "AAA" else "dials")
        self.process: asyncio.subprocess.Process | None = None
        self.last: deque[str] = deque(maxlen=8)

    async def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
        self.last.append("START")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(CHILD), *self.words, env=environment,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def line(self) -> str:
        """Its next word; "" once it has ended."""
        assert self.process is not None
        assert self.process.stdout is not None
        line = (await self.process.stdout.readline()).decode().strip()
        self.last.append(line)
        return line

    async def kill(self) -> None:
        if self.process is None:
            return
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.communicate()

    async def end(self) -> None:
        """Let it stop in order."""
        assert self.process is not None
        await self.process.communicate(b"")  # with None its input would stay open
        assert self.process.returncode == 0

    async def until_settled(self) -> None:
        while (line := await self.line()) != "settled":
            assert line, f"{self.party} ended by itself"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def notices(reader: SqliteReader, feed: FeedId) -> list[str]:
    """The labels of a feed's notices, in order."""
    (line,) = reader.lines()
    labels = []
    for stored in reader.iterate_entries(line, feed):
        entry = read_entry(stored.data, Digest(stored.leaf.hex()))
        assert not isinstance(entry, Refusal)
        if isinstance(entry.body, Notice):
            labels.append(entry.body.label)
    return labels


def test_kill_9_of_either_side_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """After kills at random points on both sides everything is stored exactly once on both, and
    receipted by the other."""
    draw = random.Random(9)
    port = free_port()
    children = {party: Child(party, tmp_path, port) for party in ("AAA", "BBB")}
    both = list(children.values())

    async def play() -> None:
        try:
            async with asyncio.timeout(OVERALL_S):
                await story()
        except TimeoutError:
            raise AssertionError({child.party: list(child.last) for child in both}) from None
        finally:
            for child in both:
                await child.kill()

    async def story() -> None:
        for child in both:
            await child.start()
        for turn in range(KILLS):
            victim = children["AAA" if turn % 2 else "BBB"]
            for _ in range(draw.randrange(1, 12)):
                line = await victim.line()
                assert line, f"{victim.party} ended by itself"
                if line == "settled":
                    break
            await victim.kill()
            await victim.start()
        await asyncio.gather(*(child.until_settled() for child in both))
        for child in both:
            await child.end()

    asyncio.run(play())
    a, b = (SqliteReader(tmp_path / party / "node.db") for party in children)
    try:
        (line,) = a.lines()
        expected = [f"notice {n}" for n in range(GOAL)]
        for feed in (FeedId("AAA.0"), FeedId("BBB.0")):
            assert expected == notices(a, feed) == notices(b, feed)
            held = [list(reader.iterate_entries(line, feed)) for reader in (a, b)]
            shorter = min(len(entries) for entries in held)
            pairs = zip(held[0][:shorter], held[1][:shorter], strict=True)
            assert all((one.data, one.leaf) == (two.data, two.leaf) for one, two in pairs)
        assert a.ahead(line) == b.ahead(line) == []
        assert a.integrity() == b.integrity() == []
    finally:
        a.close()
        b.close()
