"""New terms with more notices than a turn looks at: in parts, and nothing is lost or rung twice."""

import pytest

from clearline.model.alert import TroubleKind
from clearline.model.entry import Leave, Notice, Precedence, Stop
from clearline.model.finding import Verdict
from clearline.model.time import SECOND, Instant
from clearline.node import look_again
from clearline.node.facts import Facts
from clearline.node.inbound import Acknowledge, Papers, Pushed, Say, Ticked
from clearline.node.look_again import LOOKS_MAX, LookAgain
from clearline.node.replay import replay
from clearline.node.write import statement
from clearline.picture.standing import State
from clearline.store.memory import MemoryHighWater, MemoryStore
from tests.busy_town import AT_ONCE, again, busy, in_small_steps, looks, near
from tests.facts_anew import differences
from tests.simulation.papers import next_terms, signed_terms
from tests.town import BEGIN, at, papers_of

WORK = 2 * AT_ONCE * look_again.UNITS_LOOKED
"""Of which a look has half: one step."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of seven, so that sixty notices are many."""
    in_small_steps(monkeypatch)


class Node:
    """BBB's node in a busy town, alone from now on: turn by turn, with little work in each."""

    def __init__(self) -> None:
        self.town = busy()
        self.node, self.now, self.turns = self.town.nodes["BBB"], self.town.now, 0

    def turn(self, *batch: object) -> list[object]:
        """One turn a tenth of a second later: what it intends."""
        self.now = Instant(self.now + SECOND // 10)
        self.turns += 1
        done = self.node.turn(batch or (Ticked(),), self.now, bytes(32), WORK)
        assert all(outcome.refusal is None for outcome in done.outcomes), done.outcomes
        self.pending = done.pending
        return list(done.intents)

    def new_terms(self, *, stricter: bool = True) -> Papers:
        """The next version of the terms, in force at once."""
        old = self.node.state.lines[self.town.line].terms
        assert old is not None, "it has been adopted"
        terms = next_terms(old, effective=self.now, stricter=stricter)
        return Papers(line=self.town.line, peer=None, documents=(signed_terms(terms),))

    def pushed(self) -> Pushed:
        """What AAA has written and BBB does not hold."""
        feed = self.town.feed("AAA")
        held = self.node.state.lines[self.town.line].frontier(feed).size
        pushed = self.town.nodes["AAA"].push(self.town.line, feed, held, bytes_max=1 << 20)
        assert pushed is not None, "it has written"
        return pushed

    def settle(self) -> None:
        """Turns until nothing waits."""
        while self.pending:
            self.turn()

    @property
    def judge(self):
        """The verdicts of its line."""
        return self.node.tools.judge(self.town.line)

    @property
    def facts(self) -> Facts:
        """What its turns keep."""
        assert isinstance(self.judge.facts, Facts)
        return self.judge.facts

    def rings(self) -> dict[str, object]:
        """What rings by its key, but for the note that pairs wait."""
        return {
            alert.trouble.key: alert.id
            for alert in self.node.state.book.open()
            if alert.trouble.kind is not TroubleKind.JUDGING
        }

    def is_as_looked_at_anew(self) -> None:
        """What is kept is what looking at everything gives, under the terms in force."""
        ls = self.node.state.lines[self.town.line]
        assert self.facts.terms is ls.terms
        assert differences(ls, self.judge) == []


def test_no_turn_looks_at_more_than_its_share_of_what_is_live() -> None:
    """Counted in versions: the turn that brings new terms, and each after it until all is done."""
    of = Node()
    most, turns, batch = 0, 0, [of.new_terms()]
    while batch or of.pending:
        seen: list[int] = []
        with looks(seen):
            of.turn(*batch)
        batch, turns, most = [], turns + 1, max(most, sum(seen))
    assert 0 < most <= 2 * AT_ONCE
    assert turns > len(of.judge.live) // AT_ONCE
    of.is_as_looked_at_anew()


def test_what_rings_goes_on_ringing_and_never_rings_again() -> None:
    """From the turn that brings new terms to the last: every alarm stands under its number, who has
    taken one has it still, and no turn rings about any of them."""
    of = Node()
    before = of.rings()
    assert len(before) > 3 * AT_ONCE
    taken = [a for a in of.node.state.book.open() if a.trouble.needs_answer][-1]
    of.turn(Acknowledge(id="t", alert=taken.id, person="p", role="watch-officer"))
    held = {alert.id: alert.state for alert in of.node.state.book.open()}
    ever = len(of.node.state.book.alerts)
    of.turn(of.new_terms(stricter=False))
    while True:
        assert of.rings() == before
        assert {a.id: a.state for a in of.node.state.book.open() if a.id in held} == held
        if not of.pending:
            break
        of.turn()
    of.settle()
    new = [a for a in of.node.state.book.alerts.values() if a.id not in held]
    assert [a.trouble.kind for a in new if a.id not in before.values()] == [TroubleKind.JUDGING] * (
        len(of.node.state.book.alerts) - ever
    )
    of.is_as_looked_at_anew()


def test_nothing_that_was_clear_under_the_old_terms_is_read_as_clear_before_it_is_judged() -> None:
    """Each own version says how many it is not judged against, and stands UNDETERMINED at best;
    the turn says that much is left."""
    of = Node()
    of.turn(of.new_terms())
    own = list(of.facts.own.values())
    assert own
    counted = 0
    while of.pending:
        for version in own:
            waits = of.judge.unjudged(version)
            counted += waits > 0
            if waits:
                stands = of.town.standing("BBB", version.ref)
                assert stands.state is not State.DECONFLICTED
                assert stands.unjudged == waits
                assert of.pending >= waits
        if of.judge.again is not None:
            assert of.facts.again > 0
            assert of.facts.waiting >= of.facts.again
        of.turn()
    assert counted
    assert all(of.judge.unjudged(version) == 0 for version in own)
    assert of.facts.again == 0


@pytest.mark.parametrize("turns", [0, 3, 9])
def test_what_cannot_wait_does_not_wait_for_the_look(turns: int) -> None:
    """A peer's STOP rings in its turn; a FLASH of its over one of ours is judged while everything
    else is still looked at."""
    of = Node()
    of.turn(of.new_terms())
    for _ in range(turns):
        of.turn()
    of.town.now = of.now
    over = Notice(cls="hazardous-air", label="over us", volumes=(near(0, (at(0), at(3_000))),))
    (stop,) = of.town.say("AAA", Stop(), prec=Precedence.FLASH)
    (flash,) = of.town.say("AAA", over, prec=Precedence.FLASH)
    of.turn(of.pushed())
    assert any(alert.trouble.about == (stop,) for alert in of.node.state.book.open())
    own = next(iter(of.facts.own))
    while of.judge.waits(own, flash):
        of.turn()
    assert isinstance(of.judge.again, LookAgain)
    assert dict(of.judge.open_pairs())[flash, own][2].verdict is Verdict.YES
    of.settle()
    of.is_as_looked_at_anew()


@pytest.mark.parametrize("turns", [1, 5, 12, 30])
@pytest.mark.parametrize("what", ["terms", "own", "restart"])
def test_cut_anywhere_it_ends_the_same_and_replays(turns: int, what: str) -> None:
    """Newer terms, an own emergency, or an end of the process after so many turns: what is kept is
    what looking at everything gives, and the journal played to a fresh node gives the same."""
    of = Node()
    of.turn(of.new_terms())
    for _ in range(turns):
        of.turn()
    assert isinstance(of.judge.again, LookAgain)
    if what == "terms":
        of.turn(of.new_terms(stricter=False))
    elif what == "own":
        said = (statement(Stop(volumes=(near(3, (at(0), at(3_000))),)), Precedence.FLASH),)
        of.turn(Say(id="s", line=of.town.line, person="p", role="r", statements=said))
    else:
        of.town.now = of.now
        of.node = again(of.town, "BBB")
        while of.node.load_some(of.now):
            pass
        of.turn()
    of.settle()
    of.is_as_looked_at_anew()
    fresh = of.town.make("BBB", MemoryStore(), MemoryHighWater())
    assert isinstance(fresh.open_line(papers_of(of.town.parties), BEGIN), str)
    replay(of.node.store, fresh)
    state = of.node.state
    assert dict(fresh.state.troubles.items()) == dict(state.troubles.items())
    assert fresh.state.book.alerts == state.book.alerts
    assert fresh.state.journal == state.journal


def test_who_leaves_is_looked_at_in_parts_as_well() -> None:
    """A member that leaves is waited for until all was looked at without it, and no longer."""
    of = Node()
    of.town.now = of.now
    of.town.say("AAA", Leave(reason="over"))
    of.turn(of.pushed())
    assert isinstance(of.judge.again, LookAgain)
    assert of.pending
    of.settle()
    assert of.judge.again is None
    assert of.facts.here == []
    of.is_as_looked_at_anew()


def test_a_look_that_is_begun_again_and_again_is_done_in_one_go() -> None:
    """Nobody can put it off for ever: after so many beginnings one turn does all of it."""
    of = Node()
    for _ in range(LOOKS_MAX):
        of.turn(of.new_terms(stricter=False))
        assert isinstance(of.judge.again, LookAgain)
    of.turn(of.new_terms(stricter=False))
    assert of.judge.again is None
    of.is_as_looked_at_anew()
    of.settle()
    of.is_as_looked_at_anew()


def test_terms_that_a_peer_adopts_cost_no_look_of_ours() -> None:
    """Only verdicts are begun anew by them: what follows from the terms in force for us stands."""
    of = Node()
    of.turn(of.new_terms())
    of.settle()
    looked = of.facts
    town = of.town
    town.now = of.now
    old = town.at("AAA").terms
    assert old is not None, "it has been adopted"
    papers = signed_terms(next_terms(old, effective=Instant(town.now), stricter=True))
    town.take("AAA", Papers(line=town.line, peer=None, documents=(papers,)))
    of.turn(of.pushed())
    of.settle()
    assert of.facts is looked
    of.is_as_looked_at_anew()
