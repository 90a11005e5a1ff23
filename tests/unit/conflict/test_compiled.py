"""Compiled or not: one meaning, kept under the name of the source that it was made from."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_getting_ready_says_how_far_it_has_come() -> None:
    """Shares rise from nought to one, each with what is being done; nothing if nothing compiles."""
    told: list[tuple[str, float]] = []
    prepare(lambda what, share: told.append((what, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert not told or (shares[0], shares[-1]) == (0.0, 1.0)
    assert bool(told) == module.IS_COMPILED
    assert all("compiling" in what for what, _ in told)
