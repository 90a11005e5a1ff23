"""Two volumes, the terms, one verdict: NO, YES or UNDETERMINED, explained.

Symmetric by construction: whatever the order of the operands, the same one is taken first. Two
volumes conflict when in lateral distance *and* in height they come as near as the separation or
nearer (touching counts), *and* in time nearer than the separation (windows are half-open). NO needs
one dimension that is surely apart; YES needs all three surely near. Clauses CL-CON-001 to -005.
Metres and seconds in what is told, whole millimetres and milliseconds in what is compared.
"""

from typing import Final

import msgspec

from clearline.conflict.geodesy import chord_of
from clearline.conflict.geoid import Region
from clearline.conflict.heights import Band, Setting, Vertical, vertical
from clearline.conflict.outline import outline_of, sphere_of
from clearline.conflict.remembered import remembered
from clearline.conflict.separation import lateral
from clearline.model.finding import Bounds, Judgement, Verdict
from clearline.model.space import Corridor, Footprint, Height, HeightRef, Polygon, Volume
from clearline.model.terms import HeightMode, Levels, PairTerm
from clearline.model.time import Millis

CLAUSE_TIME: Final = "CL-CON-001"
CLAUSE_LATERAL: Final = "CL-CON-002"
CLAUSE_VERTICAL: Final = "CL-CON-003"
CLAUSE_SURFACE: Final = "CL-CON-004"
CLAUSE_ALL: Final = "CL-CON-005"
KEYS_REMEMBERED: Final = 16 << 20
"""Bytes of all keys of a kind that are remembered."""
_SURFACE: Final = Height(ref=HeightRef.SFC)


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """A volume as it counts: with the tail that follows its window, and whether it is a hazard,
    which in the height mode ``surface`` reaches down to the surface. If neither of two is a hazard
    there, both are taken to reach down."""

    volume: Volume
    tail_ms: Millis = Millis(0)
    hazard: bool = False

    @property
    def end(self) -> int:
        """End of window and tail."""
        return self.volume.end + self.tail_ms


class Separation(msgspec.Struct, frozen=True, kw_only=True):
    """How two classes are kept apart: margins, how height counts, and the agreed levels.

    Not ``measured``: the verdict is the same, and lateral bounds stay as wide as it allows.
    """

    lateral_mm: int = 0
    vertical_mm: int = 0
    time_ms: Millis = Millis(0)
    height: HeightMode = HeightMode.SEPARATE
    levels: Levels = Levels()
    measured: bool = True

    @classmethod
    def of(cls, term: PairTerm, levels: Levels, *, measured: bool = True) -> "Separation":
        """The separation that an agreement's term states."""
        return cls(
            lateral_mm=term.lateral_mm,
            vertical_mm=term.vertical_mm,
            time_ms=term.time_ms,
            height=term.height,
            levels=levels,
            measured=measured,
        )


@remembered(KEYS_REMEMBERED, len)
def content_key(extent: Extent) -> bytes:
    """What extents are put in order by: any order will do that looks at the content alone."""
    return msgspec.json.encode(extent)


@remembered(KEYS_REMEMBERED, len)
def _footprint_key(footprint: Footprint) -> bytes:
    return msgspec.json.encode(footprint)


def time_gap(a: Extent, b: Extent) -> int:
    """Milliseconds between two extents, negative by how much they overlap."""
    return max(a.volume.start - b.end, b.volume.start - a.end)


def _seconds(gap_ms: float) -> Bounds:
    """A gap in time as exact bounds, 0 for an overlap."""
    gap_s = max(gap_ms, 0) / 1000
    return Bounds(gap_s, gap_s)


def apart_in_time(gap_ms: float, pair: tuple[int, int] | None = None) -> Judgement:
    """NO, for there is so much time between them."""
    return Judgement(
        verdict=Verdict.NO,
        clause=CLAUSE_TIME,
        decided_by="time",
        time_s=_seconds(gap_ms),
        volumes=pair,
    )


def _bands(a: Extent, b: Extent, mode: HeightMode) -> tuple[Band, Band]:
    """Their bands as they count: in the mode ``surface`` a hazard's reaches down (CL-CON-004)."""
    down_a = mode is HeightMode.SURFACE and (a.hazard or not b.hazard)
    down_b = mode is HeightMode.SURFACE and (b.hazard or not a.hazard)
    return (
        Band(_SURFACE if down_a else a.volume.lower, a.volume.upper),
        Band(_SURFACE if down_b else b.volume.lower, b.volume.upper),
    )


