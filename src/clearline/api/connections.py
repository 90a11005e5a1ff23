"""One connection of the API: who does not send, or does not read, is let go.

uvicorn ends a connection that is idle between two requests. Two sorts it keeps for ever: one on
which the head of a request never ends, and one whose other end has stopped reading while an answer
or a stream is under way. Enough of the first kind lock everybody out; one of the second counts as a
desk that hears rings, and holds what it was to be sent.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_S: Final = 10.0
"""From the first byte, or from the beginning of a connection, to the end of a request's head."""
STALLED_S: Final = 20.0
"""Without a byte taken although some wait: two heartbeats of the event stream."""


class Connection(H11Protocol):
    """A connection with a bound on its silence, both ways."""

    _head: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None
    _waiting = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A request is to come."""
        super().connection_made(transport)
        self._head = self.loop.call_later(HEAD_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Some of a request: either its head ends here, or it must do so soon."""
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        if cycle is not None and not cycle.response_complete:
            self._stop_head()
        elif self._head is None and not self.transport.is_closing():
            self._head = self.loop.call_later(HEAD_S, self.transport.abort)

    def on_response_complete(self) -> None:
        """The next request may take its time to begin; uvicorn bounds that."""
        self._stop_head()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The other end does not take what it is sent."""
        super().pause_writing()
        self._look_later()

    def resume_writing(self) -> None:
        """It does again."""
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is waited for."""
        self._stop_head()
        super().connection_lost(exc)
        if self._stall is not None:
            self._stall.cancel()

    def _look_later(self) -> None:
        self._waiting = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(STALLED_S, self._look)

    def _look(self) -> None:
        """A slow reader takes something now and then; a hung one nothing at all."""
        if self.transport.get_write_buffer_size() < self._waiting:
            self._look_later()
        else:
            self.transport.abort()

    def _stop_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None
