"""One writer: the lease between real processes, and the fencing number behind it."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clearline.node.ports import Commit, Lease, LeaseHeld, StaleFence, Store, StoreUnreadable
from clearline.store.lease import FileLease, holder, open_as_writer
from clearline.store.memory import MemoryLease, MemoryStore
from clearline.store.sqlite import SqliteStore
from tests.store_cases import FEED, LINE, entry, full_commit

CHILD = Path(__file__).with_name("lease_child.py")
ROOT = Path(__file__).parents[3]

Child = subprocess.Popen[str]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Child]]:
    started: list[Child] = []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}

    def start_() -> Child:
        child = subprocess.Popen(
            [sys.executable, str(CHILD), str(tmp_path / "node.db"), str(tmp_path / "lease")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        started.append(child)
        return child

    yield start_
    for child in started:
        child.kill()
        child.communicate()


def hear(child: Child) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def ask(child: Child) -> str:
    assert child.stdin is not None
    child.stdin.write("commit\n")
    child.stdin.flush()
    return hear(child)


def test_a_second_process_gets_no_lease_until_the_first_is_killed(
    start: Callable[[], Child], tmp_path: Path
) -> None:
    """The lease dies with its process, however it dies, and the next number is higher."""
    first = start()
    assert hear(first) == "1"
    assert hear(start()) == "held"
    assert f"process {first.pid} " in (holder(tmp_path / "lease") or "")
    assert ask(first) == "wrote 0"
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert holder(tmp_path / "lease") is None
    second = start()
    assert hear(second) == "2"
    assert ask(second) == "wrote 1"


def test_a_writer_that_lost_its_lock_file_is_fenced_off(
    start: Callable[[], Child], tmp_path: Path
) -> None:
    """Two live processes that both hold a lock: only the later one's commits are taken."""
    first = start()
    assert hear(first) == "1"
    assert ask(first) == "wrote 0"
    (tmp_path / "lease").unlink()
    second = start()
    assert hear(second) == "2"
    assert ask(first) == "stale"
    assert ask(second) == "wrote 1"
    assert ask(first) == "stale"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "node.db")
    yield store
    store.close()


def test_a_released_lease_is_taken_by_the_next_with_a_higher_number(
    store: SqliteStore, tmp_path: Path
) -> None:
    """Handing over in order works, and the one before can write no more."""
    first = FileLease(tmp_path / "lease", store)
    with pytest.raises(LeaseHeld, match="fence 1"):
        FileLease(tmp_path / "lease", store)
    first.release()
    first.release()
    second = FileLease(tmp_path / "lease", store)
    assert (first.fence, second.fence, store.fence()) == (1, 2, 2)
    with pytest.raises(StaleFence):
        store.commit(full_commit(0, fence=first.fence))
    store.commit(full_commit(0, fence=second.fence))
    second.release()


def test_a_number_does_not_come_again_when_the_database_is_restored(tmp_path: Path) -> None:
    """The lock's file remembers it beside the database."""
    for expected in (1, 2, 3):
        store = SqliteStore(tmp_path / f"{expected}.db")
        lease = FileLease(tmp_path / "lease", store)
        assert lease.fence == expected
        lease.release()
        store.close()


def test_a_lost_lock_file_costs_no_number(tmp_path: Path) -> None:
    """The database remembers it as well."""
    store = SqliteStore(tmp_path / "node.db")
    for expected in (1, 2, 3):
        lease = FileLease(tmp_path / "lease", store)
        assert lease.fence == expected
        lease.release()
        (tmp_path / "lease").unlink()
    store.close()


def test_a_lock_file_with_other_content_is_taken_over(store: SqliteStore, tmp_path: Path) -> None:
    """Garbage in the file does not keep a node from starting."""
    (tmp_path / "lease").write_bytes(b"\xff garbage" * 100)
    lease = FileLease(tmp_path / "lease", store)
    assert lease.fence == 1
    assert stat.S_IMODE((tmp_path / "lease").stat().st_mode) & 0o111 == 0
    lease.release()
    assert holder(tmp_path / "nowhere") is None


def test_a_simulated_lease_shuts_out_the_one_before() -> None:
    """In memory the same number guards the same store."""
    store: Store = MemoryStore()
    first: Lease = MemoryLease(store)
    second: Lease = MemoryLease(store)
    with pytest.raises(StaleFence):
        store.commit(Commit(fence=first.fence, entries=(entry(0),)))
    store.commit(Commit(fence=second.fence, entries=(entry(0),)))
    assert store.entry_count(LINE, FEED) == 1
    second.release()


def test_no_database_is_touched_without_the_lease(tmp_path: Path) -> None:
    """A second program, perhaps a newer one, migrates nothing under the one that writes."""
    store, lease = open_as_writer(tmp_path / "node.db", tmp_path / "lease")
    assert (lease.fence, store.fence()) == (1, 1)
    with pytest.raises(LeaseHeld):
        open_as_writer(tmp_path / "other.db", tmp_path / "lease")
    assert not (tmp_path / "other.db").exists()
    store.close()
    lease.release()


def test_a_database_that_cannot_be_opened_leaves_the_lease_free(tmp_path: Path) -> None:
    """A failed start does not keep the next one out."""
    (tmp_path / "node.db").write_bytes(b"something else " * 100)
    with pytest.raises(StoreUnreadable):
        open_as_writer(tmp_path / "node.db", tmp_path / "lease")
    assert holder(tmp_path / "lease") is None
