"""High-water marks: durable outside the database, never back, missing is not damaged."""

import os
import stat
from pathlib import Path

import pytest

from clearline.model.ids import FeedId, LineId
from clearline.node.ports import BrokenPromise, HighWater, Mark, StoreFull
from clearline.store.highwater import FileHighWater, MarkDamaged, marks_in
from clearline.store.memory import MemoryHighWater
from tests.store_cases import FEED, LINE, OTHER_FEED, OTHER_LINE


@pytest.fixture(params=["memory", "files"])
def marks(request: pytest.FixtureRequest, tmp_path: Path) -> HighWater:
    return MemoryHighWater() if request.param == "memory" else FileHighWater(tmp_path / "marks")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "marks"


def mark(size: int, *, root: bytes = b"r", seen: int = 0) -> Mark:
    return Mark(size=size, root=root * 32, seen={OTHER_FEED: seen})


def test_a_mark_is_read_back_and_kept_by_line_and_feed(marks: HighWater) -> None:
    """Each own feed of each line has its own mark; none before the first."""
    assert marks.read(LINE, FEED) is None
    marks.write(LINE, FEED, mark(3, seen=2))
    marks.write(OTHER_LINE, FEED, mark(9))
    marks.write(LINE, FEED, mark(4, seen=2))
    assert mark(4, seen=2) == marks.read(LINE, FEED)
    assert mark(9) == marks.read(OTHER_LINE, FEED)
    assert marks.read(LINE, OTHER_FEED) is None


@pytest.mark.parametrize(
    "back", [mark(4, seen=5), mark(5, root=b"x", seen=5), mark(6, seen=4), Mark(size=6, root=b"r")]
)
def test_a_mark_never_goes_back(marks: HighWater, back: Mark) -> None:
    """A smaller size, another root of the same size or less seen is a bug of ours, refused."""
    marks.write(LINE, FEED, mark(5, seen=5))
    with pytest.raises(BrokenPromise):
        marks.write(LINE, FEED, back)
    assert mark(5, seen=5) == marks.read(LINE, FEED)
    marks.write(LINE, FEED, mark(5, seen=6))


def test_a_mark_outlives_its_process_and_still_never_goes_back(directory: Path) -> None:
    """Another process finds it, and holds to it too."""
    FileHighWater(directory).write(LINE, FEED, mark(5))
    again = FileHighWater(directory)
    assert mark(5) == again.read(LINE, FEED)
    with pytest.raises(BrokenPromise):
        again.write(LINE, FEED, mark(4))


def test_every_damage_is_noticed(directory: Path) -> None:
    """No flipped bit and no shorter file is taken for a mark, nor for a missing one."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5, seen=3))
    path = marks.path(LINE, FEED)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(MarkDamaged):
            marks.read(LINE, FEED)
        path.write_bytes(whole[:at])
        with pytest.raises(MarkDamaged):
            marks.read(LINE, FEED)
    path.write_bytes(whole)
    assert mark(5, seen=3) == marks.read(LINE, FEED)


def test_a_damaged_mark_is_not_written_over() -> None:
    """A store in memory simulates it; on the disk see the next test."""
    marks = MemoryHighWater()
    marks.write(LINE, FEED, mark(5))
    marks.damage(LINE, FEED)
    with pytest.raises(ValueError, match="damaged"):
        marks.write(LINE, FEED, mark(6))
    marks.lose(LINE, FEED)
    assert marks.read(LINE, FEED) is None


def test_a_damaged_file_is_not_written_over(directory: Path) -> None:
    """Who lost the mark cannot make a new one by signing on: a person decides."""
    FileHighWater(directory).write(LINE, FEED, mark(5))
    marks = FileHighWater(directory)
    marks.path(LINE, FEED).write_bytes(b"")
    with pytest.raises(MarkDamaged):
        marks.write(LINE, FEED, mark(6))
    assert marks.path(LINE, FEED).read_bytes() == b""


def test_a_mark_of_another_feed_is_not_taken(directory: Path) -> None:
    """A file that was copied over another is damage, though it is whole."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5))
    marks.path(LINE, OTHER_FEED).write_bytes(marks.path(LINE, FEED).read_bytes())
    with pytest.raises(MarkDamaged, match="another feed"):
        marks.read(LINE, OTHER_FEED)


def test_only_the_owner_can_read_marks(directory: Path) -> None:
    """Directory and files are closed to other accounts."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5))
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(marks.path(LINE, FEED).stat().st_mode) == 0o600
    assert [(LINE, FEED, marks.path(LINE, FEED))] == list(marks_in(directory))


def test_a_mark_is_synced_before_it_is_named_and_its_name_after(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, rename, directory: in this order, or a power cut could leave an empty mark."""
    marks = FileHighWater(directory)
    steps: list[str] = []
    real_sync, real_replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        kind = "directory" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        steps.append(f"sync {kind}")
        real_sync(handle)

    def replace(source: Path, target: Path) -> None:
        steps.append("rename")
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    marks.write(LINE, FEED, mark(5))
    assert steps == ["sync file", "rename", "sync directory"]


def test_a_mark_that_cannot_be_written_leaves_the_old_one(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a full disk the write is refused, the old mark stands, and the next write goes on."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreFull, match="No space"):
            marks.write(LINE, FEED, mark(6))
    assert mark(5) == FileHighWater(directory).read(LINE, FEED)
    marks.write(LINE, FEED, mark(6))
    assert mark(6) == FileHighWater(directory).read(LINE, FEED)


@pytest.mark.parametrize(
    ("line", "feed"),
    [("../../etc", "ALFA.0"), (LINE, "../ALFA.0"), (LINE, "ALFA.0/x"), ("", "ALFA.0"), (LINE, "")],
)
def test_a_name_never_leads_out_of_the_directory(directory: Path, line: str, feed: str) -> None:
    """Only names of lines and feeds become file names."""
    with pytest.raises(ValueError, match="not a line and a feed"):
        FileHighWater(directory).write(LineId(line), FeedId(feed), mark(1))


def test_a_replaced_process_cannot_take_its_successors_mark_back(directory: Path) -> None:
    """What another process wrote meanwhile counts, not what this one remembers."""
    replaced, successor = FileHighWater(directory), FileHighWater(directory)
    replaced.write(LINE, FEED, mark(5))
    successor.write(LINE, FEED, mark(9))
    with pytest.raises(BrokenPromise):
        replaced.write(LINE, FEED, mark(6))
    assert mark(9) == replaced.read(LINE, FEED)
