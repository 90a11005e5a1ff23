"""Two volumes, one verdict: time, height modes, tails, lists, and what decided."""

import msgspec
import pytest

from clearline.conflict.lists import judge
from clearline.conflict.verdict import (
    CLAUSE_LATERAL,
    CLAUSE_SURFACE,
    CLAUSE_TIME,
    Separation,
    judge_volumes,
)
from clearline.model.finding import Verdict
from clearline.model.space import Corridor, Edge, HeightRef
from clearline.model.terms import HeightMode, Levels, PairTerm
from clearline.model.time import MINUTE, Millis
from tests.conflict_cases import HOUR, SFC, UNL, disc, extent, fl, height
from tests.conflict_oracle import distance, place

STRIKE = disc(35.5, 35.7, 20_000)
CONVOY = Corridor(
    line=(place(35.4, 35.6), place(35.6, 35.8)), half_width_mm=500_000, edge=Edge.GEODESIC
)
SURFACE = Separation(height=HeightMode.SURFACE)


def test_a_hazard_notified_at_FL150_over_a_convoy_is_a_conflict() -> None:
    """Whatever level a hazard is notified at, it endangers those on the ground below it."""
    hazard = extent(STRIKE, fl(150), fl(200), hazard=True)
    convoy = extent(CONVOY, SFC, SFC)
    found = judge_volumes(hazard, convoy, SURFACE)
    assert (found.verdict, found.clause) == (Verdict.YES, CLAUSE_SURFACE)
    assert judge_volumes(hazard, convoy, Separation()).verdict is not Verdict.YES
    convoy_agl = extent(CONVOY, SFC, height(HeightRef.AGL, 5))
    assert judge_volumes(convoy_agl, hazard, SURFACE).verdict is Verdict.YES


def test_a_hazard_below_an_aircraft_does_not_reach_up() -> None:
    """In the mode 'surface' a hazard reaches down from its upper limit, not up."""
    hazard = extent(STRIKE, SFC, fl(100), hazard=True)
    aircraft = extent(STRIKE, fl(300), fl(320))
    assert judge_volumes(hazard, aircraft, SURFACE).verdict is Verdict.NO


def test_where_neither_is_a_hazard_both_reach_down() -> None:
    """Without a hazard to name, the mode 'surface' takes the worse reading."""
    for below, above in ((100, 300), (300, 400)):
        high = extent(STRIKE, fl(above), fl(above + 20))
        low = extent(STRIKE, fl(below), fl(below + 20))
        assert judge_volumes(high, low, SURFACE).verdict is Verdict.YES
        assert judge_volumes(high, low, Separation()).verdict is Verdict.NO


def test_height_ignored_leaves_the_map_and_the_clock() -> None:
    """In the mode 'ignore' levels that never meet do not matter and are not reported."""
    high, low = extent(STRIKE, fl(300), fl(320)), extent(STRIKE, fl(100), fl(120))
    found = judge_volumes(high, low, Separation(height=HeightMode.IGNORE))
    assert (found.verdict, found.vertical_m) == (Verdict.YES, None)


def test_windows_are_half_open() -> None:
    """One that ends when the other starts does not meet it; a millisecond more does."""
    first, next_ = extent(STRIKE, window=(0, HOUR)), extent(STRIKE, window=(HOUR, 2 * HOUR))
    found = judge_volumes(first, next_, Separation())
    assert (found.verdict, found.clause, found.decided_by) == (Verdict.NO, CLAUSE_TIME, "time")
    early = extent(STRIKE, window=(HOUR - 1, 2 * HOUR))
    found = judge_volumes(first, early, Separation())
    assert found.verdict is Verdict.YES
    assert found.overlap_end is not None
    assert found.overlap_start is not None
    assert found.overlap_end - found.overlap_start == 1


def test_a_separation_in_time_is_a_margin_between_windows() -> None:
    """Ten minutes apart meets a separation of more than ten minutes, and not one of ten."""
    a, b = extent(STRIKE), extent(STRIKE, window=(HOUR + 10 * MINUTE, 2 * HOUR))
    ten = Separation(time_ms=Millis(10 * MINUTE))
    more = Separation(time_ms=Millis(10 * MINUTE + 1))
    assert judge_volumes(a, b, ten).verdict is Verdict.NO
    found = judge_volumes(a, b, more)
    assert (found.verdict, found.decided_by) == (Verdict.YES, "time")
    assert found.overlap_start is None


def test_a_hazard_is_there_until_its_tail_has_passed() -> None:
    """23 minutes after the window the volume is still hazardous; after the tail it is not."""
    after = extent(STRIKE, window=(HOUR + 23 * MINUTE, 2 * HOUR))
    tailed = extent(STRIKE, tail_ms=30 * MINUTE, hazard=True)
    assert judge_volumes(tailed, after, Separation()).verdict is Verdict.YES
    assert judge_volumes(extent(STRIKE), after, Separation()).verdict is Verdict.NO
    later = extent(STRIKE, window=(HOUR + 30 * MINUTE, 2 * HOUR))
    assert judge_volumes(tailed, later, Separation()).verdict is Verdict.NO


def test_lateral_separation_decides_at_its_figure() -> None:
    """Two discs of 1 km, their centres some 10 km apart: 2 cm either way are told apart."""
    a, b = disc(50, 8, 1_000), disc(50.09, 8, 1_000)
    between_mm = round((distance(50, 8, 50.09, 8) - 2_000) * 1000)
    inside = judge_volumes(extent(a), extent(b), Separation(lateral_mm=between_mm + 20))
    outside = judge_volumes(extent(a), extent(b), Separation(lateral_mm=between_mm - 20))
    assert (inside.verdict, inside.decided_by) == (Verdict.YES, "lateral")
    assert (outside.verdict, outside.clause) == (Verdict.NO, CLAUSE_LATERAL)


