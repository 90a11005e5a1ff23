"""Every volume of the plan against every volume of what it is checked against.

One side is held, the other comes in batches. A pair is passed over only when the spheres around its
footprints are farther apart than the widest separation, or the windows with the longest tails are:
then every verdict on it is NO.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np

from clearline.conflict.geodesy import arc_low, norm
from clearline.conflict.index import Reach
from clearline.conflict.lists import Columns, units_of_look
from clearline.model.finding import Bounds, Judgement, Verdict
from clearline.model.space import Footprint
from clearline.model.time import INSTANT_MAX, Instant, format_utc
from clearline.plan.answer import Found, Party, Span
from clearline.plan.batch import Batch
from clearline.plan.rules import RANK, Placed, Rules

if TYPE_CHECKING:
    from clearline.conflict.fast.spheres import SphereGrid

FINDINGS_MAX: Final = 10_000
"""Findings that an answer lists, the gravest; the others are counted."""
FEW_UNITS: Final = 12_000
"""Up to here pairs that are near, as ``units_of_look`` counts them, are judged in some seconds
without compiled loops: about two thousand simple ones."""
Before = Callable[[bool], None]
_PAIRS_AT_ONCE: Final = 1 << 21
GRID_MIN: Final = 2_000
"""Rows held from which on a grid finds what is near; below, reading all of them is as quick."""

STALE: Final = Judgement(
    verdict=Verdict.UNDETERMINED,
    clause="CL-PIC-006",
    decided_by="stale",
    settles="a newer picture",
)


def nothing(many: bool) -> None:
    """Nobody has anything to do before."""


def near(a: Columns, b: Columns, reach: Reach) -> Iterator[tuple[int, int]]:
    """Rows of both that may conflict. Sound: a geodesic is no shorter than the straight gap."""
    rows = max(1, _PAIRS_AT_ONCE // max(1, len(b.rows)))
    starts, ends = b.start.copy(), b.end.copy()  # beside each other in memory
    for k in range(0, len(a.rows), rows):
        part = slice(k, k + rows)
        gap = np.maximum(a.start[part, None] - ends[None, :], starts[None, :] - a.end[part, None])
        ii, jj = np.nonzero(gap < reach.time_ms)
        if not len(ii):
            continue
        straight = norm(a.centre[k + ii] - b.centre[jj]) - a.reach_m[k + ii] - b.reach_m[jj]
        close = arc_low(np.maximum(straight, 0.0)) <= reach.lateral_mm / 1000
        yield from zip((k + ii[close]).tolist(), jj[close].tolist(), strict=True)


@dataclass(slots=True)
class Comparison:
    """Findings so far. ``stale``: the picture is too old to say NO by it. ``before`` is called once
    before the first pair is looked at, and told whether there are or may be many."""

    held: Batch
    plan_is_held: bool
    rules: Rules
    stale: bool = False
    before: Before = nothing
    counts: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    findings: list[Found] = field(default_factory=list)
    _worst: dict[int, Verdict] = field(default_factory=dict)
    _grid: "SphereGrid | None" = None
    _told: bool = False

    def feed(self, batch: Batch, *, is_last: bool = True) -> None:
        """Compare a batch of the side that is not held; ``is_last``: none comes after it."""
        plan, against = (self.held, batch) if self.plan_is_held else (batch, self.held)
        for row, other in self._announced(self._near(batch), plan, against, is_last):
            at, by = int(plan.owner[row]), int(against.owner[other])
            i, j = int(plan.number[row]), int(against.number[other])
            found = self.rules.judge(plan.items[at], i, against.items[by], j)
            if found.verdict is not Verdict.NO:
                self._keep(at, found, plan.items[at], i, (against.items[by], j))
        for placed in against.items:
            everywhere = _everywhere(placed)
            if everywhere is None:
                continue
            for at, item in enumerate(plan.items):
                self._keep(at, everywhere, item, None, (placed, None))
        if not self.plan_is_held:
            self._close(plan)

    def _announced(
        self, pairs: Iterator[tuple[int, int]], plan: Batch, against: Batch, is_last: bool
    ) -> Iterator[tuple[int, int]]:
        """The same pairs of rows, once ``before`` was called if there are any."""
        first, units = [], 0
        while not self._told and (units <= FEW_UNITS) and (pair := next(pairs, None)):
            first.append(pair)
            units += units_of_look(_footprint(plan, pair[0]), _footprint(against, pair[1]))
            if not is_last:
                break
        if first:
            self._tell(not is_last or units > FEW_UNITS)
        yield from chain(first, pairs)

    def _tell(self, many: bool) -> None:
        if not self._told:
            self._told = True
            self.before(many)

    def _near(self, batch: Batch) -> Iterator[tuple[int, int]]:
        """Rows of plan and notices that may conflict: by a grid when many rows are held."""
        asked, reach = batch.columns, self.rules.reach
        if len(self.held.columns.start) < GRID_MIN or not len(asked.start):
            pairs = near(asked, self.held.columns, reach)
        else:
            self._tell(True)
            if self._grid is None:
                from clearline.conflict.fast.spheres import SphereGrid  # numba takes a second

                self._grid = SphereGrid(self.held.columns)
            pairs = self._grid.near(asked, reach)
        yield from ((j, i) for i, j in pairs) if self.plan_is_held else pairs

    def finish(self) -> None:
        """Nothing more comes."""
        if self.plan_is_held:
            self._close(self.held)
        self._trim()

    def _close(self, plan: Batch) -> None:
        """Count the items of the plan by their verdict, once all that they meet is known."""
        for at, item in enumerate(plan.items):
            if self.stale and at not in self._worst:
                self._keep(at, STALE, item, None, None)
            self.items[self._worst.get(at, Verdict.NO)] += 1
        self._worst.clear()

    def _keep(
        self,
        at: int,
        found: Judgement,
        item: Placed,
        volume: int | None,
        other: tuple[Placed, int | None] | None,
    ) -> None:
        self.counts[found.verdict] += 1
        if RANK[found.verdict] > RANK[self._worst.get(at, Verdict.NO)]:
            self._worst[at] = found.verdict
        self.findings.append(
            Found(
                verdict=found.verdict,
                plan=_party(item, volume),
                against=_party(*other) if other is not None else None,
                clause=found.clause,
                decided_by=found.decided_by,
                settles=found.settles,
                lateral_m=_span(found.lateral_m),
                vertical_m=_span(found.vertical_m),
                time_s=_span(found.time_s),
                overlap_start=_bound(found.overlap_start),
                overlap_end=_bound(found.overlap_end),
                references=found.references,
            )
        )
        if len(self.findings) > 2 * FINDINGS_MAX:
            self._trim()

    def _trim(self) -> None:
        self.findings.sort(key=gravity)
        del self.findings[FINDINGS_MAX:]

    @property
    def not_listed(self) -> int:
        """Findings beyond those that are kept."""
        return sum(self.counts.values()) - len(self.findings)


def gravity(found: Found) -> tuple[int, str, float, int, int, int, int]:
    """Order of seriousness: conflicts before what cannot be ruled out, the earliest first, then
    the nearest; then as they stand in the sources."""
    against = found.against
    return (
        -RANK[found.verdict],
        found.overlap_start or "",
        (found.lateral_m[0] or 0.0) if found.lateral_m is not None else 0.0,
        found.plan.place,
        found.plan.volume or 0,
        against.place if against is not None else 0,
        (against.volume or 0) if against is not None else 0,
    )


def _footprint(batch: Batch, row: int) -> Footprint:
    return batch.items[int(batch.owner[row])].item.volumes[int(batch.number[row])].footprint


def _everywhere(placed: Placed) -> Judgement | None:
    """The verdict with everything of a notice that cannot be judged; None for the others."""
    if placed.unreadable is not None:
        return Judgement(
            verdict=Verdict.UNDETERMINED,
            clause="CL-STA-005",
            decided_by="unreadable",
            settles=f"a readable version of {placed.ref}",
        )
    if placed.termless:
        return Judgement(
            verdict=Verdict.UNDETERMINED,
            clause="CL-STA-006",
            decided_by="terms",
            settles=f"terms for {placed.item.cls}",
        )
    return None


def _span(bounds: Bounds | None) -> Span | None:
    """JSON has no infinity."""
    if bounds is None:
        return None
    low, high = (value if isfinite(value) else None for value in (bounds.low, bounds.high))
    return low, high


def _bound(at: int | None) -> str | None:
    return format_utc(Instant(at)) if at is not None and 0 < at < INSTANT_MAX else None


def _party(placed: Placed, volume: int | None) -> Party:
    item = placed.item
    prefix = None if volume is None else item.pointer(volume)
    return Party(
        unit=placed.unit,
        place=placed.place,
        volume=volume,
        id=item.id,
        cls=item.cls,
        party=item.party,
        ref=str(placed.ref) if placed.ref is not None else None,
        label=placed.label,
        standing=placed.standing,
        applied=item.applied,
        widened=tuple(at for at in item.widened if prefix is None or at.startswith(f"{prefix}/")),
    )
