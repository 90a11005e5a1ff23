"""How a track moves: along the WGS 84 geodesic of its course, at constant ground speed.

Frame: earth-centred coordinates (ECEF), metres; times are seconds from now. A geodesic of the
ellipsoid x.Qx = 1 obeys p'' = -(v.Qv / |Qp|^2) Qp, and (v.Qv) |Qp|^2 is constant along it
(Joachimsthal), so that p'' = -J Qp / |Qp|^4: its power series is a short recurrence, exact in form,
and has no pole and no antimeridian. Q is scaled by a^2: diag(1, 1, a^2/b^2).

A series of fifth degree leaves the geodesic by at most 2 s^6 / (720 R_MIN^5) after s metres: 0.3
micrometres at SERIES_M_MAX. The bounds are T1 and T2 of ``docs/tracks.md``.
"""

from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.vectors import Vec
from clearline.conflict.geodesy import A_M, B_M, E2, R_MIN_M, Floats

SERIES_M_MAX: Final = 100_000.0
"""Path that one series is used for."""
STEP_M_MAX: Final = 25_000.0
"""Path of one step when a state is carried on: 300 steps leave the geodesic by under 0.1 mm."""
MOTION_M: Final = 1e-4
"""Bound for both tracks of a pair together: series, steps and arithmetic."""
JERK: Final = 1.05 / (R_MIN_M * R_MIN_M)
"""Bound of |p'''| of a geodesic of unit speed, 1/m^2: curvature squared, its change, torsion."""
TERMS: Final = 18
"""Numbers of one series: six coefficients of x, then of y, then of z."""
_KAPPA: Final = (A_M / B_M) ** 2
_SHORT: Final = 0.024
"""Up to here, 300 km, four terms of the series of arcsin are good to a nanometre of arc."""


@compiled
def depart(lat: float, lon: float, course: float, speed: float, state: Floats) -> None:
    """Place (metres) and velocity (metres per second), ECEF, of a track; degrees and m/s given."""
    phi, lam, azimuth = np.radians(lat), np.radians(lon), np.radians(course)
    sin_phi, cos_phi = np.sin(phi), np.cos(phi)
    sin_lam, cos_lam = np.sin(lam), np.cos(lam)
    normal = A_M / np.sqrt(1 - E2 * sin_phi * sin_phi)
    east, north = speed * np.sin(azimuth), speed * np.cos(azimuth)
    state[0] = normal * cos_phi * cos_lam
    state[1] = normal * cos_phi * sin_lam
    state[2] = normal * (1 - E2) * sin_phi
    state[3] = -east * sin_lam - north * sin_phi * cos_lam
    state[4] = east * cos_lam - north * sin_phi * sin_lam
    state[5] = north * cos_phi


@compiled
def expand(state: Floats, series: Floats) -> None:
    """The power series of the geodesic through a state: ``series[6 * axis + k]`` times t^k."""
    x0, y0, z0 = state[0], state[1], state[2]
    x1, y1, z1 = state[3], state[4], state[5]
    k = _KAPPA
    g0 = x0 * x0 + y0 * y0 + k * k * z0 * z0  # |Qp|^2 as a series, then its power -2
    big_j = (x1 * x1 + y1 * y1 + k * z1 * z1) * g0
    u0 = 1 / (g0 * g0)
    x2, y2, z2 = -big_j * u0 * x0 / 2, -big_j * u0 * y0 / 2, -big_j * u0 * k * z0 / 2
    g1 = 2 * (x0 * x1 + y0 * y1 + k * k * z0 * z1)
    u1 = -2 * g1 * u0 / g0
    x3 = -big_j * (u0 * x1 + u1 * x0) / 6
    y3 = -big_j * (u0 * y1 + u1 * y0) / 6
    z3 = -big_j * k * (u0 * z1 + u1 * z0) / 6
    g2 = 2 * (x0 * x2 + y0 * y2 + k * k * z0 * z2) + x1 * x1 + y1 * y1 + k * k * z1 * z1
    u2 = (-3 * g1 * u1 - 4 * g2 * u0) / (2 * g0)
    g3 = 2 * (x0 * x3 + y0 * y3 + k * k * z0 * z3 + x1 * x2 + y1 * y2 + k * k * z1 * z2)
    u3 = (-4 * g1 * u2 - 5 * g2 * u1 - 6 * g3 * u0) / (3 * g0)
    series[0], series[6], series[12] = x0, y0, z0
    series[1], series[7], series[13] = x1, y1, z1
    series[2], series[8], series[14] = x2, y2, z2
    series[3], series[9], series[15] = x3, y3, z3
    series[4] = -big_j * (u0 * x2 + u1 * x1 + u2 * x0) / 12
    series[10] = -big_j * (u0 * y2 + u1 * y1 + u2 * y0) / 12
    series[16] = -big_j * k * (u0 * z2 + u1 * z1 + u2 * z0) / 12
    series[5] = -big_j * (u0 * x3 + u1 * x2 + u2 * x1 + u3 * x0) / 20
    series[11] = -big_j * (u0 * y3 + u1 * y2 + u2 * y1 + u3 * y0) / 20
    series[17] = -big_j * k * (u0 * z3 + u1 * z2 + u2 * z1 + u3 * z0) / 20


