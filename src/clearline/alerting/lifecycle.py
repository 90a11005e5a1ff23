"""The table of an alert's life: every state with every event, refusals stated.

The guarantee: without an ``answer`` entry in our own feed nothing reaches ANSWERED, and without a
person (ACK, HOLD, ANSWER) nothing reaches ANSWERED or CLOSED. Silence rings on (FM10).
"""

from enum import StrEnum
from typing import Final

from clearline.model.alert import AlertState


class Event(StrEnum):
    """What can befall an alert. The comment says who brings it about."""

    RAISE_AGAIN = "raise-again"  # the node: the same trouble, no fact added
    REOPEN = (
        "reopen"  # the node: the same trouble on new facts; voids what was said to the old ones
    )
    RING = "ring"  # the clock: rings again at the same rung
    DEADLINE = (
        "deadline"  # the clock, or a call that reached nobody: a rung is climbed, a duty is due
    )
    ACK = "ack"  # a person took it
    HOLD = "hold"  # an answer entry that does not settle it: STANDBY, ROGER to a STOP
    ANSWER = "answer"  # an answer entry in our own feed that settles it
    ENDED = "ended"  # the node: the trouble is gone
    PRESENTED = "presented"  # a desk has shown it
    CLIMB = "climb"  # a person has the next rung called, before the clock does
    SILENCE = "silence"  # a person muted this one alert until a stated time


REFUSED: Final = None
"""The pair does not exist: the event is refused and the alert stays as it is."""

_RAISED, _ESCALATED = AlertState.RAISED, AlertState.ESCALATED
_ACKNOWLEDGED, _ANSWERED = AlertState.ACKNOWLEDGED, AlertState.ANSWERED
_ENDED_UNSEEN, _CLOSED = AlertState.ENDED_UNSEEN, AlertState.CLOSED

