"""Who a party is: its card, its manifests of keys, a change of root, the opening of an epoch.

The root key is kept apart from the nodes and signs rarely. It is compared once, in person, by the
fingerprint of the card; everything else follows from it. Each record is the ``doc`` of an envelope
(``trust.documents``).
"""

import base64
import binascii
import hashlib
import unicodedata
from enum import StrEnum
from itertools import combinations
from typing import Annotated, Final

import msgspec
from cryptography import x509

from clearline.model.ids import (
    DIGEST_PATTERN,
    FEED_PATTERN,
    PARTY_PATTERN,
    Digest,
    FeedId,
    LineId,
    PartyId,
    party_of,
)
from clearline.model.limits import FEED_ENTRIES_MAX, LABEL_CHARS_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.signing import Signer, read_public_key
from clearline.trust.documents import DocType, Document, Signed, read, sign, text_fault

VERSION: Final = 1
KEYS_MAX: Final = 16
"""Node and stand-by keys at one time: a party runs a few nodes, not a fleet."""
ENDED_MAX: Final = 1_000
"""A key ended every week for nineteen years."""
ENDS_MAX: Final = 1_000
"""Feeds in which one key ended: lines times epochs."""
TLS_MAX: Final = 8
"""The certificate in use, its successor, and those of stand-by nodes."""
TLS_BYTES_MAX: Final = 4_096
"""A self-signed certificate takes under 1 kB."""
EPOCH_MAX: Final = 9_999
"""FeedId has four digits for it."""
FINGERPRINT_GROUPS: Final = 7
"""Seven groups of five decimal digits: 116 bits, read out in half a minute in any language."""

KeyHex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Party_ = Annotated[PartyId, msgspec.Meta(pattern=rf"^{PARTY_PATTERN}\Z")]
Digest_ = Annotated[Digest, msgspec.Meta(pattern=rf"^{DIGEST_PATTERN}\Z")]
Line_ = Annotated[LineId, msgspec.Meta(pattern=rf"^{DIGEST_PATTERN}\Z")]
Feed_ = Annotated[FeedId, msgspec.Meta(pattern=rf"^{FEED_PATTERN}\Z")]
Size_ = Annotated[int, msgspec.Meta(ge=0, le=FEED_ENTRIES_MAX)]
Serial_ = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class PartyCard(Document, frozen=True):
    """What parties give each other by hand: id, name, root key; signed by that key itself."""

    v: int
    id: Party_
    name: str
    root_key: KeyHex


class KeyRole(StrEnum):
    """A node key signs feeds; a stand-by key signs nothing until an epoch opening names it or a
    later manifest makes it the node key."""

    NODE = "node"
    STANDBY = "standby"


class NodeKey(Document, frozen=True):
    """A key of a running node. ``lines`` limits it to those lines; empty: every line."""

    key: KeyHex
    role: KeyRole
    lines: tuple[Line_, ...] = ()


class FeedMark(Document, frozen=True):
    """A place in a feed of a line: its first ``size`` entries, whose tree has this root."""

    line: Line_
    feed: Feed_
    size: Size_
    root: Digest_


class EndReason(StrEnum):
    """Why a key ended. After ``stolen`` a person rules on what lies beyond the end."""

    ROTATED = "rotated"
    LOST = "lost"
    STOLEN = "stolen"
    RETIRED = "retired"


class EndedKey(Document, frozen=True):
    """A key that has ended, for ever: where in each feed, and which key goes on from there.

    ``role`` and ``lines`` are as they last were. In a feed that is not listed it ended at size 0:
    its successor signs from the first entry. A checkpoint of the key beyond its end is void.
    """

    key: KeyHex
    role: KeyRole
    reason: EndReason
    lines: tuple[Line_, ...] = ()
    next: KeyHex | None = None
    feeds: tuple[FeedMark, ...] = ()


class Manifest(Document, frozen=True):
    """A party's keys as of one link of its chain; the root signs it.

    ``serial`` counts the party's links from 1; ``previous`` is the digest of the link before it
    (absent for the first). ``ended`` lists every key that ever ended. ``tls``: whole self-signed
    certificates (DER, base64): they are the only trust anchors for connections to this party.
    """

    v: int
    party: Party_
    name: str
    root_key: KeyHex
    serial: Serial_
    issued: Instant
    keys: tuple[NodeKey, ...]
    tls: tuple[str, ...]
    ended: tuple[EndedKey, ...] = ()
    previous: Digest_ | None = None


