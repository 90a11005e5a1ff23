"""A party that has left its own software behind: it signs whatever record it likes with its key.

It goes on from what its honest node in a town has written, so that everything before it is real.
"""

import hashlib
from dataclasses import dataclass, field

import msgspec

from clearline.canonical import encode
from clearline.ledger.checkpoint import Checkpoint, origin_of, sign_checkpoint
from clearline.ledger.merkle import Frontier, MemoryHashes, Tree, entry_leaf, new_hashes
from clearline.model.entry import AheadItem, Body, Precedence, RefusedItem
from clearline.model.ids import EntryRef, FeedId, PartyId
from clearline.model.time import Instant
from clearline.node.conductor import Done
from clearline.node.inbound import Flashed, Item, Pushed
from tests.town import Town, node_key_of


@dataclass
class Liar:
    """One party's feed, continued by hand and shown to whom it likes."""

    town: Town
    party: str
    items: list[Item] = field(default_factory=list)
    seen: dict[FeedId, int] = field(default_factory=dict)
    t: Instant = field(init=False)

    def __post_init__(self) -> None:
        ls = self.town.at(self.party)
        stored = self.town.nodes[self.party].store.entries(self.town.line, ls.feed, 0, 10_000)
        self.items = [Item(entry.salt, entry.data) for entry in stored]
        self.feed = ls.feed
        own = ls.picture.feed(ls.feed)
        self.seen = {feed: steps.value() for feed, steps in own.seen.items()}
        self.t = self.town.now

    def fork(self) -> "Liar":
        """Another history from here on."""
        twin = Liar(self.town, self.party)
        twin.items, twin.seen, twin.t = list(self.items), dict(self.seen), self.t
        return twin

    def write(
        self,
        body: Body | None,
        *,
        prec: Precedence = Precedence.PRIORITY,
        kind: str = "",
        raw: bytes | None = None,
        seen: dict[FeedId, int] | None = None,
        ahead: tuple[AheadItem, ...] = (),
        refused: tuple[RefusedItem, ...] = (),
        t: int | None = None,
    ) -> EntryRef:
        """The next entry, well-formed or not; ``raw`` is taken as it is."""
        index = len(self.items)
        if raw is None:
            frame: dict[str, object] = {
                "v": 1,
                "line": self.town.line,
                "feed": self.feed,
                "index": index,
                "t": self.t if t is None else t,
                "prec": prec.value,
                "seen": dict(self.seen if seen is None else seen),
                "kind": kind or (body.kind.value if body is not None else ""),
                "body": {} if body is None else msgspec.to_builtins(body),
            }
            if ahead:
                frame["ahead"] = [[i.feed, i.index, i.leaf] for i in sorted(ahead)]
            if refused:
                frame["refused"] = [
                    [i.feed, i.index, i.leaf, i.code.value] for i in sorted(refused)
                ]
            raw = encode(frame)
        salt = hashlib.sha256(f"{self.party}/{index}".encode() + raw).digest()
        self.items.append(Item(salt, raw))
        return EntryRef(self.feed, index)

    @property
    def leaves(self) -> list[bytes]:
        """Leaf hashes of everything written."""
        return [entry_leaf(item.salt, item.data) for item in self.items]

    def checkpoint(self, size: int | None = None) -> bytes:
        """A checkpoint of the first ``size`` entries, signed."""
        front = Frontier().extend(self.leaves[: len(self.items) if size is None else size])
        tree = Checkpoint(
            origin=origin_of(self.town.line, self.feed), size=front.size, root=front.root
        )
        return sign_checkpoint(tree, node_key_of(self.party)).text

    def push(self, receiver: str) -> Done:
        """Everything that the receiver does not hold yet."""
        return self.town.take(receiver, self.pushed(receiver))

    def pushed(self, receiver: str) -> Pushed:
        """The same, before it is taken."""
        held = self.town.at(receiver).frontier(self.feed).size
        return Pushed(
            line=self.town.line,
            peer=PartyId(self.party),
            feed=self.feed,
            first=held,
            items=tuple(self.items[held:]),
            checkpoint=self.checkpoint(),
        )

    def flash(self, receiver: str, index: int) -> Done:
        """One entry alone, ahead of what the receiver holds."""
        return self.town.take(receiver, self.flashed(receiver, index))

    def flashed(self, receiver: str, index: int) -> Flashed:
        """The same, before it is taken."""
        held = self.town.at(receiver).frontier(self.feed).size
        tree, size = Tree(MemoryHashes(new_hashes(Frontier(), self.leaves))), len(self.items)
        return Flashed(
            line=self.town.line,
            peer=PartyId(self.party),
            feed=self.feed,
            index=index,
            item=self.items[index],
            checkpoint=self.checkpoint(),
            inclusion=tree.inclusion(index, size),
            consistency=tree.consistency(held, size),
            old_size=held,
        )
