"""The engine is compiled once on a machine, in about half a minute, and says so."""

import sys

from rich.console import Console
from rich.progress import Progress

from clearline.conflict.fast.compiled import is_new


def get_ready() -> None:
    """Compile the engine if that was not done yet, with a bar on a terminal and a line elsewhere;
    if it was, nothing is done and nothing is said."""
    if not is_new():
        return
    from clearline.conflict.fast.ready import prepare

    if not sys.stderr.isatty():
        sys.stderr.write("compiling the engine, once on this machine: about half a minute\n")
        prepare(lambda what, share: None)
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        prepare(lambda what, share: bar.update(task, description=what, completed=share))
