"""The parts that the page is built and tested with, as the lock names them."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONSOLE = ROOT / "console"
NPM_S = 300
"""Fetching what the lock names, on a slow network."""


def npm(*arguments: str, **environment: str) -> None:
    """Run npm from the development environment, in the console's folder."""
    bin_ = Path(sys.executable).parent
    path = os.pathsep.join((str(bin_), os.environ.get("PATH", "")))
    done = subprocess.run(
        [shutil.which("npm", path=path) or "npm", *arguments], cwd=CONSOLE, check=False,
        capture_output=True, text=True, timeout=NPM_S,
        env={**os.environ, "PATH": path, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def fetched() -> Path:
    """The folder of the parts, fetched first unless they are those of this very lock. Of several
    test processes one fetches, and the others wait for it."""
    lock, used = CONSOLE / "package-lock.json", CONSOLE / "node_modules" / ".lock-used"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not used.exists() or used.read_bytes() != lock.read_bytes():
            npm("ci", "--no-audit", "--no-fund", "--prefer-offline")
            used.write_bytes(lock.read_bytes())
    return used.parent
