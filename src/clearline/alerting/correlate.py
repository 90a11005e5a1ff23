"""Which troubles are the same duty, and which duties sound as one alarm (FM29)."""

from hashlib import sha256

from clearline.alerting.limits import FLOOD_COUNT, FLOOD_WINDOW
from clearline.model.alert import (
    PRECEDENCE_RANK,
    SEVERITY_RANK,
    Severity,
    Trouble,
    TroubleKind,
)
from clearline.model.entry import Precedence, Reply
from clearline.model.ids import LineId, PartyId
from clearline.model.refusal import Param
from clearline.model.time import SECOND, Instant

_FROM_A_PEER = frozenset(
    {
        TroubleKind.STOP, TroubleKind.DISTRESS, TroubleKind.ACCIDENT, TroubleKind.ANSWER_DUE,
        TroubleKind.UNREADABLE, TroubleKind.LINE_TEST,
    }
)  # fmt: skip
"""Kinds that one peer alone can make any number of: a ringing peer is one alarm with a counter."""

_SETTLES_STOP = frozenset({Reply.HALTED, Reply.CANNOT})


def alert_id(line: LineId, key: str, opening: int) -> str:
    """24 hex digits of the trouble's line and key, and the number of the opening: fit for a URL."""
    named = sha256(f"{line}\n{key}".encode()).hexdigest()
    return f"{named[:24]}.{opening}"


def group_of(asset: str, consequence: str) -> str:
    """The group of troubles with one consequence for one own asset. The asset's length keeps two
    pairs apart that would read alike."""
    return f"{len(asset)}:{asset}:{consequence}"


def alarm_of(trouble: Trouble) -> str:
    """Troubles with the same value sound as one alarm: one peer and kind, or one own asset and
    consequence. Exercise and real never share one (FM26)."""
    play = "exercise" if trouble.exercise else "real"
    if trouble.kind in _FROM_A_PEER and trouble.peer is not None:
        return f"{trouble.line}|{play}|peer|{trouble.peer}|{trouble.kind}"
    return f"{trouble.line}|{play}|group|{trouble.group}"


def loudness(trouble: Trouble) -> int:
    """How much it must be heard, higher is louder: severity first, then precedence."""
    return -(SEVERITY_RANK[trouble.severity] * 10 + PRECEDENCE_RANK[trouble.precedence])


def changes_facts(old: Trouble, new: Trouble) -> bool:
    """Whether what was said to ``old`` says nothing about ``new``.

    So it is when another entry is named first, when any entry is newly named, when the kind
    changes, when it is louder, or when it now needs an answer. Figures that move with the clock
    (``params``, ``due``) and entries no longer named are shown, and reopen nothing.
    """
    return (
        old.about[:1] != new.about[:1]
        or not set(new.about) <= set(old.about)
        or old.kind is not new.kind
        or loudness(new) > loudness(old)
        or (new.needs_answer and not old.needs_answer)
    )


def settles(trouble: Trouble, reply: Reply) -> bool:
    """Whether a reply ends the duty to answer: STANDBY never does, and a STOP is answered by HALTED
    or CANNOT alone (FM18)."""
    if trouble.kind is TroubleKind.STOP:
        return reply in _SETTLES_STOP
    return reply is not Reply.STANDBY


def is_flash(trouble: Trouble) -> bool:
    """Whether it is of FLASH precedence."""
    return trouble.precedence is Precedence.FLASH


def is_quiet(trouble: Trouble) -> bool:
    """Whether it stands on the board without a sound of its own: a flood, whose peer is ringing."""
    return trouble.kind is TroubleKind.FLOOD


def flood_key(peer: PartyId) -> str:
    """The key of the trouble that a peer's FLASH come faster than people can answer."""
    return f"flood:{peer}"


def channel_key(channel: str) -> str:
    """The key of the trouble that a channel reaches nobody."""
    return f"channel:{channel}"


def role_key(role: str) -> str:
    """The key of the trouble that a role cannot be reached at all."""
    return f"role:{role}"


def faulty(cause: Trouble, key: str, now: Instant, params: dict[str, Param]) -> Trouble:
    """The trouble that a way to reach people failed, on the line of what could not pass."""
    return Trouble(
        key=key,
        kind=TroubleKind.CHANNEL,
        severity=Severity.WARNING,
        precedence=Precedence.PRIORITY,
        line=cause.line,
        group="channels",
        since=now,
        params=params,
        exercise=cause.exercise,
    )


def flooding(cause: Trouble, peer: PartyId, now: Instant) -> Trouble:
    """The trouble that a peer's FLASH come faster than people can answer."""
    return Trouble(
        key=flood_key(peer),
        kind=TroubleKind.FLOOD,
        severity=Severity.WARNING,
        precedence=Precedence.PRIORITY,
        line=cause.line,
        group=flood_key(peer),
        since=now,
        peer=peer,
        params={"count": FLOOD_COUNT, "window_s": FLOOD_WINDOW // SECOND},
        exercise=cause.exercise,
    )
