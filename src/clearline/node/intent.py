"""What the core asks the shell to do once a commit is durable."""

import msgspec

from clearline.model.alert import Ring, Silence
from clearline.model.ids import Digest, FeedId, LineId, PartyId
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


class Gather(msgspec.Struct, frozen=True, tag="gather"):
    """Get an attachment from the party that announced it; also kept in the outbox as its item, so
    that a restart goes on with it."""

    line: LineId
    peer: PartyId
    digest: Digest
    size: int

    @property
    def key(self) -> str:
        """Its key in the outbox."""
        return f"gather/{self.line}/{self.digest}"


Intent = Send | Ring | Silence | Fetch | Beat | Gather

__all__ = ["Beat", "Fetch", "Gather", "Intent", "Ring", "Send", "Silence"]
