"""Rules that many fields share: ids, references, ranges, counts, order.

Each returns the refusal or None, so that a record's checks are one chain of ``or`` in the order of
its clauses.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, Protocol, Self, TypeVar

from clearline.model.ids import EntryRef, is_digest, is_feed_id, is_party_id
from clearline.model.limits import FEED_ENTRIES_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import INSTANT_MAX
from clearline.wire import clauses

FEED_CHARS_MAX: Final = 17
"""Twelve for the party, a dot, four for the epoch."""
_remembered = lru_cache(maxsize=4_096)(is_feed_id)


def known_feed_id(text: str) -> bool:
    """``is_feed_id``, remembered: every entry names every feed of its line. What is too long to be
    one is not remembered, so that nobody fills memory with names."""
    return len(text) <= FEED_CHARS_MAX and _remembered(text)


class _Ordered(Protocol):
    def __lt__(self, other: Self, /) -> bool: ...


_O = TypeVar("_O", bound=_Ordered)
_T = TypeVar("_T")


def outside(value: int, low: int, high: int, at: str) -> Refusal | None:
    """A number beyond its closed range."""
    if low <= value <= high:
        return None
    params: dict[str, Param] = {"found": value, "low": low, "high": high}
    return Refusal(code=Code.NUMBER_RANGE, clause=clauses.RANGE, at=at, params=params)


def bad_instant(value: int, at: str) -> Refusal | None:
    """A time outside the years 1970 to 2199."""
    return outside(value, 0, INSTANT_MAX, at)


def bad_digest(value: str, at: str) -> Refusal | None:
    """Anything but 64 lower-case hex digits."""
    return None if is_digest(value) else misnamed(at)


def bad_party(value: str, at: str) -> Refusal | None:
    """Anything but a party's id."""
    return None if is_party_id(value) else misnamed(at)


def bad_feed(value: str, at: str) -> Refusal | None:
    """Anything but a feed's id."""
    return None if known_feed_id(value) else misnamed(at)


def bad_ref(ref: EntryRef, at: str) -> Refusal | None:
    """A reference that can name no entry."""
    return bad_feed(ref.feed, f"{at}/0") or outside(ref.index, 0, FEED_ENTRIES_MAX - 1, f"{at}/1")


def misnamed(at: str) -> Refusal:
    """A name that does not match its pattern."""
    return Refusal(code=Code.BAD_FIELD, clause=clauses.NAMES, at=at)


def miscounted(found: int, low: int, high: int, at: str) -> Refusal | None:
    """A list with too few or too many members."""
    if low <= found <= high:
        return None
    code = Code.TOO_MANY if found > high else Code.MISSING_FIELD
    params: dict[str, Param] = {"found": found, "low": low, "high": high}
    return Refusal(code=code, clause=clauses.COUNT, at=at, params=params)


def unsorted(items: Sequence[_O], at: str) -> Refusal | None:
    """A set that is not written strictly ascending: then it would have several forms."""
    for place in range(1, len(items)):
        if not items[place - 1] < items[place]:
            return Refusal(code=Code.BAD_ORDER, clause=clauses.SORTED, at=f"{at}/{place}")
    return None


def each(
    items: Sequence[_T], check: Callable[[_T, str], Refusal | None], at: str
) -> Refusal | None:
    """The first refusal among the members."""
    for place, item in enumerate(items):
        if found := check(item, f"{at}/{place}"):
            return found
    return None
