"""Which live versions cannot be kept apart: verdicts on pairs, kept as long as nothing changes.

A cache, not a state: it holds nothing that could not be computed again from the picture, and it is
never asked who is live. ``sync`` brings it up to a picture and judges nothing; ``work`` judges, a
bounded amount at a time. What is not judged yet counts as UNDETERMINED (CL-STA-008): a turn ends
soon whatever has come, and unknown is never "no conflict".
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from math import isqrt
from typing import Final, TypeAlias

from msgspec.structs import replace

from clearline.conflict.blocks import BlockIndex
from clearline.conflict.index import Reach, VolumeIndex
from clearline.conflict.lists import Columns, finished, judging
from clearline.conflict.remembered import corners
from clearline.conflict.terms import counted, pair_term
from clearline.conflict.verdict import Extent, Separation
from clearline.model.finding import Judgement, Verdict
from clearline.model.ids import EntryRef, PartyId
from clearline.model.terms import Agreement, ClassTerm
from clearline.model.time import Instant
from clearline.node.backlog import Backlog, parted, urgency_of, urgency_of_pair
from clearline.picture.changes import Changes, changes
from clearline.picture.lead import class_term
from clearline.picture.situation import Picture, Version
from clearline.picture.standing import adopted_versions, hazard_by, live_at, live_versions

Pair: TypeAlias = tuple[Version, Version, Judgement]
Steps: TypeAlias = Generator[int, None, Judgement]
"""A verdict in the making: each step says what it is counted as."""

RANK = {Verdict.NO: 0, Verdict.UNDETERMINED: 1, Verdict.YES: 2}

WORK_OF_A_TURN: Final = 4_000
"""Units of judging in one turn: 40 ms where the kernel is compiled, so that what comes next waits
no longer. A unit is about 10 microseconds of it; what a step takes is counted, never timed, and the
same with a compiler or without: where steps take longer, turns are given fewer units."""
UNITS_SAID: Final = 1
"""A verdict that needs no geometry."""
CORNERS_A_UNIT: Final = 6
"""Corners of a footprint that are made ready in about a unit, once."""
UNITS_INDEXED: Final = 8
SINGLY_MAX: Final = 8
"""Volumes of one notice that are put into the index one by one."""
INDEXED_A_UNIT: Final = 2
"""Volumes are put into the index one by one where there are few, else so many in about a unit. All
of them are, before they are compared: whoever asks by place has an answer a hundred times sooner
than everything is compared."""
UNITS_PLACED: Final = 5
"""One volume that is held against the index."""
ROWS_READY: Final = 100_000
"""Volumes that are kept ready to be judged: some tens of megabytes."""
ROOT_A_UNIT: Final = 16
"""Looking among n volumes is counted as the root of n by this: 60 units among a million. The same
whatever index looks, so that the same turns judge the same pairs."""
SEEN_AT_ONCE: Final = 256
"""Versions that are learnt in one step of ``syncing``: some milliseconds."""
BEGUN_MAX: Final = 4
"""Pairs that are put aside for more urgent ones; of more the oldest is begun again in its turn."""


def extents_of(version: Version, term: ClassTerm) -> tuple[Extent, ...]:
    """The version's volumes as they count: windows as far as they were not cut by a withdrawal,
    with the class's tail, as far as it was not ended by ALL CLEAR."""
    return counted(version.volumes, term, cut=version.cut, clear=version.clear)


class Ready:
    """A version under one class: as it counts, and the same as columns for who asks for them."""

    __slots__ = ("_columns", "extents")

    def __init__(self, version: Version, term: ClassTerm) -> None:
        self.extents = extents_of(version, term)
        self._columns: Columns | None = None

    @property
    def columns(self) -> Columns:
        """Its spheres and spans."""
        if self._columns is None:
            self._columns = Columns.of(self.extents)
        return self._columns


class Readied:
    """Versions made ready, the latest of them: so many volumes altogether that what is judged next
    to each other finds them. A cache by the very version and term."""

    def __init__(self, rows_max: int = ROWS_READY) -> None:
        self._rows_max, self._rows = rows_max, 0
        self._kept: dict[tuple[int, int], tuple[Version, ClassTerm, Ready]] = {}

    def __call__(self, version: Version, term: ClassTerm) -> Ready:
        """This version under this class."""
        key = id(version), id(term)
        held = self._kept.get(key)
        if held is not None:
            return held[2]  # neither can have been made anew meanwhile: both are held here
        ready = Ready(version, term)
        self._kept[key] = version, term, ready
        self._rows += len(ready.extents) + 1
        while self._rows > self._rows_max and len(self._kept) > 1:
            gone = self._kept.pop(next(iter(self._kept)))
            self._rows -= len(gone[2].extents) + 1
        return ready


