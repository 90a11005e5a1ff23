"""What a scenario file states: parties, places, claims, variants, acts, expectations, results.

Every public fact stands as a claim of somebody; every other thing that a replay needs stands as an
assumption of somebody. Times are UTC; a time that is not known exactly is a pair of bounds.
"""

from dataclasses import dataclass
from enum import StrEnum

from clearline.model.alert import TroubleKind
from clearline.model.entry import Precedence, RelayOutcome, Reply
from clearline.model.ids import PartyId
from clearline.model.refusal import Code
from clearline.model.space import Footprint, Height, LatLon
from clearline.model.terms import Represented
from clearline.model.time import MINUTE, Instant, Millis
from clearline.node.views import Phase
from clearline.picture.standing import State

FORMAT = "clearline-scenario/1"


class Evidence(StrEnum):
    """How a claim is known: found in a public source, unverified, or derived by arithmetic."""

    PUBLIC = "F"
    UNVERIFIED = "M"
    DERIVED = "D"


class KnownTo(StrEnum):
    """How exactly a claim gives its time. Nothing finer than a minute is ever made of a minute."""

    SECOND = "second"
    MINUTE = "minute"
    ABOUT = "about"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody in the scenario. ``on_line``: has a node; otherwise the terms represent it, or it
    only makes claims."""

    id: PartyId
    name: str
    on_line: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point, WGS 84, with how far off it may be (metres) and how it is known."""

    id: str
    position: LatLon
    accuracy_m: int
    evidence: Evidence
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one party says happened. ``at`` None: no time is published."""

    id: str
    at: Instant | None
    known_to: KnownTo | None
    by: PartyId
    what: str
    evidence: Evidence
    source: str
    disputed_by: tuple[str, ...]
    stated_on: str | None

    @property
    def until(self) -> Instant | None:
        """The end of the interval in which it lies: a minute after ``at`` when the minute is all
        that is known. A time said to be "about" is given no better bounds than a minute's."""
        if self.at is None or self.known_to is KnownTo.SECOND:
            return self.at
        return Instant(self.at + MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """What variants take as given although nobody has published it, and who assumes it."""

    id: str
    variants: tuple[str, ...]
    by: str
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One account: the claims that it takes."""

    id: str
    title: str
    claims: tuple[str, ...]
    undisputed_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment: an instant, or so long after a claim or an earlier act."""

    at: Instant | None = None
    after: str | None = None
    shift_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Bounds of a moment; equal when it is exact."""

    first: Mark
    last: Mark


# --- acts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedVolume:
    """A volume whose window is known within bounds."""

    footprint: Footprint
    lower: Height
    upper: Height
    start: When
    end: When


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNotice:
    """Files a notice, or with ``amends`` a new version of one. Without volumes it is an attempt."""

    cls: str
    label: str
    precedence: Precedence
    volumes: tuple[StagedVolume, ...]
    amends: str | None = None
    reason: str | None = None
    operation: str | None = None
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndNotice:
    """Withdraws the notices of acts, or with ``clear`` declares them ALL CLEAR from now on."""

    of: tuple[str, ...]
    clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveAnswer:
    """A role answers; ``shift_min`` is a proposal to shift by so many minutes."""

    to: str
    reply: Reply
    role: str
    minutes_needed: int | None = None
    shift_min: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellThird:
    """A relay says how far a represented party has come with an act."""

    of: str
    to: PartyId
    outcome: RelayOutcome
    means: str


class PleaKind(StrEnum):
    """What goes to everyone at once, always."""

    STOP = "stop"
    DISTRESS = "distress"
    ACCIDENT = "accident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plead:
    """STOP about acts or volumes, DISTRESS or ACCIDENT with volumes."""

    kind: PleaKind
    about: tuple[str, ...]
    what: str
    souls: int | None
    volumes: tuple[StagedVolume, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMover:
    """An own mover is somewhere: local to the party, never sent."""

    call_sign: str
    place: str
    speed_mms: int
    cls: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAlerts:
    """A person takes all ringing alerts of a kind: quiet, the duty stays open."""

    alert: TroubleKind
    person: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLink:
    """The link between the party and another goes down, or comes up again."""

    peer: PartyId
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowFault:
    """A party's node is told of a fault of its own systems, or that it is over: local."""

    fault: str
    detail: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveWatch:
    """Who has the watch of a role gives it: nothing has passed yet."""

    role: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeWatch:
    """The next watch takes it, having touched every open item but those whose id begins with one
    of ``leaves``; ``override``: why those were left."""

    role: str
    person: str
    leaves: tuple[str, ...]
    override: str


Doing = (
    FileNotice | EndNotice | GiveAnswer | TellThird | Plead | PlaceMover | TakeAlerts | CutLink
    | KnowFault | GiveWatch | TakeWatch
)  # fmt: skip
LOCAL = (PlaceMover, TakeAlerts, CutLink, KnowFault, GiveWatch)
"""What writes nothing on the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that a party does. ``basis``: the claims and assumptions that it rests on.
    ``refused``: the code with which the party's own node must refuse it."""

    id: str
    variants: tuple[str, ...]
    at: When
    party: PartyId
    basis: tuple[str, ...]
    says: str
    does: Doing
    refused: Code | None = None


# --- what the replay must show --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must stand at a party's desk at a moment; only what is given is looked at."""

    variants: tuple[str, ...]
    at: When
    party: PartyId
    about: str | None = None
    alert: TroubleKind | None = None
    no_alert: TroubleKind | None = None
    rung: str | None = None
    standing: State | None = None
    phase: Phase | None = None
    lead_time_s: int | None = None
    lead_time_s_max: int | None = None
    shortfall_s: int | None = None
    minutes_needed: int | None = None
    suggested: Reply | None = None
    not_told: tuple[str, ...] | None = None
    refused: Code | None = None
    answered: tuple[str, ...] | None = None


class Measure(StrEnum):
    """What a row of the last table measures, on the record that the replay has made."""

    SHORTFALL = "shortfall"  # what a notice's lead lacks at a party
    NEEDED = "needed"  # minutes that a party's movers need beyond what is left
    REFUSED = "refused"  # an attempt that its own node refused
    TOLD = "told"  # from a notice's arrival to a represented party told
    REACHED = "reached"  # from an act to the last other party's receipt of it
    ANSWERED = "answered"  # from an act to a party's final answer
    OPEN = "open"  # a hazard not ended at a moment
    APART = "apart"  # metres between two places
    ALARM = "alarm"  # from an act to the first alarm of a kind at a party


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One row of the last table: what failed then, by whose claims, and what the line does.

    ``then_min`` is the claimed length of time to compare with, in minutes; ``then_from`` and
    ``then_to`` are claimed moments between which it lies instead. ``assumes``: the assumptions that
    its figure rests on beside the claims."""

    id: str
    variants: tuple[str, ...]
    failed: str
    claims: tuple[str, ...]
    measure: Measure
    line: str
    of: str | None = None
    party: PartyId | None = None
    at: When | None = None
    alert: TroubleKind | None = None
    places: tuple[str, ...] = ()
    then_min: int | None = None
    then_from: When | None = None
    then_to: When | None = None
    assumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A span in which nothing happens that is told one by one: nodes look at their clocks once in
    ``every_ms``, and an alarm that rings on is not played ring by ring."""

    start: Instant
    end: Instant
    every_ms: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One scenario."""

    id: str
    title: str
    about: str
    template: str
    agreement_title: str
    begins: Instant
    ends: Instant
    parties: tuple[Party, ...]
    represented: tuple[Represented, ...]
    area: Footprint | None
    places: tuple[Place, ...]
    claims: tuple[Claim, ...]
    variants: tuple[Variant, ...]
    assumptions: tuple[Assumption, ...]
    acts: tuple[Act, ...]
    expectations: tuple[Expectation, ...]
    results: tuple[Result, ...]
    quiet: tuple[Quiet, ...] = ()

    @property
    def members(self) -> tuple[Party, ...]:
        """Parties with a node."""
        return tuple(party for party in self.parties if party.on_line)

    def variant(self, id: str) -> Variant | None:
        """A variant by its id."""
        return next((variant for variant in self.variants if variant.id == id), None)

    def claim(self, id: str) -> Claim | None:
        """A claim by its id."""
        return next((claim for claim in self.claims if claim.id == id), None)

    def place(self, id: str) -> Place | None:
        """A place by its id."""
        return next((place for place in self.places if place.id == id), None)

    def assumed(self, variant: str) -> tuple[Assumption, ...]:
        """What a variant takes as given beside its claims."""
        return tuple(one for one in self.assumptions if plays_in(one.variants, variant))

    def disputed(self, id: str) -> bool:
        """Whether any claim contradicts this one, whichever of the two says so."""
        own = self.claim(id)
        named = own is not None and bool(own.disputed_by)
        return named or any(id in claim.disputed_by for claim in self.claims)


def plays_in(variants: tuple[str, ...], variant: str) -> bool:
    """Whether something belongs to a variant; naming none means all."""
    return not variants or variant in variants
