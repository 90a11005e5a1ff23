"""What the shell implements for the node: store, high-water mark, lease, signer, channel.

One ``Commit`` is one durable transaction: all of it or nothing (FM23, "one durable step"). Nobody
hears of anything in it before ``Store.commit`` has returned.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from clearline.model.alert import Alert
from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """One entry as it is kept: exact bytes, salt and leaf hash (32 bytes each), our clock."""

    line: LineId
    feed: FeedId
    index: int
    salt: bytes
    data: bytes
    leaf: bytes
    received: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHash:
    """One complete subtree's hash of a feed's tree: ``n``-th of ``level`` (0 = leaves)."""

    line: LineId
    feed: FeedId
    level: int
    n: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHead:
    """A feed's newest head. ``text``: the signed checkpoint; empty while own and not signed."""

    line: LineId
    feed: FeedId
    size: int
    root: bytes
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A signed document by kind (agreement, manifest, epoch, fork) and digest; canonical bytes."""

    line: LineId
    kind: str
    sha256: Digest
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """Something to be performed at least once after the commit; ``key`` makes repeats harmless."""

    key: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRecord:
    """What the node took in, in order: replaying these gives its alerts again."""

    seq: int
    at: Instant
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRecord:
    """One entry of the private desk record (its own feed per line, never sent)."""

    line: LineId
    index: int
    salt: bytes
    data: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """A write by client-made id: its body's digest and the answer that was given."""

    id: str
    sha256: Digest
    answer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCode:
    """A page's reply codes as they are kept: its id, the SHA-256 of the link's secret, what they
    are about (``LINE/REF/PARTY``), the rest in the node's own encoding; wrong tries so far."""

    id: str
    link: Digest
    about: str
    data: bytes
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One durable transaction. ``fence`` is the writer's fencing number: a stale one is refused.

    What every store holds to, and raises ``BrokenPromise`` for, with nothing durable:

    - Entries of a feed, desk records of a line and the journal are contiguous from 0 and are never
      rewritten: each index is the number of those already there.
    - A subtree's hash, a document, an entry ahead and a remembered request never change. The same
      again is nothing new; the same key with another content is refused.
    - One size of a feed has one root and at most one signed text, for ever. Signed heads are all
      kept; an unsigned one only while it is the newest.
    - A key of the outbox names one intent. ``outbox_done`` is taken before ``outbox_added``,
      ``ahead_added`` before ``ahead_folded``; what is not there to be taken away is no error.

    - What a reply code stands for never changes, and its wrong tries only grow.

    Of an attachment, a piece replaces a shorter one at the same offset.
    """

    fence: int
    entries: tuple[StoredEntry, ...] = ()
    ahead_added: tuple[StoredEntry, ...] = ()
    ahead_folded: tuple[tuple[LineId, FeedId, int], ...] = ()
    hashes: tuple[StoredHash, ...] = ()
    heads: tuple[StoredHead, ...] = ()
    documents: tuple[StoredDocument, ...] = ()
    alerts: tuple[Alert, ...] = ()
    outbox_added: tuple[OutboxItem, ...] = ()
    outbox_done: tuple[str, ...] = ()
    journal: tuple[JournalRecord, ...] = ()
    desk: tuple[DeskRecord, ...] = ()
    requests: tuple[RequestRecord, ...] = ()
    blobs: tuple[tuple[Digest, int, bytes], ...] = ()  # attachment digest, offset, piece
    codes: tuple[ReplyCode, ...] = ()
    blobs_dropped: tuple[Digest, ...] = ()  # attachments whose bytes do not match their digest

    @property
    def empty(self) -> bool:
        """Whether there is nothing to make durable."""
        return not (
            self.entries or self.ahead_added or self.ahead_folded or self.hashes or self.heads
            or self.documents or self.alerts or self.outbox_added or self.outbox_done
            or self.journal or self.desk or self.requests or self.blobs or self.blobs_dropped
            or self.codes
        )  # fmt: skip


class StoreFull(Exception):
    """The disk is full (or quota, or read-only, or failing): nothing of the commit is durable, and
    the store can be used on, and tried again."""


class BrokenPromise(AssertionError):
    """The commit contradicts what is stored (see ``Commit``): a bug of ours. Nothing is durable."""


class StoreUnreadable(Exception):
    """The database is damaged, not ours, or made by a newer version: it was not touched."""


class LeaseHeld(Exception):
    """Another process writes: the text says which."""


class StaleFence(Exception):
    """Another process has taken the lease over: this one must stop writing at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state by the journal sequence that it includes. ``data``, in the node's own encoding, says
    what it is and of how many parts; the parts are kept before it, each by itself."""

    seq: int
    data: bytes


class Reads(Protocol):
    """What can be asked of a store. Each call by itself sees whole commits only."""

    def entries(self, line: LineId, feed: FeedId, first: int, limit: int) -> Sequence[StoredEntry]:
        """Entries of a feed from an index on, in order; ``limit`` at most."""

    def iterate_entries(self, line: LineId, feed: FeedId, first: int = 0) -> Iterator[StoredEntry]:
        """All entries of a feed from an index on, streamed; memory stays bounded. Entries that are
        committed while it runs may or may not come."""

    def entry_count(self, line: LineId, feed: FeedId) -> int:
        """How many entries of a feed are held: its contiguous prefix."""

    def ahead(self, line: LineId) -> Sequence[StoredEntry]:
        """Entries kept ahead of sequence, by feed and index."""

    def feeds(self, line: LineId) -> Sequence[FeedId]:
        """Feeds of which anything is held, sorted."""

    def lines(self) -> Sequence[LineId]:
        """Lines of which anything is held, sorted."""

    def head(self, line: LineId, feed: FeedId) -> StoredHead | None:
        """Newest head of a feed: the one of the largest size."""

    def head_at(self, line: LineId, feed: FeedId, size: int) -> StoredHead | None:
        """A kept signed head of exactly this size, or None."""

    def heads(self, line: LineId, feed: FeedId) -> Sequence[StoredHead]:
        """All signed heads of a feed, by size."""

    def hash(self, line: LineId, feed: FeedId, level: int, n: int) -> bytes | None:
        """A stored subtree hash."""

    def hashes(
        self, line: LineId, feed: FeedId, places: Sequence[tuple[int, int]]
    ) -> Sequence[bytes]:
        """Stored subtree hashes by (level, n), in the order asked: what a proof is made of.

        Raises BrokenPromise if one is missing.
        """

    def documents(self, line: LineId, kind: str) -> Sequence[StoredDocument]:
        """Signed documents of a kind, in the order in which they were stored."""

    def alert(self, alert_id: str) -> Alert | None:
        """An alert by its id, closed or not."""

    def alerts(self, *, open_only: bool = True) -> Sequence[Alert]:
        """Alerts, by default all that are not closed, in the order in which they were raised."""

    def alerts_ever(self) -> int:
        """How many alerts there have ever been, closed ones counted in."""

    def alerts_raised(self, line: LineId, first: Instant, until: Instant) -> Sequence[Alert]:
        """A line's alerts, closed or not, that were raised from ``first`` on and before ``until``,
        in the order in which they were raised."""

    def alerts_newest(self, limit: int) -> Sequence[Alert]:
        """The newest alerts of all lines, closed or not, in the order in which they were raised."""

    def alerts_due(self, until: Instant) -> Sequence[Alert]:
        """Open alerts whose ``next`` is not after the instant, the earliest first."""

    def next_deadline(self) -> Instant | None:
        """The earliest ``next`` of any open alert."""

    def outbox(self) -> Sequence[OutboxItem]:
        """What is not yet known to be performed, oldest first."""

    def journal(self, first: int, limit: int) -> Sequence[JournalRecord]:
        """Journal records from a sequence number on."""

    def journal_end(self) -> int:
        """The next sequence number."""

    def desk(self, line: LineId, first: int, limit: int) -> Sequence[DeskRecord]:
        """Records of the private desk record."""

    def desk_count(self, line: LineId) -> int:
        """How many records the private desk record of a line holds."""

    def request(self, request_id: str) -> RequestRecord | None:
        """The remembered answer to a write."""

    def reply_code(self, link: Digest) -> ReplyCode | None:
        """A page's reply codes by the SHA-256 of its link's secret."""

    def reply_codes(self, about: str) -> Sequence[ReplyCode]:
        """All pages' reply codes about one thing, in the order in which they were made."""

    def blob(self, sha256: Digest) -> tuple[int, bytes] | None:
        """What is held of an attachment: bytes from offset 0, contiguous: (length held, bytes)."""

    def blob_held(self, sha256: Digest) -> int:
        """How many bytes from offset 0 are held of an attachment: where to resume."""

    def snapshot(self, before: int | None = None) -> Snapshot | None:
        """The newest whole snapshot (of those before a place): one that is damaged is passed over
        for the one before it."""

    def part(self, seq: int, n: int) -> bytes | None:
        """The n-th part of the snapshot at ``seq``; None if it is missing or damaged."""

    def fence(self) -> int:
        """The highest fencing number under which anything was written; 0 before any."""

    def close(self) -> None:
        """Let go of everything. Closing again is nothing."""


