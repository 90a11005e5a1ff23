"""Tracks are read from bytes, and what means nothing is refused by its place."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.model.refusal import Code, Refusal
from clearline.model.space import HeightRef
from clearline.plan.tracks import read_track, read_tracks
from clearline.words.sentences import sentence

GOOD = {"id": "A", "lat": 1, "lon": 2, "alt_m": 100, "track_deg": 10, "speed_mps": 5, "vs_mps": 0}


def lines(*records: object) -> io.BytesIO:
    return io.BytesIO(b"\n".join(json.dumps(record).encode() for record in records))


def test_a_list_and_lines_say_the_same() -> None:
    """A JSON list and one object a line give the same tracks."""
    other = {**GOOD, "id": "B"}
    one = read_tracks(io.BytesIO(json.dumps([GOOD, other]).encode()))
    assert one.tracks == read_tracks(lines(GOOD, other)).tracks
    assert [track.id for track in one.tracks] == ["A", "B"]


def test_feet_knots_and_feet_a_minute_become_metres() -> None:
    """A thousand feet are 304.8 m, a knot is 1852 m an hour."""
    record = {"id": "A", "lat": 1, "lon": 2, "alt_ft": 1000, "track_deg": 10, "speed_kt": 360,
              "vs_fpm": -600, "alt_ref": "FL", "turn_dps": 3}  # fmt: skip
    read = read_tracks(lines(record))
    (track,) = read.tracks
    assert track.height_m == pytest.approx(304.8)
    assert track.speed_mps == pytest.approx(185.2)
    assert track.climb_mps == pytest.approx(-3.048)
    assert (track.ref, read.turn_dps) == (HeightRef.FL, (3.0,))


def test_number_as_an_id_is_its_digits() -> None:
    """Track numbers of another system are taken as they come; 17 and "17" are one track."""
    read = read_tracks(lines({**GOOD, "id": 17}, {**GOOD, "id": "17"}, {**GOOD, "id": 2**63}))
    assert [track.id for track in read.tracks] == ["17", str(2**63)]
    assert [(item.place, item.code) for item in read.refused] == [(2, Code.BAD_FIELD)]


@pytest.mark.parametrize("odd", [None, True, 1.5, [1], {}, 10**400])
def test_what_is_neither_text_nor_a_whole_number_is_no_id(odd: object) -> None:
    """Said as that, at its place."""
    found = read_track(json.dumps({**GOOD, "id": odd}).encode())
    assert isinstance(found, Refusal)
    assert found.at == "/id"


@pytest.mark.parametrize(
    ("odd", "told"),
    [("times", "(there are time;"), ("altitude_ft", "(there are alt_ft;"), ("zz", "(CL-TRK-006)")],
)
def test_unknown_field_is_told_with_what_may_have_been_meant(odd: str, told: str) -> None:
    """It is not skipped: a misspelt time would count as now."""
    found = read_track(json.dumps({**GOOD, odd: "2018-09-17T18:39:00Z"}).encode())
    assert isinstance(found, Refusal)
    assert f"“{odd}”" in sentence(found)
    assert told in sentence(found)


TWICE = (
    b'{"id":"A","lat":1,"lat":2,"lon":2,"speed_mps":0}',
    b'{"id":"A","lat":1,"l\\u0061t":2,"lon":2,"speed_mps":0}',
    b'{"id":"A","lat":1,"lon":2,"speed_mps":0,"alt_m":100, "alt_m" :9000}',
)


@pytest.mark.parametrize("raw", TWICE)
def test_what_is_stated_twice_is_not_read_as_the_last_of_both(raw: bytes) -> None:
    """Of two latitudes nobody knows which is meant."""
    found = read_track(raw)
    assert isinstance(found, Refusal)
    assert (found.code, found.params["reason"]) == (Code.NOT_CANONICAL, "duplicate-name")


def test_a_name_like_that_of_a_field_is_a_name() -> None:
    """Nothing is stated twice there."""
    assert not isinstance(read_track(b'{"id":"lat","lat":1,"lon":2,"speed_mps":0}'), Refusal)


def test_a_list_that_was_cut_short_is_no_whole_answer() -> None:
    """What stood behind the cut is not judged, so that the file has a refusal."""
    whole = json.dumps([GOOD, {**GOOD, "id": "B"}]).encode()
    read = read_tracks(io.BytesIO(whole[: whole.rindex(b"{")]))
    assert [track.id for track in read.tracks] == ["A"]
    assert [(item.place, item.code) for item in read.refused] == [(2, Code.NOT_JSON)]
    assert "has no end" in read.refused[0].sentence


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999"])
def test_what_is_no_number_is_named_as_that(number: bytes) -> None:
    """Not as broken syntax, which nobody would find."""
    found = read_track(json.dumps(GOOD).encode().replace(b"100", number))
    assert isinstance(found, Refusal)
    assert "NaN, infinite or too large" in sentence(found)


def test_what_belongs_in_a_field_is_said_in_words_for_tracks() -> None:
    """Degrees and metres, not the whole numbers of an entry; and which kind was wanted."""
    far = read_track(json.dumps({**GOOD, "lat": 91}).encode())
    assert isinstance(far, Refusal)
    assert "outside -90 to 90" in sentence(far)
    text = read_track(json.dumps({**GOOD, "speed_mps": "5"}).encode())
    assert isinstance(text, Refusal)
    assert (text.at, text.params) == ("/speed_mps", {"wanted": "number"})


def test_ground_is_a_place_without_a_number() -> None:
    """What a receiver calls ground stands on it."""
    (track,) = read_tracks(lines({**GOOD, "alt_m": "ground"})).tracks
    assert (track.ref, track.height_m) == (HeightRef.SFC, None)


def test_a_reference_given_for_all_leaves_what_is_stated() -> None:
    """The reference of the whole file counts only where a height states none."""
    read = read_tracks(lines(GOOD, {**GOOD, "id": "B", "alt_ref": "FL"}), ref=HeightRef.W84)
    assert [track.ref for track in read.tracks] == [HeightRef.W84, HeightRef.FL]


BAD = {
    "two heights": ({**GOOD, "alt_ft": 1}, Code.BAD_FIELD, "/alt_ft"),
    "two speeds": ({**GOOD, "speed_kt": 1}, Code.BAD_FIELD, "/speed_kt"),
    "two rates": ({**GOOD, "vs_fpm": 1}, Code.BAD_FIELD, "/vs_fpm"),
    "no speed": ({"id": "A", "lat": 1, "lon": 2}, Code.MISSING_FIELD, "/speed_mps"),
    "no course": ({"id": "A", "lat": 1, "lon": 2, "speed_mps": 4}, Code.MISSING_FIELD,
                  "/track_deg"),
    "negative speed": ({**GOOD, "speed_mps": -1}, Code.NUMBER_RANGE, "/speed_mps"),
    "latitude": ({**GOOD, "lat": 91}, Code.NUMBER_RANGE, "/lat"),
    "longitude": ({**GOOD, "lon": 181}, Code.NUMBER_RANGE, "/lon"),
    "word for a height": ({**GOOD, "alt_m": "high"}, Code.BAD_FIELD, "/alt_m"),
    "reference": ({**GOOD, "alt_ref": "QFE"}, Code.BAD_HEIGHT, "/alt_ref"),
    "naive time": ({**GOOD, "time": "2024-01-01T00:00:00"}, Code.NO_TIME_ZONE, "/time"),
    "no time": ({**GOOD, "time": "yesterday"}, Code.BAD_FIELD, "/time"),
    "far time": ({**GOOD, "time": "9999-12-31T00:00:00Z"}, Code.BAD_FIELD, "/time"),
    "long time": ({**GOOD, "time": "2024-01-01T00:00:00Z" + " " * 50}, Code.BAD_FIELD, "/time"),
    "unknown field": ({**GOOD, "alt": 4}, Code.UNKNOWN_FIELD, ""),
    "empty name": ({**GOOD, "id": ""}, Code.BAD_TEXT, "/id"),
    "turn": ({**GOOD, "turn_dps": 0}, Code.NUMBER_RANGE, "/turn_dps"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_records_are_refused_by_line_and_code_and_the_rest_is_taken(case: str) -> None:
    """A record that means nothing is refused where it stands; its neighbour is judged."""
    record, code, at = BAD[case]
    read = read_tracks(lines(record, {**GOOD, "id": "fine"}))
    assert [(item.place, item.code, item.at) for item in read.refused] == [(1, code, at)]
    assert [track.id for track in read.tracks] == ["fine"]


def test_nan_is_no_number() -> None:
    """JSON knows no NaN and no Infinity."""
    for word in (b"NaN", b"Infinity", b"1e999"):
        raw = json.dumps(GOOD).encode().replace(b'"lat": 1', b'"lat": ' + word)
        assert isinstance(read_track(raw), Refusal)


def test_the_second_of_a_name_is_refused() -> None:
    """Two tracks of one name could be one aircraft or two: the later is refused."""
    read = read_tracks(lines(GOOD, {**GOOD, "lat": 5}))
    assert [track.lat for track in read.tracks] == [1.0]
    assert [item.place for item in read.refused] == [2]


def test_a_report_of_another_hour_is_refused() -> None:
    """What is more than an hour from the newest report says nothing about now."""
    old = {**GOOD, "time": "2024-01-01T00:00:00Z"}
    new = {**GOOD, "id": "B", "time": "2024-01-01T01:00:01Z"}
    read = read_tracks(lines(old, new))
    assert [item.code for item in read.refused] == [Code.STALE]
    assert [track.id for track in read.tracks] == ["B"]


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_bytes_never_raise(raw: bytes) -> None:
    """Whatever is sent is taken or refused."""
    read = read_tracks(io.BytesIO(raw))
    assert read.tracks or read.refused


@given(st.dictionaries(st.sampled_from([*GOOD, "time", "alt_ft", "turn_dps", "alt_ref"]),
                       st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=8),
                                 st.integers())))  # fmt: skip
def test_fields_never_raise(record: dict[str, object]) -> None:
    """Whatever the fields hold, the record is taken or refused."""
    assert read_track(json.dumps(record).encode())
