"""The first look at a picture that was read: what turns keep of it, made in steps beside them.

Verdicts and facts are caches: whatever is here is what the first turn would find by itself, in one
go of some seconds where tens of thousands of notices stand. While these steps are taken the node
still says that it is loading, and only its own feed can grow. What was made counts only if nothing
is live by then that was not, so that the order in which things were learnt is the same as well.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from clearline.model.ids import LineId
from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.state import LineState
from clearline.node.tools import Tools
from clearline.picture.changes import changes
from clearline.picture.situation import Picture

LOOKS_MAX: Final = 3
"""Looks that are begun again because an emergency was filed meanwhile; then the first turn does the
rest in one go."""


class FirstLook:
    """``whole`` gives the lines as they would be put into their place at this moment."""

    def __init__(self, tools: Tools, whole: Callable[[], Mapping[LineId, LineState]]) -> None:
        self._tools, self._whole = tools, whole
        self._judges: dict[LineId, tuple[Judge, Picture]] = {}
        self._steps = self._all()

    def step(self) -> bool:
        """One step, of some milliseconds; whether there was one to do."""
        return next(self._steps, self) is not self

    def _all(self) -> Iterator[object]:
        for _ in range(LOOKS_MAX):
            for line, ls in self._whole().items():
                judge = self._tools.new_judge()
                yield from judge.syncing(ls.picture)
                if (terms := ls.terms_in_force) is not None:
                    judge.facts = yield from Facts.looking(ls, terms, judge)
                self._judges[line] = judge, ls.picture
            if all(self._fits(line, ls) for line, ls in self._whole().items()):
                return

    def _fits(self, line: LineId, ls: LineState) -> bool:
        made = self._judges.get(line)
        changed = changes(made[1], ls.picture) if made is not None else None
        return changed is not None and not (changed.versions or changed.terms or changed.members)

    def judge_of(self, line: LineId, ls: LineState) -> Judge | None:
        """The judge of a line that is put into its place now, with all that was found; None: more
        has changed meanwhile."""
        return self._judges[line][0] if self._fits(line, ls) else None
