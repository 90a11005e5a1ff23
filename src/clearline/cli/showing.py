"""How this party reads places, heights and times: by ``[notation]`` of its node.toml.

Z always comes first, local time second with its offset (FM07); digits are ASCII in every language.
A verb that reaches a node by its folder takes that node's style; by address alone, degrees,
minutes and seconds, and Z.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Final

from clearline.config import ConfigError, local_zone, read_config
from clearline.model.space import Corridor, Disc, Footprint, LatLon, Polygon, Volume
from clearline.model.time import Instant
from clearline.notation import Notation
from clearline.notation.heights import Unit, write_height
from clearline.notation.position import write_position
from clearline.notation.times import show_dtg, show_time
from clearline.notation.traps import middle

VOLUMES_SHOWN_MAX: Final = 3
"""Volumes of one notice that are written out; a long route is looked at on a map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A notation for places, and a zone for the local time beside Z."""

    notation: Notation = Notation.DMS
    zone: tzinfo | None = None

    def at(self, place: LatLon) -> str:
        """A place."""
        return write_position(place, self.notation)

    def dtg(self, at: Instant) -> str:
        """A time as a date-time group."""
        return show_dtg(at, self.zone)

    def clock(self, at: Instant) -> str:
        """A time to the second."""
        return show_time(at, self.zone)

    def where(self, footprint: Footprint) -> str:
        """A shape in words, by its middle."""
        centre = self.at(middle(footprint))
        match footprint:
            case Disc(radius_mm=radius):
                return f"{_km(radius)} around {centre}"
            case Corridor(line=line, half_width_mm=half):
                ends = f"from {self.at(line[0])} to {self.at(line[-1])}"
                return f"{_km(half)} to either side {ends}, {len(line)} points"
            case Polygon(outer=outer):
                return f"polygon of {len(outer)} corners about {centre}"

    def volume(self, volume: Volume) -> str:
        """Place and band; feet outward, levels as levels."""
        low = write_height(volume.lower, Unit.FT, upper=False)
        high = write_height(volume.upper, Unit.FT, upper=True)
        return f"{self.where(volume.footprint)}, {low} to {high}"

    def volumes(self, volumes: tuple[Volume, ...]) -> list[str]:
        """The first few, and how many more there are."""
        said = [self.volume(each) for each in volumes[:VOLUMES_SHOWN_MAX]]
        more = len(volumes) - len(said)
        return [*said, f"and {more} more volumes"] if more else said


def _km(mm: int) -> str:
    return f"{mm / 1e6:.10g} km"


USUAL: Final = Style()
_STYLE: ContextVar[Style] = ContextVar("style", default=USUAL)


def style() -> Style:
    """The style of the node that this command speaks to."""
    return _STYLE.get()


def use(folder: Path | None) -> None:
    """Take the style of a node's folder, if there is one that can be read."""
    if folder is None:
        return
    try:
        table = read_config(folder).config.notation
    except ConfigError:
        return  # whoever reaches the node says what is wrong with it
    zone = None if table.zone is None else local_zone(table.zone)
    _STYLE.set(Style(notation=table.write, zone=zone))
