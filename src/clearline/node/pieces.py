"""What a peer pushes, a piece at a time: what one turn takes up is counted in bytes, not entries.

A push may hold four megabytes: a few hundred short notices, or a dozen rings of ten thousand
corners. Each piece is a push of its own, proved by the same checkpoint: the hashes of what follows
it stand beside it. So it is taken, kept in the journal and played again without the others, and
cutting anywhere gives the same record and picture. What a volume must be looked at for is done
before its turn, on another thread; a turn finds what was found (``node.checked``).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from clearline.ledger.feed import Rest
from clearline.ledger.merkle import entry_leaf, hashes_between, is_salt, nodes_between
from clearline.model.entry import Entry
from clearline.model.ids import Digest
from clearline.model.refusal import Refusal
from clearline.node.checked import check_volume, volumes_of
from clearline.node.inbound import Flashed, Inbound, Item, Pushed
from clearline.node.proving import proof_of, proof_of_flash
from clearline.node.state import LineState
from clearline.wire.bodies_v1 import read_entry

UNITS_ENTRY: Final = 20
"""Reading, placing and storing one entry, in units of judging: each is about 10 microseconds."""
BYTES_A_UNIT: Final = 100
UNITS_OF_A_PIECE: Final = 4_000
"""40 ms, as much as a turn may judge. One entry is the least: 100 ms if it is of the largest."""
LIGHT_BYTES: Final = 1_000
"""Less than this has at most some seventy corners: it is looked at in its turn."""
HEAVY_BYTES: Final = 16_000
"""More than this may take seconds to look at, however its rings wind: others do not wait for it."""


def units_of(what: Inbound) -> int:
    """About what taking it up costs a turn; 0 for whatever is no entry of a peer's."""
    match what:
        case Pushed(items=items):
            return sum(_units(item) for item in items)
        case Flashed(item=item):
            return _units(item)
        case _:
            return 0


def _units(item: Item) -> int:
    return UNITS_ENTRY + len(item.data) // BYTES_A_UNIT


def pieces(pushed: Pushed, units: int = UNITS_OF_A_PIECE) -> Iterator[Pushed]:
    """The push in pieces of no more than so many units, of one entry at least."""
    assert pushed.rest is None, "cut once"
    items = pushed.items
    ends = _ends([_units(item) for item in items], units)
    if len(ends) < 2 or not all(is_salt(item.salt) for item in items):
        yield pushed  # short; or refused as it is
        return
    last = pushed.first + len(items)
    leaves = [entry_leaf(item.salt, item.data) for item in items]
    hashes = hashes_between(pushed.first, leaves)
    for start, end in zip((0, *ends), ends, strict=False):
        nodes = nodes_between(pushed.first + end, last)
        rest = Rest(size=last, nodes=tuple(hashes[node] for node in nodes)) if nodes else None
        yield replace(pushed, first=pushed.first + start, items=items[start:end], rest=rest)


def _ends(units: Sequence[int], most: int) -> list[int]:
    """Where each piece ends."""
    ends, held = [], 0
    for n, each in enumerate(units):
        if n and held + each > most:
            ends.append(n)
            held = 0
        held += each
    return [*ends, len(units)] if units else []


def to_look_at(ls: LineState, what: Pushed | Flashed) -> list[bytes]:
    """Entries that may take long to look at. Nothing is ever read of what is not proved."""
    items: tuple[Item, ...] = (what.item,) if isinstance(what, Flashed) else what.items
    if isinstance(what, Pushed):
        skip = ls.frontier(what.feed).size - what.first
        items = items[skip:] if skip >= 0 else ()
    found = [item.data for item in items if b'"volumes"' in item.data]
    if sum(map(len, found)) < LIGHT_BYTES:
        return []
    _, proved = proof_of_flash(ls, what) if isinstance(what, Flashed) else proof_of(ls, what, items)
    return [] if isinstance(proved, Refusal) else found


def look_at(entries: Sequence[bytes]) -> None:
    """Check every volume of these entries, so that the turn that takes them need not."""
    for data in entries:
        entry = read_entry(data, Digest(""))
        for volume in volumes_of(entry.body) if isinstance(entry, Entry) else ():
            check_volume(volume)
