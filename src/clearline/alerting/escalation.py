"""The ladder: who is called next, and when. Deadlines are data (``Alert.next``).

Pure functions of an alert, the agreed terms and ``now``. The rung never goes down while the alert
is unanswered. Times passed while nobody ran are not made up for: one look gives the rung due *now*.
``now`` comes from a clock that does not go backwards.
"""

from itertools import accumulate

from clearline.alerting.correlate import is_quiet
from clearline.alerting.limits import EMERGENCY_REPEAT_MS_MAX, REPEAT_MS_MIN
from clearline.model.alert import RINGING, Alert, AlertState, Severity
from clearline.model.terms import DeadlineTerm
from clearline.model.time import Instant, Millis


def called_after(term: DeadlineTerm) -> tuple[Millis, ...]:
    """How long after the alarm each rung is called: the first at once, none before one below it."""
    after = list(accumulate((rung.after_ms for rung in term.ladder), max))
    return (Millis(0), *after[1:])


def top(term: DeadlineTerm) -> int:
    """The highest rung's position."""
    return max(len(term.ladder) - 1, 0)


def answer_due(alert: Alert, term: DeadlineTerm) -> Instant | None:
    """When the answer or the act is due; None for what only needs to be known."""
    if alert.trouble.due is not None:
        return alert.trouble.due
    return Instant(alert.raised + term.answer_ms) if alert.trouble.needs_answer else None


def overdue(alert: Alert, term: DeadlineTerm, now: Instant) -> bool:
    """Whether the answer or the act is due and has not come."""
    due = answer_due(alert, term)
    return due is not None and due <= now


def rung_due(alert: Alert, term: DeadlineTerm, now: Instant) -> int:
    """The rung that must be called by now; never below the one reached.

    Past the answer's deadline at least the second rung is called, whatever the ladder says: no
    duty is overdue with only the first role knowing of it. What somebody took and let pass its
    deadline climbs one rung, so that not only he hears it again.
    """
    elapsed = now - alert.raised
    reached = max(i for i, after in enumerate(called_after(term)) if i == 0 or after <= elapsed)
    if overdue(alert, term, now):
        reached = max(reached, 1)
    if alert.state is AlertState.ACKNOWLEDGED:
        reached = max(reached, alert.rung + 1)
    return max(alert.rung, min(reached, top(term)))


def repeat_ms(alert: Alert, term: DeadlineTerm) -> Millis:
    """How long until the same rung is rung again."""
    interval = max(term.repeat_ms, REPEAT_MS_MIN)
    if alert.trouble.severity is Severity.EMERGENCY:
        interval = min(interval, EMERGENCY_REPEAT_MS_MAX)
    return Millis(interval)


def next_look(
    alert: Alert, term: DeadlineTerm, now: Instant, rang: Instant | None
) -> Instant | None:
    """When the alert must be looked at again after a look at ``now``; always later than ``now``.

    ``rang`` is when its alarm last rang at its rung.
    """
    due = answer_due(alert, term)
    if alert.state is AlertState.ACKNOWLEDGED:
        if due is None:
            return None
        return due if due > now else Instant(now + repeat_ms(alert, term))
    if alert.state not in RINGING or is_quiet(alert.trouble):
        return None
    if alert.silenced_until is not None and alert.silenced_until > now:
        return alert.silenced_until
    interval = repeat_ms(alert, term)
    again = (now if rang is None else rang) + interval
    looks = [again if again > now else now + interval]
    if alert.rung < top(term):
        looks += [alert.raised + after for after in called_after(term)[alert.rung + 1 :]]
        looks += [due] if due is not None and alert.rung == 0 else []
    return Instant(min(look for look in looks if look > now))
