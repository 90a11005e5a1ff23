"""What judging is counted as follows what it does, over all shapes of work: counted, not timed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from clearline.model.entry import Notice, Precedence, Withdraw
from clearline.model.finding import Verdict
from clearline.node.judge import Judge, judge_versions
from tests.counted_work import SHAPES, one, small, some
from tests.town import Town, disc

ROOT = Path(__file__).parents[3]
FACTOR = 2.5
"""Units and work agree within it either way."""
STEP_MOST = 400
"""Units of the longest step of two lists of volumes: 4 ms."""


def test_units_follow_work_over_all_shapes() -> None:
    """Two discs, rings of many corners, a hundred volumes beside a hundred, near, apart, at other
    heights and at other times: the instructions that run, those of the kernel, and the cells of
    arrays agree with the units. Counted in a process of its own, without the compiler."""
    env = {**os.environ, "CLEARLINE_COMPILED": "0"}
    counted = subprocess.run(
        [sys.executable, "-m", "tests.counted_work"], cwd=ROOT, env=env, check=True,
        capture_output=True, timeout=120,
    )  # fmt: skip
    found = json.loads(counted.stdout)
    assert found.keys() == SHAPES.keys()
    ratios = {name: work / units for name, (units, work, *_) in found.items()}
    wrong = {name: r for name, r in ratios.items() if not 1 / FACTOR < r < FACTOR}
    assert wrong == {}


def crossing() -> tuple[Town, Judge]:
    """Thirty volumes of ours below thirty of another's: nine hundred looks, and no conflict; and
    two notices beside them that do meet."""
    town = Town(("AAA", "BBB"))
    town.say("AAA", Notice(cls="air-movement", label="below", volumes=tuple(some(30, 0.02, small))))
    above = some(30, 0.02, small, 300)
    town.say("BBB", Notice(cls="air-movement", label="above", volumes=tuple(above)))
    town.settle()
    judge = Judge()
    judge.sync(town.at("AAA").picture)
    return town, judge


def test_two_long_lists_are_judged_in_many_turns() -> None:
    """No step is long, the pair waits until it is judged, and the verdict is the one at once."""
    town, judge = crossing()
    a, b = sorted(judge.live)
    (terms,) = town.at("AAA").picture.terms.values()
    at_once = judge_versions(judge.live[a], judge.live[b], (terms,))
    turns = 0
    while judge.pending:
        assert judge.waits(a, b)
        assert judge.unjudged(judge.live[a])
        assert 0 < judge.work(100) <= 100 + STEP_MOST
        turns += 1
    assert turns > 10
    assert at_once.verdict is Verdict.NO
    assert not judge.open_pairs()
    assert not judge.waits(a, b)


def test_what_cannot_wait_is_judged_between_the_steps_of_a_long_pair() -> None:
    """FLASH comes in the middle: it is judged at once, and the long pair goes on where it was."""
    town, judge = crossing()
    other = Judge()
    other.sync(town.at("AAA").picture)
    whole = other.work()
    done = judge.work(whole // 2)
    town.say("BBB", Notice(cls="hazardous-air", label="now", volumes=tuple(one(disc(10, 10, 1)))),
             prec=Precedence.FLASH)  # fmt: skip
    town.settle()
    judge.sync(town.at("AAA").picture)
    assert judge.pending
    done += judge.work(200)
    flash = max(judge.live)
    assert any(flash in pair for pair in judge.open_pairs()), "the urgent one is known"
    assert judge.waits(*sorted(judge.live)[:2]), "the long one is not done yet"
    done += judge.work()
    assert done < whole * 3 // 2, "it was not begun again"


def test_long_pair_of_which_one_is_withdrawn_is_let_go() -> None:
    """Half judged, one of the two is live no more: nothing of it waits or is kept."""
    town, judge = crossing()
    judge.work(1_000)
    assert judge.pending
    town.say("AAA", Withdraw(versions=(min(judge.live),)))
    town.settle()
    judge.sync(town.at("AAA").picture)
    judge.work()
    assert (judge.pending, len(judge.open_pairs())) == (0, 0)
