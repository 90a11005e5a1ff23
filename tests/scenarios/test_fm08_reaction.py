"""FM08, FM17: who shoots when it is attacked is a hazard after somebody else's hazard (Il-20)."""

import pytest

from clearline.model.alert import Alert, Severity, TroubleKind
from clearline.model.entry import AllClear, Notice, Withdraw
from clearline.model.ids import EntryRef
from clearline.model.space import LatLon
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node.inbound import Mover, Movers
from clearline.node.queries_notices import notice_view
from clearline.node.views import ReactionView
from tests.town import Town, corridor, disc, volume

WRECK = (35.183, 35.643)
"""27 km west of Baniyas, where the wreck was found, as Russia says."""
AFTER_MIN = 30
"""How long after a hazard the coast's air defence may act, as the template's agreement says."""
TAIL_MIN = 30


def begin() -> Town:
    """Two parties on the line; the coast's air defence is not on it."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    town.tick()
    return town


def strike(town: Town, lead_min: int = 10) -> tuple[EntryRef, Instant]:
    """Twenty minutes at Latakia, 5 km around; its end."""
    start = Instant(town.now + lead_min * MINUTE)
    end = Instant(start + 20 * MINUTE)
    body = Notice(
        cls="hazardous-air", label="Latakia", volumes=(volume(disc(35.517, 35.783, 5), start, end),)
    )
    (ref,) = town.say("ISR", body)
    town.settle()
    return ref, end


def fly(town: Town, start: Instant, minutes: int) -> EntryRef:
    """The aircraft's notice: from the sea past the later wreck, 37 km off the strike."""
    route = corridor([(35.15, 35.40), WRECK, (35.20, 35.80)], 1)
    window = volume(route, start, Instant(start + minutes * MINUTE))
    (ref,) = town.say("RUS", Notice(cls="air-movement", label="Il-20", volumes=(window,)))
    town.settle()
    return ref


def rung(town: Town, party: str) -> list[Alert]:
    """Open alerts at a node about a reaction that still stands."""
    return [
        alert
        for alert in town.nodes[party].state.book.open()
        if alert.trouble.kind is TroubleKind.REACTION
        and f"{town.line}/{alert.trouble.key}" in town.nodes[party].state.troubles
    ]


def go_to(town: Town, moment: Instant) -> None:
    """The clock, in steps of five minutes."""
    while town.now < moment:
        town.wait(min(5 * MINUTE, moment - town.now))
        town.tick()


def shown(town: Town, party: str, ref: EntryRef) -> tuple[ReactionView, ...]:
    """What a desk reads beside the strike."""
    of = town.look(party)
    return notice_view(of, town.version(party, ref)).reactions


def test_flight_clear_of_the_strike_is_within_the_reaction() -> None:
    """The two notices do not meet; the flight's own desk is rung about the third party's reaction,
    with its origin and its hour, and standing is not touched."""
    town = begin()
    ref, end = strike(town)
    flight = fly(town, Instant(end + 10 * MINUTE), 30)
    judge = town.nodes["RUS"].tools.judge(town.line)
    assert not judge.open_pairs()
    (alert,) = rung(town, "RUS")
    assert alert.trouble.about == (flight, ref)
    assert alert.trouble.severity is Severity.WARNING
    assert alert.trouble.params["third"] == "SYRAD"
    assert alert.trouble.params["until"] == end + (TAIL_MIN + AFTER_MIN) * MINUTE
    assert town.standing("RUS", flight).against == ()
    coast = next(each for each in shown(town, "RUS", ref) if each.zone.startswith("Coast"))
    assert coast.own == (flight,)
    assert "reaction of “Air defence of the Syrian coast” to “Latakia” of ISR until" in coast.words
    assert not rung(town, "ISR"), "the author has nothing there"


