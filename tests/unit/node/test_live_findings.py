"""Live tracks raise and clear alarms here, by turns of what begins, changes or ends alone."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clearline.conflict.tracks.volumes import Volumes
from clearline.conflict.verdict import Extent
from clearline.model.alert import TroubleKind
from clearline.model.entry import Notice
from clearline.model.ids import EntryRef
from clearline.model.sighting import Sighting
from clearline.model.space import HeightRef
from clearline.model.time import MINUTE, SECOND, Instant
from clearline.node.inbound import Bound, Mover, Movers, Sighted
from clearline.node.live.book import TrackBook
from clearline.node.live.evaluate import INSIDE_S, touching, whose_turn
from clearline.node.loader import keep_snapshot
from clearline.node.phrases import trouble as sentence
from clearline.node.replay import replay
from clearline.store.memory import MemoryHighWater, MemoryStore
from tests.live_town import LiveTown, beside, every_byte
from tests.town import Town, disc, level, papers_of, volume

HERE = (35.0, 34.0)


def begin(*, party: str = "BRAVO") -> LiveTown:
    """Two parties; one of them sees tracks."""
    town = Town(("ALFA", "BRAVO"))
    town.wait(10 * SECOND)
    town.tick()
    return LiveTown(town, party)


def hazard(
    of: LiveTown, author: str = "ALFA", lead_min: int = 0, cls: str = "hazardous-air"
) -> EntryRef:
    """An area of 20 km that is hazardous from now or later on."""
    start = Instant(of.town.now + lead_min * MINUTE)
    place = (volume(disc(*HERE, 20), start, Instant(start + 30 * MINUTE)),)
    (ref,) = of.town.say(author, Notice(cls=cls, label="Area", volumes=place))
    of.town.settle()
    return ref


def test_own_mover_and_a_stranger_on_opposite_courses_ring_at_once_and_clear() -> None:
    """Head on at one height the loss is told ahead, then as lost, and is over once they are past
    each other and apart: four turns, and none between."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    lat, lon = beside(*HERE, 90, 60_000)
    of.see("abc123", *HERE, course=90, mps=100)
    of.see("stranger", lat, lon, course=270, mps=100)
    of.look()
    (rung,) = of.troubles()
    assert (rung.kind, rung.params["grade"]) == (TroubleKind.TRACK_NEAR, "ahead")
    assert rung.params["entry_s"] == 272  # 60 km less 5.6 km at 200 m/s
    assert "RELIEF 1 and “stranger”: SEPARATION LOST in 272 s" in sentence(rung)
    told = len(of.said)
    for second in range(1, 400):
        of.town.wait(SECOND)
        of.see("abc123", *beside(*HERE, 90, 100 * second), course=90, mps=100)
        of.see("stranger", *beside(lat, lon, 270, 100 * second), course=270, mps=100)
        of.look()
        if second == 280:
            assert of.troubles()[0].params["grade"] == "now"
    assert of.troubles() == []
    findings = [s for s in of.said[told:] if isinstance(s, Sighted) and (s.findings or s.over)]
    assert len(findings) == 2, "graver, and over"
    assert len(of.said) - told <= 2 + 40, "where the own mover is, at most every ten seconds"


def test_two_strangers_are_nobodys_alarm() -> None:
    """Tracks that are not ours and meet each other ring nothing here."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    of.see("abc123", 10.0, 10.0)
    of.see("x", *HERE, course=90, mps=100)
    of.see("y", *beside(*HERE, 90, 10_000), course=270, mps=100)
    of.look()
    assert of.troubles() == []


def test_one_mover_seen_by_two_sources_does_not_meet_itself() -> None:
    """The same aircraft, bound once, comes from two sources: no loss between the two."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    of.see("abc123", *HERE, course=90, mps=100, source="radar")
    of.see("ABC123", *beside(*HERE, 0, 50), course=90, mps=100, source="adsb")
    of.look()
    assert of.troubles() == []


