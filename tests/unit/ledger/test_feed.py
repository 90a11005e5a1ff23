"""Feeds grow without a gap, by what a signed checkpoint covers; FLASH overtakes with a proof."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.ledger.checkpoint import Checkpoint
from clearline.ledger.feed import (
    Extension,
    Overtaking,
    consistent,
    extend,
    extend_stored,
    leaves_of,
    overtake,
)
from clearline.ledger.merkle import EMPTY_ROOT, Frontier, MemoryHashes, Tree, new_hashes
from clearline.model.refusal import Code, Refusal
from tests.ledger_feed import ORIGIN, WrittenFeed, entry, leaf, salt

FEED = WrittenFeed(80)
FORKED = WrittenFeed(80, branch="another story", branches_at=30)
NOTHING = Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)


def code_of(result: object) -> Code:
    assert isinstance(result, Refusal), result
    return result.code


def overtaken(
    prefix: int, newest: int, size: int, index: int, *, feed: WrittenFeed = FEED
) -> Overtaking | Refusal:
    """An honest overtaking: entry ``index`` under the checkpoint of ``size``."""
    return overtake(
        prefix,
        FEED.at(newest),
        feed.signed(size),
        consistency=feed.tree.consistency(min(newest, size), max(newest, size)),
        index=index,
        leaf=feed.leaves[index],
        inclusion=feed.tree.inclusion(index, size),
    )


def test_leaves_of_received_entries_are_hashed_by_the_receiver() -> None:
    """Salt and bytes give the leaf; a salt of another length is refused with its place."""
    received = [(salt(i), entry(i)) for i in range(5)]
    assert leaves_of(received) == tuple(FEED.leaves[:5])
    assert leaves_of([]) == ()
    received[3] = (salt(3) + entry(3)[:1], entry(3)[1:])
    refusal = leaves_of(received)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.params) == (Code.BAD_SALT, {"at": 3, "bytes": 33})


def test_whole_extension_is_proved_by_recomputation() -> None:
    """From every size to every later size, the empty feed and nothing new included."""
    for held in range(20):
        for size in range(held, 20):
            frontier = FEED.tree.frontier(held)
            longer = extend(frontier, FEED.signed(size), FEED.leaves[held:size])
            assert longer == FEED.tree.frontier(size)


def test_piece_of_an_extension_is_proved_by_consistency() -> None:
    """A batch that ends before its checkpoint stands when it is shown to be its beginning."""
    signed = FEED.signed(77)
    frontier = Frontier()
    for end in (1, 8, 30, 64, 76, 77):
        piece = FEED.leaves[frontier.size : end]
        longer = extend(frontier, signed, piece, FEED.tree.consistency(end, 77))
        assert isinstance(longer, Frontier)
        frontier = longer
    assert frontier == FEED.tree.frontier(77)


def test_rows_of_an_extension_are_those_of_the_tree() -> None:
    """The rows that go into the transaction complete the stored hashes."""
    hashes = MemoryHashes(new_hashes(Frontier(), FEED.leaves[:30]))
    extension = extend_stored(FEED.tree.frontier(30), FEED.signed(80), FEED.leaves[30:])
    assert isinstance(extension, Extension)
    hashes.add(extension.rows)
    assert Tree(hashes).root(80) == extension.frontier.root == FEED.tree.root(80)
    assert code_of(extend_stored(Frontier(), FEED.signed(2), FEED.leaves[:3])) is Code.GAP


@pytest.mark.parametrize("held", [0, 1, 5, 8])
def test_altered_dropped_swapped_and_added_leaves_are_refused(held: int) -> None:
    """The carrier cannot change, leave out, reorder or add an entry."""
    frontier, signed = FEED.tree.frontier(held), FEED.signed(12)
    good = FEED.leaves[held:12]
    assert isinstance(extend(frontier, signed, good), Frontier)
    assert code_of(extend(frontier, signed, [leaf(99), *good[1:]])) is Code.BAD_ROOT
    assert code_of(extend(frontier, signed, [good[1], good[0], *good[2:]])) is Code.BAD_ROOT
    assert code_of(extend(frontier, signed, good[1:])) is Code.BAD_PROOF
    assert code_of(extend(frontier, signed, good[:-1])) is Code.BAD_PROOF
    assert code_of(extend(frontier, signed, [*good, leaf(12)])) is Code.GAP
    assert code_of(extend(frontier, signed, [good[0][:31], *good[1:]])) is Code.BAD_PROOF
    assert code_of(extend(frontier, signed, good, [leaf(0)])) is Code.BAD_PROOF


def test_piece_with_a_gap_or_another_proof_is_refused() -> None:
    """A piece is bound to its place by the consistency proof."""
    frontier, signed = FEED.tree.frontier(5), FEED.signed(40)
    path = FEED.tree.consistency(10, 40)
    assert isinstance(extend(frontier, signed, FEED.leaves[5:10], path), Frontier)
    assert code_of(extend(frontier, signed, FEED.leaves[6:11], path)) is Code.BAD_PROOF
    assert code_of(extend(frontier, signed, FEED.leaves[5:9], path)) is Code.BAD_PROOF
    assert code_of(extend(frontier, signed, FEED.leaves[5:10])) is Code.BAD_PROOF
    assert code_of(extend(frontier, signed, FEED.leaves[5:10], path[1:])) is Code.BAD_PROOF


def test_shorter_checkpoint_is_named_a_rollback() -> None:
    """What is held is not made shorter, and the refusal says by how much."""
    refusal = extend(FEED.tree.frontier(12), FEED.signed(9), [])
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.clause) == (Code.ROLLBACK, "CL-LED-014")
    assert refusal.params == {"held": 12, "size": 9}


def test_other_root_at_the_held_size_is_named_a_fork() -> None:
    """Two signed roots of one size are no transport error."""
    assert FORKED.at(30) == FEED.at(30)
    assert code_of(extend(FEED.tree.frontier(40), FORKED.signed(40), [])) is Code.FORK
    assert code_of(extend(FEED.tree.frontier(40), FORKED.signed(40), [leaf(1)])) is Code.FORK


def test_leaves_of_another_branch_do_not_extend_what_is_held() -> None:
    """After a fork the other branch's entries never enter the prefix."""
    frontier = FEED.tree.frontier(40)
    assert code_of(extend(frontier, FORKED.signed(60), FORKED.leaves[40:60])) is Code.BAD_ROOT
    path = FORKED.tree.consistency(50, 60)
    refusal = extend(frontier, FORKED.signed(60), FORKED.leaves[40:50], path)
    assert code_of(refusal) is Code.BAD_PROOF


