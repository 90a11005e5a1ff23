"""Several desks of one node: each hears its role, and none that is not there is kept open."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clearline.client import Alerted, Client, Refused
from clearline.client.events import Event
from tests.api_node import Running, add_desks, found, notice, running


@pytest.fixture(scope="module")
def node(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """ALFA's node with three desks."""
    folder = found(parties, tmp_path_factory.mktemp("desks") / "alfa", "ALFA", "BRAVO")
    add_desks(folder)
    with running(folder) as alfa:
        yield alfa


def next_alert(events: Iterator[Event], name: str | None = None) -> Alerted:
    """The next alert of a stream, or the next word of one alert."""
    for _ in range(200):
        event = next(events)
        if isinstance(event, Alerted) and name in (None, event.alert.id):
            return event
    raise AssertionError("no alert came")


def test_ring_sounds_on_the_desk_of_its_role_and_is_seen_on_the_others(node: Running) -> None:
    """A new duty rings where the watch officer sits; the chief's desk sees it without a ring, and
    the desk for exercises hears nothing of a real line."""
    with node.client() as client, node.client() as a, node.client() as b, node.client() as c:
        north, chief = a.events(desk="north", tries=3), b.events(desk="chief", tries=3)
        drill = c.events(desk="drill", tries=3)
        for stream in (north, chief, drill):
            next(stream)
        for label in ("one", "other"):
            client.file(node.line, notice(node.now(), 33.0, 33.0, label=label))
        rang = next_alert(north)
        assert rang.ring
        assert not next_alert(chief, rang.alert.id).ring
        hub = node.node.ringer.hub
        assert all("drill" not in event.desks for event in hub._kept)
        assert all(event.desks for event in hub._kept), "an event for every desk reaches drill too"


def test_desk_that_is_not_there_is_refused_by_name(node: Running) -> None:
    """A desk that nothing is configured for would hear nothing, in silence: it is refused, and
    those that there are are named."""
    with node.client() as client:
        with pytest.raises(Refused) as refused:
            _first(client, "nroth")
        assert 404 == refused.value.problem.status
        assert "north, chief, drill" in refused.value.problem.detail
        _first(client, "exercise")


def _first(client: Client, desk: str) -> Event:
    return next(iter(client.events(desk=desk, tries=1)))
