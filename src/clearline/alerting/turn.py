"""One step's work on a book: each event is taken here, and the outcome is a value again."""

from dataclasses import replace

from msgspec.structs import replace as change

from clearline.alerting.book import AlertBook, sounds
from clearline.alerting.correlate import (
    alarm_of,
    alert_id,
    changes_facts,
    channel_key,
    faulty,
    flood_key,
    flooding,
    is_flash,
    is_quiet,
    settles,
)
from clearline.alerting.escalation import answer_due, next_look, overdue, repeat_ms, top
from clearline.alerting.events import (
    Acked,
    AlertingEvent,
    Answered,
    Climbed,
    Delivered,
    DeliveryFailed,
    Ended,
    Presented,
    Raised,
    Silenced,
    Ticked,
)
from clearline.alerting.lifecycle import Event, following
from clearline.alerting.limits import (
    FLOOD_COUNT,
    FLOOD_WINDOW,
    NOTE_CHARS_MAX,
    SILENCE_MS_MAX,
    SILENCE_REASON_CHARS_MAX,
)
from clearline.alerting.look import look_at
from clearline.alerting.routing import WatchPlan
from clearline.model.alert import (
    RINGING,
    Alert,
    AlertState,
    Ring,
    Severity,
    Trouble,
)
from clearline.model.ids import EntryRef, LineId, epoch_of, party_of
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.time import SECOND, Instant


