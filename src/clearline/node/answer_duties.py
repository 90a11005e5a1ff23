"""What rings at an author because of what a peer has said: no to something of ours (FM02, FM18),
its half of a coordination that waits for ours, or an answer to what nobody holds here.

Pure, of one line at one moment. Silence is rung about elsewhere (``duties.unanswered``): a no is no
silence, and neither is ever read as yes.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import Kind, Precedence
from clearline.model.ids import PartyId, party_of
from clearline.model.refusal import Param
from clearline.model.terms import Agreement
from clearline.model.time import Instant, format_utc
from clearline.node.astray_answers import is_held
from clearline.node.facts import Facts
from clearline.node.met import more_urgent
from clearline.node.stale import GAP_MS
from clearline.node.state import LineState
from clearline.picture.situation import Answered, Ask, Version

ASTRAY_LOOKED_AT_MAX: Final = 64
"""Of a peer's answers to nothing so many are looked at in a turn for one that rings."""


def answer_troubles(
    ls: LineState, terms: Agreement, facts: Facts, now: Instant
) -> Iterator[Trouble]:
    """A no to a notice of ours, until its time is over or its author has said another; and what the
    other author of a pair has signed and we have not."""
    own = ls.picture.feed
    for party, said in facts.asks.declined.of(lambda ref: ref.index in own(ref.feed).live):
        version = facts.live.get(said.answer.to)
        if version is None or facts.over[version.ref] <= now:
            continue
        if facts.newest(version.notice) == version.ref:
            yield _no_to_notice(ls, terms, party, said, version, now)
    yield from _half_signed(ls, terms, facts, now)
    yield from _answers_nothing(ls, terms, facts, now)


def no_to_ask(ls: LineState, terms: Agreement, party: PartyId, ask: Ask, said: Answered) -> Trouble:
    """A no to a STOP or a message of ours."""
    stop = ask.kind is Kind.STOP
    return _no(
        ls, terms, party, said,
        severity=Severity.EMERGENCY if stop else Severity.WARNING,
        prec=more_urgent(ask.prec, Precedence.FLASH if stop else Precedence.PRIORITY),
        label=ask.text,
    )  # fmt: skip


def _no_to_notice(
    ls: LineState, terms: Agreement, party: PartyId, said: Answered, version: Version, now: Instant
) -> Trouble:
    """It is louder once it has begun: whoever took it before hears it again then."""
    begun = any(volume.start <= now for volume in version.volumes)
    prec = Precedence.FLASH if begun else more_urgent(version.prec, Precedence.IMMEDIATE)
    return _no(ls, terms, party, said, severity=Severity.ALARM, prec=prec, label=version.label)


def _no(
    ls: LineState, terms: Agreement, party: PartyId, said: Answered, *,
    severity: Severity, prec: Precedence, label: str,
) -> Trouble:  # fmt: skip
    kind, answer = TroubleKind.DECLINED, said.answer
    params: dict[str, Param] = {"reply": answer.reply.value, "label": label}
    if answer.minutes_needed is not None:
        params["minutes_needed"] = answer.minutes_needed
    return Trouble(
        key=f"{kind.value}/{answer.to}/{party}", kind=kind, severity=severity, precedence=prec,
        line=ls.line, group=f"{kind.value}/{party}", since=said.t, about=(answer.to, said.ref),
        peer=party, params=params, exercise=terms.exercise,
    )  # fmt: skip


def _answers_nothing(
    ls: LineState, terms: Agreement, facts: Facts, now: Instant
) -> Iterator[Trouble]:
    """A peer's answers to entries that are not here. Of our own records nothing more can come; what
    is another's may be on its way for as long as a gap may (FM15). One trouble for each peer."""
    kind = TroubleKind.ANSWERS_NOTHING
    for party, waiting in sorted(facts.asks.astray.by.items()):
        first = next(
            (
                said
                for said in islice(waiting.values(), ASTRAY_LOOKED_AT_MAX)
                if (party_of(said.answer.to.feed) == ls.me or now - said.t >= GAP_MS)
                and not is_held(ls.picture, said.answer.to)
            ),
            None,
        )
        if first is None:
            continue
        yield Trouble(
            key=f"{kind.value}/{party}", kind=kind, severity=Severity.CAUTION,
            precedence=Precedence.PRIORITY, line=ls.line, group=f"{kind.value}/{party}",
            since=first.t, about=(first.ref,), peer=party,
            params={
                "reply": first.answer.reply.value, "entry": str(first.answer.to),
                "count": len(waiting),
            },
            exercise=terms.exercise,
        )  # fmt: skip


def _half_signed(ls: LineState, terms: Agreement, facts: Facts, now: Instant) -> Iterator[Trouble]:
    """One of two signatures is no agreement: the pair is open until ours stands beside it."""
    kind = TroubleKind.HALF_SIGNED
    for own, other, agreed in facts.half_signed:
        if agreed.until <= now:
            continue
        yield Trouble(
            key=f"{kind.value}/{min(own.ref, other.ref)}+{max(own.ref, other.ref)}", kind=kind,
            severity=Severity.CAUTION, precedence=more_urgent(own.prec, Precedence.PRIORITY),
            line=ls.line, group=f"{kind.value}/{other.party}", since=agreed.t,
            about=(own.ref, other.ref, agreed.ref), peer=other.party,
            params={
                "own": own.label, "other": other.label, "measure": agreed.measure,
                "end": format_utc(agreed.until),
            },
            exercise=terms.exercise,
        )  # fmt: skip
    for form in facts.half_signed_forms():
        said = form.said
        if form.until <= now:
            continue
        yield Trouble(
            key=f"{kind.value}/{said.ref}", kind=kind, severity=Severity.CAUTION,
            precedence=Precedence.PRIORITY, line=ls.line,
            group=f"{kind.value}/{party_of(said.ref.feed)}", since=said.t, about=(said.ref,),
            peer=party_of(said.ref.feed), exercise=terms.exercise,
        )  # fmt: skip
