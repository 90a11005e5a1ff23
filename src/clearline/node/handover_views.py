"""How a watch that passes reads: what is open, who gave it, when it last passed."""

from clearline.model.ids import PartyId
from clearline.model.time import Instant
from clearline.node.views import View


class OpenItem(View, frozen=True):
    """One thing that the next watch must know of: ``id`` is what is touched. ``due``: when an
    answer or an act is due by the agreement, while it is."""

    id: str
    words: str
    due: Instant | None = None


class WatchLine(View, frozen=True):
    """A peer's line in the watch: how often it was itself rung about, and how it is now."""

    party: PartyId
    rung: int
    words: str


class WatchView(View, frozen=True):
    """What came about on a line since ``since``: when a watch of ``role`` passed last, or, with an
    empty ``role``, a day ago, because none has passed since then.

    ``rung`` are the duties that came up: of these some were ``answered``, some ``taken`` alone, and
    ``alone`` by nobody; of the same, ``over`` are those whose trouble has gone, ``open`` those
    that stand. ``filed`` and ``received`` are versions of notices, ours and the
    others', ``ended`` and ``lifted`` the entries that withdrew or cleared such. ``cut``: there was
    more than is looked through, so that every number can be larger. ``loudest``: the few loudest
    that came up, each as a sentence; ``words`` says the numbers."""

    since: Instant
    role: str
    rung: int
    taken: int
    answered: int
    over: int
    open: int
    alone: int
    filed: int
    ended: int
    received: int
    lifted: int
    cut: bool
    loudest: tuple[str, ...]
    lines: tuple[WatchLine, ...]
    words: tuple[str, ...]


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
    last on this line, and when. ``watch``: what came about since then; None while the record is
    being read."""

    items: tuple[OpenItem, ...]
    given: tuple[OfferView, ...]
    last: tuple[str, Instant] | None
    watch: WatchView | None
    as_of: Instant
