"""Canonical documents other than entries: agreements, cards, manifests, whatever is hashed whole.

A document is read only from the one form of its bytes, so that its digest names its meaning.
"""

import hashlib
from typing import TypeVar

import msgspec

from clearline.canonical import ENCODER, Plain, encode, pointer_step, read_plain, spells_out_default
from clearline.model.ids import Digest
from clearline.model.limits import DOCUMENT_BYTES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.wire import clauses
from clearline.wire.schema import fault, odd_name
from clearline.wire.text import bad_character

T = TypeVar("T", bound=msgspec.Struct)


def read_document(raw: bytes, record: type[T], max_bytes: int = DOCUMENT_BYTES_MAX) -> T | Refusal:
    """The record that canonical bytes state: size, form, text, closed schema, in this order. What
    the values mean together is for whoever uses the document."""
    if len(raw) > max_bytes:
        return Refusal(
            code=Code.TOO_LARGE,
            clause=clauses.SIZE,
            params={"found": len(raw), "limit": max_bytes},
        )
    plain = read_plain(raw)
    if isinstance(plain, Refusal):
        return plain
    if found := _barred(plain, "") or odd_name(plain, ""):
        return found
    try:
        document = msgspec.json.decode(raw, type=record)
    except msgspec.ValidationError as mismatch:
        return fault(str(mismatch), "")
    if ENCODER.encode(document) != raw or spells_out_default(document):
        return Refusal(
            code=Code.NOT_CANONICAL,
            clause=clauses.FORM,
            params={"reason": "default-spelled-out"},
        )
    return document


def write_document(document: msgspec.Struct) -> bytes:
    """The canonical bytes of a record. Raises ValueError for what has no canonical form."""
    return encode(document)


def digest(raw: bytes) -> Digest:
    """SHA-256 as 64 lower-case hex digits."""
    return Digest(hashlib.sha256(raw).hexdigest())


def _barred(value: Plain, at: str) -> Refusal | None:
    """The first text, in the order of the bytes, that holds a character that no text may hold."""
    if isinstance(value, str):
        return bad_character(value, at)
    if isinstance(value, dict):
        members = [(pointer_step(name), member) for name, member in value.items()]
    elif isinstance(value, list):
        members = [(str(place), member) for place, member in enumerate(value)]
    else:
        return None
    for name, member in members:
        if found := _barred(member, f"{at}/{name}"):
            return found
    return None
