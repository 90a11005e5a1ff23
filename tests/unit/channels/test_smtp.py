import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clearline.channels import open_channel
from clearline.channels.payload import as_text
from clearline.node.channel import Delivered, Failed
from tests.alert_cases import call_of, stop

PASSWORD = "a long pass phrase"


@dataclass
class Box:
    """What the server took."""

    mails: list[bytes] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    refuse: str | None = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == self.refuse:
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope.content)
        self.to.append(envelope.rcpt_tos)
        return "250 OK"


class _AnyPort(Controller):
    """Binds a port that the system chooses; aiosmtpd asks the fixed one otherwise."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def server(box: Box, **options: object) -> Iterator[int]:
    controller = _AnyPort(box, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A server's context for 127.0.0.1, and the file of the certificate that signs for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context, str(folder / "ca.pem")


def deliver(port: int, **settings: object) -> Delivered | Failed:
    given = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "node@isr.example",
        "to": ["watch@isr.example", "senior@isr.example"],
        **settings,
    }
    return asyncio.run(open_channel("smtp", given).deliver(call_of(stop())))


def test_mail_is_submitted_to_every_recipient() -> None:
    """Plain text, our subject, the call's time; the body is the payload's text."""
    box = Box()
    with server(box) as port:
        assert deliver(port, security="none") == Delivered()
    (mail,) = (message_from_bytes(m, policy=default) for m in box.mails)
    assert box.to == [["watch@isr.example", "senior@isr.example"]]
    assert mail["Subject"] == "Clearline: FLASH STOP from RUS, 18:39:00Z"
    assert mail["Date"] == "Mon, 17 Sep 2018 18:39:00 +0000"
    assert mail["Message-ID"] == f"<{call_of(stop()).ring.key}@isr.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == as_text(call_of(stop()))


def test_starttls_is_used_and_the_password_sent_under_it(
    tls: tuple[ssl.SSLContext, str], tmp_path: Path
) -> None:
    """The server that lets in only after TLS and the password takes the mail."""
    (tmp_path / "password").write_text(PASSWORD + "\n", "utf-8")
    box, let_in = Box(), []

    def ask(server, session, envelope, mechanism, given):
        let_in.append((session.ssl is not None, given.password.decode()))
        return AuthResult(success=given.password.decode() == PASSWORD, handled=False)

    options = {"tls_context": tls[0], "require_starttls": True, "authenticator": ask,
               "auth_required": True}  # fmt: skip
    with server(box, **options) as port:
        login = {"user": "node", "password_file": str(tmp_path / "password"), "ca_file": tls[1]}
        assert deliver(port, **login) == Delivered()
        (tmp_path / "password").write_text("wrong", "utf-8")
        assert deliver(port, **login) == Failed(why="not-let-in")
    assert let_in[0] == (True, PASSWORD)
    assert len(box.mails) == 1


def test_server_without_tls_gets_nothing() -> None:
    """Where STARTTLS is asked for, a server that does not offer it is not talked to."""
    box = Box()
    with server(box) as port:
        assert deliver(port) == Failed(why="no-tls")
    assert box.mails == []


def test_certificate_of_a_stranger_is_refused(tls: tuple[ssl.SSLContext, str]) -> None:
    """TLS to somebody else is not delivery."""
    box = Box()
    with server(box, tls_context=tls[0]) as port:
        assert deliver(port) == Failed(why="tls")
    assert box.mails == []


def test_one_recipient_refused_is_a_failure() -> None:
    """Half a role reached is said, so that the ladder goes on."""
    with server(Box(refuse="senior@isr.example")) as port:
        assert deliver(port, security="none") == Failed(why="recipients-refused")


def test_nobody_listening_fails() -> None:
    """A closed port is an outcome."""
    with server(Box()) as port:
        pass
    assert deliver(port, security="none") == Failed(why="unreachable")
