"""Nodes of a town on real sockets: each with its own runtime, keys on disk, links on 127.0.0.1.

Nothing here sleeps: ``until`` looks at a condition after every turn of any node.
"""

import asyncio
import base64
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from clearline.interfaces.native import Identity, Links, Timing
from clearline.model.entry import Body, Precedence
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId, feed_of
from clearline.model.refusal import Refusal
from clearline.model.time import Instant
from clearline.node.conductor import Conductor
from clearline.node.inbound import Inbound, Outcome, Say
from clearline.node.ports import HighWater, Store
from clearline.node.runtime import Clock, Runtime
from clearline.node.state import LineState, Local
from clearline.node.write import statement
from clearline.store.memory import MemoryHighWater, MemoryStore
from clearline.trust.documents import DocType, read, sign
from clearline.trust.party import Manifest
from tests.town import (
    BEGIN,
    certificate_of,
    manifest_of,
    node_key_of,
    papers_of,
    root_of,
    seed,
)

OVERALL_S = 40.0
QUICK = Timing(
    again_s=0.01,
    again_s_max=0.05,
    author_s=0.05,
    attachment_s=0.05,
    crossing_s=0.5,
    handshake_s=5.0,
    jitter=lambda: 0.5,
)
"""Short pauses; nothing that a test asserts depends on them."""


def identity_of(party: str, folder: Path) -> Identity:
    """The party's TLS files, as its manifest in the town pins them."""
    key = Ed25519PrivateKey.from_private_bytes(seed("tls", party))
    return write_identity(folder / party, key, base64.b64decode(certificate_of(party)))


def write_identity(base: Path, key: Ed25519PrivateKey, der: bytes) -> Identity:
    """A key and a certificate as PEM files beside each other."""
    certificate = base.with_suffix(".crt")
    certificate.write_text(ssl.DER_cert_to_PEM_cert(der))
    private = base.with_suffix(".key")
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Identity(certificate=certificate, key=private)


def new_certificate(party: str, n: int = 1) -> tuple[Ed25519PrivateKey, bytes]:
    """Another key and self-signed certificate (DER) with the same names."""
    key = Ed25519PrivateKey.from_private_bytes(seed("tls", party, n))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, party)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1 + n)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .sign(key, None)
    )
    return key, certificate.public_bytes(Encoding.DER)


def pin(der: bytes) -> str:
    """A certificate as a manifest names it."""
    return base64.b64encode(der).decode("ascii")


def manifest_with(
    party: str, *, serial: int, certificates: tuple[str, ...], before: bytes | None = None
) -> bytes:
    """The party's next manifest: the same node key, these certificates."""
    link = read(before if before is not None else manifest_of(party), DocType.MANIFEST, Manifest)
    assert not isinstance(link, Refusal)
    body = replace(link.body, serial=serial, tls=certificates, previous=link.digest)
    return sign(DocType.MANIFEST, body, (root_of(party),))


def conductor_of(
    party: str,
    store: Store,
    marks: HighWater,
    fence: int = 1,
    kind: type[Conductor] = Conductor,
) -> Conductor:
    """A node of a party over a store, not started."""
    signer = node_key_of(party)
    return kind(
        local=Local(party=PartyId(party), software="test", rules="clearline/1", geoid=""),
        store=store,
        high_water=marks,
        signers={signer.public.hex: signer},
        fence=fence,
    )


