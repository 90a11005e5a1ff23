"""How footprints are made ready for distances (``packed``): edges cut by their own meaning into
pieces that hardly bulge, each with its bounds; a sphere around all, balls over the rows, a heart.

Frame: ECEF, metres; what is stated in 1e-7 degrees stays so until a point is made of it. Counted
first, then written: all rows of all footprints lie in columns that are made once.
"""

from math import ceil, cos, hypot, sin, sqrt
from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.earth import (
    E7,
    RIGHT,
    Slope,
    arc_high_one,
    chord_one,
    isometric,
    on_earth,
    spot,
)
from clearline.conflict.fast.geodesics import go, shoot
from clearline.conflict.fast.hearts import LARGEST_M, ball_inside
from clearline.conflict.fast.lent import lent
from clearline.conflict.fast.packed import (
    BRANCH,
    CORE,
    GEODESIC,
    HEART,
    RADIUS,
    RHUMB,
    WHOLE,
    Packed,
    room,
)
from clearline.conflict.fast.shapes import DISC, POLYGON, Shapes
from clearline.conflict.fast.vectors import Vec, minus, size
from clearline.conflict.geodesy import A_M, E2, NUMERIC_M, R_MIN_M, Ints

BULGE_M_MAX: Final = 8.0
"""Edges are cut until no piece leaves its chord by more: 20 km of a geodesic."""
PIECES_MAX: Final = 20_000
"""Rows of one footprint beyond its own points: what is larger is cut into longer pieces."""
_CUTS_MAX: Final = 1_000
_UP: Final = 1 + 2e-7  # outwards when rounded to float32


Corner = tuple[int, int]
"""Latitude and longitude, 1e-7 degrees."""
Piece = tuple[float, float, float]
"""Bounds of a piece: its length, how far it bulges (metres), its geodesic curvature (1/m)."""


@compiled
def _bulge(length: float, kappa: float) -> float:
    """How far a piece of that length and geodesic curvature leaves its chord, at most (B2)."""
    bend = sqrt(1 / R_MIN_M**2 + kappa * kappa) if kappa > 0 else 1 / R_MIN_M
    return min(bend * length * length / 8, length / 2)


@compiled
def _straight(chord_m: float) -> Piece:
    """Bounds of a piece of a geodesic (B1, B2)."""
    u = chord_m / (2 * R_MIN_M)
    if u < 0.01:  # asin u = u + u^3 / 6 + 3 u^5 / 40 + ..., which is less than
        length = chord_m * (1 + u * u * (1 + u * u) / 6) + NUMERIC_M
    else:
        length = arc_high_one(chord_m)
    return length, _bulge(length, 0.0), 0.0


@compiled
def _bent(edge: int, here: Slope, there: Slope, rise: float, turn: float) -> Piece:
    """Bounds of a lonlat or rhumb piece (B2, B4, B5) between two latitudes, which climbs by
    ``rise`` and turns by ``turn`` radians of latitude and longitude."""
    rise, turn = abs(rise), abs(turn)
    low2 = max(here[1], there[1]) ** 2 if here[0] * there[0] > 0 else 1.0
    high = max(abs(here[0]), abs(there[0]))
    flat = 1 - E2 * high * high
    m = A_M * (1 - E2) / (flat * sqrt(flat))
    parallel2 = A_M * A_M * low2 / (1 - E2 * (1 - low2))
    length = sqrt(m * rise * (m * rise) + parallel2 * turn * turn) * (1 + 1e-12) + 1e-8
    tangent = high / max(min(here[1], there[1]), 1e-10)
    if turn == 0.0:
        kappa = 0.0
    elif edge == RHUMB:
        kappa = 1.0001 * tangent / A_M
    elif rise > 0:
        kappa = min(1.12 * tangent / A_M, 2.05 * turn / rise / R_MIN_M)
    else:
        kappa = 1.12 * tangent / A_M
    return length, _bulge(length, kappa), kappa


@compiled
def _corner(s: Shapes, k: int) -> Corner:
    return int(s.lat[k]), int(s.lon[k])


