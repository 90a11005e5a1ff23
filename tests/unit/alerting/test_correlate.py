import pytest

from clearline.alerting.correlate import alarm_of, alert_id, changes_facts, group_of, settles
from clearline.model.alert import Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence, Reply
from clearline.model.ids import LineId
from tests.alert_cases import LINE, START, conflict, ref, stop


def test_id_differs_by_line_key_and_opening() -> None:
    """Two duties never share an id, and an id is fit for a URL."""
    ids = {
        alert_id(line, key, n) for line in (LINE, LineId("cd" * 32)) for key in "ab" for n in (1, 2)
    }
    assert len(ids) == 8
    assert all(name.replace(".", "").isalnum() for name in ids)


def test_groups_of_different_pairs_never_read_alike() -> None:
    """An asset's name cannot be chosen so that two consequences become one alarm."""
    assert group_of("a:b", "c") != group_of("a", "b:c")


@pytest.mark.parametrize(
    "new",
    [
        conflict(about=(ref(4), ref(1, "ISR.0"))),
        conflict(about=(ref(3), ref(1, "ISR.0"), ref(9))),
        conflict(severity=Severity.EMERGENCY),
        conflict(precedence=Precedence.FLASH),
        conflict(needs_answer=True),
        conflict(kind=TroubleKind.EXPOSED),
    ],
)
def test_facts_changed(new: Trouble) -> None:
    """Another version, a new entry, another kind, louder, or now to be answered: asked anew."""
    assert changes_facts(conflict(), new)


@pytest.mark.parametrize(
    "new",
    [
        conflict(),
        conflict(params={"minutes": 4}),
        conflict(about=(ref(3),)),
        conflict(severity=Severity.CAUTION),
        conflict(due=START),
    ],
)
def test_figures_that_move_reopen_nothing(new: Trouble) -> None:
    """A countdown, or a fact less, does not call people back to what they have taken."""
    assert not changes_facts(conflict(), new)


def test_stop_is_settled_by_halted_or_cannot_alone() -> None:
    """FM18: ROGER to a STOP says that it was heard, not what was done."""
    assert {Reply.HALTED, Reply.CANNOT} == {reply for reply in Reply if settles(stop(), reply)}


def test_standby_settles_nothing() -> None:
    """STANDBY asks for time."""
    due = conflict(kind=TroubleKind.ANSWER_DUE, needs_answer=True)
    assert not settles(due, Reply.STANDBY)
    assert settles(due, Reply.UNABLE)


def test_peer_that_rings_is_one_alarm_whatever_its_groups() -> None:
    """STOPs of one peer sound as one; a DISTRESS of the same peer is another alarm."""
    assert alarm_of(stop(1)) == alarm_of(stop(2))
    assert alarm_of(stop(1)) != alarm_of(stop(1, kind=TroubleKind.DISTRESS))


def test_exercise_and_real_never_share_an_alarm() -> None:
    """FM26: a drill cannot hide a real alarm in its counter."""
    assert alarm_of(stop(1)) != alarm_of(stop(1, exercise=True))
