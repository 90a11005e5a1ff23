"""Take, decide, commit once, perform, re-arm: the only loop, and the only clock.

Everything that comes to a node goes through ``submit`` or ``post`` into one inbox. The loop takes
all that is there, makes one turn of it, and only when that is durable tells those who wait and
hands the intents to the performers. A turn runs on the loop's own thread: nothing else ever sees a
state that is not committed.
"""

import asyncio
import gc
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from clearline.model.ids import LineId
from clearline.model.time import SECOND, Instant
from clearline.node.conductor import Conductor, Done
from clearline.node.inbound import Fault, Flashed, Inbound, Outcome, Pushed, Ticked
from clearline.node.intent import Intent
from clearline.node.judge import WORK_OF_A_TURN
from clearline.node.pieces import (
    HEAVY_BYTES,
    UNITS_OF_A_PIECE,
    look_at,
    pieces,
    to_look_at,
    units_of,
)
from clearline.node.ports import StaleFence

LOG = logging.getLogger("clearline.node")

TICK_S = 1.0
"""The ladder's finest step is a second (FM01: shown within 1 s)."""
PAUSE_S = 0.005
"""While pairs wait to be judged, the next turn comes after this long without anything new: time
for the links, the channels and the API on the same loop."""
TURN_S = 0.05
"""A turn of judging that took longer is followed by one with less of it."""
WORK_MAX = 16 * WORK_OF_A_TURN
"""Where judging is fast a turn may do up to this much: a turn costs something of its own."""
WORK_MIN = WORK_OF_A_TURN // 32
"""Where it is slow, never less: without the compiler a ring may take a hundred times as long."""
BATCH_MAX = 256
"""Inbounds of one turn: what arrived while the last one was made durable, up to a bound that keeps
a turn well under a second."""
SNAPSHOT_AFTER = 20_000
"""Journal records between snapshots of a short journal: a start folds a second's worth of tail."""
SNAPSHOT_SHARE = 16
"""Of a long journal a snapshot is kept only when it has grown by a sixteenth: what all of them cost
stays in proportion to the record."""
STOP_SHARE = 64
READ_AT_ONCE_S = 0.25
"""How long a start may read before anything else works: some thousand entries."""
CLOCK_STEP_MS = 500
"""A wall clock that departs from the steady one by more than this has been set."""

Performer = Callable[[Intent], None]
Watcher = Callable[[Done], None]


