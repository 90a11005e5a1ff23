"""The index of a node: of all rows those that ``may_meet``, and no more, without reading all.

Rows are put into blocks of neighbours; each block has a sphere and a span around all that is in it,
and only the rows of blocks that may be near are read. Which of those may meet is decided by the
rule alone, and ids come in the order of their insertion: what a node judges when, and with it every
alert, does not depend on how many are live, nor on whether anything is compiled. Nothing here is.
Frame: ECEF metres, milliseconds.

The newest rows are a tail that is read whole. A full tail becomes a run of a chunk, a full chunk is
put in order as a whole, one that is mostly empty is given up and its rows come again: no change
touches more than a chunk.
"""

from collections.abc import Sequence
from math import pi, sqrt
from typing import Final, Generic

import numpy as np

from clearline.conflict.geodesy import SLACK_M, Flags, Floats, Ints, chord_of, norm
from clearline.conflict.index import Candidates, Id, Reach, may_meet
from clearline.conflict.lists import END, REACH, START, Columns, X
from clearline.conflict.verdict import Extent

TAIL: Final = 4_096
"""Rows that are read whole: some tens of microseconds."""
RUNS: Final = 16
"""Tails of a chunk: putting its 65,536 rows in order takes about 15 ms."""
BLOCK: Final = 64
"""Rows of a block: reading as many costs about as much as finding out whether to."""
PAIRS_AT_ONCE: Final = 2_048
"""Rows asked with blocks whose rows are read at once: a few megabytes."""
NOBODY: Final = -1


def _order(rows: Floats, block: int) -> Ints:
    """Rows so that neighbours stand beside each other: in belts of latitude, each along longitude,
    about as high as a block is wide. Any order is right, a good one reads less."""
    belts = max(1, round(sqrt(len(rows) / block / pi)))
    by_height = np.argsort(rows[:, X + 2], kind="stable")
    belt = np.empty(len(rows), dtype=np.int64)
    belt[by_height] = np.arange(len(rows)) * belts // max(1, len(rows))
    return np.lexsort((np.arctan2(rows[:, X + 1], rows[:, X]), belt))


def _bounds(rows: Floats, slots: Ints, block: int) -> Floats:
    """For every block of rows a span and a sphere around what is held in it, as columns (6, n); one
    that nobody can meet where nothing is."""
    held = (slots >= 0).reshape(-1, block)
    rows = rows.reshape(-1, block, 6)
    some = held.any(axis=1)
    found = np.empty((6, len(held)))
    found[START] = np.where(held, rows[:, :, START], np.inf).min(axis=1)
    found[END] = np.where(held, rows[:, :, END], -np.inf).max(axis=1)
    for k in range(X, REACH):
        low = np.where(held, rows[:, :, k], np.inf).min(axis=1)
        high = np.where(held, rows[:, :, k], -np.inf).max(axis=1)
        found[k, some], found[k, ~some] = (low[some] + high[some]) / 2, 0.0
    reach_m = norm(rows[:, :, X:REACH] - found[X:REACH].T[:, None, :]) + rows[:, :, REACH]
    found[REACH] = np.where(held, reach_m, 0.0).max(axis=1) + SLACK_M
    return found


