"""What is disputed or did not go as it was notified, each with its claimant, and what each party
wants changed. Nothing here decides who is right. Pure."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from clearline.evidence.facts import What
from clearline.evidence.review.facts import Row, Section, cells
from clearline.evidence.review.history import History, inside, label, notice_in
from clearline.evidence.said import says
from clearline.evidence.words import PROVED, SIGNED
from clearline.model.entry import AllClear, Answer, Entry, Message, Reply, Withdraw
from clearline.model.ids import EntryRef, party_of
from clearline.model.space import LatLon
from clearline.model.time import Instant
from clearline.notation.readback import Compared, compare
from clearline.notation.traps import Report, two_places
from clearline.picture.origins import origins
from clearline.words.catalogue import POSITION, said

DEVIATING: Final = frozenset(
    {"movement-off-route", "hazard-goes-on", "drone-lost-link", "lost-communication", "correction",
     "transponder-off"}
)  # fmt: skip
"""Messages by which a party says that something is not as it was notified."""
DISPUTING: Final = frozenset({Reply.OBJECT, Reply.UNABLE, Reply.CANNOT})
WISH: Final = "review-wish"
"""The message by which a party says what it wants changed in the agreement."""
REPORT: Final = "report"


def deviations(of: History) -> Iterator[Row]:
    """What parties said of it, what was opened and does not fit, hazards that nobody ended."""
    for entry in of.in_period():
        body = entry.body
        if isinstance(body, Message) and body.template in DEVIATING:
            yield Row(
                section=Section.DEVIATIONS, key=str(entry.ref), by=party_of(entry.feed),
                grade=SIGNED,
                cells=cells(
                    entry=str(entry.ref), what=body.template, stated_at=entry.t,
                    label=said(body.template, body.fields),
                ),
            )  # fmt: skip
    yield from _opened(of)
    yield from _not_cleared(of)


def _opened(of: History) -> Iterator[Row]:
    """Plans that were opened and are not what was sealed, or lie outside their envelope."""
    for one in of.verified.findings:
        if one.what not in (What.SEAL, What.ENVELOPE, What.ENVELOPE_UNSURE) or one.feed is None:
            continue
        entry = next(
            (e for e in of.in_period() if e.feed == one.feed and e.index == one.index), None
        )
        if entry is not None:
            yield Row(
                section=Section.DEVIATIONS, key=f"{entry.ref} {one.what.value}", by=None,
                grade=PROVED,
                cells=cells(
                    entry=str(entry.ref), what=one.what.value, stated_at=entry.t, label=says(one)
                ),
            )  # fmt: skip


def _not_cleared(of: History) -> Iterator[Row]:
    """Hazards past window and tail before their author said ALL CLEAR, or without it."""
    clear: dict[EntryRef, Entry] = {}
    gone: dict[EntryRef, Entry] = {}
    for entry in of.entries:
        if isinstance(entry.body, AllClear | Withdraw):
            for ref in entry.body.versions:
                if party_of(ref.feed) == party_of(entry.feed):
                    kept = clear if isinstance(entry.body, AllClear) else gone
                    kept.setdefault(ref, entry)
    for entry in of.entries:
        over = _over(of, entry, gone.get(entry.ref))
        if over is None or not of.within(over):
            continue
        said_at = clear[entry.ref].t if entry.ref in clear else None
        if said_at is not None and said_at <= over:
            continue
        yield Row(
            section=Section.DEVIATIONS, key=f"{entry.ref} all-clear", by=None, grade=SIGNED,
            cells=cells(
                entry=str(entry.ref),
                what="all-clear-late" if said_at is not None else "ended-by-time",
                stated_at=entry.t, label=label(entry), over_at=over, all_clear_at=said_at,
                late_ms=(of.until if said_at is None else said_at) - over,
            ),
        )  # fmt: skip


def _over(of: History, entry: Entry, ended: Entry | None) -> Instant | None:
    """When window and tail of a hazard are over; None: no hazard, or withdrawn before it began."""
    stated = notice_in(entry)
    if stated is None or not stated.volumes or not of.is_hazard(stated.cls):
        return None
    term = of.class_term(stated.cls)
    assert term is not None, "a hazard has a class"
    start = min(volume.start for volume in stated.volumes)
    end = max(volume.end for volume in stated.volumes)
    if ended is not None and ended.t < end:
        if ended.t <= start:
            return None
        end = ended.t
    return Instant(end + term.tail_ms)


# -- disputes


def disputes(of: History) -> Iterator[Row]:
    """Read-backs that differ, answers that do not agree, entries that could not be read, two
    reports of one thing at two places."""
    for entry in of.in_period():
        yield from _answer(of, entry)
        for item in entry.refused:
            yield Row(
                section=Section.DISPUTES, key=f"{item.feed}/{item.index} unread by {entry.feed}",
                by=party_of(entry.feed), grade=SIGNED,
                cells=cells(
                    entry=f"{item.feed}/{item.index}", what="could-not-read", stated_at=entry.t,
                    label=item.code.value,
                ),
            )  # fmt: skip
    yield from _two_places(of)


def _answer(of: History, entry: Entry) -> Iterator[Row]:
    body = entry.body
    if not isinstance(body, Answer):
        return
    to, party = of.by_ref.get(body.to), party_of(entry.feed)
    if body.reply in DISPUTING:
        yield Row(
            section=Section.DISPUTES, key=f"{entry.ref} {body.reply.value}", by=party, grade=SIGNED,
            cells=cells(
                entry=str(body.to), what=body.reply.value, stated_at=entry.t,
                label=label(to) if to is not None else None, answer=str(entry.ref),
                minutes_needed=body.minutes_needed,
                remark=body.remark.text if body.remark is not None else None,
            ),
        )  # fmt: skip
    stated = notice_in(to) if to is not None else None
    if body.read_back is None or to is None or stated is None:
        return
    found = compare(body.read_back, stated.volumes, inside, of.terms.read_back_mm)
    if found.found is Compared.DIFFERS:
        yield Row(
            section=Section.DISPUTES, key=f"{entry.ref} read-back", by=party, grade=SIGNED,
            cells=cells(
                entry=str(body.to), what="read-back-differs", stated_at=entry.t, label=label(to),
                answer=str(entry.ref),
                apart_m=None if found.place_mm is None else round(found.place_mm / 1000),
                upper_apart_m=None if found.upper_mm is None else round(found.upper_mm / 1000),
                start_apart_ms=found.start_ms, settled=_settled(of, entry),
            ),
        )  # fmt: skip


def _settled(of: History, wrong: Entry) -> str | None:
    """The later read-back of the same party, of the same version, that does not differ."""
    assert isinstance(wrong.body, Answer), "the caller has looked"
    to = of.by_ref[wrong.body.to]
    stated = notice_in(to)
    assert stated is not None, "the caller has looked"
    for later in of.replies(to, party_of(wrong.feed)):
        assert isinstance(later.body, Answer), "only answers are gathered"
        back = later.body.read_back
        if back is None or (later.t, later.ref) <= (wrong.t, wrong.ref):
            continue
        found = compare(back, stated.volumes, inside, of.terms.read_back_mm).found
        if found is not Compared.DIFFERS:
            return str(later.ref)
    return None


def _two_places(of: History) -> Iterator[Row]:
    """Reports that lead to one thing, and cannot be one place."""
    for group in origins(_told(of)):
        reports = [of.by_ref[ref] for ref in group]
        for one, other in combinations(reports, 2):
            here, there = _position(one), _position(other)
            if here is None or there is None:
                continue
            found = two_places(Report(origin=here), Report(origin=there), of.terms.read_back_mm)
            if found is not None:
                yield Row(
                    section=Section.DISPUTES, key=f"{one.ref} and {other.ref}",
                    by=party_of(other.feed), grade=SIGNED,
                    cells=cells(
                        entry=str(one.ref), what="two-places", stated_at=other.t,
                        label=label(other), answer=str(other.ref),
                        apart_m=round(found.apart_mm / 1000),
                    ),
                )  # fmt: skip


def _position(entry: Entry) -> LatLon | None:
    body = entry.body
    if not isinstance(body, Message) or body.template != REPORT:
        return None
    text = next((str(f.value) for f in body.fields if f.name == "position"), "")
    found = POSITION.fullmatch(text)
    if found is None:
        return None
    lat, lon = float(found[1] + found[2]), float(found[3] + found[4])
    if abs(lat) > 90 or abs(lon) > 180:
        return None  # no tool of ours sends it: it is shown as it came, and measured by nobody
    return LatLon(round(lat * 1e7), round(lon * 1e7))


# -- origins, wishes


def _told(of: History) -> list[Entry]:
    """Entries of the period that pass something on."""
    return [
        entry for entry in of.in_period()
        if isinstance(entry.body, Message) and (entry.body.attachments or _names_origin(entry.body))
    ] + _firsts(of)  # fmt: skip


def _names_origin(body: Message) -> bool:
    return any(field.name == "origin" for field in body.fields)


def _firsts(of: History) -> list[Entry]:
    """The reports that others name as where it was first told, if they name none themselves."""
    named = {
        str(field.value)
        for entry in of.in_period() if isinstance(entry.body, Message)
        for field in entry.body.fields if field.name == "origin"
    }  # fmt: skip
    return [
        entry for entry in of.entries
        if str(entry.ref) in named
        and isinstance(entry.body, Message)
        and not (entry.body.attachments or _names_origin(entry.body))
    ]  # fmt: skip


def echoes(of: History) -> Iterator[Row]:
    """How many reports lead to one origin (FM22)."""
    for group in origins(_told(of)):
        if len(group) > 1:
            parties: Sequence[str] = sorted({party_of(ref.feed) for ref in group})
            yield Row(
                section=Section.ORIGINS, key=str(group[0]), by=None, grade=SIGNED,
                cells=cells(
                    reports=len(group), origins=1, entries=" ".join(map(str, group)),
                    parties=" ".join(parties),
                ),
            )  # fmt: skip


def wishes(of: History) -> Iterator[Row]:
    """What a party has sent as its wish for the agreement."""
    for entry in of.in_period():
        body = entry.body
        if isinstance(body, Message) and body.template == WISH:
            topic = next((str(f.value) for f in body.fields if f.name == "topic"), None)
            about = next((str(f.value) for f in body.fields if f.name == "entry"), None)
            yield Row(
                section=Section.WISHES, key=str(entry.ref), by=party_of(entry.feed), grade=SIGNED,
                cells=cells(
                    entry=str(entry.ref), stated_at=entry.t, topic=topic, about=about,
                    remark=body.remark.text if body.remark is not None else None,
                    lang=body.remark.lang if body.remark is not None else None, sent="yes",
                ),
            )  # fmt: skip
