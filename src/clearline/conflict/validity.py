"""Whether a volume means one thing and only one: what is refused, with clause and place.

A refusal names the field by a JSON pointer below ``at``. What passes here can be judged: rings do
not cross or touch themselves and leave no doubt which area is meant, edges have one course,
heights have a reference, windows an end. Nothing here raises, whatever integers it is given.
Clauses CL-GEO, CL-HGT and CL-WIN, listed in ``docs/conflict-bounds.md``.
"""

from collections.abc import Iterator
from math import isinf
from typing import Final

from clearline.conflict.geodesy import inverse
from clearline.conflict.geoid import Region
from clearline.conflict.heights import EXTREME_LEVELS, Setting, clearance
from clearline.conflict.outline import outline_of, sphere_of, whole_edges
from clearline.conflict.rings import (
    CAP_DEGREES_MAX,
    fits_in_cap,
    folding_vertex,
    misplaced_holes,
    touches_itself,
)
from clearline.model.limits import (
    CORRIDOR_MM_MAX,
    HEIGHT_MM_MAX,
    HEIGHT_MM_MIN,
    RADIUS_MM_MAX,
    VERTICES_MAX,
    WINDOW_MS_MAX,
)
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import (
    Corridor,
    Disc,
    Edge,
    Footprint,
    Ground,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Qnh,
    Volume,
)
from clearline.model.time import INSTANT_MAX

EDGE_M_MAX: Final = 10_000_000.0
"""An edge of up to a quarter of the way round has one shortest course, far from any other."""
HOLES_MAX: Final = 100
"""Holes of one polygon: each is checked against every other."""
QNH_PA: Final = (80_000, 110_000)
"""Beyond every sea-level pressure on record on both sides: another figure is a unit error."""
_POLE: Final = 900_000_000
_HALF_TURN: Final = 1_800_000_000


def _refusal(code: Code, clause: str, at: str, **params: Param) -> Refusal:
    return Refusal(code=code, clause=clause, at=at, params=params)


def check_volume(volume: Volume, at: str = "") -> tuple[Refusal, ...]:
    """Every reason not to take a volume; none if it can be judged. ``at`` is where it stands."""
    found = (
        *check_footprint(volume.footprint, f"{at}/footprint"),
        *_height(volume.lower, f"{at}/lower"),
        *_height(volume.upper, f"{at}/upper"),
        *_window(volume, at),
    )
    return found or tuple(_order(volume, at))


def check_heights_and_window(volume: Volume, at: str = "") -> tuple[Refusal, ...]:
    """The part of ``check_volume`` that needs no geometry: each height and the window by itself."""
    return (
        *_height(volume.lower, f"{at}/lower"),
        *_height(volume.upper, f"{at}/upper"),
        *_window(volume, at),
    )


def check_footprint(footprint: Footprint, at: str = "") -> tuple[Refusal, ...]:
    """Every reason not to take a footprint; none if distances to it are defined."""
    match footprint:
        case Disc(centre=centre, radius_mm=radius_mm):
            return (
                *_in_range(centre, f"{at}/centre"),
                *_width(radius_mm, RADIUS_MM_MAX, f"{at}/radius_mm"),
            )
        case Corridor(line=line, half_width_mm=half_mm, edge=edge):
            return (
                *_chain(line, edge, f"{at}/line", closed=False),
                *_width(half_mm, CORRIDOR_MM_MAX, f"{at}/half_width_mm"),
            )
        case Polygon():
            return tuple(_polygon(footprint, at))


def _width(mm: int, mm_max: int, at: str) -> Iterator[Refusal]:
    if not 0 < mm <= mm_max:
        yield _refusal(Code.BAD_GEOMETRY, "CL-GEO-002", at, min=1, max=mm_max)


def _in_range(point: LatLon, at: str) -> Iterator[Refusal]:
    if not -_POLE <= point.lat_e7 <= _POLE:
        yield _refusal(Code.NUMBER_RANGE, "CL-GEO-001", f"{at}/0", min=-_POLE, max=_POLE)
    if not -_HALF_TURN <= point.lon_e7 <= _HALF_TURN:
        yield _refusal(Code.NUMBER_RANGE, "CL-GEO-001", f"{at}/1", min=-_HALF_TURN, max=_HALF_TURN)


