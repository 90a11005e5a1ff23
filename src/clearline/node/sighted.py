"""What was found among live tracks: a closed record for the turn that begins, changes or ends it.

Tracks stay in memory beside the loop. Only findings pass through a turn, with the sightings that
they rest on, so that the journal gives the alarms again and the private desk record holds why.
"""

from enum import StrEnum

import msgspec

from clearline.model.ids import EntryRef, LineId
from clearline.model.sighting import Binding, Sighting
from clearline.model.space import LatLon
from clearline.model.time import Instant
from clearline.node.mover import Mover


class Live(StrEnum):
    """What can be found."""

    NEAR = "near"  # an own mover loses separation with a track
    HAZARD = "hazard"  # an own mover comes into, or is in, another's hazard
    OFF_ROUTE = "off-route"  # an own mover is not where its notice says
    INSIDE = "inside"  # a track is in a volume of ours that is to be kept clear
    LOST = "lost"  # an own mover is not seen any more
    SOURCE = "source"  # tracks do not come, or not all can be looked at


class Grade(StrEnum):
    """How far it has come. A change of grade is a turn of its own."""

    OPEN = "open"  # it cannot be ruled out
    AHEAD = "ahead"  # it will be so within the look-ahead
    NOW = "now"


RANK = {Grade.OPEN: 0, Grade.AHEAD: 1, Grade.NOW: 2}


class LiveFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. ``tracks`` by their names, an own one first; ``call_sign`` of the own mover, or
    the track's id; ``ref`` the version that it is about; ``figures`` whole seconds, metres and
    minutes; ``words``: names and reasons. ``at`` and ``place``: where and when the first track was
    seen last."""

    key: str
    kind: Live
    grade: Grade
    since: Instant
    tracks: tuple[str, ...] = ()
    call_sign: str = ""
    ref: EntryRef | None = None
    figures: dict[str, int] = {}
    words: dict[str, str] = {}
    at: Instant | None = None
    place: LatLon | None = None


class Sighted(msgspec.Struct, frozen=True, kw_only=True, tag="sighted"):
    """Findings on a line that began or changed their grade, keys of those that are over, where own
    movers are now, and by finding the sightings that it rests on."""

    line: LineId
    findings: tuple[LiveFinding, ...] = ()
    over: tuple[str, ...] = ()
    movers: tuple[Mover, ...] = ()
    used: dict[str, tuple[Sighting, ...]] = {}


class Bound(msgspec.Struct, frozen=True, kw_only=True, tag="bound"):
    """A person says which track an own mover is seen as; each replaces that of its call sign."""

    id: str
    line: LineId
    person: str
    bindings: tuple[Binding, ...] = ()
    gone: tuple[str, ...] = ()
