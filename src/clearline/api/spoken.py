"""The words of the console in a language, with the English beside them where nobody has reviewed
them. They are fetched by the page as it runs: a word needs no new build."""

import msgspec

from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.model.refusal import Code, Refusal
from clearline.words.language import (
    FALLBACK,
    TemplateWords,
    is_reviewed,
    language,
    languages,
)

SPOKEN = ("console", "templates", "choices", "replies", "states", "verdicts", "plurals")
"""The sections of a language that the page puts sentences together from."""


class TongueView(msgspec.Struct, frozen=True, kw_only=True):
    """A language that there is, with its own name for itself."""

    language: str
    name: str
    direction: str
    reviewed: bool


class WordsView(TongueView, frozen=True):
    """The words of one language: ``console`` by view and id, blanks in braces, with ``english``
    beside what nobody has reviewed (FM20); the closed messages with their blanks and choices;
    replies, states and verdicts as they stand alone; counted words by the form that
    Intl.PluralRules names. ``tongues``: every language that there is."""

    console: dict[str, dict[str, str]]
    english: dict[str, dict[str, str]] | None
    templates: dict[str, TemplateWords]
    choices: dict[str, str]
    replies: dict[str, str]
    states: dict[str, str]
    verdicts: dict[str, str]
    plurals: dict[str, dict[str, str]]
    languages: tuple[str, ...]
    tongues: tuple[TongueView, ...]


async def words(_: Service, call: Call[None]) -> WordsView:
    """What the console says in a language; it needs no token, since signing in has words too."""
    tag = call.path["lang"]
    if tag not in languages():
        refusal = Refusal(
            code=Code.NOT_FOUND, clause="CL-API-005",
            params={"found": tag[:16], "known": ", ".join(languages())},
        )  # fmt: skip
        raise Refused(refusal)
    own, of = _tongue(tag), language(tag)
    return WordsView(
        language=own.language, name=own.name, direction=own.direction, reviewed=own.reviewed,
        console=of.console, english=None if own.reviewed else language(FALLBACK).console,
        templates=of.templates, choices=of.choices, replies=of.replies, states=of.states,
        verdicts=of.verdicts, plurals=of.plurals, languages=languages(),
        tongues=tuple(_tongue(each) for each in languages()),
    )  # fmt: skip


def _tongue(tag: str) -> TongueView:
    found = language(tag)
    reviewed = all(is_reviewed(tag, section) for section in SPOKEN)
    return TongueView(language=tag, name=found.name, direction=found.direction, reviewed=reviewed)
