"""(Picture, item) -> Picture: the next entry of a feed, or one kept ahead of sequence."""

from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.model.entry import EMERGENCY, Entry, Kind
from clearline.model.ids import EntryRef, FeedId
from clearline.model.terms import Agreement
from clearline.picture.fold import ask_of, fold, version_of
from clearline.picture.screen import CheckVolume, screen
from clearline.picture.situation import FeedState, Picture, Unreadable, Version
from clearline.picture.standing import hazard_by

ASKING = EMERGENCY | {Kind.MESSAGE}
"""Overtaking kinds that ask for an answer of themselves; a notice asks by its version."""


def admit(picture: Picture, item: Entry | Unreadable, check: CheckVolume) -> Entry | Unreadable:
    """The next entry of its feed as it will be folded: itself, or unreadable with the reason."""
    if isinstance(item, Unreadable):
        return item
    state = picture.feed(item.feed)
    refusal = screen(state, item, picture.terms, check)
    if refusal is None:
        return item
    seen = item.seen if _seen_stands(state, item) else None
    return Unreadable(
        feed=item.feed,
        index=item.index,
        leaf=item.leaf,
        code=refusal.code,
        t=item.t,
        seen=seen,
        refused=item.refused,
    )


def _seen_stands(state: FeedState, item: Entry) -> bool:
    """Whether the frame's ``seen`` can be believed although the body cannot be applied."""
    return not item.refused and all(
        item.seen.get(feed, 0) >= steps.value() for feed, steps in state.seen.items()
    )


def record(picture: Picture, item: Entry | Unreadable) -> Picture:
    """The picture after the next entry of a feed; drops what was kept of it ahead of sequence."""
    state = picture.feed(item.feed)
    agreement = picture.terms.get(state.adopted())
    state = fold(state, item, hazard_by((agreement,) if agreement is not None else ()))
    picture = replace(picture, feeds=picture.feeds.insert(item.feed, state))
    kept = picture.ahead.get(item.feed)
    if kept is not None and item.index in kept:
        kept = kept.remove(item.index)
        ahead = (
            picture.ahead.insert(item.feed, kept) if len(kept) else picture.ahead.remove(item.feed)
        )
        picture = replace(picture, ahead=ahead)
    ref = EntryRef(item.feed, item.index)
    if ref in picture.asks_ahead:
        picture = replace(picture, asks_ahead=picture.asks_ahead.remove(ref))
    return picture


def keep_ahead(picture: Picture, entry: Entry, check: CheckVolume) -> Picture:
    """An entry beyond a gap, proved: its volumes count as live, it supports nothing. Volumes that
    cannot be judged make it unreadable, as they will when the prefix arrives."""
    state = picture.feed(entry.feed)
    version = version_of(state, entry)
    if version is not None:
        faults = [fault for volume in version.volumes for fault in check(volume)]
        if faults:
            version = replace(version, volumes=(), unreadable=faults[0].code)
        kept = picture.ahead.get(entry.feed) or HashTrieMap()
        kept = kept.insert(entry.index, version)
        picture = replace(picture, ahead=picture.ahead.insert(entry.feed, kept))
    if entry.kind not in ASKING:
        return picture
    asks = picture.asks_ahead.insert(entry.ref, ask_of(entry))
    return replace(picture, asks_ahead=asks)


def keep_branch(picture: Picture, version: Version) -> Picture:
    """A version on the losing branch of a forked feed: it stays live, whichever branch goes on."""
    return replace(picture, branches=picture.branches.insert(version.ref, version))


def mark_forked(picture: Picture, feed: FeedId, common: int) -> Picture:
    """The feed has two histories that part after ``common`` entries."""
    return replace(picture, forked=picture.forked.insert(feed, common))


def add_terms(picture: Picture, agreement: Agreement) -> Picture:
    """A fully signed version of the terms is known."""
    return replace(picture, terms=picture.terms.insert(agreement.version, agreement))
