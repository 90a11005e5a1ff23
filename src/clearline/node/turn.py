"""One turn's workings: what it will make durable, and what is to be done after that.

A ``Turn`` is a scratch pad inside ``decide``; nothing of it outlives the call but the commit and
the intents. Salts come from the seed that the loop drew for the turn, so that a turn can be
repeated exactly.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from clearline.ledger.merkle import Frontier, NodeHash
from clearline.model.alert import Alert
from clearline.model.ids import Digest, EntryRef, FeedId, LineId
from clearline.model.time import Instant
from clearline.node.inbound import Outcome
from clearline.node.intent import Intent
from clearline.node.ports import (
    DeskRecord,
    JournalRecord,
    OutboxItem,
    ReplyCode,
    RequestRecord,
    StoredDocument,
    StoredEntry,
    StoredHash,
    StoredHead,
)


@dataclass(slots=True)
class Turn:
    """What one call of ``decide`` gathers. ``seed`` is 32 random bytes drawn for it; ``work``
    is how much may be judged in it, and ``judged`` whether any was."""

    now: Instant
    seed: bytes
    drawn: int = 0
    entries: list[StoredEntry] = field(default_factory=list)
    ahead_added: list[StoredEntry] = field(default_factory=list)
    ahead_folded: list[tuple[LineId, FeedId, int]] = field(default_factory=list)
    hashes: list[StoredHash] = field(default_factory=list)
    heads: dict[tuple[LineId, FeedId], StoredHead] = field(default_factory=dict)
    documents: list[StoredDocument] = field(default_factory=list)
    alerts: dict[str, Alert] = field(default_factory=dict)
    outbox_added: list[OutboxItem] = field(default_factory=list)
    outbox_done: list[str] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    journal: list[JournalRecord] = field(default_factory=list)
    desk: list[DeskRecord] = field(default_factory=list)
    requests: list[RequestRecord] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    wanted: set[Intent] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    changed: set[LineId] = field(default_factory=set)
    blobs: list[tuple[Digest, int, bytes]] = field(default_factory=list)
    blobs_dropped: list[Digest] = field(default_factory=list)
    codes: list[ReplyCode] = field(default_factory=list)
    answered: list[tuple[LineId, EntryRef]] = field(default_factory=list)
    work: int = 0
    judged: bool = False

    def salt(self) -> bytes:
        """The turn's next salt, 32 bytes: SHA-256(seed || counter), as unguessable as the seed."""
        self.drawn += 1
        return hashlib.sha256(self.seed + self.drawn.to_bytes(8, "big")).digest()

    def keep_rows(self, line: LineId, feed: FeedId, rows: Sequence[NodeHash]) -> None:
        """Remember hashes that an append added."""
        self.hashes += [
            StoredHash(line=line, feed=feed, level=row.level, n=row.n, hash=row.hash)
            for row in rows
        ]

    def keep_head(self, line: LineId, feed: FeedId, frontier: Frontier, text: bytes) -> None:
        """Remember a feed's newest head; ``text`` is empty while it is ours and not signed yet."""
        self.heads[line, feed] = StoredHead(
            line=line,
            feed=feed,
            size=frontier.size,
            root=frontier.root,
            text=text.decode("utf-8"),
        )

    def want(self, intent: Intent) -> None:
        """Ask for something to be done after the commit, once."""
        if intent not in self.wanted:
            self.wanted.add(intent)
            self.intents.append(intent)
