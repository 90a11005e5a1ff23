"""The lease of the one writer (CL-STO-004): a file lock that dies with its process, and a fencing
number that only grows.

The lock keeps honest processes of one machine apart. The number keeps apart whatever the lock
cannot: a file that was deleted, a directory mounted twice. It is durable in the database, which
refuses a lower one inside the transaction, and in the lock's file, so that it does not come again
when an old database is restored.
"""

import fcntl
import os
import re
import socket
from pathlib import Path
from typing import Final

from clearline.node.ports import LeaseHeld, Store, StoreFull
from clearline.store.disk import PRIVATE_FILE
from clearline.store.sqlite import SqliteStore

ATTEMPTS_MAX: Final = 3
"""The file may be replaced between opening and locking it; three times running is no accident."""

_NOTE = re.compile(rb"fence ([0-9]{1,15}), process [0-9]+ on [^\n]*\n")


class FileLease:
    """``clearline.node.ports.Lease`` by ``flock``. A stand-by has none and opens a
    ``SqliteReader``; it takes over by making one of these, which fails while the other lives."""

    def __init__(self, path: Path, store: Store, *, handle: int | None = None) -> None:
        """Takes the lease and shuts out earlier writers. Raises LeaseHeld, StoreFull.

        ``handle`` is the lock if it is held already; see ``open_as_writer``.
        """
        locked = _lock(path) if handle is None else handle
        self._handle: int | None = locked
        try:
            content = os.pread(locked, 512, 0)
            noted = _NOTE.fullmatch(content)
            self._fence = max(store.fence(), int(noted[1]) if noted else 0) + 1
            note = f"fence {self._fence}, process {os.getpid()} on {socket.gethostname()}\n"
            # Database first: should the note fail, the number is spent and nobody writes under it.
            store.raise_fence(self._fence)
            os.ftruncate(locked, 0)
            os.pwrite(locked, note.encode(), 0)
            os.fsync(locked)
        except OSError as error:
            self.release()
            raise StoreFull(f"the lease {path.name}: {error}") from error
        except BaseException:
            self.release()
            raise

    @property
    def fence(self) -> int:
        """The number under which this process writes."""
        return self._fence

    def release(self) -> None:
        """Let another process take over. Releasing again is nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def open_as_writer(database: Path, lease: Path) -> tuple[SqliteStore, FileLease]:
    """The store and the right to write it, in this order: lock, open, number. So no newer program
    migrates a database under an older one that still writes it.

    Raises LeaseHeld before the database was touched; StoreUnreadable, StoreFull.
    """
    handle = _lock(lease)
    try:
        store = SqliteStore(database)
    except BaseException:
        os.close(handle)
        raise
    try:
        return store, FileLease(lease, store, handle=handle)
    except BaseException:
        store.close()
        raise


def holder(path: Path) -> str | None:
    """Who writes now, in words, or None when nobody holds the lease."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _words(handle)
    finally:
        os.close(handle)
    return None


def _lock(path: Path) -> int:
    """A locked handle of the file that stands under the name now. Raises LeaseHeld, StoreFull."""
    for _ in range(ATTEMPTS_MAX):
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except OSError as error:
            raise StoreFull(f"the lease {path.name}: {error}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        except BlockingIOError as error:
            words = _words(handle)
            os.close(handle)
            raise LeaseHeld(f"another process writes: {words}") from error
        except FileNotFoundError:
            pass  # removed between opening and locking: the next attempt makes a new one
        os.close(handle)
    raise LeaseHeld(f"{path.name} is replaced by somebody again and again")


def _words(handle: int) -> str:
    return os.pread(handle, 512, 0).decode("utf-8", "replace").strip() or "not yet named"
