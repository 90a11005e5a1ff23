"""Pairs of tracks that come closer than both minima within a look-ahead: all of them, explained.

The predicate: two tracks lose separation if at some instant of [0, look-ahead] the geodesic between
their places on the ellipsoid is shorter than the lateral minimum *and* their heights differ by less
than the vertical minimum. Both move as ``motion`` says; heights change at a constant rate. YES: it
surely happens. UNDETERMINED: it may, and the one datum that would tell is named. A pair that is not
listed surely does not: to 1 mm for lateral minima up to 30 km, and to the bound T4 of
``docs/tracks.md`` beyond. Heights are taken to the micrometre.

How all are found: ``crowd`` says how to cut time and ground, ``cells`` sorts, ``scan`` finds who
may come near (T5, T6), ``judge`` decides: 64 at once in ``lanes`` (T7), alone in ``solve`` (T3).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import ceil, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.geodesy import R_LOW_M, R_MIN_M, Floats, Ints
from clearline.conflict.tracks.cells import Slab, lay_out
from clearline.conflict.tracks.crowd import crowding, near_by, plan_of
from clearline.conflict.tracks.heights import Heights, apart, heights_of, settling
from clearline.conflict.tracks.judge import COLUMNS, HEIGHT_OPEN, SURE, Asked, judged
from clearline.conflict.tracks.minima import (
    LATERAL_M_MAX,
    LOOKAHEAD_S_MAX,
    VERTICAL_M_MAX,
    Minima,
)
from clearline.conflict.tracks.motion import (
    MOTION_M,
    SERIES_M_MAX,
    carried,
    expansions,
    geodesic_m,
)
from clearline.conflict.tracks.scan import Room, candidates, room_for
from clearline.conflict.tracks.solve import FLAT_M
from clearline.conflict.tracks.track import Fleet
from clearline.model.finding import Verdict
from clearline.model.terms import Levels

HEIGHT_M: Final = 1e-6
"""Heights are taken to the micrometre: levels exactly one minimum apart are not nearer than it."""
SLACK_M: Final = MOTION_M + 2 * FLAT_M
_MANY: Final = 16_384
"""Tracks whose numbers outgrow a core's own memory."""
_STRIPS_MAX: Final = 32_000
"""Strips of latitude, and of longitude: numbers of 16 bits."""
_CROWDED: Final = 16.0
"""Tracks about each within the minimum, from where sorting costs less than it saves."""
LEVELS: Final = Levels()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPair:
    """Two tracks that lose separation, or may. Times in seconds from now: ``entry_s`` the first
    instant (0: already lost), ``exit_s`` the last one (None: not before the end of the look-ahead),
    ``closest_s`` between both, where the lateral distance is least. Distances in metres, lateral
    along the geodesic, vertical as bounds (they differ where a height or a rate is not known)."""

    a: str
    b: str
    verdict: Verdict
    entry_s: float
    exit_s: float | None
    closest_s: float
    lateral_closest_m: float
    vertical_closest_m: tuple[float, float]
    lateral_now_m: float
    vertical_now_m: tuple[float, float]
    settles: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """All pairs as columns: rows ``a`` < ``b`` of the fleet, ``code`` 1 sure, 2 height open, 3
    lateral distance open; times and lateral distances as ``TrackPair`` has them (exit infinite)."""

    fleet: Fleet
    heights: Heights
    a: Ints
    b: Ints
    code: NDArray[np.int8]
    entry_s: Floats
    exit_s: Floats
    closest_s: Floats
    lateral_closest_m: Floats
    lateral_now_m: Floats

    def __len__(self) -> int:
        return len(self.a)

    def each(self) -> Iterator[TrackPair]:
        """Every pair, the soonest first."""
        ids = self.fleet.ids
        for k in np.lexsort((self.b, self.a, self.entry_s)).tolist():
            i, j = int(self.a[k]), int(self.b[k])
            sure = self.code[k] == SURE
            at = float(self.closest_s[k])
            reason = "lateral distance"
            if self.code[k] == HEIGHT_OPEN:
                reason = settling(self.fleet, i, j)
            yield TrackPair(
                a=ids[i],
                b=ids[j],
                verdict=Verdict.YES if sure else Verdict.UNDETERMINED,
                entry_s=float(self.entry_s[k]),
                exit_s=float(self.exit_s[k]) if np.isfinite(self.exit_s[k]) else None,
                closest_s=at,
                lateral_closest_m=float(self.lateral_closest_m[k]),
                vertical_closest_m=apart(self.heights, i, j, at),
                lateral_now_m=float(self.lateral_now_m[k]),
                vertical_now_m=apart(self.heights, i, j, 0.0),
                settles=None if sure else reason,
            )


