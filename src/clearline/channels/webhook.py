"""Webhook: one POST of the payload, signed as Standard Webhooks 1.0 says (symmetric, ``v1``).

The address comes from ``node.toml`` alone. No redirect is followed, no proxy of the environment is
used, the answer's body is not read, and the whole exchange has one time limit. Trying again is the
ladder's business; ``webhook-id`` is the same for the same ring, so that a repeat is recognised.
"""

import asyncio
import hmac
import ssl
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import httpx2
import msgspec

from clearline.channels.kinds import ChannelKind
from clearline.channels.payload import as_json
from clearline.model.time import SECOND, Instant
from clearline.node.channel import Call, Delivered, Failed
from clearline.words.reader import ENGLISH, wish_fault

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 -- the format's public prefix, not a secret
SECRET_BYTES_MIN: Final = 24
SECRET_BYTES_MAX: Final = 64
"""Standard Webhooks, 'Signature scheme': between 24 and 64 bytes."""
SECRETS_MAX: Final = 4
"""The one in use and the next ones while keys are changed: every signature is a header's length."""


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``secret_files``: files with one ``whsec_...`` secret each, all sign. ``plain_http`` allows
    http:// to other machines; to this one it always may be. ``ca_file``: PEM, instead of the
    system's authorities. ``languages``: of headline and reminder; ``isolates = false`` where what
    shows them knows none (U+2068, U+2069)."""

    url: str
    secret_files: tuple[str, ...]
    timeout_s: float = 10.0
    ca_file: str | None = None
    plain_http: bool = False
    languages: tuple[str, ...] = ENGLISH
    isolates: bool = True

    def __post_init__(self) -> None:
        """Raises ValueError."""
        unread = wish_fault(self.languages)
        if unread is not None:
            raise ValueError(f"`languages`: {unread}")
        try:
            url = httpx2.URL(self.url)
        except httpx2.InvalidURL as error:
            raise ValueError(f"`url` is not an address: {error}") from error
        if url.scheme not in ("https", "http") or not url.host:
            raise ValueError("`url` must start with https:// and name a host")
        if url.scheme == "http" and not (self.plain_http or _is_this_machine(url.host)):
            raise ValueError("`url` must be https, or `plain_http = true` said")
        if url.userinfo:
            raise ValueError("`url` must not hold a user or password: the signature says who calls")
        if not 1 <= len(self.secret_files) <= SECRETS_MAX:
            raise ValueError(f"`secret_files` must name 1 to {SECRETS_MAX} files")
        if not 0 < self.timeout_s <= 60:
            raise ValueError("`timeout_s` must be above 0 and at most 60")


class Webhook:
    """One address that is called."""

    def __init__(self, settings: WebhookSettings, secrets: tuple[bytes, ...]) -> None:
        self._settings = settings
        self._secrets = secrets
        self._tls = ssl.create_default_context(cafile=settings.ca_file)

    async def deliver(self, call: Call) -> Delivered | Failed:
        """POST it once. Delivered means a status of 2xx."""
        body = as_json(
            call, self._settings.languages, isolates=self._settings.isolates
        )  # fmt: skip
        headers = signed_headers(call.ring.key, call.at, body, self._secrets)
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await self._post(body, headers)
        except TimeoutError:
            return Failed(why="timeout")
        except httpx2.TimeoutException:
            return Failed(why="timeout")
        except (httpx2.HTTPError, OSError):
            return Failed(why="unreachable")

    async def _post(self, body: bytes, headers: dict[str, str]) -> Delivered | Failed:
        async with (
            httpx2.AsyncClient(
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
                timeout=self._settings.timeout_s,
            ) as client,
            client.stream("POST", self._settings.url, content=body, headers=headers) as answer,
        ):
            if 200 <= answer.status_code < 300:
                return Delivered()
            return Failed(why=f"status-{answer.status_code}")


def signed_headers(
    key: str, at: Instant, body: bytes, secrets: tuple[bytes, ...]
) -> dict[str, str]:
    """Headers of Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body``, one ``v1`` a secret."""
    stamp = str(at // SECOND)
    signed = b".".join((key.encode(), stamp.encode(), body))
    marks = [b64encode(hmac.new(secret, signed, sha256).digest()).decode() for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "clearline",
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def read_secret(path: str) -> bytes:
    """The secret in a file. Raises ValueError without a word of it, OSError."""
    with Path(path).open("rb") as file:
        text = file.read(4_096).strip()
    try:
        secret = b64decode(text.removeprefix(SECRET_PREFIX.encode()), validate=True)
    except Base64Error:
        secret = b""
    if not SECRET_BYTES_MIN <= len(secret) <= SECRET_BYTES_MAX:
        raise ValueError(
            f"{path} must hold {SECRET_PREFIX} and the base64 form of"
            f" {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes"
        )
    return secret


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def open_webhook(settings: WebhookSettings) -> Webhook:
    """Read the secrets. Raises ValueError, OSError."""
    return Webhook(settings, tuple(read_secret(path) for path in settings.secret_files))


CHANNEL: Final = ChannelKind(name="webhook", settings=WebhookSettings, open=open_webhook)
