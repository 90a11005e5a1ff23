"""Ed25519 keys and signatures, by one stated rule. Pure: a seed is an argument.

The rule (CL-SIG-001), because libraries disagree on crafted keys and a record must verify the same
for everybody: a signature is valid when RFC 8032 section 5.1.7 holds **without the cofactor**, as
OpenSSL and Go compute it (S below L, R compared as bytes), **and** the public key is the canonical
encoding of a point of prime order. Keys of small or mixed order are refused (CL-SIG-002): under
them one signature can be valid for many messages, or valid here and invalid there.

| clause | rule |
|---|---|
| CL-SIG-001 | cofactorless verification; a signature is exactly 64 bytes |
| CL-SIG-002 | only canonical encodings of points A with A != O and [L]A = O are keys |
| CL-SIG-003 | a key is written as 64 lower-case hex digits |
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from clearline.model.refusal import Code, Refusal

KEY_BYTES: Final = 32
SEED_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
KEYS_REMEMBERED: Final = 4_096
"""Checked keys kept: PARTIES_MAX parties with over a hundred keys each, for under 2 MB."""

_KEY_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A 32-byte Ed25519 public key as it was given; whether it is one, ``is_prime_order`` says."""

    raw: bytes

    def __post_init__(self) -> None:
        """Raises ValueError for a wrong length: lengths are checked before a key is made."""
        if len(self.raw) != KEY_BYTES:
            raise ValueError(f"a public key is {KEY_BYTES} bytes, not {len(self.raw)}")

    @property
    def hex(self) -> str:
        """64 lower-case hex digits."""
        return self.raw.hex()

    def __str__(self) -> str:
        return self.hex


def read_public_key(text: str) -> PublicKey | Refusal:
    """Read a key that somebody sent as hex; a key that could never verify is refused at once."""
    if _KEY_HEX.fullmatch(text) is None:
        return Refusal(code=Code.BAD_KEY, clause="CL-SIG-003")
    key = PublicKey(bytes.fromhex(text))
    if not is_prime_order(key):
        return Refusal(code=Code.BAD_KEY, clause="CL-SIG-002", params={"key": text})
    return key


def is_prime_order(key: PublicKey) -> bool:
    """Whether the key is the canonical encoding of a point of order L (CL-SIG-002)."""
    return _opened(key.raw) is not None


def verify(key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message, by CL-SIG-001. Never raises."""
    opened = _opened(key.raw)
    if opened is None or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        opened.verify(signature, message)
    except InvalidSignature:
        return False
    return True


class Signer(Protocol):
    """Whatever can sign with one key: software now, a token or a module later."""

    @property
    def public(self) -> PublicKey:
        """The key that verifies what ``sign`` returns."""

    def sign(self, message: bytes) -> bytes:
        """A 64-byte signature over the message."""


class SoftwareSigner:
    """A signer with its private key in memory, made from 32 random bytes that the caller drew."""

    __slots__ = ("_private", "_public")

    def __init__(self, seed: bytes) -> None:
        """Raises ValueError unless the seed is exactly 32 bytes (RFC 8032 section 5.1.5)."""
        if len(seed) != SEED_BYTES:
            raise ValueError(f"a seed is {SEED_BYTES} bytes, not {len(seed)}")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = PublicKey(self._private.public_key().public_bytes_raw())

    @property
    def public(self) -> PublicKey:
        """The key that verifies what ``sign`` returns."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """A 64-byte signature over the message; the same message gives the same signature."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SoftwareSigner({self._public})"


# --- The check that a key has prime order: edwards25519 in extended coordinates, RFC 8032 5.1.
# Public data only, so nothing here needs to run in constant time.

_P: Final = 2**255 - 19
_L: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]
_IDENTITY: Final[_Point] = (0, 1, 1, 0)


@lru_cache(maxsize=KEYS_REMEMBERED)
def _opened(raw: bytes) -> Ed25519PublicKey | None:
    """The key ready for verification, or None when CL-SIG-002 refuses it."""
    point = _decode(raw)
    if point is None or _is_identity(point) or not _is_identity(_times_l(point)):
        return None
    return Ed25519PublicKey.from_public_bytes(raw)


def _decode(raw: bytes) -> _Point | None:
    """The point of a canonical encoding (RFC 8032 section 5.1.3), or None."""
    encoded = int.from_bytes(raw, "little")
    sign, y = encoded >> 255, encoded & ((1 << 255) - 1)
    if y >= _P:
        return None  # the same point has a shorter name: not canonical
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P != u:
        x = x * _SQRT_MINUS_ONE % _P
        if v * x * x % _P != u:
            return None  # no point of the curve has this y
    if x == 0 and sign:
        return None  # minus zero: not canonical
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _add(a: _Point, b: _Point) -> _Point:
    """The sum of two points; complete, so that it doubles too (RFC 8032 section 5.1.4)."""
    low = (a[1] - a[0]) * (b[1] - b[0]) % _P
    high = (a[1] + a[0]) * (b[1] + b[0]) % _P
    twist = 2 * _D * a[3] * b[3] % _P
    scale = 2 * a[2] * b[2] % _P
    e, f, g, h = high - low, scale - twist, scale + twist, high + low
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times_l(point: _Point) -> _Point:
    """[L] point, by doubling and adding from the highest bit of L."""
    product = _IDENTITY
    for bit in f"{_L:b}":
        product = _add(product, product)
        if bit == "1":
            product = _add(product, point)
    return product


def _is_identity(point: _Point) -> bool:
    """Whether the point is O, in whatever projective form."""
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0
