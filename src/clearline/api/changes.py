"""Handlers that say what has changed since somebody looked, for screens of lines that are large."""

import asyncio

import msgspec

from clearline.alerting.routing import WatchPlan
from clearline.api.service import Call, Service, in_slices
from clearline.model.time import Instant
from clearline.node.state import State

POSITION_CHARS_MAX = 64
"""Longer than any that was given."""


async def list_changes(service: Service, call: Call[None]) -> msgspec.Raw:
    """What is shown of a line that changed since ?after=; without it, all of it.

    Live notices, conflicts, asks, own movers and seals, as the plain questions say them. ``after``
    is a position that was given before; of another life of the node, or of too long ago, it is
    answered with all there is."""
    line, after = service.line_id(call), call.query.get("after")
    service.line(call)
    screen = service.screens.of(line, call.langs)
    look = screen.look(lambda: service.line(call), in_slices)
    # Who goes away must not leave a look half done for those who wait for the same one.
    await asyncio.shield(asyncio.ensure_future(look))
    return msgspec.Raw(screen.answer(line, None if after is None else after[:POSITION_CHARS_MAX]))


async def list_duties(service: Service, call: Call[None]) -> msgspec.Raw:
    """What of the open duties changed since ?after=; without it, all that are shown.

    The loudest thousand stand one by one; of all others it is said how many there are of what."""
    after, conductor = call.query.get("after"), service.runtime.conductor
    screen = service.screens.duties(call.langs)

    def read() -> tuple[State, WatchPlan, Instant]:
        return conductor.state, conductor.tools.plan(conductor.state), service.now

    look = screen.look(read, call.langs, in_slices)
    await asyncio.shield(asyncio.ensure_future(look))
    return msgspec.Raw(screen.answer(None if after is None else after[:POSITION_CHARS_MAX]))
