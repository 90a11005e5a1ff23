"""Many volumes at once: which are surely valid, and a sphere around each. Never the last word.

``surely_valid`` says yes only where ``check_volume`` would; what it leaves open is asked of
``check_volume`` itself, which takes about a millisecond a polygon. It reasons in the plane of
latitude and longitude with one scale: an edge of any kind stays within ``_BEND`` times its length
squared of its chord there, and a distance there is at most a ninth longer than the true one. Both
hold for shapes of up to a degree below 70 degrees of latitude; larger ones are left open.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.geodesy import Floats, ecef, norm
from clearline.conflict.lists import Columns
from clearline.conflict.validity import check_footprint, check_heights_and_window
from clearline.conflict.verdict import Extent
from clearline.model.space import Corridor, Disc, HeightRef, LatLon, Polygon, Volume

LATITUDE_MAX: Final = 70.0
EXTENT_DEGREES_MAX: Final = 1.0
CORNERS_MAX: Final = 512
"""Pairs of edges grow with the square: beyond this the slow way is not much slower."""
_CELLS_AT_ONCE: Final = 1 << 17
"""Pairs of edges that are looked at together: a few megabytes, which stay near."""
_DEGREE_M: Final = 111_000.0
_TRUE: Final = 0.9
"""A degree is 110 574 to 111 694 m; the cosine changes by at most 4.8 % within a degree at 70."""
_BEND: Final = 1.5 / (8 * 6_335_439.0)
"""Times tan(latitude) L^2: sagitta of a parallel against its geodesic, with half as much again for
rhumb lines and the ellipsoid."""
_TURN: Final = 0.05
"""Sine of the least angle between edges that follow each other, apart from their bending."""
_MARGIN_M: Final = 1.0
_GEOID_MM: Final = 110_000
"""EGM96 spans -107 to +85 m."""
_CURVATURE: Final = 5.2e-7
"""Bound of the curvature in space of any edge below 70 degrees: hypot(1 / R_MIN, 1.12 tan(70) / a)
is 5.08e-7 (see ``clearline.conflict.outline``)."""

Flags = NDArray[np.bool_]


def surely_valid(volumes: Sequence[Volume]) -> Flags:
    """For each volume, whether ``check_volume`` has surely nothing to say of it."""
    valid = np.zeros(len(volumes), dtype=np.bool_)
    by_corners: dict[int, list[int]] = {}
    for place, volume in enumerate(volumes):
        if check_heights_and_window(volume) or not _in_order(volume):
            continue
        footprint = volume.footprint
        if isinstance(footprint, Polygon):
            corners = len(footprint.outer)
            if 3 <= corners <= CORNERS_MAX and not footprint.holes:
                by_corners.setdefault(corners, []).append(place)
        else:
            valid[place] = not check_footprint(footprint)
    for corners, every in by_corners.items():
        at_once = max(1, _CELLS_AT_ONCE // corners**2)
        for first in range(0, len(every), at_once):
            places = every[first : first + at_once]
            rings = [volumes[k].footprint for k in places]
            lat, lon = _degrees([ring.outer for ring in rings if isinstance(ring, Polygon)])
            valid[places] = _simple(lat, lon)
    return valid


def _in_order(volume: Volume) -> bool:
    """Whether the upper limit is surely not below the lower one, without looking at the place.

    One reference: exact. Two: each interval that ``clearance`` makes holds the height that it has
    with no pressure anomaly and the stated (or no) ground, and the geoid shifts one against the
    other by at most ``_GEOID_MM``; so with that much between them the whole check finds no fault.
    """
    lower, upper = volume.lower, volume.upper
    if lower.ref is HeightRef.UNL:
        return False
    if lower.ref is HeightRef.SFC or upper.ref is HeightRef.UNL:
        return True
    if lower.ref is upper.ref:
        return (lower.mm or 0) <= (upper.mm or 0)
    floor_mm = (lower.mm or 0) + (lower.ground.low_mm if lower.ground else 0)
    ceiling_mm = (upper.mm or 0) + (upper.ground.high_mm if upper.ground else 0)
    return lower.qnh is None and upper.qnh is None and floor_mm + _GEOID_MM <= ceiling_mm


def _degrees(chains: Sequence[Sequence[LatLon]]) -> tuple[Floats, Floats]:
    """Chains of one length as two arrays of a row each."""
    flat = np.array([(p.lat_e7, p.lon_e7) for chain in chains for p in chain], dtype=np.float64)
    points = flat.reshape(len(chains), -1, 2) / 1e7
    return points[..., 0], points[..., 1]


def _near_the_equator(lat: Floats, lon: Floats) -> Flags:
    """Whether the bounds of this module hold for the shapes: one a row."""
    small: Flags = (
        (np.abs(lat).max(axis=1) <= LATITUDE_MAX)
        & (np.abs(lon).max(axis=1) <= 180.0)
        & (np.ptp(lat, axis=1) <= EXTENT_DEGREES_MAX)
        & (np.ptp(lon, axis=1) <= EXTENT_DEGREES_MAX)
    )
    return small


def _simple(lat: Floats, lon: Floats) -> Flags:
    """Whether each ring surely neither crosses nor touches itself, nor folds back."""
    small = _near_the_equator(lat, lon)
    middle = (lat.max(axis=1) + lat.min(axis=1)) / 2
    x = (lon - lon[:, :1]) * _DEGREE_M * np.cos(np.radians(middle))[:, None]
    y = (lat - lat[:, :1]) * _DEGREE_M
    p = np.stack((x, y), axis=-1)
    d = np.roll(p, -1, axis=1) - p
    length = np.hypot(d[..., 0], d[..., 1])
    longest, shortest = length.max(axis=1), length.min(axis=1)
    steep = np.tan(np.radians(np.minimum(np.abs(lat).max(axis=1), LATITUDE_MAX)))
    bend = _BEND * steep * longest**2
    back = -np.roll(d, 1, axis=1)
    scale = np.maximum(length * np.roll(length, 1, axis=1), 1e-9)
    sine = np.abs(_cross(d, back)) / scale
    ahead = (d * back).sum(axis=-1) > 0
    least = _TURN + 8 * bend / np.maximum(shortest, 1e-9)
    turns: Flags = (~ahead | (sine > least[:, None])).all(axis=1)
    apart = _surely_apart(p, d, (2 * bend + _MARGIN_M) / _TRUE)
    valid: Flags = small & (shortest > 2 * _MARGIN_M) & turns & apart & (least < 0.5)
    return valid


def _cross(a: Floats, b: Floats) -> Floats:
    found: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return found


def _surely_apart(p: Floats, d: Floats, least: Floats) -> Flags:
    """Whether all edges of a ring that do not follow each other are farther apart than ``least``
    plane metres; one a row. ``p``, ``d``: starts and steps of edges, (rows, corners, 2).

    Most pairs are told apart by the boxes around them, along one axis; the rest are measured."""
    low, high = np.minimum(p, p + d), np.maximum(p, p + d)
    far = np.zeros((len(p), p.shape[1], p.shape[1]), dtype=np.bool_)
    for axis in range(2):
        gap = low[:, :, None, axis] - high[:, None, :, axis]
        far |= gap > least[:, None, None]
    row, i, j = np.nonzero(_pairs(p.shape[1]) & ~(far | far.transpose(0, 2, 1)))
    apart = np.ones(len(p), dtype=np.bool_)
    apart[row[_distance((p[row, i], d[row, i]), (p[row, j], d[row, j])) <= least[row]]] = False
    return apart


@lru_cache(maxsize=CORNERS_MAX)
def _pairs(corners: int) -> Flags:
    """Edges of a ring that do not follow each other: the first of the two, and the second."""
    found: Flags = np.triu(np.ones((corners, corners), dtype=np.bool_), 2)
    found[0, corners - 1] = False
    return found


def _distance(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> Floats:
    """Plane distances between edges of one kind and edges of another, each as start and step; 0
    where two cross."""
    (a0, step_a), (b0, step_b) = a, b
    a1, b1 = a0 + step_a, b0 + step_b
    side_a0, side_a1 = _cross(step_b, a0 - b0), _cross(step_b, a1 - b0)
    side_b0, side_b1 = _cross(step_a, b0 - a0), _cross(step_a, b1 - a0)
    crossing = (side_a0 * side_a1 <= 0) & (side_b0 * side_b1 <= 0)
    near = np.minimum(
        np.minimum(_to_edge(a0, b0, step_b), _to_edge(a1, b0, step_b)),
        np.minimum(_to_edge(b0, a0, step_a), _to_edge(b1, a0, step_a)),
    )
    found: Floats = np.where(crossing, 0.0, near)
    return found


def _to_edge(q: Floats, start: Floats, step: Floats) -> Floats:
    """Distance from points to segments."""
    along = ((q - start) * step).sum(axis=-1) / np.maximum((step * step).sum(axis=-1), 1e-9)
    foot = start + np.clip(along, 0.0, 1.0)[..., None] * step
    found: Floats = np.hypot(q[..., 0] - foot[..., 0], q[..., 1] - foot[..., 1])
    return found


def columns_of(volumes: Sequence[Volume], tails_ms: Sequence[int]) -> Columns:
    """A row for each volume: window with its tail, and a sphere around the footprint. Volumes are
    valid. The sphere may be a little larger than ``Columns.of`` makes it, never smaller."""
    count = len(volumes)
    centre, reach = np.zeros((count, 3)), np.zeros(count)
    if count:
        _spheres(volumes, centre, reach)
    start = np.array([volume.start for volume in volumes], dtype=np.float64)
    end = np.array(
        [volume.end + tail for volume, tail in zip(volumes, tails_ms, strict=True)],
        dtype=np.float64,
    )
    return Columns.put_together(start, end, centre, reach)


def _chain(volume: Volume) -> tuple[tuple[LatLon, ...], int]:
    """The points of a footprint (its outer ring) and its radius, millimetres."""
    match volume.footprint:
        case Disc(centre=centre, radius_mm=radius_mm):
            return (centre,), radius_mm
        case Corridor(line=line, half_width_mm=half_mm):
            return line, half_mm
        case Polygon(outer=outer):
            return outer, 0


def _spheres(volumes: Sequence[Volume], centre: Floats, reach: Floats) -> None:
    """Fill in spheres: all small shapes at once, the others as the engine makes them."""
    chains = [_chain(volume) for volume in volumes]
    sizes = np.array([len(points) for points, _ in chains])
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    flat = [(p.lat_e7, p.lon_e7) for points, _ in chains for p in points]
    degrees = np.array(flat, dtype=np.float64) / 1e7
    lat, lon = degrees[:, 0], degrees[:, 1]
    high = np.maximum.reduceat(np.abs(lat), first)
    tall = np.maximum.reduceat(lat, first) - np.minimum.reduceat(lat, first)
    wide = np.maximum.reduceat(lon, first) - np.minimum.reduceat(lon, first)
    small = (high <= LATITUDE_MAX) & (tall <= EXTENT_DEGREES_MAX) & (wide <= EXTENT_DEGREES_MAX)
    small |= sizes == 1
    corners = ecef(lat, lon)
    middle = (np.maximum.reduceat(corners, first) + np.minimum.reduceat(corners, first)) / 2
    owner = np.repeat(np.arange(len(volumes)), sizes)
    out = np.maximum.reduceat(norm(corners - middle[owner]), first)
    # A small shape's edges are shorter than a tenth more than twice that; a curve leaves its chord
    # by at most the curvature times length squared over eight.
    bulge = np.where(sizes > 1, _CURVATURE * (2.2 * out) ** 2 / 8, 0.0)
    radius_m = np.array([mm for _, mm in chains], dtype=np.float64) / 1000
    centre[:] = middle
    reach[:] = out + bulge + radius_m + 1e-3
    others = np.flatnonzero(~small)
    if len(others):
        exact = Columns.of([Extent(volume=volumes[int(k)]) for k in others])
        centre[others], reach[others] = exact.centre, exact.reach_m
