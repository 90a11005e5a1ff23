"""Own movers as somebody last knew them: what is typed in, and what live tracks say."""

import msgspec

from clearline.model.space import LatLon
from clearline.model.time import Instant


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """One of our own movers as somebody last knew it; local, never sent."""

    call_sign: str
    position: LatLon
    height_mm: int | None
    speed_mms: int
    as_of: Instant
    cls: str
