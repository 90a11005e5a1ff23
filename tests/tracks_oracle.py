"""Truth about tracks, made without the code under test: GeographicLib and patience.

A track goes along the geodesic of its course (``Direct``) at constant ground speed; how far apart
two are is ``Inverse``; the closest approach is searched by sampling and golden section. Degrees,
metres, seconds.
"""

from dataclasses import dataclass
from random import Random

from geographiclib.geodesic import Geodesic

from clearline.conflict.tracks.track import Track

G = Geodesic.WGS84
GOLDEN = (5**0.5 - 1) / 2
SAMPLES = 60
REGIONS = {
    "equator": (0.0, 20.0),
    "50 north": (50.0, 8.0),
    "70 south": (-70.0, -120.0),
    "85 north": (85.0, 100.0),
    "north pole": (90.0, 0.0),
    "near the south pole": (-89.97, 33.0),
    "across 180": (-17.0, 180.0),
    "high across 180": (78.0, -179.99),
}


def at(track: Track, t: float) -> tuple[float, float]:
    """Where a track is after ``t`` seconds."""
    found = G.Direct(track.lat, track.lon, track.course_deg or 0.0, track.speed_mps * t)
    return found["lat2"], found["lon2"]


def apart(a: Track, b: Track, t: float) -> float:
    """How far apart two tracks are after ``t`` seconds."""
    return G.Inverse(*at(a, t), *at(b, t), Geodesic.DISTANCE)["s12"]


def closest(a: Track, b: Track, start: float, end: float) -> tuple[float, float]:
    """When two tracks are nearest between two instants, and how near that is."""
    times = [start + (end - start) * k / SAMPLES for k in range(SAMPLES + 1)]
    found = [apart(a, b, t) for t in times]
    best = min(zip(found, times, strict=True))
    for k in range(SAMPLES + 1):
        left, right = found[max(0, k - 1)], found[min(SAMPLES, k + 1)]
        if found[k] <= left and found[k] <= right:
            low, high = times[max(0, k - 1)], times[min(SAMPLES, k + 1)]
            best = min(best, _golden(a, b, low, high))
    return best[1], best[0]


def _golden(a: Track, b: Track, low: float, high: float) -> tuple[float, float]:
    for _ in range(60):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if apart(a, b, left) < apart(a, b, right):
            high = right
        else:
            low = left
    t = (low + high) / 2
    return apart(a, b, t), t


@dataclass(frozen=True)
class Meeting:
    """What a pair is drawn from: the largest miss, speed and look-ahead."""

    miss_m: float = 20_000.0
    speed_mps: float = 300.0
    ahead_s: float = 1_200.0


def meeting(random: Random, region: str, kind: Meeting = Meeting()) -> tuple[Track, Track]:
    """Two tracks that pass each other somewhere in a region within the look-ahead."""
    when = random.uniform(0, kind.ahead_s)
    made = []
    for name in ("A", "B"):
        here = G.Direct(*REGIONS[region], random.uniform(0, 360), random.uniform(0, kind.miss_m))
        course, speed = random.uniform(0, 360), random.uniform(0, kind.speed_mps)
        back = G.Direct(here["lat2"], here["lon2"], course, -speed * when)
        lon = (back["lon2"] + 180) % 360 - 180
        made.append(level(name, back["lat2"], lon, back["azi2"], speed))
    return made[0], made[1]


def level(name: str, lat: float, lon: float, course: float, speed: float) -> Track:
    """A track at 1000 m that neither climbs nor sinks."""
    return Track(
        id=name, lat=lat, lon=lon, course_deg=course, speed_mps=speed, height_m=1000.0,
        climb_mps=0.0,
    )  # fmt: skip
