"""Two volumes, the terms, one verdict: NO, YES or UNDETERMINED, explained.

Symmetric by construction: whatever the order of the operands, the same one is taken first. Two
volumes conflict when in lateral distance *and* in height they come as near as the separation or
nearer (touching counts), *and* in time nearer than the separation (windows are half-open). NO needs
one dimension that is surely apart; YES needs all three surely near. Clauses CL-CON-001 to -005.
"""

from collections.abc import Generator, Sequence
from functools import lru_cache
from math import dist
from typing import Final, TypeVar

import msgspec
import numpy as np

from clearline.conflict.geodesy import Floats, Ints, arc_high, arc_low, chord_of, norm
from clearline.conflict.geoid import Region
from clearline.conflict.heights import Band, Setting, Vertical, vertical
from clearline.conflict.outline import Outline, cores_around, outline_of
from clearline.conflict.remembered import corners, remembered
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
T = TypeVar("T")
_ROWS_AT_ONCE: Final = 64
KEYS_REMEMBERED: Final = 16 << 20
"""Bytes of all keys of a kind that are remembered."""
_TOGETHER_MIN: Final = 8
"""Footprints from which on it is quicker to make the spheres of all at once."""
_SURFACE: Final = Height(ref=HeightRef.SFC)
UNITS_FAR: Final = 4
"""Two lists that spheres or windows keep apart, in units of judging: each is about 10 microseconds
where the kernel is compiled."""
UNITS_OVER: Final = 2
"""Two volumes that windows or heights keep apart."""
UNITS_LOOK: Final = 6
"""Two volumes that are looked at, before their corners are counted."""
CORNERS_A_UNIT: Final = 160
NEAREST_A_UNIT: Final = 16
WINDOWS_A_UNIT: Final = 1_024
SPHERES_A_UNIT: Final = 192
"""Pairs of volumes whose windows, and then whose spheres, are compared in about a unit."""
ROWS_A_UNIT: Final = 64
"""Volumes that are put in order, or made columns of, in about a unit."""


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


class _Near(msgspec.Struct, frozen=True):
    """Rows of pairs that may conflict, and the verdict if none does."""

    i: Ints
    j: Ints
    none: Judgement


def _nearby(a: Columns, b: Columns, sep: Separation) -> Generator[int, None, _Near]:
    """Pairs that may conflict, nearest first, and the verdict if none of them does.

    The rejection is sound: a geodesic is no shorter than the straight gap between two spheres.
    """
    apart_m = sep.lateral_mm / 1000
    gaps, first, second = [np.zeros(0)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    nearest, soonest = (np.inf, 0, 0), (np.inf, 0, 0)
    for k in range(0, len(a.start), _ROWS_AT_ONCE):
        part = slice(k, k + _ROWS_AT_ONCE)
        gap = np.maximum(a.start[part, None] - b.end[None, :], b.start[None, :] - a.end[part, None])
        yield gap.size // WINDOWS_A_UNIT
        i, j = np.unravel_index(int(gap.argmin()), gap.shape)
        soonest = min(soonest, (float(gap[i, j]), k + int(i), int(j)))
        ii, jj = np.nonzero(gap < sep.time_ms)
        if not len(ii):
            continue
        yield len(ii) // SPHERES_A_UNIT
        straight = norm(a.centre[k + ii] - b.centre[jj]) - a.reach_m[k + ii] - b.reach_m[jj]
        low = arc_low(np.maximum(straight, 0.0))
        m = int(low.argmin())
        nearest = min(nearest, (float(low[m]), k + int(ii[m]), int(jj[m])))
        close = low <= apart_m
        gaps.append(straight[close])
        first.append(k + ii[close])
        second.append(jj[close])
    near_m, i_of, j_of = np.concatenate(gaps), np.concatenate(first), np.concatenate(second)
    order = np.lexsort((j_of, i_of, near_m))
    yield len(order) // SPHERES_A_UNIT
    return _Near(i_of[order], j_of[order], _none_near(a, b, nearest, soonest))


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


def _over(a: Columns, b: Columns, near: _Near) -> int | None:
    """When the last of the pairs has passed: both began, and one of them ended. The deciding pair
    may be over long before another one that is as near."""
    if not len(near.i):
        return None
    ends = np.minimum(a.end[near.i], b.end[near.j])
    return int(np.maximum(ends, np.maximum(a.start[near.i], b.start[near.j])).max())


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


def units_of_look(a: Footprint, b: Footprint) -> int:
    """What looking at two volumes is counted as: by all corners, and by those of the simpler one,
    each of which may be nearest."""
    of_a, of_b = corners(a), corners(b)
    return UNITS_LOOK + (of_a + of_b) // CORNERS_A_UNIT + min(of_a, of_b) // NEAREST_A_UNIT


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
    return finished(judging(a, b, sep, rows))


def finished(steps: Generator[int, None, T]) -> T:
    """What comes of steps, all of them taken at once."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: T = done.value
            return found


def judging(
    a: Sequence[Extent],
    b: Sequence[Extent],
    sep: Separation,
    rows: tuple[Columns, Columns] | None = None,
) -> Generator[int, None, Judgement]:
    """``judge`` in steps, each with what it is counted as, in units of about 10 microseconds: two
    lists of a thousand volumes that cross each other at other heights are a million looks."""
    assert len(a) * len(b) > 0, "a notice has at least one volume"
    if len(a) == len(b) == 1:
        one = _judge_one(a[0], b[0], sep)
        looked = one.over is not None
        yield units_of_look(a[0].volume.footprint, b[0].volume.footprint) if looked else UNITS_FAR
        return one
    if not _is_first(a, b):
        turned = yield from judging(b, a, sep, None if rows is None else rows[::-1])
        assert turned.volumes is not None, "a judgement of lists names its pair"
        return msgspec.structs.replace(turned, volumes=turned.volumes[::-1])
    yield UNITS_FAR + (len(a) + len(b)) // ROWS_A_UNIT
    rows_a, rows_b = rows if rows is not None else (Columns.of(a), Columns.of(b))
    near = yield from _nearby(rows_a, rows_b, sep)
    over, verdict, decided = _over(rows_a, rows_b, near), near.none, False
    for i, j in zip(near.i.tolist(), near.j.tolist(), strict=True):
        found = judge_volumes(a[i], b[j], sep)
        beside = found.lateral_m is not None
        yield units_of_look(a[i].volume.footprint, b[j].volume.footprint) if beside else UNITS_OVER
        found = msgspec.structs.replace(found, volumes=(i, j), over=over)
        if found.verdict is Verdict.YES:
            return found
        if not decided or (found.verdict is Verdict.UNDETERMINED and verdict.verdict is Verdict.NO):
            verdict, decided = found, True
    return verdict
