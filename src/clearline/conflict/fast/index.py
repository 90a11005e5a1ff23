"""A million live extents: what is near, what meets, as of which sequence number.

An immutable base, a few small segments that came after it, and an open tail. One writer; readers
take ``view`` once and look at nothing else, so that they never wait and never see half a change.
Segments are put together by ``Merge``, which changes nothing and may run in another thread;
``adopt`` puts its result in their place.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Final, Generic, TypeVar

import msgspec
import numpy as np

from clearline.conflict.fast.bands import FEW, MEET, OPEN, pressures_of
from clearline.conflict.fast.grid import Grid
from clearline.conflict.fast.meet import F_CLASS, NEVER, Rows, Rules, meet, near_row, rules_of
from clearline.conflict.fast.segment import (
    TAIL,
    Segment,
    Tail,
    ask,
    epoch_of,
    merged,
    rows_of,
    sealed,
)
from clearline.conflict.fast.shapes import Ints
from clearline.conflict.fast.stated import Names, Stated, extent_at, joined, stated, take
from clearline.conflict.index import Candidates, Reach
from clearline.conflict.verdict import Extent, Separation, height_verdict, judge, judge_volumes
from clearline.model import finding
from clearline.model.finding import Judgement, Verdict
from clearline.model.terms import HeightMode, Levels
from clearline.model.time import Millis

Id = TypeVar("Id", bound=Hashable)

Table = Sequence[Sequence[Separation]]
"""Separations by the numbers of two classes, in either order."""
Question = tuple[Sequence[Extent], int]

GROWTH: Final = 4
"""So many segments of about one size are put together to one."""
UNTENDED_MAX: Final = 32
"""Segments beyond which the writer puts all together itself: nobody else has done so."""
SHARDS: Final = 256
"""Parts of the table of ids: a dict that grows is copied whole, in one go."""
NOUGHT: Final = ((Separation(),),)
"""One class, kept apart by nothing."""
_ROOM: Final = 64
_NONE: Final = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Hit(Generic[Id]):
    """An id with an extent that meets one of those asked about; YES or UNDETERMINED, the worst of
    all their pairs."""

    id: Id
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Answer(Generic[Id]):
    """Everything that is not surely apart, judged against every event up to ``looked_to``."""

    hits: tuple[Hit[Id], ...]
    looked_to: int

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        if any(hit.verdict is Verdict.YES for hit in self.hits):
            return Verdict.YES
        return Verdict.UNDETERMINED if self.hits else Verdict.NO


@dataclass(frozen=True, slots=True)
class View:
    """What a reader looks at: it does not change, but for rows that die after ``sequence``."""

    segments: tuple[Segment | Tail, ...]
    tail: Tail
    tail_grid: Grid
    sequence: int

    def tables(self) -> Iterator[tuple[Segment | Tail, Rows, Grid]]:
        """Every table with rows to look at."""
        for segment in self.segments:
            yield segment, segment.rows, segment.grid
        if self.tail_grid.used:
            yield self.tail, self.tail.rows, self.tail_grid


@dataclass(frozen=True, slots=True)
class Merge:
    """Segments to be put together as of a sequence number; ``run`` is pure and takes its time."""

    segments: tuple[Segment | Tail, ...]
    levels: Levels
    until: int

    def run(self) -> Segment:
        """One segment in place of all."""
        return merged(self.segments, self.levels, self.until)


class _Book(Generic[Id]):
    """What was inserted, by number in order of insertion; and the number that an id has now."""

    def __init__(self) -> None:
        self.ids: list[Id] = []
        self._numbers: tuple[dict[Id, int], ...] = tuple({} for _ in range(SHARDS))

    def enter(self, id_: Id) -> tuple[int, int | None]:
        """A new number for an id, and the one that it had."""
        shard, number = self._numbers[hash(id_) % SHARDS], len(self.ids)
        before = shard.get(id_)
        shard[id_] = number
        self.ids.append(id_)
        return number, before

    def leave(self, id_: Id) -> int | None:
        """The number that an id had; it has none any more."""
        return self._numbers[hash(id_) % SHARDS].pop(id_, None)

    def number(self, id_: Id) -> int | None:
        """The number that an id has."""
        return self._numbers[hash(id_) % SHARDS].get(id_)


@dataclass(frozen=True, slots=True)
class _End:
    """Rows that died: those of a number, or (None) all that were over at a time."""

    sequence: int
    number: int | None
    now: int = 0

    def mark(self, table: Segment | Tail, rows: Rows, used: int) -> None:
        """Mark the rows of a table that this ends."""
        if self.number is None:
            ends = rows.facts[:used, 1] + rows.facts[:used, 2]
            over = np.flatnonzero((ends <= self.now) & (rows.died[:used] == NEVER))
        else:
            found = table.rows_of(self.number)
            over = found[rows.died[found] == NEVER]
        rows.died[over] = self.sequence
        table.lost[0] += len(over)


class FastIndex(Generic[Id]):
    """Extents under ids, each of a class by number; one separation for every pair of classes."""

    def __init__(self, separations: Table = NOUGHT) -> None:
        self._separations = separations
        self._levels = separations[0][0].levels
        assert all(sep.levels == self._levels for row in separations for sep in row)
        self._rules = rules_of(separations)
        self._pressures = pressures_of(self._levels)
        self.names = Names()
        self._book: _Book[Id] = _Book()
        self._ends: list[_End] = []
        self._merge: Merge | None = None
        tail = Tail(self._levels, 0.0)
        self.view = View((), tail, tail.grid, -1)

    # --- writing: one at a time ----------------------------------------------------------------

    def insert(self, sequence: int, id_: Id, extents: Sequence[Extent], cls: int = 0) -> None:
        """Hold these extents under an id, in place of any that it held."""
        self._advance(sequence)
        number, before = self._book.enter(id_)
        if before is not None:
            self._end(_End(sequence, before))
        segments, tail = self.view.segments, self.view.tail
        rows = [stated((extent,), (cls,), self.names) for extent in extents]
        if rows and not tail.parts and not segments:
            tail = Tail(self._levels, epoch_of(rows[0]))
        if not self._added(tail, number, rows, sequence):
            segments = self._with(segments, tail, sequence)
            tail = Tail(self._levels, epoch_of(rows[0]))
            if not self._added(tail, number, rows, sequence):
                tail = Tail(self._levels, tail.epoch_s)
                owners = np.full(len(rows), number, np.int64)
                segments = self._with(segments, self._alone(owners, joined(rows)), sequence)
        tail.show()
        self.view = View(segments, tail, tail.grid, sequence)

    def remove(self, sequence: int, id_: Id) -> None:
        """Hold nothing under an id. One that is not held is no error: ends may come twice."""
        self._advance(sequence)
        number = self._book.leave(id_)
        if number is not None:
            self._end(_End(sequence, number))
        self._show(sequence)

    def expire(self, sequence: int, now: int) -> None:
        """Hold no extent that, with its tail, is over at ``now``, milliseconds."""
        self._advance(sequence)
        self._end(_End(sequence, None, now))
        self._show(sequence)

    def load(self, sequence: int, ids: Sequence[Id], columns: Stated, owners: Ints) -> None:
        """Begin anew with these extents: row ``i`` is of ``ids[owners[i]]``. Names in ``columns``
        are numbers of ``names``."""
        self._advance(sequence)
        self._book = _Book()
        for id_ in ids:
            self._book.enter(id_)
        self._merge, self._ends = None, []
        base = self._alone(owners.astype(np.int64), columns)
        tail = Tail(self._levels, base.grid.epoch_s)
        self.view = View((base,), tail, tail.grid, sequence)

    def _advance(self, sequence: int) -> None:
        assert sequence > self.view.sequence, "events come in rising sequence"

    def _end(self, end: _End) -> None:
        """Mark rows; again in the segment that is being made of some of them, if one is."""
        for table, rows, grid in self.view.tables():
            end.mark(table, rows, grid.used)
        if self._merge is not None:
            self._ends.append(end)

    def _show(self, sequence: int) -> None:
        self.view = View(self.view.segments, self.view.tail, self.view.tail_grid, sequence)

    def _alone(self, numbers: Ints, columns: Stated) -> Segment:
        died = np.full(len(numbers), NEVER, np.int64)
        return sealed(numbers, columns, self._levels, died)

    @staticmethod
    def _added(tail: Tail, number: int, rows: Sequence[Stated], sequence: int) -> bool:
        """Whether a tail had room for all of these rows; if not, those that it took are dead."""
        before = len(tail.parts)
        if all(tail.add(number, row) for row in rows):
            return True
        tail.rows.died[before : len(tail.parts)] = sequence
        return False

    def _with(
        self, segments: tuple[Segment | Tail, ...], more: Segment | Tail, sequence: int
    ) -> tuple[Segment | Tail, ...]:
        """One segment more; too many are put together here if nobody else does it."""
        segments = (*segments, more)
        if self._merge is None and len(segments) > UNTENDED_MAX:
            merge = Merge(segments, self._levels, sequence)
            segments = (merge.run(),)
        return segments

    # --- putting segments together -------------------------------------------------------------

    def merge(self) -> Merge | None:
        """What is to be put together next, if anything is; one at a time, until ``adopt``."""
        if self._merge is None:
            classes: dict[int, list[Segment | Tail]] = {}
            for segment in self.view.segments:
                size = segment.grid.used
                if 2 * int(segment.lost[0]) > size:
                    return self._begin((segment,))
                classes.setdefault(int(log(2 * size / TAIL + 1, GROWTH)), []).append(segment)
            for _, alike in sorted(classes.items()):
                if len(alike) >= GROWTH:
                    return self._begin(tuple(alike))
        return None

    def _begin(self, segments: tuple[Segment | Tail, ...]) -> Merge:
        self._merge, self._ends = Merge(segments, self._levels, self.view.sequence), []
        return self._merge

    def adopt(self, merge: Merge, made: Segment) -> None:
        """Put what a merge made in the place of what it was made of. One that was overtaken by
        ``load`` is dropped."""
        if merge is not self._merge:
            return
        for end in self._ends:
            end.mark(made, made.rows, len(made.numbers))
        self._merge, self._ends = None, []
        view = self.view
        kept = tuple(each for each in view.segments if each not in merge.segments)
        self.view = View((*kept, made), view.tail, view.tail_grid, view.sequence)

    # --- reading: any number at a time ---------------------------------------------------------

    def candidates(self, extents: Sequence[Extent], reach: Reach) -> Candidates[Id]:
        """Every id with an extent that comes within ``reach`` of one of these, and maybe more."""
        view = self.view
        widest = Separation(
            lateral_mm=reach.lateral_mm, time_ms=Millis(reach.time_ms), height=HeightMode.IGNORE
        )
        rules = rules_of(((widest,),))
        columns = stated(extents, (0,) * len(extents), Names())
        asked = rows_of(columns, self._levels, _NONE)
        numbers: set[int] = set()
        for table, rows, grid in view.tables():
            for i in range(len(extents)):
                found = _near(asked, i, grid, rules)
                numbers.update(table.numbers[found[rows.died[found] > view.sequence]].tolist())
        ids = self._book.ids
        return Candidates(tuple(ids[number] for number in sorted(numbers)), view.sequence)

    def check(self, extents: Sequence[Extent], cls: int = 0) -> Answer[Id]:
        """What meets any of these extents, under the separations of their class."""
        names = Names()
        columns = stated(extents, (cls,) * len(extents), names)
        return self._answers(columns, names, (0,) * len(extents), 1)[0]

    def check_many(self, questions: Sequence[Question]) -> list[Answer[Id]]:
        """An answer to each question: extents and the number of their class."""
        names = Names()
        every = [(each, cls) for extents, cls in questions for each in extents]
        columns = stated([each for each, _ in every], [cls for _, cls in every], names)
        owners = [k for k, (extents, _) in enumerate(questions) for _ in extents]
        return self._answers(columns, names, owners, len(questions))

    def check_columns(self, columns: Stated) -> list[Answer[Id]]:
        """An answer to each row. Names in ``columns`` are numbers of ``names``."""
        count = len(columns.facts)
        return self._answers(columns, self.names, range(count), count)

    def held(self) -> tuple[list[Id], Stated, Ints, int]:
        """All that is held: ids, the rows as they were stated, whose each is by its place among the
        ids, and the sequence number as of which."""
        view = self.view
        parts = []
        for table, rows, grid in view.tables():
            kept = np.flatnonzero(rows.died[: grid.used] > view.sequence)
            parts.append((table.numbers[kept], take(table.stated, kept)))
        numbers = np.concatenate([_NONE, *(numbers for numbers, _ in parts)])
        unique, owners = np.unique(numbers, return_inverse=True)
        columns = joined([stated((), (), self.names), *(columns for _, columns in parts)])
        return [self._book.ids[n] for n in unique.tolist()], columns, owners, view.sequence

    def explain(self, extents: Sequence[Extent], cls: int, id_: Id) -> Judgement | None:
        """Why extents do or do not meet what is held under an id, by the plain engine; None if
        nothing is."""
        view, number = self.view, self._book.number(id_)
        if number is None:
            return None
        held: list[Extent] = []
        other = 0
        for table, rows, grid in view.tables():
            found = table.rows_of(number)
            for row in found[(found < grid.used) & (rows.died[found] > view.sequence)].tolist():
                held.append(self._extent(table, row))
                other = int(rows.facts[row, F_CLASS])
        return judge(extents, held, self._separations[cls][other]) if held else None

    def _answers(
        self, columns: Stated, names: Names, owners: Sequence[int], count: int
    ) -> list[Answer[Id]]:
        """Row ``i`` belongs to question ``owners[i]`` of so many."""
        view, ids = self.view, self._book.ids
        tables = list(view.tables())
        alone = len(tables) == 1 and len(columns.facts) <= FEW
        asked = None if alone else rows_of(columns, self._levels, _NONE)
        worst: list[dict[int, Verdict]] = [{} for _ in range(count)]
        for table, rows, grid in tables:
            if asked is None:
                pairs = ask(columns, self._pressures, rows, grid, self._rules, view.sequence)
            else:
                pairs = meet(asked, rows, grid, self._rules, view.sequence)
            if not len(pairs):
                continue
            numbers = table.numbers[pairs[:, 1]].tolist()
            for (i, j, beside, over), number in zip(pairs.tolist(), numbers, strict=True):
                found = worst[owners[i]]
                verdict = Verdict.YES if over == MEET else Verdict.UNDETERMINED
                if OPEN in (beside, over):
                    if found.get(number) is Verdict.YES:
                        continue
                    cls, other = int(columns.facts[i, F_CLASS]), int(rows.facts[j, F_CLASS])
                    a, b = extent_at(columns, i, names), self._extent(table, j)
                    verdict = _settled(a, b, self._separations[cls][other], beside)
                if verdict is not Verdict.NO:
                    found[number] = (
                        verdict if number not in found else finding.worst(verdict, found[number])
                    )
        return [
            Answer(tuple(Hit(ids[n], found[n]) for n in sorted(found)), view.sequence)
            for found in worst
        ]

    def _extent(self, table: Segment | Tail, row: int) -> Extent:
        columns, at = table.stated_at(row)
        return extent_at(columns, at, self.names)


def _near(asked: Rows, i: int, grid: Grid, rules: Rules) -> Ints:
    """Rows that may be near row ``i``."""
    found = np.empty(_ROOM, np.int64)
    count = near_row(asked, i, grid, rules, found)
    if count > _ROOM:
        found = np.empty(count, np.int64)
        near_row(asked, i, grid, rules, found)
    return found[:count]


def _settled(a: Extent, b: Extent, sep: Separation, beside: int) -> Verdict:
    """The plain engine's verdict on a pair that was left open on the map or in height."""
    if beside == MEET:
        return height_verdict(a, b, sep)
    return judge_volumes(a, b, msgspec.structs.replace(sep, measured=False)).verdict
