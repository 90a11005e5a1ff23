"""What two nodes say to each other on a connection: messages around entries, never in a feed.

A message is one form byte and one MessagePack array ``[tag, field, ...]`` in the order of the
record's fields: form 0 is plain, form 1 a whole zlib stream of it. MessagePack carries entries,
salts and hashes as the bytes that they are; on 64 kbit/s base64 would cost a third more. Nothing
here is hashed as it stands; what is signed (``Beat``) is signed over canonical JSON.

Limits stand in the types, so that a decoder stops at the first excess and never reserves for it.
A message is either read whole or refused (CL-MSG-001, 002); decoders never raise.
"""

import hashlib
import zlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from clearline.canonical import UNREADABLE, Plain, encode
from clearline.model.ids import (
    DIGEST_PATTERN,
    FEED_PATTERN,
    PARTY_PATTERN,
    Digest,
    FeedId,
    LineId,
    PartyId,
)
from clearline.model.limits import (
    ATTACHMENT_BYTES_MAX,
    DOCUMENT_BYTES_MAX,
    DOCUMENTS_MAX,
    ENTRY_BYTES_MAX,
    FEED_ENTRIES_MAX,
    FEEDS_MAX,
    INTEGER_MAX,
    ITEMS_MAX,
    LABEL_CHARS_MAX,
    LINK_BYTES_MAX,
    NAME_CHARS_MAX,
    NOTE_BYTES_MAX,
    PIECE_BYTES_MAX,
    PROOF_HASHES_MAX,
    TEXT_CHARS_MAX,
)
from clearline.model.refusal import Code, Refusal
from clearline.model.time import INSTANT_MAX, Instant
from clearline.wire import clauses

_Line = Annotated[LineId, msgspec.Meta(pattern=rf"\A{DIGEST_PATTERN}\Z")]
_Party = Annotated[PartyId, msgspec.Meta(pattern=rf"\A{PARTY_PATTERN}\Z")]
_Feed = Annotated[FeedId, msgspec.Meta(pattern=rf"\A{FEED_PATTERN}\Z")]
_Digest = Annotated[Digest, msgspec.Meta(pattern=rf"\A{DIGEST_PATTERN}\Z")]
_Size = Annotated[int, msgspec.Meta(ge=0, le=FEED_ENTRIES_MAX)]
_Index = Annotated[int, msgspec.Meta(ge=0, lt=FEED_ENTRIES_MAX)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=INTEGER_MAX)]
_Instant = Annotated[Instant, msgspec.Meta(ge=0, le=INSTANT_MAX)]
_Held = Annotated[dict[_Feed, _Size], msgspec.Meta(max_length=FEEDS_MAX)]
_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Proof = Annotated[tuple[_Hash, ...], msgspec.Meta(max_length=PROOF_HASHES_MAX)]
_Note = Annotated[str, msgspec.Meta(max_length=NOTE_BYTES_MAX)]
_Notes = Annotated[tuple[_Note, ...], msgspec.Meta(max_length=FEEDS_MAX)]
_Entry = Annotated[bytes, msgspec.Meta(max_length=ENTRY_BYTES_MAX)]
_Label = Annotated[str, msgspec.Meta(max_length=LABEL_CHARS_MAX)]
_Name = Annotated[str, msgspec.Meta(pattern=rf"\A[a-z][a-z0-9-]{{0,{NAME_CHARS_MAX - 1}}}\Z")]
_Paper = Annotated[bytes, msgspec.Meta(max_length=DOCUMENT_BYTES_MAX)]


class Channel(StrEnum):
    """The two standing connections of a pair of nodes on a line: FLASH and heartbeats never wait
    behind a backlog."""

    BULK = "bulk"
    FLASH = "flash"


class _Record(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    array_like=True,
    forbid_unknown_fields=True,
):
    """One record of the link: an array in the order of its fields, with none added."""


class Hello(_Record, frozen=True, tag="hello"):
    """First on a connection, from both ends: who speaks, for which line, on which of the pair's two
    connections, and what it holds; ``proved``: sizes of checkpoints beyond that which were shown to
    it, so that one who was restored hears of entries that nobody has brought it yet.
    ``documents`` is ``documents_digest`` of all that it holds of the line's signed documents: where
    the two differ, each sends its own before any entry. ``shown`` is the newest checkpoint of the
    addressee's own newest feed that the sender holds: it proves to one who was restored that more
    of it exists."""

    line: _Line
    party: _Party
    channel: Channel
    held: _Held
    documents: _Digest
    software: _Label
    proved: _Held
    shown: _Note = ""


class Item(_Record, frozen=True):
    """One entry as its feed commits to it: SHA-256(salt || entry)."""

    salt: _Hash
    entry: _Entry


