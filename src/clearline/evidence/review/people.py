"""Answers and how long they took, what nobody answered, emergencies, drills. Pure.

How long an answer took is told by two clocks: by that of who answered, from its own receipt to its
answer; by that of who asked, from asking to its first statement that it had seen the answer. The
truth lies at or below the second.
"""

from collections.abc import Iterator

from clearline.evidence.review.counts import median
from clearline.evidence.review.facts import Row, Section, cells
from clearline.evidence.review.history import (
    History,
    asks_for_an_answer,
    final,
    label,
    misread,
    notice_in,
)
from clearline.evidence.words import SIGNED
from clearline.model.entry import (
    EMERGENCY,
    AllClear,
    Amend,
    Answer,
    Entry,
    Kind,
    Message,
    Precedence,
    Reply,
    Test,
    Withdraw,
)
from clearline.model.ids import EntryRef, PartyId, party_of

DRILLED = frozenset({"text-check"})
"""Messages that only try the line."""


def answers(of: History) -> Iterator[Row]:
    """Each first answer that was given in the period: to what, in which role, how long it took."""
    for entry, party, answer in _answered(of):
        body = answer.body
        assert isinstance(body, Answer), "looked at when they were gathered"
        own, asker = _took(of, entry, party, answer)
        due = of.deadline_ms(entry.prec)
        standbys, misreads = _unfinal(of, entry, party)
        yield Row(
            section=Section.ANSWERS, key=f"{entry.ref} by {party}", by=party, grade=SIGNED,
            cells=cells(
                entry=str(entry.ref), kind=entry.kind.value, label=label(entry),
                prec=entry.prec.value, answer=str(answer.ref), reply=body.reply.value,
                role=body.role, minutes_needed=body.minutes_needed, standbys=standbys,
                misreads=misreads,
                took_ms=own, took_by_asker_ms=asker, due_ms=due,
                overdue_ms=max(0, own - due) if own is not None and due is not None else None,
            ),
        )  # fmt: skip


def _answered(of: History) -> Iterator[tuple[Entry, PartyId, Entry]]:
    """Every entry that asks, with the first answer of each party that ended the duty, where that
    answer was given in the period."""
    for entry in of.entries:
        if not asks_for_an_answer(entry):
            continue
        for party in of.others(entry):
            ending = next((a for a in of.replies(entry, party) if final(of, entry, a)), None)
            if ending is not None and of.within(ending.t):
                yield entry, party, ending


def _unfinal(of: History, entry: Entry, party: PartyId) -> tuple[int, int]:
    """How often a party said STANDBY, and how often it read the place back wrongly."""
    said = of.replies(entry, party)
    standbys = sum(isinstance(a.body, Answer) and a.body.reply is Reply.STANDBY for a in said)
    return standbys, sum(misread(of, entry, each) for each in said)


def _took(
    of: History, entry: Entry, party: PartyId, answer: Entry
) -> tuple[int | None, int | None]:
    """Milliseconds by the clock of who answered, and by that of who asked."""
    got = of.receipt(entry.ref, party)
    seen = of.receipt(answer.ref, party_of(entry.feed))
    return (
        answer.t - got if got is not None else None,
        seen - entry.t if seen is not None else None,
    )


def answer_times(of: History) -> Iterator[Row]:
    """By who answers and how urgent it was: how many, how long, how many too late or not at all."""
    took: dict[tuple[PartyId, Precedence], list[tuple[int, int | None]]] = {}
    for entry, party, answer in _answered(of):
        own, asker = _took(of, entry, party, answer)
        if own is not None:
            took.setdefault((party, entry.prec), []).append((own, asker))
    silent: dict[tuple[PartyId, Precedence], int] = {}
    for entry, party in _silent(of):
        silent[party, entry.prec] = silent.get((party, entry.prec), 0) + 1
    for party, prec in sorted(took.keys() | silent.keys()):
        found = took.get((party, prec), [])
        due = of.deadline_ms(prec)
        own_times = [own for own, _ in found]
        asked = [asker for _, asker in found if asker is not None]
        yield Row(
            section=Section.ANSWER_TIMES, key=f"{party} {prec.name}", by=None, grade=SIGNED,
            cells=cells(
                party=party, prec=prec.value, due_ms=due, answered=len(found),
                median_ms=median(own_times), worst_ms=max(own_times, default=None),
                median_by_asker_ms=median(asked), worst_by_asker_ms=max(asked, default=None),
                overdue=sum(own > due for own in own_times) if due is not None else None,
                unanswered=silent.get((party, prec), 0),
            ),
        )  # fmt: skip


