"""The closed catalogue of messages: which templates there are, and how each blank is filled.

On the wire a message is a template's id and its blanks, each a whole number or one line of text in
one agreed form (docs/messages.md); the sentence is made by the reader, in the reader's language.
What is filed must fit the catalogue (CL-OWN-009). What comes is never refused for it: a newer peer
may know more templates, so that one that is unknown here is shown with its id and all its blanks.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec

from clearline.model.entry import Field, Message, Precedence
from clearline.model.ids import is_party_id, parse_ref
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import LatLon
from clearline.model.time import INSTANT_MAX, Instant, format_utc
from clearline.words.language import FALLBACK, language
from clearline.words.sentences import BLANK, filled, most_telling, plain, quoted

CLAUSE: Final = "CL-OWN-009"
POSITION: Final = re.compile(r"([+-])(\d{2}\.\d{4,7})([+-])(\d{3}\.\d{4,7})/", re.ASCII)
"""ISO 6709, degrees and decimals, north and east positive, WGS 84: ``+35.3000000+035.9000000/``."""
HEIGHT: Final = re.compile(
    r"SFC|UNL|FL\d{3}|(?:AMSL|AGL|W84) -?(?:0|[1-9]\d{0,5})(?:\.\d{1,3})? m", re.ASCII
)
"""A height with its reference, metres; a flight level in hundreds of feet."""
CALL_SIGN: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{0,14}[A-Z0-9])?", re.ASCII)
TELEPHONE: Final = re.compile(r"\+?[0-9](?:[0-9 ]{1,22}[0-9])", re.ASCII)


class Blank(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One blank of a template. ``unit``, ``low`` and ``high`` belong to numbers, ``choices`` to a
    closed choice."""

    name: str
    kind: str
    required: bool = True
    unit: str = ""
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One template: its precedence unless the sender says otherwise, and its blanks in the order
    in which they stand on the wire. Every message is answered, at the least with ROGER."""

    id: str
    prec: Precedence
    fields: tuple[Blank, ...]


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All templates of one edition."""

    catalogue: int
    templates: tuple[Template, ...]


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Template]:
    """The templates by id, in the catalogue's order."""
    raw = resources.files(__package__).joinpath("templates.json").read_bytes()
    return {each.id: each for each in msgspec.json.decode(raw, type=Catalogue).templates}


# -- what may be filed


def check_message(message: Message) -> Refusal | None:
    """Why a message may not be filed as it stands; None if it fits its template (FM21)."""
    template = templates().get(message.template)
    if template is None:
        return _refused("/body/template", reason="unknown-template", name=message.template)
    blanks = {blank.name: blank for blank in template.fields}
    place = -1
    order = list(blanks)
    for n, field in enumerate(message.fields):
        blank = blanks.get(field.name)
        if blank is None:
            return _refused(f"/body/fields/{n}/name", reason="unknown-blank", name=field.name)
        if order.index(field.name) <= place:
            return _refused(f"/body/fields/{n}", reason="out-of-order", name=field.name)
        place = order.index(field.name)
        if not _fits(blank, field.value):
            facts: dict[str, Param] = {"name": field.name, "wanted": wanted(blank)}
            return _refused(f"/body/fields/{n}/value", reason="bad-blank", **facts)
    given = {field.name for field in message.fields}
    for blank in template.fields:
        if blank.required and blank.name not in given:
            facts = {"name": blank.name, "wanted": wanted(blank)}
            return _refused("/body/fields", reason="empty-blank", **facts)
    return None


def _refused(at: str, **params: Param) -> Refusal:
    return Refusal(code=Code.BAD_TEMPLATE, clause=CLAUSE, at=at, params=params)


def _fits(blank: Blank, value: str | int) -> bool:
    if blank.kind == "number":
        return isinstance(value, int) and blank.low <= value <= blank.high
    if blank.kind == "instant":
        return isinstance(value, int) and 0 <= value <= INSTANT_MAX
    if not isinstance(value, str):
        return False
    if blank.kind == "choice":
        return value in blank.choices
    return _TEXTS[blank.kind](value)


def _is_position(text: str) -> bool:
    found = POSITION.fullmatch(text)
    return found is not None and float(found[2]) <= 90 and float(found[4]) <= 180


