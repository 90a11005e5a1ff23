"""When two moving points are nearer than a chord: every instant, and none missed.

f(t) = |d(t)|^2 for d the difference of two series (``motion``), a vector polynomial of fifth
degree. An interval [m - h, m + h] is settled where the sign of f'' is known on all of it,

    |f''(t) - f''(m)| <= h M,   M >= max |f'''| = max 2 |3 d'.d'' + d.d'''|,

with |d'''| <= J (``motion.JERK``, or what the coefficients say: two that fly alike are far below
it), |d''| <= A = |d''(m)| + h J, |d'| <= D1 = |d'(m)| + h A and |d| <= |d(m)| + h D1. Let F2 =
|f''(m)| + h M.

- convex: one minimum by Newton's method, a root on either side;
- concave, or |f'(m)| > h F2 and so falling or rising all along: the ends decide;
- dropped, where |d(m)| - h D1 exceeds the chord: no grazing pair hides there;
- flat, where h D1, or (h |f'(m)| + h^2 F2 / 2) / |d(m)|, is below FLAT_M: |d| is one number to
  that. The latter is true of those who follow each other at one speed: d turns, |d| does not.

Otherwise it is cut in halves. Metres, seconds.
"""

from typing import Final

import numpy as np

from clearline.conflict.fast.compiled import compiled
from clearline.conflict.geodesy import Floats

FLAT_M: Final = 1e-5
"""An interval over which the distance changes by less is one instant; part of SLACK_M."""
_DEPTH: Final = 48
_ROUNDS: Final = 60
TIME_S: Final = 1e-8


@compiled(inline=True, fused=True)
def shape_at(
    d: Floats, first: int, apart: int, t: float
) -> tuple[float, float, float, float, float, float]:
    """At ``t``: f, f', f'', |d'|^2, |d''|^2, and 6 d'.d'', which is f''' but for d.d'''. The
    coefficients stand in ``d`` from ``first`` on, so far ``apart``: one pair's own, or a lane's."""
    f = f1 = f2 = f3 = s1 = s2 = 0.0
    for axis in range(3):
        k = first + 6 * axis * apart
        c0, c1, c2 = d[k], d[k + apart], d[k + 2 * apart]
        c3, c4, c5 = d[k + 3 * apart], d[k + 4 * apart], d[k + 5 * apart]
        p = ((((c5 * t + c4) * t + c3) * t + c2) * t + c1) * t + c0
        v = (((5 * c5 * t + 4 * c4) * t + 3 * c3) * t + 2 * c2) * t + c1
        a = ((20 * c5 * t + 12 * c4) * t + 6 * c3) * t + 2 * c2
        f += p * p
        f1 += p * v
        f2 += v * v + p * a
        f3 += v * a
        s1 += v * v
        s2 += a * a
    return f, 2 * f1, 2 * f2, s1, s2, 6 * f3


@compiled(inline=True, fused=True)
def value_at(d: Floats, first: int, apart: int, t: float) -> tuple[float, float]:
    """At ``t``: f and f'; the coefficients as ``shape_at`` has them."""
    f = f1 = 0.0
    for axis in range(3):
        k = first + 6 * axis * apart
        c0, c1, c2 = d[k], d[k + apart], d[k + 2 * apart]
        c3, c4, c5 = d[k + 3 * apart], d[k + 4 * apart], d[k + 5 * apart]
        p = ((((c5 * t + c4) * t + c3) * t + c2) * t + c1) * t + c0
        v = (((5 * c5 * t + 4 * c4) * t + 3 * c3) * t + 2 * c2) * t + c1
        f += p * p
        f1 += p * v
    return f, 2 * f1


@compiled
def _floor(f: float, f1: float, least2: float, back: float, ahead: float) -> float:
    """A lower bound, from ``back`` before an instant to ``ahead`` after it, of a function that is f
    there with slope f1 and whose second derivative is nowhere below ``least2``, above nought."""
    x = min(ahead, max(-back, -f1 / least2))
    return f + x * (f1 + least2 * x / 2)


@compiled(inline=True)
def passages(rise: float, slope: float, curve: float, skew: float) -> tuple[float, float]:
    """How long before and after an instant f is higher by ``rise`` (not negative), nearly: on the
    parabola with its ``slope`` and its second derivative ``curve`` (above nought), put right once
    for its third derivative ``skew``."""
    lowest = -slope / curve
    reach = np.sqrt(lowest * lowest + 2 * rise / curve)
    before, after = lowest - reach, lowest + reach
    bend = skew / (6 * curve * reach) if reach > 0.0 else 0.0
    return before + bend * before * before * before, after - bend * after * after * after


