"""A footprint made ready for distances: a chain of edges and a radius.

A disc is one point and a radius, a corridor an open chain and a half width, a polygon closed
chains and an interior. Every edge keeps its meaning (geodesic, lonlat, rhumb); it is cut where a
question needs it, never before. Lengths are metres, angles degrees, curvatures 1/m.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from geographiclib.geodesicline import GeodesicLine

from clearline.conflict.geodesy import (
    A_M,
    E2,
    R_MIN_M,
    Flags,
    Floats,
    Ints,
    arc_high,
    chord_of,
    ecef,
    line_between,
    norm,
    walk,
)
from clearline.conflict.remembered import remembered
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon

_TAN_MAX: Final = 1e9  # stands for the tangent at a pole, where it is not finite
EDGES_REMEMBERED: Final = 50_000
"""Edges of all outlines that are remembered. A line to walk along takes 2 kB and more: with a few
points on each it comes to some 200 MB at the very most."""
_WALKED_AN_EDGE: Final = 8
"""Points remembered per edge of an outline, at a quarter of a kilobyte each."""
_WALKED_MIN: Final = 256
_TOGETHER_MIN: Final = 8
"""Footprints from which on it is quicker to make the spheres of all at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The core of a footprint: n edges from (lat1, lon1) to (lat2, lon1 + dlon), degrees.

    ``rings`` are [first, last) ranges of edges, the outer one first; empty unless a polygon.
    ``centre`` (ECEF, metres) and ``reach_m`` are a sphere around the core; ``radius_m`` is what
    the footprint adds around the core along geodesics.
    """

    kind: Edge
    lat1: Floats
    lon1: Floats
    lat2: Floats
    dlon: Floats
    rings: tuple[tuple[int, int], ...]
    radius_m: float
    centre: Floats
    reach_m: float
    lines: dict[int, tuple[GeodesicLine, float]] = field(default_factory=dict)
    walked: dict[tuple[int, float], tuple[float, float, float]] = field(default_factory=dict)

    def line(self, i: int) -> tuple[GeodesicLine, float]:
        """Edge ``i`` of a geodesic outline as a line to walk along, and its length in metres."""
        found = self.lines.get(i)
        if found is None:
            lon2 = self.lon1[i] + self.dlon[i]
            found = line_between(self.lat1[i], self.lon1[i], self.lat2[i], lon2)
            self.lines[i] = found
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Parts of an outline's edges: edge ``i`` from parameter ``t0`` to ``t1`` (0 to 1).

    ``p0``, ``p1``: ends, ECEF metres. ``length``: not shorter than the true one. ``kappa``: bound
    of the geodesic curvature. ``bulge``: bound of the distance of the curve from its chord.
    """

    i: Ints
    t0: Floats
    t1: Floats
    lat0: Floats
    lon0: Floats
    lat1: Floats
    lon1: Floats
    p0: Floats
    p1: Floats
    length: Floats
    kappa: Floats
    bulge: Floats

    def __len__(self) -> int:
        return len(self.i)

    def take(self, which: Ints | Flags) -> "Pieces":
        """Some of them."""
        return Pieces(*(getattr(self, name)[which] for name in Pieces.__slots__))

    def plus(self, more: "Pieces") -> "Pieces":
        """These, and others after them."""
        both = ((getattr(self, name), getattr(more, name)) for name in Pieces.__slots__)
        return Pieces(*(np.concatenate(pair) for pair in both))


def _wrap(dlon: Floats) -> Floats:
    """Differences of longitude, the short way round: (-180, 180]."""
    wrapped: Floats = -((180.0 - dlon) % 360.0 - 180.0)
    return wrapped


def _isometric(phi_a: Floats, phi_b: Floats) -> Floats:
    """Difference of isometric latitude, radians in and out, without cancellation (B6).

    q = atanh(sin phi) - e atanh(e sin phi); differences by the addition theorem of atanh while both
    are near each other, else by half angles from the poles: (1 + sin phi) / (1 - sin phi) is
    (sin(pi/4 + phi/2) / sin(pi/4 - phi/2))^2, and beside a pole the sum for atanh is 1 but for the
    last digits.
    """
    half_sum, half_diff = (phi_a + phi_b) / 2, (phi_b - phi_a) / 2
    rise = 2 * np.cos(half_sum) * np.sin(half_diff)  # sin b - sin a
    product = np.sin(phi_a) * np.sin(phi_b)
    lacking = np.sin(half_diff) ** 2 + np.cos(half_sum) ** 2  # 1 - sin a sin b
    e = np.sqrt(E2)
    near = np.abs(rise) < 0.5 * lacking
    sums = np.arctanh(np.where(near, rise / np.maximum(lacking, 1e-300), 0.0))
    above = np.sin(np.pi / 4 + phi_b / 2) * np.sin(np.pi / 4 - phi_a / 2)
    below = np.sin(np.pi / 4 - phi_b / 2) * np.sin(np.pi / 4 + phi_a / 2)
    q: Floats = np.where(near, sums, np.log(np.maximum(above, 1e-300) / np.maximum(below, 1e-300)))
    q -= e * np.arctanh(e * rise / (1 - E2 * product))
    return q


