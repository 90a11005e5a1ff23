"""Keys on disk."""

import os
import ssl
from pathlib import Path

import pytest

from clearline.model.ids import PartyId
from clearline.model.refusal import Code
from clearline.signing import SoftwareSigner, verify
from clearline.store import keyfile
from tests.trust_people import good, refused

SEED = bytes(range(32))
QUICK = 1 << 10


def test_open_key_comes_back(tmp_path: Path) -> None:
    """A key without a passphrase is read without asking for one."""
    path = tmp_path / "node.key"
    keyfile.write_key(path, SEED, None)
    assert SoftwareSigner(SEED).public == good(keyfile.read_key(path)).public
    assert not keyfile.needs_passphrase(path)


def test_sealed_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    """The right passphrase opens it; another, or none, is refused; the seed is not in the file."""
    path = tmp_path / "root.key"
    keyfile.write_key(path, SEED, b"correct horse", scrypt_n=QUICK)
    signer = good(keyfile.read_key(path, lambda: b"correct horse"))
    assert verify(SoftwareSigner(SEED).public, b"m", signer.sign(b"m"))
    assert "CL-KEY-003" == refused(keyfile.read_key(path, lambda: b"wrong")).clause
    assert "CL-KEY-003" == refused(keyfile.read_key(path)).clause
    assert keyfile.needs_passphrase(path)
    assert SEED.hex().encode() not in path.read_bytes()


def test_key_is_never_overwritten(tmp_path: Path) -> None:
    """Writing where a key is leaves it as it was."""
    path = tmp_path / "node.key"
    keyfile.write_key(path, SEED, None)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        keyfile.write_key(path, bytes(32), None)
    assert before == path.read_bytes()
    assert [path.name] == os.listdir(tmp_path)


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A key file is its owner's alone, when written and when read."""
    path = tmp_path / "node.key"
    keyfile.write_key(path, SEED, None)
    assert 0o600 == path.stat().st_mode & 0o777
    path.chmod(0o640)
    assert "CL-KEY-002" == refused(keyfile.read_key(path)).clause


def test_damaged_key_is_refused(tmp_path: Path) -> None:
    """Cut short or with any byte changed, a sealed key is refused and nothing raises."""
    path = tmp_path / "root.key"
    keyfile.write_key(path, SEED, b"p", scrypt_n=QUICK)
    raw = path.read_bytes()
    for at in range(0, len(raw) - 1, 3):
        for bad in (raw[:at], raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]):
            path.write_bytes(bad)
            fault = refused(keyfile.read_key(path, lambda: b"p"))
            assert fault.code in (Code.BAD_KEY, Code.NOT_ALLOWED)


def test_halves_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    """A seed beside another key's public half is not used."""
    path = tmp_path / "node.key"
    keyfile.write_key(path, SEED, None)
    raw = path.read_bytes().replace(SEED.hex().encode(), bytes(32).hex().encode())
    path.write_bytes(raw)
    assert Code.BAD_KEY == refused(keyfile.read_key(path)).code


def test_costly_header_is_refused_before_it_costs(tmp_path: Path) -> None:
    """A file that asks for gigabytes of memory is not ours."""
    path = tmp_path / "root.key"
    keyfile.write_key(path, SEED, b"p", scrypt_n=QUICK)
    path.write_bytes(path.read_bytes().replace(b'"n":1024', b'"n":1073741824'))
    assert Code.BAD_KEY == refused(keyfile.read_key(path, lambda: b"p")).code


def test_missing_key_is_not_found(tmp_path: Path) -> None:
    """A key that is not there is said to be not there."""
    assert Code.NOT_FOUND == refused(keyfile.read_key(tmp_path / "no.key")).code


def test_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C before the bytes are durable leaves neither a file nor a scratch file."""

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    for write in (keyfile.create, keyfile.replace):
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path / "file", b"x")
    assert [] == os.listdir(tmp_path)


def _context(purpose: int, own: tuple[Path, Path], peer: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(purpose)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(*own)
    context.load_verify_locations(cadata=peer)
    return context


def _shake(server: ssl.SSLContext, client: ssl.SSLContext) -> tuple[bytes | None, bytes | None]:
    """A handshake in memory: the certificates that each side saw."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    for _ in range(8):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    seen = tuple(end.getpeercert(binary_form=True) for end in ends)
    return seen[0], seen[1]


def test_certificates_pin_each_other(tmp_path: Path) -> None:
    """Each side trusts exactly the other's self-signed certificate, and refuses a third."""
    files, ders = {}, {}
    for name in ("ALFA", "BRAVO", "EVE"):
        private, der = keyfile.new_tls(PartyId(name))
        files[name] = (tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
        keyfile.create(files[name][0], keyfile.pem(der))
        keyfile.create(files[name][1], private, keyfile.PRIVATE_MODE)
        ders[name] = der
    server = _context(ssl.PROTOCOL_TLS_SERVER, files["ALFA"], ders["BRAVO"])
    client = _context(ssl.PROTOCOL_TLS_CLIENT, files["BRAVO"], ders["ALFA"])
    assert (ders["ALFA"], ders["BRAVO"]) == _shake(server, client)
    eve = _context(ssl.PROTOCOL_TLS_CLIENT, files["EVE"], ders["ALFA"])
    with pytest.raises(ssl.SSLError):
        _shake(server, eve)
