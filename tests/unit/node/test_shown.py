"""What changed on a line since somebody looked: put together it is what a full reading says."""

import random

import pytest

from clearline.client.held import Held
from clearline.model.entry import Amend, Coordinated, Notice
from clearline.model.time import MINUTE, Instant
from clearline.node import shown
from tests.shown_cases import Desk, Story
from tests.town import Town, disc, level, volume

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


def overlap(town: Town, label: str) -> Notice:
    """A notice over a place far from everybody else."""
    where = volume(disc(10, 10, 9), Instant(town.now + 200 * MINUTE),
                   Instant(town.now + 400 * MINUTE), level(100), level(200))  # fmt: skip
    return Notice(cls="air-movement", label=label, volumes=(where,))


def test_signatures_that_end_with_time_end_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """An overlap that both have signed for stands as coordinated until the hour that they signed,
    and is a conflict again from then on, though nothing is said and everything is received."""
    monkeypatch.setattr(shown, "RECHECK_MS", 10**12)
    town, page = Town(("AAA", "BBB")), Held()
    desk = Desk(town, "AAA")
    (ours,), (theirs,) = (town.say(party, overlap(town, party)) for party in ("AAA", "BBB"))
    town.settle()
    until = Instant(town.now + 30 * MINUTE)
    for party in ("AAA", "BBB"):
        town.say(party, Coordinated(pair=(ours, theirs), measure="levels", until=until))
    town.settle()
    states = []
    for minutes in (1, 28, 2):
        town.wait(minutes * MINUTE)
        desk.refresh()
        desk.tell(page)
        desk.check(page)
        states += [each.standing.state for each in page.notices() if each.standing is not None]
    assert states[:4] == ["COORDINATED"] * 4
    assert states[4:] == ["CONFLICTED"] * 2


def test_look_that_was_given_up_leaves_nothing_half_said() -> None:
    """A look that ends halfway has made some items of a later moment; the next one misses none."""
    town, page = Town(("AAA", "BBB")), Held()
    desk = Desk(town, "AAA")
    (first,) = town.say("AAA", overlap(town, "first"))
    town.settle()
    desk.refresh()
    desk.tell(page)
    town.say("AAA", Amend(notice=first, to=overlap(town, "second")))
    town.settle()
    desk.refresh(steps=0)
    desk.refresh()
    assert not desk.tell(page).whole
    desk.check(page)
    assert all(each.newest != first for each in page.notices())
