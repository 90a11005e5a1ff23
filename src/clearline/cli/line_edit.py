"""One line that is typed: a value with a cursor, and the keys that change it."""

from dataclasses import dataclass, replace
from typing import Final

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME: Final = ("\x1b[H", "\x1b[1~", "\x1bOH", "\x01")
END: Final = ("\x1b[F", "\x1b[4~", "\x1bOF", "\x05")
DELETE: Final = "\x1b[3~"
BACKSPACE: Final = ("\x7f", "\x08")
CLEAR: Final = "\x15"
ESCAPE: Final = "\x1b"
ENTER: Final = ("\r", "\n")
INTERRUPT: Final = "\x03"
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


def split_keys(text: str) -> list[str]:
    """What a terminal sent at once, key by key: escape sequences whole, a paste in characters."""
    found, at = [], 0
    while at < len(text):
        end = at + 1
        if text[at] == ESCAPE and text[at + 1 : at + 2] in ("[", "O"):
            end = at + 2
            while end < len(text) and not ("@" <= text[end] <= "~"):
                end += 1
            end += 1
        found.append(text[at:end])
        at = end
    return found


__all__ = ["ENTER", "ESCAPE", "INTERRUPT", "Edit", "filled", "split_keys"]
