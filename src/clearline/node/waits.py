"""On whom a line waits before all of it counts: whose papers, word, record or adoption is missing.

Pure: a line's state and the time in, what is missing out, ourselves first, then by party.
"""

from collections.abc import Iterator

from clearline.model.ids import PartyId, epoch_of, feed_of, party_of
from clearline.model.time import Instant
from clearline.node.papers import due_terms, is_founder, needed
from clearline.node.phrases import phrase
from clearline.node.state import LineState
from clearline.node.views import Wait, WaitView
from clearline.node.write import is_unconfirmed
from clearline.picture.standing import epochs
from clearline.trust.roster import key_for
from clearline.words.reader import ENGLISH, Langs

_Facts = dict[str, str | int]
_Found = tuple[PartyId, Wait, str, _Facts]
"""On whom, for what, and the phrase that says it with its facts."""


def waits(ls: LineState, now: Instant, langs: Langs = ENGLISH) -> tuple[WaitView, ...]:
    """Everything that is missing. Empty once all have joined and adopted the newest terms."""
    return tuple(
        WaitView(party=party, what=what, words=phrase(name, langs, **facts))
        for party, what, name, facts in (*_own(ls, now), *_peers(ls))
    )


def _own(ls: LineState, now: Instant) -> Iterator[_Found]:
    """Why we have not joined, or what our own record waits for."""
    state = ls.picture.feed(ls.feed)
    if key_for(ls.roster, ls.feed, 1) is None:
        yield ls.me, Wait.PAPERS, "waits-manifest-own", {}
    elif is_unconfirmed(ls):
        yield ls.me, Wait.CONFIRMATION, "waits-confirmation", {"feed": ls.feed}
    newest = ls.roster.versions[-1].body
    if newest.effective > now and state.adopted() < newest.version:
        when: _Facts = {"version": newest.version, "at": newest.effective}
        yield ls.me, Wait.TIME, "waits-time", when
    if state.joined or state.left is not None or due_terms(ls, now) is None:
        return
    if is_founder(ls) or epoch_of(ls.feed) > 0:
        return
    for party, peer in sorted(ls.peers.items()):
        if not any(term.id == party for term in newest.parties):
            continue
        if not peer.stated:
            yield party, Wait.WORD, "waits-word", {"party": party}
        for feed, size in sorted(peer.held.items()):
            held, wanted = ls.frontier(feed).size, needed(ls, feed, size)
            if wanted > held and party_of(feed) in ls.roster.parties:
                facts: _Facts = {"held": held, "wanted": wanted, "feed": feed}
                yield party_of(feed), Wait.RECORD, "waits-record", facts


def _peers(ls: LineState) -> Iterator[_Found]:
    newest = ls.roster.versions[-1].body
    for term in sorted(newest.parties, key=lambda each: each.id):
        party = term.id
        if party == ls.me:
            continue
        feeds = epochs(ls.picture, party)
        latest = feeds[-1] if feeds else None
        if latest is not None and latest.left is not None:
            continue
        if key_for(ls.roster, feed_of(party), 1) is None:
            yield party, Wait.PAPERS, "waits-manifest", {"party": party}
        elif latest is None or not latest.joined:
            yield party, Wait.JOIN, "waits-join", {"party": party}
        elif latest.adopted() < newest.version:
            held, wanted = latest.adopted(), newest.version
            facts: _Facts = {"party": party, "held": held, "wanted": wanted}
            yield party, Wait.ADOPTION, "waits-adoption", facts
        for feed in sorted(each for each in ls.waits if party_of(each) == party):
            yield party, Wait.PAPERS, "waits-papers", {"party": party, "feed": feed}
