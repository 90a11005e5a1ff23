"""What can be said on a line: one entry, its frame and its closed kinds of body.

Bodies are closed records: an unknown field is refused. Times are claims of the issuer's clock.
"""

from enum import StrEnum
from typing import ClassVar

import msgspec

from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Code
from clearline.model.space import Height, LatLon, Volume, _Wire
from clearline.model.time import Instant

PROTOCOL = 1


class Precedence(StrEnum):
    """Order of handling (ACP 121 prosigns)."""

    FLASH = "Z"
    IMMEDIATE = "O"
    PRIORITY = "P"
    ROUTINE = "R"


class Kind(StrEnum):
    """What an entry is."""

    JOIN = "join"
    ADOPT = "adopt"
    NOTICE = "notice"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    ALL_CLEAR = "all-clear"
    RECEIPT = "receipt"
    ANSWER = "answer"
    COORDINATED = "coordinated"
    MESSAGE = "message"
    STOP = "stop"
    DISTRESS = "distress"
    ACCIDENT = "accident"
    RELAY = "relay"
    RELAYED = "relayed"
    HEARTBEAT = "heartbeat"
    TEST = "test"
    SUSPEND = "suspend"
    RESUME = "resume"
    HANDOVER = "handover"
    SEAL = "seal"
    OPEN = "open"
    REKEY = "rekey"
    LEAVE = "leave"


OVERTAKING = frozenset(
    {Kind.NOTICE, Kind.AMEND, Kind.STOP, Kind.DISTRESS, Kind.ACCIDENT, Kind.MESSAGE, Kind.ANSWER}
)
"""Kinds that may be taken ahead of sequence when their precedence is FLASH: they can add danger."""

BARE = frozenset({Kind.RECEIPT, Kind.HEARTBEAT})
"""Kinds that carry only what was seen: they create no duty to receipt."""

TELLING = frozenset(
    {Kind.NOTICE, Kind.AMEND, Kind.OPEN, Kind.STOP, Kind.DISTRESS, Kind.ACCIDENT, Kind.MESSAGE,
     Kind.TEST}
)  # fmt: skip
"""Kinds that tell people something: when one reached a node counts for its duties."""

EMERGENCY = frozenset({Kind.STOP, Kind.DISTRESS, Kind.ACCIDENT})
"""Kinds that always go, to everybody, even on a suspended line."""


# --- bodies ----------------------------------------------------------------------------------


class FreeText(_Wire, frozen=True):
    """Words in their original language (BCP 47 tag); a translation is the reader's, and marked."""

    lang: str
    text: str


class Join(_Wire, frozen=True):
    """First entry of a party's record: the agreement that it joins under, its software, rules."""

    kind: ClassVar[Kind] = Kind.JOIN
    agreement: Digest
    software: str
    rules: str


class Adopt(_Wire, frozen=True):
    """From here on this party judges and receipts under this version of the terms."""

    kind: ClassVar[Kind] = Kind.ADOPT
    version: int
    agreement: Digest


class Notice(_Wire, frozen=True):
    """An activity: class, ordered volumes each with its own window, label (a name is only a label).

    ``operation`` names one operation of the author's whose notices are not judged against each
    other. ``reason`` is needed for closures over the agreed size or length. ``marks`` are closed
    words for what changes recognition: escort, transponder-off, unmarked, ...
    """

    kind: ClassVar[Kind] = Kind.NOTICE
    cls: str
    label: str
    volumes: tuple[Volume, ...]
    operation: str | None = None
    reason: str | None = None
    marks: tuple[str, ...] = ()
    remark: FreeText | None = None
    key: str | None = None


class Amend(_Wire, frozen=True):
    """A new version of one's own notice. The earlier one stays live until ``withdraw`` names it."""

    kind: ClassVar[Kind] = Kind.AMEND
    notice: EntryRef
    to: Notice


class Withdraw(_Wire, frozen=True):
    """Ends the named versions of one's own. Final. A hazard that has begun keeps its tail."""

    kind: ClassVar[Kind] = Kind.WITHDRAW
    versions: tuple[EntryRef, ...]


class AllClear(_Wire, frozen=True):
    """Ends the named versions' hazards, tail included, at the stated time."""

    kind: ClassVar[Kind] = Kind.ALL_CLEAR
    versions: tuple[EntryRef, ...]
    at: Instant


class Receipt(_Wire, frozen=True):
    """Carries only the frame's ``seen``, ``ahead`` and ``refused``."""

    kind: ClassVar[Kind] = Kind.RECEIPT


