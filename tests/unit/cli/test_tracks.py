"""clearline tracks as a person calls it."""

import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from clearline.cli.main import build
from clearline.model.time import Instant, format_utc
from tests.plan_cases import ROOT, circle, document, picture_bytes, raw

EAST = {"id": "A", "lat": 50, "lon": 179.9, "alt_m": 9000, "track_deg": 90, "speed_mps": 250,
        "vs_mps": 0}  # fmt: skip
WEST = {**EAST, "id": "B", "lon": -179.9, "track_deg": 270}
MINIMA = ("--lateral-m", "9260", "--vertical-m", "300", "--lookahead-s", "300")


def run(verb: str, *arguments: object, stdin: bytes = b""):
    words = ["tracks", verb, *map(str, arguments)]
    return CliRunner().invoke(build(words), words, input=stdin)


def ndjson(*records: dict[str, object]) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


def test_pairs_are_a_list_with_both_names_times_and_distances() -> None:
    """Two that meet head on across 180 degrees."""
    for text in (ndjson(EAST, WEST), json.dumps([EAST, WEST]).encode()):
        answer = run("pairs", "-", *MINIMA, "--json", stdin=text)
        (pair,) = json.loads(answer.stdout)
        assert answer.exit_code == 1
        assert ({pair["a"], pair["b"]}, pair["verdict"]) == ({"A", "B"}, "YES")
        assert 0 < pair["entry_s"] < pair["closest_s"] < pair["exit_s"]
        assert pair["lateral_closest_m"] < 1 < pair["lateral_now_m"]


EXAMPLES = ROOT / "examples" / "tracks"
ROWS = re.findall(r"\| `clearline (tracks [^`]*)` \| (\d) \|", (EXAMPLES / "README.md").read_text())


