"""A watch passes: what is open is listed, the next watch touches each item, both sign (FM14).

The one who has it gives it, the other takes it, each in his own name. Taking is one step of the
node: what is open is looked at then, and the entry, who touched what and the reason for whatever
was left are written together or not at all. A watch that was given and not taken stays where it
was: the giving is kept in memory alone, so that a restart forgets it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from clearline.model.alert import RINGING, Alert, AlertState
from clearline.model.entry import Handover, Kind, LinkState, Precedence
from clearline.model.ids import EntryRef
from clearline.model.limits import TEXT_CHARS_MAX
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import MINUTE, SECOND, Instant, format_utc
from clearline.node import phrases
from clearline.node.beats import age_ms
from clearline.node.desk import note
from clearline.node.duties import deadline
from clearline.node.facts import Facts
from clearline.node.handover_views import HandoverView, OfferView, OpenItem
from clearline.node.inbound import Given, Outcome, Say, TakenOver
from clearline.node.queries_notices import notice_view
from clearline.node.reading import Reading
from clearline.node.state import LineState, Offer, Signing, State
from clearline.node.turn import Turn
from clearline.node.views import NoticeView
from clearline.node.watched import alarm_words, watch_view
from clearline.node.write import statement, take_say
from clearline.picture.standing import State as Stands
from clearline.picture.standing import epochs, suspension
from clearline.words.language import FALLBACK
from clearline.words.reader import ENGLISH, Langs, told, unmarked
from clearline.words.sentences import said

OFFER_MS: Final = 30 * MINUTE
"""A watch that was given and not taken within half an hour is given anew: what was said about it
at the desk is no longer true."""
LISTED_MAX: Final = 200
"""Items of one sort that a person can touch one by one; more are one item with their number."""
UNTOLD: Final = ("NOT TOLD", "NO ANSWER")
DUE: Final = RINGING | {AlertState.ACKNOWLEDGED}
"""Duties whose answer or act is to come."""


# -- what is open


def open_items(state: State, of: Reading) -> tuple[OpenItem, ...]:
    """Everything of a line that the next watch must know of, the node's own faults first; each item
    wholly in each of the reader's languages."""
    if of.langs == ENGLISH:
        return tuple(_open(state, of, FALLBACK))
    by_lang = {
        lang: {item.id: item for item in _open(state, _in_one(of, lang), lang)} for lang in of.langs
    }
    return tuple(_in_all(of.langs, item, by_lang) for item in by_lang[of.langs[0]].values())


def _in_all(
    langs: Langs, item: OpenItem, by_lang: Mapping[str, Mapping[str, OpenItem]]
) -> OpenItem:
    words = told(langs, "phrases/handover", lambda lang: by_lang[lang][item.id].words)
    return replace(item, words=words)


def _in_one(of: Reading, lang: str) -> Reading:
    """The same line, looked at by somebody who reads one language."""
    return Reading(
        ls=of.ls, terms=of.terms, judge=of.judge, now=of.now, places=of.places, langs=(lang,)
    )


def _open(state: State, of: Reading, lang: str) -> Iterator[OpenItem]:
    ls = of.ls
    alerts = [alert for alert in state.book.open() if alert.trouble.line == ls.line]
    alerts.sort(key=lambda alert: alert.state is AlertState.ENDED_UNSEEN)  # as on the board
    yield from _of_node(state, ls, lang)
    yield from _of_links(of, lang)
    yield from _capped("alerts", lang, (_of_alert(each, lang) for each in alerts))
    yield from _capped("notices", lang, _of_notices(of, lang))
    yield from _capped("asks", lang, _of_asks(of, lang))
    yield from _capped("seals", lang, _of_seals(ls, lang))


def _capped(id_: str, lang: str, found: Iterable[OpenItem]) -> Iterator[OpenItem]:
    items = [*found]
    if len(items) > LISTED_MAX:
        yield OpenItem(id=id_, words=said(lang, f"handover-{id_}", count=len(items)))
    else:
        yield from items


