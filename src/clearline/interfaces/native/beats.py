"""Heartbeats on the wire: made, signed, verified; which keys may sign one (``wire.link.Beat``)."""

from msgspec.structs import replace

from clearline.model.ids import FeedId, LineId, PartyId
from clearline.model.refusal import Code, Refusal
from clearline.node import intent
from clearline.node.conductor import Conductor
from clearline.node.inbound import Beaten
from clearline.node.inbound import Echo as NodeEcho
from clearline.signing import PublicKey, Signer, verify
from clearline.trust.party import KeyRole
from clearline.trust.roster import Roster, feeds_of
from clearline.wire.link import NOTES_AT_ONCE, Beat, Echo, beat_bytes

UNSIGNED = bytes(64)


def beat_keys(roster: Roster, party: PartyId) -> tuple[PublicKey, ...]:
    """The party's node keys for this line now."""
    chain = roster.chains.get(party)
    if chain is None or chain.manifest is None:
        return ()
    keys = [
        key.key
        for key in chain.manifest.keys
        if key.role is KeyRole.NODE and (not key.lines or roster.line in key.lines)
    ]
    opened = roster.openings.get(feeds_of(roster, party)[-1])
    if opened is not None:
        keys.append(opened.ruling.key)
    return tuple(PublicKey(bytes.fromhex(key)) for key in dict.fromkeys(keys))


def make_beat(conductor: Conductor, due: intent.Beat, turn: int) -> Beat | None:
    """The signed heartbeat; None when none of our keys may sign it. The ``turn``-th heartbeat
    carries the ``turn``-th part of what we hold of checkpoints; an answer carries none."""
    ls = conductor.state.lines[due.line]
    signer = _signer(conductor, ls.roster)
    if signer is None:
        return None
    desk = conductor.desk_head(due.line)
    echo = due.echo
    beat = Beat(
        line=due.line,
        sender=ls.me,
        to=due.peer,
        sequence=due.sequence,
        sent=due.sent,
        echo=None if echo is None else _echo(echo),
        reply=due.reply,
        desk=desk.decode("utf-8") if desk else None,
        newest=() if due.reply else _notes(conductor, due.line, ls.feed, turn),
        signature=UNSIGNED,
    )
    return replace(beat, signature=signer.sign(beat_bytes(beat)))


def read_beat(conductor: Conductor, beat: Beat, peer: PartyId) -> Beaten | Refusal:
    """What the heartbeat says, when the peer has signed it for us. CL-LNK-022."""
    ls = conductor.state.lines[beat.line]
    if beat.sender != peer or beat.to != ls.me:
        return Refusal(
            code=Code.UNKNOWN_PARTY,
            clause="CL-LNK-022",
            params={"sender": beat.sender, "to": beat.to},
        )
    signed = beat_bytes(beat)
    if not any(verify(key, signed, beat.signature) for key in beat_keys(ls.roster, peer)):
        return Refusal(code=Code.BAD_SIGNATURE, clause="CL-LNK-022", params={"party": peer})
    echo = beat.echo
    return Beaten(
        line=beat.line,
        peer=peer,
        sequence=beat.sequence,
        sent=beat.sent,
        echo=None if echo is None else NodeEcho(echo.sequence, echo.sent, echo.received),
        reply=beat.reply,
        desk=(beat.desk or "").encode("utf-8"),
        heads=tuple(note.encode("utf-8") for note in beat.newest),
    )


def _echo(echo: NodeEcho) -> Echo:
    return Echo(sequence=echo.sequence, sent=echo.sent, received=echo.received)


def _signer(conductor: Conductor, roster: Roster) -> Signer | None:
    for key in beat_keys(roster, conductor.local.party):
        if key.hex in conductor.signers:
            return conductor.signers[key.hex]
    return None


def _notes(conductor: Conductor, line: LineId, own: FeedId, turn: int) -> tuple[str, ...]:
    """Our own newest checkpoint, and the next of the others in turn."""
    ls = conductor.state.lines[line]
    mine = conductor.head(line, own)
    rest = [feed for feed in sorted(ls.frontiers) if feed != own]
    room = NOTES_AT_ONCE - 1
    start = turn * room % max(1, len(rest))
    feeds = (rest[start:] + rest[:start])[:room]
    heads = [mine, *(conductor.head(line, feed) for feed in feeds)]
    return tuple(head.text.decode("utf-8") for head in heads if head is not None)
