"""Volumes within an envelope: time, height, map, and what several volumes hold together."""

import random

import pytest
from msgspec.structs import replace

from clearline.conflict.envelope import TOGETHER, WORK, contains
from clearline.conflict.verdict import Extent, Separation, judge_volumes
from clearline.model.finding import Bounds, Verdict
from clearline.model.space import Ground, Height, HeightRef, Qnh, Volume
from clearline.model.terms import Levels
from tests.conflict_cases import HOUR, SFC, UNL, disc, extent, fl, height

LEVELS = Levels()
AMSL, AGL, W84 = HeightRef.AMSL, HeightRef.AGL, HeightRef.W84


def box(
    radius: float = 10_000, lower: Height = SFC, upper: Height = UNL, start: int = 0,
    end: int = HOUR, at: tuple[float, float] = (35.0, 36.0),
) -> Volume:  # fmt: skip
    """A disc with heights and a window after noon."""
    return extent(disc(*at, radius), lower, upper, (start, end)).volume


def within(volume: Volume, *envelope: Volume) -> Verdict:
    """The verdict alone."""
    return contains(envelope, (volume,), LEVELS).verdict


# --- time -----------------------------------------------------------------------------------------


def test_the_same_volume_is_within_and_one_millisecond_more_is_not() -> None:
    """Windows are half-open, and are compared exactly; by how much is said in seconds."""
    assert within(box(), box()) is Verdict.YES
    early = contains((box(),), (box(start=-1),), LEVELS)
    late = contains((box(),), (box(end=HOUR + 1500),), LEVELS)
    assert (early.verdict, early.outside, early.time_s) == (
        Verdict.NO,
        ("time",),
        Bounds(0.001, 0.001),
    )
    assert (late.outside, late.time_s) == (("time",), Bounds(1.5, 1.5))


