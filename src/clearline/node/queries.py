"""Read models for the API, the command line, the board and the console. Pure; changes nothing.

``reading`` looks at one line of a node at one moment; everything else is a function of it. All
times are UTC.
"""

from collections.abc import Iterator
from itertools import islice
from operator import is_
from typing import Final

from clearline.alerting.escalation import called_after
from clearline.alerting.routing import WatchPlan
from clearline.model.alert import RINGING, Alert, AlertState, TroubleKind
from clearline.model.entry import Kind, LinkState
from clearline.model.ids import EntryRef, LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node import phrases
from clearline.node.beats import age_ms
from clearline.node.envelope_views import envelope_view
from clearline.node.judge import Judge
from clearline.node.queries_notices import conflicts, count_conflicts, notices
from clearline.node.reading import Reading
from clearline.node.state import LineState, Loading, State
from clearline.node.tools import Tools
from clearline.node.views import (
    AlertView,
    AskView,
    Badge,
    BoardView,
    EnvelopeView,
    HeadView,
    LineView,
    NodeView,
    PeerView,
    RefusalView,
    RungView,
    SealView,
    SuspensionView,
)
from clearline.node.views_papers import TermsView
from clearline.node.waits import waits
from clearline.picture.origins import echoes
from clearline.picture.situation import Ask
from clearline.picture.standing import epochs, find_version, suspension
from clearline.words.catalogue import is_known, said
from clearline.words.reader import ENGLISH, Langs, told
from clearline.words.sentences import sentence

ALERT_BADGES = {
    TroubleKind.CONFLICT: Badge.CONFLICT,
    TroubleKind.UNDETERMINED: Badge.UNDETERMINED,
    TroubleKind.LATE: Badge.LATE,
    TroubleKind.NOT_TOLD: Badge.NOT_TOLD,
    TroubleKind.NO_ANSWER: Badge.NO_ANSWER,
    TroubleKind.NO_RECEIPT: Badge.PENDING,
    TroubleKind.EXPOSED: Badge.EXPOSED,
    TroubleKind.UNREADABLE: Badge.UNREADABLE,
    TroubleKind.ENDED_BY_TIME: Badge.NOT_CONFIRMED,
    TroubleKind.UNCONFIRMED: Badge.UNCONFIRMED,
}


def reading(
    state: State, tools: Tools, line: LineId, now: Instant, langs: Langs = ENGLISH
) -> Reading | None:
    """One line at one moment; None if the node is not on it or holds no terms of it. While its
    record is being read there is nothing to judge by: whoever asks looks at ``loading`` first."""
    ls = state.lines.get(line)
    if ls is None or ls.terms is None:
        return None
    if ls.loading is not None:
        return Reading(ls=ls, terms=ls.terms, judge=Judge(), now=now, langs=langs)
    judge = tools.judge(line)
    judge.sync(ls.picture)
    return Reading(
        ls=ls, terms=ls.terms, judge=judge, now=now, places=tools.places, langs=langs
    )  # fmt: skip


def refusal_view(refusal: Refusal, langs: Langs = ENGLISH) -> RefusalView:
    """A refusal with its sentence."""
    return RefusalView(
        code=refusal.code, clause=refusal.clause, at=refusal.at, params=refusal.params,
        words=told(langs, f"refusals/{refusal.code}", lambda lang: sentence(refusal, lang)),
    )  # fmt: skip


# -- lines


def line_view(of: Reading) -> LineView:
    """The line as a whole, with every peer."""
    ls, terms = of.ls, of.terms
    if ls.loading is not None:
        return _loading_view(of, ls.loading)
    own = ls.picture.feed(ls.feed)
    suspended = tuple(_suspensions(ls))
    peers = tuple(peer_view(of, party) for party in ls.others)
    return LineView(
        line=ls.line,
        title=terms.title,
        me=ls.me,
        feed=ls.feed,
        exercise=terms.exercise,
        terms=own.adopted(),
        terms_waiting=tuple(v for v in sorted(ls.picture.terms) if v > own.adopted()),
        joined=own.joined,
        signing=ls.signing.value,
        manifest=_serial(ls),
        rekeyed=max(1, own.rekeyed),
        entries=own.size,
        live=len(of.live()),
        conflicts=count_conflicts(of),
        heads=_heads(ls),
        peers=peers,
        suspended=suspended,
        waits=waits(ls, of.now, of.langs),
        next_test=_next_test(of),
        as_of=of.now,
        words=_line_words(of, peers, suspended),
    )


