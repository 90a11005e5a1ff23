"""Pieces of edges as curves: points on them, chords of them, and whether two of them cross.

Frame: ECEF, metres. A piece runs over t from 0 to 1. A piece of a geodesic is stood for by the cut
of the ellipsoid with the plane through its ends and the normal between them, which is known in
closed form and lies within ``astray`` of it (B12); lonlat and rhumb pieces are themselves.
"""

from math import asin, atan2, cos, hypot, pi, sin, sqrt
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.earth import gradient, isometric, latitude, meridian_one
from clearline.conflict.fast.packed import GEODESIC, RHUMB, Packed, far_end, point
from clearline.conflict.fast.vectors import Vec, along, cross, dot, minus, size, unit
from clearline.conflict.geodesy import A_M, B_M, E2, NUMERIC_M, R_MIN_M, Floats
from clearline.conflict.inside import ANGLE_EPS, TILT

SECTION: Final = 0.0018 / R_MIN_M**2
"""Geodesic curvature of a plane section through two points, per metre between them (B12)."""
LONG_M: Final = 300_000.0
"""Pieces beyond this are not narrowed: only their chords and bulges count."""
STRETCH: Final = 1.011
"""Arc over a share of the parameter against the same share of the length, at most: the radius of
the meridian varies by 1.0102, and a section's chord leans by less (B12)."""
_TINY: Final = 1e-18


class Curve(NamedTuple):
    """A piece of an edge: its first point and the way to its second; for a geodesic the direction
    ``up`` of the cut (and of a point its latitude), for others latitude, longitude and the steps to
    the second point, radians, with the step of isometric latitude. ``length``, ``kappa``: bounds;
    ``astray``: how far what stands for it may lie from it, metres."""

    edge: int
    start: Vec
    way: Vec
    up: Vec
    lat: float
    lon: float
    rise: float
    turn: float
    psi: float
    length: float
    kappa: float
    astray: float


@compiled
def curve_of(p: Packed, row: int, edge: int) -> Curve:
    """The piece that starts at a row."""
    start, end = point(p, row), far_end(p, row)
    way = minus(end, start)
    length, kappa = np.float64(p.span[row, 0]), np.float64(p.span[row, 2])
    if edge == GEODESIC:
        g0, g1 = gradient(start), gradient(end)
        up = unit((g0[0] + g1[0], g0[1] + g1[1], g0[2] + g1[2]))
        kappa = SECTION * length
        astray = 1.1 * kappa * length * length / 8
        lat = latitude(start) if length == 0 else 0.0
        return Curve(edge, start, way, up, lat, 0.0, 0.0, 0.0, 0.0, length, kappa, astray)
    lat, lat1 = latitude(start), latitude(end)
    lon, lon1 = atan2(start[1], start[0]), atan2(end[1], end[0])
    if edge == RHUMB:  # to a pole, along the other end's meridian
        if hypot(start[0], start[1]) < 1e-3:
            lon = lon1
        if hypot(end[0], end[1]) < 1e-3:
            lon1 = lon
    turn = lon1 - lon
    if turn > pi:
        turn -= 2 * pi
    elif turn < -pi:
        turn += 2 * pi
    rise = lat1 - lat
    psi = isometric(lat, rise) if edge == RHUMB and turn != 0.0 else 0.0
    return Curve(edge, start, way, start, lat, lon, rise, turn, psi, length, kappa, 0.0)


@compiled
def belts_apart(a: Curve, b: Curve, box: Floats) -> float:
    """No two points of two parts of pieces, t from ``box[0]`` to ``box[1]`` of the one and from
    ``box[2]`` to ``box[3]`` of the other, are nearer, by their latitudes (B18); nought for parts of
    geodesics, which may reach farther north than their ends."""
    if (a.edge == GEODESIC and a.length > 0) or (b.edge == GEODESIC and b.length > 0):
        return 0.0
    a0, a1 = meridian_one(a.lat + box[0] * a.rise), meridian_one(a.lat + box[1] * a.rise)
    b0, b1 = meridian_one(b.lat + box[2] * b.rise), meridian_one(b.lat + box[3] * b.rise)
    return max(min(b0, b1) - max(a0, a1), min(a0, a1) - max(b0, b1), NUMERIC_M) - NUMERIC_M


