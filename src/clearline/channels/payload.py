"""A call as closed JSON and as plain text, in the languages that a channel's settings name.

The sentences are data (``clearline.words``); times are UTC and numbers are the same in all. Words
of a peer stand only in ``params`` and in one marked part of the text, cut short, with every
character replaced that could act, hide or pose. The subject is ASCII: it stays English.
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
from clearline.words.language import language
from clearline.words.reader import ENGLISH, Langs, is_reviewed, told
from clearline.words.sentences import composed, said, without_isolates

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


def payload_of(call: Call, langs: Langs = ENGLISH) -> AlertPayload:
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
        headline=_headline(trouble, peer, langs),
        reminder=told(langs, "phrases/reminder", lambda lang: said(lang, "reminder")),
    )


def _headline(trouble: Trouble, peer: str | None, langs: Langs) -> str:
    """Our own words and a party's id."""
    own = trouble.peer is None and trouble.kind in language(ENGLISH[0]).own_pairs
    section = "own_pairs" if own else "troubles"

    def one(lang: str) -> str:
        words = language(lang)
        forms = words.own_pairs if own else words.troubles
        facts = {"peer": peer or said(lang, "another-party")}
        return composed(forms[trouble.kind].bare, facts, words)

    return told(langs, f"{section}/{trouble.kind}", one)


def as_json(call: Call, langs: Langs = ENGLISH, *, isolates: bool = True) -> bytes:
    """The payload as one line of JSON without an end of line. At most PAYLOAD_BYTES_MAX."""
    made = payload_of(call, langs)
    if not isolates:
        bare = {name: without_isolates(getattr(made, name)) for name in ("headline", "reminder")}
        made = msgspec.structs.replace(made, **bare)
    encoded = msgspec.json.encode(made)
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


def as_text(call: Call, langs: Langs = ENGLISH, *, isolates: bool = True) -> str:
    """The payload as plain text, in one language after the other; words of others stand in one
    marked part, each quoted. A translation that nobody has reviewed says so in its first line."""
    text = "\n".join(_text(call, lang) for lang in langs)
    return text if isolates else without_isolates(text)


def _text(call: Call, lang: str) -> str:
    payload, words = payload_of(call, (lang,)), language(lang)
    text = _Lines(lang)
    if not all(is_reviewed(lang, section) for section in ("troubles", "phrases", "states")):
        text.lines += [f"[{said('en', 'unreviewed', id=lang)}: {payload.kind.value}]", ""]
    if payload.exercise:
        text.add("call-exercise")
        text.gap()
    own = call.alert.trouble.peer is None and payload.kind in words.own_pairs
    headline = (words.own_pairs if own else words.troubles)[payload.kind].bare
    peer = payload.peer or said(lang, "another-party")
    text.lines += [composed(headline, {"peer": peer}, words), ""]
    if payload.needs_answer and payload.state is not AlertState.ANSWERED:
        text.add("unanswered")
        text.gap()
    text.add(
        "call-precedence", precedence=words.states[payload.precedence.name],
        severity=words.states[payload.severity],
    )  # fmt: skip
    text.add("call-since", since=payload.since, sent=payload.sent)
    if payload.due:
        text.add("call-due", due=payload.due)
    text.add(
        "call-called", role=plain(payload.role), own=payload.own, rung=payload.rung + 1,
        ring=payload.ring,
    )  # fmt: skip
    if payload.count > 1:
        text.add("call-ringing", count=payload.count)
    text.add("call-line", line=payload.line)
    text.add("call-alert", alert=payload.alert)
    if payload.about:
        more = {"more": payload.about_more} if payload.about_more else {}
        text.add("call-about", about=", ".join(payload.about), **more)
    if payload.params:
        text.gap()
        text.add("call-facts")
        text.lines += [f"  {name}: {_quoted(value)}" for name, value in payload.params.items()]
    text.gap()
    text.add("reminder")
    text.gap()
    return "\n".join(text.lines)


class _Lines:
    """Lines of one language."""

    def __init__(self, lang: str) -> None:
        self.lines: list[str] = []
        self._lang = lang

    def add(self, name: str, **facts: str | int) -> None:
        """A phrase on a line of its own."""
        self.lines.append(said(self._lang, name, **facts))

    def gap(self) -> None:
        """An empty line."""
        self.lines.append("")


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
