"""The rule once more, from the bytes alone: slow, plain, and sharing no code with what it checks.

``Held`` reads what one store holds of a line. Geometry is a great circle with a margin: SURELY near
means near by any reading, so that a claim of "no conflict" against it is wrong without doubt. The
constants below repeat the terms of ``papers``.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from clearline.model.terms import Agreement
from tests.simulation.papers import HAZARDS

Ref = tuple[str, int]
BARE = frozenset({"receipt", "heartbeat"})
EARTH_MM = 6_371_000_000
MARGIN = 1.006
"""A great circle of the mean radius is within 0.6 % of the geodesic."""


@lru_cache(maxsize=65_536)
def plain(data: bytes) -> dict[str, Any]:
    """One entry as JSON says it."""
    return msgspec.json.decode(data)


def party(feed: str) -> str:
    """Whose feed."""
    return feed.partition(".")[0]


def epoch(feed: str) -> int:
    """Which epoch."""
    return int(feed.partition(".")[2])


@dataclass(frozen=True)
class Plan:
    """A version of a notice as its author states it: class, volumes (JSON), operation."""

    ref: Ref
    notice: Ref
    cls: str
    operation: str | None
    raw: bytes
    unreadable: bool = False
    cut: int | None = None
    clear: int | None = None

    @property
    def hazard(self) -> bool:
        """Whether it has a tail."""
        return self.cls in HAZARDS

    @property
    def volumes(self) -> list[dict[str, Any]]:
        """As stated."""
        return _volumes(self.raw)


@lru_cache(maxsize=65_536)
def _volumes(raw: bytes) -> list[dict[str, Any]]:
    return msgspec.json.decode(raw)


Odd = frozenset[str]
"""Parties whose software cannot read notices labelled ODD-<party>."""


@dataclass
class Feed:
    """One feed as a store holds it, folded by hand."""

    name: str
    reader: str
    size: int = 0
    live: dict[Ref, Plan] = field(default_factory=dict)
    notices: dict[Ref, Ref] = field(default_factory=dict)
    unreadable: dict[Ref, int] = field(default_factory=dict)
    seen: list[Mapping[str, int]] = field(default_factory=list)
    refused: dict[Ref, int] = field(default_factory=dict)
    adopted: int = 0
    left: bool = False
    later_ends: list[tuple[Ref, str, int, int]] = field(default_factory=list)

    def take(self, data: bytes) -> None:
        """The next entry."""
        entry = plain(data)
        ref = (self.name, self.size)
        self.size += 1
        self.seen.append(entry["seen"])
        for feed, index, _leaf, _code in entry.get("refused", ()):
            self.refused.setdefault((feed, index), self.size - 1)
        body = entry["body"]
        kind = entry["kind"]
        if unreadable_for(self.reader, entry):
            self.unreadable[ref] = self.size - 1
            self.live[ref] = Plan(ref, ref, "", None, b"[]", unreadable=True)
            return
        what = body["to"] if kind in ("amend", "open") else body
        if kind in ("notice", "amend", "open", "distress", "accident") and what.get("volumes"):
            before = body.get("notice") or body.get("envelope")
            notice = self.notices.get(tuple(before), tuple(before)) if before else ref
            self.notices[ref] = notice
            cls = kind if kind in ("distress", "accident") else what["cls"]
            raw = msgspec.json.encode(what["volumes"])
            self.live[ref] = Plan(ref, notice, cls, what.get("operation"), raw)
        if kind == "amend" and (old := self.live.get(tuple(body["notice"]))) and old.unreadable:
            del self.live[old.ref]
        if kind == "amend" and body["notice"][0] != self.name:
            self.later_ends.append((tuple(body["notice"]), kind, entry["t"], entry["t"]))
        if kind in ("withdraw", "all-clear"):
            for feed, index in body["versions"]:
                self._end((feed, index), kind, entry["t"], body.get("at", entry["t"]))
        if kind == "adopt":
            self.adopted = body["version"]
        if kind == "leave":
            self.left = True

    def _end(self, ref: Ref, kind: str, t: int, at: int) -> None:
        if ref[0] != self.name:
            self.later_ends.append((ref, kind, t, at))
        elif ref in self.live:
            end(self.live, ref, kind, t, at)


def end(live: dict[Ref, Plan], ref: Ref, kind: str, t: int, at: int) -> None:
    """One end of a version: a hazard that has begun keeps its tail, unless it is all clear; an
    amend clears only what could not be read."""
    plan = live[ref]
    if kind == "amend":
        if plan.unreadable:
            del live[ref]
        return
    begun = not plan.unreadable and any(v["start"] <= t for v in plan.volumes)
    if kind == "withdraw":
        if begun and plan.hazard:
            cut = t if plan.cut is None else min(plan.cut, t)
            live[ref] = replace_plan(plan, cut=cut)
        else:
            del live[ref]
    elif at <= t:
        del live[ref]
    else:
        live[ref] = replace_plan(plan, clear=at if plan.clear is None else min(plan.clear, at))


def replace_plan(plan: Plan, **changes: int) -> Plan:
    """With another end."""
    known = {name: getattr(plan, name) for name in plan.__dataclass_fields__}
    return Plan(**{**known, **changes})


def unreadable_for(reader: str, entry: Mapping[str, Any]) -> bool:
    """Whether that party's software cannot read the entry: it refuses certain discs (``world``)."""
    body = entry["body"]
    what = body.get("to", body) if entry["kind"] in ("amend", "open") else body
    if not isinstance(what, dict):
        return False
    return any(odd_for(reader, v) for v in what.get("volumes", ()))


