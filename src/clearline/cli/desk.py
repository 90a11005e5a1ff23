"""One desk at a terminal: its board, what is selected, the line being typed, and what keys do."""

import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from shlex import split
from typing import Final

from msgspec.structs import replace

from clearline.cli.board import (
    HEIGHT_MIN,
    WIDTH_MIN,
    Screen,
    answerable,
    moved,
    sheet_end,
    shown_duties,
    untaken,
)
from clearline.cli.board_keys import KEYS, Chosen, of_stop, on_its_line, sheet
from clearline.cli.line_edit import (
    DOWN,
    ENTER,
    ESCAPE,
    PASTE,
    UP,
    Edit,
    filled,
)
from clearline.cli.output import now
from clearline.cli.showing import style
from clearline.client import Client, Refused, Unreachable, asks
from clearline.client.held import Held
from clearline.model.entry import Answer, Reply
from clearline.model.ids import LineId
from clearline.model.time import Instant
from clearline.node.views import AlertView, BoardView, NoticeView

AT_ONCE: Final = {"r": Reply.ROGER, "w": Reply.WILCO, "s": Reply.STANDBY}
PALETTE: Final = (":", "\x0b")
DUTIES_READ: Final = 300
"""Duties of one reading, the loudest: several screens of them, some 300 kB."""
FILTER: Final = "show only: "
COMMAND: Final = "clearline "
NOTHING: Final = "nothing waits for somebody to take it"
NOT_OURS: Final = "this duty is not ended by an answer of ours"
FRAME: Final = "╭╮╰╯│─ "
BY_KEY: Final = {key: each for each in KEYS for key in each.key.split()}


