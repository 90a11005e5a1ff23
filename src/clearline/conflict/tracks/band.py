"""When a track is in a band of heights: by its reference where the limit has the same one.

Metres, metres per second, seconds from now. Limits (2, 4), lower and upper, as ``fast.bands`` has
them; heights as ``tracks.heights`` has them; a geoid is from where to where it may be along the
path of the track. A track on a limit, to the micrometre, is in.
"""

from math import inf, isinf
from typing import Final

import numpy as np

from clearline.conflict.fast.bands import limits_of
from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.stated import AGL, AMSL, FL, SFC, UNL, W84, Names, stated
from clearline.conflict.geodesy import Floats
from clearline.conflict.tracks.heights import Heights
from clearline.conflict.verdict import Extent
from clearline.model.terms import Levels

TOUCH_M: Final = 1e-6
_LIMIT_OF: Final = (W84, AMSL, FL, AGL, SFC, -1, -1)
"""By reference code of a track: the code of a limit that is measured from the same."""

Row = tuple[float, float, float, float]


@compiled
def _side(h: Heights, i: int, limit: Floats, geoid: tuple[float, float], is_lower: bool) -> Row:
    """How far a track is on the inner side of a limit: least and greatest now, and their rates."""
    ref, mine = limit[0], _LIMIT_OF[h.ref[i]]
    is_open = is_lower and ref == SFC  # below everything
    exact = ref == mine or (ref in (AGL, SFC) and mine in (AGL, SFC))
    if exact and not is_open:
        row = h.stated[i]
        low = high = limit[1] / 1000
    else:
        row = h.bounds[i]
        low, high = limit[2], limit[3]
        if is_open:
            low = high = -inf
        elif ref == UNL:
            low = high = inf
        elif ref in (AMSL, FL):
            low, high = low + geoid[0], high + geoid[1]
    if is_lower:
        return row[0] - high, row[1] - low, row[2], row[3]
    return low - row[1], high - row[0], -row[3], -row[2]


@compiled
def _from(e0: float, e1: float, start: float, end: float) -> tuple[float, float]:
    """The part of [start, end] on which e0 + e1 t is not negative; start > end where none is."""
    if e1 == 0.0 or isinf(e0):
        return (start, end) if e0 >= -TOUCH_M else (1.0, 0.0)
    at = -e0 / e1
    return (max(start, at), end) if e1 > 0 else (start, min(end, at))


@compiled
def in_band(h: Heights, i: int, limits: Floats, geoid: tuple[float, float]) -> Row:
    """From when to when a track may be in a band, and from when to when it surely is."""
    over, under = _side(h, i, limits[0], geoid, True), _side(h, i, limits[1], geoid, False)
    a, b = _from(over[1], over[3], -inf, inf)
    a, b = _from(under[1], under[3], a, b)
    c, d = _from(over[0], over[2], -inf, inf)
    c, d = _from(under[0], under[2], c, d)
    return a, b, c, d


def band_gaps(
    heights: Heights, i: int, extent: Extent, geoid: tuple[float, float], levels: Levels
) -> tuple[float, float]:
    """Bounds of how far a track is outside the band of an extent now, metres; nought inside."""
    limits = limits_of(stated((extent,), (0,), Names()).heights, levels)[0]
    over, under = (
        _side(heights, i, np.asarray(limits[k]), geoid, is_lower)
        for k, is_lower in ((0, True), (1, False))
    )
    return max(0.0, -over[1], -under[1]), max(0.0, -over[0], -under[0])