def test_unknown_height_cannot_be_ruled_out() -> None:
    """A track without a height that crosses on the map is OPEN, and says what would tell."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    of.see("abc123", *HERE, course=90, mps=100)
    of.see("dark", *beside(*HERE, 90, 20_000), course=270, mps=100, height_m=None, ref=None)
    of.look()
    (rung,) = of.troubles()
    assert (rung.params["grade"], rung.params["settles"]) == ("open", "height")
    assert rung.severity == "warning"


def test_own_mover_heading_for_a_hazard_is_told_before_in_and_out() -> None:
    """Ahead with the seconds; inside EXPOSED rings by the live place; outside all is over."""
    of = begin()
    of.bind("RELIEF 1", "radar/abc123")
    ref = hazard(of)
    of.see("abc123", *beside(*HERE, 270, 25_000), course=90, mps=100)
    of.look()
    (ahead,) = of.troubles()
    assert (ahead.kind, ahead.params["grade"]) == (TroubleKind.TRACK_HAZARD, "ahead")
    assert 49 <= int(str(ahead.params["entry_s"])) <= 50
    assert ahead.about == (ref,)
    of.town.wait(60 * SECOND)
    of.see("abc123", *beside(*HERE, 270, 19_000), course=90, mps=100)
    of.look()
    assert of.troubles() == [], "what EXPOSED says is not said twice"
    (exposed,) = of.troubles(TroubleKind.EXPOSED)
    assert exposed.params["mover"] == "RELIEF 1"
    assert exposed.params["minutes_needed"] == 1
    of.town.wait(20 * SECOND)
    of.see("abc123", *beside(*HERE, 270, 21_000), course=270, mps=100)
    of.look()
    assert of.troubles() == []
    assert of.troubles(TroubleKind.EXPOSED) == []


def test_hazard_above_reaches_a_mover_below_as_the_terms_say() -> None:
    """Held as protected-site (height counts as *surface*), a mover on the ground is in a hazard
    that was notified high above it."""
    of = begin()
    fix = Mover(
        call_sign="CONVOY", position=disc(*HERE, 1).centre, height_mm=None, speed_mms=0,
        as_of=Instant(0), cls="protected-site",
    )  # fmt: skip
    of.town.take("BRAVO", Movers(id="m", line=of.town.line, person="watch", movers=(fix,)))
    of.bind("CONVOY", "truck")
    start = of.town.now
    place = (volume(disc(*HERE, 20), start, Instant(start + 30 * MINUTE), level(150), level(200)),)
    of.town.say("ALFA", Notice(cls="hazardous-air", label="Above", volumes=place))
    of.town.settle()
    of.see("truck", *HERE, height_m=None, ref=HeightRef.SFC, climb=None)
    of.look()
    found = next(s.findings for s in of.said if isinstance(s, Sighted) and s.findings)
    assert found[0].grade == "now"
    (exposed,) = of.troubles(TroubleKind.EXPOSED)
    assert exposed.params["mover"] == "CONVOY"


def test_track_in_an_own_keep_clear_volume_rings_and_clears() -> None:
    """Whoever comes into what we asked to be kept clear is named, until he is out."""
    of = begin()
    ref = hazard(of, author="BRAVO", cls="protected-air")
    of.see("stranger", *beside(*HERE, 90, 19_950), course=270, mps=50)
    of.look()
    (rung,) = of.troubles()
    assert (rung.kind, rung.about) == (TroubleKind.TRACK_INSIDE, (ref,))
    assert sentence(rung) == "“stranger” IS IN our “Area”, which is to be kept clear"
    of.town.wait(SECOND)
    of.see("stranger", *beside(*HERE, 90, 20_500), course=90, mps=50)
    of.look()
    assert of.troubles() == []


def test_lost_own_mover_is_said_and_seen_again() -> None:
    """After the seconds of the settings the track is gone; the mover is LOST, until it is back."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    of.see("abc123", *HERE)
    of.look()
    of.town.wait(31 * SECOND)
    of.look()
    (rung,) = of.troubles()
    assert rung.kind is TroubleKind.TRACK_LOST
    of.see("abc123", *HERE)
    of.look()
    assert of.troubles() == []


