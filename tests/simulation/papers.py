"""Keys, terms and other signed documents of a simulated line. Made once, used by every world."""

from functools import lru_cache

from msgspec.structs import replace

from clearline.model.ids import FeedId, LineId, PartyId, epoch_of, party_of
from clearline.model.terms import Agreement
from clearline.model.time import MINUTE, Instant
from clearline.trust.agreement import line_of, sign_agreement
from clearline.trust.documents import DocType, digest_of, sign
from clearline.trust.party import (
    EndedKey,
    EndReason,
    EpochOpening,
    FeedMark,
    KeyRole,
    Manifest,
    NodeKey,
    OpeningReason,
)
from tests.town import BEGIN, agreement_of, certificate_of, manifest_of, node_key_of, root_of

NAMES = ("AAA", "BBB", "CCC", "DDD", "EEE")
KEYS = 4
"""Node keys that a party may use up in one world."""
CLASSES = ("air-movement", "hazardous-air", "distress", "accident")
HAZARDS = frozenset({"hazardous-air", "accident"})
STRICTER_BY = 4
"""Version 2 keeps all classes this many times further apart."""


@lru_cache
def terms(parties: tuple[str, ...]) -> Agreement:
    """Version 1: four classes, nobody represented."""
    full = agreement_of(parties)
    return replace(
        full,
        represented=(),
        classes=tuple(c for c in full.classes if c.id in CLASSES),
        pairs=tuple(p for p in full.pairs if p.a in CLASSES and p.b in CLASSES),
    )


@lru_cache
def next_terms(
    old: Agreement, *, effective: Instant, stricter: bool = False, joins: str | None = None
) -> Agreement:
    """The next version: stricter separations, one more party, or both."""
    parties = old.parties
    if joins is not None:
        (newcomer,) = (p for p in agreement_of((joins, parties[0].id)).parties if p.id == joins)
        parties = (*parties, newcomer)
    times = STRICTER_BY if stricter else 1
    return replace(
        old,
        version=old.version + 1,
        line=line_of(old),
        previous=digest_of(old),
        effective=effective,
        parties=parties,
        pairs=tuple(replace(p, lateral_mm=p.lateral_mm * times) for p in old.pairs),
    )


@lru_cache
def signed_terms(agreement: Agreement) -> bytes:
    """The terms, signed by all."""
    signed = sign_agreement(agreement, *(root_of(p.id) for p in agreement.parties))
    assert isinstance(signed, bytes), signed
    return signed


@lru_cache
def first_papers(parties: tuple[str, ...]) -> tuple[bytes, ...]:
    """What a line begins with: version 1 and a manifest of each party."""
    return (signed_terms(terms(parties)), *(manifest_of(party) for party in parties))


def next_manifest(party: str, serial: int, marks: tuple[FeedMark, ...], old: Manifest) -> Manifest:
    """Node key ``serial - 2`` ended at these marks, the next one goes on."""
    before, after = node_key_of(party, serial - 2), node_key_of(party, serial - 1)
    ended = EndedKey(
        key=before.public.hex,
        role=KeyRole.NODE,
        reason=EndReason.ROTATED,
        next=after.public.hex,
        feeds=marks,
    )
    return replace(
        old,
        serial=serial,
        keys=(NodeKey(key=after.public.hex, role=KeyRole.NODE),),
        ended=(*old.ended, ended),
        previous=digest_of(old),
    )


def signed_manifest(manifest: Manifest) -> bytes:
    """The manifest, signed by the party's root."""
    return sign(DocType.MANIFEST, manifest, (root_of(manifest.party),))


def first_manifest(party: str) -> Manifest:
    """The body of ``manifest_of``."""
    return Manifest(
        v=1,
        party=PartyId(party),
        name=f"Party {party}",
        root_key=root_of(party).public.hex,
        serial=1,
        issued=BEGIN,
        keys=(NodeKey(key=node_key_of(party).public.hex, role=KeyRole.NODE),),
        tls=(certificate_of(party),),
    )


def opening(line: LineId, feed: FeedId, mark: FeedMark, key: str, now: Instant) -> bytes:
    """The root's word that the epoch after ``feed`` begins."""
    party = party_of(feed)
    body = EpochOpening(
        v=1,
        party=party,
        line=line,
        epoch=epoch_of(feed) + 1,
        key=key,
        previous=mark,
        reason=OpeningReason.RESTORED,
        issued=now,
    )
    return sign(DocType.EPOCH, body, (root_of(party),))


def confirmed(emergency: EpochOpening, size: int) -> bytes:
    """The root's word for what a node opened by itself: from ``size`` on everything counts."""
    body = replace(emergency, emergency=False, open_from=size)
    return sign(DocType.EPOCH, body, (root_of(body.party),))


SOON = Instant(BEGIN + 2 * MINUTE)
"""When versions 2 and 3 take effect: worlds last about ten minutes."""
