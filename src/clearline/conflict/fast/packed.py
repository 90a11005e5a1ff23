"""Footprints made ready for distances, many in a few columns: points in ECEF, edges cut by their
own meaning into pieces that hardly bulge, and spheres over those.

Frame: ECEF, metres. Discs are one row; a corridor is a chain of rows; a polygon a chain for every
ring, closed: its first point stands again at its end. A piece runs from a row to the next.
"""

from collections.abc import Sequence
from math import atanh, ceil, cos, hypot, pi, sin, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.geodesics import arc_high_one, go, on_earth, shoot
from clearline.conflict.fast.hearts import LARGEST_M, ball_inside
from clearline.conflict.fast.shapes import DISC, EDGES, POLYGON, Shapes
from clearline.conflict.fast.vectors import Vec, minus, size
from clearline.conflict.geodesy import A_M, E2, NUMERIC_M, R_LOW_M, R_MIN_M
from clearline.model.space import Edge

GEODESIC: Final = EDGES.index(Edge.GEODESIC)
RHUMB: Final = EDGES.index(Edge.RHUMB)

BULGE_M_MAX: Final = 8.0
"""Edges are cut until no piece leaves its chord by more: 20 km of a geodesic."""
PIECES_MAX: Final = 20_000
"""Rows of one footprint beyond its own points: what is larger is cut into longer pieces."""
_CUTS_MAX: Final = 1_000
BRANCH: Final = 8
"""Rows in a ball, balls in a larger ball."""
_E: Final = sqrt(E2)
_E7: Final = pi / 180 / 1e7
_UP: Final = 1 + 2e-7  # outwards when rounded to float32
HEART: Final = 6
SOLID: Final = HEART + 4


class Packed(NamedTuple):
    """n footprints in m rows.

    ``solid`` (n, SOLID): a sphere around the core (x, y, z, reach), the radius that the footprint
    adds along geodesics, the reach of all of it, and its heart (x, y, z, and how far around it).
    ``kind`` (n, 2): shape and meaning of its edges. ``first`` (n + 1, 2): its first row and its
    first ball. ``xyz`` (m, 3): points. ``span`` (m, 3): length, bulge and geodesic curvature of the
    piece that starts at a row, none of them too small; length -1 where none starts. ``ball``
    (k, 4): spheres around 8 rows, then around 8 of those and so on, for footprints of more than 8
    rows; the last, around all, is left out.
    """

    solid: NDArray[np.float64]
    kind: NDArray[np.uint8]
    first: NDArray[np.int64]
    xyz: NDArray[np.float64]
    span: NDArray[np.float32]
    ball: NDArray[np.float64]


@compiled
def isometric(lat: float, rise: float) -> float:
    """Isometric latitude at ``lat + rise`` less that at ``lat``, without cancellation (B6)."""
    half_sum, half = lat + rise / 2, rise / 2
    up = 2 * cos(half_sum) * sin(half)
    lacking = sin(half) ** 2 + cos(half_sum) ** 2
    product = sin(lat) * sin(lat + rise)
    whole = min(max(up / max(lacking, 1e-300), -1 + 1e-16), 1 - 1e-16)
    return atanh(whole) - _E * atanh(_E * up / (1 - E2 * product))


@compiled
def _piece(
    edge: int, here: Vec, there: Vec, rise: float, turn: float
) -> tuple[float, float, float]:
    """Bounds of length, bulge and curvature of a piece (B2, B4, B5) that climbs by ``rise`` and
    turns by ``turn`` radians of latitude and longitude. Tangents of latitude are z / (1 - e2) r."""
    if edge == GEODESIC:
        length, kappa = arc_high_one(size(minus(there, here))), 0.0
    else:
        rise, turn = abs(rise), abs(turn)
        t0 = here[2] / max((1 - E2) * hypot(here[0], here[1]), 1e-3)
        t1 = there[2] / max((1 - E2) * hypot(there[0], there[1]), 1e-3)
        low = 0.0 if t0 * t1 <= 0 else min(abs(t0), abs(t1))
        high = max(abs(t0), abs(t1))
        cos2, sin2 = 1 / (1 + low * low), high * high / (1 + high * high)
        m = A_M * (1 - E2) / (1 - E2 * sin2) ** 1.5
        parallel = A_M * sqrt(cos2 / (1 - E2 * (1 - cos2)))
        length = hypot(m * rise, parallel * turn) * (1 + 1e-12) + 1e-8
        if turn == 0.0:
            kappa = 0.0
        elif edge == RHUMB:
            kappa = 1.0001 * high / A_M
        elif rise > 0:
            kappa = min(1.12 * high / A_M, 2.05 * turn / rise / R_MIN_M)
        else:
            kappa = 1.12 * high / A_M
    bend = hypot(1 / R_MIN_M, kappa)
    return length, min(bend * length * length / 8, length / 2), kappa


