"""clearline watch: the board of one desk, live in a terminal."""

import codecs
import os
import queue
import select
import shutil
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Annotated, Final

import typer

from clearline.cli.behind import Eyes, Hands, listen
from clearline.cli.board import (
    HEIGHT_MIN,
    WIDTH_MIN,
    Screen,
    announced,
    in_sight,
    rows,
    troubles,
)
from clearline.cli.desk import COMMAND, Commands, Desk
from clearline.cli.line_edit import INTERRUPT, Keys
from clearline.cli.output import AsJson, show
from clearline.cli.paint import BELL, ENTER, LEAVE, Painter
from clearline.cli.remote import NodeFolder, Token, Url, plain, reach, refuse, run
from clearline.cli.showing import style
from clearline.client import Client, Refused, Unreachable
from clearline.node.views import BoardView
from clearline.words.sentences import without_isolates

FRAME_S: Final = 0.25
"""Countdowns move by the second; a key is felt at once."""
LOOK_S: Final = 5.0
"""Where changes are lines, so often it is looked whether the board has grown old."""
RUNS: Final = "Enter runs it. Esc leaves it: nothing is sent."

DeskName = Annotated[str, typer.Option("--desk", help="The desk's name, recorded with R3.")]


def command(
    desk: DeskName = "terminal",
    once: Annotated[bool, typer.Option("--once", help="Print the board and leave.")] = False,
    text: Annotated[
        bool, typer.Option("--plain", help="Changes as lines, for screen readers and logs.")
    ] = False,
    bell: Annotated[bool, typer.Option("--bell/--no-bell", help="Sound each ring.")] = True,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """The live board of a desk: links, duties with countdown, conflicts. Works at 80 by 24, and
    over 64 kbit/s: only what changes is sent.

    While it is open its desk hears rings. The keys are those of the console's page; ? lists them.
    A key that needs more fills in a command, which Enter runs and Esc leaves. With --plain type a
    key, the number of a duty, or a whole command, and Enter; so it is where TERM is dumb.

    Example: clearline watch --node alfa-node --once
    """
    if once or as_json:
        board = run(node, url, token_file, lambda client: client.board(), as_json=as_json)
        show(_lines(board), plain(board), as_json=as_json)
        return
    by_lines = text or not _is_movable()
    commands = Commands(node, url, token_file)
    try:
        with (
            reach(node, url, token_file) as client, reach(node, url, token_file) as ears,
            reach(node, url, token_file) as reading, _ended_cleanly(),
        ):  # fmt: skip
            news = threading.Event()
            desk_of = Desk(
                client, desk, commands, news, Eyes(reading, desk, news),
                Hands(news, at_once=by_lines),
            )  # fmt: skip
            desk_of.read()
            _start(desk_of, ears)
            if by_lines:
                _speak(desk_of, _typed(news))
            else:
                with suppress(OSError):  # the terminal is gone, and nobody is there to be told
                    _watch(desk_of, bell=bell)
    except Refused as refused:
        refuse(refused.problem, as_json=False)
    except Unreachable as why:
        typer.echo(f"clearline: the node does not answer: {why}", err=True)
        raise typer.Exit(4) from why
    except KeyboardInterrupt:
        return


def _is_movable() -> bool:
    """Whether the terminal can put its cursor somewhere; if not, it says what is done instead."""
    if os.environ.get("TERM") != "dumb":
        return True
    typer.echo("This terminal (TERM=dumb) cannot show a board: changes come as lines (--plain).")
    return False


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


def _start(desk: Desk, ears: Client) -> None:
    """Begin to hear and to read."""
    eyes = desk.eyes
    assert eyes is not None, "a desk that is watched has eyes"

    def deaf(why: str) -> None:
        desk.deaf = why
        desk.news.set()

    threading.Thread(target=listen, args=(ears, eyes, deaf), name="events", daemon=True).start()
    threading.Thread(target=eyes.run, name="board", daemon=True).start()


@contextmanager
def _ended_cleanly() -> Iterator[None]:
    """SIGTERM and a terminal that is closed leave by the same door as q: the terminal is as it was
    before."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _speak(desk: Desk, lines: "queue.SimpleQueue[str | None]") -> None:
    """Changes as lines; what is typed is a key, the number of a duty, or a command, each with
    Enter. Ends with q; without input it goes on until interrupted."""
    before: BoardView | None = None
    trouble: tuple[str, ...] = ()
    while True:
        desk.look()
        assert desk.board is not None, "read before it is spoken"
        for line in announced(before, desk.board):
            typer.echo(without_isolates(line))
        desk.confirm(desk.board.alerts)
        before, found = desk.board, troubles(desk.shown, spoken=True)
        for line in found:
            if line not in trouble:
                typer.echo(line)
        if trouble and not found:
            typer.echo("the board is read again, and this desk hears rings")
        trouble = found
        sys.stdout.flush()
        desk.news.wait(LOOK_S)
        desk.news.clear()
        while not lines.empty():
            typed = lines.get()
            if typed in ("q", None):
                return
            _told(desk, typed or "")
            sys.stdout.flush()


def _told(desk: Desk, typed: str) -> None:
    """Do what one typed line says, and say what came of it."""
    assert desk.board is not None, "read before keys are taken"
    alerts = desk.board.alerts
    if desk.typing is not None and _is_key(typed):  # no Esc here: the next key leaves the command
        typer.echo(f"left, nothing was sent: {desk.typing.text}")
        desk.typing = None
    if typed.isascii() and typed.isdigit():
        if 0 < int(typed) <= len(alerts):
            desk.selected = alerts[int(typed) - 1].id
    elif desk.typing is not None:
        text, desk.typing = typed or desk.typing.text, None
        desk.do(text)
    elif len(typed) == 1:
        desk.press(typed)
    elif typed:
        desk.do(typed)
    for line in desk.sheet or ((desk.said,) if desk.said else ()):
        typer.echo(without_isolates(line))
    desk.sheet, desk.said = (), ""
    if desk.typing is not None:
        typer.echo(
            f"Enter runs this, a key leaves it, or type your own: clearline {desk.typing.text}"
        )
    chosen = desk.chosen().alert
    if chosen is not None:
        number = [each.id for each in desk.board.alerts].index(chosen.id) + 1
        typer.echo(
            f"selected {number} of {len(desk.board.alerts)}: {without_isolates(chosen.words)}"
        )


def _is_key(typed: str) -> bool:
    """Whether a typed line is a key or the number of a duty, and no command."""
    return len(typed) == 1 or (typed.isascii() and typed.isdigit())


def _typed(news: threading.Event) -> "queue.SimpleQueue[str | None]":
    """Where lines of standard input come, for as long as there are any."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line.strip())
            news.set()

    threading.Thread(target=read, name="lines", daemon=True).start()
    return lines


def _watch(desk: Desk, *, bell: bool) -> None:
    """The board on the whole terminal, until q."""
    with _keys() as keys, _whole_screen() as painter:
        while True:
            desk.look()
            size = shutil.get_terminal_size((WIDTH_MIN, HEIGHT_MIN))
            _paint(desk, painter, (size.columns, size.lines))
            if bell and desk.rings():
                painter.write(BELL)
            for key in keys():
                if key == INTERRUPT or (key == "q" and desk.typing is None):
                    return
                desk.press(key)


def _paint(desk: Desk, painter: Painter, size: tuple[int, int]) -> None:
    """The rows; the line that is typed stands last, with the cursor in it."""
    screen = desk.screen(*size)
    lines = [(row.text.rstrip(), row.look) for row in rows(screen)]
    cursor = None
    if desk.typing is not None:
        text, at = desk.typing.shown(max(8, size[0] - len(desk.label) - 1))
        above = desk.said or (RUNS if desk.label == COMMAND else "")
        if above:  # below what stands there, where there is room
            at_row = len(lines) - (1 if len(lines) < size[1] else 2)
            lines[at_row:-1] = [(above[: size[0]], "bold")]
        lines[-1] = (f"{desk.label}{text}", "")
        cursor = (len(lines) - 1, len(desk.label) + at)
    painter.paint(lines, size, cursor)
    desk.confirm(in_sight(screen))


@contextmanager
def _whole_screen() -> Iterator[Painter]:
    """The terminal's other screen; what stood there comes back afterwards. Commands that run
    beside have an output of their own."""
    out = sys.stdout

    def write(text: str) -> None:
        out.write(text)
        out.flush()

    write(ENTER)
    try:
        yield Painter(write)
    finally:
        with suppress(OSError):  # the terminal may be gone
            write(LEAVE)


@contextmanager
def _keys() -> Iterator[Callable[[], list[str]]]:
    """Keys without waiting for a line; the terminal is as it was afterwards."""
    if not sys.stdin.isatty():
        pause = threading.Event()

        def none() -> list[str]:
            pause.wait(FRAME_S)
            return []

        yield none
        return
    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    stream = Keys()

    def pressed() -> list[str]:
        ready, _, _ = select.select([handle], [], [], FRAME_S)
        if not ready:
            return stream.feed("")
        try:
            came = os.read(handle, 4_096)
        except OSError:
            came = b""
        return stream.feed(decoder.decode(came)) if came else [INTERRUPT]  # the terminal is gone

    try:
        tty.setcbreak(handle)
        _keep_going(handle)
        yield pressed
    finally:
        with suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _keep_going(handle: int) -> None:
    """Ctrl-S, Ctrl-Z and Ctrl-\\ pressed by mistake neither freeze a board nor put it away."""
    modes = termios.tcgetattr(handle)
    modes[0] &= ~termios.IXON
    for character in (termios.VSUSP, termios.VQUIT):
        modes[6][character] = b"\x00"
    termios.tcsetattr(handle, termios.TCSANOW, modes)
