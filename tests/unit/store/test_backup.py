"""Backup beside a running node, and putting one back: whole, refused, and never with a mark."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from clearline.model.time import Instant
from clearline.node.ports import Mark, StoreUnreadable
from clearline.store.backup import (
    DATABASE,
    MANIFEST,
    MARKS,
    BackupRefused,
    back_up,
    check_backup,
    restore,
)
from clearline.store.highwater import FileHighWater
from clearline.store.lease import FileLease
from clearline.store.sqlite import SqliteStore
from tests.store_cases import FEED, LINE, full_commit, head

MADE = Instant(1_537_209_540_000)


@dataclass
class Node:
    store: SqliteStore
    marks: Path
    home: Path

    def back_up(self, name: str = "backup") -> Path:
        back_up(self.store.path, self.marks, self.home / name, made=MADE)
        return self.home / name


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    store = SqliteStore(tmp_path / "node.db")
    for number in range(3):
        store.commit(full_commit(number))
    marks = tmp_path / "marks"
    FileHighWater(marks).write(LINE, FEED, Mark(size=6, root=head(6).root))
    yield Node(store=store, marks=marks, home=tmp_path)
    store.close()


def test_a_backup_put_back_holds_everything(node: Node) -> None:
    """The restored node reads what the backed-up one read, and goes on from there."""
    directory = node.back_up()
    node.store.commit(full_commit(3))
    manifest = restore(directory, node.home / "restored.db")
    assert (manifest.made, manifest.journal_end) == (MADE, 3)
    assert [(feed.feed, feed.entries, feed.head) for feed in manifest.feeds] == [
        (FEED, 6, 6),
        ("BRAVO.0", 0, 0),
    ]
    restored = SqliteStore(node.home / "restored.db")
    try:
        held = list(node.store.entries(LINE, FEED, 0, 6))
        assert held == list(restored.entries(LINE, FEED, 0, 100))
        restored.commit(full_commit(3))
    finally:
        restored.close()


def test_a_backup_is_made_while_the_node_commits(node: Node) -> None:
    """It holds one moment of the node: whole commits, and the node never waits for it."""
    done = threading.Event()

    def commit_on() -> None:
        number = 3
        while not done.is_set():
            node.store.commit(full_commit(number))
            number += 1

    writer = threading.Thread(target=commit_on)
    writer.start()
    try:
        directories = [node.back_up(f"backup {turn}") for turn in range(5)]
    finally:
        done.set()
        writer.join()
    for directory in directories:
        manifest = check_backup(directory)
        assert manifest.feeds[0].entries == manifest.feeds[0].head == 2 * manifest.journal_end


def test_a_restore_brings_no_high_water_mark(node: Node) -> None:
    """On a new machine there is none after it: nothing is signed before others have spoken."""
    directory = node.back_up()
    elsewhere = node.home / "elsewhere"
    elsewhere.mkdir()
    restore(directory, elsewhere / "node.db")
    assert [path.name for path in elsewhere.iterdir()] == ["node.db"]
    assert len(list((directory / MARKS).iterdir())) == 1


def test_a_restore_leaves_a_newer_mark_as_it_is(node: Node) -> None:
    """The mark that outlived the database is what shows that it is an old copy."""
    directory = node.back_up()
    node.store.commit(full_commit(3))
    newer = Mark(size=8, root=head(8).root)
    FileHighWater(node.marks).write(LINE, FEED, newer)
    restore(directory, node.home / "restored.db")
    assert newer == FileHighWater(node.marks).read(LINE, FEED)


@pytest.mark.parametrize("name", ["node.db", "node.db-wal", "node.db-shm", "node.db-journal"])
def test_a_restore_overwrites_nothing(node: Node, name: str) -> None:
    """Neither a database nor what could be read as part of one."""
    directory = node.back_up()
    place = node.home / "there"
    place.mkdir()
    (place / name).write_bytes(b"something")
    with pytest.raises(BackupRefused, match="exists already"):
        restore(directory, place / "node.db")
    assert [path.name for path in place.iterdir()] == [name]
    assert (place / name).read_bytes() == b"something"


def test_a_backup_overwrites_nothing(node: Node) -> None:
    """A second backup to the same place is refused and the first stays whole."""
    directory = node.back_up()
    with pytest.raises(BackupRefused, match="exists already"):
        node.back_up()
    assert check_backup(directory).journal_end == 3


def test_a_backup_of_nothing_leaves_nothing(node: Node) -> None:
    """Without a database there is no backup, not an empty one."""
    before = sorted(node.home.iterdir())
    with pytest.raises(StoreUnreadable):
        back_up(node.home / "missing.db", node.marks, node.home / "backup", made=MADE)
    assert before == sorted(node.home.iterdir())


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("at", [0, 100, 5_000, -1])
def test_an_altered_backup_is_refused(node: Node, at: int) -> None:
    """One flipped bit of the database, and nothing is put back."""
    directory = node.back_up()
    flip(directory / DATABASE, at)
    with pytest.raises(BackupRefused, match="not what was backed up"):
        restore(directory, node.home / "restored.db")
    assert not (node.home / "restored.db").exists()


def test_a_backup_without_its_marks_or_manifest_is_refused(node: Node) -> None:
    """What the manifest names must be there, and the manifest too."""
    without_marks, without_manifest = node.back_up("one"), node.back_up("two")
    shutil.rmtree(without_marks / MARKS)
    (without_manifest / MANIFEST).unlink()
    for directory in (without_marks, without_manifest, node.home / "nothing"):
        with pytest.raises(BackupRefused):
            restore(directory, node.home / "restored.db")


@pytest.mark.parametrize(
    ("field", "value"), [("format", 2), ("version", 99), ("files", []), ("unknown", 1)]
)
def test_a_manifest_that_says_something_else_is_refused(
    node: Node, field: str, value: object
) -> None:
    """Another format, a newer version, no database, an unknown field."""
    directory = node.back_up()
    manifest = msgspec.json.decode((directory / MANIFEST).read_bytes())
    (directory / MANIFEST).write_bytes(msgspec.json.encode({**manifest, field: value}))
    with pytest.raises(BackupRefused):
        restore(directory, node.home / "restored.db")


def test_a_manifest_cannot_name_files_outside(node: Node) -> None:
    """A crafted backup makes nobody read another file."""
    directory = node.back_up()
    manifest = msgspec.json.decode((directory / MANIFEST).read_bytes())
    manifest["files"][0]["path"] = "../node.db"
    (directory / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(BackupRefused, match="outside"):
        restore(directory, node.home / "restored.db")


def test_a_writer_of_a_restored_copy_has_a_new_number(node: Node) -> None:
    """The fencing number of the machine goes on growing over a restore."""
    lease = FileLease(node.home / "lease", node.store)
    lease.release()
    directory = node.back_up()
    FileLease(node.home / "lease", node.store).release()
    restore(directory, node.home / "restored.db")
    restored = SqliteStore(node.home / "restored.db")
    after = FileLease(node.home / "lease", restored)
    assert after.fence == lease.fence + 2
    after.release()
    restored.close()