TRANSITIONS: Final[dict[tuple[AlertState, Event], AlertState | None]] = {
    (_RAISED, Event.RAISE_AGAIN): _RAISED,
    (_RAISED, Event.REOPEN): _RAISED,
    (_RAISED, Event.RING): _RAISED,
    (_RAISED, Event.DEADLINE): _ESCALATED,
    (_RAISED, Event.ACK): _ACKNOWLEDGED,
    (_RAISED, Event.HOLD): _ACKNOWLEDGED,
    (_RAISED, Event.ANSWER): _ANSWERED,
    (_RAISED, Event.ENDED): _ENDED_UNSEEN,
    (_RAISED, Event.PRESENTED): _RAISED,
    (_RAISED, Event.CLIMB): _ESCALATED,
    (_RAISED, Event.SILENCE): _RAISED,
    #
    (_ESCALATED, Event.RAISE_AGAIN): _ESCALATED,
    (_ESCALATED, Event.REOPEN): _ESCALATED,  # a peer that amends cannot send the ladder back down
    (_ESCALATED, Event.RING): _ESCALATED,
    (_ESCALATED, Event.DEADLINE): _ESCALATED,
    (_ESCALATED, Event.ACK): _ACKNOWLEDGED,
    (_ESCALATED, Event.HOLD): _ACKNOWLEDGED,
    (_ESCALATED, Event.ANSWER): _ANSWERED,
    (_ESCALATED, Event.ENDED): _ENDED_UNSEEN,
    (_ESCALATED, Event.PRESENTED): _ESCALATED,
    (_ESCALATED, Event.CLIMB): _ESCALATED,
    (_ESCALATED, Event.SILENCE): _ESCALATED,
    #
    (_ACKNOWLEDGED, Event.RAISE_AGAIN): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Event.REOPEN): _RAISED,
    (_ACKNOWLEDGED, Event.RING): REFUSED,  # what a person took is quiet until it is due
    (_ACKNOWLEDGED, Event.DEADLINE): _ESCALATED,
    (_ACKNOWLEDGED, Event.ACK): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Event.HOLD): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Event.ANSWER): _ANSWERED,
    (_ACKNOWLEDGED, Event.ENDED): _CLOSED,
    (_ACKNOWLEDGED, Event.PRESENTED): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Event.CLIMB): _ESCALATED,
    (_ACKNOWLEDGED, Event.SILENCE): REFUSED,
    #
    (_ANSWERED, Event.RAISE_AGAIN): _ANSWERED,
    (_ANSWERED, Event.REOPEN): _RAISED,
    (_ANSWERED, Event.RING): REFUSED,
    (_ANSWERED, Event.DEADLINE): REFUSED,
    (_ANSWERED, Event.ACK): _ANSWERED,
    (_ANSWERED, Event.HOLD): _ANSWERED,
    (_ANSWERED, Event.ANSWER): _ANSWERED,
    (_ANSWERED, Event.ENDED): _CLOSED,
    (_ANSWERED, Event.PRESENTED): _ANSWERED,
    (_ANSWERED, Event.CLIMB): REFUSED,
    (_ANSWERED, Event.SILENCE): REFUSED,
    #
    (_ENDED_UNSEEN, Event.RAISE_AGAIN): _RAISED,
    (_ENDED_UNSEEN, Event.REOPEN): _RAISED,
    (_ENDED_UNSEEN, Event.RING): REFUSED,
    (_ENDED_UNSEEN, Event.DEADLINE): REFUSED,
    (_ENDED_UNSEEN, Event.ACK): _CLOSED,
    (_ENDED_UNSEEN, Event.HOLD): _CLOSED,
    (_ENDED_UNSEEN, Event.ANSWER): _CLOSED,
    (_ENDED_UNSEEN, Event.ENDED): _ENDED_UNSEEN,
    (_ENDED_UNSEEN, Event.PRESENTED): _ENDED_UNSEEN,
    (_ENDED_UNSEEN, Event.CLIMB): REFUSED,
    (_ENDED_UNSEEN, Event.SILENCE): REFUSED,
    #
    (_CLOSED, Event.RAISE_AGAIN): _RAISED,  # under the next opening
    (_CLOSED, Event.REOPEN): _RAISED,
    (_CLOSED, Event.RING): REFUSED,
    (_CLOSED, Event.DEADLINE): REFUSED,
    (_CLOSED, Event.ACK): REFUSED,
    (_CLOSED, Event.HOLD): REFUSED,
    (_CLOSED, Event.ANSWER): REFUSED,
    (_CLOSED, Event.ENDED): _CLOSED,
    (_CLOSED, Event.PRESENTED): REFUSED,
    (_CLOSED, Event.CLIMB): REFUSED,
    (_CLOSED, Event.SILENCE): REFUSED,
}


def following(state: AlertState, event: Event) -> AlertState | None:
    """The state that follows, or None where the table refuses the event."""
    return TRANSITIONS[state, event]


def as_markdown() -> str:
    """The page ``docs/reference/alert-states.md``: made from the table."""
    lines = [
        "# Alert states",
        "",
        "Made from `clearline.alerting.lifecycle`; do not edit by hand.",
        "",
        "Without an `answer` entry in the party's own feed nothing reaches `answered`. Without a",
        "person nothing reaches `answered` or `closed`: silence rings on, and it is never consent.",
        "`-` means that the event is refused and the alert stays as it is.",
        "",
        "| state | " + " | ".join(event.value for event in Event) + " |",
        "|---|" + "---|" * len(Event),
    ]
    for state in AlertState:
        cells = (following(state, event) for event in Event)
        lines.append(f"| **{state}** | " + " | ".join(c.value if c else "-" for c in cells) + " |")
    lines += ["", "```mermaid", "stateDiagram-v2", "    [*] --> raised"]
    for state in AlertState:
        ways: dict[AlertState, list[str]] = {}
        for event in Event:
            to = following(state, event)
            if to is not None and to is not state:
                ways.setdefault(to, []).append(event.value)
        for to, events in ways.items():
            names = tuple(name.value.replace("-", "_") for name in (state, to))
            lines.append(f"    {names[0]} --> {names[1]}: {', '.join(events)}")
    return "\n".join([*lines, "```", ""])
