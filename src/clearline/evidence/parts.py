"""What a bundle is made of: its manifest, feeds, statements. Values, of which nothing is proved."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from clearline.model.alert import AlertState, Severity, TroubleKind
from clearline.model.entry import Reply
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import Instant


class _Stated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A closed record of a bundle."""


class Member(_Stated, frozen=True):
    """One member of the bundle."""

    name: str
    size: int
    sha256: Digest


class Held(_Stated, frozen=True):
    """How much of a feed was held and is proved here: ``size`` leaves, ``shown`` of them open.

    ``uncovered``: so many more were held, under a checkpoint of a longer record that had not all
    come yet: they cannot be proved here, and are left out."""

    feed: FeedId
    size: int
    shown: int
    uncovered: int = 0


class Withheld(_Stated, frozen=True):
    """A run of leaves whose content is not shown: which, and why. ``why``: kind, party, time,
    range."""

    feed: FeedId
    first: int
    count: int
    why: str


class Scope(_Stated, frozen=True):
    """What was asked for. Times are of the maker's own clock; ``at``: only what had been received
    by then."""

    first: Instant | None = None
    until: Instant | None = None
    at: Instant | None = None
    withhold: tuple[str, ...] = ()
    desk: bool = False
    proofs: bool = True


class Manifest(_Stated, frozen=True):
    """What the maker signs: whose bundle, of which line, made when (own clock), what is in it."""

    v: int
    line: LineId
    party: PartyId
    feed: FeedId
    made: Instant
    software: str
    scope: Scope
    says: tuple[str, ...]
    held: tuple[Held, ...]
    withheld: tuple[Withheld, ...]
    alerts_withheld: int
    members: tuple[Member, ...]


class Seen(_Stated, frozen=True):
    """A checkpoint as somebody showed it: who, and when it came by the maker's clock."""

    by: PartyId
    received: Instant
    text: str


class Beat(_Stated, frozen=True):
    """One heartbeat of a peer's. ``sent`` and ``echo_received`` are the peer's clock, ``received``
    and ``echo_sent`` the maker's: four times of one round trip (RFC 5905 section 8)."""

    peer: PartyId
    sequence: int
    sent: Instant
    received: Instant
    echo_sent: Instant | None = None
    echo_received: Instant | None = None


class AlertStated(_Stated, frozen=True):
    """What the maker's node says of one duty: raised, presented, taken, answered, by its clock."""

    id: str
    kind: TroubleKind
    severity: Severity
    about: tuple[EntryRef, ...]
    peer: PartyId | None
    state: AlertState | None
    raised: Instant
    presented: Instant | None = None
    presented_on: str | None = None
    taken_at: Instant | None = None
    taken_role: str | None = None
    answer: EntryRef | None = None
    reply: Reply | None = None
    answered_role: str | None = None
    rung: int = 0
    rings: int = 0


class ForkStated(_Stated, frozen=True):
    """A fork's proof, hashes as base64; see ``clearline.ledger.audit.Fork``."""

    feed: FeedId
    shorter: str
    longer: str
    beginning: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens one commitment: salt and exact bytes."""

    salt: bytes
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPart:
    """One feed: checkpoint, commitments from 0, what is shown of it by index. ``consistency``
    shows that the leaves are a beginning of the checkpoint's tree, where that is longer.
    ``faults``: indices that stand twice or out of order."""

    feed: FeedId
    checkpoint: bytes
    leaves: tuple[bytes, ...]
    shown: Mapping[int, Opening]
    consistency: tuple[bytes, ...] = ()
    repeated: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadPart:
    """An entry held beyond a gap, and the tlog-proof of its place; the salt is in the proof."""

    feed: FeedId
    index: int
    data: bytes
    proof: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPart:
    """The maker's private desk record: its own feed, with a checkpoint of the maker's key."""

    checkpoint: bytes
    leaves: tuple[bytes, ...]
    shown: Mapping[int, Opening]
    repeated: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything in a bundle but its manifest. ``received`` gives, for each feed, when each leaf
    came, by the maker's clock: its own word."""

    documents: tuple[bytes, ...]
    feeds: tuple[FeedPart, ...]
    proofs: Mapping[EntryRef, bytes] = field(default_factory=dict)
    ahead: tuple[AheadPart, ...] = ()
    forks: tuple[ForkStated, ...] = ()
    received: Mapping[FeedId, tuple[Instant, ...]] = field(default_factory=dict)
    checkpoints: tuple[Seen, ...] = ()
    desks: tuple[Seen, ...] = ()
    beats: tuple[Beat, ...] = ()
    alerts: tuple[AlertStated, ...] = ()
    desk: DeskPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle as read. ``misfits``: members that are not what the manifest says, or not there, or
    cannot be read, each with the reason; ``exact``: the file is in its one form."""

    manifest: Manifest
    manifest_raw: bytes
    note: bytes
    content: Content
    misfits: tuple[Refusal, ...]
    exact: bool
