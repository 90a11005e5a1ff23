from pathlib import Path

import pytest

from clearline.alerting.lifecycle import TRANSITIONS, Event, as_markdown, following
from clearline.model.alert import RINGING, AlertState

PERSON = {Event.ACK, Event.HOLD, Event.ANSWER}
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "alert-states.md"


def reached(start: AlertState, events: set[Event]) -> set[AlertState]:
    """Every state that any sequence of these events leads to, of whatever length."""
    found, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for event in events:
            to = following(state, event)
            if to is not None and to not in found:
                found.add(to)
                todo.append(to)
    return found


def test_table_states_every_pair() -> None:
    """No pair of state and event is left to chance, and none is stated that does not exist."""
    assert {(state, event) for state in AlertState for event in Event} == set(TRANSITIONS)


def test_answered_is_entered_by_an_answer_alone() -> None:
    """Nothing reaches ANSWERED without an `answer` entry: the whole table is walked."""
    entering = {
        event
        for (state, event), to in TRANSITIONS.items()
        if to is AlertState.ANSWERED and state is not AlertState.ANSWERED
    }
    assert {Event.ANSWER} == entering


def test_silence_never_leads_to_answered_or_closed() -> None:
    """FM10: no sequence without a person, of any length, ends a duty or agrees to anything."""
    for start in (AlertState.RAISED, AlertState.ESCALATED, AlertState.ENDED_UNSEEN):
        silent = reached(start, set(Event) - PERSON)
        assert not silent & {AlertState.ANSWERED, AlertState.CLOSED, AlertState.ACKNOWLEDGED}


def test_acknowledged_is_not_answered() -> None:
    """Taking an alert, or holding it with STANDBY, neither answers nor closes what still stands."""
    unanswered = reached(AlertState.RAISED, set(Event) - {Event.ANSWER, Event.ENDED})
    assert unanswered == RINGING | {AlertState.ACKNOWLEDGED}


def test_acknowledged_duty_that_falls_due_rings_again() -> None:
    """An acknowledgement postpones; it does not end the duty."""
    assert following(AlertState.ACKNOWLEDGED, Event.DEADLINE) == AlertState.ESCALATED


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.ANSWERED])
def test_new_facts_void_what_was_said_to_the_old(state: AlertState) -> None:
    """FM16: whatever a person did about old facts, new ones ring."""
    assert following(state, Event.REOPEN) == AlertState.RAISED


def test_page_of_the_table_is_current() -> None:
    """The printed table is the one that runs."""
    assert as_markdown() == PAGE.read_text("utf-8")
