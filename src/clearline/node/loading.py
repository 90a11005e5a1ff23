"""While the record is being read: what may be said, heard and rung before the picture is there.

STOP, DISTRESS and ACCIDENT go out and come in, their answers too. Own entries say exactly what the
newest own entry in the store said of others (``seen``): nothing is receipted before it has been
folded. What peers push is proved and looked through for FLASH, and not held: it comes again.
Nothing that stood is ended because it is not there yet, and nothing is said about conflicts.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import EMERGENCY, Answer, Entry, Kind, LinkState, Precedence, Reply
from clearline.model.ids import EntryRef, FeedId, PartyId, epoch_of, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement
from clearline.model.time import SECOND, Instant
from clearline.node.duties import Desk, deadline
from clearline.node.inbound import (
    Bound,
    Given,
    Movers,
    Outcome,
    Pushed,
    Say,
    Sighted,
    Statement,
    TakenOver,
    Unlock,
)
from clearline.node.ingest import keep_flash, prove, read_item, take_push
from clearline.node.state import Last, LineState, Signing, State
from clearline.node.turn import Turn
from clearline.node.write import read_statement, take_say
from clearline.notation.answering import final_replies
from clearline.picture.situation import FeedState, Picture
from clearline.picture.steps import Steps

LINKS = frozenset({TroubleKind.LINE_DOWN, TroubleKind.LINE_DEGRADED, TroubleKind.CLOCK})
WAIT_S_MAX = 600


def still_loading(ls: LineState, now: Instant) -> Refusal:
    """What whoever must wait is told, with how far it is and about how long it takes."""
    loading = ls.loading
    assert loading is not None, "only asked while it loads"
    left = max(0, loading.total - loading.done)
    spent = max(SECOND, now - loading.began)
    seconds = min(WAIT_S_MAX, max(1, -(-spent * left // (max(1, loading.done) * SECOND))))
    return Refusal(
        code=Code.LOADING, clause="CL-OWN-010",
        params={"percent": loading.percent, "seconds": seconds},
    )  # fmt: skip


def is_put_off(outcome: Outcome) -> bool:
    """Whether it was only to wait: nothing of it is remembered, and its id may come again."""
    return outcome.refusal is not None and outcome.refusal.code is Code.LOADING


def take_loading(turn: Turn, ls: LineState, what: object) -> tuple[LineState, Outcome] | None:
    """What is taken otherwise while the line loads; None: as ever."""
    match what:
        case Pushed():
            return _glimpse(turn, ls, what)
        case Say():
            return _say(turn, ls, what)
        case Movers() | Sighted() | Bound() | Unlock() | Given() | TakenOver():
            return ls, Outcome(refusal=still_loading(ls, turn.now))
        case _:
            return None


# -- what comes in


def _glimpse(turn: Turn, ls: LineState, pushed: Pushed) -> tuple[LineState, Outcome]:
    """Entries in their place: proved, and those that may overtake are kept as if they had."""
    feed = pushed.feed
    held = ls.frontier(feed)
    skip = held.size - pushed.first
    if party_of(feed) == ls.me or not 0 <= skip < len(pushed.items):
        return take_push(turn, ls, pushed)  # our own, a gap, or a repeat: nothing is folded
    items = pushed.items[skip:]
    ls, found = prove(turn, ls, pushed, items)
    if isinstance(found, Refusal):
        return ls, Outcome(refusal=found)
    for n, (item, leaf) in enumerate(zip(items, found.leaves, strict=True)):
        if b'"prec":"Z"' not in item.data:
            continue
        read = read_item(ls, feed, held.size + n, item.data, leaf)
        if isinstance(read, Entry) and read.ref not in ls.stored_ahead:
            kept = keep_flash(turn, ls, read, item, leaf)
            ls = ls if isinstance(kept, Refusal) else kept
    return ls, Outcome()


# -- what goes out


def _say(turn: Turn, ls: LineState, say: Say) -> tuple[LineState, Outcome]:
    """An emergency, or an answer to one, after the newest own entry, as if it were all there is."""
    loading = ls.loading
    assert loading is not None, "only called while it loads"
    if loading.last is None:
        return ls, Outcome(refusal=still_loading(ls, turn.now))
    last = loading.last if loading.last.feed == ls.feed else Last(feed=ls.feed)
    thin = replace(ls, signing=loading.then, loading=None, picture=_thin(ls, last))
    if not all(_goes(ls, thin, each) for each in say.statements):
        return ls, Outcome(refusal=still_loading(ls, turn.now))
    after, outcome = take_say(turn, thin, say, held=True)
    if outcome.refusal is not None:
        return ls, outcome
    own = after.picture.feed(ls.feed)
    picture = ls.picture
    for ask in own.asks.values():
        picture = replace(picture, asks_ahead=picture.asks_ahead.insert(ask.ref, ask))
    kept = picture.ahead.get(ls.feed) or HashTrieMap()
    for index, version in own.live.items():
        kept = kept.insert(index, version)
    if len(kept):
        picture = replace(picture, ahead=picture.ahead.insert(ls.feed, kept))
    answers = tuple((to, said) for to, each in own.answers.items() for said in each)
    loading = replace(
        loading,
        last=replace(last, t=own.t),
        written=(*loading.written, *outcome.refs),
        answers=(*loading.answers, *answers),
    )
    return replace(after, signing=ls.signing, loading=loading, picture=picture), outcome


def _goes(ls: LineState, thin: LineState, statement: Statement) -> bool:
    """Whether it is STOP, DISTRESS or ACCIDENT, or the answer to one that is known so far."""
    if statement.kind is not Kind.ANSWER:
        return statement.kind in EMERGENCY
    body = read_statement(thin, statement)
    if not isinstance(body, Answer) or ls.loading is None:
        return False
    ask = ls.picture.asks_ahead.get(body.to)
    return body.to in ls.loading.asked or (ask is not None and ask.kind in EMERGENCY)


def _thin(ls: LineState, last: Last) -> Picture:
    """A picture of which only the ends of the feeds are known, as the newest own entry has them."""
    index = ls.frontier(ls.feed).size
    seen = {feed: Steps().append(max(0, index - 1), n) for feed, n in last.seen.items() if n}
    own = FeedState(
        feed=ls.feed, size=index, t=last.t, joined=last.joined, left=last.left,
        seen=HashTrieMap(seen),
    )  # fmt: skip
    feeds: HashTrieMap[FeedId, FeedState] = HashTrieMap(
        {feed: FeedState(feed=feed, size=n) for feed, n in last.seen.items()}
    )
    return Picture(line=ls.line, terms=ls.picture.terms, feeds=feeds.insert(ls.feed, own))


def last_of(ls: LineState, entry: Entry | None) -> Last:
    """What the newest entry of our feed says. It has joined when it has an entry at all, but for an
    epoch that an emergency opened."""
    if entry is None:
        return Last(feed=ls.feed)
    return Last(
        feed=ls.feed,
        t=entry.t,
        seen=entry.seen,
        joined=epoch_of(ls.feed) == 0,
        left=entry.index if entry.kind is Kind.LEAVE else None,
    )


# -- what rings


def troubles_loading(
    ls: LineState, stood: Mapping[str, Trouble], now: Instant
) -> dict[str, Trouble]:
    """What stood stands on; what is known without the picture comes to it."""
    terms = ls.terms
    if terms is None:
        return {}
    desk = _LoadingDesk(ls, terms, now)
    found = {trouble.key: trouble for trouble in stood.values() if not desk.is_over(trouble)}
    for part in (desk.links, desk.asked, desk.unanswered, desk.claims, desk.itself):
        for trouble in part():
            found[trouble.key] = trouble
    return found


def stood(state: State, ls: LineState) -> dict[str, Trouble]:
    """The troubles of a line that stand."""
    return {key: each for key, each in state.troubles.items() if each.line == ls.line}


class _LoadingDesk(Desk):
    """A desk that has no picture."""

    def __init__(self, ls: LineState, terms: Agreement, now: Instant) -> None:
        self.ls, self.terms, self.now = ls, terms, now
        self.mine = {
            ref: ask for ref, ask in ls.picture.asks_ahead.items() if party_of(ref.feed) == ls.me
        }

    def here(self) -> Iterable[PartyId]:
        """All others: who has left is not known."""
        return self.ls.others

    def answered(self, ref: EntryRef, kind: Kind, party: PartyId) -> bool:
        """Whether a party has answered for good, as far as is known."""
        assert self.ls.loading is not None, "the caller has looked"
        return any(
            to == ref
            and party_of(said.ref.feed) == party
            and said.answer.reply in final_replies(kind)
            and said.answer.read_back is None  # not known yet whether it is right
            for to, said in self.ls.loading.answers
        )

    def standby(self, party: PartyId, ref: EntryRef) -> Instant | None:
        """When a party has said STANDBY, as far as is known."""
        assert self.ls.loading is not None, "the caller has looked"
        return max(
            (
                said.t
                for to, said in self.ls.loading.answers
                if to == ref
                and party_of(said.ref.feed) == party
                and said.answer.reply is Reply.STANDBY
            ),
            default=None,
        )

    def is_over(self, trouble: Trouble) -> bool:
        """Whether what stood is over, whatever the record says. A link is, once it is up."""
        if trouble.kind in LINKS:
            peer = self.ls.peers.get(trouble.peer) if trouble.peer is not None else None
            return peer is not None and peer.state is LinkState.UP
        if not trouble.about:
            return trouble.kind in (TroubleKind.LOADING, TroubleKind.NOT_SIGNING)
        if trouble.kind is TroubleKind.NO_ANSWER and trouble.peer is not None:
            ask = self.mine.get(trouble.about[0])
            return ask is not None and self.answered(ask.ref, ask.kind, trouble.peer)
        kind = _KINDS.get(trouble.kind)
        return kind is not None and self.answered(trouble.about[0], kind, self.ls.me)

    def asked(self) -> Iterator[Trouble]:
        """What others cry, as far as it came since the start or waited ahead of sequence."""
        for ask in self.ls.picture.asks_ahead.values():
            mine = party_of(ask.ref.feed) == self.ls.me
            if mine or (ask.to and self.ls.me not in ask.to):
                continue
            if not self.answered(ask.ref, ask.kind, self.ls.me):
                yield self.of_ask(ask)

    def unanswered(self) -> Iterator[Trouble]:
        """Own emergencies since the start that a peer has not answered in time."""
        for ask in self.mine.values():
            late = Instant(ask.t + deadline(self.terms, ask.prec).answer_ms)
            if self.now < late:
                continue
            for party in self.ls.others:
                if not self.answered(ask.ref, ask.kind, party):
                    yield self.no_answer(ask.ref, party, ask.prec, late, ask.text)

    def itself(self) -> Iterator[Trouble]:
        """That it loads, and whether it may sign."""
        ls = self.ls
        assert ls.loading is not None, "the caller has looked"
        yield self._make(
            TroubleKind.LOADING, "record", severity=Severity.CAUTION, prec=Precedence.ROUTINE,
            since=ls.loading.began,
        )  # fmt: skip
        if ls.lock is not Signing.READY:
            since = ls.loading.last.t if ls.loading.last is not None else ls.loading.began
            yield self._make(
                TroubleKind.NOT_SIGNING, ls.lock.value, severity=Severity.ALARM,
                prec=Precedence.IMMEDIATE, since=since, why=ls.lock.value,
            )  # fmt: skip


_KINDS = {
    TroubleKind.STOP: Kind.STOP,
    TroubleKind.DISTRESS: Kind.DISTRESS,
    TroubleKind.ACCIDENT: Kind.ACCIDENT,
}
