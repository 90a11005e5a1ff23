"""FM11: nothing waits for one person: a STOP calls the role, and anybody on watch may act."""

from clearline.model.alert import Alert, AlertState, Ring, TroubleKind
from clearline.model.entry import Answer, Reply, Stop
from clearline.model.time import MINUTE, SECOND
from clearline.node.inbound import Acknowledge
from tests.town import Town


def stop_alert(town: Town, party: str) -> Alert:
    """The STOP as a node has it."""
    (found,) = [
        alert
        for alert in town.nodes[party].state.book.open()
        if alert.trouble.kind is TroubleKind.STOP
    ]
    return found


def test_stop_rings_the_role_at_once_and_another_officer_acts_on_it() -> None:
    """The named point of contact is away. The role on duty is rung in the turn in which STOP comes;
    nobody takes it, so the deputy is rung within the next minute; the deputy answers, and the STOP
    is settled in under two minutes, not 27."""
    town = Town(("AAA", "BBB"))
    town.wait(10 * SECOND)
    town.tick()
    town.rung.clear()
    sent = town.now
    (ref,) = town.say("AAA", Stop())
    town.settle()
    rings = [i for who, i in town.rung if who == "BBB" and isinstance(i, Ring)]
    alert = stop_alert(town, "BBB")
    assert [ring.role for ring in rings if ring.alert == alert.id] == ["watch-officer"]
    assert town.now - sent <= 5 * SECOND
    while not any(
        isinstance(i, Ring) and i.alert == alert.id and i.role == "deputy"
        for who, i in town.rung
        if who == "BBB"
    ):
        town.wait(SECOND)
        town.tick()
        assert town.now - sent < 2 * MINUTE, "the ladder has not climbed"
    town.say("BBB", Answer(to=ref, reply=Reply.HALTED, role="deputy"))
    town.settle()
    town.tick()
    assert town.now - sent < 2 * MINUTE
    (answer,) = town.at("AAA").picture.feed(town.feed("BBB")).answers[ref]
    assert (answer.answer.reply, answer.answer.role) == (Reply.HALTED, "deputy")
    assert stop_alert_or_none(town, "BBB") in (None, AlertState.ANSWERED)


def stop_alert_or_none(town: Town, party: str) -> AlertState | None:
    """The STOP's state where it is still on the board."""
    return next(
        (
            alert.state
            for alert in town.nodes[party].state.book.open()
            if alert.trouble.kind is TroubleKind.STOP
        ),
        None,
    )


def test_acknowledging_does_not_answer() -> None:
    """Whoever took the alarm has not halted anything: the STOP rings again when its answer is
    due."""
    town = Town(("AAA", "BBB"))
    town.wait(10 * SECOND)
    town.tick()
    town.say("AAA", Stop())
    town.settle()
    alert = stop_alert(town, "BBB")
    town.take(
        "BBB",
        Acknowledge(id="ack-1", alert=alert.id, person="watch", role="watch-officer", note="seen"),
    )
    town.rung.clear()
    for _ in range(5 * 60):
        town.wait(SECOND)
        town.tick()
    assert any(isinstance(i, Ring) and i.alert == alert.id for who, i in town.rung if who == "BBB")
