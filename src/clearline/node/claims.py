"""A peer says that it holds more of our own feed than we do: believed at once, and not for ever.

If it is true, we were put back from an old copy, and whatever we signed now would be a second
history: the feed is locked at once. But a word alone must not silence a party. What proves it is
our own signature over a larger size: it comes with the peer's hello, or when asked for. Once it is
shown, the feed stays locked until all of it is back. If it is not shown within PROOF_MS the lock
ends by itself, the peer is named, and its bare word locks nothing until it has shown one.
"""

from typing import Final

from msgspec.structs import replace

from clearline.ledger.checkpoint import SignedCheckpoint
from clearline.model.ids import PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import SECOND, Millis
from clearline.node.state import LineState, Peer, Signing
from clearline.node.turn import Turn

PROOF_MS: Final = Millis(60 * SECOND)
"""How long a bare claim locks: a checkpoint has 300 bytes and comes with the hello; over the worst
link foreseen (600 ms round trip, 64 kbit/s, 5 % loss) it can be asked for fifty times. It is part
of no agreement: no party may agree to be silenced."""


def take_claim(
    turn: Turn, ls: LineState, party: PartyId, size: int, signed_size: int | None
) -> LineState:
    """A peer states ``size`` entries of our feed, more than we hold; ``signed_size`` is what a
    checkpoint of ours that came with it covers. Locks, unless its word is not believed."""
    ls = take_proof(turn, ls, party, signed_size)
    peer = ls.peers[party]
    ours = ls.frontier(ls.feed).size
    if ls.shown <= ours:
        if peer.doubted is not None:
            return ls
        if peer.claimed is None:
            ls = _with_peer(ls, party, replace(peer, claimed=turn.now))
    if ls.lock is not Signing.READY:
        return ls
    turn.changed.add(ls.line)
    return replace(ls.locked(Signing.OVERTAKEN), bare=ls.shown <= ours)


def take_proof(turn: Turn, ls: LineState, party: PartyId, signed_size: int | None) -> LineState:
    """Our own signature over ``signed_size`` entries: if we hold fewer, the word was true."""
    if signed_size is None or signed_size <= ls.frontier(ls.feed).size:
        return ls
    peer = ls.peers.get(party)
    if peer is not None and (peer.claimed is not None or peer.doubted is not None):
        ls = _with_peer(ls, party, replace(peer, claimed=None, doubted=None))
    if signed_size <= ls.shown and not ls.bare:
        return ls
    turn.changed.add(ls.line)
    return replace(ls, shown=max(ls.shown, signed_size), bare=False)


def end_unproved(turn: Turn, ls: LineState) -> LineState:
    """Bare words whose time is over are not believed any more; a lock that came of nothing else
    ends. A restored node, which its own mark tells that something is missing, asks on."""
    for party, peer in ls.peers.items():
        if peer.claimed is None or turn.now - peer.claimed < PROOF_MS:
            continue
        open_ = _said(ls, peer) > ls.frontier(ls.feed).size  # not brought back by somebody else
        doubted = turn.now if open_ else peer.doubted
        ls = _with_peer(ls, party, replace(peer, claimed=None, doubted=doubted))
        turn.changed.add(ls.line)
    held_up = any(peer.claimed is not None for peer in ls.peers.values())
    if ls.bare and ls.lock is Signing.OVERTAKEN and not held_up:
        ls = replace(ls.locked(Signing.READY), bare=False, owed=True)
        turn.changed.add(ls.line)
    return ls


def unlock_if_stated(turn: Turn, ls: LineState) -> LineState:
    """After a restore: once everybody who was ever a member has said what it holds of our feed, we
    hold as much as any of them and as our own mark, and again all that our feed says we have seen,
    the feed goes on where it ended."""
    if ls.signing not in (Signing.RESTORED, Signing.OVERTAKEN) or ls.mark_damaged:
        return ls
    ours = ls.frontier(ls.feed)
    for peer in ls.peers.values():
        if not peer.stated or counted(ls, peer) > ours.size:
            return ls
    if ls.shown > ours.size:
        return ls
    if ls.mark is not None and ls.mark.size > ours.size:
        return ls
    for feed, steps in ls.picture.feed(ls.feed).seen.items():
        if ls.frontier(feed).size < steps.value():
            return ls
    turn.changed.add(ls.line)
    return replace(ls, signing=Signing.READY, bare=False, owed=True)


def counted(ls: LineState, peer: Peer) -> int:
    """How much of our feed a peer's word makes us wait for. A node that was restored believes every
    word: it knows that something is missing, and a person may open a new epoch."""
    said = _said(ls, peer)
    if peer.doubted is not None and ls.lock is not Signing.RESTORED:
        return min(said, ls.shown)
    return said


def size_of(signed: SignedCheckpoint | Refusal) -> int | None:
    """The size that a checkpoint covers, None if it was refused."""
    return None if isinstance(signed, Refusal) else signed.checkpoint.size


def _said(ls: LineState, peer: Peer) -> int:
    return max(peer.held.get(ls.feed, 0), peer.proved.get(ls.feed, 0))


def _with_peer(ls: LineState, party: PartyId, peer: Peer) -> LineState:
    return replace(ls, peers=ls.peers.insert(party, peer))
