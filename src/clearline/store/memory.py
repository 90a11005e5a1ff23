"""The store, the high-water mark and the lease in memory, for simulation and tests: the same
promises as on the disk, as fast as dictionaries are.

``fork`` gives an independent copy: kept from before a commit it is the disk after a crash, kept
from long before it is the backup that somebody restored.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Literal

from clearline.model.alert import Alert
from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.limits import ATTACHMENT_BYTES_MAX, FEED_ENTRIES_MAX
from clearline.model.time import Instant
from clearline.node.ports import (
    BrokenPromise,
    Commit,
    DeskRecord,
    JournalRecord,
    Mark,
    OutboxItem,
    ReplyCode,
    RequestRecord,
    Snapshot,
    StaleFence,
    Store,
    StoredDocument,
    StoredEntry,
    StoredHead,
)
from clearline.store.faults import Hooks
from clearline.store.rules import SNAPSHOTS_KEPT, alert_is_open, check_successor, contiguous

Feed = tuple[LineId, FeedId]


@dataclass(slots=True)
class _Tables:
    """Everything that is kept; a commit's additions are first gathered in one of these."""

    entries: dict[Feed, list[StoredEntry]] = field(default_factory=dict)
    ahead: dict[tuple[LineId, FeedId, int], StoredEntry] = field(default_factory=dict)
    hashes: dict[tuple[LineId, FeedId, int, int], bytes] = field(default_factory=dict)
    heads: dict[Feed, dict[int, StoredHead]] = field(default_factory=dict)
    documents: dict[tuple[LineId, str, Digest], StoredDocument] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    outbox: dict[str, OutboxItem] = field(default_factory=dict)
    journal: list[JournalRecord] = field(default_factory=list)
    desk: dict[LineId, list[DeskRecord]] = field(default_factory=dict)
    requests: dict[str, RequestRecord] = field(default_factory=dict)
    pieces: dict[Digest, dict[int, bytes]] = field(default_factory=dict)
    feeds: dict[LineId, set[FeedId]] = field(default_factory=dict)
    codes: dict[str, ReplyCode] = field(default_factory=dict)

    def copy(self) -> "_Tables":
        """A copy that shares only what never changes."""
        return _Tables(
            entries={key: held.copy() for key, held in self.entries.items()},
            ahead=self.ahead.copy(),
            hashes=self.hashes.copy(),
            heads={key: held.copy() for key, held in self.heads.items()},
            documents=self.documents.copy(),
            alerts=self.alerts.copy(),
            outbox=self.outbox.copy(),
            journal=self.journal.copy(),
            desk={key: held.copy() for key, held in self.desk.items()},
            requests=self.requests.copy(),
            pieces={key: held.copy() for key, held in self.pieces.items()},
            codes=self.codes.copy(),
            feeds={key: held.copy() for key, held in self.feeds.items()},
        )


