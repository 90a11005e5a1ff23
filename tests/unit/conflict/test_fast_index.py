"""The fast index: the answers of the plain engine, whatever was put together when."""

import numpy as np
import pytest

from clearline.conflict.fast import index as module
from clearline.conflict.fast.index import FastIndex
from clearline.conflict.fast.sea import ARITHMETIC_M, GEOID_M, undulation_near
from clearline.conflict.fast.stated import Names, stated
from clearline.conflict.geodesy import ecef_one
from clearline.conflict.geoid import Region, undulation, undulation_cm
from clearline.conflict.lists import judge
from clearline.conflict.verdict import Extent, Separation
from clearline.model.finding import Verdict
from clearline.model.space import Corridor, Edge, Ground, Height, HeightRef, Polygon, Qnh
from clearline.model.terms import HeightMode
from clearline.model.time import Millis
from tests.conflict_cases import HOUR, NOON, SFC, UNL, disc, extent, fl, height
from tests.conflict_oracle import go, place

CLOSE = Separation(
    lateral_mm=5_000_000, vertical_mm=300_000, time_ms=Millis(600_000), measured=False
)
FALLING = Separation(height=HeightMode.SURFACE, lateral_mm=20_000_000, measured=False)
TABLE = ((CLOSE, FALLING), (FALLING, Separation(measured=False)))
CENTRES = ((0.0, 10.0), (50.0, -30.0), (85.0, 180.0), (-90.0, 0.0))


