"""A call script: what to say by telephone about one entry, in two languages side by side, how each
figure is spelled, and what to have read back. Pure.

The same facts as on the page for a third party. A sentence that nobody has reviewed in a language
is marked; figures, grid letters and times are the same in all.
"""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

import msgspec

from clearline.model.entry import Entry
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.terms import Agreement, Effect
from clearline.model.time import Instant, format_utc
from clearline.notation.heights import Unit, write_height
from clearline.notation.position import write_position
from clearline.notation.reading import Notation
from clearline.notation.spelling import characters, degrees, measure, time_of_day
from clearline.notation.traps import middle
from clearline.onepage.facts import VOLUMES_MAX, Row, class_of, facts, volumes_of
from clearline.words.reader import ENGLISH, Langs, is_reviewed
from clearline.words.sentences import plain, said

SPOKEN: Final = frozenset({"place", "radius", "half-width", "corners", "heights", "entry"})
TIMES: Final = {"from": False, "until": True, "over": True}
"""Rows that are times, and whether they are rounded up."""


class CallText(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence in one language, and whether somebody has reviewed it as it stands."""

    lang: str
    text: str
    reviewed: bool


class CallLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a script. ``part``: open, fact, ask, read-back, close. ``texts``: a sentence or a
    label in each language; ``value``: the fact beside a label, the same in all; ``spoken``: how it
    is said, digit by digit ("": as written). ``volume``: of which one, 0: of none."""

    part: str
    name: str
    texts: tuple[CallText, ...]
    value: str = ""
    spoken: str = ""
    volume: int = 0


class CallScriptView(msgspec.Struct, frozen=True, kw_only=True):
    """What to say about one entry. ``read_back`` says what must come back from the other end."""

    ref: EntryRef
    party: PartyId
    exercise: bool
    languages: tuple[str, ...]
    lines: tuple[CallLine, ...]


def call_script(
    entry: Entry, terms: Agreement, me: PartyId, langs: Langs, zone: tzinfo | None = None
) -> CallScriptView:
    """The script. English is always there; ``langs`` stand beside it."""
    tags = tuple(dict.fromkeys((*ENGLISH, *langs)))
    lines = (*_open(entry, terms, me, tags), *_facts(entry, terms, zone, tags),
             *_asks(entry, terms, tags))  # fmt: skip
    return CallScriptView(
        ref=entry.ref, party=party_of(entry.feed), exercise=terms.exercise, languages=tags,
        lines=lines,
    )  # fmt: skip


def _line(part: str, name: str, tags: Langs, /, **blanks: str | int) -> CallLine:
    return CallLine(part=part, name=name, texts=_texts(name, tags, **blanks))


def _texts(name: str, tags: Langs, /, **blanks: str | int) -> tuple[CallText, ...]:
    return tuple(
        CallText(lang=tag, text=said(tag, name, **blanks), reviewed=is_reviewed(tag, "phrases"))
        for tag in tags
    )


def _open(entry: Entry, terms: Agreement, me: PartyId, tags: Langs) -> Iterator[CallLine]:
    names = {each.id: each.name for each in terms.parties}
    if terms.exercise:
        yield _line("open", "page-exercise", tags)
    yield _line(
        "open", "voice-open", tags, me=plain(f"{me} ({names.get(me, me)})"),
        line=plain(terms.title), entry=str(entry.ref),
    )  # fmt: skip
    yield _line("open", "voice-who", tags)
    yield _line("open", "voice-slowly", tags)


def _facts(entry: Entry, terms: Agreement, zone: tzinfo | None, tags: Langs) -> Iterator[CallLine]:
    for row in facts(entry, terms, zone):
        yield CallLine(
            part="fact", name=row.name, texts=_texts(f"page-row-{row.name}", tags),
            value=row.value, spoken=_spoken(row, entry, terms), volume=row.volume,
        )  # fmt: skip
    left = len(volumes_of(entry.body)) - VOLUMES_MAX
    if left > 0:
        yield _line("fact", "page-more", tags, count=left)


def _spoken(row: Row, entry: Entry, terms: Agreement) -> str:
    if row.name == "place":
        number, dot, rest = row.value.partition(". ")
        where = rest if dot and number.isdigit() else row.value
        dms, _, grid = where.partition(" = ")
        head = f"point {characters(number)}: " if where is not row.value else ""
        return f"{head}{characters(grid)}; or {degrees(dms)}"
    if row.name in TIMES:
        volume = volumes_of(entry.body)[row.volume - 1]
        term = class_of(entry.body, terms)
        at = volume.start if row.name == "from" else volume.end
        if row.name == "over" and term is not None:
            at = Instant(at + term.tail_ms)
        return time_of_day(_second(at, late=TIMES[row.name]))
    if row.name == "stated":
        return time_of_day(_second(entry.t, late=False))
    if row.name == "entry":
        return characters(row.value)
    return measure(row.value) if row.name in SPOKEN else ""


def _second(at: Instant, *, late: bool) -> Instant:
    return Instant((-(-at // 1000) if late else at // 1000) * 1000)


def _asks(entry: Entry, terms: Agreement, tags: Langs) -> Iterator[CallLine]:
    """What is asked, what must come back, how the call ends."""
    volumes, term = volumes_of(entry.body), class_of(entry.body, terms)
    if not volumes:
        yield _line("ask", "page-ask-message", tags)
    else:
        hazard = term is None or term.effect is Effect.HAZARD
        yield _line("ask", "page-ask-hazard" if hazard else "page-ask-keep-clear", tags)
        yield _line("read-back", "voice-read-back", tags)
    for n, volume in enumerate(volumes[:VOLUMES_MAX], 1):
        at = middle(volume.footprint)
        upper = write_height(volume.upper, Unit.FT, upper=True)
        grid = write_position(at, Notation.MGRS)
        for name, value, spoken in (
            ("middle", f"{write_position(at, Notation.DMS)} = {grid}", characters(grid)),
            ("upper", upper, measure(upper)),
            ("start", format_utc(volume.start), time_of_day(_second(volume.start, late=False))),
        ):
            yield CallLine(
                part="read-back", name=name, texts=_texts(f"voice-back-{name}", tags), value=value,
                spoken=spoken, volume=n,
            )  # fmt: skip
    if volumes:
        yield _line("read-back", "voice-wrong", tags)
    yield _line("ask", "voice-answer", tags)
    yield _line("close", "voice-line", tags)
    yield _line("close", "reminder", tags)
    yield _line("close", "voice-write", tags, entry=str(entry.ref))
    if terms.exercise:
        yield _line("close", "page-exercise", tags)
