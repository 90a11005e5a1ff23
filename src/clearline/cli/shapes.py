"""What people type for a place, a height and a time, exactly or not at all.

Places in every notation of ``clearline.notation``, on WGS 84, latitude first; a height always with
its reference (FM05); a time always with its zone (FM07). What has two meanings is asked about. A
grid reference names a square, and its size counts: a shape made of squares is larger by them.
"""

import json
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

from clearline.canonical import UNREADABLE
from clearline.model.limits import CORRIDOR_MM_MAX, RADIUS_MM_MAX, VERTICES_MAX
from clearline.model.refusal import Refusal
from clearline.model.space import Corridor, Disc, Edge, Footprint, Height, LatLon, Polygon
from clearline.model.time import Instant
from clearline.notation import Ambiguous, Notation, Position
from clearline.notation.heights import read_height
from clearline.notation.position import ask, read_position, read_positions
from clearline.notation.times import read_time
from clearline.words.sentences import sentence

_E7: Final = Decimal(10_000_000)
_KM: Final = Decimal(1_000_000)


def number(text: str, what: str) -> Decimal:
    """A decimal number. Raises ValueError."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"{what}: {text.strip()!r} is not a decimal number") from error
    if not found.is_finite():
        raise ValueError(f"{what}: {text.strip()!r} is not a number")
    return found


def point(latitude: str, longitude: str) -> LatLon:
    """Decimal degrees of a machine's file, north and east positive. Raises ValueError."""
    lat, lon = number(latitude, "latitude"), number(longitude, "longitude")
    if not -90 <= lat <= 90:
        raise ValueError(f"latitude {lat} is not between -90 and 90: latitude comes first")
    if not -180 <= lon <= 180:
        raise ValueError(f"longitude {lon} is not between -180 and 180")
    return LatLon(*(int((x * _E7).to_integral_value(ROUND_HALF_EVEN)) for x in (lat, lon)))


def place(text: str, *, notation: Notation | None = None, cell_mm: int = 0) -> Position:
    """One place in any notation, latitude first where no letters are. Raises ValueError: what has
    two meanings is asked about, and so is a square larger than ``cell_mm`` (0: any)."""
    found = read_position(text, notation=notation)
    if isinstance(found, Ambiguous):
        found = ask(found)
    if isinstance(found, Refusal):
        raise ValueError(sentence(found))
    if cell_mm and found.cell_mm > cell_mm:
        raise ValueError(f"{text!r} is a square too large for this: give more digits")
    return found


def places(text: str, least: int, *, notation: Notation | None = None) -> tuple[Position, ...]:
    """Places parted by semicolons, or by blanks where none has blanks in it: 34.1,35.1 34.9,35.4.
    All of one list are read in one notation. Raises ValueError."""
    found = read_positions(_listed(text, least), notation=notation)
    if isinstance(found, Ambiguous):
        found = ask(found)
    if isinstance(found, Refusal):
        raise ValueError(sentence(found))
    return found


def _listed(text: str, least: int) -> list[str]:
    listed = [part for part in text.split(";") if part.strip()] if ";" in text else text.split()
    if not least <= len(listed) <= VERTICES_MAX:
        raise ValueError(
            f"{len(listed)} points are given; at least {least} are needed, with ; between them"
        )
    return listed


def kilometres(text: str, what: str, limit_mm: int) -> int:
    """A length in kilometres as millimetres, rounded outward. Raises ValueError."""
    mm = int((number(text, what) * _KM).to_integral_value(ROUND_CEILING))
    if not 0 < mm <= limit_mm:
        raise ValueError(f"{what}: {text} km is not between 0 and {limit_mm // 1_000_000} km")
    return mm


def disc_of(centre: Position, radius_km: str) -> Disc:
    """A disc, larger by the square that its centre names. Raises ValueError."""
    radius = kilometres(radius_km, "radius", RADIUS_MM_MAX)
    return Disc(centre=centre.at, radius_mm=min(radius + centre.cell_mm, RADIUS_MM_MAX))


def corridor_of(line: tuple[Position, ...], half_km: str, edge: Edge) -> Corridor:
    """A corridor, wider by the largest square that one of its points names. Raises ValueError."""
    half = kilometres(half_km, "half width", CORRIDOR_MM_MAX)
    wider = max(position.cell_mm for position in line)
    return Corridor(
        line=tuple(position.at for position in line),
        half_width_mm=min(half + wider, CORRIDOR_MM_MAX),
        edge=edge,
    )


def polygon_of(ring: tuple[Position, ...], edge: Edge) -> tuple[Footprint, ...]:
    """A polygon, closed by itself; where its corners are squares also a corridor along its outline,
    as wide as they are: together they hold wherever the outline may run."""
    corners = ring[:-1] if len(ring) > 3 and ring[0].at == ring[-1].at else ring
    points = tuple(position.at for position in corners)
    area = Polygon(outer=points, edge=edge)
    cell = max(position.cell_mm for position in corners)
    if not cell:
        return (area,)
    return area, Corridor(line=(*points, points[0]), half_width_mm=cell, edge=edge)


