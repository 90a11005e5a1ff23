"""FM04, wrong place: read back in other words, held against the shape by machine, on real nodes."""

import dataclasses

import pytest
from msgspec.structs import replace

from clearline.model.alert import Severity, TroubleKind
from clearline.model.entry import Amend, Answer, Notice, ReadBack, Reply, Withdraw
from clearline.model.ids import EntryRef
from clearline.model.space import Height, HeightRef, LatLon
from clearline.model.time import MINUTE
from clearline.node.drafts import warning_view, warnings
from clearline.node.queries import reading
from clearline.node.queries_notices import find, notice_view
from clearline.notation import Ambiguous, Order
from clearline.notation.gazetteer import Gazetteer, read_gazetteer
from clearline.notation.position import read_position
from clearline.notation.readback import measure
from clearline.notation.relative import read_report
from clearline.notation.traps import Report, Trap, two_places
from tests.town import SURFACE, Town, at, disc, level, volume

PARTIES = ("ALFA", "BRAVO")
OWN_POINT = LatLon(340_000_000, 350_000_000)


def notice(lat: float, lon: float) -> Notice:
    """A hazard of 20 km, surface to FL250, in two hours."""
    place = volume(disc(lat, lon, 20), at(120), at(180), SURFACE, level(250))
    return Notice(cls="hazardous-air", label="Range 7", volumes=(place,))


def read_back(town: Town, ref: EntryRef, back: ReadBack) -> EntryRef:
    """BRAVO reads back."""
    (said,) = town.say(
        "BRAVO", Answer(to=ref, reply=Reply.READ_BACK, role="watch-officer", read_back=back)
    )
    town.settle()
    return said


def disputes(town: Town, party: str) -> list:
    """Troubles over a read-back on a desk."""
    found = town.nodes[party].state.troubles.values()
    return [trouble for trouble in found if trouble.kind is TroubleKind.READ_BACK]


def words(town: Town, party: str, ref: EntryRef) -> list[str]:
    """What a desk reads of the answers to a version."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    held = find(of, ref)
    assert held is not None
    return [each.words for each in notice_view(of, *held).answers]


@pytest.fixture
def town() -> Town:
    """Two parties."""
    return Town(PARTIES)


def test_right_read_back_is_no_dispute(town: Town) -> None:
    """Bearing and distance from a point of BRAVO's own, upper limit, start: they agree."""
    filed = notice(34.5, 35.25)
    (ref,) = town.say("ALFA", filed)
    town.settle()
    read_back(town, ref, measure(OWN_POINT, filed.volumes[0]))
    town.tick()
    for party in PARTIES:
        assert [] == disputes(town, party)
        assert "read-back agrees" in words(town, party, ref)[0]
    town.check()


@pytest.mark.parametrize(
    ("meant", "filed", "low_km", "high_km"),
    [
        ((34.5, 35.25), (34.30, 35.25), 22.1, 22.3),  # 34 30' as 34.30
        ((34.5, 35.25), (34.5, 35.15), 9.1, 9.3),  # 35 15' as 35.15
        ((34.5, 35.1), (35.1, 34.5), 80.0, 90.0),  # exchanged
        ((34.5, 35.25), (34.5, 35.2522), 0.1, 0.3),  # 200 m
    ],
)
def test_place_that_is_filed_wrongly_opens_a_dispute_at_both_ends(
    town: Town, meant: tuple, filed: tuple, low_km: float, high_km: float
) -> None:
    """BRAVO measures what was meant (said by telephone), the notice says another place: both desks
    are rung with how far apart the two are, and the duty to answer is none the longer."""
    (ref,) = town.say("ALFA", notice(*filed))
    town.settle()
    read_back(town, ref, measure(OWN_POINT, notice(*meant).volumes[0]))
    town.tick()
    for party in PARTIES:
        (trouble,) = disputes(town, party)
        assert trouble.severity is Severity.ALARM
        assert trouble.about[0] == ref
        said = str(trouble.params["differs"])
        assert low_km <= float(said.removeprefix("place by ").removesuffix(" km")) <= high_km
        assert "READ-BACK DIFFERS: place by" in words(town, party, ref)[0]
    town.check()


def test_dispute_blocks_no_answer_and_a_right_read_back_closes_it(town: Town) -> None:
    """ROGER and UNABLE go while it is open; it closes when the same party reads back rightly, and
    not before: an answer of another kind is no read-back."""
    filed = notice(34.5, 35.25)
    (ref,) = town.say("ALFA", filed)
    town.settle()
    exact = measure(OWN_POINT, filed.volumes[0])
    read_back(town, ref, replace(exact, upper=level(350), start=at(60)))
    town.tick()
    (trouble,) = disputes(town, "ALFA")
    assert trouble.params["differs"] == "upper limit by 3048 m, start by 1 h 00 min"
    for reply in (Reply.ROGER, Reply.UNABLE):
        town.say("BRAVO", Answer(to=ref, reply=reply, role="watch-officer"))
        town.settle()
    assert len(disputes(town, "ALFA")) == len(disputes(town, "BRAVO")) == 1
    town.wait(MINUTE)
    read_back(town, ref, exact)
    town.tick()
    assert [] == disputes(town, "ALFA") + disputes(town, "BRAVO")
    town.check()


def test_read_back_that_cannot_be_compared_ends_no_dispute(town: Town) -> None:
    """The same place with its limit above mean sea level proves nothing: what was wrong before
    stays so at both ends, and so it does after many of them, until one is right."""
    filed = notice(34.5, 35.25)
    (ref,) = town.say("ALFA", filed)
    town.settle()
    exact = measure(OWN_POINT, filed.volumes[0])
    wrong = read_back(town, ref, replace(exact, upper=level(350)))
    for _ in range(3):
        town.wait(MINUTE)
        read_back(town, ref, replace(exact, upper=Height(ref=HeightRef.AMSL, mm=7_620_000)))
        town.tick()
        for party in PARTIES:
            (trouble,) = disputes(town, party)
            assert wrong in trouble.about
    read_back(town, ref, exact)
    town.tick()
    assert [] == disputes(town, "ALFA") + disputes(town, "BRAVO")
    town.check()


