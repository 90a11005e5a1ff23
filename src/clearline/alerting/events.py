"""What the alerting stage takes in. Values: the node journals them, and replaying gives the same
book."""

import msgspec

from clearline.model.alert import Trouble
from clearline.model.entry import Reply
from clearline.model.ids import EntryRef, LineId
from clearline.model.time import Instant


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    pass


class Raised(_Event, frozen=True, kw_only=True, tag="raised"):
    """The trouble stands, with these facts. Said again it changes nothing."""

    trouble: Trouble


class Ended(_Event, frozen=True, kw_only=True, tag="ended"):
    """The trouble with this key is gone from this line."""

    line: LineId
    key: str


class Acked(_Event, frozen=True, kw_only=True, tag="acked"):
    """A person took the alert in a role. ``whole_alarm``: and all that ring as one with it; each
    keeps its own duty and its own deadline. ``seen``: when the person's board was made; what was
    raised after it is not taken, since nobody can take what he has not seen."""

    alert: str
    person: str
    role: str
    note: str | None = None
    whole_alarm: bool = False
    seen: Instant | None = None


class Answered(_Event, frozen=True, kw_only=True, tag="answered"):
    """An ``answer`` entry stands in our own feed at ``answer``; it names the version ``to``.
    ``holds``: it is none for good yet, as a place that was read back wrongly."""

    line: LineId
    answer: EntryRef
    to: EntryRef
    role: str
    reply: Reply
    holds: bool = False


class Presented(_Event, frozen=True, kw_only=True, tag="presented"):
    """A desk has shown it (grade R3)."""

    alert: str
    desk: str


class Delivered(_Event, frozen=True, kw_only=True, tag="delivered"):
    """A channel took a ring: an earlier fault of that channel has ended."""

    alert: str
    channel: str
    rung: int


class DeliveryFailed(_Event, frozen=True, kw_only=True, tag="delivery-failed"):
    """A channel reached nobody with a ring; ``rung`` and ``ring`` as the ``Ring`` had them, so that
    word of an earlier ring is never taken for a later one. Without ``ring`` the newest is meant."""

    alert: str
    channel: str
    rung: int
    ring: int | None = None
    why: str = ""


class Silenced(_Event, frozen=True, kw_only=True, tag="silenced"):
    """A person muted this one alert until a time, for a reason. Refused for emergencies."""

    alert: str
    until: Instant
    reason: str
    person: str


class Climbed(_Event, frozen=True, kw_only=True, tag="climbed"):
    """A person has the next rung called now. Refused where nobody is left to call."""

    alert: str
    person: str


class Ticked(_Event, frozen=True, kw_only=True, tag="ticked"):
    """Time has passed: nothing else happened."""


AlertingEvent = (
    Raised
    | Ended
    | Acked
    | Answered
    | Presented
    | Delivered
    | DeliveryFailed
    | Silenced
    | Climbed
    | Ticked
)
