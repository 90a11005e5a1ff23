"""Findings and bindings into a line's state, and findings out of it as troubles."""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence
from clearline.model.ids import party_of
from clearline.model.refusal import Param
from clearline.model.terms import Agreement
from clearline.model.time import SECOND
from clearline.node.inbound import Movers
from clearline.node.sighted import Bound, Grade, Live, LiveFinding, Sighted
from clearline.node.state import LineState

KINDS = {
    Live.NEAR: TroubleKind.TRACK_NEAR,
    Live.HAZARD: TroubleKind.TRACK_HAZARD,
    Live.OFF_ROUTE: TroubleKind.OFF_ROUTE,
    Live.INSIDE: TroubleKind.TRACK_INSIDE,
    Live.LOST: TroubleKind.TRACK_LOST,
    Live.SOURCE: TroubleKind.TRACK_SOURCE,
}
URGENT = {
    Live.NEAR: (Severity.ALARM, Precedence.FLASH),
    Live.HAZARD: (Severity.ALARM, Precedence.FLASH),
    Live.OFF_ROUTE: (Severity.ALARM, Precedence.FLASH),
    Live.INSIDE: (Severity.WARNING, Precedence.IMMEDIATE),
    Live.LOST: (Severity.WARNING, Precedence.IMMEDIATE),
    Live.SOURCE: (Severity.WARNING, Precedence.PRIORITY),
}
"""How loud each is; what only cannot be ruled out rings as a WARNING, IMMEDIATE."""


NODE = "node"
"""Who writes into the desk record what no person has done."""


def place_locally(ls: LineState, what: Movers | Sighted | Bound) -> LineState:
    """What is known here alone of own movers, as a turn takes it, without its records."""
    match what:
        case Movers():
            return place_movers(ls, what)
        case Sighted():
            return with_findings(ls, what)
        case Bound():
            return with_bindings(ls, what)


def place_movers(ls: LineState, what: Movers) -> LineState:
    """Own movers as somebody now knows them; the others stay where they were."""
    movers = ls.movers
    for call_sign in what.gone:
        movers = movers.discard(call_sign)
    for mover in what.movers:
        movers = movers.insert(mover.call_sign, mover)
    return replace(ls, movers=movers)


def with_findings(ls: LineState, what: Sighted) -> LineState:
    """The line with what was found, what is over, and where own movers are."""
    live, movers = ls.live, ls.movers
    for key in what.over:
        live = live.discard(key)
    for finding in what.findings:
        live = live.insert(finding.key, finding)
    for mover in what.movers:
        held = movers.get(mover.call_sign)
        if held is not None and not mover.cls:
            mover = replace(mover, cls=held.cls)
        movers = movers.insert(mover.call_sign, mover)
    return replace(ls, live=live, movers=movers)


def with_bindings(ls: LineState, what: Bound) -> LineState:
    """The line with a person's word on which track an own mover is; a mover that is bound anew or
    no longer is not seen as the old track, and nothing found of it stands."""
    bound, live = ls.bound, ls.live
    changed = set(what.gone)
    for call_sign in what.gone:
        bound = bound.discard(call_sign)
    for binding in what.bindings:
        if bound.get(binding.call_sign) != binding:
            changed.add(binding.call_sign)
        bound = bound.insert(binding.call_sign, binding)
    for key, finding in ls.live.items():
        if finding.call_sign in changed:
            live = live.discard(key)
    return replace(ls, bound=bound, live=live)


def rests_on(finding: LiveFinding, what: Sighted) -> str:
    """The finding with its sightings as one line of JSON, for the private desk record."""
    used = what.used.get(finding.key, ())
    return msgspec.json.encode({"finding": finding, "sightings": used}).decode()


def live_troubles(ls: LineState, terms: Agreement, others: dict[str, Trouble]) -> Iterator[Trouble]:
    """One trouble for each finding, but for what EXPOSED rings about already."""
    for key, finding in sorted(ls.live.items()):
        if finding.kind is Live.HAZARD and f"exposed/{finding.ref}/{finding.call_sign}" in others:
            continue
        severity, prec = URGENT[finding.kind]
        if finding.grade is Grade.OPEN:
            severity, prec = Severity.WARNING, Precedence.IMMEDIATE
        kind = KINDS[finding.kind]
        asset = finding.call_sign or str(finding.ref or finding.words.get("source", ""))
        yield Trouble(
            key=f"track/{key}", kind=kind, severity=severity, precedence=prec, line=ls.line,
            group=f"{kind.value}/{asset}", since=finding.since,
            about=(finding.ref,) if finding.ref is not None else (),
            peer=party_of(finding.ref.feed) if finding.ref is not None else None,
            params=_params(finding), exercise=terms.exercise,
        )  # fmt: skip


def _params(finding: LiveFinding) -> dict[str, Param]:
    """Facts as they were when the grade changed: they do not move with every sighting."""
    facts: dict[str, Param] = {**finding.figures, **finding.words, "grade": finding.grade.value}
    if finding.call_sign:
        facts["mover"] = finding.call_sign
    if finding.at is not None:
        facts["seen_s_ago"] = max(0, (finding.since - finding.at) // SECOND)
    return facts
