"""How crowded tracks are, and how a search among them costs least. Metres, seconds."""

from math import frexp
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.geodesy import Floats

_BUSY: Final = 32
"""Points that the crowding is sampled at, and _OTHERS that are counted around each."""
_OTHERS: Final = 1024
_SCALES: Final = 48
_SLABS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_SIZES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
_ROUND: Final = 0.5641895835477563
"""A disc of this radius is as large as a square of side 1."""
_LAID_NS: Final = 150.0
"""What one track costs to lay out; _CELL_NS: a cell; _SEEN_NS: one track that may come near a cell;
_ROW_NS: one track's own look, and _TEST_NS for each track around, of which a _SHARE is near in
height. Measured; they decide about time, and about nothing else."""
_CELL_NS: Final = 600.0
_SEEN_NS: Final = 7.0
_TEST_NS: Final = 0.6
_SHARE: Final = 0.15


class Plan(NamedTuple):
    """How to search: in how many slabs of time, and how high cells are, in the distance that
    partners are apart at most."""

    slabs: int
    size: float


@compiled
def crowding(states: Floats) -> Floats:
    """How many others a track has within 2^k metres, k from 0, on average over a sample."""
    n = len(states)
    counts = np.zeros(_SCALES)
    stride_a, stride_b = max(1, n // _BUSY), max(1, n // _OTHERS)
    sampled = compared = 0
    for i in range(0, n, stride_a):
        sampled += 1
        compared = 0
        for j in range(0, n, stride_b):
            compared += 1
            if i == j:
                continue
            apart2 = 1.0
            for k in range(3):
                apart2 += (states[i, k] - states[j, k]) ** 2
            scale = (frexp(apart2)[1] + 1) // 2  # 2^scale is that distance, or up to twice it
            counts[min(_SCALES - 1, scale)] += 1
    total = 0.0
    for k in range(_SCALES):
        total += counts[k]
        counts[k] = total * n / (sampled * compared)
    return counts


@compiled
def near_by(crowd: Floats, reach_m: float) -> float:
    """How many others a track has within so many metres, by what ``crowding`` found."""
    at = np.log2(max(1.0, reach_m))
    k = min(_SCALES - 2, int(at))
    share = min(1.0, at - k)
    return float(crowd[k] + share * (crowd[k + 1] - crowd[k]))


@compiled
def _plan(crowd: Floats, near_m: float, fastest: float, seconds: float) -> tuple[int, float]:
    slabs, size, cheapest = 1, 1.0, np.inf
    for many in _SLABS:
        reach = near_m + fastest * seconds / many
        for wide in _SIZES:
            # How many are in a cell, in what is near it, and in what may come near it.
            held = 1 + near_by(crowd, _ROUND * wide * reach)
            seen = 1 + near_by(crowd, _ROUND * (wide + 2) * reach)
            kept = near_by(crowd, _ROUND * np.sqrt(wide * wide + 4 * wide + np.pi) * reach)
            cost = _LAID_NS + _TEST_NS * _SHARE * kept + (_CELL_NS + _SEEN_NS * seen) / held
            if many * cost < cheapest:
                slabs, size, cheapest = many, wide, many * cost
    return slabs, size


def plan_of(crowd: Floats, near_m: float, fastest: float, seconds: float) -> Plan:
    """The cheapest way to search for so long, for tracks that come so near and are so fast."""
    return Plan(*_plan(crowd, near_m, fastest, seconds))
