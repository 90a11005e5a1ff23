"""What stands in a node's store, read entry by entry: what is asked of it and what it has said.

An arithmetic of its own, by the bytes alone: none of the node's own lists of duties is looked at.
"""

from dataclasses import dataclass, field

from clearline.model.entry import (
    Accident,
    AllClear,
    Amend,
    Answer,
    Coordinated,
    Distress,
    Entry,
    Handover,
    Kind,
    Leave,
    Message,
    Notice,
    Open,
    Precedence,
    Reply,
    Stop,
    Test,
    Withdraw,
)
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId, party_of
from clearline.model.space import Volume
from clearline.model.time import Instant
from clearline.node.ports import Store
from clearline.wire.bodies_v1 import read_entry

AT_ONCE = 1_000


@dataclass(slots=True)
class Demand:
    """An entry that asks others for an answer. ``until``: a notice asks while its window is not
    over; None: a plea or a message asks until it is answered. ``ended``: its author has ended or
    amended it, or has left. ``by``: who has answered it for good, and with which entry."""

    ref: EntryRef
    kind: Kind
    prec: Precedence
    stated: Instant
    to: tuple[PartyId, ...]
    until: Instant | None
    ended: bool = False
    by: dict[PartyId, EntryRef] = field(default_factory=dict)

    @property
    def author(self) -> PartyId:
        """Who asks."""
        return party_of(self.ref.feed)

    def asks(self, party: PartyId, at: Instant) -> bool:
        """Whether it asks a party at a moment."""
        if self.ended or self.author == party or party in self.by:
            return False
        return (not self.to or party in self.to) and (self.until is None or at < self.until)


@dataclass(slots=True)
class Record:
    """One node's store of one line, as far as it was read."""

    line: LineId
    demands: dict[EntryRef, Demand] = field(default_factory=dict)
    open: dict[EntryRef, Demand] = field(default_factory=dict)
    received: dict[EntryRef, Instant] = field(default_factory=dict)
    kinds: dict[Kind, int] = field(default_factory=dict)
    templates: set[str] = field(default_factory=set)
    answers: dict[EntryRef, Answer] = field(default_factory=dict)
    coordinated: set[tuple[PartyId, tuple[EntryRef, EntryRef]]] = field(default_factory=set)
    gone: set[PartyId] = field(default_factory=set)
    handovers: dict[PartyId, int] = field(default_factory=dict)
    bytes_of: dict[FeedId, list[bytes]] = field(default_factory=dict)

    def read(self, store: Store) -> None:
        """Read on to the end of every feed."""
        for feed in store.feeds(self.line):
            held = self.bytes_of.setdefault(feed, [])
            while more := store.entries(self.line, feed, len(held), AT_ONCE):
                for stored in more:
                    ref = EntryRef(feed, len(held))
                    held.append(stored.data)
                    self.received[ref] = stored.received
                    entry = read_entry(stored.data, Digest(stored.leaf.hex()))
                    assert isinstance(entry, Entry), entry
                    self._take(entry)

    def _take(self, entry: Entry) -> None:
        self.kinds[entry.kind] = self.kinds.get(entry.kind, 0) + 1
        party = party_of(entry.feed)
        match entry.body:
            case Notice(volumes=volumes) | Open(to=Notice(volumes=volumes)):
                self._ask(entry, _end(volumes))
            case Amend(notice=notice, to=to):
                self._end(party, (notice,), amended=True)
                self._ask(entry, _end(to.volumes), of=notice)
            case Stop() | Distress() | Accident() | Test():
                self._ask(entry, None)
            case Message(template=template, to=to):
                self.templates.add(template)
                self._ask(entry, None, to=to)
            case Withdraw(versions=versions) | AllClear(versions=versions):
                self._end(party, versions)
            case Answer() as answer:
                self.answers[entry.ref] = answer
                self._answer(party, answer, entry.ref)
            case Coordinated(pair=pair):
                self.coordinated.add((party, pair))
            case Handover():
                self.handovers[party] = self.handovers.get(party, 0) + 1
            case Leave():
                self.gone.add(party)
                self._end(party, tuple(ref for ref in self.open if party_of(ref.feed) == party))
            case _:
                pass

    def _ask(
        self, entry: Entry, until: Instant | None, *, to: tuple[PartyId, ...] = (),
        of: EntryRef | None = None,
    ) -> None:  # fmt: skip
        emergency = entry.kind in (Kind.STOP, Kind.DISTRESS, Kind.ACCIDENT)
        demand = Demand(
            entry.ref, entry.kind, Precedence.FLASH if emergency else entry.prec, entry.t, to, until
        )
        self.demands[entry.ref] = self.open[entry.ref] = demand
        if of is not None:
            self._versions.setdefault(of, []).append(entry.ref)
        for ref, answer in self._early.pop(entry.ref, ()):
            self._answer(party_of(ref.feed), answer, ref)

    _versions: dict[EntryRef, list[EntryRef]] = field(default_factory=dict)
    _early: dict[EntryRef, list[tuple[EntryRef, Answer]]] = field(default_factory=dict)

    def _end(self, party: PartyId, refs: tuple[EntryRef, ...], *, amended: bool = False) -> None:
        """Its author ends versions. An amended notice is asked about by its newest version."""
        for ref in refs:
            named = (ref, *self._versions.get(ref, ())) if amended else (ref,)
            for one in named:
                demand = self.demands.get(one)
                if demand is None or demand.author != party:
                    continue
                # A plea that is withdrawn as a version still asks for its answer.
                if demand.until is not None:
                    demand.ended = True
                    self.open.pop(one, None)

    def _answer(self, party: PartyId, answer: Answer, ref: EntryRef) -> None:
        demand = self.demands.get(answer.to)
        if demand is None:
            self._early.setdefault(answer.to, []).append((ref, answer))
        elif is_final(demand.kind, answer.reply):
            demand.by.setdefault(party, ref)


def is_final(kind: Kind, reply: Reply) -> bool:
    """Whether a reply ends what is asked: a STOP is answered by HALTED or CANNOT alone, and STANDBY
    says only that an answer is coming."""
    if kind is Kind.STOP:
        return reply in (Reply.HALTED, Reply.CANNOT)
    return reply is not Reply.STANDBY


def _end(volumes: tuple[Volume, ...]) -> Instant:
    return max(volume.end for volume in volumes)


__all__ = ["Demand", "Record", "is_final"]
