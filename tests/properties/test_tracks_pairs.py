"""Pairs of tracks against GeographicLib: none missed, none invented, times and distances right."""

from random import Random

import pytest

from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.pairs import TrackPair, find_pairs
from clearline.conflict.tracks.track import Fleet, Track
from clearline.model.finding import Verdict
from tests.tracks_oracle import REGIONS, Meeting, apart, closest, meeting

MARGINS_M = (0.02, 0.1, 1.0, 10.0)


def found(tracks: list[Track], lateral_m: float, ahead_s: float) -> list[TrackPair]:
    minima = Minima(lateral_m=lateral_m, vertical_m=300.0, lookahead_s=ahead_s)
    return list(find_pairs(Fleet.of(tracks), minima).each())


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("seed", range(12))
def test_pairs_are_decided_two_centimetres_from_the_closest_approach(
    region: str, seed: int
) -> None:
    """With the minimum a little above the true closest distance a pair is found, with it a little
    below it is not, and neither is left open."""
    random = Random(seed)
    kind = Meeting(
        miss_m=random.choice([30.0, 3_000.0, 15_000.0]),
        speed_mps=random.choice([20.0, 300.0, 900.0]),
        ahead_s=random.choice([60.0, 300.0, 1_200.0]),
    )
    pair = list(meeting(random, region, kind))
    when, near = closest(*pair, 0.0, kind.ahead_s)
    for margin in MARGINS_M:
        (one,) = found(pair, near + margin, kind.ahead_s)
        assert one.verdict is Verdict.YES
        assert abs(one.lateral_closest_m - near) < 0.001
        assert abs(apart(*pair, one.closest_s) - near) < 0.001
        assert one.entry_s - 1e-3 <= when <= (one.exit_s or kind.ahead_s) + 1e-3
        if near > margin:
            assert found(pair, near - margin, kind.ahead_s) == []


@pytest.mark.parametrize("region", REGIONS)
def test_entry_and_exit_are_when_the_distance_passes_the_minimum(region: str) -> None:
    """At the entry and at the exit the oracle's distance is the minimum, to a millimetre, unless
    they are the ends of the look-ahead."""
    random = Random(7)
    seen = 0
    for _ in range(25):
        pair = list(meeting(random, region))
        for one in found(pair, 9_260.0, 1_200.0):
            seen += 1
            if one.entry_s > 0:
                assert abs(apart(*pair, one.entry_s) - 9_260.0) < 0.001
            else:
                assert apart(*pair, 0.0) < 9_260.001
            if one.exit_s is not None:
                assert abs(apart(*pair, one.exit_s) - 9_260.0) < 0.001
            else:
                assert apart(*pair, 1_200.0) < 9_260.001
            assert abs(one.lateral_now_m - apart(*pair, 0.0)) < 0.01 + 1e-6 * one.lateral_now_m
    assert seen >= 10
