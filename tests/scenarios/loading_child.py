"""A node as a process that reads its record only when it is told to, and does as it is told.

It tells of every turn: whether the record is read, how much it holds of both feeds, its alerts.
Words on its standard input: ``stop``, ``file``, ``ack``, ``answer``, ``read``.
"""

import asyncio
import logging
import sys
from pathlib import Path

from clearline.interfaces.native import Timing
from clearline.model.alert import TroubleKind
from clearline.model.entry import Answer, Body, Precedence, Reply, Stop
from clearline.model.ids import PartyId, feed_of
from clearline.model.time import Instant
from clearline.node.conductor import Conductor
from clearline.node.inbound import Acknowledge, Say
from clearline.node.runtime import Clock
from clearline.node.write import statement
from clearline.store.highwater import FileHighWater
from clearline.store.lease import open_as_writer
from tests.link_nodes import LinkNode
from tests.scenarios.link_child import numbered, tell

TIMING = Timing(again_s=0.02, again_s_max=0.2)


class Waits(Conductor):
    """Reads nothing until it may: a record so large that it takes as long as the test likes."""

    may_read = False

    def load_some(self, now: Instant) -> bool:
        """One step, or none."""
        return super().load_some(now) if self.may_read else True


async def run(folder: Path, port: int) -> None:
    store, lease = open_as_writer(folder / "node.db", folder / "lease")
    node = LinkNode(
        "AAA", ("AAA", "BBB"), folder, store, FileHighWater(folder / "marks"), timing=TIMING,
        fence=lease.fence, clock=Clock(), kind=Waits, begin=Conductor.begin,
    )  # fmt: skip
    node.turned = lambda: tell_of(node)
    await node.start(peers={"BBB": ("127.0.0.1", port)})
    words = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    while word := (await words.readline()).decode().strip():
        await obey(node, word)
    await node.stop()
    lease.release()
    store.close()


def tell_of(node: LinkNode) -> None:
    reads = "loading" if node.state.loading is not None else "read"
    alerts = sorted(
        f"{alert.trouble.kind.value}:{alert.state.value}"
        for alert in node.runtime.conductor.state.book.open()
    )
    tell(reads, node.size("AAA"), node.size("BBB"), *alerts)


async def obey(node: LinkNode, word: str) -> None:
    conductor = node.runtime.conductor
    assert isinstance(conductor, Waits)
    rings = [a for a in conductor.state.book.open() if a.trouble.kind is TroubleKind.STOP]
    if word == "read":
        conductor.may_read = True
    elif word == "ack":
        done = await node.submit(
            Acknowledge(id="ack", alert=rings[0].id, person="p", role="watch-officer")
        )
        assert done.refusal is None, done.refusal
    elif word == "answer":
        (ref,) = rings[0].trouble.about
        body = Answer(to=ref, reply=Reply.HALTED, role="watch-officer")
        await say(node, "answer", body, Precedence.FLASH)
    elif word == "stop":
        await say(node, "stop", Stop(), Precedence.FLASH)
    else:
        await say(node, "file", numbered(1, node.runtime.now()), Precedence.PRIORITY)


async def say(node: LinkNode, name: str, body: Body, prec: Precedence) -> None:
    said = await node.submit(
        Say(
            id=name, line=node.line, person="p", role="watch-officer",
            statements=(statement(body, prec),),
        )
    )  # fmt: skip
    if said.refusal is not None:
        tell("refused", name, said.refusal.code.value)
    else:
        own = feed_of(PartyId("AAA"))
        tell("said", name, *(ref.index for ref in said.refs if ref.feed == own))


if __name__ == "__main__":
    logging.disable()
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