class RootChange(Document, frozen=True):
    """A new root key, signed by the old and the new one; a link of the same chain."""

    v: int
    party: Party_
    serial: Serial_
    issued: Instant
    old_root: KeyHex
    new_root: KeyHex
    previous: Digest_ | None = None


class OpeningReason(StrEnum):
    """Why a new epoch was opened."""

    RESTORED = "restored"
    TAKEN_OVER = "taken-over"
    FORKED = "forked"


class EpochOpening(Document, frozen=True):
    """Opens feed PARTY.EPOCH on one line for one key; ``previous`` is the last known checkpoint of
    the feed before.

    Signed by the root, or, as ``emergency``, by the node key itself: then only STOP, DISTRESS,
    ACCIDENT and bare receipts are admitted. A root-signed opening of the same epoch and key
    confirms it: ``open_from`` is the index from which every kind is admitted, on every node.
    """

    v: int
    party: Party_
    line: Line_
    epoch: Annotated[int, msgspec.Meta(ge=1, le=EPOCH_MAX)]
    key: KeyHex
    previous: FeedMark
    reason: OpeningReason
    issued: Instant
    emergency: bool = False
    open_from: Size_ = 0


# --- cards and fingerprints ------------------------------------------------------------------


def fingerprint(party: PartyId, root_key: str) -> str:
    """Seven groups of five digits over the id and the root key (116 bits), to read out in person.

    SHA-256 of ``clearline/fingerprint/v1\\n`` ID ``\\n`` and the 32 key bytes, as a number modulo
    10^35, most significant group first. CL-TRU-011.
    """
    message = (
        b"clearline/fingerprint/v1\n" + party.encode("ascii") + b"\n" + bytes.fromhex(root_key)
    )
    digits = 5 * FINGERPRINT_GROUPS
    number = int.from_bytes(hashlib.sha256(message).digest(), "big") % 10**digits
    text = f"{number:0{digits}d}"
    return " ".join(text[at : at + 5] for at in range(0, digits, 5))


def same_fingerprint(ours: str, typed: str) -> bool:
    """Whether what a person typed is the whole fingerprint; spaces, dashes, dots and the script of
    the digits do not count, a missing or added digit does."""
    skipped = " -.\t\n\u00a0"
    kept = [char for char in typed if char not in skipped]
    values = [unicodedata.decimal(char, None) for char in kept]
    return all(value is not None for value in values) and "".join(map(str, values)) == ours.replace(
        " ", ""
    )


def make_card(party: PartyId, name: str, root: Signer) -> bytes:
    """A card in its envelope, signed by its own root key."""
    card = PartyCard(v=VERSION, id=party, name=name, root_key=root.public.hex)
    return sign(DocType.CARD, card, (root,))


def read_card(raw: bytes) -> Signed[PartyCard] | Refusal:
    """A card whose root key signed it, and nobody else. That it is the right party's, only the
    comparison of its fingerprint in person can say. CL-TRU-010."""
    signed = read(raw, DocType.CARD, PartyCard)
    if isinstance(signed, Refusal):
        return signed
    card = signed.body
    if card.v != VERSION:
        return Refusal(code=Code.UNKNOWN_VERSION, clause="CL-TRU-010", at="/doc/v")
    fault = text_fault(card.name, LABEL_CHARS_MAX)
    if fault is not None:
        return _text(fault, "/doc/name")
    if signed.signers != {card.root_key}:
        return Refusal(code=Code.NOT_SIGNED, clause="CL-TRU-010", params={"key": card.root_key})
    return signed


# --- what one record must hold by itself -----------------------------------------------------


def manifest_fault(manifest: Manifest) -> Refusal | None:
    """The rules of a manifest that need nothing but itself. CL-TRU-024 to CL-TRU-028."""
    if manifest.v != VERSION:
        return Refusal(code=Code.UNKNOWN_VERSION, clause="CL-TRU-020", at="/doc/v")
    fault = text_fault(manifest.name, LABEL_CHARS_MAX)
    if fault is not None:
        return _text(fault, "/doc/name")
    return (
        _keys_fault(manifest)
        or _ended_fault(manifest)
        or _writers_fault(manifest)
        or _tls_fault(manifest)
    )


