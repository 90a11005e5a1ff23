"""KML (OGC 12-007r2): points, lines, areas. Entities are not read, and nothing is fetched.

Coordinates are longitude, latitude, and sometimes a height, on WGS 84. Edges are taken as
geodesics.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from clearline.model.limits import VERTICES_MAX
from clearline.model.space import DEGREE_E7, Edge, Footprint, LatLon
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

DEPTH_MAX: Final = 64
ELEMENTS_MAX: Final = 100_000
OTHERS: Final = frozenset({"NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay"})
"""Features that are no place marks; what one of them shows lies elsewhere."""
SHAPES: Final = frozenset({"Point", "LineString", "LinearRing", "Polygon"})
GROUPS: Final = frozenset({"MultiGeometry"})
BESIDE: Final = frozenset({"Model", "Track", "MultiTrack"})


@dataclass(slots=True)
class Node:
    """One element without its namespace."""

    name: str
    text: str = ""
    inside: list["Node"] = field(default_factory=list)

    def child(self, name: str) -> "Node | None":
        """The first element of a name in this one."""
        return next((each for each in self.inside if each.name == name), None)

    def said(self, name: str) -> str:
        """The text of such an element."""
        found = self.child(name)
        return found.text.strip() if found is not None else ""


class _Refused(Exception):
    """What the file does that is not taken; a closed reason."""


def read_kml(text: str, wish: Wish) -> Pasted:
    """Every place mark of it, drawn or kept with its text."""
    try:
        root = _tree(text)
    except _Refused as why:
        return Pasted(form=Form.KML, undrawn=(not_drawn("", text, str(why)),))
    except expat.ExpatError:
        return Pasted(form=Form.KML, undrawn=(not_drawn("", text, "syntax"),))
    made: list[Shape | Undrawn] = []
    for each in _features(root, wish):
        made.append(each)
        if len(made) > SHAPES_MAX:
            return Pasted(form=Form.KML, undrawn=(not_drawn("", text, "too-large"),))
    if not made:
        made.append(not_drawn("", text, "empty"))
    return Pasted(
        form=Form.KML,
        shapes=tuple(each for each in made if isinstance(each, Shape)),
        undrawn=tuple(each for each in made if isinstance(each, Undrawn)),
    )


def _tree(text: str) -> Node:
    """The file as elements. Raises _Refused, ExpatError."""
    parser = expat.ParserCreate(namespace_separator=" ")
    root = Node("")
    open_: list[Node] = [root]
    count = 0

    def begin(name: str, _: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > ELEMENTS_MAX or len(open_) > DEPTH_MAX:
            raise _Refused("too-large")
        node = Node(name.rpartition(" ")[2])
        open_[-1].inside.append(node)
        open_.append(node)

    def end(_: str) -> None:
        open_.pop()

    def said(words: str) -> None:
        open_[-1].text += words

    def refuse(*_: object) -> int:
        raise _Refused("entities")

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = said
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.buffer_text = True
    parser.Parse(text.encode("utf-8", "replace"), True)
    return root


def _features(node: Node, wish: Wish) -> Iterator[Shape | Undrawn]:
    for each in node.inside:
        if each.name == "Placemark":
            yield from _placemark(each, wish)
        elif each.name in OTHERS:
            label = label_of(each.said("name"))
            yield not_drawn(label, _written(each), "elsewhere", _overlay(each))
        else:
            yield from _features(each, wish)


def _placemark(mark: Node, wish: Wish) -> Iterator[Shape | Undrawn]:
    label, some = label_of(mark.said("name")), False
    for shape in _shapes(mark):
        some = True
        yield (
            _drawn(shape, label, wish)
            if shape.name in SHAPES
            else not_drawn(label, _written(shape), "no-shape", box_of(_every(shape)))
        )
    if not some:
        yield not_drawn(label, _written(mark), "empty")


def _shapes(node: Node) -> Iterator[Node]:
    for each in node.inside:
        if each.name in SHAPES or each.name in BESIDE:
            yield each
        elif each.name in GROUPS:
            yield from _shapes(each)


def _drawn(node: Node, label: str, wish: Wish) -> Shape | Undrawn:
    text = _written(node)
    try:
        rings = [_points(each) for each in _chains(node)]
    except ValueError:
        return not_drawn(label, text, "bad-coordinates")
    if not rings or not rings[0]:
        return not_drawn(label, text, "empty")
    sort = {"Point": Sort.DISC, "LineString": Sort.CORRIDOR}.get(node.name, Sort.POLYGON)
    if sort is Sort.POLYGON:
        if any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
            every = tuple(point for ring in rings for point in ring)
            return not_drawn(label, text, "ring-open", box_of(every))
        rings = [ring[:-1] for ring in rings]
    return shape_of(
        label, rings[0], sort, wish, Edge.GEODESIC, text=text, holes=tuple(rings[1:]),
        heights=_heights(node),
    )  # fmt: skip


def _chains(node: Node) -> list[str]:
    """The coordinates of a shape, the outer ring first."""
    if node.name != "Polygon":
        return [node.said("coordinates")]
    found = []
    for name in ("outerBoundaryIs", "innerBoundaryIs"):
        for boundary in (each for each in node.inside if each.name == name):
            ring = boundary.child("LinearRing")
            found.append(ring.said("coordinates") if ring is not None else "")
    if node.child("outerBoundaryIs") is None:
        return []
    return found


def _points(text: str) -> tuple[LatLon, ...]:
    """lon,lat[,height], with blanks between. Raises ValueError."""
    found = text.split()
    if len(found) > VERTICES_MAX + 1:
        raise ValueError("too many")
    return tuple(_point(each) for each in found)


def _point(text: str) -> LatLon:
    parts = text.split(",")
    if not 2 <= len(parts) <= 3 or not text.isascii():
        raise ValueError(text)
    lon, lat = float(parts[0]), float(parts[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # not a number is refused here, too
        raise ValueError(text)
    return LatLon(round(lat * DEGREE_E7), round(lon * DEGREE_E7))


def _heights(node: Node) -> tuple[str, ...]:
    """Heights as the file states them; the mode says from what they are measured."""
    mode = node.said("altitudeMode") or "clampToGround"
    found = [
        f"{parts[2]} m {mode}"
        for chain in _chains(node)
        for parts in (each.split(",") for each in chain.split())
        if len(parts) == 3 and parts[2] not in ("0", "0.0")
    ]
    return tuple(dict.fromkeys(found))[:4]


def _every(node: Node) -> tuple[LatLon, ...]:
    """Every place that stands anywhere in an element, as far as they can be read."""
    texts = [node.text] if node.name in ("coordinates", "coord") else []
    try:
        here = [_points(text.replace(" ", ",") if node.name == "coord" else text) for text in texts]
    except ValueError:
        here = []
    inner = [_every(each) for each in node.inside]
    return tuple(point for part in (*here, *inner) for point in part)


def _overlay(node: Node) -> Footprint | None:
    box = node.child("LatLonBox")
    if box is None or box.said("rotation") not in ("", "0"):
        return None
    try:
        corners = tuple(
            _point(f"{box.said(lon)},{box.said(lat)}")
            for lat, lon in (("south", "west"), ("north", "east"))
        )
    except ValueError:
        return None
    return box_of(corners)


def _written(node: Node) -> str:
    """An element as text again, so that a person can read what was there."""
    inner = "".join(_written(each) for each in node.inside)
    return f"<{node.name}>{node.text.strip()}{inner}</{node.name}>"
