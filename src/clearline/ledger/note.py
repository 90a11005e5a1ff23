"""Signed notes as in C2SP signed-note: a text, a blank line, and signature lines.

    — name base64(key id || signature)

A key is named by its name and its id together; the id is the first four bytes of
SHA-256(name || 0x0A || algorithm || public key). Only Ed25519 (algorithm 0x01) is a key here;
signatures of other algorithms are those of unknown keys, and are ignored as the format demands.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clearline.ledger import _base64
from clearline.model.refusal import Code, Refusal
from clearline.signing import KEY_BYTES, PublicKey, Signer, is_prime_order, verify

ED25519: Final = b"\x01"
KEY_ID_BYTES: Final = 4
SIGNATURES_MAX: Final = 32
"""The format demands at least 16: a log, its witnesses, and as many again."""
NOTE_BYTES_MAX: Final = 128 << 10
"""Sixteen post-quantum signatures of under 7 kB each and a checkpoint."""

_MARK: Final = "— "  # em dash, U+2014
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f]")
_KEY_NAME: Final = re.compile("[^\\s+\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A key under the name by which its signatures are found. The name is not empty and holds
    neither white space nor a plus sign."""

    name: str
    key: PublicKey

    def __post_init__(self) -> None:
        """Names from outside pass ``is_key_name`` first."""
        assert is_key_name(self.name)

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart; not a fingerprint to compare by."""
        return _key_id(self.name, ED25519 + self.key.raw)

    def __str__(self) -> str:
        """The verifier key as people exchange it: name+hexid+base64."""
        return f"{self.name}+{self.key_id.hex()}+{_base64.encode(ED25519 + self.key.raw)}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, of whatever key."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read: nothing in it is to be believed before ``open_note``. The text ends in a
    newline."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A text that at least one of the wanted keys has signed, and which ones."""

    text: str
    signed_by: tuple[VerifierKey, ...]


def is_key_name(name: str) -> bool:
    """Whether the text can name a key: not empty, no white space, no plus, no control character."""
    return _KEY_NAME.fullmatch(name) is not None


def read_verifier_key(text: str) -> VerifierKey | Refusal:
    """Read name+hexid+base64 (CL-LED-006). Refused: any other form, an id that is not the key's,
    an algorithm other than Ed25519, a key that is not of prime order (CL-SIG-002)."""
    parts = text.split("+", 2)  # the base64 may hold a plus, the name may not
    material = _base64.decode(parts[2]) if len(parts) == 3 else None
    if material is None or not is_key_name(parts[0]) or not _encodes(parts[0]):
        return Refusal(code=Code.BAD_KEY, clause="CL-LED-006")
    if parts[1] != _key_id(parts[0], material).hex():
        return Refusal(code=Code.BAD_KEY, clause="CL-LED-006")
    if material[:1] != ED25519 or len(material) != 1 + KEY_BYTES:
        return Refusal(code=Code.BAD_KEY, clause="CL-LED-006")
    key = PublicKey(material[1:])
    if not is_prime_order(key):
        return Refusal(code=Code.BAD_KEY, clause="CL-SIG-002", params={"key": key.hex})
    return VerifierKey(parts[0], key)


def sign_note(text: str, signers: Sequence[tuple[str, Signer]]) -> bytes:
    """The text signed by each (name, signer), as a note. The text is ours: it ends in a newline
    and holds no other control character."""
    assert text.endswith("\n")
    assert not _CONTROL.search(text)
    assert 0 < len(signers) <= SIGNATURES_MAX
    lines = []
    for name, signer in signers:
        signed = VerifierKey(name, signer.public).key_id + signer.sign(text.encode())
        lines.append(f"{_MARK}{name} {_base64.encode(signed)}\n")
    note = f"{text}\n{''.join(lines)}".encode()
    assert len(note) <= NOTE_BYTES_MAX
    return note


def read_note(raw: bytes) -> Note | Refusal:
    """Take a note apart (CL-LED-005); this says nothing yet about who signed it."""
    if len(raw) > NOTE_BYTES_MAX:
        return Refusal(
            code=Code.TOO_LARGE, clause="CL-LED-008", params={"bytes_max": NOTE_BYTES_MAX}
        )
    malformed = Refusal(code=Code.BAD_NOTE, clause="CL-LED-005")
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError:
        return malformed
    blank = whole.rfind("\n\n")  # the last empty line parts text from signatures
    if blank < 0 or _CONTROL.search(whole):
        return malformed
    lines = whole[blank + 2 :].split("\n")
    if lines.pop() != "" or not lines:
        return malformed
    if len(lines) > SIGNATURES_MAX:
        return Refusal(
            code=Code.TOO_LARGE, clause="CL-LED-008", params={"signatures_max": SIGNATURES_MAX}
        )
    signatures = []
    for line in lines:
        signature = _read_signature(line)
        if signature is None:
            return malformed
        signatures.append(signature)
    return Note(whole[: blank + 1], tuple(signatures))


def open_note(raw: bytes, keys: Sequence[VerifierKey]) -> OpenedNote | Refusal:
    """The text, when it is signed as CL-LED-007 says: signatures of other keys are ignored, every
    signature of one of ``keys`` must hold, and there must be one."""
    note = read_note(raw)
    if isinstance(note, Refusal):
        return note
    known: dict[tuple[str, bytes], list[VerifierKey]] = {}
    for key in keys:
        known.setdefault((key.name, key.key_id), []).append(key)
    signed_by: dict[VerifierKey, None] = {}
    message = note.text.encode()
    for signature in note.signatures:
        # Ids are four bytes: a party can make two keys of its own collide. Then either may hold.
        named = known.get((signature.name, signature.key_id))
        if named is None:
            continue
        holding = [key for key in named if verify(key.key, message, signature.value)]
        if not holding:
            return Refusal(
                code=Code.BAD_SIGNATURE, clause="CL-LED-007", params={"key": named[0].key.hex}
            )
        signed_by.update(dict.fromkeys(holding))
    if not signed_by:
        return Refusal(code=Code.UNKNOWN_KEY, clause="CL-LED-007")
    return OpenedNote(note.text, tuple(signed_by))


def _read_signature(line: str) -> NoteSignature | None:
    name, space, encoded = line.removeprefix(_MARK).partition(" ")
    signed = _base64.decode(encoded)
    if not line.startswith(_MARK) or not space or not is_key_name(name) or signed is None:
        return None
    if len(signed) <= KEY_ID_BYTES:
        return None
    return NoteSignature(name, signed[:KEY_ID_BYTES], signed[KEY_ID_BYTES:])


def _key_id(name: str, material: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + material).digest()[:KEY_ID_BYTES]


def _encodes(text: str) -> bool:
    """Whether the text has an encoding at all: lone surrogates have none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
