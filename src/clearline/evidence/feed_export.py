"""One feed out of a node's store: what is shown of it, under which checkpoint. Reads only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clearline.evidence.bundle import STRUCTURAL
from clearline.evidence.journal import Progress, shown_text
from clearline.evidence.line import b64, checkpoint_at, claimed
from clearline.evidence.parts import FeedPart, ForkStated, Opening, Scope, Seen, Withheld
from clearline.ledger.audit import Fork, Held, Verdict, judge
from clearline.ledger.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    origin_of,
    sign_checkpoint,
)
from clearline.ledger.merkle import Frontier, MemoryHashes, Tree, commitment, leaf_hash, new_hashes
from clearline.ledger.proof import LogProof, write_proof
from clearline.model.entry import BARE, Kind
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId, is_party_id, party_of
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant, parse_utc
from clearline.node.ports import Reads, StoredEntry
from clearline.signing import Signer
from clearline.trust.roster import Roster, key_for
from clearline.wire.entry import read_frame

PAGE: Final = 512
"""Entries read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withhold:
    """What is not shown: kinds, parties' entries, everything before a time (own clock)."""

    kinds: frozenset[Kind] = frozenset()
    parties: frozenset[PartyId] = frozenset()
    before: Instant | None = None
    reads_of: PartyId | None = None


READS_OF: Final = "desk-but-reads-of:"
"""Of the private desk record nothing is shown but who read a party's items, and no duties are: what
that party asks for (FM30)."""


def read_withhold(words: Iterable[str]) -> Withhold:
    """What people write: a kind, a party, before:TIME, or desk-but-reads-of:PARTY. Raises
    ValueError with a sentence."""
    kinds: set[Kind] = set()
    parties: set[PartyId] = set()
    before: Instant | None = None
    reads_of: PartyId | None = None
    for word in words:
        if word.startswith(READS_OF) and is_party_id(word.removeprefix(READS_OF)):
            reads_of = PartyId(word.removeprefix(READS_OF))
        elif word.startswith("before:"):
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
    return Withhold(
        kinds=frozenset(kinds), parties=frozenset(parties), before=before, reads_of=reads_of
    )


def kind_of(stored: StoredEntry) -> str:
    """The kind that an entry states; empty for what has no frame."""
    frame = read_frame(stored.data)
    return "" if isinstance(frame, Refusal) else frame.kind


def why_withheld(stored: StoredEntry, scope: Scope, withhold: Withhold) -> str:
    """Why an entry is not shown; empty when it is."""
    kind = kind_of(stored)
    if kind in {structural.value for structural in STRUCTURAL}:
        return ""
    if scope.first is not None and stored.received < scope.first:
        return "range"
    if scope.until is not None and stored.received >= scope.until:
        return "range"
    if withhold.before is not None and stored.received < withhold.before:
        return "time"
    if party_of(stored.feed) in withhold.parties:
        return "party"
    return "kind" if kind in {kept.value for kept in withhold.kinds} else ""


# --- one feed --------------------------------------------------------------------------------


