"""Volumes and extents for the tests of conflict, short to write, and footprints whose distance is
known."""

from collections.abc import Iterator

import numpy as np

from clearline.conflict.verdict import Extent
from clearline.model.space import (
    Corridor,
    Disc,
    Edge,
    Footprint,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Volume,
)
from clearline.model.time import Instant, Millis
from tests.conflict_oracle import (
    Walk,
    azimuth,
    cartesian,
    distance,
    go,
    nearest_on,
    place,
    samples,
)

SFC = Height(ref=HeightRef.SFC)
UNL = Height(ref=HeightRef.UNL)
HOUR = 3_600_000
NOON = 1_537_185_600_000  # 2018-09-17T12:00:00Z


def fl(level: int) -> Height:
    """A flight level."""
    return Height(ref=HeightRef.FL, mm=level * 30_480)


def height(ref: HeightRef, metres: float) -> Height:
    """A height in metres."""
    return Height(ref=ref, mm=round(metres * 1000))


def disc(lat: float, lon: float, metres: float) -> Disc:
    """A disc in degrees and metres."""
    return Disc(centre=place(lat, lon), radius_mm=round(metres * 1000))


def extent(
    footprint: Footprint,
    lower: Height = SFC,
    upper: Height = UNL,
    window: tuple[int, int] = (0, HOUR),
    *,
    tail_ms: int = 0,
    hazard: bool = False,
) -> Extent:
    """A volume from noon on, window in milliseconds after noon."""
    volume = Volume(
        footprint=footprint,
        lower=lower,
        upper=upper,
        start=Instant(NOON + window[0]),
        end=Instant(NOON + window[1]),
    )
    return Extent(volume=volume, tail_ms=Millis(tail_ms), hazard=hazard)


PLACES = ((0.0, 10.0), (50.0, -30.0), (70.0, 180.0), (-85.0, 60.0), (89.9, -120.0), (-1.0, 179.99))
SIZES_M = (50.0, 2_000.0, 40_000.0, 400_000.0, 2_000_000.0)
MARGINS_M = (0.02, 0.1, 1.0, 10.0)


def square(lat: float, lon: float, size_m: float, turn: float, edge: Edge) -> Polygon:
    """Four corners around a middle, clockwise as headings go."""
    corners = (go(lat, lon, turn + k * 90, size_m / 2) for k in range(4))
    return Polygon(outer=tuple(place(*corner) for corner in corners), edge=edge)


def beside(walk: Walk, t: float, gap_m: float, side: float) -> tuple[LatLon, float]:
    """A point about ``gap_m`` off an edge, on its left or right, and its true distance from it."""
    lat, lon = walk.at(t)
    heading = azimuth(*walk.at(t - 1e-3), *walk.at(t + 1e-3))
    there = place(*go(lat, lon, heading + side * 90, gap_m))
    return there, nearest_on(walk, there.lat, there.lon, t, 0.2)[0]


def not_beaten(a: Footprint, b: Footprint, truth: float) -> bool:
    """Whether dense samples of both cores stay at least as far apart as the claimed truth."""
    pa, pb = samples(a, 60), samples(b, 60)
    apart = np.linalg.norm(cartesian(pa)[:, None] - cartesian(pb)[None], axis=2)
    i, j = np.unravel_index(int(apart.argmin()), apart.shape)
    return distance(*pa[i], *pb[j]) >= truth - 1e-6


def intruders(
    walk: Walk, t: float, gap_m: float, side: float, size_m: float, edge: Edge
) -> Iterator[tuple[Footprint, float]]:
    """A disc, a corridor and a polygon whose nearest core point to the edge is one same point."""
    apex, core = beside(walk, t, gap_m, side)
    away = azimuth(*walk.at(t), apex.lat, apex.lon)
    arms = [place(*go(apex.lat, apex.lon, away + turn, size_m)) for turn in (-30, 30)]
    yield Disc(centre=apex, radius_mm=round(gap_m * 300)), core
    yield Corridor(line=(apex, arms[0]), half_width_mm=round(gap_m * 200), edge=edge), core
    yield Polygon(outer=(apex, arms[0], arms[1]), edge=edge), core


def first_point(footprint: Footprint) -> tuple[float, float]:
    """Latitude and longitude of the point that is stated first."""
    match footprint:
        case Disc(centre=point):
            return point.lat, point.lon
        case Corridor(line=points) | Polygon(outer=points):
            return points[0].lat, points[0].lon