@compiled
def _ends(edge: int, a: Corner, b: Corner) -> tuple[float, float, float, float]:
    """Latitude and longitude of an edge's first point, and the way to its second, radians: a rhumb
    line to a pole runs along the other end's meridian."""
    lat0, lon0 = a
    lat1, lon1 = b
    if edge == RHUMB:
        if abs(lat0) == RIGHT:
            lon0 = lon1
        if abs(lat1) == RIGHT:
            lon1 = lon0
    turn = lon1 - lon0
    if turn > 2 * RIGHT:
        turn -= 4 * RIGHT
    elif turn <= -2 * RIGHT:
        turn += 4 * RIGHT
    return lat0 * E7, lon0 * E7, (lat1 - lat0) * E7, turn * E7


@compiled
def _is_short(edge: int, a: Corner, b: Corner) -> bool:
    """Whether an edge is seen at a glance to need no cut: from its steps in 1e-7 degrees and, for
    one that is no geodesic, how much its curvature can be where it lies."""
    high = max(abs(a[0]), abs(b[0]))
    low = min(abs(a[0]), abs(b[0])) * E7 if (a[0] >= 0) == (b[0] >= 0) else 0.0
    low2 = low * low
    parallel = 1 - low2 / 2 + low2 * low2 / 24  # not below the cosine
    north, east = 0.01117 * (b[0] - a[0]), 0.01117 * parallel * (b[1] - a[1])
    length2 = north * north + east * east
    if edge == GEODESIC:
        return length2 < 20_000.0**2
    if high < 500_000_000:
        return length2 < 15_000.0**2
    return high < 750_000_000 and length2 < 9_000.0**2


@compiled
def _cut(edge: int, a: Corner, b: Corner) -> int:
    """Into how many pieces an edge is cut that is not seen to be short."""
    _, _, rise, turn = _ends(edge, a, b)
    here, slope = spot(a[0], a[1])
    there, slope1 = spot(b[0], b[1])
    if edge == GEODESIC:
        length, _, kappa = _straight(size(minus(there, here)))
    else:
        length, _, kappa = _bent(edge, slope, slope1, rise, turn)
    bulge = hypot(1 / R_MIN_M, kappa) * length * length / 8
    return int(max(1, min(_CUTS_MAX, ceil(sqrt(bulge / BULGE_M_MAX)))))


@compiled
def _cuts(edge: int, a: Corner, b: Corner) -> int:
    """Into how many pieces an edge is cut."""
    return 1 if _is_short(edge, a, b) else _cut(edge, a, b)


@compiled
def _balls(rows: int) -> int:
    """Balls over so many rows."""
    total = 0
    while rows > BRANCH:
        rows = (rows + BRANCH - 1) // BRANCH
        total += rows
    return total


