"""A plan's bytes as items, one at a time: an object, a list, or one object a line (NDJSON).

Memory is bounded: a line by ITEM_BYTES_MAX, a document that is not NDJSON by DOCUMENT_BYTES_MAX.
What is broken is one item, refused by its place; what stands beside it is judged. CL-PLN-001.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from clearline.model.refusal import Code, Refusal
from clearline.plan.codec import BYTES, ITEM_BYTES_MAX

DOCUMENT_BYTES_MAX: Final = 64 << 20
"""A list or an indented object is held whole; more than this is written one object a line."""

_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]', re.DOTALL)


class Lines(Protocol):
    """What is needed of an open binary file."""

    def readline(self, limit: int = ..., /) -> bytes:
        """The next line with its end, at most so many bytes; nothing at the end of the file."""

    def read(self, limit: int = ..., /) -> bytes:
        """The next bytes, at most so many."""


class Unit(StrEnum):
    """What a place counts."""

    LINE = "line"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of one item, or why there are none; ``place`` counts from 1."""

    place: int
    unit: Unit
    raw: bytes | Refusal


def pieces(source: Lines) -> Iterator[Piece]:
    """Every item of the source in order; one that is refused for a source without a byte."""
    number, head = 1, source.readline(ITEM_BYTES_MAX + 1)
    while head and not head.strip():
        number, head = number + 1, source.readline(ITEM_BYTES_MAX + 1)
    first = head.lstrip()[:1]
    if first == b"[" or (first == b"{" and _breaks_off(head)):
        yield from _document(head, number, source, is_list=first == b"[")
    elif head:
        yield from _lines(head, number, source)
    else:
        empty = Refusal(code=Code.NOT_JSON, clause="CL-PLN-010", params={"reason": "empty"})
        yield Piece(1, Unit.ITEM, empty)


def _lines(head: bytes, number: int, source: Lines) -> Iterator[Piece]:
    line = head
    while line:
        if len(line) > ITEM_BYTES_MAX and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = source.readline(ITEM_BYTES_MAX + 1)
            yield Piece(number, Unit.LINE, _too_large(ITEM_BYTES_MAX))
        elif text := line.strip():
            yield Piece(number, Unit.LINE, text)
        number, line = number + 1, source.readline(ITEM_BYTES_MAX + 1)


def _breaks_off(line: bytes) -> bool:
    """Whether the line begins a JSON value that does not end on it."""
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return "truncated" in str(error)
    except (ValueError, RecursionError):
        return False
    return False


def _document(head: bytes, number: int, source: Lines, *, is_list: bool) -> Iterator[Piece]:
    """A list or an object over several lines. An object that is none after all was a broken first
    line of NDJSON."""
    whole = head + source.read(max(0, DOCUMENT_BYTES_MAX + 1 - len(head)))
    if is_list:
        if len(whole) > DOCUMENT_BYTES_MAX:
            yield Piece(1, Unit.ITEM, _too_large(DOCUMENT_BYTES_MAX))
            return
        for place, raw in enumerate(_elements(whole), 1):
            yield Piece(place, Unit.ITEM, raw)
        return
    if len(whole) <= DOCUMENT_BYTES_MAX and not _one_a_line(whole):
        yield Piece(1, Unit.ITEM, whole.strip())
        return
    rest = _Buffered(whole, source)
    yield from _lines(rest.readline(ITEM_BYTES_MAX + 1), number, rest)


def _one_a_line(whole: bytes) -> bool:
    """Whether a text whose first line breaks off is NDJSON all the same: it is no JSON value as a
    whole, and some other line of it is an object by itself that looks like an item."""
    try:
        msgspec.json.decode(whole, type=msgspec.Raw)
    except (ValueError, RecursionError):
        lines = whole.split(b"\n")[1:]
        return any(line.lstrip()[:1] == b"{" and _is_object(line) for line in lines)
    return False


def _is_object(line: bytes) -> bool:
    try:
        found = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        return False
    return not found.keys().isdisjoint(("volume", "volumes", "lat"))


class _Buffered:
    """What was read already, then the rest."""

    def __init__(self, held: bytes, source: Lines) -> None:
        self._held, self._at, self._source = held, 0, source

    def readline(self, limit: int = -1, /) -> bytes:
        if self._at >= len(self._held):
            return self._source.readline(limit)
        end = self._held.find(b"\n", self._at, self._at + limit)
        stop = end + 1 if end >= 0 else min(len(self._held), self._at + limit)
        found, self._at = self._held[self._at : stop], stop
        if not found.endswith(b"\n") and len(found) < limit:
            found += self._source.readline(limit - len(found))
        return found

    def read(self, limit: int = -1, /) -> bytes:
        found, self._at = self._held[self._at :], len(self._held)
        return found + self._source.read(limit)


def _elements(whole: bytes) -> Iterator[bytes | Refusal]:
    """The elements of a list; where it is broken, as far as its brackets tell them apart. One that
    was cut short between two elements ends with a refusal: what stood behind it is not known."""
    try:
        for element in msgspec.json.decode(whole, type=list[msgspec.Raw]):
            yield bytes(element)
    except (ValueError, RecursionError):
        yield from _split(whole)


def _split(whole: bytes) -> Iterator[bytes | Refusal]:
    depth, start, end = 0, whole.index(b"[") + 1, len(whole)
    for token in _TOKENS.finditer(whole):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
        elif mark in (b"]", b"}"):
            depth -= 1
            if depth == 0:
                end = token.start()
                break
        elif mark == b"," and depth == 1:
            yield whole[start : token.start()].strip()
            start = token.end()
    last = whole[start:end].strip()
    if last or whole[end + 1 :].strip():
        yield last
    if rest := whole[end + 1 :].strip():
        yield rest
    if depth == 1:
        yield Refusal(code=Code.NOT_JSON, clause="CL-PLN-010", params={"reason": "list-unclosed"})


def _too_large(limit: int) -> Refusal:
    return Refusal(code=Code.TOO_LARGE, clause=BYTES, params={"limit": limit})
