"""New terms amid traffic: looked at in parts it ends as looked at all at once, and cries ring."""

import pytest

from clearline.model.entry import Notice
from clearline.model.space import LatLon
from clearline.model.time import MINUTE, Instant
from clearline.node.inbound import Movers
from clearline.node.look_again import LookAgain
from clearline.node.mover import Mover
from clearline.node.replay import replay
from clearline.store.memory import MemoryHighWater, MemoryStore
from tests.busy_town import in_small_steps, near
from tests.terms_amid_traffic import Amid, deadlines
from tests.town import BEGIN, papers_of


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of seven, so that sixty notices are many."""
    in_small_steps(monkeypatch)


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("chance", range(4))
def test_in_parts_it_ends_as_at_once(chance: int, restarts: bool) -> None:
    """Whatever happens meanwhile, what is kept, rung and counted is the same in the end; in each
    turn nothing reads clear that was not judged under the terms in force, and cries ring."""
    amid = Amid(chance, restarts=restarts)
    amid.run(14)
    assert amid.twins[0].parts
    amid.end_is_the_same()


def test_a_mover_in_a_new_hazard_rings_while_everything_is_looked_at() -> None:
    """Nobody waits inside a hazard for the end of a look at everything else."""
    amid = Amid(0, restarts=False)
    mover = Mover(
        call_sign="M1", position=LatLon(-40 * 10**7, 10 * 10**7), height_mm=None, speed_mms=10_000,
        as_of=amid.now, cls="air-movement",
    )  # fmt: skip
    amid.turn(Movers(id="m", line=amid.town.line, person="p", movers=(mover,)))
    amid.settle()
    amid.new_terms()
    window = Instant(amid.now - MINUTE), Instant(amid.now + 60 * MINUTE)
    amid.hear(Notice(cls="hazardous-air", label="here", volumes=(near(0, window),)))
    ref = amid.town.at("AAA").picture.feed(amid.town.feed("AAA")).size - 1
    key = f"exposed/{amid.town.feed('AAA')}/{ref}/M1"
    for _ in range(12):
        if key in amid.twins[0].open[-1]:
            break
        amid.turn()
    assert key in amid.twins[0].open[-1]
    assert isinstance(amid.subject.tools.judge(amid.town.line).again, LookAgain)
    amid.end_is_the_same()


def test_what_a_represented_party_may_do_rings_on_under_new_terms() -> None:
    """It rings once, from before the look until after it, whoever must be looked at before it."""
    amid = Amid(0, restarts=False)
    amid.say(Notice(cls="air-movement", label="through", volumes=(amid.over_a_zone(),)))
    amid.hear(Notice(cls="hazardous-air", label="at it", volumes=(amid.over_a_zone(),)))
    amid.settle()
    before = {k: v for k, v in amid.twins[0].open[-1].items() if k.startswith("reaction/")}
    assert before
    begun = len(amid.twins[0].open)
    amid.new_terms((deadlines,))
    amid.settle()
    for found, stands in zip(amid.twins[0].open, amid.twins[0].stands, strict=True):
        assert begun > 0 or before.items() <= found.items()
        assert begun > 0 or before.keys() <= stands
        begun -= 1
    amid.end_is_the_same()


def test_new_entries_in_every_turn_do_not_put_the_look_off() -> None:
    """However much comes, it ends in as many turns as there is to look at; and the journal of all
    of it, played to a fresh node, gives the same."""
    amid = Amid(1, restarts=False)
    amid.new_terms((deadlines,))
    for _ in range(70):
        amid.message()
    assert amid.subject.tools.judge(amid.town.line).again is None
    amid.end_is_the_same()
    fresh = amid.town.make("BBB", MemoryStore(), MemoryHighWater())
    assert isinstance(fresh.open_line(papers_of(amid.town.parties), BEGIN), str)
    replay(amid.subject.store, fresh)
    assert dict(fresh.state.troubles.items()) == dict(amid.subject.state.troubles.items())
    assert fresh.state.book.alerts == amid.subject.state.book.alerts
