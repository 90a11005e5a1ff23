"""A bundle's content out of a node's store, whether the node runs or not. Reads, never writes.

The only part of evidence that knows the store's port and the journal. What peers' checkpoints and
heartbeats said is taken from the journal, with the time at which it came.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from clearline.canonical import UNREADABLE
from clearline.evidence.bundle import (
    STRUCTURAL,
    AheadPart,
    AlertStated,
    Beat,
    Content,
    DeskPart,
    FeedPart,
    ForkStated,
    Opening,
    Scope,
    Seen,
    Withheld,
)
from clearline.evidence.line import b64, checkpoint_at, key_candidates, read_line
from clearline.ledger.audit import Fork, Held, Verdict, judge
from clearline.ledger.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    desk_origin_of,
    origin_of,
    sign_checkpoint,
)
from clearline.ledger.merkle import Frontier, MemoryHashes, Tree, commitment, leaf_hash, new_hashes
from clearline.ledger.proof import LogProof, write_proof
from clearline.model.alert import Alert
from clearline.model.entry import BARE, Kind
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId, is_party_id, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant, parse_utc
from clearline.node.inbound import Beaten, Flashed, Papers, Pushed
from clearline.node.ports import Mark, Reads, StoredEntry
from clearline.signing import Signer
from clearline.trust.roster import Roster, key_for
from clearline.wire.entry import read_frame

KINDS: Final = ("agreement", "manifest", "root-change", "epoch")
PAGE: Final = 512
Progress = Callable[[str, int, int], None]
"""What is done, how much of it, of how much."""


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Withhold:
    """What is not shown: kinds, parties' entries, everything before a time (own clock)."""

    kinds: frozenset[Kind] = frozenset()
    parties: frozenset[PartyId] = frozenset()
    before: Instant | None = None


