"""Records, notices by class and party, lead times and shortfalls on both clocks. Pure."""

from collections.abc import Iterator, Sequence

from clearline.evidence.facts import Lead
from clearline.evidence.review.facts import Row, Section, cells
from clearline.evidence.review.history import (
    History,
    is_confirmation,
    label,
    notice_in,
    record_size,
)
from clearline.evidence.words import PROVED, SIGNED
from clearline.ledger.merkle import Frontier
from clearline.model.entry import AllClear, Amend, Entry, Notice, Open, Withdraw
from clearline.model.ids import PartyId, party_of


def median(values: Sequence[int]) -> int | None:
    """The lower of the two in the middle: a value that was there."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def records(of: History) -> Iterator[Row]:
    """Each record as long as it was at the end of the period: two reviews with the same root were
    made from the same history."""
    for checked in of.feeds:
        size = record_size(of, checked.fact.feed)
        if size:
            yield Row(
                section=Section.RECORDS, key=checked.fact.feed, by=None, grade=PROVED,
                cells=cells(size=size, root=Frontier().extend(checked.hashes[:size]).root.hex()),
            )  # fmt: skip


def notices(of: History) -> Iterator[Row]:
    """How much each party filed in each class."""
    found: dict[tuple[PartyId, str], dict[str, int]] = {}
    for entry in of.in_period():
        party = party_of(entry.feed)
        for cls, what in _counted(of, entry):
            one = found.setdefault((party, cls), dict.fromkeys(_COUNTS, 0))
            one[what] += 1
    for (party, cls), one in sorted(found.items()):
        yield Row(
            section=Section.NOTICES, key=f"{party} {cls}", by=None, grade=PROVED,
            cells=cells(party=party, cls=cls, **one),
        )  # fmt: skip


_COUNTS = ("notices", "versions", "confirmations", "opened", "withdrawn", "all_clear")


def _counted(of: History, entry: Entry) -> Iterator[tuple[str, str]]:
    body = entry.body
    match body:
        case Notice():
            yield body.cls, "notices"
        case Amend():
            yield body.to.cls, "confirmations" if is_confirmation(of, entry) else "versions"
        case Open():
            yield body.to.cls, "opened"
        case Withdraw() | AllClear():
            what = "withdrawn" if isinstance(body, Withdraw) else "all_clear"
            for ref in body.versions:
                ended = of.by_ref.get(ref)
                stated = notice_in(ended) if ended is not None else None
                yield (stated.cls if stated is not None else "?"), what
        case _:
            pass


def _leads(of: History) -> Iterator[tuple[Entry, Notice, Lead, int, int | None]]:
    """Each version at each receiver: its lead by the author's clock, and by the receiver's."""
    for entry in of.in_period():
        stated = notice_in(entry)
        event = of.events.get(entry.ref)
        if stated is None or event is None or is_confirmation(of, entry):
            continue
        for lead in event.leads:
            if lead.party in of.parties:
                got = of.receipt(entry.ref, lead.party)
                theirs = lead.receiver_ms if got is not None else None
                yield entry, stated, lead, lead.issuer_ms, theirs


def _minimum(of: History, cls: str) -> int:
    term = of.class_term(cls)
    return term.lead_min_ms if term is not None else 0


def lead_times(of: History) -> Iterator[Row]:
    """Lead times of each author at each receiver, by class: by both clocks, median and worst. The
    receiver's clock decides what is short."""
    found: dict[tuple[PartyId, PartyId, str], list[tuple[int, int | None]]] = {}
    for entry, stated, lead, issuer, receiver in _leads(of):
        key = (party_of(entry.feed), lead.party, stated.cls)
        found.setdefault(key, []).append((issuer, receiver))
    for (author, receiver_, cls), leads in sorted(found.items()):
        least = _minimum(of, cls)
        theirs = [got for _, got in leads if got is not None]
        ours = [issued for issued, _ in leads]
        short = [least - got for got in theirs if got < least]
        short_ours = [least - issued for issued in ours if issued < least]
        yield Row(
            section=Section.LEAD_TIMES, key=f"{author} to {receiver_} {cls}", by=None, grade=SIGNED,
            cells=cells(
                author=author, receiver=receiver_, cls=cls, minimum_ms=least, versions=len(leads),
                no_receipt=len(leads) - len(theirs),
                receiver_median_ms=median(theirs), receiver_worst_ms=min(theirs, default=None),
                author_median_ms=median(ours), author_worst_ms=min(ours, default=None),
                short=len(short), shortfall_median_ms=median(short),
                shortfall_worst_ms=max(short, default=None),
                short_by_author=len(short_ours),
                shortfall_worst_by_author_ms=max(short_ours, default=None),
            ),
        )  # fmt: skip


def short_ones(of: History) -> Iterator[Row]:
    """Every version whose lead fell short at a receiver, by the receiver's clock or the author's,
    or that it has not receipted."""
    for entry, stated, lead, issuer, receiver in _leads(of):
        least = _minimum(of, stated.cls)
        if least == 0 or (receiver is not None and min(receiver, issuer) >= least):
            continue
        best = lead.best_ms if receiver is not None else None
        yield Row(
            section=Section.SHORT, key=f"{entry.ref} at {lead.party}", by=None, grade=SIGNED,
            cells=cells(
                entry=str(entry.ref), receiver=lead.party, cls=stated.cls, label=label(entry),
                minimum_ms=least, receiver_ms=receiver, receiver_best_ms=best, author_ms=issuer,
                shortfall_ms=None if receiver is None else max(0, least - receiver),
                shortfall_by_author_ms=max(0, least - issuer),
            ),
        )  # fmt: skip