class Push(_Record, frozen=True, tag="push"):
    """A stretch of a feed, ``first`` being the index of the first item, under a checkpoint of at
    least its end. Documents that it needs (a manifest, an opening, terms) went before it on the
    same connection. It is answered by Held, or by Refused and Held."""

    line: _Line
    feed: _Feed
    first: _Index
    items: Annotated[tuple[Item, ...], msgspec.Meta(max_length=ITEMS_MAX)]
    checkpoint: _Note
    consistency: _Proof = ()


class Held(_Record, frozen=True, tag="held"):
    """What the sender holds, stored and processed: for each feed the contiguous length.

    ``answers``: how many Push and Flash of this connection the sender has dealt with, in order. A
    repeat of what is held already is answered too."""

    line: _Line
    held: _Held
    answers: _Count = 0


class Flash(_Record, frozen=True, tag="flash"):
    """One entry that overtakes a backlog, with all that proves it: its inclusion in ``checkpoint``,
    and that checkpoint's consistency with the last one the addressee held (of ``old_size``).
    Documents that it needs went before it; it is answered as a Push is."""

    line: _Line
    feed: _Feed
    index: _Index
    salt: _Hash
    entry: _Entry
    inclusion: _Proof
    checkpoint: _Note
    old_size: _Size
    consistency: _Proof


class Pull(_Record, frozen=True, tag="pull"):
    """Asks for a feed from an index on."""

    line: _Line
    feed: _Feed
    first: _Size
    limit: Annotated[int, msgspec.Meta(ge=1, le=ITEMS_MAX)]


class Echo(_Record, frozen=True):
    """The peer's last heartbeat as it arrived: its number, its time of sending (the peer's clock),
    its time of arrival (the sender's own clock)."""

    sequence: _Count
    sent: _Instant
    received: _Instant


class Beat(_Record, frozen=True, tag="beat"):
    """A signed statement that the sender is there. With ``echo`` and the arrival of this one its
    receiver has four times of one round trip, and so its age, and the clocks' offset.

    ``reply`` says that it answers a heartbeat, and needs no answer itself. ``desk`` is the
    checkpoint of the sender's private desk record, ``newest`` the newest checkpoints that it holds
    of feeds, its own first; a long list goes in turns, NOTES_AT_ONCE to a heartbeat.

    The signature is over ``beat_bytes``, by any key that the receiver's documents name as one of
    the sender's node keys for this line now: a key of role ``node`` in its newest manifest, whose
    ``lines`` are empty or hold this one; or the key of the newest epoch opened for it. A heartbeat
    has no place in a feed, so no size picks one of them.
    """

    line: _Line
    sender: _Party
    to: _Party
    sequence: _Count
    sent: _Instant
    echo: Echo | None
    reply: bool
    desk: _Note | None
    newest: _Notes
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


class Refused(_Record, frozen=True, tag="refused"):
    """Why a message of the other's was not taken. ``answers`` numbers the Push or Flash that is
    refused as ``Held.answers`` does; 0: it was another message."""

    line: _Line
    refusal: Refusal
    answers: _Count = 0


class WantPiece(_Record, frozen=True, tag="want-piece"):
    """Asks for an attachment from an offset on."""

    line: _Line
    digest: _Digest
    offset: Annotated[int, msgspec.Meta(ge=0, le=ATTACHMENT_BYTES_MAX)]


class Piece(_Record, frozen=True, tag="piece"):
    """A piece of an attachment of ``total`` bytes."""

    line: _Line
    digest: _Digest
    offset: Annotated[int, msgspec.Meta(ge=0, le=ATTACHMENT_BYTES_MAX)]
    content: Annotated[bytes, msgspec.Meta(max_length=PIECE_BYTES_MAX)]
    total: Annotated[int, msgspec.Meta(ge=0, le=ATTACHMENT_BYTES_MAX)]


class Document(_Record, frozen=True):
    """A signed document (agreement, manifest, epoch, fork, ...) in its canonical bytes."""

    kind: _Name
    content: _Paper


class Documents(_Record, frozen=True, tag="documents"):
    """Documents of a line, in the order in which they are to be verified."""

    line: _Line
    items: Annotated[tuple[Document, ...], msgspec.Meta(max_length=DOCUMENTS_MAX)]


LinkMessage = (
    Hello | Push | Held | Flash | Pull | Beat | Refused | WantPiece | Piece | Documents
)  # fmt: skip

