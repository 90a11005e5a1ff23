"""Pairs of tracks, beside BlueSky's detectors in the same run. Prints one JSON object.

    python -m benchmarks.bench_tracks [--growth] [--volumes 1000000]

Medians of ROUNDS runs, compiled and warm, the same tracks each time, in processor time of this
process (all of it runs on one core), so that what else runs on the machine hardly counts.
``shared_ms``: by HANDS threads, in wall-clock time. ``ratio``: BlueSky's time over ours (it uses
one thread), ``shared_ratio``: over that by two. BlueSky's numpy detector holds a dozen matrices of
every track with every other and is run up to NUMPY_MAX tracks only, its compiled one up to
COMPILED_MAX.
``missed``: pairs that BlueSky does not find among those that may lose separation, and pairs that it
finds and that do not.
"""

import json
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from time import perf_counter, process_time
from types import SimpleNamespace

import numpy as np

from benchmarks import worlds
from clearline.conflict.fast.packing import pack
from clearline.conflict.fast.stated import Names, Stated, extent_at
from clearline.conflict.tracks.minima import Minima
from clearline.conflict.tracks.pairs import Pairs, find_pairs
from clearline.conflict.tracks.track import UNSTATED, Fleet
from clearline.conflict.tracks.volumes import Volumes, tracks_in_volumes
from clearline.conflict.verdict import Extent
from clearline.engine import side_by_side
from clearline.model.time import Instant

ROUNDS = 15
NUMPY_MAX = 3_000
COMPILED_MAX = 20_000
HANDS = 2
AIRLINERS = Minima(lateral_m=9_260.0, vertical_m=304.8, lookahead_s=300.0)
DRONES = Minima(lateral_m=50.0, vertical_m=15.0, lookahead_s=60.0)


def fleet(
    n: int, lat: tuple[float, float], lon: tuple[float, float], *, drones: bool = False
) -> Fleet:
    """Tracks anywhere in a box, on any course: airliners to 12 km, drones to 120 m."""
    random = np.random.default_rng(n)
    high, slow, fast = (120.0, 0.0, 20.0) if drones else (12_000.0, 200.0, 260.0)
    return Fleet(
        ids=[str(k) for k in range(n)],
        lat=random.uniform(*lat, n),
        lon=random.uniform(*lon, n),
        course=random.uniform(0, 360, n),
        speed=random.uniform(slow, fast, n),
        height=random.uniform(0, high, n),
        climb=random.choice([0.0, 0.0, 0.0, 5.0, -5.0], n),
        ref=np.full(n, UNSTATED, np.int8),
        age_s=np.zeros(n),
    )


def seconds(
    run: Callable[[], object], rounds: int = ROUNDS, clock: Callable[[], float] = process_time
) -> float:
    """Median duration."""
    durations = []
    for _ in range(rounds):
        start = clock()
        run()
        durations.append(clock() - start)
    return statistics.median(durations)


def bluesky(which: str) -> Callable[[Fleet, Minima], object] | None:
    """BlueSky's numpy or compiled detector; None where it is not installed."""
    try:
        with redirect_stdout(sys.stderr):  # it greets
            from bluesky.traffic.asas import cstatebased, statebased
    except ImportError:
        return None

    def detect(tracks: Fleet, minima: Minima) -> object:
        n = len(tracks)
        traffic = SimpleNamespace(
            ntraf=n, id=list(tracks.ids), lat=tracks.lat, lon=tracks.lon, trk=tracks.course,
            gs=tracks.speed, alt=tracks.height, vs=tracks.climb,
        )  # fmt: skip
        wide, tall = np.full(n, minima.lateral_m), np.full(n, minima.vertical_m)
        ahead = np.full(n, minima.lookahead_s)
        if which == "compiled":
            return cstatebased.detect(traffic, traffic, wide, tall, ahead)
        return statebased.StateBased.detect(None, traffic, traffic, wide, tall, ahead)

    return detect


