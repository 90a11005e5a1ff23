"""One value, one byte string: RFC 8785 with whole numbers only.

``is_canonical`` answers fast and in C; ``why_not`` says, slowly and in a fixed order, what is wrong
with bytes that are not canonical: syntax, depth, numbers, then form (clauses CL-WIR-002 to 005).

Member names are ASCII by rule: RFC 8785 sorts them as UTF-16, others as UTF-8 or code points, and
only for ASCII do all of these agree without anybody having to know.
"""

import json
import re
from functools import cache
from typing import Final, TypeGuard, cast

import msgspec

from clearline.model.limits import INTEGER_MAX, NAME_CHARS_MAX, NESTING_MAX
from clearline.model.refusal import Code, Param, Refusal

SYNTAX: Final = "CL-WIR-002"
"""UTF-8 without a mark, one JSON text (RFC 8259), no lone surrogate."""
DEPTH: Final = "CL-WIR-003"
"""At most NESTING_MAX brackets open at once."""
WHOLE: Final = "CL-WIR-004"
"""Every number is a whole one within plus or minus (2^53 - 1)."""
FORM: Final = "CL-WIR-005"
"""The bytes are their own RFC 8785 form: no name twice, no field at its default."""

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]
"""What canonical JSON can say."""

ENCODER: Final = msgspec.json.Encoder(order="sorted")
"""Equal to RFC 8785 for whole numbers and ASCII names; proved against the ``rfc8785`` package."""

_DECODER: Final[msgspec.json.Decoder[object]] = msgspec.json.Decoder()
UNREADABLE: Final = (ValueError, RecursionError)
"""All that a decoder of msgspec raises for what is sent: its own errors and bad UTF-8 are
ValueErrors; brackets without end are a RecursionError. Anything else is a bug and must crash."""

_MARKS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def encode(value: msgspec.Struct | Plain) -> bytes:
    """The canonical bytes of a record or a plain value.

    A field whose value equals its default is left out, so that one value has one form. Raises
    ValueError for what has none: a float, a number beyond 2^53 - 1, a lone surrogate, a name
    outside ASCII. Whoever encodes made the value, so this is an assertion, not a judgement.
    """
    raw = ENCODER.encode(_deep(value))
    if not is_canonical(raw):
        raise ValueError(f"this value has no canonical form: {why_not(raw)}")
    return raw


def is_canonical(raw: bytes) -> bool:
    """Whether the bytes are the canonical form of a plain value. Never raises."""
    try:
        value = _DECODER.decode(raw)
        if not _is_plain(value, NESTING_MAX):
            return False
        return ENCODER.encode(value) == raw and (raw.isascii() or _names_are_ascii(value))
    except UNREADABLE:
        return False


def _is_plain(value: object, deep: int) -> TypeGuard[Plain]:
    """Whole numbers in range, and at most ``deep`` brackets open at once."""
    kind = type(value)
    if kind is int:
        return -INTEGER_MAX <= cast(int, value) <= INTEGER_MAX
    if kind is str or kind is bool or value is None:
        return True
    if deep == 0:
        return False
    if kind is list:
        return all(_is_plain(item, deep - 1) for item in cast(list[object], value))
    if kind is dict:
        return all(_is_plain(item, deep - 1) for item in cast(dict[str, object], value).values())
    return False


def why_not(raw: bytes) -> Refusal | None:
    """What is wrong with bytes that are not canonical; None for those that are. Never raises."""
    if is_canonical(raw):
        return None
    if refusal := _bad_text(raw) or _too_deep(raw):
        return refusal
    try:
        value = _DECODER.decode(raw)
    except msgspec.ValidationError:  # the only one without a type: a number too long to hold
        if _is_json(raw):
            return Refusal(code=Code.NUMBER_RANGE, clause=WHOLE)
        return _not_json("syntax", 0)
    except UNREADABLE as fault:
        return _not_json("syntax", _offset(str(fault)))
    return _bad_number(value, "") or _bad_form(raw, value)


def read_plain(raw: bytes) -> Plain | Refusal:
    """The plain value that canonical bytes state."""
    refusal = why_not(raw)
    return refusal if refusal is not None else cast(Plain, _DECODER.decode(raw))


@cache
def _fields(record: type[msgspec.Struct]) -> tuple[tuple[str, object], ...]:
    """Names and defaults of a record's fields: working them out takes longer than encoding it."""
    return tuple((field.name, field.default) for field in msgspec.structs.fields(record))


def _without_defaults(record: msgspec.Struct) -> msgspec.Struct:
    """The same record with each field that equals its default set to the default itself: msgspec
    leaves a default out by identity, and two equal numbers need not be one object."""
    changed: dict[str, object] = {}
    for name, default in _fields(type(record)):
        value = getattr(record, name)
        if default is not msgspec.NODEFAULT and value == default:
            fresh: object = default
        else:
            fresh = _deep(value)
        if fresh is not value:
            changed[name] = fresh
    return msgspec.structs.replace(record, **changed) if changed else record


