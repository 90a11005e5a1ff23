"""All indexes: a superset, events in sequence, room that is found again; and that the node's index
finds what the plain one finds, however it is cut into pieces."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearline.conflict.blocks import BlockIndex
from clearline.conflict.index import Reach, VolumeIndex
from clearline.conflict.lists import judge
from clearline.conflict.verdict import Extent, Separation
from clearline.model.finding import Verdict
from clearline.model.terms import HeightMode
from clearline.model.time import Millis
from tests.conflict_cases import HOUR, disc, extent
from tests.plain_index import PlainIndex

SMALL = partial(BlockIndex, tail=4, runs=2, block=2)
"""An index that puts rows away from the fifth on, and puts chunks in order from the ninth."""


@pytest.fixture(params=[PlainIndex, BlockIndex, SMALL])
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


NOTICES = world(40, 3)
CUTS = ((2, 2, 1), (2, 2, 2), (4, 2, 2), (4, 3, 4), (8, 1, 2))
"""Rows of a tail, tails of a chunk, rows of a block."""


@settings(max_examples=150, deadline=None)
@given(
    events=st.lists(
        st.tuples(st.integers(0, 14), st.integers(-1, len(NOTICES) - 1)), min_size=1, max_size=80
    ),
    cut=st.sampled_from(CUTS),
    reach=st.sampled_from([Reach(0, 0), Reach(50_000_000, HOUR), Reach(10_000_000_000, 2 * HOUR)]),
)
def test_index_of_a_node_finds_the_very_ids_of_the_plain_one(
    events: list[tuple[int, int]], cut: tuple[int, int, int], reach: Reach
) -> None:
    """Inserted, replaced and removed (-1) in any order, over tails, runs, chunks and chunks given
    up: the same ids, in the same order, after every change."""
    plain, blocks = PlainIndex[int](), BlockIndex[int](*cut)
    for sequence, (id_, notice) in enumerate(events):
        for each in (plain, blocks):
            if notice < 0:
                each.remove(sequence, id_)
            else:
                each.insert(sequence, id_, NOTICES[notice])
        asked = NOTICES[(sequence * 7) % len(NOTICES)]
        assert blocks.candidates(asked, reach) == plain.candidates(asked, reach)


def test_chunks_are_put_in_order_given_up_and_used_again() -> None:
    """The same with the sizes of a node's index by a sixteenth, among enough rows for each of its
    steps; memory does not grow with what came and went."""
    plain, blocks = PlainIndex[int](), BlockIndex[int](tail=256, runs=4, block=16)
    rng = np.random.default_rng(5)
    notices = world(600, 6)
    sequence = 0
    for round_ in range(8):
        for k in rng.permutation(len(notices)).tolist():
            sequence += 1
            if rng.random() < (0.6 if round_ % 2 else 0.1):
                plain.remove(sequence, k)
                blocks.remove(sequence, k)
            else:
                plain.insert(sequence, k, notices[k])
                blocks.insert(sequence, k, notices[k])
        for asked in notices[round_ * 20 : round_ * 20 + 20]:
            reach = Reach(lateral_mm=20_000_000, time_ms=HOUR)
            assert blocks.candidates(asked, reach) == plain.candidates(asked, reach)
    assert 1 <= len(blocks._kept) <= 4, "600 notices are 1,200 rows: two chunks, and room"
