"""What the core asks the shell to do once a commit is durable."""

import msgspec

from clearline.model.alert import Ring, Silence
from clearline.model.ids import FeedId, LineId, PartyId


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


Intent = Send | Ring | Silence | Fetch

__all__ = ["Fetch", "Intent", "Ring", "Send", "Silence"]
