"""Log lines that a peer can cause: the first, the second, the fourth, the eighth of each sort, so
that a flood leaves a trace of its size and nothing more."""

import logging
from collections import OrderedDict
from typing import Final

SORTS_MAX: Final = 256
"""Sorts that are counted at a time; the oldest is forgotten."""


class Seldom:
    """Counts by sort and logs at powers of two."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._counts: OrderedDict[str, int] = OrderedDict()

    def warn(self, sort: str, text: str) -> None:
        """``text`` belongs to this occurrence, ``sort`` to all that are counted together."""
        count = self._counts.pop(sort, 0) + 1
        self._counts[sort] = count
        if len(self._counts) > SORTS_MAX:
            self._counts.popitem(last=False)
        if count & (count - 1) == 0:
            self._log.warning("%s: %s (%d so far)", sort, text, count)

    def count(self, sort: str) -> int:
        """How many of this sort there were."""
        return self._counts.get(sort, 0)
