"""What is kept between turns changes no trouble: each turn's are those of a fresh computation."""

from collections.abc import Callable

import pytest
from rpds import HashTrieMap

from clearline.model.alert import Trouble, TroubleKind
from clearline.model.time import Instant
from clearline.node import alarms
from clearline.node.duties import troubles
from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.lasting import Compared as Differences
from clearline.node.lasting import Differences as Changed
from clearline.node.lasting import Found, Lasting, key_of
from clearline.node.state import LineState
from tests.simulation.world import World, instead

OF = Differences.differences
WORLDS = range(20_001, 20_025)


class Compared:
    """Computes troubles as the node does, and again with nothing at hand."""

    def __init__(self) -> None:
        self.turns = self.kept = self.found = self.behind = self.lasting = 0
        self.last: dict[int, object] = {}

    def __call__(
        self, ls: LineState, judge: Judge, now: Instant
    ) -> tuple[dict[str, Trouble], Lasting]:
        before, self.last[id(judge)] = self.last.get(id(judge)), judge.facts
        outcome = troubles(ls, judge, now)
        warm = all_of(outcome)
        fresh = Judge()
        fresh.sync(ls.picture)
        fresh.work()
        if ls.terms is not None:
            Facts.of(ls, ls.terms, fresh).look()
        anew = all_of(troubles(ls, fresh, now))
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
        self.lasting += len(outcome[1].all)
        return outcome


def all_of(found: tuple[dict[str, Trouble], Lasting]) -> dict[str, Trouble]:
    """What is computed for this turn, and what lasts."""
    anew, lasting = found
    return {key_of(each): each for each in anew.values()} | lasting.all


class Whole:
    """Compares as the node does, and again with nothing at hand."""

    def __init__(self) -> None:
        self.by_change = self.changes = 0

    def __call__(
        self,
        at_hand: Differences,
        stands: "HashTrieMap[str, Trouble]",
        found: Found,
        stays: Callable[[Trouble], bool],
    ) -> Changed:
        whole = OF(Differences(), stands, found, stays)
        warm = OF(at_hand, stands, found, stays)
        assert (warm.new, warm.gone) == (whole.new, whole.gone)
        self.by_change += at_hand.stands is stands
        self.changes += len(warm.new) + len(warm.gone)
        return warm


@pytest.mark.parametrize("first", range(WORLDS.start, WORLDS.stop, 6))
def test_troubles_are_those_of_a_fresh_computation(first: int) -> None:
    """In worlds in which everything that may happen happens, at every turn of every node."""
    compared = Compared()
    with instead(alarms, "troubles", compared):
        for seed in range(first, first + 6):
            World(seed).run()
    assert compared.found > 500, "there was nothing to compare"
    assert compared.lasting > 50, "nothing lasted"
    assert compared.behind > 5, "nothing waited to be judged"
    assert compared.turns > compared.kept > compared.turns // 10, "nothing was kept, or all"


@pytest.mark.parametrize("first", range(WORLDS.start, WORLDS.stop, 6))
def test_what_changed_is_what_a_whole_comparison_finds(first: int) -> None:
    """At every turn of every node, restarts and full disks included."""
    whole = Whole()
    with instead(Differences, "differences", lambda *what: whole(*what)):
        for seed in range(first, first + 6):
            World(seed).run()
    assert whole.changes > 100, "nothing changed"
    assert whole.by_change > 100, "everything was compared whole anyway"
