"""Rows on a terminal: only what changed is written, so that a board is quiet over a thin line.

A screen of 80 by 24 that is drawn whole four times a second fills a line of 64 kbit/s by itself;
one whose clock alone moves writes about a hundred bytes a second.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

ENTER: Final = "\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004h"
"""The other screen, no cursor; what is pasted is marked, so that none of it is taken for keys."""
LEAVE: Final = "\x1b[?2004l\x1b[?25h\x1b[?1049l"
BELL: Final = "\a"
_LOOKS: Final = {"bold": "1", "dim": "2", "underline": "4", "reverse": "7"}


@dataclass(slots=True)
class Painter:
    """What stands on the screen now. ``write`` takes text for the terminal."""

    write: Callable[[str], object]
    size: tuple[int, int] = (0, 0)
    lines: list[tuple[str, str]] = field(default_factory=list)

    def paint(
        self, rows: Iterable[tuple[str, str]], size: tuple[int, int],
        cursor: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        """Show rows of text and look; ``cursor``: row and column of the cursor, from 0."""
        wanted = list(rows)[: size[1]]
        wanted += [("", "")] * (size[1] - len(wanted))
        out = []
        if size != self.size:
            self.size, self.lines = size, [("\0", "")] * size[1]
            out.append("\x1b[2J")
        for n, (old, new) in enumerate(zip(self.lines, wanted, strict=True)):
            if old != new:
                out.append(_changed(n, old, new))
        self.lines = wanted
        out.append("\x1b[?25l" if cursor is None else _at(*cursor) + "\x1b[?25h")
        if out[:-1] or cursor is not None:
            self.write("".join(out))


def _changed(n: int, old: tuple[str, str], new: tuple[str, str]) -> str:
    """One row: from the first character that differs, where only characters do; and no more than
    those that differ, where as many stand there as before. Places are counted in characters, which
    holds for ASCII alone."""
    start, end = 0, None
    if old[1] == new[1]:
        start = _alike(old[0], new[0])
        start = start if new[0][:start].isascii() else 0
        if len(old[0]) == len(new[0]):
            end = len(new[0]) - _alike(old[0][start:][::-1], new[0][start:][::-1])
            end = end if (old[0][start:end] + new[0][start:end]).isascii() else None
    codes = ";".join(_LOOKS[word] for word in new[1].split())
    look = f"\x1b[{codes}m" if codes else ""
    plain = "\x1b[0m" if codes else ""
    rest = "" if end is not None else "\x1b[K"
    return f"{_at(n, start)}{look}{new[0][start:end]}{plain}{rest}"


def _alike(one: str, other: str) -> int:
    """How many characters are the same from the start on."""
    pairs = zip(one, other, strict=False)
    return next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _at(row: int, column: int) -> str:
    return f"\x1b[{row + 1};{column + 1}H"


__all__ = ["BELL", "ENTER", "LEAVE", "Painter"]
