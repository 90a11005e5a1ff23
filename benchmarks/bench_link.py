"""A notice from one node to another's disk and its receipt back, over loopback, on SQLite.

``python -m benchmarks.bench_link``: two nodes in one process (they share one core; as processes of
their own they would not be slower). Prints JSON; exits 1 if the goal is missed.
"""

import asyncio
import json
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path

from clearline.model.entry import Withdraw
from clearline.node.runtime import Clock
from clearline.store.highwater import FileHighWater
from clearline.store.lease import open_as_writer
from tests.link_nodes import Street
from tests.scenarios.link_child import numbered

NOTICES = 200
WARM = 20
GOAL_MS = 20.0


async def measure(folder: Path) -> dict:
    street = Street(folder, "AAA", "BBB")
    leases = []
    for node in street.nodes.values():
        home = folder / node.party
        home.mkdir()
        node.store, lease = open_as_writer(home / "node.db", home / "lease")
        node.marks, node.fence, node.clock = FileHighWater(home / "marks"), lease.fence, Clock()
        leases.append(lease)
    a, b = street["AAA"], street["BBB"]
    await a.start(listen=True)
    await b.start(peers={"AAA": a.address})
    await street.until(lambda: a.size("BBB") > 0 and b.size("AAA") > 0)
    await street.until_level()
    receipted = []
    for n in range(WARM + NOTICES):
        notice = numbered(n % 250, a.runtime.now())
        begin = time.perf_counter()
        (ref,) = await a.say(notice)
        await street.until(lambda ref=ref: a.seen("BBB", ref.feed) > ref.index)
        receipted.append((time.perf_counter() - begin) * 1000)
        await a.say(Withdraw(versions=(ref,)))  # what is measured is the way, not the picture
        await street.until_level()
    wires = a.links.talks[next(iter(a.links.talks))].wires.values()
    carried = sum(w.frames.counters.bytes_sent + w.frames.counters.bytes_received for w in wires)
    for node in street.nodes.values():
        await node.stop()
        node.store.close()
    for lease in leases:
        lease.release()
    ordered = sorted(receipted[WARM:])
    return {
        "notices": NOTICES,
        "receipt_p50_ms": round(statistics.median(ordered), 2),
        "receipt_p99_ms": round(ordered[int(0.99 * len(ordered))], 2),
        "frame_bytes_of_an_exchange": carried // (WARM + NOTICES),
        "goal_p50_ms": GOAL_MS,
    }


if __name__ == "__main__":
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(measure(Path(folder)))
    print(json.dumps(report, indent=1))
    sys.exit(report["receipt_p50_ms"] > GOAL_MS)
