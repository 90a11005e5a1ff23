"""One rule for keys and signatures: cofactorless, and prime-order keys only.

Crafted keys are computed here with affine arithmetic of its own, not with the code under test.
"""

import hashlib

import pytest

from clearline.model.refusal import Code, Refusal
from clearline.signing import (
    PublicKey,
    SoftwareSigner,
    is_prime_order,
    read_public_key,
    verify,
)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P
Affine = tuple[int, int]


def add(a: Affine, b: Affine) -> Affine:
    """The affine Edwards sum."""
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P)
    return x % P, y % P


def times(n: int, point: Affine) -> Affine:
    total = (0, 1)
    for bit in f"{n:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def lift(y: int) -> Affine | None:
    """A point with this y, if there is one: a root of x² = (y² - 1) / (d y² + 1)."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    root = pow(square, (P + 3) // 8, P)
    for x in (root, root * pow(2, (P - 1) // 4, P) % P):
        if x * x % P == square:
            return x, y
    return None


def encode(point: Affine) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def base() -> Affine:
    point = lift(BASE_Y)
    assert point is not None
    x, y = point
    return (x, y) if x % 2 == 0 else (P - x, y)


def small_order_points() -> list[Affine]:
    """All eight: multiples of a point of order eight, found as [L] of a random point."""
    for y in range(2, 100):
        point = lift(y)
        if point is not None:
            eighth = times(L, point)
            if times(4, eighth) != (0, 1):
                return [times(n, eighth) for n in range(8)]
    raise AssertionError("no point of order eight among the first y")


def forge_under_identity(message: bytes) -> bytes:
    """With the identity as key, R = [s]B verifies for every message."""
    s = int.from_bytes(hashlib.sha256(message).digest(), "little") % L
    return encode(times(s, base())) + s.to_bytes(32, "little")


def sign_with_scalar(scalar: int, key: bytes, message: bytes) -> bytes:
    """An Ed25519 signature under a key of any form with this scalar."""
    r = int.from_bytes(hashlib.sha512(b"nonce" + message).digest(), "little") % L
    encoded = encode(times(r, base()))
    k = int.from_bytes(hashlib.sha512(encoded + key + message).digest(), "little")
    return encoded + ((r + k * scalar) % L).to_bytes(32, "little")


def sign_with_mixed_key(message: bytes) -> tuple[PublicKey, bytes]:
    """A signature under a mixed-order key that cofactorless OpenSSL alone accepts: nonces are tried
    until k is a multiple of eight, so that the small-order part falls away."""
    scalar, torsion = 12345, small_order_points()[1]
    key = encode(add(times(scalar, base()), torsion))
    for r in range(1, 1000):
        encoded = encode(times(r, base()))
        k = int.from_bytes(hashlib.sha512(encoded + key + message).digest(), "little") % L
        if k % 8 == 0:
            return PublicKey(key), encoded + ((r + k * scalar) % L).to_bytes(32, "little")
    raise AssertionError("no such nonce")


def openssl_accepts(key: PublicKey, message: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True


SIGNER = SoftwareSigner(hashlib.sha256(b"a seed").digest())


def test_signature_verifies_for_its_key_and_message_only() -> None:
    """A signature holds for what was signed, and for nothing else."""
    signature = SIGNER.sign(b"stop")
    assert verify(SIGNER.public, b"stop", signature)
    assert not verify(SIGNER.public, b"stop ", signature)
    assert not verify(SoftwareSigner(bytes(32)).public, b"stop", signature)


def test_signature_with_any_bit_flipped_is_refused() -> None:
    """All 512 single-bit mutations of a signature are refused."""
    signature = SIGNER.sign(b"stop")
    for bit in range(512):
        spoilt = bytearray(signature)
        spoilt[bit // 8] ^= 1 << bit % 8
        assert not verify(SIGNER.public, b"stop", bytes(spoilt))


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_signature_of_another_length_is_refused(length: int) -> None:
    """A signature is exactly 64 bytes; anything else is refused, not raised."""
    assert not verify(SIGNER.public, b"stop", (SIGNER.sign(b"stop") * 2)[:length])


def test_signer_agrees_with_rfc_8032() -> None:
    """Test 2 of RFC 8032 section 7.1 comes out byte for byte."""
    seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    signer = SoftwareSigner(bytes.fromhex(seed))
    assert signer.public.hex == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_ordinary_keys_have_prime_order() -> None:
    """Keys that were generated honestly are never refused."""
    for n in range(50):
        assert is_prime_order(SoftwareSigner(hashlib.sha256(b"%d" % n).digest()).public)
    assert is_prime_order(PublicKey(encode(base())))


def test_small_order_keys_are_refused() -> None:
    """The eight small-order points are no keys, whichever sign bit they carry."""
    points = small_order_points()
    assert len(set(points)) == 8
    for point in points:
        assert times(8, point) == (0, 1)
        raw = encode(point)
        assert not is_prime_order(PublicKey(raw))
        assert not is_prime_order(PublicKey(raw[:31] + bytes([raw[31] ^ 0x80])))


def test_identity_key_that_openssl_accepts_is_refused() -> None:
    """Under the identity as key one can sign anything without a secret: OpenSSL takes it, we do
    not."""
    identity = PublicKey(encode((0, 1)))
    forged = forge_under_identity(b"all clear")
    assert openssl_accepts(identity, b"all clear", forged)
    assert not verify(identity, b"all clear", forged)


def test_mixed_order_key_that_openssl_accepts_is_refused() -> None:
    """A key with a small-order part verifies here and not there: it is no key at all."""
    key, signature = sign_with_mixed_key(b"all clear")
    assert openssl_accepts(key, b"all clear", signature)
    assert not verify(key, b"all clear", signature)
    for torsion in small_order_points()[1:]:
        assert not is_prime_order(PublicKey(encode(add(times(7, base()), torsion))))


def test_the_same_scalar_without_a_small_order_part_is_accepted() -> None:
    """The crafted signatures above fail for the key's order and for nothing else."""
    key = encode(times(12345, base()))
    assert verify(PublicKey(key), b"all clear", sign_with_scalar(12345, key, b"all clear"))