def _of_node(state: State, ls: LineState, lang: str) -> Iterator[OpenItem]:
    for name, (since, detail) in sorted(state.faults.items()):
        what = f"{name} {detail}".rstrip()
        words = said(lang, "handover-fault", at=_second(since), what=what)
        yield OpenItem(id=f"fault:{name}", words=words)
    if ls.signing is not Signing.READY:
        words = said(lang, "handover-signing", why=ls.signing.value)
        yield OpenItem(id="signing", words=words)


def _of_links(of: Reading, lang: str) -> Iterator[OpenItem]:
    ls = of.ls
    for party in ls.others:
        peer = ls.peers.get(party)
        if peer is None or peer.state is LinkState.UP:
            continue
        age = age_ms(peer, ls.began, of.now)
        link = phrases.link(peer.state, age, ever=peer.round_trip is not None, langs=(lang,))
        yield OpenItem(id=f"link:{party}", words=f"{party}: {unmarked(link)}")
    for party in (ls.me, *ls.others):
        found = suspension(ls.picture, party)
        if found is not None:
            _, since, reason = found
            words = said(
                lang, "handover-suspended", party=party, at=_second(since),
                reason=phrases.quoted(reason),
            )  # fmt: skip
            yield OpenItem(id=f"suspended:{party}", words=words)


def _of_alert(alert: Alert, lang: str) -> OpenItem:
    due = alert.trouble.due if alert.state in DUE else None
    return OpenItem(id=f"alert:{alert.id}", words=alarm_words(alert, lang), due=due)


def _of_notices(of: Reading, lang: str) -> Iterator[OpenItem]:
    """Own notices that are not received by all and clear of the others', or not answered."""
    for version in of.live():
        if version.party != of.ls.me:
            continue
        view = notice_view(of, version)
        if not _is_settled(view):
            facts = {"label": phrases.quoted(view.label), "words": unmarked(view.words)}
            if view.unanswered:
                facts["parties"] = ", ".join(view.unanswered)
            words = said(lang, "handover-own", **facts)
            due = _answer_due(of, version.stated, version.prec) if view.unanswered else None
            yield OpenItem(id=f"notice:{view.ref}", words=words, due=due)


def _answer_due(of: Reading, stated: Instant, prec: Precedence) -> Instant:
    return Instant(stated + deadline(of.terms, prec).answer_ms)


def _of_asks(of: Reading, lang: str) -> Iterator[OpenItem]:
    """What we have asked, that nobody is rung about yet and somebody has not answered: a STOP that
    was sent a moment ago is the next watch's to follow."""
    facts = Facts.of(of.ls, of.terms, of.judge)
    live = {version.ref for version in of.live()}
    for ask, silent in facts.asks.pending(tuple(facts.here)):
        if ask.ref not in live:
            what = f"{ask.kind.value} {ask.text}" if ask.kind is Kind.MESSAGE else ask.kind.value
            at, parties = _second(ask.t), ", ".join(silent)
            words = said(lang, "handover-ask", what=what, at=at, parties=parties)
            due = _answer_due(of, ask.t, ask.prec)
            yield OpenItem(id=f"ask:{ask.ref}", words=words, due=due)


