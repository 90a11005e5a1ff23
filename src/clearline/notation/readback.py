"""A place read back in three short values, held against the whole notice by machine (FM04).

The receiver measures bearing and distance to the middle of a volume from a point of its own choice,
and says the upper limit and the start. It copies nothing: a slip on either side shows. What is
compared is place, height and time; each agrees, differs by a figure, or cannot be said. What cannot
be said is never taken for agreement, and none of it holds up another answer.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from math import pi
from typing import Final

import msgspec

from clearline.model.entry import ReadBack
from clearline.model.space import Disc, Footprint, Height, LatLon, Polygon, Volume
from clearline.model.time import MINUTE, Instant
from clearline.notation.apart import apart_mm, bearing_distance, point_from
from clearline.notation.traps import middle

LIMIT_MM: Final = 100_000
"""What was read back may lie 100 m from the place, beyond what its own digits leave open."""
UPPER_MM: Final = 15_240
"""Half a flight level: limits are read back in feet, metres or levels."""
START_MS: Final = MINUTE
"""Times are read back in minutes."""
_GRAINS_MM: Final = (1_852_000, 1_000_000, 185_200, 100_000, 18_520, 10_000, 1_000, 100, 10, 1)
"""Last digits of distances as people say them: nautical miles and kilometres, and tenths."""
_GRAINS_MDEG: Final = (1_000, 100, 10, 1)

Inside = Callable[[Footprint, LatLon], bool]


class Compared(StrEnum):
    """What comes of it."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_SAY = "cannot-say"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome, with the figures of what differs: None where it agrees or cannot be said.

    ``rounding_mm`` is what the digits of bearing and distance leave open. ``unsaid`` names what
    could not be compared: place, upper, start."""

    found: Compared
    rounding_mm: int
    place_mm: int | None = None
    upper_mm: int | None = None
    start_ms: int | None = None
    unsaid: tuple[str, ...] = ()


def measure(origin: LatLon, volume: Volume) -> ReadBack:
    """The values that a machine would read back: for a form to be held against, never to be sent in
    a person's name."""
    bearing, distance = bearing_distance(origin, middle(volume.footprint))
    return ReadBack(
        origin=origin, bearing_mdeg=bearing, distance_mm=distance, upper=volume.upper,
        start=volume.start,
    )  # fmt: skip


def rounding_mm(back: ReadBack) -> int:
    """Half of the last digits of bearing and distance, as a length at the place: digits that are
    nought count as not said."""
    turn = next(grain for grain in _GRAINS_MDEG if back.bearing_mdeg % grain == 0)
    along = next(grain for grain in _GRAINS_MM if back.distance_mm % grain == 0)
    across = back.distance_mm * (turn / 2) / 1000 * pi / 180
    return round(across + along / 2)


def compare(
    back: ReadBack, volumes: Sequence[Volume], inside: Inside, limit_mm: int = LIMIT_MM
) -> Comparison:
    """The values against every volume of the notice: the one that fits best is meant. ``inside``
    says whether a point lies in a footprint."""
    open_mm = rounding_mm(back)
    at = point_from(back.origin, back.bearing_mdeg, back.distance_mm)
    begins = min((volume.start for volume in volumes), default=Instant(0))
    every = [_against(back, at, volume, begins, inside, limit_mm + open_mm) for volume in volumes]
    if not every:
        return Comparison(
            found=Compared.CANNOT_SAY, rounding_mm=open_mm, unsaid=("place", "upper", "start")
        )
    return min(every, key=_fit)


def _fit(found: Comparison) -> tuple[int, int, int]:
    """Agreement first, then by the place that is nearest."""
    rank = (Compared.AGREES, Compared.CANNOT_SAY, Compared.DIFFERS).index(found.found)
    misfits = sum(x is not None for x in (found.upper_mm, found.start_ms))
    return rank, found.place_mm or 0, misfits


def _against(
    back: ReadBack, at: LatLon, volume: Volume, begins: Instant, inside: Inside, limit_mm: int
) -> Comparison:
    unsaid = []
    far = min(apart_mm(at, centre) for centre in _middles(volume.footprint))
    place: int | None = None
    if far > limit_mm:
        if not isinstance(volume.footprint, Disc) and inside(volume.footprint, at):
            unsaid.append("place")  # it has no one middle; somebody measured to another point of it
        else:
            place = far
    upper = _upper(back.upper, volume.upper)
    if upper is None:
        unsaid.append("upper")
    late = min((abs(back.start - start) for start in (volume.start, begins)), default=0)
    start = late if late >= START_MS else None
    found = Compared.AGREES
    if place is not None or upper or start is not None:
        found = Compared.DIFFERS
    elif unsaid:
        found = Compared.CANNOT_SAY
    return Comparison(
        found=found, rounding_mm=rounding_mm(back), place_mm=place, upper_mm=upper or None,
        start_ms=start, unsaid=tuple(unsaid),
    )  # fmt: skip


def _upper(said: Height, stated: Height) -> int | None:
    """How far two limits differ, 0 within the rounding; None where they cannot be compared."""
    if said.ref is not stated.ref:
        return None
    if said.mm is None or stated.mm is None:
        return 0
    apart = abs(said.mm - stated.mm)
    return apart if apart > UPPER_MM else 0


def _middles(footprint: Footprint) -> Iterator[LatLon]:
    """What people measure to: the middle, and for a polygon also the middle of its box."""
    yield middle(footprint)
    if isinstance(footprint, Polygon):
        first = footprint.outer[0]
        half = 1_800_000_000
        lats = [p.lat_e7 for p in footprint.outer]
        easts = [(p.lon_e7 - first.lon_e7 + half) % (2 * half) - half for p in footprint.outer]
        east = first.lon_e7 + (min(easts) + max(easts)) // 2
        yield LatLon((min(lats) + max(lats)) // 2, (east + half) % (2 * half) - half)
