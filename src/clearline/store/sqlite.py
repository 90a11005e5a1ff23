"""The store of a running node: SQLite, one durable transaction per commit (CL-STO-001).

``commit`` returns when the write-ahead log is synced to the disk. If it raises, nothing of the
commit is there, except for a process that dies between the sync and the return: then all of it is,
and nobody was told. What SQLite promises, the disk must keep: a drive that lies about flushing can
lose the last commits, whole ones.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from typing import Final

import apsw

from clearline.model.ids import FeedId, LineId
from clearline.model.limits import ATTACHMENT_BYTES_MAX
from clearline.node.ports import (
    BrokenPromise,
    Commit,
    Snapshot,
    StaleFence,
    StoredEntry,
    StoredHash,
    StoredHead,
    StoreFull,
    StoreUnreadable,
)
from clearline.store.faults import Hooks
from clearline.store.reads import SqliteReader, SqliteReads, entry_key, pack_alert
from clearline.store.rules import SNAPSHOTS_KEPT, alert_is_open
from clearline.store.schema import UNREADABLE, differences, migrations, open_writer

CANNOT_WRITE: Final = (
    apsw.FullError,
    apsw.IOError,
    apsw.ReadOnlyError,
    apsw.CantOpenError,
    apsw.PermissionsError,
    apsw.NoMemError,
    apsw.BusyError,
)
"""Nothing was written and trying again may help: space, quota, a mount gone read-only, a lock."""

Feeds = dict[tuple[LineId, FeedId], int]


class SqliteStore(SqliteReads):
    """``clearline.node.ports.Store`` over one file. Threads may share it and take turns."""

    def __init__(self, path: Path, *, hooks: Hooks | None = None) -> None:
        """Opens, makes or migrates the database. Raises StoreUnreadable, StoreFull."""
        try:
            connection = open_writer(path, migrations())
        except (*CANNOT_WRITE, OSError) as error:
            raise StoreFull(f"{path.name}: {error}") from error
        super().__init__(path, connection, RLock())
        altered = differences(self.schema())
        if altered:
            self.close()
            raise StoreUnreadable(f"{path.name}: {', '.join(altered)} not as this version makes it")
        self._hooks = hooks or Hooks()
        self._commits = 0

    def commit(self, commit: Commit) -> None:
        """Make it durable, all or nothing. Raises StoreFull, StaleFence or BrokenPromise."""
        with self._lock:
            self._commits += 1
            self._hooks.before(self._commits, commit)
            if not commit.empty:
                feeds: Feeds = {}

                def write() -> None:
                    self._take_fence(commit.fence)
                    self._write(commit, feeds)

                self._transact(write)
                self._feed_ids.update(feeds)
            self._hooks.after(self._commits, commit)

    def save_part(self, seq: int, n: int, data: bytes) -> None:
        """Keep a part of a snapshot, in a small transaction of its own. Raises StoreFull."""
        digest = hashlib.sha256(data).digest()
        with self._lock:
            self._transact(
                lambda: self._connection.execute(
                    "REPLACE INTO parts (seq, n, sha256, body) VALUES (?, ?, ?, ?)",
                    (seq, n, digest, data),
                )
            )

    def drop_parts(self, writing: int, limit: int) -> bool:
        """Let go of some parts that belong to no snapshot. Raises StoreFull."""
        with self._lock:
            self._transact(
                lambda: self._connection.execute(
                    "DELETE FROM parts WHERE id IN (SELECT id FROM parts WHERE seq <> ?"
                    " AND seq NOT IN (SELECT seq FROM snapshots) LIMIT ?)",
                    (writing, limit),
                )
            )
            return self._connection.changes() > 0

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot durably, and the newest one beside it. Raises StoreFull."""
        with self._lock:
            if snapshot.seq > self.journal_end():
                raise BrokenPromise("a snapshot of what is not in the journal")
            digest = hashlib.sha256(snapshot.data).digest()

            def write() -> None:
                self._connection.execute(
                    "REPLACE INTO snapshots (seq, sha256, body) VALUES (?, ?, ?)",
                    (snapshot.seq, digest, snapshot.data),
                )
                self._connection.execute(
                    "DELETE FROM snapshots WHERE seq NOT IN"
                    " (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ?)",
                    (SNAPSHOTS_KEPT,),
                )

            self._transact(write)

    def raise_fence(self, fence: int) -> None:
        """Shut out durably every writer with a lower fencing number."""
        with self._lock:
            self._transact(lambda: self._take_fence(fence))

    def reader(self) -> SqliteReader:
        """A read-only connection of its own; who asked for it closes it."""
        return SqliteReader(self._path)

    def limit_pages(self, pages: int) -> None:
        """A quota on the database, in pages of 4 KiB; never below what it has. 0 lifts it."""
        with self._lock:
            self._connection.pragma("max_page_count", pages or 0xFFFFFFFE)

    def _transact(self, write: Callable[[], object]) -> None:
        """Run the writes as one transaction; whatever they raise, nothing stays of them."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            write()
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, apsw.ConstraintError):
                raise BrokenPromise(str(error)) from error
            if isinstance(error, CANNOT_WRITE):
                raise StoreFull(f"{self._path.name}: {error}") from error
            if isinstance(error, UNREADABLE):
                raise StoreUnreadable(f"{self._path.name}: {error}") from error
            raise

    def _take_fence(self, fence: int) -> None:
        """Inside the transaction: no writer that another has replaced gets further (CL-STO-004)."""
        known = self.fence()
        if fence < known:
            raise StaleFence(f"writer {fence} was replaced by writer {known}")
        if fence > known:
            self._connection.execute("UPDATE writer SET fence = ?", (fence,))

    def _write(self, commit: Commit, feeds: Feeds) -> None:
        """Everything of a commit, inside the transaction. ``feeds`` collects the feeds' numbers."""
        if commit.entries:
            self._add_entries(commit.entries, feeds)
        if commit.ahead_added or commit.ahead_folded:
            self._change_ahead(commit, feeds)
        if commit.hashes:
            self._add_hashes(commit.hashes, feeds)
        if commit.heads:
            self._add_heads(commit.heads, feeds)
        if commit.documents or commit.desk:
            self._add_documents(commit)
        if commit.alerts:
            self._put_alerts(commit)
        if commit.outbox_done or commit.outbox_added:
            self._change_outbox(commit)
        if commit.journal or commit.requests:
            self._add_journal(commit)
        if commit.blobs or commit.blobs_dropped:
            self._change_blobs(commit)
        if commit.codes:
            self._put_codes(commit)

    def _line_number(self, line: LineId) -> int:
        """A line's number in this file, made if it is new."""
        self._connection.execute(
            "INSERT INTO lines (name) VALUES (?) ON CONFLICT DO NOTHING", (line,)
        )
        found: list[int] = self._ask(int, "SELECT id FROM lines WHERE name = ?", line)
        return found[0]

    def _feed_number(self, line: LineId, feed: FeedId, fresh: Feeds) -> int:
        """A feed's number, made if new; a new one is remembered only once it is committed."""
        number = self._feed_ids.get((line, feed)) or fresh.get((line, feed))
        if number is None:
            at = self._line_number(line)
            self._connection.execute(
                "INSERT INTO feeds (line, name) VALUES (?, ?) ON CONFLICT DO NOTHING", (at, feed)
            )
            sql = "SELECT id FROM feeds WHERE line = ? AND name = ?"
            number = fresh[line, feed] = self._ask(int, sql, at, feed)[0]
        return number

    def _add_entries(self, entries: Sequence[StoredEntry], feeds: Feeds) -> None:
        self._connection.executemany(
            "INSERT INTO entries (id, salt, leaf, received, body) VALUES (?, ?, ?, ?, ?)",
            [
                (
                    entry_key(self._feed_number(entry.line, entry.feed, feeds), entry.index),
                    entry.salt,
                    entry.leaf,
                    entry.received,
                    entry.data,
                )
                for entry in entries
            ],
        )

    def _change_ahead(self, commit: Commit, feeds: Feeds) -> None:
        self._connection.executemany(
            "INSERT INTO ahead (feed, idx, salt, leaf, received, body) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            [
                (
                    self._feed_number(entry.line, entry.feed, feeds),
                    entry.index,
                    entry.salt,
                    entry.leaf,
                    entry.received,
                    entry.data,
                )
                for entry in commit.ahead_added
            ],
        )
        self._connection.executemany(
            "DELETE FROM ahead WHERE feed = (SELECT feeds.id FROM feeds"
            " JOIN lines ON lines.id = feeds.line WHERE lines.name = ? AND feeds.name = ?)"
            " AND idx = ?",
            commit.ahead_folded,
        )

    def _add_hashes(self, hashes: Sequence[StoredHash], feeds: Feeds) -> None:
        self._connection.executemany(
            "INSERT INTO hashes (feed, level, n, hash) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                (self._feed_number(hash_.line, hash_.feed, feeds), hash_.level, hash_.n, hash_.hash)
                for hash_ in hashes
            ],
        )

    def _add_heads(self, heads: Sequence[StoredHead], feeds: Feeds) -> None:
        for head in heads:
            number = self._feed_number(head.line, head.feed, feeds)
            self._connection.execute(
                "INSERT INTO heads (feed, size, root, note) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET note = excluded.note WHERE note <> excluded.note",
                (number, head.size, head.root, head.text),
            )
            self._connection.execute(
                "DELETE FROM heads WHERE feed = ?1 AND note = ''"
                " AND size < (SELECT max(size) FROM heads WHERE feed = ?1)",
                (number,),
            )

    def _add_documents(self, commit: Commit) -> None:
        self._connection.executemany(
            "INSERT INTO documents (line, kind, sha256, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            [
                (self._line_number(document.line), document.kind, document.sha256, document.data)
                for document in commit.documents
            ],
        )
        self._connection.executemany(
            "INSERT INTO desk (line, idx, salt, leaf, body) VALUES (?, ?, ?, ?, ?)",
            [
                (self._line_number(desk.line), desk.index, desk.salt, desk.leaf, desk.data)
                for desk in commit.desk
            ],
        )

    def _put_alerts(self, commit: Commit) -> None:
        self._connection.executemany(
            "INSERT INTO alerts (name, is_open, next, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET"
            " is_open = excluded.is_open, next = excluded.next, body = excluded.body",
            [
                (alert.id, int(alert_is_open(alert)), alert.next, pack_alert(alert))
                for alert in commit.alerts
            ],
        )

    def _change_outbox(self, commit: Commit) -> None:
        self._connection.executemany(
            "DELETE FROM outbox WHERE name = ?", [(key,) for key in commit.outbox_done]
        )
        self._connection.executemany(
            "INSERT INTO outbox (name, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(item.key, item.data) for item in commit.outbox_added],
        )

    def _add_journal(self, commit: Commit) -> None:
        self._connection.executemany(
            "INSERT INTO journal (seq, at, kind, body) VALUES (?, ?, ?, ?)",
            [(record.seq, record.at, record.kind, record.data) for record in commit.journal],
        )
        self._connection.executemany(
            "INSERT INTO requests (name, sha256, answer) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(request.id, request.sha256, request.answer) for request in commit.requests],
        )

    def _put_codes(self, commit: Commit) -> None:
        self._connection.executemany(
            "INSERT INTO reply_codes (name, link, about, body, tries) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET link = excluded.link, about = excluded.about,"
            " body = excluded.body, tries = excluded.tries",
            [(code.id, code.link, code.about, code.data, code.tries) for code in commit.codes],
        )

    def _change_blobs(self, commit: Commit) -> None:
        for _, start, body in commit.blobs:
            if not 0 <= start <= ATTACHMENT_BYTES_MAX - len(body):
                raise BrokenPromise("a piece beyond the largest attachment")
        self._connection.executemany(
            "INSERT INTO pieces (sha256, start, body) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET body = excluded.body"
            " WHERE length(excluded.body) > length(body)",
            commit.blobs,
        )
        self._connection.executemany(
            "DELETE FROM pieces WHERE sha256 = ?", [(digest,) for digest in commit.blobs_dropped]
        )