@dataclass
class LinkNode:
    """One node: runs from ``start`` to ``stop``, and can be started again over the same store."""

    party: str
    parties: tuple[str, ...]
    folder: Path
    store: Store = field(default_factory=MemoryStore)
    marks: HighWater = field(default_factory=MemoryHighWater)
    timing: Timing = QUICK
    turned: Callable[[], None] = lambda: None
    runtime: Runtime = field(init=False)
    links: Links = field(init=False)
    line: LineId = field(init=False)
    fence: int = 1
    clock: Clock | None = None
    kind: type[Conductor] = Conductor
    begin: Callable[[Conductor, Instant], None] = Conductor.start
    _running: "asyncio.Task[None] | None" = None

    def load(self) -> None:
        """The node as its store has it; the line is opened if it was not."""
        conductor = conductor_of(self.party, self.store, self.marks, self.fence, self.kind)
        clock = self.clock or Clock(began_wall=int(BEGIN) + 60_000)
        self.begin(conductor, clock.now())
        line = conductor.open_line(papers_of(self.parties), Instant(BEGIN))
        assert isinstance(line, str), line
        self.line = line
        self.runtime = Runtime(conductor, clock)

    async def start(
        self,
        *,
        listen: bool | tuple[str, int] = False,
        peers: dict[str, tuple[str, int]] | None = None,
        identity: Identity | None = None,
    ) -> None:
        """Load, run, listen and dial."""
        self.load()
        self.runtime.watchers.append(lambda _: self.turned())
        self.links = Links(
            self.runtime,
            identity or identity_of(self.party, self.folder),
            listen=(("127.0.0.1", 0) if listen is True else listen or None),
            peers={PartyId(party): address for party, address in (peers or {}).items()},
            timing=self.timing,
        )
        self._running = asyncio.create_task(self.runtime.run())
        await self.links.start()

    async def stop(self) -> None:
        """Links first, then the loop."""
        await self.links.stop()
        self.runtime.stop()
        assert self._running is not None
        await self._running

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.links.addresses[0]

    @property
    def state(self) -> LineState:
        """The line as this node has it."""
        return self.runtime.conductor.state.lines[self.line]

    def size(self, party: str) -> int:
        """How much of a party's first feed is held."""
        return self.state.frontier(feed_of(PartyId(party))).size

    def holds(self, party: str) -> list[bytes]:
        """The entries of a party's first feed, as stored."""
        feed = feed_of(PartyId(party))
        return [entry.data for entry in self.store.iterate_entries(self.line, feed)]

    def seen(self, by: str, feed: FeedId) -> int:
        """How much of a feed a party has receipted, in its entries that are held here."""
        steps = self.state.picture.feed(feed_of(PartyId(by))).seen.get(feed)
        return steps.value() if steps is not None else 0

    async def say(
        self, *bodies: Body, prec: Precedence = Precedence.PRIORITY
    ) -> tuple[EntryRef, ...]:
        """State bodies on the line; they must be taken."""
        outcome = await self.submit(
            Say(
                id=f"{self.party}-{self.size(self.party)}",
                line=self.line,
                person="tester",
                role="watch-officer",
                statements=tuple(statement(body, prec) for body in bodies),
            )
        )
        assert outcome.refusal is None, outcome.refusal
        return outcome.refs

    async def submit(self, what: Inbound) -> Outcome:
        """One inbound through the node's loop."""
        return await self.runtime.submit(what)


class Street:
    """Nodes in one process, and a bell that rings at every turn of any of them."""

    def __init__(self, folder: Path, *parties: str, timing: Timing = QUICK) -> None:
        self.parties = parties
        self._bell = asyncio.Event()
        self.nodes = {
            party: LinkNode(party, parties, folder, timing=timing, turned=self._bell.set)
            for party in parties
        }

    def __getitem__(self, party: str) -> LinkNode:
        return self.nodes[party]

    async def until(self, condition: Callable[[], bool], what: str = "") -> None:
        """Wait for a condition; look at it after every turn, fail when it takes far too long."""
        try:
            async with asyncio.timeout(OVERALL_S):
                while not condition():
                    self._bell.clear()
                    if condition():
                        return
                    await self._bell.wait()
        except TimeoutError:
            sizes = {
                node.party: {p: node.size(p) for p in self.parties}
                for node in self.nodes.values()
                if hasattr(node, "runtime")
            }
            said = {
                node.party: node.links.seldom.told
                for node in self.nodes.values()
                if hasattr(node, "links")
            }
            raise AssertionError(f"never: {what or condition}; sizes {sizes}; log {said}") from None

    async def until_level(self) -> None:
        """Wait until all hold the same of every feed, and all that needs a receipt has one."""
        running = [node for node in self.nodes.values() if hasattr(node, "runtime")]

        def level() -> bool:
            for party in self.parties:
                if len({node.size(party) for node in running}) != 1:
                    return False
            return not any(node.state.owed for node in running)

        await self.until(level, "all level")


@asynccontextmanager
async def pair(folder: Path, timing: Timing = QUICK) -> AsyncIterator[Street]:
    """AAA listens, BBB dials; both have joined and know it of each other."""
    async with row(folder, "AAA", "BBB", timing=timing) as street:
        yield street


@asynccontextmanager
async def row(folder: Path, *parties: str, timing: Timing = QUICK) -> AsyncIterator[Street]:
    """Each listens and is dialled by the next: the first and the last are not connected."""
    logging.getLogger("clearline.link").setLevel(logging.CRITICAL)
    street = Street(folder, *parties, timing=timing)
    before: str | None = None
    try:
        for party in parties:
            peers = {before: street[before].address} if before is not None else {}
            await street[party].start(listen=True, peers=peers)
            before = party
        for party in parties:
            await street.until(
                lambda party=party: all(node.size(party) > 0 for node in street.nodes.values()),
                f"{party} has joined for all",
            )
        await street.until_level()
        yield street
    finally:
        for node in street.nodes.values():
            if node._running is not None and not node._running.done():
                await node.stop()
