"""Refusals as problem+json (RFC 9457): code, clause, sentence, pointer to the field."""

import json
import re
from typing import Final

import msgspec

from clearline.canonical import UNREADABLE, pointer_step
from clearline.model.ids import EntryRef
from clearline.model.limits import INTEGER_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.words.reader import ENGLISH, Langs, told
from clearline.words.sentences import sentence

MEDIA: Final = "application/problem+json"

STATUSES: Final[dict[Code, int]] = {
    Code.NOT_JSON: 400,
    Code.BAD_TEXT: 422,
    Code.NOT_ALLOWED: 403,
    Code.NOT_FOUND: 404,
    Code.FOREIGN_LINE: 404,
    Code.CONFLICTING_REQUEST: 409,
    Code.SUSPENDED: 409,
    Code.NOT_LIVE: 409,
    Code.NOT_HANDED_OVER: 409,
    Code.TOO_LARGE: 413,
    Code.RATE: 429,
    Code.STALE: 503,
    Code.NOT_SIGNING: 503,
    Code.LOADING: 503,
    Code.DISK_FULL: 503,
}
"""Everything else is 422: understood, and refused for what it says."""
REFUSED_STATUS: Final = 422

_WHERE: Final = re.compile(r" - at `(key in )?(\$[^`]*)`\Z")
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_FIELD: Final = re.compile(r"field `([^`]*)`")
_LONG: Final = re.compile(rb"(?<![\d.])\d{16,}")
"""What may be a whole number beyond INTEGER_MAX, which has 16 digits."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 with the refusal's own parts. ``pointer`` is a JSON pointer into the request."""

    type: str
    title: str
    status: int
    detail: str
    code: Code
    clause: str
    pointer: str
    params: dict[str, str | int]


class Refused(Exception):
    """Carries a refusal out of a handler to the one place that answers."""

    def __init__(self, refusal: Refusal, status: int | None = None) -> None:
        super().__init__(refusal.code.value)
        self.refusal = refusal
        self.status = status if status is not None else STATUSES.get(refusal.code, REFUSED_STATUS)


def problem(refused: Refused, langs: Langs = ENGLISH) -> Problem:
    """The refusal as it is sent."""
    refusal = refused.refusal
    params = {
        name: str(value) if isinstance(value, EntryRef) else value
        for name, value in refusal.params.items()
    }
    return Problem(
        type=f"urn:clearline:refusal:{refusal.code.value}",
        title=refusal.code.value.replace("-", " ").capitalize(),
        status=refused.status,
        detail=told(langs, f"refusals/{refusal.code}", lambda lang: sentence(refusal, lang)),
        code=refusal.code,
        clause=refusal.clause,
        pointer=refusal.at,
        params=params,
    )


def from_decoder(error: Exception) -> Refusal:
    """What a decoder said, as a refusal with a pointer into the request."""
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        params: dict[str, Param] = {"reason": "syntax"}
        return Refusal(code=Code.NOT_JSON, clause="CL-API-003", params=params)
    where = _WHERE.search(text)
    at = _pointer(where[2]) if where is not None else ""
    field = _FIELD.search(text)
    if field is not None and "unknown field" in text:
        return _field(Code.UNKNOWN_FIELD, at, field[1])
    if field is not None and "missing required" in text:
        return _field(Code.MISSING_FIELD, at, field[1])
    what = text[: where.start()] if where is not None else text
    return Refusal(code=Code.BAD_FIELD, clause="CL-API-004", at=at, params={"found": what[:120]})


def _field(code: Code, at: str, name: str) -> Refusal:
    return Refusal(
        code=code, clause="CL-API-004", at=f"{at}/{pointer_step(name)[:80]}",
        params={"field": name[:80]},
    )  # fmt: skip


def _pointer(path: str) -> str:
    steps = [name or index for name, index in _STEP.findall(path)]
    return "".join(f"/{pointer_step(step)}" for step in steps)


def doubled(raw: bytes) -> Refusal | None:
    """A name that stands twice in one object has no single meaning. ``raw`` has been decoded by a
    closed schema already, so that its depth is bounded."""
    found: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> None:
        seen: set[str] = set()
        for name, _ in items:
            if name in seen:
                found.append(name)
            seen.add(name)

    try:
        json.loads(raw, object_pairs_hook=pairs, parse_int=len, parse_float=len)
    except UNREADABLE:
        return Refusal(code=Code.NOT_JSON, clause="CL-API-003", params={"reason": "syntax"})
    if not found:
        return None
    return Refusal(code=Code.NOT_CANONICAL, clause="CL-API-003", params={"name": found[0][:80]})


def too_large_a_number(raw: bytes) -> Refusal | None:
    """The first whole number that has no canonical form, so that no entry could hold it. ``raw``
    has been decoded already, as for ``doubled``."""
    if _LONG.search(raw) is None:
        return None
    at = _beyond(json.loads(raw, parse_int=_whole), "")
    if at is None:
        return None
    limits: dict[str, Param] = {"min": -INTEGER_MAX, "max": INTEGER_MAX}
    return Refusal(code=Code.NUMBER_RANGE, clause="CL-API-004", at=at, params=limits)


def _whole(text: str) -> int:
    """The number, or one that is surely beyond: a text of a million digits takes its time."""
    return int(text) if len(text) <= len(str(-INTEGER_MAX)) else INTEGER_MAX + 1


def _beyond(value: object, at: str) -> str | None:
    """Where the first whole number beyond INTEGER_MAX stands."""
    if isinstance(value, int):
        return at if abs(value) > INTEGER_MAX else None
    members: list[tuple[str, object]] = []
    if isinstance(value, dict):
        members = [(pointer_step(name)[:80], item) for name, item in value.items()]
    elif isinstance(value, list):
        members = [(str(place), item) for place, item in enumerate(value)]
    found = (_beyond(item, f"{at}/{name}") for name, item in members)
    return next((where for where in found if where is not None), None)
