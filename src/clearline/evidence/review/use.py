"""How a line was used in a month, and where it was silent (FM25): a line that nobody uses fails on
the day on which it is needed. Pure.

Days and hours are UTC, times the authors' own clocks. Nobody is blamed: a party that had nothing to
say is named like one that forgot.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import msgspec

from clearline.evidence.facts import Verified
from clearline.evidence.review.facts import CLAUSE
from clearline.evidence.review.history import History, final, history, notice_in
from clearline.evidence.words import EXERCISE_LINE, NOTICE_LINES
from clearline.model.entry import (
    Accident,
    Answer,
    Entry,
    Join,
    Kind,
    Message,
    Test,
)
from clearline.model.ids import LineId, PartyId, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.time import DAY, Instant, format_length, format_utc

SAYS_SOMETHING: Final = frozenset(Kind) - {
    Kind.RECEIPT, Kind.HEARTBEAT, Kind.JOIN, Kind.ADOPT, Kind.REKEY,
}  # fmt: skip
"""Kinds that people cause: traffic. A line that only beats is not in use."""


class PartyUse(msgspec.Struct, frozen=True, kw_only=True):
    """What one party did with the line. ``silent_days``: days, as dates, on which it said nothing.
    ``last_hazard_at`` and the two of ``accident``: in the whole record up to the end of the period,
    not in the period alone; None: never. ``answers`` end a duty; ``unfinal`` do not: STANDBY,
    a place read back wrongly, what answers an entry that is not in the evidence."""

    party: PartyId
    from_at: Instant
    until_at: Instant
    said: int
    notices: int
    hazards: int
    messages: int
    answers: int
    unfinal: int
    silent_days: tuple[str, ...]
    longest_silence_ms: int
    tests_done: int
    tests_missed: int
    texts_missed: int | None
    last_hazard_at: Instant | None
    last_accident_at: Instant | None


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One line in a period. ``drilled``: when each party last sent ACCIDENT on an exercise line of
    the same node; a drill on another node, or in a room, is not seen."""

    line: LineId
    title: str
    exercise: bool
    first: Instant
    until: Instant
    says: tuple[str, ...]
    exit: int
    days: int
    silent_days: tuple[str, ...]
    parties: tuple[PartyUse, ...]
    drilled: tuple[tuple[PartyId, Instant], ...] = ()


def use(
    verified: Verified, first: Instant, until: Instant, drills: tuple[Verified, ...] = ()
) -> Use | Refusal:
    """The use of a line, ``first`` <= t < ``until``; a period that has not ended yet ends when the
    evidence was made. ``drills``: evidence of exercise lines. Refused: an empty period."""
    until = min(until, verified.bundle.manifest.made)
    if first >= until:
        return Refusal(code=Code.BAD_WINDOW, clause=CLAUSE, at="/until")
    of = history(verified, first, until)
    if of is None:
        return Refusal(code=Code.BAD_AGREEMENT, clause="CL-EVI-004")
    began = min((e.t for e in of.entries if isinstance(e.body, Join)), default=first)
    days = tuple(_days(min(max(first, began), until), until))  # before it there was no line
    spoken = {_date(entry.t) for entry in of.in_period() if entry.kind in SAYS_SOMETHING}
    return Use(
        line=verified.line,
        title=of.terms.title,
        exercise=of.terms.exercise,
        first=first,
        until=until,
        says=NOTICE_LINES,
        exit=verified.exit,
        days=len(days),
        silent_days=tuple(day for day in days if day not in spoken),
        parties=tuple(_of_party(of, party) for party in of.parties),
        drilled=tuple(_drilled(of, drills)),
    )


def _of_party(of: History, party: PartyId) -> PartyUse:
    own = [entry for entry in of.entries if party_of(entry.feed) == party]
    began = next((entry.t for entry in own if isinstance(entry.body, Join)), of.first)
    first = min(max(of.first, began), of.until)
    found = [entry for entry in own if entry.t >= first and entry.kind in SAYS_SOMETHING]
    days = {_date(entry.t) for entry in found}
    hazards = [entry for entry in own if _states_hazard(of, entry)]
    cries = [entry.t for entry in own if isinstance(entry.body, Accident)]
    tests = [entry.t for entry in own if isinstance(entry.body, Test)]
    texts = [entry.t for entry in own if isinstance(entry.body, Test | Message)]
    answers = sum(_ends_a_duty(of, entry) for entry in found)
    text_ms = of.terms.text_check_ms
    return PartyUse(
        party=party,
        from_at=first,
        until_at=of.until,
        said=len(found),
        notices=sum(notice_in(entry) is not None for entry in found),
        hazards=sum(entry.t >= first for entry in hazards),
        messages=sum(isinstance(entry.body, Message) for entry in found),
        answers=answers,
        unfinal=sum(isinstance(entry.body, Answer) for entry in found) - answers,
        silent_days=tuple(day for day in _days(first, of.until) if day not in days),
        longest_silence_ms=_longest([entry.t for entry in found], first, of.until),
        tests_done=sum(first <= t for t in tests),
        tests_missed=_missed_turns(tests, began, first, of.until, of.terms.line_test_ms),
        texts_missed=(
            None if text_ms is None else _missed_turns(texts, began, first, of.until, text_ms)
        ),
        last_hazard_at=max((entry.t for entry in hazards), default=None),
        last_accident_at=max(cries, default=None),
    )


