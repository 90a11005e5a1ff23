"""FM13: a suspended line is not a dead one, and still carries what saves lives."""

from clearline.model.alert import TroubleKind
from clearline.model.entry import (
    AllClear,
    Body,
    Distress,
    Field,
    LinkState,
    Message,
    Notice,
    Stop,
    Suspend,
    Withdraw,
)
from clearline.model.ids import PartyId
from clearline.model.refusal import Code
from clearline.model.time import SECOND
from clearline.picture.standing import suspension
from clearline.words.sentences import sentence
from tests.town import Town, at, disc, volume

PLACE = (volume(disc(35.0, 35.5, 20), at(60), at(90)),)
CHECK = Message(template="text-check", fields=(Field(name="check", value=1),))


def test_suspended_line_refuses_routine_and_carries_warnings_ends_and_emergencies() -> None:
    """After SUSPEND each side's own tools refuse a message, saying so; hazard notice, its end,
    STOP and DISTRESS are delivered and receipted, both ways."""
    town = Town(("AAA", "BBB"))
    for _ in range(65):
        town.wait(SECOND)
        town.tick()
    (ref,) = town.say("AAA", Suspend(reason="by order"))
    town.settle()
    for party in ("AAA", "BBB"):
        refused = town.try_to_say(party, CHECK)
        assert refused.refusal is not None
        assert refused.refusal.code is Code.SUSPENDED
        assert refused.refusal.clause == "CL-OWN-003"
        said = sentence(refused.refusal)
        assert said.startswith("AAA has suspended routine business on this line since 2026-03-01T")
        assert "“by order”" in said
    for author, other in (("AAA", "BBB"), ("BBB", "AAA")):
        (hazard,) = town.say(
            author, Notice(cls="hazardous-air", label=f"Range of {author}", volumes=PLACE)
        )
        rest: tuple[Body, ...] = (
            AllClear(versions=(hazard,), at=at(61)),
            Withdraw(versions=(hazard,)),
            Stop(),
            Distress(what="crew in the water", volumes=PLACE),
        )
        refs = [hazard, *(town.say(author, body)[0] for body in rest)]
        town.settle()
        feed = town.feed(author)
        seen = town.at(author).picture.feed(town.feed(other)).seen[feed]
        assert seen.value() > max(each.index for each in refs), "receipted"
    suspended = suspension(town.at("BBB").picture, PartyId("AAA"))
    assert suspended is not None
    assert suspended[0] == ref
    assert town.at("BBB").peers[PartyId("AAA")].state is LinkState.UP


def test_suspended_reads_by_whom_and_since_when_and_a_dead_line_reads_down() -> None:
    """SUSPENDED names its party, moment and reason and the link stays UP; when the link dies, DOWN
    stands beside it: two facts, two rows."""
    town = Town(("AAA", "BBB"))
    for _ in range(65):
        town.wait(SECOND)
        town.tick()
    since = town.now
    town.say("AAA", Suspend(reason="by order"))
    town.settle()
    node = town.nodes["BBB"]
    (row,) = [t for t in node.state.troubles.values() if t.kind is TroubleKind.SUSPENDED]
    assert (row.peer, row.since, row.params["reason"]) == ("AAA", since, "by order")
    del town.nodes["AAA"]
    for _ in range(160):
        town.wait(SECOND)
        town.tick()
    kinds = {t.kind for t in node.state.troubles.values() if t.peer == "AAA"}
    assert {TroubleKind.SUSPENDED, TroubleKind.LINE_DOWN} <= kinds
