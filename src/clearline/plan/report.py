"""An answer in words for a person: the gravest first, what it rests on, one line at the end."""

from collections.abc import Iterator
from typing import Final

from clearline.model.finding import Verdict
from clearline.model.time import format_length
from clearline.plan.answer import Answer, Found, Party, PictureSummary, SideSummary, Span
from clearline.words.sentences import basis, quoted, verdict

LINES_MAX: Final = 200
"""Findings that are printed; --json has more."""
_HEADS: Final = {
    Verdict.YES: "CONFLICT",
    Verdict.UNDETERMINED: "CANNOT RULE OUT",
    Verdict.NO: "NO CONFLICT KNOWN",
}


def report(answer: Answer) -> Iterator[str]:
    """The lines of the whole answer."""
    if answer.picture is not None:
        yield from _picture(answer.picture)
    yield from _terms(answer)
    for found in answer.findings[:LINES_MAX]:
        yield from _finding(found)
    if len(answer.findings) > LINES_MAX:
        yield f"... and {len(answer.findings) - LINES_MAX} more findings: see --json"
    for item in answer.refused[:LINES_MAX]:
        place = f"{item.source} {item.unit} {item.place}"
        yield f"REFUSED {place}: {item.sentence} [{item.code}]"
    if len(answer.refused) > LINES_MAX:
        yield f"... and {len(answer.refused) - LINES_MAX} more refused: see --json"
    for wide in answer.widened[:LINES_MAX]:
        name = f" {quoted(wide.id)}" if wide.id is not None else ""
        absent = ", ".join(wide.absent[:8]) + (" ..." if len(wide.absent) > 8 else "")
        yield (
            f"WIDENED {wide.source} {wide.unit} {wide.place}{name}: absent, so unbounded: {absent}"
        )
    if answer.not_listed:
        yield f"{answer.not_listed} further findings, refusals or widened items are only counted."
    yield f"plan: {_side(answer.plan)}"
    yield f"against: {_side(answer.against)}"
    yield summary(answer)
    if answer.stopped:
        read = f"{answer.plan.items + answer.plan.refused} items of the plan"
        if "against" in answer.stopped:
            read = f"{answer.against.items + answer.against.refused} of what it is checked against"
        yield f"It was stopped after {read}; nothing is said about the rest."
    yield answer.says


def summary(answer: Answer) -> str:
    """The answer in one line."""
    items = answer.items
    counts = (
        f"{items[Verdict.YES]} of {answer.plan.items} plan items conflict, "
        f"{items[Verdict.UNDETERMINED]} cannot be ruled out, {items[Verdict.NO]} have no conflict "
        f"known among {answer.against.volumes} volumes"
    )
    refused = answer.plan.refused + answer.against.refused
    if refused:
        counts += f"; {refused} items were refused and not judged"
    as_of = f", as of {answer.picture.as_of}" if answer.picture is not None else ""
    head = "NOT ALL WAS JUDGED" if refused or answer.stopped else _HEADS[answer.verdict]
    return f"{head}: {counts}{as_of} (exit {answer.exit})"


def _picture(picture: PictureSummary) -> Iterator[str]:
    if picture.exercise:
        yield "EXERCISE EXERCISE EXERCISE"
    age = format_length(int(picture.age_s * 1000))
    minutes = int(picture.age_s // 60)
    yield f"picture of {picture.by}, as of {picture.as_of}, {minutes} minutes old ({age})"
    if picture.stale:
        limit = format_length(int(picture.stale_after_s * 1000))
        yield (f"STALE: {picture.reason} (limit {limit}); whatever has no conflict is undetermined")
    yield f"line {picture.line}"
    yield f"root key of {picture.by}: {picture.fingerprint} (compare it)"
    for peer in picture.peers:
        last = peer.last_entry or "none held"
        trip = f", last round trip {peer.round_trip}" if peer.round_trip else ""
        old = f", {format_length(int(peer.age_s * 1000))} old" if peer.age_s is not None else ""
        yield f"  {peer.party}: last entry {last}{old}{trip}"


def _terms(answer: Answer) -> Iterator[str]:
    terms = answer.terms
    if terms.kind == "none":
        yield "terms: none given; separations nought, heights separate, no tails"
        return
    versions = ", ".join(map(str, terms.versions))
    yield f"terms: version {versions} of line {terms.line}"
    if terms.not_signed_by:
        yield f"terms NOT SIGNED by {', '.join(terms.not_signed_by)}"


def _side(side: SideSummary) -> str:
    text = f"{side.items} items, {side.volumes} volumes"
    if side.refused:
        text += f", {side.refused} refused"
    if side.widened:
        text += f", {side.widened} widened"
    applied = ", ".join(f"{name} x{count}" for name, count in side.applied.items())
    return f"{text}; applied: {applied}" if applied else text


def _finding(found: Found) -> Iterator[str]:
    against = f" against {_party(found.against)}" if found.against is not None else ""
    yield f"{_HEADS[found.verdict]}: {_party(found.plan)}{against}: {verdict(found.verdict)}"
    facts = [
        f"{name} {_bounds(bounds, unit)}"
        for name, bounds, unit in (
            ("lateral", found.lateral_m, "m"),
            ("vertical", found.vertical_m, "m"),
            ("time", found.time_s, "s"),
        )
        if bounds is not None
    ]
    if found.overlap_start or found.overlap_end:
        facts.append(f"from {found.overlap_start or 'ever'} to {found.overlap_end or 'for ever'}")
    facts.append(f"decided by {found.decided_by} ({found.clause})")
    if found.settles is not None:
        facts.append(f"would be settled by: {basis(found.settles)}")
    yield f"  {'; '.join(facts)}"
    if found.references:
        yield f"  read as: {', '.join(basis(token) for token in found.references)}"
    widened = [*found.plan.widened, *(found.against.widened if found.against else ())]
    if widened:
        yield f"  widened: {', '.join(widened)}"
    if found.against is not None and found.against.standing:
        yield f"  its standing: {quoted(found.against.standing)}"


def _party(party: Party) -> str:
    parts = [party.ref or f"{party.unit} {party.place}"]
    if party.volume is not None:
        parts.append(f"volume {party.volume + 1}")
    for name, value in (("", party.id), ("", party.label), ("of ", party.party)):
        if value is not None:
            parts.append(f"{name}{quoted(value)}")
    if party.cls is not None:
        parts.append(f"class {quoted(party.cls)}")
    return " ".join(parts)


def _bounds(bounds: Span, unit: str) -> str:
    low, high = (None if value is None else f"{value:.1f}" for value in bounds)
    return f"{low} {unit}" if low == high else f"{low or '?'} to {high or '?'} {unit}"
