"""The fast index as a whole: widening never removes a conflict, and the way to a state is no part
of the answers."""

from collections.abc import Sequence

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clearline.conflict.fast.index import FastIndex
from clearline.conflict.fast.saved import Saved, from_bytes, to_bytes
from clearline.conflict.fast.stated import Names
from clearline.conflict.validity import check_volume
from clearline.conflict.verdict import Extent, Separation
from clearline.model.finding import Verdict
from clearline.model.space import Height, HeightRef
from clearline.model.terms import HeightMode
from clearline.model.time import Instant, Millis
from tests.conflict_cases import HOUR, NOON, SFC, UNL, disc, extent
from tests.properties.test_conflict_verdict import PLACES, SEPARATIONS, extents

Found = dict[int, Verdict]


def with_volume(one: Extent, **fields: object) -> Extent:
    return msgspec.structs.replace(one, volume=msgspec.structs.replace(one.volume, **fields))


@st.composite
def crowded(draw: st.DrawFn, at: tuple[float, float]) -> Extent:
    """An extent, in three of four from the surface without limit, so that many meet."""
    made = draw(extents(at))
    return with_volume(made, lower=SFC, upper=UNL) if draw(st.integers(0, 3)) else made


TOWNS = PLACES.flatmap(
    lambda at: st.tuples(crowded(at), st.lists(crowded(at), min_size=3, max_size=8))
)


def indexed(sep: Separation, held: Sequence[Extent]) -> FastIndex[int]:
    index: FastIndex[int] = FastIndex(((sep,),))
    for k, each in enumerate(held):
        index.insert(k, k, (each,))
    return index


def found(index: FastIndex[int], asked: Extent) -> Found:
    return {hit.id: hit.verdict for hit in index.check((asked,)).hits}


@given(TOWNS, SEPARATIONS, st.sampled_from(["lateral_mm", "vertical_mm", "time_ms"]))
def test_widening_a_separation_never_removes_a_conflict(
    town: tuple[Extent, list[Extent]], sep: Separation, which: str
) -> None:
    """What was found is found with any of the margins made larger."""
    asked, held = town
    wider = msgspec.structs.replace(sep, **{which: getattr(sep, which) + 3_600_000})
    assert set(found(indexed(sep, held), asked)) <= set(found(indexed(wider, held), asked))


@given(TOWNS, SEPARATIONS, st.integers(0, 3 * HOUR), st.integers(0, 3 * HOUR))
def test_widening_a_window_never_removes_a_conflict(
    town: tuple[Extent, list[Extent]], sep: Separation, early: int, late: int
) -> None:
    """What was found is found when it begins earlier, ends later or leaves a longer tail: on
    either side of the question."""
    asked, held = town

    def wider(one: Extent) -> Extent:
        volume = one.volume
        longer = with_volume(
            one, start=Instant(volume.start - early), end=Instant(volume.end + late)
        )
        return msgspec.structs.replace(longer, tail_ms=Millis(one.tail_ms + late))

    before = set(found(indexed(sep, held), asked))
    assert before <= set(found(indexed(sep, held), wider(asked)))
    assert before <= set(found(indexed(sep, [wider(each) for each in held]), asked))


@given(TOWNS, SEPARATIONS, st.integers(0, 4_000_000), st.booleans())
def test_widening_a_height_band_never_removes_a_conflict(
    town: tuple[Extent, list[Extent]], sep: Separation, more_mm: int, everything: bool
) -> None:
    """What was found is found when the band reaches lower and higher, or from the surface without
    limit: on either side of the question."""
    asked, held = town

    def wider(one: Extent) -> Extent:
        low, high = one.volume.lower, one.volume.upper
        made = with_volume(one, lower=_moved(low, -more_mm), upper=_moved(high, more_mm))
        if everything or check_volume(made.volume):
            return with_volume(one, lower=SFC, upper=UNL)
        return made

    before = set(found(indexed(sep, held), asked))
    assert before <= set(found(indexed(sep, held), wider(asked)))
    assert before <= set(found(indexed(sep, [wider(each) for each in held]), asked))


def _moved(height: Height, by_mm: int) -> Height:
    if height.mm is None:
        return height
    least = 0 if height.ref is HeightRef.AGL else -1_000_000
    return msgspec.structs.replace(height, mm=max(least, height.mm + by_mm))


