"""Lengths and directions of geodesics on WGS 84, for compiled loops.

Two ways. ``near``: from the chord and the normal curvature in its direction, with a bound of the
error (B10 in ``docs/conflict-bounds.md``), up to 100 km. ``shoot``: walk from the one point along
an azimuth (Karney 2013, equations 5 to 23 and 38; the integrals by Gauss's rule, not by series),
see by how much the other is missed, aim again. What is missed at last bounds the error (B11).
Frame: ECEF metres; latitudes and longitudes in radians. Directions are unit vectors.
"""

from math import asin, atan2, cos, hypot, pi, sin, sqrt
from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.earth import A2, B2, gradient
from clearline.conflict.fast.vectors import Vec, along, cross, dot, minus, size, times, unit
from clearline.conflict.geodesy import (
    A_M,
    B_M,
    E2,
    NUMERIC_M,
    R_MIN_M,
    F,
)

NEAR_M: Final = 100_000.0
"""Chords up to which ``near`` answers: its interval is 0.4 mm wide there."""
FAR_M: Final = 15_000_000.0
"""Chords beyond about 12,000 km, geodesics beyond this, are left to the plain path."""
_CHORD_M_MAX: Final = 11_500_000.0
_VARY: Final = 0.81e-9
"""Half of how fast the normal curvature along a geodesic can change, as a share of it, per metre:
3/2 e^2 / (2 a (1 - e^2)) = 0.79e-9 (B10)."""
_TWIST: Final = 6e-4
"""The chord seen from above leaves the geodesic by at most this times (chord / R_MIN)^2, radians:
a sixth of the largest geodesic torsion, 0.0034 / R (B10)."""
_MISS_M: Final = 1e-8
_AIMS_MAX: Final = 8
_EP2: Final = E2 / (1 - E2)
NODES: Final = np.polynomial.legendre.leggauss(8)[0]
WEIGHTS: Final = np.polynomial.legendre.leggauss(8)[1]


@compiled
def near(p: Vec, q: Vec, chord_m: float) -> tuple[float, float, Vec, Vec, float]:
    """Least and greatest length of the geodesic from ``p`` to ``q``, its directions there (level
    at p, level at q), and how far those may be off (radians). For chords of up to ``NEAR_M``.

    Along a geodesic p d is constant (Joachimsthal), with p the distance of the tangent plane from
    the centre and d the half diameter in its direction; its curvature is p / d^2 = p^3 / (p d)^2.
    """
    d = minus(q, p)
    gp, gq = gradient(p), gradient(q)
    np2, nq2 = dot(gp, gp), dot(gq, gq)  # 1 / p^2 of the tangent planes
    wp = unit(along(d, -dot(d, gp) / np2, gp))
    wq = unit(along(d, -dot(d, gq) / nq2, gq))
    bent = (wp[0] * wp[0] + wp[1] * wp[1]) * A2 + wp[2] * wp[2] * B2  # 1 / d^2
    # sqrt(p_P p_Q)^3 / (p_P d_P)^2
    kappa = np2 * bent * (np2 * nq2) ** -0.75
    off = _TWIST * (chord_m / R_MIN_M) ** 2
    open_ = _VARY * chord_m + 0.01 * off
    low, high = 2 / (kappa * (1 - open_)), 2 / (kappa * (1 + open_))
    f_low = max(low * asin(chord_m / low) - NUMERIC_M, 0.0)
    f_high = high * asin(chord_m / high) + NUMERIC_M
    return f_low, f_high, wp, wq, off + 4e-9 / max(chord_m, 1e-9)


