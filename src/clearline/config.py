"""node.toml -> a frozen ``Config``. An unknown key is an error that names the nearest known one.

Paths are relative to the folder that node.toml stands in. Nothing is read from the environment.
"""

import difflib
import re
import tomllib
import types
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TypeGuard, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import msgspec

from clearline.model.ids import PartyId, is_party_id
from clearline.model.refusal import Refusal
from clearline.node.live.limits import LiveLimits
from clearline.node.live.settings import TracksTable, track_faults
from clearline.notation.gazetteer import Gazetteer, read_gazetteer
from clearline.notation.reading import Notation
from clearline.words.deployed import deploy
from clearline.words.reader import ENGLISH, wish_fault
from clearline.words.sentences import sentence

FILE: Final = "node.toml"
CONFIG_BYTES_MAX: Final = 1 << 20
PORT_MAX: Final = 65_535
DESK_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}", re.ASCII)
HOST_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
LINE_START: Final = re.compile(r"[0-9a-f]{4,64}", re.ASCII)


class ConfigError(ValueError):
    """What is wrong with node.toml: one sentence a line, each naming the key."""


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A closed table of node.toml."""


class PartyTable(_Table, frozen=True):
    """``folder``: the party's folder with card, chain and node keys."""

    folder: str


class StoreTable(_Table, frozen=True):
    """Where the node keeps things. ``highwater`` belongs outside what restores the database.
    ``snapshot_every_min``: how often the state is kept, so that a start need not fold it all."""

    database: str = "clearline.db"
    highwater: str = "highwater"
    lease: str = "clearline.lease"
    snapshot_every_min: int = 60


class LinkTable(_Table, frozen=True):
    """The line to other nodes. ``listen``: HOST:PORT, or absent when this node only calls out.
    ``peers``: HOST:PORT of those that listen, by party."""

    listen: str | None = None
    peers: dict[str, str] = {}


class ApiTable(_Table, frozen=True):
    """The API for one's own people, never for peers. ``bind``: HOST:PORT; port 0 takes a free one.
    Beyond this machine it needs ``certificate`` and ``key``, or ``plain_http = true`` said.
    ``hosts``: names of the console in browsers, beside addresses; ``sign_ins``: its own folder."""

    bind: str = "127.0.0.1:8440"
    certificate: str | None = None
    key: str | None = None
    plain_http: bool = False
    tokens: str = "tokens.json"
    hosts: tuple[str, ...] = ()
    sign_ins: str = "sign-ins"


class RoleTable(_Table, frozen=True):
    """How a role of the agreement's ladders is reached: channels by name, best first."""

    role: str
    channels: tuple[str, ...]
    at_once: int = 1


class NotationTable(_Table, frozen=True):
    """How this party reads and writes. ``write``: the notation in which places are shown: decimal,
    ddm, dms or mgrs. ``zone``: the IANA zone of the local time that stands beside Z. ``places``: a
    file of names with where they are, to hold labels against."""

    write: Notation = Notation.DMS
    zone: str | None = None
    places: str | None = None


class DeskTable(_Table, frozen=True):
    """One of several desks. ``roles``: whose rings sound on it, absent: all. ``lines``: the starts
    of lines' names, absent: all. ``exercise``: it hears exercises only; the others never do.
    ``languages``: what is read at it, absent: as the node's."""

    name: str
    roles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    exercise: bool = False
    languages: tuple[str, ...] = ()


class FallbackTable(_Table, frozen=True):
    """One way to a role of a party when the line is down. ``way``: a telephone number, a frequency,
    a radio net, as it is read out from paper; ``note``: in which language, at which hours."""

    party: str
    role: str
    way: str
    note: str = ""


