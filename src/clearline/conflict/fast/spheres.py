"""Spheres and spans against many others: which rows may be near, by the grid alone.

For whoever holds columns (``lists.Columns``) and judges pairs in another way.
"""

from collections.abc import Iterator
from math import inf
from typing import Final

import numpy as np

from clearline.conflict import lists
from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.grid import (
    END,
    HIGH,
    LOW,
    REACH,
    START,
    Grid,
    Singles,
    X,
    all_near,
    scanned_row,
)
from clearline.conflict.fast.gridding import grid_of
from clearline.conflict.fast.lent import lent
from clearline.conflict.fast.packed import SOLID, WHOLE
from clearline.conflict.geodesy import SLACK_M, Floats, Ints, chord_of
from clearline.conflict.index import Reach
from clearline.conflict.lists import Columns

_ROOM: Final = 4_096


@compiled
def _scan(rows: Floats, spans_s: Floats, out: Singles) -> None:
    solid = np.zeros(SOLID)
    for i in range(len(rows)):
        solid[:3] = rows[i, lists.X : lists.REACH]
        solid[WHOLE] = rows[i, lists.REACH]
        scanned_row(solid, (-inf, inf), (spans_s[i, 0], spans_s[i, 1]), out[i])


@compiled
def _pairs(grid: Grid, rows: Floats, wider_m: float, spans_s: Floats, out: Ints) -> int:
    """Pairs of a row asked and a slot that may be near, into ``out`` (m, 2); how many, also those
    that had no room."""
    grid = lent(grid)
    count, asked, found = 0, np.empty(8), np.empty(_ROOM, np.int64)
    asked[LOW], asked[HIGH] = -inf, inf
    for i in range(len(rows)):
        asked[X : X + 3] = rows[i, lists.X : lists.REACH]
        asked[REACH] = rows[i, lists.REACH] + wider_m
        asked[START], asked[END] = spans_s[i, 0], spans_s[i, 1]
        found, hits = all_near(grid, grid.used, asked, found)
        for k in range(min(hits, len(out) - count)):
            out[count + k, 0], out[count + k, 1] = i, found[k]
        count += hits
    return count


class SphereGrid:
    """Rows that are held, ready to be asked."""

    def __init__(self, held: Columns) -> None:
        self._epoch_s = float(held.start.min()) / 1000
        scanned = np.empty((len(held.start), 8), np.float32)
        spans_s = np.stack((held.start, held.end), axis=1) / 1000 - self._epoch_s
        _scan(held.rows, spans_s, scanned)
        self._grid = grid_of(scanned, self._epoch_s)

    def near(self, asked: Columns, reach: Reach) -> Iterator[tuple[int, int]]:
        """Rows asked and rows held that may come within ``reach`` of each other, and maybe more."""
        wider_m = chord_of(reach.lateral_mm / 1000) + SLACK_M
        starts, ends = asked.start - reach.time_ms, asked.end + reach.time_ms
        spans_s = np.stack((starts, ends), axis=1) / 1000 - self._epoch_s
        out = np.empty((_ROOM, 2), np.int64)
        count = _pairs(self._grid, asked.rows, wider_m, spans_s, out)
        if count > _ROOM:
            out = np.empty((count, 2), np.int64)
            _pairs(self._grid, asked.rows, wider_m, spans_s, out)
        yield from ((i, j) for i, j in out[:count].tolist())