def _keys_fault(manifest: Manifest) -> Refusal | None:
    """Good, distinct keys, none of them the root (CL-TRU-025)."""
    if len(manifest.keys) > KEYS_MAX:
        return _bad("CL-TRU-026", "/doc/keys", why="too many keys")
    held: set[str] = {manifest.root_key}
    for index, node_key in enumerate(manifest.keys):
        at = f"/doc/keys/{index}/key"
        key = read_public_key(node_key.key)
        if isinstance(key, Refusal):
            return Refusal(code=key.code, clause=key.clause, at=at, params=key.params)
        if node_key.key in held:
            return Refusal(code=Code.BAD_KEY, clause="CL-TRU-025", at=at, params={"key": key.hex})
        held.add(node_key.key)
        if list(node_key.lines) != sorted(set(node_key.lines)):
            return _bad("CL-TRU-026", at, why="lines not in order")
    return None


def _writers_fault(manifest: Manifest) -> Refusal | None:
    """CL-TRU-026: on each line one key writes at a time, and those before it lead to it."""
    writers = [key for key in manifest.keys if key.role is KeyRole.NODE]
    firsts = first_writers(manifest)
    for group in (writers, firsts):
        for one, other in combinations(group, 2):
            if not one.lines or not other.lines or set(one.lines) & set(other.lines):
                return _bad("CL-TRU-026", "/doc/keys", key=one.key, other=other.key)
    return None


def first_writers(manifest: Manifest) -> list[NodeKey | EndedKey]:
    """The node keys, ended or not, that no other key led to: each is the first of its lines."""
    led_to = {key.next for key in manifest.ended}
    every: tuple[NodeKey | EndedKey, ...] = (*manifest.ended, *manifest.keys)
    return [key for key in every if key.role is KeyRole.NODE and key.key not in led_to]


def _ended_fault(manifest: Manifest) -> Refusal | None:
    """Ended keys are distinct, not in use, end once in each own feed, lead on without a ring."""
    if len(manifest.ended) > ENDED_MAX:
        return _bad("CL-TRU-027", "/doc/ended", why="too many ended keys")
    using = {key.key for key in manifest.keys}
    ended = {key.key: key for key in manifest.ended}
    if len(ended) != len(manifest.ended) or ended.keys() & (using | {manifest.root_key}):
        return _bad("CL-TRU-024", "/doc/ended", why="a key ended twice, or in use after its end")
    for index, key in enumerate(manifest.ended):
        at = f"/doc/ended/{index}"
        places = [(mark.line, mark.feed) for mark in key.feeds]
        if len(places) > ENDS_MAX or places != sorted(set(places)):
            return _bad("CL-TRU-027", f"{at}/feeds", why="not in order, or a feed twice")
        if any(party_of(mark.feed) != manifest.party for mark in key.feeds):
            return _bad("CL-TRU-027", f"{at}/feeds", why="not a feed of this party")
        if key.next is not None and key.next not in using | ended.keys():
            return _bad("CL-TRU-027", f"{at}/next", key=key.next)
        if not _leads_on(key, ended):
            return _bad("CL-TRU-027", f"{at}/next", key=key.key)
    return None


def _leads_on(key: EndedKey, ended: dict[str, EndedKey]) -> bool:
    """Whether the successors of a key end at a key in use or at nothing, not at themselves."""
    passed = {key.key}
    step: EndedKey | None = key
    while step is not None and step.next is not None:
        if step.next in passed:
            return False
        passed.add(step.next)
        step = ended.get(step.next)
    return True


def _tls_fault(manifest: Manifest) -> Refusal | None:
    """CL-TRU-028: one to TLS_MAX distinct certificates that can be read."""
    if not 1 <= len(manifest.tls) <= TLS_MAX or len(set(manifest.tls)) != len(manifest.tls):
        return _bad("CL-TRU-028", "/doc/tls", why="none, too many, or one twice")
    for index, text in enumerate(manifest.tls):
        if certificate_der(text) is None:
            return _bad("CL-TRU-028", f"/doc/tls/{index}", why="not a certificate")
    return None


def certificate_der(text: str) -> bytes | None:
    """The DER bytes of a pinned certificate, or None when it is not one (strict base64, X.509)."""
    try:
        der = base64.b64decode(text, validate=True)
        if len(der) > TLS_BYTES_MAX or base64.b64encode(der).decode("ascii") != text:
            return None
        x509.load_der_x509_certificate(der)
    except (binascii.Error, ValueError):
        return None
    return der


def _text(why: str, at: str) -> Refusal:
    return Refusal(code=Code.BAD_TEXT, clause="CL-TRU-004", at=at, params={"why": why})


def _bad(clause: str, at: str, **params: str | int) -> Refusal:
    return Refusal(code=Code.BAD_MANIFEST, clause=clause, at=at, params={**params})