class MemoryStore:
    """``clearline.node.ports.Store`` without a disk. Any thread may call; one at a time commits."""

    def __init__(self, *, hooks: Hooks | None = None) -> None:
        self._kept = _Tables()
        self._snapshots: list[Snapshot] = []
        self._parts: dict[tuple[int, int], bytes] = {}
        self._fence = 0
        self._lock = RLock()
        self.hooks = hooks or Hooks()
        self.commits = 0

    def fork(self, *, hooks: Hooks | None = None) -> "MemoryStore":
        """An independent copy of what is durable now; its commits are counted anew."""
        with self._lock:
            copy = MemoryStore(hooks=hooks)
            copy._kept = self._kept.copy()
            copy._snapshots = self._snapshots.copy()
            copy._parts = self._parts.copy()
            copy._fence = self._fence
            return copy

    def commit(self, commit: Commit) -> None:
        """Keep it, all or nothing. Raises StaleFence, BrokenPromise, or what a hook raises."""
        with self._lock:
            self.commits += 1
            self.hooks.before(self.commits, commit)
            if not commit.empty:
                if commit.fence < self._fence:
                    raise StaleFence(f"writer {commit.fence} was replaced by {self._fence}")
                self._check_records(commit)
                self._check_constants(commit)
                heads = self._check_heads(commit)
                self._fence = commit.fence  # from here on nothing can fail
                self._apply(commit, heads)
            self.hooks.after(self.commits, commit)

    def save_part(self, seq: int, n: int, data: bytes) -> None:
        """Keep a part of a snapshot."""
        with self._lock:
            self._parts[seq, n] = data

    def drop_parts(self, writing: int, limit: int) -> bool:
        """Let go of some parts that belong to no snapshot."""
        with self._lock:
            kept = {writing, *(snapshot.seq for snapshot in self._snapshots)}
            gone = [place for place in self._parts if place[0] not in kept][:limit]
            for place in gone:
                del self._parts[place]
            return bool(gone)

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and the newest one beside it."""
        with self._lock:
            if snapshot.seq > self.journal_end():
                raise BrokenPromise("a snapshot of what is not in the journal")
            others = [kept for kept in self._snapshots if kept.seq != snapshot.seq]
            others.append(snapshot)
            others.sort(key=lambda kept: kept.seq)
            self._snapshots = others[-SNAPSHOTS_KEPT:]

    def raise_fence(self, fence: int) -> None:
        """Shut out every writer with a lower fencing number. Raises StaleFence."""
        with self._lock:
            if fence < self._fence:
                raise StaleFence(f"writer {fence} was replaced by writer {self._fence}")
            self._fence = fence

    def reader(self) -> "MemoryStore":
        """Itself: nothing here waits."""
        return self

    def close(self) -> None:
        """Nothing to let go of: what was kept can be read and forked on."""

    # --- one commit: every check first, then what cannot fail

    def _check_records(self, commit: Commit) -> None:
        """Feeds, desk records and the journal grow by one at a time from where they are."""
        ends: dict[Feed, int] = {}
        for entry in commit.entries:
            key = entry.line, entry.feed
            end = ends.get(key)
            if end is None:
                end = len(self._kept.entries.get(key, ()))
            if entry.index != end or end >= FEED_ENTRIES_MAX:
                raise BrokenPromise("entries of a feed are contiguous")
            _check_sizes(entry.salt, entry.leaf)
            ends[key] = end + 1
        desks: dict[LineId, int] = {}
        for record in commit.desk:
            end = desks.get(record.line, self.desk_count(record.line))
            if record.index != end:
                raise BrokenPromise("the desk record is contiguous")
            _check_sizes(record.salt, record.leaf)
            desks[record.line] = end + 1
        for seq, journal in enumerate(commit.journal, len(self._kept.journal)):
            if journal.seq != seq:
                raise BrokenPromise("the journal is contiguous")

    def _check_constants(self, commit: Commit) -> None:
        """What has a key never changes, neither against what is kept nor inside the commit."""
        kept, fresh = self._kept, _Tables()
        for entry in commit.ahead_added:
            place = entry.line, entry.feed, entry.index
            old = kept.ahead.get(place) or fresh.ahead.setdefault(place, entry)
            if (old.salt, old.leaf, old.data) != (entry.salt, entry.leaf, entry.data):
                raise BrokenPromise("an entry ahead of sequence never changes")
            _check_sizes(entry.salt, entry.leaf)
        for stored in commit.hashes:
            node = stored.line, stored.feed, stored.level, stored.n
            hash_ = kept.hashes.get(node) or fresh.hashes.setdefault(node, stored.hash)
            if hash_ != stored.hash or len(hash_) != 32:
                raise BrokenPromise("the hash of a complete subtree never changes")
        for document in commit.documents:
            name = document.line, document.kind, document.sha256
            known = kept.documents.get(name) or fresh.documents.setdefault(name, document)
            if known != document:
                raise BrokenPromise("a signed document never changes")
        for item in commit.outbox_added:
            waiting = None if item.key in commit.outbox_done else kept.outbox.get(item.key)
            waiting = waiting or fresh.outbox.setdefault(item.key, item)
            if waiting != item:
                raise BrokenPromise("a key of the outbox names one intent")
        for request in commit.requests:
            given = kept.requests.get(request.id) or fresh.requests.setdefault(request.id, request)
            if given != request:
                raise BrokenPromise("a request has one answer")
        codes = kept.codes.copy() if commit.codes else {}
        for code in commit.codes:
            before = codes.setdefault(code.id, code)
            taken = any(e.link == code.link and e.id != code.id for e in codes.values())
            same = (before.link, before.about, before.data) == (code.link, code.about, code.data)
            if not same or code.tries < before.tries or taken:
                raise BrokenPromise("a reply code never changes, its wrong tries only grow")
            codes[code.id] = code
        for _, start, body in commit.blobs:
            if not 0 <= start <= ATTACHMENT_BYTES_MAX - len(body):
                raise BrokenPromise("a piece beyond the largest attachment")

    def _check_heads(self, commit: Commit) -> dict[Feed, dict[int, StoredHead]]:
        """The heads that the commit adds, by feed and size: one root and one signed text each."""
        fresh: dict[Feed, dict[int, StoredHead]] = {}
        for head in commit.heads:
            key = head.line, head.feed
            added = fresh.setdefault(key, {})
            old = added.get(head.size) or self._kept.heads.get(key, {}).get(head.size)
            if old is not None and (
                old.root != head.root or (old.text and head.text and old.text != head.text)
            ):
                raise BrokenPromise("one size has one root and one signed text")
            if head.size < 0 or len(head.root) != 32:
                raise BrokenPromise("a head has a size and a root of 32 bytes")
            added[head.size] = head if old is None or head.text else old
        return fresh

    def _apply(self, commit: Commit, heads: dict[Feed, dict[int, StoredHead]]) -> None:
        kept = self._kept
        for entry in commit.entries:
            kept.entries.setdefault(self._place(entry.line, entry.feed), []).append(entry)
        for entry in commit.ahead_added:
            self._place(entry.line, entry.feed)
            kept.ahead.setdefault((entry.line, entry.feed, entry.index), entry)
        for place in commit.ahead_folded:
            kept.ahead.pop(place, None)
        for stored in commit.hashes:
            node = *self._place(stored.line, stored.feed), stored.level, stored.n
            kept.hashes[node] = stored.hash
        for key, added in heads.items():
            all_heads = kept.heads.setdefault(self._place(*key), {})
            all_heads.update(added)
            newest = max(all_heads)
            for size in [n for n, head in all_heads.items() if not head.text and n < newest]:
                del all_heads[size]
        for document in commit.documents:
            kept.feeds.setdefault(document.line, set())
            kept.documents.setdefault((document.line, document.kind, document.sha256), document)
        for desk in commit.desk:
            kept.feeds.setdefault(desk.line, set())
            kept.desk.setdefault(desk.line, []).append(desk)
        for alert in commit.alerts:
            kept.alerts[alert.id] = alert
        for name in commit.outbox_done:
            kept.outbox.pop(name, None)
        for item in commit.outbox_added:
            kept.outbox.setdefault(item.key, item)
        kept.journal.extend(commit.journal)
        for request in commit.requests:
            kept.requests[request.id] = request
        for code in commit.codes:
            kept.codes[code.id] = code
        for digest, start, body in commit.blobs:
            pieces = kept.pieces.setdefault(digest, {})
            if len(body) > len(pieces.get(start, b"")) or start not in pieces:
                pieces[start] = body
        for digest in commit.blobs_dropped:
            kept.pieces.pop(digest, None)

    def _place(self, line: LineId, feed: FeedId) -> Feed:
        """Note that something is held of a feed."""
        self._kept.feeds.setdefault(line, set()).add(feed)
        return line, feed

    # --- questions: see ``clearline.node.ports.Reads``

    def entries(self, line: LineId, feed: FeedId, first: int, limit: int) -> Sequence[StoredEntry]:
        """Entries of a feed from an index on, in order; ``limit`` at most."""
        return self._kept.entries.get((line, feed), [])[first : first + limit]

    def iterate_entries(self, line: LineId, feed: FeedId, first: int = 0) -> Iterator[StoredEntry]:
        """All entries of a feed from an index on."""
        held = self._kept.entries.get((line, feed), [])
        while first < len(held):
            yield held[first]
            first += 1

    def entry_count(self, line: LineId, feed: FeedId) -> int:
        """How many entries of a feed are held: its contiguous prefix."""
        return len(self._kept.entries.get((line, feed), ()))

    def ahead(self, line: LineId) -> Sequence[StoredEntry]:
        """Entries kept ahead of sequence, by feed and index."""
        return [entry for key, entry in sorted(self._kept.ahead.items()) if key[0] == line]

    def feeds(self, line: LineId) -> Sequence[FeedId]:
        """Feeds of which anything is held, sorted."""
        return sorted(self._kept.feeds.get(line, ()))

    def lines(self) -> Sequence[LineId]:
        """Lines of which anything is held, sorted."""
        return sorted(self._kept.feeds)

    def head(self, line: LineId, feed: FeedId) -> StoredHead | None:
        """Newest head of a feed: the one of the largest size."""
        heads = self._kept.heads.get((line, feed))
        return heads[max(heads)] if heads else None

    def head_at(self, line: LineId, feed: FeedId, size: int) -> StoredHead | None:
        """A kept signed head of exactly this size, or None."""
        head = self._kept.heads.get((line, feed), {}).get(size)
        return head if head is not None and head.text else None

    def heads(self, line: LineId, feed: FeedId) -> Sequence[StoredHead]:
        """All signed heads of a feed, by size."""
        held = self._kept.heads.get((line, feed), {})
        return [held[size] for size in sorted(held) if held[size].text]

    def hash(self, line: LineId, feed: FeedId, level: int, n: int) -> bytes | None:
        """A stored subtree hash."""
        return self._kept.hashes.get((line, feed, level, n))

    def hashes(
        self, line: LineId, feed: FeedId, places: Sequence[tuple[int, int]]
    ) -> Sequence[bytes]:
        """Stored subtree hashes by (level, n), in the order asked. Raises BrokenPromise."""
        held = self._kept.hashes
        try:
            return [held[line, feed, level, n] for level, n in places]
        except KeyError as error:
            raise BrokenPromise(f"{feed} has no hash at {error}") from error

    def documents(self, line: LineId, kind: str) -> Sequence[StoredDocument]:
        """Signed documents of a kind, in the order in which they were stored."""
        return [d for d in self._kept.documents.values() if d.line == line and d.kind == kind]

    def alert(self, alert_id: str) -> Alert | None:
        """An alert by its id, closed or not."""
        return self._kept.alerts.get(alert_id)

    def alerts(self, *, open_only: bool = True) -> Sequence[Alert]:
        """Alerts, by default all that are not closed, in the order in which they were raised."""
        return [a for a in self._kept.alerts.values() if not open_only or alert_is_open(a)]

    def alerts_ever(self) -> int:
        """How many alerts there have ever been, closed ones counted in."""
        return len(self._kept.alerts)

    def alerts_raised(self, line: LineId, first: Instant, until: Instant) -> Sequence[Alert]:
        """A line's alerts, closed or not, that were raised from ``first`` on and before ``until``,
        in the order in which they were raised."""
        every = self._kept.alerts.values()
        return [a for a in every if a.trouble.line == line and first <= a.raised < until]

    def alerts_newest(self, limit: int) -> Sequence[Alert]:
        """The newest alerts of all lines, closed or not, in the order in which they were raised."""
        return [*self._kept.alerts.values()][-limit:] if limit > 0 else []

    def alerts_due(self, until: Instant) -> Sequence[Alert]:
        """Open alerts whose ``next`` is not after the instant, the earliest first."""
        due = [(a.next, a) for a in self.alerts() if a.next is not None and a.next <= until]
        return [alert for _, alert in sorted(due, key=lambda pair: pair[0])]

    def next_deadline(self) -> Instant | None:
        """The earliest ``next`` of any open alert."""
        return min((a.next for a in self.alerts() if a.next is not None), default=None)

    def outbox(self) -> Sequence[OutboxItem]:
        """What is not yet known to be performed, oldest first."""
        return list(self._kept.outbox.values())

    def journal(self, first: int, limit: int) -> Sequence[JournalRecord]:
        """Journal records from a sequence number on."""
        start = bisect_left(self._kept.journal, first, key=lambda record: record.seq)
        return self._kept.journal[start : start + limit]

    def journal_end(self) -> int:
        """The next sequence number."""
        return len(self._kept.journal)

    def desk(self, line: LineId, first: int, limit: int) -> Sequence[DeskRecord]:
        """Records of the private desk record."""
        return self._kept.desk.get(line, [])[first : first + limit]

    def desk_count(self, line: LineId) -> int:
        """How many records the private desk record of a line holds."""
        return len(self._kept.desk.get(line, ()))

    def request(self, request_id: str) -> RequestRecord | None:
        """The remembered answer to a write."""
        return self._kept.requests.get(request_id)

    def reply_code(self, link: Digest) -> ReplyCode | None:
        """A page's reply codes by the SHA-256 of its link's secret."""
        return next((each for each in self._kept.codes.values() if each.link == link), None)

    def reply_codes(self, about: str) -> Sequence[ReplyCode]:
        """All pages' reply codes about one thing, in the order in which they were made."""
        return [each for each in self._kept.codes.values() if each.about == about]

    def blob(self, sha256: Digest) -> tuple[int, bytes] | None:
        """What is held of an attachment: bytes from offset 0, contiguous: (length held, bytes)."""
        pieces = self._kept.pieces.get(sha256)
        if not pieces:
            return None
        held = contiguous(sorted(pieces.items()))
        return len(held), held

    def blob_held(self, sha256: Digest) -> int:
        """How many bytes from offset 0 are held of an attachment: where to resume."""
        found = self.blob(sha256)
        return found[0] if found else 0

    def snapshot(self, before: int | None = None) -> Snapshot | None:
        """The newest snapshot (of those before a place)."""
        held = [kept for kept in self._snapshots if before is None or kept.seq < before]
        return held[-1] if held else None

    def part(self, seq: int, n: int) -> bytes | None:
        """The n-th part of the snapshot at ``seq``, or None."""
        return self._parts.get((seq, n))

    def fence(self) -> int:
        """The highest fencing number under which anything was written; 0 before any."""
        return self._fence