@compiled
def at(c: Curve, t: float) -> tuple[Vec, Vec]:
    """The point at ``t`` and the direction of travel there."""
    if c.edge == GEODESIC:
        return _at_section(c, t)
    if t == 0.0 and c.length == 0.0:
        return c.start, c.way
    lat = c.lat + t * c.rise
    part = t
    if c.psi != 0.0:
        part = isometric(c.lat, t * c.rise) / c.psi
    lon = c.lon + part * c.turn
    s, k = sin(lat), cos(lat)
    sl, cl = sin(lon), cos(lon)
    east, north = c.turn, c.rise
    if c.edge == RHUMB:
        if c.psi != 0.0:
            north = c.psi
    else:
        east = east * k * (1 - E2 * s * s) / (1 - E2)  # N cos(lat) / M
    n = A_M / sqrt(1 - E2 * s * s)
    here = (n * k * cl, n * k * sl, n * (1 - E2) * s)
    course = (-sl * east - s * cl * north, cl * east - s * sl * north, k * north)
    return here, unit(course)


@compiled
def _at_section(c: Curve, t: float) -> tuple[Vec, Vec]:
    """On the section: the chord's point lifted along ``up`` to the ellipsoid x A x = 1. The chord
    lies inside by 1 - x A x = t (1 - t) d A d, exactly, since its ends lie on the ellipsoid."""
    chord = along(c.start, t, c.way)
    ga, gu = gradient(chord), gradient(c.up)
    inside = t * (1 - t) * dot(c.way, gradient(c.way))
    qa, qb = dot(c.up, gu), dot(c.up, ga)
    lift = inside / (qb + sqrt(qb * qb + qa * inside))
    here = along(chord, lift, c.up)
    g = gradient(here)
    return here, unit(along(c.way, -dot(g, c.way) / dot(g, c.up), c.up))


@compiled
def _apart2(r: Vec, s: float, d1: Vec, t: float, d2: Vec) -> float:
    """Square of the length of r + s d1 - t d2."""
    x = r[0] + s * d1[0] - t * d2[0]
    y = r[1] + s * d1[1] - t * d2[1]
    z = r[2] + s * d1[2] - t * d2[2]
    return x * x + y * y + z * z


@compiled
def segments(p0: Vec, p1: Vec, q0: Vec, q1: Vec) -> tuple[float, float, float]:
    """Straight distance of two segments, never too large (B7), and where they are nearest (0 to 1
    along each). As ``geodesy.segments_apart``, for one pair."""
    d1, d2, r = minus(p1, p0), minus(q1, q0), minus(p0, q0)
    a, e, b = dot(d1, d1), dot(d2, d2), dot(d1, d2)
    c, f = dot(d1, r), dot(d2, r)
    safe_a, safe_e = max(a, _TINY), max(e, _TINY)
    best, at_s, at_t = 1e300, 0.0, 0.0
    for k in range(4):
        if k == 0:
            s, t = 0.0, min(max(f / safe_e, 0.0), 1.0)
        elif k == 1:
            s, t = 1.0, min(max((f + b) / safe_e, 0.0), 1.0)
        elif k == 2:
            s, t = min(max(-c / safe_a, 0.0), 1.0), 0.0
        else:
            s, t = min(max((b - c) / safe_a, 0.0), 1.0), 1.0
        square = _apart2(r, s, d1, t, d2)
        if square < best:
            best, at_s, at_t = square, s, t
    denominator = a * e - b * b
    if denominator <= 1e-14 * safe_a * safe_e:
        return max(sqrt(best) - 1.1e-7 * sqrt(min(a, e)), 0.0), at_s, at_t
    s, t = (b * f - c * e) / denominator, (a * f - b * c) / denominator
    if 0.0 < s < 1.0 and 0.0 < t < 1.0:
        square = _apart2(r, s, d1, t, d2)
        if square < best:
            best, at_s, at_t = square, s, t
    return sqrt(best), at_s, at_t


@compiled
def lean(length: float, kappa: float, astray: float) -> float:
    """How far a piece leaves the plane of the centre and its ends, metres (B3)."""
    angle = 1.25 * (kappa + TILT / R_MIN_M) * length * length / 8 / B_M
    return asin(min(angle, 1.0)) * A_M * 1.01 + astray + ANGLE_EPS * A_M


@compiled
def cross_surely(p0: Vec, p1: Vec, lean_p: float, q0: Vec, q1: Vec, lean_q: float) -> bool:
    """Whether two pieces surely cross: the ends of each lie on opposite sides of the plane of the
    centre and the other's ends by more than both leave theirs (B3), on one half of the earth."""
    if dot(p0, q0) <= 0:
        return False
    margin = lean_p + lean_q
    n = cross(p0, minus(p1, p0))
    least = margin * size(n)
    h0, h1 = dot(n, minus(q0, p0)), dot(n, minus(q1, p0))
    if not ((h0 > least and h1 < -least) or (h0 < -least and h1 > least)):
        return False
    n = cross(q0, minus(q1, q0))
    least = margin * size(n)
    h0, h1 = dot(n, minus(p0, q0)), dot(n, minus(p1, q0))
    return (h0 > least and h1 < -least) or (h0 < -least and h1 > least)