def row(name: str, tracks: Fleet, minima: Minima) -> dict[str, object]:
    """Our time, BlueSky's where it can run, and the ratios."""
    pairs: list[Pairs] = []
    find_pairs(tracks, minima)
    ours = seconds(lambda: pairs.append(find_pairs(tracks, minima)))
    found: dict[str, object] = {"case": name, "tracks": len(tracks), "pairs": len(pairs[0]),
                                "ms": round(ours * 1e3, 2)}  # fmt: skip
    with side_by_side(HANDS) as hands:
        find_pairs(tracks, minima, hands=hands)
        shared = seconds(lambda: find_pairs(tracks, minima, hands=hands), clock=perf_counter)
    found["shared_ms"] = round(shared * 1e3, 2)
    for which, most in (("numpy", NUMPY_MAX), ("compiled", COMPILED_MAX)):
        detect = bluesky(which)
        if detect is None or len(tracks) > most:
            continue
        rounds = ROUNDS if len(tracks) <= NUMPY_MAX else 1
        theirs = seconds(lambda run=detect: run(tracks, minima), rounds)
        found[f"bluesky_{which}_ms"] = round(theirs * 1e3, 1)
        found[f"bluesky_{which}_ratio"] = round(theirs / ours, 1)
        found[f"bluesky_{which}_shared_ratio"] = round(theirs / shared, 1)
    return found


def missed() -> dict[str, object]:
    """What BlueSky does not find above 82 degrees, and across 180."""
    detect, answer = bluesky("numpy"), {}
    if detect is None:
        return {}
    for name, tracks in (
        ("above_82", fleet(2_000, (82, 90), (-180, 180))),
        ("above_88", fleet(1_000, (88, 90), (-180, 180))),
        ("across_180", fleet(2_000, (40, 50), (175, 185))),
    ):
        tracks.lon[tracks.lon > 180] -= 360
        with np.errstate(all="ignore"):
            theirs = {tuple(sorted(pair)) for pair in detect(tracks, AIRLINERS)[0]}
        ours = find_pairs(tracks, AIRLINERS)
        pairs = {tuple(sorted((str(a), str(b)))) for a, b in zip(ours.a, ours.b, strict=True)}
        answer[name] = {"pairs": len(pairs), "bluesky_misses": len(pairs - theirs),
                        "bluesky_invents": len(theirs - pairs)}  # fmt: skip
    return answer


@dataclass(frozen=True, slots=True)
class Kept(Sequence[Extent]):
    """Extents that are made of their columns when they are asked for."""

    columns: Stated
    names: Names

    def __len__(self) -> int:
        return len(self.columns.facts)

    def __getitem__(self, i):
        return extent_at(self.columns, i, self.names)


def volumes_of(columns: Stated) -> Volumes:
    """What ``Volumes.of`` makes of extents, without a million of them."""
    return Volumes(
        ids=[str(k) for k in range(len(columns.facts))],
        extents=Kept(columns, Names()),
        packed=pack(columns.shapes),
        start=columns.facts[:, 0].astype(np.float64),
        end=columns.facts[:, 1:3].sum(axis=1).astype(np.float64),
        heights=columns.heights,
    )


def in_volumes(count: int, tracks: Fleet) -> dict[str, object]:
    """Tracks all over the world against as many volumes, 300 s ahead: entry and exit times."""
    held, now = volumes_of(worlds.columns(count, 1)), Instant(worlds.EPOCH_MS + worlds.DAY_MS // 2)
    found: list[int] = []

    def ask() -> None:
        stays = tracks_in_volumes(tracks, held, AIRLINERS.lookahead_s, now, ways_out=False)
        found.append(sum(1 for _ in stays))

    ask()
    spent = seconds(ask, 3)
    return {"case": "tracks x volumes", "tracks": len(tracks), "volumes": count,
            "stays": found[0], "ms": round(spent * 1e3, 1)}  # fmt: skip


def main() -> None:
    """The table; with --growth also 1k to 100k tracks."""
    box = ((45.0, 55.0), (0.0, 10.0))
    world = ((-85.0, 85.0), (-180.0, 180.0))
    rows = [
        row("airliners 10x10", fleet(1_000, *box), AIRLINERS),
        row("airliners 10x10", fleet(10_000, *box), AIRLINERS),
        row("airliners 10x10", fleet(20_000, *box), AIRLINERS),
        row("airliners 10x10", fleet(100_000, *box), AIRLINERS),
        row("airliners worldwide", fleet(100_000, *world), AIRLINERS),
        row("drones 1x1", fleet(100_000, (45.0, 46.0), (0.0, 1.0), drones=True), DRONES),
    ]
    if "--volumes" in sys.argv:
        count = int(sys.argv[sys.argv.index("--volumes") + 1])
        rows.append(in_volumes(count, fleet(100_000, *world)))
    if "--growth" in sys.argv:
        for n in (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000):
            rows.append(row("growth worldwide", fleet(n, *world), AIRLINERS))
    print(json.dumps({"machine": platform.machine(), "rows": rows, "missed": missed()}, indent=1))


if __name__ == "__main__":
    main()
