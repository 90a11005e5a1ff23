"""What meets what: rows that are asked about against the rows of a segment, in one compiled loop.

The order is that of ``verdict.judge_volumes``: time, exactly; height, by intervals; on the map, by
``kernel.decide``. What is surely apart in one of them is left out; of the rest it is said whether
height and the map surely meet or are open, and what is open is settled by the plain engine.
Frame: ECEF metres; heights as ``bands`` has them; whole milliseconds.
"""

from collections.abc import Sequence
from math import inf
from typing import Final, NamedTuple

import numpy as np

from clearline.conflict.fast.bands import APART, MEET, MODES, OPEN, SEPARATE, UNKNOWN, over, span
from clearline.conflict.fast.clear import (
    COUNT,
    Clear,
    is_clear,
    learn,
    nothing_clear,
    pays,
)
from clearline.conflict.fast.compiled import compiled
from clearline.conflict.fast.grid import (
    END,
    HIGH,
    LOW,
    REACH,
    START,
    Grid,
    Singles,
    X,
    all_near,
    scanned_row,
)
from clearline.conflict.fast.handed import Handed
from clearline.conflict.fast.kernel import decide
from clearline.conflict.fast.lent import lent
from clearline.conflict.fast.packed import HEART, WHOLE, Packed, point
from clearline.conflict.fast.sea import GEOID_M, Grid16, undulation_near
from clearline.conflict.fast.stated import F_CLASS, F_END, F_HAZARD, F_START, F_TAIL
from clearline.conflict.geodesy import SLACK_M, Floats, Ints, chord_of
from clearline.conflict.geoid import undulation_cm
from clearline.conflict.verdict import Separation

NEVER: Final = np.iinfo(np.int64).max
"""When a row that is still held died."""
LATERAL, CHORD, VERTICAL, TIME, MODE = range(5)
"""Columns of ``Rules.pairs``: metres, metres, metres, milliseconds, number of a height mode."""
ROOM: Final = 256
"""Rows that a question first has room for."""
PAIRS: Final = 64
"""Pairs that there is room for at first."""
_NUMBER_BITS: Final = 36
"""Of a number, above which stands the question: 68 thousand million, and 134 million questions."""


class Rows(NamedTuple):
    """What is known of n extents: ``facts`` (n, 5) as stated, ``limits`` (n, 2, 4) of heights, the
    footprints, and the sequence number at which each ``died``, NEVER if it is held."""

    facts: Ints
    limits: Floats
    packed: Packed
    died: Ints


class Table(NamedTuple):
    """Rows that are held, where to look for them, and the number that each is of."""

    rows: Rows
    grid: Grid
    numbers: Ints


class Rules(NamedTuple):
    """Separations by pair of classes: ``pairs`` (c, c, 5); ``widest`` (c, 5) over all others; and
    the geoid, ``sea_cm``, by which heights are compared."""

    pairs: Floats
    widest: Floats
    sea_cm: Grid16


def rules_of(separations: Sequence[Sequence[Separation]]) -> Rules:
    """The table of separations, symmetric, for classes by their numbers."""
    count = len(separations)
    pairs = np.empty((count, count, 5))
    for a, row in enumerate(separations):
        for b, sep in enumerate(row):
            lateral_m = sep.lateral_mm / 1000
            mode = MODES.index(sep.height)
            vertical_m = sep.vertical_mm / 1000
            pairs[a, b] = (lateral_m, chord_of(lateral_m), vertical_m, sep.time_ms, mode)
    assert np.array_equal(pairs, pairs.transpose(1, 0, 2)), "separations have no order"
    return Rules(pairs, pairs.max(axis=1), undulation_cm())


def _scan_rows(rows: Rows, first: int, last: int, epoch_s: float, out: Singles) -> None:
    """Write the scanned columns of rows [first, last), seconds after an epoch."""
    for i in range(first, last):
        begins = rows.facts[i, F_START] / 1000 - epoch_s
        ends = (rows.facts[i, F_END] + rows.facts[i, F_TAIL]) / 1000 - epoch_s
        scanned_row(rows.packed.solid[i], span(rows.limits[i]), (begins, ends), out[i])


scan_rows = compiled(_scan_rows)
scan_many = compiled(nogil=True)(_scan_rows)
"""``_scan_rows`` for many: other threads go on."""


@compiled
def question(rows: Rows, i: int, rules: Rules, epoch_s: float, out: Floats) -> None:
    """Row ``i`` as a question to a grid: as wide as any class may need it."""
    widest = rules.widest[int(rows.facts[i, F_CLASS])]
    for k in range(3):
        out[X + k] = rows.packed.solid[i, k]
    out[REACH] = rows.packed.solid[i, WHOLE] + widest[CHORD] + SLACK_M
    out[LOW], out[HIGH] = -inf, inf
    if widest[MODE] == SEPARATE:
        low, high = span(rows.limits[i])
        out[LOW], out[HIGH] = low - widest[VERTICAL], high + widest[VERTICAL]
    out[START] = (rows.facts[i, F_START] - widest[TIME]) / 1000 - epoch_s
    out[END] = (rows.facts[i, F_END] + rows.facts[i, F_TAIL] + widest[TIME]) / 1000 - epoch_s


