"""Three days at three desks: good, slow, absent and wrong officers, and nothing falls through.

A watch that breaks prints its seed: ``LongWatch(PARTIES, number=SEED, hours=HOURS).run()`` plays it
again, step by step.
"""

import pytest

from clearline.alerting.correlate import is_flash
from clearline.model.alert import AlertState
from clearline.model.entry import Kind, Reply
from clearline.model.ids import PartyId
from clearline.model.time import HOUR, MINUTE, Millis
from clearline.words.catalogue import templates
from tests.simulation.long_watch import LongWatch
from tests.simulation.players import ABSENT, OF_A_WATCH, TEMPERS

PARTIES = ("AAA", "BBB", "CCC")
SHORT = range(101, 103)
SPARSE, HOURS_APART = Millis(80 * MINUTE), Millis(3 * HOUR)


def test_three_days_hold_and_everything_happens() -> None:
    """72 hours with every kind of entry and every template, watches that pass, that nobody takes
    and that are refused, links cut both ways and one way, crashes, a clock 40 s off: each invariant
    after each step, and it was asked often enough to mean something."""
    watch = LongWatch(PARTIES, number=21, hours=72, apart=SPARSE).run()
    record = watch.records[PartyId("AAA")]
    assert set(Kind) == set(record.kinds)
    assert set(templates()) == record.templates
    happened = (
        "watch taken", "watch refused", "watch not taken", "cut", "one way cut", "crash", "rung 1",
        "rung 2", "wrong stranger", "wrong foreign", "wrong mute", "slow answer", "good tell",
    )  # fmt: skip
    assert [] == [name for name in happened if not watch.seen[name]]
    replies = set(Reply) - {Reply.READ_BACK}
    assert [] == [reply for reply in replies if not watch.seen[f"answer {reply.value}"]]
    assert watch.seen["watch taken"] >= 15
    assert watch.checker.climbed > 20, "no FLASH stayed unanswered"
    assert watch.checker.owned > 1_000, "no duty was open"
    assert watch.checker.told_silent > 200, "nobody was silent"


@pytest.mark.parametrize("number", SHORT)
def test_shorter_watches_hold(number: int) -> None:
    """Other seeds, for half a day."""
    watch = LongWatch(PARTIES, number=number, hours=12).run()
    assert watch.checker.owned > 100


def test_nobody_at_any_desk_is_never_consent() -> None:
    """Everybody is absent: after a watch nothing is answered, no alarm is closed while its trouble
    stands, every FLASH rings at the highest rung, and whoever asked reads that nobody answered."""
    watch = LongWatch(("AAA", "BBB"), number=5, hours=12, everybody=ABSENT, apart=HOURS_APART)
    watch.play()
    assert watch.checker.owned > 500
    assert watch.checker.told_silent > 500
    for party in watch.parties:
        record = watch.records[PartyId(party)]
        assert not record.answers
        assert 0 == watch.person[party]
        alerts = watch.nodes[party].state.book.alerts.values()
        asked = [a for a in alerts if a.trouble.needs_answer and is_flash(a.trouble)]
        assert all(2 == a.rung for a in asked)
        assert {AlertState.ESCALATED, AlertState.ENDED_UNSEEN} >= {a.state for a in asked}
    assert watch.checker.climbed, "no FLASH was there"


def test_rates_of_the_players_are_stated_and_whole() -> None:
    """Four tempers, and how often each has the watch."""
    assert ["good", "slow", "absent", "wrong"] == [temper.name for temper in TEMPERS]
    assert len(TEMPERS) == len(OF_A_WATCH)
    assert 1 == pytest.approx(sum(OF_A_WATCH))


@pytest.mark.long
@pytest.mark.parametrize("number", range(1_001, 1_041))
def test_further_watches_hold(number: int) -> None:
    """Forty more of three days each."""
    LongWatch(PARTIES, number=number, hours=72).run()


@pytest.mark.long
@pytest.mark.parametrize("number", range(2_001, 2_011))
def test_busy_watches_hold(number: int) -> None:
    """Ten of a day with something said every five minutes by everybody."""
    LongWatch(PARTIES, number=number, hours=24, apart=Millis(5 * MINUTE)).run()
