"""How a watch that passes reads: what is open, who gave it, when it last passed."""

from clearline.model.time import Instant
from clearline.node.views import View


class OpenItem(View, frozen=True):
    """One thing that the next watch must know of: ``id`` is what is touched."""

    id: str
    words: str


class OfferView(View, frozen=True):
    """A watch that was given and not taken. ``to``: the person whom it was given to, or empty for
    whoever holds the role. It lapses at ``until``; until it is taken, ``by`` has the watch."""

    role: str
    by: str
    to: str
    at: Instant
    until: Instant


class HandoverView(View, frozen=True):
    """What the next watch must touch, and what waits to be taken. ``last``: the role that passed
    last on this line, and when."""

    items: tuple[OpenItem, ...]
    given: tuple[OfferView, ...]
    last: tuple[str, Instant] | None
    as_of: Instant
