"""What people type for a place, a height and a time, exactly or not at all.

Decimal degrees WGS 84, latitude first; a height always with its reference (FM05); a time always
with its zone (FM07). Feet and flight levels become millimetres outward: a lower limit down, an
upper limit up.
"""

import json
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

from clearline.canonical import UNREADABLE
from clearline.model.limits import CORRIDOR_MM_MAX, RADIUS_MM_MAX, VERTICES_MAX
from clearline.model.space import (
    Corridor,
    Disc,
    Edge,
    Footprint,
    Height,
    HeightRef,
    LatLon,
    Polygon,
)

_E7: Final = Decimal(10_000_000)
_KM: Final = Decimal(1_000_000)
_HEIGHT: Final = re.compile(
    r"(?P<number>-?\d{1,7}(?:\.\d{1,3})?)\s*(?P<unit>m|ft)\s*(?P<ref>W84|AMSL|AGL)\Z",
    re.ASCII | re.IGNORECASE,
)
_LEVEL: Final = re.compile(r"FL\s?(\d{1,4})\Z", re.ASCII | re.IGNORECASE)
_MILLIMETRES: Final = {"m": Decimal(1000), "ft": Decimal("304.8")}


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
    """Decimal degrees, north and east positive. Raises ValueError."""
    lat, lon = number(latitude, "latitude"), number(longitude, "longitude")
    if not -90 <= lat <= 90:
        raise ValueError(f"latitude {lat} is not between -90 and 90: latitude comes first")
    if not -180 <= lon <= 180:
        raise ValueError(f"longitude {lon} is not between -180 and 180")
    return LatLon(*(int((x * _E7).to_integral_value(ROUND_HALF_EVEN)) for x in (lat, lon)))


def points(text: str, least: int) -> tuple[LatLon, ...]:
    """LAT,LON pairs with blanks between. Raises ValueError."""
    found = []
    for pair in text.split():
        parts = pair.split(",")
        if len(parts) != 2:
            raise ValueError(f"{pair!r} is not LAT,LON in decimal degrees")
        found.append(point(parts[0], parts[1]))
    if not least <= len(found) <= VERTICES_MAX:
        raise ValueError(f"{len(found)} points are given; at least {least} are needed")
    return tuple(found)


def kilometres(text: str, what: str, limit_mm: int) -> int:
    """A length in kilometres as millimetres, rounded outward. Raises ValueError."""
    mm = int((number(text, what) * _KM).to_integral_value(ROUND_CEILING))
    if not 0 < mm <= limit_mm:
        raise ValueError(f"{what}: {text} km is not between 0 and {limit_mm // 1_000_000} km")
    return mm


def disc(text: str) -> Disc:
    """LAT,LON,RADIUS_KM. Raises ValueError."""
    parts = text.split(",")
    if len(parts) != 3:
        raise ValueError(f"{text!r} is not LAT,LON,RADIUS_KM")
    return Disc(
        centre=point(parts[0], parts[1]),
        radius_mm=kilometres(parts[2], "radius", RADIUS_MM_MAX),
    )


def corridor(text: str, edge: Edge) -> Corridor:
    """LAT,LON LAT,LON ... HALF_WIDTH_KM. Raises ValueError."""
    *pairs, half = text.split()
    if "," in half:
        raise ValueError("a corridor ends with its half width in km")
    return Corridor(
        line=points(" ".join(pairs), 2),
        half_width_mm=kilometres(half, "half width", CORRIDOR_MM_MAX),
        edge=edge,
    )


def polygon(text: str, edge: Edge) -> Polygon:
    """LAT,LON LAT,LON LAT,LON ..., closed by itself. Raises ValueError."""
    ring = points(text, 3)
    return Polygon(outer=ring[:-1] if len(ring) > 3 and ring[0] == ring[-1] else ring, edge=edge)


def height(text: str, *, upper: bool) -> Height:
    """SFC, UNL, FL150, or a number with unit and reference: ``3000 ft AMSL``, ``900 m W84``.
    Raises ValueError: there is no default reference, ever."""
    said = text.strip()
    if said.upper() in ("SFC", "UNL"):
        return Height(ref=HeightRef(said.upper()))
    if level := _LEVEL.match(said):
        return Height(ref=HeightRef.FL, mm=int(level[1]) * 30_480)
    found = _HEIGHT.match(said)
    if found is None:
        raise ValueError(
            f"{text!r} is not a height with unit and reference, such as SFC, UNL, FL150,"
            " '3000 ft AMSL', '900 m W84', '500 ft AGL'"
        )
    exact = Decimal(found["number"]) * _MILLIMETRES[found["unit"].lower()]
    rounding = ROUND_CEILING if upper else ROUND_FLOOR
    return Height(ref=HeightRef(found["ref"].upper()), mm=int(exact.to_integral_value(rounding)))


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
