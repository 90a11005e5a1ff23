from dataclasses import replace

import msgspec
from msgspec.structs import replace as change

from clearline.alerting import (
    Climbed,
    Delivered,
    Ended,
    Presented,
    Raised,
    Ticked,
    book_of,
    book_of_alerts,
)
from clearline.model.alert import AlertState, Severity, Silence, TroubleKind
from clearline.model.entry import Precedence, Reply
from clearline.model.ids import PartyId
from clearline.model.time import HOUR, SECOND, Instant
from tests.alert_cases import (
    LINE,
    START,
    Watch,
    acked,
    answered,
    conflict,
    failed,
    ref,
    silenced,
    stop,
    without_routes,
)


def raised(**changes: object) -> Watch:
    watch = Watch()
    watch.at(0, Raised(trouble=stop(**changes)))
    return watch


# --- FM10, FM18: the ladder -------------------------------------------------------------------


def test_unanswered_stop_goes_to_the_second_channel_then_up_the_ladder() -> None:
    """FM18, FM10: at 30 s the second channel, overdue at 60 s the alternate, then the senior."""
    watch = raised()
    watch.until(300)
    assert watch.rang()[:4] == [
        (0, "watch", ("desk",)),
        (30, "watch", ("desk", "webhook")),
        (60, "alternate", ("webhook",)),
        (90, "alternate", ("webhook", "smtp")),
    ]
    assert watch.rang()[-1] == (300, "senior", ("command",))
    assert AlertState.ESCALATED is watch.only().state


def test_top_rung_goes_on_ringing() -> None:
    """Nobody is left to be called: it does not stop."""
    watch = raised()
    watch.until(3_600)
    senior = [at for at, role, _ in watch.rang() if role == "senior"]
    assert list(range(300, 3_601, 30)) == senior


def test_hour_without_power_rings_the_rung_now_due_once() -> None:
    """Killed at 00:00 and started at 01:00: one ring, at the senior, not all that was missed."""
    watch = raised()
    watch.book = book_of_alerts(watch.book.alerts.values(), watch.book.now, 1)
    outcome = watch.at(3_600, Ticked())
    assert watch.rang()[1:] == [(3_600, "senior", ("command",))]
    assert len(outcome.changed) == 1


def test_answer_in_the_same_step_does_not_ring() -> None:
    """What is settled before anybody could hear it stays quiet."""
    watch = Watch()
    watch.at(0, Raised(trouble=stop()), answered(7))
    assert watch.rang() == []
    assert AlertState.ANSWERED is watch.only().state


def test_answer_names_its_entry_and_ends_the_ladder() -> None:
    """ANSWERED carries the entry in our own feed; nothing rings afterwards."""
    watch = raised()
    watch.at(10, answered(7))
    watch.until(3_600)
    assert (ref(20, "ISR.0"), Reply.HALTED, None) == (
        watch.only().answer, watch.only().reply, watch.only().next,
    )  # fmt: skip
    assert len(watch.rings) == 1


def test_answer_to_another_version_answers_nothing() -> None:
    """An answer names the version that it answers and carries to no other."""
    watch = raised()
    watch.at(10, answered(8))
    assert AlertState.RAISED is watch.only().state


def test_answer_in_another_partys_feed_is_refused() -> None:
    """Only an entry of our own answers for us."""
    watch = raised()
    foreign = answered(7)
    watch.at(10, type(foreign)(**{**_fields(foreign), "answer": ref(20)}))
    assert (watch.refused, watch.only().state) == (["not-own"], AlertState.RAISED)


def _fields(event: object) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}  # type: ignore[attr-defined]


def test_roger_to_a_stop_holds_it_and_the_deadline_stays() -> None:
    """ROGER quiets a STOP like an acknowledgement; at its deadline the next rung hears of it."""
    watch = raised()
    watch.at(10, answered(7, Reply.ROGER))
    assert AlertState.ACKNOWLEDGED is watch.only().state
    watch.until(60)
    assert watch.rang() == [(0, "watch", ("desk",)), (60, "alternate", ("webhook",))]


