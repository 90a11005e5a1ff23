"""Volumes and tracks that mean nothing, on the command line and in the library: each is refused
with a reason and the rest is judged; none is a silent "no conflict", none an exception."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import inf, nan

import pytest
from msgspec import structs
from typer.testing import CliRunner

from clearline.cli.main import build
from clearline.conflict.fast.index import Answer
from clearline.conflict.tracks.live import track_pairs, track_stays
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.track import Track
from clearline.conflict.tracks.volumes import Volumes
from clearline.conflict.verdict import Extent
from clearline.engine import Engine
from clearline.model.finding import Verdict
from clearline.model.limits import VERTICES_MAX
from clearline.model.refusal import Code
from clearline.model.space import Disc, Edge, Height, HeightRef, LatLon, Polygon, Volume
from clearline.model.time import Instant
from tests.conflict_cases import HOUR, NOON, disc, extent, fl
from tests.conflict_oracle import place
from tests.plan_cases import circle, height, item, polygon, raw

GOOD = item(circle(50.0, 8.0, 1_000.0))


def many(count: int) -> list[tuple[float, float]]:
    """A ring of so many corners around 50 N 8 E, half a degree wide."""
    side = count // 4
    steps = [k / side for k in range(side)]
    return [
        *((49.75, 7.75 + 0.5 * s) for s in steps), *((49.75 + 0.5 * s, 8.25) for s in steps),
        *((50.25, 8.25 - 0.5 * s) for s in steps), *((50.25 - 0.5 * s, 7.75) for s in steps),
    ]  # fmt: skip


RINGS = {
    "no area": ([(50, 8), (51, 8), (52, 8)], "CL-GEO-009"),
    "one place only": ([(50, 8), (50, 8), (50, 8)], "CL-GEO-005"),
    "crosses itself": ([(50, 8), (51, 9), (51, 8), (50, 9)], "CL-GEO-008"),
    "latitude out of range": ([(50, 8), (91, 8), (50, 9)], "CL-GEO-001"),
    "longitude out of range": ([(50, 8), (50, 181), (51, 9)], "CL-GEO-001"),
    "repeated corner": ([(50, 8), (50, 9), (50, 9), (51, 9)], "CL-GEO-005"),
    "100,000 corners": (many(100_000), "CL-GEO-004"),
    "round the earth": ([(0, 0), (0, 120), (0, -120)], "CL-GEO-006"),
    "over a hemisphere": (
        [(0, 0), (30, 60), (0, 120), (-30, 180), (0, -120), (30, -60)], "CL-GEO-007",
    ),
}  # fmt: skip


def run(*words: str, stdin: bytes):
    return CliRunner().invoke(build(list(words)), list(words), input=stdin)


def polygon_of(corners: list[tuple[float, float]]) -> Volume:
    ring = tuple(LatLon(round(lat * 1e7), round(lon * 1e7)) for lat, lon in corners)
    return extent(Polygon(outer=ring, edge=Edge.GEODESIC)).volume


@pytest.mark.parametrize("case", RINGS)
@pytest.mark.parametrize("side", ["plan", "notices"])
def test_a_ring_that_means_nothing_is_refused_by_the_command(
    case: str, side: str, tmp_path
) -> None:
    """Whichever side it stands on: exit 2, its line and clause; the good item beside it is judged
    and its conflict found."""
    corners, clause = RINGS[case]
    bad = raw({**item(polygon(*corners)), "id": "bad"}) + b"\n"
    good, path = raw({**GOOD, "id": "good"}) + b"\n", tmp_path / "other.ndjson"
    ours, theirs = (bad + good, good) if side == "plan" else (good, bad + good)
    path.write_bytes(theirs)
    answer = run("check", "-", "--against", str(path), "--json", stdin=ours)
    assert answer.exit_code == 2, answer.output
    told = json.loads(answer.stdout)
    (refused,) = told["refused"]
    read = "CL-PLN-003" if len(corners) > VERTICES_MAX else clause  # not even read any further
    assert (refused["place"], refused["clause"]) == (1, read)
    assert told["conflicts"] if "conflicts" in told else told["findings"]


@pytest.mark.parametrize("case", RINGS)
def test_a_ring_that_means_nothing_is_refused_by_the_library(case: str) -> None:
    """The same reason as a value; what was held is held, and no answer says that nothing meets."""
    corners, clause = RINGS[case]
    with Engine() as engine:
        assert engine.insert("good", [extent(disc(50, 8, 1_000)).volume]) == ()
        for answer in (
            engine.insert("good", [polygon_of(corners)]),
            engine.check([polygon_of(corners)]),
            engine.check_many([([polygon_of(corners)], "")])[0],
        ):
            assert isinstance(answer, tuple)
            assert clause in {refusal.clause for refusal in answer}
        after = engine.check([extent(disc(50, 8, 1_000)).volume])
        assert isinstance(after, Answer)
        assert after.verdict is Verdict.YES


HEIGHTS = ["NaN", "Infinity", "-Infinity", "1e999", "9e30", '"high"', "null"]


@pytest.mark.parametrize("number", HEIGHTS)
def test_a_height_without_end_is_refused_by_the_command(number: str, tmp_path) -> None:
    """NaN, infinities and what overflows are no heights: exit 2, never an empty band."""
    path = tmp_path / "notices.ndjson"
    path.write_bytes(raw(GOOD))
    bad = raw(item(circle(50.0, 8.0, 1_000.0), upper=height(777))).replace(b"777", number.encode())
    answer = run("check", "-", "--against", str(path), "--json", stdin=bad)
    assert answer.exit_code == 2, answer.output
    assert len(json.loads(answer.stdout)["refused"]) == 1


@pytest.mark.parametrize("mm", [10**30, -(10**30), 10**10])
def test_a_height_beyond_all_is_refused_by_the_library(mm: int) -> None:
    """Heights are whole millimetres: what is too large for any is refused before it is computed."""
    made = extent(disc(50, 8, 1_000)).volume
    wrong = structs.replace(made, upper=Height(ref=HeightRef.W84, mm=mm))
    assert Engine().check([wrong])[0].clause == "CL-HGT-002"


@pytest.mark.parametrize("turned", ["window", "band", "radius"])
def test_what_is_inside_out_is_refused_in_both_ways(turned: str, tmp_path) -> None:
    """A window that ends before it starts, a band whose top is below its bottom, a radius below
    nought."""
    made = extent(disc(50, 8, 1_000), fl(100), fl(200)).volume
    item_, library, clause = {
        "window": (
            item(circle(50, 8, 1_000), start="2026-03-01T09:00:00Z"),
            structs.replace(made, start=Instant(NOON + HOUR), end=Instant(NOON)),
            "CL-WIN-002",
        ),
        "band": (
            item(circle(50, 8, 1_000), lower=height(2_000)),
            structs.replace(made, lower=fl(200), upper=fl(100)),
            "CL-HGT-005",
        ),
        "radius": (
            item(circle(50, 8, -1)),
            structs.replace(made, footprint=Disc(centre=place(50, 8), radius_mm=-1)),
            "CL-GEO-002",
        ),
    }[turned]
    path = tmp_path / "notices.ndjson"
    path.write_bytes(raw(GOOD))
    answer = run("check", "-", "--against", str(path), "--json", stdin=raw(item_))
    assert answer.exit_code == 2, answer.output
    assert json.loads(answer.stdout)["refused"][0]["clause"] == clause
    assert [refusal.clause for refusal in Engine().check([library])] == [clause]


TRACK = Track(id="A", lat=50.0, lon=8.0, course_deg=90.0, speed_mps=100.0, height_m=500.0)
Wrong = Callable[[Track], Track]
TRACKS: dict[str, tuple[dict[str, object], Wrong, Code]] = {
    "no speed": ({"speed_mps": None}, lambda t: replace(t, speed_mps=nan), Code.NUMBER_RANGE),
    "endless speed": ({"speed_mps": 1e300}, lambda t: replace(t, speed_mps=inf), Code.NUMBER_RANGE),
    "no course": ({"track_deg": None}, lambda t: replace(t, course_deg=None), Code.MISSING_FIELD),
    "endless height": ({"alt_m": 1e300}, lambda t: replace(t, height_m=inf), Code.NUMBER_RANGE),
    "no number for a height": ({"alt_m": "nan"}, lambda t: replace(t, height_m=nan),
                               Code.NUMBER_RANGE),
    "off the earth": ({"lat": 90.1}, lambda t: replace(t, lat=90.1), Code.NUMBER_RANGE),
    "endless climb": ({"vs_mps": 1e9}, lambda t: replace(t, climb_mps=inf), Code.NUMBER_RANGE),
}  # fmt: skip


@pytest.mark.parametrize("case", TRACKS)
def test_a_track_that_means_nothing_is_refused_in_both_ways(case: str, tmp_path) -> None:
    """The command ends with 2 and judges the two others; the library says which and why, and has
    found the pair of the others; against volumes the same."""
    fields, wrong, code = TRACKS[case]
    base = {"lat": 50.0, "lon": 8.0, "track_deg": 90.0, "speed_mps": 100.0, "alt_m": 500.0}
    records = [{"id": "bad", **base, **fields}, {"id": "A", **base}, {"id": "B", **base}]
    kept = [{k: v for k, v in record.items() if v is not None} for record in records]
    ndjson = b"\n".join(json.dumps(record).encode() for record in kept)
    minima = ("--lateral-m", "900", "--vertical-m", "90", "--lookahead-s", "60", "--json")
    answer = run("tracks", "pairs", "-", *minima, stdin=ndjson)
    assert answer.exit_code == 2, answer.output
    assert len(json.loads(answer.stdout)) == 1
    path = tmp_path / "notices.ndjson"
    path.write_bytes(raw({"id": "zone", "volume": circle(50, 8, 10_000)}))
    answer = run("tracks", "volumes", "-", "--against", str(path), "--json", stdin=ndjson)
    assert answer.exit_code == 2, answer.output
    assert {stay["track"] for stay in json.loads(answer.stdout)} == {"A", "B"}

    tracks = [wrong(replace(TRACK, id="bad")), TRACK, replace(TRACK, id="B")]
    found = track_pairs(tracks, Minima(lateral_m=900.0, vertical_m=90.0, lookahead_s=60.0))
    assert [(one.place, one.refusal.code) for one in found.refused] == [(0, code)]
    assert [(pair.a, pair.b) for pair in found.pairs] == [("A", "B")]
    volumes = Volumes.of(["zone"], [Extent(volume=extent(disc(50, 8, 10_000)).volume)])
    stays = track_stays(tracks, volumes, 60.0, Instant(NOON))
    assert [one.refusal.code for one in stays.refused] == [code]
    assert {stay.track for stay in stays.stays} == {"A", "B"}


@pytest.mark.parametrize("number", [0.0, -1.0, nan, inf, 1e300])
@pytest.mark.parametrize("which", ["lateral_m", "vertical_m", "lookahead_s"])
def test_minima_that_mean_nothing_are_refused(which: str, number: float) -> None:
    """No minimum and no look-ahead of nought or without end: a refusal, not an empty answer."""
    minima = replace(Minima(lateral_m=900.0, vertical_m=90.0, lookahead_s=60.0), **{which: number})
    found = track_pairs([TRACK], minima)
    assert (found.code, found.at) == (Code.NUMBER_RANGE, f"/{which}")
