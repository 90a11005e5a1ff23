"""The composition root: a running node from a folder. The only file that knows every class.

node.toml            the configuration
agreements/          terms that all have signed, as ``agreement adopt`` puts them there
documents/           other parties' key manifests, as they gave them
clearline.db         the store; highwater/ the marks; clearline.lease the one writer's lock
tokens.json          people and roles, tokens hashed; tokens/ the first tokens, to hand out
api.address          where the API of the running node is
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from clearline import __version__
from clearline.alerting.routing import Desk, Route
from clearline.api.access import Access
from clearline.api.server import ApiServer
from clearline.api.service import Service
from clearline.channels.desk import DeskHub
from clearline.channels.kinds import open_channel
from clearline.config import (
    ConfigError,
    Placed,
    parse_address,
    party_addresses,
    read_config,
    track_addresses,
)
from clearline.conflict.geoid import GEOID_SHA256
from clearline.console_parts import DeskFeed, open_console, ways_of
from clearline.interfaces.native import Identity, Links, Timing
from clearline.interfaces.tracks.opening import LiveTracks, open_tracks
from clearline.model.alert import Alert, Ring, Silence
from clearline.model.ids import LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.terms import Agreement
from clearline.model.time import Instant
from clearline.node import inbound
from clearline.node.channel import Call, Channel, Delivered, Failed
from clearline.node.conductor import Conductor
from clearline.node.inbound import Papers, Undelivered
from clearline.node.intent import Intent
from clearline.node.ports import Lease, Store
from clearline.node.runtime import Clock, Runtime
from clearline.node.state import Local, Signing
from clearline.signing import Signer
from clearline.store import keyfile
from clearline.store.disk import write_whole
from clearline.store.highwater import FileHighWater
from clearline.store.lease import open_as_writer
from clearline.store.party_files import PartyFiles
from clearline.store.pending_reads import PendingReads
from clearline.trust.agreement import line_of, read_agreement
from clearline.trust.chain import Chain
from clearline.trust.documents import DocType, document_type, read
from clearline.trust.party import EpochOpening, Manifest, RootChange
from clearline.words.sentences import sentence

Result = TypeVar("Result")

LOG = logging.getLogger("clearline")

RULES: Final = "clearline/1"
LOOK_S: Final = 5.0
"""How often the node looks for new documents, and whether a full disk has room again."""
CALLS_MAX: Final = 16
"""Calls under way in one channel at once: a flood must not open a connection for each ring."""
DOCUMENT_BYTES_MAX: Final = 2 << 20


class CannotRun(Exception):
    """The node cannot be opened; the text says what to do."""


# -- parts


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """What a party's folder holds: who it is, its chain, its node keys, its TLS pair."""

    party: PartyId
    chain: Chain
    links: tuple[bytes, ...]
    signers: dict[str, Signer]
    identity: Identity


def read_keys(folder: Path) -> OwnKeys:
    """The party's folder. Raises CannotRun, naming what is missing."""
    files = PartyFiles(folder)
    card = _need(files.card(), f"{folder}")
    chain = _need(files.chain(card.body.id, card.body.root_key), f"{folder}/chain")
    signers: dict[str, Signer] = {}
    for path in sorted((folder / "keys").glob("node-*.key")):
        signer = _need(keyfile.read_key(path), str(path))
        signers[signer.public.hex] = signer
    if not signers:
        raise CannotRun(f"{folder}/keys holds no node key")
    certificate, key = _need(files.tls(chain), f"{folder}/keys")
    return OwnKeys(
        party=card.body.id,
        chain=chain,
        links=files.links(),
        signers=signers,
        identity=Identity(certificate=certificate, key=key),
    )


def local_of(party: PartyId) -> Local:
    """What is fixed for this node."""
    return Local(party=party, software=f"clearline {__version__}", rules=RULES, geoid=GEOID_SHA256)


def routes_of(placed: Placed) -> tuple[Route, ...]:
    """Who is reached how."""
    return tuple(
        Route(role=role.role, channels=role.channels, at_once=role.at_once)
        for role in placed.config.roles
    )


def desks_of(placed: Placed) -> tuple[Desk, ...]:
    """Which desk hears what."""
    return tuple(
        Desk(name=desk.name, roles=desk.roles, lines=desk.lines, exercise=desk.exercise)
        for desk in placed.config.desks
    )


