"""A line with more notices than one step looks at, and a count of what is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clearline.model.entry import Notice
from clearline.model.time import SECOND
from clearline.node import facts, judge, replied
from clearline.node.conductor import Conductor
from clearline.node.facts import Facts
from clearline.node.receipts import Receipts
from clearline.store.memory import MemoryStore
from tests.town import Town, at, disc, volume

MANY, AT_ONCE = 60, 7


def in_small_steps(patch: pytest.MonkeyPatch) -> None:
    """Steps of seven, so that sixty notices are many."""
    patch.setattr(facts, "LOOKED_AT_ONCE", AT_ONCE)
    patch.setattr(judge, "SEEN_AT_ONCE", AT_ONCE)
    patch.setattr(replied, "AT_ONCE", AT_ONCE)


def busy() -> Town:
    """AAA has notices that BBB has not answered, some of which meet each other and one of BBB's."""
    town = Town(("AAA", "BBB"))
    window = at(600), at(3_480)
    town.say("BBB", Notice(cls="air-movement", label="way", volumes=(near(0, window),)))
    for first in range(0, MANY, 20):
        sites = [
            Notice(cls="hazardous-air", label=f"site {n}", volumes=(near(n, window),))
            for n in range(first, first + 20)
        ]
        town.say("AAA", *sites)
        town.settle()
    for _ in range(MANY // AT_ONCE + 2):
        town.wait(SECOND)
        town.tick()
    town.settle()
    return town


def near(n: int, window: tuple):
    """Every second one meets the one before it."""
    return volume(disc(-40 + n // 2 * 2, 10 + n % 2 * 0.01, 2), *window)


def again(town: Town, who: str) -> Conductor:
    """The next process of a node, on a copy of its store; it has read nothing yet."""
    node = town.nodes[who]
    assert isinstance(node.store, MemoryStore)
    made = town.make(who, node.store.fork(), node.high_water)  # type: ignore[arg-type]
    made.begin(town.now)
    return made


@contextmanager
def looks(seen: list[int]) -> Iterator[None]:
    """How many versions are looked at within, by each call."""
    see, look = Facts._see, Receipts.look

    def counted_see(self: Facts, *given) -> None:
        seen.append(1)
        see(self, *given)

    def counted_look(self: Receipts, view, versions) -> None:
        seen.append(len(versions))
        look(self, view, versions)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Facts, "_see", counted_see)
        patch.setattr(Receipts, "look", counted_look)
        yield
