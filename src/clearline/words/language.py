"""Languages as data: one file each, read once."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Final, Literal

import msgspec

FALLBACK: Final = "en"
"""The language that is always complete: a test holds it to every code and every fact."""


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A closed part of a language's file."""


class RefusalWords(_Words, frozen=True):
    """What is wrong, the most telling form first, the last without facts; and what to do."""

    says: tuple[str, ...]
    do: str


class TemplateWords(_Words, frozen=True):
    """A message: what it says, the most telling form first, the last with the blanks that are
    always filled; and what it asks of the reader ("" when it only tells)."""

    says: tuple[str, ...]
    asks: str


class TroubleWords(_Words, frozen=True):
    """Why a desk is rung: what it says, the most telling form first; and ``bare``, for facts that
    are not all there and for channels, where no word of a peer stands in the sentence."""

    says: tuple[str, ...]
    bare: str


class Review(_Words, frozen=True):
    """Who has read a section of a translation, on which day (ISO 8601), and ``of`` which words:
    the digest that ``digest_of`` gives. A review of other words counts as none."""

    by: str
    on: str
    of: str


class Language(_Words, frozen=True):
    """All words of one language, ``name`` in its own. ``cases``, by clause and the fact ``why``,
    come before the words of the code, where what to do differs by case. ``reasons`` are the closed
    words of the facts ``reason`` and ``why``; ``params`` names every fact; ``standings`` has the
    most telling form first; ``templates`` are the messages of the catalogue, ``choices`` what
    closed blanks hold; ``troubles`` why a desk is rung, ``own_pairs`` the same between two notices
    of our own; ``states`` are closed words that stand alone; ``phrases`` everything else that the
    watch reads; ``review`` what stands on a joint review; ``console`` what stands on the watch
    console, view by view; ``plurals`` counted words by form; ``reviewed`` who has read which
    section."""

    language: str
    name: str
    direction: Literal["ltr", "rtl"]
    reviewed: dict[str, Review]
    plurals: dict[str, dict[str, str]]
    refusals: dict[str, RefusalWords]
    cases: dict[str, RefusalWords]
    reasons: dict[str, str]
    params: dict[str, str]
    verdicts: dict[str, str]
    standings: dict[str, tuple[str, ...]]
    beside: dict[str, str]
    templates: dict[str, TemplateWords]
    choices: dict[str, str]
    troubles: dict[str, TroubleWords]
    own_pairs: dict[str, TroubleWords]
    whys: dict[str, str]
    replies: dict[str, str]
    warnings: dict[str, str]
    states: dict[str, str]
    phrases: dict[str, tuple[str, ...]]
    review: dict[str, str]
    console: dict[str, dict[str, str]]


SECTIONS: Final = tuple(
    name
    for name in Language.__struct_fields__
    if name not in ("language", "name", "direction", "reviewed")
)
"""The parts of a file that hold words; each is reviewed as a whole."""


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The tags of the languages that there are, sorted."""
    files = (file.name for file in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in files if name.endswith(".json")))


def as_written(tag: str) -> Language:
    """A language as its file has it, with what it lacks. Raises FileNotFoundError."""
    raw = resources.files(__package__).joinpath(f"{tag}.json").read_bytes()
    return msgspec.json.decode(raw, type=Language)


@lru_cache(maxsize=32)
def language(tag: str) -> Language:
    """The words of a language; those of ``en`` where there is no such language. A test fails for
    every word that a file lacks; where one is missing all the same, the English stands in, since
    an alarm must never fail for want of a word."""
    english = as_written(FALLBACK)
    if tag == FALLBACK or tag not in languages():
        return english
    own = as_written(tag)
    whole = {
        name: {**getattr(english, name), **getattr(own, name)}
        for name in SECTIONS
        if name not in ("plurals", "console")
    }  # plurals: forms differ by language, see _bare in sentences.py
    whole["console"] = {
        view: {**there, **own.console.get(view, {})} for view, there in english.console.items()
    }
    return msgspec.structs.replace(own, **whole)


def digest_of(words: Language, section: str) -> str:
    """What a review of a section is bound to: its words, and the English that they stand for, so
    that a change of either ends the review. 16 hex digits of SHA-256."""
    both = [getattr(each, section) for each in (words, as_written(FALLBACK))]
    return sha256(msgspec.json.encode(both, order="sorted")).hexdigest()[:16]


_DEPLOYED: dict[str, Mapping[str, Review]] = {}
"""Reviews that the deployment of this process has recorded, beside those of the files."""


def take_reviews(reviews: Mapping[str, Mapping[str, Review]]) -> None:
    """Count these reviews, by language and section, from now on; none that were taken before."""
    _DEPLOYED.clear()
    _DEPLOYED.update(reviews)
    is_reviewed.cache_clear()


@lru_cache(maxsize=1024)
def is_reviewed(tag: str, section: str) -> bool:
    """Whether a person has reviewed the words of a section as they stand. English is the source."""
    words = language(tag)
    return words.language == FALLBACK or review_of(words, section) is not None


def review_of(words: Language, section: str) -> Review | None:
    """The review of a section, if it is of the words as they stand."""
    of = digest_of(words, section)
    deployed = _DEPLOYED.get(words.language, {})
    found = (words.reviewed.get(section), deployed.get(section))
    return next((review for review in found if review is not None and review.of == of), None)


def unreviewed(tag: str) -> tuple[str, ...]:
    """The sections of a language that nobody has reviewed as they stand."""
    return tuple(section for section in SECTIONS if not is_reviewed(tag, section))
