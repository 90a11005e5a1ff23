"""Names of places as the deployment has them, for the map."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_node import Running, found, running

PLACES = """
[[places]]
names = ["Latakia", "اللاذقية"]
at = "35.5317N 35.7901E"
radius_km = 15
[[places]]
names = ["Tishreen hospital"]
at = "35.53N 35.80E"
kind = "hospital"
[[places]]
names = ["Range 7 tower"]
at = "34.5N 35.2E"
own = true
"""


@pytest.fixture(scope="module")
def named(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A node whose deployment has named three places."""
    folder = found(parties, tmp_path_factory.mktemp("named") / "alfa", "ALFA", "BRAVO")
    (folder / "places.toml").write_text(PLACES, "utf-8")
    toml = folder / "node.toml"
    said = toml.read_text("utf-8")
    assert '\n# places = "places.toml"' in said
    toml.write_text(said.replace("\n# places =", "\nplaces ="), "utf-8")
    with running(folder) as alfa:
        yield alfa


def test_places_come_as_the_deployment_named_them(named: Running) -> None:
    """Names in the file's order and spelling, where they are, how large, what kind, whose; and
    nothing that the file does not say."""
    with named.http("watch") as http:
        town, hospital, tower = http.get("/v1/places").json()
    assert town["names"] == ["Latakia", "اللاذقية"]
    assert town["at"] == [355_317_000, 357_901_000]
    assert town["radius_mm"] == 15_000_000
    assert (town["kind"], town["own"]) == (None, False)
    assert (hospital["kind"], hospital["own"]) == ("hospital", False)
    assert (tower["names"], tower["own"]) == (["Range 7 tower"], True)


def test_places_come_in_stretches(named: Running) -> None:
    """Thousands of names are read a stretch at a time; past the end there is nothing."""
    with named.http("watch") as http:
        stretches = [
            http.get("/v1/places", params={"offset": n, "limit": 2}).json() for n in (0, 2, 4)
        ]
        assert http.get("/v1/places", params={"limit": 5_001}).status_code == 422
    assert [[each["names"][0] for each in part] for part in stretches] == [
        ["Latakia", "Tishreen hospital"], ["Range 7 tower"], [],
    ]  # fmt: skip


def test_without_a_file_no_place_has_a_name(shared: Running) -> None:
    """The node brings no names of its own: what a place is called is the deployment's choice."""
    with shared.http("watch") as http:
        assert http.get("/v1/places").json() == []
