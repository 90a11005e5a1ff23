"""Which key speaks where on one line: by place in the feed, never by the clock.

Everything here is a fold over signed documents: versions of the agreement, each party's chain of
manifests and root changes, openings of epochs. Whoever holds the same documents gives the same
answers; a document that is missing makes an answer wait, never differ.

| clause | rule |
|---|---|
| CL-TRU-002 | the key of a checkpoint is found by feed and size |
| CL-TRU-030 | a checkpoint of an ended key beyond its end is void, no proof of a fork |
| CL-TRU-031 | a checkpoint of any other key that is not the one for its place is refused |
| CL-TRU-032 | one at the stated end with another root contradicts the root key: a fork |
| CL-TRU-033 | a party's chain passes through the root key that the agreement names |
| CL-TRU-034 | a key or certificate belongs to one party |
| CL-TRU-040 | epoch n+1 follows epoch n of the same party on the same line, and names its end |
| CL-TRU-041 | an opening is signed by the root in force, an emergency one by its own key |
| CL-TRU-042 | two openings of one epoch by the root contradict each other: a fork |
| CL-TRU-043 | under an emergency opening only STOP, DISTRESS, ACCIDENT and bare receipts count |
| CL-TRU-044 | a ``rekey`` names a manifest that is held |
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from clearline.model.entry import BARE, EMERGENCY, Kind, Rekey
from clearline.model.ids import Digest, FeedId, LineId, PartyId, epoch_of, feed_of, party_of
from clearline.model.limits import FEEDS_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement
from clearline.signing import PublicKey
from clearline.trust.agreement import NOBODY_LEFT, first_fault, line_of, party_term, successor_fault
from clearline.trust.chain import Chain, anchored, extend
from clearline.trust.documents import DocType, Signed, read
from clearline.trust.party import (
    VERSION,
    EndedKey,
    EpochOpening,
    FeedMark,
    Manifest,
    NodeKey,
    certificate_der,
    first_writers,
)

UNDER_EMERGENCY: Final[frozenset[Kind]] = EMERGENCY | BARE
"""What counts in an epoch that no root key has confirmed yet."""


class Place(StrEnum):
    """What a checkpoint is worth by its key and place."""

    GOOD = "good"
    VOID = "void"


class Admission(StrEnum):
    """Whether a kind of entry counts at a place. WAIT: the root's confirmation decides it, ask."""

    YES = "yes"
    NO = "no"
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """How an epoch was opened. The root's word, once there, outranks an emergency opening."""

    emergency: Signed[EpochOpening] | None = None
    confirmed: Signed[EpochOpening] | None = None

    @property
    def ruling(self) -> EpochOpening:
        """The opening in force."""
        signed = self.confirmed or self.emergency
        assert signed is not None, "an epoch opened by nobody"
        return signed.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Versions of the terms in order from 1, a chain for each party, openings by feed."""

    line: LineId
    versions: tuple[Signed[Agreement], ...]
    chains: Mapping[PartyId, Chain]
    openings: Mapping[FeedId, Opened]

    @property
    def parties(self) -> tuple[PartyId, ...]:
        """Everybody who is or was a member, in the order of joining the terms."""
        seen = (term.id for signed in self.versions for term in signed.body.parties)
        return tuple(dict.fromkeys(seen))


def begin(first: Signed[Agreement]) -> Roster | Refusal:
    """The roster of a line by its version 1, which all must have signed."""
    fault = first_fault(first)
    if fault is not None:
        return fault
    return Roster(line=line_of(first.body), versions=(first,), chains={}, openings={})


def with_version(
    roster: Roster, new: Signed[Agreement], *, left: frozenset[PartyId] = NOBODY_LEFT
) -> Roster | Refusal:
    """The roster with the next version of the terms; a version that is held changes nothing.

    A changed root key must be on the party's chain already (CL-AGR-007)."""
    if any(new.digest == held.digest for held in roster.versions):
        return roster
    fault = successor_fault(roster.versions[-1], new, left=left)
    if fault is not None:
        return fault
    for term in new.body.parties:
        before = _anchors(roster, term.id)
        chain = roster.chains.get(term.id)
        if (
            before
            and term.root_key not in before
            and (chain is None or term.root_key not in chain.roots)
        ):
            return Refusal(
                code=Code.GAP,
                clause="CL-AGR-007",
                params={"party": term.id, "key": term.root_key},
            )
    longer = replace(roster, versions=(*roster.versions, new))
    return _shared(longer) or longer


