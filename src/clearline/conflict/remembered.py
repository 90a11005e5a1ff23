"""Remembering what was made of footprints, up to a weight: one of them may be a disc or have ten
thousand corners, so that a number of them is no bound of memory."""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from clearline.model.space import Corridor, Footprint, Polygon

P = ParamSpec("P")
R = TypeVar("R")
BASE: Final = 8
"""What the least is counted as, in corners."""


def corners(footprint: Footprint) -> int:
    """Stated points."""
    match footprint:
        case Polygon(outer=outer, holes=holes):
            return len(outer) + sum(len(hole) for hole in holes)
        case Corridor(line=line):
            return len(line)
        case _:
            return 1


def remembered(
    weight_max: int, weigh: Callable[..., int]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A pure function of hashable arguments by position, with its latest results as far as they
    ``weigh`` no more than that altogether. Beyond it the older half goes. One that weighs more than
    half of it is not kept. Threads may call it; they may make the same thing twice."""

    def make(function: Callable[P, R]) -> Callable[P, R]:
        held: dict[Hashable, tuple[int, R]] = {}
        total = 0

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            nonlocal total
            assert not kwargs, "arguments go by position"
            known = held.get(args)
            if known is not None:
                return known[1]
            result = function(*args, **kwargs)
            weight = BASE + weigh(result)
            if 2 * weight <= weight_max:
                held[args] = weight, result
                total += weight
            while total > weight_max:  # the older half may be the lighter one
                every = list(held)
                for old in every[: (len(every) + 1) // 2]:
                    held.pop(old, None)
                total = sum(weight for weight, _ in list(held.values()))
            return result

        call.held = held  # type: ignore[attr-defined]  # for tests
        return call

    return make
