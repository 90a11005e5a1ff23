"""The ladder under any sequence of events: what must hold whatever comes, and when."""

from collections import Counter
from dataclasses import replace as swapped

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace

from clearline.alerting import (
    Acked,
    AlertBook,
    AlertingEvent,
    Answered,
    BookImage,
    Delivered,
    DeliveryFailed,
    Ended,
    Presented,
    Raised,
    Silenced,
    Ticked,
    book_of,
    book_of_alerts,
    step,
)
from clearline.alerting.correlate import alarm_of, loudness
from clearline.alerting.escalation import overdue, top
from clearline.model.alert import RINGING, AlertState, Ring, Severity, Trouble
from clearline.model.entry import Precedence, Reply
from clearline.model.time import SECOND, Instant
from tests.alert_cases import LINE, PLAN, START, conflict, ref, stop, term

TROUBLES = (
    stop(1), stop(2), conflict("a", 3), conflict("a", 4, needs_answer=True),
    conflict("b", 5, precedence=Precedence.FLASH, needs_answer=True, severity=Severity.WARNING),
    conflict("c", 6, precedence=Precedence.ROUTINE),
)  # fmt: skip
KEYS = tuple(trouble.key for trouble in TROUBLES)
CHANNELS = ("desk", "webhook", "smtp", "command")
Draft = tuple[str, int, int, int]
"""What happens, to which trouble, a choice, and how many seconds after the one before."""

drafts = st.lists(
    st.tuples(
        st.sampled_from(
            ["raise", "version", "louder", "end", "ack", "all", "answer", "hold", "present",
             "fail", "deliver", "mute", "tick"]
        ),
        st.integers(0, len(TROUBLES) - 1),
        st.integers(0, 3),
        st.sampled_from([0, 0, 1, 5, 29, 30, 31, 60, 200, 4_000]),
    ),
    max_size=40,
)  # fmt: skip


def event_of(draft: Draft, book: AlertBook, now: Instant, number: int) -> AlertingEvent:
    """The event that a draft means on this book; of an alert that is not there: of no alert."""
    what, which, choice, _ = draft
    trouble = TROUBLES[which]
    held = book.find(LINE, KEYS[which])
    name = held.id if held is not None else "none.1"
    to = held.trouble.about[0] if held is not None else trouble.about[0]
    reply = Reply.STANDBY if what == "hold" else Reply.CANNOT
    match what:
        case "raise":
            return Raised(trouble=held.trouble if held is not None else trouble)
        case "version":
            return Raised(trouble=replace(trouble, about=(ref(100 + choice),)))
        case "louder":
            return Raised(trouble=replace(trouble, severity=Severity.EMERGENCY))
        case "end":
            return Ended(line=LINE, key=KEYS[which])
        case "ack" | "all":
            return Acked(alert=name, person="J. Doe", role="watch", whole_alarm=what == "all")
        case "answer" | "hold":
            return Answered(
                line=LINE, answer=ref(number, "ISR.0"), to=to, role="watch", reply=reply
            )
        case "present":
            return Presented(alert=name, desk="north")
        case "fail":
            rung = held.rung if held is not None else 0
            ring = held.rings if held is not None else 0
            return DeliveryFailed(
                alert=name, channel=CHANNELS[choice], rung=rung, ring=ring, why="nobody"
            )
        case "deliver":
            return Delivered(alert=name, channel=CHANNELS[choice], rung=0)
        case "mute":
            until = Instant(now + 40 * SECOND)
            return Silenced(alert=name, until=until, reason="tests", person="J. Doe")
    return Ticked()


def played(story: list[Draft]) -> list[tuple[Instant, AlertingEvent]]:
    """A story as events at times: what a node's journal holds."""
    book, now, journal = AlertBook(), START, []
    for number, draft in enumerate(story):
        now = Instant(now + draft[3] * SECOND)
        event = event_of(draft, book, now, number)
        journal.append((now, event))
        book = step(book, [event], PLAN, now).book
    return journal


@given(drafts)
def test_alerting_replay_of_a_journal_gives_the_same_book(story: list[Draft]) -> None:
    """The same events at the same times: the same book, the same rings, in a snapshot too."""
    journal = played(story)
    live, again, rings = AlertBook(), AlertBook(), []
    for now, event in journal:
        outcome = step(live, [event], PLAN, now)
        live = outcome.book
        rings.append(outcome.intents)
    for number, (now, event) in enumerate(journal):
        outcome = step(again, [event], PLAN, now)
        assert rings[number] == outcome.intents
        image = json.decode(json.encode(outcome.book.image()), type=BookImage)
        again = book_of(image)
        assert outcome.book == again
    assert live == again


