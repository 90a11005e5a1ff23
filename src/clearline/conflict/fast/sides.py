"""Whether a point lies in a polygon: how often a half great circle from there crosses its boundary.

From the point q a half great circle runs to its antipode. Seen along q it is the ray y = 0, x > 0
of the plane across q, over the whole earth. What a piece does to it is told by the sides of its
ends, as long as the point does not lie between the piece and its chord (B13). Even and odd over all
rings at once: a hole is outside. No pole and no antimeridian.
"""

from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.curves import LONG_M, STRETCH, Curve, at, curve_of, lean
from clearline.conflict.fast.packed import (
    CORE,
    Packed,
    Tree,
    children,
    far_end,
    node,
    point,
    rows_below,
    tree_of,
)
from clearline.conflict.fast.shapes import POLYGON
from clearline.conflict.fast.vectors import Vec, cross, dot, minus, size, unit
from clearline.conflict.inside import LENGTH_M_MAX

INSIDE: Final = 1
OUTSIDE: Final = -1
EDGE: Final = 0
_SHORT_M: Final = 0.02
"""Nearer to the boundary than pieces of this length tell: too near to say."""
_DEEP: Final = 64
_NODES: Final = 128  # at most BRANCH for each level, and there are six


@compiled
def _swept(
    r0: Vec, r1: Vec, x: Vec, y: Vec, p0: Vec, length: float, kappa: float, astray: float
) -> int:
    """What the piece between two points (seen from q) does to the ray: 1 crosses it an odd number
    of times, 0 an even number, -1 the point may lie between the piece and its chord."""
    y0, y1 = dot(r0, y), dot(r1, y)
    differ = (y0 >= 0) != (y1 >= 0)
    half = (length / 2 + astray) * 1.0001 + 1e-6
    if not differ and abs(y0 + y1) > 2 * half:
        return 0
    x0, x1 = dot(r0, x), dot(r1, x)
    mx, my = (x0 + x1) / 2, (y0 + y1) / 2
    if mx * mx + my * my > half * half:
        return 1 if differ and mx > 0 else 0
    if length > LENGTH_M_MAX:
        return -1
    det, out = x0 * y1 - x1 * y0, size(p0)
    width = size(cross(p0, minus(r1, r0)))
    rounding = 4e-9 * (abs(x0) + abs(y0) + abs(x1) + abs(y1)) * out
    if abs(det) * out <= lean(length, kappa, astray) * 1.01 * width + rounding:
        return -1
    if not differ:
        return 0
    return 1 if (det > 0) == (y1 > y0) else 0


@compiled
def _swept_finely(c: Curve, q: Vec, x: Vec, y: Vec) -> int:
    """As ``_swept`` for a piece in doubt, cut in halves where it is in doubt."""
    if c.length > LONG_M:
        return -1
    stack = np.empty((_DEEP, 2))
    stack[0, 0], stack[0, 1] = 0.0, 1.0
    depth, odd = 1, 0
    while depth > 0:
        depth -= 1
        t0, t1 = stack[depth, 0], stack[depth, 1]
        p0, p1 = at(c, t0)[0], at(c, t1)[0]
        length = (t1 - t0) * c.length * STRETCH
        found = _swept(minus(p0, q), minus(p1, q), x, y, p0, length, c.kappa, c.astray)
        if found >= 0:
            odd ^= found
        elif length < _SHORT_M or depth + 2 > _DEEP:
            return -1
        else:
            middle = (t0 + t1) / 2
            stack[depth, 0], stack[depth, 1] = t0, middle
            stack[depth + 1, 0], stack[depth + 1, 1] = middle, t1
            depth += 2
    return odd


@compiled
def _rows_odd(p: Packed, i: int, low: int, high: int, q: Vec, x: Vec, y: Vec) -> int:
    """Whether the pieces that start at rows ``low`` to ``high`` cross the ray an odd number of
    times (1 or 0); -1 if that cannot be told."""
    edge, odd = p.kind[i, 1], 0
    for row in range(low, high):
        length = np.float64(p.span[row, 0])
        if length < 0:
            continue
        p0, p1 = point(p, row), far_end(p, row)
        kappa = np.float64(p.span[row, 2])
        found = _swept(minus(p0, q), minus(p1, q), x, y, p0, length, kappa, 0.0)
        if found < 0:
            found = _swept_finely(curve_of(p, row, edge), q, x, y)
            if found < 0:
                return -1
        odd ^= found
    return odd


@compiled
def _tree_odd(tree: Tree, q: Vec, x: Vec, y: Vec) -> int:
    """As ``_rows_odd`` for all rows: blocks whose ball does not touch the ray cross it nowhere."""
    nodes = np.empty((_NODES, 2), np.int64)
    nodes[0, 0], nodes[0, 1] = tree.top + 1, 0
    depth, odd = 1, 0
    while depth > 0:
        depth -= 1
        level, k = nodes[depth, 0], nodes[depth, 1]
        if level == 1:
            start, end = rows_below(tree, k)
            found = _rows_odd(tree.p, tree.i, start, end, q, x, y)
            if found < 0:
                return -1
            odd ^= found
            continue
        low, high = children(tree, level - 1, k)
        for below in range(low, high):
            centre, reach = node(tree, level - 1, below)
            away = minus(centre, q)
            if abs(dot(away, y)) <= reach and dot(away, x) >= -reach:
                nodes[depth, 0], nodes[depth, 1] = level - 1, below
                depth += 1
    return odd


@compiled
def _parity(odd: int) -> int:
    if odd < 0:
        return EDGE
    return INSIDE if odd else OUTSIDE


@compiled
def side_of_point(p: Packed, i: int, q: Vec) -> int:
    """INSIDE, OUTSIDE, or EDGE where it cannot be told; what is no polygon has no inside."""
    if p.kind[i, 0] != POLYGON:
        return OUTSIDE
    cx, cy, cz = p.solid[i, 0], p.solid[i, 1], p.solid[i, 2]
    away = minus(q, (cx, cy, cz))
    if size(away) > p.solid[i, CORE] or q[0] * cx + q[1] * cy + q[2] * cz <= 0:
        return OUTSIDE  # the area lies in its sphere, and on its half of the earth
    # Away from the middle, where the ray is soon out; any other direction would do as well.
    across = cross(q, away)
    if size(across) < size(q):  # within a metre of it
        across = cross(q, (0.0, 0.0, 1.0) if abs(q[2]) < 5e6 else (1.0, 0.0, 0.0))
    y = unit(across)
    x = unit(cross(y, q))
    tree = tree_of(p, i)
    if tree.top == 0:
        return _parity(_rows_odd(p, i, tree.first, tree.first + tree.rows, q, x, y))
    return _parity(_tree_odd(tree, q, x, y))
