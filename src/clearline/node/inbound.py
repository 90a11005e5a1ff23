"""What can come to a node, from peers, people, channels and the clock.

Each is a closed record that the journal can keep; together with the time at which the loop took
it and a seed that the loop drew, it decides everything that follows.
"""

import msgspec

from clearline.ledger.feed import Rest
from clearline.model.entry import Kind, Precedence
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import Instant
from clearline.node.mover import Mover as Mover
from clearline.node.sighted import Bound as Bound
from clearline.node.sighted import Sighted as Sighted


class Item(msgspec.Struct, frozen=True, array_like=True):
    """One entry under way: its salt (32 bytes) and its exact bytes."""

    salt: bytes
    data: bytes


class Pushed(msgspec.Struct, frozen=True, kw_only=True, tag="pushed"):
    """Consecutive entries of a feed, a checkpoint, and a proof when the checkpoint covers more.

    In the journal ``items`` is empty and ``count`` says how many there were: the store has them.
    ``rest``: of a push that is taken a piece at a time (``node.pieces``), what follows this piece.
    """

    line: LineId
    peer: PartyId
    feed: FeedId
    first: int
    items: tuple[Item, ...]
    checkpoint: bytes
    proof: tuple[bytes, ...] = ()
    count: int = 0
    rest: Rest | None = None


class Flashed(msgspec.Struct, frozen=True, kw_only=True, tag="flashed"):
    """One FLASH entry, perhaps ahead of sequence, with its proofs."""

    line: LineId
    peer: PartyId
    feed: FeedId
    index: int
    item: Item
    checkpoint: bytes
    inclusion: tuple[bytes, ...]
    consistency: tuple[bytes, ...]
    old_size: int


class Stated(msgspec.Struct, frozen=True, kw_only=True, tag="stated"):
    """What a peer says that it holds of every feed. ``proved``: sizes of checkpoints that it has
    verified beyond what it holds (an entry ahead of sequence, a piece of a backlog). ``shown``: the
    newest checkpoint of the hearer's own feed that it holds, which proves what it says of it."""

    line: LineId
    peer: PartyId
    held: dict[FeedId, int]
    proved: dict[FeedId, int] = {}
    shown: bytes = b""


class Papers(msgspec.Struct, frozen=True, kw_only=True, tag="papers"):
    """Signed documents: agreement versions, manifests, root changes, epoch openings."""

    line: LineId
    peer: PartyId | None
    documents: tuple[bytes, ...]


class Echo(msgspec.Struct, frozen=True, array_like=True):
    """The last beat from the other side: its number, its sending time, our receipt time."""

    sequence: int
    sent: Instant
    received: Instant


class Beaten(msgspec.Struct, frozen=True, kw_only=True, tag="beaten"):
    """A verified heartbeat of a peer's: its number and time, and the echo of ours."""

    line: LineId
    peer: PartyId
    sequence: int
    sent: Instant
    echo: Echo | None
    reply: bool
    desk: bytes = b""
    heads: tuple[bytes, ...] = ()


class Forked(msgspec.Struct, frozen=True, kw_only=True, tag="forked"):
    """Somebody shows that a feed has two histories: a ``ledger.audit.Fork`` as msgspec's JSON."""

    line: LineId
    feed: FeedId
    proof: bytes


class Pieced(msgspec.Struct, frozen=True, kw_only=True, tag="pieced"):
    """A piece of an attachment, following what is held. ``whole``: with it the attachment is
    complete and its digest was found right; ``spoilt``: complete and wrong, all of it goes."""

    line: LineId
    digest: Digest
    offset: int
    content: bytes
    whole: bool = False
    spoilt: bool = False


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be said on a line: kind, canonical body bytes, precedence."""

    kind: Kind
    body: bytes
    prec: Precedence


class Say(msgspec.Struct, frozen=True, kw_only=True, tag="say"):
    """A person's or a tool's write on a line: all statements or none. ``mismatch_known``: why a
    seal is opened on purpose by what was not sealed; it is kept in the private desk record."""

    id: str
    line: LineId
    person: str
    role: str
    statements: tuple[Statement, ...]
    mismatch_known: str = ""


class Acknowledge(msgspec.Struct, frozen=True, kw_only=True, tag="acknowledge"):
    """A person takes an alert. ``seen`` is when the board was made that he took it from: with it
    he takes all that rang as one alarm then, without it this one alert alone."""

    id: str
    alert: str
    person: str
    role: str
    note: str = ""
    seen: Instant | None = None


class Hush(msgspec.Struct, frozen=True, kw_only=True, tag="hush"):
    """A person silences an alert until a time, with a reason."""

    id: str
    alert: str
    person: str
    role: str
    until: Instant
    reason: str


class Climb(msgspec.Struct, frozen=True, kw_only=True, tag="climb"):
    """A person has the next rung of an alert's ladder called now."""

    id: str
    alert: str
    person: str
    role: str


