"""Whose keys speak on a line, from the documents of a bundle; and what they have signed. Pure."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from clearline.ledger.checkpoint import SignedCheckpoint, origin_of, verify_checkpoint
from clearline.model.ids import Digest, FeedId, PartyId, party_of
from clearline.model.refusal import Code, Refusal
from clearline.signing import PublicKey
from clearline.trust.agreement import read_agreement
from clearline.trust.documents import DocType, document_type, read
from clearline.trust.party import KeyRole, Manifest, RootChange
from clearline.trust.roster import (
    Place,
    Roster,
    begin,
    key_for,
    place,
    with_links,
    with_opening,
    with_version,
)

SIZE_DIGITS_MAX: Final = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRead:
    """The roster of a line, and the documents that do not fit into it, by place from 1."""

    roster: Roster
    left_over: tuple[tuple[int, Refusal], ...]


def read_line(documents: Iterable[bytes], left: frozenset[PartyId]) -> LineRead | Refusal:
    """The roster that the documents make, each taken as soon as what it rests on is there.

    ``left``: parties whose ``leave`` is on record. Refused when no version 1 of the terms, signed
    by all, is among them."""
    waiting = list(enumerate(documents, 1))
    roster = _first(raw for _, raw in waiting)
    if isinstance(roster, Refusal):
        return roster
    while True:
        refused: list[tuple[int, Refusal]] = []
        again: list[tuple[int, bytes]] = []
        for n, raw in waiting:
            taken = _take(roster, raw, left)
            if isinstance(taken, Refusal):
                refused.append((n, taken))
                again.append((n, raw))
            else:
                roster = taken
        if not again or len(again) == len(waiting):
            return LineRead(roster=roster, left_over=tuple(refused))
        waiting = again


def _first(documents: Iterable[bytes]) -> Roster | Refusal:
    refusal: Refusal | None = None
    for raw in documents:
        signed = read_agreement(raw)
        if isinstance(signed, Refusal):
            refusal = refusal or signed
        elif signed.body.version == 1:
            return begin(signed)
    return refusal or Refusal(code=Code.BAD_AGREEMENT, clause="CL-AGR-003")


def _take(roster: Roster, raw: bytes, left: frozenset[PartyId]) -> Roster | Refusal:
    kind = document_type(raw)
    if isinstance(kind, Refusal):
        return kind
    match kind:
        case DocType.AGREEMENT:
            terms = read_agreement(raw)
            if isinstance(terms, Refusal):
                return terms
            return with_version(roster, terms, left=left)
        case DocType.MANIFEST:
            manifest = read(raw, kind, Manifest)
            if isinstance(manifest, Refusal):
                return manifest
            return with_links(roster, manifest.body.party, (raw,))
        case DocType.ROOT_CHANGE:
            change = read(raw, kind, RootChange)
            if isinstance(change, Refusal):
                return change
            return with_links(roster, change.body.party, (raw,))
        case DocType.EPOCH:
            return with_opening(roster, raw)
        case DocType.CARD:
            return Refusal(code=Code.UNKNOWN_KIND, clause="CL-EVI-004", params={"kind": kind.value})


def checkpoint_at(roster: Roster, feed: FeedId, text: bytes) -> SignedCheckpoint | Refusal:
    """The checkpoint of a feed, if the key that speaks at its place has signed it (CL-EVI-005)."""
    key = key_for(roster, feed, claimed(text)[0])
    if key is None:
        return Refusal(code=Code.UNKNOWN_KEY, clause="CL-TRU-002", params={"feed": feed})
    signed = verify_checkpoint(text, origin=origin_of(roster.line, feed), keys=(key,))
    if isinstance(signed, Refusal):
        return signed
    tree = signed.checkpoint
    worth = place(roster, feed, tree.size, Digest(tree.root.hex()), key)
    if isinstance(worth, Refusal):
        return worth
    if worth is Place.VOID:
        return Refusal(
            code=Code.KEY_ENDED, clause="CL-TRU-030", params={"feed": feed, "size": tree.size}
        )
    return signed


def key_candidates(roster: Roster, feed: FeedId) -> tuple[PublicKey, ...]:
    """The keys that may sign for the writer of a feed outside it: the newest manifest's node keys
    for this line, and the key of the feed's own epoch."""
    chain = roster.chains.get(party_of(feed))
    manifest = chain.manifest if chain is not None else None
    found = [
        key.key
        for key in (manifest.keys if manifest is not None else ())
        if key.role is KeyRole.NODE and (not key.lines or roster.line in key.lines)
    ]
    opened = roster.openings.get(feed)
    if opened is not None:
        found.append(opened.ruling.key)
    return tuple(PublicKey(bytes.fromhex(key)) for key in dict.fromkeys(found))


def claimed(text: bytes) -> tuple[int, str]:
    """Size and root (base64) that an unverified checkpoint claims, to look it up by."""
    lines = text[:400].split(b"\n", 3)
    digits = lines[1] if len(lines) > 2 else b""
    size = int(digits) if digits.isdigit() and len(digits) <= SIZE_DIGITS_MAX else 0
    return size, lines[2].decode("ascii", "replace") if len(lines) > 2 else ""


def b64(raw: bytes) -> str:
    """Standard base64, padded."""
    return b64encode(raw).decode("ascii")


def unb64(text: str) -> bytes | None:
    """The bytes of the one base64 of a value, or None."""
    try:
        raw = b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if b64encode(raw).decode("ascii") == text else None
