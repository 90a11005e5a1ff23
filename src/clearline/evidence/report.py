"""A page to print: self-contained, without scripts, pictures or links to anywhere. Pure.

Every word that came from a party is escaped and stands in its own direction (``bdi``); every claim
names its claimant and its grade. Times are UTC, both clocks side by side.
"""

from collections.abc import Sequence
from html import escape

from clearline.evidence.compare import Comparison, Row
from clearline.evidence.facts import Event, Finding, Level, Verified, What
from clearline.evidence.html import (
    document,
    grade,
    grade_table,
    ident,
    law,
    moment,
    of_party,
    table,
)
from clearline.evidence.said import (
    lead_words,
    offset_words,
    reason,
    says,
    where,
)
from clearline.evidence.words import OWN_WORD, PROVED, SIGNED
from clearline.model.ids import EntryRef
from clearline.model.time import Instant

VERDICTS = {
    0: ("good", "Whole and consistent", "Every signature, root, opening and order holds."),
    1: ("bad", "Something is wrong", "What is wrong is named below, by place, code and clause."),
    3: (
        "part",
        "Consistent, but not everything is here",
        "Nothing shown is wrong; parts are withheld or were not held.",
    ),
}


def page(result: Verified) -> str:
    """One bundle's page."""
    manifest = result.bundle.manifest
    scope = manifest.scope
    parts = [
        f"<h1>Evidence of {ident(manifest.party)}</h1>",
        f"<p>Made {moment(manifest.made)} by its own clock, with {of_party(manifest.software)}."
        f" Line <span class=id>{escape(result.line)}</span></p>",
        law(),
        _verdict(result.exit),
        _asked(scope.first, scope.until, scope.at, scope.withhold),
        "<h2>Steps</h2>",
        table(
            ("", "Step", "Result"),
            (
                (str(step.number), escape(step.title), _result(step.wrong, step.unknown, step.text))
                for step in result.steps
            ),
        ),
        _findings("What was found", result.findings),
        _records(result),
        _clocks(result),
        _timeline(result),
        _origins(result),
        _alerts(result),
        _desk(result),
        grade_table(),
    ]
    return document(f"Evidence of {manifest.party}", parts, exercise=result.exercise)


def comparison_page(both: Comparison) -> str:
    """Two bundles' page."""
    a, b = both.left.bundle.manifest, both.right.bundle.manifest
    parts = [
        f"<h1>{ident(a.party)} and {ident(b.party)}, side by side</h1>",
        f"<p>Line <span class=id>{escape(both.left.line)}</span>. Bundle of {ident(a.party)} made"
        f" {moment(a.made)}, of {ident(b.party)} {moment(b.made)}, each by its own clock.</p>",
        law(),
        _verdict(both.exit),
        _findings(f"Of {a.party} alone", both.left.findings),
        _findings(f"Of {b.party} alone", both.right.findings),
        _findings("Between the two", both.findings),
        "<h2>Records on both sides</h2>",
        table(
            ("Record", f"{a.party} holds", f"{b.party} holds", "the same from the start"),
            (
                (ident(one.feed), str(one.left), str(one.right), str(one.common))
                for one in both.feeds
            ),
        ),
        "<h2>Stated by both</h2>",
        table(
            ("Of what", f"{a.party} claims", f"{b.party} claims", ""),
            (
                (
                    escape(one.subject),
                    escape(one.left),
                    escape(one.right),
                    "agree" if one.agree else "<strong class=bad>two claims</strong>",
                )
                for one in both.claims
            ),
        ),
        "<h2>Who knew what, and when</h2>",
        "<p class=soft>In an order that no clock decides: an entry stands below all that it had"
        " provably seen. Receiving times are each party's own word; the entry by which it signed"
        " that it had seen is not.</p>",
        table(
            ("Entry", "Says", "Author's clock", f"At {a.party}", f"At {b.party}", "Order"),
            (_row(row) for row in both.rows),
        ),
        *_knew(both),
        *_forks(both),
        grade_table(),
    ]
    exercise = both.left.exercise or both.right.exercise
    return document(f"{a.party} and {b.party}", parts, exercise=exercise)


