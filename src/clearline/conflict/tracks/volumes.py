"""Tracks against volumes: when each may enter, surely is in and leaves, and how to get out.

The predicate: at some instant of the look-ahead a track's place is in the footprint (its boundary
counts as in), its height in the band and the instant in the window with its tail. YES: surely at
some instant; UNDETERMINED: maybe, and what would tell. A pair that is not listed surely does not
meet. Times are seconds from now, outward: entry not too late, leaving not too early, by the time
that the track needs for a few centimetres where nothing else is open. Clauses as for volumes.

``paths`` finds who comes near the sphere around a volume (B16 of ``docs/conflict-bounds.md``),
``crossing`` when it is in the footprint, ``band`` when in the band; ``docs/tracks.md`` says why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, radians
from typing import Final

import numpy as np

from clearline.conflict.fast.bands import limits_of
from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.lent import lent
from clearline.conflict.fast.packed import Packed
from clearline.conflict.fast.packing import pack
from clearline.conflict.fast.stated import Names, stated
from clearline.conflict.geodesy import Floats, Ints
from clearline.conflict.leave import exit_m
from clearline.conflict.tracks.band import in_band
from clearline.conflict.tracks.crossing import STAYS_MAX, stays
from clearline.conflict.tracks.heights import Heights, geoid_of, heights_of
from clearline.conflict.tracks.motion import SERIES_M_MAX, TERMS, carried, expansions
from clearline.conflict.tracks.paths import near_paths, paths_of
from clearline.conflict.tracks.track import REFS, UNKNOWN, UNSTATED, Fleet
from clearline.conflict.verdict import Extent
from clearline.model.finding import Verdict
from clearline.model.space import Footprint, HeightRef, LatLon, Volume
from clearline.model.terms import Levels
from clearline.model.time import SECOND, Instant

MINUTE_S: Final = 60.0
HALF_TURN: Final = 180.0
_AFTER_TURN: Final = 2.0
"""Turning by up to half a circle leads at most two radii, v / omega each, away."""
_GROUND: Final = {HeightRef.AGL, HeightRef.SFC}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volumes:
    """Extents made ready: their names, footprints packed, windows with tails (milliseconds), and
    their limits as ``Stated.heights`` has them."""

    ids: Sequence[str]
    extents: Sequence[Extent]
    packed: Packed
    start: Floats
    end: Floats
    heights: Ints

    @classmethod
    def of(cls, ids: Sequence[str], extents: Sequence[Extent]) -> "Volumes":
        """Extents whose volumes ``check_volume`` has taken, each with the name it is told by."""
        columns = stated(extents, (0,) * len(extents), Names())
        return cls(
            ids=ids,
            extents=extents,
            packed=pack(columns.shapes),
            start=columns.facts[:, 0].astype(np.float64),
            end=columns.facts[:, 1:3].sum(axis=1).astype(np.float64),
            heights=columns.heights,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """For a track that is or may be inside now: metres straight to the nearest edge, and minutes
    that a way out takes which exists (CL-CON-006), at its speed and, if stated, its rate of turn;
    None for one that does not move."""

    exit_m: float
    minutes: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A track in a volume: ``enter_s`` (0: in now) to ``leave_s`` (None: not before the end of the
    look-ahead), both outward; ``settles``: what would turn UNDETERMINED into YES or NO."""

    track: str
    volume: str
    extent: int
    verdict: Verdict
    enter_s: float
    leave_s: float | None
    way_out: WayOut | None
    settles: str | None


def tracks_in_volumes(
    fleet: Fleet,
    volumes: Volumes,
    lookahead_s: float,
    now: Instant,
    *,
    turn_dps: Sequence[float | None] | None = None,
    levels: Levels | None = None,
    ways_out: bool = True,
) -> Iterator[Stay]:
    """Every stay of a track in a volume within the look-ahead, track by track. Not ``ways_out``:
    what is in now is not told how to get out, which takes milliseconds each."""
    levels = levels or Levels()
    starts, ends = (volumes.start - now) / SECOND, (volumes.end - now) / SECOND
    live = np.flatnonzero((starts <= lookahead_s) & (ends > 0))
    if not len(fleet) or not len(live):
        return
    states = fleet.states()
    near = near_paths(volumes.packed.solid, live, paths_of(fleet, states, lookahead_s))
    if not len(near):
        return
    near = near[np.lexsort((near[:, 1], near[:, 0]))]
    rows, mine = np.unique(near[:, 0], return_inverse=True)
    extents, theirs = np.unique(near[:, 1], return_inverse=True)
    some = fleet.take(rows)
    found = _judged(
        np.stack((mine, near[:, 1], theirs), axis=1),
        volumes.packed,
        limits_of(volumes.heights[extents], levels),
        heights_of(some, lookahead_s, levels, among_themselves=False),
        geoid_of(some, lookahead_s),
        _series(some, states[rows], lookahead_s),
        some.speed,
        np.stack((starts, ends), axis=1),
        lookahead_s,
    )
    for k, enter, leave, sure, held in found.tolist():
        i, v = near[int(k)].tolist()
        out = None
        if enter <= 0 and ways_out:
            turn = None if turn_dps is None else turn_dps[i]
            footprint = volumes.extents[v].volume.footprint
            out = _way_out(fleet, i, footprint, turn, leave if leave < lookahead_s else None)
        settles = None
        if not sure:
            settles = (
                what_settles(fleet, i, volumes.extents[v].volume) if held else "lateral distance"
            )
        yield Stay(
            track=fleet.ids[i],
            volume=volumes.ids[v],
            extent=v,
            verdict=Verdict.YES if sure else Verdict.UNDETERMINED,
            enter_s=enter,
            leave_s=leave if leave < lookahead_s else None,
            way_out=out,
            settles=settles,
        )