def test_acknowledged_stop_comes_back_when_its_answer_is_due() -> None:
    """An acknowledgement is not an answer."""
    watch = raised()
    watch.at(10, acked(watch.only()))
    watch.until(59)
    assert len(watch.rings) == 1
    watch.until(60)
    assert watch.rang()[-1] == (60, "alternate", ("webhook",))
    assert watch.only().taken_by == "J. Doe"


def test_acknowledged_conflict_is_quiet() -> None:
    """What needs no answer is quiet once somebody has taken it, and closes when it ends."""
    watch = Watch()
    watch.at(0, Raised(trouble=conflict()))
    watch.at(10, acked(watch.only()))
    watch.until(7_200)
    assert len(watch.rings) == 1
    closed = watch.at(7_300, Ended(line=LINE, key=conflict().key)).changed
    assert [alert.state for alert in closed] == [AlertState.CLOSED]
    assert watch.book.open() == ()


def test_any_role_may_answer_or_take() -> None:
    """FM11: roles are addressed, not people: the named officer is absent and another acts."""
    watch = raised()
    watch.at(5, type(answered(7))(**{**_fields(answered(7)), "role": "alternate"}))
    assert (watch.only().answered_role, watch.only().state) == ("alternate", AlertState.ANSWERED)


def test_ended_before_anybody_saw_it_stays_on_the_board() -> None:
    """Ended but unacknowledged stays until a person has seen it, and makes no sound."""
    watch = raised()
    watch.at(10, Ended(line=LINE, key=stop().key))
    watch.until(3_600)
    assert (watch.only().state, len(watch.rings)) == (AlertState.ENDED_UNSEEN, 1)
    watch.at(3_700, acked(watch.only()))
    assert watch.book.open() == ()


# --- correlation ------------------------------------------------------------------------------


def test_same_trouble_again_is_the_same_alert() -> None:
    """Said ten times, rung once."""
    watch = Watch()
    for second in range(10):
        watch.at(second, Raised(trouble=stop(since=START + second * SECOND)))
    assert (len(watch.rings), watch.only().count, watch.only().trouble.since) == (1, 1, START)


def test_new_version_voids_an_acknowledgement() -> None:
    """FM16: the next opening has a new id, and an acknowledgement of the old one is told so."""
    watch = Watch()
    watch.at(0, Raised(trouble=conflict()))
    old = watch.only()
    watch.at(10, acked(old))
    changed = watch.at(20, Raised(trouble=conflict(about=(ref(9),)))).changed
    new = watch.only()
    assert (new.state, new.opening, new.taken_by) == (AlertState.RAISED, 2, None)
    assert {(old.id, new.id), (new.id, None)} == {(a.id, a.followed_by) for a in changed}
    watch.at(21, acked(old))
    assert (watch.refused, watch.only().state) == (["stale"], AlertState.RAISED)


def test_new_version_voids_an_answer() -> None:
    """Answered facts that change are asked again."""
    watch = raised()
    watch.at(10, answered(7))
    watch.at(20, Raised(trouble=stop(about=(ref(8),))))
    assert (
        watch.only().state, watch.only().answer, len(watch.rings),
    ) == (AlertState.RAISED, None, 2)  # fmt: skip


def test_peer_that_amends_cannot_send_the_ladder_back_down() -> None:
    """New facts under an alert that nobody has taken go on at the rung reached."""
    watch = raised()
    watch.until(90)
    for number in range(8, 40):
        watch.at(90 + number, Raised(trouble=stop(about=(ref(number),), key="stop:7")))
        assert watch.of(stop()).rung >= 1
    watch.until(300)
    assert watch.of(stop()).rung == 2


def test_danger_that_flickers_goes_on_up_the_ladder() -> None:
    """A trouble that goes and comes within one repeat is the same duty on the same ladder."""
    watch = raised()
    for second in range(5, 300, 10):
        watch.at(second, Ended(line=LINE, key=stop().key))
        watch.at(second + 5, Raised(trouble=stop()))
    assert (watch.only().opening, watch.only().rung) == (1, 2)


def test_trouble_back_later_is_a_new_opening() -> None:
    """What comes back after more than one repeat starts its own ladder, under a new id."""
    watch = raised()
    watch.at(10, Ended(line=LINE, key=stop().key))
    watch.at(3_600, Raised(trouble=stop()))
    assert (
        watch.only().opening, watch.only().rung, watch.only().state,
    ) == (2, 0, AlertState.RAISED)  # fmt: skip


