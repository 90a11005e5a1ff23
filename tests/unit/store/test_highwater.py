"""High-water marks: durable outside the database, never back, missing is not damaged."""

import os
import random
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from clearline.model.ids import FeedId, LineId
from clearline.node.ports import BrokenPromise, HighWater, Mark, StoreFull
from clearline.store.highwater import (
    COPIES,
    FILE_BYTES,
    MARK_BYTES_MAX,
    SLOTS,
    FileHighWater,
    MarkDamaged,
    marks_in,
)
from clearline.store.memory import MemoryHighWater
from tests.store_cases import FEED, LINE, OTHER_FEED, OTHER_LINE


@pytest.fixture(params=["memory", "files"])
def marks(request: pytest.FixtureRequest, tmp_path: Path) -> HighWater:
    return MemoryHighWater() if request.param == "memory" else FileHighWater(tmp_path / "marks")


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """For thousands of reads of what no power cut threatens: syncing changes no byte."""
    monkeypatch.setattr(os, "fdatasync", lambda handle: None)


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


def patch_file(path: Path, start: int, content: bytes) -> None:
    """Put bytes into a file as a disk would, without a change of its length."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


def written_spans(path: Path) -> list[tuple[int, bytes]]:
    """Where the file holds copies of marks, and their bytes without the zeros behind them."""
    whole = path.read_bytes()
    starts = range(0, FILE_BYTES, MARK_BYTES_MAX)
    spans = [(start, whole[start : start + MARK_BYTES_MAX].rstrip(b"\0")) for start in starts]
    return [(start, content) for start, content in spans if content]


@pytest.mark.usefixtures("unsynced")
def test_every_damage_is_noticed(directory: Path) -> None:
    """A file of another length is no mark, and one bad byte never takes a mark back: the other
    copy counts. With both copies bad and none before them, nothing is taken for a mark."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5, seen=3))
    path = marks.path(LINE, FEED)
    whole = path.read_bytes()
    for length in (0, 1, MARK_BYTES_MAX, FILE_BYTES - 1, FILE_BYTES + 1):
        path.write_bytes(whole[:length].ljust(length, b"\0"))
        with pytest.raises(MarkDamaged):
            marks.read(LINE, FEED)
    path.write_bytes(whole)
    (first, content), (second, _) = written_spans(path)
    for at, byte in enumerate(content):
        patch_file(path, first + at, bytes([byte ^ 1]))
        assert mark(5, seen=3) == marks.read(LINE, FEED)
        patch_file(path, second + at, bytes([byte ^ 1]))
        with pytest.raises(MarkDamaged):
            marks.read(LINE, FEED)
        patch_file(path, first + at, bytes([byte]))
        assert mark(5, seen=3) == marks.read(LINE, FEED)
        patch_file(path, second + at, bytes([byte]))


@pytest.mark.usefixtures("unsynced")
def test_one_bad_block_never_takes_a_mark_back(directory: Path) -> None:
    """Whatever copy goes bad, once the file has been written often: the newest mark is read."""
    marks = FileHighWater(directory)
    for size in range(4):
        marks.write(LINE, FEED, mark(size))
        for start in range(0, FILE_BYTES, MARK_BYTES_MAX):
            path = marks.path(LINE, FEED)
            held = path.read_bytes()[start : start + MARK_BYTES_MAX]
            patch_file(path, start, b"\xff" * MARK_BYTES_MAX)
            assert mark(size) == marks.read(LINE, FEED)
            patch_file(path, start, held)


