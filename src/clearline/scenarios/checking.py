"""What a scenario expects at a moment, held against what the desks show then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clearline.model.alert import Alert, AlertState, TroubleKind
from clearline.model.ids import EntryRef, PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import SECOND, Instant
from clearline.node.queries import asks
from clearline.node.queries_notices import find, notice_view
from clearline.node.views import AnswerView, NoticeView
from clearline.scenarios.events import Event, Layer, utc
from clearline.scenarios.script import Expectation
from clearline.scenarios.stage import Stage
from clearline.scenarios.watch import UNTOLD, Watch

OVER = (AlertState.ANSWERED, AlertState.ENDED_UNSEEN)
"""The trouble itself is over or settled; such an alert only stays on the board to be seen."""
Finding = tuple[str, object, object]
"""What was looked at, what was expected, what was found."""


@dataclass(frozen=True, slots=True)
class Checker:
    """One moment of a playing."""

    stage: Stage
    watch: Watch
    refs: Mapping[str, EntryRef]
    refusals: Mapping[str, Refusal]

    def check(self, expected: Expectation, at: Instant) -> Event:
        """Whether everything that is expected stands there."""
        looked = [*self._alerts(expected), *self._notice(expected), *self._rest(expected)]
        wrong = [
            f"{what}: expected {want}, found {got}" for what, want, got in looked if want != got
        ]
        seen = ", ".join(f"{what} {_said(want)}" for what, want, _ in looked)
        about = f" about {expected.about}" if expected.about else ""
        said = f"expected at {expected.party}{about}: {seen}"
        return Event(
            t=utc(at), by="scenario", kind="expect", about=expected.about, party=expected.party,
            text=f"{said}: NOT MET ({'; '.join(wrong)})" if wrong else f"{said}: met",
            layer=Layer.RESULT, met=not wrong,
        )  # fmt: skip

    def _alerts(self, expected: Expectation) -> Iterator[Finding]:
        open_ = self.stage.nodes[expected.party].state.book.open()
        ref = self.refs.get(expected.about) if expected.about else None
        mine = [
            alert
            for alert in open_
            if (ref is None or ref in alert.trouble.about) and alert.state not in OVER
        ]
        for what, kind, want in (
            ("alert", expected.alert, True),
            ("alert", expected.no_alert, False),
        ):
            if kind is not None:
                found = any(alert.trouble.kind is kind for alert in mine)
                yield f"{what} {kind.value}", want, found
        if expected.rung is not None:
            yield "rung", True, self._rung(expected.party, expected.rung, expected.alert, mine)

    def _rung(self, party: PartyId, role: str, kind: TroubleKind | None, mine: list[Alert]) -> bool:
        named = {alert.id for alert in mine if kind is None or alert.trouble.kind is kind}
        return any(
            rang.party == party and rang.ring.role == role and rang.ring.alert in named
            for rang in self.stage.rang
        )

    def _notice(self, expected: Expectation) -> Iterator[Finding]:
        view = self._view(expected)
        if expected.standing is not None:
            found = view.standing.state if view is not None and view.standing is not None else None
            yield "standing", expected.standing.value, found and found.value
        if expected.phase is not None:
            yield "phase", expected.phase.value, view and view.phase.value
        if expected.not_told is not None:
            thirds = view.third_parties if view is not None else ()
            untold = {third.party for third in thirds if third.state in UNTOLD}
            yield "not told", sorted(expected.not_told), sorted(untold)
        exposure = view.exposure if view is not None else None
        if expected.minutes_needed is not None:
            found_minutes = exposure.minutes_needed if exposure is not None else None
            yield "minutes_needed", expected.minutes_needed, found_minutes
        if expected.suggested is not None:
            suggested = exposure.suggested if exposure is not None else None
            yield "suggested", expected.suggested.value, suggested and suggested.value

    def _rest(self, expected: Expectation) -> Iterator[Finding]:
        name = expected.about or ""
        figures = (expected.lead_time_s, expected.lead_time_s_max, expected.shortfall_s)
        if any(figure is not None for figure in figures):
            lead = self.watch.leads.get((name, expected.party))
            best = self.watch.best_leads.get(
                (name, expected.party), None if lead is None else lead.worst_ms
            )
            found = (
                None if lead is None else lead.worst_ms // SECOND,
                None if best is None else -(-best // SECOND),
                None if lead is None else -(-lead.shortfall_ms // SECOND),
            )
            for what, want, got in zip(
                ("lead_time_s", "lead_time_s_max", "shortfall_s"), figures, found, strict=True
            ):
                if want is not None:
                    yield what, want, got
        if expected.refused is not None:
            refusal = self.refusals.get(name)
            yield "refused", expected.refused.value, refusal and refusal.code.value
        if expected.answered is not None:
            said = sorted({answer.party for answer in self._answers(expected)})
            yield "answered", sorted(expected.answered), said

    def _view(self, expected: Expectation) -> NoticeView | None:
        ref = self.refs.get(expected.about) if expected.about else None
        if ref is None:
            return None
        reading = self.stage.look(expected.party)
        found = find(reading, ref)
        return notice_view(reading, *found) if found is not None else None

    def _answers(self, expected: Expectation) -> tuple[AnswerView, ...]:
        view = self._view(expected)
        if view is not None:
            return view.answers
        ref = self.refs.get(expected.about) if expected.about else None
        reading = self.stage.look(expected.party)
        return next((ask.answers for ask in asks(reading) if ask.ref == ref), ())


def _said(want: object) -> str:
    if isinstance(want, bool):
        return "stands" if want else "stands not"
    return (", ".join(map(str, want)) or "nobody") if isinstance(want, list) else str(want)
