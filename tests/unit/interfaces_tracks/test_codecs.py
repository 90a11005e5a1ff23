"""What brings tracks is never believed and never raises: each codec, on anything."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from clearline.interfaces.tracks.lines import LINE_BYTES_MAX, Splitter, read_lines
from clearline.interfaces.tracks.readsb import read_aircraft
from clearline.model.refusal import Code
from clearline.model.space import HeightRef
from clearline.model.time import Instant
from clearline.node.live.book import check_sighting

NOW = Instant(1_772_323_200_000)
NUMBERS = st.one_of(
    st.floats(), st.integers(), st.text(max_size=5), st.none(), st.just("ground"), st.booleans()
)
FIELDS = ("lat", "lon", "seen_pos", "alt_baro", "alt_geom", "gs", "track", "baro_rate", "hex",
          "flight", "geom_rate")  # fmt: skip
TRACK = ("id", "lat", "lon", "track_deg", "speed_mps", "speed_kt", "alt_m", "alt_ft", "alt_ref",
         "vs_mps", "time", "turn_dps")  # fmt: skip


@given(st.binary(max_size=300))
def test_any_bytes_are_sightings_or_refusals(raw: bytes) -> None:
    """Neither codec raises, and whatever it takes is within its limits."""
    found = [*read_lines([raw], "s", NOW).sightings, *read_aircraft(raw, "s").sightings]
    assert [seen for seen in found if check_sighting(seen) is not None] == []


@given(st.dictionaries(st.sampled_from(FIELDS), NUMBERS))
def test_any_aircraft_is_taken_within_limits_or_refused(fields: dict[str, object]) -> None:
    """Infinite, negative, of the wrong kind: one aircraft is judged, the next one is still read."""
    good = {"hex": "4ca123", "lat": 1, "lon": 2}
    raw = json.dumps({"now": NOW / 1000, "aircraft": [fields, good]}).encode()
    read = read_aircraft(raw, "s")
    if not any(isinstance(v, float) and not math.isfinite(v) for v in fields.values()):
        assert read.sightings[-1].id == "4ca123"
    assert [seen for seen in read.sightings if check_sighting(seen) is not None] == []


@given(st.dictionaries(st.sampled_from(TRACK), NUMBERS))
def test_any_record_is_taken_within_limits_or_refused(fields: dict[str, object]) -> None:
    """A line is one sighting or one refusal, never both, never neither."""
    read = read_lines([json.dumps(fields).encode()], "s", NOW)
    assert len(read.sightings) + read.refused == 1
    assert [seen for seen in read.sightings if check_sighting(seen) is not None] == []


@given(st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b" "))), st.data())
def test_lines_are_whole_however_they_are_cut(lines: list[bytes], data: st.DataObject) -> None:
    """Bytes that come in any pieces give the same lines."""
    raw = b"".join(line + b"\n" for line in lines)
    splitter, found = Splitter(), list[bytes]()
    while raw:
        n = data.draw(st.integers(1, len(raw)))
        found += splitter.feed(raw[:n])
        raw = raw[n:]
    assert found == [line for line in lines if line]


def test_line_without_end_is_refused_once_and_takes_no_memory() -> None:
    """A megabyte without a line break is one refusal; the line after it is read."""
    splitter, lines = Splitter(), list[bytes]()
    for _ in range(1_000):
        lines += splitter.feed(b"x" * 1_000)
    lines += splitter.feed(b'end\n{"id":"a","lat":1,"lon":2,"speed_mps":0}\n')
    read = read_lines(lines, "s", NOW)
    assert (len(read.sightings), read.refused) == (1, 1)
    assert read.first is not None
    assert read.first.code is Code.TOO_LARGE
    assert sum(map(len, lines)) < 2 * LINE_BYTES_MAX


def test_heights_of_readsb_say_what_they_are_measured_from() -> None:
    """Geometric height is above the ellipsoid, the other is a level, "ground" is the ground."""
    raw = json.dumps({"now": NOW / 1000, "aircraft": [
        {"hex": "a", "lat": 1, "lon": 2, "alt_geom": 1000, "alt_baro": 900, "geom_rate": 60},
        {"hex": "b", "lat": 1, "lon": 2, "alt_baro": 35000, "gs": 100, "track": 361},
        {"hex": "c", "lat": 1, "lon": 2, "alt_baro": "ground", "seen_pos": 2.5},
        {"hex": "d", "lat": 1, "lon": 2, "alt_baro": "?"},
    ]}).encode()  # fmt: skip
    a, b, c, d = read_aircraft(raw, "s").sightings[0], *read_aircraft(raw, "s").sightings[1:], None
    assert (a.ref, round(a.height_m or 0, 1)) == (HeightRef.W84, 304.8)
    assert a.climb_mps is not None
    assert round(a.climb_mps, 4) == 0.3048
    assert (b.id, b.ref, b.at) == ("c", HeightRef.SFC, NOW - 2_500)
    assert (c.id, c.height_m, c.ref) == ("d", None, None)
    assert d is None
    assert read_aircraft(raw, "s").refused == 1