@given(drafts)
def test_alerting_event_said_twice_changes_nothing_the_second_time(story: list[Draft]) -> None:
    """Idempotent: within a step, and in a later one at the same time.

    In a later step an acknowledgement is left out: one that came in the moment at which a duty that
    somebody had taken fell due finds it ringing the second time, and takes it.
    """
    book = AlertBook()
    for now, event in played(story):
        once = step(book, [event], PLAN, now)
        twice = step(book, [event, event], PLAN, now)
        assert (once.book, once.intents) == (twice.book, twice.intents)
        if not isinstance(event, Acked):
            again = step(once.book, [event], PLAN, now)
            assert (once.book, ()) == (again.book, again.intents)
        book = once.book


@given(drafts)
def test_alerting_invariants_hold_after_every_step(story: list[Draft]) -> None:
    """No rung goes down, nothing ends in silence, the book's index and counters are right."""
    book = AlertBook()
    for now, event in played(story):
        outcome = step(book, [event], PLAN, now)
        check_step(book, event, outcome.book, now)
        check_book(outcome.book, now)
        told = {alert.id: alert for alert in outcome.changed}
        for name in {*book.alerts, *outcome.book.alerts}:
            if book.get(name) != outcome.book.get(name):
                assert name in told, "what changed is stored"
        for ring in outcome.intents:
            if isinstance(ring, Ring):
                assert outcome.book.alerts[ring.alert].state in RINGING
        book = outcome.book


@given(drafts, st.sets(st.integers(0, 40), max_size=4))
def test_alerting_ids_never_repeat_and_a_book_is_as_large_as_what_is_open(
    story: list[Draft], restarts: set[int]
) -> None:
    """Whatever comes and closes, restarts in between counted in, of which only what is open and how
    many there ever were is known: no two openings share an id, and what is closed leaves nothing in
    the book."""
    book, now, ever = AlertBook(), START, dict[str, tuple[str, Instant]]()
    for number, draft in enumerate(story):
        now = Instant(now + draft[3] * SECOND)
        if number in restarts:
            book = book_of_alerts(book.open(), now, len(ever))
        outcome = step(book, [event_of(draft, book, now, number)], PLAN, now)
        for alert in outcome.changed:
            told = alert.trouble.key, alert.raised
            assert ever.setdefault(alert.id, told) == told, "an id that stood for another opening"
        book = outcome.book
        assert book.opened == len(ever)
        for alert in book.alerts.values():
            assert book.openings[alert.trouble.line, alert.trouble.key] >= alert.opening
        keys = {(alert.trouble.line, alert.trouble.key) for alert in book.alerts.values()}
        assert set(book.openings) == keys


def check_step(old: AlertBook, event: AlertingEvent, new: AlertBook, now: Instant) -> None:
    """What no single step may do."""
    for alert in old.open():
        after = new.find(LINE, alert.trouble.key)
        person = isinstance(event, Acked | Answered)
        if after is None:
            assert person or isinstance(event, Ended | Delivered) or alert.trouble.peer is None
            continue
        if after.id == alert.id or alert.state in RINGING:
            assert after.rung >= alert.rung, "no rung goes down while nobody has answered"
        if after.state is AlertState.ANSWERED and alert.state is not AlertState.ANSWERED:
            assert isinstance(event, Answered)
        if after.state is AlertState.ACKNOWLEDGED and alert.state is not AlertState.ACKNOWLEDGED:
            assert person


