"""The line in miniature: what can be durable at each party, and every step from there.

*What is real.* ``screen`` and ``admit`` (admission), ``fold`` and ``record`` (picture),
``keep_ahead`` (FLASH), ``View`` and ``standing`` (the rule).

*What is small.* Verdicts come from a fixed table:
versions of different parties conflict unless one of them is a version "z", which is clear of all.
Receipts are made as ``node/write`` makes them: in the step that stores and processes an entry the
receiver appends one that has seen it, names what it refused and what it holds ahead.

A state is, per party, how far it holds each feed and what it keeps ahead; what was written is a
tree of entries shared between states (an entry is known by its author, its kind and all that its
author then held). Two orders of events that lead to the same state are one.

*A crash* loses whatever is not durable, and a state here is nothing but what is durable: every
state is also the state after a crash and a restart, since pictures are folded from what is held.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec
from rpds import HashTrieMap

from clearline.model.entry import (
    Adopt,
    AheadItem,
    Amend,
    Body,
    Entry,
    Join,
    Notice,
    Precedence,
    Receipt,
    RefusedItem,
    Withdraw,
)
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Code
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.picture.record import admit, keep_ahead, record
from clearline.picture.situation import Picture, Unreadable, Version
from clearline.picture.standing import State, View, standing
from tests.town import at, disc, level, volume

NAMES = ("A", "B", "C")
LINE = LineId("ab" * 32)
NOW = Instant(at(0))
VOLUMES = (volume(disc(34, 35, 5), at(60), at(90), level(100), level(200)),)


def feed_of(party: int) -> FeedId:
    """A party's feed."""
    return FeedId(f"{NAMES[party]}{NAMES[party]}{NAMES[party]}.0")


def name_of(party: int) -> PartyId:
    """A party's id."""
    return PartyId(NAMES[party] * 3)


def no_fault(_volume: object) -> tuple[()]:
    """Geometry is not what is searched."""
    return ()


class Table:
    """Verdicts by a fixed table."""

    def __init__(self, picture: Picture) -> None:
        self._live = [v for s in picture.feeds.values() for v in s.live.values()]
        self._live += [v for kept in picture.ahead.values() for v in kept.values()]

    def judge(self, a: Version, b: Version) -> Judgement:
        """Conflict, unless they are of one author or one of them is clear of all."""
        if a.notice == b.notice or a.party == b.party:
            verdict = Verdict.NO
        elif a.unreadable or b.unreadable:
            verdict = Verdict.UNDETERMINED
        else:
            verdict = Verdict.NO if "z" in (a.label, b.label) else Verdict.YES
        return Judgement(verdict=verdict, clause="CL-STA-001", decided_by="class")

    def pairs(self, version: Version) -> Iterator[tuple[Version, Judgement]]:
        """All live versions that it is not clear of."""
        for other in self._live:
            found = self.judge(version, other)
            if other.ref != version.ref and found.verdict is not Verdict.NO:
                yield other, found

    def unjudged(self, version: Version) -> int:
        """All of it is known."""
        return 0


Chain = tuple[Entry, ...]
"""What a party has written, from its first entry on."""


@dataclass(frozen=True)
class Party:
    """What is durable at one party: its own feed, how much of each other feed, what is ahead."""

    chain: Chain
    held: tuple[int, ...]
    ahead: tuple[tuple[int, int], ...] = ()
    told: frozenset[EntryRef] = frozenset()


@dataclass(frozen=True)
class Bounds:
    """How far the search goes: steps after joining, parties that file, entries that each files,
    whether FLASH travels alone, who cannot read whom (reader, author)."""

    parties: int
    steps: int
    filed: int
    filers: int = 3
    flash: bool = False
    strangers: frozenset[tuple[int, int]] = frozenset()


Line = tuple[Party, ...]
Bug = Callable[["Machine"], None]


