"""High-water marks as files outside the database (CL-STO-007).

One small file for each own feed, replaced whole and synced before a checkpoint of that size leaves
the node. Keep the directory out of what restores the database: that is its whole use. A mark that
is missing and one that is damaged are told apart; neither lets anybody sign.
"""

import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec

from clearline.model.ids import FeedId, LineId, is_digest, is_feed_id
from clearline.node.ports import Mark, StoreFull
from clearline.store.disk import PRIVATE_DIRECTORY, write_whole
from clearline.store.rules import check_successor

MARK_BYTES_MAX: Final = 64 << 10
"""A mark of a line with 32 parties and a hundred epochs each fits ten times over."""
TITLE: Final = b"clearline high-water mark 1\n"


class MarkDamaged(ValueError):
    """The file is there and does not hold a whole mark of this line and feed."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mark's file says; line and feed too, so that files cannot be swapped unnoticed."""

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
        """The mark, or None if there never was one. Raises MarkDamaged, a ValueError."""
        path = self.path(line, feed)
        try:
            with path.open("rb") as file:
                content = file.read(MARK_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MarkDamaged(f"the high-water mark of {feed} cannot be read: {error}") from error
        return _decode(content, line, feed)

    def write(self, line: LineId, feed: FeedId, mark: Mark) -> None:
        """Replace the mark durably: synced when this returns, the old one or the new after any
        crash. Raises StoreFull; BrokenPromise if it would go back; MarkDamaged."""
        path = self.path(line, feed)
        # Read again each time: a process that was replaced must not take its successor's mark back.
        check_successor(self.read(line, feed), mark)
        try:
            write_whole(path, _encode(mark, line, feed))
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise StoreFull(f"the high-water mark of {feed}: {reason}") from error


def marks_in(directory: Path) -> tuple[tuple[LineId, FeedId, Path], ...]:
    """The marks' files in a directory, by line and feed; other files are passed over."""
    found = []
    for path in sorted(directory.glob("*.mark")):
        line, _, feed = path.name.removesuffix(".mark").partition(".")
        if is_digest(line) and is_feed_id(feed):
            found.append((LineId(line), FeedId(feed), path))
    return tuple(found)


def _encode(mark: Mark, line: LineId, feed: FeedId) -> bytes:
    written = _Written(line=line, feed=feed, size=mark.size, root=mark.root.hex(), seen=mark.seen)
    body = TITLE + msgspec.json.encode(written) + b"\n"
    return body + hashlib.sha256(body).hexdigest().encode() + b"\n"


def _decode(content: bytes, line: LineId, feed: FeedId) -> Mark:
    damaged = MarkDamaged(f"the high-water mark of {feed} is damaged")
    body, digest = content[:-65], content[-65:]
    if not body.startswith(TITLE) or digest != hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise damaged
    try:
        written = msgspec.json.decode(body[len(TITLE) :], type=_Written)
        root = bytes.fromhex(written.root)
    except (msgspec.DecodeError, ValueError) as error:
        raise damaged from error
    if (written.line, written.feed) != (line, feed):
        raise MarkDamaged(f"the high-water mark of {feed} is that of another feed")
    return Mark(size=written.size, root=root, seen=written.seen)
