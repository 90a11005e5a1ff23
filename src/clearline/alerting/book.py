"""The book of open alerts: an immutable value with its next deadline, its alarms and its counters.

A closed alert leaves the book, and nothing of it stays: a flood of days leaves a book as large as
what is open. Openings are numbered through, so that ids never repeat all the same.
"""

from __future__ import annotations  # rpds types are not subscriptable at run time

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Final

import msgspec
from rpds import HashTrieMap, HashTrieSet

from clearline.alerting.correlate import alarm_of, alert_id, flood_key, is_quiet, loudness
from clearline.alerting.limits import FLOOD_WINDOW
from clearline.model.alert import RINGING, Alert, AlertState
from clearline.model.entry import Precedence
from clearline.model.ids import EntryRef, LineId, PartyId
from clearline.model.time import SECOND, Instant

Key = tuple[LineId, str]
_Peer = tuple[LineId, PartyId]
_START: Final = Instant(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Ringing alerts that sound as one. ``head`` stands for all; ``rang`` is when each rung was
    last rung for any of them, ``times`` how often; ``loudest`` is the loudest that it has rung for;
    ``loud`` counts the members by how loud they are.
    """

    head: str
    members: HashTrieSet[str]
    rang: tuple[Instant | None, ...] = ()
    times: tuple[int, ...] = ()
    loudest: int | None = None
    loud: HashTrieMap[int, int] = field(default_factory=HashTrieMap)

    def counting(self, loud: int, by: int) -> Alarm:
        """The alarm with so many more members that are so loud."""
        count = self.loud.get(loud, 0) + by
        held = self.loud.insert(loud, count) if count else self.loud.discard(loud)
        return replace(self, loud=held)

    def rang_at(self, rung: int) -> Instant | None:
        """When the rung was last rung, or None."""
        return self.rang[rung] if rung < len(self.rang) else None

    def times_at(self, rung: int) -> int:
        """How often the rung was rung: a newcomer does not take the alarm back to one channel."""
        return self.times[rung] if rung < len(self.times) else 0

    def ringing(self, rung: int, now: Instant, loud: int) -> Alarm:
        """The alarm after it rang at a rung."""
        rang = list(self.rang) + [None] * (rung + 1 - len(self.rang))
        times = list(self.times) + [0] * (rung + 1 - len(self.times))
        rang[rung], times[rung] = now, times[rung] + 1
        loudest = loud if self.loudest is None else max(self.loudest, loud)
        return replace(self, rang=tuple(rang), times=tuple(times), loudest=loudest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """When which alert must be looked at. Sorted into seconds, so that one that moves costs as much
    as there are seconds at which anything is due, however many alerts are open (FM18)."""

    seconds: tuple[int, ...] = ()
    of: HashTrieMap[int, HashTrieSet[tuple[Instant, str]]] = field(default_factory=HashTrieMap)

    def moved(self, alert: str, before: Instant | None, after: Instant | None) -> Looks:
        """The alert's look is not then any more, but at this time; None: none."""
        if before == after:
            return self
        looks = self
        if before is not None:
            looks = looks._without(before // SECOND, (before, alert))
        return looks if after is None else looks._with(after // SECOND, (after, alert))

    def _with(self, second: int, look: tuple[Instant, str]) -> Looks:
        held = self.of.get(second)
        if held is not None:
            return replace(self, of=self.of.insert(second, held.insert(look)))
        at = bisect_left(self.seconds, second)
        seconds = (*self.seconds[:at], second, *self.seconds[at:])
        return Looks(seconds=seconds, of=self.of.insert(second, HashTrieSet([look])))

    def _without(self, second: int, look: tuple[Instant, str]) -> Looks:
        left = self.of[second].remove(look)
        if left:
            return replace(self, of=self.of.insert(second, left))
        at = bisect_left(self.seconds, second)
        seconds = self.seconds[:at] + self.seconds[at + 1 :]
        return Looks(seconds=seconds, of=self.of.remove(second))

    def by(self, now: Instant) -> Iterator[str]:
        """Alerts to be looked at by now, in no order."""
        for second in takewhile(lambda second: second * SECOND <= now, self.seconds):
            yield from (name for at, name in self.of[second] if at <= now)

    def first(self) -> Instant | None:
        """The earliest look."""
        return (
            min((at for at, _ in self.of[self.seconds[0]]), default=None) if self.seconds else None
        )


class AlarmImage(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm's clock as it is kept in a snapshot."""

    name: str
    head: str
    rang: tuple[Instant | None, ...]
    times: tuple[int, ...]
    loudest: int | None


class BookImage(msgspec.Struct, frozen=True, kw_only=True):
    """The whole book as plain values, for a snapshot; in a fixed order."""

    now: Instant
    alerts: tuple[Alert, ...] = ()
    opened: int = 0
    alarms: tuple[AlarmImage, ...] = ()
    recent: tuple[tuple[LineId, PartyId, tuple[Instant, ...]], ...] = ()
    routine: tuple[tuple[LineId, Instant, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBook:
    """All open alerts of a node. ``now`` is the time of the last step: the book's clock never goes
    back. Every change gives a new book. ``due`` and ``asking`` are indexes: when each alert is to
    be looked at, and which an answer to an entry is about. ``opened`` counts all that were ever
    opened; ``openings`` has the newest opening of each trouble that is open."""

    now: Instant = _START
    alerts: HashTrieMap[str, Alert] = field(default_factory=HashTrieMap)
    opened: int = 0
    openings: HashTrieMap[Key, int] = field(default_factory=HashTrieMap)
    alarms: HashTrieMap[str, Alarm] = field(default_factory=HashTrieMap)
    recent: HashTrieMap[tuple[LineId, PartyId], tuple[Instant, ...]] = field(
        default_factory=HashTrieMap
    )
    routine: HashTrieMap[LineId, tuple[Instant, int]] = field(default_factory=HashTrieMap)
    due: Looks = field(default_factory=lambda: Looks())
    asking: HashTrieMap[tuple[LineId, EntryRef], HashTrieSet[str]] = field(
        default_factory=HashTrieMap
    )

    def get(self, alert: str) -> Alert | None:
        """An open alert by its id."""
        return self.alerts.get(alert)

    def find(self, line: LineId, key: str) -> Alert | None:
        """The open alert of a trouble."""
        opening = self.openings.get((line, key))
        return None if opening is None else self.alerts.get(alert_id(line, key, opening))

    def open(self) -> tuple[Alert, ...]:
        """All open alerts, the loudest first, then the oldest."""
        return tuple(sorted(self.alerts.values(), key=_urgency))

    def due_by(self, now: Instant) -> tuple[Alert, ...]:
        """Alerts to be looked at by now: the loudest first, then the oldest; among those that a
        limit holds back, first what has waited longest for a ring."""
        return tuple(sorted((self.alerts[name] for name in self.due.by(now)), key=_turn))

    def sounding(self) -> tuple[Alert, ...]:
        """The head of each alarm that sounds, with its counter; the loudest first."""
        heads = {alarm.head for alarm in self.alarms.values()}
        return tuple(alert for alert in self.open() if alert.id in heads)

    def next_deadline(self) -> Instant | None:
        """When ``step`` must be called again at the latest; None: not by itself."""
        looks = [self.due.first(), *(end for _, _, end in self.floods())]
        return min((look for look in looks if look is not None), default=None)

    def floods(self) -> tuple[tuple[LineId, PartyId, Instant], ...]:
        """Floods that are open and when each ends if nothing more comes."""
        return tuple(
            (line, peer, Instant(times[-1] + FLOOD_WINDOW))
            for (line, peer), times in sorted(self.recent.items())
            if (flood := self.find(line, flood_key(peer))) is not None
            and flood.state is not AlertState.ENDED_UNSEEN
        )

    def put(self, alert: Alert) -> AlertBook:
        """The book with this alert in it, or out of it if it is closed; index and alarms follow."""
        old = self.alerts.get(alert.id)
        due = self.due.moved(alert.id, old.next if old is not None else None, alert.next)
        if alert.state is AlertState.CLOSED:
            assert alert.next is None, "a closed alert has no deadline"
            alerts = self.alerts.discard(alert.id)
        else:
            alerts = self.alerts.insert(alert.id, alert)
        key = (alert.trouble.line, alert.trouble.key)
        openings, newest = self.openings, self.openings.get(key, 0)
        if alert.state is AlertState.CLOSED:
            openings = openings.remove(key) if newest == alert.opening else openings
        elif newest < alert.opening:
            openings = openings.insert(key, alert.opening)
        asking = self._asking(old, alert)
        opened = max(self.opened, alert.opening)
        book = replace(
            self, alerts=alerts, opened=opened, openings=openings, due=due, asking=asking
        )
        return book._joined(old, alert)

    def _asking(
        self, old: Alert | None, new: Alert
    ) -> HashTrieMap[tuple[LineId, EntryRef], HashTrieSet[str]]:
        before = _asked(old) if old is not None else None
        after = _asked(new) if new.state is not AlertState.CLOSED else None
        if before == after:
            return self.asking
        asking = self.asking
        if before is not None:
            left = asking[before].remove(new.id)
            asking = asking.insert(before, left) if left else asking.remove(before)
        if after is not None:
            held = asking.get(after) or HashTrieSet()
            asking = asking.insert(after, held.insert(new.id))
        return asking

    def asked(self, line: LineId, ref: EntryRef) -> tuple[Alert, ...]:
        """The open alerts that an answer to this entry is about, by id."""
        return tuple(self.alerts[name] for name in sorted(self.asking.get((line, ref)) or ()))

    def _joined(self, old: Alert | None, new: Alert) -> AlertBook:
        """Alarms after ``old`` became ``new``. Counters of heads are set here and nowhere else."""
        sounded = old if old is not None and sounds(old) else None
        left = alarm_of(sounded.trouble) if sounded is not None else None
        joins = alarm_of(new.trouble) if sounds(new) else None
        book = self
        if sounded is not None and left is not None and left != joins:
            book = book._without(left, sounded)
        if joins is not None:
            alarm = book.alarms.get(joins)
            if alarm is None:
                alarm = Alarm(head=new.id, members=HashTrieSet())
            if sounded is not None and left == joins:
                alarm = alarm.counting(loudness(sounded.trouble), -1)
            alarm = alarm.counting(loudness(new.trouble), 1)
            alarm = replace(alarm, members=alarm.members.insert(new.id))
            book = book._with_alarm(joins, alarm)
        return book._counted(new.id) if new.id in book.alerts else book

    def _without(self, name: str, old: Alert) -> AlertBook:
        alarm = self.alarms[name]
        members = alarm.members.discard(old.id)
        if not members:
            return replace(self, alarms=self.alarms.discard(name))
        head = alarm.head
        if head == old.id:  # the one that climbed highest stands for the rest, then the oldest
            head = min(members, key=lambda m: _seniority(self.alerts[m]))
        loudest = alarm.loudest
        alarm = alarm.counting(loudness(old.trouble), -1)
        if loudest is not None and loudest == loudness(old.trouble):
            # what is as loud as one that has left rings anew among quieter ones
            loudest = max(alarm.loud)
        alarm = replace(alarm, members=members, head=head, loudest=loudest)
        return self._with_alarm(name, alarm)

    def _with_alarm(self, name: str, alarm: Alarm) -> AlertBook:
        book = replace(self, alarms=self.alarms.insert(name, alarm))
        return book._counted(alarm.head)

    def _counted(self, alert: str) -> AlertBook:
        """The book with the alert's counter as its alarm has it."""
        held = self.alerts[alert]
        alarm = self.alarms.get(alarm_of(held.trouble))
        count = len(alarm.members) if alarm is not None and alarm.head == alert else 1
        if held.count == count:
            return self
        counted = msgspec.structs.replace(held, count=count)
        return replace(self, alerts=self.alerts.insert(alert, counted))

    def image(self) -> BookImage:
        """Plain values, for a snapshot."""
        return BookImage(
            now=self.now,
            alerts=tuple(self.alerts[name] for name in sorted(self.alerts)),
            opened=self.opened,
            alarms=tuple(
                AlarmImage(
                    name=name,
                    head=alarm.head,
                    rang=alarm.rang,
                    times=alarm.times,
                    loudest=alarm.loudest,
                )
                for name, alarm in sorted(self.alarms.items())
            ),
            recent=tuple(sorted((*key, times) for key, times in self.recent.items())),
            routine=tuple(sorted((line, *window) for line, window in self.routine.items())),
        )


def _asked(alert: Alert) -> tuple[LineId, EntryRef] | None:
    """The entry whose answer it waits for."""
    what = alert.trouble
    return (what.line, what.about[0]) if what.needs_answer and what.about else None


def sounds(alert: Alert) -> bool:
    """Whether it sounds: it rings, is not muted, and is not a finding about others that ring."""
    return alert.state in RINGING and alert.silenced_until is None and not is_quiet(alert.trouble)


def _urgency(alert: Alert) -> tuple[int, int, str]:
    return -loudness(alert.trouble), alert.raised, alert.id


def _turn(alert: Alert) -> tuple[int, int, int, str]:
    limited = alert.trouble.precedence is Precedence.ROUTINE
    waits_since = alert.rang or 0 if limited else 0
    return -loudness(alert.trouble), waits_since, alert.raised, alert.id


def _seniority(alert: Alert) -> tuple[int, int, str]:
    return -alert.rung, alert.raised, alert.id


def book_of(image: BookImage) -> AlertBook:
    """The book that an image was made of: equal to it in every field."""
    book = AlertBook()
    for alert in image.alerts:
        book = book.put(alert)
    alarms = book.alarms
    for kept in image.alarms:
        if kept.name in alarms:
            alarm = replace(
                alarms[kept.name],
                head=kept.head,
                rang=kept.rang,
                times=kept.times,
                loudest=kept.loudest,
            )
            alarms = alarms.insert(kept.name, alarm)
    return AlertBook(
        now=image.now,
        alerts=HashTrieMap({alert.id: alert for alert in image.alerts}),
        opened=image.opened,
        openings=book.openings,
        alarms=alarms,
        recent=HashTrieMap({(line, peer): times for line, peer, times in image.recent}),
        routine=HashTrieMap({line: (start, n) for line, start, n in image.routine}),
        due=book.due,
        asking=book.asking,
    )


def book_of_alerts(alerts: Iterable[Alert], now: Instant, opened: int) -> AlertBook:
    """A book from stored alerts that are open. ``opened``: how many were ever opened, so that no id
    comes twice and a late word about a closed alert is never taken for one about a new one.

    What is not stored with an alert (an alarm's clock, rates) starts afresh: it may ring once more
    than the book that was lost, never once less.
    """
    book = AlertBook(now=now, opened=opened)
    for alert in alerts:
        book = book.put(alert)
    return book
