"""Mean sea level over a place, in compiled loops: ``geoid.undulation`` step by step.

Frame: ECEF metres; answers are metres above the ellipsoid, widened outwards as there, and by what
two orders of the same arithmetic may differ.
"""

from math import asin, atan2, ceil, cos, degrees, floor, sin, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.vectors import Vec
from clearline.conflict.geoid import ALL_ROUND, CURVATURE_FACTOR, PER_DEGREE, ROUNDING_M, geodetic

Grid16 = NDArray[np.int16]

GEOID_M: Final = (-109.5, 88.0)
"""Every interval that ``geoid.undulation`` gives for any region lies in here."""
ARITHMETIC_M: Final = 1e-6
"""Between this arithmetic and that of ``geoid`` and ``heights``: a millionth of what a height is
stated to."""
NODES_MAX: Final = 2_000
"""Larger places, of some 500 km, are left to ``geoid``, which remembers them: two microseconds."""
_WIDER_M: Final = 1.0
"""So much farther than asked: the same sphere computed elsewhere is surely inside."""
_geodetic: Final = compiled(geodetic)


@compiled
def _node(sea_cm: Grid16, row: int, column: int) -> float:
    rows, columns = sea_cm.shape
    return float(sea_cm[min(max(row, 0), rows - 1), column % columns])


@compiled
def _station(first: float, last: float, k: int) -> float:
    """The k-th place between grid lines where a straight function has its extremes: both ends and
    every line inside."""
    return first if k == 0 else min(floor(first) + k, last)


@compiled
def _bend(sea_cm: Grid16, rows: tuple[int, int], columns: tuple[int, int]) -> float:
    """The largest second differences, along and across, added: nodes [first, last] of each."""
    along, across = 0.0, 0.0
    for row in range(rows[0], rows[1] + 1):
        for column in range(columns[0], columns[1] + 1):
            here = 2 * _node(sea_cm, row, column)
            if rows[0] < row < rows[1]:
                beside = _node(sea_cm, row - 1, column) + _node(sea_cm, row + 1, column)
                along = max(along, abs(beside - here))
            if columns[0] < column < columns[1]:
                beside = _node(sea_cm, row, column - 1) + _node(sea_cm, row, column + 1)
                across = max(across, abs(beside - here))
    return along + across


@compiled
def _extremes(
    sea_cm: Grid16, top: float, bottom: float, left: float, right: float
) -> tuple[float, float]:
    """Least and greatest of the grid, read straight between nodes, over a rectangle of fractional
    rows and columns; centimetres."""
    low, high = np.inf, -np.inf
    for i in range(int(ceil(bottom) - floor(top)) + 1):
        y = _station(top, bottom, i)
        row = floor(y)
        for j in range(int(ceil(right) - floor(left)) + 1):
            x = _station(left, right, j)
            column = floor(x)
            one = (1 - (y - row)) * _node(sea_cm, row, column)
            one += (y - row) * _node(sea_cm, row + 1, column)
            two = (1 - (y - row)) * _node(sea_cm, row, column + 1)
            two += (y - row) * _node(sea_cm, row + 1, column + 1)
            value = one + (x - column) * (two - one)
            low, high = min(low, value), max(high, value)
    return low, high


@compiled
def undulation_near(sea_cm: Grid16, centre: Vec, reach_m: float) -> tuple[float, float]:
    """Least and greatest height of mean sea level above the ellipsoid over all points within
    ``reach_m`` (straight) of a centre; ``GEOID_M`` where the place is large or at a pole."""
    x, y, z = centre
    distance, reach_m = sqrt(x * x + y * y + z * z), reach_m + _WIDER_M
    if reach_m >= 0.1 * distance:
        return GEOID_M
    angle = asin(reach_m / distance) + 1e-9
    middle = asin(max(-1.0, min(1.0, z / distance)))
    north, south = middle + angle, middle - angle
    if north >= ALL_ROUND or south <= -ALL_ROUND:
        return GEOID_M
    top = (90 - _geodetic(north)) * PER_DEGREE
    bottom = (90 - _geodetic(south)) * PER_DEGREE
    half = degrees(asin(min(1.0, sin(angle) / cos(middle))))
    lon = degrees(atan2(y, x))
    left, right = (lon - half + 180) * PER_DEGREE, (lon + half + 180) * PER_DEGREE
    rows = (floor(top) - 1, ceil(bottom) + 1)
    columns = (floor(left) - 1, ceil(right) + 1)
    if (rows[1] - rows[0]) * (columns[1] - columns[0]) > NODES_MAX:
        return GEOID_M
    error = ROUNDING_M + CURVATURE_FACTOR * _bend(sea_cm, rows, columns) / 100
    low, high = _extremes(sea_cm, top, bottom, left, right)
    return low / 100 - error - ARITHMETIC_M, high / 100 + error + ARITHMETIC_M
