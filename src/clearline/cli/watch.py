"""clearline watch: the board of one desk, live in a terminal."""

import os
import select
import shutil
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.live import Live

from clearline.cli.board import Screen, announced, answerable, draw, in_sight, moved, rows
from clearline.cli.output import AsJson, now, show
from clearline.cli.remote import NodeFolder, Token, Url, plain, reach, refuse, run
from clearline.cli.showing import style
from clearline.client import Client, Hello, Refused, Unreachable, asks
from clearline.model.entry import Answer, Reply
from clearline.model.time import Instant
from clearline.node.views import AlertView, BoardView

FRAME_S: Final = 0.25
"""Countdowns move by the second; a key is felt at once."""
REFRESH_S: Final = 10.0
"""The board is read again this often even if nobody says that it changed."""

DeskName = Annotated[str, typer.Option("--desk", help="The desk's name, recorded with R3.")]


def command(
    desk: DeskName = "terminal",
    once: Annotated[bool, typer.Option("--once", help="Print the board and leave.")] = False,
    text: Annotated[
        bool, typer.Option("--plain", help="Changes as lines, for screen readers and logs.")
    ] = False,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """The live board of a desk: links, duties with countdown, conflicts. Works at 80 by 24.

    While it is open its desk hears rings. Keys: up and down or j and k, a takes, r answers ROGER, s
    STANDBY, q leaves. Other answers: clearline answer.

    Example: clearline watch --node alfa-node --once
    """
    if once or as_json:
        board = run(node, url, token_file, lambda client: client.board(), as_json=as_json)
        show(_lines(board), plain(board), as_json=as_json)
        return
    try:
        with reach(node, url, token_file) as client, reach(node, url, token_file) as ears:
            desk_of = _Desk(client, desk)
            listening = threading.Thread(
                target=_listen, args=(ears, desk_of), name="events", daemon=True
            )
            listening.start()
            if text:
                desk_of.speak()
            else:
                desk_of.watch()
    except Refused as refused:
        refuse(refused.problem, as_json=False)
    except Unreachable as why:
        typer.echo(f"clearline: the node does not answer: {why}", err=True)
        raise typer.Exit(4) from why
    except KeyboardInterrupt:
        return


def _lines(board: BoardView) -> list[str]:
    size = shutil.get_terminal_size((80, 24))
    height = max(24, 8 + len(board.alerts) + len(board.conflicts) + sum(
        len(line.peers) for line in board.node.lines
    ))  # fmt: skip
    screen = Screen(
        board=board, now=board.node.now, heard=board.node.now, width=max(80, size.columns),
        height=height, said=" ", style=style(),
    )  # fmt: skip
    return [row.text.rstrip() for row in rows(screen)]


@dataclass(slots=True)
class _Desk:
    """One desk: its board, what is selected, and what its keys do."""

    client: Client
    name: str
    changed: threading.Event = field(default_factory=threading.Event)
    board: BoardView | None = None
    ahead_ms: int = 0
    selected: str | None = None
    said: str = ""
    confirmed: set[str] = field(default_factory=set)

    def now(self) -> Instant:
        """The node's time, carried on by this machine's clock."""
        return Instant(now() + self.ahead_ms)

    def read(self) -> BoardView:
        """The board afresh."""
        board = self.client.board()
        self.ahead_ms = board.node.now - now()
        self.board = board
        if self.selected not in {alert.id for alert in board.alerts}:
            self.selected = moved(board, None, 0)
        return board

    def confirm(self, alerts: tuple[AlertView, ...]) -> None:
        """Tell the node what stands on the screen (R3), each once."""
        for alert in alerts:
            if alert.sounding and alert.presented is None and alert.id not in self.confirmed:
                self.confirmed.add(alert.id)
                try:
                    self.client.do(asks.shown(alert.id, self.name))
                except Refused:
                    continue  # it ended meanwhile

    def try_to_read(self) -> None:
        """The board afresh, or the old one with its age on it."""
        try:
            self.read()
        except Unreachable as why:
            self.said = f"the node does not answer: {why}"

    def speak(self) -> None:
        """Changes as lines, until interrupted."""
        before: BoardView | None = None
        while True:
            board = self.read()
            for line in announced(before, board):
                typer.echo(line)
            sys.stdout.flush()
            self.confirm(board.alerts)
            before = board
            self.changed.wait(REFRESH_S)
            self.changed.clear()

    def watch(self) -> None:
        """The board on the whole terminal, until q."""
        self.read()
        console = Console()
        waited = 0.0
        with _keys() as keys, Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                screen = self._screen(console)
                live.update(draw(screen), refresh=True)
                self.confirm(in_sight(screen))
                key = keys()
                if key in ("q", "\x03"):
                    return
                if key is not None:
                    self.press(key)
                waited += FRAME_S
                if self.changed.is_set() or waited >= REFRESH_S:
                    self.changed.clear()
                    waited = 0.0
                    self.try_to_read()

    def _screen(self, console: Console) -> Screen:
        assert self.board is not None, "read before it is drawn"
        return Screen(
            board=self.board, now=self.now(), heard=self.board.node.now, selected=self.selected,
            said=self.said, width=console.width, height=console.height, style=style(),
        )  # fmt: skip

    def press(self, key: str) -> None:
        """What a key does. A refusal is said in the last line."""
        assert self.board is not None, "read before keys are taken"
        self.said = ""
        steps = {"j": 1, "k": -1, "\x1b[B": 1, "\x1b[A": -1}
        if key in steps:
            self.selected = moved(self.board, self.selected, steps[key])
            return
        try:
            if key == "a" and self.selected is not None:
                self.client.take(self.selected, seen=self.board.node.now)
            elif key in ("r", "s"):
                self._answer(Reply.ROGER if key == "r" else Reply.STANDBY)
            self.read()
        except Refused as refused:
            self.said = f"refused: {refused.problem.detail}"
        except Unreachable as why:
            self.said = f"the node does not answer: {why}"

    def _answer(self, reply: Reply) -> None:
        assert self.board is not None, "read before keys are taken"
        found = answerable(self.board, self.selected)
        if found is None:
            self.said = "this duty is not ended by an answer of ours"
            return
        alert, to = found
        body = Answer(to=to, reply=reply, role=self.client.me().duty)
        done = self.client.say(alert.line, body)
        self.said = f"{reply.value} to {to} {done.words}"


def _listen(ears: Client, desk: _Desk) -> None:
    """Keep the desk open, and say when the board must be read again."""
    try:
        for event in ears.events(desk=desk.name):
            if not isinstance(event, Hello):
                desk.changed.set()
    except (Refused, Unreachable, RuntimeError):
        desk.said = "the event stream was refused: the board is read every 10 s"


@contextmanager
def _keys() -> Iterator[Callable[[], str | None]]:
    """Keys without waiting for a line; the terminal is as it was afterwards."""
    if not sys.stdin.isatty():
        pause = threading.Event()

        def none() -> str | None:
            pause.wait(FRAME_S)
            return None

        yield none
        return
    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)

    def key() -> str | None:
        ready, _, _ = select.select([handle], [], [], FRAME_S)
        return os.read(handle, 8).decode("ascii", "ignore") if ready else None

    try:
        tty.setcbreak(handle)
        yield key
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)
