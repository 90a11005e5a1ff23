"""Tracks are forged, flooded and stolen; nobody can prove who sent one."""

from clearline.model.alert import TroubleKind
from clearline.model.entry import Notice
from clearline.model.sighting import Binding, Sighting
from clearline.model.time import HOUR, SECOND, Instant
from clearline.node.inbound import Bound, Sighted
from clearline.node.live.book import RATE_MAX, Took, TrackBook
from clearline.node.live.job import work
from clearline.node.live.limits import FINDINGS_MAX, UNITS_MAX, LiveLimits
from clearline.node.phrases import trouble as sentence
from tests.live_town import LiveTown, beside, every_byte
from tests.town import Town, disc, volume

HERE = (35.0, 34.0)


def begin() -> LiveTown:
    """Two parties; BRAVO sees tracks and knows one of them."""
    town = Town(("ALFA", "BRAVO"))
    town.wait(10 * SECOND)
    town.tick()
    of = LiveTown(town, "BRAVO")
    of.bind("RELIEF 1", "own")
    return of


def sighting(id_: str, at: int, source: str = "s") -> Sighting:
    """Somewhere, standing still."""
    return Sighting(
        source=source, id=id_, at=Instant(at), lat=1.0, lon=2.0, course_deg=None, speed_mps=0.0
    )


def test_flood_of_made_up_ids_never_pushes_out_an_own_mover() -> None:
    """With no room left the oldest of the loudest source goes; what is watched stays, and so do
    other sources' tracks."""
    book = TrackBook(tracks_max=100)
    book.take(sighting("own", 0), Instant(0))
    book.take(sighting("other", 0, "quiet"), Instant(0))
    book.watch({"s/own"})
    for n in range(1_000):
        book.take(sighting(f"fake{n}", n), Instant(n))
    assert len(book) == 100
    assert book.get("s/own") is not None
    assert book.get("quiet/other") is not None
    assert book.sources["s"].pushed_out == 902
    assert len(book.sky(Instant(1_000))) == 100


def test_source_that_sends_too_fast_is_cut_and_the_others_are_not() -> None:
    """Beyond its rate a source's sightings are counted and let go."""
    book = TrackBook()
    took = [book.take(sighting("a", 0), Instant(0)) for _ in range(2 * RATE_MAX + 10)]
    assert took.count(Took.RATE) == 10
    assert book.take(sighting("b", 0, "other"), Instant(0)) is Took.TAKEN
    assert book.take(sighting("a", 1_000), Instant(1_000)) is Took.TAKEN


def test_report_from_the_past_or_the_future_moves_nothing() -> None:
    """An older sighting does not undo a newer, one ahead of the clock is not believed, and one from
    too long ago is not taken."""
    book = TrackBook(drop_ms=60_000)
    now = Instant(100_000)
    assert book.take(sighting("a", 99_000), now) is Took.TAKEN
    assert book.take(sighting("a", 98_000), now) is Took.OLDER
    assert book.take(sighting("a", 106_000), now) is Took.AHEAD
    assert book.take(sighting("c", 30_000), now) is Took.STALE
    held = book.get("s/a")
    assert held is not None
    assert held.at == 99_000


def test_stolen_id_adds_a_second_place_and_hides_nothing() -> None:
    """Somebody else sends our mover's id from another source, far away and on a free course: the
    true one is still found, and the alarm stands."""
    of = begin()
    of.see("own", *HERE, course=90, mps=100)
    of.see("stranger", *beside(*HERE, 90, 20_000), course=270, mps=100)
    of.see("OWN", 10.0, 10.0, source="forged")
    of.look()
    (rung,) = of.troubles()
    assert (rung.kind, rung.params["mover"]) == (TroubleKind.TRACK_NEAR, "RELIEF 1")


def test_call_sign_that_a_track_carries_binds_nothing() -> None:
    """A stranger that says it is RELIEF 1 is not: only a person binds."""
    of = begin()
    forged = sighting("evil", of.town.now)
    of.desk.book.take(
        Sighting(
            source="s", id="evil", at=of.town.now, lat=HERE[0], lon=HERE[1], course_deg=None,
            speed_mps=0.0, call_sign="RELIEF 1",
        ),
        of.town.now,
    )  # fmt: skip
    of.look()
    assert forged.name == "s/evil"
    assert of.said == []


def test_thousand_forged_tracks_are_a_bounded_alarm_and_nothing_on_the_line() -> None:
    """A swarm of made-up tracks rings as one alarm with a counter; findings stay bounded and the
    rest is said; no standing, no entry and no byte of a feed comes of it."""
    of = begin()
    held = [*every_byte(of.town)]
    of.see("own", *HERE, course=90, mps=100)
    for n in range(1_000):
        of.see(f"fake{n}", *beside(*HERE, n % 360, 8_000 + n), course=(n + 180) % 360, mps=100)
    of.look()
    rung = of.troubles()
    near = [t for t in rung if t.kind is TroubleKind.TRACK_NEAR]
    assert len(near) == FINDINGS_MAX
    assert len({t.group for t in near}) == 1
    (more,) = [t for t in rung if t.kind is TroubleKind.TRACK_SOURCE]
    assert "more findings than are listed" in sentence(more)
    assert [*every_byte(of.town)] == held


def test_work_of_an_evaluation_is_bounded_and_everything_has_its_turn() -> None:
    """1,000 own tracks and 300 hazards that cover all of them: no evaluation looks at more than
    its units, it says that it is behind, and each looks at other movers than the one before."""
    town = Town(("ALFA", "BRAVO"))
    town.wait(10 * SECOND)
    town.tick()
    of = LiveTown(town, "BRAVO", LiveLimits(lateral_m=1, vertical_m=1, look_ahead_s=10))
    start, end = town.now, Instant(town.now + HOUR)
    for _ in range(3):
        places = tuple(volume(disc(*HERE, 100 + n), start, end) for n in range(100))
        town.say("ALFA", Notice(cls="hazardous-air", label="Wide", volumes=places, reason="x"))
    town.settle()
    every = tuple(Binding(call_sign=f"M{n}", track=f"m{n}") for n in range(1_000))
    town.take("BRAVO", Bound(id="all", line=town.line, person="watch", bindings=every))
    for n in range(1_000):
        of.see(f"m{n}", *beside(*HERE, n % 360, 40 * n))
    looked: list[set[str]] = []
    for _ in range(3):
        of.town.wait(SECOND)
        job = of.desk.prepare(town.nodes["BRAVO"].state, town.now)
        ((_, found),) = work(job).values()
        assert 0 < found.units <= UNITS_MAX + 300
        assert found.unjudged
        looked.append({finding.call_sign for finding in found.found.values()})
    assert all(looked)
    assert not looked[0] & looked[1]
    assert not looked[1] & looked[2]
    (said,) = of.desk.settle(town.nodes["BRAVO"].state, work(job), town.now)
    assert isinstance(said, Sighted)
    assert "source/behind" in {finding.key for finding in said.findings}
