"""What people and tools are shown of a node: closed records, made by ``queries``, read by all.

Times are UTC milliseconds since 1970 (``Instant``), lengths of time milliseconds, places and
heights as on the line. ``words`` says the same for a person; it is never parsed.
"""

from enum import StrEnum

import msgspec

from clearline.model.alert import AlertState, Severity, TroubleKind
from clearline.model.entry import (
    Field,
    FreeText,
    Kind,
    LinkState,
    Precedence,
    Proposal,
    ReadBack,
    Reply,
)
from clearline.model.finding import Verdict
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Code, Param
from clearline.model.space import Volume
from clearline.model.terms import Effect
from clearline.model.time import Instant
from clearline.node.reaction_view import ReactionView
from clearline.picture.standing import State, Why


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One closed record of what is shown."""


class Phase(StrEnum):
    """Where a version is in its time. The clock ends nothing: ENDED-BY-TIME is not confirmed."""

    NOT_BEGUN = "NOT-BEGUN"
    ACTIVE = "ACTIVE"
    TAIL = "TAIL"  # the window is over, the hazard may not be
    OVER = "OVER"  # the window of something that is no hazard is over
    ENDED_BY_TIME = "ENDED-BY-TIME"  # past window and tail, nobody has confirmed it
    ALL_CLEAR = "ALL-CLEAR"
    WITHDRAWN = "WITHDRAWN"
    UNREADABLE = "UNREADABLE"


class Badge(StrEnum):
    """What must be seen beside a thing at one glance."""

    LATE = "LATE"
    NOT_TOLD = "NOT TOLD"
    NO_ANSWER = "NO ANSWER"
    PENDING = "PENDING"
    UNDETERMINED = "UNDETERMINED"
    CONFLICT = "CONFLICT"
    NOT_CONFIRMED = "ENDED BY TIME, NOT CONFIRMED"
    UNCONFIRMED = "UNCONFIRMED"
    UNREADABLE = "COULD NOT READ"
    EXPOSED = "EXPOSED"
    EXERCISE = "EXERCISE"


class Range(View, frozen=True):
    """A closed interval that holds the true value; None: without bound on that side."""

    low: float | None
    high: float | None


class RefusalView(View, frozen=True):
    """A refusal with its sentence; ``at`` is a JSON pointer into what was sent."""

    code: Code
    clause: str
    at: str
    params: dict[str, Param]
    words: str


class SuspensionView(View, frozen=True):
    """Routine business suspended: by whom, since when on its clock, why; ``ref`` resumes it."""

    by: PartyId
    since: Instant
    reason: str
    ref: EntryRef


class PeerView(View, frozen=True):
    """One peer at this end: the link by the age of its last round trip, clocks, record, terms.

    ``clock_offset_ms`` is its clock minus ours, within ``clock_uncertainty_ms``; ``newest`` is the
    newest entry of its that is held, which is a receipt for all that it has seen.
    """

    party: PartyId
    name: str
    state: LinkState
    since: Instant
    connected: bool
    age_ms: int
    round_trip: Instant | None
    rtt_ms: int | None
    clock_offset_ms: int | None
    clock_uncertainty_ms: int | None
    terms_adopted: int
    newest: EntryRef | None
    newest_at: Instant | None
    joined: bool
    left: bool
    forked: bool
    says_of_us: LinkState | None
    words: str


class HeadView(View, frozen=True):
    """How far this node holds a feed without a gap: what ``rekey`` and ``epoch`` are told of it.
    ``root``: the RFC 6962 root over its first ``size`` entries, 64 hex digits."""

    feed: FeedId
    size: int
    root: str


class Wait(StrEnum):
    """What of a party is missing before all of a line counts."""

    PAPERS = "PAPERS"  # its manifest, or documents that its record names
    WORD = "WORD"  # its statement of what it holds, which a joiner needs
    RECORD = "RECORD"  # entries of its record, which a joiner needs
    JOIN = "JOIN"  # its first entry
    CONFIRMATION = "CONFIRMATION"  # the root key's word for an epoch that an emergency opened
    ADOPTION = "ADOPTION"  # its adoption of the newest terms
    TIME = "TIME"  # the hour at which new terms take effect


class WaitView(View, frozen=True):
    """On whom the line waits, and for what."""

    party: PartyId
    what: Wait
    words: str


class LineView(View, frozen=True):
    """One line as this node holds it. ``signing`` is ``ready`` or why nothing can be filed.
    ``heads``: size and root of every feed held, own ones too, by name. ``waits``: on whom it waits
    before all have joined and adopted the newest terms. ``manifest``: serial of our newest manifest
    that the line holds; ``rekeyed``: of the one under which our record is written.

    ``loading``: per cent of the record that have been read after a start; None once it is read.
    Until then ``live`` and ``conflicts`` are None, ``rekeyed`` is 0, nothing is known of
    suspensions and tests, and of the peers only the link.
    """

    line: LineId
    title: str
    me: PartyId
    feed: FeedId
    exercise: bool
    terms: int
    terms_waiting: tuple[int, ...]
    joined: bool
    signing: str
    manifest: int
    rekeyed: int
    entries: int
    live: int | None
    conflicts: int | None
    heads: tuple[HeadView, ...]
    peers: tuple[PeerView, ...]
    suspended: tuple[SuspensionView, ...]
    waits: tuple[WaitView, ...]
    next_test: Instant | None
    as_of: Instant
    words: str
    loading: int | None = None


class WithView(View, frozen=True):
    """How a version stands with one other member."""

    party: PartyId
    why: Why
    at: EntryRef | None
    code: Code | None
    words: str


class StandingView(View, frozen=True):
    """Never one word alone: the words hold the time, who was NOT TOLD and the seals beside it.
    ``proved_by``: None for an own version, else the author's entry that it is read from.
    ``unjudged``: how many live versions it is not judged against yet here; until then it is
    UNDETERMINED at best."""

    state: State
    as_of: Instant
    proved_by: EntryRef | None
    parties: tuple[WithView, ...]
    seals: tuple[EntryRef, ...]
    words: str
    unjudged: int = 0


class LeadView(View, frozen=True):
    """Lead time at one receiver, by its clock; the worst case decides. Both ends read the same.
    ``provisional``: not receipted yet, as if it were received now."""

    party: PartyId
    worst_ms: int
    best_ms: int | None
    minimum_ms: int
    shortfall_ms: int
    provisional: bool
    words: str


class ThirdView(View, frozen=True):
    """A represented party that a version exposes. ``state``: NOT TOLD, TOLD, ANSWERED, NO ANSWER.
    ``due``: when the relay's word is due. ``coded``: a page's code was repeated."""

    party: PartyId
    name: str
    state: str
    relay: PartyId
    backup: PartyId
    taken_by: PartyId | None
    due: Instant
    told_at: Instant | None
    means: str
    words: str
    coded: bool = False


class AnswerView(View, frozen=True):
    """What a role of a party said to exactly one version (or message, STOP, ...).

    ``read_back_agrees``: whether the values read back are those of the notice; None where there are
    none, or where it cannot be said."""

    party: PartyId
    ref: EntryRef
    to: EntryRef
    t: Instant
    reply: Reply
    role: str
    minutes_needed: int | None
    proposal: Proposal | None
    read_back: ReadBack | None
    read_back_agrees: bool | None
    remark: str | None
    words: str


class MoverView(View, frozen=True):
    """An own mover inside a hazard: minutes to be out, minutes left until it starts."""

    call_sign: str
    minutes_needed: int
    minutes_left: int
    distance_m: float
    in_time: bool
    words: str


class ExposureView(View, frozen=True):
    """Own movers inside; not ``known`` without mover data. ``hold_minutes``: until all are out."""

    known: bool
    movers: tuple[MoverView, ...]
    minutes_needed: int | None
    suggested: Reply | None
    words: str
    hold_minutes: int | None = None


class EnvelopeView(View, frozen=True):
    """How what was opened lies in the envelope that was given before: YES surely within, NO surely
    not. ``outside``: time, vertical, lateral, class, ended; by how much, in seconds and metres."""

    envelope: EntryRef
    verdict: Verdict
    outside: tuple[str, ...]
    time_s: Range | None
    vertical_m: Range | None
    lateral_m: Range | None
    settles: str | None
    words: str


class NoticeView(View, frozen=True):
    """One version of a notice, with all that must be seen beside it."""

    ref: EntryRef
    notice: EntryRef
    party: PartyId
    own: bool
    kind: Kind
    cls: str
    cls_name: str
    effect: Effect | None
    label: str
    precedence: Precedence
    stated: Instant
    arrived: Instant | None
    start: Instant | None
    end: Instant | None
    over: Instant | None
    confirm_by: Instant | None
    phase: Phase
    ended_by: tuple[EntryRef, ...]
    newest: EntryRef
    standing: StandingView | None
    conflicts: tuple[EntryRef, ...]
    third_parties: tuple[ThirdView, ...]
    leads: tuple[LeadView, ...]
    answers: tuple[AnswerView, ...]
    unanswered: tuple[PartyId, ...]
    exposure: ExposureView | None
    envelope: EnvelopeView | None
    badges: tuple[Badge, ...]
    operation: str | None
    marks: tuple[str, ...]
    key: str | None
    reason: str | None
    remark: FreeText | None
    volumes: tuple[Volume, ...]
    look_again: tuple[str, ...]
    words: str
    reactions: tuple[ReactionView, ...] = ()


class ConflictView(View, frozen=True):
    """Two live versions that cannot be kept apart, and why. Bounds in metres and seconds; None
    where the dimension was not looked at. ``a`` is our own version if one of them is."""

    a: EntryRef
    b: EntryRef
    a_label: str
    b_label: str
    a_party: PartyId
    b_party: PartyId
    verdict: Verdict
    clause: str
    decided_by: str
    lateral_m: Range | None
    vertical_m: Range | None
    time_s: Range | None
    overlap_start: Instant | None
    overlap_end: Instant | None
    references: tuple[str, ...]
    settles: str | None
    coordinated_until: Instant | None
    standing_measure: str | None
    standing_until: Instant | None
    a_knew: bool
    b_knew: bool
    words: str


class RungView(View, frozen=True):
    """One rung of a ladder: who is called, when it is or was due, and whether it was reached."""

    role: str
    at: Instant
    reached: bool
    channels: tuple[str, ...]


class AlertView(View, frozen=True):
    """A duty with its ladder. ``sounding``: it rings now, unless its desk is disarmed. ``desks``:
    those that hear what is of its line, exercise or real; none named: all."""

    id: str
    line: LineId
    kind: TroubleKind
    severity: Severity
    precedence: Precedence
    state: AlertState
    exercise: bool
    peer: PartyId | None
    about: tuple[EntryRef, ...]
    params: dict[str, Param]
    needs_answer: bool
    since: Instant
    raised: Instant
    due: Instant | None
    count: int
    sounding: bool
    desks: tuple[str, ...]
    rings: int
    ladder: tuple[RungView, ...]
    next_role: str | None
    next_at: Instant | None
    taken_by: str | None
    taken_role: str | None
    taken_at: Instant | None
    taken_note: str | None
    answer: EntryRef | None
    reply: Reply | None
    presented: Instant | None
    presented_on: str | None
    silenced_until: Instant | None
    silenced_by: str | None
    silence_reason: str | None
    ended: Instant | None
    followed_by: str | None
    badges: tuple[Badge, ...]
    words: str


class AskView(View, frozen=True):
    """Something on the line that asks people for an answer: message, test, STOP, DISTRESS, ...

    ``text`` is a message's template and ``words`` what it says; a message that the reader's
    catalogue does not know is not ``known`` and is shown as it came. ``remark`` stands in its
    author's language. ``echo``: all messages that lead to one origin with it, itself included; they
    count once (FM22), and ``echo_words`` says so."""

    ref: EntryRef
    party: PartyId
    kind: Kind
    t: Instant
    precedence: Precedence
    text: str
    fields: tuple[Field, ...]
    remark: FreeText | None
    about: tuple[EntryRef, ...]
    to: tuple[PartyId, ...]
    known: bool
    words: str
    answers: tuple[AnswerView, ...]
    unanswered: tuple[PartyId, ...]
    echo: tuple[EntryRef, ...] = ()
    echo_words: str = ""


class SealView(View, frozen=True):
    """A commitment without standing, and the entry that opened it. ``sha256``: what it commits
    to, by which its author finds the plan that it kept."""

    ref: EntryRef
    party: PartyId
    sha256: Digest
    opens: Instant
    opened: EntryRef | None
    mismatched: bool
    envelope: EnvelopeView | None


class NodeView(View, frozen=True):
    """The node as a whole."""

    party: PartyId
    software: str
    rules: str
    now: Instant
    clock_set_by_ms: int
    journal: int
    lines: tuple[LineView, ...]
    faults: tuple[tuple[str, Instant, str], ...]
    ringing: int
    open_duties: int


class BoardView(View, frozen=True):
    """Everything that the desk of one watch must see at once, made at one moment."""

    node: NodeView
    alerts: tuple[AlertView, ...]
    conflicts: tuple[ConflictView, ...]
    notices: tuple[NoticeView, ...]
    event: str


class FiledView(View, frozen=True):
    """What came of a write: the entries, the notices as they now stand, the conflicts known at
    this moment, and who must still be told."""

    id: str
    refs: tuple[EntryRef, ...]
    as_of: Instant
    notices: tuple[NoticeView, ...] = ()
    conflicts: tuple[ConflictView, ...] = ()
    warnings: tuple[RefusalView, ...] = ()
    words: str = ""


class MeView(View, frozen=True):
    """Who the token says that one is. ``duty``: the role on the line that one speaks in."""

    person: str
    role: str
    duty: str
    duties: tuple[str, ...]
    actions: tuple[str, ...]