def test_entry_overtakes_under_a_newer_an_equal_and_an_older_checkpoint() -> None:
    """What counts is consistency with the newest checkpoint held, whichever is longer."""
    for prefix, newest, size, index in (
        (0, 0, 1, 0),
        (0, 0, 40, 39),
        (10, 10, 40, 25),
        (10, 40, 40, 39),
        (10, 60, 40, 39),
    ):
        assert overtaken(prefix, newest, size, index) == Overtaking(
            index=index, leaf=FEED.leaves[index]
        )


def test_entry_inside_the_prefix_does_not_overtake() -> None:
    """What is held already is acknowledged again, not kept aside."""
    assert code_of(overtaken(26, 30, 40, 25)) is Code.OLD_INDEX
    assert code_of(overtaken(26, 30, 40, 0)) is Code.OLD_INDEX


def test_entry_of_another_branch_does_not_overtake() -> None:
    """A FLASH of a forked record is refused; at the held size it is named a fork."""
    assert isinstance(overtaken(10, 30, 40, 35, feed=FORKED), Overtaking)
    assert code_of(overtaken(10, 31, 40, 35, feed=FORKED)) is Code.BAD_PROOF
    assert code_of(overtaken(10, 60, 40, 35, feed=FORKED)) is Code.BAD_PROOF
    assert code_of(overtaken(10, 40, 40, 35, feed=FORKED)) is Code.FORK


