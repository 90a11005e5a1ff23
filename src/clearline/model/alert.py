"""Troubles, alerts and the ladder: what a desk must not sleep through.

A ``Trouble`` is a fact that somebody must know of or act on; an ``Alert`` is the duty that comes of
it, with its state, its deadline and its rung. Alerts are local to a party.
"""

from enum import StrEnum
from typing import Final

import msgspec

from clearline.model.entry import Precedence, Reply
from clearline.model.ids import EntryRef, LineId, PartyId
from clearline.model.refusal import Param
from clearline.model.time import Instant


class TroubleKind(StrEnum):
    """Why a desk is rung."""

    CONFLICT = "conflict"  # verdict YES between an own (or represented) notice and another
    UNDETERMINED = "undetermined"  # cannot be ruled out
    ANSWER_DUE = "answer-due"  # a peer's notice, STOP, test or message waits for our answer
    NO_ANSWER = "no-answer"  # our entry waits for a peer's answer beyond its deadline
    NO_RECEIPT = "no-receipt"  # our entry is not receipted by a peer beyond the deadline
    LATE = "late"  # lead time falls short of the agreed one
    EXPOSED = "exposed"  # own movers are inside or cannot get out in time
    REACTION = "reaction"  # ours is within reach of what a third party may do after a hazard
    NOT_TOLD = "not-told"  # a represented party has not been told
    STOP = "stop"
    DISTRESS = "distress"
    ACCIDENT = "accident"
    UNREADABLE = "unreadable"  # an entry of a peer's that cannot be applied
    REFUSED_BY_PEER = "refused-by-peer"  # a peer could not read ours
    LINE_DEGRADED = "line-degraded"
    LINE_DOWN = "line-down"
    CLOCK = "clock"  # offset beyond the agreed limit
    FORK = "fork"
    ENDED_BY_TIME = "ended-by-time"  # hazard past window and tail without ALL CLEAR
    SUSPENDED = "suspended"
    SEAL = "seal"  # opened seal does not match, or is not inside its envelope
    NOT_SIGNING = "not-signing"  # own feed is locked: restore, lease, disk
    CLAIM = "claim"  # a peer says that it holds more of our feed, and has not shown it
    LOADING = "loading"  # the node is still reading its own record
    DISK = "disk"
    FLOOD = "flood"
    CHANNEL = "channel"  # a way to reach people failed
    TEXT_CHECK = "text-check"  # a text over the line by a person is due
    LINE_TEST = "line-test"  # the human line test is due
    TERMS = "terms"  # a new version of the terms waits, or data differs from the agreed
    READ_BACK = "read-back"  # a place was read back wrongly, by us or to us
    DECLINED = "declined"  # a peer answered UNABLE, OBJECT or CANNOT to something of ours
    ANSWERS_NOTHING = "answers-nothing"  # a peer answers an entry that is not here
    HALF_SIGNED = "half-signed"  # a peer has signed that a pair overlaps, and we have not
    TRACK_NEAR = "track-near"  # an own mover loses separation with a track
    TRACK_HAZARD = "track-hazard"  # an own mover comes into a hazard, or is in it
    OFF_ROUTE = "off-route"  # an own mover is not where its notice says
    TRACK_INSIDE = "track-inside"  # a track is in a volume of ours that is to be kept clear
    TRACK_LOST = "track-lost"  # an own mover is not seen any more
    TRACK_SOURCE = "track-source"  # tracks do not come, or not all can be looked at
    WAITS = "waits"  # a peer's record cannot be read on before papers come
    UNCONFIRMED = "unconfirmed"  # an own notice was not confirmed again in the agreed time
    GAP = "gap"  # entries of a peer's are known to be there, and do not come
    JUDGING = "judging"  # pairs of notices are not judged yet, and it takes long


