"""One line that is typed: a value with a cursor, and the keys that change it."""

from dataclasses import dataclass, field, replace
from typing import Final

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
PAGE_UP, PAGE_DOWN = "\x1b[5~", "\x1b[6~"
HOME: Final = ("\x1b[H", "\x1b[1~", "\x1bOH", "\x01")
END: Final = ("\x1b[F", "\x1b[4~", "\x1bOF", "\x05")
DELETE: Final = "\x1b[3~"
BACKSPACE: Final = ("\x7f", "\x08")
CLEAR: Final = "\x15"
ESCAPE: Final = "\x1b"
ENTER: Final = ("\r", "\n")
INTERRUPT: Final = "\x03"
PASTE: Final = "\x1b[200~"
"""What a terminal sends before what somebody has pasted, once it was asked to mark that."""
PASTED: Final = "\x1b[201~"
QUIET_MAX: Final = 8
"""Readings without a character after which a paste without its end is taken to be whole."""
CHARS_MAX: Final = 4_000
"""A polygon of some hundred corners; a pasted book is cut off."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text and where the cursor stands in it, in characters from its start."""

    text: str = ""
    at: int = 0

    def key(self, key: str) -> "Edit":
        """After a key; one that it does not know changes nothing."""
        if key == LEFT:
            return replace(self, at=max(0, self.at - 1))
        if key == RIGHT:
            return replace(self, at=min(len(self.text), self.at + 1))
        if key in HOME:
            return replace(self, at=0)
        if key in END:
            return replace(self, at=len(self.text))
        if key in BACKSPACE and self.at > 0:
            return Edit(self.text[: self.at - 1] + self.text[self.at :], self.at - 1)
        if key == DELETE:
            return Edit(self.text[: self.at] + self.text[self.at + 1 :], self.at)
        if key == CLEAR:
            return Edit()
        if key.startswith(PASTE):  # in one line: what is pasted never runs by itself
            key = " ".join(key.removeprefix(PASTE).split())[: CHARS_MAX - len(self.text)]
        if key.isprintable() and len(self.text) + len(key) <= CHARS_MAX:
            return Edit(self.text[: self.at] + key + self.text[self.at :], self.at + len(key))
        return self

    def shown(self, width: int) -> tuple[str, int]:
        """As much as fits about the cursor, and where the cursor stands in that."""
        first = max(0, self.at - width + 1)
        return self.text[first : first + width], self.at - first


def filled(text: str) -> Edit:
    """A text to go on with: the cursor stands where ``|`` does, else at its end."""
    before, mark, after = text.partition("|")
    return Edit(before + after, len(before)) if mark else Edit(text, len(text))


@dataclass(slots=True)
class Keys:
    """Keys out of what a terminal sends. Over a slow link one key's characters may come in two
    parts; what is pasted comes as one key, which begins with ``PASTE``."""

    rest: str = ""
    quiet: int = field(default=0)

    def feed(self, text: str) -> list[str]:
        """The keys that are whole now; an empty text says that nothing came for a while."""
        self.quiet = 0 if text else self.quiet + 1
        text, self.rest, found = self.rest + text, "", []
        while text and not self.rest:
            key = _first(text)
            if key is not None:
                found.append(key.removesuffix(PASTED) if key.startswith(PASTE) else key)
                text = text[len(key) :]
            elif self.quiet == 0 or (text.startswith(PASTE) and self.quiet < QUIET_MAX):
                self.rest = text
            else:  # no more of it comes
                found.append(text if text.startswith(PASTE) else ESCAPE)
                text = ""
        return found


def _first(text: str) -> str | None:
    """The first key of it; None: more of it is to come."""
    if text[0] != ESCAPE:
        return text[0]
    if text.startswith(PASTE):
        whole, end, _ = text.partition(PASTED)
        return whole + end if end else None
    if text[1:2] not in ("[", "O"):
        return None if len(text) == 1 else ESCAPE
    end_at = next((n for n in range(2, len(text)) if "@" <= text[n] <= "~"), None)
    return None if end_at is None else text[: end_at + 1]


__all__ = ["ENTER", "ESCAPE", "INTERRUPT", "PASTE", "Edit", "Keys", "filled"]
