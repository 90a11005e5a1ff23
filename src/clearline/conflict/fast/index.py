"""A million live extents: what is near, what meets, as of which sequence number.

An immutable base, a few small segments that came after it, and an open tail. One writer; readers
take ``view`` once and look at nothing else, so that they never wait and never see half a change.
Segments are put together by ``Merge``, which changes nothing and may run in another thread;
``adopt`` puts its result in their place. Times are milliseconds; the rest is told by ``meet``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import log
from typing import Final, Generic

import msgspec
import numpy as np

from clearline.conflict.fast.bands import APART, FEW, MEET, OPEN, UNKNOWN, pressures_of
from clearline.conflict.fast.book import Book, Id, Ids, id_of
from clearline.conflict.fast.grid import Grid
from clearline.conflict.fast.handed import hand
from clearline.conflict.fast.meet import NEVER, Rows, folded, meet, rules_of
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
from clearline.conflict.fast.stated import (
    F_CLASS,
    F_END,
    F_TAIL,
    NAMELESS,
    Names,
    Stated,
    extent_at,
    joined,
    read,
    stated,
    take,
    written,
)
from clearline.conflict.geodesy import Ints
from clearline.conflict.lists import judge
from clearline.conflict.verdict import Extent, Separation, height_verdict, judge_volumes
from clearline.model.finding import Judgement, Verdict
from clearline.model.terms import Levels

Table = Sequence[Sequence[Separation]]
"""Separations by the numbers of two classes, in either order."""
Question = tuple[Sequence[Extent], int]

GROWTH: Final = 4
"""So many segments of about one size are put together to one."""
UNTENDED_MAX: Final = 32
"""Segments beyond which the writer puts all together itself: nobody else has done so."""
NOUGHT: Final = ((Separation(),),)
"""One class, kept apart by nothing."""
_ENDS_AT_ONCE: Final = 256
_NONE: Final = np.zeros(0, np.int64)


_VERDICTS: Final = {MEET: Verdict.YES, UNKNOWN: Verdict.UNDETERMINED}
_CODES: Final = {Verdict.YES: MEET, Verdict.UNDETERMINED: UNKNOWN, Verdict.NO: APART}


class Hit(msgspec.Struct, Generic[Id], frozen=True, gc=False):
    """An id with an extent that meets one of those asked about; YES or UNDETERMINED, the worst of
    all their pairs."""

    id: Id
    verdict: Verdict


class Answer(msgspec.Struct, Generic[Id], frozen=True):
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
class View(Generic[Id]):
    """What a reader looks at: it does not change, but for rows that die after ``sequence``."""

    segments: tuple[Segment | Tail, ...]
    tail: Tail
    tail_grid: Grid
    sequence: int
    ids: Ids[Id]

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


@dataclass(frozen=True, slots=True)
class _End:
    """Rows that died: those of a number, or (None) all that were over at a time."""

    sequence: int
    number: int | None
    now: int = 0

    def mark(self, table: Segment | Tail, rows: Rows, used: int) -> None:
        """Mark the rows of a table that this ends."""
        if self.number is None:
            ends = rows.facts[:used, F_END] + rows.facts[:used, F_TAIL]
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
        self._rules = hand(rules_of(separations))
        self._pressures = pressures_of(self._levels)
        self.names = Names()
        self._book: Book[Id] = Book()
        self._ends: list[_End] = []
        self._merge: Merge | None = None
        tail = Tail(self._levels, 0.0)
        self.view: View[Id] = View((), tail, tail.grid, -1, self._book.ids)

    # --- writing: one at a time ----------------------------------------------------------------

    def insert(self, sequence: int, id_: Id, extents: Sequence[Extent], cls: int = 0) -> None:
        """Hold these extents under an id, in place of any that it held."""
        self._advance(sequence)
        number, before = self._book.enter(id_)
        if before is not None:
            self._end(_End(sequence, before))
        segments, tail = self.view.segments, self.view.tail
        rows = [stated((extent,), (cls,), self.names) for extent in extents]
        if rows and not tail.count and not segments:
            tail = Tail(self._levels, epoch_of(rows[0]))
        if not tail.take(number, rows, sequence):
            segments = self._with(segments, tail, sequence)
            tail = Tail(self._levels, epoch_of(rows[0]))
            if not tail.take(number, rows, sequence):
                tail = Tail(self._levels, tail.epoch_s)
                owners = np.full(len(rows), number, np.int64)
                segments = self._with(segments, self._alone(owners, joined(rows)), sequence)
        tail.show()
        self.view = View(segments, tail, tail.grid, sequence, self._book.ids)

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
        self._book = Book(ids)
        self._merge, self._ends = None, []
        base = self._alone(owners.astype(np.int64, copy=False), columns)
        tail = Tail(self._levels, base.grid.epoch_s)
        self.view = View((base,), tail, tail.grid, sequence, self._book.ids)

    def _advance(self, sequence: int) -> None:
        assert sequence > self.view.sequence, "events come in rising sequence"

    def _end(self, end: _End) -> None:
        """Mark rows; again in the segment that is being made of some of them, if one is."""
        for table, rows, grid in self.view.tables():
            end.mark(table, rows, grid.used)
        if self._merge is not None:
            self._ends.append(end)

    def _show(self, sequence: int) -> None:
        view = self.view
        self.view = View(view.segments, view.tail, view.tail_grid, sequence, view.ids)

    def _alone(self, numbers: Ints, columns: Stated) -> Segment:
        died = np.full(len(numbers), NEVER, np.int64)
        return sealed(numbers, columns, self._levels, died)

    def _with(
        self, segments: tuple[Segment | Tail, ...], more: Segment | Tail, sequence: int
    ) -> tuple[Segment | Tail, ...]:
        """One segment more; too many are put together here if nobody else does it."""
        segments = (*segments, more)
        if self._merge is None and len(segments) > UNTENDED_MAX:
            merge = Merge(segments, self._levels, sequence)
            segments = (merge.run(),)
            self._book.forget(_chunks_of(segments, more))
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

    def caught_up(self, merge: Merge, made: Segment) -> int:
        """Mark in what a merge made what ended while it ran, in the thread that ran it; how many
        ends that were. What is left for ``adopt``, in the writer's turn, is soon done."""
        ends, done = self._ends, 0
        while merge is self._merge and done < len(ends):
            more = ends[done : done + _ENDS_AT_ONCE]
            _mark_all(more, made)
            done += len(more)
        return done

    def adopt(self, merge: Merge, made: Segment, caught_up: int = 0) -> None:
        """Put what a merge made in the place of what it was made of. One that was overtaken by
        ``load`` is dropped. ``caught_up``: as many ends as have been marked in it."""
        if merge is not self._merge:
            return
        _mark_all(self._ends[caught_up:], made)
        self._merge, self._ends = None, []
        view = self.view
        kept = tuple(each for each in view.segments if each not in merge.segments)
        self._book.forget(_chunks_of((*kept, made), view.tail))
        self.view = View((*kept, made), view.tail, view.tail_grid, view.sequence, self._book.ids)

    # --- reading: any number at a time ---------------------------------------------------------

    def check(self, extents: Sequence[Extent], cls: int = 0) -> Answer[Id]:
        """What meets any of these extents, under the separations of their class."""
        view, classes = self.view, (cls,) * len(extents)
        flat = written(extents, classes, NAMELESS)
        if view.tail_grid.used or len(view.segments) != 1 or len(extents) > FEW:
            owners = np.zeros(len(extents), np.int64)
            return self._answers(view, read(flat), extents.__getitem__, owners, 1)[0]
        segment = view.segments[0]
        used, until = segment.grid.used, view.sequence
        found, opened = ask(flat, self._pressures, segment.table, used, self._rules, until)
        if opened:
            self._settle(found, classes, extents.__getitem__, segment)
            found = folded(found, np.zeros(len(extents), np.int64))
        return Answer(_hits(view.ids, found), until)

    def check_many(self, questions: Sequence[Question]) -> list[Answer[Id]]:
        """An answer to each question: extents and the number of their class."""
        every = [(each, cls) for extents, cls in questions for each in extents]
        extents = [each for each, _ in every]
        columns = stated(extents, [cls for _, cls in every], NAMELESS)
        owners = np.repeat(np.arange(len(questions)), [len(extents) for extents, _ in questions])
        return self._answers(self.view, columns, extents.__getitem__, owners, len(questions))

    def check_columns(self, columns: Stated) -> list[Answer[Id]]:
        """An answer to each row. Names in ``columns`` are numbers of ``names``."""
        count = len(columns.facts)
        extent = partial(extent_at, columns, names=self.names)
        return self._answers(self.view, columns, extent, np.arange(count), count)

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
        return [id_of(view.ids, n) for n in unique.tolist()], columns, owners, view.sequence

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
                held.append(extent_at(table.stated, row, self.names))
                other = int(rows.facts[row, F_CLASS])
        return judge(extents, held, self._separations[cls][other]) if held else None

    def _answers(
        self,
        view: View[Id],
        columns: Stated,
        extent: Callable[[int], Extent],
        owners: Ints,
        count: int,
    ) -> list[Answer[Id]]:
        """Row ``i`` belongs to question ``owners[i]`` of so many; ``extent`` gives it as stated."""
        asked = rows_of(columns, self._levels, _NONE)
        parts = [np.zeros((0, 5), np.int64)]
        for table, _, grid in view.tables():
            met, opened = meet(asked, table.table, grid.used, self._rules, view.sequence)
            if opened:
                self._settle(met, columns.facts[:, F_CLASS], extent, table)
            parts.append(met)
        found = folded(parts[1] if len(parts) == 2 else np.concatenate(parts), owners)
        hits = _hits(view.ids, found)
        ends = np.searchsorted(found[:, 0], np.arange(count + 1)).tolist()
        return [Answer(hits[a:b], view.sequence) for a, b in pairwise(ends)]

    def _settle(
        self,
        met: Ints,
        classes: Sequence[int] | Ints,
        extent: Callable[[int], Extent],
        table: Segment | Tail,
    ) -> None:
        """Write the plain engine's verdict on every pair that ``meet`` left open."""
        for k in np.flatnonzero(met[:, 3] == OPEN).tolist():
            i, j, _, _, beside = met[k].tolist()
            cls, other = int(classes[i]), int(table.rows.facts[j, F_CLASS])
            b = extent_at(table.stated, j, self.names)
            met[k, 3] = _CODES[_settled(extent(i), b, self._separations[cls][other], beside)]


