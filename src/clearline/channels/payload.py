"""A call as closed JSON and as plain text: the one place with templates of what channels carry.

The text is English with times in UTC. Words of a peer stand only in ``params`` and in one marked
part of the text, cut short, with every character replaced that could act, hide or pose.
"""

import re
from typing import Final

import msgspec

from clearline.model.alert import AlertState, Severity, Trouble, TroubleKind
from clearline.model.entry import Precedence
from clearline.model.ids import EntryRef, is_party_id
from clearline.model.refusal import Param
from clearline.model.time import Instant, format_clock, format_utc
from clearline.node.channel import Call

VALUE_CHARS_MAX: Final = 200
"""One fact is one line of a pager or a mail."""
PARAMS_MAX: Final = 32
ABOUT_MAX: Final = 50
"""Entries named in one alert; how many more there are is said."""
PAYLOAD_BYTES_MAX: Final = 64 << 10
"""What the limits above can come to, with room to spare: no channel has to carry more."""

_POSING = re.compile(
    r"[^\S ]|[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\uffff\U000e0000-\U0010ffff]"
)
_NAME = re.compile(r"[^a-z0-9_-]")

REMINDER: Final = "A notice gives no permission, and the absence of one removes no protection."
UNANSWERED: Final = "NO ANSWER YET - not agreed. Silence is not consent."

HEADLINES: Final[dict[TroubleKind, str]] = {
    TroubleKind.CONFLICT: "Conflict with {peer}: two activities meet in place, height and time.",
    TroubleKind.UNDETERMINED: "A conflict with {peer} cannot be ruled out.",
    TroubleKind.ANSWER_DUE: "{peer} waits for our answer.",
    TroubleKind.NO_ANSWER: "{peer} has not answered us in the agreed time.",
    TroubleKind.NO_RECEIPT: "{peer} has not receipted our entry in the agreed time.",
    TroubleKind.LATE: "A notice of {peer} came later than agreed.",
    TroubleKind.EXPOSED: "Own movers are exposed to an activity of {peer}.",
    TroubleKind.NOT_TOLD: "A represented party has NOT BEEN TOLD.",
    TroubleKind.STOP: "STOP from {peer}: halt hazardous activity; answer HALTED or CANNOT.",
    TroubleKind.DISTRESS: "DISTRESS from {peer}: somebody is in danger; keep the area clear.",
    TroubleKind.ACCIDENT: "ACCIDENT reported by {peer}: something unplanned may hurt others.",
    TroubleKind.UNREADABLE: "An entry of {peer} cannot be read: it counts against everything.",
    TroubleKind.REFUSED_BY_PEER: "{peer} could not read our entry.",
    TroubleKind.LINE_DEGRADED: "The line to {peer} is DEGRADED.",
    TroubleKind.LINE_DOWN: "The line to {peer} is DOWN: use the telephone.",
    TroubleKind.CLOCK: "The clocks here and at {peer} differ by more than agreed.",
    TroubleKind.FORK: "The record of {peer} has FORKED: two versions of it are signed.",
    TroubleKind.ENDED_BY_TIME: "A hazard of {peer} ended by time and is NOT CONFIRMED ended.",
    TroubleKind.SUSPENDED: "Routine business on the line is suspended by {peer}.",
    TroubleKind.SEAL: "What {peer} opened does not fit its seal or its envelope.",
    TroubleKind.NOT_SIGNING: "This node does not sign: nothing can be filed or receipted.",
    TroubleKind.CLAIM: "{peer} claims to hold more of our own record, and has not shown it.",
    TroubleKind.LOADING: "This node is still reading its record: conflicts are not known yet.",
    TroubleKind.DISK: "The disk of this node is full: nothing is receipted.",
    TroubleKind.FLOOD: "{peer} sends FLASH faster than they can be answered.",
    TroubleKind.CHANNEL: "A way to reach people has failed.",
    TroubleKind.LINE_TEST: "A line test with {peer} is due.",
    TroubleKind.TERMS: "The terms of the line need attention.",
    TroubleKind.READ_BACK: "A place between us and {peer} was read back WRONGLY: telephone.",
    TroubleKind.TRACK_NEAR: "An own mover and a track lose separation, or may.",
    TroubleKind.TRACK_HAZARD: "An own mover is in a hazard of {peer}, or comes into it.",
    TroubleKind.OFF_ROUTE: "An own mover is off its notified route: tell the line.",
    TroubleKind.TRACK_INSIDE: "A track is in a volume of ours that is to be kept clear.",
    TroubleKind.TRACK_LOST: "An own mover is not seen any more.",
    TroubleKind.TRACK_SOURCE: "A source of live tracks fails, or sends too much.",
    TroubleKind.WAITS: "A record cannot be read on: papers that it names are not here.",
    TroubleKind.JUDGING: "Pairs of notices are not judged yet: a conflict may be among them.",
}

OWN_PAIRS: Final[dict[TroubleKind, str]] = {
    TroubleKind.CONFLICT: "Conflict of two of our own activities, in place, height and time.",
    TroubleKind.UNDETERMINED: "A conflict of two of our own activities cannot be ruled out.",
}
"""Where no other party is named."""


