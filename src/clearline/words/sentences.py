"""From facts to sentences. Never raises for what a refusal holds: codes and facts come from others.

A form is a text with blanks ``{name}`` or ``{name|way}``; a way is how the fact is shown: ``quote``
(words of the other side), ``word`` (one of the language's reasons), ``time`` and ``clock`` (UTC),
``count:WORD`` (the number with the form of the counted word that goes with it). Digits, Z times
and references are the same in every language.

In a language that is written from right to left every fact is isolated (U+2068, U+2069), so that
Latin letters and digits in it keep their order and cannot move what stands around it. Where a
channel or a screen does not know isolates, ``without_isolates`` takes them out.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef
from clearline.model.refusal import Param, Refusal
from clearline.model.time import INSTANT_MAX, Instant, format_utc
from clearline.words.language import FALLBACK, Language, language
from clearline.words.plurals import plural_form

SHOWN_CHARS_MAX: Final = 80
"""Words of the other side are cut here: a sentence must stay one."""
MOMENT: Final = "\ue000"
"""In a standing that is said without its time: where the time belongs. No word of others holds it
(``plain``)."""
BLANK: Final = re.compile(r"\{([a-z_]+)(?:\|(quote|word|time|clock|count:[a-z-]+))?\}")
ISOLATE: Final = "\u2068"
"""First strong isolate: what follows takes the direction of its own first letter."""
ISOLATE_END: Final = "\u2069"
_POSING: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\uf8ff\ufeff"
    r"\ufff0-\uffff\U000e0000-\U0010ffff“”]"
)


def sentence(refusal: Refusal, lang: str = FALLBACK) -> str:
    """What is wrong, what to do about it, and by which clause, in the reader's language."""
    words = language(lang)
    facts: dict[str, Param] = dict(refusal.params)
    if refusal.at:
        facts["at"] = refusal.at
    case = words.cases.get(f"{refusal.clause}/{refusal.params.get('why', '')}")
    forms = case or words.refusals.get(refusal.code) or language(FALLBACK).refusals[refusal.code]
    form = most_telling(forms.says, facts)
    told = {found[1] for found in BLANK.finditer(form)} | {"at"}
    told |= {"why"} if case is not None else set()
    rest = [
        f"{words.params.get(name, plain(name))} {shown(value, None, words)}"
        for name, value in refusal.params.items()
        if name not in told
    ]
    where = " ".join([refusal.clause, *([plain(refusal.at)] if refusal.at else [])])
    beside = "; ".join([*rest, isolated(where, lang)])
    return f"{filled(form, facts, words)} {forms.do} ({beside})"


def verdict(found: Verdict, lang: str = FALLBACK) -> str:
    """A verdict in words. NO speaks of one pair under stated terms; it is never a permission."""
    return language(lang).verdicts[found]


def standing(
    state: str,
    as_of: Instant | None,
    *,
    pending: Sequence[str] = (),
    against: Sequence[str] = (),
    not_told: Sequence[str] = (),
    seals: int = 0,
    unjudged: int = 0,
    lang: str = FALLBACK,
) -> str:
    """The standing of a version in words, never as one word alone: with its time, the represented
    parties that were not told, and the number of others' seals that were not considered; while it
    is not judged against all, against how many not. Without ``as_of`` MOMENT stands for its time.

    ``against``: sentences of our own, in which words of others have been cleaned.

    ``state`` is one of PENDING, CONFLICTED, UNDETERMINED, COORDINATED, DECONFLICTED: anything else
    is a bug of the caller's (KeyError).
    """
    words = language(lang)
    facts: dict[str, Param] = {}
    for name, members in (("pending", pending), ("not_told", not_told)):
        if members:
            facts[name] = plain(", ".join(members))
    if against:
        facts["against"] = _first_of(against)
    for name, count in (("seals", seals), ("unjudged", unjudged)):
        if count:
            facts[name] = count
    told = {name: value for name, value in facts.items() if isinstance(value, str | int)}
    known = composed(most_telling(words.standings[state], facts), told, words)
    beside = [
        composed(words.beside[name], told, words)
        for name in ("unjudged", "not_told", "seals")
        if name in facts
    ]
    at = composed(words.beside["as_of"], {"as_of": MOMENT if as_of is None else as_of}, words)
    return "; ".join([f"{known}, {at}", *beside])


