"""A node's own journal gives its record, its picture and its alerts again (protocol, The rule)."""

import pytest

from clearline.node.replay import replay
from tests.simulation.box import Box
from tests.simulation.disk import MemoryDisk
from tests.simulation.world import World, software

WORLDS = [seed for seed in range(1, 200) if not World(seed).shape.faults][:12]
"""Worlds in which no process dies and no disk fills up; messages are lost and late all the same."""


@pytest.mark.parametrize("seed", WORLDS)
def test_journal_gives_the_same_alert_book(seed: int) -> None:
    """A fresh node that is given the journal alone ends with the same book, feeds and picture."""
    world = World(seed).run()
    for box in world.on_line():
        again = Box(party=box.party, disk=MemoryDisk())
        with software(), world._as(box):
            again.join(*box.joined)
            replay(box.store, again.running)
        before, after = box.running.state, again.running.state
        assert before.book.alerts == after.book.alerts
        assert before.troubles == after.troubles
        assert box.at.picture == again.at.picture
        assert box.at.frontiers == again.at.frontiers
