"""Places, heights and windows, as far as bytes alone decide: form, ranges, counts.

The seam: whether a ring crosses itself, which of two areas it means, whether a lower limit in one
reference lies above an upper limit in another, and whether a volume lies in the agreed area is
geometry and terms, and ``conflict`` judges it. What passes here is a place, perhaps an absurd one.

Frame: WGS 84, 1e-7 degrees; heights and lengths in millimetres; times in UTC milliseconds.
"""

from collections.abc import Sequence
from typing import Final

from clearline.model.limits import (
    CORRIDOR_MM_MAX,
    HEIGHT_MM_MAX,
    HEIGHT_MM_MIN,
    QNH_PA_MAX,
    QNH_PA_MIN,
    QNH_TOLERANCE_PA_MAX,
    RADIUS_MM_MAX,
    VERTICES_MAX,
    VOLUMES_MAX,
    WINDOW_MS_MAX,
)
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import (
    DEGREE_E7,
    Corridor,
    Disc,
    Footprint,
    Ground,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Qnh,
    Volume,
)
from clearline.wire import clauses
from clearline.wire.rules import bad_instant, each, outside
from clearline.wire.text import bad_label

LAT_MAX: Final = 90 * DEGREE_E7
LON_MAX: Final = 180 * DEGREE_E7
NUMBERED: Final = frozenset({HeightRef.W84, HeightRef.AMSL, HeightRef.AGL, HeightRef.FL})
"""References that need a number."""
GROUNDED: Final = frozenset({HeightRef.AGL, HeightRef.SFC})
"""References that the ground's height bears on."""


def bad_volumes(volumes: Sequence[Volume], at: str, *, label: str | None = None) -> Refusal | None:
    """Volumes of one entry; where ``label`` is given at least one must be there (FM03)."""
    if not volumes:
        if label is None:
            return None
        params: dict[str, Param] = {"label": label}
        return Refusal(code=Code.NO_GEOMETRY, clause=clauses.PLACE, at=at, params=params)
    if len(volumes) > VOLUMES_MAX:
        return _too_many(len(volumes), VOLUMES_MAX, at)
    vertices = sum(vertices_of(volume.footprint) for volume in volumes)
    if vertices > VERTICES_MAX:
        return _too_many(vertices, VERTICES_MAX, at)
    return each(volumes, bad_volume, at)


def vertices_of(footprint: Footprint) -> int:
    """Stated points, holes included."""
    match footprint:
        case Polygon():
            return len(footprint.outer) + sum(map(len, footprint.holes))
        case Disc():
            return 1
        case Corridor():
            return len(footprint.line)


def bad_volume(volume: Volume, at: str) -> Refusal | None:
    """A footprint, a band and a window."""
    return (
        bad_footprint(volume.footprint, f"{at}/footprint")
        or bad_band(volume.lower, volume.upper, at)
        or bad_window(volume.start, volume.end, at)
    )


def bad_window(start: int, end: int, at: str) -> Refusal | None:
    """[start, end): it has a length, and that is at most WINDOW_MS_MAX (FM28)."""
    if found := bad_instant(start, f"{at}/start") or bad_instant(end, f"{at}/end"):
        return found
    if 0 < end - start <= WINDOW_MS_MAX:
        return None
    params: dict[str, Param] = {"start": start, "end": end}
    return Refusal(code=Code.BAD_WINDOW, clause=clauses.WINDOW, at=f"{at}/end", params=params)


def bad_footprint(footprint: Footprint, at: str) -> Refusal | None:
    """A closed geometry: a ring, a disc or a corridor."""
    match footprint:
        case Polygon():
            if found := _bad_ring(footprint.outer, f"{at}/outer"):
                return found
            return each(footprint.holes, _bad_ring, f"{at}/holes")
        case Disc():
            return bad_point(footprint.centre, f"{at}/centre") or outside(
                footprint.radius_mm, 1, RADIUS_MM_MAX, f"{at}/radius_mm"
            )
        case Corridor():
            return _bad_chain(footprint.line, 2, f"{at}/line") or outside(
                footprint.half_width_mm, 1, CORRIDOR_MM_MAX, f"{at}/half_width_mm"
            )


def bad_point(point: LatLon, at: str) -> Refusal | None:
    """A latitude or longitude that does not exist."""
    if -LAT_MAX <= point.lat_e7 <= LAT_MAX and -LON_MAX <= point.lon_e7 <= LON_MAX:
        return None
    return outside(point.lat_e7, -LAT_MAX, LAT_MAX, f"{at}/0") or outside(
        point.lon_e7, -LON_MAX, LON_MAX, f"{at}/1"
    )


