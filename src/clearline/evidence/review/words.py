"""Headings and sentences of a review in the reader's language: section ``review`` of the languages.

A translation that nobody has reviewed has the English beside each of its words (FM20). Ids, digits,
times and what parties said are the same in all.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from clearline.evidence.html import grade as mark_of
from clearline.evidence.words import OWN_WORD, PROVED, SIGNED
from clearline.words.language import FALLBACK, language
from clearline.words.reader import BETWEEN, is_reviewed
from clearline.words.sentences import ISOLATE, ISOLATE_END

SECTION: Final = "review"
LOOKS: Final = {0: "good", 1: "bad", 3: "part"}
"""How the exit of a reconciliation, or of the evidence behind a review, looks."""
GRADES: Final = {PROVED: "proved", SIGNED: "signed", OWN_WORD: "own"}
"""A grade, and its word in the languages."""
_BLANK: Final = re.compile(r"\{([a-z_]+)\}")


class Said:
    """The words of one language. An id that is not there is a bug of the caller's (KeyError).

    On a ``page`` in a language that is written from right to left, each text and each fact keeps
    its own direction; lines for a terminal have no marks for that, which few terminals know."""

    def __init__(self, lang: str = FALLBACK, *, page: bool = False) -> None:
        words = language(lang)
        self.lang, self.direction = words.language, words.direction
        self.unreviewed = not is_reviewed(words.language, SECTION)
        self._isolate = page and words.direction == "rtl"
        english = language(FALLBACK).review
        self._of = (words.review, english) if self.unreviewed else (words.review,)

    def __call__(self, name: str, **facts: str | int) -> str:
        """A text with its blanks filled."""
        shown = {fact: self._own(str(value)) for fact, value in facts.items()}
        return BETWEEN.join(self._own(_filled(words[name], shown)) for words in self._of)

    def html(self, name: str, **pieces: str) -> str:
        """A text as HTML; ``pieces`` are HTML already."""
        shown = {piece: self._own(html) for piece, html in pieces.items()}
        forms = (escape(words[name], quote=False) for words in self._of)
        return BETWEEN.join(self._own(_filled(form, shown)) for form in forms)

    def _own(self, text: str) -> str:
        """A piece that takes the direction of its own first letter."""
        return f"{ISOLATE}{text}{ISOLATE_END}" if self._isolate else text

    def has(self, name: str) -> bool:
        """Whether there is a text of this id."""
        return name in self._of[0]

    def cell(self, name: str) -> str:
        """What a cell is called; one of a newer review by its own name."""
        return self(f"cell-{name}") if self.has(f"cell-{name}") else name

    def grade(self, name: str) -> str:
        """A grade as it is called; of a newer review by its own name."""
        return self(f"grade-{GRADES[name]}") if name in GRADES else name

    def grade_mark(self, name: str) -> str:
        """A grade as a mark on a page."""
        return mark_of(name, self.grade(name))


def _filled(form: str, facts: Mapping[str, str]) -> str:
    return _BLANK.sub(lambda blank: facts[blank[1]], form)
