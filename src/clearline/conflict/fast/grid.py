"""Which rows may be near: a hash grid of earth-centred cells, a table of cells for every size. How
it is made: ``gridding``.

Frame: ECEF metres; there is no pole and no antimeridian. A row lies in the one cell that holds the
centre of the sphere around it, in the level for its size, so what is near a sphere has its centre
within both reaches and the separation of the sphere's centre. Rows are sorted by level and by the
Morton code of their cell: a cell is a range of rows, and so is a cell of twice its size. In a cell
rows stand in the order in which they begin: most of those that are over or to come are never read.

The scanned columns are float32, rounded outwards: a row may be said to be near that is not, never
the other way round. Seconds count from the grid's own epoch, which keeps them short.
"""

from math import inf, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.packed import WHOLE
from clearline.conflict.geodesy import SLACK_M, Floats, Ints

Singles = NDArray[np.float32]

KEY, FIRST, LAST, LONGEST = range(4)
"""Columns of ``Grid.table``: all that is to be known of a cell in one place of memory."""
X, Y, Z, REACH, LOW, HIGH, START, END = range(8)
FINEST: Final = 6
"""The smallest cells are 2^6 metres wide: 18 bits of cells along each axis of 2^24 metres."""
COARSEST: Final = 24
FEW_IN_CELL: Final = 8
"""So many rows are read sooner than searched by when they begin."""
CELLS_MAX: Final = 64
"""More cells than that around a question: larger ones are asked for, found by bisection."""
_AROUND: Final = 125
"""Cells that are in reach at most where no larger ones are asked for: 5 along each axis."""
HALF_M: Final = float(1 << (COARSEST - 1))
SHELL_M: Final = (6_356_752.0, 6_378_138.0)
"""No point of the ellipsoid is nearer to the earth's centre or farther from it."""
LEVEL_SHIFT: Final = 3 * (COARSEST - FINEST)
_MIX: Final = 0x9E3779B97F4A7C15 >> 33
"""31 bits of the golden ratio: the product with 32 bits of a key stays within 63."""


class Grid(NamedTuple):
    """Rows 0 to ``used`` and where to look for them.

    ``slots`` (n,): where each row stands in the table that it was made of. ``rows`` (n, 8): centre,
    reach, lowest and highest height above the ellipsoid, start and end (tail included) in seconds
    after ``epoch_s``. Per level ``widths`` (log2 of the width of its cells), ``reaches`` (greatest
    reach in it, metres) and its cells [cells[k], cells[k + 1]). ``keys`` and ``begins``: cells in
    order, and the first row of each; ``longest``: the longest span in each, seconds. ``table``
    (t, 4): the same cells by hash, with their rows and the longest span in whole seconds; -1 where
    there is none. A grid without levels is read whole.
    """

    slots: Ints
    rows: Singles
    used: int
    epoch_s: float
    widths: Ints
    reaches: Floats
    cells: Ints
    keys: Ints
    begins: Ints
    longest: Floats
    table: Ints


@compiled
def _down(value: float) -> np.float32:
    """The nearest float32 that is not greater."""
    near = np.float32(value)
    return np.nextafter(near, np.float32(-inf)) if near > value else near


@compiled
def _up(value: float) -> np.float32:
    """The nearest float32 that is not less."""
    return -_down(-value)


@compiled
def scanned_row(
    solid: Floats, band: tuple[float, float], when: tuple[float, float], out: Singles
) -> None:
    """Write the scanned columns of one row, outwards: its sphere as ``Packed.solid`` has it, its
    band in metres above the ellipsoid, its span in seconds after the epoch."""
    moved2 = 0.0
    for k in range(3):
        out[X + k] = np.float32(solid[k])
        moved2 += (solid[k] - out[X + k]) ** 2
    out[REACH] = _up(solid[WHOLE] + sqrt(moved2))
    out[LOW], out[HIGH] = _down(band[0]), _up(band[1])
    out[START], out[END] = _down(when[0]), _up(when[1])


@compiled
def spaced(value: int) -> int:
    """18 bits with two empty ones after each."""
    value = (value | (value << 32)) & 0x1F00000000FFFF
    value = (value | (value << 16)) & 0x1F0000FF0000FF
    value = (value | (value << 8)) & 0x100F00F00F00F00F
    value = (value | (value << 4)) & 0x10C30C30C30C30C3
    return (value | (value << 2)) & 0x1249249249249249