@compiled
def _beside(a: Packed, i: int, b: Packed, j: int, apart_m: float, clear: Clear) -> int:
    """``decide`` for a footprint of which it is remembered what lies deep inside."""
    if is_clear(clear, point(b, b.first[j, 0])):
        return MEET
    found = decide(a, i, b, j, apart_m)[0]
    if found == MEET:
        learn(clear, a, i, b, j, apart_m)
    return found


@compiled
def _pair(
    a: Rows, i: int, b: Rows, j: int, rules: Rules, clear: Clear, kept: bool
) -> tuple[int, int]:
    """Whether two rows meet on the map and in height, as ``bands.over`` says it. Apart in time
    counts as apart on the map. ``kept``: what is clear of row ``i`` is remembered."""
    rule = rules.pairs[int(a.facts[i, F_CLASS]), int(b.facts[j, F_CLASS])]
    gap = max(
        a.facts[i, F_START] - b.facts[j, F_END] - b.facts[j, F_TAIL],
        b.facts[j, F_START] - a.facts[i, F_END] - a.facts[i, F_TAIL],
    )
    if gap >= rule[TIME]:
        return APART, APART
    hazards = (a.facts[i, F_HAZARD] > 0, b.facts[j, F_HAZARD] > 0)
    apart = (rule[VERTICAL], rule[LATERAL] == 0.0)
    height = over(a.limits[i], b.limits[j], hazards, int(rule[MODE]), apart, GEOID_M)
    if height == OPEN:
        sphere = a.packed.solid[i]
        if b.packed.solid[j, WHOLE] < sphere[WHOLE]:
            sphere = b.packed.solid[j]
        centre = (sphere[0], sphere[1], sphere[2])
        geoid = undulation_near(rules.sea_cm, centre, sphere[WHOLE] + rule[CHORD])
        height = over(a.limits[i], b.limits[j], hazards, int(rule[MODE]), apart, geoid)
    if height == APART:
        return APART, APART
    if kept:
        return _beside(a.packed, i, b.packed, j, rule[LATERAL], clear), height
    return decide(a.packed, i, b.packed, j, rule[LATERAL])[0], height


@compiled
def _verdict(beside: int, height: int) -> int:
    """What two rows come to, of those that ``meet`` gives."""
    if beside == OPEN or height == OPEN:
        return OPEN
    return UNKNOWN if height == UNKNOWN else MEET


@compiled
def _called_for(held: Rows, found: Ints, count: int) -> float:
    """Read of every row found what comes to be read of it: all that is far in memory is then under
    way at once, and not the one after the other. (Its sum means nothing, but what has no use is not
    compiled.)"""
    seen, packed = 0.0, held.packed
    for k in range(count):
        j = found[k]
        seen += float(held.died[j]) + float(held.facts[j, F_START])
        seen += held.limits[j, 0, 0] + held.limits[j, 1, 3]
        seen += packed.solid[j, X] + packed.solid[j, HEART + 3] + packed.kind[j, 0]
        seen += packed.first[j, 0]
    for k in range(count):
        row = packed.first[found[k], 0]
        seen += packed.xyz[row, 0] + packed.span[row, 0]
    return seen


@compiled
def meet(
    asked: Rows, table: Handed[Table], used: int, given: Handed[Rules], until: int
) -> tuple[Ints, int]:
    """Pairs of rows asked and held that are not surely apart, as of sequence number ``until``.
    ``used``: so many rows of a table that still grows.

    Rows of five: row asked, row held, the number of the latter, MEET or UNKNOWN or OPEN, and the
    answer on the map. With them how many are OPEN, which are left to be settled.
    """
    asked, rules = lent(asked), lent(given.inner)
    held, grid, numbers = lent(table.inner)
    count, opened = 0, 0
    out = np.empty((PAIRS, 5), np.int64)
    found = np.empty(ROOM, np.int64)
    where, clear = np.empty(8), nothing_clear(asked.packed)
    for i in range(len(asked.facts)):
        question(asked, i, rules, grid.epoch_s, where)
        found, candidates = all_near(grid, used, where, found)
        where[X] = _called_for(held, found, candidates)
        kept = pays(clear, asked.packed, i, candidates)
        clear.state[COUNT] = 0
        for k in range(candidates):
            j = found[k]
            if held.died[j] <= until:
                continue
            beside, height = _pair(asked, i, held, j, rules, clear, kept)
            if beside == APART:
                continue
            if count == len(out):
                larger = np.empty((2 * count, 5), np.int64)
                larger[:count] = out
                out = larger
            verdict = _verdict(beside, height)
            opened += verdict == OPEN
            row = out[count]
            row[0], row[1], row[2], row[3], row[4] = i, j, numbers[j], verdict, beside
            count += 1
    return out[:count], opened


@compiled
def folded(met: Ints, owners: Ints) -> Ints:
    """What each question comes to: rows of question, number and MEET or UNKNOWN, the worst of all
    its pairs, in that order. ``owners``: whose each row asked is; APART is left out."""
    keys = np.empty(len(met), np.int64)
    for k in range(len(met)):
        keys[k] = (owners[met[k, 0]] << _NUMBER_BITS) + met[k, 2]
    out, count = np.empty((len(met), 3), np.int64), 0
    last = -1
    for k in np.argsort(keys):
        verdict = met[k, 3]
        if verdict == APART:
            continue
        if keys[k] == last:
            if verdict == MEET:
                out[count - 1, 2] = MEET
            continue
        last = keys[k]
        out[count, 0], out[count, 1], out[count, 2] = owners[met[k, 0]], met[k, 2], verdict
        count += 1
    return out[:count]