def heights(rng: np.random.Generator) -> tuple[Height, Height]:
    """A band of any references."""
    low = float(rng.uniform(0, 9_000))
    high = low + float(rng.uniform(10, 2_000))
    ground = Ground(low_mm=200_000, high_mm=260_000, by="blue")
    return (
        (SFC, UNL),
        (fl(int(low // 30)), fl(int(high // 30))),
        (height(HeightRef.AMSL, low), height(HeightRef.AMSL, high)),
        (height(HeightRef.W84, low), height(HeightRef.AMSL, high + 120)),
        (Height(ref=HeightRef.SFC, ground=ground), Height(ref=HeightRef.AGL, mm=90_000)),
        (
            Height(ref=HeightRef.AGL, mm=round(low), ground=ground),
            Height(ref=HeightRef.FL, mm=9_000_000, qnh=Qnh(pa=99_000, tolerance_pa=10, by="red")),
        ),
    )[int(rng.integers(6))]


def world(count: int, seed: int) -> list[tuple[tuple[Extent, ...], int]]:
    """Notices of one to three volumes around a few places, of any shape and size, and classes."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        volumes = []
        centre = CENTRES[int(rng.integers(len(CENTRES)))]
        for _ in range(int(rng.integers(1, 3))):
            lat, lon = go(*centre, rng.uniform(0, 360), 10 ** rng.uniform(3, 5.6))
            size, edge = 10 ** rng.uniform(2, 5), list(Edge)[int(rng.integers(3))]
            ring = tuple(
                place(*go(lat, lon, turn, size)) for turn in sorted(rng.uniform(0, 360, 5))
            )
            shape = (
                disc(lat, lon, size),
                Corridor(line=ring[:3], half_width_mm=round(size * 50), edge=edge),
                Polygon(outer=ring, edge=Edge.GEODESIC),
            )[int(rng.integers(3))]
            start = int(rng.integers(0, 12)) * HOUR // 4
            window = (start, start + int(rng.integers(1, 8)) * HOUR // 4)
            hazard = bool(rng.random() < 0.5)
            volumes.append(extent(shape, *heights(rng), window, tail_ms=60_000, hazard=hazard))
        found.append((tuple(volumes), int(rng.integers(2))))
    return found


def held(index: FastIndex[int], questions: list[tuple[tuple[Extent, ...], int]]) -> list[dict]:
    """Every answer, by id."""
    return [
        {hit.id: hit.verdict for hit in index.check(extents, cls).hits}
        for extents, cls in questions
    ]


def test_verdicts_are_those_of_the_plain_engine() -> None:
    """Over shapes, heights, classes and places: NO where it says NO and only there; YES only where
    it does. One at a time and many at once give the same."""
    notices, questions = world(150, 1), world(40, 2)
    index: FastIndex[int] = FastIndex(TABLE)
    for k, (extents, cls) in enumerate(notices):
        index.insert(k, k, extents, cls)
    answers, hits, settled = held(index, questions), 0, 0
    for (extents, cls), found in zip(questions, answers, strict=True):
        for k, (theirs, other) in enumerate(notices):
            expected = judge(extents, theirs, TABLE[cls][other])
            got = found.get(k, Verdict.NO)
            assert (expected.verdict is Verdict.NO) == (got is Verdict.NO)
            assert expected.verdict is Verdict.YES or got is not Verdict.YES
            hits += got is not Verdict.NO
            settled += got is expected.verdict
    assert hits >= 60
    assert settled == len(notices) * len(questions)
    many = index.check_many(questions)
    assert answers == [{hit.id: hit.verdict for hit in answer.hits} for answer in many]
    assert {answer.looked_to for answer in many} == {149}


def test_an_answer_is_explained_by_the_plain_engine() -> None:
    """The explanation of a hit is the judgement on what is held; of what is not held there is
    none."""
    index: FastIndex[str] = FastIndex(((CLOSE,),))
    here = extent(disc(10, 10, 1_000), fl(10), fl(20))
    index.insert(0, "a", [here])
    assert index.explain([here], 0, "a") == judge([here], [here], CLOSE)
    assert index.explain([here], 0, "b") is None


@pytest.mark.parametrize("seed", [1, 2])
def test_pieces_and_one_whole_answer_alike(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inserted, replaced, removed and expired in any interleaving with merges: the same answers as
    an index that was loaded with what is left, in another order."""
    monkeypatch.setattr(module, "GROWTH", 2)
    monkeypatch.setattr("clearline.conflict.fast.segment.TAIL", 8)
    rng = np.random.default_rng(seed)
    notices, questions = world(240, seed), world(25, seed + 10)
    index: FastIndex[int] = FastIndex(TABLE)
    live: dict[int, tuple[tuple[Extent, ...], int]] = {}
    pending, merges = None, 0
    for sequence, (extents, cls) in enumerate(notices):
        id_, chance = int(rng.integers(60)), rng.random()
        if chance < 0.15:
            index.remove(sequence, id_)
            live.pop(id_, None)
        elif chance < 0.2:
            now = NOON + int(rng.integers(0, 2)) * HOUR
            index.expire(sequence, now)
            live = {k: (tuple(e for e in v if e.end > now), c) for k, (v, c) in live.items()}
        else:
            index.insert(sequence, id_, extents, cls)
            live[id_] = (extents, cls)
        if pending is not None and rng.random() < 0.5:
            index.adopt(pending, pending.run())
            pending, merges = None, merges + 1
        if pending is None:
            pending = index.merge()
    assert merges >= 5
    rest = [(k, each, cls) for k, (extents, cls) in live.items() for each in extents]
    rest = [rest[k] for k in rng.permutation(len(rest))]
    whole: FastIndex[int] = FastIndex(TABLE)
    ids = list(live)
    owners = np.array([ids.index(k) for k, _, _ in rest], np.int64)
    columns = stated([each for _, each, _ in rest], [cls for *_, cls in rest], whole.names)
    whole.load(0, ids, columns, owners)
    assert held(index, questions) == held(whole, questions)
    assert any(held(whole, questions))


def test_an_index_that_nobody_tends_puts_itself_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without merges by others the writer makes them, and what was replaced stays replaced."""
    monkeypatch.setattr(module, "UNTENDED_MAX", 2)
    monkeypatch.setattr("clearline.conflict.fast.segment.TAIL", 4)
    index: FastIndex[int] = FastIndex()
    here, there = extent(disc(10, 10, 1_000)), extent(disc(-40, 100, 1_000))
    for sequence in range(90):
        index.insert(sequence, sequence % 7, [here if sequence < 83 else there])
        if sequence < 83:
            assert len(index.check([here]).hits) == min(7, sequence + 1)
    assert index.check([here]).hits == ()
    assert len(index.check([there]).hits) == 7
    assert len(index.view.segments) <= 3
    assert sum(len(each.numbers) for each in index.view.segments) < 30


def test_a_view_does_not_change_under_its_reader() -> None:
    """Who took a view before a change sees all of what was before and nothing of what came."""
    index: FastIndex[str] = FastIndex()
    here, there = extent(disc(10, 10, 1_000)), extent(disc(-40, 100, 1_000))
    index.insert(1, "a", [here])
    before = index.view
    index.insert(2, "a", [there])
    index.insert(3, "b", [here])
    after, index.view = index.view, before
    assert [hit.id for hit in index.check([here]).hits] == ["a"]
    assert index.check([there]).hits == ()
    assert index.check([here]).looked_to == 1
    index.view = after
    assert [hit.id for hit in index.check([here]).hits] == ["b"]


def test_a_question_may_be_larger_than_any_room_for_answers() -> None:
    """Hundreds of hits at once are all given."""
    index: FastIndex[int] = FastIndex()
    here = extent(disc(10, 10, 1_000))
    for k in range(700):
        index.insert(k, k, [here])
    assert [hit.id for hit in index.check([here]).hits] == list(range(700))


def test_footprints_too_large_for_the_open_table_are_held_alone() -> None:
    """A notice with thousands of corners, or hundreds of volumes, finds its place."""
    index: FastIndex[str] = FastIndex()
    ring = tuple(place(*go(40, 10, turn, 200_000)) for turn in np.linspace(0, 359.9, 9_000))
    here = extent(disc(40, 10, 1_000))
    index.insert(0, "few", [here])
    index.insert(1, "corners", [extent(Polygon(outer=ring, edge=Edge.GEODESIC))] * 2)
    index.insert(2, "volumes", [extent(disc(40, 10 + k / 1e4, 10)) for k in range(600)])
    assert [hit.id for hit in index.check([here]).hits] == ["few", "corners", "volumes"]


def test_the_geoid_is_nowhere_outside_the_bounds_that_columns_use() -> None:
    """What is taken for the whole earth holds every interval of every region: the widest bends of
    the whole grid are added to its extremes."""
    low, high = undulation(Region((0.0, 0.0, 0.0), 7e6))
    assert GEOID_M[0] <= low - 2 * ARITHMETIC_M
    assert high + 2 * ARITHMETIC_M <= GEOID_M[1]


def test_names_of_claimants_are_kept_with_what_they_state() -> None:
    """An explanation names who stated the ground."""
    index: FastIndex[str] = FastIndex()
    ground = Ground(low_mm=1, high_mm=2, by="blue")
    low = Height(ref=HeightRef.AGL, mm=5, ground=ground)
    index.insert(0, "a", [extent(disc(0, 0, 9), low, UNL)])
    columns = stated([extent(disc(0, 0, 9), height(HeightRef.W84, 0), UNL)], [0], Names())
    assert [a.verdict for a in index.check_columns(columns)] == [Verdict.YES]
    found = index.explain([extent(disc(0, 0, 9), fl(1), fl(9))], 0, "a")
    assert found is not None
    assert "AGL:ground-by-blue" in found.references


def test_ids_of_what_is_no_longer_held_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaced over and over, an index keeps about as many ids as are held; who took a view before
    finds the names of what he sees."""
    for name, value in (("book.CHUNK", 4), ("segment.CHUNK", 4), ("segment.TAIL", 4)):
        monkeypatch.setattr(f"clearline.conflict.fast.{name}", value)
    here = extent(disc(10, 10, 1_000))
    index: FastIndex[str] = FastIndex()
    before = None
    for sequence in range(400):
        index.insert(sequence, f"n{sequence % 7}", [here])
        if sequence == 30:
            before = index.view
        merge = index.merge()
        if merge is not None:
            index.adopt(merge, merge.run())
    assert sum(len(chunk) for chunk in index.view.ids) < 60
    assert [hit.id for hit in index.check([here]).hits] == [f"n{k % 7}" for k in range(393, 400)]
    assert before is not None
    index.view = before
    assert [hit.id for hit in index.check([here]).hits] == [f"n{k % 7}" for k in range(24, 31)]


def test_ids_that_were_loaded_are_replaced_removed_and_inserted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What an index began with goes by its id as what came later does, also after chunks of ids
    were forgotten."""
    for name, value in (("book.CHUNK", 4), ("segment.CHUNK", 4), ("segment.TAIL", 4)):
        monkeypatch.setattr(f"clearline.conflict.fast.{name}", value)
    here, there = extent(disc(10, 10, 1_000)), extent(disc(-10, 10, 1_000))
    index: FastIndex[str] = FastIndex()
    columns = stated([here] * 30, [0] * 30, index.names)
    index.load(0, [f"n{k}" for k in range(30)], columns, np.arange(30))
    for k in range(20):
        index.remove(2 * k + 1, f"n{k}")
        index.insert(2 * k + 2, f"n{k % 3}", [there])
    index.insert(50, "n25", [there])
    index.remove(51, "n26")
    index.remove(52, "n26")
    merge = index.merge()
    while merge is not None:
        index.adopt(merge, merge.run())
        merge = index.merge()
    left = [f"n{k}" for k in range(20, 30) if k not in (25, 26)]
    assert sorted(hit.id for hit in index.check([here]).hits) == left
    assert sorted(hit.id for hit in index.check([there]).hits) == ["n0", "n1", "n2", "n25"]
    assert index.explain([here], 0, "n19") is None
    assert sum(len(chunk) for chunk in index.view.ids) < 30


def test_what_ends_while_segments_are_put_together_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Removed, replaced or expired between the start of a merge and its adoption, marked before it
    or by it: it is held no more."""
    monkeypatch.setattr("clearline.conflict.fast.segment.TAIL", 4)
    index: FastIndex[int] = FastIndex()
    here, there = extent(disc(10, 10, 1_000)), extent(disc(-40, 100, 1_000))
    brief = extent(disc(10, 10, 1_000), window=(0, HOUR // 4))
    for k in range(17):
        index.insert(k, k, [brief if k == 2 else here])
    merge = index.merge()
    assert merge is not None
    made = merge.run()
    index.remove(20, 0)
    caught_up = index.caught_up(merge, made)
    assert caught_up == 1
    index.insert(21, 1, [there])
    index.expire(22, NOON + HOUR // 2)
    index.adopt(merge, made, caught_up)
    assert made in index.view.segments
    assert [hit.id for hit in index.check([here]).hits] == list(range(3, 17))


def test_the_geoid_in_loops_is_that_of_the_plain_engine() -> None:
    """Over places of any size the compiled interval holds the plain one, and is at most a decimetre
    wider up to 100 km; at a pole it is as wide as the earth's."""
    rng, grid = np.random.default_rng(5), undulation_cm()
    for _ in range(300):
        lat, lon = float(rng.uniform(-88, 88)), float(rng.uniform(-180, 180))
        reach_m = 10 ** float(rng.uniform(1, 5))
        centre = ecef_one(lat, lon)
        low, high = undulation(Region(centre, reach_m))
        least, most = undulation_near(grid, centre, reach_m)
        assert low - 0.1 < least < low
        assert high < most < high + 0.1
    assert undulation_near(grid, ecef_one(90.0, 0.0), 1_000.0) == GEOID_M