def with_links(roster: Roster, party: PartyId, raws: Sequence[bytes]) -> Roster | Refusal:
    """The roster with more links of a party's chain, in order; all of them or a refusal.

    A chain that is not held yet must come from its first link to one that the agreement's root key
    signed. CL-TRU-020 to 029, 033, 034."""
    if party not in roster.parties:
        return _no(Code.UNKNOWN_PARTY, "CL-TRU-033", party=party)
    chain = roster.chains.get(party, Chain(party=party))
    for raw in raws:
        longer = extend(chain, raw)
        if isinstance(longer, Refusal):
            return longer
        chain = longer
    for anchor in _anchors(roster, party):
        astray = anchored(chain, anchor)
        if astray is not None:
            return astray
    taken = replace(roster, chains={**roster.chains, party: chain})
    return _shared(taken) or taken


def with_opening(roster: Roster, raw: bytes) -> Roster | Refusal:
    """The roster with the opening of an epoch. CL-TRU-040 to 042."""
    signed = read(raw, DocType.EPOCH, EpochOpening)
    if isinstance(signed, Refusal):
        return signed
    opening = signed.body
    feed = feed_of(opening.party, opening.epoch)
    fault = _opening_fault(roster, opening)
    if fault is not None:
        return fault
    held = roster.openings.get(feed, Opened())
    if opening.emergency:
        fault = _emergency_fault(roster, signed, held)
        opened = replace(held, emergency=signed)
    else:
        fault = _confirmation_fault(roster, signed, held)
        opened = replace(held, confirmed=signed)
    if fault is not None:
        return fault
    return replace(roster, openings={**roster.openings, feed: opened})


# --- questions -------------------------------------------------------------------------------


def key_for(roster: Roster, feed: FeedId, size: int) -> PublicKey | None:
    """The key that signs the checkpoint of that size; None when nobody may. CL-TRU-002."""
    for key, _after, end in _succession(roster, feed):
        if end is None or end.size >= max(size, 1):
            return PublicKey(bytes.fromhex(key))
    return None


def place(roster: Roster, feed: FeedId, size: int, root: Digest, key: PublicKey) -> Place | Refusal:
    """What a checkpoint with a valid signature of ``key`` is worth. CL-TRU-030 to 032."""
    facts: dict[str, str | int] = {"feed": str(feed), "key": key.hex}
    if party_of(feed) not in roster.parties:
        return _no(Code.UNKNOWN_PARTY, "CL-TRU-031", **facts)
    for writer, after, end in _succession(roster, feed):
        if writer != key.hex:
            continue
        if end is not None and size > end.size:
            return Place.VOID
        if size <= after and after:
            return _no(Code.UNKNOWN_KEY, "CL-TRU-031", size=size, after=after, **facts)
        if end is not None and size == end.size and root != end.root:
            return _no(Code.FORK, "CL-TRU-032", size=size, stated=end.root, found=root, **facts)
        return Place.GOOD
    opened = roster.openings.get(feed)
    emergency = None if opened is None else opened.emergency
    if emergency is not None and emergency.body.key == key.hex:
        return Place.VOID  # the root opened this epoch for another key
    return _no(Code.UNKNOWN_KEY, "CL-TRU-031", size=size, **facts)


def admits(roster: Roster, feed: FeedId, index: int, kind: Kind) -> Admission:
    """Whether an entry of that kind counts at that place of the feed. CL-TRU-043."""
    if party_of(feed) not in roster.parties:
        return Admission.NO
    if epoch_of(feed) == 0 or kind in UNDER_EMERGENCY:
        return Admission.YES if epoch_of(feed) == 0 or feed in roster.openings else Admission.NO
    opened = roster.openings.get(feed)
    if opened is None:
        return Admission.NO
    if opened.confirmed is None:
        return Admission.WAIT
    return Admission.YES if index >= opened.confirmed.body.open_from else Admission.NO


