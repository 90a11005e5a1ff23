"""The loudest duties one by one, of the others how many: together the head of the board."""

import random

import msgspec
import pytest

from clearline.node import shown_duties
from clearline.node.queries import alert_views
from clearline.node.shown_duties import DutiesView, ShownDuties
from clearline.node.views import AlertView
from tests.shown_cases import Story
from tests.town import Town

HIGH = 6


class Page:
    """A reader of the duties, who comes and goes."""

    def __init__(self) -> None:
        self.position: str | None = None
        self.held: dict[str, AlertView] = {}

    def take(self, told: DutiesView) -> None:
        """Put in what changed."""
        self.held = {} if told.whole else self.held
        for name in told.gone:
            self.held.pop(name, None)
        self.held |= {each.id: each for each in told.changed}
        self.position = told.position


@pytest.mark.parametrize("seed", range(8))
def test_page_holds_the_loudest_and_knows_of_the_others(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any history with any cuts: the duties at the head of the board as they are there, and
    of all that are not among them how many there are of what."""
    monkeypatch.setattr(shown_duties, "SHOWN_MAX", HIGH)
    dice = random.Random(seed)
    story = Story(Town(("AAA", "BBB")), dice)
    node, pages = story.town.nodes["AAA"], (Page(), Page())
    kept, most = ShownDuties("one"), 0
    for n in range(60):
        story.step()
        if dice.random() < 0.05:
            kept = ShownDuties(f"life {n}")
        state, plan = node.state, node.tools.plan(node.state)
        if not kept.is_current(state, plan):
            for _ in kept.steps(state, plan, story.town.now, ("en",)):
                pass
        every = alert_views(state, plan)
        most = max(most, len(every))
        for page in dice.sample(pages, dice.randint(0, 2)):
            raw = msgspec.json.encode(kept.after(page.position))
            told = msgspec.json.decode(raw, type=DutiesView)
            page.take(told)
            assert page.held == {each.id: each for each in every[:HIGH]}
            assert told.total == len(every)
            assert sum(group.count for group in told.left) == len(every[HIGH:])
            ringing = sum(each.state in ("raised", "escalated") for each in every[HIGH:])
            assert sum(group.ringing for group in told.left) == ringing
    assert most > HIGH