def check_book(book: AlertBook, now: Instant) -> None:
    """What every book must be."""
    for alert in book.alerts.values():
        terms = PLAN.term(alert.trouble)
        rings = alert.state in RINGING and alert.silenced_until is None
        if alert.trouble.kind.value == "flood":
            assert alert.next is None
            continue
        if alert.state in RINGING:
            assert alert.next is not None, "what rings has a deadline"
            assert alert.next > now, "every step ends with deadlines in the future"
            if overdue(alert, terms, now):
                assert alert.rung >= min(1, top(terms)), "overdue and nobody else knows"
                assert alert.silenced_until is None
        if alert.state is AlertState.ANSWERED:
            assert alert.answer is not None
        if alert.state is AlertState.ACKNOWLEDGED and alert.trouble.needs_answer:
            assert alert.next is not None, "a duty that was taken still has a deadline"
        if rings:
            alarm = book.alarms[alarm_of(alert.trouble)]
            assert alert.id in alarm.members
            assert any(at is not None for at in alarm.rang) or alert.rings == 0
    looks = sorted((a.next, a.id) for a in book.alerts.values() if a.next is not None)
    assert sorted(look for each in book.due.of.values() for look in each) == looks
    assert book.due.seconds == tuple(sorted({at // SECOND for at, _ in looks}))
    asked = {(a.trouble.line, a.trouble.about[0], a.id) for a in book.alerts.values()
             if a.trouble.needs_answer and a.trouble.about}  # fmt: skip
    assert {(*key, name) for key, names in book.asking.items() for name in names} == asked
    for alarm in book.alarms.values():
        counted = Counter(loudness(book.alerts[name].trouble) for name in alarm.members)
        assert dict(alarm.loud.items()) == counted
    sounding = [a for a in book.alerts.values() if a.state in RINGING and a.silenced_until is None
                and a.trouble.kind.value != "flood"]  # fmt: skip
    assert sum(head.count for head in book.sounding()) == len(sounding)


@given(st.lists(st.integers(1, 400), max_size=30))
def test_alerting_looking_more_often_never_makes_the_ladder_slower(pauses: list[int]) -> None:
    """Extra ticks neither delay a rung nor reach a lower one than the deadlines alone would."""
    end = Instant(START + 400 * SECOND)
    book = step(AlertBook(), [Raised(trouble=stop(1))], PLAN, START).book
    often, now = book, START
    for pause in pauses:
        now = Instant(now + pause * SECOND)
        if now < end:
            often = step(often, [Ticked()], PLAN, now).book
    often = step(often, [Ticked()], PLAN, end).book
    while (due := book.next_deadline()) is not None and due <= end:
        book = step(book, [], PLAN, due).book
    assert often.open()[0].rung == book.open()[0].rung == 2


# --- the model check: every sequence of events, to a depth -------------------------------------

DEPTH = 8
SILENT = ("raise", "end", "present", "fail", "mute", "tick")
ALL = (*SILENT, "ack", "hold", "answer")
SHORT = swapped(PLAN, terms={LINE: tuple(term(p, answer_s=60, repeat_s=30) for p in Precedence)})


def explored(trouble: Trouble, words: tuple[str, ...]) -> tuple[set[AlertState], int]:
    """Every state of the duty that any sequence of these words up to DEPTH leads to, through the
    real ``step``; 31 s pass before each. Books that differ only in the time are one."""
    first = step(AlertBook(), [Raised(trouble=trouble)], SHORT, START).book
    level, seen, states = {_shape(first, START): (first, START)}, set(), {AlertState.RAISED}
    for depth in range(DEPTH):
        following = {}
        for book, before in level.values():
            now = Instant(before + 31 * SECOND)
            for word in words:
                event = _spoken(word, trouble, book, now, depth)
                after = step(book, [event], SHORT, now).book
                held = after.find(LINE, trouble.key)
                states.add(held.state if held is not None else AlertState.CLOSED)
                shape = _shape(after, now)
                if shape not in seen:
                    seen.add(shape)
                    following[shape] = (after, now)
        level = following
    return states, len(seen)


def _spoken(
    word: str, trouble: Trouble, book: AlertBook, now: Instant, depth: int
) -> AlertingEvent:
    held = book.find(LINE, trouble.key)
    name = held.id if held is not None else "none.1"
    rung = held.rung if held is not None else 0
    reply = Reply.STANDBY if word == "hold" else Reply.CANNOT
    match word:
        case "raise":
            return Raised(trouble=trouble)
        case "end":
            return Ended(line=LINE, key=trouble.key)
        case "present":
            return Presented(alert=name, desk="north")
        case "fail":
            tried = held.tried if held is not None else ()
            ring = held.rings if held is not None else 0
            return DeliveryFailed(alert=name, channel=(*tried, "desk")[0], rung=rung, ring=ring)
        case "mute":
            until = Instant(now + 60 * SECOND)
            return Silenced(alert=name, until=until, reason="tests", person="J. Doe")
        case "ack":
            return Acked(alert=name, person="J. Doe", role="watch")
        case "answer" | "hold":
            own = ref(depth, "ISR.0")
            return Answered(line=LINE, answer=own, to=trouble.about[0], role="watch", reply=reply)
    return Ticked()


def _shape(book: AlertBook, now: Instant) -> object:
    """What decides how the duty goes on, with times counted from now."""
    (trouble,) = [a for a in book.open() if a.trouble.kind.value != "channel"] or [None]
    if trouble is None:
        return None
    since = [at and at - now for at in (trouble.next, trouble.rang, trouble.silenced_until)]
    return (
        trouble.state, trouble.rung, trouble.rung_rings, trouble.tried, trouble.failed, *since,
        min(now - trouble.raised, 400 * SECOND), trouble.presented is not None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "trouble", [stop(1), conflict("a", 4, needs_answer=True, severity=Severity.WARNING)]
)
def test_alerting_no_sequence_of_silence_reaches_answered_or_closed(trouble: Trouble) -> None:
    """FM10, model check to depth 8: without a person a duty is never answered, taken or closed."""
    states, explored_books = explored(trouble, SILENT)
    assert {AlertState.RAISED, AlertState.ESCALATED, AlertState.ENDED_UNSEEN} == states
    assert explored_books > 100, "the search has shrunk"


def test_alerting_model_check_reaches_every_state_with_people() -> None:
    """The same search with people in it reaches every state: it is not blind."""
    states, _ = explored(stop(1), ALL)
    assert set(AlertState) == states
