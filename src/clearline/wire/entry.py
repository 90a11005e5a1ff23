"""The outer frame of an entry: who, where in which feed, when, what has been seen. Not the meaning.

Checks in this order, so that every node refuses the same bytes for the same reason: size, syntax,
depth, numbers, canonical form, protocol version, closed frame, names, ranges, own feed, order.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from clearline.canonical import ENCODER, UNREADABLE, is_canonical, read_plain
from clearline.model.entry import PROTOCOL, AheadItem, Frame, Precedence, RefusedItem
from clearline.model.ids import FeedId, LineId
from clearline.model.limits import (
    AHEAD_MAX,
    ENTRY_BYTES_MAX,
    FEED_ENTRIES_MAX,
    FEEDS_MAX,
    NAME_CHARS_MAX,
    REFUSED_MAX,
)
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import Instant
from clearline.wire import clauses
from clearline.wire.rules import (
    bad_digest,
    bad_feed,
    bad_instant,
    known_feed_id,
    miscounted,
    outside,
    unsorted,
)
from clearline.wire.schema import fault, odd_name
from clearline.wire.text import bad_name

_FRAME: Final = msgspec.json.Decoder(Frame)


def read_frame(raw: bytes) -> Frame | Refusal:
    """The frame that the bytes state; the body stays bytes, known only to be canonical."""
    frame = read_frame_loosely(raw)
    if isinstance(frame, Frame) and not is_canonical(raw):
        return why_no_frame(raw)
    return frame


def read_frame_loosely(raw: bytes) -> Frame | Refusal:
    """The frame, with canonical form proved for all but the body: for who reads the body next."""
    if len(raw) > ENTRY_BYTES_MAX:
        params: dict[str, Param] = {"found": len(raw), "limit": ENTRY_BYTES_MAX}
        return Refusal(code=Code.TOO_LARGE, clause=clauses.SIZE, params=params)
    try:
        frame = _FRAME.decode(raw)
        if ENCODER.encode(frame) != raw:
            return why_no_frame(raw)
    except UNREADABLE:
        return why_no_frame(raw)
    if refusal := bad_frame(frame):
        return refusal if is_canonical(raw) else why_no_frame(raw)
    return frame


def why_no_frame(raw: bytes) -> Refusal:
    """The first fault of bytes that are no frame, in the stated order; slow, and thorough."""
    plain = read_plain(raw)
    if isinstance(plain, Refusal):
        return plain
    if isinstance(plain, dict) and type(v := plain.get("v")) is int and v != PROTOCOL:
        return Refusal(
            code=Code.UNKNOWN_VERSION, clause=clauses.VERSION, at="/v", params={"version": v}
        )
    outside_body = {**plain, "body": None} if isinstance(plain, dict) else plain
    if odd := odd_name(outside_body, ""):
        return odd
    try:
        frame = _FRAME.decode(raw)
    except msgspec.ValidationError as mismatch:
        return fault(str(mismatch), "")
    return bad_frame(frame) or Refusal(
        code=Code.NOT_CANONICAL, clause=clauses.FORM, params={"reason": "default-spelled-out"}
    )


def bad_frame(frame: Frame) -> Refusal | None:
    """What is wrong with a frame's values, if anything."""
    return (
        _bad_version(frame)
        or bad_digest(frame.line, "/line")
        or bad_feed(frame.feed, "/feed")
        or outside(frame.index, 0, FEED_ENTRIES_MAX - 1, "/index")
        or bad_instant(frame.t, "/t")
        or bad_name(frame.kind[: NAME_CHARS_MAX + 1], "/kind", Code.UNKNOWN_KIND)
        or _bad_seen(frame)
        or (_bad_ahead(frame.ahead, frame) if frame.ahead else None)
        or (_bad_refused(frame.refused, frame) if frame.refused else None)
    )


