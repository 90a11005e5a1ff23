"""Heartbeats: how old the last round trip is, at both ends, and how far the clocks are apart.

Four timestamps (RFC 5905, section 8): t1 we sent, t2 the peer received, t3 the peer sent, t4 we
received. Round trip = (t4 - t1) - (t3 - t2); the peer's clock minus ours is
((t2 - t1) + (t3 - t4)) / 2, within half the round trip. A round trip counts from t1: a line that
carries only one way ages at both ends, since neither hears its own beat again.
"""

from msgspec.structs import replace

from clearline.model.entry import LinkState
from clearline.model.ids import PartyId
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.inbound import Beaten, Connected, Echo, Outcome
from clearline.node.intent import Beat, Send
from clearline.node.state import LineState, Peer
from clearline.node.turn import Turn

MISSED_BEATS = 2
"""A link is DEGRADED once this many intervals have passed without a round trip (console: "stale
after two missed heartbeats"); DOWN after the agreement's ``down_after_ms``."""


def take_beat(turn: Turn, ls: LineState, beat: Beaten) -> tuple[LineState, Outcome]:
    """A peer's heartbeat: note it, learn from its echo, and answer at once if it is no answer."""
    peer = ls.peers.get(beat.peer)
    if peer is None:
        refusal = Refusal(code=Code.UNKNOWN_PARTY, clause="CL-LNK-001", params={"party": beat.peer})
        return ls, Outcome(refusal=refusal)
    if peer.echo is not None and beat.sequence <= peer.echo.sequence:
        refusal = Refusal(
            code=Code.OLD_INDEX, clause="CL-LNK-011", params={"sequence": beat.sequence}
        )
        return ls, Outcome(refusal=refusal)
    echo = Echo(beat.sequence, beat.sent, turn.now)
    peer = replace(peer, echo=echo, heard=turn.now)
    if beat.echo is not None and 0 < beat.echo.sequence <= peer.beats:
        peer = _round_trip(peer, beat, turn.now)
    ls = replace(ls, peers=ls.peers.insert(beat.peer, peer))
    if not beat.reply:
        ls = send_beat(turn, ls, beat.peer, reply=True)
    return judge_links(turn, ls), Outcome()


def _round_trip(peer: Peer, beat: Beaten, now: Instant) -> Peer:
    assert beat.echo is not None, "the caller has looked"
    t1, t2, t3, t4 = beat.echo.sent, beat.echo.received, beat.sent, now
    trip = max(0, (t4 - t1) - (t3 - t2))
    if t1 > now or (peer.round_trip is not None and t1 < peer.round_trip):
        return peer
    return replace(
        peer,
        round_trip=t1,
        rtt_ms=trip,
        offset_ms=((t2 - t1) + (t3 - t4)) // 2,
        uncertainty_ms=(trip + 1) // 2,
    )


def send_beat(turn: Turn, ls: LineState, party: PartyId, *, reply: bool) -> LineState:
    """Number a beat and ask the shell to sign and send it. Numbers follow the clock, so that a node
    that has started again is not taken for a repeat of what it was."""
    peer = ls.peers[party]
    peer = replace(peer, beats=max(peer.beats + 1, turn.now))
    if not reply:
        peer = replace(peer, beat_sent=turn.now)
    turn.want(
        Beat(
            line=ls.line,
            peer=party,
            sequence=peer.beats,
            sent=turn.now,
            echo=peer.echo,
            reply=reply,
        )
    )
    return replace(ls, peers=ls.peers.insert(party, peer))


def beats_due(turn: Turn, ls: LineState) -> LineState:
    """Send to every other member whose turn has come."""
    terms = ls.terms
    if terms is None:
        return ls
    for party in ls.others:
        peer = ls.peers.get(party)
        if peer is not None and turn.now - peer.beat_sent >= terms.heartbeat_ms:
            ls = send_beat(turn, ls, party, reply=False)
    return judge_links(turn, ls)


def age_ms(peer: Peer, began: Instant, now: Instant) -> int:
    """Age of the last round trip; before the first, since this node began to count."""
    return now - (peer.round_trip if peer.round_trip is not None else began)


def link_state(peer: Peer, terms: Agreement, began: Instant, now: Instant) -> LinkState:
    """State of a link by the age of its last round trip (FM12)."""
    if peer.round_trip is None:
        return LinkState.DOWN
    age = age_ms(peer, began, now)
    if age > terms.down_after_ms:
        return LinkState.DOWN
    return LinkState.DEGRADED if age > MISSED_BEATS * terms.heartbeat_ms else LinkState.UP


def judge_links(turn: Turn, ls: LineState) -> LineState:
    """Every link's state now."""
    terms = ls.terms
    if terms is None:
        return ls
    peers = ls.peers
    for party, peer in ls.peers.items():
        state = link_state(peer, terms, ls.began, turn.now)
        if state is not peer.state:
            peers = peers.insert(party, replace(peer, state=state, since=turn.now))
    return ls if peers is ls.peers else replace(ls, peers=peers)


def take_connected(turn: Turn, ls: LineState, change: Connected) -> tuple[LineState, Outcome]:
    """A connection came up: beat and push at once. One that went does not make the line down."""
    peer = ls.peers.get(change.peer)
    if peer is None:
        return ls, Outcome()
    ls = replace(ls, peers=ls.peers.insert(change.peer, replace(peer, connected=change.up)))
    if change.up:
        ls = send_beat(turn, ls, change.peer, reply=False)
        turn.want(Send(line=ls.line, peer=change.peer))
    return ls, Outcome()
