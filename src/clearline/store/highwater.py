"""High-water marks as files outside the database (CL-STO-007).

One small file for each own feed, synced before a checkpoint of that size leaves the node. Keep the
directory out of what restores the database: that is its whole use. A mark that is missing and one
that is damaged are told apart; neither lets anybody sign.

A file is made once, whole, and then written in place, so that a mark costs one sync and no rename
(ADR 0014). It has two slots, and marks take turns in them: while one is being written, the one
before it stands in the other. Each slot holds its mark twice, so that one bad block never takes a
mark back to the one before it. The newest whole copy counts.
"""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec

from clearline.model.ids import FeedId, LineId, is_digest, is_feed_id
from clearline.node.ports import BrokenPromise, Mark, StoreFull
from clearline.store.disk import PRIVATE_DIRECTORY, sync_data, write_whole
from clearline.store.rules import check_successor

MARK_BYTES_MAX: Final = 64 << 10
"""Of one copy of a mark: more than two thousand feeds seen fit. A file holds four copies."""
COPIES: Final = 2
"""Of a mark in its slot, in blocks of their own."""
SLOTS: Final = 2
FILE_BYTES: Final = SLOTS * COPIES * MARK_BYTES_MAX
TITLE: Final = b"clearline high-water mark 2\n"
_LENGTH: Final = 9
"""Eight digits and a line feed: how many bytes of JSON follow."""
_DIGEST: Final = 65
"""SHA-256 in hexadecimal and a line feed."""
_FIXED: Final = len(TITLE) + _LENGTH + _DIGEST


class MarkDamaged(ValueError):
    """The file is there and does not hold a whole mark of this line and feed."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a copy says; line and feed too, so that files cannot be swapped unnoticed. ``sequence``
    counts the writes of this file from 0, and its parity names the slot."""

    sequence: int
    line: LineId
    feed: FeedId
    size: int
    root: str
    seen: dict[FeedId, int]


class FileHighWater:
    """``clearline.node.ports.HighWater`` in a directory."""

    def __init__(self, directory: Path) -> None:
        """Makes the directory if there is none, for its owner alone. Raises OSError."""
        directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        self._directory = directory

    def path(self, line: LineId, feed: FeedId) -> Path:
        """The mark's file. Raises ValueError for what is not the name of a line and a feed."""
        if not is_digest(line) or not is_feed_id(feed):
            raise ValueError(f"{line!r}, {feed!r}: not a line and a feed")
        return self._directory / f"{line}.{feed}.mark"

    def read(self, line: LineId, feed: FeedId) -> Mark | None:
        """The mark, or None if there never was one; durable when this returns, since a process
        that was killed may have left it written and not synced. Raises MarkDamaged, a ValueError.
        """
        newest = self._newest(line, feed, sync=True)
        return _mark(newest) if newest is not None else None

    def write(self, line: LineId, feed: FeedId, mark: Mark) -> None:
        """Raise the mark durably: synced when this returns, the old one or the new after any
        crash. Raises StoreFull; BrokenPromise if it would go back; MarkDamaged."""
        path = self.path(line, feed)
        # Read again each time: a process that was replaced must not take its successor's mark back.
        newest = self._newest(line, feed, sync=False)
        check_successor(_mark(newest) if newest is not None else None, mark)
        sequence = newest.sequence + 1 if newest is not None else 0
        copy = _encode(
            _Written(
                sequence=sequence,
                line=line,
                feed=feed,
                size=mark.size,
                root=mark.root.hex(),
                seen=mark.seen,
            )
        )
        try:
            if newest is None:
                slot = copy.ljust(MARK_BYTES_MAX, b"\0") * COPIES
                write_whole(path, slot.ljust(FILE_BYTES, b"\0"))
            else:
                _write_slot(path, sequence % SLOTS, copy)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise StoreFull(f"the high-water mark of {feed}: {reason}") from error

    def _newest(self, line: LineId, feed: FeedId, *, sync: bool) -> _Written | None:
        """The newest whole copy, None without a file. Raises MarkDamaged if there is none in it."""
        try:
            with self.path(line, feed).open("rb") as file:
                if sync:
                    sync_data(file.fileno())
                content = file.read(FILE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MarkDamaged(f"the high-water mark of {feed} cannot be read: {error}") from error
        whole = _copies(content)
        if not whole:
            raise MarkDamaged(f"the high-water mark of {feed} is damaged")
        if any((written.line, written.feed) != (line, feed) for written in whole):
            raise MarkDamaged(f"the high-water mark of {feed} is that of another feed")
        return max(whole, key=lambda written: written.sequence)


def marks_in(directory: Path) -> tuple[tuple[LineId, FeedId, Path], ...]:
    """The marks' files in a directory, by line and feed; other files are passed over."""
    found = []
    for path in sorted(directory.glob("*.mark")):
        line, _, feed = path.name.removesuffix(".mark").partition(".")
        if is_digest(line) and is_feed_id(feed):
            found.append((LineId(line), FeedId(feed), path))
    return tuple(found)


def _write_slot(path: Path, slot: int, copy: bytes) -> None:
    """Write a slot in place with one sync. Raises OSError, and then the slot holds nothing: after a
    failed sync the system may show bytes that will never reach the disk."""
    places = [(slot * COPIES + n) * MARK_BYTES_MAX for n in range(COPIES)]
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        try:
            for place in places:
                _write_at(handle, copy, place)
            sync_data(handle)
        except OSError:
            with contextlib.suppress(OSError):
                for place in places:
                    _write_at(handle, bytes(len(copy)), place)
            raise
    finally:
        os.close(handle)


def _write_at(handle: int, content: bytes, place: int) -> None:
    """All of it: a disk that takes a part says why when it is asked to take the rest."""
    done = 0
    while done < len(content):
        done += os.pwrite(handle, content[done:], place + done)


def _mark(written: _Written) -> Mark:
    return Mark(size=written.size, root=bytes.fromhex(written.root), seen=written.seen)


def _encode(written: _Written) -> bytes:
    """One copy. Raises BrokenPromise for a mark that has seen more feeds than there can be."""
    said = msgspec.json.encode(written)
    body = TITLE + b"%08d\n" % len(said) + said
    if len(said) + _FIXED > MARK_BYTES_MAX:
        raise BrokenPromise(f"a mark of {len(body)} bytes has no room in its file")
    return body + hashlib.sha256(body).hexdigest().encode() + b"\n"


def _copies(content: bytes) -> list[_Written]:
    """The whole copies of a file, each in its slot; none of a file of any other length."""
    if len(content) != FILE_BYTES:
        return []
    found = []
    for n in range(SLOTS * COPIES):
        written = _decode(content[n * MARK_BYTES_MAX : (n + 1) * MARK_BYTES_MAX])
        if written is not None and written.sequence % SLOTS == n // COPIES:
            found.append(written)
    return found


def _decode(content: bytes) -> _Written | None:
    """A whole copy, or None for one that was torn, damaged or never written."""
    digits = content[len(TITLE) : len(TITLE) + _LENGTH - 1]
    if not content.startswith(TITLE) or not digits.isdigit():
        return None
    start = len(TITLE) + _LENGTH
    end = start + int(digits)
    body, digest = content[:end], content[end : end + _DIGEST]
    if digest != hashlib.sha256(body).hexdigest().encode() + b"\n":
        return None
    try:
        written = msgspec.json.decode(body[start:], type=_Written)
        bytes.fromhex(written.root)
    except (msgspec.DecodeError, ValueError):
        return None
    return written
