"""What meets a volume among a million, beside shapely, rtree and PostGIS. Prints one JSON object.

    python -m benchmarks.bench_detect [--volumes 1000000] [--without PEER ...]

One process, one world for all (``benchmarks.worlds``), warm, and every question new to the engine:
its time includes reading the volume as the model has it; a peer finds its geometry ready made.
Wall clock, and processor time of the thread that asks (``cpu``), which what else runs on the
machine hardly touches. p50 and p99 are medians of ROUNDS runs over all questions. ``ratio``: a
peer's time over ours. The engine is exact on the ellipsoid, knows references of height, and takes
changes while it answers; the peers are planar, compare metres with metres, and STRtree cannot
change.
"""

import argparse
import gc
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from math import cos, pi, radians, sin
from time import perf_counter, process_time, thread_time

import numpy as np

from benchmarks import peers, worlds, wrong
from clearline.conflict.fast.index import FastIndex
from clearline.conflict.fast.saved import Saved, from_bytes, to_bytes
from clearline.conflict.fast.stated import Stated
from clearline.conflict.verdict import Extent, Separation
from clearline.engine import Engine
from clearline.model.space import Disc, Edge, Height, HeightRef, LatLon, Polygon, Volume
from clearline.model.time import Instant

ROUNDS = 5
QUESTIONS = 2_000
BATCH = 20_000
INSERTS = 20_000
APART = Separation(
    lateral_mm=round(worlds.LATERAL_M * 1000),
    vertical_mm=round(worlds.VERTICAL_M * 1000),
    measured=False,
)
GOALS = {
    "world": {"p50_us": 30, "p99_us": 250},
    "europe": {"p50_us": 45, "p99_us": 400},
    "batch_per_s": 35_000,
    "load_s": 5.0,
    "inserts_per_s": 20_000,
    "worst_pause_ms": 5.0,
    "ring_ms": 20.0,
}


