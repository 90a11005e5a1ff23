"""Findings, events and offsets in words and as plain values: what text, JSON and HTML share."""

from clearline.canonical import Plain
from clearline.evidence.compare import Comparison, FeedPair
from clearline.evidence.facts import Checked, Event, Finding, Lead, Level, Offset, Verified
from clearline.evidence.parts import AlertStated, ForkStated
from clearline.evidence.words import (
    EXERCISE_LINE,
    FINDINGS,
    GRADES,
    NOTICE_LINES,
    OWN_WORD,
    PROVED,
    RULES,
    SIGNED,
)
from clearline.ledger.access_record import read_access
from clearline.model.ids import EntryRef
from clearline.model.refusal import Refusal
from clearline.model.time import INSTANT_MAX, Instant, format_length, format_utc
from clearline.words.sentences import sentence

COLUMN = 10


def where(finding: Finding) -> str:
    """feed/index, feed, or member."""
    if finding.feed is not None:
        return finding.feed if finding.index is None else f"{finding.feed}/{finding.index}"
    return finding.member or ""


def says(finding: Finding) -> str:
    """The finding in one sentence; facts are ours or ids, words of others never stand here."""
    facts = {name: str(value) for name, value in finding.params.items()}
    withheld = finding.what.value == "withheld"
    facts["where"] = (finding.feed or finding.member or "") if withheld else where(finding)
    return clean(FINDINGS[finding.what.value].format_map(_Blank(facts)))


def clean(words: str) -> str:
    """A line with nothing in it that could act on a terminal, hide, or turn the reading round."""
    return "".join(c if c.isprintable() else "\N{WHITE SQUARE}" for c in words)


def reason(finding: Finding) -> str:
    """The rule that was broken; for clauses of other parts the words that they have everywhere."""
    if finding.clause in RULES:
        return f"The rule: {RULES[finding.clause]}."
    return sentence(Refusal(code=finding.code, clause=finding.clause, params=finding.params))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def when(at: Instant | int | None) -> str:
    """An instant in UTC; a number that is none is shown as it is."""
    if at is None:
        return "-"
    return format_utc(Instant(at)) if 0 <= at <= INSTANT_MAX else f"{at} ms"


def length(ms: int | None) -> str:
    """A length of time in words."""
    return "-" if ms is None else format_length(ms)


def offset_words(one: Offset) -> str:
    """A peer's clock against the maker's."""
    way = "ahead of" if one.last >= 0 else "behind"
    return (
        f"clock of {one.peer}: {abs(one.last) / 1000:.3f} s {way} the maker's, within"
        f" {one.uncertainty / 1000:.3f} s ({one.measured} measured, {one.low} to {one.high} ms)"
    )


def lead_words(lead: Lead) -> str:
    """A lead time by both accounts."""
    if lead.receiver_ms is None:
        return f"{lead.party}: no receipt shown; {length(lead.issuer_ms)} by the author's account"
    short = (lead.minimum_ms or 0) - lead.receiver_ms
    late = f"; LATE by {length(short)}" if short > 0 else ""
    return (
        f"{lead.party}: {length(lead.receiver_ms)} by its receipt, {length(lead.issuer_ms)} by the"
        f" author's account{late}"
    )


# --- plain values ----------------------------------------------------------------------------


def plain(result: Verified) -> dict[str, Plain]:
    """The verification as one JSON object; times are milliseconds since 1970 and RFC 3339."""
    manifest = result.bundle.manifest
    return {
        "says": list(NOTICE_LINES),
        "grades": dict(GRADES),
        "line": result.line,
        "exercise": result.exercise,
        "maker": manifest.party,
        "made": when(manifest.made),
        "exit": result.exit,
        "whole": result.exit == 0,
        "steps": [
            {
                "number": step.number,
                "title": step.title,
                "wrong": step.wrong,
                "unknown": step.unknown,
                "result": step.text,
            }
            for step in result.steps
        ],
        "findings": [finding_plain(one) for one in result.findings],
        "feeds": [_feed(one) for one in result.feeds],
        "offsets": [
            {
                "peer": one.peer,
                "offset_ms": one.last,
                "uncertainty_ms": one.uncertainty,
                "low_ms": one.low,
                "high_ms": one.high,
                "measured": one.measured,
                "grade": OWN_WORD,
            }
            for one in result.offsets
        ],
        "events": [_event(one) for one in result.events],
        "origins": [
            {
                "origin": one.origin,
                "reports": [str(ref) for ref in one.reports],
                "count": len(one.reports),
                "origins": 1,
            }
            for one in result.origins
        ],
        "alerts": [_alert(one) for one in result.bundle.content.alerts],
        "alerts_withheld": manifest.alerts_withheld,
    }


