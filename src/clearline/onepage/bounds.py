"""Heights of a volume in words, for somebody who flies or drives and knows no abbreviations.

The words stand beside the row that a verifier looks for, and never in its place.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from clearline.model.space import FLIGHT_LEVEL_MM, Height, HeightRef, Volume
from clearline.words.sentences import said

FOOT_MM: Final = Decimal("304.8")
METRE_MM: Final = Decimal(1000)


def heights_said(volume: Volume, lang: str) -> str:
    """Both limits in one sentence of a language, in feet and metres, each rounded outward."""
    low, high = volume.lower, volume.upper
    if low.ref is HeightRef.SFC and high.ref is HeightRef.SFC:
        return said(lang, "page-heights-surface")
    bounds = {"low": _bound(low, lang, upper=False), "high": _bound(high, lang, upper=True)}
    return said(lang, "page-heights", **bounds)


def _bound(height: Height, lang: str, *, upper: bool) -> str:
    name = f"page-height-{height.ref.value}"
    if height.mm is None:
        return said(lang, name)
    if height.ref is HeightRef.FL:
        level = _outward(Decimal(height.mm) / FLIGHT_LEVEL_MM, upper=upper)
        return said(lang, name, level=f"{level:03d}", feet=str(level * 100))
    feet, metres = (_outward(height.mm / unit, upper=upper) for unit in (FOOT_MM, METRE_MM))
    return said(lang, name, feet=str(feet), metres=str(metres))


def _outward(exact: Decimal, *, upper: bool) -> int:
    return int(exact.to_integral_value(ROUND_CEILING if upper else ROUND_FLOOR))
