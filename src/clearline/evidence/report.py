"""A page to print: self-contained, without scripts, pictures or links to anywhere. Pure.

Every word that came from a party is escaped and stands in its own direction (``bdi``); every claim
names its claimant and its grade. Times are UTC, both clocks side by side.
"""

from collections.abc import Iterable, Sequence
from html import escape

from clearline.evidence.compare import Comparison, Row
from clearline.evidence.facts import Event, Finding, Level, Verified, What
from clearline.evidence.said import (
    lead_words,
    offset_words,
    reason,
    says,
    when,
    where,
)
from clearline.evidence.words import GRADES, NOTICE_LINES, OWN_WORD, PROVED, SIGNED
from clearline.model.ids import EntryRef
from clearline.model.time import Instant

REF_CHARS = 24
"""The place of an entry is at most this long and is never broken."""
VERDICTS = {
    0: ("good", "Whole and consistent", "Every signature, root, opening and order holds."),
    1: ("bad", "Something is wrong", "What is wrong is named below, by place, code and clause."),
    3: (
        "part",
        "Consistent, but not everything is here",
        "Nothing shown is wrong; parts are withheld or were not held.",
    ),
}

STYLE = """
:root{--ink:#16202b;--soft:#5a6775;--rule:#cfd6dd;--wash:#f3f5f7;--bad:#8f1d14;--part:#7a5200;
--good:#155e3c}
*{box-sizing:border-box}
body{font:15px/1.45 system-ui,"Noto Sans",sans-serif;color:var(--ink);margin:0 auto;
padding:2rem 1.5rem;max-width:76rem;background:#fff}
h1{font-size:1.5rem;margin:0 0 .25rem}h1 .id{font:inherit}h2{font-size:1.1rem;margin:2.2rem 0 .5rem;
border-block-end:2px solid var(--ink);padding-block-end:.2rem}
p{margin:.4rem 0}.soft,caption,small{color:var(--soft)}
.law{border-inline-start:6px solid var(--ink);background:var(--wash);padding:.7rem 1rem;
margin:1rem 0;font-weight:600}
.verdict{border:2px solid;padding:.7rem 1rem;margin:1rem 0;border-radius:4px}
.verdict strong{font-size:1.15rem}.bad{color:var(--bad)}.part{color:var(--part)}
.good{color:var(--good)}
table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem;font-variant-numeric:tabular-nums}
th,td{text-align:start;vertical-align:top;padding:.35rem .6rem;
border-block-end:1px solid var(--rule)}
th{font-weight:600;background:var(--wash)}caption{text-align:start;padding:.2rem 0}
code,.id{font:13px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.ref{white-space:nowrap;overflow-wrap:normal}
.t{white-space:nowrap;font-variant-numeric:tabular-nums;direction:ltr;unicode-bidi:isolate;
display:inline-block}
.g{display:inline-block;font-size:12px;border:1px solid currentColor;border-radius:3px;
padding:0 .3rem;white-space:nowrap;color:var(--soft)}
.own{border-style:dashed}ul{margin:0;padding-inline-start:1.1rem}
.wide{overflow-x:auto}
@media print{.wide{overflow:visible}
body{font-size:11px;padding:0;max-width:none}h2{break-after:avoid}
tr{break-inside:avoid}thead{display:table-header-group}@page{margin:14mm}}
"""


