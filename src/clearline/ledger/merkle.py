"""The Merkle tree of a feed: RFC 6962 hashes, proofs checked by the algorithms of RFC 9162.

A leaf is a salted commitment, so that hashes and proofs can be shown without content:

    commitment = SHA-256(salt || bytes)          salt: exactly 32 random bytes
    leaf       = SHA-256(0x00 || commitment)
    node       = SHA-256(0x01 || left || right)

A node of the tree is named by (level, n): level 0 holds the leaves, and (level, n) covers leaves
n * 2**level up to, not including, (n + 1) * 2**level. Only complete nodes are stored; they never
change, so a store keeps them in one table that only grows, and any proof at any size reads
O(log n) of them. Proofs list the hash nearest the leaf first.

What a peer sends is judged by the two ``verify`` functions, which return bool and never raise.
Everything else here works on our own tree and asserts what it is promised.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from clearline.model.limits import FEED_ENTRIES_MAX

HASH_BYTES: Final = 32
SALT_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962 section 2.1)."""
PROOF_HASHES_MAX: Final = FEED_ENTRIES_MAX.bit_length()
"""One hash a level, and one more where a consistency proof starts inside the tree."""

_sha256 = hashlib.sha256


def commitment(salt: bytes, entry: bytes) -> bytes:
    """SHA-256(salt || entry), 32 bytes. The fixed length makes salt || entry one encoding.

    The caller has refused salts of any other length (``is_salt``).
    """
    assert len(salt) == SALT_BYTES, "a salt is exactly 32 bytes"
    return _sha256(salt + entry).digest()


def is_salt(salt: bytes) -> bool:
    """Whether the bytes can be a salt: exactly 32 of them (CL-LED-002)."""
    return len(salt) == SALT_BYTES


