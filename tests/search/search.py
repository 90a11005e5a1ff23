"""Breadth first through every state of a ``Machine``."""

from dataclasses import dataclass

from tests.search.machine import Bounds, Line, Machine
from tests.simulation.papers import terms


@dataclass(frozen=True)
class Found:
    """How many states and steps were looked at, how many were DECONFLICTED somewhere, and the
    first state in which the invariant is broken."""

    states: int
    steps: int
    clear: int
    broken: str | None

    def __str__(self) -> str:
        return (
            f"{self.states:,} states over {self.steps:,} steps, {self.clear:,} with a clear "
            f"version; broken: {self.broken or 'none'}"
        )


def machine(bounds: Bounds) -> Machine:
    """A line with the terms of the simulation."""
    names = ("AAA", "BBB", "CCC")[: bounds.parties]
    return Machine(bounds, terms(names))


def key(line: Line) -> tuple[object, ...]:
    """What makes two states the same: last leaves say all that was written before them."""
    return tuple((p.chain[-1].leaf if p.chain else "", p.held, p.ahead, p.told) for p in line)


def search(from_: Machine) -> Found:
    """Every state within the bounds, until one is broken."""
    first = from_.begin()
    known = {key(first)}
    front = [first]
    steps = clear = 0
    for _ in range(from_.bounds.steps):
        following: list[Line] = []
        for line in front:
            for after in from_.after(line):
                steps += 1
                place = key(after)
                if place in known:
                    continue
                known.add(place)
                clear += any(from_.clear(after, me) for me in range(from_.bounds.parties))
                broken = from_.broken(after)
                if broken is not None:
                    return Found(len(known), steps, clear, broken)
                following.append(after)
        front = following
    return Found(len(known), steps, clear, None)
