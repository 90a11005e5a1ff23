"""Screens of a line: what changed since a reader's last look, made once for all who look alike.

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

from clearline.model.ids import LineId
from clearline.node.reading import Reading
from clearline.node.shown import Shown
from clearline.words.reader import Langs

WISHES_MAX: Final = 8
"""Lines by languages that are kept ready: two lines in four wishes. 5,000 notices are 15 MB."""
ANSWERS_MAX: Final = 4
"""Answers of one look that are kept as bytes: of those who follow, and of those who come anew."""

Run = Callable[[Generator[None, None, None]], Awaitable[None]]
"""Does work a slice at a time."""


@dataclass(slots=True)
class Screen:
    """One line for readers of the same languages."""

    shown: Shown = field(default_factory=lambda: Shown(secrets.token_hex(6)))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _answers: dict[str | None, bytes] = field(default_factory=dict)
    _of: int = -1

    async def look(self, read: Callable[[], Reading], run: Run) -> None:
        """Look at the line, unless that has just been done. Raises what ``read`` raises."""
        async with self.turn:
            of = read()
            if not self.shown.is_current(of):
                await run(self.shown.steps(of))

    def answer(self, line: LineId, position: str | None) -> bytes:
        """What changed after a position, as JSON."""
        if self._of != self.shown.look:
            self._of, self._answers = self.shown.look, {}
        held = self._answers.get(position)
        if held is None:
            held = msgspec.json.encode(self.shown.after(line, position))
            if len(self._answers) >= ANSWERS_MAX:
                del self._answers[next(iter(self._answers))]
            self._answers[position] = held
        return held


@dataclass(slots=True)
class Screens:
    """All screens of a node that are kept ready; of those that are not asked for, none."""

    _kept: dict[tuple[LineId, Langs], Screen] = field(default_factory=dict)

    def of(self, line: LineId, langs: Langs) -> Screen:
        """The screen of a line in these languages."""
        screen = self._kept.pop((line, langs), None) or Screen()
        self._kept[line, langs] = screen
        if len(self._kept) > WISHES_MAX:
            del self._kept[next(iter(self._kept))]
        return screen
