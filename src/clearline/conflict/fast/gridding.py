"""How a grid is made of rows: which level and cell each is of, in what order they stand, and the
table in which a cell is found by hash. Frame: ECEF metres; seconds after the grid's epoch.
"""

from itertools import pairwise
from math import cos, radians, sin, sqrt
from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.grid import (
    COARSEST,
    END,
    FINEST,
    FIRST,
    HALF_M,
    HIGH,
    KEY,
    LAST,
    LEVEL_SHIFT,
    LONGEST,
    LOW,
    REACH,
    START,
    Grid,
    Singles,
    X,
    Y,
    Z,
    morton,
    slot_of,
)
from clearline.conflict.fast.shapes import Shapes
from clearline.conflict.geodesy import R_LOW_M, Floats, Ints

LEVEL_FIRST: Final = 8
LEVEL_STEP: Final = 2
LEVELS: Final = (COARSEST - LEVEL_FIRST) // LEVEL_STEP + 1
"""Level k holds rows whose sphere fits twice into 2^(8 + 2k) metres: 128 m, 512 m, ... 8 388 km."""
FILL: Final = 16
"""A level's cells are widened until they hold so many rows on average: looking a cell up costs
as much as reading a dozen rows, and of many rows only those of the time that is asked are read."""


@compiled(nogil=True)
def codes(rows: Singles, out: Ints) -> None:
    """Level and finest cell of every row, in one number."""
    last = (1 << (COARSEST - FINEST)) - 1
    for i in range(len(rows)):
        level = 0
        while level < LEVELS - 1 and 2 * rows[i, REACH] > 1 << (LEVEL_FIRST + LEVEL_STEP * level):
            level += 1
        x = min(max(int((rows[i, X] + HALF_M) / (1 << FINEST)), 0), last)
        y = min(max(int((rows[i, Y] + HALF_M) / (1 << FINEST)), 0), last)
        z = min(max(int((rows[i, Z] + HALF_M) / (1 << FINEST)), 0), last)
        out[i] = (level << LEVEL_SHIFT) | morton(x, y, z)


@compiled(nogil=True)
def _fill(table: Ints, keys: Ints, begins: Ints, longest: Floats) -> None:
    """Put every key with its rows and their longest span into an empty table."""
    size = len(table)
    for number in range(len(keys)):
        at = slot_of(keys[number], size)
        while table[at, LAST] >= 0:
            at = (at + 1) & (size - 1)
        table[at, KEY], table[at, LONGEST] = keys[number], int(longest[number]) + 1
        table[at, FIRST], table[at, LAST] = begins[number], begins[number + 1]


@compiled(nogil=True)
def _roughly(shapes: Shapes, starts: Ints, ends: Ints, out: Singles) -> None:
    """Scanned columns of footprints, good enough to put them in order: a ball around the box of
    their points in latitude and longitude, on a sphere."""
    for i in range(len(out)):
        first, last = shapes.first[i], shapes.first[i + 1]
        south, west = int(shapes.lat[first]), int(shapes.lon[first])
        north, east = south, west
        for k in range(first + 1, last):
            lat_e7, lon_e7 = int(shapes.lat[k]), int(shapes.lon[k])
            south, north = min(south, lat_e7), max(north, lat_e7)
            west, east = min(west, lon_e7), max(east, lon_e7)
        lat, lon = radians((south + north) / 2e7), radians((west + east) / 2e7)
        high, wide = radians((north - south) / 2e7), radians((east - west) / 2e7) * cos(lat)
        out[i, X], out[i, Y] = R_LOW_M * cos(lat) * cos(lon), R_LOW_M * cos(lat) * sin(lon)
        out[i, Z] = R_LOW_M * sin(lat)
        out[i, REACH] = R_LOW_M * sqrt(high * high + wide * wide) + shapes.radius_mm[i] / 1000
        out[i, LOW], out[i, HIGH] = 0.0, 0.0
        out[i, START], out[i, END] = starts[i] / 1000, ends[i] / 1000