class Config(_Table, frozen=True):
    """A node's whole configuration. ``channels``: by name, each with its ``kind`` and settings.
    ``languages``: what people read, one beside the other; one that nobody has reviewed never alone
    (it stands before the tables of the file)."""

    party: PartyTable
    store: StoreTable = StoreTable()
    link: LinkTable = LinkTable()
    api: ApiTable = ApiTable()
    roles: tuple[RoleTable, ...] = ()
    notation: NotationTable = NotationTable()
    desks: tuple[DeskTable, ...] = ()
    fallback: tuple[FallbackTable, ...] = ()
    channels: dict[str, dict[str, object]] = {}
    languages: tuple[str, ...] = ENGLISH
    live: LiveLimits = LiveLimits()
    tracks: dict[str, TracksTable] = {}


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration in its folder: paths as they are on this machine."""

    folder: Path
    config: Config

    def path(self, text: str) -> Path:
        """A path of the file, relative to its folder."""
        return self.folder / Path(text).expanduser()

    @property
    def party(self) -> Path:
        """The party's folder."""
        return self.path(self.config.party.folder)

    @property
    def database(self) -> Path:
        """The database."""
        return self.path(self.config.store.database)

    @property
    def highwater(self) -> Path:
        """The folder of high-water marks."""
        return self.path(self.config.store.highwater)

    @property
    def pending_reads(self) -> Path:
        """Reads of others' items that are not in the private desk record yet."""
        return self.database.with_name("reads.pending")

    @property
    def lease(self) -> Path:
        """The lease of the one writer."""
        return self.path(self.config.store.lease)

    @property
    def tokens(self) -> Path:
        """The people and their tokens, hashed."""
        return self.path(self.config.api.tokens)

    @property
    def sign_ins(self) -> Path:
        """Links, sessions and passwords of the console, hashed."""
        return self.path(self.config.api.sign_ins)

    @property
    def hosts(self) -> frozenset[str]:
        """Names under which browsers call the console, beside localhost and addresses."""
        return frozenset((*self.config.api.hosts, parse_address(self.config.api.bind)[0]))

    @property
    def agreements(self) -> Path:
        """Where ``agreement adopt`` puts terms that all have signed."""
        return self.folder / "agreements"

    def places(self) -> Gazetteer:
        """The deployment's names with where they are. Raises ConfigError."""
        name = self.config.notation.places
        if name is None:
            return Gazetteer()
        try:
            found = read_gazetteer(self.path(name).read_bytes())
        except OSError as error:
            raise ConfigError(f"{FILE}: notation.places: {error.strerror or error}") from error
        if isinstance(found, Refusal):
            raise ConfigError(f"{FILE}: notation.places: {name}: {sentence(found)}")
        return found

    @property
    def address_file(self) -> Path:
        """Where a running node writes the address of its API."""
        return self.folder / "api.address"


def read_config(folder: Path) -> Placed:
    """The configuration in a folder. Raises ConfigError, with every fault that was found."""
    path = folder / FILE
    try:
        raw = path.read_bytes()[: CONFIG_BYTES_MAX + 1]
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; see clearline node init") from error
    if len(raw) > CONFIG_BYTES_MAX:
        raise ConfigError(f"{path.name} is larger than {CONFIG_BYTES_MAX} bytes")
    unread = deploy(folder)  # before it is asked which language may stand alone
    if unread is not None:
        raise ConfigError(unread)
    return Placed(folder=folder, config=parse_config(raw))


def parse_config(raw: bytes) -> Config:
    """The configuration that the bytes say. Raises ConfigError."""
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{FILE} is not TOML: {error}") from error
    unknown = list(_unknown(table, Config, ""))
    if unknown:
        raise ConfigError("\n".join(unknown))
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{FILE}: {error}") from error
    faults = list(_faults(config))
    if faults:
        raise ConfigError("\n".join(faults))
    return config


def _is_table(found: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(found, dict)


def _unknown(table: Mapping[str, object], schema: type[msgspec.Struct], at: str) -> Iterator[str]:
    """Keys that no table of this kind has, each with the nearest one that it has."""
    fields = {field.name: field.type for field in msgspec.structs.fields(schema)}
    for key, value in table.items():
        here = f"{at}{key}"
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(fields))}"
            yield f"{FILE}: unknown key {here}: {hint}"
            continue
        inner = _schema_in(fields[key])
        if inner is None:
            continue
        if _is_table(value):
            yield from _unknown(value, inner, f"{here}.")
        elif isinstance(value, list):
            for n, item in enumerate(value):
                if _is_table(item):
                    yield from _unknown(item, inner, f"{here}[{n}].")