def _same_place(a: LatLon, b: LatLon) -> bool:
    if a.lat_e7 != b.lat_e7:
        return False
    return abs(a.lat_e7) == _POLE or (a.lon_e7 - b.lon_e7) % (2 * _HALF_TURN) == 0


def _chain(points: tuple[LatLon, ...], edge: Edge, at: str, *, closed: bool) -> tuple[Refusal, ...]:
    """Enough points, in range, and every edge with a length and one course."""
    least = 3 if closed else 2
    if len(points) < least:
        return (_refusal(Code.NO_GEOMETRY, "CL-GEO-003", at, points=len(points), min=least),)
    if len(points) > VERTICES_MAX:
        return (_refusal(Code.TOO_LARGE, "CL-GEO-004", at, max=VERTICES_MAX),)
    outside = tuple(
        fault for k, point in enumerate(points) for fault in _in_range(point, f"{at}/{k}")
    )
    return outside or tuple(_edges(points, edge, at, closed=closed))


def _edges(points: tuple[LatLon, ...], edge: Edge, at: str, *, closed: bool) -> Iterator[Refusal]:
    following = points[1:] + points[:1] if closed else points[1:]
    for k, (here, there) in enumerate(zip(points, following, strict=False)):
        if _same_place(here, there):
            yield _refusal(Code.BAD_GEOMETRY, "CL-GEO-005", f"{at}/{k}", problem="repeated-point")
            continue
        half_way = abs(here.lon_e7 - there.lon_e7) % (2 * _HALF_TURN) == _HALF_TURN
        polar = _POLE in (abs(here.lat_e7), abs(there.lat_e7))
        if half_way and edge is not Edge.GEODESIC and not (polar and edge is Edge.RHUMB):
            yield _refusal(Code.BAD_GEOMETRY, "CL-GEO-006", f"{at}/{k}", problem="half-way-round")
        elif _length_m(here, there, edge) > EDGE_M_MAX:
            yield _refusal(Code.BAD_GEOMETRY, "CL-GEO-006", f"{at}/{k}", problem="edge-too-long")


def _length_m(here: LatLon, there: LatLon, edge: Edge) -> float:
    """Length of an edge; an upper bound for those that are not geodesics."""
    apart = abs(here.lat_e7 - there.lat_e7) + abs(here.lon_e7 - there.lon_e7)
    if apart < 100_000_000:  # ten degrees in all: far below the limit, whatever it means
        return 0.0
    if edge is Edge.GEODESIC:
        return inverse(here.lat, here.lon, there.lat, there.lon)[0]
    one = outline_of(Corridor(line=(here, there), half_width_mm=1, edge=edge))
    return float(whole_edges(one).length[0])


def _polygon(polygon: Polygon, at: str) -> Iterator[Refusal]:
    rings = [(polygon.outer, f"{at}/outer")]
    rings += [(hole, f"{at}/holes/{k}") for k, hole in enumerate(polygon.holes)]
    if len(polygon.holes) > HOLES_MAX:
        yield _refusal(Code.TOO_LARGE, "CL-GEO-004", f"{at}/holes", max=HOLES_MAX)
        return
    if sum(len(ring) for ring, _ in rings) > VERTICES_MAX:
        yield _refusal(Code.TOO_LARGE, "CL-GEO-004", at, max=VERTICES_MAX)
        return
    early = [
        fault for ring, place in rings for fault in _chain(ring, polygon.edge, place, closed=True)
    ]
    yield from early or _area(polygon, [place for _, place in rings], at)


