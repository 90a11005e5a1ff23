"""The event stream: what a desk hears, resumable without a gap, and hints that a line changed.

``alert`` events are numbered by the desk's hub and carry an id; a reader that comes back with the
last id it saw goes on where it was, or gets ``reset`` and must read the board afresh. ``changed``
says which lines to read again; it needs no number, since ``hello`` says at every start what there
is now, and reading a line twice is no harm.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from clearline.model.alert import Alert, Ring, Silence
from clearline.model.ids import LineId
from clearline.model.time import Instant
from clearline.node.conductor import Done
from clearline.node.queries import alert_view
from clearline.node.runtime import Runtime
from clearline.node.views import AlertView
from clearline.words.reader import ENGLISH, Langs

HEARTBEAT_S: Final = 10.0
"""A reader that hears nothing for two of these knows that its stream is dead (FM12)."""


FRAMES_MAX: Final = 64
"""Alerts as bytes that are kept for other desks: all hear of the same one within moments."""
_EVENT_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One event of the desk: an alert rang or changed. ``id`` goes on from here."""

    id: str
    alert: Alert
    ring: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Events are gone for this reader."""


class FeedReader(Protocol):
    """One open desk."""

    async def next(self) -> Heard | Gap | None:
        """The next event; None once closed."""

    def close(self) -> None:
        """The desk is no longer open."""


class Feed(Protocol):
    """Where a desk's events come from."""

    def open(self, desk: str, after: str | None) -> FeedReader:
        """A desk's events from now on, or after an id."""

    def position(self) -> str:
        """The id of the newest event."""


class Changes:
    """Which lines changed since a reader last looked. One waiter each; nothing is queued. What an
    alert looks like in a stream is made once for all who read the same languages."""

    def __init__(self) -> None:
        self._waiters: set[Waiter] = set()
        self._frames: dict[tuple[str, bool, Langs], bytes] = {}

    def framed(self, heard: Heard, langs: Langs, make: Callable[[], AlertView]) -> bytes:
        """An alert's event, made once."""
        key = heard.id, heard.ring, langs
        held = self._frames.get(key)
        if held is None:
            held = frame("alert", Alerted(ring=heard.ring, alert=make()), heard.id)
            if len(self._frames) >= FRAMES_MAX:
                del self._frames[next(iter(self._frames))]
            self._frames[key] = held
        return held

    def watch(self, done: Done) -> None:
        """Called after every turn that is durable."""
        duties = any(isinstance(intent, Ring | Silence) for intent in done.intents)
        if done.changed or duties:
            for waiter in self._waiters:
                waiter.note(done.changed, duties=duties)

    def waiter(self) -> "Waiter":
        """A new reader's."""
        waiter = Waiter(self)
        self._waiters.add(waiter)
        return waiter

    def leave(self, waiter: "Waiter") -> None:
        """A reader went."""
        self._waiters.discard(waiter)


@dataclass(slots=True, eq=False)
class Waiter:
    """What one reader has not been told yet."""

    of: Changes
    lines: set[LineId] = field(default_factory=set)
    duties: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, lines: frozenset[LineId], *, duties: bool) -> None:
        """Something changed."""
        self.lines |= lines
        self.duties = self.duties or duties
        self.wake.set()

    async def next(self) -> "Changed":
        """What changed, as soon as anything did."""
        await self.wake.wait()
        self.wake.clear()
        changed = Changed(lines=tuple(sorted(self.lines)), duties=self.duties)
        self.lines, self.duties = set(), False
        return changed


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Lines to read again, and whether duties changed."""

    lines: tuple[LineId, ...]
    duties: bool


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """Sent first: where the stream stands, and what there is to read."""

    position: str
    now: Instant
    lines: tuple[LineId, ...]
    desk: str | None
    beat_ms: int = int(HEARTBEAT_S * 1000)
    """How often a beat comes at least while nothing else does."""


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """The stream is alive: the node's time, and where the stream stands. An event, since a comment
    cannot be seen by what reads event streams in a browser."""

    now: Instant
    position: str


class Alerted(msgspec.Struct, frozen=True, kw_only=True):
    """An alert rang (``ring``) or changed."""

    ring: bool
    alert: AlertView


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """A gap that cannot be filled: read the board afresh and go on from ``position``."""

    position: str


STREAMED: Final[dict[str, type[msgspec.Struct]]] = {
    "hello": Hello, "beat": Beat, "changed": Changed, "alert": Alerted, "reset": Reset,
}  # fmt: skip
"""Every event of the stream with what it carries."""


def frame(event: str, what: msgspec.Struct, id_: str | None = None) -> bytes:
    """One server-sent event. JSON holds no line break, so that nothing in it can end the event, and
    an id that a reader made up is not said back."""
    head = f"id: {id_}\n" if id_ is not None and _EVENT_ID.fullmatch(id_) else ""
    return f"{head}event: {event}\ndata: ".encode() + msgspec.json.encode(what) + b"\n\n"


async def stream(
    runtime: Runtime,
    feed: Feed,
    changes: Changes,
    *,
    desk: str | None,
    after: str | None,
    closing: asyncio.Event,
    langs: Langs = ENGLISH,
    beat_s: float = HEARTBEAT_S,
) -> AsyncIterator[bytes]:
    """Server-sent events until the reader goes or the node stops. With ``desk`` the reader counts
    as somebody who hears rings; without, it only hears that something changed."""
    waiter = changes.waiter()
    reader = feed.open(desk, after) if desk is not None else None
    tasks: dict[str, asyncio.Task[object]] = {}
    try:
        position = feed.position()
        # What reads streams in a browser goes on from the last id that it saw, whatever it was of:
        # one that has heard no alert yet must not begin anew after a cut.
        yield frame(
            "hello",
            Hello(position=position, now=runtime.now(), lines=runtime.lines, desk=desk),
            (after or position) if desk is not None else None,
        )
        while not closing.is_set():
            # A task only where there is none: one left over would take an event that nobody gets.
            if "changed" not in tasks:
                tasks["changed"] = asyncio.ensure_future(waiter.next())
            if "closing" not in tasks:
                tasks["closing"] = asyncio.ensure_future(closing.wait())
            if reader is not None and "heard" not in tasks:
                tasks["heard"] = asyncio.ensure_future(reader.next())
            done, _ = await asyncio.wait(
                tasks.values(), timeout=beat_s, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                yield frame("beat", Beat(now=runtime.now(), position=feed.position()))
            for name in [name for name, task in tasks.items() if task in done]:
                said = _said(runtime, feed, changes, tasks.pop(name).result(), langs)
                if said is not None:
                    yield said
    finally:
        for task in tasks.values():
            task.cancel()
        if reader is not None:
            reader.close()
        changes.leave(waiter)


def _said(
    runtime: Runtime, feed: Feed, changes: Changes, what: object, langs: Langs
) -> bytes | None:
    match what:
        case Changed():
            return frame("changed", what)
        case Gap():
            position = feed.position()
            return frame("reset", Reset(position=position), position)
        case Heard(alert=alert):
            plan = runtime.conductor.tools.plan
            return changes.framed(
                what, langs, lambda: alert_view(alert, plan(runtime.conductor.state), langs)
            )
        case _:
            return None
