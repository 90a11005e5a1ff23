"""The English of a duty room: troubles, links, lead times, conflicts as one sentence each.

Pure text from facts. Labels and reasons are words of others; the line admits no control or
direction characters in them, and here they stand in quotation marks and are cut short.
"""

from collections.abc import Mapping
from typing import Final

from clearline.model.alert import Trouble, TroubleKind
from clearline.model.entry import Field, LinkState, Reply
from clearline.model.finding import Bounds, Judgement, Verdict
from clearline.model.ids import EntryRef
from clearline.model.refusal import Param, Refusal
from clearline.model.time import SECOND, Instant, format_dtg, format_length, format_utc
from clearline.picture.standing import Why
from clearline.words.catalogue import said as message

LABEL_CHARS_MAX: Final = 60

TROUBLES: Final[dict[TroubleKind, str]] = {
    TroubleKind.CONFLICT: "CONFLICT: our {own} meets {other} of {peer}",
    TroubleKind.UNDETERMINED: "CANNOT RULE OUT a conflict of our {own} with {other} of {peer}",
    TroubleKind.ANSWER_DUE: "{peer} waits for our answer to {label}",
    TroubleKind.NO_ANSWER: "NO ANSWER from {peer} to {label}: not agreed",
    TroubleKind.NO_RECEIPT: "{peer} has not receipted what we filed",
    TroubleKind.LATE: "LATE by {shortfall}: {label}, with {peer}",
    TroubleKind.EXPOSED: "{mover} is inside {label} of {peer}: needs {minutes_needed} min, "
    "has {minutes_left} min",
    TroubleKind.NOT_TOLD: "NOT TOLD: {name} about {label}",
    TroubleKind.STOP: "STOP from {peer}: answer HALTED or CANNOT",
    TroubleKind.DISTRESS: "DISTRESS from {peer}: {label}. Keep the area clear",
    TroubleKind.ACCIDENT: "ACCIDENT reported by {peer}: {label}",
    TroubleKind.UNREADABLE: "COULD NOT READ an entry of {peer}: it counts against everything",
    TroubleKind.REFUSED_BY_PEER: "{peer} could not read our {label} ({code})",
    TroubleKind.LINE_DEGRADED: "The line to {peer} is DEGRADED",
    TroubleKind.LINE_DOWN: "The line to {peer} is DOWN: telephone",
    TroubleKind.CLOCK: "Clocks differ: {peer} is {offset} from ours",
    TroubleKind.FORK: "The record of {peer} has FORKED: two histories are signed",
    TroubleKind.ENDED_BY_TIME: "ENDED BY TIME, NOT CONFIRMED: our {label} needs ALL CLEAR",
    TroubleKind.SUSPENDED: "{peer} has SUSPENDED routine business: {reason}",
    TroubleKind.SEAL: "What {peer} opened {misfit}",
    TroubleKind.NOT_SIGNING: "This node signs nothing ({why}): nothing can be filed or receipted",
    TroubleKind.CLAIM: "{peer} says that it holds more of our own record than we do, and showed "
    "nothing for {seconds} s: its word locks nothing any more",
    TroubleKind.LOADING: "This node is reading its record: conflicts are not known yet",
    TroubleKind.DISK: "The disk is full: nothing is receipted",
    TroubleKind.FLOOD: "{peer} sends FLASH faster than it can be answered",
    TroubleKind.CHANNEL: "{channel} cannot reach people ({why}): call them otherwise",
    TroubleKind.LINE_TEST: "The line test by a person is due",
    TroubleKind.TERMS: "Version {version} of the terms waits to be adopted",
    TroubleKind.READ_BACK: "READ-BACK of {label} by {reader} DIFFERS: {differs}",
    TroubleKind.TRACK_NEAR: "{mover} and {other}: SEPARATION {loss}, {lateral_m} m and "
    "{vertical_m} m in height at the closest, in {closest_s} s",
    TroubleKind.TRACK_HAZARD: "{mover} {comes} {label} of {peer}{way_out}",
    TroubleKind.OFF_ROUTE: "{mover} is {distance_m} m off the route of {label}: tell the line",
    TroubleKind.TRACK_INSIDE: "{other} {is_in} our {label}, which is to be kept clear",
    TroubleKind.TRACK_LOST: "{mover} is NOT SEEN any more: nobody can say where it is",
    TroubleKind.TRACK_SOURCE: "TRACKS {source}: {fault}",
    TroubleKind.WAITS: "The record of {peer} waits: terms or papers that it names are not here",
    TroubleKind.JUDGING: "NOT JUDGED YET: up to {count} pairs of notices; there may be a conflict "
    "of ours among them",
}

OWN_PAIRS: Final[dict[TroubleKind, str]] = {
    TroubleKind.CONFLICT: "CONFLICT: our {own} meets {other}, ours too",
    TroubleKind.UNDETERMINED: "CANNOT RULE OUT a conflict of our {own} with {other}, ours too",
}
"""Where both notices of a pair are our own."""