def page(result: Verified) -> str:
    """One bundle's page."""
    manifest = result.bundle.manifest
    scope = manifest.scope
    parts = [
        f"<h1>Evidence of {_id(manifest.party)}</h1>",
        f"<p>Made {_t(manifest.made)} by its own clock, with {_words(manifest.software)}."
        f" Line <span class=id>{escape(result.line)}</span></p>",
        _law(),
        _verdict(result.exit),
        _asked(scope.first, scope.until, scope.at, scope.withhold),
        "<h2>Steps</h2>",
        _table(
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
        _grades(),
    ]
    return _document(f"Evidence of {manifest.party}", parts)


def comparison_page(both: Comparison) -> str:
    """Two bundles' page."""
    a, b = both.left.bundle.manifest, both.right.bundle.manifest
    parts = [
        f"<h1>{_id(a.party)} and {_id(b.party)}, side by side</h1>",
        f"<p>Line <span class=id>{escape(both.left.line)}</span>. Bundle of {_id(a.party)} made"
        f" {_t(a.made)}, of {_id(b.party)} {_t(b.made)}, each by its own clock.</p>",
        _law(),
        _verdict(both.exit),
        _findings(f"Of {a.party} alone", both.left.findings),
        _findings(f"Of {b.party} alone", both.right.findings),
        _findings("Between the two", both.findings),
        "<h2>Records on both sides</h2>",
        _table(
            ("Record", f"{a.party} holds", f"{b.party} holds", "the same from the start"),
            ((_id(one.feed), str(one.left), str(one.right), str(one.common)) for one in both.feeds),
        ),
        "<h2>Stated by both</h2>",
        _table(
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
        _table(
            ("Entry", "Says", "Author's clock", f"At {a.party}", f"At {b.party}", "Order"),
            (_row(row) for row in both.rows),
        ),
        *_knew(both),
        *_forks(both),
        _grades(),
    ]
    return _document(f"{a.party} and {b.party}", parts)


def _document(title: str, parts: Iterable[str]) -> str:
    return (
        '<!doctype html>\n<html lang="en" dir="ltr"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


# --- pieces ----------------------------------------------------------------------------------


def _law() -> str:
    return f"<div class=law>{'<br>'.join(escape(line) for line in NOTICE_LINES)}</div>"


def _verdict(exit_code: int) -> str:
    look, title, more = VERDICTS[exit_code]
    return f"<div class='verdict {look}'><strong>{title}</strong><br>{more}</div>"


def _asked(
    first: Instant | None, until: Instant | None, at: Instant | None, withhold: Sequence[str]
) -> str:
    said = []
    if at is not None:
        said.append(f"Only what had been received by {_t(at)} is here.")
    if first is not None or until is not None:
        said.append(f"Entries received from {_t(first)} to {_t(until)} are shown.")
    if withhold:
        said.append(f"Withheld: {_words(', '.join(withhold))}.")
    return f"<p>{' '.join(said)}</p>" if said else ""


def _findings(title: str, findings: Sequence[Finding]) -> str:
    if not findings:
        return f"<h2>{escape(title)}</h2><p>Nothing to name.</p>"
    order = list(Level)
    rows = (
        (
            f"<strong class={_look(one.level)}>{one.level.value}</strong>",
            _id(where(one)),
            f"{escape(says(one))}<br><small>{escape(reason(one))}{_by(one)}</small>",
            f"<code>{escape(one.code)}</code><br><code>{escape(one.clause)}</code>",
        )
        for one in sorted(findings, key=lambda one: order.index(one.level))
    )
    return f"<h2>{escape(title)}</h2>{_table(('', 'Where', 'What', 'Code, clause'), rows)}"


def _by(one: Finding) -> str:
    told = one.what in (What.TRUNCATED, What.NOT_HELD, What.DESK) and "by" in one.params
    return f" Shown by {_id(str(one.params['by']))}." if told else ""


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
                _id(fact.feed),
                f"{fact.size}",
                f"{fact.shown}",
                "<br>".join(hidden) or "none",
                f"{_t(fact.first_t)}<br>{_t(fact.last_t)}",
                f"<code>{fact.root}</code>",
            )
        )
    table = _table(
        ("Record", "Leaves", "Shown", "Withheld: places", "First, last (its clock)", "Root"), rows
    )
    return f"<h2>Records</h2><p>{_grade(PROVED)}</p>{table}"


def _clocks(result: Verified) -> str:
    if not result.offsets:
        return "<h2>Clocks</h2><p>No heartbeat measured any clock against the maker's.</p>"
    items = "".join(f"<li>{escape(offset_words(one))}</li>" for one in result.offsets)
    return f"<h2>Clocks</h2><p>{_grade(OWN_WORD)}</p><ul>{items}</ul>"


def _timeline(result: Verified) -> str:
    maker = result.bundle.manifest.party
    rows = [_event(event) for event in result.events]
    heads = ("Entry", "Says", "Author's clock", f"At {maker}, own clock", "Receipts", "Lead time")
    return (
        "<h2>What was said, and when</h2><p class=soft>The author's time and each receipt are"
        f" {_grade(SIGNED)}; when it reached {_id(maker)} is {_grade(OWN_WORD)}.</p>"
        + _table(heads, rows)
    )


def _event(event: Event) -> tuple[str, ...]:
    receipts = [
        f"{_id(party)} {_t(t)} <small>{_id(str(by))}</small>" for party, by, t in event.receipts
    ]
    leads = [
        f"<span class={'bad' if _late(event, n) else 'soft'}>{escape(lead_words(lead))}</span>"
        for n, lead in enumerate(event.leads)
    ]
    return (
        _id(str(event.ref)),
        f"<strong>{escape(event.kind)}</strong> {_words(event.text)}",
        _t(event.t),
        _t(event.received),
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
            _id(one.origin),
            f"{len(one.reports)} reports, 1 origin",
            ", ".join(_id(str(ref)) for ref in one.reports),
        )
        for one in result.origins
    )
    return f"<h2>Origins</h2>{_table(('Origin', 'Told by', 'Entries'), rows)}"