@pytest.mark.parametrize(("line", "code"), ROWS)
def test_examples_exit_as_their_page_says(
    line: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of the page, where it stands, in words and as JSON."""
    monkeypatch.chdir(EXAMPLES)
    _, verb, *rest = line.split()
    spoken = run(verb, *rest)
    assert spoken.exit_code == int(code), spoken.output
    printed = run(verb, *rest, "--json")
    assert printed.exit_code == int(code)
    assert isinstance(json.loads(printed.stdout), list)


def test_examples_are_of_every_exit() -> None:
    """So that the page above is read at all."""
    assert {code for _, code in ROWS} == set("0123")


def test_volumes_say_as_of_when_they_were_judged() -> None:
    """A window that is over holds nothing: whoever reads that must know by which clock."""
    notices = EXAMPLES.parent / "check" / "notices.ndjson"
    found = run("volumes", EXAMPLES / "tracks.ndjson", "--against", notices)
    assert "at 2026-03-01T06:00:00Z" in found.stdout.splitlines()[-1]


EXITS = {
    "none": ((EAST, {**WEST, "alt_m": 5000}), 0),
    "loss": ((EAST, WEST), 1),
    "refused": ((EAST, WEST, {**EAST, "lat": 99, "id": "C"}), 2),
    "open": ((EAST, {**WEST, "alt_m": None}), 3),
}


@pytest.mark.parametrize("case", EXITS)
def test_exits_are_those_of_a_check(case: str) -> None:
    """2 refused, 1 loss, 3 not ruled out, 0 none; in words and as JSON."""
    records, expected = EXITS[case]
    for how in ((), ("--json",)):
        answer = run("pairs", "-", *MINIMA, *how, stdin=ndjson(*records))
        assert answer.exit_code == expected, answer.output


def test_refused_records_are_told_beside_the_list() -> None:
    """Line, code and sentence on standard error; the rest is judged."""
    answer = run("pairs", "-", *MINIMA, "--json", stdin=ndjson(EAST, {**WEST, "lon": 200}, WEST))
    told = json.loads(answer.stderr.splitlines()[0])["refused"]
    assert (told["place"], told["code"], told["at"]) == (2, "number-range", "/lon")
    assert len(json.loads(answer.stdout)) == 1


@pytest.mark.parametrize(
    "wrong", [("--lateral-m", "0"), ("--vertical-m", "nan"), ("--lookahead-s", "1e9"),
              ("--alt-ref", "QFE"), ("--at", "noon")]
)  # fmt: skip
def test_minima_that_mean_nothing_are_said(wrong: tuple[str, str]) -> None:
    """An option out of range ends with 2 and says which."""
    answer = run("pairs", "-", *MINIMA, *wrong, stdin=ndjson(EAST))
    assert answer.exit_code == 2
    assert wrong[0] in answer.stderr


@pytest.fixture
def notices(tmp_path):
    """One disc of 10 km around 50 N 179.99 W, unbounded in height and time."""
    path = tmp_path / "notices.ndjson"
    path.write_bytes(raw({"id": "zone", "volume": circle(50, -179.99, 10_000)}))
    return path


def test_tracks_come_into_notices(notices) -> None:
    """One is in now and is told the way out, the other comes in."""
    answer = run("volumes", "-", "--against", notices, "--alt-ref", "W84", "--json",
                 "--at", "2018-09-17T18:39:00Z", stdin=ndjson(EAST, WEST))  # fmt: skip
    stays = {stay["track"]: stay for stay in json.loads(answer.stdout)}
    assert answer.exit_code == 1, answer.output
    assert {stay["volume"] for stay in stays.values()} == {"zone"}
    inside, coming = stays["A"], stays["B"]
    assert (inside["enter_s"], inside["verdict"]) == (0.0, "YES")
    assert inside["way_out"]["minutes"] > 0
    assert coming["enter_s"] == 0.0 or coming["way_out"] is None
    spoken = run("volumes", "-", "--against", notices, stdin=ndjson(EAST, WEST))
    assert "nearest edge" in spoken.stdout


def test_no_notices_means_no_stays(tmp_path) -> None:
    """A far away disc is entered by nobody, and the exit says none."""
    path = tmp_path / "far.ndjson"
    path.write_bytes(raw({"id": "far", "volume": circle(-50, 0, 1_000)}))
    answer = run("volumes", "-", "--against", path, "--json", stdin=ndjson(EAST))
    assert (answer.exit_code, json.loads(answer.stdout)) == (0, [])


def test_an_empty_file_of_notices_is_refused(tmp_path) -> None:
    """Nothing notified is something else than nothing to read."""
    path = tmp_path / "empty.ndjson"
    path.write_bytes(b"")
    assert run("volumes", "-", "--against", path, "--json", stdin=ndjson(EAST)).exit_code == 2


def test_a_signed_picture_is_taken(tmp_path) -> None:
    """The live notices of a picture are what tracks are held against, at its own time."""
    path = tmp_path / "picture.json"
    path.write_bytes(picture_bytes())
    (notice,) = document().live[:1]
    disc = notice.volumes[0].footprint
    here = {**EAST, "lat": disc.centre.lat, "lon": disc.centre.lon, "alt_m": None}
    middle = (notice.volumes[0].start + notice.volumes[0].end) // 2
    answer = run("volumes", "-", "--against", path, "--json",
                 "--at", format_utc(Instant(middle)), stdin=ndjson(here))  # fmt: skip
    assert answer.exit_code in (1, 3), answer.output
    assert json.loads(answer.stdout)[0]["enter_s"] == 0.0


def test_a_file_that_is_not_there_is_no_loss() -> None:
    """Exit 1 would say that tracks come too near each other."""
    assert run("pairs", "/nowhere/tracks.json", *MINIMA).exit_code == 2


def test_tracks_open_no_socket() -> None:
    """Neither verb loads a server, a store or a socket."""
    code = (
        "import sys, clearline.cli.tracks\n"
        "print([m for m in ('socket', 'apsw', 'litestar', 'asyncio') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "apsw" not in answer.stdout
    assert "litestar" not in answer.stdout
