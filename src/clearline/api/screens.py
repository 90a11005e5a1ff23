"""Screens of lines and duties: what changed since somebody looked, made once for all readers.

Forty consoles of one operations room hear of the same entry at the same moment and ask the same
question. The first of them has the line looked at; the others wait for that and are given the same
bytes.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from clearline.alerting.routing import WatchPlan
from clearline.model.ids import LineId
from clearline.model.time import Instant
from clearline.node.reading import Reading
from clearline.node.shown import Shown
from clearline.node.shown_duties import ShownDuties
from clearline.node.state import State
from clearline.node.views import NodeView
from clearline.words.reader import Langs

WISHES_MAX: Final = 8
"""Lines by languages that are kept ready: two lines in four wishes. 5,000 notices are 15 MB."""
ANSWERS_MAX: Final = 4
"""Answers of one look that are kept as bytes: of those who follow, and of those who come anew."""

NODE_SAME_MS: Final = 100
"""So long one view of the node serves everybody, while its state is the very same."""

Run = Callable[[Generator[None, None, None]], Awaitable[None]]
"""Does work a slice at a time."""


@dataclass(slots=True)
class Answers:
    """Answers of one look as bytes, by what was asked after."""

    _held: dict[str | None, bytes] = field(default_factory=dict)
    _of: int = -1

    def one(self, look: int, position: str | None, make: Callable[[], object]) -> bytes:
        """The answer, made once."""
        if self._of != look:
            self._of, self._held = look, {}
        held = self._held.get(position)
        if held is None:
            held = msgspec.json.encode(make())
            if len(self._held) >= ANSWERS_MAX:
                del self._held[next(iter(self._held))]
            self._held[position] = held
        return held


def _run() -> str:
    """What tells one life of a screen from another."""
    return secrets.token_hex(6)


@dataclass(slots=True)
class Screen:
    """One line for readers of the same languages."""

    shown: Shown = field(default_factory=lambda: Shown(_run()))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _answers: Answers = field(default_factory=Answers)

    async def look(self, read: Callable[[], Reading], run: Run) -> None:
        """Look at the line, unless that has just been done. Raises what ``read`` raises."""
        async with self.turn:
            of = read()
            if not self.shown.is_current(of):
                await run(self.shown.steps(of))

    def answer(self, line: LineId, position: str | None) -> bytes:
        """What changed after a position, as JSON."""
        return self._answers.one(
            self.shown.look, position, lambda: self.shown.after(line, position)
        )


@dataclass(slots=True)
class DutyScreen:
    """The duties for readers of the same languages."""

    shown: ShownDuties = field(default_factory=lambda: ShownDuties(_run()))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _answers: Answers = field(default_factory=Answers)

    async def look(self, read: Callable[[], tuple[State, WatchPlan, Instant]], langs: Langs,
                   run: Run) -> None:  # fmt: skip
        """Look at the duties, unless nothing has changed."""
        async with self.turn:
            state, plan, now = read()
            if not self.shown.is_current(state, plan):
                await run(self.shown.steps(state, plan, now, langs))

    def answer(self, position: str | None) -> bytes:
        """What changed after a position, as JSON."""
        return self._answers.one(self.shown.look, position, lambda: self.shown.after(position))


@dataclass(slots=True)
class Screens:
    """All screens of a node that are kept ready; of those that are not asked for, none."""

    _kept: dict[tuple[LineId, Langs], Screen] = field(default_factory=dict)
    _nodes: dict[Langs, tuple[State, Instant, NodeView]] = field(default_factory=dict)
    _duties: dict[Langs, DutyScreen] = field(default_factory=dict)

    def of(self, line: LineId, langs: Langs) -> Screen:
        """The screen of a line in these languages."""
        screen = self._kept.pop((line, langs), None) or Screen()
        self._kept[line, langs] = screen
        if len(self._kept) > WISHES_MAX:
            del self._kept[next(iter(self._kept))]
        return screen

    def duties(self, langs: Langs) -> DutyScreen:
        """The duties in these languages."""
        screen = self._duties.pop(langs, None) or DutyScreen()
        self._duties[langs] = screen
        if len(self._duties) > WISHES_MAX:
            del self._duties[next(iter(self._duties))]
        return screen

    def node(
        self, state: State, now: Instant, langs: Langs, make: Callable[[], NodeView]
    ) -> NodeView:
        """The node as it is, made once for all who ask at the same moment."""
        held = self._nodes.pop(langs, None)
        if held is None or held[0] is not state or not held[1] <= now < held[1] + NODE_SAME_MS:
            held = state, now, make()
        self._nodes[langs] = held
        if len(self._nodes) > WISHES_MAX:
            del self._nodes[next(iter(self._nodes))]
        return held[2]
