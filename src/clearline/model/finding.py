"""What judging found: three-valued verdicts with the bounds that they rest on."""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """NO is sound: never given where the exact predicate says conflict. Unknown is never NO."""

    NO = "NO"
    YES = "YES"
    UNDETERMINED = "UNDETERMINED"


_RANK = {Verdict.NO: 0, Verdict.UNDETERMINED: 1, Verdict.YES: 2}


def worst(a: Verdict, b: Verdict) -> Verdict:
    """The stricter of two verdicts: YES before UNDETERMINED before NO."""
    return a if _RANK[a] >= _RANK[b] else b


class Bounds(msgspec.Struct, frozen=True, array_like=True):
    """A closed interval that holds the true value; ``high`` may be infinite."""

    low: float
    high: float


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one pair, explained.

    ``lateral_m``/``vertical_m``/``time_s`` bound the distance between the two in each dimension
    (0 when they overlap there); ``None`` where the dimension was not looked at since another had
    decided. ``decided_by`` names the margin: lateral | vertical | time | class | unreadable |
    terms | data. ``settles`` names the one datum that would turn UNDETERMINED into YES or NO.
    ``volumes`` are the positions of the deciding pair in the two lists. ``over``: from then on no
    pair of the lists that may be near matters any more; ``None`` where that is not known.
    """

    verdict: Verdict
    clause: str
    decided_by: str
    lateral_m: Bounds | None = None
    vertical_m: Bounds | None = None
    time_s: Bounds | None = None
    overlap_start: int | None = None
    overlap_end: int | None = None
    over: int | None = None
    references: tuple[str, ...] = ()
    settles: str | None = None
    volumes: tuple[int, int] | None = None
    note: str = ""


class Containment(msgspec.Struct, frozen=True, kw_only=True):
    """Whether what was opened lies within its envelope: YES surely, NO surely not, explained.

    ``outside`` names what surely is: time | vertical | lateral | class | ended (before it was
    opened). ``time_s``/``vertical_m``/``lateral_m`` bound by how much; ``high`` is infinite where
    only a least is known. ``settles`` names what would decide an UNDETERMINED. ``volume`` is the
    position of the volume that decided.
    """

    verdict: Verdict
    clause: str
    outside: tuple[str, ...] = ()
    time_s: Bounds | None = None
    vertical_m: Bounds | None = None
    lateral_m: Bounds | None = None
    settles: str | None = None
    volume: int | None = None