def open_channels(placed: Placed) -> tuple[DeskHub, dict[str, Channel]]:
    """The desk and every channel by name. Raises ConfigError."""
    channels: dict[str, Channel] = {}
    desks: list[DeskHub] = []
    for name, settings in placed.config.channels.items():
        own = {key: value for key, value in settings.items() if key != "kind"}
        try:
            channel = open_channel(str(settings["kind"]), _placed(placed, own))
        except ValueError as error:
            raise ConfigError(f"node.toml: channels.{name}: {error}") from error
        channels[name] = channel
        if isinstance(channel, DeskHub):
            desks.append(channel)
    if len(desks) > 1:
        raise ConfigError("node.toml: only one channel can be of kind desk")
    hub = desks[0] if desks else DeskHub(secrets.token_hex(4))
    return hub, channels


def _placed(placed: Placed, settings: dict[str, object]) -> dict[str, object]:
    """Settings with the files that they name where they are."""
    found = dict(settings)
    for key in ("ca_file", "password_file"):
        if isinstance(found.get(key), str):
            found[key] = str(placed.path(str(found[key])))
    secret = found.get("secret_files")
    if isinstance(secret, list):
        found["secret_files"] = [str(placed.path(str(name))) for name in secret]
    return found


def _need(found: Result | Refusal, where: str) -> Result:
    if isinstance(found, Refusal):
        raise CannotRun(f"{where}: {sentence(found)}")
    return found


@dataclass(slots=True)
class Ringer:
    """Carries rings to their channels, and tells the node what reached nobody."""

    runtime: Runtime
    hub: DeskHub
    channels: Mapping[str, Channel]
    _calls: set["asyncio.Task[None]"] = field(default_factory=set)
    _room: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def perform(self, intent: Intent) -> None:
        """A ring to its channels; any change to the desks."""
        match intent:
            case Ring():
                self._ring(intent)
            case Silence():
                alert = self._alert(intent.alert)
                if alert is not None:
                    self.hub.show(alert, intent.desks)
            case _:
                return

    def _alert(self, name: str) -> Alert | None:
        conductor = self.runtime.conductor
        return conductor.state.book.get(name) or conductor.store.alert(name)

    def _ring(self, ring: Ring) -> None:
        alert = self._alert(ring.alert)
        if alert is None:
            return
        call = Call(
            alert=alert, ring=ring, at=self.runtime.now(), own=self.runtime.conductor.local.party
        )
        if not any(isinstance(self.channels.get(name), DeskHub) for name in ring.channels):
            self.hub.show(alert, ring.desks)  # whoever has the board open sees it all the same
        for name in ring.channels:
            task = asyncio.get_running_loop().create_task(self._call(name, call))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _call(self, name: str, call: Call) -> None:
        channel = self.channels.get(name)
        if channel is None:
            came: Delivered | Failed = Failed(why="no-such-channel")
        else:
            async with self._room.setdefault(name, asyncio.Semaphore(CALLS_MAX)):
                came = await channel.deliver(call)
        ring = call.ring
        if isinstance(came, Failed):
            self.runtime.post(
                Undelivered(
                    alert=ring.alert, channel=name, rung=ring.rung, ring=ring.ring, why=came.why
                )
            )
        elif not isinstance(channel, DeskHub):  # a desk that is open never had a fault to end
            self.runtime.post(inbound.Delivered(alert=ring.alert, channel=name, rung=ring.rung))

    async def stop(self) -> None:
        """Let go of calls under way: after the next start whatever is due rings again."""
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)


# -- documents


def documents_in(placed: Placed, own: OwnKeys) -> list[bytes]:
    """Every signed document that this folder knows of: terms first, then chains."""
    found = [path.read_bytes() for path in _json_in(placed.agreements)]
    found += own.links
    found += [path.read_bytes() for path in _json_in(placed.folder / "documents")]
    return found


def _json_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in sorted(folder.glob("*.json")):
            if path.stat().st_size <= DOCUMENT_BYTES_MAX:
                yield path