@dataclass(slots=True)
class Clock:
    """Wall time that never goes back: read once, then carried on by the steady clock. A wall clock
    that is set later is reported, and followed only at the next start."""

    began_wall: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    began_steady: int = field(default_factory=lambda: time.monotonic_ns() // 1_000_000)

    def now(self) -> Instant:
        """UTC in milliseconds."""
        return Instant(self.began_wall + time.monotonic_ns() // 1_000_000 - self.began_steady)

    def set_by_ms(self) -> int:
        """By how much the wall clock was set since the start; negative: set back."""
        return time.time_ns() // 1_000_000 - self.now()


@dataclass(slots=True)
class _Waiting:
    what: Inbound
    told: "asyncio.Future[Outcome] | None"


class Runtime:
    """One node's loop. ``performers`` are called for every intent, after it is durable; they must
    not block. ``watchers`` are called after every turn (the desk's event stream, the API)."""

    def __init__(self, conductor: Conductor, clock: Clock | None = None) -> None:
        self.conductor = conductor
        self.clock = clock if clock is not None else Clock()
        self.performers: list[Performer] = []
        self.watchers: list[Watcher] = []
        self.stopped = asyncio.Event()
        self._inbox: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._later: deque[_Waiting] = deque()
        self._lookers = tuple(ThreadPoolExecutor(1, f"look {n}") for n in ("light", "heavy"))
        self._stopping = False
        self._snapshot_at = 0
        self._keeping: Iterator[None] | None = None
        self._turned = 0.0
        self._clock_fault = False
        self._pending = 0
        self._work = WORK_OF_A_TURN

    def now(self) -> Instant:
        """The node's time."""
        return self.clock.now()

    def read_a_little(self) -> None:
        """Read the record for a moment before anything else works, which is all that most need. A
        larger one is read on in ``run``: emergencies, alarms and links do not wait for it."""
        until = time.monotonic() + READ_AT_ONCE_S
        while self.conductor.load_some(self.now()) and time.monotonic() < until:
            pass

    async def submit(self, what: Inbound) -> Outcome:
        """Hand it in and wait until what came of it is durable. A push goes in a piece at a time,
        and what must be looked at for long is looked at before: turns of others go on meanwhile."""
        if not isinstance(what, Pushed | Flashed):
            return await self._hand_in(what)
        outcome = Outcome()
        for piece in self._pieces(what) if isinstance(what, Pushed) else (what,):
            await self._look_ahead(piece)
            outcome = await self._hand_in(piece)
            if outcome.refusal is not None:
                break
        return outcome

    def _pieces(self, pushed: Pushed) -> Iterator[Pushed]:
        """While the record is being read nothing is folded, and a push is taken as it is."""
        ls = self.conductor.state.lines.get(pushed.line)
        if ls is None or ls.loading is not None:
            return iter((pushed,))
        return pieces(pushed)

    async def _look_ahead(self, what: Pushed | Flashed) -> None:
        ls = self.conductor.state.lines.get(what.line)
        entries = to_look_at(ls, what) if ls is not None else ()
        if not entries:
            return
        lane = self._lookers[sum(map(len, entries)) > HEAVY_BYTES]
        try:
            await asyncio.get_running_loop().run_in_executor(lane, look_at, entries)
        except (asyncio.CancelledError, RuntimeError):
            if self.stopped.is_set():  # the lanes are closed
                raise ConnectionError("the node has stopped") from None
            raise

    async def _hand_in(self, what: Inbound) -> Outcome:
        told: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        await self._inbox.put(_Waiting(what, told))
        return await told

    def post(self, what: Inbound) -> None:
        """Hand it in without waiting."""
        self._inbox.put_nowait(_Waiting(what, None))

    def stop(self) -> None:
        """Finish the turn under way, keep a snapshot, and end ``run``."""
        self._stopping = True
        self.post(Ticked())

    async def run(self) -> None:
        """The loop. Returns after ``stop``; raises StaleFence when another process took over."""
        kept = self.conductor.store.snapshot()
        self._snapshot_at = kept.seq if kept is not None else 0
        loading = self.conductor.loader is not None
        if loading:
            gc.disable()  # millions of records, none of them garbage: looking at them takes seconds
        try:
            while not self._stopping:
                self._work_on()
                batch = await self._gather()
                if batch:
                    await self._turn(batch)
        finally:
            if loading:
                gc.enable()
            self.stopped.set()
            self._refuse_the_rest()
            for looker in self._lookers:
                looker.shutdown(wait=False, cancel_futures=True)
        self._keep_at_the_end()

    @property
    def _works(self) -> bool:
        """Whether there is something to be done between turns."""
        return self.conductor.loader is not None or self._keeping is not None

    def _work_on(self) -> None:
        """One step of what is done between turns: of reading the record, else of a snapshot."""
        if self.conductor.loader is not None:
            if not self.conductor.load_some(self.now()):
                self._loaded()
        elif self._keeping is not None:
            self._keep_on(self._keeping)

    def _loaded(self) -> None:
        """The picture is there: the ordinary turn at once, and all look again."""
        gc.freeze()
        gc.enable()
        LOG.info("the record is read")
        for watch in self.watchers:
            watch(Done(outcomes=(), intents=(), changed=frozenset(self.lines)))
        self.post(Ticked())

    async def _gather(self) -> list[_Waiting]:
        """All that is there; with nothing there, until something comes or a second is over; not so
        long while pairs wait to be judged. While there is other work it does not wait, and may come
        back with nothing."""
        if self._later:
            await asyncio.sleep(0)
            batch = [self._later.popleft()]
        elif self._works:
            await asyncio.sleep(0)
            if self._inbox.empty():
                pause = PAUSE_S if self._pending else TICK_S
                due = time.monotonic() - self._turned >= pause
                return [_Waiting(Ticked(), None)] if due else []
            batch = [self._inbox.get_nowait()]
        else:
            try:
                async with asyncio.timeout(PAUSE_S if self._pending else TICK_S):
                    batch = [await self._inbox.get()]
            except TimeoutError:
                return [_Waiting(Ticked(), None)]
        units = units_of(batch[0].what)
        while len(batch) < BATCH_MAX and not self._inbox.empty():
            waiting = self._inbox.get_nowait()
            cost = units_of(waiting.what)
            if cost and units + cost > UNITS_OF_A_PIECE:
                self._later.append(waiting)
            else:
                batch.append(waiting)
                units += cost
        return batch

    async def _turn(self, batch: list[_Waiting]) -> None:
        self._turned = time.monotonic()
        self._watch_clock()
        began = time.monotonic()
        try:
            done = self.conductor.turn(
                [waiting.what for waiting in batch],
                self.now(),
                secrets.token_bytes(32),
                self._work,
            )
        except StaleFence:
            LOG.error("another process writes this node's record: this one stops")
            self._fail(batch, StaleFence("another process has taken over"))
            raise
        except Exception as why:
            self._fail(batch, why)  # a bug is a crash, and nobody waits for it in silence
            raise
        self._pace(done.pending, time.monotonic() - began)
        for waiting, outcome in zip(batch, done.outcomes, strict=True):
            if waiting.told is not None and not waiting.told.done():
                waiting.told.set_result(outcome)
        for intent in done.intents:
            for perform in self.performers:
                perform(intent)
        for watch in self.watchers:
            watch(done)
        journal = self.conductor.state.journal
        if journal - self._snapshot_at >= max(SNAPSHOT_AFTER, journal // SNAPSHOT_SHARE):
            self.save_snapshot()
        await asyncio.sleep(0)

    def _pace(self, pending: int, took_s: float) -> None:
        """How much the next turn may judge: more where it goes fast, less where it goes slowly, as
        without the compiler. The clock decides no verdict, and the journal keeps the amount."""
        if not pending:
            self._work = min(self._work, WORK_OF_A_TURN)
        elif took_s > TURN_S:
            self._work = max(min(self._work, WORK_OF_A_TURN) // 2, WORK_MIN)
        elif self._pending and took_s < TURN_S / 2:
            self._work = min(self._work * 5 // 4, WORK_MAX)
        self._pending = pending

    def _watch_clock(self) -> None:
        """A wall clock that was set is a fault to be rung about (FM24), until it agrees again."""
        set_by = self.clock.set_by_ms()
        wrong = abs(set_by) > CLOCK_STEP_MS
        if wrong != self._clock_fault:
            self._clock_fault = wrong
            detail = f"{set_by / SECOND:+.1f} s"
            self.post(Fault(fault="clock", active=wrong, detail=detail))

    def save_snapshot(self) -> None:
        """Begin to keep the state as it is now, between turns, unless that is under way."""
        if self._keeping is None and self.conductor.loader is None:
            self._snapshot_at = self.conductor.state.journal
            self._keeping = self.conductor.keep_snapshot()

    def _keep_on(self, keeping: Iterator[None]) -> bool:
        """One step of a snapshot; whether there are more. What goes wrong with it is no harm, the
        record is the state."""
        try:
            next(keeping)
        except StopIteration:
            self._keeping = None
        except Exception as why:
            LOG.warning("no snapshot was kept: %s", why)
            self._keeping = None
        return self._keeping is not None

    def _keep_at_the_end(self) -> None:
        """Finish the snapshot that is under way; else keep one, if it saves the next start more
        than it costs this stop."""
        if self.conductor.loader is not None:
            return
        journal = self.conductor.state.journal
        if self._keeping is None and journal - self._snapshot_at <= journal // STOP_SHARE:
            return
        self._keeping = self._keeping or self.conductor.keep_snapshot()
        while self._keeping is not None:
            self._keep_on(self._keeping)

    def _fail(self, batch: list[_Waiting], why: Exception) -> None:
        for waiting in batch:
            if waiting.told is not None and not waiting.told.done():
                waiting.told.set_exception(why)

    def _refuse_the_rest(self) -> None:
        """Whoever still waits hears that the node has stopped; nothing of theirs was taken."""
        while self._later or not self._inbox.empty():
            waiting = self._later.popleft() if self._later else self._inbox.get_nowait()
            self._fail([waiting], ConnectionError("the node has stopped"))

    @property
    def lines(self) -> tuple[LineId, ...]:
        """The lines that this node is on."""
        return tuple(sorted(self.conductor.state.lines))
