"""Heights against heights: intervals above a common surface, widened outwards.

A height says what it is measured from. Two of one reference are subtracted as they stand; two of
different ones only after each is an interval above a surface that both can be brought to (mean sea
level for FL and AMSL, else the ellipsoid). What cannot be brought there stays wide, and the answer
is UNDETERMINED with the datum that is missing. Metres; pascals; CL-CON-003.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

from clearline.conflict.geoid import GEOID_NAME, Region, undulation
from clearline.model.finding import Bounds, Verdict
from clearline.model.space import Height, HeightRef
from clearline.model.terms import Levels

ISA_PA: Final = 101_325.0
"""Pressure at sea level of the standard atmosphere (ICAO Doc 7488, as all of it)."""
ISA_SCALE_M: Final = 288.15 / 0.0065
"""Sea-level temperature over lapse rate of the standard atmosphere, 44 330.8 m."""
ISA_EXPONENT: Final = 0.190263
"""R L / g of the standard atmosphere below 11 km."""
SURFACE_M: Final = (-500.0, 9_000.0)
"""Land and water nowhere leave this band above the ellipsoid: Dead Sea -430, Everest 8 820."""
EXTREME_LEVELS: Final = Levels(qnh_low_pa=87_000, qnh_high_pa=108_600, temperature_permille=250)
"""Sea-level pressures beyond every record (870 and 1 085.7 hPa: -1 266 to +581 m), and 250 parts
per thousand for a column 65 K from standard."""


@dataclass(frozen=True, slots=True)
class Band:
    """From a lower to an upper height."""

    lower: Height
    upper: Height


@dataclass(frozen=True, slots=True)
class Setting:
    """What the comparison rests on: the agreed levels, the region both can be near each other in,
    and whether only points over the same spot count (a lateral separation of nought)."""

    levels: Levels
    region: Region
    same_spot: bool


@dataclass(frozen=True, slots=True)
class Span:
    """An interval in metres and what its width comes from, as (datum, width in metres)."""

    low: float
    high: float
    doubts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Vertical:
    """How far apart two bands are: verdict, bounds in metres, the datum that would settle it."""

    verdict: Verdict
    bounds: Bounds
    settles: str | None
    references: tuple[str, ...]


def level_shift(qnh_pa: float) -> float:
    """Height above mean sea level of pressure height 0, metres, by the ISA formula: 950 hPa gives
    -540, 1050 hPa +302. The same at every level: that is how an altimeter's setting works."""
    return float(ISA_SCALE_M * ((qnh_pa / ISA_PA) ** ISA_EXPONENT - 1))


def _metres(height: Height) -> float:
    """The number of a height that carries one; 0 for SFC."""
    return (height.mm or 0) / 1000


def level_above_sea(height: Height, levels: Levels) -> Span:
    """A flight level as an interval above mean sea level: pressure, then temperature.

    A column that is dT warmer than standard is taller by z dT/T (hydrostatic equation with T the
    standard column's mean temperature), so the margin is a share of the height above the sea.
    """
    level = _metres(height)
    if height.qnh is None:
        lowest, highest = levels.qnh_low_pa, levels.qnh_high_pa
    else:
        lowest = height.qnh.pa - height.qnh.tolerance_pa
        highest = height.qnh.pa + height.qnh.tolerance_pa
    low, high = level + level_shift(lowest), level + level_shift(highest)
    warm = max(abs(low), abs(high)) * levels.temperature_permille / 1000
    return Span(low - warm, high + warm, (("QNH", high - low), ("temperature", 2 * warm)))


def above_ellipsoid(height: Height, setting: Setting) -> Span:
    """Any height but UNL as an interval above the ellipsoid."""
    match height.ref:
        case HeightRef.W84:
            return Span(_metres(height), _metres(height))
        case HeightRef.AMSL | HeightRef.FL:
            sea = _above_sea(height, setting.levels)
            low, high = undulation(setting.region)
            return Span(sea.low + low, sea.high + high, (*sea.doubts, ("geoid", high - low)))
        case HeightRef.AGL | HeightRef.SFC:
            low, high = SURFACE_M
            if height.ground is not None:
                low, high = height.ground.low_mm / 1000, height.ground.high_mm / 1000
            value = _metres(height)
            return Span(low + value, high + value, (("ground height", high - low),))
        case HeightRef.UNL:
            return Span(inf, inf)


