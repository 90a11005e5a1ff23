"""A node as a process that floods its line with routine entries and pleads STOP in between.

Tells ``ready``, then waits for a line on its standard input; ``flooded`` when the first second of
routine is written; ``stop REF HANDED COMMITTED`` (seconds of the machine's monotonic clock) for
each STOP; ``done`` with how many routine entries there were. It ends when its input does.
"""

import asyncio
import sys
import time
from pathlib import Path

from clearline.assembly import open_node
from clearline.model.entry import Body, Field, Message, Precedence, Stop
from clearline.model.ids import EntryRef
from clearline.node.inbound import Say
from clearline.node.runtime import Runtime
from clearline.node.write import statement

BATCH = 20


def tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def say(runtime: Runtime, name: str, bodies: list[Body], prec: Precedence) -> EntryRef:
    """State bodies; the first of their places once they are committed."""
    what = Say(
        id=name, line=runtime.lines[0], person="tester", role="watch-officer",
        statements=tuple(statement(body, prec) for body in bodies),
    )  # fmt: skip
    outcome = await runtime.submit(what)
    assert outcome.refusal is None, outcome.refusal
    return outcome.refs[0]


async def flood(runtime: Runtime, rate: int, seconds: int, first: asyncio.Event) -> int:
    """So many routine entries a second, in small batches; how many there were. One that the node
    cannot keep up with comes late and is not left out."""
    loop = asyncio.get_running_loop()
    begin, written = loop.time(), 0
    about = EntryRef(runtime.conductor.state.lines[runtime.lines[0]].feed, 0)
    asked = Message(template="request-status", fields=(Field(name="entry", value=str(about)),))
    while written < rate * seconds:
        bodies: list[Body] = [asked] * min(BATCH, rate * seconds - written)
        await say(runtime, f"routine-{written}", bodies, Precedence.ROUTINE)
        written += len(bodies)
        if written >= rate:
            first.set()
        await asyncio.sleep(max(0.0, begin + written / rate - loop.time()))
    return written


async def plead(runtime: Runtime, stops: int, seconds: int) -> None:
    """So many STOPs, evenly."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for n in range(stops):
        handed = time.monotonic()
        ref = await say(runtime, f"stop-{n}", [Stop()], Precedence.FLASH)
        tell("stop", ref, handed, time.monotonic())
        await asyncio.sleep(max(0.0, begin + (n + 1) * seconds / stops - loop.time()))


async def main(folder: Path, rate: int, seconds: int, stops: int) -> None:
    node, halt, up = open_node(folder), asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(node.run(halt, lambda _: up.set()))
    await up.wait()
    loop = asyncio.get_running_loop()
    tell("ready")
    await loop.run_in_executor(None, sys.stdin.readline)
    first = asyncio.Event()
    routine = asyncio.create_task(flood(node.runtime, rate, seconds, first))
    await first.wait()
    tell("flooded")
    await plead(node.runtime, stops, max(1, seconds - 1))
    tell("done", await routine)
    await loop.run_in_executor(None, sys.stdin.read)
    halt.set()
    await running


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *map(int, sys.argv[2:5])))
