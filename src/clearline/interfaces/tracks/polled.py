"""Tracks that are looked for: a file that grows, and readsb's ``aircraft.json`` over HTTP or on
disk. What cannot be reached or read is a fault of the source, and ends when it can."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import httpx2

from clearline.interfaces.tracks.inbox import Inbox, Source
from clearline.interfaces.tracks.lines import Splitter
from clearline.interfaces.tracks.readsb import FILE_BYTES_MAX
from clearline.node.runtime import Runtime

LOOK_S: Final = 0.25
"""How often a followed file is looked at."""
TAIL_BYTES: Final = 1 << 20
"""Of what a file holds at the start: older lines say nothing about now."""
CHUNK: Final = 1 << 20
TIMEOUT_S: Final = 5.0


@dataclass(slots=True)
class Followed:
    """A file to whose end lines are written; a shorter or another file is begun anew."""

    runtime: Runtime
    inbox: Inbox
    source: Source
    path: Path
    task: "asyncio.Task[None] | None" = None
    _file: BinaryIO | None = None
    _begun: bool = True
    _lines: Splitter = field(default_factory=Splitter)

    async def start(self) -> None:
        """Begin to follow; the file may come later."""
        self.task = asyncio.create_task(self._run(), name=f"tracks {self.source.name}")

    async def _run(self) -> None:
        while True:
            now = self.runtime.now()
            try:
                more = await asyncio.to_thread(self._read)
            except OSError:
                self.inbox.desk.book.fault(self.source.name, "not-readable", now)
                more = b""
            else:
                self.inbox.desk.book.fault(self.source.name, "", now)
            lines = self._lines.feed(more) if more else []
            if lines:
                self.inbox.put_lines(self.source, lines, now)
            if len(more) < CHUNK:
                await asyncio.sleep(LOOK_S)

    def _read(self) -> bytes:
        """What was written since the last look, up to CHUNK. Raises OSError. The file is kept
        open, so that another one in its place cannot pass for it."""
        if self._file is not None and not self._is_same(self._file):
            self._file.close()
            self._file, self._lines = None, Splitter()
        if self._file is None:
            self._file = self.path.open("rb")
            if self._begun:
                size = os.fstat(self._file.fileno()).st_size
                if size > TAIL_BYTES:
                    self._file.seek(size - TAIL_BYTES)
                    self._file.readline(TAIL_BYTES)  # in the middle of a line, most likely
                self._begun = False
        return self._file.read(CHUNK)

    def _is_same(self, file: BinaryIO) -> bool:
        """Whether the open file is still the one of that name, and not cut shorter."""
        held = os.fstat(file.fileno())
        found = self.path.stat()
        same = (found.st_ino, found.st_dev) == (held.st_ino, held.st_dev)
        return same and held.st_size >= file.tell()

    async def stop(self) -> None:
        """Look no more."""
        await _end(self.task)
        if self._file is not None:
            self._file.close()


@dataclass(slots=True)
class Polled:
    """``aircraft.json``, fetched every ``every_s`` seconds from a URL or a path."""

    runtime: Runtime
    inbox: Inbox
    source: Source
    every_s: float
    url: str | None = None
    path: Path | None = None
    task: "asyncio.Task[None] | None" = None

    async def start(self) -> None:
        """Begin to look."""
        self.task = asyncio.create_task(self._run(), name=f"tracks {self.source.name}")

    async def _run(self) -> None:
        limits = httpx2.Limits(max_connections=1)
        async with httpx2.AsyncClient(
            timeout=TIMEOUT_S, trust_env=False, follow_redirects=False, limits=limits
        ) as client:
            while True:
                try:
                    raw = await self._fetch(client)
                except (httpx2.HTTPError, OSError, TimeoutError):
                    self._fault("unreachable")
                else:
                    if len(raw) > FILE_BYTES_MAX:
                        self._fault("not-readable")
                    else:
                        self._fault("")
                        self.inbox.put_file(self.source, raw, self.runtime.now())
                await asyncio.sleep(self.every_s)

    async def _fetch(self, client: httpx2.AsyncClient) -> bytes:
        """The file, or one byte more than is taken. Raises HTTPError, OSError, TimeoutError."""
        if self.path is not None:
            return await asyncio.to_thread(_whole, self.path)
        assert self.url is not None, "a source has a URL or a path"
        raw = bytearray()
        async with asyncio.timeout(TIMEOUT_S), client.stream("GET", self.url) as response:
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                raw += chunk
                if len(raw) > FILE_BYTES_MAX:
                    break
        return bytes(raw)

    def _fault(self, why: str) -> None:
        self.inbox.desk.book.fault(self.source.name, why, self.runtime.now())

    async def stop(self) -> None:
        """Look no more."""
        await _end(self.task)


def _whole(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


async def _end(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
