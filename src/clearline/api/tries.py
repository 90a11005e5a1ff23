"""How often somebody may try to sign in: pure, with the time as an argument (milliseconds)."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

WRONG_MAX: Final = 5
"""Wrong passwords for one name within ``SPAN_MS``; then the name waits, the link still works."""
SPAN_MS: Final = 15 * 60_000
WRONG_IN_ALL_MAX: Final = 60
"""Wrong sign-ins of all names within a minute: more is a machine, not a watch."""
ALL_SPAN_MS: Final = 60_000
NAMES_MAX: Final = 1_000
"""Names that are remembered: whoever tries more of them runs into the bound for all."""


@dataclass(slots=True)
class Tries:
    """What was tried lately and was wrong. A try counts as wrong until it was right, so that many
    at once are not more than one after the other. It never looks at whether a name exists, so that
    its answers do not tell."""

    _names: OrderedDict[str, deque[int]] = field(default_factory=OrderedDict)
    _all: deque[int] = field(default_factory=deque)

    def may(self, name: str | None, now: int) -> bool:
        """Whether another try is looked at: of a password under a name, or of a link (None)."""
        _forget(self._all, now - ALL_SPAN_MS)
        if len(self._all) >= WRONG_IN_ALL_MAX:
            return False
        wrong = self._names.get(name) if name is not None else None
        if wrong is None:
            return True
        _forget(wrong, now - SPAN_MS)
        return len(wrong) < WRONG_MAX

    def wrong(self, name: str | None, now: int) -> None:
        """Another try, which is wrong unless ``right`` is called for it."""
        self._all.append(now)
        if name is None:
            return
        self._names.setdefault(name, deque()).append(now)
        self._names.move_to_end(name)
        while len(self._names) > NAMES_MAX:
            self._names.popitem(last=False)

    def right(self, name: str) -> None:
        """The last try was right: it counts for nothing, and what was mistyped before is
        forgotten."""
        self._names.pop(name, None)
        if self._all:
            self._all.pop()


def _forget(times: deque[int], before: int) -> None:
    while times and times[0] <= before:
        times.popleft()
