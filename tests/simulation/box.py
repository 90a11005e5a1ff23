"""One party's node in a world: its disk, the process on it, the keys, what its shell remembers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clearline.alerting.routing import Route
from clearline.model.alert import Alert
from clearline.model.ids import FeedId, LineId, PartyId, epoch_of, feed_of, party_of
from clearline.model.time import Instant
from clearline.node.conductor import Conductor, Done
from clearline.node.inbound import Inbound
from clearline.node.ports import Store
from clearline.node.state import LineState, Local
from clearline.trust.party import Manifest
from tests.simulation.disk import Crash, Disk
from tests.simulation.papers import KEYS
from tests.town import node_key_of

ROUTES = tuple(
    Route(role=role, channels=("desk",)) for role in ("watch-officer", "deputy", "duty-senior")
)


LOADED_AT_ONCE = 4
"""Entries of one step of reading: a record of a world is read in many."""


@dataclass
class Box:
    """``life`` counts processes: what was on the connections of an earlier one is gone. ``told``:
    how much of a feed this process has sent a peer without hearing that it was lost. ``stood``: the
    alerts that were open when it began; ``begun``: how long the feeds were."""

    party: PartyId
    disk: Disk
    kind: type[Conductor] = Conductor
    node: Conductor | None = None
    life: int = 0
    line: LineId | None = None
    manifest: Manifest | None = None
    restored: bool = False
    unsure: bool = False
    joined: tuple[tuple[bytes, ...], Instant] = ((), Instant(0))
    told: dict[tuple[str, FeedId], int] = field(default_factory=dict)
    stood: dict[str, Alert] = field(default_factory=dict)
    begun: dict[FeedId, int] = field(default_factory=dict)

    @property
    def up(self) -> bool:
        """Whether a process runs and is on the line."""
        return self.node is not None and self.line is not None

    @property
    def running(self) -> Conductor:
        """The process, which must be up."""
        assert self.node is not None
        return self.node

    @property
    def store(self) -> Store:
        """What is durable, whether a process runs or not."""
        return self.disk.open()[0]

    @property
    def at(self) -> LineState:
        """The state of the line."""
        assert self.line is not None
        return self.running.state.lines[self.line]

    def boot(self) -> Conductor:
        """A new process, not started."""
        store, marks = self.disk.open()
        fence = store.fence() + 1
        store.raise_fence(fence)
        signers = [node_key_of(self.party, n) for n in range(KEYS)]
        self.node = self.kind(
            local=Local(party=self.party, software="simulated", rules="clearline/1", geoid=""),
            store=store,
            high_water=marks,
            signers={signer.public.hex: signer for signer in signers},
            fence=fence,
            routes=ROUTES,
            load_at_once=LOADED_AT_ONCE,
        )
        self.life += 1
        self.told.clear()
        return self.node

    def join(self, documents: Sequence[bytes], now: Instant) -> None:
        """Take up the line."""
        self.joined = tuple(documents), now
        line = self.boot().open_line(documents, now)
        assert isinstance(line, str), line
        self.line = line

    def restart(self, now: Instant) -> None:
        """A process on what is durable. It has read nothing of its record yet."""
        assert self.node is None
        self.disk.plan.crash = None
        self.boot().begin(now)
        self.stood = {alert.id: alert for alert in self.running.state.book.open()}
        self.begun = {feed: front.size for feed, front in self.at.frontiers.items()}

    @property
    def loading(self) -> bool:
        """Whether the process is still reading its record."""
        return self.node is not None and self.node.loader is not None

    def load(self, steps: int, now: Instant) -> None:
        """Some steps of reading."""
        while steps and self.loading:
            self.running.load_some(now)
            steps -= 1

    def die(self) -> None:
        """The process is gone."""
        self.node = None
        self.life += 1
        self.disk.close()
        self.disk.plan.crash = None

    def turn(self, batch: Sequence[Inbound], now: Instant, seed: bytes, work: int) -> Done | None:
        """One turn; None if the process died in it."""
        try:
            return self.running.turn(batch, now, seed, work)
        except Crash:
            self.die()
            return None

    def room(self, now: Instant, seed: bytes) -> Done | None:
        """The disk takes writes again; None if the process died on hearing of it."""
        try:
            return self.running.disk_has_room(now, seed)
        except Crash:
            self.die()
            return None

    def save_snapshot(self) -> None:
        """Keep the state as a snapshot."""
        for _ in self.running.keep_snapshot():
            pass

    def own_feeds(self) -> list[FeedId]:
        """The feeds that this party has written, as far as durable, oldest epoch first."""
        assert self.line is not None
        feeds = {f for f in self.store.feeds(self.line) if party_of(f) == self.party}
        return sorted(feeds | {feed_of(self.party)}, key=epoch_of)
