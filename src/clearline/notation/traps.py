"""Traps into which places have fallen before (FM04): each a pure question about some points.

A finding says which trap, how far it would be if read the other way, and what it would be then.
None of them refuses anything: a place that looks wrong may be right, and a late warning is worse
than an odd one. Points are WGS 84; distances are along the ellipsoid, in millimetres.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Final

import msgspec

from clearline.model.space import DEGREE_E7, Corridor, Disc, Footprint, LatLon, Polygon
from clearline.notation.apart import apart_mm, bearing_distance, point_from
from clearline.notation.gazetteer import BEARING, Direction, Gazetteer

TRAP = "CL-NTN-005"
OWN_SITE_MM: Final = 100_000
"""A receiver that lost its fix gives its own position: equal within 100 m."""
_NEAR_E7: Final = DEGREE_E7 // 100
"""Beyond a hundredth of a degree of latitude nothing is within OWN_SITE_MM."""
BESIDE_MM: Final = 2_000_000
"""A label names a place about which the shape lies, not exactly where it is: 2 km more."""
SIDE_MDEG: Final = 45_000
"""A side is a quarter of the circle about its middle, 1e-3 degrees each way."""
_ROUND_MM: Final = 6_371_008_771.0
"""Mean radius of the earth."""
_ROUND_SHARE: Final = 0.02
"""Ways on that sphere and on the ellipsoid differ by less than a hundredth: radii of curvature are
6 335 to 6 400 km."""
DOTTED_MM_MIN: Final = 1_000_000
"""Read as minutes, a place must lie at least 1 km elsewhere to be worth a question."""

Inside = Callable[[LatLon], bool]


class Trap(StrEnum):
    """Which slip it looks like."""

    SWAPPED = "swapped"
    DOTTED = "dotted"  # degrees and minutes, read as decimal degrees
    UNDOTTED = "undotted"  # decimal degrees, read as degrees and minutes
    HEMISPHERE = "hemisphere"
    OUTSIDE = "outside"
    OWN_SITE = "own-site"
    LABEL = "label"
    TWO_PLACES = "two-places"


class Trapped(msgspec.Struct, frozen=True, kw_only=True):
    """A finding. ``apart_mm``: from the place as it stands to the other reading (or to the named
    place, or between two reports); ``otherwise``: where the first point would lie then;
    ``name``: the place that is meant, where there is one."""

    trap: Trap
    apart_mm: int
    otherwise: LatLon | None = None
    name: str = ""
    side: str = ""


def points_of(footprint: Footprint) -> tuple[LatLon, ...]:
    """The points that somebody typed: centre, line or ring."""
    match footprint:
        case Disc():
            return (footprint.centre,)
        case Corridor():
            return footprint.line
        case Polygon():
            return footprint.outer


def middle(footprint: Footprint) -> LatLon:
    """A point to speak of a footprint by: centre; middle of a corridor's length; middle of a
    ring's corners in space. It need not lie inside."""
    match footprint:
        case Disc():
            return footprint.centre
        case Corridor():
            return _midway(footprint.line)
        case Polygon():
            return _mean(footprint.outer)


@lru_cache(maxsize=2_048)
def _midway(line: tuple[LatLon, ...]) -> LatLon:
    legs = [apart_mm(a, b) for a, b in pairwise(line)]
    left = sum(legs) / 2
    for (a, b), leg in zip(pairwise(line), legs, strict=True):
        if left <= leg and leg > 0:
            return point_from(a, bearing_distance(a, b)[0], round(left))
        left -= leg
    return line[0]


def _mean(ring: Sequence[LatLon]) -> LatLon:
    """By offsets from the first corner, so that 180 degrees is no seam; poles are left to it."""
    first = ring[0]
    half = 180 * DEGREE_E7
    lat = sum(p.lat_e7 for p in ring) // len(ring)
    east = sum((p.lon_e7 - first.lon_e7 + half) % (2 * half) - half for p in ring) // len(ring)
    return LatLon(lat, (first.lon_e7 + east + half) % (2 * half) - half)


# --- read the other way --------------------------------------------------------------------------


def swapped(at: LatLon) -> LatLon | None:
    """Latitude and longitude exchanged, where that is a place."""
    return LatLon(at.lon_e7, at.lat_e7) if abs(at.lon_e7) <= 90 * DEGREE_E7 else None


