"""What changed on a line since somebody looked: put together it is what a full reading says."""

import random

import pytest

from clearline.client.held import Held
from clearline.node import shown
from tests.shown_cases import Desk, Story
from tests.town import Town

SEEDS = range(24)
"""Histories: 40 doings each, looked at after every one of them."""


@pytest.mark.parametrize("seed", SEEDS)
def test_changes_put_together_are_a_full_reading(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens on the line, whoever was away however long, whether the node began anew or
    a look was given up halfway: what a reader holds in the end is what the node would say to
    somebody who asks for all. Nothing is made anew by the hour here."""
    monkeypatch.setattr(shown, "RECHECK_MS", 10**12)
    dice = random.Random(seed)
    parties = ("AAA", "BBB") if seed % 3 else ("AAA", "BBB", "CCC")
    story = Story(Town(parties), dice)
    desk = Desk(story.town, "AAA")
    readers = [Held() for _ in range(3)]
    for _ in range(40):
        story.step()
        if dice.random() < 0.05:
            desk.restart()
        if dice.random() < 0.1:
            desk.refresh(steps=dice.randint(0, 6))
            story.step()
        desk.refresh()
        for reader in dice.sample(readers, dice.randint(0, 2)):
            desk.tell(reader)
            desk.check(reader)
    for reader in readers:
        desk.tell(reader)
        desk.check(reader)
    assert len({reader.position for reader in readers}) == 1
