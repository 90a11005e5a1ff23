"""The desk: events to whoever has it open in a browser or a terminal, resumable without a gap.

A desk is a channel: if nobody has it open, delivery fails and escalation goes on. Events are
numbered; the last ones are kept, so that a reader that comes back with the number of the last event
it saw goes on where it was, or is told that it missed some and must read the board afresh. Readers
hold a position, not a queue: a slow one costs no memory and delays nobody.

Everything here runs on one event loop; no event leaves before the node's commit is durable.
"""

import asyncio
import secrets
from collections import deque
from typing import Final

import msgspec

from clearline.channels.kinds import ChannelKind
from clearline.channels.payload import AlertPayload, payload_of
from clearline.model.alert import Alert
from clearline.node.channel import Call, Delivered, Failed

EVENTS_KEPT: Final = 4_096
"""A desk that was away for minutes, in a flood, still resumes without reading everything again."""


class DeskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``events`` is how many events are kept for readers that come back."""

    events: int = EVENTS_KEPT

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not 1 <= self.events <= 1_000_000:
            raise ValueError("`events` must be 1 to 1000000")


class DeskEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event. ``ring`` if it rings, else the alert changed. ``desks``: who hears it (none named:
    every desk)."""

    seq: int
    alert: Alert
    desks: tuple[str, ...]
    ring: AlertPayload | None = None


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Events before ``next_seq`` are gone for this reader: it must read the whole board afresh."""

    next_seq: int


class DeskHub:
    """All desks of one node. ``stream`` names this run of the numbering: numbers of another run
    mean nothing here."""

    def __init__(self, stream: str, events: int = EVENTS_KEPT) -> None:
        self.stream = stream
        self._kept: deque[DeskEvent] = deque(maxlen=events)
        self._next = 1
        self._readers: dict[DeskReader, None] = {}

    @property
    def last_seq(self) -> int:
        """The number of the newest event; 0 before the first."""
        return self._next - 1

    def open(self, desk: str, after: str | None = None) -> "DeskReader":
        """A reader of a desk's events: from now on, or after the event whose id ``after`` is.

        An id of another run, or one that cannot be read, counts as missed events.
        """
        reader = DeskReader(self, desk, self._place(after))
        self._readers[reader] = None
        return reader

    def is_open(self, desk: str) -> bool:
        """Whether anybody has the desk open."""
        return any(reader.desk == desk for reader in self._readers)

    def open_desks(self) -> tuple[str, ...]:
        """Desks that somebody has open."""
        return tuple(sorted({reader.desk for reader in self._readers}))

    async def deliver(self, call: Call) -> Delivered | Failed:
        """Show a ring. Fails if nobody has one of its desks open; it is kept for who comes."""
        desks = call.ring.desks
        heard = any(not desks or reader.desk in desks for reader in self._readers)
        self._publish(call.alert, desks, payload_of(call))
        return Delivered() if heard else Failed(why="nobody")

    def show(self, alert: Alert, desks: tuple[str, ...] = ()) -> None:
        """An alert changed without a ring: taken, answered, ended, its counter grown."""
        self._publish(alert, desks, None)

    def id_of(self, seq: int) -> str:
        """An event's id as a reader gives it back to go on from there."""
        return f"{self.stream}-{seq}"

    def _publish(self, alert: Alert, desks: tuple[str, ...], ring: AlertPayload | None) -> None:
        self._kept.append(DeskEvent(seq=self._next, alert=alert, desks=desks, ring=ring))
        self._next += 1
        for reader in self._readers:
            reader._wake.set()

    def _place(self, after: str | None) -> int:
        """The number of the next event for a reader; 0 if it cannot be known."""
        if after is None:
            return self._next
        stream, _, seq = after.rpartition("-")
        if stream != self.stream or not (seq.isascii() and seq.isdigit() and len(seq) <= 16):
            return 0
        return int(seq) + 1 if int(seq) < self._next else 0

    def _from(self, place: int) -> DeskEvent | Missed | None:
        """What stands at a reader's place: an event, word of a gap, or nothing yet."""
        first = self._next - len(self._kept)
        if place < first:
            return Missed(next_seq=first if place else self._next)
        return self._kept[place - first] if place < self._next else None

    def _leave(self, reader: "DeskReader") -> None:
        self._readers.pop(reader, None)


class DeskReader:
    """One open desk. An asynchronous iterator of events; ``close`` it, or use it with ``with``."""

    def __init__(self, hub: DeskHub, desk: str, place: int) -> None:
        self.desk = desk
        self._hub = hub
        self._place = place
        self._wake = asyncio.Event()
        self._closed = False

    def __enter__(self) -> "DeskReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> "DeskReader":
        return self

    async def __anext__(self) -> DeskEvent | Missed:
        """The next event of this desk; StopAsyncIteration once closed."""
        while not self._closed:
            found = self.poll()
            if found is not None:
                return found
            self._wake.clear()
            await self._wake.wait()
        raise StopAsyncIteration

    def poll(self) -> DeskEvent | Missed | None:
        """The next event if there is one now."""
        while (found := self._hub._from(self._place)) is not None:
            if isinstance(found, Missed):
                self._place = found.next_seq
                return found
            self._place = found.seq + 1
            if not found.desks or self.desk in found.desks:
                return found
        return None

    def close(self) -> None:
        """The desk is no longer open."""
        self._closed = True
        self._hub._leave(self)
        self._wake.set()


def open_desk(settings: DeskSettings) -> DeskHub:
    """A hub with a new run of numbers."""
    return DeskHub(secrets.token_hex(4), settings.events)


CHANNEL: Final = ChannelKind(name="desk", settings=DeskSettings, open=open_desk)
