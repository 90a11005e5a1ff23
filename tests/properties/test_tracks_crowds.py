"""Crowds whose heights are dense and change, beside all pairs of them looked at every second."""

from random import Random

import numpy as np
import pytest

from clearline.conflict.tracks import pairs as pairs_of
from clearline.conflict.tracks.crowd import Plan
from clearline.conflict.tracks.heights import CLIMB_UNKNOWN_MPS
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.motion import carried, expansions
from clearline.conflict.tracks.pairs import find_pairs
from clearline.conflict.tracks.track import Fleet, Track
from tests.tracks_oracle import REGIONS, G

AHEAD_S, COUNT = 300, 130
CLIMBS_MPS = (0.0, 0.0, 2.5, -5.0, 15.0, -40.0)


def crowd(random: Random, region: str, wide_m: float, tall_m: float) -> list[Track]:
    """Tracks that fly, hover and stand at any height up to one; of some nobody knows the height, of
    some not whether they climb."""
    made = []
    for k in range(COUNT):
        here = G.Direct(*REGIONS[region], random.uniform(0, 360), random.uniform(0, wide_m))
        made.append(
            Track(
                id=str(k),
                lat=here["lat2"],
                lon=(here["lon2"] + 180) % 360 - 180,
                course_deg=random.uniform(0, 360),
                speed_mps=random.choice([0.0, 30.0, 200.0, 260.0]),
                height_m=random.uniform(0, tall_m) if random.random() > 0.03 else None,
                climb_mps=random.choice(CLIMBS_MPS) if random.random() > 0.05 else None,
            )
        )
    return made


def places(fleet: Fleet) -> np.ndarray:
    """Where every track is at every second, (seconds, n, 3): by the series that are held against
    GeographicLib elsewhere, each for a minute."""
    found, states = [], fleet.states()
    for _ in range(AHEAD_S // 60):
        powers = np.arange(60.0)[:, None] ** np.arange(6.0)
        found.append(np.einsum("tk,nak->tna", powers, expansions(states).reshape(-1, 3, 6)))
        states = carried(states, 60.0)
    return np.concatenate(found)


def near_in_height(tracks: list[Track], t: float, minimum_m: float) -> np.ndarray:
    """Which pairs may be nearer than a minimum in height after ``t`` seconds, (n, n)."""
    known = np.array([track.height_m is not None for track in tracks])
    loose = np.array([CLIMB_UNKNOWN_MPS * t if track.climb_mps is None else 0 for track in tracks])
    height = np.array([(x.height_m or 0.0) + (x.climb_mps or 0.0) * t for x in tracks])
    apart = np.abs(height[:, None] - height) - loose[:, None] - loose
    return (apart < minimum_m) | ~known[:, None] | ~known


def seen(tracks: list[Track], minima: Minima) -> set[tuple[int, int]]:
    """Pairs that at some second are nearer than both minima by more than a metre and a
    centimetre."""
    where, found = places(Fleet.of(tracks)), np.zeros((COUNT, COUNT), bool)
    for t, at in enumerate(where):
        apart = np.linalg.norm(at[:, None] - at, axis=2)
        level = near_in_height(tracks, t, minima.vertical_m - 0.01)
        found |= (apart < minima.lateral_m - 1) & level
    one, two = np.nonzero(np.triu(found, 1))
    return set(zip(one.tolist(), two.tolist(), strict=True))


@pytest.mark.parametrize("plan", [None, Plan(1, 0.3), Plan(7, 4.0)])
@pytest.mark.parametrize("region", REGIONS)
def test_no_pair_is_missed_that_looking_every_second_sees(
    region: str, plan: Plan | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is nearer than both minima at some second is listed, once; and what is listed is
    nearer than both at the instant that is stated, or may be."""
    random = Random(f"{region} {plan}")
    if plan is not None:
        monkeypatch.setattr(pairs_of, "plan_of", lambda *_: plan)
    for wide_m, tall_m, lateral_m, vertical_m in (
        (90_000.0, 6_000.0, 9_260.0, 304.8),
        (40_000.0, 300.0, 2_000.0, 15.0),
    ):
        minima = Minima(lateral_m=lateral_m, vertical_m=vertical_m, lookahead_s=AHEAD_S)
        tracks = crowd(random, region, wide_m, tall_m)
        pairs = list(find_pairs(Fleet.of(tracks), minima).each())
        listed = {(int(p.a), int(p.b)) for p in pairs}
        assert len(listed) == len(pairs)
        expected = seen(tracks, minima)
        assert expected <= listed
        assert len(expected) > 20
        for pair in pairs:
            assert pair.lateral_closest_m < lateral_m + 0.001
            assert pair.vertical_closest_m[0] < vertical_m + 0.001
