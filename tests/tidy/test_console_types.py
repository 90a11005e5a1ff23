"""The console's types are made from the API's own records."""

import subprocess
import sys

import pytest

from tests.tidy.pages import ROOT


@pytest.mark.skipif(not (ROOT / "console").is_dir(), reason="there is no page in this checkout")
def test_console_types_are_current() -> None:
    """What the page thinks that the node sends and takes is what it sends and takes."""
    done = subprocess.run(
        [sys.executable, "tools/make_console_types.py", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (0, "") == (done.returncode, done.stdout + done.stderr)
