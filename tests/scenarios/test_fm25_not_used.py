"""FM25: a line that nobody uses fails on its day. ACCIDENT is cheap to send; drills are lines of
their own; a month of silence is a report."""

import json
from pathlib import Path

from clearline.evidence.review.use import Use, use, use_text
from clearline.model.alert import TroubleKind
from clearline.model.entry import Accident, Kind, Precedence, Test
from clearline.model.time import DAY, HOUR, SECOND, Instant
from tests.api_node import cli, found, make_parties, running
from tests.evidence_town import checked, export
from tests.town import BEGIN, Town

CRY = Accident(what="drone does not answer its pilot")


def test_accident_is_one_command_with_one_input_within_20_seconds(tmp_path: Path) -> None:
    """`clearline accident WORDS` is all: by the node's own clock it stands as FLASH in the record
    within 20 s of the moment before it was typed."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        before = node.now()
        done = json.loads(cli("accident", CRY.what, "--node", str(node.folder), "--json"))
        assert len(done["refs"]) == 1
        with node.client() as client:
            (ask,) = [view for view in client.asks(node.line) if view.kind is Kind.ACCIDENT]
        assert 0 <= ask.t - before <= 20 * SECOND
        assert ask.precedence is Precedence.FLASH


def test_accident_rings_everybody_and_a_drill_is_marked_in_every_sentence() -> None:
    """The same template on a real line and on an exercise line: both ring at once, and only the
    drill reads EXERCISE, first."""
    from clearline.node import phrases

    for exercise in (False, True):
        town = Town(("AAA", "BBB", "CCC"), exercise=exercise)
        (ref,) = town.say("AAA", CRY, prec=Precedence.FLASH)
        town.settle()
        for party in ("BBB", "CCC"):
            troubles = town.nodes[party].state.troubles.values()
            (trouble,) = [t for t in troubles if t.about == (ref,)]
            assert (trouble.kind, trouble.exercise) == (TroubleKind.ACCIDENT, exercise)
            assert phrases.trouble(trouble).startswith("EXERCISE") is exercise


def test_month_of_heartbeats_alone_is_told_day_by_day() -> None:
    """Three days of it: every day is without traffic, eight tests were missed by each, nobody has
    notified a hazard or drilled ACCIDENT."""
    town = Town(("AAA", "BBB"))
    for _ in range(72):
        town.wait(HOUR)
        town.tick()
    report = told(town)
    assert report.silent_days == ("2026-03-01", "2026-03-02", "2026-03-03")
    for party in report.parties:
        assert (party.said, party.tests_missed) == (0, 8)
    said = "\n".join(use_text(report))
    assert "no hazard was notified in this time by: AAA, BBB" in said
    assert said.count("NEVER DRILLED") == 2


def test_drill_on_an_exercise_line_is_found_by_the_report_of_the_real_one() -> None:
    """Each party's own drill counts for itself; the tests that were done are counted."""
    real, drill = Town(("AAA", "BBB")), Town(("AAA", "BBB"), exercise=True)
    drill.wait(HOUR)
    drill.say("AAA", CRY, prec=Precedence.FLASH)
    drill.settle()
    real.wait(7 * HOUR)
    real.say("AAA", Test(text="test", role="watch-officer"))
    real.settle()
    for town in (real, drill):
        town.wait(HOUR)
    verified = checked(export(drill, "AAA"))
    report = use(checked(export(real, "AAA")), BEGIN, Instant(BEGIN + DAY), (verified,))
    assert isinstance(report, Use)
    assert [party for party, _ in report.drilled] == ["AAA"]
    assert [(p.tests_done, p.tests_missed) for p in report.parties] == [(1, 0), (0, 0)]


def told(town: Town) -> Use:
    found_ = use(checked(export(town, "AAA")), BEGIN, Instant(BEGIN + 31 * DAY))
    assert isinstance(found_, Use)
    return found_
