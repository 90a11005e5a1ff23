"""Heights in and out: number, unit, reference; nothing is assumed (FM05).

    height = FL ddd | SFC | GND | UNL | number unit reference      W84 | AMSL | MSL | AGL

Inside a height is millimetres with its reference. A bound is converted outward: a lower limit
down, an upper limit up, in both directions, so that going through feet or flight levels never
makes a band smaller. Pressure height (FL) and geometric height never become one another here.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Final

import msgspec

from clearline.model.limits import HEIGHT_MM_MAX, HEIGHT_MM_MIN
from clearline.model.refusal import Code, Refusal
from clearline.model.space import FLIGHT_LEVEL_MM, Height, HeightRef, Volume
from clearline.notation.reading import HEIGHT, no_height
from clearline.notation.script import plain


class Unit(StrEnum):
    """A unit of height that people use."""

    M = "m"
    FT = "ft"


_MM: Final = {Unit.M: Decimal(1000), Unit.FT: Decimal("304.8")}
_UNITS: Final = {
    "M": Unit.M, "MTR": Unit.M, "METRES": Unit.M, "METERS": Unit.M,
    "FT": Unit.FT, "FEET": Unit.FT, "'": Unit.FT,
}  # fmt: skip
_REFERENCES: Final = {
    "AMSL": HeightRef.AMSL, "MSL": HeightRef.AMSL, "ASL": HeightRef.AMSL,
    "AGL": HeightRef.AGL, "W84": HeightRef.W84, "WGS84": HeightRef.W84, "HAE": HeightRef.W84,
}  # fmt: skip
_BARE: Final = {
    "SFC": HeightRef.SFC, "GND": HeightRef.SFC,
    "UNL": HeightRef.UNL, "UNLTD": HeightRef.UNL, "UNLIMITED": HeightRef.UNL,
}  # fmt: skip
_LEVEL: Final = re.compile(r"FL ?(\d{1,4})", re.ASCII)
_FORM: Final = re.compile(
    r"(?P<number>[+-]?\d{1,7}(?:\.\d{1,3})?) ?(?P<unit>[A-Z']*?) ?(?P<ref>[A-Z]+(?:84)?|)", re.ASCII
)
_MENTION: Final = re.compile(
    r"(?<![A-Z0-9.])(?:FL ?(?P<level>\d{2,3})(?!\d)"
    r"|(?P<number>\d{1,3}(?:[ ,]\d{3})+|\d{1,7}) ?(?P<unit>FT|FEET|M|METRES|METERS) ?"
    r"(?P<ref>AMSL|MSL|AGL|W84|HAE)(?![A-Z]))",
    re.ASCII,
)


def read_height(text: str, *, upper: bool) -> Height | Refusal:
    """The height that the text states. CL-NTN-003 says what is missing of number, unit, reference.
    A limit that is no whole number of millimetres goes outward."""
    said = plain(text)
    if said is None:
        return no_height(text, "no-height")
    if said in _BARE:
        return Height(ref=_BARE[said])
    if level := _LEVEL.fullmatch(said):
        return Height(ref=HeightRef.FL, mm=int(level[1]) * FLIGHT_LEVEL_MM)
    found = _FORM.fullmatch(said)
    if found is None:
        return no_height(text, "no-height")
    words = f"{found['unit']} {found['ref']}".split()
    units = [word for word in words if word in _UNITS]
    refs = [word for word in words if word in _REFERENCES]
    if len(units) + len(refs) != len(words):
        return no_height(text, "no-height")
    if not units:
        return no_height(text, "unit-missing")
    if not refs:
        return no_height(text, "reference-missing")
    mm = _outward(Decimal(found["number"]) * _MM[_UNITS[units[0]]], upper=upper)
    if not HEIGHT_MM_MIN <= mm <= HEIGHT_MM_MAX:
        return no_height(text, "height-range")
    return Height(ref=_REFERENCES[refs[0]], mm=mm)


def write_height(height: Height, unit: Unit, *, upper: bool) -> str:
    """The bound in whole units, outward; a flight level as a level whatever the unit is."""
    if height.mm is None:
        return height.ref.value
    if height.ref is HeightRef.FL:
        return f"FL{_outward(Decimal(height.mm) / FLIGHT_LEVEL_MM, upper=upper):03d}"
    return (
        f"{_outward(Decimal(height.mm) / _MM[unit], upper=upper)} {unit.value} {height.ref.value}"
    )


def _outward(exact: Decimal, *, upper: bool) -> int:
    return int(exact.to_integral_value(ROUND_CEILING if upper else ROUND_FLOOR))


# --- text against fields -------------------------------------------------------------------------


class Limit(StrEnum):
    """Which limit the word before a height speaks of."""

    UPPER = "upper"
    LOWER = "lower"
    UNSAID = "unsaid"


_SAYS_UPPER: Final = re.compile(
    r"\b(?:UP TO|NOT ABOVE|(?<!NOT )(?:BELOW|UNDER)|MAX|MAXIMUM|CEILING|TOP|UPPER(?: LIMIT)?)"
    r"[ :=]*$",
    re.ASCII,
)
_SAYS_LOWER: Final = re.compile(
    r"\b(?:NOT BELOW|(?<!NOT )(?:ABOVE|OVER)|MIN|MINIMUM|BASE|FLOOR|LOWER(?: LIMIT)?)[ :=]*$",
    re.ASCII,
)


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A height that stands in a text: its words, what it is measured from, millimetres, and which
    limit it speaks of."""

    words: str
    ref: HeightRef
    mm: int
    tolerance_mm: int
    limit: Limit


