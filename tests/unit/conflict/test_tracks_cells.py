"""Cells and what is around them, beside all pairs of places looked at in double precision."""

from random import Random

import numpy as np
import pytest

from clearline.conflict.tracks import cells as C
from clearline.conflict.tracks import scan as S
from clearline.conflict.tracks.motion import carried, expansions
from clearline.conflict.tracks.track import Fleet
from tests.tracks_oracle import REGIONS, G, level

COUNT = 250


def spread_out(random: Random, region: str, wide_m: float, speed_mps: float) -> Fleet:
    """Tracks around a region's middle."""
    made = []
    for k in range(COUNT):
        off_m = wide_m * random.choice([0.01, 1.0]) * random.random()
        here = G.Direct(*REGIONS[region], random.uniform(0, 360), off_m)
        lon = (here["lon2"] + 180) % 360 - 180
        speed = random.choice([0.0, 0.3, 1.0]) * speed_mps
        made.append(level(str(k), here["lat2"], lon, random.uniform(0, 360), speed))
    return Fleet.of(made)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    ("near_m", "speed_mps", "half_s", "wide_m"),
    [(50.0, 20.0, 30.0, 10_000.0), (9_260.0, 260.0, 150.0, 400_000.0),
     (200_000.0, 2_000.0, 25.0, 2_000_000.0)],
)  # fmt: skip
def test_whoever_may_come_near_a_cell_is_seen_around_it_and_no_farther_than_it_is(
    region: str, near_m: float, speed_mps: float, half_s: float, wide_m: float
) -> None:
    """Cells of any size: each track is in one, all that may come within the distance of a track is
    around its cell, and two are no farther apart there than in space, but for what float32 moves
    them, of which each has a metre."""
    random = Random(f"{region} {near_m}")
    fleet = spread_out(random, region, wide_m, speed_mps)
    states, heights = fleet.states(), np.tile((1_000.0, 1_000.0, 0.0, 0.0), (COUNT, 1))
    places = carried(states, half_s)[:, :3]
    series, room = expansions(states), S.room_for(COUNT)
    for size in (0.3, 1.0, 8.0, 512.0):
        slab = C.lay_out(series, fleet.speed, heights, 0.0, half_s, half_s, near_m, size)
        assert sorted(slab.row.tolist()) == list(range(COUNT))
        assert slab.first.tolist() == sorted(slab.first.tolist())
        most = 0
        for own in range(len(slab.cell)):
            held = S._gather(slab, own, near_m, room.around, room.cells)
            around, begin = room.around, int(slab.first[own])
            who = slab.row[around.who[:held]]
            east_north = around.near[:2, :held].astype(np.float64)
            for i in range(begin, int(slab.first[own + 1])):
                at, me = around.at[i - begin], slab.row[i]
                assert who[at] == me
                apart = np.linalg.norm(places - places[me], axis=1)
                may = apart <= near_m + half_s * (fleet.speed + fleet.speed[me])
                assert set(np.flatnonzero(may).tolist()) <= set(who.tolist())
                there = np.linalg.norm(east_north - east_north[:, at, None], axis=0)
                assert (there <= apart[who] + 2 * C.ROUNDED_M).all()
                most = max(most, int(may.sum()))
        assert most > 3


def test_levels_rise_with_heights_whatever_they_are() -> None:
    """A greater height is on no lower level, beyond all numbers too."""
    bottoms = np.array([-1e7, -500.0, 0.0, 0.0, 1e3, 1.2e4, 1.2e4, 1e6, 1e9])
    for some in (bottoms, bottoms[2:4], np.repeat(bottoms, 100)):
        levels = C._levels_of(some)
        found = [C.level_of(float(height), levels) for height in np.sort(some)]
        assert found == sorted(found)
        assert 0 <= found[0] <= found[-1] < C.LEVELS
        assert C.level_of(np.inf, levels) == C.LEVELS - 1
