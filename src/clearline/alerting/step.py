"""The single entry of the stage: events and the time in; a new book, what changed, what to do out.

Deterministic and idempotent: the same events at the same times give the same book, and an event
said twice changes nothing the second time (an acknowledgement may find ringing again what fell due
in between, and takes it). First every event is taken, then everything that is due
is looked at once: what was answered in the same step does not ring.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clearline.alerting.book import AlertBook
from clearline.alerting.events import AlertingEvent
from clearline.alerting.routing import WatchPlan
from clearline.alerting.turn import Turn
from clearline.model.alert import Alert, Ring, Silence
from clearline.model.refusal import Refusal
from clearline.model.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a step. ``changed`` are to be stored with the book, closed ones included;
    ``intents`` to be performed once that is durable; ``refused`` goes back to who asked."""

    book: AlertBook
    changed: tuple[Alert, ...] = ()
    intents: tuple[Ring | Silence, ...] = ()
    refused: tuple[tuple[AlertingEvent, Refusal], ...] = ()


def step(
    book: AlertBook, events: Iterable[AlertingEvent], plan: WatchPlan, now: Instant
) -> Outcome:
    """Take the events, then ring and climb whatever is due at ``now``.

    ``now`` is a time of a clock that does not go backwards; an earlier one than the book's counts
    as the book's.
    """
    turn = Turn(book, plan, now)
    for event in events:
        turn.take(event)
    turn.look()
    changed = turn.changed()
    rung = {ring.alert for ring in turn.rings}
    shown = tuple(
        Silence(alert=alert.id, desks=plan.desks_for(alert.trouble))
        for alert in changed
        if alert.id not in rung and _board(alert) != _board(book.get(alert.id))
    )
    return Outcome(
        book=turn.book,
        changed=changed,
        intents=(*turn.rings, *_beside(turn.rings, turn.book, plan), *shown),
        refused=tuple(turn.refused),
    )


def _beside(rings: Iterable[Ring], book: AlertBook, plan: WatchPlan) -> Iterator[Silence]:
    """Desks of other roles see that somebody else is called; it does not sound there."""
    for ring in rings:
        alert = book.get(ring.alert)
        if alert is not None:
            heard = set(ring.desks)
            rest = tuple(desk for desk in plan.desks_for(alert.trouble) if desk not in heard)
            if rest:
                yield Silence(alert=ring.alert, desks=rest)


def _board(alert: Alert | None) -> tuple[object, ...]:
    """What a desk shows of an alert."""
    if alert is None:
        return ()
    return (
        alert.trouble, alert.state, alert.rung, alert.count, alert.taken_by, alert.taken_role,
        alert.answer, alert.reply, alert.presented, alert.silenced_until, alert.followed_by,
    )  # fmt: skip
