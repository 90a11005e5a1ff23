"""No turn stops the loop: pairs are judged a bounded amount at a time, and until then count as
UNDETERMINED."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearline.model.alert import RINGING, Alert, TroubleKind
from clearline.model.entry import Amend, Notice, Precedence, Stop, Withdraw
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import EntryRef, PartyId
from clearline.model.time import SECOND, Instant
from clearline.node import drafts, phrases, runtime
from clearline.node.conductor import Done
from clearline.node.inbound import Inbound, Outcome, Ticked
from clearline.node.judge import Judge, judge_versions
from clearline.node.replay import replay
from clearline.node.runtime import Runtime
from clearline.picture.situation import Picture
from clearline.picture.standing import State
from clearline.store.memory import MemoryHighWater, MemoryStore
from tests.town import BEGIN, Town, at, corridor, disc, level, papers_of, volume

Pairs = dict[tuple[EntryRef, EntryRef], Judgement]
NOT_TOLD = TroubleKind.NOT_TOLD
STEP_MOST = 20
"""More than one step with two discs or short corridors is counted as, among these few."""


def site(n: int, apart: float = 0.02) -> Notice:
    """One of many places to be kept clear, on a grid; ``apart`` is in degrees."""
    where = disc(33 + n // 20 * apart, 33 + n % 20 * apart, 0.3)
    return Notice(
        cls="protected-site", label=f"site {n}", volumes=(volume(where, at(60), at(120)),)
    )


def convoy(n: int, apart: float = 0.02) -> Notice:
    """A movement along a row of the sites."""
    lat = 33 + n * apart
    where = corridor([(lat, 32.9), (lat, 33 + 20 * apart)], 0.5)
    way = volume(where, at(60), at(90))
    return Notice(cls="air-movement", label=f"convoy {n}", volumes=(way,), operation="relief")


def hazard(lat: float, lon: float, radius_km: float = 1, label: str = "range") -> Notice:
    """Something that does harm."""
    where = volume(disc(lat, lon, radius_km), at(70), at(100), level(0), level(100))
    return Notice(cls="hazardous-air", label=label, volumes=(where,))


def alarms(town: Town, party: str, *kinds: TroubleKind) -> list[Alert]:
    """What sounds at a party, of these kinds."""
    sounding = town.nodes[party].state.book.sounding()
    return [alert for alert in sounding if alert.trouble.kind in kinds]


@lru_cache(maxsize=1)
def pictures() -> tuple[Picture, ...]:
    """A town's picture as it grew: notices of two parties, amended, withdrawn, FLASH."""
    town = Town(("AAA", "BBB"))
    found = [town.at("AAA").picture]
    for n in range(6):
        mine = town.say("AAA", site(n), convoy(0) if n == 2 else site(n + 6))
        town.say(
            "BBB",
            hazard(33, 33 + n * 0.05),
            prec=Precedence.FLASH if n % 2 else Precedence.PRIORITY,
        )
        town.settle()
        found.append(town.at("AAA").picture)
        if n % 3 == 2:
            town.say("AAA", Amend(notice=mine[0], to=site(n + 12)), Withdraw(versions=mine[1:]))
            town.settle()
            found.append(town.at("AAA").picture)
    return tuple(found)


def by_brute_force(picture: Picture) -> Pairs:
    """Every pair that is not apart, each judged by itself."""
    judge = Judge()
    judge.sync(picture)
    terms = tuple(picture.terms.values())
    return {
        (a, b): found
        for a in judge.live
        for b in judge.live
        if a < b
        and (found := judge_versions(judge.live[a], judge.live[b], terms)).verdict is not Verdict.NO
    }


def pairs_of(judge: Judge) -> Pairs:
    """What a judge holds."""
    return {pair: found for pair, (_, _, found) in judge.open_pairs().items()}


