"""What a node's disk keeps, in memory or in SQLite files, and how it can fail."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import apsw

from clearline.model.ids import FeedId, LineId
from clearline.node.ports import Commit, HighWater, Mark, Store, StoreFull
from clearline.store.faults import Hooks
from clearline.store.highwater import FileHighWater
from clearline.store.memory import MemoryHighWater, MemoryStore
from clearline.store.sqlite import SqliteStore


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Plan:
    """What fails next: ``crash`` is "before", "after" (a commit), "mark" (between commit and mark)
    or None; ``full``: no space for commits; ``full_marks``: none for marks."""

    crash: str | None = None
    full: bool = False
    full_marks: bool = False

    def before(self, number: int, commit: Commit) -> None:
        """Called by the store when a commit has reached it."""
        if self.crash == "before":
            raise Crash
        if self.full and not commit.empty:
            raise StoreFull("planned")

    def after(self, number: int, commit: Commit) -> None:
        """Called by the store when a commit is durable."""
        if self.crash == "after":
            raise Crash

    @property
    def hooks(self) -> Hooks:
        """For a store."""
        return Hooks(before=self.before, after=self.after)


@dataclass
class Marks:
    """High-water marks that can fail to be written."""

    kept: HighWater
    plan: Plan

    def read(self, line: LineId, feed: FeedId) -> Mark | None:
        """As kept."""
        return self.kept.read(line, feed)

    def write(self, line: LineId, feed: FeedId, mark: Mark) -> None:
        """Kept, unless the process dies or the disk is full."""
        if self.plan.crash == "mark":
            raise Crash
        if self.plan.full_marks:
            raise StoreFull("planned")
        self.kept.write(line, feed, mark)


class Disk(Protocol):
    """A store and marks that outlive processes."""

    plan: Plan

    def open(self) -> tuple[Store, Marks]:
        """For a new process."""

    def close(self) -> None:
        """The process is gone."""

    def back_up(self) -> None:
        """Keep a copy of the database."""

    def restore(self) -> bool:
        """Put the copy in place of the database; False if there is none."""

    def lose_mark(self, line: LineId, feed: FeedId, *, damaged: bool) -> None:
        """The mark is missing, or there and damaged."""


@dataclass
class MemoryDisk:
    """Dictionaries."""

    plan: Plan = field(default_factory=Plan)
    store: MemoryStore = field(default_factory=MemoryStore)
    marks: MemoryHighWater = field(default_factory=MemoryHighWater)
    copy: MemoryStore | None = None

    def open(self) -> tuple[Store, Marks]:
        self.store.hooks = self.plan.hooks
        return self.store, Marks(self.marks, self.plan)

    def close(self) -> None:
        self.store = self.store.fork()

    def back_up(self) -> None:
        self.copy = self.store.fork()

    def restore(self) -> bool:
        if self.copy is None:
            return False
        self.store = self.copy.fork()
        return True

    def lose_mark(self, line: LineId, feed: FeedId, *, damaged: bool) -> None:
        if damaged:
            self.marks.damage(line, feed)
        else:
            self.marks.lose(line, feed)


@dataclass
class SqliteDisk:
    """A database and mark files in a directory. A crash closes the connection: what was committed
    is in the log on disk (that a real kill keeps it is shown by the store's own tests)."""

    place: Path
    plan: Plan = field(default_factory=Plan)
    store: SqliteStore | None = None
    copies: int = 0

    def __post_init__(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        self.marks = FileHighWater(self.place / "marks")

    @property
    def database(self) -> Path:
        """The one file."""
        return self.place / "node.db"

    def open(self) -> tuple[Store, Marks]:
        if self.store is None:
            self.store = SqliteStore(self.database, hooks=self.plan.hooks)
        return self.store, Marks(self.marks, self.plan)

    def close(self) -> None:
        if self.store is not None:
            self.store.close()
            self.store = None

    def back_up(self) -> None:
        self.open()
        self.copies += 1
        reader = apsw.Connection(str(self.database))
        reader.execute("VACUUM INTO ?", (str(self.place / f"copy{self.copies}.db"),))
        reader.close()

    def restore(self) -> bool:
        if not self.copies:
            return False
        self.close()
        for beside in self.place.glob("node.db*"):
            beside.unlink()
        shutil.copyfile(self.place / f"copy{self.copies}.db", self.database)
        return True

    def lose_mark(self, line: LineId, feed: FeedId, *, damaged: bool) -> None:
        path = self.marks.path(line, feed)
        if damaged:
            path.write_bytes(b"clearline high-water mark 1\n{}")
        else:
            path.unlink(missing_ok=True)


MakeDisk = Callable[[str], Disk]