def rekey_fault(roster: Roster, feed: FeedId, rekey: Rekey) -> Refusal | None:
    """CL-TRU-044: why a ``rekey`` cannot be followed. GAP: its manifest is not here yet, ask."""
    chain = roster.chains.get(party_of(feed))
    held = 0 if chain is None else chain.serial
    if chain is None or rekey.serial > held:
        return _no(Code.GAP, "CL-TRU-044", feed=feed, serial=rekey.serial, held=held)
    if rekey.serial < 1 or chain.links[rekey.serial - 1] != rekey.manifest:
        return _no(Code.BAD_MANIFEST, "CL-TRU-044", feed=feed, serial=rekey.serial)
    return None


def feeds_of(roster: Roster, party: PartyId) -> tuple[FeedId, ...]:
    """The party's feeds on this line, by epoch."""
    later = sorted(
        (feed for feed in roster.openings if party_of(feed) == party),
        key=lambda feed: epoch_of(feed),
    )
    return (feed_of(party), *later)


def pins(roster: Roster, party: PartyId) -> tuple[bytes, ...]:
    """The certificates (DER) that a connection to or from the party may show."""
    chain = roster.chains.get(party)
    if chain is None or chain.manifest is None:
        return ()
    return tuple(der for text in chain.manifest.tls if (der := certificate_der(text)) is not None)


def party_by_certificate(roster: Roster, der: bytes) -> PartyId | None:
    """Whose certificate it is, compared whole."""
    return next((party for party in roster.chains if der in pins(roster, party)), None)


# --- inside ----------------------------------------------------------------------------------


def _succession(roster: Roster, feed: FeedId) -> Iterator[tuple[str, int, FeedMark | None]]:
    """The keys of a feed in order: key, the size after which it signs, where it ends (None: not).

    A key that ended without naming this feed ended at size 0 in it."""
    chain = roster.chains.get(party_of(feed))
    if chain is None or chain.manifest is None:
        return
    ended = {key.key: key for key in chain.manifest.ended}
    key = _first_key(roster, feed, chain.manifest)
    after = 0
    while key is not None:
        last = ended.get(key)
        if last is None:
            yield key, after, None
            return
        end = _end_in(last, roster.line, feed)
        yield key, after, end
        after = max(after, end.size)
        key = last.next


def _first_key(roster: Roster, feed: FeedId, manifest: Manifest) -> str | None:
    """Of epoch 0 the first node key for this line; of a later one the key its opening names."""
    if epoch_of(feed) > 0:
        opened = roster.openings.get(feed)
        return None if opened is None else opened.ruling.key
    return next((key.key for key in first_writers(manifest) if _serves(key, roster.line)), None)


def _end_in(ended: EndedKey, line: LineId, feed: FeedId) -> FeedMark:
    """Where the key ended in this feed."""
    for mark in ended.feeds:
        if mark.line == line and mark.feed == feed:
            return mark
    return FeedMark(line=line, feed=feed, size=0, root=EMPTY_ROOT)


EMPTY_ROOT: Final = Digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
"""The root of a tree without entries: SHA-256 of nothing (RFC 6962 section 2.1)."""


def _serves(key: NodeKey | EndedKey, line: LineId) -> bool:
    return not key.lines or line in key.lines


def _anchors(roster: Roster, party: PartyId) -> tuple[str, ...]:
    """The root keys that the versions of the terms name for a party."""
    terms = (party_term(signed.body, party) for signed in roster.versions)
    return tuple(dict.fromkeys(term.root_key for term in terms if term is not None))


def _shared(roster: Roster) -> Refusal | None:
    """CL-TRU-034: a key or certificate that two parties have."""
    owner: dict[str, PartyId] = {}
    for party in roster.parties:
        chain = roster.chains.get(party)
        used = {*_anchors(roster, party)}
        if chain is not None:
            used |= chain.keys
            used |= set(chain.manifest.tls) if chain.manifest is not None else set()
        for thing in sorted(used):
            if owner.setdefault(thing, party) != party:
                return _no(
                    Code.BAD_KEY, "CL-TRU-034", key=thing[:64], party=party, other=owner[thing]
                )
    return None


