"""A node's state as parts of bytes: what a start would otherwise fold from the first entry on.

A snapshot is only a shortcut. It is bound to feed sizes; what the store holds beyond them is folded
by the ordinary path, and snapshot plus tail equals full replay (a property test says so). A
snapshot of another format or that does not fit the record is passed over.

It comes in parts of bounded size, made and taken one by one, so that neither writing nor reading
one stops a node that holds millions of entries. Their order among themselves is that of the maps.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.canonical import UNREADABLE
from clearline.ledger.merkle import Frontier
from clearline.model.entry import AheadItem, LinkReport
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Code
from clearline.model.sighting import Binding
from clearline.model.time import Instant
from clearline.node.inbound import Mover
from clearline.node.sighted import LiveFinding
from clearline.node.state import LineState, State
from clearline.picture.fold import Touched, note_touched
from clearline.picture.situation import (
    Agreed,
    AgreedArea,
    Answered,
    Ask,
    End,
    Ended,
    FeedState,
    Sealed,
    Told,
    Version,
)
from clearline.picture.steps import Steps

FORMAT: Final = 7
PART_BYTES: Final = 64 << 10
"""About how large a part is: some milliseconds to write, store, read or take."""
PART_ITEMS: Final = 1_024
TIMES_AT_ONCE: Final = 8_192


class Head(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a snapshot is: its format, how many parts it has, how many entries it covers."""

    format: int
    parts: int
    entries: int


