"""The whole check: sources, terms and the time in, an answer out. Opens nothing, reads no clock."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from clearline.model.finding import Verdict
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement
from clearline.model.time import SECOND, Instant, format_utc
from clearline.plan.answer import (
    VERSION,
    Answer,
    PeerAge,
    PictureSummary,
    Position,
    TermsSummary,
    exit_code,
)
from clearline.plan.batch import Batch, Reading, always, hold, make_batch, read_batches
from clearline.plan.codec import PlanItem
from clearline.plan.compare import Before, Comparison, nothing
from clearline.plan.rules import Placed, Rules
from clearline.plan.snapshot import LiveNotice, SignedPicture, stale_reason
from clearline.plan.source import Lines, Unit, pieces
from clearline.trust.agreement import line_of, missing
from clearline.trust.documents import Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Which class is meant where an item states none: of the plan, of the notices."""

    plan: str | None = None
    notices: str | None = None


NO_CLASSES = Classes()


def check_notices(
    plan: Lines,
    notices: Lines,
    now: Instant,
    *,
    agreement: Signed[Agreement] | None = None,
    hold_plan: bool = True,
    classes: Classes = NO_CLASSES,
    go_on: Callable[[], bool] = always,
    before: Before = nothing,
) -> Answer | Refusal:
    """Every volume of the plan against every volume of the notices.

    ``hold_plan``: the plan is the smaller of the two and is held in memory; else the notices are.
    TOO_MANY when the one that is to be held is too large. ``go_on`` is asked before each item is
    read: at a no the answer is about what was read. ``before``: see ``Comparison``.
    """
    rules = Rules((agreement.body,)) if agreement is not None else Rules()
    for cls in (classes.plan, classes.notices):
        if not rules.knows(cls):
            facts = {"cls": cls or ""}
            return Refusal(code=Code.UNKNOWN_CLASS, clause="CL-PLN-008", params={**facts})
    ours, theirs = Reading("plan"), Reading("against")
    of_plan = read_batches(pieces(plan), rules, ours, classes.plan, go_on)
    of_notices = read_batches(pieces(notices), rules, theirs, classes.notices, go_on)
    held = hold(of_plan if hold_plan else of_notices, rules)
    if isinstance(held, Refusal):
        return held
    comparison = Comparison(held, hold_plan, rules, before=before)
    for batch, is_last in _and_whether_last(of_notices if hold_plan else of_plan):
        comparison.feed(batch, is_last=is_last)
    comparison.finish()
    return _answer(comparison, (ours, theirs), now, _terms(agreement), None)


def check_picture(
    plan: Lines,
    picture: SignedPicture,
    now: Instant,
    *,
    classes: Classes = NO_CLASSES,
    go_on: Callable[[], bool] = always,
    before: Before = nothing,
) -> Answer | Refusal:
    """Every volume of the plan against every live notice of a signed picture, by its terms; up to
    where ``go_on`` says no. ``before``: see ``Comparison``."""
    rules = Rules(picture.terms)
    if not rules.knows(classes.plan):
        facts = {"cls": classes.plan or ""}
        return Refusal(code=Code.UNKNOWN_CLASS, clause="CL-PLN-008", params={**facts})
    ours, theirs = Reading("plan"), Reading("against")
    held = _live(picture.doc.live, rules, theirs)
    stale = stale_reason(picture, now) is not None
    comparison = Comparison(held, False, rules, stale=stale, before=before)
    of_plan = read_batches(pieces(plan), rules, ours, classes.plan, go_on)
    for batch, is_last in _and_whether_last(of_plan):
        comparison.feed(batch, is_last=is_last)
    comparison.finish()
    terms = TermsSummary(
        kind="picture",
        line=picture.doc.line,
        versions=tuple(each.version for each in picture.terms),
        not_signed_by=(),
    )
    return _answer(comparison, (ours, theirs), now, terms, _summary(picture, now))


def _and_whether_last(batches: Iterable[Batch]) -> Iterator[tuple[Batch, bool]]:
    """Each batch, given once the next one was read, and whether there was none."""
    waiting: Batch | None = None
    for batch in batches:
        if waiting is not None:
            yield waiting, False
        waiting = batch
    if waiting is not None:
        yield waiting, True