def test_closed_trouble_never_uses_an_id_again() -> None:
    """The number of an opening outlives the alert, in a snapshot too."""
    watch = raised()
    first = watch.only().id
    watch.at(10, acked(watch.only()), Ended(line=LINE, key=stop().key))
    watch.book = book_of(watch.book.image())
    watch.at(20, Raised(trouble=stop()))
    assert watch.only().id != first


def test_flood_of_three_days_leaves_a_book_as_large_as_what_is_open() -> None:
    """A new trouble each minute, 4,320 keys, each taken and over before the next: nothing of them
    stays in the book, in its image neither, and no id came twice."""
    watch, ids = Watch(), set()
    for minute in range(72 * 60):
        one = stop(minute)
        watch.at(60 * minute, Raised(trouble=one))
        ids.add(watch.only().id)
        watch.at(60 * minute + 20, acked(watch.only()), Ended(line=LINE, key=one.key))
    book = watch.book
    assert len(ids) == 72 * 60
    assert (len(book.alerts), len(book.openings), len(book.alarms)) == (0, 0, 0)
    assert (len(book.asking), book.due.seconds) == (0, ())
    assert len(msgspec.json.encode(book.image())) < 1_000


# --- FM29: flood ------------------------------------------------------------------------------


def test_thirty_seven_flash_from_one_peer_are_one_alarm_with_a_counter_and_a_finding() -> None:
    """FM29: one sounds, it counts to 37, and a flood is found; each keeps its own duty."""
    watch = Watch()
    for second in range(37):
        watch.at(second, Raised(trouble=stop(second)))
    (head,) = watch.book.sounding()
    assert head.count == 37
    assert [
        a.trouble.kind for a in watch.book.open() if a.trouble.kind is not TroubleKind.STOP
    ] == [TroubleKind.FLOOD]
    assert watch.rang() == [(0, "watch", ("desk",)), (30, "watch", ("desk", "webhook"))]
    assert len(watch.book.open()) == 38


def test_every_flash_of_a_flood_is_shown_on_the_desk() -> None:
    """FLASH is never held back: the one that joins an alarm is shown at once, with the counter."""
    watch = Watch()
    watch.at(0, Raised(trouble=stop(1)))
    shown = watch.at(1, Raised(trouble=stop(2))).intents
    ids = {watch.of(stop(1)).id, watch.of(stop(2)).id}
    assert {Silence(alert=name) for name in ids} == set(shown)


def test_answering_one_of_a_flood_leaves_the_others() -> None:
    """The counter goes down by one, and the alarm goes on."""
    watch = Watch()
    watch.at(0, *(Raised(trouble=stop(n)) for n in range(37)))
    watch.at(5, answered(0))
    (head,) = watch.book.sounding()
    assert head.count == 36
    watch.until(31)
    assert watch.rang()[-1][:2] == (30, "watch")


def test_new_flash_after_all_were_acknowledged_sounds_again() -> None:
    """Acknowledging an alarm takes what was in it, not what comes."""
    watch = Watch()
    watch.at(0, *(Raised(trouble=stop(n)) for n in range(5)))
    watch.at(5, acked(watch.of(stop(3)), whole_alarm=True))
    assert watch.book.sounding() == ()
    watch.at(6, Raised(trouble=stop(9)))
    assert watch.rang()[-1][:2] == (6, "watch")


def test_whole_alarm_acknowledged_keeps_each_deadline() -> None:
    """One acknowledgement for 37 quiets them; each is due on its own."""
    watch = Watch()
    watch.at(0, Raised(trouble=stop(1)))
    watch.at(20, Raised(trouble=stop(2)))
    watch.at(21, acked(watch.of(stop(1)), whole_alarm=True))
    watch.until(60)
    assert (
        watch.of(stop(1)).state, watch.of(stop(2)).state,
    ) == (AlertState.ESCALATED, AlertState.ACKNOWLEDGED)  # fmt: skip