def _second(at: Instant) -> str:
    """A time without its milliseconds: the list is read by people, and aloud."""
    return format_utc(Instant(at // SECOND * SECOND))


def _is_settled(view: NoticeView) -> bool:
    stands = view.standing is None or view.standing.state is Stands.DECONFLICTED
    told_all = all(third.state not in UNTOLD for third in view.third_parties)
    return stands and told_all and not view.unanswered


def _of_seals(ls: LineState, lang: str) -> Iterator[OpenItem]:
    for feed in epochs(ls.picture, ls.me):
        for _, sealed in sorted(feed.seals.items()):
            if sealed.opened is None:
                words = said(lang, "handover-seal", at=format_utc(sealed.seal.opens))
                yield OpenItem(id=f"seal:{sealed.ref}", words=words)


def handover_view(state: State, of: Reading, newest: Sequence[Alert]) -> HandoverView:
    """What is open, which watches were given and wait to be taken, and what came about since one
    passed. ``newest``: the node's newest NEWEST_MAX alerts, closed or not."""
    ls = of.ls
    last = next(
        (found for feed in reversed(epochs(ls.picture, ls.me)) if (found := feed.handover)), None
    )
    return HandoverView(
        items=open_items(state, of),
        given=tuple(
            OfferView(
                role=role, by=offer.person, to=offer.to, at=offer.at,
                until=Instant(offer.at + OFFER_MS),
            )
            for role, offer in sorted(ls.offers.items())
            if of.now < offer.at + OFFER_MS
        ),
        last=last,
        watch=watch_view(of, newest, last) if ls.loading is None else None,
        as_of=of.now,
    )  # fmt: skip


# -- giving and taking


def give(turn: Turn, ls: LineState, given: Given) -> LineState:
    """Who has the watch gives it: nothing has passed yet."""
    offer = Offer(person=given.person, to=given.to, at=turn.now)
    ls = replace(ls, offers=ls.offers.insert(given.role, offer))
    turn.changed.add(ls.line)
    return note(turn, ls, given.person, "handover-given", role=given.role, to=given.to)


def take_over(
    turn: Turn, ls: LineState, taken: TakenOver, items: tuple[OpenItem, ...]
) -> tuple[LineState, Outcome]:
    """Who was given the watch takes it, having touched each item that is open at this moment. One
    that is not touched stops it, or the reason that overrides it is recorded."""
    offer = ls.offers.get(taken.role)
    refusal = _not_given(offer, taken, turn.now)
    touched = frozenset(taken.touched)
    left = [item for item in items if item.id not in touched]
    if refusal is None and left and not taken.override.strip():
        refusal = _refused("CL-OWN-012", count=len(left), item=left[0].id)
    if offer is None or refusal is not None:
        return ls, Outcome(refusal=refusal)
    body = Handover(role=taken.role, at=turn.now, open=len(items))
    say = Say(
        id=taken.id, line=ls.line, person=taken.person, role=taken.role,
        statements=(statement(body, Precedence.ROUTINE),),
    )  # fmt: skip
    after, outcome = take_say(turn, ls, say)
    if outcome.refusal is not None:
        return ls, outcome
    after = replace(after, offers=after.offers.discard(taken.role))
    for item in items:
        words = item.words[:TEXT_CHARS_MAX]
        if item.id in touched:
            after = note(turn, after, taken.person, "handover-touched", item=item.id, words=words)
        else:
            after = note(
                turn, after, taken.person, "handover-skipped", item=item.id, words=words,
                why=taken.override[:TEXT_CHARS_MAX],
            )  # fmt: skip
    after = note(
        turn, after, taken.person, "handover-taken", role=taken.role, **{"from": offer.person},
        entry=str(_first(outcome)), open=len(items), untouched=len(left),
    )  # fmt: skip
    return after, outcome


def _first(outcome: Outcome) -> EntryRef:
    return outcome.refs[0]


def _not_given(offer: Offer | None, taken: TakenOver, now: Instant) -> Refusal | None:
    if offer is None or now >= offer.at + OFFER_MS:
        return _refused("CL-OWN-011", minutes=OFFER_MS // MINUTE)
    if offer.person == taken.person:
        return _refused("CL-OWN-011", person=taken.person)
    if offer.to and offer.to != taken.person:
        return _refused("CL-OWN-011", to=offer.to)
    return None


def _refused(clause: str, **params: Param) -> Refusal:
    return Refusal(code=Code.NOT_HANDED_OVER, clause=clause, params=params)


__all__ = ["LISTED_MAX", "OFFER_MS", "give", "handover_view", "open_items", "take_over"]