def _first_of(members: Sequence[str]) -> str:
    """As many of some sentences of our own as a sentence has room for; the others as dots. Nothing
    is cut within one, nor is what keeps its direction taken away."""
    found: list[str] = []
    for each in members:
        if found and len(without_isolates(", ".join((*found, each)))) > SHOWN_CHARS_MAX:
            return ", ".join((*found, "…"))
        found.append(each)
    return ", ".join(found)


def basis(token: str, lang: str = FALLBACK) -> str:
    """What a verdict rests on, in words: how a height or an edge was read, or the one datum that
    would settle it. ``FL:qnh-by-BRAVO`` names who states it. One that is not known stays as it is.
    """
    words = language(lang)
    head, by, party = token.partition("-by-")
    form = words.states.get(f"{head}-by" if by else token)
    return plain(token) if form is None else filled(form, {"party": party}, words)


def quoted(text: str) -> str:
    """Words of others as they may be shown: in quotation marks, cut, with nothing that acts."""
    return f"“{plain(text)}”"


def most_telling(forms: Sequence[str], facts: Mapping[str, Param]) -> str:
    """The first form whose blanks can all be filled; the last has none."""
    for form in forms:
        if all(blank[1] in facts for blank in BLANK.finditer(form)):
            return form
    return forms[-1]


def filled(form: str, facts: Mapping[str, Param], words: Language) -> str:
    """A form with its blanks filled; a fact that is not there leaves its blank empty."""
    return BLANK.sub(lambda blank: shown(facts.get(blank[1], ""), blank[2], words), form)


def phrase(lang: str, name: str, *given: str) -> str:
    """The form of a phrase that the facts at hand can fill. A name that is not there is a bug of
    the caller's (KeyError)."""
    return most_telling(language(lang).phrases[name], dict.fromkeys(given, ""))


def said(lang: str, name: str, /, **facts: str | int) -> str:
    """A phrase with its blanks filled. Texts are taken as they are: what is of others is cleaned
    before (``plain``, ``quoted``)."""
    return composed(phrase(lang, name, *facts), facts, language(lang))


def composed(form: str, facts: Mapping[str, str | int], words: Language) -> str:
    """A form filled with texts that are sentences of our own, or have been cleaned."""

    def fill(blank: re.Match[str]) -> str:
        value = facts.get(blank[1], "")
        if isinstance(value, int):
            return shown(value, blank[2], words)
        return isolated(value, words.language)

    return BLANK.sub(fill, form)


def isolated(text: str, lang: str) -> str:
    """A piece of a sentence that keeps its own direction, where the language needs it."""
    return f"{ISOLATE}{text}{ISOLATE_END}" if language(lang).direction == "rtl" else text


def without_isolates(text: str) -> str:
    """For screens and channels that do not know them and would show boxes."""
    return text.replace(ISOLATE, "").replace(ISOLATE_END, "")


def shown(value: Param, way: str | None, words: Language) -> str:
    """A fact as it stands in a sentence of a language."""
    return isolated(_bare(value, way, words), words.language)


def _bare(value: Param, way: str | None, words: Language) -> str:
    if isinstance(value, EntryRef):
        return plain(str(value))
    if isinstance(value, int):
        if way in ("time", "clock") and 0 <= value <= INSTANT_MAX:
            stamp = format_utc(Instant(value))
            return f"{stamp[11:16]}Z" if way == "clock" else stamp
        if way is not None and way.startswith("count:"):
            forms = words.plurals.get(way.removeprefix("count:"), {})
            return f"{value} {forms.get(plural_form(words.language, value), '')}".rstrip()
        return str(value)
    if way == "word":
        return words.reasons.get(value) or plain(value)
    return f"“{plain(value)}”" if way == "quote" else plain(value)


def plain(text: str) -> str:
    """Words of others with nothing in them that could act, hide, or end the quotation."""
    short = text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}…"
    return _POSING.sub("\N{WHITE SQUARE}", short)


__all__ = [
    "BLANK", "basis", "composed", "filled", "isolated", "most_telling", "phrase", "plain", "quoted",
    "said", "sentence", "shown", "standing", "verdict", "without_isolates",
]  # fmt: skip
