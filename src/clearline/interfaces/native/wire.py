"""One standing connection of a pair, and what is under way on it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from clearline.interfaces.native.frames import SLOWEST_BYTES_S, Frames
from clearline.model.ids import Digest, FeedId, PartyId
from clearline.node.inbound import Flashed, Pushed
from clearline.wire.link import Channel, Flash, Held, Item, Push, Refused


@dataclass(slots=True, kw_only=True)
class Flight:
    """A Push or Flash that is not answered yet. ``overtakes``: bulk waits for it."""

    number: int
    feed: FeedId
    first: int
    end: int
    wire_bytes: int
    record_bytes: int
    at: float
    overtakes: bool
    timer: asyncio.TimerHandle


@dataclass(slots=True, eq=False, kw_only=True)
class Wire:
    """A connection after both Hellos. ``told``: documents that went over it or need not;
    ``sent`` and ``taken`` count Push and Flash of each direction."""

    frames: Frames
    channel: Channel
    dialer: PartyId
    certificate: bytes
    since: float
    told: set[Digest] = field(default_factory=set)
    flights: deque[Flight] = field(default_factory=deque)
    sent: int = 0
    taken: int = 0

    @property
    def overtaking(self) -> bool:
        """Whether something that overtakes is under way here."""
        return any(flight.overtakes for flight in self.flights)

    @property
    def carries_bulk(self) -> bool:
        """Whether a bulk batch is under way here."""
        return any(not flight.overtakes for flight in self.flights)

    def launch(self, what: Pushed | Flashed, answer_s: float, *, overtakes: bool) -> None:
        """Queue it, and begin to wait for its answer; without one the connection is let go."""
        loop = asyncio.get_running_loop()
        message = wire_form(what)
        wire_bytes = self.frames.queue(message)
        self.sent += 1
        first, items = (
            (what.first, what.items) if isinstance(what, Pushed) else (what.index, (what.item,))
        )
        self.flights.append(
            Flight(
                number=self.sent,
                feed=what.feed,
                first=first,
                end=first + len(items),
                wire_bytes=wire_bytes,
                record_bytes=sum(len(item.data) + len(item.salt) for item in items),
                at=loop.time(),
                overtakes=overtakes,
                timer=loop.call_later(
                    answer_s + wire_bytes / SLOWEST_BYTES_S, self.frames.close
                ),
            )
        )  # fmt: skip

    def answered(self, answer: Held | Refused) -> list[tuple[Flight, bool]]:
        """The flights that an answer is about, each with whether it was taken."""
        done = []
        while self.flights and self.flights[0].number <= answer.answers:
            flight = self.flights.popleft()
            flight.timer.cancel()
            refused = isinstance(answer, Refused) and flight.number == answer.answers
            done.append((flight, not refused))
        return done

    def end(self) -> None:
        """Nothing more is waited for."""
        for flight in self.flights:
            flight.timer.cancel()
        self.flights.clear()


def wire_form(what: Pushed | Flashed) -> Push | Flash:
    """As it stands on the wire."""
    if isinstance(what, Pushed):
        return Push(
            line=what.line,
            feed=what.feed,
            first=what.first,
            items=tuple(Item(salt=item.salt, entry=item.data) for item in what.items),
            checkpoint=what.checkpoint.decode("utf-8"),
            consistency=what.proof,
        )
    return Flash(
        line=what.line,
        feed=what.feed,
        index=what.index,
        salt=what.item.salt,
        entry=what.item.data,
        inclusion=what.inclusion,
        checkpoint=what.checkpoint.decode("utf-8"),
        old_size=what.old_size,
        consistency=what.consistency,
    )