class FeedExport:
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
        self._reads, self._line, self.feed = reads, line, feed
        self._size, self._scope, self._withhold = size, scope, withhold
        self.leaves: list[bytes] = []
        self.received: list[Instant] = []
        self.shown: dict[int, Opening] = {}
        self.hidden: set[EntryRef] = set()
        self._runs: list[list[str | int]] = []
        self._tells: list[int] = []
        self._rows = MemoryHashes()
        self._front = Frontier()
        self.uncovered = 0

    def read(self, progress: Progress) -> None:
        """Page by page, up to the size that was there at the start."""
        while len(self.leaves) < self._size:
            page = self._reads.entries(
                self._line, self.feed, len(self.leaves), min(PAGE, self._size - len(self.leaves))
            )
            for stored in page:
                if self._scope.at is not None and stored.received > self._scope.at:
                    return
                self._take(stored)
            progress(str(self.feed), len(self.leaves), self._size)
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
        why = why_withheld(stored, self._scope, self._withhold)
        if why:
            self.hidden.add(EntryRef(self.feed, index))
            if self._runs and self._runs[-1][0] == why and self._runs[-1][3] == index:
                self._runs[-1][3] = index + 1
            else:
                self._runs.append([why, self.feed, index, index + 1])
            return
        self.shown[index] = Opening(salt=stored.salt, data=stored.data)
        if kind_of(stored) not in {bare.value for bare in BARE}:
            self._tells.append(index)

    def checkpoint(
        self, roster: Roster, own: FeedId, signers: Mapping[str, Signer], seen: Sequence[Seen]
    ) -> SignedCheckpoint | Refusal:
        """A signed checkpoint that covers what is held: the shortest one; of our own feed a fresh
        one of exactly that size, which is the one that anybody has been shown."""
        size = len(self.leaves)
        tree = Checkpoint(origin=origin_of(self._line, self.feed), size=size, root=self._front.root)
        if party_of(self.feed) == party_of(own):
            key = key_for(roster, self.feed, size)
            signer = signers.get(key.hex) if key is not None else None
            if signer is not None:
                return sign_checkpoint(tree, signer)
        texts = [head.text for head in self._reads.heads(self._line, self.feed)]
        texts += [checkpoint.text for checkpoint in seen]
        longer = [text.encode() for text in texts if claimed(text.encode())[0] >= size]
        for text in sorted(longer, key=lambda raw: claimed(raw)[0]):
            signed = checkpoint_at(roster, self.feed, text)
            if isinstance(signed, Refusal):
                continue
            if signed.checkpoint == tree or self._covers(signed.checkpoint):
                return signed
        return Refusal(
            code=Code.NOT_SIGNING, clause="CL-EVI-005", params={"feed": self.feed, "size": size}
        )

    def cut(self, roster: Roster) -> SignedCheckpoint | None:
        """Back to the longest prefix that a checkpoint which is held covers; None: there is none.
        What is left out is counted: a backlog is coming in, and its end has not come yet."""
        held = len(self.leaves)
        for head in reversed(self._reads.heads(self._line, self.feed)):
            signed = checkpoint_at(roster, self.feed, head.text.encode())
            if isinstance(signed, Refusal) or signed.checkpoint.size > held:
                continue
            size = signed.checkpoint.size
            self.uncovered = held - size
            self._front = Tree(self._rows).frontier(size)
            for index in range(size, held):
                self.shown.pop(index, None)
            del self.leaves[size:], self.received[size:]
            self._tells = [index for index in self._tells if index < size]
            self._runs = [
                [why, feed, first, min(int(end), size)]
                for why, feed, first, end in self._runs
                if int(first) < size
            ]
            return signed
        self.uncovered = held
        return None

    def _covers(self, tree: Checkpoint) -> bool:
        """Whether the store can prove that what is shown begins this longer tree, and not that of
        another history."""
        held = self._reads.entry_count(self._line, self.feed)
        if not len(self.leaves) < tree.size <= held:
            return False
        return self._stored().root(tree.size) == tree.root

    def _stored(self) -> Tree:
        """The feed's tree as stored, beyond what is shown, for proofs up to a checkpoint."""
        return Tree(_StoreHashes(self._reads, self._line, self.feed))

    def part(self, signed: SignedCheckpoint) -> FeedPart:
        """The feed as it goes into the bundle."""
        size, covered = len(self.leaves), signed.checkpoint.size
        proof = self._stored().consistency(size, covered) if covered > size else ()
        return FeedPart(
            feed=self.feed,
            checkpoint=signed.text,
            leaves=tuple(self.leaves),
            shown=self.shown,
            consistency=proof,
        )

    def proofs(self, signed: SignedCheckpoint) -> Iterator[tuple[EntryRef, bytes]]:
        """A tlog-proof for every entry that is shown and says something; none where the scope asks
        for none: the leaves prove the same, to who has all of them."""
        if not self._scope.proofs:
            return
        size = signed.checkpoint.size
        tree = Tree(self._rows) if size == len(self.leaves) else self._stored()
        for index in self._tells:
            yield (
                EntryRef(self.feed, index),
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
        tree_of = Tree(self._rows)
        for one in seen:
            size, root = claimed(one.text.encode())
            if size > len(self.leaves) or b64(tree_of.root(size)) == root:
                continue  # a beginning of what we hold, or beyond it: no need to look who signed
            theirs = checkpoint_at(roster, self.feed, one.text.encode())
            if isinstance(theirs, Refusal):
                continue
            tree = theirs.checkpoint
            judged = judge(held, theirs, newest_of_author=False)
            if judged.verdict is Verdict.FORK and (tree.size, tree.root) not in told:
                told.add((tree.size, tree.root))
                assert judged.fork is not None, "a fork has its proof"
                yield fork_stated(self.feed, judged.fork)

    def withheld(self) -> list[Withheld]:
        """The runs that are not shown."""
        return [
            Withheld(feed=self.feed, first=int(first), count=int(end) - int(first), why=str(why))
            for why, _, first, end in self._runs
        ]


class _StoreHashes:
    """Stored hashes, as the ledger reads them."""

    def __init__(self, reads: Reads, line: LineId, feed: FeedId) -> None:
        self._reads, self._line, self.feed = reads, line, feed

    def read_hashes(self, nodes: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """The hashes of the nodes, in order."""
        return self._reads.hashes(self._line, self.feed, list(nodes))


def fork_stated(feed: FeedId, fork: Fork) -> ForkStated:
    """A fork's proof as a bundle holds it."""
    return ForkStated(
        feed=feed,
        shorter=shown_text(fork.shorter),
        longer=shown_text(fork.longer),
        beginning=b64(fork.beginning),
        proof=tuple(b64(hash_) for hash_ in fork.proof),
    )
