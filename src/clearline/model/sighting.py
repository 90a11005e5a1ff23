"""A sighting: what one source of tracks said of one thing at one moment. Local, never a claim.

It is unsigned and may be forged: it raises alarms here, and never touches a standing, an entry or a
verdict between notices. Degrees (WGS 84; course true), metres, metres per second.
"""

import msgspec

from clearline.model.ids import EntryRef
from clearline.model.space import HeightRef
from clearline.model.time import Instant


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """One report. ``course_deg`` None: none is known, and it does not move or nobody says where to.
    ``ref`` None: what the height is measured from is not stated; SFC: on the ground, without a
    number. ``turn_dps``: how fast it can turn, degrees a second."""

    source: str
    id: str
    at: Instant
    lat: float
    lon: float
    course_deg: float | None
    speed_mps: float
    height_m: float | None = None
    ref: HeightRef | None = None
    climb_mps: float | None = None
    call_sign: str | None = None
    turn_dps: float | None = None

    @property
    def name(self) -> str:
        """The one name of this track on this node: ids are unique within their source alone."""
        return f"{self.source}/{self.id}"


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """One of our own movers and the track that it is seen as: ``SOURCE/ID``, or an id in whatever
    source. ``notice``: what it was notified by, beside which it is held."""

    call_sign: str
    track: str
    notice: EntryRef | None = None

    def means(self, source: str, track: str) -> bool:
        """Whether a track is this mover."""
        wanted = self.track.lower()
        return wanted in (track.lower(), f"{source}/{track}".lower())
