"""Troubles, plans and a watch to run them through, for the tests of alerting and channels."""

from dataclasses import replace

from clearline.alerting import (
    Acked,
    AlertBook,
    AlertingEvent,
    Answered,
    DeliveryFailed,
    Outcome,
    Raised,
    Route,
    Silenced,
    WatchPlan,
    step,
)
from clearline.model.alert import Alert, Ring, Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence, Reply
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId
from clearline.model.terms import DeadlineTerm, Rung
from clearline.model.time import MINUTE, SECOND, Instant, Millis
from clearline.node.channel import Call

LINE = LineId("ab" * 32)
START = Instant(1_537_209_540_000)  # 2018-09-17T18:39:00Z
OWN = PartyId("ISR")
PEER = PartyId("RUS")


def ref(index: int, feed: str = "RUS.0") -> EntryRef:
    return EntryRef(FeedId(feed), index)


def term(precedence: Precedence, answer_s: int = 60, repeat_s: int = 60) -> DeadlineTerm:
    return DeadlineTerm(
        precedence=precedence,
        receipt_ms=Millis(30 * SECOND),
        answer_ms=Millis(answer_s * SECOND),
        repeat_ms=Millis(repeat_s * SECOND),
        ladder=(
            Rung(role="watch", after_ms=Millis(0)),
            Rung(role="alternate", after_ms=Millis(3 * MINUTE)),
            Rung(role="senior", after_ms=Millis(5 * MINUTE)),
        ),
    )


PLAN = WatchPlan(
    own=OWN,
    terms={LINE: tuple(term(precedence) for precedence in Precedence)},
    routes=(
        Route(role="watch", channels=("desk", "webhook")),
        Route(role="alternate", channels=("webhook", "smtp")),
        Route(role="senior", channels=("command",)),
    ),
)


def stop(index: int = 7, **changes: object) -> Trouble:
    """A STOP of the peer's that waits for HALTED or CANNOT."""
    made = Trouble(
        key=f"stop:{index}",
        kind=TroubleKind.STOP,
        severity=Severity.EMERGENCY,
        precedence=Precedence.FLASH,
        line=LINE,
        group=f"stop:{index}",
        since=START,
        about=(ref(index),),
        peer=PEER,
        needs_answer=True,
    )
    return changed(made, changes)


def conflict(name: str = "a", index: int = 3, **changes: object) -> Trouble:
    """A conflict of an own asset with the peer's notice: to be known, not to be answered."""
    made = Trouble(
        key=f"conflict:{name}:{index}",
        kind=TroubleKind.CONFLICT,
        severity=Severity.ALARM,
        precedence=Precedence.IMMEDIATE,
        line=LINE,
        group=f"{name}:conflict",
        since=START,
        about=(ref(index), ref(1, "ISR.0")),
        peer=PEER,
    )
    return changed(made, changes)


def changed(trouble: Trouble, changes: dict[str, object]) -> Trouble:
    from msgspec.structs import replace as change

    return change(trouble, **changes)


class Watch:
    """A book, its plan and the time; keeps every ring and every refusal."""

    def __init__(self, plan: WatchPlan = PLAN) -> None:
        self.plan = plan
        self.book = AlertBook()
        self.rings: list[tuple[int, Ring]] = []
        self.refused: list[str] = []

    def at(self, seconds: float, *events: AlertingEvent) -> Outcome:
        """Take events so many seconds after START."""
        now = Instant(START + round(seconds * SECOND))
        outcome = step(self.book, events, self.plan, now)
        self.book = outcome.book
        self.rings += [(round(seconds), i) for i in outcome.intents if isinstance(i, Ring)]
        self.refused += [refusal.code.value for _, refusal in outcome.refused]
        return outcome

    def until(self, seconds: float) -> None:
        """Step at each deadline up to a time, as the runtime does."""
        end = START + round(seconds * SECOND)
        while (due := self.book.next_deadline()) is not None and due <= end:
            self.at((due - START) / SECOND)

    def rang(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """When, which role, which channels."""
        return [(at, ring.role, ring.channels) for at, ring in self.rings]

    def only(self) -> Alert:
        (alert,) = self.book.open()
        return alert

    def of(self, trouble: Trouble) -> Alert:
        alert = self.book.find(trouble.line, trouble.key)
        assert alert is not None
        return alert


def acked(alert: Alert, **changes: bool) -> Acked:
    return Acked(alert=alert.id, person="J. Doe", role="watch", **changes)


def answered(index: int, reply: Reply = Reply.HALTED, own_index: int = 20) -> Answered:
    return Answered(
        line=LINE, answer=ref(own_index, "ISR.0"), to=ref(index), role="watch", reply=reply
    )


def failed(alert: Alert, channel: str) -> DeliveryFailed:
    return DeliveryFailed(
        alert=alert.id, channel=channel, rung=alert.rung, ring=alert.rings, why="nobody"
    )


def silenced(alert: Alert, seconds: int, reason: str = "engineers on the mast") -> Silenced:
    return Silenced(
        alert=alert.id, until=Instant(START + seconds * SECOND), reason=reason, person="J. Doe"
    )


def call_of(trouble: Trouble, seconds: float = 0, plan: WatchPlan = PLAN) -> Call:
    """The first call of a trouble."""
    now = Instant(START + round(seconds * SECOND))
    outcome = step(AlertBook(), [Raised(trouble=trouble)], plan, now)
    (ring,) = (intent for intent in outcome.intents if isinstance(intent, Ring))
    return Call(alert=outcome.book.alerts[ring.alert], ring=ring, at=now, own=OWN)


def without_routes(*roles: str) -> WatchPlan:
    """The plan without a way to reach some roles."""
    return replace(PLAN, routes=tuple(r for r in PLAN.routes if r.role not in roles))
