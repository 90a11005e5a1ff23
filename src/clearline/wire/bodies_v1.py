"""Bodies of protocol version 1, kind by kind: bytes to meaning, and everything bytes alone decide.

What needs the agreement, the feeds or geometry (an unknown class, a reference to what is not there,
a ring that crosses itself) is judged later, by ``picture`` and ``conflict``.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from clearline.canonical import ENCODER, UNREADABLE, read_plain, why_not
from clearline.model.entry import (
    BODIES,
    AheadItem,
    Body,
    Entry,
    Frame,
    Kind,
    Precedence,
    RefusedItem,
)
from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.limits import LABEL_CHARS_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import Instant
from clearline.wire import clauses
from clearline.wire.entry import make_frame, read_frame_loosely
from clearline.wire.meaning import bad_body
from clearline.wire.schema import fault, odd_name

_DECODERS: Final[Mapping[str, msgspec.json.Decoder[Body]]] = {
    kind.value: msgspec.json.Decoder(body) for kind, body in BODIES.items()
}


def read_entry(raw: bytes, leaf: Digest) -> Entry | Refusal:
    """The entry that the bytes state; ``leaf`` is the leaf hash under which its feed holds it."""
    frame = read_frame_loosely(raw)
    if isinstance(frame, Refusal):
        return frame
    body = read_body(frame)
    if isinstance(body, Refusal):  # faults of form in the whole come before faults of meaning
        return why_not(raw) or body
    return Entry(
        line=frame.line,
        feed=frame.feed,
        index=frame.index,
        t=frame.t,
        prec=frame.prec,
        seen=frame.seen,
        body=body,
        leaf=leaf,
        ahead=frame.ahead,
        refused=frame.refused,
    )


def read_body(frame: Frame) -> Body | Refusal:
    """The body of a frame, checked."""
    raw = bytes(frame.body)
    decoder = _DECODERS.get(frame.kind)
    if decoder is None:
        params: dict[str, Param] = {"kind": frame.kind}
        unknown = Refusal(code=Code.UNKNOWN_KIND, clause=clauses.KIND, at="/kind", params=params)
        return _malformed(raw) or unknown
    try:
        body = decoder.decode(raw)
    except UNREADABLE as mismatch:
        return _malformed(raw) or _misfit(raw, str(mismatch))
    if ENCODER.encode(body) != raw:
        return _malformed(raw) or Refusal(
            code=Code.NOT_CANONICAL,
            clause=clauses.FORM,
            at="/body",
            params={"reason": "default-spelled-out"},
        )
    if refusal := bad_body(body, frame.feed, frame.index):
        return _malformed(raw) or refusal
    return body


def compose(
    *,
    line: LineId,
    feed: FeedId,
    index: int,
    t: Instant,
    prec: Precedence,
    seen: Mapping[FeedId, int],
    body: Body,
    ahead: Sequence[AheadItem] = (),
    refused: Sequence[RefusedItem] = (),
) -> bytes:
    """The canonical bytes of one's own next entry.

    Raises ValueError for one that would be refused: what a person asked for is judged first, with
    ``judge``, and bytes that nobody would admit must never reach a feed.
    """
    raw = ENCODER.encode(
        make_frame(
            line=line,
            feed=feed,
            index=index,
            t=t,
            prec=prec,
            seen=seen,
            kind=body.kind,
            body=ENCODER.encode(body),
            ahead=ahead,
            refused=refused,
        )
    )
    if isinstance(back := read_entry(raw, Digest("")), Refusal):
        raise ValueError(f"this entry would be refused: {back}")
    return raw


def judge(body: Body, feed: FeedId, index: int) -> Refusal | None:
    """What every node would refuse in this body at this place, before it is written. A surrogate
    in its text is found here too, so that ``compose`` can encode what passes."""
    return bad_body(body, feed, index)


def kind_of(frame: Frame) -> Kind | None:
    """The frame's kind, or None for one that this version does not know."""
    return Kind(frame.kind) if frame.kind in _DECODERS else None


def _malformed(raw: bytes) -> Refusal | None:
    """A fault of form in the body, pointed at from the whole entry."""
    refusal = why_not(raw)
    return refusal and msgspec.structs.replace(refusal, at=f"/body{refusal.at}")


def _misfit(raw: bytes, message: str) -> Refusal:
    """A canonical body that is not the record of its kind. A notice without a place names the label
    that it gave instead (FM03)."""
    plain = read_plain(raw)
    if isinstance(plain, Refusal):
        return plain
    refusal = odd_name(plain, "/body") or fault(message, "/body")
    if refusal.code is not Code.NO_GEOMETRY:
        return refusal
    label = plain.get("label") if isinstance(plain, dict) else None
    if not isinstance(label, str):
        return refusal
    params: dict[str, Param] = {**refusal.params, "label": label[:LABEL_CHARS_MAX]}
    return msgspec.structs.replace(refusal, params=params)
