"""A running node with a source of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_node import Running, found, make_parties, running
from tests.unit.interfaces_tracks.aircraft_server import AircraftServer, serving

SOURCES = """
[live]
drop_s = 30

[tracks.udp]
kind = "udp"
listen = "127.0.0.1:0"
alt_ref = "AMSL"
silent_s = 0

[tracks.tcp]
kind = "tcp"
listen = "127.0.0.1:0"
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


@pytest.fixture(scope="module")
def aircraft() -> Iterator[AircraftServer]:
    """Something that serves ``aircraft.json``."""
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two parties with signed terms."""
    folder = tmp_path_factory.mktemp("parties")
    make_parties(folder, "ALFA", "BRAVO")
    return folder


@pytest.fixture(scope="module")
def node(
    parties: Path, aircraft: AircraftServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """ALFA's node with all four ways in."""
    folder = found(parties, tmp_path_factory.mktemp("node") / "alfa", "ALFA", "BRAVO")
    with (folder / "node.toml").open("a", encoding="utf-8") as file:
        file.write(SOURCES.format(url=aircraft.url))
    with running(folder) as live:
        yield live
