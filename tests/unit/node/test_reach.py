"""Five facts for every addressee: none stands for another, and silence is shown as such."""

from clearline.model.entry import Answer, Notice, Reply
from clearline.model.ids import EntryRef
from clearline.model.time import SECOND
from clearline.node.inbound import Presented
from clearline.node.queries_notices import find
from clearline.node.reach import reach
from clearline.node.reach_view import ReachView
from tests.town import Town, at, disc, volume


def facts(town: Town, party: str, ref: EntryRef) -> dict[str, ReachView]:
    """What one end shows."""
    node = town.nodes[party]
    of = town.look(party)
    version = find(of, ref)
    assert version is not None
    return {view.party: view for view in reach(of, version[0], node.state.book)}


def test_each_fact_comes_by_itself_and_none_by_another() -> None:
    """Recorded; then stored by its receipt; presented only as our own desk says, and of the
    other's never stated; answered by an answer alone."""
    town = Town(("AAA", "BBB"))
    place = (volume(disc(35.0, 35.5, 20), at(60), at(90)),)
    (ref,) = town.say("AAA", Notice(cls="hazardous-air", label="Coast", volumes=place))
    one = facts(town, "AAA", ref)["BBB"]
    assert (one.recorded, one.stored, one.answered) == (town.now, None, None)
    town.wait(SECOND)
    town.settle()
    one, other = facts(town, "AAA", ref)["BBB"], facts(town, "BBB", ref)["BBB"]
    assert (one.stored, other.stored) == (town.now, town.now)
    assert (one.answered, one.presented_known, other.presented) == (None, False, None)
    assert "NO ANSWER, not agreed" in one.words[3]
    assert "not stated" in one.words[2]
    for alert in town.nodes["BBB"].state.book.open():
        town.take("BBB", Presented(alert=alert.id, desk="desk"))
    assert facts(town, "BBB", ref)["BBB"].presented == town.now
    assert facts(town, "BBB", ref)["BBB"].answered is None
    town.wait(SECOND)
    town.say("BBB", Answer(to=ref, reply=Reply.ROGER, role="watch-officer"))
    town.settle()
    one = facts(town, "AAA", ref)["BBB"]
    assert (one.answered, one.reply, one.read_back) == (town.now, Reply.ROGER, None)
    assert not one.presented_known, "an answer says nothing about a desk"
