"""The terminal board as a pure function, and once on a real terminal."""

import os
import pty
import select
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
from rich.cells import cell_len

from clearline.cli.board import (
    Screen,
    announced,
    answerable,
    in_sight,
    moved,
    rows,
    sheet_end,
    troubles,
    untaken,
)
from clearline.client import asks
from clearline.model.alert import AlertState, Severity, TroubleKind
from clearline.model.entry import Kind, LinkState, Notice
from clearline.model.ids import PartyId
from clearline.model.time import Instant, format_clock
from clearline.node.queries import board_view
from clearline.node.views import Badge, BoardView
from tests.api_node import cli, found, make_parties, notice, running
from tests.town import MINUTE, Town, at, disc, level, volume

SIZE = {"COLUMNS": "80", "LINES": "24"}


def town(notices: int = 1) -> Town:
    """Two parties whose notices meet."""
    made = Town(("AAA", "BBB"))
    for n in range(notices):
        for party, cls in (("AAA", "air-movement"), ("BBB", "hazardous-air")):
            shape = disc(33.0 + n / 2, 35.0, 10)
            body = Notice(
                cls=cls, label=f"{party} {n}",
                volumes=(volume(shape, at(20), at(80), level(100), level(200)),),
            )  # fmt: skip
            made.say(party, body)
    made.settle()
    made.tick()
    return made


def board(of: Town, party: str = "AAA") -> BoardView:
    """A party's board now."""
    node = of.nodes[party]
    return board_view(node.state, node.tools, of.now)


def screen(view: BoardView, **more: object) -> Screen:
    """A screen of 80 by 24."""
    return Screen(board=view, now=view.node.now, heard=view.node.now, **more)  # type: ignore[arg-type]  # by name


def test_board_fits_80_by_24_and_says_what_matters() -> None:
    """However much there is, no line is wider than 80 and there are no more than 24; the clock,
    the link's age, duties by urgency with badges and countdown, and conflicts stand on it."""
    view = board(town(12))
    drawn = rows(screen(view))
    text = "\n".join(row.text for row in drawn)
    assert len(drawn) <= 24
    assert max(len(row.text) for row in drawn) <= 80
    assert "2026-03-01 00:00:00Z" in drawn[0].text
    assert "line BBB" in text
    assert "CONFLICT: our" in text
    assert "more" in text, "what is not shown is counted"
    assert any(row.text.startswith("CONFLICT “") for row in drawn), "which pairs, below the duties"


def test_names_in_any_script_stay_in_the_screen_and_show_no_boxes() -> None:
    """Letters that take two places of a terminal, and a language from right to left: no row is
    wider than the screen, and no sign that a terminal does not know stands in one."""
    view = board(town(12))
    wide = "⁨تعارض⁩: “射撃訓練場北東区域第七号地帯” ⁨AAA⁩ " * 3
    alerts = tuple(msgspec.structs.replace(each, words=wide) for each in view.alerts)
    view = msgspec.structs.replace(view, alerts=alerts)
    for width in (80, 120):
        chosen = Screen(
            board=view, now=view.node.now, heard=view.node.now, width=width,
            selected=alerts[2].id, sheet=(),
        )  # fmt: skip
        drawn = rows(chosen)
        assert max(cell_len(row.text) for row in drawn) <= width
        assert not any("\u2068" in row.text or "\u2069" in row.text for row in drawn)
        assert sum("射撃訓練場" in row.text for row in drawn) > 5
        assert all(cell_len(row.text) <= width for row in rows(replace(chosen, sheet=(wide,))))


def test_board_shows_every_badge_that_is_due() -> None:
    """LATE, NOT TOLD and CONFLICT are words, not colours alone: a badge or the words' beginning."""
    view = board(town())
    shown = [row.text for row in rows(screen(view, height=60, width=200))]
    for alert in view.alerts:
        row = next(text for text in shown if text.endswith(alert.words))
        assert [b for b in alert.badges if b.value not in row.partition("“")[0]] == []
    assert {Badge.CONFLICT, Badge.LATE, Badge.NOT_TOLD} <= {
        b for a in view.alerts for b in a.badges
    }


