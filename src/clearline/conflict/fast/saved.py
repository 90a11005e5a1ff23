"""What an index holds, as one run of bytes that is read again in seconds.

Two lines of JSON, each closed by a newline: the version and ``digest``, SHA-256 over all that comes
after; and the head, which says how many bytes each column has. Then the columns, little-endian.
Offsets are checked before anything follows them: compiled loops do not look whether a place exists.

| clause | rule |
|---|---|
| CL-ENG-001 | a snapshot of the engine is whole: its digest is that of all in it, which fits |
"""

import hashlib
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from clearline.canonical import UNREADABLE
from clearline.conflict.fast.earth import RIGHT
from clearline.conflict.fast.shapes import CORRIDOR, DISC, EDGES, POLYGON, Numbers, Shapes
from clearline.conflict.fast.stated import F_CLASS, F_END, F_START, F_TAIL, REFS, Stated
from clearline.conflict.geodesy import Ints
from clearline.model.refusal import Code, Param, Refusal

VERSION: Final = 2
SEQUENCE_MAX: Final = 2**63 - 2
"""The next change still has a number of 64 bits."""
CLAUSE: Final = "CL-ENG-001"
UNREAD, BEYOND = "msgpack", "out-of-limits"
"""Words for what is wrong: it cannot be decoded; something in it is beyond its limits."""
_TYPES: Final = ("u1", "u1", "<i8", "<i8", "<i4", "<i4", "<i8", "<i8", "<i8", "<i8", "<i8")
_WIDTHS: Final = {8: 5, 9: 10}
"""Columns that have several numbers a row: facts, heights."""


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is held as of a sequence number: row ``i`` is of ``ids[owners[i]]``."""

    sequence: int
    ids: tuple[str, ...]
    names: tuple[str, ...]
    classes: tuple[str, ...]
    columns: Stated
    owners: Ints


class _Seal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: int
    digest: str


class _Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sequence: int
    ids: tuple[str, ...]
    names: tuple[str, ...]
    classes: tuple[str, ...]
    sizes: tuple[int, ...]


def to_bytes(saved: Saved) -> bytes:
    """The bytes of what is held."""
    arrays = (*saved.columns.shapes, saved.columns.facts, saved.columns.heights, saved.owners)
    parts = [
        np.ascontiguousarray(array).astype(kind, copy=False).tobytes()
        for array, kind in zip(arrays, _TYPES, strict=True)
    ]
    head = _Head(
        sequence=saved.sequence,
        ids=saved.ids,
        names=saved.names,
        classes=saved.classes,
        sizes=tuple(len(part) for part in parts),
    )
    inside = (msgspec.json.encode(head), b"\n", *parts)
    digest = hashlib.sha256()
    for part in inside:
        digest.update(part)
    seal = _Seal(v=VERSION, digest=digest.hexdigest())
    return b"".join((msgspec.json.encode(seal), b"\n", *inside))


def _refused(problem: str) -> Refusal:
    facts: dict[str, Param] = {"problem": problem}
    return Refusal(code=Code.BAD_FIELD, clause=CLAUSE, params=facts)


def from_bytes(raw: bytes) -> Saved | Refusal:
    """What was held when these bytes were made, or why they are not taken."""
    first = raw.find(b"\n") + 1
    second = raw.find(b"\n", first) + 1
    if not 0 < first < second:
        return _refused(UNREAD)
    try:
        seal = msgspec.json.decode(raw[:first], type=_Seal)
        if seal.v != VERSION or hashlib.sha256(memoryview(raw)[first:]).hexdigest() != seal.digest:
            return _refused(UNREAD)
        head = msgspec.json.decode(raw[first:second], type=_Head)
    except UNREADABLE:
        return _refused(UNREAD)
    body = memoryview(raw)[second:]
    if len(head.sizes) != len(_TYPES) or min(head.sizes) < 0 or sum(head.sizes) != len(body):
        return _refused(UNREAD)
    arrays: list[NDArray[np.generic]] = []
    for number, (size, kind) in enumerate(zip(head.sizes, _TYPES, strict=True)):
        if size % (np.dtype(kind).itemsize * _WIDTHS.get(number, 1)):
            return _refused(BEYOND)
        arrays.append(np.frombuffer(body[:size], kind).astype(kind[-2:]))
        body = body[size:]
    shapes = Shapes(*arrays[:8])  # type: ignore[arg-type]  # the types stand in _TYPES
    columns = Stated(shapes, arrays[8].reshape(-1, 5), arrays[9].reshape(-1, 2, 5))  # type: ignore[arg-type]  # as above
    owners: Ints = arrays[10].astype(np.int64, copy=False)
    if not (_whole(shapes) and _fitting(columns, owners, head)):
        return _refused(BEYOND)
    return Saved(
        sequence=head.sequence,
        ids=head.ids,
        names=head.names,
        classes=head.classes,
        columns=columns,
        owners=owners,
    )


def _rises(offsets: Ints, rows: int, last: int) -> bool:
    """Whether offsets of so many rows begin at nought, rise by at least 1 and end at ``last``."""
    fits = len(offsets) == rows + 1 and int(offsets[0]) == 0 and int(offsets[-1]) == last
    return fits and bool((np.diff(offsets) > 0).all())


def _within(angles: Numbers, most: int) -> bool:
    return int(angles.min(initial=0)) >= -most and int(angles.max(initial=0)) <= most


def _whole(shapes: Shapes) -> bool:
    """Whether every offset leads somewhere, and rings end where they may."""
    rows, points = len(shapes.kind), len(shapes.lat)
    if not (len(shapes.edge) == len(shapes.radius_mm) == rows and len(shapes.lon) == points):
        return False
    if not _rises(shapes.first, rows, points):
        return False
    if not _rises(shapes.ring_first, rows, len(shapes.ring_ends)):
        return False
    if not _rises(np.concatenate(([0], shapes.ring_ends)), len(shapes.ring_ends), points):
        return False
    least = np.array([1, 2, 3])[np.minimum(shapes.kind, POLYGON)]
    rings, counts = np.diff(shapes.ring_first), np.diff(shapes.first)
    return bool(
        (shapes.kind <= POLYGON).all()
        and (shapes.edge < len(EDGES)).all()
        and (shapes.radius_mm >= 0).all()
        and _within(shapes.lat, RIGHT)
        and _within(shapes.lon, 2 * RIGHT)
        and (shapes.ring_ends[shapes.ring_first[1:] - 1] == shapes.first[1:]).all()
        and (counts >= least).all()
        and (counts[shapes.kind == DISC] == 1).all()
        and (rings[shapes.kind <= CORRIDOR] == 1).all()
    )


def _fitting(columns: Stated, owners: Ints, head: _Head) -> bool:
    """Whether the other columns have as many rows, and numbers that mean something."""
    rows, facts, heights = len(columns.shapes.kind), columns.facts, columns.heights
    if not len(facts) == len(heights) == len(owners) == rows:
        return False
    if not (-1 if rows == 0 else 0) <= head.sequence <= SEQUENCE_MAX:
        return False  # nothing was changed yet where nothing is held alone
    by, refs = heights[:, :, 4], heights[:, :, 0]
    return bool(
        ((owners >= 0) & (owners < len(head.ids))).all()
        and ((facts[:, F_CLASS] >= 0) & (facts[:, F_CLASS] < len(head.classes))).all()
        and (facts[:, F_START] < facts[:, F_END]).all()
        and (facts[:, F_TAIL] >= 0).all()
        and ((refs >= 0) & (refs < len(REFS))).all()
        and ((by >= 0) & (by <= len(head.names))).all()
    )
