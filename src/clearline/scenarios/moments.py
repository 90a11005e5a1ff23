"""When things happen in one playing: bounds made definite, for the worst case or for the best.

The worst case: whoever gives notice does so at the latest, and what he gives notice of begins at
the earliest. The best case is the other way round. Between the two lies what can be known.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from clearline.model.time import Instant
from clearline.scenarios.script import Mark, Script, When


class Case(StrEnum):
    """Which end of what is known is played."""

    WORST = "worst"
    BEST = "best"


class Unknown(Exception):
    """A moment refers to something that has no time (yet)."""


@dataclass(slots=True)
class Moments:
    """Claims' intervals, and the times at which acts were played in this case."""

    script: Script
    case: Case
    played: dict[str, Instant] = field(default_factory=dict)

    def act(self, when: When) -> Instant:
        """When an act takes place."""
        return self._late(when) if self.case is Case.WORST else self._early(when)

    def start(self, when: When) -> Instant:
        """When a window begins."""
        return self._early(when) if self.case is Case.WORST else self._late(when)

    def end(self, when: When) -> Instant:
        """When a window ends: at the latest, in either case."""
        return self._late(when)

    def bounds(self, when: When) -> tuple[Instant, Instant]:
        """From the earliest to the latest."""
        return self._early(when), self._late(when)

    def _early(self, when: When) -> Instant:
        return self._mark(when.first, late=False)

    def _late(self, when: When) -> Instant:
        return self._mark(when.last, late=True)

    def _mark(self, mark: Mark, *, late: bool) -> Instant:
        if mark.after is None:
            assert mark.at is not None, "a mark is an instant or refers to something"
            return mark.at
        if mark.after in self.played:
            return Instant(self.played[mark.after] + mark.shift_ms)
        claim = self.script.claim(mark.after)
        bound = None if claim is None else (claim.until if late else claim.at)
        if bound is None:
            raise Unknown(mark.after)
        return Instant(bound + mark.shift_ms)