def test_badge_that_begins_the_words_is_not_said_twice() -> None:
    """NOT TOLD before a duty that begins with it is left out, in an exercise too; a badge that only
    others' words name stays."""
    view = board(town())
    for words, badges in (
        ("NOT TOLD: Hospital", ""), ("EXERCISE NOT TOLD: Hospital", ""),
        ("LATE: “NOT TOLD Hospital”", "[NOT TOLD] "),
    ):  # fmt: skip
        told = msgspec.structs.replace(view.alerts[0], words=words, badges=(Badge.NOT_TOLD,))
        held = msgspec.structs.replace(view, alerts=(told,))
        row = next(row.text for row in rows(screen(held, width=200)) if "Hospital" in row.text)
        assert row.endswith(f" {badges}{words}")
        assert row.count("NOT TOLD") == (2 if badges else 1)


def crowded(state: AlertState = AlertState.RAISED) -> BoardView:
    """Forty-one duties; the last of them was a STOP, and stands first."""
    view = board(town())
    alert = view.alerts[0]
    others = [
        msgspec.structs.replace(alert, id=f"a{n}", words=f"duty {n}", severity=Severity.WARNING)
        for n in range(40)
    ]
    stop = msgspec.structs.replace(
        alert, id="stop", words="STOP from BBB", severity=Severity.EMERGENCY, state=state,
        kind=TroubleKind.STOP,
    )  # fmt: skip
    node = msgspec.structs.replace(view.node, open_duties=41)
    return msgspec.structs.replace(view, alerts=(stop, *others), node=node)


def test_stop_stands_on_the_screen_whatever_is_selected_or_read() -> None:
    """With the fortieth duty selected, and over a list that is open, an emergency that nobody has
    taken is in sight, and has been presented; once it is taken it makes room."""
    view, sheet = crowded(), tuple(f"line {n}" for n in range(60))
    for more in ({"selected": "a39"}, {"selected": "a39", "sheet": sheet}):
        drawn = screen(view, **more)
        text = [row.text for row in rows(drawn)]
        assert len(text) <= 24
        assert any("STOP from BBB" in line for line in text)
        assert in_sight(drawn)[0].id == "stop"
        assert text[-1].endswith("q leave")
    assert any("> " in row.text or ">!" in row.text for row in rows(screen(view, selected="a39")))
    last = screen(view, sheet=sheet, sheet_from=sheet_end(screen(view, sheet=sheet)))
    assert any(row.text == "line 59" for row in rows(last)), "the end of the list can be reached"
    taken = screen(crowded(AlertState.ACKNOWLEDGED), selected="a39")
    assert not any("STOP from BBB" in row.text for row in rows(taken))


def test_next_to_be_taken_is_an_emergency() -> None:
    """However far down one is, f leads to the STOP; from there on to the others."""
    alerts = crowded().alerts
    assert untaken(alerts, "a30") == "stop"
    assert untaken(alerts, "stop") == "a0"
    assert untaken(alerts, None) == "stop"


def test_many_peers_and_faults_leave_room_for_duties() -> None:
    """Fourteen peers, most of them DOWN, and faults at 80 by 24: duties, the selected one in full
    and the foot line stand there; what is left out is counted."""
    view = crowded()
    line = view.node.lines[0]
    for down in (0, 2, 13):
        peers = tuple(
            msgspec.structs.replace(
                line.peers[0], party=PartyId(f"P{n:02d}"),
                state=LinkState.DOWN if n < down else LinkState.UP,
            )
            for n in range(14)
        )  # fmt: skip
        faults = tuple((f"fault {n}", view.node.now, "words") for n in range(5))
        lines = (msgspec.structs.replace(line, peers=peers),)
        node = msgspec.structs.replace(view.node, lines=lines, faults=faults)
        drawn = rows(screen(msgspec.structs.replace(view, node=node), selected="a3"))
        text = [row.text for row in drawn]
        assert len(text) <= 24
        assert text[-1].endswith("q leave")
        assert sum("duty " in line for line in text) >= 3
        assert any("STOP from BBB" in line for line in text)
        if down <= 2:
            assert all(any(peer.party in line for line in text) for peer in peers)
        else:
            assert any("more of this sort" in line for line in text)


