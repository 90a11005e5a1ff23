"""Two volumes, the terms, one verdict: NO, YES or UNDETERMINED, explained.

Symmetric by construction: whatever the order of the operands, the same one is taken first. Two
volumes conflict when in lateral distance *and* in height they come as near as the separation or
nearer (touching counts), *and* in time nearer than the separation (windows are half-open). NO needs
one dimension that is surely apart; YES needs all three surely near. Clauses CL-CON-001 to -005.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import dist
from typing import Final

import msgspec
import numpy as np

from clearline.conflict.geodesy import Floats, arc_high, arc_low, chord_of, norm
from clearline.conflict.geoid import Region
from clearline.conflict.heights import Band, Setting, Vertical, vertical
from clearline.conflict.outline import Outline, cores_around, outline_of
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
_ROWS_AT_ONCE: Final = 256
KEYS_REMEMBERED: Final = 16 << 20
"""Bytes of all keys of a kind that are remembered."""
_TOGETHER_MIN: Final = 8
"""Footprints from which on it is quicker to make the spheres of all at once."""
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
def _key(extent: Extent) -> bytes:
    """Any total order will do, so long as it looks at the content alone."""
    return msgspec.json.encode(extent)


@remembered(KEYS_REMEMBERED, len)
def _footprint_key(footprint: Footprint) -> bytes:
    return msgspec.json.encode(footprint)


def _time_gap(a: Extent, b: Extent) -> int:
    """Milliseconds between two extents, negative by how much they overlap."""
    return max(a.volume.start - b.end, b.volume.start - a.end)


def _bands(a: Extent, b: Extent, mode: HeightMode) -> tuple[Band, Band]:
    down_a = mode is HeightMode.SURFACE and (a.hazard or not b.hazard)
    down_b = mode is HeightMode.SURFACE and (b.hazard or not a.hazard)
    return (
        Band(_SURFACE if down_a else a.volume.lower, a.volume.upper),
        Band(_SURFACE if down_b else b.volume.lower, b.volume.upper),
    )


def _sphere(outline: Outline) -> tuple[Floats, float]:
    """A sphere around the whole footprint: its core's, and the chord of its radius."""
    return outline.centre, outline.reach_m + chord_of(outline.radius_m)


@lru_cache(maxsize=8192)
def _ball(extent: Extent) -> tuple[tuple[float, float, float], float]:
    """The sphere around an extent's footprint, in plain numbers."""
    centre, reach_m = _sphere(outline_of(extent.volume.footprint))
    x, y, z = centre.tolist()
    return (x, y, z), reach_m


def _region(a: Footprint, b: Footprint, apart_m: float) -> Region:
    """Where both can be near each other: around the smaller of the two, as wide as they are kept
    apart."""
    centre, reach_m = min((_sphere(outline_of(each)) for each in (a, b)), key=lambda s: s[1])
    x, y, z = centre.tolist()
    return Region((x, y, z), reach_m + chord_of(apart_m))


def edge_tokens(*footprints: Footprint) -> tuple[str, ...]:
    """What the edges were taken to mean: every answer says so."""
    return tuple(
        sorted({f"edge:{f.edge}" for f in footprints if isinstance(f, Polygon | Corridor)})
    )


def _heights(a: Extent, b: Extent, sep: Separation) -> Vertical | None:
    if sep.height is HeightMode.IGNORE:
        return None
    apart_m = sep.lateral_mm / 1000
    region = _region(a.volume.footprint, b.volume.footprint, apart_m)
    setting = Setting(sep.levels, region, same_spot=sep.lateral_mm == 0)
    band_a, band_b = _bands(a, b, sep.height)
    return vertical(band_a, band_b, sep.vertical_mm / 1000, setting)


def height_verdict(a: Extent, b: Extent, sep: Separation) -> Verdict:
    """The part of ``judge_volumes`` that height decides."""
    found = _heights(*((a, b) if _key(a) <= _key(b) else (b, a)), sep)
    return found.verdict if found is not None else Verdict.YES


def _lateral_verdict(bounds: Bounds, apart_m: float) -> Verdict:
    if bounds.low > apart_m:
        return Verdict.NO
    return Verdict.YES if bounds.high <= apart_m else Verdict.UNDETERMINED