@dataclass(slots=True)
class Desk:
    """One desk. ``press`` takes keys, ``screen`` is what stands on it."""

    client: Client
    name: str
    run: Callable[[str], tuple[int, list[str]]]
    changed: threading.Event = field(default_factory=threading.Event)
    board: BoardView | None = None
    ahead_ms: int = 0
    selected: str | None = None
    said: str = ""
    confirmed: set[str] = field(default_factory=set)
    typing: Edit | None = None
    label: str = COMMAND
    words: str = ""
    sheet: tuple[str, ...] = ()
    sheet_from: int = 0
    history: list[str] = field(default_factory=list)
    recall: int = 0
    rung: dict[str, int] = field(default_factory=dict)
    lines: dict[LineId, Held] = field(default_factory=dict)
    size: tuple[int, int] = (WIDTH_MIN, HEIGHT_MIN)

    def now(self) -> Instant:
        """The node's time, carried on by this machine's clock."""
        return Instant(now() + self.ahead_ms)

    def read(self) -> BoardView:
        """The board afresh. Raises Refused, Unreachable."""
        board = self.client.board(alerts=DUTIES_READ, notices=0)
        self.ahead_ms = board.node.now - now()
        before, self.board = self.board, replace(board, notices=tuple(self._notices(board)))
        self._keep_selected(before)
        return self.board

    def _keep_selected(self, before: BoardView | None) -> None:
        """What is selected goes: then nothing is, so that a key that was meant for it, or pressed
        twice, does nothing to another duty. The first that comes to an empty board is selected."""
        shown = shown_duties(self.shown)
        if self.selected is None:
            if before is None or not before.alerts:
                self.selected = moved(shown, None, 0)
        elif self.selected not in {alert.id for alert in shown}:
            gone = [each for each in before.alerts if each.id == self.selected] if before else []
            self.selected = None
            self.said = self.said or "".join(f"not open any more: {each.words}" for each in gone)

    def _notices(self, board: BoardView) -> Iterator[NoticeView]:
        """Live notices of all lines whose record is read; of each reading only what changed comes
        over the link."""
        for line in board.node.lines:
            if line.loading is None:
                held = self.lines.setdefault(line.line, Held())
                yield from self.client.changes(line.line, held).notices()

    def try_to_read(self) -> None:
        """The board afresh, or the old one with its age on it."""
        try:
            self.read()
        except Unreachable as why:
            self.said = f"the node does not answer: {why}"
        except Refused as refused:
            self.said = f"refused: {refused.problem.detail}"

    @property
    def shown(self) -> Screen:
        """What stands on the screen."""
        return self.screen(*self.size)

    def screen(self, width: int, height: int) -> Screen:
        """What stands on a screen of this size, from now on."""
        assert self.board is not None, "read before it is drawn"
        self.size = (width, height)
        return Screen(
            board=self.board, now=self.now(), heard=self.board.node.now, selected=self.selected,
            said=self.said, width=width, height=height, style=style(), words=self.words,
            sheet=self.sheet, sheet_from=self.sheet_from,
        )  # fmt: skip

    def confirm(self, alerts: tuple[AlertView, ...]) -> None:
        """Tell the node what stands on the screen (R3), each once."""
        for alert in alerts:
            if alert.sounding and alert.presented is None and alert.id not in self.confirmed:
                self.confirmed.add(alert.id)
                try:
                    self.client.do(asks.shown(alert.id, self.name))
                except (Refused, Unreachable):
                    continue  # it ended meanwhile, or the board says that the node is away

    def rings(self) -> bool:
        """Whether something has rung since this was last asked: once for each ring."""
        alerts = self.board.alerts if self.board is not None else ()
        found = {alert.id: alert.rings for alert in alerts if alert.sounding}
        new = any(self.rung.get(name, 0) < rings for name, rings in found.items())
        self.rung = {alert.id: alert.rings for alert in alerts}
        return new

    # -- keys

    def press(self, key: str) -> None:
        """What a key does. A refusal is said in the last line."""
        assert self.board is not None, "read before keys are taken"
        if self.typing is not None:
            self._type(self.typing, key)
            return
        self.said = ""
        if key.startswith(PASTE):
            self.said = "what is pasted is not taken for keys: press : first"
        elif key == ESCAPE:
            self.sheet, self.sheet_from = (), 0
        elif key in (UP, DOWN, "j", "k"):
            self._move(1 if key in (DOWN, "j") else -1)
        elif key == "f":
            self.selected = untaken(shown_duties(self.shown), self.selected)
            self.said = "" if self.selected else NOTHING
        elif key == "/":
            self._ask(FILTER, self.words)
        elif key in PALETTE:
            self._ask(COMMAND, "")
        elif key == "?":
            self.sheet, self.sheet_from = sheet(), 0
        elif (reply := of_stop(self.chosen(), key)) is not None:
            self._ask(COMMAND, on_its_line(reply, self.chosen())[0])
        elif key == "a" and self.selected is None:
            self.selected = untaken(shown_duties(self.shown), None)
            self.said = "selected: a takes it" if self.selected else NOTHING
        elif key == "a" or key in AT_ONCE:
            self._at_once(key)
        elif key in BY_KEY:
            self._fill(key)

    def _move(self, step: int) -> None:
        if self.sheet:
            self.sheet_from = max(0, min(sheet_end(self.shown), self.sheet_from + step))
            return
        self.selected = moved(shown_duties(self.shown), self.selected, step)

    def _at_once(self, key: str) -> None:
        try:
            if key != "a":
                self._answer(AT_ONCE[key])
            elif self.selected is not None and self.board is not None:
                self.client.take(self.selected, seen=self.board.node.now)
            self.read()
        except Refused as refused:
            self.said = f"refused: {refused.problem.detail}"
        except Unreachable as why:
            self.said = f"the node does not answer: {why}"

    def _answer(self, reply: Reply) -> None:
        assert self.board is not None, "read before keys are taken"
        found = answerable(self.board, self.selected)
        if found is None:
            chosen = self.selected is not None
            self.said = NOT_OURS if chosen else "nothing is selected: j k choose a duty"
            return
        alert, to = found
        body = Answer(to=to, reply=reply, role=self.client.me().duty)
        done = self.client.say(alert.line, body)
        self.said = f"{reply.value} to {to} {done.words}"

    def chosen(self) -> Chosen:
        """What the keys act on."""
        assert self.board is not None, "read before keys are taken"
        found = next((each for each in self.board.alerts if each.id == self.selected), None)
        return Chosen(board=self.board, alert=found, now=self.now())

    def _fill(self, key: str) -> None:
        """Show what the key looks at; then stand with the command that it fills in."""
        of = BY_KEY[key]
        if of.looks is not None:
            said = [self.run(text)[1] for text in on_its_line(of.looks, self.chosen())]
            self.sheet, self.sheet_from = tuple(line for lines in said for line in lines), 0
        if of.fill is None:
            return
        text = of.fill(self.chosen())
        if text is not None:
            self._ask(COMMAND, on_its_line(text, self.chosen())[0])
        elif of.looks is None:
            self.said = "nothing is selected that this could be about"

    # -- a line that is typed

    def _ask(self, label: str, text: str) -> None:
        self.label, self.typing, self.recall = label, filled(text), len(self.history)

    def _type(self, line: Edit, key: str) -> None:
        if key == ESCAPE:
            self.typing = None
            if self.label == FILTER:
                self.words = ""
        elif key in (UP, DOWN) and self.label == COMMAND:
            self.recall = max(0, min(len(self.history), self.recall + (1 if key == DOWN else -1)))
            self.typing = filled((*self.history, "")[self.recall])
        elif key not in ENTER:
            self.typing = line.key(key)
        elif self.label == FILTER:
            self.words, self.typing = line.text.strip(), None
            if self.selected not in {each.id for each in shown_duties(self.shown)}:
                self.selected = moved(shown_duties(self.shown), None, 0)
        else:
            self.typing = None
            self.do(line.text.strip())

    def do(self, text: str) -> None:
        """Run a command and show what it says; one that was refused stays to be mended."""
        if not text:
            return
        self.history = [*[each for each in self.history if each != text], text][-100:]
        code, lines = self.run(text)
        if len(lines) > 2:
            self.sheet, self.sheet_from = tuple(lines), 0
        else:
            self.sheet = ()
        self.said = lines[0] if lines else "done"
        if code != 0:
            self._ask(COMMAND, text)
        self.try_to_read()