@compiled
def evaluate(series: Floats, t: float, state: Floats) -> None:
    """Place and velocity of a series after ``t`` seconds."""
    for axis in range(3):
        at = 6 * axis
        place, velocity = series[at + 5], 5 * series[at + 5]
        for k in range(4, 0, -1):
            place = place * t + series[at + k]
            velocity = velocity * t + k * series[at + k]
        state[axis] = place * t + series[at]
        state[3 + axis] = velocity
    return


@compiled
def place_at(series: Floats, t: float) -> Vec:
    """Place of a series after ``t`` seconds."""
    x, y, z = series[5], series[11], series[17]
    for k in range(4, -1, -1):
        x, y, z = x * t + series[k], y * t + series[6 + k], z * t + series[12 + k]
    return (x, y, z)


@compiled
def carry(state: Floats, seconds: float, series: Floats) -> None:
    """Move a state along its geodesic, forward or back, in steps; ``series`` is scratch."""
    speed = np.sqrt(state[3] ** 2 + state[4] ** 2 + state[5] ** 2)
    steps = int(np.ceil(abs(seconds) * speed / STEP_M_MAX))
    for _ in range(steps):
        expand(state, series)
        evaluate(series, seconds / steps, state)


@compiled
def departures(lat: Floats, lon: Floats, course: Floats, speed: Floats, age_s: Floats) -> Floats:
    """States now of tracks that were seen ``age_s`` seconds ago, shape (n, 6)."""
    states = np.empty((len(lat), 6))
    series = np.empty(TERMS)
    for i in range(len(lat)):
        depart(lat[i], lon[i], course[i], speed[i], states[i])
        if age_s[i] != 0.0:
            carry(states[i], age_s[i], series)
    return states


@compiled
def _expand_all(states: Floats, series: Floats) -> None:
    for i in range(len(states)):
        expand(states[i], series[i])


def expansions(states: Floats) -> Floats:
    """The series of every state, shape (n, 18)."""
    # Made here and not in the loop: numpy asks for large pages where there are many, and small ones
    # take as long to come by as the series that they hold.
    series = np.empty((len(states), TERMS))
    _expand_all(states, series)
    return series


@compiled
def carried(states: Floats, seconds: float) -> Floats:
    """Every state after ``seconds``."""
    later = states.copy()
    series = np.empty(TERMS)
    for i in range(len(states)):
        carry(later[i], seconds, series)
    return later


@compiled
def geodesic_m(p: Floats | Vec, q: Floats | Vec) -> float:
    """Length of the geodesic between two points of the ellipsoid up to 300 km apart, metres: an arc
    over their chord with the radius of the normal section at its middle (Euler). Good to 1 mm."""
    cx, cy, cz = q[0] - p[0], q[1] - p[1], q[2] - p[2]
    chord2 = cx * cx + cy * cy + cz * cz
    if chord2 == 0.0:
        return 0.0
    mx, my, mz = (p[0] + q[0]) / 2, (p[1] + q[1]) / 2, (p[2] + q[2]) / 2
    lift = A_M / np.sqrt(mx * mx + my * my + _KAPPA * mz * mz)  # up to the surface
    stretch = (cx * cx + cy * cy + _KAPPA * cz * cz) / chord2
    radius = lift * np.sqrt(mx * mx + my * my + (_KAPPA * mz) ** 2) / stretch
    chord = np.sqrt(chord2)
    x = min(1.0, chord / (2 * radius))
    x2 = x * x
    arc: float = chord * (1 + x2 * (1 / 6 + x2 * (3 / 40 + x2 * (15 / 336))))
    if x > _SHORT:
        arc = 2 * radius * np.arcsin(x)
    return arc
