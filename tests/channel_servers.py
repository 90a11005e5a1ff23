"""Real servers on 127.0.0.1 for the tests of channels: HTTP that says what it is told, SMTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Heard:
    """What came to the server: request lines, headers in lower case, bodies."""

    port: int = 0
    lines: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connected: int = 0


@asynccontextmanager
async def http_server(answer: bytes | None) -> AsyncIterator[Heard]:
    """Answers each request with these bytes; None: reads the request and never answers."""
    heard = Heard()
    release = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        heard.connected += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *fields = head.strip().split("\r\n")
            named = {n.lower(): v.strip() for n, _, v in (f.partition(":") for f in fields)}
            body = await reader.readexactly(int(named.get("content-length", "0")))
            heard.lines.append(line)
            heard.headers.append(named)
            heard.bodies.append(body)
            if answer is None:
                await release.wait()
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    heard.port = server.sockets[0].getsockname()[1]
    try:
        yield heard
    finally:
        release.set()
        server.close()
        await server.wait_closed()
        await asyncio.gather(*tasks)


@asynccontextmanager
async def slow_server(greeting: bytes) -> AsyncIterator[Heard]:
    """Says this to whoever connects, then nothing; ends when the other side goes."""
    heard = Heard()
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.connected += 1
        writer.write(greeting)
        try:
            while await reader.read(1_024):
                pass
        except ConnectionError:
            pass
        finally:
            writer.close()
            gone.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    heard.port = server.sockets[0].getsockname()[1]
    try:
        yield heard
        await gone.wait()
    finally:
        server.close()
        await server.wait_closed()
