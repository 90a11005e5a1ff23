"""clearline demo: three parties' nodes on this machine keep each other from harm, as you watch."""

import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import msgspec
import typer

from clearline.cli.output import REFUSED, now
from clearline.cli.sandbox import ENDING, Sandbox, SandboxBroken
from clearline.client import Refused, Unreachable
from clearline.model.time import Instant, format_utc
from clearline.scenarios.demo import AID, NAMES, Desk, Story, StoryBroken, Told

Pause = Callable[[float], object]
PAUSE: Pause = threading.Event().wait
SCENE_S: Final = 5.0
"""Between two scenes, when somebody watches."""
ATTEND_S: Final = 20.0
"""An alarm that nobody at the terminal takes is taken by the demo's own officer after this."""
MOVE_S: Final = 5.0

GONE: Final = "The record was in {folder} and is gone; with --keep it stays."

INTRODUCTION: Final = (
    "Three parties, each with its own keys, node, process and database, on this machine only:",
    *(f"  {party}: {name}" for party, name in NAMES.items()),
    "They have signed one agreement. It is an EXERCISE: nothing here can be read as real.",
    "Each node judges what is filed by itself; there is no server that all must trust.",
    "",
)


def command(
    once: Annotated[
        bool, typer.Option("--once", help="Play the whole story unattended, then stop.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON array of what happened instead of text.")
    ] = False,
    scene_s: Annotated[
        float, typer.Option("--scene", min=0, help="Seconds between two scenes.")
    ] = SCENE_S,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="A sandbox: fixed tokens; the folder stays, and how to reach it is told."
        ),
    ] = False,
) -> None:
    """Watch three parties' nodes keep each other from harm; Ctrl-C stops all of it.

    A convoy, a hospital and a flight are filed; then a hazard at FL150 over the convoy's road. Both
    nodes find the conflict, alarms ring until somebody takes them, people answer, the hazard moves.
    Everything runs on loopback in a temporary folder, which is gone afterwards unless --keep.

    Examples: clearline demo; clearline demo --once --json; clearline demo --keep
    """
    if as_json and not once:
        typer.echo("clearline: --json goes with --once", err=True)
        raise typer.Exit(2)
    told: list[Told] = []
    tell = told.append if as_json else _say
    code = 0
    stop = _Stop()
    try:
        with stop.heeded(), _sandbox(stop, keep=keep) as sandbox:
            if once:
                scene_s = 0.0
            _run(sandbox, tell, once=once, scene_s=scene_s, quiet=as_json)
    except (SandboxBroken, StoryBroken, Unreachable) as why:
        typer.echo(f"clearline: the demo broke: {why}", err=True)
        code = REFUSED
    except Refused as why:
        typer.echo(f"clearline: a node refused: {why}", err=True)
        code = REFUSED
    except (KeyboardInterrupt, _Ended):
        if not as_json:
            typer.echo(f"\nStopped; no node runs any more. {stop.record}")
        code = REFUSED if once else 0
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(told)).decode())
    if code:
        raise typer.Exit(code)


class _Ended(BaseException):
    """Somebody asked for the end: Ctrl-C, SIGTERM, or the terminal was closed. No fault: it comes
    at any moment, also where a library takes every Exception for an answer (whether this is a
    terminal, whether a module is there), and would be lost there for ever."""


class _Stop:
    """Asked once, everything is stopped; asked again meanwhile, it goes on being stopped: a second
    Ctrl-C leaves no process behind. ``record``: what became of what was recorded."""

    def __init__(self) -> None:
        self.record = "Nothing was recorded yet."
        self._ending = False
        self._was_asked = False

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """For the block, unless whoever started us wants it ignored (nohup). Once it was asked, the
        handlers stay: the process is about to end."""
        heard = [each for each in ENDING if signal.getsignal(each) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._asked) for number in heard}
        try:
            yield
        finally:
            if not self._was_asked:
                for number, handler in before.items():
                    signal.signal(number, handler)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if not self._ending:
            self._ending = self._was_asked = True
            raise _Ended

    def no_more(self) -> None:
        """What is being ended is ended, whoever asks for it now."""
        self._ending = True


