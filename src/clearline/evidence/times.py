"""Clocks and order: offsets from heartbeats, times against what was seen, leads by both accounts.

Times are claims. An entry cannot have been written before what it had seen; between two clocks that
holds within their measured offset. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clearline.evidence.bundle import Beat
from clearline.evidence.facts import Checked, Event, Finding, Lead, Level, Offset, What
from clearline.model.entry import (
    BARE,
    Amend,
    Answer,
    Entry,
    Frame,
    Message,
    Notice,
    Open,
    Relay,
    Relayed,
    Stop,
    Withdraw,
)
from clearline.model.ids import EntryRef, FeedId, PartyId, party_of
from clearline.model.refusal import Code
from clearline.model.time import INSTANT_MAX, Instant, format_length
from clearline.trust.agreement import class_of
from clearline.trust.roster import Roster

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


# --- events ----------------------------------------------------------------------------------


def events(
    feeds: Frames, received: Mapping[FeedId, Sequence[Instant]], roster: Roster
) -> tuple[Event, ...]:
    """Every shown entry that says something, with both clocks, in an order that respects what each
    had seen."""
    firsts = _first_seen(feeds)
    rank = Causal(feeds)
    found: list[tuple[int, Event]] = []
    for feed, checked in feeds.items():
        times = received.get(feed, ())
        for index, entry in checked.entries.items():
            if entry.kind in BARE:
                continue
            receipts = _receipts(feeds, firsts, feed, index, entry)
            event = Event(
                ref=entry.ref,
                kind=entry.kind.value,
                text=describe(entry),
                t=entry.t,
                received=times[index] if index < len(times) else None,
                receipts=receipts,
                leads=tuple(_leads(feeds, roster, entry, receipts)),
                about=about(entry),
                prec=entry.prec.value,
            )
            found.append((rank.depth(entry.ref), event))
    found.sort(key=lambda pair: (pair[0], pair[1].t, pair[1].ref))
    return tuple(event for _, event in found)


Steps = list[tuple[int, int]]
"""(size seen, index of the first entry that had seen so much), rising."""


def _first_seen(feeds: Frames) -> dict[tuple[FeedId, FeedId], Steps]:
    """For each writer and feed, when what was seen of it rose."""
    rises: dict[tuple[FeedId, FeedId], Steps] = {}
    for writer, checked in feeds.items():
        for index, frame in sorted(checked.frames.items()):
            for other, size in frame.seen.items():
                steps = rises.setdefault((writer, other), [])
                if not steps or size > steps[-1][0]:
                    steps.append((size, index))
    return rises


def _receipts(
    feeds: Frames,
    rises: Mapping[tuple[FeedId, FeedId], Steps],
    feed: FeedId,
    index: int,
    entry: Entry,
) -> tuple[tuple[PartyId, EntryRef, Instant], ...]:
    found: dict[PartyId, tuple[PartyId, EntryRef, Instant]] = {}
    for writer in feeds:
        party = party_of(writer)
        if party == party_of(feed) or party in found:
            continue
        at = _first(rises.get((writer, feed), []), index)
        if at is None:
            continue
        frame = feeds[writer].frames[at]
        if any(item.feed == feed and item.index == index for item in frame.refused):
            continue
        found[party] = (party, EntryRef(writer, at), frame.t)
    del entry
    return tuple(found[party] for party in sorted(found))


def _first(steps: Steps, index: int) -> int | None:
    return next((at for size, at in steps if size > index), None)


def _leads(
    feeds: Frames,
    roster: Roster,
    entry: Entry,
    receipts: Sequence[tuple[PartyId, EntryRef, Instant]],
) -> Iterator[Lead]:
    """Lead times of a version by both accounts; the receiver's clock decides."""
    body = entry.body
    notice = body.to if isinstance(body, Amend | Open) else body
    if not isinstance(notice, Notice) or not notice.volumes:
        return
    start = min(volume.start for volume in notice.volumes)
    term = class_of(roster.versions[-1].body, notice.cls)
    got = {party: (by, t) for party, by, t in receipts}
    for party in roster.parties:
        if party == party_of(entry.feed):
            continue
        by, t = got.get(party, (None, None))
        before = [
            frame.t
            for feed, size in entry.seen.items()
            if party_of(feed) == party
            and feed in feeds
            and (frame := feeds[feed].frames.get(size - 1)) is not None
        ]
        yield Lead(
            party=party,
            by=by,
            receipt=t,
            issuer_ms=start - entry.t,
            receiver_ms=start - t if t is not None else None,
            best_ms=start - max(before) if before else None,
            minimum_ms=term.lead_min_ms if term is not None else None,
        )