@given(TOWNS, SEPARATIONS, st.randoms(use_true_random=False))
def test_the_order_of_insertion_does_not_matter(town, sep, random) -> None:
    """However they came, the same are found with the same verdicts; and by whichever is asked."""
    asked, held = town
    order = list(range(len(held)))
    random.shuffle(order)
    other: FastIndex[int] = FastIndex(((sep,),))
    for sequence, k in enumerate(order):
        other.insert(sequence, k, (held[k],))
    expected = found(indexed(sep, held), asked)
    assert found(other, asked) == expected
    turned = {k: found(indexed(sep, [asked]), each).get(0) for k, each in enumerate(held)}
    assert {k: verdict for k, verdict in turned.items() if verdict is not None} == expected


@st.composite
def histories(draw: st.DrawFn):
    """Extents, a question, and what happens to them: held anew, dropped, or over."""
    at = draw(PLACES)
    pool = draw(st.lists(crowded(at), min_size=1, max_size=6))
    ids = st.integers(0, 4)
    change = st.one_of(
        st.tuples(st.just("hold"), ids, st.lists(st.sampled_from(pool), min_size=1, max_size=2)),
        st.tuples(st.just("drop"), ids),
        st.tuples(st.just("over"), st.integers(NOON, NOON + 2 * HOUR)),
    )
    changes = draw(st.lists(change, max_size=14))
    return draw(crowded(at)), changes, draw(st.integers(0, len(changes)))


def apply(index: FastIndex[int], sequence: int, change) -> None:
    match change:
        case ("hold", id_, held):
            index.insert(sequence, id_, held)
        case ("drop", id_):
            index.remove(sequence, id_)
        case ("over", now):
            index.expire(sequence, now)


def reloaded(index: FastIndex[int], sep: Separation) -> FastIndex[int]:
    """An index of what another holds, by way of the bytes of a snapshot."""
    ids, columns, owners, sequence = index.held()
    saved = Saved(
        sequence=sequence, ids=tuple(map(str, ids)), names=tuple(index.names.all), classes=("",),
        columns=columns, owners=owners,
    )  # fmt: skip
    read = from_bytes(to_bytes(saved))
    assert isinstance(read, Saved)
    made: FastIndex[int] = FastIndex(((sep,),))
    made.names = Names(read.names)
    made.load(read.sequence, [int(id_) for id_ in read.ids], read.columns, np.asarray(read.owners))
    return made


@given(histories(), SEPARATIONS)
def test_a_snapshot_and_what_came_after_it_give_what_a_rebuild_gives(history, sep) -> None:
    """An index that goes on from a snapshot taken anywhere, one that saw everything, one whose
    segments were put together, and one that is made of what is held at last, say the same."""
    asked, changes, cut = history
    whole: FastIndex[int] = FastIndex(((sep,),))
    resumed = whole
    for sequence, change in enumerate(changes):
        if sequence == cut and sequence > 0:
            resumed = reloaded(whole, sep)
        apply(whole, sequence, change)
        if resumed is not whole:
            apply(resumed, sequence, change)
    expected = found(whole, asked)
    assert found(resumed, asked) == expected
    if changes:
        assert found(reloaded(whole, sep), asked) == expected
    now, kept = 0, dict[int, list[Extent]]()
    for change in changes:
        match change:
            case ("hold", id_, held):
                kept[id_] = list(held)
            case ("drop", id_):
                kept.pop(id_, None)
            case ("over", now):
                kept = {i: [e for e in held if e.end > now] for i, held in kept.items()}
    rebuilt: FastIndex[int] = FastIndex(((sep,),))
    for sequence, (id_, held) in enumerate(kept.items()):
        rebuilt.insert(sequence, id_, held)
    assert found(rebuilt, asked) == expected


def test_the_towns_have_conflicts_to_lose() -> None:
    """The properties are about something: two volumes over one place conflict, and with their
    heights ignored and their windows wide apart they do not."""
    sep = Separation(height=HeightMode.IGNORE)
    one = extent(disc(50.0, 8.0, 1_000.0))
    later = with_volume(one, start=Instant(NOON + 9 * HOUR), end=Instant(NOON + 10 * HOUR))
    assert found(indexed(sep, [one, later]), one) == {0: Verdict.YES}