def _live(live: Sequence[LiveNotice], rules: Rules, reading: Reading) -> Batch:
    """The live notices of a picture as items; their places count from 1."""
    items = [
        Placed(
            place=place,
            unit=Unit.ITEM,
            item=PlanItem(
                volumes=notice.volumes if rules.knows(notice.cls) else (),
                cls=notice.cls,
                operation=notice.operation,
                party=notice.party,
                applied=_applied(notice),
            ),
            ref=notice.ref,
            label=notice.label or None,
            cut=notice.cut,
            clear=notice.clear,
            unreadable=notice.unreadable,
            termless=notice.unreadable is None and not rules.knows(notice.cls),
            standing=notice.standing,
        )
        for place, notice in enumerate(live, 1)
    ]
    for placed in items:
        reading.take(placed)
    return make_batch(items, rules)


def _applied(notice: LiveNotice) -> tuple[str, ...]:
    edges = {getattr(volume.footprint, "edge", None) for volume in notice.volumes}
    return tuple(sorted(f"edge:{edge}" for edge in edges if edge is not None))


def _terms(agreement: Signed[Agreement] | None) -> TermsSummary:
    if agreement is None:
        return TermsSummary(kind="none", line=None, versions=(), not_signed_by=())
    return TermsSummary(
        kind="agreement",
        line=line_of(agreement.body),
        versions=(agreement.body.version,),
        not_signed_by=tuple(term.id for term in missing(agreement)),
    )


def _summary(picture: SignedPicture, now: Instant) -> PictureSummary:
    doc = picture.doc
    reason = stale_reason(picture, now)
    return PictureSummary(
        line=doc.line,
        by=doc.by,
        fingerprint=picture.fingerprint,
        key=picture.key,
        exercise=picture.newest.exercise,
        as_of=format_utc(doc.at),
        age_s=(now - doc.at) / SECOND,
        stale_after_s=min(terms.picture_stale_ms for terms in picture.terms) / SECOND,
        stale=reason is not None,
        reason=reason,
        peers=tuple(
            PeerAge(
                party=peer.party,
                last_entry=_time(peer.last_entry),
                round_trip=_time(peer.round_trip),
                age_s=None if peer.last_entry is None else (now - peer.last_entry) / SECOND,
            )
            for peer in doc.peers
        ),
        positions=tuple(
            Position(feed=p.feed, size=p.size, root=p.root, proved=p.feed in picture.proved)
            for p in doc.feeds
        ),
    )


def _time(at: Instant | None) -> str | None:
    return None if at is None else format_utc(at)


def _answer(
    comparison: Comparison,
    readings: tuple[Reading, Reading],
    now: Instant,
    terms: TermsSummary,
    picture: PictureSummary | None,
) -> Answer:
    ours, theirs = readings
    stopped = tuple(side.source for side in readings if side.stopped)
    if not ours.items and not ours.refused and not stopped:
        empty = Refusal(code=Code.NO_GEOMETRY, clause="CL-PLN-010", params={"found": 0})
        ours.refuse(Unit.ITEM, 1, (empty,))
    counts = {str(v): comparison.counts[v] for v in (Verdict.YES, Verdict.UNDETERMINED)}
    verdict = Verdict.NO
    if counts[Verdict.YES]:
        verdict = Verdict.YES
    elif counts[Verdict.UNDETERMINED] or ours.refused or theirs.refused or stopped:
        verdict = Verdict.UNDETERMINED
    items = {str(v): comparison.items[v] for v in Verdict}
    if theirs.stopped:  # of no item is it known that it meets nothing
        items[Verdict.UNDETERMINED] += items[Verdict.NO]
        items[Verdict.NO] = 0
    refusals = (*ours.refusals, *theirs.refusals)
    refused = ours.refused + theirs.refused
    return Answer(
        v=VERSION,
        verdict=verdict,
        exit=exit_code(refused, counts[Verdict.YES], counts[Verdict.UNDETERMINED], stopped),
        checked_at=format_utc(now),
        plan=ours.summary(),
        against=theirs.summary(),
        terms=terms,
        picture=picture,
        items=items,
        findings_count=counts,
        findings=tuple(comparison.findings),
        refused=refusals,
        widened=(*ours.open_items, *theirs.open_items),
        not_listed=comparison.not_listed + ours.not_listed + theirs.not_listed,
        stopped=stopped,
    )
