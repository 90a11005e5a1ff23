import asyncio
import hmac
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from clearline.channels import open_channel
from clearline.channels.payload import as_json
from clearline.channels.webhook import signed_headers
from clearline.model.time import Instant
from clearline.node.channel import Delivered, Failed
from tests.alert_cases import call_of, stop
from tests.channel_servers import Heard, http_server

SECRETS = (b"k" * 32, b"n" * 24)
OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def secret_file(folder: Path, number: int = 0) -> str:
    path = folder / f"secret{number}"
    path.write_text(f"whsec_{b64encode(SECRETS[number]).decode()}\n", "ascii")
    return str(path)


def delivered(
    folder: Path, answer: bytes | None, *, timeout_s: float = 5.0, secrets: int = 1
) -> tuple[Delivered | Failed, Heard]:
    async def run() -> tuple[Delivered | Failed, Heard]:
        async with http_server(answer) as heard:
            channel = open_channel(
                "webhook",
                {
                    "url": f"http://127.0.0.1:{heard.port}/alerts?x=1",
                    "secret_files": [secret_file(folder, n) for n in range(secrets)],
                    "timeout_s": timeout_s,
                },
            )
            return await channel.deliver(call_of(stop())), heard

    return asyncio.run(run())


def test_call_is_posted_and_signed(tmp_path: Path) -> None:
    """The body is the payload; the signature verifies as the standard says, independently made."""
    outcome, heard = delivered(tmp_path, OK)
    assert outcome == Delivered()
    assert heard.lines == ["POST /alerts?x=1 HTTP/1.1"]
    (body,), (headers,) = heard.bodies, heard.headers
    assert body == as_json(call_of(stop()))
    assert headers["content-type"] == "application/json"
    assert headers["webhook-timestamp"] == "1537209540"
    version, _, mark = headers["webhook-signature"].partition(",")
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert version == "v1"
    assert b64decode(mark) == hmac.new(SECRETS[0], content, sha256).digest()


def test_published_vector_of_standard_webhooks_is_met() -> None:
    """The example that the standard's own libraries test with."""
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        Instant(1_614_265_330_000),
        b'{"test": 2432232314}',
        (secret,),
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_both_secrets_sign_while_keys_are_changed(tmp_path: Path) -> None:
    """A receiver with the old or the new secret accepts."""
    _, heard = delivered(tmp_path, OK, secrets=2)
    assert len(heard.headers[0]["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize("status", [302, 307, 400, 410, 500, 503])
def test_status_other_than_success_fails(tmp_path: Path, status: int) -> None:
    """Whatever is not 2xx reached nobody; trying again is the ladder's business."""
    answer = f"HTTP/1.1 {status} No\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".encode()
    outcome, heard = delivered(tmp_path, answer)
    assert (outcome, heard.connected) == (Failed(why=f"status-{status}"), 1)


def test_nobody_listening_fails(tmp_path: Path) -> None:
    """A port that is closed is an outcome, not an exception."""

    async def run() -> Delivered | Failed:
        async with http_server(OK) as heard:
            port = heard.port
        channel = open_channel(
            "webhook",
            {"url": f"http://127.0.0.1:{port}/", "secret_files": [secret_file(tmp_path)]},
        )
        return await channel.deliver(call_of(stop()))

    assert asyncio.run(run()) == Failed(why="unreachable")


def test_secret_that_is_too_short_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    """The sentence names the file and the length, never what stands in it."""
    weak = tmp_path / "weak"
    weak.write_text("whsec_c2VjcmV0", "ascii")
    with pytest.raises(ValueError, match="24 to 64 bytes") as caught:
        open_channel("webhook", {"url": "https://example.org/", "secret_files": [str(weak)]})
    assert "c2VjcmV0" not in str(caught.value)