def positions(outline: Outline, i: Ints, t: Floats) -> tuple[Floats, Floats]:
    """Latitudes and longitudes, degrees, at parameters ``t`` of edges ``i``."""
    lat1, lon1 = outline.lat1[i], outline.lon1[i]
    lat2, dlon = outline.lat2[i], outline.dlon[i]
    if outline.kind is Edge.GEODESIC:
        lat = np.where(t == 0, lat1, lat2)
        lon = np.where(t == 0, lon1, lon1 + dlon)
        for k in np.flatnonzero((t != 0) & (t != 1)):
            lat[k], lon[k], _ = _walked(outline, int(i[k]), float(t[k]))
        return lat, lon
    lat = np.where(t == 1, lat2, lat1 + t * (lat2 - lat1))
    part = t
    if outline.kind is Edge.RHUMB:
        phi1, phi2, phi = np.radians(lat1), np.radians(lat2), np.radians(lat)
        whole = _isometric(phi1, phi2)
        sloping = (lat2 != lat1) & (dlon != 0)
        part = np.where(sloping, _isometric(phi1, phi) / np.where(sloping, whole, 1.0), t)
    return lat, lon1 + part * dlon


def _walked(outline: Outline, i: int, t: float) -> tuple[float, float, float]:
    found = outline.walked.get((i, t))
    if found is None:
        if len(outline.walked) > max(_WALKED_MIN, _WALKED_AN_EDGE * len(outline.lat1)):
            outline.walked.clear()
        line, length = outline.line(i)
        found = outline.walked[(i, t)] = walk(line, t * length)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Middles:
    """The middle of each piece: place and azimuth of travel, degrees; the longer of the runs from
    there to its ends, metres (an upper bound); and the bound of its curvature."""

    lat: Floats
    lon: Floats
    course: Floats
    half: Floats
    kappa: Floats


def middles(outline: Outline, pieces: Pieces) -> Middles:
    """Where the pieces have their middle parameter."""
    parts = halves(outline, pieces)
    lat, lon = parts.lat1[::2], parts.lon1[::2]
    half = np.maximum(parts.length[::2], parts.length[1::2])
    half = np.where((parts.length == 0).reshape(-1, 2).all(axis=1), 0.0, half)
    kappa = np.maximum(parts.kappa[::2], parts.kappa[1::2])
    return Middles(lat, lon, _courses(outline, pieces, lat), half, kappa)


def _courses(outline: Outline, pieces: Pieces, lat: Floats) -> Floats:
    """Azimuths of travel, degrees, at the middles of pieces, whose latitudes are given."""
    if outline.kind is Edge.GEODESIC:
        moving = (outline.lat1[pieces.i] != outline.lat2[pieces.i]) | (outline.dlon[pieces.i] != 0)
        rows = zip(pieces.i.tolist(), pieces.t0.tolist(), pieces.t1.tolist(), moving, strict=True)
        return np.array(
            [_walked(outline, i, (t0 + t1) / 2)[2] if moves else 0.0 for i, t0, t1, moves in rows]
        )
    lat1, lat2 = np.radians(outline.lat1[pieces.i]), np.radians(outline.lat2[pieces.i])
    east, north = np.radians(outline.dlon[pieces.i]), lat2 - lat1
    if outline.kind is Edge.RHUMB:
        north = np.where((north != 0) & (east != 0), _isometric(lat1, lat2), north)
    else:
        s, c = np.sin(np.radians(lat)), np.cos(np.radians(lat))
        east = east * c * (1 - E2) ** -1 * (1 - E2 * s * s)  # N cos(phi) / M
    course: Floats = np.degrees(np.arctan2(east, north))
    return course


