"""Tracks follow geodesics, and heights are widened as stated."""

from random import Random

import numpy as np
import pytest

from clearline.conflict.geodesy import ecef
from clearline.conflict.tracks.motion import (
    TERMS,
    carry,
    depart,
    evaluate,
    expand,
    geodesic_m,
)
from clearline.conflict.tracks.track import Fleet, Track, check_track
from clearline.model.refusal import Code
from clearline.model.space import HeightRef
from clearline.model.time import Instant
from tests.tracks_oracle import REGIONS, G, at, level

SPEED = 250.0


def on_earth(lat: float, lon: float) -> np.ndarray:
    return ecef(np.array([lat]), np.array([lon]))[0]


@pytest.mark.parametrize("region", REGIONS)
def test_series_follow_the_geodesic(region: str) -> None:
    """Within the path that one series is used for it stays within a micrometre of GeographicLib."""
    random, lat, lon = Random(1), *REGIONS[region]
    state, series, there = np.empty(6), np.empty(TERMS), np.empty(6)
    for _ in range(40):
        course, s = random.uniform(0, 360), random.uniform(-100e3, 100e3)
        depart(lat, lon, course, SPEED, state)
        expand(state, series)
        evaluate(series, s / SPEED, there)
        truth = G.Direct(lat, lon, course, s)
        assert np.linalg.norm(there[:3] - on_earth(truth["lat2"], truth["lon2"])) < 1e-6


@pytest.mark.parametrize("region", REGIONS)
def test_states_are_carried_along_the_geodesic(region: str) -> None:
    """Two hours at the greatest speed end within 0.1 mm of where GeographicLib ends."""
    random, lat, lon = Random(2), *REGIONS[region]
    state, scratch = np.empty(6), np.empty(TERMS)
    for _ in range(10):
        course, s = random.uniform(0, 360), random.uniform(-7_200e3, 7_200e3)
        depart(lat, lon, course, SPEED, state)
        carry(state, s / SPEED, scratch)
        truth = G.Direct(lat, lon, course, s)
        assert np.linalg.norm(state[:3] - on_earth(truth["lat2"], truth["lon2"])) < 1e-4


def test_distances_are_karneys_to_a_millimetre() -> None:
    """An arc over the chord by the normal section's radius is the geodesic, up to 300 km."""
    random = Random(3)
    for _ in range(300):
        lat, s = random.uniform(-90, 90), random.uniform(0, 300e3)
        truth = G.Direct(lat, 0.0, random.uniform(0, 360), s)
        found = geodesic_m(on_earth(lat, 0.0), on_earth(truth["lat2"], truth["lon2"]))
        assert abs(found - s) < 0.001


def test_a_report_is_carried_on_to_now() -> None:
    """A track seen a minute ago is where its course has taken it since."""
    seen = Track(
        id="A", lat=70.0, lon=179.9, course_deg=80.0, speed_mps=240.0, at=Instant(1_000_000)
    )
    state = Fleet.of([seen], now=Instant(1_060_000)).states()[0]
    assert np.linalg.norm(state[:3] - on_earth(*at(seen, 60.0))) < 1e-5


BAD = {
    "lat": ({"lat": 90.1}, "CL-TRK-001"),
    "nan": ({"lon": float("nan")}, "CL-TRK-001"),
    "infinite": ({"speed_mps": float("inf")}, "CL-TRK-002"),
    "negative speed": ({"speed_mps": -1.0}, "CL-TRK-002"),
    "no course": ({"course_deg": None}, "CL-TRK-002"),
    "no number": ({"height_m": None, "ref": HeightRef.FL}, "CL-TRK-003"),
    "number on the ground": ({"ref": HeightRef.SFC}, "CL-TRK-003"),
    "too high": ({"height_m": 2e6}, "CL-TRK-003"),
    "rate": ({"climb_mps": 1e4}, "CL-TRK-004"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_track_that_means_nothing_is_refused(case: str) -> None:
    """Each bad field is refused with its clause and its name."""
    fields, clause = BAD[case]
    good = {"id": "A", "lat": 1.0, "lon": 1.0, "course_deg": 1.0, "speed_mps": 9.0, "height_m": 5.0}
    assert [found.clause for found in check_track(Track(**{**good, **fields}))] == [clause]
    assert list(check_track(Track(**good))) == []


def test_a_track_that_stands_still_needs_no_course() -> None:
    """What hovers is taken without a course; what moves is not."""
    still = level("A", 1.0, 1.0, 0.0, 0.0)
    assert list(check_track(still)) == []
    moving = Track(id="A", lat=1.0, lon=1.0, course_deg=None, speed_mps=1.0)
    assert [found.code for found in check_track(moving)] == [Code.MISSING_FIELD]