class Reply(StrEnum):
    """Answers of a person in a role. HALTED and CANNOT answer a STOP."""

    ROGER = "ROGER"
    READ_BACK = "READ-BACK"
    WILCO = "WILCO"
    UNABLE = "UNABLE"
    STANDBY = "STANDBY"
    OBJECT = "OBJECT"
    HALTED = "HALTED"
    CANNOT = "CANNOT"


class Proposal(_Wire, frozen=True):
    """A way out: shift in minutes, another band of heights, or other volumes; at least one."""

    shift_min: int | None = None
    lower: Height | None = None
    upper: Height | None = None
    volumes: tuple[Volume, ...] = ()


class ReadBack(_Wire, frozen=True):
    """Three short values as the receiver re-measured them: bearing (1e-3 degrees true) and distance
    (mm) from a point of its own to the middle of one of the notice's volumes, its upper limit, the
    start. The middle of a disc is its centre, of a corridor half of its length along, of a polygon
    the mean of its corners. Digits that are nought count as not said."""

    origin: LatLon
    bearing_mdeg: int
    distance_mm: int
    upper: Height
    start: Instant


class Answer(_Wire, frozen=True):
    """What a role at the addressee's desk says to exactly one version (or message, stop, ...)."""

    kind: ClassVar[Kind] = Kind.ANSWER
    to: EntryRef
    reply: Reply
    role: str
    minutes_needed: int | None = None
    proposal: Proposal | None = None
    read_back: ReadBack | None = None
    remark: FreeText | None = None


class StandingArea(_Wire, frozen=True):
    """Where and when a standing coordination with another party holds: exactly one volume, whose
    window is the operational period."""

    party: PartyId
    volumes: tuple[Volume, ...]


class Coordinated(_Wire, frozen=True):
    """One side's word under which measure an overlap is dealt with, until a time: of exactly this
    pair of versions, or, standing, of whatever of the two parties lies within one area and one
    operational period. One of ``pair`` and ``standing``."""

    kind: ClassVar[Kind] = Kind.COORDINATED
    measure: str
    until: Instant
    pair: tuple[EntryRef, EntryRef] | None = None
    standing: StandingArea | None = None


class Attachment(_Wire, frozen=True):
    """A document by its digest; it travels beside the feed, in pieces."""

    sha256: Digest
    size: int
    media: str


class Field(_Wire, frozen=True):
    """One filled blank of a message template."""

    name: str
    value: str | int


class Message(_Wire, frozen=True):
    """A closed template by id with its fields; free text only as an original."""

    kind: ClassVar[Kind] = Kind.MESSAGE
    template: str
    fields: tuple[Field, ...] = ()
    to: tuple[PartyId, ...] = ()
    remark: FreeText | None = None
    attachments: tuple[Attachment, ...] = ()


class Stop(_Wire, frozen=True):
    """A plea to suspend hazardous activity: these versions, within these volumes, or all."""

    kind: ClassVar[Kind] = Kind.STOP
    about: tuple[EntryRef, ...] = ()
    volumes: tuple[Volume, ...] = ()
    remark: FreeText | None = None


class Distress(_Wire, frozen=True):
    """Somebody is in danger here: the volumes are to be kept clear for search and rescue."""

    kind: ClassVar[Kind] = Kind.DISTRESS
    what: str
    volumes: tuple[Volume, ...]
    souls: int | None = None
    remark: FreeText | None = None


class Accident(_Wire, frozen=True):
    """Something unplanned of the author's may hurt others: volumes where known."""

    kind: ClassVar[Kind] = Kind.ACCIDENT
    what: str
    volumes: tuple[Volume, ...] = ()
    remark: FreeText | None = None


class Relay(_Wire, frozen=True):
    """The author takes on (or passes to the backup) telling a represented party of an entry."""

    kind: ClassVar[Kind] = Kind.RELAY
    of: EntryRef
    to: PartyId


class RelayOutcome(StrEnum):
    """How far a represented party has come."""

    TOLD = "TOLD"
    ANSWERED = "ANSWERED"
    NO_ANSWER = "NO-ANSWER"


class Relayed(_Wire, frozen=True):
    """What came of telling a represented party: by which means, when, the reply code's digest."""

    kind: ClassVar[Kind] = Kind.RELAYED
    of: EntryRef
    to: PartyId
    outcome: RelayOutcome
    means: str
    at: Instant
    proof: Digest | None = None
    remark: FreeText | None = None


class LinkState(StrEnum):
    """State of the line to a peer as this node measures it."""

    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


