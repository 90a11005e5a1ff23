"""What is rung about the reactions of third parties: own notices and movers within (FM08, FM17)."""

from collections.abc import Iterator

from msgspec.structs import replace as change

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef
from clearline.model.refusal import Param
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.facts import Facts
from clearline.node.met import more_urgent
from clearline.node.reaction_work import Met
from clearline.node.reactions import Reaction, threatened
from clearline.node.state import LineState


def reaction_troubles(
    ls: LineState, terms: Agreement, facts: Facts, now: Instant
) -> Iterator[Trouble]:
    """One trouble a hazard and third party, whatever the number of ours and of its zones: one for
    notices of ours, once all of them are looked at, and one for movers."""
    found: dict[str, Trouble] = {}
    every = [met for met in facts.reacting.every() if met.reaction.until > now]
    unfinished = {(met.reaction.to, met.reaction.third) for met in every if met.left}
    for met in every:
        reaction = met.reaction
        known = (reaction.to, reaction.third) not in unfinished
        for one in (
            _within(ls, terms, facts, met, now) if known else None,
            _fly_within(ls, terms, reaction, now),
        ):
            if one is not None and worse(one, found.get(one.key)):
                found[one.key] = one
    for one in found.values():  # what is still to begin is waited for since now
        yield change(one, since=min(one.since, now))


def _within(
    ls: LineState,
    terms: Agreement,
    facts: Facts,
    met: Met,
    now: Instant,
) -> Trouble | None:
    reaction = met.reaction
    within = [
        (verdict is not Verdict.YES, facts.own[ref])
        for ref, verdict in met.within.items()
        if facts.over[ref] > now
    ]
    if not within:
        return None
    unsure, own = min(within, key=lambda each: (each[0], each[1].ref))
    params: dict[str, Param] = {
        "own": own.label, "certain": int(not unsure), "count": len(within),
    }  # fmt: skip
    prec = more_urgent(own.prec, Precedence.IMMEDIATE)
    about = (own.ref, reaction.to)
    return _trouble(ls, terms, reaction, ("own", Severity.WARNING, prec), about, params)


def _fly_within(
    ls: LineState, terms: Agreement, reaction: Reaction, now: Instant
) -> Trouble | None:
    late = [each for each in threatened(reaction, ls.movers.values(), now) if not each.in_time]
    if not late:
        return None
    worst = min(late, key=lambda each: (each.minutes_left - each.minutes_needed, each.call_sign))
    params: dict[str, Param] = {
        "own": worst.call_sign, "certain": 1, "count": len(late),
        "minutes_needed": worst.minutes_needed, "minutes_left": worst.minutes_left,
    }  # fmt: skip
    how = ("movers", Severity.ALARM, Precedence.IMMEDIATE)
    return _trouble(ls, terms, reaction, how, (reaction.to,), params)


def _trouble(
    ls: LineState,
    terms: Agreement,
    reaction: Reaction,
    how: tuple[str, Severity, Precedence],
    about: tuple[EntryRef, ...],
    params: dict[str, Param],
) -> Trouble:
    what, severity, prec = how
    return Trouble(
        key=f"{TroubleKind.REACTION.value}/{reaction.to}/{reaction.third}/{what}",
        kind=TroubleKind.REACTION,
        severity=severity,
        precedence=prec,
        line=ls.line,
        group=f"{TroubleKind.REACTION.value}/{reaction.third}/{what}",
        since=ls.arrived.get(reaction.to) or reaction.start,
        about=about,
        peer=reaction.by if reaction.by != ls.me else None,
        params={
            **params, "third": reaction.third, "name": reaction.name, "label": reaction.label,
            "until": reaction.until,
        },
        exercise=terms.exercise,
    )  # fmt: skip


def worse(one: Trouble, held: Trouble | None) -> bool:
    """Which of two zones' troubles is told: the surer one, the shorter time, the longer stay."""

    def rank(what: Trouble) -> tuple[int, int, int]:
        sure, needed, until = (
            what.params.get(n, 0) for n in ("certain", "minutes_needed", "until")
        )
        left = what.params.get("minutes_left", 0)
        assert isinstance(sure, int), "all four are whole numbers"
        assert isinstance(needed, int)
        assert isinstance(left, int)
        assert isinstance(until, int)
        return sure, needed - left, until

    return held is None or rank(one) > rank(held)
