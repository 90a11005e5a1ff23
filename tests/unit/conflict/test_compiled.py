"""Compiled or not: one meaning, kept under the name of the source that it was made from."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clearline.conflict.fast import compiled as module
from clearline.conflict.fast import kept
from clearline.conflict.fast.compiled import compiled, plain
from clearline.conflict.fast.kept import SWITCH
from clearline.conflict.fast.ready import prepare


@compiled
def halves(count: int) -> float:
    """A half, a quarter and so on, added up."""
    total, step = 0.0, 1.0
    for _ in range(count):
        step /= 2
        total += step
    return total


def test_a_function_means_the_same_compiled_and_plain() -> None:
    """Both forms give the same number, bit by bit."""
    assert plain(halves)(40) == halves(40) == 1 - 2.0**-40


def _said(tmp_path: Path, **changed: str) -> list[str]:
    """What a fresh process says of how it compiles and where it keeps it."""
    program = (
        "from clearline.conflict.fast import compiled as c\n"
        "print(c.IS_COMPILED)\nprint(c._FOLDER)\n"
        "print(c.compiled(lambda x: x + 1)(1))\n"
    )
    source = str(Path(module.__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": source, **changed}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_switch_does_without_numba(tmp_path: Path) -> None:
    """With the switch off nothing is compiled or kept, and the answers are the same."""
    assert ["False", "", "2"] == _said(tmp_path, **{SWITCH: "0"})


def test_what_is_compiled_is_kept_under_a_stamp_of_the_source(tmp_path: Path) -> None:
    """A folder that is given is used, below it one for this very source."""
    compiles, folder, _ = _said(tmp_path, NUMBA_CACHE_DIR=str(tmp_path))
    assert compiles == str(module.IS_COMPILED)
    if module.IS_COMPILED:
        assert Path(folder).parent == tmp_path
        assert Path(folder).name == f"compiled-{kept._stamp()}"


HARMED = """
import os, sys
from pathlib import Path
from clearline.conflict.fast.vectors import dot
kept, harm = Path(os.environ["NUMBA_CACHE_DIR"]), sys.argv[1]
if harm == "gone":  # as a full disk does: what is written raises OSError
    for folder in sorted(kept.rglob("*"), reverse=True):
        folder.rmdir()
    kept.rmdir()
    kept.write_text("")
if harm == "cut":
    for file in kept.rglob("*.nb?"):
        file.write_bytes(file.read_bytes()[:100])
print(dot((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)))
"""


@pytest.mark.skipif(not module.IS_COMPILED, reason="nothing is compiled here")
def test_what_cannot_be_kept_or_read_again_is_compiled_all_the_same(tmp_path: Path) -> None:
    """The folder taken away between the first import and the first call; files cut short: the same
    number, no exception."""
    source = str(Path(module.__file__).parents[3])
    kept_in = tmp_path / "kept"
    environment = {**os.environ, "PYTHONPATH": source, "NUMBA_CACHE_DIR": str(kept_in)}
    for harm in ("none", "cut", "gone"):
        if harm == "gone":
            shutil.rmtree(kept_in)
        command = [sys.executable, "-c", HARMED, harm]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "14.0\n", "")
        if harm == "none":
            assert list(kept_in.rglob("*.nb?"))


def test_getting_ready_says_how_far_it_has_come() -> None:
    """Shares rise from nought to one, each with what is being done; nothing if nothing compiles."""
    told: list[tuple[str, float]] = []
    prepare(lambda what, share: told.append((what, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert not told or (shares[0], shares[-1]) == (0.0, 1.0)
    assert bool(told) == module.IS_COMPILED
    assert all("compiling" in what for what, _ in told)
