"""FM18: STOP is heard past any flood, two actions send it, only HALTED or CANNOT answers it."""

import asyncio
import json
from pathlib import Path

from clearline.alerting.routing import Route
from clearline.model.alert import Ring, TroubleKind
from clearline.model.entry import Answer, Field, Message, Precedence, Reply, Stop, Suspend
from clearline.model.ids import PartyId
from clearline.model.time import SECOND
from clearline.node.queries import alert_views
from tests.api_node import cli, found, make_parties, running
from tests.link_nodes import Street, pair
from tests.scenarios.stop_flood import play
from tests.town import Town

ROUTINE = 600
STOPS = 100
"""More than a peer has room for ahead of sequence."""


def routine(street: Street) -> Message:
    """One that asks for an answer and hurries nobody."""
    about = f"{street['AAA'].state.feed}/0"
    return Message(template="request-status", fields=(Field(name="entry", value=about),))


def test_more_stops_than_fit_ahead_pass_a_backlog(tmp_path: Path) -> None:
    """A hundred STOPs behind six hundred routine entries: the first is there before the backlog is,
    none is ever refused for want of room, and at the end each stands once in its place."""

    async def story() -> None:
        async with pair(tmp_path) as street:
            a, b = street["AAA"], street["BBB"]
            await b.stop()
            for _ in range(ROUTINE // 50):
                await a.say(*[routine(street)] * 50, prec=Precedence.ROUTINE)
            first, *_ = await a.say(*[Stop()] * STOPS, prec=Precedence.FLASH)
            held_then: list[int] = []

            def note() -> None:
                if len(b.state.picture.asks_ahead) and not held_then:
                    held_then.append(b.size("AAA"))

            await b.start(peers={"AAA": a.address})
            b.runtime.watchers.append(lambda _: note())
            await street.until_level()
            assert held_then[0] < first.index
            assert not any("CL-LNK-009" in str(told) for told in a.links.seldom.told)
            assert a.holds("AAA") == b.holds("AAA")
            rung = b.runtime.conductor.state.troubles.values()
            assert sum(trouble.kind is TroubleKind.STOP for trouble in rung) == STOPS

    asyncio.run(story())


def test_every_stop_reaches_the_desk_through_a_flood_between_two_processes(tmp_path: Path) -> None:
    """Two real processes, 200 routine entries a second: each STOP is an event of the other's desk,
    99 of a hundred within two seconds. A minute of it is for the benchmark."""
    heard = play(tmp_path, rate=200, seconds=4, stops=50)
    assert len(heard.heard) == 50
    assert set(heard.committed) == set(heard.heard)
    assert heard.routine == 800
    late = heard.latencies()
    assert late[int(0.99 * len(late)) - 1] < 2.0


def begun() -> tuple[Town, str]:
    """Two parties on the line."""
    town = Town(("ISR", "RUS"))
    town.wait(10 * SECOND)
    town.tick()
    return town, "RUS"


def test_stop_goes_on_a_suspended_line_is_flash_and_counts_its_seconds() -> None:
    """Nothing holds STOP back; the desk reads it with a due time; ROGER does not answer it; CANNOT
    does, and says so."""
    town, party = begun()
    town.say(party, Suspend(reason="by order"))
    town.settle()
    (ref,) = town.say("ISR", Stop(), prec=Precedence.FLASH)
    town.settle()
    node = town.nodes[party]

    def shown() -> list[str]:
        views = alert_views(node.state, node.tools.plan(node.state))
        assert all(v.due is not None for v in views if v.kind is TroubleKind.STOP)
        return [view.words for view in views if view.kind is TroubleKind.STOP]

    (words,) = shown()
    assert "HALTED or CANNOT" in words
    town.say(party, Answer(to=ref, reply=Reply.ROGER, role="watch-officer"))
    town.settle()
    assert len(shown()) == 1
    town.say(party, Answer(to=ref, reply=Reply.CANNOT, role="watch-officer"))
    town.settle()
    assert shown() == []


def test_unanswered_for_30_s_it_goes_to_the_second_channel() -> None:
    """On the desk at once; half a minute later by the role's second channel too."""
    town, party = begun()
    node = town.nodes[party]
    node.routes = tuple(
        Route(role=route.role, channels=("desk", "webhook")) for route in node.routes
    )
    town.say("ISR", Stop(), prec=Precedence.FLASH)
    town.settle()

    def channels() -> list[tuple[str, ...]]:
        return [i.channels for who, i in town.rung if who == party and isinstance(i, Ring)]

    assert channels()[-1:] == [("desk",)]
    town.wait(29 * SECOND)
    town.tick()
    assert ("desk", "webhook") not in channels()
    town.wait(SECOND)
    town.tick()
    assert ("desk", "webhook") in channels()


def test_stop_is_one_action_and_its_answer_another(tmp_path: Path) -> None:
    """Two commands with nothing to fill in but what is answered."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "alfa", "ALFA", "BRAVO")) as alfa:
        done = json.loads(cli("stop", "--node", str(alfa.folder), "--json"))
        ref = "/".join(map(str, done["refs"][0]))
        answered = json.loads(cli("answer", ref, "CANNOT", "--node", str(alfa.folder), "--json"))
        assert PartyId(answered["refs"][0][0].partition(".")[0]) == "ALFA"