def test_non_canonical_keys_are_refused() -> None:
    """An encoding with y of p or more, or of minus zero, is no key, whatever point it means."""
    for y in range(19):
        for sign in (0, 1):
            raw = (y + P | sign << 255).to_bytes(32, "little")
            assert not is_prime_order(PublicKey(raw))
    assert not is_prime_order(PublicKey((1 | 1 << 255).to_bytes(32, "little")))


def test_bytes_that_are_no_point_are_refused() -> None:
    """Half of all y have no point: such bytes are no key, and verification does not raise."""
    no_point = next(y for y in range(2, 50) if lift(y) is None)
    key = PublicKey(no_point.to_bytes(32, "little"))
    assert not is_prime_order(key)
    assert not verify(key, b"stop", bytes(64))


def test_scalar_of_l_or_more_is_refused() -> None:
    """S + L is the same number for the curve and another signature for a record: refused."""
    signature = SIGNER.sign(b"stop")
    s = int.from_bytes(signature[32:], "little")
    assert not verify(SIGNER.public, b"stop", signature[:32] + (s + L).to_bytes(32, "little"))


def test_key_reads_back_from_its_hex() -> None:
    """A key's written form is its hex; other forms and crafted keys are refused by clause."""
    assert read_public_key(SIGNER.public.hex) == SIGNER.public
    for text in ("", SIGNER.public.hex.upper(), SIGNER.public.hex + "00", "g" * 64):
        refusal = read_public_key(text)
        assert isinstance(refusal, Refusal)
        assert (refusal.code, refusal.clause) == (Code.BAD_KEY, "CL-SIG-003")
    refusal = read_public_key(encode(small_order_points()[1]).hex())
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.clause) == (Code.BAD_KEY, "CL-SIG-002")


def test_lengths_are_promises() -> None:
    """A seed or a raw key of another length is our own mistake and raises."""
    with pytest.raises(ValueError, match="32 bytes"):
        SoftwareSigner(bytes(31))
    with pytest.raises(ValueError, match="32 bytes"):
        PublicKey(bytes(33))


def test_signer_does_not_show_its_secret() -> None:
    """What is logged by accident holds the public key only."""
    seed = hashlib.sha256(b"a seed").digest()
    assert seed.hex() not in repr(SIGNER)
    assert SIGNER.public.hex in repr(SIGNER)
