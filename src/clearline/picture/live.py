"""Which versions count: those that no entry of their author's has ended, wherever it stands.

Feeds are folded each by itself; here they are joined: what a later epoch of a party ended in an
earlier one, what is kept ahead of sequence, and both branches of a fork.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from clearline.model.ids import EntryRef, FeedId, party_of
from clearline.model.refusal import Code
from clearline.picture.fold import HazardOf, apply_end, has_begun
from clearline.picture.situation import End, EndKind, Picture, Version


def live_versions(picture: Picture, is_hazard: HazardOf) -> Iterator[Version]:
    """All versions that no entry of their author's has ended, with those ahead of sequence and
    those on the branches of a fork."""
    for state in picture.feeds.values():
        later = later_ends(picture, state.feed)
        for version in state.live.values():
            if version.ref in picture.branches:
                continue  # two histories have a version at this place: they count together
            if later and version.ref in later:
                shown = end_from_later(version, later[version.ref], is_hazard)
                if shown is not None:
                    yield shown
            else:
                yield version
    for feed, kept in picture.ahead.items():
        later = later_ends(picture, feed)
        for version in kept.values():  # what a lost epoch leaves ahead, a later one can end
            shown = end_from_later(version, later.get(version.ref, ()), is_hazard)
            if shown is not None:
                yield shown
    for version in picture.branches.values():
        shown = _with_branch(picture, version, is_hazard)
        if shown is not None:
            yield shown


def live_at(picture: Picture, ref: EntryRef, is_hazard: HazardOf) -> Version | None:
    """The version that ``live_versions`` gives for a place; None: it gives none."""
    branch = picture.branches.get(ref)
    if branch is not None:
        return _with_branch(picture, branch, is_hazard)
    state, kept = picture.feeds.get(ref.feed), picture.ahead.get(ref.feed)
    version = state.live.get(ref.index) if state is not None else None
    ahead = kept.get(ref.index) if kept is not None else None
    if version is None and ahead is None:
        return None
    said = [
        other.ends.get(ref)
        for feed, other in picture.feeds.items()
        if len(other.ends) and feed != ref.feed and party_of(feed) == party_of(ref.feed)
    ]
    later = tuple(end for ends in said if ends is not None for end in ends)
    if ahead is not None:  # it is given after the one that is folded, and counts
        return end_from_later(ahead, later, is_hazard)
    assert version is not None, "one of the two is there"
    return end_from_later(version, later, is_hazard) if later else version


def _with_branch(picture: Picture, branch: Version, is_hazard: HazardOf) -> Version | None:
    """What counts at a place where a feed has two histories: both versions, and if they cannot be
    one, nothing can be ruled out. An end in a later epoch, which names the place, ends both."""
    state = picture.feeds.get(branch.ref.feed)
    other = state.live.get(branch.ref.index) if state is not None else None
    if other is not None:
        alike = (branch.cls, branch.operation, branch.notice, branch.unreadable) == (
            other.cls, other.operation, other.notice, other.unreadable,
        )  # fmt: skip
        ended = other.cut is not None or other.clear is not None
        if alike and not ended:
            branch = replace(branch, volumes=(*other.volumes, *branch.volumes))
        else:
            branch = replace(branch, volumes=(), unreadable=Code.FORK)
    ends = later_ends(picture, branch.ref.feed).get(branch.ref)
    return branch if ends is None else end_from_later(branch, ends, is_hazard)


def later_ends(picture: Picture, feed: FeedId) -> dict[EntryRef, tuple[End, ...]]:
    """Ends that later epochs of the same party speak of this feed."""
    ends: dict[EntryRef, tuple[End, ...]] = {}
    for state in picture.feeds.values():
        if state.ends and state.feed != feed and party_of(state.feed) == party_of(feed):
            for ref, said in state.ends.items():
                if ref.feed == feed:
                    ends[ref] = (*ends.get(ref, ()), *said)
    return ends


def ended_elsewhere(picture: Picture) -> set[EntryRef]:
    """Places at which what counts may depend on which classes are hazards: another epoch speaks of
    their end, or they stand ahead of sequence or on a branch."""
    found = {ref for state in picture.feeds.values() for ref in state.ends}
    found.update(EntryRef(feed, index) for feed, kept in picture.ahead.items() for index in kept)
    found.update(picture.branches)
    return found


def end_from_later(version: Version, ends: tuple[End, ...], is_hazard: HazardOf) -> Version | None:
    """The version with the ends of later epochs; None if one of them is final."""
    for end in sorted(ends, key=lambda end: end.by):
        if end.kind is EndKind.AMENDED:
            if version.unreadable is not None:
                return None  # a readable amend clears what could not be read, and only that
            continue
        version = apply_end(version, end)
        if end.kind is EndKind.ALL_CLEAR:
            if end.at <= end.t:
                return None
        elif not (has_begun(version, end.t) and is_hazard(version.cls)):
            return None
    return version


def find_version(picture: Picture, ref: EntryRef) -> Version | None:
    """A version by its place, live, ended, ahead or on a branch; None if it is none."""
    state = picture.feeds.get(ref.feed)
    if state is not None:
        live = state.live.get(ref.index)
        if live is not None:
            return live
        ended = state.ended.get(ref.index)
        if ended is not None:
            return ended.version
    kept = picture.ahead.get(ref.feed)
    if kept is not None and ref.index in kept:
        return kept[ref.index]
    return picture.branches.get(ref)
