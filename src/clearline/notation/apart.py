"""How far and in which direction, on the WGS 84 ellipsoid (Karney's geodesics).

Metres and degrees inside; millimetres and thousandths of a degree, as on the wire, at the edge.
"""

from typing import Final

from geographiclib.geodesic import Geodesic

from clearline.model.space import LatLon

_WGS84: Final = Geodesic.WGS84
_WANT: Final = Geodesic.DISTANCE | Geodesic.AZIMUTH
_E7: Final = 1e7


def apart_mm(a: LatLon, b: LatLon) -> int:
    """Length of the shortest way between two points, whole millimetres."""
    return round(float(_WGS84.Inverse(a.lat, a.lon, b.lat, b.lon, Geodesic.DISTANCE)["s12"]) * 1000)


def bearing_distance(origin: LatLon, to: LatLon) -> tuple[int, int]:
    """From one point to another: bearing at the first, true, in 1e-3 degrees (0 to 359 999), and
    distance in mm."""
    found = _WGS84.Inverse(origin.lat, origin.lon, to.lat, to.lon, _WANT)
    return round(float(found["azi1"]) * 1000) % 360_000, round(float(found["s12"]) * 1000)


def point_from(origin: LatLon, bearing_mdeg: int, distance_mm: int) -> LatLon:
    """The point at a bearing (1e-3 degrees, true) and a distance (mm) from another."""
    found = _WGS84.Direct(origin.lat, origin.lon, bearing_mdeg / 1000, distance_mm / 1000)
    return LatLon(round(float(found["lat2"]) * _E7), round(float(found["lon2"]) * _E7))


def widest_mm(points: list[LatLon]) -> int:
    """The greatest distance between two of a few points."""
    return max((apart_mm(a, b) for n, a in enumerate(points) for b in points[n + 1 :]), default=0)