@compiled
def _ends(s: Shapes, edge: int, k: int, m: int) -> tuple[float, float, float, float]:
    """Latitude and longitude of an edge's first point, and the way to its second, radians: a rhumb
    line to a pole runs along the other end's meridian."""
    lat0, lat1, lon0, lon1 = int(s.lat[k]), int(s.lat[m]), int(s.lon[k]), int(s.lon[m])
    if edge == RHUMB:
        if abs(lat0) == 900_000_000:
            lon0 = lon1
        if abs(lat1) == 900_000_000:
            lon1 = lon0
    turn = lon1 - lon0
    if turn > 1_800_000_000:
        turn -= 3_600_000_000
    elif turn <= -1_800_000_000:
        turn += 3_600_000_000
    return lat0 * _E7, lon0 * _E7, (lat1 - lat0) * _E7, turn * _E7


@compiled
def _is_short(edge: int, lat0: int, lat1: int, north: int, east: int) -> bool:
    """Whether an edge is seen at a glance to need no cut: from its steps in 1e-7 degrees and, for
    one that is no geodesic, how much its curvature can be where it lies."""
    high = max(abs(lat0), abs(lat1))
    low = min(abs(lat0), abs(lat1)) * _E7 if (lat0 >= 0) == (lat1 >= 0) else 0.0
    parallel = 1 - low * low / 2 + low**4 / 24  # not below the cosine
    length = hypot(0.01117 * north, 0.01117 * parallel * east)
    if edge == GEODESIC:
        return length < 20_000
    if high < 500_000_000:
        return length < 15_000
    return high < 750_000_000 and length < 9_000


@compiled
def _cuts(s: Shapes, edge: int, k: int, m: int) -> int:
    """Into how many pieces the edge from point ``k`` to ``m`` is cut."""
    lat0, lat1, lon0, lon1 = int(s.lat[k]), int(s.lat[m]), int(s.lon[k]), int(s.lon[m])
    if _is_short(edge, lat0, lat1, lat1 - lat0, lon1 - lon0):
        return 1
    lat, lon, rise, turn = _ends(s, edge, k, m)
    here, there = on_earth(lat, lon), on_earth(lat + rise, lon + turn)
    length, _, kappa = _piece(edge, here, there, rise, turn)
    bulge = hypot(1 / R_MIN_M, kappa) * length * length / 8
    return int(max(1, min(_CUTS_MAX, ceil(sqrt(bulge / BULGE_M_MAX)))))


@compiled
def _levels(rows: int) -> int:
    """How many times rows are put together by ``BRANCH`` until one ball holds all."""
    level = 0
    while rows > 1:
        rows = (rows + BRANCH - 1) // BRANCH
        level += 1
    return level


@compiled
def _balls(rows: int) -> int:
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
    rows, start = 0, s.first[i]
    closed = s.kind[i] == POLYGON
    for r in range(s.ring_first[i], s.ring_first[i + 1]):
        end = s.ring_ends[r]
        for k in range(start, end if closed else end - 1):
            rows += _share(_cuts(s, s.edge[i], k, k + 1 if k + 1 < end else start), wanted)
        start = end
    return rows


@compiled
def _row(p: Packed, row: int, at: Vec, length: float, bulge: float, kappa: float) -> None:
    p.xyz[row, 0], p.xyz[row, 1], p.xyz[row, 2] = at
    p.span[row, 0] = length * _UP if length >= 0 else -1.0
    p.span[row, 1] = bulge * _UP
    p.span[row, 2] = min(kappa * _UP, 1e9)


@compiled
def _cut_rows(
    p: Packed, row: int, edge: int, ends: tuple[float, float, float, float], cuts: int
) -> int:
    """Write the pieces of an edge, all but the last one, whose row is returned."""
    lat, lon, rise, turn = ends
    start, last = on_earth(lat, lon), on_earth(lat + rise, lon + turn)
    whole_m, level, psi = 0.0, start, 0.0
    if edge == GEODESIC:
        low, high, level, _, _ = shoot(start, last)
        whole_m = (low + high) / 2
    elif edge == RHUMB and rise != 0 and turn != 0:
        psi = isometric(lat, rise)
    here, before = start, 0.0
    for n in range(1, cuts):
        t = n / cuts
        if edge == GEODESIC:
            there, part = go(start, level, t * whole_m)[0], t
        else:
            part = isometric(lat, t * rise) / psi if psi != 0.0 else t
            there = on_earth(lat + t * rise, lon + part * turn)
        length, bulge, kappa = _piece(edge, here, there, rise / cuts, turn * (part - before))
        _row(p, row, here, length, bulge, kappa)
        row, here, before = row + 1, there, part
    length, bulge, kappa = _piece(edge, here, last, rise / cuts, turn * (1 - before))
    _row(p, row, here, length, bulge, kappa)
    return row