def _loading_view(of: Reading, loading: Loading) -> LineView:
    """The line while its record is being read: links, ends of the feeds, how far it is."""
    ls = of.ls
    peers = tuple(peer_view(of, party) for party in ls.others)
    words = _line_words(of, peers, ())
    return LineView(
        line=ls.line, title=of.terms.title, me=ls.me, feed=ls.feed, exercise=of.terms.exercise,
        terms=loading.terms,
        terms_waiting=tuple(v for v in sorted(ls.picture.terms) if v > loading.terms),
        joined=loading.last is not None and loading.last.joined, signing=ls.signing.value,
        manifest=_serial(ls), rekeyed=0,
        entries=ls.frontier(ls.feed).size, live=None, conflicts=None, heads=_heads(ls),
        peers=peers, suspended=(), waits=(), next_test=None, as_of=of.now,
        words=f"{phrases.loading(loading.percent, of.langs)}; {words}", loading=loading.percent,
    )  # fmt: skip


def _serial(ls: LineState) -> int:
    chain = ls.roster.chains.get(ls.me)
    return chain.serial if chain is not None else 0


def _heads(ls: LineState) -> tuple[HeadView, ...]:
    return tuple(
        HeadView(feed=feed, size=front.size, root=front.root.hex())
        for feed, front in sorted(ls.frontiers.items())
    )


def _line_words(
    of: Reading, peers: tuple[PeerView, ...], suspended: tuple[SuspensionView, ...]
) -> str:
    parts = ["EXERCISE"] if of.terms.exercise else []
    parts += [f"{peer.party} {peer.words}" for peer in peers]
    parts += [_suspended(of, each) for each in suspended]
    return "; ".join(parts)


def _suspended(of: Reading, each: SuspensionView) -> str:
    return phrases.phrase(
        "line-suspended", of.langs, party=each.by, since=each.since,
        reason=phrases.quoted(each.reason),
    )  # fmt: skip


def _suspensions(ls: LineState) -> Iterator[SuspensionView]:
    for party in (ls.me, *ls.others):
        suspended = suspension(ls.picture, party)
        if suspended is not None:
            ref, since, reason = suspended
            yield SuspensionView(by=party, since=since, reason=reason, ref=ref)


def _next_test(of: Reading) -> Instant | None:
    tests = [
        ask.t
        for state in epochs(of.ls.picture, of.ls.me)
        for ask in state.asks.values()
        if ask.kind is Kind.TEST
    ]
    return Instant(max(tests, default=of.ls.began) + of.terms.line_test_ms)


def peer_view(of: Reading, party: PartyId) -> PeerView:
    """One peer: link, clocks, record, terms."""
    ls = of.ls
    peer = ls.peers.get(party)
    feeds = epochs(ls.picture, party)
    latest = feeds[-1] if feeds else None
    ever = peer is not None and peer.round_trip is not None
    age = age_ms(peer, ls.began, of.now) if peer is not None else of.now - ls.began
    state = peer.state if peer is not None else LinkState.DOWN
    newest = EntryRef(latest.feed, latest.size - 1) if latest is not None and latest.size else None
    reports = latest.links if latest is not None else ()
    term = next((each for each in of.terms.parties if each.id == party), None)
    return PeerView(
        party=party,
        name=term.name if term is not None else party,
        state=state,
        since=peer.since if peer is not None else ls.began,
        connected=peer.connected if peer is not None else False,
        age_ms=age,
        round_trip=peer.round_trip if peer is not None else None,
        rtt_ms=peer.rtt_ms if peer is not None else None,
        clock_offset_ms=peer.offset_ms if ever and peer is not None else None,
        clock_uncertainty_ms=peer.uncertainty_ms if ever and peer is not None else None,
        terms_adopted=latest.adopted() if latest is not None else 0,
        newest=newest,
        newest_at=latest.t if newest is not None and latest is not None else None,
        joined=latest.joined if latest is not None else False,
        left=latest.left is not None if latest is not None else False,
        forked=any(state.feed in ls.picture.forked for state in feeds),
        says_of_us=next((report.state for report in reports if report.peer == ls.me), None),
        words=phrases.link(state, age, ever=ever, langs=of.langs),
    )


