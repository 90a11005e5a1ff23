"""Bugs of the duty desk, planted on purpose: each is one that somebody could well write."""

from collections.abc import Iterable

from msgspec.structs import replace as change

from clearline.alerting import look, turn
from clearline.alerting.book import AlertBook
from clearline.alerting.events import AlertingEvent
from clearline.alerting.routing import WatchPlan
from clearline.alerting.step import Outcome as Step
from clearline.model.alert import Alert, AlertState, Trouble
from clearline.model.entry import Reply
from clearline.model.ids import FeedId, LineId
from clearline.model.terms import DeadlineTerm
from clearline.model.time import HOUR, Instant
from clearline.node import alarms, decide
from clearline.node.conductor import Conductor
from clearline.node.handover_views import OpenItem
from clearline.node.inbound import Outcome, Pushed, TakenOver
from clearline.node.state import LineState
from clearline.node.turn import Turn

_look_at, _take_over, _step = turn.look_at, decide.take_over, alarms.step
_push = Conductor.push
BEHIND_MAX = 3
WATCH_MS = 8 * HOUR
PASSED: list[str] = []
"""Watches that have just passed, for ``duty_lost_at_handover``."""


def closed(alert: Alert) -> Alert:
    """The alert, off the board."""
    return change(alert, state=AlertState.CLOSED, next=None, silenced_until=None, count=1)


def silence_is_consent(work: look.Work, name: str) -> None:
    """What nobody has answered for a whole watch is taken for settled."""
    alert = work.book.alerts[name]
    if work.now - alert.raised >= WATCH_MS:
        work.put(closed(alert))
    else:
        _look_at(work, name)


def rung_never_climbs(alert: Alert, term: DeadlineTerm, now: Instant) -> int:
    """The first role is rung again and again."""
    return alert.rung


def any_reply_settles(trouble: Trouble, reply: Reply) -> bool:
    """STANDBY counts as an answer, and so does ROGER to a STOP."""
    return True


def watch_passes(
    turn: Turn, ls: LineState, taken: TakenOver, items: tuple[OpenItem, ...]
) -> tuple[LineState, Outcome]:
    """The real handover, remembered."""
    found = _take_over(turn, ls, taken, items)
    if found[1].refusal is None:
        PASSED.append(taken.role)
    return found


def duty_lost_at_handover(
    book: AlertBook, events: Iterable[AlertingEvent], plan: WatchPlan, now: Instant
) -> Step:
    """What the outgoing watch had taken goes with it."""
    if PASSED:
        PASSED.clear()
        for alert in list(book.alerts.values()):
            if alert.state is AlertState.ACKNOWLEDGED:
                book = book.put(closed(alert))
    return _step(book, events, plan, now)


def backlog_is_not_sent(
    self: Conductor, line: LineId, feed: FeedId, held: int, *, bytes_max: int
) -> Pushed | None:
    """What a peer missed while the link was cut stays where it is, once it is more than a few."""
    behind = self.state.lines[line].frontier(feed).size - held
    return None if behind > BEHIND_MAX else _push(self, line, feed, held, bytes_max=bytes_max)


def nobody_is_told_of_silence(*_: object) -> None:
    """What a peer leaves unanswered is not rung about at whoever asked."""
