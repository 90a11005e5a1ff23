"""How long duties waited until somebody took them (FM29): a pure function of alerts as they are
kept. For the watch, for the terms' deadlines, and for the staffs that review the line."""

from collections.abc import Iterable
from math import ceil
from typing import Final

import msgspec

from clearline.alerting.correlate import is_quiet
from clearline.alerting.routing import WatchPlan
from clearline.model.alert import SEVERITY_RANK, Alert, AlertState, Severity
from clearline.model.time import Instant, Millis

MIDDLE: Final = 0.5
MOST: Final = 0.9


class AlertTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Duties of one severity and role: of who took them, else of who was called last.

    ``count`` are all, ``taken`` those that somebody took or answered. The times are from the alarm
    to that moment: in the middle, of nine in ten, the longest; by nearest rank, so that each is one
    that was measured; None where nobody has taken any. ``unanswered`` wait still (or their trouble
    went and nobody has seen it), ``waiting_ms`` is for how long the oldest of them has."""

    severity: Severity
    role: str
    count: int
    taken: int
    median_ms: Millis | None
    most_ms: Millis | None
    worst_ms: Millis | None
    unanswered: int
    waiting_ms: Millis | None


def alert_times(alerts: Iterable[Alert], plan: WatchPlan, now: Instant) -> tuple[AlertTimes, ...]:
    """By severity, the loudest first, and role. A duty that was opened again on new facts counts
    once for each opening that somebody took, and once more while the last one waits; what stands
    without a sound of its own does not count."""
    took: dict[tuple[Severity, str], list[int]] = {}
    waits: dict[tuple[Severity, str], list[int]] = {}
    for alert in alerts:
        if is_quiet(alert.trouble):
            continue
        if alert.taken_at is not None:
            at = alert.trouble.severity, alert.taken_role or alert.answered_role or ""
            took.setdefault(at, []).append(alert.taken_at - alert.raised)
        elif alert.state is not AlertState.CLOSED:  # closed and not taken: it goes on in another
            at = alert.trouble.severity, _called(alert, plan)
            waits.setdefault(at, []).append(now - alert.raised)
    return tuple(
        _times(*at, sorted(took.get(at, ())), waits.get(at, []))
        for at in sorted(took.keys() | waits.keys(), key=lambda at: (SEVERITY_RANK[at[0]], at[1]))
    )


def _called(alert: Alert, plan: WatchPlan) -> str:
    """The role that was called last."""
    ladder = plan.term(alert.trouble).ladder
    return ladder[min(alert.rung, len(ladder) - 1)].role if ladder else ""


def _times(severity: Severity, role: str, took: list[int], waits: list[int]) -> AlertTimes:
    return AlertTimes(
        severity=severity, role=role, count=len(took) + len(waits), taken=len(took),
        median_ms=_rank(took, MIDDLE), most_ms=_rank(took, MOST), worst_ms=_rank(took, 1.0),
        unanswered=len(waits), waiting_ms=Millis(max(waits)) if waits else None,
    )  # fmt: skip


def _rank(took: list[int], share: float) -> Millis | None:
    """The nearest rank: the least that at least this share of them is not above."""
    return Millis(took[max(0, ceil(share * len(took)) - 1)]) if took else None
