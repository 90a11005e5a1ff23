"""The engine is compiled once on a machine, each part in about a minute, and says so.

``python -m clearline.cli.getting_ready`` does it ahead of time.
"""

import importlib
import os
import subprocess
import sys
from threading import Thread

from rich.console import Console
from rich.progress import Progress

from clearline.conflict.fast.kept import INDEX, SWITCH, TRACKS, is_new, is_wanted, say_kept

SAYS = "compiling the engine, once on this machine: about a minute"


def uncompiled() -> str:
    """What is said beside long work that runs as it is written, since numba is missing or was
    switched off; else nothing."""
    return "" if is_wanted() else " (slower: numba is not used)"


def get_ready(part: str = INDEX) -> None:
    """Compile the index of volumes, or what computes with tracks, if that was not done yet, with a
    bar on a terminal and a line elsewhere; if it was, nothing is done and nothing is said."""
    if not is_new(part):
        return
    from clearline.conflict.fast.ready import prepare
    from clearline.conflict.tracks.ready import prepare_tracks

    work = prepare_tracks if part == TRACKS else prepare
    if not sys.stderr.isatty():
        sys.stderr.write(f"{SAYS}\n")
        work(lambda what, share: None)
    else:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=1.0)
            work(lambda what, share: bar.update(task, description=what, completed=share))
    say_kept(part)


_beside: "list[subprocess.Popen[bytes]]" = []


def get_ready_beside() -> None:
    """For a node, whose alarms must not wait so long: if the engine is not compiled yet, this
    process does without, and another compiles it for the next start. To be called before anything
    of the engine is imported, since that decides for the whole life of the process. The other one
    holds the end of a pipe of ours, so that it ends with us however we end."""
    if not is_new():
        return
    environment = dict(os.environ)
    os.environ[SWITCH] = "0"
    started = subprocess.Popen(
        [sys.executable, "-m", "clearline.cli.getting_ready", "--beside"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, preexec_fn=_step_back if os.name == "posix" else None,
    )  # fmt: skip
    _beside.append(started)


def is_beside() -> bool:
    """Whether another process compiles what this one does without."""
    return bool(_beside)


def stop_beside() -> None:
    """Take the process beside this one along."""
    for started in _beside:
        started.terminate()
        started.communicate()
    _beside.clear()


def _step_back() -> None:
    os.nice(10)


def _end_with_input() -> None:
    """Wait for the end of standard input, then end the process: what was compiled is kept function
    by function, and each whole."""
    while os.read(0, 1):
        pass
    os._exit(1)


def load_kept() -> None:
    """Load what is compiled, half a second, before the node's loop begins."""
    from clearline.conflict.fast.compiled import IS_COMPILED
    from clearline.conflict.fast.pairs import warm

    if IS_COMPILED:
        warm()
    importlib.import_module("clearline.node.live.evaluate")  # else with the first live track


if __name__ == "__main__":
    if "--beside" in sys.argv:  # a node's: it ends when its standard input does
        Thread(target=_end_with_input, daemon=True).start()
    get_ready(INDEX)
    get_ready(TRACKS)
