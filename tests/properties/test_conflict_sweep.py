"""The whole engine against GeographicLib, all over the earth, 2 cm to 10 m from the threshold.

Footprints of 50 m to 2,000 km at the equator, 50°, 70°, 85°, both poles and over 180°, of every
kind and every meaning of edges, whose true distance is known; each asked with separations a little
above and below it. Counted: wrong answers, those that the compiled loops left to the plain path,
and those that stayed UNDETERMINED.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from math import ceil, floor

import pytest

from clearline.conflict.fast.index import FastIndex
from clearline.conflict.fast.kernel import NO, OPEN, YES, decide
from clearline.conflict.fast.packing import pack_one
from clearline.conflict.fast.shapes import shapes_of
from clearline.conflict.inside import Side, side_of
from clearline.conflict.outline import outline_of
from clearline.conflict.validity import check_footprint
from clearline.conflict.verdict import Separation
from clearline.model.finding import Verdict
from clearline.model.space import Edge, Footprint
from tests.conflict_cases import MARGINS_M, extent, first_point, intruders, not_beaten, square
from tests.conflict_oracle import Walk, radius_m

SPOTS = {
    "equator": (0.0, 10.0),
    "50": (50.0, -30.0),
    "70": (-70.0, 100.0),
    "85": (85.0, 60.0),
    "north pole": (90.0, 0.0),
    "south pole": (-90.0, 0.0),
    "180": (-20.0, 179.9999),
}
SIZES_M = (50.0, 5_000.0, 200_000.0, 2_000_000.0)
LEAST = 570
"""Decisions at each spot."""
LEFT_OPEN_SHARE = 0.001

Pair = tuple[Footprint, Footprint, float]


@cache
def pairs(spot: str) -> tuple[Pair, ...]:
    """Footprints and their distance, metres."""
    return tuple(_pairs(SPOTS[spot]))


def _pairs(at: tuple[float, float]) -> Iterator[Pair]:
    for edge, size, turn in product(Edge, SIZES_M, (10.0, 67.0)):
        big = square(*at, size, turn, edge)
        if check_footprint(big):
            continue
        walk = Walk(big.outer[0], big.outer[1], edge)
        for small, core in intruders(walk, 0.4, 0.3 * size, -1, size / 3, edge):
            if check_footprint(small) or not not_beaten(big, small, core):
                continue
            if side_of(outline_of(big), *first_point(small)) is not Side.OUTSIDE:
                continue
            truth = core - radius_m(small)
            if truth > 0:
                yield big, small, truth


def thresholds(truth: float) -> Iterator[tuple[int, bool]]:
    """Separations in whole millimetres a margin above and below, and whether they are kept."""
    for margin in MARGINS_M:
        yield ceil((truth + margin) * 1000), False
        if truth > margin:
            yield floor((truth - margin) * 1000), True


@pytest.mark.parametrize("spot", SPOTS)
def test_no_decision_is_wrong_and_all_are_settled(spot: str) -> None:
    """By the index, asked either way: no wrong answer, none UNDETERMINED, none left out."""
    counted: Counter[str] = Counter()
    for big, small, truth in pairs(spot):
        a, b = extent(big), extent(small)
        for apart_mm, is_kept in thresholds(truth):
            held, asked = (a, b) if counted["decided"] % 2 else (b, a)
            index: FastIndex[int] = FastIndex(((Separation(lateral_mm=apart_mm),),))
            index.insert(1, 7, (held,))
            found = index.check((asked,)).verdict
            counted["decided"] += 1
            counted["wrong"] += found is (Verdict.YES if is_kept else Verdict.NO)
            counted["undetermined"] += found is Verdict.UNDETERMINED
    assert counted["wrong"] == 0
    assert counted["undetermined"] == 0
    assert counted["decided"] >= LEAST


def test_hardly_anything_is_left_to_the_plain_path() -> None:
    """Over all spots at most one in a thousand, so that answers take microseconds."""
    counted: Counter[int] = Counter()
    for spot in SPOTS:
        for big, small, truth in pairs(spot):
            a, b = pack_one(shapes_of((big,))), pack_one(shapes_of((small,)))
            for apart_mm, is_kept in thresholds(truth):
                verdict = decide(a, 0, b, 0, apart_mm / 1000)[0]
                assert verdict in ((NO, OPEN) if is_kept else (YES, OPEN))
                counted[verdict] += 1
    assert counted.total() >= LEAST * len(SPOTS)
    assert counted[OPEN] <= LEFT_OPEN_SHARE * counted.total()
