"""A review, or two side by side, as a page to print and as lines of text. Pure.

The page looks like the evidence report: self-contained, no scripts, no links; words of parties are
escaped and stand in their own direction.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from clearline.evidence.html import (
    document,
    grade,
    grade_table,
    ident,
    law,
    moment,
    of_party,
    table,
)
from clearline.evidence.review.facts import Cell, Review, Row, Section
from clearline.evidence.review.reconcile import Found, Line, Reconciled
from clearline.evidence.review.words import (
    ABOUT,
    CELLS,
    EVIDENCE,
    EXITS,
    NOTHING,
    OF_A_CLAIM,
    OPEN,
    TITLES,
)
from clearline.evidence.said import clean, quoted
from clearline.evidence.words import EXERCISE_LINE, NOTICE_LINES
from clearline.model.time import INSTANT_MAX, Instant, format_length, format_utc

WORDS_OF_OTHERS = frozenset({"label", "remark", "means", "root"})
"""Cells that may hold anything that a person typed, or that are long."""


def review_page(one: Review) -> str:
    """One review's page."""
    parts = [
        f"<h1>Review of {ident(one.maker)}: {of_party(one.title)}</h1>",
        f"<p>{moment(one.first)} to {moment(one.until)}, by the authors' own clocks. Made"
        f" {moment(one.made)}. Parties {of_party(', '.join(one.parties))}. Line"
        f" <span class=id>{escape(one.line)}</span>.</p>",
        law(),
        f"<p class={_look(one.exit)}><strong>{escape(EVIDENCE[one.exit])}</strong>"
        f" {one.wrong} wrong, {one.unknown} unknown, {one.withheld} leaves withheld. Digest of the"
        f" bundle's manifest <span class=id>{escape(one.bundle)}</span>.</p>",
        f"<p>{escape(OF_A_CLAIM)}</p>",
        *(_part(section, one.of(section)) for section in Section),
        grade_table(),
    ]
    return document(f"Review of {one.maker}", parts, exercise=one.exercise)


def reconciled_page(both: Reconciled) -> str:
    """Two reviews' page: what differs first, then what is in one alone, then the rest."""
    a, b = both.left, both.right
    look, title, more = EXITS[both.exit]
    exercise = a.exercise or b.exercise
    parts = [
        f"<h1>Reviews of {ident(a.maker)} and {ident(b.maker)}, side by side</h1>",
        f"<p>{moment(a.first)} to {moment(a.until)}."
        f" Line <span class=id>{escape(a.line)}</span>.</p>",
        law(),
        f"<div class='verdict {look}'><strong>{title}</strong><br>{more}</div>",
        "<h2>Differs</h2>",
        _differing(both),
        f"<h2>Only in the review of {ident(a.maker)}</h2>",
        _alone(both, Found.ONLY_LEFT),
        f"<h2>Only in the review of {ident(b.maker)}</h2>",
        _alone(both, Found.ONLY_RIGHT),
        "<h2>The same in both</h2>",
        table(
            ("Part", "Row", "Claimant"),
            (
                (escape(TITLES[line.section]), ident(line.key), ident(line.by or ""))
                for line in both.lines
                if line.found is Found.SAME
            ),
        ),
        grade_table(),
    ]
    return document(f"{a.maker} and {b.maker}", parts, exercise=exercise)


def _look(exit_code: int) -> str:
    return {0: "good", 1: "bad", 3: "part"}.get(exit_code, "bad")


def _part(section: Section, rows: Sequence[Row]) -> str:
    about = ABOUT.get(section)
    head = f"<h2>{escape(TITLES[section])}</h2>"
    head += f"<p class=soft>{escape(about)}</p>" if about is not None else ""
    if not rows:
        return f"{head}<p>{NOTHING}</p>"
    names = list(dict.fromkeys(cell.name for row in rows for cell in row.cells))
    heads = ["Claimant", *(CELLS[name] for name in names), "Rests on"]
    made = table(
        heads,
        (
            (
                ident(row.by or "the record"),
                *(_cell(row.cells, name) for name in names),
                grade(row.grade),
            )
            for row in rows
        ),
    )
    return head + made


def _cell(found: Iterable[Cell], name: str) -> str:
    value = next((cell.value for cell in found if cell.name == name), None)
    text = escape(shown(name, value))
    if name in WORDS_OF_OTHERS and isinstance(value, str):
        return of_party(value)
    if name.endswith("_at") or (isinstance(value, str) and " " not in text):
        return f"<bdi class=t>{text}</bdi>"
    return text


