"""Seals that were opened: against what was committed to, and against their envelopes (CL-EVI-016).

Notes, not faults: the record is whole, and what it says is its author's. What is withheld is not
judged: that it is withheld is said elsewhere.
"""

import hashlib
from collections.abc import Iterator, Mapping

from clearline.canonical import encode
from clearline.conflict.envelope import contains, with_reasons
from clearline.evidence.facts import Checked, Finding, Level, What
from clearline.model.entry import AllClear, Amend, Entry, Notice, Open, Seal, Withdraw
from clearline.model.finding import Containment, Verdict
from clearline.model.ids import EntryRef, FeedId, epoch_of, party_of
from clearline.model.refusal import Code, Param
from clearline.trust.roster import Roster

Frames = Mapping[FeedId, Checked]


def opened_seals(feeds: Frames, roster: Roster) -> Iterator[Finding]:
    """Every shown opening that does not fit."""
    for feed, checked in sorted(feeds.items()):
        for index, entry in sorted(checked.entries.items()):
            if isinstance(entry.body, Open):
                yield from _opening(feeds, roster, EntryRef(feed, index), entry.body)


def _entry(feeds: Frames, ref: EntryRef) -> Entry | None:
    checked = feeds.get(ref.feed)
    return checked.entries.get(ref.index) if checked is not None else None


def _opening(feeds: Frames, roster: Roster, ref: EntryRef, body: Open) -> Iterator[Finding]:
    sealed = _entry(feeds, body.seal)
    named = {body.envelope}
    if sealed is not None:
        seal = sealed.body
        digest = hashlib.sha256(bytes.fromhex(body.salt) + encode(body.to)).hexdigest()
        if not isinstance(seal, Seal) or seal.sha256 != digest:
            yield _note(What.SEAL, Code.SEAL_MISMATCH, ref, seal=str(body.seal))
        if isinstance(seal, Seal):
            named.add(seal.envelope)
    for envelope in sorted(one for one in named if one is not None):
        stated = _entry(feeds, envelope)
        notice = _notice(stated) if stated is not None else None
        if notice is None or not roster.versions:
            continue  # withheld, or no notice: then the envelope shows nothing
        levels = roster.versions[-1].body.levels
        found = with_reasons(
            contains(notice.volumes, body.to.volumes, levels),
            same_class=notice.cls == body.to.cls,
            ended=_ended_before(feeds, envelope, ref),
        )
        if found.verdict is Verdict.NO:
            about = _beyond(found)
            yield _note(
                What.ENVELOPE, Code.OUTSIDE_ENVELOPE, ref, envelope=str(envelope), outside=about
            )
        elif found.verdict is Verdict.UNDETERMINED:
            yield _note(What.ENVELOPE_UNSURE, Code.OUTSIDE_ENVELOPE, ref, envelope=str(envelope))


def _notice(entry: Entry) -> Notice | None:
    body = entry.body
    if isinstance(body, Amend | Open):
        return body.to
    return body if isinstance(body, Notice) else None


def _ended_before(feeds: Frames, envelope: EntryRef, opened: EntryRef) -> bool:
    """Whether an end of the envelope stands before the opening in its author's record."""
    place = (epoch_of(opened.feed), opened.index)
    return any(
        (epoch_of(feed), index) < place
        for feed, checked in feeds.items()
        if party_of(feed) == party_of(opened.feed)
        for index, entry in checked.entries.items()
        if isinstance(entry.body, Withdraw | AllClear) and envelope in entry.body.versions
    )


def _beyond(found: Containment) -> str:
    """What is outside and by how much, in figures."""
    sizes = {
        "time": (found.time_s, "s"),
        "vertical": (found.vertical_m, "m"),
        "lateral": (found.lateral_m, "m"),
    }
    parts = []
    for name in found.outside:
        bounds, unit = sizes.get(name, (None, ""))
        least = f" by {round(bounds.low)} {unit} or more" if bounds is not None else ""
        parts.append(f"{name}{least}")
    return ", ".join(parts)


def _note(what: What, code: Code, ref: EntryRef, **params: Param) -> Finding:
    return Finding(
        level=Level.NOTE,
        what=what,
        code=code,
        clause="CL-EVI-016",
        feed=ref.feed,
        index=ref.index,
        params=params,
    )
