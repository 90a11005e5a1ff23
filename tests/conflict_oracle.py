"""Truth about distances and sides, made without the code under test: GeographicLib and patience.

Edges are walked by their definition (geodesic by GeographicLib; lonlat by straight interpolation;
rhumb by the isometric latitude in plain ``math``). Degrees and metres.
"""

from itertools import pairwise
from math import atanh, radians, sin, sqrt

import numpy as np
from geographiclib.geodesic import Geodesic

from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon

G = Geodesic.WGS84
A, F = 6_378_137.0, 1 / 298.257223563
E2 = F * (2 - F)


def place(lat: float, lon: float) -> LatLon:
    """A point rounded to the wire's 1e-7 degrees, longitude within -180..180."""
    return LatLon(round(lat * 1e7), round(((lon + 180) % 360 - 180) * 1e7))


def distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Karney's distance in metres."""
    return G.Inverse(lat1, lon1, lat2, lon2, Geodesic.DISTANCE)["s12"]


def azimuth(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Karney's azimuth at the first point, degrees."""
    return G.Inverse(lat1, lon1, lat2, lon2, Geodesic.AZIMUTH)["azi1"]


def go(lat: float, lon: float, heading: float, s: float) -> tuple[float, float]:
    """The point ``s`` metres away on a heading."""
    found = G.Direct(lat, lon, heading, s)
    return found["lat2"], found["lon2"]


def isometric(lat: float) -> float:
    """Isometric latitude of the ellipsoid, radians."""
    s, e = sin(radians(lat)), sqrt(E2)
    return atanh(s) - e * atanh(e * s)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


def isometric_between(low: float, high: float) -> float:
    """Difference of isometric latitude, radians: over a short span the integral of M / (N cos)."""
    if abs(high - low) > 0.01:
        return isometric(high) - isometric(low)
    phi = np.radians((low + high) / 2 + NODES * (high - low) / 2)
    slope = (1 - E2) / (1 - E2 * np.sin(phi) ** 2) / np.cos(phi)
    return float((WEIGHTS * slope).sum()) * radians(high - low) / 2


class Walk:
    """One edge, walked from 0 to 1 by its definition."""

    def __init__(self, here: LatLon, there: LatLon, edge: Edge) -> None:
        self.lat, self.lon = here.lat, here.lon
        self.dlat = there.lat - here.lat
        self.dlon = -((180 - (there.lon - here.lon)) % 360 - 180)
        self.edge = edge
        if edge is Edge.GEODESIC:
            self.line = G.InverseLine(here.lat, here.lon, there.lat, there.lon)

    def at(self, t: float) -> tuple[float, float]:
        """Latitude and longitude at parameter t."""
        if self.edge is Edge.GEODESIC:
            found = self.line.Position(t * self.line.s13)
            return found["lat2"], found["lon2"]
        lat, part = self.lat + t * self.dlat, t
        if self.edge is Edge.RHUMB and self.dlat:
            end = self.lat + self.dlat
            part = isometric_between(self.lat, lat) / isometric_between(self.lat, end)
        return lat, self.lon + part * self.dlon


def walks(footprint: Footprint) -> list[Walk]:
    """Every edge of a footprint; none for a disc."""
    match footprint:
        case Disc():
            return []
        case Corridor(line=line, edge=edge):
            return [Walk(a, b, edge) for a, b in pairwise(line)]
        case Polygon(outer=outer, holes=holes, edge=edge):
            rings = [outer, *holes]
            return [
                Walk(a, b, edge)
                for ring in rings
                for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
            ]


def golden(f, low: float, high: float, rounds: int) -> tuple[float, float]:
    """Least value of a function with one valley, and where: golden section, both ends included."""
    ratio = (sqrt(5) - 1) / 2
    ends = [(f(low), low), (f(high), high)]
    s1, s2 = high - ratio * (high - low), low + ratio * (high - low)
    f1, f2 = f(s1), f(s2)
    for _ in range(rounds):
        if f1 < f2:
            high, s2, f2 = s2, s1, f1
            s1 = high - ratio * (high - low)
            f1 = f(s1)
        else:
            low, s1, f1 = s1, s2, f2
            s2 = low + ratio * (high - low)
            f2 = f(s2)
    return min([*ends, (f1, s1), (f2, s2)])


def nearest_on(
    walk: Walk, lat: float, lon: float, t: float, width: float, rounds: int = 50
) -> tuple[float, float]:
    """Least distance from a point to an edge near parameter t: (metres, t)."""
    ends = max(0.0, t - width), min(1.0, t + width)
    return golden(lambda s: distance(lat, lon, *walk.at(s)), *ends, rounds)


def samples(footprint: Footprint, per_edge: int) -> np.ndarray:
    """Latitudes and longitudes along the edges (a disc: its centre), shape (n, 2)."""
    if isinstance(footprint, Disc):
        return np.array([[footprint.centre.lat, footprint.centre.lon]])
    steps = np.linspace(0, 1, per_edge)
    return np.array([walk.at(float(t)) for walk in walks(footprint) for t in steps])


def cartesian(places: np.ndarray) -> np.ndarray:
    """ECEF metres of latitudes and longitudes, shape (n, 3)."""
    phi, lam = np.radians(places[:, 0]), np.radians(places[:, 1])
    n = A / np.sqrt(1 - E2 * np.sin(phi) ** 2)
    x = n * np.cos(phi)
    return np.stack((x * np.cos(lam), x * np.sin(lam), n * (1 - E2) * np.sin(phi)), axis=1)


def radius_m(footprint: Footprint) -> float:
    """What a footprint adds around its core."""
    match footprint:
        case Disc(radius_mm=mm) | Corridor(half_width_mm=mm):
            return mm / 1000
        case Polygon():
            return 0.0


def descend(a: Footprint, b: Footprint, per_edge: int = 40, starts: int = 2) -> float:
    """Least distance of the edges of two footprints (radii left out): dense samples, then golden
    section within golden section around the best of them. Never below the truth."""
    wa, wb = walks(a), walks(b)
    pa, pb = cartesian(samples(a, per_edge)), cartesian(samples(b, per_edge))
    apart = np.linalg.norm(pa[:, None] - pb[None], axis=2)
    best, width = np.inf, 1.5 / per_edge
    for flat in np.argsort(apart, axis=None)[: starts * 25 : 25]:
        i, j = np.unravel_index(int(flat), apart.shape)
        s, t = (i % per_edge) / (per_edge - 1), (j % per_edge) / (per_edge - 1)

        def from_a(s: float, i: int = int(i), j: int = int(j), t: float = t) -> float:
            here = wa[i // per_edge].at(s) if wa else (a.centre.lat, a.centre.lon)
            if not wb:
                return distance(*here, b.centre.lat, b.centre.lon)
            return nearest_on(wb[j // per_edge], *here, t, 3 * width, 24)[0]

        span = (max(0.0, s - width), min(1.0, s + width)) if wa else (0.0, 0.0)
        best = min(best, golden(from_a, *span, 24 if wa else 0)[0])
    return best


def encloses(ring: tuple[LatLon, ...], edge: Edge, lat: float, lon: float, per_edge: int) -> bool:
    """Whether a ring winds around a point: azimuths from the point to dense samples, added up."""
    polygon = Polygon(outer=ring, edge=edge)
    turned, previous = 0.0, None
    for there in samples(polygon, per_edge):
        now = azimuth(lat, lon, float(there[0]), float(there[1]))
        if previous is not None:
            turned += (now - previous + 180) % 360 - 180
        previous = now
    return abs(turned) > 180
