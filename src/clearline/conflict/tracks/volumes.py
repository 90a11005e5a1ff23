"""Tracks against volumes: when each may enter, surely is in and leaves, and how to get out.

The predicate: at some instant of the look-ahead a track's place is in the footprint (its boundary
counts as in), its height in the band and the instant in the window with its tail. YES: surely at
some instant; UNDETERMINED: maybe, and what would tell. A pair that is not listed surely does not
meet. Times are seconds from now, outward: entry not too late, leaving not too early, by the time
that the track needs for a few centimetres where nothing else is open. Clauses as for volumes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, inf, isinf, radians
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.packed import Packed, pack
from clearline.conflict.fast.shapes import shapes_of
from clearline.conflict.geodesy import B_M, R_MIN_M, Floats, Ints
from clearline.conflict.heights import SURFACE_M, level_above_sea
from clearline.conflict.leave import exit_m
from clearline.conflict.tracks.crossing import STAYS_MAX, stays
from clearline.conflict.tracks.heights import Heights, geoid_of, heights_of
from clearline.conflict.tracks.motion import SERIES_M_MAX, carried, expansions
from clearline.conflict.tracks.track import REFS, UNKNOWN, UNSTATED, Fleet
from clearline.conflict.verdict import Extent
from clearline.model.finding import Verdict
from clearline.model.space import Height, HeightRef, LatLon
from clearline.model.terms import Levels
from clearline.model.time import SECOND, Instant

MINUTE_S: Final = 60.0
HALF_TURN: Final = 180.0
_TOUCH_M: Final = 1e-6
_AFTER_TURN: Final = 2.0
"""Turning by up to half a circle leads at most two radii, v / omega each, away."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volumes:
    """Extents made ready: their names, footprints packed, windows with tails (milliseconds), and
    the geocentric latitude of each centre (radians)."""

    ids: Sequence[str]
    extents: Sequence[Extent]
    packed: Packed
    start: Floats
    end: Floats
    lat: Floats

    @classmethod
    def of(cls, ids: Sequence[str], extents: Sequence[Extent]) -> "Volumes":
        """Extents whose volumes ``check_volume`` has taken, each with the name it is told by."""
        packed = pack(shapes_of([extent.volume.footprint for extent in extents]))
        x, y, z = packed.solid[:, 0], packed.solid[:, 1], packed.solid[:, 2]
        return cls(
            ids=ids,
            extents=extents,
            packed=packed,
            start=np.array([extent.volume.start for extent in extents], dtype=np.float64),
            end=np.array([extent.end for extent in extents], dtype=np.float64),
            lat=np.arctan2(z, np.hypot(x, y)),
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


class _Paths(NamedTuple):
    """Tracks sorted by latitude: middle and velocity (n, 6), reach around the straight path."""

    row: Ints
    lat: Floats
    state: Floats
    slack: Floats
    half: float
    farthest: float


def _paths(fleet: Fleet, states: Floats, seconds: float) -> _Paths:
    middle = carried(states, seconds / 2)
    lat = np.arctan2(middle[:, 2], np.hypot(middle[:, 0], middle[:, 1]))
    order = np.argsort(lat, kind="stable")
    half, speed = seconds / 2, fleet.speed[order]
    slack = 0.505 * (half * speed) ** 2 / R_MIN_M + 1.0
    farthest = float((half * speed + slack).max(initial=0.0))
    return _Paths(order, lat[order], middle[order], slack, half, farthest)


@compiled(nogil=True)
def _near(solid: Floats, lat: Floats, live: Ints, paths: _Paths) -> Floats:
    """Pairs (row of the fleet, volume) whose straight path comes into the volume's sphere."""
    found, n = np.empty((1024, 2)), 0
    for v in live:
        reach = solid[v, 5] + paths.farthest
        angle = 2 * np.arcsin(min(1.0, reach / (2 * 6_330_000.0))) + 1e-9
        first = np.searchsorted(paths.lat, lat[v] - angle)
        last = np.searchsorted(paths.lat, lat[v] + angle, side="right")
        if solid[v, 0] ** 2 + solid[v, 1] ** 2 + solid[v, 2] ** 2 < 0.9 * B_M * B_M:
            first, last = 0, len(paths.lat)  # a centre far below the ground has no latitude
        for k in range(first, last):
            dx = paths.state[k, 0] - solid[v, 0]
            dy = paths.state[k, 1] - solid[v, 1]
            dz = paths.state[k, 2] - solid[v, 2]
            wx, wy, wz = paths.state[k, 3], paths.state[k, 4], paths.state[k, 5]
            t = -(dx * wx + dy * wy + dz * wz) / (wx * wx + wy * wy + wz * wz + 1e-12)
            t = min(paths.half, max(-paths.half, t))
            dx, dy, dz = dx + t * wx, dy + t * wy, dz + t * wz
            bound = solid[v, 5] + paths.slack[k]
            if dx * dx + dy * dy + dz * dz <= bound * bound:
                if n == len(found):
                    larger = np.empty((2 * n, 2))
                    larger[:n] = found
                    found = larger
                found[n, 0], found[n, 1] = paths.row[k], v
                n += 1
    return found[:n]


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
    paths = _paths(fleet, states, lookahead_s)
    near = _near(volumes.packed.solid, volumes.lat, live, paths).astype(np.int64)
    if not len(near):
        return
    judging = _Judging(fleet, volumes, states, lookahead_s, levels, turn_dps)
    judging.ways_out = ways_out
    for i, v in near[np.lexsort((near[:, 1], near[:, 0]))].tolist():
        yield from judging.stays(i, v, float(starts[v]), float(ends[v]))


class _Judging:
    """One track and one volume at a time, with what all of them need."""

    def __init__(
        self,
        fleet: Fleet,
        volumes: Volumes,
        states: Floats,
        ahead_s: float,
        levels: Levels,
        turn_dps: Sequence[float | None] | None,
    ) -> None:
        self.fleet, self.volumes, self.ahead_s, self.levels = fleet, volumes, ahead_s, levels
        self.turn_dps, self.ways_out = turn_dps, True
        self.heights = heights_of(fleet, ahead_s, levels, among_themselves=False)
        self.geoid = geoid_of(fleet, ahead_s)
        fastest = float(fleet.speed.max(initial=0.0))
        self.parts = max(1, ceil(fastest * ahead_s / SERIES_M_MAX))
        self.series = []
        for _ in range(self.parts):
            self.series.append(expansions(states))
            states = carried(states, ahead_s / self.parts)

    def stays(self, i: int, v: int, start: float, end: float) -> Iterator[Stay]:
        """The stays of track ``i`` in volume ``v``, whose window is given."""
        extent = self.volumes.extents[v]
        geoid = (float(self.geoid[i, 0]), float(self.geoid[i, 1]))
        a, b, c, d = _in_band(self.heights, i, extent, geoid, self.levels)
        a, b = max(a, start, 0.0), min(b, end, self.ahead_s)
        c, d = max(c, start, 0.0), min(d, end, self.ahead_s)
        if a > b or b == end <= a:
            return
        for row in self._on_the_map(i, v, a, b):
            enter, leave, sure_from, sure_to = row
            # Windows are open at their end: an instant there is not enough.
            sure = max(sure_from, c) <= min(sure_to, d) and max(sure_from, c) < end
            settles = None
            if not sure:
                held = sure_from <= sure_to
                settles = what_settles(self.fleet, i) if held else "lateral distance"
            yield Stay(
                track=self.fleet.ids[i],
                volume=self.volumes.ids[v],
                extent=v,
                verdict=Verdict.YES if sure else Verdict.UNDETERMINED,
                enter_s=enter,
                leave_s=leave if leave < self.ahead_s else None,
                way_out=self._way_out(i, v, leave) if enter <= 0 and self.ways_out else None,
                settles=settles,
            )

    def _on_the_map(self, i: int, v: int, start: float, end: float) -> list[list[float]]:
        """Rows of ``crossing.stays`` over all parts of the look-ahead, put together."""
        rows: list[list[float]] = []
        table, whole = np.empty((STAYS_MAX, 4)), self.ahead_s / self.parts
        for part, series in enumerate(self.series):
            origin = part * whole
            low, high = max(start - origin, 0.0), min(end - origin, whole)
            if low > high:
                continue
            speed = float(self.fleet.speed[i])
            count = stays(self.volumes.packed, v, series[i], speed, low, high, table)
            for row in (table[:count] + origin).tolist():
                if rows and row[0] <= origin + low and rows[-1][1] >= origin + low - 1e-9:
                    rows[-1][1] = row[1]
                    if row[3] - row[2] > rows[-1][3] - rows[-1][2]:
                        rows[-1][2:] = row[2:]
                else:
                    rows.append(row)
        return rows

    def _way_out(self, i: int, v: int, leave: float) -> WayOut:
        """Straight on, or by the nearest edge after turning towards it."""
        fleet = self.fleet
        place = LatLon(round(fleet.lat[i] * 1e7), round(fleet.lon[i] * 1e7))
        out, speed = exit_m(self.volumes.extents[v].volume.footprint, place), float(fleet.speed[i])
        if speed == 0.0:
            return WayOut(exit_m=out, minutes=None)
        seconds = out / speed
        turn = None if self.turn_dps is None else self.turn_dps[i]
        if turn is not None:
            seconds += HALF_TURN / turn + _AFTER_TURN / radians(turn)
            if leave < self.ahead_s:
                seconds = min(seconds, leave)
        return WayOut(exit_m=out, minutes=seconds / MINUTE_S)


def what_settles(fleet: Fleet, i: int) -> str:
    """The datum that would tell whether a track's height is in a band."""
    code = int(fleet.ref[i])
    if code in (UNKNOWN, UNSTATED):
        return "height" if code == UNKNOWN else "height reference"
    return "vertical speed" if np.isnan(fleet.climb[i]) else "height"


def _limit(
    height: Height, geoid: tuple[float, float], levels: Levels, *, lower: bool
) -> tuple[float, float]:
    """A limit as bounds above the ellipsoid; a lower limit SFC lies below everything."""
    value = (height.mm or 0) / 1000
    match height.ref:
        case HeightRef.UNL:
            return inf, inf
        case HeightRef.W84:
            return value, value
        case HeightRef.AMSL:
            return value + geoid[0], value + geoid[1]
        case HeightRef.FL:
            sea = level_above_sea(height, levels)
            return sea.low + geoid[0], sea.high + geoid[1]
        case HeightRef.AGL | HeightRef.SFC:
            if lower and height.ref is HeightRef.SFC:
                return -inf, -inf
            low, high = SURFACE_M
            if height.ground is not None:
                low, high = height.ground.low_mm / 1000, height.ground.high_mm / 1000
            return value + low, value + high


_ON_GROUND: Final = frozenset({HeightRef.AGL, HeightRef.SFC})


Row = tuple[float, float, float, float]


def _sides(
    heights: Heights, i: int, extent: Extent, geoid: tuple[float, float], levels: Levels
) -> tuple[Row, Row]:
    """How far a track is above the lower and below the upper limit of a band: (least, greatest)
    now and their rates, metres and metres per second."""
    code = int(heights.ref[i])
    ref = REFS[code] if code < len(REFS) else None
    found: list[Row] = []
    for limit, lower in ((extent.volume.lower, True), (extent.volume.upper, False)):
        exact = limit.ref is ref or (ref in _ON_GROUND and limit.ref in _ON_GROUND)
        if exact and not (lower and limit.ref is HeightRef.SFC):
            row = heights.stated[i].tolist()
            low = high = (limit.mm or 0) / 1000
        else:
            row = heights.bounds[i].tolist()
            low, high = _limit(limit, geoid, levels, lower=lower)
        if lower:
            found.append((row[0] - high, row[1] - low, row[2], row[3]))
        else:
            found.append((low - row[1], high - row[0], -row[3], -row[2]))
    return found[0], found[1]


def band_gaps(
    heights: Heights, i: int, extent: Extent, geoid: tuple[float, float], levels: Levels
) -> tuple[float, float]:
    """Bounds of how far a track is outside a band now, metres; nought inside."""
    over, under = _sides(heights, i, extent, geoid, levels)
    return max(0.0, -over[1], -under[1]), max(0.0, -over[0], -under[0])


def _in_band(
    heights: Heights, i: int, extent: Extent, geoid: tuple[float, float], levels: Levels
) -> tuple[float, float, float, float]:
    """When a track may be in a band, and when it surely is, seconds from now."""
    a, b, c, d = -inf, inf, -inf, inf
    for least, greatest, slow, quick in _sides(heights, i, extent, geoid, levels):
        a, b = _from(greatest, quick, a, b)
        c, d = _from(least, slow, c, d)
    return a, b, c, d


def _from(e0: float, e1: float, start: float, end: float) -> tuple[float, float]:
    """The part of [start, end] on which e0 + e1 t is not negative; start > end where none is."""
    if e1 == 0.0 or isinf(e0):
        return (start, end) if e0 >= -_TOUCH_M else (1.0, 0.0)
    at = -e0 / e1
    return (max(start, at), end) if e1 > 0 else (start, min(end, at))