def _feed(one: Checked) -> dict[str, Plain]:
    return {
        "feed": one.fact.feed,
        "size": one.fact.size,
        "root": one.fact.root,
        "shown": one.fact.shown,
        "withheld": [
            {"first": run.first, "count": run.count, "why": run.why} for run in one.fact.withheld
        ],
        "good": one.fact.good,
    }


def _alert(one: AlertStated) -> dict[str, Plain]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "about": [str(ref) for ref in one.about],
        "raised": when(one.raised),
        "presented": when(one.presented) if one.presented is not None else None,
        "taken": when(one.taken_at) if one.taken_at is not None else None,
        "taken_role": one.taken_role,
        "answer": str(one.answer) if one.answer is not None else None,
        "grade": OWN_WORD,
    }


def finding_plain(one: Finding) -> dict[str, Plain]:
    """A finding with its code, clause, place and sentence."""
    facts: dict[str, Plain] = {
        name: str(value) if isinstance(value, EntryRef) else value
        for name, value in one.params.items()
    }
    return {
        "level": one.level.value,
        "what": one.what.value,
        "code": one.code.value,
        "clause": one.clause,
        "feed": one.feed,
        "index": one.index,
        "member": one.member,
        "params": facts,
        "sentence": says(one),
        "reason": reason(one),
    }


def _event(one: Event) -> dict[str, Plain]:
    return {
        "entry": str(one.ref),
        "kind": one.kind,
        "says": one.text,
        "t": when(one.t),
        "t_grade": SIGNED,
        "received": when(one.received) if one.received is not None else None,
        "received_grade": OWN_WORD,
        "receipts": [
            {"party": party, "by": str(by), "t": when(t), "grade": SIGNED}
            for party, by, t in one.receipts
        ],
        "leads": [
            {
                "party": lead.party,
                "lead_time_s": _seconds(lead.receiver_ms),
                "lead_time_s_issuer": _seconds(lead.issuer_ms),
                "lead_time_s_max": _seconds(lead.best_ms),
                "shortfall_s": _seconds(
                    max(0, lead.minimum_ms - lead.receiver_ms)
                    if lead.minimum_ms is not None and lead.receiver_ms is not None
                    else None
                ),
            }
            for lead in one.leads
        ],
    }


def _seconds(ms: int | None) -> int | None:
    return None if ms is None else ms // 1000


def plain_comparison(both: Comparison) -> dict[str, Plain]:
    """The comparison as one JSON object."""
    names = (both.left.bundle.manifest.party, both.right.bundle.manifest.party)
    return {
        "says": list(NOTICE_LINES),
        "line": both.left.line,
        "exercise": both.left.exercise or both.right.exercise,
        "left": names[0],
        "right": names[1],
        "exit": both.exit,
        "findings": [finding_plain(one) for one in both.findings],
        "of_left": [finding_plain(one) for one in both.left.findings],
        "of_right": [finding_plain(one) for one in both.right.findings],
        "feeds": [_pair(one) for one in both.feeds],
        "claims": [
            {"subject": one.subject, "left": one.left, "right": one.right, "agree": one.agree}
            for one in both.claims
        ],
        "rows": [
            {
                "entry": str(row.event.ref),
                "kind": row.event.kind,
                "says": row.event.text,
                "t": when(row.event.t),
                "left_received": when(row.left) if row.left is not None else None,
                "right_received": when(row.right) if row.right is not None else None,
                "left_holds": row.left_holds,
                "right_holds": row.right_holds,
                "left_signed_by": str(row.knew_left) if row.knew_left is not None else None,
                "right_signed_by": str(row.knew_right) if row.knew_right is not None else None,
                "proved_after_row_above": row.after,
            }
            for row in both.rows
        ],
        "knew": [
            {
                "party": one.party,
                "at": when(one.at),
                "signed": [str(ref) for ref in one.signed],
                "own_word": [str(ref) for ref in one.own_word],
            }
            for one in both.knew
        ],
        "forks": [_fork(one) for one in both.forks],
    }


def _pair(one: FeedPair) -> dict[str, Plain]:
    return {"feed": one.feed, "left": one.left, "right": one.right, "common": one.common}


def _fork(one: ForkStated) -> dict[str, Plain]:
    return {
        "feed": one.feed,
        "shorter": one.shorter,
        "longer": one.longer,
        "beginning": one.beginning,
        "proof": list(one.proof),
    }


# --- lines of text ---------------------------------------------------------------------------


