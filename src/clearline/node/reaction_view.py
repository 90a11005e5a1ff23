"""What is shown of a third party's reaction to a hazard, beside the notice of the hazard."""

import msgspec

from clearline.model.ids import EntryRef, PartyId
from clearline.model.time import Instant


class ReactionView(msgspec.Struct, frozen=True, kw_only=True):
    """What a represented party may do after a hazard, from one of its zones: from when until when,
    how far beyond the zone. ``own`` and ``movers``: what of ours is within. It is known to this
    node alone and never touches standing."""

    third: PartyId
    name: str
    zone: str
    reach_m: int
    start: Instant
    until: Instant
    own: tuple[EntryRef, ...]
    movers: tuple[str, ...]
    words: str