def _series(fleet: Fleet, states: Floats, ahead_s: float) -> Floats:
    """The series of every track for each part of a look-ahead, shape (parts, n, TERMS)."""
    fastest = float(fleet.speed.max(initial=0.0))
    parts = max(1, ceil(fastest * ahead_s / SERIES_M_MAX))
    found = np.empty((parts, len(fleet), TERMS))
    for part in range(parts):
        found[part] = expansions(states)
        states = carried(states, ahead_s / parts)
    return found


@compiled
def _on_the_map(
    packed: Packed,
    v: int,
    series: Floats,
    i: int,
    speed: float,
    start: float,
    end: float,
    whole: float,
    rows: Floats,
) -> int:
    """Rows of ``crossing.stays`` of a track over all parts of the look-ahead, ``whole`` seconds
    each, put together; how many."""
    count, table = 0, np.empty((STAYS_MAX, 4))
    for part in range(len(series)):
        origin = part * whole
        low, high = max(start - origin, 0.0), min(end - origin, whole)
        if low > high:
            continue
        for k in range(stays(packed, v, series[part, i], speed, low, high, table)):
            row, last = table[k] + origin, rows[count - 1]
            if count > 0 and row[0] <= origin + low and last[1] >= origin + low - 1e-9:
                last[1] = row[1]
                if row[3] - row[2] > last[3] - last[2]:
                    last[2], last[3] = row[2], row[3]
            else:
                rows[count] = row
                count += 1
    return count


@compiled(nogil=True)
def _judged(
    near: Ints,
    packed: Packed,
    limits: Floats,
    heights: Heights,
    geoid: Floats,
    series: Floats,
    speed: Floats,
    windows: Floats,
    ahead_s: float,
) -> Floats:
    """The stays of pairs (track, volume, row of its limits): rows of the pair's place, when it may
    enter and leave, whether it surely is in at some instant, and whether on the map it is."""
    packed, parts = lent(packed), len(series)
    rows, found, n = np.empty((parts * STAYS_MAX, 4)), np.empty((len(near), 5)), 0
    for pair in range(len(near)):
        i, v, limit = near[pair, 0], near[pair, 1], near[pair, 2]
        end = windows[v, 1]
        a, b, c, d = in_band(heights, i, limits[limit], (geoid[i, 0], geoid[i, 1]))
        a, b = max(a, windows[v, 0], 0.0), min(b, end, ahead_s)
        c, d = max(c, windows[v, 0], 0.0), min(d, end, ahead_s)
        if a > b or b == end <= a:
            continue
        count = _on_the_map(packed, v, series, i, speed[i], a, b, ahead_s / parts, rows)
        if n + count > len(found):
            larger = np.empty((2 * len(found) + count, 5))
            larger[:n] = found[:n]
            found = larger
        for k in range(count):
            first, last = max(rows[k, 2], c), min(rows[k, 3], d)
            row = found[n]
            row[0], row[1], row[2] = pair, rows[k, 0], rows[k, 1]
            # Windows are open at their end: an instant there is not enough.
            row[3] = 1.0 if first <= last and first < end else 0.0
            row[4] = 1.0 if rows[k, 2] <= rows[k, 3] else 0.0
            n += 1
    return found[:n]


def _way_out(
    fleet: Fleet, i: int, footprint: Footprint, turn_dps: float | None, leave_s: float | None
) -> WayOut:
    """Straight on, or by the nearest edge after turning towards it."""
    place = LatLon(round(fleet.lat[i] * 1e7), round(fleet.lon[i] * 1e7))
    out, speed = exit_m(footprint, place), float(fleet.speed[i])
    if speed == 0.0:
        return WayOut(exit_m=out, minutes=None)
    seconds = out / speed
    if turn_dps is not None:
        seconds += HALF_TURN / turn_dps + _AFTER_TURN / radians(turn_dps)
        if leave_s is not None:
            seconds = min(seconds, leave_s)
    return WayOut(exit_m=out, minutes=seconds / MINUTE_S)


def what_settles(fleet: Fleet, i: int, volume: Volume) -> str:
    """The datum that would tell whether a track's height is in the band of a volume."""
    code = int(fleet.ref[i])
    if code in (UNKNOWN, UNSTATED):
        return "height" if code == UNKNOWN else "height reference"
    mine = REFS[code]
    if np.isnan(fleet.climb[i]) and mine is not HeightRef.SFC:
        return "vertical speed"
    limits = {volume.upper.ref} | {volume.lower.ref} - {HeightRef.SFC}  # below it is nothing
    refs = {mine} | limits - {HeightRef.UNL}
    if refs & _GROUND and refs - _GROUND:
        return "ground height"
    if len(refs) > 1 and HeightRef.FL in refs:
        return "QNH"
    return "geoid" if len(refs) > 1 else "height"
