"""A node as a process: says numbered notices until there are enough, and tells of every turn.

It ends when its standard input does. Killed and started again it counts what is in its record and
goes on with the next number.
"""

import asyncio
import logging
import sys
from pathlib import Path

from clearline.interfaces.native import Timing
from clearline.model.entry import Notice, Precedence
from clearline.model.ids import PartyId, feed_of
from clearline.model.time import HOUR, Instant
from clearline.node.runtime import Clock
from clearline.node.state import Signing
from clearline.store.highwater import FileHighWater
from clearline.store.lease import open_as_writer
from tests.link_nodes import LinkNode
from tests.town import disc, level, volume

TIMING = Timing(again_s=0.02, again_s_max=0.2)


def numbered(n: int, now: Instant) -> Notice:
    """A notice that meets no other and says which it is."""
    window = Instant(now + HOUR), Instant(now + 2 * HOUR)
    place = disc(10 + n / 4, 35.0, 5)
    return Notice(
        cls="hazardous-air", label=f"notice {n}", volumes=(volume(place, *window, level(100)),)
    )


def tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def run(party: str, folder: Path, port: int, goal: int, listens: bool) -> None:
    other = "BBB" if party == "AAA" else "AAA"
    store, lease = open_as_writer(folder / "node.db", folder / "lease")
    node = LinkNode(
        party, ("AAA", "BBB"), folder, store, FileHighWater(folder / "marks"),
        timing=TIMING, fence=lease.fence, clock=Clock(),
    )  # fmt: skip
    changed = asyncio.Event()
    node.turned = changed.set
    address = ("127.0.0.1", port)
    await node.start(
        listen=address if listens else False, peers={} if listens else {other: address}
    )
    feed, theirs = feed_of(PartyId(party)), feed_of(PartyId(other))
    said = sum(b'"kind":"notice"' in data for data in node.holds(party))
    while not (node.state.signing is Signing.READY and node.state.picture.feed(feed).joined):
        changed.clear()
        tell("joining")
        await changed.wait()
    while said < goal:
        prec = Precedence.FLASH if said % 7 == 3 else Precedence.PRIORITY
        await node.say(numbered(said, node.runtime.now()), prec=prec)
        said += 1
        tell("said", said)

    def settled() -> bool:
        own = node.state.picture.feed(feed)
        heard = node.state.picture.feed(theirs)
        return (
            node.seen(other, feed) > max(own.live, default=0)
            and len(heard.live) == goal
            and not node.state.owed
        )

    while not settled():
        changed.clear()
        tell("turn", node.size("AAA"), node.size("BBB"))
        await changed.wait()
    tell("settled")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await node.stop()
    lease.release()
    store.close()


if __name__ == "__main__":
    logging.disable()
    home = Path(sys.argv[2])
    home.mkdir(exist_ok=True)
    asyncio.run(
        run(sys.argv[1], home, int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "listens")
    )
