"""What looks wrong about the place of a notice, when it is filed and when it is received (FM04).

Pure, and never more than a warning: nothing is held back by it. The traps themselves are in
``clearline.notation.traps``; here they are put to volumes, the agreed area and the deployment's
list of places.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from clearline.conflict.geodesy import destination
from clearline.conflict.inside import Side, side_of
from clearline.conflict.outline import outline_of
from clearline.conflict.separation import lateral
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import Corridor, Disc, Footprint, LatLon, Polygon, Volume
from clearline.notation.gazetteer import Gazetteer
from clearline.notation.heights import contradictions
from clearline.notation.position import write_position
from clearline.notation.reading import Notation
from clearline.notation.traps import (
    TRAP,
    Trap,
    Trapped,
    label_differs,
    outside_area,
    own_site,
    points_of,
    read_as_decimal,
)

SMALL_MM = 1_000_000
"""A disc of up to 1 km stands for its centre when it is asked whether it lies in the area."""


def astray(
    texts: Sequence[str], volumes: Sequence[Volume], area: Footprint, places: Gazetteer,
    at: str = "/body",
) -> Iterator[Refusal]:  # fmt: skip
    """What to look at again. ``texts`` are the label first, then reason and remark."""
    label = texts[0] if texts else ""
    said: set[tuple[str, str]] = set()
    for n, volume in enumerate(volumes):
        place = f"{at}/volumes/{n}/footprint"
        for found in _of_one(volume.footprint, area, places):
            yield _warning(found, place)
        for found in label_differs(label, volume.footprint, places):
            if (found.name, found.side) not in said:
                said.add((found.name, found.side))
                yield _warning(found, f"{at}/label")
    for text in texts:
        yield from contradictions(text, volumes)


@lru_cache(maxsize=4_096)
def _area_trap(footprint: Footprint, area: Footprint) -> Trapped | None:
    """Looked at once for a shape: a board asks every second."""
    if in_area(footprint, area):
        return read_as_decimal(points_of(footprint), partial(_holds, area))
    found = outside_area(points_of(footprint), partial(_holds, area))
    return found or Trapped(trap=Trap.OUTSIDE, apart_mm=0)


def _of_one(footprint: Footprint, area: Footprint, places: Gazetteer) -> Iterator[Trapped]:
    for found in (_area_trap(footprint, area), own_site(footprint, places)):
        if found is not None:
            yield found


def _warning(found: Trapped, at: str) -> Refusal:
    facts: dict[str, Param] = {"found": found.trap.value}
    if found.apart_mm:
        facts["apart_m"] = round(found.apart_mm / 1000)
    if found.otherwise is not None:
        facts["other"] = write_position(found.otherwise, Notation.DMS)
    if found.name:
        facts["name"] = found.name
    if found.side:
        facts["stated"] = found.side
    outside = found.trap in (Trap.OUTSIDE, Trap.SWAPPED)
    return Refusal(
        code=Code.OUTSIDE_AREA if outside else Code.BAD_GEOMETRY,
        clause="CL-OWN-006" if outside else TRAP,
        at=at,
        params=facts,
    )


def _holds(area: Footprint, point: LatLon) -> bool:
    if isinstance(area, Polygon):
        return side_of(outline_of(area), point.lat, point.lon) is not Side.OUTSIDE
    return lateral(Disc(centre=point, radius_mm=1), area, 0).low <= 0


def in_area(footprint: Footprint, area: Footprint) -> bool:
    """Whether the footprint's points lie in the area; good enough for a warning."""
    if not isinstance(area, Polygon):
        return lateral(footprint, area, 0).low <= 0
    outline = outline_of(area)
    return all(side_of(outline, lat, lon) is not Side.OUTSIDE for lat, lon in _points(footprint))


def _points(footprint: Footprint) -> Iterator[tuple[float, float]]:
    match footprint:
        case Disc(centre=centre, radius_mm=radius):
            yield centre.lat, centre.lon
            if radius <= SMALL_MM:
                return  # a site: a thousand of them are looked at while the node waits
            for bearing in range(0, 360, 45):
                yield destination(centre.lat, centre.lon, float(bearing), radius / 1000)
        case Corridor(line=line):
            yield from ((point.lat, point.lon) for point in line)
        case Polygon(outer=outer):
            yield from ((point.lat, point.lon) for point in outer)