def _states_hazard(of: History, entry: Entry) -> bool:
    stated = notice_in(entry)
    return stated is not None and of.is_hazard(stated.cls)


def _ends_a_duty(of: History, answer: Entry) -> bool:
    """Whether an entry is an answer for good to something that the evidence holds."""
    to = of.by_ref.get(answer.body.to) if isinstance(answer.body, Answer) else None
    return to is not None and final(of, to, answer)


def _missed_turns(
    done: list[Instant], began: Instant, first: Instant, until: Instant, every_ms: int
) -> int:
    """How often in a span the next one fell due before it was done, counted from the last time.
    What was missed before the span belongs to the report before."""
    missed = 0
    last = max((t for t in done if t < first), default=began)
    for end in (*(t for t in sorted(done) if t >= first), until):
        missed += max(0, (end - last - 1) // every_ms)
        missed -= max(0, (first - last - 1) // every_ms) if last < first else 0
        last = end
    return missed


def _longest(times: list[Instant], first: Instant, until: Instant) -> int:
    """The longest time between two things said, ends counted in."""
    marks = [first, *sorted(times), until]
    return max(b - a for a, b in pairwise(marks))


def _days(first: Instant, until: Instant) -> Iterator[str]:
    for day in range(first // DAY, (until - 1) // DAY + 1):
        yield _date(Instant(day * DAY))


def _date(at: Instant) -> str:
    return format_utc(at)[:10]


def _drilled(of: History, drills: tuple[Verified, ...]) -> Iterator[tuple[PartyId, Instant]]:
    """When each party last sent ACCIDENT on a line that is an exercise."""
    lines = [h for each in drills if (h := history(each, Instant(0), of.until)) is not None]
    if of.terms.exercise:
        lines.append(of)
    for party in of.parties:
        times = [
            entry.t
            for line in lines
            if line.terms.exercise
            for entry in line.entries
            if party_of(entry.feed) == party and isinstance(entry.body, Accident)
        ]
        if times:
            yield party, max(times)


# -- in words


def use_text(found: Use) -> list[str]:
    """The report in lines, what was missed first in each party's."""
    out = [EXERCISE_LINE] if found.exercise else []
    out += [
        f"use of {found.title}, {format_utc(found.first)} to {format_utc(found.until)}",
        *NOTICE_LINES,
        f"days without traffic: {len(found.silent_days)} of {found.days}"
        + (f": {', '.join(found.silent_days)}" if found.silent_days else ""),
    ]
    drilled = dict(found.drilled)
    for one in found.parties:
        out += ["", f"{one.party}: said {one.said}: {one.notices} notices, {one.hazards} of them"
                f" hazards, {one.messages} messages, {one.answers} answers"]  # fmt: skip
        if one.unfinal:
            out.append(f"  said, and no answer yet: {one.unfinal} (STANDBY, or read back wrongly)")
        out += [f"  {line}" for line in _missed(one, drilled.get(one.party))]
    never = [one.party for one in found.parties if one.hazards == 0]
    if never:
        out += ["", f"no hazard was notified in this time by: {', '.join(never)}"]
    return out


def _missed(one: PartyUse, drilled: Instant | None) -> Iterator[str]:
    yield f"line tests: {one.tests_done} done, {one.tests_missed} MISSED"
    if one.texts_missed is not None:
        yield f"text checks: {one.texts_missed} MISSED"
    yield f"days on which it said nothing: {len(one.silent_days)}"
    yield f"longest silence: {format_length(one.longest_silence_ms)}"
    yield f"last hazard notified: {_when(one.last_hazard_at)}"
    if one.last_accident_at is not None:
        yield f"last ACCIDENT on this line: {_when(one.last_accident_at)}"
    if drilled is None:
        yield "ACCIDENT was NEVER DRILLED by it on an exercise line that this node holds"
    else:
        yield f"ACCIDENT last drilled: {_when(drilled)}"


def _when(at: Instant | None) -> str:
    return "never" if at is None else format_utc(at)
