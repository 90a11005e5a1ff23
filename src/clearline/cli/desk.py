"""One desk at a terminal: its board, what is selected, the line being typed, and what keys do."""

import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from shlex import split
from typing import Final

from clearline.cli.behind import Eyes, Hands, Unread, read_board, said_of, taken, with_alert
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
    PAGE_DOWN,
    PAGE_UP,
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
from clearline.model.ids import EntryRef, LineId
from clearline.model.time import Instant, format_utc
from clearline.node.views import AlertView, BoardView

AT_ONCE: Final = {"r": Reply.ROGER, "w": Reply.WILCO, "s": Reply.STANDBY}
PAGES: Final = {PAGE_DOWN: 10, PAGE_UP: -10}
STEPS: Final = {DOWN: 1, "j": 1, UP: -1, "k": -1, **PAGES}
PALETTE: Final = (":", "\x0b")
FILTER: Final = "show only: "
COMMAND: Final = "clearline "
NOTHING: Final = "nothing waits for somebody to take it"
NOT_OURS: Final = "this duty is not ended by an answer of ours"
FRAME: Final = "╭╮╰╯│─ "
BY_KEY: Final = {key: each for each in KEYS for key in each.key.split()}


@dataclass(slots=True)
class Desk:
    """One desk. ``press`` takes keys, ``screen`` is what stands on it. With ``eyes`` nothing here
    waits for the node; without, everything does."""

    client: Client
    name: str
    run: Callable[[str], tuple[int, list[str]]]
    news: threading.Event = field(default_factory=threading.Event)
    eyes: Eyes | None = None
    hands: Hands = field(default_factory=lambda: Hands(threading.Event(), at_once=True))
    board: BoardView | None = None
    ahead_ms: int = 0
    selected: str | None = None
    said: str = ""
    unread: str = ""
    deaf: str = ""
    confirmed: set[str] = field(default_factory=set)
    typing: Edit | None = None
    label: str = COMMAND
    words: str = ""
    sheet: tuple[str, ...] = ()
    sheet_from: int = 0
    history: list[str] = field(default_factory=list)
    recall: int = 0
    rung: dict[str, int] = field(default_factory=dict)
    heard: dict[str, tuple[Instant, AlertView]] = field(default_factory=dict)
    lines: dict[LineId, Held] = field(default_factory=dict)
    size: tuple[int, int] = (WIDTH_MIN, HEIGHT_MIN)

    def now(self) -> Instant:
        """The node's time, carried on by this machine's clock."""
        return Instant(now() + self.ahead_ms)

    def read(self) -> BoardView:
        """The board afresh. Raises Refused, Unreachable."""
        return self._take_in(read_board(self.client, self.lines))

    def _take_in(self, board: BoardView) -> BoardView:
        self.ahead_ms, self.unread = board.node.now - now(), ""
        self.heard = {id_: each for id_, each in self.heard.items() if each[0] >= board.node.now}
        for _, alert in self.heard.values():  # a board that was long under way knows less
            board = with_alert(board, alert)
        before, self.board = self.board, board
        self._keep_selected(before)
        return board

    def _hear(self, alert: AlertView) -> None:
        """A newer word of one duty than the board's."""
        assert self.board is not None, "read before it is heard"
        self.heard[alert.id] = (self.now(), alert)
        before, self.board = self.board, with_alert(self.board, alert)
        self._keep_selected(before)

    def look(self) -> None:
        """Take in what came about beside: boards, and what was done."""
        self.hands.settle()
        for found in taken(self.eyes.found) if self.eyes is not None else ():
            if isinstance(found, Unread):
                self.unread = found.why
            elif isinstance(found, AlertView):
                self._hear(found)
            else:
                self._take_in(found)

    def look_again(self) -> None:
        """Have the board read, or read it: the old one stays, with its age on it."""
        if self.eyes is not None:
            self.eyes.wake.set()
            return
        try:
            self.read()
        except (Refused, Unreachable) as error:
            self.unread = said_of(error)

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
            said=self.said or self._waiting(), unread=self.unread, deaf=self.deaf, width=width,
            height=height, style=style(), words=self.words, sheet=self.sheet,
            sheet_from=self.sheet_from,
        )  # fmt: skip

    def _waiting(self) -> str:
        """What has been asked of the node and is not answered yet."""
        waits = "; ".join(self.hands.waits.values())
        return f"waiting for the node: {waits}" if waits else ""

    def confirm(self, alerts: tuple[AlertView, ...]) -> None:
        """Tell the node what stands on the screen (R3), each once."""
        for alert in alerts:
            if alert.sounding and alert.presented is None and alert.id not in self.confirmed:
                self.confirmed.add(alert.id)
                if self.eyes is not None:
                    self.eyes.shown.put(alert.id)
                    self.eyes.wake.set()
                    continue
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
        if self.typing is not None and not (self.sheet and key in PAGES):
            self._type(self.typing, key)
            return
        self.said = ""
        if key.startswith(PASTE):
            self.said = "what is pasted is not taken for keys: press : first"
        elif key == ESCAPE:
            self.sheet, self.sheet_from = (), 0
        elif key in STEPS:
            self._move(STEPS[key])
        elif key in ENTER:
            self._open(in_full(self.chosen()))
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
        assert self.board is not None, "read before keys are taken"
        seen, selected = self.board.node.now, self.selected
        if key == "a":
            if selected is not None:
                self._act("taking", lambda: self.client.take(selected, seen=seen))
            return
        found = answerable(self.board, selected)
        if found is None:
            chosen = selected is not None
            self.said = NOT_OURS if chosen else "nothing is selected: j k choose a duty"
            return
        reply, (alert, to) = AT_ONCE[key], found
        self._act(f"{reply.value} to {to}", lambda: self._answer(alert.line, to, reply))

    def _act(self, what: str, work: Callable[[], AlertView | str]) -> None:
        """Ask the node; what came of it is said, and the board read."""

        def tried() -> AlertView | str:
            try:
                return work()
            except (Refused, Unreachable) as error:
                return said_of(error)

        if not self.hands.do("key", what, tried, self._acted):
            self.said = f"not done: still {self._waiting()}"

    def _acted(self, came: AlertView | str) -> None:
        if isinstance(came, AlertView):
            self._hear(came)
        else:
            self.said = came
        self.look_again()

    def _answer(self, line: LineId, to: EntryRef, reply: Reply) -> str:
        done = self.client.say(line, Answer(to=to, reply=reply, role=self.client.me().duty))
        return f"{reply.value} to {to} {done.words}"

    def chosen(self) -> Chosen:
        """What the keys act on."""
        assert self.board is not None, "read before keys are taken"
        found = next((each for each in self.board.alerts if each.id == self.selected), None)
        return Chosen(board=self.board, alert=found, now=self.now())

    def _fill(self, key: str) -> None:
        """Show what the key looks at; then stand with the command that it fills in."""
        of = BY_KEY[key]
        if of.looks is not None:
            beside = of.beside(self.chosen()) if of.beside is not None else None
            first = on_its_line(beside, self.chosen()) if beside is not None else ()
            self._look_at((*first, *on_its_line(of.looks, self.chosen())))
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

    def _look_at(self, asked: tuple[str, ...]) -> None:
        """A list instead of the duties, when it has come."""

        def found() -> tuple[str, ...]:
            return tuple(line for text in asked for line in self.run(text)[1])

        if not self.hands.do("command", asked[0], found, self._open):
            self.said = f"not done: still {self._waiting()}"

    def _open(self, lines: tuple[str, ...]) -> None:
        self.sheet, self.sheet_from = lines, 0

    def do(self, text: str) -> None:
        """Run a command and show what it says; one that was refused stays to be mended."""
        if not text:
            return
        self.history = [*[each for each in self.history if each != text], text][-100:]
        if not self.hands.do("command", text, lambda: self.run(text), partial(self._ran, text)):
            self.said = f"not sent: still {self._waiting()}"
            self._ask(COMMAND, text)

    def _ran(self, text: str, found: tuple[int, list[str]]) -> None:
        code, lines = found
        self.sheet, self.sheet_from = (tuple(lines) if len(lines) > 2 else ()), 0
        self.said = "; ".join(lines[:2]) or "done"
        if code != 0 and self.typing is None:
            self._ask(COMMAND, text)
        self.look_again()


def in_full(chosen: Chosen) -> tuple[str, ...]:
    """The selected duty, and the live notices that it is about."""
    from clearline.cli.notice import describe_notice  # a verb of its own, with much behind it

    alert = chosen.alert
    if alert is None:
        return ()
    said = [
        f"{alert.precedence.name} {alert.words}",
        f"  since {format_utc(alert.since)}; rings: {alert.rings}",
    ]
    if alert.presented is not None:
        said.append(f"  on a screen {format_utc(alert.presented)} {alert.presented_on}")
    if alert.taken_at is not None:
        note = f": {alert.taken_note}" if alert.taken_note else ""
        said.append(f"  taken {format_utc(alert.taken_at)} by {alert.taken_by}{note}")
    for ref in alert.about:
        for notice in chosen.board.notices:
            said += describe_notice(notice) if notice.ref == ref else ()
    return tuple(said)


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
