"""The other end of a channel redirects, hangs, or never stops talking."""

import asyncio
from base64 import b64encode
from pathlib import Path

import pytest

from clearline.channels import open_channel
from clearline.node.channel import Channel, Delivered, Failed
from tests.alert_cases import call_of, stop
from tests.channel_servers import http_server, slow_server


def webhook(port: int, folder: Path, timeout_s: float) -> Channel:
    secret = folder / "secret"
    secret.write_text(f"whsec_{b64encode(b'k' * 32).decode()}", "ascii")
    settings = {"url": f"http://127.0.0.1:{port}/", "secret_files": [str(secret)]}
    return open_channel("webhook", {**settings, "timeout_s": timeout_s})


def smtp(port: int, timeout_s: float, security: str) -> Channel:
    return open_channel(
        "smtp",
        {
            "host": "127.0.0.1", "port": port, "sender": "a@b.example", "to": ["c@d.example"],
            "security": security, "timeout_s": timeout_s,
        },
    )  # fmt: skip


def test_webhook_redirect_is_not_followed(tmp_path: Path) -> None:
    """An alert is never carried to an address that the configuration does not name."""

    async def run() -> tuple[Delivered | Failed, int]:
        async with http_server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as inner:
            where = f"http://127.0.0.1:{inner.port}/"
            moved = f"HTTP/1.1 308 Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n"
            async with http_server(moved.encode()) as outer:
                outcome = await webhook(outer.port, tmp_path, 5.0).deliver(call_of(stop()))
            return outcome, inner.connected

    assert asyncio.run(run()) == (Failed(why="status-308"), 0)


def test_webhook_that_never_answers_ends_in_time(tmp_path: Path) -> None:
    """A silent server costs the time limit and no more."""

    async def run() -> Delivered | Failed:
        async with http_server(None) as heard:
            return await webhook(heard.port, tmp_path, 0.2).deliver(call_of(stop()))

    assert asyncio.run(run()) == Failed(why="timeout")


def test_webhook_body_without_end_is_not_read(tmp_path: Path) -> None:
    """The status decides; a body that claims a terabyte is left where it is."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n" + b"x" * 65_536

    async def run() -> Delivered | Failed:
        async with http_server(answer) as heard:
            return await webhook(heard.port, tmp_path, 5.0).deliver(call_of(stop()))

    assert asyncio.run(run()) == Delivered()


@pytest.mark.parametrize(
    "answer",
    [b"\x00" * 1_000, b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000],
)
def test_webhook_answer_that_is_not_http_fails(tmp_path: Path, answer: bytes) -> None:
    """Garbage, a cut answer and headers without end are failures, not exceptions."""

    async def run() -> Delivered | Failed:
        async with http_server(answer) as heard:
            return await webhook(heard.port, tmp_path, 5.0).deliver(call_of(stop()))

    assert asyncio.run(run()) == Failed(why="unreachable")


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("greeting", [b"", b"220-still\r\n220-talking\r\n", b"220 mail\r\n"])
def test_mail_server_that_hangs_is_left_and_its_thread_ends(security: str, greeting: bytes) -> None:
    """At the time limit the connection is cut from our side, at whatever stage, TLS or not."""

    async def run() -> Delivered | Failed:
        async with slow_server(greeting) as heard:  # leaves only when our side has hung up
            return await smtp(heard.port, 0.2, security).deliver(call_of(stop()))

    assert asyncio.run(run()).why in ("timeout", "tls", "unreachable")


@pytest.mark.parametrize(
    "greeting", [b"500 go away\r\n", b"\x00\xff\r\n", b"220 " + b"x" * 100_000]
)
def test_mail_server_that_talks_nonsense_fails(greeting: bytes) -> None:
    """Whatever it says is an outcome, not an exception."""

    async def run() -> Delivered | Failed:
        async with slow_server(greeting) as heard:
            return await smtp(heard.port, 0.5, "none").deliver(call_of(stop()))

    assert isinstance(asyncio.run(run()), Failed)