@contextmanager
def _sandbox(stop: _Stop, *, keep: bool) -> Iterator[Sandbox]:
    """A sandbox in a temporary folder; in the end no process is left, and no folder unless kept."""
    folder = Path(tempfile.mkdtemp(prefix="clearline-demo-"))
    sandbox = Sandbox(folder, NAMES, now(), fixed_tokens=keep)
    stop.record = f"The record is in {folder}." if keep else GONE.format(folder=folder)
    try:
        yield sandbox
    finally:
        stop.no_more()
        sandbox.stop()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _run(
    sandbox: Sandbox, tell: Callable[[Told], object], *, once: bool, scene_s: float, quiet: bool
) -> None:
    """Make it, start it, play the story; then go on until somebody stops it."""
    say = _nothing if quiet else typer.echo
    for line in INTRODUCTION:
        say(line)
    sandbox.make()
    sandbox.start()
    desks = {party: Desk(party, sandbox.client(party), sandbox.line) for party in sandbox.running}
    try:
        for desk in desks.values():
            desk.open()
        attended = (lambda: True) if once else _Attending()
        for told in _consoles(sandbox):
            tell(told)
        story = Story(desks, now, PAUSE, scene_s, attended)
        for told in story.play():
            tell(told)
        if sandbox.fixed_tokens:
            for line in _ways_in(sandbox):
                say(line)
        if not once:
            _go_on(story, tell, say)
    finally:
        sandbox.stop()
        for desk in desks.values():
            desk.close()


def _consoles(sandbox: Sandbox) -> Iterator[Told]:
    """Where each party's watch console is: one link each, that signs its watch in once."""
    at = format_utc(Instant(now() // 1000 * 1000))
    for party in sandbox.running:
        url = sandbox.console(party)
        yield Told(
            t=at, by=str(party), kind="console", text=f"open once in a browser: {url}", url=url
        )


class _Attending:
    """Waits for Enter at a terminal; without one, or after a while, the demo's officer takes it."""

    def __init__(self) -> None:
        self._waited = 0.0
        self._pressed = threading.Event()
        self._asked = False

    def __call__(self) -> bool:
        """Whether somebody has taken the alarm."""
        if not sys.stdin.isatty():
            return True
        if not self._asked:
            self._asked = True
            typer.echo(f"  It rings until somebody takes it. Press Enter ({ATTEND_S:.0f} s) ...")
            threading.Thread(target=self._listen, daemon=True).start()
        self._waited += 0.1
        return self._pressed.is_set() or self._waited >= ATTEND_S

    def _listen(self) -> None:
        sys.stdin.readline()
        self._pressed.set()


def _go_on(story: Story, tell: Callable[[Told], object], say: Callable[[str], object]) -> None:
    """The convoy's vehicles move, alarms are told as they ring, until Ctrl-C."""
    say("The line stays up, and the convoy's own tracks move. Ctrl-C stops everything.")
    step = 1
    while True:
        for told in story.rings():
            tell(told)
        for told in story.moved(step):
            tell(told)
        step += 1
        PAUSE(MOVE_S)


def _nothing(line: str) -> None:
    """Nobody reads it."""


def _say(told: Told) -> None:
    if told.kind == "scene":
        typer.echo(f"\n{told.text}")
        return
    typer.echo(f"{told.t[11:19]}Z {told.by:<5} {told.kind:<12} {told.text}")


def _ways_in(sandbox: Sandbox) -> Iterator[str]:
    """For integrators: where each node is, and how to speak to it."""
    yield ""
    yield f"Sandbox in {sandbox.folder}; the line is {sandbox.line}"
    for party, node in sandbox.running.items():
        yield f"  {party}: {node.url}  token {node.token}"
    node = sandbox.running[AID]
    bearer = f"-H 'Authorization: Bearer {node.token}'"
    yield "Try:"
    yield f"  curl -s {bearer} {node.url}/v1/board"
    yield f"  curl -s {bearer} {node.url}/v1/lines/{sandbox.line}/notices"
    yield f"  curl -sN {bearer} {node.url}/v1/events"
    yield f"  curl -s {node.url}/openapi.json"
    for each in sandbox.running.values():
        yield f"Run it again: clearline node run {each.folder}"


__all__ = ["command"]