@settings(max_examples=25, deadline=None)
@given(
    stops=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 400)), max_size=12),
    me=st.sampled_from([None, PartyId("AAA"), PartyId("BBB")]),
)
def test_any_order_and_any_budget_end_in_the_same_verdicts(
    stops: list[tuple[int, int]], me: PartyId | None
) -> None:
    """Pictures come and go between bounded bits of work; at the end all is as judged at once."""
    every = pictures()
    judge = Judge(me)
    for n, units in stops:
        judge.sync(every[n % len(every)])
        assert judge.work(units) <= units + STEP_MOST
        at_last = by_brute(n % len(every))
        known = pairs_of(judge)
        assert known.items() <= at_last.items(), "nothing is held that is not so"
        for pair in at_last.keys() - known.keys():
            assert judge.waits(*pair), f"{pair} is neither known nor waiting"
            assert all(judge.unjudged(judge.live[ref]) for ref in pair)
    judge.sync(every[-1])
    judge.work()
    assert pairs_of(judge) == by_brute(len(every) - 1)
    assert (judge.pending, judge.since) == (0, None)
    assert not any(judge.unjudged(version) for version in judge.live.values())


@lru_cache(maxsize=16)
def by_brute(n: int) -> Pairs:
    """``by_brute_force`` of one of the pictures."""
    return by_brute_force(pictures()[n])


def test_what_cannot_wait_is_judged_first_then_ours_with_others() -> None:
    """FLASH of others goes before all; then pairs of ours with others'; then the rest."""
    town = Town(("AAA", "BBB"))
    town.say("BBB", hazard(33, 33.0), hazard(33, 33.01))
    town.say("BBB", hazard(33, 33.02, label="now"), prec=Precedence.FLASH)
    town.say("AAA", site(0), convoy(0))
    town.settle()
    judge = Judge(PartyId("AAA"))
    order: list[tuple[str, str]] = []
    keep = judge.measuring

    def judged(a, b):  # type: ignore[no-untyped-def]
        order.append((a.label, b.label))
        return keep(a, b)

    judge.measuring = judged  # type: ignore[method-assign]
    judge.sync(town.at("AAA").picture)
    judge.work()
    ranks = [
        0 if "now" in pair else 1 if {"range"} & set(pair) and set(pair) - {"range"} else 2
        for pair in order
    ]
    assert sorted(ranks) == ranks
    assert set(ranks) == {0, 1, 2}


@pytest.fixture
def behind() -> Iterator[Town]:
    """A town in which a dense import of hundreds has just come to BBB, and little can be judged."""
    town = Town(("AAA", "BBB"))
    town.say("BBB", *(hazard(33 + n * 0.1, 33.1) for n in range(3)))
    town.settle()
    town.work = 300
    town.say("AAA", *(site(n) for n in range(140)), *(convoy(n) for n in range(3)))
    town.push("AAA", "BBB", town.feed("AAA"))
    town.wants.clear()
    assert town.pending["AAA"] > 1_000
    assert town.pending["BBB"] > 1_000
    yield town
    town.check()


def test_stop_rings_in_the_very_next_turn_while_hundreds_are_judged(behind: Town) -> None:
    """STOP said after an import rings with the turn that brings it, whatever waits."""
    behind.say("AAA", Stop(), prec=Precedence.FLASH)
    before = behind.turns
    behind.push("AAA", "BBB", behind.feed("AAA"))
    assert behind.turns == before + 1
    assert behind.pending["BBB"], "it rang while pairs waited"
    (rung,) = alarms(behind, "BBB", TroubleKind.STOP)
    assert rung.state in RINGING


def test_work_of_each_turn_is_bounded_and_comes_to_an_end(behind: Town) -> None:
    """Each turn does its share and no more; at the end nothing waits and all is as judged at
    once."""
    judge = behind.nodes["BBB"].tools.judge(behind.line)
    work, spent = judge.work, []
    judge.work = lambda units=None: spent.append(work(units)) or spent[-1]  # type: ignore
    while behind.pending["BBB"]:
        behind.take("BBB", Ticked())
    assert len(spent) > 10
    assert max(spent) <= behind.work + STEP_MOST
    judge.work = work  # type: ignore[method-assign]
    again = Judge()
    again.sync(behind.at("BBB").picture)
    again.work()
    assert pairs_of(judge) == pairs_of(again)


