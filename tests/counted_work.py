"""What judging really does, beside what it is counted as: ``python -m tests.counted_work``.

Run without the compiler, so that the loops of the kernel can be counted like the rest. Prints one
line of JSON: by shape of work the units that a judge counts, and the work that was done.
"""

import json
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from clearline.conflict import lists
from clearline.conflict.fast.compiled import IS_COMPILED
from clearline.conflict.geodesy import Floats
from clearline.model.entry import Notice
from clearline.model.space import Corridor, Disc, Edge, LatLon, Polygon, Volume
from clearline.node.judge import Judge
from tests.town import Town, at, corridor, disc, level, volume

INSTRUCTIONS_A_UNIT = 350
"""Of Python, in 10 microseconds."""
COMPILED_A_UNIT = 30_000
"""Of the kernel, in 10 microseconds where it is compiled."""
CELLS_A_UNIT = 1_000
"""Numbers that an operation on arrays goes through, in 10 microseconds."""
Shape = Disc | Corridor | Polygon
W = (at(600), at(700))


@dataclass
class Work:
    """What ran: instructions, those of the kernel, cells of arrays."""

    instructions: int = 0
    kernel: int = 0
    cells: int = 0

    def trace(self, frame: FrameType, event: str, _: object) -> object:
        """As ``sys.settrace`` wants it."""
        name = frame.f_code.co_filename
        if "clearline" not in name:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            if "/fast/" in name:
                self.kernel += 1
            else:
                self.instructions += 1
        return self.trace

    @property
    def units(self) -> float:
        """All of it, in units of 10 microseconds."""
        return (
            self.instructions / INSTRUCTIONS_A_UNIT
            + self.kernel / COMPILED_A_UNIT
            + self.cells / CELLS_A_UNIT
        )


def ring(n: int, lat: float, lon: float, across: float) -> Polygon:
    """A ring of n corners, degrees across."""
    turn = 2 * math.pi / n
    points = [
        (lat + across / 2 * math.cos(turn * k), lon + across / 2 * math.sin(turn * k))
        for k in range(n)
    ]
    outer = tuple(LatLon(round(a * 1e7), round(b * 1e7)) for a, b in points)
    return Polygon(outer=outer, holes=(), edge=Edge.GEODESIC)


def some(
    n: int, spread: float, make: Callable[[float, float], Shape], low: int = 100, lat: float = 10.0
) -> list[Volume]:
    """n volumes about a place, on a level."""
    chance = random.Random(n)  # the same on every run
    return [
        volume(
            make(lat + chance.uniform(-spread, spread), 10 + chance.uniform(-spread, spread)),
            *W, level(low), level(low + 10),
        )
        for _ in range(n)
    ]  # fmt: skip


def small(lat: float, lon: float) -> Disc:
    """A disc of 1 km."""
    return disc(lat, lon, 1)


def winding(lat: float, lon: float) -> Corridor:
    """A corridor of twenty corners."""
    return corridor([(lat + k * 0.001, lon + 0.01 * math.sin(k)) for k in range(20)], 0.5)


def one(shape: Shape) -> list[Volume]:
    """One volume."""
    return [volume(shape, *W, level(100), level(200))]


def later(volumes: list[Volume]) -> list[Volume]:
    """The same volumes, a day later."""
    return [
        volume(v.footprint, at(2_040), at(2_100), v.lower, v.upper)  # type: ignore[arg-type]
        for v in volumes
    ]


SHAPES: dict[str, tuple[list[Volume], list[Volume]]] = {
    "two discs apart": (one(disc(10, 10, 1)), one(disc(20, 20, 1))),
    "two discs that meet": (one(disc(10, 10, 5)), one(disc(10.01, 10, 5))),
    "two rings beside each other": (one(ring(60, 10, 10, 0.2)), one(ring(60, 10.25, 10, 0.2))),
    "a ring of 1,500 and a disc": (one(ring(1_500, 10, 10, 0.2)), one(disc(10.12, 10, 1))),
    "two rings of 400": (one(ring(400, 10, 10, 0.2)), one(ring(400, 10.22, 10, 0.2))),
    "30 x 30 at other heights": (some(30, 0.02, small), some(30, 0.02, small, 300)),
    "100 x 100 discs": (some(100, 0.1, small), some(100, 0.1, small, lat=10.05)),
    "100 x 100 discs far apart": (some(100, 1, small), some(100, 1, small, lat=13)),
    "100 x 100 corridors": (some(100, 0.5, winding), some(100, 0.5, winding, lat=10.1)),
    "100 x 100 at other times": (some(100, 0.1, small), later(some(100, 0.1, small))),
    "1 x 1,000 discs": (one(disc(10, 10, 1)), some(1_000, 0.1, small, lat=10.2)),
    "300 x 300 discs far apart": (some(300, 1, small), some(300, 1, small, lat=13)),
}
"""Two versions each."""


def measured(mine: list[Volume], theirs: list[Volume]) -> tuple[int, Work]:
    """What judging the two is counted as, and what it does; both were made ready before."""
    town = Town(("AAA", "BBB"))
    (a,) = town.say("AAA", Notice(cls="air-movement", label="a", volumes=tuple(mine)))
    (b,) = town.say("BBB", Notice(cls="air-movement", label="b", volumes=tuple(theirs), reason="r"))
    town.settle()
    judge: Judge = town.nodes["AAA"].tools.judge(town.line)
    pair = town.version("AAA", a), town.version("AAA", b)
    judge.measured(*pair)
    work, kept = Work(), (lists.norm, lists.arc_low, lists.np)

    def norm(given: Floats) -> Floats:
        work.cells += given.size
        return kept[0](given)

    def arc_low(given: Floats) -> Floats:
        work.cells += 2 * given.size
        return kept[1](given)

    class Counting:
        """numpy, of which what goes over all pairs is counted."""

        def __getattr__(self, name: str) -> object:
            return getattr(kept[2], name)

        def maximum(self, one: Floats, other: Floats) -> Floats:
            """Counted with what makes its operands."""
            found: Floats = kept[2].maximum(one, other)
            work.cells += 2 * found.size
            return found

    lists.norm, lists.arc_low = norm, arc_low
    lists.np = Counting()  # type: ignore[assignment]
    sys.settrace(work.trace)
    try:
        units = sum(judge.measuring(*pair))
    finally:
        sys.settrace(None)
        lists.norm, lists.arc_low, lists.np = kept
    return units, work


def main() -> None:
    """Count every shape."""
    assert not IS_COMPILED, "the kernel's loops are to be counted"
    found = {}
    for name, (mine, theirs) in SHAPES.items():
        units, work = measured(mine, theirs)
        found[name] = [units, work.units, work.instructions, work.kernel, work.cells]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
