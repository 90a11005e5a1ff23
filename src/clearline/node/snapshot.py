"""A node's state as bytes: what a start would otherwise fold from the first entry on.

A snapshot is only a shortcut. It is bound to feed sizes; what the store holds beyond them is folded
by the ordinary path, and snapshot plus tail equals full replay (a property test says so). A
snapshot of another format or that does not fit the record is passed over.
"""

from typing import Final

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.ledger.merkle import Frontier
from clearline.model.entry import AheadItem, LinkReport
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Code
from clearline.model.time import Instant
from clearline.node.inbound import Mover
from clearline.node.state import LineState, State
from clearline.picture.situation import (
    Agreed,
    Answered,
    Ask,
    End,
    Ended,
    FeedState,
    Sealed,
    Told,
    Version,
)
from clearline.picture.steps import Steps, Times

FORMAT: Final = 5


class FeedImage(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A ``FeedState`` in plain containers."""

    feed: FeedId
    size: int
    t: Instant
    leaf: Digest
    times: bytes
    seen: list[tuple[FeedId, list[tuple[int, int]]]]
    refused: list[tuple[EntryRef, int, Code]]
    ahead: tuple[AheadItem, ...]
    terms: tuple[tuple[int, int], ...]
    joined: bool
    left: int | None
    live: list[Version]
    ended: list[Ended]
    ends: list[tuple[EntryRef, tuple[End, ...]]]
    answers: list[tuple[EntryRef, tuple[Answered, ...]]]
    coordinated: list[tuple[EntryRef, EntryRef, Agreed]]
    told: list[tuple[EntryRef, PartyId, Told]]
    asks: list[Ask]
    seals: list[Sealed]
    suspended: tuple[EntryRef, Instant, str] | None
    resumed: int | None
    links: tuple[LinkReport, ...]
    handover: tuple[str, Instant] | None
    rekeyed: int


class LineImage(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What of a line does not follow from its documents."""

    line: LineId
    feeds: list[FeedImage]
    arrived: list[tuple[EntryRef, Instant]]
    movers: list[Mover]
    mismatched: list[EntryRef]
    desk_size: int
    desk_peaks: tuple[bytes, ...]
    last_beat_entry: Instant


class Image(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A snapshot's content."""

    format: int
    lines: list[LineImage]

    def onto(self, ls: LineState) -> LineState:
        """The line with what the snapshot knows of it; unchanged if it knows nothing."""
        image = next((line for line in self.lines if line.line == ls.line), None)
        if image is None:
            return ls
        picture = ls.picture
        for feed in image.feeds:
            state = _feed_of(feed)
            picture = replace(picture, feeds=picture.feeds.insert(state.feed, state))
        mismatched = ls.mismatched
        for ref in image.mismatched:
            mismatched = mismatched.insert(ref)
        return replace(
            ls,
            picture=picture,
            arrived=HashTrieMap(image.arrived),
            movers=HashTrieMap([(mover.call_sign, mover) for mover in image.movers]),
            mismatched=mismatched,
            desk=Frontier(image.desk_size, image.desk_peaks),
            last_beat_entry=image.last_beat_entry,
        )


_DECODER: Final = msgspec.msgpack.Decoder(Image)


def write_image(state: State) -> bytes:
    """The state as a snapshot."""
    lines = [_line_image(ls) for _, ls in sorted(state.lines.items())]
    return msgspec.msgpack.encode(Image(format=FORMAT, lines=lines))


def read_image(raw: bytes) -> Image | None:
    """The snapshot, or None if it is of another format: then everything is folded anew."""
    try:
        image = _DECODER.decode(raw)
    except msgspec.MsgspecError:
        return None
    return image if image.format == FORMAT else None


def _line_image(ls: LineState) -> LineImage:
    return LineImage(
        line=ls.line,
        feeds=[_feed_image(state) for _, state in sorted(ls.picture.feeds.items())],
        arrived=sorted(ls.arrived.items()),
        movers=[mover for _, mover in sorted(ls.movers.items())],
        mismatched=sorted(ls.mismatched),
        desk_size=ls.desk.size,
        desk_peaks=ls.desk.peaks,
        last_beat_entry=ls.last_beat_entry,
    )


def _feed_image(state: FeedState) -> FeedImage:
    return FeedImage(
        feed=state.feed,
        size=state.size,
        t=state.t,
        leaf=state.leaf,
        times=state.times.tobytes(),
        seen=[(feed, steps.pairs()) for feed, steps in sorted(state.seen.items())],
        refused=[(ref, at, code) for ref, (at, code) in sorted(state.refused.items())],
        ahead=state.ahead,
        terms=state.terms,
        joined=state.joined,
        left=state.left,
        live=[version for _, version in sorted(state.live.items())],
        ended=[ended for _, ended in sorted(state.ended.items())],
        ends=sorted(state.ends.items(), key=lambda pair: pair[0]),
        answers=sorted(state.answers.items(), key=lambda pair: pair[0]),
        coordinated=[
            (pair[0], pair[1], agreed)
            for pair, agreed in sorted(state.coordinated.items(), key=lambda item: item[0])
        ],
        told=[
            (key[0], key[1], told)
            for key, told in sorted(state.told.items(), key=lambda item: item[0])
        ],
        asks=[ask for _, ask in sorted(state.asks.items())],
        seals=[sealed for _, sealed in sorted(state.seals.items())],
        suspended=state.suspended,
        resumed=state.resumed,
        links=state.links,
        handover=state.handover,
        rekeyed=state.rekeyed,
    )


def _feed_of(image: FeedImage) -> FeedState:
    return FeedState(
        feed=image.feed,
        size=image.size,
        t=image.t,
        leaf=image.leaf,
        times=Times.of(image.times),
        seen=HashTrieMap([(feed, Steps.of(pairs)) for feed, pairs in image.seen]),
        refused=HashTrieMap([(ref, (at, code)) for ref, at, code in image.refused]),
        ahead=image.ahead,
        terms=image.terms,
        joined=image.joined,
        left=image.left,
        live=HashTrieMap([(version.ref.index, version) for version in image.live]),
        ended=HashTrieMap([(ended.version.ref.index, ended) for ended in image.ended]),
        ends=HashTrieMap(image.ends),
        answers=HashTrieMap(image.answers),
        coordinated=HashTrieMap([((a, b), agreed) for a, b, agreed in image.coordinated]),
        told=HashTrieMap([((ref, party), told) for ref, party, told in image.told]),
        asks=HashTrieMap([(ask.ref.index, ask) for ask in image.asks]),
        seals=HashTrieMap([(sealed.ref.index, sealed) for sealed in image.seals]),
        suspended=image.suspended,
        resumed=image.resumed,
        links=image.links,
        handover=image.handover,
        rekeyed=image.rekeyed,
    )
