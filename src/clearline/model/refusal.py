"""A refusal is a value: code, clause, typed parameters. The sentence is made where it is read.

Codes are part of the protocol: they are signed into ``refused`` lists, logged and sent back. Each
has a clause of the specification (``docs/protocol``). Nothing that a peer or a person sends may
raise an exception past the function that judges it; it becomes one of these.
"""

from enum import StrEnum

import msgspec

from clearline.model.ids import EntryRef


class Code(StrEnum):
    """The closed list of ways to say no. The value is what stands on the wire."""

    # bytes
    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    NOT_CANONICAL = "not-canonical"
    BAD_FIELD = "bad-field"
    UNKNOWN_FIELD = "unknown-field"
    MISSING_FIELD = "missing-field"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_VERSION = "unknown-version"
    NUMBER_RANGE = "number-range"
    BAD_TEXT = "bad-text"
    TOO_DEEP = "too-deep"
    TOO_MANY = "too-many"
    BAD_ORDER = "bad-order"
    BAD_MESSAGE = "bad-message"
    TRUNCATED = "truncated"
    # place in the record
    FOREIGN_LINE = "foreign-line"
    FOREIGN_FEED = "foreign-feed"
    WRONG_INDEX = "wrong-index"
    OLD_INDEX = "old-index"
    SEEN_DECREASED = "seen-decreased"
    SEEN_OWN_FEED = "seen-own-feed"
    UNKNOWN_PARTY = "unknown-party"
    NOT_JOINED = "not-joined"
    AFTER_LEAVE = "after-leave"
    # proof
    BAD_NOTE = "bad-note"
    BAD_CHECKPOINT = "bad-checkpoint"
    BAD_SIGNATURE = "bad-signature"
    BAD_KEY = "bad-key"
    BAD_PROOF = "bad-proof"
    BAD_ROOT = "bad-root"
    BAD_SALT = "bad-salt"
    ROLLBACK = "rollback"
    FORK = "fork"
    GAP = "gap"
    UNKNOWN_KEY = "unknown-key"
    KEY_ENDED = "key-ended"
    # terms
    NOT_SIGNED = "not-signed"
    BAD_AGREEMENT = "bad-agreement"
    WRONG_PREDECESSOR = "wrong-predecessor"
    NOT_YET_EFFECTIVE = "not-yet-effective"
    BAD_MANIFEST = "bad-manifest"
    EXERCISE_MIXED = "exercise-mixed"
    # meaning
    UNKNOWN_CLASS = "unknown-class"
    UNKNOWN_REFERENCE = "unknown-reference"
    NOT_OWN = "not-own"
    NOT_LIVE = "not-live"
    NO_GEOMETRY = "no-geometry"
    BAD_GEOMETRY = "bad-geometry"
    BAD_HEIGHT = "bad-height"
    BAD_WINDOW = "bad-window"
    NO_TIME_ZONE = "no-time-zone"
    OUTSIDE_AREA = "outside-area"
    REASON_NEEDED = "reason-needed"
    BAD_ANSWER = "bad-answer"
    BAD_TEMPLATE = "bad-template"
    SEAL_MISMATCH = "seal-mismatch"
    OUTSIDE_ENVELOPE = "outside-envelope"
    SUSPENDED = "suspended"
    # local: API, store, people
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    CONFLICTING_REQUEST = "conflicting-request"
    RATE = "rate"
    NOT_SIGNING = "not-signing"
    LOADING = "loading"
    DISK_FULL = "disk-full"
    STALE = "stale"
    NOT_HANDED_OVER = "not-handed-over"


Param = str | int | EntryRef


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was not taken.

    ``clause`` names the rule (CL-AREA-NNN); ``at`` is a JSON pointer into what was sent ("" for
    the whole); ``params`` are typed facts that the reader's sentence is made of.
    """

    code: Code
    clause: str
    at: str = ""
    params: dict[str, Param] = {}
