"""Degrees as people write them: the grammar of one angle, and of two that make a place.

    angle   = [letter] [sign] value [letter]
    value   = D.d  |  D° [M.m['] [S.s["]]]  |  D M.m  |  D M S.s  |  DDMM[SS][.s]  |  D.MM
    letter  = N | S | E | W | O

D.MM (two digits below 60 behind the point) is both decimal degrees and degrees with minutes; O is
both *Ost* and *Ouest*; a comma divides two numbers or is a decimal point. Every reading is given.
Numbers are exact: ``Fraction`` of degrees, never floats. Text comes from ``script.plain``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from clearline.notation.reading import Notation, Order

NORTHING: Final = "NS"
EASTING: Final = "EWO"


@dataclass(frozen=True, slots=True)
class Angle:
    """One reading of an angle: degrees, half of its last digit, how it is written, its letter."""

    degrees: Fraction
    step: Fraction
    notation: Notation
    letter: str


@dataclass(frozen=True, slots=True)
class Place:
    """One reading of two angles, in degrees; ``swapped``: the longitude was taken first."""

    lat: Angle
    lon: Angle
    swapped: bool

    @property
    def notation(self) -> Notation:
        """How both are written; two that differ count as the finer one's."""
        return self.lon.notation if self.lat.notation is Notation.DECIMAL else self.lat.notation


_NUMBER: Final = r"\d{1,3}"
_MARKED: Final = re.compile(
    rf"({_NUMBER}(?:\.\d{{1,12}})?)(?:°|D|DEG) ?"
    r"(?:(\d{1,2}(?:\.\d{1,10})?) ?(?:'|MIN)? ?"
    r"(?:(\d{1,2}(?:\.\d{1,10})?) ?(?:\"|SEC)?)?)?",
    re.ASCII,
)
_SPACED: Final = re.compile(
    rf"({_NUMBER})[ :-](\d{{1,2}}(?:\.\d{{1,10}})?)'?"
    r"(?:[ :-]?(?<=[ :'-])(\d{1,2}(?:\.\d{1,10})?)\"?)?",
    re.ASCII,
)
_BARE: Final = re.compile(rf"{_NUMBER}(?:\.(\d{{1,12}}))?", re.ASCII)
_PACKED: Final = re.compile(r"(\d{4,7})((?:\.\d{1,10})?)", re.ASCII)
_ANGLE: Final = re.compile(
    r"(?P<before>[NSEWO])? ?(?P<sign>[+-])? ?(?P<value>\d.*?) ?(?P<after>[NSEWO])?", re.ASCII
)


def angles(said: str) -> tuple[Angle, ...]:
    """Every reading of one angle; none if it is not one. A sign and a letter exclude each other."""
    found = _ANGLE.fullmatch(said.strip())
    if found is None or (found["before"] and found["after"]):
        return ()
    letter = found["before"] or found["after"] or ""
    if found["sign"] and letter:
        return ()
    minus = found["sign"] == "-"
    return tuple(
        Angle(-value if minus else value, step, notation, one)
        for value, step, notation in _values(found["value"])
        for one in (("E", "W") if letter == "O" else (letter,))
    )


def _values(text: str) -> Iterator[tuple[Fraction, Fraction, Notation]]:
    """Degrees without sign, half of the last digit, notation."""
    if found := _BARE.fullmatch(text):
        yield Fraction(text), _half(text), Notation.DECIMAL
        tail = found[1]
        if tail is not None and len(tail) == 2 and int(tail) < 60:
            whole = Fraction(text.partition(".")[0])
            yield whole + Fraction(int(tail), 60), Fraction(1, 120), Notation.DOTTED
    elif found := _MARKED.fullmatch(text) or _SPACED.fullmatch(text):
        yield from _parts(found[1], found[2], found[3])
    elif found := _PACKED.fullmatch(text):
        digits, tail = found[1], found[2]
        head = 2 if len(digits) in (4, 6) else 3
        if len(digits) < 6:
            yield from _parts(digits[:head], digits[head:] + tail, None)
        else:
            yield from _parts(digits[:head], digits[head : head + 2], digits[head + 2 :] + tail)


def _parts(
    degrees: str, minutes: str | None, seconds: str | None
) -> Iterator[tuple[Fraction, Fraction, Notation]]:
    """Nothing, where a part that is followed by another has a fraction, or is 60 or more."""
    parts = [part for part in (degrees, minutes, seconds) if part is not None]
    if any("." in part for part in parts[:-1]):
        return
    if any(Fraction(part) >= 60 for part in parts[1:]):
        return
    scale = 60 ** (len(parts) - 1)
    value = sum((Fraction(part) / 60**n for n, part in enumerate(parts)), Fraction(0))
    notation = (Notation.DECIMAL, Notation.DDM, Notation.DMS)[len(parts) - 1]
    yield value, _half(parts[-1]) / scale, notation