def open_lines(conductor: Conductor, own: OwnKeys, documents: list[bytes], now: Instant) -> None:
    """Take up every line whose first terms are here and that all have signed. A line that not all
    have signed is refused, naming who is missing. A party that joined by later terms needs all of
    them, from the first on. Raises CannotRun."""
    for first, *later in _terms_by_line(documents):
        raw, terms = first
        if terms.version != 1 or line_of(terms) in conductor.state.lines:
            continue
        needed = [raw]
        if not _is_party(own, terms):
            if not any(_is_party(own, each) for _, each in later):
                raise CannotRun(f"{own.party} is no party of “{terms.title}”")
            needed += [each for each, _ in later]
        opened = conductor.open_line((*needed, *own.links), now)
        if isinstance(opened, Refusal):
            raise CannotRun(f"“{terms.title}”: {sentence(opened)}")


def _terms_by_line(documents: list[bytes]) -> list[list[tuple[bytes, Agreement]]]:
    """The terms among the documents, line by line, oldest version first. Raises CannotRun."""
    found: dict[LineId, dict[int, tuple[bytes, Agreement]]] = {}
    for raw in documents:
        if document_type(raw) is not DocType.AGREEMENT:
            continue
        signed = read_agreement(raw)
        if isinstance(signed, Refusal):
            raise CannotRun(sentence(signed))
        versions = found.setdefault(line_of(signed.body), {})
        versions.setdefault(signed.body.version, (raw, signed.body))
    return [[versions[n] for n in sorted(versions)] for versions in found.values()]


def _is_party(own: OwnKeys, terms: Agreement) -> bool:
    return any(term.id == own.party for term in terms.parties)


def papers_for(conductor: Conductor, line: LineId, documents: list[bytes]) -> tuple[bytes, ...]:
    """The documents that belong to a line and that it does not hold yet."""
    ls = conductor.state.lines[line]
    held = set(conductor.papers(line).documents)
    return tuple(
        raw for raw in documents if raw not in held and _belongs(raw, line, ls.roster.parties)
    )


def _belongs(raw: bytes, line: LineId, parties: tuple[PartyId, ...]) -> bool:
    match document_type(raw):
        case DocType.AGREEMENT:
            signed = read_agreement(raw)
            return not isinstance(signed, Refusal) and line_of(signed.body) == line
        case DocType.MANIFEST:
            manifest = read(raw, DocType.MANIFEST, Manifest)
            return not isinstance(manifest, Refusal) and manifest.body.party in parties
        case DocType.ROOT_CHANGE:
            change = read(raw, DocType.ROOT_CHANGE, RootChange)
            return not isinstance(change, Refusal) and change.body.party in parties
        case DocType.EPOCH:
            opening = read(raw, DocType.EPOCH, EpochOpening)
            return not isinstance(opening, Refusal) and opening.body.line == line
        case _:
            return False


# -- the node


