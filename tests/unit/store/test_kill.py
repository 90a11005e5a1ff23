"""Durable against kill -9: a real process, killed at many points while it commits."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from clearline.store.sqlite import SqliteStore
from tests.unit.store.kill_commit import check_whole, commit_of

CHILD = Path(__file__).with_name("kill_child.py")
ROOT = Path(__file__).parents[3]
KILLS = 16


def test_kill_9_loses_no_durable_commit_and_leaves_no_half(tmp_path: Path) -> None:
    """What was reported durable is there whole, and beyond it at most one whole commit."""
    path, draw = tmp_path / "node.db", random.Random(18)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    before = 0
    for turn in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, str(CHILD), str(path)], stdout=subprocess.PIPE, env=environment
        )
        assert child.stdout is not None
        reported = before - 1
        for _ in range(draw.randrange(1, 12)):
            reported = int(child.stdout.readline())
        for _ in range(draw.randrange(20_000)):
            pass  # some part of a commit, so that the kill falls anywhere inside one
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().splitlines(keepends=True):
            if line.endswith(b"\n"):
                reported = int(line)
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
        store = SqliteStore(path)
        reader = store.reader()
        try:
            whole = check_whole(store)
            assert reported + 1 <= whole <= reported + 2, f"turn {turn}"
            assert reader.integrity() == []
            store.commit(commit_of(whole))
            before = whole + 1
        finally:
            reader.close()
            store.close()