@pytest.mark.usefixtures("unsynced")
@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_write_torn_at_any_byte_leaves_the_old_mark_or_the_new(
    directory: Path, writes: int
) -> None:
    """Whatever part of a write got to the disk before the power went, from its front, from its
    back or in scattered sectors: one of the two is read, and marks go on from it."""
    marks = FileHighWater(directory)
    path = marks.path(LINE, FEED)
    for size in range(writes):
        marks.write(LINE, FEED, mark(size, seen=size))
    old, before = mark(writes - 1, seen=writes - 1), path.read_bytes()
    new = mark(writes + 10**6, root=b"n", seen=writes)
    marks.write(LINE, FEED, new)
    after = path.read_bytes()
    spans = [(at, content) for at, content in written_spans(path) if before[at:] != after[at:]]
    touched = [
        at + n
        for at, content in spans
        for n in range(len(content))
        if before[at + n] != after[at + n]
    ]
    assert len({at // MARK_BYTES_MAX for at in touched}) == COPIES
    path.write_bytes(before)
    for at in touched:  # from the front
        patch_file(path, at, after[at : at + 1])
        assert marks.read(LINE, FEED) in (old, new)
    assert marks.read(LINE, FEED) == new
    path.write_bytes(before)
    for at in reversed(touched):
        patch_file(path, at, after[at : at + 1])
        assert marks.read(LINE, FEED) in (old, new)
    draw = random.Random(writes)
    for _ in range(200):
        path.write_bytes(before)
        for at in touched:
            if draw.random() < 0.5:
                patch_file(path, at, after[at : at + 1])
        assert marks.read(LINE, FEED) == old
    marks.write(LINE, FEED, new)
    assert new == FileHighWater(directory).read(LINE, FEED)


def test_kill_9_leaves_the_last_mark_or_the_one_after_it(directory: Path) -> None:
    """A real process, killed anywhere while it raises a mark: what it reported is not lost."""
    child_file, root = Path(__file__).with_name("kill_mark.py"), Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}
    draw, reported = random.Random(14), -1
    for turn in range(6):
        child = subprocess.Popen(
            [sys.executable, str(child_file), str(directory)],
            stdout=subprocess.PIPE,
            env=environment,
        )
        assert child.stdout is not None
        for _ in range(draw.randrange(1, 12)):
            reported = int(child.stdout.readline())
        for _ in range(draw.randrange(20_000)):
            pass  # some part of a write, so that the kill falls anywhere inside one
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().splitlines(keepends=True):
            if line.endswith(b"\n"):
                reported = int(line)
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
        held = FileHighWater(directory).read(LINE, FEED)
        assert held is not None
        assert reported <= held.size <= reported + 1, f"turn {turn}"


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


class Steps:
    """What is asked of the disk, in order, and done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[str] = []
        for name in ("fsync", "fdatasync", "replace", "pwrite"):
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def watched(first: int | Path, *others: object) -> object:
            is_handle = name != "replace" and isinstance(first, int)
            folder = is_handle and stat.S_ISDIR(os.fstat(cast("int", first)).st_mode)
            self.taken.append(f"{name} directory" if folder else name)
            return real(first, *others)

        return watched


def test_a_mark_is_synced_before_it_is_named_and_its_name_after(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, rename, directory: in this order, or a power cut could leave an empty mark."""
    marks = FileHighWater(directory)
    steps = Steps(monkeypatch)
    marks.write(LINE, FEED, mark(5))
    assert steps.taken == ["fsync", "replace", "fsync directory"]


def test_a_mark_after_the_first_costs_one_sync(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place, in a file that is there in full: both copies, one sync, no new name or length."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5))
    inode = marks.path(LINE, FEED).stat().st_ino
    steps = Steps(monkeypatch)
    marks.write(LINE, FEED, mark(6))
    assert steps.taken == ["pwrite"] * COPIES + ["fdatasync"]
    held = marks.path(LINE, FEED).stat()
    assert (held.st_ino, held.st_size) == (inode, FILE_BYTES)
    assert held.st_blocks * 512 >= FILE_BYTES


def test_a_mark_is_durable_before_it_is_believed(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that a killed process has written and not synced is synced by whoever reads it."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5))
    steps = Steps(monkeypatch)
    assert mark(5) == marks.read(LINE, FEED)
    assert steps.taken == ["fdatasync"]


@pytest.mark.parametrize("writes", [1, 2])
def test_a_mark_that_cannot_be_written_leaves_the_old_one(
    directory: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """With a full disk the write is refused, the old mark stands, and the next write goes on into
    the same slot: bytes whose sync failed count for nothing."""
    marks = FileHighWater(directory)
    for size in range(writes):
        marks.write(LINE, FEED, mark(5 + size))
    old = mark(4 + writes)

    def full(handle: int, *what: object) -> int:
        raise OSError(28, "No space left on device")

    for call in ("fdatasync", "pwrite"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, full)
            with pytest.raises(StoreFull, match="No space"):
                marks.write(LINE, FEED, mark(7))
        assert old == FileHighWater(directory).read(LINE, FEED)
    marks.write(LINE, FEED, mark(7))
    assert mark(7) == FileHighWater(directory).read(LINE, FEED)
    assert len(written_spans(marks.path(LINE, FEED))) == SLOTS * COPIES


def test_a_first_mark_that_cannot_be_written_is_still_missing(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing half made stands under its name, and the next write makes it."""
    marks = FileHighWater(directory)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreFull, match="No space"):
            marks.write(LINE, FEED, mark(5))
    assert marks.read(LINE, FEED) is None
    assert marks_in(directory) == ()
    marks.write(LINE, FEED, mark(5))
    assert mark(5) == marks.read(LINE, FEED)


def test_a_disk_that_takes_a_part_is_given_the_rest(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short write is no written mark yet."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5))
    real = os.pwrite
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", lambda handle, what, at: real(handle, what[:7], at))
        marks.write(LINE, FEED, mark(6))
    assert mark(6) == marks.read(LINE, FEED)


def test_a_mark_without_room_is_our_own_broken_promise(directory: Path) -> None:
    """It is refused before anything is written, and the old mark stands."""
    marks = FileHighWater(directory)
    marks.write(LINE, FEED, mark(5))
    seen = {OTHER_FEED: 0} | {FeedId(f"BRAVO.{n}"): 10**9 for n in range(4_000)}
    with pytest.raises(BrokenPromise, match="no room"):
        marks.write(LINE, FEED, Mark(size=6, root=b"r" * 32, seen=seen))
    assert mark(5) == marks.read(LINE, FEED)
    fits = dict(list(seen.items())[:2_000])
    marks.write(LINE, FEED, Mark(size=6, root=b"r" * 32, seen=fits))
    assert marks.read(LINE, FEED) == Mark(size=6, root=b"r" * 32, seen=fits)


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
