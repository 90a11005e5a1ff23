"""What people and tools send to their own node: closed records, in the units of the line itself.

Every write carries an ``id`` that its author made: the same id with the same content gives the
same answer, however often and across restarts; the same id with other content is refused.
"""

from typing import Final, Generic, TypeVar

import msgspec

from clearline.model.entry import Amend, FreeText, Notice, Open, Precedence, RelayOutcome, Withdraw
from clearline.model.ids import EntryRef, PartyId
from clearline.model.sighting import Binding
from clearline.model.space import LatLon
from clearline.model.time import Instant

REQUEST_ID: Final = r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,99}"
"""A client's id: a UUID, a ULID, a digest, or a word with a number."""

Said = TypeVar("Said", covariant=True)


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Closed: a field that nobody knows is refused, not skipped."""


class Write(Asked, Generic[Said], frozen=True):
    """One thing to be said on a line. ``role``: in which of one's roles, else the first."""

    body: Said
    id: str | None = None
    role: str | None = None
    precedence: Precedence | None = None


class Opening(Asked, frozen=True):
    """A seal is opened. ``mismatch_known``: why by something else than was sealed, on purpose; it
    stays in the private desk record, and the others are rung all the same."""

    body: Open
    id: str | None = None
    role: str | None = None
    precedence: Precedence | None = None
    mismatch_known: str = ""


class Batch(Asked, frozen=True):
    """Notices, amends and withdrawals in one go: all or nothing, one turn."""

    notices: tuple[Notice, ...] = ()
    amends: tuple[Amend, ...] = ()
    withdraws: tuple[Withdraw, ...] = ()
    id: str | None = None
    role: str | None = None
    precedence: Precedence | None = None


class Accept(Asked, frozen=True):
    """Take up what an answer proposes: one's own version is amended so, in one action."""

    answer: EntryRef
    id: str | None = None
    role: str | None = None
    precedence: Precedence | None = None


class PageAsk(Asked, frozen=True):
    """One page for a represented party about an entry. ``base``: where the link to the page begins,
    such as https://relay.example; "" for a page without a link. ``contact``: how the reader reaches
    the sender. ``zone``: IANA zone of the local time beside Z, "" for none. ``languages``: beside
    English."""

    of: EntryRef
    to: PartyId
    base: str = ""
    contact: str = ""
    zone: str = ""
    languages: tuple[str, ...] = ()
    role: str | None = None


class CodeGiven(Asked, frozen=True):
    """The short code of a page as somebody said it: TOLD or ANSWERED, by which means, when (None:
    now)."""

    of: EntryRef
    to: PartyId
    code: str
    means: str
    outcome: RelayOutcome = RelayOutcome.TOLD
    at: Instant | None = None
    remark: FreeText | None = None
    role: str | None = None


class VoiceSaid(Asked, frozen=True):
    """What was said by voice about an entry: with which party, when, by which means (a choice of
    the template said-on-voice), and what was read back (``outcome``, a choice of it too).
    ``with_role`` may stand on the line; ``name`` and ``note`` stay in the private desk record."""

    of: EntryRef
    to: PartyId
    at: Instant
    means: str
    outcome: str
    with_role: str = ""
    name: str = ""
    note: str = ""
    id: str | None = None
    role: str | None = None


class Draft(Asked, frozen=True):
    """Notices that are not filed: judged against the picture, on this node alone. ``amends``: the
    version of ours that they would follow; they are not held against versions of the same notice,
    which never meet each other (CL-STA-004)."""

    notices: tuple[Notice, ...]
    amends: EntryRef | None = None


class Take(Asked, frozen=True):
    """A person takes an alert. ``seen``: when the board was made that it was taken from;
    with it all that rang as one alarm then is taken, without it this one alone."""

    note: str = ""
    seen: Instant | None = None
    id: str | None = None
    role: str | None = None


class Quiet(Asked, frozen=True):
    """A person silences one alert until a time, for a reason."""

    until: Instant
    reason: str
    id: str | None = None
    role: str | None = None


class Climbing(Asked, frozen=True):
    """A person has the next rung of one alert's ladder called now."""

    id: str | None = None
    role: str | None = None


class Shown(Asked, frozen=True):
    """A desk says that it shows an alert (R3)."""

    desk: str


class MoverFix(Asked, frozen=True):
    """One of our own movers as last known. Height in mm above the ellipsoid where known, speed in
    mm/s over the ground; ``cls`` is the class that it would be filed under."""

    call_sign: str
    position: LatLon
    speed_mms: int
    as_of: Instant
    cls: str
    height_mm: int | None = None


class MoverFixes(Asked, frozen=True):
    """Own movers; each replaces that of the same call sign, ``gone`` takes some away."""

    movers: tuple[MoverFix, ...] = ()
    gone: tuple[str, ...] = ()
    id: str | None = None


class BindingFixes(Asked, frozen=True):
    """Which track an own mover is seen as; ``gone`` takes bindings away."""

    bindings: tuple[Binding, ...] = ()
    gone: tuple[str, ...] = ()
    id: str | None = None


class Tell(Asked, frozen=True):
    """Tell the line of an own mover that is off its route: the message is made of the finding."""

    call_sign: str
    id: str | None = None
    role: str | None = None


class Remark(Asked, frozen=True):
    """Something for the private desk record: signed in, telephoned, read, disarmed, ..."""

    what: str
    params: dict[str, str | int] = {}


class Cry(Asked, frozen=True):
    """DISTRESS from as little as is known: one of our own movers by its call sign, or where; of a
    place with several meanings all. ``everywhere``: the place is not known, so that the whole
    agreed area is to be kept clear. The node makes the volume."""

    what: str = ""
    mover: str = ""
    at: tuple[LatLon, ...] = ()
    everywhere: bool = False
    souls: int | None = None
    id: str | None = None
    role: str | None = None


class Give(Asked, frozen=True):
    """Who has a watch gives it, to one person (``to``) or to whoever holds the role."""

    to: str = ""
    id: str | None = None
    role: str | None = None


class TakeOver(Asked, frozen=True):
    """The next watch takes it. ``touched``: ids of the open items that were looked at;
    ``override``: why the others were not, which is recorded."""

    touched: tuple[str, ...] = ()
    override: str = ""
    id: str | None = None
    role: str | None = None


class Documents(Asked, frozen=True):
    """Signed documents of the line (terms, manifests), as text."""

    documents: tuple[str, ...]


class Epoch(Asked, frozen=True):
    """A person's word that the own feed may be signed again, all having stated what they hold."""

    confirm: PartyId
    id: str | None = None


__all__ = [
    "REQUEST_ID", "Accept", "Asked", "Batch", "BindingFixes", "Climbing", "Cry", "Documents",
    "Draft", "Epoch", "Give", "MoverFix", "MoverFixes", "Opening", "Quiet", "Remark", "Shown",
    "Take", "TakeOver", "Tell", "VoiceSaid", "Write",
]  # fmt: skip
