"""Examination of what a node keeps. Reads only, may run beside the node, says what it found.

Hash functions are handed in, so that the store need not know how a feed is hashed.
"""

import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Final

from clearline.model.ids import FeedId, LineId
from clearline.node.ports import StoredHead, StoreUnreadable
from clearline.store.backup import BESIDE
from clearline.store.highwater import FileHighWater, MarkDamaged, marks_in
from clearline.store.lease import holder
from clearline.store.reads import SqliteReader
from clearline.store.schema import differences

FREE_BYTES_MIN: Final = 1 << 30
"""A gibibyte: months of a line, and days to notice."""


class Grade(StrEnum):
    """How bad it is: do not run, see to it, for information."""

    BAD = "bad"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that the examination found, with the clause that asks for it."""

    code: str
    clause: str
    grade: Grade
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashing:
    """How a feed is hashed: leaf of (salt, bytes), node of (left, right), root of no entries."""

    leaf: Callable[[bytes, bytes], bytes]
    node: Callable[[bytes, bytes], bytes]
    empty: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """Where a node keeps its things, and which feeds it writes itself."""

    database: Path
    highwater: Path
    lease: Path
    own: Collection[tuple[LineId, FeedId]] = ()


def examine(
    premises: Premises, *, hashing: Hashing | None = None, free_bytes_min: int = FREE_BYTES_MIN
) -> tuple[Found, ...]:
    """Everything that is found; empty or only notes when all is well. Without ``hashing`` the
    feeds' trees are not computed again. Raises nothing for what is wrong with the files."""
    found = [*_files(premises), *_space(premises, free_bytes_min)]
    try:
        reads = SqliteReader(premises.database)
    except StoreUnreadable as error:
        found.append(_bad("unreadable", "CL-STO-006", str(error)))
        return tuple(found)
    try:
        for check in (_integrity, _schema, _contiguity, _snapshots):
            found.extend(check(reads))
        found.extend(_marks(reads, premises))
        if hashing is not None:
            for line in reads.lines():
                for feed in reads.feeds(line):
                    found.extend(_tree(reads, line, feed, hashing))
    except StoreUnreadable as error:
        found.append(_bad("damaged", "CL-STO-006", str(error)))
    finally:
        reads.close()
    return tuple(found)


def _bad(code: str, clause: str, text: str) -> Found:
    return Found(code=code, clause=clause, grade=Grade.BAD, text=text)


def _warning(code: str, clause: str, text: str) -> Found:
    return Found(code=code, clause=clause, grade=Grade.WARNING, text=text)


def _files(premises: Premises) -> Iterator[Found]:
    """Who can read the files, and who writes now."""
    database = premises.database
    beside = [database.with_name(database.name + end) for end in BESIDE]
    marks = [path for _, _, path in marks_in(premises.highwater)]
    for path in (database, *beside, premises.lease, premises.highwater, *marks):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            text = f"{path.name} is open to other accounts of this machine: chmod go= {path.name}"
            yield _warning("open-to-others", "CL-STO-009", text)
    writer = holder(premises.lease)
    if writer is not None:
        text = f"a node runs: {writer}"
        yield Found(code="running", clause="CL-STO-004", grade=Grade.NOTE, text=text)


def _space(premises: Premises, free_bytes_min: int) -> Iterator[Found]:
    free = shutil.disk_usage(premises.database.parent).free
    if free < free_bytes_min:
        text = f"{free >> 20} MiB are free, {free_bytes_min >> 20} MiB should be"
        yield _warning("little-space", "CL-STO-005", text)
    if not os.access(premises.database.parent, os.W_OK):
        text = "the directory of the database cannot be written to"
        yield _warning("read-only", "CL-STO-005", text)


def _integrity(reads: SqliteReader) -> Iterator[Found]:
    for text in reads.integrity():
        yield _bad("damaged", "CL-STO-006", text)


def _schema(reads: SqliteReader) -> Iterator[Found]:
    for name in differences(reads.schema()):
        yield _bad("altered", "CL-STO-002", f"{name} is not as this version makes it")


