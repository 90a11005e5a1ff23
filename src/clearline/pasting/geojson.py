"""GeoJSON (RFC 7946): longitude first, edges straight in longitude and latitude, WGS 84."""

from collections.abc import Iterator
from typing import Final

import msgspec

from clearline.canonical import UNREADABLE
from clearline.model.limits import VERTICES_MAX
from clearline.model.space import DEGREE_E7, Edge, LatLon
from clearline.pasting.found import (
    SHAPES_MAX,
    Form,
    Pasted,
    Shape,
    Sort,
    Undrawn,
    Wish,
    box_of,
    label_of,
    not_drawn,
    shape_of,
)

SORTS: Final = {"Point": Sort.DISC, "LineString": Sort.CORRIDOR, "Polygon": Sort.POLYGON}
MANY: Final = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
NAMES: Final = ("name", "title", "label", "id")
DEPTH_MAX: Final = 8
WGS84: Final = ("CRS84", "4326")
"""Older files name their system; these two are the same places, longitude first in GeoJSON."""

Json = dict[str, object]


def read_geojson(text: str, wish: Wish) -> Pasted:
    """Every geometry of it, drawn or kept with its text."""
    try:
        found = msgspec.json.decode(text.encode("utf-8", "replace"))
    except UNREADABLE:
        return Pasted(form=Form.GEOJSON, undrawn=(not_drawn("", text, "syntax"),))
    made: list[Shape | Undrawn] = []
    for each in _features(found, "", wish, 0):
        made.append(each)
        if len(made) > SHAPES_MAX:
            return Pasted(form=Form.GEOJSON, undrawn=(not_drawn("", text, "too-large"),))
    if not made:
        made.append(not_drawn("", text, "empty"))
    return Pasted(
        form=Form.GEOJSON,
        shapes=tuple(each for each in made if isinstance(each, Shape)),
        undrawn=tuple(each for each in made if isinstance(each, Undrawn)),
    )


def _features(found: object, label: str, wish: Wish, depth: int) -> Iterator[Shape | Undrawn]:
    if not isinstance(found, dict) or depth > DEPTH_MAX:
        yield not_drawn(label, _text(found), "no-shape")
        return
    crs = found.get("crs")
    if crs is not None and not any(name in _text(crs) for name in WGS84):
        yield not_drawn(label, _text(found), "other-datum")
        return
    kind = found.get("type")
    inner = found.get("features" if kind == "FeatureCollection" else "geometries")
    if kind in ("FeatureCollection", "GeometryCollection") and isinstance(inner, list):
        for each in inner:
            yield from _features(each, label, wish, depth + 1)
    elif kind == "Feature":
        named = _name(found) or label
        yield from _features(found.get("geometry"), named, wish, depth + 1)
    else:
        yield from _geometry(found, label, wish)


def _geometry(found: Json, label: str, wish: Wish) -> Iterator[Shape | Undrawn]:
    kind, coordinates = found.get("type"), found.get("coordinates")
    if kind in MANY and isinstance(coordinates, list):
        for each in coordinates:
            yield _one(MANY[str(kind)], each, found, label, wish)
    elif kind in SORTS:
        yield _one(str(kind), coordinates, found, label, wish)
    else:
        yield not_drawn(label, _text(found), "no-shape")


def _one(kind: str, coordinates: object, whole: Json, label: str, wish: Wish) -> Shape | Undrawn:
    text = _text({"type": kind, "coordinates": coordinates})
    try:
        rings = [_points(ring) for ring in _rings(kind, coordinates)]
    except (ValueError, OverflowError):
        return not_drawn(label, text, "bad-coordinates")
    heights = tuple(dict.fromkeys(_heights(kind, coordinates)))[:4]
    if kind == "Polygon":
        if not rings or any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
            every = tuple(point for ring in rings for point in ring)
            return not_drawn(label, text, "ring-open", box_of(every))
        rings = [ring[:-1] for ring in rings]
    if not rings or not rings[0]:
        return not_drawn(label, text, "empty")
    return shape_of(
        label, rings[0], SORTS[kind], wish, Edge.LONLAT, text=text, holes=tuple(rings[1:]),
        heights=heights,
    )  # fmt: skip


def _rings(kind: str, coordinates: object) -> list[object]:
    """The chains of positions of a geometry. Raises ValueError."""
    if not isinstance(coordinates, list):
        raise ValueError("coordinates are a list")
    if kind == "Polygon":
        return coordinates
    return [[coordinates]] if kind == "Point" else [coordinates]


def _points(ring: object) -> tuple[LatLon, ...]:
    """Positions, longitude first. Raises ValueError, OverflowError."""
    if not isinstance(ring, list) or len(ring) > VERTICES_MAX + 1:
        raise ValueError("a chain is a list of positions")
    return tuple(_point(each) for each in ring)


def _point(position: object) -> LatLon:
    if not isinstance(position, list) or not 2 <= len(position) <= 4:
        raise ValueError("a position is longitude, latitude")
    lon, lat = (_number(each) for each in position[:2])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError("there is no such place")
    return LatLon(round(lat * DEGREE_E7), round(lon * DEGREE_E7))


def _number(of: object) -> float:
    if isinstance(of, bool) or not isinstance(of, int | float):
        raise ValueError("a coordinate is a number")
    return float(of)


def _heights(kind: str, coordinates: object) -> Iterator[str]:
    """The third numbers of positions: metres above what, the file does not say for certain."""
    for ring in _rings(kind, coordinates):
        for position in ring if isinstance(ring, list) else ():
            if isinstance(position, list) and len(position) > 2:
                yield f"{position[2]} m"


def _name(feature: Json) -> str:
    properties = feature.get("properties")
    for of in (properties, feature):
        for name in NAMES:
            found = label_of(of.get(name)) if isinstance(of, dict) else ""
            if found:
                return found
    return ""


def _text(of: object) -> str:
    return msgspec.json.encode(of).decode()
