"""A record of the access log as the private desk record holds it: who has read whose items (FM30).

It is written by the API, produced for the party whose items were read, and read by whoever
verifies: one form for all three. Bytes of others in: what is no such record is None.
"""

from typing import Final

import msgspec

from clearline.model.ids import PartyId
from clearline.model.time import Instant

READ: Final = "read"
"""The word of such a record; people cannot write it themselves."""


class _Params(msgspec.Struct, frozen=True, kw_only=True):
    """A record's facts: texts and whole numbers, as the desk record holds them."""

    role: str
    first: Instant
    last: Instant
    of: str
    kinds: str
    items: str = ""
    more: int = 0
    recovered: int = 0


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    person: str
    what: str
    params: msgspec.Raw


class AccessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What one person has read of the others' items in a span of time; ``kinds``: how often each
    thing was asked for; ``items``: versions asked for one by one, ``more`` of them not named;
    ``recovered``: the node was killed before it was written, so that it may stand twice."""

    person: str
    role: str
    first: Instant
    last: Instant
    of: tuple[PartyId, ...]
    kinds: tuple[tuple[str, int], ...]
    items: tuple[str, ...]
    more: int
    recovered: bool


def read_access(data: bytes) -> AccessRecord | None:
    """The record, if it is one of the access log."""
    if b'"what":"read"' not in data:
        return None
    try:
        record = msgspec.json.decode(data, type=_Record)
        if record.what != READ:
            return None
        params = msgspec.json.decode(record.params, type=_Params)
        kinds = [each.rpartition(":") for each in params.kinds.split()]
        counted = tuple((name, int(count)) for name, _, count in kinds)
    except ValueError:
        return None  # somebody's own note that only looks like one
    return AccessRecord(
        person=record.person, role=params.role, first=params.first, last=params.last,
        of=tuple(map(PartyId, params.of.split())), kinds=counted,
        items=tuple(params.items.split()), more=params.more, recovered=params.recovered > 0,
    )  # fmt: skip
