"""The engine is compiled once: by those who can wait, beside those who cannot."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearline.cli import getting_ready
from clearline.cli.main import VERBS
from clearline.conflict.fast.kept import KERNEL, WHOLE, numba_version
from clearline.plan.answer import EXIT_STOPPED
from tests.api_node import found, make_parties
from tests.plan_cases import ROOT

pytestmark = pytest.mark.skipif(numba_version() is None, reason="numba is not installed")


CHECKS, TRACKS_OF = ROOT / "examples" / "check", ROOT / "examples" / "tracks" / "tracks.ndjson"
NOTICES = CHECKS / "notices.ndjson"


def run(code: str, cache: Path, **more: str) -> str:
    """A fresh Python with an empty place for what is compiled."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), **more}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_whether_it_is_compiled_is_known_without_numba(tmp_path: Path) -> None:
    """Asking imports no numba; without compiling wanted there is nothing to wait for; a folder that
    is not whole counts as new."""
    ask = (
        "import sys; from clearline.conflict.fast.kept import folder, is_new;"
        "print(is_new(), 'numba' in sys.modules, folder().name)"
    )
    new, numba, folder = run(ask, tmp_path).split()
    assert (new, numba) == ("True", "False")
    assert run(ask, tmp_path, CLEARLINE_COMPILED="0").split()[0] == "False"
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "something.nbi").write_text("")
    assert run(ask, tmp_path).split()[0] == "True"
    (tmp_path / folder / WHOLE).write_text("")
    assert run(ask, tmp_path).split()[0] == "False"


@pytest.mark.long
def test_tracks_say_that_they_are_compiled_once(tmp_path: Path) -> None:
    """The first ``clearline tracks`` on a machine says what takes so long, on standard error and
    not into the answer; the next one is silent, and the index of a check is still to be made."""
    use = (
        "import sys; from typer.testing import CliRunner; from clearline.cli.main import build;"
        "import clearline.cli.tracks as tracks; tracks.FEW_TRACKS = 1;"
        f"words = ['tracks', 'pairs', {str(TRACKS_OF)!r}, '--lateral-m', '9', '--vertical-m', '9',"
        " '--lookahead-s', '9', '--json']; done = CliRunner().invoke(build(words), words);"
        "from clearline.conflict.fast.kept import INDEX, TRACKS, is_new;"
        "print(done.stderr.count('compiling'), is_new(TRACKS), is_new(INDEX))"
    )
    said = [run(use, tmp_path).split() for _ in range(2)]
    assert said == [["1", "False", "True"], ["0", "False", "True"]]


LITTLE = {
    "check of what is apart": (CHECKS / "exit-0-no-conflict.json", "--against", NOTICES),
    "check of what meets": (CHECKS / "exit-1-conflict.json", "--against", NOTICES),
    "tracks pairs": (TRACKS_OF, "--lateral-m", 9260, "--vertical-m", 300, "--lookahead-s", 300),
    "tracks volumes": (TRACKS_OF, "--against", NOTICES),
}


@pytest.mark.parametrize("what", LITTLE)
def test_what_is_little_is_answered_without_waiting_for_the_compiler(
    tmp_path: Path, what: str
) -> None:
    """On a machine where nothing is kept yet: an answer, not a word of compiling, nothing kept."""
    verb = what.split(" of ")[0].split()
    words = [*verb, *map(str, LITTLE[what]), "--json"]
    ask = (
        "import sys; from typer.testing import CliRunner; from clearline.cli.main import build;"
        "import os; environment = dict(os.environ);"
        f"words = {words!r}; done = CliRunner().invoke(build(words), words);"
        "print(done.exit_code in (0, 1), repr(done.stderr), 'numba' in sys.modules,"
        " environment == dict(os.environ))"
    )
    assert run(ask, tmp_path / "kept").split() == ["True", "''", "False", "True"]
    assert not (tmp_path / "kept").exists()


