"""What only the store on a disk has to show: the file, its versions, damage, a full disk."""

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from clearline.node.ports import Commit, Snapshot, StoreFull, StoreUnreadable
from clearline.store.reads import SqliteReader
from clearline.store.schema import Migration, migrations, open_reader, open_writer
from clearline.store.sqlite import SqliteStore
from tests.store_cases import FEED, LINE, digest, entries, full_commit, journal


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "node.db")
    yield store
    store.close()


def reopened(store: SqliteStore) -> SqliteStore:
    store.close()
    return SqliteStore(store.path)


def integrity(store: SqliteStore) -> list[str]:
    reader = store.reader()
    try:
        return reader.integrity()
    finally:
        reader.close()


def pragma(path: Path, name: str) -> object:
    connection = apsw.Connection(str(path))
    try:
        return connection.pragma(name)
    finally:
        connection.close()


def test_what_was_committed_is_there_after_reopening(store: SqliteStore) -> None:
    """Closing and opening again changes nothing."""
    store.commit(full_commit(0))
    store.commit(full_commit(1))
    held = list(store.entries(LINE, FEED, 0, 9))
    again = reopened(store)
    try:
        assert held == list(again.entries(LINE, FEED, 0, 9))
        assert again.journal_end() == 2
        again.commit(full_commit(2))
    finally:
        again.close()


def test_a_commit_is_synced_before_it_returns(store: SqliteStore) -> None:
    """The log is synced at each commit, and references and foreign schemas are checked."""
    connection = store._connection
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2, "FULL"
    assert connection.pragma("foreign_keys") == 1
    assert connection.pragma("trusted_schema") == 0
    assert connection.pragma("recursive_triggers") == 1


def test_only_the_owner_can_read_the_files(store: SqliteStore) -> None:
    """The database and what SQLite keeps beside it are closed to other accounts."""
    store.commit(full_commit(0))
    files = list(store.path.parent.glob("node.db*"))
    assert len(files) == 3
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in files}


def test_a_failed_commit_forgets_the_feeds_it_would_have_made(store: SqliteStore) -> None:
    """A feed that was new in a commit that failed is new again in the next."""
    store.limit_pages(1)
    with pytest.raises(StoreFull):
        store.commit(
            Commit(fence=1, blobs=((digest("b"), 0, bytes(1 << 20)),), entries=entries(0, 1))
        )
    store.limit_pages(0)
    assert list(store.feeds(LINE)) == []
    store.commit(Commit(fence=1, entries=entries(0, 1)))
    assert store.entry_count(LINE, FEED) == 1


# --- versions


def test_migrations_are_applied_in_order_and_once(tmp_path: Path) -> None:
    """A database of an earlier version is brought forward with all that it holds."""
    path = tmp_path / "node.db"
    store = SqliteStore(path)
    store.commit(full_commit(0))
    store.close()
    newest = len(migrations()) + 1
    further = Migration(
        number=newest, name="more", sql="CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;"
    )
    steps = (*migrations(), further)
    for _ in range(2):
        open_writer(path, steps).close()
        assert pragma(path, "user_version") == newest
    reader = open_reader(path, newest)
    assert reader.execute("SELECT count(*) FROM entries").fetchall() == [(2,)]
    reader.close()


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    """Half a migration is none: tables and number are as they were."""
    path = tmp_path / "node.db"
    SqliteStore(path).close()
    broken = Migration(
        number=len(migrations()) + 1,
        name="broken",
        sql="CREATE TABLE more (id) ; CREATE TABLE more (id);",
    )
    with pytest.raises(apsw.SQLError):
        open_writer(path, (*migrations(), broken))
    assert pragma(path, "user_version") == len(migrations())
    SqliteStore(path).close()


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    """An old program neither reads nor changes what a newer one wrote."""
    path = tmp_path / "node.db"
    SqliteStore(path).close()
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 99)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnreadable, match="version 99"):
        SqliteStore(path)
    with pytest.raises(StoreUnreadable, match="version 99"):
        SqliteReader(path)
    assert before == path.read_bytes()


def test_a_database_of_something_else_is_refused_untouched(tmp_path: Path) -> None:
    """A wrong path in the configuration cannot damage another program's database."""
    path = tmp_path / "other.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE theirs (id)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnreadable, match="something else"):
        SqliteStore(path)
    assert before == path.read_bytes()


def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path) -> None:
    """Neither is any other file."""
    path = tmp_path / "notes.txt"
    path.write_bytes(b"not a database, but long enough to look at " * 40)
    before = path.read_bytes()
    with pytest.raises(StoreUnreadable):
        SqliteStore(path)
    assert before == path.read_bytes()


def test_a_file_system_without_a_write_ahead_log_is_refused(tmp_path: Path) -> None:
    """Where readers would stop the writer, the node does not start; it is told why."""
    usual = apsw.vfs_names()[0]
    apsw.set_default_vfs("unix-dotfile")
    try:
        with pytest.raises(StoreUnreadable, match="write-ahead log"):
            SqliteStore(tmp_path / "node.db")
    finally:
        apsw.set_default_vfs(usual)


def test_a_reader_refuses_a_planted_journal(store: SqliteStore) -> None:
    """A leftover of another database beside ours is not played into what is read."""
    store.commit(full_commit(0))
    store.close()
    planted = store.path.with_name("node.db-journal")
    planted.write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(2_000))
    with pytest.raises(StoreUnreadable):
        SqliteReader(store.path)


