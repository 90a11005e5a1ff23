"""What is kept between turns changes no trouble: each turn's are those of a fresh computation."""

import pytest

from clearline.model.alert import Trouble, TroubleKind
from clearline.model.time import Instant
from clearline.node import decide
from clearline.node.duties import troubles
from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.state import LineState
from tests.simulation.world import World, instead

WORLDS = range(20_001, 20_025)


class Compared:
    """Computes troubles as the node does, and again with nothing at hand."""

    def __init__(self) -> None:
        self.turns = self.kept = self.found = self.behind = 0
        self.last: dict[int, object] = {}

    def __call__(self, ls: LineState, judge: Judge, now: Instant) -> dict[str, Trouble]:
        before, self.last[id(judge)] = self.last.get(id(judge)), judge.facts
        warm = troubles(ls, judge, now)
        fresh = Judge()
        fresh.sync(ls.picture)
        fresh.work()
        if ls.terms is not None:
            Facts.of(ls, ls.terms, fresh).look()
        anew = troubles(ls, fresh, now)
        if judge.pending or (
            isinstance(judge.facts, Facts) and judge.facts.waiting
        ):  # what is known so far, and nothing else
            warm = {key: one for key, one in warm.items() if one.kind is not TroubleKind.JUDGING}
            assert warm.items() <= anew.items()
        else:
            assert warm == anew
        self.behind += bool(judge.pending)
        self.turns += 1
        self.kept += before is not None and judge.facts is before
        self.found += len(warm)
        return warm


@pytest.mark.parametrize("first", range(WORLDS.start, WORLDS.stop, 6))
def test_troubles_are_those_of_a_fresh_computation(first: int) -> None:
    """In worlds in which everything that may happen happens, at every turn of every node."""
    compared = Compared()
    with instead(decide, "troubles", compared):
        for seed in range(first, first + 6):
            World(seed).run()
    assert compared.found > 500, "there was nothing to compare"
    assert compared.behind > 5, "nothing waited to be judged"
    assert compared.turns > compared.kept > compared.turns // 10, "nothing was kept, or all"
