"""A track: where something is, how it moves, and how high it is, as somebody reported it.

Degrees (WGS 84; course true), metres, metres per second, seconds. A height states what it is
measured from; a fleet of which no height says so is compared as it stands (``heights``).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.geodesy import Floats, Ints
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import HeightRef
from clearline.model.time import SECOND, Instant

SPEED_MPS_MAX: Final = 2_000.0
"""Above Mach 6: a unit error, or nothing that a course is held by."""
CLIMB_MPS_MAX: Final = 1_000.0
HEIGHT_M_MIN: Final = -12_000.0
HEIGHT_M_MAX: Final = 1_000_000.0
"""As for volumes: 1,000 km."""
AGE_S_MAX: Final = 3_600.0
"""A report from more than an hour ago, or ahead, says nothing about now."""

REFS: Final = (HeightRef.W84, HeightRef.AMSL, HeightRef.FL, HeightRef.AGL, HeightRef.SFC)
UNSTATED: Final = len(REFS)
UNKNOWN: Final = UNSTATED + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One report. ``course_deg`` may be absent where ``speed_mps`` is nought. ``ref`` None: not
    stated. SFC: on the ground, without a number. ``height_m`` or ``climb_mps`` None: not known.
    ``at`` None: now."""

    id: str
    lat: float
    lon: float
    course_deg: float | None
    speed_mps: float
    height_m: float | None = None
    ref: HeightRef | None = None
    climb_mps: float | None = None
    at: Instant | None = None


def check_track(track: Track) -> Iterator[Refusal]:
    """Every reason not to take a track. CL-TRK-001 to -005."""
    yield from _within("lat", track.lat, -90.0, 90.0, "CL-TRK-001")
    yield from _within("lon", track.lon, -180.0, 180.0, "CL-TRK-001")
    yield from _within("speed_mps", track.speed_mps, 0.0, SPEED_MPS_MAX, "CL-TRK-002")
    if track.course_deg is None:
        if track.speed_mps != 0:
            yield _no(Code.MISSING_FIELD, "CL-TRK-002", "track_deg", field="track_deg")
    else:
        yield from _within("track_deg", track.course_deg, -360.0, 360.0, "CL-TRK-002")
    if track.height_m is not None:
        yield from _within("alt_m", track.height_m, HEIGHT_M_MIN, HEIGHT_M_MAX, "CL-TRK-003")
        if track.ref in (HeightRef.SFC, HeightRef.UNL):
            yield _no(Code.BAD_HEIGHT, "CL-TRK-003", "alt_m", problem="number-forbidden")
    elif track.ref not in (None, HeightRef.SFC):
        yield _no(Code.BAD_HEIGHT, "CL-TRK-003", "alt_m", problem="number-missing")
    if track.climb_mps is not None:
        most = CLIMB_MPS_MAX
        yield from _within("vs_mps", track.climb_mps, -most, most, "CL-TRK-004")


def _within(field: str, value: float, low: float, high: float, clause: str) -> Iterator[Refusal]:
    if not (isfinite(value) and low <= value <= high):
        yield _no(Code.NUMBER_RANGE, clause, field, min=int(low), max=int(high))


def _no(code: Code, clause: str, at: str, **params: Param) -> Refusal:
    return Refusal(code=code, clause=clause, at=f"/{at}", params=params)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """Tracks as columns. ``height`` and ``climb``: NaN where not known; ``ref``: place in ``REFS``,
    UNSTATED or UNKNOWN; ``age_s``: how long ago each was seen. Every value within its limits."""

    ids: Sequence[str]
    lat: Floats
    lon: Floats
    course: Floats
    speed: Floats
    height: Floats
    climb: Floats
    ref: NDArray[np.int8]
    age_s: Floats

    def __len__(self) -> int:
        return len(self.lat)

    def states(self) -> Floats:
        """Places and velocities now, ECEF, shape (n, 6)."""
        # Only here: numba takes 0.3 s to import, and reading and checking reports needs none of it.
        from clearline.conflict.tracks.motion import departures

        return departures(self.lat, self.lon, self.course, self.speed, self.age_s)

    def take(self, rows: Ints) -> "Fleet":
        """Some of its tracks, in that order."""
        return Fleet(
            ids=[self.ids[row] for row in rows.tolist()],
            lat=self.lat[rows],
            lon=self.lon[rows],
            course=self.course[rows],
            speed=self.speed[rows],
            height=self.height[rows],
            climb=self.climb[rows],
            ref=self.ref[rows],
            age_s=self.age_s[rows],
        )

    @classmethod
    def of(cls, tracks: Iterable[Track], now: Instant | None = None) -> "Fleet":
        """Tracks that ``check_track`` has taken. ``now`` is needed where one states its time, which
        is then within AGE_S_MAX of it."""
        every = tuple(tracks)

        def column(values: Iterable[float | None]) -> Floats:
            return np.array([np.nan if v is None else v for v in values], dtype=np.float64)

        return cls(
            ids=tuple(track.id for track in every),
            lat=column(track.lat for track in every),
            lon=column(track.lon for track in every),
            course=column(track.course_deg or 0.0 for track in every),
            speed=column(track.speed_mps for track in every),
            height=column(track.height_m for track in every),
            climb=column(track.climb_mps for track in every),
            ref=np.array([ref_code(track) for track in every], dtype=np.int8),
            age_s=column(age_s(track, now) for track in every),
        )


def ref_code(track: Track) -> int:
    """What a track's height is measured from, as ``Fleet`` has it."""
    if track.height_m is None and track.ref is not HeightRef.SFC:
        return UNKNOWN
    return UNSTATED if track.ref is None else REFS.index(track.ref)


def age_s(track: Track, now: Instant | None) -> float:
    """Seconds since a track was seen; nought for one that states no time."""
    if track.at is None:
        return 0.0
    assert now is not None, "a track that states its time needs to be told the time"
    return (now - track.at) / SECOND
