"""Two lists of volumes, as two notices state them: which pairs are looked at, and what decides.

YES if any pair is, else UNDETERMINED if any is, else NO. Windows and spheres rule most pairs out,
many at once and soundly; the rest are judged one by one (``verdict.judge_volumes``), the nearest
first. All in steps, each with what it is counted as, since two long lists may take seconds and a
node does something else in between. Frame: ECEF metres; milliseconds.
"""

from collections.abc import Generator, Sequence
from functools import lru_cache
from math import dist
from typing import Final, TypeVar

import msgspec
import numpy as np

from clearline.conflict.geodesy import Floats, Ints, arc_high, arc_low, norm
from clearline.conflict.outline import outline_of, sphere_of, spheres_of
from clearline.conflict.remembered import corners
from clearline.conflict.verdict import (
    CLAUSE_LATERAL,
    Extent,
    Separation,
    apart_in_time,
    content_key,
    judge_volumes,
    time_gap,
)
from clearline.model.finding import Bounds, Judgement, Verdict
from clearline.model.space import Footprint

T = TypeVar("T")
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
_ROWS_AT_ONCE: Final = 64


START, END, X, REACH = 0, 1, 2, 5
"""Columns of ``Columns.rows``; Y and Z follow X."""


class Columns(msgspec.Struct, frozen=True):
    """Extents as rows (n, 6): windows with tails in milliseconds; spheres around footprints, ECEF
    metres."""

    rows: Floats

    @classmethod
    def of(cls, extents: Sequence[Extent]) -> "Columns":
        """One row per extent."""
        return cls.put_together(
            np.array([extent.volume.start for extent in extents], dtype=np.float64),
            np.array([extent.end for extent in extents], dtype=np.float64),
            *spheres_of([extent.volume.footprint for extent in extents]),
        )

    @classmethod
    def put_together(cls, start: Floats, end: Floats, centre: Floats, reach_m: Floats) -> "Columns":
        """Rows of their columns: (n,), (n,), (n, 3), (n,)."""
        return cls(np.column_stack((start, end, centre, reach_m)))

    @property
    def start(self) -> Floats:
        """When each begins (n,)."""
        return self.rows[:, START]

    @property
    def end(self) -> Floats:
        """When each ends, its tail included (n,)."""
        return self.rows[:, END]

    @property
    def centre(self) -> Floats:
        """The middle of each sphere (n, 3)."""
        return self.rows[:, X:REACH]

    @property
    def reach_m(self) -> Floats:
        """How far each sphere reaches (n,)."""
        return self.rows[:, REACH]


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
    starts, ends = b.start.copy(), b.end.copy()  # beside each other in memory
    for k in range(0, len(a.rows), _ROWS_AT_ONCE):
        part = slice(k, k + _ROWS_AT_ONCE)
        gap = np.maximum(a.start[part, None] - ends[None, :], starts[None, :] - a.end[part, None])
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
        return _apart_on_the_map(low, float(span), (i, j))
    return apart_in_time(soonest[0], soonest[1:])


def _over(a: Columns, b: Columns, near: _Near) -> int | None:
    """When the last of the pairs has passed: both began, and one of them ended. The deciding pair
    may be over long before another one that is as near."""
    if not len(near.i):
        return None
    ends = np.minimum(a.end[near.i], b.end[near.j])
    return int(np.maximum(ends, np.maximum(a.start[near.i], b.start[near.j])).max())


@lru_cache(maxsize=8192)
def _ball(extent: Extent) -> tuple[tuple[float, float, float], float]:
    """The sphere around an extent's footprint: kept longer than its outline, which is larger."""
    return sphere_of(outline_of(extent.volume.footprint))


def _apart_on_the_map(low_m: float, span_m: float, pair: tuple[int, int]) -> Judgement:
    """NO, for spheres around both footprints are so far apart; ``span_m``: a chord from the far
    side of the one to that of the other."""
    return Judgement(
        verdict=Verdict.NO,
        clause=CLAUSE_LATERAL,
        decided_by="lateral",
        lateral_m=Bounds(low_m, float(arc_high(np.array(span_m)))),
        volumes=pair,
    )


def _judge_one(a: Extent, b: Extent, sep: Separation) -> Judgement:
    """``judge`` for lists of one: most notices are one volume."""
    gap = time_gap(a, b)
    if gap >= sep.time_ms:
        return apart_in_time(gap, (0, 0))
    (centre_a, reach_a), (centre_b, reach_b) = _ball(a), _ball(b)
    straight, reach_m = dist(centre_a, centre_b), reach_a + reach_b
    low = float(arc_low(np.array(max(straight - reach_m, 0.0))))
    if low > sep.lateral_mm / 1000:
        return _apart_on_the_map(low, straight + reach_m, (0, 0))
    over = max(min(a.end, b.end), a.volume.start, b.volume.start)
    return msgspec.structs.replace(judge_volumes(a, b, sep), volumes=(0, 0), over=over)


def _is_first(a: Sequence[Extent], b: Sequence[Extent]) -> bool:
    """Whether ``a`` is not after ``b``, by the contents of all; mostly the first ones settle it."""
    of_a, of_b = content_key(a[0]), content_key(b[0])
    if of_a != of_b:
        return of_a < of_b
    return [content_key(each) for each in a] <= [content_key(each) for each in b]


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