class Presented(msgspec.Struct, frozen=True, kw_only=True, tag="presented"):
    """An alert stands on a screen."""

    alert: str
    desk: str


class Undelivered(msgspec.Struct, frozen=True, kw_only=True, tag="undelivered"):
    """A channel could not carry a ring of an alert."""

    alert: str
    channel: str
    rung: int
    ring: int
    why: str


class Delivered(msgspec.Struct, frozen=True, kw_only=True, tag="delivered"):
    """A channel carried a ring of an alert: an earlier fault of the channel is over."""

    alert: str
    channel: str
    rung: int


class Performed(msgspec.Struct, frozen=True, kw_only=True, tag="performed"):
    """An item of the outbox is done."""

    key: str


class Movers(msgspec.Struct, frozen=True, kw_only=True, tag="movers"):
    """Own movers, as typed in or from local tracks; replaces those of the same call sign."""

    id: str
    line: LineId
    person: str
    movers: tuple[Mover, ...]
    gone: tuple[str, ...] = ()


class Connected(msgspec.Struct, frozen=True, kw_only=True, tag="connected"):
    """The link to a peer came up or went."""

    line: LineId
    peer: PartyId
    up: bool


class Noted(msgspec.Struct, frozen=True, kw_only=True, tag="noted"):
    """Something for the private desk record: signed in, read, disarmed, ..."""

    line: LineId
    person: str
    what: str
    params: dict[str, str | int] = {}


class Given(msgspec.Struct, frozen=True, kw_only=True, tag="given"):
    """Who has the watch of a role gives it, to one person or to whoever holds the role next."""

    id: str
    line: LineId
    person: str
    role: str
    to: str = ""


class TakenOver(msgspec.Struct, frozen=True, kw_only=True, tag="taken-over"):
    """Somebody takes a watch that was given, having touched items; ``override``: why not all."""

    id: str
    line: LineId
    person: str
    role: str
    touched: tuple[str, ...]
    override: str = ""


class Coded(msgspec.Struct, frozen=True, kw_only=True, tag="coded"):
    """Reply codes of a page for a party without a node: made (no wrong tries yet), or tried wrongly
    once more. Only digests of them; ``node.replies`` says what they mean."""

    line: LineId
    person: str
    page: str
    link: Digest
    about: str
    data: bytes
    tries: int = 0


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag="fault"):
    """The shell found a fault of its own: disk full, clock set back, lease lost; or it is over."""

    fault: str
    active: bool
    detail: str = ""


class Ticked(msgspec.Struct, frozen=True, kw_only=True, tag="ticked"):
    """Time went on."""


class Unlock(msgspec.Struct, frozen=True, kw_only=True, tag="unlock"):
    """A person's word that the own feed may be signed again (with a root-signed opening held)."""

    id: str
    line: LineId
    person: str


Inbound = (
    Pushed | Flashed | Stated | Papers | Beaten | Say | Acknowledge | Hush | Climb | Presented
    | Undelivered | Delivered | Performed | Movers | Forked | Pieced | Connected | Noted | Coded
    | Given | TakenOver | Fault | Ticked | Unlock | Sighted | Bound
)  # fmt: skip


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one inbound: entries written, or the refusal."""

    refs: tuple[EntryRef, ...] = ()
    refusal: Refusal | None = None