def percentiles(check: Callable[[int], int], count: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Medians over the rounds of p50 and p99, and how many are found on average."""
    found, rows = 0, []
    for _ in range(rounds):
        spent, worked = np.empty(count), np.empty(count)
        found = 0
        for i in range(count):
            work = thread_time()
            start = perf_counter()
            hits = check(i)
            spent[i] = perf_counter() - start
            worked[i] = thread_time() - work
            found += hits
        both = np.stack((spent, worked), axis=1)
        rows.append(np.percentile(both * 1e6, [50, 99], axis=0))
    (p50, cpu_p50), (p99, cpu_p99) = np.median(rows, axis=0).round(1).tolist()
    times = {"p50_us": p50, "p99_us": p99, "cpu_p50_us": cpu_p50, "cpu_p99_us": cpu_p99}
    return {**times, "hits": round(found / count, 3)}


def rate(run: Callable[[], object], count: int) -> int:
    """How many a second, median of the rounds."""
    spent = []
    for _ in range(ROUNDS):
        start = perf_counter()
        run()
        spent.append(perf_counter() - start)
    return round(count / statistics.median(spent))


def engine_of(stated: Stated) -> FastIndex[str]:
    """An index that holds a world."""
    index: FastIndex[str] = FastIndex(((APART,),))
    n = len(stated.facts)
    index.load(0, [str(k) for k in range(n)], stated, np.arange(n))
    return index


def checks(box: tuple[float, float, float, float], n: int, without: Sequence[str]) -> object:
    """One question after the other, and many in a call: the engine and every peer."""
    stated, asked = worlds.columns(n, 1, box), worlds.columns(QUESTIONS, 2, box)
    index, questions = engine_of(stated), [[e] for e in worlds.extents(asked)]
    many = worlds.columns(BATCH, 3, box)
    gc.freeze()  # what was made here is not the engine's to look through
    ours = percentiles(lambda i, index=index: len(index.check(questions[i]).hits), QUESTIONS)
    ours["batch_per_s"] = rate(lambda index=index: index.check_columns(many), BATCH)
    asked_for = [([extent], 0) for extent in worlds.extents(many)]
    ours["batch_of_objects_per_s"] = rate(
        lambda index=index: index.check_many(asked_for), len(asked_for)
    )
    rows = {"clearline": ours}
    for name, row in _peers(worlds.planar(stated), worlds.planar(asked), without):
        for key in ("p50_us", "p99_us"):
            row[f"ratio_{key[:3]}"] = round(row[key] / ours[key], 1)
        rows[name] = row
        print(f"   {name}: {row}", file=sys.stderr, flush=True)
    return rows


def _peers(world: worlds.Planar, asked: worlds.Planar, without: Sequence[str]):
    for kind in (peers.Shapely, peers.ShapelyByHand, peers.Rtree):
        if kind.name in without:
            continue
        try:
            peer = kind(world, asked)
        except ImportError as missing:
            print(f"   {kind.name}: not there ({missing})", file=sys.stderr)
            continue
        row = percentiles(peer.check, QUESTIONS)
        if isinstance(peer, peers.Shapely):
            row["batch_per_s"] = rate(peer.check_all, QUESTIONS)
        else:
            boxes = np.concatenate(peers.boxes(asked), axis=1)
            start = perf_counter()
            for box in boxes:
                peer.insert(box)
            row["inserts_per_s"] = round(len(boxes) / (perf_counter() - start))
        yield kind.name, {**row, "load_s": round(peer.load_s, 1)}
    if "PostGIS" in without:
        return
    with peers.postgis() as server:
        if server is None:
            print("   PostGIS: not installed, left out", file=sys.stderr)
            return
        peer = peers.Postgis(server, world, asked)
        row = percentiles(peer.check, QUESTIONS // 10)
        row["inserts_per_s"] = round(peer.insert_rate(QUESTIONS))
        yield "PostGIS", {**row, "load_s": round(peer.load_s, 1), "where": "server"}
        peer.close()


def loading(n: int) -> dict[str, float]:
    """From the bytes of a snapshot to the first answer; then inserts one by one and the longest
    that a question or an insert took while all was put together in another thread."""
    stated = worlds.columns(n, 1)
    ids = tuple(str(k) for k in range(n))
    saved = Saved(sequence=0, ids=ids, names=(), classes=("",), columns=stated, owners=np.arange(n))
    raw = to_bytes(saved)
    assert isinstance(from_bytes(raw), Saved)
    spent, worked = [], []
    for _ in range(3):
        engine = Engine(separation=APART)
        start, work = perf_counter(), process_time()
        assert engine.load(raw) is None
        spent.append(perf_counter() - start)
        worked.append(process_time() - work)
    more = worlds.extents(worlds.columns(INSERTS, 4))
    names = [f"new {k}" for k in range(INSERTS)]
    gc.freeze()
    pauses = np.empty((INSERTS, 2))
    begun, inserted = perf_counter(), 0.0
    for k, extent in enumerate(more):
        start, work = perf_counter(), thread_time()
        engine.insert(names[k], (extent.volume,), checked=True)
        inserted += thread_time() - work
        pauses[k, 0] = perf_counter() - start
        if k % 8 == 0:
            engine.check((extent.volume,), checked=True)
            pauses[k, 1] = perf_counter() - start - pauses[k, 0]
        else:
            pauses[k, 1] = 0.0
    whole = perf_counter() - begun
    inserting = float(pauses[:, 0].sum())
    engine.close()
    return {
        "load_s": round(statistics.median(spent), 2),
        "load_cpu_s": round(statistics.median(worked), 2),
        "inserts_per_s": round(INSERTS / inserting),
        "inserts_per_cpu_s": round(INSERTS / inserted),
        "worst_insert_ms": round(float(pauses[:, 0].max()) * 1e3, 1),
        "worst_pause_ms": round(float(pauses.max()) * 1e3, 1),
        "p99_9_pause_ms": round(float(np.percentile(pauses, 99.9)) * 1e3, 2),
        "seconds": round(whole, 1),
    }


def _volume(footprint: Disc | Polygon) -> Extent:
    sfc, unl = Height(ref=HeightRef.SFC), Height(ref=HeightRef.UNL)
    window = (Instant(worlds.EPOCH_MS), Instant(worlds.EPOCH_MS + worlds.DAY_MS))
    volume = Volume(footprint=footprint, lower=sfc, upper=unl, start=window[0], end=window[1])
    return Extent(volume=volume)


def ring(vertices: int = 10_000, hits: int = 10_000) -> dict[str, float]:
    """One wavy ring 400 km wide against as many discs of 1 km inside of it and across its edge."""

    def at(turn: float, away_m: float) -> LatLon:
        north, east = away_m * cos(turn), away_m * sin(turn)
        lat = 50 + north / worlds.METRES_A_DEGREE
        lon = 10 + east / worlds.METRES_A_DEGREE / cos(radians(50))
        return LatLon(round(lat * 1e7), round(lon * 1e7))

    turns = [2 * pi * k / vertices for k in range(vertices)]
    outer = tuple(at(t, 200_000 * (1 + 0.05 * sin(90 * t))) for t in turns)
    rng = np.random.default_rng(5)
    spots = zip(
        rng.uniform(0, 2 * pi, hits), 209_000 * np.sqrt(rng.uniform(0, 1, hits)), strict=True
    )
    discs = [_volume(Disc(centre=at(t, r), radius_mm=1_000_000)) for t, r in spots]
    index: FastIndex[int] = FastIndex(((APART,),))
    for k, disc in enumerate(discs):
        index.insert(k, k, (disc,))
        merge = index.merge()
        if merge is not None:
            index.adopt(merge, merge.run())
    question = (_volume(Polygon(outer=outer, edge=Edge.GEODESIC)),)
    found, spent, worked = 0, [], []
    for _ in range(3 * ROUNDS):
        start, work = perf_counter(), thread_time()
        found = len(index.check(question).hits)
        spent.append(perf_counter() - start)
        worked.append(thread_time() - work)
    return {
        "vertices": vertices,
        "hits": found,
        "ring_ms": round(1e3 * statistics.median(spent), 1),
        "ring_cpu_ms": round(1e3 * statistics.median(worked), 1),
    }


def growth() -> list[dict[str, float]]:
    """Microseconds a check among ten thousand, a hundred thousand and a million."""
    rows = []
    questions = [[e] for e in worlds.extents(worlds.columns(QUESTIONS, 2))]
    for n in (10_000, 30_000, 100_000, 300_000, 1_000_000):
        index = engine_of(worlds.columns(n, 1))
        seen = percentiles(lambda i, index=index: len(index.check(questions[i]).hits), QUESTIONS)
        rows.append({"volumes": n, **seen})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--volumes", type=int, default=1_000_000)
    parser.add_argument("--without", nargs="*", default=[], help="peers to leave out, by name")
    asked = parser.parse_args()
    ready: FastIndex[str] = engine_of(worlds.columns(3_000, 9))
    ready.check(worlds.extents(worlds.columns(1, 8)))
    Engine.prepare(lambda what, share: None)
    results: dict[str, object] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "volumes": asked.volumes,
        "goals": GOALS,
    }
    parts: dict[str, Callable[[], object]] = {
        "growth": growth,
        "ring": ring,
        "loading": lambda: loading(asked.volumes),
        "wrong": wrong.decisions,
        "world": lambda: checks(worlds.WORLD, asked.volumes, asked.without),
        "europe": lambda: checks(worlds.EUROPE, asked.volumes, asked.without),
    }
    for name, part in parts.items():
        print(f"  {name}", file=sys.stderr, flush=True)
        start = perf_counter()
        results[name] = part()
        print(f"  {name}: {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        gc.unfreeze()
        gc.collect()
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
