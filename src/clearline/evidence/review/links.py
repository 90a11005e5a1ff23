"""Outages by each side's own measure, and suspensions with their owner. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from clearline.evidence.review.facts import Row, Section, cells
from clearline.evidence.review.history import History
from clearline.evidence.words import SIGNED
from clearline.model.entry import Entry, Heartbeat, LinkReport, LinkState, Resume, Suspend
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.time import Instant, format_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The line to a peer in one state, by one party's measure and clock, until it said otherwise.
    ``told`` is the first entry that says so."""

    party: PartyId
    peer: PartyId
    state: LinkState
    since: Instant
    until: Instant | None
    told: EntryRef


def spans(of: History) -> Iterator[Span]:
    """Every time of DEGRADED or DOWN that a party stated, in its own order."""
    told: dict[tuple[PartyId, PartyId], list[tuple[LinkReport, Entry]]] = {}
    for entry in of.entries:
        if isinstance(entry.body, Heartbeat):
            for report in entry.body.links:
                told.setdefault((party_of(entry.feed), report.peer), []).append((report, entry))
    for (party, peer), reports in sorted(told.items()):
        begun: tuple[LinkReport, Entry] | None = None
        for report, entry in reports:
            if begun is not None and begun[0].state is report.state:
                continue
            if begun is not None and begun[0].state is not LinkState.UP:
                yield _span(party, peer, begun, report.since)
            begun = report, entry
        if begun is not None and begun[0].state is not LinkState.UP:
            yield _span(party, peer, begun, None)


def _span(
    party: PartyId, peer: PartyId, begun: tuple[LinkReport, Entry], until: Instant | None
) -> Span:
    report, entry = begun
    return Span(
        party=party, peer=peer, state=report.state, since=report.since, until=until, told=entry.ref
    )


def outages(of: History) -> Iterator[Row]:
    """Spans that reach into the period: each is the word of the party that measured it. What the
    other end measured stands beside it as a row of its own."""
    for span in spans(of):
        ends = of.until if span.until is None else span.until
        length = min(ends, of.until) - max(span.since, of.first)
        if span.since >= of.until or ends <= of.first:
            continue
        yield Row(
            section=Section.OUTAGES,
            key=f"{span.party} of {span.peer} {span.state.value} since {format_utc(span.since)}",
            by=span.party, grade=SIGNED,
            cells=cells(
                party=span.party, peer=span.peer, state=span.state.value, since_at=span.since,
                until_at=span.until, length_ms=max(0, length), told=str(span.told),
            ),
        )  # fmt: skip


def suspensions(of: History) -> Iterator[Row]:
    """Who suspended routine business, from when until when, and the reason that was given."""
    resumed = {
        entry.body.of: entry.t for entry in reversed(of.entries) if isinstance(entry.body, Resume)
    }
    for entry in of.entries:
        if not isinstance(entry.body, Suspend):
            continue
        until = resumed.get(entry.ref)
        if until is not None and until <= of.first:
            continue
        ends = of.until if until is None else until
        yield Row(
            section=Section.SUSPENSIONS, key=str(entry.ref), by=party_of(entry.feed), grade=SIGNED,
            cells=cells(
                entry=str(entry.ref), since_at=entry.t, until_at=until,
                length_ms=max(0, ends - max(entry.t, of.first)), label=entry.body.reason,
            ),
        )  # fmt: skip
