"""What is remembered of a large polygon says the same as asking anew."""

from math import cos, radians, sin, tau
from random import Random

import pytest

from clearline.conflict.fast.clear import ROWS_MIN, ROWS_NEAR_MIN, is_clear, learn, nothing_clear
from clearline.conflict.fast.index import FastIndex
from clearline.conflict.fast.kernel import decide
from clearline.conflict.fast.packed import point
from clearline.conflict.fast.packing import pack
from clearline.conflict.fast.shapes import shapes_of
from clearline.conflict.fast.sides import OUTSIDE, side_of_point
from clearline.conflict.verdict import Separation
from clearline.model.finding import Verdict
from clearline.model.space import Corridor, Disc, Edge, Footprint, LatLon, Polygon
from tests.conflict_cases import SFC, UNL, extent
from tests.conflict_oracle import place

MIDDLES = {"50 north": (50.0, 10.0), "across 180": (-20.0, 179.9), "near the pole": (88.5, 40.0)}
APART_M = 500.0
APART = Separation(lateral_mm=round(APART_M * 1000))


def spot(middle: tuple[float, float], turn: float, away_m: float) -> LatLon:
    """A point so far away, about: the shape does not matter, only that it is one."""
    lat = middle[0] + away_m * cos(turn) / 111_195.0
    lon = middle[1] + away_m * sin(turn) / 111_195.0 / cos(radians(middle[0]))
    return place(min(lat, 89.99), (lon + 180) % 360 - 180)


def wavy(middle: tuple[float, float]) -> Polygon:
    """A ring of 400 points with bays, and two holes, one of them as large as a third of it."""
    outer = [
        spot(middle, tau * k / 400, 90_000 + 9_000 * sin(9 * tau * k / 400)) for k in range(400)
    ]
    holes = [
        tuple(spot(middle, tau * k / 40, 20_000.0) for k in range(40)),
        tuple(spot(spot_of(middle), tau * k / 5, 9_000.0) for k in range(5)),
    ]
    return Polygon(outer=tuple(outer), holes=tuple(holes), edge=Edge.GEODESIC)


def spot_of(middle: tuple[float, float]) -> tuple[float, float]:
    at = spot(middle, 1.0, 50_000.0)
    return at.lat, at.lon


def others(middle: tuple[float, float], count: int) -> list[Footprint]:
    """Discs, corridors and triangles all over it, in its holes and around it."""
    random, made = Random(11), list[Footprint]()
    for k in range(count):
        here = spot(middle, random.uniform(0, tau), random.uniform(0, 105_000.0))
        there = [spot((here.lat, here.lon), turn, 700.0) for turn in (0.3, 2.0)]
        made.append(
            (
                Disc(centre=here, radius_mm=random.randrange(1, 900_000)),
                Corridor(line=(here, *there), half_width_mm=50_000, edge=Edge.GEODESIC),
                Polygon(outer=(here, *there), edge=Edge.GEODESIC),
            )[k % 3]
        )
    return made


@pytest.mark.parametrize("region", MIDDLES)
def test_many_in_one_question_are_found_as_each_by_itself(region: str) -> None:
    """A large polygon meets of several hundred just those that it meets of each alone, where
    nothing is remembered."""
    middle = MIDDLES[region]
    ring, small = wavy(middle), others(middle, 400)
    packed = pack(shapes_of([ring, *small]))
    alone = {k for k in range(len(small)) if decide(packed, 0, packed, k + 1, APART_M)[0] == 1}
    index: FastIndex[int] = FastIndex(((APART,),))
    for k, footprint in enumerate(small):
        index.insert(k, k, (extent(footprint, SFC, UNL),))
    found = index.check((extent(ring, SFC, UNL),)).hits
    assert {hit.id for hit in found} == alone
    assert all(hit.verdict is Verdict.YES for hit in found)
    assert ROWS_NEAR_MIN < len(alone) < len(small) - 20
    assert packed.first[1, 0] > ROWS_MIN


@pytest.mark.parametrize("region", MIDDLES)
def test_a_ball_holds_nothing_that_is_not_inside(region: str) -> None:
    """Every point of every ball that is kept lies inside: also those at its rim."""
    middle = MIDDLES[region]
    packed = pack(shapes_of([wavy(middle), *others(middle, 200)]))
    clear = nothing_clear(packed)
    for j in range(1, len(packed.kind)):
        if decide(packed, 0, packed, j, APART_M)[0] == 1:
            learn(clear, packed, 0, packed, j, APART_M)
    probes = [Disc(centre=p, radius_mm=1) for p in fine(middle)]
    points = pack(shapes_of(probes))
    held = 0
    for j in range(len(probes)):
        q = point(points, points.first[j, 0])
        if is_clear(clear, q):
            held += 1
            assert side_of_point(packed, 0, q) != OUTSIDE
    assert held > 200
    assert clear.state[0] > 5


def fine(middle: tuple[float, float]) -> list[LatLon]:
    """Points all over it."""
    random = Random(12)
    return [spot(middle, random.uniform(0, tau), random.uniform(0, 100_000)) for _ in range(2_000)]


def test_what_holds_the_polygon_is_not_taken_to_lie_in_it() -> None:
    """A footprint around all of it meets it and lies nowhere inside: nothing is learned of it."""
    middle = MIDDLES["50 north"]
    around = Polygon(
        outer=tuple(spot(middle, tau * k / 8, 400_000.0) for k in range(8)), edge=Edge.GEODESIC
    )
    packed = pack(shapes_of([wavy(middle), around]))
    clear = nothing_clear(packed)
    assert decide(packed, 0, packed, 1, APART_M)[0] == 1
    learn(clear, packed, 0, packed, 1, APART_M)
    assert clear.state[0] == 0
