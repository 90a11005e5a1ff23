"""What changed on a line since a reader looked, over the API: less to send, the same to see."""

from concurrent.futures import ThreadPoolExecutor

from clearline.client import Client, asks
from clearline.client.held import Held
from clearline.model.entry import Stop, Withdraw
from tests.api_node import Running, notice, running


def is_full_reading(node: Running, client: Client, held: Held) -> None:
    """What is held is what the plain questions answer, but for the time at which they are asked."""
    plain = client.notices(node.line)
    assert [each.ref for each in held.notices()] == [each.ref for each in plain]
    for mine, theirs in zip(held.notices(), plain, strict=True):
        assert (mine.badges, mine.answers) == (theirs.badges, theirs.answers)
        assert mine.standing is not None
        assert theirs.standing is not None
        assert mine.standing.state == theirs.standing.state
        assert "\ue000" not in mine.words + mine.standing.words
    assert held.conflicts() == client.conflicts(node.line)
    assert held.asks() == client.asks(node.line)


def test_reader_that_follows_holds_what_a_full_reading_says(node: Running) -> None:
    """After each thing that is said on the line the next answer holds what it touched, and a
    reader that was away, or whose node began anew, ends with the same."""
    follows, away = Held(), Held()
    with node.client() as client:
        client.changes(node.line, away)
        first, second = (
            client.file(node.line, notice(node.now(), lat)).refs[0] for lat in (34.5, 34.52)
        )
        is_full_reading(node, client, client.changes(node.line, follows))
        client.say(node.line, Stop(about=(first,)))
        client.say(node.line, Withdraw(versions=(second,)))
        told = client.do(asks.changes(node.line, follows.position))
        assert (told.whole, told.notices.gone, len(told.asks.changed)) == (False, (second,), 1)
        is_full_reading(node, client, client.changes(node.line, follows))
        is_full_reading(node, client, client.changes(node.line, away))
    folder = node.folder
    node.stop()
    with running(folder) as again, again.client() as client:
        is_full_reading(again, client, client.changes(again.line, follows))


def test_position_that_means_nothing_is_answered_with_everything(node: Running) -> None:
    """Of another life of the node, of the future, or made up: all of it, and it says so."""
    with node.client() as client:
        client.file(node.line, notice(node.now()))
        position = client.changes(node.line, Held()).position or ""
        run, _, look = position.rpartition("-")
        for strange in (f"{run}-{int(look) + 9}", f"ffff-{look}", "x", f"{run}-²", "-", "9" * 300):
            told = client.do(asks.changes(node.line, strange))
            assert told.whole, strange
            assert len(told.notices.changed) == 1
        assert not client.do(asks.changes(node.line, position)).whole


def test_who_asks_together_is_answered_by_one_look(node: Running) -> None:
    """Consoles that hear of the same entry ask the same question: the line is not looked at once
    for each of them, and all hold the same."""
    with node.client() as client:
        client.file(node.line, notice(node.now()))
        before = client.changes(node.line, Held()).position
        client.say(node.line, Stop())

    def ask(_: int) -> tuple[str, int]:
        with node.client() as console:
            told = console.do(asks.changes(node.line, before))
            return told.position, len(told.asks.changed)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(40)))
    assert {count for _, count in answers} == {1}
    assert len({position for position, _ in answers}) <= 10


def test_board_is_as_short_as_one_asks_for(node: Running) -> None:
    """A desk on a slow link reads the loudest duties and no notices, and is told how many there
    are; the duties come in stretches, and as what changed."""
    with node.client() as client, node.http() as http:
        for n in range(4):
            client.file(node.line, notice(node.now(), 34.5, 35.2, label=f"area {n}"))
        every = client.board()
        short = client.board(alerts=2, notices=0)
        assert [each.id for each in short.alerts] == [each.id for each in every.alerts[:2]]
        assert short.notices == ()
        assert short.node.open_duties == len(every.alerts) > 2
        assert short.conflicts == every.conflicts
        stretch = http.get("/v1/alerts", params={"offset": 1, "limit": 2}).json()
        assert [each["id"] for each in stretch] == [each.id for each in every.alerts[1:3]]
        first = http.get("/v1/duties").json()
        assert first["whole"]
        assert {each["id"] for each in first["changed"]} == {each.id for each in every.alerts}
        assert (first["total"], first["left"]) == (len(every.alerts), [])
        client.take(every.alerts[0].id)
        then = http.get("/v1/duties", params={"after": first["position"]}).json()
        assert not then["whole"]
        taken = {each["id"]: each["state"] for each in then["changed"]}
        assert taken[every.alerts[0].id] == "acknowledged"
