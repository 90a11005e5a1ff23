"""Places, heights and volumes, in whole numbers: 1e-7 degrees, millimetres, milliseconds.

Frame: WGS 84. Latitude positive north, longitude positive east. Nothing here computes geometry;
``clearline.conflict`` does, on floats. A height always says what it is measured from: there is no
default reference, ever (FM05).
"""

from enum import StrEnum

import msgspec

from clearline.model.time import Instant

DEGREE_E7 = 10_000_000
FOOT_MM = 304.8
FLIGHT_LEVEL_MM = 30_480  # one flight level: 100 ft of pressure height, exactly


class _Wire(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Closed record: an unknown field is refused; a field at its default is absent on the wire."""


class LatLon(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A point, WGS 84. On the wire: [lat_e7, lon_e7]. -90e7..90e7 and -180e7..180e7."""

    lat_e7: int
    lon_e7: int

    @property
    def lat(self) -> float:
        """Degrees north."""
        return self.lat_e7 / DEGREE_E7

    @property
    def lon(self) -> float:
        """Degrees east."""
        return self.lon_e7 / DEGREE_E7


class Edge(StrEnum):
    """What an edge between two stated points means; it outweighs every numerical error."""

    GEODESIC = "geodesic"
    LONLAT = "lonlat"
    RHUMB = "rhumb"


class Polygon(_Wire, tag="polygon", tag_field="shape", frozen=True):
    """A ring (first point not repeated at the end), with holes; of the two areas the smaller."""

    outer: tuple[LatLon, ...]
    edge: Edge
    holes: tuple[tuple[LatLon, ...], ...] = ()


class Disc(_Wire, tag="disc", tag_field="shape", frozen=True):
    """All points within ``radius_mm`` of the centre, along the geodesic."""

    centre: LatLon
    radius_mm: int


class Corridor(_Wire, tag="corridor", tag_field="shape", frozen=True):
    """All points within ``half_width_mm`` of an open chain of edges."""

    line: tuple[LatLon, ...]
    half_width_mm: int
    edge: Edge


Footprint = Polygon | Disc | Corridor


class HeightRef(StrEnum):
    """What a height is measured from. SFC and UNL carry no number."""

    W84 = "W84"  # height above the WGS 84 ellipsoid
    AMSL = "AMSL"  # above mean sea level, by the geoid grid that the agreement names
    AGL = "AGL"  # above ground; the ground by stated bounds, else one-sided
    FL = "FL"  # pressure height: millimetres on 1013.25 hPa, 30 480 mm a flight level
    SFC = "SFC"  # the surface of land and water
    UNL = "UNL"  # unlimited


class Ground(_Wire, frozen=True):
    """Bounds of the ground's height above the ellipsoid over the footprint, and who states them."""

    low_mm: int
    high_mm: int
    by: str


class Qnh(_Wire, frozen=True):
    """A notified altimeter setting with its tolerance, in pascals."""

    pa: int
    tolerance_pa: int
    by: str


class Height(_Wire, frozen=True):
    """A height with its reference; ``mm`` is present for W84, AMSL, AGL and FL and only for them;
    ``ground`` only for AGL and SFC, ``qnh`` only for FL."""

    ref: HeightRef
    mm: int | None = None
    ground: Ground | None = None
    qnh: Qnh | None = None


class Volume(_Wire, frozen=True):
    """A footprint, a band of heights and a half-open window [start, end) in UTC milliseconds."""

    footprint: Footprint
    lower: Height
    upper: Height
    start: Instant
    end: Instant
