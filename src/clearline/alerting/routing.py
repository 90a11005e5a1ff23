"""Which channels reach a role, and which desk hears which alert: local configuration, as a value.

A role without a channel is never skipped in silence: the ladder climbs and a CHANNEL trouble says
so. An alert that no desk asks for goes to every desk of its sort.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from clearline.model.alert import PRECEDENCE_RANK, Trouble
from clearline.model.entry import Precedence
from clearline.model.ids import LineId, PartyId
from clearline.model.terms import DeadlineTerm, Rung
from clearline.model.time import MINUTE, SECOND, Millis

FALLBACK: Final = DeadlineTerm(
    precedence=Precedence.IMMEDIATE,
    receipt_ms=Millis(30 * SECOND),
    answer_ms=Millis(MINUTE),
    repeat_ms=Millis(MINUTE),
    ladder=(
        Rung(role="watch", after_ms=Millis(0)),
        Rung(role="alternate", after_ms=Millis(3 * MINUTE)),
        Rung(role="senior", after_ms=Millis(5 * MINUTE)),
    ),
)
"""FM10's defaults, for a trouble whose line has no terms for it."""


EXERCISE_DESK: Final = "exercise"
"""Where an exercise is heard when desks are configured and none of them is for exercises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a role is reached: channels by name, best first. The first ring calls ``at_once`` of
    them, each repeat one more; one that reaches nobody brings in the next at once."""

    role: str
    channels: tuple[str, ...]
    at_once: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk and what it hears: rings for these roles (none named: all), these lines by the start
    of their name (none named: all), exercise or real, never both."""

    name: str
    roles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    exercise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """What the ladder needs besides the alert: who we are, terms by line, routes, desks."""

    own: PartyId
    terms: Mapping[LineId, tuple[DeadlineTerm, ...]] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    desks: tuple[Desk, ...] = ()

    def term(self, trouble: Trouble) -> DeadlineTerm:
        """The terms for a trouble: of its precedence, else of the next more urgent one stated, else
        of the nearest below. The result's ladder has at least one rung."""
        wanted = PRECEDENCE_RANK[trouble.precedence]

        def distance(term: DeadlineTerm) -> tuple[bool, int]:
            rank = PRECEDENCE_RANK[term.precedence]
            return rank > wanted, abs(rank - wanted)

        stated = [term for term in self.terms.get(trouble.line, ()) if term.ladder]
        return min(stated, key=distance, default=FALLBACK)

    def route(self, role: str) -> Route:
        """How the role is reached; no channels if nobody said."""
        for route in self.routes:
            if route.role == role:
                return route
        return Route(role=role, channels=())

    def desks_for(self, trouble: Trouble, role: str | None = None) -> tuple[str, ...]:
        """Names of the desks that hear the trouble, in the plan's order; with ``role``, those that
        a ring for that role sounds on. None named means every desk: that is so without any
        configured, and for a real trouble that none is for. An exercise never is (FM26)."""
        if not self.desks:
            return ()
        sort = [desk for desk in self.desks if desk.exercise is trouble.exercise]
        if not sort:
            return (EXERCISE_DESK,) if trouble.exercise else ()
        asking = [d for d in sort if not d.lines or trouble.line.startswith(d.lines)] or sort
        called = [d for d in asking if role is None or not d.roles or role in d.roles]
        return tuple(desk.name for desk in called or asking)


def call(route: Route, *, done: int) -> tuple[str, ...]:
    """Channels of a role's ring after ``done`` rings at this rung."""
    return route.channels[: max(route.at_once, 1) + done]