def shown(name: str, value: int | str | None) -> str:
    """A cell's value for people: lengths in words, instants in UTC."""
    if value is None:
        return OPEN if name == "until_at" else "-"
    if isinstance(value, str):
        return clean(value)
    if name.endswith("_at"):
        return format_utc(Instant(value)) if 0 <= value <= INSTANT_MAX else str(value)
    return format_length(value) if name.endswith("_ms") else str(value)


def _differing(both: Reconciled) -> str:
    a, b = both.left.maker, both.right.maker
    rows = [
        (
            escape(TITLES[line.section]), ident(line.key), escape(_name(one.name)),
            of_party(shown(one.name, one.left)), of_party(shown(one.name, one.right)),
        )
        for line in both.lines if line.found is Found.DIFFERS for one in line.differing
    ]  # fmt: skip
    heads = ("Part", "Row", "What", f"{a} says", f"{b} says")
    return table(heads, rows) if rows else f"<p>{NOTHING}</p>"


def _name(cell: str) -> str:
    return CELLS.get(cell, cell)


def _alone(both: Reconciled, found: Found) -> str:
    rows = [
        (
            escape(TITLES[line.section]), ident(line.key), ident(line.by or ""),
            "public" if line.public else "own word",
            of_party("; ".join(_said(line.cells))),
        )
        for line in both.lines if line.found is found
    ]  # fmt: skip
    heads = ("Part", "Row", "Claimant", "", "What it states")
    return table(heads, rows) if rows else f"<p>{NOTHING}</p>"


def _said(found: Iterable[Cell]) -> Iterator[str]:
    for cell in found:
        if cell.value is not None:
            yield f"{_name(cell.name)} {shown(cell.name, cell.value)}"


# -- lines of text


def review_text(one: Review) -> list[str]:
    """The review for a terminal; words of others stand between quotation marks."""
    out = [EXERCISE_LINE] if one.exercise else []
    out += [
        f"review of {one.maker}, {shown('_at', one.first)} to {shown('_at', one.until)}",
        f"line {one.line}",
        *NOTICE_LINES,
        EVIDENCE[one.exit],
        f"{one.wrong} wrong, {one.unknown} unknown, {one.withheld} withheld",
    ]
    for section in Section:
        rows = one.of(section)
        out += ["", TITLES[section].upper()]
        out += [f"  {_line(row)}" for row in rows] if rows else [f"  {NOTHING}"]
    return [clean(line) for line in out]


def _line(row: Row) -> str:
    by = f" [{row.by}, {row.grade}]" if row.by is not None else f" [{row.grade}]"
    return f"{row.key}: {'; '.join(_plain(row.cells, row.key))}{by}"


def _plain(found: Iterable[Cell], key: str) -> Iterator[str]:
    for cell in found:
        if cell.value is None or str(cell.value) in key.split():
            continue
        value = shown(cell.name, cell.value)
        if cell.name in WORDS_OF_OTHERS and isinstance(cell.value, str) and cell.name != "root":
            value = quoted(cell.value)
        yield f"{_name(cell.name)} {value}"


def reconciled_text(both: Reconciled) -> list[str]:
    """The reconciliation for a terminal."""
    a, b = both.left.maker, both.right.maker
    _, title, more = EXITS[both.exit]
    out = [EXERCISE_LINE] if both.left.exercise or both.right.exercise else []
    out += [
        f"reviews of {a} and {b}, {shown('_at', both.left.first)} to"
        f" {shown('_at', both.left.until)}",
        f"line {both.left.line}",
        *NOTICE_LINES,
        f"{both.count(Found.SAME)} rows the same, {both.count(Found.DIFFERS)} differ,"
        f" {both.count(Found.ONLY_LEFT)} only in {a}, {both.count(Found.ONLY_RIGHT)} only in {b}",
        "",
    ]
    for line in both.lines:
        out += list(_line_of(line, a, b))
    return [*(clean(each) for each in out), "", f"{title}: {more}"]


def _line_of(line: Line, a: str, b: str) -> Iterator[str]:
    where = f"{line.section.value}, {line.key}"
    match line.found:
        case Found.SAME:
            return
        case Found.DIFFERS:
            for one in line.differing:
                yield (
                    f"DIFFERS  {where}, {_name(one.name)}: {a} says {shown(one.name, one.left)};"
                    f" {b} says {shown(one.name, one.right)}"
                )
        case Found.ONLY_LEFT | Found.ONLY_RIGHT:
            whose = a if line.found is Found.ONLY_LEFT else b
            how = "" if line.public else " (own word)"
            yield f"ONLY {whose}{how}  {where}: {quoted('; '.join(_said(line.cells)))}"
