"""Heights, lengths and names of a plan: each with its unit and reference, outward, or refused."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import Ground, HeightRef, Qnh
from clearline.plan.numbers import UNITS, Bad, whole
from clearline.plan.shapes import AltitudeShape, GroundShape, QnhShape, W84Height
from clearline.wire.text import bad_label

_MILLIMETRES: Final = {"M": Decimal(1000), "FT": Decimal("304.8")}
_LEVEL_MM: Final = Decimal(30_480)
_HECTOPASCAL: Final = Decimal(100)
_NUMBERED: Final = frozenset({HeightRef.W84, HeightRef.AMSL, HeightRef.AGL})


def height_mm(shape: AltitudeShape, ref: HeightRef, at: str, *, upper: bool) -> int | None:
    """Outward: a lower limit down, an upper limit up."""
    rounding = ROUND_CEILING if upper else ROUND_FLOOR
    if ref not in _NUMBERED and shape.units is not UNSET:
        raise Bad(no(Code.BAD_HEIGHT, UNITS, f"{at}/units", problem="units-forbidden"))
    if isinstance(shape.value, UnsetType):
        if ref in (HeightRef.SFC, HeightRef.UNL):
            return None
        raise Bad(no(Code.BAD_HEIGHT, UNITS, f"{at}/value", problem="number-missing"))
    if ref in (HeightRef.SFC, HeightRef.UNL):
        raise Bad(no(Code.BAD_HEIGHT, UNITS, f"{at}/value", problem="number-forbidden"))
    if ref is HeightRef.FL:
        return whole(bytes(shape.value), _LEVEL_MM, rounding, f"{at}/value")
    return whole(bytes(shape.value), factor(shape.units, at), rounding, f"{at}/value")


def ground_of(shape: GroundShape | UnsetType, at: str) -> Ground | None:
    """Bounds of the ground above the ellipsoid, low down and high up. Raises Bad."""
    if isinstance(shape, UnsetType):
        return None

    def metres(height: W84Height, place: str, rounding: str) -> int:
        if height.reference != "W84":
            raise Bad(no(Code.BAD_HEIGHT, UNITS, f"{place}/reference", wanted="W84"))
        return whole(bytes(height.value), factor(height.units, place), rounding, f"{place}/value")

    return Ground(
        low_mm=metres(shape.lower, f"{at}/lower", ROUND_FLOOR),
        high_mm=metres(shape.upper, f"{at}/upper", ROUND_CEILING),
        by=label(shape.by, f"{at}/by") or "",
    )


def qnh_of(shape: QnhShape | UnsetType, at: str) -> Qnh | None:
    """Rounding the setting to whole pascals is made good by a tolerance of one more."""
    if isinstance(shape, UnsetType):
        return None
    if shape.units != "HPA":
        raise Bad(no(Code.BAD_HEIGHT, UNITS, f"{at}/units", wanted="HPA"))
    raw, tolerance = bytes(shape.value), bytes(shape.tolerance)
    pa = whole(raw, _HECTOPASCAL, ROUND_HALF_EVEN, f"{at}/value")
    exact = pa == whole(raw, _HECTOPASCAL, ROUND_CEILING, f"{at}/value") and pa == whole(
        raw, _HECTOPASCAL, ROUND_FLOOR, f"{at}/value"
    )
    wide = whole(tolerance, _HECTOPASCAL, ROUND_CEILING, f"{at}/tolerance")
    return Qnh(
        pa=pa, tolerance_pa=wide if exact else wide + 1, by=label(shape.by, f"{at}/by") or ""
    )


def factor(units: str | UnsetType, at: str) -> Decimal:
    """Millimetres of a unit. Raises Bad."""
    found = None if isinstance(units, UnsetType) else _MILLIMETRES.get(units)
    if found is None:
        code = Code.MISSING_FIELD if isinstance(units, UnsetType) else Code.BAD_FIELD
        facts: dict[str, Param] = {"wanted": "M, FT"}
        if code is Code.MISSING_FIELD:
            facts = {"field": "units"}
        raise Bad(Refusal(code=code, clause=UNITS, at=f"{at}/units", params=facts))
    return found


def label(text: str | UnsetType, at: str) -> str | None:
    """One line of readable text, if there is any. Raises Bad."""
    if isinstance(text, UnsetType):
        return None
    refusal = bad_label(text, at)
    if refusal is not None:
        raise Bad(replace(refusal, clause="CL-PLN-006"))
    return text


def no(code: Code, clause: str, at: str, **params: Param) -> Refusal:
    """A refusal."""
    return Refusal(code=code, clause=clause, at=at, params=params)
