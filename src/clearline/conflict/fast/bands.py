"""Heights as numbers that two rows can be compared by, many at a time; the rules of ``heights``.

A limit is (reference, millimetres, low, high): the last two an interval in metres above mean sea
level for AMSL and FL, above the ellipsoid for the others. Between mean sea level and the ellipsoid
lies the geoid: as wide as it is anywhere, or over a place that holds all that matters. A verdict
here is the one that ``heights.vertical`` gives, or open.
"""

from math import inf
from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.sea import ARITHMETIC_M, GEOID_M
from clearline.conflict.fast.stated import AGL, AMSL, FL, SFC, UNL
from clearline.conflict.geodesy import Floats, Ints
from clearline.conflict.heights import SURFACE_M, level_shift
from clearline.model.terms import HeightMode, Levels

FEW: Final = 1_000
"""Up to so many rows take well under a millisecond: no need to let other threads go on."""
SEPARATE, SURFACE, IGNORE = range(3)
MODES: Final = (HeightMode.SEPARATE, HeightMode.SURFACE, HeightMode.IGNORE)
APART, OPEN, MEET, UNKNOWN = -1, 0, 1, 2
Span = tuple[float, float, float, float]
_level_shift: Final = compiled(level_shift)


def _limits(heights: Ints, qnh_low_pa: int, qnh_high_pa: int, warmth: float, out: Floats) -> None:
    """Fill in limits (n, 2, 4) from heights (n, 2, 5) as ``stated`` makes them."""
    agreed_low, agreed_high = _level_shift(qnh_low_pa), _level_shift(qnh_high_pa)
    for i in range(len(heights)):
        for k in range(2):
            ref, value = heights[i, k, 0], heights[i, k, 1] / 1000
            low = high = value
            if ref == FL:
                low, high = value + agreed_low, value + agreed_high
                if heights[i, k, 4] > 0:
                    low = value + _level_shift(heights[i, k, 2] - heights[i, k, 3])
                    high = value + _level_shift(heights[i, k, 2] + heights[i, k, 3])
                warm = max(abs(low), abs(high)) * warmth
                low, high = low - warm, high + warm
            elif ref in (AGL, SFC):
                low, high = value + SURFACE_M[0], value + SURFACE_M[1]
                if heights[i, k, 4] > 0:
                    low = value + heights[i, k, 2] / 1000
                    high = value + heights[i, k, 3] / 1000
            elif ref == UNL:
                low = high = inf
            out[i, k, 0], out[i, k, 1], out[i, k, 2], out[i, k, 3] = (
                ref,
                heights[i, k, 1],
                low,
                high,
            )


limits_few = compiled(_limits)
_limits_many = compiled(nogil=True)(_limits)


def pressures_of(levels: Levels) -> tuple[int, int, float]:
    """What flight levels are read by: the agreed range of pressure (Pa), and of temperature as a
    share of the height."""
    return levels.qnh_low_pa, levels.qnh_high_pa, levels.temperature_permille / 1000


def limits_of(heights: Ints, levels: Levels) -> Floats:
    """Limits (n, 2, 4) of heights (n, 2, 5), flight levels by the agreed range of pressure."""
    found = np.empty((len(heights), 2, 4))
    fill = limits_few if len(heights) <= FEW else _limits_many
    fill(heights, *pressures_of(levels), found)
    return found


@compiled
def _above_sea(ref: float) -> bool:
    return ref in (AMSL, FL)


@compiled
def span(limits: Floats) -> tuple[float, float]:
    """From where to where one band (2, 4) may reach above the ellipsoid, metres."""
    low, high = limits[0, 2], limits[1, 3]
    if limits[0, 0] == SFC:
        low = -inf
    elif _above_sea(limits[0, 0]):
        low += GEOID_M[0]
    if _above_sea(limits[1, 0]):
        high += GEOID_M[1]
    return low - ARITHMETIC_M, high + ARITHMETIC_M


@compiled
def _ground(ref: float) -> bool:
    return ref in (AGL, SFC)


@compiled
def _clearance(
    lower: Floats, upper: Floats, down: bool, same_spot: bool, geoid: tuple[float, float]
) -> Span:
    """How far a lower limit lies above an upper one, metres, as in ``heights.clearance``; ``down``:
    the lower limit counts as the surface. Four figures: the interval, and between which its ends
    must lie when a smaller place narrows the geoid: no lower end above the third, no upper end
    below the fourth."""
    if down or lower[0] == SFC or upper[0] == UNL:
        return -inf, -inf, -inf, -inf
    if lower[0] == UNL:
        return inf, inf, inf, inf
    alike = lower[0] == upper[0] and not _ground(lower[0])
    if alike or (same_spot and _ground(lower[0]) and _ground(upper[0])):
        apart = (lower[1] - upper[1]) / 1000
        return apart, apart, apart, apart
    low, high = lower[2] - upper[3], lower[3] - upper[2]
    least, most = -ARITHMETIC_M, ARITHMETIC_M
    if _above_sea(lower[0]) and not _above_sea(upper[0]):
        least, most = geoid
    elif _above_sea(upper[0]) and not _above_sea(lower[0]):
        least, most = -geoid[1], -geoid[0]
    return low + least, high + most, low + most, high + least


@compiled
def over(
    a: Floats,
    b: Floats,
    hazard: tuple[bool, bool],
    mode: int,
    apart: tuple[float, bool],
    geoid: tuple[float, float],
) -> int:
    """Whether two bands (2, 4) come within ``apart[0]`` metres of each other in height: APART,
    MEET, UNKNOWN where ``heights.vertical`` cannot tell either, else OPEN. ``apart[1]``: only
    points over the same spot count. ``geoid``: from where to where it may be, metres."""
    if mode == IGNORE:
        return MEET
    down_a = mode == SURFACE and (hazard[0] or not hazard[1])
    down_b = mode == SURFACE and (hazard[1] or not hazard[0])
    one = _clearance(a[0], b[1], down_a, apart[1], geoid)
    two = _clearance(b[0], a[1], down_b, apart[1], geoid)
    if max(0.0, one[0], two[0]) > apart[0]:
        return APART
    if max(0.0, one[1], two[1]) <= apart[0]:
        return MEET
    is_unknown = max(0.0, one[2], two[2]) <= apart[0] and max(0.0, one[3], two[3]) > apart[0]
    return UNKNOWN if is_unknown else OPEN
