"""What every source says now: the newest sighting of each track, in memory, bounded.

Columns, so that an evaluation takes a copy of them in a millisecond or two and works beside the
loop on something that nobody changes. Ids are unique within their source. Nothing of it outlives
the process, and nothing of it is ever sent.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.tracks.track import Fleet, Track, check_track, ref_code
from clearline.model.refusal import Refusal
from clearline.model.sighting import Sighting
from clearline.model.time import SECOND, Instant

TRACKS_MAX: Final = 100_000
"""All sources together: what one evaluation can look through in well under a second."""
AHEAD_MS: Final = 5 * SECOND
"""A report from further ahead of our clock has a wrong clock, and says nothing about now."""
KEPT_MS: Final = 60 * SECOND
"""Sightings are kept this long, for the record of a finding."""
SPARSE_MS: Final = 15 * SECOND
"""Of a track that is in no finding one in so long is kept, and the newest: four or five each."""
DENSE_MAX: Final = 60
"""Sightings kept of a track that is watched: one a second."""
RATE_MAX: Final = 20_000
"""Sightings a second of one source, on average; twice as many at once."""
START: Final = Instant(0)


class Took(StrEnum):
    """What became of a sighting."""

    TAKEN = "taken"
    OLDER = "older"  # a newer one of the same track is held
    STALE = "stale"  # too old to say anything about now
    AHEAD = "ahead"  # ahead of our clock
    RATE = "rate"  # its source sends more than is looked at


@dataclass(slots=True)
class SourceState:
    """One source: what became of what it sent, tracks pushed out for want of room, when it was
    last heard and when last understood, and what is wrong with it."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    pushed_out: int = 0
    heard: Instant | None = None
    read: Instant | None = None
    fault: str = ""
    fault_since: Instant | None = None
    room: float = 2.0 * RATE_MAX
    room_at: Instant = START
    order: "OrderedDict[str, None]" = field(default_factory=OrderedDict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """All tracks of one moment, unchanging: row i of every column is the track ``names[i]``.
    ``age_s`` of the fleet counts to ``now``."""

    now: Instant
    names: Sequence[str]
    sightings: Sequence[Sighting]
    fleet: Fleet

    def __len__(self) -> int:
        return len(self.names)


def check_sighting(seen: Sighting) -> Refusal | None:
    """The first reason not to take it: CL-TRK-001 to -004."""
    return next(check_track(track_of(seen)), None)


def track_of(seen: Sighting) -> Track:
    """The sighting as the engine takes it."""
    return Track(
        id=seen.name, lat=seen.lat, lon=seen.lon, course_deg=seen.course_deg,
        speed_mps=seen.speed_mps, height_m=seen.height_m, ref=seen.ref, climb_mps=seen.climb_mps,
        at=seen.at,
    )  # fmt: skip


_COLUMNS: Final = ("lat", "lon", "course", "speed", "height", "climb")


class TrackBook:
    """Tracks by name. ``drop_ms``: a track that was not seen for so long is gone."""

    def __init__(self, drop_ms: int = 60 * SECOND, tracks_max: int = TRACKS_MAX) -> None:
        self.drop_ms, self.tracks_max = drop_ms, tracks_max
        self.sources: dict[str, SourceState] = {}
        self.changed = False
        self._rows: dict[str, int] = {}
        self._names: list[str] = []
        self._held: list[Sighting] = []
        self._by_id: dict[str, set[str]] = {}
        self._kept: dict[str, deque[Sighting]] = {}
        self._watched: frozenset[str] = frozenset()
        self._columns = {name: np.empty(1024) for name in _COLUMNS}
        self._ref = np.empty(1024, dtype=np.int8)
        self._at = np.empty(1024, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._names)

    def source(self, name: str) -> SourceState:
        """A source's state; made when it is first heard of."""
        return self.sources.setdefault(name, SourceState())

    # -- taking

    def take(self, seen: Sighting, now: Instant) -> Took:
        """A sighting that ``check_sighting`` has nothing against."""
        source = self.source(seen.source)
        took = self._judged(source, seen, now)
        source.counts[took] += 1
        source.heard = source.read = now
        if took is Took.TAKEN:
            self._put(source, seen)
            self.changed = True
        return took

    def refuse(self, source: str, now: Instant, count: int = 1) -> None:
        """Something came that is no sighting."""
        state = self.source(source)
        state.refused += count
        state.heard = now

    def overrun(self, source: str, now: Instant, count: int) -> None:
        """A source sent more than could be read."""
        state = self.source(source)
        state.counts[Took.RATE] += count
        state.heard = now

    def fault(self, source: str, why: str, now: Instant) -> None:
        """What is wrong with a source; empty: nothing any more."""
        state = self.source(source)
        if state.fault != why:
            state.fault, state.fault_since = why, now

    def _judged(self, source: SourceState, seen: Sighting, now: Instant) -> Took:
        source.room = min(2.0 * RATE_MAX, source.room + (now - source.room_at) * RATE_MAX / SECOND)
        source.room_at = now
        if source.room < 1:
            return Took.RATE
        source.room -= 1
        if seen.at > now + AHEAD_MS:
            return Took.AHEAD
        if now - seen.at >= self.drop_ms:
            return Took.STALE
        row = self._rows.get(seen.name)
        return Took.OLDER if row is not None and self._held[row].at > seen.at else Took.TAKEN

    def _put(self, source: SourceState, seen: Sighting) -> None:
        name = seen.name
        row = self._rows.get(name)
        if row is None:
            if len(self) >= self.tracks_max:
                self._push_out()
            row = self._new_row(name)
            self._held.append(seen)
            self._by_id.setdefault(seen.id.lower(), set()).add(name)
        self._held[row] = seen
        source.order[name] = None
        source.order.move_to_end(name)
        columns = self._columns
        columns["lat"][row], columns["lon"][row] = seen.lat, seen.lon
        columns["course"][row] = seen.course_deg or 0.0
        columns["speed"][row] = seen.speed_mps
        columns["height"][row] = np.nan if seen.height_m is None else seen.height_m
        columns["climb"][row] = np.nan if seen.climb_mps is None else seen.climb_mps
        self._ref[row] = ref_code(track_of(seen))
        self._at[row] = seen.at
        self._keep(name, seen)

    def _new_row(self, name: str) -> int:
        row = len(self._names)
        if row == len(self._ref):
            for key, column in self._columns.items():
                self._columns[key] = np.concatenate((column, np.empty(row)))
            self._ref = np.concatenate((self._ref, np.empty(row, dtype=np.int8)))
            self._at = np.concatenate((self._at, np.empty(row, dtype=np.int64)))
        self._rows[name] = row
        self._names.append(name)
        return row

    def _push_out(self) -> None:
        """Room for one more: the track not heard of for longest, of the source that has most. What
        is watched stays, so that a flood of ids never hides an own mover."""
        source = max(self.sources.values(), key=lambda state: len(state.order))
        oldest = next(iter(source.order))
        for name in tuple(islice(source.order, len(self._watched) + 1)):
            oldest = name
            if name not in self._watched:
                break
            source.order.move_to_end(name)
        source.pushed_out += 1
        self._remove(oldest)

    def _remove(self, name: str) -> None:
        row, last = self._rows.pop(name), len(self._names) - 1
        gone = self._held[row]
        self.sources[gone.source].order.pop(name, None)
        same = self._by_id[gone.id.lower()]
        same.discard(name)
        if not same:
            del self._by_id[gone.id.lower()]
        self._kept.pop(name, None)
        if row != last:
            moved = self._names[last]
            self._names[row], self._held[row] = moved, self._held[last]
            self._rows[moved] = row
            for column in self._columns.values():
                column[row] = column[last]
            self._ref[row], self._at[row] = self._ref[last], self._at[last]
        self._names.pop()
        self._held.pop()

    def _keep(self, name: str, seen: Sighting) -> None:
        """The last minute of a track, sparsely; of one that is watched, whole."""
        kept = self._kept.setdefault(name, deque(maxlen=DENSE_MAX))
        while kept and kept[0].at < seen.at - KEPT_MS:
            kept.popleft()
        sparse = name not in self._watched
        if sparse and len(kept) > 1 and seen.at - kept[-2].at < SPARSE_MS:
            kept.pop()
        kept.append(seen)

    # -- looking

    def watch(self, names: Iterable[str]) -> None:
        """Tracks whose every sighting is kept and that are never pushed out."""
        self._watched = frozenset(names)

    def sweep(self, now: Instant) -> int:
        """Let go of what was not seen for too long; how many."""
        old = np.flatnonzero(self._at[: len(self)] <= now - self.drop_ms)
        for name in [self._names[row] for row in old.tolist()]:
            self._remove(name)
        self.changed = self.changed or bool(len(old))
        return len(old)

    def get(self, name: str) -> Sighting | None:
        """The newest sighting of a track."""
        row = self._rows.get(name)
        return None if row is None else self._held[row]

    def like(self, track: str) -> tuple[str, ...]:
        """Tracks that ``SOURCE/ID`` or an id alone names, in whatever source."""
        wanted = track.lower()
        found = set(self._by_id.get(wanted, ()))
        _, _, id_ = wanted.partition("/")
        found |= {name for name in self._by_id.get(id_, ()) if name.lower() == wanted}
        return tuple(sorted(found))

    def rows(self, track: str) -> tuple[int, ...]:
        """Rows of the next ``sky`` that a name names."""
        return tuple(self._rows[name] for name in self.like(track))

    def recent(self, name: str) -> tuple[Sighting, ...]:
        """What is kept of a track's last minute, the oldest first."""
        return tuple(self._kept.get(name, ()))

    def each(self) -> tuple[Sighting, ...]:
        """The newest sighting of every track."""
        return tuple(self._held)

    def sky(self, now: Instant) -> Sky:
        """Everything of this moment, copied."""
        n = len(self)
        columns: dict[str, NDArray[np.float64]] = {
            name: column[:n].copy() for name, column in self._columns.items()
        }
        names = tuple(self._names)
        fleet = Fleet(
            ids=names, ref=self._ref[:n].copy(), age_s=(now - self._at[:n]) / SECOND,
            lat=columns["lat"], lon=columns["lon"], course=columns["course"],
            speed=columns["speed"], height=columns["height"], climb=columns["climb"],
        )  # fmt: skip
        return Sky(now=now, names=names, sightings=tuple(self._held), fleet=fleet)
