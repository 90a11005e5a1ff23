"""The one form of everything that a root key signs: a canonical JSON envelope.

    {"doc": {...}, "sigs": [{"key": "<64 hex>", "sig": "<128 hex>"}, ...], "type": "manifest"}

A signature covers ``clearline/<type>/v1\\n`` and the canonical bytes of ``doc``, so that one
made for a document of one type can never be shown as another's. ``sigs`` is in order of the keys,
each key once. A document's digest is SHA-256 over the canonical bytes of ``doc`` alone: signatures
can be added without changing the name of what they sign.

The bytes must be their own canonical form (``clearline.canonical``) and, since schemas are closed,
what was read, written again, must be the very bytes that came: fields at their default, unknown
fields and signatures out of order fail that.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

import msgspec

from clearline.canonical import UNREADABLE, encode, why_not
from clearline.model.ids import Digest
from clearline.model.limits import DOCUMENT_BYTES_MAX
from clearline.model.refusal import Code, Refusal
from clearline.signing import PublicKey, Signer, read_public_key, verify

SIGNATURES_MAX: Final = 64
"""Two for each of PARTIES_MAX parties: nobody signs a document more than twice."""

_SIG_HEX: Final = re.compile(r"[0-9a-f]{128}", re.ASCII)


class DocType(StrEnum):
    """What is signed; part of the bytes that are signed."""

    CARD = "card"
    MANIFEST = "manifest"
    ROOT_CHANGE = "root-change"
    EPOCH = "epoch"
    AGREEMENT = "agreement"


# What one reader sees could differ from what is stored, or from what another reader sees: controls,
# separators, overrides of direction, surrogates, private use, invisible tags and such. By code
# point, since tables of properties differ between editions of Unicode.
_BARRED: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff"
    r"\ufdd0-\ufdef\ufeff\ufff9-\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)


class Document(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Closed record: an unknown field is refused; a field at its default is absent."""


class Signature(Document, frozen=True):
    """One signature, 128 hex digits, and the key that it verifies under."""

    key: str
    sig: str


class _Envelope(Document, frozen=True):
    type: str
    doc: msgspec.Raw
    sigs: tuple[Signature, ...]


