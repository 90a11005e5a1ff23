"""Finding pairs among many is the same as looking at each pair by itself."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from clearline.conflict.tracks import pairs as pairs_of
from clearline.conflict.tracks.crowd import Plan
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.pairs import TrackPair, find_pairs
from clearline.conflict.tracks.track import Fleet, Track
from clearline.engine import side_by_side
from clearline.model.finding import Verdict
from clearline.model.space import HeightRef
from tests.tracks_oracle import REGIONS, G, level

MINIMA = Minima(lateral_m=9_260.0, vertical_m=304.8, lookahead_s=300.0)
Found = dict[tuple[str, str], TrackPair]


def crowd(seed: int, region: str, count: int, wide_m: float = 120_000.0) -> list[Track]:
    """Tracks around a region's middle, some slow, some with a rate, on levels 300 m apart."""
    random, made = Random(seed), []
    for k in range(count):
        off = random.uniform(0, wide_m)
        here = G.Direct(*REGIONS[region], random.uniform(0, 360), off)
        lon = (here["lon2"] + 180) % 360 - 180
        speed = random.choice([0.0, 30.0, 250.0])
        one = level(f"T{k:03}", here["lat2"], lon, random.uniform(0, 360), speed)
        made.append(replace(one, height_m=300.0 * random.randrange(4),
                            climb_mps=random.choice([0.0, 0.0, 5.0, -8.0])))  # fmt: skip
    return made


def found(tracks: list[Track], minima: Minima = MINIMA) -> Found:
    return {tuple(sorted((p.a, p.b))): p for p in find_pairs(Fleet.of(tracks), minima).each()}


@pytest.mark.parametrize("region", REGIONS)
def test_no_pair_of_a_crowd_is_missed_and_none_is_found_twice(region: str) -> None:
    """The pairs of a crowd are those that every two tracks by themselves give, each once."""
    tracks = crowd(1, region, 60, 60_000.0)
    alone = {}
    for a, b in combinations(tracks, 2):
        alone.update(found([a, b]))
    everything = list(find_pairs(Fleet.of(tracks), MINIMA).each())
    together = {tuple(sorted((p.a, p.b))) for p in everything}
    assert len(everything) == len(together)
    assert together == set(alone)
    assert len(alone) > 50


