"""What has changed on a line since somebody looked at it: closed records beside those of ``views``.

Every part says the same in two forms. The types below are what is said; the node makes them from
items that are already bytes (``shown``), so that many readers cost one encoding.
"""

from clearline.model.ids import EntryRef, LineId, PartyId
from clearline.model.time import Instant
from clearline.node.inbound import Mover
from clearline.node.standing_view import StandingView
from clearline.node.views import AskView, ConflictView, NoticeView, SealView, View


class MomentView(View, frozen=True):
    """As of when the standings of one party's notices are known here, and by which entry of its
    (None: by all that this node holds). Put it into every standing of that party's notices, and its
    time as ``18:41Z`` for each U+E000 in their words and in those of the notice."""

    party: PartyId
    as_of: Instant
    proved_by: EntryRef | None


class NoticesPart(View, frozen=True):
    """Live notices that are new or changed, and those that are not live any more. In a whole
    answer: all of them. Their order is that of their places, ``ref``."""

    changed: tuple[NoticeView, ...]
    gone: tuple[EntryRef, ...]


class ConflictsPart(View, frozen=True):
    """The same of pairs that are not apart. Their order: YES before UNDETERMINED, then the start of
    the overlap (0 where there is none), then the places of ``a`` and ``b``."""

    changed: tuple[ConflictView, ...]
    gone: tuple[tuple[EntryRef, EntryRef], ...]


class AsksPart(View, frozen=True):
    """The same of messages, tests, STOP, DISTRESS, ACCIDENT. Their order: the newest ``t`` first,
    then by place."""

    changed: tuple[AskView, ...]
    gone: tuple[EntryRef, ...]


class ShownView(View, frozen=True):
    """What of a line has changed since ``after``. ``whole``: this is all of it, and what was held
    before counts for nothing. ``position`` is what to ask after the next time. ``as_of``: when the
    line was looked at. ``movers``, ``seals`` and ``standing`` (areas and periods that parties have
    signed a measure for): all of them, None where none of them changed.

    What was held, with this put in, is what the plain questions answer at ``as_of``; but a lead
    time that is not receipted yet is counted from the next whole minute.
    """

    line: LineId
    position: str
    whole: bool
    as_of: Instant
    moments: tuple[MomentView, ...]
    notices: NoticesPart
    conflicts: ConflictsPart
    asks: AsksPart
    movers: tuple[Mover, ...] | None
    seals: tuple[SealView, ...] | None
    standing: tuple[StandingView, ...] | None
