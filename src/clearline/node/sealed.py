"""Whether what was opened is what was sealed, and within the envelopes of its seal and it (FM27).

A function of the picture alone, so that every party that holds the same feeds finds the same. It
touches no standing: it says whether the coarse notice kept its word.
"""

import hashlib

from clearline.canonical import encode
from clearline.conflict.envelope import CLAUSE_WITHIN, contains, with_reasons
from clearline.model.entry import Open
from clearline.model.finding import Containment, Verdict
from clearline.model.ids import EntryRef, epoch_of
from clearline.model.space import Volume
from clearline.model.terms import Levels
from clearline.picture.situation import End, Picture, Version
from clearline.picture.standing import find_version

Found = tuple[EntryRef, Containment]
"""An envelope, and how what was opened lies in it."""
Kept = dict[tuple[EntryRef, EntryRef], tuple[Version, tuple[Volume, ...], Containment]]
"""Geometry at hand, by opened version and envelope, with what it was found of."""


def opens_otherwise(picture: Picture, body: Open) -> bool:
    """Whether what is opened does not give the digest that its seal committed to, or there is no
    such seal."""
    state = picture.feeds.get(body.seal.feed)
    sealed = state.seals.get(body.seal.index) if state is not None else None
    if sealed is None:
        return True
    opened = hashlib.sha256(bytes.fromhex(body.salt) + encode(body.to)).hexdigest()
    return opened != sealed.seal.sha256


def envelopes_of(picture: Picture, version: Version) -> tuple[EntryRef, ...]:
    """The envelopes that hold an opened version: the seal's, and the one it was opened with."""
    if version.seal is None:
        return ()
    sealed = picture.feed(version.seal.feed).seals.get(version.seal.index)
    named = {version.envelope, sealed.seal.envelope if sealed is not None else None}
    return tuple(sorted(ref for ref in named if ref is not None))


def fit(picture: Picture, version: Version, levels: Levels, kept: Kept) -> Found | None:
    """The worst of an opened version's envelopes; None if it names none."""
    found = [(ref, _against(picture, version, ref, levels, kept)) for ref in
             envelopes_of(picture, version)]  # fmt: skip
    rank = {Verdict.NO: 0, Verdict.UNDETERMINED: 1, Verdict.YES: 2}
    return min(found, key=lambda each: (rank[each[1].verdict], each[0]), default=None)


def _against(
    picture: Picture, version: Version, ref: EntryRef, levels: Levels, kept: Kept
) -> Containment:
    envelope = find_version(picture, ref)
    if envelope is None or envelope.unreadable is not None or version.unreadable is not None:
        return Containment(
            verdict=Verdict.UNDETERMINED, clause=CLAUSE_WITHIN, settles="a readable envelope"
        )
    held = kept.get((version.ref, ref))
    if held is None or held[0] is not version or held[1] is not envelope.volumes:
        found = contains(envelope.volumes, version.volumes, levels)
        held = kept[version.ref, ref] = version, envelope.volumes, found
    ended = any(_before(end, version.ref) for end in ends_of(picture, envelope))
    return with_reasons(held[2], same_class=envelope.cls == version.cls, ended=ended)


def ends_of(picture: Picture, version: Version) -> tuple[End, ...]:
    """All ends of a version, those that later epochs of its author speak of included."""
    later = [end for state in picture.feeds.values() for end in state.ends.get(version.ref) or ()]
    return (*version.ends, *later)


def _before(end: End, ref: EntryRef) -> bool:
    """Whether one party's entry stands before another of its entries."""
    return (epoch_of(end.by.feed), end.by.index) < (epoch_of(ref.feed), ref.index)
