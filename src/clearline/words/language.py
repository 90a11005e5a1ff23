"""Languages as data: one file each, read once."""

from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec

FALLBACK: Final = "en"
"""The language that is always complete: a test holds it to every code and every fact."""


class RefusalWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong, the most telling form first, the last without facts; and what to do."""

    says: tuple[str, ...]
    do: str


class TemplateWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message: what it says, the most telling form first, the last with the blanks that are
    always filled; and what it asks of the reader ("" when it only tells)."""

    says: tuple[str, ...]
    asks: str


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All words of one language. ``cases``, by clause and the fact ``why``, come before the words
    of the code, where what to do differs by case. ``reasons`` are the closed words of the facts
    ``reason`` and ``why``; ``params`` names every fact; ``standings`` has the most telling form
    first; ``templates`` are the messages of the catalogue, ``choices`` what closed blanks
    hold."""

    language: str
    refusals: dict[str, RefusalWords]
    cases: dict[str, RefusalWords]
    reasons: dict[str, str]
    params: dict[str, str]
    verdicts: dict[str, str]
    standings: dict[str, tuple[str, ...]]
    beside: dict[str, str]
    templates: dict[str, TemplateWords]
    choices: dict[str, str]


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The tags of the languages that there are, sorted."""
    files = (file.name for file in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in files if name.endswith(".json")))


@lru_cache(maxsize=32)
def language(tag: str) -> Language:
    """The words of a language; those of ``en`` where there is no such language."""
    known = tag if tag in languages() else FALLBACK
    raw = resources.files(__package__).joinpath(f"{known}.json").read_bytes()
    return msgspec.json.decode(raw, type=Language)
