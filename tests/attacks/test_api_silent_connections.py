"""Whoever opens connections to the API and then does not send, or does not read."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest

from clearline.api import connections
from clearline.model.alert import Alert
from tests.api_node import Running, found, make_parties, notice, running, until

WAIT_S = 30.0
"""Far more than the bounds that are set here; a test that waits this long has failed."""
SOON_S = 0.5


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running node."""
    folder = tmp_path_factory.mktemp("silent")
    make_parties(folder, "ALFA", "BRAVO")
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as alfa:
        yield alfa


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience is short here."""
    monkeypatch.setattr(connections, "HEAD_S", SOON_S)
    monkeypatch.setattr(connections, "STALLED_S", SOON_S)


def opened(node: Running, receive_bytes: int | None = None) -> socket.socket:
    """A bare connection to a node; ``receive_bytes``: how little its end takes unread."""
    where = urlsplit(node.address)
    bare = socket.socket()
    bare.settimeout(WAIT_S)
    if receive_bytes is not None:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    bare.connect((str(where.hostname), int(where.port or 0)))
    return bare


def hears(bare: socket.socket, wanted: bytes) -> None:
    """Read until something has come."""
    answer = b""
    while wanted not in answer:
        chunk = bare.recv(256)
        assert chunk, f"hung up before {wanted!r}"
        answer += chunk


def is_let_go(bare: socket.socket) -> bool:
    """Whether the other end hangs up, at once or in a while."""
    try:
        return bare.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


@pytest.mark.parametrize(
    "head", [b"", b"GET /v1/health HTTP/1.1\r\nHost: a\r\n", b"POST /v1/session HTTP/1.1\r\nX: "]
)
def test_head_that_never_ends_is_not_waited_for(node: Running, soon: None, head: bytes) -> None:
    """A connection on which nothing comes, or only the beginning of a request, is let go: enough
    of them would use up all that the node takes."""
    with opened(node) as bare:
        bare.sendall(head)
        assert is_let_go(bare)


def test_head_that_trickles_is_not_waited_for(node: Running, soon: None) -> None:
    """A byte now and then buys no time; neither does a request before it."""
    with opened(node) as bare:
        bare.sendall(b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        hears(bare, b"running")
        gone = threading.Event()

        def trickle() -> None:
            with suppress(OSError):
                while not gone.wait(SOON_S / 5):
                    bare.sendall(b"x")

        drops = threading.Thread(target=trickle)
        drops.start()
        try:
            assert is_let_go(bare)
        finally:
            gone.set()
            drops.join()


def test_connections_that_say_nothing_do_not_lock_others_out(node: Running, soon: None) -> None:
    """However many connections stay silent, all are let go, and the node answers."""
    with ExitStack() as held:
        silent = [held.enter_context(opened(node)) for _ in range(300)]
        assert all(is_let_go(each) for each in silent)
        with node.http(None) as http:
            assert http.get("/v1/health").status_code == 200


def rings(node: Running) -> Alert:
    """An alert of the node's, to be shown again and again."""
    with node.client() as client:
        client.file(node.line, notice(node.now(), 33.0, 36.0))
        client.file(node.line, notice(node.now(), 33.0, 36.0, label="other"))
        until(client, lambda: bool(client.alerts()))
    book = node.node.runtime.conductor.state.book
    return book.open()[0]


def test_page_that_does_not_read_is_dropped_and_told_of_its_gap(node: Running, soon: None) -> None:
    """A desk whose page hangs takes no more memory than its place in the stream, counts no longer
    as open soon after, and hears ``reset`` when it comes back after more than is kept."""
    alert, hub = rings(node), node.node.ringer.hub
    asked = (
        f"GET /v1/events?desk=hung HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {node.token()}\r\n\r\n"
    ).encode()
    with opened(node, 4_096) as hung:
        hung.sendall(asked)
        hears(hung, b"hello")
        first = hub.id_of(hub.last_seq)
        over = time.monotonic() + WAIT_S
        while hub.is_open("hung"):
            assert time.monotonic() < over, "a page that does not read is still open"
            shown = threading.Event()

            def show(done: threading.Event = shown) -> None:
                for _ in range(500):
                    hub.show(alert)
                done.set()

            node._loop.call_soon_threadsafe(show)
            assert shown.wait(WAIT_S)
        assert hub.last_seq > 0
        assert len(hub._kept) <= hub._kept.maxlen
    with node.client() as client:
        events = client.events(desk="hung", after=first, tries=3)
        names = [type(next(events)).__name__ for _ in range(2)]
        assert names == ["Hello", "Reset"]
        client.file(node.line, notice(node.now()))


def test_packed_body_is_not_unpacked(node: Running) -> None:
    """A body that says that it is compressed is read as it is: a thousand times as much cannot come
    out of it."""
    bomb = gzip.compress(b" " * (64 << 20))
    with node.http() as http:
        for encoding in ("gzip", "deflate", "br", "zstd"):
            answer = http.post(
                f"/v1/lines/{node.line}/notices", content=bomb,
                headers={"content-encoding": encoding, "content-type": "application/json"},
            )  # fmt: skip
            assert answer.status_code in (400, 415, 422)
        assert http.get("/v1/health").status_code == 200