def test_overtaking_of_another_feed_is_refused() -> None:
    """A checkpoint of another origin says nothing about this feed."""
    foreign = WrittenFeed(5, origin=ORIGIN.replace("ISR", "RUS"))
    refusal = overtake(
        0,
        NOTHING,
        foreign.signed(5),
        consistency=(),
        index=0,
        leaf=foreign.leaves[0],
        inclusion=foreign.tree.inclusion(0, 5),
    )
    assert code_of(refusal) is Code.FOREIGN_FEED


def test_overtaking_with_a_spoilt_proof_is_refused() -> None:
    """Each of leaf, index, inclusion and consistency is bound."""
    signed, path = FEED.signed(40), FEED.tree.consistency(10, 40)
    inclusion = FEED.tree.inclusion(25, 40)
    for index, which, incl, cons in (
        (26, leaf(25), inclusion, path),
        (25, leaf(26), inclusion, path),
        (25, leaf(25), inclusion[1:], path),
        (25, leaf(25), inclusion, path[1:]),
        (25, leaf(25), inclusion, ()),
        (40, leaf(25), inclusion, path),
    ):
        refusal = overtake(
            10, FEED.at(10), signed, consistency=cons, index=index, leaf=which, inclusion=incl
        )
        assert code_of(refusal) is Code.BAD_PROOF


def test_what_overtook_is_what_the_prefix_brings() -> None:
    """An entry kept aside and the entry that is folded in its place are one."""
    kept = overtaken(10, 10, 40, 25)
    longer = extend_stored(FEED.tree.frontier(10), FEED.signed(40), FEED.leaves[10:40])
    assert isinstance(kept, Overtaking)
    assert isinstance(longer, Extension)
    assert any(row.level == 0 and (row.n, row.hash) == (25, kept.leaf) for row in longer.rows)


def test_checkpoints_of_different_feeds_are_never_consistent() -> None:
    """Equal trees under two origins are two claims."""
    other = WrittenFeed(5, origin=ORIGIN.replace("ISR", "RUS"))
    assert other.at(5).root == FEED.at(5).root
    assert not consistent(FEED.at(5), other.at(5), ())
    assert consistent(FEED.at(5), FEED.at(5), ())
    assert consistent(FEED.at(9), FEED.at(5), FEED.tree.consistency(5, 9))


@given(st.integers(0, 80), st.integers(0, 80), st.integers(0, 80))
def test_any_piece_of_an_honest_feed_is_taken(a: int, b: int, c: int) -> None:
    """However a backlog is cut, an honest carrier is never refused."""
    held, end, size = sorted((a, b, c))
    path = FEED.tree.consistency(end, size)
    longer = extend(FEED.tree.frontier(held), FEED.signed(size), FEED.leaves[held:end], path)
    assert longer == FEED.tree.frontier(end)


@given(st.data())
def test_random_leaves_and_proofs_never_extend(data: st.DataObject) -> None:
    """What a peer sends is judged, not raised, and only the feed's own leaves are taken."""
    held, size = data.draw(st.integers(0, 80)), data.draw(st.integers(0, 80))
    hashes = st.sampled_from(FEED.leaves + FORKED.leaves) | st.binary(max_size=34)
    leaves = data.draw(st.lists(hashes, max_size=4))
    proof = data.draw(st.lists(hashes, max_size=4))
    result = extend(FEED.tree.frontier(held), FEED.signed(size), leaves, proof)
    if isinstance(result, Frontier):
        assert leaves == FEED.leaves[held : result.size]
        assert result == FEED.tree.frontier(result.size)
