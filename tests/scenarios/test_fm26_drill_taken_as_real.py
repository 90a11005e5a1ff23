"""FM26: a drill that is taken as real, or the reverse: two lines of one node that share nothing."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearline.alerting.routing import Desk
from clearline.model.alert import Ring, Silence
from clearline.model.entry import (
    Accident,
    Answer,
    Distress,
    Message,
    Precedence,
    Reply,
    Stop,
    Test,
)
from clearline.model.ids import EntryRef, LineId
from clearline.model.refusal import Refusal
from clearline.node.inbound import Say, Ticked
from clearline.node.write import statement
from clearline.trust.agreement import line_of, read_agreement, sign_agreement
from tests.evidence_town import notice
from tests.town import MINUTE, Town, agreement_of, at, disc, papers_of, root_of, volume

PARTIES = ("AAA", "BBB")
DESKS = (Desk(name="live"), Desk(name="drill", exercise=True))
BODIES = {
    "notice": notice(34.0, start=5),
    "stop": Stop(),
    "distress": Distress(what="crew", volumes=(volume(disc(34.0, 35.0, 5), at(0), at(60)),)),
    "accident": Accident(what="drone does not answer"),
    "test": Test(text="test", role="watch-officer"),
    "text": Message(template="text-check", fields=()),
}


class BothTown(Town):
    """A town whose nodes are on a real line and on an exercise line of the same parties, with a
    desk for each sort."""

    drill: LineId

    def __post_init__(self) -> None:
        super().__post_init__()
        for node in self.nodes.values():
            node.desks = DESKS
            opened = node.open_line(papers_of(self.parties, self.template, True), self.now)
            assert isinstance(opened, str)
            self.drill = LineId(opened)
        for party in self.parties:
            self.take(party, Ticked())
        self.settle()

    def exchange(self) -> None:
        """Both lines are carried."""
        real = self.line
        for line in (self.drill, real):
            self.line = line
            for _ in range(4):
                for one in self.parties:
                    for other in self.parties:
                        if one != other:
                            self.push(one, other, self.nodes[one].state.lines[line].feed)
        self.line = real
        self.wants.clear()

    def on(self, line: LineId, party: str, what: str) -> EntryRef | None:
        """Something is said on one of the two."""
        prec = Precedence.FLASH if what in ("stop", "distress", "accident") else Precedence.PRIORITY
        say = Say(
            id=f"{party}-{self.turns}", line=line, person="tester", role="watch-officer",
            statements=(statement(BODIES[what], prec),),
        )  # fmt: skip
        outcome = self.take(party, say).outcomes[0]
        return outcome.refs[0] if outcome.refs else None


STEPS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(PARTIES), st.sampled_from(sorted(BODIES))),
    min_size=2, max_size=8,
)  # fmt: skip


@settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(STEPS)
def test_exercise_message_never_lands_on_the_live_board(
    steps: list[tuple[bool, str, str]],
) -> None:
    """Whatever is said on either line, in whatever order: what came of the exercise is marked and
    is on the drill desk alone, what came of the real line is not and is not, no alarm is shared,
    and neither picture holds anything of the other."""
    town = BothTown(PARTIES)
    for drill, party, what in steps:
        line = town.drill if drill else town.line
        town.on(line, party, what)
        town.exchange()
    town.wait(2 * MINUTE)
    for party in PARTIES:
        town.take(party, Ticked())
    for party, node in town.nodes.items():
        for trouble in node.state.troubles.values():
            assert trouble.exercise is (trouble.line == town.drill), (party, trouble)
        for alarm in node.state.book.alarms.values():
            members = [node.state.book.get(each) for each in alarm.members]
            assert len({each.trouble.exercise for each in members if each is not None}) == 1
        for line in (town.line, town.drill):
            held = node.state.lines[line].picture
            assert all(entry.line == line for entry in _entries(town, party, line))
            assert {state.feed for state in held.feeds.values()} == {"AAA.0", "BBB.0"}
    for party, intent in town.rung:
        if isinstance(intent, Ring | Silence):
            alert = town.nodes[party].state.book.get(intent.alert)
            drilled = alert is not None and alert.trouble.exercise
            assert alert is None or intent.desks == (("drill",) if drilled else ("live",))


def _entries(town: BothTown, party: str, line: LineId) -> list:
    from clearline.wire.entry import read_frame

    store = town.nodes[party].store
    found = [
        read_frame(entry.data)
        for feed in store.feeds(line) for entry in store.entries(line, feed, 0, 1_000)
    ]  # fmt: skip
    return [frame for frame in found if not isinstance(frame, Refusal)]


def _next(town: BothTown, line: LineId) -> int:
    ls = town.nodes["AAA"].state.lines[line]
    return ls.frontier(ls.feed).size


def test_answer_on_one_line_ends_nothing_on_the_other() -> None:
    """The same STOP at the same place of both records: HALTED on the exercise answers the drill,
    and the real one goes on ringing."""
    town = BothTown(PARTIES)
    while _next(town, town.drill) < _next(town, town.line):
        town.on(town.drill, "AAA", "test")
    refs = [town.on(line, "AAA", "stop") for line in (town.line, town.drill)]
    assert refs[0] == refs[1] is not None, "the same place in either record"
    town.exchange()
    answer = Answer(to=refs[1], reply=Reply.HALTED, role="watch-officer")
    say = Say(
        id="halted", line=town.drill, person="tester", role="watch-officer",
        statements=(statement(answer, Precedence.FLASH),),
    )  # fmt: skip
    assert town.take("BBB", say).outcomes[0].refusal is None
    troubles = town.nodes["BBB"].state.troubles.values()
    open_ = {t.line for t in troubles if t.about == (refs[0],)}
    assert open_ == {town.line}


def test_entry_of_the_exercise_is_refused_on_the_real_line() -> None:
    """The exercise's record, pushed as if it were the real one's: nothing of it is taken."""
    from msgspec.structs import replace

    town = BothTown(PARTIES)
    while _next(town, town.drill) <= _next(town, town.line):
        town.on(town.drill, "AAA", "accident")
    feed = town.nodes["AAA"].state.lines[town.drill].feed
    held = town.nodes["BBB"].state.lines[town.line].frontier(feed).size
    pushed = town.nodes["AAA"].push(town.drill, feed, held, bytes_max=1 << 20)
    assert pushed is not None
    town.take("BBB", replace(pushed, line=town.line))
    assert town.nodes["BBB"].state.lines[town.line].frontier(feed).size == held
    assert town.nodes["BBB"].state.lines[town.line].picture.feed(feed).size == held


def test_exercise_stays_an_exercise_and_a_real_line_a_real_one() -> None:
    """The mark is in the terms that name the line: with it changed it is another line."""
    lines = []
    for exercise in (False, True):
        raw = sign_agreement(
            agreement_of(PARTIES, exercise=exercise), *(root_of(party) for party in PARTIES)
        )
        assert isinstance(raw, bytes)
        signed = read_agreement(raw)
        assert not isinstance(signed, Refusal)
        assert signed.body.exercise is exercise
        lines.append(line_of(signed.body))
    assert lines[0] != lines[1]