def mentions(text: str) -> Iterator[Mention]:
    """Heights with unit and reference that a free text names."""
    for part in _chunks(text):
        for found in _MENTION.finditer(part):
            if found["level"] is not None:
                mm, ref, one = int(found["level"]) * FLIGHT_LEVEL_MM, HeightRef.FL, FLIGHT_LEVEL_MM
            else:
                unit = _MM[_UNITS[found["unit"]]]
                number = Decimal(re.sub(r"[ ,]", "", found["number"]))
                mm, ref, one = int(number * unit), _REFERENCES[found["ref"]], int(unit) + 1
            limit = _limit(part[: found.start()])
            yield Mention(words=found[0], ref=ref, mm=mm, tolerance_mm=one, limit=limit)


def _limit(before: str) -> Limit:
    if _SAYS_UPPER.search(before):
        return Limit.UPPER
    return Limit.LOWER if _SAYS_LOWER.search(before) else Limit.UNSAID


def _chunks(text: str) -> Iterator[str]:
    """A long text by its lines and sentences: each is read as far as ``plain`` reads."""
    for line in re.split(r"[\n;]|\. ", text):
        for start in range(0, len(line), 150):
            said = plain(line[start : start + 200])
            if said is not None:
                yield said


def contradictions(text: str, volumes: Sequence[Volume]) -> Iterator[Refusal]:
    """Heights of the text that no volume has, in the same reference: not the limit that the text
    calls it, nor any limit, nor between two limits. Nothing is said of a reference that the fields
    do not use: it cannot be compared."""
    told: set[str] = set()
    for mention in mentions(text):
        bands = [band for volume in volumes if (band := _band(volume, mention.ref)) is not None]
        apart = [_outside(mention, *band) for band in bands]
        if apart and min(apart) > 0 and mention.words not in told:
            told.add(mention.words)
            nearest = bands[apart.index(min(apart))]
            yield Refusal(
                code=Code.BAD_HEIGHT,
                clause=HEIGHT,
                params={
                    "found": "text-differs",
                    "stated": mention.words,
                    "held": _named(mention.ref, nearest),
                    "apart_m": round(min(apart) / 1000),
                },
            )


def _band(volume: Volume, ref: HeightRef) -> tuple[int | None, int | None] | None:
    """Limits of a volume in a reference, None where open; None where the reference is not used."""
    low, high = volume.lower, volume.upper
    if ref not in (low.ref, high.ref):
        return None
    if (low.ref not in (ref, HeightRef.SFC)) or (high.ref not in (ref, HeightRef.UNL)):
        return None
    return (low.mm if low.ref is ref else None), (high.mm if high.ref is ref else None)


def _outside(mention: Mention, low: int | None, high: int | None) -> int:
    """How far a mention lies from the limit that it speaks of, millimetres; nought within its
    rounding. One that speaks of none may be any limit, or lie between two."""
    limits = {
        Limit.UPPER: [high] if high is not None else [low],
        Limit.LOWER: [low] if low is not None else [high],
        Limit.UNSAID: [low, high],
    }[mention.limit]
    if mention.limit is Limit.UNSAID and low is not None and high is not None:
        limits.append(min(max(mention.mm, low), high))
    apart = min(abs(mention.mm - limit) for limit in limits if limit is not None)
    return apart if apart >= mention.tolerance_mm else 0


def _named(ref: HeightRef, band: tuple[int | None, int | None]) -> str:
    low, high = band
    names = [
        "SFC" if low is None else write_height(Height(ref=ref, mm=low), Unit.FT, upper=False),
        "UNL" if high is None else write_height(Height(ref=ref, mm=high), Unit.FT, upper=True),
    ]
    return " to ".join(names)