def test_newcomer_does_not_take_an_alarm_back_to_one_channel() -> None:
    """A peer that adds a STOP at every repeat cannot keep the second channel from being called."""
    watch = Watch()
    for second in range(0, 300, 30):
        watch.at(second, Raised(trouble=stop(second)))
    webhook = [at for at, ring in watch.rings if "webhook" in ring.channels and ring.rung == 0]
    assert webhook[0] == 30


def test_whole_alarm_acknowledged_leaves_what_came_after_the_board_was_made() -> None:
    """Nobody takes what he has not seen."""
    watch = Watch()
    watch.at(0, Raised(trouble=stop(1)))
    watch.at(20, Raised(trouble=stop(2)))
    seen = Instant(START + 19 * SECOND)
    watch.at(21, change(acked(watch.of(stop(1)), whole_alarm=True), seen=seen))
    assert [watch.of(stop(2)).id] == [head.id for head in watch.book.sounding()]


def test_loud_trouble_rings_again_among_quieter_ones_after_the_first_was_taken() -> None:
    """An alarm that was louder once does not swallow the next loud one."""
    watch = Watch()
    watch.at(0, Raised(trouble=conflict("a", 1, severity=Severity.CAUTION)))
    watch.at(1, Raised(trouble=conflict("a", 2)))
    watch.at(2, acked(watch.of(conflict("a", 2))))
    watch.at(3, Raised(trouble=conflict("a", 3)))
    assert [at for at, _, _ in watch.rang()] == [0, 1, 3]


def test_flood_is_over_a_minute_after_the_last() -> None:
    """The finding ends by itself, and stays on the board until a person has seen it."""
    watch = Watch()
    for second in range(12):
        watch.at(second, Raised(trouble=stop(second)), answered(second, own_index=second))
    watch.until(71)
    (flood,) = (a for a in watch.book.open() if a.trouble.kind is TroubleKind.FLOOD)
    assert AlertState.ENDED_UNSEEN is flood.state


def test_alarms_are_groups_of_own_asset_and_consequence() -> None:
    """FM29: 1,200 sites and 20 notices that meet 3 of them in 2 ways are 6 alarms."""
    watch = Watch()
    watch.at(
        0,
        *(
            Raised(trouble=conflict(f"site{n % 3}", n, group=f"site{n % 3}:{n % 2}"))
            for n in range(1_200)
        ),
    )
    assert (len(watch.book.sounding()), sum(a.count for a in watch.book.sounding())) == (6, 1_200)
    assert len(watch.rings) == 6


def test_routine_is_held_back_and_flash_is_not() -> None:
    """FM29: the seventh ROUTINE alarm in a minute waits its turn; FLASH among them rings."""
    watch = Watch()
    routine = [conflict(str(n), n, precedence=Precedence.ROUTINE) for n in range(20)]
    watch.at(0, *(Raised(trouble=trouble) for trouble in routine))
    assert len(watch.rings) == 6
    flash = [stop(n, peer=PartyId(f"P{n}")) for n in range(20)]
    watch.at(1, *(Raised(trouble=trouble) for trouble in flash))
    assert len(watch.rings) == 26
    watch.until(600)
    assert {watch.of(t).id for t in routine} <= {ring.alert for _, ring in watch.rings}


def test_overdue_routine_is_not_held_back() -> None:
    """A deadline that has passed is never waiting behind a limit."""
    watch = Watch()
    due = [
        conflict(str(n), n, precedence=Precedence.ROUTINE, needs_answer=True, due=START)
        for n in range(20)
    ]
    watch.at(0, *(Raised(trouble=trouble) for trouble in due))
    assert len(watch.rings) == 20


def test_louder_trouble_rings_through_an_alarm_that_sounds() -> None:
    """A trouble worse than any that its alarm has rung for does not wait."""
    watch = Watch()
    watch.at(0, Raised(trouble=conflict("a", 1, severity=Severity.CAUTION)))
    watch.at(1, Raised(trouble=conflict("a", 2)))
    assert [at for at, _, _ in watch.rang()] == [0, 1]


# --- channels that fail -----------------------------------------------------------------------


