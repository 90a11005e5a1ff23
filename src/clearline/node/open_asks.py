"""What asks somebody for an answer, kept from picture to picture: looked at once, not every turn.

A flood may leave thousands of messages open while STOPs come (FM18). A turn that looked at each of
them again would be too long to hear the next one in. A cache, not a state: whatever is here follows
from the picture and who we are.
"""

from bisect import insort
from collections.abc import Iterator
from typing import Final

from clearline.model.alert import Trouble
from clearline.model.entry import Kind, Precedence, Reply
from clearline.model.ids import EntryRef, FeedId, PartyId, party_of
from clearline.model.time import Instant
from clearline.picture.situation import Ask, FeedState, Picture

FINAL_REPLIES: Final = frozenset(Reply) - {Reply.STANDBY}
"""STANDBY says that an answer is coming; everything else is one."""
STOP_REPLIES: Final = frozenset({Reply.HALTED, Reply.CANNOT})
"""What answers a STOP (FM18)."""


def final_replies(kind: Kind) -> frozenset[Reply]:
    """The replies that end the duty to answer an entry of this kind."""
    return STOP_REPLIES if kind is Kind.STOP else FINAL_REPLIES


class OpenAsks:
    """One line's. ``foreign``: others' that no role here has answered for good, in their order, and
    what is rung about each as long as it stays so; ``own``: ours in their order, by precedence;
    ``last_test``: when our newest test by a person was written."""

    def __init__(self, picture: Picture, me: PartyId, before: "OpenAsks | None" = None) -> None:
        self._me = me
        self._feeds = picture.feeds
        self.foreign: dict[EntryRef, Ask] = {}
        self.own: dict[Precedence, list[Ask]] = {prec: [] for prec in Precedence}
        self.last_test: Instant | None = None
        self.troubles: dict[EntryRef, tuple[Ask, Trouble]] = {}
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
        self.foreign, self.own = before.foreign, before.own
        self.last_test, self.troubles = before.last_test, before.troubles
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
                insort(self.own[ask.prec], ask, key=_written)
                if ask.kind is Kind.TEST:
                    self.last_test = max(self.last_test or ask.t, ask.t)
            elif (not ask.to or self._me in ask.to) and not self._answered(ask):
                self.foreign[ask.ref] = ask

    def _answered(self, ask: Ask) -> bool:
        """Whether one of our own records answers it for good."""
        replies = final_replies(ask.kind)
        return any(
            one.answer.reply in replies
            for feed, state in self._feeds.items()
            if party_of(feed) == self._me
            for one in state.answers.get(ask.ref) or ()
        )

    def _drop_answered(self, known: dict[FeedId, FeedState]) -> None:
        """Those that we have answered since."""
        for feed, state in self._feeds.items():
            old = known.get(feed)
            if party_of(feed) != self._me or old is None or old.answers is state.answers:
                continue
            for ask in [ask for ask in self.foreign.values() if ask.ref in state.answers]:
                if self._answered(ask):
                    del self.foreign[ask.ref]
                    self.troubles.pop(ask.ref, None)

    def overdue(self, prec: Precedence, by: Instant) -> Iterator[Ask]:
        """Own ones of a precedence that were written by then, oldest first."""
        for ask in self.own[prec]:
            if ask.t > by:
                return
            yield ask


def _written(ask: Ask) -> Instant:
    return ask.t
