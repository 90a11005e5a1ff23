"""One evaluation of all lines: a pure function of a copy, fit for another thread."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clearline.model.ids import LineId
from clearline.node.live.book import Sky
from clearline.node.live.limits import LiveLimits
from clearline.node.state import LineState

if TYPE_CHECKING:  # numba comes with them: whoever only talks to a node does without
    from clearline.node.live.evaluate import Evaluation, Own
    from clearline.node.live.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class LineJob:
    """One line: its state, the scene that was made of it last, own movers' rows, who was seen."""

    line: LineId
    ls: LineState
    scene: "Scene | None"
    own: "Own"
    had: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that one evaluation looks at."""

    sky: Sky
    lines: tuple[LineJob, ...]
    limits: LiveLimits
    turn: int


def work(job: Job) -> "dict[LineId, tuple[Scene | None, Evaluation]]":
    """What is found on each line, and the scene, to be handed in again."""
    from clearline.node.live.evaluate import Evaluation, evaluate
    from clearline.node.live.scene import scene_of

    found: dict[LineId, tuple[Scene | None, Evaluation]] = {}
    for each in job.lines:
        scene = scene_of(each.ls, each.scene)
        if scene is None:
            found[each.line] = (None, Evaluation())
            continue
        seen = evaluate(scene, job.sky, each.own, each.had, job.limits, job.turn)
        found[each.line] = (scene, seen)
    return found
