"""A signed picture: what one node knew at one time, to be checked against on another network.

    {"doc": {...}, "sigs": [{"key": "<64 hex>", "sig": "<128 hex>"}], "type": "picture"}

Canonical JSON; the signature covers ``clearline/picture/v1\\n`` and the canonical bytes of ``doc``,
as with every document (``clearline.trust.documents``), but a picture may be larger. It carries the
terms and the chains of keys, so that it verifies by itself down to the root keys of version 1 of
the terms, whose hash names the line. What remains for a person is to compare the fingerprint of the
exporter's root key, or to give the agreement that he holds.

| clause | rule |
|---|---|
| CL-PIC-001 | at most SNAPSHOT_BYTES_MAX bytes, canonical, of the closed schema, type picture |
| CL-PIC-002 | signed by one key: a node key of ``by`` in its newest manifest, for this line |
| CL-PIC-003 | the terms verify from version 1 on and name the line; ``by`` is one of its parties |
| CL-PIC-004 | each position that carries a checkpoint is the one that its party signed |
| CL-PIC-005 | every volume is valid, every label is readable text, the terms in force are carried |
| CL-PIC-006 | older than agreed (``picture_stale_ms``), or from the future: nothing is NO by it |
| CL-PIC-007 | the line, or the fingerprint, is the one that the reader expects |
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec.structs import replace

from clearline.canonical import UNREADABLE, encode, is_canonical, why_not
from clearline.conflict.validity import check_volume
from clearline.ledger.checkpoint import origin_of, verify_checkpoint
from clearline.model.ids import DIGEST_PATTERN, EntryRef, FeedId, LineId, PartyId, is_feed_id
from clearline.model.limits import PARTIES_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import Volume
from clearline.model.terms import Agreement
from clearline.model.time import INSTANT_MAX, Instant
from clearline.plan.quick import surely_valid
from clearline.signing import Signer, read_public_key, verify
from clearline.trust.agreement import read_agreement
from clearline.trust.documents import Document, Signature
from clearline.trust.party import KeyRole, fingerprint, same_fingerprint
from clearline.trust.roster import Roster, begin, key_for, with_links, with_opening, with_version
from clearline.wire.text import bad_label, bad_text

SNAPSHOT_BYTES_MAX: Final = 256 << 20
"""A hundred thousand notices of four corners take 60 MB."""
TYPE: Final = "picture"
VERSION: Final = 1
_AT_ONCE: Final = 2_048
_DOMAIN: Final = b"clearline/picture/v1\n"
_SIG: Final = re.compile(r"[0-9a-f]{128}", re.ASCII)

Line_ = Annotated[LineId, msgspec.Meta(pattern=rf"^{DIGEST_PATTERN}\Z")]
At_ = Annotated[Instant, msgspec.Meta(ge=0, le=INSTANT_MAX)]


class FeedPosition(Document, frozen=True):
    """How much of a feed the picture rests on: size and root (64 hex digits), and the newest
    checkpoint held, a signed note that proves them when it is of the same size."""

    feed: FeedId
    size: Annotated[int, msgspec.Meta(ge=0)]
    root: Annotated[str, msgspec.Meta(pattern=rf"^{DIGEST_PATTERN}\Z")]
    checkpoint: str | None = None


class PeerSeen(Document, frozen=True):
    """How fresh the picture is of another party: the time that its last entry states (its clock),
    and when the exporter last had an echo of its own from it (the exporter's clock)."""

    party: PartyId
    last_entry: At_ | None = None
    round_trip: At_ | None = None


class ChainPapers(Document, frozen=True):
    """A party's manifests and root changes, envelopes as text, in order."""

    party: PartyId
    links: tuple[str, ...]


class LiveNotice(Document, frozen=True):
    """A live version with its standing in words, as the exporter knew it."""

    ref: EntryRef
    notice: EntryRef
    party: PartyId
    cls: str
    label: str
    stated: At_
    standing: str
    volumes: tuple[Volume, ...] = ()
    operation: str | None = None
    cut: At_ | None = None
    clear: At_ | None = None
    unreadable: Code | None = None


class PictureDoc(Document, frozen=True):
    """What is signed. ``at``: the exporter's clock. ``in_force``: the versions of the terms that
    parties have adopted, all of which apply between two adoptions."""

    v: int
    line: Line_
    by: PartyId
    at: At_
    says: str
    feeds: tuple[FeedPosition, ...]
    peers: tuple[PeerSeen, ...]
    in_force: tuple[int, ...]
    agreements: tuple[str, ...]
    chains: tuple[ChainPapers, ...]
    live: tuple[LiveNotice, ...]
    openings: tuple[str, ...] = ()


class _Envelope(Document, frozen=True):
    type: str
    doc: msgspec.Raw
    sigs: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPicture:
    """A picture that verified. ``root_key`` is that of ``by`` in the newest terms; ``proved`` the
    feeds whose position a checkpoint of their own author proves."""

    doc: PictureDoc
    key: str
    root_key: str
    roster: Roster
    terms: tuple[Agreement, ...]
    proved: frozenset[FeedId]

    @property
    def fingerprint(self) -> str:
        """What a person compares."""
        return fingerprint(self.doc.by, self.root_key)

    @property
    def newest(self) -> Agreement:
        """The newest version in force."""
        return self.terms[-1]


def sign_picture(doc: PictureDoc, signer: Signer) -> bytes:
    """The picture in its envelope. The signer is a node key that the chain of ``by`` names."""
    body = encode(doc)
    sig = signer.sign(_DOMAIN + body)
    sigs = encode([{"key": signer.public.hex, "sig": sig.hex()}])
    return b'{"doc":' + body + b',"sigs":' + sigs + b',"type":"' + TYPE.encode() + b'"}'


def looks_like_picture(head: bytes) -> bool:
    """Whether a file that begins like this is meant as a signed picture, not as notices."""
    return head.lstrip().startswith(b'{"doc":')


def read_picture(raw: bytes) -> SignedPicture | Refusal:
    """The picture, if everything in it verifies; else the first reason why not. Never raises."""
    opened = _opened(raw)
    if isinstance(opened, Refusal):
        return opened
    doc, key = opened
    roster = _roster(doc)
    if isinstance(roster, Refusal):
        return roster
    stranger = _not_the_signer(doc, roster, key)
    if stranger is not None:
        return stranger
    proved = _proved(doc, roster)
    if isinstance(proved, Refusal):
        return proved
    held = {signed.body.version: signed.body for signed in roster.versions}
    if not doc.in_force or any(version not in held for version in doc.in_force):
        return _no(Code.BAD_AGREEMENT, "CL-PIC-005", "/doc/in_force")
    wrong = _content_fault(doc)
    if wrong is not None:
        return wrong
    term = next(t for t in roster.versions[-1].body.parties if t.id == doc.by)
    return SignedPicture(
        doc=doc,
        key=key,
        root_key=term.root_key,
        roster=roster,
        terms=tuple(held[version] for version in sorted(set(doc.in_force))),
        proved=proved,
    )


def unexpected(
    picture: SignedPicture, *, line: LineId | None = None, typed: str | None = None
) -> Refusal | None:
    """Why this is not the picture that the reader expects, by line or by fingerprint. CL-PIC-007"""
    if line is not None and picture.doc.line != line:
        return _no(Code.FOREIGN_LINE, "CL-PIC-007", "/doc/line", line=picture.doc.line, wanted=line)
    if typed is not None and not same_fingerprint(picture.fingerprint, typed):
        return _no(Code.BAD_KEY, "CL-PIC-007", "/doc/by", found=picture.fingerprint)
    return None


def stale_reason(picture: SignedPicture, now: Instant) -> str | None:
    """Why nothing may be NO by this picture at ``now``. CL-PIC-006

    The age counts from the export, and for each party from the last round trip to it that is known:
    a picture exported while the line was down is as old as the line's last word.
    """
    limit = min(terms.picture_stale_ms for terms in picture.terms)
    offset = max(terms.clock_offset_max_ms for terms in picture.terms)
    if picture.doc.at - now > offset:
        return "from the future: compare the clocks"
    if now - picture.doc.at > limit:
        return "older than agreed"
    for peer in picture.doc.peers:
        if peer.round_trip is not None and now - peer.round_trip > limit:
            return f"the line to {peer.party} was down"
    return None


# --- steps -----------------------------------------------------------------------------------


def _opened(raw: bytes) -> tuple[PictureDoc, str] | Refusal:
    """Size, form, schema, the one signature. CL-PIC-001, 002"""
    if len(raw) > SNAPSHOT_BYTES_MAX:
        return _no(Code.TOO_LARGE, "CL-PIC-001", "", found=len(raw), limit=SNAPSHOT_BYTES_MAX)
    raw = raw.removesuffix(b"\n")
    if not is_canonical(raw):
        why = why_not(raw)
        assert why is not None, "what is not canonical has a reason"
        return why
    try:
        envelope = msgspec.json.decode(raw, type=_Envelope)
        doc = msgspec.json.decode(envelope.doc, type=PictureDoc)
        body = encode(doc)
    except UNREADABLE:
        return _no(Code.BAD_FIELD, "CL-PIC-001", "")
    if envelope.type != TYPE or doc.v != VERSION:
        code = Code.UNKNOWN_KIND if envelope.type != TYPE else Code.UNKNOWN_VERSION
        return _no(code, "CL-PIC-001", "/type")
    if len(envelope.sigs) != 1:
        return _no(Code.NOT_SIGNED, "CL-PIC-002", "/sigs")
    sig = envelope.sigs[0]
    key = read_public_key(sig.key)
    if isinstance(key, Refusal):
        return replace(key, at="/sigs/0/key")
    good = _SIG.fullmatch(sig.sig) is not None
    if not good or not verify(key, _DOMAIN + body, bytes.fromhex(sig.sig)):
        return _no(Code.BAD_SIGNATURE, "CL-PIC-002", "/sigs/0", key=sig.key)
    if body != bytes(envelope.doc):
        return _no(Code.NOT_CANONICAL, "CL-PIC-001", "/doc", reason="default-spelled-out")
    return doc, sig.key


def _roster(doc: PictureDoc) -> Roster | Refusal:
    """Terms and chains from version 1 on. Who is no longer named has left, on the word of all who
    signed the version without him. CL-PIC-003"""
    roster: Roster | None = None
    papers = {chain.party: [link.encode() for link in chain.links] for chain in doc.chains}
    for text in doc.agreements:
        signed = read_agreement(text.encode())
        if isinstance(signed, Refusal):
            return signed
        if roster is None:
            taken = begin(signed)
        else:
            staying = {term.id for term in signed.body.parties}
            gone = frozenset(p for p in roster.parties if p not in staying)
            taken = with_version(roster, signed, left=gone)
        if isinstance(taken, Refusal):
            return taken
        roster = taken
        for party in [party for party in papers if party in roster.parties]:
            linked = with_links(roster, party, papers.pop(party))
            if isinstance(linked, Refusal):
                return linked
            roster = linked
    if roster is None:
        return _no(Code.BAD_AGREEMENT, "CL-PIC-003", "/doc/agreements")
    for text in doc.openings:
        opened = with_opening(roster, text.encode())
        if isinstance(opened, Refusal):
            return opened
        roster = opened
    if roster.line != doc.line:
        return _no(Code.FOREIGN_LINE, "CL-PIC-003", "/doc/line")
    if papers or doc.by not in {term.id for term in roster.versions[-1].body.parties}:
        return _no(Code.UNKNOWN_PARTY, "CL-PIC-003", "/doc/by", party=doc.by)
    return roster


def _not_the_signer(doc: PictureDoc, roster: Roster, key: str) -> Refusal | None:
    """CL-PIC-002"""
    chain = roster.chains.get(doc.by)
    keys = () if chain is None or chain.manifest is None else chain.manifest.keys
    for known in keys:
        serves = not known.lines or doc.line in known.lines
        if known.key == key and known.role is KeyRole.NODE and serves:
            return None
    return _no(Code.UNKNOWN_KEY, "CL-PIC-002", "/sigs/0/key", key=key, party=doc.by)


def _proved(doc: PictureDoc, roster: Roster) -> frozenset[FeedId] | Refusal:
    """Feeds whose stated size and root are those of a checkpoint by their author. CL-PIC-004"""
    proved: set[FeedId] = set()
    for number, position in enumerate(doc.feeds):
        at = f"/doc/feeds/{number}"
        if not is_feed_id(position.feed):
            return _no(Code.BAD_FIELD, "CL-PIC-004", f"{at}/feed")
        if position.checkpoint is None:
            continue
        key = key_for(roster, position.feed, position.size)
        if key is None:
            return _no(Code.UNKNOWN_KEY, "CL-PIC-004", at, feed=str(position.feed))
        origin = origin_of(doc.line, position.feed)
        text = position.checkpoint.encode()
        signed = verify_checkpoint(text, origin=origin, keys=(key,))
        if isinstance(signed, Refusal):
            return replace(signed, at=at)
        held = signed.checkpoint
        if (held.size, held.root.hex()) != (position.size, position.root):
            return _no(Code.BAD_ROOT, "CL-PIC-004", at, feed=str(position.feed))
        proved.add(position.feed)
    return frozenset(proved)


def _content_fault(doc: PictureDoc) -> Refusal | None:
    """CL-PIC-005"""
    if len(doc.peers) > PARTIES_MAX:
        return _no(Code.TOO_MANY, "CL-PIC-005", "/doc/peers", high=PARTIES_MAX)
    for number, live in enumerate(doc.live):
        at = f"/doc/live/{number}"
        if live.unreadable is not None:
            continue
        for text, name in ((live.cls, "cls"), (live.operation or "-", "operation")):
            if found := bad_label(text, f"{at}/{name}"):
                return found
        for text, name in ((live.label, "label"), (live.standing, "standing")):
            if found := bad_text(text, f"{at}/{name}"):
                return found
        if not live.volumes:
            return _no(Code.NO_GEOMETRY, "CL-PIC-005", f"{at}/volumes")
    return _volume_fault(doc)


def _volume_fault(doc: PictureDoc) -> Refusal | None:
    """All at once where they are surely valid, one by one where they may not be."""
    places = [(n, k) for n, live in enumerate(doc.live) for k in range(len(live.volumes))]
    volumes = [doc.live[n].volumes[k] for n, k in places]
    for start in range(0, len(volumes), _AT_ONCE):
        part = volumes[start : start + _AT_ONCE]
        for row, sure in enumerate(surely_valid(part).tolist()):
            if sure:
                continue
            n, k = places[start + row]
            faults = check_volume(part[row], f"/doc/live/{n}/volumes/{k}")
            if faults:
                return faults[0]
    return None


def _no(code: Code, clause: str, at: str, **params: Param) -> Refusal:
    return Refusal(code=code, clause=clause, at=at, params=params)
