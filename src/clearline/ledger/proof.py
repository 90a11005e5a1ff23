"""An entry that travels alone, as in C2SP tlog-proof: one text file that proves it offline.

    c2sp.org/tlog-proof@v1
    extra <base64 of the salt>
    index 41
    <base64 hash> ...            from the leaf's sibling to the root's child

    <the checkpoint, as signed>

Our files carry the entry's salt on the extra line, so that file and entry bytes are enough. The
extra line is not authenticated by the format; a salt is, by the commitment that it must open.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clearline.ledger import _base64
from clearline.ledger.checkpoint import SignedCheckpoint, verify_checkpoint
from clearline.ledger.merkle import (
    HASH_BYTES,
    PROOF_HASHES_MAX,
    entry_leaf,
    is_salt,
    verify_inclusion,
)
from clearline.ledger.note import NOTE_BYTES_MAX
from clearline.model.limits import FEED_ENTRIES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.signing import PublicKey

HEADER: Final = "c2sp.org/tlog-proof@v1"
EXTRA_BYTES_MAX: Final = 1 << 10
"""Ours is a salt of 32 bytes; others' readers put small hints there."""
PROOF_TEXT_BYTES_MAX: Final = NOTE_BYTES_MAX + (8 << 10)
"""A whole note, 42 hashes of 45 characters and the extra line in base64."""

_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,12})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """A tlog-proof taken apart: nothing in it is to be believed before ``verify_proof``."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedEntry:
    """Entry bytes proved to stand at ``index`` of the feed that the checkpoint names."""

    index: int
    leaf: bytes
    signed: SignedCheckpoint


def write_proof(proof: LogProof) -> bytes:
    """The text file of a proof of ours, usually kept as ``.tlog-proof``."""
    assert 0 <= proof.index < FEED_ENTRIES_MAX
    assert len(proof.extra) <= EXTRA_BYTES_MAX
    assert len(proof.hashes) <= PROOF_HASHES_MAX
    assert all(len(hash_) == HASH_BYTES for hash_ in proof.hashes)
    lines = [HEADER]
    if proof.extra:
        lines.append(f"extra {_base64.encode(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines.extend(_base64.encode(hash_) for hash_ in proof.hashes)
    return "\n".join(lines).encode() + b"\n\n" + proof.checkpoint


def read_proof(text: bytes) -> LogProof | Refusal:
    """Take a proof apart (CL-LED-011); this says nothing yet about what it proves."""
    if len(text) > PROOF_TEXT_BYTES_MAX:
        return Refusal(
            code=Code.TOO_LARGE, clause="CL-LED-008", params={"bytes_max": PROOF_TEXT_BYTES_MAX}
        )
    malformed = Refusal(code=Code.BAD_PROOF, clause="CL-LED-011")
    head, blank, checkpoint = text.partition(b"\n\n")
    if not blank or not head.isascii():
        return malformed
    lines = head.decode("ascii").split("\n")
    if lines.pop(0) != HEADER or not lines:
        return malformed
    extra: bytes | None = b""
    if lines[0].startswith("extra "):
        extra = _base64.decode(lines.pop(0).removeprefix("extra "))
        if not extra or len(extra) > EXTRA_BYTES_MAX:
            return malformed
    index = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if index is None or int(index[1]) >= FEED_ENTRIES_MAX:
        return malformed
    hashes = _read_hashes(lines)
    if hashes is None:
        return malformed
    return LogProof(index=int(index[1]), hashes=hashes, checkpoint=checkpoint, extra=extra or b"")


def verify_proof(
    text: bytes, *, origin: str, keys: Sequence[PublicKey], salt: bytes, entry: bytes
) -> ProvedEntry | Refusal:
    """Where the entry stands in the feed (CL-LED-012), offline. The salt may come from the
    proof's own extra line. In this order: form, salt, signature, inclusion."""
    proof = read_proof(text)
    if isinstance(proof, Refusal):
        return proof
    if not is_salt(salt):
        return Refusal(code=Code.BAD_SALT, clause="CL-LED-002", params={"bytes": len(salt)})
    signed = verify_checkpoint(proof.checkpoint, origin=origin, keys=keys)
    if isinstance(signed, Refusal):
        return signed
    leaf, tree = entry_leaf(salt, entry), signed.checkpoint
    if not verify_inclusion(leaf, proof.index, tree.size, proof.hashes, tree.root):
        return Refusal(
            code=Code.BAD_PROOF,
            clause="CL-LED-012",
            params={"index": proof.index, "size": tree.size},
        )
    return ProvedEntry(index=proof.index, leaf=leaf, signed=signed)


def _read_hashes(lines: Sequence[str]) -> tuple[bytes, ...] | None:
    if len(lines) > PROOF_HASHES_MAX:
        return None
    hashes = []
    for line in lines:
        hash_ = _base64.decode(line)
        if hash_ is None or len(hash_) != HASH_BYTES:
            return None
        hashes.append(hash_)
    return tuple(hashes)
