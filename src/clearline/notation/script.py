"""Text as keyboards and other programs write it, in the one form that the grammars read.

Digits of any script become ASCII, as do the many minus, degree, minute and second signs; marks that
only steer the direction of writing go. Numbers mixed of two scripts are refused, not joined.
"""

import re
import unicodedata
from typing import Final

CHARS_MAX: Final = 200
"""A position, a height or a time is a few words; longer text is something else."""

_GONE: Final = dict.fromkeys(
    map(ord, "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067"
    "\u2068\u2069\ufeff\u00ad")
)  # fmt: skip
"""Marks of direction and of width nought: Arabic and Hebrew keyboards put them around numbers."""
_LIKE: Final = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\ufe63\uff0d",
    "+": "\uff0b\ufe62",
    "°": "\u00ba\u02da\u2218\u2070\u030a",
    "'": "\u2032\u2019\u2018\u02b9\u00b4\u0060\u02bc\uff07\u05f3",
    '"': "\u2033\u201d\u201c\u02ba\uff02\u05f4\u201e",
    ",": "\u060c\uff0c\u3001",
    ".": "\u066b\uff0e",
    ";": "\u061b\uff1b",
    ":": "\uff1a",
    "/": "\uff0f",
}
_TABLE: Final = {**_GONE, **{ord(c): to for to, many in _LIKE.items() for c in many}}


def plain(text: str) -> str | None:
    """The text with ASCII digits and signs, single blanks, upper case; None where it is too long
    or holds digits of two scripts."""
    if len(text) > CHARS_MAX:
        return None
    found, zeros = [], set()
    for char in text.translate(_TABLE):
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            zeros.add(ord(char) - digit)
            found.append(str(digit))
        elif char.isspace():
            found.append(" ")
        else:
            found.append(char)
    if len(zeros) > 1:
        return None
    # Only ASCII: there are other letters whose capital is S, and a hemisphere is no place for them.
    big = (char.upper() if char.isascii() else char for char in found)
    joined = "".join(big).replace("''", '"')
    return re.sub(r" +", " ", joined).strip()