def _hits(ids: Ids[Id], found: Ints) -> tuple[Hit[Id], ...]:
    """What was ``folded``, by its ids."""
    if not len(found):
        return ()
    rows = found.tolist()
    return tuple([Hit(id_of(ids, n), _VERDICTS[code]) for _, n, code in rows])


def _chunks_of(segments: Sequence[Segment | Tail], tail: Segment | Tail) -> Ints:
    """The chunks of numbers that any row has, whether it is still held or not."""
    return np.concatenate([each.chunks for each in (*segments, tail)])


def _mark_all(ends: Sequence[_End], made: Segment) -> None:
    """Mark the rows of a new segment that ended meanwhile. The order does not matter: nobody looks
    at it as of an earlier sequence number."""
    numbered = [(end.number, end.sequence) for end in ends if end.number is not None]
    pairs = np.array(numbered, np.int64).reshape(-1, 2)
    made.mark(pairs[:, 0], pairs[:, 1])
    for end in ends:
        if end.number is None:
            end.mark(made, made.rows, len(made.numbers))


def _settled(a: Extent, b: Extent, sep: Separation, beside: int) -> Verdict:
    """The plain engine's verdict on a pair that was left open on the map or in height."""
    if beside == MEET:
        return height_verdict(a, b, sep)
    return judge_volumes(a, b, msgspec.structs.replace(sep, measured=False)).verdict
