"""The engine is compiled once on a machine, each part in about a minute, and says so; but not for
what takes less time without.

``python -m clearline.cli.getting_ready`` does it ahead of time.
"""

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType
from typing import Final

from rich.console import Console
from rich.progress import Progress

from clearline.conflict.fast.kept import (
    INDEX,
    KERNEL,
    SWITCH,
    TRACKS,
    can_keep,
    do_without,
    folder,
    is_new,
    is_wanted,
)
from clearline.plan.answer import EXIT_STOPPED

QUIET_S: Final = 2.0
"""What takes less than this is not spoken of."""
_TAKES: Final = {KERNEL: "half a minute", INDEX: "a minute", TRACKS: "a minute"}
_COMPILED: Final = "clearline.conflict.fast.compiled"


def uncompiled() -> str:
    """What is said beside long work that runs as it is written, since numba is missing or was
    switched off; else nothing."""
    return "" if is_wanted() else " (slower: numba is not used)"


def get_ready_for(part: str, *, many: bool) -> None:
    """Before the work begins: what is little is quicker without compiling, as long as nothing is
    kept; for what is much, ``get_ready``."""
    if not is_new(part) or many or _COMPILED in sys.modules:
        get_ready(part)
        return
    before = os.environ.get(SWITCH)
    do_without()
    importlib.import_module(_COMPILED)  # it decides now, and for the whole life of the process
    if before is None:  # for this process alone, not for those that it may start
        del os.environ[SWITCH]
    else:
        os.environ[SWITCH] = before


def get_ready(part: str = INDEX) -> None:
    """Compile a part of the engine if that was not done yet: the kernel, the index of volumes, or
    what computes with tracks. Says so once that has taken two seconds, with a bar on a terminal and
    a line elsewhere; nothing of what is found where it was kept. Ctrl-C ends the process."""
    if not is_new(part):
        return
    from clearline.conflict.fast.compiled import while_compiling
    from clearline.conflict.fast.ready import prepare, prepare_kernel
    from clearline.conflict.tracks.ready import prepare_tracks

    work = {KERNEL: prepare_kernel, INDEX: prepare, TRACKS: prepare_tracks}[part]
    telling = _Telling(part)
    with telling.until_done(), while_compiling(telling.compiles):
        work(telling.came)


class _Telling:
    """Says that something is compiled, from when that has taken a while."""

    def __init__(self, part: str) -> None:
        what = "compiling the engine" + (", once on this machine" if can_keep() else "")
        self._says = f"{what}: about {_TAKES[part]}"
        if not can_keep():
            self._says += f"; it cannot be kept, {folder()} cannot be written"
        self._began, self._said = time.monotonic(), False
        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(what, total=1.0)

    def compiles(self) -> None:
        """A function is compiled now."""
        if self._said or time.monotonic() - self._began < QUIET_S:
            return
        self._said = True
        if sys.stderr.isatty():
            self._bar.start()
        else:
            sys.stderr.write(f"{self._says}\n")

    def came(self, what: str, share: float) -> None:
        """So much of it is behind."""
        self._bar.update(self._task, description=what, completed=share)

    @contextmanager
    def until_done(self) -> Iterator[None]:
        """Within, Ctrl-C ends the process at once: an exception would be lost in the compiler, or
        leave it with half a function. What was compiled is kept function by function, each whole.
        In the end the line is left as it was."""
        in_front = threading.current_thread() is threading.main_thread()
        before = signal.signal(signal.SIGINT, self._stopped) if in_front else None
        try:
            yield
        finally:
            self._leave_line()
            if in_front:
                signal.signal(signal.SIGINT, before)

    def _leave_line(self) -> None:
        if self._bar.live.is_started:
            self._bar.stop()

    def _stopped(self, _signal: int, _frame: FrameType | None) -> None:
        self._leave_line()
        os.write(2, b"clearline: stopped; nothing is answered\n")
        os._exit(EXIT_STOPPED)


_beside: "list[subprocess.Popen[bytes]]" = []


def get_ready_beside() -> None:
    """For a node, whose alarms must not wait so long: if the engine is not compiled yet, this
    process does without, and another compiles it for the next start. To be called before anything
    of the engine is imported, since that decides for the whole life of the process. The other one
    holds the end of a pipe of ours, so that it ends with us however we end."""
    if not is_new():
        return
    environment = dict(os.environ)
    do_without()
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
