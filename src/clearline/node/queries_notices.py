"""Read models of notices and conflicts: what a version stands at, and all that belongs beside it.

Pure: a line's state, its verdicts and the time in, views out. Own versions are read from all that
this node holds; another's from what its author's latest entry proves.
"""

from collections.abc import Iterator

from clearline.model.entry import EMERGENCY, RelayOutcome, Reply
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.terms import Agreement, Effect, Represented
from clearline.model.time import Instant, format_dtg
from clearline.node import phrases
from clearline.node.astray import astray
from clearline.node.duties import deadline, extent_end
from clearline.node.envelope_views import envelope_view, range_of
from clearline.node.exposure import exposed_movers, exposed_parties
from clearline.node.reaction_view import ReactionView
from clearline.node.reactions import meets, reactions, threatened
from clearline.node.reading import Reading
from clearline.node.stale import confirm_by
from clearline.node.views import (
    Badge,
    ConflictView,
    ExposureView,
    LeadView,
    MoverView,
    NoticeView,
    Phase,
    StandingView,
    ThirdView,
    WithView,
)
from clearline.picture.lead import class_term, lead_at
from clearline.picture.situation import Ended, EndKind, Version
from clearline.picture.standing import (
    Standing,
    State,
    coordinated_until,
    find_version,
    knew,
    standing,
)
from clearline.words.reader import ENGLISH, Langs, told
from clearline.words.sentences import plain, said
from clearline.words.sentences import standing as standing_words

ENDS = {
    EndKind.WITHDRAW: Phase.WITHDRAWN,
    EndKind.ALL_CLEAR: Phase.ALL_CLEAR,
    EndKind.AMENDED: Phase.WITHDRAWN,
}


def conflict_view(reading: Reading, a: Version, b: Version, found: Judgement) -> ConflictView:
    """A pair that is not apart; our own version first."""
    if b.party == reading.ls.me and a.party != reading.ls.me:
        a, b = b, a
    picture = reading.ls.picture
    until = coordinated_until(picture, a, b, reading.now)
    form = reading.form_of(a, b)
    ours, theirs = ((v.label or v.cls or "", v.party) for v in (a, b))
    return ConflictView(
        a=a.ref,
        b=b.ref,
        a_label=a.label,
        b_label=b.label,
        a_party=a.party,
        b_party=b.party,
        verdict=found.verdict,
        clause=found.clause,
        decided_by=found.decided_by,
        lateral_m=range_of(found.lateral_m),
        vertical_m=range_of(found.vertical_m),
        time_s=range_of(found.time_s),
        overlap_start=None if found.overlap_start is None else Instant(found.overlap_start),
        overlap_end=None if found.overlap_end is None else Instant(found.overlap_end),
        references=found.references,
        settles=found.settles,
        coordinated_until=until,
        standing_measure=None if form is None else form.said.measure,
        standing_until=None if form is None else form.until,
        a_knew=knew(picture, a.ref, b.ref),
        b_knew=knew(picture, b.ref, a.ref),
        words=phrases.conflict(ours, theirs, found, until, reading.langs),
    )


def conflicts(reading: Reading, *, own_only: bool = False) -> tuple[ConflictView, ...]:
    """Every pair of live versions that is not apart, soonest first, those past left out."""
    found = [
        conflict_view(reading, a, b, judgement)
        for a, b, judgement in _not_apart(reading)
        if not own_only or reading.ls.me in (a.party, b.party)
    ]
    return tuple(sorted(found, key=_soonest))


def count_conflicts(reading: Reading) -> int:
    """How many pairs ``conflicts`` would show."""
    return sum(1 for _ in _not_apart(reading))


def _not_apart(reading: Reading) -> Iterator[tuple[Version, Version, Judgement]]:
    for a, b, judgement in reading.judge.open_pairs().values():
        if not (reading.own.is_live(a.ref) and reading.own.is_live(b.ref)):
            continue
        if judgement.over is None or judgement.over > reading.now:
            yield a, b, judgement


def _soonest(view: ConflictView) -> tuple[bool, int, EntryRef, EntryRef]:
    start = view.overlap_start
    return view.verdict is not Verdict.YES, 0 if start is None else start, view.a, view.b


def standing_of(reading: Reading, version: Version) -> Standing | None:
    """The standing for its author; None if nothing of its author's is held to read it from."""
    view = reading.view(version.party)
    return None if view is None else standing(view, version, reading.judge, reading.now)


def moment_of(reading: Reading, party: PartyId) -> tuple[Instant, EntryRef | None] | None:
    """As of when the standings of a party's versions are known here, and by which entry of its;
    None if it has written nothing. The same for all of them."""
    view = reading.view(party)
    if view is None:
        return None
    if view.proved_by is None:
        return reading.now, None
    return reading.ls.picture.feed(view.proved_by.feed).t, view.proved_by


