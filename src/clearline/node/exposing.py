"""Own movers inside others' hazards: looked at a bounded amount a turn, whenever one has moved.

A cache like the facts that it is part of: all of it follows from the hazards, the movers and the
order in which they came. What is known of a mover stands until it has been looked at again, so that
nothing is over only because somebody moved; what nobody has looked at yet is counted.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from clearline.conflict.geodesy import Floats, ecef_one, norm
from clearline.conflict.outline import spheres_of
from clearline.conflict.remembered import corners
from clearline.model.ids import EntryRef
from clearline.model.time import Instant
from clearline.node.exposure import ExposedMover, way_out_m, worst_of
from clearline.node.inbound import Mover
from clearline.picture.situation import Version

UNITS_HAZARD: Final = 5
"""One hazard, in units of judging: each is about 10 microseconds."""
APART_A_UNIT: Final = 1_024
"""Distances between spheres and points that are found in about a unit."""
MOVERS_A_UNIT: Final = 64
UNITS_OUT: Final = 20
"""The way out of one footprint, before its corners are counted."""
UNITS_CORNER: Final = 5
BEYOND_M: Final = 1.0
"""Farther from a sphere's middle than its reach by this is surely outside."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mover where it was last known to be, ECEF metres, and the number of that."""

    number: int
    mover: Mover
    at: tuple[float, float, float]