@compiled
def _columns(
    rows: Floats, now: Floats, order: Ints, a: Ints, b: Ints, code: NDArray[np.int8], apart: Floats
) -> None:
    """Of every row of an answer: which two tracks of the fleet it is about, the lesser first, its
    code, and how far apart they are ``now``, metres."""
    for k in range(len(rows)):
        i, j = int(rows[k, 0]), int(rows[k, 1])
        apart[k], code[k] = geodesic_m(now[i], now[j]), int(rows[k, 2])
        a[k], b[k] = min(order[i], order[j]), max(order[i], order[j])


def _joined(found: Floats, n: int) -> Floats:
    """One row for each pair, of rows that several parts of the look-ahead gave."""
    if not len(found):
        return found
    order = np.lexsort((found[:, 3], found[:, 0] * n + found[:, 1]))
    rows = found[order]
    key = rows[:, 0] * n + rows[:, 1]
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    joined = rows[first].copy()
    joined[:, 2] = np.minimum.reduceat(rows[:, 2], first)
    joined[:, 4] = np.maximum.reduceat(rows[:, 4], first)
    joined[:, 6] = np.minimum.reduceat(rows[:, 6], first)
    owner = np.cumsum(np.concatenate(([0], (key[1:] != key[:-1]).astype(np.int64))))
    nearest = np.flatnonzero(rows[:, 6] == joined[owner, 6])[::-1]
    joined[owner[nearest], 5] = rows[nearest, 5]
    return joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """How a search is shared out: ``run`` does so many jobs, side by side if it can, and comes back
    when all are done. Nearly all of a job is compiled and does not hold the interpreter."""

    count: int
    run: Callable[[Sequence[Callable[[], None]]], None]


def _one_after_the_other(jobs: Sequence[Callable[[], None]]) -> None:
    for job in jobs:
        job()


ALONE: Final = Hands(count=1, run=_one_after_the_other)


@dataclass(slots=True)
class _Hand:
    """One share of a search: the room it works in, and the rows that it has found."""

    room: Room
    rows: Floats
    count: int = 0

    def search(self, slab: Slab, asked: Asked, half: float, first: int, last: int) -> None:
        """Find the pairs of which the one that looks for the other is in one of these cells."""
        may_m, apart_m = float(asked.limits[1]), float(asked.limits[2])
        self.room.state[:] = first, last, 0, 0
        while near := candidates(slab, half, may_m, apart_m, self.room):
            self.rows = _with_room(self.rows, self.count, near)
            self.count = judged(asked, self.room.pairs, near, self.rows, self.count)