def _area(polygon: Polygon, places: list[str], at: str) -> Iterator[Refusal]:
    """The rings, each whole, enclose one area."""
    outline = outline_of(polygon)
    if not fits_in_cap(outline):
        degrees = int(CAP_DEGREES_MAX)
        yield _refusal(Code.BAD_GEOMETRY, "CL-GEO-007", at, problem="too-large", degrees=degrees)
        return
    for ring, place in zip(outline.rings, places, strict=True):
        vertex = folding_vertex(outline, ring)
        if vertex is not None:
            where = f"{place}/{vertex}"
            yield _refusal(Code.BAD_GEOMETRY, "CL-GEO-009", where, problem="folds-back-no-area")
            return
    if touches_itself(outline):
        yield _refusal(Code.BAD_GEOMETRY, "CL-GEO-008", at, problem="crosses-or-touches-itself")
        return
    for hole in misplaced_holes(outline):
        where = f"{at}/holes/{hole}"
        yield _refusal(Code.BAD_GEOMETRY, "CL-GEO-010", where, problem="hole-outside-or-nested")


# --- heights and windows -----------------------------------------------------------------------


def _height(height: Height, at: str) -> Iterator[Refusal]:
    numbered = height.ref not in (HeightRef.SFC, HeightRef.UNL)
    if numbered and height.mm is None:
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-001", f"{at}/mm", problem="number-missing")
    if not numbered and height.mm is not None:
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-001", f"{at}/mm", problem="number-forbidden")
    if height.mm is not None and not HEIGHT_MM_MIN <= height.mm <= HEIGHT_MM_MAX:
        yield _refusal(
            Code.BAD_HEIGHT, "CL-HGT-002", f"{at}/mm", min=HEIGHT_MM_MIN, max=HEIGHT_MM_MAX
        )
    elif height.ref is HeightRef.AGL and height.mm is not None and height.mm < 0:
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-002", f"{at}/mm", min=0, max=HEIGHT_MM_MAX)
    if height.ground is not None:
        yield from _ground(height.ref, height.ground, f"{at}/ground")
    if height.qnh is not None:
        yield from _qnh(height.ref, height.qnh, f"{at}/qnh")


def _ground(ref: HeightRef, ground: Ground, at: str) -> Iterator[Refusal]:
    if ref not in (HeightRef.AGL, HeightRef.SFC):
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-003", at, problem="only-for-agl-and-sfc")
    elif not HEIGHT_MM_MIN <= ground.low_mm <= ground.high_mm <= HEIGHT_MM_MAX:
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-003", at, problem="bounds")


def _qnh(ref: HeightRef, qnh: Qnh, at: str) -> Iterator[Refusal]:
    if ref is not HeightRef.FL:
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-004", at, problem="only-for-fl")
    elif not (QNH_PA[0] <= qnh.pa <= QNH_PA[1] and 0 <= qnh.tolerance_pa <= 10_000):
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-004", at, min=QNH_PA[0], max=QNH_PA[1])


def _window(volume: Volume, at: str) -> Iterator[Refusal]:
    for name, instant in (("start", volume.start), ("end", volume.end)):
        if not 0 <= instant <= INSTANT_MAX:
            yield _refusal(Code.BAD_WINDOW, "CL-WIN-001", f"{at}/{name}", min=0, max=INSTANT_MAX)
    if volume.end <= volume.start:
        yield _refusal(Code.BAD_WINDOW, "CL-WIN-002", f"{at}/end", problem="ends-before-it-starts")
    elif volume.end - volume.start > WINDOW_MS_MAX:
        yield _refusal(Code.BAD_WINDOW, "CL-WIN-003", f"{at}/end", max=WINDOW_MS_MAX)


def _order(volume: Volume, at: str) -> Iterator[Refusal]:
    """An upper limit that surely lies below the lower one, whatever the air and the ground."""
    if volume.lower.ref is HeightRef.UNL:
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-005", f"{at}/lower", problem="lower-unlimited")
        return
    region = Region(*sphere_of(outline_of(volume.footprint)))
    apart = clearance(volume.lower, volume.upper, Setting(EXTREME_LEVELS, region, same_spot=True))
    if apart.low > 0 and not isinf(apart.low):
        yield _refusal(Code.BAD_HEIGHT, "CL-HGT-005", f"{at}/upper", problem="upper-below-lower")
