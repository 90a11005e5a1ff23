"""Whether volumes lie within the volumes of an envelope, in time, in height and on the map.

A volume lies within the envelope when at every moment of its window some envelope volume that is
then in force holds its whole footprint and its whole band of heights (CL-CON-007). YES and NO are
sound; several envelope volumes that hold it only together at one moment are never decided as YES.
Limits of heights are compared at the same spot; SFC is the surface itself, and below an envelope
that begins at SFC is nothing. Metres; milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Final

from msgspec.structs import replace

from clearline.conflict.geoid import Region
from clearline.conflict.heights import Setting, Span, rise, widest_doubt
from clearline.conflict.outline import outline_of, sphere_of
from clearline.conflict.within import Within, footprint_within, surely_outside, surely_within
from clearline.model.finding import Bounds, Containment, Verdict
from clearline.model.space import HeightRef, Volume
from clearline.model.terms import Levels

CLAUSE_WITHIN: Final = "CL-CON-007"
FITS_MAX: Final = 1_000
"""Pairs of volumes that are compared for one opened notice: a route of VOLUMES_MAX legs within one
envelope; what is left is not said to fit."""
TOGETHER_MAX: Final = 16
"""Envelope volumes of one moment between which one point outside of all is looked for."""
TOGETHER: Final = "one envelope volume that holds it alone"
WORK: Final = "fewer volumes"


@dataclass(frozen=True, slots=True)
class _Fit:
    """A volume against one of the envelope: on the map, above its upper limit, below its lower."""

    volume: Volume
    of: Volume
    fits: bool
    over: Span
    under: Span

    @property
    def holds(self) -> bool:
        return self.fits and self.over.high <= 0 and self.under.high <= 0

    @property
    def flat(self) -> Within:
        """On the map; finding what is outside takes some tens of milliseconds, once."""
        return footprint_within(self.volume.footprint, self.of.footprint)

    @property
    def outside(self) -> tuple[str, ...]:
        found = ["vertical"] if max(self.over.low, self.under.low) > 0 else []
        return tuple(found + (["lateral"] if self.flat.verdict is Verdict.NO else []))

    @property
    def vertical_m(self) -> Bounds:
        spans = (self.over, self.under)
        return Bounds(max(0.0, *(s.low for s in spans)), max(0.0, *(s.high for s in spans)))

    @property
    def settles(self) -> str:
        if not self.fits:
            return "lateral distance"
        open_ = [span for span in (self.over, self.under) if span.high > 0]
        return widest_doubt(*open_) or TOGETHER


def contains(envelope: Sequence[Volume], volumes: Sequence[Volume], levels: Levels) -> Containment:
    """Whether every one of ``volumes`` lies within the envelope; all have passed ``check_volume``.

    The answer is that of the volume that is worst: NO before UNDETERMINED before YES.
    """
    worst = Containment(verdict=Verdict.YES, clause=CLAUSE_WITHIN)
    left = FITS_MAX
    for n, volume in enumerate(volumes):
        near = [e for e in envelope if e.start < volume.end and volume.start < e.end]
        left -= len(near)
        found = _one(near, volume, n, levels) if left >= 0 else _unsure(n, WORK)
        if found.verdict is Verdict.NO:
            return found
        if worst.verdict is Verdict.YES:
            worst = found
    return worst


def _unsure(n: int, settles: str) -> Containment:
    return Containment(
        verdict=Verdict.UNDETERMINED, clause=CLAUSE_WITHIN, settles=settles, volume=n
    )


def _one(near: Sequence[Volume], volume: Volume, n: int, levels: Levels) -> Containment:
    """One volume against the envelope volumes that are in force at some moment of its window."""
    setting = _setting(volume, levels)
    fits = [_fit(volume, e, setting) for e in near]
    moments = sorted(
        {volume.start, volume.end}
        | {t for e in near for t in (e.start, e.end) if volume.start < t < volume.end}
    )
    uncovered_ms, doubt = 0, None
    broken: list[_Fit] | None = None
    for begin, end in pairwise(moments):
        inside = [fit for fit in fits if fit.of.start <= begin and end <= fit.of.end]
        if not inside:
            uncovered_ms += end - begin
        elif not any(fit.holds for fit in inside):
            if _none_holds(inside):
                broken = broken or inside
            else:
                doubt = doubt or (inside[0].settles if len(inside) == 1 else TOGETHER)
    if uncovered_ms or broken:
        return _broken(volume, n, near, broken or fits, uncovered_ms)
    if doubt is not None:
        return _unsure(n, doubt)
    return Containment(verdict=Verdict.YES, clause=CLAUSE_WITHIN, volume=n)


def _setting(volume: Volume, levels: Levels) -> Setting:
    return Setting(levels, Region(*sphere_of(outline_of(volume.footprint))), same_spot=True)


def _fit(volume: Volume, e: Volume, setting: Setting) -> _Fit:
    under = Span(-inf, -inf)
    if e.lower.ref is not HeightRef.SFC:
        under = rise(e.lower, volume.lower, setting)
    return _Fit(
        volume=volume,
        of=e,
        fits=surely_within(volume.footprint, e.footprint),
        over=rise(volume.upper, e.upper, setting),
        under=under,
    )


def _none_holds(inside: Sequence[_Fit]) -> bool:
    """Whether one point surely lies outside all of them: at the top or at the bottom of the volume,
    above the spot where it leaves those that this height alone does not leave."""
    for side in ("over", "under"):
        rest = [fit for fit in inside if not getattr(fit, side).low > 0]
        if not rest:
            return True
        if len(rest) > TOGETHER_MAX:
            continue
        for point in rest[0].flat.outside:
            if all(surely_outside(point, fit.of.footprint) > 0 for fit in rest[1:]):
                return True
        if len(rest) == 1 and rest[0].flat.verdict is Verdict.NO:
            return True
    return False


def _broken(
    volume: Volume, n: int, near: Sequence[Volume], fits: Sequence[_Fit], uncovered_ms: int
) -> Containment:
    """What surely lies outside, and by how much, of the envelope volume that it leaves least."""
    outside: tuple[str, ...] = ("time",) if uncovered_ms else ()
    gap_s = uncovered_ms / 1000
    if not near:
        return Containment(
            verdict=Verdict.NO, clause=CLAUSE_WITHIN, outside=outside,
            time_s=Bounds(gap_s, gap_s), volume=n,
        )  # fmt: skip
    least = min(fits[:TOGETHER_MAX], key=lambda fit: (len(fit.outside), not fit.holds))
    return Containment(
        verdict=Verdict.NO,
        clause=CLAUSE_WITHIN,
        outside=outside + least.outside,
        time_s=Bounds(gap_s, gap_s),
        vertical_m=least.vertical_m,
        lateral_m=least.flat.beyond_m,
        volume=n,
    )


def with_reasons(found: Containment, *, same_class: bool, ended: bool) -> Containment:
    """What is no matter of geometry: an envelope of another class has other tails, separations and
    reach; one that had ended before kept nobody away."""
    more = (*(() if same_class else ("class",)), *(("ended",) if ended else ()))
    if not more:
        return found
    outside = (*found.outside, *more)
    return replace(found, verdict=Verdict.NO, outside=outside, settles=None)
