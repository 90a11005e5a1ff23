"""A plan as it is written: closed records in the JSON shape of ASTM F3548-21 ``Volume4D``.

Beyond that standard: corridors, holes, the kind of edge, other height references and feet, bounds
of the ground, an altimeter setting, and items with a class. Numbers stay text (``Raw``) until
``clearline.plan.codec`` reads them exactly. ``docs/reference/plan.schema.json`` states the same.
"""

import msgspec
from msgspec import UNSET, Raw, UnsetType


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Closed record: an unknown field is refused."""


class Point(_Shape, frozen=True):
    """Degrees, WGS 84: north and east positive."""

    lat: Raw
    lng: Raw


class Length(_Shape, frozen=True):
    """A horizontal length: M or FT."""

    value: Raw
    units: str


class CircleShape(_Shape, frozen=True):
    """All points within the radius of the centre, along the geodesic."""

    center: Point
    radius: Length


class PolygonShape(_Shape, frozen=True):
    """A ring, first vertex not repeated; holes; of the two areas the smaller."""

    vertices: tuple[Point, ...]
    holes: tuple[tuple[Point, ...], ...] = ()
    edge: str | UnsetType = UNSET


class CorridorShape(_Shape, frozen=True):
    """All points within the half width of an open chain of edges."""

    vertices: tuple[Point, ...]
    half_width: Length
    edge: str | UnsetType = UNSET


class W84Height(_Shape, frozen=True):
    """A height above the WGS 84 ellipsoid: reference W84, units M or FT."""

    value: Raw
    reference: str
    units: str


class GroundShape(_Shape, frozen=True):
    """Bounds of the ground's height over the whole footprint, and who states them."""

    lower: W84Height
    upper: W84Height
    by: str


class QnhShape(_Shape, frozen=True):
    """A notified altimeter setting with its tolerance, in hectopascals, and who states it."""

    value: Raw
    tolerance: Raw
    units: str
    by: str


class AltitudeShape(_Shape, frozen=True):
    """A height. W84, AMSL, AGL: value and units M or FT; FL: value in hundreds of feet, no units;
    SFC, UNL: neither."""

    reference: str
    value: Raw | UnsetType = UNSET
    units: str | UnsetType = UNSET
    ground: GroundShape | UnsetType = UNSET
    qnh: QnhShape | UnsetType = UNSET


class Volume3DShape(_Shape, frozen=True):
    """Exactly one outline; an absent altitude is unbounded."""

    outline_polygon: PolygonShape | UnsetType = UNSET
    outline_circle: CircleShape | UnsetType = UNSET
    outline_corridor: CorridorShape | UnsetType = UNSET
    altitude_lower: AltitudeShape | UnsetType = UNSET
    altitude_upper: AltitudeShape | UnsetType = UNSET


class TimeShape(_Shape, frozen=True):
    """RFC 3339 with a zone; format RFC3339."""

    value: str
    format: str


class Volume4DShape(_Shape, frozen=True):
    """A volume and its half-open window; an absent time is unbounded."""

    volume: Volume3DShape
    time_start: TimeShape | UnsetType = UNSET
    time_end: TimeShape | UnsetType = UNSET


class ItemShape(_Shape, frozen=True, rename={"cls": "class"}):
    """A Volume4D by itself (``volume``), or several of one activity (``volumes``); with or without
    a name, a class of the agreement, an author and an operation of his."""

    volume: Volume3DShape | UnsetType = UNSET
    time_start: TimeShape | UnsetType = UNSET
    time_end: TimeShape | UnsetType = UNSET
    volumes: tuple[Volume4DShape, ...] | UnsetType = UNSET
    id: str | UnsetType = UNSET
    cls: str | UnsetType = UNSET
    operation: str | UnsetType = UNSET
    party: str | UnsetType = UNSET
