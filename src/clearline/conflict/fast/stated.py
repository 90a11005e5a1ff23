"""Extents as columns of whole numbers: exactly what was stated, and back again.

Units as in the model: 1e-7 degrees, millimetres, pascals, milliseconds. Row ``i`` is one extent.
Everything else that the engine holds can be made again from these columns; they are what it saves,
loads, and explains an answer from. Names of claimants are kept once, in a list beside them.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.shapes import (
    Ints,
    Shapes,
    footprint_at,
    joined_shapes,
    shapes_of,
    take_shapes,
)
from clearline.conflict.verdict import Extent
from clearline.model.space import Ground, Height, HeightRef, Qnh, Volume
from clearline.model.time import Instant, Millis

W84, AMSL, AGL, FL, SFC, UNL = range(6)
REFS: Final = (
    HeightRef.W84,
    HeightRef.AMSL,
    HeightRef.AGL,
    HeightRef.FL,
    HeightRef.SFC,
    HeightRef.UNL,
)
_REF_CODE: Final = {ref: code for code, ref in enumerate(REFS)}


class Stated(NamedTuple):
    """Extents. ``facts`` (n, 5): start, end, tail, class, hazard. ``heights`` (n, 2, 5), lower and
    upper: reference, millimetres, then of ground its low and high, of QNH its pressure and
    tolerance, and 1 + the number of the name that states it, 0 if nobody does."""

    shapes: Shapes
    facts: Ints
    heights: Ints


class Names:
    """Names that stand in columns by number, each once, in order of their first use."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.all = list(names)
        self._number = {name: number for number, name in enumerate(self.all)}

    def number(self, name: str) -> int:
        """The number of a name, a new one if it has none."""
        found = self._number.get(name)
        if found is None:
            found = self._number[name] = len(self.all)
            self.all.append(name)
        return found


def _height_row(height: Height, names: Names) -> tuple[int, int, int, int, int]:
    code, mm = _REF_CODE[height.ref], height.mm or 0
    if height.ground is not None:
        ground = height.ground
        return code, mm, ground.low_mm, ground.high_mm, 1 + names.number(ground.by)
    if height.qnh is not None:
        return code, mm, height.qnh.pa, height.qnh.tolerance_pa, 1 + names.number(height.qnh.by)
    return code, mm, 0, 0, 0


def height_at(row: Sequence[int], names: Names) -> Height:
    """One limit of ``Stated.heights`` as a height."""
    ref = REFS[row[0]]
    ground = qnh = None
    if row[4] and ref is HeightRef.FL:
        qnh = Qnh(pa=row[2], tolerance_pa=row[3], by=names.all[row[4] - 1])
    elif row[4]:
        ground = Ground(low_mm=row[2], high_mm=row[3], by=names.all[row[4] - 1])
    numbered = ref not in (HeightRef.SFC, HeightRef.UNL)
    return Height(ref=ref, mm=row[1] if numbered else None, ground=ground, qnh=qnh)


def stated(extents: Sequence[Extent], classes: Sequence[int], names: Names) -> Stated:
    """Extents as columns, each with the number of its class."""
    facts = [
        (e.volume.start, e.volume.end, e.tail_ms, cls, e.hazard)
        for e, cls in zip(extents, classes, strict=True)
    ]
    heights = [
        (_height_row(e.volume.lower, names), _height_row(e.volume.upper, names)) for e in extents
    ]
    return Stated(
        shapes_of([e.volume.footprint for e in extents]),
        np.array(facts, np.int64).reshape(-1, 5),
        np.array(heights, np.int64).reshape(-1, 2, 5),
    )


def extent_at(columns: Stated, i: int, names: Names) -> Extent:
    """Row ``i`` as an extent: the inverse of ``stated``."""
    start, end, tail, _, hazard = columns.facts[i].tolist()
    lower, upper = columns.heights[i].tolist()
    volume = Volume(
        footprint=footprint_at(columns.shapes, i),
        lower=height_at(lower, names),
        upper=height_at(upper, names),
        start=Instant(start),
        end=Instant(end),
    )
    return Extent(volume=volume, tail_ms=Millis(tail), hazard=bool(hazard))


def take(columns: Stated, order: Ints) -> Stated:
    """Some rows, in that order."""
    shapes = take_shapes(columns.shapes, order)
    return Stated(shapes, columns.facts[order], columns.heights[order])


def joined(parts: Sequence[Stated]) -> Stated:
    """The rows of all, one after the other."""
    return Stated(
        joined_shapes([part.shapes for part in parts]),
        np.concatenate([part.facts for part in parts]),
        np.concatenate([part.heights for part in parts]),
    )
