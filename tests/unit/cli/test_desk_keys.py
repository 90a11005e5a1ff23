"""The keys of the terminal board on a running node: what they fill in, and what Enter does."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from clearline.cli.board import rows
from clearline.cli.board_keys import KEYS, Chosen, of_stop, on_its_line
from clearline.cli.desk import BY_KEY, Commands, Desk
from clearline.cli.line_edit import PASTE
from clearline.cli.main import VERBS
from clearline.client import asks
from clearline.model.alert import AlertState, TroubleKind
from clearline.model.entry import Kind, Notice, Reply, Stop
from clearline.model.ids import LineId
from clearline.node.queries import board_view
from clearline.node.views import BoardView
from tests.api_node import Running, found, make_parties, notice, running
from tests.town import Town, at, disc, level, volume


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A node of ALFA with two notices of its own that meet."""
    folder = tmp_path_factory.mktemp("desk")
    make_parties(folder, "ALFA", "BRAVO")
    with running(found(folder, folder / "node", "ALFA", "BRAVO")) as alfa:
        with alfa.client() as client:
            for label in ("one", "other"):
                client.file(alfa.line, notice(alfa.now(), label=label))
        yield alfa


@pytest.fixture
def desk(node: Running) -> Iterator[Desk]:
    """Its desk."""
    with node.client() as client:
        made = Desk(client, "terminal", Commands(node.folder, None, None))
        made.read()
        yield made


def typed(desk: Desk, text: str) -> None:
    """Press a text's characters."""
    for key in text:
        desk.press(key)


def test_stop_is_two_keys_and_its_words_stand_there_before(desk: Desk) -> None:
    """x fills in STOP, Enter sends it; Esc would have left it."""
    desk.press("x")
    assert desk.typing is not None
    assert desk.typing.text == "stop"
    desk.press("\x1b")
    assert desk.typing is None
    desk.press("x")
    desk.press("\r")
    assert desk.typing is None
    (said,) = desk.client.do(asks.asks(desk.client.lines()[0].line))
    assert said.kind is Kind.STOP


def test_refused_command_stays_to_be_mended(desk: Desk) -> None:
    """What the node or the command line refuses is said, and the line is there again."""
    desk.press(":")
    typed(desk, "silence nothing --minutes 5 --reason x\r")
    assert desk.typing is not None
    assert "0 open alerts" in desk.said
    assert desk.history[-1].startswith("silence nothing")
    desk.press("\x15")
    typed(desk, "line 'open\r")
    assert "quotation" in desk.said


def test_alert_is_silenced_and_taken_higher_by_keys(desk: Desk) -> None:
    """z stands with the cursor at the reason; e has the next role called, or says that there is
    none."""
    assert desk.board is not None
    alert = next(
        each for each in desk.board.alerts
        if each.state in (AlertState.RAISED, AlertState.ESCALATED)
    )  # fmt: skip
    desk.selected = alert.id
    desk.press("z")
    typed(desk, "on the telephone\r")
    assert desk.typing is None, desk.said
    (now,) = [each for each in desk.client.alerts() if each.id == alert.id]
    assert now.silence_reason == "on the telephone"
    desk.press("e")
    assert desk.typing is not None
    assert desk.typing.text == f"escalate {alert.id}"


def test_lists_stand_instead_of_the_duties_and_are_closed(desk: Desk) -> None:
    """? lists every key; t lists who has not been told and fills in how to say so; nothing that
    stands behind a list counts as presented."""
    desk.press("?")
    text = "\n".join(row.text for row in rows(desk.screen(80, 24)))
    assert "STOP; Enter sends" in text
    for _ in range(40):
        desk.press("j")
    assert "leave" in "\n".join(row.text for row in rows(desk.screen(80, 24)))
    desk.press("\x1b")
    assert desk.sheet == ()
    desk.press("t")
    assert desk.typing is not None
    assert desk.typing.text.startswith("relayed ALFA.0/")
    assert any("NOT TOLD" in line for line in desk.sheet)


def test_duty_is_read_in_full_with_its_notices(desk: Desk) -> None:
    """Enter shows the place, heights and times that an answer or a read-back is about; Esc closes;
    it sends nothing."""
    assert desk.board is not None
    desk.selected = next(each.id for each in desk.board.alerts if "CONFLICT" in each.words)
    desk.press("\r")
    assert desk.typing is None
    text = "\n".join(desk.sheet)
    assert "CONFLICT" in text
    for each in desk.board.notices:
        assert str(each.ref) in text
    assert "FL100 to FL200" in text
    assert "rings:" in text
    desk.press("\x1b")
    assert desk.sheet == ()


