"""Attack, or an honest mistake: the node is started on an old copy of its database."""

from pathlib import Path

import pytest

from clearline.model.time import Instant
from clearline.node.ports import BrokenPromise, Mark
from clearline.store.backup import back_up, restore
from clearline.store.doctor import Premises, examine
from clearline.store.highwater import FileHighWater
from clearline.store.memory import MemoryHighWater, MemoryStore
from clearline.store.sqlite import SqliteStore
from tests.store_cases import FEED, LINE, full_commit, head


def mark(size: int) -> Mark:
    return Mark(size=size, root=head(size).root)


def test_an_old_copy_cannot_sign_other_entries_over_signed_ones(tmp_path: Path) -> None:
    """The mark outside the database is ahead of it: it is said, and refused for a size that was
    signed before."""
    store, marks = SqliteStore(tmp_path / "node.db"), FileHighWater(tmp_path / "marks")
    store.commit(full_commit(0))
    marks.write(LINE, FEED, mark(2))
    back_up(store.path, tmp_path / "marks", tmp_path / "backup", made=Instant(0))
    store.commit(full_commit(1))
    marks.write(LINE, FEED, mark(4))
    store.close()
    for path in tmp_path.glob("node.db*"):
        path.unlink()
    restore(tmp_path / "backup", tmp_path / "node.db")

    again = SqliteStore(tmp_path / "node.db")
    held = FileHighWater(tmp_path / "marks").read(LINE, FEED)
    assert held is not None
    assert held.size > again.entry_count(LINE, FEED)
    with pytest.raises(BrokenPromise):
        FileHighWater(tmp_path / "marks").write(LINE, FEED, Mark(size=4, root=b"f" * 32))
    with pytest.raises(BrokenPromise):
        FileHighWater(tmp_path / "marks").write(LINE, FEED, mark(3))
    again.close()
    premises = Premises(
        database=tmp_path / "node.db", highwater=tmp_path / "marks", lease=tmp_path / "lease"
    )
    found = examine(premises, free_bytes_min=0)
    assert [one.code for one in found] == ["mark-ahead"]
    assert "old copy" in found[0].text


def test_a_simulated_old_copy_is_noticed_alike() -> None:
    """In memory an older fork with the newer marks shows the same."""
    store, marks = MemoryStore(), MemoryHighWater()
    store.commit(full_commit(0))
    old = store.fork()
    store.commit(full_commit(1))
    marks.write(LINE, FEED, mark(4))
    held = marks.fork().read(LINE, FEED)
    assert held is not None
    assert (held.size, old.entry_count(LINE, FEED)) == (4, 2)
