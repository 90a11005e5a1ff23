"""Tracks as they come and go, and the two questions about them, with refusals as values.

What is asked is answered anew each time from the newest report of every track: ten thousand take
milliseconds, so that nothing is kept between two answers that could be out of date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from clearline.conflict.tracks.minima import (
    LATERAL_M_MAX,
    LOOKAHEAD_S_MAX,
    VERTICAL_M_MAX,
    Minima,
)
from clearline.conflict.tracks.pairs import (
    ALONE,
    Hands,
    TrackPair,
    find_pairs,
)
from clearline.conflict.tracks.track import AGE_S_MAX, Fleet, Track, age_s, check_track
from clearline.conflict.tracks.volumes import Stay, Volumes, tracks_in_volumes
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import SECOND, Instant

LIMITS: Final = "CL-TRK-007"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A track that is not judged: its place in what was given (0 the first), and why."""

    place: int
    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsAnswer:
    """Every pair that loses separation, or may, the soonest first; and what was not judged."""

    pairs: tuple[TrackPair, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaysAnswer:
    """Every stay of a track in a volume, or maybe; and what was not judged."""

    stays: tuple[Stay, ...]
    refused: tuple[Refused, ...]


def sift(tracks: Iterable[Track], now: Instant | None) -> tuple[list[Track], tuple[Refused, ...]]:
    """Tracks that can be judged, and those that cannot: the second of an id, a report of another
    hour, one that ``check_track`` refuses."""
    taken: dict[str, Track] = {}
    refused: list[Refused] = []
    for place, track in enumerate(tracks):
        wrong = next(check_track(track), None)
        if wrong is None and track.id in taken:
            facts: dict[str, Param] = {"reason": "duplicate-id", "id": track.id}
            wrong = Refusal(code=Code.BAD_FIELD, clause="CL-TRK-006", at="/id", params=facts)
        if wrong is None:
            wrong = _stale(track, now)
        if wrong is None:
            taken[track.id] = track
        else:
            refused.append(Refused(place=place, refusal=wrong))
    return list(taken.values()), tuple(refused)


def _stale(track: Track, now: Instant | None) -> Refusal | None:
    if track.at is None or (now is not None and abs(age_s(track, now)) <= AGE_S_MAX):
        return None
    facts: dict[str, Param] = {"max": int(AGE_S_MAX)}
    return Refusal(code=Code.STALE, clause="CL-TRK-005", at="/time", params=facts)


def check_minima(minima: Minima) -> Refusal | None:
    """Why minima cannot be judged by, if so."""
    for at, value, most in (
        ("/lateral_m", minima.lateral_m, LATERAL_M_MAX),
        ("/vertical_m", minima.vertical_m, VERTICAL_M_MAX),
        ("/lookahead_s", minima.lookahead_s, LOOKAHEAD_S_MAX),
    ):
        if not 0 < value <= most:
            facts: dict[str, Param] = {"min": 0, "max": int(most)}
            return Refusal(code=Code.NUMBER_RANGE, clause=LIMITS, at=at, params=facts)
    return None


def track_pairs(
    tracks: Iterable[Track], minima: Minima, now: Instant | None = None, hands: Hands = ALONE
) -> PairsAnswer | Refusal:
    """Pairs of tracks that come closer than both minima within the look-ahead. ``now`` is needed
    for tracks that state their time; ``hands``: who shares in the search. Never raises for what the
    tracks hold."""
    wrong = check_minima(minima)
    if wrong is not None:
        return wrong
    taken, refused = sift(tracks, now)
    found = tuple(find_pairs(Fleet.of(taken, now), minima, hands=hands).each())
    return PairsAnswer(pairs=found, refused=refused)


def track_stays(
    tracks: Iterable[Track],
    volumes: Volumes,
    lookahead_s: float,
    now: Instant,
    turn_dps: Sequence[float | None] | None = None,
) -> StaysAnswer | Refusal:
    """Tracks that are in a volume or come into one within the look-ahead. ``turn_dps``: how fast
    each of the tracks given can turn, where known."""
    if not 0 < lookahead_s <= LOOKAHEAD_S_MAX:
        facts: dict[str, Param] = {"min": 0, "max": int(LOOKAHEAD_S_MAX)}
        return Refusal(code=Code.NUMBER_RANGE, clause=LIMITS, at="/lookahead_s", params=facts)
    every = tuple(tracks)
    taken, refused = sift(every, now)
    gone = {one.place for one in refused}
    turns = None
    if turn_dps is not None:
        turns = [turn for place, turn in enumerate(turn_dps) if place not in gone]
    found = tracks_in_volumes(Fleet.of(taken, now), volumes, lookahead_s, now, turn_dps=turns)
    return StaysAnswer(stays=tuple(found), refused=refused)


class LiveTracks:
    """The newest report of every track. One writer; a reader takes ``newest`` and keeps it."""

    def __init__(self) -> None:
        self._tracks: dict[str, Track] = {}

    def __len__(self) -> int:
        return len(self._tracks)

    def put(self, track: Track) -> Refusal | None:
        """Hold a report in place of the earlier one of its id; one that is older is refused."""
        wrong = next(check_track(track), None)
        held = self._tracks.get(track.id)
        if wrong is None and held is not None and (held.at or 0) > (track.at or held.at or 0):
            facts: dict[str, Param] = {"id": track.id}
            wrong = Refusal(code=Code.STALE, clause="CL-TRK-005", at="/time", params=facts)
        if wrong is None:
            self._tracks[track.id] = track
        return wrong

    def drop(self, id_: str) -> None:
        """Hold nothing under an id; one that is not held is no error."""
        self._tracks.pop(id_, None)

    def expire(self, now: Instant, after_s: float) -> tuple[str, ...]:
        """Drop what was last reported so long ago, and say which: it is lost, not gone."""
        limit = now - after_s * SECOND
        lost = tuple(t.id for t in self._tracks.values() if t.at is not None and t.at < limit)
        for id_ in lost:
            del self._tracks[id_]
        return lost

    def newest(self) -> tuple[Track, ...]:
        """Every track as last reported."""
        return tuple(self._tracks.values())