def find_pairs(
    fleet: Fleet, minima: Minima, levels: Levels = LEVELS, hands: Hands = ALONE
) -> Pairs:
    """Every pair of a fleet (``Fleet.of`` has checked it) that loses separation, or may.

    ``levels``: the range of sea-level pressure and of temperature that flight levels are compared
    with other heights by. The order of tracks changes nothing but the numbers of the rows, and
    ``hands`` nothing but the order of the pairs.
    """
    assert 0 < minima.lateral_m <= LATERAL_M_MAX, "callers check the lateral minimum"
    assert 0 < minima.vertical_m <= VERTICAL_M_MAX, "callers check the vertical minimum"
    assert 0 < minima.lookahead_s <= LOOKAHEAD_S_MAX, "callers check the look-ahead"
    n, whole = len(fleet), minima.lookahead_s
    stated = heights_of(fleet, whole, levels)
    sure_m = 2 * R_MIN_M * sin(minima.lateral_m / (2 * R_MIN_M)) - SLACK_M
    may_m = 2 * R_LOW_M * sin(minima.lateral_m / (2 * R_LOW_M)) + SLACK_M
    limits = np.array([max(0.0, sure_m), may_m, minima.vertical_m - HEIGHT_M, whole])
    now, fastest = fleet.states(), float(fleet.speed.max(initial=0.0))
    crowd, order = crowding(now) if n > 1 else np.zeros(1), np.arange(n)
    states, speed, heights = now, fleet.speed, stated
    if n > _MANY and near_by(crowd, may_m) > _CROWDED:
        order = beside(fleet)
        states, speed = now[order], speed[order]
        heights = Heights(
            stated.ref[order], stated.stated[order], stated.bounds[order], stated.wide[order]
        )
    sorted_now = states
    parts = max(1, ceil(fastest * whole / SERIES_M_MAX))
    slabs, size = plan_of(crowd, may_m, fastest, whole / parts) if n > 1 else (0, 1.0)
    # Memory that nothing was written to yet is not there yet: much room costs nothing.
    shares = [_Hand(room_for(n), np.empty((8 * n, COLUMNS))) for _ in range(hands.count)]
    shared = [n * k // hands.count for k in range(hands.count + 1)]
    for part in range(parts):
        origin, end = whole * part / parts, whole * (part + 1) / parts
        series = expansions(states)
        for k in range(slabs):
            begin = origin + (end - origin) * k / slabs
            finish = origin + (end - origin) * (k + 1) / slabs
            middle, half = (begin + finish) / 2 - origin, (finish - begin) / 2
            slab = lay_out(series, speed, heights.wide, begin, middle, half, may_m, size)
            cuts = np.searchsorted(slab.first, shared).tolist()
            asked = Asked(series, speed, heights, np.array([begin, finish, origin, end]), limits)
            hands.run(
                [
                    partial(share.search, slab, asked, half, first, last)
                    for share, (first, last) in zip(shares, pairwise(cuts), strict=True)
                ]
            )
        if part + 1 < parts:
            states = carried(states, end - origin)
    each = [share.rows[: share.count] for share in shares]
    found = each[0] if len(each) == 1 else np.concatenate(each)
    if parts > 1:
        found = _joined(found, n)
    return _pairs(fleet, stated, sorted_now, order, found)


def _with_room(rows: Floats, used: int, more: int) -> Floats:
    """The same rows, of which so many are used, with room for more."""
    if used + more <= len(rows):
        return rows
    longer = np.empty((2 * len(rows) + more, COLUMNS))
    longer[:used] = rows[:used]
    return longer


def beside(fleet: Fleet) -> Ints:
    """Rows of a fleet in an order in which neighbours lie beside each other: what is read of two
    that are near is then near in memory too."""
    strips = max(1, min(_STRIPS_MAX, int(len(fleet) ** 0.5)))
    across = np.argsort(_share(fleet.lon, strips), kind="stable")
    return across[np.argsort(_share(fleet.lat, strips)[across], kind="stable")]


def _share(values: Floats, parts: int) -> NDArray[np.int16]:
    """In which of so many equal parts of their range values lie; numpy sorts such numbers by
    counting them."""
    low = values.min()
    parted: Floats = (values - low) * ((parts - 1) / max(1e-9, values.max() - low))
    return parted.astype(np.int16)


def _pairs(fleet: Fleet, heights: Heights, now: Floats, order: Ints, rows: Floats) -> Pairs:
    """The columns of an answer: ``rows`` of tracks that were taken in an ``order``, as ``now``."""
    n = len(rows)
    a, b, code, apart_m = (
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int8),
        np.empty(n),
    )
    _columns(rows, now, order, a, b, code, apart_m)
    return Pairs(
        fleet=fleet,
        heights=heights,
        a=a,
        b=b,
        code=code,
        entry_s=rows[:, 3],
        exit_s=rows[:, 4],
        closest_s=rows[:, 5],
        lateral_closest_m=rows[:, 6],
        lateral_now_m=apart_m,
    )
