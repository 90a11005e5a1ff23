"""Which terms two items are judged by: those of an agreement, the stricter of several, or none.

Without terms separations are nought and heights count *separate*. An item without a class may be of
any: only what holds for every class of the terms is said of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from clearline.conflict.index import Reach
from clearline.conflict.separation import lateral
from clearline.conflict.terms import counted, pair_term
from clearline.conflict.verdict import Extent, Separation, judge_volumes
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import EntryRef
from clearline.model.refusal import Code
from clearline.model.terms import Agreement, ClassTerm
from clearline.model.time import Instant
from clearline.picture.lead import class_term
from clearline.plan.codec import ROUNDING_MM, PlanItem
from clearline.plan.source import Unit

RANK: Final = {Verdict.NO: 0, Verdict.UNDETERMINED: 1, Verdict.YES: 2}
_OPERATION: Final = Judgement(verdict=Verdict.NO, clause="CL-STA-004", decided_by="operation")
_OVER: Final = Judgement(verdict=Verdict.NO, clause="CL-STA-007", decided_by="time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An item with its place. From a picture: ``ref``, label, what cut or cleared it, and the code
    of one that could not be read, or ``termless``: its class is not in every version of the terms
    in force. Either has no volumes and is live everywhere."""

    place: int
    unit: Unit
    item: PlanItem
    ref: EntryRef | None = None
    label: str | None = None
    cut: Instant | None = None
    clear: Instant | None = None
    unreadable: Code | None = None
    termless: bool = False
    standing: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The terms in force: none, one version, or two between which parties are changing."""

    terms: tuple[Agreement, ...] = ()

    def knows(self, cls: str | None) -> bool:
        """Whether a class can be judged by every version of these terms."""
        return cls is None or all(class_term(terms, cls) is not None for terms in self.terms)

    def tail_ms(self, cls: str | None) -> int:
        """The longest tail that a volume of the class may have."""
        tails = (term.tail_ms for agreement in self.terms for term in _classes(agreement, cls))
        return max(tails, default=0)

    @property
    def reach(self) -> Reach:
        """The widest separation between any two classes, with room for rounded coordinates."""
        pairs = [pair for agreement in self.terms for pair in agreement.pairs]
        return Reach(
            lateral_mm=max((pair.lateral_mm for pair in pairs), default=0) + 2 * ROUNDING_MM,
            time_ms=max((pair.time_ms for pair in pairs), default=0),
        )

    def judge(self, a: Placed, i: int, b: Placed, j: int) -> Judgement:
        """The verdict on volume ``i`` of one item and volume ``j`` of another."""
        whose = (a.item.party, a.item.operation)
        if None not in whose and whose == (b.item.party, b.item.operation):
            return _OPERATION
        if not self.terms:
            slack = _slack(a, b)
            extents = Extent(volume=a.item.volumes[i]), Extent(volume=b.item.volumes[j])
            return _judged(*extents, Separation(), slack)
        found: Judgement | None = None
        for agreement in self.terms:
            under = _under(agreement, a, i, b, j)
            if found is None or RANK[under.verdict] > RANK[found.verdict]:
                found = under
        assert found is not None
        return found


def _classes(agreement: Agreement, cls: str | None) -> tuple[ClassTerm, ...]:
    if cls is None:
        return agreement.classes
    term = class_term(agreement, cls)
    return (term,) if term is not None else ()


def _slack(a: Placed, b: Placed) -> int:
    return ROUNDING_MM * (int(a.item.rounded) + int(b.item.rounded))


def _under(agreement: Agreement, a: Placed, i: int, b: Placed, j: int) -> Judgement:
    """The verdict under one version of the terms, whatever class is not stated."""
    found = list(_by_class(agreement, a, i, b, j))
    if not found:
        return Judgement(
            verdict=Verdict.UNDETERMINED,
            clause="CL-STA-006",
            decided_by="terms",
            settles=f"terms for {a.item.cls or 'any class'} and {b.item.cls or 'any class'}",
        )
    gravest = max(found, key=lambda judgement: RANK[judgement.verdict])
    if any(judgement.verdict is not gravest.verdict for judgement in found):
        return replace(
            gravest,
            verdict=Verdict.UNDETERMINED,
            decided_by="class",
            settles="the class of what has none",
        )
    return gravest


def _by_class(agreement: Agreement, a: Placed, i: int, b: Placed, j: int) -> Iterator[Judgement]:
    slack = _slack(a, b)
    for class_a in _classes(agreement, a.item.cls):
        ours = _extents(a, i, class_a)
        for class_b in _classes(agreement, b.item.cls):
            theirs = _extents(b, j, class_b)
            pair = pair_term(agreement, class_a.id, class_b.id)
            assert pair is not None, "terms that were checked have every pair"
            if not ours or not theirs:
                yield _OVER
            else:
                yield _judged(ours[0], theirs[0], Separation.of(pair, agreement.levels), slack)


def _extents(placed: Placed, number: int, term: ClassTerm) -> tuple[Extent, ...]:
    volume = placed.item.volumes[number]
    return counted((volume,), term, cut=placed.cut, clear=placed.clear)


def _judged(a: Extent, b: Extent, sep: Separation, slack_mm: int) -> Judgement:
    """The verdict; NO by distance must hold with the corners where they were before rounding."""
    found = judge_volumes(a, b, sep)
    if not slack_mm or found.verdict is not Verdict.NO or found.decided_by != "lateral":
        return found
    wide_m = (sep.lateral_mm + slack_mm) / 1000
    across = lateral(a.volume.footprint, b.volume.footprint, wide_m)
    if across.low > wide_m:
        return found
    return replace(
        found,
        verdict=Verdict.UNDETERMINED,
        lateral_m=across,
        settles="coordinates of at most seven decimals",
    )
