"""Connections to peers: listen, dial, prove who is there, and keep the two standing connections.

One listening end is enough: whoever has an address for a peer dials it, for each line that both are
on, once for bulk and once for FLASH. After the handshake and both Hellos the ends are equal.

Of two connections for one place the newer stands, since its maker no longer had the older one; but
of two that crossed, the one that the party with the lower id dialled, so that both ends keep the
same (CL-LNK-025). A stranger is refused by TLS, counted, and logged at powers of two: nobody who
holds no key can ring anybody.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Final

from clearline.interfaces.native.frames import (
    FRAME_BYTES_MAX,
    HELLO_BYTES_MAX,
    READ_AHEAD,
    Closed,
    Frames,
    tune,
)
from clearline.interfaces.native.inward import PaperSet, read_papers
from clearline.interfaces.native.seldom import Seldom
from clearline.interfaces.native.talk import Talk
from clearline.interfaces.native.timing import Timing
from clearline.interfaces.native.tls import (
    Identity,
    anchors_of,
    make_context,
    shown_certificate,
    who,
)
from clearline.interfaces.native.wire import Wire
from clearline.model.ids import LineId, PartyId, party_of
from clearline.model.refusal import Code, Refusal
from clearline.node.attachments import read_gather
from clearline.node.conductor import Done
from clearline.node.intent import Beat, Fetch, Gather, Intent, Send
from clearline.node.runtime import Runtime
from clearline.trust.roster import Roster
from clearline.wire.link import Channel, Hello, LinkMessage, Refused

LOG = logging.getLogger("clearline.link")

UNPROVED_MAX: Final = 64
"""Connections that have not shown who they are; beyond it the oldest of the address that has the
most of them goes, so that one address cannot keep the others out."""
BACKLOG: Final = 64

Address = tuple[str, int]


@dataclass(slots=True, eq=False)
class _Unproved:
    host: str
    task: "asyncio.Task[None]"


class Links:
    """All connections of a node. ``peers`` gives the address of each peer that is to be dialled;
    ``listen`` is None for a node that cannot be reached."""

    def __init__(
        self,
        runtime: Runtime,
        identity: Identity,
        *,
        listen: Address | None,
        peers: Mapping[PartyId, Address],
        timing: Timing | None = None,
    ) -> None:
        self.runtime = runtime
        self.identity = identity
        self.listen = listen
        self.peers = dict(peers)
        self.timing = timing if timing is not None else Timing()
        self.talks: dict[tuple[LineId, PartyId], Talk] = {}
        self.seldom = Seldom(LOG)
        self.addresses: list[Address] = []
        """Where it listens, once started: with port 0, the port that was given."""
        self._papers: dict[LineId, tuple[Roster, object, PaperSet]] = {}
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeping: set[tuple[LineId, PartyId, Channel]] = set()
        self._unproved: list[_Unproved] = []
        self._stopped = False

    # -- life

    async def start(self) -> None:
        """Listen and dial. Raises OSError if the address or the node's own files cannot be used."""
        make_context(self.identity, (), server=True)
        if self.listen is not None:
            await self._listen(self.listen)
        self.runtime.performers.append(self.perform)
        self.runtime.watchers.append(self.watch)
        for line in self.runtime.lines:
            self._look_after(line)
        for item in self.runtime.conductor.store.outbox():
            if (gather := read_gather(item)) is not None:
                self.perform(gather)

    async def stop(self) -> None:
        """Let go of everything and wait until nothing runs."""
        self._stopped = True
        if self.perform in self.runtime.performers:
            self.runtime.performers.remove(self.perform)
            self.runtime.watchers.remove(self.watch)
        for sock in self._sockets:
            sock.close()
        for talk in self.talks.values():
            talk.close()
        tasks = [*self._tasks, *(unproved.task for unproved in self._unproved)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- what the node tells

    def perform(self, intent: Intent) -> None:
        """Carry out what is for peers; everything else is for other performers."""
        if not isinstance(intent, Send | Fetch | Beat | Gather):
            return
        talk = self.talk(intent.line, intent.peer)
        if talk is None:
            return
        match intent:
            case Send():
                talk.kick()
            case Fetch():
                author = self.talks.get((intent.line, party_of(intent.feed)))
                talk.fetch(intent, author_up=author is not None and author.up)
            case Beat():
                talk.beat(intent)
            case Gather():
                talk.gather(intent)

    def watch(self, done: Done) -> None:
        """A turn is durable: new lines, new manifests, new entries."""
        for line in done.changed:
            self._look_after(line)
            for (of, _), talk in self.talks.items():
                if of == line:
                    self._check_pin(talk)
                    talk.grown()

    def talk(self, line: LineId, peer: PartyId) -> Talk | None:
        """The conversation with a party of a line; None for who is not of it."""
        talk = self.talks.get((line, peer))
        ls = self.runtime.conductor.state.lines.get(line)
        if talk is None and ls is not None and peer in ls.roster.parties and peer != ls.me:
            talk = Talk(
                runtime=self.runtime,
                line=line,
                peer=peer,
                timing=self.timing,
                papers=lambda: self.papers(line),
                seldom=self.seldom,
            )
            self.talks[line, peer] = talk
        return talk

    def papers(self, line: LineId) -> PaperSet:
        """The line's documents; read again only when roster or forks have changed."""
        ls = self.runtime.conductor.state.lines[line]
        held = self._papers.get(line)
        if held is None or held[0] is not ls.roster or held[1] is not ls.picture.forked:
            papers = read_papers(self.runtime.conductor.store, line)
            held = (ls.roster, ls.picture.forked, papers)
            self._papers[line] = held
        return held[2]

    def _look_after(self, line: LineId) -> None:
        """Dial every party of the line that has an address."""
        ls = self.runtime.conductor.state.lines[line]
        for party in ls.roster.parties:
            for channel in Channel:
                place = (line, party, channel)
                if party == ls.me or party not in self.peers or place in self._keeping:
                    continue
                self._keeping.add(place)
                self._spawn(self._keep(*place))

    def _check_pin(self, talk: Talk) -> None:
        """A certificate that is unpinned is shown out at once."""
        for wire in list(talk.wires.values()):
            if who(talk.state.roster, wire.certificate) != talk.peer:
                LOG.warning("%s: its certificate is no longer pinned", talk.peer)
                wire.frames.close()

    def _spawn(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _context(self, *, server: bool) -> ssl.SSLContext:
        """Made for each connection (under a millisecond): files and pins as they are now."""
        state = self.runtime.conductor.state
        rosters = [ls.roster for ls in state.lines.values()]
        return make_context(
            self.identity, anchors_of(rosters, self.runtime.conductor.local.party), server=server
        )

    # -- dialling

    async def _keep(self, line: LineId, peer: PartyId, channel: Channel) -> None:
        """Keep one connection standing, for as long as the node runs."""
        failures = 0
        while not self._stopped:
            talk = self.talk(line, peer)
            standing = talk.wires.get(channel) if talk is not None else None
            if standing is not None:
                await _ended(standing.frames)
                failures = 0
            else:
                try:
                    stood = await self._dial(line, peer, channel)
                except (OSError, Closed) as why:
                    stood = False
                    self.seldom.warn(f"dialling {peer} for {channel.value}", str(why))
                failures = 0 if stood else failures + 1
            await asyncio.sleep(self.timing.pause(failures))

    async def _dial(self, line: LineId, peer: PartyId, channel: Channel) -> bool:
        """One attempt, and the conversation if it succeeds; whether it did. Raises OSError
        (TimeoutError and ssl.SSLError among them) and Closed."""
        sock = await self._connect(self.peers[peer])
        try:
            frames, certificate = await self._secure(sock, server=False, name=str(peer).lower())
        except BaseException:
            sock.close()
            raise
        try:
            ls = self.runtime.conductor.state.lines[line]
            if who(ls.roster, certificate) != peer:
                raise Closed("another party answers there")
            frames.queue(self._hello(line, channel, peer))
            frames.flush()
            hello = await self._read_hello(frames)
            self._admit(hello, certificate)
            if (hello.line, hello.party, hello.channel) != (line, peer, channel):
                raise Closed("the other end speaks of something else")
            wire = self._wire(frames, hello, certificate, dialer=ls.me)
            return await self._converse(wire, hello)
        finally:
            frames.close()

    async def _connect(self, address: Address) -> socket.socket:
        """A TCP connection to the first of its addresses that answers in time. Raises OSError."""
        loop = asyncio.get_running_loop()
        infos = await loop.getaddrinfo(*address, type=socket.SOCK_STREAM)
        failed: OSError | None = None
        for family, kind, protocol, _, where in infos:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setblocking(False)
                tune(sock, dead_s=self.timing.dead_s)
                async with asyncio.timeout(self.timing.connect_s):
                    await loop.sock_connect(sock, where)
            except OSError as why:
                sock.close()
                failed = why
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failed if failed is not None else OSError("no address")

    async def _secure(
        self, sock: socket.socket, *, server: bool, name: str | None = None
    ) -> tuple[Frames, bytes]:
        """TLS over a connected socket. Raises OSError (ssl.SSLError among them) and Closed."""
        loop = asyncio.get_running_loop()
        context = self._context(server=server)
        reader = asyncio.StreamReader(limit=READ_AHEAD, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        limit = self.timing.handshake_s
        if server:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, sock, ssl=context, ssl_handshake_timeout=limit
            )
        else:
            transport, _ = await loop.create_connection(
                lambda: protocol, sock=sock, ssl=context, server_hostname=name,
                ssl_handshake_timeout=limit,
            )  # fmt: skip
        frames = Frames(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
        certificate = shown_certificate(transport.get_extra_info("ssl_object"))
        if certificate is None:
            frames.close()
            raise Closed("no certificate was shown")
        return frames, certificate

    # -- listening

    async def _listen(self, address: Address) -> None:
        loop = asyncio.get_running_loop()
        infos = await loop.getaddrinfo(*address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, where in infos:
            sock = socket.socket(family, kind, protocol)
            self._sockets.append(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setblocking(False)
            sock.bind(where)
            sock.listen(BACKLOG)
            self.addresses.append(sock.getsockname()[:2])
            self._spawn(self._accept(sock))

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopped:
            try:
                sock, address = await loop.sock_accept(listening)
            except OSError as why:  # out of descriptors, or gone before it was taken
                self.seldom.warn("accepting", str(why))
                await asyncio.sleep(self.timing.again_s)
                continue
            tune(sock, dead_s=self.timing.dead_s)
            self._make_room()
            unproved = _Unproved(address[0], loop.create_task(self._receive(sock, address[0])))
            self._unproved.append(unproved)
            unproved.task.add_done_callback(self._proved)

    def _make_room(self) -> None:
        if len(self._unproved) < UNPROVED_MAX:
            return
        hosts = [unproved.host for unproved in self._unproved]
        crowd = max(hosts, key=hosts.count)
        oldest = next(unproved for unproved in self._unproved if unproved.host == crowd)
        self._proved(oldest.task)
        oldest.task.cancel()

    def _proved(self, task: "asyncio.Task[None]") -> None:
        self._unproved = [unproved for unproved in self._unproved if unproved.task is not task]

    async def _receive(self, sock: socket.socket, host: str) -> None:
        """Prove who dials; then the conversation goes on as a task of its own."""
        try:
            frames, certificate = await self._secure(sock, server=True)
        except (OSError, Closed) as why:
            sock.close()
            self.seldom.warn(f"a stranger at {host}", str(why))
            return
        except BaseException:
            sock.close()
            raise
        try:
            hello = await self._read_hello(frames)
            self._admit(hello, certificate)
            wire = self._wire(frames, hello, certificate, dialer=hello.party)
        except Closed as why:
            self.seldom.warn(f"a stranger at {host}", str(why))
            self._explain(frames, None, why)
            frames.close()
            return
        except BaseException:
            frames.close()
            raise
        frames.queue(self._hello(hello.line, hello.channel, hello.party))
        frames.flush()
        self._spawn(self._hold(wire, hello))

    async def _hold(self, wire: Wire, hello: Hello) -> None:
        try:
            await self._converse(wire, hello)
        finally:
            wire.frames.close()

    # -- both ends

    def _hello(self, line: LineId, channel: Channel, peer: PartyId) -> Hello:
        conductor = self.runtime.conductor
        stated = conductor.stated(line, peer)
        return Hello(
            line=line,
            party=conductor.local.party,
            channel=channel,
            held=stated.held,
            documents=self.papers(line).digest,
            software=conductor.local.software,
            proved=stated.proved,
            shown=stated.shown.decode(),
        )

    async def _read_hello(self, frames: Frames) -> Hello:
        limit = self.timing.handshake_s
        message: LinkMessage = await frames.read(HELLO_BYTES_MAX, limit, limit)
        match message:
            case Hello():
                return message
            case Refused():
                raise Closed(f"refused: {message.refusal.code.value} {message.refusal.clause}")
            case _:
                raise Closed("no hello", _refusal(Code.BAD_MESSAGE, reason="no-hello"))

    def _admit(self, hello: Hello, certificate: bytes) -> None:
        """The line is one of ours, and the certificate that of the party that speaks there."""
        ls = self.runtime.conductor.state.lines.get(hello.line)
        if ls is None:
            raise Closed("another line", _refusal(Code.FOREIGN_LINE, line=hello.line))
        if hello.party == ls.me or who(ls.roster, certificate) != hello.party:
            raise Closed("not its certificate", _refusal(Code.UNKNOWN_PARTY, party=hello.party))

    def _wire(self, frames: Frames, hello: Hello, certificate: bytes, dialer: PartyId) -> Wire:
        """A place for the connection, unless a crossing one stands. Raises Closed."""
        talk = self.talk(hello.line, hello.party)
        assert talk is not None, "the party is of the line"
        now = asyncio.get_running_loop().time()
        standing = talk.wires.get(hello.channel)
        lower = min(hello.party, self.runtime.conductor.local.party)
        if (
            standing is not None
            and standing.dialer == lower != dialer
            and now - standing.since < self.timing.crossing_s
        ):
            raise Closed("it crossed another", _refusal(Code.CONFLICTING_REQUEST, dialer=dialer))
        return Wire(
            frames=frames,
            channel=hello.channel,
            dialer=dialer,
            certificate=certificate,
            since=now,
        )

    async def _converse(self, wire: Wire, hello: Hello) -> bool:
        """Take messages until the connection ends. True: it stood."""
        talk = self.talk(hello.line, hello.party)
        assert talk is not None, "the party is of the line"
        talk.attach(wire, hello)
        try:
            while not self._stopped:
                message = await wire.frames.read(FRAME_BYTES_MAX, self.timing.frame_s, None)
                await talk.take(wire, message)
        except Closed as why:
            sort = f"{hello.party} on {wire.channel.value}"
            self.seldom.warn(sort, f"{why} after {wire.frames.counters}")
            self._explain(wire.frames, hello.line, why)
        finally:
            talk.detach(wire)
        return True

    def _explain(self, frames: Frames, line: LineId | None, why: Closed) -> None:
        """Say why before hanging up, to those who have shown who they are."""
        if why.refusal is None or line is None:
            return
        frames.queue(Refused(line=line, refusal=why.refusal))
        frames.flush()


async def _ended(frames: Frames) -> None:
    """Until a connection is closed."""
    if frames.closed:
        return
    ended = asyncio.Event()
    frames.on_close.append(ended.set)
    await ended.wait()


def _refusal(code: Code, **params: str | int) -> Refusal:
    return Refusal(code=code, clause="CL-LNK-024", params={**params})


__all__ = ["Address", "Identity", "Links", "Timing"]
