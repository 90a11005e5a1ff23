"""What was inserted into an index, by number in order of insertion; and the number of an id now."""

from collections.abc import Hashable, Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from clearline.conflict.fast.segment import CHUNK
from clearline.conflict.geodesy import Ints

Id = TypeVar("Id", bound=Hashable)

SHARDS: Final = 256
"""Parts of the table of ids: a dict that grows is copied whole, in one go."""
FORGOTTEN_MAX: Final = 8
"""Chunks of ids that are forgotten at one time: it takes a millisecond or two, and as many new
ones do not come in between."""
Ids = list[Sequence[Id]]
"""Ids by their numbers, a chunk of them after the other."""


def id_of(ids: Ids[Id], number: int) -> Id:
    """The id that a number was given to."""
    return ids[number // CHUNK][number % CHUNK]


class Book(Generic[Id]):
    """What was inserted, by number in order of insertion; and the number that an id has now.

    Ids are kept in chunks. One in which nothing is held any more is forgotten, in a list of its
    own: who has the list of before still finds in it what he looks for. A full chunk is a tuple:
    the collection of garbage does not walk through those. Numbers of ids that it began with are in
    one table: it is soon made, and never grows.
    """

    def __init__(self, ids: Sequence[Id] = ()) -> None:
        self.ids: Ids[Id] = [
            tuple(ids[k : k + CHUNK]) for k in range(0, len(ids) - CHUNK + 1, CHUNK)
        ]
        self._open = list(ids[len(self.ids) * CHUNK :])
        self.ids.append(self._open)
        self._first: dict[Id, int] = dict(zip(ids, range(len(ids)), strict=True))
        self._later: tuple[dict[Id, int], ...] = tuple({} for _ in range(SHARDS))

    def _table(self, id_: Id) -> dict[Id, int]:
        """Where the number of an id stands or would stand."""
        return self._first if id_ in self._first else self._later[hash(id_) % SHARDS]

    def enter(self, id_: Id) -> tuple[int, int | None]:
        """A new number for an id, and the one that it had."""
        if len(self._open) == CHUNK:
            self.ids[-1] = tuple(self._open)
            self._open = []
            self.ids.append(self._open)
        table = self._table(id_)
        number, before = (len(self.ids) - 1) * CHUNK + len(self._open), table.get(id_)
        table[id_] = number
        self._open.append(id_)
        return number, before

    def leave(self, id_: Id) -> int | None:
        """The number that an id had; it has none any more."""
        return self._table(id_).pop(id_, None)

    def number(self, id_: Id) -> int | None:
        """The number that an id has."""
        return self._table(id_).get(id_)

    def forget(self, kept: Ints) -> None:
        """Forget full chunks other than these, in which nothing is held: some of them."""
        over = np.ones(len(self.ids), np.bool_)
        over[kept], over[-1] = False, False
        gone = [k for k in np.flatnonzero(over).tolist() if self.ids[k]][:FORGOTTEN_MAX]
        ids = list(self.ids)
        for chunk in gone:
            for number, id_ in enumerate(ids[chunk], chunk * CHUNK):
                table = self._table(id_)
                if table.get(id_) == number:
                    del table[id_]
            ids[chunk] = ()
        self.ids = ids
