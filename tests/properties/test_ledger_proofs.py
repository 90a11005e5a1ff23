"""Properties of trees and proofs at any size: what is true verifies, one bit off does not."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from clearline.ledger.merkle import (
    Frontier,
    MemoryHashes,
    Tree,
    new_hashes,
    verify_consistency,
    verify_inclusion,
)

SIZE = 2_100  # past a power of two, so that the tree is ragged on every level
LEAVES = [sha256(b"leaf %d" % i).digest() for i in range(SIZE)]
TREE = Tree(MemoryHashes(new_hashes(Frontier(), LEAVES)))
SIZES = st.integers(0, SIZE)


def flip(raw: bytes, bit: int) -> bytes:
    """The bytes with one bit flipped, counted around."""
    spoilt = bytearray(raw)
    spoilt[bit // 8 % len(raw)] ^= 1 << bit % 8
    return bytes(spoilt)


def test_frontier_and_stored_hashes_give_one_root_at_every_size() -> None:
    """The live node's tree and the one read from the store never differ."""
    frontier = Frontier()
    for size in range(SIZE):
        assert frontier.root == TREE.root(size)
        frontier = frontier.append(LEAVES[size])
    assert frontier.root == TREE.root(SIZE)


@given(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))
def test_any_leaf_is_proved_in_any_tree_that_has_it(a: int, b: int) -> None:
    """Inclusion holds for every index below every size."""
    index, size = min(a, b), max(a, b) + 1
    proof = TREE.inclusion(index, size)
    assert verify_inclusion(LEAVES[index], index, size, proof, TREE.root(size))


@given(SIZES, SIZES)
def test_any_two_sizes_are_shown_consistent(a: int, b: int) -> None:
    """Consistency holds for every pair of sizes, the empty tree included."""
    old, new = min(a, b), max(a, b)
    proof = TREE.consistency(old, new)
    assert verify_consistency(old, TREE.root(old), new, TREE.root(new), proof)


@given(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.integers(0), st.integers(0))
def test_inclusion_with_one_bit_off_is_refused(a: int, b: int, which: int, bit: int) -> None:
    """Any single bit of leaf, root or any proof hash."""
    index, size = min(a, b), max(a, b) + 1
    hashes = [LEAVES[index], TREE.root(size), *TREE.inclusion(index, size)]
    hashes[which % len(hashes)] = flip(hashes[which % len(hashes)], bit)
    leaf, root, *proof = hashes
    assert not verify_inclusion(leaf, index, size, proof, root)


@given(st.integers(1, SIZE), st.integers(1, SIZE), st.integers(0), st.integers(0))
def test_consistency_with_one_bit_off_is_refused(a: int, b: int, which: int, bit: int) -> None:
    """Any single bit of either root or any proof hash."""
    old, new = min(a, b), max(a, b)
    hashes = [TREE.root(old), TREE.root(new), *TREE.consistency(old, new)]
    hashes[which % len(hashes)] = flip(hashes[which % len(hashes)], bit)
    before, after, *proof = hashes
    assert not verify_consistency(old, before, new, after, proof)


@given(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.integers(1), st.integers(1))
def test_inclusion_at_another_place_is_refused(a: int, b: int, index_off: int, leaf: int) -> None:
    """A proof proves one leaf at one index."""
    index, size = min(a, b), max(a, b) + 1
    proof, root = TREE.inclusion(index, size), TREE.root(size)
    elsewhere = (index + index_off) % SIZE
    if elsewhere != index:
        assert not verify_inclusion(LEAVES[index], elsewhere, size, proof, root)
    other = (index + leaf) % SIZE
    if other != index:
        assert not verify_inclusion(LEAVES[other], index, size, proof, root)


@given(SIZES, SIZES, SIZES)
def test_consistency_is_transitive(a: int, b: int, c: int) -> None:
    """Following a feed in steps ends where one proof would have led."""
    first, middle, last = sorted((a, b, c))
    for old, new in ((first, middle), (middle, last), (first, last)):
        proof = TREE.consistency(old, new)
        assert verify_consistency(old, TREE.root(old), new, TREE.root(new), proof)


@given(st.integers(1, SIZE - 1), st.integers(1, SIZE - 1), st.integers(0))
def test_altered_history_has_no_consistency_proof(a: int, b: int, altered: int) -> None:
    """One altered leaf below the old size: neither branch's own proof joins the two roots."""
    old, new = min(a, b), max(a, b) + 1
    leaves = LEAVES[:new]
    leaves[altered % old] = sha256(b"altered").digest()
    other = Tree(MemoryHashes(new_hashes(Frontier(), leaves)))
    for proof in (TREE.consistency(old, new), other.consistency(old, new)):
        assert not verify_consistency(old, TREE.root(old), new, other.root(new), proof)