def test_reaction_is_live_23_minutes_after_the_strike_and_ends_by_the_clock() -> None:
    """At the minute of the loss it stands; it is over when the tail and the agreed time are."""
    town = begin()
    _, end = strike(town)
    over = Instant(end + (TAIL_MIN + AFTER_MIN) * MINUTE)
    fly(town, end, 2 * (TAIL_MIN + AFTER_MIN))
    go_to(town, Instant(end + 23 * MINUTE))
    assert rung(town, "RUS")
    go_to(town, Instant(over - MINUTE))
    assert rung(town, "RUS")
    go_to(town, over)
    assert not rung(town, "RUS")


def test_all_clear_ends_the_strike_and_not_the_reaction() -> None:
    """Its author can say that his own fire is over, and nothing of somebody else's."""
    town = begin()
    ref, end = strike(town)
    fly(town, end, 120)
    go_to(town, Instant(end + 5 * MINUTE))
    town.say("ISR", AllClear(versions=(ref,), at=town.now))
    clear = town.now
    town.settle()
    town.tick()
    (alert,) = rung(town, "RUS")
    assert alert.trouble.params["until"] == clear + AFTER_MIN * MINUTE
    go_to(town, Instant(clear + AFTER_MIN * MINUTE))
    assert not rung(town, "RUS")


def test_strike_withdrawn_before_it_began_provokes_nobody() -> None:
    """There is nothing to react to."""
    town = begin()
    ref, end = strike(town)
    fly(town, end, 60)
    assert rung(town, "RUS")
    town.say("ISR", Withdraw(versions=(ref,)))
    town.settle()
    town.tick()
    assert not rung(town, "RUS")


@pytest.mark.parametrize(("lead_min", "late"), [(10, True), (50, False)])
def test_aircraft_in_the_air_is_told_how_long_it_needs(lead_min: int, late: bool) -> None:
    """A mover over the later wreck at 500 km/h needs the time out of the reach of 240 km."""
    town = begin()
    place = LatLon(*(round(degrees * 1e7) for degrees in WRECK))
    mover = Mover(
        call_sign="Il-20", position=place, height_mm=None, speed_mms=138_889, as_of=town.now,
        cls="air-movement",
    )  # fmt: skip
    town.take("RUS", Movers(id="m-1", line=town.line, person="watch", movers=(mover,)))
    ref, _ = strike(town, lead_min)
    town.tick()
    alerts = [alert for alert in rung(town, "RUS") if alert.trouble.about == (ref,)]
    assert bool(alerts) is late
    if late:
        (alert,) = alerts
        assert alert.trouble.severity is Severity.ALARM
        needed = alert.trouble.params["minutes_needed"]
        assert isinstance(needed, int)
        assert 24 <= needed <= 29
        assert alert.trouble.params["minutes_left"] in (9, 10)
    assert "Il-20" in {name for each in shown(town, "RUS", ref) for name in each.movers}


def test_who_provokes_is_told_since_now_and_not_since_it_begins() -> None:
    """A duty about an own strike that is still to come has stood since it was found, no later."""
    town = begin()
    place = LatLon(*(round(degrees * 1e7) for degrees in WRECK))
    mover = Mover(
        call_sign="Il-20", position=place, height_mm=None, speed_mms=138_889, as_of=town.now,
        cls="air-movement",
    )  # fmt: skip
    town.take("ISR", Movers(id="m-1", line=town.line, person="watch", movers=(mover,)))
    strike(town)
    town.tick()
    alerts = rung(town, "ISR")
    assert alerts
    assert all(alert.trouble.since <= town.now for alert in alerts)


def test_movement_provokes_nobody() -> None:
    """Only a hazard is reacted to."""
    town = begin()
    start = Instant(town.now + 10 * MINUTE)
    fly(town, start, 30)
    place = (volume(disc(35.517, 35.783, 5), start, Instant(start + 20 * MINUTE)),)
    town.say("ISR", Notice(cls="air-movement", label="Patrol", volumes=place))
    town.settle()
    assert not rung(town, "RUS")
