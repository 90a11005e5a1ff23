"""What the core asks the shell to do once a commit is durable."""

import msgspec

from clearline.model.alert import Ring, Silence
from clearline.model.ids import FeedId, LineId, PartyId
from clearline.model.time import Instant
from clearline.node.inbound import Echo


class Send(msgspec.Struct, frozen=True, tag="send"):
    """Push what the peer lacks of our feed (and of feeds that it is known to lack)."""

    line: LineId
    peer: PartyId
    flash: bool = False


class Fetch(msgspec.Struct, frozen=True, tag="fetch"):
    """Ask a peer for a feed from an index on (a gap was seen)."""

    line: LineId
    peer: PartyId
    feed: FeedId
    first: int


class Beat(msgspec.Struct, frozen=True, tag="beat"):
    """Sign and send a heartbeat."""

    line: LineId
    peer: PartyId
    sequence: int
    sent: Instant
    echo: Echo | None
    reply: bool


Intent = Send | Ring | Silence | Fetch | Beat

__all__ = ["Beat", "Fetch", "Intent", "Ring", "Send", "Silence"]
