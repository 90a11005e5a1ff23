"""What has been answered, and what waits for an answer, notice by notice (FM10, FM04).

A cache, not a state: what is here follows from the picture and the terms. A notice is looked at
again when a version of it is new or gone, or an answer to one has come, and at no other time.
"""

from collections.abc import Iterable

from clearline.model.entry import EMERGENCY, Kind
from clearline.model.ids import EntryRef, PartyId
from clearline.model.terms import Agreement
from clearline.node.open_asks import OpenAsks
from clearline.node.readbacks import Misread, misread
from clearline.picture.situation import Picture, Version
from clearline.picture.standing import epochs


class Replied:
    """One line's, for one set of members. ``here``: those that have not left.

    ``unanswered``: the newest version of each notice of others that no role here has answered;
    ``own_unanswered``: own versions of notices of which some version lacks an answer of somebody.
    Both by notice.
    """

    def __init__(self, me: PartyId, here: Iterable[PartyId], terms: Agreement) -> None:
        self._me, self._here, self._terms = me, tuple(here), terms
        self.unanswered: dict[EntryRef, Version] = {}
        self.own_unanswered: dict[EntryRef, tuple[Version, ...]] = {}
        self._misread: dict[EntryRef, tuple[Misread, ...]] = {}
        self._answered_by: dict[EntryRef, dict[PartyId, bool]] = {}

    @property
    def misread(self) -> list[Misread]:
        """Live versions of which a newest read-back differs."""
        return [each for found in self._misread.values() for each in found]

    def drop(self, ref: EntryRef) -> None:
        """A version is not live any more, or has a new answer."""
        self._misread.pop(ref, None)
        self._answered_by.pop(ref, None)

    def look(
        self, picture: Picture, asks: OpenAsks, notice: EntryRef, versions: tuple[Version, ...]
    ) -> None:
        """Look at a notice again: at all live versions of it, the newest last."""
        self.unanswered.pop(notice, None)
        self.own_unanswered.pop(notice, None)
        own = tuple(version for version in versions if version.party == self._me)
        if own and not all(
            self.answered_by(picture, asks, party, version.ref, version.kind)
            for version in own
            for party in self._here
        ):
            self.own_unanswered[notice] = own
        theirs = [v for v in versions if v.party != self._me and v.unreadable is None]
        if theirs and theirs[-1].kind not in EMERGENCY:
            last = theirs[-1]
            if not answered(picture, asks, self._me, last.ref, last.kind):
                self.unanswered[notice] = last

    def read_back(self, picture: Picture, version: Version) -> None:
        """Look at what was read back of a live version."""
        found = misread(picture, version, self._terms, self._me)
        if found:
            self._misread[version.ref] = found

    def answered_by(
        self, picture: Picture, asks: OpenAsks, party: PartyId, ref: EntryRef, kind: Kind
    ) -> bool:
        """Whether a peer has answered one of ours for good."""
        held = self._answered_by.setdefault(ref, {})
        if party not in held:
            held[party] = answered(picture, asks, party, ref, kind)
        return held[party]


def answered(picture: Picture, asks: OpenAsks, party: PartyId, ref: EntryRef, kind: Kind) -> bool:
    """Whether a party has answered an entry for good."""
    return any(
        asks.counts(one, kind)
        for state in epochs(picture, party)
        for one in state.answers.get(ref) or ()
    )