class Severity(StrEnum):
    """How an alert sounds and sorts. UNDETERMINED ranks below YES."""

    EMERGENCY = "emergency"
    ALARM = "alarm"
    WARNING = "warning"
    CAUTION = "caution"


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One fact to be rung about.

    ``key`` is the same for the same trouble seen again on its ``line``; ``group`` joins troubles of
    one consequence (FM29). ``about`` are the entries that it rests on, in order; an answer must
    name the first. ``needs_answer``: only an ``answer`` entry ends the duty.
    ``due`` is when the answer or act is due by the agreement."""

    key: str
    kind: TroubleKind
    severity: Severity
    precedence: Precedence
    line: LineId
    group: str
    since: Instant
    about: tuple[EntryRef, ...] = ()
    peer: PartyId | None = None
    needs_answer: bool = False
    due: Instant | None = None
    params: dict[str, Param] = {}
    exercise: bool = False


SEVERITY_RANK: Final = {
    Severity.EMERGENCY: 0,
    Severity.ALARM: 1,
    Severity.WARNING: 2,
    Severity.CAUTION: 3,
}
"""0 is the loudest."""

PRECEDENCE_RANK: Final = {
    Precedence.FLASH: 0,
    Precedence.IMMEDIATE: 1,
    Precedence.PRIORITY: 2,
    Precedence.ROUTINE: 3,
}
"""0 is handled first."""


class AlertState(StrEnum):
    """Ship-bridge convention; see ``clearline.alerting.lifecycle`` for the table."""

    RAISED = "raised"  # ringing, nobody has taken it
    ESCALATED = "escalated"  # ringing at a higher rung, or again after somebody took it
    ACKNOWLEDGED = "acknowledged"  # a person took it: quiet, the duty is open
    ANSWERED = "answered"  # an answer entry stands in our own feed
    ENDED_UNSEEN = "ended-unseen"  # trouble gone, nobody has it in hand: stays on the board
    CLOSED = "closed"


RINGING: Final = frozenset({AlertState.RAISED, AlertState.ESCALATED})
"""States that sound, unless this one alert is silenced."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """The duty that comes of a trouble.

    ``id`` is made of the trouble's line and key and of ``opening``, the number of this opening
    among all that the node has ever opened, so that none comes twice, after a restart neither:
    facts that change open it again under a new id, so that an acknowledgement under way never
    reaches facts that its author has not seen; ``followed_by`` then names the next opening.
    ``rung`` is the ladder's position reached (0 = the watch desk), ``rings`` how often it has rung,
    ``rung_rings`` how often at this rung, ``rang`` when last; ``tried`` are the channels of this
    rung called since the last whole ring, ``failed`` those of them that reached nobody. ``count``
    is the alarm's counter: how many ringing alerts this one stands for as head of its alarm.
    ``next`` is when the table must be looked at again (None: never by itself).
    ``taken_*`` is who took it, ``answer``/``reply``/``answered_role`` the newest
    answer that stands in our own feed; only in the state ANSWERED does it settle the duty.
    """

    id: str
    trouble: Trouble
    state: AlertState
    raised: Instant
    changed: Instant
    opening: int = 1
    rung: int = 0
    rings: int = 0
    rung_rings: int = 0
    rang: Instant | None = None
    tried: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    count: int = 1
    next: Instant | None = None
    taken_by: str | None = None
    taken_role: str | None = None
    taken_at: Instant | None = None
    taken_note: str | None = None
    answer: EntryRef | None = None
    reply: Reply | None = None
    answered_role: str | None = None
    presented: Instant | None = None
    presented_on: str | None = None
    silenced_until: Instant | None = None
    silenced_by: str | None = None
    silence_reason: str | None = None
    ended: Instant | None = None
    followed_by: str | None = None


class Ring(msgspec.Struct, frozen=True, tag="ring"):
    """Present an alert through channels of a role, at a rung of its ladder.

    ``channels`` are the names of the channels to call now, ``count`` the alarm's counter,
    ``desks`` the desks that hear it. ``key`` makes repeats harmless.
    """

    alert: str
    role: str
    rung: int
    ring: int
    channels: tuple[str, ...] = ()
    count: int = 1
    desks: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same ring performed twice."""
        return f"{self.alert}.{self.rung}.{self.ring}"


class Silence(msgspec.Struct, frozen=True, tag="silence"):
    """Tell the desks that an alert changed without a ring: taken, answered, ended, counted."""

    alert: str
    desks: tuple[str, ...] = ()
