"""Duty officers who are played: good, slow, absent, wrong; what each does when it rings.

Pure: a player is given an alert and a source of chance, and says what he would do and when. The
rates are stated here and nowhere else. Nobody here knows what is right in the world; he knows what
his desk asks him.
"""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clearline.model.alert import Alert, AlertState, TroubleKind
from clearline.model.entry import Reply
from clearline.model.time import MINUTE, SECOND, Millis


class Move(StrEnum):
    """What an officer does about an alert."""

    TAKE = "take"  # takes it: quiet, the duty stays open
    ANSWER = "answer"
    TELL = "tell"  # tells the represented party, and says so
    TEST = "test"  # sends the human line test
    WORDS = "words"  # sends a text
    CLEAR = "clear"  # declares his hazard over
    MUTE = "mute"  # silences it for as long as he may
    STRANGER = "stranger"  # takes an alert that there is not
    OWN = "own"  # answers his own entry
    FOREIGN = "foreign"  # withdraws another party's notice
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Temper:
    """How an officer is. ``reacts``: the chance that a ring at his role moves him; ``delay``: from
    the ring to what he does, from and to; ``right``: the chance that it is what the desk asks for;
    ``comes``: the chance that he takes the watch when it is given."""

    name: str
    reacts: float
    delay: tuple[Millis, Millis]
    right: float
    comes: float


GOOD: Final = Temper("good", 0.98, (Millis(15 * SECOND), Millis(90 * SECOND)), 0.99, 1.0)
SLOW: Final = Temper("slow", 0.85, (Millis(5 * MINUTE), Millis(40 * MINUTE)), 0.97, 0.7)
ABSENT: Final = Temper("absent", 0.0, (Millis(0), Millis(0)), 0.0, 0.0)
WRONG: Final = Temper("wrong", 0.9, (Millis(10 * SECOND), Millis(2 * MINUTE)), 0.4, 0.9)
TEMPERS: Final = (GOOD, SLOW, ABSENT, WRONG)
OF_A_WATCH: Final = (0.5, 0.2, 0.15, 0.15)
"""How often the officer of a watch is which, in the order of TEMPERS."""
OF_A_DEPUTY: Final = (0.6, 0.3, 0.1, 0.0)
OF_A_SENIOR: Final = (0.9, 0.1, 0.0, 0.0)
WEIGHTS: Final = {
    "watch-officer": OF_A_WATCH,
    "deputy": OF_A_DEPUTY,
    "duty-senior": OF_A_SENIOR,
}


def somebody(role: str, rng: random.Random) -> Temper:
    """Who has a role for a watch."""
    return rng.choices(TEMPERS, WEIGHTS[role])[0]


def after(temper: Temper, rng: random.Random) -> Millis | None:
    """How long after a ring he does something; None: this ring does not move him."""
    if rng.random() >= temper.reacts:
        return None
    return Millis(rng.randint(*temper.delay))


def move(temper: Temper, alert: Alert, rng: random.Random) -> tuple[Move, Reply]:
    """What he does about it, and which reply he gives if it is an answer."""
    if rng.random() < temper.right:
        return asked_for(alert, rng)
    wrong = (Move.MUTE, Move.STRANGER, Move.OWN, Move.FOREIGN, Move.NOTHING, Move.TAKE, Move.ANSWER)
    return rng.choice(wrong), rng.choice(tuple(Reply))


def asked_for(alert: Alert, rng: random.Random) -> tuple[Move, Reply]:
    """What the desk asks of him."""
    kind = alert.trouble.kind
    if alert.state is AlertState.ENDED_UNSEEN:
        return Move.TAKE, Reply.ROGER
    if kind is TroubleKind.STOP:
        return Move.ANSWER, rng.choices((Reply.HALTED, Reply.CANNOT), (9, 1))[0]
    if alert.trouble.needs_answer:
        replies = (Reply.ROGER, Reply.WILCO, Reply.UNABLE, Reply.OBJECT, Reply.STANDBY)
        return Move.ANSWER, rng.choices(replies, (60, 20, 8, 6, 6))[0]
    moves = {
        TroubleKind.NOT_TOLD: Move.TELL,
        TroubleKind.LINE_TEST: Move.TEST,
        TroubleKind.TEXT_CHECK: Move.WORDS,
        TroubleKind.ENDED_BY_TIME: Move.CLEAR,
    }
    return moves.get(kind, Move.TAKE), Reply.ROGER


__all__ = [
    "ABSENT",
    "GOOD",
    "SLOW",
    "TEMPERS",
    "WRONG",
    "Move",
    "Temper",
    "after",
    "move",
    "somebody",
]
