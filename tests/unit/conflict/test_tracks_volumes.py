"""Tracks in volumes: entering and leaving when the oracle says, heights three-valued, ways out."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from clearline.conflict.fast.vectors import Vec
from clearline.conflict.separation import lateral
from clearline.conflict.tracks.conform import conformance
from clearline.conflict.tracks.crossing import free_m, held_m, to_foot
from clearline.conflict.tracks.motion import TERMS, depart, evaluate, expand
from clearline.conflict.tracks.track import Fleet, Track
from clearline.conflict.tracks.volumes import Stay, Volumes, tracks_in_volumes
from clearline.conflict.verdict import Extent
from clearline.model.finding import Verdict
from clearline.model.space import (
    Corridor,
    Disc,
    Edge,
    Footprint,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Volume,
)
from clearline.model.time import Instant
from tests.tracks_oracle import REGIONS, G, at, level

NOW = Instant(1_000_000_000)
AHEAD_S = 600.0


def place(lat: float, lon: float) -> LatLon:
    return LatLon(round(lat * 1e7), round(((lon + 180) % 360 - 180) * 1e7))


def around(region: str, bearing: float, s: float) -> LatLon:
    found = G.Direct(*REGIONS[region], bearing, s)
    return place(found["lat2"], found["lon2"])


def extent(footprint: Footprint, low: float = 0.0, high: float = 2_000.0, **times: int) -> Extent:
    start, end = times.get("start", 0), times.get("end", 3_600_000)
    return Extent(
        volume=Volume(
            footprint=footprint,
            lower=Height(ref=HeightRef.W84, mm=round(low * 1000)),
            upper=Height(ref=HeightRef.W84, mm=round(high * 1000)),
            start=Instant(NOW + start),
            end=Instant(NOW + end),
        )
    )


def found(tracks: list[Track], *extents: Extent, ahead_s: float = AHEAD_S) -> list[Stay]:
    volumes = Volumes.of([str(k) for k in range(len(extents))], extents)
    return list(tracks_in_volumes(Fleet.of(tracks, NOW), volumes, ahead_s, NOW))


def shapes(region: str, random: Random) -> list[Footprint]:
    """A disc, a bent corridor, and a polygon with a hole, tens of kilometres wide."""
    edge = random.choice([Edge.GEODESIC, Edge.GEODESIC, Edge.RHUMB])
    ring = tuple(around(region, k * 60.0, random.uniform(20e3, 45e3)) for k in range(6))
    hole = tuple(around(region, k * 120.0, 8e3) for k in range(3))
    line = tuple(around(region, b, s) for b, s in ((200.0, 50e3), (250.0, 5e3), (20.0, 50e3)))
    return [
        Disc(centre=around(region, 10.0, 9e3), radius_mm=random.randrange(1_000_000, 40_000_000)),
        Corridor(line=line, half_width_mm=random.randrange(500_000, 9_000_000), edge=edge),
        Polygon(outer=ring, holes=(hole,), edge=Edge.GEODESIC),
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_a_track_is_in_a_volume_when_the_oracle_says(region: str) -> None:
    """At sampled instants the track is inside the footprint, by the plain engine's distance from
    GeographicLib's place, exactly when a stay holds them; a metre's flight at the ends is open."""
    random = Random(sum(map(ord, region)))
    seen = 0
    for footprint in (shape for _ in range(2) for shape in shapes(region, random)):
        start = G.Direct(*REGIONS[region], random.uniform(0, 360), random.uniform(0, 60e3))
        lon = (start["lon2"] + 180) % 360 - 180
        towards = G.Inverse(start["lat2"], lon, *REGIONS[region])["azi1"]
        track = replace(level("T", start["lat2"], lon, towards + random.uniform(-25, 25), 180.0),
                        ref=HeightRef.W84)  # fmt: skip
        stays = found([track], extent(footprint))
        assert all(stay.verdict is Verdict.YES for stay in stays)
        spans = [(s.enter_s, AHEAD_S + 1 if s.leave_s is None else s.leave_s) for s in stays]
        seen += len(spans)
        for k in range(31):
            t = AHEAD_S * k / 30
            if any(abs(t - end) < 0.01 for span in spans for end in span):
                continue
            here = Disc(centre=place(*at(track, t)), radius_mm=1)
            inside = lateral(here, footprint, 0.0).high == 0.0
            assert inside == any(a <= t <= b for a, b in spans), (footprint, t, spans)
    assert seen >= 3


@pytest.mark.parametrize("region", REGIONS)
def test_a_disc_is_entered_and_left_at_its_radius(region: str) -> None:
    """At the entry and at the exit the oracle's distance from the centre is the radius, to
    what the track flies in a few milliseconds, and it is never smaller outside."""
    centre = around(region, 45.0, 12_000.0)
    disc = Disc(centre=centre, radius_mm=7_000_000)
    back = G.Direct(centre.lat, centre.lon, 77.0, 60_000.0)
    lon = (back["lon2"] + 180) % 360 - 180
    course = G.Inverse(back["lat2"], lon, centre.lat, centre.lon)["azi1"]
    track = replace(level("T", back["lat2"], lon, course + 3.0, 220.0), ref=HeightRef.W84)
    (stay,) = found([track], extent(disc))
    assert stay.leave_s is not None
    for t in (stay.enter_s, stay.leave_s):
        gone = G.Inverse(*at(track, t), centre.lat, centre.lon)["s12"]
        assert 7_000.0 <= gone < 7_000.5
    assert stay.enter_s > 200.0


def still(height_m: float | None = 1_000.0, ref: HeightRef | None = HeightRef.W84) -> Track:
    return replace(level("T", 50.0, 0.0, 0.0, 0.0), height_m=height_m, ref=ref)


DISC = Disc(centre=place(50.0, 0.0), radius_mm=5_000_000)
HEIGHTS = {
    "inside": (still(), Verdict.YES, None),
    "on the limit": (still(2_000.0), Verdict.YES, None),
    "no height": (still(None, None), Verdict.UNDETERMINED, "height"),
    "not said from what": (still(1_900.0, None), Verdict.UNDETERMINED, "height reference"),
    "on a level near the limit": (still(1_900.0, HeightRef.FL), Verdict.UNDETERMINED, "QNH"),
    "on the ground": (still(None, HeightRef.SFC), Verdict.UNDETERMINED, "ground height"),
    "above ground": (still(300.0, HeightRef.AGL), Verdict.UNDETERMINED, "ground height"),
    "above the sea at the limit": (
        still(1_954.5, HeightRef.AMSL),
        Verdict.UNDETERMINED,
        "geoid",
    ),
    "no vertical speed": (
        replace(still(5_000.0), climb_mps=None),
        Verdict.UNDETERMINED,
        "vertical speed",
    ),
    "on a level in the middle": (still(900.0, HeightRef.FL), Verdict.YES, None),
    "above": (still(2_000.1), Verdict.NO, None),
    "on a level far above": (still(5_000.0, HeightRef.FL), Verdict.NO, None),
}


@pytest.mark.parametrize("case", HEIGHTS)
def test_heights_count_as_they_are_known(case: str) -> None:
    """A height that may be in the band is never dropped, and one that surely is, is said to be."""
    track, verdict, settles = HEIGHTS[case]
    stays = found([track], extent(DISC))
    if verdict is Verdict.NO:
        assert stays == []
    else:
        assert [(stay.verdict, stay.settles) for stay in stays] == [(verdict, settles)]


def test_climbing_into_a_band_enters_when_it_reaches_it() -> None:
    """A hovering track that climbs meets the lower limit and leaves by the upper one."""
    track = replace(still(0.0), climb_mps=10.0)
    (stay,) = found([track], extent(DISC, 1_000.0, 2_000.0))
    assert (stay.enter_s, stay.leave_s) == (pytest.approx(100.0), pytest.approx(200.0))


def test_windows_begin_and_end_stays() -> None:
    """Inside on the map, it enters when the window opens and leaves when it closes."""
    (stay,) = found([still()], extent(DISC, start=60_000, end=120_000))
    assert (stay.enter_s, stay.leave_s) == (60.0, 120.0)
    assert found([still()], extent(DISC, start=-120_000, end=0)) == []


def test_a_way_out_is_the_nearest_edge_and_never_too_short() -> None:
    """2 km from the centre of a 5 km disc, eastbound at 100 m/s: 3 km to go; a stated rate of turn
    adds the turn, unless straight on is sooner."""
    east = G.Direct(50.0, 0.0, 90.0, 2_000.0)
    track = replace(level("T", east["lat2"], east["lon2"], 270.0, 100.0), ref=HeightRef.W84)
    (stay,) = found([track], extent(DISC))
    assert stay.way_out is not None
    assert stay.way_out.exit_m == pytest.approx(3_000.0, abs=1.0)
    assert stay.way_out.minutes == pytest.approx(0.5, abs=0.01)
    volumes = Volumes.of(["v"], [extent(DISC)])
    fleet = Fleet.of([track], NOW)
    for turn, seconds in ((3.0, 30 + 60 + 38.2), (1.0, stay.leave_s), (90.0, 30 + 2 + 1.3)):
        (turned,) = tracks_in_volumes(fleet, volumes, AHEAD_S, NOW, turn_dps=[turn])
        assert turned.way_out is not None
        expected = min(seconds or 0.0, stay.leave_s or 0.0) / 60
        assert turned.way_out.minutes == pytest.approx(expected, abs=0.01)


def test_what_stands_still_has_no_time_to_get_out() -> None:
    """Without speed there is a distance but no time."""
    (stay,) = found([still()], extent(DISC))
    assert stay.way_out is not None
    assert stay.way_out.minutes is None


def test_a_track_of_its_own_notice_conforms_or_is_outside_by_so_much() -> None:
    """In its volume, beside it, above it, before and after it; and since when."""
    own = [extent(DISC, 500.0, 1_500.0, start=-60_000, end=60_000)]
    inside = conformance(still(), own, NOW)
    assert (inside.verdict, inside.lateral_m.high, inside.vertical_m.high) == (Verdict.YES, 0, 0)
    beside = conformance(replace(still(), lat=50.1), own, NOW)
    assert beside.verdict is Verdict.NO
    true = G.Inverse(50.0, 0.0, 50.1, 0.0)["s12"] - 5_000
    assert beside.lateral_m.low <= true <= beside.lateral_m.high
    above = conformance(still(1_700.0), own, NOW)
    assert (above.verdict, above.vertical_m.low) == (Verdict.NO, pytest.approx(200.0))
    late = conformance(still(), own, Instant(NOW + 90_000))
    assert (late.verdict, late.late_s) == (Verdict.NO, 30.0)
    open_ = conformance(still(1_400.0, HeightRef.FL), own, NOW)
    assert (open_.verdict, open_.settles) == (Verdict.UNDETERMINED, "QNH")
    later = conformance(still(1_700.0), own, Instant(NOW + 5_000), above)
    assert later.since == NOW
    assert conformance(still(), own, Instant(NOW + 5_000), above).since == NOW + 5_000


@pytest.mark.parametrize("half", [5.0, 20.0, 21.5, 40.0, 70.0])
def test_a_track_at_the_tip_of_a_very_large_volume_is_in_it(half: float) -> None:
    """The middle of a volume thousands of kilometres wide lies hundreds below the ground; what
    hovers just inside of its northern, eastern or southern tip is in all the same."""
    ring = (place(-half, 0), place(0, -half), place(half, 0), place(0, half))
    tips = {"N": (half - 1e-4, 0.0), "E": (0.0, half - 1e-4), "S": (1e-4 - half, 0.0)}
    tracks = [replace(still(), id=tip, lat=lat, lon=lon) for tip, (lat, lon) in tips.items()]
    outside = replace(still(), id="out", lat=half + 1e-4)
    stays = found([*tracks, outside], extent(Polygon(outer=ring, edge=Edge.GEODESIC)))
    assert sorted(stay.track for stay in stays) == ["E", "N", "S"]


@pytest.mark.parametrize("length_m", [5_000.0, 19_000.0, 60_000.0])
def test_a_corridor_is_entered_and_left_within_centimetres_of_its_side(length_m: float) -> None:
    """A track that crosses the middle of a long edge at right angles enters and leaves where the
    oracle's distance from that edge is the half width, to ten centimetres, and surely so."""
    near, far = around("50 north", 90.0, length_m / 2), around("50 north", 270.0, length_m / 2)
    corridor = Corridor(line=(near, far), half_width_mm=3_000_000, edge=Edge.GEODESIC)
    south = G.Direct(*REGIONS["50 north"], 180.0, 20_000.0)
    track = replace(level("T", south["lat2"], south["lon2"], 0.0, 100.0), ref=HeightRef.W84)
    (stay,) = found([track], extent(corridor))
    assert stay.leave_s is not None
    for t in (stay.enter_s, stay.leave_s):
        off = lateral(Disc(centre=place(*at(track, t)), radius_mm=1), corridor, 0.0)
        assert off.low <= 0.1
        inside = t + (0.001 if t == stay.enter_s else -0.001)
        off = lateral(Disc(centre=place(*at(track, inside)), radius_mm=1), corridor, 0.0)
        assert off.high == 0.0
    assert stay.verdict is Verdict.YES


