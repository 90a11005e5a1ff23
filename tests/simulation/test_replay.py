"""A node's own journal gives its record, its picture and its alerts again (protocol, The rule)."""

import pytest

from clearline.conflict.blocks import BlockIndex
from clearline.node import judge
from clearline.node.replay import replay
from tests.plain_index import PlainIndex
from tests.simulation.box import Box
from tests.simulation.disk import MemoryDisk
from tests.simulation.world import CALM, SMALL_EVERY, World, instead, software

WORLDS = [seed for seed in range(1, 200) if not World(seed).shape.faults][:12]
"""Worlds in which no process dies and no disk fills up; messages are lost and late all the same."""


RESTARTED = range(30_001, 30_009)


@pytest.mark.parametrize("seed", WORLDS)
def test_journal_gives_the_same_alert_book(seed: int) -> None:
    """A fresh node that is given the journal alone ends with the same book, feeds and picture."""
    check_replayed(World(seed).run())


def test_journal_gives_the_same_through_restarts() -> None:
    """Also where processes died, began again, and cried for help while they read their record."""
    cries = 0
    for seed in RESTARTED:
        world = World(seed)
        world.actions = (*CALM, ("crash", 6), ("restart", 12))
        check_replayed(world.run())
        cries += world.cries
    assert cries > 5, "nothing was said while a record was read"


def test_journal_gives_the_same_whichever_index_looks() -> None:
    """What was lived with one index is replayed with the plain one: the same pairs are judged in
    the same turns, so that alarms begin and end at the same moments."""
    small = [seed for seed in range(1, 200, SMALL_EVERY) if not World(seed).shape.faults][:4]
    for seed in small:
        check_replayed(World(seed).run(), PlainIndex)


def check_replayed(world: World, index: object = BlockIndex) -> None:
    """Each node's journal, played to a fresh node."""
    for box in world.on_line():
        again = Box(party=box.party, disk=MemoryDisk())
        with software(), instead(judge, "BlockIndex", index), world._as(box):
            again.join(*box.joined)
            replay(box.store, again.running)
        before, after = box.running.state, again.running.state
        assert before.book.alerts == after.book.alerts
        assert before.troubles == after.troubles
        assert box.at.picture == again.at.picture
        assert box.at.frontiers == again.at.frontiers
        assert box.at.desk == again.at.desk
