"""What asks somebody for an answer, kept from picture to picture: looked at once, not every turn.

A flood may leave thousands of messages open while STOPs come (FM18). A turn that looked at each of
them again would be too long to hear the next one in. A cache, not a state: whatever is here follows
from the picture, who we are and the time.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

from clearline.model.alert import Trouble
from clearline.model.entry import EMERGENCY, Kind, Precedence, Reply
from clearline.model.ids import EntryRef, FeedId, PartyId, party_of
from clearline.model.time import Instant
from clearline.node.lasting import Lasting
from clearline.picture.situation import Ask, FeedState, Picture

FINAL_REPLIES: Final = frozenset(Reply) - {Reply.STANDBY}
"""STANDBY says that an answer is coming; everything else is one."""
STOP_REPLIES: Final = frozenset({Reply.HALTED, Reply.CANNOT})
"""What answers a STOP (FM18)."""
CRIES: Final = EMERGENCY - {Kind.STOP}
"""Kinds that may be versions as well: as long as they are, they are looked at as versions."""
WORDS: Final = (Kind.TEST, Kind.MESSAGE)
"""What shows that the line carries words."""


def final_replies(kind: Kind) -> frozenset[Reply]:
    """The replies that end the duty to answer an entry of this kind."""
    return STOP_REPLIES if kind is Kind.STOP else FINAL_REPLIES


class OpenAsks:
    """One line's. ``fresh``: others' that no role here has answered for good and that nothing is
    rung about yet; ``cries``: our own DISTRESS and ACCIDENT; ``lasting``: what is rung about
    others', and about ours that are overdue; ``last_test`` and ``last_words``: when our newest test
    by a person was written, and our newest words of any kind."""

    def __init__(self, picture: Picture, me: PartyId, before: "OpenAsks | None" = None) -> None:
        self._me = me
        self._feeds = picture.feeds
        self.fresh: dict[EntryRef, Ask] = {}
        self.cries: list[Ask] = []
        self.last_test: Instant | None = None
        self.last_words: Instant | None = None
        self.lasting = Lasting()
        self.at = Instant(0)
        self._rung: dict[EntryRef, tuple[Ask, str]] = {}
        self._waiting: dict[Precedence, list[tuple[Instant, EntryRef, Ask]]] = {
            prec: [] for prec in Precedence
        }
        self._overdue: dict[PartyId, dict[EntryRef, tuple[Ask, str]]] = {}
        known = self._take_over(before) if before is not None and before._me == me else {}
        for feed, state in picture.feeds.items():
            old = known.get(feed)
            if old is None or old.asks is not state.asks:
                self._learn(state, 0 if old is None else old.size)
        self._drop_answered(known)

    def _take_over(self, before: "OpenAsks") -> dict[FeedId, FeedState]:
        """What stands in a record stays: a feed only grows. One that is not what it was, or is
        shorter, is looked at anew with all the others."""
        for feed, old in before._feeds.items():
            now = self._feeds.get(feed)
            if now is None or now.size < old.size:
                return {}
        self.fresh, self.cries, self.lasting = before.fresh, before.cries, before.lasting
        self.last_test, self.last_words, self.at = before.last_test, before.last_words, before.at
        self._rung, self._waiting = before._rung, before._waiting
        self._overdue = before._overdue
        return dict(before._feeds.items())

    def _learn(self, state: FeedState, first: int) -> None:
        mine = party_of(state.feed) == self._me
        if first == 0:
            found = [ask for _, ask in sorted(state.asks.items())]
        else:
            news = (state.asks.get(index) for index in range(first, state.size))
            found = [ask for ask in news if ask is not None]
        for ask in found:
            if mine:
                self._learn_own(ask)
            elif (not ask.to or self._me in ask.to) and not self.answered(self._me, ask):
                self.fresh[ask.ref] = ask

    def _learn_own(self, ask: Ask) -> None:
        if ask.kind is Kind.TEST:
            self.last_test = max(self.last_test or ask.t, ask.t)
        if ask.kind in WORDS:
            self.last_words = max(self.last_words or ask.t, ask.t)
        if ask.kind in CRIES:
            self.cries.append(ask)
        else:
            heappush(self._waiting[ask.prec], (ask.t, ask.ref, ask))

    def answered(self, party: PartyId, ask: Ask) -> bool:
        """Whether a party's own record answers it for good."""
        replies = final_replies(ask.kind)
        return any(
            one.answer.reply in replies
            for feed, state in self._feeds.items()
            if party_of(feed) == party
            for one in state.answers.get(ask.ref) or ()
        )

    def _drop_answered(self, known: dict[FeedId, FeedState]) -> None:
        """Those that somebody has answered since."""
        for feed, state in self._feeds.items():
            old = known.get(feed)
            if old is None or old.answers is state.answers:
                continue
            party = party_of(feed)
            rung = self._rung if party == self._me else self._overdue.get(party, {})
            few, many = sorted((rung, state.answers), key=len)  # either may hold thousands
            for ref in [ref for ref in few if ref in many]:
                ask, key = rung[ref]
                if self.answered(party, ask):
                    del rung[ref]
                    self.lasting.drop(key)
            if party == self._me:
                for ask in [ask for ask in self.fresh.values() if self.answered(party, ask)]:
                    del self.fresh[ask.ref]

    def ring_foreign(
        self, arrived: Callable[[EntryRef], bool], make: Callable[[Ask], Trouble]
    ) -> None:
        """Make what is rung about others' that have come since; those of which it is not known
        when they came wait in ``fresh``."""
        for ask in [ask for ask in self.fresh.values() if arrived(ask.ref)]:
            del self.fresh[ask.ref]
            self._rung[ask.ref] = ask, self.lasting.put(make(ask))

    def ring_overdue(
        self,
        prec: Precedence,
        by: Instant,
        parties: tuple[PartyId, ...],
        make: Callable[[Ask, PartyId], Trouble],
    ) -> None:
        """Make what is rung about own ones of a precedence that were written by then, for each
        that has not answered what was addressed to it."""
        waiting = self._waiting[prec]
        while waiting and waiting[0][0] <= by:
            _, ref, ask = heappop(waiting)
            for party in parties:
                if (not ask.to or party in ask.to) and not self.answered(party, ask):
                    rung = self._overdue.setdefault(party, {})
                    rung[ref] = ask, self.lasting.put(make(ask, party))