def test_open_heights_do_not_stand_where_the_map_says_no() -> None:
    """UNDETERMINED in height is no matter for volumes that are far apart on the map."""
    a = extent(disc(50, 8, 1_000), fl(100), fl(150))
    near = extent(disc(50, 8, 1_000), height(HeightRef.W84, 4_700), UNL)
    far = extent(disc(51, 8, 1_000), height(HeightRef.W84, 4_700), UNL)
    found = judge_volumes(a, near, Separation())
    assert (found.verdict, found.decided_by) == (Verdict.UNDETERMINED, "vertical")
    assert found.settles in {"QNH", "temperature"}
    assert judge_volumes(a, far, Separation()).verdict is Verdict.NO


def test_every_answer_says_what_edges_and_heights_were_taken_to_mean() -> None:
    """The edge kind and the references stand in the judgement."""
    found = judge_volumes(extent(CONVOY, SFC, fl(50)), extent(STRIKE), Separation())
    assert {"edge:geodesic", "FL:qnh-agreed-range", "SFC", "UNL"} == set(found.references)


def test_a_list_is_as_bad_as_its_worst_pair() -> None:
    """YES before UNDETERMINED before NO; the pair that decided is named in the caller's order."""
    far = extent(disc(-20, 100, 1_000))
    level = extent(STRIKE, fl(100), fl(150))
    metric = extent(STRIKE, height(HeightRef.W84, 4_700), height(HeightRef.W84, 5_000))
    hit = extent(STRIKE, fl(120), fl(130))
    no = judge([far], [level, metric], Separation())
    open_ = judge([level], [far, metric], Separation())
    yes = judge([level, far], [far, metric, hit], Separation())
    assert no.verdict is Verdict.NO
    assert (open_.verdict, open_.volumes) == (Verdict.UNDETERMINED, (0, 1))
    assert yes.verdict is Verdict.YES
    assert yes.volumes in {(0, 2), (1, 0)}
    turned = judge([far, metric, hit], [level, far], Separation())
    assert turned.volumes is not None
    assert msgspec.structs.replace(turned, volumes=turned.volumes[::-1]) == yes


@pytest.mark.parametrize("count", [1, 300])
def test_lists_apart_in_time_say_by_how_much(count: int) -> None:
    """The nearest pair in time is named with the gap in seconds."""
    a = [extent(STRIKE, window=(k * 10, k * 10 + 10)) for k in range(count)]
    b = [extent(STRIKE, window=(5 * HOUR, 6 * HOUR))]
    found = judge(a, b, Separation())
    assert (found.verdict, found.decided_by) == (Verdict.NO, "time")
    assert found.time_s is not None
    assert found.time_s.low == (5 * HOUR - count * 10) / 1000
    assert found.volumes == (count - 1, 0)


def test_a_separation_is_made_from_the_terms() -> None:
    """The agreement's term and levels carry over unchanged."""
    term = PairTerm(
        a="air", b="convoy", height=HeightMode.SURFACE,
        lateral_mm=1, vertical_mm=2, time_ms=Millis(3),
    )  # fmt: skip
    made = Separation.of(term, Levels(temperature_permille=7))
    assert (made.lateral_mm, made.vertical_mm, made.time_ms) == (1, 2, 3)
    assert made.height is HeightMode.SURFACE
    assert made.levels.temperature_permille == 7


INDIA = (4.7, 78.8)
"""South of India mean sea level is 106 m below the ellipsoid; 900 km north of there, 80 m."""


@pytest.mark.parametrize("top_m", [100.0, 60.0])
def test_mean_sea_level_is_looked_at_all_over_the_footprint(top_m: float) -> None:
    """200 m above the sea is 94 m on the ellipsoid in the middle of a disc and more than 100 m at
    its rim: a volume from 100 m up over the same ground may be met, one from 60 m up is."""
    wide = disc(*INDIA, 900_000)
    sea = extent(wide, height(HeightRef.AMSL, 0), height(HeightRef.AMSL, 200))
    above = extent(wide, height(HeightRef.W84, top_m), UNL)
    assert judge_volumes(sea, above, Separation()).verdict is not Verdict.NO
    narrow = extent(disc(*INDIA, 1_000), height(HeightRef.AMSL, 0), height(HeightRef.AMSL, 200))
    there = extent(disc(*INDIA, 1_000), height(HeightRef.W84, 100), UNL)
    assert judge_volumes(narrow, there, Separation()).verdict is Verdict.NO


def test_mean_sea_level_is_looked_at_as_far_as_the_separation_reaches() -> None:
    """190 m above the sea south of India is 84 m on the ellipsoid: below 100 m, whatever the sea is
    like 900 km to the north, where the other volume is, and whichever of the two is the smaller."""
    apart = Separation(lateral_mm=1_000_000_000)
    for here_m, there_m in ((1_000, 1_000), (1_000, 5_000), (5_000, 1_000)):
        sea = extent(disc(*INDIA, here_m), height(HeightRef.AMSL, 190), UNL)
        north = disc(INDIA[0] + 8, INDIA[1], there_m)
        below = extent(north, SFC, height(HeightRef.W84, 100))
        assert judge_volumes(sea, below, apart).verdict is not Verdict.NO