def test_old_board_knows_no_peer_as_up() -> None:
    """Once the board is stale a peer that was UP is NOT KNOWN; why is said."""
    view = board(town())
    assert any("BBB UP" in row.text for row in rows(screen(view)))
    old = Screen(
        board=view, now=Instant(view.node.now + MINUTE), heard=view.node.now, unread="refused: x"
    )
    text = "\n".join(row.text for row in rows(old))
    assert "BBB UP" not in text
    assert "line BBB NOT KNOWN" in text
    assert "THIS BOARD IS 1 min 00 s OLD: refused: x" in text
    assert troubles(old, spoken=True) == (
        f"THIS BOARD IS OF {format_clock(view.node.now)}: refused: x",
    )


def test_conflict_is_said_whole_where_there_is_room() -> None:
    """With rows to spare nothing of a conflict's heights and times is cut off."""
    view = board(town())
    said = " ".join(row.text for row in rows(screen(view)))
    assert view.conflicts[0].words.split()[-1] in said.split()
    tight = rows(screen(crowded()))
    assert sum("CONFLICT “" in row.text and row.text.endswith("…") for row in tight) == 1


def test_duties_that_differ_at_their_ends_can_be_told_apart() -> None:
    """What does not fit is left out of the middle: whose notice it is stands at the end."""
    view = board(town())
    long = "“CONVOY 7” is within reach of the REACTION of “Air defence of the Syrian coast” to "
    alerts = tuple(
        msgspec.structs.replace(view.alerts[0], id=name, words=f"{long}“{name}” of BBB")
        for name in ("Range 3", "Area 8")
    )
    text = [row.text for row in rows(screen(msgspec.structs.replace(view, alerts=alerts)))]
    assert any(line.endswith("to “Range 3” of BBB") for line in text)
    assert any(line.endswith("to “Area 8” of BBB") for line in text)
    assert max(cell_len(line) for line in text) <= 80


def test_peers_of_several_lines_say_which() -> None:
    """The same party on two lines: each row says on which."""
    view = board(town())
    line = view.node.lines[0]
    lines = (line, msgspec.structs.replace(line, title="The other line"))
    node = msgspec.structs.replace(view.node, lines=lines)
    text = [row.text for row in rows(screen(msgspec.structs.replace(view, node=node), width=120))]
    assert any(line.endswith("on “The other line”") for line in text)


def test_foot_line_is_whole_at_80_columns() -> None:
    """How to leave stands at its end, and is not cut."""
    assert rows(screen(board(town())))[-1].text.endswith("q leave")


def test_countdown_runs_and_goes_negative() -> None:
    """The time left is counted on from the node's time, past zero with a sign."""
    view = board(town())
    due = next(alert for alert in view.alerts if alert.due is not None and alert.needs_answer)
    assert due.due is not None
    early = Screen(board=view, now=Instant(due.due - 65_000), heard=view.node.now, height=60)
    late = Screen(board=view, now=Instant(due.due + 5_000), heard=view.node.now, height=60)
    assert any("   1:05" in row.text for row in rows(early))
    assert any("-   0:05" in row.text for row in rows(late))


def test_old_board_says_so() -> None:
    """A board that has not been read for two heartbeats names its age before anything else."""
    view = board(town())
    stale = Screen(board=view, now=Instant(view.node.now + MINUTE), heard=view.node.now)
    assert "THIS BOARD IS 1 min 00 s OLD" in rows(stale)[1].text
    fresh = rows(screen(view))
    assert not any("THIS BOARD" in row.text for row in fresh)


def test_exercise_is_marked_on_every_board() -> None:
    """An exercise cannot be taken for real (FM26)."""
    view = board(town())
    lines = tuple(msgspec.structs.replace(line, exercise=True) for line in view.node.lines)
    node = msgspec.structs.replace(view.node, lines=lines)
    marked = rows(screen(msgspec.structs.replace(view, node=node)))
    assert "EXERCISE" in marked[0].text


