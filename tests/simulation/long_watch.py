"""A long watch: real nodes on a virtual clock, players at their desks, traffic, faults, handovers.

One seed decides everything. Parties file, amend, end, seal and open, cry, test, suspend, send every
template; players answer or do not; watches pass each eight hours; links are cut, one way or both;
clocks are off, and are set right slowly; processes die and begin again; keys and terms change; one
party leaves near the end. ``watch_checker`` looks after every step.

*What is assumed.* What is under way arrives at once or is lost with its link; a process dies
between turns; a desk's channel reaches whoever is there. ``world`` plays what these leave out.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from clearline.canonical import encode
from clearline.model import entry as say
from clearline.model.alert import Alert, Ring
from clearline.model.entry import Body, Field, Kind, Precedence, RelayOutcome, Reply
from clearline.model.ids import Digest, EntryRef, PartyId, feed_of
from clearline.model.refusal import Code
from clearline.model.space import Volume
from clearline.model.terms import Agreement
from clearline.model.time import HOUR, MINUTE, SECOND, Instant, Millis
from clearline.node.conductor import Conductor, Done
from clearline.node.handover import OFFER_MS, open_items
from clearline.node.inbound import (
    Acknowledge,
    Connected,
    Given,
    Hush,
    Inbound,
    Outcome,
    Papers,
    Say,
    TakenOver,
    Ticked,
)
from clearline.node.intent import Beat, Fetch, Intent, Send
from clearline.node.queries import reading
from clearline.node.write import statement
from clearline.store.memory import MemoryHighWater, MemoryStore
from clearline.trust.party import FeedMark
from clearline.trust.terms_check import faults
from clearline.words.catalogue import FORMS, Template, position_text, templates
from tests.simulation import papers
from tests.simulation.players import GOOD, Move, Temper, after, move, somebody
from tests.simulation.watch_checker import Checker
from tests.simulation.watch_record import Record
from tests.town import (
    BEGIN,
    SURFACE,
    UNLIMITED,
    Town,
    agreement_of,
    disc,
    level,
    manifest_of,
    node_key_of,
    seed,
    volume,
)

WATCH_MS: Final = 8 * HOUR
LOOK_MS: Final = MINUTE
STEP_MS: Final = 10 * SECOND
"""What is due within so short a time is done at once."""
ROLES: Final = ("watch-officer", "deputy", "duty-senior")
SKEW_MS: Final = {"AAA": 0, "BBB": 1_400, "CCC": 40_000}
"""How far each clock is off at the beginning: CCC beyond what the terms allow."""
APART_MS: Final = Millis(40 * MINUTE)
CATCH_UP_MS: Final = Millis(2 * HOUR)
"""After healing everybody is good for so long, and everything is answered."""

Do = Callable[[], None]


@lru_cache
def terms_of(parties: tuple[str, ...]) -> Agreement:
    """Two armed forces' terms, and a third party's: signs of life each three minutes, so that three
    days can be played, and a text over the line each six hours."""
    agreed = replace(
        agreement_of(parties), heartbeat_ms=Millis(3 * MINUTE), down_after_ms=Millis(8 * MINUTE),
        text_check_ms=Millis(6 * HOUR),
    )  # fmt: skip
    assert not faults(agreed)
    return agreed


@dataclass
class LongWatch(Town):
    """A town that is watched. ``apart``: mean time between two things that a party says;
    ``everybody``: how all officers are, None: drawn by the stated rates."""

    number: int = 1
    apart: Millis = APART_MS
    hours: int = 72
    everybody: Temper | None = None
    rng: random.Random = field(init=False)
    skew: dict[str, int] = field(default_factory=dict)
    lost: set[tuple[str, str]] = field(default_factory=set)
    down: dict[str, Conductor] = field(default_factory=dict)
    records: dict[PartyId, Record] = field(default_factory=dict)
    on_duty: dict[tuple[str, str], Temper] = field(default_factory=dict)
    person: dict[str, int] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    calm: bool = False
    terms: Agreement = field(init=False)
    checker: Checker = field(init=False)
    _up: dict[str, Instant] = field(default_factory=dict)
    _agenda: list[tuple[Instant, int, Do]] = field(default_factory=list)
    _put: int = 0
    _moving: set[tuple[str, str, str]] = field(default_factory=set)
    _sealed: dict[str, tuple[say.Notice, str]] = field(default_factory=dict)
    _template: int = -1
    _emergencies: int = -1

    def __post_init__(self) -> None:
        self.rng = random.Random(self.number)
        self.skew = {party: SKEW_MS[party] for party in self.parties}
        self.terms = terms_of(self.parties)
        self.checker = Checker(self.terms)
        for party in self.parties:
            self._up[party] = self.at_node(party)
            self.person[party] = 0
            for role in ROLES:
                self.on_duty[party, role] = self._somebody(role)
        documents = (papers.signed_terms(self.terms), *map(manifest_of, self.parties))
        for party in self.parties:
            node = self.make(party, MemoryStore(), MemoryHighWater())
            line = node.open_line(documents, self.at_node(party))
            assert isinstance(line, str), line
            self.line, self.nodes[party] = line, node
        self.tick()
        self.records = {PartyId(party): Record(self.line) for party in self.parties}

    def make(self, party: str, store: MemoryStore, marks: MemoryHighWater) -> Conductor:
        """A node with the keys that it may come to use."""
        node = super().make(party, store, marks)
        for n in range(1, papers.KEYS):
            signer = node_key_of(party, n)
            node.signers[signer.public.hex] = signer
        return node

    # -- time, turns, the wire

    def at_node(self, party: str) -> Instant:
        """The time by a party's own clock."""
        return Instant(self.now + self.skew[party])

    def take(self, party: str, *batch: Inbound) -> Done:
        """One turn of a node by its own clock; rings move people."""
        self.turns += 1
        now = self.at_node(party)
        done = self.nodes[party].turn(batch, now, seed(self.number, self.turns), self.work)
        self.pending[party] = done.pending
        for intent in done.intents:
            if isinstance(intent, Send | Fetch | Beat):
                self.wants.append((party, intent))
            elif isinstance(intent, Ring):
                self._rung(party, intent)
        return done

    def carry(self, party: str, intent: Intent) -> None:
        """What goes a way that is cut, or to a process that is gone, is lost."""
        peer = getattr(intent, "peer", None)
        gone = party not in self.nodes or peer not in self.nodes
        if gone or (party, peer) in self.lost or self._no_way_back(party, intent):
            return
        super().carry(party, intent)

    def _no_way_back(self, party: str, intent: Intent) -> bool:
        return isinstance(intent, Fetch) and (intent.peer, party) in self.lost

    def later(self, ms: int, do: Do) -> None:
        """Do something so long from now."""
        self._put += 1
        heapq.heappush(self._agenda, (Instant(self.now + ms), self._put, do))

    # -- the watch

    def run(self) -> "LongWatch":
        """The whole watch, healing, and what must hold at its end."""
        end = self.play()
        self._heal()
        self._until(Instant(end + CATCH_UP_MS))
        self.checker.healed(self.records)
        return self

    def play(self) -> Instant:
        """The watch alone, to its end."""
        self._begin()
        end = Instant(BEGIN + self.hours * HOUR)
        self._until(end)
        return end

    def _begin(self) -> None:
        for party in self.parties:
            self.later(self.rng.randint(0, self.apart), partial(self._speak, party))
            self.later(WATCH_MS - 10 * MINUTE, partial(self._give, party))
            self.later(HOUR, partial(self._sweep, party))
        for fault in (self._cut, self._crash):
            self.later(self.rng.randint(HOUR, 4 * HOUR), fault)
        self.later(self.hours * HOUR // 3, self._rekey)
        self.later(self.hours * HOUR // 2, self._new_terms)
        if len(self.parties) > 2:
            self.later(self.hours * HOUR - 2 * HOUR, self._leave)

    def _until(self, end: Instant) -> None:
        last = self.now
        while self.now < end:
            due = [
                Instant(at - self.skew[party])
                for party, node in self.nodes.items()
                if (at := node.state.book.next_deadline()) is not None
            ]
            next_up = [at for at, _, _ in self._agenda[:1]]
            ahead = [max(at, Instant(self.now + STEP_MS)) for at in (*due, *next_up)]
            self.now = min((*ahead, Instant(last + LOOK_MS), end))
            while self._agenda and self._agenda[0][0] <= self.now:
                heapq.heappop(self._agenda)[2]()
                self.settle()
            everybody = self.now - last >= LOOK_MS
            last = self.now if everybody else last
            for party in list(self.nodes):
                book = self.nodes[party].state.book
                next_ = book.next_deadline()
                if everybody or (next_ is not None and next_ <= self.at_node(party)):
                    self.take(party, Ticked())
            self.settle()
            self._set_clocks(everybody)
            self.look()

    def _set_clocks(self, everybody: bool) -> None:
        """CCC's clock is set right slowly, so that it never goes back."""
        if everybody and self.now - BEGIN > 20 * HOUR and self.skew.get("CCC", 0) > 0:
            self.skew["CCC"] -= 500

    def look(self) -> None:
        """Every invariant of every node that runs."""
        for party, node in self.nodes.items():
            record = self.records[PartyId(party)]
            record.read(node.store)
            now, up = self.at_node(party), self._up[party]
            self.checker.check(PartyId(party), node, record, now, up)

    # -- people

    def _rung(self, party: str, ring: Ring) -> None:
        node = self.nodes[party]
        alert = node.state.book.get(ring.alert)
        if alert is None:
            return
        self.checker.rang(PartyId(party), ring, alert, self.at_node(party))
        self.seen[f"rung {ring.rung}"] += 1
        self._stir(party, ring.role, alert)

    def _somebody(self, role: str) -> Temper:
        drawn = self.everybody or somebody(role, self.rng)
        return GOOD if self.calm else drawn

    def _stir(self, party: str, role: str, alert: Alert) -> None:
        temper = GOOD if self.calm else self.on_duty[party, role]
        key = party, role, alert.id
        wait = after(temper, self.rng)
        if wait is None or key in self._moving:
            return
        self._moving.add(key)
        self.later(wait, lambda: self._act(party, role, temper, key[2]))

    def _act(self, party: str, role: str, temper: Temper, name: str) -> None:
        self._moving.discard((party, role, name))
        node = self.nodes.get(party)
        alert = None if node is None else node.state.book.get(name)
        if alert is None:
            return
        what, reply = move(temper, alert, self.rng)
        self.seen[f"{temper.name} {what.value}"] += 1
        self._do(party, role, alert, what, reply)

    def _do(self, party: str, role: str, alert: Alert, what: Move, reply: Reply) -> None:
        about = alert.trouble.about[:1]
        id_ = f"{party}-{self.turns}-{self.now}"
        match what:
            case Move.ANSWER if about:
                body = say.Answer(to=about[0], reply=reply, role=role)
                done = self.state(party, role, body, alert.trouble.precedence)
                self.seen[f"answer {reply.value}"] += done.refusal is None
            case Move.TELL if about:
                third = PartyId(str(alert.trouble.params["third"]))
                told = say.Relayed(
                    of=about[0], to=third, outcome=RelayOutcome.TOLD, means="telephone",
                    at=self.at_node(party),
                )  # fmt: skip
                self.state(party, role, told)
            case Move.TEST:
                self.state(party, role, say.Test(text="line test", role=role))
            case Move.WORDS:
                self.state(party, role, self._message(party, templates()["request-call"]))
            case Move.CLEAR if about:
                self.state(party, role, say.AllClear(versions=about, at=self.at_node(party)))
            case Move.MUTE:
                until = Instant(self.at_node(party) + 6 * HOUR)
                hush = Hush(
                    id=id_, alert=alert.id, person=role, role=role, until=until, reason="noise"
                )
                self.take(party, hush)
            case Move.STRANGER:
                ack = Acknowledge(id=id_, alert="0" * 24 + ".1", person=role, role=role)
                assert self.take(party, ack).outcomes[0].refusal is not None
            case Move.OWN:
                mine = [r for r in self.records[PartyId(party)].open if r.feed.startswith(party)]
                own = mine[-1] if mine else EntryRef(feed_of(PartyId(party)), 0)
                self.state(party, role, say.Answer(to=own, reply=reply, role=role))
            case Move.FOREIGN if about and not about[0].feed.startswith(party):
                assert self.state(party, role, say.Withdraw(versions=about)).refusal is not None
            case Move.TAKE | Move.ANSWER | Move.TELL | Move.CLEAR:
                self.take(party, Acknowledge(id=id_, alert=alert.id, person=role, role=role))
            case _:
                pass

    def _sweep(self, party: str) -> None:
        """Each hour whoever has the watch, if he is good, goes through what rings no more."""
        self.later(HOUR, lambda: self._sweep(party))
        node = self.nodes.get(party)
        if node is None or not (self.calm or self.on_duty[party, ROLES[0]] is GOOD):
            return
        for alert in node.state.book.open():
            self._stir(party, ROLES[0], alert)

    # -- the watch passes

    def _give(self, party: str) -> None:
        """The watch is given, again each half hour until somebody takes it."""
        if party in self.records[PartyId(party)].gone:
            return
        temper = self._somebody(ROLES[0])
        if party in self.nodes:
            given = Given(
                id=f"give-{party}-{self.now}", line=self.line, role=ROLES[0],
                person=f"{party} {self.person[party]}",
            )  # fmt: skip
            assert self.take(party, given).outcomes[0].refusal is None
        if self.rng.random() < temper.comes:
            wait = self.rng.randint(2 * MINUTE, 20 * MINUTE)
            self.later(wait, lambda: self._come(party, temper))
        else:
            self.seen["watch not taken"] += 1
            self.later(OFFER_MS, lambda: self._give(party))

    def _come(self, party: str, temper: Temper) -> None:
        """The next watch takes it; who is wrong passes over an item first, and is stopped."""
        if party not in self.nodes:
            self.later(OFFER_MS, lambda: self._give(party))
            return
        items = self._items(party)
        if temper.right < self.rng.random() and items:
            refusal = self._take_watch(party, items[1:]).refusal
            assert refusal is not None
            assert refusal.code is Code.NOT_HANDED_OVER
            self.seen["watch refused"] += 1
        if self._take_watch(party, self._items(party)).refusal is not None:
            self.seen["watch given anew"] += 1  # the process that heard of the giving is gone
            self.later(MINUTE, lambda: self._give(party))
            return
        self.seen["watch taken"] += 1
        self.person[party] += 1
        self.checker.passed[PartyId(party)] = self.person[party]
        self.on_duty[party, ROLES[0]] = temper
        for role in ROLES[1:]:
            self.on_duty[party, role] = self._somebody(role)
        self.later(WATCH_MS, lambda: self._give(party))

    def _items(self, party: str) -> tuple[str, ...]:
        node = self.nodes[party]
        of = reading(node.state, node.tools, self.line, self.at_node(party))
        assert of is not None
        return tuple(item.id for item in open_items(node.state, of))

    def _take_watch(self, party: str, touched: tuple[str, ...]) -> Outcome:
        taken = TakenOver(
            id=f"take-{party}-{self.turns}", line=self.line, role=ROLES[0], touched=touched,
            person=f"{party} {self.person[party] + 1}",
        )  # fmt: skip
        return self.take(party, taken).outcomes[0]

    # -- what is said

    def state(
        self, party: str, role: str, body: Body, prec: Precedence = Precedence.PRIORITY
    ) -> Outcome:
        """Somebody states something; what was taken is remembered."""
        said = Say(
            id=f"{party}-{self.turns}", line=self.line, person=f"{party} {role}", role=role,
            statements=(statement(body, prec),),
        )  # fmt: skip
        outcome = self.take(party, said).outcomes[0]
        self.checker.written.update(outcome.refs)
        refusal = outcome.refusal
        self.seen["said" if refusal is None else f"refused {body.kind} {refusal.code}"] += 1
        return outcome

    def _speak(self, party: str) -> None:
        """A party says something, and will again."""
        self.later(round(self.rng.expovariate(1 / self.apart)) + 1, lambda: self._speak(party))
        if party not in self.nodes or self.calm:
            return
        prec = self.rng.choices(tuple(Precedence), (15, 20, 45, 20))[0]
        said = self._words(party)
        if isinstance(said, say.Message):
            prec = templates()[said.template].prec
        if said.kind in (Kind.STOP, Kind.DISTRESS, Kind.ACCIDENT):
            prec = Precedence.FLASH
        outcome = self.state(party, ROLES[0], said, prec)
        if isinstance(said, say.Message) and outcome.refusal is None:
            self._template += 1  # what was refused, on a suspended line say, is said again

    def _words(self, party: str) -> Body:
        draw = self.rng.random()
        if draw < 0.36:
            names = tuple(templates())  # all parties go through the catalogue together
            return self._message(party, templates()[names[self._template % len(names)]])
        if draw < 0.58:
            return self._notice(party)
        if draw < 0.75:
            return self._about_own(party)
        if draw < 0.87:
            return self._emergency(party)
        return self._of_the_line(party)

    def _message(self, party: str, template: Template) -> say.Message:
        filled = tuple(
            Field(name=blank.name, value=self._blank(blank.kind, blank.low, blank.choices))
            for blank in template.fields
        )
        others = tuple(PartyId(p) for p in self.parties if p != party)
        to = self.rng.choice(((), (), (self.rng.choice(others),)))
        return say.Message(template=template.id, fields=filled, to=to)

    def _blank(self, kind: str, low: int, choices: tuple[str, ...]) -> str | int:
        match kind:
            case "number":
                return low
            case "choice":
                return self.rng.choice(choices)
            case "instant":
                return int(self.now)
            case "position":
                return position_text(disc(35.2, 35.4, 1).centre)
            case "entry":
                return f"{self.rng.choice(self.parties)}.0/{self.rng.randrange(5)}"
            case _:
                return FORMS[kind]

    def _notice(self, party: str) -> say.Notice:
        return say.Notice(
            cls=self.rng.choice(("hazardous-air", "hazardous-surface", "air-movement")),
            label=f"area {self.turns}",
            volumes=(self._volume(party),),
            operation=self.rng.choice((None, f"{party}-op")),
        )

    def _volume(self, party: str) -> Volume:
        start = Instant(self.at_node(party) + self.rng.randint(1, 90) * MINUTE)
        place = disc(34.0 + self.rng.randrange(6) * 0.5, 34.0 + self.rng.randrange(4) * 0.6, 12)
        low = self.rng.choice((SURFACE, level(150), level(300)))
        end = Instant(start + self.rng.randint(10, 60) * MINUTE)
        return volume(place, start, end, low, UNLIMITED)

    def _about_own(self, party: str) -> Body:
        """Something about a notice of one's own that is live."""
        held = self.at(party).picture.feed(feed_of(PartyId(party))).live.values()
        live = sorted(held, key=lambda version: version.ref)  # one order, whatever the hashes are
        notices = [v for v in live if v.kind in (Kind.NOTICE, Kind.AMEND, Kind.OPEN)]
        draw = self.rng.random()
        if not notices:
            return self._notice(party)
        one = self.rng.choice(notices)
        if draw < 0.35:
            return say.Amend(notice=one.notice, to=self._notice(party))
        if draw < 0.6:
            return say.Withdraw(versions=(one.ref,))
        if draw < 0.8:
            return self._coordinated(party) or say.Withdraw(versions=(one.ref,))
        return say.Relay(of=one.ref, to=PartyId("SYRAD"))

    def _coordinated(self, party: str) -> Body | None:
        """One's word about a pair of which both versions are live."""
        feeds = self.at(party).picture.feeds.values()
        every = sorted((v for f in feeds for v in f.live.values()), key=lambda v: v.ref)
        mine = [v for v in every if v.party == party]
        theirs = [v for v in every if v.party != party]
        if not mine or not theirs:
            return None
        a, b = sorted((self.rng.choice(mine).ref, self.rng.choice(theirs).ref))
        until = Instant(self.at_node(party) + HOUR)
        return say.Coordinated(pair=(a, b), measure="by level", until=until)

    def _emergency(self, party: str) -> Body:
        self._emergencies += 1  # two STOPs, then one of each of the others
        area = (self._volume(party),)
        if self._emergencies % 4 in (0, 2):
            return say.Stop(volumes=area)
        if self._emergencies % 4 == 1:
            return say.Distress(what="crew down", volumes=area, souls=2)
        return say.Accident(what="lost load", volumes=area)

    def _of_the_line(self, party: str) -> Body:
        own = self.at(party).picture.feed(feed_of(PartyId(party)))
        if own.suspended is not None:
            return say.Resume(of=own.suspended[0])
        waiting = [s for _, s in sorted(own.seals.items()) if s.opened is None]
        if waiting:
            what, salt = self._sealed[waiting[0].seal.sha256]
            return say.Open(seal=waiting[0].ref, salt=salt, to=what)
        draw = self.rng.random()
        if draw < 0.5:
            what = self._notice(party)
            salt = seed("seal", self.number, self.turns).hex()
            digest = sha256(bytes.fromhex(salt) + encode(what)).hexdigest()
            self._sealed[digest] = what, salt
            return say.Seal(sha256=digest, opens=Instant(self.at_node(party) + 20 * MINUTE))  # type: ignore[arg-type]
        if draw < 0.75:
            return say.Suspend(reason="storm")
        return say.Test(text="radio check", role=ROLES[0])

    # -- faults

    def _cut(self) -> None:
        """A link goes, one way or both, for some minutes or an hour."""
        self.later(round(self.rng.expovariate(1 / (5 * HOUR))) + MINUTE, self._cut)
        if self.calm:
            return
        a, b = self.rng.sample(self.parties, 2)
        ways = {(a, b)} if self.rng.random() < 0.4 else {(a, b), (b, a)}
        self.lost |= ways
        self.seen["one way cut" if len(ways) == 1 else "cut"] += 1
        length = self.rng.randint(MINUTE, 70 * MINUTE)
        self.later(length, lambda: self._join(ways))

    def _join(self, ways: set[tuple[str, str]]) -> None:
        self.lost -= ways
        for a, b in sorted(ways):
            self._connect(a, b)

    def _connect(self, a: str, b: str) -> None:
        for one, other in ((a, b), (b, a)):
            if one in self.nodes and other in self.nodes:
                self.take(one, Connected(line=self.line, peer=PartyId(other), up=True))

    def _crash(self) -> None:
        """A process dies, and begins again on what is durable."""
        self.later(round(self.rng.expovariate(1 / (6 * HOUR))) + MINUTE, self._crash)
        if self.calm or len(self.nodes) < len(self.parties):
            return
        party = self.rng.choice(self.parties)
        self.down[party] = self.nodes.pop(party)
        self.pending.pop(party, None)
        self.seen["crash"] += 1
        self.later(self.rng.randint(0, 15 * MINUTE), lambda: self._restart(party))

    def _restart(self, party: str) -> None:
        if party not in self.down:
            return
        old = self.down.pop(party)
        node = self.make(party, old.store, old.high_water)  # type: ignore[arg-type]
        now = self.at_node(party)
        node.begin(now)
        node.load(now)
        self.nodes[party] = node
        self._up[party] = now
        self.checker.started(PartyId(party))
        self.take(party, Ticked())
        for other in self.parties:
            if other != party and not {(party, other), (other, party)} & self.lost:
                self._connect(party, other)

    def _rekey(self) -> None:
        """AAA takes a new node key: its root's manifest says where the old one ended."""
        if "AAA" not in self.nodes:
            self.later(MINUTE, self._rekey)
            return
        node = self.nodes["AAA"]
        marks = tuple(
            FeedMark(line=self.line, feed=feed, size=front.size, root=Digest(front.root.hex()))
            for feed, front in sorted(self.at("AAA").frontiers.items())
            if feed == feed_of(PartyId("AAA"))
        )
        manifest = papers.next_manifest("AAA", 2, marks, papers.first_manifest("AAA"))
        self._hand(papers.signed_manifest(manifest), first=node)

    def _new_terms(self) -> None:
        """All have signed stricter terms; each adopts them when it has them."""
        if len(self.nodes) < len(self.parties) or self.lost:
            self.later(MINUTE, self._new_terms)
            return
        effective = Instant(self.now - self.now % MINUTE)
        agreed = papers.next_terms(self.terms, effective=effective, stricter=True)
        self._hand(papers.signed_terms(agreed), first=self.nodes["AAA"])

    def _hand(self, document: bytes, first: Conductor) -> None:
        """A document comes to its owner's node, then to the others."""
        parties = sorted(self.parties, key=lambda party: self.nodes.get(party) is not first)
        given = Papers(line=self.line, peer=None, documents=(document,))
        for party in parties:
            if party in self.nodes:
                self.take(party, given)
                self.settle()
            else:
                self.later(20 * MINUTE, partial(self._hand_again, party, given))

    def _hand_again(self, party: str, given: Papers) -> None:
        if party in self.nodes:
            self.take(party, given)
        else:
            self.later(20 * MINUTE, lambda: self._hand_again(party, given))

    def _leave(self) -> None:
        """The last party leaves the line."""
        party = self.parties[-1]
        if party not in self.nodes:
            self.later(MINUTE, self._leave)
            return
        self.state(party, ROLES[0], say.Leave(reason="mission over"))

    def _heal(self) -> None:
        """Every link is up, every process runs, everybody is good and says nothing new."""
        self.calm = True
        for party in list(self.down):
            self._restart(party)
        self._join(set(self.lost))
        for a in self.parties:
            for b in self.parties:
                if a < b:
                    self._connect(a, b)
        self.settle()


__all__ = ["ROLES", "LongWatch"]
