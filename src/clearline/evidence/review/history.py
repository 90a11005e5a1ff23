"""A verified bundle, cut to a period by the authors' own clocks. Pure.

An entry counts when its author's time lies before the end of the period. So does whatever answers
or receipts it: what came later belongs to the next review.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from clearline.conflict.separation import lateral
from clearline.evidence.facts import Checked, Event, Verified
from clearline.model.entry import (
    Accident,
    Amend,
    Answer,
    Distress,
    Entry,
    Leave,
    Message,
    Notice,
    Open,
    Precedence,
    Stop,
    Test,
)
from clearline.model.ids import EntryRef, FeedId, PartyId, epoch_of, party_of
from clearline.model.space import Disc, Footprint, LatLon, Volume
from clearline.model.terms import Agreement, ClassTerm, Effect
from clearline.model.time import Instant, Millis
from clearline.notation.answering import ends_the_duty, is_misread
from clearline.trust.agreement import class_of
from clearline.trust.roster import Roster

_POINT_MM: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What stands on a line up to ``until``, and what of it lies in the period."""

    verified: Verified
    roster: Roster
    terms: Agreement
    first: Instant
    until: Instant
    entries: tuple[Entry, ...]
    by_ref: dict[EntryRef, Entry]
    events: dict[EntryRef, Event] = field(default_factory=dict)
    answers: dict[EntryRef, list[Entry]] = field(default_factory=dict)
    gone: frozenset[PartyId] = frozenset()

    @property
    def maker(self) -> PartyId:
        """Whose bundle it is."""
        return self.verified.bundle.manifest.party

    @property
    def parties(self) -> tuple[PartyId, ...]:
        """The members under the terms of the period, in order."""
        return tuple(sorted(party.id for party in self.terms.parties))

    @property
    def feeds(self) -> tuple[Checked, ...]:
        """The records."""
        return self.verified.feeds

    def within(self, at: Instant) -> bool:
        """Whether an instant lies in the period."""
        return self.first <= at < self.until

    def in_period(self) -> Iterator[Entry]:
        """The entries that were written in the period."""
        return (entry for entry in self.entries if self.within(entry.t))

    def others(self, entry: Entry) -> tuple[PartyId, ...]:
        """Who is to answer an entry: those whom it names, or all other members that were there."""
        author = party_of(entry.feed)
        body = entry.body
        named = body.to if isinstance(body, Message) and body.to else self.parties
        return tuple(p for p in sorted(named) if p != author and p not in self.gone)

    def receipt(self, ref: EntryRef, party: PartyId) -> Instant | None:
        """When a party first stated, by its own clock, that it had seen an entry."""
        event = self.events.get(ref)
        for one, _, t in event.receipts if event is not None else ():
            if one == party:
                return t if t < self.until else None
        return None

    def replies(self, entry: Entry, party: PartyId) -> Sequence[Entry]:
        """A party's answers to exactly this entry, in its order."""
        return [a for a in self.answers.get(entry.ref, ()) if party_of(a.feed) == party]

    def class_term(self, cls: str) -> ClassTerm | None:
        """The class under the terms of the period."""
        return class_of(self.terms, cls)

    def deadline_ms(self, prec: Precedence) -> Millis | None:
        """When an answer is due under the terms of the period."""
        return next((d.answer_ms for d in self.terms.deadlines if d.precedence is prec), None)

    def is_hazard(self, cls: str) -> bool:
        """Whether a class can hurt others."""
        term = self.class_term(cls)
        return term is not None and term.effect is Effect.HAZARD


def history(verified: Verified, first: Instant, until: Instant) -> History | None:
    """The cut of a verified bundle; None where the line's terms could not be read."""
    roster = verified.roster
    if roster is None:
        return None
    entries = sorted(
        (e for checked in verified.feeds for e in checked.entries.values() if e.t < until),
        key=lambda entry: (entry.t, place(entry.ref)),
    )
    of: dict[EntryRef, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.body, Answer):
            of.setdefault(entry.body.to, []).append(entry)
    in_force = [v.body for v in roster.versions if v.body.effective < until]
    return History(
        verified=verified,
        roster=roster,
        terms=in_force[-1] if in_force else roster.versions[0].body,
        first=first,
        until=until,
        entries=tuple(entries),
        by_ref={entry.ref: entry for entry in entries},
        events={event.ref: event for event in verified.events},
        answers=of,
        gone=frozenset(party_of(e.feed) for e in entries if isinstance(e.body, Leave)),
    )


def place(ref: EntryRef) -> tuple[PartyId, int, int]:
    """Party, epoch, index: the order of a party's own record."""
    return party_of(ref.feed), epoch_of(ref.feed), ref.index


def notice_in(entry: Entry) -> Notice | None:
    """The notice that an entry states."""
    body = entry.body
    if isinstance(body, Amend | Open):
        return body.to
    return body if isinstance(body, Notice) else None


def is_confirmation(of: History, entry: Entry) -> bool:
    """Whether a version says again, of the same class and place and time, what its notice said
    first: nobody is late with that (FM15)."""
    body = entry.body
    if not isinstance(body, Amend):
        return False
    stated = of.by_ref.get(body.notice)
    first = notice_in(stated) if stated is not None else None
    return first is not None and (first.cls, first.volumes) == (body.to.cls, body.to.volumes)


def asks_for_an_answer(entry: Entry) -> bool:
    """Whether an entry makes it a duty of others to answer."""
    return isinstance(
        entry.body, Notice | Amend | Open | Message | Stop | Distress | Accident | Test
    )


def final(of: History, entry: Entry, answer: Entry) -> bool:
    """Whether an answer ends the duty, by the rule of the nodes: STANDBY and a place that was read
    back wrongly never do, a STOP takes HALTED or CANNOT."""
    assert isinstance(answer.body, Answer), "the caller has looked"
    limit_mm = of.terms.read_back_mm
    return ends_the_duty(entry.kind, answer.body, volumes_of(entry), inside, limit_mm)


def misread(of: History, entry: Entry, answer: Entry) -> bool:
    """Whether an answer is a read-back of another place, height or time than the entry states."""
    assert isinstance(answer.body, Answer), "the caller has looked"
    return is_misread(answer.body.read_back, volumes_of(entry), inside, of.terms.read_back_mm)


def volumes_of(entry: Entry) -> tuple[Volume, ...]:
    """What an entry says is to be kept clear, or will be hazardous."""
    stated = notice_in(entry)
    if stated is not None:
        return stated.volumes
    return entry.body.volumes if isinstance(entry.body, Distress | Accident) else ()


def inside(footprint: Footprint, at: LatLon) -> bool:
    """Whether the point lies in the footprint, or as near as arithmetic can tell."""
    return lateral(Disc(centre=at, radius_mm=_POINT_MM), footprint, 0).low <= 0


def label(entry: Entry) -> str:
    """What an entry is called by its author; words of its author's."""
    stated = notice_in(entry)
    if stated is not None:
        return stated.label
    body = entry.body
    if isinstance(body, Message):
        return body.template
    found = getattr(body, "what", None) or getattr(body, "text", None) or entry.kind.value
    return str(found)


def record_size(of: History, feed: FeedId) -> int:
    """How many entries of a record were written before the end of the period, withheld ones up to
    the last that is shown counted in."""
    checked = next(one for one in of.feeds if one.fact.feed == feed)
    last = [index for index, frame in checked.frames.items() if frame.t < of.until]
    return max(last) + 1 if last else 0