def test_a_reader_makes_no_database(tmp_path: Path) -> None:
    """Asking for what is not there says so and leaves nothing."""
    with pytest.raises(StoreUnreadable):
        SqliteReader(tmp_path / "node.db")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(store: SqliteStore) -> None:
    """The connection of the API's queries has no way to change the record."""
    reader = store.reader()
    with pytest.raises(apsw.ReadOnlyError):
        reader._connection.execute("UPDATE writer SET fence = 9")
    reader.close()


def test_a_stand_by_reads_whether_the_writer_lives_or_not(store: SqliteStore) -> None:
    """Read-only beside a running writer, and after it has gone."""
    store.commit(full_commit(0))
    beside = SqliteReader(store.path)
    assert beside.entry_count(LINE, FEED) == 2
    store.commit(full_commit(1))
    assert beside.entry_count(LINE, FEED) == 4
    beside.close()
    store.close()
    after = SqliteReader(store.path)
    assert after.entry_count(LINE, FEED) == 4
    after.close()


# --- snapshots


def tamper(path: Path, sql: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()


def test_a_torn_snapshot_is_passed_over_for_the_older(store: SqliteStore) -> None:
    """A damaged newest snapshot costs a longer tail, nothing else; with none left, replay."""
    store.commit(Commit(fence=1, journal=journal(0, 9)))
    store.save_snapshot(Snapshot(seq=4, data=b"four" * 1_000))
    store.save_snapshot(Snapshot(seq=8, data=b"eight" * 1_000))
    tamper(store.path, "UPDATE snapshots SET body = substr(body, 1, 9) WHERE seq = 8")
    assert store.snapshot() == Snapshot(seq=4, data=b"four" * 1_000)
    assert store.snapshots() == [(8, False), (4, True)]
    tamper(store.path, "UPDATE snapshots SET body = zeroblob(length(body)) WHERE seq = 4")
    assert store.snapshot() is None


def test_the_last_two_snapshots_are_kept(store: SqliteStore) -> None:
    """Not one, since it may be damaged; not all, since they are large."""
    store.commit(Commit(fence=1, journal=journal(0, 9)))
    for seq in (2, 8, 5, 6):
        store.save_snapshot(Snapshot(seq=seq, data=b"%d" % seq))
    assert store.snapshots() == [(8, True), (6, True)]


# --- a full disk


def fill(store: SqliteStore) -> int:
    """Commit until the disk is full; how many commits were durable."""
    for number in range(10_000):
        try:
            store.commit(
                Commit(
                    fence=1,
                    entries=entries(number, 1),
                    journal=journal(number),
                    blobs=((digest("b"), number * 20_000, bytes(20_000)),),
                )
            )
        except StoreFull:
            return number
    raise AssertionError("the disk never filled")


def check_full(store: SqliteStore, durable: int) -> None:
    """Exactly the durable commits are there, and the file is whole."""
    assert (durable, durable) == (store.entry_count(LINE, FEED), store.journal_end())
    assert store.blob_held(digest("b")) == durable * 20_000
    assert integrity(store) == []


def test_a_quota_leaves_nothing_of_the_commit_and_the_store_usable(store: SqliteStore) -> None:
    """When pages run out the commit is refused whole; with room again, the next goes on."""
    store.limit_pages(100)
    durable = fill(store)
    assert durable > 3
    check_full(store, durable)
    with pytest.raises(StoreFull):
        store.commit(Commit(fence=1, blobs=((digest("c"), 0, bytes(200_000)),)))
    with pytest.raises(StoreFull):
        store.save_snapshot(Snapshot(seq=0, data=bytes(200_000)))
    store.limit_pages(0)
    store.commit(Commit(fence=1, entries=entries(durable, 1), journal=journal(durable)))
    assert store.entry_count(LINE, FEED) == durable + 1
    again = reopened(store)
    assert again.entry_count(LINE, FEED) == durable + 1
    again.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB, where the account may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount command")
    if done.returncode:
        pytest.skip("this account may not mount a small disk; the quota's test stands for it")
    yield place
    subprocess.run(["umount", str(place)], check=True, capture_output=True)


def test_a_full_disk_leaves_nothing_of_the_commit_and_the_store_usable(small_disk: Path) -> None:
    """A real disk that fills: refused whole, still readable, and on again when there is room."""
    store = SqliteStore(small_disk / "node.db")
    try:
        durable = fill(store)
        assert durable > 3
        check_full(store, durable)
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(bytes(4 << 20))
        with pytest.raises(StoreFull):
            store.commit(Commit(fence=1, blobs=((digest("c"), 0, bytes(4 << 20)),)))
        check_full(store, durable)
        ballast.unlink()
        subprocess.run(
            ["mount", "-o", "remount,size=16m", str(small_disk)], check=True, capture_output=True
        )
        store.commit(Commit(fence=1, entries=entries(durable, 2)))
        store = reopened(store)
        assert store.entry_count(LINE, FEED) == durable + 2
        assert integrity(store) == []
    finally:
        store.close()


def test_a_disk_gone_read_only_is_a_full_disk(small_disk: Path) -> None:
    """What a failing disk does: nothing can be written, everything can still be read."""
    store = SqliteStore(small_disk / "node.db")
    store.commit(full_commit(0))
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True, capture_output=True)
    with pytest.raises(StoreFull):
        commit_once(small_disk / "node.db", full_commit(1))


def commit_once(path: Path, commit: Commit) -> None:
    store = SqliteStore(path)
    try:
        store.commit(commit)
    finally:
        store.close()