def test_failed_call_goes_to_the_next_channel_then_the_next_rung_at_once() -> None:
    """Nobody at the desk, and the webhook down: within the same second the alternate is called."""
    watch = raised()
    watch.at(1, failed(watch.of(stop()), "desk"))
    watch.at(2, failed(watch.of(stop()), "webhook"))
    stops = [
        (at, ring.role, ring.channels)
        for at, ring in watch.rings
        if ring.alert == watch.of(stop()).id
    ]
    assert stops == [
        (0, "watch", ("desk",)), (1, "watch", ("webhook",)), (2, "alternate", ("webhook",)),
    ]  # fmt: skip
    kinds = {a.trouble.key for a in watch.book.open() if a.trouble.kind is TroubleKind.CHANNEL}
    assert {"channel:desk", "channel:webhook"} == kinds


def test_failure_said_twice_climbs_once() -> None:
    """A repeated report, or a late one of a rung left behind, moves nothing."""
    watch = raised()
    alert = watch.of(stop())
    watch.at(1, failed(alert, "desk"), failed(alert, "desk"))
    again = watch.of(stop())
    watch.at(2, failed(again, "webhook"), failed(again, "webhook"), failed(alert, "desk"))
    assert watch.of(stop()).rung == 1


def test_rung_that_is_due_goes_before_another_channel_of_the_one_below() -> None:
    """Overdue and the desk's failure in one step: the alternate is called at once."""
    watch = raised()
    watch.at(60, failed(watch.of(stop()), "desk"))
    assert (60, "alternate", ("webhook",)) in watch.rang()


def test_one_channel_of_two_that_works_is_enough() -> None:
    """The ladder climbs at once only if a whole ring reached nobody."""
    watch = raised()
    watch.until(30)
    watch.at(31, failed(watch.of(stop()), "desk"))
    assert watch.of(stop()).rung == 0


def test_role_that_cannot_be_reached_is_passed_over_and_said() -> None:
    """No channel for the watch: the alternate is called in the same step, and it is said why."""
    watch = Watch(without_routes("watch"))
    watch.at(0, Raised(trouble=stop()))
    assert (0, "alternate", ("webhook",)) in watch.rang()
    assert any(a.trouble.key == "role:watch" for a in watch.book.open())


def test_nobody_can_be_reached_and_the_duty_stands() -> None:
    """Without any channel a step still ends, the alert stands at the top rung and goes on."""
    watch = Watch(without_routes("watch", "alternate", "senior"))
    watch.at(0, Raised(trouble=stop()))
    watch.until(600)
    alert = watch.of(stop())
    assert (alert.rung, alert.rings > 10) == (2, True)


def test_every_channel_failing_at_the_top_is_tried_again() -> None:
    """A channel that comes back is used at the next repeat."""
    watch = raised()
    watch.until(300)
    watch.at(301, failed(watch.of(stop()), "command"))
    watch.until(330)
    assert watch.rang()[-1] == (330, "senior", ("command",))


def test_channel_trouble_ends_when_the_channel_delivers() -> None:
    """What works again is not reported broken."""
    watch = raised()
    watch.at(1, failed(watch.of(stop()), "desk"))
    watch.at(2, Delivered(alert=watch.of(stop()).id, channel="desk", rung=0))
    (fault,) = (a for a in watch.book.open() if a.trouble.kind is TroubleKind.CHANNEL)
    assert AlertState.ENDED_UNSEEN is fault.state


def test_role_trouble_ends_when_the_role_has_a_channel() -> None:
    """The configuration was mended and the next look finds it."""
    watch = Watch(without_routes("watch"))
    watch.at(0, Raised(trouble=conflict()))
    watch.plan = Watch().plan
    watch.at(1, Raised(trouble=conflict("b")))
    (fault,) = (a for a in watch.book.open() if a.trouble.kind is TroubleKind.CHANNEL)
    assert AlertState.ENDED_UNSEEN is fault.state


# --- calling higher ---------------------------------------------------------------------------


def test_person_has_the_next_role_called_at_once() -> None:
    """Without waiting for the clock, and from there the ladder goes on as agreed; also what
    somebody took, and what is silenced, rings again."""
    watch = raised()
    watch.at(1, acked(watch.only()))
    watch.at(2, Climbed(alert=watch.only().id, person="J. Doe"))
    assert watch.only().state is AlertState.ESCALATED
    assert watch.rang()[-1][:2] == (2, "alternate")
    watch.at(3, Climbed(alert=watch.only().id, person="J. Doe"))
    assert watch.rang()[-1][:2] == (3, "senior")


