"""The duties of a node as a page holds them: the loudest one by one, of all the rest how many.

In a flood ten thousand duties are open, and nobody reads more than the first few. Kept from one
look to the next like a line (``shown``): whoever has seen it hears what has changed. Pure.
"""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from clearline.alerting.book import AlertBook
from clearline.alerting.routing import WatchPlan
from clearline.model.alert import RINGING, Alert, Severity, TroubleKind
from clearline.model.ids import LineId
from clearline.model.time import Instant
from clearline.node.queries import duties_in_order, duty_view
from clearline.node.shown import Items
from clearline.node.state import State
from clearline.node.views import AlertView, View
from clearline.words.reader import Langs

SHOWN_MAX: Final = 1_000
"""Duties that are shown one by one: more than a watch can take, about a megabyte."""


class DutyGroup(View, frozen=True):
    """Open duties of one kind. ``ringing``: those of them that nobody has in hand."""

    line: LineId
    severity: Severity
    kind: TroubleKind
    count: int
    ringing: int


class DutiesView(View, frozen=True):
    """What has changed of the open duties since ``after``. ``whole``: these are all that are shown,
    and what was held before counts for nothing. ``gone``: closed, or no more among the loudest.
    ``total``: how many are open; ``left``: those that are not shown, by what they are, which GET
    /v1/alerts gives one by one. ``as_of``: when it was looked at."""

    position: str
    whole: bool
    as_of: Instant
    changed: tuple[AlertView, ...]
    gone: tuple[str, ...]
    total: int
    left: tuple[DutyGroup, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """``DutiesView`` from bytes."""

    position: str
    whole: bool
    as_of: Instant
    changed: tuple[msgspec.Raw, ...]
    gone: tuple[str, ...]
    total: int
    left: tuple[DutyGroup, ...]


@dataclass(slots=True)
class ShownDuties:
    """The duties for readers of the same languages. ``run`` tells this life of it from others."""

    run: str
    look: int = 0
    _book: AlertBook | None = None
    _plan: WatchPlan | None = None
    _as_of: Instant | None = None
    _total: int = 0
    _left: tuple[DutyGroup, ...] = ()
    _seen: dict[str, Alert] = field(default_factory=dict)
    _items: Items[str] = field(default_factory=Items)

    def is_current(self, state: State, plan: WatchPlan) -> bool:
        """Whether nothing has changed since the last look."""
        return self._book is state.book and self._plan == plan

    def steps(
        self, state: State, plan: WatchPlan, now: Instant, langs: Langs
    ) -> Generator[None, None, None]:
        """Look at the duties: one step for each that is made."""
        look, held = self.look + 1, duties_in_order(state)
        shown, left = held[:SHOWN_MAX], held[SHOWN_MAX:]
        if self._plan != plan:
            self._seen.clear()
        for alert in shown:
            if self._seen.get(alert.id) is not alert:
                view = duty_view(alert, plan, langs)
                self._items.put(alert.id, msgspec.json.encode(view), look)
                self._seen[alert.id] = alert
                yield
        names = {alert.id for alert in shown}
        self._items.keep(names, look)
        for name in self._seen.keys() - names:
            del self._seen[name]
        self._total, self._left = len(held), _grouped(left)
        self._book, self._plan, self._as_of, self.look = state.book, plan, now, look

    def after(self, position: str | None) -> Answer:
        """What changed after a position that was given before; all of it after any other."""
        assert self._as_of is not None, "somebody has looked"
        run, _, text = (position or "").rpartition("-")
        look: int | None = None
        if run == self.run and text.isascii() and text.isdigit() and len(text) <= 12:
            look = int(text) if self._items.floor <= int(text) <= self.look else None
        part = self._items.after(look)
        return Answer(
            position=f"{self.run}-{self.look}", whole=look is None, as_of=self._as_of,
            changed=part.changed, gone=part.gone, total=self._total, left=self._left,
        )  # fmt: skip


def _grouped(alerts: list[Alert]) -> tuple[DutyGroup, ...]:
    """The loudest first, as their first ones stand."""
    count: Counter[tuple[LineId, Severity, TroubleKind]] = Counter()
    ringing: Counter[tuple[LineId, Severity, TroubleKind]] = Counter()
    for alert in alerts:
        key = alert.trouble.line, alert.trouble.severity, alert.trouble.kind
        count[key] += 1
        ringing[key] += alert.state in RINGING
    return tuple(
        DutyGroup(line=key[0], severity=key[1], kind=key[2], count=n, ringing=ringing[key])
        for key, n in count.items()
    )
