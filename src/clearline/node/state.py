"""The state of a node: one ``LineState`` per line, the alerts, and what is only known here.

Immutable: a decision makes a new one, and a commit that fails leaves the old one standing.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap, HashTrieSet

from clearline.alerting.book import AlertBook
from clearline.ledger.checkpoint import SignedCheckpoint
from clearline.ledger.merkle import Frontier
from clearline.model.alert import Trouble
from clearline.model.entry import LinkState, RefusedItem
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId
from clearline.model.sighting import Binding
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node.inbound import Echo, Mover
from clearline.node.ports import Mark, StoredEntry
from clearline.node.sighted import LiveFinding
from clearline.picture.situation import Answered, Picture
from clearline.trust.roster import Roster


class Signing(StrEnum):
    """Whether this node may write its feed."""

    READY = "ready"
    RESTORED = "restored"  # the high-water mark is missing or ahead: ask everyone first
    OVERTAKEN = "overtaken"  # a peer holds more of our feed than we do
    FORKED = "forked"
    DISK = "disk"
    LEASE = "lease"
    LOADING = "loading"  # the record is being read: emergencies alone are written


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """One peer as this end of the line knows it. Times are our own clock unless they say so.

    ``held`` is what it says it holds, ``proved`` how far beyond that a checkpoint of the feed was
    shown to it; ``round_trip`` is when we sent the beat whose echo came back last; ``offset_ms``
    is its clock minus ours, within ``uncertainty_ms``. ``claimed``: since when it says, and has not
    shown, that it holds more of our feed than we do; ``doubted``: since when that is not believed.
    """

    held: dict[FeedId, int] = {}
    proved: dict[FeedId, int] = {}
    stated: bool = False
    connected: bool = False
    beats: int = 0
    beat_sent: Instant = Instant(0)
    echo: Echo | None = None
    heard: Instant | None = None
    round_trip: Instant | None = None
    rtt_ms: int | None = None
    offset_ms: int = 0
    uncertainty_ms: int = 0
    state: LinkState = LinkState.DOWN
    since: Instant = Instant(0)
    reported: LinkState | None = None
    claimed: Instant | None = None
    doubted: Instant | None = None


class Last(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest own entry says, read from the store: the next one says no less.

    ``joined`` and ``left`` as the feed's fold will have them. An entry that could not be read is
    ``None`` in the place of this: then nothing can be added before all is loaded.
    """

    feed: FeedId
    t: Instant = Instant(0)
    seen: dict[FeedId, int] = {}
    joined: bool = False
    left: int | None = None


