"""What waits to be judged, in order of urgency: versions not compared yet, and pairs that may meet.

Pure bookkeeping, without a verdict of its own. The order is total and made of the record alone, so
that the same turns judge the same pairs, on every run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush, heapreplace
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from clearline.model.entry import EMERGENCY, Precedence
from clearline.model.ids import EntryRef, PartyId
from clearline.picture.situation import Version

FIRST: Final = 0
"""Rank of what cannot wait: STOP, DISTRESS and ACCIDENT with volumes, and everything FLASH."""

T = TypeVar("T")
Urgency: TypeAlias = tuple[int, int]
"""Rank, then start in milliseconds: the least goes first."""
_Found: TypeAlias = tuple[int, int, int, EntryRef]


def parted(every: Iterable[T], at_once: int) -> Iterator[list[T]]:
    """All of them in order, so many at a time."""
    left = iter(every)
    while some := list(islice(left, at_once)):
        yield some


def urgency_of(version: Version, me: PartyId | None) -> Urgency:
    """When a version is compared with the others: what cannot wait, then our own, then the rest;
    in each, the soonest start first."""
    start = min((volume.start for volume in version.volumes), default=0)
    if version.kind in EMERGENCY or version.prec is Precedence.FLASH:
        return FIRST, start
    return (1 if version.party == me else 2), start


def urgency_of_pair(a: Version, b: Version, me: PartyId | None) -> Urgency:
    """When a pair is judged: with one that cannot wait; ours with another's; two of ours; two of
    others, over which nobody here is rung. In each, the one that can meet soonest first."""
    of_a, of_b = urgency_of(a, me), urgency_of(b, me)
    start = max(of_a[1], of_b[1])
    if FIRST in (of_a[0], of_b[0]):
        return FIRST, start
    ours = (a.party == me) + (b.party == me)
    return (3 if ours == 0 else 1 if ours == 1 else 2), start


@dataclass(slots=True)
class Backlog:
    """``unplaced``: versions that nothing was compared with yet, each with its urgency.

    ``_all`` has every version, placed or not. Pairs stand in one list for each version that they
    were found for, the most urgent last, under the number that it was placed with; a heap holds the
    head of each list. What was dropped since is passed over when its turn comes: ``_waits`` alone
    says which pairs wait.
    """

    unplaced: dict[EntryRef, Urgency] = field(default_factory=dict)
    pairs: int = 0
    _all: dict[EntryRef, Urgency] = field(default_factory=dict)
    _next: list[tuple[int, int, EntryRef]] = field(default_factory=list)
    _heads: list[tuple[int, int, int, EntryRef]] = field(default_factory=list)
    _lists: dict[int, list[_Found]] = field(default_factory=dict)
    _number: dict[EntryRef, int] = field(default_factory=dict)
    _placed: int = 0
    _waits: dict[EntryRef, set[EntryRef]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.unplaced or self.pairs)

    def add(self, ref: EntryRef, urgency: Urgency) -> None:
        """A version is to be compared with all others."""
        self.unplaced[ref] = self._all[ref] = urgency
        heappush(self._next, (*urgency, ref))

    def drop(self, ref: EntryRef) -> None:
        """A version counts no more: neither it nor any pair with it waits."""
        self._all.pop(ref, None)
        self.unplaced.pop(ref, None)
        self._lists.pop(self._number.pop(ref, -1), None)
        for other in self._waits.pop(ref, ()):
            self._waits[other].discard(ref)
            self.pairs -= 1

    def anew(self) -> "Backlog":
        """The same versions, all of them to be compared again; this one is given up."""
        again = Backlog(unplaced=dict(self._all), _all=self._all)
        again._next = sorted((*urgency, ref) for ref, urgency in self._all.items())
        return again

    def is_urgent(self) -> bool:
        """Whether what comes next is of what cannot wait."""
        if self.pairs and self._heads[0][0] == FIRST:
            return True
        return self.places_first() and self._next[0][0] == FIRST

    def places_first(self) -> bool:
        """Whether a version is to be compared next, rather than a pair judged: until all are
        compared nothing is known of what is urgent, but for pairs that cannot wait."""
        while self._next and self.unplaced.get(self._next[0][2]) != self._next[0][:2]:
            heappop(self._next)
        if not self._next or not self.pairs:
            return bool(self._next)
        return self._next[0][0] == FIRST or self._heads[0][0] != FIRST

    def place(self) -> EntryRef:
        """The next version to be compared; ``places_first`` has just said that there is one."""
        *_, ref = heappop(self._next)
        del self.unplaced[ref]
        self._placed += 1
        self._number[ref] = self._placed
        return ref

    def found(self, ref: EntryRef, others: Iterable[tuple[Urgency, EntryRef]]) -> None:
        """These, placed before, may meet the version that was placed last."""
        number = self._number[ref]
        todo = sorted(
            ((*urgency, self._number[other], other) for urgency, other in others), reverse=True
        )
        if not todo:
            return
        self._lists[number] = todo
        heappush(self._heads, (*todo[-1][:2], number, ref))
        mine = self._waits.setdefault(ref, set())
        for *_, other in todo:
            mine.add(other)
            self._waits.setdefault(other, set()).add(ref)
        self.pairs += len(todo)

    def first(self) -> tuple[EntryRef, EntryRef] | None:
        """The most urgent pair, which goes on waiting; None if none waits."""
        while self._heads:
            *_, number, ref = self._heads[0]
            todo = self._lists.get(number)
            if todo is None:
                heappop(self._heads)
            elif (other := todo[-1][3]) in self._waits.get(ref, ()):
                return ref, other
            else:
                self._pass_over(number, ref, todo)
        return None

    def take(self) -> tuple[EntryRef, EntryRef] | None:
        """The most urgent pair, which waits no more; None if none waits."""
        pair = self.first()
        if pair is not None:
            ref, other = pair
            number = self._heads[0][2]
            self._pass_over(number, ref, self._lists[number])
            self._waits[ref].discard(other)
            self._waits[other].discard(ref)
            self.pairs -= 1
        return pair

    def _pass_over(self, number: int, ref: EntryRef, todo: list[_Found]) -> None:
        """The head of the first list waits no more: its next one stands for it."""
        todo.pop()
        if todo:
            heapreplace(self._heads, (*todo[-1][:2], number, ref))
        else:
            heappop(self._heads)
            del self._lists[number]

    def waits(self, a: EntryRef, b: EntryRef) -> bool:
        """Whether the pair waits: to be judged, or for one of them to be compared at all."""
        return a in self.unplaced or b in self.unplaced or b in self._waits.get(a, ())

    def waiting_with(self, ref: EntryRef) -> int:
        """How many pairs of a placed version wait with other placed ones."""
        return len(self._waits.get(ref, ()))
