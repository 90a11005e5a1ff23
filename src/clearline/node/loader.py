"""Reading a node's record again after a start, in steps of some milliseconds each.

``begin_line`` reads what a line needs to act at once, in O(log n) of its record: documents, ends of
the feeds, entries ahead of sequence, the newest own entry. ``Loader`` then folds the rest into
lines of its own: from a snapshot, if there is one that fits, and on from where that ends.
``together`` puts both into one. The node turns meanwhile; only its own feed can grow by that.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.conflict.validity import check_volume
from clearline.ledger.checkpoint import Checkpoint, SignedCheckpoint, origin_of
from clearline.ledger.merkle import Frontier
from clearline.model.alert import Alert, TroubleKind
from clearline.model.entry import Entry, Open, RefusedItem
from clearline.model.ids import EntryRef, FeedId, LineId, party_of
from clearline.model.refusal import Refusal
from clearline.model.time import Instant
from clearline.node.claims import unlock_if_stated
from clearline.node.decide import opens_wrongly
from clearline.node.forks import FORK_KIND, load_fork
from clearline.node.inbound import Bound, Movers, Sighted
from clearline.node.ingest import (
    keep_as_branch,
    not_allowed,
    note_answer,
    note_arrival,
    read_item,
)
from clearline.node.live.take import place_locally
from clearline.node.loading import last_of
from clearline.node.papers import due_terms, load_documents, void_beyond
from clearline.node.ports import HighWater, Reads, Snapshot, Store, StoredEntry
from clearline.node.snapshot import (
    EndedPart,
    Head,
    LivePart,
    entries_of,
    fits,
    read_head,
    read_part,
    take_part,
    write_head,
    write_parts,
)
from clearline.node.state import Last, LineState, Loading, Signing, State
from clearline.node.turn import Turn
from clearline.picture.record import admit, keep_ahead, mark_forked, record
from clearline.picture.situation import Unreadable, Version
from clearline.picture.steps import Steps
from clearline.trust.roster import Admission, admits

FOLDED_AT_ONCE = 64
"""Entries that are read together, and of one step: some milliseconds, if they are small."""
BYTES_AT_ONCE = 32 << 10
"""Of one step: a notice of a hundred areas takes as long as a thousand receipts."""
READ_AT_ONCE = 512
"""Small records that are only looked through."""
PART_UNITS = 256
"""What a part of a snapshot counts for in the progress, an entry that is folded being 1."""
SMALL_UNITS = 8
"""How many small records count as one entry."""
DROPPED_AT_ONCE = 4
EMERGENCIES = (TroubleKind.STOP, TroubleKind.DISTRESS, TroubleKind.ACCIDENT)

_Local = Movers | Sighted | Bound
_LOCAL: dict[str, "msgspec.msgpack.Decoder[tuple[_Local, Refusal | None]]"] = {
    "movers": msgspec.msgpack.Decoder(tuple[Movers, Refusal | None]),
    "sighted": msgspec.msgpack.Decoder(tuple[Sighted, Refusal | None]),
    "bound": msgspec.msgpack.Decoder(tuple[Bound, Refusal | None]),
}
"""What the journal alone holds of a line since the snapshot."""

ReadFrontier = Callable[[LineId, FeedId, int], Frontier]


# -- at once


def begin_line(
    ls: LineState,
    documents: tuple[bytes, ...],
    store: Reads,
    frontier: ReadFrontier,
    high_water: HighWater,
    now: Instant,
) -> LineState:
    """A line that can act, by what its documents and the ends of its feeds say."""
    ls = load_documents(ls, documents)
    ls = replace(ls, signing=Signing.READY, mark_damaged=False)
    for document in store.documents(ls.line, FORK_KIND):
        ls = load_fork(ls, document.data)
    for feed in store.feeds(ls.line):
        front = frontier(ls.line, feed, store.entry_count(ls.line, feed))
        ls = replace(ls, frontiers=ls.frontiers.insert(feed, front))
        head = store.head(ls.line, feed)
        if head is not None and head.text:
            tree = Checkpoint(origin=origin_of(ls.line, feed), size=head.size, root=head.root)
            signed = SignedCheckpoint(checkpoint=tree, text=head.text.encode("utf-8"))
            ls = replace(ls, heads=ls.heads.insert(feed, signed))
    for feed in store.feeds(ls.line):
        ls = void_beyond(ls, feed)
    ls = check_mark(ls, high_water)
    loading = Loading(
        began=now,
        then=ls.signing,
        terms=_terms_by_now(ls, now),
        last=_newest_own(ls, store),
        desk=store.desk_count(ls.line),
    )
    ls = replace(ls, signing=Signing.LOADING, loading=loading)
    for stored in store.ahead(ls.line):
        ls = load_ahead(store, ls, stored)
    return ls


def with_alerts(ls: LineState, alerts: tuple[Alert, ...]) -> LineState:
    """The line, knowing which emergencies stored alerts are about: they can be answered."""
    assert ls.loading is not None, "it has only begun"
    asked = frozenset(
        ref
        for alert in alerts
        if alert.trouble.line == ls.line and alert.trouble.kind in EMERGENCIES
        for ref in alert.trouble.about
    )
    return replace(ls, loading=replace(ls.loading, asked=asked))


def _terms_by_now(ls: LineState, now: Instant) -> int:
    """The newest version that a running node of ours would have adopted by now."""
    due = due_terms(ls, now)
    return due.body.version if due is not None else max(ls.picture.terms, default=0)


def _newest_own(ls: LineState, store: Reads) -> Last | None:
    """What the newest own entry says; None if it cannot be read."""
    size = ls.frontier(ls.feed).size
    if not size:
        return last_of(ls, None)
    (stored,) = store.entries(ls.line, ls.feed, size - 1, 1)
    read = read_item(ls, ls.feed, stored.index, stored.data, stored.leaf)
    return last_of(ls, read) if isinstance(read, Entry) else None


def check_mark(ls: LineState, high_water: HighWater) -> LineState:
    """Whether the database is as new as what has left this node (protocol, Restore)."""
    front = ls.frontier(ls.feed)
    try:
        mark = high_water.read(ls.line, ls.feed)
    except ValueError:
        return replace(ls.locked(Signing.RESTORED), mark_damaged=True)
    if mark is None:
        return ls.locked(Signing.RESTORED)
    if mark.size > front.size or (mark.size == front.size and mark.root != front.root):
        return replace(ls.locked(Signing.RESTORED), mark=mark)
    return replace(ls, mark=mark)


def load_ahead(store: Reads, ls: LineState, stored: StoredEntry) -> LineState:
    """One entry kept beyond a gap; where another has come in its place, it is a branch."""
    ref = EntryRef(stored.feed, stored.index)
    read = read_item(ls, stored.feed, stored.index, stored.data, stored.leaf)
    if isinstance(read, Unreadable):
        return ls
    if ref.index < ls.frontier(ref.feed).size:
        (came,) = store.entries(ls.line, ref.feed, ref.index, 1)
        if came.leaf == stored.leaf:
            return ls
        kept = replace(ls, picture=keep_ahead(ls.picture, read, check_volume))
        picture = keep_as_branch(kept, ref).picture
        ahead, asks = ls.picture.ahead, ls.picture.asks_ahead
        return replace(ls, picture=replace(picture, ahead=ahead, asks_ahead=asks))
    ls = replace(
        ls,
        picture=keep_ahead(ls.picture, read, check_volume),
        stored_ahead=ls.stored_ahead.insert(ref, stored),
        arrived=ls.arrived.insert(ref, stored.received),
    )
    return note_answer(ls, read)


# -- step by step


@dataclass(slots=True)
class Loader:
    """Reads on while the node turns. ``lines`` are its own; ``live`` gives the node's, whose papers
    may have grown meanwhile. ``at_once``: entries of one step."""

    store: Reads
    lines: dict[LineId, LineState]
    live: Callable[[LineId], LineState]
    at_once: int = FOLDED_AT_ONCE
    done: int = 0
    total: int = 0
    unreadable: dict[LineId, list[Version]] = field(default_factory=dict)
    _seq: int = 0
    _steps: Iterator[None] = field(init=False)
    _bare: dict[LineId, LineState] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self._bare = dict(self.lines)
        self._steps = self._all()
        self._measure(None)

    def step(self) -> bool:
        """One step; whether there was one to do."""
        return next(self._steps, self) is None

    def finish(self) -> dict[LineId, LineState]:
        """All lines, up to what the store holds now."""
        for _ in self._steps:
            pass
        for line in self.lines:  # what was written since the last step
            for _ in self._line(line):
                pass
        return self.lines

    def _all(self) -> Iterator[None]:
        yield from self._from_snapshots()
        for line in self.lines:
            yield from self._line(line)
        yield from self._movers()

    def _measure(self, head: Head | None) -> None:
        """How much there is to do."""
        entries = sum(
            self.store.entry_count(line, feed)
            for line in self.lines
            for feed in self.store.feeds(line)
        )
        covered, parts = (head.entries, head.parts) if head is not None else (0, 0)
        small = self.store.journal_end() - self._seq
        self.done = 0
        self.total = parts * PART_UNITS + entries - covered + small // SMALL_UNITS

    def _from_snapshots(self) -> Iterator[None]:
        """The newest snapshot that is of this format, whole, and of this record."""
        kept = self.store.snapshot()
        while kept is not None:
            head = read_head(kept.data)
            if head is not None:
                self._seq = kept.seq
                self._measure(head)
                whole = yield from self._from_parts(kept, head)
                if whole and all(self._fits(ls) for ls in self.lines.values()):
                    return
                self.lines = dict(self._bare)
                self.unreadable.clear()
            kept = self.store.snapshot(before=kept.seq)
        self._seq = 0
        self._measure(None)

    def _from_parts(self, kept: Snapshot, head: Head) -> Generator[None, None, bool]:
        for n in range(head.parts):
            raw = self.store.part(kept.seq, n)
            part = read_part(raw) if raw is not None else None
            if part is None:
                return False
            if part.line in self.lines:
                self.lines[part.line] = take_part(self.lines[part.line], part)
                if isinstance(part, LivePart):
                    self._note_unreadable(part.line, (version for _, version in part.items))
                if isinstance(part, EndedPart):
                    self._note_unreadable(part.line, (ended.version for _, ended in part.items))
            self.done += PART_UNITS
            yield
        return True

    def _note_unreadable(self, line: LineId, versions: Iterable[Version]) -> None:
        """Entries that could not be read, for what is still to be reported."""
        for version in versions:
            if version.unreadable is not None:
                self.unreadable.setdefault(line, []).append(version)

    def _fits(self, ls: LineState) -> bool:
        sizes = {feed: self.store.entry_count(ls.line, feed) for feed in ls.picture.feeds}
        return fits(ls, sizes)

    def _line(self, line: LineId) -> Iterator[None]:
        """Everything of a line beyond the snapshot."""
        for feed in self.store.feeds(line):
            size = self.lines[line].picture.feed(feed).size
            while batch := self.store.entries(line, feed, size, self.at_once):
                for some in steps_of(batch):
                    self._fold(line, feed, some)
                    size += len(some)
                    self.done += len(some)
                    yield
        while records := self.store.desk(line, self.lines[line].desk.size, READ_AT_ONCE):
            ls = self.lines[line]
            desk = ls.desk.extend([record.leaf for record in records])
            self.lines[line] = replace(ls, desk=desk)
            yield

    def _fold(self, line: LineId, feed: FeedId, some: Sequence[StoredEntry]) -> None:
        """The next entries of a feed, under the papers that the node has by now."""
        ls, live = self.lines[line], self.live(line)
        picture = replace(ls.picture, terms=live.picture.terms)
        ls = replace(ls, roster=live.roster, feed=live.feed, picture=picture)
        for stored in some:
            ls = _load_entry(ls, stored)
            version = ls.picture.feeds[feed].live.get(stored.index)
            self._note_unreadable(line, (version,) if version is not None else ())
        self.lines[line] = ls

    def _movers(self) -> Iterator[None]:
        """Own movers as they were last told, which tracks they are, and what was found of tracks,
        since the snapshot: only the journal holds them."""
        while page := self.store.journal(self._seq, READ_AT_ONCE):
            for kept in page:
                decoder = _LOCAL.get(kept.kind)
                if decoder is None:
                    continue
                what, refusal = decoder.decode(kept.data)
                if refusal is None and what.line in self.lines:
                    self.lines[what.line] = place_locally(self.lines[what.line], what)
            self._seq = page[-1].seq + 1
            self.done += len(page) // SMALL_UNITS
            yield


def steps_of(batch: Sequence[StoredEntry]) -> Iterator[Sequence[StoredEntry]]:
    """Entries in steps of so many bytes, or of one entry that is larger."""
    first, held = 0, 0
    for n, stored in enumerate(batch):
        if n > first and held + len(stored.data) > BYTES_AT_ONCE:
            yield batch[first:n]
            first, held = n, 0
        held += len(stored.data)
    if first < len(batch):
        yield batch[first:]


def _load_entry(ls: LineState, stored: StoredEntry) -> LineState:
    """One stored entry into the picture, by the same steps as when it came."""
    read = read_item(ls, stored.feed, stored.index, stored.data, stored.leaf)
    if isinstance(read, Entry):
        allowed = admits(ls.roster, read.feed, read.index, read.kind)
        read = not_allowed(read) if allowed is Admission.NO else read
    admitted = admit(ls.picture, read, check_volume)
    picture = record(ls.picture, admitted)
    ls = replace(ls, picture=picture)
    if isinstance(admitted, Entry) and isinstance(admitted.body, Open):
        ref = EntryRef(stored.feed, stored.index)
        if opens_wrongly(ls, ref, stored.data, stored.leaf):
            ls = replace(ls, mismatched=ls.mismatched.insert(ref))
    return note_arrival(ls, admitted, stored.received)


# -- at the end


def together(
    live: LineState,
    loaded: LineState,
    unreadable: Sequence[Version],
    store: Reads,
    now: Instant,
) -> LineState:
    """The loaded picture in the place of the partial one; all else is the node's as it is now.
    ``unreadable``: every entry of the picture that could not be read."""
    picture = replace(loaded.picture, terms=live.picture.terms)
    for feed, common in live.picture.forked.items():
        known = picture.forked.get(feed)
        if known is None or common < known:
            picture = mark_forked(picture, feed, common)
    arrived = loaded.arrived
    for ref, at in live.arrived.items():
        if ref not in arrived:
            arrived = arrived.insert(ref, at)
    ls = replace(
        live,
        picture=picture,
        signing=live.lock,
        loading=None,
        stored_ahead=HashTrieMap(),
        arrived=arrived,
        movers=loaded.movers,
        bound=loaded.bound,
        live=loaded.live,
        mismatched=loaded.mismatched,
        desk=loaded.desk,
        last_beat_entry=loaded.last_beat_entry,
    )
    for feed in store.feeds(ls.line):
        ls = void_beyond(ls, feed)
    for stored in store.ahead(ls.line):
        ls = load_ahead(store, ls, stored)
    ls = _still_owed(ls, unreadable, owed=live.owed)
    return unlock_if_stated(Turn(now=now, seed=b""), ls)


def _still_owed(ls: LineState, unreadable: Sequence[Version], *, owed: bool) -> LineState:
    """What was processed while the own feed could not be written is owed a receipt still, and what
    could not be read then is still to be reported."""
    own = ls.picture.feed(ls.feed)
    unreported = tuple(
        RefusedItem(version.ref.feed, version.ref.index, version.leaf, version.unreadable)
        for version in unreadable
        if version.unreadable is not None
        and version.party != ls.me
        and version.ref not in own.refused
    )
    behind = any(
        state.size > (own.seen.get(feed) or Steps()).value()
        for feed, state in ls.picture.feeds.items()
        if party_of(feed) != ls.me
    )
    return replace(
        ls, unreported=tuple(sorted(unreported)), owed=owed or behind or bool(unreported)
    )


# -- keeping a snapshot


def keep_snapshot(store: Store, state: State) -> Iterator[None]:
    """Keep a state, part by part; it counts when the last step is done, the older one until then.
    Raises StoreFull from any step."""
    seq, parts = state.journal, 0
    newest = store.snapshot()
    if newest is not None and newest.seq == seq and read_head(newest.data) is not None:
        return
    while store.drop_parts(seq, DROPPED_AT_ONCE):
        yield
    for raw in write_parts(state):
        store.save_part(seq, parts, raw)
        parts += 1
        yield
    store.save_snapshot(Snapshot(seq=seq, data=write_head(parts, entries_of(state))))
    while store.drop_parts(seq, DROPPED_AT_ONCE):
        yield