class Commands:
    """Commands of ``clearline`` within this process, for the node that the board is of."""

    def __init__(self, node: Path | None, url: str | None, token_file: Path | None) -> None:
        self._given = {
            "CLEARLINE_NODE": str(node) if node is not None else None,
            "CLEARLINE_URL": url,
            "CLEARLINE_TOKEN": token_file.read_text("utf-8").strip() if token_file else None,
        }
        self._node = node

    def __call__(self, text: str) -> tuple[int, list[str]]:
        """The exit code and what was said, errors first."""
        from clearline.cli.main import build  # it lists this module's verb

        try:
            words = split(text)
        except ValueError as error:  # a quotation mark that is not closed
            return 2, [f"clearline: {error}"]
        if words[:1] == ["clearline"]:
            words = words[1:]
        if words[:1] == ["watch"] or words[:2] == ["node", "run"]:
            return 2, ["clearline: not from within the board"]
        if words[:2] == ["line", "fallback"] and self._node is not None:
            words += ["--node", str(self._node)]
        out, err = io.StringIO(), io.StringIO()
        code = 0
        with self._environment(), redirect_stdout(out), redirect_stderr(err):
            try:
                build(words)(args=words, prog_name="clearline")
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
            except OSError as error:
                code = 1
                print(f"clearline: {error.filename or ''} {error.strerror or error}")
        text = err.getvalue() + out.getvalue()
        said = (_unframed(line.rstrip()) for line in text.splitlines())
        return code, [line for line in said if line]

    @contextmanager
    def _environment(self) -> Iterator[None]:
        """This node's folder, address and token; and nobody is asked anything in between."""
        before, stdin = {name: os.environ.get(name) for name in self._given}, sys.stdin
        _set({**before, **{name: value for name, value in self._given.items() if value}})
        sys.stdin = io.StringIO()
        try:
            yield
        finally:
            sys.stdin = stdin
            _set(before)


def _unframed(line: str) -> str:
    """A line of a box that errors are drawn in, without the box: it is read out, and cut, badly."""
    return line.strip(FRAME) if line.strip()[:1] in tuple("╭│╰") else line


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


__all__ = ["Commands", "Desk"]
