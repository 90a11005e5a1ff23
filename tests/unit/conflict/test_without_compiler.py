"""The engine where nothing is compiled: the same answers, slower."""

import os
import subprocess
import sys

import numpy as np

from clearline.conflict.fast.index import FastIndex
from clearline.conflict.fast.kept import SWITCH
from clearline.conflict.leave import exit_m
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.pairs import find_pairs
from clearline.conflict.tracks.track import UNSTATED, Fleet
from clearline.model.space import Corridor, Edge, Polygon
from tests.conflict_cases import disc, square
from tests.conflict_oracle import place
from tests.unit.conflict.test_fast_index import TABLE, world

NOTICES, QUESTIONS, TRACKS = 30, 10, 40


def answers() -> str:
    """What meets what, before and after segments were put together, ends and all; a line each."""
    index: FastIndex[int] = FastIndex(TABLE)
    for number, (extents, cls) in enumerate(world(NOTICES, 3)):
        index.insert(number, number, extents, cls)
    index.remove(NOTICES, 4)
    ids, columns, owners, sequence = index.held()
    loaded: FastIndex[int] = FastIndex(TABLE)
    loaded.names = index.names
    loaded.load(sequence, ids, columns, owners)
    lines = []
    for each in (index, loaded):
        for extents, cls in world(QUESTIONS, 4):
            hits = each.check(extents, cls).hits
            lines.append(" ".join(f"{hit.id}:{hit.verdict.value}" for hit in hits))
    return "\n".join(lines)


def losses() -> str:
    """Pairs of tracks that lose separation, with their verdicts."""
    rng = np.random.default_rng(11)
    fleet = Fleet(
        ids=[str(k) for k in range(TRACKS)],
        lat=rng.uniform(84, 85, TRACKS),
        lon=(rng.uniform(176, 184, TRACKS) + 180) % 360 - 180,
        course=rng.uniform(0, 360, TRACKS),
        speed=rng.uniform(200, 260, TRACKS),
        height=rng.uniform(9_000, 10_000, TRACKS),
        climb=rng.choice([0.0, 5.0, -5.0], TRACKS),
        ref=np.full(TRACKS, UNSTATED, np.int8),
        age_s=np.zeros(TRACKS),
    )
    minima = Minima(lateral_m=9_260.0, vertical_m=304.8, lookahead_s=300.0)
    found = find_pairs(fleet, minima)
    rows = sorted(zip(map(str, found.a), map(str, found.b), strict=True))
    return "\n".join(f"{a} {b}" for a, b in rows)


def ways_out() -> list[float]:
    """Metres out of a polygon, a corridor and a disc."""
    line = (place(49.9, 7.6), place(50.4, 9.0))
    corridor = Corridor(line=line, half_width_mm=9_000_000, edge=Edge.GEODESIC)
    ring: Polygon = square(50, 8.3, 40_000, 11, Edge.LONLAT)
    return [exit_m(each, place(50.1, 8.2)) for each in (ring, corridor, disc(50, 8.2, 30_000))]


def plainly(call: str) -> str:
    """What a process says that compiles nothing; it has nothing to warn of."""
    script = f"from {__name__} import {call} as call; print(call())"
    environ = {**os.environ, SWITCH: "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n")


def test_what_meets_what_is_the_same_without_a_compiler() -> None:
    """Every hit and every verdict, from a tail and from a segment."""
    compiled = answers()
    assert plainly("answers") == compiled.rstrip("\n")
    assert compiled.count("YES") >= 10


def test_tracks_lose_separation_the_same_without_a_compiler() -> None:
    """The same pairs at 84° N over 180°."""
    compiled = losses()
    assert plainly("losses") == compiled
    assert compiled.count("\n") >= 5


def test_ways_out_are_as_long_without_a_compiler() -> None:
    """To centimetres out of a polygon and a disc; a corridor is walked out of in steps."""
    plain = [float(word) for word in plainly("ways_out").strip("[]").split(",")]
    for one, other, near in zip(plain, ways_out(), (0.05, 5.0, 0.05), strict=True):
        assert one > 500
        assert abs(one - other) < near
