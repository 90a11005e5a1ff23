"""Own movers inside hazards, looked at a bounded amount a turn: nothing is missed, nothing ends
because nobody has looked yet."""

from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearline.model.alert import TroubleKind
from clearline.model.entry import Kind, Notice, Precedence
from clearline.model.ids import Digest, EntryRef, FeedId
from clearline.model.space import LatLon
from clearline.model.time import Instant
from clearline.node.exposing import Exposing
from clearline.node.exposure import ExposedMover, exposed_movers
from clearline.node.inbound import Movers
from clearline.node.mover import Mover
from clearline.picture.situation import Version
from tests.town import BEGIN, Town, at, disc, level, volume

Found = dict[tuple[EntryRef, str], ExposedMover]
STEP_MOST = 400
"""More than one step is counted as, among the movers and hazards of these tests."""


def hazard(n: int, *places: tuple[float, float, float], start: int = 60) -> Version:
    """One with a disc (latitude, longitude, kilometres) for every place."""
    ref = EntryRef(FeedId("BBB.0"), n)
    return Version(
        ref=ref, notice=ref, kind=Kind.NOTICE, cls="hazardous-air", label=f"range {n}",
        volumes=tuple(
            volume(disc(lat, lon, km), at(start), at(start + 60)) for lat, lon, km in places
        ),
        stated=BEGIN, prec=Precedence.PRIORITY, leaf=Digest("00"),
    )  # fmt: skip


def mover(name: str, lat: float, lon: float) -> Mover:
    """One at 10 m/s."""
    where = LatLon(round(lat * 1e7), round(lon * 1e7))
    return Mover(
        call_sign=name, position=where, height_mm=None, speed_mms=10_000, as_of=BEGIN, cls="",
    )  # fmt: skip


def found(exposing: Exposing, now: Instant = BEGIN) -> Found:
    """What it holds."""
    return {(v.ref, one.call_sign): one for v, one in exposing.found(now)}


def brute(hazards: Mapping[EntryRef, Version], movers: Mapping[str, Mover]) -> Found:
    """Every mover held against every hazard."""
    return {
        (ref, one.call_sign): one
        for ref, version in hazards.items()
        for one in exposed_movers(movers.values(), version, BEGIN)
    }


HAZARDS = [
    hazard(n, *((10 + k * 0.2 + n * 0.1, 20, 15 + 5 * n) for k in range(1 + n % 3)), start=60 - n)
    for n in range(6)
]


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9), max_size=4),
            st.sets(st.integers(0, 5), max_size=6),
            st.integers(0, 60),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_order_and_any_budget_end_as_brute_force(
    steps: list[tuple[dict[str, int], set[int], int]],
) -> None:
    """Movers come, go and move, hazards come and go, between bounded bits of work: whatever is so
    is known or waits; at the end all is known, and nothing else."""
    held: Exposing | None = None
    for places, live, units in steps:
        movers = {name: mover(name, 10 + k * 0.07, 20) for name, k in places.items()}
        hazards = {HAZARDS[n].ref: HAZARDS[n] for n in sorted(live)}
        held = held or Exposing()
        held.keep(hazards.values())
        held.follow(movers)
        assert held.look(units) <= units + STEP_MOST
        so = brute(hazards, movers)
        known = found(held)
        for key in so.keys() ^ known.keys():
            assert held.waits(*key), f"{key} is neither known nor waiting"
        while held.waiting:
            assert held.look(10) > 0
            if units % 2:
                break  # the rest in the next round
    assert held is not None
    held.look()
    assert found(held) == so
    assert not any(held.waits(ref, name) for ref in hazards for name in movers)


def test_thousand_movers_in_hundreds_of_hazards_take_many_short_turns() -> None:
    """No call does much more than it was given; all of it is a few thousand turns at the most, and
    what did not move costs nothing again."""
    rng = np.random.default_rng(1)
    hazards = {
        each.ref: each
        for n in range(300)
        for each in [hazard(n, (float(rng.uniform(0, 40)), float(rng.uniform(0, 40)), 20.0))]
    }
    movers = {
        f"m{n}": mover(f"m{n}", float(rng.uniform(0, 40)), float(rng.uniform(0, 40)))
        for n in range(1_000)
    }
    held = Exposing()
    held.keep(hazards.values())
    held.follow(movers)
    turns = 0
    while held.waiting:
        assert held.look(500) <= 500 + STEP_MOST
        turns += 1
    assert turns > 3
    assert found(held).keys() == brute_by_plane(hazards, movers)
    moved = {**movers, "m7": mover("m7", 1.0, 1.0)}
    held.follow(moved)
    assert held.look() < 300 * 30
    held.follow(dict(moved))
    assert held.waiting == 0


def brute_by_plane(
    hazards: Mapping[EntryRef, Version], movers: Mapping[str, Mover]
) -> set[tuple[EntryRef, str]]:
    """Who is in which disc, exactly where it matters: nobody is near an edge in this world."""
    near = set()
    for ref, version in hazards.items():
        centre = version.volumes[0].footprint.centre
        for one in movers.values():
            away = centre.lat - one.position.lat, centre.lon - one.position.lon
            if max(map(abs, away)) < 0.3:
                near.update((ref, who.call_sign) for who in exposed_movers([one], version, BEGIN))
    return near


def test_alarm_stands_until_the_mover_was_looked_at_again() -> None:
    """Who was found inside and moves on is still rung about while nobody has looked, and what is
    not looked at is counted; then it is over."""
    town = Town(("AAA", "BBB"))
    where = volume(disc(33, 33, 20), at(5), at(100), level(0), level(100))
    town.say("BBB", Notice(cls="hazardous-air", label="range", volumes=(where,)))
    town.settle()

    def placed(lat: float) -> Movers:
        return Movers(line=town.line, id=f"m{lat}", person="p", movers=(mover("TEAM 1", lat, 33),))

    def rung() -> int:
        troubles = town.nodes["AAA"].state.troubles.values()
        return sum(each.kind is TroubleKind.EXPOSED for each in troubles)

    town.work = 0
    done = town.take("AAA", placed(33.0))
    assert (rung(), done.pending > 0) == (0, True)
    town.work = 4_000
    town.take("AAA")
    assert rung() == 1
    town.work = 0
    assert town.take("AAA", placed(35.0)).pending > 0
    assert rung() == 1, "it was ended before anybody had looked"
    town.work = 4_000
    town.take("AAA")
    assert rung() == 0