class Turn:
    """A book under change. Mutable, and never leaves ``step``."""

    def __init__(self, book: AlertBook, plan: WatchPlan, now: Instant) -> None:
        self.before = book
        self.now = max(now, book.now)
        self.book = replace(book, now=self.now)
        self.plan = plan
        self.rings: list[Ring] = []
        self.refused: list[tuple[AlertingEvent, Refusal]] = []
        self._touched: dict[str, Alert | None] = {}
        self._closed: dict[str, Alert] = {}

    def put(self, alert: Alert) -> None:
        """Keep the alert, and remember every alert whose counter that may change."""
        self._note(alert.id)
        before = self.before.get(alert.id) or self.book.get(alert.id)
        names = {alarm_of(alert.trouble)}
        held = self.book.get(alert.id)
        names |= {alarm_of(held.trouble)} if held is not None else set()
        names |= {alarm_of(before.trouble)} if before is not None else set()
        self._note_heads(names)
        self.book = self.book.put(alert)
        self._note_heads(names)
        if alert.state is AlertState.CLOSED:
            self._closed[alert.id] = alert

    def changed(self) -> tuple[Alert, ...]:
        """Every alert that is not as it was before the step, in the order of touching."""
        ends = (
            (was, self.book.get(name) or self._closed[name]) for name, was in self._touched.items()
        )
        return tuple(end for was, end in ends if was != end)

    def take(self, event: AlertingEvent) -> None:
        """One event."""
        match event:
            case Raised(trouble=trouble):
                self.raised(trouble)
            case Ended(line=line, key=key):
                self.ended(line, key)
            case Acked():
                self._acked(event)
            case Answered():
                self._answered(event)
            case Presented():
                self._presented(event)
            case Delivered():
                alert = self.book.get(event.alert)
                if alert is not None:
                    self.ended(alert.trouble.line, channel_key(event.channel))
            case DeliveryFailed():
                self._undelivered(event)
            case Silenced():
                self._silenced(event)
            case Climbed():
                self._climbed(event)
            case Ticked():
                pass

    def look(self) -> None:
        """Look once at everything that is due."""
        for line, peer, end in self.book.floods():
            if end <= self.now:
                self.ended(line, flood_key(peer))
        while due := self.book.due_by(self.now):
            for alert in due:
                held = self.book.get(alert.id)  # looking at another may have ended it
                if held is not None and held.next is not None and held.next <= self.now:
                    look_at(self, alert.id)

    # --- troubles come and go -----------------------------------------------------------------

    def raised(self, trouble: Trouble) -> None:
        """The trouble stands: a new duty, the same one, or the same one on new facts."""
        old = self.book.find(trouble.line, trouble.key)
        if old is None:
            self._open(trouble)
            return
        trouble = change(trouble, since=min(old.trouble.since, trouble.since))
        if changes_facts(old.trouble, trouble):
            self._follow(old, trouble, Event.REOPEN)
        elif old.state is AlertState.ENDED_UNSEEN:
            self._back(old, trouble)
        elif old.trouble != trouble:
            self._update(old, trouble)

    def ended(self, line: LineId, key: str) -> None:
        """The trouble is gone. Said of one that does not stand it changes nothing."""
        old = self.book.find(line, key)
        if old is None or old.state is AlertState.ENDED_UNSEEN:
            return
        self._go(old, Event.ENDED, ended=self.now)

    def _open(self, trouble: Trouble) -> None:
        opening = self.book.opened + 1
        self.put(
            Alert(
                id=alert_id(trouble.line, trouble.key, opening),
                trouble=trouble,
                state=AlertState.RAISED,
                raised=self.now,
                changed=self.now,
                opening=opening,
                next=None if is_quiet(trouble) else self.now,
            )
        )
        self._count_flash(trouble)

    def _follow(self, old: Alert, trouble: Trouble, event: Event) -> None:
        """The next opening of a duty: what was said to the old facts stays with the old record.

        A duty that nobody has taken goes on where it stood on the ladder.
        """
        state = following(old.state, event)
        assert state is not None, "a trouble can always be raised"
        opening = self.book.opened + 1
        new = Alert(
            id=alert_id(trouble.line, trouble.key, opening),
            trouble=trouble,
            state=state,
            raised=self.now,
            changed=self.now,
            opening=opening,
            next=None if is_quiet(trouble) else self.now,
        )
        if old.state in RINGING:
            new = change(
                new, raised=old.raised, rung=old.rung, rings=old.rings, rung_rings=old.rung_rings,
                rang=old.rang, tried=old.tried, failed=old.failed,
            )  # fmt: skip
        self.put(new)  # before the old one leaves: the alarm that both belong to keeps its clock
        self.put(
            change(
                old,
                state=AlertState.CLOSED,
                next=None,
                silenced_until=None,
                count=1,
                changed=self.now,
                followed_by=new.id,
            )
        )
        self._count_flash(trouble)

    def _back(self, old: Alert, trouble: Trouble) -> None:
        """It went and came again before anybody saw it.

        Within one repeat it is the same duty on the same ladder, so that a danger that flickers
        still climbs; later it starts anew.
        """
        gone = old.ended if old.ended is not None else old.changed
        if self.now - gone < repeat_ms(old, self.plan.term(trouble)):
            wake = None if is_quiet(trouble) else self.now
            self._go(change(old, trouble=trouble), Event.RAISE_AGAIN, ended=None, next=wake)
        else:
            self._follow(old, trouble, Event.RAISE_AGAIN)

    def _update(self, old: Alert, trouble: Trouble) -> None:
        """Figures moved: shown, and a deadline that moved forward is kept."""
        new = change(old, trouble=trouble, changed=self.now)
        if new.state is AlertState.ACKNOWLEDGED:
            new = change(new, next=next_look(new, self.plan.term(trouble), self.now, None))
        elif new.state in RINGING and trouble.due is not None and new.next is not None:
            new = change(new, next=max(self.now, min(new.next, trouble.due)))
        self.put(new)

    def _count_flash(self, trouble: Trouble) -> None:
        """A peer whose FLASH come faster than people can answer is a finding by itself (FM29)."""
        peer = trouble.peer
        if peer is None or not is_flash(trouble):
            return
        recent = (*self.book.recent.get((trouble.line, peer), ()), self.now)[-FLOOD_COUNT:]
        self.book = replace(self.book, recent=self.book.recent.insert((trouble.line, peer), recent))
        if len(recent) == FLOOD_COUNT and self.now - recent[0] < FLOOD_WINDOW:
            self.raised(flooding(trouble, peer, self.now))

    # --- people -------------------------------------------------------------------------------

    def _acked(self, event: Acked) -> None:
        alert = self.book.get(event.alert)
        if alert is None:
            self._refuse(event, self._missing(event.alert))
            return
        if len(event.note or "") > NOTE_CHARS_MAX:
            self._refuse(event, Code.TOO_LARGE, max=NOTE_CHARS_MAX)
            return
        names = {alert.id}
        alarm = self.book.alarms.get(alarm_of(alert.trouble))
        if event.whole_alarm and alarm is not None and alert.id in alarm.members:
            seen = self.now if event.seen is None else event.seen
            names |= {name for name in alarm.members if self.book.alerts[name].raised <= seen}
        for name in sorted(names):
            taken = self.book.alerts[name]
            if taken.state in RINGING or taken.state is AlertState.ENDED_UNSEEN:
                self._go(
                    taken, Event.ACK, taken_by=event.person, taken_role=event.role,
                    taken_at=self.now, taken_note=event.note,
                )  # fmt: skip

    def _answered(self, event: Answered) -> None:
        if party_of(event.answer.feed) != self.plan.own:
            self._refuse(event, Code.NOT_OWN, answer=event.answer)
            return
        for alert in self.book.asked(event.line, event.to):
            if not _later(event.answer, alert.answer):
                continue
            if settles(alert.trouble, event.reply) and not event.holds:
                self._go(
                    alert, Event.ANSWER, answer=event.answer, reply=event.reply,
                    answered_role=event.role, taken_role=alert.taken_role or event.role,
                    taken_at=self.now if alert.taken_at is None else alert.taken_at,
                )  # fmt: skip
            elif alert.state is not AlertState.ANSWERED:
                self._go(
                    alert, Event.HOLD, answer=event.answer, reply=event.reply,
                    answered_role=event.role, taken_role=event.role, taken_at=self.now,
                )  # fmt: skip

    def _presented(self, event: Presented) -> None:
        alert = self.book.get(event.alert)
        if alert is None:
            self._refuse(event, self._missing(event.alert))
        elif alert.presented is None:
            self.put(change(alert, presented=self.now, presented_on=event.desk))

    def _silenced(self, event: Silenced) -> None:
        alert = self.book.get(event.alert)
        if alert is None:
            self._refuse(event, self._missing(event.alert))
            return
        term = self.plan.term(alert.trouble)
        if alert.trouble.severity is Severity.EMERGENCY or overdue(alert, term, self.now):
            self._refuse(event, Code.NOT_ALLOWED, severity=alert.trouble.severity.value)
        elif following(alert.state, Event.SILENCE) is None:
            self._refuse(event, Code.NOT_ALLOWED, state=alert.state.value)
        elif not event.reason.strip():
            self._refuse(event, Code.REASON_NEEDED)
        elif len(event.reason) > SILENCE_REASON_CHARS_MAX:
            self._refuse(event, Code.TOO_LARGE, max=SILENCE_REASON_CHARS_MAX)
        elif not self.now < event.until <= self.now + SILENCE_MS_MAX:
            self._refuse(event, Code.BAD_WINDOW, max_s=SILENCE_MS_MAX // SECOND)
        else:
            self._mute(alert, event)

    def _mute(self, alert: Alert, event: Silenced) -> None:
        """Mute one alert, never beyond the moment at which its answer is due."""
        due = answer_due(alert, self.plan.term(alert.trouble))
        until = event.until if due is None else min(event.until, due)
        muted = change(
            alert, silenced_until=until, silenced_by=event.person, silence_reason=event.reason,
            next=until,
        )  # fmt: skip
        if muted != alert:
            self.put(change(muted, changed=self.now))

    def _climbed(self, event: Climbed) -> None:
        alert = self.book.get(event.alert)
        if alert is None:
            self._refuse(event, self._missing(event.alert))
            return
        state = following(alert.state, Event.CLIMB)
        term = self.plan.term(alert.trouble)
        if state is None or is_quiet(alert.trouble):
            self._refuse(event, Code.NOT_ALLOWED, state=alert.state.value)
        elif alert.rung >= top(term):
            self._refuse(event, Code.NOT_ALLOWED, role=term.ladder[top(term)].role)
        else:
            self.put(
                change(
                    alert, state=state, changed=self.now, rung=alert.rung + 1, rung_rings=0,
                    tried=(), failed=(), silenced_until=None, next=self.now,
                )
            )  # fmt: skip

    # --- channels -----------------------------------------------------------------------------

    def _undelivered(self, event: DeliveryFailed) -> None:
        """A call reached nobody: the next channel of the role, or the next rung, is called at once,
        unless another channel of this ring has not failed."""
        alert = self.book.get(event.alert)
        if alert is None:
            return
        self.raised(
            faulty(
                alert.trouble,
                channel_key(event.channel),
                self.now,
                {"channel": event.channel, "why": event.why},
            )
        )
        alert = self.book.alerts[event.alert]
        ring = alert.rings if event.ring is None else event.ring
        if (alert.rung, alert.rings) != (event.rung, ring) or not sounds(alert):
            return
        if event.channel not in alert.tried or event.channel in alert.failed:
            return
        failed = (*alert.failed, event.channel)
        reaches = set(alert.tried) - set(failed)
        self.put(change(alert, failed=failed, next=alert.next if reaches else self.now))

    # --- small things -------------------------------------------------------------------------

    def _go(
        self,
        alert: Alert,
        event: Event,
        **fields: str | Instant | EntryRef | None,
    ) -> None:
        """Walk the table; a pair that it refuses changes nothing."""
        state = following(alert.state, event)
        if state is None:
            return
        new = change(alert, state=state, changed=self.now, **fields)
        if state not in RINGING:
            new = change(new, silenced_until=None)
            new = change(new, next=next_look(new, self.plan.term(new.trouble), self.now, None))
        self.put(new)

    def _missing(self, name: str) -> Code:
        """STALE if the duty has gone on under another opening, else NOT_FOUND."""
        stem = name.partition(".")[0] + "."
        return Code.STALE if any(a.startswith(stem) for a in self.book.alerts) else Code.NOT_FOUND

    def _refuse(self, event: AlertingEvent, code: Code, **params: Param) -> None:
        self.refused.append((event, Refusal(code=code, clause="CL-ALT-001", params=params)))

    def _note(self, name: str) -> None:
        self._touched.setdefault(name, self.before.get(name))

    def _note_heads(self, names: set[str]) -> None:
        for name in sorted(names):
            alarm = self.book.alarms.get(name)
            if alarm is not None:
                self._note(alarm.head)


def _later(new: EntryRef, old: EntryRef | None) -> bool:
    """Whether an answer of ours stands after the one that is known."""
    if old is None:
        return True
    return (epoch_of(new.feed), new.index) > (epoch_of(old.feed), old.index)
