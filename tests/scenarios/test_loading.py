"""A node that is still reading its record: emergencies go out and come in, and nothing is lost."""

import asyncio
import os
import sys
from collections import deque
from pathlib import Path

from clearline.model.entry import Handover, Precedence, Stop
from clearline.model.ids import EntryRef, FeedId, PartyId, feed_of
from clearline.model.time import HOUR, Instant
from clearline.node.runtime import Clock
from clearline.store.highwater import FileHighWater
from clearline.store.lease import open_as_writer
from clearline.store.sqlite import SqliteReader
from tests.link_nodes import LinkNode, Street

CHILD = Path(__file__).with_name("loading_child.py")
ROOT = Path(__file__).parents[2]
OVERALL_S = 60.0
RECORDS = 1_000
AAA, BBB = (feed_of(PartyId(party)) for party in ("AAA", "BBB"))


class Child:
    """The node's process: what it tells, and what it is told."""

    def __init__(self, folder: Path, port: int) -> None:
        self.words = [str(folder), str(port)]
        self.process: asyncio.subprocess.Process | None = None
        self.last: deque[str] = deque(maxlen=12)

    @property
    def running(self) -> asyncio.subprocess.Process:
        assert self.process is not None
        return self.process

    async def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(CHILD), *self.words, env=environment,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip

    def tell(self, word: str) -> None:
        assert self.running.stdin is not None
        self.running.stdin.write(f"{word}\n".encode())

    async def until(self, *words: str) -> list[str]:
        """Its next line with this first word and with words that begin as the others do."""
        assert self.running.stdout is not None
        while True:
            line = (await self.running.stdout.readline()).decode().strip()
            self.last.append(line)
            assert line, "it ended by itself"
            told = line.split()
            if told[0] == words[0] and all(f" {word}" in f" {line}" for word in words):
                return told

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.communicate()

    async def end(self) -> None:
        await self.running.communicate(b"")
        assert self.running.returncode == 0


async def prepare(street: Street, folder: Path) -> None:
    """Both have joined, AAA has a record in a database, and its process is gone."""
    store, lease = open_as_writer(folder / "node.db", folder / "lease")
    a, b = street["AAA"], street["BBB"]
    a.folder, a.store, a.marks = folder, store, FileHighWater(folder / "marks")
    a.fence = lease.fence
    a.clock = b.clock = Clock()
    await b.start(listen=True)
    await a.start(peers={"BBB": b.address})
    await street.until(lambda: a.size("BBB") > 0 and b.size("AAA") > 0, "both have joined")
    at = Instant(a.runtime.now() + HOUR)
    for _ in range(RECORDS // 250):
        await a.say(*(Handover(role="watch-officer", at=at, open=0) for _ in range(250)))
    await street.until_level()
    await a.stop()
    lease.release()
    store.close()


def test_stop_works_both_ways_while_a_node_reads_its_record(tmp_path: Path) -> None:
    """STOP rings and is taken and answered, STOP goes out and is stored by the peer, all while the
    record is being read; a notice is put off and goes later under its id; kill -9 loses nothing."""
    folder = tmp_path / "AAA"
    folder.mkdir()
    street = Street(tmp_path, "AAA", "BBB")
    b = street["BBB"]

    def asked(index: int) -> bool:
        ref = EntryRef(AAA, index)
        return ref in b.state.picture.asks_ahead or index in b.state.picture.feed(AAA).asks

    def answered(ref: EntryRef) -> bool:
        return ref in b.state.picture.feed(AAA).answers

    async def story(child: Child) -> None:
        await child.start()
        await child.until("loading", "loading:")
        child.tell("file")
        assert (await child.until("refused"))[1:] == ["file", "loading"]
        (cry,) = await b.say(Stop(), prec=Precedence.FLASH)
        await child.until("loading", "stop:")
        child.tell("stop")
        index = int((await child.until("said", "stop"))[2])
        await street.until(lambda: asked(index), "the STOP is stored by the peer")
        child.tell("ack")
        await child.until("loading", "stop:acknowledged")
        await child.kill()
        check_durable(folder, index, cry)

        await child.start()
        await child.until("loading", "stop:acknowledged")
        child.tell("answer")
        await child.until("said", "answer")
        await street.until(lambda: answered(cry), "HALTED is known to the peer")
        child.tell("read")
        await child.until("read")
        child.tell("file")
        await child.until("said", "file")
        await street.until(lambda: b.seen("AAA", BBB) > cry.index, "all is receipted")
        await child.end()

    async def play() -> None:
        child = None
        try:
            async with asyncio.timeout(OVERALL_S):
                await prepare(street, folder)
                child = Child(folder, b.address[1])
                await story(child)
        except TimeoutError:
            raise AssertionError(list(child.last) if child is not None else "no child") from None
        finally:
            if child is not None:
                await child.kill()
            await b.stop()

    asyncio.run(play())
    check_level(folder, b)


def check_durable(folder: Path, index: int, cry: EntryRef) -> None:
    """What was said, heard and taken before the kill is on the disk, and nothing was receipted."""
    reader = SqliteReader(folder / "node.db")
    try:
        (line,) = reader.lines()
        assert reader.entry_count(line, AAA) == index + 1
        before, said = reader.entries(line, AAA, index - 1, 2)
        assert b'"kind":"stop"' in said.data
        seen = b'"seen":{"BBB.0":'
        assert seen in said.data
        assert before.data.split(seen)[1].split(b"}")[0] == said.data.split(seen)[1].split(b"}")[0]
        assert [EntryRef(kept.feed, kept.index) for kept in reader.ahead(line)] == [cry]
    finally:
        reader.close()


def check_level(folder: Path, b: LinkNode) -> None:
    """Both hold the same of both feeds, once, and nothing is left aside."""
    reader = SqliteReader(folder / "node.db")
    try:
        (line,) = reader.lines()
        assert reader.ahead(line) == []
        for feed in (AAA, FeedId("BBB.0")):
            held = [entry.data for entry in reader.iterate_entries(line, feed)]
            theirs = [entry.data for entry in b.store.iterate_entries(line, feed)]
            shorter = min(len(held), len(theirs))
            assert shorter > 1
            assert held[:shorter] == theirs[:shorter]
        assert reader.integrity() == []
    finally:
        reader.close()
