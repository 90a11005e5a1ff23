"""One look at one alert that is due: climb, ring, or join an alarm that has just rung.

Every look ends with a deadline in the future or with none: a step always comes to an end.
"""

from dataclasses import replace
from typing import Protocol

from msgspec.structs import replace as change

from clearline.alerting.book import AlertBook
from clearline.alerting.correlate import alarm_of, faulty, loudness, role_key
from clearline.alerting.escalation import next_look, overdue, repeat_ms, rung_due, top
from clearline.alerting.lifecycle import Event, following
from clearline.alerting.limits import ROUTINE_RINGS_MAX, ROUTINE_WINDOW
from clearline.alerting.routing import WatchPlan, call
from clearline.model.alert import Alert, AlertState, Ring, Severity, Trouble
from clearline.model.entry import Precedence
from clearline.model.ids import LineId
from clearline.model.terms import DeadlineTerm
from clearline.model.time import Instant


class Work(Protocol):
    """What a look needs of the step that it is part of."""

    book: AlertBook
    plan: WatchPlan
    now: Instant
    rings: list[Ring]

    def put(self, alert: Alert) -> None:
        """Keep the alert."""

    def raised(self, trouble: Trouble) -> None:
        """A trouble stands."""

    def ended(self, line: LineId, key: str) -> None:
        """A trouble is gone."""


def look_at(work: Work, name: str) -> None:
    """Do what is due for one alert now."""
    held = work.book.alerts[name]
    alert = held
    term = work.plan.term(alert.trouble)
    if alert.silenced_until is not None:
        alert = change(alert, silenced_until=None)  # its time is over, or it would not be due
    widened = _untried(work.plan, alert, term, work.now)
    rung = alert.rung if widened else _rung_now(work, alert, term)
    if work.book.get(name) != held:
        return  # it was the trouble that this very look ended; if it still stands it is due again
    climbs = rung > alert.rung or alert.state is AlertState.ACKNOWLEDGED
    state = following(alert.state, Event.DEADLINE if climbs else Event.RING)
    assert state is not None, "only what rings, or was taken and is due, has a deadline"
    if rung > alert.rung:
        alert = change(alert, rung=rung, rung_rings=0, tried=(), failed=())
    if climbs:
        alert = change(alert, state=state, changed=work.now)
    work.put(alert)
    alarm = work.book.alarms[alarm_of(alert.trouble)]
    last = alarm.rang_at(rung)
    rings = (
        bool(widened)
        or last is None
        or work.now - last >= repeat_ms(alert, term)
        or (alarm.loudest is not None and loudness(alert.trouble) > alarm.loudest)
    )
    wait = _held_back(work, alert, term) if rings else None
    if wait is not None:
        work.put(change(alert, next=wait))
    elif rings:
        emergency = alert.trouble.severity is Severity.EMERGENCY
        _ring(work, alert, term, widened, held.tried if emergency and climbs else ())
    else:
        work.put(change(alert, next=next_look(alert, term, work.now, last)))


def _untried(plan: WatchPlan, alert: Alert, term: DeadlineTerm, now: Instant) -> tuple[str, ...]:
    """The next channel of this rung's role, if every one called so far reached nobody."""
    if not _exhausted(alert) or rung_due(alert, term, now) > alert.rung:
        return ()  # a rung that is due goes before another channel of the one below
    route = plan.route(term.ladder[min(alert.rung, top(term))].role)
    return tuple(name for name in route.channels if name not in alert.tried)[:1]


def _exhausted(alert: Alert) -> bool:
    return bool(alert.tried) and set(alert.tried) <= set(alert.failed)


def _rung_now(work: Work, alert: Alert, term: DeadlineTerm) -> int:
    """The rung to be called: the one due, one more if this one reached nobody, past roles that
    nobody can be reached in; each of those is a trouble of its own."""
    rung = rung_due(alert, term, work.now)
    if _exhausted(alert) and rung == alert.rung:
        rung = min(rung + 1, max(top(term), alert.rung))
    while rung <= top(term):
        role = term.ladder[rung].role
        if work.plan.route(role).channels:
            work.ended(alert.trouble.line, role_key(role))
            break
        work.raised(faulty(alert.trouble, role_key(role), work.now, {"role": role}))
        if rung == top(term):
            break
        rung += 1
    return rung


def _held_back(work: Work, alert: Alert, term: DeadlineTerm) -> Instant | None:
    """Until when a ROUTINE ring waits since enough of them have just rung; None: it rings."""
    if alert.trouble.precedence is not Precedence.ROUTINE or _pressing(alert, term, work.now):
        return None
    line = alert.trouble.line
    start, rung = work.book.routine.get(line, (work.now, 0))
    if work.now - start >= ROUTINE_WINDOW:
        start, rung = work.now, 0
    if rung >= ROUTINE_RINGS_MAX:
        return Instant(start + ROUTINE_WINDOW)
    work.book = replace(work.book, routine=work.book.routine.insert(line, (start, rung + 1)))
    return None


def _pressing(alert: Alert, term: DeadlineTerm, now: Instant) -> bool:
    return alert.trouble.severity is Severity.EMERGENCY or overdue(alert, term, now)


def _ring(
    work: Work, alert: Alert, term: DeadlineTerm, widened: tuple[str, ...], called: tuple[str, ...]
) -> None:
    """Ring it at its rung, and write down that its alarm rang. ``called``: an emergency's channels
    before it climbed."""
    role = term.ladder[min(alert.rung, top(term))].role
    name = alarm_of(alert.trouble)
    done = max(alert.rung_rings, work.book.alarms[name].times_at(alert.rung))
    route = work.plan.route(role)
    if not done and called == call(route, done=0):
        done = 1  # the next role hears it where nobody has answered: a second channel too (FM18)
    channels = widened or call(route, done=done)
    alarm = work.book.alarms[name].ringing(alert.rung, work.now, loudness(alert.trouble))
    work.book = replace(work.book, alarms=work.book.alarms.insert(name, alarm))
    alert = change(
        alert,
        rings=alert.rings + 1,
        rung_rings=alert.rung_rings + 1,
        rang=work.now,
        tried=(*alert.tried, *widened) if widened else channels,
        failed=alert.failed if widened else (),
    )
    work.put(change(alert, next=next_look(alert, term, work.now, work.now)))
    work.rings.append(
        Ring(
            alert=alert.id,
            role=role,
            rung=alert.rung,
            ring=alert.rings,
            channels=channels,
            count=len(alarm.members),
            desks=work.plan.desks_for(alert.trouble, role),
        )
    )