class AlertPayload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every channel carries. Times are RFC 3339 in UTC. ``id`` is the same for the same ring
    sent twice; ``count`` is how many alerts ring as this one; ``about_more`` how many entries are
    not listed. Only ``params`` may hold words of a peer."""

    v: int
    id: str
    alert: str
    own: str
    line: str
    exercise: bool
    kind: TroubleKind
    severity: Severity
    precedence: Precedence
    state: AlertState
    needs_answer: bool
    peer: str | None
    role: str
    rung: int
    ring: int
    count: int
    since: str
    raised: str
    due: str | None
    sent: str
    about: tuple[str, ...]
    about_more: int
    params: dict[str, str | int]
    headline: str
    reminder: str


def plain(text: str) -> str:
    """Words of others on one line, cut short, with nothing in them that could act or hide."""
    short = text if len(text) <= VALUE_CHARS_MAX else f"{text[: VALUE_CHARS_MAX - 1]}…"
    return _POSING.sub("\N{WHITE SQUARE}", short)


def payload_of(call: Call) -> AlertPayload:
    """The call as closed JSON's record."""
    alert, trouble, ring = call.alert, call.alert.trouble, call.ring
    peer = trouble.peer if trouble.peer is not None and is_party_id(trouble.peer) else None
    return AlertPayload(
        v=1,
        id=ring.key,
        alert=alert.id,
        own=call.own,
        line=trouble.line,
        exercise=trouble.exercise,
        kind=trouble.kind,
        severity=trouble.severity,
        precedence=trouble.precedence,
        state=alert.state,
        needs_answer=trouble.needs_answer,
        peer=peer,
        role=ring.role,
        rung=ring.rung,
        ring=ring.ring,
        count=ring.count,
        since=format_utc(trouble.since),
        raised=format_utc(alert.raised),
        due=None if trouble.due is None else format_utc(trouble.due),
        sent=format_utc(call.at),
        about=tuple(str(ref) for ref in trouble.about[:ABOUT_MAX]),
        about_more=max(len(trouble.about) - ABOUT_MAX, 0),
        params=_facts(trouble.params),
        headline=_headline(trouble, peer),
        reminder=REMINDER,
    )


def _headline(trouble: Trouble, peer: str | None) -> str:
    if trouble.peer is None and trouble.kind in OWN_PAIRS:
        return OWN_PAIRS[trouble.kind]
    return HEADLINES[trouble.kind].format(peer=peer or "another party")


def as_json(call: Call) -> bytes:
    """The payload as one line of JSON without an end of line. At most PAYLOAD_BYTES_MAX."""
    encoded = msgspec.json.encode(payload_of(call))
    assert len(encoded) <= PAYLOAD_BYTES_MAX, "the limits of the parts keep the whole below this"
    return encoded


def subject_of(call: Call) -> str:
    """One line of our own words only, printable ASCII: no word of a peer is in it."""
    payload = payload_of(call)
    marks = ["EXERCISE EXERCISE"] if payload.exercise else []
    marks += [payload.precedence.name, payload.kind.value.upper()]
    marks += [f"from {payload.peer}"] if payload.peer else []
    marks += [f"({payload.count} ringing)"] if payload.count > 1 else []
    return f"Clearline: {' '.join(marks)}, {format_clock(Instant(call.at))}"


def as_text(call: Call) -> str:
    """The payload in plain English; words of others stand in one marked part, each quoted."""
    payload = payload_of(call)
    lines = ["EXERCISE EXERCISE EXERCISE", ""] if payload.exercise else []
    lines += [payload.headline, ""]
    if payload.needs_answer and payload.state is not AlertState.ANSWERED:
        lines += [UNANSWERED, ""]
    lines += [
        f"Precedence: {payload.precedence.name}   Severity: {payload.severity.value}",
        f"Since: {payload.since}   Sent: {payload.sent}",
        *([f"Answer or act due: {payload.due}"] if payload.due else []),
        f"Called: {plain(payload.role)} of {payload.own}, rung {payload.rung + 1},"
        f" ring {payload.ring}",
        *([f"Ringing as one alarm: {payload.count}"] if payload.count > 1 else []),
        f"Line: {payload.line}",
        f"Alert: {payload.alert}",
    ]
    if payload.about:
        more = f" and {payload.about_more} more" if payload.about_more else ""
        lines.append(f"About: {', '.join(payload.about)}{more}")
    if payload.params:
        lines += ["", "Facts (words of others are quoted and not verified):"]
        lines += [f"  {name}: {_quoted(value)}" for name, value in payload.params.items()]
    return "\n".join([*lines, "", payload.reminder, ""])


def _facts(params: dict[str, Param]) -> dict[str, str | int]:
    facts: dict[str, str | int] = {}
    for name in sorted(params)[:PARAMS_MAX]:
        value = params[name]
        shown = str(value) if isinstance(value, EntryRef) else value
        safe_name = _NAME.sub("_", name[:VALUE_CHARS_MAX].lower())
        facts[safe_name] = plain(shown) if isinstance(shown, str) else shown
    return facts


def _quoted(value: str | int) -> str:
    return f"“{value}”" if isinstance(value, str) else str(value)
