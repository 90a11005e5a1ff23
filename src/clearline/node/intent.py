"""What the core asks the shell to do once a commit is durable."""

import msgspec

from clearline.model.ids import FeedId, LineId, PartyId


class Send(msgspec.Struct, frozen=True, tag="send"):
    """Push what the peer lacks of our feed (and of feeds that it is known to lack)."""

    line: LineId
    peer: PartyId
    flash: bool = False


class Ring(msgspec.Struct, frozen=True, tag="ring"):
    """Present an alert on the desk and through the channels of a role, at a rung of its ladder."""

    alert: str
    role: str
    rung: int
    ring: int


class Silence(msgspec.Struct, frozen=True, tag="silence"):
    """Tell the desk that an alert changed: taken, answered, ended, counter grown."""

    alert: str


class Fetch(msgspec.Struct, frozen=True, tag="fetch"):
    """Ask a peer for a feed from an index on (a gap was seen)."""

    line: LineId
    peer: PartyId
    feed: FeedId
    first: int


Intent = Send | Ring | Silence | Fetch