def _bad_ring(ring: Sequence[LatLon], at: str) -> Refusal | None:
    if found := _bad_chain(ring, 3, at):
        return found
    if ring[0] == ring[-1]:  # the ring closes itself; a repeated point would be a second form of it
        return _bad_geometry("closed-by-repetition", f"{at}/{len(ring) - 1}")
    return None


def _bad_chain(chain: Sequence[LatLon], low: int, at: str) -> Refusal | None:
    if len(chain) < low:
        params: dict[str, Param] = {"reason": "too-few-points", "found": len(chain), "low": low}
        return Refusal(code=Code.BAD_GEOMETRY, clause=clauses.RING, at=at, params=params)
    before: LatLon | None = None
    for place, point in enumerate(chain):
        if not (
            -LAT_MAX <= point.lat_e7 <= LAT_MAX and -LON_MAX <= point.lon_e7 <= LON_MAX
        ):  # spelled out: ten thousand points pass here, and the pointer is made only for a bad one
            return bad_point(point, f"{at}/{place}")
        if point == before:
            return _bad_geometry("repeated-point", f"{at}/{place}")
        before = point
    return None


def bad_band(lower: Height, upper: Height, at: str) -> Refusal | None:
    """Two heights; those in one reference must be in order (others are judged elsewhere)."""
    if found := bad_height(lower, f"{at}/lower") or bad_height(upper, f"{at}/upper"):
        return found
    if lower.ref is HeightRef.UNL:
        return _bad_height("lower-unlimited", f"{at}/lower")
    if upper.ref is HeightRef.SFC and lower.ref is not HeightRef.SFC:
        return _bad_height("upside-down", f"{at}/upper")
    if lower.ref is upper.ref and lower.mm is not None and upper.mm is not None:
        return _bad_height("upside-down", f"{at}/upper") if lower.mm > upper.mm else None
    return None


def bad_height(height: Height, at: str) -> Refusal | None:
    """A height with what its reference needs, and nothing else (FM05)."""
    if (height.mm is not None) is not (height.ref in NUMBERED):
        reason = "number-missing" if height.mm is None else "number-not-wanted"
        return _bad_height(reason, f"{at}/mm")
    if height.mm is not None:
        low = 0 if height.ref is HeightRef.AGL else HEIGHT_MM_MIN
        if found := outside(height.mm, low, HEIGHT_MM_MAX, f"{at}/mm"):
            return found
    if height.ground is not None:
        if height.ref not in GROUNDED:
            return _bad_height("ground-not-wanted", f"{at}/ground")
        if found := _bad_ground(height.ground, f"{at}/ground"):
            return found
    if height.qnh is not None:
        if height.ref is not HeightRef.FL:
            return _bad_height("qnh-not-wanted", f"{at}/qnh")
        return _bad_qnh(height.qnh, f"{at}/qnh")
    return None


def _bad_ground(ground: Ground, at: str) -> Refusal | None:
    if found := (
        outside(ground.low_mm, HEIGHT_MM_MIN, HEIGHT_MM_MAX, f"{at}/low_mm")
        or outside(ground.high_mm, HEIGHT_MM_MIN, HEIGHT_MM_MAX, f"{at}/high_mm")
        or bad_label(ground.by, f"{at}/by")
    ):
        return found
    return _bad_height("upside-down", at) if ground.low_mm > ground.high_mm else None


def _bad_qnh(qnh: Qnh, at: str) -> Refusal | None:
    return (
        outside(qnh.pa, QNH_PA_MIN, QNH_PA_MAX, f"{at}/pa")
        or outside(qnh.tolerance_pa, 0, QNH_TOLERANCE_PA_MAX, f"{at}/tolerance_pa")
        or bad_label(qnh.by, f"{at}/by")
    )


def _bad_height(reason: str, at: str) -> Refusal:
    params: dict[str, Param] = {"reason": reason}
    return Refusal(code=Code.BAD_HEIGHT, clause=clauses.HEIGHT, at=at, params=params)


def _bad_geometry(reason: str, at: str) -> Refusal:
    params: dict[str, Param] = {"reason": reason}
    return Refusal(code=Code.BAD_GEOMETRY, clause=clauses.RING, at=at, params=params)


def _too_many(found: int, limit: int, at: str) -> Refusal:
    params: dict[str, Param] = {"found": found, "low": 1, "high": limit}
    return Refusal(code=Code.TOO_MANY, clause=clauses.COUNT, at=at, params=params)