def test_ctrl_c_while_compiling_is_no_answer(tmp_path: Path) -> None:
    """Exit 1 would say that there is a conflict: 130, one line, at once, and no stack of calls."""
    compiles = (
        "import clearline.cli.getting_ready as ready; ready.QUIET_S = 0;"
        "ready.get_ready_for(ready.KERNEL, many=True)"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", compiles], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "compiling the engine, once on this machine" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "clearline: stopped; nothing is answered\n"
    assert process.returncode == EXIT_STOPPED


def test_compiling_is_spoken_of_only_once_it_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in the first two seconds, nothing of what is only loaded, and then one line, which
    does not say "once" where nothing can be kept."""
    for folder, words in ((tmp_path, "once on this machine"), (Path(os.devnull), "cannot be kept")):
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder / "kept"))
        at = [0.0]
        monkeypatch.setattr(getting_ready.time, "monotonic", lambda at=at: at[0])
        telling = getting_ready._Telling(KERNEL)
        with telling.until_done():
            telling.compiles()
            at[0] = 2 * getting_ready.QUIET_S
            telling.came("loading", 0.5)
            assert capsys.readouterr().err == ""
            telling.compiles()
            telling.compiles()
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert words in said
    assert "once" not in said


def test_what_is_compiled_is_heard_and_what_is_kept_is_not(tmp_path: Path) -> None:
    """The same function in two processes: compiled by the first, loaded by the second."""
    ask = (
        "from clearline.conflict.fast.compiled import while_compiling\n"
        "from clearline.conflict.fast.vectors import dot\n"
        "heard = []\n"
        "with while_compiling(lambda: heard.append(1)):\n"
        "    dot((1.0, 2.0, 3.0), (1.0, 2.0, 3.0))\n"
        "print(len(heard) > 0)"
    )
    assert [run(ask, tmp_path).strip() for _ in range(2)] == ["True", "False"]


def test_a_part_is_kept_and_all_of_them_are_whole(tmp_path: Path) -> None:
    """What is compiled for tracks is not new any more, the rest is; with both a node has all."""
    ask = (
        "from clearline.conflict.fast.kept import *; folder().mkdir(); say_kept(TRACKS);"
        "print(is_new(TRACKS), is_new(INDEX), is_new(), is_new(KERNEL)); say_kept(INDEX);"
        "print(is_new(TRACKS), is_new(INDEX), is_new(), is_new(KERNEL))"
    )
    assert run(ask, tmp_path).split() == ["False", *["True"] * 3, *["False"] * 4]


def test_no_command_imports_numba_but_those_that_compute_with_tracks(tmp_path: Path) -> None:
    """Not the overview, the check, nor any command that talks to a node: numba takes 0.3 s. What is
    compiled for a node is decided before the verb is imported, and loaded when it runs."""
    modules = sorted({verb.module for verb in VERBS} - {"clearline.cli.tracks"})
    ask = (
        "import sys, importlib;"
        f"[importlib.import_module(each) for each in {modules!r}];"
        "print('numba' in sys.modules)"
    )
    assert run(ask, tmp_path).split() == ["False"]
    assert {"clearline.cli.duty", "clearline.cli.node"} <= set(modules)


COMPUTES = {"agreement", "check", "demo", "evidence", "node", "picture", "replay", "review",
            "scenario", "tracks"}  # fmt: skip
"""Verbs that look at places, records or terms themselves, or run a node."""


def test_commands_that_only_ask_a_node_import_no_geometry_and_no_server(tmp_path: Path) -> None:
    """STOP, ACK and the board speak at once: what computes is at the node that they ask."""
    computing = {f"clearline.cli.{name}" for name in COMPUTES}
    modules = sorted({verb.module for verb in VERBS} - computing)
    ask = (
        "import sys, importlib;"
        f"[importlib.import_module(each) for each in {modules!r}];"
        "print(*{'numpy', 'numba', 'litestar', 'apsw'}.intersection(sys.modules), 'none')"
    )
    assert run(ask, tmp_path).split() == ["none"]
    assert {"clearline.cli.duty", "clearline.cli.notice", "clearline.cli.line"} <= set(modules)


def test_node_has_all_that_computes_before_its_loop_begins(tmp_path: Path) -> None:
    """What the commands do without is loaded by ``load_kept``, not by the first live track."""
    ask = (
        "import sys, clearline.cli.node; from clearline.cli.getting_ready import load_kept;"
        "before = 'clearline.conflict.tracks.pairs' in sys.modules; load_kept();"
        "print(before, 'clearline.conflict.tracks.pairs' in sys.modules)"
    )
    assert run(ask, tmp_path, CLEARLINE_COMPILED="0").split() == ["False", "True"]


@pytest.fixture
def new_machine(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A node that runs where nothing is compiled yet."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    folder = tmp_path / "node"
    found(tmp_path, folder, "ALFA", "BRAVO")
    process = subprocess.Popen(
        [sys.executable, "-m", "clearline", "node", "run", str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("API http://127.0.0.1:")
        assert not list((tmp_path / "cache").rglob(WHOLE)), "it did not wait for it"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_node_on_a_new_machine_runs_at_once_and_leaves_nothing_behind(
    new_machine: "subprocess.Popen[str]",
) -> None:
    """With nothing compiled the node says so, answers before anything can be compiled, uses the
    plain path, and takes the process beside it along when it stops."""
    beside = _children(new_machine.pid)
    assert beside
    maps = Path(f"/proc/{new_machine.pid}/maps").read_text()
    assert "llvmlite" not in maps, "it compiles itself"
    new_machine.send_signal(signal.SIGINT)
    _, said = new_machine.communicate(timeout=30)
    assert new_machine.returncode == 0
    assert "compiled for the next start" in said
    assert not [pid for pid in beside if Path(f"/proc/{pid}").exists()]


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="asks Linux when a process ends")
def test_what_compiles_beside_a_node_ends_with_it_even_if_it_is_killed(
    new_machine: "subprocess.Popen[str]",
) -> None:
    """Killed, a node can take nobody along: the other one hears that the pipe is closed."""
    (beside,) = _children(new_machine.pid)
    watched = os.pidfd_open(beside)
    try:
        assert select.select([watched], [], [], 0) == ([], [], []), "it runs"
        new_machine.kill()
        assert select.select([watched], [], [], 30) == ([watched], [], [])
    finally:
        os.close(watched)


def _children(parent: int) -> list[int]:
    """Processes that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(rest[1]) == parent:
            found.append(int(path.parent.name))
    return found
