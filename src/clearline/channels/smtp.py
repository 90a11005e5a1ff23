"""Mail: one message per ring through one submission server, plain text.

Headers are made of ``node.toml`` and of our own words; words of a peer stand in the body only,
which is encoded so that no line of it can end the message or start a header. TLS is on unless the
settings say ``security = "none"``.
"""

import asyncio
import smtplib
import socket
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from pathlib import Path
from re import ASCII
from re import compile as pattern
from typing import Final, Literal

import msgspec

from clearline.channels.kinds import ChannelKind
from clearline.channels.payload import as_text, subject_of
from clearline.model.entry import Precedence
from clearline.model.time import SECOND
from clearline.node.channel import Call, Delivered, Failed
from clearline.words.reader import ENGLISH, wish_fault

RECIPIENTS_MAX: Final = 50
"""A role is a handful of people; more belong behind a list address."""

_ADDRESS = pattern(r"[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", ASCII)


class SmtpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Submission server, sender, recipients. ``security``: ``tls`` from the first byte,
    ``starttls`` (refused if the server does not offer it), or ``none``. ``password_file`` holds the
    password of ``user``; it is never sent without TLS. ``languages``: in which the text is, one
    after the other; ``isolates = false`` where what shows it knows none (U+2068, U+2069)."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    security: Literal["tls", "starttls", "none"] = "starttls"
    user: str | None = None
    password_file: str | None = None
    ca_file: str | None = None
    timeout_s: float = 20.0
    languages: tuple[str, ...] = ENGLISH
    isolates: bool = True

    def __post_init__(self) -> None:
        """Raises ValueError."""
        unread = wish_fault(self.languages)
        if unread is not None:
            raise ValueError(f"`languages`: {unread}")
        for address in (self.sender, *self.to):
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"{address!r} is not an address such as watch@example.org")
        if not 1 <= len(self.to) <= RECIPIENTS_MAX:
            raise ValueError(f"`to` must name 1 to {RECIPIENTS_MAX} addresses")
        if not 1 <= self.port <= 65_535:
            raise ValueError("`port` must be 1 to 65535")
        if not 0 < self.timeout_s <= 120:
            raise ValueError("`timeout_s` must be above 0 and at most 120")
        if (self.user is None) is not (self.password_file is None):
            raise ValueError("`user` and `password_file` belong together")
        if self.user is not None and self.security == "none":
            raise ValueError("a password is never sent without TLS: set `security`")


class Smtp:
    """One submission server and the people it reaches."""

    def __init__(self, settings: SmtpSettings, password: str | None) -> None:
        self._settings = settings
        self._password = password
        self._tls = ssl.create_default_context(cafile=settings.ca_file)

    async def deliver(self, call: Call) -> Delivered | Failed:
        """Submit one message. Delivered means that the server took it for every recipient."""
        message = message_of(call, self._settings)
        attempt = _Attempt(self._settings, self._password, self._tls, message)
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await asyncio.to_thread(attempt.run)
        except TimeoutError:
            attempt.abandon()
            return Failed(why="timeout")


class _Attempt:
    """One talk with the server, in a thread of its own; ``abandon`` cuts it from outside."""

    def __init__(
        self,
        settings: SmtpSettings,
        password: str | None,
        tls: ssl.SSLContext,
        message: EmailMessage,
    ) -> None:
        self._settings, self._password, self._tls = settings, password, tls
        self._message = message
        self._leash: socket.socket | None = None  # the connection by a second handle
        self._abandoned = False

    def run(self) -> Delivered | Failed:
        try:
            return self._submit()
        except smtplib.SMTPNotSupportedError:
            return Failed(why="no-tls")
        except smtplib.SMTPAuthenticationError:
            return Failed(why="not-let-in")
        except smtplib.SMTPResponseException as error:
            return Failed(why=f"status-{error.smtp_code}")
        except smtplib.SMTPRecipientsRefused:
            return Failed(why="recipients-refused")
        except ssl.SSLError:
            return Failed(why="tls")
        except TimeoutError:
            return Failed(why="timeout")
        except (OSError, smtplib.SMTPException, ValueError):
            return Failed(why="unreachable")
        finally:
            if self._leash is not None:
                self._leash.close()

    def abandon(self) -> None:
        """Cut the connection, so that the thread ends whatever the server does, TLS or not."""
        self._abandoned = True
        if self._leash is not None:
            try:
                self._leash.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has just ended by itself

    def _submit(self) -> Delivered | Failed:
        settings = self._settings
        with self._connected() as sock:
            client = smtplib.SMTP(
                local_hostname=settings.sender.rpartition("@")[2], timeout=settings.timeout_s
            )
            client.sock = sock
            client._host = settings.host  # type: ignore[attr-defined]  # the name TLS checks
            try:
                return self._talk(client)
            finally:
                client.close()

    def _connected(self) -> socket.socket:
        settings = self._settings
        sock = socket.create_connection((settings.host, settings.port), settings.timeout_s)
        try:
            self._leash = sock.dup()
            if self._abandoned:
                raise TimeoutError
            if settings.security == "tls":
                return self._tls.wrap_socket(sock, server_hostname=settings.host)
        except BaseException:
            sock.close()
            raise
        return sock

    def _talk(self, client: smtplib.SMTP) -> Delivered | Failed:
        settings = self._settings
        code, _ = client.getreply()
        if code != 220:
            return Failed(why=f"status-{code}")
        if settings.security == "starttls":
            client.starttls(context=self._tls)
        if settings.user is not None and self._password is not None:
            client.login(settings.user, self._password)
        refused = client.send_message(self._message, settings.sender, list(settings.to))
        return Failed(why="recipients-refused") if refused else Delivered()


def message_of(call: Call, settings: SmtpSettings) -> EmailMessage:
    """The message: headers from settings and our own words, everything else in the body."""
    message = EmailMessage(policy=WIRE)
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.to)
    message["Subject"] = subject_of(call)
    message["Date"] = format_datetime(datetime.fromtimestamp(call.at // SECOND, tz=UTC))
    message["Message-ID"] = f"<{call.ring.key}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if call.alert.trouble.precedence in (Precedence.FLASH, Precedence.IMMEDIATE):
        message["Importance"] = "high"
    text = as_text(call, settings.languages, isolates=settings.isolates)
    message.set_content(text, charset="utf-8", cte="base64")
    return message


def open_smtp(settings: SmtpSettings) -> Smtp:
    """Read the password. Raises OSError."""
    password: str | None = None
    if settings.password_file is not None:
        password = Path(settings.password_file).read_text("utf-8").strip()
    return Smtp(settings, password)


CHANNEL: Final = ChannelKind(name="smtp", settings=SmtpSettings, open=open_smtp)
