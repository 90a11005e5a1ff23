"""When two moving points are nearer than a chord: every instant, and none missed.

f(t) = |d(t)|^2 for d the difference of two series (``motion``), a vector polynomial of fifth
degree. An interval [m - h, m + h] is settled where the sign of f'' is known on all of it,

    |f''(t) - f''(m)| <= h M,   M >= max |f'''| = max 2 |3 d'.d'' + d.d'''|,

with |d'''| <= J (``motion.JERK``), |d''| <= A = |d''(m)| + h J, |d'| <= D1 = |d'(m)| + h A and
|d| <= |d(m)| + h D1: convex, one minimum by Newton's method, a root on either side; concave, the
ends decide. It is dropped where |d(m)| - h D1 exceeds the chord, since no grazing pair hides
there. Otherwise it is cut in halves, until h D1 is below FLAT_M: then d is one number to that.
Metres, seconds.
"""

from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.geodesy import Floats

FLAT_M: Final = 1e-5
"""An interval over which the distance changes by less is one instant; part of SLACK_M."""
_DEPTH: Final = 48
_ROUNDS: Final = 60
_TIME_S: Final = 1e-8


@compiled
def shape_at(d: Floats, t: float) -> tuple[float, float, float, float, float]:
    """At ``t``: f, f', f'', |d'|^2 and |d''|^2."""
    f = f1 = f2 = s1 = s2 = 0.0
    for axis in range(3):
        k = 6 * axis
        c2, c3, c4, c5 = d[k + 2], d[k + 3], d[k + 4], d[k + 5]
        p = ((((c5 * t + c4) * t + c3) * t + c2) * t + d[k + 1]) * t + d[k]
        v = (((5 * c5 * t + 4 * c4) * t + 3 * c3) * t + 2 * c2) * t + d[k + 1]
        a = ((20 * c5 * t + 12 * c4) * t + 6 * c3) * t + 2 * c2
        f += p * p
        f1 += p * v
        f2 += v * v + p * a
        s1 += v * v
        s2 += a * a
    return f, 2 * f1, 2 * f2, s1, s2


@compiled
def value_at(d: Floats, t: float) -> tuple[float, float]:
    """At ``t``: f and f'."""
    f = f1 = 0.0
    for axis in range(3):
        k = 6 * axis
        c2, c3, c4, c5 = d[k + 2], d[k + 3], d[k + 4], d[k + 5]
        p = ((((c5 * t + c4) * t + c3) * t + c2) * t + d[k + 1]) * t + d[k]
        v = (((5 * c5 * t + 4 * c4) * t + 3 * c3) * t + 2 * c2) * t + d[k + 1]
        f += p * p
        f1 += p * v
    return f, 2 * f1


@compiled
def _bottom(
    d: Floats, a: float, b: float, t: float, sharp: float
) -> tuple[float, float, float, float]:
    """Where f, convex on [a, b], is least: the instant, f, f' and f'' there. Newton from ``t``,
    kept between the signs of f'. ``sharp``: at least half the greatest third derivative over
    the least second one. A step of Newton's leaves at most ``sharp`` times the square of what it
    had to go; it is the last one where that is nothing."""
    low, high = a, b
    f, f1, f2, _, _ = shape_at(d, t)
    for _ in range(_ROUNDS):
        if f1 > 0:
            high = t
        else:
            low = t
        newton = t - f1 / f2
        step = min(b, max(a, newton))
        if step < low or step > high:
            step = (low + high) / 2
        moved = abs(step - t)
        t = step
        f, f1, f2, _, _ = shape_at(d, t)
        left = sharp * moved
        if moved <= _TIME_S or (step == newton and left <= 0.1 and 4 * left * moved <= _TIME_S):
            break
    return t, f, f1, f2


@compiled
def _crossing(d: Floats, out: float, into: float, t: float, c2: float, bent: float) -> float:
    """Where f passes c2 between an instant outside and one inside. Newton from ``t``, kept between
    both; the answer lies outside or on the limit to a hundredth of a microsecond. ``bent``:
    at least half the greatest |f''|; a step of Newton's leaves at most ``bent`` / |f'| times the
    square of what it had to go."""
    for _ in range(_ROUNDS):
        f, f1 = value_at(d, t)
        if f >= c2:
            out = t
        else:
            into = t
        if abs(into - out) <= _TIME_S:
            break
        newton = step = t - (f - c2) / f1 if f1 != 0 else np.inf
        if not min(out, into) < step < max(out, into):
            step = (out + into) / 2
        moved = abs(step - t)
        left = bent * moved
        if moved <= _TIME_S or (
            step == newton and 10 * left <= abs(f1) and 4 * left * moved <= _TIME_S * abs(f1)
        ):
            return step
        t = step
    return out


@compiled
def nearer(
    d: Floats, start: float, end: float, c: float, jerk: float
) -> tuple[bool, float, float, float, float]:
    """Whether |d| may fall below ``c`` on [start, end]; the first and the last instant at which it
    does, the instant at which it is least, and |d|^2 there.

    Sound: if it answers no, |d| >= c - FLAT_M on the whole interval. ``jerk`` bounds |d'''|.
    """
    c2 = c * c
    first, last, best, least = np.inf, -np.inf, start, np.inf
    level, k = 0, 0  # the k-th of 2^level parts; from the left, as deep as it needs
    while level >= 0:
        width = (end - start) / (1 << level)
        a, h = start + k * width, width / 2
        b, m = a + width, a + h
        at_level, at_k = level, k
        while k & 1 and level > 0:
            level, k = level - 1, k >> 1
        level, k = (level, k + 1) if level > 0 else (-1, 0)
        f, f1, f2, s1, s2 = shape_at(d, m)
        bend = np.sqrt(s2) + h * jerk
        run = np.sqrt(s1) + h * bend
        apart = np.sqrt(f)
        if apart - h * run > c:
            continue
        if h * run <= FLAT_M or at_level >= _DEPTH:
            if apart < c + FLAT_M:
                first, last = min(first, a), max(last, b)
                if f < least:
                    best, least = m, f
            continue
        change = 2 * h * (3 * run * bend + (apart + h * run) * jerk)
        bent = (abs(f2) + change) / 2
        if f2 - change > 0:
            sharp = change / h / (2 * (f2 - change))
            t, bottom, slope, curve = _bottom(d, a, b, min(b, max(a, m - f1 / f2)), sharp)
            inner = a < t < b
            if bottom - (slope * slope / (2 * (f2 - change)) if inner else 0.0) >= c2:
                continue
            if bottom < least:
                best, least = t, bottom
            reach = np.sqrt(max(0.0, c2 - bottom) * 2 / curve) if curve > 0 else 0.0
            if a < first:
                outside = value_at(d, a)[0] >= c2
                start_at = max(a, t - reach)
                first = min(first, _crossing(d, a, t, start_at, c2, bent) if outside else a)
            outside = value_at(d, b)[0] >= c2
            last = max(last, _crossing(d, b, t, min(b, t + reach), c2, bent) if outside else b)
        elif f2 + change < 0:
            at_a, at_b = value_at(d, a)[0], value_at(d, b)[0]
            if at_a < c2:
                first = min(first, a)
                last = max(last, b if at_b < c2 else _crossing(d, b, a, m, c2, bent))
            if at_b < c2:
                last = max(last, b)
                first = min(first, a if at_a < c2 else _crossing(d, a, b, m, c2, bent))
            if min(at_a, at_b) < min(c2, least):
                best, least = (a, at_a) if at_a <= at_b else (b, at_b)
        else:
            level, k = at_level + 1, 2 * at_k
    return first <= last, first, last, best, least
