"""The measure of every index: one that asks ``may_meet`` of all rows."""

from collections.abc import Sequence
from typing import Generic

import numpy as np

from clearline.conflict.geodesy import Floats
from clearline.conflict.index import Candidates, Id, Reach, may_meet
from clearline.conflict.lists import Columns
from clearline.conflict.verdict import Extent


class PlainIndex(Generic[Id]):
    """A dict of ids and their rows; ids come in the order of their last insertion."""

    def __init__(self) -> None:
        self._looked_to = -1
        self._rows: dict[Id, Floats] = {}

    def insert(self, sequence: int, id_: Id, extents: Sequence[Extent]) -> None:
        """Hold these extents under an id, in place of any that it held."""
        self.remove(sequence, id_)
        self._rows[id_] = Columns.of(extents).rows

    def remove(self, sequence: int, id_: Id) -> None:
        """Hold nothing under an id."""
        assert sequence > self._looked_to, "events come in rising sequence"
        self._looked_to = sequence
        self._rows.pop(id_, None)

    def candidates(self, extents: Sequence[Extent], reach: Reach) -> Candidates[Id]:
        """Every id with an extent that comes within ``reach`` of one of these."""
        rows = np.concatenate([np.zeros((0, 6)), *self._rows.values()])
        hit = np.zeros(len(rows), dtype=np.bool_)
        for one in Columns.of(extents).rows:
            hit |= may_meet(rows, one, reach)
        owners = [id_ for id_, held in self._rows.items() for _ in held]
        found = dict.fromkeys(id_ for id_, met in zip(owners, hit, strict=True) if met)
        return Candidates(tuple(found), self._looked_to)
