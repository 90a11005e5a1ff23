"""A real node: each way in raises and clears alarms, by its API, and tells nobody."""

import json
import socket
from collections.abc import Callable

import pytest

from clearline.client import Client, Refused, asks
from clearline.interfaces.tracks.sockets import Datagrams, Streams
from clearline.model.ids import parse_ref
from clearline.model.sighting import Binding
from clearline.node.live.track_views import LiveView
from clearline.node.requests import BindingFixes
from tests.api_node import Running, cli, until
from tests.unit.interfaces_tracks.aircraft_server import AircraftServer


def record(id_: str, lat: float, lon: float, course: float = 90.0, **more: object) -> bytes:
    """One line, moving at 100 m/s at 3,000 m."""
    said = {"id": id_, "lat": lat, "lon": lon, "track_deg": course, "speed_mps": 100,
            "alt_m": 3000, "alt_ref": "AMSL", "vs_mps": 0, **more}  # fmt: skip
    return json.dumps(said).encode() + b"\n"


def seen_within(client: Client, holds: Callable[[LiveView], bool]) -> LiveView:
    """Look until it is so; each look is a request, so that the node goes on meanwhile."""
    for _ in range(500):
        view = client.do(asks.tracks(limit=5_000))
        if holds(view):
            return view
    raise AssertionError(f"it never came about: {view}")


def names(view: LiveView) -> set[str]:
    """The tracks that are shown."""
    return {track.seen.name for track in view.shown}