def judge_versions(
    a: Version,
    b: Version,
    terms: Sequence[Agreement],
    *,
    measured: bool = True,
    ready: Callable[[Version, ClassTerm], Ready] = Ready,
) -> Judgement:
    """The verdict on two versions under the strictest of several terms. Symmetric; no clock.

    Versions of one notice, and notices of one author that name one operation, are not held against
    each other. With no terms at all nothing can be ruled out. Not ``measured``: the same verdict,
    with distances known only as far as it needs.
    """
    return finished(_judging(a, b, terms, ready, measured=measured))


def _judging(
    a: Version,
    b: Version,
    terms: Sequence[Agreement],
    ready: Callable[[Version, ClassTerm], Ready],
    *,
    measured: bool,
) -> Steps:
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
        judgement = yield from _under(a, b, agreement, ready, measured=measured)
        if judgement.verdict is not Verdict.NO:
            overs.append(judgement.over)
        if n == 0 or RANK[judgement.verdict] > RANK[found.verdict]:
            found = judgement
    if len(overs) > 1:  # over when it is under every one of the terms
        known = [over for over in overs if over is not None]
        found = replace(found, over=max(known) if len(known) == len(overs) else None)
    return found


def _under(
    a: Version,
    b: Version,
    agreement: Agreement,
    ready: Callable[[Version, ClassTerm], Ready],
    *,
    measured: bool,
) -> Steps:
    class_a, class_b = class_term(agreement, a.cls), class_term(agreement, b.cls)
    pair = pair_term(agreement, a.cls, b.cls)
    if class_a is None or class_b is None or pair is None:
        return Judgement(
            verdict=Verdict.UNDETERMINED,
            clause="CL-STA-006",
            decided_by="terms",
            settles=f"terms for {a.cls} and {b.cls}",
        )
    of_a, of_b = ready(a, class_a), ready(b, class_b)
    if not of_a.extents or not of_b.extents:
        return Judgement(verdict=Verdict.NO, clause="CL-STA-007", decided_by="time")
    sep = Separation.of(pair, agreement.levels, measured=measured)
    rows = None
    if len(of_a.extents) + len(of_b.extents) > 2:
        rows = of_a.columns, of_b.columns
    return (yield from judging(of_a.extents, of_b.extents, sep, rows))


