"""The simulation notices: each planted bug breaks an invariant within the normal worlds."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from clearline.conflict.blocks import BlockIndex
from clearline.node import alarms, loading, write
from clearline.node.judge import Judge
from clearline.picture.standing import View
from tests.simulation import bugs
from tests.simulation.checker import Broken
from tests.simulation.world import World, instead

ENOUGH = 200
"""Worlds within which each is found; ``make test`` plays ten times as many."""

Patch = tuple[object, str, object]
PLANTED: dict[str, tuple[Callable[[int], World], tuple[Patch, ...], str]] = {
    "receipt before durable": (bugs.hasty_world, (), "F"),
    "clear on send": (World, ((View, "with_party", bugs.sent_is_received),), "R"),
    "check without append in one transaction": (
        World,
        ((Judge, "_near", bugs.check_then_append),),
        "R",
    ),
    "a pair that is not judged yet counted as apart": (
        World,
        ((Judge, "unjudged", bugs.pending_is_no),),
        "R",
    ),
    "a row lost where the index puts its tail away": (
        World,
        ((BlockIndex, "_put_away", bugs.lose_a_row),),
        "R",
    ),
    "seen by highest index": (
        World,
        (
            (write, "seen_now", bugs.seen_by_highest_index),
            (write, "_ahead", lambda ls: ()),
        ),
        "C",
    ),
    "a receipt keyed on the notice instead of the version": (
        World,
        ((View, "with_party", bugs.receipt_of_the_notice),),
        "R",
    ),
    "a refused entry counted as seen by its author": (
        World,
        ((View, "with_party", bugs.refused_is_received),),
        "R",
    ),
    "a refused entry counted as seen by its reader": (
        World,
        ((write, "_reportable", bugs.refused_is_not_told),),
        "C",
    ),
    "a receipt while the record is being read": (
        World,
        ((loading, "_thin", bugs.receipt_while_loading),),
        "L",
    ),
    "an alert ended because the picture is not there": (
        World,
        ((alarms, "stood", bugs.ended_by_loading),),
        "L",
    ),
    "one node with other terrain data": (bugs.terrain_world, (), "R"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_bug_is_caught(name: str) -> None:
    """Some world breaks, and by the invariant that the bug is against."""
    make, patches, invariant = PLANTED[name]
    caught: list[str] = []
    with ExitStack() as stack:
        for patch in patches:
            stack.enter_context(instead(*patch))
        for number in range(1, ENOUGH + 1):
            try:
                make(number).run()
            except Broken as broken:
                print(f"{name}: world {number}: {broken}")
                caught.append(broken.invariant)
                break
    assert caught == [invariant]
