"""Closed records: what msgspec says about bytes that do not fit one, as a refusal.

msgspec stops at the first fault in the order of the bytes, and names it by a path such as
``$.volumes[0].lower``. Canonical bytes have one order, so every node stops at the same fault.
Names in the path are the schema's own. A name from outside appears only for an unknown field, and
could pose as a path; so ``odd_name`` refuses names that no schema has before a schema is tried.
"""

import re
from collections.abc import Mapping
from typing import Final

from clearline.canonical import Plain
from clearline.model.limits import NAME_CHARS_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.wire import clauses

_PLAIN_NAME: Final = re.compile(rf"[A-Za-z0-9_.-]{{1,{NAME_CHARS_MAX}}}", re.ASCII)
_PATH: Final = re.compile(r" - at `\$([^`]*)`\Z")
_STEP: Final = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `([^`]*)`")
_MISSING: Final = re.compile(r"Object missing required field `([A-Za-z0-9_]+)`")

MISSING_MEANS: Final[Mapping[str, tuple[Code, str]]] = {
    "volumes": (Code.NO_GEOMETRY, clauses.PLACE),
    "footprint": (Code.NO_GEOMETRY, clauses.PLACE),
    "shape": (Code.NO_GEOMETRY, clauses.PLACE),
    "lower": (Code.BAD_HEIGHT, clauses.HEIGHT),
    "upper": (Code.BAD_HEIGHT, clauses.HEIGHT),
    "ref": (Code.BAD_HEIGHT, clauses.HEIGHT),
    "start": (Code.BAD_WINDOW, clauses.WINDOW),
    "end": (Code.BAD_WINDOW, clauses.WINDOW),
}
"""Fields whose absence has a meaning of its own: no place, no reference, no end."""


def fault(message: str, base: str) -> Refusal:
    """The refusal for a message of ``msgspec.ValidationError``; ``base`` points at the record."""
    at = base + _pointer(message)
    if unknown := _UNKNOWN.match(message):
        return _unknown(at, unknown[1])
    if missing := _MISSING.match(message):
        code, clause = MISSING_MEANS.get(missing[1], (Code.MISSING_FIELD, clauses.CLOSED))
        return Refusal(code=code, clause=clause, at=at, params={"field": missing[1]})
    return Refusal(code=Code.BAD_FIELD, clause=clauses.CLOSED, at=at)


def odd_name(value: Plain, at: str) -> Refusal | None:
    """The first object, outermost first, with a member whose name no schema could hold."""
    if isinstance(value, dict):
        for name in value:
            if not _PLAIN_NAME.fullmatch(name):
                return _unknown(at, name)
        members = list(value.items())
    elif isinstance(value, list):
        members = [(str(place), member) for place, member in enumerate(value)]
    else:
        return None
    for name, member in members:
        if found := odd_name(member, f"{at}/{name}"):
            return found
    return None


def _unknown(at: str, name: str) -> Refusal:
    params: dict[str, Param] = {"field": name[:NAME_CHARS_MAX]}
    return Refusal(code=Code.UNKNOWN_FIELD, clause=clauses.CLOSED, at=at, params=params)


def _pointer(message: str) -> str:
    """The path as a JSON pointer; it ends where msgspec does not name the member of a map."""
    path = _PATH.search(message)
    pointer = ""
    for step in _STEP.finditer(path[1]) if path else ():
        if step[2] == "...":
            break
        pointer += f"/{step[1] or step[2]}"
    return pointer