class Judge:
    """Verdicts on all pairs of live versions of one line. ``me``: whose notices are judged before
    those of others; it changes the order and no verdict.

    ``judged``: how much was ever done, so that whoever has looked sees that there is more.
    ``since`` is when pairs began to wait without a break, as the turns say; None: none waits.
    """

    def __init__(
        self, me: PartyId | None = None, make: Callable[[], VolumeIndex[EntryRef]] | None = None
    ) -> None:
        self.me = me
        self._make = make if make is not None else BlockIndex
        self._versions: tuple[int, ...] | None = None
        self._terms: tuple[Agreement, ...] = ()
        self._index: VolumeIndex[EntryRef] = self._make()
        self._sequence = 0
        self._volumes = 0
        self._unreadable: dict[EntryRef, None] = {}
        self._unindexed: dict[EntryRef, None] = {}
        self._ready = Readied()
        self._rows: dict[EntryRef, dict[EntryRef, Judgement]] = {}
        self._open: dict[tuple[EntryRef, EntryRef], Pair] = {}
        self._backlog = Backlog()
        self._begun: dict[tuple[EntryRef, EntryRef], Steps] = {}
        self._picture: Picture | None = None
        self.since: Instant | None = None
        self.judged = 0
        self.live: dict[EntryRef, Version] = {}
        self.is_hazard = hazard_by(())
        self.facts: object = None
        """What ``node.facts`` keeps beside the verdicts of the same picture."""
        self.again: object = None
        """What ``node.look_again`` makes to stand in their place."""

    # -- what is live

    def sync(self, picture: Picture) -> None:
        """Learn what is live in a picture, and forget what is not. Nothing is judged by it: what is
        new or changed waits for ``work``, and all of it when the terms changed."""
        for _ in self.syncing(picture):
            pass

    def syncing(self, picture: Picture) -> Iterator[None]:
        """``sync`` in steps of some milliseconds, for who alone has this judge: until the last one
        it is in step with nothing."""
        if picture is self._picture:
            return
        before, self._picture = self._picture, picture
        versions = adopted_versions(picture)
        terms = tuple(picture.terms[v] for v in versions) or tuple(
            picture.terms[v] for v in sorted(picture.terms)
        )
        changed = changes(before, picture) if before is not None else None
        if versions != self._versions or terms != self._terms:
            self._versions, self._terms, self.is_hazard = versions, terms, hazard_by(terms)
            self._begin_anew()
        if changed is not None:
            self._follow(picture, changed)
            return
        live: dict[EntryRef, Version] = {}
        for some in parted(live_versions(picture, self.is_hazard), SEEN_AT_ONCE):
            live.update((version.ref, version) for version in some)
            yield
        for ref in [ref for ref in self.live if ref not in live]:
            self._forget(ref)
        for refs in parted(sorted(live), SEEN_AT_ONCE):
            for ref in refs:
                self._see(ref, live[ref])
            yield

    def _begin_anew(self) -> None:
        """Nothing is judged of what is live, and nothing of it is in the index."""
        self._index, self._sequence = self._make(), 0
        self._rows, self._open, self._begun, self._unreadable = {}, {}, {}, {}
        self._unindexed = dict.fromkeys(sorted(self.live))
        self._backlog = self._backlog.anew()

    def _follow(self, picture: Picture, changed: Changes) -> None:
        """Learn what a picture has that the one before it had not: an entry costs what it does."""
        for ref in sorted(changed.versions):
            self._see(ref, live_at(picture, ref, self.is_hazard))

    def _see(self, ref: EntryRef, version: Version | None) -> None:
        held = self.live.get(ref)
        if version is None:
            if held is not None:
                self._forget(ref)
        elif held is not version and held != version:
            self._learn(version)

    def _forget(self, ref: EntryRef) -> None:
        """A version that is no longer live: its verdicts go too; a view of the past judges anew."""
        version = self.live.pop(ref, None)
        self._volumes -= len(version.volumes) if version is not None else 0
        if ref in self._unreadable:
            del self._unreadable[ref]
        elif ref in self._unindexed:
            del self._unindexed[ref]
        else:
            self._index.remove(self._next(), ref)
        self._backlog.drop(ref)
        self._begun = {pair: steps for pair, steps in self._begun.items() if ref not in pair}
        for other in self._rows.pop(ref, {}):
            self._rows[other].pop(ref, None)
            self._open.pop((min(ref, other), max(ref, other)), None)

    def _learn(self, version: Version) -> None:
        if version.ref in self.live:
            self._forget(version.ref)
        self.live[version.ref] = version
        self._volumes += len(version.volumes)
        self._unindexed[version.ref] = None
        self._backlog.add(version.ref, urgency_of(version, self.me))

    # -- judging, a bounded amount at a time

    @property
    def terms(self) -> tuple[Agreement, ...]:
        """The terms that verdicts are given under: the strictest of them decides."""
        return self._terms

    @property
    def pending(self) -> int:
        """How many pairs are not judged yet; as many as there may be while versions wait that
        nothing was compared with yet."""
        waiting = len(self._backlog.unplaced)
        return self._backlog.pairs + waiting * (2 * len(self.live) - waiting - 1) // 2

    def work(self, units: int | None = None) -> int:
        """Judge the most urgent pairs that wait, up to an amount of work; None: all of them. How
        much was done, in units; more than was asked for by one step at the most."""
        done = 0
        while self._backlog and (units is None or done < units):
            if self._unindexed and not self._backlog.is_urgent():
                done += self._put_in_index(next(iter(self._unindexed)))
            else:
                left = None if units is None else units - done
                done += self._place() if self._backlog.places_first() else self._judge_next(left)
        self.judged += done
        return done

    def _put_in_index(self, ref: EntryRef) -> int:
        """From now on whoever asks by place finds the version, although it was not compared yet."""
        version = self.live[ref]
        del self._unindexed[ref]
        extents = self._all_extents(version)
        if extents is None:
            self._unreadable[ref] = None
        else:
            self._index.insert(self._next(), ref, extents)
        many = len(version.volumes)
        single = UNITS_INDEXED * min(many, SINGLY_MAX)
        return max(1, single + many // INDEXED_A_UNIT + corners_of(version) // CORNERS_A_UNIT)

    def _place(self) -> int:
        """Compare the next version with all those that were before: which may it meet?"""
        version = self.live[self._backlog.place()]
        if version.ref in self._unindexed:
            self._put_in_index(version.ref)
        unplaced = self._backlog.unplaced
        near = self._near(version, self._all_extents(version))
        near = [ref for ref in near if ref not in unplaced]
        self._backlog.found(
            version.ref,
            [(urgency_of_pair(version, self.live[ref], self.me), ref) for ref in near],
        )
        looked = UNITS_PLACED * max(1, len(version.volumes)) + isqrt(self._volumes) // ROOT_A_UNIT
        return looked + len(near) // 2

    def _near(self, version: Version, extents: tuple[Extent, ...] | None) -> list[EntryRef]:
        """Versions in the index that this one may meet: a superset."""
        if extents is None:
            return [ref for ref in self.live if ref != version.ref and ref not in self._unindexed]
        found = self._index.candidates(extents, self._reach(version)).ids
        return [ref for ref in (*found, *self._unreadable) if ref != version.ref]

    def _judge_next(self, units: int | None) -> int:
        """Go on with the most urgent pair, up to so many units; the next turn goes on from there,
        unless another has become more urgent. Until it is judged, it waits."""
        pair = self._backlog.first()
        if pair is None:
            return 0
        a, b = self.live[pair[0]], self.live[pair[1]]
        steps = self._begun.pop(pair, None) or self.measuring(a, b)
        done = 0
        while units is None or done < units:
            try:
                done += next(steps)
            except StopIteration as judged:
                self._backlog.take()
                self._keep(a, b, judged.value)
                return max(done, UNITS_SAID)
        self._begun[pair] = steps
        if len(self._begun) > BEGUN_MAX:
            del self._begun[next(iter(self._begun))]
        return done

    def _all_extents(self, version: Version) -> tuple[Extent, ...] | None:
        """Extents under every one of the terms together, or None if nothing can be ruled out: it
        could not be read, or one of the terms does not know its class."""
        found: list[Extent] = []
        for agreement in self._terms:
            term = class_term(agreement, version.cls)
            if term is None:
                return None
            found.extend(extents_of(version, term))
        return tuple(found) if found and version.unreadable is None else None

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
            first, second = (a, b) if a.ref < b.ref else (b, a)
            self._open[first.ref, second.ref] = first, second, judgement

    # -- what is known

    def waits(self, a: EntryRef, b: EntryRef) -> bool:
        """Whether two live versions are not judged against each other yet."""
        return a in self.live and b in self.live and self._backlog.waits(a, b)

    def unjudged(self, version: Version) -> int:
        """How many live versions this one is not judged against yet (CL-STA-008). One that is not
        live itself is judged by ``pairs`` on the spot."""
        if self.live.get(version.ref) != version:
            return 0
        unplaced = self._backlog.unplaced
        if version.ref in unplaced:
            return len(self.live) - 1
        return self._backlog.waiting_with(version.ref) + len(unplaced)

    def pairs(self, version: Version) -> Iterator[tuple[Version, Judgement]]:
        """All others that the verdict with this version is known not to be NO for; how many are
        not judged yet is ``unjudged``.

        A version that is not live any more (a view of the past) is judged anew; others that are
        not live any more are judged by ``standing`` only where its view has them.
        """
        if self.live.get(version.ref) == version:
            for ref, judgement in self._rows.get(version.ref, {}).items():
                yield self.live[ref], judgement
            return
        for other in self.may_meet(version):
            judgement = self.measured(version, other)
            if judgement.verdict is not Verdict.NO:
                yield other, judgement

    def may_meet(self, version: Version) -> list[Version]:
        """Live versions that one that is not live may meet: a superset, by place. Nothing waits for
        it, and nothing is kept of it."""
        near = {*self._near(version, self._all_extents(version)), *self._unindexed}
        return [self.live[ref] for ref in sorted(near) if ref != version.ref]

    def may_meet_soon(self, version: Version, volumes_max: int) -> tuple[list[Version], int]:
        """The same for an answer that is wanted now: of those that are not in the index yet, some
        with so many volumes altogether; and how many are left out. Whatever is left out is
        UNDETERMINED (CL-STA-008)."""
        near = {*self._near(version, self._all_extents(version))}
        left, volumes = 0, 0
        for ref in self._unindexed:
            volumes += len(self.live[ref].volumes)
            if volumes <= volumes_max:
                near.add(ref)
            else:
                left += 1
        return [self.live[ref] for ref in sorted(near) if ref != version.ref], left

    def measured(self, a: Version, b: Version) -> Judgement:
        """The verdict on any two versions under the terms in force; distances are measured only
        where somebody will ask for them."""
        return finished(self.measuring(a, b))

    def measuring(self, a: Version, b: Version) -> Steps:
        """``measured`` in steps, each with what it is counted as."""
        quick = yield from _judging(a, b, self._terms, self._ready, measured=False)
        if quick.verdict is Verdict.NO:
            return quick
        return (yield from _judging(a, b, self._terms, self._ready, measured=True))

    def judge(self, a: Version, b: Version) -> Judgement:
        """The verdict on any two versions under the terms in force."""
        return judge_versions(a, b, self._terms, ready=self._ready)

    def open_pairs(self) -> Mapping[tuple[EntryRef, EntryRef], Pair]:
        """Every pair of live versions whose verdict is known not to be NO, once, by their places,
        the lower one first; in the order in which they were judged."""
        return self._open


def corners_of(version: Version) -> int:
    """Stated points of all its footprints."""
    return sum(corners(volume.footprint) for volume in version.volumes)
