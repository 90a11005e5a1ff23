"""What must hold for any two volumes: symmetry, widening never clears, the earth may turn."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from clearline.conflict.lists import judge
from clearline.conflict.validity import check_volume
from clearline.conflict.verdict import Extent, Separation, judge_volumes
from clearline.model.finding import Verdict
from clearline.model.space import Corridor, Disc, Edge, Height, HeightRef, LatLon, Polygon
from clearline.model.terms import HeightMode
from clearline.model.time import Instant, Millis
from tests.conflict_cases import HOUR, SFC, UNL, extent
from tests.conflict_oracle import go, place

# Everything happens within 300 km and three hours of one place, so that about half the pairs meet.
PLACES = st.sampled_from([(0.0, 0.0), (48.0, 179.8), (-71.0, 20.0), (89.5, 5.0), (-90.0, 0.0)])
OFFSETS = st.tuples(st.floats(0, 360), st.floats(0, 150_000))
EDGES = st.sampled_from(list(Edge))
SIZES = st.floats(1.7, 5.2).map(lambda power: 10**power)


@st.composite
def heights(draw: st.DrawFn) -> tuple[Height, Height]:
    """A lower and an upper limit in one reference, or from the surface, or without limit."""
    ref = draw(st.sampled_from([HeightRef.W84, HeightRef.AMSL, HeightRef.AGL, HeightRef.FL]))
    low, high = sorted(draw(st.tuples(st.integers(0, 9_000), st.integers(0, 9_000))))
    lower = draw(st.sampled_from([SFC, Height(ref=ref, mm=low * 1000)]))
    upper = draw(st.sampled_from([UNL, Height(ref=ref, mm=high * 1000)]))
    return lower, upper


@st.composite
def extents(draw: st.DrawFn, at: tuple[float, float]) -> Extent:
    """A volume near a place that ``check_volume`` takes."""
    middle, size, edge = go(*at, *draw(OFFSETS)), draw(SIZES), draw(EDGES)
    turn = draw(st.floats(0, 360))
    corners = tuple(place(*go(*middle, turn + k * 90, size)) for k in range(4))
    footprint = draw(
        st.sampled_from(
            [
                Disc(centre=corners[0], radius_mm=round(size * 500) + 1),
                Corridor(line=corners[:2], half_width_mm=round(size * 100) + 1, edge=edge),
                Polygon(outer=corners, edge=Edge.GEODESIC if abs(at[0]) > 80 else edge),
            ]
        )
    )
    start = draw(st.integers(0, 2 * HOUR))
    made = extent(
        footprint,
        *draw(heights()),
        (start, start + draw(st.integers(1, HOUR))),
        tail_ms=draw(st.sampled_from([0, HOUR])),
        hazard=draw(st.booleans()),
    )
    return made if not check_volume(made.volume) else extent(corner_disc(corners[0]))


def corner_disc(corner: LatLon) -> Disc:
    return Disc(centre=corner, radius_mm=1_000)


PAIRS = PLACES.flatmap(lambda at: st.tuples(extents(at), extents(at)))
SEPARATIONS = st.builds(
    Separation,
    lateral_mm=st.sampled_from([0, 500_000, 9_260_000, 60_000_000]),
    vertical_mm=st.sampled_from([0, 304_800, 1_000_000]),
    time_ms=st.sampled_from([Millis(0), Millis(HOUR)]),
    height=st.sampled_from(list(HeightMode)),
)


@given(PAIRS, SEPARATIONS)
def test_judging_is_symmetric(pair: tuple[Extent, Extent], sep: Separation) -> None:
    """Both nodes reach the very same judgement, whichever notice is their own."""
    a, b = pair
    assert judge_volumes(a, b, sep) == judge_volumes(b, a, sep)


@given(PAIRS, SEPARATIONS)
def test_a_verdict_without_measuring_is_the_same_verdict(
    pair: tuple[Extent, Extent], sep: Separation
) -> None:
    """What is not measured is less known, never judged otherwise; its bounds hold the measured."""
    measured = judge_volumes(*pair, sep)
    quick = judge_volumes(*pair, msgspec.structs.replace(sep, measured=False))
    assert quick.verdict is measured.verdict
    if quick.lateral_m is not None and measured.lateral_m is not None:
        assert quick.lateral_m.low <= measured.lateral_m.high
        assert measured.lateral_m.low <= quick.lateral_m.high


@given(PAIRS, SEPARATIONS, st.data())
def test_lists_are_judged_as_the_worst_of_their_pairs(
    pair: tuple[Extent, Extent], sep: Separation, data: st.DataObject
) -> None:
    """The cheap rejection leaves out no pair that is YES or UNDETERMINED."""
    at = data.draw(PLACES)
    other, another = data.draw(extents(at)), data.draw(extents(at))
    a, b = [pair[0], other], [another, pair[1], other]
    verdicts = {judge_volumes(x, y, sep).verdict for x in a for y in b}
    expected = next(
        verdict
        for verdict in (Verdict.YES, Verdict.UNDETERMINED, Verdict.NO)
        if verdict in verdicts
    )
    found = judge(a, b, sep)
    assert found.verdict is expected
    assert found.volumes is not None
    i, j = found.volumes
    assert judge_volumes(a[i], b[j], sep).verdict is expected


@given(PAIRS, SEPARATIONS)
def test_a_wider_separation_never_removes_a_conflict(
    pair: tuple[Extent, Extent], sep: Separation
) -> None:
    """What was not NO is not NO with any margin made larger."""
    if judge_volumes(*pair, sep).verdict is Verdict.NO:
        return
    for wider in (
        msgspec.structs.replace(sep, lateral_mm=sep.lateral_mm * 2 + 1_000),
        msgspec.structs.replace(sep, vertical_mm=sep.vertical_mm * 2 + 1_000),
        msgspec.structs.replace(sep, time_ms=Millis(sep.time_ms * 2 + 1_000)),
        msgspec.structs.replace(sep, height=HeightMode.IGNORE),
    ):
        assert judge_volumes(*pair, wider).verdict is not Verdict.NO


@given(PAIRS, SEPARATIONS)
def test_a_larger_volume_never_removes_a_conflict(
    pair: tuple[Extent, Extent], sep: Separation
) -> None:
    """Nor does a longer window, a longer tail or a taller band."""
    a, b = pair
    if judge_volumes(a, b, sep).verdict is Verdict.NO:
        return
    longer = msgspec.structs.replace(a.volume, end=Instant(a.volume.end + HOUR))
    taller = msgspec.structs.replace(a.volume, lower=SFC, upper=UNL)
    for larger in (
        msgspec.structs.replace(a, volume=longer),
        msgspec.structs.replace(a, volume=taller),
        msgspec.structs.replace(a, tail_ms=Millis(a.tail_ms + HOUR)),
    ):
        assert judge_volumes(larger, b, sep).verdict is not Verdict.NO


def turned(extent_: Extent, lon_e7: int, later: int) -> Extent:
    """The same volume somewhere else on its parallel, and later."""

    def move(point: LatLon) -> LatLon:
        lon = (point.lon_e7 + lon_e7 + 1_800_000_000) % 3_600_000_000 - 1_800_000_000
        return LatLon(point.lat_e7, lon)

    volume = extent_.volume
    match volume.footprint:
        case Disc(centre=centre, radius_mm=radius_mm):
            footprint = Disc(centre=move(centre), radius_mm=radius_mm)
        case Corridor(line=line, half_width_mm=half_mm, edge=edge):
            footprint = Corridor(
                line=tuple(move(p) for p in line), half_width_mm=half_mm, edge=edge
            )
        case Polygon(outer=outer, holes=holes, edge=edge):
            footprint = Polygon(
                outer=tuple(move(p) for p in outer),
                holes=tuple(tuple(move(p) for p in hole) for hole in holes),
                edge=edge,
            )
    moved = msgspec.structs.replace(
        volume,
        footprint=footprint,
        start=Instant(volume.start + later),
        end=Instant(volume.end + later),
    )
    return msgspec.structs.replace(extent_, volume=moved)


@given(PAIRS, SEPARATIONS, st.integers(-1_800_000_000, 1_800_000_000), st.integers(0, 10**11))
def test_turning_the_earth_and_waiting_changes_no_verdict(
    pair: tuple[Extent, Extent], sep: Separation, lon_e7: int, later: int
) -> None:
    """There is no antimeridian and no special hour. Height is left out: the geoid does not turn."""
    flat = msgspec.structs.replace(sep, height=HeightMode.IGNORE)
    before = judge_volumes(*pair, flat)
    after = judge_volumes(*(turned(each, lon_e7, later) for each in pair), flat)
    assert before.verdict is after.verdict


MIXED = st.tuples(heights(), heights())


@given(MIXED, st.integers(-1_000, 1_000), st.integers(-15, 15))
def test_verdicts_in_height_hold_for_any_real_air_and_ground(
    bands: tuple[tuple[Height, Height], tuple[Height, Height]], qnh_step: int, warmth: int
) -> None:
    """Draw a real ground, pressure and temperature from what the terms allow: bands that truly
    meet there are never NO, and bands that truly do not are never YES. (A lower limit SFC counts
    as below everything, so that what lies under the ground is not cleared by it.)"""
    ground = float(qnh_step + 1_000)
    pressure = 101_325 + qnh_step * 3.6
    share = 1 + warmth / 1000 * 6

    def true(height: Height) -> float:
        metres = (height.mm or 0) / 1000
        match height.ref:
            case HeightRef.W84:
                return metres
            case HeightRef.AMSL:
                return metres + 17.16  # the undulation at 0 N 0 E
            case HeightRef.FL:
                shift = 44_330.77 * ((pressure / 101_325) ** 0.190263 - 1)
                return (metres + shift) * share + 17.16
            case HeightRef.AGL:
                return ground + metres
            case HeightRef.SFC:
                return ground
            case HeightRef.UNL:
                return float("inf")

    (low_a, high_a), (low_b, high_b) = bands

    def under(low: Height, high: Height) -> bool:
        return low.ref is HeightRef.SFC or true(low) <= true(high)

    meet = under(low_a, high_b) and under(low_b, high_a)
    spot = Disc(centre=place(0, 0), radius_mm=1_000)
    found = judge_volumes(extent(spot, low_a, high_a), extent(spot, low_b, high_b), Separation())
    assert found.verdict is not (Verdict.NO if meet else Verdict.YES)
