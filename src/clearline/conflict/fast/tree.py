"""The balls over the rows of a footprint: which lie below which.

Level 0 are rows, level 1 balls over ``BRANCH`` rows, level 2 balls over as many of those; the one
over all is the sphere around the footprint's core.
"""

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.packed import BRANCH, Packed
from clearline.conflict.fast.vectors import Vec


@compiled
def root(p: Packed, i: int) -> tuple[int, int]:
    """Rows of a footprint and how many levels of balls lie over them."""
    rows, level = p.first[i + 1, 0] - p.first[i, 0], 0
    many = rows
    while many > BRANCH:
        many = (many + BRANCH - 1) // BRANCH
        level += 1
    return rows, level


@compiled
def children(p: Packed, i: int, level: int, k: int, rows: int) -> tuple[int, int, int]:
    """Nodes of one level below node ``k`` of ``level`` + 1: first and last place among the balls of
    their level, and where those begin."""
    start, many = p.first[i, 1], rows
    for _ in range(level):
        many = (many + BRANCH - 1) // BRANCH
    below = many
    many = rows
    for _ in range(1, level):
        many = (many + BRANCH - 1) // BRANCH
        start += many
    return k * BRANCH, min((k + 1) * BRANCH, below), start


@compiled
def node(p: Packed, i: int, level: int, k: int, rows: int, top: int) -> tuple[Vec, float]:
    """The sphere of node ``k`` of a level; the one over all is the footprint's."""
    if level > top:
        return (p.solid[i, 0], p.solid[i, 1], p.solid[i, 2]), p.solid[i, 3]
    start = children(p, i, level, k // BRANCH, rows)[2]
    ball = start + k
    return (p.ball[ball, 0], p.ball[ball, 1], p.ball[ball, 2]), p.ball[ball, 3]