class _Part(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    line: LineId
    feed: FeedId


class FeedPart(_Part, frozen=True, kw_only=True, array_like=True, tag="feed"):
    """What is small of a ``FeedState``; the rest follows in parts of their own."""

    size: int
    t: Instant
    leaf: Digest
    ahead: tuple[AheadItem, ...]
    terms: tuple[tuple[int, int], ...]
    joined: bool
    left: int | None
    suspended: tuple[EntryRef, Instant, str] | None
    resumed: int | None
    links: tuple[LinkReport, ...]
    handover: tuple[str, Instant] | None
    rekeyed: int


class TimesPart(_Part, frozen=True, kw_only=True, array_like=True, tag="times"):
    """The issuer's times of the next entries, eight bytes each."""

    raw: bytes


class SeenPart(_Part, frozen=True, kw_only=True, array_like=True, tag="seen"):
    """The next steps of how far it had seen the feed ``of``."""

    of: FeedId
    steps: list[tuple[int, int]]


class RefusedPart(_Part, frozen=True, kw_only=True, array_like=True, tag="refused"):
    """What the author could not read."""

    items: list[tuple[EntryRef, tuple[int, Code]]]


class LivePart(_Part, frozen=True, kw_only=True, array_like=True, tag="live"):
    """Live versions."""

    items: list[tuple[int, Version]]


class EndedPart(_Part, frozen=True, kw_only=True, array_like=True, tag="ended"):
    """Versions that were ended."""

    items: list[tuple[int, Ended]]


class EndsPart(_Part, frozen=True, kw_only=True, array_like=True, tag="ends"):
    """Ends of entries in earlier epochs."""

    items: list[tuple[EntryRef, tuple[End, ...]]]


class AnswersPart(_Part, frozen=True, kw_only=True, array_like=True, tag="answers"):
    """Answers, by what they answer."""

    items: list[tuple[EntryRef, tuple[Answered, ...]]]


class CoordinatedPart(_Part, frozen=True, kw_only=True, array_like=True, tag="coordinated"):
    """Pairs that its author has coordinated."""

    items: list[tuple[tuple[EntryRef, EntryRef], Agreed]]


class StandingPart(_Part, frozen=True, kw_only=True, array_like=True, tag="standing"):
    """Standing coordinations that its author has signed."""

    items: list[tuple[int, AgreedArea]]


class ToldPart(_Part, frozen=True, kw_only=True, array_like=True, tag="told"):
    """Which represented party was told of what."""

    items: list[tuple[tuple[EntryRef, PartyId], Told]]


class AsksPart(_Part, frozen=True, kw_only=True, array_like=True, tag="asks"):
    """What asks others for an answer."""

    items: list[tuple[int, Ask]]


class SealsPart(_Part, frozen=True, kw_only=True, array_like=True, tag="seals"):
    """Commitments."""

    items: list[tuple[int, Sealed]]


class LinePart(_Part, frozen=True, kw_only=True, array_like=True, tag="line"):
    """What is small of a line and does not follow from its documents; ``feed`` is our own."""

    movers: list[Mover]
    bound: list[Binding]
    live: list[LiveFinding]
    mismatched: list[EntryRef]
    desk_size: int
    desk_peaks: tuple[bytes, ...]
    last_beat_entry: Instant


class ArrivedPart(_Part, frozen=True, kw_only=True, array_like=True, tag="arrived"):
    """When entries that ask something of people reached this node; ``feed`` is our own."""

    items: list[tuple[EntryRef, Instant]]


Part = (
    FeedPart | TimesPart | SeenPart | RefusedPart | LivePart | EndedPart | EndsPart | AnswersPart
    | CoordinatedPart | StandingPart | ToldPart | AsksPart | SealsPart | LinePart | ArrivedPart
)  # fmt: skip

_HEAD: Final = msgspec.msgpack.Decoder(Head)
_PART: Final = msgspec.msgpack.Decoder(Part)
_encode: Final = msgspec.msgpack.Encoder().encode


def write_head(parts: int, entries: int) -> bytes:
    """What the finished snapshot says of itself."""
    return _encode(Head(format=FORMAT, parts=parts, entries=entries))


def read_head(raw: bytes) -> Head | None:
    """What a snapshot is, or None if it is of another format: then it is passed over."""
    try:
        head = _HEAD.decode(raw)
    except UNREADABLE:
        return None
    return head if head.format == FORMAT else None


def read_part(raw: bytes) -> Part | None:
    """A part, or None if it is none of this format."""
    try:
        part: Part = _PART.decode(raw)
    except UNREADABLE:
        return None
    return part


def entries_of(state: State) -> int:
    """How many entries a snapshot of the state covers."""
    return sum(feed.size for ls in state.lines.values() for feed in ls.picture.feeds.values())


# -- writing


def write_parts(state: State, *, part_bytes: int = PART_BYTES) -> Iterator[bytes]:
    """The state in parts, each made when it is asked for. The state is immutable: the node may go
    on between two parts."""
    for _, ls in sorted(state.lines.items()):
        assert ls.loading is None, "a state that is not whole is not kept"
        yield _encode(
            LinePart(
                line=ls.line, feed=ls.feed,
                movers=[mover for _, mover in sorted(ls.movers.items())],
                bound=[binding for _, binding in sorted(ls.bound.items())],
                live=[finding for _, finding in sorted(ls.live.items())],
                mismatched=sorted(ls.mismatched), desk_size=ls.desk.size,
                desk_peaks=ls.desk.peaks, last_beat_entry=ls.last_beat_entry,
            )
        )  # fmt: skip
        yield from _divided("arrived", ls.line, ls.feed, ls.arrived.items(), part_bytes)
        for _, feed in sorted(ls.picture.feeds.items()):
            yield from _feed_parts(ls.line, feed, part_bytes)


def _feed_parts(line: LineId, state: FeedState, part_bytes: int) -> Iterator[bytes]:
    feed = state.feed
    yield _encode(
        FeedPart(
            line=line, feed=feed, size=state.size, t=state.t, leaf=state.leaf, ahead=state.ahead,
            terms=state.terms, joined=state.joined, left=state.left, suspended=state.suspended,
            resumed=state.resumed, links=state.links, handover=state.handover,
            rekeyed=state.rekeyed,
        )
    )  # fmt: skip
    for first in range(0, len(state.times), TIMES_AT_ONCE):
        raw = state.times.tobytes(first, first + TIMES_AT_ONCE)
        yield _encode(TimesPart(line=line, feed=feed, raw=raw))
    for of, steps in sorted(state.seen.items()):
        for first in range(0, len(steps), PART_ITEMS):
            pairs = steps.pairs(first, first + PART_ITEMS)
            yield _encode(SeenPart(line=line, feed=feed, of=of, steps=pairs))
    maps: tuple[tuple[str, Iterable[object]], ...] = (
        ("refused", state.refused.items()), ("live", state.live.items()),
        ("ended", state.ended.items()), ("ends", state.ends.items()),
        ("answers", state.answers.items()), ("coordinated", state.coordinated.items()),
        ("standing", state.standing.items()),
        ("told", state.told.items()), ("asks", state.asks.items()), ("seals", state.seals.items()),
    )  # fmt: skip
    for tag, items in maps:
        yield from _divided(tag, line, feed, items, part_bytes)


def _divided(
    tag: str, line: LineId, feed: FeedId, items: Iterable[object], part_bytes: int
) -> Iterator[bytes]:
    """A map in parts of bounded size. Its pairs are encoded once, and set into the part as they
    are."""
    gathered: list[msgspec.Raw] = []
    size = 0
    for item in items:
        raw = _encode(item)
        gathered.append(msgspec.Raw(raw))
        size += len(raw)
        if size >= part_bytes or len(gathered) >= PART_ITEMS:
            yield _encode([tag, line, feed, gathered])
            gathered, size = [], 0
    if gathered:
        yield _encode([tag, line, feed, gathered])


# -- reading


def take_part(ls: LineState, part: Part) -> LineState:
    """The line with one part more. Parts of a feed follow its ``FeedPart``."""
    match part:
        case LinePart():
            mismatched = ls.mismatched
            for ref in part.mismatched:
                mismatched = mismatched.insert(ref)
            return replace(
                ls,
                movers=HashTrieMap([(mover.call_sign, mover) for mover in part.movers]),
                bound=HashTrieMap([(each.call_sign, each) for each in part.bound]),
                live=HashTrieMap([(each.key, each) for each in part.live]),
                mismatched=mismatched,
                desk=Frontier(part.desk_size, part.desk_peaks),
                last_beat_entry=part.last_beat_entry,
            )
        case ArrivedPart():
            return replace(ls, arrived=ls.arrived.update(dict(part.items)))
        case FeedPart():
            state = FeedState(
                feed=part.feed, size=part.size, t=part.t, leaf=part.leaf, ahead=part.ahead,
                terms=part.terms, joined=part.joined, left=part.left, suspended=part.suspended,
                resumed=part.resumed, links=part.links, handover=part.handover,
                rekeyed=part.rekeyed,
            )  # fmt: skip
        case _:
            state = _with_items(ls.picture.feed(part.feed), part)
    feeds = ls.picture.feeds.insert(part.feed, state)
    return replace(ls, picture=replace(ls.picture, feeds=feeds))


def _with_items(
    state: FeedState,
    part: TimesPart | SeenPart | RefusedPart | LivePart | EndedPart | EndsPart | AnswersPart
    | CoordinatedPart | StandingPart | ToldPart | AsksPart | SealsPart,
) -> FeedState:  # fmt: skip
    match part:
        case TimesPart():
            return replace(state, times=state.times.extended(part.raw))
        case SeenPart():
            steps = (state.seen.get(part.of) or Steps()).extended(part.steps)
            return replace(state, seen=state.seen.insert(part.of, steps))
        case RefusedPart():
            return replace(state, refused=state.refused.update(dict(part.items)))
        case LivePart():
            touched = _with_touched(state, ((n, version.ends) for n, version in part.items))
            return replace(state, live=state.live.update(dict(part.items)), touched=touched)
        case EndedPart():
            touched = _with_touched(state, ((n, each.version.ends) for n, each in part.items))
            return replace(state, ended=state.ended.update(dict(part.items)), touched=touched)
        case EndsPart():
            return replace(state, ends=state.ends.update(dict(part.items)))
        case AnswersPart():
            said = {one.ref.index: to for to, every in part.items for one in every}
            return replace(
                state,
                answers=state.answers.update(dict(part.items)),
                said_to=state.said_to.update(said),
            )
        case CoordinatedPart():
            return replace(state, coordinated=state.coordinated.update(dict(part.items)))
        case StandingPart():
            return replace(state, standing=state.standing.update(dict(part.items)))
        case ToldPart():
            return replace(state, told=state.told.update(dict(part.items)))
        case AsksPart():
            return replace(state, asks=state.asks.update(dict(part.items)))
        case SealsPart():
            return replace(state, seals=state.seals.update(dict(part.items)))


def _with_touched(state: FeedState, ended: Iterable[tuple[int, tuple[End, ...]]]) -> Touched:
    """Which entries ended or shortened which versions: every version says who ended it."""
    found: dict[int, set[int]] = {}
    for place, ends in ended:
        for end in ends:
            found.setdefault(end.by.index, set()).add(place)
    touched = state.touched
    for by, places in found.items():
        touched = note_touched(touched, by, tuple(sorted(places)))
    return touched


def fits(ls: LineState, sizes: dict[FeedId, int]) -> bool:
    """Whether a snapshot is of the record as it is held: no feed longer than the store's, and each
    whole in itself."""
    return all(
        state.size <= sizes.get(feed, 0) and len(state.times) == state.size
        for feed, state in ls.picture.feeds.items()
    )
