"""A track beside its own notice: is it where it said it would be, and if not, by how much.

YES: it is in one of its volumes in space, height and time. NO: it surely is in none. UNDETERMINED:
what would tell is named. Distances are metres, times seconds, for the volume that it is nearest to:
first in time, then on the map, then in height. ``since`` is when it was first judged so without a
break; what was before the first judgement is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees, hypot
from typing import Final

from clearline.conflict.geodesy import E2
from clearline.conflict.separation import lateral
from clearline.conflict.tracks.band import TOUCH_M, band_gaps
from clearline.conflict.tracks.heights import geoid_of, heights_of
from clearline.conflict.tracks.track import Fleet, Track
from clearline.conflict.tracks.volumes import what_settles
from clearline.conflict.verdict import Extent
from clearline.model.finding import Bounds, Verdict
from clearline.model.space import Disc, LatLon
from clearline.model.terms import Levels
from clearline.model.time import SECOND, Instant

POINT_MM: Final = 1
ROUNDED_M: Final = 0.01
"""A place goes to 1e-7 degrees, 7.9 mm at most, and is a disc of 1 mm."""
_RANK: Final = {Verdict.YES: 0, Verdict.UNDETERMINED: 1, Verdict.NO: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """How a track stands to its own volumes; ``extent`` is the one it is in or nearest to.

    ``lateral_m``, ``vertical_m``: bounds of how far outside it is, nought inside; ``early_s``: how
    long before its window it is there, ``late_s``: how long after."""

    track: str
    verdict: Verdict
    extent: int
    lateral_m: Bounds
    vertical_m: Bounds
    early_s: float
    late_s: float
    settles: str | None
    since: Instant


def conformance(
    track: Track,
    own: Sequence[Extent],
    now: Instant,
    before: Conformance | None = None,
    levels: Levels | None = None,
) -> Conformance:
    """A track (``check_track`` has taken it) at ``now`` beside the volumes of its own notice, of
    which there is at least one. ``before``: what was found last, for ``since``."""
    assert own, "a notice has volumes"
    fleet = Fleet.of([track], now)
    x, y, z = fleet.states()[0, :3].tolist()
    lat = degrees(atan2(z, (1 - E2) * hypot(x, y)))
    place = LatLon(round(lat * 1e7), round(degrees(atan2(y, x)) * 1e7))
    found = [_beside(fleet, place, k, extent, now, levels or Levels()) for k, extent in
             enumerate(own)]  # fmt: skip
    best = min(found, key=_nearness)
    if before is not None and before.verdict is best.verdict:
        return _since(best, before.since)
    return best


def _nearness(one: Conformance) -> tuple[int, float, float, float, int]:
    apart = max(one.early_s, one.late_s)
    return _RANK[one.verdict], apart, one.lateral_m.low, one.vertical_m.low, one.extent


def _since(one: Conformance, since: Instant) -> Conformance:
    return Conformance(
        track=one.track,
        verdict=one.verdict,
        extent=one.extent,
        lateral_m=one.lateral_m,
        vertical_m=one.vertical_m,
        early_s=one.early_s,
        late_s=one.late_s,
        settles=one.settles,
        since=since,
    )


def _beside(
    fleet: Fleet, place: LatLon, k: int, extent: Extent, now: Instant, levels: Levels
) -> Conformance:
    point = Disc(centre=place, radius_mm=POINT_MM)
    across = lateral(point, extent.volume.footprint, 0.0)
    beside = Bounds(max(0.0, across.low - ROUNDED_M), across.high + ROUNDED_M)
    heights = heights_of(fleet, 0.0, levels, among_themselves=False)
    geoid = geoid_of(fleet, 0.0)[0]
    low, high = band_gaps(heights, 0, extent, (float(geoid[0]), float(geoid[1])), levels)
    early = max(0.0, (extent.volume.start - now) / SECOND)
    late = max(0.0, (now - extent.end) / SECOND)
    outside = early > 0 or now >= extent.end or beside.low > 0 or low > TOUCH_M
    verdict, settles = Verdict.NO, None
    if not outside:
        verdict = Verdict.YES if high <= TOUCH_M and across.high == 0.0 else Verdict.UNDETERMINED
        if verdict is Verdict.UNDETERMINED:
            settles = "lateral distance"
            if high > TOUCH_M:
                settles = what_settles(fleet, 0, extent.volume)
    return Conformance(
        track=fleet.ids[0],
        verdict=verdict,
        extent=k,
        lateral_m=Bounds(0.0, 0.0) if across.high == 0.0 else beside,
        vertical_m=Bounds(low, high),
        early_s=early,
        late_s=late,
        settles=settles,
        since=now,
    )
