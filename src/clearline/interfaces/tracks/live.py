"""The live tracks of a running node: sources, and evaluations beside the loop.

At most one evaluation is under way. It works on a copy, in a thread; the loop goes on. What it
finds comes to the node as any inbound does, and only what begins, changes or ends is a turn.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Protocol

from clearline.interfaces.tracks.inbox import Inbox
from clearline.model.sighting import Sighting
from clearline.node.inbound import Sighted
from clearline.node.live.book import Took
from clearline.node.live.desk import LiveDesk
from clearline.node.live.job import work
from clearline.node.live.limits import LiveLimits
from clearline.node.runtime import Runtime
from clearline.words.sentences import sentence

LOG = logging.getLogger("clearline.tracks")

PAUSE_S: Final = 0.2
"""Between two evaluations: sightings that come together are looked at together."""
SLOW_S: Final = 3.0
"""An evaluation that takes longer is said: nothing is found meanwhile."""
LOOK_S: Final = 1.0
"""Tracks move on without being seen: they are looked at again at least so often."""


class Input(Protocol):
    """One way in."""

    async def start(self) -> None:
        """Begin. Raises OSError when an address cannot be used."""

    async def stop(self) -> None:
        """End."""


class LiveTracks:
    """Of one node. ``inputs`` are added before ``start``."""

    def __init__(self, runtime: Runtime, limits: LiveLimits, silent_ms: dict[str, int]) -> None:
        self.runtime = runtime
        self.desk = LiveDesk(limits, silent_ms)
        self.inbox = Inbox(self.desk)
        self.inputs: list[Input] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open every source, and look. Raises OSError."""
        for each in self.inputs:
            await each.start()
        self._tasks = [
            asyncio.create_task(self.inbox.run(), name="tracks inbox"),
            asyncio.create_task(self._run(), name="tracks"),
        ]

    async def stop(self) -> None:
        """Close every source; an evaluation under way is let go."""
        for each in self.inputs:
            await each.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def feed(self, seen: Sequence[Sighting]) -> dict[Took, int]:
        """Checked sightings from a person's tool; what became of how many."""
        now = self.runtime.now()
        came: dict[Took, int] = {}
        for each in seen:
            took = self.desk.book.take(each, now)
            came[took] = came.get(took, 0) + 1
        self.inbox.wake.set()
        return came

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self.inbox.wake.wait()
            self.inbox.wake.clear()
            if self._idle():
                continue
            try:
                await self.look()
            except (ConnectionError, asyncio.CancelledError):
                raise
            except Exception:  # the line must go on; whoever relies on tracks is told
                LOG.exception("live tracks could not be looked at")
                state, now = self.runtime.conductor.state, self.runtime.now()
                for what in self.desk.failed(state, now):
                    self.runtime.post(what)
            await asyncio.sleep(PAUSE_S)

    def _idle(self) -> bool:
        """Nothing is seen, nothing stands, nothing is expected."""
        state = self.runtime.conductor.state
        return not (
            len(self.desk.book)
            or self.desk.book.sources
            or self.desk.silent_ms
            or any(len(ls.live) or len(ls.bound) for ls in state.lines.values())
        )

    async def look(self) -> None:
        """One evaluation, and the turns that come of it."""
        state = self.runtime.conductor.state
        now = self.runtime.now()
        job = self.desk.prepare(state, now)
        working = asyncio.create_task(asyncio.to_thread(work, job))
        await asyncio.wait((working,), timeout=SLOW_S)
        if not working.done():  # so it is while the loops are compiled, once after an installation
            LOG.warning("an evaluation of live tracks takes longer than %s s", SLOW_S)
            for what in self.desk.failed(self.runtime.conductor.state, now, "behind"):
                await self.runtime.submit(what)
        done = await working
        for what in self.desk.settle(self.runtime.conductor.state, done, now):
            outcome = await self.runtime.submit(what)
            if outcome.refusal is not None:
                LOG.warning("not taken: %s", sentence(outcome.refusal))
                if isinstance(what, Sighted):
                    self.desk.forget(what.line)
