"""What has been answered, and what waits for an answer, notice by notice (FM10, FM04).

A cache, not a state: what is here follows from the picture and the terms. A notice is looked at
again when a version of it is new or gone, or an answer to one has come, and at no other time.
"""

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import Final

from clearline.model.alert import Trouble
from clearline.model.entry import EMERGENCY, Kind
from clearline.model.ids import EntryRef, PartyId
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.lasting import Lasting
from clearline.node.met import RANK
from clearline.node.open_asks import OpenAsks
from clearline.node.readbacks import Misread, misread
from clearline.picture.situation import Picture, Version
from clearline.picture.standing import epochs

Say = Callable[[Version | None, tuple[Version, ...]], tuple[list[Trouble], Instant | None]]
"""Of a notice: the version of another's that waits for us, and ours that wait for others. What is
to be rung about now, and when that may be otherwise although nothing was written."""

SPARE: Final = 64
AT_ONCE: Final = 512
"""Notices that one turn makes something ring about: an import that is overdue all at once takes
several turns of some ten milliseconds, the most urgent first."""


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
        self._fresh: set[EntryRef] = set()
        self._next: list[tuple[int, EntryRef]] = []
        self._later: list[tuple[Instant, EntryRef]] = []
        self._then: dict[EntryRef, Instant] = {}
        self._rung: dict[EntryRef, set[str]] = {}
        self._into: Lasting | None = None

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
        noted = self.unanswered, self.own_unanswered, self._rung, self._then, self._fresh
        if any(notice in each for each in noted):
            self._freshen(notice)

    def _freshen(self, notice: EntryRef) -> None:
        """It is to be looked at what is rung about a notice, by its urgency now."""
        self._fresh.add(notice)
        heappush(self._next, (self._rank(notice), notice))

    def read_back(self, picture: Picture, version: Version) -> None:
        """Look at what was read back of a live version."""
        found = misread(picture, version, self._terms, self._me)
        if found:
            self._misread[version.ref] = found

    def ring(self, now: Instant, lasting: Lasting, say: Say) -> None:
        """Bring what is rung about notices up to a time: of those that changed, and of those whose
        time has come. What stands stays as it is, and costs a turn nothing."""
        if lasting is not self._into:
            if self._into is not None:
                for notice in {*self.unanswered, *self.own_unanswered} - self._fresh:
                    self._freshen(notice)
            self._into, self._rung, self._later, self._then = lasting, {}, [], {}
        while self._later and self._later[0][0] <= now:
            _, notice = heappop(self._later)
            self._then.pop(notice, None)
            self._freshen(notice)
        for _ in range(min(AT_ONCE, len(self._fresh))):
            notice = self._most_urgent()
            self._fresh.discard(notice)
            found, then = say(self.unanswered.get(notice), self.own_unanswered.get(notice, ()))
            keys = {lasting.put(trouble) for trouble in found}
            for key in self._rung.pop(notice, set()) - keys:
                lasting.drop(key)
            if keys:
                self._rung[notice] = keys
            self._note_time(notice, then)
        if not self._fresh:
            self._next.clear()  # of what has become more or less urgent since
        if len(self._later) > 2 * len(self._then) + SPARE:  # of what has changed since
            self._later = sorted((then, notice) for notice, then in self._then.items())

    def _most_urgent(self) -> EntryRef:
        """The most urgent of those that are to be looked at; there is one."""
        while True:
            rank, notice = heappop(self._next)
            if notice in self._fresh and rank == self._rank(notice):
                return notice

    def stands_on(self, trouble: Trouble, notice: EntryRef) -> bool:
        """Whether what was rung about a version of a notice stands because nobody has looked at the
        notice since the start: then it does until somebody has."""
        if notice not in self._fresh or self._into is None:
            return False
        self._rung.setdefault(notice, set()).add(self._into.stood(trouble))
        return True

    @property
    def waiting(self) -> int:
        """How many notices are more than one turn looks at."""
        return max(0, len(self._fresh) - AT_ONCE)

    def _rank(self, notice: EntryRef) -> int:
        """The most urgent first; of one urgency in the order of their places."""
        theirs, own = self.unanswered.get(notice), self.own_unanswered.get(notice, ())
        every = (theirs, *own) if theirs is not None else own
        return min((RANK[version.prec] for version in every), default=len(RANK))

    def _note_time(self, notice: EntryRef, then: Instant | None) -> None:
        if then is None:
            self._then.pop(notice, None)
        elif self._then.get(notice) != then:
            self._then[notice] = then
            heappush(self._later, (then, notice))

    def go_on(self, before: "Replied", lasting: Lasting) -> None:
        """All notices are looked at anew; what was rung about them stands where it stood, or with
        what lasts now, until its notice has been."""
        stood = before._into
        self._into, self._rung = (lasting if stood is not None else None), before._rung
        for notice, keys in before._rung.items():
            if notice not in self._fresh:
                self._freshen(notice)
            if stood is not None and stood is not lasting:
                for key in keys & stood.all.keys():
                    lasting.stood(stood.all[key])

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