def _alerts(result: Verified) -> str:
    alerts, hidden = result.bundle.content.alerts, result.bundle.manifest.alerts_withheld
    if not alerts and not hidden:
        return ""
    rows = (
        (
            escape(one.kind),
            ", ".join(_id(str(ref)) for ref in one.about),
            _t(one.raised),
            f"{_t(one.presented)} {_words(one.presented_on or '')}",
            f"{_t(one.taken_at)} {_words(one.taken_role or '')}",
            f"{_id(str(one.answer))} {escape(one.reply or '')}" if one.answer is not None else "-",
        )
        for one in alerts
    )
    heads = ("Duty", "About", "Raised", "Presented", "Taken by role", "Answer")
    more = f"<p>{hidden} alerts about withheld entries are left out.</p>" if hidden else ""
    title = "<h2>Duties at the maker's desk</h2>"
    return f"{title}<p>{_grade(OWN_WORD)}</p>{_table(heads, rows)}{more}"


def _desk(result: Verified) -> str:
    if result.bundle.content.desk is None:
        return ""
    rows = (
        (str(index), f"<code><bdi>{escape(data.decode('utf-8', 'replace'))}</bdi></code>")
        for index, data in result.desk_shown
    )
    return (
        "<h2>Private desk record</h2><p>Kept by the maker, never sent;"
        f" {_grade(OWN_WORD)}. That it was not edited shows beside another party's bundle, which"
        " holds the checkpoints of it that rode in heartbeats.</p>"
        + _table(("No.", "Record"), rows)
    )


def _grades() -> str:
    rows = ((_grade(name), escape(meaning)) for name, meaning in GRADES.items())
    return f"<h2>What each word rests on</h2>{_table(('Grade', 'Meaning'), rows)}"


def _row(row: Row) -> tuple[str, ...]:
    return (
        _id(str(row.event.ref)),
        f"<strong>{escape(row.event.kind)}</strong> {_words(row.event.text)}",
        _t(row.event.t),
        _held(row.left, row.knew_left, held=row.left_holds),
        _held(row.right, row.knew_right, held=row.right_holds),
        "after the row above, proved" if row.after else "against the row above not proved",
    )


def _held(at: Instant | None, by: EntryRef | None, *, held: bool) -> str:
    if not held:
        return "<strong class=part>not held</strong>"
    signed = f"signed by {_id(str(by))}" if by is not None else "no signed receipt shown"
    return f"{_t(at)}<br><small>{signed}</small>"


def _knew(both: Comparison) -> list[str]:
    if not both.knew:
        return []
    rows = (
        (
            _id(one.party),
            _t(one.at),
            ", ".join(_id(str(ref)) for ref in one.signed) or "nothing",
            ", ".join(_id(str(ref)) for ref in one.own_word) or "nothing",
        )
        for one in both.knew
    )
    heads = ("Party", "At, its clock", "By its signed record", "By its own word alone")
    return ["<h2>What could be known</h2>", _table(heads, rows)]


def _forks(both: Comparison) -> list[str]:
    return [
        f"<h2>Two histories of {_id(one.feed)}</h2><p>Both are signed by its keys; with the proof"
        " anybody can check that one cannot be a beginning of the other.</p>"
        f"<pre><code>{escape(one.shorter)}\n{escape(one.longer)}\nbeginning"
        f" {escape(one.beginning)}\n{escape(chr(10).join(one.proof))}</code></pre>"
        for one in both.forks
    ]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; heads are words of ours, cells are HTML already."""
    top = "".join(f"<th scope=col>{escape(head)}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f"<div class=wide><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _id(text: str) -> str:
    look = "id ref" if len(text) <= REF_CHARS else "id"
    return f"<bdi class='{look}'>{escape(text)}</bdi>"


def _words(text: str) -> str:
    """Words of a party, in their own direction, with nothing in them that could act or hide."""
    clean = "".join(c if c.isprintable() else "\N{WHITE SQUARE}" for c in text)
    return f"<bdi>{escape(clean)}</bdi>" if clean else ""


def _t(at: Instant | None) -> str:
    return f"<span class=t>{escape(when(at))}</span>"


def _grade(name: str) -> str:
    look = "g own" if name == OWN_WORD else "g"
    return f"<span class='{look}'>{escape(name)}</span>"


__all__ = ["comparison_page", "page"]