def test_selected_duty_stays_in_sight_and_only_what_is_shown_counts_as_presented() -> None:
    """Going down through a long list, the selected duty is always on the screen; R3 is claimed for
    what stands there and nothing else."""
    view = board(town(12))
    selected = moved(view.alerts, None, 0)
    for _ in range(len(view.alerts)):
        shown = in_sight(screen(view, selected=selected))
        assert selected in {alert.id for alert in shown}
        assert len(shown) < len(view.alerts)
        assert any(row.text.startswith(">") for row in rows(screen(view, selected=selected)))
        selected = moved(view.alerts, selected, 1)
    assert selected == view.alerts[-1].id


def test_answer_key_names_the_version_that_waits() -> None:
    """Only a duty that waits for an answer gives the entry to answer."""
    view = board(town())
    named = {a.id: answerable(view, a.id) for a in view.alerts}
    waiting = [found for found in named.values() if found is not None]
    assert waiting
    for alert, ref in waiting:
        assert alert.needs_answer
        assert ref == alert.about[0]


def test_changes_are_announced_as_lines() -> None:
    """A screen reader hears what is new, what was taken and what is over, without boxes."""
    made = town()
    first = board(made)
    said = announced(None, first)
    assert any(line.startswith("new alarm: CONFLICT") for line in said)
    assert any(line.startswith("CONFLICT: “") for line in said)
    assert announced(first, first) == []
    taken = msgspec.structs.replace(first.alerts[0], state=AlertState.ACKNOWLEDGED, taken_by="Kim")
    rest = (taken, *first.alerts[2:])
    node = msgspec.structs.replace(first.node, open_duties=len(rest))
    second = msgspec.structs.replace(first, alerts=rest, node=node)
    spoken = announced(first, second)
    assert any(line.startswith("taken by Kim") for line in spoken)
    assert any(line.startswith("over:") for line in spoken)


def test_duty_that_has_ended_is_never_said_as_if_it_were_so_now() -> None:
    """A conflict that was over before anybody took it stands there as ended, with no time running;
    who joins later hears that, and of others whether they are in hand."""
    view = board(town())
    conflict = next(alert for alert in view.alerts if alert.words.startswith("CONFLICT"))
    ended = msgspec.structs.replace(
        conflict, state=AlertState.ENDED_UNSEEN, due=Instant(view.node.now - MINUTE)
    )
    taken = msgspec.structs.replace(
        conflict, id="other", state=AlertState.ACKNOWLEDGED, taken_by="Kim"
    )
    view = msgspec.structs.replace(view, alerts=(ended, taken), conflicts=())
    row = next(row.text for row in rows(screen(view)) if row.text.startswith("  ."))
    assert "(ended) CONFLICT" in row
    assert "1:00" not in row
    assert announced(None, view)[:2] == [
        f"ended, nobody had taken it: {conflict.words}",
        f"alarm, taken by Kim: {conflict.words}"
        + (f", due {format_clock(conflict.due)}" if conflict.due is not None else ""),
    ]


def test_head_of_an_exercise_at_80_columns_says_how_many_ring() -> None:
    """However long the party's name is, EXERCISE and the numbers of duties are whole."""
    view = board(town())
    lines = tuple(msgspec.structs.replace(line, exercise=True) for line in view.node.lines)
    for party in ("AAA", "NORTH", "SIXTEEN-LETTERS-"):
        node = msgspec.structs.replace(
            view.node, lines=lines, party=party, open_duties=113, ringing=87
        )
        head = rows(screen(msgspec.structs.replace(view, node=node)))[0].text
        assert head.startswith("*** EXERCISE")
        assert head.endswith("113 duties, 87 ringing")


def test_board_of_the_loudest_says_how_many_more_there_are() -> None:
    """Where only the loudest were read, all are counted, and one that is not among them any more is
    not said to be over."""
    first = board(town())
    total = first.node.open_duties
    assert total > 1
    cut = msgspec.structs.replace(first, alerts=first.alerts[:1])
    assert not any(line.startswith("over:") for line in announced(first, cut))
    text = [row.text for row in rows(screen(cut))]
    assert any(line.startswith(f"DUTIES {total}") for line in text)
    assert any(f"and {total - 1} more" in line for line in text)
    filtered = [row.text for row in rows(screen(cut, words="area"))]
    assert any(f"DUTIES the loudest 1 of {total}, only with" in line for line in filtered)


