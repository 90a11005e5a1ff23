"""A table of extents that is not changed any more, the open one that still grows, and how several
become one.

A row is held from the moment that it can be seen until the sequence number at which it ``died``.
That column alone is written later, once for a row: whoever looks as of an earlier sequence number
still finds the row, so readers need no lock. Nothing here reads or keeps Python objects by the
row: putting tables together is numpy and compiled loops, and lets other threads go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from clearline.conflict.fast.bands import FEW, limits_few, limits_of
from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.grid import Grid
from clearline.conflict.fast.gridding import grid_of, open_grid, order_of
from clearline.conflict.fast.handed import Handed, hand
from clearline.conflict.fast.meet import (
    NEVER,
    Rows,
    Rules,
    Table,
    folded,
    meet,
    scan_many,
    scan_rows,
)
from clearline.conflict.fast.packed import Packed, room
from clearline.conflict.fast.packing import pack, pack_one
from clearline.conflict.fast.shapes import Shapes
from clearline.conflict.fast.stated import F_END, F_START, F_TAIL, Stated, joined, read, take
from clearline.conflict.geodesy import Ints
from clearline.model.terms import Levels
from clearline.model.time import INSTANT_MAX

TAIL: Final = 1_024
"""Extents that are read one after the other: it takes no longer than to look into a grid."""
TAIL_POINTS: Final = 32 * TAIL
CHUNK: Final = 1_024
"""So many numbers, one after the other, are kept and forgotten together."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows, neighbours beside each other. ``numbers``: whose row it is. ``by_number``: the rows in
    order of those numbers. ``chunks``: which chunks of numbers are among them. ``lost`` (1,): how
    many rows are dead, for the writer. ``table``: what a question is handed of it."""

    numbers: Ints
    by_number: Ints
    chunks: Ints
    stated: Stated
    rows: Rows
    grid: Grid
    lost: Ints
    table: Handed[Table]

    def rows_of(self, number: int) -> Ints:
        """The rows of one number, whether they are still held or not."""
        low, high = np.searchsorted(self.numbers, [number, number + 1], sorter=self.by_number)
        found: Ints = self.by_number[low:high]
        return found

    def mark(self, ended: Ints, sequences: Ints) -> None:
        """Let the rows of these numbers be dead as of these sequence numbers, unless they are."""
        self.lost[0] += _mark(self.numbers, self.by_number, self.rows.died, ended, sequences)


@compiled(nogil=True)
def _mark(numbers: Ints, by_number: Ints, died: Ints, ended: Ints, sequences: Ints) -> int:
    """As ``Segment.mark``; how many rows died."""
    count = 0
    for k in range(len(ended)):
        low, high = 0, len(by_number)
        while low < high:
            middle = (low + high) // 2
            if numbers[by_number[middle]] < ended[k]:
                low = middle + 1
            else:
                high = middle
        while low < len(by_number) and numbers[by_number[low]] == ended[k]:
            if died[by_number[low]] == NEVER:
                died[by_number[low]] = sequences[k]
                count += 1
            low += 1
    return count


@compiled(nogil=True)
def _chunks(numbers: Ints, by_number: Ints, size: int) -> Ints:
    """Which chunks of so many numbers there are, each once."""
    found, count, last = np.empty(len(by_number), np.int64), 0, -1
    for row in by_number:
        chunk = numbers[row] // size
        if chunk != last:
            found[count] = last = chunk
            count += 1
    return found[:count].copy()


def epoch_of(stated: Stated) -> float:
    """The second in which the first of these extents begins; 0 if there are none."""
    starts = stated.facts[:, F_START]
    return float(starts.min() // 1000) if len(starts) else 0.0


def rows_of(stated: Stated, levels: Levels, died: Ints) -> Rows:
    """What is compared of extents that were stated."""
    shapes = stated.shapes
    packed = (pack_one if len(shapes.kind) <= FEW else pack)(shapes)
    return Rows(stated.facts, limits_of(stated.heights, levels), packed, died)


@compiled
def ask(
    flat: Ints,
    pressures: tuple[int, int, float],
    table: Handed[Table],
    used: int,
    rules: Handed[Rules],
    until: int,
) -> tuple[Ints, int]:
    """``meet`` for a few extents of one question as they were ``written``, which are read and asked
    in one go: to hand what was read out of a compiled loop and in again takes as long as to ask.
    What leaves nothing open comes ``folded``."""
    columns = read(flat)
    limits = np.empty((len(columns.facts), 2, 4))
    limits_few(columns.heights, pressures[0], pressures[1], pressures[2], limits)
    asked = Rows(columns.facts, limits, pack_one(columns.shapes), np.zeros(0, np.int64))
    met, opened = meet(asked, table, used, rules, until)
    if opened > 0:
        return met, opened
    return folded(met, np.zeros(len(columns.facts), np.int64)), 0


def sealed(numbers: Ints, stated: Stated, levels: Levels, died: Ints) -> Segment:
    """A segment of these extents, neighbours beside each other."""
    starts = stated.facts[:, F_START] - stated.facts[:, F_START].min(initial=INSTANT_MAX)
    lasts = stated.facts[:, F_END] + stated.facts[:, F_TAIL] - stated.facts[:, F_START]
    order = order_of(stated.shapes, starts, starts + lasts)
    numbers, stated = numbers[order], take(stated, order)
    rows = rows_of(stated, levels, died[order])
    epoch_s = epoch_of(stated)
    scanned = np.empty((len(numbers), 8), np.float32)
    scan_many(rows, 0, len(numbers), epoch_s, scanned)
    by_number = np.argsort(numbers, kind="stable")
    grid = grid_of(scanned, epoch_s)
    return Segment(
        numbers=numbers,
        by_number=by_number,
        chunks=_chunks(numbers, by_number, CHUNK),
        stated=stated,
        rows=rows,
        grid=grid,
        lost=np.array([np.count_nonzero(died != NEVER)], np.int64),
        table=hand(Table(rows, grid, numbers)),
    )


@compiled
def _put(into: Packed, at: int, one: Packed) -> bool:
    """Write the only footprint of ``one`` as number ``at``, after those before it; not if there is
    no room for it."""
    row, ball = into.first[at]
    rows, balls = one.first[1]
    if at >= len(into.solid) or row + rows > len(into.xyz) or ball + balls > len(into.ball):
        return False
    into.solid[at] = one.solid[0]
    into.kind[at] = one.kind[0]
    into.xyz[row : row + rows] = one.xyz[:rows]
    into.span[row : row + rows] = one.span[:rows]
    into.ball[ball : ball + balls] = one.ball[:balls]
    into.first[at + 1, 0] = row + rows
    into.first[at + 1, 1] = ball + balls
    return True


def _stated_room(facts: Ints) -> Stated:
    """An empty table of what is stated, for as many extents as there are facts."""
    rows = len(facts)
    shapes = Shapes(
        np.zeros(rows, np.uint8),
        np.zeros(rows, np.uint8),
        np.zeros(rows, np.int64),
        np.zeros(rows + 1, np.int64),
        np.zeros(TAIL_POINTS, np.int32),
        np.zeros(TAIL_POINTS, np.int32),
        np.zeros(rows + 1, np.int64),
        np.zeros(TAIL_POINTS, np.int64),
    )
    return Stated(shapes, facts, np.zeros((rows, 2, 5), np.int64))


@compiled
def _put_stated(into: Stated, at: int, one: Stated) -> bool:
    """As ``_put`` for the only row of ``one`` as it was stated."""
    shapes, new = into.shapes, one.shapes
    point, ring = shapes.first[at], shapes.ring_first[at]
    points, rings = len(new.lat), len(new.ring_ends)
    if point + points > len(shapes.lat) or ring + rings > len(shapes.ring_ends):
        return False
    shapes.kind[at], shapes.edge[at] = new.kind[0], new.edge[0]
    shapes.radius_mm[at] = new.radius_mm[0]
    shapes.first[at + 1], shapes.ring_first[at + 1] = point + points, ring + rings
    shapes.lat[point : point + points] = new.lat
    shapes.lon[point : point + points] = new.lon
    for k in range(rings):
        shapes.ring_ends[ring + k] = point + new.ring_ends[k]
    into.facts[at], into.heights[at] = one.facts[0], one.heights[0]
    return True


@dataclass(slots=True, eq=False)
class Tail:
    """The open table, and one that was full: rows in the order in which they came. What is beyond
    ``grid.used`` is not there for a reader that holds an earlier ``grid``. ``count``: how many rows
    there are for the writer; ``stated``: as they were stated, with room for more; ``table``: what a
    question is handed, with how many rows it may look at."""

    levels: Levels
    epoch_s: float
    numbers: Ints = field(init=False)
    rows: Rows = field(init=False)
    grid: Grid = field(init=False)
    stated: Stated = field(init=False)
    table: Handed[Table] = field(init=False)
    count: int = 0
    lost: Ints = field(default_factory=lambda: np.zeros(1, np.int64))

    def __post_init__(self) -> None:
        self.numbers = np.zeros(TAIL, np.int64)
        self.grid = open_grid(TAIL, self.epoch_s)
        facts, limits = np.zeros((TAIL, 5), np.int64), np.zeros((TAIL, 2, 4))
        died = np.full(TAIL, NEVER, np.int64)
        self.stated = _stated_room(facts)
        packed = room(np.zeros((TAIL + 1, 2), np.int64), TAIL_POINTS, TAIL_POINTS)
        self.rows = Rows(facts, limits, packed, died)
        self.table = hand(Table(self.rows, self.grid, self.numbers))

    @property
    def chunks(self) -> Ints:
        """Which chunks of numbers are among them."""
        return np.unique(self.numbers[: self.count] // CHUNK)

    def take(self, number: int, rows: Sequence[Stated], sequence: int) -> bool:
        """Take more extents, not yet to be seen; if there is no room for all of them, those that it
        took are dead as of ``sequence``, and are never seen."""
        before = self.count
        if all(self._add(number, row) for row in rows):
            return True
        self.rows.died[before : self.count] = sequence
        return False

    def _add(self, number: int, stated: Stated) -> bool:
        at = self.count
        one = rows_of(stated, self.levels, self.rows.died[:1])
        if not _put(self.rows.packed, at, one.packed) or not _put_stated(self.stated, at, stated):
            return False
        self.numbers[at] = number
        self.rows.limits[at] = one.limits[0]
        scan_rows(self.rows, at, at + 1, self.epoch_s, self.grid.rows)
        self.count += 1
        return True

    def show(self) -> None:
        """Let what was added be seen, by whoever takes ``grid`` from now on."""
        self.grid = self.grid._replace(used=self.count)

    def rows_of(self, number: int) -> Ints:
        """The rows of one number, whether they are still held or not."""
        found: Ints = np.flatnonzero(self.numbers[: self.count] == number)
        return found


def merged(tables: Sequence[Segment | Tail], levels: Levels, until: int) -> Segment:
    """One segment of all rows that are held as of sequence number ``until``. Rows that die while
    this runs may come out as held: whoever puts the segment to use marks them again."""
    kept = [np.flatnonzero(each.rows.died[: each.grid.used] > until) for each in tables]
    pairs = list(zip(tables, kept, strict=True))
    numbers = np.concatenate([each.numbers[rows] for each, rows in pairs])
    stated = joined([take(each.stated, rows) for each, rows in pairs])
    return sealed(numbers, stated, levels, np.full(len(numbers), NEVER, np.int64))