@pytest.mark.parametrize("plan", [Plan(1, 1.0), Plan(2, 4.0), Plan(5, 0.4), Plan(16, 2.0)])
@pytest.mark.parametrize("region", ["north pole", "across 180", "50 north"])
def test_cutting_the_look_ahead_changes_nothing(
    plan: Plan, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into however many slabs the look-ahead is cut, however high cells are, the same pairs come
    out, each once."""
    tracks = crowd(2, region, 150)
    expected = found(tracks)
    monkeypatch.setattr(pairs_of, "plan_of", lambda *_: plan)
    rows = list(find_pairs(Fleet.of(tracks), MINIMA).each())
    assert len(rows) == len(expected)
    for pair in rows:
        other = expected[(min(pair.a, pair.b), max(pair.a, pair.b))]
        assert pair.entry_s == pytest.approx(other.entry_s, abs=1e-6)
        assert pair.closest_s == pytest.approx(other.closest_s, abs=1e-3)
        assert pair.verdict is other.verdict


def test_a_long_look_ahead_in_parts_is_one_answer() -> None:
    """A path longer than one series is followed in parts; a pair that loses separation in several
    of them is listed once, from its first loss to its last."""
    a = level("A", 60.0, 0.0, 90.0, 250.0)
    b = level("B", 60.02, 0.0, 90.0, 250.0)
    (pair,) = find_pairs(Fleet.of([a, b]), replace(MINIMA, lookahead_s=1_800.0)).each()
    assert (pair.entry_s, pair.exit_s) == (0.0, None)


@pytest.mark.parametrize("region", ["equator", "85 north", "high across 180"])
def test_order_does_not_matter(region: str) -> None:
    """Tracks in another order give the same pairs with the same times."""
    tracks = crowd(3, region, 100)
    one, two = found(tracks), found(Random(5).sample(tracks, len(tracks)))
    assert set(one) == set(two)
    for key, pair in one.items():
        assert pair.entry_s == pytest.approx(two[key].entry_s, abs=1e-6)
        assert pair.verdict is two[key].verdict


@pytest.mark.parametrize("region", ["north pole", "across 180", "50 north"])
@pytest.mark.parametrize("seconds", [300.0, 3_600.0])
def test_many_hands_find_what_one_finds(region: str, seconds: float) -> None:
    """However a search is shared out, in threads too, the same pairs come with the same figures to
    the last bit, each once; also where there are more hands than tracks."""
    minima = replace(MINIMA, lookahead_s=seconds)
    for count in (1, 2, 5, 150):
        fleet = Fleet.of(crowd(11, region, count))
        alone = list(find_pairs(fleet, minima).each())
        for many in (2, 3, 7):
            with side_by_side(many) as hands:
                assert list(find_pairs(fleet, minima, hands=hands).each()) == alone
    assert len(alone) > 50


def test_what_goes_wrong_in_a_hand_is_not_lost() -> None:
    """A job that fails fails the search: a share that was not looked at is never nothing found."""

    def broken() -> None:
        raise MemoryError

    with side_by_side(2) as hands, pytest.raises(MemoryError):
        hands.run([broken, lambda: None])


@pytest.mark.parametrize("region", ["north pole", "across 180", "50 north"])
def test_laying_neighbours_beside_each_other_changes_nothing(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crowd that is sorted first gives the same pairs of the same rows, whatever their number."""
    for count in (2, 3, 101):
        fleet = Fleet.of(crowd(7, region, count))
        expected = {(p.a, p.b): p for p in find_pairs(fleet, MINIMA).each()}
        with monkeypatch.context() as patch:
            patch.setattr(pairs_of, "_MANY", 1)
            patch.setattr(pairs_of, "_CROWDED", -1.0)
            rows = {(p.a, p.b): p for p in find_pairs(fleet, MINIMA).each()}
        assert set(rows) == set(expected)
        for key, pair in rows.items():
            assert pair.verdict is expected[key].verdict
            assert pair.entry_s == pytest.approx(expected[key].entry_s, abs=1e-6)
            assert pair.lateral_now_m == pytest.approx(expected[key].lateral_now_m, abs=1e-6)
            assert pair.vertical_now_m == expected[key].vertical_now_m
    assert len(expected) > 20


@pytest.mark.parametrize("region", ["equator", "near the south pole", "across 180"])
def test_widening_never_removes_a_pair(region: str) -> None:
    """A larger minimum or a longer look-ahead keeps every pair, and keeps YES YES."""
    tracks = crowd(4, region, 80)
    before = found(tracks)
    for wider in (
        replace(MINIMA, lateral_m=12_000.0),
        replace(MINIMA, vertical_m=700.0),
        replace(MINIMA, lookahead_s=900.0),
    ):
        after = found(tracks, wider)
        assert set(before) <= set(after)
        for key, pair in before.items():
            assert after[key].entry_s <= pair.entry_s + 1e-6
            assert pair.verdict is Verdict.UNDETERMINED or after[key].verdict is Verdict.YES


@pytest.mark.parametrize("turn", [0.1, 77.0, 179.9])
def test_turning_the_earth_changes_nothing(turn: float) -> None:
    """All tracks moved by the same longitude lose separation at the same times."""
    tracks = crowd(5, "70 south", 80)
    turned = [replace(t, lon=(t.lon + turn + 180) % 360 - 180) for t in tracks]
    one, two = found(tracks), found(turned)
    assert set(one) == set(two)
    for key, pair in one.items():
        assert pair.entry_s == pytest.approx(two[key].entry_s, abs=1e-4)


LEVEL_CASES = {
    "no height": (replace(level("A", 50, 0, 0, 0), height_m=None), "height"),
    "no rate": (replace(level("A", 50, 0, 0, 0), height_m=2_000.0, climb_mps=None,
                        ref=HeightRef.W84), "vertical speed"),
    "level against ellipsoid": (replace(level("A", 50, 0, 0, 0), ref=HeightRef.FL), "QNH"),
    "sea against ellipsoid": (replace(level("A", 50, 0, 0, 0), height_m=1_260.0,
                                      ref=HeightRef.AMSL), "geoid"),
    "above ground": (replace(level("A", 50, 0, 0, 0), ref=HeightRef.AGL), "ground height"),
    "on the ground": (replace(level("A", 50, 0, 0, 0), height_m=None, ref=HeightRef.SFC),
                      "ground height"),
    "not said from what": (level("A", 50, 0, 0, 0), "height reference"),
}  # fmt: skip


@pytest.mark.parametrize("case", LEVEL_CASES)
def test_unknown_heights_are_undetermined_and_never_dropped(case: str) -> None:
    """A pair that is near on the map and may be near in height is listed, with what would tell."""
    a, settles = LEVEL_CASES[case]
    b = replace(level("B", 50.01, 0, 0, 0), ref=HeightRef.W84)
    (pair,) = find_pairs(Fleet.of([a, b]), MINIMA).each()
    assert (pair.verdict, pair.settles) == (Verdict.UNDETERMINED, settles)
    assert pair.vertical_now_m[0] < MINIMA.vertical_m <= pair.vertical_now_m[1] or settles == (
        "vertical speed"
    )


def test_different_references_far_apart_are_no_pair() -> None:
    """Whatever the pressure, a level at 10 km does not meet something at 1 km."""
    a = replace(level("A", 50, 0, 0, 0), height_m=10_000.0, ref=HeightRef.FL)
    b = replace(level("B", 50.01, 0, 0, 0), ref=HeightRef.W84)
    assert found([a, b]) == {}


def test_levels_one_minimum_apart_are_not_nearer_than_it() -> None:
    """FL350 and FL360 are a thousand feet apart, which is not less than a thousand feet."""
    a = replace(level("A", 50, 0, 90, 250), height_m=35_000 * 0.3048, ref=HeightRef.FL)
    b = replace(level("B", 50, 0.1, 270, 250), height_m=36_000 * 0.3048, ref=HeightRef.FL)
    assert found([a, b]) == {}
    assert len(found([a, replace(b, height_m=35_999 * 0.3048)])) == 1


def test_two_on_the_ground_are_at_one_height() -> None:
    """Height does not keep apart what stands on one ground."""
    a = replace(level("A", 50, 0, 0, 0), height_m=None, ref=HeightRef.SFC, climb_mps=None)
    (pair,) = find_pairs(Fleet.of([a, replace(a, id="B", lat=50.01)]), MINIMA).each()
    assert (pair.verdict, pair.vertical_now_m) == (Verdict.YES, (0.0, 0.0))


def test_a_climb_through_a_level_is_lost_only_while_it_lasts() -> None:
    """One that climbs past another hovering below it is too near from the lower to the upper
    limit, to the second."""
    a = replace(level("A", 50, 0, 0, 0), height_m=0.0, climb_mps=10.0)
    b = level("B", 50.001, 0, 0, 0)
    (pair,) = find_pairs(Fleet.of([a, b]), replace(MINIMA, vertical_m=100.0)).each()
    assert pair.entry_s == pytest.approx(90.0, abs=1e-3)
    assert pair.exit_s == pytest.approx(110.0, abs=1e-3)


def test_without_numba_the_same_pairs_come_out() -> None:
    """The same functions as plain Python say the same."""
    code = (
        "from tests.unit.conflict.test_tracks_scan import crowd, found\n"
        "print(sorted((k, str(p.verdict), round(p.entry_s, 6), round(p.lateral_closest_m, 3))"
        " for k, p in found(crowd(6, 'north pole', 60)).items()))"
    )
    said = []
    for switch in ("0", "1"):
        answer = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "CLEARLINE_COMPILED": switch},
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(answer.stdout)
    assert said[0] == said[1]
    assert "YES" in said[0]
