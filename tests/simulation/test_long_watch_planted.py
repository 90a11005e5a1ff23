"""The long watch notices: each planted bug breaks an invariant within a day at the desks."""

from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from clearline.alerting import look, turn
from clearline.model.time import MINUTE, Millis
from clearline.node import alarms, decide
from clearline.node.conductor import Conductor
from clearline.node.open_asks import OpenAsks
from tests.simulation import watch_bugs as bugs
from tests.simulation.long_watch import LongWatch
from tests.simulation.players import ABSENT, GOOD, Temper
from tests.simulation.watch_checker import Broken
from tests.simulation.world import instead


@dataclass(frozen=True)
class Planted:
    """A bug, by what it replaces; who is at the desks, for how long, how often something is said,
    in which watch; and the invariants that it is against."""

    patches: tuple[tuple[object, str, object], ...]
    invariants: str
    everybody: Temper | None = None
    hours: int = 28
    apart_min: int = 40
    number: int = 5


PLANTED = {
    "silence closes an alarm after a watch": Planted(
        ((turn, "look_at", bugs.silence_is_consent),), "OS", ABSENT, 12, 300
    ),
    "handover drops a duty": Planted(
        (
            (decide, "take_over", bugs.watch_passes),
            (alarms, "step", bugs.duty_lost_at_handover),
        ),
        "OS",
    ),
    "a rung never climbs": Planted(
        ((look, "rung_due", bugs.rung_never_climbs),), "F", ABSENT, 12, 60
    ),
    "any reply settles": Planted(((turn, "settles", bugs.any_reply_settles),), "OS"),
    "silence of a peer is not said": Planted(
        ((OpenAsks, "ring_overdue", bugs.nobody_is_told_of_silence),), "S", ABSENT, 12, 60, 6
    ),
    "a backlog is not sent": Planted(
        ((Conductor, "push", bugs.backlog_is_not_sent),), "M", GOOD, 10
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_bug_of_the_desk_is_caught(name: str) -> None:
    """The watch breaks, and by an invariant that the bug is against."""
    planted = PLANTED[name]
    bugs.PASSED.clear()
    with ExitStack() as stack:
        for patch in planted.patches:
            stack.enter_context(instead(*patch))
        watch = LongWatch(
            ("AAA", "BBB"), number=planted.number, hours=planted.hours, everybody=planted.everybody,
            apart=Millis(planted.apart_min * MINUTE),
        )  # fmt: skip
        with pytest.raises(Broken) as broken:
            watch.run()
    assert broken.value.invariant in planted.invariants, str(broken.value)
