"""Tracks that are sent here: UDP datagrams of lines, and TCP connections of lines."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from clearline.interfaces.tracks.inbox import Inbox, Source
from clearline.interfaces.tracks.lines import Splitter
from clearline.node.runtime import Runtime

CONNECTIONS_MAX: Final = 16
"""Feeders of one source at once."""
CHUNK: Final = 64 << 10
IDLE_S: Final = 600.0
"""A feeder that says nothing for so long is let go: it connects again when it has something."""


@dataclass(slots=True)
class Datagrams(asyncio.DatagramProtocol):
    """One UDP address. Every datagram holds whole lines."""

    runtime: Runtime
    inbox: Inbox
    source: Source
    listen: tuple[str, int]
    transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Raises OSError when the address cannot be used."""
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=self.listen
        )

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        assert self.transport is not None, "started"
        host, port = self.transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Lines came. Who sent them is not asked: what comes here is local, and may be forged."""
        lines = [line for line in data.split(b"\n") if line]
        self.inbox.put_lines(self.source, lines, self.runtime.now())

    async def stop(self) -> None:
        """Close it."""
        if self.transport is not None:
            self.transport.close()


@dataclass(slots=True)
class Streams:
    """One TCP address, to which feeders connect and send lines."""

    runtime: Runtime
    inbox: Inbox
    source: Source
    listen: tuple[str, int]
    server: asyncio.Server | None = None
    _open: set["asyncio.Task[None]"] = field(default_factory=set)

    async def start(self) -> None:
        """Raises OSError when the address cannot be used."""
        self.server = await asyncio.start_server(self._serve, *self.listen, limit=CHUNK)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        assert self.server is not None, "started"
        host, port = self.server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task"
        try:
            if len(self._open) < CONNECTIONS_MAX:
                self._open.add(task)
                await self._read(reader)
        except (OSError, TimeoutError):
            return
        finally:
            self._open.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        splitter = Splitter()
        while True:
            async with asyncio.timeout(IDLE_S):
                chunk = await reader.read(CHUNK)
            lines = splitter.feed(chunk or b"\n")
            if lines:
                self.inbox.put_lines(self.source, lines, self.runtime.now())
            if not chunk:
                return

    async def stop(self) -> None:
        """Close it and every connection."""
        if self.server is not None:
            self.server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