class Causal:
    """What was provably before what: by place in a record, and by what each entry had seen."""

    def __init__(self, feeds: Frames) -> None:
        self._feeds = feeds
        self._clock: dict[EntryRef, dict[FeedId, int]] = {}
        for feed, checked in feeds.items():
            for index in sorted(checked.frames):
                self._known(EntryRef(feed, index))

    def _known(self, ref: EntryRef) -> dict[FeedId, int]:
        """For each feed, how many of its entries are provably before this one. Without recursion:
        records are long, and what a forger wrote may go round in circles."""
        waiting = [ref]
        under: set[EntryRef] = set()
        while waiting:
            at = waiting[-1]
            if at in self._clock:
                waiting.pop()
                continue
            before = list(self._before(at))
            missing = [one for one in before if one not in self._clock and one not in under]
            under.add(at)
            if missing:
                waiting.extend(missing)
                continue
            clock: dict[FeedId, int] = {at.feed: at.index}
            for one in before:
                for feed, size in self._clock.get(one, {}).items():
                    clock[feed] = max(clock.get(feed, 0), size)
                clock[one.feed] = max(clock.get(one.feed, 0), one.index + 1)
            for feed, size in self._frame(at).seen.items():
                clock[feed] = max(clock.get(feed, 0), size)
            self._clock[at] = clock
            waiting.pop()
        return self._clock[ref]

    def _frame(self, ref: EntryRef) -> Frame:
        return self._feeds[ref.feed].frames[ref.index]

    def _before(self, ref: EntryRef) -> Iterator[EntryRef]:
        frames = self._feeds[ref.feed].frames
        if ref.index - 1 in frames:
            yield EntryRef(ref.feed, ref.index - 1)
        for feed, size in frames[ref.index].seen.items():
            if size and feed in self._feeds and size - 1 in self._feeds[feed].frames:
                yield EntryRef(feed, size - 1)

    def before(self, one: EntryRef, other: EntryRef) -> bool:
        """Whether one entry was provably written before another was."""
        return self._clock.get(other, {}).get(one.feed, 0) > one.index

    def depth(self, ref: EntryRef) -> int:
        """A number that rises along every proved order."""
        return sum(self._clock.get(ref, {}).values())


def about(entry: Entry) -> tuple[EntryRef, ...]:
    """The entries that an entry speaks of."""
    body = entry.body
    match body:
        case Answer():
            return (body.to,)
        case Amend():
            return (body.notice,)
        case Withdraw():
            return body.versions
        case Relay() | Relayed():
            return (body.of,)
        case Stop():
            return body.about
        case _:
            return tuple(getattr(body, "versions", ()))


def describe(entry: Entry) -> str:
    """A few words of what an entry says; they are its author's."""
    body = entry.body
    match body:
        case Notice():
            return f"{body.cls}: {body.label}"
        case Amend() | Open():
            return f"{body.to.cls}: {body.to.label}"
        case Answer():
            return f"{body.reply.value} to {body.to} by {body.role}"
        case Relayed():
            return f"{body.to} {body.outcome.value} of {body.of} by {body.means}"
        case Relay():
            return f"takes on telling {body.to} of {body.of}"
        case Message():
            return f"message {body.template}"
        case _:
            named = ", ".join(str(ref) for ref in about(entry))
            return named or str(getattr(body, "what", "") or getattr(body, "reason", ""))


__all__ = ["SLACK_MS", "Causal", "Clocks", "about", "describe", "events", "offsets", "order"]
