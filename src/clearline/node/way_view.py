"""What is shown of a way out of a conflict: a closed record beside those of ``views``."""

import msgspec

from clearline.model.entry import Proposal
from clearline.model.ids import EntryRef, PartyId


class WayOutView(msgspec.Struct, frozen=True, kw_only=True):
    """One party's version, changed as ``proposal`` says, is apart from the other of the pair.

    ``meets``: other live versions that it would not be apart from then. Not ``looked``: there is
    too much near it to say. ``shortfall_ms``: what its lead time would lack if it were received
    now. ``words`` says the same to a person; nothing is sent by showing it."""

    of: EntryRef
    party: PartyId
    own: bool
    proposal: Proposal
    meets: tuple[EntryRef, ...]
    looked: bool
    shortfall_ms: int
    words: str
