from msgspec.structs import replace

from clearline.alerting.escalation import called_after, next_look, repeat_ms, rung_due
from clearline.model.alert import Alert, AlertState
from clearline.model.entry import Precedence
from clearline.model.terms import Rung
from clearline.model.time import MINUTE, SECOND, Instant, Millis
from tests.alert_cases import START, conflict, stop, term

TERM = term(Precedence.FLASH)


def alert(**changes: object) -> Alert:
    made = Alert(
        id="x.1", trouble=stop(), state=AlertState.RAISED, raised=START, changed=START, next=START
    )
    return replace(made, **changes)


def after(seconds: int) -> Instant:
    return Instant(START + seconds * SECOND)


def test_rungs_are_called_in_order_even_if_the_terms_are_not() -> None:
    """A ladder whose times go down is climbed rung by rung, the first at once."""
    odd = replace(
        TERM,
        ladder=tuple(Rung(role=role, after_ms=Millis(ms)) for role, ms in [("a", 9), ("b", 5)]),
    )
    assert called_after(odd) == (0, 9)


def test_rung_due_follows_the_ladder() -> None:
    """What only needs to be known climbs at the agreed times and stays on the top rung."""
    known = alert(trouble=conflict())
    times = [0, 179, 180, 299, 300, 36_000]
    assert [rung_due(known, TERM, after(s)) for s in times] == [0, 0, 1, 1, 2, 2]


def test_overdue_answer_reaches_the_second_rung_whatever_the_ladder_says() -> None:
    """No duty is overdue with only the first role knowing of it."""
    assert [rung_due(alert(), TERM, after(s)) for s in (59, 60)] == [0, 1]


def test_rung_never_goes_down() -> None:
    """A rung reached early, since a call failed, is kept."""
    assert rung_due(alert(rung=2), TERM, after(0)) == 2


def test_acknowledged_and_overdue_climbs_one_rung() -> None:
    """Not only the one who took it and let it pass hears it again."""
    assert rung_due(alert(state=AlertState.ACKNOWLEDGED), TERM, after(60)) == 1


def test_emergency_repeats_within_thirty_seconds_whatever_the_terms() -> None:
    """FM18: a STOP that nobody answered rings again after 30 s at the latest."""
    lazy = replace(TERM, repeat_ms=Millis(10 * MINUTE))
    assert repeat_ms(alert(), lazy) == 30 * SECOND
    assert repeat_ms(alert(trouble=conflict()), lazy) == 10 * MINUTE


def test_repeat_of_nothing_still_lets_time_pass() -> None:
    """Terms that ask for no pause between rings cannot make a step endless."""
    assert repeat_ms(alert(), replace(TERM, repeat_ms=Millis(0))) == 5 * SECOND


def test_acknowledged_without_a_deadline_sleeps() -> None:
    """What only needs to be known is quiet once somebody knows."""
    assert next_look(
        alert(trouble=conflict(), state=AlertState.ACKNOWLEDGED), TERM, after(5), None
    ) is None  # fmt: skip


def test_acknowledged_duty_wakes_when_the_answer_is_due() -> None:
    """The acknowledgement of a STOP holds until its answer is due; later ones for one repeat."""
    taken = alert(state=AlertState.ACKNOWLEDGED)
    assert after(60) == next_look(taken, TERM, after(5), None)
    assert after(120) == next_look(taken, TERM, after(90), None)
