"""Two parties' reviews of one line and period, row by row: same, differs, only in one. Pure.

Nothing is merged: where two differ, both values stand with whose review they are from. What rests
on one party's own word can only be in its own review, and is listed apart.
"""

from enum import StrEnum
from typing import Final

import msgspec

from clearline.evidence.review.facts import CLAUSE, Cell, Review, Row, Section
from clearline.evidence.review.make import ORDER
from clearline.model.ids import PartyId
from clearline.model.refusal import Code, Refusal


class Found(StrEnum):
    """What comes of one row."""

    SAME = "same"
    DIFFERS = "differs"
    ONLY_LEFT = "only-left"
    ONLY_RIGHT = "only-right"


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """One cell with two values, each as its review states it; None: it does not state it."""

    name: str
    left: int | str | None
    right: int | str | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row on both sides. ``public``: it is on the line, so that both should have it."""

    section: Section
    key: str
    by: PartyId | None
    public: bool
    found: Found
    differing: tuple[Differing, ...] = ()
    cells: tuple[Cell, ...] = ()


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """Two reviews side by side. ``exit``: 0 everything public is the same; 1 something public
    differs, or a bundle behind it was wrong; 3 nothing differs, but something public is in one
    alone."""

    left: Review
    right: Review
    lines: tuple[Line, ...]

    def count(self, found: Found, *, public: bool = True) -> int:
        """How many rows came out so."""
        return sum(line.found is found and line.public is public for line in self.lines)

    @property
    def exit(self) -> int:
        """The exit code."""
        if self.count(Found.DIFFERS) or self.left.wrong or self.right.wrong:
            return 1
        return 3 if self.count(Found.ONLY_LEFT) or self.count(Found.ONLY_RIGHT) else 0


ROW_ORDER: Final = ORDER


def reconcile(left: Review, right: Review) -> Reconciled | Refusal:
    """Lay two reviews side by side. Refused: two lines, or two periods; two reviews of one party
    are two editions of it, and are compared like any other."""
    if left.line != right.line:
        return Refusal(code=Code.FOREIGN_LINE, clause=CLAUSE, params={"line": right.line})
    if (left.first, left.until) != (right.first, right.until):
        return Refusal(code=Code.BAD_WINDOW, clause=CLAUSE, at="/first")
    ours, theirs = _by_key(left), _by_key(right)
    lines = [_line(key, ours.get(key), theirs.get(key)) for key in ours.keys() | theirs.keys()]
    lines.sort(key=lambda one: (ORDER[one.section], one.key, one.by or ""))
    return Reconciled(left=left, right=right, lines=tuple(lines))


Key = tuple[Section, str, PartyId | None, bool]


def _by_key(one: Review) -> dict[Key, Row]:
    return {(row.section, row.key, row.by, row.public): row for row in one.rows}


def _line(key: Key, left: Row | None, right: Row | None) -> Line:
    section, name, by, public = key
    if left is None or right is None:
        row = left or right
        assert row is not None, "the key is of one of them"
        found = Found.ONLY_RIGHT if left is None else Found.ONLY_LEFT
        return Line(
            section=section, key=name, by=by, public=public, found=found, cells=row.cells
        )  # fmt: skip
    one = {cell.name: cell.value for cell in left.cells}
    other = {cell.name: cell.value for cell in right.cells}
    differing = tuple(
        Differing(name=cell, left=one.get(cell), right=other.get(cell))
        for cell in dict.fromkeys((*one, *other))
        if one.get(cell) != other.get(cell) or (cell in one) != (cell in other)
    )
    if left.grade != right.grade:
        differing += (Differing(name="grade", left=left.grade, right=right.grade),)
    return Line(
        section=section, key=name, by=by, public=public,
        found=Found.DIFFERS if differing else Found.SAME, differing=differing, cells=left.cells,
    )  # fmt: skip
