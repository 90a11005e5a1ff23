"""Heights against heights: what is exact, what is widened, what stays open and why."""

import numpy as np
import pytest

from clearline.conflict.geodesy import ecef_one
from clearline.conflict.geoid import GEOID_SHA256, UNDULATION_M, Region, undulation, undulation_cm
from clearline.conflict.heights import Band, Setting, level_shift, vertical
from clearline.model.finding import Verdict
from clearline.model.space import Ground, Height, HeightRef, Qnh
from clearline.model.terms import Levels

FOOT = 304.8
SFC, UNL = Height(ref=HeightRef.SFC), Height(ref=HeightRef.UNL)


def at(
    ref: HeightRef, metres: float, ground: Ground | None = None, qnh: Qnh | None = None
) -> Height:
    return Height(ref=ref, mm=round(metres * 1000), ground=ground, qnh=qnh)


def fl(level: int, qnh: Qnh | None = None) -> Height:
    return Height(ref=HeightRef.FL, mm=level * 30_480, qnh=qnh)


def w84(m: float) -> Height:
    return at(HeightRef.W84, m)


def amsl(m: float) -> Height:
    return at(HeightRef.AMSL, m)


def agl(m: float, ground: Ground | None = None) -> Height:
    return at(HeightRef.AGL, m, ground)


def setting(same_spot: bool = True, lat: float = 35.0, lon: float = 36.0) -> Setting:
    return Setting(Levels(), Region(ecef_one(lat, lon), 1_000.0), same_spot)


def judged(a: tuple[Height, Height], b: tuple[Height, Height], apart: float = 0.0, **kw: bool):
    return vertical(Band(*a), Band(*b), apart, setting(**kw))


def test_pressure_range_of_the_agreement_is_minus_540_to_plus_302_metres() -> None:
    """950 to 1050 hPa moves a level by -540 to +302 m, the extremes on record by -1267 to +581."""
    assert level_shift(95_000) == pytest.approx(-540.3, abs=0.1)
    assert level_shift(105_000) == pytest.approx(301.5, abs=0.5)
    assert level_shift(87_000) == pytest.approx(-1_267, abs=1)
    assert level_shift(108_500) == pytest.approx(581, abs=3)
    assert level_shift(101_325) == 0


def test_levels_against_levels_are_exact() -> None:
    """1,000 ft between two levels is 304.8 m whatever the pressure; touching counts as meeting."""
    below, above = (fl(100), fl(150)), (fl(160), fl(200))
    assert judged(below, above, 304.7).verdict is Verdict.NO
    assert judged(below, above, 304.8).verdict is Verdict.YES
    assert judged((SFC, fl(150)), (fl(150), UNL)).verdict is Verdict.YES


def test_a_level_against_the_ellipsoid_stays_open_near_the_limit() -> None:
    """FM06: without a QNH, FL against a metric height near it cannot be ruled out."""
    found = judged((fl(100), fl(150)), (w84(4_700), w84(5_000)))
    assert found.verdict is Verdict.UNDETERMINED
    assert found.settles in {"QNH", "temperature"}
    assert judged((fl(100), fl(150)), (w84(9_000), w84(9_500))).verdict is Verdict.NO
    assert judged((fl(50), fl(150)), (w84(3_000), w84(3_100))).verdict is Verdict.YES


def test_a_lower_limit_that_may_be_above_is_not_a_conflict_either() -> None:
    """YES is exact as well: from FL160 up may or may not meet up to 4,900 m on the ellipsoid."""
    found = judged((fl(160), UNL), (w84(0), w84(4_900)))
    assert found.verdict is Verdict.UNDETERMINED


def test_a_notified_pressure_narrows_what_stays_open() -> None:
    """With a QNH the pressure is no longer what is missing."""
    qnh = Qnh(pa=101_325, tolerance_pa=100, by="OSLK")
    found = judged((fl(100, qnh), fl(150, qnh)), (amsl(4_700), amsl(5_000)))
    assert found.settles == "temperature"
    assert found.references == ("AMSL:egm96_15", "FL:qnh-by-OSLK")
    assert judged((fl(10, qnh), fl(20, qnh)), (amsl(800), amsl(900))).verdict is Verdict.NO
    without = judged((fl(10), fl(20)), (amsl(800), amsl(900)))
    assert (without.verdict, without.settles) == (Verdict.UNDETERMINED, "QNH")


def test_sea_level_is_not_the_ellipsoid() -> None:
    """South of India 100 m AMSL lies near -7 m on the ellipsoid; the same numbers do not meet."""
    low = Setting(Levels(), Region(ecef_one(4.7, 78.8), 1_000.0), same_spot=True)
    sea, ellipsoid = Band(amsl(90), amsl(100)), Band(w84(90), w84(100))
    assert vertical(sea, ellipsoid, 0.0, low).verdict is Verdict.NO
    assert vertical(sea, Band(w84(-17), w84(-7)), 0.0, low).verdict is Verdict.YES