def leaf_hash(committed: bytes) -> bytes:
    """The leaf's hash of a commitment, 32 bytes."""
    return _sha256(b"\x00" + committed).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children, 32 bytes."""
    return _sha256(b"\x01" + left + right).digest()


def entry_leaf(salt: bytes, entry: bytes) -> bytes:
    """The leaf's hash of an entry's bytes under its salt, 32 bytes."""
    return leaf_hash(commitment(salt, entry))


class Node(NamedTuple):
    """The place of a complete node: n-th from the left on its level, leaves at level 0."""

    level: int
    n: int


class NodeHash(NamedTuple):
    """One row of the table of stored hashes; its key is (level, n)."""

    level: int
    n: int
    hash: bytes


class HashReader(Protocol):
    """Reads stored hashes; a store implements it over its table."""

    def read_hashes(self, nodes: Sequence[Node]) -> Sequence[bytes]:
        """The hashes of the nodes, in the order asked; a node that is missing is our own bug."""


# --- The tree as a live node carries it


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree by its complete subtrees alone, the largest first: all that appending needs.

    Immutable: a decision that is not committed leaves no trace in it.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """One peak for each bit of the size."""
        assert 0 <= self.size <= FEED_ENTRIES_MAX
        assert len(self.peaks) == self.size.bit_count()

    @property
    def root(self) -> bytes:
        """The tree's root hash, 32 bytes; of an empty tree ``EMPTY_ROOT``."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = node_hash(peak, root)
        return root

    def append(self, leaf: bytes) -> "Frontier":
        """The tree with one leaf hash more, in O(log n)."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """The tree with the leaf hashes appended in their order, O(1) each on average."""
        peaks, size = list(self.peaks), self.size
        for leaf in leaves:
            assert len(leaf) == HASH_BYTES
            hash_, carry = leaf, size
            while carry & 1:
                hash_ = _sha256(b"\x01" + peaks.pop() + hash_).digest()
                carry >>= 1
            peaks.append(hash_)
            size += 1
        return Frontier(size, tuple(peaks))

    def grown_to(self, size: int, nodes: Sequence[bytes]) -> "Frontier | None":
        """The tree of ``size`` leaves, of whose other leaves only the hashes of the complete nodes
        over them are known (``nodes_between``); None if these cannot be those."""
        if not self.size <= size <= FEED_ENTRIES_MAX:
            return None
        places = nodes_between(self.size, size)
        if len(places) != len(nodes) or not _are_hashes(nodes, ()):
            return None
        peaks = list(self.peaks)
        for place, given in zip(places, nodes, strict=True):
            hash_, carry = given, place.n
            while carry & 1:
                hash_ = node_hash(peaks.pop(), hash_)
                carry >>= 1
            peaks.append(hash_)
        return Frontier(size, tuple(peaks))


def nodes_between(low: int, high: int) -> list[Node]:
    """The fewest complete nodes that make up leaves low..high, from left to right."""
    nodes = []
    while low < high:
        level = (high - low).bit_length() - 1
        if low:
            level = min(level, (low & -low).bit_length() - 1)
        nodes.append(Node(level, low >> level))
        low += 1 << level
    return nodes


def hashes_between(low: int, leaves: Sequence[bytes]) -> dict[Node, bytes]:
    """Every complete node over leaves that stand from place ``low`` on, with its hash."""
    found = {Node(0, low + k): leaf for k, leaf in enumerate(leaves)}
    below = list(found)
    while below:
        above = []
        for left in below:
            right = Node(left.level, left.n + 1)
            if not left.n & 1 and right in found:
                node = Node(left.level + 1, left.n >> 1)
                found[node] = node_hash(found[left], found[right])
                above.append(node)
        below = above
    return found


def new_hashes(frontier: Frontier, leaves: Iterable[bytes]) -> Iterator[NodeHash]:
    """The rows that appending the leaf hashes to the tree adds to the table, leaf by leaf."""
    peaks, size = list(frontier.peaks), frontier.size
    for leaf in leaves:
        assert len(leaf) == HASH_BYTES
        hash_, n, level = leaf, size, 0
        yield NodeHash(0, n, hash_)
        while n & 1:
            hash_ = _sha256(b"\x01" + peaks.pop() + hash_).digest()
            n >>= 1
            level += 1
            yield NodeHash(level, n, hash_)
        peaks.append(hash_)
        size += 1


class MemoryHashes:
    """Stored hashes in memory: for verifying bundles, for simulation, and as rows not yet written
    over a store's reader ``beneath``."""

    __slots__ = ("_beneath", "_rows")

    def __init__(self, rows: Iterable[NodeHash] = (), *, beneath: HashReader | None = None) -> None:
        self._rows: dict[tuple[int, int], bytes] = {}
        self._beneath = beneath
        self.add(rows)

    def add(self, rows: Iterable[NodeHash]) -> None:
        """Keep the rows."""
        for level, n, hash_ in rows:
            self._rows[level, n] = hash_

    def read_hashes(self, nodes: Sequence[Node]) -> Sequence[bytes]:
        """The hashes of the nodes. Raises KeyError for one that is held nowhere."""
        if self._beneath is None:
            return [self._rows[node] for node in nodes]
        absent = [node for node in nodes if node not in self._rows]
        below = iter(self._beneath.read_hashes(absent) if absent else ())
        return [self._rows[node] if node in self._rows else next(below) for node in nodes]


# --- Proofs out of stored hashes


