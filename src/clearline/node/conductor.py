"""One node at work: decide, make durable, mark, sign; and start again from what is durable.

Everything here is synchronous and takes the time as an argument; the ports do the I/O. The loop
that owns the clock (``runtime``) and the simulation both drive nodes through this class.

The order of the one durable step: (1) commit entries, receipts, alerts, deadlines in one
transaction; (2) raise the high-water mark, synced; (3) only then sign a checkpoint of that size.
Nobody hears of anything before (1), no checkpoint leaves before (2).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec.structs import replace
from rpds import HashTrieMap

from clearline.alerting.book import book_of_alerts
from clearline.alerting.routing import Desk, Route, WatchPlan
from clearline.ledger.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    desk_origin_of,
    origin_of,
    sign_checkpoint,
)
from clearline.ledger.merkle import Frontier, Tree
from clearline.model.alert import AlertState, Trouble
from clearline.model.entry import EMERGENCY
from clearline.model.ids import (
    Digest,
    FeedId,
    LineId,
    PartyId,
    epoch_of,
    feed_of,
    party_of,
)
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node.decide import BEGUN_KIND, LOADED_KIND, Decision, decide
from clearline.node.first_look import FirstLook
from clearline.node.hashes import Place, StoredHashes
from clearline.node.inbound import (
    Fault,
    Flashed,
    Inbound,
    Item,
    Outcome,
    Papers,
    Pushed,
    Say,
    Stated,
)
from clearline.node.intent import Intent
from clearline.node.judge import WORK_OF_A_TURN, Judge
from clearline.node.loader import (
    FOLDED_AT_ONCE,
    Loader,
    begin_line,
    check_mark,
    keep_snapshot,
    together,
    with_alerts,
)
from clearline.node.papers import open_line, take_document
from clearline.node.ports import (
    Commit,
    HighWater,
    Mark,
    Store,
    StoredDocument,
    StoreFull,
)
from clearline.node.state import LineState, Local, Signing, State
from clearline.node.tools import Tools
from clearline.notation.gazetteer import Gazetteer
from clearline.picture.situation import Version
from clearline.signing import Signer
from clearline.trust.agreement import read_agreement
from clearline.trust.documents import DocType, read, sign
from clearline.trust.party import EpochOpening, FeedMark, OpeningReason
from clearline.trust.roster import key_for

LOCKED = (Signing.RESTORED, Signing.OVERTAKEN, Signing.FORKED)
"""Locks that an emergency opens a new epoch through; a full disk is none: nothing can be kept."""

BEGUN = Mark(size=0, root=Frontier().root, seen={})
"""The mark of a feed of which nothing has left."""

Lines: TypeAlias = "HashTrieMap[LineId, LineState]"

NOTHING: "HashTrieMap[FeedId, HashTrieMap[int, Version]]" = HashTrieMap()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A turn that is durable: what came of each inbound, and what is to be done now. ``pending``:
    pairs that are not judged yet; the next turn goes on with them."""

    outcomes: tuple[Outcome, ...]
    intents: tuple[Intent, ...]
    changed: frozenset[LineId]
    pending: int = 0


