"""The event stream: rings are heard where a desk is open, and resumed without a gap."""

from itertools import islice

from clearline.channels.desk import DeskHub
from clearline.client import Alerted, Changed, Client, Hello, Reset
from clearline.client.events import Event
from clearline.model.alert import AlertState, TroubleKind
from clearline.model.entry import Stop
from tests.api_node import Running, notice


def rings(client: Client, node: Running, after: str | None, wanted: int) -> list[Event]:
    """Alerts from a stream until so many have come."""
    found: list[Event] = []
    for event in islice(client.events(desk="watch", after=after, tries=3), 500):
        if isinstance(event, Alerted | Reset):
            found.append(event)
        if len(found) >= wanted:
            return found
    raise AssertionError(f"only {len(found)} of {wanted} events came")


def crossing(client: Client, node: Running, n: int) -> None:
    """Two notices of ours that meet: a duty."""
    for label in ("one", "other"):
        client.file(node.line, notice(node.now(), 32.0 + n, 33.0, label=f"{label} {n}"))


def test_stream_begins_with_what_there_is(shared: Running) -> None:
    """The first event names the lines and the place from which the stream goes on."""
    with shared.client() as client:
        first = next(iter(client.events()))
    assert isinstance(first, Hello)
    assert first.lines == (shared.line,)
    assert first.position


def test_missed_events_come_when_a_reader_returns(node: Running) -> None:
    """What rang while a desk's connection was down comes as soon as it is back, each once, in
    order, by the id of the last event seen."""
    with node.client() as client:
        crossing(client, node, 0)
        position = client.board().event
        crossing(client, node, 1)
        seen = rings(client, node, position, 2)
        ids = [event.id for event in seen if isinstance(event, Alerted)]
        again = rings(client, node, ids[0], 1)
        assert isinstance(again[0], Alerted)
        assert again[0].id == ids[1]


def test_gap_that_cannot_be_filled_is_said(shared: Running) -> None:
    """An id of another run, or one too old, gives a reset before anything else."""
    with shared.client() as client:
        for after in ("ffffffff-7", "no id at all"):
            events = islice(client.events(desk="watch", after=after, tries=3), 10)
            assert any(isinstance(event, Reset) for event in events if not isinstance(event, Hello))
            break
    hub = DeskHub("aaaa", events=2)
    assert hub.open("watch", "bbbb-1").poll() is not None


def test_whoever_keeps_no_desk_still_hears_that_something_changed(shared: Running) -> None:
    """Without a desk there are no rings, only word of lines that changed."""
    with shared.client("investigator") as reading, shared.client() as writing:
        stream = reading.events(tries=3)
        assert isinstance(next(stream), Hello)
        writing.say(shared.line, Stop())
        kinds = {type(event) for event in islice(stream, 1)}
    assert kinds == {Changed}


def test_ring_reaches_an_open_desk_and_is_acknowledged(node: Running) -> None:
    """A duty that rings on an open desk can be shown, taken with a note, and stays open."""
    with node.client() as client:
        stream = client.events(desk="watch", tries=3)
        assert isinstance(next(stream), Hello)
        crossing(client, node, 0)
        ring = next(e for e in islice(stream, 50) if isinstance(e, Alerted) and e.ring)
        assert ring.alert.kind in (TroubleKind.CONFLICT, TroubleKind.NOT_TOLD)
        taken = client.take(ring.alert.id, note="calling", seen=client.board().node.now)
        assert taken.state is AlertState.ACKNOWLEDGED
        assert (taken.taken_by, taken.taken_note) == ("watch", "calling")
        assert taken.id in {alert.id for alert in client.alerts()}


def test_presented_is_recorded_with_its_desk(node: Running) -> None:
    """R3 stands when a desk has said that it shows the alert, with the desk's name."""
    with node.client() as client:
        crossing(client, node, 0)
        alert = client.alerts()[0]
    with node.http() as http:
        answer = http.post(f"/v1/alerts/{alert.id}/presented", json={"desk": "wall 2"})
        assert answer.status_code == 200
        assert answer.json()["presented_on"] == "wall 2"
        unknown = http.post("/v1/alerts/nothing/presented", json={"desk": "wall 2"})
        assert unknown.status_code == 404
