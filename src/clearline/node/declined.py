"""What peers have said no to: UNABLE, OBJECT, CANNOT. It rings where it can be acted on: at the
author of what was answered (FM02, FM18).

A no to a notice stands until that version is over, or its author has said another; a no to a STOP
or a message until its author has written on to that party, knowing of it. In both cases until the
same party says WILCO or HALTED. ROGER takes nothing back, nor does silence.
"""

from collections.abc import Callable, Iterator
from typing import Final

from clearline.model.alert import Trouble
from clearline.model.entry import EMERGENCY, Kind, Reply
from clearline.model.ids import EntryRef, PartyId, epoch_of
from clearline.node.lasting import Lasting
from clearline.picture.situation import Answered, Ask, FeedState

NO: Final = frozenset({Reply.UNABLE, Reply.OBJECT, Reply.CANNOT})
YES: Final = frozenset({Reply.WILCO, Reply.HALTED})
"""What takes a no back."""

Place = tuple[PartyId, EntryRef]


class Declined:
    """By party and what it answered. ``versions``: notices, of which it is looked at in each turn
    whether they are still there."""

    def __init__(self, lasting: Lasting) -> None:
        self.versions: dict[Place, Answered] = {}
        self._lasting = lasting
        self._fresh: dict[Place, tuple[Ask, Answered]] = {}
        self._rung: dict[Place, tuple[Answered, str]] = {}
        self._newest: dict[PartyId | None, tuple[FeedState, Ask]] = {}

    def written(self, state: FeedState, ask: Ask) -> None:
        """We have written on: to whom it is addressed, and what of theirs it knows."""
        for party in ask.to or (None,):
            before = self._newest.get(party)
            if before is None or _place(before[1].ref) < _place(ask.ref):
                self._newest[party] = state, ask
        every = [(place, said) for place, (said, _) in self._rung.items()]
        every += [(place, said) for place, (_, said) in self._fresh.items()]
        for place, said in every:
            if (not ask.to or place[0] in ask.to) and _knows(state, ask, said):
                self._drop(place)

    def heard(self, party: PartyId, said: Answered, ask: Ask | None) -> None:
        """An answer to one of ours has come. ``ask`` is what it answers, unless that is a
        notice."""
        place = party, said.answer.to
        if said.answer.reply in YES:
            self.versions.pop(place, None)
            self._drop(place)
        elif said.answer.reply in NO:
            self._drop(place)
            if ask is None or ask.kind in EMERGENCY - {Kind.STOP}:
                self.versions[place] = said
            elif not self._dealt_with(party, said):
                self._fresh[place] = ask, said

    def _dealt_with(self, party: PartyId, said: Answered) -> bool:
        newest = [self._newest[to] for to in (party, None) if to in self._newest]
        return any(_knows(state, ask, said) for state, ask in newest)

    def _drop(self, place: Place) -> None:
        self._fresh.pop(place, None)
        rung = self._rung.pop(place, None)
        if rung is not None:
            self._lasting.drop(rung[1])

    def ring(self, make: Callable[[PartyId, Ask, Answered], Trouble]) -> None:
        """Make what is rung about a no that has come."""
        for place, (ask, said) in self._fresh.items():
            self._rung[place] = said, self._lasting.put(make(place[0], ask, said))
        self._fresh.clear()

    def of(self, versions: Callable[[EntryRef], bool]) -> Iterator[tuple[PartyId, Answered]]:
        """A no to those of our versions that are still there; the rest is forgotten."""
        for place in [place for place in self.versions if not versions(place[1])]:
            del self.versions[place]
        for (party, _), said in self.versions.items():
            yield party, said


def _place(ref: EntryRef) -> tuple[int, int]:
    return epoch_of(ref.feed), ref.index


def _knows(state: FeedState, ask: Ask, said: Answered) -> bool:
    """Whether what we wrote had seen the answer."""
    seen = state.seen.get(said.ref.feed)
    return seen is not None and seen.value(ask.ref.index + 1) > said.ref.index
