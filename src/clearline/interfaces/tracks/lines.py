"""NDJSON of tracks, one object a line, from whatever brings bytes. Pure; never raises.

The fields are those of ``clearline.plan.tracks``. A line that is too long, not UTF-8, not JSON or
says what cannot be is counted as refused, and the rest goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from clearline.model.refusal import Code, Refusal
from clearline.model.sighting import Sighting
from clearline.model.space import HeightRef
from clearline.model.time import Instant
from clearline.plan.tracks import read_track, sighting_of

LINE_BYTES_MAX: Final = 4_096
"""A record takes about 200 bytes."""


@dataclass(slots=True, kw_only=True)
class Read:
    """What was made of some bytes: sightings, how many records were refused, and why the first."""

    sightings: list[Sighting] = field(default_factory=list)
    refused: int = 0
    first: Refusal | None = None

    def refuse(self, why: Refusal) -> None:
        """One record was no sighting."""
        self.refused += 1
        self.first = self.first or why


class Splitter:
    """Bytes as they come into whole lines; what is longer than a line may be is let go."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that are whole now. One that was too long stands as one byte too many."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        if self._skipping and whole:
            whole = whole[1:]
            self._skipping = False
        if len(rest) > LINE_BYTES_MAX:
            if not self._skipping:
                whole.append(b" " * (LINE_BYTES_MAX + 1))
            rest, self._skipping = b"", True
        self._rest = b"" if self._skipping else rest
        return [line for line in whole if line]


def read_lines(
    lines: Iterable[bytes], source: str, now: Instant, ref: HeightRef | None = None
) -> Read:
    """Sightings of a source. ``now``: when they came, for those that state no time; ``ref``: what
    heights are measured from that do not say so."""
    read = Read()
    for line in lines:
        if len(line) > LINE_BYTES_MAX:
            read.refuse(_too_long(len(line)))
            continue
        if not line.strip():
            continue
        found = read_track(line)
        if isinstance(found, Refusal):
            read.refuse(found)
        else:
            read.sightings.append(sighting_of(*found, source=source, now=now, ref=ref))
    return read


def _too_long(found: int) -> Refusal:
    return Refusal(
        code=Code.TOO_LARGE,
        clause="CL-TRK-006",
        params={"found": found, "limit": LINE_BYTES_MAX},
    )