def test_amended_place_is_read_back_anew(town: Town) -> None:
    """The dispute belongs to the version: it ends with it, and the new one has none."""
    (ref,) = town.say("ALFA", notice(34.30, 35.25))
    town.settle()
    read_back(town, ref, measure(OWN_POINT, notice(34.5, 35.25).volumes[0]))
    town.tick()
    assert disputes(town, "BRAVO")
    (newer,) = town.say("ALFA", Amend(notice=ref, to=notice(34.5, 35.25)))
    town.say("ALFA", Withdraw(versions=(ref,)))
    town.settle()
    town.tick()
    assert [] == disputes(town, "ALFA") + disputes(town, "BRAVO")
    read_back(town, newer, measure(OWN_POINT, notice(34.5, 35.25).volumes[0]))
    town.tick()
    assert [] == disputes(town, "ALFA") + disputes(town, "BRAVO")


def test_what_cannot_be_compared_is_said_and_rings_nobody(town: Town) -> None:
    """A limit read back in feet above the sea against a flight level: neither agreed nor wrong."""
    filed = notice(34.5, 35.25)
    (ref,) = town.say("ALFA", filed)
    town.settle()
    exact = measure(OWN_POINT, filed.volumes[0])
    feet = Height(ref=HeightRef.AMSL, mm=7_620_000)
    read_back(town, ref, replace(exact, upper=feet))
    town.tick()
    assert [] == disputes(town, "ALFA") + disputes(town, "BRAVO")
    assert "read-back cannot be compared: upper limit" in words(town, "ALFA", ref)[0]


# -- slips that are found before anybody reads back


PLACES = """
[[places]]
names = ["ALFA headquarters"]
at = "34 30 45 N 35 14 15 E"
own = true
"""


def looked_at(town: Town, party: str, ref: EntryRef | None, said: Notice) -> list[str]:
    """What a desk is told to look at again: before filing, or of what it holds."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    if ref is None:
        found = warnings(of.terms, said, of.now, places=of.places)
        return [warning_view(each).words for each in found]
    held = find(of, ref)
    assert held is not None
    return list(notice_view(of, *held).look_again)


@pytest.mark.parametrize(
    ("text", "km"), [("35.30 36", 22.19), ("35 36.15", 9.12), ("34.30 35.15", 24.01)]
)
def test_minutes_that_read_as_decimals_are_asked_about_before_filing(text: str, km: float) -> None:
    """35 30' as 35.30 is 22.2 km off, 36 15' as 36.15 is 9.1 km: both meanings, never one."""
    found = read_position(text)
    assert isinstance(found, Ambiguous)
    assert found.apart_mm / 1e6 == pytest.approx(km, abs=0.05)


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (40.1, 35.5, "would, 651.6 km away, with latitude and longitude exchanged"),
        (34.25, 35.15, "if degrees and minutes were read as decimals"),
        (34.5125, 35.2375, "It is where our own “ALFA headquarters” is"),
        (-34.5123, 35.2345, "with another of N, S, E, W"),
        (48.1234, 11.5678, "It does not lie within the agreed area"),
        (34.5123, 35.2345, ""),
    ],
)
def test_slip_is_caught_before_it_is_filed_and_at_the_receiver(
    town: Town, lat: float, lon: float, expected: str
) -> None:
    """The author is asked to look again, and so is the desk that receives it; the notice goes."""
    places = read_gazetteer(PLACES.encode())
    assert isinstance(places, Gazetteer)
    for node in town.nodes.values():
        node.tools = dataclasses.replace(node.tools, places=places)
    said = notice(lat, lon)
    (before,) = looked_at(town, "ALFA", None, said) or [""]
    (ref,) = town.say("ALFA", said)
    town.settle()
    (after,) = looked_at(town, "BRAVO", ref, said) or [""]
    assert expected in before
    assert before == after
    assert bool(before) is bool(expected)
    town.check()


def test_exchanged_latitude_and_longitude_are_652_km_apart() -> None:
    """35.5/40.1: nobody said which comes first, and both are given."""
    found = read_position("35.5 40.1", order=Order.UNSAID)
    assert isinstance(found, Ambiguous)
    assert round(found.apart_mm / 1e6) == 652


def test_two_reports_of_one_position_kilometres_apart_are_flagged() -> None:
    """Deir ez-Zor: said to be 9 km south of the airfield, then 3 to 6 km south-west of it. On the
    spot of each they are 6 to 7 km apart; at whatever bearing a compass word allows, at least 3."""
    airfield = "35.2854N 40.1759E"
    exact = [
        two_places(
            _report(f"9 km 180 of {airfield}"), _report(f"{km} km 225 of {airfield}"), 100_000
        )
        for km in (3, 6)
    ]
    assert all(found is not None and found.trap is Trap.TWO_PLACES for found in exact)
    assert [round(found.apart_mm / 1e6) for found in exact if found] == [7, 6]
    words = two_places(
        _report(f"9 km S of {airfield}"), _report(f"3-6 km SW of {airfield}"), 100_000
    )
    assert words is not None
    assert words.apart_mm > 2_900_000
    near = two_places(
        _report(f"9 km S of {airfield}"), _report(f"5-9 km SSW of {airfield}"), 100_000
    )
    assert near is None


def _report(text: str) -> Report:
    found = read_report(text)
    assert isinstance(found, Report), found
    return found
