"""What asks somebody for an answer, kept from picture to picture: looked at once, not every turn.

A flood may leave thousands of messages open while STOPs come (FM18). A turn that looked at each of
them again would be too long to hear the next one in. A cache, not a state: whatever is here follows
from the picture, the terms, who we are and the time.
"""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Final

from clearline.model.alert import Trouble
from clearline.model.entry import EMERGENCY, Kind, Precedence, Reply
from clearline.model.ids import EntryRef, FeedId, PartyId, epoch_of, party_of
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.astray_answers import AstrayAnswers
from clearline.node.declined import Declined
from clearline.node.lasting import Lasting
from clearline.node.readbacks import inside
from clearline.notation.answering import ends_the_duty, final_replies
from clearline.picture.situation import Answered, Ask, FeedState, Picture
from clearline.picture.standing import find_version

CRIES: Final = EMERGENCY - {Kind.STOP}
"""Kinds that may be versions as well: as long as they are, they are looked at as versions."""
WORDS: Final = (Kind.TEST, Kind.MESSAGE)
"""What shows that the line carries words."""


class OpenAsks:
    """One line's. ``fresh``: others' that no role here has answered for good and that nothing is
    rung about yet; ``cries``: our own DISTRESS and ACCIDENT; ``declined``: what peers have said no
    to; ``astray``: their answers to what is not here; ``lasting``: what is rung about others',
    about ours that are overdue, and about a no to them; ``last_test`` and ``last_words``: when our
    newest test by a person was written, and our newest words of any kind."""

    def __init__(
        self,
        picture: Picture,
        me: PartyId,
        terms: Agreement,
        before: "OpenAsks | None" = None,
    ) -> None:
        self._me = me
        self._terms = terms
        self._picture = picture
        self.fresh: dict[EntryRef, Ask] = {}
        self.cries: list[Ask] = []
        self.last_test: Instant | None = None
        self.last_words: Instant | None = None
        self.lasting = Lasting()
        self.declined = Declined(self.lasting)
        self.astray = AstrayAnswers()
        self.at = Instant(0)
        self._rung: dict[EntryRef, tuple[Ask, str]] = {}
        self._waiting: dict[Precedence, list[tuple[Instant, EntryRef, Ask]]] = {
            prec: [] for prec in Precedence
        }
        self._overdue: dict[PartyId, dict[EntryRef, tuple[Ask, str]]] = {}
        self._ends: dict[EntryRef, bool] = {}
        known = self._take_over(before) if before is not None and before._me == me else {}
        feeds = sorted(picture.feeds.values(), key=lambda state: epoch_of(state.feed))
        for state in feeds:
            old = known.get(state.feed)
            if old is None or old.asks is not state.asks:
                self._learn(state, 0 if old is None else old.size)
        for state in feeds:
            old = known.get(state.feed)
            if old is None or old.answers is not state.answers:
                for said in _answers(state, 0 if old is None else old.size):
                    self._hear(party_of(state.feed), said)
        self.astray.arrived(picture)

    def _take_over(self, before: "OpenAsks") -> dict[FeedId, FeedState]:
        """What stands in a record stays: a feed only grows. One that is not what it was, or is
        shorter, is looked at anew with all the others."""
        for feed, old in before._picture.feeds.items():
            now = self._picture.feeds.get(feed)
            if now is None or now.size < old.size:
                return {}
        self.fresh, self.cries, self.lasting = before.fresh, before.cries, before.lasting
        self.last_test, self.last_words, self.at = before.last_test, before.last_words, before.at
        self._rung, self._waiting = before._rung, before._waiting
        self._overdue, self.declined, self._ends = before._overdue, before.declined, before._ends
        self.astray = before.astray
        return dict(before._picture.feeds.items())

    def _learn(self, state: FeedState, first: int) -> None:
        mine = party_of(state.feed) == self._me
        if first == 0:
            found = [ask for _, ask in sorted(state.asks.items())]
        else:
            news = (state.asks.get(index) for index in range(first, state.size))
            found = [ask for ask in news if ask is not None]
        for ask in found:
            if mine:
                self._learn_own(state, ask)
            elif (not ask.to or self._me in ask.to) and not self.answered(self._me, ask):
                self.fresh[ask.ref] = ask

    def _learn_own(self, state: FeedState, ask: Ask) -> None:
        if ask.kind is Kind.TEST:
            self.last_test = max(self.last_test or ask.t, ask.t)
        if ask.kind in WORDS:
            self.last_words = max(self.last_words or ask.t, ask.t)
        if ask.kind in CRIES:
            self.cries.append(ask)
        else:
            heappush(self._waiting[ask.prec], (ask.t, ask.ref, ask))
        self.declined.written(state, ask)

    def _hear(self, party: PartyId, said: Answered) -> None:
        """An answer that has come: what waited for it waits no more, or rings."""
        to = said.answer.to
        if party != self._me and to.index >= self._picture.feed(to.feed).size:
            self.astray.put(party, said)
        if party == self._me:
            waits = self._rung.get(to)
            ask = waits[0] if waits is not None else self.fresh.get(to)
            if ask is not None and self.answered(party, ask):
                self.fresh.pop(to, None)
                if self._rung.pop(to, None) is not None and waits is not None:
                    self.lasting.drop(waits[1])
        elif party_of(to.feed) == self._me:
            overdue = self._overdue.get(party, {}).pop(to, None)
            if overdue is not None and self.answered(party, overdue[0]):
                self.lasting.drop(overdue[1])
            elif overdue is not None:  # it says STANDBY: that is said with it from now on
                heappush(self._waiting[overdue[0].prec], (overdue[0].t, to, overdue[0]))
            self.declined.heard(party, said, self._picture.feed(to.feed).asks.get(to.index))

    def counts(self, said: Answered, kind: Kind) -> bool:
        """Whether an answer to an entry of this kind is one for good. A place that was read back
        wrongly is none yet: it never ends the duty to answer (FM04)."""
        answer = said.answer
        if answer.reply not in final_replies(kind) or answer.read_back is None:
            return answer.reply in final_replies(kind)
        ends = self._ends.get(said.ref)
        if ends is None:
            held = find_version(self._picture, answer.to)
            volumes = held.volumes if held is not None else ()
            ends = ends_the_duty(kind, answer, volumes, inside, self._terms.read_back_mm)
            if held is not None:  # what has not come yet is looked at again when it has
                self._ends[said.ref] = ends
        return ends

    def answers(self, party: PartyId, to: EntryRef) -> Iterator[Answered]:
        """What a party has answered to an entry."""
        for feed, state in self._picture.feeds.items():
            if party_of(feed) == party:
                yield from state.answers.get(to) or ()

    def answered(self, party: PartyId, ask: Ask) -> bool:
        """Whether a party's own record answers it for good."""
        return any(self.counts(one, ask.kind) for one in self.answers(party, ask.ref))

    def pending(self, parties: tuple[PartyId, ...]) -> Iterator[tuple[Ask, tuple[PartyId, ...]]]:
        """Our own that are not overdue yet, or cry for help, and whom each still waits for; the
        oldest first."""
        waiting = [ask for held in self._waiting.values() for _, _, ask in held]
        for ask in sorted((*waiting, *self.cries), key=lambda each: (each.t, each.ref)):
            silent = tuple(
                party
                for party in parties
                if (not ask.to or party in ask.to) and not self.answered(party, ask)
            )
            if silent:
                yield ask, silent

    def standby(self, party: PartyId, to: EntryRef) -> Instant | None:
        """When a party last said STANDBY to an entry."""
        said = (each for each in self.answers(party, to) if each.answer.reply is Reply.STANDBY)
        return max((each.t for each in said), default=None)

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


def _answers(state: FeedState, first: int) -> list[Answered]:
    """What a record has answered from an index on, in order."""
    if first == 0:
        every = [one for said in state.answers.values() for one in said]
        return sorted(every, key=lambda one: one.ref.index)
    found = []
    for index in range(first, state.size):
        to = state.said_to.get(index)
        if to is not None:
            found += [one for one in state.answers[to] if one.ref.index == index]
    return found
