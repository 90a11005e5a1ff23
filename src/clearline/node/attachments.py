"""Attachments travel beside the feed, by digest, in pieces: announced, gathered, kept.

The list of what is still to be gathered is the outbox, so that a restart goes on with it.
"""

import msgspec

from clearline.model.entry import Message
from clearline.model.ids import FeedId, LineId, party_of
from clearline.node.inbound import Outcome, Pieced
from clearline.node.intent import Gather
from clearline.node.ports import OutboxItem
from clearline.node.turn import Turn

GATHER = "gather/"
"""What keys of attachments in the outbox begin with (``Gather.key``)."""


def want_attachments(turn: Turn, feed: FeedId, line: LineId, message: Message) -> None:
    """Ask for what a peer's message announces."""
    for attachment in message.attachments:
        gather = Gather(
            line=line, peer=party_of(feed), digest=attachment.sha256, size=attachment.size
        )
        turn.want(gather)
        turn.outbox_added.append(OutboxItem(key=gather.key, data=msgspec.msgpack.encode(gather)))


def read_gather(item: OutboxItem) -> Gather | None:
    """The attachment that an item of the outbox is about; None for any other item."""
    if not item.key.startswith(GATHER):
        return None
    return msgspec.msgpack.decode(item.data, type=Gather)


def take_piece(turn: Turn, piece: Pieced) -> Outcome:
    """Keep a piece; with the last one the attachment is off the list, or begun again."""
    if piece.spoilt:
        turn.blobs_dropped.append(piece.digest)
        return Outcome()
    if piece.content:
        turn.blobs.append((piece.digest, piece.offset, piece.content))
    if piece.whole:
        turn.outbox_done.append(f"{GATHER}{piece.line}/{piece.digest}")
    return Outcome()
