"""The agreement: the terms of one line, as every party signs them.

Canonical JSON of this record is what is hashed and signed. The hash of version 1 names the line.
"""

from enum import StrEnum
from typing import Final

from clearline.model.entry import Precedence
from clearline.model.ids import Digest, LineId, PartyId
from clearline.model.space import Footprint, Volume, _Wire
from clearline.model.time import Instant, Millis


class Effect(StrEnum):
    """What a class of notices does to others."""

    HAZARD = "hazard"  # can hurt whoever is inside; has a tail
    KEEP_CLEAR = "keep-clear"  # can be hurt: others are asked to stay out
    MOVEMENT = "movement"  # something that moves and can be hurt


class HeightMode(StrEnum):
    """How height counts between two classes."""

    SEPARATE = "separate"
    SURFACE = "surface"  # the hazard reaches from its upper limit down to the surface
    IGNORE = "ignore"  # height plays no part: lateral and time alone decide


class PartyTerm(_Wire, frozen=True):
    """A member: its root key as 64 hex digits of the raw Ed25519 key."""

    id: PartyId
    name: str
    root_key: str


class Zone(_Wire, frozen=True):
    """A standing area of a represented party: where it can be harmed or do harm. ``reach_mm`` is
    how far outside it still acts; ``after_s`` how long after a hazard it may still react."""

    label: str
    footprint: Footprint
    reach_mm: int = 0
    after_ms: Millis = Millis(0)


class Represented(_Wire, frozen=True):
    """A third party without a node: TOLD, ANSWERED or NO ANSWER, never DECONFLICTED."""

    id: PartyId
    name: str
    can_do_harm: bool
    can_be_harmed: bool
    relay: PartyId
    backup: PartyId
    deadline_ms: Millis
    zones: tuple[Zone, ...]


class ClassTerm(_Wire, frozen=True):
    """An activity class: what it does, whether it is on the ground, its lead time and tail, and the
    size and length above which a reason must be given (FM28). ``reconfirm_ms``: how long a notice
    stands before its author must say again that it is still so (FM15)."""

    id: str
    name: str
    effect: Effect
    on_ground: bool
    lead_min_ms: Millis
    tail_ms: Millis
    reason_above_km2: int | None = None
    reason_above_ms: Millis | None = None
    reconfirm_ms: Millis | None = None


class PairTerm(_Wire, frozen=True):
    """How two classes are kept apart; ``a`` <= ``b`` in code point order."""

    a: str
    b: str
    height: HeightMode
    lateral_mm: int
    vertical_mm: int
    time_ms: Millis


class Rung(_Wire, frozen=True):
    """One rung of a ladder: a role's name and how long after the alarm it is called."""

    role: str
    after_ms: Millis


class DeadlineTerm(_Wire, frozen=True):
    """For one precedence: when receipt and answer are due, how often to ring again, the ladder."""

    precedence: Precedence
    receipt_ms: Millis
    answer_ms: Millis
    repeat_ms: Millis
    ladder: tuple[Rung, ...]


class Levels(_Wire, frozen=True):
    """The range of sea-level pressure that flight levels are judged with when no QNH is notified,
    and a margin for temperature as parts per thousand of the height."""

    qnh_low_pa: int = 95_000
    qnh_high_pa: int = 105_000
    temperature_permille: int = 100


class DataTerm(_Wire, frozen=True):
    """Data that judging may use, by hash: other data than this never touches standing."""

    name: str
    sha256: Digest


DISTRESS_RADIUS_MM: Final = 20_000_000
"""20 km about a last known place are kept clear for rescue, unless the terms say another length."""
READ_BACK_MM: Final = 100_000
"""A place that is read back lies within 100 m, unless the terms say another length."""


class Agreement(_Wire, frozen=True):
    """The whole terms of a line, one version.

    ``read_back_mm``: a place that is read back may lie so far off, beyond its own digits (FM04).
    ``distress_radius_mm``: kept clear about a place of distress that nobody gave a size (FM19).
    ``text_check_ms``: how often a person sends a text over the line, absent: never (FM12).
    ``line`` is empty in version 1 (its own hash becomes the name) and present from version 2 on,
    as ``previous`` is. ``pairs`` covers every unordered pair of classes exactly once.
    """

    v: int
    title: str
    version: int
    effective: Instant
    exercise: bool
    parties: tuple[PartyTerm, ...]
    represented: tuple[Represented, ...]
    area: Footprint
    classes: tuple[ClassTerm, ...]
    pairs: tuple[PairTerm, ...]
    deadlines: tuple[DeadlineTerm, ...]
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    heartbeat_ms: Millis
    down_after_ms: Millis
    line_test_ms: Millis
    clock_offset_max_ms: Millis
    sightings_kept_ms: Millis
    picture_stale_ms: Millis
    levels: Levels
    data: tuple[DataTerm, ...]
    protocol: str
    rules: str
    line: LineId | None = None
    previous: Digest | None = None
    read_back_mm: int = READ_BACK_MM
    distress_radius_mm: int = DISTRESS_RADIUS_MM
    text_check_ms: Millis | None = None


__all__ = [
    "Agreement", "ClassTerm", "DataTerm", "DeadlineTerm", "Effect", "HeightMode", "Levels",
    "PairTerm", "PartyTerm", "Represented", "Rung", "Volume", "Zone",
]  # fmt: skip