def terms_view(terms: Agreement) -> TermsView:
    """What a desk needs of the terms in force."""
    return TermsView(
        version=terms.version,
        title=terms.title,
        exercise=terms.exercise,
        roles=terms.roles,
        languages=terms.languages,
        classes=tuple((each.id, each.name, each.effect) for each in terms.classes),
        area=terms.area,
    )


# -- what asks people for something


def asks(of: Reading) -> tuple[AskView, ...]:
    """Messages, tests, STOP, DISTRESS, ACCIDENT of everybody, newest first."""
    every = [ask for state in of.ls.picture.feeds.values() for ask in state.asks.values()]
    every += of.ls.picture.asks_ahead.values()
    told_again = echoes(every)
    found = [ask_view(of, ask, told_again.get(ask.ref, ())) for ask in every]
    return tuple(sorted(found, key=lambda view: (-view.t, view.ref)))


def ask_view(of: Reading, ask: Ask, echo: tuple[EntryRef, ...] = ()) -> AskView:
    """One of them with its answers; ``echo`` are the messages of its origin."""
    return AskView(
        echo=echo,
        echo_words=phrases.phrase("echo", of.langs, count=len(echo)) if len(echo) > 1 else "",
        ref=ask.ref,
        party=PartyId(ask.ref.feed.partition(".")[0]),
        kind=ask.kind,
        t=ask.t,
        precedence=ask.prec,
        text=ask.text,
        fields=ask.fields,
        remark=ask.remark,
        known=ask.kind is not Kind.MESSAGE or is_known(ask.text, ask.fields),
        words=_ask_words(of, ask),
        about=ask.about,
        to=ask.to,
        answers=tuple(of.answers().get(ask.ref, ())),
        unanswered=of.unanswered(ask.ref, ask.kind, ask.to),
    )


def _ask_words(of: Reading, ask: Ask) -> str:
    if ask.kind is not Kind.MESSAGE:
        return ask.text
    at = f"templates/{ask.text}"
    return told(of.langs, at, lambda lang: said(ask.text, ask.fields, lang))


def _opened_in(of: Reading, opened: EntryRef | None) -> EnvelopeView | None:
    version = find_version(of.ls.picture, opened) if opened is not None else None
    if version is None:
        return None
    return envelope_view(of.ls.picture, version, of.terms, of.judge, of.langs)


def seals(of: Reading) -> tuple[SealView, ...]:
    """Commitments of everybody, opened or not, by place."""
    return tuple(
        SealView(
            ref=sealed.ref,
            party=PartyId(state.feed.partition(".")[0]),
            sha256=sealed.seal.sha256,
            opens=sealed.seal.opens,
            opened=sealed.opened,
            mismatched=sealed.opened is not None and sealed.opened in of.ls.mismatched,
            envelope=_opened_in(of, sealed.opened),
        )
        for _, state in sorted(of.ls.picture.feeds.items())
        for _, sealed in sorted(state.seals.items())
    )


# -- duties


def alert_view(alert: Alert, plan: WatchPlan, langs: Langs = ENGLISH) -> AlertView:
    """A duty: who is called next, and when."""
    what = alert.trouble
    ladder = _ladder(alert, plan)
    over = alert.state in (AlertState.CLOSED, AlertState.ANSWERED, AlertState.ENDED_UNSEEN)
    coming = None if over else next((rung for rung in ladder if not rung.reached), None)
    sounding = alert.state in RINGING and alert.silenced_until is None
    badge = ALERT_BADGES.get(what.kind)
    badges = ((Badge.EXERCISE,) if what.exercise else ()) + ((badge,) if badge else ())
    return AlertView(
        id=alert.id,
        line=what.line,
        kind=what.kind,
        severity=what.severity,
        precedence=what.precedence,
        state=alert.state,
        exercise=what.exercise,
        peer=what.peer,
        about=what.about,
        params=what.params,
        needs_answer=what.needs_answer,
        since=what.since,
        raised=alert.raised,
        due=what.due,
        count=alert.count,
        sounding=sounding,
        desks=plan.desks_for(what),
        rings=alert.rings,
        ladder=ladder,
        next_role=coming.role if coming is not None else None,
        next_at=alert.next if coming is None or alert.next is None else coming.at,
        taken_by=alert.taken_by,
        taken_role=alert.taken_role,
        taken_at=alert.taken_at,
        taken_note=alert.taken_note,
        answer=alert.answer,
        reply=alert.reply,
        presented=alert.presented,
        presented_on=alert.presented_on,
        silenced_until=alert.silenced_until,
        silenced_by=alert.silenced_by,
        silence_reason=alert.silence_reason,
        ended=alert.ended,
        followed_by=alert.followed_by,
        badges=badges,
        words=phrases.trouble(what, langs),
    )