class Store(Reads, Protocol):
    """Durable memory of one node, all its lines. Implementations: SQLite, memory."""

    def commit(self, commit: Commit) -> None:
        """Make it durable, all or nothing. Raises StoreFull, StaleFence or BrokenPromise."""

    def save_part(self, seq: int, n: int, data: bytes) -> None:
        """Keep a part durably; it counts once the snapshot at ``seq`` is saved. Raises StoreFull.
        A part that is there already is replaced."""

    def drop_parts(self, writing: int, limit: int) -> bool:
        """Let go of some parts that belong to no snapshot, nor to the one that is being written;
        whether there were any. Raises StoreFull."""

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot durably, its parts being there; older ones but the last two may go.
        Raises StoreFull.

        It carries no fence: whatever its writer had committed under was current then, so its state
        is a true prefix of the journal even when another process writes by now.
        """

    def raise_fence(self, fence: int) -> None:
        """Shut out durably every writer with a lower fencing number. Raises StaleFence if a higher
        one is known, and StoreFull."""

    def reader(self) -> Reads:
        """Reads for other threads, which never wait for the writer nor make it wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """High-water mark of an own feed: on disk before a checkpoint of that size leaves."""

    size: int
    root: bytes
    seen: dict[FeedId, int] = field(default_factory=dict)


class HighWater(Protocol):
    """Kept outside the database, so that a restored old database is noticed."""

    def read(self, line: LineId, feed: FeedId) -> Mark | None:
        """The mark, or None if there never was one. A damaged file raises ValueError."""

    def write(self, line: LineId, feed: FeedId, mark: Mark) -> None:
        """Replace the mark durably. Raises StoreFull; BrokenPromise if the mark would go back or
        name another root for its size; ValueError if the one that is there is damaged."""


class Lease(Protocol):
    """One writer: a lock that dies with the process, and a fencing number that only grows."""

    @property
    def fence(self) -> int:
        """The number under which this process writes."""

    def release(self) -> None:
        """Let another process take over."""
