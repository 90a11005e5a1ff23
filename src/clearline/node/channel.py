"""The port of a way to reach people: one call of one alert, and what came of it."""

from typing import Protocol

import msgspec

from clearline.model.alert import Alert, Ring
from clearline.model.ids import PartyId
from clearline.model.time import Instant


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One ring of one alert through one channel: ``at`` is when it is sent, ``own`` who calls."""

    alert: Alert
    ring: Ring
    at: Instant
    own: PartyId


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """The other end took it. That a person heard it is another fact."""


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """It reached nobody. ``why`` is a short code in our own words: nobody, timeout, unreachable,
    status-503, exit-1, ...; never words of the other end."""

    why: str


class Channel(Protocol):
    """A way to reach people. It tries once; calling again is the ladder's business."""

    async def deliver(self, call: Call) -> Delivered | Failed:
        """Carry the call. Whatever the other end does is an outcome, never an exception."""