BARE: Final[dict[TroubleKind, str]] = {
    TroubleKind.LATE: "LATE, with {peer}",
    TroubleKind.CLOCK: "Clocks differ: ours and that of {peer}",
    TroubleKind.SEAL: "What {peer} opened does not fit what was sealed",
    TroubleKind.CHANNEL: "A way to reach people has failed: call them otherwise",
}
"""For facts that are not all there."""

WHYS: Final[dict[Why, str]] = {
    Why.RECEIVED: "received",
    Why.NOT_SEEN: "not yet received",
    Why.REFUSED: "could not read it",
    Why.OLDER_TERMS: "received under older terms",
    Why.SUSPENDED: "received, and has suspended the line",
    Why.FORKED: "its record has forked",
    Why.NOT_HELD: "cannot say: its record is not all here",
}

BEYOND: Final[dict[str, str]] = {
    "time": "in time by {size} s",
    "vertical": "in height by {size} m or more",
    "lateral": "on the map by {size} m or more",
    "class": "of another class",
    "ended": "the envelope had ended",
}
SIZES: Final = {"time": ("time_s",), "vertical": ("vertical_m",), "lateral": ("lateral_m",)}
"""What is outside of an envelope, and the fact that says by how much."""

REPLIES: Final[dict[Reply, str]] = {
    Reply.ROGER: "has understood",
    Reply.READ_BACK: "has read back",
    Reply.WILCO: "will comply",
    Reply.UNABLE: "is UNABLE",
    Reply.STANDBY: "asks to stand by",
    Reply.OBJECT: "OBJECTS",
    Reply.HALTED: "has HALTED",
    Reply.CANNOT: "CANNOT",
}


WARNINGS: Final[dict[str, str]] = {
    "outside": "It does not lie within the agreed area",
    "swapped": "It does not lie within the agreed area, and would, {apart} away, with latitude "
    "and longitude exchanged: look again",
    "dotted": "It lies {apart} away, at {other}, if degrees and minutes were read as decimals",
    "undotted": "It lies {apart} away, at {other}, if decimals were read as degrees and minutes",
    "hemisphere": "It does not lie within the agreed area, and would, {apart} away, with "
    "another of N, S, E, W: look again",
    "own-site": "It is where our own {name} is, within {apart}: is it a position of ours?",
    "label": "Its label names {name}, which is {apart} away",
    "label-side": "Its label says {stated} of {name}; it lies {apart} from there on another side",
    "text-differs": "Its text says {stated}, its fields say {held}: {apart} apart",
    "past": "Its window is over already",
    "begun": "Its window began more than an hour ago",
    "far": "Its window is more than a month long or a year away: look at the dates again",
    "no-third": "No terms of this line name it as a represented party: it is recorded, and ends no "
    "duty to tell anybody",
}
"""Said of what is filed all the same."""


def warning(what: Refusal) -> str:
    """One sentence for what to look at again."""
    facts = {name: str(value) for name, value in what.params.items()}
    found = facts.get("found", "")
    if found == "label" and "stated" in facts:
        found = "label-side"
    if "name" in facts:
        facts["name"] = quoted(facts["name"])
    metres = int(facts.get("apart_m", "0"))
    facts["apart"] = f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres} m"
    return WARNINGS[found].format_map(facts)


def quoted(text: str) -> str:
    """Words of others, as such."""
    short = text if len(text) <= LABEL_CHARS_MAX else f"{text[: LABEL_CHARS_MAX - 1]}…"
    return f"“{short}”"


def clock(at: Instant) -> str:
    """18:41Z; the date is elsewhere on the screen."""
    return f"{format_utc(at)[11:16]}Z"


def trouble(what: Trouble) -> str:
    """One sentence for one trouble."""
    facts = {name: _fact(name, value) for name, value in what.params.items()}
    facts["peer"] = what.peer or "another party"
    for name in ("own", "other", "label"):
        facts.setdefault(name, "a notice")
    if "shortfall_s" in what.params:
        facts["shortfall"] = format_length(int(str(what.params["shortfall_s"])) * SECOND)
    if "offset_ms" in what.params:
        facts["offset"] = f"{int(str(what.params['offset_ms'])) / SECOND:+.1f} s"
    template = what.params.get("template")
    if isinstance(template, str):
        blanks = [
            Field(name=name.removeprefix("blank_"), value=value)
            for name, value in what.params.items()
            if name.startswith("blank_") and not isinstance(value, EntryRef)
        ]
        told = f"{facts['peer']} waits for our answer: {message(template, blanks)}"
        return f"EXERCISE {told}" if what.exercise else told
    if what.kind.value.startswith("track-"):
        facts |= _of_track(what.params)
    if what.kind is TroubleKind.SEAL and "why" in what.params:
        facts["misfit"] = misfit(what.params)
    forms = OWN_PAIRS if what.peer is None and what.kind in OWN_PAIRS else TROUBLES
    try:
        said = forms[what.kind].format_map(facts)
    except KeyError:
        bare = BARE.get(what.kind, what.kind.value.replace("-", " ").upper() + " {peer}")
        said = bare.format_map(facts)
    if what.kind is TroubleKind.UNDETERMINED and "settles" in what.params:
        said = f"{said}; would be settled by {what.params['settles']}"
    return f"EXERCISE {said}" if what.exercise else said


