"""Items in batches: read, refused by place, or made ready to be compared."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clearline.conflict.lists import Columns
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import Volume
from clearline.plan.answer import RefusedItem, SideSummary, Widened
from clearline.plan.codec import PlanItem, bounded, read_item, volume_faults
from clearline.plan.quick import columns_of, surely_valid
from clearline.plan.rules import Placed, Rules
from clearline.plan.source import Piece, Unit
from clearline.words.sentences import sentence

VOLUMES_AT_ONCE: Final = 2_048
"""Volumes of one batch: a few megabytes, and numpy's own costs are spread over enough."""
BYTES_AT_ONCE: Final = 8 << 20
HELD_VOLUMES_MAX: Final = 200_000
"""Of two sources the smaller is held whole, about 4 kB a volume: under a gigabyte."""
LISTED_MAX: Final = 1_000
"""Refused and widened items that an answer lists; the others are counted."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Items with a row for each of their volumes: ``owner`` is the item, ``number`` the volume."""

    items: tuple[Placed, ...]
    owner: Ints
    number: Ints
    columns: Columns


@dataclass(slots=True)
class Reading:
    """What was read of one source so far: counts, and the first that were refused or widened.
    ``stopped``: somebody ended it before its end."""

    source: str
    items: int = 0
    volumes: int = 0
    refused: int = 0
    widened: int = 0
    stopped: bool = False
    applied: Counter[str] = field(default_factory=Counter)
    refusals: list[RefusedItem] = field(default_factory=list)
    open_items: list[Widened] = field(default_factory=list)

    def take(self, placed: Placed) -> None:
        """Count an item that is judged."""
        self.items += 1
        self.volumes += len(placed.item.volumes)
        self.applied.update(placed.item.applied)
        if placed.item.widened:
            self.widened += 1
            if len(self.open_items) < LISTED_MAX:
                self.open_items.append(
                    Widened(
                        source=self.source,
                        unit=placed.unit,
                        place=placed.place,
                        id=placed.item.id,
                        absent=placed.item.widened,
                    )
                )

    def refuse(self, unit: Unit, place: int, refusals: Sequence[Refusal]) -> None:
        """Count an item that is not, with its first reason."""
        self.refused += 1
        if len(self.refusals) < LISTED_MAX:
            first = refusals[0]
            self.refusals.append(
                RefusedItem(
                    source=self.source,
                    unit=unit,
                    place=place,
                    code=first.code,
                    clause=first.clause,
                    at=first.at,
                    sentence=sentence(first),
                )
            )

    @property
    def not_listed(self) -> int:
        """Refused and widened items beyond those that are kept."""
        return self.refused - len(self.refusals) + self.widened - len(self.open_items)

    def summary(self) -> SideSummary:
        """The counts."""
        return SideSummary(
            items=self.items,
            volumes=self.volumes,
            refused=self.refused,
            widened=self.widened,
            applied=dict(sorted(self.applied.items())),
        )


def always() -> bool:
    """Nobody stops it."""
    return True


def read_batches(
    pieces: Iterable[Piece],
    rules: Rules,
    reading: Reading,
    default_class: str | None = None,
    go_on: Callable[[], bool] = always,
) -> Iterator[Batch]:
    """The items of a source, batch by batch; what is refused goes into ``reading``. ``go_on`` is
    asked before each item: at a no what was read is given, and no more."""
    waiting: list[Placed] = []
    volumes = size = 0
    for piece in _while(pieces, reading, go_on):
        read = piece.raw if isinstance(piece.raw, Refusal) else read_item(piece.raw)
        if not isinstance(read, Refusal):
            read = _classed(read, rules, default_class)
        if isinstance(read, Refusal):
            reading.refuse(piece.unit, piece.place, (read,))
            continue
        waiting.append(Placed(place=piece.place, unit=piece.unit, item=read))
        volumes += len(read.volumes)
        size += len(piece.raw) if isinstance(piece.raw, bytes) else 0
        if volumes >= VOLUMES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield _checked(waiting, rules, reading)
            waiting, volumes, size = [], 0, 0
    if waiting:
        yield _checked(waiting, rules, reading)


def _while(pieces: Iterable[Piece], reading: Reading, go_on: Callable[[], bool]) -> Iterator[Piece]:
    for piece in pieces:
        if not go_on():
            break
        yield piece
    reading.stopped = not go_on()


def _classed(item: PlanItem, rules: Rules, default_class: str | None) -> PlanItem | Refusal:
    """The item with the class that is meant where it states none. CL-PLN-008."""
    cls = item.cls if item.cls is not None else default_class
    if not rules.knows(cls):
        facts: dict[str, Param] = {"cls": cls or ""}
        return Refusal(code=Code.UNKNOWN_CLASS, clause="CL-PLN-008", at="/class", params=facts)
    if cls == item.cls:
        return item
    return PlanItem(
        volumes=item.volumes,
        id=item.id,
        cls=cls,
        operation=item.operation,
        party=item.party,
        applied=item.applied,
        widened=item.widened,
        rounded=item.rounded,
        alone=item.alone,
    )


def _checked(waiting: Sequence[Placed], rules: Rules, reading: Reading) -> Batch:
    """A batch of those items whose volumes are all valid."""
    volumes = [bounded(volume) for placed in waiting for volume in placed.item.volumes]
    sure = surely_valid(volumes).tolist()
    kept: list[Placed] = []
    row = 0
    for placed in waiting:
        faults: list[Refusal] = []
        for number, volume in enumerate(placed.item.volumes):
            if not sure[row]:
                faults += volume_faults(volume, placed.item.pointer(number))
            row += 1
        if faults:
            reading.refuse(placed.unit, placed.place, faults)
        else:
            reading.take(placed)
            kept.append(placed)
    return make_batch(kept, rules)


def make_batch(items: Sequence[Placed], rules: Rules) -> Batch:
    """Rows for items whose volumes are valid."""
    counts = [len(placed.item.volumes) for placed in items]
    volumes: list[Volume] = [volume for placed in items for volume in placed.item.volumes]
    tails = [rules.tail_ms(p.item.cls) for p in items for _ in p.item.volumes]
    numbers = [number for count in counts for number in range(count)]
    return Batch(
        items=tuple(items),
        owner=np.repeat(np.arange(len(items), dtype=np.int64), counts),
        number=np.array(numbers, dtype=np.int64),
        columns=columns_of(volumes, tails),
    )


def hold(batches: Iterable[Batch], rules: Rules) -> Batch | Refusal:
    """All batches as one, or TOO_MANY."""
    items: list[Placed] = []
    volumes = 0
    for batch in batches:
        items += batch.items
        volumes += len(batch.owner)
        if volumes > HELD_VOLUMES_MAX:
            facts: dict[str, Param] = {"found": volumes, "high": HELD_VOLUMES_MAX}
            return Refusal(code=Code.TOO_MANY, clause="CL-PLN-009", params=facts)
    return make_batch(items, rules)