@compiled
def _fill(s: Shapes, p: Packed, i: int, wanted: int) -> None:
    """Write the rows of footprint ``i`` from ``p.first[i]`` on; its edges want so many pieces."""
    row, start = p.first[i, 0], s.first[i]
    edge, closed = s.edge[i], s.kind[i] == POLYGON
    is_cut = wanted > s.first[i + 1] - start - (0 if closed else 1)
    for r in range(s.ring_first[i], s.ring_first[i + 1]):
        end = s.ring_ends[r]
        origin = here = on_earth(s.lat[start] * _E7, s.lon[start] * _E7)
        for k in range(start, end if closed else end - 1):
            m = k + 1 if k + 1 < end else start
            cuts = _share(_cuts(s, edge, k, m), wanted) if is_cut else 1
            lat, lon, rise, turn = _ends(s, edge, k, m)
            there = on_earth(s.lat[m] * _E7, s.lon[m] * _E7) if m > start else origin
            if cuts > 1:
                row = _cut_rows(p, row, edge, (lat, lon, rise, turn), cuts)
            else:
                length, bulge, kappa = _piece(edge, here, there, rise, turn)
                _row(p, row, here, length, bulge, kappa)
            row, here = row + 1, there
        _row(p, row, here, 0.0 if s.kind[i] == DISC else -1.0, 0.0, 0.0)
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
    if p.kind[i, 0] == POLYGON and solid[3] <= LARGEST_M:
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
    solid[0], solid[1], solid[2], solid[3], solid[4] = c[0], c[1], c[2], reach, radius
    solid[5] = reach + 2 * R_LOW_M * sin(min(radius / (2 * R_LOW_M), pi / 2)) + NUMERIC_M
    p.kind[i, 0], p.kind[i, 1] = s.kind[i], s.edge[i]
    ball, width, rows = p.first[i, 1], BRANCH, high - low
    while width < rows:
        for start in range(low, high, width):
            c, r = _around(p, start, min(start + width, high))
            p.ball[ball, 0], p.ball[ball, 1], p.ball[ball, 2], p.ball[ball, 3] = c[0], c[1], c[2], r
            ball += 1
        width *= BRANCH
    _take_to_heart(p, i)


@compiled
def pack_one(s: Shapes) -> Packed:
    """Footprints that ``check_footprint`` has taken, made ready for distances."""
    n = s.kind.shape[0]
    first = np.zeros((n + 1, 2), np.int64)
    wanted = np.zeros(n, np.int64)
    for i in range(n):
        wanted[i] = edges = _count(s, i, 0)
        if edges > PIECES_MAX:
            edges = _count(s, i, edges)
        rows = edges + s.ring_first[i + 1] - s.ring_first[i]
        first[i + 1, 0] = first[i, 0] + rows
        first[i + 1, 1] = first[i, 1] + _balls(rows)
    m = first[n, 0]
    p = Packed(
        np.empty((n, SOLID), np.float64),
        np.empty((n, 2), np.uint8),
        first,
        np.empty((m, 3), np.float64),
        np.empty((m, 3), np.float32),
        np.empty((first[n, 1], 4), np.float64),
    )
    for i in range(n):
        _fill(s, p, i, wanted[i])
        _enclose(s, p, i)
    return p


@compiled(nogil=True)
def pack(s: Shapes) -> Packed:
    """``pack_one`` for many: other threads go on, at the price of giving way."""
    return pack_one(s)


def joined(parts: Sequence[Packed]) -> Packed:
    """The footprints of several in one, in their order."""
    firsts = [np.zeros((1, 2), np.int64)]
    for part in parts:
        firsts.append(part.first[1:] + firsts[-1][-1])
    columns = (np.concatenate([part[k] for part in parts]) for k in (0, 1, 3, 4, 5))
    solid, kind, xyz, span, ball = columns
    return Packed(solid, kind, np.concatenate(firsts), xyz, span, ball)