class BlockIndex(Generic[Id]):
    """One row per extent: in the tail, or in chunks of ``runs`` tails each. A chunk has its place
    in one table; ``_free`` are places that nothing is in."""

    def __init__(self, tail: int = TAIL, runs: int = RUNS, block: int = BLOCK) -> None:
        assert tail % block == 0, "a tail is whole blocks"
        self._tail_rows, self._chunk_rows, self._block = tail, tail * runs, block
        self._looked_to = -1
        self._slot: dict[Id, int] = {}
        self._ids: dict[int, Id] = {}
        self._chunks: dict[int, set[int]] = {}
        self._next_slot = 0
        self._used = 0
        self._slots: Ints = np.full(tail, NOBODY, dtype=np.int64)
        self._columns: Floats = np.zeros((tail, 6))
        self._kept_slots: list[Ints] = []
        self._kept: list[Floats] = []
        self._around: Floats = np.zeros((6, 0))
        self._held: list[int] = []
        self._free: list[int] = []
        self._open: int | None = None
        self._filled = 0
        self._asked: tuple[Sequence[Extent], Floats] = ((), np.zeros((0, 6)))

    def _rows(self, extents: Sequence[Extent]) -> Floats:
        """``Columns`` of these; who asks with them and then inserts them has them made once."""
        if self._asked[0] is not extents or not isinstance(extents, tuple):
            self._asked = extents, Columns.of(extents).rows
        return self._asked[1]

    # -- changes

    def insert(self, sequence: int, id_: Id, extents: Sequence[Extent]) -> None:
        """Hold these extents under an id, in place of any that it held."""
        self._advance(sequence)
        self._forget(id_)
        slot, self._next_slot = self._next_slot, self._next_slot + 1
        self._slot[id_], self._ids[slot] = slot, id_
        self._add(np.full(len(extents), slot, dtype=np.int64), self._rows(extents))

    def remove(self, sequence: int, id_: Id) -> None:
        """Hold nothing under an id. One that is not held is no error: ends may come twice."""
        self._advance(sequence)
        self._forget(id_)

    def _advance(self, sequence: int) -> None:
        assert sequence > self._looked_to, "events come in rising sequence"
        self._looked_to = sequence

    def _add(self, slots: Ints, rows: Floats) -> None:
        """Put rows into the tail, and the tail away as often as it is full."""
        done = 0
        while done < len(slots):
            if self._used == self._tail_rows:
                self._put_away()
            n = min(len(slots) - done, self._tail_rows - self._used)
            self._slots[self._used : self._used + n] = slots[done : done + n]
            self._columns[self._used : self._used + n] = rows[done : done + n]
            self._used += n
            done += n

    def _forget(self, id_: Id) -> None:
        slot = self._slot.pop(id_, None)
        if slot is None:
            return
        del self._ids[slot]
        self._slots[: self._used][self._slots[: self._used] == slot] = NOBODY
        for chunk in sorted(self._chunks.pop(slot, ())):
            slots = self._kept_slots[chunk]
            gone = np.flatnonzero(slots == slot)
            slots[gone] = NOBODY
            self._held[chunk] -= len(gone)
            if chunk != self._open and 2 * self._held[chunk] < self._chunk_rows:
                self._give_up(chunk)

    def _put_away(self) -> None:
        """The tail, without what nobody holds, as the next run of the open chunk."""
        held = np.flatnonzero(self._slots >= 0)
        slots, rows = self._slots[held], self._columns[held]
        self._used = 0
        if 2 * len(held) < self._tail_rows:  # most of it is gone: it begins anew
            self._add(slots, rows)
            return
        chunk = self._open if self._open is not None else self._new_chunk()
        order = _order(rows, self._block)
        run = slice(self._filled, self._filled + len(held))
        self._kept_slots[chunk][run], self._kept[chunk][run] = slots[order], rows[order]
        for slot in np.unique(slots).tolist():
            self._chunks.setdefault(slot, set()).add(chunk)
        self._held[chunk] += len(held)
        first, self._filled = self._filled, self._filled + self._tail_rows
        if self._filled == self._chunk_rows:
            self._close(chunk)
        else:
            self._look_around(chunk, first, self._filled)

    def _new_chunk(self) -> int:
        if not self._free:
            self._free.append(len(self._held))
            self._held.append(0)
            self._kept_slots.append(np.full(self._chunk_rows, NOBODY, dtype=np.int64))
            self._kept.append(np.zeros((self._chunk_rows, 6)))
            around = _bounds(self._kept[-1], self._kept_slots[-1], self._block)
            self._around = np.concatenate((self._around, around), axis=1)
        self._open, self._filled = self._free.pop(), 0
        return self._open

    def _close(self, chunk: int) -> None:
        """Put a full chunk in order as a whole; what nobody holds comes last."""
        slots, rows = self._kept_slots[chunk], self._kept[chunk]
        held = np.flatnonzero(slots >= 0)
        order = held[_order(rows[held], self._block)]
        slots[: len(order)], rows[: len(order)] = slots[order], rows[order]
        slots[len(order) :] = NOBODY
        self._look_around(chunk, 0, self._chunk_rows)
        self._open = None
        if 2 * len(order) < self._chunk_rows:
            self._give_up(chunk)

    def _give_up(self, chunk: int) -> None:
        """Free a chunk; what is held in it comes again."""
        held = np.flatnonzero(self._kept_slots[chunk] >= 0)
        slots, rows = self._kept_slots[chunk][held], self._kept[chunk][held]
        self._kept_slots[chunk][:] = NOBODY
        self._look_around(chunk, 0, self._chunk_rows)
        self._held[chunk] = 0
        self._free.append(chunk)
        for slot in np.unique(slots).tolist():
            self._chunks[slot].discard(chunk)
        self._add(slots, rows)

    def _look_around(self, chunk: int, first: int, last: int) -> None:
        """What is around the blocks of some rows of a chunk."""
        before = chunk * self._chunk_rows
        blocks = slice((before + first) // self._block, (before + last) // self._block)
        self._around[:, blocks] = _bounds(
            self._kept[chunk][first:last], self._kept_slots[chunk][first:last], self._block
        )

    # -- questions

    def candidates(self, extents: Sequence[Extent], reach: Reach) -> Candidates[Id]:
        """Every id with an extent that comes within ``reach`` of one of these, as ``may_meet`` has
        it."""
        asked = self._rows(extents)
        found = [self._in_tail(asked, reach)]
        blocks = self._blocks_near(asked, reach)
        if len(blocks) and len(asked):
            found += self._in_blocks(asked, blocks, reach)
        slots = np.unique(np.concatenate(found))
        return Candidates(tuple(self._ids[int(slot)] for slot in slots), self._looked_to)

    def _in_tail(self, asked: Floats, reach: Reach) -> Ints:
        slots, rows = self._slots[: self._used], self._columns[: self._used]
        hit = np.zeros(self._used, dtype=np.bool_)
        for one in asked:
            hit |= may_meet(rows, one, reach)
        return slots[hit & (slots >= 0)]

    def _blocks_near(self, asked: Floats, reach: Reach) -> Ints:
        """Blocks that all rows asked together may be near."""
        if not len(asked) or not self._around.size:
            return np.zeros(0, dtype=np.int64)
        all_of = _bounds(asked, np.zeros(len(asked), dtype=np.int64), len(asked))
        return np.flatnonzero(_may_be_near(self._around, all_of, reach))

    def _in_blocks(self, asked: Floats, blocks: Ints, reach: Reach) -> list[Ints]:
        """What may meet any of the rows asked, in these blocks."""
        around, found = self._around[:, blocks][:, None, :], []
        step = max(1, PAIRS_AT_ONCE // len(blocks))
        for first in range(0, len(asked), step):
            some = asked[first : first + step]
            k, b = np.nonzero(_may_be_near(around, some.T[:, :, None], reach))
            chunk = blocks[b] * self._block // self._chunk_rows
            for each in np.unique(chunk).tolist():
                of = chunk == each
                found.append(self._in_chunk(each, some[k[of]], blocks[b[of]], reach))
        return found

    def _in_chunk(self, chunk: int, asked: Floats, blocks: Ints, reach: Reach) -> Ints:
        """What may meet: row ``i`` asked beside the rows of block ``i`` of a chunk."""
        first = blocks * self._block - chunk * self._chunk_rows
        at = (first[:, None] + np.arange(self._block)).ravel()
        hit = may_meet(self._kept[chunk][at], np.repeat(asked, self._block, axis=0), reach)
        slots = self._kept_slots[chunk][at[hit]]
        return np.unique(slots[slots >= 0])


def _may_be_near(around: Floats, asked: Floats, reach: Reach) -> Flags:
    """Which blocks may hold a row that ``may_meet``, each (6, ...): no row of the others does."""
    gap = np.maximum(around[START] - asked[END], asked[START] - around[END])
    x, y, z = (around[k] - asked[k] for k in range(X, REACH))
    near_m = around[REACH] + (asked[REACH] + (chord_of(reach.lateral_mm / 1000) + SLACK_M))
    near: Flags = (gap < reach.time_ms) & (x * x + y * y + z * z <= near_m * near_m)
    return near
