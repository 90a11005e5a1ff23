"""What comes of a pasted text."""

from enum import StrEnum
from typing import Final

import msgspec

from clearline.conflict.validity import check_footprint
from clearline.model.limits import CORRIDOR_MM_MAX, RADIUS_MM_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon
from clearline.notation.reading import Ambiguous, Notation

KEPT: Final = "CL-NTN-007"
LABEL_CHARS_MAX: Final = 120
FOUND_CHARS_MAX: Final = 120
SHAPES_MAX: Final = 1_000
"""As many as a notice has volumes; a file of more is imported by rows."""


class Form(StrEnum):
    """How the text was recognised."""

    COORDINATES = "coordinates"
    GEOJSON = "geojson"
    KML = "kml"
    NOTAM = "notam"
    ACO = "aco"
    UNKNOWN = "unknown"


class Sort(StrEnum):
    """What a shape is drawn as."""

    POLYGON = "polygon"
    CORRIDOR = "corridor"
    DISC = "disc"


class Need(StrEnum):
    """What somebody still has to say before there is a volume."""

    SORT = "sort"  # whether the points are an area or a way
    WIDTH = "width"  # radius of a disc, half width of a corridor


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One shape. ``footprints`` is empty while something is needed; it is more than one where grid
    squares are the corners of an area: the area, and its outline as wide as the squares.
    ``cell_mm``: no stated point lies farther from what it names. ``heights``: what the text says of
    heights, as it stands; it is not taken over."""

    label: str
    points: tuple[LatLon, ...]
    sort: Sort | None
    footprints: tuple[Footprint, ...]
    needs: tuple[Need, ...]
    edge: Edge
    notation: Notation | None = None
    cell_mm: int = 0
    heights: tuple[str, ...] = ()


class Undrawn(msgspec.Struct, frozen=True, kw_only=True):
    """Something that cannot be drawn, with all of its text, why, and an area outside of which it
    states nothing, where it states such a one."""

    label: str
    text: str
    why: Refusal
    envelope: Footprint | None = None


class Pasted(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that stands in a text, in its order: drawn, asked about, or kept undrawn."""

    form: Form
    shapes: tuple[Shape, ...] = ()
    question: Ambiguous | None = None
    undrawn: tuple[Undrawn, ...] = ()


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has said beside the text."""

    sort: Sort | None = None
    width_mm: int | None = None
    notation: Notation | None = None
    edge: Edge = Edge.GEODESIC


def label_of(text: object) -> str:
    """A name as it is shown: one line, cut."""
    return " ".join(text.split())[:LABEL_CHARS_MAX] if isinstance(text, str) else ""


def not_drawn(label: str, text: str, reason: str, envelope: Footprint | None = None) -> Undrawn:
    """Something that is kept undrawn for a closed reason."""
    why = Refusal(
        code=Code.NO_GEOMETRY, clause=KEPT,
        params={"reason": reason, "found": " ".join(text.split())[:FOUND_CHARS_MAX]},
    )  # fmt: skip
    if envelope is not None and check_footprint(envelope):
        envelope = None
    return Undrawn(label=label, text=text, why=why, envelope=envelope)


def shape_of(
    label: str, points: tuple[LatLon, ...], sort: Sort | None, wish: Wish, edge: Edge, *,
    text: str, holes: tuple[tuple[LatLon, ...], ...] = (), notation: Notation | None = None,
    cell_mm: int = 0, heights: tuple[str, ...] = (),
) -> Shape | Undrawn:  # fmt: skip
    """A shape of points, or the same undrawn with the reason why it cannot be."""
    made: tuple[Footprint, ...] = ()
    needs: tuple[Need, ...] = ()
    match sort:
        case None:
            needs = (Need.SORT,)
        case Sort.POLYGON:
            made = _area(points, holes, edge, cell_mm)
        case _ if wish.width_mm is None:
            needs = (Need.WIDTH,)
        case Sort.DISC:
            radius = min(wish.width_mm + cell_mm, RADIUS_MM_MAX)
            made = (Disc(centre=points[0], radius_mm=radius),)
        case Sort.CORRIDOR:
            half = min(wish.width_mm + cell_mm, CORRIDOR_MM_MAX)
            made = (Corridor(line=points, half_width_mm=half, edge=edge),)
    faults = [fault for each in made for fault in check_footprint(each)]
    if sort is Sort.CORRIDOR and not made:  # its line is looked at before its width is asked for
        faults = [*check_footprint(Corridor(line=points, half_width_mm=1, edge=edge))]
    if sort is Sort.DISC and not made:
        faults = [*check_footprint(Disc(centre=points[0], radius_mm=1))]
    if faults:
        return Undrawn(label=label, text=text, why=faults[0], envelope=box_of(points))
    return Shape(
        label=label, points=points, sort=sort, footprints=made, needs=needs, edge=edge,
        notation=notation, cell_mm=cell_mm, heights=heights,
    )  # fmt: skip


def _area(
    points: tuple[LatLon, ...], holes: tuple[tuple[LatLon, ...], ...], edge: Edge, cell_mm: int
) -> tuple[Footprint, ...]:
    area = Polygon(outer=points, holes=holes, edge=edge)
    if not cell_mm or not points:
        return (area,)
    return area, Corridor(line=(*points, points[0]), half_width_mm=cell_mm, edge=edge)


def box_of(points: tuple[LatLon, ...]) -> Footprint | None:
    """The smallest box of longitudes and latitudes about points; None where there is none, or where
    it might be the other way round the Earth."""
    lats = [point.lat_e7 for point in points]
    lons = [point.lon_e7 for point in points]
    if len(points) < 2 or max(lons) - min(lons) >= 1_800_000_000:
        return None
    south, north, west, east = min(lats), max(lats), min(lons), max(lons)
    box = Polygon(
        outer=(
            LatLon(south, west), LatLon(south, east), LatLon(north, east), LatLon(north, west)
        ),
        edge=Edge.LONLAT,
    )  # fmt: skip
    return None if check_footprint(box) else box


__all__ = [
    "KEPT", "SHAPES_MAX", "Form", "Need", "Pasted", "Shape", "Sort", "Undrawn", "Wish", "box_of",
    "label_of", "not_drawn", "shape_of",
]  # fmt: skip
