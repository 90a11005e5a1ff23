"""The terminal board: what stands on it, as a pure function of the node's board and the time.

A ``Screen`` becomes rows; a row is its text and how it looks. The same rows are drawn on a screen,
or read out as plain lines. Nothing is told by looks alone.
"""

from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from rich.cells import cell_len, set_cell_size

from clearline.cli.showing import USUAL, Style
from clearline.model.alert import AlertState, Severity
from clearline.model.entry import LinkState
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef
from clearline.model.time import Instant, format_clock, format_length
from clearline.node import phrases
from clearline.node.views import AlertView, Badge, BoardView, ConflictView, LineView, PeerView
from clearline.words.sentences import without_isolates

WIDTH_MIN: Final = 80
HEIGHT_MIN: Final = 24
DETAIL_ROWS_MAX: Final = 3
DUTY_ROWS_MIN: Final = 4
PEERS_ALONE_MAX: Final = 4
"""Peers with a row each; of more, those that are UP share one."""
STALE_MS: Final = 25_000
"""A board that is older than two and a half heartbeats of its stream says so (FM12)."""

MARKS: Final[dict[AlertState, str]] = {
    AlertState.RAISED: "!!",
    AlertState.ESCALATED: "!^",
    AlertState.ACKNOWLEDGED: " *",
    AlertState.ANSWERED: " =",
    AlertState.ENDED_UNSEEN: " .",
    AlertState.CLOSED: "  ",
}
"""Unacknowledged, climbing, taken, answered, ended unseen; said in words in the help line."""
OVER: Final = "(ended) "
"""Of what nobody took while it lasted: its words alone read as if it were so now."""
LOOKS: Final[dict[Severity, str]] = {
    Severity.EMERGENCY: "bold reverse",
    Severity.ALARM: "bold",
    Severity.WARNING: "",
    Severity.CAUTION: "dim",
}
FOUND: Final[dict[Verdict, str]] = {
    Verdict.YES: "CONFLICT", Verdict.UNDETERMINED: "CANNOT RULE OUT", Verdict.NO: "APART",
}  # fmt: skip
HELP: Final = "!! not taken !^ climbing * taken  a take r ROGER u UNABLE x STOP ? keys q leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the screen."""

    text: str
    look: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What the board is drawn from. ``now`` is the node's time; ``heard`` when the board was made;
    ``selected`` the id of the alert that keys act on; ``words``: only duties with these are shown,
    emergencies always; ``unread``: why no newer board could be read, ``deaf`` why the desk is
    not open; ``sheet``: lines that stand instead of the duties, from one of them on."""

    board: BoardView
    now: Instant
    heard: Instant
    selected: str | None = None
    said: str = ""
    unread: str = ""
    deaf: str = ""
    width: int = WIDTH_MIN
    height: int = HEIGHT_MIN
    style: Style = USUAL
    words: str = ""
    sheet: tuple[str, ...] = ()
    sheet_from: int = 0


def rows(screen: Screen) -> tuple[Row, ...]:
    """Every line, at most ``height`` of them and none wider than ``width``."""
    room = _room(screen)
    if screen.sheet:
        urgent = [_duty(screen, alert) for alert in in_sight(screen)]
        left = room - len(urgent)
        body = [Row(text=text) for text in _wrapped(screen)[screen.sheet_from :][:left]]
        body = [*urgent, *body, *[Row(text="")] * (left - len(body))]
    else:
        body = _duties(screen, room)
    tail = _tail(screen, room - len(body))
    found = [*_top(screen), Row(text=_duty_title(screen), look="underline"), *body, *tail]
    return tuple(
        Row(text=_fit(row.text, screen.width), look=row.look) for row in found[: screen.height]
    )


def _top(screen: Screen) -> list[Row]:
    """What stands above the duties; however much goes wrong at once, some room for them is left."""
    found = [*_head(screen), *_peers(screen)]
    room = max(2, screen.height - len(_tail(screen)) - 1 - DUTY_ROWS_MIN)
    if len(found) <= room:
        return found
    more = f"and {len(found) - room + 1} more of this sort: press : and type line status"
    return [*found[: room - 1], Row(text=more, look="bold")]


def _tail(screen: Screen, spare: int = 0) -> list[Row]:
    """What stands below them; conflicts are said whole where there are as many rows to spare."""
    rest = [*_detail(screen), Row(text=screen.said or HELP, look="dim")]
    whole = [
        Row(text=text, look=row.look)
        for row in _conflicts(screen)
        for text in _in_lines(row.text, screen.width, 4)
    ]
    fits = len(whole) <= len(_conflicts(screen)) + spare
    return [*(whole if fits else _conflicts(screen)), *rest]


def _room(screen: Screen) -> int:
    """Rows that are left for duties."""
    return max(1, screen.height - len(_top(screen)) - len(_tail(screen)) - 1)


def _sheet_room(screen: Screen) -> int:
    """Rows that are left for a sheet below the emergencies that nobody has taken."""
    return max(1, _room(screen) - len(in_sight(screen)))


def sheet_end(screen: Screen) -> int:
    """The last line from which a sheet can be shown so that it fills its room."""
    return max(0, len(_wrapped(screen)) - _sheet_room(screen))


def _wrapped(screen: Screen) -> list[str]:
    """The sheet in lines that fit; what goes on is indented further."""
    return [
        part
        for text in screen.sheet
        for part in _in_lines(text, screen.width, len(text) - len(text.lstrip()) + 4) or [""]
    ]  # fmt: skip


def _in_lines(text: str, width: int, indent: int = 0) -> list[str]:
    """Broken into lines that a terminal shows whole: letters that take two places count as two."""
    said = without_isolates(text)
    room = width if cell_len(said) <= len(said) else max(indent + 1, width // 2)
    return wrap(said, room, subsequent_indent=" " * indent)


def _fit(text: str, width: int) -> str:
    """No wider than that on a terminal: some letters take two places there, and marks take none.
    Isolates are taken out: few terminals know them, the others show boxes."""
    said = without_isolates(text)
    return said if cell_len(said) <= width else f"{set_cell_size(said, width - 1)}…"


def _fit_both(text: str, width: int) -> str:
    """As ``_fit``, and cut in the middle: what tells one duty from the next often stands at the
    end, such as the other's name."""
    said = without_isolates(text)
    if cell_len(said) <= width:
        return said
    start = set_cell_size(said, width // 2).rstrip()
    end = said[len(start) :]
    if not end.startswith(" ") and 0 < len(start) - start.rfind(" ") <= WORD_MAX:
        start = start[: start.rfind(" ")]
    while cell_len(start) + 3 + cell_len(end) > width:
        end = end[1:]
    if 0 <= end.find(" ") <= WORD_MAX:
        end = end[end.find(" ") :]
    return f"{start} … {end.lstrip()}"


WORD_MAX: Final = 12
"""A word of so many letters is left out rather than cut."""


def _head(screen: Screen) -> list[Row]:
    node = screen.board.node
    exercise = any(line.exercise for line in node.lines)
    clock = screen.style.clock(Instant(screen.now // 1000 * 1000)).replace("T", " ")
    text = f"{clock}  {node.party}  {node.open_duties} duties, {node.ringing} ringing"
    if exercise:  # said once where three times would push out how many ring
        times = max(1, min(3, (screen.width - cell_len(text) - 7) // 9))
        text = f"***{' EXERCISE' * times} *** {text}"
    found = [Row(text=text, look="bold reverse" if exercise else "bold")]
    found += [Row(text=text, look="bold reverse") for text in troubles(screen)]
    for name, since, detail in node.faults:
        text = f"FAULT {name} since {format_clock(since)} {detail}"
        found.append(Row(text=text, look="bold"))
    return found


def troubles(screen: Screen, *, spoken: bool = False) -> tuple[str, ...]:
    """Why what is shown may not be so any more, and why this desk may not ring. ``spoken``: in
    words that stay the same for as long as it lasts."""
    found = []
    if _is_stale(screen) or screen.unread:
        age = format_length(max(0, screen.now - screen.heard))
        old = f"OF {format_clock(screen.heard)}" if spoken else f"{age} OLD"
        found.append(f"THIS BOARD IS {old}: {screen.unread or 'nothing newer has come'}")
    if screen.deaf:
        found.append(f"THIS DESK HEARS NO RINGS: {screen.deaf}")
    return tuple(found)


def _peers(screen: Screen) -> list[Row]:
    found = []
    lines = screen.board.node.lines
    for line in lines:
        if line.loading is not None:
            found.append(Row(text=phrases.loading(line.loading), look="bold reverse"))
        elif line.signing != "ready":
            found.append(Row(text=f"SIGNS NOTHING: {line.signing}", look="bold reverse"))
        for each in line.suspended:
            text = f"SUSPENDED by {each.by} since {format_clock(each.since)}: {each.reason}"
            found.append(Row(text=text, look="bold"))
    peers = [(line, peer) for line in lines for peer in line.peers]
    up = [each for each in peers if _state(screen, each[1]) == LinkState.UP.value]
    shared = up if len(peers) > PEERS_ALONE_MAX else []
    found += [_peer(screen, *each) for each in peers if each not in shared]
    ages = ", ".join(f"{_called(screen, *each)} {_age(screen, each[1])}" for each in shared)
    said = f"{len(shared)} UP, last round trip: {ages}" if shared else ""
    return found + [Row(text=text) for text in _in_lines(said, screen.width, 4)]


def _is_stale(screen: Screen) -> bool:
    return screen.now - screen.heard > STALE_MS


def _state(screen: Screen, peer: PeerView) -> str:
    """A board that is old knows no peer as UP."""
    is_up = peer.state is LinkState.UP
    return "NOT KNOWN" if is_up and _is_stale(screen) else peer.state.value


def _called(screen: Screen, line: LineView, peer: PeerView) -> str:
    """The peer, with its line where there are several."""
    title = f" on “{line.title}”" if len(screen.board.node.lines) > 1 else ""
    return f"{peer.party}{title}"


def _age(screen: Screen, peer: PeerView) -> str:
    """Since the last round trip, counted on from when the board was made."""
    return format_length(peer.age_ms + max(0, screen.now - screen.heard))


def _peer(screen: Screen, line: LineView, peer: PeerView) -> Row:
    ever = peer.round_trip is not None
    told = f"last round trip {_age(screen, peer)} ago" if ever else "no round trip yet"
    clock = ""
    if peer.clock_offset_ms is not None:
        clock = f", clock {peer.clock_offset_ms / 1000:+.1f} s"
    state = _state(screen, peer)
    look = "bold" if state != LinkState.UP.value else ""
    where = _called(screen, line, peer).removeprefix(peer.party)
    return Row(text=f"line {peer.party} {state}, {told}{clock}{where}", look=look)


def _duty_title(screen: Screen) -> str:
    """How many there are; with a filter, how many it hides and how many of those ring."""
    every, total = screen.board.alerts, screen.board.node.open_duties
    if screen.sheet:
        first, last = screen.sheet_from + 1, screen.sheet_from + _sheet_room(screen)
        total = len(_wrapped(screen))
        return (
            f"{min(first, total)} to {min(last, total)} of {total}   j k PgUp PgDn move, Esc closes"
        )
    if not screen.words:
        return f"DUTIES {total}" if total else "DUTIES none open"
    hidden = [alert for alert in every if alert not in shown_duties(screen)]
    ring = sum(alert.sounding for alert in hidden)
    read = f"the loudest {len(every)} of {total}" if total > len(every) else f"{total}"
    return (
        f"DUTIES {read}, only with “{screen.words}”: {len(hidden)} HIDDEN, {ring} of them "
        "RING   / changes"
    )


def shown_duties(screen: Screen) -> tuple[AlertView, ...]:
    """Duties that the filter lets through; an emergency is never hidden."""
    words = screen.words.casefold()
    return tuple(
        alert
        for alert in screen.board.alerts
        if words in alert.words.casefold() or alert.severity is Severity.EMERGENCY
    )


def _duties(screen: Screen, room: int) -> list[Row]:
    """The loudest first; the selected one always in sight, and how many are not is said."""
    shown = _in_sight(screen, room)
    found = [_duty(screen, alert) for alert in shown]
    beyond = screen.board.node.open_duties - len(screen.board.alerts)
    left = len(shown_duties(screen)) - len(shown) + (0 if screen.words else max(0, beyond))
    return [*found, Row(text=f"   and {left} more", look="dim")] if left else found


def _in_sight(screen: Screen, room: int) -> tuple[AlertView, ...]:
    """Emergencies that nobody has taken stand there whatever is selected, before all others."""
    alerts = shown_duties(screen)
    if len(alerts) <= room:
        return alerts
    room = max(1, room - 1)
    pressing = _pressing(screen)[: max(1, room // 2)]
    rest = [alert for alert in alerts if alert not in pressing]
    places = [n for n, alert in enumerate(rest) if alert.id == screen.selected]
    left, at = room - len(pressing), places[0] if places else 0
    first = max(0, min(at - left + 1, len(rest) - left))
    return (*pressing, *rest[first : first + left])


def _pressing(screen: Screen) -> tuple[AlertView, ...]:
    return tuple(alert for alert in shown_duties(screen) if _is_pressing(alert))


def in_sight(screen: Screen) -> tuple[AlertView, ...]:
    """The duties that stand on the screen: only these have been presented (R3). Over a sheet that
    is open stand the emergencies that nobody has taken."""
    if screen.sheet:
        return _pressing(screen)[: max(1, _room(screen) // 2)]
    return _in_sight(screen, _room(screen))


def _duty(screen: Screen, alert: AlertView) -> Row:
    cursor = ">" if alert.id == screen.selected else " "
    says = alert.words.removeprefix(f"{Badge.EXERCISE.value} ")
    begun = {b for b in alert.badges if says.startswith(b.value)} | {Badge.EXERCISE}
    badges = "".join(f"[{badge.value}] " for badge in alert.badges if badge not in begun)
    counted = f"x{alert.count} " if alert.count > 1 else ""
    taken = f"({alert.taken_by}) " if alert.taken_by is not None else ""
    if alert.state is AlertState.ENDED_UNSEEN:
        taken = OVER
    due = _due(screen, alert)
    text = f"{cursor}{MARKS[alert.state]} {due} {taken}{counted}{badges}{alert.words}"
    text = _fit_both(text, screen.width)
    look = LOOKS[alert.severity]
    if alert.state in (AlertState.ACKNOWLEDGED, AlertState.ANSWERED):
        look = ""
    return Row(text=text, look=f"{look} reverse".strip() if cursor == ">" else look)


def _due(screen: Screen, alert: AlertView) -> str:
    """The time left until the answer or act is due, in a field of nine; where nothing is due, or
    not any more, since when it stands."""
    if alert.due is None or alert.state is AlertState.ENDED_UNSEEN:
        return f"{format_clock(alert.since)[:5]}Z".rjust(9)[:9]
    left = (alert.due - screen.now) // 1000
    sign = "-" if left < 0 else " "
    minutes, seconds = divmod(abs(left), 60)
    return f"{sign}{minutes:4d}:{seconds:02d}"[:9].rjust(9)


def _detail(screen: Screen) -> list[Row]:
    """The selected duty in full: its words, and its ladder with who is called next and when."""
    for alert in screen.board.alerts:
        if alert.id == screen.selected:
            words = _in_lines(f"{alert.precedence.name} {alert.words}", screen.width)
            rungs = [
                f"{rung.role} {'called' if rung.reached else format_clock(rung.at)}"
                for rung in alert.ladder
            ]
            ladder = " > ".join(rungs) or "nobody is called"
            if alert.state is AlertState.ENDED_UNSEEN:
                ladder = "it has ended, nobody is called; a takes it off the board"
            return [Row(text=text) for text in (*words[:DETAIL_ROWS_MAX], f"ladder: {ladder}")]
    return []


def _conflicts(screen: Screen) -> list[Row]:
    found: list[Row] = []
    for each in screen.board.conflicts[:3]:
        found.append(Row(text=_conflict(each), look="bold"))
    more = len(screen.board.conflicts) - len(found)
    if more > 0:
        found.append(Row(text=f"  and {more} more conflicts", look="dim"))
    if any(line.loading is not None for line in screen.board.node.lines):
        found.append(Row(text="conflicts are NOT KNOWN until the record is read", look="bold"))
    return found or [Row(text="no conflict known in what this node holds", look="dim")]


def _conflict(view: ConflictView) -> str:
    return f"{FOUND[view.verdict]} {view.words}"


# -- keys


def moved(alerts: tuple[AlertView, ...], selected: str | None, step: int) -> str | None:
    """The alert that is selected after a step up or down."""
    names = [alert.id for alert in alerts]
    if not names:
        return None
    if selected not in names:
        return names[0]
    return names[max(0, min(names.index(selected) + step, len(names) - 1))]


def untaken(alerts: tuple[AlertView, ...], selected: str | None) -> str | None:
    """The next alert after the selected one that nobody has in hand, around the end; else none.
    From what is no such emergency the first of those is next."""
    names = [alert.id for alert in alerts]
    at = names.index(selected) + 1 if selected in names else 0
    around = (*alerts[at:], *alerts[:at])
    urgent = [alert.id for alert in around if _is_pressing(alert)]
    if urgent and selected not in urgent:
        return next(name for name in names if name in urgent)
    return next((alert.id for alert in around if alert.state in UNTAKEN), None)


UNTAKEN: Final = (AlertState.RAISED, AlertState.ESCALATED, AlertState.ENDED_UNSEEN)


def _is_pressing(alert: AlertView) -> bool:
    """An emergency that nobody has taken: it stands on every screen."""
    waits = alert.state in (AlertState.RAISED, AlertState.ESCALATED)
    return waits and alert.severity is Severity.EMERGENCY


def answerable(board: BoardView, selected: str | None) -> tuple[AlertView, EntryRef] | None:
    """The selected alert and the entry that an answer to it names, if it waits for one."""
    for alert in board.alerts:
        if alert.id == selected and alert.needs_answer and alert.about:
            return alert, alert.about[0]
    return None


# -- spoken


def announced(before: BoardView | None, after: BoardView) -> list[str]:
    """What changed between two boards, a line each, for a screen reader: no boxes, no colours."""
    old = {} if before is None else {alert.id: alert for alert in before.alerts}
    new = {alert.id: alert for alert in after.alerts}
    said = []
    for name, alert in new.items():
        held = old.get(name)
        if held is None:
            said.append(_first_said(alert))
        elif held.state is not alert.state:
            by = f" by {alert.taken_by}" if alert.taken_by is not None else ""
            said.append(f"{SPOKEN[alert.state]}{by}: {alert.words}")
    if len(new) >= after.node.open_duties:  # else one that is not there may only be less urgent
        said += [f"over: {alert.words}" for name, alert in old.items() if name not in new]
    states = {} if before is None else _states(before)
    for party, state in _states(after).items():
        if states.get(party) != state:
            said.append(f"line to {party} is {state}")
    known = set() if before is None else {(c.a, c.b, c.verdict) for c in before.conflicts}
    said += [
        f"{FOUND[view.verdict]}: {view.words}"
        for view in after.conflicts
        if (view.a, view.b, view.verdict) not in known
    ]
    return said


SPOKEN: Final[dict[AlertState, str]] = {
    AlertState.RAISED: "rings",
    AlertState.ESCALATED: "not taken, others are called",
    AlertState.ACKNOWLEDGED: "taken",
    AlertState.ANSWERED: "answered",
    AlertState.ENDED_UNSEEN: "ended, nobody had taken it",
    AlertState.CLOSED: "over",
}


def _first_said(alert: AlertView) -> str:
    """A duty that was not heard of before, as what it is now: it may have ended, or be in hand."""
    due = f", due {format_clock(alert.due)}" if alert.due is not None else ""
    by = f" by {alert.taken_by}" if alert.taken_by is not None else ""
    match alert.state:
        case AlertState.RAISED | AlertState.ESCALATED:
            return f"new {alert.severity.value}: {alert.words}{due}"
        case AlertState.ENDED_UNSEEN | AlertState.CLOSED:
            return f"{SPOKEN[alert.state]}: {alert.words}"
        case _:
            return f"{alert.severity.value}, {SPOKEN[alert.state]}{by}: {alert.words}{due}"


def _states(board: BoardView) -> dict[str, str]:
    return {peer.party: peer.state.value for line in board.node.lines for peer in line.peers}


__all__ = ["Row", "Screen", "announced", "answerable", "in_sight", "moved", "rows", "sheet_end",
           "shown_duties", "troubles", "untaken"]  # fmt: skip