@compiled
def morton(x: int, y: int, z: int) -> int:
    """One number for a cell, of the bits of x, y and z in turn (Morton 1966): cells of twice the
    width have the number without its last 3 bits."""
    return spaced(x) | (spaced(y) << 1) | (spaced(z) << 2)


@compiled
def slot_of(key: int, size: int) -> int:
    """Where to begin to look for a key in a table of ``size`` places, a power of two, by the golden
    ratio (Knuth, *The Art of Computer Programming* 3, 6.4); then one place after the other."""
    folded = (key ^ (key >> 29)) & 0xFFFFFFFF
    return ((folded * _MIX) >> 17) & (size - 1)


@compiled
def _is_near(rows: Singles, k: int, asked: Floats) -> bool:
    """Whether row ``k`` may be near, in space, time and height: by one branch, since nobody can
    foretell which of them rules it out."""
    dx, dy, dz = rows[k, X] - asked[X], rows[k, Y] - asked[Y], rows[k, Z] - asked[Z]
    within = rows[k, REACH] + asked[REACH]
    near = (dx * dx + dy * dy + dz * dz <= within * within) & (rows[k, END] > asked[START])
    near &= (rows[k, START] < asked[END]) & (rows[k, LOW] <= asked[HIGH])
    return bool(near & (rows[k, HIGH] >= asked[LOW]))


@compiled
def _scan(grid: Grid, first: int, last: int, asked: Floats, found: Ints, count: int) -> int:
    """Append the slots of rows [first, last) that may be near to ``found`` from ``count`` on. What
    has no room is counted all the same."""
    for k in range(first, last):
        if _is_near(grid.rows, k, asked):
            if count < len(found):
                found[count] = grid.slots[k]
            count += 1
    return count


@compiled
def _begun(rows: Singles, first: int, last: int, when: float) -> int:
    """The first of the rows [first, last) of a cell that begins at ``when`` or later."""
    while first < last:
        middle = (first + last) // 2
        if rows[middle, START] < when:
            first = middle + 1
        else:
            last = middle
    return first


@compiled
def _scan_cell(
    grid: Grid, first: int, last: int, longest: float, asked: Floats, found: Ints, count: int
) -> int:
    """``_scan`` of a cell whose spans are no longer than that many seconds, without the rows that
    are surely over, or have not begun."""
    if last - first > FEW_IN_CELL:
        first = _begun(grid.rows, first, last, asked[START] - longest)
        last = _begun(grid.rows, first, last, asked[END])
    return _scan(grid, first, last, asked, found, count)


@compiled
def _cell_at(grid: Grid, key: int) -> int:
    """Where in the table a cell stands, -1 if no row lies in it."""
    size = len(grid.table)
    at = slot_of(key, size)
    while grid.table[at, LAST] >= 0:
        if grid.table[at, KEY] == key:
            return at
        at = (at + 1) & (size - 1)
    return -1