def _ladder(alert: Alert, plan: WatchPlan) -> tuple[RungView, ...]:
    term = plan.term(alert.trouble)
    return tuple(
        RungView(
            role=rung.role,
            at=Instant(alert.raised + after),
            reached=place <= alert.rung and alert.rings > 0,
            channels=plan.route(rung.role).channels,
        )
        for place, (rung, after) in enumerate(zip(term.ladder, called_after(term), strict=True))
    )


def alert_views(
    state: State,
    plan: WatchPlan,
    line: LineId | None = None,
    langs: Langs = ENGLISH,
    high: int | None = None,
) -> tuple[AlertView, ...]:
    """All open duties, the loudest first, then the oldest; what has ended and nobody has seen
    stays, after all that stands. ``high``: no more than so many of them."""
    held = [each for each in duties_in_order(state) if line is None or each.trouble.line == line]
    return tuple(duty_view(alert, plan, langs) for alert in held[:high])


def duties_in_order(state: State) -> list[Alert]:
    """Open duties as they stand on a board: nothing of an exercise before what is real."""
    held = list(state.book.open())
    held.sort(key=lambda alert: (alert.trouble.exercise, alert.state is AlertState.ENDED_UNSEEN))
    return held


VIEWS_KEPT: Final = 16_384
"""A flood of a minute; a view is some two kilobytes."""
_Kept = tuple[Alert, object, object, object, AlertView]
_views: dict[tuple[str, Langs], _Kept] = {}


def duty_view(alert: Alert, plan: WatchPlan, langs: Langs) -> AlertView:
    """The view of this very alert under these terms and routes, made once: a desk that reads its
    board again in a flood must not hold up the next STOP (FM18)."""
    key, terms = (alert.id, langs), plan.terms.get(alert.trouble.line)
    held = _views.get(key)
    of = terms, plan.routes, plan.desks
    if held is not None and held[0] is alert and all(map(is_, held[1:], of)):
        return held[-1]
    if len(_views) >= VIEWS_KEPT:
        _views.clear()
    view = alert_view(alert, plan, langs)
    _views[key] = alert, *of, view
    return view


# -- the whole


def node_view(
    state: State, tools: Tools, now: Instant, clock_set_by_ms: int, langs: Langs = ENGLISH
) -> NodeView:
    """The node with all its lines."""
    looked = [reading(state, tools, line, now, langs) for line in sorted(state.lines)]
    alerts = state.book.open()
    return NodeView(
        party=state.local.party,
        software=state.local.software,
        rules=state.local.rules,
        now=now,
        clock_set_by_ms=clock_set_by_ms,
        journal=state.journal,
        lines=tuple(line_view(each) for each in looked if each is not None),
        faults=tuple((name, *fault) for name, fault in sorted(state.faults.items())),
        ringing=len(state.book.sounding()),
        open_duties=len(alerts),
    )


def board_view(
    state: State,
    tools: Tools,
    now: Instant,
    *,
    clock_set_by_ms: int = 0,
    event: str = "",
    langs: Langs = ENGLISH,
    alerts_max: int | None = None,
    notices_max: int | None = None,
) -> BoardView:
    """Everything for a desk, of one moment. ``event``: where its stream of events goes on. Of a
    line whose record is being read no notice and no conflict is shown: ``loading`` says why. A desk
    that asks for fewer is shown the loudest duties, and the first notices; ``node`` counts all."""
    looked = [reading(state, tools, line, now, langs) for line in sorted(state.lines)]
    held = [each for each in looked if each is not None and each.ls.loading is None]
    return BoardView(
        node=node_view(state, tools, now, clock_set_by_ms, langs),
        alerts=alert_views(state, tools.plan(state), None, langs, alerts_max),
        conflicts=tuple(view for each in held for view in conflicts(each)),
        notices=tuple(islice((view for each in held for view in notices(each)), notices_max)),
        event=event,
    )


__all__ = [
    "alert_view", "alert_views", "ask_view", "asks", "board_view", "conflicts",
    "duties_in_order", "duty_view", "line_view", "node_view", "notices", "peer_view", "reading",
    "refusal_view", "seals", "terms_view",
]  # fmt: skip
