"""What a replay tells: one flat record an event, in the order of time.

``docs/reference/scenario-format.md`` says what every field means; a test holds the page to this
record.
"""

from enum import StrEnum

import msgspec

from clearline.model.time import Instant, format_utc


class Layer(StrEnum):
    """Where an event comes from: they are never mixed."""

    CLAIM = "claim"  # somebody's public claim
    ASSUMED = "assumed"  # taken as given by this variant, by whoever ``by`` names
    PLAY = "play"  # what a party does in this replay, resting on ``basis``
    LINE = "line"  # what the real node of ``by`` found, rang or showed
    RESULT = "result"  # expectations met or not, and the last table


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event. ``t`` None: no time is published. ``t_max``: it lies between ``t`` and this.
    ``t_min``: an act that is known within bounds only, played at the latest, ``t``."""

    t: str | None
    by: str
    kind: str
    text: str
    layer: Layer
    t_max: str | None = None
    t_min: str | None = None
    id: str | None = None
    about: str | None = None
    party: str | None = None
    evidence: str | None = None
    source: str | None = None
    stated_on: str | None = None
    disputed_by: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    code: str | None = None
    clause: str | None = None
    alert: str | None = None
    severity: str | None = None
    role: str | None = None
    reply: str | None = None
    standing: str | None = None
    pending_on: tuple[str, ...] = ()
    phase: str | None = None
    verdict: str | None = None
    lead_time_s: int | None = None
    lead_time_s_max: int | None = None
    lead_minimum_s: int | None = None
    shortfall_s: int | None = None
    call_sign: str | None = None
    minutes_needed: int | None = None
    minutes_needed_max: int | None = None
    minutes_left: int | None = None
    suggested: str | None = None
    not_told: int | None = None
    not_told_parties: tuple[str, ...] = ()
    line_s: int | None = None
    then_min: int | None = None
    gain_min: int | None = None
    failed: str | None = None
    does: str | None = None
    gain: str | None = None
    distance_m: int | None = None
    met: bool | None = None


def utc(at: Instant) -> str:
    """An event's time."""
    return format_utc(at)