@compiled
def _scan_cells(grid: Grid, keys: Ints, many: int, asked: Floats, found: Ints, count: int) -> int:
    """``_scan_cell`` of so many cells by their keys, which are lost. A cell lies anywhere in memory
    and takes as long to come as a hundred steps: all are called for before the first is used. (What
    was seen of them is kept behind the keys, since what has no use is not compiled.)"""
    size, seen = len(grid.table), 0
    for k in range(many):
        seen += grid.table[slot_of(keys[k], size), KEY]
    for k in range(many):
        keys[k] = _cell_at(grid, keys[k])
        if keys[k] >= 0:
            cell = grid.table[keys[k]]
            seen += int(grid.rows[(cell[FIRST] + cell[LAST]) // 2, START])
    keys[_AROUND] = seen
    for k in range(many):
        if keys[k] >= 0:
            cell = grid.table[keys[k]]
            last, longest = cell[LAST], float(cell[LONGEST])
            count = _scan_cell(grid, cell[FIRST], last, longest, asked, found, count)
    return count


@compiled
def _from(keys: Ints, first: int, last: int, key: int) -> int:
    """The first cell in [first, last) whose key is not below ``key``, by bisection."""
    while first < last:
        middle = (first + last) // 2
        if keys[middle] < key:
            first = middle + 1
        else:
            last = middle
    return first


@compiled
def _apart2(asked: Floats, x: float, y: float, z: float, width: float) -> float:
    """Square of the distance from the sphere's centre to the cell above x, y, z."""
    dx = max(x - asked[X], asked[X] - x - width, 0.0)
    dy = max(y - asked[Y], asked[Y] - y - width, 0.0)
    dz = max(z - asked[Z], asked[Z] - z - width, 0.0)
    return float(dx * dx + dy * dy + dz * dz)


@compiled
def _off_shell(x: float, y: float, z: float, width: float, reach_m: float) -> bool:
    """Whether a cell is too deep or too high for the centre of a sphere of that reach that touches
    the ellipsoid."""
    nx, ny, nz = max(x, -x - width, 0.0), max(y, -y - width, 0.0), max(z, -z - width, 0.0)
    if nx * nx + ny * ny + nz * nz > (SHELL_M[1] + reach_m) ** 2:
        return True
    fx, fy, fz = (
        max(abs(x), abs(x + width)),
        max(abs(y), abs(y + width)),
        max(abs(z), abs(z + width)),
    )
    deep = max(SHELL_M[0] - reach_m, 0.0)
    return bool(fx * fx + fy * fy + fz * fz < deep * deep)


@compiled
def _cell(value: float, width: float, final: int) -> int:
    """The cell, of so wide ones along an axis, that a coordinate lies in, or the nearest."""
    return min(int(max(value + HALF_M, 0.0) / width), final)


@compiled
def _scan_below(
    grid: Grid, k: int, low: int, high: int, asked: Floats, found: Ints, count: int
) -> int:
    """``_scan_cell`` of the cells of level ``k`` with keys in [low, high): a larger cell."""
    begin = _from(grid.keys, grid.cells[k], grid.cells[k + 1], low)
    end = _from(grid.keys, begin, grid.cells[k + 1], high)
    for n in range(begin, end):
        first, last, longest = grid.begins[n], grid.begins[n + 1], grid.longest[n]
        count = _scan_cell(grid, first, last, longest, asked, found, count)
    return count


@compiled
def near(grid: Grid, used: int, asked: Floats, found: Ints) -> int:
    """Slots of rows that may come near: how many, the first of them in ``found``.

    ``used``: so many rows of a grid without levels. ``asked`` (8,), like a row in float64: its
    reach with the separation, its band widened by the vertical separation, its span by the
    separation in time. Bands meet when they touch, spans do not.
    """
    if len(grid.widths) == 0:
        return _scan(grid, 0, used, asked, found, 0)
    count, keys = 0, np.empty(_AROUND + 1, np.int64)
    for k in range(len(grid.widths)):
        within = asked[REACH] + grid.reaches[k] + SLACK_M
        bits, many = grid.widths[k], 0
        while (2 * within / (1 << bits) + 1) ** 3 > CELLS_MAX and bits < COARSEST:
            bits += 1
        width, final, larger = float(1 << bits), (1 << (COARSEST - bits)) - 1, bits - grid.widths[k]
        level = (grid.keys[grid.cells[k]] >> LEVEL_SHIFT) << LEVEL_SHIFT
        x0, x1 = _cell(asked[X] - within, width, final), _cell(asked[X] + within, width, final)
        y0, y1 = _cell(asked[Y] - within, width, final), _cell(asked[Y] + within, width, final)
        z0, z1 = _cell(asked[Z] - within, width, final), _cell(asked[Z] + within, width, final)
        for ix in range(x0, x1 + 1):
            for iy in range(y0, y1 + 1):
                for iz in range(z0, z1 + 1):
                    x, y, z = ix * width - HALF_M, iy * width - HALF_M, iz * width - HALF_M
                    if _apart2(asked, x, y, z, width) > within * within:
                        continue
                    if _off_shell(x, y, z, width, grid.reaches[k]):
                        continue
                    key = morton(ix, iy, iz)
                    if larger == 0:
                        keys[many] = level | key
                        many += 1
                        continue
                    low, high = level | (key << 3 * larger), level | ((key + 1) << 3 * larger)
                    count = _scan_below(grid, k, low, high, asked, found, count)
        count = _scan_cells(grid, keys, many, asked, found, count)
    return count


@compiled
def all_near(grid: Grid, used: int, asked: Floats, found: Ints) -> tuple[Ints, int]:
    """As ``near``, in ``found`` or, if that has not room for all, in a larger one."""
    count = near(grid, used, asked, found)
    if count > len(found):
        found = np.empty(2 * count, np.int64)
        count = near(grid, used, asked, found)
    return found, count