class LinkReport(_Wire, frozen=True):
    """The line to one peer: state, since when, age of the last round trip at that time."""

    peer: PartyId
    state: LinkState
    since: Instant


class Heartbeat(_Wire, frozen=True):
    """Written when the state of a line changes and at least hourly."""

    kind: ClassVar[Kind] = Kind.HEARTBEAT
    links: tuple[LinkReport, ...] = ()


class Test(_Wire, frozen=True):
    """A test by a person of the whole way to a person; answered with ROGER."""

    kind: ClassVar[Kind] = Kind.TEST
    __test__ = False
    text: str
    role: str


class Suspend(_Wire, frozen=True):
    """The author suspends routine business on the line; reception and receipts go on."""

    kind: ClassVar[Kind] = Kind.SUSPEND
    reason: str


class Resume(_Wire, frozen=True):
    """Ends the author's own suspension."""

    kind: ClassVar[Kind] = Kind.RESUME
    of: EntryRef


class Handover(_Wire, frozen=True):
    """The watch of a role passes at a stated moment; ``open`` items were touched."""

    kind: ClassVar[Kind] = Kind.HANDOVER
    role: str
    at: Instant
    open: int


class Seal(_Wire, frozen=True):
    """A commitment, SHA-256(salt || canonical notice), to be opened at ``opens``. No standing."""

    kind: ClassVar[Kind] = Kind.SEAL
    sha256: Digest
    opens: Instant
    envelope: EntryRef | None = None


class Open(_Wire, frozen=True):
    """Opens a seal: a new version. ``envelope`` is the coarse notice that it must lie inside."""

    kind: ClassVar[Kind] = Kind.OPEN
    seal: EntryRef
    salt: str
    to: Notice
    envelope: EntryRef | None = None


class Rekey(_Wire, frozen=True):
    """The manifest under which the checkpoint that first covers this entry is signed."""

    kind: ClassVar[Kind] = Kind.REKEY
    manifest: Digest
    serial: int


class Leave(_Wire, frozen=True):
    """The last entry of a party on a line."""

    kind: ClassVar[Kind] = Kind.LEAVE
    reason: str


Body = (
    Join | Adopt | Notice | Amend | Withdraw | AllClear | Receipt | Answer | Coordinated | Message
    | Stop | Distress | Accident | Relay | Relayed | Heartbeat | Test | Suspend | Resume | Handover
    | Seal | Open | Rekey | Leave
)  # fmt: skip

BODIES: dict[Kind, type[Body]] = {
    body.kind: body
    for body in (
        Join, Adopt, Notice, Amend, Withdraw, AllClear, Receipt, Answer, Coordinated, Message, Stop,
        Distress, Accident, Relay, Relayed, Heartbeat, Test, Suspend, Resume, Handover, Seal, Open,
        Rekey, Leave,
    )
}  # fmt: skip


# --- frame -----------------------------------------------------------------------------------


class AheadItem(
    msgspec.Struct, frozen=True, array_like=True, order=True, forbid_unknown_fields=True
):
    """An entry held beyond a gap: feed, index, leaf hash."""

    feed: FeedId
    index: int
    leaf: Digest


class RefusedItem(
    msgspec.Struct, frozen=True, array_like=True, order=True, forbid_unknown_fields=True
):
    """An entry in a verified feed that the issuer could not apply: feed, index, leaf hash, code."""

    feed: FeedId
    index: int
    leaf: Digest
    code: Code


class Frame(_Wire, frozen=True):
    """The outer frame of an entry, without its meaning.

    ``seen[f]`` is the length of the contiguous verified prefix of feed f that the issuer had
    durably processed; one's own feed is not listed. ``refused`` lists what this entry is the
    first of its feed to report.
    """

    v: int
    line: LineId
    feed: FeedId
    index: int
    t: Instant
    prec: Precedence
    seen: dict[FeedId, int]
    kind: str
    body: msgspec.Raw
    ahead: tuple[AheadItem, ...] = ()
    refused: tuple[RefusedItem, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One admitted entry with its meaning. ``leaf`` is the RFC 6962 leaf hash of its commitment."""

    line: LineId
    feed: FeedId
    index: int
    t: Instant
    prec: Precedence
    seen: dict[FeedId, int]
    body: Body
    leaf: Digest
    ahead: tuple[AheadItem, ...] = ()
    refused: tuple[RefusedItem, ...] = ()

    @property
    def ref(self) -> EntryRef:
        """Its place."""
        return EntryRef(self.feed, self.index)

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self.body.kind