def write_frame(frame: Frame) -> bytes:
    """The bytes of a frame. Raises ValueError for one that would be refused."""
    raw = ENCODER.encode(frame)
    if isinstance(back := read_frame(raw), Refusal):
        raise ValueError(f"this frame would be refused: {back}")
    return raw


def make_frame(
    *,
    line: LineId,
    feed: FeedId,
    index: int,
    t: Instant,
    prec: Precedence,
    seen: Mapping[FeedId, int],
    kind: str,
    body: bytes,
    ahead: Sequence[AheadItem] = (),
    refused: Sequence[RefusedItem] = (),
) -> Frame:
    """A frame of this protocol version around canonical body bytes; lists are put in order."""
    return Frame(
        v=PROTOCOL,
        line=line,
        feed=feed,
        index=index,
        t=t,
        prec=prec,
        seen=dict(seen),
        kind=kind,
        body=msgspec.Raw(body),
        ahead=tuple(sorted(ahead)),
        refused=tuple(sorted(refused)),
    )


def _bad_version(frame: Frame) -> Refusal | None:
    if frame.v == PROTOCOL:
        return None
    params: dict[str, Param] = {"version": frame.v}
    return Refusal(code=Code.UNKNOWN_VERSION, clause=clauses.VERSION, at="/v", params=params)


def _bad_seen(frame: Frame) -> Refusal | None:
    seen = frame.seen
    if len(seen) > FEEDS_MAX:
        return miscounted(len(seen), 0, FEEDS_MAX, "/seen")
    for feed, size in seen.items():
        if not known_feed_id(feed):
            return Refusal(code=Code.BAD_FIELD, clause=clauses.NAMES, at="/seen")
        if not 0 <= size <= FEED_ENTRIES_MAX:
            return outside(size, 0, FEED_ENTRIES_MAX, f"/seen/{feed}")
    return _own(frame.feed, "/seen") if frame.feed in seen else None


def _own(feed: FeedId, at: str) -> Refusal:
    params: dict[str, Param] = {"feed": feed}
    return Refusal(code=Code.SEEN_OWN_FEED, clause=clauses.OWN_FEED, at=at, params=params)


def _bad_item(item: AheadItem | RefusedItem, own: FeedId, at: str) -> Refusal | None:
    return (
        bad_feed(item.feed, f"{at}/0")
        or outside(item.index, 0, FEED_ENTRIES_MAX - 1, f"{at}/1")
        or bad_digest(item.leaf, f"{at}/2")
        or (_own(own, f"{at}/0") if item.feed == own else None)
    )


def _places(items: Sequence[AheadItem] | Sequence[RefusedItem]) -> list[tuple[FeedId, int]]:
    return [(item.feed, item.index) for item in items]


def _bad_ahead(items: Sequence[AheadItem], frame: Frame) -> Refusal | None:
    if refusal := miscounted(len(items), 0, AHEAD_MAX * FEEDS_MAX, "/ahead"):
        return refusal
    count: dict[FeedId, int] = {}
    for place, item in enumerate(items):
        if refusal := _bad_item(item, frame.feed, f"/ahead/{place}"):
            return refusal
        if item.index < frame.seen.get(item.feed, 0):
            params: dict[str, Param] = {"feed": item.feed, "index": item.index}
            return Refusal(
                code=Code.BAD_ORDER, clause=clauses.AHEAD, at=f"/ahead/{place}/1", params=params
            )
        count[item.feed] = count.get(item.feed, 0) + 1
        if count[item.feed] > AHEAD_MAX:
            return miscounted(count[item.feed], 0, AHEAD_MAX, "/ahead")
    return unsorted(_places(items), "/ahead")


def _bad_refused(items: Sequence[RefusedItem], frame: Frame) -> Refusal | None:
    if refusal := miscounted(len(items), 0, REFUSED_MAX, "/refused"):
        return refusal
    for place, item in enumerate(items):
        if refusal := _bad_item(item, frame.feed, f"/refused/{place}"):
            return refusal
    return unsorted(_places(items), "/refused")
