"""A node that looks at new terms in parts beside its twin that looks at everything at once: the
same things come to both, turn by turn."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest
from msgspec.structs import replace

from clearline.model.alert import TroubleKind
from clearline.model.entry import (
    Amend,
    Answer,
    Field,
    Leave,
    Message,
    Notice,
    Precedence,
    Reply,
    Stop,
    Withdraw,
)
from clearline.model.finding import Verdict
from clearline.model.space import LatLon
from clearline.model.terms import Agreement, Effect
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node import look_again
from clearline.node.conductor import Conductor
from clearline.node.inbound import Acknowledge, Inbound, Movers, Papers, Pushed, Say, Ticked
from clearline.node.look_again import LookAgain
from clearline.node.mover import Mover
from clearline.node.write import statement
from clearline.picture.situation import Version
from clearline.picture.standing import State, View, standing
from clearline.store.memory import MemoryStore
from tests.busy_town import AT_ONCE, busy, near
from tests.facts_anew import differences
from tests.simulation.papers import next_terms, signed_terms
from tests.town import disc, seed, volume

Way = Callable[[Agreement, Random], Agreement]
WORK = 2 * AT_ONCE * look_again.UNITS_LOOKED
ME = "BBB"
WORDS = Message(template="text-check", fields=(Field(name="check", value=1),))
AT_ONCE_RUNG = (TroubleKind.STOP, TroubleKind.DISTRESS, TroubleKind.ACCIDENT)
COMES_AND_GOES = (TroubleKind.JUDGING, TroubleKind.LOADING)


@dataclass
class One:
    """A node, and after each turn which alerts were open, by key, and what troubles stood;
    ``parts``: after how many turns it had still to look at something again."""

    node: Conductor
    at_once: bool
    pending: int = 0
    parts: int = 0
    open: list[dict[str, str]] = field(default_factory=list)
    stands: list[set[str]] = field(default_factory=list)

    def turn(self, batch: tuple[Inbound, ...], now: Instant, n: int) -> None:
        """One turn."""
        with pytest.MonkeyPatch.context() as patch:
            if self.at_once:
                patch.setattr(look_again, "LOOKS_MAX", -1)
            done = self.node.turn(batch or (Ticked(),), now, seed("twin", n), WORK)
        assert all(outcome.refusal is None for outcome in done.outcomes), done.outcomes
        self.pending = done.pending
        (line,) = self.node.state.lines
        self.parts += isinstance(self.node.tools.judge(line).again, LookAgain)
        stands = {trouble.key for trouble in self.node.state.troubles.values()}
        self.stands.append({key for key in stands if not _comes_and_goes(key)})
        self.open.append({a.trouble.key: a.id for a in self.node.state.book.open()})


class Amid:
    """Terms and members that change amid traffic, by chance; ``restart`` ends both processes
    in the middle. AAA's node is real, the two BBBs are told the same."""

    def __init__(self, chance: int, *, restarts: bool) -> None:
        self.chance, self.restarts = Random(chance), restarts
        self.town = busy()
        first = self.town.nodes[ME]
        store = first.store
        assert isinstance(store, MemoryStore)
        other = self.town.make(ME, store.fork(), first.high_water)  # type: ignore[arg-type]
        other.begin(self.town.now)
        other.load(self.town.now)
        again = self.town.make(ME, store.fork(), first.high_water)  # type: ignore[arg-type]
        again.begin(self.town.now)
        again.load(self.town.now)
        self.twins = [One(again, at_once=False), One(other, at_once=True)]
        self.now, self.n, self.left = self.town.now, 0, False
        self.stricter = self.chance.randrange(1, 4)
        self.settle()

    @property
    def subject(self) -> Conductor:
        """The one that looks in parts."""
        return self.twins[0].node

    @property
    def ls(self):
        """Its line."""
        return self.subject.state.lines[self.town.line]

    @property
    def terms(self) -> Agreement:
        """In force there."""
        assert self.ls.terms is not None
        return self.ls.terms

    # -- turns

    def turn(self, *batch: Inbound, ms: int = SECOND // 10) -> None:
        """The same for both."""
        self.now, self.n = Instant(self.now + ms), self.n + 1
        for one in self.twins:
            one.turn(batch, self.now, self.n)
        self.check()

    def settle(self) -> None:
        """Until neither has anything to do."""
        for _ in range(3_000):
            self.turn()
            if not any(one.pending for one in self.twins):
                return
        raise AssertionError("a look never ends")

    def run(self, steps: int) -> None:
        """So many things happen; one of three is new terms or somebody who leaves."""
        for n in range(steps):
            what = self.chance.choice(self.happenings()) if n % 6 else self.new_terms
            what()
            for _ in range(self.chance.choice((0, 0, 1, 4))):
                self.turn(ms=self.chance.choice((100, 100, 100, 20_000)))

    def happenings(self):
        """What may happen next."""
        found = [
            self.new_terms, self.movers, self.own, self.own_answer, self.take_one,
        ]  # fmt: skip
        if not self.left:
            found += [
                self.hazard, self.hazard, self.amend, self.end, self.stop, self.message,
                self.their_answer,
            ]  # fmt: skip
            if self.chance.random() < 0.1:
                found.append(self.leave)
        if self.restarts:
            found.append(self.restart)
        return found

    # -- what happens to the line

    def new_terms(self, ways: tuple[Way, ...] = ()) -> None:
        """The next version of the terms, in force at once, that differs in one thing or two."""
        old = max(self.ls.picture.terms.items())[1]
        terms = next_terms(old, effective=self.now, stricter=old.version == self.stricter)
        for _ in range(self.chance.choice((1, 2))):
            terms = self.chance.choice(ways or WAYS)(terms, self.chance)
        self.turn(Papers(line=self.town.line, peer=None, documents=(signed_terms(terms),)))

    def hear(self, *said, prec: Precedence = Precedence.PRIORITY) -> None:
        """AAA says it, and it comes with everything else of AAA's."""
        self.town.now = self.now
        self.town.say("AAA", *said, prec=prec)
        feed = self.town.feed("AAA")
        held = self.ls.frontier(feed).size
        pushed = self.town.nodes["AAA"].push(self.town.line, feed, held, bytes_max=1 << 20)
        assert isinstance(pushed, Pushed), "it has written"
        self.turn(pushed)

    def window(self) -> tuple[Instant, Instant]:
        """Now, or later."""
        start = Instant(self.now + self.chance.choice((-1, 5, 600)) * MINUTE)
        return start, Instant(start + self.chance.choice((1, 60)) * MINUTE)

    def hazard(self) -> None:
        """A notice of AAA's, of any class, at one of our places or elsewhere."""
        prec = self.chance.choice(tuple(Precedence))
        cls = self.chance.choice(
            ("hazardous-air", "hazardous-air", "air-movement", "protected-air")
        )
        where = self.chance.choice((near(0, self.window()), self.far()))
        self.hear(Notice(cls=cls, label=f"new {self.n}", volumes=(where,)), prec=prec)

    def far(self):
        """Where a represented party may be exposed."""
        return volume(disc(34.0 + self.chance.random(), 36.0, 3), *self.window())

    def over_a_zone(self):
        """In a zone of a represented party that shoots when it is attacked."""
        start = Instant(self.now + 40 * MINUTE)
        return volume(disc(35.0, 36.0, 3), start, Instant(start + 60 * MINUTE))

    def _theirs(self) -> list[Version]:
        live = self.subject.tools.judge(self.town.line).live.values()
        held = self.town.at("AAA").picture.feed(self.town.feed("AAA")).live
        return sorted(
            (v for v in live if v.party == "AAA" and v.ref.index in held), key=lambda v: v.ref
        )

    def amend(self) -> None:
        """Of one of theirs."""
        held = self.chance.choice(self._theirs())
        to = Notice(cls=held.cls, label=f"amended {self.n}", volumes=(self.far(),))
        if held.kind.value in ("notice", "amend"):
            self.hear(Amend(notice=held.notice, to=to))

    def end(self) -> None:
        """A withdrawal or ALL CLEAR."""
        refs = (self.chance.choice(self._theirs()).ref,)
        self.hear(Withdraw(versions=refs))

    def stop(self) -> None:
        """A plea, which rings in this very turn at both."""
        before = [set(one.open[-1]) for one in self.twins]
        self.hear(Stop(), prec=Precedence.FLASH)
        for one, had in zip(self.twins, before, strict=True):
            assert any(key.startswith("stop/") for key in set(one.open[-1]) - had)

    def message(self) -> None:
        """Words."""
        self.hear(WORDS)

    def their_answer(self) -> None:
        """To one of ours."""
        own = self._ours()
        if own:
            self.town.now = self.now
            reply = self.chance.choice((Reply.ROGER, Reply.WILCO, Reply.STANDBY, Reply.UNABLE))
            self._catch_up_aaa()
            to = self.chance.choice(own).ref
            outcome = self.town.try_to_say("AAA", Answer(to=to, reply=reply, role="watch-officer"))
            if outcome.refusal is None:
                self.hear(WORDS)

    def _catch_up_aaa(self) -> None:
        feed = self.ls.feed
        held = self.town.at("AAA").frontier(feed).size
        pushed = self.subject.push(self.town.line, feed, held, bytes_max=1 << 20)
        if pushed is not None:
            self.town.take("AAA", pushed)

    def leave(self) -> None:
        """AAA leaves the line for good."""
        self.hear(Leave(reason="over"))
        self.left = True

    # -- what people here do

    def _ours(self) -> list[Version]:
        live = self.subject.tools.judge(self.town.line).live.values()
        return sorted((v for v in live if v.party == ME), key=lambda v: v.ref)

    def say(self, *bodies, prec: Precedence = Precedence.PRIORITY) -> None:
        """We say it."""
        said = tuple(statement(body, prec) for body in bodies)
        self.turn(Say(id=f"s{self.n}", line=self.town.line, person="p", role="r", statements=said))

    def own(self) -> None:
        """One of ours, a hazard or a movement."""
        cls = self.chance.choice(("hazardous-air", "air-movement"))
        where = self.chance.choice((near(self.chance.randrange(9), self.window()), self.far()))
        self.say(Notice(cls=cls, label=f"own {self.n}", volumes=(where,)))

    def own_answer(self) -> None:
        """To one of theirs."""
        theirs = [v for v in self._theirs() if v.kind.value in ("notice", "amend")]
        if theirs:
            to = self.chance.choice(theirs).ref
            self.say(Answer(to=to, reply=Reply.WILCO, role="watch-officer"))

    def movers(self) -> None:
        """One of ours is typed in, in a hazard or out of it."""
        where = self.chance.choice(((-40.0, 10.0), (34.5, 36.0), (0.0, 0.0)))
        mover = Mover(
            call_sign=f"M{self.chance.randrange(2)}",
            position=LatLon(round(where[0] * 1e7), round(where[1] * 1e7)), height_mm=None,
            speed_mms=10_000, as_of=self.now, cls="air-movement",
        )  # fmt: skip
        self.turn(Movers(id=f"m{self.n}", line=self.town.line, person="p", movers=(mover,)))

    def take_one(self) -> None:
        """Somebody takes an alarm that both have."""
        mine, others = ({a.id: a for a in one.node.state.book.open()} for one in self.twins)
        both = sorted(
            name for name in mine if name in others and not mine[name].trouble.needs_answer
        )
        if both:
            taken = self.chance.choice(both)
            self.turn(Acknowledge(id=f"t{self.n}", alert=taken, person="p", role="watch-officer"))

    def restart(self) -> None:
        """Both processes end, and begin on what they have written."""
        for one in self.twins:
            store = one.node.store
            assert isinstance(store, MemoryStore)
            one.node = self.town.make(ME, store.fork(), one.node.high_water)  # type: ignore[arg-type]
            one.node.begin(self.now)
            while one.node.load_some(self.now):
                pass
        self.turn()

    # -- what holds

    def check(self) -> None:
        """After each turn: nothing reads clear on the ground of old terms; what cries rings at the
        twin and here alike."""
        judge = self.subject.tools.judge(self.town.line)
        assert judge.terms == tuple(
            self.ls.picture.terms[v] for v in sorted({t.version for t in judge.terms})
        )
        assert self.terms in judge.terms
        mine, other = (
            {k for k in one.open[-1] if k.split("/")[0] in {c.value for c in AT_ONCE_RUNG}}
            for one in self.twins
        )
        assert mine == other
        for version in self._ours()[:3]:
            view = View.own(self.ls.picture, self.ls.me, judge.is_hazard)
            stands = standing(view, version, judge, self.now)
            unjudged = {
                other.ref
                for other in judge.live.values()
                if other.ref != version.ref and judge.waits(version.ref, other.ref)
            }
            assert bool(unjudged) == bool(stands.unjudged)
            if unjudged:
                assert stands.state is not State.DECONFLICTED
                assert self.twins[0].pending >= len(unjudged)
            against = {found.other for found in stands.against}
            for other in judge.live.values():
                if other.ref in unjudged or other.ref in against or other.ref == version.ref:
                    continue
                assert judge.judge(version, other).verdict is Verdict.NO, (version.ref, other.ref)

    def end_is_the_same(self) -> None:
        """All that both keep, ring and have written; and nothing rang twice here that did not
        there."""
        self.settle()
        for one in self.twins:
            ls = one.node.state.lines[self.town.line]
            held = one.node.tools.judge(self.town.line)
            assert held.again is None
            assert held.facts.are_of(ls.picture, ls.me, ls.terms)  # type: ignore[attr-defined]
            assert held.facts.waiting == 0
            assert differences(ls, held) == []
        mine, other = (
            {k: v for k, v in one.node.state.troubles.items() if not _comes_and_goes(v.key)}
            for one in self.twins
        )
        assert mine.keys() == other.keys()
        assert {k for k in mine if mine[k] != other[k]} == set()
        # A restart takes up what has ended and nobody has seen: then it may begin once more.
        for times in (_openings,) if self.restarts else (_openings, _beginnings):
            parts, whole = (times(one) for one in self.twins)
            assert {k: (n, whole[k]) for k, n in parts.items() if 0 < whole[k] < n} == {}


def _comes_and_goes(key: str) -> bool:
    return key.split("/")[0] in {kind.value for kind in COMES_AND_GOES}


def _openings(one: One) -> Counter[str]:
    """How often each alert was opened, whether it had ended or its facts had changed."""
    every = {each for found in one.open for each in found.items() if not _comes_and_goes(each[0])}
    return Counter(key for key, _ in every)


def _beginnings(one: One) -> Counter[str]:
    """How often each trouble began to stand."""
    before: list[set[str]] = [set(), *one.stands]
    return Counter(key for n, found in enumerate(one.stands) for key in found - before[n])


# -- what terms may say otherwise


def deadlines(terms: Agreement, chance: Random) -> Agreement:
    """Other times to answer in."""
    times = chance.choice((1, 2, 5))
    return replace(
        terms,
        deadlines=tuple(
            replace(d, answer_ms=max(SECOND, d.answer_ms * 2 // times)) for d in terms.deadlines
        ),
    )


def _effects(terms: Agreement, chance: Random) -> Agreement:
    cls = chance.choice(("hazardous-air", "protected-air", "air-movement"))
    effect = chance.choice(tuple(Effect))
    return replace(
        terms,
        classes=tuple(
            replace(c, effect=effect, tail_ms=MINUTE if effect is Effect.HAZARD else 0)
            if c.id == cls
            else c
            for c in terms.classes
        ),
    )


def _represented(terms: Agreement, chance: Random) -> Agreement:
    found = list(terms.represented)
    if found and chance.random() < 0.5:
        found.pop(chance.randrange(len(found)))
    elif found:
        found[0] = replace(found[0], relay=found[0].backup, backup=found[0].relay)
    return replace(terms, represented=tuple(found))


def _tails(terms: Agreement, chance: Random) -> Agreement:
    tail = chance.choice((MINUTE, 10 * MINUTE, 40 * MINUTE))
    return replace(
        terms,
        classes=tuple(
            replace(c, tail_ms=tail, lead_min_ms=tail) if c.effect is Effect.HAZARD else c
            for c in terms.classes
        ),
    )


WAYS: tuple[Way, ...] = (deadlines, _effects, _represented, _tails)
