"""One world: boxes, the wire between them, people, and a seed that decides what happens."""

import dataclasses
import heapq
import random
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import sha256

from msgspec.structs import replace

from clearline.canonical import encode
from clearline.conflict import lists, validity
from clearline.conflict.blocks import BlockIndex
from clearline.conflict.verdict import Extent, Separation
from clearline.model import entry as say
from clearline.model.entry import Body, Precedence, Reply
from clearline.model.finding import Judgement
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId, epoch_of, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Disc, Volume
from clearline.model.terms import Agreement
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node import conductor, ingest, judge, loader, write
from clearline.node import papers as node_papers
from clearline.node.conductor import Conductor, Done
from clearline.node.inbound import Beaten, Flashed, Inbound, Papers, Pushed, Say, Stated, Ticked
from clearline.node.intent import Beat, Fetch, Intent, Send
from clearline.node.judge import WORK_OF_A_TURN
from clearline.node.pieces import pieces
from clearline.node.state import Signing
from clearline.node.write import statement
from clearline.picture.standing import epochs
from clearline.trust import agreement
from clearline.trust.party import FeedMark
from tests.simulation import papers
from tests.simulation.box import Box
from tests.simulation.checker import Broken, Checker
from tests.simulation.disk import Disk, MemoryDisk
from tests.simulation.oracle import odd_for
from tests.town import BEGIN, at, disc, level, node_key_of, seed, volume

READER: ContextVar[str] = ContextVar("READER")
"""Whose software is at work: the one thing in which the nodes' programs differ."""


def _check_as_reader(volume: Volume) -> Sequence[Refusal]:
    if isinstance(volume.footprint, Disc):
        plain = {"footprint": {"radius_mm": volume.footprint.radius_mm}}
        if odd_for(READER.get(), plain):
            return (Refusal(code=Code.BAD_GEOMETRY, clause="CL-GEO-002"),)
    return _check(volume)


_check = lru_cache(maxsize=4_096)(validity.check_volume)
_read_terms = lru_cache(maxsize=256)(agreement.read_agreement)


@lru_cache(maxsize=65_536)
def _judged(
    a: tuple[Extent, ...], b: tuple[Extent, ...], sep: Separation
) -> tuple[tuple[int, ...], Judgement]:
    """The steps of judging and what came of them: remembered, they count as much as at first."""
    units = list[int]()
    steps = lists.judging(a, b, sep)
    while True:
        try:
            units.append(next(steps))
        except StopIteration as done:
            return tuple(units), done.value


def _judging(
    a: tuple[Extent, ...], b: tuple[Extent, ...], sep: Separation, _rows: object = None
) -> Generator[int, None, Judgement]:
    units, found = _judged(a, b, sep)
    yield from units
    return found


@contextmanager
def software(index: "Callable[[], BlockIndex[EntryRef]]" = BlockIndex) -> Iterator[None]:
    """Nodes that differ in what they can read, and remember verdicts and terms, which are pure."""
    faster = (
        (judge, "judging", _judging), (judge, "BlockIndex", index),
        *((m, "read_agreement", _read_terms) for m in TERMS),
    )  # fmt: skip
    with ExitStack() as stack:
        for module, name, function in faster:
            stack.enter_context(instead(module, name, function))
        for module in (ingest, write, loader):
            stack.enter_context(instead(module, "check_volume", _check_as_reader))
        yield


@contextmanager
def instead(where: object, name: str, what: object) -> Iterator[None]:
    """Replace an attribute for a while."""
    kept = getattr(where, name)
    setattr(where, name, what)
    try:
        yield
    finally:
        setattr(where, name, kept)


SMALL_INDEX = partial(BlockIndex, tail=2, runs=2, block=2)
"""A dozen live volumes go through all its parts; it is slower, so not in every world."""
SMALL_EVERY = 4

TERMS = (node_papers, conductor)
"""Modules that read agreements; what was read once is the same again."""


@dataclass(order=True)
class Message:
    """Under way on a connection between two processes, or on a stick (``lives`` is None)."""

    due: int
    number: int
    to: str = field(compare=False)
    what: tuple[Inbound | Fetch, ...] = field(compare=False)
    sender: str = field(compare=False)
    lives: tuple[int, int] | None = field(compare=False)