def test_nobody_above_the_top_is_called() -> None:
    """At the top it is refused, and it goes on ringing there; what has ended is refused too."""
    watch = raised()
    for second in (1, 2, 3):
        watch.at(second, Climbed(alert=watch.only().id, person="J. Doe"))
    assert watch.refused == ["not-allowed"]
    assert watch.only().rung == 2
    watch.at(4, Ended(line=LINE, key=watch.only().trouble.key))
    watch.at(5, Climbed(alert=watch.only().id, person="J. Doe"), Climbed(alert="no.1", person=""))
    assert watch.refused[1:] == ["not-allowed", "not-found"]


# --- silence ----------------------------------------------------------------------------------


def test_emergency_is_never_silenced() -> None:
    """A STOP can be taken or answered; it cannot be muted."""
    watch = raised()
    watch.at(1, silenced(watch.only(), 600))
    assert (watch.refused, watch.only().silenced_until) == (["not-allowed"], None)


def test_silenced_alert_comes_back() -> None:
    """Muted for ten minutes with a reason, it rings at the end at the rung then due."""
    watch = Watch()
    watch.at(0, Raised(trouble=conflict()))
    watch.at(1, silenced(watch.only(), 600))
    assert watch.book.sounding() == ()
    watch.until(600)
    assert [(at, role) for at, role, _ in watch.rang()] == [(0, "watch"), (600, "senior")]


def test_silence_never_outlasts_the_answers_deadline() -> None:
    """What must be answered by then is heard then."""
    watch = Watch()
    watch.at(0, Raised(trouble=conflict(needs_answer=True)))
    watch.at(1, silenced(watch.only(), 600))
    watch.until(60)
    assert watch.rang()[-1] == (60, "alternate", ("webhook",))


def test_silence_covers_one_alert_and_no_class() -> None:
    """Another trouble of the same group rings."""
    watch = Watch()
    watch.at(0, Raised(trouble=conflict("a", 1)))
    watch.at(1, silenced(watch.only(), 600))
    watch.at(2, Raised(trouble=conflict("a", 2)))
    assert [at for at, _, _ in watch.rang()] == [0, 2]


def test_silence_needs_a_reason_and_an_end() -> None:
    """No reason, no end in the future, or longer than a watch: refused."""
    watch = Watch()
    watch.at(0, Raised(trouble=conflict()))
    alert = watch.only()
    watch.at(1, silenced(alert, 600, " "), silenced(alert, 0), silenced(alert, 13 * HOUR // SECOND))
    watch.at(2, acked(alert), silenced(alert, 600))
    assert watch.refused == ["reason-needed", "bad-window", "bad-window", "not-allowed"]


def test_unknown_alert_is_refused() -> None:
    """A name that is not on the board is a refusal, not an error."""
    watch = Watch()
    watch.at(0, Presented(alert="no.1", desk="north"))
    assert watch.refused == ["not-found"]


def test_presented_is_kept_and_quiets_nothing() -> None:
    """R3 is a fact of its own: shown is not taken."""
    watch = raised()
    watch.at(1, Presented(alert=watch.only().id, desk="north"))
    assert (
        watch.only().presented, watch.only().presented_on, watch.only().state,
    ) == (START + SECOND, "north", AlertState.RAISED)  # fmt: skip


def test_clock_that_goes_back_does_not_take_the_ladder_back() -> None:
    """An earlier time counts as the book's."""
    watch = raised()
    watch.until(300)
    watch.at(0, Ticked())
    assert (watch.only().rung, watch.book.now) == (2, START + 300 * SECOND)


def test_plan_may_change_under_an_alert() -> None:
    """A ladder that got shorter leaves the alert ringing at its new top."""
    watch = raised()
    watch.until(300)
    terms = watch.plan.terms[LINE]
    short = tuple(_shorter(term) for term in terms)
    watch.plan = replace(watch.plan, terms={LINE: short})
    watch.until(330)
    assert watch.rang()[-1][:2] == (330, "watch")


def _shorter(term: object) -> object:
    return change(term, ladder=term.ladder[:1])  # type: ignore[attr-defined]
