"""A certificate for the console on a local network: it holds for its names, for nothing else."""

import json
import re
import ssl
from pathlib import Path

import httpx2
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clearline.api.people import Role
from clearline.cli.examining import _certificate
from clearline.config import read_config
from clearline.model.time import DAY, Instant
from clearline.node.runtime import Clock
from tests.api_node import add_person, cli, found, make_parties, running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node's folder."""
    parties = tmp_path_factory.mktemp("lan")
    make_parties(parties, "ALFA", "BRAVO")
    return found(parties, parties / "node", "ALFA", "BRAVO")


def made(folder: Path, *hosts: str) -> dict[str, object]:
    """What the command says."""
    words = [word for host in hosts for word in ("--host", host)]
    said: dict[str, object] = json.loads(
        cli("node", "console-cert", *words, "--node", str(folder), "--json")
    )
    return said


def test_console_over_tls_is_trusted_by_who_installed_its_authority(folder: Path) -> None:
    """As the command says: three lines in node.toml, and a browser that has the authority is let
    in under the name, with a cookie that no other host can set; one that has not is not. The
    command line of this machine goes on as before."""
    said = made(folder, "localhost")
    config = folder / "node.toml"
    lines = "\n".join(str(line) for line in said["api"])
    text = re.sub(r"(?m)^\[api\]\nbind = .*$", f'[api]\nbind = "127.0.0.1:0"\n{lines}',
                  config.read_text())  # fmt: skip
    config.write_text(text)
    with running(folder) as node:
        assert node.address.startswith("https://127.0.0.1:")
        named = node.address.replace("127.0.0.1", "localhost")
        trust = ssl.create_default_context(cafile=str(said["authority"]))
        headers = {"origin": named, "x-clearline-console": "1"}
        with httpx2.Client(base_url=named, verify=trust, trust_env=False, headers=headers) as http:
            assert http.get("/console/").status_code == 200
            answer = http.post("/v1/session", json={"link": node.link()})
            assert answer.status_code == 200
            kept = answer.headers["set-cookie"]
            assert kept.startswith("__Host-clearline-")
            assert kept.endswith("; Secure")
            assert http.get("/v1/session").json()["person"] == "watch"
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{named}/console/", trust_env=False)
        add_person(folder, Role.PLANNER, "kim")
        url = json.loads(cli("node", "invite", "kim", "--node", str(folder), "--json"))["url"]
        assert url.startswith(f"{named}/console/#link=")
        assert "running" in cli("node", "status", str(folder))


def test_authority_vouches_for_its_names_alone_and_its_key_is_gone(folder: Path) -> None:
    """Whoever installs it can be deceived by nobody with it: it is limited, and nobody has its
    key."""
    said = made(folder, "node.local", "10.0.4.7")
    authority = x509.load_pem_x509_certificate(Path(str(said["authority"])).read_bytes())
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert limits.value.permitted_subtrees is not None
    names = [str(each.value) for each in limits.value.permitted_subtrees]
    assert names == ["node.local", "10.0.4.7/32", "localhost", "127.0.0.1/32", "::1/128"]
    place = Path(str(said["authority"])).parent
    keys = [path for path in place.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert [path.name for path in keys] == ["key.pem"]
    assert keys[0].stat().st_mode & 0o077 == 0
    chain = x509.load_pem_x509_certificates((place / "certificate.pem").read_bytes())
    leaf_key = (place / "key.pem").read_bytes()
    private = load_pem_private_key(leaf_key, None)
    assert private.public_key() == chain[0].public_key() != authority.public_key()
    assert chain[0].verify_directly_issued_by(authority) is None
    assert (
        str(said["fingerprint"]).replace(" ", "").lower()
        == authority.fingerprint(authority.signature_hash_algorithm).hex()
    )


def test_doctor_says_that_a_certificate_ends_and_that_sign_ins_are_open(folder: Path) -> None:
    """A month before browsers turn away somebody is told; and that other accounts of the machine
    can read who is signed in."""
    said = made(folder, "node.local")
    placed = read_config(folder)
    place = Path(str(said["authority"])).parent.relative_to(folder)
    api = msgspec.structs.replace(
        placed.config.api, certificate=f"{place}/certificate.pem", key=f"{place}/key.pem"
    )
    placed = msgspec.structs.replace(placed, config=msgspec.structs.replace(placed.config, api=api))
    now = Clock().now()
    assert list(_certificate(placed, now)) == []
    ends, ended = (
        next(iter(_certificate(placed, Instant(now + days * DAY)))) for days in (370, 400)
    )
    assert "ends at" in ends.text
    assert "ended at" in ended.text
    marked = placed.sign_ins / "mark"
    marked.write_text("0" * 12)
    marked.chmod(0o644)
    assert "mark is open to other accounts" in cli("node", "doctor", str(folder), code=1)
    marked.chmod(0o600)


@pytest.mark.parametrize("host", ["", "a b", "-x", "node.local/", "x" * 300, "[::1]"])
def test_host_that_is_none_is_refused(folder: Path, host: str) -> None:
    """Nothing is made for it."""
    before = sorted(folder.rglob("*.pem"))
    cli("node", "console-cert", "--host", host, "--node", str(folder), code=1)
    assert sorted(folder.rglob("*.pem")) == before


def test_api_beyond_this_machine_without_tls_is_refused(folder: Path, tmp_path: Path) -> None:
    """Unless somebody said that something else does it."""
    text = 'bind = "10.0.4.7:8440"'
    config = (folder / "node.toml").read_text()
    other = tmp_path / "node.toml"
    other.write_text(re.sub(r"(?ms)^\[api\]\n.*?\n\n", f"[api]\n{text}\n\n", config))
    assert "open to other machines" in cli("node", "invite", "x", "--node", str(tmp_path), code=1)
