"""The first look at what was read after a start: in steps, and it changes nothing."""

import pytest

from clearline.model.entry import Precedence, Stop
from clearline.model.time import SECOND
from clearline.node.conductor import Conductor
from clearline.node.inbound import Acknowledge, Say, Ticked
from clearline.node.replay import replay
from clearline.node.write import statement
from clearline.store.memory import MemoryHighWater, MemoryStore
from tests.busy_town import AT_ONCE, again, busy, in_small_steps, looks, near
from tests.facts_anew import differences
from tests.town import BEGIN, Town, at, papers_of


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of seven, so that sixty notices are many."""
    in_small_steps(monkeypatch)


def turns(node: Conductor, town: Town) -> list[object]:
    """Ordinary turns until nothing waits: what each did."""
    done, now, pending = [], town.now, 1
    while pending or len(done) < 12:
        now = type(now)(now + SECOND)
        turn = node.turn([Ticked()], now, bytes(32))
        pending = turn.pending
        done.append((turn.intents, turn.pending, node.state.troubles, node.state.book))
    return done


@pytest.mark.parametrize("who", ["AAA", "BBB"])
def test_first_look_in_steps_is_the_look_at_once(who: str) -> None:
    """A node that looked in steps before its first turn does, turn by turn, what one does that
    looks within it; and holds what looking at everything gives."""
    town = busy()
    stepped, whole = again(town, who), again(town, who)
    while stepped.load_some(town.now):
        pass
    whole.load(town.now)
    assert turns(stepped, town) == turns(whole, town)
    ls = stepped.state.lines[town.line]
    assert differences(ls, stepped.tools.judge(town.line)) == []
    assert ls.picture == whole.state.lines[town.line].picture


def test_no_step_looks_at_more_than_it_may_and_the_first_turn_at_nothing() -> None:
    """However many notices are live: counted in versions."""
    town = busy()
    node = again(town, "BBB")
    most = 0
    while True:
        seen: list[int] = []
        with looks(seen):
            more = node.load_some(town.now)
        most = max(most, sum(seen))
        if not more:
            break
    assert 0 < most <= 2 * AT_ONCE
    first: list[int] = []
    with looks(first):
        node.turn([Ticked()], town.now, bytes(32))
    assert sum(first) <= 1


@pytest.mark.parametrize("steps", [1, 9, 14, 19, 25, 40])
@pytest.mark.parametrize("emergency", [True, False])
def test_cut_anywhere_by_a_turn_it_replays_to_the_same(steps: int, emergency: bool) -> None:
    """A turn between any two steps, in which an emergency with a place may be filed, goes first;
    what was looked at before it is looked at again where it must be, and the journal played to a
    fresh node gives the same troubles and alarms."""
    town = busy()
    node = again(town, "AAA")
    for _ in range(steps):
        node.load_some(town.now)
    batch: list[object] = [Ticked()]
    if emergency:
        body = Stop(volumes=(near(3, (at(0), at(3_000))),))
        said = (statement(body, Precedence.FLASH),)
        batch.append(Say(id="s", line=town.line, person="p", role="r", statements=said))
    done = node.turn(batch, town.now, bytes(32))
    assert all(outcome.refusal is None for outcome in done.outcomes)
    while node.load_some(town.now):
        pass
    now, pending = town.now, 1
    while pending:
        now = type(now)(now + SECOND)
        pending = node.turn([Ticked()], now, bytes(32)).pending
    ls = node.state.lines[town.line]
    assert differences(ls, node.tools.judge(town.line)) == []
    fresh = town.make("AAA", MemoryStore(), MemoryHighWater())
    assert isinstance(fresh.open_line(papers_of(town.parties), BEGIN), str)
    replay(node.store, fresh)
    assert dict(fresh.state.troubles.items()) == dict(node.state.troubles.items())
    assert fresh.state.book.alerts == node.state.book.alerts
    assert fresh.state.journal == node.state.journal
    assert fresh.state.lines[town.line].picture == ls.picture


def test_alarms_stand_over_a_start_however_many_wait_to_be_looked_at() -> None:
    """More than one turn looks at: none of them ends and rings anew, and who has taken one has it
    still."""
    town = busy()
    node = town.nodes["BBB"]
    before = {alert.trouble.key: alert.id for alert in node.state.book.open()}
    assert len(before) > 3 * AT_ONCE
    taken = [alert for alert in node.state.book.open() if alert.trouble.needs_answer][-1]
    town.take("BBB", Acknowledge(id="t", alert=taken.id, person="p", role="watch-officer"))
    held = {alert.id: alert for alert in node.state.book.open()}
    second = again(town, "BBB")
    while second.load_some(town.now):
        pass
    for _, pending, troubles, book in turns(second, town):
        assert pending >= 0
        assert {trouble.key for trouble in troubles.values()} >= set(before)
        assert {alert.trouble.key: alert.id for alert in book.open()}.items() >= before.items()
    now = {alert.id: alert for alert in second.state.book.open()}
    assert now[taken.id].state is held[taken.id].state
