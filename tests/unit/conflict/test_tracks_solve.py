"""When two moving points are nearer than a chord: how much has to be looked at for it."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from clearline.conflict.tracks import solve
from clearline.conflict.tracks.motion import JERK, TERMS, depart, expand
from clearline.conflict.tracks.solve import FLAT_M, nearer
from tests.tracks_oracle import REGIONS, G

LOOKS_MAX = 120
CHORD_M = 9_260.0
Series = np.ndarray


def uncompiled(function: Callable[..., object]) -> Callable[..., tuple[bool, float, float, float]]:
    """As it stands in the source, with the names of its module looked up when it runs."""
    return getattr(function, "py_func", function)


def series(lat: float, lon: float, course: float, speed: float) -> Series:
    """The series of a track, degrees and metres a second."""
    state, found = np.empty(6), np.empty(TERMS)
    depart(lat, lon, course, speed, state)
    expand(state, found)
    return found


def behind(lat: float, lon: float, course: float, by_m: float) -> tuple[float, float, float]:
    """Where one is that comes the same way, so far behind, and on which course."""
    there = G.Direct(lat, lon, course + 180, by_m)
    return there["lat2"], there["lon2"], there["azi2"] - 180


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("by_m", [0.0, 0.01, 1.0, 30.0, 2_500.0, CHORD_M - 0.05, CHORD_M + 0.05])
@pytest.mark.parametrize("faster", [0.0, 1e-6, 1e-3, 0.05, -0.05, 1.0])
@pytest.mark.parametrize(("speed", "ahead_s"), [(100.0, 300.0), (250.0, 390.0), (15.0, 3_600.0)])
def test_who_follow_each_other_are_decided_by_few_looks(
    region: str, by_m: float, faster: float, speed: float, ahead_s: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """In trail, one in two reports, a convoy on a road: the distance hardly changes while its
    direction turns. It is found whether and when they are nearer than the chord, as looking every
    second sees it, and never by looking at hundreds of thousands of instants."""
    looks = 0
    shape_at, value_at = uncompiled(solve.shape_at), uncompiled(solve.value_at)

    def counted(*given: object) -> object:
        nonlocal looks
        looks += 1
        assert looks <= LOOKS_MAX
        return shape_at(*given)

    monkeypatch.setattr(solve, "shape_at", counted)
    monkeypatch.setattr(solve, "value_at", value_at)
    for name in ("_floor", "_bottom", "_crossing", "passages", "_jerk"):
        monkeypatch.setattr(solve, name, uncompiled(getattr(solve, name)))
    lat, lon = REGIONS[region]
    course = 70.0
    own = series(lat, lon, course, speed)
    d = own - series(*behind(lat, lon, course, by_m), speed + faster)
    jerk = JERK * (speed**3 + (speed + faster) ** 3)
    meets, first, last, _, least = uncompiled(nearer)(d, 0.0, ahead_s, CHORD_M, jerk)

    at = np.linspace(0.0, ahead_s, 3_601)
    powers = at[:, None] ** np.arange(6)
    apart = np.sqrt(sum((powers @ d[6 * axis : 6 * axis + 6]) ** 2 for axis in range(3)))
    near = at[apart < CHORD_M - 2 * FLAT_M]
    if len(near):
        assert meets
        assert first <= near[0] + 1e-6
        assert last >= near[-1] - 1e-6
    if (apart > CHORD_M + 2 * FLAT_M).all():
        assert not meets
    if meets:
        between = abs(faster) * (at[1] - at[0])
        assert apart.min() - between - 2 * FLAT_M < sqrt(least) < apart.min() + 2 * FLAT_M
