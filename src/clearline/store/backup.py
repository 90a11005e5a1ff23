"""Backup of a running node, and putting one back.

A backup is a directory: the database as it stood at one moment, the high-water marks of that
moment for whoever examines it, and a manifest with the SHA-256 of each. It is made beside the
running writer, without making it wait.

Putting one back never brings the marks along (CL-STO-008). A node that signed on after the backup
would otherwise find everything in order and sign another record for sizes that it has signed
before. Without a mark, or with the newer one that outlived the loss, it signs nothing until every
party has stated what it holds.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

import apsw
import msgspec

from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.time import Instant
from clearline.node.ports import StoreFull, StoreUnreadable
from clearline.store.disk import PRIVATE_DIRECTORY, make_private, sync_directory, sync_file
from clearline.store.highwater import marks_in
from clearline.store.reads import SqliteReader
from clearline.store.schema import migrations
from clearline.store.sqlite import CANNOT_WRITE

FORMAT: Final = 1
DATABASE: Final = "clearline.db"
MARKS: Final = "highwater-at-backup"
MANIFEST: Final = "manifest.json"
MANIFEST_BYTES_MAX: Final = 16 << 20
"""Ten thousand marks and feeds fit."""
BESIDE: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; a leftover would be read as part of a restored one."""


class BackupRefused(Exception):
    """The backup cannot be made there, or this one cannot be put back; nothing was changed."""


class CopiedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the backup, by its path inside it."""

    path: str
    bytes: int
    sha256: Digest


class CopiedFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a feed went in the backup: entries held, size of the newest head."""

    line: LineId
    feed: FeedId
    entries: int
    head: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds and when, by the clock of its maker, it was made."""

    format: int
    made: Instant
    version: int
    files: tuple[CopiedFile, ...]
    feeds: tuple[CopiedFeed, ...]
    journal_end: int


def back_up(database: Path, highwater: Path, destination: Path, *, made: Instant) -> Manifest:
    """Copy a node's database and marks into a new directory, whether it runs or not.

    Raises BackupRefused if the destination exists, StoreUnreadable if the database or its copy is
    damaged, StoreFull; nothing stays behind when it raises.
    """
    if destination.exists():
        raise BackupRefused(f"{destination.name} exists already: a backup overwrites nothing")
    partial = destination.with_name(f".{destination.name}.partial")
    try:
        partial.mkdir(mode=PRIVATE_DIRECTORY)
        try:
            manifest = _fill(database, highwater, partial, made)
            os.rename(partial, destination)  # fails if anything but an empty directory is there
            sync_directory(destination.parent)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    except FileExistsError as error:
        raise BackupRefused(f"{partial.name} is there: another backup runs, or one died") from error
    except (*CANNOT_WRITE, OSError) as error:
        if destination.exists():
            raise BackupRefused(f"{destination.name} was made by somebody meanwhile") from error
        raise StoreFull(f"{destination.name}: {error}") from error
    return manifest


def check_backup(directory: Path) -> Manifest:
    """Verify every hash and the database inside. Raises BackupRefused, StoreUnreadable."""
    manifest = _read_manifest(directory)
    for file in manifest.files:
        path = directory / file.path
        if not path.resolve().is_relative_to(directory.resolve()):
            raise BackupRefused(f"{file.path} lies outside the backup")
        if not path.is_file() or path.stat().st_size != file.bytes or _sha256(path) != file.sha256:
            raise BackupRefused(f"{file.path} is missing or not what was backed up")
    if DATABASE not in {file.path for file in manifest.files}:
        raise BackupRefused("the backup names no database")
    _check_database(directory / DATABASE)
    return manifest


def restore(directory: Path, database: Path) -> Manifest:
    """Put a backup's database where there is none. High-water marks are left as they are.

    Raises BackupRefused if anything stands there or the backup is not whole, StoreUnreadable if
    its database is damaged, StoreFull.
    """
    for path in (database, *(database.with_name(database.name + end) for end in BESIDE)):
        if path.exists():
            raise BackupRefused(f"{path.name} exists already: a restore overwrites nothing")
    manifest = check_backup(directory)
    fresh = database.with_name(f".{database.name}.restoring")
    try:
        fresh.unlink(missing_ok=True)
        make_private(fresh)
        shutil.copyfile(directory / DATABASE, fresh)
        sync_file(fresh)
        named = {file.path: file.sha256 for file in manifest.files}
        if _sha256(fresh) != named[DATABASE]:
            raise BackupRefused("the copy differs from the backup")
        os.link(fresh, database)  # unlike a rename, it fails where something stands already
        sync_directory(database.parent)
    except FileExistsError as error:
        raise BackupRefused(f"{database.name} exists already") from error
    except OSError as error:
        raise StoreFull(f"{database.name}: {error}") from error
    finally:
        fresh.unlink(missing_ok=True)
    return manifest


def _fill(database: Path, highwater: Path, directory: Path, made: Instant) -> Manifest:
    """Write everything of a backup into a directory, synced."""
    # The marks first: a mark copied after the database could be ahead of it, and would make a
    # sound backup look like an old one.
    (directory / MARKS).mkdir(mode=PRIVATE_DIRECTORY)
    copied = [directory / DATABASE]
    for _, _, mark in marks_in(highwater):
        copied.append(directory / MARKS / mark.name)
        make_private(copied[-1])
        shutil.copyfile(mark, copied[-1])
    make_private(copied[0])
    _copy_database(database, copied[0])
    _check_database(copied[0])
    for path in copied:
        sync_file(path)
    reads = SqliteReader(copied[0])
    try:
        manifest = Manifest(
            format=FORMAT,
            made=made,
            version=len(migrations()),
            files=tuple(_describe(path, directory) for path in copied),
            feeds=tuple(_feeds(reads)),
            journal_end=reads.journal_end(),
        )
    finally:
        reads.close()
    make_private(directory / MANIFEST)
    (directory / MANIFEST).write_bytes(msgspec.json.encode(manifest) + b"\n")
    sync_file(directory / MANIFEST)
    sync_directory(directory / MARKS)
    sync_directory(directory)
    return manifest


def _copy_database(database: Path, target: Path) -> None:
    """Copy one moment of a database into an empty file; in WAL a reader makes no writer wait."""
    source = SqliteReader(database)
    try:
        copy = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            source.copy_into(copy)
            copy.pragma("journal_mode", "DELETE")  # one file, nothing beside it
        finally:
            copy.close()
    finally:
        source.close()


def _check_database(path: Path) -> None:
    reads = SqliteReader(path)
    try:
        trouble = reads.integrity()
    finally:
        reads.close()
    if trouble:
        raise StoreUnreadable(f"{path.name}: {trouble[0]}")


def _feeds(reads: SqliteReader) -> list[CopiedFeed]:
    found = []
    for line in reads.lines():
        for feed in reads.feeds(line):
            head = reads.head(line, feed)
            found.append(
                CopiedFeed(
                    line=line,
                    feed=feed,
                    entries=reads.entry_count(line, feed),
                    head=head.size if head else 0,
                )
            )
    return found


def _read_manifest(directory: Path) -> Manifest:
    try:
        with (directory / MANIFEST).open("rb") as file:
            manifest = msgspec.json.decode(file.read(MANIFEST_BYTES_MAX), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise BackupRefused(f"{directory.name} is no whole backup: {error}") from error
    if manifest.format != FORMAT:
        raise BackupRefused(f"the backup has format {manifest.format}, this program reads {FORMAT}")
    if manifest.version > len(migrations()):
        raise BackupRefused("the backup was made by a newer version: run that one")
    return manifest


def _describe(path: Path, directory: Path) -> CopiedFile:
    inside = path.relative_to(directory).as_posix()
    return CopiedFile(path=inside, bytes=path.stat().st_size, sha256=_sha256(path))


def _sha256(path: Path) -> Digest:
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").hexdigest())