@dataclass(frozen=True, slots=True)
class Tree:
    """Any prefix of a feed's tree, read from stored hashes.

    The caller vouches for sizes: 0 <= size <= what the reader holds.
    """

    hashes: HashReader

    def frontier(self, size: int) -> Frontier:
        """The tree of the first ``size`` leaves, as at start-up."""
        return Frontier(size, tuple(self.hashes.read_hashes(_cover(0, size))))

    def root(self, size: int) -> bytes:
        """The root of the first ``size`` leaves, 32 bytes."""
        return self.frontier(size).root

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that leaf ``index`` is in the tree of the first ``size`` leaves."""
        assert 0 <= index < size, "only a leaf of the tree can be proved"
        groups, low, high = [], 0, size
        while high - low > 1:
            middle = low + _left_size(high - low)
            if index < middle:
                groups.append(_cover(middle, high))
                high = middle
            else:
                groups.append(_cover(low, middle))
                low = middle
        return self._joined(groups)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the tree of ``new`` leaves begins with the tree of ``old`` leaves; for
        an empty or an equal tree there is nothing to prove and the proof is empty."""
        assert 0 <= old <= new, "a tree is consistent with a shorter one"
        if old in (0, new):
            return ()
        groups, low, high = [], 0, new
        while high != old:
            middle = low + _left_size(high - low)
            if old <= middle:
                groups.append(_cover(middle, high))
                high = middle
            else:
                groups.append(_cover(low, middle))
                low = middle
        if low > 0:
            groups.append(_cover(low, high))
        return self._joined(groups)

    def _joined(self, groups: Sequence[Sequence[Node]]) -> tuple[bytes, ...]:
        """One hash for each group of adjacent nodes, in one read; groups come root first."""
        hashes = self.hashes.read_hashes([node for group in groups for node in group])
        proof, end = [], len(hashes)
        for group in reversed(groups):
            start = end - len(group)
            hash_ = hashes[end - 1]
            for at in range(end - 2, start - 1, -1):
                hash_ = node_hash(hashes[at], hash_)
            proof.append(hash_)
            end = start
        return tuple(proof)


def _left_size(width: int) -> int:
    """Leaves in the left subtree of ``width`` >= 2 leaves: the largest power of two below it."""
    return 1 << (width - 1).bit_length() - 1


def _cover(low: int, high: int) -> list[Node]:
    """The complete nodes that make up leaves low..high, the largest first; ``low`` is a multiple
    of the largest one's width."""
    nodes = []
    while low < high:
        level = (high - low).bit_length() - 1
        nodes.append(Node(level, low >> level))
        low += 1 << level
    return nodes


# --- Proofs from others


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the proof shows the leaf hash at ``index`` of the tree (RFC 9162 section 2.1.3.2).

    False for an empty tree, an index outside it, and any hash that is not 32 bytes (CL-LED-003).
    Size and root belong together: trees of near sizes have proofs of one shape, so a size that
    does not come from the signed checkpoint of that root is not proved by this.
    """
    if not 0 <= index < size <= FEED_ENTRIES_MAX or not _are_hashes((leaf, root), proof):
        return False
    at, last, hash_ = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False  # more hashes than levels
        if at & 1 or at == last:
            hash_ = node_hash(sibling, hash_)
            while not at & 1 and at != 0:
                at >>= 1
                last >>= 1
        else:
            hash_ = node_hash(hash_, sibling)
        at >>= 1
        last >>= 1
    return last == 0 and hash_ == root


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the new tree begins with the old one (RFC 9162 2.1.4.2).

    The cases that the RFC leaves out are explicit (CL-LED-004): equal sizes need equal roots and
    an empty proof; the empty tree has ``EMPTY_ROOT``, begins every tree, and needs an empty proof.
    """
    if not 0 <= old_size <= new_size <= FEED_ENTRIES_MAX:
        return False
    if not _are_hashes((old_root, new_root), proof):
        return False
    if (old_size == 0 and old_root != EMPTY_ROOT) or (new_size == 0 and new_root != EMPTY_ROOT):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof
    return _consistent(old_size, old_root, new_size, new_root, proof)


def _consistent(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """RFC 9162 section 2.1.4.2 for 0 < old_size < new_size."""
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)  # a complete old tree is itself the first node of the proof
    if not path:
        return False
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at >>= 1
        last >>= 1
    old_hash = new_hash = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False  # more hashes than levels
        if at & 1 or at == last:
            old_hash, new_hash = node_hash(sibling, old_hash), node_hash(sibling, new_hash)
            while not at & 1 and at != 0:
                at >>= 1
                last >>= 1
        else:
            new_hash = node_hash(new_hash, sibling)
        at >>= 1
        last >>= 1
    return last == 0 and old_hash == old_root and new_hash == new_root


def _are_hashes(roots: Sequence[bytes], proof: Sequence[bytes]) -> bool:
    """Whether all are 32 bytes, and the proof no longer than the highest tree needs."""
    if len(proof) > PROOF_HASHES_MAX:
        return False
    return all(len(hash_) == HASH_BYTES for hash_ in (*roots, *proof))
