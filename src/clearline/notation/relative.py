"""A place as people report it over a radio: so far, in that direction, from a known point.

    relative = distance [- distance] (KM | NM | M) (compass | ddd) (OF | FROM) place

A compass word names a direction to half a point of the rose that it belongs to: S is 180 degrees
give or take 22.5, SSW 202.5 give or take 11.25. Three digits are degrees true, to half of one.
"""

import re
from decimal import Decimal
from typing import Final

from clearline.model.limits import DISTANCE_MM_MAX
from clearline.model.refusal import Refusal
from clearline.notation.position import ask, read_position
from clearline.notation.reading import Ambiguous, refuse_place
from clearline.notation.script import plain
from clearline.notation.traps import Report

_ROSE: Final = (
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
)  # fmt: skip
_POINT_MDEG: Final = 22_500
_UNITS: Final = {"KM": Decimal(1_000_000), "NM": Decimal(1_852_000), "M": Decimal(1_000)}
_FORM: Final = re.compile(
    r"(\d{1,5}(?:\.\d{1,3})?)(?: ?- ?(\d{1,5}(?:\.\d{1,3})?))? ?(KM|NM|M) "
    r"(?:([NESW]{1,3})|(\d{3})°?T?) (?:OF|FROM) (.+)",
    re.ASCII,
)


def read_report(text: str) -> Report | Refusal:
    """A relative place, or any other one: the sector in which the reported thing lies."""
    said = plain(text)
    found = None if said is None else _FORM.fullmatch(said)
    where = text if found is None else found[6]
    origin = read_position(where)
    if isinstance(origin, Ambiguous):
        origin = ask(origin)
    if isinstance(origin, Refusal):
        return origin
    if found is None:
        return Report(origin=origin.at, far_mm=origin.cell_mm, to_mdeg=359_999)
    unit = _UNITS[found[3]]
    near = round(Decimal(found[1]) * unit)
    far = near if found[2] is None else round(Decimal(found[2]) * unit)
    if far < near or far > DISTANCE_MM_MAX or (found[5] and int(found[5]) > 360):
        return refuse_place(text, "no-position")
    if found[4] is None:
        middle, half = int(found[5]) * 1000, 500
    elif found[4] in _ROSE:
        middle = _ROSE.index(found[4]) * _POINT_MDEG
        half = _POINT_MDEG if len(found[4]) <= 2 else _POINT_MDEG // 2
    else:
        return refuse_place(text, "no-position")
    return Report(
        origin=origin.at,
        from_mdeg=(middle - half) % 360_000,
        to_mdeg=(middle + half) % 360_000,
        near_mm=max(0, near - origin.cell_mm),
        far_mm=far + origin.cell_mm,
    )