@dataclass(frozen=True)
class Shape:
    """What a world is like; drawn from its seed unless given."""

    parties: int
    joins: bool
    odd: bool
    loss: float
    faults: bool
    steps: int
    slow: bool = False


def shape_of(rng: random.Random) -> Shape:
    """A world's shape by its seed."""
    parties = rng.choice((2, 2, 2, 3, 3, 3, 3, 4, 4, 5))
    return Shape(
        parties=parties,
        joins=parties > 2 and rng.random() < 0.35,
        odd=rng.random() < 0.3,
        loss=rng.choice((0.0, 0.05, 0.2)),
        faults=rng.random() < 0.85,
        steps=rng.randint(60, 150 - 15 * parties),
    )


class World:
    """``run`` plays it to the end; whatever breaks raises ``Broken`` with the seed in its text."""

    def __init__(
        self,
        number: int,
        *,
        kind: type[Conductor] = Conductor,
        make_disk: Callable[[str], Disk] = lambda party: MemoryDisk(),
        trace: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.number = number
        self.rng = random.Random(number)
        self.shape = shape_of(self.rng)
        self.judging = random.Random(f"judging {number}")
        self.shape = dataclasses.replace(self.shape, slow=self.judging.random() < 0.6)
        self.actions = ACTIONS if self.shape.faults else CALM
        self.trace = trace
        self.now = BEGIN
        self.turns = 0
        self.cries = 0
        self.sent = 0
        self.wire: list[Message] = []
        self.sticks: list[Message] = []
        self.cut: set[tuple[str, str]] = set()
        self.healing = False
        names = papers.NAMES[: self.shape.parties]
        self.boxes = {
            name: Box(
                PartyId(name), make_disk(name), kind=kind, manifest=papers.first_manifest(name)
            )
            for name in names
        }
        founders = names[:-1] if self.shape.joins else names
        self.newest: Agreement = papers.terms(founders)
        self.checker = Checker({1: self.newest})
        self.odd = frozenset({self.rng.choice(names)}) if self.shape.odd else frozenset()
        self.first = frozenset(papers.first_papers(founders))
        self.papers: list[bytes] = list(papers.first_papers(founders))
        self._sealed: dict[str, tuple[say.Notice, str]] = {}

    # -- running

    def begin(self) -> None:
        """The founders take up the line."""
        for name in self.founders:
            with self._as(self.boxes[name]):
                self.boxes[name].join(self.papers, self.now)
        for name in self.founders:
            self.take(self.boxes[name], [Ticked()])

    @contextmanager
    def _as(self, box: Box) -> Iterator[None]:
        token = READER.set(box.party if box.party in self.odd else "-")
        try:
            yield
        finally:
            READER.reset(token)

    def run(self) -> "World":
        """All steps, then healing, then what must hold at rest."""
        where = "the beginning"
        try:
            with software(SMALL_INDEX if self.number % SMALL_EVERY == 1 else BlockIndex):
                self.begin()
                for n in range(self.shape.steps):
                    where = f"step {n}"
                    self.step()
                where = "healing"
                self.heal()
        except Broken as broken:
            again = f"world {self.number}, {where}: python -m tests.simulation {self.number}"
            raise Broken(broken.invariant, f"{broken} [{again}]") from broken
        return self

    def step(self) -> None:
        """One thing happens; then everything is checked."""
        for box in self.boxes.values():
            if box.loading:
                with self._as(box):
                    box.load(self.rng.choice((0, 0, 1, 1, 2, 5)), self.now)
        names, weights = zip(*self.actions, strict=True)
        (name,) = self.rng.choices(names, weights)
        self.trace(f"{self.now - BEGIN:>8} {name}")
        getattr(self, f"_{name}")()

    def take(self, box: Box, batch: Sequence[Inbound]) -> Done | None:
        """One turn of one node, and what it asks for."""
        self.turns += 1
        reads = box.loading
        if self.shape.slow and not reads:
            batch = [piece for what in batch for piece in self._in_pieces(what)]
        with self._as(box):
            done = box.turn(batch, self.now, seed(self.number, self.turns), self.work())
        for what in batch:
            if reads and isinstance(what, Pushed):
                self._unsent(self.boxes[what.peer], box.party)  # not held: it comes again
        if done is not None:
            for what, outcome in zip(batch, done.outcomes, strict=True):
                self.cries += reads and isinstance(what, Say) and bool(outcome.refs)
                if not isinstance(what, Ticked):
                    code = outcome.refusal and f"{outcome.refusal.code} {outcome.refusal.clause}"
                    self.trace(f"           {box.party} {type(what).__name__} {code or ''}")
            for intent in done.intents:
                self.perform(box, intent)
        else:
            self.trace(f"           {box.party} died in its turn")
        self.checker.check(box, self.now)
        return done

    def _in_pieces(self, what: Inbound) -> Sequence[Inbound]:
        """A push in pieces, as the loop takes it, by measures from every entry to none."""
        if not isinstance(what, Pushed) or what.rest is not None:
            return (what,)
        return tuple(pieces(what, (1, 30, 100, 4_000)[self.turns % 4]))

    def work(self) -> int:
        """How much a turn may judge: in some worlds as good as nothing, so that pairs wait."""
        if self.healing or not self.shape.slow:
            return WORK_OF_A_TURN
        return self.judging.choice((0, 0, 0, 1, 20, 800))

    # -- the wire

    def send(self, box: Box, to: str, *what: Inbound | Fetch | None, stick: bool = False) -> None:
        """Put something on the connection; it may be lost, late, doubled, overtaken."""
        said = tuple(w for w in what if w is not None)
        if not said or to not in self.boxes:
            return
        for one in said:
            self._let_out(box, one)
        self.sent += 1
        delay = self.rng.choice((5, 20, 300, 300, 2_000)) if not self.healing else 5
        lives = None if stick else (box.life, self.boxes[to].life)
        message = Message(self.now + delay, self.sent, to, said, box.party, lives)
        if stick:
            self.sticks.append(message)
            return
        lost = (box.party, to) in self.cut or self.rng.random() < self.shape.loss
        if lost and not self.healing:
            self._unsent(box, to)
            return
        heapq.heappush(self.wire, message)
        if self.rng.random() < 0.1:
            self.sent += 1
            again = Message(message.due + 700, self.sent, to, said, box.party, lives)
            heapq.heappush(self.wire, again)

    def _unsent(self, box: Box, to: str) -> None:
        """The sender hears in time that something did not get through, and begins again."""
        box.told = {place: n for place, n in box.told.items() if place[0] != to}

    def _let_out(self, box: Box, what: Inbound | Fetch) -> None:
        if isinstance(what, Pushed | Flashed):
            signed = box.running.head(what.line, what.feed)
            assert signed is not None, "what is pushed has a head"
            self.checker.leaves(box, what, signed)

    def perform(self, box: Box, intent: Intent) -> None:
        """What the shell does for an intent."""
        if not box.up:
            return
        match intent:
            case Send():
                self.push(box, intent.peer, flash=intent.flash)
            case Fetch():
                self.send(box, intent.peer, intent)
            case Beat():
                beat = Beaten(
                    line=intent.line, peer=box.party, sequence=intent.sequence, sent=intent.sent,
                    echo=intent.echo, reply=intent.reply,
                )  # fmt: skip
                self.send(box, intent.peer, beat)
            case _:
                pass

    def push(self, box: Box, to: str, *, flash: bool = False) -> None:
        """Send a peer what it is not known to have of our own feeds, FLASH on its own."""
        for feed in box.own_feeds():
            known = self.acknowledged(box, to, feed)
            if flash:
                self.flash(box, to, feed, known)
            pushed = self.piece(box, feed, max(known, box.told.get((to, feed), 0)))
            if pushed is not None:
                box.told[to, feed] = pushed.first + len(pushed.items)
                self.send(box, to, self.paper(box, to), pushed)

    def paper(self, box: Box, to: str, *, stick: bool = False) -> Papers | None:
        """Signed documents that did not begin the line and that the peer has not been sent."""
        stored = box.running.papers(box.at.line).documents
        new = tuple(raw for raw in stored if raw not in self.first)
        if len(new) <= box.told.get((to, PAPERS), 0) and not stick:
            return None
        if not stick:
            box.told[to, PAPERS] = len(new)
        return Papers(line=box.at.line, peer=box.party, documents=new) if new else None

    @property
    def founders(self) -> tuple[str, ...]:
        """Parties of version 1."""
        return tuple(p.id for p in self.checker.terms[1].parties)

    def piece(self, box: Box, feed: FeedId, first: int) -> Pushed | None:
        """Entries from an index on, sometimes only a few, under a checkpoint that covers more."""
        most = 512 if self.healing else self.rng.choice((1, 2, 512, 512))
        return box.running.push(box.at.line, feed, first, bytes_max=1 << 20, entries_max=most)

    def acknowledged(self, box: Box, peer: str, feed: FeedId) -> int:
        """How much of a feed the peer has receipted in its newest epoch, or stated."""
        ls = box.at
        newest = epochs(ls.picture, PartyId(peer))[-1:]
        seen = [steps.value() for s in newest if (steps := s.seen.get(feed)) is not None]
        stated = ls.peers[PartyId(peer)].held.get(feed, 0) if peer in ls.peers else 0
        return max([*seen, stated], default=0)

    def flash(self, box: Box, to: str, feed: FeedId, first: int) -> None:
        """FLASH entries that the peer is not known to have, each alone with its proofs, once."""
        place = to, FeedId(f"{feed} alone")
        for stored in box.store.entries(box.at.line, feed, first, 512):
            if b'"prec":"Z"' in stored.data and stored.index >= box.told.get(place, 0):
                box.told[place] = stored.index + 1
                flashed = box.running.flash(box.at.line, feed, stored.index, first)
                self.send(box, to, self.paper(box, to), flashed)

    def due(self) -> list[Message]:
        """Messages whose time has come, without those whose connection is gone."""
        found = []
        while self.wire and self.wire[0].due <= self.now:
            message = heapq.heappop(self.wire)
            lives = (self.boxes[message.sender].life, self.boxes[message.to].life)
            if message.lives in (None, lives) and self.boxes[message.to].up:
                found.append(message)
            else:
                self._unsent(self.boxes[message.sender], message.to)
        return found

    def deliver(self, messages: Sequence[Message], extra: dict[str, list[Inbound]]) -> None:
        """Every receiver takes what arrived, together with what its people say, in one turn."""
        batches: dict[str, list[Inbound]] = {}
        for message in messages:
            for what in message.what:
                if isinstance(what, Fetch):
                    self.answer_fetch(self.boxes[message.to], message.sender, what)
                else:
                    batches.setdefault(message.to, []).append(what)
        for name, said in extra.items():
            place = self.rng.randint(0, len(batches.get(name, [])))
            batches.setdefault(name, [])[place:place] = said
        for name, batch in batches.items():
            if self.boxes[name].up:
                self.take(self.boxes[name], batch)

    def answer_fetch(self, box: Box, to: str, fetch: Fetch) -> None:
        """A peer asks for a feed from an index on."""
        if box.up:
            self.send(box, to, self.paper(box, to), self.piece(box, fetch.feed, fetch.first))

    # -- people

    def author(self) -> Box | None:
        """Somebody whose node runs."""
        up = [box for box in self.boxes.values() if box.up]
        return self.rng.choice(up) if up else None

    def words(self, box: Box) -> tuple[Precedence, tuple[Body, ...]]:
        """What somebody wants to say."""
        rng = self.rng
        live = sorted((v for s in box.at.picture.feeds.values() for v in s.live.values()),
                      key=lambda version: version.ref)  # fmt: skip
        own = [version for version in live if version.party == box.party]
        if box.loading and rng.random() < 0.7:
            return Precedence.FLASH, (self._cry(box),)
        prec = rng.choice((Precedence.PRIORITY, Precedence.PRIORITY, Precedence.FLASH))
        draw = rng.random()
        if own and draw < 0.45:
            one = rng.choice(own)
            return prec, (self._about_own(box, one.ref, one.notice),)
        if draw < 0.58:
            others = [version.ref for version in live if version.party != box.party]
            if others:
                return prec, (self._about_other(box, rng.choice(others), own),)
        if draw < 0.64:
            return Precedence.FLASH, (self._emergency(box),)
        if draw < 0.70:
            return prec, (self._of_the_line(box),)
        return prec, tuple(self.notice(box) for _ in range(rng.choice((1, 1, 2))))

    def _emergency(self, box: Box) -> Body:
        volumes = self.volumes(box)
        cries = say.Stop(), say.Distress(what="help", volumes=volumes), say.Accident(what="fire")
        return self.rng.choice(cries)

    def _cry(self, box: Box) -> Body:
        """An emergency, or the answer to one, of a node that is reading its record."""
        asks = [ref for ref in sorted(box.at.picture.asks_ahead) if party_of(ref.feed) != box.party]
        if asks and self.rng.random() < 0.5:
            reply = self.rng.choice((Reply.HALTED, Reply.ROGER))
            return say.Answer(to=self.rng.choice(asks), reply=reply, role="watch-officer")
        return self._emergency(box)

    def _about_own(self, box: Box, ref: EntryRef, notice: EntryRef) -> Body:
        match self.rng.randint(0, 3):
            case 0 | 1:
                return say.Amend(notice=notice, to=self.notice(box))
            case 2:
                return say.Withdraw(versions=(ref,))
            case _:
                soon = self.rng.choice((0, 0, 30 * MINUTE))
                return say.AllClear(versions=(ref,), at=Instant(self.now + soon))

    def _about_other(self, box: Box, ref: EntryRef, own: Sequence[object]) -> Body:
        mine = [v.ref for v in own]  # type: ignore[attr-defined]
        if mine and self.rng.random() < 0.4:
            pair = tuple(sorted((ref, self.rng.choice(mine))))
            until = Instant(self.now + 20 * MINUTE)
            return say.Coordinated(pair=pair, measure="by level", until=until)  # type: ignore[arg-type]
        reply = self.rng.choice((Reply.ROGER, Reply.WILCO, Reply.STANDBY, Reply.OBJECT))
        return say.Answer(to=ref, reply=reply, role="watch-officer")

    def _of_the_line(self, box: Box) -> Body:
        own = box.at.picture.feed(box.at.feed)
        if own.suspended is not None:
            return say.Resume(of=own.suspended[0])
        seals = [s for _, s in sorted(own.seals.items()) if s.opened is None]
        draw = self.rng.random()
        if seals:
            sealed = seals[0]
            what, salt = self._sealed[sealed.seal.sha256]
            return say.Open(seal=sealed.ref, salt=salt, to=what)
        if draw < 0.5:
            what = self.notice(box)
            salt = seed("seal", self.turns).hex()
            digest = sha256(bytes.fromhex(salt) + encode(what)).hexdigest()
            self._sealed[digest] = what, salt
            return say.Seal(sha256=digest, opens=Instant(self.now + MINUTE))
        if draw < 0.8:
            return say.Suspend(reason="storm")
        return say.Test(text="radio check", role="watch-officer")

    def notice(self, box: Box) -> say.Notice:
        """A disc on a grid of six places, in one of three bands and three windows."""
        return say.Notice(
            cls=self.rng.choice(("air-movement", "hazardous-air")),
            label="area",
            volumes=self.volumes(box),
            operation=self.rng.choice((None, None, "op")),
        )

    def volumes(self, box: Box) -> tuple[Volume, ...]:
        """One volume; in some worlds one that a certain party cannot read."""
        rng = self.rng
        place = disc(34.0, 33.0 + 0.15 * rng.randint(0, 5), 5)
        for name in self.odd:
            if name != box.party and rng.random() < 0.3:
                place = replace(place, radius_mm=place.radius_mm + "ABCDE".index(name[0]) + 1)
        low, high = rng.choice(((100, 150), (140, 200), (300, 350)))
        start = rng.choice((-20, 60, 100))
        return (volume(place, at(start), at(start + 45), level(low), level(high)),)

    # -- what may happen: each is one step

    def _deliver(self) -> None:
        self.now = Instant(self.now + self.rng.choice((5, 50, 300, 2_000)))
        extra: dict[str, list[Inbound]] = {}
        box = self.author()
        if box is not None and self.rng.random() < 0.3:
            extra[box.party] = [self.says(box)]
        self.deliver(self.due(), extra)

    def says(self, box: Box) -> Say:
        """A person's write."""
        prec, bodies = self.words(box)
        self.trace(f"           {box.party} says {[b.kind.value for b in bodies]} {prec.value}")
        return Say(
            id=f"{self.number}-{self.turns}", line=box.at.line, person="p", role="watch-officer",
            statements=tuple(statement(body, prec) for body in bodies),
        )  # fmt: skip

    def _say(self) -> None:
        box = self.author()
        if box is not None:
            self.take(box, [self.says(box)])

    def _tick(self) -> None:
        self.now = Instant(self.now + self.rng.choice((SECOND, 5 * SECOND, 30 * SECOND)))
        for box in list(self.boxes.values()):
            if box.up:
                self.take(box, [Ticked()])

    def _meet(self) -> None:
        """Two nodes connect: documents, what each holds, and a push both ways."""
        up = [box for box in self.boxes.values() if box.up]
        if len(up) > 1:
            self.meet(*self.rng.sample(up, 2))

    def meet(self, one: Box, other: Box) -> None:
        """Both say what they hold; what is lacking follows."""
        for box, to in ((one, other), (other, one)):
            if box.up:
                self._unsent(box, to.party)
                stated = box.running.stated(box.at.line, to.party)
                self.send(box, to.party, self.paper(box, to.party), stated)
                self.push(box, to.party, flash=True)

    def _third(self) -> None:
        """A pull of somebody's feed through somebody else."""
        up = [box for box in self.boxes.values() if box.up]
        if len(up) > 1:
            box, other = self.rng.sample(up, 2)
            feed = self.rng.choice(sorted(other.at.frontiers) or [box.at.feed])
            first = box.at.frontier(feed).size
            self.send(box, other.party, Fetch(box.at.line, other.party, feed, first))

    def _stick(self) -> None:
        """Feeds on a stick, for somebody; carried whenever, whoever lives."""
        up = [box for box in self.boxes.values() if box.up]
        if self.sticks and self.rng.random() < 0.5:
            message = self.sticks.pop(self.rng.randrange(len(self.sticks)))
            if self.boxes[message.to].up:
                self.deliver([message], {})
        elif len(up) > 1:
            box, other = self.rng.sample(up, 2)
            for feed in sorted(box.at.frontiers):
                paper = self.paper(box, other.party, stick=True)
                self.send(box, other.party, paper, self.piece(box, feed, 0), stick=True)

    def _cut(self) -> None:
        names = list(self.boxes)
        if self.cut and self.rng.random() < 0.5:
            self.cut.clear()
            return
        one, other = self.rng.sample(names, 2)
        self.cut.add((one, other))
        if self.rng.random() < 0.5:
            self.cut.add((other, one))

    def _crash(self) -> None:
        box = self.author()
        if box is None:
            return
        how = self.rng.choice((None, "before", "after", "mark"))
        self.trace(f"           {box.party}: {how or 'now'}")
        if how is None:
            box.die()
        else:
            box.disk.plan.crash = how

    def _restart(self) -> None:
        down = [b for b in self.boxes.values() if b.node is None and b.line is not None]
        if down:
            self.restart(self.rng.choice(down))

    def restart(self, box: Box) -> None:
        """A new process; in real life it asks everybody at once."""
        self.trace(f"           {box.party} starts")
        with self._as(box):
            box.restart(self.now)
        self.take(box, [Ticked()])

    def _back_up(self) -> None:
        box = self.author()
        if box is not None:
            box.disk.back_up()

    def _snapshot(self) -> None:
        box = self.author()
        if box is not None:
            box.save_snapshot()

    def _restore(self) -> None:
        """An old copy in place of the database: with its mark, without, or with a damaged one."""
        box = self.author()
        if box is None or any(self._unsure(other) for other in self.boxes.values()):
            return  # two losses at once, one of them of a mark, are more than anybody can prove
        feed = box.at.feed
        box.die()
        if not box.disk.restore():
            return
        box.unsure = False
        box.restored = True
        self.checker.restored(box)
        how = self.rng.choice(("kept", "kept", "lost", "damaged"))
        self.trace(f"           {box.party}: mark {how}")
        if how != "kept":
            assert box.line is not None
            box.disk.lose_mark(box.line, feed, damaged=how == "damaged")
            self.sticks = [m for m in self.sticks if m.sender != box.party]
            box.unsure = True
            if how == "lost":
                others = [b for b in self.boxes.values() if b is not box]
                self.checker.forget(feed, others)

    def _unsure(self, box: Box) -> bool:
        """Whether a node without its mark does not yet know what it had written: it has not caught
        up, or the root has not confirmed what it opened in an emergency."""
        if box.unsure and box.up and not box.loading and not needs_root(box):
            box.unsure = False
        return box.unsure

    def _disk(self) -> None:
        """A disk fills up, or has room again."""
        full = [b for b in self.boxes.values() if b.disk.plan.full or b.disk.plan.full_marks]
        if full:
            self.make_room(self.rng.choice(full))
            return
        box = self.author()
        if box is not None:
            box.disk.plan.full = self.rng.random() < 0.8
            box.disk.plan.full_marks = not box.disk.plan.full or self.rng.random() < 0.3

    def make_room(self, box: Box) -> None:
        """The disk takes writes again, and the node is told."""
        box.disk.plan.full = box.disk.plan.full_marks = False
        if not box.up:
            return
        self.turns += 1
        with self._as(box):
            done = box.room(self.now, seed(self.number, self.turns))
        for intent in done.intents if done is not None else ():
            self.perform(box, intent)
        self.checker.check(box, self.now)

    def _rekey(self) -> None:
        """A new node key: the manifest says where the old one ended."""
        box = self.author()
        if box is None or box.at.signing is not Signing.READY or box.manifest is None:
            return
        if write.is_unconfirmed(box.at):
            return  # nobody ends the key that opened an epoch before the root has confirmed it
        chain = box.at.roster.chains[box.party]
        if chain.serial >= papers.KEYS or box.manifest.serial != chain.serial:
            return
        marks = tuple(
            FeedMark(line=box.at.line, feed=feed, size=front.size, root=front.root.hex())
            for feed, front in sorted(box.at.frontiers.items())
            if party_of(feed) == box.party
        )
        if any(len(self.checker.out.get(m.feed, ())) > m.size for m in marks):
            return  # a restored node that lacks what it wrote knows it, and asks first
        manifest = papers.next_manifest(box.party, chain.serial + 1, marks, box.manifest)
        self.hand(box, papers.signed_manifest(manifest))
        if papers.signed_manifest(manifest) in self.papers:
            box.manifest = manifest

    def hand(self, box: Box, *documents: bytes) -> None:
        """An administrator gives documents to the own node, and to nobody before it has them."""
        line = box.at.line
        self.take(box, [Papers(line=line, peer=None, documents=documents)])
        kinds = ("agreement", "manifest", "epoch")
        held = {document.data for kind in kinds for document in box.store.documents(line, kind)}
        self.papers.extend(raw for raw in documents if raw in held)

    def _terms(self) -> None:
        """All sign the next version; one node is given it, the others hear of it."""
        box = self.author()
        if box is None or len(self.checker.terms) > 2:
            return
        outside = [b for b in self.boxes.values() if b.line is None]
        joins = outside[0].party if outside else None
        stricter = joins is None or self.rng.random() < 0.3
        effective = max(papers.SOON, Instant(self.now - self.now % MINUTE))
        agreed = papers.next_terms(
            self.newest, effective=Instant(effective), stricter=stricter, joins=joins
        )
        new = [papers.signed_terms(agreed)]
        if joins is not None:
            new.append(papers.manifest_of(joins))
        self.checker.terms[agreed.version] = agreed
        self.hand(box, *new)
        if new[0] not in self.papers:
            del self.checker.terms[agreed.version]  # the process died: it was never given out
            return
        self.newest = agreed
        if joins is not None:
            with self._as(outside[0]):
                outside[0].join(self.papers, self.now)
            self.take(outside[0], [Ticked()])

    def _leave(self) -> None:
        box = self.author()
        if box is not None and self.shape.parties > 2 and self.rng.random() < 0.3:
            body = say.Leave(reason="mission over")
            self.take(
                box, [replace(self.says(box), statements=(statement(body, Precedence.PRIORITY),))]
            )

    def _epoch(self) -> None:
        """A person opens a new epoch for a node that must not sign."""
        stuck = [b for b in self.boxes.values() if b.up and needs_root(b)]
        if stuck:
            self.open_epoch(self.rng.choice(stuck))

    def open_epoch(self, box: Box) -> None:
        """The root's word, naming the last checkpoint that is known here; or its confirmation of
        what the node opened in an emergency."""
        feed = box.at.feed
        if write.is_unconfirmed(box.at):
            opened = box.at.roster.openings[feed].ruling
            self.hand(box, papers.confirmed(opened, box.at.frontier(feed).size))
            return
        front = box.at.frontier(feed)
        chain = box.at.roster.chains[box.party]
        assert chain.manifest is not None
        mark = FeedMark(line=box.at.line, feed=feed, size=front.size, root=front.root.hex())
        key = chain.manifest.keys[0].key
        self.hand(box, papers.opening(box.at.line, feed, mark, key, self.now))

    # -- healing

    def heal(self) -> None:
        """Everything works again; people do what only they can; then all must agree."""
        self.trace("healing")
        self.healing = True
        self.cut.clear()
        for box in self.boxes.values():
            self.make_room(box)
            box.disk.plan.crash = None
            if box.node is None and box.line is not None:
                self.restart(box)
            with self._as(box):
                box.load(10_000, self.now)
        self.now = max(self.now, papers.SOON)
        for n in range(HEAL_ROUNDS):
            self._round()
            if n in (2, 3, 4, 5):
                for box in self.on_line():
                    if needs_root(box):
                        self.open_epoch(box)
        for box in self.on_line():
            self.checker.note_kinds(box)
        self.checker.healed(self.on_line(), self.odd)

    def on_line(self) -> list[Box]:
        """Boxes whose party is on the line."""
        return [box for box in self.boxes.values() if box.up]

    def _round(self) -> None:
        boxes = self.on_line()
        for n, one in enumerate(boxes):
            for other in boxes[n + 1 :]:
                self.meet(one, other)
        self._drain()
        self.now = Instant(self.now + 61 * SECOND)
        for box in boxes:
            self.take(box, [Ticked()])
        self._drain()

    def _drain(self) -> None:
        for _ in range(400):
            if not self.wire:
                return
            self.now = Instant(max(self.now, self.wire[0].due))
            self.deliver(self.due(), {})
        raise Broken("G", "the nodes never come to rest")


PAPERS = FeedId("documents")
LOCKED = (Signing.RESTORED, Signing.OVERTAKEN, Signing.FORKED)
HEAL_ROUNDS = 9


def needs_root(box: Box) -> bool:
    """Whether only the root key can let this node go on."""
    return box.at.signing in LOCKED or write.is_unconfirmed(box.at)


CALM = (
    ("deliver", 40), ("say", 16), ("tick", 6), ("meet", 10), ("third", 3), ("stick", 3),
    ("terms", 2), ("rekey", 1), ("snapshot", 1), ("leave", 1),
)  # fmt: skip
ACTIONS = (
    *CALM, ("cut", 3), ("crash", 6), ("restart", 12), ("back_up", 3), ("restore", 2), ("disk", 3),
    ("epoch", 2),
)  # fmt: skip

__all__ = ["Intent", "LineId", "Stated", "World", "epoch_of", "node_key_of"]
