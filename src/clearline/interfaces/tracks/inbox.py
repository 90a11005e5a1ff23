"""What transports hand over: bytes or whole files, bounded, read beside the loop.

A source that sends faster than it is read loses what does not fit, and that is counted and said:
the node's own work never waits for tracks.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from typing import Final

from clearline.interfaces.tracks.lines import Read, read_lines
from clearline.interfaces.tracks.readsb import read_aircraft
from clearline.model.sighting import Sighting
from clearline.model.space import HeightRef
from clearline.model.time import MINUTE, Instant
from clearline.node.live.desk import LiveDesk
from clearline.words.sentences import sentence

LOG = logging.getLogger("clearline.tracks")

WAITING_BYTES_MAX: Final = 8 << 20
"""Of one source: forty thousand records."""
AT_ONCE: Final = 256
"""Sightings taken before others have their turn: about a millisecond."""
LINES_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One way in by its name in node.toml. ``ref``: what heights are measured from that do not say
    so."""

    name: str
    ref: HeightRef | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    source: Source
    lines: list[bytes]
    whole: bytes | None
    at: Instant
    size: int


class Inbox:
    """Of all sources of one node. ``wake`` is set when the book has changed."""

    def __init__(self, desk: LiveDesk) -> None:
        self.desk = desk
        self.wake = asyncio.Event()
        self._came = asyncio.Event()
        self._waiting: deque[_Waiting] = deque()
        self._held: dict[str, int] = {}
        self._said: dict[str, Instant] = {}

    def put_lines(self, source: Source, lines: list[bytes], now: Instant) -> None:
        """Lines that came."""
        for first in range(0, len(lines), LINES_AT_ONCE):
            some = lines[first : first + LINES_AT_ONCE]
            self._put(_Waiting(source, some, None, now, sum(map(len, some)) + len(some)))

    def put_file(self, source: Source, raw: bytes, now: Instant) -> None:
        """A whole ``aircraft.json``; an earlier one that still waits is passed over."""
        for waiting in [w for w in self._waiting if w.source is source]:
            self._waiting.remove(waiting)
            self._held[source.name] -= waiting.size
        self._put(_Waiting(source, [], raw, now, 0))

    def _put(self, waiting: _Waiting) -> None:
        name = waiting.source.name
        if self._held.get(name, 0) + waiting.size > WAITING_BYTES_MAX:
            self.desk.book.overrun(name, waiting.at, max(1, len(waiting.lines)))
            return
        self._held[name] = self._held.get(name, 0) + waiting.size
        self._waiting.append(waiting)
        self._came.set()

    async def run(self) -> None:
        """Read what waits, until cancelled."""
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                waiting = self._waiting.popleft()
                self._held[waiting.source.name] -= waiting.size
                read = await asyncio.to_thread(_read, waiting)
                book = self.desk.book
                if read.refused:
                    book.refuse(waiting.source.name, waiting.at, read.refused)
                    self._say(waiting, read)
                await self.take(read.sightings, waiting.at)

    def _say(self, waiting: _Waiting, read: Read) -> None:
        """Why records of a source are refused, once a minute: how many, each view of it counts."""
        name, before = waiting.source.name, self._said.get(waiting.source.name)
        if read.first is not None and (before is None or waiting.at - before >= MINUTE):
            self._said[name] = waiting.at
            LOG.warning("%s: refused: %s", name, sentence(read.first))

    async def take(self, seen: list[Sighting], now: Instant) -> None:
        """Checked sightings into the book, others having their turn in between."""
        for first in range(0, len(seen), AT_ONCE):
            for each in seen[first : first + AT_ONCE]:
                self.desk.book.take(each, now)
            await asyncio.sleep(0)
        self.wake.set()


def _read(waiting: _Waiting) -> Read:
    source = waiting.source
    if waiting.whole is not None:
        return read_aircraft(waiting.whole, source.name)
    return read_lines(waiting.lines, source.name, waiting.at, source.ref)