def _opening_fault(roster: Roster, opening: EpochOpening) -> Refusal | None:
    """CL-TRU-040: line, party, order of epochs."""
    facts: dict[str, str | int] = {"party": str(opening.party), "epoch": opening.epoch}
    if opening.v != VERSION:
        return _no(Code.UNKNOWN_VERSION, "CL-TRU-040", **facts)
    if opening.line != roster.line or opening.previous.line != roster.line:
        return _no(Code.FOREIGN_LINE, "CL-TRU-040", **facts)
    if opening.party not in roster.parties:
        return _no(Code.UNKNOWN_PARTY, "CL-TRU-040", **facts)
    if opening.epoch >= FEEDS_MAX // len(roster.parties):  # every entry lists every feed
        return _no(Code.TOO_MANY, "CL-TRU-040", limit=FEEDS_MAX // len(roster.parties), **facts)
    before = feed_of(opening.party, opening.epoch - 1)
    if opening.previous.feed != before:
        return _no(Code.WRONG_PREDECESSOR, "CL-TRU-040", wanted=before, **facts)
    if opening.epoch > 1 and before not in roster.openings:
        return _no(Code.GAP, "CL-TRU-040", wanted=before, **facts)
    return None


def _emergency_fault(roster: Roster, signed: Signed[EpochOpening], held: Opened) -> Refusal | None:
    """CL-TRU-041, 042 for an opening by the node's own key."""
    opening = signed.body
    facts: dict[str, str | int] = {
        "party": str(opening.party),
        "epoch": opening.epoch,
        "key": opening.key,
    }
    if signed.signers != {opening.key}:
        return _no(Code.NOT_SIGNED, "CL-TRU-041", **facts)
    if opening.open_from:
        return _no(Code.BAD_FIELD, "CL-TRU-043", **facts)
    fault = _writer_fault(roster, opening, proved_if_ended=True)
    if fault is not None:
        return fault
    if held.emergency is not None and held.emergency.digest != signed.digest:
        return _no(Code.FORK, "CL-TRU-042", **facts)
    return None


def _confirmation_fault(
    roster: Roster, signed: Signed[EpochOpening], held: Opened
) -> Refusal | None:
    """CL-TRU-041, 042 for an opening by the root. After a change of root a party adds the new
    root's signature to its earlier openings, so that a stolen old root opens nothing."""
    opening = signed.body
    facts: dict[str, str | int] = {
        "party": str(opening.party),
        "epoch": opening.epoch,
        "key": opening.key,
    }
    chain = roster.chains.get(opening.party)
    if chain is None or chain.root not in signed.signers or not signed.signers <= set(chain.roots):
        return _no(Code.NOT_SIGNED, "CL-TRU-041", **facts)
    if held.confirmed is not None:
        same = held.confirmed.digest == signed.digest
        return None if same else _no(Code.FORK, "CL-TRU-042", **facts)
    return _writer_fault(roster, opening, proved_if_ended=False)


def _writer_fault(
    roster: Roster, opening: EpochOpening, *, proved_if_ended: bool
) -> Refusal | None:
    """Whether the key that will write is the party's, for this line, and not ended; an ended one
    may have opened an epoch only if the manifest that ended it says that it wrote in that epoch."""
    facts: dict[str, str | int] = {"party": str(opening.party), "key": opening.key}
    chain = roster.chains.get(opening.party)
    manifest = None if chain is None else chain.manifest
    if manifest is None:
        return _no(Code.UNKNOWN_KEY, "CL-TRU-041", **facts)
    if any(key.key == opening.key and _serves(key, roster.line) for key in manifest.keys):
        return None
    feed = feed_of(opening.party, opening.epoch)
    for ended in manifest.ended:
        if ended.key == opening.key and _serves(ended, roster.line):
            if not proved_if_ended or _end_in(ended, roster.line, feed).size:
                return None
            return _no(Code.KEY_ENDED, "CL-TRU-041", **facts)
    return _no(Code.UNKNOWN_KEY, "CL-TRU-041", **facts)


def _no(code: Code, clause: str, **params: str | int) -> Refusal:
    return Refusal(code=code, clause=clause, params={**params})
