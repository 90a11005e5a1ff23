"""What differs between a picture and one that grew out of it, found in time that goes with what was
written between them, and not with how much there is.

Whatever follows from pictures and is kept from one to the next is brought up by this alone. It says
at least what changed: a place that is named may be as it was. Where a difference is not one of
growth by entries, nothing is said, and whoever asks looks at everything. So he does, sooner or
later, where who is on the line, or by what terms, is another than it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from rpds import HashTrieMap

from clearline.model.ids import EntryRef, FeedId, PartyId, party_of
from clearline.picture.live import ended_elsewhere
from clearline.picture.situation import FeedState, Picture

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class Changes:
    """``versions``: places at which what is live may be another, or none. ``receipts``: entries
    that a party has newly seen. ``answered``: what has a new answer. ``refused``: what an author
    newly says that it could not read. ``told``: of what it was newly said how far a represented
    party has come. ``grown``: feeds with new entries. ``coordinated``, ``standing``, ``seals``:
    whether any of these is new, or opened. ``terms``: whether any are newly known or adopted;
    ``members``: whether a feed is new or forked, or an author has joined or left."""

    versions: set[EntryRef] = field(default_factory=set)
    receipts: list[tuple[PartyId, FeedId, int, int]] = field(default_factory=list)
    answered: set[EntryRef] = field(default_factory=set)
    refused: set[EntryRef] = field(default_factory=set)
    told: set[EntryRef] = field(default_factory=set)
    grown: set[FeedId] = field(default_factory=set)
    coordinated: bool = False
    standing: bool = False
    seals: bool = False
    terms: bool = False
    members: bool = False


def changes(before: Picture, after: Picture) -> Changes | None:
    """What may differ; None: it is a picture of another descent. Of what is small in each feed
    (suspension, links, handover) nothing is said."""
    if before.line != after.line or any(feed not in after.feeds for feed in before.feeds):
        return None
    found = Changes(
        terms=before.terms is not after.terms, members=before.forked is not after.forked
    )
    for feed, state in after.feeds.items():
        known = before.feeds.get(feed)
        if known is state:
            continue
        old = FeedState(feed=feed) if known is None else known
        if not _grew(old, state):
            return None
        found.members |= known is None or (old.joined, old.left) != (state.joined, state.left)
        found.terms |= old.terms != state.terms
        _compare(found, old, state, after)
    if before.ahead is not after.ahead:
        for picture in (before, after):
            for feed, kept in picture.ahead.items():
                found.versions.update(EntryRef(feed, index) for index in kept)
    if before.branches is not after.branches:
        found.versions.update(before.branches)
        found.versions.update(after.branches)
    if found.terms or found.members:  # which classes are hazards may be another matter
        found.versions |= ended_elsewhere(after)
    return found


def _grew(old: FeedState, state: FeedState) -> bool:
    """Whether the feed is what it was with entries more."""
    return (
        state.size > old.size
        and len(old.times) == old.size
        and len(state.times) == state.size
        and (not old.size or state.times.continues(old.times))
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
