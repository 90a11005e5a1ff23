"""How places, heights and times are said by voice so that they are not misheard.

Letters by the spelling alphabet, digits one by one, of ICAO Annex 10 volume II, 5.2.1: words that
are said alike by people of any language. Pure.
"""

import re
from datetime import UTC, datetime
from typing import Final

from clearline.model.time import MONTHS, SECOND, Instant

DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "niner")
_ALPHABET: Final = """
Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa
Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu
"""
LETTERS: Final = {word[0]: word for word in _ALPHABET.split()}
SIDES: Final = {"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST"}
SIGNS: Final = {
    "°": "degrees", "'": "minutes", '"': "seconds", ".": "decimal", "-": "dash", "/": "slash",
    "+": "plus", ",": "comma",
}  # fmt: skip
UNITS: Final = {
    "FL": "flight level", "ft": "feet", "m": "metres", "km": "kilometres", "SFC": "SURFACE",
    "UNL": "UNLIMITED", "AMSL": "above mean sea level", "AGL": "above ground",
    "W84": "above the ellipsoid W G S eighty-four",
}  # fmt: skip
_TOKEN: Final = re.compile(r"W84|[A-Za-z]+|\d|\S", re.ASCII)
GROUP: Final = 5
"""Digits between two pauses, at most."""


def characters(text: str) -> str:
    """Each character by itself: a grid reference, a code, the place of an entry. Digits in a row
    are said in groups, with a pause (a comma) between, halves of a grid reference apart."""
    out: list[str] = []
    for part in re.findall(r"\d+|[A-Za-z]|\S", text, re.ASCII):
        if part.isdigit():
            half = len(part) // 2 if len(part) > GROUP and len(part) % 2 == 0 else GROUP
            groups = [part[i : i + half] for i in range(0, len(part), half)]
            out.append(", ".join(" ".join(DIGITS[int(digit)] for digit in g) for g in groups))
        else:
            out.append(LETTERS.get(part.upper(), SIGNS.get(part, part)))
    return " ".join(out)


def degrees(text: str) -> str:
    """A position in degrees, minutes and seconds, or degrees and decimals, with its sides."""
    out = []
    for part in _TOKEN.findall(text):
        side = SIDES.get(part)
        found = DIGITS[int(part)] if part.isdigit() else SIGNS.get(part, part)
        out.append(found if side is None else f"{side},")
    return " ".join(out).rstrip(",")


def measure(text: str) -> str:
    """A height or length with its unit and reference: ``FL100 - FL250``, ``20 km``."""
    out = []
    for part in _TOKEN.findall(text):
        if part.isdigit():
            out.append(DIGITS[int(part)])
        elif part == "-" and out:
            out.append("to")
        else:
            out.append(UNITS.get(part, SIGNS.get(part, part)))
    return " ".join(out)


def time_of_day(at: Instant) -> str:
    """A time in Z, digit by digit, and its day; seconds only where there are any."""
    moment = datetime.fromtimestamp(at // SECOND, tz=UTC)
    clock = f"{moment:%H%M%S}" if moment.second else f"{moment:%H%M}"
    month = MONTHS[3 * moment.month - 3 : 3 * moment.month]
    day = " ".join(DIGITS[int(d)] for d in f"{moment:%d}")
    year = " ".join(DIGITS[int(d)] for d in f"{moment:%Y}")
    return f"{' '.join(DIGITS[int(d)] for d in clock)} Zulu, day {day}, {month}, {year}"
