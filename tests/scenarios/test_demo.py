"""clearline demo, as a newcomer runs it: whole, in time, and gone without a trace."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from clearline.cli.demo import _Ended, _Stop
from clearline.cli.sandbox import ENDING

IN_TIME_S = 45
COMMAND = [sys.executable, "-m", "clearline", "demo"]


def environment(folder: Path) -> dict[str, str]:
    """Temporary folders go where the test can look at them."""
    return {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}


def nodes_of(folder: Path) -> list[int]:
    """Processes whose command line names the folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in words and b"clearline" in words:
                found.append(int(process.name))
    return found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The whole story, played once for all tests of this file."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [*COMMAND, "--once", "--json"], env=environment(folder), capture_output=True, text=True,
        timeout=IN_TIME_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == [], "no folder is left"
    assert nodes_of(folder) == [], "no process is left"
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def of(story: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """What happened of one kind."""
    return [told for told in story if told["kind"] == kind]


def test_every_notice_is_receipted_by_both_others(story: list[dict[str, Any]]) -> None:
    """Notices of all three parties, each with the receipts of the two others."""
    refs = {told["ref"]: told["by"] for told in of(story, "notice") + of(story, "amend")}
    assert {"AID", "NORTH", "SOUTH"} == set(refs.values())
    for ref, author in refs.items():
        by = {told["party"] for told in of(story, "receipt") if told["ref"] == ref}
        assert {"AID", "NORTH", "SOUTH"} - {author} == by


def test_standing_is_told_in_words_with_its_not_told_count(story: list[dict[str, Any]]) -> None:
    """DECONFLICTED, then CONFLICTED, then DECONFLICTED again; never without who was not told."""
    standings = of(story, "standing")
    assert all({"standing", "not_told", "received_by", "text"} <= told.keys() for told in standings)
    convoy = of(story, "notice")[0]["ref"]
    stood = [told["standing"] for told in standings if told["ref"] == convoy]
    assert ["DECONFLICTED", "CONFLICTED", "DECONFLICTED"] == stood
    assert [1, 0] == [told["not_told"] for told in standings if told["ref"] == convoy][::2]


def test_hazard_at_fl150_over_the_convoy_is_found_by_both_nodes(
    story: list[dict[str, Any]],
) -> None:
    """Each by itself, from the same record, within a minute of the story's beginning."""
    found = of(story, "conflict")
    assert [("AID", "YES"), ("NORTH", "YES")] == [(told["by"], told["verdict"]) for told in found]
    assert (exposed := of(story, "exposed"))
    assert exposed[0]["minutes_needed"] > 0


def test_alarm_rings_is_taken_and_stays_due_until_it_is_answered(
    story: list[dict[str, Any]],
) -> None:
    """A ring at the coordinator's desk, a person who takes it, a duty, two answers."""
    kinds = [told["kind"] for told in story]
    assert "conflict" in [told["alert"] for told in of(story, "alarm")]
    assert kinds.index("alarm") < kinds.index("acknowledged") < kinds.index("answer")
    assert of(story, "duty")
    answers = [(told["party"], told["reply"]) for told in of(story, "answer")]
    assert [("AID", "OBJECT"), ("SOUTH", "ROGER")] == answers


def test_each_party_has_a_console_and_a_link_that_signs_in_once(
    story: list[dict[str, Any]],
) -> None:
    """One address each, with a code of its own, before anything else happens."""
    consoles = of(story, "console")
    assert {"AID", "NORTH", "SOUTH"} == {told["by"] for told in consoles}
    assert story[: len(consoles)] == consoles
    codes = [told["url"].partition("/console/#link=")[2] for told in consoles]
    assert len(set(codes)) == 3
    assert all(len(code) == 32 for code in codes)


def test_late_notice_goes_out_and_says_by_how_much(story: list[dict[str, Any]]) -> None:
    """FM01: 22 hours short at both receivers; nothing kept it from going."""
    late = of(story, "late")
    assert {"AID", "NORTH"} == {told["party"] for told in late}
    assert all(22 * 3600 - 120 < told["shortfall_s"] <= 22 * 3600 for told in late)


def test_demo_stops_by_ctrl_c_and_leaves_nothing(tmp_path: Path) -> None:
    """SIGINT in the middle of the story: exit 0, no process, no folder."""
    with subprocess.Popen(
        COMMAND, env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as demo:  # fmt: skip
        try:
            assert demo.stdout is not None
            for line in demo.stdout:
                if " notice " in line:
                    break
            assert len(nodes_of(tmp_path)) == 3, "three parties, three processes"
            demo.send_signal(signal.SIGINT)
            said, wrong = demo.communicate(timeout=IN_TIME_S)
        finally:
            demo.kill()
            demo.wait()
    assert demo.returncode == 0, wrong
    assert "no node runs any more" in said
    assert "Traceback" not in wrong
    assert list(tmp_path.iterdir()) == []
    assert nodes_of(tmp_path) == []


@pytest.mark.parametrize("again", [signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("nodes", [0, 1, 3])
def test_demo_stops_while_it_is_starting_and_asked_twice(
    tmp_path: Path, nodes: int, again: signal.Signals
) -> None:
    """Ctrl-C as its parts load, as the first node starts, as all do; and at once another, or the
    terminal is closed: no stack of calls, no process, no folder, and where the record was."""
    with subprocess.Popen(
        COMMAND, env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as demo:  # fmt: skip
        try:
            given_up = monotonic() + IN_TIME_S
            while not (is_loading(demo.pid) if nodes == 0 else len(nodes_of(tmp_path)) >= nodes):
                assert demo.poll() is None
                assert monotonic() < given_up
            for number in (signal.SIGINT, again):
                demo.send_signal(number)
            said, wrong = demo.communicate(timeout=IN_TIME_S)
        finally:
            demo.kill()
            demo.wait()
    assert "Traceback" not in wrong
    assert list(tmp_path.iterdir()) == []
    assert nodes_of(tmp_path) == []
    if nodes > 0:
        assert demo.returncode == 0, wrong
        assert f"The record was in {tmp_path}" in said


def test_end_that_is_asked_for_is_lost_in_nothing_that_takes_every_fault_for_an_answer() -> None:
    """A signal comes at any moment, also while a library asks whether this is a terminal."""
    before = {number: signal.getsignal(number) for number in ENDING}
    stop = _Stop()
    try:
        with pytest.raises(_Ended), stop.heeded(), suppress(Exception):
            signal.raise_signal(signal.SIGINT)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def is_loading(pid: int) -> bool:
    """Whether a process has begun to load the command line."""
    return "/pydantic_core/" in maps(pid) or "/msgspec/" in maps(pid)


def maps(pid: int) -> str:
    """The files that a process has in its memory."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/maps").read_text()
    return ""


def test_sandbox_is_kept_with_fixed_tokens(tmp_path: Path) -> None:
    """--keep: addresses, tokens and examples are told; a node answers to them; Ctrl-C leaves the
    folder and no process."""
    with subprocess.Popen(
        [*COMMAND, "--keep", "--scene", "0"], env=environment(tmp_path), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as demo:  # fmt: skip
        try:
            assert demo.stdout is not None
            said = ""
            for line in demo.stdout:
                said += line
                if line.startswith("Run it again"):
                    break
            url = next(
                line.split()[1] for line in said.splitlines() if line.startswith("  AID: http")
            )
            bearer = {"Authorization": "Bearer clt_sandbox_aid_watch"}
            for path in ("/v1/board", "/openapi.json"):
                request = urllib.request.Request(f"{url}{path}", headers=bearer)
                with urllib.request.urlopen(request, timeout=10) as answer:
                    assert answer.status == 200
                assert f"{url}{path}" in said
            demo.send_signal(signal.SIGINT)
            _, wrong = demo.communicate(timeout=IN_TIME_S)
        finally:
            demo.kill()
            demo.wait()
    assert demo.returncode == 0, wrong
    (folder,) = tmp_path.iterdir()
    assert (folder / "nodes" / "aid" / "node.toml").is_file()
    assert nodes_of(tmp_path) == []
