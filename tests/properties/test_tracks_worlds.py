"""Whole worlds with one pair in them whose least distance, while it is near in height, is known
from GeographicLib: found with a minimum just above that distance, and not with one just below."""

from random import Random

import numpy as np
import pytest

from clearline.conflict.tracks import pairs as pairs_of
from clearline.conflict.tracks.crowd import Plan
from clearline.conflict.tracks.minima import LATERAL_M_MAX, Minima
from clearline.conflict.tracks.motion import carried, expansions
from clearline.conflict.tracks.pairs import TrackPair, find_pairs
from clearline.conflict.tracks.track import Fleet, Track
from clearline.model.finding import Verdict
from tests.tracks_oracle import REGIONS, G, Meeting, closest, meeting

MARGINS_M = (0.02, 0.1, 1.0, 10.0)
KINDS = (
    Meeting(miss_m=100.0, speed_mps=25.0, ahead_s=60.0),
    Meeting(miss_m=100.0, speed_mps=25.0, ahead_s=300.0),
    Meeting(miss_m=9_000.0, speed_mps=260.0, ahead_s=300.0),
    Meeting(miss_m=15_000.0, speed_mps=300.0, ahead_s=1_200.0),
    Meeting(miss_m=60_000.0, speed_mps=900.0, ahead_s=600.0),
)
"""Drones, airliners, and what is as fast as sound or faster, a minute to twenty ahead."""
CLIMBS_MPS = (0.0, 0.0, 2.5, -5.0, 15.0, -40.0)
STEP_S = 2
OPEN_M = 0.2
"""What a chord leaves open at the largest minimum; it grows by the cube."""


def with_heights(random: Random, pair: tuple[Track, Track], tall_m: float) -> list[Track]:
    """The same tracks, each at a height of its own, which may change."""
    return [
        Track(
            id=track.id,
            lat=track.lat,
            lon=track.lon,
            course_deg=track.course_deg,
            speed_mps=track.speed_mps,
            height_m=random.uniform(0, tall_m),
            climb_mps=random.choice(CLIMBS_MPS),
        )
        for track in pair
    ]


def others(random: Random, near: Track, kind: Meeting, tall_m: float) -> list[Track]:
    """Who else is there: around a track as far as it and they come, of some the height is not
    known."""
    wide_m, made = kind.miss_m + 1.5 * kind.speed_mps * kind.ahead_s, []
    for k in range(random.choice([0, 3, 40, 120])):
        off_m = wide_m * random.choice([0.1, 1.0, 3.0]) * random.random()
        here = G.Direct(near.lat, near.lon, random.uniform(0, 360), off_m)
        made.append(
            Track(
                id=f"T{k}",
                lat=here["lat2"],
                lon=(here["lon2"] + 180) % 360 - 180,
                course_deg=random.uniform(0, 360),
                speed_mps=random.choice([0.0, 1.0, random.random()]) * kind.speed_mps,
                height_m=random.uniform(0, tall_m) if random.random() > 0.05 else None,
                climb_mps=random.choice(CLIMBS_MPS),
            )
        )
    return made


def level_span(a: Track, b: Track, vertical_m: float, ahead_s: float) -> tuple[float, float]:
    """From when to when two tracks are nearer in height than a minimum."""
    over = (a.height_m or 0.0) - (b.height_m or 0.0)
    rate = (a.climb_mps or 0.0) - (b.climb_mps or 0.0)
    if rate == 0:
        return (0.0, ahead_s) if abs(over) < vertical_m else (1.0, 0.0)
    one, two = sorted(((-vertical_m - over) / rate, (vertical_m - over) / rate))
    return max(0.0, one), min(ahead_s, two)


def found(tracks: list[Track], minima: Minima) -> dict[tuple[str, str], TrackPair]:
    pairs = list(find_pairs(Fleet.of(tracks), minima).each())
    listed = {(min(p.a, p.b), max(p.a, p.b)): p for p in pairs}
    assert len(listed) == len(pairs), "a pair is listed twice"
    return listed


def seen(tracks: list[Track], minima: Minima) -> set[tuple[str, str]]:
    """Pairs of known heights that at some instant are nearer than both minima by more than a metre
    and a centimetre, looked at every STEP_S."""
    known = [track for track in tracks if track.height_m is not None]
    near: set[tuple[str, str]] = set()
    states, height = Fleet.of(known).states(), np.array([t.height_m for t in known])
    climb = np.array([t.climb_mps for t in known])
    for minute in range(int(minima.lookahead_s) // 60):
        series = expansions(states).reshape(-1, 3, 6)
        for second in range(0, 60, STEP_S):
            at = series @ (float(second) ** np.arange(6.0))
            apart = np.linalg.norm(at[:, None] - at, axis=2) < minima.lateral_m - 1
            high = height + climb * (60 * minute + second)
            apart &= np.abs(high[:, None] - high) < minima.vertical_m - 0.01
            for i, j in np.argwhere(np.triu(apart, 1)).tolist():
                near.add((min(known[i].id, known[j].id), max(known[i].id, known[j].id)))
        states = carried(states, 60.0)
    return near


def decided(random: Random, region: str, kind: Meeting) -> int:
    """How many decisions were held against the oracle in one world; none may be wrong."""
    tall_m = random.choice([60.0, 1_500.0, 12_000.0])
    vertical_m = random.choice([15.0, 304.8, 600.0])
    pair = with_heights(random, meeting(random, region, kind), tall_m)
    start, end = level_span(*pair, vertical_m, kind.ahead_s)
    tracks = [*pair, *others(random, pair[0], kind, tall_m)]
    random.shuffle(tracks)
    if start > end:
        minima = Minima(lateral_m=100_000.0, vertical_m=vertical_m, lookahead_s=kind.ahead_s)
        assert ("A", "B") not in found(tracks, minima)
        return 1
    _, least = closest(*pair, start, end)
    count = 0
    for off in (sign * margin for margin in MARGINS_M for sign in (1, -1)):
        if not 0.01 < least + off < LATERAL_M_MAX:
            continue
        minima = Minima(lateral_m=least + off, vertical_m=vertical_m, lookahead_s=kind.ahead_s)
        listed = found(tracks, minima)
        one = listed.get(("A", "B"))
        if abs(off) > OPEN_M * (minima.lateral_m / LATERAL_M_MAX) ** 3:
            assert (one is not None) == (off > 0), (least, off, one)
            assert one is None or one.verdict is Verdict.YES, (least, off, one)
        assert one is not None or off < 0, (least, off)
        count += 1
        if off == MARGINS_M[0]:
            assert seen(tracks, minima) <= set(listed)
    return count


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_known_pair_of_a_world_is_decided_rightly(
    region: str, kind: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two centimetres to ten metres beside the least distance, whoever else is there, however the
    search is cut, and whatever the heights do."""
    random, count = Random(f"{region} {kind}"), 0
    for plan in (None, Plan(random.choice([1, 3, 8]), random.choice([0.3, 1.0, 4.0]))):
        if plan is not None:
            monkeypatch.setattr(pairs_of, "plan_of", lambda *_, plan=plan: plan)
        count += decided(random, region, kind)
    assert count > 0