@dataclass
class Machine:
    """Steps from one state of the line to the next. The ``bug_*`` switches plant bugs: ``seen`` by
    the highest index held; what cannot be read is skipped and counted as seen."""

    bounds: Bounds
    agreement: Agreement
    bug_highest: bool = False
    bug_skipped: bool = False
    folds: dict[tuple[object, ...], Picture] = field(default_factory=dict)

    # -- pictures

    def picture(self, line: Line, me: int) -> Picture:
        """What a party holds, folded; shared between all states in which it holds the same."""
        party = line[me]
        sizes = tuple(
            len(party.chain) if n == me else party.held[n] for n in range(self.bounds.parties)
        )
        picture = Picture(line=LINE, terms=HashTrieMap({1: self.agreement}))
        key: tuple[object, ...] = ()
        for n, size in enumerate(sizes):
            chain = line[n].chain[:size]
            key = (*key, chain[-1].leaf if chain else "")  # which names all before it
            picture = self._folded((me, *key), picture, chain, me, n)
        for n, index in party.ahead:
            picture = keep_ahead(picture, line[n].chain[index], no_fault)
        return picture

    def _folded(
        self, key: tuple[object, ...], before: Picture, chain: Chain, me: int, author: int
    ) -> Picture:
        found = self.folds.get(key)
        if found is None:
            found = before
            for entry in chain:
                found = record(found, admit(found, self._read(entry, me, author), no_fault))
            self.folds[key] = found
        return found

    def _read(self, entry: Entry, me: int, author: int) -> Entry | Unreadable:
        """The entry as this party's software reads it: one may not know what "x" means."""
        body = entry.body.to if isinstance(entry.body, Amend) else entry.body
        strange = isinstance(body, Notice) and body.label == "x"
        if strange and (me, author) in self.bounds.strangers:
            if self.bug_skipped:
                return msgspec.structs.replace(entry, body=Receipt())
            return Unreadable(
                feed=entry.feed, index=entry.index, leaf=entry.leaf, code=Code.UNKNOWN_FIELD,
                t=entry.t, seen=entry.seen,
            )  # fmt: skip
        return entry

    # -- writing

    def write(self, line: Line, me: int, body: Body, prec: Precedence) -> Line:
        """One more entry of a party's, which has seen all that it holds."""
        party = line[me]
        others = [n for n in range(self.bounds.parties) if n != me]
        picture = self.picture(line, me)
        seen = {feed_of(n): party.held[n] for n in others if party.held[n]}
        if self.bug_highest:
            for n, index in party.ahead:
                seen[feed_of(n)] = max(seen.get(feed_of(n), 0), index + 1)
        unreadable = sorted(
            RefusedItem(v.ref.feed, v.ref.index, v.leaf, v.unreadable)
            for state in picture.feeds.values()
            for v in (*state.live.values(), *(e.version for e in state.ended.values()))
            if v.unreadable is not None and v.ref not in party.told
        )
        refused = tuple(unreadable)
        ahead = tuple(
            sorted(AheadItem(feed_of(n), i, line[n].chain[i].leaf) for n, i in party.ahead)
        )
        index = len(party.chain)
        entry = Entry(
            line=LINE, feed=feed_of(me), index=index, t=NOW, prec=prec, seen=seen, body=body,
            leaf=leaf_of(me, index, body, prec, tuple(sorted(seen.items())), refused, ahead,
                         party.chain[-1].leaf if party.chain else ""),
            refused=refused, ahead=ahead,
        )  # fmt: skip
        told = party.told | {EntryRef(item.feed, item.index) for item in refused}
        return put(line, me, Party((*party.chain, entry), party.held, party.ahead, told))

    def take(self, line: Line, me: int, author: int) -> Line:
        """One durable step: the next entry of a feed is stored, processed, and receipted."""
        party = line[me]
        entry = line[author].chain[party.held[author]]
        held = tuple(size + (n == author) for n, size in enumerate(party.held))
        ahead = tuple(item for item in party.ahead if item != (author, entry.index))
        line = put(line, me, Party(party.chain, held, ahead, party.told))
        if isinstance(entry.body, Receipt):
            return line
        return self.write(line, me, Receipt(), Precedence.ROUTINE)

    def overtake(self, line: Line, me: int, author: int, index: int) -> Line:
        """FLASH ahead of sequence: kept, listed in the receipt, and no part of what was seen."""
        party = line[me]
        ahead = tuple(sorted((*party.ahead, (author, index))))
        line = put(line, me, Party(party.chain, party.held, ahead, party.told))
        return self.write(line, me, Receipt(), Precedence.ROUTINE)

    # -- all that may happen

    def begin(self) -> Line:
        """All have joined, and hold it of each other: two entries each, and no receipts yet."""
        number = self.bounds.parties
        line: Line = tuple(Party((), (0,) * number) for _ in range(number))
        for me in range(number):
            join = Join(agreement=Digest("00" * 32), software="s", rules="r")
            line = self.write(line, me, join, Precedence.ROUTINE)
            adopt = Adopt(version=1, agreement=Digest("00" * 32))
            line = self.write(line, me, adopt, Precedence.ROUTINE)
        return tuple(
            Party(p.chain, tuple(0 if n == me else 2 for n in range(number)))
            for me, p in enumerate(line)
        )

    def after(self, line: Line) -> Iterator[Line]:
        """Every state that one step leads to."""
        for me in range(self.bounds.parties):
            yield from self._people(line, me)
            for author in range(self.bounds.parties):
                if author != me:
                    yield from self._arrivals(line, me, author)

    def _people(self, line: Line, me: int) -> Iterator[Line]:
        chain = line[me].chain
        filed = [e for e in chain if isinstance(e.body, Notice | Amend | Withdraw)]
        if len(filed) >= self.bounds.filed or me >= self.bounds.filers:
            return
        strange = any(author == me for _, author in self.bounds.strangers)
        first = next((e for e in filed if isinstance(e.body, Notice)), None)
        if first is None:
            label = "x" if strange else "n"
            yield self.write(line, me, notice(label), Precedence.PRIORITY)
            if self.bounds.flash:
                yield self.write(line, me, notice(label), Precedence.FLASH)
            return
        for label in ("n", "z"):
            amend = Amend(notice=first.ref, to=notice(label))
            yield self.write(line, me, amend, Precedence.PRIORITY)
            if self.bounds.flash and label == "n":
                yield self.write(line, me, amend, Precedence.FLASH)
        for state in (self.picture(line, me).feeds[feed_of(me)],):
            for index in sorted(state.live):
                body = Withdraw(versions=(EntryRef(feed_of(me), index),))
                yield self.write(line, me, body, Precedence.PRIORITY)

    def _arrivals(self, line: Line, me: int, author: int) -> Iterator[Line]:
        held = line[me].held[author]
        chain = line[author].chain
        if held < len(chain):
            yield self.take(line, me, author)
        if self.bounds.flash:
            for entry in chain[held + 1 :]:
                known = (author, entry.index) in line[me].ahead
                if entry.prec is Precedence.FLASH and not known:
                    yield self.overtake(line, me, author, entry.index)

    # -- what must hold

    def clear(self, line: Line, me: int) -> list[Version]:
        """Own versions that the rule gives as DECONFLICTED."""
        state = line[me].chain
        if not any(isinstance(entry.body, Notice | Amend) for entry in state):
            return []
        picture = self.picture(line, me)
        view = View.own(picture, name_of(me), lambda cls: False)
        table = Table(picture)
        return [
            version
            for version in picture.feeds[feed_of(me)].live.values()
            if standing(view, version, table, NOW).state is State.DECONFLICTED
        ]

    def broken(self, line: Line) -> str | None:
        """What does not hold, or None.

        *Both*: no two conflicting versions are both DECONFLICTED. *Told*: what is DECONFLICTED is
        held, and could be read, by every party. *Seen*: an entry has seen only what is held.
        """
        everyone = range(self.bounds.parties)
        clear = [(me, version) for me in everyone for version in self.clear(line, me)]
        judge = Table(Picture(line=LINE))
        for n, (me, a) in enumerate(clear):
            for _, b in clear[n + 1 :]:
                if judge.judge(a, b).verdict is not Verdict.NO:
                    return f"both: {a.ref} and {b.ref} conflict and are DECONFLICTED"
            for other in everyone:
                if other != me and line[other].held[me] <= a.ref.index:
                    return f"told: {a.ref} is DECONFLICTED, {name_of(other)} does not hold it"
                if (other, me) in self.bounds.strangers and a.label == "x":
                    return f"told: {a.ref} is DECONFLICTED, {name_of(other)} cannot read it"
        for me, party in enumerate(line):
            for other in everyone:
                if party.chain[-1].seen.get(feed_of(other), 0) > party.held[other] and other != me:
                    return f"seen: {name_of(me)} says that it has seen more than it holds"
        return None


def put(line: Line, me: int, party: Party) -> Line:
    """The line with one party changed."""
    return (*line[:me], party, *line[me + 1 :])


@lru_cache
def notice(label: str) -> Notice:
    """ "n" conflicts with every other party's, "z" with nobody's, "x" is what one cannot read."""
    return Notice(cls="air-movement", label=label, volumes=VOLUMES)


_LEAVES: dict[tuple[object, ...], Digest] = {}


def leaf_of(*what: object) -> Digest:
    """One digest for one content: equal entries are one."""
    return _LEAVES.setdefault(what, Digest(f"{len(_LEAVES):064x}"))
