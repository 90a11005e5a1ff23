"""Reading a node's database: the same questions over the writer's connection or a read-only one."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar, cast

import apsw
import msgspec

from clearline.model.alert import Alert
from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.limits import FEED_ENTRIES_MAX
from clearline.model.time import Instant
from clearline.node.ports import (
    BrokenPromise,
    DeskRecord,
    JournalRecord,
    OutboxItem,
    ReplyCode,
    RequestRecord,
    Snapshot,
    StoredDocument,
    StoredEntry,
    StoredHead,
    StoreUnreadable,
)
from clearline.store.rules import contiguous
from clearline.store.schema import UNREADABLE, migrations, open_reader

PAGE_ENTRIES: Final = 128
"""Entries read at once while streaming: at most 128 MiB when each is as large as it may be."""
FEED_SHIFT: Final = 40
"""The key of an entry is ``feed << 40 | index``; see ``migrations/0001_initial.sql``."""

Value = None | int | bytes | str
T = TypeVar("T")


def entry_key(feed: int, index: int) -> int:
    """The key under which a feed's entry is kept."""
    assert 0 <= index < FEED_ENTRIES_MAX
    return feed << FEED_SHIFT | index


def pack_alert(alert: Alert) -> bytes:
    """An alert as it is kept."""
    return msgspec.json.encode(alert)


_alerts = msgspec.json.Decoder(Alert)


def _alert(body: bytes) -> Alert:
    return _alerts.decode(body)


def _one(value: T) -> T:
    return value


def _pair(first: int, second: int) -> tuple[int, int]:
    return first, second


_CODES: Final = "SELECT name, link, about, body, tries FROM reply_codes"


def _code(name: str, link: Digest, about: str, body: bytes, tries: int) -> ReplyCode:
    return ReplyCode(id=name, link=link, about=about, data=body, tries=tries)


def _piece(start: int, body: bytes) -> tuple[int, bytes]:
    return start, body