def _silent(of: History) -> Iterator[tuple[Entry, PartyId]]:
    """What was asked in the period and not answered by its end; of a notice its newest version."""
    replaced = {_first(e) for e in of.entries if isinstance(e.body, Amend)}
    newest: dict[EntryRef, EntryRef] = {}
    for entry in of.entries:
        if notice_in(entry) is not None:
            newest[_first(entry)] = entry.ref
    for entry in of.in_period():
        if not asks_for_an_answer(entry):
            continue
        if _first(entry) in replaced and newest.get(_first(entry)) != entry.ref:
            continue
        for party in of.others(entry):
            if not any(final(of, entry, answer) for answer in of.replies(entry, party)):
                yield entry, party


def _first(entry: Entry) -> EntryRef:
    return entry.body.notice if isinstance(entry.body, Amend) else entry.ref


def unanswered(of: History) -> Iterator[Row]:
    """Silence is no consent: what stood without an answer at the end of the period."""
    ended = {
        ref
        for each in of.entries
        if isinstance(each.body, Withdraw | AllClear)
        for ref in each.body.versions
    }
    for entry, party in _silent(of):
        got = of.receipt(entry.ref, party)
        standbys, misreads = _unfinal(of, entry, party)
        yield Row(
            section=Section.UNANSWERED, key=f"{entry.ref} by {party}", by=None, grade=SIGNED,
            cells=cells(
                entry=str(entry.ref), kind=entry.kind.value, label=label(entry),
                prec=entry.prec.value, party=party, received_at=got,
                waited_ms=of.until - (entry.t if got is None else got), standbys=standbys,
                misreads=misreads,
                ended="yes" if entry.ref in ended else "no",
            ),
        )  # fmt: skip


def emergencies(of: History) -> Iterator[Row]:
    """STOP, DISTRESS and ACCIDENT, each with what it says."""
    for entry in of.in_period():
        if entry.kind in EMERGENCY:
            yield Row(
                section=Section.EMERGENCIES, key=str(entry.ref), by=party_of(entry.feed),
                grade=SIGNED,
                cells=cells(
                    entry=str(entry.ref), kind=entry.kind.value, label=label(entry),
                    stated_at=entry.t, drill="yes" if of.terms.exercise else "no",
                ),
            )  # fmt: skip


def drills(of: History) -> Iterator[Row]:
    """Tests of the whole way to a person, and text checks; on an exercise line all is a drill."""
    for entry in of.in_period():
        body = entry.body
        if not (isinstance(body, Test) or (isinstance(body, Message) and body.template in DRILLED)):
            continue
        for party in of.others(entry):
            ending = next((a for a in of.replies(entry, party) if final(of, entry, a)), None)
            own, asker = _took(of, entry, party, ending) if ending is not None else (None, None)
            yield Row(
                section=Section.DRILLS, key=f"{entry.ref} by {party}", by=party_of(entry.feed),
                grade=SIGNED,
                cells=cells(
                    entry=str(entry.ref),
                    kind="line-test" if entry.kind is Kind.TEST else "text-check",
                    stated_at=entry.t, party=party,
                    answer=str(ending.ref) if ending is not None else None,
                    took_ms=own, took_by_asker_ms=asker,
                ),
            )  # fmt: skip