class Loading(msgspec.Struct, frozen=True, kw_only=True):
    """A line whose record is being read: what is known before the picture is.

    ``then``: what ``signing`` will be, and whether an emergency may be written now. ``terms``: the
    version in force for us, as far as the documents say. ``desk``: records of the private desk
    record. ``written``: own entries since, none of them folded yet; ``answers``: own ones and
    others' that are proved, by what they answer. ``asked``: emergencies that stored alerts are
    about. ``done`` of ``total`` units of work are done.
    """

    began: Instant
    then: Signing
    terms: int
    last: Last | None
    desk: int
    asked: frozenset[EntryRef] = frozenset()
    written: tuple[EntryRef, ...] = ()
    answers: tuple[tuple[EntryRef, Answered], ...] = ()
    done: int = 0
    total: int = 1

    @property
    def percent(self) -> int:
        """How much of it is done; 100 only when it is over."""
        return min(99, 100 * self.done // max(1, self.total))


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A watch that was given and not taken yet: by whom, when, and to whom if to one person."""

    person: str
    to: str
    at: Instant


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of a feed that are there and not here: from ``held`` on, up to ``known``; since when
    none of them has come."""

    known: int
    held: int
    since: Instant


class LineState(msgspec.Struct, frozen=True, kw_only=True):
    """One line as this node holds it.

    ``owed``: something was processed that our own feed has not receipted yet. ``unreported``: what
    we could not read and have not said yet. ``stored_ahead``: entries kept beyond a gap.
    ``waits``: feeds that name papers which are not here, and since when.
    ``shown``: the largest size of our own feed that a signature of ours was shown for; ``bare``:
    the feed is locked by others' word alone.
    ``mark_damaged``: the high-water mark cannot be read, so only a new epoch goes on.
    ``arrived`` gives, per entry that asks something of people, when it reached this node.
    ``gaps``: entries of others that are known to be missing here.
    ``offers``: watches given and not taken, by role; a restart forgets them.
    ``loading``: while it is there, of the picture only what is kept ahead of sequence is known.
    ``bound``: own movers and the tracks they are seen as; ``live``: what stands of live tracks.
    """

    line: LineId
    me: PartyId
    feed: FeedId
    roster: Roster
    picture: Picture
    began: Instant
    frontiers: HashTrieMap[FeedId, Frontier] = HashTrieMap()
    heads: HashTrieMap[FeedId, SignedCheckpoint] = HashTrieMap()
    peers: HashTrieMap[PartyId, Peer] = HashTrieMap()
    signing: Signing = Signing.READY
    mark: Mark | None = None
    mark_damaged: bool = False
    shown: int = 0
    bare: bool = False
    waits: HashTrieMap[FeedId, Instant] = HashTrieMap()
    owed: bool = False
    unreported: tuple[RefusedItem, ...] = ()
    stored_ahead: HashTrieMap[EntryRef, StoredEntry] = HashTrieMap()
    arrived: HashTrieMap[EntryRef, Instant] = HashTrieMap()
    movers: HashTrieMap[str, Mover] = HashTrieMap()
    bound: HashTrieMap[str, Binding] = HashTrieMap()
    live: HashTrieMap[str, LiveFinding] = HashTrieMap()
    mismatched: HashTrieSet[EntryRef] = HashTrieSet()
    desk: Frontier = Frontier()
    last_beat_entry: Instant = Instant(0)
    offers: HashTrieMap[str, Offer] = HashTrieMap()
    gaps: HashTrieMap[FeedId, Gap] = HashTrieMap()
    loading: Loading | None = None

    @property
    def lock(self) -> Signing:
        """Whether an emergency may be written now, and if not, why: ``signing``, loading or not."""
        return self.loading.then if self.loading is not None else self.signing

    def locked(self, lock: Signing) -> LineState:
        """The line with another ``lock``."""
        if self.loading is None:
            return replace(self, signing=lock)
        return replace(self, loading=replace(self.loading, then=lock))

    @property
    def terms(self) -> Agreement | None:
        """The newest terms that this party has adopted; before that, the newest known."""
        if self.loading is not None:
            return self.picture.terms.get(self.loading.terms)
        adopted = self.picture.feed(self.feed).adopted()
        if adopted:
            return self.picture.terms.get(adopted)
        known = sorted(self.picture.terms)
        return self.picture.terms[known[-1]] if known else None

    @property
    def terms_in_force(self) -> Agreement | None:
        """The same, as long as this party has not left the line: then it has no duties on it."""
        return self.terms if self.picture.feed(self.feed).left is None else None

    def frontier(self, feed: FeedId) -> Frontier:
        """The verified prefix of a feed."""
        return self.frontiers.get(feed) or Frontier()

    @property
    def others(self) -> tuple[PartyId, ...]:
        """The other members under the terms in force for us."""
        terms = self.terms
        return tuple(p.id for p in terms.parties if p.id != self.me) if terms is not None else ()


class Local(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed for this node by its owner: who it is, its software and rules' versions."""

    party: PartyId
    software: str
    rules: str
    geoid: str


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decisions depend on, but the inbound and the time.

    ``unkept``: troubles over what came while the disk was full. They stand although nothing of it
    is held, until it has come again. ``unsaid``: what happened to the process since the last turn
    that was kept, for the journal.
    """

    local: Local
    fence: int
    lines: HashTrieMap[LineId, LineState] = HashTrieMap()
    book: AlertBook = AlertBook()
    troubles: HashTrieMap[str, Trouble] = HashTrieMap()
    unkept: HashTrieMap[str, Trouble] = HashTrieMap()
    faults: HashTrieMap[str, tuple[Instant, str]] = HashTrieMap()
    journal: int = 0
    now: Instant = Instant(0)
    unsaid: tuple[tuple[Instant, str], ...] = ()
