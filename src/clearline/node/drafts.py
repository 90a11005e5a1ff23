"""What is said of a notice before it is filed: refused, warned about, what it would meet.

Pure, and only here: nothing of a draft is stored, and nothing of it leaves this node (FM27).
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from clearline.conflict.size import area_km2
from clearline.model.entry import Entry, Notice, Precedence, Relay, Relayed
from clearline.model.finding import Judgement, Verdict, worst
from clearline.model.ids import Digest, EntryRef
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement, ClassTerm
from clearline.model.time import DAY, HOUR, format_length
from clearline.node import phrases
from clearline.node.astray import astray
from clearline.node.check_view import CheckView
from clearline.node.checked import check_volume
from clearline.node.closures import hits
from clearline.node.exposure import exposed_parties
from clearline.node.judge import Steps
from clearline.node.queries import refusal_view
from clearline.node.queries_notices import conflict_view, provisional_lead, third_view
from clearline.node.reading import Reading
from clearline.node.views import ConflictView, RefusalView
from clearline.node.write import read_statement, seen_now, statement
from clearline.notation.gazetteer import Gazetteer
from clearline.picture.fold import version_of
from clearline.picture.lead import class_term
from clearline.picture.screen import screen
from clearline.picture.situation import Version
from clearline.words.reader import ENGLISH, Langs, told
from clearline.words.sentences import said

LONG_MS = 30 * DAY
"""A window of more than a month is more often a slip of the year than a plan."""


def reason_needed(terms: Agreement, notice: Notice, at: str = "/body") -> Refusal | None:
    """CL-OWN-005: a closure above the agreed size or length needs a reason (FM28)."""
    term = class_term(terms, notice.cls)
    if term is None or notice.reason or not notice.volumes:
        return None
    length = max(v.end for v in notice.volumes) - min(v.start for v in notice.volumes)
    if term.reason_above_ms is not None and length > term.reason_above_ms:
        params: dict[str, str | int] = {
            "found": format_length(length), "limit": format_length(term.reason_above_ms)
        }  # fmt: skip
        return _reason(at, term, "length", params)
    if term.reason_above_km2 is not None:
        size = max(area_km2(volume.footprint) for volume in notice.volumes)
        if size > term.reason_above_km2:
            params = {"found": f"{round(size)} km2", "limit": f"{term.reason_above_km2} km2"}
            return _reason(at, term, "size", params)
    return None


def _reason(at: str, term: ClassTerm, what: str, params: dict[str, str | int]) -> Refusal:
    return Refusal(
        code=Code.REASON_NEEDED,
        clause="CL-OWN-005",
        at=f"{at}/reason",
        params={"cls": term.id, "what": what, **params},
    )


UNITS_AT_ONCE: Final = 100
"""A millisecond of judging, after which others have their turn."""
UNPLACED_VOLUMES: Final = 20_000
"""Of live notices that nothing was compared with yet, since the node has just read them: so many
volumes a draft is held against one by one, which takes some tenths of a second. A million would
take ten; within that time the node has put them into its index, and looks at what is near."""
NO_PLACES = Gazetteer()


def warnings(
    terms: Agreement, notice: Notice, now: int, at: str = "/body", places: Gazetteer = NO_PLACES
) -> Iterator[Refusal]:
    """What a person should look at again; none of it stops a warning from being sent (FM01)."""
    remark = () if notice.remark is None else (notice.remark.text,)
    texts = (notice.label, notice.reason or "", *remark)
    yield from astray(texts, notice.volumes, terms.area, places, at)
    for n, volume in enumerate(notice.volumes):
        place = f"{at}/volumes/{n}"
        if volume.end <= now:
            yield _window(f"{place}/end", "past")
        elif volume.start < now - HOUR:
            yield _window(f"{place}/start", "begun")
        elif volume.start > now + 366 * DAY or volume.end - volume.start > LONG_MS:
            yield _window(f"{place}/start", "far")


def closure_warnings(of: Reading, notice: Notice, at: str = "/body") -> Iterator[Refusal]:
    """Who else is hit by a closure so large or long that the terms ask for a reason, whether one is
    given or not (CL-OWN-014, FM28)."""
    if reason_needed(of.terms, replace(notice, reason=None), at) is not None:
        yield from hits(of, notice, at)


def _window(at: str, found: str) -> Refusal:
    return Refusal(code=Code.BAD_WINDOW, clause="CL-OWN-007", at=at, params={"found": found})


def relay_warning(
    terms: Iterable[Agreement], body: Relay | Relayed, at: str = "/body"
) -> Refusal | None:
    """CL-OWN-008: who is told stands in none of the terms; a slip of the name leaves the one that
    was meant NOT TOLD."""
    if any(body.to == third.id for each in terms for third in each.represented):
        return None
    params: dict[str, str | int] = {"found": "no-third", "party": body.to}
    return Refusal(code=Code.UNKNOWN_PARTY, clause="CL-OWN-008", at=f"{at}/to", params={**params})


def warning_view(warning: Refusal, langs: Langs = ENGLISH) -> RefusalView:
    """A warning in words: it was taken all the same."""
    return RefusalView(
        code=warning.code,
        clause=warning.clause,
        at=warning.at,
        params=warning.params,
        words=phrases.warning(warning, langs),
    )


def draft_version(of: Reading, notice: Notice, offset: int = 0) -> Version | Refusal:
    """The version that the notice would be as our next entry, or why no node would take it."""
    said = statement(notice, Precedence.PRIORITY)
    body = read_statement(of.ls, said)
    if isinstance(body, Refusal):
        return body
    state = of.ls.picture.feed(of.ls.feed)
    entry = Entry(
        line=of.ls.line,
        feed=of.ls.feed,
        index=state.size + offset,
        t=of.now,
        prec=Precedence.PRIORITY,
        seen=seen_now(of.ls),
        body=body,
        leaf=Digest(""),
    )
    refusal = screen(state, entry, of.ls.picture.terms, check_volume)
    if refusal is not None:
        return refusal
    version = version_of(state, entry)
    assert version is not None, "a notice states a version"
    return version


def check(of: Reading, notices: Sequence[Notice], amends: EntryRef | None = None) -> CheckView:
    """Judge drafts against the picture and against each other. UNDETERMINED is never NO, and a
    draft that would be refused is not judged. ``amends``: the version of ours that they follow."""
    steps = check_steps(of, notices, amends)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            view: CheckView = done.value
            return view


def check_steps(
    of: Reading, notices: Sequence[Notice], amends: EntryRef | None = None
) -> Generator[None, None, CheckView]:
    """The same a pair at a time, for a loop that must do other things between two of them. What
    becomes live meanwhile may be looked at or not: the answer is as of the reading's moment."""
    refusals, warned = [], []
    versions: list[Version] = []
    needed = False
    for n, notice in enumerate(notices):
        yield
        version = _following(of, draft_version(of, notice, n), amends)
        if isinstance(version, Refusal):
            refusals.append(_at(version, n))
            continue
        reason = reason_needed(of.terms, notice, f"/notices/{n}")
        if reason is not None:
            needed = True
            refusals.append(reason)
        warned += list(warnings(of.terms, notice, of.now, f"/notices/{n}", of.places))
        warned += list(closure_warnings(of, notice, f"/notices/{n}"))
        versions.append(version)
    found: list[ConflictView] = []
    left_out: list[int] = []
    for met in _met(of, versions, left_out):
        if met is None:
            yield
        else:
            found.append(met)
    unlooked = max(left_out, default=0)
    verdict = Verdict.UNDETERMINED if refusals or unlooked else Verdict.NO
    for conflict in found:
        verdict = worst(verdict, conflict.verdict)
    return CheckView(
        as_of=of.now,
        verdict=verdict,
        refusals=tuple(refusal_view(refusal, of.langs) for refusal in refusals),
        warnings=tuple(warning_view(refusal, of.langs) for refusal in warned),
        conflicts=tuple(found),
        third_parties=tuple(
            third_view(of, third, version.ref, of.now)
            for version in versions
            for third in exposed_parties(of.terms, version)
        ),
        leads=tuple(
            provisional_lead(
                party, min(v.start for v in version.volumes) - of.now, term.lead_min_ms, of.langs
            )
            for version in versions
            if (term := class_term(of.terms, version.cls)) is not None
            for party in of.ls.others
        ),
        reason_needed=needed,
        unlooked=unlooked,
        words=_words(of.langs, verdict, len(found), unlooked, refused=bool(refusals)),
    )


