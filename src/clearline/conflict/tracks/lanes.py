"""When pairs of moving points are nearer than a chord, many pairs at once: ``solve`` in lanes.

Nearly every pair is convex on all of its interval, and a guess by cubics is a step of Newton's
away from its lowest point, and two from either passage. So much is computed for LANES pairs side
by side, without a branch, which the compiler makes SIMD of, together with whether it suffices by
the bounds of ``solve``. A pair for which it does not is OPEN, and asked about by itself.

Lanes stand in one array of numbers, ROWS of LANES each: six coefficients of d for x, y and z as
in ``motion``, then what is asked (from, to, bound of |d'''|), then the answer. Seconds, metres.
"""

from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.geodesy import Floats
from clearline.conflict.tracks.motion import TERMS
from clearline.conflict.tracks.solve import FLAT_M, TIME_S, passages, shape_at, value_at

LANES: Final = 64
START: Final = TERMS * LANES
END: Final = START + LANES
JERK_AT: Final = END + LANES
FIRST: Final = JERK_AT + LANES
LAST: Final = FIRST + LANES
BEST: Final = LAST + LANES
LEAST: Final = BEST + LANES
STATE: Final = LEAST + LANES
SIZE: Final = STATE + LANES
AWAY, NEAR, OPEN = 0.0, 1.0, 2.0


@compiled(inline=True, fused=True)
def _held(t: float, low: float, high: float) -> float:
    """``t``, but no less than ``low`` and no more than ``high``; by choices, which SIMD has."""
    t = low if t < low else t
    return high if t > high else t


@compiled(inline=True, fused=True)
def _passage(
    w: Floats, k: int, t: float, low: float, high: float, edge: float, c2: float, bent: float
) -> tuple[float, bool]:
    """``solve._crossing`` in two looks, for a convex f: where f passes c2 between ``low`` and
    ``high``, of which one is the ``edge`` and f is below c2 at the other; and whether that is so.
    Every step of Newton's ends outside or on the limit, for tangents lie below f."""
    f, f1 = value_at(w, k, LANES, t)
    t = _held(t - (f - c2) / (f1 if f1 != 0.0 else 1.0), low, high)
    f, f1 = value_at(w, k, LANES, t)
    slope = f1 if f1 != 0.0 else 1.0
    step = t - (f - c2) / slope
    moved, steep = abs(step - t), abs(slope)
    left = bent * moved
    is_last = (moved <= TIME_S) | ((10 * left <= steep) & (4 * left * moved <= TIME_S * steep))
    is_inside = (t == edge) & (f < c2)
    return (edge if is_inside else step), is_inside | (is_last & (step > low) & (step < high))


@compiled(fused=True)
def solve_lanes(w: Floats, n: int, c: float) -> None:
    """What ``solve.nearer`` says of the first ``n`` lanes, if NEAR; AWAY: that it says no."""
    c2 = c * c
    for k in range(n):
        a, b, jerk = w[START + k], w[END + k], w[JERK_AT + k]
        h = (b - a) / 2
        m = a + h
        f, f1, f2, s1, s2, f3 = shape_at(w, k, LANES, m)
        bend = np.sqrt(s2) + h * jerk
        run = np.sqrt(s1) + h * bend
        apart = np.sqrt(f)
        most3 = 2 * (3 * run * bend + (apart + h * run) * jerk)
        change = h * most3
        is_convex = f2 - change > 0.0
        least2 = f2 - change if is_convex else 1.0
        most2 = abs(f2) + change
        x = _held(-f1 / least2, -h, h)
        is_away = (apart - h * run > c) | (is_convex & (f + x * (f1 + least2 * x / 2) >= c2))

        curve = f2 if is_convex else 1.0
        x = -f1 / curve
        at = _held(m + x - f3 * x * x / (2 * curve), a, b)
        f, f1, f2, s1, s2, f3 = shape_at(w, k, LANES, at)
        curve = f2 if is_convex else 1.0
        newton = at - f1 / curve
        best = _held(newton, a, b)
        x = best - at
        moved, sharp = abs(x), most3 / (2 * least2)
        is_bottom = (moved <= TIME_S) | (
            (best == newton)
            & (sharp * moved <= 0.1)
            & (4 * sharp * moved * moved <= TIME_S)
            & (most3 * moved * moved * moved <= 6 * FLAT_M * c)
        )
        least = f + x * (f1 + f2 * x / 2)
        is_away = is_away | (is_convex & is_bottom & (least >= c2))

        rise, bent = c2 - least if least < c2 else 0.0, most2 / 2
        before, after = passages(rise, f1 + f2 * x, curve, f3)
        first, is_first = _passage(w, k, _held(best + before, a, best), a, best, a, c2, bent)
        last, is_last = _passage(w, k, _held(best + after, best, b), best, b, b, c2, bent)
        is_near = is_convex & is_bottom & is_first & is_last
        w[FIRST + k], w[LAST + k], w[BEST + k], w[LEAST + k] = first, last, best, least
        w[STATE + k] = AWAY if is_away else NEAR if is_near else OPEN
