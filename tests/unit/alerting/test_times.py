"""FM29: how long duties waited is measured, for each severity and role, and what waits is said."""

from clearline.alerting import Acked, AlertingEvent, Answered, Ended, Outcome, Raised
from clearline.alerting.times import AlertTimes, alert_times
from clearline.model.alert import Alert, Severity
from clearline.model.entry import Reply
from clearline.model.time import SECOND
from tests.alert_cases import LINE, PLAN, Watch, conflict, ref, stop


class Kept(Watch):
    """A watch that keeps every alert as the store does, closed ones too."""

    def __init__(self) -> None:
        super().__init__()
        self.alerts: dict[str, Alert] = {}

    def at(self, seconds: float, *events: AlertingEvent) -> Outcome:
        outcome = super().at(seconds, *events)
        self.alerts |= {alert.id: alert for alert in outcome.changed}
        return outcome


def times(watch: Kept) -> tuple[AlertTimes, ...]:
    return alert_times(watch.alerts.values(), PLAN, watch.book.now)


def take(watch: Kept, second: int, key: str, role: str = "watch") -> None:
    """A person takes the duty of a trouble."""
    alert = watch.book.find(LINE, key)
    assert alert is not None
    watch.at(second, Acked(alert=alert.id, person="p", role=role))


def test_middle_nine_in_ten_and_worst_are_measured_times() -> None:
    """Ten warnings taken after 1 to 10 minutes: ranks that were measured, nothing in between."""
    watch = Kept()
    for n in range(10):
        watch.at(0, Raised(trouble=conflict(str(n))))
    for n in range(10):
        take(watch, 60 * (n + 1), conflict(str(n)).key)
    (row,) = times(watch)
    assert (row.count, row.taken, row.unanswered, row.waiting_ms) == (10, 10, 0, None)
    assert row.role == "watch"
    assert [row.median_ms, row.most_ms, row.worst_ms] == [n * 60 * SECOND for n in (5, 9, 10)]


def test_each_role_and_severity_stands_by_itself_the_loudest_first() -> None:
    """Taken by the deputy is the deputy's time; an answer without taking counts as taking."""
    watch = Kept()
    watch.at(0, Raised(trouble=conflict("a")), Raised(trouble=conflict("b")))
    watch.at(0, Raised(trouble=stop()))
    take(watch, 10, conflict("a").key)
    take(watch, 200, conflict("b").key, "alternate")
    answer = Answered(
        line=LINE, answer=ref(1, "ISR.0"), to=ref(7), role="senior", reply=Reply.HALTED
    )
    watch.at(250, answer)
    rows = [(row.severity, row.role, row.worst_ms) for row in times(watch)]
    alarm = conflict("a").severity
    assert rows == [
        (Severity.EMERGENCY, "senior", 250 * SECOND),
        (alarm, "alternate", 200 * SECOND),
        (alarm, "watch", 10 * SECOND),
    ]


def test_what_nobody_has_taken_waits_with_the_role_that_was_called_last() -> None:
    """Silence is counted, not left out; so is what went before anybody had seen it."""
    watch = Kept()
    watch.at(0, Raised(trouble=stop()))
    watch.until(400)
    watch.at(401, Ended(line=LINE, key=stop().key))
    (row,) = times(watch)
    assert (row.count, row.taken, row.unanswered) == (1, 0, 1)
    assert (row.role, row.waiting_ms) == ("senior", 401 * SECOND)
    assert row.median_ms is None


def test_duty_opened_again_before_anybody_took_it_counts_once() -> None:
    """New facts open it anew under another id: one duty, from the first alarm on."""
    watch = Kept()
    watch.at(0, Raised(trouble=conflict("a")))
    watch.at(30, Raised(trouble=conflict("a", about=(ref(3), ref(9)))))
    take(watch, 60, conflict("a").key)
    assert [(row.count, row.worst_ms) for row in times(watch)] == [(1, 60 * SECOND)]
