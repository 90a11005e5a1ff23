"""Both indexes: a superset, events in sequence, room that is found again."""

import numpy as np
import pytest

from clearline.conflict.fast.index import FastIndex
from clearline.conflict.index import PlainIndex, Reach, VolumeIndex
from clearline.conflict.verdict import Extent, Separation, judge
from clearline.model.finding import Verdict
from clearline.model.terms import HeightMode
from clearline.model.time import Millis
from tests.conflict_cases import HOUR, disc, extent


@pytest.fixture(params=[PlainIndex, FastIndex])
def index(request: pytest.FixtureRequest) -> VolumeIndex:
    """An empty index of either kind."""
    return request.param()


def world(count: int, seed: int) -> list[tuple[Extent, ...]]:
    """Notices of one to three discs anywhere, at any hour of two days."""
    rng = np.random.default_rng(seed)
    notices = []
    for _ in range(count):
        lat, lon = np.degrees(np.arcsin(rng.uniform(-1, 1))), rng.uniform(-180, 180)
        start = int(rng.integers(0, 48)) * HOUR
        notices.append(
            tuple(
                extent(
                    disc(float(np.clip(lat + k, -90, 90)), lon, 10 ** rng.uniform(4, 6.3)),
                    window=(start, start + int(rng.integers(1, 12)) * HOUR),
                )
                for k in range(int(rng.integers(1, 4)))
            )
        )
    return notices


def test_candidates_hold_every_notice_that_is_not_a_no(index: VolumeIndex) -> None:
    """Against brute force over all pairs: nothing that conflicts is left out."""
    notices = world(200, 1)
    for sequence, notice in enumerate(notices):
        index.insert(sequence, sequence, notice)
    sep = Separation(lateral_mm=50_000_000, time_ms=Millis(HOUR), height=HeightMode.IGNORE)
    hits = 0
    for asked in world(30, 2):
        found = index.candidates(asked, Reach(lateral_mm=50_000_000, time_ms=HOUR))
        assert found.looked_to == 199
        for k, notice in enumerate(notices):
            if judge(asked, notice, sep).verdict is not Verdict.NO:
                hits += 1
                assert k in found.ids
        assert len(found.ids) < len(notices) / 2
    assert hits >= 20


def test_what_is_removed_or_replaced_is_not_found(index: VolumeIndex) -> None:
    """An id holds what it was last given, and nothing once removed; removing twice is no error."""
    reach = Reach(lateral_mm=0, time_ms=0)
    here, there = extent(disc(10, 10, 1_000)), extent(disc(-40, 100, 1_000))
    index.insert(1, "a", [here, here])
    index.insert(2, "b", [here])
    assert index.candidates([here], reach).ids == ("a", "b")
    index.insert(3, "a", [there])
    assert index.candidates([here], reach).ids == ("b",)
    assert index.candidates([there, here], reach).ids == ("b", "a")
    index.remove(4, "b")
    index.remove(5, "b")
    assert index.candidates([here], reach).ids == ()
    assert index.candidates([here], reach).looked_to == 5


def test_events_out_of_sequence_are_our_own_bug(index: VolumeIndex) -> None:
    """An index that skipped back could not say how far an answer has looked."""
    index.insert(7, "a", [extent(disc(0, 0, 1))])
    with pytest.raises(AssertionError):
        index.remove(7, "a")


def test_room_is_found_again_over_many_replacements(index: VolumeIndex) -> None:
    """Thousands of replacements leave one row per live extent and nothing lost."""
    reach = Reach(lateral_mm=0, time_ms=0)
    here = extent(disc(10, 10, 1_000))
    for sequence in range(3_000):
        index.insert(sequence, sequence % 5, [here])
    assert set(index.candidates([here], reach).ids) == {0, 1, 2, 3, 4}


def test_an_empty_index_answers_with_nothing(index: VolumeIndex) -> None:
    """Nothing held, nothing looked at."""
    found = index.candidates([extent(disc(0, 0, 1))], Reach(0, 0))
    assert (found.ids, found.looked_to) == ((), -1)