# --- pieces ----------------------------------------------------------------------------------


def _verdict(exit_code: int) -> str:
    look, title, more = VERDICTS[exit_code]
    return f"<div class='verdict {look}'><strong>{title}</strong><br>{more}</div>"


def _asked(
    first: Instant | None, until: Instant | None, at: Instant | None, withhold: Sequence[str]
) -> str:
    said = []
    if at is not None:
        said.append(f"Only what had been received by {moment(at)} is here.")
    if first is not None or until is not None:
        said.append(f"Entries received from {moment(first)} to {moment(until)} are shown.")
    if withhold:
        said.append(f"Withheld: {of_party(', '.join(withhold))}.")
    return f"<p>{' '.join(said)}</p>" if said else ""


def _findings(title: str, findings: Sequence[Finding]) -> str:
    if not findings:
        return f"<h2>{escape(title)}</h2><p>Nothing to name.</p>"
    order = list(Level)
    rows = (
        (
            f"<strong class={_look(one.level)}>{one.level.value}</strong>",
            ident(where(one)),
            f"{escape(says(one))}<br><small>{escape(reason(one))}{_by(one)}</small>",
            f"<code>{escape(one.code)}</code><br><code>{escape(one.clause)}</code>",
        )
        for one in sorted(findings, key=lambda one: order.index(one.level))
    )
    return f"<h2>{escape(title)}</h2>{table(('', 'Where', 'What', 'Code, clause'), rows)}"


def _by(one: Finding) -> str:
    told = one.what in (What.TRUNCATED, What.NOT_HELD, What.DESK) and "by" in one.params
    return f" Shown by {ident(str(one.params['by']))}." if told else ""


def _look(level: Level) -> str:
    return {Level.WRONG: "bad", Level.UNKNOWN: "part", Level.NOTE: "soft"}[level]


def _result(wrong: int, unknown: int, text: str) -> str:
    look = "bad" if wrong else "part" if unknown else "good"
    return f"<strong class={look}>{escape(text)}</strong>"


def _records(result: Verified) -> str:
    rows = []
    for checked in result.feeds:
        fact = checked.fact
        hidden = [
            f"{run.first} to {run.first + run.count - 1} ({escape(run.why)})"
            for run in fact.withheld
        ]
        rows.append(
            (
                ident(fact.feed),
                f"{fact.size}",
                f"{fact.shown}",
                "<br>".join(hidden) or "none",
                f"{moment(fact.first_t)}<br>{moment(fact.last_t)}",
                f"<code>{fact.root}</code>",
            )
        )
    made = table(
        ("Record", "Leaves", "Shown", "Withheld: places", "First, last (its clock)", "Root"), rows
    )
    return f"<h2>Records</h2><p>{grade(PROVED)}</p>{made}"


def _clocks(result: Verified) -> str:
    if not result.offsets:
        return "<h2>Clocks</h2><p>No heartbeat measured any clock against the maker's.</p>"
    items = "".join(f"<li>{escape(offset_words(one))}</li>" for one in result.offsets)
    return f"<h2>Clocks</h2><p>{grade(OWN_WORD)}</p><ul>{items}</ul>"


def _timeline(result: Verified) -> str:
    maker = result.bundle.manifest.party
    rows = [_event(event) for event in result.events]
    heads = ("Entry", "Says", "Author's clock", f"At {maker}, own clock", "Receipts", "Lead time")
    return (
        "<h2>What was said, and when</h2><p class=soft>The author's time and each receipt are"
        f" {grade(SIGNED)}; when it reached {ident(maker)} is {grade(OWN_WORD)}.</p>"
        + table(heads, rows)
    )


def _event(event: Event) -> tuple[str, ...]:
    receipts = [
        f"{ident(party)} {moment(t)} <small>{ident(str(by))}</small>"
        for party, by, t in event.receipts
    ]
    leads = [
        f"<span class={'bad' if _late(event, n) else 'soft'}>{escape(lead_words(lead))}</span>"
        for n, lead in enumerate(event.leads)
    ]
    return (
        ident(str(event.ref)),
        f"<strong>{escape(event.kind)}</strong> {of_party(event.text)}",
        moment(event.t),
        moment(event.received),
        "<br>".join(receipts) or "none shown",
        "<br>".join(leads),
    )


