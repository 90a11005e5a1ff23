"""The conversation with one peer on one line, over its two standing connections.

Everything but waiting for the node is done at once and in one place: ``fill`` looks at what the
peer lacks and at what is under way, and queues whatever may go now. Both ends do the same.

What goes, in this order: documents that the peer has not got; FLASH entries, one at a time, on
their own connection, past the backlog; then, while no FLASH is under way, or after several of them
in a row, one bulk batch; then one piece of an attachment, one request for one. Receiving: a message
is handed to the node, and answered when what came of it is durable; the node's own new entries
leave in the same go.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from clearline.interfaces.native.beats import make_beat, read_beat
from clearline.interfaces.native.cursor import FLASH_TRIES_MAX, Cursor
from clearline.interfaces.native.frames import Closed
from clearline.interfaces.native.gossip import Gossip
from clearline.interfaces.native.inward import (
    PaperSet,
    divided,
    flashed_of,
    papers_of,
    pushed_of,
)
from clearline.interfaces.native.pace import Pace
from clearline.interfaces.native.pieces import Gathering, Serving
from clearline.interfaces.native.seldom import Seldom
from clearline.interfaces.native.timing import Timing
from clearline.interfaces.native.wire import Flight, Wire
from clearline.model.entry import OVERTAKING, Precedence
from clearline.model.ids import FeedId, LineId, PartyId, party_of
from clearline.model.limits import DOCUMENTS_MAX, FEEDS_MAX, LINK_BYTES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.node import intent
from clearline.node.inbound import Connected, Flashed, Forked, Inbound, Pushed, Stated
from clearline.node.ports import StaleFence
from clearline.node.runtime import Runtime
from clearline.node.state import LineState
from clearline.trust.roster import feeds_of
from clearline.wire.entry import read_frame
from clearline.wire.link import (
    Beat,
    Channel,
    Documents,
    Flash,
    Held,
    Hello,
    LinkMessage,
    Piece,
    Pull,
    Push,
    Refused,
    WantPiece,
)

LOG = logging.getLogger("clearline.link")

SCAN_ENTRIES: Final = 512
"""Entries that are looked through for FLASH in one go."""
PULL_ENTRIES: Final = 4_096
"""Entries that one Pull asks for; what remains shows in the next statement."""
_Z: Final = f'"prec":"{Precedence.FLASH.value}"'.encode()


@dataclass(slots=True, eq=False, kw_only=True)
class Talk:
    """One peer on one line. ``papers`` gives the line's documents, read once for every change."""

    runtime: Runtime
    line: LineId
    peer: PartyId
    timing: Timing
    papers: Callable[[], PaperSet]
    seldom: Seldom
    wires: dict[Channel, Wire] = field(default_factory=dict)
    cursor: Cursor = field(default_factory=Cursor)
    pace: Pace = field(default_factory=Pace)
    gossip: Gossip = field(init=False)
    gathering: Gathering = field(init=False)
    serving: Serving = field(init=False)
    up: bool = False
    proved: dict[FeedId, int] = field(default_factory=dict)
    shown: bytes = b""
    _kicked: bool = False
    _telling: bool = False
    _failures: int = 0
    _not_before: float = 0.0
    _beats: int = 0
    _flash_feed: FeedId | None = None
    _told_held: dict[FeedId, int] = field(default_factory=dict)
    _pulled: dict[FeedId, tuple[int, float]] = field(default_factory=dict)
    _looking: set[FeedId] = field(default_factory=set)
    _timers: set[asyncio.TimerHandle] = field(default_factory=set)

    def __post_init__(self) -> None:
        store = self.runtime.conductor.store
        self.gossip = Gossip(self.runtime.conductor, self.line)
        self.gathering = Gathering(store, self.line)
        self.serving = Serving(store)

    @property
    def state(self) -> LineState:
        """The line as the node has it now."""
        return self.runtime.conductor.state.lines[self.line]

    # -- connections

    def attach(self, wire: Wire, hello: Hello) -> None:
        """A connection stands; it takes the place of an older one."""
        former = self.wires.get(wire.channel)
        self.wires[wire.channel] = wire
        if former is not None:
            former.end()
            former.frames.close()
        papers = self.papers()
        if papers.digest == hello.documents or wire.channel is Channel.FLASH:
            wire.told.update(document.sha256 for document in papers.documents)
        self.cursor.begin(hello.held, self.state.feed)
        self._flash_feed = self.state.feed
        self._failures, self._not_before = 0, 0.0
        if wire.channel is Channel.BULK:
            self.gathering.asked = None
        self.proved, self.shown = dict(hello.proved), hello.shown.encode()
        self._state(hello.held)
        self._tell_connected()
        self.kick()

    def detach(self, wire: Wire) -> None:
        """A connection is at its end."""
        wire.end()
        if self.wires.get(wire.channel) is wire:
            del self.wires[wire.channel]
            self._tell_connected()
            self.kick()

    def _tell_connected(self) -> None:
        up = len(self.wires) == len(Channel)
        if up != self.up:
            self.up = up
            self.runtime.post(Connected(line=self.line, peer=self.peer, up=up))

    def close(self) -> None:
        """Let go of both connections."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for wire in list(self.wires.values()):
            wire.end()
            wire.frames.close()

    # -- what the node asks for

    def kick(self) -> None:
        """Something may go: look, once, when what is being done now is done."""
        if not self._kicked:
            self._kicked = True
            asyncio.get_running_loop().call_soon(self.fill)

    def beat(self, due: intent.Beat) -> None:
        """A heartbeat goes now or not at all: a late one would tell nothing."""
        wire = self.wires.get(Channel.FLASH) or self.wires.get(Channel.BULK)
        if wire is None:
            return
        if not due.reply:
            self._beats += 1
        beat = make_beat(self.runtime.conductor, due, self._beats)
        if beat is not None:
            wire.frames.queue(beat)
            self.kick()

    def fetch(self, due: intent.Fetch, author_up: bool) -> None:
        """Ask for a feed. Its author is told how far we are by every answer, and goes on by itself;
        another is asked at once if the author is not connected, else after a while."""
        if party_of(due.feed) == self.peer:
            return
        if author_up:
            self._look_again(due.feed)
        else:
            self._pull(due.feed)

    def gather(self, due: intent.Gather) -> None:
        """Get an attachment."""
        self.gathering.due[due.digest] = due
        self.kick()

    def grown(self) -> None:
        """The line has changed: what waited for entries is judged, what is new goes."""
        for forked in self.gossip.grown():
            self.runtime.post(forked)
        self.kick()
        if not self._telling and self._news() is not None:
            self._telling = True
            self._after(self.timing.author_s, self._tell_news)

    # -- sending

    def fill(self) -> None:
        """Queue whatever may go now, and send it."""
        self._kicked = False
        self._fill_documents()
        self._fill_flash()
        bulk = self.wires.get(Channel.BULK)
        if bulk is not None and (self.cursor.backlog_first or not self._flash_under_way()):
            self._fill_bulk(bulk)
            if not self._flash_under_way():
                self._fill_pieces(bulk)
        for wire in list(self.wires.values()):
            wire.frames.flush()

    def _fill_documents(self) -> None:
        """Before anything that rests on them, on each connection."""
        papers = self.papers()
        for wire in self.wires.values():
            missing = papers.beyond(wire.told)
            wire.told.update(document.sha256 for document in missing)
            for message in divided(self.line, missing, DOCUMENTS_MAX, LINK_BYTES_MAX // 4):
                wire.frames.queue(message)

    def _flash_under_way(self) -> bool:
        own = self.state.feed
        return (
            any(wire.overtaking for wire in self.wires.values())
            or self.cursor.next_flash(own) is not None
        )

    def _fill_flash(self) -> None:
        """The next FLASH entry past the backlog; with hardly any backlog, together with it."""
        wire = self.wires.get(Channel.FLASH) or self.wires.get(Channel.BULK)
        if wire is None:
            return
        self._scan()
        own = self.state.feed
        index = self.cursor.next_flash(own)
        bulk = self.wires.get(Channel.BULK)
        if self.cursor.backlog_first and bulk is not None and bulk.carries_bulk:
            return  # a flood: what is ahead must not outgrow its room
        if index is None or any(wire.overtaking for wire in self.wires.values()):
            return
        what = self._overtaking(own, index)
        if what is None:
            self.cursor.drop_flash()  # cannot be shown: the backlog brings it when it can
            self.kick()
            return
        self._launch(wire, what, overtakes=True)

    def _overtaking(self, own: FeedId, index: int) -> Pushed | Flashed | None:
        conductor, known = self.runtime.conductor, self.cursor.known.get(own, 0)
        pushed = conductor.push(self.line, own, known, bytes_max=self.pace.record_bytes)
        if pushed is not None and index < pushed.first + len(pushed.items):
            return pushed
        return conductor.flash(self.line, own, index, max(known, self.cursor.head))

    def _scan(self) -> None:
        """Look through own entries that the peer lacks for those that may overtake."""
        cursor, own = self.cursor, self.state.feed
        if own != self._flash_feed:
            self._flash_feed = own
            cursor.flash.clear()
            cursor.scanned = cursor.head = 0
        first = max(cursor.scanned, cursor.known.get(own, 0))
        size = self.state.frontier(own).size
        if first >= size:
            return
        found = self.runtime.conductor.store.entries(self.line, own, first, SCAN_ENTRIES)
        for stored in found:
            if _Z in stored.data:
                frame = read_frame(stored.data)
                if not isinstance(frame, Refusal) and frame.kind in OVERTAKING:
                    cursor.flash.append(stored.index)
        cursor.scanned = first + len(found)
        if cursor.scanned < size:
            self.kick()

    def _fill_bulk(self, wire: Wire) -> None:
        """One batch, unless one is under way or a refusal is still fresh."""
        loop = asyncio.get_running_loop()
        if wire.carries_bulk or loop.time() < self._not_before:
            return
        ls, conductor = self.state, self.runtime.conductor
        sizes = {feed: front.size for feed, front in ls.frontiers.items()}
        own = [(feed, sizes.get(feed, 0)) for feed in feeds_of(ls.roster, ls.me)]
        for feed, first in self.cursor.stretches(own, sizes):
            pushed = conductor.push(self.line, feed, first, bytes_max=self.pace.record_bytes)
            if pushed is not None:
                self._queue_news(wire)  # in the same segment
                self._launch(wire, pushed, overtakes=False)
                return

    def _news(self) -> dict[FeedId, int] | None:
        """What we hold, if there is something of others' feeds in it that the peer may lack."""
        held = self._held()
        news = held != self._told_held and any(
            size > self.cursor.known.get(feed, 0)
            for feed, size in held.items()
            if party_of(feed) not in (self.state.me, self.peer)
        )
        return held if news else None

    def _queue_news(self, wire: Wire) -> None:
        held = self._news()
        if held is not None:
            self._told_held = held
            wire.frames.queue(Held(line=self.line, held=held, answers=wire.taken))

    def _tell_news(self) -> None:
        """Nothing of ours went meanwhile that would have carried it."""
        self._telling = False
        if (wire := self.wires.get(Channel.BULK)) is not None:
            self._queue_news(wire)
            self.kick()

    def _launch(self, wire: Wire, what: Pushed | Flashed, *, overtakes: bool) -> None:
        own = self.state.feed
        if what.feed == own:
            head = self.runtime.conductor.head(self.line, own)
            assert head is not None, "what is sent is under a checkpoint"
            self.cursor.head = head.checkpoint.size
        wire.launch(what, self.timing.answer_s, overtakes=overtakes)

    def _fill_pieces(self, wire: Wire) -> None:
        """A piece that was asked for; a request of our own."""
        match self.serving.next(int(self.pace.batch_bytes)):
            case Refusal() as refusal:
                wire.frames.queue(Refused(line=self.line, refusal=refusal))
            case Piece() as piece:
                wire.frames.queue(piece)
            case None:
                pass
        want = self.gathering.ask()
        if want is not None:
            wire.frames.queue(want)

    def _held(self) -> dict[FeedId, int]:
        held = self.runtime.conductor.stated(self.line).held
        return held if len(held) <= FEEDS_MAX else dict(sorted(held.items())[:FEEDS_MAX])

    def _pull(self, feed: FeedId) -> None:
        wire = self.wires.get(Channel.BULK)
        if wire is None:
            return
        first, now = self.state.frontier(feed).size, asyncio.get_running_loop().time()
        before = self._pulled.get(feed)
        if before is not None and before[0] == first and now - before[1] < self.timing.author_s:
            # Asked a moment ago, perhaps before the peer had it: again, if nothing comes.
            self._look_again(feed)
            return
        self._pulled[feed] = (first, now)
        wire.frames.queue(Pull(line=self.line, feed=feed, first=first, limit=PULL_ENTRIES))
        self.kick()

    def _look_again(self, feed: FeedId) -> None:
        if feed not in self._looking:
            self._looking.add(feed)
            self._after(self.timing.author_s, lambda: self._pull_if_behind(feed))

    def _pull_if_behind(self, feed: FeedId) -> None:
        self._looking.discard(feed)
        shown = self.gossip.waiting.get((feed, self.peer))
        said = self.cursor.known.get(feed, 0)
        if self.state.frontier(feed).size < max(said, shown.checkpoint.size if shown else 0):
            self._pull(feed)

    def _after(self, seconds: float, do: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(timer)
            do()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    # -- receiving

    async def take(self, wire: Wire, message: LinkMessage) -> None:
        """Deal with one message. Raises Closed when the conversation cannot go on."""
        if message.line != self.line:
            raise Closed("another line's message", _no(Code.FOREIGN_LINE, line=message.line))
        match message:
            case Push():
                await self._take_entries(wire, pushed_of(message, self.peer))
            case Flash():
                await self._take_entries(wire, flashed_of(message, self.peer))
            case Held():
                self._take_answer(wire, message)
                self._take_held(message)
            case Refused():
                self._take_refused(wire, message)
            case Pull():
                self._take_pull(message)
            case Beat():
                self._take_beat(wire, message)
            case Documents():
                await self._take_documents(wire, message)
            case WantPiece():
                self.serving.wanted = message
            case Piece():
                await self._take_piece(message)
            case _:
                raise Closed("a second hello", _no(Code.BAD_MESSAGE, reason="second-hello"))
        self.fill()

    async def _submit(self, what: Inbound) -> Refusal | None:
        try:
            return (await self.runtime.submit(what)).refusal
        except (ConnectionError, StaleFence) as why:
            raise Closed("this node has stopped") from why

    async def _take_entries(self, wire: Wire, what: Pushed | Flashed) -> None:
        """Hand them in; answer when what came of them is durable."""
        refusal = await self._submit(what)
        wire.taken += 1
        if refusal is not None:
            self._refuse(wire, refusal, answers=wire.taken)
            if refusal.code is Code.FORK:
                self._hear(what.checkpoint)
        held = self._held()
        self._told_held = held
        wire.frames.queue(Held(line=self.line, held=held, answers=wire.taken))

    def _refuse(self, wire: Wire, refusal: Refusal, answers: int = 0) -> None:
        self.seldom.warn(
            f"refused from {self.peer} by {refusal.clause}",
            f"{refusal.code.value} {refusal.at} {dict(refusal.params)}",
        )
        bare = Refusal(code=refusal.code, clause=refusal.clause)
        for words in (refusal, bare):
            try:
                wire.frames.queue(Refused(line=self.line, refusal=words, answers=answers))
            except ValueError:
                continue  # facts too long for the wire: code and clause say enough
            return

    def _take_answer(self, wire: Wire, answer: Held | Refused) -> None:
        now = asyncio.get_running_loop().time()
        for flight, taken in wire.answered(answer):
            if taken:
                # One entry alone shrinks little, and says nothing about a batch.
                records = 0 if flight.overtakes else flight.record_bytes
                self.pace.answered(flight.wire_bytes, records, now - flight.at)
            if flight.overtakes:
                self._overtook(flight, taken, answer)
                continue
            self.cursor.passed = 0
            if not taken:
                self._back_off()
            elif self._lacks(flight, answer):
                # It was dealt with and is not held: the other disk may be full. Not again at once.
                self._back_off()
            else:
                self._failures, self._not_before = 0, 0.0

    @staticmethod
    def _lacks(flight: Flight, answer: Held | Refused) -> bool:
        return isinstance(answer, Held) and answer.held.get(flight.feed, 0) < flight.end

    def _overtook(self, flight: Flight, taken: bool, answer: Held | Refused) -> None:
        """A FLASH entry was answered: on to the next, or again with the proof that is wanted."""
        cursor = self.cursor
        index = cursor.flash[0] if cursor.flash else -1
        if not flight.first <= index < flight.end:
            return
        cursor.passed += 1
        if taken:
            cursor.drop_flash()
            return
        assert isinstance(answer, Refused), "only a refusal is not taken"
        cursor.flash_tries += 1
        gap = answer.refusal.code is Code.GAP
        if not gap or cursor.flash_tries >= FLASH_TRIES_MAX:
            cursor.drop_flash()  # the backlog brings it
            return
        cursor.head = 0  # by what the peer states, which follows
        self._rewind(flight.feed, answer.refusal)

    def _take_held(self, message: Held) -> None:
        if self.cursor.holds(message.held):
            self._state(self.cursor.known)

    def _state(self, held: Mapping[FeedId, int]) -> None:
        """Tell the node what the peer holds, and what was proved to it when it last connected."""
        said = Stated(
            line=self.line, peer=self.peer, held=dict(held), proved=self.proved, shown=self.shown
        )
        self.runtime.post(said)

    def _take_refused(self, wire: Wire, message: Refused) -> None:
        refusal = message.refusal
        self.seldom.warn(
            f"{self.peer} refuses by {refusal.clause}", f"{refusal.code.value} {refusal.params}"
        )
        for flight in wire.flights:
            if refusal.code is Code.GAP and flight.number == message.answers:
                self._rewind(flight.feed, refusal)
        if refusal.code is Code.NOT_FOUND:
            self.gathering.not_there()
            self._after(self.timing.attachment_s, self._gather_again)
        self._take_answer(wire, message)

    def _rewind(self, feed: FeedId, refusal: Refusal) -> None:
        """The peer says how far it is: go on from there."""
        held = refusal.params.get("held")
        if isinstance(held, int) and 0 <= held <= self.state.frontier(feed).size:
            self.cursor.rewind(feed, held)

    def _back_off(self) -> None:
        pause = self.timing.pause(self._failures)
        self._failures += 1
        self._not_before = asyncio.get_running_loop().time() + pause
        self._after(pause, self.kick)

    def _take_pull(self, pull: Pull) -> None:
        size = self.state.frontier(pull.feed).size
        self.cursor.wants(pull.feed, pull.first, min(size, pull.first + pull.limit))

    def _take_beat(self, wire: Wire, message: Beat) -> None:
        beaten = read_beat(self.runtime.conductor, message, self.peer)
        if isinstance(beaten, Refusal):
            self._refuse(wire, beaten)
            return
        self.runtime.post(beaten)
        for text in beaten.heads:
            self._hear(text)

    def _hear(self, text: bytes) -> None:
        """Judge a checkpoint that somebody passed on."""
        match self.gossip.hear(self.peer, text):
            case Forked() as forked:
                self.runtime.post(forked)
            case Refusal() as refusal:
                self.seldom.warn(f"gossip of {self.peer}", f"{refusal.code.value}")
            case None:
                pass
            case feed:
                if party_of(feed) not in (self.peer, self.state.me):
                    # It holds what it shows: as if it had said so.
                    self._look_again(feed)

    async def _take_documents(self, wire: Wire, message: Documents) -> None:
        papers, forks = papers_of(message, self.peer)
        refusal = await self._submit(papers) if papers is not None else None
        for forked in forks:
            refusal = await self._submit(forked) or refusal
        ours = {document.data: document.sha256 for document in self.papers().documents}
        wire.told.update(ours[item.content] for item in message.items if item.content in ours)
        if refusal is not None:
            self._refuse(wire, refusal)
        self._failures, self._not_before = 0, 0.0

    async def _take_piece(self, message: Piece) -> None:
        pieced = self.gathering.take(message)
        if pieced is not None:
            await self._submit(pieced)
        if message.digest in self.gathering.later:
            self._after(self.timing.attachment_s, self._gather_again)

    def _gather_again(self) -> None:
        self.gathering.later.clear()
        self.kick()


def _no(code: Code, **params: str | int) -> Refusal:
    return Refusal(code=code, clause="CL-LNK-024", params={**params})
