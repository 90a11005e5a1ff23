"""Extents as columns of whole numbers: exactly what was stated, and back again.

Units as in the model: 1e-7 degrees, millimetres, pascals, milliseconds. Row ``i`` is one extent.
Everything else that the engine holds can be made again from these columns; they are what it saves,
loads, and explains an answer from. Names of claimants are kept once, in a list beside them.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.shapes import (
    Shapes,
    footprint_at,
    joined_shapes,
    outlined,
    take_shapes,
)
from clearline.conflict.geodesy import Ints
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
F_START, F_END, F_TAIL, F_CLASS, F_HAZARD = range(5)
"""Columns of ``Stated.facts``."""
_FACTS, _LIMIT = 5, 5
_KIND: Final = _FACTS + 2 * _LIMIT
_RINGS: Final = _KIND + 3
"""Where kind and number of rings stand in what is ``written`` of an extent."""


class Stated(NamedTuple):
    """Extents. ``facts`` (n, 5): start, end, tail, class, hazard (``F_START`` and on). ``heights``
    (n, 2, 5), lower and upper: reference, millimetres, then of ground its low and high, of QNH its
    pressure and tolerance, and 1 + the number of the name that states it, 0 if nobody does."""

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


class _Nameless(Names):
    def number(self, name: str) -> int:
        return 0


NAMELESS: Final = _Nameless()
"""For questions: that somebody states a height counts, and not who."""


def _height_row(height: Height, names: Names) -> tuple[int, int, int, int, int]:
    code, mm = _REF_CODE[height.ref], height.mm or 0
    if height.ground is not None:
        ground = height.ground
        return code, mm, ground.low_mm, ground.high_mm, 1 + names.number(ground.by)
    if height.qnh is not None:
        return code, mm, height.qnh.pa, height.qnh.tolerance_pa, 1 + names.number(height.qnh.by)
    return code, mm, 0, 0, 0


def _height_at(row: Sequence[int], names: Names) -> Height:
    """One limit of ``Stated.heights`` as a height."""
    ref = REFS[row[0]]
    ground = qnh = None
    if row[4] and ref is HeightRef.FL:
        qnh = Qnh(pa=row[2], tolerance_pa=row[3], by=names.all[row[4] - 1])
    elif row[4]:
        ground = Ground(low_mm=row[2], high_mm=row[3], by=names.all[row[4] - 1])
    numbered = ref not in (HeightRef.SFC, HeightRef.UNL)
    return Height(ref=ref, mm=row[1] if numbered else None, ground=ground, qnh=qnh)


def written(extents: Sequence[Extent], classes: Sequence[int], names: Names) -> Ints:
    """Extents, each with the number of its class, as one row of whole numbers: one array is soon
    made and handed on, fifteen are not. For each extent: its facts; its lower and upper height; of
    its footprint the kind, edge, radius and how many rings it has; and of each ring how many points
    it has, their latitudes and their longitudes."""
    flat: list[int] = []
    for extent, cls in zip(extents, classes, strict=True):
        volume = extent.volume
        kind, edge, radius_mm, rings = outlined(volume.footprint)
        flat += (volume.start, volume.end, extent.tail_ms, cls, extent.hazard)
        flat += _height_row(volume.lower, names)
        flat += _height_row(volume.upper, names)
        flat += (kind, edge, radius_mm, len(rings))
        for ring in rings:
            flat.append(len(ring))
            flat += [point.lat_e7 for point in ring]
            flat += [point.lon_e7 for point in ring]
    return np.array(flat, np.int64)


@compiled
def _sizes(flat: Ints) -> tuple[int, int, int]:
    """How many extents, rings and points were written."""
    at, extents, rings, points = 0, 0, 0, 0
    while at < len(flat):
        extents, many, at = extents + 1, flat[at + _RINGS], at + _RINGS + 1
        rings += many
        for _ in range(many):
            points += flat[at]
            at += 1 + 2 * flat[at]
    return extents, rings, points


@compiled
def read(flat: Ints) -> Stated:
    """The columns of what was ``written``."""
    n, rings, points = _sizes(flat)
    facts, heights = np.empty((n, _FACTS), np.int64), np.empty((n, 2, _LIMIT), np.int64)
    kind, edge, radius_mm = np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(n, np.int64)
    first, ring_first = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    ring_ends = np.empty(rings, np.int64)
    lat, lon = np.empty(points, np.int32), np.empty(points, np.int32)
    at, ring, point = 0, 0, 0
    for i in range(n):
        for k in range(_FACTS):
            facts[i, k] = flat[at + k]
        for k in range(_LIMIT):
            heights[i, 0, k] = flat[at + _FACTS + k]
            heights[i, 1, k] = flat[at + _FACTS + _LIMIT + k]
        at += _KIND
        kind[i], edge[i], radius_mm[i], many = flat[at], flat[at + 1], flat[at + 2], flat[at + 3]
        at += 4
        for _ in range(many):
            corners, at = flat[at], at + 1
            lat[point : point + corners] = flat[at : at + corners]
            lon[point : point + corners] = flat[at + corners : at + 2 * corners]
            at, point = at + 2 * corners, point + corners
            ring_ends[ring] = point
            ring += 1
        first[i + 1], ring_first[i + 1] = point, ring
    shapes = Shapes(kind, edge, radius_mm, first, lat, lon, ring_first, ring_ends)
    return Stated(shapes, facts, heights)


def stated(extents: Sequence[Extent], classes: Sequence[int], names: Names) -> Stated:
    """Extents as columns, each with the number of its class."""
    return read(written(extents, classes, names))


def extent_at(columns: Stated, i: int, names: Names) -> Extent:
    """Row ``i`` as an extent: the inverse of ``stated``."""
    start, end, tail, _, hazard = columns.facts[i].tolist()
    lower, upper = columns.heights[i].tolist()
    volume = Volume(
        footprint=footprint_at(columns.shapes, i),
        lower=_height_at(lower, names),
        upper=_height_at(upper, names),
        start=Instant(start),
        end=Instant(end),
    )
    return Extent(volume=volume, tail_ms=Millis(tail), hazard=bool(hazard))


def take(columns: Stated, order: Ints) -> Stated:
    """Some rows, in that order."""
    shapes = take_shapes(columns.shapes, order)
    return Stated(shapes, columns.facts.take(order, 0), columns.heights.take(order, 0))


def joined(parts: Sequence[Stated]) -> Stated:
    """The rows of all, one after the other."""
    return Stated(
        joined_shapes([part.shapes for part in parts]),
        np.concatenate([part.facts for part in parts]),
        np.concatenate([part.heights for part in parts]),
    )