def standing_view(
    reading: Reading, found: Standing, version: Version, not_told: tuple[str, ...]
) -> StandingView:
    """In words, with its time and what stands beside it."""
    as_of, proved_by = moment_of(reading, version.party) or (reading.now, None)
    langs, labels = reading.langs, []
    for pair in found.against:
        other = find_version(reading.ls.picture, pair.other)
        label = other.label if other is not None else str(pair.other)
        labels.append((plain(label[: phrases.LABEL_CHARS_MAX]), party_of(pair.other.feed)))

    def words(lang: str) -> str:
        against = [said(lang, "of-party", label=label, party=of) for label, of in labels]
        return standing_words(
            found.state.value, None if reading.timeless else as_of,
            pending=found.pending_on, against=against, not_told=not_told, seals=len(found.seals),
            unjudged=found.unjudged, lang=lang,
        )  # fmt: skip

    return StandingView(
        state=found.state,
        as_of=Instant(0) if reading.timeless else as_of,
        proved_by=None if reading.timeless else proved_by,
        parties=tuple(
            WithView(
                party=each.party, why=each.why, at=each.at, code=each.code,
                words=phrases.why(each.party, each.why, langs),
            )
            for each in found.parties
        ),
        seals=found.seals,
        unjudged=found.unjudged,
        words=told(langs, f"standings/{found.state.value}", words),
    )  # fmt: skip


def third_parties(reading: Reading, version: Version) -> tuple[ThirdView, ...]:
    """Represented parties that the version exposes, and how far telling them has come."""
    since = reading.ls.arrived.get(version.ref) or version.stated
    return tuple(
        third_view(reading, third, version.ref, since)
        for third in reading.once(
            version, "thirds", lambda: exposed_parties(reading.terms, version)
        )
    )


def third_view(reading: Reading, third: Represented, ref: EntryRef, since: Instant) -> ThirdView:
    """NOT TOLD until a relay says otherwise; the furthest that any relay has got."""
    tries = [
        (party_of(state.feed), one)
        for state in reading.ls.picture.feeds.values()
        if (one := state.told.get((ref, third.id))) is not None
    ]
    rank = {RelayOutcome.ANSWERED: 3, RelayOutcome.TOLD: 2, RelayOutcome.NO_ANSWER: 1, None: 0}
    by, relayed = max(tries, key=lambda each: rank[each[1].outcome], default=(None, None))
    outcome = None if relayed is None else relayed.outcome
    state = "NOT TOLD" if outcome is None else outcome.value.replace("-", " ")
    due = Instant(since + third.deadline_ms)
    at = None if relayed is None else relayed.at
    return ThirdView(
        party=third.id,
        name=third.name,
        state=state,
        relay=third.relay,
        backup=third.backup,
        taken_by=by,
        due=due,
        told_at=at,
        means="" if relayed is None else relayed.means,
        words=phrases.third(reading.langs, third, relayed, by, due),
        coded=relayed is not None and relayed.proof is not None,
    )


def leads(reading: Reading, version: Version) -> tuple[LeadView, ...]:
    """Lead time at every other member, by the record where it is receipted, else as if now.
    Emergencies have none: nobody is late with a cry for help."""
    if version.kind in EMERGENCY:
        return ()
    everyone = (reading.ls.me, *reading.ls.others)
    term = class_term(reading.terms, version.cls)
    found = []
    for party in everyone:
        if party == version.party or term is None or not version.volumes:
            continue
        lead = lead_at(reading.ls.picture, reading.terms, version, party)
        if lead is None:
            start = min(volume.start for volume in version.volumes)
            left = start - reading.counted_from
            found.append(provisional_lead(party, left, term.lead_min_ms, reading.langs))
            continue
        found.append(
            LeadView(
                party=party,
                worst_ms=lead.worst_ms,
                best_ms=lead.best_ms,
                minimum_ms=lead.minimum_ms,
                shortfall_ms=lead.shortfall_ms,
                provisional=False,
                words=phrases.lead(
                    lead.worst_ms, lead.shortfall_ms, provisional=False, langs=reading.langs
                ),
            )
        )
    return tuple(found)


def provisional_lead(
    party: PartyId, left_ms: int, minimum_ms: int, langs: Langs = ENGLISH
) -> LeadView:
    """The lead time if it were received now."""
    short = max(0, minimum_ms - left_ms)
    return LeadView(
        party=party, worst_ms=left_ms, best_ms=None, minimum_ms=minimum_ms, shortfall_ms=short,
        provisional=True, words=phrases.lead(left_ms, short, provisional=True, langs=langs),
    )  # fmt: skip


