"""What a line shows, kept from one look to the next: whoever has seen it hears what has changed.

``Shown`` is a cache, not a state: it holds what the plain questions would answer (``queries``), as
bytes, each item with the number of the look that made it what it is. A look makes anew what can
have changed and nothing else; ``changes`` says what can. Every RECHECK_MS all is made anew, so that
an omission there would be wrong for a minute and no longer. Pure: no clock, no I/O.
"""

from collections.abc import Generator, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import msgspec

from clearline.model.ids import EntryRef
from clearline.model.time import INSTANT_MAX, MINUTE, SECOND, Instant
from clearline.node.changes import Basis, Seen, good_until, is_restless, is_waiting, same_pairs
from clearline.node.queries import asks, seals
from clearline.node.queries_notices import conflicts, moment_of, notice_view
from clearline.node.queries_standing import standing_views
from clearline.node.reading import Kept, Reading
from clearline.node.shown_views import MomentView
from clearline.picture.situation import Version

RECHECK_MS: Final = MINUTE
"""After this long everything is made anew at the next look."""
SAME_MS: Final = SECOND
"""While nothing changes but the clock, one look serves everybody who asks within this long."""
GONE_MAX: Final = 16_384
"""Items that are remembered as gone: whoever was away while more went reads all of it again."""

BEGIN: Final = Instant(0)

Name = TypeVar("Name", bound=Hashable)


class Items(Generic[Name]):
    """Items by name as bytes, in the order in which they changed, and the names of those gone."""

    def __init__(self) -> None:
        self._held: dict[Name, tuple[int, bytes]] = {}
        self._gone: dict[Name, int] = {}
        self.floor = 0
        """Of looks before this one it is forgotten what has gone since."""

    def __len__(self) -> int:
        return len(self._held)

    def put(self, name: Name, raw: bytes, look: int) -> None:
        """An item as it is now."""
        held = self._held.get(name)
        if held is None or held[1] != raw:
            self._held.pop(name, None)
            self._gone.pop(name, None)
            self._held[name] = look, raw

    def keep(self, names: Iterable[Name], look: int) -> None:
        """All others are gone."""
        for name in self._held.keys() - set(names):
            del self._held[name]
            self._gone[name] = look
            if len(self._gone) > GONE_MAX:
                first = next(iter(self._gone))
                self.floor = max(self.floor, self._gone.pop(first))

    def one_after(self, name: Name, look: int | None) -> msgspec.Raw | None:
        """One item, if it changed after a look."""
        at, raw = self._held[name]
        return msgspec.Raw(raw) if look is None or at > look else None

    def after(self, look: int | None) -> "Part[Name]":
        """What changed after a look, in no order; None: all that there is."""
        changed = []
        for at, raw in reversed(self._held.values()):
            if look is not None and at <= look:
                break
            changed.append(msgspec.Raw(raw))
        gone = () if look is None else tuple(_later(self._gone, look))
        return Part(changed=tuple(changed), gone=gone)


def _later(gone: dict[Name, int], look: int) -> Iterator[Name]:
    for name, at in reversed(gone.items()):
        if at <= look:
            return
        yield name


