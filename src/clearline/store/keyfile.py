"""Private keys and certificates on disk.

Guarantees: a key file is never overwritten, never half written, never readable by others. With a
passphrase the seed is sealed by AES-256-GCM under a key from scrypt (RFC 7914); the header, public
key included, is authenticated with it. A node's key usually has none, since nobody is there to type
it when the machine restarts: then the file's mode is its only protection, and reading refuses one
that others may read.
"""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from clearline.canonical import UNREADABLE, encode
from clearline.model.ids import PartyId
from clearline.model.refusal import Code, Refusal
from clearline.signing import SEED_BYTES, SoftwareSigner

SCRYPT_N: Final = 1 << 16
"""64 MiB and about a fifth of a second for each guess."""
SCRYPT_N_MAX: Final = 1 << 20
"""A file that asks for more than 1 GiB is not ours."""
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
FILE_BYTES_MAX: Final = 1 << 16
PRIVATE_MODE: Final = 0o600
OTHERS: Final = 0o077


class _Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A seed under a passphrase; bytes as hex."""

    v: int
    public: str
    n: int
    salt: str
    nonce: str
    sealed: str


class _Open(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A seed as it is."""

    v: int
    public: str
    seed: str


def new_signer() -> tuple[bytes, SoftwareSigner]:
    """A fresh key: its seed, to be written, and what signs with it."""
    seed = secrets.token_bytes(SEED_BYTES)
    return seed, SoftwareSigner(seed)


def write_key(
    path: Path, seed: bytes, passphrase: bytes | None, *, scrypt_n: int = SCRYPT_N
) -> None:
    """Write a new key file. Raises FileExistsError rather than touch one that is there."""
    public = SoftwareSigner(seed).public.hex
    if passphrase is None:
        create(path, encode(_Open(v=1, public=public, seed=seed.hex())) + b"\n", PRIVATE_MODE)
        return
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    key = _derive(passphrase, salt, scrypt_n)
    sealed = AESGCM(key).encrypt(nonce, seed, _header(public, scrypt_n, salt))
    record = _Sealed(
        v=1, public=public, n=scrypt_n, salt=salt.hex(), nonce=nonce.hex(), sealed=sealed.hex()
    )
    create(path, encode(record) + b"\n", PRIVATE_MODE)


def read_key(path: Path, passphrase: Callable[[], bytes] | None = None) -> SoftwareSigner | Refusal:
    """The key of a file. ``passphrase`` is only called for a file that needs one.

    Refusals: NOT_FOUND, NOT_ALLOWED (others may read it, or the passphrase is wrong or missing),
    BAD_KEY (not a key file, or damaged). CL-KEY-001 to 003.
    """
    try:
        mode = path.stat().st_mode
        raw = path.read_bytes() if path.stat().st_size <= FILE_BYTES_MAX else b""
    except OSError as error:
        return _no(Code.NOT_FOUND, "CL-KEY-001", path, error.strerror or "cannot be read")
    if os.name == "posix" and mode & OTHERS:
        return _no(Code.NOT_ALLOWED, "CL-KEY-002", path, "others can read it: chmod 600")
    try:
        record = _decode(raw)
    except UNREADABLE:
        return _no(Code.BAD_KEY, "CL-KEY-001", path, "not a key file")
    if isinstance(record, _Open):
        return _signer(path, record.public, record.seed)
    if passphrase is None:
        return _no(Code.NOT_ALLOWED, "CL-KEY-003", path, "it needs a passphrase")
    return _unseal(path, record, passphrase())


def needs_passphrase(path: Path) -> bool:
    """Whether the file at the path is a sealed key."""
    try:
        return isinstance(_decode(path.read_bytes()), _Sealed)
    except (OSError, *UNREADABLE):
        return False


def _decode(raw: bytes) -> _Sealed | _Open:
    """By shape: msgspec tells two untagged records apart only one at a time."""
    if b'"sealed"' in raw:
        return msgspec.json.decode(raw, type=_Sealed)
    return msgspec.json.decode(raw, type=_Open)


def _unseal(path: Path, record: _Sealed, passphrase: bytes) -> SoftwareSigner | Refusal:
    power_of_two = record.n > 1 and record.n & (record.n - 1) == 0
    if not power_of_two or record.n > SCRYPT_N_MAX:
        return _no(Code.BAD_KEY, "CL-KEY-001", path, "damaged")
    try:
        salt, nonce = bytes.fromhex(record.salt), bytes.fromhex(record.nonce)
        sealed = bytes.fromhex(record.sealed)
        header = _header(record.public, record.n, salt)
        seed = AESGCM(_derive(passphrase, salt, record.n)).decrypt(nonce, sealed, header)
    except InvalidTag:
        return _no(Code.NOT_ALLOWED, "CL-KEY-003", path, "wrong passphrase, or damaged")
    except ValueError:
        return _no(Code.BAD_KEY, "CL-KEY-001", path, "damaged")
    return _signer(path, record.public, seed.hex())


def _signer(path: Path, public: str, seed: str) -> SoftwareSigner | Refusal:
    try:
        signer = SoftwareSigner(bytes.fromhex(seed))
    except ValueError:
        return _no(Code.BAD_KEY, "CL-KEY-001", path, "damaged")
    if signer.public.hex != public:
        return _no(Code.BAD_KEY, "CL-KEY-001", path, "its halves do not belong together")
    return signer


def _derive(passphrase: bytes, salt: bytes, n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase)


def _header(public: str, n: int, salt: bytes) -> bytes:
    return f"clearline/key/v1\n{public}\n{n}\n".encode("ascii") + salt


def _no(code: Code, clause: str, path: Path, why: str) -> Refusal:
    return Refusal(code=code, clause=clause, params={"file": path.name, "why": why})


# --- files that appear whole or not at all ---------------------------------------------------


def create(path: Path, content: bytes, mode: int = 0o644) -> None:
    """A new file, whole and durable, or FileExistsError; whoever is killed leaves no half file.

    Written under another name in the same folder, then linked: linking fails when the name exists.
    """
    scratch = _scratch(path, content, mode)
    try:
        os.link(scratch, path)
    finally:
        scratch.unlink()
    _sync_folder(path.parent)


def replace(path: Path, content: bytes, mode: int = 0o644) -> None:
    """A file with new content: readers see the old or the new, whole. Not for keys."""
    scratch = _scratch(path, content, mode)
    try:
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _scratch(path: Path, content: bytes, mode: int) -> Path:
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    return scratch


def _sync_folder(folder: Path) -> None:
    """Make the name itself durable; only POSIX systems can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- TLS -------------------------------------------------------------------------------------

_FOREVER: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""RFC 5280 section 4.1.2.5: no well-defined end. The manifest ends a certificate, not a clock."""
_ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A node whose clock is wrong must still reach its peers, who tell it so (FM24)."""


def new_tls(party: PartyId) -> tuple[bytes, bytes]:
    """A node's TLS key (PKCS 8 PEM, not sealed) and self-signed certificate (DER), P-256.

    The certificate is pinned whole by the party's manifest. Its names are the party's id: peers
    compare certificates, not host names.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(party))])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_ALWAYS)
        .not_valid_after(_FOREVER)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(party.lower())]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(both, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, certificate.public_bytes(serialization.Encoding.DER)


def pem(der: bytes) -> bytes:
    """A certificate in the form that TLS libraries read from files."""
    certificate = x509.load_der_x509_certificate(der)
    return certificate.public_bytes(serialization.Encoding.PEM)
