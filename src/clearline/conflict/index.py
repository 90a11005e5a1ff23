"""Which stated volumes may matter to these: a superset, never an answer.

An index takes (sequence, id, extents) events in rising sequence, is rebuilt from any store, and
says up to which sequence an answer has looked. ``PlainIndex`` reads all rows and is the measure;
``blocks.BlockIndex``, a node's, finds the very same among a million. (``fast.index.FastIndex``, a
library's, does not say what may meet: it says what does.)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import numpy as np

from clearline.conflict.geodesy import Flags, Floats, chord_of
from clearline.conflict.verdict import Columns, Extent

Id = TypeVar("Id", bound=Hashable)
_ROOM_FIRST: Final = 256


@dataclass(frozen=True, slots=True)
class Reach:
    """How near is near: the largest lateral and time separation that any pair may need."""

    lateral_mm: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Candidates(Generic[Id]):
    """Ids that may conflict, each once, in order of insertion; judged against every event up to
    ``looked_to``."""

    ids: tuple[Id, ...]
    looked_to: int


class VolumeIndex(Protocol[Id]):
    """What an index of live volumes offers."""

    def insert(self, sequence: int, id_: Id, extents: Sequence[Extent]) -> None:
        """Hold these extents under an id, in place of any that it held."""

    def remove(self, sequence: int, id_: Id) -> None:
        """Hold nothing under an id. One that is not held is no error: ends may come twice."""

    def candidates(self, extents: Sequence[Extent], reach: Reach) -> Candidates[Id]:
        """Every id with an extent that comes within ``reach`` of one of these, and maybe more."""


def columns_of(extents: Sequence[Extent]) -> Floats:
    """One row per extent: start, end (tail included), the sphere around it: centre, reach."""
    columns = Columns.of(extents)
    return np.column_stack((columns.start, columns.end, columns.centre, columns.reach_m))


def may_meet(rows: Floats, one: Floats, reach: Reach) -> Flags:
    """Which rows have a sphere and a span within ``reach`` of those of ``one``, each (..., 6): the
    rule of what a node judges at all, so that it is the same wherever it is asked.

    Sound: points within ``reach`` along the ellipsoid have no longer chord than ``chord_of`` says.
    """
    gap = np.maximum(rows[..., 0] - one[..., 1], one[..., 0] - rows[..., 1])
    x, y, z = (rows[..., k] - one[..., k] for k in (2, 3, 4))
    apart_m = rows[..., 5] + one[..., 5] + chord_of(reach.lateral_mm / 1000)
    found: Flags = (gap < reach.time_ms) & (x * x + y * y + z * z <= apart_m * apart_m)
    return found


class PlainIndex(Generic[Id]):
    """One row per extent in numpy columns; a check reads all rows."""

    def __init__(self) -> None:
        self._looked_to = -1
        self._slot: dict[Id, int] = {}
        self._ids: dict[int, Id] = {}
        self._next_slot = 0
        self._used = 0
        self._slots = np.full(_ROOM_FIRST, -1, dtype=np.int64)
        self._columns: Floats = np.zeros((_ROOM_FIRST, 6))  # start, end, centre x y z, reach

    def insert(self, sequence: int, id_: Id, extents: Sequence[Extent]) -> None:
        """Hold these extents under an id, in place of any that it held."""
        self._advance(sequence)
        self._forget(id_)
        slot, self._next_slot = self._next_slot, self._next_slot + 1
        self._slot[id_], self._ids[slot] = slot, id_
        self._make_room(len(extents))
        rows = slice(self._used, self._used + len(extents))
        self._slots[rows] = slot
        self._columns[rows] = columns_of(extents)
        self._used += len(extents)

    def remove(self, sequence: int, id_: Id) -> None:
        """Hold nothing under an id."""
        self._advance(sequence)
        self._forget(id_)

    def candidates(self, extents: Sequence[Extent], reach: Reach) -> Candidates[Id]:
        """Every id with an extent that comes within ``reach`` of one of these, and maybe more."""
        slots = self._slots[: self._used]
        rows = self._columns[: self._used]
        hit = np.zeros(self._used, dtype=np.bool_)
        for one in columns_of(extents):
            hit |= may_meet(rows, one, reach)
        found = np.unique(slots[hit & (slots >= 0)])
        return Candidates(tuple(self._ids[int(slot)] for slot in found), self._looked_to)

    def _advance(self, sequence: int) -> None:
        assert sequence > self._looked_to, "events come in rising sequence"
        self._looked_to = sequence

    def _forget(self, id_: Id) -> None:
        slot = self._slot.pop(id_, None)
        if slot is not None:
            del self._ids[slot]
            self._slots[: self._used][self._slots[: self._used] == slot] = -1

    def _make_room(self, rows: int) -> None:
        """Drop rows that nobody holds; grow to twice the size when that is not enough."""
        if self._used + rows <= len(self._slots):
            return
        held = self._slots[: self._used] >= 0
        slots, columns = self._slots[: self._used][held], self._columns[: self._used][held]
        room = max(_ROOM_FIRST, 2 * (len(slots) + rows))
        self._slots = np.full(room, -1, dtype=np.int64)
        self._columns = np.zeros((room, 6))
        self._used = len(slots)
        self._slots[: self._used], self._columns[: self._used] = slots, columns
