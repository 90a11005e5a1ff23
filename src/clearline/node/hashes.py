"""The stored hashes of a feed's tree, as the ledger reads them for proofs."""

from collections.abc import Sequence

from clearline.ledger.merkle import Node
from clearline.model.ids import FeedId, LineId
from clearline.node.ports import Reads

Place = tuple[LineId, FeedId, int, int]
"""A node of a feed's tree: line, feed, level, number."""

HASHES_KEPT = 65_536
"""Stored hashes kept at hand for proofs, 32 bytes each: those of a feed's upper levels come again
in every proof."""


class StoredHashes:
    """A feed's stored hashes, read by the ledger. A complete node never changes, so what was read
    once may be ``kept``."""

    def __init__(
        self, store: Reads, line: LineId, feed: FeedId, kept: dict[Place, bytes] | None = None
    ) -> None:
        self._store, self._line, self._feed = store, line, feed
        self._kept = kept if kept is not None else {}

    def read_hashes(self, nodes: Sequence[Node]) -> Sequence[bytes]:
        """The hashes of the nodes, in order; one that is missing is our own broken promise."""
        places = [(self._line, self._feed, node.level, node.n) for node in nodes]
        lacking = [
            node for node, place in zip(nodes, places, strict=True) if place not in self._kept
        ]
        if lacking:
            if len(self._kept) + len(lacking) > HASHES_KEPT:
                self._kept.clear()
            read = self._store.hashes(
                self._line, self._feed, [(node.level, node.n) for node in lacking]
            )
            for node, hash_ in zip(lacking, read, strict=True):
                self._kept[self._line, self._feed, node.level, node.n] = hash_
        return [self._kept[place] for place in places]
