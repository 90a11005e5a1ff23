"""The long watch notices: each planted bug breaks an invariant within a day or two at the desks."""

from contextlib import ExitStack

import pytest

from clearline.alerting import look, turn
from clearline.model.time import MINUTE, Millis
from clearline.node import alarms, decide
from clearline.node.open_asks import OpenAsks
from tests.simulation import watch_bugs as bugs
from tests.simulation.long_watch import LongWatch
from tests.simulation.players import ABSENT, Temper
from tests.simulation.watch_checker import Broken
from tests.simulation.world import instead

Patch = tuple[object, str, object]
PLANTED: dict[str, tuple[tuple[Patch, ...], Temper | None, set[str]]] = {
    "silence closes an alarm after 24 h": (
        ((turn, "look_at", bugs.silence_is_consent),),
        ABSENT,
        {"O", "S"},
    ),
    "handover drops a duty": (
        (
            (decide, "take_over", bugs.watch_passes),
            (alarms, "step", bugs.duty_lost_at_handover),
        ),
        None,
        {"O", "S"},
    ),
    "a rung never climbs": (((look, "rung_due", bugs.rung_never_climbs),), ABSENT, {"F"}),
    "any reply settles": (((turn, "settles", bugs.any_reply_settles),), None, {"O", "S"}),
    "silence of a peer is not said": (
        ((OpenAsks, "ring_overdue", bugs.nobody_is_told_of_silence),),
        ABSENT,
        {"S"},
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_bug_of_the_desk_is_caught(name: str) -> None:
    """The watch breaks, and by an invariant that the bug is against; without it, it holds."""
    patches, everybody, invariants = PLANTED[name]
    bugs.PASSED.clear()
    with ExitStack() as stack:
        for patch in patches:
            stack.enter_context(instead(*patch))
        apart = Millis((40 if everybody is None else 300) * MINUTE)
        watch = LongWatch(("AAA", "BBB"), number=5, hours=28, everybody=everybody, apart=apart)
        with pytest.raises(Broken) as broken:
            watch.play()
    assert broken.value.invariant in invariants, str(broken.value)