def judge_volumes(a: Extent, b: Extent, sep: Separation) -> Judgement:
    """The verdict on two volumes that ``check_volume`` has taken. Symmetric."""
    if _key(b) < _key(a):
        a, b = b, a
    gap = _time_gap(a, b)
    time_s = Bounds(max(gap, 0) / 1000, max(gap, 0) / 1000)
    if gap >= sep.time_ms:
        return Judgement(verdict=Verdict.NO, clause=CLAUSE_TIME, decided_by="time", time_s=time_s)
    height = _heights(a, b, sep)
    footprints = (a.volume.footprint, b.volume.footprint)
    tokens = edge_tokens(*footprints) + (height.references if height else ())
    if height is not None and height.verdict is Verdict.NO:
        return Judgement(
            verdict=Verdict.NO,
            clause=CLAUSE_VERTICAL,
            decided_by="vertical",
            vertical_m=height.bounds,
            time_s=time_s,
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
        time_s=Bounds(max(gap, 0) / 1000, max(gap, 0) / 1000),
        overlap_start=begin if begin < finish else None,
        overlap_end=finish if begin < finish else None,
        references=tokens,
        settles=settles,
    )


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Extents as arrays: windows with tails in milliseconds; spheres around footprints, ECEF."""

    start: Floats
    end: Floats
    centre: Floats
    reach_m: Floats

    @classmethod
    def of(cls, extents: Sequence[Extent]) -> "Columns":
        """One row per extent."""
        centre, reach_m = spheres_of([extent.volume.footprint for extent in extents])
        return cls(
            start=np.array([extent.volume.start for extent in extents], dtype=np.float64),
            end=np.array([extent.end for extent in extents], dtype=np.float64),
            centre=centre,
            reach_m=reach_m,
        )


def spheres_of(footprints: Sequence[Footprint]) -> tuple[Floats, Floats]:
    """Spheres around whole footprints: centres (n, 3) and reaches. Many are made at once; a few may
    be remembered."""
    if len(footprints) >= _TOGETHER_MIN:
        centre, reach_m, radius_m = cores_around(footprints)
        return centre, reach_m + np.array([chord_of(each) for each in radius_m.tolist()])
    spheres = [_sphere(outline_of(footprint)) for footprint in footprints]
    return (
        np.array([centre for centre, _ in spheres]).reshape(-1, 3),
        np.array([reach_m for _, reach_m in spheres], dtype=np.float64),
    )


def _nearby(a: Columns, b: Columns, sep: Separation) -> tuple[list[tuple[int, int]], Judgement]:
    """Pairs that may conflict, nearest first, and the verdict if none of them does.

    The rejection is sound: a geodesic is no shorter than the straight gap between two spheres.
    """
    apart_m = sep.lateral_mm / 1000
    rows: list[tuple[float, int, int]] = []
    nearest, soonest = (np.inf, 0, 0), (np.inf, 0, 0)
    for k in range(0, len(a.start), _ROWS_AT_ONCE):
        part = slice(k, k + _ROWS_AT_ONCE)
        gap = np.maximum(a.start[part, None] - b.end[None, :], b.start[None, :] - a.end[part, None])
        i, j = np.unravel_index(int(gap.argmin()), gap.shape)
        soonest = min(soonest, (float(gap[i, j]), k + int(i), int(j)))
        ii, jj = np.nonzero(gap < sep.time_ms)
        if not len(ii):
            continue
        straight = norm(a.centre[k + ii] - b.centre[jj]) - a.reach_m[k + ii] - b.reach_m[jj]
        low = arc_low(np.maximum(straight, 0.0))
        m = int(low.argmin())
        nearest = min(nearest, (float(low[m]), k + int(ii[m]), int(jj[m])))
        close = np.flatnonzero(low <= apart_m)
        order = close[np.argsort(straight[close], kind="stable")]
        rows.extend(
            zip(straight[order].tolist(), (k + ii[order]).tolist(), jj[order].tolist(), strict=True)
        )
    rows.sort()
    return [(i, j) for _, i, j in rows], _none_near(a, b, nearest, soonest)


def _none_near(
    a: Columns, b: Columns, nearest: tuple[float, int, int], soonest: tuple[float, int, int]
) -> Judgement:
    if nearest[0] < np.inf:
        low, i, j = nearest
        span = norm(a.centre[i] - b.centre[j]) + a.reach_m[i] + b.reach_m[j]
        return Judgement(
            verdict=Verdict.NO,
            clause=CLAUSE_LATERAL,
            decided_by="lateral",
            lateral_m=Bounds(low, float(arc_high(span))),
            volumes=(i, j),
        )
    gap_s = max(soonest[0], 0.0) / 1000
    return Judgement(
        verdict=Verdict.NO,
        clause=CLAUSE_TIME,
        decided_by="time",
        time_s=Bounds(gap_s, gap_s),
        volumes=(soonest[1], soonest[2]),
    )


def _over(a: Columns, b: Columns, pairs: Sequence[tuple[int, int]]) -> int | None:
    """When the last of the pairs has passed: both began, and one of them ended. The deciding pair
    may be over long before another one that is as near."""
    if not pairs:
        return None
    i, j = np.array(pairs).T
    ends = np.minimum(a.end[i], b.end[j])
    return int(np.maximum(ends, np.maximum(a.start[i], b.start[j])).max())


def _judge_one(a: Extent, b: Extent, sep: Separation) -> Judgement:
    """``judge`` for lists of one: most notices are one volume."""
    gap = _time_gap(a, b)
    if gap >= sep.time_ms:
        gap_s = max(gap, 0) / 1000
        time_s = Bounds(gap_s, gap_s)
        return Judgement(
            verdict=Verdict.NO,
            clause=CLAUSE_TIME,
            decided_by="time",
            time_s=time_s,
            volumes=(0, 0),
        )
    (centre_a, reach_a), (centre_b, reach_b) = _ball(a), _ball(b)
    straight, reach_m = dist(centre_a, centre_b), reach_a + reach_b
    low = float(arc_low(np.array(max(straight - reach_m, 0.0))))
    if low > sep.lateral_mm / 1000:
        return Judgement(
            verdict=Verdict.NO,
            clause=CLAUSE_LATERAL,
            decided_by="lateral",
            lateral_m=Bounds(low, float(arc_high(np.array(straight + reach_m)))),
            volumes=(0, 0),
        )
    over = max(min(a.end, b.end), a.volume.start, b.volume.start)
    return msgspec.structs.replace(judge_volumes(a, b, sep), volumes=(0, 0), over=over)


def _is_first(a: Sequence[Extent], b: Sequence[Extent]) -> bool:
    """Whether ``a`` is not after ``b``, by the contents of all; mostly the first ones settle it."""
    of_a, of_b = _key(a[0]), _key(b[0])
    return of_a < of_b if of_a != of_b else [_key(e) for e in a] <= [_key(e) for e in b]


def judge(
    a: Sequence[Extent],
    b: Sequence[Extent],
    sep: Separation,
    rows: tuple[Columns, Columns] | None = None,
) -> Judgement:
    """The verdict on two lists: YES if any pair is, else UNDETERMINED if any is, else NO. ``rows``:
    the columns of both, from whoever keeps them.

    ``volumes`` are the positions in ``a`` and ``b`` of the deciding pair (for NO, the pair that
    comes nearest). Symmetric but for the order of that pair. Both lists must hold something.
    """
    assert len(a) * len(b) > 0, "a notice has at least one volume"
    if len(a) == len(b) == 1:
        return _judge_one(a[0], b[0], sep)
    if not _is_first(a, b):
        turned = judge(b, a, sep, None if rows is None else rows[::-1])
        assert turned.volumes is not None, "a judgement of lists names its pair"
        return msgspec.structs.replace(turned, volumes=turned.volumes[::-1])
    rows_a, rows_b = rows if rows is not None else (Columns.of(a), Columns.of(b))
    pairs, verdict = _nearby(rows_a, rows_b, sep)
    over = _over(rows_a, rows_b, pairs)
    decided = False
    for i, j in pairs:
        found = judge_volumes(a[i], b[j], sep)
        found = msgspec.structs.replace(found, volumes=(i, j), over=over)
        if found.verdict is Verdict.YES:
            return found
        if not decided or (found.verdict is Verdict.UNDETERMINED and verdict.verdict is Verdict.NO):
            verdict, decided = found, True
    return verdict
