"""Verdicts and exposures brought up to the pictures, a bounded amount in a turn (CL-STA-008)."""

from collections.abc import Callable

from clearline.model.ids import LineId
from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.state import State
from clearline.node.turn import Turn


def catch_up(turn: Turn, state: State, judge_of: Callable[[LineId], Judge]) -> int:
    """Bring the verdicts up to the pictures, and judge what waits, each line its share of what a
    turn may do: first whom hazards expose, then pairs. How many wait still."""
    waiting: list[tuple[Judge, Facts | None]] = []
    for line, ls in sorted(state.lines.items()):
        if ls.loading is not None:
            continue  # there is no picture to judge by
        judge = judge_of(line)
        judge.sync(ls.picture)
        in_force = ls.terms_in_force
        facts = Facts.of(ls, in_force, judge) if in_force is not None else None
        if facts is not None:
            facts.exposing.follow(ls.movers)
        if judge.pending or (facts is not None and facts.waiting):
            waiting.append((judge, facts))
        else:
            judge.since = None
    pending = 0
    for judge, facts in waiting:
        share = -(-turn.work // len(waiting))
        done = facts.look(share) if facts is not None else 0
        done += judge.work(max(0, share - done))
        left = judge.pending + (facts.waiting if facts is not None else 0)
        judge.since = None if not left else judge.since or turn.now
        # What is looked at of answers in this turn is not looked at in the next: it counts as well.
        turn.judged |= done > 0 or (facts is not None and facts.replied.waiting > 0)
        pending += left
    return pending
