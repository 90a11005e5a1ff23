"""The file of a bundle: a zip of stored members, so that any unzip opens it, and exactly one form.

No compression, no extra fields, no comments, one date, members in order of their names: the bytes
follow from names and contents alone. A reader writes again what it read and compares, so that a
change of any byte is noticed, also where no content is (CL-EVI-001). Format: PKWARE APPNOTE 6.3.10,
sections 4.3.7, 4.3.12 and 4.3.16.
"""

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from clearline.model.refusal import Code, Refusal

CLAUSE: Final = "CL-EVI-001"
BUNDLE_BYTES_MAX: Final = (1 << 32) - 1
"""Offsets are of 32 bits; what is larger is divided by time."""
MEMBERS_MAX: Final = (1 << 16) - 1
"""The count of members has 16 bits."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*", re.ASCII)
"""Relative, ASCII, without dots that climb: it unpacks the same everywhere, and only below."""
NAME_CHARS_MAX: Final = 120

_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION: Final = 20
_DATE: Final = 0x21
"""1980-01-01, the earliest that a zip can say: times stand in the manifest."""
_REGULAR: Final = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Container:
    """The members by name, and whether the file is in its one form."""

    members: Mapping[str, bytes]
    exact: bool


def pack(members: Mapping[str, bytes]) -> bytes:
    """The file. Raises ValueError for what does not fit into one: divide it."""
    if len(members) > MEMBERS_MAX:
        raise ValueError(f"{len(members)} members; at most {MEMBERS_MAX} fit into one bundle")
    if sum(map(len, members.values())) + 400 * len(members) > BUNDLE_BYTES_MAX:
        raise ValueError(f"more than {BUNDLE_BYTES_MAX} bytes do not fit into one bundle")
    out, directory = bytearray(), bytearray()
    for name in sorted(members):
        if NAME.fullmatch(name) is None or len(name) > NAME_CHARS_MAX:
            raise ValueError(f"{name!r} cannot name a member")
        content, raw = members[name], name.encode("ascii")
        crc, size = zlib.crc32(content), len(content)
        directory += _CENTRAL.pack(
            _CENTRAL_MARK, 3 << 8 | _VERSION, _VERSION, 0, 0, 0, _DATE, crc, size, size,
            len(raw), 0, 0, 0, 0, _REGULAR, len(out),
        ) + raw  # fmt: skip
        out += _LOCAL.pack(
            _LOCAL_MARK, _VERSION, 0, 0, 0, _DATE, crc, size, size, len(raw), 0
        ) + raw + content  # fmt: skip
    end = _END.pack(_END_MARK, 0, 0, len(members), len(members), len(directory), len(out), 0)
    return bytes(out + directory + end)


def unpack(raw: bytes) -> Container | Refusal:
    """The members of a file. A file that is no bundle at all, or breaks off, is refused; one that
    was tampered with is read as far as its members can be told apart. Never raises."""
    if len(raw) > BUNDLE_BYTES_MAX:
        return Refusal(
            code=Code.TOO_LARGE,
            clause=CLAUSE,
            params={"found": len(raw), "limit": BUNDLE_BYTES_MAX},
        )
    if raw[:3] != _LOCAL_MARK[:3]:
        return Refusal(code=Code.BAD_MESSAGE, clause=CLAUSE, params={"reason": "magic"})
    members: dict[str, bytes] = {}
    at, whole = 0, True
    while raw[at : at + 4] != _CENTRAL_MARK:
        found = _member(raw, at)
        if found is None:
            whole = False
            break
        name, content, at = found
        whole = whole and name not in members
        members[name] = content
    if not members:
        return Refusal(code=Code.TRUNCATED, clause=CLAUSE)
    return Container(members, whole and _same(members, raw))


def _member(raw: bytes, at: int) -> tuple[str, bytes, int] | None:
    """The member whose local header stands at an offset, and where the next one stands."""
    if len(raw) - at < _LOCAL.size:
        return None
    header = _LOCAL.unpack_from(raw, at)
    size, length, extra = header[8], header[9], header[10]
    start = at + _LOCAL.size + length + extra
    name = raw[at + _LOCAL.size : at + _LOCAL.size + length].decode("ascii", "replace")
    if start + size > len(raw) or NAME.fullmatch(name) is None or len(name) > NAME_CHARS_MAX:
        return None
    return name, raw[start : start + size], start + size


def _same(members: Mapping[str, bytes], raw: bytes) -> bool:
    try:
        return pack(members) == raw
    except ValueError:
        return False
