from dataclasses import replace

from clearline.alerting import AlertBook, Desk, Raised, Route, step
from clearline.alerting.routing import FALLBACK, call
from clearline.model.alert import Ring, Silence
from clearline.model.entry import Precedence
from clearline.model.ids import LineId
from tests.alert_cases import LINE, PLAN, START, conflict, stop, term

OTHER = LineId("cd" * 32)


def test_terms_of_the_precedence_apply() -> None:
    """Each precedence has its own ladder."""
    assert Precedence.FLASH is PLAN.term(stop()).precedence


def test_missing_terms_are_taken_from_a_more_urgent_precedence() -> None:
    """A gap in the terms makes things more urgent, not less."""
    terms = (term(Precedence.FLASH), term(Precedence.ROUTINE))
    plan = replace(PLAN, terms={LINE: terms})
    assert Precedence.FLASH is plan.term(conflict()).precedence
    only_routine = replace(PLAN, terms={LINE: terms[1:]})
    assert Precedence.ROUTINE is only_routine.term(stop()).precedence


def test_line_without_terms_has_a_ladder_all_the_same() -> None:
    """A trouble of an unknown line still climbs."""
    assert PLAN.term(stop(line=OTHER)) == FALLBACK


def test_each_repeat_calls_one_channel_more() -> None:
    """The second ring goes by the second channel too."""
    route = Route(role="watch", channels=("desk", "webhook", "smtp"))
    assert [("desk",), ("desk", "webhook"), route.channels, route.channels] == [
        call(route, done=done) for done in range(4)
    ]


def test_desk_hears_its_lines() -> None:
    """A desk that names lines hears those; one that names none hears all."""
    plan = replace(PLAN, desks=(Desk(name="north", lines=(LINE,)), Desk(name="all")))
    assert plan.desks_for(stop()) == ("north", "all")
    assert plan.desks_for(stop(line=OTHER)) == ("all",)


def test_alert_that_no_desk_asks_for_goes_to_every_desk() -> None:
    """Nothing is shown to nobody because of a gap in the configuration."""
    plan = replace(PLAN, desks=(Desk(name="a", lines=(OTHER,)), Desk(name="b", lines=(OTHER,))))
    assert plan.desks_for(stop()) == ("a", "b")


def test_exercise_never_reaches_a_live_desk() -> None:
    """FM26, both ways."""
    plan = replace(PLAN, desks=(Desk(name="live"), Desk(name="drill", exercise=True)))
    assert plan.desks_for(stop(exercise=True)) == ("drill",)
    assert plan.desks_for(stop()) == ("live",)


def test_ring_for_a_role_sounds_on_the_desks_of_that_role() -> None:
    """Each role's rings sound on its own desks and on those of nobody in particular; a role that no
    desk is for sounds on all, so that nothing is lost by a gap in the configuration."""
    plan = replace(
        PLAN,
        desks=(Desk(name="north", roles=("watch",)), Desk(name="chief", roles=("senior",)),
               Desk(name="hall")),
    )  # fmt: skip
    assert ("north", "hall") == plan.desks_for(stop(), "watch")
    assert ("chief", "hall") == plan.desks_for(stop(), "senior")
    assert ("north", "chief", "hall") == plan.desks_for(stop())
    alone = replace(PLAN, desks=plan.desks[:2])
    assert ("north", "chief") == alone.desks_for(stop(), "alternate")


def test_exercise_without_a_desk_of_its_own_reaches_no_live_one() -> None:
    """With desks configured and none for exercises an exercise is heard on the desk `exercise`
    alone; a real trouble without a desk of its sort is heard on every one."""
    live = replace(PLAN, desks=(Desk(name="live"),))
    assert ("exercise",) == live.desks_for(stop(exercise=True), "watch")
    drill = replace(PLAN, desks=(Desk(name="drill", exercise=True),))
    assert () == drill.desks_for(stop(), "watch")
    assert () == PLAN.desks_for(stop(exercise=True))


def test_desks_of_other_roles_see_that_somebody_is_called() -> None:
    """A ring sounds on its role's desk alone; the others are told of the alert without a ring."""
    plan = replace(
        PLAN, desks=(Desk(name="north", roles=("watch",)), Desk(name="chief", roles=("senior",)))
    )
    done = step(AlertBook(), [Raised(trouble=stop())], plan, START)
    (ring,) = [each for each in done.intents if isinstance(each, Ring)]
    (beside,) = [each for each in done.intents if isinstance(each, Silence)]
    assert ("watch", ("north",)) == (ring.role, ring.desks)
    assert (ring.alert, ("chief",)) == (beside.alert, beside.desks)
