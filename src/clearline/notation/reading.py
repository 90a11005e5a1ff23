"""What comes of reading a place: one position, several that it could be, or a refusal."""

from enum import StrEnum

import msgspec

from clearline.model.refusal import Code, Refusal
from clearline.model.space import LatLon

PLACE = "CL-NTN-001"
ONE_MEANING = "CL-NTN-002"
HEIGHT = "CL-NTN-003"
TIME = "CL-NTN-004"


class Notation(StrEnum):
    """How a place is written."""

    DECIMAL = "decimal"  # 35.5000 N
    DDM = "ddm"  # degrees and decimal minutes
    DMS = "dms"  # degrees, minutes, seconds
    DOTTED = "dotted"  # 35.30 for 35 degrees 30 minutes: read only where it is said
    MGRS = "mgrs"  # military grid reference system: a square, not a point


class Order(StrEnum):
    """Which of two numbers without letters is the latitude."""

    LAT_FIRST = "lat-first"
    LON_FIRST = "lon-first"
    UNSAID = "unsaid"


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """One place, WGS 84, as it was read.

    ``cell_mm``: a grid reference names a square; ``at`` is its middle, and no point of the square
    is farther from it than this. 0 for degrees, which name a point. ``step_mm``: half of the last
    digit, both ways, so far may what was meant lie from what was written. ``swapped``: longitude
    was taken first.
    """

    at: LatLon
    notation: Notation
    cell_mm: int = 0
    step_mm: int = 0
    swapped: bool = False


class Ambiguous(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a text could mean, at least two positions; ``apart_mm`` is the greatest
    distance between two of them. ``text`` is what was read."""

    text: str
    candidates: tuple[Position, ...]
    apart_mm: int


Reading = Position | Ambiguous | Refusal


def refuse_place(text: str, reason: str) -> Refusal:
    """CL-NTN-001: it is no position in any notation that is read here."""
    return Refusal(code=Code.NO_GEOMETRY, clause=PLACE, params={"reason": reason, "found": text})


def no_height(text: str, reason: str) -> Refusal:
    """CL-NTN-003: a height has number, unit and reference."""
    return Refusal(code=Code.BAD_HEIGHT, clause=HEIGHT, params={"reason": reason, "found": text})


def no_time(text: str, reason: str) -> Refusal:
    """CL-NTN-004: a time has a date, a time of day and a zone."""
    code = Code.NO_TIME_ZONE if reason == "zone-missing" else Code.BAD_WINDOW
    return Refusal(code=code, clause=TIME, params={"problem": reason, "found": text})
