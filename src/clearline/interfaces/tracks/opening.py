"""The sources of node.toml as inputs, ready to start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from clearline.interfaces.tracks.inbox import Source
from clearline.interfaces.tracks.live import Input
from clearline.interfaces.tracks.live import LiveTracks as LiveTracks
from clearline.interfaces.tracks.polled import Followed, Polled
from clearline.interfaces.tracks.sockets import Datagrams, Streams
from clearline.model.space import HeightRef
from clearline.model.time import SECOND
from clearline.node.live.limits import LiveLimits
from clearline.node.live.settings import TracksTable
from clearline.node.runtime import Runtime


class Tables(Protocol):
    """What node.toml says of live tracks."""

    @property
    def live(self) -> LiveLimits:
        """[live]"""

    @property
    def tracks(self) -> dict[str, TracksTable]:
        """[tracks.NAME]"""


def open_tracks(
    runtime: Runtime, tables: Tables, folder: Path, addresses: Mapping[str, tuple[str, int]]
) -> LiveTracks:
    """``addresses``: where each source that is sent to listens. Paths are relative to ``folder``,
    that of node.toml."""
    silent = {name: t.silent_s * SECOND for name, t in tables.tracks.items() if t.silent_s}
    live = LiveTracks(runtime, tables.live, silent)
    for name, table in sorted(tables.tracks.items()):
        ref = HeightRef(table.alt_ref) if table.alt_ref is not None else None
        source = Source(name=name, ref=ref)
        live.inputs.append(_input(live, source, table, folder, addresses.get(name)))
    return live


def _input(
    live: LiveTracks,
    source: Source,
    table: TracksTable,
    folder: Path,
    address: tuple[str, int] | None,
) -> Input:
    path = folder / Path(table.path).expanduser() if table.path is not None else None
    match table.kind:
        case "udp":
            assert address is not None, "checked when node.toml was read"
            return Datagrams(live.runtime, live.inbox, source, address)
        case "tcp":
            assert address is not None, "checked when node.toml was read"
            return Streams(live.runtime, live.inbox, source, address)
        case "file":
            assert path is not None, "checked when node.toml was read"
            return Followed(live.runtime, live.inbox, source, path)
        case _:
            return Polled(live.runtime, live.inbox, source, table.every_s, table.url, path)
