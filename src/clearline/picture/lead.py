"""Lead time: how long before its start a notice reached the one who must act on it (CL-LEA, FM01).

It counts on the receiver's clock, and both ends read it off the same record: the notice arrived not
after the receiver's entry that has seen it, and not before the receiver's last entry that the
notice had seen. The worst case decides, the interval is shown.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.terms import Agreement, ClassTerm
from clearline.model.time import Instant
from clearline.picture.situation import FeedState, Picture, Version
from clearline.picture.standing import epochs, find_version, receipt_at


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """Lead time of one version at one receiver, milliseconds, by the receiver's clock.

    ``worst_ms`` counts from ``received`` (the receiver's receipt ``by``), ``best_ms`` from the
    receiver's last statement before it (None: there is none). ``shortfall_ms`` is what ``worst_ms``
    lacks of the agreed minimum; 0: none. Negative lead: it arrived after its start.
    """

    ref: EntryRef
    party: PartyId
    start: Instant
    received: Instant
    by: EntryRef
    worst_ms: int
    best_ms: int | None
    minimum_ms: int
    shortfall_ms: int


def class_term(agreement: Agreement, cls: str) -> ClassTerm | None:
    """The class by its id."""
    for term in agreement.classes:
        if term.id == cls:
            return term
    return None


def lead_at(
    picture: Picture,
    agreement: Agreement,
    version: Version,
    party: PartyId,
    feeds: Sequence[FeedState] | None = None,
) -> Lead | None:
    """The lead time at one receiver, or None while no receipt of his is held or it has no class.
    ``feeds``: his ``epochs``, for who asks about many versions. A version that says what the first
    one of its notice said (a confirmation) came when that one came: nobody is late with it."""
    if version.ref != version.notice:
        first_said = find_version(picture, version.notice)
        if first_said is not None and _same(first_said, version):
            known = lead_at(picture, agreement, first_said, party, feeds)
            return None if known is None else replace(known, ref=version.ref)
    term = class_term(agreement, version.cls)
    if term is None or not version.volumes:
        return None
    for state in epochs(picture, party) if feeds is None else feeds:
        first = receipt_at(picture, version.ref, state)
        if first is None or first >= state.size:
            continue
        received = state.times[first]
        start = Instant(min(volume.start for volume in version.volumes))
        worst = start - received
        before = _last_statement(picture, version, party)
        return Lead(
            ref=version.ref,
            party=party,
            start=start,
            received=received,
            by=EntryRef(state.feed, first),
            worst_ms=worst,
            best_ms=start - before if before is not None else None,
            minimum_ms=term.lead_min_ms,
            shortfall_ms=max(0, term.lead_min_ms - worst),
        )
    return None


def _same(first: Version, version: Version) -> bool:
    return (first.cls, first.volumes) == (version.cls, version.volumes)


def _last_statement(picture: Picture, version: Version, party: PartyId) -> Instant | None:
    """The time of the receiver's last entry that the author had seen when it stated the version."""
    author = picture.feeds.get(version.ref.feed)
    if author is None:
        return None
    latest: Instant | None = None
    for feed, steps in author.seen.items():
        if party_of(feed) != party:
            continue
        size = steps.value(version.ref.index + 1)
        state = picture.feeds.get(feed)
        if state is not None and 0 < size <= state.size:
            t = state.times[size - 1]
            latest = t if latest is None else max(latest, t)
    return latest
