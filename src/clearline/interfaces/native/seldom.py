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
        self._last: dict[str, str] = {}

    def warn(self, sort: str, text: str) -> None:
        """``text`` belongs to this occurrence, ``sort`` to all that are counted together."""
        count = self._counts.pop(sort, 0) + 1
        self._counts[sort] = count
        self._last[sort] = text
        if len(self._counts) > SORTS_MAX:
            del self._last[self._counts.popitem(last=False)[0]]
        if count & (count - 1) == 0:
            self._log.warning("%s: %s (%d so far)", sort, text, count)

    def count(self, sort: str) -> int:
        """How many of this sort there were."""
        return self._counts.get(sort, 0)

    @property
    def told(self) -> dict[str, tuple[int, str]]:
        """By sort: how many, and the last of them. For the page that shows a node's state."""
        return {sort: (count, self._last[sort]) for sort, count in self._counts.items()}
