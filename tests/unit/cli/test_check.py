"""clearline check as a person calls it: exits, streams, options, and not one socket."""

import io
import json
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from clearline.cli import check as verb
from clearline.cli import check_run
from clearline.cli.check_run import Running, Watched
from clearline.cli.main import build
from clearline.conflict.fast import kept
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


class Interrupted(io.BytesIO):
    """A file in whose reading Ctrl-C is pressed, at the given lines; once by itself, or within the
    reading of what comes after them."""

    def __init__(self, raw: bytes, at: tuple[int, ...], running: list[Running] | None = None):
        super().__init__(raw)
        self.lines, self.at, self.running = 0, at, running

    def readline(self, limit: int = -1, /) -> bytes:
        """The next line."""
        self.lines += 1
        if self.lines in self.at:
            if self.running is not None:  # as if between two lines
                self.running[0]._waits = False
            signal.raise_signal(signal.SIGINT)
        return super().readline(limit)


def many(count: int) -> bytes:
    """Lines of which each meets the notice of the example."""
    return (raw({"id": "x", "volume": circle(35.6, 35.7, 100)}) + b"\n") * count


@pytest.mark.parametrize("between", [True, False])
def test_ctrl_c_answers_what_was_read(between, monkeypatch) -> None:
    """While it waits for a line, and while it judges: one sentence, its own exit, no stack; and
    what was read so far is answered."""
    made: list[Running] = []
    monkeypatch.setattr(verb, "Running", lambda: made.append(Running()) or made[0])
    source = Interrupted(many(3_000), (2_501,), made if between else None)
    opened = {"plan": source}
    monkeypatch.setattr(verb, "_open", lambda path: opened.get(str(path)) or path.open("rb"))
    monkeypatch.setattr(verb, "_size", lambda _file, path: float(len(str(path)) < 6) * 1e9)
    before = signal.getsignal(signal.SIGINT)
    found = run("plan", "--against", NOTICES, "--json")
    assert signal.getsignal(signal.SIGINT) is before
    answer = json.loads(found.stdout)
    read = 2_501 if between else 2_500
    assert (found.exit_code, answer["exit"], answer["plan"]["items"]) == (130, 130, read - between)
    assert answer["stopped"] == ["plan"]
    assert answer["findings_count"]["YES"] == answer["plan"]["items"]


def test_second_ctrl_c_ends_the_check_at_once(monkeypatch) -> None:
    """Nothing is answered then, and it says so; never with the exit of a conflict."""
    source = Interrupted(many(10), ())
    monkeypatch.setattr(verb, "_open", lambda p: source if str(p) == "plan" else p.open("rb"))
    monkeypatch.setattr(verb, "_size", lambda _file, path: float(len(str(path)) < 6) * 1e9)

    def twice(*_given: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("clearline.plan.batch.make_batch", twice)
    found = run("plan", "--against", NOTICES, "--json")
    assert (found.exit_code, found.stdout) == (130, "")
    assert found.stderr == "clearline: stopped; nothing is answered\n"


def test_check_says_how_far_it_is_once_it_takes_long(monkeypatch) -> None:
    """On a terminal: which source, a bar where its size is known, how many items."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    seconds = iter(range(1_000))
    monkeypatch.setattr(check_run.time, "monotonic", lambda: float(next(seconds)))
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    running = Running()
    known = Watched(io.BytesIO(b"a\n" * 4), 8.0, "plan", running)
    piped = Watched(io.BytesIO(b"b\n" * 4), float("inf"), "against", running)
    with running.until_stopped():
        for source in (known, piped):
            while source.readline():
                assert running.go_on()
    said = screen.getvalue()
    assert "plan: [####################....................]  50% 2 items" in said
    assert "against: 0.0 MB 4 items" in said
    assert said.endswith("\r\x1b[K")


@pytest.mark.parametrize(("size", "head"), [(8.0, "plan: [##"), (float("inf"), "plan: 0.0 MB")])
def test_long_work_without_a_compiler_says_why_it_is_slow(monkeypatch, size, head) -> None:
    """Whoever waits is told that numba is not used; with numba nothing is said of it."""
    plan = Watched(io.BytesIO(b"a\n" * 4), size, "plan", Running())
    plan.readline()
    monkeypatch.setattr(kept, "numba_version", lambda: "1")
    assert plan.so_far().startswith(head)
    assert "numba" not in plan.so_far()
    monkeypatch.setattr(kept, "numba_version", lambda: None)
    assert plan.so_far().startswith(head)
    assert plan.so_far().endswith(" (slower: numba is not used)")
