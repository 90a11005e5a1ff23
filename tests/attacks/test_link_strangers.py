"""Whoever can reach the port, with no key or with the wrong one, and peers that misbehave."""

import asyncio
import base64
import random
import ssl
from dataclasses import replace
from pathlib import Path

from clearline.interfaces.native.frames import FRAME_BYTES_MAX
from clearline.interfaces.native.tls import Identity, make_context
from clearline.model.entry import Notice
from clearline.model.ids import Digest, LineId, PartyId, feed_of
from clearline.model.limits import LINK_BYTES_MAX
from clearline.model.refusal import Code
from clearline.model.time import HOUR, Instant
from clearline.node.inbound import Pushed, Ticked
from clearline.wire.link import Channel, Hello, LinkMessage, Refused, read_message, write_message
from tests.link_nodes import (
    QUICK,
    LinkNode,
    identity_of,
    new_certificate,
    pair,
    write_identity,
)
from tests.town import certificate_of, disc, level, volume

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def dial(node: LinkNode, identity: Identity) -> Streams:
    """A TLS connection to the node with this identity, trusting its certificate."""
    anchors = [base64.b64decode(certificate_of(node.party))]
    context = make_context(identity, anchors, server=False)
    host, port = node.address
    return await asyncio.open_connection(host, port, ssl=context, server_hostname="any")


def frame(message: LinkMessage | bytes) -> bytes:
    raw = message if isinstance(message, bytes) else write_message(message)
    return len(raw).to_bytes(4, "big") + raw


async def ended(streams: Streams) -> bytes:
    """All that still comes until the other end hangs up."""
    reader, writer = streams
    try:
        async with asyncio.timeout(20):
            return await reader.read(-1)
    except OSError:
        return b""
    finally:
        writer.transport.abort()


def hello(node: LinkNode, party: str, line: LineId | None = None) -> Hello:
    return Hello(
        line=line or node.line,
        party=PartyId(party),
        channel=Channel.BULK,
        held={},
        documents=Digest("00" * 32),
        software="test",
        proved={},
    )


async def still_works(node: LinkNode, other: LinkNode) -> None:
    """A notice still reaches the other node and is receipted."""
    now = node.runtime.now()
    window = Instant(now + HOUR), Instant(now + 2 * HOUR)
    area = volume(disc(34, 35, 10), *window, level(100), level(200))
    (ref,) = await node.say(Notice(cls="hazardous-air", label="area", volumes=(area,)))
    done = asyncio.Event()

    def look(_: object) -> None:
        if node.seen(other.party, ref.feed) > ref.index:
            done.set()

    node.runtime.watchers.append(look)
    look(None)
    async with asyncio.timeout(20):
        await done.wait()


def test_strangers_certificate_is_refused_and_rings_nobody(tmp_path: Path) -> None:
    """A certificate with the right names and another key gets nothing, not even after the
    handshake as TLS 1.3 sees it from the client; no alert is raised by it."""

    async def play() -> None:
        async with pair(tmp_path) as street:
            a = street["AAA"]
            stranger = write_identity(tmp_path / "stranger", *new_certificate("BBB"))
            ringing = {alert.id for alert in a.runtime.conductor.state.book.open()}
            for _ in range(20):
                try:
                    streams = await dial(a, stranger)
                    streams[1].write(frame(hello(a, "BBB")))
                except OSError:
                    continue
                assert await ended(streams) == b""
            assert a.links.seldom.count("a stranger at 127.0.0.1") == 20
            await a.submit(Ticked())
            assert ringing == {alert.id for alert in a.runtime.conductor.state.book.open()}
            await still_works(a, street["BBB"])

    asyncio.run(play())


def test_no_certificate_and_older_tls_are_refused(tmp_path: Path) -> None:
    """A client without a certificate, and one that offers TLS 1.2 at most, get nothing."""

    async def play() -> None:
        async with pair(tmp_path) as street:
            a = street["AAA"]
            bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
            older = make_context(identity_of("BBB", tmp_path), (), server=False)
            older.minimum_version = ssl.TLSVersion.TLSv1_2
            older.maximum_version = ssl.TLSVersion.TLSv1_2
            older.verify_mode = ssl.CERT_NONE
            for context in (bare, older):
                try:
                    streams = await asyncio.open_connection(
                        *a.address, ssl=context, server_hostname="any"
                    )
                    streams[1].write(frame(hello(a, "BBB")))
                except OSError:
                    continue
                assert await ended(streams) == b""
            await still_works(a, street["BBB"])

    asyncio.run(play())


