"""The engine as a library: refusals as values, terms, threads that do not wait, snapshots."""

import threading

import numpy as np
import pytest
from msgspec.structs import replace

from clearline.conflict.fast.index import Answer
from clearline.conflict.fast.saved import from_bytes, to_bytes
from clearline.conflict.lists import judge
from clearline.conflict.verdict import Extent, Separation
from clearline.engine import Engine
from clearline.model.finding import Verdict
from clearline.model.refusal import Code, Refusal
from clearline.model.space import Edge, Polygon, Volume
from clearline.model.time import Instant
from tests.conflict_cases import HOUR, NOON, disc, extent, fl
from tests.conflict_oracle import place
from tests.town import agreement_of


def volume(
    lat: float, lon: float, metres: float = 1_000, hours: tuple[int, int] = (0, 1)
) -> Volume:
    """A disc from FL100 to FL200."""
    window = (hours[0] * HOUR, hours[1] * HOUR)
    return extent(disc(lat, lon, metres), fl(100), fl(200), window).volume


def hits(answer: object) -> dict[str, Verdict]:
    """Ids and verdicts of an answer that is no refusal."""
    assert isinstance(answer, Answer)
    return {hit.id: hit.verdict for hit in answer.hits}


def test_an_id_is_found_until_it_is_replaced_removed_or_over() -> None:
    """Insert, replace, remove and expire; each answer says up to which change it has looked."""
    with Engine() as engine:
        assert engine.sequence == -1
        assert engine.insert("a", [volume(10, 10)]) == ()
        assert engine.insert("b", [volume(10, 10), volume(50, 50, hours=(2, 3))]) == ()
        assert hits(engine.check([volume(10, 10)])) == {"a": "YES", "b": "YES"}
        engine.replace("a", [volume(20, 20)], sequence=7)
        assert hits(engine.check([volume(10, 10)])) == {"b": "YES"}
        engine.expire(Instant(NOON + HOUR))
        assert hits(engine.check([volume(10, 10), volume(20, 20)])) == {}
        assert hits(engine.check([volume(50, 50, hours=(2, 3))])) == {"b": "YES"}
        engine.remove("b")
        engine.remove("never")
        answer = engine.check([volume(50, 50, hours=(2, 3))])
        assert isinstance(answer, Answer)
        assert (answer.hits, answer.looked_to, answer.verdict) == ((), 10, Verdict.NO)


def test_what_means_nothing_is_refused_and_changes_nothing() -> None:
    """A ring that crosses itself, an unknown class: values with code and place, in both ways."""
    bow = (place(0, 0), place(1, 1), place(0, 1), place(1, 0))
    crossing = extent(Polygon(outer=bow, edge=Edge.GEODESIC)).volume
    engine = Engine()
    for answer in (engine.insert("a", [crossing]), engine.check([volume(0, 0), crossing])):
        assert isinstance(answer, tuple)
        assert answer[0].code is Code.BAD_GEOMETRY
        assert answer[0].at.startswith(("/0/footprint", "/1/footprint"))
    strange = engine.insert("a", [volume(0, 0)], "dragons")
    assert [refusal.code for refusal in strange] == [Code.UNKNOWN_CLASS]
    assert engine.sequence == -1
    many = engine.check_many([([volume(0, 0)], ""), ([crossing], ""), ([volume(1, 1)], "")])
    assert [type(each) for each in many] == [Answer, tuple, Answer]


def test_terms_give_classes_their_separation_and_tail() -> None:
    """By an agreement each pair of classes has its own separation, and hazards their tail."""
    terms = agreement_of(("ALFA", "BRAVO"))
    engine = Engine(terms)
    hazard = next(term for term in terms.classes if term.tail_ms)
    engine.insert("h", [volume(10, 10)], hazard.id)
    after = Volume(
        footprint=disc(10, 10, 5),
        lower=fl(100),
        upper=fl(200),
        start=Instant(NOON + HOUR + hazard.tail_ms - 1),
        end=Instant(NOON + 9 * HOUR),
    )
    assert hits(engine.check([after], hazard.id)) == {"h": "YES"}
    found = engine.explain([after], hazard.id, "h")
    assert found is not None
    assert (found.verdict, found.clause[:6]) == (Verdict.YES, "CL-CON")
    assert engine.explain([after], hazard.id, "x") is None


def test_a_snapshot_holds_what_the_engine_held() -> None:
    """Loaded elsewhere it gives the same answers as of the same sequence number."""
    rng = np.random.default_rng(4)
    places = [(float(rng.uniform(-60, 60)), float(rng.uniform(-9, 9))) for _ in range(300)]
    engine = Engine(separation=Separation(lateral_mm=9_000_000))
    for k, spot in enumerate(places):
        engine.insert(f"n{k % 200}", [volume(*spot), volume(*spot[::-1])])
    engine.remove("n7")
    raw = engine.snapshot()
    other = Engine(separation=Separation(lateral_mm=9_000_000))
    assert other.load(raw) is None
    assert other.sequence == engine.sequence
    for spot in places[100:140]:
        asked = [volume(*spot, 90_000)]
        assert hits(other.check(asked)) == hits(engine.check(asked)) != {}
    assert other.insert("n8", [volume(0, 0)]) == ()
    assert raw == engine.snapshot()


