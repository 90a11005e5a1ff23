"""Wrong decisions near the threshold: ours, and of a plane laid as well as one can.

Pairs whose distance is known by GeographicLib (``tests.conflict_cases``), from the equator to both
poles and over 180°, 50 m to 2,000 km; thresholds 2 cm to 10 m to either side of the truth. The
plane: azimuthal equidistant about the pair's middle, corners by GeographicLib, straight between; it
is asked about geodesic edges only, which it bends least.
"""

from collections.abc import Iterator
from time import perf_counter

import numpy as np

from clearline.conflict.fast.kernel import NO, OPEN, YES, decide
from clearline.conflict.fast.packed import GEODESIC
from clearline.conflict.fast.packing import pack_one
from clearline.conflict.fast.shapes import shapes_of
from clearline.conflict.inside import Side, side_of
from clearline.conflict.outline import outline_of
from clearline.conflict.separation import lateral
from clearline.conflict.validity import check_footprint
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon
from tests.conflict_cases import (
    MARGINS_M,
    PLACES,
    SIZES_M,
    first_point,
    intruders,
    not_beaten,
    square,
)
from tests.conflict_oracle import G, Walk, radius_m

SPOTS = (*PLACES, (90.0, 0.0), (-90.0, 0.0))
TURNS = (10.0, 33.0, 67.0)
GAPS = (0.05, 0.6)


def cases() -> Iterator[tuple[Footprint, Footprint, float]]:
    """Pairs and their true distance, radii taken off, metres."""
    for at in SPOTS:
        for edge in Edge:
            for size in SIZES_M:
                for turn in TURNS:
                    big = square(*at, size, turn, edge)
                    if check_footprint(big):
                        continue
                    walk = Walk(big.outer[0], big.outer[1], edge)
                    for share in GAPS:
                        for small, core in intruders(walk, 0.4, share * size, -1, size / 3, edge):
                            truth = core - radius_m(small)
                            if truth > 0 and _is_known(big, small, core):
                                yield big, small, truth


def _is_known(big: Footprint, small: Footprint, core: float) -> bool:
    if check_footprint(small) or not not_beaten(big, small, core):
        return False
    return side_of(outline_of(big), *first_point(small)) is Side.OUTSIDE


def _points(footprint: Footprint) -> tuple[LatLon, ...]:
    match footprint:
        case Disc(centre=centre):
            return (centre,)
        case Corridor(line=line):
            return line
        case Polygon(outer=outer):
            return outer


def planar_m(a: Footprint, b: Footprint) -> float:
    """Their distance in the plane."""
    import shapely

    here, there = _points(a)[0], _points(b)[0]
    line = G.InverseLine(here.lat, here.lon, there.lat, there.lon)
    middle = line.Position(line.s13 / 2)
    made = []
    for footprint in (a, b):
        flat = []
        for point in _points(footprint):
            found = G.Inverse(middle["lat2"], middle["lon2"], point.lat, point.lon)
            turn = np.radians(found["azi1"])
            flat.append((found["s12"] * np.sin(turn), found["s12"] * np.cos(turn)))
        match footprint:
            case Disc():
                made.append(shapely.Point(flat[0]))
            case Corridor():
                made.append(shapely.LineString(flat))
            case Polygon():
                made.append(shapely.Polygon(flat))
    return float(shapely.distance(*made)) - radius_m(a) - radius_m(b)


def decisions() -> dict[str, object]:
    """How many were decided, left open and settled, and wrong."""
    decided = wrong = opened = unsettled = 0
    planar: dict[str, list[int]] = {"up to 40 km": [0, 0, 0], "above": [0, 0, 0]}
    settling: list[float] = []
    for a, b, truth in cases():
        one, two = pack_one(shapes_of((a,))), pack_one(shapes_of((b,)))
        reach = float(max(one.solid[0, 3], two.solid[0, 3]))
        row = planar["up to 40 km" if reach < 40_000 else "above"]
        flat = planar_m(a, b) if one.kind[0, 1] == GEODESIC else None
        for margin in MARGINS_M:
            for apart in (truth + margin, truth - margin):
                if apart < 0:
                    continue
                decided += 1
                right = YES if apart >= truth else NO
                verdict = decide(one, 0, two, 0, apart)[0]
                if verdict == OPEN:
                    opened += 1
                    start = perf_counter()
                    found = lateral(a, b, apart)
                    settling.append(perf_counter() - start)
                    unsettled += found.low <= apart < found.high
                    verdict = YES if found.high <= apart else NO
                wrong += verdict not in (right, OPEN)
                if flat is not None:
                    row[0] += 1
                    row[1] += flat > apart >= truth
                    row[2] += flat <= apart < truth
    return {
        "decisions": decided,
        "wrong": wrong,
        "left_open_by_the_kernel": opened,
        "not_settled": unsettled,
        "settling_us_max": round(max(settling, default=0.0) * 1e6),
        "goals": {"wrong": 0, "left_open_share": 0.001, "not_settled": 0, "settling_us_max": 200},
        "plane": {
            name: {"decisions": row[0], "missed_conflicts": row[1], "false_conflicts": row[2]}
            for name, row in planar.items()
        },
    }
