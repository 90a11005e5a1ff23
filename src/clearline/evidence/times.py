"""Clocks and order: offsets from heartbeats, times against what was seen, leads by both accounts.

Times are claims. An entry cannot have been written before what it had seen; between two clocks that
holds within their measured offset. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clearline.evidence.facts import Checked, Finding, Level, Offset, What
from clearline.evidence.parts import Beat
from clearline.model.entry import (
    Frame,
)
from clearline.model.ids import EntryRef, FeedId, PartyId, party_of
from clearline.model.refusal import Code
from clearline.model.time import INSTANT_MAX, Instant, format_length

SLACK_MS: Final = 1_000
"""How far a clock may drift between two heartbeats, and be set right, without being called wrong:
a good crystal drifts under 50 ms in the quarter of an hour between corrections."""

Frames = Mapping[FeedId, Checked]


def offsets(beats: Sequence[Beat]) -> Iterator[Offset | Finding]:
    """For each peer its clock minus the maker's; a round trip of negative length is a finding."""
    by_peer: dict[PartyId, list[tuple[Instant, int, int]]] = {}
    for beat in beats:
        if beat.echo_sent is None or beat.echo_received is None:
            continue
        t1, t2, t3, t4 = beat.echo_sent, beat.echo_received, beat.sent, beat.received
        trip = (t4 - t1) - (t3 - t2)
        if trip < 0 or t4 < t1:
            yield _found(Level.WRONG, What.OWN_CONTRADICTION, "CL-EVI-012", None, beat.peer)
            continue
        by_peer.setdefault(beat.peer, []).append(
            (t4, ((t2 - t1) + (t3 - t4)) // 2, (trip + 1) // 2)
        )
    for peer, found in sorted(by_peer.items()):
        last = found[-1]
        yield Offset(
            peer=peer,
            low=min(offset - within for _, offset, within in found),
            high=max(offset + within for _, offset, within in found),
            last=last[1],
            uncertainty=last[2],
            measured=len(found),
            first_at=found[0][0],
            last_at=last[0],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Offsets of all clocks against the maker's."""

    maker: PartyId
    by_peer: Mapping[PartyId, Offset]

    def bounds(self, party: PartyId) -> tuple[int, int] | None:
        """Lowest and highest value of the party's clock minus the maker's; None: not measured."""
        if party == self.maker:
            return 0, 0
        offset = self.by_peer.get(party)
        return (offset.low, offset.high) if offset is not None else None

    def least(self, one: PartyId, other: PartyId) -> int | None:
        """The least that one's clock can show above another's at the same moment."""
        if one == other:
            return 0
        a, b = self.bounds(one), self.bounds(other)
        return a[0] - b[1] if a is not None and b is not None else None


def order(feeds: Frames, clocks: Clocks) -> Iterator[Finding]:
    """CL-EVI-011: times along each record, and along what each entry had seen."""
    for feed, checked in feeds.items():
        before: tuple[int, Frame] | None = None
        had: dict[FeedId, int] = {}
        for index, frame in sorted(checked.frames.items()):
            back = before is not None and frame.t < before[1].t
            if before is not None and back:
                yield _dated(feed, index, before[1].t - frame.t, EntryRef(feed, before[0]))
            before = index, frame
            for other, size in frame.seen.items():
                if (back or size > had.get(other, 0)) and other in feeds:
                    had[other] = size
                    seen = feeds[other].frames.get(size - 1)
                    if seen is not None:
                        yield from _after(clocks, feed, index, frame, other, size - 1, seen)


def _after(
    clocks: Clocks,
    feed: FeedId,
    index: int,
    frame: Frame,
    other: FeedId,
    place: int,
    seen: Frame,
) -> Iterator[Finding]:
    """An entry was written after one that it had seen, by the two clocks."""
    least = clocks.least(party_of(feed), party_of(other))
    if least is None:
        if frame.t < seen.t:
            yield _found(
                Level.NOTE,
                What.CLOCK_UNKNOWN,
                "CL-EVI-011",
                index,
                feed,
                after=str(EntryRef(other, place)),
            )
        return
    short = seen.t + least - SLACK_MS - frame.t
    if short > 0:
        yield _dated(feed, index, short, EntryRef(other, place))


def _dated(feed: FeedId, index: int, by: int, after: EntryRef) -> Finding:
    return _found(
        Level.WRONG,
        What.BACK_DATED,
        "CL-EVI-011",
        index,
        feed,
        by=format_length(by),
        by_ms=by,
        after=str(after),
    )


def _found(
    level: Level, what: What, clause: str, index: int | None, feed: str, **params: str | int
) -> Finding:
    return Finding(
        level=level,
        what=what,
        code=Code.BAD_ORDER,
        clause=clause,
        feed=feed,
        index=index,
        params={**params},
    )


def own_word(
    feeds: Frames, received: Mapping[FeedId, Sequence[Instant]], clocks: Clocks
) -> Iterator[Finding]:
    """CL-EVI-012: the maker's receiving times against the record: in order, one for each leaf, not
    before what the entry had seen of the maker's, not after the maker's entry that had seen it."""
    for feed, checked in feeds.items():
        times = received.get(feed, ())
        if len(times) != checked.fact.size or any(not 0 <= t <= INSTANT_MAX for t in times):
            yield _found(Level.WRONG, What.OWN_CONTRADICTION, "CL-EVI-012", None, feed)
            continue
        for index in range(1, len(times)):
            if times[index] < times[index - 1]:
                yield _found(Level.WRONG, What.OWN_CONTRADICTION, "CL-EVI-012", index, feed)
        yield from _against_record(feeds, feed, checked, times, clocks)
    for feed in received:
        if feed not in feeds:
            yield _found(Level.WRONG, What.OWN_CONTRADICTION, "CL-EVI-012", None, feed)


def _against_record(
    feeds: Frames, feed: FeedId, checked: Checked, times: Sequence[Instant], clocks: Clocks
) -> Iterator[Finding]:
    mine = party_of(feed) == clocks.maker
    high = clocks.bounds(party_of(feed))
    for index, frame in checked.frames.items():
        if mine and times[index] != frame.t:
            yield _found(Level.WRONG, What.OWN_CONTRADICTION, "CL-EVI-012", index, feed)
        if high is not None and not mine and frame.t > times[index] + high[1] + SLACK_MS:
            yield _found(
                Level.WRONG,
                What.POST_DATED,
                "CL-EVI-012",
                index,
                feed,
                by=format_length(frame.t - times[index] - high[1]),
                after=clocks.maker,
            )
        for other, size in frame.seen.items():
            its = feeds.get(other)
            if mine or its is None or party_of(other) != clocks.maker:
                continue
            seen = its.frames.get(size - 1)
            if seen is not None and times[index] < seen.t:
                yield _found(Level.WRONG, What.OWN_CONTRADICTION, "CL-EVI-012", index, feed)
    if mine:
        return
    for writer, its in feeds.items():
        if party_of(writer) != clocks.maker:
            continue
        for frame in its.frames.values():
            size = frame.seen.get(feed, 0)
            if 0 < size <= len(times) and times[size - 1] > frame.t:
                yield _found(Level.WRONG, What.OWN_CONTRADICTION, "CL-EVI-012", size - 1, feed)
                return
