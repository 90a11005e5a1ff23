"""Tracks as they come and go, and questions about them that never raise."""

from dataclasses import replace

from clearline import engine
from clearline.conflict.tracks.live import LiveTracks, PairsAnswer, StaysAnswer, track_pairs
from clearline.conflict.tracks.live import track_stays as stays_of
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.track import Fleet
from clearline.conflict.tracks.volumes import Volumes, tracks_in_volumes
from clearline.conflict.verdict import Extent
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Disc, Height, HeightRef, LatLon, Volume
from clearline.model.time import Instant
from tests.tracks_oracle import level

MINIMA = Minima(lateral_m=9_260.0, vertical_m=300.0, lookahead_s=300.0)
NOW = Instant(1_000_000_000)
A, B = level("A", 50.0, 0.0, 90.0, 200.0), level("B", 50.0, 0.5, 270.0, 200.0)


def test_what_cannot_be_judged_is_named_and_the_rest_is_judged() -> None:
    """A latitude out of range, a second of one id and a report of another hour are refused."""
    tracks = [A, replace(B, lat=91.0), replace(A, lon=1.0), replace(B, id="C", at=Instant(1)), B]
    answer = track_pairs(tracks, MINIMA, NOW)
    assert isinstance(answer, PairsAnswer)
    assert [(one.place, one.refusal.code) for one in answer.refused] == [
        (1, Code.NUMBER_RANGE),
        (2, Code.BAD_FIELD),
        (3, Code.STALE),
    ]
    assert [(pair.a, pair.b) for pair in answer.pairs] == [("A", "B")]


def test_a_report_counts_for_an_hour() -> None:
    """One that is an hour old, or ahead, is carried on; a millisecond more is refused."""
    hour = 3_600_000
    for off, refused in ((-hour, 0), (hour, 0), (-hour - 1, 1), (hour + 1, 1)):
        answer = track_pairs([replace(A, at=Instant(NOW + off))], MINIMA, NOW)
        assert isinstance(answer, PairsAnswer)
        assert len(answer.refused) == refused


def test_minima_that_mean_nothing_are_refused() -> None:
    """Nought, infinite and NaN minima are no question."""
    for field in ("lateral_m", "vertical_m", "lookahead_s"):
        for value in (0.0, -1.0, float("inf"), float("nan")):
            found = track_pairs([A, B], replace(MINIMA, **{field: value}))
            assert isinstance(found, Refusal)
            assert found.at == f"/{field}"


def test_none_and_one_have_no_pairs() -> None:
    """An empty sky and a single track are answered, not refused."""
    for tracks in ([], [A]):
        answer = track_pairs(tracks, MINIMA)
        assert isinstance(answer, PairsAnswer)
        assert answer.pairs == ()


def test_stays_keep_turns_beside_their_tracks() -> None:
    """A refused track takes its rate of turn with it."""
    disc = Disc(centre=LatLon(500_000_000, 0), radius_mm=5_000_000)
    up, down = Height(ref=HeightRef.UNL), Height(ref=HeightRef.SFC)
    volume = Volume(footprint=disc, lower=down, upper=up, start=Instant(0), end=Instant(2 * NOW))
    volumes = Volumes.of(["v"], [Extent(volume=volume)])
    tracks = [replace(B, lat=91.0), replace(A, course_deg=0.0)]
    answer = stays_of(tracks, volumes, 10.0, NOW, turn_dps=[90.0, 3.0])
    assert isinstance(answer, StaysAnswer)
    (stay,) = answer.stays
    assert stay.way_out is not None
    assert stay.way_out.minutes is not None
    assert stay.way_out.minutes * 60 > 25 + 60
    assert isinstance(stays_of(tracks, volumes, 0.0, NOW), Refusal)


def test_ways_out_are_left_out_where_nobody_asks() -> None:
    """Times alone are the same, without the way out."""
    disc = Disc(centre=LatLon(500_000_000, 0), radius_mm=5_000_000)
    up, down = Height(ref=HeightRef.UNL), Height(ref=HeightRef.SFC)
    volume = Volume(footprint=disc, lower=down, upper=up, start=Instant(0), end=Instant(2 * NOW))
    volumes = Volumes.of(["v"], [Extent(volume=volume)])
    (told,) = tracks_in_volumes(Fleet.of([A]), volumes, 60.0, NOW)
    (short,) = tracks_in_volumes(Fleet.of([A]), volumes, 60.0, NOW, ways_out=False)
    assert told.way_out is not None
    assert short == replace(told, way_out=None)


def test_the_library_has_both_questions() -> None:
    """What other programs call stands in one module."""
    assert (engine.track_pairs, engine.track_stays) == (track_pairs, stays_of)


def test_reports_come_and_go() -> None:
    """The newest report counts, an older one is refused, and a lost track is named once."""
    live = LiveTracks()
    assert live.put(replace(A, at=NOW)) is None
    found = live.put(replace(A, at=Instant(NOW - 1), lat=10.0))
    assert found is not None
    assert found.code is Code.STALE
    assert live.put(replace(A, at=Instant(NOW + 5_000), lat=50.1)) is None
    assert [track.lat for track in live.newest()] == [50.1]
    assert live.put(replace(B, lat=100.0)) is not None
    assert live.put(replace(B, at=NOW)) is None
    assert live.expire(Instant(NOW + 11_000), 10.0) == ("B",)
    live.drop("A")
    live.drop("A")
    assert len(live) == 0
