"""How far a peer is in each feed, and what goes to it next. No I/O: bookkeeping alone.

A peer is believed about itself: what it says that it holds is where we go on. Its word can come
late on the other connection, so on one standing pair it only raises the mark; a Hello, a Pull and
a refusal for a gap set it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from clearline.model.ids import FeedId

FLASH_TRIES_MAX = 8
"""Attempts to take one FLASH entry past the backlog; then it goes with the backlog."""

PASSED_MAX = 4
"""FLASH entries that go past the backlog in a row; then one batch of it, half a second at the most,
goes before the next. Few enough that a flood never fills the room that the peer has for what is
ahead (CL-LNK-009): beyond that room FLASH itself would wait for all of the backlog."""


@dataclass(slots=True)
class Cursor:
    """``known``: what the peer holds. ``wanted``: feeds that it asked for, up to which size.
    ``flash``: own entries that overtake, in order; ``scanned``: how far we looked for them;
    ``head``: the size of the newest checkpoint of the own feed that went to the peer; ``passed``:
    FLASH entries since a bulk batch was answered."""

    known: dict[FeedId, int] = field(default_factory=dict)
    wanted: dict[FeedId, int] = field(default_factory=dict)
    flash: deque[int] = field(default_factory=deque)
    flash_tries: int = 0
    scanned: int = 0
    head: int = 0
    passed: int = 0

    def begin(self, held: Mapping[FeedId, int], own: FeedId) -> None:
        """A connection was made: this is what the peer holds now."""
        self.known = dict(held)
        self.scanned = self.known.get(own, 0)
        self.flash.clear()
        self.flash_tries = self.passed = 0
        self.head = self.scanned

    def holds(self, held: Mapping[FeedId, int]) -> bool:
        """The peer's statement on a standing connection; whether it says anything new."""
        news = False
        for feed, size in held.items():
            if size > self.known.get(feed, 0):
                self.known[feed] = size
                news = True
        for feed in [feed for feed, end in self.wanted.items() if self.known.get(feed, 0) >= end]:
            del self.wanted[feed]
        return news

    def rewind(self, feed: FeedId, size: int) -> None:
        """The peer asks for it from there."""
        self.known[feed] = size

    def wants(self, feed: FeedId, first: int, end: int) -> None:
        """The peer asks for a stretch."""
        self.known[feed] = first
        if end > first:
            self.wanted[feed] = end

    def stretches(
        self, own: Iterable[tuple[FeedId, int]], sizes: Mapping[FeedId, int]
    ) -> Iterator[tuple[FeedId, int]]:
        """Feeds and the index from which each goes on: own ones first, then what was asked for."""
        for feed, size in own:
            if (first := self.known.get(feed, 0)) < size:
                yield feed, first
        for feed, end in self.wanted.items():
            first = self.known.get(feed, 0)
            if first < min(end, sizes.get(feed, 0)):
                yield feed, first

    def next_flash(self, own: FeedId) -> int | None:
        """The first entry that is still to overtake; those that the peer holds are dropped."""
        while self.flash and self.flash[0] < self.known.get(own, 0):
            self.drop_flash()
        return self.flash[0] if self.flash else None

    @property
    def backlog_first(self) -> bool:
        """Whether the backlog has waited for as many FLASH as it may."""
        return self.passed >= PASSED_MAX

    def drop_flash(self) -> None:
        """The first one is done with."""
        self.flash.popleft()
        self.flash_tries = 0