def test_sightings_that_a_finding_used_are_in_the_desk_record_alone() -> None:
    """The last minute of both tracks stands in the private desk record, and no byte of a track in
    any feed that any node holds."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    for second in range(5):
        of.see("abc123", *beside(*HERE, 90, 100 * second), course=90, mps=100)
        of.see("zz-stranger", *beside(*HERE, 90, 20_000), course=270, mps=100)
        of.look()
        of.town.wait(SECOND)
    record = of.desk_record()
    (line,) = [line for line in record.splitlines() if "track-finding" in line]
    kept = json.loads(json.loads(line)["params"]["rests_on"])
    assert {seen["id"] for seen in kept["sightings"]} == {"abc123", "zz-stranger"}
    assert kept["finding"]["key"] == "near/RELIEF 1/radar/zz-stranger"
    of.town.tick()
    everything = b"".join(every_byte(of.town))
    assert b"zz-stranger" not in everything
    assert b"abc123" not in everything
    assert b"RELIEF" not in everything


def test_journal_gives_the_findings_alarms_again() -> None:
    """Replayed turn by turn on a fresh node the same alarms stand, without any track."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    of.see("abc123", *HERE, course=90, mps=100)
    of.see("stranger", *beside(*HERE, 90, 20_000), course=270, mps=100)
    of.look()
    node = of.town.nodes["BRAVO"]
    again = of.town.make("BRAVO", MemoryStore(), MemoryHighWater())
    again.open_line(papers_of(of.town.parties), Instant(of.town.now - 10 * SECOND))
    replay(node.store, again)
    assert dict(again.state.troubles.items()) == dict(node.state.troubles.items())
    assert again.state.lines[of.town.line].desk == of.town.at("BRAVO").desk


