"""What is computed of many pairs at once is what each gives by itself."""

from random import Random

import numpy as np
import pytest

from clearline.conflict.tracks import lanes as L
from clearline.conflict.tracks.motion import JERK, TERMS, depart, expand
from clearline.conflict.tracks.solve import FLAT_M, nearer
from tests.tracks_oracle import REGIONS, G

LATERAL_M = 9_260.0
CLOSE_S = 3e-8


def series(random: Random, region: str, wide_m: float, speeds: tuple[float, ...]) -> np.ndarray:
    """The series of a track somewhere around a region's middle, and its speed behind it."""
    here = G.Direct(*REGIONS[region], random.uniform(0, 360), random.uniform(0, wide_m))
    state, found, speed = np.empty(6), np.empty(TERMS + 1), random.choice(speeds)
    depart(here["lat2"], here["lon2"], random.choice([0.0, random.uniform(0, 360)]), speed, state)
    expand(state, found[:TERMS])
    found[TERMS] = speed
    return found


def filled(pairs: list[tuple[np.ndarray, np.ndarray]], spans: list[tuple[float, float]]):
    """Lanes that hold pairs of series, each with its span of time."""
    w = np.zeros(L.SIZE)
    for k, ((one, two), (start, end)) in enumerate(zip(pairs, spans, strict=True)):
        w[k : TERMS * L.LANES : L.LANES] = one[:TERMS] - two[:TERMS]
        w[L.START + k], w[L.END + k] = start, end
        w[L.JERK_AT + k] = JERK * (one[TERMS] ** 3 + two[TERMS] ** 3)
    return w


def span(random: Random, ahead_s: float) -> tuple[float, float]:
    """A part of a look-ahead; sometimes all of it, sometimes one instant."""
    a, b = sorted((random.uniform(0, ahead_s), random.uniform(0, ahead_s)))
    return random.choice([(0.0, ahead_s), (a, b), (a, b), (a, a)])


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("least_m", [1.0, 500.0, LATERAL_M, 150_000.0])
def test_many_at_once_are_what_each_is_by_itself(region: str, least_m: float) -> None:
    """A lane that is away is one that ``nearer`` says no to, a lane that is near has its instants;
    the rest is left open. Fast and slow, standing, side by side, at one place."""
    random, seen = Random(f"{region} {least_m}"), {L.AWAY: 0, L.NEAR: 0, L.OPEN: 0}
    for _ in range(12):
        speeds = random.choice([(250.0, 900.0), (0.0, 30.0, 250.0), (0.0,), (250.0,)])
        wide_m = random.choice([0.0, 2 * least_m, 30_000.0])
        ahead_s = 90_000.0 / max(100.0, *speeds)
        pairs = [(series(random, region, wide_m, speeds), series(random, region, wide_m, speeds))
                 for _ in range(L.LANES)]  # fmt: skip
        spans = [span(random, ahead_s) for _ in pairs]
        w = filled(pairs, spans)
        L.solve_lanes(w, len(pairs), least_m)
        for k in range(L.LANES):
            d = w[k : TERMS * L.LANES : L.LANES].copy()
            alone = nearer(d, *spans[k], least_m, w[L.JERK_AT + k])
            state = w[L.STATE + k]
            seen[state] += 1
            if state == L.NEAR:
                assert alone[0]
                together = [w[at + k] for at in (L.FIRST, L.LAST, L.BEST)]
                assert together == pytest.approx(alone[1:4], abs=CLOSE_S)
                assert w[L.LEAST + k] == pytest.approx(alone[4], abs=least_m * FLAT_M)
            elif state == L.AWAY:
                assert not alone[0]
    assert seen[L.NEAR] > 20
    assert seen[L.AWAY] > 20 or least_m > 100_000


@pytest.mark.parametrize("off_s", [-1e-3, -1e-5, 1e-5, 1e-3])
def test_passages_next_to_an_end_are_on_the_right_side_of_it(off_s: float) -> None:
    """An interval that begins a little before or after a passage begins outside or inside, and one
    that ends there ends so."""
    random, seen = Random(2), 0
    for _ in range(200):
        one, two = (series(random, "50 north", 40_000.0, (200.0, 260.0)) for _ in range(2))
        d, jerk = one[:TERMS] - two[:TERMS], JERK * (one[TERMS] ** 3 + two[TERMS] ** 3)
        meets, first, last, *_ = nearer(d, 0.0, 300.0, LATERAL_M, jerk)
        if not meets or first < 1 or last > 299:
            continue
        asked = [(first + off_s, last + off_s), (first + off_s, last), (first, last + off_s)]
        w = filled([(one, two)] * 3, asked)
        L.solve_lanes(w, 3, LATERAL_M)
        for k, (start, end) in enumerate(asked):
            if w[L.STATE + k] == L.NEAR:
                seen += 1
                assert w[L.FIRST + k] == pytest.approx(max(start, first), abs=CLOSE_S)
                assert w[L.LAST + k] == pytest.approx(min(end, last), abs=CLOSE_S)
    assert seen > 20


def test_hardly_any_pair_of_airliners_is_left_open() -> None:
    """Of pairs that meet or nearly do, fewer than one in a hundred is asked about by itself."""
    random, left = Random(1), 0
    for _ in range(20):
        pairs = [(series(random, "50 north", 60_000.0, (200.0, 230.0, 260.0)),
                  series(random, "50 north", 60_000.0, (200.0, 230.0, 260.0)))
                 for _ in range(L.LANES)]  # fmt: skip
        w = filled(pairs, [span(random, 300.0) for _ in pairs])
        L.solve_lanes(w, len(pairs), LATERAL_M)
        left += int((w[L.STATE : L.STATE + L.LANES] == L.OPEN).sum())
    assert left < 20 * L.LANES / 100


def test_lanes_beyond_those_asked_about_stay_as_they_are() -> None:
    """Of a full array only the first so many lanes are answered."""
    w = np.zeros(L.SIZE)
    w[L.STATE : L.STATE + L.LANES] = 7.0
    L.solve_lanes(w, 3, LATERAL_M)
    assert (w[L.STATE + 3 : L.STATE + L.LANES] == 7.0).all()
    assert (w[L.STATE : L.STATE + 3] != 7.0).all()
