"""On whom a line waits before all of it counts: whose papers, word, record or adoption is missing.

Pure: a line's state and the time in, what is missing out, ourselves first, then by party.
"""

from collections.abc import Iterator

from clearline.model.ids import PartyId, epoch_of, feed_of, party_of
from clearline.model.time import Instant, format_utc
from clearline.node.papers import due_terms, is_founder, needed
from clearline.node.state import LineState
from clearline.node.views import Wait, WaitView
from clearline.node.write import is_unconfirmed
from clearline.picture.standing import epochs
from clearline.trust.roster import key_for


def waits(ls: LineState, now: Instant) -> tuple[WaitView, ...]:
    """Everything that is missing. Empty once all have joined and adopted the newest terms."""
    return (*_own(ls, now), *_peers(ls))


def _own(ls: LineState, now: Instant) -> Iterator[WaitView]:
    """Why we have not joined, or what our own record waits for."""
    state = ls.picture.feed(ls.feed)
    if key_for(ls.roster, ls.feed, 1) is None:
        yield _wait(ls.me, Wait.PAPERS, "our own manifest is not here: nothing can be signed")
    elif is_unconfirmed(ls):
        words = f"an emergency opened {ls.feed}; our root key has not confirmed it"
        yield _wait(ls.me, Wait.CONFIRMATION, words)
    newest = ls.roster.versions[-1].body
    if newest.effective > now and state.adopted() < newest.version:
        words = f"terms {newest.version} take effect at {format_utc(newest.effective)}"
        yield _wait(ls.me, Wait.TIME, words)
    if state.joined or state.left is not None or due_terms(ls, now) is None:
        return
    if is_founder(ls) or epoch_of(ls.feed) > 0:
        return
    for party, peer in sorted(ls.peers.items()):
        if not any(term.id == party for term in newest.parties):
            continue
        if not peer.stated:
            words = f"{party} has not stated what it holds: we join when all have"
            yield _wait(party, Wait.WORD, words)
        for feed, size in sorted(peer.held.items()):
            held, wanted = ls.frontier(feed).size, needed(ls, feed, size)
            if wanted > held and party_of(feed) in ls.roster.parties:
                words = f"{held} of {wanted} entries of {feed} are here: we join when all are"
                yield _wait(party_of(feed), Wait.RECORD, words)


def _peers(ls: LineState) -> Iterator[WaitView]:
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
            words = f"the manifest of {party} is not here: nothing of its record can be verified"
            yield _wait(party, Wait.PAPERS, words)
        elif latest is None or not latest.joined:
            yield _wait(
                party, Wait.JOIN, f"{party} has not joined yet, as far as we hold its record"
            )
        elif latest.adopted() < newest.version:
            words = f"{party} has adopted terms {latest.adopted()}, not yet {newest.version}"
            yield _wait(party, Wait.ADOPTION, words)
        for feed in sorted(each for each in ls.waits if party_of(each) == party):
            words = f"the record {feed} names terms or papers that are not here: ask {party}"
            yield _wait(party, Wait.PAPERS, words)


def _wait(party: PartyId, what: Wait, words: str) -> WaitView:
    return WaitView(party=party, what=what, words=words)