def exposure(reading: Reading, version: Version) -> ExposureView | None:
    """Own movers inside another's hazard; None where the version is no hazard to ours."""
    term = class_term(reading.terms, version.cls)
    hazard = term is None or term.effect is Effect.HAZARD
    if version.party == reading.ls.me or not hazard:
        return None
    if not len(reading.ls.movers):
        words = phrases.phrase("movers-unknown", reading.langs)
        return ExposureView(
            known=False, movers=(), minutes_needed=None, suggested=None, words=words
        )
    found = exposed_movers(reading.ls.movers.values(), version, reading.now)
    movers = tuple(
        MoverView(
            call_sign=one.call_sign,
            minutes_needed=one.minutes_needed,
            minutes_left=one.minutes_left,
            distance_m=one.distance_m,
            in_time=one.in_time,
            words=phrases.mover(one, reading.langs),
        )
        for one in sorted(found, key=lambda one: one.minutes_left - one.minutes_needed)
    )
    late = [mover for mover in movers if not mover.in_time]
    needed = max((mover.minutes_needed for mover in late), default=None)
    hold = max((mover.minutes_needed - mover.minutes_left for mover in late), default=None)
    count = len(reading.ls.movers)
    words = "; ".join(m.words for m in movers) or phrases.phrase(
        "movers-none", reading.langs, count=count
    )
    if hold is not None:
        words = f"{words}; {phrases.phrase('movers-hold', reading.langs, minutes=hold)}"
    return ExposureView(
        known=True,
        movers=movers,
        minutes_needed=needed,
        suggested=Reply.UNABLE if late else None,
        words=words,
        hold_minutes=hold,
    )


def reacting(reading: Reading, version: Version) -> tuple[ReactionView, ...]:
    """What represented parties may do after the version, with its origin: still to come or now."""
    found, terms = [], reading.terms
    for each in reactions(terms, version):
        if each.until <= reading.now:
            continue
        known = reading.reached(each)
        own = (
            sorted(known)
            if known is not None
            else [
                mine.ref
                for mine in reading.own_live()
                if meets(terms, each, mine, extent_end(mine, terms)) is not Verdict.NO
            ]
        )
        movers = [m.call_sign for m in threatened(each, reading.ls.movers.values(), reading.now)]
        found.append(
            ReactionView(
                third=each.third, name=each.name, zone=each.zone.label,
                reach_m=each.zone.reach_mm // 1000, start=each.start, until=each.until,
                own=tuple(own), movers=tuple(movers), words=phrases.reaction(each, reading.langs),
            )
        )  # fmt: skip
    return tuple(found)


def phase_of(version: Version, terms: Agreement, now: Instant, ended: Ended | None) -> Phase:
    """Where it is in its time."""
    if version.unreadable is not None:
        return Phase.UNREADABLE
    if ended is not None:
        kinds = [end.kind for end in version.ends if end.by == ended.by]
        return ENDS[kinds[-1]] if kinds else Phase.WITHDRAWN
    if version.clear is not None and version.clear <= now:
        return Phase.ALL_CLEAR
    if now < min(volume.start for volume in version.volumes):
        return Phase.NOT_BEGUN
    ends = [min(v.end, version.cut) if version.cut is not None else v.end for v in version.volumes]
    if now < max(ends):
        return Phase.ACTIVE
    term = class_term(terms, version.cls)
    if term is not None and term.effect is not Effect.HAZARD:
        return Phase.OVER
    return Phase.TAIL if now < extent_end(version, terms) else Phase.ENDED_BY_TIME


def find(reading: Reading, ref: EntryRef) -> tuple[Version, Ended | None] | None:
    """A version by its place, and its end if it has one."""
    live = reading.judge.live.get(ref)
    if live is not None and reading.own.is_live(ref):
        return live, None
    version = find_version(reading.ls.picture, ref)
    if version is None:
        return None
    state = reading.ls.picture.feeds.get(ref.feed)
    return version, (state.ended.get(ref.index) if state is not None else None)


