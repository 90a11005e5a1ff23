"""Whether a point lies inside a polygon, by the winding of its ring around the point.

Frame: directions from the earth's centre, unit sphere. There is no pole and no antimeridian.
A ring that ``check_volume`` has taken fits in a cap of less than 90 degrees around its middle, so
the smaller of its two areas is the one inside the cap, and a point's antipode is never enclosed.
"""

from enum import IntEnum
from typing import Final

import numpy as np

from clearline.conflict.geodesy import B_M, R_MIN_M, Flags, Floats, Ints, ecef, norm, unit
from clearline.conflict.outline import Outline, Pieces, halves, pieces_of

TILT: Final = 0.0036
"""Largest angle between the ellipsoid's normal and the direction from its centre, 0.00336 rad."""
ANGLE_EPS: Final = 1e-14
"""Arithmetic, radians: 60 nm on the ground."""
_PIECE_M_MIN: Final = 0.02
"""A point that near to the ring that even pieces of this length do not tell: undecided."""
LENGTH_M_MAX: Final = 3_000_000.0
"""Longest piece that ``drift`` is stated for (B3)."""
_ROUNDS_MAX: Final = 60


class Side(IntEnum):
    """Where a point lies; EDGE: too near to the ring to tell."""

    OUTSIDE = -1
    EDGE = 0
    INSIDE = 1


def drift(pieces: Pieces) -> Floats:
    """How far a piece leaves the great circle through its ends, seen from the centre, radians (B3).

    Across the plane of the centre and both ends the curve's second derivative is at most its
    geodesic curvature plus the normal curvature times the tilt of the normal out of that plane;
    1.25 covers the tilt that the drift itself adds, for pieces of at most 3,000 km.
    """
    bend = pieces.kappa + TILT / R_MIN_M
    angle: Floats = 1.25 * bend * pieces.length**2 / 8 / B_M + ANGLE_EPS
    return angle


def _sweep(pieces: Pieces, q: Floats) -> tuple[Floats, Flags]:
    """Azimuth swept around ``q`` (unit vector) by each piece, and which cannot be trusted."""
    u0, u1 = unit(pieces.p0), unit(pieces.p1)
    r0, r1 = u0 - q, u1 - q
    across = np.cross(r0, r1) @ q
    along = np.einsum("ij,ij->i", r0, r1) - (r0 @ q) * (r1 @ q)
    width = norm(np.cross(u0, u1 - u0))
    lean = drift(pieces)
    beside = np.abs(across) > np.sin(np.minimum(lean, 1.5)) * width + 1e-30
    middle = (u0 + u1) / 2
    reach = norm(u1 - u0) / 2 + 1.01 * pieces.bulge / B_M + 2 * lean
    beyond = norm(middle - q) > reach * 1.01 + ANGLE_EPS
    trusted = (beside | beyond) & (pieces.length < LENGTH_M_MAX)
    return np.arctan2(across, along), ~trusted


def within_ring(outline: Outline, ring: tuple[int, int], q: Floats) -> Side:
    """On which side of one ring a direction ``q`` (unit vector, same half of the earth) lies: by
    how often the azimuth from there turns round along it, once if inside. A piece counts as its
    chord where the point is surely not between the two; else it is cut in halves."""
    i: Ints = np.arange(*ring)
    pieces = pieces_of(outline, i, np.zeros(len(i)), np.ones(len(i)))
    total = 0.0
    for _ in range(_ROUNDS_MAX):
        swept, doubtful = _sweep(pieces, q)
        total += float(swept[~doubtful].sum())
        if not doubtful.any():
            break
        pieces = pieces.take(doubtful)
        if float(pieces.length.min()) < _PIECE_M_MIN:
            return Side.EDGE
        pieces = halves(outline, pieces)
    else:
        return Side.EDGE
    turns = abs(total) / (2 * np.pi)
    assert abs(turns - round(turns)) < 1e-3, "a closed ring winds a whole number of times"
    return Side.INSIDE if round(turns) == 1 else Side.OUTSIDE


def direction(lat_deg: float, lon_deg: float) -> Floats:
    """Unit vector from the earth's centre to a point of the ellipsoid."""
    towards: Floats = unit(ecef(np.array([lat_deg]), np.array([lon_deg])))[0]
    return towards


def side_of(outline: Outline, lat_deg: float, lon_deg: float) -> Side:
    """On which side of a polygon's boundary a point lies; a hole is outside.

    An outline without rings (a disc's point, a corridor's line) has no inside.
    """
    if not outline.rings:
        return Side.OUTSIDE
    q = direction(lat_deg, lon_deg)
    if float(q @ outline.centre) <= 0:
        return Side.OUTSIDE
    outer = within_ring(outline, outline.rings[0], q)
    if outer is not Side.INSIDE:
        return outer
    for hole in outline.rings[1:]:
        within = within_ring(outline, hole, q)
        if within is Side.EDGE:
            return Side.EDGE
        if within is Side.INSIDE:
            return Side.OUTSIDE
    return Side.INSIDE
