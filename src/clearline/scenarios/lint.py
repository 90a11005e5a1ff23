"""What in a scenario does not fit together: every fault with its place in the file and a sentence.

``reading`` has looked at the form. Here names must lead somewhere, times must lie in the scenario,
what plays must rest on a claim or an assumption of its variant, and the terms must be valid terms.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from clearline.model.ids import is_party_id
from clearline.model.terms import Agreement
from clearline.model.time import DAY, Instant
from clearline.scenarios.moments import Case, Moments, Unknown
from clearline.scenarios.reading import Fault, read_script
from clearline.scenarios.script import (
    LOCAL,
    Act,
    CutLink,
    EndNotice,
    FileNotice,
    GiveAnswer,
    GiveWatch,
    KnowFault,
    Measure,
    PlaceMover,
    Plead,
    PleaKind,
    Result,
    Script,
    TakeAlerts,
    TakeWatch,
    TellThird,
    Variant,
    When,
    plays_in,
)
from clearline.scenarios.stage import Unplayable, terms_of
from clearline.words.sentences import sentence

LENGTH_MS_MAX: Final = 2 * DAY
"""Outside of quiet spans: every node looks at its clock twice a minute, and two days play in under
a minute."""
QUIET_LOOKS_MAX: Final = 6_000
"""Looks in all quiet spans together: as many as in two days."""
ACTS_MAX: Final = 1_000
_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}\Z", re.ASCII)
_AVOID: Final = re.compile(
    r"\b(targets?|approv(?:e|ed|al)|cleared hot|safe|guaranteed|friendly|enemy|violations?)\b", re.I
)
_EXPECTED: Final = (
    "alert", "no_alert", "rung", "standing", "phase", "lead_time_s", "lead_time_s_max",
    "shortfall_s", "minutes_needed", "suggested", "not_told", "refused", "answered",
)  # fmt: skip
"""What can be looked at."""
_NEEDS: Final = {
    Measure.SHORTFALL: ("of", "party"),
    Measure.NEEDED: ("of", "party"),
    Measure.REFUSED: ("of",),
    Measure.TOLD: ("of", "party"),
    Measure.REACHED: ("of",),
    Measure.ANSWERED: ("of", "party"),
    Measure.OPEN: ("of", "at"),
    Measure.APART: ("places",),
    Measure.ALARM: ("of", "party", "alert"),
}
"""What each measure must be given."""


def lint(raw: bytes, *, is_json: bool) -> Script | tuple[Fault, ...]:
    """The scenario, fit to be played, or everything that is wrong with it, in the file's order."""
    read = read_script(raw, is_json=is_json)
    if not isinstance(read, Script):
        return read
    return faults(read) or read


def faults(script: Script) -> tuple[Fault, ...]:
    """All faults of meaning."""
    found = _Lint(script)
    return tuple(
        fault
        for part in (
            found.whole, found.terms, found.parties, found.claims, found.variants,
            found.assumptions, found.acts, found.expectations, found.results,
        )
        for fault in part()
    )  # fmt: skip