def read_withhold(words: Iterable[str]) -> Withhold:
    """What people write: a kind, a party, or before:TIME. Raises ValueError with a sentence."""
    kinds: set[Kind] = set()
    parties: set[PartyId] = set()
    before: Instant | None = None
    for word in words:
        if word.startswith("before:"):
            before = max(before or Instant(0), parse_utc(word.removeprefix("before:")))
        elif word in set(Kind):
            if Kind(word) in STRUCTURAL:
                raise ValueError(
                    f"{word} is never withheld: it holds no plans, and the proof leans on it"
                )
            kinds.add(Kind(word))
        elif is_party_id(word):
            parties.add(PartyId(word))
        else:
            raise ValueError(f"{word!r} is no kind, no party and no before:TIME")
    return Withhold(kinds=frozenset(kinds), parties=frozenset(parties), before=before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What goes into ``write_bundle``."""

    content: Content
    withheld: tuple[Withheld, ...]
    alerts_withheld: int


@dataclass(slots=True)
class _Journal:
    """What the journal says of checkpoints, heartbeats and documents."""

    checkpoints: dict[FeedId, list[Seen]] = field(default_factory=dict)
    desks: list[Seen] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    flashed: dict[EntryRef, Flashed] = field(default_factory=dict)
    papers: dict[bytes, Instant] = field(default_factory=dict)


def gather(
    reads: Reads,
    line: LineId,
    own: FeedId,
    *,
    marks: Mapping[FeedId, Mark],
    signers: Mapping[str, Signer],
    scope: Scope,
    progress: Progress = _silent,
) -> Gathered | Refusal:
    """Everything of a line that a node holds, as the scope asks for it.

    ``own`` is the feed that the node writes, ``marks`` the high-water marks of its feeds: nothing
    is signed beyond one, since another checkpoint of that size may yet come to stand in its place.
    ``signers``: the node's keys by public key. Refused: a line that is not held, an own feed that
    cannot be signed (NOT_SIGNING).
    """
    withhold = read_withhold(scope.withhold)
    sizes = {feed: reads.entry_count(line, feed) for feed in reads.feeds(line)}
    journal = _read_journal(reads, line, scope, progress)
    documents = _documents(reads, line, journal, scope)
    read = read_line(documents, _left(reads, line, sizes, scope))
    if isinstance(read, Refusal):
        return read
    if sizes.get(own) and own not in marks:
        return Refusal(
            code=Code.NOT_SIGNING, clause="CL-EVI-005", params={"feed": own, "size": sizes[own]}
        )
    roster = read.roster
    feeds: list[FeedPart] = []
    withheld: list[Withheld] = []
    received: dict[FeedId, tuple[Instant, ...]] = {}
    proofs: dict[EntryRef, bytes] = {}
    forks: list[ForkStated] = []
    hidden: set[EntryRef] = set()
    for feed, size in sorted(sizes.items()):
        one = _Feed(reads, line, feed, _limit(feed, own, size, marks), scope, withhold)
        one.read(progress)
        if not one.leaves:
            continue
        text = one.checkpoint(roster, own, signers, journal.checkpoints.get(feed, ()))
        if isinstance(text, Refusal):
            return text
        feeds.append(one.part(text))
        received[feed] = tuple(one.received)
        withheld += one.withheld()
        hidden |= one.hidden
        if scope.proofs:
            proofs.update(one.proofs(text))
        forks += one.forks(roster, text, journal.checkpoints.get(feed, ()))
    alerts, left_out = _alerts(reads, line, scope, hidden, received)
    content = Content(
        documents=documents,
        feeds=tuple(feeds),
        proofs=proofs,
        ahead=tuple(_ahead(reads, line, journal, scope, withhold)),
        forks=tuple(forks),
        received=received,
        checkpoints=tuple(_telling(journal.checkpoints)),
        desks=tuple(journal.desks),
        beats=tuple(journal.beats),
        alerts=alerts,
        desk=_desk(reads, line, own, roster, signers, scope) if scope.desk else None,
    )
    return Gathered(content=content, withheld=tuple(withheld), alerts_withheld=left_out)


def _limit(feed: FeedId, own: FeedId, size: int, marks: Mapping[FeedId, Mark]) -> int:
    """How much of a feed can be shown: of our own no more than the high-water mark covers."""
    return min(size, marks[feed].size) if feed == own and size else size


def _documents(reads: Reads, line: LineId, journal: _Journal, scope: Scope) -> tuple[bytes, ...]:
    stored = [doc.data for kind in KINDS for doc in reads.documents(line, kind)]
    if scope.at is None:
        return tuple(stored)
    return tuple(raw for raw in stored if journal.papers.get(raw, 0) <= scope.at)


def _left(
    reads: Reads, line: LineId, sizes: Mapping[FeedId, int], scope: Scope
) -> frozenset[PartyId]:
    """Parties whose last entry is ``leave``."""
    gone: set[PartyId] = set()
    for feed, size in sizes.items():
        for stored in reads.entries(line, feed, max(0, size - 1), 1):
            if scope.at is not None and stored.received > scope.at:
                continue
            frame = read_frame(stored.data)
            if not isinstance(frame, Refusal) and frame.kind == Kind.LEAVE:
                gone.add(party_of(feed))
    return frozenset(gone)


# --- the journal -----------------------------------------------------------------------------

_BEATEN: Final = msgspec.msgpack.Decoder(tuple[Beaten, Refusal | None])
_PUSHED: Final = msgspec.msgpack.Decoder(tuple[Pushed, Refusal | None])
_FLASHED: Final = msgspec.msgpack.Decoder(tuple[Flashed, Refusal | None])
_PAPERS: Final = msgspec.msgpack.Decoder(tuple[Papers, Refusal | None])


def _read_journal(reads: Reads, line: LineId, scope: Scope, progress: Progress) -> _Journal:
    journal, end, at = _Journal(), reads.journal_end(), 0
    while at < end and (page := reads.journal(at, PAGE)):
        for record in page:
            if scope.at is not None and record.at > scope.at:
                continue
            try:
                _note(journal, line, record.kind, record.data, record.at, scope)
            except UNREADABLE:
                continue  # written by another version: its feeds and alerts stand elsewhere
        at = page[-1].seq + 1
        progress("journal", at, end)
    return journal


def _note(
    journal: _Journal, line: LineId, kind: str, data: bytes, at: Instant, scope: Scope
) -> None:
    match kind:
        case "beaten":
            beat, _ = _BEATEN.decode(data)
            if beat.line == line:
                _note_beat(journal, beat, at, scope)
        case "pushed":
            pushed, _ = _PUSHED.decode(data)
            if pushed.line == line:
                _note_text(journal, pushed.feed, pushed.peer, pushed.checkpoint, at)
        case "flashed":
            flashed, refusal = _FLASHED.decode(data)
            if flashed.line == line:
                _note_text(journal, flashed.feed, flashed.peer, flashed.checkpoint, at)
                if refusal is None:
                    journal.flashed[EntryRef(flashed.feed, flashed.index)] = flashed
        case "papers":
            papers, _ = _PAPERS.decode(data)
            if papers.line == line:
                for raw in papers.documents:
                    journal.papers.setdefault(raw, at)
        case _:
            pass


def _note_beat(journal: _Journal, beat: Beaten, at: Instant, scope: Scope) -> None:
    if (scope.first or 0) <= at and (scope.until is None or at < scope.until):
        echo = beat.echo
        journal.beats.append(
            Beat(
                peer=beat.peer,
                sequence=beat.sequence,
                sent=beat.sent,
                received=at,
                echo_sent=echo.sent if echo is not None else None,
                echo_received=echo.received if echo is not None else None,
            )
        )
    if beat.desk:
        shown = _text(beat.desk)
        last = next((one.text for one in reversed(journal.desks) if one.by == beat.peer), None)
        if shown != last:  # every one that was ever shown: an edit contradicts those before it
            journal.desks.append(Seen(by=beat.peer, received=at, text=shown))
    for head in beat.heads:
        feed = _feed_named(head)
        if feed is not None:
            _note_text(journal, feed, beat.peer, head, at)


def _note_text(journal: _Journal, feed: FeedId, by: PartyId, text: bytes, at: Instant) -> None:
    known = journal.checkpoints.setdefault(feed, [])
    shown = _text(text)
    if not any(seen.text == shown and seen.by == by for seen in known[-8:]):
        known.append(Seen(by=by, received=at, text=shown))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _feed_named(text: bytes) -> FeedId | None:
    """The feed that an unverified checkpoint names, to sort it by."""
    first = text[:200].split(b"\n", 1)[0].decode("ascii", "replace")
    parts = first.split("/")
    return FeedId(parts[2]) if len(parts) == 3 else None


def _telling(found: Mapping[FeedId, Sequence[Seen]]) -> Iterator[Seen]:
    """For each feed and each who showed one, the newest: the longest history that he stood for."""
    newest: dict[tuple[FeedId, PartyId], Seen] = {}
    for feed, every in found.items():
        for seen in every:
            newest[feed, seen.by] = seen
    for _, seen in sorted(newest.items()):
        yield seen


# --- one feed --------------------------------------------------------------------------------


class _Feed:
    """One feed out of the store, with what is shown of it."""

    def __init__(
        self,
        reads: Reads,
        line: LineId,
        feed: FeedId,
        size: int,
        scope: Scope,
        withhold: Withhold,
    ) -> None:
        self._reads, self._line, self._feed = reads, line, feed
        self._size, self._scope, self._withhold = size, scope, withhold
        self.leaves: list[bytes] = []
        self.received: list[Instant] = []
        self.shown: dict[int, Opening] = {}
        self.hidden: set[EntryRef] = set()
        self._runs: list[list[str | int]] = []
        self._tells: list[int] = []
        self._rows = MemoryHashes()
        self._front = Frontier()

    def read(self, progress: Progress) -> None:
        """Page by page, up to the size that was there at the start."""
        while len(self.leaves) < self._size:
            page = self._reads.entries(
                self._line, self._feed, len(self.leaves), min(PAGE, self._size - len(self.leaves))
            )
            for stored in page:
                if self._scope.at is not None and stored.received > self._scope.at:
                    return
                self._take(stored)
            progress(str(self._feed), len(self.leaves), self._size)
            if not page:
                return

    def _take(self, stored: StoredEntry) -> None:
        index = len(self.leaves)
        committed = commitment(stored.salt, stored.data)
        assert leaf_hash(committed) == stored.leaf, "what is stored is what was verified"
        self._rows.add(new_hashes(self._front, (stored.leaf,)))
        self._front = self._front.append(stored.leaf)
        self.leaves.append(committed)
        self.received.append(stored.received)
        frame = read_frame(stored.data)
        kind = frame.kind if not isinstance(frame, Refusal) else ""
        why = self._why(stored, kind)
        if why:
            self.hidden.add(EntryRef(self._feed, index))
            if self._runs and self._runs[-1][0] == why and self._runs[-1][3] == index:
                self._runs[-1][3] = index + 1
            else:
                self._runs.append([why, self._feed, index, index + 1])
            return
        self.shown[index] = Opening(salt=stored.salt, data=stored.data)
        if kind not in {bare.value for bare in BARE}:
            self._tells.append(index)

    def _why(self, stored: StoredEntry, kind: str) -> str:
        """Why an entry is not shown; empty when it is."""
        if kind in {structural.value for structural in STRUCTURAL}:
            return ""
        scope, withhold = self._scope, self._withhold
        if scope.first is not None and stored.received < scope.first:
            return "range"
        if scope.until is not None and stored.received >= scope.until:
            return "range"
        if withhold.before is not None and stored.received < withhold.before:
            return "time"
        if party_of(self._feed) in withhold.parties:
            return "party"
        return "kind" if kind in {kept.value for kept in withhold.kinds} else ""

    def checkpoint(
        self, roster: Roster, own: FeedId, signers: Mapping[str, Signer], seen: Sequence[Seen]
    ) -> SignedCheckpoint | Refusal:
        """A signed checkpoint that covers what is held: the shortest one; of our own feed a fresh
        one of exactly that size, which is the one that anybody has been shown."""
        size = len(self.leaves)
        tree = Checkpoint(
            origin=origin_of(self._line, self._feed), size=size, root=self._front.root
        )
        if party_of(self._feed) == party_of(own):
            key = key_for(roster, self._feed, size)
            signer = signers.get(key.hex) if key is not None else None
            if signer is not None:
                return sign_checkpoint(tree, signer)
        texts = [head.text for head in self._reads.heads(self._line, self._feed)]
        texts += [checkpoint.text for checkpoint in seen]
        found: list[SignedCheckpoint] = []
        for text in texts:
            signed = checkpoint_at(roster, self._feed, text.encode())
            if not isinstance(signed, Refusal) and signed.checkpoint.size >= size:
                found.append(signed)
        exact = [one for one in found if one.checkpoint == tree]
        if exact:
            return exact[0]
        longer = [one for one in found if self._covers(one.checkpoint)]
        if not longer:
            return Refusal(
                code=Code.NOT_SIGNING,
                clause="CL-EVI-005",
                params={"feed": self._feed, "size": size},
            )
        return min(longer, key=lambda one: one.checkpoint.size)

    def _covers(self, tree: Checkpoint) -> bool:
        """Whether the store can prove that what is shown begins this longer tree."""
        held = self._reads.entry_count(self._line, self._feed)
        return len(self.leaves) < tree.size <= held

    def _stored(self) -> Tree:
        """The feed's tree as stored, beyond what is shown, for proofs up to a checkpoint."""
        return Tree(_StoreHashes(self._reads, self._line, self._feed))

    def part(self, signed: SignedCheckpoint) -> FeedPart:
        """The feed as it goes into the bundle."""
        size, covered = len(self.leaves), signed.checkpoint.size
        proof = self._stored().consistency(size, covered) if covered > size else ()
        return FeedPart(
            feed=self._feed,
            checkpoint=signed.text,
            leaves=tuple(self.leaves),
            shown=self.shown,
            consistency=proof,
        )

    def proofs(self, signed: SignedCheckpoint) -> Iterator[tuple[EntryRef, bytes]]:
        """A tlog-proof for every entry that is shown and says something."""
        size = signed.checkpoint.size
        tree = Tree(self._rows) if size == len(self.leaves) else self._stored()
        for index in self._tells:
            yield (
                EntryRef(self._feed, index),
                write_proof(
                    LogProof(
                        index=index,
                        hashes=tree.inclusion(index, size),
                        checkpoint=signed.text,
                        extra=self.shown[index].salt,
                    )
                ),
            )

    def forks(
        self, roster: Roster, signed: SignedCheckpoint, seen: Sequence[Seen]
    ) -> Iterator[ForkStated]:
        """Checkpoints that somebody showed us and that what we hold contradicts."""
        if signed.checkpoint.size != len(self.leaves):
            return
        held = Held(signed=signed, hashes=self._rows)
        told: set[tuple[int, bytes]] = set()
        for one in seen:
            theirs = checkpoint_at(roster, self._feed, one.text.encode())
            if isinstance(theirs, Refusal):
                continue
            tree = theirs.checkpoint
            judged = judge(held, theirs, newest_of_author=False)
            if judged.verdict is Verdict.FORK and (tree.size, tree.root) not in told:
                told.add((tree.size, tree.root))
                assert judged.fork is not None, "a fork has its proof"
                yield fork_stated(self._feed, judged.fork)

    def withheld(self) -> list[Withheld]:
        """The runs that are not shown."""
        return [
            Withheld(feed=self._feed, first=int(first), count=int(end) - int(first), why=str(why))
            for why, _, first, end in self._runs
        ]


class _StoreHashes:
    """Stored hashes, as the ledger reads them."""

    def __init__(self, reads: Reads, line: LineId, feed: FeedId) -> None:
        self._reads, self._line, self._feed = reads, line, feed

    def read_hashes(self, nodes: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """The hashes of the nodes, in order."""
        return self._reads.hashes(self._line, self._feed, list(nodes))


def fork_stated(feed: FeedId, fork: Fork) -> ForkStated:
    """A fork's proof as a bundle holds it."""
    return ForkStated(
        feed=feed,
        shorter=_text(fork.shorter),
        longer=_text(fork.longer),
        beginning=b64(fork.beginning),
        proof=tuple(b64(hash_) for hash_ in fork.proof),
    )


# --- the rest --------------------------------------------------------------------------------


def _ahead(
    reads: Reads, line: LineId, journal: _Journal, scope: Scope, withhold: Withhold
) -> Iterator[AheadPart]:
    """Entries held beyond a gap, proved by what came with them."""
    for stored in reads.ahead(line):
        ref = EntryRef(stored.feed, stored.index)
        flashed = journal.flashed.get(ref)
        late = scope.at is not None and stored.received > scope.at
        if flashed is None or late or party_of(stored.feed) in withhold.parties:
            continue
        yield AheadPart(
            feed=stored.feed,
            index=stored.index,
            data=stored.data,
            proof=write_proof(
                LogProof(
                    index=stored.index,
                    hashes=flashed.inclusion,
                    checkpoint=flashed.checkpoint,
                    extra=stored.salt,
                )
            ),
        )


def _alerts(
    reads: Reads,
    line: LineId,
    scope: Scope,
    hidden: set[EntryRef],
    received: Mapping[FeedId, Sequence[Instant]],
) -> tuple[tuple[AlertStated, ...], int]:
    """What the node says of its duties; those about withheld entries are only counted."""
    told: list[AlertStated] = []
    left_out = 0
    for alert in reads.alerts(open_only=False):
        if alert.trouble.line != line or not _in_range(alert.raised, scope):
            continue
        if hidden.intersection(alert.trouble.about):
            left_out += 1
            continue
        told.append(_stated(alert, scope.at, received))
    return tuple(told), left_out


def _in_range(at: Instant, scope: Scope) -> bool:
    if scope.at is not None and at > scope.at:
        return False
    return (scope.first or 0) <= at and (scope.until is None or at < scope.until)


def _stated(
    alert: Alert, at: Instant | None, received: Mapping[FeedId, Sequence[Instant]]
) -> AlertStated:
    """An alert, with nothing in it that came after ``at``. How it stood then is not kept."""
    taken = alert.taken_at if at is None or (alert.taken_at or 0) <= at else None
    shown = alert.presented if at is None or (alert.presented or 0) <= at else None
    answer = alert.answer
    if answer is not None and answer.index >= len(received.get(answer.feed, ())):
        answer = None
    now = at is None or alert.changed <= at
    return AlertStated(
        id=alert.id,
        kind=alert.trouble.kind,
        severity=alert.trouble.severity,
        about=alert.trouble.about,
        peer=alert.trouble.peer,
        state=alert.state if now else None,
        raised=alert.raised,
        presented=shown,
        presented_on=alert.presented_on if shown is not None else None,
        taken_at=taken,
        taken_role=alert.taken_role if taken is not None else None,
        answer=answer,
        reply=alert.reply if answer is not None else None,
        answered_role=alert.answered_role if answer is not None else None,
        rung=alert.rung if now else 0,
        rings=alert.rings if now else 0,
    )


class _Timed(msgspec.Struct):
    t: Instant


def _desk(
    reads: Reads,
    line: LineId,
    own: FeedId,
    roster: Roster,
    signers: Mapping[str, Signer],
    scope: Scope,
) -> DeskPart | None:
    """The private desk record: commitments of all of it, records of the time asked for."""
    leaves: list[bytes] = []
    shown: dict[int, Opening] = {}
    front = Frontier()
    while page := reads.desk(line, len(leaves), PAGE):
        for record in page:
            t = msgspec.json.decode(record.data, type=_Timed).t
            if scope.at is not None and t > scope.at:
                page = ()
                break
            if _in_range(t, scope):
                shown[len(leaves)] = Opening(salt=record.salt, data=record.data)
            leaves.append(commitment(record.salt, record.data))
            front = front.append(record.leaf)
        if not page:
            break
    keys = key_candidates(roster, own)
    signer = next((signers[key.hex] for key in keys if key.hex in signers), None)
    if signer is None or not leaves:
        return None
    tree = Checkpoint(origin=desk_origin_of(line, own), size=front.size, root=front.root)
    signed = sign_checkpoint(tree, signer)
    return DeskPart(checkpoint=signed.text, leaves=tuple(leaves), shown=shown)
