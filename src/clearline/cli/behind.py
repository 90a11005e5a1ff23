"""What a desk waits for, beside the desk: the board is read, what is shown is confirmed and keys
act in threads of their own, so that clock, countdowns and keys go on while a node hangs or a link
is slow."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from msgspec.structs import replace

from clearline.client import Alerted, Client, Hello, Refused, Unreachable, asks
from clearline.client.held import Held
from clearline.model.alert import AlertState
from clearline.model.ids import LineId
from clearline.node.views import AlertView, BoardView, NoticeView

T = TypeVar("T")

REFRESH_S: Final = 10.0
"""The board is read again this often even if nobody says that it changed."""
AGAIN_S: Final = 2.0
"""So soon after a reading that failed, and after a stream of events that was refused."""
DUTIES_READ: Final = 300
"""Duties of one reading, the loudest: several screens of them, some 300 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """No board: why."""

    why: str


def said_of(error: Refused | Unreachable) -> str:
    """What went wrong, as the board says it."""
    if isinstance(error, Refused):
        return f"refused: {error.problem.detail or error.problem.title}"
    return f"the node does not answer: {error}"


def read_board(client: Client, lines: dict[LineId, Held]) -> BoardView:
    """The board with live notices of all lines whose record is read; of those only what changed
    since ``lines`` comes over the link. Raises Refused, Unreachable."""
    board = client.board(alerts=DUTIES_READ, notices=0)
    return replace(board, notices=tuple(_notices(client, board, lines)))


def _notices(client: Client, board: BoardView, lines: dict[LineId, Held]) -> Iterator[NoticeView]:
    for line in board.node.lines:
        if line.loading is None:
            held = lines.setdefault(line.line, Held())
            yield from client.changes(line.line, held).notices()


@dataclass(slots=True)
class Eyes:
    """Reads the board whenever it changed, and every ten seconds; ``news`` is set when there is
    something to look at. ``client`` is nobody else's."""

    client: Client
    desk: str
    news: threading.Event
    wake: threading.Event = field(default_factory=threading.Event)
    found: SimpleQueue[BoardView | AlertView | Unread] = field(default_factory=SimpleQueue)
    shown: SimpleQueue[str] = field(default_factory=SimpleQueue)
    lines: dict[LineId, Held] = field(default_factory=dict)

    def run(self) -> None:
        """For as long as the process lives."""
        pause = 0.0
        while True:
            self.wake.wait(pause)
            self.wake.clear()
            pause = REFRESH_S if self.look() else AGAIN_S

    def look(self) -> bool:
        """Confirm what was shown, and read once; whether the node answered."""
        try:
            for name in taken(self.shown):
                self._confirm(name)
            self.found.put(read_board(self.client, self.lines))
        except (Refused, Unreachable) as error:
            self.found.put(Unread(why=said_of(error)))
            return False
        finally:
            self.news.set()
        return True

    def _confirm(self, name: str) -> None:
        try:
            self.client.do(asks.shown(name, self.desk))
        except Refused:
            return  # it ended meanwhile


@dataclass(slots=True)
class Hands:
    """Does what a key or a command asks for. ``done`` holds what is to be said of it, to be called
    by the desk; ``at_once``: while the key waits, as where lines are typed."""

    news: threading.Event
    at_once: bool = False
    waits: dict[str, str] = field(default_factory=dict)
    done: SimpleQueue[Callable[[], None]] = field(default_factory=SimpleQueue)

    def do(self, lane: str, what: str, work: Callable[[], T], then: Callable[[T], None]) -> bool:
        """Whether it was begun: of each lane one thing at a time is under way. ``then`` is given
        what ``work`` gave, on the desk's own thread; ``work`` touches nothing of the desk's."""
        if lane in self.waits:
            return False
        self.waits[lane] = what

        def run() -> None:
            try:
                found = work()
            finally:
                self.done.put(lambda: self._end(lane))
            self.done.put(lambda: then(found))
            self.news.set()

        if self.at_once:
            run()
            self.settle()
        else:
            threading.Thread(target=run, name=lane, daemon=True).start()
        return True

    def _end(self, lane: str) -> None:
        self.waits.pop(lane, None)

    def settle(self) -> None:
        """Take in what has been done."""
        for each in taken(self.done):
            each()


def listen(ears: Client, eyes: Eyes, deaf: Callable[[str], None]) -> None:
    """Keep the desk open, so that it hears rings, and say when the board is to be read again; a
    stream that is refused is asked for again. An alert goes to the desk at once: over a thin link
    a STOP is not to wait for the whole board. ``deaf``: why the desk is not open; nothing: it is.
    """
    pause = threading.Event()
    while True:
        try:
            for event in ears.events(desk=eyes.desk):
                if isinstance(event, Hello):
                    deaf("")
                if isinstance(event, Alerted):
                    eyes.found.put(event.alert)
                    eyes.news.set()
                eyes.wake.set()
        except (Refused, Unreachable) as error:
            deaf(said_of(error))
        pause.wait(AGAIN_S)


def with_alert(board: BoardView, alert: AlertView) -> BoardView:
    """The board with a newer word of one duty: in its place, or before all others, until the board
    is read again in its order."""
    known = {each.id for each in board.alerts}
    alerts = tuple(alert if each.id == alert.id else each for each in board.alerts)
    if alert.state is AlertState.CLOSED:
        return replace(board, alerts=tuple(each for each in alerts if each.id != alert.id))
    if alert.id in known:
        return replace(board, alerts=alerts)
    node = replace(
        board.node, open_duties=board.node.open_duties + 1,
        ringing=board.node.ringing + alert.sounding,
    )  # fmt: skip
    return replace(board, alerts=(alert, *alerts), node=node)


def taken(queue: SimpleQueue[T]) -> Iterator[T]:
    """What stands in a queue now."""
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return


__all__ = ["Eyes", "Hands", "Unread", "listen", "read_board", "said_of", "taken", "with_alert"]