def vec(point: np.ndarray) -> Vec:
    """A point as compiled code takes it."""
    x, y, z = point.tolist()
    return x, y, z


@pytest.mark.parametrize("region", REGIONS)
def test_a_step_comes_no_nearer_to_a_piece_and_no_farther_from_a_foot_than_it_may(
    region: str,
) -> None:
    """Along a geodesic any step up to ``free_m`` leaves the gap open, any up to ``held_m`` stays in
    the sphere; and both reach farther than the worst case would allow."""
    random, series, state, there = Random(5), np.empty(TERMS), np.empty(6), np.empty(6)
    gained = 0
    for _ in range(300):
        depart(*REGIONS[region], random.uniform(0, 360), 1.0, state)
        expand(state, series)
        q = state[:3]
        one = q + np.array([random.uniform(-1, 1) for _ in range(3)]) * 10 ** random.uniform(1, 4.7)
        two = one + np.array([random.uniform(-1, 1) for _ in range(3)]) * 10 ** random.uniform(1, 4)
        foot = np.array(to_foot(vec(q), vec(one), vec(two)))
        apart = float(np.linalg.norm(foot))
        closing, gap = float(state[3:] @ foot) / apart, apart * random.uniform(0.1, 1)
        reach = apart * (1 + random.uniform(0, 2))
        free, held = free_m(gap, closing), held_m(apart, closing, reach)
        gained += free > 1.2 * gap and held > 1.2 * (reach - apart)
        for share in (0.1, 0.5, 0.9, 1.0):
            if free * share < 1e5:
                evaluate(series, free * share, there)
                left = float(np.linalg.norm(to_foot(vec(there[:3]), vec(one), vec(two))))
                assert left >= apart - gap - 1e-5
            if held * share < 1e5:
                evaluate(series, held * share, there)
                assert float(np.linalg.norm(there[:3] - q - foot)) <= reach + 1e-5
    assert gained >= 100
