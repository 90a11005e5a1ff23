"""Which answers end the duty to answer: one rule for the node, the review and the month's report.

Pure. STANDBY says that an answer is coming. A place that was read back wrongly is no answer yet: it
never ends the duty, and never blocks another answer beside it (FM04). A STOP takes HALTED or CANNOT
alone (FM18).
"""

from collections.abc import Sequence
from typing import Final

from clearline.model.entry import Answer, Kind, ReadBack, Reply
from clearline.model.space import Volume
from clearline.notation.readback import Compared, Inside, compare

FINAL_REPLIES: Final = frozenset(Reply) - {Reply.STANDBY}
"""STANDBY says that an answer is coming; everything else is one."""
STOP_REPLIES: Final = frozenset({Reply.HALTED, Reply.CANNOT})
"""What answers a STOP (FM18)."""


def final_replies(kind: Kind) -> frozenset[Reply]:
    """The replies that end the duty to answer an entry of this kind."""
    return STOP_REPLIES if kind is Kind.STOP else FINAL_REPLIES


def is_misread(
    back: ReadBack | None, volumes: Sequence[Volume], inside: Inside, limit_mm: int
) -> bool:
    """Whether a place was read back wrongly; what cannot be compared is not. ``volumes``: those of
    what it answers."""
    if back is None:
        return False
    return compare(back, volumes, inside, limit_mm).found is Compared.DIFFERS


def ends_the_duty(
    kind: Kind, answer: Answer, volumes: Sequence[Volume], inside: Inside, limit_mm: int
) -> bool:
    """Whether an answer to an entry of this kind is one for good."""
    if answer.reply not in final_replies(kind):
        return False
    return not is_misread(answer.read_back, volumes, inside, limit_mm)
