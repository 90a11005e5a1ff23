"""What a verifier finds: steps, findings, and the facts that a report is made of. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from clearline.evidence.parts import Bundle, Withheld
from clearline.model.entry import Entry, Frame
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Code, Param
from clearline.model.time import Instant
from clearline.trust.roster import Roster


class Level(StrEnum):
    """How much a finding weighs: wrong (exit 1), unknown (exit 3), or only to be known."""

    WRONG = "wrong"
    UNKNOWN = "unknown"
    NOTE = "note"


class What(StrEnum):
    """What was found. Closed; each has a sentence in ``evidence.words``."""

    FILE_FORM = "file-form"
    MEMBER = "member"
    MAKER = "maker"
    FOREIGN_LINE = "foreign-line"
    DOCUMENT = "document"
    WRONGLY_SIGNED = "wrongly-signed"
    BAD_ROOT = "bad-root"
    ALTERED = "altered"
    LEAF_ALTERED = "leaf-altered"
    REORDERED = "reordered"
    DUPLICATED = "duplicated"
    DROPPED = "dropped"
    ADDED = "added"
    WITHHELD_SHOWN = "withheld-shown"
    MISCOUNTED = "miscounted"
    MISPLACED = "misplaced"
    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    NOT_HELD = "not-held"
    FORKED = "forked"
    NO_FORK = "no-fork"
    BACK_DATED = "back-dated"
    POST_DATED = "post-dated"
    CLOCK_UNKNOWN = "clock-unknown"
    OWN_CONTRADICTION = "own-contradiction"
    PROOF = "proof"
    DESK = "desk"
    WITHHELD = "withheld"
    SEAL = "seal"
    ENVELOPE = "envelope"
    ENVELOPE_UNSURE = "envelope-unsure"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found: where (feed and index, or member), what, by which code and clause."""

    level: Level
    what: What
    code: Code
    clause: str
    feed: str | None = None
    index: int | None = None
    member: str | None = None
    params: dict[str, Param] = {}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One numbered step of the verification and how it ended."""

    number: int
    title: str
    wrong: int
    unknown: int
    text: str


class Offset(msgspec.Struct, frozen=True, kw_only=True):
    """A peer's clock minus the maker's, milliseconds, over the bundle's heartbeats. ``low`` and
    ``high`` bound it, uncertainty included; ``last`` is the newest measurement."""

    peer: PartyId
    low: int
    high: int
    last: int
    uncertainty: int
    measured: int
    first_at: Instant
    last_at: Instant


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """Lead time of one version at one receiver by both accounts, milliseconds.

    ``issuer_ms``: start minus the time that the author states, by the author's clock.
    ``receiver_ms``: start minus the receiver's receipt, by the receiver's clock; it decides.
    ``best_ms``: start minus the receiver's last entry that the version had seen."""

    party: PartyId
    by: EntryRef | None
    receipt: Instant | None
    issuer_ms: int
    receiver_ms: int | None
    best_ms: int | None
    minimum_ms: int | None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One shown entry that says something. ``t``: its author's clock, a signed claim; ``received``:
    the maker's clock, its own word; ``receipts``: the first entry of each other party that has seen
    it, with that party's clock."""

    ref: EntryRef
    kind: str
    text: str
    t: Instant
    received: Instant | None
    receipts: tuple[tuple[PartyId, EntryRef, Instant], ...] = ()
    leads: tuple[Lead, ...] = ()
    about: tuple[EntryRef, ...] = ()
    prec: str = ""


class FeedFact(msgspec.Struct, frozen=True, kw_only=True):
    """One feed in the bundle: leaves proved, covered by the checkpoint, shown, withheld."""

    feed: FeedId
    size: int
    covered: int | None
    root: str
    shown: int
    withheld: tuple[Withheld, ...]
    good: bool
    first_t: Instant | None = None
    last_t: Instant | None = None


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """One origin and all entries that tell of it: many reports of one origin are one (FM22)."""

    origin: str
    reports: tuple[EntryRef, ...]
    parties: tuple[PartyId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One feed after its own checks: leaf hashes as they stand, frames and entries that opened."""

    fact: FeedFact
    hashes: tuple[bytes, ...]
    frames: Mapping[int, Frame]
    entries: Mapping[int, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The whole result. ``exit``: 0 whole and consistent, 1 something is wrong, 3 nothing is wrong
    but parts are withheld or were not held."""

    bundle: Bundle
    line: LineId
    roster: Roster | None
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    feeds: tuple[Checked, ...] = ()
    offsets: tuple[Offset, ...] = ()
    events: tuple[Event, ...] = ()
    origins: tuple[Origin, ...] = ()
    desk_shown: tuple[tuple[int, bytes], ...] = field(default=())

    @property
    def exit(self) -> int:
        """The exit code."""
        levels = {finding.level for finding in self.findings}
        if Level.WRONG in levels:
            return 1
        return 3 if Level.UNKNOWN in levels else 0

    @property
    def exercise(self) -> bool:
        """Whether the line is an exercise, for ever; unknown where no terms could be read."""
        return self.roster is not None and self.roster.versions[0].body.exercise

    def frame(self, ref: EntryRef) -> Frame | None:
        """The frame of a shown entry."""
        for checked in self.feeds:
            if checked.fact.feed == ref.feed:
                return checked.frames.get(ref.index)
        return None