def test_board_runs_on_a_real_terminal_and_confirms_what_it_shows(tmp_path: Path) -> None:
    """On a terminal the board appears, takes the selected alert with a key, and leaves with q; the
    desk that showed it is on record, and the terminal is given back."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        with node.client() as client:
            for label in ("one", "other"):
                client.file(node.line, notice(node.now(), label=label))
        assert "CONFLICT: our" in cli("watch", "--once", "--node", str(node.folder))
        mine, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "clearline", "watch", "--node", str(node.folder)],
            stdin=theirs, stdout=theirs, stderr=theirs,
            env={**os.environ, "PYTHONPATH": "src", "TERM": "xterm", **SIZE},
        )  # fmt: skip
        os.close(theirs)
        try:
            seen = _until(mine, b"CONFLICT", b"")
            os.write(mine, b"a")
            seen = _until(mine, b"(watch)", seen)
            os.write(mine, b"x")
            seen = _until(mine, b"Esc leaves it: nothing is sent", seen)
            os.write(mine, b"\x1b")
            os.write(mine, b"q")
            assert process.wait(10) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            os.close(mine)
        with node.client() as client:
            alerts = client.alerts()
        assert any(alert.taken_by == "watch" for alert in alerts)
        assert {alert.presented_on for alert in alerts} >= {"terminal"}


def test_terminal_without_a_cursor_is_told_changes_as_lines(tmp_path: Path) -> None:
    """TERM=dumb, and no colours wanted: what is done instead is said, and no escape is written."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        with node.client() as client:
            client.file(node.line, notice(node.now(), label="one"))
        done = subprocess.run(
            [sys.executable, "-m", "clearline", "watch", "--node", str(node.folder)],
            input="q\n", capture_output=True, text=True, timeout=60,
            env={**os.environ, "PYTHONPATH": "src", "TERM": "dumb", "NO_COLOR": "1"}, check=True,
        )  # fmt: skip
    assert "changes come as lines" in done.stdout
    assert "new alarm:" in done.stdout
    assert "\x1b" not in done.stdout


def test_plain_board_takes_lines_and_says_what_came_of_them(tmp_path: Path) -> None:
    """For a screen reader: duties as lines, a number selects, a key acts, a command runs, q leaves;
    no escape sequence is ever written."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        with node.client() as client:
            client.file(node.line, notice(node.now(), label="one"))
        done = subprocess.run(
            [sys.executable, "-m", "clearline", "watch", "--plain", "--node", str(node.folder)],
            input="1\nx\n1\nx\n\nline no-such\na\nline status\nq\n",
            capture_output=True, text=True, timeout=60,
            env={**os.environ, "PYTHONPATH": "src"}, check=True,
        )  # fmt: skip
        with node.client() as client:
            (said,) = client.do(asks.asks(node.line))
    assert said.kind is Kind.STOP
    assert "new alarm:" in done.stdout
    assert "Enter runs this, a key leaves it, or type your own: clearline stop" in done.stdout
    assert "left, nothing was sent: stop" in done.stdout, "a number leaves what a key filled in"
    assert "left, nothing was sent: line no-such" in done.stdout, "and what was refused"
    assert "│" not in done.stdout
    assert "BRAVO" in done.stdout
    assert "\x1b" not in done.stdout


def _until(handle: int, wanted: bytes, seen: bytes) -> bytes:
    """What comes from a terminal until something stands in it."""
    for _ in range(200):
        if wanted in seen:
            return seen
        ready, _, _ = select.select([handle], [], [], 15)
        assert ready, f"{wanted!r} never came: {seen[-500:]!r}"
        seen += os.read(handle, 65_536)
    raise AssertionError(f"{wanted!r} never came: {seen[-500:]!r}")