class Part(msgspec.Struct, Generic[Name], frozen=True, kw_only=True):
    """Items that changed, and names of those gone."""

    changed: tuple[msgspec.Raw, ...]
    gone: tuple[Name, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """``ShownView`` from bytes: the same names, the same meaning."""

    line: str
    position: str
    whole: bool
    as_of: Instant
    moments: tuple[MomentView, ...]
    notices: Part[EntryRef]
    conflicts: Part[tuple[EntryRef, EntryRef]]
    asks: Part[EntryRef]
    movers: msgspec.Raw | None
    seals: msgspec.Raw | None
    standing: msgspec.Raw | None


@dataclass(slots=True)
class Shown:
    """What one line shows to readers of the same languages. ``run`` tells this life of it from any
    other: a position of another one means nothing here."""

    run: str
    look: int = 0
    _is_whole: bool = False
    _basis: Basis | None = None
    _whole_at: Instant = BEGIN
    _due: Instant = BEGIN
    _moments: tuple[MomentView, ...] = ()
    _seen: dict[EntryRef, Seen] = field(default_factory=dict)
    _notices: Items[EntryRef] = field(default_factory=Items)
    _conflicts: Items[tuple[EntryRef, EntryRef]] = field(default_factory=Items)
    _asks: Items[EntryRef] = field(default_factory=Items)
    _others: Items[str] = field(default_factory=Items)
    _kept: Kept = field(default_factory=Kept)

    def is_current(self, of: Reading) -> bool:
        """Whether a look now would find what the last one found, but for a moment of the clock."""
        held = self._basis
        return (
            held is not None
            and held.is_of(of)
            and held.now <= of.now < min(held.now + SAME_MS, self._due)
        )

    def steps(self, of: Reading) -> Generator[None, None, None]:
        """Look at the line: one step for each item that is made. After a look that was given up
        halfway the next one makes everything anew."""
        of.timeless, of.kept = True, self._kept
        basis, look, live = Basis.of(of), self.look + 1, of.live()
        held = self._basis if self._is_whole and of.now < self._whole_at + RECHECK_MS else None
        touched = None if held is None else basis.touched_since(held)
        regrouped = self._regrouped(live)
        self._is_whole = False
        for version in live:
            if version.notice in regrouped or self._is_stale(of, basis, version, touched):
                self._notices.put(version.ref, self._made(of, version), look)
                yield
        self._small(of, look)
        yield
        self._notices.keep((version.ref for version in live), look)
        for ref in self._seen.keys() - {version.ref for version in live}:
            del self._seen[ref]
            self._kept.of_versions.pop(ref, None)
        self._due = min((seen.until for seen in self._seen.values()), default=Instant(INSTANT_MAX))
        self._moments = tuple(
            MomentView(party=party, as_of=moment[0], proved_by=moment[1])
            for party in (of.ls.me, *of.ls.others)
            if (moment := moment_of(of, party)) is not None
        )
        if held is None:
            self._whole_at = of.now
        self._basis, self.look, self._is_whole = basis, look, True

    def _regrouped(self, live: Iterable[Version]) -> frozenset[EntryRef]:
        """Notices that have another live version, or one less: their versions name the newest."""
        now = {version.ref: version for version in live}
        return frozenset(
            {
                version.notice
                for ref, version in now.items()
                if (seen := self._seen.get(ref)) is None or seen.version is not version
            }
            | {seen.version.notice for ref, seen in self._seen.items() if ref not in now}
        )

    def _is_stale(
        self, of: Reading, basis: Basis, version: Version, touched: "frozenset[EntryRef] | None"
    ) -> bool:
        seen = self._seen.get(version.ref)
        if touched is None or seen is None or version.ref in touched:
            return True
        if seen.version is not version or seen.restless or seen.until <= of.now:
            return True
        if seen.waits and basis.has_receipts(version.party):
            return True
        return not same_pairs(seen, of, version, basis.moved(version.party))

    def _made(self, of: Reading, version: Version) -> bytes:
        view = notice_view(of, version)
        self._seen[version.ref] = Seen(
            version=version,
            pairs=tuple(of.judge.pairs(version)),
            unjudged=of.judge.unjudged(version),
            arrived=of.ls.arrived.get(version.ref),
            waits=is_waiting(view),
            restless=is_restless(of, view),
            until=good_until(of, version, view),
        )
        return msgspec.json.encode(view)

    def _small(self, of: Reading, look: int) -> None:
        """What is few, or costs little to make: all of it, every time."""
        pairs = conflicts(of)
        for pair in pairs:
            self._conflicts.put((pair.a, pair.b), msgspec.json.encode(pair), look)
        self._conflicts.keep(((pair.a, pair.b) for pair in pairs), look)
        asked = asks(of)
        for ask in asked:
            self._asks.put(ask.ref, msgspec.json.encode(ask), look)
        self._asks.keep((ask.ref for ask in asked), look)
        movers = tuple(mover for _, mover in sorted(of.ls.movers.items()))
        self._others.put("movers", msgspec.json.encode(movers), look)
        self._others.put("seals", msgspec.json.encode(seals(of)), look)
        self._others.put("standing", msgspec.json.encode(standing_views(of)), look)

    def after(self, line: str, position: str | None) -> Answer:
        """What changed after a position that was given before; all of it after any other."""
        look = self._look_of(position)
        assert self._basis is not None, "somebody has looked"
        return Answer(
            line=line, position=f"{self.run}-{self.look}", whole=look is None,
            as_of=self._basis.now, moments=self._moments, notices=self._notices.after(look),
            conflicts=self._conflicts.after(look), asks=self._asks.after(look),
            movers=self._others.one_after("movers", look),
            seals=self._others.one_after("seals", look),
            standing=self._others.one_after("standing", look),
        )  # fmt: skip

    def _look_of(self, position: str | None) -> int | None:
        """The look that a position is of, if all that changed since is known."""
        run, _, text = (position or "").rpartition("-")
        if run != self.run or not (text.isascii() and text.isdigit() and len(text) <= 12):
            return None
        floor = max(each.floor for each in (self._notices, self._conflicts, self._asks))
        return int(text) if floor <= int(text) <= self.look else None