def _deep(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return _without_defaults(value)
    if isinstance(value, float):  # msgspec would write NaN and infinity as null
        raise ValueError(f"{value} is not a whole number")
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _deep(item)
    if isinstance(value, tuple):
        fresh = tuple(_deep(item) for item in value)
        return fresh if any(a is not b for a, b in zip(fresh, value, strict=True)) else value
    return value


def spells_out_default(record: object) -> bool:
    """Whether a decoded record's bytes held a field at its default (CL-WIR-005)."""
    if isinstance(record, tuple):
        return any(spells_out_default(item) for item in record)
    return isinstance(record, msgspec.Struct) and _without_defaults(record) is not record


def _names_are_ascii(value: Plain) -> bool:
    if isinstance(value, dict):
        return all(name.isascii() and _names_are_ascii(item) for name, item in value.items())
    return all(map(_names_are_ascii, value)) if isinstance(value, list) else True


def _not_json(reason: str, offset: int) -> Refusal:
    return Refusal(code=Code.NOT_JSON, clause=SYNTAX, params={"reason": reason, "offset": offset})


def _bad_text(raw: bytes) -> Refusal | None:
    """UTF-8 as it is: whole, without a byte order mark, not empty."""
    if not raw:
        return _not_json("empty", 0)
    if raw.startswith(b"\xef\xbb\xbf"):
        return _not_json("byte-order-mark", 0)
    try:
        raw.decode()
    except UnicodeDecodeError as fault:
        return _not_json("utf-8", fault.start)
    return None


def _too_deep(raw: bytes) -> Refusal | None:
    """Counts open brackets outside strings, without a stack."""
    depth = 0
    for mark in _MARKS.finditer(raw):
        first = raw[mark.start()]
        if first in b"[{":
            depth += 1
            if depth > NESTING_MAX:
                return Refusal(
                    code=Code.TOO_DEEP,
                    clause=DEPTH,
                    params={"limit": NESTING_MAX, "offset": mark.start()},
                )
        elif first in b"]}":
            depth -= 1
    return None


def _bad_number(value: object, at: str) -> Refusal | None:
    """The first number, in the order of the text, that is not whole or not in range."""
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > INTEGER_MAX):
        return Refusal(code=Code.NUMBER_RANGE, clause=WHOLE, at=at)
    if isinstance(value, dict):
        members = [(pointer_step(name), item) for name, item in value.items()]
    elif isinstance(value, list):
        members = [(str(place), item) for place, item in enumerate(value)]
    else:
        return None
    for name, item in members:
        if found := _bad_number(item, f"{at}/{name}"):
            return found
    return None


def _bad_form(raw: bytes, value: object) -> Refusal:
    """A name twice, a name outside ASCII, or the first byte where the canonical form differs."""
    if (name := _doubled_name(raw)) is not None:
        params: dict[str, Param] = {"reason": "duplicate-name", "name": name[:NAME_CHARS_MAX]}
        return Refusal(code=Code.NOT_CANONICAL, clause=FORM, params=params)
    ours = ENCODER.encode(value)
    place = next((i for i, (a, b) in enumerate(zip(ours, raw, strict=False)) if a != b), None)
    if place is None and len(ours) == len(raw):
        return Refusal(code=Code.NOT_CANONICAL, clause=FORM, params={"reason": "name-not-ascii"})
    return Refusal(
        code=Code.NOT_CANONICAL,
        clause=FORM,
        params={"reason": "form", "offset": min(len(ours), len(raw)) if place is None else place},
    )


def _is_json(raw: bytes) -> bool:
    """Whether the syntax holds to the end, whatever the numbers are."""

    def constant(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    try:
        json.loads(raw, parse_int=len, parse_float=len, parse_constant=constant)
    except ValueError:
        return False
    return True


class _DoubledError(Exception):
    """Carries a doubled member name out of the standard library's reader."""


def _doubled_name(raw: bytes) -> str | None:
    def pairs(found: list[tuple[str, object]]) -> None:
        names: set[str] = set()
        for name, _ in found:
            if name in names:
                raise _DoubledError(name)
            names.add(name)

    try:
        json.loads(raw, object_pairs_hook=pairs, parse_int=len, parse_float=len)
    except _DoubledError as doubled:
        return str(doubled)
    return None


def pointer_step(name: str) -> str:
    """A member name as a token of a JSON pointer (RFC 6901). One longer than any schema's is cut:
    a refusal does not carry a megabyte of its sender's words."""
    return name[:NAME_CHARS_MAX].replace("~", "~0").replace("/", "~1")


def _offset(message: str) -> int:
    """The byte that msgspec names, or 0."""
    found = re.search(r"\(byte (\d+)\)\Z", message)
    return int(found[1]) if found else 0
