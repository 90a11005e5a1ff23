"""What a turn costs does not grow with what stands open (FM18): counted, never timed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from clearline.alerting.routing import Route
from clearline.model.entry import (
    Answer,
    Field,
    Kind,
    Message,
    Notice,
    Precedence,
    Reply,
    Stop,
    Withdraw,
)
from clearline.model.ids import EntryRef
from clearline.model.time import MINUTE, SECOND
from clearline.node.inbound import Acknowledge, Pushed, Ticked
from clearline.node.queries import alert_views
from clearline.node.views import AlertView
from tests.town import Town, at, disc, volume

FEW, MANY = 20, 1_000
AT_ONCE = 50
GROWTH = 1.5
"""A turn with fifty times as much open may cost half as much again: trees are a little deeper, and
alarms are counted in more digits."""
Step = Callable[[], object]


@dataclass
class Count:
    """How many instructions of the package ran, but for the store in memory."""

    instructions: int = 0
    held: list[object] = field(default_factory=list)

    def trace(self, frame: FrameType, event: str, _: object) -> object:
        name = frame.f_code.co_filename
        if "clearline" not in name or name.endswith("store/memory.py"):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        self.instructions += event == "opcode"
        return self.trace


@contextmanager
def counted() -> Iterator[Count]:
    """Count what runs within."""
    count, before = Count(), sys.gettrace()
    sys.settrace(count.trace)
    try:
        yield count
    finally:
        sys.settrace(before)


def flooded(stops: int) -> Town:
    """AAA has pleaded so often, and asked as often for less; BBB has all of it and answers
    nothing."""
    town = Town(("AAA", "BBB"))
    asked = Message(
        template="request-status",
        fields=(Field(name="entry", value=str(EntryRef(town.feed("AAA"), 0))),),
    )
    for _ in range(stops // AT_ONCE + 1):
        n = min(stops, AT_ONCE)
        town.say("AAA", *[Stop()] * n, prec=Precedence.FLASH)
        town.say("AAA", *[asked] * n, prec=Precedence.ROUTINE)
        town.settle()
    return town


def cost(step: Step) -> int:
    """Instructions of one step."""
    with counted() as count:
        step()
    return count.instructions


def costs(stops: int) -> dict[str, int]:
    """What turns of both ends cost with so many open: as they came, and when all are overdue."""
    town = flooded(stops)
    found: dict[str, int] = {}

    def hear() -> Step:
        (ref,) = town.say("AAA", Stop(), prec=Precedence.FLASH)
        pushed = town.nodes["AAA"].push(town.line, ref.feed, ref.index, bytes_max=1 << 20)
        assert isinstance(pushed, Pushed)
        return lambda: town.take("BBB", pushed)

    def plead() -> object:
        return town.say("AAA", Stop(), prec=Precedence.FLASH)

    for when, ms in (("fresh", SECOND), ("overdue", 2 * MINUTE)):
        town.wait(ms)
        town.tick()
        town.wait(SECOND)
        found[f"{when}: nothing, there"] = cost(lambda: town.take("BBB", Ticked()))
        found[f"{when}: nothing, here"] = cost(lambda: town.take("AAA", Ticked()))
        found[f"{when}: one more, there"] = cost(hear())
        found[f"{when}: one more, here"] = cost(plead)
        town.settle()
    return found


def test_turn_costs_the_same_with_a_thousand_stops_open() -> None:
    """At the author's and at the addressee's: nothing happens, one more STOP comes; before and
    after the answers are overdue."""
    few, many = costs(FEW), costs(MANY)
    dear = {name: (few[name], many[name]) for name in few if many[name] > GROWTH * few[name]}
    assert dear == {}


def test_answer_costs_the_same_with_a_thousand_stops_open() -> None:
    """One of a thousand STOPs is answered: only it is looked at, at the desk that answers. (The
    oldest one stands for the alarm: when that one is answered, all are looked at for the next.)"""
    found = []
    for stops in (FEW, MANY):
        town = flooded(stops)
        asks = town.at("BBB").picture.feed(town.feed("AAA")).asks
        last = max(ask.ref for ask in asks.values() if ask.kind is Kind.STOP)
        answer = Answer(to=last, reply=Reply.HALTED, role="watch-officer")
        before = len(town.nodes["BBB"].state.troubles)
        found.append(cost(lambda: town.say("BBB", answer)))  # noqa: B023  (called at once)
        assert len(town.nodes["BBB"].state.troubles) == before - 1
    assert found[1] < GROWTH * found[0]


def test_board_is_read_again_for_what_changed_on_it() -> None:
    """A desk reads a thousand duties again after one of them was taken: one view is made, and it
    says so; under other routes all are."""
    town = flooded(MANY)
    node = town.nodes["BBB"]

    def read() -> tuple[AlertView, ...]:
        return alert_views(node.state, node.tools.plan(node.state))

    whole = cost(read)
    first = read()[0]
    assert first.taken_by is None
    town.take("BBB", Acknowledge(id="a", alert=first.id, person="p", role="watch-officer"))
    assert cost(read) < whole / 5
    (again,) = [view for view in read() if view.id == first.id]
    assert again.taken_by == "p"
    node.routes = (Route(role="watch-officer", channels=("webhook",)),)
    assert {view.ladder[0].channels for view in read()} == {("webhook",)}


def sites(first: int, many: int) -> list[Notice]:
    """As many that are far from each other, for two days."""
    window = at(600), at(3_480)
    places = [disc(-60 + n // 100, -100 + n % 100 * 2, 1) for n in range(first, first + many)]
    return [
        Notice(cls="protected-site", label=f"site {n}", volumes=(volume(place, *window),))
        for n, place in enumerate(places, first)
    ]


def costs_of_notices(many: int) -> dict[str, int]:
    """What turns of both ends cost with so many notices of AAA's live that nobody has answered, as
    they came and when all answers are overdue."""
    town = Town(("AAA", "BBB"))
    refs: list[EntryRef] = []
    for first in range(0, many, AT_ONCE):
        refs += town.say("AAA", *sites(first, min(AT_ONCE, many)))
        town.settle()

    def hear(extra: Notice) -> Step:
        (ref,) = town.say("AAA", extra)
        pushed = town.nodes["AAA"].push(town.line, ref.feed, ref.index, bytes_max=1 << 20)
        assert isinstance(pushed, Pushed)
        return lambda: town.take("BBB", pushed)

    found: dict[str, int] = {}
    for when, ms in (("fresh", SECOND), ("overdue", 400 * MINUTE)):
        town.wait(ms)
        for _ in range(4):  # the hourly entry, links, and what is overdue: before it is counted
            town.tick()
            town.wait(SECOND)
        one, other = sites(many + len(found), 2)
        answer = Answer(to=refs.pop(), reply=Reply.ROGER, role="watch-officer")
        end = Withdraw(versions=(refs.pop(),))
        steps: dict[str, Callable[[], Step]] = {
            "nothing, there": lambda: lambda: town.take("BBB", Ticked()),
            "nothing, here": lambda: lambda: town.take("AAA", Ticked()),
            "one more, here": lambda: lambda: town.say("AAA", one),  # noqa: B023
            "one more, there": lambda: hear(other),  # noqa: B023
            "one is answered": lambda: lambda: town.say("BBB", answer),  # noqa: B023
            "one is ended": lambda: lambda: town.say("AAA", end),  # noqa: B023
        }
        for name, prepared in steps.items():
            found[f"{when}: {name}"] = cost(prepared())
            town.settle()
    assert len(town.nodes["BBB"].state.troubles) > many // 2, "nothing is rung about"
    assert len(town.nodes["AAA"].state.troubles) > many // 2, "nothing is overdue"
    return found


def test_turn_costs_the_same_with_a_thousand_notices_live() -> None:
    """CL-OWN-015 bounds how many there are, and it is not for what an entry costs: nothing happens,
    one more comes, one is answered, one is ended, at its author's and at the addressee's."""
    few, many = costs_of_notices(FEW), costs_of_notices(MANY)
    dear = {name: (few[name], many[name]) for name in few if many[name] > GROWTH * few[name]}
    assert dear == {}