@dataclass(slots=True, kw_only=True)
class Node:
    """One node, opened and not yet running. ``run`` it once, then it is closed."""

    placed: Placed
    own: OwnKeys
    runtime: Runtime
    service: Service
    api: ApiServer
    links: Links
    ringer: Ringer
    tracks: LiveTracks
    store: Store
    lease: Lease

    async def run(self, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
        """Serve until ``stop`` is set. Raises StaleFence when another process took over, OSError
        when an address cannot be used."""
        self.runtime.performers.append(self.ringer.perform)
        self.runtime.watchers.append(self.service.changes.watch)
        loop = asyncio.create_task(self.runtime.run(), name="node")
        chores = asyncio.create_task(self._chores(), name="chores")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await self._offer()
            self.service.begin_access_log()
            await self.links.start()
            await self.tracks.start()
            address = await self.api.start()
            write_whole(self.placed.address_file, f"{address}\n".encode())
            ready(address)
            await asyncio.wait((loop, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            with suppress(OSError):
                self.placed.address_file.unlink(missing_ok=True)
            for task in (chores, stopping):
                task.cancel()
            await self.api.stop()
            await self.tracks.stop()
            await self.service.write_access_log(loop)
            await self.links.stop()
            await self.ringer.stop()
            self.runtime.stop()
            await asyncio.gather(chores, stopping, return_exceptions=True)
            try:
                await loop
            finally:
                self.close()

    def close(self) -> None:
        """Let go of the store and of the right to write it."""
        self.store.close()
        self.lease.release()

    async def _chores(self) -> None:
        """New documents, room on the disk, snapshots."""
        known = self._stamp()
        kept = self.runtime.conductor.state.journal
        waited = 0.0
        while True:
            await asyncio.sleep(LOOK_S)
            waited += LOOK_S
            stamp = self._stamp()
            if stamp != known:
                known = stamp
                await self._offer()
            self.service.post_access_log()
            self._look_at_disk()
            journal = self.runtime.conductor.state.journal
            if waited >= self.placed.config.store.snapshot_every_min * 60 and journal != kept:
                waited, kept = 0.0, journal
                self.runtime.save_snapshot()

    def _stamp(self) -> tuple[tuple[str, int], ...]:
        folders = (self.placed.agreements, self.placed.folder / "documents",
                   self.placed.party / "chain")  # fmt: skip
        return tuple(
            (str(path), path.stat().st_mtime_ns) for folder in folders for path in _json_in(folder)
        )

    async def _offer(self) -> None:
        """Documents that were put into the node's folder, to the lines that they belong to."""
        try:
            own = read_keys(self.placed.party)
            documents = documents_in(self.placed, own)
            self.runtime.conductor.signers.update(own.signers)
            open_lines(self.runtime.conductor, own, documents, self.runtime.now())
        except (CannotRun, OSError) as why:
            LOG.warning("a document was not taken: %s", why)
            return
        for line in self.runtime.lines:
            papers = papers_for(self.runtime.conductor, line, documents)
            if papers:
                outcome = await self.runtime.submit(Papers(line=line, peer=None, documents=papers))
                if outcome.refusal is not None:
                    LOG.warning("a document was refused: %s", sentence(outcome.refusal))

    def _look_at_disk(self) -> None:
        """With a full disk: try whether it takes writes again, and go on (FM: disk full)."""
        conductor = self.runtime.conductor
        if not any(ls.lock is Signing.DISK for ls in conductor.state.lines.values()):
            return
        done = conductor.disk_has_room(self.runtime.now(), secrets.token_bytes(32))
        for intent in done.intents:
            for perform in self.runtime.performers:
                perform(intent)
        for watch in self.runtime.watchers:
            watch(done)


def open_node(folder: Path, *, clock: Clock | None = None, timing: Timing | None = None) -> Node:
    """The node of a folder, started from what it keeps, with the right to write.

    Raises ConfigError, CannotRun, LeaseHeld, StoreUnreadable, StoreFull, OSError.
    """
    placed = read_config(folder)
    own = read_keys(placed.party)
    hub, channels = open_channels(placed)
    store, lease = open_as_writer(placed.database, placed.lease)
    try:
        conductor = Conductor(
            local=local_of(own.party),
            store=store,
            high_water=FileHighWater(placed.highwater),
            signers=own.signers,
            fence=lease.fence,
            routes=routes_of(placed),
            places=placed.places(),
            desks=desks_of(placed),
        )
        runtime = Runtime(conductor, clock)
        conductor.begin(runtime.now())
        runtime.read_a_little()
        open_lines(conductor, own, documents_in(placed, own), runtime.now())
        link = placed.config.link
        tracks = open_tracks(runtime, placed.config, placed.folder, track_addresses(placed.config))
        service = Service(
            runtime=runtime, console=open_console(placed), feed=DeskFeed(hub), tracks=tracks,
            ways=ways_of(placed), langs=placed.config.languages,
            desk_langs={d.name: d.languages for d in placed.config.desks if d.languages},
            access=Access(waiting=PendingReads(placed.pending_reads)),
        )  # fmt: skip
        api = placed.config.api
        return Node(
            placed=placed,
            own=own,
            runtime=runtime,
            service=service,
            api=ApiServer(
                service,
                parse_address(api.bind),
                certificate=placed.path(api.certificate) if api.certificate else None,
                key=placed.path(api.key) if api.key else None,
            ),
            links=Links(
                runtime,
                own.identity,
                listen=parse_address(link.listen) if link.listen else None,
                peers=party_addresses(placed.config),
                timing=timing,
            ),
            ringer=Ringer(runtime, hub, channels),
            tracks=tracks,
            store=store,
            lease=lease,
        )
    except BaseException:
        store.close()
        lease.release()
        raise


__all__ = [
    "CannotRun", "Node", "OwnKeys", "documents_in", "local_of", "open_node",
    "read_keys", "routes_of",
]  # fmt: skip