SOURCE_FAULTS: Final[dict[str, str]] = {
    "silent": "nothing comes from there any more",
    "unreachable": "cannot be reached",
    "not-readable": "what comes from there cannot be read",
    "flood": "sends more than can be looked at; the oldest are dropped",
    "behind": "more than can be looked at in a second: each is looked at in its turn",
    "more": "more findings than are listed; the gravest are",
}


def _of_track(params: Mapping[str, Param]) -> dict[str, str]:
    """The words of a finding of live tracks that its grade decides."""
    grade, entry = params.get("grade"), params.get("entry_s", 0)
    open_ = f"CANNOT RULE OUT ({params.get('settles', 'unknown')}) that "
    facts = {
        "loss": {"now": "LOST", "ahead": f"LOST in {entry} s"}.get(
            str(grade), f"CANNOT BE RULED OUT to be lost ({params.get('settles', 'unknown')})"
        ),
        "comes": {"now": "IS IN", "ahead": f"comes in {entry} s INTO"}.get(
            str(grade), f"{open_}it is in or comes into"
        ),
        "is_in": "IS IN" if grade == "now" else f"{open_}it is in",
        "fault": SOURCE_FAULTS.get(str(params.get("why")), "unknown fault"),
        "source": str(params.get("source", "in all")),
    }
    needed = params.get("minutes_needed")
    if needed is not None:
        facts["way_out"] = f": needs {needed} min to the nearest edge"
    return {"way_out": "", **facts}


def misfit(params: Mapping[str, Param]) -> str:
    """How something opened does not fit its seal or its envelope."""
    if params["why"] == "digest":
        return "is not what was sealed"
    if params["why"] != "outside":
        return f"cannot be shown to lie within its envelope ({params.get('settles', 'unknown')})"
    parts = []
    for name in str(params.get("outside", "")).split(","):
        form = BEYOND.get(name, name)
        size = next((params[key] for key in SIZES.get(name, ()) if key in params), None)
        parts.append(form.format(size=size) if size is not None else form.partition(" by")[0])
    return f"lies OUTSIDE its envelope: {', '.join(parts)}"


def _fact(name: str, value: Param) -> str:
    if isinstance(value, str) and name in ("own", "other", "label", "reason", "name"):
        return quoted(value) if value else "what was said"
    return str(value)


def link(state: LinkState, age_ms: int, *, ever: bool) -> str:
    """State of a link with the age of its last round trip."""
    if not ever:
        return f"{state.value}, no round trip yet"
    return f"{state.value}, last round trip {format_length(age_ms)} ago"


def lead(worst_ms: int, shortfall_ms: int, *, provisional: bool) -> str:
    """Lead time at a receiver, worst case."""
    told = "if received now" if provisional else "at the receiver"
    if shortfall_ms:
        return f"LATE by {format_length(shortfall_ms)} (lead {format_length(worst_ms)} {told})"
    return f"lead {format_length(worst_ms)} {told}"


def conflict(a: str, b: str, found: Judgement, until: Instant | None) -> str:
    """Two versions that meet, or that cannot be kept apart, in one sentence."""
    if until is not None:
        said = f"{a} and {b} overlap, COORDINATED by both until {format_dtg(until)}"
    elif found.verdict is Verdict.YES:
        said = f"{a} meets {b}"
    else:
        said = f"{a} and {b} cannot be shown to be apart ({found.decided_by})"
    parts = [said]
    if found.lateral_m is not None:
        parts.append(f"{_range(found.lateral_m, 'm')} apart on the map")
    if found.vertical_m is not None:
        parts.append(f"{_range(found.vertical_m, 'm')} apart in height")
    if found.overlap_start is not None and found.overlap_end is not None:
        start, end = Instant(found.overlap_start), Instant(found.overlap_end)
        parts.append(f"from {format_dtg(start)} to {format_dtg(end)}")
    if found.references:
        parts.append(f"by {', '.join(found.references)}")
    if found.settles:
        parts.append(f"would be settled by {found.settles}")
    return "; ".join(parts)


def _range(bounds: Bounds, unit: str) -> str:
    low, high = round(bounds.low), bounds.high
    if low == 0 and high == 0:
        return f"0 {unit}"
    shown = "more" if high > 1e9 else f"{round(high)}"
    return f"{low} {unit}" if shown == str(low) else f"{low} to {shown} {unit}"


def loading(percent: int) -> str:
    """That a record is being read, and what that means."""
    return f"READING ITS RECORD ({percent} %): notices and conflicts are not known yet"
