"""Numbers of a plan, exactly: decimal text to whole 1e-7 degrees, millimetres, pascals.

Whatever is finer than the unit goes outward, by the rounding that the caller names; coordinates go
to the nearest 1e-7 degree and it is said whether that moved them. Never through a float.
"""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from clearline.model.refusal import Code, Refusal

UNITS: Final = "CL-PLN-004"
"""A number is JSON, in a stated unit, and of a length that somebody could have meant."""

_NUMBER: Final = re.compile(rb"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?")
_EXACT: Final = Context(prec=200)
"""18 digits before the point, 40 after, two of exponent, times a factor: nothing is lost."""
_NUMBER_BYTES_MAX: Final = 64


class Bad(Exception):
    """Carries a refusal out of the depths of one item; never leaves ``clearline.plan.codec``."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def decimal(raw: bytes, at: str) -> Decimal:
    """The number that JSON text states. Raises Bad."""
    if len(raw) <= _NUMBER_BYTES_MAX and _NUMBER.fullmatch(raw):
        return Decimal(raw.decode("ascii"))
    if raw[:1] in b"-0123456789" and raw:
        raise Bad(Refusal(code=Code.NUMBER_RANGE, clause=UNITS, at=at))
    raise Bad(Refusal(code=Code.BAD_FIELD, clause=UNITS, at=at))


def whole(raw: bytes, factor: Decimal, rounding: str, at: str) -> int:
    """The number times a factor as a whole number. Raises Bad."""
    product = _EXACT.multiply(decimal(raw, at), factor)
    return int(product.to_integral_value(rounding=rounding, context=_EXACT))


def degrees_e7(raw: bytes, at: str) -> tuple[int, bool]:
    """Degrees as whole 1e-7 degrees, and whether they were moved. Raises Bad. The bytes are a JSON
    value already: no number in them begins with a nought too many."""
    degrees, _, rest = raw.partition(b".")
    if len(raw) <= 12 and len(rest) <= 7:
        try:  # most are plain digits, and there may be tens of millions of them
            return int(degrees + rest.ljust(7, b"0")), False
        except ValueError:  # an exponent, or no number at all
            pass
    exact = _EXACT.multiply(decimal(raw, at), Decimal(10_000_000))
    nearest = exact.to_integral_value(rounding=ROUND_HALF_EVEN, context=_EXACT)
    return int(nearest), nearest != exact
