"""The tables of node.toml that are about live tracks: [live] and [tracks.NAME]. Pure."""

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Final
from urllib.parse import urlsplit

import msgspec

from clearline.node.live.limits import LiveLimits

FILE: Final = "node.toml"
SOURCES_MAX: Final = 32
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
NEEDS: Final = {
    "udp": ("listen",),
    "tcp": ("listen",),
    "file": ("path",),
    "readsb": ("url", "path"),
}
"""What each kind needs one of."""
REFS: Final = ("W84", "AMSL", "AGL", "FL")
LIMITS: Final = {
    "lateral_m": (1.0, 200_000.0),
    "vertical_m": (1.0, 100_000.0),
    "look_ahead_s": (10.0, 1_800.0),
    "off_route_m": (10.0, 1_000_000.0),
    "drop_s": (5.0, 3_600.0),
}
"""A tenth wider than any of these is still taken by the engine."""
ORDER_CHARS_MAX: Final = 64


class TracksTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source of live tracks. ``kind``: udp or tcp (``listen``, lines come), file (``path``,
    lines are written to its end), readsb (``url`` or ``path`` of aircraft.json, looked at every
    ``every_s``). ``alt_ref``: what heights are measured from that do not say so. ``silent_s``: how
    long it may say nothing before that rings; 0: for ever."""

    kind: str
    listen: str | None = None
    path: str | None = None
    url: str | None = None
    every_s: float = 1.0
    alt_ref: str | None = None
    silent_s: int = 60


def track_faults(live: LiveLimits, tracks: Mapping[str, TracksTable]) -> Iterator[str]:
    """What cannot be, one sentence each, naming the key."""
    for name, (low, high) in LIMITS.items():
        value = float(getattr(live, name))
        if not (isfinite(value) and low <= value <= high):
            yield f"{FILE}: live.{name} must be {low:g} to {high:g}"
    if len(live.tell_off_route_by) > ORDER_CHARS_MAX or not live.tell_off_route_by.isprintable():
        yield f"{FILE}: live.tell_off_route_by: a name of up to {ORDER_CHARS_MAX} characters"
    if len(tracks) > SOURCES_MAX:
        yield f"{FILE}: tracks: at most {SOURCES_MAX} sources"
    for name, table in tracks.items():
        yield from _source_faults(f"{FILE}: tracks.{name}", name, table)


def _source_faults(at: str, name: str, table: TracksTable) -> Iterator[str]:
    if not NAME.fullmatch(name) or name == "api":
        yield f"{at}: up to 32 of a-z 0-9 -, and not api, which is what people's tools feed"
    needs = NEEDS.get(table.kind)
    if needs is None:
        yield f"{at}.kind: there are: {', '.join(NEEDS)}"
        return
    given = [key for key in ("listen", "path", "url") if getattr(table, key) is not None]
    if len(given) != 1 or given[0] not in needs:
        yield f"{at}: kind {table.kind} needs {' or '.join(needs)}, and nothing else to read from"
    if table.url is not None:
        found = urlsplit(table.url)
        if found.scheme not in ("http", "https") or not found.hostname:
            yield f"{at}.url: must begin with http:// or https:// and name a host"
    if table.alt_ref is not None and table.alt_ref not in REFS:
        yield f"{at}.alt_ref: there are: {', '.join(REFS)}"
    if not (isfinite(table.every_s) and 0.2 <= table.every_s <= 60):
        yield f"{at}.every_s must be 0.2 to 60"
    if not 0 <= table.silent_s <= 86_400:
        yield f"{at}.silent_s must be 0 to 86400"
