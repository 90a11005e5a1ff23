"""Live tracks into a real node's process: from a sighting that is sent to its alarm in the API.

    python -m benchmarks.bench_feeds [--volumes 0 10000] [--times 5]

An own mover is seen; another track comes head on, by each way in: the API, a file that grows, UDP,
TCP, readsb's ``aircraft.json`` (asked every 0.2 s). Milliseconds until the alarm that names it
stands in ``GET /v1/alerts``, which is asked over and over. Those that came before are still near:
``spent_ms`` has each in its order, and shows how it grows with them. Prints one JSON object.
"""

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench_million import fold, made, running
from clearline.cli.sandbox import free_port
from clearline.client import Client, asks
from clearline.model.sighting import Binding
from clearline.node.requests import BindingFixes
from tests.unit.interfaces_tracks.aircraft_server import AircraftServer, serving

GOALS = {"alarm_ms_most": 1_000}
GIVE_UP_S = 20.0
LOOK_S = 0.02
"""Between two looks, so that they do not take the time that the node needs."""
OWN, LAT, LON, AWAY = "own1", 35.0, 34.0, 0.15
SOURCES = """
[tracks.udp]
kind = "udp"
listen = "127.0.0.1:{udp}"
silent_s = 0

[tracks.tcp]
kind = "tcp"
listen = "127.0.0.1:{tcp}"
silent_s = 0

[tracks.file]
kind = "file"
path = "tracks.ndjson"
silent_s = 0

[tracks.adsb]
kind = "readsb"
url = "{url}"
every_s = 0.2
silent_s = 0
"""
Send = Callable[[bytes], object]


def record(name: str, lon: float, course: float) -> bytes:
    """One line: 100 m/s at 3,000 m."""
    said = {"id": name, "lat": LAT, "lon": lon, "track_deg": course, "speed_mps": 100,
            "alt_m": 3000, "alt_ref": "AMSL", "vs_mps": 0}  # fmt: skip
    return json.dumps(said).encode() + b"\n"


def aircraft(name: str, lon: float, course: float) -> bytes:
    """The same as readsb says it: feet and knots."""
    said = {"hex": name, "lat": LAT, "lon": lon, "alt_geom": 9843, "gs": 194.4, "track": course,
            "geom_rate": 0, "seen_pos": 0.0, "type": "adsb_icao"}  # fmt: skip
    return json.dumps({"now": time.time(), "messages": 1, "aircraft": [said]}).encode()


def rung_after_ms(client: Client, name: str, send: Callable[[], object]) -> float:
    """How long until an alarm names a track."""
    client.do(asks.feed_tracks([record(OWN, LON, 90).strip()]))
    began = time.perf_counter()
    send()
    while time.perf_counter() - began < GIVE_UP_S:
        if any(name in alert.words for alert in client.do(asks.alerts())):
            return (time.perf_counter() - began) * 1_000
        time.sleep(LOOK_S)
    raise AssertionError(f"nothing rang about {name}")


def measured(folder: Path, volumes: int, times: int, server: AircraftServer) -> dict[str, object]:
    """Every way in, so many times."""
    home = made(folder, volumes)
    fold(home)
    taken: set[int] = set()
    ports = {way: free_port(taken) for way in ("udp", "tcp")}
    with (home / "node.toml").open("a", encoding="utf-8") as file:
        file.write(SOURCES.format(**ports, url=server.url))
    tracks = home / "tracks.ndjson"
    tracks.touch()
    found: dict[str, object] = {"volumes": volumes}
    with running(home) as node, node.client() as client, socket.socket(
        socket.AF_INET, socket.SOCK_DGRAM
    ) as datagrams:  # fmt: skip
        while (view := client.node().lines[0]).loading is not None:
            time.sleep(0.1)
        client.do(asks.bind(view.line, BindingFixes(
            bindings=(Binding(call_sign="RELIEF 1", track=OWN),)
        )))  # fmt: skip
        with socket.create_connection(("127.0.0.1", ports["tcp"])) as stream:

            def append(raw: bytes) -> None:
                with tracks.open("ab") as growing:
                    growing.write(raw)

            def serve(raw: bytes) -> None:
                server.body = raw

            ways: dict[str, Send] = {
                "api": lambda raw: client.do(asks.feed_tracks([raw.strip()])),
                "file": append,
                "udp": lambda raw: datagrams.sendto(raw, ("127.0.0.1", ports["udp"])),
                "tcp": stream.sendall,
                "readsb": serve,
            }
            for n, (way, send) in enumerate(ways.items()):
                spent = []
                for k in range(times + 1):
                    name = f"a{n}{k:04x}"
                    made_of = aircraft if way == "readsb" else record
                    raw = made_of(name, LON + AWAY, 270)
                    spent.append(rung_after_ms(client, name, lambda s=send, r=raw: s(r)))
                warm = spent[1:]
                found[way] = {
                    "median_ms": round(statistics.median(warm)),
                    "most_ms": round(max(warm)),
                    "spent_ms": [round(each) for each in spent],
                }
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--volumes", type=int, nargs="+", default=[0, 10_000])
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    subprocess.run([sys.executable, "-m", "clearline.cli.getting_ready"], check=True)
    rows = []
    for volumes in options.volumes:
        with tempfile.TemporaryDirectory() as name, serving() as server:
            rows.append(measured(Path(name) / "line", volumes, options.times, server))
    print(
        json.dumps(
            {
                "benchmark": "feeds",
                "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                "goals": GOALS,
                "rows": rows,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