def _following(
    of: Reading, version: Version | Refusal, amends: EntryRef | None
) -> Version | Refusal:
    """A draft as a version of the notice that it amends, of which no version meets another. Ended
    meanwhile, that is amended by nobody (CL-OWN-004)."""
    if amends is None or isinstance(version, Refusal):
        return version
    state = of.ls.picture.feeds.get(amends.feed)
    for earlier in () if state is None else state.live.values():
        if amends in (earlier.ref, earlier.notice):
            return replace(version, notice=earlier.notice)
    params: dict[str, str | int] = {"ref": str(amends)}
    return Refusal(code=Code.NOT_LIVE, clause="CL-OWN-004", at="/body/notice", params={**params})


def _judged(steps: Steps) -> Generator[None, None, Judgement]:
    """The verdict that comes of steps, with room for others after every millisecond of them."""
    units = 0
    while True:
        try:
            units += next(steps)
        except StopIteration as judged:
            found: Judgement = judged.value
            return found
        if units >= UNITS_AT_ONCE:
            units = 0
            yield


def _met(
    of: Reading, versions: Sequence[Version], left_out: list[int]
) -> Iterator[ConflictView | None]:
    """What each draft meets; None after each pair that was judged. How many live versions a draft
    was not compared with goes to ``left_out``."""
    for n, version in enumerate(versions):
        near, left = of.judge.may_meet_soon(version, UNPLACED_VOLUMES)
        left_out.append(left)
        others = [other for other in near if of.own.is_live(other.ref)]
        for other in (*others, *versions[:n]):
            found = yield from _judged(of.judge.measuring(version, other))
            over = found.over is not None and found.over <= of.now
            if found.verdict is not Verdict.NO and not over:
                yield conflict_view(of, version, other, found)
            yield None


def _at(refusal: Refusal, n: int) -> Refusal:
    at = refusal.at.removeprefix("/body")
    return Refusal(
        code=refusal.code, clause=refusal.clause, at=f"/notices/{n}{at}", params=refusal.params
    )


_CHECKED = {Verdict.NO: "check-no", Verdict.YES: "check-yes", Verdict.UNDETERMINED: "check-unsure"}


def _words(langs: Langs, verdict: Verdict, met: int, unlooked: int, *, refused: bool) -> str:
    """Beside the verdict always stands that nothing has left."""

    def one(lang: str) -> str:
        says = said(lang, _CHECKED[verdict], count=met)
        if unlooked:
            says = f"{says}; {said(lang, 'check-unlooked', count=unlooked)}"
        if refused:
            says = f"{says}; {said(lang, 'check-refused')}"
        return f"{says}. {said(lang, 'check-nothing-left')}"

    return told(langs, f"phrases/{_CHECKED[verdict]}", one)


__all__ = [
    "check",
    "check_steps",
    "closure_warnings",
    "draft_version",
    "reason_needed",
    "relay_warning",
    "warning_view",
    "warnings",
]
