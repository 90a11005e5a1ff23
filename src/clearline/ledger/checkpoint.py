"""Checkpoints as in C2SP tlog-checkpoint: how long a feed is and what its root is, signed.

    clearline/<line, 64 hex digits>/<feed>
    1234
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

The origin holds the line's whole digest: two checkpoints of one origin that contradict each other
are held against their signer, so no one may be able to make two lines of one origin. The key name
is the origin for every key of a feed; a new key has the same name and another key id. There are no
extension lines. The same form serves the private desk record, under an origin of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clearline.ledger import _base64
from clearline.ledger.merkle import EMPTY_ROOT, HASH_BYTES
from clearline.ledger.note import VerifierKey, is_key_name, open_note, sign_note
from clearline.model.ids import FeedId, LineId, is_digest, is_feed_id
from clearline.model.limits import FEED_ENTRIES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.signing import PublicKey, Signer

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,12}", re.ASCII)  # FEED_ENTRIES_MAX has 13 digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The claim: the tree of ``origin`` has this root when it has ``size`` leaves."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """What comes from outside is checked before it becomes a checkpoint."""
        assert is_key_name(self.origin)
        assert 0 <= self.size <= FEED_ENTRIES_MAX
        assert len(self.root) == HASH_BYTES
        assert self.size > 0 or self.root == EMPTY_ROOT

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{_base64.encode(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint and the note that proves it, byte for byte as signed or received.

    Only ``sign_checkpoint`` and ``verify_checkpoint`` make one. Compare checkpoints, not texts:
    anybody can add signature lines of unknown keys to a text.
    """

    checkpoint: Checkpoint
    text: bytes


def origin_of(line: LineId, feed: FeedId) -> str:
    """The origin, and key name, of a feed on a line (CL-LED-010)."""
    assert is_digest(line)
    assert is_feed_id(feed)
    return f"clearline/{line}/{feed}"


def desk_origin_of(line: LineId, feed: FeedId) -> str:
    """The origin of the private desk record that the writer of a feed keeps beside it."""
    return f"{origin_of(line, feed)}/desk"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> SignedCheckpoint:
    """Sign. The caller has made the entries durable, and never signs two roots for one size."""
    text = sign_note(checkpoint.text, ((checkpoint.origin, signer),))
    return SignedCheckpoint(checkpoint=checkpoint, text=text)


def verify_checkpoint(
    text: bytes, *, origin: str, keys: Sequence[PublicKey]
) -> SignedCheckpoint | Refusal:
    """The checkpoint of ``origin``, when one of ``keys`` has signed it and none of them is spoilt.

    Which keys speak for the feed at a size is for ``clearline.trust`` to say: pass those.
    """
    opened = open_note(text, [VerifierKey(origin, key) for key in dict.fromkeys(keys)])
    if isinstance(opened, Refusal):
        return opened
    checkpoint = _read_body(opened.text)
    if isinstance(checkpoint, Refusal):
        return checkpoint
    if checkpoint.origin != origin:
        return Refusal(code=Code.FOREIGN_FEED, clause="CL-LED-010", params={"origin": origin})
    return SignedCheckpoint(checkpoint=checkpoint, text=text)


def _read_body(text: str) -> Checkpoint | Refusal:
    """The three lines of a text whose signature has been verified (CL-LED-009)."""
    malformed = Refusal(code=Code.BAD_CHECKPOINT, clause="CL-LED-009")
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] != "":
        return malformed
    origin, size_text, root_text, _ = lines
    root = _base64.decode(root_text)
    if not is_key_name(origin) or _SIZE.fullmatch(size_text) is None or root is None:
        return malformed
    size = int(size_text)
    if size > FEED_ENTRIES_MAX or len(root) != HASH_BYTES:
        return malformed
    if size == 0 and root != EMPTY_ROOT:
        return malformed
    return Checkpoint(origin=origin, size=size, root=root)
