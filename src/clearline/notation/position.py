"""A place in and out: degrees in every usual form, or a grid reference."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, cos, radians
from typing import Final

from clearline.model.refusal import Code, Refusal
from clearline.model.space import DEGREE_E7, LatLon
from clearline.notation.apart import widest_mm
from clearline.notation.degrees import Angle, Place, beyond, places
from clearline.notation.mgrs import HALF_DIAGONAL_MM, looks_like_mgrs, read_mgrs, write_mgrs
from clearline.notation.reading import (
    ONE_MEANING,
    Ambiguous,
    Notation,
    Order,
    Position,
    Reading,
    refuse_place,
)
from clearline.notation.script import plain

_DEGREE_MM: Final = 111_694_000
"""The longest degree on the ellipsoid: of latitude, at the poles."""


def read_position(
    text: str, *, order: Order = Order.LAT_FIRST, notation: Notation | None = None
) -> Reading:
    """What the text says; where ``notation`` is stated, only what it says in that."""
    found = _readings(text, order, notation)
    if isinstance(found, Refusal):
        return found
    return found[0] if len(found) == 1 else _question(text, found)


def read_positions(
    texts: Sequence[str], *, order: Order = Order.LAT_FIRST, notation: Notation | None = None
) -> tuple[Position, ...] | Ambiguous | Refusal:
    """Several places of one list, which is written in one notation: what one of them cannot mean,
    the others do not. ``at`` of a refusal is the place in the list."""
    every: list[tuple[Position, ...]] = []
    for n, text in enumerate(texts):
        found = _readings(text, order, notation)
        if isinstance(found, Refusal):
            return Refusal(code=found.code, clause=found.clause, at=f"/{n}", params=found.params)
        every.append(found)
    dotted = all(any(p.notation is Notation.DOTTED for p in some) for some in every)
    chosen: list[Position] = []
    for text, some in zip(texts, every, strict=True):
        kept = some
        if not dotted and len(some) > 1:
            kept = tuple(p for p in some if p.notation is not Notation.DOTTED) or some
        if len(kept) > 1:
            return _question(text, kept)
        chosen.append(kept[0])
    return tuple(chosen)


def _readings(text: str, order: Order, notation: Notation | None) -> tuple[Position, ...] | Refusal:
    """Every position that the text could mean, at least one."""
    said = plain(text)
    if said is None or not said:
        return refuse_place(text, "no-position")
    if looks_like_mgrs(said):
        square = read_mgrs(said)
        if isinstance(square, Refusal):
            return square
        return (square,) if notation in (None, Notation.MGRS) else _otherwise(text)
    found = [_position(place) for place in places(said, order)]
    if notation is not None:
        found = [p for p in found if p.notation is notation]
    if not found:
        if notation is not None:
            return _otherwise(text)
        return refuse_place(text, beyond(said, order) or "no-position")
    return tuple({p.at: p for p in reversed(found)}.values())[::-1]


def _otherwise(text: str) -> Refusal:
    return refuse_place(text, "other-notation")


def _position(place: Place) -> Position:
    lat, lon = _e7(place.lat), _e7(place.lon)
    narrow = Fraction(cos(radians(abs(lat) / DEGREE_E7)))
    step = place.lat.step + place.lon.step * narrow
    return Position(
        at=LatLon(lat, lon),
        notation=place.notation,
        step_mm=ceil(step * _DEGREE_MM),
        swapped=place.swapped,
    )


def _e7(angle: Angle) -> int:
    exact = round(angle.degrees * DEGREE_E7)
    return -exact if angle.letter in ("S", "W") else exact


def _question(text: str, found: tuple[Position, ...]) -> Ambiguous:
    return Ambiguous(text=text, candidates=found, apart_mm=widest_mm([p.at for p in found]))


def ask(question: Ambiguous) -> Refusal:
    """CL-NTN-002: the question to whoever wrote the text, with its candidates and how far they lie
    apart; never a guess."""
    one, other = question.candidates[:2]
    return Refusal(
        code=Code.NO_GEOMETRY,
        clause=ONE_MEANING,
        params={
            "found": question.text,
            "count": len(question.candidates),
            "a": shown(one),
            "b": shown(other),
            "apart_m": round(question.apart_mm / 1000),
        },
    )


def shown(position: Position) -> str:
    """A candidate: how it was read, and what that is in degrees and minutes."""
    return f"{position.notation.value} {write_position(position.at, Notation.DMS)}"


# --- writing -------------------------------------------------------------------------------------

_PER: Final = {Notation.DDM: 60 * 1000, Notation.DMS: 3600 * 10}


def write_position(at: LatLon, notation: Notation, *, digits: int = 5) -> str:
    """The place in a notation, ASCII digits always: 5 decimals, thousandths of a minute, tenths of
    a second, or ``digits`` each way of a grid reference."""
    match notation:
        case Notation.MGRS:
            return write_mgrs(at, digits)
        case Notation.DECIMAL:
            return f"{_decimal(at.lat_e7, 'NS')} {_decimal(at.lon_e7, 'EW')}"
        case Notation.DDM | Notation.DMS:
            return f"{_sexagesimal(at.lat_e7, 'NS', 2, notation)} " + _sexagesimal(
                at.lon_e7, "EW", 3, notation
            )
        case Notation.DOTTED:
            raise AssertionError("what reads in two ways is never written")


def _decimal(e7: int, letters: str) -> str:
    """A sixth digit keeps the form from being read as degrees and minutes."""
    return f"{abs(e7) / DEGREE_E7:.5f}°{letters[e7 < 0]}"


def _sexagesimal(e7: int, letters: str, width: int, notation: Notation) -> str:
    per = _PER[notation]
    units = round(Fraction(abs(e7), DEGREE_E7) * per)
    degrees, rest = divmod(units, per)
    letter = letters[e7 < 0]
    if notation is Notation.DDM:
        return f"{degrees:0{width}d}°{rest // 1000:02d}.{rest % 1000:03d}'{letter}"
    minutes, tenths = divmod(rest, 600)
    return f"{degrees:0{width}d}°{minutes:02d}'{tenths // 10:02d}.{tenths % 10}\"{letter}"


def write_step_mm(notation: Notation, *, digits: int = 5) -> int:
    """How far what ``write_position`` writes may lie from the place: its own rounding, in mm."""
    match notation:
        case Notation.MGRS:
            return 2 * HALF_DIAGONAL_MM * int(10 ** (5 - digits))
        case Notation.DECIMAL:
            return ceil(_DEGREE_MM * 0.5e-5 * 1.4143)
        case Notation.DDM | Notation.DMS:
            return ceil(_DEGREE_MM / _PER[notation] / 2 * 1.4143)
        case Notation.DOTTED:
            raise AssertionError("what reads in two ways is never written")
