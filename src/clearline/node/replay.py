"""A journal played to a fresh node: the same turns give the same record, picture and alerts.

The journal holds each turn's time, seed, how much it might judge, and what was taken in; entries
that peers pushed are read from the store, and the node writes its own again. A restart stands in
it, and is played as one: it begins alarms' clocks afresh. What came while the disk was full was
never kept.
"""

from collections.abc import Iterator
from typing import Final, get_args

import msgspec
from msgspec.structs import replace

from clearline.model.refusal import Refusal
from clearline.model.time import Instant
from clearline.node.conductor import Conductor
from clearline.node.decide import BEGUN_KIND, LOADED_KIND, TURN_KIND
from clearline.node.inbound import Inbound, Item, Pushed
from clearline.node.judge import WORK_OF_A_TURN
from clearline.node.ports import JournalRecord, Reads

PAGE: Final = 1_024
SEED_BYTES: Final = 32
_Taken = tuple[Inbound, Refusal | None]
_KINDS: Final[dict[str, "msgspec.msgpack.Decoder[_Taken]"]] = {
    kind.__name__.lower(): msgspec.msgpack.Decoder(
        tuple[kind, Refusal | None]  # type: ignore[valid-type]  # each member of the union
    )
    for kind in get_args(Inbound)
}


def replay(kept: Reads, node: Conductor) -> int:
    """Play the journal in ``kept`` to a node that has taken up the same lines; how many turns.
    Where the process began anew, the node begins anew on what it has written by then."""
    turns = 0
    for begun, batch in _told(kept):
        if begun.kind == BEGUN_KIND:
            node.begin(begun.at)
        elif begun.kind == LOADED_KIND:
            node.load(begun.at)
        else:
            node.turn(batch, begun.at, *_begins(begun))
            turns += 1
    return turns


def turns_of(kept: Reads) -> Iterator[tuple[Instant, bytes, int, list[Inbound]]]:
    """Each turn's time, seed, how much it might judge, and what it took in."""
    for begun, batch in _told(kept):
        if begun.kind == TURN_KIND:
            yield begun.at, *_begins(begun), batch


_BEGINS: Final = (TURN_KIND, BEGUN_KIND, LOADED_KIND)


def _told(kept: Reads) -> Iterator[tuple[JournalRecord, list[Inbound]]]:
    """What happened, in order: a turn with what it took in, or something about the process."""
    begun: JournalRecord | None = None
    batch: list[Inbound] = []
    for record in _records(kept):
        if record.kind in _BEGINS:
            if begun is not None:
                yield begun, batch
            begun, batch = record, []
        else:
            batch.append(read_record(kept, record))
    if begun is not None:
        yield begun, batch


def _begins(record: JournalRecord) -> tuple[bytes, int]:
    """A turn's seed, and how much it might judge."""
    seed, work = record.data[:SEED_BYTES], record.data[SEED_BYTES:]
    return seed, int.from_bytes(work, "big") if work else WORK_OF_A_TURN


def read_record(kept: Reads, record: JournalRecord) -> Inbound:
    """What was taken in, with the entries that the journal names by their place."""
    what, refusal = _KINDS[record.kind].decode(record.data)
    if isinstance(what, Pushed) and refusal is None and not what.items:
        stored = kept.entries(what.line, what.feed, what.first, what.count)
        items = tuple(Item(entry.salt, entry.data) for entry in stored)
        return replace(what, items=items, count=0)
    return what


def _records(kept: Reads) -> Iterator[JournalRecord]:
    first = 0
    while page := kept.journal(first, PAGE):
        yield from page
        first = page[-1].seq + 1
