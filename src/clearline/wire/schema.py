"""Closed records: what msgspec says about bytes that do not fit one, as a refusal.

msgspec stops at the first fault in the order of the bytes, and names it by a path such as
``$.volumes[0].lower``. Canonical bytes have one order, so every node stops at the same fault.
Names in the path are the schema's own; a name from outside appears only for an unknown field, and
is taken only if it is short and plain.
"""

import re
from collections.abc import Mapping
from typing import Final

from clearline.model.limits import NAME_CHARS_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.wire import clauses

_PATH: Final = re.compile(r" - at `\$([^`]*)`\Z")
_STEP: Final = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN: Final = re.compile(
    rf"Object contains unknown field `([A-Za-z0-9_.-]{{1,{NAME_CHARS_MAX}}})`"
)
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
    if message.startswith("Object contains unknown field"):
        named = _UNKNOWN.match(message)
        at = base + _pointer(message) if named else base
        params: dict[str, Param] = {"field": named[1]} if named else {}
        return Refusal(code=Code.UNKNOWN_FIELD, clause=clauses.CLOSED, at=at, params=params)
    at = base + _pointer(message)
    if missing := _MISSING.match(message):
        code, clause = MISSING_MEANS.get(missing[1], (Code.MISSING_FIELD, clauses.CLOSED))
        return Refusal(code=code, clause=clause, at=at, params={"field": missing[1]})
    return Refusal(code=Code.BAD_FIELD, clause=clauses.CLOSED, at=at)


def _pointer(message: str) -> str:
    """The path as a JSON pointer; it ends where msgspec does not name the member of a map."""
    path = _PATH.search(message)
    pointer = ""
    for step in _STEP.finditer(path[1]) if path else ():
        if step[2] == "...":
            break
        pointer += f"/{step[1] or step[2]}"
    return pointer
