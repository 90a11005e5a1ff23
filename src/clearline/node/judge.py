"""Which live versions cannot be kept apart: verdicts on pairs, kept as long as nothing changes.

A cache, not a state: it holds nothing that could not be computed again from the picture, and it is
never asked who is live. ``sync`` brings it up to a picture; what is no longer live may stay in it.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from clearline.conflict.index import PlainIndex, Reach
from clearline.conflict.terms import counted, pair_term
from clearline.conflict.verdict import Extent, Separation, judge
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import EntryRef
from clearline.model.terms import Agreement, ClassTerm
from clearline.picture.lead import class_term
from clearline.picture.situation import FeedState, Picture, Version
from clearline.picture.standing import adopted_versions, hazard_by, live_versions

RANK = {Verdict.NO: 0, Verdict.UNDETERMINED: 1, Verdict.YES: 2}


def extents_of(version: Version, term: ClassTerm) -> tuple[Extent, ...]:
    """The version's volumes as they count: windows as far as they were not cut by a withdrawal,
    with the class's tail, as far as it was not ended by ALL CLEAR."""
    return counted(version.volumes, term, cut=version.cut, clear=version.clear)


def judge_versions(
    a: Version, b: Version, terms: Sequence[Agreement], *, measured: bool = True
) -> Judgement:
    """The verdict on two versions under the strictest of several terms. Symmetric; no clock.

    Versions of one notice, and notices of one author that name one operation, are not held against
    each other. With no terms at all nothing can be ruled out. Not ``measured``: the same verdict,
    with distances known only as far as it needs.
    """
    if a.notice == b.notice or (
        a.party == b.party and a.operation is not None and a.operation == b.operation
    ):
        return Judgement(verdict=Verdict.NO, clause="CL-STA-004", decided_by="operation")
    if b.ref < a.ref:
        a, b = b, a
    for version in (a, b):
        if version.unreadable is not None:
            return Judgement(
                verdict=Verdict.UNDETERMINED,
                clause="CL-STA-005",
                decided_by="unreadable",
                settles=f"a readable version of {version.ref}",
            )
    found = Judgement(
        verdict=Verdict.UNDETERMINED, clause="CL-STA-006", decided_by="terms", settles="the terms"
    )
    overs: list[int | None] = []
    for n, agreement in enumerate(terms):
        judgement = _under(a, b, agreement, measured=measured)
        if judgement.verdict is not Verdict.NO:
            overs.append(judgement.over)
        if n == 0 or RANK[judgement.verdict] > RANK[found.verdict]:
            found = judgement
    if len(overs) > 1:  # over when it is under every one of the terms
        known = [over for over in overs if over is not None]
        found = replace(found, over=max(known) if len(known) == len(overs) else None)
    return found


def _under(a: Version, b: Version, agreement: Agreement, *, measured: bool) -> Judgement:
    class_a, class_b = class_term(agreement, a.cls), class_term(agreement, b.cls)
    pair = pair_term(agreement, a.cls, b.cls)
    if class_a is None or class_b is None or pair is None:
        return Judgement(
            verdict=Verdict.UNDETERMINED,
            clause="CL-STA-006",
            decided_by="terms",
            settles=f"terms for {a.cls} and {b.cls}",
        )
    extents_a, extents_b = extents_of(a, class_a), extents_of(b, class_b)
    if not extents_a or not extents_b:
        return Judgement(verdict=Verdict.NO, clause="CL-STA-007", decided_by="time")
    return judge(extents_a, extents_b, Separation.of(pair, agreement.levels, measured=measured))


