"""Use and silence of a line in a month (FM25)."""

from dataclasses import replace

import msgspec
import pytest

from clearline.evidence.facts import Verified
from clearline.evidence.review.use import Use, use, use_text
from clearline.evidence.words import NOTICE_LINES
from clearline.model.entry import Accident, Message, Test
from clearline.model.entry import Precedence as Prec
from clearline.model.refusal import Refusal
from clearline.model.time import DAY, HOUR, Instant
from tests.evidence_town import checked, export, notice
from tests.town import BEGIN, Town

TEST = Test(text="test", role="watch-officer")


def told(town: Town, days: int, first: int = 0) -> Use:
    found = use(checked(export(town, "AAA")), Instant(BEGIN + first * DAY),
                Instant(BEGIN + days * DAY))  # fmt: skip
    assert isinstance(found, Use), found
    return found


def test_days_without_traffic_are_named() -> None:
    """Heartbeats and receipts are no traffic: of five days, three say nothing; each party's own
    are counted apart."""
    town = Town(("AAA", "BBB"))
    town.wait(HOUR)
    town.say("AAA", notice(34.0, start=600))
    town.settle()
    for _ in range(3):
        town.wait(DAY)
        town.tick()
    town.say("BBB", TEST)
    town.settle()
    town.wait(2 * DAY)
    found = told(town, 5)
    assert found.silent_days == ("2026-03-02", "2026-03-03", "2026-03-05")
    ours, theirs = found.parties
    assert (len(ours.silent_days), len(theirs.silent_days)) == (4, 4)
    assert theirs.longest_silence_ms == 3 * DAY + HOUR
    assert (ours.hazards, theirs.hazards, theirs.last_hazard_at) == (1, 0, None)
    assert "no hazard was notified in this time by: BBB" in use_text(found)


def test_days_before_there_was_a_line_are_no_days_without_traffic() -> None:
    """A report that begins ten days before the first party joined counts from that day on."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", notice(34.0, start=600))
    town.settle()
    town.wait(2 * DAY)
    found = told(town, 2, first=-10)
    assert (found.days, found.silent_days) == (2, ("2026-03-02",))


def test_missed_tests_are_counted_from_the_last_one() -> None:
    """The terms ask for one each watch of 8 hours. Tested after 10 and after 40 hours, of 60:
    missed were those at 8, at 18, 26 and 34, and at 48 and 56."""
    town = Town(("AAA", "BBB"))
    every = town.at("AAA").terms.line_test_ms
    hours = [10, 40]
    assert every == 8 * HOUR
    past = 0
    for hour in hours:
        town.wait((hour - past) * HOUR)
        past = hour
        town.say("AAA", TEST)
        town.settle()
    town.wait(20 * HOUR)
    found = use(checked(export(town, "AAA")), BEGIN, Instant(BEGIN + 60 * HOUR))
    assert isinstance(found, Use)
    ours, theirs = found.parties
    assert (ours.tests_done, ours.tests_missed) == (2, 6)
    assert (theirs.tests_done, theirs.tests_missed) == (0, 7)
    parts = [use(checked(export(town, "AAA")), Instant(BEGIN + a * HOUR),
                 Instant(BEGIN + b * HOUR)) for a, b in ((0, 30), (30, 60))]  # fmt: skip
    assert sum(part.parties[0].tests_missed for part in parts) == 6


def test_test_done_in_time_misses_nothing() -> None:
    """On the hour at which it falls due is in time."""
    town = Town(("AAA", "BBB"))
    for _ in range(6):
        town.wait(8 * HOUR)
        town.say("AAA", TEST)
        town.settle()
    assert told(town, 2).parties[0].tests_missed == 0


def test_month_that_is_not_over_ends_now() -> None:
    """Days that have not been are not silent."""
    town = Town(("AAA", "BBB"))
    town.wait(2 * DAY)
    found = told(town, 31)
    assert (found.until, found.days) == (town.now, 2)


def test_period_before_the_evidence_is_refused() -> None:
    """There is nothing to tell of a time that lies ahead."""
    town = Town(("AAA", "BBB"))
    found = use(checked(export(town, "AAA")), Instant(BEGIN + DAY), Instant(BEGIN + 2 * DAY))
    assert isinstance(found, Refusal)


def test_accident_that_was_never_drilled_is_said() -> None:
    """A real one on the real line is no drill; one on an exercise line is."""
    real, drill = Town(("AAA", "BBB")), Town(("AAA", "BBB"))
    for town in (real, drill):
        town.wait(HOUR)
    real.say("AAA", Accident(what="drone"), prec=Prec.FLASH)
    real.settle()
    drill.say("BBB", Accident(what="drone"), prec=Prec.FLASH)
    drill.settle()
    for town in (real, drill):
        town.wait(DAY)
    exercise = _as_exercise(checked(export(drill, "AAA")))
    bare = use(checked(export(real, "AAA")), BEGIN, Instant(BEGIN + DAY))
    drilled = use(checked(export(real, "AAA")), BEGIN, Instant(BEGIN + DAY), (exercise,))
    assert isinstance(bare, Use)
    assert isinstance(drilled, Use)
    assert bare.drilled == ()
    assert "\n".join(use_text(bare)).count("NEVER DRILLED") == 2
    assert [party for party, _ in drilled.drilled] == ["BBB"]
    assert "\n".join(use_text(drilled)).count("NEVER DRILLED") == 1
    assert bare.parties[0].last_accident_at is not None


def _as_exercise(verified: Verified) -> Verified:
    """The same record under terms that say that it is an exercise."""
    roster = verified.roster
    assert roster is not None
    versions = tuple(
        replace(signed, body=msgspec.structs.replace(signed.body, exercise=True))
        for signed in roster.versions
    )
    return replace(verified, roster=replace(roster, versions=versions))


def test_report_of_an_exercise_is_marked_first() -> None:
    """FM26: and it carries what every export says."""
    town = Town(("AAA", "BBB"))
    town.wait(DAY)
    found = use(_as_exercise(checked(export(town, "AAA"))), BEGIN, Instant(BEGIN + DAY))
    assert isinstance(found, Use)
    assert use_text(found)[0].startswith("EXERCISE")
    assert set(NOTICE_LINES) <= set(use_text(found))


@pytest.mark.parametrize("body", [Message(template="text-check", fields=()), TEST])
def test_text_checks_are_counted_where_the_terms_ask_for_them(body) -> None:
    """The usual terms ask for none: then nothing is said of them."""
    town = Town(("AAA", "BBB"))
    town.wait(HOUR)
    town.try_to_say("AAA", body)
    town.settle()
    town.wait(DAY)
    ours = told(town, 1).parties[0]
    asked = town.at("AAA").terms.text_check_ms
    assert (ours.texts_missed is None) == (asked is None)