def odd_for(reader: str, volume: Mapping[str, Any]) -> bool:
    """The mark that worlds put on a volume which one party cannot read: its radius in mm ends in
    1 to 5, the party's place in the alphabet."""
    place = "ABCDE".find(reader[0]) + 1
    return place > 0 and volume["footprint"].get("radius_mm", 0) % 10 == place


class Held:
    """What one party's store holds of a line; grows with the store."""

    def __init__(self, reader: str) -> None:
        self.reader = reader
        self.feeds: dict[str, Feed] = {}

    def take(self, feed: str, data: bytes) -> None:
        """The next entry of a feed."""
        if feed not in self.feeds:
            self.feeds[feed] = Feed(feed, self.reader)
        self.feeds[feed].take(data)

    def of(self, member: str) -> list[Feed]:
        """A party's feeds, oldest epoch first."""
        found = [f for f in self.feeds.values() if party(f.name) == member and f.size]
        return sorted(found, key=lambda f: epoch(f.name))

    def live(self, ahead: Iterable[tuple[str, int, bytes]] = ()) -> dict[Ref, Plan]:
        """Every live version, those ahead of sequence included."""
        found: dict[Ref, Plan] = {}
        for feed in self.feeds.values():
            found.update(feed.live)
        for name, index, data in ahead:
            beyond = Feed(name, self.reader, size=index)
            beyond.take(data)
            found.update(beyond.live)
        for feed in sorted(self.feeds.values(), key=lambda f: epoch(f.name)):
            for ref, kind, t, at in feed.later_ends:
                if ref in found:
                    end(found, ref, kind, t, at)
        return found

    def adopted(self, member: str) -> int:
        """The terms that a party had adopted, as far as held."""
        feeds = self.of(member)
        return feeds[-1].adopted if feeds else 0

    def missing_receipt(self, author: str, ref: Ref, members: Iterable[str]) -> str | None:
        """A member whose receipt of the version is not held, or None."""
        terms = self.adopted(author)
        for member in members:
            if member != author and not self._receipted(member, ref, terms):
                return member
        return None

    def _receipted(self, member: str, ref: Ref, terms: int) -> bool:
        feeds = self.of(member)
        if not feeds:
            return False
        if any(ref in feed.refused for feed in feeds):
            return False
        if feeds[-1].left:
            return True
        reached = any(seen.get(ref[0], 0) > ref[1] for seen in feeds[-1].seen)
        return reached and feeds[-1].adopted >= terms


# --- geometry -----------------------------------------------------------------------------------


def extents(plan: Plan, tail_ms: int) -> list[tuple[int, int, dict[str, Any]]]:
    """Windows as they count: from, to, volume."""
    found = []
    for volume in plan.volumes:
        start, over = volume["start"], volume["end"]
        if plan.cut is not None:
            if start > plan.cut:
                continue
            over = max(min(over, plan.cut), start)
        over += tail_ms
        if plan.clear is not None:
            over = min(over, plan.clear)
        if over > start:
            found.append((start, over, volume))
    return found


def apart_mm(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Upper bound of the distance between two discs."""
    (lat1, lon1), (lat2, lon2) = (f["centre"] for f in (a, b))
    p1, p2 = (math.radians(lat / 1e7) for lat in (lat1, lat2))
    half = math.sin((p2 - p1) / 2) ** 2 + math.cos(p1) * math.cos(p2) * (
        math.sin(math.radians((lon2 - lon1) / 1e7) / 2) ** 2
    )
    return 2 * EARTH_MM * math.asin(math.sqrt(half)) * MARGIN - a["radius_mm"] - b["radius_mm"]


def surely_near(a: dict[str, Any], b: dict[str, Any], lateral_mm: int) -> bool:
    """Two volumes, both between flight levels, that overlap in height and are near on the map."""
    over = a["lower"]["mm"] <= b["upper"]["mm"] and b["lower"]["mm"] <= a["upper"]["mm"]
    return over and apart_mm(a["footprint"], b["footprint"]) <= lateral_mm


@lru_cache(maxsize=65_536)
def surely_conflict(a: Plan, b: Plan, agreement: Agreement) -> bool:
    """Whether two plans conflict under the terms without any doubt."""
    if a.notice == b.notice:
        return False
    same_author = party(a.ref[0]) == party(b.ref[0])
    if same_author and a.operation is not None and a.operation == b.operation:
        return False
    if a.unreadable or b.unreadable:
        return True
    tails = {c.id: c.tail_ms for c in agreement.classes}
    first, second = sorted((a.cls, b.cls))
    (pair,) = (p for p in agreement.pairs if (p.a, p.b) == (first, second))
    return any(
        max(start - over2, start2 - over) < pair.time_ms and surely_near(v, w, pair.lateral_mm)
        for start, over, v in extents(a, tails[a.cls])
        for start2, over2, w in extents(b, tails[b.cls])
    )