def test_nothing_is_deconflicted_while_pairs_wait(behind: Town) -> None:
    """A version with a pair that waits is UNDETERMINED at best, and says how many wait."""
    behind.push("BBB", "AAA", behind.feed("BBB"))
    behind.wants.clear()
    seen: set[State] = set()
    while behind.pending["AAA"]:
        behind.take("AAA", Ticked())
        judge = behind.nodes["AAA"].tools.judge(behind.line)
        for ref in list(judge.live)[::29]:
            found = behind.standing("AAA", ref)
            seen.add(found.state)
            if judge.unjudged(judge.live[ref]):
                assert found.unjudged
                assert found.state in (State.CONFLICTED, State.UNDETERMINED)
    assert State.UNDETERMINED in seen
    assert State.DECONFLICTED in {behind.standing("AAA", ref).state for ref in judge.live}


def test_pairs_that_wait_long_are_rung_about_once(behind: Town) -> None:
    """After some seconds one caution says how many wait; it ends when all are judged."""
    behind.work = 0
    for _ in range(3):
        behind.wait(3 * SECOND)
        behind.take("BBB", Ticked())
    (rung,) = alarms(behind, "BBB", TroubleKind.JUDGING)
    assert rung.count == 1
    assert int(str(rung.trouble.params["count"])) >= behind.pending["BBB"]
    assert "NOT JUDGED YET" in phrases.trouble(rung.trouble)
    behind.work = 1 << 30
    behind.take("BBB", Ticked())
    assert not alarms(behind, "BBB", TroubleKind.JUDGING)


def test_alarm_of_a_pair_stands_while_it_is_judged_again() -> None:
    """After a start every pair waits again: what was rung about it rings on as the same duty."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", site(0))
    town.say("BBB", hazard(33, 33))
    town.settle()
    (before,) = alarms(town, "AAA", TroubleKind.CONFLICT)
    old = town.nodes["AAA"]
    town.nodes["AAA"] = again = town.make("AAA", old.store, old.high_water)  # type: ignore
    again.start(town.now)
    town.work = 0
    town.take("AAA", Ticked())
    assert town.pending["AAA"]
    assert [alert.id for alert in alarms(town, "AAA", TroubleKind.CONFLICT)] == [before.id]
    town.work = 1 << 30
    town.take("AAA", Ticked())
    assert [alert.id for alert in alarms(town, "AAA", TroubleKind.CONFLICT)] == [before.id]
    town.say("AAA", Withdraw(versions=before.trouble.about[:1]))
    assert not alarms(town, "AAA", TroubleKind.CONFLICT)


def test_duty_to_tell_a_third_party_stands_while_nobody_has_looked_again() -> None:
    """After a start it is found again, a bounded amount at a time, whom each notice exposes: a
    third party that was NOT TOLD stays so until then, and is rung about as the same duty."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", *(hazard(35 + n * 0.1, 36) for n in range(4)))
    before = {a.id for a in town.nodes["AAA"].state.book.open() if a.trouble.kind is NOT_TOLD}
    assert before
    old = town.nodes["AAA"]
    town.nodes["AAA"] = again = town.make("AAA", old.store, old.high_water)  # type: ignore
    again.start(town.now)
    for work in (0, 1, 1, 1 << 30):
        town.work = work
        town.take("AAA", Ticked())
        assert bool(town.pending["AAA"]) == (work < 2)
        assert {a.id for a in again.state.book.open() if a.trouble.kind is NOT_TOLD} == before


def test_journal_gives_the_same_alarms_whatever_each_turn_might_judge(behind: Town) -> None:
    """How much a turn might judge is kept with it: alarms ring in the same turns again."""
    for work in (1, 700, 20, 5_000):
        behind.work = work
        behind.wait(SECOND)
        behind.take("BBB", Ticked())
    again = behind.make("BBB", MemoryStore(), MemoryHighWater())
    assert isinstance(again.open_line(papers_of(behind.parties), BEGIN), str)
    replay(behind.nodes["BBB"].store, again)
    assert again.state.book.alerts == behind.nodes["BBB"].state.book.alerts
    assert again.state.journal == behind.nodes["BBB"].state.journal
    judge, played = (n.tools.judge(behind.line) for n in (behind.nodes["BBB"], again))
    assert (played.pending, pairs_of(played)) == (judge.pending, pairs_of(judge))


