"""What differs between a picture and one that grew out of it, found in time that goes with what was
written between them, and not with how much there is.

Whatever follows from pictures and is kept from one to the next is brought up by this alone. It says
at least what changed: a place that is named may be as it was. Where a difference is not one of
growth by entries, nothing is said, and whoever asks looks at everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from rpds import HashTrieMap

from clearline.model.ids import EntryRef, FeedId, PartyId, party_of
from clearline.picture.situation import FeedState, Picture

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class Changes:
    """``versions``: places at which what is live may be another, or none. ``receipts``: entries
    that a party has newly seen. ``answered``: what has a new answer. ``refused``: what an author
    newly says that it could not read. ``told``: of what it was newly said how far a represented
    party has come. ``grown``: feeds with new entries. ``coordinated``, ``standing``, ``seals``:
    whether any of these is new, or opened."""

    versions: set[EntryRef] = field(default_factory=set)
    receipts: list[tuple[PartyId, FeedId, int, int]] = field(default_factory=list)
    answered: set[EntryRef] = field(default_factory=set)
    refused: set[EntryRef] = field(default_factory=set)
    told: set[EntryRef] = field(default_factory=set)
    grown: set[FeedId] = field(default_factory=set)
    coordinated: bool = False
    standing: bool = False
    seals: bool = False


def changes(before: Picture, after: Picture) -> Changes | None:
    """What may differ; None: more than can be said so. That is so for new feeds, terms and forks,
    for whoever joins, adopts or leaves, and for a picture of another descent. Of what is small in
    each feed (suspension, links, handover) nothing is said."""
    same = (
        before.line == after.line
        and before.terms is after.terms
        and before.forked is after.forked
        and len(before.feeds) == len(after.feeds)
    )
    if not same:
        return None
    found = Changes()
    for feed, state in after.feeds.items():
        old = before.feeds.get(feed)
        if old is state:
            continue
        if old is None or not _grew(old, state):
            return None
        _compare(found, old, state, after)
    if before.ahead is not after.ahead:
        for picture in (before, after):
            for feed, kept in picture.ahead.items():
                found.versions.update(EntryRef(feed, index) for index in kept)
    if before.branches is not after.branches:
        found.versions.update(before.branches)
        found.versions.update(after.branches)
    return found


def _grew(old: FeedState, state: FeedState) -> bool:
    """Whether the feed is what it was with entries more, none of which changed its author's place
    on the line."""
    return (
        state.size > old.size
        and len(old.times) == old.size
        and len(state.times) == state.size
        and state.times.continues(old.times)
        and (old.terms, old.joined, old.left) == (state.terms, state.joined, state.left)
    )


def _compare(found: Changes, old: FeedState, state: FeedState, after: Picture) -> None:
    feed = state.feed
    found.grown.add(feed)
    for index in range(old.size, state.size):
        if index in state.live or index in state.ended:
            found.versions.add(EntryRef(feed, index))
        for place in state.touched.get(index) or ():
            found.versions.add(EntryRef(feed, place))
        to = state.said_to.get(index)
        if to is not None:
            found.answered.add(to)
    for of, steps in state.seen.items():
        known = old.seen.get(of)
        if steps is not known:
            held = after.feeds.get(of)
            first = known.value() if known is not None else 0
            stop = min(steps.value(), held.size if held is not None else 0)
            found.receipts.append((party_of(feed), of, first, stop))
    found.versions.update(_news(old.ends, state.ends))
    found.refused.update(_news(old.refused, state.refused))
    found.told.update(ref for ref, _ in _news(old.told, state.told))
    found.coordinated |= old.coordinated is not state.coordinated
    found.standing |= old.standing is not state.standing
    found.seals |= old.seals is not state.seals


def _news(old: "HashTrieMap[K, V]", new: "HashTrieMap[K, V]") -> Iterator[K]:
    """Keys with another value than before; nothing is ever taken out of these maps."""
    if new is not old:
        yield from (key for key, value in new.items() if old.get(key) is not value)
