import asyncio
import json
import os
import select
import sys
from pathlib import Path

import pytest

from clearline.channels import open_channel
from clearline.channels.command import ENVIRONMENT
from clearline.channels.payload import as_json
from clearline.node.channel import Call, Delivered, Failed
from tests.alert_cases import call_of, stop

GIVE_UP_MS = 60_000
"""Far more than a process needs to die once it was killed."""


def run(
    script: str, *arguments: str, call: Call | None = None, timeout_s: float = 20.0
) -> Delivered | Failed:
    """Deliver a call to a Python program."""
    channel = open_channel(
        "command",
        {
            "argv": [sys.executable, "-I", "-c", script, *arguments],
            "enabled": True,
            "timeout_s": timeout_s,
        },
    )
    return asyncio.run(channel.deliver(call or call_of(stop())))


KEEP = (
    "import json, os, sys; data = sys.stdin.buffer.read();"
    "open(sys.argv[1], 'w').write(json.dumps([sys.argv[1:], dict(os.environ), data.decode()]))"
)


def test_program_gets_the_payload_on_stdin(tmp_path: Path) -> None:
    """One line of JSON, its fixed arguments, and nothing of our environment."""
    kept = tmp_path / "kept"
    assert run(KEEP, str(kept), "--fixed") == Delivered()
    arguments, environment, stdin = json.loads(kept.read_text("utf-8"))
    assert arguments == [str(kept), "--fixed"]
    assert stdin.encode() == as_json(call_of(stop())) + b"\n"
    assert {k: v for k, v in environment.items() if k != "LC_CTYPE"} == ENVIRONMENT


def test_exit_other_than_zero_fails() -> None:
    """The program says that it reached nobody."""
    assert run("raise SystemExit(3)") == Failed(why="exit-3")


def test_program_that_is_killed_fails() -> None:
    """A signal is not a success."""
    assert run("import os; os.kill(os.getpid(), 9)") == Failed(why="exit--9")


def test_program_that_reads_nothing_may_succeed() -> None:
    """Not every pager needs the details."""
    assert run("") == Delivered()


def test_program_that_does_not_exist_fails() -> None:
    """A missing program is an outcome."""
    channel = open_channel("command", {"argv": ["/nowhere/pager"], "enabled": True})
    assert asyncio.run(channel.deliver(call_of(stop()))) == Failed(why="cannot-run")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_program_that_writes_without_end_is_ended(stream: str) -> None:
    """Output is capped, on both streams."""
    script = f"import sys\nwhile True: sys.{stream}.write('x' * 4096)"
    assert run(script) == Failed(why="too-much-output")


def ends(pid: int) -> bool:
    """Whether a process that was killed is over, or will be in a moment."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        over = select.poll()
        over.register(process, select.POLLIN)
        return bool(over.poll(GIVE_UP_MS))
    finally:
        os.close(process)


def test_program_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """The time limit ends the whole group: a grandchild that holds a pipe gets end of file."""
    script = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-I', '-c', 'import time; time.sleep(600)'])\n"
        "open(sys.argv[1], 'w').write(str(p.pid))\n"
        "p.wait()"
    )
    kept = tmp_path / "pid"
    assert run(script, str(kept), timeout_s=1.0) == Failed(why="timeout")
    assert ends(int(kept.read_text("ascii")))
