"""A line as a client holds it: what came first, and every change since put in. Pure.

What ``Held`` gives is what the plain questions would have answered at ``as_of``: the same items in
the same order with the same words.
"""

from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef, PartyId
from clearline.model.time import Instant, format_utc
from clearline.node.inbound import Mover
from clearline.node.shown_views import MomentView, ShownView
from clearline.node.standing_view import StandingView
from clearline.node.views import AskView, ConflictView, NoticeView, SealView

MOMENT: Final = "\ue000"
"""Where in the words of a notice the time of its party's standings belongs."""


@dataclass(slots=True)
class Held:
    """One line, from nothing on. ``position``: what to ask after."""

    position: str | None = None
    as_of: Instant | None = None
    movers: tuple[Mover, ...] = ()
    seals: tuple[SealView, ...] = ()
    standing: tuple[StandingView, ...] = ()
    _moments: dict[PartyId, MomentView] = field(default_factory=dict)
    _notices: dict[EntryRef, NoticeView] = field(default_factory=dict)
    _conflicts: dict[tuple[EntryRef, EntryRef], ConflictView] = field(default_factory=dict)
    _asks: dict[EntryRef, AskView] = field(default_factory=dict)

    def take(self, told: ShownView) -> None:
        """Put in what changed."""
        if told.whole:
            self._notices, self._conflicts, self._asks = {}, {}, {}
        for ref in told.notices.gone:
            self._notices.pop(ref, None)
        for pair in told.conflicts.gone:
            self._conflicts.pop(pair, None)
        for ref in told.asks.gone:
            self._asks.pop(ref, None)
        self._notices |= {each.ref: each for each in told.notices.changed}
        self._conflicts |= {(each.a, each.b): each for each in told.conflicts.changed}
        self._asks |= {each.ref: each for each in told.asks.changed}
        self.movers = self.movers if told.movers is None else told.movers
        self.seals = self.seals if told.seals is None else told.seals
        self.standing = self.standing if told.standing is None else told.standing
        self._moments = {each.party: each for each in told.moments}
        self.position, self.as_of = told.position, told.as_of

    def notices(self) -> tuple[NoticeView, ...]:
        """Live notices by place."""
        return tuple(self._timed(each) for _, each in sorted(self._notices.items()))

    def _timed(self, notice: NoticeView) -> NoticeView:
        moment = self._moments.get(notice.party)
        if moment is None or notice.standing is None:
            return notice
        clock = f"{format_utc(moment.as_of)[11:16]}Z"
        standing = replace(
            notice.standing, as_of=moment.as_of, proved_by=moment.proved_by,
            words=notice.standing.words.replace(MOMENT, clock),
        )  # fmt: skip
        return replace(notice, standing=standing, words=notice.words.replace(MOMENT, clock))

    def conflicts(self) -> tuple[ConflictView, ...]:
        """Pairs that are not apart, soonest first."""
        return tuple(sorted(self._conflicts.values(), key=_soonest))

    def asks(self) -> tuple[AskView, ...]:
        """Messages, tests, emergencies, newest first."""
        return tuple(sorted(self._asks.values(), key=lambda each: (-each.t, each.ref)))


def _soonest(each: ConflictView) -> tuple[bool, int, EntryRef, EntryRef]:
    return each.verdict is not Verdict.YES, each.overlap_start or 0, each.a, each.b


__all__ = ["MOMENT", "Held"]
