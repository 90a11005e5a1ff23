"""One node as a process, for ``bad_link``: commands on its input, what happens on its output.

Lines of JSON with ``t``, the machine's monotonic clock in seconds, which all processes share.
"""

import asyncio
import json
import logging
import random
import sys
import time
from pathlib import Path

from clearline.interfaces.native import Timing
from clearline.model.entry import Notice, Precedence
from clearline.model.ids import PartyId, feed_of
from clearline.model.space import Edge, LatLon, Polygon, Volume
from clearline.model.time import HOUR, Instant
from clearline.node.runtime import Clock
from clearline.store.highwater import FileHighWater
from clearline.store.lease import open_as_writer
from tests.link_nodes import LinkNode
from tests.town import level


def area(draw: random.Random, now: Instant, label: str) -> Notice:
    """A notice that is an entry of about 1 kB: a ring of 24 points at random distances."""
    import math

    lat, lon = draw.uniform(-60, 60), draw.uniform(-170, 170)
    ring = []
    for n in range(24):
        angle, far = 2 * math.pi * n / 24, draw.uniform(0.05, 0.1)
        ring.append(
            LatLon(
                round((lat + far * math.sin(angle)) * 1e7),
                round((lon + far * math.cos(angle)) * 1e7),
            )
        )
    shape = Polygon(outer=tuple(ring), edge=Edge.GEODESIC)
    start = Instant(now + HOUR)
    box = Volume(
        footprint=shape, lower=level(100), upper=level(200), start=start, end=Instant(start + HOUR)
    )
    return Notice(cls="hazardous-air", label=label, volumes=(box,))


def tell(**what: object) -> None:
    sys.stdout.write(json.dumps({"t": time.monotonic(), **what}) + "\n")
    sys.stdout.flush()


async def main(party: str, home: Path, address: str, port: int, listens: bool) -> None:
    other = "BBB" if party == "AAA" else "AAA"
    store, lease = open_as_writer(home / "node.db", home / "lease")
    node = LinkNode(
        party, ("AAA", "BBB"), home, store, FileHighWater(home / "marks"), timing=Timing(),
        fence=lease.fence, clock=Clock(),
    )  # fmt: skip
    feed, theirs = feed_of(PartyId(party)), feed_of(PartyId(other))
    told: dict[str, object] = {}

    def look() -> None:
        nonlocal told
        now: dict[str, object] = {
            "own": node.state.frontier(feed).size,
            "theirs": node.state.frontier(theirs).size,
            "receipted": node.seen(other, feed),
            "ahead": sorted(ref.index for ref in node.state.stored_ahead),
            "up": node.state.peers[PartyId(other)].connected,
            "rtt_ms": node.state.peers[PartyId(other)].rtt_ms,
        }
        if now != told:
            told = now
            tell(**now)

    node.turned = look
    place = (address, port)
    await node.start(listen=place if listens else False, peers={} if listens else {other: place})
    look()
    draw = random.Random(len(node.holds(party)) + ord(party[0]))
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        count, prec = line.split()
        bodies = [area(draw, node.runtime.now(), f"area {n}") for n in range(int(count))]
        begin = time.monotonic()
        refs = await node.say(*bodies, prec=Precedence(prec.decode()))
        size = sum(len(e.data) for e in store.entries(node.line, feed, refs[0].index, len(refs)))
        tell(said=[ref.index for ref in refs], began=begin, bytes=size)
    await node.stop()
    lease.release()
    store.close()


if __name__ == "__main__":
    logging.disable()
    home = Path(sys.argv[2])
    home.mkdir(exist_ok=True)
    asyncio.run(main(sys.argv[1], home, sys.argv[3], int(sys.argv[4]), sys.argv[5] == "listens"))
