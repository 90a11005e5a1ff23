"""How far out: what somebody inside a volume needs to get clear of it (FM02).

Metres along geodesics. What is answered is a way out that exists, so that a time that follows from
it is never too short for the mover that takes it (CL-CON-006).
"""

from math import atan2, degrees
from typing import Final

import numpy as np

from clearline.conflict.geodesy import destination, inverse
from clearline.conflict.inside import Side, side_of
from clearline.conflict.outline import Outline, outline_of, points_outline
from clearline.conflict.separation import Goal, rows_apart
from clearline.model.finding import Bounds
from clearline.model.space import Corridor, Disc, Footprint, LatLon, Polygon

HEADINGS: Final = 16
"""Ways out of a corridor that are tried, the first straight away from its line."""
_STEPS_MAX: Final = 400
_STEP_M: Final = 100.0
_CLOSE_M: Final = 1.0
_FINE: Final = Goal(-1.0, loose_m=0.01, loose_share=0.0)
_ROUGH: Final = Goal(-1.0, loose_m=10.0, loose_share=0.0)
_ROUNDED_M: Final = 0.01
"""A point moves by less than that when it is rounded to 1e-7 degrees."""


def exit_m(footprint: Footprint, at: LatLon) -> float:
    """Metres from a point inside to where it is outside by the nearest known way, rounded up to
    within 1 m (20 m for a corridor); 0 for a point outside. A hole counts as outside."""
    outline = outline_of(footprint)
    match footprint:
        case Disc(centre=centre):
            gone = inverse(centre.lat, centre.lon, at.lat, at.lon)[0]
            return max(0.0, outline.radius_m - gone)
        case Corridor():
            return _out_of_corridor(footprint, outline, at)
        case Polygon():
            side = side_of(outline, at.lat, at.lon)
            return 0.0 if side is Side.OUTSIDE else _to_edges(footprint, at.lat, at.lon).high


def _to_edges(footprint: Footprint, lat: float, lon: float, goal: Goal = _FINE) -> Bounds:
    """Distance of a point from the edges, to a centimetre or two unless a goal says otherwise."""
    # Imported here: whoever judges without the compiled loops does not load them.
    from clearline.conflict.fast.pairs import quick_to_edges

    place = LatLon(round(lat * 1e7), round(lon * 1e7))
    quick = quick_to_edges(footprint, place, goal.loose_m)
    if quick is not None:
        off_m = 0.0 if (place.lat, place.lon) == (lat, lon) else _ROUNDED_M
        return Bounds(max(0.0, quick.low - off_m), quick.high + off_m)
    outline = outline_of(footprint)
    point = points_outline(np.array([lat]), np.array([lon]))
    edges = np.arange(len(outline.lat1))
    found = rows_apart(outline, point, (edges, np.zeros_like(edges)), goal)
    assert found is not None, "an outline has edges"
    return found


def _out_of_corridor(corridor: Corridor, outline: Outline, at: LatLon) -> float:
    """Walk away on several headings, each step as far as cannot yet leave the corridor."""
    inside_m = outline.radius_m - _to_edges(corridor, at.lat, at.lon).low
    if inside_m <= 0:
        return 0.0
    best = np.inf
    for heading in _headings(corridor, at):
        walked, left = 0.0, inside_m
        for _ in range(_STEPS_MAX):
            walked += max(left, _CLOSE_M)
            if walked >= best:
                break
            lat, lon = destination(at.lat, at.lon, heading, walked)
            left = outline.radius_m - _to_edges(corridor, lat, lon, _ROUGH).low
            if left <= 0:
                best = walked
                break
    return float(best) if np.isfinite(best) else 2 * outline.reach_m + outline.radius_m


def _headings(corridor: Corridor, at: LatLon) -> list[float]:
    """Straight away from the line, by how the distance from it changes, and all around."""

    def beside(heading: float) -> float:
        lat, lon = destination(at.lat, at.lon, heading, _STEP_M)
        return _to_edges(corridor, lat, lon).low

    north, east = beside(0) - beside(180), beside(90) - beside(270)
    away = degrees(atan2(east, north))
    return [away, *(away + k * 360 / HEADINGS for k in range(1, HEADINGS))]