def order_of(shapes: Shapes, starts: Ints, ends: Ints) -> Ints:
    """The order in which a grid has these footprints, or nearly: rows that stand in it are read
    from end to end where a question reads a cell. ``starts``, ``ends``: milliseconds, from near."""
    rough = np.empty((len(starts), 8), np.float32)
    _roughly(shapes, starts, ends, rough)
    return grid_of(rough, 0.0).slots


def grid_of(scanned: Singles, epoch_s: float) -> Grid:
    """A grid of these rows."""
    unordered = np.empty(len(scanned), np.int64)
    codes(scanned, unordered)
    slots = np.argsort(unordered, kind="stable")
    ordered, rows = unordered.take(slots), scanned.take(slots, 0)
    widths, reaches, cells, keys, begins = [], [], [0], [], []
    levels = ordered >> LEVEL_SHIFT
    edges = np.searchsorted(levels, np.arange(LEVELS + 1)).tolist()
    for level, (first, last) in enumerate(pairwise(edges)):
        if first == last:
            continue
        width, starts = _cells(ordered[first:last], LEVEL_FIRST + LEVEL_STEP * level)
        cell = ordered[first:last][starts] & ((1 << LEVEL_SHIFT) - 1)
        keys.append((cell >> 3 * (width - FINEST)) | (level << LEVEL_SHIFT))
        begins.append(starts + first)
        widths.append(width)
        reaches.append(float(rows[first:last, REACH].max()))
        cells.append(cells[-1] + len(starts))
    every = np.concatenate([np.zeros(0, np.int64), *keys])
    first_rows = np.concatenate([*begins, np.array([len(rows)], np.int64)])
    longest = np.empty(len(every))
    _by_start(first_rows, rows, slots, longest)
    table = np.full((1 << max(1, 2 * len(every)).bit_length(), 4), -1, np.int64)
    _fill(table, every, first_rows, longest)
    return Grid(
        slots=slots,
        rows=rows,
        used=len(rows),
        epoch_s=epoch_s,
        widths=np.array(widths, np.int64),
        reaches=np.array(reaches, np.float64),
        cells=np.array(cells, np.int64),
        keys=every,
        begins=first_rows,
        longest=longest,
        table=table,
    )


@compiled(nogil=True)
def _by_start(begins: Ints, rows: Singles, slots: Ints, longest: Floats) -> None:
    """Put the rows of every cell in the order in which they begin; the longest span of each."""
    for cell in range(len(longest)):
        first, last = begins[cell], begins[cell + 1]
        order = np.argsort(rows[first:last, START])
        rows[first:last], slots[first:last] = rows[first:last][order], slots[first:last][order]
        most = 0.0
        for k in range(first, last):
            most = max(most, np.float64(rows[k, END]) - np.float64(rows[k, START]))
        longest[cell] = most


def _cells(ordered: Ints, width: int) -> tuple[int, Ints]:
    """Width and first rows of a level's cells: as wide as its rows need, then until they fill."""
    while True:
        cell = ordered >> 3 * (width - FINEST)
        starts = np.flatnonzero(np.concatenate(([True], cell[1:] != cell[:-1])))
        if len(starts) * FILL <= len(ordered) or width >= COARSEST:
            return width, starts
        width += 1


def open_grid(room: int, epoch_s: float) -> Grid:
    """An empty grid without levels, for rows that are still coming."""
    none = np.zeros(0, np.int64)
    return Grid(
        slots=np.arange(room, dtype=np.int64),
        rows=np.zeros((room, 8), np.float32),
        used=0,
        epoch_s=epoch_s,
        widths=none,
        reaches=np.zeros(0),
        cells=np.zeros(1, np.int64),
        keys=none,
        begins=np.zeros(1, np.int64),
        longest=np.zeros(0),
        table=np.full((2, 4), -1, np.int64),
    )