Body = TypeVar("Body", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(Generic[Body]):
    """A document whose form was checked and whose every signature is valid.

    Whether the right keys signed it is for the rules of its type: ``signers`` only says who did.
    """

    type: DocType
    body: Body
    canonical: bytes
    digest: Digest
    sigs: tuple[Signature, ...]

    @property
    def signers(self) -> frozenset[str]:
        """The keys that signed, as hex."""
        return frozenset(sig.key for sig in self.sigs)


def digest_of(body: msgspec.Struct) -> Digest:
    """SHA-256 of the canonical bytes: the name of a document, whoever signed it."""
    return Digest(hashlib.sha256(encode(body)).hexdigest())


def signed_bytes(kind: DocType, doc: bytes) -> bytes:
    """What a signature covers: the domain of the type, then the canonical document."""
    return f"clearline/{kind}/v1\n".encode("ascii") + doc


def sign(kind: DocType, body: msgspec.Struct, signers: Sequence[Signer]) -> bytes:
    """A new envelope over ``body`` with a signature of each signer."""
    doc = encode(body)
    return _pack(kind, doc, tuple(_signature(kind, doc, signer) for signer in signers))


def add_signature(signed: Signed[Body], signer: Signer) -> bytes:
    """The envelope with one more signature; the same key signing again changes nothing."""
    extra = _signature(signed.type, signed.canonical, signer)
    return _pack(signed.type, signed.canonical, (*signed.sigs, extra))


def envelope(signed: Signed[Body]) -> bytes:
    """The bytes that the document came in."""
    return _pack(signed.type, signed.canonical, signed.sigs)


def merge(a: Signed[Body], b: Signed[Body]) -> bytes | Refusal:
    """One envelope with the signatures of two over the same document (two parties signed apart)."""
    if a.digest != b.digest or a.type != b.type:
        return Refusal(
            code=Code.BAD_SIGNATURE, clause="CL-TRU-005", params={"a": a.digest, "b": b.digest}
        )
    return _pack(a.type, a.canonical, (*a.sigs, *b.sigs))


def document_type(raw: bytes) -> DocType | Refusal:
    """Which type an envelope says that it is of; nothing else about it is known yet."""
    opened = _unpack(raw)
    if isinstance(opened, Refusal):
        return opened
    if opened.type not in set(DocType):
        return Refusal(code=Code.UNKNOWN_KIND, clause="CL-TRU-001", at="/type")
    return DocType(opened.type)


def read(raw: bytes, kind: DocType, schema: type[Body]) -> Signed[Body] | Refusal:
    """Open an envelope: size, form, type, schema, canonical bytes, signatures, in that order.

    Returns a refusal (never raises) for anything else. CL-TRU-001 to CL-TRU-003.
    """
    opened = _unpack(raw)
    if isinstance(opened, Refusal):
        return opened
    if opened.type != kind:
        found = opened.type if opened.type in set(DocType) else "?"
        return _no(Code.UNKNOWN_KIND, "/type", wanted=str(kind), found=found)
    try:
        body = msgspec.json.decode(opened.doc, type=schema)
        doc = encode(body)
    except UNREADABLE as error:
        return _from_error(error, "/doc")
    bad = _check_signatures(kind, doc, opened.sigs)
    if bad is not None:
        return bad
    if _pack(kind, doc, opened.sigs) != raw:
        return _no(Code.NOT_CANONICAL, "")
    digest = Digest(hashlib.sha256(doc).hexdigest())
    return Signed(type=kind, body=body, canonical=doc, digest=digest, sigs=opened.sigs)


def text_fault(text: str, chars_max: int) -> str | None:
    """Why a label or name cannot stand in a signed document; None when it can."""
    if not text or text != text.strip():
        return "empty or with spaces at its ends"
    if len(text) > chars_max:
        return f"longer than {chars_max} characters"
    return "with control or direction characters" if _BARRED.search(text) else None


def _signature(kind: DocType, doc: bytes, signer: Signer) -> Signature:
    made = signer.sign(signed_bytes(kind, doc))
    assert verify(signer.public, signed_bytes(kind, doc), made), "a signer that does not sign"
    return Signature(key=signer.public.hex, sig=made.hex())


def _pack(kind: str, doc: bytes, sigs: Sequence[Signature]) -> bytes:
    """The envelope's bytes. Keys are ASCII and in order (doc, sigs, type), ``doc`` is canonical."""
    ordered = sorted({sig.key: sig for sig in sigs}.values(), key=lambda sig: sig.key)
    signatures = encode(msgspec.to_builtins(ordered))
    return b'{"doc":' + doc + b',"sigs":' + signatures + b',"type":"' + kind.encode() + b'"}'


def _unpack(raw: bytes) -> _Envelope | Refusal:
    if len(raw) > DOCUMENT_BYTES_MAX:
        return _no(Code.TOO_LARGE, "", bytes=len(raw), bytes_max=DOCUMENT_BYTES_MAX)
    malformed = why_not(raw)
    if malformed is not None:
        return malformed
    try:
        return msgspec.json.decode(raw, type=_Envelope)
    except UNREADABLE as error:
        return _from_error(error, "")


def _check_signatures(kind: DocType, doc: bytes, sigs: tuple[Signature, ...]) -> Refusal | None:
    """CL-TRU-003: one to SIGNATURES_MAX, in order of distinct keys, each valid under a good key."""
    if not 1 <= len(sigs) <= SIGNATURES_MAX:
        return Refusal(code=Code.NOT_SIGNED, clause="CL-TRU-003", at="/sigs")
    message = signed_bytes(kind, doc)
    for index, sig in enumerate(sigs):
        at = f"/sigs/{index}"
        key = read_public_key(sig.key)
        if isinstance(key, Refusal):
            return Refusal(code=key.code, clause=key.clause, at=f"{at}/key", params=key.params)
        if index and sigs[index - 1].key >= sig.key:
            return Refusal(code=Code.NOT_CANONICAL, clause="CL-TRU-003", at=at)
        if not _valid(key, message, sig.sig):
            return Refusal(
                code=Code.BAD_SIGNATURE, clause="CL-TRU-003", at=at, params={"key": sig.key}
            )
    return None


def _valid(key: PublicKey, message: bytes, sig: str) -> bool:
    return _SIG_HEX.fullmatch(sig) is not None and verify(key, message, bytes.fromhex(sig))


_FAULT: Final = (
    ("unknown field", Code.UNKNOWN_FIELD),
    ("missing required field", Code.MISSING_FIELD),
    ("Expected", Code.BAD_FIELD),
    ("Invalid", Code.BAD_FIELD),
)


def _from_error(error: Exception, prefix: str) -> Refusal:
    """What the strict reader said, as a refusal with a pointer."""
    if not isinstance(error, msgspec.ValidationError):
        return _no(Code.NOT_JSON, prefix)
    text = str(error)
    code = next((code for word, code in _FAULT if word in text), Code.BAD_FIELD)
    _, _, path = text.partition(" - at `$")
    steps = path.rstrip("`").replace("[...]", "[*]").replace(".", "/")
    return _no(code, prefix + re.sub(r"\[(\d+|\*)\]", r"/\1", steps))


def _no(code: Code, at: str, **params: str | int) -> Refusal:
    return Refusal(code=code, clause="CL-TRU-001", at=at, params={**params})