class Exposing:
    """``hazards``: live ones of others that are told in ``waiting`` until looked at.

    Every mover has the number of its newest place, every hazard the number up to which it has been
    looked at; hazards that are behind stand in a queue, each once.
    """

    def __init__(self) -> None:
        self.hazards: dict[EntryRef, Version] = {}
        self._starts: dict[EntryRef, int] = {}
        self._spheres: dict[EntryRef, tuple[Floats, Floats]] = {}
        self._looked: dict[EntryRef, int] = {}
        self._movers: dict[str, _Placed] = {}
        self._inside: dict[EntryRef, dict[str, dict[int, float]]] = {}
        self._pairs: deque[tuple[Version, int, Mover]] = deque()
        self._number = 0
        self._seen: object = None
        self._open: Counter[tuple[EntryRef, str]] = Counter()
        self._queue: deque[EntryRef] = deque()
        self._queued: set[EntryRef] = set()

    def put(self, version: Version) -> None:
        """A hazard that is live now, or is another than it was."""
        if self.hazards.get(version.ref) is not version:
            self.drop(version.ref)
            self.hazards[version.ref] = version
            self._queue_up((version.ref,))

    def drop(self, ref: EntryRef) -> None:
        """A hazard that is live no more. Ways out of it that wait are passed over in their turn."""
        for held in (self.hazards, self._starts, self._looked, self._spheres, self._inside):
            held.pop(ref, None)

    def keep(self, hazards: Iterable[Version]) -> None:
        """These and no others are live; what is known of the very same versions stays."""
        live = {version.ref: version for version in hazards}
        for ref in [ref for ref in self.hazards if ref not in live]:
            self.drop(ref)
        for _, version in sorted(live.items()):
            self.put(version)

    def _queue_up(self, refs: Iterable[EntryRef]) -> None:
        """Queue those that are behind and are not queued, the soonest first."""
        behind = [
            ref
            for ref in refs
            if self._looked.get(ref, 0) < self._number and ref not in self._queued
        ]
        self._queue.extend(sorted(behind, key=lambda ref: (self._start(ref), ref)))
        self._queued.update(behind)

    def _start(self, ref: EntryRef) -> int:
        if ref not in self._starts:
            volumes = self.hazards[ref].volumes
            self._starts[ref] = min((volume.start for volume in volumes), default=0)
        return self._starts[ref]

    @property
    def waiting(self) -> int:
        """Hazards that not all movers were held against, and ways out that are to be found."""
        return len(self._queue) + len(self._pairs)

    def waits(self, ref: EntryRef, call_sign: str) -> bool:
        """Whether one mover was not held against one hazard since it moved last."""
        placed = self._movers.get(call_sign)
        if placed is None or ref not in self.hazards:
            return False
        return self._looked.get(ref, 0) < placed.number or self._open[ref, call_sign] > 0

    def follow(self, movers: Mapping[str, Mover]) -> None:
        """Learn where movers are now. Whoever is not there any more is in nothing."""
        if movers is self._seen:
            return
        self._seen = movers
        for call_sign in [each for each in self._movers if each not in movers]:
            del self._movers[call_sign]
            for held in self._inside.values():
                held.pop(call_sign, None)
        moved = [
            mover
            for _, mover in sorted(movers.items())
            if mover.call_sign not in self._movers or self._movers[mover.call_sign].mover != mover
        ]
        if moved:
            self._number += 1
            for mover in moved:
                where = ecef_one(mover.position.lat, mover.position.lon)
                self._movers[mover.call_sign] = _Placed(self._number, mover, where)
            self._queue_up(self.hazards)

    def look(self, units: int | None = None) -> int:
        """Hold movers against hazards up to an amount of work (None: all); how much was done, in
        the units of ``node.judge``."""
        done = 0
        while self.waiting and (units is None or done < units):
            done += self._way_out() if self._pairs else self._hazard()
        return done

    def _hazard(self) -> int:
        """Which movers may be inside of the next hazard, by the spheres around its volumes."""
        ref = self._queue.popleft()
        self._queued.discard(ref)
        version, looked = self.hazards.get(ref), self._looked.get(ref, 0)
        if version is None:
            return 1
        self._looked[ref] = self._number
        moved = [placed for placed in self._movers.values() if placed.number > looked]
        if not moved or not version.volumes:
            return UNITS_HAZARD
        if ref not in self._spheres:
            self._spheres[ref] = spheres_of([volume.footprint for volume in version.volumes])
        centre, reach_m = self._spheres[ref]
        at = np.array([placed.at for placed in moved])
        may = norm(at[:, None, :] - centre[None, :, :]) <= reach_m + BEYOND_M
        near = {(int(k), int(n)) for k, n in np.argwhere(may)}
        held = self._inside.get(ref, {})
        for k, placed in enumerate(moved) if held else ():
            for n in list(held.get(placed.mover.call_sign, ())):
                if (k, n) not in near:
                    self._leave(ref, placed.mover, n)
        for k, n in sorted(near):
            self._pairs.append((version, n, moved[k].mover))
            self._open[ref, moved[k].mover.call_sign] += 1
        looked_at = len(self._movers) // MOVERS_A_UNIT + may.size // APART_A_UNIT
        return UNITS_HAZARD + looked_at + len(near) // 2

    def _way_out(self) -> int:
        """How far it is out of one footprint, for one mover that may be in it."""
        version, n, mover = self._pairs.popleft()
        ref = version.ref
        self._open[ref, mover.call_sign] -= 1
        if not self._open[ref, mover.call_sign]:
            del self._open[ref, mover.call_sign]
        placed = self._movers.get(mover.call_sign)
        if placed is None or placed.mover is not mover or self.hazards.get(ref) is not version:
            return 1  # it has moved on, and the hazard is in the queue again, or is none any more
        footprint = version.volumes[n].footprint
        distance = way_out_m(footprint, mover.position)
        if distance > 0:
            self._inside.setdefault(ref, {}).setdefault(mover.call_sign, {})[n] = distance
        else:
            self._leave(ref, mover, n)
        return UNITS_OUT + UNITS_CORNER * corners(footprint)

    def _leave(self, ref: EntryRef, mover: Mover, n: int) -> None:
        held = self._inside.get(ref, {})
        inside = held.get(mover.call_sign, {})
        inside.pop(n, None)
        if not inside:
            held.pop(mover.call_sign, None)
        if not held:
            self._inside.pop(ref, None)

    def found(self, now: Instant) -> Iterator[tuple[Version, ExposedMover]]:
        """Every mover that is known to be inside a hazard, with the time that it needs and has."""
        for ref, held in sorted(self._inside.items()):
            version = self.hazards[ref]
            for call_sign, inside in sorted(held.items()):
                outs = [(version.volumes[n], far_m) for n, far_m in sorted(inside.items())]
                yield version, worst_of(self._movers[call_sign].mover, outs, now)
