"""What rests on the maker's word alone: duties at its desk, and what it noted for itself. Pure.

None of this is on the line: another party's review cannot have it.
"""

from collections.abc import Iterator

import msgspec

from clearline.canonical import UNREADABLE
from clearline.evidence.review.counts import median
from clearline.evidence.review.facts import Row, Section, cells
from clearline.evidence.review.history import History
from clearline.evidence.words import OWN_WORD
from clearline.model.alert import Severity, TroubleKind
from clearline.model.notes import VOICE_NOTE, WISH_NOTE
from clearline.model.time import Instant


class Noted(msgspec.Struct, frozen=True):
    """One record of the private desk record."""

    t: Instant
    person: str
    what: str
    params: dict[str, str | int] = {}


def notes(of: History) -> Iterator[tuple[int, Noted]]:
    """The desk records of the period that can be read, with their places."""
    for index, data in of.verified.desk_shown:
        try:
            found = msgspec.json.decode(data, type=Noted)
        except UNREADABLE:
            continue
        if of.within(found.t):
            yield index, found


def duties(of: History) -> Iterator[Row]:
    """By why it rang and how loudly: how many, how long until presented, taken and answered."""
    found: dict[tuple[TroubleKind, Severity], list[tuple[int | None, int | None]]] = {}
    for alert in of.verified.bundle.content.alerts:
        if of.within(alert.raised):
            shown = alert.presented - alert.raised if alert.presented is not None else None
            taken = alert.taken_at - alert.raised if alert.taken_at is not None else None
            found.setdefault((alert.kind, alert.severity), []).append((shown, taken))
    for (kind, severity), times in sorted(found.items()):
        shown_ = [shown for shown, _ in times if shown is not None]
        taken_ = [taken for _, taken in times if taken is not None]
        yield Row(
            section=Section.OWN_DUTIES, key=f"{kind.value} {severity.value}", by=of.maker,
            grade=OWN_WORD, public=False,
            cells=cells(
                kind=kind.value, severity=severity.value, raised=len(times), presented=len(shown_),
                presented_median_ms=median(shown_), presented_worst_ms=max(shown_, default=None),
                taken=len(taken_), taken_median_ms=median(taken_),
                taken_worst_ms=max(taken_, default=None),
            ),
        )  # fmt: skip


def own_wishes(of: History) -> Iterator[Row]:
    """Wishes that the maker noted for itself and has not sent."""
    for index, note in notes(of):
        if note.what == WISH_NOTE:
            yield Row(
                section=Section.WISHES, key=f"desk {index}", by=of.maker, grade=OWN_WORD,
                public=False,
                cells=cells(
                    entry=None, stated_at=note.t, topic=_text(note, "topic"),
                    about=_text(note, "about"), remark=_text(note, "wish"),
                    lang=_text(note, "lang"), sent="no",
                ),
            )  # fmt: skip


def voice_notes(of: History) -> Iterator[Row]:
    """What was said by voice, as the maker wrote it down."""
    for index, note in notes(of):
        if note.what == VOICE_NOTE:
            at = note.params.get("at")
            yield Row(
                section=Section.OWN_NOTES, key=f"desk {index}", by=of.maker, grade=OWN_WORD,
                public=False,
                cells=cells(
                    what=note.what, stated_at=note.t, about=_text(note, "entry"),
                    party=_text(note, "party"), said_at=at if isinstance(at, int) else None,
                    means=_text(note, "means"), role=_text(note, "role"),
                    read_back=_text(note, "read_back"),
                ),
            )  # fmt: skip


def _text(note: Noted, name: str) -> str | None:
    found = note.params.get(name)
    return None if found is None else str(found)
