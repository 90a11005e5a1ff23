"""Every order of events within stated bounds: never two conflicting versions both DECONFLICTED.

Each test states its bounds and the number of states; fewer than before is a failure, so that the
search cannot quietly shrink.
"""

import pytest

from tests.search.machine import Bounds
from tests.search.search import machine, search

STRANGERS = frozenset({(1, 0)})
BOTH_STRANGE = frozenset({(1, 0), (0, 1)})

CASES = {
    "two parties, notice, amend and withdraw": (Bounds(2, 10, 3), 60_000),
    "two parties, FLASH ahead of sequence": (Bounds(2, 8, 2, flash=True), 17_000),
    "two parties, one cannot read the other": (Bounds(2, 9, 3, strangers=STRANGERS), 32_000),
    "two parties, neither can read the other": (Bounds(2, 9, 3, strangers=BOTH_STRANGE), 32_000),
    "three parties, two file one each, to the end": (Bounds(3, 30, 1, filers=2), 4_650),
    "three parties, two file two each": (Bounds(3, 9, 2, filers=2), 56_000),
    "three parties, all file": (Bounds(3, 11, 1), 41_000),
    "three parties, FLASH ahead of sequence": (Bounds(3, 5, 2, flash=True), 11_000),
}


@pytest.mark.parametrize("name", CASES)
def test_no_order_of_events_clears_two_that_conflict(name: str) -> None:
    """Breadth first through every state within the bounds."""
    bounds, least = CASES[name]
    found = search(machine(bounds))
    print(f"{name}: {bounds}: {found}")
    assert found.broken is None
    assert found.states >= least
    assert found.clear > 0, "a search in which nothing is ever clear shows nothing"


LONG = {
    "two parties, three entries each, FLASH": Bounds(2, 10, 3, flash=True),
    "three parties, all file": Bounds(3, 14, 1),
    "three parties, two entries each": Bounds(3, 12, 2, filers=2),
}


@pytest.mark.long
@pytest.mark.parametrize("name", LONG)
def test_no_order_of_events_clears_two_that_conflict_further_out(name: str) -> None:
    """The same, a few steps deeper: minutes to an hour."""
    found = search(machine(LONG[name]))
    print(f"{name}: {found}")
    assert found.broken is None


def test_search_finds_seen_by_highest_index() -> None:
    """Planted: an entry kept ahead of sequence counts as if all before it were held."""
    planted = machine(Bounds(2, 8, 2, flash=True))
    planted.bug_highest = True
    broken = search(planted).broken
    assert broken is not None
    assert broken.startswith(("seen", "told"))


def test_search_finds_refused_entries_counted_as_seen() -> None:
    """Planted: what cannot be read is skipped, and receipted as if it had been."""
    planted = machine(Bounds(2, 8, 1, strangers=BOTH_STRANGE))
    planted.bug_skipped = True
    broken = search(planted).broken
    assert broken is not None
    assert broken.startswith(("both", "told"))
