"""From one evaluation to the next: what begins, changes its grade, or is over.

A finding begins, and grows graver, at once. It is over when it is not found with every limit a
tenth wider. One that comes and goes stays for FLAP_HOLD_MS after each time that it has come within
a minute, to HOLD_MS_MAX at most, so that an alarm along an edge does not ring at every step.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node.live.limits import FINDINGS_MAX
from clearline.node.sighted import RANK, Grade, Live, LiveFinding

if TYPE_CHECKING:  # numba comes with it
    from clearline.node.live.evaluate import Evaluation

FLAP_HOLD_MS: Final = 5 * SECOND
HOLD_MS_MAX: Final = 30 * SECOND
SOFTER_MS: Final = 5 * SECOND
"""A finding grows less grave only after it was less grave for so long."""
MORE: Final = "source/more"


@dataclass(slots=True)
class Hold:
    """Findings of one line that stand. ``stands`` is what the node's state has."""

    stands: dict[str, LiveFinding] = field(default_factory=dict)
    _began: dict[str, tuple[Instant, ...]] = field(default_factory=dict)
    _unfound: dict[str, Instant] = field(default_factory=dict)
    _softer: dict[str, Instant] = field(default_factory=dict)

    def step(
        self, seen: "Evaluation", now: Instant
    ) -> tuple[tuple[LiveFinding, ...], tuple[str, ...]]:
        """What begins or changes, and the keys of what is over, in a fixed order."""
        self._forget(now)
        found = self._bounded(seen.found, now)
        said = [
            finding for key in sorted(found) if (finding := self._news(found[key], now)) is not None
        ]
        over = [key for key in sorted(self.stands) if self._is_over(key, found, seen, now)]
        if len(self.stands) - len(over) > 2 * FINDINGS_MAX:  # a flood: the gravest alone stand
            gone = set(over)
            over += [key for key in sorted(self.stands) if key not in found and key not in gone]
        for key in over:
            del self.stands[key]
            self._unfound.pop(key, None)
            self._softer.pop(key, None)
        return tuple(said), tuple(over)

    def _news(self, finding: LiveFinding, now: Instant) -> LiveFinding | None:
        """The finding as it is to be told, or None if nothing is new."""
        key, held = finding.key, self.stands.get(finding.key)
        self._unfound.pop(key, None)
        if held is None:
            self._began[key] = (*self._began.get(key, ()), now)[-10:]
        else:
            finding = replace(finding, since=held.since)
            if finding.grade is held.grade:
                self._softer.pop(key, None)
                return None
            if RANK[finding.grade] < RANK[held.grade]:
                since = self._softer.setdefault(key, now)
                if now - since < SOFTER_MS:
                    return None
        self._softer.pop(key, None)
        self.stands[key] = finding
        return finding

    def _is_over(
        self, key: str, found: Mapping[str, LiveFinding], seen: "Evaluation", now: Instant
    ) -> bool:
        if key in found or key in seen.keep or _starts(key, seen.unjudged):
            self._unfound.pop(key, None)
            return False
        since = self._unfound.setdefault(key, now)
        return now - since >= self._hold_ms(key)

    def _hold_ms(self, key: str) -> int:
        again = max(0, len(self._began.get(key, ())) - 1)
        return min(HOLD_MS_MAX, again * FLAP_HOLD_MS)

    def _forget(self, now: Instant) -> None:
        """Beginnings of more than a minute ago count no more."""
        for key, times in list(self._began.items()):
            kept = tuple(at for at in times if now - at < MINUTE)
            if kept:
                self._began[key] = kept
            else:
                del self._began[key]

    def _bounded(self, found: Mapping[str, LiveFinding], now: Instant) -> dict[str, LiveFinding]:
        """At most FINDINGS_MAX: the gravest, among them those that stand; the rest as one."""
        if len(found) <= FINDINGS_MAX:
            return dict(found)
        order = sorted(found.values(), key=self._order)
        kept = {finding.key: finding for finding in order[:FINDINGS_MAX]}
        kept[MORE] = LiveFinding(
            key=MORE, kind=Live.SOURCE, grade=Grade.NOW, since=now,
            figures={"count": len(found) - len(kept)}, words={"why": "more"},
        )  # fmt: skip
        return kept

    def _order(self, finding: LiveFinding) -> tuple[int, bool, int, str]:
        held = finding.key in self.stands
        return -RANK[finding.grade], not held, finding.figures.get("entry_s", 0), finding.key


def _starts(key: str, starts: Iterable[str]) -> bool:
    return any(key.startswith(start) for start in starts)
