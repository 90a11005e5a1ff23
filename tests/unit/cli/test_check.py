"""clearline check as a person calls it: exits, streams, options, and not one socket."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from clearline.cli.main import build
from clearline.model.time import Instant, format_utc
from tests.plan_cases import EXAMPLES, circle, document, item, picture, picture_bytes, raw

NOTICES = EXAMPLES / "notices.ndjson"


def run(*arguments: object, stdin: bytes = b""):
    words = ["check", *map(str, arguments)]
    return CliRunner().invoke(build(words), words, input=stdin)


@pytest.fixture
def files(tmp_path):
    """A plan that meets the picture's notice, one that does not, and the picture."""
    meets = {"id": "x", "class": "air-movement", "volume": circle(35.6, 35.7, 100)}
    far = {"id": "y", "class": "air-movement", "volume": circle(-35, -35, 100)}
    (tmp_path / "meets.json").write_bytes(raw(meets))
    (tmp_path / "far.json").write_bytes(raw(far))
    (tmp_path / "picture.json").write_bytes(picture_bytes())
    (tmp_path / "line.json").write_text(document().agreements[0])
    return tmp_path


AT = format_utc(document().at)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("exit-*")), ids=lambda path: path.name)
def test_check_exits_as_the_example_says(path) -> None:
    """In words and as JSON."""
    expected = int(path.name.split("-")[1])
    spoken = run(path, "--against", NOTICES)
    assert spoken.exit_code == expected, spoken.output
    assert f"(exit {expected})" in spoken.output
    assert "A notice gives no permission" in spoken.output
    printed = run(path, "--against", NOTICES, "--json")
    assert printed.exit_code == expected
    assert json.loads(printed.stdout)["exit"] == expected


def test_check_reads_either_side_from_standard_input() -> None:
    """But not both."""
    path = EXAMPLES / "exit-1-conflict.json"
    expected = json.loads(run(path, "--against", NOTICES, "--json").stdout)
    for plan, notices, stdin in (("-", NOTICES, path), (path, "-", NOTICES)):
        found = run(plan, "--against", notices, "--json", stdin=stdin.read_bytes())
        answer = json.loads(found.stdout)
        assert (found.exit_code, answer["findings"]) == (1, expected["findings"])
    assert run("-", "--against", "-").exit_code == 2


def test_check_of_a_file_that_is_not_there_never_reads_as_a_conflict(files) -> None:
    """Exit 1 says conflict, so nothing else may."""
    assert run(files / "none.json", "--against", NOTICES).exit_code == 2
    assert run(files / "far.json", "--against", files / "none").exit_code == 2
    assert run(files / "far.json", "--against", files).exit_code == 2
    found = run(files / "far.json", "--against", NOTICES, "--agreement", files / "none")
    assert found.exit_code == 2


def test_check_says_as_of_when_a_picture_is(files) -> None:
    """And how many minutes old; --at judges the age at another time."""
    fresh = run(files / "far.json", "--against", files / "picture.json", "--at", AT)
    assert fresh.exit_code == 0, fresh.output
    assert f"as of {AT}, 0 minutes old" in fresh.output
    later = format_utc(Instant(document().at + 61 * 60_000))
    old = run(files / "far.json", "--against", files / "picture.json", "--at", later)
    assert old.exit_code == 3
    assert f"as of {AT}, 61 minutes old" in old.output
    assert "STALE" in old.output
    meets = run(files / "meets.json", "--against", files / "picture.json", "--at", later)
    assert meets.exit_code == 1
    assert (
        run(files / "far.json", "--against", files / "picture.json", "--at", "noon").exit_code == 2
    )


def test_check_holds_a_picture_to_the_expected_fingerprint_and_line(files) -> None:
    """A person's comparison, or the agreement that he holds."""
    base = (files / "far.json", "--against", files / "picture.json", "--at", AT)
    right = run(*base, "--expect-fingerprint", picture().fingerprint)
    assert right.exit_code == 0, right.output
    assert run(*base, "--expect-fingerprint", "12345").exit_code == 2
    assert run(*base, "--agreement", files / "line.json").exit_code == 0
    plain = run(files / "far.json", "--against", NOTICES, "--expect-fingerprint", "1")
    assert plain.exit_code == 2


def test_check_judges_notices_by_an_agreement(files) -> None:
    """With classes for those that state none."""
    (files / "box.json").write_bytes(raw(item(circle(35, 36, 5000))))
    later = item(circle(35, 36, 100), start="2026-03-01T07:01:00Z", end="2026-03-01T07:02:00Z")
    (files / "later.json").write_bytes(raw(later))
    base = (files / "later.json", "--against", files / "box.json")
    assert run(*base).exit_code == 0
    terms = ("--agreement", files / "line.json")
    classes = ("--class", "air-movement", "--notices-class", "hazardous-air")
    assert run(*base, *terms, *classes).exit_code == 1
    assert run(*base, *terms, "--class", "picnic").exit_code == 2


WATCHED = """
import socket, sys
events = []
sys.addaudithook(lambda name, args: events.append(name) if name.startswith("socket.") else None)
class Refuse(socket.socket):
    def __init__(self, *args, **kwargs):
        events.append("socket made")
        super().__init__(*args, **kwargs)
socket.socket = Refuse
from clearline.cli.main import main
try:
    main(sys.argv[1:])
finally:
    absent = ("apsw", "sqlite3", "ssl", "litestar", "uvicorn", "httpx2", "asyncio", "http.client")
    loaded = [name for name in absent if name in sys.modules]
    print(f"opened {events} loaded {loaded}", file=sys.stderr)
"""


@pytest.mark.parametrize("against", ["picture.json", None])
def test_check_opens_no_socket(files, against) -> None:
    """Neither the interpreter's audit events nor the socket class see one, and no server, database
    or TLS module is even loaded."""
    target = NOTICES if against is None else files / against
    command = [sys.executable, "-c", WATCHED, "check", files / "meets.json", "--against", target]
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, timeout=60, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    assert done.stderr.decode().splitlines()[-1] == "opened [] loaded []"


def test_the_watch_would_see_a_socket() -> None:
    """The test above can fail."""
    spoilt = WATCHED.replace("    main(sys.argv[1:])", "    socket.socket()")
    done = subprocess.run(
        [sys.executable, "-c", spoilt], capture_output=True, timeout=60, check=False
    )
    assert b"socket made" in done.stderr
    assert b"socket.__new__" in done.stderr


def test_check_shows_progress_only_on_a_terminal() -> None:
    """Nothing but the answer goes to a file or a pipe."""
    found = run(EXAMPLES / "exit-0-no-conflict.json", "--against", NOTICES)
    assert "[#" not in found.output
    assert "\r" not in found.output
