"""Attack: somebody with a shell on the node's machine edits the record in the database."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from clearline.node.ports import StoreUnreadable
from clearline.store.sqlite import SqliteStore
from tests.store_cases import FEED, LINE, entries, full_commit

STATEMENTS = [
    "UPDATE entries SET body = x'00'",
    "UPDATE entries SET id = id + 100 WHERE idx = 3",
    "UPDATE entries SET received = 0",
    "DELETE FROM entries",
    "DELETE FROM entries WHERE idx = 3",
    "REPLACE INTO entries (id, salt, leaf, received, body)"
    " SELECT id, salt, leaf, received, x'00' FROM entries",
    "INSERT INTO entries (id, salt, leaf, received, body)"
    " SELECT id + 50, salt, leaf, received, x'00' FROM entries WHERE idx = 3",
    "UPDATE hashes SET hash = zeroblob(32)",
    "DELETE FROM hashes",
    "REPLACE INTO hashes SELECT feed, level, n, zeroblob(32) FROM hashes",
    "UPDATE heads SET note = 'forged'",
    "UPDATE heads SET note = ''",
    "UPDATE heads SET root = zeroblob(32)",
    "DELETE FROM heads",
    "REPLACE INTO heads SELECT feed, size, root, 'forged' FROM heads",
    "REPLACE INTO heads SELECT feed, size, zeroblob(32), note FROM heads",
    "UPDATE documents SET body = x'00'",
    "DELETE FROM documents",
    "REPLACE INTO documents SELECT id, line, kind, sha256, x'00' FROM documents",
    "UPDATE journal SET at = 0",
    "DELETE FROM journal WHERE seq = 2",
    "REPLACE INTO journal SELECT seq, at, kind, x'00' FROM journal",
    "INSERT INTO journal VALUES (77, 0, 'tick', x'00')",
    "UPDATE desk SET body = x'00'",
    "DELETE FROM desk",
    "REPLACE INTO desk SELECT line, idx, salt, leaf, x'00' FROM desk",
    "UPDATE writer SET fence = 0",
    "DELETE FROM writer",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = SqliteStore(tmp_path / "node.db")
    for number in range(4):
        store.commit(full_commit(number, fence=2))
    store.close()
    return tmp_path / "node.db"


@pytest.fixture
def shell(path: Path) -> Iterator[apsw.Connection]:
    """A connection with SQLite's own defaults, as any shell has."""
    connection = apsw.Connection(str(path))
    yield connection
    connection.close()


def content(shell: apsw.Connection) -> list[object]:
    tables = ("entries", "hashes", "heads", "documents", "journal", "desk", "writer")
    return [shell.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_shell_cannot_rewrite_the_record(shell: apsw.Connection, statement: str) -> None:
    """The database itself refuses to change what is recorded, whoever asks."""
    before = content(shell)
    assert all(before), "an empty table would show nothing"
    with pytest.raises(apsw.ConstraintError):
        shell.execute(statement)
    assert before == content(shell)


def test_replacing_signed_heads_by_unsigned_ones_changes_nothing(shell: apsw.Connection) -> None:
    """A signature that was given cannot be made not given."""
    before = content(shell)
    shell.execute("REPLACE INTO heads SELECT feed, size, root, '' FROM heads")
    assert before == content(shell)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER entries_are_never_rewritten",
        "CREATE TRIGGER quiet BEFORE INSERT ON alerts BEGIN SELECT RAISE(IGNORE); END",
        "DROP INDEX alerts_next",
        "CREATE VIEW more AS SELECT 1",
    ],
)
def test_a_database_with_other_guards_is_not_opened(
    path: Path, shell: apsw.Connection, statement: str
) -> None:
    """Who drops a guard, or adds a trigger that swallows alerts, stops the node."""
    shell.execute(statement)
    shell.close()
    with pytest.raises(StoreUnreadable, match="not as this version makes it"):
        SqliteStore(path)


def test_tables_that_sqlite_makes_for_itself_are_no_attack(
    path: Path, shell: apsw.Connection
) -> None:
    """Statistics for the query planner change nothing."""
    shell.execute("ANALYZE")
    shell.close()
    store = SqliteStore(path)
    assert list(entries(0, 8)) == list(store.entries(LINE, FEED, 0, 100))
    store.close()
