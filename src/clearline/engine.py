"""The conflict engine as a library: live volumes in, what meets what out.

Needs the base install alone: no server, store or socket. With numba (``clearline[fast]``) it
answers in microseconds against a million volumes, without it slower and the same.

Any number of threads may ask at any time: they never wait. Changes come one at a time. Each is
named by a sequence number, and every answer says up to which one it has looked; NO, which is the
absence of a hit, is sound as of that number. What is put together in the background stops nobody.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from os import cpu_count
from threading import Lock, Thread
from types import TracebackType
from typing import Final

import numpy as np

from clearline.conflict.fast.index import NOUGHT, Answer, FastIndex, Hit, Merge
from clearline.conflict.fast.ready import OnSlow, prepare
from clearline.conflict.fast.saved import Saved, from_bytes, to_bytes
from clearline.conflict.fast.stated import F_CLASS, Names
from clearline.conflict.terms import counted, pair_term
from clearline.conflict.tracks.live import (
    LiveTracks,
    PairsAnswer,
    StaysAnswer,
    track_pairs,
    track_stays,
)
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.pairs import Hands
from clearline.conflict.tracks.ready import prepare_tracks
from clearline.conflict.tracks.track import Track
from clearline.conflict.tracks.volumes import Volumes
from clearline.conflict.validity import check_volume
from clearline.conflict.verdict import Extent, Separation
from clearline.model.finding import Judgement, Verdict
from clearline.model.refusal import Code, Param, Refusal
from clearline.model.space import Volume
from clearline.model.terms import Agreement, ClassTerm
from clearline.model.time import Instant

ANY: Final = ""
"""The class of everything where no terms are given."""

Question = tuple[Sequence[Volume], str]
Refusals = tuple[Refusal, ...]


class Engine:
    """Live volumes under ids. By ``terms`` each is of a class, and pairs of classes have their
    separations; without, all are of one class, kept apart by ``separation``.

    Volumes are checked (``clearline.conflict.validity``) and refused as values. ``checked``: the
    caller has done so; a volume that would be refused then has no meaning.
    """

    def __init__(
        self, terms: Agreement | None = None, *, separation: Separation = NOUGHT[0][0]
    ) -> None:
        self._terms = terms
        classes = terms.classes if terms is not None else ()
        self._classes: dict[str, tuple[int, ClassTerm | None]] = {
            term.id: (number, term) for number, term in enumerate(classes)
        } or {ANY: (0, None)}
        self._table = _table(terms) if terms is not None else ((separation,),)
        self._index: FastIndex[str] = FastIndex(self._table)
        self._writing = Lock()
        self._tending: Thread | None = None
        self._looked: tuple[object, ...] = ()

    # --- changes -------------------------------------------------------------------------------

    def insert(
        self,
        id_: str,
        volumes: Sequence[Volume],
        cls: str = ANY,
        *,
        sequence: int | None = None,
        checked: bool = False,
    ) -> Refusals:
        """Hold these volumes under an id, in place of any that it held; or every reason why not,
        and then nothing is changed. ``sequence``: above all before; the next one if not given."""
        assert isinstance(id_, str), "an id is text: snapshots hold no other"
        extents = self._counted(volumes, cls, checked=checked)
        if not isinstance(extents, list):
            return extents
        with self._writing:
            self._index.insert(self._next(sequence), id_, extents, self._classes[cls][0])
        self._tend()
        return ()

    replace = insert
    """The same: an id holds what it was last given."""

    def remove(self, id_: str, *, sequence: int | None = None) -> None:
        """Hold nothing under an id; one that is not held is no error."""
        with self._writing:
            self._index.remove(self._next(sequence), id_)

    def expire(self, now: Instant, *, sequence: int | None = None) -> None:
        """Hold no volume that, with its tail, is over at ``now``."""
        with self._writing:
            self._index.expire(self._next(sequence), now)
        self._tend()

    # --- questions -----------------------------------------------------------------------------

    def check(
        self, volumes: Sequence[Volume], cls: str = ANY, *, checked: bool = False
    ) -> Answer[str] | Refusals:
        """Every id that is not surely kept apart from these volumes: YES or UNDETERMINED."""
        extents = self._counted(volumes, cls, checked=checked)
        if not isinstance(extents, list):
            return extents
        return self._index.check(extents, self._classes[cls][0])

    def check_many(
        self, questions: Sequence[Question], *, checked: bool = False
    ) -> list[Answer[str] | Refusals]:
        """An answer, or the refusals, for each of many questions: (volumes, class)."""
        asked = [self._counted(volumes, cls, checked=checked) for volumes, cls in questions]
        sound = [
            (extents, self._classes[cls][0])
            for extents, (_, cls) in zip(asked, questions, strict=True)
            if isinstance(extents, list)
        ]
        found = iter(self._index.check_many(sound))
        return [next(found) if isinstance(each, list) else each for each in asked]

    def explain(self, volumes: Sequence[Volume], cls: str, id_: str) -> Judgement | None:
        """Why volumes that ``check`` takes do or do not meet what an id holds: rule, distances with
        their bounds, references, which margin decided. None if the id holds nothing."""
        extents = self._counted(volumes, cls, checked=True)
        assert isinstance(extents, list), "volumes that check takes"
        return self._index.explain(extents, self._classes[cls][0], id_)

    @property
    def sequence(self) -> int:
        """The last change that an answer would have looked to; -1 before the first."""
        return self._index.view.sequence

    # --- keeping -------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """All that is held, to be kept in a file and given to ``load``."""
        ids, columns, owners, sequence = self._index.held()
        return to_bytes(
            Saved(
                sequence=sequence,
                ids=tuple(ids),
                names=tuple(self._index.names.all),
                classes=tuple(self._classes),
                columns=columns,
                owners=owners,
            )
        )

    def load(self, raw: bytes) -> Refusal | None:
        """Hold what a snapshot holds, in place of everything; or why it is not taken. Classes are
        matched by name: one that these terms do not know is refused. Tails are as they were."""
        saved = from_bytes(raw)
        if isinstance(saved, Refusal):
            return saved
        codes = [self._classes.get(name, (-1, None))[0] for name in saved.classes]
        numbers = saved.columns.facts[:, F_CLASS]
        used = np.unique(numbers).tolist()
        strange = [saved.classes[k] for k in used if codes[k] < 0]
        if strange:
            return _unknown(strange[0])
        saved.columns.facts[:, F_CLASS] = np.array(codes, np.int64)[numbers]
        index: FastIndex[str] = FastIndex(self._table)
        index.names = Names(saved.names)
        if saved.sequence >= 0:  # what nothing was ever written to is as it began
            index.load(saved.sequence, saved.ids, saved.columns, saved.owners)
        with self._writing:
            self._index = index
        return None

    # --- the background ------------------------------------------------------------------------

    @staticmethod
    def prepare(on_slow: OnSlow) -> None:
        """Compile what is needed, or find it where it was kept. ``on_slow`` is told what is done
        and the share that is behind: the first time on a machine takes about a minute, which the
        first question takes in silence where this was not called. ``prepare_tracks`` does it for
        what computes with tracks."""
        prepare(on_slow)

    def close(self) -> None:
        """Wait for what is being put together in the background."""
        tending = self._tending
        if tending is not None:
            tending.join()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _tend(self) -> None:
        """Have segments put together by a thread of its own, if there is anything to do."""
        if self._index.view.segments is self._looked:
            return
        with self._writing:
            self._looked = self._index.view.segments
            if self._tending is not None:
                return
            index, merge = self._index, self._index.merge()
            if merge is None:
                return
            self._tending = Thread(target=self._put_together, args=(index, merge), daemon=True)
            self._tending.start()

    def _put_together(self, index: FastIndex[str], merge: Merge | None) -> None:
        while merge is not None:
            made = merge.run()
            caught_up = index.caught_up(merge, made)
            with self._writing:
                index.adopt(merge, made, caught_up)
                merge = index.merge()
                if merge is None:
                    self._tending = None

    # --- reading what is given -----------------------------------------------------------------

    def _next(self, sequence: int | None) -> int:
        return self._index.view.sequence + 1 if sequence is None else sequence

    def _counted(
        self, volumes: Sequence[Volume], cls: str, *, checked: bool
    ) -> list[Extent] | Refusals:
        """Volumes as they count, with the tail of their class; or why they are not taken."""
        known = self._classes.get(cls)
        if known is None:
            return (_unknown(cls),)
        if not checked:
            faults = [f for k, volume in enumerate(volumes) for f in check_volume(volume, f"/{k}")]
            if faults:
                return tuple(faults)
        term = known[1]
        if term is None:
            return [Extent(volume=volume) for volume in volumes]
        return list(counted(volumes, term))


def _unknown(cls: str) -> Refusal:
    facts: dict[str, Param] = {"cls": cls}
    return Refusal(code=Code.UNKNOWN_CLASS, clause="CL-PLN-008", params=facts)


def _table(terms: Agreement) -> tuple[tuple[Separation, ...], ...]:
    """The separation of every pair of classes, in the order of the terms."""

    def of(a: str, b: str) -> Separation:
        term = pair_term(terms, a, b)
        assert term is not None, "terms that were checked have every pair"
        return Separation.of(term, terms.levels)

    return tuple(tuple(of(a.id, b.id) for b in terms.classes) for a in terms.classes)


HANDS_MAX: Final = 4
"""What more threads would save, laying tracks out and putting answers together takes anyhow."""


@contextmanager
def side_by_side(count: int | None = None) -> Iterator[Hands]:
    """Threads that share in ``track_pairs``: as many as there are processors, or as said. They end
    with the block. Without the compiler they help nothing."""

    def run(jobs: Sequence[Callable[[], None]]) -> None:
        for done in [pool.submit(job) for job in jobs]:
            done.result()

    many = count if count is not None else min(HANDS_MAX, cpu_count() or 1)
    with ThreadPoolExecutor(many, thread_name_prefix="tracks") as pool:
        yield Hands(count=many, run=run)


__all__ = [
    "ANY",
    "Answer",
    "Engine",
    "Hands",
    "Hit",
    "LiveTracks",
    "Minima",
    "OnSlow",
    "PairsAnswer",
    "Question",
    "Refusals",
    "StaysAnswer",
    "Track",
    "Verdict",
    "Volumes",
    "prepare_tracks",
    "side_by_side",
    "track_pairs",
    "track_stays",
]