def test_alarms_after_an_import_are_one_for_each_own_notice_and_consequence() -> None:
    """FM29: three movements cross sixty sites of ours: three alarms, about the movements. Then two
    hazards of another at one site and one at another, all near the movements: two alarms more."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", *(site(n, 0.12) for n in range(60)), *(convoy(n, 0.12) for n in range(3)))
    town.settle()
    ours = {a.trouble.params["own"]: a.count for a in alarms(town, "AAA", TroubleKind.CONFLICT)}
    assert ours == {"convoy 0": 20, "convoy 1": 20, "convoy 2": 20}
    town.say("BBB", hazard(33.12, 33), hazard(33.12, 33.001), hazard(33.12, 33.84))
    town.settle()
    found = {a.trouble.params["own"]: a.count for a in alarms(town, "AAA", TroubleKind.CONFLICT)}
    assert found == dict.fromkeys(ours, 23) | {"site 20": 2, "site 27": 1}


def test_pair_of_two_own_notices_is_said_to_be_ours() -> None:
    """No other party is named where both are ours."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", site(0), convoy(0))
    (alert,) = alarms(town, "AAA", TroubleKind.CONFLICT)
    said = phrases.trouble(alert.trouble)
    assert said == "CONFLICT: our “convoy 0” meets “site 0”, ours too"


class Slow:
    """A conductor that has pairs to judge for some turns, and says in which turn what came."""

    def __init__(self, turns: int) -> None:
        self.left = turns
        self.took: list[list[str]] = []
        self.loop: Runtime | None = None
        self.store = MemoryStore()
        self.state = self
        self.journal = 0
        self.loader = None

    def turn(self, batch: Sequence[Inbound], now: Instant, seed: bytes, work: int) -> Done:
        """One of them is done in each."""
        self.took.append([type(what).__name__ for what in batch])
        self.left -= 1
        if not self.left and self.loop is not None:
            self.loop.stop()
        told = tuple(Outcome() for _ in batch)
        return Done(outcomes=told, intents=(), changed=frozenset(), pending=max(0, self.left))

    def keep_snapshot(self) -> Iterator[None]:
        """Nothing to keep."""
        return iter(())


def test_next_turn_comes_at_once_while_pairs_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing in the inbox the loop goes on judging, and does not wait for the tick."""
    monkeypatch.setattr(runtime, "TICK_S", 3_600.0)
    slow = Slow(20)

    async def play() -> None:
        loop = Runtime(slow)  # type: ignore[arg-type]
        slow.loop = loop
        loop.post(Ticked())
        async with asyncio.timeout(60):
            await loop.run()

    asyncio.run(play())
    assert slow.left <= 0


def test_check_soon_after_a_start_says_what_it_has_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond a number of volumes that the node has just read a draft is held against the most
    urgent alone: UNDETERMINED with the number of the others, and what is met is met. Once all are
    compared it is what it would have been at once."""
    town = Town(("AAA", "BBB"))
    town.say("BBB", *(hazard(33 + n * 0.5, 33.0) for n in range(6)))
    town.settle()
    node = town.nodes["AAA"]
    for where, met in (((33 + 3 * 0.5, 33.0), 1), ((60, 60), 0)):
        draft = Notice(
            cls="air-movement", label="draft",
            volumes=(volume(disc(*where, 1), at(60), at(90), level(100), level(200)),),
        )  # fmt: skip
        monkeypatch.setattr(drafts, "UNPLACED_VOLUMES", 2)
        node.tools.judges.clear()
        early = drafts.check(town.look("AAA"), (draft,))
        assert early.verdict is not Verdict.NO
        assert early.unlooked == 4
        assert "4" in early.words
        node.tools.judge(town.line).work()
        late = drafts.check(town.look("AAA"), (draft,))
        assert late.unlooked == 0
        assert len(late.conflicts) == met
        monkeypatch.setattr(drafts, "UNPLACED_VOLUMES", 6)
        node.tools.judges.clear()
        whole = drafts.check(town.look("AAA"), (draft,))
        assert whole == late
