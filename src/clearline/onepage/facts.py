"""The facts of an entry as the page states them: the same lines for whoever makes or checks it.

Values hold no words of a language but names and labels: positions in DMS and MGRS, heights with
their reference, times in Z and, beside it, by a stated zone. A verifier makes them anew from the
entry and looks for each on the page.
"""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

import msgspec

from clearline.model.entry import (
    Accident,
    Amend,
    Body,
    Distress,
    Entry,
    Message,
    Notice,
    Open,
    Stop,
)
from clearline.model.ids import party_of
from clearline.model.space import Corridor, Disc, Footprint, LatLon, Polygon, Volume
from clearline.model.terms import Agreement, ClassTerm, Effect
from clearline.model.time import SECOND, Instant
from clearline.notation.heights import Unit, write_height
from clearline.notation.position import write_position
from clearline.notation.reading import Notation
from clearline.notation.times import show_time
from clearline.words.sentences import plain

VOLUMES_MAX: Final = 6
CORNERS_MAX: Final = 12
TEXT_MAX: Final = 200


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line: the name of what it states, such as ``place``, of which volume (0: of none)."""

    name: str
    value: str
    volume: int = 0


def notice_of(body: Body) -> Notice | None:
    """The notice that a body states, if it states one."""
    match body:
        case Notice():
            return body
        case Amend() | Open():
            return body.to
        case _:
            return None


def volumes_of(body: Body) -> tuple[Volume, ...]:
    """The volumes that a body states."""
    notice = notice_of(body)
    if notice is not None:
        return notice.volumes
    return body.volumes if isinstance(body, Stop | Distress | Accident) else ()


def class_of(body: Body, terms: Agreement) -> ClassTerm | None:
    """The class of a notice, under the terms."""
    notice = notice_of(body)
    name = notice.cls if notice is not None else body.kind.value
    return next((each for each in terms.classes if each.id == name), None)


def facts(entry: Entry, terms: Agreement, zone: tzinfo | None) -> tuple[Row, ...]:
    """Every fact of the entry that the page states."""
    return tuple(_rows(entry, terms, zone))


def _rows(entry: Entry, terms: Agreement, zone: tzinfo | None) -> Iterator[Row]:
    body, term = entry.body, class_of(entry.body, terms)
    author = party_of(entry.feed)
    name = next((each.name for each in terms.parties if each.id == author), "")
    yield Row(name="author", value=plain(f"{author} {name}".strip()))
    yield Row(name="entry", value=f"{entry.ref}")
    yield Row(name="kind", value=entry.kind.value)
    notice = notice_of(body)
    yield Row(name="class", value=plain(term.name if term is not None else entry.kind.value))
    if notice is not None:
        yield Row(name="label", value=_text(notice.label))
        if notice.marks:
            yield Row(name="marks", value=plain(", ".join(notice.marks)))
        if notice.reason:
            yield Row(name="reason", value=_text(notice.reason))
    if isinstance(body, Distress | Accident):
        yield Row(name="label", value=_text(body.what))
    if isinstance(body, Message):
        yield Row(name="label", value=plain(body.template))
    remark = notice.remark if notice is not None else getattr(body, "remark", None)
    if remark is not None:
        yield Row(name="remark", value=_text(remark.text))
    yield Row(name="stated", value=moment(entry.t, zone))
    for n, volume in enumerate(volumes_of(body)[:VOLUMES_MAX], 1):
        yield from _volume(n, volume, term, zone)


def moment(at: Instant, zone: tzinfo | None, *, late: bool = False) -> str:
    """A time in whole seconds, Z first; ``late``: rounded up, as the end of a window is."""
    whole = -(-at // SECOND) if late else at // SECOND
    return show_time(Instant(whole * SECOND), zone)


def _text(text: str) -> str:
    return plain(text)[:TEXT_MAX]


def _volume(n: int, volume: Volume, term: ClassTerm | None, zone: tzinfo | None) -> Iterator[Row]:
    for name, value in _where(volume.footprint):
        yield Row(name=name, value=value, volume=n)
    low = write_height(volume.lower, Unit.FT, upper=False)
    high = write_height(volume.upper, Unit.FT, upper=True)
    yield Row(name="heights", value=f"{low} - {high}", volume=n)
    yield Row(name="from", value=moment(volume.start, zone), volume=n)
    yield Row(name="until", value=moment(volume.end, zone, late=True), volume=n)
    if term is not None and term.effect is Effect.HAZARD and term.tail_ms:
        over = Instant(volume.end + term.tail_ms)
        yield Row(name="over", value=moment(over, zone, late=True), volume=n)


def _where(footprint: Footprint) -> Iterator[tuple[str, str]]:
    match footprint:
        case Disc(centre=centre, radius_mm=radius):
            yield "place", _at(centre)
            yield "radius", _km(radius)
        case Corridor(line=line, half_width_mm=half):
            yield from _points(line)
            yield "half-width", _km(half)
        case Polygon(outer=outer):
            yield "corners", f"{len(outer)}"
            yield from _points(outer)


def _points(points: tuple[LatLon, ...]) -> Iterator[tuple[str, str]]:
    yield from (("place", f"{n}. {_at(point)}") for n, point in enumerate(points[:CORNERS_MAX], 1))


def _at(point: LatLon) -> str:
    return f"{write_position(point, Notation.DMS)} = {write_position(point, Notation.MGRS)}"


def _km(mm: int) -> str:
    return f"{mm / 1e6:.10g} km"