def _late(event: Event, n: int) -> bool:
    lead = event.leads[n]
    return lead.receiver_ms is not None and lead.receiver_ms < (lead.minimum_ms or 0)


def _origins(result: Verified) -> str:
    if not result.origins:
        return ""
    rows = (
        (
            ident(one.origin),
            f"{len(one.reports)} reports, 1 origin",
            ", ".join(ident(str(ref)) for ref in one.reports),
        )
        for one in result.origins
    )
    return f"<h2>Origins</h2>{table(('Origin', 'Told by', 'Entries'), rows)}"


def _alerts(result: Verified) -> str:
    alerts, hidden = result.bundle.content.alerts, result.bundle.manifest.alerts_withheld
    if not alerts and not hidden:
        return ""
    rows = (
        (
            escape(one.kind),
            ", ".join(ident(str(ref)) for ref in one.about),
            moment(one.raised),
            f"{moment(one.presented)} {of_party(one.presented_on or '')}",
            f"{moment(one.taken_at)} {of_party(one.taken_role or '')}",
            f"{ident(str(one.answer))} {escape(one.reply or '')}"
            if one.answer is not None
            else "-",
        )
        for one in alerts
    )
    heads = ("Duty", "About", "Raised", "Presented", "Taken by role", "Answer")
    more = f"<p>{hidden} alerts about withheld entries are left out.</p>" if hidden else ""
    title = "<h2>Duties at the maker's desk</h2>"
    return f"{title}<p>{grade(OWN_WORD)}</p>{table(heads, rows)}{more}"


def _desk(result: Verified) -> str:
    if result.bundle.content.desk is None:
        return ""
    rows = (
        (str(index), f"<code><bdi>{escape(data.decode('utf-8', 'replace'))}</bdi></code>")
        for index, data in result.desk_shown
    )
    return (
        "<h2>Private desk record</h2><p>Kept by the maker, never sent;"
        f" {grade(OWN_WORD)}. That it was not edited shows beside another party's bundle, which"
        " holds the checkpoints of it that rode in heartbeats.</p>" + table(("No.", "Record"), rows)
    )


def _row(row: Row) -> tuple[str, ...]:
    return (
        ident(str(row.event.ref)),
        f"<strong>{escape(row.event.kind)}</strong> {of_party(row.event.text)}",
        moment(row.event.t),
        _held(row.left, row.knew_left, held=row.left_holds),
        _held(row.right, row.knew_right, held=row.right_holds),
        "after the row above, proved" if row.after else "against the row above not proved",
    )


def _held(at: Instant | None, by: EntryRef | None, *, held: bool) -> str:
    if not held:
        return "<strong class=part>not held</strong>"
    signed = f"signed by {ident(str(by))}" if by is not None else "no signed receipt shown"
    return f"{moment(at)}<br><small>{signed}</small>"


def _knew(both: Comparison) -> list[str]:
    if not both.knew:
        return []
    rows = (
        (
            ident(one.party),
            moment(one.at),
            ", ".join(ident(str(ref)) for ref in one.signed) or "nothing",
            ", ".join(ident(str(ref)) for ref in one.own_word) or "nothing",
        )
        for one in both.knew
    )
    heads = ("Party", "At, its clock", "By its signed record", "By its own word alone")
    return ["<h2>What could be known</h2>", table(heads, rows)]


def _forks(both: Comparison) -> list[str]:
    return [
        f"<h2>Two histories of {ident(one.feed)}</h2><p>Both are signed by its keys; with the proof"
        " anybody can check that one cannot be a beginning of the other.</p>"
        f"<pre><code>{escape(one.shorter)}\n{escape(one.longer)}\nbeginning"
        f" {escape(one.beginning)}\n{escape(chr(10).join(one.proof))}</code></pre>"
        for one in both.forks
    ]


__all__ = ["comparison_page", "page"]