def _region(a: Footprint, b: Footprint, apart_m: float) -> Region:
    """Where both can be near each other: around the smaller of the two, as wide as they are kept
    apart."""
    centre, reach_m = min((sphere_of(outline_of(each)) for each in (a, b)), key=lambda s: s[1])
    return Region(centre, reach_m + chord_of(apart_m))


def edge_tokens(*footprints: Footprint) -> tuple[str, ...]:
    """What the edges were taken to mean: every answer says so."""
    return tuple(
        sorted({f"edge:{f.edge}" for f in footprints if isinstance(f, Polygon | Corridor)})
    )


def _heights(a: Extent, b: Extent, sep: Separation) -> Vertical | None:
    """How far apart in height, over where both can be near each other; None if it plays no part."""
    if sep.height is HeightMode.IGNORE:
        return None
    apart_m = sep.lateral_mm / 1000
    region = _region(a.volume.footprint, b.volume.footprint, apart_m)
    setting = Setting(sep.levels, region, same_spot=sep.lateral_mm == 0)
    band_a, band_b = _bands(a, b, sep.height)
    return vertical(band_a, band_b, sep.vertical_mm / 1000, setting)


def height_verdict(a: Extent, b: Extent, sep: Separation) -> Verdict:
    """The part of ``judge_volumes`` that height decides."""
    found = _heights(*((a, b) if content_key(a) <= content_key(b) else (b, a)), sep)
    return found.verdict if found is not None else Verdict.YES


def _lateral_verdict(bounds: Bounds, apart_m: float) -> Verdict:
    if bounds.low > apart_m:
        return Verdict.NO
    return Verdict.YES if bounds.high <= apart_m else Verdict.UNDETERMINED


def judge_volumes(a: Extent, b: Extent, sep: Separation) -> Judgement:
    """The verdict on two volumes that ``check_volume`` has taken. Symmetric."""
    if content_key(b) < content_key(a):
        a, b = b, a
    gap = time_gap(a, b)
    if gap >= sep.time_ms:
        return apart_in_time(gap)
    height = _heights(a, b, sep)
    footprints = (a.volume.footprint, b.volume.footprint)
    tokens = edge_tokens(*footprints) + (height.references if height else ())
    if height is not None and height.verdict is Verdict.NO:
        return Judgement(
            verdict=Verdict.NO,
            clause=CLAUSE_VERTICAL,
            decided_by="vertical",
            vertical_m=height.bounds,
            time_s=_seconds(gap),
            references=tokens,
        )
    first, second = footprints
    if _footprint_key(second) < _footprint_key(first):
        first, second = second, first
    across = lateral(first, second, sep.lateral_mm / 1000, measured=sep.measured)
    return _combined(a, b, sep, (across, height, gap, tokens))


def _combined(
    a: Extent,
    b: Extent,
    sep: Separation,
    found: tuple[Bounds, Vertical | None, int, tuple[str, ...]],
) -> Judgement:
    """Put lateral, vertical and time together once time and height have not ruled it out."""
    across, height, gap, tokens = found
    beside = _lateral_verdict(across, sep.lateral_mm / 1000)
    over = height.verdict if height else Verdict.YES
    settles, decided, clause = None, "lateral", CLAUSE_LATERAL
    if beside is Verdict.NO:
        verdict = Verdict.NO
    elif over is Verdict.UNDETERMINED:
        verdict, decided, clause = Verdict.UNDETERMINED, "vertical", CLAUSE_VERTICAL
        settles = height.settles if height else None
    elif beside is Verdict.UNDETERMINED:
        verdict, settles = Verdict.UNDETERMINED, "lateral distance"
    else:
        verdict = Verdict.YES
        clause = CLAUSE_SURFACE if sep.height is HeightMode.SURFACE else CLAUSE_ALL
        if across.low == 0.0:  # they overlap on the map: another margin may have decided
            over_m = height.bounds.low if height else 0.0
            decided = "vertical" if over_m > 0 else "time" if gap >= 0 else "lateral"
    begin, finish = max(a.volume.start, b.volume.start), min(a.end, b.end)
    return Judgement(
        verdict=verdict,
        clause=clause,
        decided_by=decided,
        lateral_m=across,
        vertical_m=height.bounds if height else None,
        time_s=_seconds(gap),
        overlap_start=begin if begin < finish else None,
        overlap_end=finish if begin < finish else None,
        references=tokens,
        settles=settles,
    )
