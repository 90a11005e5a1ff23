"""What the terms make of two classes and of a stated volume: pair, tail, what still counts."""

from collections.abc import Sequence

from msgspec.structs import replace

from clearline.conflict.verdict import Extent
from clearline.model.space import Volume
from clearline.model.terms import Agreement, ClassTerm, Effect, PairTerm
from clearline.model.time import Instant, Millis


def pair_term(agreement: Agreement, a: str, b: str) -> PairTerm | None:
    """The terms for two classes, in either order."""
    first, second = min(a, b), max(a, b)
    return next((t for t in agreement.pairs if t.a == first and t.b == second), None)


def counted(
    volumes: Sequence[Volume],
    term: ClassTerm,
    *,
    cut: Instant | None = None,
    clear: Instant | None = None,
) -> tuple[Extent, ...]:
    """Volumes as they count: windows as far as no withdrawal cut them (``cut``), with the class's
    tail, as far as ALL CLEAR did not end it (``clear``). What never began counts not at all."""
    extents = []
    for volume in volumes:
        start, end = volume.start, volume.end
        if cut is not None:
            if start > cut:
                continue  # withdrawn before it began
            end = Instant(max(min(end, cut), start))
        over = Instant(end + term.tail_ms)
        if clear is not None:
            over = Instant(min(over, clear))
            end = Instant(min(end, over))
        if over <= start:
            continue
        extents.append(
            Extent(
                volume=volume if end == volume.end else replace(volume, end=end),
                tail_ms=Millis(over - end),
                hazard=term.effect is Effect.HAZARD,
            )
        )
    return tuple(extents)