class SqliteReads:
    """The questions of ``clearline.node.ports.Reads``. One call at a time uses the connection, so
    that any thread may ask; who must not wait for a commit asks a ``SqliteReader``."""

    def __init__(
        self, path: Path, connection: apsw.Connection, lock: AbstractContextManager[object]
    ) -> None:
        self._path = path
        self._connection = connection
        self._lock = lock
        self._feed_ids: dict[tuple[LineId, FeedId], int] = {}

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    def close(self) -> None:
        """Let go of the file. Closing again is nothing."""
        with self._lock:
            self._connection.close()

    def _ask(self, make: Callable[..., T], sql: str, *values: Value) -> list[T]:
        """Each row of the answer, made by ``make``. Raises StoreUnreadable for a damaged file."""
        try:
            with self._lock:
                rows = self._connection.execute(sql, values).fetchall()
        except UNREADABLE as error:
            raise StoreUnreadable(f"{self._path.name}: {error}") from error
        return [make(*row) for row in rows]

    def _feed_id(self, line: LineId, feed: FeedId) -> int | None:
        """The number of a feed in this file; it never changes once it is committed."""
        number = self._feed_ids.get((line, feed))
        if number is None:
            sql = (
                "SELECT feeds.id FROM feeds JOIN lines ON lines.id = feeds.line"
                " WHERE lines.name = ? AND feeds.name = ?"
            )
            for number in self._ask(cast("Callable[[int], int]", _one), sql, line, feed):
                self._feed_ids[line, feed] = number
        return number

    def entries(self, line: LineId, feed: FeedId, first: int, limit: int) -> Sequence[StoredEntry]:
        """Entries of a feed from an index on, in order; ``limit`` at most."""
        number = self._feed_id(line, feed)
        if number is None or first >= FEED_ENTRIES_MAX:
            return ()

        def make(key: int, salt: bytes, leaf: bytes, received: Instant, body: bytes) -> StoredEntry:
            return StoredEntry(
                line=line,
                feed=feed,
                index=key & FEED_ENTRIES_MAX - 1,
                salt=salt,
                data=body,
                leaf=leaf,
                received=received,
            )

        sql = (
            "SELECT id, salt, leaf, received, body FROM entries"
            " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"
        )
        last = entry_key(number, FEED_ENTRIES_MAX - 1)
        return self._ask(make, sql, entry_key(number, first), last, limit)

    def iterate_entries(self, line: LineId, feed: FeedId, first: int = 0) -> Iterator[StoredEntry]:
        """All entries of a feed from an index on, page by page: no long read holds the log back."""
        while page := self.entries(line, feed, first, PAGE_ENTRIES):
            yield from page
            first += len(page)

    def entry_count(self, line: LineId, feed: FeedId) -> int:
        """How many entries of a feed are held: its contiguous prefix."""
        number = self._feed_id(line, feed)
        if number is None:
            return 0
        sql = "SELECT coalesce(max(id) + 1, ?) FROM entries WHERE id BETWEEN ? AND ?"
        start, last = entry_key(number, 0), entry_key(number, FEED_ENTRIES_MAX - 1)
        end: int = self._ask(_one, sql, start, start, last)[0]
        return end - start

    def ahead(self, line: LineId) -> Sequence[StoredEntry]:
        """Entries kept ahead of sequence, by feed and index."""

        def make(
            feed: FeedId, index: int, salt: bytes, leaf: bytes, received: Instant, body: bytes
        ) -> StoredEntry:
            return StoredEntry(
                line=line,
                feed=feed,
                index=index,
                salt=salt,
                data=body,
                leaf=leaf,
                received=received,
            )

        sql = (
            "SELECT feeds.name, idx, salt, leaf, received, body FROM ahead"
            " JOIN feeds ON feeds.id = ahead.feed JOIN lines ON lines.id = feeds.line"
            " WHERE lines.name = ? ORDER BY feeds.name, idx"
        )
        return self._ask(make, sql, line)

    def feeds(self, line: LineId) -> Sequence[FeedId]:
        """Feeds of which anything is held, sorted."""
        sql = (
            "SELECT feeds.name FROM feeds JOIN lines ON lines.id = feeds.line"
            " WHERE lines.name = ? ORDER BY feeds.name"
        )
        return self._ask(FeedId, sql, line)

    def lines(self) -> Sequence[LineId]:
        """Lines of which anything is held, sorted."""
        return self._ask(LineId, "SELECT name FROM lines ORDER BY name")

    def _heads(self, line: LineId, feed: FeedId, which: str, *values: Value) -> list[StoredHead]:
        number = self._feed_id(line, feed)
        if number is None:
            return []

        def make(size: int, root: bytes, note: str) -> StoredHead:
            return StoredHead(line=line, feed=feed, size=size, root=root, text=note)

        sql = f"SELECT size, root, note FROM heads WHERE feed = ? {which}"  # noqa: S608 our own text
        return self._ask(make, sql, number, *values)

    def head(self, line: LineId, feed: FeedId) -> StoredHead | None:
        """Newest head of a feed: the one of the largest size."""
        return next(iter(self._heads(line, feed, "ORDER BY size DESC LIMIT 1")), None)

    def head_at(self, line: LineId, feed: FeedId, size: int) -> StoredHead | None:
        """A kept signed head of exactly this size, or None."""
        return next(iter(self._heads(line, feed, "AND size = ? AND note <> ''", size)), None)

    def heads(self, line: LineId, feed: FeedId) -> Sequence[StoredHead]:
        """All signed heads of a feed, by size."""
        return self._heads(line, feed, "AND note <> '' ORDER BY size")

    def hash(self, line: LineId, feed: FeedId, level: int, n: int) -> bytes | None:
        """A stored subtree hash."""
        number = self._feed_id(line, feed)
        if number is None:
            return None
        sql = "SELECT hash FROM hashes WHERE feed = ? AND level = ? AND n = ?"
        found: list[bytes] = self._ask(_one, sql, number, level, n)
        return found[0] if found else None

    def hashes(
        self, line: LineId, feed: FeedId, places: Sequence[tuple[int, int]]
    ) -> Sequence[bytes]:
        """Stored subtree hashes by (level, n), in the order asked. Raises BrokenPromise."""
        number = self._feed_id(line, feed)
        sql = "SELECT hash FROM hashes WHERE feed = ? AND level = ? AND n = ?"
        found: list[bytes] = []
        try:
            with self._lock:
                for level, n in places:  # the statement is prepared once and each is one seek
                    for (hash_,) in self._connection.execute(sql, (number, level, n)):
                        found.append(hash_)
        except UNREADABLE as error:
            raise StoreUnreadable(f"{self._path.name}: {error}") from error
        if len(found) != len(places):
            raise BrokenPromise(f"{feed} lacks stored hashes that were asked for")
        return found

    def stored_level(self, line: LineId, feed: FeedId, level: int) -> Iterator[tuple[int, bytes]]:
        """Every stored hash of one level of a feed's tree as (n, hash), in order, streamed."""
        number, n = self._feed_id(line, feed), -1
        sql = (
            "SELECT n, hash FROM hashes WHERE feed = ? AND level = ? AND n > ?"
            " ORDER BY n LIMIT 4096"
        )
        while number is not None and (page := self._ask(_piece, sql, number, level, n)):
            yield from page
            n = page[-1][0]

    def documents(self, line: LineId, kind: str) -> Sequence[StoredDocument]:
        """Signed documents of a kind, in the order in which they were stored."""

        def make(sha256: Digest, body: bytes) -> StoredDocument:
            return StoredDocument(line=line, kind=kind, sha256=sha256, data=body)

        sql = (
            "SELECT sha256, body FROM documents JOIN lines ON lines.id = documents.line"
            " WHERE lines.name = ? AND kind = ? ORDER BY documents.id"
        )
        return self._ask(make, sql, line, kind)

    def alert(self, alert_id: str) -> Alert | None:
        """An alert by its id, closed or not."""
        found = self._ask(_alert, "SELECT body FROM alerts WHERE name = ?", alert_id)
        return found[0] if found else None

    def alerts(self, *, open_only: bool = True) -> Sequence[Alert]:
        """Alerts, by default all that are not closed, in the order in which they were raised."""
        if open_only:
            return self._ask(_alert, "SELECT body FROM alerts WHERE is_open = 1 ORDER BY id")
        return self._ask(_alert, "SELECT body FROM alerts ORDER BY id")

    def alerts_ever(self) -> int:
        """How many alerts there have ever been, closed ones counted in: none is ever deleted."""
        counted: list[int | None] = self._ask(_one, "SELECT max(id) FROM alerts")
        return counted[0] or 0

    def alerts_raised(self, line: LineId, first: Instant, until: Instant) -> Sequence[Alert]:
        """A line's alerts, closed or not, that were raised from ``first`` on and before ``until``,
        in the order in which they were raised."""
        sql = """
            SELECT body FROM alerts WHERE json_extract(CAST(body AS TEXT), '$.trouble.line') = ?
            AND json_extract(CAST(body AS TEXT), '$.raised') BETWEEN ? AND ? ORDER BY id
        """
        return self._ask(_alert, sql, line, first, until - 1)

    def alerts_newest(self, limit: int) -> Sequence[Alert]:
        """The newest alerts of all lines, closed or not, in the order in which they were raised."""
        sql = "SELECT body FROM alerts ORDER BY id DESC LIMIT ?"
        return self._ask(_alert, sql, max(0, limit))[::-1]

    def alerts_due(self, until: Instant) -> Sequence[Alert]:
        """Open alerts whose ``next`` is not after the instant, the earliest first."""
        sql = "SELECT body FROM alerts WHERE is_open = 1 AND next <= ? ORDER BY next, id"
        return self._ask(_alert, sql, until)

    def next_deadline(self) -> Instant | None:
        """The earliest ``next`` of any open alert."""
        sql = "SELECT min(next) FROM alerts WHERE is_open = 1 AND next IS NOT NULL"
        earliest: list[Instant | None] = self._ask(_one, sql)
        return earliest[0]

    def outbox(self) -> Sequence[OutboxItem]:
        """What is not yet known to be performed, oldest first."""

        def make(name: str, body: bytes) -> OutboxItem:
            return OutboxItem(key=name, data=body)

        return self._ask(make, "SELECT name, body FROM outbox ORDER BY id")

    def journal(self, first: int, limit: int) -> Sequence[JournalRecord]:
        """Journal records from a sequence number on."""

        def make(seq: int, at: Instant, kind: str, body: bytes) -> JournalRecord:
            return JournalRecord(seq=seq, at=at, kind=kind, data=body)

        sql = "SELECT seq, at, kind, body FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?"
        return self._ask(make, sql, first, limit)

    def journal_end(self) -> int:
        """The next sequence number."""
        end: list[int] = self._ask(_one, "SELECT coalesce(max(seq) + 1, 0) FROM journal")
        return end[0]

    def desk(self, line: LineId, first: int, limit: int) -> Sequence[DeskRecord]:
        """Records of the private desk record."""

        def make(index: int, salt: bytes, leaf: bytes, body: bytes) -> DeskRecord:
            return DeskRecord(line=line, index=index, salt=salt, data=body, leaf=leaf)

        sql = (
            "SELECT idx, salt, leaf, body FROM desk"
            " WHERE line = (SELECT id FROM lines WHERE name = ?) AND idx >= ?"
            " ORDER BY idx LIMIT ?"
        )
        return self._ask(make, sql, line, first, limit)

    def desk_count(self, line: LineId) -> int:
        """How many records the private desk record of a line holds."""
        sql = (
            "SELECT coalesce(max(idx) + 1, 0) FROM desk"
            " WHERE line = (SELECT id FROM lines WHERE name = ?)"
        )
        count: list[int] = self._ask(_one, sql, line)
        return count[0]

    def request(self, request_id: str) -> RequestRecord | None:
        """The remembered answer to a write."""

        def make(sha256: Digest, answer: bytes) -> RequestRecord:
            return RequestRecord(id=request_id, sha256=sha256, answer=answer)

        found = self._ask(make, "SELECT sha256, answer FROM requests WHERE name = ?", request_id)
        return found[0] if found else None

    def reply_code(self, link: Digest) -> ReplyCode | None:
        """A page's reply codes by the SHA-256 of its link's secret."""
        found = self._ask(_code, f"{_CODES} WHERE link = ?", link)
        return found[0] if found else None

    def reply_codes(self, about: str) -> Sequence[ReplyCode]:
        """All pages' reply codes about one thing, in the order in which they were made."""
        return self._ask(_code, f"{_CODES} WHERE about = ? ORDER BY id", about)

    def blob(self, sha256: Digest) -> tuple[int, bytes] | None:
        """What is held of an attachment: bytes from offset 0, contiguous: (length held, bytes)."""
        sql = "SELECT start, body FROM pieces WHERE sha256 = ? ORDER BY start"
        pieces = self._ask(_piece, sql, sha256)
        if not pieces:
            return None
        held = contiguous(pieces)
        return len(held), held

    def blob_held(self, sha256: Digest) -> int:
        """How many bytes from offset 0 are held of an attachment: where to resume."""
        sql = "SELECT start, length(body) FROM pieces WHERE sha256 = ? ORDER BY start"
        held = 0
        for start, length in self._ask(_pair, sql, sha256):
            if start > held:
                break
            held = max(held, start + length)
        return held

    def snapshot(self, before: int | None = None) -> Snapshot | None:
        """The newest whole snapshot: one that is damaged is passed over for the one before."""
        for seq in self._snapshot_seqs():
            if before is None or seq < before:
                data = self._whole_snapshot(seq)
                if data is not None:
                    return Snapshot(seq=seq, data=data)
        return None

    def part(self, seq: int, n: int) -> bytes | None:
        """The n-th part of the snapshot at ``seq``; None if it is missing or damaged."""
        return self._undamaged("SELECT sha256, body FROM parts WHERE seq = ? AND n = ?", seq, n)

    def snapshots(self) -> list[tuple[int, bool]]:
        """Every kept snapshot by its place, the newest first, and whether it is whole."""
        return [
            (seq, self._whole_snapshot(seq) is not None and not self._damaged_parts(seq))
            for seq in self._snapshot_seqs()
        ]

    def _damaged_parts(self, seq: int) -> bool:
        numbers: list[int] = self._ask(_one, "SELECT n FROM parts WHERE seq = ? ORDER BY n", seq)
        return numbers != list(range(len(numbers))) or any(
            self.part(seq, n) is None for n in numbers
        )

    def _snapshot_seqs(self) -> list[int]:
        seqs: list[int] = self._ask(_one, "SELECT seq FROM snapshots ORDER BY seq DESC")
        return seqs

    def _whole_snapshot(self, seq: int) -> bytes | None:
        return self._undamaged("SELECT sha256, body FROM snapshots WHERE seq = ?", seq)

    def _undamaged(self, sql: str, *values: Value) -> bytes | None:
        """Bytes as they were written, or None for torn or damaged ones: what is older, or replay
        from the start, will do."""
        try:
            for digest, body in self._ask(_digested, sql, *values):
                if hashlib.sha256(body).digest() == digest:
                    return body
        except StoreUnreadable:
            return None
        return None

    def fence(self) -> int:
        """The highest fencing number under which anything was written; 0 before any."""
        fence: list[int] = self._ask(_one, "SELECT fence FROM writer")
        return fence[0]

    def schema(self) -> dict[str, str]:
        """The text of every table, index and trigger by its name."""
        sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
        return dict(self._ask(_texts, sql))