def disc(text: str) -> Disc:
    """PLACE,RADIUS_KM; the radius stands behind the last comma or semicolon. Raises ValueError."""
    where, radius = _last(text, "PLACE,RADIUS_KM")
    return disc_of(place(where), radius)


def corridor(text: str, edge: Edge) -> Corridor:
    """PLACE PLACE ... HALF_WIDTH_KM, or with ; between all of them. Raises ValueError."""
    listed, half = _half_width(text)
    return corridor_of(places(listed, 2), half, edge)


def polygon(text: str, edge: Edge) -> tuple[Footprint, ...]:
    """PLACE PLACE PLACE ..., or with ; between them. Raises ValueError."""
    return polygon_of(places(text, 3), edge)


def _last(text: str, form: str) -> tuple[str, str]:
    plain = text.replace("\u060c", ",").replace("\u061b", ";")
    where, mark, last = plain.rpartition(";" if ";" in plain else ",")
    if not mark or not where.strip():
        raise ValueError(f"{text!r} is not {form}")
    return where, last


def _half_width(text: str) -> tuple[str, str]:
    if ";" in text:
        listed, _, half = text.strip().rstrip(";").rpartition(";")
        return f"{listed};", half
    *pairs, half = text.split()
    if "," in half or not pairs:
        raise ValueError("a corridor ends with its half width in km")
    return " ".join(pairs), half


# --- everything that was meant ------------------------------------------------------------------


def every_disc(text: str) -> tuple[Disc, ...]:
    """For an emergency, which no question holds up: the disc of every meaning of its place."""
    where, radius = _last(text, "PLACE,RADIUS_KM")
    found = read_position(where)
    if isinstance(found, Ambiguous):
        return tuple(disc_of(each, radius) for each in found.candidates)
    return (disc_of(place(where), radius),)


def every_corridor(text: str, edge: Edge) -> tuple[Corridor, ...]:
    """The corridor of every meaning of its points."""
    listed, half = _half_width(text)
    return tuple(corridor_of(line, half, edge) for line in _every(listed, 2))


def every_polygon(text: str, edge: Edge) -> tuple[Footprint, ...]:
    """The polygon of every meaning of its points."""
    return tuple(shape for ring in _every(text, 3) for shape in polygon_of(ring, edge))


def _every(text: str, least: int) -> tuple[tuple[Position, ...], ...]:
    """Every meaning of a list: the first of each place, the second where there is one, and so on,
    so that one notation goes through the whole list."""
    listed = _listed(text, least)
    settled = read_positions(listed)
    if not isinstance(settled, Ambiguous):
        return (places(text, least),)
    every = []
    for part in listed:
        found = read_position(part)
        every.append(found.candidates if isinstance(found, Ambiguous) else (place(part),))
    count = max(len(candidates) for candidates in every)
    return tuple(
        tuple(candidates[min(n, len(candidates) - 1)] for candidates in every) for n in range(count)
    )


# --- heights and times --------------------------------------------------------------------------


def height(text: str, *, upper: bool) -> Height:
    """SFC, UNL, FL150, or a number with unit and reference: ``3000 ft AMSL``, ``900 m W84``.
    Raises ValueError: there is no default reference, ever."""
    found = read_height(text, upper=upper)
    if isinstance(found, Refusal):
        raise ValueError(sentence(found))
    return found


def moment(text: str) -> Instant:
    """A time with its zone: 2026-03-01T18:00Z, 011800Z MAR 26. Raises ValueError (FM07)."""
    found = read_time(text)
    if isinstance(found, Refusal):
        raise ValueError(sentence(found))
    return found


def geojson(raw: bytes) -> Footprint:
    """The one polygon of a GeoJSON geometry, feature or collection of one (RFC 7946: longitude
    first, edges straight in longitude and latitude). Raises ValueError."""
    try:
        found = json.loads(raw, parse_float=str, parse_int=str)
    except UNREADABLE as error:
        raise ValueError(f"this is not JSON: {error}") from error
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        features = found.get("features")
        if not isinstance(features, list) or len(features) != 1:
            raise ValueError("a collection must hold exactly one feature; file them one by one")
        found = features[0]
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = found.get("geometry")
    if not isinstance(found, dict) or found.get("type") != "Polygon":
        raise ValueError("only a Polygon can be filed from GeoJSON; for others use the flags")
    rings = found.get("coordinates")
    if not isinstance(rings, list) or not rings:
        raise ValueError("the polygon has no ring")
    read = [_ring(ring) for ring in rings]
    return Polygon(outer=read[0], holes=tuple(read[1:]), edge=Edge.LONLAT)


def _ring(ring: object) -> tuple[LatLon, ...]:
    if not isinstance(ring, list) or not 4 <= len(ring) <= VERTICES_MAX:
        raise ValueError("a ring needs at least four positions, the first repeated at the end")
    found = []
    for position in ring:
        if not isinstance(position, list) or len(position) < 2:
            raise ValueError("a position is [longitude, latitude]")
        found.append(point(str(position[1]), str(position[0])))
    if found[0] != found[-1]:
        raise ValueError("the ring is not closed")
    return tuple(found[:-1])