def _half(text: str) -> Fraction:
    """Half of the last digit that is written."""
    return Fraction(1, 2 * 10 ** len(text.partition(".")[2]))


# --- two angles ----------------------------------------------------------------------------------


def places(said: str, order: Order) -> tuple[Place, ...]:
    """Every reading of a plain text as latitude and longitude; two may be the same place."""
    return tuple(place for place in _read(said, order) if _lat_fits(place) and _lon_fits(place))


def beyond(said: str, order: Order) -> str | None:
    """Why a text that reads as degrees is no place on the earth: ``latitude-range`` or
    ``longitude-range``. None where it does not read as degrees, or some reading is a place.
    Latitudes above 180 and longitudes above 360 were not meant as degrees: digits are packed
    otherwise."""
    found = tuple(place for place in _read(said, order) if _might_be_meant(place))
    if not found or any(_lat_fits(place) and _lon_fits(place) for place in found):
        return None
    return "longitude-range" if any(_lat_fits(place) for place in found) else "latitude-range"


def _might_be_meant(place: Place) -> bool:
    return abs(place.lat.degrees) <= 180 and abs(place.lon.degrees) <= 360


def _lat_fits(place: Place) -> bool:
    return abs(place.lat.degrees) <= 90


def _lon_fits(place: Place) -> bool:
    return abs(place.lon.degrees) <= 180


def _read(said: str, order: Order) -> Iterator[Place]:
    """Every reading, also beyond what degrees there are."""
    for first, second in _pairs(said):
        for a in angles(first):
            for b in angles(second):
                yield from (place for place in _placed(a, b, order) if _alike(place))


def _placed(a: Angle, b: Angle, order: Order) -> Iterator[Place]:
    """Which of the two is the latitude: by letters, else by the stated order, else both ways."""
    ways = [(a, b, False), (b, a, True)]
    for lat, lon, swapped in ways:
        if (lat.letter and lat.letter not in NORTHING) or (
            lon.letter and lon.letter not in EASTING
        ):
            continue
        if not (lat.letter or lon.letter):
            wanted = Order.LON_FIRST if swapped else Order.LAT_FIRST
            if order is not Order.UNSAID and order is not wanted:
                continue
        yield Place(lat, lon, swapped and not (lat.letter or lon.letter))


def _alike(place: Place) -> bool:
    """Both halves of one place are written in one way: a dotted one has a dotted partner (or whole
    degrees), so that 35.30 beside 36.151 is decimal."""
    dotted = Notation.DOTTED
    mine, other = place.lat, place.lon
    if dotted not in (mine.notation, other.notation):
        return True
    return mine.notation is other.notation or Fraction(1, 2) in (mine.step, other.step)


def _pairs(said: str) -> Iterator[tuple[str, str]]:
    """Every way to divide a text into two angles."""
    tried = [said]
    if "," in said and "." not in said:
        tried.append(re.sub(r"(?<=\d),(?=\d)", ".", said))  # a comma for a decimal point
    for text in tried:
        yield from _divided(text)


def _divided(text: str) -> Iterator[tuple[str, str]]:
    for mark in (",", ";", "/"):
        if text.count(mark) == 1:
            first, _, second = text.partition(mark)
            yield first.strip(), second.strip()
            return
    if any(mark in text for mark in ",;/"):
        return
    places_of = [n for n, char in enumerate(text) if char in "NSEWO" and _is_letter(text, n)]
    if len(places_of) == 2:
        one, two = places_of
        if one == 0 and two < len(text) - 1:
            yield text[:two].strip(), text[two:].strip()
        elif two == len(text) - 1 and one > 0:
            yield text[: one + 1].strip(), text[one + 1 :].strip()
        return
    if len(places_of) > 2:
        return
    yield from _blank_divided(text)


def _is_letter(text: str, n: int) -> bool:
    """Whether a character stands alone, and not in a word (DEG, SEC, MIN)."""
    before, after = text[n - 1 : n], text[n + 1 : n + 2]
    return not (before.isalpha() or after.isalpha())


def _blank_divided(text: str) -> Iterator[tuple[str, str]]:
    """Without a mark between them the two have equally many parts, or marks of degrees."""
    degrees = [n for n, char in enumerate(text) if char == "°"]
    if len(degrees) == 2:
        start = re.search(r"[NSEWO]? ?[+-]?\d{1,3}(?:\.\d+)? ?$", text[: degrees[1]])
        if start is not None and start.start() > degrees[0]:
            yield text[: start.start()].strip(), text[start.start() :].strip()
        return
    words = text.split(" ")
    if len(words) in (2, 4, 6):
        half = len(words) // 2
        yield " ".join(words[:half]), " ".join(words[half:])