def test_windows_that_follow_one_another_hold_together_and_a_gap_is_found() -> None:
    """At every moment one envelope volume must hold it; a gap between two is outside."""
    first, second = box(end=HOUR // 2), box(start=HOUR // 2)
    assert within(box(), first, second) is Verdict.YES
    gap = contains((first, replace(second, start=second.start + 1_000)), (box(),), LEVELS)
    assert (gap.verdict, gap.outside, gap.time_s) == (Verdict.NO, ("time",), Bounds(1.0, 1.0))
    assert within(box(), first, replace(second, footprint=disc(35.0, 36.0, 9_000))) is Verdict.NO


def test_an_envelope_at_another_time_holds_nothing() -> None:
    """Nothing of the window is covered."""
    found = contains((box(start=2 * HOUR, end=3 * HOUR),), (box(),), LEVELS)
    assert (found.verdict, found.outside) == (Verdict.NO, ("time",))
    assert found.time_s == Bounds(3600.0, 3600.0)


# --- height ---------------------------------------------------------------------------------------

GROUND = Ground(low_mm=100_000, high_mm=200_000, by="AAA")
HEIGHTS = [
    # envelope lower, upper; opened lower, upper; verdict; least metres outside
    (fl(100), fl(200), fl(100), fl(200), Verdict.YES, 0),
    (fl(100), fl(200), fl(100), fl(201), Verdict.NO, 30),
    (fl(100), fl(200), fl(99), fl(200), Verdict.NO, 30),
    (SFC, UNL, fl(100), UNL, Verdict.YES, 0),
    (SFC, fl(200), SFC, UNL, Verdict.NO, 1_000_000),
    (SFC, fl(200), SFC, fl(200), Verdict.YES, 0),
    (SFC, UNL, height(W84, -500), height(AMSL, 9_000), Verdict.YES, 0),
    (height(AMSL, 0), fl(300), fl(100), fl(200), Verdict.YES, 0),
    (height(AMSL, 3_000), height(AMSL, 6_100), fl(100), fl(200), Verdict.UNDETERMINED, 0),
    (height(AMSL, 5_000), height(AMSL, 9_000), fl(100), fl(200), Verdict.NO, 1_000),
    (height(AGL, 0), height(AGL, 500), SFC, height(AGL, 400), Verdict.YES, 0),
    (height(AGL, 50), height(AGL, 500), SFC, height(AGL, 400), Verdict.NO, 50),
    (height(AMSL, 0), height(AMSL, 900), height(AGL, 10), height(AGL, 100), None, 0),
    (height(W84, 90), height(W84, 400), SFC, height(AGL, 150), Verdict.UNDETERMINED, 0),
]


@pytest.mark.parametrize(("low", "high", "lower", "upper", "verdict", "metres"), HEIGHTS)
def test_bands_are_compared_at_the_same_spot_in_any_references(
    low: Height, high: Height, lower: Height, upper: Height, verdict: Verdict | None, metres: int
) -> None:
    """One reference exactly; different ones only with the worst case added; else the datum."""
    found = contains((box(lower=low, upper=high),), (box(lower=lower, upper=upper),), LEVELS)
    assert found.verdict is (verdict or Verdict.UNDETERMINED)
    if found.verdict is Verdict.NO:
        assert found.outside == ("vertical",)
        assert found.vertical_m is not None
        assert found.vertical_m.low >= metres * 0.99
    if found.verdict is Verdict.UNDETERMINED:
        assert found.settles in ("QNH", "temperature", "ground height")


def test_a_datum_that_is_stated_settles_it() -> None:
    """Ground and pressure that the author states narrow the interval."""
    envelope = box(lower=height(W84, 90), upper=height(W84, 400))
    above = Height(ref=AGL, mm=150_000, ground=GROUND)
    assert within(box(lower=Height(ref=SFC.ref, ground=GROUND), upper=above), envelope) == "YES"
    qnh = Qnh(pa=101_325, tolerance_pa=50, by="AAA")
    level = Height(ref=HeightRef.FL, mm=fl(200).mm, qnh=qnh)
    low = Height(ref=HeightRef.FL, mm=fl(100).mm, qnh=qnh)
    wide = box(lower=height(AMSL, 2_700), upper=height(AMSL, 6_750))
    assert within(box(lower=fl(100), upper=fl(200)), wide) is Verdict.UNDETERMINED
    assert within(box(lower=low, upper=level), wide) is Verdict.YES


# --- several volumes, several dimensions ----------------------------------------------------------


def test_everything_that_is_outside_is_named_with_its_measure() -> None:
    """Larger, higher and longer than the envelope: all three, by how much."""
    envelope = box(lower=fl(100), upper=fl(200))
    opened = box(12_000, fl(90), fl(200), end=2 * HOUR)
    found = contains((envelope,), (opened,), LEVELS)
    assert found.verdict is Verdict.NO
    assert found.outside == ("time", "vertical", "lateral")
    assert found.time_s == Bounds(3600.0, 3600.0)
    assert found.vertical_m is not None
    assert found.lateral_m is not None
    assert 304.7 < found.vertical_m.low < 304.9
    assert 1_999.9 < found.lateral_m.low < 2_000.1


def test_two_halves_that_hold_it_only_together_are_not_decided() -> None:
    """Of two stacked bands, or two discs side by side, neither holds it alone: UNDETERMINED."""
    low, high = box(upper=fl(150)), box(lower=fl(150))
    found = contains((low, high), (box(lower=fl(100), upper=fl(200)),), LEVELS)
    assert (found.verdict, found.settles) == (Verdict.UNDETERMINED, TOGETHER)
    assert within(box(lower=fl(100), upper=fl(140)), low, high) is Verdict.YES


def test_a_point_outside_of_all_envelope_volumes_is_found() -> None:
    """Two discs side by side, and a third that sticks out of both: on the map, and at its top."""
    west, east = box(at=(35.0, 36.0)), box(at=(35.0, 36.1))
    assert within(box(at=(35.0, 36.05), radius=20_000), west, east) is Verdict.NO
    lower = replace(west, upper=fl(150)), replace(east, upper=fl(150))
    tall = box(at=(35.0, 36.05), radius=4_000, upper=fl(200))
    assert within(tall, *lower) is Verdict.NO
    mixed = replace(west, upper=fl(150)), east
    assert within(box(at=(35.0, 35.99), upper=fl(200)), *mixed) is Verdict.NO


def test_every_leg_of_a_route_must_fit_and_the_one_that_does_not_is_named() -> None:
    """The answer is that of the worst volume."""
    envelope = (box(50_000),)
    legs = tuple(box(1_000, at=(35.0, 36.0 + k / 100)) for k in range(10))
    assert contains(envelope, legs, LEVELS).verdict is Verdict.YES
    out = (*legs, box(1_000, at=(36.0, 36.0)))
    found = contains(envelope, out, LEVELS)
    assert (found.verdict, found.volume) == (Verdict.NO, 10)
    many = contains(envelope * 40, legs * 3, LEVELS)
    assert (many.verdict, many.settles) == (Verdict.UNDETERMINED, WORK)


def test_whoever_is_clear_of_the_envelope_is_clear_of_what_lies_within() -> None:
    """YES keeps what a coarse envelope promises: where the verdict with it is NO, the verdict with
    what was opened is never YES."""
    chance = random.Random(7)
    refs = [fl(100), fl(150), height(AMSL, 4_000), height(W84, 3_000), height(AGL, 2_000), SFC]
    tops = [fl(200), fl(250), height(AMSL, 8_000), height(W84, 9_000), height(AGL, 1_500), UNL]

    def any_box(radius: float) -> Volume:
        at = 35.0 + chance.uniform(-0.1, 0.1), 36.0 + chance.uniform(-0.1, 0.1)
        start = chance.randrange(0, HOUR)
        return box(
            radius * chance.uniform(0.3, 1), chance.choice(refs), chance.choice(tops), start,
            start + chance.randrange(1_000, HOUR), at,
        )  # fmt: skip

    fits = clear = 0
    for _ in range(1_500):
        envelope, opened, other = any_box(30_000), any_box(6_000), any_box(30_000)
        opened = replace(
            opened,
            start=max(opened.start, envelope.start),
            end=max(envelope.end, opened.start + 1),
        )
        if within(opened, envelope) is not Verdict.YES:
            continue
        fits += 1
        sides = [Extent(volume=each) for each in (envelope, opened, other)]
        if judge_volumes(sides[0], sides[2], Separation()).verdict is Verdict.NO:
            clear += 1
            assert judge_volumes(sides[1], sides[2], Separation()).verdict is not Verdict.YES
    assert fits > 50
    assert clear > 10
