"""Worlds to measure in: the same volumes for the engine and for what it is held against.

Fixed seeds. Discs of 0.5 to 30 km, polygons of 4 to 60 vertices and corridors as large, as many
between 1 and 2 km as between 10 and 20, within 24 hours of windows, in bands of flight levels
(seven of ten) or metres above mean sea level. Kept off 180° and from the poles, where planar
engines cannot follow. The question: closer than LATERAL_M and VERTICAL_M, at the same time?
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from clearline.conflict.fast.shapes import Shapes, offsets
from clearline.conflict.fast.stated import AMSL, FL, Names, Stated, extent_at
from clearline.conflict.verdict import Extent

DAY_MS = 86_400_000
EPOCH_MS = 1_800_000_000_000
WORLD = (-80.0, 80.0, -179.0, 179.0)
EUROPE = (36.0, 66.0, -10.0, 35.0)
METRES_A_DEGREE = 111_195.0
LATERAL_M, VERTICAL_M = 1_852.0, 300.0
CIRCLE = 16
"""Corners of a disc for engines that have no discs."""


def columns(n: int, seed: int, box: tuple[float, float, float, float] = WORLD) -> Stated:
    """So many volumes spread evenly over the ground of a box (south, north, west, east)."""
    rng = np.random.default_rng(seed)
    low, high = np.sin(np.radians(box[:2]))
    lat = np.degrees(np.arcsin(rng.uniform(low, high, n)))
    lon = rng.uniform(box[2], box[3], n)
    kind = rng.integers(0, 3, n).astype(np.uint8)
    size = np.exp(rng.uniform(np.log(500.0), np.log(30_000.0), n))
    points = np.choose(kind, (1, rng.integers(2, 6, n), rng.integers(4, 61, n)))
    first = offsets(points)
    owner = np.repeat(np.arange(n), points)
    k, of = np.arange(first[-1]) - first[owner], points[owner]
    turn = rng.uniform(0, 2 * np.pi, n)[owner] + 2 * np.pi * k / of
    away = size[owner] * rng.uniform(0.6, 1.0, len(owner))
    along = (k - (of - 1) / 2) * 2 * size[owner] / np.maximum(of - 1, 1)
    bent = rng.uniform(0, 2 * np.pi, n)[owner] + rng.uniform(-0.2, 0.2, len(owner))
    east = np.choose(kind[owner], (0, along * np.cos(bent), away * np.cos(turn)))
    north = np.choose(kind[owner], (0, along * np.sin(bent), away * np.sin(turn)))
    lat_e7 = (lat[owner] + north / METRES_A_DEGREE) * 1e7
    lon_e7 = (lon[owner] + east / METRES_A_DEGREE / np.cos(np.radians(lat[owner]))) * 1e7
    radius = np.choose(kind, (size, size * rng.uniform(0.05, 0.3, n), 0)) * 1000
    shapes = Shapes(
        kind,
        np.where(kind == 0, 0, rng.integers(0, 3, n)).astype(np.uint8),
        radius.astype(np.int64),
        first,
        lat_e7.astype(np.int32),
        lon_e7.astype(np.int32),
        np.arange(n + 1, dtype=np.int64),
        first[1:].copy(),
    )
    start = EPOCH_MS + rng.integers(0, DAY_MS, n)
    facts = np.zeros((n, 5), np.int64)
    facts[:, 0], facts[:, 1] = start, start + rng.integers(1_800_000, 14_400_000, n)
    heights = np.zeros((n, 2, 5), np.int64)
    heights[:, :, 0] = np.where(rng.random(n) < 0.3, AMSL, FL)[:, None]
    heights[:, 0, 1] = rng.integers(0, 10_000, n) * 1000
    heights[:, 1, 1] = heights[:, 0, 1] + rng.integers(300, 3_000, n) * 1000
    return Stated(shapes, facts, heights)


def extents(stated: Stated) -> list[Extent]:
    """The same as the model's own values."""
    names = Names()
    return [extent_at(stated, i, names) for i in range(len(stated.facts))]


@dataclass(frozen=True, slots=True)
class Planar:
    """The same for a planar engine: geometries in degrees (an object array of shapely's), bands in
    metres whatever they count from, windows in seconds after the epoch of the world."""

    shapes: Any
    bands: Any
    windows: Any


def planar(stated: Stated) -> Planar:
    """Straight edges in longitude and latitude; a disc is a polygon of 16 corners."""
    import shapely

    shapes, n = stated.shapes, len(stated.facts)
    lat, lon = shapes.lat / 1e7, shapes.lon / 1e7
    first, counts = shapes.first[:-1], np.diff(shapes.first)
    found = np.empty(n, object)
    middle = lat[first]
    wide = 1 / np.cos(np.radians(middle)) / METRES_A_DEGREE
    radius = shapes.radius_mm / 1000
    discs = np.flatnonzero(shapes.kind == 0)
    turn = np.arange(CIRCLE) * 2 * np.pi / CIRCLE
    x = lon[first[discs], None] + (radius * wide)[discs, None] * np.cos(turn)
    y = middle[discs, None] + radius[discs, None] / METRES_A_DEGREE * np.sin(turn)
    found[discs] = shapely.polygons(np.stack((x, y), axis=2))
    for code, make in ((1, shapely.linestrings), (2, shapely.linearrings)):
        rows = np.flatnonzero(shapes.kind == code)
        own = np.repeat(np.arange(len(rows)), counts[rows])
        spans = zip(first[rows], counts[rows], strict=True)
        at = np.concatenate([np.arange(a, a + c) for a, c in spans])
        if code == 2:
            made = make(np.stack((lon[at], lat[at]), axis=1), indices=own)
            found[rows] = shapely.polygons(made)
            continue
        scale, shift = wide[rows][own], lon[first[rows]][own]
        flat = make(
            np.stack(((lon[at] - shift) / scale, lat[at] * METRES_A_DEGREE), 1), indices=own
        )
        broad = shapely.buffer(flat, radius[rows], quad_segs=2)
        xy, own = shapely.get_coordinates(broad, return_index=True)
        xy[:, 0] = xy[:, 0] * wide[rows][own] + lon[first[rows]][own]
        xy[:, 1] /= METRES_A_DEGREE
        found[rows] = shapely.set_coordinates(broad, xy)
    windows = (stated.facts[:, :2] - EPOCH_MS) / 1000
    return Planar(found, stated.heights[:, :, 1] / 1000, windows)
