"""Who has looked at what of the other parties' through the API (FM30): the access log.

Reads are gathered in memory and written into the private desk record, one record for each person
and line every few minutes: a read costs no turn of its own, and what is written can be produced
later and not edited. Nothing of it is ever sent. Whoever kills the node takes with him the reads of
the last minutes; a stop writes them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from clearline.model.ids import EntryRef, LineId, PartyId, party_of
from clearline.model.time import MINUTE, Instant, Millis
from clearline.node.access_view import ReadView
from clearline.node.inbound import Noted
from clearline.node.ports import DeskRecord
from clearline.node.state import LineState
from clearline.node.views import (
    AlertView,
    AskView,
    BoardView,
    CheckView,
    ConflictView,
    NoticeView,
    SealView,
)
from clearline.node.way_view import WayOutView
from clearline.onepage.calling import CallScriptView

READ: Final = "read"
"""The word of a record of the access log; people cannot write it themselves."""
EVERY_MS: Final = Millis(5 * MINUTE)
"""Under 300 records a day for somebody who never looks away; at most this much is lost."""
ITEMS_MAX: Final = 50
"""Items named in one record; of more it is said how many."""


class _Params(msgspec.Struct, frozen=True, kw_only=True):
    """A record's facts: texts and whole numbers, as the desk record holds them."""

    role: str
    first: Instant
    last: Instant
    of: str
    kinds: str
    items: str = ""
    more: int = 0


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    person: str
    what: str
    params: msgspec.Raw


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
    """What was read since it was last written down."""

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
            self._since = now if self._since is None else self._since
            held = self._held.setdefault((line, person, role), _Gathered(now, now))
            held.last = now
            held.of |= of
            held.kinds[what] = held.kinds.get(what, 0) + 1
            for ref in items:
                if ref in held.items or len(held.items) < ITEMS_MAX:
                    held.items[ref] = None
                elif len(held.more) < ITEMS_MAX * ITEMS_MAX:
                    held.more.add(ref)

    def due(self, now: Instant, *, all_of_it: bool = False) -> tuple[Noted, ...]:
        """Records to be written now; empty while it is not time yet."""
        if self._since is None or (now - self._since < EVERY_MS and not all_of_it):
            return ()
        found = tuple(
            Noted(line=line, person=person, what=READ, params=_params(role, held))
            for (line, person, role), held in sorted(self._held.items())
        )
        self._held, self._since = {}, None
        return found


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
        if b'"what":"read"' not in kept.data:
            continue
        try:
            record = msgspec.json.decode(kept.data, type=_Record)
            params = msgspec.json.decode(record.params, type=_Params)
            kinds = [each.rpartition(":") for each in params.kinds.split()]
            counted = tuple((name, int(count)) for name, _, count in kinds)
        except ValueError:
            continue  # somebody's own note that only looks like one
        if record.what == READ:
            yield ReadView(
                index=kept.index, person=record.person, role=params.role, first=params.first,
                last=params.last, of=tuple(map(PartyId, params.of.split())), kinds=counted,
                items=tuple(params.items.split()), more=params.more,
            )  # fmt: skip


# -- what is in an answer


def shown_of_others(answer: object, me: PartyId) -> Iterator[EntryRef]:
    """Entries of other parties that an answer shows, as far as its type shows any."""
    match answer:
        case NoticeView() | AskView() | SealView() | CallScriptView():
            found: tuple[EntryRef, ...] = (answer.ref,)
        case ConflictView():
            found = (answer.a, answer.b)
        case WayOutView():
            found = (answer.of, *answer.meets)
        case AlertView():
            found = answer.about
        case CheckView():
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


__all__ = ["EVERY_MS", "READ", "Access", "others_with_anything", "read_views",
           "shown_of_others"]  # fmt: skip
