"""Troubles that stand until something is written, and what changed since they were last compared.

A flood leaves thousands of messages open (FM18, FM29). What is rung about each is made once and
stands here; a turn compares what was put here or taken away since the turn before, and whatever is
computed anew each turn. What comes out is the same as if everything were compared: where it is not
known to be so, everything is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rpds import HashTrieMap

from clearline.model.alert import Trouble
from clearline.model.ids import LineId


class Lasting:
    """One line's, by key; ``touched`` are the keys at which anything changed since ``compared``."""

    def __init__(self) -> None:
        self.all: dict[str, Trouble] = {}
        self.touched: set[str] = set()

    def put(self, trouble: Trouble) -> str:
        """It stands; the key that it stands at."""
        key = key_of(trouble)
        self.all[key] = trouble
        self.touched.add(key)
        return key

    def stood(self, trouble: Trouble) -> str:
        """It stands as it stood before; the key that it stands at."""
        key = key_of(trouble)
        self.all[key] = trouble
        return key

    def drop(self, key: str) -> None:
        """It stands no more."""
        if self.all.pop(key, None) is not None:
            self.touched.add(key)


def key_of(trouble: Trouble) -> str:
    """Where a trouble stands among those of all lines."""
    return f"{trouble.line}/{trouble.key}"


@dataclass(frozen=True, slots=True)
class Found:
    """All that is to be rung about now. ``anew`` was computed for this turn."""

    anew: dict[str, Trouble]
    lasting: Mapping[LineId, Lasting]

    def get(self, key: str) -> Trouble | None:
        """The trouble at a key."""
        found = self.anew.get(key)
        if found is not None:
            return found
        for each in self.lasting.values():
            if key in each.all:
                return each.all[key]
        return None


@dataclass(frozen=True, slots=True)
class Differences:
    """Keys at which something is to be rung about that was not, or not so; and no more. In order.
    ``kept``: what was computed for this turn, or stands although it was not found."""

    new: list[str]
    gone: list[str]
    kept: set[str]


@dataclass(slots=True)
class Compared:
    """What the last comparison left: the troubles that stood after it, by identity; which lasting
    ones it was with; and the keys of all others. A cache: with nothing here the outcome is the
    same."""

    stands: "HashTrieMap[str, Trouble] | None" = None
    lasting: dict[LineId, Lasting] = field(default_factory=dict)
    rest: set[str] = field(default_factory=set)

    def differences(
        self,
        stands: "HashTrieMap[str, Trouble]",
        found: Found,
        stays: Callable[[Trouble], bool],
    ) -> Differences:
        """What is found against what stood. ``stays`` says what stands although it is not found."""
        looked: set[str] = set(found.anew)
        once: Iterable[str] = self.rest
        if self._is_of(stands, found):
            for each in found.lasting.values():
                looked |= each.touched
        else:
            for each in found.lasting.values():
                looked |= each.all.keys()
            once = stands.keys()
        new, gone, kept = [], [], set(found.anew)
        for key in sorted(looked.union(once)):
            now, before = found.get(key), stands.get(key)
            if now is None:
                if before is not None and stays(before):
                    kept.add(key)
                elif before is not None:
                    gone.append(key)
            elif before is not now and before != now:
                new.append(key)
        return Differences(new, gone, kept)

    def _is_of(self, stands: "HashTrieMap[str, Trouble]", found: Found) -> bool:
        return (
            self.stands is stands
            and self.lasting.keys() == found.lasting.keys()
            and all(self.lasting[line] is each for line, each in found.lasting.items())
        )

    def keep(
        self, stands: "HashTrieMap[str, Trouble]", found: Found, differences: Differences
    ) -> None:
        """What stands now, for the next time."""
        self.stands, self.lasting = stands, dict(found.lasting)
        self.rest = differences.kept
        for each in found.lasting.values():
            each.touched = set()
