"""What a person does about one alert through the API: take it with its alarm, have the next role
called, silence it."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from clearline.client import Alerted, Client, Hello, Refused, asks
from clearline.model.alert import AlertState
from clearline.node.views import AlertView
from tests.api_node import Running, cli, found, notice, running


@contextmanager
def heard(node: Running, lat: float) -> Iterator[tuple[Client, AlertView]]:
    """An open desk, on which a notice of ours that nobody was told of rings."""
    with node.client() as ears, node.client() as client:
        stream = ears.events(desk="watch", tries=3)
        assert isinstance(next(stream), Hello)
        client.file(node.line, notice(node.now(), lat, 35.1, in_minutes=20))
        ring = next(e for e in islice(stream, 50) if isinstance(e, Alerted) and e.ring)
        yield client, ring.alert


def test_next_role_is_called_through_api_and_command(node: Running) -> None:
    """The ladder shows the rung as called, the alert climbs; above the last role it is refused;
    who had it called stands in the desk record."""
    with heard(node, 34.1) as (client, alert):
        assert [rung.reached for rung in alert.ladder] == [True, False, False]
        climbed = client.do(asks.escalate(alert.id))
        assert climbed.state is AlertState.ESCALATED
        assert [rung.reached for rung in climbed.ladder] == [True, True, False]
        cli("escalate", alert.id, "--node", str(node.folder))
        with pytest.raises(Refused) as refused:
            client.do(asks.escalate(alert.id))
        assert refused.value.problem.code == "not-allowed"
    with node.http("commander") as http:
        notes = http.get(f"/v1/lines/{node.line}/desk-record", params={"limit": 200}).json()
    assert str(notes).count("escalated") == 2


def test_alert_is_silenced_with_a_reason_from_the_command_line(node: Running) -> None:
    """It says until when and why; without a reason, or for no time, nothing happens."""
    with heard(node, 34.1) as (_, alert):
        asked = ("silence", alert.id, "--node", str(node.folder), "--minutes")
        assert "at least 1" in cli(*asked, "0", "--reason", "x", code=2)
        assert "refused" in cli(*asked, "5", "--reason", " ", code=1)
        said = cli(*asked, "5", "--reason", "on the telephone")
    assert "silenced until" in said
    assert "on the telephone" in said


def test_taking_from_a_board_takes_what_rang_as_one_alarm_then(node: Running) -> None:
    """With the time of the board all duties of the alarm are taken; what came later is not."""
    with heard(node, 34.1) as (client, _):
        for _ in range(2):  # over the first: two conflicts of one asset and consequence
            client.file(node.line, notice(node.now(), 34.1, 35.1, in_minutes=20))
        board = client.board()
        head = max(board.alerts, key=lambda each: each.count)
        assert head.count > 1
        client.file(node.line, notice(node.now(), 34.1, 35.1, in_minutes=20))
        client.take(head.id, seen=board.node.now)
        after = {each.id: each for each in client.alerts()}
    taken = {name for name, each in after.items() if each.state is AlertState.ACKNOWLEDGED}
    assert len(taken) == head.count
    assert taken <= {each.id for each in board.alerts}
    assert any(name not in taken and each.kind is head.kind for name, each in after.items())


def test_call_list_is_that_of_the_node(parties: Path, tmp_path: Path) -> None:
    """Whoever may read the board reads how the others are reached, as node.toml has it and in its
    order; nobody reads it without a token."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    with (folder / "node.toml").open("a") as config:
        for way in ("+41 22 000 00 00", "HF 5680"):
            config.write(f'[[fallback]]\nparty = "BRAVO"\nrole = "desk"\nway = "{way}"\n')
    with running(folder) as alfa, alfa.http("planner") as http, alfa.http(None) as nobody:
        ways = http.get("/v1/call-list").json()
        assert [way["way"] for way in ways] == ["+41 22 000 00 00", "HF 5680"]
        assert ways[0] == {
            "party": "BRAVO", "role": "desk", "way": "+41 22 000 00 00", "note": "",
        }  # fmt: skip
        assert nobody.get("/v1/call-list").status_code == 401
