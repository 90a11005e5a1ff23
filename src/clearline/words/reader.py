"""In which languages somebody reads, and a sentence in all of them.

A translation that nobody has reviewed never stands alone where it is real: beside it stand its id
and the English (FM20). Whoever asks for an unreviewed language alone gets English with it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from clearline.words.language import FALLBACK, is_reviewed, languages, unreviewed
from clearline.words.sentences import isolated, plain, said

Langs = tuple[str, ...]
ENGLISH: Final[Langs] = (FALLBACK,)
BETWEEN: Final = " ‖ "
"""Between one language and the next."""
ASKED_MAX: Final = 8
"""Languages in one wish: a browser sends a handful."""
_MARK: Final = re.compile(
    r" \[" + re.escape(said(FALLBACK, "unreviewed", id="\0")).replace("\0", r"[^\]]+") + r"\]"
)


def complete(wanted: Sequence[str]) -> Langs:
    """The languages in which a wish is read: those that there are, each once, in its order; English
    last where one of them is not wholly reviewed, or where none is there."""
    known = tuple(dict.fromkeys(tag for tag in wanted[:ASKED_MAX] if tag in languages()))
    if not known or (FALLBACK not in known and any(unreviewed(tag) for tag in known)):
        return (*known, FALLBACK)
    return known


def accepted(header: str) -> Langs:
    """The languages of an Accept-Language header (RFC 9110): the first that there is, and what
    must stand beside it. Weights are not read: the order says what comes first."""
    for part in header[:256].split(","):
        tag = part.partition(";")[0].partition("-")[0].strip().lower()
        if tag in languages():
            return complete((tag,))
    return ENGLISH


def told(langs: Langs, at: str, make: Callable[[str], str]) -> str:
    """A sentence in each language. ``at``: section and id, such as ``troubles/stop``; it stands
    beside what nobody has reviewed."""
    if langs == ENGLISH:
        return make(FALLBACK)
    return BETWEEN.join(_one(tag, at, make) for tag in langs)


def _one(tag: str, at: str, make: Callable[[str], str]) -> str:
    text = isolated(make(tag), tag)
    if is_reviewed(tag, at.partition("/")[0]):
        return text
    shown = plain(at)  # ids of a newer peer's templates are its words
    return f"{text} [{said(FALLBACK, 'unreviewed', id=f'{tag} {shown}')}]"


def unmarked(text: str) -> str:
    """Sentences without the marks of what nobody has reviewed: to be put into one that is told, and
    marked, as a whole."""
    return _MARK.sub("", text)


def wish_fault(wanted: Sequence[str], *, exercise: bool = False) -> str | None:
    """Why languages cannot be set as they are; None if they can. An unreviewed one is not the only
    one where it is real."""
    for tag in wanted:
        if tag not in languages():
            return f"there is no language {tag!r}; there are: {', '.join(languages())}"
    if len(set(wanted)) != len(wanted):
        return "a language stands twice"
    if exercise or FALLBACK in wanted or complete(wanted) == tuple(wanted):
        return None
    tag = next((tag for tag in wanted if unreviewed(tag)), "")
    return (
        f"nobody has reviewed {', '.join(unreviewed(tag))} of {tag!r}: it cannot stand alone on a"
        f' line that is no exercise; write ["{tag}", "{FALLBACK}"]'
        if tag
        else "name at least one language"
    )


__all__ = [
    "BETWEEN", "ENGLISH", "Langs", "accepted", "complete", "is_reviewed", "told", "unmarked",
    "wish_fault",
]  # fmt: skip
