"""How far a feed had seen another, at each of its entries: an append-only list of steps."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right

from clearline.model.time import Instant


class Times:
    """Immutable view of the issuer's times of a feed's entries, by index; shares its backing."""

    __slots__ = ("_ms", "_size")

    def __init__(self, ms: array[int] | None = None) -> None:
        self._ms: array[int] = ms if ms is not None else array("q")
        self._size = len(self._ms)

    def append(self, t: int) -> Times:
        """A view with one entry more."""
        grown = Times.__new__(Times)
        grown._ms = self._ms if len(self._ms) == self._size else self._ms[: self._size]
        grown._ms.append(t)
        grown._size = self._size + 1
        return grown

    def continues(self, earlier: Times) -> bool:
        """Whether this view grew out of the other by appending. Views that parted, and equal ones
        that were made apart, do not: whoever asks then looks at everything."""
        return self._ms is earlier._ms and self._size >= earlier._size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> Instant:
        assert 0 <= index < self._size, "the entry is held"
        return Instant(self._ms[index])

    def tobytes(self, first: int = 0, stop: int | None = None) -> bytes:
        """Eight bytes an entry, the machine's order turned to big-endian; a part if one is asked
        for."""
        ms = self._ms[first : self._size if stop is None else min(stop, self._size)]
        if sys.byteorder == "little":
            ms.byteswap()
        return ms.tobytes()

    @classmethod
    def of(cls, raw: bytes) -> Times:
        """The view that ``tobytes`` wrote."""
        ms: array[int] = array("q")
        ms.frombytes(raw)
        if sys.byteorder == "little":
            ms.byteswap()
        return cls(ms)

    def extended(self, raw: bytes) -> Times:
        """A view with the entries more that ``tobytes`` wrote; of the newest view O(1) each."""
        more = Times.of(raw)._ms
        grown = Times.__new__(Times)
        grown._ms = self._ms if len(self._ms) == self._size else self._ms[: self._size]
        grown._ms.extend(more)
        grown._size = self._size + len(more)
        return grown

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Times) and self.tobytes() == other.tobytes()

    def __hash__(self) -> int:
        return hash((self._size, self._ms[self._size - 1] if self._size else 0))

    def __repr__(self) -> str:
        return f"Times({list(self._ms[: self._size])!r})"


class Steps:
    """Immutable view of (index, value) pairs, both rising; shares its backing with earlier views.

    Appending to the newest view is O(1); appending to an older one copies. Two views with equal
    pairs are equal.
    """

    __slots__ = ("_at", "_length", "_value")

    def __init__(self) -> None:
        self._at: list[int] = []
        self._value: list[int] = []
        self._length = 0

    def append(self, at: int, value: int) -> Steps:
        """A view with one more step; ``at`` and ``value`` must rise."""
        assert not self._length or (
            at > self._at[self._length - 1] and value > self._value[self._length - 1]
        ), "steps rise"
        grown = Steps.__new__(Steps)
        if len(self._at) == self._length:
            grown._at, grown._value = self._at, self._value
        else:
            grown._at, grown._value = self._at[: self._length], self._value[: self._length]
        grown._at.append(at)
        grown._value.append(value)
        grown._length = self._length + 1
        return grown

    def value(self, before: int | None = None) -> int:
        """The value at the last step with an index below ``before`` (None: at the newest), or 0."""
        n = self._length if before is None else bisect_right(self._at, before - 1, 0, self._length)
        return self._value[n - 1] if n else 0

    def first_at_least(self, value: int) -> int | None:
        """Index of the first step that reaches ``value``, or None."""
        n = bisect_right(self._value, value - 1, 0, self._length)
        return self._at[n] if n < self._length else None

    def __len__(self) -> int:
        return self._length

    def pairs(self, first: int = 0, stop: int | None = None) -> list[tuple[int, int]]:
        """All steps, oldest first; a part of them if one is asked for."""
        end = self._length if stop is None else min(stop, self._length)
        return list(zip(self._at[first:end], self._value[first:end], strict=True))

    def extended(self, pairs: list[tuple[int, int]]) -> Steps:
        """A view with these steps more, which rise on; of the newest view O(1) each."""
        grown = Steps.__new__(Steps)
        if len(self._at) == self._length:
            grown._at, grown._value = self._at, self._value
        else:
            grown._at, grown._value = self._at[: self._length], self._value[: self._length]
        grown._at.extend(at for at, _ in pairs)
        grown._value.extend(value for _, value in pairs)
        grown._length = self._length + len(pairs)
        return grown

    @classmethod
    def of(cls, pairs: list[tuple[int, int]]) -> Steps:
        """The view that holds these pairs."""
        steps = cls()
        steps._at = [at for at, _ in pairs]
        steps._value = [value for _, value in pairs]
        steps._length = len(pairs)
        return steps

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Steps) and self.pairs() == other.pairs()

    def __hash__(self) -> int:
        return hash((self._length, self._value[self._length - 1] if self._length else 0))

    def __repr__(self) -> str:
        return f"Steps({self.pairs()!r})"
