"""Server-sent events, read as they come: pure, from bytes to values."""

from collections.abc import Iterator

import msgspec

from clearline.model.ids import LineId
from clearline.model.time import Instant
from clearline.node.views import AlertView

BUFFER_BYTES_MAX = 4 << 20
"""One event is an alert: some kilobytes. More without an end is not our node."""


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The stream began, or began again."""

    position: str
    now: Instant
    lines: tuple[LineId, ...]
    desk: str | None = None


class Alerted(msgspec.Struct, frozen=True, kw_only=True):
    """An alert rang, or changed."""

    ring: bool
    alert: AlertView
    id: str = ""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Lines to read again; whether duties changed."""

    lines: tuple[LineId, ...]
    duties: bool


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """Events are gone: read the board afresh."""

    position: str


Event = Hello | Alerted | Changed | Reset
TYPES: dict[str, type[Hello] | type[Alerted] | type[Changed] | type[Reset]] = {
    "hello": Hello, "alert": Alerted, "changed": Changed, "reset": Reset
}  # fmt: skip


class StreamBroken(ValueError):
    """What comes is no event stream of a node."""


class Reader:
    """Takes bytes as they come, gives whole events. ``last`` is the id to go on from."""

    def __init__(self, last: str | None = None) -> None:
        self.last = last
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Events that are whole now. Raises StreamBroken."""
        self._rest += chunk
        if len(self._rest) > BUFFER_BYTES_MAX:
            raise StreamBroken("an event without an end")
        *blocks, self._rest = self._rest.split(b"\n\n")
        for block in blocks:
            event = self._event(block)
            if event is not None:
                yield event

    def _event(self, block: bytes) -> Event | None:
        fields = dict(
            line.split(b": ", 1)
            for line in block.split(b"\n")
            if b": " in line and line[:1] != b":"
        )
        kind = TYPES.get(fields.get(b"event", b"").decode("ascii", "replace"))
        if kind is None:
            return None
        try:
            event = msgspec.json.decode(fields.get(b"data", b""), type=kind)
        except msgspec.DecodeError as error:
            raise StreamBroken(str(error)) from error
        if b"id" in fields and isinstance(event, Alerted):
            self.last = fields[b"id"].decode("ascii", "replace")
            event = msgspec.structs.replace(event, id=self.last)
        if isinstance(event, Reset):
            self.last = event.position
        if isinstance(event, Hello) and self.last is None:
            self.last = event.position
        return event