def notice_view(reading: Reading, version: Version, ended: Ended | None = None) -> NoticeView:
    """One version with everything beside it. An ended one has no standing any more."""
    gone = ended is not None
    thirds = () if gone else third_parties(reading, version)
    not_told = tuple(third.party for third in thirds if third.state in ("NOT TOLD", "NO ANSWER"))
    found = None if gone else standing_of(reading, version)
    stands = None if found is None else standing_view(reading, found, version, not_told)
    term = class_term(reading.terms, version.cls)
    lead = leads(reading, version)
    exposed = None if gone else exposure(reading, version)
    phase = phase_of(version, reading.terms, reading.now, ended)
    over = extent_end(version, reading.terms)
    waits = not gone and over > reading.now
    unanswered = reading.unanswered(version.ref, version.kind) if waits else ()
    overdue = reading.now >= (version.stated + deadline(reading.terms, version.prec).answer_ms)
    against = () if found is None else found.against
    due = None if gone else confirm_by(version, reading.terms)
    badges = _badges(
        found, phase, late=any(each.shortfall_ms for each in lead) and not gone,
        not_told=bool(not_told), no_answer=bool(unanswered) and overdue,
        exposed=exposed is not None and exposed.suggested is not None,
        exercise=reading.terms.exercise, unconfirmed=due is not None and due <= reading.now < over,
    )  # fmt: skip
    parts = [phrases.state(phase, reading.langs)]
    if due is not None and due <= reading.now < over:
        parts.append(phrases.phrase("unconfirmed", reading.langs, at=format_dtg(due)))
    if stands is not None:
        parts.append(stands.words)
    envelope = envelope_view(
        reading.ls.picture, version, reading.terms, reading.judge, reading.langs
    )
    if envelope is not None and envelope.verdict is not Verdict.YES:
        parts.append(envelope.words)
    return NoticeView(
        ref=version.ref,
        notice=version.notice,
        party=version.party,
        own=version.party == reading.ls.me,
        kind=version.kind,
        cls=version.cls,
        cls_name=term.name if term is not None else version.cls,
        effect=term.effect if term is not None else None,
        label=version.label,
        precedence=version.prec,
        stated=version.stated,
        arrived=reading.ls.arrived.get(version.ref),
        start=min((volume.start for volume in version.volumes), default=None),
        end=max((volume.end for volume in version.volumes), default=None),
        over=over if version.volumes else None,
        confirm_by=due,
        phase=phase,
        ended_by=tuple(end.by for end in version.ends),
        newest=reading.newest().get(version.notice, version.ref),
        standing=stands,
        conflicts=tuple(pair.other for pair in against),
        third_parties=thirds,
        leads=lead,
        answers=tuple(reading.answers().get(version.ref, ())),
        unanswered=unanswered,
        exposure=exposed,
        envelope=envelope,
        badges=badges,
        operation=version.operation,
        marks=version.marks,
        key=version.key,
        reason=version.reason,
        remark=version.remark,
        volumes=version.volumes,
        look_again=()
        if gone
        else reading.once(version, "look-again", lambda: _look_again(reading, version)),
        words="; ".join(parts),
        reactions=()
        if phase in (Phase.WITHDRAWN, Phase.UNREADABLE)
        else reacting(reading, version),
    )


def _look_again(reading: Reading, version: Version) -> tuple[str, ...]:
    """What looks wrong about its place: said on the desk of whoever receives it, too (FM04)."""
    texts = (version.label, version.reason or "", version.remark.text if version.remark else "")
    found = astray(texts, version.volumes, reading.terms.area, reading.places)
    return tuple(phrases.warning(each, reading.langs) for each in found)


def _badges(
    found: Standing | None,
    phase: Phase,
    *,
    late: bool,
    not_told: bool,
    no_answer: bool,
    exposed: bool,
    exercise: bool,
    unconfirmed: bool,
) -> tuple[Badge, ...]:
    state = None if found is None else found.state
    pending = found is not None and bool(found.pending_on)
    every = (
        (Badge.EXERCISE, exercise),
        (Badge.UNREADABLE, phase is Phase.UNREADABLE),
        (Badge.CONFLICT, state is State.CONFLICTED),
        (Badge.UNDETERMINED, state is State.UNDETERMINED),
        (Badge.EXPOSED, exposed),
        (Badge.LATE, late),
        (Badge.NOT_TOLD, not_told),
        (Badge.NO_ANSWER, no_answer),
        (Badge.PENDING, pending),
        (Badge.NOT_CONFIRMED, phase is Phase.ENDED_BY_TIME),
        (Badge.UNCONFIRMED, unconfirmed),
    )
    return tuple(badge for badge, shown in every if shown)


def notices(reading: Reading, *, ended: bool = False) -> Iterator[NoticeView]:
    """All live versions by place; with ``ended``, those that their authors ended after them."""
    for version in reading.live():
        yield notice_view(reading, version)
    if ended:
        for _, state in sorted(reading.ls.picture.feeds.items()):
            for _, end in sorted(state.ended.items()):
                yield notice_view(reading, end.version, end)


__all__ = [
    "Reading", "conflict_view", "conflicts", "count_conflicts", "exposure", "find", "leads",
    "moment_of", "notice_view", "notices", "provisional_lead", "third_parties", "third_view",
]  # fmt: skip
