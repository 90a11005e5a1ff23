"""Verdicts and exposures brought up to the pictures, a bounded amount in a turn (CL-STA-008)."""

from collections.abc import Callable

from clearline.model.ids import LineId
from clearline.model.terms import Agreement
from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.look_again import is_due, look_again
from clearline.node.state import LineState, State
from clearline.node.turn import Turn


def catch_up(turn: Turn, state: State, judge_of: Callable[[LineId], Judge]) -> int:
    """Bring the verdicts up to the pictures, and judge what waits, each line its share of what a
    turn may do: first what is to be looked at again, then whom hazards expose, then pairs. How
    many wait still."""
    waiting: list[tuple[LineState, Judge, Agreement | None]] = []
    for line, ls in sorted(state.lines.items()):
        if ls.loading is not None:
            continue  # there is no picture to judge by
        judge, in_force = judge_of(line), ls.terms_in_force
        judge.sync(ls.picture)
        facts = Facts.of(ls, in_force, judge) if in_force is not None else None
        left = judge.pending
        if facts is not None and in_force is not None:
            facts.exposing.follow(ls.movers)
            left += facts.waiting + is_due(facts, in_force)
        if left:
            waiting.append((ls, judge, in_force))
        else:
            judge.since = None
    pending = 0
    for ls, judge, in_force in waiting:
        share = -(-turn.work // len(waiting))
        done, left = _work(ls, judge, in_force, share)
        judge.since = None if not left else judge.since or turn.now
        turn.judged |= done > 0
        pending += left
    return pending


def _work(ls: LineState, judge: Judge, in_force: Agreement | None, share: int) -> tuple[int, int]:
    """A line's share of a turn: how much was done, and how much is left. A look at everything has
    half of it, so that meanwhile movers are held against new hazards, and pairs that cannot wait
    are judged: a quarter each."""
    if in_force is None:
        return judge.work(share), judge.pending
    done, left, facts = 0, share, Facts.of(ls, in_force, judge)
    if is_due(facts, in_force):
        done = look_again(ls, in_force, judge, facts, max(1, share // 2))
        left -= min(done, share // 2)
        facts = Facts.of(ls, in_force, judge)
        facts.exposing.follow(ls.movers)
    looked = facts.look(left // 2 if is_due(facts, in_force) else left)
    done += looked + judge.work(max(0, left - looked))
    # What is looked at of answers in this turn is not looked at in the next: it counts as well.
    done += facts.replied.waiting
    return done, judge.pending + facts.waiting