def text(result: Verified) -> list[str]:
    """The verification for a terminal; words of others stand between quotation marks."""
    manifest = result.bundle.manifest
    out = [
        *((EXERCISE_LINE,) if result.exercise else ()),
        f"bundle of {manifest.party}, made {when(manifest.made)} by its own clock",
        f"line {result.line}",
        *NOTICE_LINES,
        "",
    ]
    for step in result.steps:
        out.append(f"{step.number:>3}. {step.title}: {step.text}")
    for level in (Level.WRONG, Level.UNKNOWN, Level.NOTE):
        for one in result.findings:
            if one.level is level:
                out.append(f"{level.value.upper():>8} {says(one)} [{one.code}, {one.clause}]")
    out.append("")
    for checked in result.feeds:
        fact = checked.fact
        hidden = sum(run.count for run in fact.withheld)
        out.append(f"{fact.feed}: {fact.size} leaves, {fact.shown} shown, {hidden} withheld")
    out += [f"{offset_words(one)} [{OWN_WORD}]" for one in result.offsets]
    for event in result.events:
        out.append(
            f"{when(event.t)}  {event.ref}  {event.kind}  {quoted(event.text)}"
            f"  [received {when(event.received)}, {OWN_WORD}]"
        )
        out += [f"{'':>{COLUMN}}receipt of {p}: {by} at {when(t)}" for p, by, t in event.receipts]
        out += [f"{'':>{COLUMN}}lead at {lead_words(lead)}" for lead in event.leads]
    out += [f"{one.origin}: {len(one.reports)} reports, 1 origin" for one in result.origins]
    out += [
        f"alert {one.kind} about {', '.join(map(str, one.about)) or '-'}:"
        f" raised {when(one.raised)}, presented {when(one.presented)},"
        f" taken {when(one.taken_at)} [{OWN_WORD}]"
        for one in result.bundle.content.alerts
    ]
    out += [f"{one} [{OWN_WORD}]" for one in reads_said(result)]
    verdict = {0: "whole and consistent", 1: "something is wrong", 3: "consistent, not all is here"}
    return [*map(clean, out), "", f"{PROVED}: {verdict[result.exit]}"]


def reads_said(result: Verified) -> list[str]:
    """Who has read whose items, as the private desk record that is shown has it (FM30)."""
    found = [read for _, data in result.desk_shown if (read := read_access(data)) is not None]
    return [
        f"read: {when(one.first)} to {when(one.last)} by {quoted(one.person)} ({quoted(one.role)})"
        f" of {' '.join(one.of)}: {', '.join(f'{name} x{count}' for name, count in one.kinds)}"
        + (f": {' '.join(one.items)}" if one.items else "")
        + (f" and {one.more} more" if one.more else "")
        + (", may stand twice" if one.recovered else "")
        for one in found
    ]


def quoted(words: str) -> str:
    """Words of others, cut and cleaned, between quotation marks."""
    return f"“{clean(words[:120])}”" if words else ""


def comparison_text(both: Comparison) -> list[str]:
    """The comparison for a terminal."""
    a, b = both.left.bundle.manifest.party, both.right.bundle.manifest.party
    out = [EXERCISE_LINE] if both.left.exercise or both.right.exercise else []
    out += [f"{a} and {b} on line {both.left.line}", *NOTICE_LINES, ""]
    for name, side in ((a, both.left), (b, both.right)):
        out += [f"of {name}: {says(one)} [{one.code}, {one.clause}]" for one in side.findings]
    out += [
        f"{one.level.value.upper()}: {says(one)} [{one.code}, {one.clause}]"
        for one in both.findings
    ]
    out += [
        f"{one.feed}: {a} holds {one.left}, {b} holds {one.right}, {one.common} the same"
        for one in both.feeds
    ]
    for claim in both.claims:
        out.append(
            f"{claim.subject}: {a} says {claim.left}; {b} says {claim.right}"
            f" ({'agree' if claim.agree else 'TWO CLAIMS'})"
        )
    out.append("")
    for row in both.rows:
        mark = "after the row above, proved" if row.after else "order with the row above not proved"
        out += [
            f"{row.event.ref}  {row.event.kind}  {quoted(row.event.text)}  [{mark}]",
            f"{'':>{COLUMN}}author's clock {when(row.event.t)}",
            f"{'':>{COLUMN}}{a}: {_held(row.left, row.knew_left, held=row.left_holds)}",
            f"{'':>{COLUMN}}{b}: {_held(row.right, row.knew_right, held=row.right_holds)}",
        ]
    for knew in both.knew:
        out += [
            f"{knew.party} at {when(knew.at)} (its clock), by its signed record:"
            f" {', '.join(map(str, knew.signed)) or 'nothing'}",
            f"{'':>{COLUMN}}and by its own word alone: "
            f"{', '.join(map(str, knew.own_word)) or 'nothing'}",
        ]
    return [clean(line) for line in out]


def _held(at: Instant | None, by: EntryRef | None, *, held: bool) -> str:
    if not held:
        return "not held"
    signed = f"signed by {by}" if by is not None else "no signed receipt shown"
    return f"{when(at)} ({OWN_WORD}), {signed}"
