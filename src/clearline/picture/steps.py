"""How far a feed had seen another, at each of its entries: an append-only list of steps."""

from bisect import bisect_right


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

    def append(self, at: int, value: int) -> "Steps":
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

    def pairs(self) -> list[tuple[int, int]]:
        """All steps, oldest first."""
        return list(zip(self._at[: self._length], self._value[: self._length], strict=True))

    @classmethod
    def of(cls, pairs: list[tuple[int, int]]) -> "Steps":
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
