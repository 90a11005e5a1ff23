"""What a check answers, as it is printed for programs; ``check-answer.schema.json`` is made of it.

Times are RFC 3339 in UTC, distances metres, lengths of time seconds; an infinite bound is null.
"""

from typing import Final

import msgspec

from clearline.model.finding import Verdict
from clearline.model.refusal import Code

SAYS: Final = "A notice gives no permission; the absence of one removes no protection."
VERSION: Final = 1
EXIT_STOPPED: Final = 130
"""What a shell says of a command that Ctrl-C has ended."""

Span = tuple[float | None, float | None]
"""Bounds that hold the true value; None is infinite."""


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the answer: every field is always there."""


class RefusedItem(_Part, frozen=True):
    """An item that was not judged: where it stands, code, clause, pointer into it, sentence."""

    source: str
    unit: str
    place: int
    code: Code
    clause: str
    at: str
    sentence: str


class Widened(_Part, frozen=True):
    """An item in which something was absent: pointers to what counts as unbounded."""

    source: str
    unit: str
    place: int
    id: str | None
    absent: tuple[str, ...]


class Party(_Part, frozen=True):
    """One end of a finding: which item, and which of its volumes (0 the first; None: all)."""

    unit: str
    place: int
    volume: int | None
    id: str | None
    cls: str | None = msgspec.field(name="class")
    party: str | None
    ref: str | None
    label: str | None
    standing: str | None
    applied: tuple[str, ...]
    widened: tuple[str, ...]


class Found(_Part, frozen=True):
    """A pair that is not NO, with what the verdict rests on. ``against`` is None where the picture
    as a whole is the reason. ``overlap_start``, ``overlap_end``: None where unbounded or none."""

    verdict: Verdict
    plan: Party
    against: Party | None
    clause: str
    decided_by: str
    settles: str | None
    lateral_m: Span | None
    vertical_m: Span | None
    time_s: Span | None
    overlap_start: str | None
    overlap_end: str | None
    references: tuple[str, ...]


class SideSummary(_Part, frozen=True):
    """What was read of one source. ``applied``: how often each meaning was taken."""

    items: int
    volumes: int
    refused: int
    widened: int
    applied: dict[str, int]


class PeerAge(_Part, frozen=True):
    """How fresh the picture was of one party: its last entry, the last round trip to it."""

    party: str
    last_entry: str | None
    round_trip: str | None
    age_s: float | None


class Position(_Part, frozen=True):
    """How much of a feed the picture rests on."""

    feed: str
    size: int
    root: str
    proved: bool


class PictureSummary(_Part, frozen=True):
    """The signed picture that was checked against, and how old it is at ``checked_at``."""

    line: str
    by: str
    fingerprint: str
    key: str
    exercise: bool
    as_of: str
    age_s: float
    stale_after_s: float
    stale: bool
    reason: str | None
    peers: tuple[PeerAge, ...]
    positions: tuple[Position, ...]


class TermsSummary(_Part, frozen=True):
    """By which terms: ``none`` (separations nought, heights separate), a file, or the picture."""

    kind: str
    line: str | None
    versions: tuple[int, ...]
    not_signed_by: tuple[str, ...]


class Answer(_Part, frozen=True):
    """The whole answer. ``verdict`` is the gravest of any pair; ``items`` counts the plan's items
    by their verdict; ``not_listed``: findings, refusals and widened items beyond what is listed.
    ``stopped``: sources that were not read to their end, because somebody stopped the check: of the
    rest nothing is said, and of the whole never NO."""

    v: int
    verdict: Verdict
    exit: int
    checked_at: str
    plan: SideSummary
    against: SideSummary
    terms: TermsSummary
    picture: PictureSummary | None
    items: dict[str, int]
    findings_count: dict[str, int]
    findings: tuple[Found, ...]
    refused: tuple[RefusedItem, ...]
    widened: tuple[Widened, ...]
    not_listed: int
    stopped: tuple[str, ...] = ()
    says: str = SAYS


def exit_code(
    refused: int, conflicts: int, undetermined: int, stopped: tuple[str, ...] = ()
) -> int:
    """130 if it was stopped, else 2 if any item was refused, else 1 if any conflict, else 3 if any
    undetermined, else 0."""
    if stopped:
        return EXIT_STOPPED
    if refused:
        return 2
    return 1 if conflicts else 3 if undetermined else 0