def as_minutes(at: LatLon) -> LatLon | None:
    """35.30 as 35 degrees 30 minutes; None where a number has no such reading."""
    lat, lon = _as_minutes(at.lat_e7), _as_minutes(at.lon_e7)
    return LatLon(lat, lon) if lat is not None and lon is not None else None


def _as_minutes(e7: int) -> int | None:
    """Two decimals below 60 count as minutes, four as minutes and seconds; none are none."""
    whole, rest = divmod(abs(e7), DEGREE_E7)
    minutes, rest = divmod(rest, DEGREE_E7 // 100)
    seconds, finer = divmod(rest, DEGREE_E7 // 10_000)
    if minutes >= 60 or seconds >= 60 or finer:
        return None
    read = round((whole + Fraction(minutes, 60) + Fraction(seconds, 3600)) * DEGREE_E7)
    return read if e7 >= 0 else -read


def as_decimal(at: LatLon) -> LatLon | None:
    """35 degrees 30 minutes as 35.30; None where it has a part of a second."""
    lat, lon = _as_decimal(at.lat_e7), _as_decimal(at.lon_e7)
    return LatLon(lat, lon) if lat is not None and lon is not None else None


def _as_decimal(e7: int) -> int | None:
    seconds = Fraction(abs(e7) * 3600, DEGREE_E7)
    nearest = round(seconds)
    if abs(seconds - nearest) > Fraction(1, 500):
        return None
    degrees, rest = divmod(nearest, 3600)
    read = degrees * DEGREE_E7 + rest // 60 * (DEGREE_E7 // 100) + rest % 60 * (DEGREE_E7 // 10_000)
    return read if e7 >= 0 else -read


def hemispheres(at: LatLon) -> tuple[LatLon, ...]:
    """The same numbers with the other letters."""
    lat, lon = at.lat_e7, at.lon_e7
    return LatLon(-lat, lon), LatLon(lat, -lon), LatLon(-lat, -lon)


# --- the traps -----------------------------------------------------------------------------------


def outside_area(points: Sequence[LatLon], inside: Inside) -> Trapped | None:
    """Points that are not all in the agreed area; and the slip by which they all would be."""
    if all(inside(point) for point in points):
        return None
    ways: tuple[tuple[Trap, Callable[[LatLon], LatLon | None]], ...] = (
        (Trap.SWAPPED, swapped),
        (Trap.DOTTED, as_minutes),
        (Trap.UNDOTTED, as_decimal),
        (Trap.HEMISPHERE, lambda at: hemispheres(at)[0]),
        (Trap.HEMISPHERE, lambda at: hemispheres(at)[1]),
        (Trap.HEMISPHERE, lambda at: hemispheres(at)[2]),
    )
    for trap, way in ways:
        read = (way(point) for point in points)  # ends with the first that is not in the area
        if all(other is not None and inside(other) for other in read) and (at := way(points[0])):
            return Trapped(trap=trap, apart_mm=apart_mm(points[0], at), otherwise=at)
    return Trapped(trap=Trap.OUTSIDE, apart_mm=0)


def read_as_decimal(points: Sequence[LatLon], inside: Inside) -> Trapped | None:
    """Every number has exactly two decimals below 60, or none, and one has two: 35.30 N 36.15 E may
    have been 35 degrees 30 minutes. Only where that lies in the area too."""
    grain = DEGREE_E7 // 100
    numbers = [number for point in points for number in (point.lat_e7, point.lon_e7)]
    if any(number % grain for number in numbers):
        return None
    if not any(number % (10 * grain) for number in numbers):
        return None  # 35.30 is 35.3 by now: every round place would be pointed out
    if (
        any(number % DEGREE_E7 and not number % (10 * grain) for number in numbers)
        and len(numbers) > 4
    ):
        return None  # a list with one decimal here and two there is a list of decimals
    read = [as_minutes(point) for point in points]
    if not all(other is not None and inside(other) for other in read) or read[0] is None:
        return None
    far = apart_mm(points[0], read[0])
    return Trapped(trap=Trap.DOTTED, apart_mm=far, otherwise=read[0]) if (
        far >= DOTTED_MM_MIN
    ) else None  # fmt: skip


def own_site(footprint: Footprint, gazetteer: Gazetteer) -> Trapped | None:
    """A place that is where we are ourselves: a set that was switched on anew gives that."""
    at = middle(footprint)
    for site in gazetteer.own_sites:
        if abs(site.at.lat_e7 - at.lat_e7) > _NEAR_E7:
            continue
        far = apart_mm(at, site.at)
        if far <= OWN_SITE_MM:
            return Trapped(trap=Trap.OWN_SITE, apart_mm=far, otherwise=site.at, name=site.names[0])
    return None


def label_differs(label: str, footprint: Footprint, gazetteer: Gazetteer) -> Iterator[Trapped]:
    """A label that names a place where the shape is not, or the wrong side of it (FM03)."""
    at = middle(footprint)
    for place, name, sides in gazetteer.named_in(label):
        bearing, far = bearing_distance(place.at, at)
        if sides:
            if far > 0 and not any(_towards(bearing, side) for side in sides):
                yield Trapped(
                    trap=Trap.LABEL, apart_mm=far, otherwise=place.at, name=name,
                    side=" ".join(sides),
                )  # fmt: skip
        elif not _reaches(footprint, at, far - place.radius_mm - BESIDE_MM):
            yield Trapped(
                trap=Trap.LABEL, apart_mm=far - place.radius_mm, otherwise=place.at, name=name
            )


def _towards(bearing_mdeg: int, side: Direction) -> bool:
    turn = (bearing_mdeg - BEARING[side] * 1000 + 180_000) % 360_000 - 180_000
    return abs(turn) <= SIDE_MDEG


def _reaches(footprint: Footprint, at: LatLon, far_mm: int) -> bool:
    """Whether the shape goes so far from its middle, by its stated points. Ten thousand of them are
    two seconds of geodesics, so those are asked only where a sphere leaves it open."""
    if isinstance(footprint, Disc):
        return footprint.radius_mm >= far_mm
    points, left_mm = (
        (footprint.line, far_mm - footprint.half_width_mm)
        if isinstance(footprint, Corridor)
        else (footprint.outer, far_mm)
    )
    rough_mm = max(_round_mm(at, point) for point in points)
    if abs(rough_mm - left_mm) > _ROUND_SHARE * rough_mm:
        return rough_mm > left_mm
    return any(apart_mm(at, point) >= left_mm for point in points)


def _round_mm(a: LatLon, b: LatLon) -> float:
    """Length of the way on a sphere, millimetres (haversine formula)."""
    north, east = radians(b.lat - a.lat) / 2, radians(b.lon - a.lon) / 2
    half = sin(north) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(east) ** 2
    return 2 * _ROUND_MM * asin(min(1.0, sqrt(half)))


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report of where a thing is, relative to a point: a sector of bearings (1e-3 degrees,
    clockwise from ``from_mdeg``) and of distances (mm). One exact place has nought of each."""

    origin: LatLon
    from_mdeg: int = 0
    to_mdeg: int = 0
    near_mm: int = 0
    far_mm: int = 0


def two_places(a: Report, b: Report, limit_mm: int) -> Trapped | None:
    """Two reports of one thing that cannot be within ``limit_mm`` of each other: the least distance
    between the two sectors, by points every degree, less what lies between those."""
    ours, theirs = _spread(a), _spread(b)
    least, other = min(
        ((apart_mm(one, two), two) for one in ours for two in theirs), key=lambda pair: pair[0]
    )
    between = _grain(a) + _grain(b)
    if least - between <= limit_mm:
        return None
    return Trapped(trap=Trap.TWO_PLACES, apart_mm=least, otherwise=other)


_STEPS: Final = 12


def _spread(report: Report) -> list[LatLon]:
    width = (report.to_mdeg - report.from_mdeg) % 360_000
    bearings = {report.from_mdeg + width * n // _STEPS for n in range(_STEPS + 1)}
    lengths = {
        report.near_mm + (report.far_mm - report.near_mm) * n // _STEPS for n in range(_STEPS + 1)
    }
    return [point_from(report.origin, b, d) for b in sorted(bearings) for d in sorted(lengths)]


def _grain(report: Report) -> int:
    """No point of the sector is farther from one of those of ``_spread`` than this."""
    width = (report.to_mdeg - report.from_mdeg) % 360_000
    across = report.far_mm * width * 3.1416 / 180_000 / _STEPS / 2
    along = (report.far_mm - report.near_mm) / _STEPS / 2
    return round(across + along)
