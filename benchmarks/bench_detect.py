"""One check against a million volumes, beside shapely's STRtree and rtree in the same run.

Run: python benchmarks/bench_detect.py [--volumes 1000000] [--seed 1] [--json]

World: discs of 0.5 to 30 km, corridors, polygons of 4 to 60 corners; windows within 24 hours,
heights from one reference or several; all over the earth, or in a box the size of Europe. Peers
intersect footprints in the plane of longitude and latitude, with windows and heights compared in
numpy: wrong over 180 degrees, without separations, geoid or bounds. Seeds are fixed.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np

from clearline.conflict.fast.ready import prepare
from clearline.conflict.fast.saved import Saved, to_bytes
from clearline.conflict.fast.shapes import Shapes, offsets
from clearline.conflict.fast.stated import Names, Stated, extent_at
from clearline.engine import ANY, Engine

DAY = 1_800_000_000_000
ASKED = 2_000
INSERTED = 20_000
ROUNDS = 5


def world(count: int, seed: int, box: tuple[float, float, float, float] | None) -> Stated:
    """So many extents; ``box`` is south, north, west, east."""
    rng = np.random.default_rng(seed)
    if box is None:
        lat = np.clip(np.degrees(np.arcsin(rng.uniform(-1, 1, count))), -89, 89)
        lon = rng.uniform(-180, 180, count)
    else:
        lat, lon = rng.uniform(*box[:2], count), rng.uniform(*box[2:], count)
    kind = rng.integers(0, 3, count).astype(np.uint8)
    size = rng.uniform(500, 30_000, count)
    corners = np.choose(kind, (1, rng.integers(2, 6, count), rng.integers(4, 61, count)))
    first = offsets(corners.astype(np.int64))
    owner = np.repeat(np.arange(count), corners)
    k = np.arange(first[-1]) - first[owner]
    line, point = kind[owner] == 1, kind[owner] == 0
    along = (k / np.maximum(corners[owner] - 1, 1) - 0.5) * 2 * size[owner]
    step = np.where(line, along, size[owner] * rng.uniform(0.6, 1.0, len(k)))
    turn = rng.uniform(0, 2 * np.pi, count)[owner]
    turn += np.where(line, rng.uniform(-0.2, 0.2, len(k)), 2 * np.pi * k / corners[owner])
    step = np.where(point, 0.0, step) / 111_000
    lats = np.clip(lat[owner] + step * np.cos(turn), -89.99, 89.99)
    east = step * np.sin(turn) / np.maximum(np.cos(np.radians(lat[owner])), 0.01)
    lons = (lon[owner] + east + 180) % 360 - 180
    radius = np.choose(kind, (size, rng.uniform(200, 5_000, count), np.zeros(count))) * 1_000
    edge = np.where(kind == 0, 0, rng.choice([0, 0, 0, 1, 2], count)).astype(np.uint8)
    shapes = Shapes(
        kind,
        edge,
        radius.astype(np.int64),
        first,
        (lats * 1e7).astype(np.int32),
        (lons * 1e7).astype(np.int32),
        np.arange(count + 1, dtype=np.int64),
        first[1:].copy(),
    )
    facts, heights = np.zeros((count, 5), np.int64), np.zeros((count, 2, 5), np.int64)
    facts[:, 0] = DAY + rng.integers(0, 86_400_000, count)
    facts[:, 1] = facts[:, 0] + rng.integers(1_800_000, 14_400_000, count)
    heights[:, :, 0] = rng.choice([0, 1, 3, 3], count)[:, None]
    heights[:, 0, 1] = rng.integers(0, 10_000, count) * 1_000
    heights[:, 1, 1] = heights[:, 0, 1] + rng.integers(300, 3_000, count) * 1_000
    return Stated(shapes, facts, heights)


def planar(columns: Stated) -> np.ndarray:
    """The footprints as a planar library has them: longitude and latitude, round shapes as rings
    of 32 corners. What crosses 180 degrees is wrong there, as it is in practice."""
    import shapely

    s = columns.shapes
    points = np.stack((s.lon / 1e7, s.lat / 1e7), axis=1)
    radius = s.radius_mm / 1_000 / 111_000
    found = np.empty(len(s.kind), object)
    for kind in range(3):
        rows = np.flatnonzero(s.kind == kind)
        counts = np.diff(s.first)[rows]
        owner = np.repeat(np.arange(len(rows)), counts)
        at = np.arange(counts.sum()) - offsets(counts)[owner] + s.first[rows][owner]
        if kind == 0:
            found[rows] = shapely.buffer(shapely.points(points[at]), radius[rows], quad_segs=8)
        elif kind == 1:
            lines = shapely.linestrings(points[at], indices=owner)
            found[rows] = shapely.buffer(lines, radius[rows], quad_segs=8)
        else:
            closed = np.insert(at, offsets(counts)[1:], s.first[rows])
            rings = shapely.linearrings(points[closed], indices=owner_of(counts))
            found[rows] = shapely.polygons(rings)
    return found


def owner_of(counts: np.ndarray) -> np.ndarray:
    """For rings closed by their first point: whose each point is."""
    return np.repeat(np.arange(len(counts)), counts + 1)


def timed(ask: Callable[[int], object], count: int) -> tuple[float, float]:
    """p50 and p99 of one call each, microseconds: medians over ``ROUNDS`` rounds."""
    rounds = []
    for _ in range(ROUNDS):
        took = []
        for k in range(count):
            began = time.perf_counter()
            ask(k)
            took.append((time.perf_counter() - began) * 1e6)
        rounds.append(np.percentile(took, [50, 99]))
    return tuple(float(v) for v in np.median(rounds, axis=0))  # type: ignore[return-value]


def peers(held: Stated, asked: Stated) -> dict[str, dict[str, float]]:
    """The same question to shapely and rtree: footprints in the plane, windows and heights beside
    them in numpy. Questions are geometries made beforehand."""
    import rtree
    import shapely

    theirs, ours = planar(held), planar(asked)[:ASKED]
    shapely.prepare(ours)
    start, end = held.facts[:, 0], held.facts[:, 1]
    low, high = held.heights[:, 0, 1], held.heights[:, 1, 1]

    def kept(rows: np.ndarray, k: int) -> np.ndarray:
        soon = (start[rows] < asked.facts[k, 1]) & (asked.facts[k, 0] < end[rows])
        lower, upper = asked.heights[k, :, 1]
        return rows[soon & (low[rows] <= upper) & (lower <= high[rows])]

    found: dict[str, dict[str, float]] = {}
    began = time.perf_counter()
    tree = shapely.STRtree(theirs)
    loaded = time.perf_counter() - began
    p50, p99 = timed(lambda k: kept(tree.query(ours[k], predicate="intersects"), k), ASKED)
    found["shapely STRtree"] = {"load_s": loaded, "p50_us": p50, "p99_us": p99}
    boxes, wanted = shapely.bounds(theirs), shapely.bounds(ours).tolist()
    began = time.perf_counter()
    rows = rtree.index.Index((k, tuple(box), None) for k, box in enumerate(boxes.tolist()))
    loaded = time.perf_counter() - began

    def by_rtree(k: int) -> object:
        near = kept(np.fromiter(rows.intersection(tuple(wanted[k])), np.int64), k)
        return near[shapely.intersects(theirs[near], ours[k])]

    p50, p99 = timed(by_rtree, ASKED)
    found["rtree"] = {"load_s": loaded, "p50_us": p50, "p99_us": p99}
    return found


def engine(held: Stated, asked: Stated) -> dict[str, float]:
    """Load, checks one by one and in batches, inserts with what they cost at worst."""
    count, names = len(held.facts), Names()
    ids, owners = tuple(f"N{k}" for k in range(count)), np.arange(count)
    raw = to_bytes(
        Saved(sequence=0, ids=ids, names=(), classes=(ANY,), columns=held, owners=owners)
    )
    live = Engine()
    began = time.perf_counter()
    assert live.load(raw) is None
    loaded = time.perf_counter() - began
    volumes = [(extent_at(asked, k, names).volume,) for k in range(ASKED)]
    p50, p99 = timed(lambda k: live.check(volumes[k], checked=True), ASKED)
    index = live._index  # batches of columns are not part of the public face
    batches = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        index.check_columns(asked)
        batches.append(len(asked.facts) / (time.perf_counter() - began))
    took = []
    for k in range(INSERTED):
        began = time.perf_counter()
        live.insert(f"X{k}", volumes[k % ASKED], checked=True)
        took.append(time.perf_counter() - began)
    live.close()
    return {
        "load_s": loaded,
        "p50_us": p50,
        "p99_us": p99,
        "batch_per_s": statistics.median(batches),
        "inserts_per_s": len(took) / sum(took),
        "longest_insert_ms": max(took) * 1e3,
    }


def main() -> None:
    """Both worlds, all competitors, one table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--volumes", type=int, default=1_000_000)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--json", action="store_true")
    given = ask.parse_args()
    prepare(lambda what, share: None)
    engine(world(2_000, 9, None), world(ASKED, 8, None))
    report: dict[str, dict[str, dict[str, float]]] = {}
    for name, box in (("world", None), ("europe", (36.0, 66.0, -10.0, 35.0))):
        held = world(given.volumes, given.seed, box)
        asked = world(10 * ASKED, given.seed + 1, box)
        report[name] = {"clearline": engine(held, asked), **peers(held, asked)}
    if given.json:
        print(json.dumps({"machine": platform.processor(), **report}, indent=1))
        return
    for name, rows in report.items():
        print(f"{given.volumes:,} volumes, {name}")
        ours = rows["clearline"]
        for who, figures in rows.items():
            said = ", ".join(f"{key} {value:,.1f}" for key, value in figures.items())
            times = f"  ({figures['p50_us'] / ours['p50_us']:.1f} times ours)"
            print(f"  {who}: {said}{times if who != 'clearline' else ''}")


if __name__ == "__main__":
    main()
