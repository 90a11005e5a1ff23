"""The examination names what is wrong, and only that."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from clearline.ledger.merkle import EMPTY_ROOT, entry_leaf, node_hash
from clearline.node.ports import Commit, Mark, Snapshot
from clearline.store.doctor import Found, Grade, Hashing, Premises, examine
from clearline.store.highwater import FileHighWater
from clearline.store.lease import FileLease
from clearline.store.sqlite import SqliteStore
from tests.store_cases import FEED, LINE, OTHER_FEED, entries, full_commit, hashes, head, journal

HASHING = Hashing(leaf=entry_leaf, node=node_hash, empty=EMPTY_ROOT)
SIZE = 13


@pytest.fixture
def premises(tmp_path: Path) -> Premises:
    """A node that has signed at several sizes, whose mark stands where its database does."""
    store = SqliteStore(tmp_path / "node.db")
    held = entries(0, SIZE)
    store.commit(
        Commit(
            fence=1,
            entries=held,
            hashes=hashes((), held),
            heads=tuple(head(size, text=f"signed {size}") for size in (0, 1, 5, 8, SIZE)),
            journal=journal(0, 4),
        )
    )
    store.save_snapshot(Snapshot(seq=3, data=b"three"))
    store.close()
    FileHighWater(tmp_path / "marks").write(LINE, FEED, Mark(size=SIZE, root=head(SIZE).root))
    return Premises(
        database=tmp_path / "node.db",
        highwater=tmp_path / "marks",
        lease=tmp_path / "lease",
        own=((LINE, FEED),),
    )


@pytest.fixture
def tamper(premises: Premises) -> Iterator[apsw.Connection]:
    """A shell that drops the guards of entries and hashes before it writes, and restores them."""
    connection = apsw.Connection(str(premises.database))
    yield connection
    connection.close()


def codes(premises: Premises) -> list[str]:
    return [found.code for found in examine(premises, hashing=HASHING, free_bytes_min=0)]


def unguarded(connection: apsw.Connection, trigger: str, sql: str) -> None:
    """Do what a trigger forbids, and put the trigger back so that its absence is not the find."""
    text = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (trigger,))
    guard = text.fetchall()[0][0]
    connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(sql)
    connection.execute(str(guard))
    connection.close()


def test_a_sound_node_gives_no_finding(premises: Premises) -> None:
    """Nothing is said where nothing is wrong."""
    assert codes(premises) == []


def test_a_running_node_is_noted(premises: Premises) -> None:
    """The examination runs beside the node and says that it runs."""
    store = SqliteStore(premises.database)
    lease = FileLease(premises.lease, store)
    found = examine(premises, hashing=HASHING, free_bytes_min=0)
    assert [(one.code, one.grade) for one in found] == [("running", Grade.NOTE)]
    lease.release()
    store.close()


def test_an_old_copy_is_named_as_one(premises: Premises) -> None:
    """A mark ahead of the database says that it was restored from an old copy."""
    mark = Mark(size=SIZE + 3, root=b"r" * 32, seen={OTHER_FEED: 2})
    FileHighWater(premises.highwater).write(LINE, FEED, mark)
    found = examine(premises, free_bytes_min=0)
    assert [one.code for one in found] == ["mark-ahead", "mark-ahead"]
    assert "restored from an old copy" in found[0].text
    assert "BRAVO.0" in found[1].text
    assert found[0] == Found(
        code="mark-ahead", clause="CL-STO-007", grade=Grade.BAD, text=found[0].text
    )


def test_a_missing_and_a_damaged_mark_are_told_apart(premises: Premises) -> None:
    """Each is bad, each for its own reason."""
    path = FileHighWater(premises.highwater).path(LINE, FEED)
    path.write_bytes(path.read_bytes()[:-9])
    assert codes(premises) == ["mark-damaged"]
    path.unlink()
    assert codes(premises) == ["mark-missing"]


def test_a_mark_with_another_root_is_named(premises: Premises) -> None:
    """Two roots signed at one size is a fork of our own making."""
    path = FileHighWater(premises.highwater).path(LINE, FEED)
    path.unlink()
    FileHighWater(premises.highwater).write(LINE, FEED, Mark(size=SIZE, root=b"x" * 32))
    assert codes(premises) == ["mark-differs"]


@pytest.mark.parametrize(
    ("trigger", "sql", "code"),
    [
        (
            "entries_are_never_rewritten",
            "UPDATE entries SET body = CAST('other' AS BLOB) WHERE idx = 6",
            "leaf-differs",
        ),
        (
            "entries_are_never_rewritten",
            "UPDATE entries SET salt = zeroblob(32) WHERE idx = 0",
            "leaf-differs",
        ),
        (
            "entries_are_never_rewritten",
            "UPDATE entries SET leaf = zeroblob(32) WHERE idx = 12",
            "leaf-differs",
        ),
        (
            "hashes_are_never_rewritten",
            "UPDATE hashes SET hash = zeroblob(32) WHERE level = 0 AND n = 3",
            "leaf-differs",
        ),
        (
            "hashes_are_never_rewritten",
            "UPDATE hashes SET hash = zeroblob(32) WHERE level = 2 AND n = 1",
            "hash-differs",
        ),
        ("hashes_are_never_deleted", "DELETE FROM hashes WHERE level = 3", "hash-differs"),
        (
            "hashes_are_never_deleted",
            "DELETE FROM hashes WHERE level = 0 AND n = 12",
            "leaf-differs",
        ),
        (
            "heads_signed_are_never_rewritten",
            "UPDATE heads SET root = zeroblob(32) WHERE size = 5",
            "root-differs",
        ),
        (
            "heads_signed_are_never_rewritten",
            "UPDATE heads SET root = zeroblob(32) WHERE size = 0",
            "root-differs",
        ),
        ("entries_are_never_deleted", "DELETE FROM entries WHERE idx = 4", "gap"),
        ("journal_is_never_deleted", "DELETE FROM journal WHERE seq = 1", "gap"),
    ],
)
def test_an_altered_record_is_named(
    premises: Premises, tamper: apsw.Connection, trigger: str, sql: str, code: str
) -> None:
    """Whoever gets round the guards is found by the hashes or the count."""
    unguarded(tamper, trigger, sql)
    assert code in codes(premises)


def test_a_dropped_guard_is_named(premises: Premises, tamper: apsw.Connection) -> None:
    """A database without its triggers is not the one that this version made."""
    tamper.execute("DROP TRIGGER entries_are_never_deleted")
    tamper.close()
    assert codes(premises) == ["altered"]


def test_a_damaged_snapshot_is_a_warning(premises: Premises, tamper: apsw.Connection) -> None:
    """The node starts without it, later."""
    tamper.execute("UPDATE snapshots SET body = zeroblob(5)")
    tamper.close()
    assert codes(premises) == ["snapshot-damaged"]


def test_files_open_to_others_are_named(premises: Premises) -> None:
    """The database and each mark are closed to other accounts, or it is said."""
    premises.database.chmod(0o644)
    FileHighWater(premises.highwater).path(LINE, FEED).chmod(0o640)
    found = examine(premises, hashing=HASHING, free_bytes_min=0)
    assert [(one.code, one.text.split()[0]) for one in found] == [
        ("open-to-others", "node.db"),
        ("open-to-others", f"{LINE}.{FEED}.mark"),
    ]


def test_little_space_is_named(premises: Premises) -> None:
    """Before the disk is full, not after."""
    found = examine(premises, hashing=HASHING, free_bytes_min=1 << 60)
    assert [(one.code, one.grade) for one in found] == [("little-space", Grade.WARNING)]


def test_a_missing_or_foreign_database_is_a_finding(premises: Premises) -> None:
    """The examination itself never fails on what it examines."""
    premises.database.unlink()
    assert codes(premises) == ["unreadable"]
    premises.database.write_bytes(b"something else " * 100)
    premises.database.chmod(0o600)
    assert codes(premises) == ["unreadable"]


@pytest.mark.parametrize("seed", range(12))
def test_damage_anywhere_in_the_file_is_a_finding(tmp_path: Path, seed: int) -> None:
    """A page of noise, wherever it falls on a page in use, is found and raises nothing."""
    premises = Premises(
        database=tmp_path / "node.db", highwater=tmp_path / "marks", lease=tmp_path / "lease"
    )
    store = SqliteStore(premises.database)
    for number in range(10):
        store.commit(full_commit(number))
    store.close()
    content = bytearray(premises.database.read_bytes())
    pages = len(content) // 4096
    page = seed * pages // 12
    noise = b"".join(hashlib.sha256(b"%d %d" % (seed, n)).digest() for n in range(128))
    content[page * 4096 : page * 4096 + 4096] = noise
    premises.database.write_bytes(content)
    assert [found for found in examine(premises, hashing=HASHING) if found.grade is Grade.BAD]
