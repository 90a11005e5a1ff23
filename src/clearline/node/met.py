"""What is rung about two notices that are not apart: which of ours, in which words, at what group.

Facts of one pair and one judgement, made once and kept as long as neither changes.
"""

from typing import Final

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import LineId, PartyId
from clearline.model.refusal import Param
from clearline.model.terms import Agreement, Effect
from clearline.model.time import Instant
from clearline.picture.lead import class_term
from clearline.picture.situation import Version

RANK: Final = {
    Precedence.FLASH: 0,
    Precedence.IMMEDIATE: 1,
    Precedence.PRIORITY: 2,
    Precedence.ROUTINE: 3,
}

MET: Final = (TroubleKind.CONFLICT, TroubleKind.UNDETERMINED)
"""What comes of a pair that is not apart."""
GIVES_WAY: Final = {Effect.MOVEMENT: 0, Effect.HAZARD: 1}
"""Of two notices of ours, the one that is rung about: what moves, then what does harm."""


def more_urgent(a: Precedence, b: Precedence) -> Precedence:
    """The precedence that is handled first."""
    return a if RANK[a] <= RANK[b] else b


def ours_first(a: Version, b: Version, me: PartyId, terms: Agreement) -> tuple[Version, Version]:
    """The one that the pair is rung about, then the other: ours; of two of ours the one that gives
    way, then the later one. So an import of sites and of movements through them rings once for
    each movement, not once for each site (FM29)."""
    if a.party != b.party:
        return (a, b) if a.party == me else (b, a)
    return (a, b) if (_way(a, terms), b.ref) < (_way(b, terms), a.ref) else (b, a)


def _way(version: Version, terms: Agreement) -> int:
    term = class_term(terms, version.cls)
    return len(GIVES_WAY) if term is None else GIVES_WAY.get(term.effect, len(GIVES_WAY))


def trouble_of_pair(
    own: Version,
    other: Version,
    judgement: Judgement,
    *,
    line: LineId,
    me: PartyId,
    since: Instant,
    exercise: bool,
) -> Trouble:
    """One of ours and another that the verdict is not NO for. Alarms are one for each of our
    notices and consequence: that they meet, or that it cannot be ruled out."""
    certain = judgement.verdict is Verdict.YES
    kind = TroubleKind.CONFLICT if certain else TroubleKind.UNDETERMINED
    params: dict[str, Param] = {"own": own.label, "other": other.label}
    if judgement.lateral_m is not None:
        params["lateral_m"] = round(judgement.lateral_m.low)
    if judgement.vertical_m is not None:
        params["vertical_m"] = round(max(-1e6, min(1e6, judgement.vertical_m.low)))
    if judgement.overlap_start is not None:
        params["starts"] = judgement.overlap_start
    if judgement.settles is not None:
        params["settles"] = judgement.settles
    return Trouble(
        key=f"{kind.value}/{min(own.ref, other.ref)}+{max(own.ref, other.ref)}",
        kind=kind,
        severity=Severity.ALARM if certain else Severity.WARNING,
        precedence=more_urgent(more_urgent(own.prec, other.prec), Precedence.IMMEDIATE),
        line=line,
        group=f"{kind.value}/{own.notice}",
        since=since,
        about=(own.ref, other.ref),
        peer=other.party if other.party != me else None,
        params=params,
        exercise=exercise,
    )


def about_count(count: int) -> int:
    """The count rounded up to one digit and noughts: a figure that moves with every turn is no
    fact to show anew each time."""
    step = int(10 ** (len(str(count)) - 1))
    return -(-count // step) * step