def _lengths(
    outline: Outline, ends: tuple[Floats, Floats, Floats, Floats], p0: Floats, p1: Floats
) -> Floats:
    """Upper bounds of the lengths of pieces that run from ends[0:2] to ends[2:4], metres (B1, B4).

    A geodesic piece: by its chord. Otherwise latitude and longitude run monotonously, so that the
    legs along the meridian and along the lower of its parallels span the piece.
    """
    if outline.kind is Edge.GEODESIC:
        return arc_high(norm(p1 - p0))
    lat0, lon0, lat1, lon1 = ends
    low = np.where(lat0 * lat1 <= 0, 0.0, np.minimum(np.abs(lat0), np.abs(lat1)))
    high = np.maximum(np.abs(lat0), np.abs(lat1))
    s_low, s_high = np.sin(np.radians(low)), np.sin(np.radians(high))
    m = A_M * (1 - E2) / (1 - E2 * s_high**2) ** 1.5
    parallel = A_M * np.cos(np.radians(low)) / np.sqrt(1 - E2 * s_low**2)
    span: Floats = np.hypot(
        m * np.radians(np.abs(lat1 - lat0)), parallel * np.radians(np.abs(lon1 - lon0))
    )
    return span * (1 + 1e-12) + 1e-8


def _curvatures(outline: Outline, i: Ints, high: Floats) -> Floats:
    """Bounds of geodesic curvature, 1/m, of pieces that reach the absolute latitudes ``high`` (B5).

    Rhumb: tan(phi) sin(azimuth) / N. Lonlat: tan(phi) sin(azimuth) (1 + 1.021 cos^2(azimuth)) / N,
    at most 1.12 tan(phi) / a, and at most 2.05 |dlon/dlat| / R_MIN near a pole.
    """
    if outline.kind is Edge.GEODESIC:
        return np.zeros(len(i))
    dlat, dlon = np.abs(outline.lat2[i] - outline.lat1[i]), np.abs(outline.dlon[i])
    tangent = np.where(high >= 90, _TAN_MAX, np.tan(np.radians(np.minimum(high, 89.9999999))))
    slope = np.where(dlat > 0, dlon / np.where(dlat > 0, dlat, 1.0), np.inf)
    if outline.kind is Edge.RHUMB:
        bound = 1.0001 * tangent / A_M
    else:
        bound = np.minimum(1.12 * tangent / A_M, 2.05 * slope / R_MIN_M)
    return np.where(dlon == 0, 0.0, bound)


def pieces_of(outline: Outline, i: Ints, t0: Floats, t1: Floats) -> Pieces:
    """The parts of edges ``i`` from ``t0`` to ``t1``, with their bounds (B2)."""
    lat0, lon0 = positions(outline, i, t0)
    lat1, lon1 = positions(outline, i, t1)
    p0, p1 = ecef(lat0, lon0), ecef(lat1, lon1)
    length = _lengths(outline, (lat0, lon0, lat1, lon1), p0, p1)
    kappa = _curvatures(outline, i, np.maximum(np.abs(lat0), np.abs(lat1)))
    bend = np.hypot(1 / R_MIN_M, kappa)
    # Linear interpolation errs by at most L^2/8 times the curvature; no point of a curve of
    # length L is farther than L/2 from one of its ends.
    bulge = np.minimum(bend * length**2 / 8, length / 2)
    return Pieces(i, t0, t1, lat0, lon0, lat1, lon1, p0, p1, length, kappa, bulge)


def whole_edges(outline: Outline) -> Pieces:
    """Every edge, uncut."""
    n = len(outline.lat1)
    return pieces_of(outline, np.arange(n), np.zeros(n), np.ones(n))


def halves(outline: Outline, pieces: Pieces) -> Pieces:
    """Each piece cut in two at its middle parameter; the halves of row k are rows 2k and 2k + 1."""
    middle = (pieces.t0 + pieces.t1) / 2
    i = np.repeat(pieces.i, 2)
    t0 = np.stack((pieces.t0, middle), axis=1).ravel()
    t1 = np.stack((middle, pieces.t1), axis=1).ravel()
    return pieces_of(outline, i, t0, t1)


def points_outline(lat: Floats, lon: Floats) -> Outline:
    """Single points, degrees, as edges without length."""
    p = ecef(lat, lon)
    centre_m = (p.min(axis=0) + p.max(axis=0)) / 2
    reach_m = float(norm(p - centre_m).max()) + 1e-6
    nought = np.zeros(len(lat))
    return Outline(Edge.GEODESIC, lat, lon, lat, nought, (), 0.0, centre_m, reach_m)


_Chains = list[tuple[Floats, Floats, Floats, Floats]]


def _chain(points: tuple[LatLon, ...], closed: bool) -> tuple[Floats, Floats, Floats, Floats]:
    lat = np.array([p.lat_e7 for p in points], dtype=np.float64) / 1e7
    lon = np.array([p.lon_e7 for p in points], dtype=np.float64) / 1e7
    if closed:
        return lat, lon, np.roll(lat, -1), np.roll(lon, -1)
    if len(points) == 1:
        return lat, lon, lat, lon
    return lat[:-1], lon[:-1], lat[1:], lon[1:]