def test_call_begins_with_what_to_say_about_the_duty(desk: Desk) -> None:
    """l gives the call script of the selected duty's entry, then the fall-back list."""
    assert desk.board is not None
    desk.selected = next(each.id for each in desk.board.alerts if "CONFLICT" in each.words)
    desk.press("l")
    text = "\n".join(desk.sheet)
    assert "FALL-BACK LIST" in text
    said = "\n".join(desk.run(f"notice call-script {desk.chosen().first}")[1])
    assert said.splitlines()[0] in text
    desk.press("\x1b")


def test_long_list_is_read_on_while_a_command_waits(desk: Desk) -> None:
    """The templates of m go on for pages: PgDn reads on, and the command stays as it is."""
    desk.press("m")
    assert desk.typing is not None
    before = desk.typing.text
    desk.press("\x1b[6~")
    assert desk.sheet_from == 10
    assert desk.typing.text == before
    desk.press("\x1b[5~")
    assert desk.sheet_from == 0
    desk.press("\x1b")
    desk.press("\x1b")


def test_key_for_a_duty_that_has_gone_does_nothing_to_another(desk: Desk) -> None:
    """The selected duty goes while one's finger is on the key, or one presses twice: nothing is
    selected then, and no answer leaves for another; a leads to the next, and takes on the second
    press."""
    assert desk.board is not None
    gone = desk.board.alerts[0]
    desk.board = replace(
        desk.board, alerts=(replace(gone, id="gone", words="was here"), *desk.board.alerts)
    )
    desk.selected = "gone"
    desk.read()
    assert desk.selected is None
    assert "was here" in desk.said
    before = desk.client.alerts()
    for key in ("r", "w", "s", "z", "e", "b", "o"):
        desk.press(key)
        assert desk.typing is None
        assert "nothing is selected" in desk.said
    assert [each.reply for each in desk.client.alerts()] == [each.reply for each in before]
    desk.press("a")
    assert desk.selected is not None
    assert [each.taken_by for each in desk.client.alerts()] == [each.taken_by for each in before]
    chosen = desk.selected
    desk.read()
    assert desk.selected == chosen
    desk.selected = None
    desk.press("j")
    assert desk.selected == desk.board.alerts[0].id


def test_what_is_pasted_presses_no_key(desk: Desk) -> None:
    """Text that lands in the terminal by mistake neither answers nor sends; in a line it waits."""
    desk.press(f"{PASTE}x\rArea\r")
    assert desk.typing is None
    assert "not taken for keys" in desk.said
    desk.press(":")
    desk.press(f"{PASTE}place 34.6\r35.9\r")
    assert desk.typing is not None
    assert desk.typing.text == "place 34.6 35.9"
    desk.press("\x1b")


def test_hidden_duty_is_not_selected(desk: Desk) -> None:
    """What the filter hides no key acts on."""
    assert desk.board is not None
    desk.selected = next(each.id for each in desk.board.alerts if "CONFLICT" in each.words)
    desk.press("/")
    typed(desk, "not told\r")
    chosen = desk.chosen().alert
    assert chosen is not None
    assert "NOT TOLD" in chosen.words
    desk.press("/")
    desk.press("\x1b")


def test_filter_hides_and_says_how_many_ring(desk: Desk) -> None:
    """Only duties with the words are shown; how many are hidden stands above them."""
    desk.press("/")
    typed(desk, "no such words\r")
    text = "\n".join(row.text for row in rows(desk.screen(100, 24)))
    assert "HIDDEN" in text
    desk.press("/")
    desk.press("\x1b")
    assert "HIDDEN" not in "\n".join(row.text for row in rows(desk.screen(100, 24)))


@pytest.mark.parametrize(("key", "kind"), [("d", Kind.DISTRESS), ("A", Kind.ACCIDENT)])
def test_emergency_is_two_keys_where_nothing_more_is_known(
    desk: Desk, key: str, kind: Kind
) -> None:
    """DISTRESS and ACCIDENT go out with Enter alone, as on the page: nobody has to know a place or
    find words first."""
    desk.selected = None
    desk.press(key)
    assert desk.typing is not None
    desk.press("\r")
    assert desk.typing is None, desk.said
    said = desk.client.do(asks.asks(desk.client.lines()[0].line))
    assert kind in {each.kind for each in said}


