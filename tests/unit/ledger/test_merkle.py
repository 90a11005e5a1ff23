"""Hashes, frontiers, stored hashes, proofs: against a definition written the slow way."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    MemoryHashes,
    Node,
    Tree,
    commitment,
    entry_leaf,
    is_salt,
    leaf_hash,
    new_hashes,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from clearline.model.limits import FEED_ENTRIES_MAX
from tests.ledger_feed import WrittenFeed, entry, leaf, salt

FEED = WrittenFeed(130)


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: the definition, not an algorithm."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    left, right = plain_root(leaves[:k]), plain_root(leaves[k:])
    return sha256(b"\x01" + left + right).digest()


def plain_inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*plain_inclusion(index, leaves[:k]), plain_root(leaves[k:])]
    return [*plain_inclusion(index - k, leaves[k:]), plain_root(leaves[:k])]


def plain_consistency(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962 section 2.1.2, word for word."""
    if old == len(leaves):
        return [] if whole else [plain_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if old <= k:
        return [*plain_consistency(old, leaves[:k], whole), plain_root(leaves[k:])]
    return [*plain_consistency(old - k, leaves[k:], False), plain_root(leaves[:k])]


class Counting:
    """A reader that counts what it was asked for."""

    def __init__(self, hashes: MemoryHashes) -> None:
        self.hashes, self.asked = hashes, 0

    def read_hashes(self, nodes: Sequence[Node]) -> Sequence[bytes]:
        self.asked += len(nodes)
        return list(self.hashes.read_hashes(nodes))


def test_leaf_is_the_hash_of_a_salted_commitment() -> None:
    """leaf = SHA-256(0x00 || SHA-256(salt || bytes)): the content cannot be guessed from it."""
    committed = sha256(salt(3) + entry(3)).digest()
    assert commitment(salt(3), entry(3)) == committed
    assert leaf_hash(committed) == sha256(b"\x00" + committed).digest()
    assert entry_leaf(salt(3), entry(3)) == leaf_hash(committed)
    assert node_hash(leaf(0), leaf(1)) == sha256(b"\x01" + leaf(0) + leaf(1)).digest()


def test_salt_has_one_length() -> None:
    """Moving a byte from entry to salt would open the same commitment: lengths are fixed."""
    assert sha256(salt(0) + b"ab").digest() == sha256((salt(0) + b"a") + b"b").digest()
    assert [length for length in range(70) if is_salt(bytes(length))] == [32]
    with pytest.raises(AssertionError):
        commitment(salt(0) + b"a", b"b")


def test_empty_tree_and_one_leaf_have_stated_roots() -> None:
    """Size 0 is the hash of nothing, size 1 the leaf itself."""
    assert Frontier().root == EMPTY_ROOT == sha256(b"").digest()
    assert Frontier().append(leaf(0)).root == leaf(0)
    assert FEED.tree.root(0) == EMPTY_ROOT
    assert FEED.tree.root(1) == leaf(0)


def test_roots_follow_the_definition_at_every_size() -> None:
    """Frontier and stored hashes give RFC 6962's root at all sizes 0 to 130."""
    frontier = Frontier()
    for size in range(131):
        expected = plain_root(FEED.leaves[:size])
        assert frontier.root == expected
        assert FEED.tree.root(size) == expected
        assert FEED.tree.frontier(size) == frontier
        if size < 130:
            frontier = frontier.append(FEED.leaves[size])


def test_inclusion_proofs_follow_the_definition_and_verify() -> None:
    """Every leaf at every size to 40 has RFC 6962's own proof, and it verifies."""
    for size in range(1, 41):
        for index in range(size):
            proof = FEED.tree.inclusion(index, size)
            assert list(proof) == plain_inclusion(index, FEED.leaves[:size])
            assert verify_inclusion(FEED.leaves[index], index, size, proof, FEED.tree.root(size))


def test_consistency_proofs_follow_the_definition_and_verify() -> None:
    """Every pair of sizes to 40 has RFC 6962's own proof, and it verifies."""
    for new in range(41):
        for old in range(new + 1):
            proof = FEED.tree.consistency(old, new)
            if 0 < old < new:
                assert list(proof) == plain_consistency(old, FEED.leaves[:new])
            assert verify_consistency(old, FEED.tree.root(old), new, FEED.tree.root(new), proof)


def test_stored_hashes_are_the_complete_nodes_and_never_change() -> None:
    """An append adds one row and one for each subtree that it completes; no place twice."""
    rows = list(new_hashes(Frontier(), FEED.leaves))
    places = [(row.level, row.n) for row in rows]
    assert len(set(places)) == len(places)
    assert set(places) == {(lv, n) for lv in range(8) for n in range(130 >> lv)}
    for level, n, hash_ in rows:
        assert hash_ == plain_root(FEED.leaves[n << level : (n + 1) << level])
    again = list(new_hashes(Frontier().extend(FEED.leaves[:77]), FEED.leaves[77:]))
    assert rows[-len(again) :] == again


def test_proofs_read_few_hashes() -> None:
    """A proof in a tree of a hundred and thirty leaves never reads more than two hashes a level."""
    for index in range(130):
        reader = Counting(FEED.hashes)
        Tree(reader).inclusion(index, 130)
        assert reader.asked <= 2 * 8
        reader.asked = 0
        Tree(reader).consistency(index, 130)
        assert reader.asked <= 2 * 8


def test_unwritten_rows_lie_over_a_stores_rows() -> None:
    """A proof may span what is written and what is about to be."""
    rows = list(new_hashes(Frontier(), FEED.leaves))
    overlaid = Tree(MemoryHashes(rows[100:], beneath=MemoryHashes(rows[:100])))
    assert overlaid.root(130) == FEED.tree.root(130)
    assert overlaid.inclusion(3, 130) == FEED.tree.inclusion(3, 130)
    assert overlaid.consistency(70, 130) == FEED.tree.consistency(70, 130)


def test_a_missing_stored_hash_is_a_crash() -> None:
    """A store that lost a hash must not answer with a proof of something else."""
    with pytest.raises(KeyError):
        Tree(MemoryHashes()).root(1)


def test_asking_for_what_is_not_in_the_tree_is_our_own_mistake() -> None:
    """Proofs of absent leaves and of shorter trees are asserted against."""
    with pytest.raises(AssertionError):
        FEED.tree.inclusion(5, 5)
    with pytest.raises(AssertionError):
        FEED.tree.consistency(6, 5)


def test_hashes_of_another_length_are_refused() -> None:
    """A leaf, a root or a proof hash that is not 32 bytes is refused without raising."""
    root, proof = FEED.tree.root(7), FEED.tree.inclusion(2, 7)
    assert verify_inclusion(leaf(2), 2, 7, proof, root)
    for wrong in (b"", leaf(2)[:31], leaf(2) + b"\x00"):
        assert not verify_inclusion(wrong, 2, 7, proof, root)
        assert not verify_inclusion(leaf(2), 2, 7, proof, wrong)
        assert not verify_inclusion(leaf(2), 2, 7, (*proof[:-1], wrong), root)
        old = FEED.tree.root(3)
        path = FEED.tree.consistency(3, 7)
        assert not verify_consistency(3, wrong, 7, root, path)
        assert not verify_consistency(3, old, 7, wrong, path)
        assert not verify_consistency(3, old, 7, root, (*path[:-1], wrong))
        assert not verify_consistency(7, wrong, 7, wrong, ())


def test_sizes_outside_the_tree_are_refused() -> None:
    """Negative, crossed and enormous sizes and indices are refused, and quickly."""
    root = FEED.tree.root(7)
    for index, size in ((-1, 7), (7, 7), (8, 7), (0, 0), (0, -1), (0, FEED_ENTRIES_MAX + 1)):
        assert not verify_inclusion(leaf(0), index, size, (), root)
    for old, new in ((-1, 7), (8, 7), (-7, -7), (1, FEED_ENTRIES_MAX + 1), (1, 10**1000)):
        assert not verify_consistency(old, root, new, root, ())
    assert not verify_inclusion(leaf(0), 0, 7, (root,) * 1000, root)


def test_empty_tree_is_consistent_with_every_tree_and_needs_no_proof() -> None:
    """The empty tree begins every tree; another root for it, or a proof, is refused."""
    for new in range(5):
        root = FEED.tree.root(new)
        assert verify_consistency(0, EMPTY_ROOT, new, root, ())
        assert not verify_consistency(0, leaf(0), new, root, ())
        assert not verify_consistency(0, EMPTY_ROOT, new, root, (leaf(0),))
    assert not verify_consistency(0, EMPTY_ROOT, 0, leaf(0), ())


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    """One size, one root: anything else, or a proof of it, is refused."""
    for size in (1, 2, 7):
        root = FEED.tree.root(size)
        assert verify_consistency(size, root, size, root, ())
        assert not verify_consistency(size, root, size, leaf(99), ())
        assert not verify_consistency(size, root, size, root, (leaf(0),))


def test_single_leaf_needs_an_empty_proof() -> None:
    """In a tree of one leaf the leaf is the root."""
    assert verify_inclusion(leaf(0), 0, 1, (), leaf(0))
    assert not verify_inclusion(leaf(0), 0, 1, (leaf(1),), leaf(0))
    assert not verify_inclusion(leaf(1), 0, 1, (), leaf(0))


def test_every_nearby_wrong_inclusion_is_refused() -> None:
    """Another index, another size, another leaf, a shorter, a longer or a reordered proof."""
    for size in range(1, 20):
        root = FEED.tree.root(size)
        for index in range(size):
            proof = FEED.tree.inclusion(index, size)
            wrong = [(i, size, proof) for i in range(size) if i != index]
            wrong += [(index, size, proof[:-1])] if proof else []
            wrong += [(index, size, proof[1:])] if proof else []
            wrong += [(index, size, (*proof, leaf(0))), (index, size, (leaf(0), *proof))]
            wrong += [(index, size, proof[::-1])] if len(proof) > 1 else []
            for i, s, p in wrong:
                assert not verify_inclusion(leaf(index), i, s, p, root)
            assert not verify_inclusion(leaf(index + 50), index, size, proof, root)


def test_every_nearby_wrong_consistency_is_refused() -> None:
    """Other roots, a shorter, a longer or a reordered proof, and neighbouring sizes' roots."""
    for new in range(2, 20):
        for old in range(1, new):
            before, after = FEED.tree.root(old), FEED.tree.root(new)
            proof = FEED.tree.consistency(old, new)
            wrong = [proof[:-1], proof[1:], (*proof, leaf(0)), (leaf(0), *proof), ()]
            wrong += [proof[::-1]] if len(proof) > 1 else []
            for p in wrong:
                assert not verify_consistency(old, before, new, after, p)
            assert not verify_consistency(old, FEED.tree.root(old - 1), new, after, proof)
            assert not verify_consistency(old, before, new, FEED.tree.root(new + 1), proof)


def test_larger_size_is_not_proved_by_a_smaller_trees_proof() -> None:
    """A root of eight leaves, honestly proved, is no root of more than eight."""
    for claimed in range(9, 40):
        proof, path = FEED.tree.inclusion(5, 8), FEED.tree.consistency(6, 8)
        assert not verify_inclusion(leaf(5), 5, claimed, proof, FEED.tree.root(8))
        assert not verify_consistency(6, FEED.tree.root(6), claimed, FEED.tree.root(8), path)


@given(st.lists(st.integers(0, 40), max_size=8))
def test_frontier_is_the_same_however_leaves_are_batched(batches: list[int]) -> None:
    """Appending in any batches gives the tree of the whole, and leaves the old one untouched."""
    frontier, done = Frontier(), 0
    for batch in batches:
        before = frontier
        frontier = before.extend(leaf(i) for i in range(done, done + batch))
        assert before.size == done
        done += batch
    assert frontier == Frontier().extend(leaf(i) for i in range(done))


@given(st.data())
def test_random_proof_bytes_never_raise_and_never_convince(data: st.DataObject) -> None:
    """Whatever a peer sends as proof is judged, not raised."""
    size = data.draw(st.integers(-3, 140))
    other = data.draw(st.integers(-3, 140))
    proof = data.draw(st.lists(st.binary(max_size=40) | st.sampled_from(FEED.leaves), max_size=9))
    unknown = sha256(b"not in the tree").digest()
    root = FEED.tree.root(size) if 0 <= size <= 130 else unknown
    assert verify_inclusion(unknown, other, size, proof, root) is False
    if other != 0:
        assert verify_consistency(other, unknown, size, root, proof) is (
            other == size and root == unknown and proof == [] and size > 0
        )