def _schema_in(kind: object) -> type[msgspec.Struct] | None:
    """The record that a field's type is, holds, or may be."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if get_origin(kind) in (tuple, Union, types.UnionType):
        return next((s for part in get_args(kind) if (s := _schema_in(part)) is not None), None)
    return None


def _faults(config: Config) -> Iterator[str]:
    for party in config.link.peers:
        if not is_party_id(party):
            yield f"{FILE}: link.peers.{party}: a party's id is 2 to 12 of A-Z and 0-9"
    places = [("api.bind", config.api.bind), ("link.listen", config.link.listen)]
    places += [(f"link.peers.{party}", to) for party, to in config.link.peers.items()]
    places += [(f"tracks.{name}.listen", table.listen) for name, table in config.tracks.items()]
    for name, text in places:
        if text is not None:
            try:
                parse_address(text)
            except ValueError as error:
                yield f"{FILE}: {name}: {error}"
                return
    yield from _api_faults(config.api)
    if not 1 <= config.store.snapshot_every_min <= 10_080:
        yield f"{FILE}: store.snapshot_every_min must be 1 to 10080"
    if config.notation.write is Notation.DOTTED:
        yield f"{FILE}: notation.write: what reads in two ways is not written"
    if config.notation.zone is not None and local_zone(config.notation.zone) is None:
        yield f"{FILE}: notation.zone: no zone {config.notation.zone} here, such as Asia/Damascus"
    seen: set[str] = set()
    for n, role in enumerate(config.roles):
        if role.role in seen:
            yield f"{FILE}: roles[{n}]: {role.role} stands twice"
        seen.add(role.role)
        if role.at_once < 1:
            yield f"{FILE}: roles[{n}].at_once must be at least 1"
        for channel in role.channels:
            if channel not in config.channels:
                near = difflib.get_close_matches(channel, config.channels, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"write [channels.{channel}]"
                yield f"{FILE}: roles[{n}].channels: there is no channel {channel}: {hint}"
    yield from _desk_faults(config)
    unread = wish_fault(config.languages)
    if unread is not None:
        yield f"{FILE}: languages: {unread}"
    yield from track_faults(config.live, config.tracks)
    for name, settings in config.channels.items():
        if not isinstance(settings.get("kind"), str):
            yield f"{FILE}: channels.{name} needs kind, such as desk, webhook, smtp or command"


def _desk_faults(config: Config) -> Iterator[str]:
    seen: set[str] = set()
    known = [role.role for role in config.roles]
    for n, desk in enumerate(config.desks):
        at = f"{FILE}: desks[{n}]"
        if desk.name in seen:
            yield f"{at}: {desk.name} stands twice"
        seen.add(desk.name)
        if not DESK_NAME.fullmatch(desk.name):
            yield f"{at}.name: up to 63 of A-Z a-z 0-9 . _ - and blanks, first a letter or digit"
        unread = wish_fault(desk.languages, exercise=desk.exercise) if desk.languages else None
        if unread is not None:
            yield f"{at}.languages: {unread}"
        for role in desk.roles:
            if role not in known:
                near = difflib.get_close_matches(role, known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else "write it as one of [[roles]]"
                yield f"{at}.roles: there is no role {role}: {hint}"
        for line in desk.lines:
            if not LINE_START.fullmatch(line):
                yield f"{at}.lines: {line!r} is not the start of a line's name: 4 to 64 of 0-9 a-f"
    if config.desks and all(desk.exercise for desk in config.desks):
        yield f"{FILE}: desks: all are for exercises: nothing real would be heard"


def _api_faults(api: ApiTable) -> Iterator[str]:
    if (api.certificate is None) is not (api.key is None):
        yield f"{FILE}: api.certificate and api.key belong together"
    for name in (name for name in api.hosts if not HOST_NAME.fullmatch(name)):
        yield f"{FILE}: api.hosts: {name!r} is not a host name, such as node.local"
    host, _ = parse_address(api.bind)
    if not is_this_machine(host) and api.certificate is None and not api.plain_http:
        yield (
            f"{FILE}: api.bind {api.bind} is open to other machines: give api.certificate and"
            " api.key, or say api.plain_http = true behind something that does TLS"
        )


def parse_address(text: str) -> tuple[str, int]:
    """HOST:PORT, an IPv6 host in brackets. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > PORT_MAX:
        raise ValueError(f"{text!r} is not HOST:PORT")
    return host, int(port)


def is_this_machine(host: str) -> bool:
    """Whether only this machine can reach what is bound there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@lru_cache(maxsize=64)
def local_zone(name: str) -> tzinfo | None:
    """The zone of an IANA name, from this machine's tables or the package tzdata; None where there
    is none. A name is never taken for a path."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


def track_addresses(config: Config) -> dict[str, tuple[str, int]]:
    """Where each source of live tracks that is sent to listens."""
    return {
        name: parse_address(table.listen)
        for name, table in config.tracks.items()
        if table.listen is not None
    }


def party_addresses(config: Config) -> dict[PartyId, tuple[str, int]]:
    """Where each peer that listens is reached."""
    return {PartyId(party): parse_address(to) for party, to in config.link.peers.items()}


def stands_alone(config: Config) -> bool:
    """Whether this node neither listens nor calls: nothing of it reaches any other node."""
    return config.link.listen is None and not config.link.peers


ALONE: Final = (
    "this node neither listens nor calls: no other node hears of it; give link.listen, or an"
    " address under [link.peers] (CL-CFG-003)"
)