@dataclass(slots=True)
class Conductor:
    """A node with its ports. ``signers``: the node's keys by public key, newest manifest or older.

    ``routes`` says how roles are reached, ``desks`` which desk hears what, both by local
    configuration.
    """

    local: Local
    store: Store
    high_water: HighWater
    signers: dict[str, Signer]
    fence: int
    routes: tuple[Route, ...] = ()
    places: Gazetteer = field(default_factory=Gazetteer)
    desks: tuple[Desk, ...] = ()
    judge: Callable[[], Judge] = Judge
    load_at_once: int = FOLDED_AT_ONCE
    state: State = field(init=False)
    tools: Tools = field(init=False)
    heads: dict[tuple[LineId, FeedId], SignedCheckpoint] = field(default_factory=dict)
    hashes: dict[Place, bytes] = field(default_factory=dict)
    unmarked: dict[tuple[LineId, FeedId], Mark] = field(default_factory=dict)
    loader: Loader | None = None
    look: FirstLook | None = None

    def __post_init__(self) -> None:
        self.state = State(local=self.local, fence=self.fence)
        self.tools = Tools(
            judges={}, plan=self._plan, make=self.judge, me=self.local.party, places=self.places
        )

    def _plan(self, state: State) -> WatchPlan:
        terms = {
            line: ls.terms.deadlines for line, ls in state.lines.items() if ls.terms is not None
        }
        return WatchPlan(own=self.local.party, terms=terms, routes=self.routes, desks=self.desks)

    # -- turns

    def turn(
        self, batch: Sequence[Inbound], now: Instant, seed: bytes, work: int = WORK_OF_A_TURN
    ) -> Done:
        """Decide, and make it durable. With a full disk nothing is receipted: the decision is
        made again without writing to any feed, rung about, and presented. ``work`` is how much may
        be judged, in units of ``node.judge``.

        Raises StaleFence when another process has taken over: this one must stop.
        """
        batch = [self._unless_marked(what) for what in batch]
        openings = self._emergency_openings(batch, now)
        decision = decide(self.state, [*openings, *batch], now, seed, self.tools, work)
        try:
            self.perform(decision)
        except StoreFull as full:
            return self._without_disk(batch, now, seed, str(full))
        if self.unmarked:  # recorded, and not to be shown before the mark can be written
            fault = Fault(fault="disk", active=True, detail="the high-water mark")
            self._go_on(decide(self.state, [fault], now, seed, self.tools).state)
        return Done(
            outcomes=decision.outcomes[len(openings) :],
            intents=decision.intents,
            changed=decision.changed,
            pending=decision.pending,
        )

    def _emergency_openings(self, batch: Sequence[Inbound], now: Instant) -> list[Papers]:
        """STOP, DISTRESS and ACCIDENT go even when our feed is locked after a restore or a fork:
        they open a new epoch at once, in which only they count until the root key confirms it."""
        openings: list[Papers] = []
        for what in batch:
            ls = self.state.lines.get(what.line) if isinstance(what, Say) else None
            if ls is None or ls.lock not in LOCKED or any(o.line == ls.line for o in openings):
                continue
            assert isinstance(what, Say), "looked at above"
            if all(statement.kind in EMERGENCY for statement in what.statements):
                opening = self._emergency_opening(ls, now)
                if opening is not None:
                    openings.append(Papers(line=ls.line, peer=None, documents=(opening,)))
        return openings

    def _emergency_opening(self, ls: LineState, now: Instant) -> bytes | None:
        """Our own word that a new epoch begins, naming the newest checkpoint that we hold."""
        if self._is_marked(ls.line, feed_of(ls.me, epoch_of(ls.feed) + 1)):
            return None  # it was opened before the restore: two openings of it would be a fork
        front = ls.frontier(ls.feed)
        key = key_for(ls.roster, ls.feed, max(1, front.size))
        signer = self.signers.get(key.hex) if key is not None else None
        if signer is None:
            return None
        forked = ls.lock is Signing.FORKED
        opening = EpochOpening(
            v=1,
            party=ls.me,
            line=ls.line,
            epoch=epoch_of(ls.feed) + 1,
            key=signer.public.hex,
            previous=FeedMark(
                line=ls.line, feed=ls.feed, size=front.size, root=Digest(front.root.hex())
            ),
            reason=OpeningReason.FORKED if forked else OpeningReason.RESTORED,
            issued=now,
            emergency=True,
        )
        return sign(DocType.EPOCH, opening, (signer,))

    def perform(self, decision: Decision) -> None:
        """The one durable step."""
        before = self.state.lines
        for line, ls in decision.state.lines.items():
            was = before.get(line)
            if was is not None and was.feed != ls.feed and ls.lock is Signing.READY:
                # first: a crash between the two would leave the epoch as if its mark were lost
                self.high_water.write(line, ls.feed, BEGUN)
        if not decision.commit.empty:
            self.store.commit(decision.commit)
        self.state = decision.state
        for line, ls in self.state.lines.items():
            was = before.get(line)
            if was is not None and was.feed != ls.feed:
                self._begin_epoch(line)
        same = (line for line, was in before.items() if was.feed == self.state.lines[line].feed)
        self._unlocked(HashTrieMap({line: before[line] for line in same}))
        for head in decision.commit.heads:
            if head.text == "":
                mark = Mark(size=head.size, root=head.root, seen={})
                self.unmarked[head.line, head.feed] = mark
        self._mark()

    def _unless_marked(self, what: Inbound) -> Inbound:
        """A person's opening of an epoch that a mark says was written before is no word to write it
        anew: it counts as one that came back."""
        if not isinstance(what, Papers) or what.peer is not None:
            return what
        for raw in what.documents:
            signed = read(raw, DocType.EPOCH, EpochOpening)
            if isinstance(signed, Refusal) or signed.body.party != self.local.party:
                continue
            if self._is_marked(what.line, feed_of(signed.body.party, signed.body.epoch)):
                return replace(what, peer=self.local.party)
        return what

    def _is_marked(self, line: LineId, feed: FeedId) -> bool:
        """Whether anything of this feed may have left: its mark is damaged, or above nothing."""
        try:
            return (self.high_water.read(line, feed) or BEGUN).size > 0
        except ValueError:
            return True

    def _begin_epoch(self, line: LineId) -> None:
        """A new epoch of our own has a mark from the first. One that came back from a peer may have
        been written before: its mark says so, and everybody is asked."""
        ls = self.state.lines[line]
        if ls.lock is Signing.READY:
            self.unmarked[line, ls.feed] = BEGUN
        else:
            marked = check_mark(replace(ls, mark_damaged=False), self.high_water)
            lines = self.state.lines.insert(line, marked)
            self.state = replace(self.state, lines=lines)

    def _mark(self) -> None:
        """Raise the marks, then sign. What cannot be marked waits, and nothing of it leaves."""
        for (line, feed), mark in list(self.unmarked.items()):
            try:
                self.high_water.write(line, feed, mark)
            except StoreFull:
                continue
            del self.unmarked[line, feed]
            self._sign(line, feed)

    def _go_on(self, state: State) -> None:
        """Go on from a state that is not durable: the journal ends where it is stored."""
        self.state = replace(state, journal=self.state.journal, unsaid=self.state.unsaid)

    def _sign(self, line: LineId, feed: FeedId) -> None:
        """Sign the newest head of our own feed. Ed25519 gives the same bytes for the same tree."""
        ls = self.state.lines[line]
        front = ls.frontier(feed)
        signed = self.heads.get((line, feed))
        if signed is not None and signed.checkpoint.size == front.size:
            return
        key = key_for(ls.roster, feed, front.size)
        signer = self.signers.get(key.hex) if key is not None else None
        if signer is None:
            return  # the key for this place is not here: ``doctor`` says so, nothing leaves
        tree = Checkpoint(origin=origin_of(line, feed), size=front.size, root=front.root)
        self.heads[line, feed] = sign_checkpoint(tree, signer)

    def _without_disk(
        self, batch: Sequence[Inbound], now: Instant, seed: bytes, detail: str
    ) -> Done:
        """The disk is full: lock the feeds in memory, take the batch for the desks alone."""
        fault = Fault(fault="disk", active=True, detail=detail)
        decision = decide(self.state, [fault, *batch], now, seed, self.tools)
        # What peers sent is presented but not kept: nothing of it is in the state that we go on
        # from, so it is asked for again once there is room.
        # The alerts are, in memory: they go on ringing, and are stored when there is room.
        locked = decide(self.state, [fault], now, seed, self.tools)
        unkept = locked.state.unkept
        for key, trouble in decision.state.troubles.items():
            if key not in locked.state.troubles:
                unkept = unkept.insert(key, trouble)
        self._go_on(
            replace(
                locked.state,
                book=decision.state.book,
                troubles=decision.state.troubles,
                unkept=unkept,
            )
        )
        return Done(
            outcomes=decision.outcomes[1:],
            intents=decision.intents,
            changed=decision.changed,
            pending=locked.pending,
        )

    def disk_has_room(self, now: Instant, seed: bytes) -> Done:
        """The disk takes writes again: unlock, and go on."""
        try:
            self.store.commit(Commit(fence=self.fence, alerts=self.state.book.open()))
        except StoreFull:
            return Done(outcomes=(), intents=(), changed=frozenset())
        self._mark()
        if self.unmarked:
            return Done(outcomes=(), intents=(), changed=frozenset())
        return self.turn([Fault(fault="disk", active=False)], now, seed)

    # -- what peers are sent

    def stated(self, line: LineId, to: PartyId | None = None) -> Stated:
        """What we hold of every feed of a line; to a peer with our newest proof of its own."""
        ls = self.state.lines[line]
        held = {feed: front.size for feed, front in ls.frontiers.items() if front.size}
        proved = {feed: head.checkpoint.size for feed, head in ls.heads.items()}
        for ref in ls.stored_ahead:
            proved[ref.feed] = max(proved.get(ref.feed, 0), ref.index + 1)
        beyond = {feed: size for feed, size in proved.items() if size > held.get(feed, 0)}
        return Stated(
            line=line,
            peer=self.local.party,
            held=held,
            proved=beyond,
            shown=self._shown(ls, to) if to is not None else b"",
        )

    def _shown(self, ls: LineState, party: PartyId) -> bytes:
        """The newest checkpoint that we hold of a peer's newest feed."""
        own = [feed for feed in ls.heads if party_of(feed) == party]
        return ls.heads[max(own, key=epoch_of)].text if own else b""

    def push(
        self, line: LineId, feed: FeedId, first: int, *, bytes_max: int, entries_max: int = 512
    ) -> Pushed | None:
        """The next entries of a feed from an index on, with the checkpoint and proof; None if
        nothing can be shown. At least one entry goes, however large."""
        signed = self.head(line, feed)
        if signed is None or first >= signed.checkpoint.size:
            return None
        room = signed.checkpoint.size - first
        items: list[Item] = []
        size = 0
        for stored in self.store.entries(line, feed, first, min(entries_max, room)):
            size += len(stored.data) + len(stored.salt)
            if items and size > bytes_max:
                break
            items.append(Item(stored.salt, stored.data))
        if not items:
            return None
        end = first + len(items)
        proof: tuple[bytes, ...] = ()
        if end < signed.checkpoint.size:
            tree = Tree(StoredHashes(self.store, line, feed, self.hashes))
            proof = tree.consistency(end, signed.checkpoint.size)
        return Pushed(
            line=line,
            peer=self.local.party,
            feed=feed,
            first=first,
            items=tuple(items),
            checkpoint=signed.text,
            proof=proof,
        )

    def flash(self, line: LineId, feed: FeedId, index: int, old_size: int) -> Flashed | None:
        """One entry alone, with the proofs for one who has verified ``old_size`` entries."""
        signed = self.head(line, feed)
        if signed is None or not index < signed.checkpoint.size >= old_size:
            return None
        stored = self.store.entries(line, feed, index, 1)
        if not stored:
            return None
        tree = Tree(StoredHashes(self.store, line, feed, self.hashes))
        size = signed.checkpoint.size
        return Flashed(
            line=line,
            peer=self.local.party,
            feed=feed,
            index=index,
            item=Item(stored[0].salt, stored[0].data),
            checkpoint=signed.text,
            inclusion=tree.inclusion(index, size),
            consistency=tree.consistency(old_size, size),
            old_size=old_size,
        )

    def papers(self, line: LineId) -> Papers:
        """All signed documents of a line, in the order in which we took them."""
        kinds = ("agreement", "manifest", "root-change", "epoch")
        stored = [doc for kind in kinds for doc in self.store.documents(line, kind)]
        return Papers(line=line, peer=self.local.party, documents=tuple(doc.data for doc in stored))

    def desk_head(self, line: LineId) -> bytes:
        """The signed checkpoint of the private desk record, for a heartbeat."""
        ls = self.state.lines[line]
        key = key_for(ls.roster, ls.feed, max(1, ls.frontier(ls.feed).size))
        signer = self.signers.get(key.hex) if key is not None else None
        if signer is None or not ls.desk.size:
            return b""
        origin = desk_origin_of(line, ls.feed)
        return sign_checkpoint(
            Checkpoint(origin=origin, size=ls.desk.size, root=ls.desk.root), signer
        ).text

    def gossip(self, line: LineId) -> tuple[bytes, ...]:
        """The newest signed checkpoint of every feed that we hold."""
        ls = self.state.lines[line]
        heads = [self.head(line, feed) for feed in sorted(ls.frontiers)]
        return tuple(head.text for head in heads if head is not None)

    def head(self, line: LineId, feed: FeedId) -> SignedCheckpoint | None:
        """The newest signed checkpoint of which we hold every entry."""
        ls = self.state.lines.get(line)
        if ls is None:
            return None
        if party_of(feed) == ls.me and feed != ls.feed and ls.lock is Signing.READY:
            self._show_earlier(ls, feed)
        own = self.heads.get((line, feed))
        if own is not None:
            return own
        stored = self.store.head(line, feed)
        if stored is None or stored.text == "":
            return None
        tree = Checkpoint(origin=origin_of(line, feed), size=stored.size, root=stored.root)
        return SignedCheckpoint(checkpoint=tree, text=stored.text.encode("utf-8"))

    def _show_earlier(self, ls: LineState, feed: FeedId) -> None:
        """An earlier epoch of ours, which others may lack: marked, then signed, like the newest."""
        front = ls.frontier(feed)
        with suppress(ValueError):  # damaged: it locks whatever it said
            mark = self.high_water.read(ls.line, feed)
            if mark is not None and mark.size < front.size:
                self.unmarked[ls.line, feed] = Mark(size=front.size, root=front.root, seen={})
                self._mark()
        if (ls.line, feed) not in self.unmarked:
            self._sign(ls.line, feed)

    # -- starting

    def open_line(self, documents: Sequence[bytes], now: Instant) -> LineId | Refusal:
        """Take up a new line by its signed documents, version 1 of the terms among them. Nothing
        is written to the feed by this; the first turn joins."""
        ls = first_line(self.local, documents, now)
        if isinstance(ls, Refusal):
            return ls
        if ls.line in self.state.lines:
            return ls.line
        stored = []
        for raw in documents:
            taken = take_document(ls, raw)
            if isinstance(taken, Refusal):
                return taken
            ls, kind, digest, _ = taken
            stored.append(StoredDocument(line=ls.line, kind=kind.value, sha256=digest, data=raw))
        self.store.commit(Commit(fence=self.fence, documents=tuple(stored)))
        self.high_water.write(ls.line, ls.feed, BEGUN)
        self.state = replace(self.state, lines=self.state.lines.insert(ls.line, ls))
        return ls.line

    def start(self, now: Instant) -> None:
        """The state as it was made durable, all of it: for tools and tests. A node that must act
        meanwhile takes the steps one by one."""
        self.begin(now)
        self.load(now)

    def begin(self, now: Instant) -> None:
        """Take up what is durable, so that emergencies, alerts and links work at once. Each line is
        LOADING until ``load_some`` has read its record."""
        self.tools.judges.clear()
        self.heads.clear()
        self.unmarked.clear()
        self.look = None
        book = book_of_alerts(self.store.alerts(), now, self.store.alerts_ever())
        lines: Lines = HashTrieMap()
        for line in self.store.lines():
            documents = self.papers(line).documents
            if documents:
                ls = first_line(self.local, documents, now)
                assert not isinstance(ls, Refusal), "what was stored was taken"
                ls = begin_line(ls, documents, self.store, self._front, self.high_water, now)
                lines = lines.insert(line, with_alerts(ls, book.open()))
        stands: HashTrieMap[str, Trouble] = HashTrieMap()
        for alert in book.open():
            if alert.state is not AlertState.ENDED_UNSEEN:  # its trouble is gone: it may come again
                stands = stands.insert(f"{alert.trouble.line}/{alert.trouble.key}", alert.trouble)
        self.state = State(
            local=self.local, fence=self.fence, lines=lines, book=book, troubles=stands,
            journal=self.store.journal_end(), now=now, unsaid=((now, BEGUN_KIND),),
        )  # fmt: skip
        bare = {
            line: replace(ls, picture=replace(ls.picture, ahead=NOTHING, asks_ahead=HashTrieMap()))
            for line, ls in lines.items()
        }
        self.loader = Loader(
            store=self.store, lines=bare, live=lambda line: self.state.lines[line],
            at_once=self.load_at_once,
        )  # fmt: skip
        for line, ls in lines.items():
            self._show_own(line, ls)

    def _front(self, line: LineId, feed: FeedId, size: int) -> Frontier:
        return Tree(StoredHashes(self.store, line, feed, self.hashes)).frontier(size)

    def _show_own(self, line: LineId, ls: LineState) -> None:
        """Sign the newest head again, once its mark is written: the process may have died between
        the commit and the mark."""
        front = ls.frontier(ls.feed)
        if not front.size or ls.lock is not Signing.READY:
            return
        if ls.mark is not None and ls.mark.size < front.size:
            self.unmarked[line, ls.feed] = Mark(size=front.size, root=front.root, seen={})
        else:
            self._sign(line, ls.feed)

    def load_some(self, now: Instant) -> bool:
        """One step of reading, or of the first look at what was read, some milliseconds; the last
        puts the picture into its place. Whether there is more to do."""
        loader = self.loader
        if loader is None:
            return False
        if not loader.step():
            if self.look is None:
                self.look = FirstLook(self.tools, lambda: self._read(self.state.now))
            if not self.look.step():
                self.load(now)
                return False
        lines = self.state.lines
        for line, ls in lines.items():
            if ls.loading is not None:
                loading = replace(ls.loading, done=loader.done, total=loader.total)
                lines = lines.insert(line, replace(ls, loading=loading))
        self.state = replace(self.state, lines=lines)
        return True

    def load(self, now: Instant) -> None:
        """Read all that is left, and put it in its place."""
        loader = self.loader
        if loader is None:
            return
        lines = self.state.lines
        for line, whole in self._read(now).items():
            lines = lines.insert(line, whole)
            judge = self.look.judge_of(line, whole) if self.look is not None else None
            self.tools.judges.pop(line, None)
            if judge is not None:
                self.tools.judges[line] = judge
        self.loader = self.look = None
        before = self.state.lines
        unsaid = (*self.state.unsaid, (now, LOADED_KIND))
        self.state = replace(self.state, lines=lines, unsaid=unsaid)
        self._unlocked(before)

    def _read(self, now: Instant) -> dict[LineId, LineState]:
        """All lines with what the store holds of them now."""
        loader, lines = self.loader, self.state.lines
        assert loader is not None, "only asked while it loads"
        return {
            line: together(lines[line], loaded, loader.unreadable.get(line, ()), self.store, now)
            for line, loaded in loader.finish().items()
        }

    def _unlocked(self, before: Lines) -> None:
        """What came back after a restore is ours to show again."""
        for line, ls in self.state.lines.items():
            was = before.get(line)
            if was is not None and was.lock in LOCKED and ls.lock is Signing.READY:
                front = ls.frontier(ls.feed)
                self.unmarked[line, ls.feed] = Mark(size=front.size, root=front.root, seen={})

    def keep_snapshot(self) -> Iterator[None]:
        """Keep the state as it is now, a small step at a time; nothing while it is being read."""
        return keep_snapshot(self.store, self.state) if self.loader is None else iter(())


def first_line(local: Local, documents: Sequence[bytes], now: Instant) -> LineState | Refusal:
    """The line that version 1 among these documents begins; or why there is none."""
    refusal: Refusal | None = None
    for raw in documents:
        signed = read_agreement(raw)
        if isinstance(signed, Refusal):
            refusal = refusal or signed
        elif signed.body.version == 1:
            return open_line(local, signed, now)
    return refusal or Refusal(code=Code.BAD_AGREEMENT, clause="CL-AGR-003")
