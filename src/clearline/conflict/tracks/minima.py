"""What two tracks are to keep between them, and how far ahead is looked. Imports no compiler."""

from dataclasses import dataclass
from typing import Final

LATERAL_M_MAX: Final = 200_000.0
"""Beyond, what a chord leaves open (19 cm there) is more than anybody keeps apart by."""
VERTICAL_M_MAX: Final = 1_000_000.0
LOOKAHEAD_S_MAX: Final = 3_600.0
"""An hour: nobody holds a course longer without saying so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minima:
    """Closer than both is a loss of separation. Metres, seconds, all above nought."""

    lateral_m: float
    vertical_m: float
    lookahead_s: float
