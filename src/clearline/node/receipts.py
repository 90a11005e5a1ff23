"""Whom live versions have reached, and how early: kept version by version (FM01, FM10).

A cache, not a state: what is here follows from the picture and the terms. A version is looked at
again when it, its receipt or the word that it could not be read is new, and at no other time.
"""

from collections.abc import Iterable
from typing import Final

from clearline.model.entry import EMERGENCY
from clearline.model.ids import EntryRef, PartyId
from clearline.model.terms import Agreement
from clearline.picture.lead import Lead, lead_at
from clearline.picture.situation import FeedState, Picture, Version
from clearline.picture.standing import View, Why, WithParty, epochs, receipt_at

UNREACHED: Final = (Why.REFUSED, Why.NOT_SEEN)


class Receipts:
    """One line's, for one set of members and terms. ``late``: lead times that fall short, by
    version and receiver; ``unreceived``: own versions that a peer has not seen or could not read.

    ``early``: versions whose receipt is an entry that is not here yet, by the party that writes it:
    they are looked at again whenever it has written.
    """

    def __init__(self, me: PartyId, others: tuple[PartyId, ...], terms: Agreement) -> None:
        self._me, self._others, self._terms = me, others, terms
        self._late: dict[EntryRef, tuple[tuple[Version, PartyId, Lead], ...]] = {}
        self._unreceived: dict[EntryRef, tuple[tuple[Version, WithParty], ...]] = {}
        self._early: dict[PartyId, set[EntryRef]] = {}

    @property
    def late(self) -> list[tuple[Version, PartyId, Lead]]:
        """All of them."""
        return [each for found in self._late.values() for each in found]

    @property
    def unreceived(self) -> list[tuple[Version, WithParty]]:
        """All of them."""
        return [each for found in self._unreceived.values() for each in found]

    def early(self, parties: Iterable[PartyId]) -> set[EntryRef]:
        """What is to be looked at again since these have written."""
        return {ref for party in parties for ref in self._early.pop(party, ())}

    def drop(self, ref: EntryRef) -> None:
        """A version is not live any more."""
        self._late.pop(ref, None)
        self._unreceived.pop(ref, None)

    def look(self, view: View, versions: Iterable[Version]) -> None:
        """Look at live versions again."""
        feeds = {party: epochs(view.picture, party) for party in (*self._others, self._me)}
        adopted = view.terms_of_author()
        for version in versions:
            self.drop(version.ref)
            mine = version.party == self._me
            receivers = self._others if mine else (self._me,)
            if mine:
                unreached = tuple(
                    (version, found)
                    for party in self._others
                    if (found := view.with_party(version, party, adopted)).why in UNREACHED
                )
                if unreached:
                    self._unreceived[version.ref] = unreached
            late = tuple(
                (version, party, lead)
                for party in receivers
                if (lead := self._lead(view.picture, version, party, feeds[party])) is not None
                and lead.shortfall_ms > 0
            )
            if late:
                self._late[version.ref] = late
            for party in receivers:
                if any(_is_early(view.picture, version, state) for state in feeds[party]):
                    self._early.setdefault(party, set()).add(version.ref)

    def _lead(
        self, picture: Picture, version: Version, party: PartyId, feeds: list[FeedState]
    ) -> Lead | None:
        if version.unreadable is not None or version.kind in EMERGENCY:
            return None  # nobody is late with a cry for help
        return lead_at(picture, self._terms, version, party, feeds)


def _is_early(picture: Picture, version: Version, state: FeedState) -> bool:
    """Whether the receipt of it, or of the first version of its notice, is still to come although
    it was seen: its author knew of entries of the receiver's that are not here."""
    for ref in {version.ref, version.notice}:
        first = receipt_at(picture, ref, state)
        if first is not None and first >= state.size:
            return True
    return False
