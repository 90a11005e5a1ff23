"""Mean sea level: the EGM96 geoid above the ellipsoid, from the shipped 15-minute grid.

The grid is part of the package, like code: constant, checked by hash when it is first used, made
by ``tools/make_geoid.py``. Heights in metres above the WGS 84 ellipsoid. What is answered is an
interval over a region, never one number: between nodes the undulation is bounded by the nodes of
the cells that the region touches, widened by the rounding to centimetres and by the curvature
that straight interpolation leaves out.
"""

import hashlib
import lzma
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from math import asin, atan, atan2, ceil, cos, degrees, floor, pi, sin, sqrt, tan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.geodesy import E2, Floats

GEOID_NAME: Final = "egm96_15"
GEOID_SHA256: Final = "a15ec402e8592369be90af217abef7364549042a5a0b251a210bbb179b1a3c9a"
"""Of 721 x 1440 big-endian int16 centimetres, rows from 90 N southwards, columns from 180 W."""
_FILE: Final = "egm96_15.i16.xz"
_ROWS: Final = 721
_COLUMNS: Final = 1440
PER_DEGREE: Final = 4
ALL_ROUND: Final = 1.56
"""Radians: a region that reaches nearer to a pole than 0.6 degrees counts as all longitudes."""
ROUNDING_M: Final = 0.005
CURVATURE_FACTOR: Final = 1.5 / 8
"""Linear interpolation errs by an eighth of the second difference; half as much again since the
second difference at nodes may miss the largest between them (checked against 30-minute subsets)."""
UNDULATION_M: Final = (-107.01, 85.40)
"""Least and greatest value of the grid."""


@dataclass(frozen=True, slots=True)
class Region:
    """All ellipsoid points within ``reach_m`` (straight) of ``centre`` (ECEF metres)."""

    centre: tuple[float, float, float]
    reach_m: float


@lru_cache(maxsize=1)
def undulation_cm() -> NDArray[np.int16]:
    """The grid, int16 centimetres, shape (721, 1440). A file that is not the one named is a broken
    installation and stops the program."""
    packed = resources.files("clearline.conflict").joinpath("data", _FILE).read_bytes()
    both = np.frombuffer(lzma.decompress(packed), ">i2").reshape(_ROWS, _COLUMNS).astype(np.int16)
    along = np.cumsum(both, axis=0, dtype=np.int16)
    grid = np.cumsum(along, axis=1, dtype=np.int16)
    found = hashlib.sha256(grid.astype(">i2").tobytes()).hexdigest()
    assert found == GEOID_SHA256, "the shipped geoid grid is damaged"
    grid.flags.writeable = False
    return grid


def _rectangle(region: Region) -> tuple[float, float, float, float]:
    """Rows and columns, as fractional numbers [first, last] of each, of a latitude and longitude
    rectangle around a region. Columns may lie outside 0..1440: they are taken modulo 1440."""
    x, y, z = region.centre
    distance = sqrt(x * x + y * y + z * z)
    everything = (0.0, _ROWS - 1.0, 0.0, float(_COLUMNS))
    if region.reach_m >= 0.7 * distance:
        return everything
    angle = asin(region.reach_m / distance) + 1e-9
    middle = asin(max(-1.0, min(1.0, z / distance)))
    north, south = middle + angle, middle - angle
    top = (90 - geodetic(north)) * PER_DEGREE
    bottom = (90 - geodetic(south)) * PER_DEGREE
    if north >= ALL_ROUND or south <= -ALL_ROUND:
        return top, bottom, 0.0, float(_COLUMNS)
    half = degrees(asin(min(1.0, sin(angle) / cos(middle))))
    lon = degrees(atan2(y, x))
    return top, bottom, (lon - half + 180) * PER_DEGREE, (lon + half + 180) * PER_DEGREE


def geodetic(geocentric: float) -> float:
    """Geodetic latitude in degrees of a direction from the centre in radians."""
    if abs(geocentric) >= pi / 2:
        return 90.0 if geocentric > 0 else -90.0
    return degrees(atan(tan(geocentric) / (1 - E2)))


def _stations(first: float, last: float) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Grid lines around [first, last], and the places where a piecewise linear function between
    them has its extremes: both ends and every grid line inside; as whole and fractional parts."""
    inner = np.arange(floor(first) + 1, ceil(last))
    at = np.concatenate(([first], inner, [last]))
    whole = np.floor(at)
    return np.arange(floor(first) - 1, ceil(last) + 2), whole, at - whole


@lru_cache(maxsize=4096)
def undulation(region: Region) -> tuple[float, float]:
    """Least and greatest height of mean sea level above the ellipsoid over a region, metres,
    widened outwards."""
    top, bottom, left, right = _rectangle(region)
    rows, row_at, row_part = _stations(top, bottom)
    columns, column_at, column_part = _stations(left, right)
    picked = np.ix_(np.clip(rows, 0, _ROWS - 1), columns % _COLUMNS)
    nodes: Floats = undulation_cm()[picked].astype(np.float64) / 100
    bend_lat = np.abs(nodes[2:, :] - 2 * nodes[1:-1, :] + nodes[:-2, :]).max(initial=0.0)
    bend_lon = np.abs(nodes[:, 2:] - 2 * nodes[:, 1:-1] + nodes[:, :-2]).max(initial=0.0)
    error = ROUNDING_M + CURVATURE_FACTOR * float(bend_lat + bend_lon)
    i, j = (row_at - rows[0]).astype(int), (column_at - columns[0]).astype(int)
    down = nodes[i] * (1 - row_part[:, None]) + nodes[i + 1] * row_part[:, None]
    values = down[:, j] * (1 - column_part) + down[:, j + 1] * column_part
    return float(values.min()) - error, float(values.max()) + error