def test_party_cannot_speak_as_another_nor_on_a_foreign_line(tmp_path: Path) -> None:
    """A pinned certificate is good for its own party and line alone."""

    async def play() -> None:
        async with pair(tmp_path) as street:
            a = street["AAA"]
            wires = dict(a.links.talks[a.line, PartyId("BBB")].wires)
            claims = (hello(a, "AAA"), hello(a, "CCC"), hello(a, "BBB", LineId("ab" * 32)))
            for claim in claims:
                streams = await dial(a, identity_of("BBB", tmp_path))
                streams[1].write(frame(claim))
                assert await ended(streams) == b""
            assert wires == a.links.talks[a.line, PartyId("BBB")].wires

    asyncio.run(play())


def test_oversize_frames_are_refused_before_they_are_read(tmp_path: Path) -> None:
    """A length beyond the cap ends the connection: before the Hello at the small cap, after it at
    the large one, with the reason said."""

    async def play() -> None:
        async with pair(tmp_path) as street:
            a, b = street["AAA"], street["BBB"]
            streams = await dial(a, identity_of("BBB", tmp_path))
            streams[1].write((LINK_BYTES_MAX).to_bytes(4, "big"))
            assert await ended(streams) == b""
            await b.stop()
            streams = await dial(a, identity_of("BBB", tmp_path))
            streams[1].write(frame(hello(a, "BBB")))
            streams[1].write((FRAME_BYTES_MAX + 1).to_bytes(4, "big"))
            assert Code.TOO_LARGE in refusals(await ended(streams))
            await b.start(peers={"AAA": a.address})
            await still_works(a, b)

    asyncio.run(play())


def refusals(said: bytes) -> list[Code]:
    """The codes of the refusals among the frames."""
    codes = []
    while said:
        length = int.from_bytes(said[:4], "big")
        message = read_message(said[4 : 4 + length])
        if isinstance(message, Refused):
            codes.append(message.refusal.code)
        said = said[4 + length :]
    return codes


def test_slow_loris_is_let_go_and_keeps_nobody_out(tmp_path: Path) -> None:
    """Connections that say nothing, or half a frame, end after the limit; meanwhile the peer talks,
    and a crowd from one address makes room for others."""

    async def play() -> None:
        timing = replace(QUICK, handshake_s=0.5, frame_s=0.2)
        async with pair(tmp_path, timing) as street:
            a = street["AAA"]
            silent = [await asyncio.open_connection(*a.address) for _ in range(80)]
            half = await dial(a, identity_of("BBB", tmp_path))
            half[1].write(b"\x00\x00")
            await still_works(a, street["BBB"])
            for streams in [*silent, half]:
                assert await ended(streams) == b""
            assert not a.links._unproved

    asyncio.run(play())


def test_random_bytes_change_nothing(tmp_path: Path) -> None:
    """Noise before TLS, inside of TLS, and as frames after a true Hello: the node goes on."""
    draw = random.Random(4)

    async def play() -> None:
        async with pair(tmp_path) as street:
            a, b = street["AAA"], street["BBB"]
            for _ in range(10):
                streams = await asyncio.open_connection(*a.address)
                streams[1].write(draw.randbytes(draw.randrange(1, 400)))
                streams[1].write_eof()
                await ended(streams)
                streams = await dial(a, identity_of("BBB", tmp_path))
                streams[1].write(frame(draw.randbytes(draw.randrange(1, 400))))
                assert await ended(streams) == b""
            await b.stop()
            before = {party: a.size(party) for party in street.parties}
            for _ in range(20):
                streams = await dial(a, identity_of("BBB", tmp_path))
                streams[1].write(frame(hello(a, "BBB")))
                streams[1].write(frame(draw.randbytes(draw.randrange(1, 400))))
                assert refusals(await ended(streams)) == [Code.BAD_MESSAGE]
            assert before == {party: a.size(party) for party in street.parties}
            await b.start(peers={"AAA": a.address})
            await still_works(a, b)

    asyncio.run(play())


def test_replayed_frames_are_answered_and_stored_once(tmp_path: Path) -> None:
    """The same batch again, and an older one, change nothing: held entries are acknowledged."""

    async def play() -> None:
        async with pair(tmp_path) as street:
            a, b = street["AAA"], street["BBB"]
            await still_works(b, a)
            await street.until_level()
            pushed = b.runtime.conductor.push(b.line, feed_of(PartyId("BBB")), 0, bytes_max=1 << 20)
            assert isinstance(pushed, Pushed)
            held = a.holds("BBB")
            talk = b.links.talks[b.line, PartyId("AAA")]
            wire = talk.wires[Channel.BULK]
            for _ in range(3):
                wire.launch(pushed, 20, overtakes=False)
                wire.frames.flush()
            await street.until(lambda: not wire.flights, "all are answered")
            assert held == a.holds("BBB")
            assert "AAA refuses by CL-LNK-004" not in b.links.seldom.told
            await still_works(a, b)

    asyncio.run(play())
