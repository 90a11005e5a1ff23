"""What is shown of a standing coordination: a closed record beside those of ``views``."""

import msgspec

from clearline.model.ids import EntryRef, PartyId
from clearline.model.space import Volume
from clearline.model.time import Instant


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """One party's word of an area and period. ``holds``: the other has signed the same measure, and
    the period has begun and not ended; ``until`` is the earlier of the two ends. Overlaps there are
    shown and rung about as before, with the measure."""

    ref: EntryRef
    by: PartyId
    with_party: PartyId
    area: Volume
    measure: str
    until: Instant
    signed_by_both: bool
    holds: bool
