"""Distances held against PostGIS's geography, a second oracle; where its server is installed.

PostGIS too computes on the WGS 84 ellipsoid, with edges that are geodesics, and by other code.
"""

import pytest

from benchmarks.peers import postgis
from clearline.conflict.separation import lateral
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon
from tests.conflict_oracle import radius_m
from tests.properties.test_conflict_sweep import SPOTS, pairs

pytestmark = pytest.mark.postgis

CASES = 80
OFF_M = 0.002
SHARE = 5e-5
"""PostGIS looks for the nearest points on a sphere and measures between those on the ellipsoid: it
is never below the distance, and by up to this share above it."""
FAR_M = 5_000.0


def text(footprint: Footprint) -> str:
    """The core as well-known text."""

    def points(some: tuple[LatLon, ...]) -> str:
        return ", ".join(f"{p.lon:.7f} {p.lat:.7f}" for p in some)

    match footprint:
        case Disc(centre=centre):
            return f"POINT({points((centre,))})"
        case Corridor(line=line):
            return f"LINESTRING({points(line)})"
        case Polygon(outer=outer):
            return f"POLYGON(({points((*outer, outer[0]))}))"


def test_distances_are_those_of_postgis() -> None:
    """Footprints up to 5 km apart with geodesic edges, at every spot: the distance by PostGIS is
    not below our bounds, to 2 mm, and above them by no more than its search leaves."""
    psycopg = pytest.importorskip("psycopg")
    with postgis() as server:
        if server is None:
            pytest.skip("PostGIS is not installed")
        with psycopg.connect(server, autocommit=True) as link:
            link.execute("create extension postgis")
            judged = 0
            for spot in SPOTS:
                for big, small, truth in pairs(spot):
                    if big.edge is not Edge.GEODESIC or truth > FAR_M:
                        continue
                    query = "select st_distance(%s::geography, %s::geography)"
                    row = link.execute(query, (text(big), text(small))).fetchone()
                    theirs = row[0] - radius_m(small)
                    ours = lateral(big, small, theirs)
                    assert ours.low - OFF_M <= theirs
                    assert theirs <= ours.high + OFF_M + SHARE * row[0]
                    judged += 1
            assert judged >= CASES