def test_unable_fills_in_the_minutes_that_the_node_has_worked_out() -> None:
    """An own mover in the middle of a peer's hazard: the minutes stand there, Enter is enough."""
    made = Town(("AAA", "BBB"))
    made.settle()
    shape = disc(34.6, 35.9, 120)
    body = Notice(
        cls="hazardous-air", label="raid",
        volumes=(volume(shape, at(30), at(90), level(100), level(200)),),
    )  # fmt: skip
    made.say("BBB", body)
    made.settle()
    made.tick()
    of = made.nodes["AAA"]
    view = board_view(of.state, of.tools, made.now)
    alert = next(each for each in view.alerts if each.needs_answer)
    chosen = Chosen(board=view, alert=alert, now=made.now)
    fill = BY_KEY["u"].fill
    assert fill is not None
    assert fill(chosen) == f"answer {alert.about[0]} UNABLE --minutes |"
    assert chosen.theirs is not None
    stop = BY_KEY["x"].fill
    assert stop is not None
    assert stop(chosen) == f"stop {alert.about[0]}"


def sides() -> tuple[Town, BoardView]:
    """Two notices of BBB's over which AAA must tell a third party; the board of AAA."""
    made = Town(("AAA", "BBB"))
    made.settle()
    for n in range(2):
        shape = disc(34.6 + n, 35.9, 120)
        body = Notice(
            cls="hazardous-air", label=f"raid {n}",
            volumes=(volume(shape, at(30), at(90), level(100), level(200)),),
        )  # fmt: skip
        made.say("BBB", body)
    made.settle()
    made.tick()
    of = made.nodes["AAA"]
    return made, board_view(of.state, of.tools, made.now)


def test_stop_is_answered_by_the_keys_of_will_and_cannot() -> None:
    """w and u fill in HALTED and CANNOT for the STOP that is selected: it waits thirty seconds."""
    made, _ = sides()
    made.say("BBB", Stop())
    made.settle()
    made.tick()
    of = made.nodes["AAA"]
    view = board_view(of.state, of.tools, made.now)
    stop = next(each for each in view.alerts if each.kind is TroubleKind.STOP)
    chosen = Chosen(board=view, alert=stop, now=made.now)
    assert of_stop(chosen, "w") == f"answer {stop.about[0]} HALTED"
    assert of_stop(chosen, "u") == f"answer {stop.about[0]} CANNOT"
    assert of_stop(chosen, "r") is None
    other = next(each for each in view.alerts if each.kind is not TroubleKind.STOP)
    assert of_stop(Chosen(board=view, alert=other, now=made.now), "w") is None


def test_telling_is_filled_in_for_the_duty_that_is_selected() -> None:
    """t names the notice and the party of the selected duty; with another selected the first that
    is this party's to tell, and never what is another's."""
    made, view = sides()
    fill = BY_KEY["t"].fill
    assert fill is not None
    told = [each for each in view.alerts if each.kind is TroubleKind.NOT_TOLD]
    assert told
    for alert in told:
        text = fill(Chosen(board=view, alert=alert, now=made.now)) or ""
        assert text.startswith(f"relayed {alert.about[0]} {alert.params['third']} TOLD")
    none = fill(Chosen(board=view, alert=None, now=made.now)) or ""
    ours = {
        f"relayed {notice.ref} {third.party}"
        for notice in view.notices
        for third in notice.third_parties
        if third.relay == "AAA"
    }
    assert " ".join(none.split()[:3]) in ours


def test_commands_name_the_line_of_the_duty_where_there_are_several() -> None:
    """On two lines a key's command is about the selected duty's; a list is of both; a STOP with
    nothing selected waits for the line's name."""
    made, view = sides()
    line = view.node.lines[0]
    lines = (line, replace(line, line=LineId("ab" * 16)))
    two = replace(view, node=replace(view.node, lines=lines))
    chosen = Chosen(board=two, alert=two.alerts[0], now=made.now)
    free = Chosen(board=two, alert=None, now=made.now)
    assert on_its_line("stop", chosen) == (f"stop --line {line.line[:12]}",)
    assert on_its_line("stop", free) == ("stop --line |",)
    assert len(on_its_line("conflicts", free)) == 2
    assert on_its_line("escalate x", chosen) == ("escalate x",)
    assert on_its_line("stop", Chosen(board=view, alert=None, now=made.now)) == ("stop",)


def test_every_key_is_said_once_and_every_command_exists() -> None:
    """No key twice; what a key looks at or fills in begins with a verb of the program."""
    keys = [key for each in KEYS for key in each.key.split()]
    assert len(keys) == len(set(keys))
    verbs = {verb.name for verb in VERBS}
    assert {each.looks.split()[0] for each in KEYS if each.looks} <= verbs


def test_replies_at_once_are_those_without_anything_to_fill_in() -> None:
    """ROGER, WILCO and STANDBY need nothing more; the others stand in a line first."""
    from clearline.cli.desk import AT_ONCE

    assert set(AT_ONCE.values()) == {Reply.ROGER, Reply.WILCO, Reply.STANDBY}
