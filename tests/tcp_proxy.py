"""A path between two nodes that can be cut, and held as a black hole, without any waiting."""

import asyncio
import contextlib


class Road:
    """Forwards connections to an address. ``cut`` ends those that stand and refuses new ones;
    ``hold`` swallows what comes, in both directions, and tells nobody."""

    def __init__(self, to: tuple[str, int]) -> None:
        self.to = to
        self.address = ("127.0.0.1", 0)
        self.holding = False
        self.open = True
        self.carried = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> "Road":
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.address = (host, port)
        return self

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.open:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                if not self.holding:
                    self.carried += len(chunk)
                    writer.write(chunk)
        writer.close()
        self._writers.discard(writer)

    def cut(self) -> None:
        """Everything that stands ends at once; nothing new is let through."""
        self.open = False
        for writer in list(self._writers):
            writer.transport.abort()

    def hold(self) -> None:
        """From now on nothing arrives, and nobody is told."""
        self.holding = True

    def heal(self) -> None:
        """New connections pass again; those that were held are lost, as after an outage."""
        self.cut()
        self.open, self.holding = True, False

    async def stop(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
