"""The database file: how it is opened, what marks it as ours, how one version becomes the next.

SQLite is the one that apsw carries. WAL with ``synchronous=FULL``: a commit has returned only when
the log is synced. The file names itself (``application_id``) and its version (``user_version``,
the number of its last migration); a foreign or newer one is refused before anything is written.

Whoever opens the file by other means inside the node's process, if only to hash it, drops the locks
that SQLite holds on it when closing it again (POSIX locks belong to the process): nobody may.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, cast

import apsw

from clearline.node.ports import StoreUnreadable
from clearline.store.disk import make_private

APPLICATION_ID: Final = 0x434C5231
"""``CLR1`` in ASCII."""
BUSY_MS_MAX: Final = 5_000
"""One writer: whoever else holds the file holds it for a moment (a shell, say), or is wrong."""
CACHE_KIB: Final = 16_384
"""Pages kept: the newest part of every feed and the upper levels of all indexes."""
STATEMENTS_KEPT: Final = 256
"""More than there are statements in the store, so that each is prepared once."""
WAL_BYTES_KEPT: Final = 64 << 20
"""What the log file may keep on disk after it was copied back: one burst of large attachments."""

UNREADABLE: Final = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step from the version before to ``number``, as SQL."""

    number: int
    name: str
    sql: str


def migrations() -> tuple[Migration, ...]:
    """The migrations that come with this version, in order; numbers are gapless from 1."""
    found = []
    for file in (files("clearline.store") / "migrations").iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        if file.name.endswith(".sql"):
            found.append(Migration(number=int(number), name=name, sql=file.read_text("utf-8")))
    found.sort(key=lambda step: step.number)
    assert [step.number for step in found] == list(range(1, len(found) + 1))
    return tuple(found)


def open_writer(path: Path, steps: Sequence[Migration]) -> apsw.Connection:
    """The writer's connection, the file made or migrated if need be.

    A new file is readable by its owner alone (CL-STO-009); SQLite gives its log the same bits.
    Raises StoreUnreadable (CL-STO-006), or apsw.Error from the disk.
    """
    make_private(path)
    try:
        connection = apsw.Connection(
            str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=STATEMENTS_KEPT
        )
    except UNREADABLE as error:
        raise StoreUnreadable(f"{path.name}: {error}") from error
    try:
        version = _version(connection, path, len(steps))
        _prepare(connection)
        if connection.pragma("journal_mode", "WAL") != "wal":
            raise StoreUnreadable(
                f"{path.name}: no write-ahead log can be kept on this file system"
            )
        connection.pragma("synchronous", "FULL")
        connection.pragma("checkpoint_fullfsync", 1)
        connection.pragma("fullfsync", 1)
        connection.pragma("journal_size_limit", WAL_BYTES_KEPT)
        for step in steps[version:]:
            _migrate(connection, step)
    except UNREADABLE as error:
        connection.close()
        raise StoreUnreadable(f"{path.name}: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path, newest: int) -> apsw.Connection:
    """A connection that cannot write, beside a running writer or without one.

    Raises StoreUnreadable (CL-STO-006) for a file that is missing, damaged, foreign, of a newer
    version, or of an older one that its writer has not migrated yet.
    """
    try:
        connection = apsw.Connection(
            str(path), flags=apsw.SQLITE_OPEN_READONLY, statementcachesize=STATEMENTS_KEPT
        )
    except apsw.Error as error:
        raise StoreUnreadable(f"{path.name}: {error}") from error
    try:
        version = _version(connection, path, newest)
        if version < newest:
            raise StoreUnreadable(f"{path.name}: version {version}, not yet {newest}")
        _prepare(connection)
    except apsw.Error as error:
        connection.close()
        raise StoreUnreadable(f"{path.name}: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: apsw.Connection, path: Path, newest: int) -> int:
    """The file's version, 0 for an empty one. Raises StoreUnreadable; writes nothing."""
    connection.set_busy_timeout(BUSY_MS_MAX)
    application = cast("int", connection.pragma("application_id"))
    version = cast("int", connection.pragma("user_version"))
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()[0][0]
    if application != APPLICATION_ID and (application or version or tables):
        raise StoreUnreadable(f"{path.name} is a database of something else")
    if version > newest:
        raise StoreUnreadable(
            f"{path.name} has version {version}, this program reads up to {newest}: "
            "run the newer program, or restore an older backup"
        )
    return version


def _prepare(connection: apsw.Connection) -> None:
    """What every connection holds to; the schema of the file is data, not trusted code."""
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    connection.pragma("trusted_schema", 0)
    connection.pragma("foreign_keys", 1)
    connection.pragma("recursive_triggers", 1)  # else REPLACE deletes past the triggers
    connection.pragma("cell_size_check", 1)
    connection.pragma("temp_store", "MEMORY")
    connection.pragma("cache_size", -CACHE_KIB)


def _migrate(connection: apsw.Connection, step: Migration) -> None:
    """One migration in one transaction, its number with it: it happened or it did not."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.pragma("user_version") < step.number:  # another process may have been first
            connection.execute(step.sql)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", step.number)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@cache
def _fresh_schema() -> dict[str, str]:
    """The text of every table, index and trigger by its name, as this version makes them."""
    connection = apsw.Connection(":memory:")
    try:
        for step in migrations():
            connection.execute(step.sql)
        rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        return {str(name): str(sql) for name, sql in rows}
    finally:
        connection.close()


def differences(held: dict[str, str]) -> list[str]:
    """Names of tables, indexes and triggers that are not as this version makes them: a dropped
    trigger guards nothing, and an added one may do anything. SQLite's own tables do not count."""
    expected = _fresh_schema()
    names = sorted(expected.keys() | held.keys())
    return [
        name
        for name in names
        if expected.get(name) != held.get(name) and not name.startswith("sqlite_")
    ]
