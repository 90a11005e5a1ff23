"""A look at everything once more, under new terms or for other members: a part of it in each turn.

What was looked at before stands and rings until the new look is whole, brought up to each picture
as ever; verdicts are begun anew at once, so that none given under terms that are over is read
(CL-STA-008). How much a turn looks at is counted, so that a replay takes up the new look in the
same turn.
"""

from typing import Final

from clearline.model.terms import Agreement
from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.state import LineState

UNITS_LOOKED: Final = 3
"""One version in one of the passes of a look, in units of judging."""
PASSES: Final = 5
"""Of a look over every version."""
LOOKS_MAX: Final = 3
"""Looks that are begun again because members or terms have changed meanwhile; then one turn does it
in one go, so that nobody can put it off for ever."""


class LookAgain:
    """One line's, of a picture that has gone on since. ``looks``: how many were begun."""

    def __init__(self, ls: LineState, terms: Agreement, judge: Judge, looks: int = 1) -> None:
        self.terms, self.looks = terms, looks
        self._steps = Facts.looking(ls, terms, judge)
        self._versions = next(self._steps)  # now, while ``judge`` is in step
        self._seen, self._owed = self._versions, self._versions * UNITS_LOOKED

    @property
    def left(self) -> int:
        """About how many versions are not looked at again yet; 1 at the least."""
        return max(1, self._versions - self._seen // PASSES)

    def work(self, units: int) -> tuple[int, Facts | None]:
        """Go on by so many units: how many it were, never none; and what was found once all is."""
        done, self._owed = self._owed, 0
        while done < units:
            try:
                seen = next(self._steps)
            except StopIteration as whole:
                return done + 1, whole.value
            self._seen += seen
            done += max(1, seen * UNITS_LOOKED)
        return done, None


def is_due(facts: Facts, terms: Agreement) -> bool:
    """Whether everything is to be looked at again: the terms in force, or the members, are not
    those that it was looked at for."""
    return facts.outdated or facts.terms is not terms


def look_again(ls: LineState, terms: Agreement, judge: Judge, held: Facts, units: int) -> int:
    """Go on looking, up to an amount of work; how much was done. Once all of it was looked at,
    ``judge.facts`` are the new ones. ``held`` are those that stand, brought up to the picture."""
    again = judge.again
    if not isinstance(again, LookAgain):
        judge.again = again = LookAgain(ls, terms, judge)
    elif again.terms is not terms:
        judge.again = again = LookAgain(ls, terms, judge, again.looks + 1)
    fresh: Facts | None
    if again.looks > LOOKS_MAX:
        done, fresh = units, Facts(ls, terms, judge)
    else:
        done, fresh = again.work(units)
    if fresh is None:
        held.again = again.left
    elif fresh.follow(ls, judge) and not fresh.outdated:
        fresh.stand_for(held)
        judge.facts, judge.again = fresh, None
    else:
        judge.again = LookAgain(ls, terms, judge, again.looks + 1)
        held.again = max(1, len(judge.live))
    return done
