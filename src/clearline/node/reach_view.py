"""How far a notice got with one addressee, as a person reads it."""

from clearline.model.entry import Reply
from clearline.model.ids import EntryRef, PartyId
from clearline.model.time import Instant
from clearline.node.views import View


class ReachView(View, frozen=True):
    """The five facts for one addressee, each a time or None; ``read_back`` None: nothing was read
    back, or it cannot be compared. ``presented_known``: whether anybody could say so here."""

    party: PartyId
    recorded: Instant
    stored: Instant | None
    stored_by: EntryRef | None
    presented_known: bool
    presented: Instant | None
    answered: Instant | None
    reply: Reply | None
    read_back: bool | None
    words: tuple[str, str, str, str, str]
