"""Who has looked at what of the other parties' through the API (FM30): the access log.

Reads are gathered and written into the private desk record, one record for each person and line
every few minutes: a read costs no turn of its own, and what is written can be produced later and
not edited. Nothing of it is ever sent. Until then each stands in a file, before it is answered: a
node that is killed takes none with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from clearline.ledger.access_record import READ as READ
from clearline.ledger.access_record import read_access
from clearline.model.ids import EntryRef, LineId, PartyId, party_of
from clearline.model.time import MINUTE, Instant, Millis
from clearline.node.access_view import ReadView
from clearline.node.check_view import CheckView
from clearline.node.handover_views import HandoverView
from clearline.node.inbound import Noted
from clearline.node.ports import DeskRecord
from clearline.node.standing_view import StandingView
from clearline.node.state import LineState
from clearline.node.views import (
    AlertView,
    AskView,
    BoardView,
    ConflictView,
    FiledView,
    NoticeView,
    SealView,
)
from clearline.node.way_view import WayOutView
from clearline.onepage.calling import CallScriptView

EVERY_MS: Final = Millis(5 * MINUTE)
"""Under 300 records a day for somebody who never looks away."""
ITEMS_MAX: Final = 50
"""Items named in one record; of more it is said how many."""


class OneRead(msgspec.Struct, frozen=True, array_like=True):
    """One read of one line, as it waits for its minutes to be over."""

    t: Instant
    line: LineId
    person: str
    role: str
    what: str
    of: tuple[PartyId, ...]
    items: tuple[EntryRef, ...] = ()


class Waiting(Protocol):
    """Where reads wait: they outlive the process there."""

    def left(self) -> list[bytes]:
        """What an earlier process left behind."""

    def add(self, line: bytes) -> None:
        """One read, before it is answered."""

    def give(self) -> None:
        """What was added is handed in."""

    def kept(self) -> None:
        """What was handed in is durable."""


@dataclass(slots=True)
class _Gathered:
    first: Instant
    last: Instant
    of: set[PartyId] = field(default_factory=set)
    kinds: dict[str, int] = field(default_factory=dict)
    items: dict[EntryRef, None] = field(default_factory=dict)
    more: set[EntryRef] = field(default_factory=set)


@dataclass(slots=True)
class Access:
    """What was read since it was last written down. ``waiting``: where it outlives a kill."""

    waiting: Waiting | None = None
    _held: dict[tuple[LineId, str, str], _Gathered] = field(default_factory=dict)
    _since: Instant | None = None

    def note(
        self, *, person: str, role: str, what: str, now: Instant,
        lines: Mapping[LineId, Iterable[PartyId]], items: Sequence[EntryRef] = (),
    ) -> None:  # fmt: skip
        """Somebody was shown something of these parties'. ``items``: what was asked for by name."""
        for line, parties in lines.items():
            of = {*parties}
            if not of:
                continue
            one = OneRead(now, line, person, role, what, tuple(sorted(of)), tuple(items))
            self._add(one)
            if self.waiting is not None:
                self.waiting.add(msgspec.json.encode(one))

    def _add(self, one: OneRead) -> None:
        self._since = one.t if self._since is None else self._since
        gathered = _Gathered(one.t, one.t)
        held = self._held.setdefault((one.line, one.person, one.role), gathered)
        held.last = one.t
        held.of.update(one.of)
        held.kinds[one.what] = held.kinds.get(one.what, 0) + 1
        for ref in one.items:
            if ref in held.items or len(held.items) < ITEMS_MAX:
                held.items[ref] = None
            elif len(held.more) < ITEMS_MAX * ITEMS_MAX:
                held.more.add(ref)

    def recovered(self) -> tuple[Noted, ...]:
        """Records of what an earlier process that was killed had gathered, to be written first. A
        record that it had just written may come a second time: each says that it was recovered."""
        if self.waiting is None:
            return ()
        left = Access()
        for line in self.waiting.left():
            try:
                left._add(msgspec.json.decode(line, type=OneRead))
            except ValueError:
                continue  # torn, or somebody has written into the file
        self.waiting.give()
        found = left.due(Instant(0), all_of_it=True)
        return tuple(msgspec.structs.replace(n, params={**n.params, "recovered": 1}) for n in found)

    def due(self, now: Instant, *, all_of_it: bool = False) -> tuple[Noted, ...]:
        """Records to be written now; empty while it is not time yet."""
        if self._since is None or (now - self._since < EVERY_MS and not all_of_it):
            return ()
        found = tuple(
            Noted(line=line, person=person, what=READ, params=_params(role, held))
            for (line, person, role), held in sorted(self._held.items())
        )
        self._held, self._since = {}, None
        if self.waiting is not None:
            self.waiting.give()
        return found

    def kept(self) -> None:
        """The records that ``due`` and ``recovered`` gave are durable."""
        if self.waiting is not None:
            self.waiting.kept()


def _params(role: str, held: _Gathered) -> dict[str, str | int]:
    found: dict[str, str | int] = {
        "role": role, "first": held.first, "last": held.last, "of": " ".join(sorted(held.of)),
        "kinds": " ".join(f"{name}:{count}" for name, count in sorted(held.kinds.items())),
    }  # fmt: skip
    if held.items:
        found["items"] = " ".join(map(str, sorted(held.items)))
    if held.more:
        found["more"] = len(held.more)
    return found


def read_views(records: Iterable[DeskRecord]) -> Iterator[ReadView]:
    """The access log's records among those of the desk record, in their order."""
    for kept in records:
        one = read_access(kept.data)
        if one is not None:
            yield ReadView(
                index=kept.index, person=one.person, role=one.role, first=one.first, last=one.last,
                of=one.of, kinds=one.kinds, items=one.items, more=one.more, recovered=one.recovered,
            )  # fmt: skip


# -- what is in an answer


WHOLE = msgspec.Raw | HandoverView
"""Answers of which it is not looked up what they show: it may be all of a line, or of all lines."""
SHIPPED: Final = frozenset({"replays"})
"""Public incidents that come with this software: nobody's items."""


def shown_of_others(answer: object, me: PartyId) -> Iterator[EntryRef]:
    """Entries of other parties that an answer shows, as far as its type shows any."""
    match answer:
        case NoticeView() | AskView() | SealView() | CallScriptView() | StandingView():
            found: tuple[EntryRef, ...] = (answer.ref,)
        case ConflictView():
            found = (answer.a, answer.b)
        case WayOutView():
            found = (answer.of, *answer.meets)
        case AlertView():
            found = answer.about
        case CheckView() | FiledView():
            found = tuple(ref for each in answer.conflicts for ref in (each.a, each.b))
        case BoardView():
            found = (
                *(each.ref for each in answer.notices),
                *(ref for each in answer.alerts for ref in each.about),
            )
        case tuple():
            for each in answer:
                yield from shown_of_others(each, me)
            return
        case _:
            return
    yield from (ref for ref in found if party_of(ref.feed) != me)


def others_with_anything(ls: LineState) -> frozenset[PartyId]:
    """Other parties of which this node holds anything that can be looked at: all of the picture."""
    return frozenset(
        party_of(feed)
        for feed, state in ls.picture.feeds.items()
        if party_of(feed) != ls.me and (len(state.live) or len(state.asks) or len(state.seals))
    )


__all__ = [
    "EVERY_MS", "READ", "SHIPPED", "WHOLE", "Access", "OneRead", "Waiting", "others_with_anything",
    "read_views", "shown_of_others",
]  # fmt: skip
