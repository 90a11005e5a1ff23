"""Footprints ready for distances, many in a few columns: points in ECEF, pieces of edges that
hardly bulge, and a tree of spheres over those. How they are made so: ``packing``.

Frame: ECEF, metres. Discs are one row; a corridor is a chain of rows; a polygon a chain for every
ring, closed: its first point stands again at its end. A piece runs from a row to the next. Of the
tree, level 0 are rows, level 1 balls over ``BRANCH`` rows, level 2 balls over as many of those; the
one over all is the sphere around the footprint's core.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.shapes import EDGES
from clearline.conflict.fast.vectors import Vec
from clearline.model.space import Edge

GEODESIC: Final = EDGES.index(Edge.GEODESIC)
RHUMB: Final = EDGES.index(Edge.RHUMB)
BRANCH: Final = 8
"""Rows in a ball, balls in a larger ball."""
CORE, RADIUS, WHOLE, HEART = 3, 4, 5, 6
"""Columns of ``Packed.solid`` after the centre of the sphere."""
SOLID: Final = HEART + 4


class Packed(NamedTuple):
    """n footprints in m rows.

    ``solid`` (n, SOLID): a sphere around the core (x, y, z; at CORE its reach), the RADIUS that the
    footprint adds along geodesics, the reach of the WHOLE of it from the same centre, and its HEART
    (x, y, z, and how far around it).
    ``kind`` (n, 2): shape and meaning of its edges. ``first`` (n + 1, 2): its first row and its
    first ball. ``xyz`` (m, 3): points. ``span`` (m, 3): length, bulge and geodesic curvature of the
    piece that starts at a row, none of them too small; length -1 where none starts. ``ball``
    (k, 4): spheres around 8 rows, then around 8 of those and so on, for footprints of more than 8
    rows; the last, around all, is left out.
    """

    solid: NDArray[np.float64]
    kind: NDArray[np.uint8]
    first: NDArray[np.int64]
    xyz: NDArray[np.float64]
    span: NDArray[np.float32]
    ball: NDArray[np.float64]


@compiled
def point(p: Packed, row: int) -> Vec:
    """The point at a row."""
    return (p.xyz[row, 0], p.xyz[row, 1], p.xyz[row, 2])


@compiled
def far_end(p: Packed, row: int) -> Vec:
    """Where the piece that starts at a row ends: at the next row, or (a disc's point) at itself."""
    k = row + 1 if p.span[row, 0] > 0 else row
    return (p.xyz[k, 0], p.xyz[k, 1], p.xyz[k, 2])


def room(first: NDArray[np.int64], rows: int, balls: int) -> Packed:
    """A table for as many footprints as there are in ``first``, with nothing in it."""
    n = len(first) - 1
    return Packed(
        np.empty((n, SOLID), np.float64),
        np.empty((n, 2), np.uint8),
        first,
        np.empty((rows, 3), np.float64),
        np.empty((rows, 3), np.float32),
        np.empty((balls, 4), np.float64),
    )


class Tree(NamedTuple):
    """The balls over the rows of footprint ``i`` of a table: its first row, how many rows it has,
    and how many levels of balls lie over them below the one over all."""

    p: Packed
    i: int
    first: int
    rows: int
    top: int


@compiled
def tree_of(p: Packed, i: int) -> Tree:
    """The tree of a footprint."""
    first, level = p.first[i, 0], 0
    rows = p.first[i + 1, 0] - first
    many = rows
    while many > BRANCH:
        many = (many + BRANCH - 1) // BRANCH
        level += 1
    return Tree(p, i, first, rows, level)


@compiled
def node(tree: Tree, level: int, k: int) -> tuple[Vec, float]:
    """The sphere of node ``k`` of a level, centre and radius; the one over all is the core's."""
    p, i = tree.p, tree.i
    if level > tree.top:
        return (p.solid[i, 0], p.solid[i, 1], p.solid[i, 2]), p.solid[i, CORE]
    ball, many = p.first[i, 1] + k, tree.rows
    for _ in range(1, level):
        many = (many + BRANCH - 1) // BRANCH
        ball += many
    return (p.ball[ball, 0], p.ball[ball, 1], p.ball[ball, 2]), p.ball[ball, 3]


@compiled
def children(tree: Tree, level: int, k: int) -> tuple[int, int]:
    """The nodes of one level, first and last, below node ``k`` of the next."""
    many = tree.rows
    for _ in range(level):
        many = (many + BRANCH - 1) // BRANCH
    return k * BRANCH, min((k + 1) * BRANCH, many)


@compiled
def rows_below(tree: Tree, k: int) -> tuple[int, int]:
    """The rows, first and last, below node ``k`` of level 1."""
    low, high = children(tree, 0, k)
    return tree.first + low, tree.first + high


def joined(parts: Sequence[Packed]) -> Packed:
    """The footprints of several in one, in their order."""
    firsts = [np.zeros((1, 2), np.int64)]
    for part in parts:
        firsts.append(part.first[1:] + firsts[-1][-1])
    columns = (np.concatenate([part[k] for part in parts]) for k in (0, 1, 3, 4, 5))
    solid, kind, xyz, span, ball = columns
    return Packed(solid, kind, np.concatenate(firsts), xyz, span, ball)
