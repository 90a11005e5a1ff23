"""A review, or two side by side, as a page to print and as lines of text. Pure.

The page looks like the evidence report: self-contained, no scripts, no links; words of parties are
escaped and stand in their own direction. Headings and sentences are in the reader's language.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from clearline.evidence.html import document, ident, law, moment, of_party, table
from clearline.evidence.review.facts import Cell, Review, Row, Section
from clearline.evidence.review.reconcile import Found, Line, Reconciled
from clearline.evidence.review.words import GRADES, LOOKS, Said
from clearline.evidence.said import clean, quoted
from clearline.evidence.words import EXERCISE_LINE, NOTICE_LINES
from clearline.model.time import INSTANT_MAX, Instant, format_length, format_utc
from clearline.words.language import FALLBACK

WORDS_OF_OTHERS = frozenset({"label", "remark", "means", "root"})
"""Cells that may hold anything that a person typed, or that are long."""


def review_page(one: Review, lang: str = FALLBACK) -> str:
    """One review's page."""
    said = Said(lang, page=True)
    parts = [
        f"<h1>{said.html('head', maker=ident(one.maker), title=of_party(one.title))}</h1>",
        *_head(said, exercise=one.exercise),
        f"<p>{said.html('span', first=moment(one.first), until=moment(one.until))}"
        f" {_made(said, one)}</p>",
        f"<p class={_look(one.exit)}><strong>{said.html(f'evidence-{one.exit}')}</strong>"
        f" {escape(_counts(said, one))}"
        f" {said.html('digest', digest=f'<span class=id>{escape(one.bundle)}</span>')}</p>",
        f"<p>{said.html('of-a-claim')}</p>",
        *(_part(said, section, one.of(section)) for section in Section),
        _grades(said),
    ]
    title = Said(lang)("head", maker=one.maker, title=one.title)
    return document(
        title, parts, exercise=one.exercise, lang=said.lang, direction=said.direction
    )  # fmt: skip


def _head(said: Said, *, exercise: bool) -> Iterator[str]:
    """What every export says, verbatim, and in the reader's language beside it."""
    yield law()
    if said.lang != FALLBACK:
        names = [*(("exercise",) if exercise else ()), "law-permission", "law-silence"]
        yield f"<div class=law>{'<br>'.join(said.html(name) for name in names)}</div>"
    if said.unreviewed:
        yield f"<p class=part>UNREVIEWED: {said.html('unreviewed')}</p>"


def _made(said: Said, one: Review) -> str:
    return said.html(
        "made", made=moment(one.made), parties=of_party(", ".join(one.parties)),
        line=f"<span class=id>{escape(one.line)}</span>",
    )  # fmt: skip


def _counts(said: Said, one: Review) -> str:
    return said("counts", wrong=one.wrong, unknown=one.unknown, withheld=one.withheld)


def reconciled_page(both: Reconciled, lang: str = FALLBACK) -> str:
    """Two reviews' page: what differs first, then what is in one alone, then the rest."""
    said, a, b = Said(lang, page=True), both.left, both.right
    exercise = a.exercise or b.exercise
    line = f"<span class=id>{escape(a.line)}</span>"
    parts = [
        f"<h1>{said.html('heads', left=ident(a.maker), right=ident(b.maker))}</h1>",
        *_head(said, exercise=exercise),
        f"<p>{said.html('both-span', first=moment(a.first), until=moment(a.until), line=line)}</p>",
        f"<div class='verdict {_look(both.exit)}'><strong>{said.html(f'exit-{both.exit}')}</strong>"
        f"<br>{said.html(f'exit-{both.exit}-more')}</div>",
        f"<h2>{said.html('differs')}</h2>",
        _differing(said, both),
        f"<h2>{said.html('only-in', party=ident(a.maker))}</h2>",
        _alone(said, both, Found.ONLY_LEFT),
        f"<h2>{said.html('only-in', party=ident(b.maker))}</h2>",
        _alone(said, both, Found.ONLY_RIGHT),
        f"<h2>{said.html('same')}</h2>",
        table(
            (said("part"), said("row"), said("claimant")),
            (
                (escape(_title(said, line.section)), ident(line.key), ident(line.by or ""))
                for line in both.lines
                if line.found is Found.SAME
            ),
        ),
        _grades(said),
    ]
    title = Said(lang)("heads", left=a.maker, right=b.maker)
    return document(title, parts, exercise=exercise, lang=said.lang, direction=said.direction)