def _digested(digest: bytes, body: bytes) -> tuple[bytes, bytes]:
    return digest, body


def _texts(name: str, sql: str) -> tuple[str, str]:
    return name, sql


class SqliteReader(SqliteReads):
    """A connection of its own that cannot write: for other threads, and for a stand-by process."""

    def __init__(self, path: Path) -> None:
        """Raises StoreUnreadable."""
        super().__init__(path, open_reader(path, len(migrations())), Lock())

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file, and references that lead nowhere; empty if
        nothing. Reads all of it."""
        found: list[str] = []
        try:
            with self._lock:
                for (text,) in self._connection.execute("PRAGMA integrity_check"):
                    if text != "ok":
                        found.append(str(text))
                for row in self._connection.execute("PRAGMA foreign_key_check"):
                    found.append(f"a row of {row[0]} refers to nothing in {row[2]}")
        except apsw.Error as error:
            found.append(str(error))
        return found

    def counts(self) -> list[tuple[str, int, int]]:
        """For each record that must be contiguous: its name, rows held, rows there should be."""

        def make(name: str, held: int, end: int) -> tuple[str, int, int]:
            return name, held, end

        sql = (
            "SELECT 'entries of ' || feeds.name, count(*), max(entries.idx) + 1 FROM entries"
            " JOIN feeds ON feeds.id = entries.feed GROUP BY entries.feed"
            " UNION ALL SELECT 'desk record', count(*), max(idx) + 1 FROM desk GROUP BY line"
            " UNION ALL SELECT 'journal', count(*), coalesce(max(seq) + 1, 0) FROM journal"
        )
        return self._ask(make, sql)

    def copy_into(self, copy: apsw.Connection) -> None:
        """Copy the database as it stands at this moment; its writer goes on meanwhile."""
        with self._lock, copy.backup("main", self._connection, "main") as backup:
            backup.step()
