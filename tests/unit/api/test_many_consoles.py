"""Many pages of one operations room at one node: what all of them are shown is made once."""

import socket
from collections import Counter
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from clearline.api import events
from clearline.model.alert import Alert
from clearline.node.queries import alert_view
from clearline.node.views import AlertView
from tests.api_node import Running, notice

DESKS = 20
WAIT_S = 30.0


def listening(node: Running, desk: str) -> socket.socket:
    """A desk's stream on a bare socket, once it has begun."""
    where = urlsplit(node.address)
    bare = socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=WAIT_S)
    head = f"GET /v1/events?desk={desk} HTTP/1.1\r\nHost: a\r\n"
    bare.sendall(f"{head}Authorization: Bearer {node.token()}\r\n\r\n".encode())
    hears(bare, b"event: hello")
    return bare


def hears(bare: socket.socket, wanted: bytes) -> bytes:
    """Read until something has come."""
    heard = b""
    while wanted not in heard:
        chunk = bare.recv(65_536)
        assert chunk, f"hung up before {wanted!r}"
        heard += chunk
    return heard


def test_alarm_is_put_into_words_once_for_all_desks(
    node: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty desks hear the same alarm: its view is made once for each event, not once for each
    desk, and every desk hears it."""
    made: Counter[str] = Counter()

    def counted(alert: Alert, *more: object) -> AlertView:
        made[alert.id] += 1
        return alert_view(alert, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(events, "alert_view", counted)
    with ExitStack() as held:
        desks = [held.enter_context(listening(node, f"desk-{n}")) for n in range(DESKS)]
        with node.client() as client:
            client.file(node.line, notice(node.now(), 33.0, 36.0))
            client.file(node.line, notice(node.now(), 33.0, 36.0, label="other"))
            first = client.alerts()[0].id
        for desk in desks:
            hears(desk, first.encode())
    assert 0 < made[first] < DESKS / 2


def test_view_of_the_node_that_was_made_for_another_is_never_an_old_one(node: Running) -> None:
    """What was seen of the node is given to others for a moment, but not when anything has
    happened since."""
    with node.client() as client:
        before = client.node()
        refs = client.file(node.line, notice(node.now())).refs
        after = client.node()
    assert len(refs) == 1
    assert after.lines[0].live == (before.lines[0].live or 0) + 1
    assert after.now >= before.now