def _above_sea(height: Height, levels: Levels) -> Span:
    if height.ref is HeightRef.FL:
        return level_above_sea(height, levels)
    return Span(_metres(height), _metres(height))


_GROUND: Final = frozenset({HeightRef.AGL, HeightRef.SFC})
_SEA: Final = frozenset({HeightRef.AMSL, HeightRef.FL})


def clearance(lower: Height, upper: Height, setting: Setting) -> Span:
    """How far the lower limit of one band lies above the upper limit of another, metres.

    A lower limit SFC lies below everything (what is under the ground is in nobody's way, and this
    never removes a conflict), an upper limit UNL above everything. One reference: exact; above
    ground only over the same spot, for the ground falls away beside it.
    """
    if lower.ref is HeightRef.SFC or upper.ref is HeightRef.UNL:
        return Span(-inf, -inf)
    return rise(lower, upper, setting)


def rise(lower: Height, upper: Height, setting: Setting) -> Span:
    """How far one height lies above another, metres; SFC is the surface itself, UNL above all."""
    both = {lower.ref, upper.ref}
    if HeightRef.UNL in both:
        apart = 0.0 if len(both) == 1 else inf if lower.ref is HeightRef.UNL else -inf
        return Span(apart, apart)
    exact = len(both) == 1 and lower.ref not in _GROUND
    if exact or (both <= _GROUND and setting.same_spot):
        apart = ((lower.mm or 0) - (upper.mm or 0)) / 1000
        return Span(apart, apart)
    if both <= _SEA:
        over, under = _above_sea(lower, setting.levels), _above_sea(upper, setting.levels)
    else:
        over, under = above_ellipsoid(lower, setting), above_ellipsoid(upper, setting)
    return Span(over.low - under.high, over.high - under.low, over.doubts + under.doubts)


def reference_token(height: Height) -> str:
    """How a height was read, in words of the record: which data it rests on."""
    match height.ref:
        case HeightRef.AMSL:
            return f"AMSL:{GEOID_NAME}"
        case HeightRef.FL:
            return "FL:qnh-agreed-range" if height.qnh is None else f"FL:qnh-by-{height.qnh.by}"
        case HeightRef.AGL | HeightRef.SFC:
            by = "ground-unknown" if height.ground is None else f"ground-by-{height.ground.by}"
            return f"{height.ref}:{by}" if height.ref is HeightRef.AGL or height.ground else "SFC"
        case HeightRef.W84 | HeightRef.UNL:
            return str(height.ref)


def widest_doubt(*spans: Span) -> str | None:
    """The datum that the widest part of these intervals comes from."""
    widest: tuple[str, float] | None = None
    for span in spans:
        for name, width in span.doubts:
            if widest is None or width > widest[1]:
                widest = (name, width)
    return widest[0] if widest else None


def vertical(a: Band, b: Band, apart_m: float, setting: Setting) -> Vertical:
    """Whether two bands come within ``apart_m`` of each other in height.

    NO: even the worst case is farther apart. YES: even the best case is not. Touching counts as
    meeting.
    """
    a_over_b = clearance(a.lower, b.upper, setting)
    b_over_a = clearance(b.lower, a.upper, setting)
    low, high = max(0.0, a_over_b.low, b_over_a.low), max(0.0, a_over_b.high, b_over_a.high)
    tokens = {reference_token(height) for height in (a.lower, a.upper, b.lower, b.upper)}
    verdict, settles = Verdict.UNDETERMINED, None
    if low > apart_m:
        verdict = Verdict.NO
    elif high <= apart_m:
        verdict = Verdict.YES
    else:
        open_ = [span for span in (a_over_b, b_over_a) if span.high > apart_m]
        settles = widest_doubt(*open_)
    return Vertical(verdict, Bounds(low, high), settles, tuple(sorted(tokens)))
