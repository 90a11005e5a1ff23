"""What is remembered of footprints has a weight, and a bound."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clearline.conflict.fast.kept import SWITCH, numba_version
from clearline.conflict.outline import EDGES_REMEMBERED, outline_of
from clearline.conflict.remembered import BASE, remembered
from clearline.model.space import Edge, Polygon
from tests.conflict_cases import disc, square
from tests.conflict_oracle import go, place

ROOT = Path(__file__).parents[3]


def test_weight_of_what_is_remembered_is_bounded() -> None:
    """A result is made once while there is room; the older half goes; the heaviest are not kept."""
    made: list[int] = []

    @remembered(100, lambda found: len(found))
    def row(n: int) -> tuple[int, ...]:
        made.append(n)
        return (0,) * n

    assert [len(row(n)) for n in (1, 2, 1, 2)] == [1, 2, 1, 2]
    assert made == [1, 2]
    row(43)
    row(43)
    assert made == [1, 2, 43, 43], "heavier than half of all is not kept"
    for n in range(3, 40):
        row(n)
        held = row.held  # type: ignore[attr-defined]
        assert sum(BASE + len(found) for _, found in held.values()) <= 100
    made.clear()
    row(39)
    assert made == [], "the latest is there"


def test_many_light_ones_leave_with_the_heavy_ones_that_follow() -> None:
    """The older half may weigh little: room is made until it is enough."""

    @remembered(1_000, lambda found: len(found))
    def row(n: int, size: int) -> tuple[int, ...]:
        return (n,) * size

    for n in range(50):
        row(n, 1)
    for n in range(4):
        row(n, 300)
        held = row.held  # type: ignore[attr-defined]
        assert sum(BASE + len(found) for _, found in held.values()) <= 1_000


def test_outlines_of_thousands_of_corners_do_not_pile_up() -> None:
    """However many large footprints are looked at, and walked along, their edges are bounded."""
    for k in range(16):
        middle = 20.0, 20.0 + k * 0.01
        ring = tuple(place(*go(*middle, turn * 0.09, 10_000.0)) for turn in range(4_000))
        outline = outline_of(Polygon(outer=ring, edge=Edge.GEODESIC))
        assert len(outline.lat1) == 4_000
    held = outline_of.held.values()  # type: ignore[attr-defined]
    assert 4_000 <= sum(len(found.lat1) for _, found in held) <= EDGES_REMEMBERED


FIGURES = """
import json, sys
from clearline.conflict.fast.compiled import IS_COMPILED
from clearline.conflict.lists import judge
from clearline.conflict.verdict import Separation
from clearline.conflict.leave import exit_m
from tests.unit.conflict.test_remembered import pairs
found = []
for a, b, at in pairs():
    one = judge([a], [b], Separation(lateral_mm=400_000_000)).lateral_m
    found.append([one.low, one.high, exit_m(a.volume.footprint, at)])
print(json.dumps([IS_COMPILED, found]))
"""


def pairs():  # type: ignore[no-untyped-def]
    """Extents beside each other, of all shapes and edges, and a point in the first."""
    from tests.conflict_cases import extent

    for n in range(12):
        lat, lon = -60 + 11.0 * n, -170 + 29.0 * n
        for edge in Edge:
            there = go(lat, lon, 37.0 * n, 90_000.0 + 9_000 * n)
            shape = square(lat, lon, 40_000.0 + 1_000 * n, 7.0 * n, edge)
            other = square(*there, 30_000.0, 11.0 * n, edge)
            round_ = disc(*there, 20_000.0)
            yield extent(shape), extent(round_ if n % 3 else other), place(lat, lon)


@pytest.mark.skipif(numba_version() is None, reason="numba is not installed")
def test_figures_are_the_same_compiled_or_not() -> None:
    """Distances that an alert states, and ways out, to a micrometre: a journal of a life without a
    compiler gives the same alerts to a compiled one. Were the plain path taken they would differ by
    up to two per cent."""
    told = []
    for compiled in ("1", "0"):
        environment = {**os.environ, SWITCH: compiled, "PYTHONPATH": f"{ROOT}/src:{ROOT}"}
        done = subprocess.run(
            [sys.executable, "-c", FIGURES], env=environment, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        told.append(json.loads(done.stdout))
    assert [which for which, _ in told] == [True, False]
    wide = 0
    for with_, without in zip(told[0][1], told[1][1], strict=True):
        assert with_ == pytest.approx(without, abs=1e-6)
        wide += with_[1] - with_[0] > 0.01
    assert wide > 5, "where bounds are wide, two ways would show"
