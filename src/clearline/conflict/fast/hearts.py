"""The heart of a footprint: a point of its core, and how far around it all is core.

Two hearts that are near enough to each other settle that their footprints meet, by one distance in
place of all edges: most that meet do so deep inside (B17 in ``docs/conflict-bounds.md``).
Frame: ECEF, metres.
"""

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.vectors import Vec, cross, dot, unit
from clearline.conflict.geodesy import A_M, B_M, NUMERIC_M

LARGEST_M: Final = 500_000.0
"""Polygons in larger spheres have no more than a point for a heart: B17 is stated up to here."""


@compiled
def _lifted(c: Vec) -> Vec:
    """Where the ray from the earth's centre through ``c`` leaves the ellipsoid."""
    x, y, z = c[0] / A_M, c[1] / A_M, c[2] / B_M
    share = sqrt(x * x + y * y + z * z)
    return (c[0] / share, c[1] / share, c[2] / share)


@compiled
def ball_inside(
    xyz: NDArray[np.float64], span: NDArray[np.float32], low: int, high: int, centre: Vec
) -> tuple[Vec, float]:
    """Of the polygon of rows ``low`` to ``high``, as ``Packed`` has them: the point of the
    ellipsoid above ``centre``, and how far around it, straight, all belongs to the polygon; not
    above 0 if it lies outside, or nearer to an edge than the edges bulge.

    Seen along the ray from the earth's centre to it. No edge comes nearer to that ray than its
    chord does, less the bulge; and while it stays away from it, the edge and its chord pass it on
    the same side, so that the chords tell whether it lies inside: by how often they cross a half
    line from it, over all rings at once.
    """
    q = _lifted(centre)
    z = unit(q)
    x = unit(cross(z, (0.0, 0.0, 1.0) if abs(z[2]) < 0.7 else (1.0, 0.0, 0.0)))
    y = cross(z, x)
    nearest2, bulge, odd = np.inf, 0.0, False
    px, py = 0.0, 0.0
    for row in range(low, high):
        here = (xyz[row, 0], xyz[row, 1], xyz[row, 2])
        hx, hy = dot(here, x), dot(here, y)
        if row > low and span[row - 1, 0] >= 0:
            dx, dy = hx - px, hy - py
            length2 = dx * dx + dy * dy
            t = -(px * dx + py * dy) / length2 if length2 > 0 else 0.0
            t = min(1.0, max(0.0, t))
            fx, fy = px + t * dx, py + t * dy
            nearest2 = min(nearest2, fx * fx + fy * fy)
            bulge = max(bulge, np.float64(span[row - 1, 1]))
            if (py >= 0) != (hy >= 0) and (px * hy - hx * py > 0) == (hy > py):
                odd = not odd
        px, py = hx, hy
    return q, (sqrt(nearest2) - bulge - NUMERIC_M if odd else -1.0)
