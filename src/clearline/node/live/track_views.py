"""Live tracks as a person reads them: local, and never part of what a line holds.

The answers alone, so that who asks a node imports nothing that looks at places.
"""

import msgspec

from clearline.model.ids import LineId
from clearline.model.sighting import Binding, Sighting
from clearline.model.time import Instant
from clearline.node.sighted import LiveFinding


class SourceView(msgspec.Struct, frozen=True, kw_only=True):
    """One source: tracks that are held of it, what became of what it sent, seconds since it was
    heard (None: never), and what is wrong with it."""

    source: str
    tracks: int
    counts: dict[str, int]
    refused: int
    pushed_out: int
    heard_s_ago: int | None
    fault: str


class TrackView(msgspec.Struct, frozen=True, kw_only=True):
    """One track: its newest sighting, its age in seconds, whether it goes on by its course alone,
    and whose of ours it is."""

    seen: Sighting
    age_s: int
    coasting: bool
    call_sign: str


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """What stands, on which line, in words."""

    line: LineId
    finding: LiveFinding
    words: str


class LiveView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one moment. ``units``: pairs that the last evaluation looked at exactly."""

    as_of: Instant
    tracks: int
    units: int
    sources: tuple[SourceView, ...]
    findings: tuple[FindingView, ...]
    bindings: tuple[Binding, ...]
    shown: tuple[TrackView, ...]


class RefusedView(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was no sighting: its place in what was sent, and why."""

    place: int
    code: str
    sentence: str


class FedView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what was fed: how many by what, and what was refused."""

    as_of: Instant
    took: dict[str, int]
    refused: tuple[RefusedView, ...]