def _is_entry(text: str) -> bool:
    try:
        return str(parse_ref(text)) == text
    except ValueError:
        return False


_TEXTS: Final[Mapping[str, Callable[[str], bool]]] = {
    "position": _is_position,
    "height": lambda text: HEIGHT.fullmatch(text) is not None,
    "call-sign": lambda text: CALL_SIGN.fullmatch(text) is not None,
    "telephone": lambda text: TELEPHONE.fullmatch(text) is not None,
    "party": is_party_id,
    "entry": _is_entry,
}

FORMS: Final[Mapping[str, str]] = {
    "position": "+35.3000000+035.9000000/",
    "instant": "1537209540000",
    "height": "FL320",
    "call-sign": "RELIEF 12",
    "telephone": "+41 22 000 00 00",
    "party": "ALFA",
    "entry": "ALFA.0/7",
}
"""An example of each kind of blank, for help and refusals."""


def wanted(blank: Blank) -> str:
    """What belongs into a blank, for a person: a range with its unit, a choice, an example."""
    match blank.kind:
        case "number":
            return f"{blank.low} to {blank.high} {blank.unit}"
        case "choice":
            return ", ".join(blank.choices)
        case "instant":
            return "UTC milliseconds"
        case _:
            return f"{blank.kind}, such as {FORMS[blank.kind]}"


def position_text(at: LatLon) -> str:
    """A place as a blank holds it."""
    return f"{at.lat_e7 / 1e7:+011.7f}{at.lon_e7 / 1e7:+012.7f}/"


# -- what is read


def call_sign_text(name: str) -> str:
    """A call sign as it stands in a message: capital letters, digits, blank and hyphen."""
    kept = re.sub(r"[^A-Z0-9 -]+", "-", name.upper()).strip(" -")[:16].rstrip(" -")
    return kept or "UNNAMED"


def said(template: str, fields: Sequence[Field], lang: str = FALLBACK) -> str:
    """The message as one sentence, and what is asked of the reader. Of an unknown template, or of
    blanks that do not fit, everything is shown as it came, and marked."""
    message = Message(template=template, fields=tuple(fields))
    words = language(lang)
    own = words.templates.get(template) or language(FALLBACK).templates.get(template)
    if own is None or check_message(message) is not None:
        shown = "; ".join(f"{plain(field.name)} {_raw(field.value)}" for field in fields)
        form = words.beside["unknown_template"]
        told = filled(form, {"name": template}, words)
        return f"{told} {shown}" if shown else told
    kinds = {blank.name: blank for blank in templates()[template].fields}
    facts: dict[str, Param] = {
        field.name: _shown(kinds[field.name], field.value, words.choices) for field in fields
    }
    form = most_telling(own.says, facts)
    named = {found[1] for each in (form, own.asks) for found in BLANK.finditer(each)}
    rest = "; ".join(f"{name} {value}" for name, value in facts.items() if name not in named)
    parts = [filled(form, facts, words), f"({rest})" if rest else ""]
    parts.append(filled(own.asks, facts, words))
    return " ".join(part for part in parts if part)


def is_known(template: str, fields: Sequence[Field]) -> bool:
    """Whether the reader's catalogue has this template and these blanks fit it."""
    return check_message(Message(template=template, fields=tuple(fields))) is None


def _raw(value: str | int) -> str:
    return str(value) if isinstance(value, int) else quoted(value)


def _shown(blank: Blank, value: str | int, choices: Mapping[str, str]) -> str | int:
    """A blank's value for a reader. Digits, Z times and references are the same in every
    language; a number stays one, since a counted word beside it goes by it."""
    if blank.kind == "number":
        return int(value)
    if blank.kind == "instant":
        return format_utc(Instant(int(value)))
    if blank.kind == "choice":
        return choices.get(str(value), str(value))
    if blank.kind == "position":
        found = POSITION.fullmatch(str(value))
        assert found is not None, "checked by the caller"
        north, east = "N" if found[1] == "+" else "S", "E" if found[3] == "+" else "W"
        return f"{float(found[2]):08.5f}{north} {float(found[4]):09.5f}{east}"
    return str(value)


__all__ = [
    "CLAUSE", "FORMS", "Blank", "Template", "check_message", "is_known", "position_text", "said",
    "templates", "wanted",
]  # fmt: skip