def _title(said: Said, section: Section) -> str:
    return said(f"title-{section.value}")


def _grades(said: Said) -> str:
    rows = ((said.grade_mark(name), said.html(f"meaning-{word}")) for name, word in GRADES.items())
    return f"<h2>{said.html('grades')}</h2>{table((said('grade'), said('meaning')), rows)}"


def _look(exit_code: int) -> str:
    return LOOKS.get(exit_code, "bad")


def _part(said: Said, section: Section, rows: Sequence[Row]) -> str:
    about = f"about-{section.value}"
    head = f"<h2>{escape(_title(said, section))}</h2>"
    head += f"<p class=soft>{said.html(about)}</p>" if said.has(about) else ""
    if not rows:
        return f"{head}<p>{said.html('nothing')}</p>"
    names = list(dict.fromkeys(cell.name for row in rows for cell in row.cells))
    heads = [said("claimant"), *(said.cell(name) for name in names), said("rests-on")]
    made = table(
        heads,
        (
            (
                ident(row.by) if row.by else said.html("record"),
                *(_cell(said, row.cells, name) for name in names),
                said.grade_mark(row.grade),
            )
            for row in rows
        ),
    )
    return head + made


def _cell(said: Said, found: Iterable[Cell], name: str) -> str:
    value = next((cell.value for cell in found if cell.name == name), None)
    text = escape(shown(said, name, value))
    if name in WORDS_OF_OTHERS and isinstance(value, str):
        return of_party(value)
    if name.endswith("_at") or (isinstance(value, str) and " " not in text):
        return f"<bdi class=t>{text}</bdi>"
    return text


def shown(said: Said, name: str, value: int | str | None) -> str:
    """A cell's value for people: lengths in words, instants in UTC."""
    if value is None:
        return said("open") if name == "until_at" else "-"
    if isinstance(value, str):
        return clean(value)
    if name.endswith("_at"):
        return format_utc(Instant(value)) if 0 <= value <= INSTANT_MAX else str(value)
    return format_length(value) if name.endswith("_ms") else str(value)


def _differing(said: Said, both: Reconciled) -> str:
    a, b = both.left.maker, both.right.maker
    rows = [
        (
            escape(_title(said, line.section)), ident(line.key), escape(said.cell(one.name)),
            of_party(shown(said, one.name, one.left)), of_party(shown(said, one.name, one.right)),
        )
        for line in both.lines if line.found is Found.DIFFERS for one in line.differing
    ]  # fmt: skip
    heads = (
        said("part"), said("row"), said("what"), said("says", party=a), said("says", party=b),
    )  # fmt: skip
    return table(heads, rows) if rows else f"<p>{said.html('nothing')}</p>"


def _alone(said: Said, both: Reconciled, found: Found) -> str:
    rows = [
        (
            escape(_title(said, line.section)), ident(line.key), ident(line.by or ""),
            said.html("public" if line.public else "grade-own"),
            of_party("; ".join(_stated(said, line.cells))),
        )
        for line in both.lines if line.found is found
    ]  # fmt: skip
    heads = (said("part"), said("row"), said("claimant"), "", said("states"))
    return table(heads, rows) if rows else f"<p>{said.html('nothing')}</p>"


def _stated(said: Said, found: Iterable[Cell]) -> Iterator[str]:
    for cell in found:
        if cell.value is not None:
            yield f"{said.cell(cell.name)} {shown(said, cell.name, cell.value)}"