def test_a_snapshot_of_an_engine_that_holds_nothing_is_taken() -> None:
    """One that nothing was ever written to, and one that was emptied: no hit, the same sequence."""
    emptied = Engine()
    emptied.insert("a", [volume(10, 10)])
    emptied.remove("a")
    for engine in (Engine(), emptied):
        other = Engine()
        assert other.load(engine.snapshot()) is None
        assert other.sequence == engine.sequence
        assert hits(other.check([volume(10, 10)])) == {}
        assert other.insert("b", [volume(10, 10)]) == ()
        assert hits(other.check([volume(10, 10)])) == {"b": "YES"}


@pytest.mark.parametrize("harm", ["nothing", "cut", "flipped", "head"])
def test_a_damaged_snapshot_is_refused(harm: str) -> None:
    """Cut short, with a bit turned over or without its head: refused, and nothing is changed."""
    engine = Engine()
    engine.insert("a", [volume(10, 10)])
    raw = engine.snapshot()
    damaged = {
        "nothing": b"",
        "cut": raw[:-1],
        "flipped": raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:],
        "head": b"{}" + raw,
    }[harm]
    assert isinstance(engine.load(damaged), Refusal)
    assert hits(engine.check([volume(10, 10)])) == {"a": "YES"}
    assert not isinstance(from_bytes(raw), Refusal)


def test_no_byte_of_a_snapshot_can_be_another() -> None:
    """Whichever byte is another, of a column, an id, a name or the sequence number: refused. An
    answer must not claim that it has looked farther than it has."""
    engine = Engine()
    engine.insert("a", [volume(10, 10)])
    raw = engine.snapshot()
    for k in range(len(raw)):
        for flip in (1, 128):
            assert isinstance(from_bytes(raw[:k] + bytes([raw[k] ^ flip]) + raw[k + 1 :]), Refusal)


@pytest.mark.parametrize("sequence", [-5, -1, 2**63 - 1, 2**70])
def test_a_snapshot_of_no_possible_sequence_is_refused(sequence: int) -> None:
    """Before the first change nothing is held, and after the last there is no number for the next:
    refused, though all is whole."""
    engine = Engine()
    engine.insert("a", [volume(10, 10)])
    saved = from_bytes(engine.snapshot())
    assert not isinstance(saved, Refusal)
    refused = engine.load(to_bytes(replace(saved, sequence=sequence)))
    assert refused is not None
    assert refused.clause == "CL-ENG-001"


@pytest.mark.parametrize("lat", [False, True])
@pytest.mark.parametrize("beyond", [-1, 1])
def test_a_snapshot_with_a_corner_off_the_earth_is_refused(lat: bool, beyond: int) -> None:
    """A latitude beyond a pole or a longitude beyond 180 degrees, though all is whole: refused; at
    the limit it is taken."""
    engine = Engine()
    engine.insert("a", [volume(10, 10)])
    saved = from_bytes(engine.snapshot())
    assert not isinstance(saved, Refusal)
    most = 900_000_000 if lat else 1_800_000_000
    corners = saved.columns.shapes.lat if lat else saved.columns.shapes.lon
    corners[0] = beyond * most
    assert engine.load(to_bytes(saved)) is None
    corners[0] = beyond * (most + 1)
    refused = engine.load(to_bytes(saved))
    assert refused is not None
    assert refused.params == {"problem": "out-of-limits"}


def test_readers_see_every_volume_while_others_write() -> None:
    """While one thread replaces volumes without end, another never misses one that is always
    there: in its old place or in its new one."""
    engine, done, missed = Engine(), threading.Event(), []
    ids = [f"n{k}" for k in range(40)]
    for k, id_ in enumerate(ids):
        engine.insert(id_, [volume(10, 10 + k / 10)], checked=True)

    def ask() -> None:
        while not done.is_set():
            found = hits(engine.check([volume(10, 12, 900_000)], checked=True))
            if set(found) != set(ids):
                missed.append(sorted(set(ids) - set(found)))

    reader = threading.Thread(target=ask)
    reader.start()
    with engine:
        for k in range(6_000):
            engine.insert(ids[k % 40], [volume(10, 10 + k % 97 / 20)], checked=True)
    done.set()
    reader.join()
    assert missed == []
    assert len(engine._index.view.segments) < 6


def test_a_verdict_is_that_of_the_plain_engine() -> None:
    """The public face adds nothing to what the plain engine says."""
    apart = Separation(lateral_mm=1_000_000)
    engine, held = Engine(separation=apart), Extent(volume=volume(10, 10))
    engine.insert("a", [held.volume])
    for lon in (10.01, 10.02, 10.03, 10.2):
        asked = volume(10, lon)
        plain = judge(
            [Extent(volume=asked)],
            [Extent(volume=volume(10, 10))],
            Separation(lateral_mm=1_000_000),
        )
        assert hits(engine.check([asked])).get("a", Verdict.NO) is plain.verdict