class _Lint:
    """One scenario under inspection."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.people = {party.id for party in script.parties}
        self.members = {party.id for party in script.members}
        self.claim_ids = {claim.id for claim in script.claims}
        self.variant_ids = {variant.id for variant in script.variants}
        self.agreement: Agreement | None = None

    # -- the whole, and its terms

    def whole(self) -> Iterator[Fault]:
        """Its name and its length."""
        script = self.script
        yield from _bad_id(script.id, "/id")
        quiet = sum(max(span.end - span.start, 0) for span in script.quiet)
        if not script.begins < script.ends <= script.begins + LENGTH_MS_MAX + quiet:
            yield Fault("/ends", "must lie after 'begins', by two days at most and quiet spans")
        yield from self._quiet()
        if not script.variants:
            yield Fault("/variants", "a scenario needs at least one variant")
        if len(script.acts) > ACTS_MAX:
            yield Fault("/acts", f"there are more than {ACTS_MAX} acts")

    def _quiet(self) -> Iterator[Fault]:
        """Quiet spans lie within the scenario one after the other."""
        before, looks = self.script.begins, 0
        for n, span in enumerate(self.script.quiet):
            if not before <= span.start < span.end <= self.script.ends:
                yield Fault(f"/quiet/{n}", "must lie in the scenario, after the one before it")
            if span.every_ms <= 0:
                yield Fault(f"/quiet/{n}/every", "must be above zero")
                continue
            before, looks = span.end, looks + (span.end - span.start) // span.every_ms
        if looks > QUIET_LOOKS_MAX:
            yield Fault("/quiet", f"there are more than {QUIET_LOOKS_MAX} looks in quiet spans")

    def terms(self) -> Iterator[Fault]:
        """The terms are valid terms."""
        try:
            compiled = terms_of(self.script)
        except Unplayable as why:
            yield Fault("/terms", str(why))
            return
        if isinstance(compiled, Agreement):
            self.agreement = compiled
            return
        for refusal in compiled:
            yield Fault(f"/terms{refusal.at}", sentence(refusal))

    def parties(self) -> Iterator[Fault]:
        """Parties and places have names of their own."""
        yield from _twice(((p.id, f"/parties/{n}/id") for n, p in enumerate(self.script.parties)))
        yield from _twice(((p.id, f"/places/{n}/id") for n, p in enumerate(self.script.places)))
        for n, party in enumerate(self.script.parties):
            if not is_party_id(party.id):
                says = "a party's id is two to twelve of A-Z and 0-9, first a letter"
                yield Fault(f"/parties/{n}/id", says)
        for n, place in enumerate(self.script.places):
            yield from _bad_id(place.id, f"/places/{n}/id")

    def claims(self) -> Iterator[Fault]:
        """Every claim has a claimant among the parties; disputes lead to claims."""
        script = self.script
        yield from _twice(((c.id, f"/claims/{n}/id") for n, c in enumerate(script.claims)))
        for n, claim in enumerate(script.claims):
            at = f"/claims/{n}"
            yield from _bad_id(claim.id, f"{at}/id")
            yield from self._unknown((claim.by,), self.people, f"{at}/by", "a party")
            yield from self._unknown(
                claim.disputed_by, self.claim_ids - {claim.id}, f"{at}/disputed_by", "another claim"
            )
            if not claim.source.strip():
                yield Fault(f"{at}/source", "a claim needs its source; say so if none was kept")

    def variants(self) -> Iterator[Fault]:
        """Variants take claims that there are; an undisputed one takes no disputed claim."""
        script = self.script
        yield from _twice(((v.id, f"/variants/{n}/id") for n, v in enumerate(script.variants)))
        for n, variant in enumerate(script.variants):
            at = f"/variants/{n}"
            yield from _bad_id(variant.id, f"{at}/id")
            yield from self._unknown(variant.claims, self.claim_ids, f"{at}/claims", "a claim")
            disputed = [name for name in variant.claims if script.disputed(name)]
            if variant.undisputed_only and disputed:
                says = f"takes what is disputed: {', '.join(disputed)}"
                yield Fault(f"{at}/claims", says)

    def assumptions(self) -> Iterator[Fault]:
        """Assumptions have names of their own."""
        names = [assumed.id for assumed in self.script.assumptions]
        for n, assumed in enumerate(self.script.assumptions):
            at = f"/assumptions/{n}"
            yield from _bad_id(assumed.id, f"{at}/id")
            yield from self._unknown(
                assumed.variants, self.variant_ids, f"{at}/variants", "a variant"
            )
            if names.count(assumed.id) > 1 or assumed.id in self.claim_ids:
                yield Fault(f"{at}/id", f"{assumed.id!r} names something else too")

    # -- acts

    def acts(self) -> Iterator[Fault]:
        """Each act by itself, then each variant as it plays."""
        for n, act in enumerate(self.script.acts):
            at = f"/acts/{n}"
            yield from _bad_id(act.id, f"{at}/id")
            yield from self._unknown(act.variants, self.variant_ids, f"{at}/variants", "a variant")
            yield from self._unknown((act.party,), self.members, f"{at}/party", "a party on line")
            yield from _avoided(act.says, f"{at}/says")
            yield from self._doing(act, at)
        for variant in self.script.variants:
            yield from self._played(variant)

    def _doing(self, act: Act, at: str) -> Iterator[Fault]:
        match act.does:
            case FileNotice() as filing:
                yield from self._class(filing.cls, f"{at}/cls")
                yield from _avoided(filing.label, f"{at}/label")
                if not filing.volumes and act.refused is None:
                    says = "has no volumes: a node refuses it; say 'refused' if that is meant"
                    yield Fault(f"{at}/volumes", says)
            case (
                GiveAnswer(role=role)
                | TakeAlerts(role=role)
                | GiveWatch(role=role)
                | TakeWatch(role=role)
            ):
                roles = set(self.agreement.roles) if self.agreement is not None else {role}
                yield from self._unknown((role,), roles, f"{at}/role", "a role of the terms")
            case TellThird(to=to):
                thirds = {t.id for t in self.agreement.represented} if self.agreement else {to}
                yield from self._unknown((to,), thirds, f"{at}/to", "a represented party")
            case Plead() as plea:
                if plea.kind is PleaKind.DISTRESS and not (plea.volumes and plea.what):
                    yield Fault(at, "a distress says what has happened, and has volumes")
            case PlaceMover() as mover:
                places = {place.id for place in self.script.places}
                yield from self._unknown((mover.place,), places, f"{at}/place", "a place")
                yield from self._class(mover.cls, f"{at}/cls")
                if mover.speed_mms <= 0:
                    yield Fault(at, "the speed must be above zero")
            case CutLink(peer=peer):
                others = self.members - {act.party}
                yield from self._unknown((peer,), others, f"{at}/peer", "another party on line")
            case EndNotice() | KnowFault():
                pass

    def _class(self, cls: str, at: str) -> Iterator[Fault]:
        if self.agreement is not None:
            known = {term.id for term in self.agreement.classes}
            yield from self._unknown((cls,), known, at, "a class of the terms")

    def _played(self, variant: Variant) -> Iterator[Fault]:
        """One variant in the order of the file: what an act refers to stands before it."""
        assumed = {each.id for each in self.script.assumed(variant.id)}
        grounds = {*variant.claims, *assumed}
        moments = {case: Moments(self.script, case) for case in Case}
        played: dict[str, Act] = {}
        for n, act in enumerate(self.script.acts):
            if not plays_in(act.variants, variant.id):
                continue
            at, inside = f"/acts/{n}", f"in variant {variant.id}"
            if act.id in played or act.id in self.claim_ids:
                yield Fault(f"{at}/id", f"{act.id!r} names something else too {inside}")
            for name in act.basis:
                if name not in grounds:
                    says = f"{name!r} is neither a claim nor an assumption {inside}"
                    yield Fault(f"{at}/basis", says)
            yield from self._refers(act, at, played, inside)
            for case, known in moments.items():
                moment = self._moment(known, act.at)
                if isinstance(moment, str):
                    if case is Case.WORST:
                        yield Fault(f"{at}/at", f"{moment} {inside}")
                    moment = self.script.begins
                known.played[act.id] = moment
            yield from self._windows(act, at, moments, inside)
            played[act.id] = act

    def _refers(self, act: Act, at: str, played: dict[str, Act], inside: str) -> Iterator[Fault]:
        """Acts that this one is about stand before it and write something on the line."""
        does = act.does
        names: tuple[str, ...] = ()
        key = "of"
        match does:
            case FileNotice(amends=str() as name) | TellThird(of=name):
                names = (name,)
            case EndNotice(of=of):
                names = of
            case GiveAnswer(to=name):
                names, key = (name,), "to"
            case Plead(about=about):
                names, key = about, "about"
            case _:
                pass
        for name in names:
            other = played.get(name)
            if other is None:
                yield Fault(f"{at}/{key}", f"{name!r} is no act before this one {inside}")
            elif other.refused is not None or isinstance(other.does, LOCAL):
                yield Fault(f"{at}/{key}", f"{name!r} writes nothing on the line {inside}")

    def _windows(
        self, act: Act, at: str, moments: dict[Case, Moments], inside: str
    ) -> Iterator[Fault]:
        staged = act.does.volumes if isinstance(act.does, FileNotice | Plead) else ()
        for n, volume in enumerate(staged):
            for known in moments.values():
                try:
                    start, end = known.start(volume.start), known.end(volume.end)
                except Unknown as missing:
                    yield Fault(f"{at}/volumes/{n}", _no_time(missing) + f" {inside}")
                    break
                if start >= end:
                    says = f"the window ends before it begins {inside}, in the {known.case} case"
                    yield Fault(f"{at}/volumes/{n}/until", says)

    def _moment(self, known: Moments, when: When) -> Instant | str:
        """A moment within the scenario, or what is wrong with it."""
        try:
            early, late = known.bounds(when)
        except Unknown as missing:
            return _no_time(missing)
        if early > late:
            return "the latest time lies before the earliest"
        if not self.script.begins <= early <= late <= self.script.ends:
            return "lies outside 'begins' and 'ends'"
        return known.act(when)

    # -- what must be shown

    def expectations(self) -> Iterator[Fault]:
        """Expectations are about desks, acts and moments that there are."""
        for n, expected in enumerate(self.script.expectations):
            at = f"/expect/{n}"
            yield from self._unknown(
                expected.variants, self.variant_ids, f"{at}/variants", "a variant"
            )
            yield from self._unknown(
                (expected.party,), self.members, f"{at}/party", "a party on line"
            )
            fields = (getattr(expected, name) for name in _EXPECTED)
            if all(value is None for value in fields):
                yield Fault(at, f"expects nothing: give one of {', '.join(_EXPECTED)}")
            for variant in self._variants(expected.variants):
                known = self._known(variant)
                moment = self._moment(known, expected.at)
                if isinstance(moment, str):
                    yield Fault(f"{at}/at", f"{moment} in variant {variant.id}")
                if expected.about is not None and expected.about not in known.played:
                    says = f"{expected.about!r} is no act in variant {variant.id}"
                    yield Fault(f"{at}/about", says)

    def results(self) -> Iterator[Fault]:
        """Rows rest on claims and have what their measure needs."""
        for n, row in enumerate(self.script.results):
            at = f"/results/{n}"
            yield from self._unknown(row.variants, self.variant_ids, f"{at}/variants", "a variant")
            yield from self._unknown(row.claims, self.claim_ids, f"{at}/claims", "a claim")
            yield from _avoided(f"{row.failed} {row.line}", f"{at}/line")
            yield from self._row(row, at)
            if "{value}" not in row.line:
                yield Fault(f"{at}/line", "must hold {value}, where the figure goes")

    def _row(self, row: Result, at: str) -> Iterator[Fault]:
        given = {
            "of": row.of, "party": row.party, "at": row.at, "places": row.places or None,
            "alert": row.alert,
        }  # fmt: skip
        for key in _NEEDS[row.measure]:
            if given[key] is None:
                yield Fault(f"{at}/{key}", f"{row.measure.value!r} needs {key!r}")
        places = {place.id for place in self.script.places}
        yield from self._unknown(row.places, places, f"{at}/places", "a place")
        spans = (row.then_min is not None) + (row.then_from is not None)
        if (row.then_from is None) != (row.then_to is None) or spans > 1:
            yield Fault(f"{at}/then_min", "give 'then_min', or 'then_from' with 'then_to'")
        for variant in self._variants(row.variants):
            known = self._known(variant)
            yield from self._row_moments(row, at, variant)
            if row.of is not None and row.of not in known.played:
                yield Fault(f"{at}/of", f"{row.of!r} is no act in variant {variant.id}")
            for name in row.claims:
                if name in self.claim_ids and name not in variant.claims:
                    says = f"{name!r} is not among the claims of variant {variant.id}"
                    yield Fault(f"{at}/claims", says)

    def _row_moments(self, row: Result, at: str, variant: Variant) -> Iterator[Fault]:
        """Its moments are moments of the variant, its assumptions assumptions of it; how long it
        took then is never measured from an act, which may rest on assumptions."""
        known = self._known(variant)
        if row.at is not None and isinstance(moment := self._moment(known, row.at), str):
            yield Fault(f"{at}/at", f"{moment} in variant {variant.id}")
        for key, when in (("then_from", row.then_from), ("then_to", row.then_to)):
            marks = () if when is None else (when.first, when.last)
            for mark in marks:
                if mark.after is not None and mark.after not in self.claim_ids:
                    yield Fault(
                        f"{at}/{key}", f"{mark.after!r} is no claim: what acts took is ours"
                    )
                elif (claim := self.script.claim(mark.after or "")) and claim.at is None:
                    yield Fault(f"{at}/{key}", f"{claim.id} has no time")
        taken = {assumed.id for assumed in self.script.assumed(variant.id)}
        for name in row.assumes:
            if name not in taken:
                yield Fault(f"{at}/assumes", f"{name!r} is no assumption of variant {variant.id}")

    def _variants(self, named: tuple[str, ...]) -> list[Variant]:
        return [variant for variant in self.script.variants if plays_in(named, variant.id)]

    def _known(self, variant: Variant) -> Moments:
        """The moments of a variant as far as they can be told."""
        known = Moments(self.script, Case.WORST)
        for act in self.script.acts:
            if plays_in(act.variants, variant.id):
                moment = self._moment(known, act.at)
                known.played[act.id] = self.script.begins if isinstance(moment, str) else moment
        return known

    def _unknown(
        self, names: Iterable[str], known: Iterable[str], at: str, what: str
    ) -> Iterator[Fault]:
        listed = set(known)
        for name in names:
            if name not in listed:
                yield Fault(at, f"{name!r} is not {what} of this scenario")


def _bad_id(name: str, at: str) -> Iterator[Fault]:
    if _ID.match(name) is None:
        yield Fault(at, f"{name[:60]!r} is not a letter and up to 39 more letters, digits, _ and -")


def _twice(named: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    met: set[str] = set()
    for name, at in named:
        if name in met:
            yield Fault(at, f"{name!r} stands twice")
        met.add(name)


def _avoided(text: str, at: str) -> Iterator[Fault]:
    """Words that promise or accuse have no place in what the line says (claims keep theirs)."""
    for found in _AVOID.finditer(text):
        yield Fault(at, f"avoid the word {found[0]!r}")


def _no_time(missing: Unknown) -> str:
    return f"{missing} is no claim with a time and no act before this one"


__all__ = ["faults", "lint"]
