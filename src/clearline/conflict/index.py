"""Which stated volumes may matter to these: a superset, never an answer.

An index takes (sequence, id, extents) events in rising sequence, is rebuilt from any store, and
says up to which sequence an answer has looked. What may meet is ``may_meet`` of all rows;
``blocks.BlockIndex``, a node's, finds the very same among a million. (``fast.index.FastIndex``, a
library's, does not say what may meet: it says what does.) Frame: ECEF metres, milliseconds.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from clearline.conflict.geodesy import Flags, Floats, chord_of
from clearline.conflict.lists import END, REACH, START, X
from clearline.conflict.verdict import Extent

Id = TypeVar("Id", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Reach:
    """How near is near: the largest lateral and time separation that any pair may need."""

    lateral_mm: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Candidates(Generic[Id]):
    """Ids that may conflict, each once, in order of insertion; judged against every event up to
    ``looked_to``."""

    ids: tuple[Id, ...]
    looked_to: int


class VolumeIndex(Protocol[Id]):
    """What an index of live volumes offers."""

    def insert(self, sequence: int, id_: Id, extents: Sequence[Extent]) -> None:
        """Hold these extents under an id, in place of any that it held."""

    def remove(self, sequence: int, id_: Id) -> None:
        """Hold nothing under an id. One that is not held is no error: ends may come twice."""

    def candidates(self, extents: Sequence[Extent], reach: Reach) -> Candidates[Id]:
        """Every id with an extent that comes within ``reach`` of one of these, and maybe more."""


def may_meet(rows: Floats, one: Floats, reach: Reach) -> Flags:
    """Which rows have a sphere and a span within ``reach`` of those of ``one``, each (..., 6) as in
    ``Columns.rows``: the rule of what a node judges at all, the same wherever it is asked.

    Sound: points within ``reach`` along the ellipsoid have no longer chord than ``chord_of`` says.
    """
    gap = np.maximum(rows[..., START] - one[..., END], one[..., START] - rows[..., END])
    x, y, z = (rows[..., k] - one[..., k] for k in range(X, REACH))
    apart_m = rows[..., REACH] + one[..., REACH] + chord_of(reach.lateral_mm / 1000)
    found: Flags = (gap < reach.time_ms) & (x * x + y * y + z * z <= apart_m * apart_m)
    return found