def _check_sizes(salt: bytes, leaf: bytes) -> None:
    if len(salt) != 32 or len(leaf) != 32:
        raise BrokenPromise("a salt and a leaf hash have 32 bytes each")


class MemoryHighWater:
    """``clearline.node.ports.HighWater`` without a disk."""

    def __init__(self) -> None:
        self._marks: dict[Feed, Mark | Literal["damaged"]] = {}

    def fork(self) -> "MemoryHighWater":
        """An independent copy."""
        copy = MemoryHighWater()
        copy._marks = self._marks.copy()
        return copy

    def read(self, line: LineId, feed: FeedId) -> Mark | None:
        """The mark, or None if there never was one. Raises ValueError for a damaged one."""
        mark = self._marks.get((line, feed))
        if mark == "damaged":
            raise ValueError(f"the high-water mark of {feed} is damaged")
        return mark

    def write(self, line: LineId, feed: FeedId, mark: Mark) -> None:
        """Replace the mark. Raises BrokenPromise if it would go back, ValueError if damaged."""
        check_successor(self.read(line, feed), mark)
        self._marks[line, feed] = mark

    def lose(self, line: LineId, feed: FeedId) -> None:
        """What a lost disk does: there never was one."""
        self._marks.pop((line, feed), None)

    def damage(self, line: LineId, feed: FeedId) -> None:
        """What a bad sector does: reading raises."""
        self._marks[line, feed] = "damaged"


class MemoryLease:
    """``clearline.node.ports.Lease`` of a simulated process: taking over shuts out the last."""

    def __init__(self, store: Store) -> None:
        self._fence = store.fence() + 1
        store.raise_fence(self._fence)

    @property
    def fence(self) -> int:
        """The number under which this process writes."""
        return self._fence

    def release(self) -> None:
        """Nothing is held: the next lease has a higher number."""