def test_above_ground_is_open_without_ground_and_settled_with_it() -> None:
    """AGL against AMSL stays open for want of the ground height; stated bounds settle it."""
    tower = (agl(0), agl(120))
    found = judged(tower, (amsl(1_000), amsl(2_000)))
    assert (found.verdict, found.settles) == (Verdict.UNDETERMINED, "ground height")
    ground = Ground(low_mm=20_000, high_mm=150_000, by="ISR")
    known = (agl(0, ground), agl(120, ground))
    assert judged(known, (amsl(1_000), amsl(2_000))).verdict is Verdict.NO
    assert judged(known, (amsl(0), amsl(2_000))).verdict is Verdict.YES


def test_above_ground_is_exact_only_over_the_same_spot() -> None:
    """Two AGL heights compare as they stand over one spot; beside it the ground may differ."""
    low, high = (agl(0), agl(120)), (agl(200), agl(300))
    assert judged(low, high, 50.0).verdict is Verdict.NO
    assert judged(low, high, 80.0).verdict is Verdict.YES
    assert judged(low, high, 50.0, same_spot=False).verdict is Verdict.UNDETERMINED


def test_a_band_from_the_surface_meets_whatever_lies_below_its_upper_limit() -> None:
    """SFC lies below everything, UNL above everything."""
    for ref in (w84, amsl, agl):
        assert judged((SFC, UNL), (ref(500), ref(900))).verdict is Verdict.YES
        assert judged((SFC, ref(1_000)), (ref(500), ref(900))).verdict is Verdict.YES
        assert judged((SFC, ref(400)), (ref(500), ref(900)), 99.0).verdict is Verdict.NO


def test_something_on_the_ground_is_clear_of_a_high_level_but_not_of_a_low_one() -> None:
    """SFC as an upper limit is the ground, wherever it is: FL400 is above it, FL150 may not be."""
    assert judged((SFC, SFC), (fl(400), UNL)).verdict is Verdict.NO
    assert judged((SFC, SFC), (fl(150), UNL)).verdict is Verdict.UNDETERMINED


def test_vertical_is_symmetric() -> None:
    """Swapping the operands changes nothing."""
    bands = [(SFC, fl(150)), (w84(100), amsl(900)), (agl(5), UNL), (amsl(-20), agl(90))]
    for a in bands:
        for b in bands:
            one, two = judged(a, b, 30.0), judged(b, a, 30.0)
            assert (one.verdict, one.bounds) == (two.verdict, two.bounds)


def test_the_shipped_geoid_is_the_one_named_by_its_hash() -> None:
    """The grid is whole, spans -107 to +85 m and has its hash in the code."""
    grid = undulation_cm()
    assert grid.shape == (721, 1440)
    assert len(GEOID_SHA256) == 64
    assert (grid.min() / 100, grid.max() / 100) == pytest.approx(UNDULATION_M, abs=0.03)


@pytest.mark.parametrize(
    ("lat", "lon", "metres"),
    [(0, 0, 17.16), (90, 0, 13.61), (-90, 0, -29.53), (38.6281550, 269.7791550, -31.628),
     (-14.6212170, 305.0211140, -2.969), (46.8743190, 102.4487290, -43.575),
     (-23.6174460, 133.8747120, 15.871), (38.6254730, 359.9995000, 50.066),
     (-0.4667440, 0.0023000, 17.329)],
)  # fmt: skip
def test_undulation_agrees_with_the_published_check_points(
    lat: float, lon: float, metres: float
) -> None:
    """NIMA's check points for EGM96 (OUTINTPT.DAT) lie within the interval, which is narrow."""
    low, high = undulation(Region(ecef_one(lat, lon), 10.0))
    assert low - 0.01 <= metres <= high + 0.01
    assert high - low < 3.0


def test_a_region_holds_the_undulation_of_every_point_in_it() -> None:
    """Widening a region never narrows the interval, over poles and the antimeridian too."""
    rng = np.random.default_rng(5)
    for _ in range(150):
        lat, lon = np.degrees(np.arcsin(rng.uniform(-1, 1))), rng.uniform(-180, 180)
        reach = 10 ** rng.uniform(1, 6.6)
        wide = undulation(Region(ecef_one(lat, lon), reach))
        step = np.degrees(reach / 6_400_000) * 0.7 * rng.uniform(-1, 1)
        there = float(np.clip(lat + step, -90, 90))
        narrow = undulation(Region(ecef_one(there, lon), 1.0))
        middle = (narrow[0] + narrow[1]) / 2
        assert wide[0] <= middle <= wide[1]
