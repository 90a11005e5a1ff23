"""How long reading an entry takes: a receipt, a small notice, a notice of 9,999 vertices.

Run: ``python benchmarks/bench_wire.py``. Prints one JSON object; times are the best of five runs,
in microseconds per entry, on one core. A figure over its budget is a fault (exit code 1).
"""

import json
import sys
import timeit
from collections.abc import Callable

from clearline.model.entry import Body, Notice, Precedence, Receipt
from clearline.model.ids import Digest, FeedId, LineId
from clearline.model.space import Edge, Height, HeightRef, LatLon, Polygon, Volume
from clearline.model.time import Instant
from clearline.wire.bodies_v1 import compose, read_entry
from clearline.wire.entry import read_frame

BUDGET_US = {"receipt": 10.0, "notice_of_5_vertices": 60.0, "notice_of_9999_vertices": 10_000.0}
"""The fold reads 20,000 entries a second, 50 microseconds each, most of them receipts."""
LEAF = Digest("00" * 32)


def _notice(vertices: int) -> Notice:
    outer = tuple(
        LatLon(350_000_000 + place, 360_000_000 + place * place % 997) for place in range(vertices)
    )
    return Notice(
        cls="air-hazard",
        label="north of Latakia",
        volumes=(
            Volume(
                footprint=Polygon(outer=outer, edge=Edge.GEODESIC),
                lower=Height(ref=HeightRef.SFC),
                upper=Height(ref=HeightRef.FL, mm=10_668_000),
                start=Instant(1_537_209_540_000),
                end=Instant(1_537_211_340_000),
            ),
        ),
    )


def _entry(body: Body) -> bytes:
    return compose(
        line=LineId("ab" * 32),
        feed=FeedId("ISR.0"),
        index=12,
        t=Instant(1_537_209_540_000),
        prec=Precedence.IMMEDIATE,
        seen={FeedId("OCHA.0"): 3, FeedId("RUS.0"): 7},
        body=body,
    )


def _microseconds(work: Callable[[], object]) -> float:
    timer = timeit.Timer(work)
    number, _ = timer.autorange()
    return min(timer.repeat(5, number)) / number * 1e6


def main() -> int:
    """Measure, print, judge."""
    bodies = {
        "receipt": Receipt(),
        "notice_of_5_vertices": _notice(5),
        "notice_of_9999_vertices": _notice(9_999),
    }
    results = {}
    for name, body in bodies.items():
        raw = _entry(body)
        results[name] = {
            "bytes": len(raw),
            "read_entry_us": round(_microseconds(lambda raw=raw: read_entry(raw, LEAF)), 2),
            "read_frame_us": round(_microseconds(lambda raw=raw: read_frame(raw)), 2),
            "budget_us": BUDGET_US[name],
        }
    print(json.dumps(results, indent=1))
    return int(any(one["read_entry_us"] > one["budget_us"] for one in results.values()))


if __name__ == "__main__":
    sys.exit(main())
