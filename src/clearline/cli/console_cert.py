"""clearline node console-cert: a certificate for the console on a local network.

An authority is made for this one certificate, limited to the names that it is for, and its key is
thrown away before the command ends: whoever installs it on a tablet trusts this node and can be
deceived by nobody else with it.
"""

import os
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from clearline.cli.output import REFUSED, AsJson, now, show
from clearline.config import HOST_NAME, ConfigError, read_config
from clearline.store import keyfile

DAYS: Final = 397
"""What every browser takes of an authority that people installed themselves, with room."""
EARLY: Final = timedelta(days=2)
"""A tablet's clock may be a day behind."""
FOLDER: Final = "console-tls"
PRIVATE: Final = 0o600
HOSTS_MAX: Final = 20
OWN: Final = ("localhost", "127.0.0.1", "::1")
"""For the tools on this machine."""

Key = ec.EllipticCurvePrivateKey
Address = IPv4Address | IPv6Address


class Made:
    """A certificate with its chain, its key, and the authority to install."""

    def __init__(self, hosts: tuple[str, ...], at: datetime) -> None:
        authority_key, key = _key(), _key()
        self.until = at + timedelta(days=DAYS)
        title = f"Clearline console of {hosts[0]}"
        issuer = _name(f"{title}, authority")
        times = (at - EARLY, self.until)
        authority = _authority(issuer, authority_key, hosts, times)
        leaf = _leaf(issuer, authority_key, key, hosts, times)
        self.authority = _pem(authority)
        self.chain = _pem(leaf) + self.authority
        self.key = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.fingerprint = authority.fingerprint(hashes.SHA256()).hex(" ", 2).upper()


def _key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _names(hosts: tuple[str, ...]) -> list[x509.GeneralName]:
    """Host names and addresses, as a certificate has them."""
    found: list[x509.GeneralName] = []
    for host in hosts:
        address = _address(host)
        found.append(x509.DNSName(host) if address is None else x509.IPAddress(address))
    return found


def _limits(hosts: tuple[str, ...]) -> list[x509.GeneralName]:
    """The same as what an authority may speak of: an address is a network of one."""
    found: list[x509.GeneralName] = []
    for host in hosts:
        address = _address(host)
        one = x509.DNSName(host) if address is None else x509.IPAddress(ip_network(address))
        found.append(one)
    return found


def _usage(*, signs_others: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_others, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_others, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _begun(
    subject: x509.Name, issuer: x509.Name, key: Key, times: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(times[0])
        .not_valid_after(times[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority(
    name: x509.Name, key: Key, hosts: tuple[str, ...], times: tuple[datetime, datetime]
) -> x509.Certificate:
    return (
        _begun(name, name, key, times)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_others=True), critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=_limits(hosts), excluded_subtrees=None),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )


def _leaf(
    issuer: x509.Name, issuer_key: Key, key: Key, hosts: tuple[str, ...],
    times: tuple[datetime, datetime],
) -> x509.Certificate:  # fmt: skip
    return (
        _begun(_name(hosts[0]), issuer, key, times)
        .add_extension(x509.SubjectAlternativeName(_names(hosts)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_others=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )


def console_cert(
    folder: Annotated[
        Path, typer.Option("--node", envvar="CLEARLINE_NODE", help="The node's folder.")
    ],
    host: Annotated[
        list[str],
        typer.Option("--host", help="A name or address that browsers will use; repeat."),
    ],
    as_json: AsJson = False,
) -> None:
    """Make a certificate for the console and API on a local network, and the authority to install.

    The authority's key is thrown away: it can vouch for nothing else, ever. For a new name or after
    13 months make another. Nothing is overwritten.

    Example: clearline node console-cert --host node.local --host 10.0.4.7 --node alfa-node
    """
    try:
        read_config(folder)
        hosts = _checked(host)
    except (ConfigError, ValueError) as why:
        _refused(str(why))
    at = datetime.fromtimestamp(now() / 1000, UTC).replace(microsecond=0)
    made = Made((*hosts, *(each for each in OWN if each not in hosts)), at)
    place = folder / FOLDER / f"{at:%Y-%m-%d}-{made.fingerprint.replace(' ', '')[:8].lower()}"
    try:
        place.mkdir(parents=True, mode=0o700)
        keyfile.create(place / "key.pem", made.key, PRIVATE)
        keyfile.create(place / "certificate.pem", made.chain)
        keyfile.create(place / "authority.pem", made.authority)
    except OSError as why:
        _refused(f"{place}: {why.strerror or why}")
    below = os.path.relpath(place, folder)
    names = ", ".join(f'"{each}"' for each in hosts)
    lines = (
        f'certificate = "{below}/certificate.pem"', f'key = "{below}/key.pem"', f"hosts = [{names}]"
    )  # fmt: skip
    show(
        (
            f"authority to install on tablets: {place / 'authority.pem'}",
            f"its SHA-256, to compare there: {made.fingerprint}",
            f"it holds until {made.until:%Y-%m-%d}; its key is thrown away",
            "write under [api] of node.toml, with bind on an address of the network, and restart:",
            *(f"  {line}" for line in lines),
        ),
        {
            "authority": str(place / "authority.pem"), "fingerprint": made.fingerprint,
            "until": f"{made.until:%Y-%m-%d}", "hosts": list(hosts), "api": list(lines),
        },
        as_json=as_json,
    )  # fmt: skip


def _checked(hosts: list[str]) -> tuple[str, ...]:
    """The names, each once, lower case. Raises ValueError."""
    found = tuple(dict.fromkeys(each.lower() for each in hosts))
    if len(found) > HOSTS_MAX:
        raise ValueError(f"at most {HOSTS_MAX} names")
    for each in found:
        if _address(each) is None and not HOST_NAME.fullmatch(each):
            raise ValueError(f"{each!r} is neither a host name, such as node.local, nor an address")
    return found


def _refused(text: str) -> NoReturn:
    typer.echo(f"clearline: {text}", err=True)
    raise typer.Exit(REFUSED)


__all__ = ["Made", "console_cert"]