# -- lines of text


def review_text(one: Review, lang: str = FALLBACK) -> list[str]:
    """The review for a terminal; words of others stand between quotation marks."""
    said = Said(lang)
    first, until = shown(said, "_at", one.first), shown(said, "_at", one.until)
    out = [EXERCISE_LINE] if one.exercise else []
    out += [
        said("head", maker=one.maker, title=quoted(one.title)),
        said("span", first=first, until=until),
        f"line {one.line}",
        *_law_text(said, exercise=one.exercise),
        said(f"evidence-{one.exit}"),
        _counts(said, one),
    ]
    for section in Section:
        rows = one.of(section)
        out += ["", _title(said, section).upper()]
        out += [f"  {_line(said, row)}" for row in rows] if rows else [f"  {said('nothing')}"]
    return [clean(line) for line in out]


def _law_text(said: Said, *, exercise: bool) -> Iterator[str]:
    yield from NOTICE_LINES
    if said.lang != FALLBACK:
        names = [*(("exercise",) if exercise else ()), "law-permission", "law-silence"]
        yield from map(said, names)
    if said.unreviewed:
        yield f"UNREVIEWED: {said('unreviewed')}"


def _line(said: Said, row: Row) -> str:
    grade = said.grade(row.grade)
    by = f" [{row.by}, {grade}]" if row.by is not None else f" [{grade}]"
    return f"{row.key}: {'; '.join(_plain(said, row.cells, row.key))}{by}"


def _plain(said: Said, found: Iterable[Cell], key: str) -> Iterator[str]:
    for cell in found:
        if cell.value is None or str(cell.value) in key.split():
            continue
        value = shown(said, cell.name, cell.value)
        if cell.name in WORDS_OF_OTHERS and isinstance(cell.value, str) and cell.name != "root":
            value = quoted(cell.value)
        yield f"{said.cell(cell.name)} {value}"


def reconciled_text(both: Reconciled, lang: str = FALLBACK) -> list[str]:
    """The reconciliation for a terminal."""
    said, a, b = Said(lang), both.left.maker, both.right.maker
    exercise = both.left.exercise or both.right.exercise
    first, until = (shown(said, "_at", at) for at in (both.left.first, both.left.until))
    out = [EXERCISE_LINE] if exercise else []
    out += [
        said("heads", left=a, right=b),
        said("both-span", first=first, until=until, line=both.left.line),
        *_law_text(said, exercise=exercise),
        said(
            "tally", same=both.count(Found.SAME), differ=both.count(Found.DIFFERS),
            left=both.count(Found.ONLY_LEFT), right=both.count(Found.ONLY_RIGHT), a=a, b=b,
        ),
        "",
    ]  # fmt: skip
    for line in both.lines:
        out += list(_line_of(said, line, a, b))
    verdict = f"{said(f'exit-{both.exit}')}: {said(f'exit-{both.exit}-more')}"
    return [*(clean(each) for each in out), "", clean(verdict)]


def _line_of(said: Said, line: Line, a: str, b: str) -> Iterator[str]:
    where = f"{line.section.value}, {line.key}"
    match line.found:
        case Found.SAME:
            return
        case Found.DIFFERS:
            for one in line.differing:
                left, right = (shown(said, one.name, each) for each in (one.left, one.right))
                yield (
                    f"{said('differs').upper()}  {where}, {said.cell(one.name)}:"
                    f" {said('says', party=a)} {left}; {said('says', party=b)} {right}"
                )
        case Found.ONLY_LEFT | Found.ONLY_RIGHT:
            whose = a if line.found is Found.ONLY_LEFT else b
            how = "" if line.public else f" ({said('grade-own')})"
            stated = quoted("; ".join(_stated(said, line.cells)))
            yield f"{said('only-in', party=whose)}{how}  {where}: {stated}"
