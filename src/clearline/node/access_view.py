"""One record of the access log, as people and tools are shown it (FM30)."""

from clearline.model.ids import PartyId
from clearline.model.time import Instant
from clearline.node.views import View


class ReadView(View, frozen=True):
    """What one person has read of the others' items in a span of time. ``kinds``: how often each
    thing was asked for; ``items``: versions that were asked for one by one, ``more`` of them not
    named; ``of``: whose items were in the answers; ``recovered``: the node was killed before it was
    written, so that it may stand here twice."""

    index: int
    person: str
    role: str
    first: Instant
    last: Instant
    of: tuple[PartyId, ...]
    kinds: tuple[tuple[str, int], ...]
    items: tuple[str, ...]
    more: int
    recovered: bool = False