def _draft(footprint: Footprint) -> tuple[Edge, _Chains, tuple[tuple[int, int], ...], float]:
    """What a footprint's edges mean, its chains, its rings and its radius in metres."""
    rings: tuple[tuple[int, int], ...] = ()
    chains: _Chains = []
    kind, radius_m = Edge.GEODESIC, 0.0
    match footprint:
        case Disc(centre=centre, radius_mm=radius_mm):
            chains, radius_m = [_chain((centre,), closed=False)], radius_mm / 1000
        case Corridor(line=line, half_width_mm=half_mm, edge=kind):
            chains, radius_m = [_chain(line, closed=False)], half_mm / 1000
        case Polygon(outer=outer, holes=holes, edge=kind):
            chains = [_chain(ring, closed=True) for ring in (outer, *holes)]
            ends = np.cumsum([0] + [len(chain[0]) for chain in chains]).tolist()
            rings = tuple(pairwise(ends))
    return kind, chains, rings, radius_m


def _edges(kind: Edge, chains: _Chains) -> tuple[Floats, Floats, Floats, Floats]:
    """Where edges begin, where in latitude they end, and how far they go in longitude. A rhumb line
    to a pole runs along the other end's meridian."""
    lat1, lon1, lat2, lon2 = (np.concatenate(column) for column in zip(*chains, strict=True))
    if kind is Edge.RHUMB:
        lon1 = np.where(np.abs(lat1) == 90, lon2, lon1)
        lon2 = np.where(np.abs(lat2) == 90, lon1, lon2)
    return lat1, lon1, lat2, _wrap(lon2 - lon1)


def sphere_of(outline: Outline) -> tuple[tuple[float, float, float], float]:
    """A sphere around the whole footprint: centre (ECEF) and reach, metres."""
    x, y, z = outline.centre.tolist()
    return (x, y, z), outline.reach_m + chord_of(outline.radius_m)


def spheres_of(footprints: Sequence[Footprint]) -> tuple[Floats, Floats]:
    """Spheres around whole footprints: centres (n, 3) and reaches. Many are made at once; a few may
    be remembered."""
    if len(footprints) < _TOGETHER_MIN:
        spheres = [sphere_of(outline_of(footprint)) for footprint in footprints]
        centres = np.array([centre for centre, _ in spheres]).reshape(-1, 3)
        return centres, np.array([reach_m for _, reach_m in spheres], dtype=np.float64)
    drafts = [_draft(footprint) for footprint in footprints]
    centre, reach_m = np.empty((len(drafts), 3)), np.empty(len(drafts))
    for kind in {draft[0] for draft in drafts}:
        rows = [n for n, draft in enumerate(drafts) if draft[0] is kind]
        chains = [chain for n in rows for chain in drafts[n][1]]
        counts = [sum(len(chain[0]) for chain in drafts[n][1]) for n in rows]
        lat1, lon1, lat2, dlon = _edges(kind, chains)
        edges = whole_edges(Outline(kind, lat1, lon1, lat2, dlon, (), 0.0, np.zeros(3), 0.0))
        first = np.cumsum([0, *counts[:-1]])
        low = np.minimum.reduceat(np.minimum(edges.p0, edges.p1), first)
        high = np.maximum.reduceat(np.maximum(edges.p0, edges.p1), first)
        middle = (low + high) / 2
        of = np.repeat(middle, counts, axis=0)
        corner_m = np.maximum(norm(edges.p0 - of), norm(edges.p1 - of))
        span_m = np.maximum.reduceat(corner_m, first) + np.maximum.reduceat(edges.bulge, first)
        centre[rows], reach_m[rows] = middle, span_m * (1 + 1e-12) + 1e-6
    return centre, reach_m + np.array([chord_of(radius_m) for *_, radius_m in drafts])


@remembered(EDGES_REMEMBERED, lambda outline: len(outline.lat1))
def outline_of(footprint: Footprint) -> Outline:
    """The footprint made ready."""
    kind, chains, rings, radius_m = _draft(footprint)
    lat1, lon1, lat2, dlon = _edges(kind, chains)
    draft = Outline(kind, lat1, lon1, lat2, dlon, rings, radius_m, np.zeros(3), 0.0)
    edges = whole_edges(draft)
    corners = np.concatenate((edges.p0, edges.p1))
    centre_m = (corners.min(axis=0) + corners.max(axis=0)) / 2
    reach_m = float(norm(corners - centre_m).max() + edges.bulge.max()) * (1 + 1e-12) + 1e-6
    return Outline(kind, lat1, lon1, lat2, dlon, rings, radius_m, centre_m, reach_m)
