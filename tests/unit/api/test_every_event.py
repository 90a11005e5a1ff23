"""The event stream: nothing that a desk must hear is taken by anybody else."""

import asyncio
from dataclasses import dataclass, field

from clearline.api.events import Changes, Gap, Heard, stream
from clearline.model.ids import LineId
from clearline.model.time import Instant

COUNT = 20


@dataclass
class Feed:
    """A desk's feed of events that were put into it."""

    events: "asyncio.Queue[Heard | Gap | None]" = field(default_factory=asyncio.Queue)

    def open(self, desk: str, after: str | None) -> "Feed":
        return self

    async def next(self) -> Heard | Gap | None:
        return await self.events.get()

    def close(self) -> None:
        return

    def position(self) -> str:
        return "run-0"


class Runtime:
    """As much of a runtime as a stream without alerts needs."""

    lines = (LineId("0" * 64),)

    def now(self) -> Instant:
        return Instant(0)


async def _reads() -> list[str]:
    """Events of a stream in which lines change again and again before each event of the desk."""
    feed, changes, closing = Feed(), Changes(), asyncio.Event()
    frames = stream(
        Runtime(),  # type: ignore[arg-type]
        feed,  # type: ignore[arg-type]
        changes,
        desk="desk",
        after=None,
        closing=closing,
    )
    heard = [(await anext(frames)).decode()]
    for _ in range(COUNT):
        for waiter in changes._waiters:
            waiter.note(frozenset(Runtime.lines), duties=False)
        heard.append((await anext(frames)).decode())
        feed.events.put_nowait(Gap())
        heard.append((await anext(frames)).decode())
    await frames.aclose()  # type: ignore[attr-defined]
    return heard


def test_every_event_of_a_desk_reaches_its_reader() -> None:
    """Changes of lines between two rings swallow neither: each of twenty events comes, in order."""
    heard = asyncio.run(asyncio.wait_for(_reads(), 10))
    kinds = [line for frame in heard for line in frame.splitlines() if line.startswith("event: ")]
    assert ["event: hello", *["event: changed", "event: reset"] * COUNT] == kinds
