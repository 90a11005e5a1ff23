"""Playings of the shipped scenarios, each played once for all tests that look at it."""

from functools import lru_cache

from clearline.scenarios.events import Event
from clearline.scenarios.library import shipped
from clearline.scenarios.replay import Replay, replay
from clearline.scenarios.script import Script


def script(name: str) -> Script:
    """A shipped scenario."""
    found = shipped(name)
    assert isinstance(found, Script), found
    return found


@lru_cache(maxsize=32)
def played(name: str, variant: str) -> Replay:
    """One playing."""
    return replay(script(name), variant)


def events(name: str, variant: str) -> tuple[Event, ...]:
    """The events of one playing."""
    return played(name, variant).events
