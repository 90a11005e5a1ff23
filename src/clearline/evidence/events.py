"""What was said: entries with both clocks, receipts and leads; what came provably before what."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from clearline.evidence.facts import (
    Checked,
    Event,
    Lead,
    Origin,
)
from clearline.model.entry import (
    BARE,
    Amend,
    Answer,
    Entry,
    Frame,
    Kind,
    Message,
    Notice,
    Open,
    Relay,
    Relayed,
    Stop,
    Withdraw,
)
from clearline.model.ids import Digest, EntryRef, FeedId, PartyId, parse_ref, party_of
from clearline.model.time import Instant
from clearline.picture.origins import ORIGIN
from clearline.trust.agreement import class_of
from clearline.trust.roster import Roster

Frames = Mapping[FeedId, Checked]


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
    found = bisect_right(steps, index, key=lambda step: step[0])
    return steps[found][1] if found < len(steps) else None


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


def origins(entries: Sequence[Entry]) -> tuple[Origin, ...]:
    """Entries that tell of the same thing, by what they lead back to: a relay of a relay, one
    attachment sent on in many messages, and reports that name where it was first told, the first
    one included, are one origin (FM22)."""
    messages = {entry.ref: entry.body for entry in entries if isinstance(entry.body, Message)}
    of = {
        entry.ref: target
        for entry in entries
        if isinstance(target := getattr(entry.body, "of", None), EntryRef)
        and entry.kind in (Kind.RELAY, Kind.RELAYED)
    }
    groups: dict[str, list[EntryRef]] = {}
    for entry in entries:
        if entry.ref in of:
            groups.setdefault(str(_root(entry.ref, of)), []).append(entry.ref)
        elif isinstance(entry.body, Message):
            told_first = _told_first(entry.ref, messages)
            if told_first is not None:
                group = groups.setdefault(str(told_first), [])
                group += [ref for ref in (told_first, entry.ref) if ref not in group]
            for digest in sorted({attached.sha256 for attached in entry.body.attachments}):
                groups.setdefault(_attachment(digest), []).append(entry.ref)
    return tuple(
        Origin(
            origin=origin,
            reports=tuple(sorted(refs)),
            parties=tuple(sorted({party_of(ref.feed) for ref in refs})),
        )
        for origin, refs in sorted(groups.items())
    )


def _told_first(ref: EntryRef, messages: Mapping[EntryRef, Message]) -> EntryRef | None:
    """Where a report was first told, over however many hands; None where it names nobody's."""
    been = {ref}
    at = _names(messages[ref])
    while at is not None:
        been.add(at)
        before = _names(messages[at]) if at in messages else None
        if before is None or before in been:
            return at
        at = before
    return None


def _names(body: Message) -> EntryRef | None:
    for blank in body.fields:
        if blank.name == ORIGIN and isinstance(blank.value, str):
            try:
                return parse_ref(blank.value)
            except ValueError:
                return None
    return None


def _attachment(digest: Digest) -> str:
    return f"attachment {digest}"


def _root(ref: EntryRef, of: dict[EntryRef, EntryRef]) -> EntryRef:
    been: set[EntryRef] = set()
    while ref in of and ref not in been:
        been.add(ref)
        ref = of[ref]
    return ref
