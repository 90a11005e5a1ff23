"""A file of messages, for a line that is down: pull with proofs, on a stick (``.clx``).

``CLEARLINE-EXCHANGE-1\\n``, then records: a length of four bytes, big-endian, and as many bytes of
one message (``link``); a length of zero ends the file. Only what proves itself may stand in a file:
documents, stretches of feeds with their checkpoints, pieces of attachments.

A file that was cut off yields what is whole and then says so (CL-MSG-003): nothing that is proved
is thrown away because of what is missing after it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from clearline.model.limits import LINK_BYTES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.wire import clauses
from clearline.wire.link import Documents, Piece, Push, read_message, write_message

MAGIC: Final = b"CLEARLINE-EXCHANGE-1\n"
LENGTH_BYTES: Final = 4
END: Final = bytes(LENGTH_BYTES)

Carried = Documents | Push | Piece
"""Messages that may stand in a file."""


def write_bundle(messages: Iterable[Carried]) -> Iterator[bytes]:
    """The file, in chunks. Raises ValueError for a message that its reader would refuse."""
    yield MAGIC
    for message in messages:
        record = write_message(message)
        yield len(record).to_bytes(LENGTH_BYTES, "big") + record
    yield END


def read_bundle(chunks: Iterable[bytes]) -> Iterator[Carried | Refusal]:
    """The messages of a file that arrives in chunks of any size; memory stays within one record.

    A record that is whole but refused yields its refusal, and reading goes on; a fault of the file
    itself yields one last refusal. ``at`` is ``/n`` for record n, from 0. Never raises.
    """
    source = _Source(chunks)
    if source.take(len(MAGIC)) != MAGIC:
        yield Refusal(code=Code.BAD_MESSAGE, clause=clauses.STICK, params={"reason": "magic"})
        return
    place = 0
    while True:
        at = f"/{place}"
        header = source.take(LENGTH_BYTES)
        length = int.from_bytes(header, "big")
        if len(header) < LENGTH_BYTES:
            yield Refusal(code=Code.TRUNCATED, clause=clauses.STICK, at=at)
            return
        if length == 0:
            break
        if length > LINK_BYTES_MAX + 1:
            yield Refusal(
                code=Code.TOO_LARGE,
                clause=clauses.SIZE,
                at=at,
                params={"found": length, "limit": LINK_BYTES_MAX},
            )
            return
        record = source.take(length)
        if len(record) < length:
            yield Refusal(code=Code.TRUNCATED, clause=clauses.STICK, at=at)
            return
        yield _carried(record, at)
        place += 1
    if source.take(1):
        yield Refusal(
            code=Code.BAD_MESSAGE, clause=clauses.STICK, at=at, params={"reason": "after-end"}
        )


def _carried(record: bytes, at: str) -> Carried | Refusal:
    match read_message(record):
        case Refusal() as refusal:
            return Refusal(code=refusal.code, clause=refusal.clause, at=at, params=refusal.params)
        case Documents() | Push() | Piece() as message:
            return message
        case _:
            return Refusal(
                code=Code.BAD_MESSAGE,
                clause=clauses.STICK,
                at=at,
                params={"reason": "not-for-files"},
            )


class _Source:
    """Chunks of any size, taken as pieces of a wanted size."""

    __slots__ = ("_chunks", "_held")

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = bytearray()

    def take(self, size: int) -> bytes:
        """``size`` bytes, or fewer at the end."""
        while len(self._held) < size and (chunk := next(self._chunks, None)) is not None:
            self._held += chunk
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken
