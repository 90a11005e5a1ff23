"""The original of a page's entry with its proof, as one block of text that a file can carry.

-----BEGIN CLEARLINE ENTRY-----
base64 (76 to a line) of zlib of JSON
-----END CLEARLINE ENTRY-----
"""

import binascii
import zlib
from base64 import b64decode, b64encode
from textwrap import wrap
from typing import Final

import msgspec

from clearline.model.ids import PartyId
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant

BEGIN: Final = "-----BEGIN CLEARLINE ENTRY-----"
END: Final = "-----END CLEARLINE ENTRY-----"
CLAUSE: Final = "CL-RLY-003"
BLOCK_BYTES_MAX: Final = 4 << 20
"""Terms, manifests and one entry come to some tens of kilobytes."""


class Original(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The entry's exact bytes, its tlog-proof (which carries the salt), every signed document that
    its keys rest on, and how the page was made: to whom, when, in which zone ("": Z alone)."""

    v: int
    entry: bytes
    proof: str
    documents: tuple[bytes, ...]
    to: PartyId
    made: Instant
    zone: str = ""


def write_block(original: Original) -> str:
    """The block."""
    packed = zlib.compress(msgspec.json.encode(original), 9)
    return "\n".join([BEGIN, *wrap(b64encode(packed).decode("ascii"), 76), END])


def read_block(text: str) -> Original | Refusal:
    """The original that a page carries. Nothing in it is to be believed yet."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        return _no("block-missing")
    body = text.partition(BEGIN)[2].partition(END)[0]
    try:
        unpack = zlib.decompressobj()
        raw = unpack.decompress(b64decode("".join(body.split()), validate=True), BLOCK_BYTES_MAX)
        if unpack.unconsumed_tail or not unpack.eof:
            return _no("block-damaged")
        found = msgspec.json.decode(raw, type=Original)
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        return _no("block-damaged")
    return found if found.v == 1 else _no("block-damaged")


def _no(why: str) -> Refusal:
    return Refusal(code=Code.BAD_PROOF, clause=CLAUSE, params={"why": why})