class Judge:
    """Verdicts on all pairs of live versions of one line."""

    def __init__(self) -> None:
        self._versions: tuple[int, ...] | None = None
        self._terms: tuple[Agreement, ...] = ()
        self._feeds: dict[str, FeedState] = {}
        self._index: PlainIndex[EntryRef] = PlainIndex()
        self._sequence = 0
        self._unreadable: set[EntryRef] = set()
        self._rows: dict[EntryRef, dict[EntryRef, Judgement]] = {}
        self._picture: Picture | None = None
        self.live: dict[EntryRef, Version] = {}
        self.is_hazard = hazard_by(())
        self.facts: object = None
        """What ``node.facts`` keeps beside the verdicts of the same picture."""

    def sync(self, picture: Picture) -> None:
        """Judge what is new or changed since the last picture; all of it when the terms changed."""
        if picture is self._picture:
            return
        self._picture = picture
        versions = adopted_versions(picture)
        terms = tuple(picture.terms[v] for v in versions) or tuple(
            picture.terms[v] for v in sorted(picture.terms)
        )
        if versions != self._versions or terms != self._terms:
            self._versions, self._terms = versions, terms
            self._index, self._sequence = PlainIndex(), 0
            self._rows, self.live = {}, {}
            self._unreadable = set()
            self.is_hazard = hazard_by(terms)
        live = {version.ref: version for version in live_versions(picture, self.is_hazard)}
        for ref in [ref for ref in self.live if ref not in live]:
            self._forget(ref)
        for ref, version in live.items():
            if self.live.get(ref) is not version and self.live.get(ref) != version:
                self._learn(version)

    def _forget(self, ref: EntryRef) -> None:
        """A version that is no longer live: its verdicts go too; a view of the past judges anew."""
        self.live.pop(ref, None)
        if ref in self._unreadable:
            self._unreadable.discard(ref)
        else:
            self._index.remove(self._next(), ref)
        for other in self._rows.pop(ref, {}):
            self._rows.get(other, {}).pop(ref, None)

    def _learn(self, version: Version) -> None:
        if version.ref in self.live:
            self._forget(version.ref)
        extents = self._all_extents(version)
        if version.unreadable is not None or extents is None:
            near: Iterable[EntryRef] = list(self.live)
        else:
            found = self._index.candidates(extents, self._reach(version))
            near = {*found.ids, *self._unreadable}
        for ref in near:
            other = self.live.get(ref)
            if other is not None:
                self._keep(version, other, self._judged(version, other))
        self.live[version.ref] = version
        if version.unreadable is not None or extents is None:
            self._unreadable.add(version.ref)
        else:
            self._index.insert(self._next(), version.ref, extents)

    def _all_extents(self, version: Version) -> tuple[Extent, ...] | None:
        """Extents under every one of the terms together, or None if one does not know its class."""
        found: list[Extent] = []
        for agreement in self._terms:
            term = class_term(agreement, version.cls)
            if term is None:
                return None
            found.extend(extents_of(version, term))
        return tuple(found) if found else None

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def _reach(self, version: Version) -> Reach:
        """The widest separation that any of the terms asks for between this class and any other."""
        terms = [t for g in self._terms for t in g.pairs if version.cls in (t.a, t.b)]
        return Reach(
            lateral_mm=max((t.lateral_mm for t in terms), default=0),
            time_ms=max((t.time_ms for t in terms), default=0),
        )

    def _keep(self, a: Version, b: Version, judgement: Judgement) -> None:
        if judgement.verdict is not Verdict.NO:
            self._rows.setdefault(a.ref, {})[b.ref] = judgement
            self._rows.setdefault(b.ref, {})[a.ref] = judgement

    def pairs(self, version: Version) -> Iterator[tuple[Version, Judgement]]:
        """All others that the verdict with this version is not NO for.

        A version that is not live any more (a view of the past) is judged against all others anew;
        others that are not live any more are judged by ``standing`` only where its view has them.
        """
        if self.live.get(version.ref) == version:
            for ref, judgement in self._rows.get(version.ref, {}).items():
                yield self.live[ref], judgement
            return
        for other in self.live.values():
            if other.ref != version.ref:
                judgement = self._judged(version, other)
                if judgement.verdict is not Verdict.NO:
                    yield other, judgement

    def _judged(self, a: Version, b: Version) -> Judgement:
        """The verdict; distances are measured only where somebody will ask for them."""
        quick = judge_versions(a, b, self._terms, measured=False)
        return quick if quick.verdict is Verdict.NO else judge_versions(a, b, self._terms)

    def judge(self, a: Version, b: Version) -> Judgement:
        """The verdict on any two versions under the terms in force."""
        return judge_versions(a, b, self._terms)

    def open_pairs(self) -> Iterator[tuple[Version, Version, Judgement]]:
        """Every pair of live versions whose verdict is not NO, once, in a fixed order."""
        for ref in sorted(self._rows):
            for other, judgement in sorted(self._rows[ref].items()):
                if ref < other:
                    yield self.live[ref], self.live[other], judgement
