"""Parties with fixed keys, their documents and a line that all signed: for tests of trust."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from clearline.model.ids import Digest, FeedId, LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.signing import SoftwareSigner
from clearline.trust import roster as rosters
from clearline.trust.agreement import read_agreement, sign_agreement
from clearline.trust.documents import DocType, Signed, digest_of, sign
from clearline.trust.draft import compile_draft, fill_template
from clearline.trust.party import (
    EndedKey,
    EndReason,
    EpochOpening,
    FeedMark,
    KeyRole,
    Manifest,
    NodeKey,
    OpeningReason,
    PartyCard,
)

T = TypeVar("T")

NOON = Instant(1_800_000_000_000)
ROOT_A = Digest("a" * 64)
ROOT_B = Digest("b" * 64)


def signer(name: str) -> SoftwareSigner:
    """The key of that name."""
    return SoftwareSigner(hashlib.sha256(name.encode()).digest())


@lru_cache
def certificate(name: str) -> str:
    """A self-signed certificate, the same on every run."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"tls" + name.encode()).digest())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, tzinfo=UTC))
        .sign(key, None)
    )
    return base64.b64encode(built.public_bytes(Encoding.DER)).decode()


@dataclass(frozen=True)
class Person:
    """A party with a root key, a first node key and a certificate."""

    id: PartyId

    @property
    def root(self) -> SoftwareSigner:
        return signer(f"{self.id} root")

    def node(self, number: int = 0) -> SoftwareSigner:
        return signer(f"{self.id} node {number}")

    @property
    def card(self) -> PartyCard:
        return PartyCard(v=1, id=self.id, name=f"{self.id} Command", root_key=self.root.public.hex)

    def first(self) -> Manifest:
        return Manifest(
            v=1,
            party=self.id,
            name=f"{self.id} Command",
            root_key=self.root.public.hex,
            serial=1,
            issued=NOON,
            keys=(NodeKey(key=self.node().public.hex, role=KeyRole.NODE),),
            tls=(certificate(self.id),),
        )

    def second(self, *marks: FeedMark, reason: EndReason = EndReason.ROTATED) -> Manifest:
        """Node key 0 ended at the marks, node key 1 goes on."""
        ended = EndedKey(
            key=self.node().public.hex,
            role=KeyRole.NODE,
            reason=reason,
            next=self.node(1).public.hex,
            feeds=marks,
        )
        return msgspec.structs.replace(
            self.first(),
            serial=2,
            keys=(NodeKey(key=self.node(1).public.hex, role=KeyRole.NODE),),
            ended=(ended,),
            previous=digest_of(self.first()),
        )

    def signed(self, manifest: Manifest, by: SoftwareSigner | None = None) -> bytes:
        return sign(DocType.MANIFEST, manifest, (by or self.root,))

    def opening(self, line: LineId, /, epoch: int = 1, **changes: object) -> EpochOpening:
        made = EpochOpening(
            v=1,
            party=self.id,
            line=line,
            epoch=epoch,
            key=self.node().public.hex,
            previous=mark(line, f"{self.id}.{epoch - 1}", 5),
            reason=OpeningReason.RESTORED,
            issued=NOON,
        )
        return msgspec.structs.replace(made, **changes)


ALFA, BRAVO, CHARLIE = (Person(PartyId(name)) for name in ("ALFA", "BRAVO", "CHARLIE"))


def mark(line: LineId, feed: str, size: int, root: Digest = ROOT_A) -> FeedMark:
    return FeedMark(line=line, feed=FeedId(feed), size=size, root=root)


def template(name: str) -> str:
    return resources.files("clearline.trust.templates").joinpath(f"{name}.toml").read_text("utf-8")


@lru_cache
def terms(*people: Person, name: str = "bilateral-air") -> Agreement:
    """Valid terms between these parties."""
    made = compile_draft(
        fill_template(template(name), [person.card for person in people or (ALFA, BRAVO)], NOON)
    )
    assert isinstance(made, Agreement), made
    return made


def agreed(agreement: Agreement, *people: Person) -> Signed[Agreement]:
    """Terms signed by these parties."""
    raw = sign_agreement(agreement, *(person.root for person in people))
    assert isinstance(raw, bytes), raw
    signed = read_agreement(raw)
    assert isinstance(signed, Signed), signed
    return signed


def next_version(agreement: Agreement, **changes: object) -> Agreement:
    digest = digest_of(agreement)
    return msgspec.structs.replace(
        agreement,
        version=agreement.version + 1,
        line=agreement.line or LineId(digest),
        previous=digest,
        **changes,
    )


def line() -> rosters.Roster:
    """The roster of ALFA and BRAVO with a first manifest of each."""
    roster = good(rosters.begin(agreed(terms(), ALFA, BRAVO)))
    for person in (ALFA, BRAVO):
        roster = good(rosters.with_links(roster, person.id, [person.signed(person.first())]))
    return roster


def good(result: T | Refusal) -> T:
    """The result, which must not be a refusal."""
    assert not isinstance(result, Refusal), result
    return result


def refused(result: object) -> Refusal:
    """The refusal, which it must be."""
    assert isinstance(result, Refusal), result
    return result