def send_udp(node: Running, data: bytes) -> None:
    """One datagram."""
    (way,) = [each for each in node.node.tracks.inputs if isinstance(each, Datagrams)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(data, way.address)


def connect(node: Running) -> socket.socket:
    """A connection to the TCP source."""
    (way,) = [each for each in node.node.tracks.inputs if isinstance(each, Streams)]
    return socket.create_connection(way.address)


def rung(client: Client, other: str) -> bool:
    """Whether an alarm is open that names a track."""
    return any(other in alert.words for alert in client.do(asks.alerts()))


def bind(node: Running, call_sign: str, track: str) -> None:
    """A person says which track an own mover is."""
    with node.client() as client:
        fixes = BindingFixes(bindings=(Binding(call_sign=call_sign, track=track),))
        client.do(asks.bind(node.line, fixes))


def test_datagram_raises_an_alarm_and_another_one_ends_it(node: Running) -> None:
    """Head on: the event stream brings the alarm; turned away and apart, it is over."""
    bind(node, "RELIEF 1", "own1")
    with node.client() as client:
        send_udp(node, record("own1", 35.0, 34.0) + record("foe1", 35.0, 34.2, 270))
        until(client, lambda: rung(client, "foe1"))
        send_udp(node, record("own1", 35.0, 34.0, 0) + record("foe1", 36.5, 34.2, 0))
        seen_within(client, lambda view: not any("foe1" in f.words for f in view.findings))


def test_stream_and_file_and_aircraft_json_bring_tracks(
    node: Running, aircraft: AircraftServer
) -> None:
    """A connection, a file that grows, and readsb: the tracks of each stand under its name, and the
    file is followed when it is begun anew."""
    path = node.folder / "tracks.ndjson"
    path.write_bytes(record("f1", 10, 10)[:30])
    now = node.now() / 1000
    aircraft.body = json.dumps({"now": now, "messages": 5, "aircraft": [
        {"hex": "4ca123", "flight": "EIN123  ", "lat": 12.5, "lon": 13.5, "seen_pos": 0.5,
         "alt_baro": "ground", "gs": 12.0, "track": 90.0, "type": "adsb_icao", "mlat": []},
        {"hex": "nowhere", "alt_baro": 32000},
        {"hex": "~2f00aa", "lat": 12.6, "lon": 13.5, "alt_baro": 32000, "gs": 450},
    ]}).encode()  # fmt: skip
    with connect(node) as sender, node.client() as client:
        sender.sendall(record("t1", 20, 20)[:40])
        sender.sendall(record("t1", 20, 20)[40:] + record("t2", 21, 21))
        with path.open("ab") as file:
            file.write(record("f1", 10, 10)[30:])
        wanted = {"tcp/t1", "tcp/t2", "file/f1", "adsb/4ca123", "adsb/~2f00aa"}
        view = seen_within(client, lambda view: wanted <= names(view))
        (ground,) = [t.seen for t in view.shown if t.seen.id == "4ca123"]
        assert (ground.ref, ground.height_m, ground.call_sign) == ("SFC", None, "EIN123")
        (still,) = [t.seen for t in view.shown if t.seen.id == "~2f00aa"]
        assert (still.course_deg, still.speed_mps, still.ref) == (None, 0, "FL")
        assert "adsb/nowhere" not in names(view)
        path.unlink()
        path.write_bytes(record("f2", 10, 10))
        seen_within(client, lambda view: "file/f2" in names(view))


def test_aircraft_json_that_cannot_be_had_rings_until_it_can(
    node: Running, aircraft: AircraftServer
) -> None:
    """An error of the server is a fault of the source, said once, and over when it is."""
    good, aircraft.status = aircraft.body, 500
    with node.client() as client:
        until(client, lambda: rung(client, "cannot be reached"))
        aircraft.body, aircraft.status = good, 200
        seen_within(client, lambda view: not any("adsb" in f.words for f in view.findings))


def test_tracks_are_fed_bound_and_shown_by_the_command_line(node: Running) -> None:
    """``feed`` names the line that it refuses, ``live`` shows what stands, ``bind`` lists."""
    file = node.folder / "fed.ndjson"
    file.write_bytes(
        record("own2", 45.0, 34.0) + b'{"id":"x","lat":95}\n' + record("foe2", 45.0, 34.1, 270)
    )
    flags = ("--node", str(node.folder))
    cli("tracks", "bind", "RELIEF 2", "api/own2", *flags)
    fed = cli("tracks", "feed", str(file), *flags, code=1)
    assert "2 taken" in fed
    assert "line 2 REFUSED" in fed
    with node.client() as client:
        until(client, lambda: rung(client, "foe2"))
    shown = cli("tracks", "live", *flags)
    assert "api/own2 = RELIEF 2" in shown
    assert "RELIEF 2 and “foe2”: SEPARATION LOST in" in shown
    assert "RELIEF 2 is api/own2" in cli("tracks", "bind", *flags)
    cli("tracks", "bind", "RELIEF 2", "--gone", *flags)
    with node.client() as client:
        seen_within(client, lambda view: not any("foe2" in f.words for f in view.findings))


def test_put_of_one_track_and_of_a_wrong_path(node: Running) -> None:
    """PUT takes the track of its path, refuses another's and what cannot be; a reader may not."""
    with node.http() as http:
        body = record("solo", 1, 2)
        assert http.put("/v1/tracks/solo", content=body).json()["took"] == {"taken": 1}
        assert http.put("/v1/tracks/other", content=body).status_code == 422
        bad = record("solo", 1, 2, speed_mps=1e9)
        assert http.put("/v1/tracks/solo", content=bad).json()["code"] == "number-range"
    with node.http("investigator") as http:
        assert http.put("/v1/tracks/solo", content=body).status_code == 403


def test_notice_that_is_not_ours_is_not_bound(node: Running) -> None:
    """A binding beside a notice that is not a live one of ours is refused, by its field."""
    with node.client() as client:
        for ref, code in (("BRAVO.0/0", "not-own"), ("ALFA.0/9999", "not-live")):
            wrong = Binding(call_sign="R", track="r", notice=parse_ref(ref))
            with pytest.raises(Refused) as refused:
                client.do(asks.bind(node.line, BindingFixes(bindings=(wrong,))))
            assert refused.value.problem.code == code
        with pytest.raises(Refused):
            client.do(asks.tell_off_route(node.line, "RELIEF 1"))


def test_rubbish_on_every_way_in_is_counted_and_the_node_goes_on(
    node: Running, aircraft: AircraftServer
) -> None:
    """Bytes that are nothing, numbers that cannot be, lines without end: refused, each counted;
    what is good after them is taken."""
    aircraft.body = b'{"now":1e999,"aircraft":[{"hex":1}]}'
    send_udp(node, b"\x00\xff" * 500 + b"\n" + b'{"id":"n","lat":NaN,"lon":0,"speed_mps":0}')
    with connect(node) as sender, node.client() as client:
        sender.sendall(b"x" * 50_000 + b"\n" + b"[" * 3_000 + b"\n" + record("after", 3, 3))
        view = seen_within(
            client,
            lambda view: (
                "tcp/after" in names(view)
                and {s.source for s in view.sources if s.refused} >= {"udp", "tcp", "adsb"}
            ),
        )
        assert not any(name.endswith("/n") for name in names(view))


def test_nothing_of_a_track_is_in_any_feed_of_the_node(node: Running) -> None:
    """All that was ever written for a line, and what a peer would be sent, holds no track."""
    bind(node, "RELIEF 9", "own9")
    with node.client() as client:
        send_udp(node, record("own9", -35.0, 34.0) + record("foe9", -35.0, 34.2, 270))
        until(client, lambda: rung(client, "foe9"))
    store = node.node.store
    held = b"".join(
        entry.data
        for feed in store.feeds(node.line)
        for entry in store.entries(node.line, feed, 0, 10_000)
    )
    pushed = node.node.runtime.conductor.push(
        node.line, store.feeds(node.line)[0], 0, bytes_max=1 << 20
    )
    sent = b"" if pushed is None else b"".join(item.data for item in pushed.items)
    for word in (b"foe9", b"own9", b"RELIEF"):
        assert word not in held + sent
    bundle = node.folder / "bundle.clb"
    cli("evidence", "export", str(node.folder), "-o", str(bundle))
    assert not any(word in bundle.read_bytes() for word in (b"foe9", b"own9"))
    desk = b"".join(record.data for record in store.desk(node.line, 0, 10_000))
    assert b"foe9" in desk, "the private desk record says what the finding rests on"