def test_restart_keeps_what_stands_until_it_can_be_seen_again() -> None:
    """Findings and bindings outlive the process; not yet seen again is not over, and after the
    time in which a track is gone the own mover is LOST."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    of.see("abc123", *HERE, course=90, mps=100)
    of.see("stranger", *beside(*HERE, 90, 20_000), course=270, mps=100)
    of.look()
    for _ in keep_snapshot(of.town.nodes["BRAVO"].store, of.town.nodes["BRAVO"].state):
        pass
    of.bind("RELIEF 2", "def456")
    fresh = of.town.make("BRAVO", of.town.nodes["BRAVO"].store, of.town.nodes["BRAVO"].high_water)
    fresh.start(of.town.now)
    of.town.nodes["BRAVO"] = fresh
    held = fresh.state.lines[of.town.line]
    assert list(held.live) == ["near/RELIEF 1/radar/stranger"]
    assert sorted(held.bound) == ["RELIEF 1", "RELIEF 2"], "of the snapshot, and of what came after"
    again = LiveTown(of.town, "BRAVO")
    again.look()
    assert TroubleKind.TRACK_NEAR in {t.kind for t in again.troubles()}
    of.town.wait(31 * SECOND)
    again.look()
    again.look()
    assert [t.kind for t in again.troubles()] == [TroubleKind.TRACK_LOST]


def test_alarm_along_an_edge_does_not_ring_at_every_step() -> None:
    """A track that goes in and out of a volume every second makes few turns, not one each time."""
    of = begin()
    hazard(of, author="BRAVO", cls="protected-air")
    for second in range(60):
        of.see("edge", *beside(*HERE, 90, 19_990 + 20 * (second % 2)))
        of.look()
        of.town.wait(SECOND)
    turns = [s for s in of.said if isinstance(s, Sighted) and (s.findings or s.over)]
    assert len(turns) <= 10


def test_unbound_mover_has_no_findings() -> None:
    """Once a person says that the track is not ours, nothing found of it stands."""
    of = begin()
    of.bind("RELIEF 1", "abc123")
    of.see("abc123", *HERE, course=90, mps=100)
    of.see("stranger", *beside(*HERE, 90, 20_000), course=270, mps=100)
    of.look()
    assert of.troubles()
    of.town.take("BRAVO", Bound(id="u", line=of.town.line, person="watch", gone=("RELIEF 1",)))
    assert of.troubles() == []


def test_evaluation_that_fails_or_takes_long_is_said_until_one_is_in_time() -> None:
    """Whoever relies on tracks hears that nobody looks at them, once; the next look ends it."""
    of = begin()
    for why in ("failed", "behind"):
        state = of.town.nodes["BRAVO"].state
        (said,) = of.desk.failed(state, of.town.now, why)
        of.town.take("BRAVO", said)
        assert of.desk.failed(of.town.nodes["BRAVO"].state, of.town.now, why) == []
    assert [t.kind for t in of.troubles()] == [TroubleKind.TRACK_SOURCE] * 2
    of.look()
    assert of.troubles() == []


def test_tracks_beside_a_volume_are_those_that_a_look_at_all_finds() -> None:
    """Put in order along an axis, no track within reach of a volume is passed over, and none is
    looked at that is far from all of them."""
    chance = np.random.default_rng(3)
    town = Town(("ALFA", "BRAVO"))
    now = town.now
    book = TrackBook()
    places = chance.uniform((30, 0), (50, 30), (400, 2)).tolist()
    for n, (lat, lon) in enumerate(places):
        book.take(
            Sighting(
                source="s", id=f"t{n}", at=now, lat=lat, lon=lon, course_deg=90.0,
                speed_mps=float(n),
            ),
            now,
        )  # fmt: skip
    sky = book.sky(now)
    discs = [
        disc(lat + chance.uniform(-0.2, 0.2), lon, chance.uniform(1, 60))
        for lat, lon in places[::20] * 2
    ]
    extents = [Extent(volume=volume(each, now, Instant(now + 60_000))) for each in discs]
    volumes = Volumes.of([str(n) for n in range(len(extents))], extents)
    apart = sky.fleet.states()[:, None, :3] - volumes.packed.solid[None, :, :3]
    reach = volumes.packed.solid[None, :, 5] + sky.fleet.speed[:, None] * INSIDE_S + 1.0
    pairs = (np.linalg.norm(apart, axis=2) <= reach).sum(axis=1)
    every = np.flatnonzero(pairs).tolist()
    found = touching(volumes, sky, {every[0]: "OWN"})
    assert len(every) > 10
    assert pairs.max() > 1
    assert found == (every[1:], pairs[every[1:]].tolist())


@given(
    st.lists(st.integers(0, 30), max_size=40), st.integers(1, 40), st.integers(0, 1_000)
)  # fmt: skip
def test_everything_has_its_turn_in_as_many_turns_as_there_are_runs(
    units: list[int], most: int, first: int
) -> None:
    """No turn looks at more than it may unless one row alone is more, and turns that follow each
    other leave nothing out: with as many as there are rows each was looked at."""
    rows = [100 + n for n in range(len(units))]
    looked: set[int] = set()
    for turn in range(first, first + max(1, len(rows))):
        chosen = whose_turn(rows, units, most, turn)
        cost = sum(units[row - 100] for row in chosen)
        assert cost <= most or len(chosen) == 1
        assert chosen or not rows
        looked |= set(chosen)
    assert looked == set(rows)


def test_every_stranger_in_thousands_of_own_volumes_rings_at_the_first_look() -> None:
    """2,000 volumes to be kept clear and 40 strangers, each inside one of them: all are found in
    one evaluation, for a track is held against the volumes beside it alone."""
    of = begin()
    start, end = of.town.now, Instant(of.town.now + 30 * MINUTE)
    places = [(20.0 + n // 50, 10.0 + n % 50) for n in range(2_000)]
    for first in range(0, len(places), 100):
        discs = tuple(volume(disc(*at, 2), start, end) for at in places[first : first + 100])
        of.town.say("BRAVO", Notice(cls="protected-air", label="Sites", volumes=discs))
    of.town.settle()
    for n, at in enumerate(places[::50]):
        of.see(f"t{n}", *at)
    of.look()
    rung = of.troubles(TroubleKind.TRACK_INSIDE)
    assert {f"t{n}" for n in range(40)} == {t.key.rsplit("/", 1)[1] for t in rung}
