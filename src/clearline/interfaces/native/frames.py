"""One connection: frames of four bytes length, big-endian, and one message each (``wire.link``).

Nothing is reserved for a length before it is known to be allowed, and a peer that sends half a
frame and no more is let go after ``Timing.frame_s`` (CL-LNK-021).
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from clearline.model.limits import LINK_BYTES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.wire.link import LinkMessage, read_message, write_message

LENGTH_BYTES: Final = 4
FRAME_BYTES_MAX: Final = LINK_BYTES_MAX + 1
"""The largest message and its form byte."""
HELLO_BYTES_MAX: Final = 32 << 10
"""A Hello that names FEEDS_MAX feeds takes under 8 kB; before it nobody is given more."""
READ_AHEAD: Final = 64 << 10
"""Bytes that a connection may hold unread."""
UNSENT_BYTES: Final = 16 << 10
"""Unsent bytes in the kernel's buffer: beyond this a peer that reads slowly slows us down."""
UNREAD_BYTES_MAX: Final = 3 * LINK_BYTES_MAX
"""Sent and not taken by the other side: a batch, documents and answers fit; more is a peer that
only talks."""
SLOWEST_BYTES_S: Final = 500
"""A frame that comes more slowly than this (a tenth of 64 kbit/s, and some) does not come."""


class Closed(Exception):
    """The connection is at its end: by the other side, by the network, or by a refusal."""

    def __init__(self, why: str, refusal: Refusal | None = None) -> None:
        super().__init__(why)
        self.refusal = refusal


@dataclass(slots=True)
class Counters:
    """What went over a connection: frames, lengths included, before TLS."""

    bytes_sent: int = 0
    bytes_received: int = 0
    messages_sent: int = 0
    messages_received: int = 0


def tune(sock: socket.socket, *, dead_s: float) -> None:
    """Small messages leave at once; a connection over which nothing is acknowledged for ``dead_s``
    seconds is given up. Options that a system lacks are left as they are; so is its congestion
    control, which is not ours to choose."""
    _set(sock, socket.SOL_SOCKET, "SO_KEEPALIVE", 1)
    _set(sock, socket.IPPROTO_TCP, "TCP_NODELAY", 1)
    _set(sock, socket.IPPROTO_TCP, "TCP_NOTSENT_LOWAT", UNSENT_BYTES)
    _set(sock, socket.IPPROTO_TCP, "TCP_KEEPIDLE", max(1, int(dead_s / 2)))
    _set(sock, socket.IPPROTO_TCP, "TCP_KEEPINTVL", max(1, int(dead_s / 4)))
    _set(sock, socket.IPPROTO_TCP, "TCP_KEEPCNT", 2)
    _set(sock, socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", int(dead_s * 1000))


def _set(sock: socket.socket, level: int, name: str, value: int) -> None:
    option: int | None = getattr(socket, name, None)
    if option is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(level, option, value)


@dataclass(slots=True, eq=False)
class Frames:
    """A connection after the TLS handshake. ``close`` may be called at any time, by anybody."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    counters: Counters = field(default_factory=Counters)
    on_close: list[Callable[[], None]] = field(default_factory=list)
    closed: bool = False
    _out: bytearray = field(default_factory=bytearray)

    async def read(self, bytes_max: int, frame_s: float, idle_s: float | None) -> LinkMessage:
        """The next message. Waits ``idle_s`` seconds for it to begin (None: as long as it takes)
        and then at most ``frame_s`` and its length at SLOWEST_BYTES_S. Raises Closed."""
        try:
            async with asyncio.timeout(idle_s):
                first = await self.reader.readexactly(1)
            async with asyncio.timeout(frame_s):
                rest = await self.reader.readexactly(LENGTH_BYTES - 1)
            length = int.from_bytes(first + rest, "big")
            if not 0 < length <= bytes_max:
                raise Closed("a frame is too long", _too_long(length, bytes_max))
            async with asyncio.timeout(frame_s + length / SLOWEST_BYTES_S):
                raw = await self.reader.readexactly(length)
        except TimeoutError as why:
            raise Closed("nothing came in time") from why
        except (OSError, EOFError) as why:  # ssl.SSLError is an OSError
            raise Closed(str(why) or type(why).__name__) from why
        self.counters.bytes_received += LENGTH_BYTES + length
        self.counters.messages_received += 1
        message = read_message(raw)
        if isinstance(message, Refusal):
            raise Closed("what came is no message", message)
        return message

    def queue(self, message: LinkMessage) -> int:
        """Put a message with what goes next; its bytes. What is queued in one go leaves in one
        segment of an idle line."""
        raw = write_message(message)
        self._out += len(raw).to_bytes(LENGTH_BYTES, "big") + raw
        self.counters.messages_sent += 1
        return LENGTH_BYTES + len(raw)

    def flush(self) -> None:
        """Send what is queued. Never waits: at most one batch is on its way, and a peer that does
        not read even answers is let go."""
        if self.closed or not self._out:
            return
        self.counters.bytes_sent += len(self._out)
        self.writer.write(bytes(self._out))
        self._out.clear()
        if self.writer.transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
            self.close()

    def close(self) -> None:
        """Let go at once; what was not sent is not sent: it is in the record."""
        if self.closed:
            return
        self.closed = True
        self.writer.transport.abort()
        for tell in self.on_close:
            tell()


def _too_long(found: int, limit: int) -> Refusal:
    return Refusal(
        code=Code.TOO_LARGE, clause="CL-LNK-021", params={"found": found, "limit": limit}
    )