@compiled
def _bottom(
    d: Floats, a: float, b: float, t: float, least2: float, most3: float, fine: float
) -> tuple[float, float, float, float, float]:
    """Where f is least on [a, b], if f'' is at least ``least2`` there, above nought, and |f'''| at
    most ``most3``: the instant, f there to 1.4 times ``fine``, f', f'' and 6 d'.d''.

    Newton from ``t``, kept between the signs of f'. A step of his leaves at most ``sharp`` times
    the square of what it had to go, and the parabola that it goes down is off by most3 / 6 times
    the cube. It is the last one where the former is nothing and the latter below ``fine``: f is
    then the parabola's, and nobody computes it once more."""
    low, high, sharp = a, b, most3 / (2 * least2)
    at, f, f1, f2, f3 = t, np.inf, 0.0, least2, 0.0
    for _ in range(_ROUNDS):
        f, f1, f2, _, _, f3 = shape_at(d, 0, 1, t)
        if f1 > 0:
            high = t
        else:
            low = t
        at, newton = t, t - f1 / f2
        t = min(b, max(a, newton))
        if t < low or t > high:
            t = (low + high) / 2
        moved = abs(t - at)
        left = sharp * moved * moved
        if moved <= TIME_S or (
            t == newton
            and sharp * moved <= 0.1
            and 4 * left <= TIME_S
            and most3 * moved**3 <= 6 * fine
        ):
            break
    x = t - at
    return t, f + x * (f1 + f2 * x / 2), f1 + f2 * x, f2, f3


@compiled
def _crossing(d: Floats, edge: float, into: float, t: float, c2: float, bent: float) -> float:
    """Where f passes c2 between an instant inside and the edge of an interval; the edge itself if
    f is below c2 there. Newton from ``t``, kept between what is known to be inside and what is not;
    the answer lies outside or on the limit to a hundredth of a microsecond. ``bent``: at least half
    the greatest |f''|; a step of his leaves at most ``bent`` / |f'| times the square of what it had
    to go. The edge is looked at only if a step leads beyond it."""
    out, is_outside = edge, False
    for _ in range(_ROUNDS):
        f, f1 = value_at(d, 0, 1, t)
        if f >= c2:
            out, is_outside = t, True
        elif t == edge:
            break
        else:
            into = t
        if abs(into - out) <= TIME_S:
            break
        newton = step = t - (f - c2) / f1 if f1 != 0 else np.inf
        if not min(out, into) < step < max(out, into):
            step = (out + into) / 2 if is_outside else edge
        moved = abs(step - t)
        left = bent * moved
        if step == newton and (
            moved <= TIME_S or (10 * left <= abs(f1) and 4 * left * moved <= TIME_S * abs(f1))
        ):
            return step
        t = step
    return out


@compiled
def _jerk(d: Floats, ahead: float) -> float:
    """A bound of |d'''| by the coefficients, from ``ahead`` before the clock's nought to as much
    after it."""
    most = 0.0
    for axis in range(3):
        k = 6 * axis
        one = 6 * abs(d[k + 3]) + ahead * (24 * abs(d[k + 4]) + ahead * 60 * abs(d[k + 5]))
        most += one * one
    return float(np.sqrt(most))


@compiled
def nearer(
    d: Floats, start: float, end: float, c: float, jerk: float
) -> tuple[bool, float, float, float, float]:
    """Whether |d| may fall below ``c`` on [start, end]; the first and the last instant at which it
    does, the instant at which it is least, and |d|^2 there.

    Sound: if it answers no, |d| >= c - FLAT_M on the whole interval. ``jerk`` bounds |d'''|.
    """
    c2 = c * c
    jerk = min(jerk, _jerk(d, max(abs(start), abs(end))))
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
        f, f1, f2, s1, s2, f3 = shape_at(d, 0, 1, m)
        bend = np.sqrt(s2) + h * jerk
        run = np.sqrt(s1) + h * bend
        apart = np.sqrt(f)
        if apart - h * run > c:
            continue
        most3 = 2 * (3 * run * bend + (apart + h * run) * jerk)
        change = h * most3
        bent, least2 = (abs(f2) + change) / 2, f2 - change
        moves = h * (abs(f1) + h * bent)
        if h * run <= FLAT_M or moves <= FLAT_M * apart or at_level >= _DEPTH:
            if apart < c + FLAT_M:
                first, last = min(first, a), max(last, b)
                if f < least:
                    best, least = m, f
            continue
        if least2 > 0:
            if _floor(f, f1, least2, h, h) >= c2:
                continue
            x = -f1 / f2
            guess = min(b, max(a, m + x - f3 * x * x / (2 * f2)))
            t, bottom, slope, curve, skew = _bottom(d, a, b, guess, least2, most3, FLAT_M * c)
            if bottom >= c2:
                continue
            if bottom < least:
                best, least = t, bottom
            before, after = passages(c2 - bottom, slope, curve, skew)
            if a < first:
                guess = min(t, max(a, t + before))
                first = min(first, _crossing(d, a, t, guess, c2, bent) if a < t else a)
            guess = max(t, min(b, t + after))
            last = max(last, _crossing(d, b, t, guess, c2, bent) if t < b else b)
        elif f2 + change < 0 or abs(f1) > 2 * h * bent:
            at_a, at_b = value_at(d, 0, 1, a)[0], value_at(d, 0, 1, b)[0]
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