@compiled
def _walked(
    sb: float, cb: float, sa: float, ca: float, s_m: float
) -> tuple[float, float, float, float, float, float]:
    """Where a geodesic of length ``s_m`` ends that starts at reduced latitude (sin, cos) with
    azimuth (sin, cos): reduced latitude and azimuth there (sin, cos each), difference of
    longitude, and the reduced length m12 (metres)."""
    sa0, ca0 = sa * cb, hypot(ca, sa * sb)
    s1, c1 = sb, ca * cb
    norm1 = hypot(s1, c1)
    if norm1 == 0.0:  # along the equator: any point may be the first
        c1, norm1 = 1.0, 1.0
    s1, c1 = s1 / norm1, c1 / norm1
    k2 = _EP2 * ca0 * ca0
    sigma1, want = atan2(s1, c1), s_m / B_M
    step = want / sqrt(1 + k2 / 2)
    for _ in range(6):
        total, middle, half = 0.0, sigma1 + step / 2, step / 2
        for n in range(NODES.shape[0]):
            total += WEIGHTS[n] * sqrt(1 + k2 * sin(middle + half * NODES[n]) ** 2)
        change = (want - half * total) / sqrt(1 + k2 * sin(sigma1 + step) ** 2)
        step += change
        if abs(change) < 1e-15 * max(step, 1e-3):
            break
    turn, j12, middle, half = 0.0, 0.0, sigma1 + step / 2, step / 2
    for n in range(NODES.shape[0]):
        s = sin(middle + half * NODES[n])
        root = sqrt(1 + k2 * s * s)
        turn += WEIGHTS[n] * (2 - F) / (1 + (1 - F) * root)
        j12 += WEIGHTS[n] * k2 * s * s / root
    s2, c2 = sin(sigma1 + step), cos(sigma1 + step)
    cb2 = hypot(sa0, ca0 * c2)
    sweep = atan2(sa0 * s2, c2) - atan2(sa0 * s1, c1)
    if sweep > pi:
        sweep -= 2 * pi
    elif sweep < -pi:
        sweep += 2 * pi
    m12 = sqrt(1 + k2 * s2 * s2) * c1 * s2 - sqrt(1 + k2 * s1 * s1) * s1 * c2 - c1 * c2 * half * j12
    lon = sweep - F * sa0 * half * turn
    if cb2 < 1e-150:
        return ca0 * s2, 1e-150, 0.0, 1.0 if c2 > 0 else -1.0, lon, m12 * B_M
    return ca0 * s2, cb2, sa0 / cb2, ca0 * c2 / cb2, lon, m12 * B_M


@compiled
def go(p: Vec, level: Vec, s_m: float) -> tuple[Vec, Vec, float]:
    """The end of the geodesic of length ``s_m`` from ``p`` in a level direction, the direction of
    travel there, and the reduced length (metres by which it swings for a radian)."""
    out = hypot(p[0], p[1])
    cl, sl = (p[0] / out, p[1] / out) if out > 0 else (1.0, 0.0)
    sb, cb = p[2] / B_M, max(out / A_M, 1e-150)
    up = unit(gradient(p))
    sa = level[1] * cl - level[0] * sl  # east
    ca = dot(level, cross(up, (-sl, cl, 0.0)))  # north
    whole = hypot(sa, ca)
    sb2, cb2, sa2, ca2, lon, m12 = _walked(sb, cb, sa / whole, ca / whole, s_m)
    cd, sd = cos(lon), sin(lon)
    cl2, sl2 = cl * cd - sl * sd, sl * cd + cl * sd
    there = (A_M * cb2 * cl2, A_M * cb2 * sl2, B_M * sb2)
    east = (-sl2, cl2, 0.0)
    top = unit(gradient(there))
    return there, along(times(sa2, east), ca2, cross(top, east)), m12


@compiled
def shoot(p: Vec, q: Vec) -> tuple[float, float, Vec, Vec, float]:
    """As ``near``, for geodesics of up to ``FAR_M``; a greatest length of infinity if it failed.

    The geodesic that is walked is the shortest one to where it ends (oblate: up to pi b, 19,970
    km), so that its length is off by no more than the other point is missed.
    """
    chord = size(minus(q, p))
    if chord > _CHORD_M_MAX:
        return 0.0, np.inf, p, q, np.inf
    low, high, level, at_q, _ = near(p, q, chord)
    s_m, missed = (low + high) / 2, np.inf
    for _ in range(_AIMS_MAX):
        there, course, m12 = go(p, level, s_m)
        miss = minus(q, there)
        missed = size(miss)
        at_q = course
        if missed < _MISS_M or m12 <= 0 or s_m > FAR_M:
            break
        right = cross(course, unit(gradient(there)))
        turn = dot(miss, right) / m12
        s_m += dot(miss, course)
        aside = cross(level, unit(gradient(p)))
        level = unit(along(level, turn, aside))
    if not missed < 1e-3 or s_m > FAR_M:
        return 0.0, np.inf, p, q, np.inf
    wide = missed + NUMERIC_M
    return max(s_m - wide, 0.0), s_m + wide, level, at_q, 1e-8 + 2 * missed / max(s_m, 1.0)


@compiled
def measure(p: Vec, q: Vec) -> tuple[float, float, Vec, Vec, float]:
    """Least and greatest length of the geodesic between two points, its level directions at both
    (from p to q), and how far those may be off, radians."""
    chord = size(minus(q, p))
    if chord <= NEAR_M:
        return near(p, q, chord)
    return shoot(p, q)
