"""What deciding needs besides the state: verdicts at hand, the ladders' plan, places by name."""

from collections.abc import Callable
from dataclasses import dataclass, field

from clearline.alerting.routing import WatchPlan
from clearline.model.ids import LineId, PartyId
from clearline.node.judge import Judge
from clearline.node.lasting import Compared
from clearline.node.state import State
from clearline.notation.gazetteer import Gazetteer


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What deciding needs besides the state: verdict caches by line, and the ladders' plan."""

    judges: dict[LineId, Judge]
    plan: Callable[[State], WatchPlan]
    make: Callable[[], Judge] = Judge
    places: Gazetteer = field(default_factory=Gazetteer)
    me: PartyId | None = None
    compared: Compared = field(default_factory=Compared)

    def judge(self, line: LineId) -> Judge:
        """The line's verdicts."""
        if line not in self.judges:
            self.judges[line] = self.new_judge()
        return self.judges[line]

    def new_judge(self) -> Judge:
        """One that knows nothing yet."""
        judge = self.make()
        judge.me = self.me
        return judge
