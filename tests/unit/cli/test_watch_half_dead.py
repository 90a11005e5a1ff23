"""The terminal board while its node hangs, is away, or refuses: it goes on, and says so."""

import os
import pty
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pytest
from msgspec.structs import replace

from clearline.api.app import PACKED_BYTES_MIN
from clearline.cli.behind import Eyes, Hands
from clearline.cli.board import rows
from clearline.cli.desk import Desk
from clearline.client import Client
from clearline.model.alert import AlertState, Severity
from tests.api_node import Running, found, make_parties, notice, running
from tests.unit.cli.test_board import SIZE, _until

WAIT_S: Final = 60


class Link:
    """A way to a node that can be cut, and that can swallow what goes over it."""

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._to = (host, int(port))
        self._open = threading.Event()
        self._open.set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._begin(self._serve)

    def hang(self) -> None:
        """Nothing is answered from now on, and nothing is refused."""
        self._open.clear()

    def close(self) -> None:
        """Nobody listens any more, and what was open is cut."""
        self._open.set()
        shut(self._server)
        for end in self._ends:
            shut(end)
        for thread in self._threads:
            thread.join(WAIT_S)
        for each in (self._server, *self._ends):
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                here, _ = self._server.accept()
            except OSError:
                return
            there = socket.create_connection(self._to)
            self._ends += [here, there]
            for one, other in ((here, there), (there, here)):
                self._begin(self._carry, one, other)

    def _begin(self, work: Callable[..., None], *ends: socket.socket) -> None:
        thread = threading.Thread(target=work, args=ends, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while part := one.recv(65_536):
                self._open.wait()
                other.sendall(part)
        except OSError:
            pass
        shut(other)


def shut(end: socket.socket) -> None:
    """Cut one end."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A node with a conflict."""
    folder = tmp_path_factory.mktemp("half-dead")
    make_parties(folder, "ALFA", "BRAVO")
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as alfa:
        with alfa.client() as client:
            for label in ("one", "other"):
                client.file(alfa.line, notice(alfa.now(), label=label))
        yield alfa


@contextmanager
def watched(node: Running, link: Link, *more: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The board over the link on a terminal of its own; and the other end of the terminal."""
    mine, theirs = pty.openpty()
    token = str(node.folder / "tokens" / "watch.token")
    process = subprocess.Popen(
        [sys.executable, "-m", "clearline", "watch", "--url", link.address, "--token-file", token,
         *more],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "PYTHONPATH": "src", "TERM": "xterm", **SIZE},
    )  # fmt: skip
    os.close(theirs)
    try:
        yield process, mine
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        link.close()


def test_board_goes_on_while_the_node_hangs(node: Running) -> None:
    """Ctrl-S freezes nothing. A key that takes a duty says that it waits; clock and keys go on
    meanwhile, the next act says that nothing was done, and SIGTERM gives the terminal back."""
    link = Link(node.address)
    with watched(node, link) as (process, mine):
        _until(mine, b"CONFLICT", b"")
        os.write(mine, b"\x13")
        link.hang()
        os.write(mine, b"a")
        _until(mine, b"waiting for the node: taking", b"")
        os.write(mine, b"a")
        _until(mine, b"not done: still waiting for the node: taking", b"")
        os.write(mine, b"?")
        _until(mine, b"j k PgUp", b"")
        os.write(mine, b"\x1b")
        _until(mine, b"DUTIES", b"")
        process.send_signal(signal.SIGTERM)
        _until(mine, b"\x1b[?25h\x1b[?1049l", b"")
        assert process.wait(WAIT_S) == 128 + signal.SIGTERM
        os.close(mine)


def test_board_says_at_once_that_its_node_is_away(node: Running) -> None:
    """A node that is gone is said above everything, with the time that the board is of; the desk
    hears nothing meanwhile. A terminal that is closed ends the board."""
    link = Link(node.address)
    with watched(node, link) as (process, mine):
        _until(mine, b"CONFLICT", b"")
        link.close()
        os.write(mine, b"a")  # whatever is asked next, finds nobody
        _until(mine, b"THIS BOARD IS", b"")
        os.close(mine)
        process.wait(WAIT_S)


def test_plain_board_says_that_its_node_is_away(node: Running) -> None:
    """For a screen reader silence would be the same as a quiet night."""
    link = Link(node.address)
    token = str(node.folder / "tokens" / "watch.token")
    process = subprocess.Popen(
        [sys.executable, "-m", "clearline", "watch", "--plain", "--url", link.address,
         "--token-file", token],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "CONFLICT" in line:
                break
        link.close()
        process.stdin.write("a\n")
        process.stdin.flush()
        said = next(line for line in process.stdout if "THIS BOARD IS OF" in line)
        assert "does not answer" in said
        process.stdin.write("q\n")
        process.stdin.flush()
        assert process.wait(WAIT_S) == 0
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_sign_in_that_has_run_out_is_said_until_the_board_is_read_again(node: Running) -> None:
    """The refusal stands above everything whatever is pressed, and goes with the next reading."""
    news = threading.Event()
    with node.client() as client, Client(node.address, "nobody") as out, node.client() as reading:
        desk = Desk(client, "terminal", lambda _: (0, []), news, Eyes(out, "terminal", news))
        desk.read()
        assert desk.eyes is not None
        assert not desk.eyes.look()
        assert news.is_set()
        desk.look()
        desk.press("j")
        assert "refused" in "\n".join(row.text for row in rows(desk.screen(80, 24)))
        desk.eyes.client = reading
        assert desk.eyes.look()
        desk.look()
        assert "THIS BOARD" not in "\n".join(row.text for row in rows(desk.screen(80, 24)))


def test_what_stands_on_the_screen_is_confirmed_beside_it(node: Running) -> None:
    """Presented (R3) is told by the thread that reads: fifty of them hold up no key."""
    news = threading.Event()
    with node.client() as client, node.client() as reading:
        desk = Desk(client, "beside", lambda _: (0, []), news, Eyes(reading, "beside", news))
        desk.read()
        assert desk.board is not None
        waiting = [each for each in desk.board.alerts if each.sounding and each.presented is None]
        desk.confirm(desk.board.alerts)
        assert desk.eyes is not None
        assert desk.eyes.shown.qsize() == len(waiting)
        assert desk.eyes.look()
        desk.look()
        assert all(each.presented is not None for each in desk.board.alerts if each.sounding)


def test_one_thing_at_a_time_is_asked_of_the_node() -> None:
    """What hangs does not let a second press through; another lane, such as STOP, is free."""
    free, begun, news = threading.Event(), threading.Event(), threading.Event()
    hands, said = Hands(news), list[str]()

    def hanging() -> str:
        begun.set()
        assert free.wait(WAIT_S)
        return "taken"

    assert hands.do("key", "taking", hanging, said.append)
    assert begun.wait(WAIT_S)
    assert not hands.do("key", "taking", hanging, said.append)
    assert hands.do("command", "stop", lambda: "sent", said.append)
    assert news.wait(WAIT_S)
    hands.settle()
    assert said == ["sent"]
    assert hands.waits == {"key": "taking"}
    news.clear()
    free.set()
    assert news.wait(WAIT_S)
    hands.settle()
    assert said == ["sent", "taken"]
    assert hands.waits == {}


def test_stop_that_is_heard_stands_there_before_the_board_is_read(node: Running) -> None:
    """An alert of the event stream is on the screen at once, stays when a board comes that was
    under way before, and is the board's own word afterwards; one that is over goes."""
    news = threading.Event()
    with node.client() as client, node.client() as reading:
        eyes = Eyes(reading, "terminal", news)
        desk = Desk(client, "terminal", lambda _: (0, []), news, eyes)
        old = desk.read()
        stop = replace(
            old.alerts[0], id="stop", words="STOP from BRAVO", severity=Severity.EMERGENCY,
            state=AlertState.RAISED,
        )  # fmt: skip
        eyes.found.put(stop)
        eyes.found.put(old)
        desk.look()
        text = [row.text for row in rows(desk.screen(80, 24))]
        assert f"DUTIES {old.node.open_duties + 1}" in text
        assert any("STOP from BRAVO" in line for line in text)
        eyes.found.put(replace(stop, state=AlertState.CLOSED))
        desk.look()
        assert "STOP" not in "".join(row.text for row in rows(desk.screen(80, 24))[:-1])
        assert eyes.look()
        desk.look()
        assert desk.board is not None
        assert {each.id for each in desk.board.alerts} == {each.id for each in old.alerts}


def test_board_with_many_duties_is_sent_packed(node: Running) -> None:
    """A large answer is packed for who takes it so, and is the same; a small one is not."""
    with node.http() as http:
        plain = http.get("/v1/words/en", headers={"accept-encoding": "identity"})
        packed = http.get("/v1/words/en")
        assert len(plain.content) > PACKED_BYTES_MIN
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
        assert packed.content == plain.content
        assert "content-encoding" not in http.get("/v1/me").headers
