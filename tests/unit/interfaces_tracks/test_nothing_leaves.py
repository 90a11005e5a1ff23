"""What leaves a node for its peer, read where it goes into the cipher: nothing of a track."""

import json
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clearline.client import asks
from clearline.interfaces.tracks.sockets import Datagrams
from clearline.model.ids import feed_of
from clearline.model.sighting import Binding
from clearline.node.requests import BindingFixes
from tests.api_node import Running, found, make_parties, notice, running, until

TLS_RECORDS = {20, 21, 22, 23}
OURS, TRACK = "QUOKKA 71", "ZEBRA942"
LAT, LON = 36.4715936, 33.2093842
SOURCES = """
[live]
drop_s = 30

[tracks.radar]
kind = "udp"
listen = "127.0.0.1:0"
silent_s = 0
"""


@dataclass
class Tap:
    """A path to a node's socket that keeps every byte that goes along it."""

    to: tuple[str, int]
    kept: bytearray = field(default_factory=bytearray)
    sockets: list[socket.socket] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[tuple[str, int]]:
        """Where to connect to instead."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.sockets.append(server)
            accepting = threading.Thread(target=self._accept, args=(server,), daemon=True)
            accepting.start()
            yield server.getsockname()[:2]
            for each in self.sockets:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            accepting.join(5)

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
                far = socket.create_connection(self.to)
            except OSError:
                return
            self.sockets += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while chunk := one.recv(65_536):
                self.kept += chunk
                other.sendall(chunk)
        except OSError:
            pass
        other.close()


def opened(streams: dict[int, bytearray]) -> bytes:
    """What was written into the ciphers: frame by frame, inflated where it was deflated."""
    plain = bytearray()
    for stream in streams.values():
        at = 0
        while at + 4 <= len(stream):
            (length,) = struct.unpack_from(">I", stream, at)
            frame = bytes(stream[at + 4 : at + 4 + length])
            at += 4 + length
            plain += zlib.decompress(frame[1:]) if frame[:1] == b"\x01" else frame[1:]
        assert at == len(stream), "every byte is of a frame"
    return bytes(plain)


def forms(degrees: float) -> set[bytes]:
    """A coordinate as it could be written: text, whole 1e-7 degrees in text and in binary, floats;
    also with some digits fewer."""
    e7 = round(degrees * 1e7)
    text = f"{degrees:.7f}"
    return {
        text.encode(), text[:-2].encode(), str(e7).encode(), str(e7)[:-2].encode(),
        struct.pack(">i", e7), struct.pack("<i", e7), struct.pack(">d", degrees),
        struct.pack("<d", degrees), struct.pack(">f", degrees), struct.pack("<f", degrees),
    }  # fmt: skip


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Running, Running, Tap]]:
    """ALFA with a radar, which BRAVO calls along a path that keeps what goes over it."""
    parties = tmp_path / "parties"
    parties.mkdir()
    make_parties(parties, "ALFA", "BRAVO")
    alfa = found(parties, tmp_path / "alfa", "ALFA", "BRAVO", listen="127.0.0.1:0")
    with (alfa / "node.toml").open("a", encoding="utf-8") as file:
        file.write(SOURCES)
    with running(alfa) as first:
        tap = Tap(first.node.links.addresses[0])
        with tap.open() as (host, port):
            bravo = found(parties, tmp_path / "bravo", "BRAVO", "ALFA")
            config = bravo / "node.toml"
            text = config.read_text()
            assert "[link.peers]\n" in text
            config.write_text(
                text.replace("[link.peers]\n", f'[link.peers]\nALFA = "{host}:{port}"\n', 1)
            )
            with running(bravo) as second:
                yield first, second, tap


def test_no_byte_of_a_track_goes_to_a_peer(
    nodes: tuple[Running, Running, Tap], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A track meets an own mover and rings; then a notice is filed, and stands at the peer. Of what
    was sent, all of it ciphered, the notice can be read, and neither name nor place of a track."""
    first, second, tap = nodes
    alfa = feed_of(first.node.runtime.conductor.local.party, 0)
    with first.client() as client, second.client() as peer:
        fix = BindingFixes(bindings=(Binding(call_sign=OURS, track="own4417y"),))
        client.do(asks.bind(first.line, fix))
        own = {"id": "own4417y", "lat": LAT, "lon": LON - 0.2, "track_deg": 90, "speed_mps": 100,
               "alt_m": 3000, "alt_ref": "AMSL", "vs_mps": 0}  # fmt: skip
        other = {**own, "id": TRACK, "lat": LAT, "lon": LON, "track_deg": 270}
        (way,) = [each for each in first.node.tracks.inputs if isinstance(each, Datagrams)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for said in (own, other):
                sender.sendto(json.dumps(said).encode() + b"\n", way.address)
        until(client, lambda: any(TRACK in each.words for each in client.do(asks.alerts())))
        size = first.node.runtime.conductor.state.lines[first.line].frontier(alfa).size
        client.file(first.line, notice(first.now(), label="marmalade area"))

        def held() -> bool:
            lines = second.node.runtime.conductor.state.lines
            return lines[second.line].frontier(alfa).size > size

        until(peer, held)
    second.stop()
    sent = opened(STREAMS)
    assert b"marmalade area" in sent
    desk = first.node.store.desk(first.line, 0, 10_000)
    assert TRACK.encode() in b"".join(record.data for record in desk)
    words = {OURS.encode(), TRACK.encode(), b"own4417y"}
    for word in words | forms(LAT) | forms(LON) | forms(LON - 0.2):
        assert word not in sent, word
        assert word not in bytes(tap.kept), word
    assert tap.kept[0] in TLS_RECORDS
    assert b"marmalade area" not in bytes(tap.kept)


STREAMS: dict[int, bytearray] = {}


@pytest.fixture(autouse=True)
def _tapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that this process gives to a cipher is kept, by its connection."""
    STREAMS.clear()
    write, alive = ssl.SSLObject.write, []

    def kept(self: ssl.SSLObject, data) -> int:
        count = write(self, data)
        alive.append(self)  # so that no other can have its id
        STREAMS.setdefault(id(self), bytearray()).extend(bytes(data)[:count])
        return count

    monkeypatch.setattr(ssl.SSLObject, "write", kept)