PLAIN: Final = 0
DEFLATED: Final = 1
DEFLATE_FROM: Final = 200
"""Below this zlib's header and a cold window gain nothing."""
WORDS_MAX: Final = 64
"""Texts in a refusal that is sent back: no code states more than a few facts."""
NOTES_AT_ONCE: Final = 8
"""Checkpoints in one heartbeat: 3 kB, less than half a second at 64 kbit/s."""
BEAT_CONTEXT: Final = b"clearline beat 1\n"
"""Stands before what a heartbeat signs, so that it can be taken for nothing else that is signed."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final[msgspec.msgpack.Decoder[LinkMessage]] = msgspec.msgpack.Decoder(LinkMessage)


def write_message(message: LinkMessage) -> bytes:
    """The bytes of a message, deflated where that is shorter.

    Raises ValueError for one that its receiver would refuse: a caller divides what is too long.
    """
    plain = _ENCODER.encode(message)
    if isinstance(refusal := _read_plain(plain), Refusal):
        raise ValueError(f"this message would be refused: {refusal}")
    if len(plain) >= DEFLATE_FROM and len(deflated := zlib.compress(plain)) < len(plain):
        return bytes((DEFLATED,)) + deflated
    return bytes((PLAIN,)) + plain


def read_message(raw: bytes) -> LinkMessage | Refusal:
    """The message that the bytes state. Never raises, and never holds more than LINK_BYTES_MAX."""
    if len(raw) > LINK_BYTES_MAX + 1:
        return _too_large(len(raw))
    if raw[:1] == bytes((PLAIN,)):
        return _read_plain(raw[1:])
    if raw[:1] != bytes((DEFLATED,)):
        return _no_message("form")
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(raw[1:], LINK_BYTES_MAX + 1)
    except zlib.error:
        return _no_message("zlib")
    if len(plain) > LINK_BYTES_MAX:
        return _too_large(len(plain))
    if not stream.eof or stream.unused_data:
        return _no_message("zlib")
    return _read_plain(plain)


def beat_bytes(beat: Beat) -> bytes:
    """What a heartbeat signs: BEAT_CONTEXT, then the canonical JSON of its fields by name, without
    the signature; what is None is absent.

    ``{"desk":…,"echo":{"received":…,"sent":…,"sequence":…},"line":…,"newest":[…],"reply":…,
    "sender":…,"sent":…,"sequence":…,"to":…}``
    """
    fields: dict[str, Plain] = {
        "line": beat.line,
        "sender": beat.sender,
        "to": beat.to,
        "sequence": beat.sequence,
        "sent": beat.sent,
        "reply": beat.reply,
        "newest": list(beat.newest),
    }
    if beat.echo is not None:
        fields["echo"] = {
            "sequence": beat.echo.sequence,
            "sent": beat.echo.sent,
            "received": beat.echo.received,
        }
    if beat.desk is not None:
        fields["desk"] = beat.desk
    return BEAT_CONTEXT + encode(fields)


def documents_digest(digests: Iterable[Digest]) -> Digest:
    """One digest of a set of documents: SHA-256 of theirs as hex, sorted, each ended by a LF."""
    text = "".join(f"{digest}\n" for digest in sorted(set(digests)))
    return Digest(hashlib.sha256(text.encode("ascii")).hexdigest())


def _read_plain(plain: bytes) -> LinkMessage | Refusal:
    if len(plain) > LINK_BYTES_MAX:
        return _too_large(len(plain))
    try:
        message = _DECODER.decode(plain)
    except msgspec.ValidationError:
        return Refusal(
            code=Code.BAD_MESSAGE, clause=clauses.BATCH, params={"reason": "out-of-limits"}
        )
    except UNREADABLE:
        return _no_message("msgpack")
    reason = _beyond(message)
    if reason is None:
        return message
    return Refusal(code=Code.BAD_MESSAGE, clause=clauses.BATCH, params={"reason": reason})


def _beyond(message: LinkMessage) -> str | None:
    """Limits that lie between fields, or in a record that is not the link's own."""
    match message:
        case Piece() if message.offset + len(message.content) > message.total:
            return "piece-beyond-end"
        case Push() if message.first + len(message.items) > FEED_ENTRIES_MAX:
            return "out-of-limits"
        case Refused(refusal=refusal):
            words = [refusal.clause, refusal.at, *refusal.params]
            words += [value for value in refusal.params.values() if isinstance(value, str)]
            if len(words) > WORDS_MAX or any(len(word) > TEXT_CHARS_MAX for word in words):
                return "out-of-limits"
        case _:
            pass
    return None


def _no_message(reason: str) -> Refusal:
    return Refusal(code=Code.BAD_MESSAGE, clause=clauses.MESSAGE, params={"reason": reason})


def _too_large(found: int) -> Refusal:
    params: dict[str, str | int] = {"found": found, "limit": LINK_BYTES_MAX}
    return Refusal(code=Code.TOO_LARGE, clause=clauses.SIZE, params={**params})