def _contiguity(reads: SqliteReader) -> Iterator[Found]:
    for name, held, end in reads.counts():
        if held != end:
            yield _bad("gap", "CL-STO-002", f"{name}: {held} held of {end}")


def _snapshots(reads: SqliteReader) -> Iterator[Found]:
    for seq, whole in reads.snapshots():
        if not whole:
            text = f"the snapshot at {seq} is damaged and is passed over"
            yield _warning("snapshot-damaged", "CL-STO-006", text)


def _marks(reads: SqliteReader, premises: Premises) -> Iterator[Found]:
    """High-water marks against the database."""
    present = {(line, feed) for line, feed, _ in marks_in(premises.highwater)}
    for line, feed in sorted(present | set(premises.own)):
        if (line, feed) not in present:
            if reads.heads(line, feed):
                text = f"{feed} has signed and its high-water mark is missing: it cannot sign on"
                yield _bad("mark-missing", "CL-STO-007", text)
            continue
        try:
            mark = FileHighWater(premises.highwater).read(line, feed)
        except MarkDamaged as error:
            yield _bad("mark-damaged", "CL-STO-007", str(error))
            continue
        assert mark is not None, "it was listed a moment ago"
        held = reads.entry_count(line, feed)
        if mark.size > held:
            text = (
                f"{feed} had {mark.size} entries and the database holds {held}: "
                "it was restored from an old copy"
            )
            yield _bad("mark-ahead", "CL-STO-007", text)
        for other, seen in sorted(mark.seen.items()):
            if seen > reads.entry_count(line, other):
                text = f"{feed} had seen {seen} entries of {other}: restored from an old copy"
                yield _bad("mark-ahead", "CL-STO-007", text)
        head = reads.head_at(line, feed, mark.size)
        if head is not None and head.root != mark.root:
            text = f"{feed} was signed at {mark.size} entries with another root"
            yield _bad("mark-differs", "CL-STO-003", text)


def _tree(reads: SqliteReader, line: LineId, feed: FeedId, hashing: Hashing) -> Iterator[Found]:
    """Recompute a feed's tree: leaves from the bytes, each level from the one below, heads from
    all. Stops at the first difference of a feed, since everything above it differs too."""
    count = reads.entry_count(line, feed)
    level_0 = reads.stored_level(line, feed, 0)
    for entry, stored in zip_longest(reads.iterate_entries(line, feed), level_0):
        leaf = None if entry is None else hashing.leaf(entry.salt, entry.data)
        if entry is None or leaf != entry.leaf or stored != (entry.index, leaf):
            index = entry.index if entry is not None else count
            text = f"{feed}/{index} does not give the leaf hash that is stored"
            yield _bad("leaf-differs", "CL-STO-002", text)
            return
    for level in range(1, count.bit_length()):
        below = (hash_ for _, hash_ in reads.stored_level(line, feed, level - 1))
        made = enumerate(map(hashing.node, below, below))  # neighbours, two by two
        if any(a != b for a, b in zip_longest(made, reads.stored_level(line, feed, level))):
            text = f"{feed}: stored hashes of level {level} do not follow from those below"
            yield _bad("hash-differs", "CL-STO-002", text)
            return
    newest = reads.head(line, feed)
    for head in (*reads.heads(line, feed), *((newest,) if newest and not newest.text else ())):
        if head.size <= count and _root(reads, head, hashing) != head.root:
            text = f"{feed}: the head at {head.size} entries has another root than the entries"
            yield _bad("root-differs", "CL-STO-003", text)


def _root(reads: SqliteReader, head: StoredHead, hashing: Hashing) -> bytes:
    """The root at a head's size, from the complete subtrees: the smallest first."""
    root: bytes | None = None
    for level in range(head.size.bit_length()):
        if head.size >> level & 1:
            peak = reads.hashes(head.line, head.feed, [(level, (head.size >> level) - 1)])[0]
            root = peak if root is None else hashing.node(peak, root)
    return hashing.empty if root is None else root
