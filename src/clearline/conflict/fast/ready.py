"""Compiling before it is needed: once on a machine, the index 40 s of one core, of which the kernel
and the grid, all that a check of a file needs, take 20.

No few functions take it: some 265 do, none longer than 2 s, and nearly all of them serve the first
question. A tenth is compiled twice, for numba takes a number that is written down for a type.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import IS_COMPILED
from clearline.conflict.fast.index import FastIndex
from clearline.conflict.fast.kept import INDEX, KERNEL, say_kept
from clearline.conflict.fast.packing import pack, pack_one
from clearline.conflict.fast.pairs import warm
from clearline.conflict.fast.segment import merged
from clearline.conflict.fast.spheres import SphereGrid
from clearline.conflict.fast.stated import Names, stated
from clearline.conflict.index import Reach
from clearline.conflict.lists import Columns
from clearline.conflict.verdict import Extent
from clearline.model.space import Corridor, Disc, Edge, Height, HeightRef, LatLon, Polygon, Volume
from clearline.model.terms import Levels
from clearline.model.time import Instant

OnSlow = Callable[[str, float], None]
"""Told what is being done and which share of it is behind, 0 to 1."""

_COMPILING: Final = "compiling the engine, once on this machine"
_AT: Final = (LatLon(0, 0), LatLon(0, 900_000), LatLon(900_000, 0))
_SHAPES: Final = (
    Disc(centre=_AT[0], radius_mm=1_000_000),
    Corridor(line=_AT, half_width_mm=1_000, edge=Edge.RHUMB),
    Polygon(outer=_AT, edge=Edge.LONLAT),
)


def _extents() -> list[Extent]:
    low, high = Height(ref=HeightRef.SFC), Height(ref=HeightRef.FL, mm=3_048_000)
    window = (Instant(0), Instant(1))
    return [
        Extent(volume=Volume(footprint=f, lower=low, upper=high, start=window[0], end=window[1]))
        for f in _SHAPES
    ]


def prepare_kernel(on_slow: OnSlow) -> None:
    """Have the distance of two footprints and the grid around many ready, as ``prepare`` has."""
    if not IS_COMPILED:
        return
    in_steps((warm, _grid), on_slow)
    say_kept(KERNEL)


def _grid() -> None:
    columns = Columns.of(_extents())
    list(SphereGrid(columns).near(columns, Reach(lateral_mm=1, time_ms=1)))


def prepare(on_slow: OnSlow) -> None:
    """Have every compiled function of the index ready, from where it was kept or newly made."""
    if not IS_COMPILED:
        return
    extents, index, names = _extents(), FastIndex[int](), Names()
    columns = stated(extents, (0,) * len(extents), names)
    steps: tuple[Callable[[], object], ...] = (
        lambda: pack_one(columns.shapes),
        lambda: pack(columns.shapes),
        warm,
        _grid,
        lambda: index.load(0, [0], columns, np.zeros(len(extents), np.int64)),
        lambda: index.check(extents),
        lambda: index.insert(1, 1, extents),
        lambda: merged((index.view.tail,), Levels(), 1).mark(*np.zeros((2, 1), np.int64)),
    )
    in_steps(steps, on_slow)
    say_kept(INDEX)


def in_steps(steps: Sequence[Callable[[], object]], on_slow: OnSlow) -> None:
    """Take one step after the other, and say how far that has come."""
    for number, step in enumerate(steps):
        on_slow(_COMPILING, number / len(steps))
        step()
    on_slow(_COMPILING, 1.0)
