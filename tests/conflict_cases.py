"""Volumes and extents for the tests of conflict, short to write."""

from clearline.conflict.verdict import Extent
from clearline.model.space import Disc, Footprint, Height, HeightRef, Volume
from clearline.model.time import Instant, Millis
from tests.conflict_oracle import place

SFC = Height(ref=HeightRef.SFC)
UNL = Height(ref=HeightRef.UNL)
HOUR = 3_600_000
NOON = 1_537_185_600_000  # 2018-09-17T12:00:00Z


def fl(level: int) -> Height:
    """A flight level."""
    return Height(ref=HeightRef.FL, mm=level * 30_480)


def height(ref: HeightRef, metres: float) -> Height:
    """A height in metres."""
    return Height(ref=ref, mm=round(metres * 1000))


def disc(lat: float, lon: float, metres: float) -> Disc:
    """A disc in degrees and metres."""
    return Disc(centre=place(lat, lon), radius_mm=round(metres * 1000))


def extent(
    footprint: Footprint,
    lower: Height = SFC,
    upper: Height = UNL,
    window: tuple[int, int] = (0, HOUR),
    *,
    tail_ms: int = 0,
    hazard: bool = False,
) -> Extent:
    """A volume from noon on, window in milliseconds after noon."""
    volume = Volume(
        footprint=footprint,
        lower=lower,
        upper=upper,
        start=Instant(NOON + window[0]),
        end=Instant(NOON + window[1]),
    )
    return Extent(volume=volume, tail_ms=Millis(tail_ms), hazard=hazard)