@compiled
def _share(cuts: int, wanted: int) -> int:
    """The cuts of an edge, fewer where the footprint would have too many rows."""
    return cuts if wanted <= PIECES_MAX else max(1, cuts * PIECES_MAX // wanted)


@compiled
def _count(s: Shapes, i: int, wanted: int) -> int:
    """Rows of the edges of footprint ``i`` if all of them together would be ``wanted``."""
    rows, start, edge = 0, s.first[i], s.edge[i]
    closed = s.kind[i] == POLYGON
    for r in range(s.ring_first[i], s.ring_first[i + 1]):
        end = s.ring_ends[r]
        here = _corner(s, start)
        for k in range(start, end if closed else end - 1):
            there = _corner(s, k + 1 if k + 1 < end else start)
            rows += _share(_cuts(edge, here, there), wanted)
            here = there
        start = end
    return rows


@compiled
def _row(p: Packed, row: int, at: Vec, piece: Piece) -> None:
    length, bulge, kappa = piece
    p.xyz[row, 0], p.xyz[row, 1], p.xyz[row, 2] = at
    p.span[row, 0] = length * _UP if length >= 0 else -1.0
    p.span[row, 1] = bulge * _UP
    p.span[row, 2] = min(kappa * _UP, 1e9)


@compiled
def _cut_rows(p: Packed, row: int, edge: int, a: Corner, b: Corner, cuts: int) -> int:
    """Write the pieces of an edge from ``row`` on; the row of the last one."""
    lat, lon, rise, turn = _ends(edge, a, b)
    start, last = spot(a[0], a[1])[0], spot(b[0], b[1])[0]
    whole_m, level, psi = 0.0, start, 0.0
    if edge == GEODESIC:
        low, high, level, _, _ = shoot(start, last)
        whole_m = (low + high) / 2
    elif edge == RHUMB and rise != 0 and turn != 0:
        psi = isometric(lat, rise)
    here, before = start, 0.0
    for n in range(1, cuts + 1):
        t = part = n / cuts
        if n == cuts:
            there = last
        elif edge == GEODESIC:
            there = go(start, level, t * whole_m)[0]
        else:
            part = isometric(lat, t * rise) / psi if psi != 0.0 else t
            there = on_earth(lat + t * rise, lon + part * turn)
        if edge == GEODESIC:
            piece = _straight(size(minus(there, here)))
        else:
            old, new = lat + (n - 1) / cuts * rise, lat + t * rise
            slope, slope1 = (sin(old), cos(old)), (sin(new), cos(new))
            piece = _bent(edge, slope, slope1, rise / cuts, turn * (part - before))
        _row(p, row + n - 1, here, piece)
        here, before = there, part
    return row + cuts - 1


@compiled
def _fill(s: Shapes, p: Packed, i: int, wanted: int) -> None:
    """Write the rows of footprint ``i`` from ``p.first[i]`` on; its edges want so many pieces."""
    row, start = p.first[i, 0], s.first[i]
    edge, closed = s.edge[i], s.kind[i] == POLYGON
    is_cut = wanted > s.first[i + 1] - start - (0 if closed else 1)
    for r in range(s.ring_first[i], s.ring_first[i + 1]):
        end = s.ring_ends[r]
        a = _corner(s, start)
        origin = here = spot(a[0], a[1])
        for k in range(start, end if closed else end - 1):
            m = k + 1 if k + 1 < end else start
            b = _corner(s, m)
            there = spot(b[0], b[1]) if m > start else origin
            cuts = _share(_cuts(edge, a, b), wanted) if is_cut else 1
            if cuts > 1:
                row = _cut_rows(p, row, edge, a, b, cuts)
            elif edge == GEODESIC:
                _row(p, row, here[0], _straight(size(minus(there[0], here[0]))))
            else:
                _, _, rise, turn = _ends(edge, a, b)
                _row(p, row, here[0], _bent(edge, here[1], there[1], rise, turn))
            row, a, here = row + 1, b, there
        _row(p, row, here[0], (0.0 if s.kind[i] == DISC else -1.0, 0.0, 0.0))
        row, start = row + 1, end
    assert row == p.first[i + 1, 0], "as many rows are written as were counted"


@compiled
def _around(p: Packed, low: int, high: int) -> tuple[Vec, float]:
    """A sphere around rows ``low`` to ``high``, with the pieces that start there."""
    # The rows' own ends: the point after the last one belongs to them, unless no piece starts.
    end = high + 1 if high < p.xyz.shape[0] and p.span[high - 1, 0] > 0 else high
    x0 = x1 = p.xyz[low, 0]
    y0 = y1 = p.xyz[low, 1]
    z0 = z1 = p.xyz[low, 2]
    for k in range(low + 1, end):
        x0, x1 = min(x0, p.xyz[k, 0]), max(x1, p.xyz[k, 0])
        y0, y1 = min(y0, p.xyz[k, 1]), max(y1, p.xyz[k, 1])
        z0, z1 = min(z0, p.xyz[k, 2]), max(z1, p.xyz[k, 2])
    c = ((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2)
    far2, bulge = 0.0, 0.0
    for k in range(low, end):
        dx, dy, dz = p.xyz[k, 0] - c[0], p.xyz[k, 1] - c[1], p.xyz[k, 2] - c[2]
        far2 = max(far2, dx * dx + dy * dy + dz * dz)
    for k in range(low, high):
        bulge = max(bulge, np.float64(p.span[k, 1]))
    return c, (sqrt(far2) + bulge) * (1 + 1e-12) + NUMERIC_M


@compiled
def _take_to_heart(p: Packed, i: int) -> None:
    """Write the heart of footprint ``i``: in the middle of a polygon, if it lies inside; else a
    point of the core with nothing around it."""
    low, high = p.first[i, 0], p.first[i + 1, 0]
    solid, row = p.solid[i], (low + high) // 2
    heart, around = (p.xyz[row, 0], p.xyz[row, 1], p.xyz[row, 2]), 0.0
    if p.kind[i, 0] == POLYGON and solid[CORE] <= LARGEST_M:
        middle, inside = ball_inside(p.xyz, p.span, low, high, (solid[0], solid[1], solid[2]))
        if inside > 0:
            heart, around = middle, inside
    solid[HEART], solid[HEART + 1], solid[HEART + 2] = heart
    solid[HEART + 3] = around


@compiled
def _enclose(s: Shapes, p: Packed, i: int) -> None:
    """The sphere around footprint ``i`` and the balls over its rows."""
    low, high = p.first[i, 0], p.first[i + 1, 0]
    c, reach = _around(p, low, high)
    radius = s.radius_mm[i] / 1000
    solid = p.solid[i]
    solid[0], solid[1], solid[2], solid[CORE], solid[RADIUS] = c[0], c[1], c[2], reach, radius
    solid[WHOLE] = reach + chord_one(radius)
    p.kind[i, 0], p.kind[i, 1] = s.kind[i], s.edge[i]
    ball, width, rows = p.first[i, 1], BRANCH, high - low
    while width < rows:
        for start in range(low, high, width):
            c, r = _around(p, start, min(start + width, high))
            p.ball[ball, 0], p.ball[ball, 1], p.ball[ball, 2], p.ball[ball, 3] = c[0], c[1], c[2], r
            ball += 1
        width *= BRANCH
    _take_to_heart(p, i)


def _lay_out(s: Shapes, first: Ints, wanted: Ints) -> None:
    """Write where the rows and balls of every footprint begin, and how many pieces it wants."""
    s = lent(s)
    for i in range(len(wanted)):
        wanted[i] = edges = _count(s, i, 0)
        if edges > PIECES_MAX:
            edges = _count(s, i, edges)
        rows = edges + s.ring_first[i + 1] - s.ring_first[i]
        first[i + 1, 0] = first[i, 0] + rows
        first[i + 1, 1] = first[i, 1] + _balls(rows)


def _write(s: Shapes, p: Packed, wanted: Ints) -> None:
    """Write every footprint where it was laid out."""
    s, p = lent(s), lent(p)
    for i in range(len(wanted)):
        _fill(s, p, i, wanted[i])
        _enclose(s, p, i)


_lay_out_few, _room_few, _write_few = compiled(_lay_out), compiled(room), compiled(_write)
_lay_out_many, _write_many = compiled(nogil=True)(_lay_out), compiled(nogil=True)(_write)


@compiled
def pack_one(s: Shapes) -> Packed:
    """Footprints that ``check_footprint`` has taken, made ready for distances."""
    n = s.kind.shape[0]
    first, wanted = np.zeros((n + 1, 2), np.int64), np.zeros(n, np.int64)
    _lay_out_few(s, first, wanted)
    p = _room_few(first, first[n, 0], first[n, 1])
    _write_few(s, p, wanted)
    return p


def pack(s: Shapes) -> Packed:
    """``pack_one`` for many: other threads go on, and what numpy makes room for it makes of large
    pages where it may."""
    n = s.kind.shape[0]
    first, wanted = np.zeros((n + 1, 2), np.int64), np.zeros(n, np.int64)
    _lay_out_many(s, first, wanted)
    p = room(first, first[n, 0], first[n, 1])
    _write_many(s, p, wanted)
    return p
